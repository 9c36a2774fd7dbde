"""Activation functions of hidden neurons: f, f′, where f is flat, and the torch module of each.

A neuron's output is a = f(z). On the way back its gradient is multiplied by f′(z): where f is flat
(|f′| small) nothing gets through, and products of many f′ < 1 make the gradient vanish.

    tanh        tanh z                          logistic    1/(1 + e⁻ᶻ)
    ReLU        max(0, z)                       leaky ReLU  z for z > 0, else 0.01·z
    ELU         z for z > 0, else eᶻ − 1        SELU        λ·(z for z > 0, else α·(eᶻ − 1))
    GELU        z·Φ(z)                          linear      z

Sources: Maas, Hannun and Ng 2013 (leaky ReLU); Clevert, Unterthiner and Hochreiter 2016, eq. 15
(ELU); Klambauer et al. 2017, eq. 2 and appendix A1 (SELU); Hendrycks and Gimpel 2016 (GELU). All
parameters are the defaults of torch.nn.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import nn

ActivationName = Literal["tanh", "logistic", "relu", "leaky relu", "elu", "gelu", "selu", "linear"]

ACTIVATION_LABELS: Final[dict[ActivationName, str]] = {
    "tanh": "tanh",
    "logistic": "logistic",
    "relu": "ReLU",
    "leaky relu": "leaky ReLU",
    "elu": "ELU",
    "gelu": "GELU",
    "selu": "SELU",
    "linear": "linear",
}
LEAK: Final = 0.01
SELU_SCALE: Final = 1.0507009873554805
SELU_ALPHA: Final = 1.6732632423543772
FLAT_SLOPE: Final = 0.01
"""Below this |f′| a neuron counts as flat: hardly any gradient passes it."""
NEAR_END: Final = 0.01
"""Share of its range within which an activation counts as saturated."""

_RANGES: Final[dict[ActivationName, tuple[float, float]]] = {
    "tanh": (-1.0, 1.0),
    "logistic": (0.0, 1.0),
    "elu": (-1.0, math.inf),
    "selu": (-SELU_SCALE * SELU_ALPHA, math.inf),
}
_SEARCH: Final = 12.0
_erf = np.vectorize(math.erf, otypes=[np.float64])


def value(name: ActivationName, z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return f(z), float64, the shape of ``z``."""
    match name:
        case "tanh":
            return np.tanh(z)
        case "logistic":
            return _logistic(z)
        case "relu":
            return np.maximum(z, 0.0)
        case "leaky relu":
            return np.where(z > 0, z, LEAK * z)
        case "elu":
            return np.where(z > 0, z, np.expm1(np.minimum(z, 0.0)))
        case "selu":
            return SELU_SCALE * np.where(z > 0, z, SELU_ALPHA * np.expm1(np.minimum(z, 0.0)))
        case "gelu":
            return z * _normal_cdf(z)
        case "linear":
            return np.array(z, dtype=np.float64)


def slope(name: ActivationName, z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return f′(z), float64, the shape of ``z``; at the corners of ReLU and its kin torch's choice.

    torch takes the slope from the left there: 0 for ReLU, 0.01 for leaky ReLU.
    """
    match name:
        case "tanh":
            # 1 − tanh² would round to 0 already at z = 19.
            return 1.0 / np.square(np.cosh(np.clip(z, -350.0, 350.0)))
        case "logistic":
            return _logistic(z) * _logistic(-z)
        case "relu":
            return np.where(z > 0, 1.0, 0.0)
        case "leaky relu":
            return np.where(z > 0, 1.0, LEAK)
        case "elu":
            return np.where(z > 0, 1.0, np.exp(np.minimum(z, 0.0)))
        case "selu":
            return SELU_SCALE * np.where(z > 0, 1.0, SELU_ALPHA * np.exp(np.minimum(z, 0.0)))
        case "gelu":
            density = np.exp(-0.5 * np.square(z)) / math.sqrt(2.0 * math.pi)
            return _normal_cdf(z) + z * density
        case "linear":
            return np.ones_like(z, dtype=np.float64)


@cache
def flat_ranges(name: ActivationName) -> tuple[tuple[float, float], ...]:
    """Return the intervals of z in which |f′(z)| < 0.01, ascending; their ends may be infinite.

    The ends belong to the interval and are exact to 1e-11; the slope there is 0.01, or jumps.
    """
    # No grid point is 0: the corners lie there, and bisection finds them from either side.
    z = np.linspace(-_SEARCH, _SEARCH, 4800)
    flat = np.abs(slope(name, z)) < FLAT_SLOPE
    changes = np.flatnonzero(flat[1:] != flat[:-1])
    ends = [_bisected(name, float(z[at]), float(z[at + 1])) for at in changes]
    if flat[0]:
        ends.insert(0, -math.inf)
    if flat[-1]:
        ends.append(math.inf)
    return tuple(zip(ends[::2], ends[1::2], strict=True))


def saturation_levels(name: ActivationName) -> tuple[float, float] | None:
    """Return (low, high): an activation beyond either counts as saturated; None without any end.

    The levels lie 1 % of the range inside its ends: −0.98 and 0.98 for tanh, 0.01 and 0.99 for the
    logistic function. With one end only (ELU, SELU) it is 1 % of that end's distance from 0.
    """
    if name not in _RANGES:
        return None
    low, high = _RANGES[name]
    if math.isinf(high):
        return low * (1.0 - NEAR_END), high
    margin = NEAR_END * (high - low)
    return low + margin, high - margin


def module(name: ActivationName) -> nn.Module:
    """Return a new torch module that computes f."""
    # Imported here: the form lists the activations long before torch is loaded.
    from torch import nn

    made: dict[ActivationName, type[nn.Module]] = {
        "tanh": nn.Tanh,
        "logistic": nn.Sigmoid,
        "relu": nn.ReLU,
        "leaky relu": nn.LeakyReLU,
        "elu": nn.ELU,
        "gelu": nn.GELU,
        "selu": nn.SELU,
        "linear": nn.Identity,
    }
    return made[name]()


def _logistic(z: NDArray[np.float64]) -> NDArray[np.float64]:
    # Through the exponential of −|z|, which cannot overflow.
    tail = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, tail) / (1.0 + tail)


def _normal_cdf(z: NDArray[np.float64]) -> NDArray[np.float64]:
    cdf: NDArray[np.float64] = 0.5 * (1.0 + _erf(z / math.sqrt(2.0)))
    return cdf


def _bisected(name: ActivationName, low: float, high: float) -> float:
    """Return where between two points f changes from flat to not flat or back."""
    flat_below = _is_flat(name, low)
    while high - low > 1e-12:
        middle = 0.5 * (low + high)
        if _is_flat(name, middle) == flat_below:
            low = middle
        else:
            high = middle
    # The only place with few digits where slopes jump is 0.
    return 0.0 if abs(low) < 1e-11 else 0.5 * (low + high)


def _is_flat(name: ActivationName, z: float) -> bool:
    return bool(abs(slope(name, np.array(z))) < FLAT_SLOPE)
