"""How strong signals and gradients are in a deep network before it learns: theory, not measurement.

In a wide network with random weights of standard deviation σ_w every z is nearly normal, and only
its variance q changes from layer to layer:

    forward    qˡ = σ_w² n_in E[(aˡ⁻¹)²] + σ_b²          E[a²] = ∫ f(√q ξ)² φ(ξ) dξ
    backward   E[(∂C/∂aˡ⁻¹)²] = σ_w² n_out E[(∂C/∂zˡ)²]
               E[(∂C/∂zˡ)²] = E[(∂C/∂aˡ)²] ∫ f′(√q ξ)² φ(ξ) dξ

where φ is the density of N(0, 1). Residual connections add the branch to what passes by; under
batch normalisation q is 1, and the gradient is divided by the variance before normalisation. If all
weights are one constant c, all neurons of a layer are one function of Σx, followed point by point.

Sources: Glorot and Bengio 2010, section 4.2; He et al. 2015, sections 2.2 and 2.3; Schoenholz,
Gilmer, Ganguli and Sohl-Dickstein 2017, eq. 3 and 7; Yang et al. 2019, "A mean field theory of
batch normalization", for π/(π − 1) a layer under ReLU.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from statistics import NormalDist
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from playground.core import activations

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.core.activations import ActivationName
    from playground.core.initializers import Initializer

NORM_EPS: Final = 1e-5
"""What torch adds to the variance under batch normalisation."""
_LARGEST: Final = 1e100
"""Beyond it a deviation may have overflowed already; no function cares any more."""
_TAIL: Final = 9.0
_INTERVALS: Final = 600
_QUANTILES: Final = 2001
_SOFTMAX_DRAWS: Final = 4096


class NormalMoments(NamedTuple):
    """Of a = f(z) with z normal: E[a], E[a²] and E[f′(z)²]."""

    mean: float
    square: float
    slope_square: float

    @property
    def variance(self) -> float:
        """Return the variance of a."""
        return max(0.0, self.square - self.mean * self.mean)


class InputMoments(NamedTuple):
    """Of the inputs x: E[x], E[x²], and the variance over the samples, averaged over the inputs."""

    mean: float
    square: float
    varying: float


@dataclass(frozen=True, slots=True)
class Setting:
    """The network of which the strengths are wanted.

    Parameters
    ----------
    sizes
        Neurons of all layers, inputs first, outputs last.
    bias_mean, bias_std
        Of the first biases.
    batch
        Samples of the batch over which C is the mean.
    loss
        ``"cross-entropy"`` (of the soft-max) or ``"mse"`` (½ squared distance).
    """

    sizes: tuple[int, ...]
    activation: ActivationName
    weights: Initializer
    inputs: InputMoments
    loss: str
    batch: int
    bias_mean: float = 0.0
    bias_std: float = 0.0
    batch_norm: bool = False
    residual: bool = False

    @property
    def layers(self) -> int:
        """Return the number of layers with weights."""
        return len(self.sizes) - 1

    def adds(self, layer: int) -> bool:
        """Tell whether a hidden layer, from 0, adds the activation below; the first never does."""
        return self.residual and layer > 0 and self.sizes[layer] == self.sizes[layer + 1]


@dataclass(frozen=True, slots=True)
class Prediction:
    """Standard deviations by layer, from the input on, the output last; NaN where there are none.

    Parameters
    ----------
    z_mean
        Mean of z by layer.
    shape_known
        Whether z is expected to be normal and a = f(z), so that their densities are known too.
    """

    w: NDArray[np.float64]
    z: NDArray[np.float64]
    a: NDArray[np.float64]
    da: NDArray[np.float64]
    dz: NDArray[np.float64]
    z_mean: NDArray[np.float64]
    shape_known: bool


@lru_cache(maxsize=512)
def normal_moments(name: ActivationName, std: float, mean: float = 0.0) -> NormalMoments:
    """Return the moments of f(z) and f′(z) for z ~ N(mean, std²), to about 1e-6 of themselves.

    Simpson's rule on both sides of z = 0, where activations have their corner, in a variable that
    makes the points denser there the larger ``std`` is.
    """
    std = min(std, _LARGEST)
    if std == 0.0:
        z = np.array([mean])
        weights = np.ones(1)
    else:
        z, weights = _nodes(mean, std)
    f = activations.value(name, z)
    slope = activations.slope(name, z)
    return NormalMoments(
        float(weights @ f), float(weights @ np.square(f)), float(weights @ np.square(slope))
    )


def predict(setting: Setting) -> Prediction:
    """Return the standard deviations that theory expects in every layer."""
    table = _Table(setting.layers)
    for layer in range(setting.layers):
        table.w[layer] = setting.weights.std(setting.sizes[layer], setting.sizes[layer + 1])
    with np.errstate(over="ignore", invalid="ignore"):
        if setting.weights.value is None:
            forward = _forward(setting, table)
            _backward(setting, table, forward)
        else:
            _same_for_all(setting, setting.weights.value, table)
    return Prediction(
        table.w,
        table.z,
        table.a,
        table.da,
        table.dz,
        table.z_mean,
        shape_known=setting.weights.value is None,
    )


def output_error_square(loss: str, logit_std: float, classes: int) -> float:
    """Return E[(∂C₁/∂z)²] of an output, C₁ being the loss of one sample with a random class.

    The outputs are independent N(0, logit_std²). Cross-entropy: E[(p − t)²] = E[p²] + 1/K − 2/K²
    with p the soft-max, its mean square taken over 4,096 fixed draws. MSE: logit_std² + 1/K.
    """
    if loss == "mse":
        return logit_std * logit_std + 1.0 / classes
    # A fixed set of points, not a stream of the run.
    draws = np.random.default_rng(0).standard_normal((_SOFTMAX_DRAWS, classes))
    scaled = min(logit_std, _LARGEST) * draws
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    p = powers / powers.sum(axis=1, keepdims=True)
    return float(np.square(p).mean()) + 1.0 / classes - 2.0 / classes**2


@lru_cache(maxsize=1)
def normal_quantiles() -> NDArray[np.float64]:
    """Return 2,001 points between which N(0, 1) has equal shares, ascending; read-only."""
    normal = NormalDist()
    shares = [(place + 0.5) / _QUANTILES for place in range(_QUANTILES)]
    points = np.array([normal.inv_cdf(share) for share in shares])
    points.flags.writeable = False
    return points


@dataclass(slots=True)
class _Table:
    """The columns that are filled layer by layer."""

    layers: int
    w: NDArray[np.float64] = field(init=False)
    z: NDArray[np.float64] = field(init=False)
    a: NDArray[np.float64] = field(init=False)
    da: NDArray[np.float64] = field(init=False)
    dz: NDArray[np.float64] = field(init=False)
    z_mean: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        for name in ("w", "z", "a", "da", "dz", "z_mean"):
            setattr(self, name, np.full(self.layers, np.nan))


class _Layer(NamedTuple):
    """What the way back needs of a hidden layer: its slopes, and the variance normalised away."""

    slope_square: float
    before_norm: float


def _forward(setting: Setting, table: _Table) -> list[_Layer]:
    """Fill z and a; return what the way back needs of the hidden layers."""
    mean, square, varying = setting.inputs
    layers: list[_Layer] = []
    for layer in range(setting.layers):
        fan_in = setting.sizes[layer]
        w2 = float(table.w[layer]) ** 2
        last = layer == setting.layers - 1
        normed = setting.batch_norm and not last
        before = w2 * fan_in * varying + NORM_EPS
        q = (before - NORM_EPS) / before if normed else w2 * fan_in * square + setting.bias_std**2
        z_mean = 0.0 if normed else setting.bias_mean
        table.z[layer], table.z_mean[layer] = math.sqrt(q), z_mean
        if last:
            break
        passed = normal_moments(setting.activation, math.sqrt(q), z_mean)
        layers.append(_Layer(passed.slope_square, before if normed else 1.0))
        if setting.adds(layer):
            # z has mean 0 whatever a below is: branch and a correlate by their means only.
            square += passed.square + 2.0 * mean * passed.mean
            mean += passed.mean
            varying += passed.variance
        else:
            mean, square, varying = passed.mean, passed.square, passed.variance
        table.a[layer] = math.sqrt(max(0.0, square - mean * mean))
    return layers


def _backward(setting: Setting, table: _Table, forward: list[_Layer]) -> None:
    """Fill ∂C/∂z and ∂C/∂a from the output down."""
    classes = setting.sizes[-1]
    error = output_error_square(setting.loss, float(table.z[-1]), classes) / setting.batch**2
    # The mean over the outputs is −1/K with the MSE, 0 with the soft-max.
    offset = 1.0 / (classes * setting.batch) if setting.loss == "mse" else 0.0
    table.dz[-1] = math.sqrt(max(0.0, error - offset * offset))
    into = error
    passing_by = 0.0
    for layer in reversed(range(setting.layers - 1)):
        w2 = float(table.w[layer + 1]) ** 2
        da = w2 * setting.sizes[layer + 2] * into + passing_by
        dz = da * forward[layer].slope_square
        table.da[layer], table.dz[layer] = math.sqrt(da), math.sqrt(dz)
        into = dz / forward[layer].before_norm
        passing_by = da if setting.adds(layer) else 0.0


def _same_for_all(setting: Setting, constant: float, table: _Table) -> None:
    """Fill all columns for weights that are one constant: every layer is a function of Σx."""
    xi, weights = _nodes(0.0, 1.0)
    fan_in = setting.sizes[0]
    sums = fan_in * setting.inputs.mean + math.sqrt(fan_in * setting.inputs.varying) * xi
    z = constant * sums + setting.bias_mean
    a = z
    slopes: list[NDArray[np.float64]] = []
    for layer in range(setting.layers):
        if layer:
            z = constant * setting.sizes[layer] * a + setting.bias_mean
        last = layer == setting.layers - 1
        if setting.batch_norm and not last:
            centred = z - weights @ z
            z = centred / math.sqrt(float(weights @ np.square(centred)) + NORM_EPS)
        table.z_mean[layer], table.z[layer] = _mean_and_std(z, weights)
        table.z[layer] = math.hypot(float(table.z[layer]), setting.bias_std)
        if last:
            break
        slopes.append(activations.slope(setting.activation, z))
        f = activations.value(setting.activation, z)
        a = f + a if setting.adds(layer) else f
        table.a[layer] = _mean_and_std(a, weights)[1]
    _same_for_all_backward(setting, constant, table, slopes, z, weights)


def _same_for_all_backward(
    setting: Setting,
    constant: float,
    table: _Table,
    slopes: list[NDArray[np.float64]],
    outputs: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> None:
    classes = setting.sizes[-1]
    if setting.loss == "cross-entropy":
        # All outputs are equal: p is 1/K, and the errors of a sample add up to nothing.
        error = (classes - 1.0) / classes**2
        summed = np.zeros_like(outputs)
        table.dz[-1] = math.sqrt(error) / setting.batch
    else:
        variance = float(table.z[-1]) ** 2 + (classes - 1.0) / classes**2
        summed = (classes * outputs - 1.0) / setting.batch
        table.dz[-1] = math.sqrt(variance) / setting.batch
    if setting.batch_norm or setting.bias_std:
        # What normalisation takes off a gradient, or biases that differ, has no such simple form.
        return
    passing_by = np.zeros_like(outputs)
    for layer in reversed(range(setting.layers - 1)):
        da = constant * summed + passing_by
        dz = da * slopes[layer]
        table.da[layer] = _mean_and_std(da, weights)[1]
        table.dz[layer] = _mean_and_std(dz, weights)[1]
        summed = setting.sizes[layer + 1] * dz
        passing_by = da if setting.adds(layer) else np.zeros_like(outputs)


def _mean_and_std(values: NDArray[np.float64], weights: NDArray[np.float64]) -> tuple[float, float]:
    mean = float(weights @ values)
    return mean, math.sqrt(max(0.0, float(weights @ np.square(values - mean))))


def _nodes(mean: float, std: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return points z and weights for which Σ weight·g(z) is E[g(z)], z ~ N(mean, std²)."""
    corner = min(max(-mean / std, -_TAIL), _TAIL)
    # z = 0 exactly at the corner, unless that lies far outside.
    z_corner = 0.0 if abs(corner) < _TAIL else mean + std * corner
    scale = min(1.0, 1.0 / std)
    parts = []
    for side in (-1.0, 1.0):
        length = _TAIL - side * corner
        t, step = np.linspace(0.0, math.log1p(length / scale), _INTERVALS + 1, retstep=True)
        simpson = np.full(_INTERVALS + 1, 2.0)
        simpson[1::2] = 4.0
        simpson[[0, -1]] = 1.0
        # The first point a hair beside the corner: a slope that jumps there has its own side's.
        offset = np.maximum(scale * np.expm1(t), 1e-200)
        xi = corner + side * offset
        density = np.exp(-0.5 * np.square(xi)) / math.sqrt(2.0 * math.pi)
        weights = simpson * (step / 3.0) * scale * np.exp(t) * density
        parts.append((z_corner + side * std * offset, weights))
    (below, below_weights), (above, above_weights) = parts
    weights = np.concatenate((below_weights[::-1], above_weights))
    return np.concatenate((below[::-1], above)), weights / weights.sum()
