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
    """Return two (n,) arrays of float64 or whole numbers; infinities become NaN, a gap in a line.

    Whole numbers stay as they are: of a long series only what is drawn is converted, for a copy of
    all of it would be made with every picture.

    Raises
    ------
    ValueError
        If the two are not one-dimensional and of one length.
    """
    xs, ys = _numbers(x), _numbers(y)
    if xs.ndim != 1 or xs.shape != ys.shape:
        raise ValueError(f"A series needs two (n,) arrays, not {xs.shape} and {ys.shape}.")
    return xs, _without_infinities(ys)


def _numbers(values: ArrayLike) -> Floats:
    whole: Floats = np.asarray(values)
    return whole if whole.dtype == np.int64 else np.asarray(values, dtype=np.float64)


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
    whole = n - n % width
    picked = [_extremes(y[:whole].reshape(-1, width)).ravel()]
    if whole < n:
        picked.append(whole + _extremes(y[whole:].reshape(1, -1)).ravel())
    chosen = np.unique(np.concatenate([[0], *picked, [n - 1]]))
    return x[chosen], y[chosen]


def all_finite(values: Floats) -> bool:
    """Tell whether no value is NaN or infinite; one pass without an array of answers."""
    with np.errstate(over="ignore", invalid="ignore"):
        total = values.sum()
    # A sum that is too large says nothing.
    return bool(np.isfinite(total)) or bool(np.isfinite(values).all())


def _extremes(table: Floats) -> NDArray[np.intp]:
    """Return (rows, 2) places in the flat table: of each row's lowest and highest value."""
    low = high = table
    if not all_finite(table):
        gaps = np.isnan(table)
        low, high = np.where(gaps, np.inf, table), np.where(gaps, -np.inf, table)
    starts = np.arange(len(table)) * table.shape[1]
    return np.column_stack((starts + low.argmin(axis=1), starts + high.argmax(axis=1)))


def thin(count: int, most: int) -> NDArray[Any] | slice:
    """Return what picks at most ``most`` of ``count`` entries evenly, first and last included."""
    if count <= most:
        return slice(None)
    return np.unique(np.linspace(0, count - 1, most).round().astype(np.intp))


def _without_infinities(values: Floats) -> Floats:
    if all_finite(values):
        return values
    infinite = np.isinf(values)
    return np.where(infinite, np.nan, values) if infinite.any() else values
