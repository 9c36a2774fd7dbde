"""Pooling: one number for every window of a map, of every channel by itself.

    max      y = max x          average  y = mean of x          L2  y = √(Σ x²)

A window of F pixels a side moves by S; what is left over at the end is left out:
⌊(N − F)/S⌋ + 1 windows. "F2 S2" halves a map; "F3 S2" overlaps (A. Krizhevsky, I. Sutskever and
G. Hinton, "ImageNet classification with deep convolutional neural networks", 2012, section 3.4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np

from playground.core.convolution import Axis, ConvolutionError, axis_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

PoolKind = Literal["max", "average", "l2"]
_Number = TypeVar("_Number", np.float64, np.int64)


def pool_axes(
    shape: tuple[int, int], size: tuple[int, int], stride: tuple[int, int]
) -> tuple[Axis, Axis]:
    """Return how windows of (rows, columns) move over a map (h, w).

    Raises
    ------
    ConvolutionError
        Where a window is larger than the map.
    """
    for length, cells in zip(shape, size, strict=True):
        if cells > length:
            raise ConvolutionError(
                f"Nothing is left: the pooling window has {cells} pixels a side, but the map has "
                f"only {length}."
            )
    rows = axis_of(shape[0], size[0], stride=stride[0])
    cols = axis_of(shape[1], size[1], stride=stride[1])
    return rows, cols


def pool(
    maps: NDArray[np.float64], kind: PoolKind, size: tuple[int, int], stride: tuple[int, int]
) -> NDArray[np.float64]:
    """Return the pooled maps (c, h′, w′) of (c, h, w); raise :class:`ConvolutionError`."""
    views = _shifted(maps, size, stride)
    found = views[0].copy()
    if kind == "max":
        for view in views[1:]:
            np.maximum(found, view, out=found)
        return found
    if kind == "l2":
        found *= found
        for view in views[1:]:
            found += view * view
        return np.sqrt(found)
    for view in views[1:]:
        found += view
    found /= len(views)
    return found


def winners(
    maps: NDArray[np.float64], size: tuple[int, int], stride: tuple[int, int]
) -> NDArray[np.int64]:
    """Return where the largest pixel of every window is: (c, h′, w′) of row · w + column.

    Of equal ones it is the first in reading order.
    """
    width = maps.shape[2]
    place = np.arange(maps.shape[1] * width).reshape(1, maps.shape[1], width)
    places = _shifted(place, size, stride)
    views = _shifted(maps, size, stride)
    largest = views[0].copy()
    found = np.broadcast_to(places[0], largest.shape).copy()
    for view, where in zip(views[1:], places[1:], strict=True):
        better = view > largest
        largest[better] = view[better]
        found[better] = np.broadcast_to(where, largest.shape)[better]
    return found


def _shifted(
    maps: NDArray[_Number], size: tuple[int, int], stride: tuple[int, int]
) -> list[NDArray[_Number]]:
    """Return for every cell of the window, in reading order, the pixels under it."""
    rows, cols = pool_axes((maps.shape[1], maps.shape[2]), size, stride)
    last_row = (rows.output - 1) * rows.stride + 1
    last_col = (cols.output - 1) * cols.stride + 1
    return [
        maps[:, a : a + last_row : rows.stride, b : b + last_col : cols.stride]
        for a, b in np.ndindex(*size)
    ]
