"""The cost of a linear neuron as a function of its two weights, at a fixed β.

A network has two functions: of the input (the line on the plane) and of the weights (the surface
that learning walks on). Here is the second one, on a grid over (w₁, w₂):

    perceptron, pocket   the share of mistakes: flat steps, without a slope to follow
    logistic             the mean of ln(1 + e^(−y·f)): convex, flat only far away
    Adaline              1/(2n) Σ (y − f)²: a bowl, and with r = y − β exactly the quadratic
                         ½ (w₁²·m₁₁ + 2·w₁·w₂·m₁₂ + w₂²·m₂₂) − w₁·c₁ − w₂·c₂ + ½·mean r²
                         where m_ij = mean x_i·x_j and c_i = mean r·x_i
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.core.perceptrons import Kind, Samples

MAX_SAMPLES: Final = 500
"""More samples are thinned to this many, evenly: the picture stays the same, the work bounded."""


def evenly_chosen(samples: Samples, limit: int = MAX_SAMPLES) -> Samples:
    """Return at most ``limit`` samples at even distances in their order; all if there are fewer."""
    count = len(samples.y)
    if count <= limit:
        return samples
    rows = (np.arange(limit) * count) // limit
    return type(samples)(samples.x1[rows], samples.x2[rows], samples.y[rows])


def cost_surface(
    kind: Kind, samples: Samples, w1: NDArray[np.float64], w2: NDArray[np.float64], beta: float
) -> NDArray[np.float32]:
    """Return the cost at every pair of weights, (len(w1), len(w2)) float32.

    Parameters
    ----------
    samples
        At least one sample; pass :func:`evenly_chosen` ones, the work is proportional to them.
    w1, w2
        The axes of the grid.
    beta
        The threshold that all of them share.

    Raises
    ------
    ValueError
        Without samples there is no cost.
    """
    if not len(samples.y):
        raise ValueError("Without samples there is no cost to draw.")
    with np.errstate(over="ignore", invalid="ignore"):
        if kind == "adaline":
            return _bowl(samples, w1, w2, beta).astype(np.float32)
        # y·f for all pairs and samples as one product: (m², 3) × (3, n).
        signed = np.stack([samples.y * samples.x1, samples.y * samples.x2, samples.y * beta])
        pairs = np.stack(
            [np.repeat(w1, len(w2)), np.tile(w2, len(w1)), np.ones(len(w1) * len(w2))], axis=1
        )
        agreement = pairs.astype(np.float32) @ signed.astype(np.float32)
        if kind == "logistic":
            costs = _softplus(-agreement).mean(axis=1)
        else:
            costs = 1.0 - np.count_nonzero(agreement > 0, axis=1) / len(samples.y)
    surface: NDArray[np.float32] = costs.reshape(len(w1), len(w2)).astype(np.float32)
    return surface


def _bowl(
    samples: Samples, w1: NDArray[np.float64], w2: NDArray[np.float64], beta: float
) -> NDArray[np.float64]:
    x1, x2, r = samples.x1, samples.x2, samples.y - beta
    m11, m12, m22 = np.mean(x1 * x1), np.mean(x1 * x2), np.mean(x2 * x2)
    c1, c2 = np.mean(r * x1), np.mean(r * x2)
    a, b = w1[:, None], w2[None, :]
    quadratic = 0.5 * (a * a * m11 + 2 * a * b * m12 + b * b * m22)
    bowl: NDArray[np.float64] = quadratic - a * c1 - b * c2 + 0.5 * np.mean(r * r)
    return np.maximum(bowl, 0.0)


def _softplus(z: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return ln(1 + e^z) without overflow."""
    rest: NDArray[np.float32] = np.log1p(np.exp(-np.abs(z)))
    return np.maximum(z, np.float32(0)) + rest
