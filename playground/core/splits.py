"""Which part a point belongs to: training, validation or test.

A point must keep its part while others come and go, or dragging one point would change what the
model may learn from. So the part depends on nothing but the creation id k of the point: the golden
ratio φ spreads the ids over the unit interval,

    u(k) = frac(offset + k / φ),

and the interval is cut at the wanted shares. Neighbouring ids land far apart, so that any run of
ids is spread more evenly than by chance (the three-gap theorem: Sós 1958; as a hash: Knuth, The Art
of Computer Programming 3, section 6.4). The offset comes from the seed and is such that id 0 is
always trained on.

For points with the ids 0…n−1 therefore: the training part is never empty, every part of 60/20/20
and 70/15/15 has a point from n = 8 on, every part of 80/10/10 from n = 13 on. A part that is empty
has no metrics; that is said where they are shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from playground.core.point_checks import PointError
from playground.core.random_streams import Streams

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

TRAINING, VALIDATION, TEST = 0, 1, 2
PART_NAMES = ("training", "validation", "test")
# 2⁶⁴/φ, odd: multiplying by it modulo 2⁶⁴ is the exact form of k/φ modulo 1, for every id.
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


class Split(NamedTuple):
    """A named ratio of the three parts."""

    name: str
    label: str
    ratio: tuple[int, int, int]
    """Shares of training, validation and test, in per cent."""


SPLITS = (
    Split("100/0/0", "all for training", (100, 0, 0)),
    Split("60/20/20", "60 / 20 / 20", (60, 20, 20)),
    Split("70/15/15", "70 / 15 / 15", (70, 15, 15)),
    Split("80/10/10", "80 / 10 / 10", (80, 10, 10)),
)
"""What the course uses (lecture 1), and no split at all."""


def split_named(name: str) -> Split:
    """Return the split of that name.

    Raises
    ------
    PointError
        When there is none; the sentence lists those there are.
    """
    for split in SPLITS:
        if split.name == name:
            return split
    raise PointError(f"There is no split “{name}”; choose {_listed([s.name for s in SPLITS])}.")


def split_parts(ids: ArrayLike, ratio: tuple[int, int, int], seed: int = 0) -> NDArray[np.int8]:
    """Return the part of every point: 0 training, 1 validation, 2 test.

    Parameters
    ----------
    ids
        (n,) creation ids.
    ratio
        Shares of the three parts in per cent; they add up to 100.
    seed
        Chooses another split of the same points.

    Returns
    -------
    numpy.ndarray
        (n,) int8; each entry depends on its own id, the ratio and the seed alone.

    Raises
    ------
    PointError
        When the shares are negative, leave nothing to train on or do not add up to 100.
    """
    training, validation, test = ratio
    if min(ratio) < 0 or training == 0 or training + validation + test != 100:
        raise PointError(
            "The three shares of a split must be 0 or more, add up to 100 and leave some training "
            f"points, but they are {training}/{validation}/{test}."
        )
    # Below the training share, so that id 0 is trained on whatever the seed.
    offset = Streams(seed).numpy("split").random() * training / 100 if seed else 0.0
    turns = np.asarray(ids).astype(np.uint64) * _GOLDEN
    unit = np.mod(offset + (turns >> np.uint64(11)) * 2.0**-53, 1.0)
    cuts = np.array([training, training + validation]) / 100
    parts: NDArray[np.int8] = np.searchsorted(cuts, unit, side="right").astype(np.int8)
    return parts


def _listed(names: list[str]) -> str:
    return ", ".join(names[:-1]) + " or " + names[-1]
