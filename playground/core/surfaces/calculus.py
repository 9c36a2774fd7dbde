"""Gradients, Hessians and stationary points of surfaces, by torch's automatic differentiation.

A stationary point is told by the eigenvalues λ of the Hessian H and by the length of Newton's step
−H⁻¹g: where that step is long, the gradient is small because the surface is flat, not because a
stationary point is near.

Source: J. Nocedal and S. J. Wright, "Numerical Optimization" (2nd ed.), theorems 2.3 and 2.4.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from playground.core.surfaces.surface import Minimum, Surface

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.core.surfaces.surface import Function

NEAR = 0.01
"""A stationary point is near when Newton's step is at most this share of the domain's diagonal."""

MAX_FOUND = 128
"""How many minima are looked for on a surface that has none known."""

_PROBES = 32
_NO_CURVATURE = 1e-12
_FLAT_DIRECTION = 1e-9


class Stationary(enum.Enum):
    """What kind of place it is where the gradient is small."""

    MINIMUM = "minimum"
    SADDLE = "saddle"
    HILLTOP = "hilltop"
    PLATEAU = "plateau"


@runtime_checkable
class HasGradients(Protocol):
    """A function that knows its gradient without a graph."""

    def gradients(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the gradients (N, 2) at points (N, 2)."""


class Slopes(NamedTuple):
    """Values (N,) and gradients (N, 2)."""

    values: NDArray[np.float64]
    gradients: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PointFacts:
    """All that is told about one point of a surface.

    Parameters
    ----------
    value, gradient
        f and ∇f.
    eigenvalues
        The two curvatures, the smaller one first.
    directions
        (2, 2) unit vectors of the curvatures, in rows.
    """

    x: float
    y: float
    value: float
    gradient: tuple[float, float]
    eigenvalues: tuple[float, float]
    directions: NDArray[np.float64]


def gradients_at(function: Function, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the gradients (N, 2) at points (N, 2) in the shortest way there is.

    They equal those of :func:`slopes` but for rounding.
    """
    if isinstance(function, HasGradients):
        return function.gradients(points)
    return slopes(function, points).gradients


def slopes(function: Function, points: NDArray[np.float64]) -> Slopes:
    """Return values and gradients at points (N, 2), all in one pass of autograd."""
    import torch

    x, y = _leaves(points)
    values = function(x, y, torch)
    gradients = np.zeros_like(points)
    # A constant formula has no graph to walk back.
    if values.requires_grad:
        down = torch.autograd.grad(values, (x, y), torch.ones_like(values), materialize_grads=True)
        gradients[:, 0], gradients[:, 1] = (part.numpy(force=True) for part in down)
    return Slopes(values.detach().numpy(), gradients)


def hessians(function: Function, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Hessians (N, 2, 2) at points (N, 2)."""
    import torch

    x, y = _leaves(points)
    values = function(x, y, torch)
    result = np.zeros((len(points), 2, 2))
    if not values.requires_grad:
        return result
    ones = torch.ones_like(values)
    first = torch.autograd.grad(values, (x, y), ones, create_graph=True, materialize_grads=True)
    for row, slope in enumerate(first):
        if slope.requires_grad:
            second = torch.autograd.grad(
                slope, (x, y), ones, retain_graph=True, materialize_grads=True
            )
            # Not a plain view: autograd hands out zeros that have no memory of their own.
            result[:, row, 0], result[:, row, 1] = (part.numpy(force=True) for part in second)
    return result


def facts(surface: Surface, x: float, y: float) -> PointFacts:
    """Return value, gradient and curvatures at one point: what the pointer shows."""
    point = np.array([[x, y]])
    values, gradients = slopes(surface.function, point)
    hessian = hessians(surface.function, point)[0]
    if np.isfinite(hessian).all():
        curvatures, directions = np.linalg.eigh(_symmetric(hessian))
    else:
        curvatures, directions = np.full(2, np.nan), np.full((2, 2), np.nan)
    return PointFacts(
        x,
        y,
        float(values[0]),
        (float(gradients[0, 0]), float(gradients[0, 1])),
        (float(curvatures[0]), float(curvatures[1])),
        directions.T.copy(),
    )


def classify(surface: Surface, points: NDArray[np.float64]) -> list[Stationary]:
    """Return what kind of stationary point is near each of some places with a small gradient.

    A minimum or a saddle is told only where Newton's step to it is short (:data:`NEAR`); otherwise
    the place is a plateau. Where the Hessian vanishes, a ring of values around the place decides.

    Parameters
    ----------
    points
        (N, 2) places.
    """
    gradients = gradients_at(surface.function, points)
    bent = hessians(surface.function, points)
    return [
        _kind_of(surface, point, gradient, _symmetric(matrix))
        for point, gradient, matrix in zip(points, gradients, bent, strict=True)
    ]


def with_found_minima(surface: Surface, cells: int = 80) -> Surface:
    """Return the surface with the minima that are found where none are known."""
    if surface.minima:
        return surface
    return replace(surface, minima=find_minima(surface, cells))


def find_minima(surface: Surface, cells: int = 80) -> tuple[Minimum, ...]:
    """Return the minima inside the domain that a grid and Newton's method find, lowest first.

    Points of the grid that lie no higher than their eight neighbours are refined by Newton steps;
    those count where it converges to a positive-definite Hessian within two cells.
    """
    x, y, values = surface.grid(cells + 1, cells + 1)
    inner = values[1:-1, 1:-1]
    lower = np.isfinite(inner)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            if down or right:
                other = values[1 + down : cells + down, 1 + right : cells + right]
                # One of two equal neighbours counts, so that a tie hides no minimum.
                with np.errstate(invalid="ignore"):
                    lower &= inner < other if (down, right) > (0, 0) else inner <= other
    rows, columns = np.nonzero(lower)
    order = np.argsort(inner[rows, columns], kind="stable")[:MAX_FOUND]
    seeds = np.column_stack([x[columns[order] + 1], y[rows[order] + 1]])
    if not len(seeds):
        return ()
    found = _newton(surface, seeds, 2.0 * math.hypot(x[1] - x[0], y[1] - y[0]))
    if not found:
        return ()
    # On the edge of the domain it may go lower still; then none of them is the lowest.
    least = min(*(minimum.value for minimum in found), float(values[np.isfinite(values)].min()))
    slack = 1e-9 * max(1.0, abs(least))
    marked = [minimum._replace(lowest=minimum.value <= least + slack) for minimum in found]
    return tuple(sorted(marked, key=lambda minimum: minimum.value))


def _newton(surface: Surface, seeds: NDArray[np.float64], reach: float) -> list[Minimum]:
    points = seeds.copy()
    with np.errstate(all="ignore"):
        for _ in range(30):
            gradients = gradients_at(surface.function, points)
            bent = hessians(surface.function, points)
            determinant = bent[:, 0, 0] * bent[:, 1, 1] - bent[:, 0, 1] * bent[:, 1, 0]
            points = points - np.column_stack(
                [
                    (bent[:, 1, 1] * gradients[:, 0] - bent[:, 0, 1] * gradients[:, 1])
                    / determinant,
                    (bent[:, 0, 0] * gradients[:, 1] - bent[:, 1, 0] * gradients[:, 0])
                    / determinant,
                ]
            )
    found: list[Minimum] = []
    for seed, (x, y) in zip(seeds, points, strict=True):
        if not math.hypot(x - seed[0], y - seed[1]) <= reach or not surface.domain.holds(x, y):
            continue
        here = facts(surface, float(x), float(y))
        scale = max(1.0, abs(here.value))
        converged = math.hypot(*here.gradient) <= 1e-8 * max(scale, here.eigenvalues[1])
        new = all(math.hypot(x - old.x, y - old.y) > 0.1 * reach for old in found)
        if converged and new and here.eigenvalues[0] > 0:
            found.append(Minimum(float(x), float(y), here.value))
    return found


def _kind_of(
    surface: Surface,
    point: NDArray[np.float64],
    gradient: NDArray[np.float64],
    hessian: NDArray[np.float64],
) -> Stationary:
    if not (np.isfinite(hessian).all() and np.isfinite(gradient).all()):
        return Stationary.PLATEAU
    reach = NEAR * surface.domain.diagonal
    (low, high), directions = np.linalg.eigh(hessian)
    sizes = sorted((abs(low), abs(high)))
    if sizes[1] < _NO_CURVATURE or sizes[0] <= _FLAT_DIRECTION * sizes[1]:
        return _by_ring(surface, float(point[0]), float(point[1]), reach)
    along = directions.T @ gradient
    if math.hypot(along[0] / low, along[1] / high) > reach:
        return Stationary.PLATEAU
    if low > 0:
        return Stationary.MINIMUM
    return Stationary.SADDLE if high > 0 else Stationary.HILLTOP


def _by_ring(surface: Surface, x: float, y: float, reach: float) -> Stationary:
    """Tell a degenerate stationary point by the values around it."""
    here = surface.value(x, y)
    angles = 2.0 * math.pi * np.arange(_PROBES) / _PROBES
    around = surface.values(x + reach * np.cos(angles), y + reach * np.sin(angles))
    slack = 1e-12 * max(1.0, abs(here))
    if not np.isfinite(around).all() or np.ptp(around) <= slack:
        return Stationary.PLATEAU
    if around.min() > here + slack:
        return Stationary.MINIMUM
    if around.max() < here - slack:
        return Stationary.HILLTOP
    lower, higher = around < here - slack, around > here + slack
    # One change from lower to higher around the ring is a slope; more of them make a saddle.
    changes = np.count_nonzero(lower != np.roll(lower, 1))
    if lower.any() and higher.any() and changes >= 4:
        return Stationary.SADDLE
    return Stationary.PLATEAU


def _leaves(points: NDArray[np.float64]) -> tuple[Any, Any]:
    """Return both columns as tensors of their own that gradients are asked for."""
    import torch

    columns = np.ascontiguousarray(points.T, dtype=np.float64)
    return (
        torch.from_numpy(columns[0]).requires_grad_(),
        torch.from_numpy(columns[1]).requires_grad_(),
    )


def _symmetric(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the matrix without the last-digit differences of its two mixed derivatives."""
    return (matrix + matrix.T) / 2
