"""Lagrange interpolation: the one polynomial through all points, and why that is over-fitting.

Through n points with different x goes exactly one polynomial of degree below n,

    p(x) = Σ yⱼ ℓⱼ(x),   ℓⱼ(x) = Π_{k≠j} (x − xₖ) / (xⱼ − xₖ),

which repeats every point without error and says nonsense beside them. It is evaluated in the
barycentric form

    p(x) = Σ wⱼ/(x − xⱼ) yⱼ  /  Σ wⱼ/(x − xⱼ),   wⱼ = 1 / Π_{k≠j} (xⱼ − xₖ),

which takes n operations a value and does not lose digits. Source: Berrut & Trefethen, "Barycentric
Lagrange Interpolation", SIAM Review 46 (2004), formulas 3.2, 3.3 and 4.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

MAX_NODES = 500

OVERFITTING_EXAMPLE: tuple[tuple[float, float], ...] = ((1, 2.4), (2, 6.4), (3, 5.6), (4, 8.0))
"""x and y of four entries: three to learn from, the last to validate with.

The slide "Overfitting" of lecture 1 has four entries and says only that a generic solution gives
f(4) = 8 and an over-fitted one f(4) = 0; its table is a picture. These points were chosen so that
the straight trend (least squares) of the first three gives 8 and the parabola through them 0: with
x = 1, 2, 3 that holds for all y₁ = 3·y₃ − 14.4, y₂ = 2·y₃ − 4.8; here y₃ = 5.6.
"""


@dataclass(frozen=True, eq=False)
class Interpolant:
    """The polynomial of the lowest degree through given points; made by `interpolate`.

    Parameters
    ----------
    x, y
        (n,) the points.
    weights
        (n,) barycentric weights wⱼ, scaled by a common factor.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    weights: NDArray[np.float64]

    def __call__(self, at: ArrayLike) -> NDArray[np.float64]:
        """Return p at the places `at`, any shape; exactly yⱼ at xⱼ."""
        places = np.asarray(at, dtype=np.float64)
        difference = places[..., None] - self.x
        hit = difference == 0
        terms = self.weights / np.where(hit, 1.0, difference)
        # At a point itself the fraction is ∞/∞ and means yⱼ: its own term alone stays.
        terms = np.where(hit.any(axis=-1, keepdims=True), hit, terms)
        return np.asarray((terms @ self.y) / terms.sum(axis=-1))

    def basis(self, at: ArrayLike) -> NDArray[np.float64]:
        """Return the Lagrange polynomials ℓⱼ, (…, n), at the places `at`: 1 at xⱼ, 0 at xₖ."""
        unit = np.eye(len(self.x))
        columns = [Interpolant(self.x, row, self.weights)(at) for row in unit]
        return np.stack(columns, axis=-1)


def interpolate(x: ArrayLike, y: ArrayLike) -> Interpolant:
    """Return the polynomial through the points.

    Parameters
    ----------
    x, y
        (n,) finite numbers, 1…500 of them; no x twice.

    Raises
    ------
    ValueError
        When there is no such polynomial; the sentence says why.
    """
    nodes, values = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if nodes.ndim != 1 or nodes.shape != values.shape or not 1 <= len(nodes) <= MAX_NODES:
        raise ValueError(
            f"Interpolation needs from 1 to {MAX_NODES} points, each with an x and a y."
        )
    if not (np.isfinite(nodes).all() and np.isfinite(values).all()):
        raise ValueError("Interpolation needs finite numbers.")
    if len(np.unique(nodes)) != len(nodes):
        raise ValueError("Two points share an x, so that no function goes through both.")
    return Interpolant(nodes, values, _barycentric_weights(nodes))


def straight_trend(x: ArrayLike, y: ArrayLike) -> tuple[float, float]:
    """Return slope and intercept of the least-squares line through the points.

    Raises
    ------
    ValueError
        When fewer than two different x are given.
    """
    nodes, values = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    centred = nodes - nodes.mean() if nodes.size else nodes
    variance = float(centred @ centred)
    if variance == 0:
        raise ValueError("A straight trend needs points with two different x.")
    slope = float(centred @ values) / variance
    return slope, float(values.mean() - slope * nodes.mean())


def _barycentric_weights(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weights, the largest of size 1: a common factor cancels in the fraction."""
    difference = x[:, None] - x
    np.fill_diagonal(difference, 1.0)
    # By logarithms, because the product of hundreds of differences leaves the range of a float.
    logarithm = -np.log(np.abs(difference)).sum(axis=1)
    sign = np.prod(np.sign(difference), axis=1)
    return np.asarray(sign * np.exp(logarithm - logarithm.max()))
