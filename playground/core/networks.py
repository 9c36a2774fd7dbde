"""A deep multi-layer perceptron that shows its inside: every z and a, and their gradients.

    zˡ = Wˡ aˡ⁻¹ + bˡ          aˡ = f(zˡ)          output = zᴸ

With batch normalisation zˡ is normalised before f; with residual connections aˡ = f(zˡ) + aˡ⁻¹
wherever both are equally wide (never the input). The gradients come from torch's autograd; nothing
is computed by hand.

Sources: Ioffe and Szegedy 2015, algorithm 1 (batch normalisation); He, Zhang, Ren and Sun 2016,
section 3.1 (residual connections).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import torch
from torch import nn

from playground.core import activations
from playground.core.initializers import draw_biases

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playground.core.activations import ActivationName
    from playground.core.initializers import BiasKind, Initializer
    from playground.core.random_streams import Streams

LOSSES: Final = ("cross-entropy", "mse")


@dataclass(slots=True)
class Trace:
    """What one pass left in the layers.

    Parameters
    ----------
    z
        (batch, neurons) of every layer with weights, the output last.
    a
        (batch, neurons) of every hidden layer.
    """

    z: list[torch.Tensor]
    a: list[torch.Tensor]


@dataclass(frozen=True, slots=True)
class Pass:
    """One batch forward and backward: ``.grad`` of all z and a of the trace is there.

    ``loss`` and ``accuracy`` are means over the batch.
    """

    x: torch.Tensor
    y: torch.Tensor
    trace: Trace
    loss: float
    accuracy: float


class DeepNetwork(nn.Module):
    """The perceptron of the module's text; its weights are not set before :func:`initialise`.

    Parameters
    ----------
    sizes
        Neurons of all layers, inputs first, outputs last.
    activation
        Of every hidden layer.
    batch_norm
        Normalise every hidden z over the present batch. Nothing is remembered for testing: the
        experiment looks at the batch itself, and a pass leaves no trace in the network.
    residual
        Add the activation below to that of every hidden layer that is equally wide.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: ActivationName,
        *,
        batch_norm: bool = False,
        residual: bool = False,
    ) -> None:
        super().__init__()
        self.sizes = tuple(sizes)
        # Left empty: torch would fill them from its global random stream.
        self.linears = nn.ModuleList(
            nn.utils.skip_init(nn.Linear, below, above)
            for below, above in itertools.pairwise(self.sizes)
        )
        self.norms = nn.ModuleList(
            nn.BatchNorm1d(width, track_running_stats=False)
            for width in (self.sizes[1:-1] if batch_norm else ())
        )
        self.activation = activations.module(activation)
        self.residual = residual

    def forward(self, x: torch.Tensor, trace: Trace | None = None) -> torch.Tensor:
        """Return the (batch, outputs) outputs; keep every z and a in ``trace`` where given."""
        a = x
        for place, linear in enumerate(self.linears[:-1]):
            z = linear(a)
            if self.norms:
                z = self.norms[place](z)
            f = self.activation(z)
            a = f + a if self.adds(place) else f
            if trace is not None:
                trace.z.append(z)
                trace.a.append(a)
        outputs: torch.Tensor = self.linears[-1](a)
        if trace is not None:
            trace.z.append(outputs)
        return outputs

    def adds(self, place: int) -> bool:
        """Tell whether a hidden layer, from 0, adds the activation below; the first never does."""
        return self.residual and place > 0 and self.sizes[place] == self.sizes[place + 1]

    @property
    def layers(self) -> list[nn.Linear]:
        """Return the linear maps of all layers, the output last."""
        return [cast("nn.Linear", linear) for linear in self.linears]

    @property
    def weights(self) -> list[torch.Tensor]:
        """Return the (neurons, inputs) weights of all layers, not copied."""
        return [linear.weight for linear in self.layers]


@dataclass(frozen=True, slots=True)
class Biases:
    """First biases: all zero, all ``value``, or random with standard deviation ``spread``."""

    kind: BiasKind = "zero"
    value: float = 0.0
    spread: float = 0.0


def initialise(
    network: DeepNetwork, weights: Initializer, streams: Streams, biases: Biases | None = None
) -> None:
    """Set all weights and biases (zero when None); γ of batch normalisation to 1 and β to 0."""
    for _ in initialising(network, weights, streams, biases):
        pass


def initialising(
    network: DeepNetwork, weights: Initializer, streams: Streams, biases: Biases | None = None
) -> Iterator[None]:
    """Do what :func:`initialise` does, one layer at a time.

    Every layer draws from generators of its own, so that neither another depth nor another scheme
    changes what a layer draws.
    """
    chosen = biases or Biases()
    for norm in network.norms:
        cast("nn.BatchNorm1d", norm).reset_parameters()
    for place, linear in enumerate(network.layers):
        own = streams.child("layer", place)
        fan_out, fan_in = linear.weight.shape
        drawn = draw_biases(chosen.kind, fan_out, chosen.value, chosen.spread, own.torch("biases"))
        with torch.no_grad():
            linear.weight.copy_(weights.draw(fan_in, fan_out, own.torch("weights")))
            linear.bias.copy_(drawn)
        yield


def loss_of(name: str, outputs: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return the mean loss of a batch as a scalar tensor.

    ``"cross-entropy"``: −log of the soft-max output of the right class. ``"mse"``: ½‖output −
    target‖² with a target of 1 for the right class and 0 elsewhere.
    """
    if name == "cross-entropy":
        return nn.functional.cross_entropy(outputs, y)
    if name == "mse":
        targets = nn.functional.one_hot(y, outputs.shape[1]).to(outputs.dtype)
        return 0.5 * nn.functional.mse_loss(outputs, targets, reduction="sum") / len(y)
    raise ValueError(f"The loss must be one of {', '.join(LOSSES)} (got {name}).")


def forward_backward(network: DeepNetwork, x: torch.Tensor, y: torch.Tensor, loss: str) -> Pass:
    """Return the pass of one batch; the gradients of the weights are in their ``.grad``."""
    network.zero_grad(set_to_none=True)
    trace = Trace([], [])
    outputs = network(x, trace)
    for tensor in (*trace.z, *trace.a):
        tensor.retain_grad()
    value = loss_of(loss, outputs, y)
    value.backward()
    _even_out_clones(network)
    right = float((outputs.detach().argmax(1) == y).sum()) / len(y)
    return Pass(x, y, trace, value.item(), right)


@torch.no_grad()
def clones(network: DeepNetwork) -> list[bool]:
    """Tell for each hidden layer whether its neurons are interchangeable, bit for bit.

    They are when all have the same weights, bias, γ and β, and the layer above treats them alike.
    Where residual connections tie the layers together, all of them must be so, or none is.
    """
    layers = network.layers
    found = [
        all(_alike(part) for part in (layer.weight, *_per_neuron(network, place)))
        and _alike(layers[place + 1].weight.T)
        for place, layer in enumerate(layers[:-1])
    ]
    return [all(found)] * len(found) if network.residual else found


def _even_out_clones(network: DeepNetwork) -> None:
    """Give interchangeable neurons the same gradient bit for bit.

    They have the same one in exact arithmetic. Matrix products add up in another order at the edge
    of a matrix, though, and that last bit would tell clones apart after some steps.
    """
    layers = network.layers
    for place, is_clone in enumerate(clones(network)):
        if not is_clone:
            continue
        above = layers[place + 1].weight.grad
        for part in (layers[place].weight, *_per_neuron(network, place)):
            if part.grad is not None:
                part.grad.copy_(part.grad[:1].clone().expand_as(part.grad))
        if above is not None:
            above.copy_(above[:, :1].clone().expand_as(above))


def _per_neuron(network: DeepNetwork, place: int) -> list[torch.Tensor]:
    """Return what a hidden layer has one number of for each neuron: bias, γ and β."""
    own: list[torch.Tensor] = [network.layers[place].bias]
    if network.norms:
        own.extend(network.norms[place].parameters())
    return own


def _alike(rows: torch.Tensor) -> bool:
    """Tell whether all rows are equal; two of them decide mostly."""
    return bool((rows[0] == rows[-1]).all()) and bool((rows == rows[:1]).all())


@torch.no_grad()
def evaluate(
    network: DeepNetwork, x: torch.Tensor, y: torch.Tensor, loss: str
) -> tuple[float, float]:
    """Return mean loss and accuracy over some samples."""
    outputs = network(x)
    right = float((outputs.argmax(1) == y).sum()) / len(y)
    return float(loss_of(loss, outputs, y)), right
