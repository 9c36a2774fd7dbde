"""A plain picture of a headlight car's world as an array, for gymnasium's ``rgb_array``.

Every shape is painted by its signed distance d to the middle of a pixel, in pixels: where d < −½
the shape covers it wholly, where d > ½ not at all, in between in part. So edges are smooth at any
size without painting anything twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from playground.environments.headlight_car_geometry import (
    FIELD,
    circle_clearances,
    wall_clearances,
)
from playground.environments.headlight_car_light import CELLS, RAYS
from playground.environments.headlight_maps import CAR_RADIUS, circles_of, walls_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from playground.environments.headlight_car import HeadlightScene

    Numbers = NDArray[np.float64]
    Colour = tuple[int, int, int]

GROUND: Final[Colour] = (38, 42, 51)
BORDER: Final[Colour] = (96, 104, 120)
OBSTACLE: Final[Colour] = (213, 94, 0)
STATION: Final[Colour] = (0, 158, 115)
TRAIL: Final[Colour] = (150, 158, 172)
CAR: Final[Colour] = (240, 228, 66)
NOSE: Final[Colour] = (255, 255, 255)
LIGHT: Final[dict[int, Colour]] = {0: (255, 247, 214), 1: (96, 230, 180), -1: (255, 140, 70)}
_COVER: Final[dict[int, float]] = {0: 0.16, 1: 0.75, -1: 0.45}
_SHADOW_COVER: Final = 0.12
# The car itself is a point with a radius of one unit; a little larger it can be seen.
_CAR_SIZE: Final = 1.8 * CAR_RADIUS


def picture(scene: HeadlightScene, frame: int = -1, size: int = 500) -> NDArray[np.uint8]:
    """Return (size, size, 3) uint8: the whole field at one frame of a scene, y upwards.

    Parameters
    ----------
    scene
        What to paint.
    frame
        Which moment; the last one if not said.
    size
        Pixels on a side.
    """
    frame %= len(scene)
    canvas = _Canvas(size)
    station = scene.map.station
    canvas.disc(STATION, station.x, station.y, station.radius)
    circles, walls = circles_of(scene.map), walls_of(scene.map)
    for x, y, radius in circles.tolist():
        canvas.disc(OBSTACLE, x, y, radius)
    if len(walls):
        canvas.shape(OBSTACLE, lambda x, y: wall_clearances(x, y, walls).min(axis=1))
    _shine(canvas, scene, frame)
    for x, y in scene.trail(frame).tolist():
        canvas.disc(TRAIL, x, y, 0.35)
    x, y, heading = scene.poses[frame].tolist()
    ahead_x, ahead_y = np.cos(np.radians(heading)), np.sin(np.radians(heading))
    canvas.disc(CAR, x, y, _CAR_SIZE)
    canvas.disc(NOSE, x + _CAR_SIZE * ahead_x, y + _CAR_SIZE * ahead_y, _CAR_SIZE / 2.0)
    canvas.shape(BORDER, _border)
    return canvas.finished()


class _Canvas:
    """A square picture of the field; the first row of pixels is the uppermost."""

    def __init__(self, size: int) -> None:
        self._scale = size / FIELD
        self._middles = (np.arange(size) + 0.5) / self._scale
        self._pixels = np.tile(np.array(GROUND, dtype=np.float64), (size, size, 1))

    def shape(
        self,
        colour: Colour,
        distance: Callable[[Numbers, Numbers], Numbers],
        box: tuple[float, float, float, float] = (0.0, 0.0, FIELD, FIELD),
        cover: float = 1.0,
    ) -> None:
        """Lay a colour over a shape given by signed distances, within left, bottom, right, top."""
        size = len(self._middles)
        # Only the pixels about a shape are looked at: there are hundreds of small ones.
        left, bottom = (max(int(edge * self._scale) - 1, 0) for edge in box[:2])
        right, top = (min(int(edge * self._scale) + 2, size) for edge in box[2:])
        if left >= right or bottom >= top:
            return
        x, y = np.meshgrid(self._middles[left:right], self._middles[bottom:top][::-1])
        inside = 0.5 - self._scale * distance(x.ravel(), y.ravel()).reshape(x.shape)
        share = cover * np.clip(inside, 0.0, 1.0)[:, :, None]
        part = self._pixels[size - top : size - bottom, left:right]
        part += share * (np.array(colour) - part)

    def disc(self, colour: Colour, x: float, y: float, radius: float) -> None:
        """Lay a colour over a disc."""
        circle = np.array([[[x, y, radius]]])
        box = (x - radius, y - radius, x + radius, y + radius)
        self.shape(colour, lambda px, py: circle_clearances(px, py, circle)[:, 0], box)

    def quadrangle(self, colour: Colour, corners: Numbers, cover: float) -> None:
        """Lay a colour thinly over a convex quadrangle (4, 2)."""
        box = (*corners.min(axis=0).tolist(), *corners.max(axis=0).tolist())
        self.shape(colour, lambda x, y: _beyond_sides(x, y, corners), box, cover)

    def finished(self) -> NDArray[np.uint8]:
        """Return the picture."""
        return np.rint(self._pixels).astype(np.uint8)


def _shine(canvas: _Canvas, scene: HeadlightScene, frame: int) -> None:
    """Lay the colours of the cells over the field, weaker where they lie in the shadow."""
    corners, shadowed = scene.outlines(frame), scene.shadowed[frame]
    for ray in range(RAYS):
        for cell in range(CELLS):
            value = int(scene.cells[frame, ray, cell])
            cover = _SHADOW_COVER if shadowed[ray, cell] else _COVER[value]
            canvas.quadrangle(LIGHT[value], corners[ray, cell], cover)


def _border(x: Numbers, y: Numbers) -> Numbers:
    nearest: Numbers = np.minimum(np.minimum(x, FIELD - x), np.minimum(y, FIELD - y)) - 0.5
    return nearest


def _beyond_sides(x: Numbers, y: Numbers, corners: Numbers) -> Numbers:
    """Return the largest signed distance of points to the sides; corners in either order."""
    following = np.roll(corners, -1, axis=0)
    sides = following - corners
    lengths = np.maximum(np.hypot(sides[:, 0], sides[:, 1]), 1e-9)
    turning = np.sign(np.sum(corners[:, 0] * following[:, 1] - corners[:, 1] * following[:, 0]))
    across = (x[:, None] - corners[:, 0]) * sides[:, 1] - (y[:, None] - corners[:, 1]) * sides[:, 0]
    distances: Numbers = (turning * across / lengths).max(axis=1)
    return distances
