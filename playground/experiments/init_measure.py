"""What is measured in every layer after a pass: spreads of signals and gradients, dead neurons."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch

from playground.core import activations
from playground.core.tensor_statistics import mean_and_std

if TYPE_CHECKING:
    from playground.core.activations import ActivationName
    from playground.core.networks import Pass

Moments = tuple[float, float]

EVERY_STEP: Final = 256
"""Until this step every one is recorded layer by layer, then ever fewer."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """Layer by layer from the input on, for one pass.

    Parameters
    ----------
    z, dz
        Mean and standard deviation by layer, the output last.
    a, da
        The same by hidden layer.
    dead
        Share of the neurons of each hidden layer that are 0 for the whole batch; NaN except ReLU.
    saturated
        Share of the activations next to an end of their range; NaN where there is none.
    """

    z: tuple[Moments, ...]
    a: tuple[Moments, ...]
    da: tuple[Moments, ...]
    dz: tuple[Moments, ...]
    dead: tuple[float, ...]
    saturated: tuple[float, ...]


def measure(found: Pass, activation: ActivationName) -> Measurement:
    """Return what a pass left in the layers, as numbers."""
    trace = found.trace
    hidden_z = trace.z[:-1]
    return Measurement(
        tuple(mean_and_std(z) for z in trace.z),
        tuple(mean_and_std(a) for a in trace.a),
        tuple(mean_and_std(gradient_of(a)) for a in trace.a),
        tuple(mean_and_std(gradient_of(z)) for z in trace.z),
        tuple(_dead(z, activation) for z in hidden_z),
        tuple(_saturated(z, activation) for z in hidden_z),
    )


def gradient_of(tensor: torch.Tensor) -> torch.Tensor:
    """Return the gradient that the backward pass left; zeros where none came back."""
    return torch.zeros_like(tensor) if tensor.grad is None else tensor.grad


def is_recorded(step: int) -> bool:
    """Tell whether layers are recorded at a step: all up to 256, every 2nd up to 512, and so on."""
    return step % (1 << max(0, step.bit_length() - (EVERY_STEP.bit_length() - 1))) == 0


def log10(value: float) -> float:
    """Return the logarithm, −inf of 0; NaN stays NaN."""
    return -math.inf if value == 0.0 else math.log10(value)


def _dead(z: torch.Tensor, activation: ActivationName) -> float:
    if activation != "relu":
        return math.nan
    return float((z.detach().amax(0) <= 0).float().mean())


def _saturated(z: torch.Tensor, activation: ActivationName) -> float:
    levels = activations.saturation_levels(activation)
    if levels is None:
        return math.nan
    # By z, not by a: residual connections add something else to a. All these f rise.
    low, high = (_place_of(activation, level) for level in levels)
    flat = z.detach()
    count = int(torch.count_nonzero(flat < low))
    if math.isfinite(high):
        count += int(torch.count_nonzero(flat > high))
    return count / flat.numel()


def _place_of(activation: ActivationName, level: float) -> float:
    """Return the z at which a bounded activation has some value."""
    if math.isinf(level):
        return level
    if activation == "tanh":
        return math.atanh(level)
    if activation == "logistic":
        return math.log(level / (1.0 - level))
    scale = activations.SELU_SCALE * activations.SELU_ALPHA if activation == "selu" else 1.0
    return math.log1p(level / scale)
