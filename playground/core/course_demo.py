"""The six points with which the course shows the online perceptron (lecture 2, "Demo").

The slides give the start 0.1·x₁ + 0.1·x₂ + 0.05 = 0 and the rate α = 0.02, but the points are a
picture. These six were searched for among points with one decimal so that every statement of the
slides holds:

- three points of the class +1 come first, then three of −1; in this order entries 1 and 2 are
  right, 3 is wrong and corrected, 4 and 5 are right, 6 is wrong and corrected, and then all six
  are right;
- in four other orders training takes 2, 5, 9 and 10 epochs with 4, 15, 22 and 28 changes. An epoch
  is one pass over the six; after each pass all six are checked with the line as it is then.

In units of 0.0002 every f(x) that can occur on the way is a whole number; over all 720 orders none
is smaller than 2 in size, so that the rounding of floats (10⁻¹⁶) can turn no decision.
"""

from __future__ import annotations

import numpy as np

from playground.core.points import PointSet

COURSE_DEMO: tuple[tuple[float, float, int], ...] = (
    (-1.4, 1.0, 1),
    (1.4, -1.2, 1),
    (-4.0, 3.2, 1),
    (-4.0, -4.0, -1),
    (3.8, -3.8, -1),
    (-3.4, 1.6, -1),
)
"""x₁, x₂ and label of the six points, in the order of the slides."""

COURSE_DEMO_START = (0.1, 0.1, 0.05)
"""w₁, w₂ and β before the first step."""

COURSE_DEMO_RATE = 0.02
"""The learning rate α."""

COURSE_DEMO_ORDERS: dict[tuple[int, int], tuple[int, ...]] = {
    (2, 4): (0, 4, 1, 2, 3, 5),
    (5, 15): (4, 5, 0, 2, 1, 3),
    (9, 22): (0, 5, 4, 1, 2, 3),
    (10, 28): (0, 4, 1, 3, 5, 2),
}
"""(epochs, changes) → an order of the six points, counted from 0, that takes as long."""


def course_demo(order: tuple[int, ...] = (0, 1, 2, 3, 4, 5)) -> PointSet:
    """Return the six points in this order; their ids count the new order."""
    points = np.array(COURSE_DEMO)[list(order)]
    return PointSet.of(points[:, :2], points[:, 2])
