"""Where straight rays meet circles, walls and the border of a field, for many cars at once.

A ray is the set o + t·u with |u| = 1 and t ≥ 0. Everything it can meet is convex, so it meets each
thing in one span [t_in, t_out]; a span that is not there has t_out = −∞.

    circle about c of radius r:   b = (c − o)·u,  p = (c − o)×u,  t = b ∓ √(r² − p²)
    wall, a turned rectangle:     in its own axes the spans of both slabs |a| ≤ h cut each other

Only element-wise arithmetic is used, no products of matrices: the numbers of one car do not depend
on how many others are worked out beside it.

Shapes: n cars, R rays a car (1 where all of them begin in one place), J circles, W walls, k pairs
of a car and a thing near it. The first axis of origins and directions is x and y.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Spans = tuple[Numbers, Numbers]

FIELD: Final = 100.0
"""Side of the square field; its lower left corner is (0, 0)."""
# In place of a direction of exactly 0: far ends stay finite and 0/0 cannot come up.
_TINY: Final = 1e-12


def wall_frames(ends: Numbers) -> Numbers:
    """Return (W, 6) centre, unit axis, half length and half thickness of walls (W, 5).

    A wall is given by the two ends of its middle line and its thickness; its ends are flat.
    """
    x1, y1, x2, y2, thickness = ends.reshape(-1, 5).T
    along, across = x2 - x1, y2 - y1
    length = np.sqrt(along * along + across * across)
    return np.stack(
        (
            (x1 + x2) / 2.0,
            (y1 + y2) / 2.0,
            along / length,
            across / length,
            length / 2.0,
            thickness / 2.0,
        ),
        axis=-1,
    )


def circle_clearances(x: Numbers, y: Numbers, circles: Numbers) -> Numbers:
    """Return (n, J) distances of points (n,) to circles (n or 1, J, 3), negative inside."""
    dx = x[:, None] - circles[..., 0]
    dy = y[:, None] - circles[..., 1]
    clearances: Numbers = np.sqrt(dx * dx + dy * dy) - circles[..., 2]
    return clearances


def wall_clearances(x: Numbers, y: Numbers, frames: Numbers) -> Numbers:
    """Return (n, W) distances of points (n,) to walls (W, 6), negative inside."""
    cx, cy, ax, ay, half_length, half_thickness = frames.T
    dx, dy = x[:, None] - cx, y[:, None] - cy
    along = np.abs(dx * ax + dy * ay) - half_length
    across = np.abs(dy * ax - dx * ay) - half_thickness
    out_along, out_across = np.maximum(along, 0.0), np.maximum(across, 0.0)
    outside = np.sqrt(out_along * out_along + out_across * out_across)
    clearances: Numbers = outside + np.minimum(np.maximum(along, across), 0.0)
    return clearances


def circle_spans(origins: Numbers, directions: Numbers, circles: Numbers) -> Spans:
    """Return t_in and t_out (k, R) of rays with one circle (k, 3) a row.

    Origins are (2, k, R or 1), directions (2, k, R).
    """
    mx, my = circles[:, 0, None] - origins[0], circles[:, 1, None] - origins[1]
    ux, uy = directions
    middle = mx * ux + my * uy
    aside = mx * uy - my * ux
    room = np.square(circles[:, 2, None]) - aside * aside
    half = np.sqrt(np.maximum(room, 0.0))
    return middle - half, np.where(room >= 0.0, middle + half, -np.inf)


def wall_spans(origins: Numbers, directions: Numbers, frames: Numbers) -> Spans:
    """Return t_in and t_out (k, R) of rays with one wall (k, 6) a row; shapes as for circles."""
    cx, cy, ax, ay, half_length, half_thickness = frames.T[:, :, None]
    mx, my = origins[0] - cx, origins[1] - cy
    ux, uy = directions
    in_along, out_along = _slab(mx * ax + my * ay, ux * ax + uy * ay, half_length)
    in_across, out_across = _slab(my * ax - mx * ay, uy * ax - ux * ay, half_thickness)
    return _cut((in_along, in_across), (out_along, out_across))


def field_spans(origins: Numbers, directions: Numbers) -> Spans:
    """Return t_in and t_out (n, R) of rays with the field itself; shapes as for circles."""
    half = np.float64(FIELD / 2.0)
    return _cut(*_slab(origins - half, directions, half))


def _slab(origin: Numbers, direction: Numbers, half: Numbers | np.float64) -> Spans:
    """Return the span in which |origin + t·direction| ≤ half."""
    direction = np.where(direction == 0.0, _TINY, direction)
    middle, reach = -origin / direction, half / np.abs(direction)
    return middle - reach, middle + reach


def _cut(t_in: Numbers | Spans, t_out: Numbers | Spans) -> Spans:
    """Return what two spans have in common."""
    enters, leaves = np.maximum(t_in[0], t_in[1]), np.minimum(t_out[0], t_out[1])
    return enters, np.where(enters <= leaves, leaves, -np.inf)
