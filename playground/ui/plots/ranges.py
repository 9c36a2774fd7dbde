"""What part of the numbers an axis shows: still while playing, refitted with headroom. No Qt.

An axis that follows every new point makes a curve look as if it stood still and the paper moved.
So a range is held until data leaves it, and then grows further than needed (hysteresis), which
makes the jumps rare: with a quarter of headroom a growing run refits a logarithmic number of times.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PAD = 0.04
HEADROOM = 0.25
# Data that fills less than this share of the axis has been replaced by something smaller.
SHRUNK = 0.05
LARGEST = 1e300


@dataclass(frozen=True, slots=True)
class Bounds:
    """A rectangle in the coordinates of the axes (logarithms where an axis is logarithmic)."""

    x0: float
    x1: float
    y0: float
    y1: float


def union(parts: Iterable[Bounds | None]) -> Bounds | None:
    """Return the smallest rectangle around all, or None when there is nothing finite."""
    known = [part for part in parts if part is not None]
    if not known:
        return None
    return Bounds(
        min(part.x0 for part in known),
        max(part.x1 for part in known),
        min(part.y0 for part in known),
        max(part.y1 for part in known),
    )


def fitted(low: float, high: float, pad: float = PAD) -> tuple[float, float]:
    """Return a range around the data with a small margin; a single value gets room around it."""
    low, high = max(low, -LARGEST), min(high, LARGEST)
    span = high - low
    if span <= abs(high) * 1e-12:
        room = max(abs(high) * 0.05, 0.5)
        return low - room, high + room
    return low - pad * span, high + pad * span


def held(
    shown: tuple[float, float], low: float, high: float, headroom: float = HEADROOM
) -> tuple[float, float]:
    """Return the range to show next: the same one while the data stays in it.

    Parameters
    ----------
    shown
        The range on screen, ``shown[0] < shown[1]``.
    low, high
        The data's smallest and largest value.
    headroom
        Share of the new span that is added on the side that the data left.
    """
    low, high = max(low, -LARGEST), min(high, LARGEST)
    start, end = shown
    span = end - start
    if not math.isfinite(span) or span <= 0:
        return fitted(low, high)
    if high > low and (high - low) < SHRUNK * span:
        return fitted(low, high)
    if low >= start and high <= end:
        return shown
    needed = max(end, high) - min(start, low)
    if low < start:
        start = low - headroom * needed
    if high > end:
        end = high + headroom * needed
    return start, end
