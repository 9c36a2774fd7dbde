"""A picture put together from its waves, some more at every step.

Waves come in pairs at opposite frequencies, which only together are real. Either rings of rising
frequency are added, one ring a step: first what is coarse, at last what is fine; or the strongest
pairs first, at first one pair a step, later more and more.

By Parseval's theorem the error needs no transform: the mean squared difference of the picture so
far and the whole one is Σ|F|² / (h·w)² over the waves that are missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from playground.core.fourier import opposite, varying_energy

if TYPE_CHECKING:
    from numpy.typing import NDArray

Order = Literal["low", "strong"]

MOST_STRONG_STEPS: Final = 240
FAINTEST: Final = 1e-22
"""Share of the largest power below which a wave is a rounding error."""


@dataclass(frozen=True, slots=True)
class Rebuild:
    """In which step every wave is added, and how far the picture is after each.

    Parameters
    ----------
    ranks
        (h, w) int32: the step, from 1 on, that adds the wave at a place of the centred spectrum.
    counts
        (steps + 1,) int64: coefficients there are after every step; the first entry is 0.
    shares
        (steps + 1,) share of the energy without the mean, 0 … 1.
    errors
        (steps + 1,) root mean squared difference from the whole picture, over pixels and channels.
    """

    ranks: NDArray[np.int32]
    counts: NDArray[np.int64]
    shares: NDArray[np.float64]
    errors: NDArray[np.float64]

    @property
    def steps(self) -> int:
        """Return how many steps the whole picture takes."""
        return len(self.counts) - 1


def ring_width(shape: tuple[int, int]) -> float:
    """Return the width of a ring in cycles per pixel: one cycle over the longer side."""
    return 1.0 / max(shape)


def ring_ranks(radii: NDArray[Any]) -> NDArray[np.int32]:
    """Return the step that adds each frequency, low ones first; the mean alone is the first."""
    shape = (radii.shape[0], radii.shape[1])
    # Half up, and rounding errors of equal radii must not put a wave and its opposite apart.
    rings = np.floor(radii / ring_width(shape) + 0.5 + 1e-9).astype(np.int32)
    return np.asarray(rings + 1, dtype=np.int32)


def strong_counts(pairs: int) -> NDArray[np.int64]:
    """Return how many of so many pairs there are after every step, the strongest first.

    Rising evenly on a logarithmic scale, by at least one pair a step; the last one is all.
    """
    wanted = np.rint(np.geomspace(1, pairs, min(pairs, MOST_STRONG_STEPS)))
    return np.unique(wanted.astype(np.int64))


def strong_ranks(powers: NDArray[Any]) -> NDArray[np.int32]:
    """Return the step that adds each frequency, those of the largest power first.

    Waves that are only rounding errors come with the last step.
    """
    partners = opposite(np.arange(powers.size).reshape(powers.shape)).ravel()
    firsts = np.flatnonzero(np.arange(powers.size) <= partners)
    order = firsts[np.argsort(-powers.ravel()[firsts], kind="stable")]
    there = int(_is_there(powers).ravel()[order].sum())
    counts = strong_counts(max(1, there))
    steps = np.searchsorted(counts, np.arange(len(order)), side="right") + 1
    steps = np.minimum(steps, len(counts))
    ranks = np.empty(powers.size, dtype=np.int32)
    ranks[order] = steps
    ranks[partners[order]] = steps
    return ranks.reshape(powers.shape)


def rebuild(powers: NDArray[Any], radii: NDArray[Any], order: Order, channels: int = 1) -> Rebuild:
    """Return the steps that put a picture together; the last one is the last that adds something.

    Parameters
    ----------
    powers
        (h, w) centred |F|² of what is put together, summed over ``channels``.
    radii
        (h, w) distance of every frequency from zero, in cycles per pixel.
    order
        ``"low"``: rings of rising frequency; ``"strong"``: strongest pairs first.
    """
    height, width = powers.shape
    if order == "low":
        ranks = ring_ranks(radii)
        last = int(ranks[_is_there(powers)].max(initial=1))
        ranks = np.minimum(ranks, np.int32(last))
    else:
        ranks = strong_ranks(powers)
    flat = ranks.ravel()
    counts = np.cumsum(np.bincount(flat))
    energies = np.cumsum(np.bincount(flat, weights=powers.ravel()))
    missing = np.maximum(energies[-1] - energies, 0.0)
    # What cumulation rounds away is no error of the finished picture.
    missing[missing < 1e-13 * energies[-1]] = 0.0
    errors = np.sqrt(missing / channels) / powers.size
    whole = varying_energy(powers)
    with_mean = np.arange(len(counts)) >= ranks[height // 2, width // 2]
    varying = energies - float(powers[height // 2, width // 2]) * with_mean
    shares = np.ones(len(counts)) if whole <= 0.0 else np.clip(varying / whole, 0.0, 1.0)
    return Rebuild(ranks, counts, shares, errors)


def _is_there(powers: NDArray[Any]) -> NDArray[np.bool_]:
    """Return where there is more than rounding errors."""
    return np.asarray(powers > FAINTEST * powers.max(initial=0.0))
