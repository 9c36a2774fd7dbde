"""Mean, spread and histogram of large tensors, in time for a picture thirty times a second.

Moments are over all entries. Histograms of large tensors count an even sample: every k-th entry,
with k prime to the row length, so that all columns and all rows have their turn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import torch

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAMPLE: Final = 16_384
"""So many entries at least are counted where there are more."""
REACH: Final = 4.0
"""A range of its own ends so many standard deviations from the mean, or before."""
_CANCELLING: Final = 0.9
_SMALLEST: Final = 1e-18
_ALIKE: Final = 1e-6
_ONE_SIDED: Final = 0.5
_PREFERRED: Final = (1.0, 1.25, 1.6, 2.0, 2.5, 3.2, 4.0, 5.0, 6.4, 8.0, 10.0)


def mean_and_std(tensor: torch.Tensor) -> tuple[float, float]:
    """Return mean and standard deviation (n in the denominator) of all entries.

    NaN or infinite entries give NaN or infinity. Neither overflows nor rounds to 0 before a float64
    does: what vanishes in a deep network is measured down to 1e-45, where float32 ends.
    """
    flat = tensor.detach().reshape(-1)
    mean = float(flat.mean())
    root = float(torch.linalg.vector_norm(flat)) / math.sqrt(flat.numel())
    # The fast way through the sum of squares fails where these leave the range of float32, and
    # where a small spread is the difference of two large numbers.
    if _SMALLEST < root < 1.0 / _SMALLEST and mean * mean < _CANCELLING * root * root:
        return mean, math.sqrt(root * root - mean * mean)
    exact = flat.double()
    return float(exact.mean()), float(exact.std(correction=0))


def even_sample(tensor: torch.Tensor) -> NDArray[np.float64]:
    """Return all entries of a tensor, or an even sample of at least :data:`SAMPLE`, as a copy."""
    flat = tensor.detach().reshape(-1)
    stride = max(1, flat.numel() // SAMPLE)
    while math.gcd(stride, tensor.shape[-1]) > 1:
        stride -= 1
    return flat[::stride].numpy().astype(np.float64)


@dataclass(frozen=True, slots=True)
class Counts:
    """Counted values in even bins, and the shares of those outside of them or not finite."""

    counts: NDArray[np.int64]
    counted: int
    below: float
    above: float
    invalid: float


def count(values: NDArray[np.float64], low: float, high: float, bins: int) -> Counts:
    """Return how many values fall into each of the even bins from ``low`` to ``high``, both in."""
    total = len(values)
    values = _finite(values)
    invalid = total - len(values)
    below, above = values < low, values > high
    outside = int(np.count_nonzero(below)), int(np.count_nonzero(above))
    if any(outside):
        values = values[~(below | above)]
    # The upper end belongs to the last bin.
    places = np.minimum((values - low) * (bins / (high - low)), bins - 1.0)
    counts = np.bincount(places.astype(np.int64), minlength=bins)
    counts.flags.writeable = False
    share = 1.0 / max(1, total)
    return Counts(counts, total, outside[0] * share, outside[1] * share, invalid * share)


def own_range(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the range in which values are best shown, ``low < high``.

    Four standard deviations to either side of the mean, but not beyond the outermost values. The
    ends are rounded outward to preferred numbers (ten a decade), even about 0 where the values
    nearly are, so that the axis holds still while they move a little. Values that are all alike
    come to stand in the middle.
    """
    finite = _finite(values)
    if not len(finite):
        return -1.0, 1.0
    lowest, highest = float(finite.min()), float(finite.max())
    size = max(abs(lowest), abs(highest))
    if highest - lowest <= _ALIKE * size:
        half = 0.5 * size or 1.0
        middle = 0.5 * (lowest + highest)
        return middle - half, middle + half
    mean = float(finite.sum()) / len(finite)
    # Not @: numpy's BLAS would wake threads of its own, which then wait for a busy core.
    square = float(np.einsum("i,i->", finite, finite)) / len(finite)
    reach = REACH * math.sqrt(max(0.0, square - mean * mean))
    low, high = max(lowest, mean - reach), min(highest, mean + reach)
    if (low > 0.0 and low > 0.5 * high) or (high < 0.0 and high < 0.5 * low):
        return low, high
    low, high = -_rounded_up(-low), _rounded_up(high)
    if low < 0.0 < high and min(-low, high) >= _ONE_SIDED * max(-low, high):
        high = max(-low, high)
        low = -high
    return low, high


def _finite(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the finite ones of values that come from float32; the same array where all are."""
    # Their sum cannot overflow a float64, and one NaN or infinity spoils it.
    with np.errstate(invalid="ignore"):
        total = float(values.sum())
    if math.isfinite(total):
        return values
    return values[np.isfinite(values)]


def _rounded_up(value: float) -> float:
    """Return the next preferred number at or above a positive value; 0 for any other."""
    if value <= 0.0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(value))
    share = value / power * (1.0 - 1e-9)
    return power * next((step for step in _PREFERRED if step >= share), 10.0)
