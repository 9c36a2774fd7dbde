"""Lines of equal height through a grid of values, by marching squares. No Qt.

Every cell of four neighbouring values is looked at once per level: which of its corners lie above
the level decides which of its edges the line crosses, and linear interpolation where.

Source: W. E. Lorensen and H. E. Cline, "Marching cubes", SIGGRAPH 1987, in two dimensions.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BOTTOM, RIGHT, TOP, LEFT = range(4)

CROSSED: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((LEFT, BOTTOM),),
    2: ((BOTTOM, RIGHT),),
    3: ((LEFT, RIGHT),),
    4: ((RIGHT, TOP),),
    5: ((LEFT, TOP), (BOTTOM, RIGHT)),
    6: ((BOTTOM, TOP),),
    7: ((LEFT, TOP),),
    8: ((TOP, LEFT),),
    9: ((TOP, BOTTOM),),
    10: ((LEFT, BOTTOM), (RIGHT, TOP)),
    11: ((TOP, RIGHT),),
    12: ((RIGHT, LEFT),),
    13: ((RIGHT, BOTTOM),),
    14: ((BOTTOM, LEFT),),
}
"""Which edges a line joins, by the corners above it: 1 lower left, 2 lower right, 4 upper right,
8 upper left."""

LEAST_LINES = 12
"""At least this many levels cross what is in sight, unless it is flat."""


def contour_levels(low: float, high: float) -> tuple[float, ...]:
    """Return heights between two values, at multiples of a power of two.

    Zooming in adds lines between those that were there, and moves none.
    """
    span = high - low
    if not (math.isfinite(span) and span > 1e-12 * max(1.0, abs(low), abs(high))):
        return ()
    step = 2.0 ** math.floor(math.log2(span / LEAST_LINES))
    first = math.floor(low / step) + 1
    return tuple(k * step for k in range(first, math.ceil(high / step)))


def contour_segments(x: Floats, y: Floats, values: Floats, level: float) -> Floats:
    """Return the line of one level as segments (n, 2, 2): ends in rows, then x and y.

    Parameters
    ----------
    x, y
        Axes of the grid, (columns,) and (rows,).
    values
        (rows, columns); cells with a corner that is not finite have no line.
    level
        Height of the line.
    """
    corner = (values[:-1, :-1], values[:-1, 1:], values[1:, 1:], values[1:, :-1])
    sound = np.isfinite(values)
    whole = sound[:-1, :-1] & sound[:-1, 1:] & sound[1:, 1:] & sound[1:, :-1]
    case = np.zeros(whole.shape, dtype=np.int8)
    for place, part in enumerate(corner):
        case |= (part > level).astype(np.int8) << place
    case[~whole] = 0
    rows, columns = np.nonzero((case > 0) & (case < 15))
    if not len(rows):
        return np.empty((0, 2, 2))
    found = case[rows, columns]
    crossings = _crossings(x, y, [part[rows, columns] for part in corner], rows, columns, level)
    parts = []
    for number, joins in CROSSED.items():
        chosen = np.flatnonzero(found == number)
        for start, end in joins:
            parts.append(np.stack([crossings[start][chosen], crossings[end][chosen]], axis=1))
    return np.concatenate(parts)


def _crossings(
    x: Floats,
    y: Floats,
    corner: list[Floats],
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    level: float,
) -> list[Floats]:
    """Return where the level would cross each of the four edges, (n, 2) each."""
    x0, x1, y0, y1 = x[columns], x[columns + 1], y[rows], y[rows + 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = [
            np.clip((level - corner[a]) / (corner[b] - corner[a]), 0.0, 1.0)
            for a, b in ((0, 1), (1, 2), (3, 2), (0, 3))
        ]
    return [
        np.stack([x0 + share[BOTTOM] * (x1 - x0), y0], axis=1),
        np.stack([x1, y0 + share[RIGHT] * (y1 - y0)], axis=1),
        np.stack([x0 + share[TOP] * (x1 - x0), y1], axis=1),
        np.stack([x0, y0 + share[LEFT] * (y1 - y0)], axis=1),
    ]
