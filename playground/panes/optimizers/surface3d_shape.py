"""From a surface and trails to corners in space: a box of fixed size, whatever the numbers are.

The domain becomes a square, heights become 0…:data:`HEIGHT` by the scale of the map, straight or
logarithmic, so that colours and heights say the same on both views.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from playground.panes.optimizers.map_place import HeightScale, height_scale

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.core.surfaces.surface import Domain, Surface

    Floats = NDArray[np.float64]

HALF, HEIGHT = 10.0, 7.0
"""Half the width of the square, and the height of the box."""
FINE_GRID, LEAST_GRID = 141, 36
MOST_EVALUATIONS = 400_000
LIFT = 0.10
"""Trails run a little above the surface, or it would swallow them."""
MOST_PLACES = 1_500


class Shape(NamedTuple):
    """A surface as a landscape.

    Parameters
    ----------
    x, y
        (n,) in the box.
    shares
        (n, n) heights 0…1, first index x; NaN where f has no value.
    """

    domain: Domain
    scale: HeightScale
    x: Floats
    y: Floats
    shares: Floats

    @property
    def heights(self) -> Floats:
        """Return the heights (n, n) in the box; places without a value lie at the top."""
        return HEIGHT * np.nan_to_num(self.shares, nan=1.0)

    def place(self, x: Any, y: Any, loss: Any) -> Floats:
        """Return places (n, 3) in the box for points and their heights."""
        domain = self.domain
        across = (np.asarray(x) - domain.x_min) / (domain.x_max - domain.x_min)
        up = (np.asarray(y) - domain.y_min) / (domain.y_max - domain.y_min)
        height = HEIGHT * self.scale.share(loss) + LIFT
        return np.column_stack([HALF * (2 * across - 1), HALF * (2 * up - 1), height])


def shape_of(surface: Surface, log: bool) -> Shape:
    """Return the landscape of a surface over its domain."""
    count = FINE_GRID
    if surface.samples:
        count = max(LEAST_GRID, min(FINE_GRID, math.isqrt(MOST_EVALUATIONS // surface.samples)))
    scale = height_scale(surface, log)
    values = surface.grid(count, count)[2]
    even = np.linspace(-HALF, HALF, count)
    return Shape(surface.domain, scale, even, even, scale.share(values).T.copy())


def segments(places: Floats, most: int = MOST_PLACES) -> NDArray[np.float32]:
    """Return a path (n, 3) as pairs of ends (2 m, 3), without the parts outside the box.

    Long paths are thinned: of every stretch the two ends and the four outermost places stay.
    """
    inside = np.isfinite(places).all(axis=1)
    with np.errstate(invalid="ignore"):
        inside &= (np.abs(places[:, 0]) <= HALF) & (np.abs(places[:, 1]) <= HALF)
    kept = _corners(places, most)
    places, inside = places[kept], inside[kept]
    both = inside[:-1] & inside[1:]
    ends = np.empty((2 * np.count_nonzero(both), 3), dtype=np.float32)
    ends[0::2], ends[1::2] = places[:-1][both], places[1:][both]
    return ends


def _corners(places: Floats, most: int) -> NDArray[np.intp]:
    count = len(places)
    if count <= most:
        return np.arange(count)
    length = math.ceil(count / (most // 6))
    padded = np.append(np.arange(count), np.full(-count % length, count - 1)).reshape(-1, length)
    rows = np.arange(len(padded))
    parts = [padded[:, 0], padded[:, -1]]
    for axis in (0, 1):
        # A place that is not finite is no corner.
        values = places[:, axis][padded]
        parts.append(padded[rows, np.where(np.isfinite(values), values, np.inf).argmin(axis=1)])
        parts.append(padded[rows, np.where(np.isfinite(values), values, -np.inf).argmax(axis=1)])
    return np.unique(np.concatenate(parts))


def grid_lines(shape: Shape, every: int) -> NDArray[np.float32]:
    """Return the lines of every n-th row and column as pairs of ends (m, 3), a little lifted."""
    across, up = np.meshgrid(shape.x, shape.y, indexing="ij")
    points = np.stack([across, up, shape.heights + 0.4 * LIFT], axis=-1)
    parts = []
    for lines in (points[::every], points[:, ::every].swapaxes(0, 1)):
        pairs = np.stack([lines[:, :-1], lines[:, 1:]], axis=2)
        parts.append(pairs.reshape(-1, 3))
    return np.concatenate(parts).astype(np.float32)
