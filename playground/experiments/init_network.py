"""The network, its optimizer and its theory, made from the spec of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from playground.core.initializers import Initializer
from playground.core.networks import Biases, DeepNetwork, initialise
from playground.core.random_streams import Streams
from playground.core.variance_theory import Setting
from playground.experiments.init_spec import MEMORY_LIMIT
from playground.experiments.spec import SpecError

if TYPE_CHECKING:
    from playground.core.variance_theory import InputMoments
    from playground.experiments.init_spec import InitSpec, TrainingSpec


def initializer_of(spec: InitSpec) -> Initializer:
    """Return the scheme of a run with its numbers."""
    weights = spec.weights
    return Initializer(weights.scheme, weights.constant, weights.sigma, weights.limit, weights.gain)


def init_streams(seed: int) -> Streams:
    """Return the random streams of the first weights."""
    return Streams(seed).child("init")


def network_of(spec: InitSpec, seed: int) -> DeepNetwork:
    """Return the network with its first weights."""
    network = DeepNetwork(
        spec.sizes,
        spec.network.activation,
        batch_norm=spec.network.batch_norm,
        residual=spec.network.residual,
    )
    initialise(network, initializer_of(spec), init_streams(seed), biases_of(spec))
    return network


def biases_of(spec: InitSpec) -> Biases:
    """Return the first biases of a run."""
    return Biases(spec.biases.kind, spec.biases.value, spec.biases.spread)


def optimizer_of(network: DeepNetwork, training: TrainingSpec) -> torch.optim.Optimizer:
    """Return the optimizer of all weights and biases."""
    parameters = network.parameters()
    if training.optimizer == "adam":
        return torch.optim.Adam(parameters, lr=training.rate)
    momentum = training.momentum if training.optimizer == "momentum" else 0.0
    return torch.optim.SGD(parameters, lr=training.rate, momentum=momentum)


def tune(optimizer: torch.optim.Optimizer, training: TrainingSpec) -> None:
    """Give the optimizer the live numbers of the spec."""
    for group in optimizer.param_groups:
        group["lr"] = training.rate
        if training.optimizer == "momentum":
            group["momentum"] = training.momentum


def setting_of(spec: InitSpec, inputs: InputMoments, batch: int) -> Setting:
    """Return what theory needs to know of a run."""
    biases = spec.biases
    return Setting(
        sizes=spec.sizes,
        activation=spec.network.activation,
        weights=initializer_of(spec),
        inputs=inputs,
        loss=spec.training.loss,
        batch=batch,
        bias_mean=biases.value if biases.kind == "constant" else 0.0,
        bias_std=biases.spread if biases.kind == "random" else 0.0,
        batch_norm=spec.network.batch_norm,
        residual=spec.network.residual,
    )


def refuse_if_too_large(spec: InitSpec) -> None:
    """Raise :class:`SpecError` with the estimate where training takes too much memory."""
    needed = spec.memory_bytes
    if needed > MEMORY_LIMIT:
        raise SpecError(
            f"This network with batches of {spec.batch_size:,} would take about "
            f"{needed / 2**30:.2g} GB of memory; at most {MEMORY_LIMIT / 2**30:.0f} GB are "
            "allowed: take fewer layers, narrower ones or a smaller batch."
        )
