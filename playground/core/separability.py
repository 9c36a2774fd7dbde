"""Whether a line separates two classes, which line does it best, and how long learning can take.

Two classes are linearly separable exactly when their convex hulls do not meet. The line of largest
margin then stands half-way between the nearest points of the hulls, at right angles to their
connection (Boser, Guyon & Vapnik 1992; Bennett & Bredensteiner 2000, section 3): a corner of one
hull and a point on an edge of the other. This is what a linear support vector machine without slack
finds by optimisation; in the plane geometry gives it exactly and at once.

For a separable set Novikoff's theorem (1962) bounds the mistakes of the online perceptron. With the
bias as the weight of a constant input 1, a = (x, 1), R = max ‖a‖, and a unit vector u that has the
margin γ = min y·u·a > 0, a perceptron that starts at v₀ with the rate α satisfies after M mistakes

    M·γ + c ≤ √(‖s‖² + M·R²)      with s = v₀/α and c = u·s,

since every mistake adds at least γ to u·v/α and at most R² to ‖v/α‖². From zero (s = 0) this is
M ≤ (R/γ)² for any rate; otherwise the larger root of the quadratic bounds M.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from playground.core.perceptrons import Line

_PREFILTER_AT = 200
_PREFILTER_DIRECTIONS = 16


@dataclass(frozen=True, slots=True)
class MarginLine:
    """The separating line that is furthest from both classes.

    Parameters
    ----------
    w1, w2, beta
        The line, with (w1, w2) of length 1 and pointing to class +1; zeros where not separable.
    margin
        Distance of the nearest point of either class from the line; 0 where not separable.
    separable
        Whether any line has all points strictly on their sides.
    """

    w1: float
    w2: float
    beta: float
    margin: float
    separable: bool

    @property
    def line(self) -> Line:
        """Return ``(w1, w2, β)``."""
        return self.w1, self.w2, self.beta


NOT_SEPARABLE = MarginLine(0.0, 0.0, 0.0, 0.0, separable=False)


def max_margin(x: ArrayLike, y: ArrayLike) -> MarginLine | None:
    """Return the maximum-margin line; None unless both classes have points.

    Parameters
    ----------
    x
        (n, 2) finite coordinates.
    y
        (n,) labels, −1 or +1.

    Notes
    -----
    O(n log n). A set counts as separable when the line that was found has every single point
    strictly on its side in floating point, so the answer is never wrong in that direction; classes
    closer to each other than the rounding of their coordinates count as touching.
    """
    points, labels = np.asarray(x, dtype=np.float64), np.asarray(y)
    positive, negative = points[labels > 0], points[labels < 0]
    if not len(positive) or not len(negative):
        return None
    # Far from the origin, or at 10¹², the products below would cancel or overflow.
    centre = points.mean(axis=0)
    size = float(np.abs(points - centre).max()) or 1.0
    a, b = nearest_points(
        convex_hull((positive - centre) / size), convex_hull((negative - centre) / size)
    )
    normal = a - b
    length = float(np.hypot(*normal))
    if length == 0.0:
        return NOT_SEPARABLE
    w = normal / length
    shifted_beta = -float(w @ (a + b)) / 2
    reached = labels * (((points - centre) / size) @ w + shifted_beta)
    if not float(reached.min()) > 0:
        return NOT_SEPARABLE
    beta = shifted_beta * size - float(w @ centre)
    return MarginLine(float(w[0]), float(w[1]), beta, length * size / 2, separable=True)


def convex_hull(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the corners of the convex hull, (h, 2), counter-clockwise.

    Points inside of it or on its edges are left out. Source: A. M. Andrew's monotone chain,
    Information Processing Letters 9 (1979); the filter before it: Akl & Toussaint, ibid. 7 (1978).
    """
    unique = np.unique(_outer(points), axis=0)
    if len(unique) <= 2:
        return unique
    ordered = unique.tolist()
    lower, upper = _chain(ordered), _chain(ordered[::-1])
    return np.array(lower[:-1] + upper[:-1])


def nearest_points(
    first: NDArray[np.float64], second: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the nearest points of the boundaries of two convex polygons given by their corners.

    One of the two is always a corner, as long as the polygons do not cross.
    """
    corner_a, edge_b, gap_ab = _nearest_to_edges(first, second)
    corner_b, edge_a, gap_ba = _nearest_to_edges(second, first)
    return (corner_a, edge_b) if gap_ab <= gap_ba else (edge_a, corner_b)


def augmented_margin(x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], float] | None:
    """Return the unit vector u = (u₁, u₂, u₀) with the largest γ = min y·u·(x, 1), and that γ.

    None where the classes are not separable or one is empty. It is the least-distance problem
    min ‖v‖ with y·v·a ≥ 1, solved by non-negative least squares: Lawson & Hanson, Solving Least
    Squares Problems, 1974, chapter 23.
    """
    # Only when a bound is asked for: scipy.optimize takes a good part of a second to import.
    from scipy.optimize import nnls

    found = max_margin(x, y)
    if found is None or not found.separable:
        return None
    points, labels = np.asarray(x, dtype=np.float64), np.asarray(y)
    hulls = [(convex_hull(points[labels == sign]), sign) for sign in (1.0, -1.0)]
    rows = np.concatenate([sign * np.column_stack([h, np.ones(len(h))]) for h, sign in hulls])
    size = float(np.abs(rows).max())
    matrix = np.vstack([rows.T / size, np.ones(len(rows))])
    target = np.array([0.0, 0.0, 0.0, 1.0])
    try:
        weights, _ = nnls(matrix, target)
        residual = matrix @ weights - target
        u = -residual[:3] / residual[3]
    except RuntimeError:
        u = np.zeros(3)
    # Any separating vector makes the bound true; the one of the line steps in where rounding
    # spoiled the best one.
    candidates = [u, np.array(found.line)]
    units = [v / np.linalg.norm(v) for v in candidates if np.linalg.norm(v) > 0]
    everyone = labels[:, None] * np.column_stack([points, np.ones(len(points))])
    margin, best = max(((float((everyone @ v).min()), i) for i, v in enumerate(units)))
    return (units[best], margin) if margin > 0 else None


def mistake_bound(
    x: ArrayLike, y: ArrayLike, start: Line = (0.0, 0.0, 0.0), rate: float = 1.0
) -> float:
    """Return Novikoff's bound on the mistakes of the online perceptron; infinite if not separable.

    Parameters
    ----------
    start
        The line it starts from. From zero the bound is (R/γ)² and the rate does not matter.
    rate
        The learning rate α, constant over the run.

    Notes
    -----
    Holds for any order of the samples, shuffled anew or not, as long as neither data nor rate
    change. It does not hold for batches, which correct several mistakes against the same line.
    """
    found = augmented_margin(x, y)
    if found is None:
        return math.inf
    u, gamma = found
    points = np.asarray(x, dtype=np.float64)
    radius = math.sqrt(float(np.max(np.sum(points**2, axis=1))) + 1.0)
    s = np.array(start) / rate
    c, length = float(u @ s), float(np.linalg.norm(s))
    if length == 0.0:
        return (radius / gamma) ** 2
    half = radius**2 - 2 * gamma * c
    # ‖s‖² ≥ c² but for rounding.
    root = math.sqrt(half**2 + 4 * gamma**2 * max(length**2 - c**2, 0.0))
    return (half + root) / (2 * gamma**2)


class CycleFinder:
    """Finds out that a sequence of lines repeats, in constant memory.

    Brent's algorithm (BIT 20, 1980): the newest line is compared with one that is remembered; the
    remembered one is replaced at every power of two. An unshuffled perceptron goes through the
    samples in the same way from the same line, so one repetition means that it repeats for ever.
    """

    def __init__(self, state: tuple[float, ...] = ()) -> None:
        """Begin anew, or go on from what :meth:`state` gave."""
        self._remembered: Line | None = None
        self._power = 1
        self._steps = 0
        self.period = 0
        if state:
            self._remembered = (state[0], state[1], state[2])
            self._power, self._steps, self.period = (int(value) for value in state[3:])

    def add(self, line: Line) -> int:
        """Take the next line of the sequence; return the period, 0 while none is found."""
        if self.period:
            return self.period
        if self._remembered is None:
            self._remembered = line
            return 0
        self._steps += 1
        if line == self._remembered:
            self.period = self._steps
        elif self._steps == self._power:
            self._remembered, self._power, self._steps = line, self._power * 2, 0
        return self.period

    def state(self) -> tuple[float, ...]:
        """Return everything needed to go on: seven numbers, or none before the first line."""
        if self._remembered is None:
            return ()
        return (*self._remembered, self._power, self._steps, self.period)


def _outer(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Drop points that are strictly inside the polygon of the extremes in a few directions."""
    if len(points) < _PREFILTER_AT:
        return points
    angles = np.arange(_PREFILTER_DIRECTIONS) * (2 * math.pi / _PREFILTER_DIRECTIONS)
    # One row a direction: the maximum along a row reads the memory in its order.
    heights = np.stack([np.cos(angles), np.sin(angles)], axis=1) @ points.T
    corners = convex_hull(points[np.unique(heights.argmax(axis=1))])
    if len(corners) < 3:
        return points
    x1, x2 = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
    keep = np.zeros(len(points), dtype=bool)
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        # Not strictly left of the edge.
        keep |= (bx - ax) * (x2 - ay) - (by - ay) * (x1 - ax) <= 0
    return points[keep]


def _chain(ordered: list[list[float]]) -> list[list[float]]:
    """Return one half of the hull of points that are sorted by x, then y."""
    hull: list[list[float]] = []
    for x, y in ordered:
        while len(hull) >= 2:
            (ax, ay), (bx, by) = hull[-2], hull[-1]
            if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                break
            hull.pop()
        hull.append([x, y])
    return hull


def _nearest_to_edges(
    corners: NDArray[np.float64], polygon: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return the corner nearest to an edge of the polygon, the point on that edge, the distance."""
    starts = polygon[None, :, :]
    edges = np.roll(polygon, -1, axis=0)[None, :, :] - starts
    lengths = np.sum(edges**2, axis=2)
    along = np.sum((corners[:, None, :] - starts) * edges, axis=2)
    share = np.clip(along / np.where(lengths > 0, lengths, 1.0), 0.0, 1.0)
    feet = starts + share[:, :, None] * edges
    gaps = np.sum((corners[:, None, :] - feet) ** 2, axis=2)
    i, j = np.unravel_index(int(np.argmin(gaps)), gaps.shape)
    return corners[i], feet[i, j], math.sqrt(float(gaps[i, j]))
