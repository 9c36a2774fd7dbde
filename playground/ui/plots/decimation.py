"""Thinning a series to what the screen can show, without losing its extremes. No Qt.

Every column of pixels gets the smallest and the largest value that falls into it, in the order in
which they occur, so a spike of one sample stays visible at any zoom.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def as_series(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Return two (n,) float64 arrays; infinities become NaN, which breaks a line.

    Raises
    ------
    ValueError
        If the two are not one-dimensional and of one length.
    """
    xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if xs.ndim != 1 or xs.shape != ys.shape:
        raise ValueError(f"A series needs two (n,) arrays, not {xs.shape} and {ys.shape}.")
    return xs, _without_infinities(ys)


def visible(x: Floats, low: float, high: float) -> slice:
    """Return the part of an ascending (n,) array inside a range, one sample more at each side."""
    first = np.searchsorted(x, low, side="left")
    last = np.searchsorted(x, high, side="right")
    return slice(max(0, int(first) - 1), min(len(x), int(last) + 1))


def decimate(x: Floats, y: Floats, columns: int) -> tuple[Floats, Floats]:
    """Return at most about ``2 * columns`` points with the same extremes in every column.

    Parameters
    ----------
    x, y
        (n,) arrays, ``x`` ascending; NaN in ``y`` is a gap.
    columns
        Width in pixels, at least 1.

    Returns
    -------
    tuple of (m,) arrays
        The arrays themselves where ``n <= 2 * columns``; the first and last point always stay.
    """
    n = len(x)
    columns = max(1, columns)
    if n <= 2 * columns:
        return x, y
    width = -(-n // columns)
    rows = -(-n // width)
    missing = rows * width - n
    padded = np.concatenate([y, np.full(missing, np.nan)]) if missing else y
    table = padded.reshape(rows, width)
    gaps = np.isnan(table)
    lowest = np.where(gaps, np.inf, table).argmin(axis=1)
    highest = np.where(gaps, -np.inf, table).argmax(axis=1)
    starts = np.arange(rows) * width
    picked = np.empty((rows, 2), dtype=np.intp)
    np.minimum(lowest, highest, out=picked[:, 0])
    np.maximum(lowest, highest, out=picked[:, 1])
    picked += starts[:, np.newaxis]
    chosen = np.unique(np.concatenate([[0], picked.ravel(), [n - 1]]))
    chosen = chosen[chosen < n]
    return x[chosen], y[chosen]


def thin(count: int, most: int) -> NDArray[Any] | slice:
    """Return what picks at most ``most`` of ``count`` entries evenly, first and last included."""
    if count <= most:
        return slice(None)
    return np.unique(np.linspace(0, count - 1, most).round().astype(np.intp))


def _without_infinities(values: Floats) -> Floats:
    infinite = np.isinf(values)
    return np.where(infinite, np.nan, values) if infinite.any() else values
