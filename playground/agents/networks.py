"""Small multi-layer perceptrons whose weights all lie in one row of numbers.

    a⁰ = x      aˡ = f(Wˡ aˡ⁻¹ + bˡ)      output = Wᴸ aᴸ⁻¹ + bᴸ

Agents learn in very many very small updates, where the price is the number of calls and not of
multiplications. All networks of an agent are therefore views into one flat tensor, and their
gradients views into another: clipping, an optimizer's step, a target network's copy and a
checkpoint are each a few operations on one row, however many layers there are.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import torch
from torch.nn import functional

from playground.agents.base import AgentError
from playground.core.initializers import orthonormal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

ActivationKind = Literal["relu", "tanh"]
ACTIVATIONS: Final = ("relu", "tanh")


MAX_WIDTH: Final = 4096


class Network:
    """One perceptron; its weights belong to a :class:`Parameters`.

    Parameters
    ----------
    sizes
        Neurons of all layers, inputs first.
    activation
        Of the hidden layers; the output is linear.
    weights, biases
        (out, in) and (out,) of every layer.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: ActivationKind,
        weights: list[torch.Tensor],
        biases: list[torch.Tensor],
    ) -> None:
        self.sizes = tuple(sizes)
        self.activation = activation
        self.weights = weights
        self.biases = biases

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Return the (n, outputs) outputs of (n, inputs) inputs."""
        return self.layers_of(x)[-1]

    def layers_of(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Return the (n, neurons) outputs of every layer, the network's output last."""
        layers = []
        last = len(self.weights) - 1
        for index, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            x = functional.linear(x, weight, bias)
            if index < last:
                x = self._bend(x)
            layers.append(x)
        return layers

    def back_propagate(
        self, x: torch.Tensor, layers: Sequence[torch.Tensor], slope: torch.Tensor
    ) -> None:
        """Set the gradients of all weights and biases from ∂L/∂output, as autograd would.

            δᴸ = ∂L/∂zᴸ    δˡ = (Wˡ⁺¹ᵀ δˡ⁺¹) ⊙ f'(zˡ)    ∂L/∂Wˡ = δˡ aˡ⁻¹ᵀ    ∂L/∂bˡ = δˡ

        Autograd takes twice as long for networks of this size: it makes new tensors for what here
        goes straight into the row of gradients.

        Parameters
        ----------
        x
            (n, inputs).
        layers
            What :meth:`layers_of` returned for them, made without autograd; used up.
        slope
            (n, outputs) ∂L/∂output; used up.
        """
        with torch.no_grad():
            for index in range(len(self.weights) - 1, -1, -1):
                weight, bias = self.weights[index], self.biases[index]
                below = layers[index - 1] if index else x
                assert weight.grad is not None
                assert bias.grad is not None
                torch.mm(slope.t(), below, out=weight.grad)
                torch.sum(slope, 0, out=bias.grad)
                if index:
                    slope = torch.mm(slope, weight)
                    if self.activation == "tanh":
                        slope.mul_(below.square_().neg_().add_(1.0))
                    else:
                        slope.mul_(below > 0.0)

    def _bend(self, z: torch.Tensor) -> torch.Tensor:
        if self.activation == "relu":
            return torch.relu(z)
        if z.requires_grad:
            return torch.tanh(z)
        # tanh z = 2σ(2z) − 1, 10⁻⁷ off and three times as fast as torch's own (AVX-512).
        return z.mul_(2.0).sigmoid_().mul_(2.0).sub_(1.0)

    def init_torch(self, generator: torch.Generator) -> None:
        """Draw weights and biases evenly from ±1/√inputs, as `torch.nn.Linear` does."""
        with torch.no_grad():
            for weight, bias in zip(self.weights, self.biases, strict=True):
                reach = 1.0 / math.sqrt(weight.shape[1])
                for tensor in (weight, bias):
                    drawn = torch.rand(tensor.shape, generator=generator)
                    tensor.copy_((2.0 * drawn - 1.0) * reach)

    def init_orthogonal(self, generator: torch.Generator, head_gain: float) -> None:
        """Draw orthogonal weights, of gain √2 and in the last layer ``head_gain``; no biases.

        Source: Andrychowicz et al. 2021, "What matters in on-policy reinforcement learning?",
        section 3.2: a small last layer of the policy is worth much.
        """
        with torch.no_grad():
            last = len(self.weights) - 1
            for index, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
                drawn = torch.randn(weight.shape, generator=generator)
                gain = head_gain if index == last else math.sqrt(2.0)
                weight.copy_(orthonormal(drawn) * gain)
                bias.zero_()


class Parameters:
    """All weights of some networks in one row, with a row of gradients beside it.

    Parameters
    ----------
    shapes
        Name of every network → neurons of all its layers.
    activation
        Of the hidden layers.
    device
        Where the numbers live, such as ``"cpu"`` or ``"cuda"``.

    Raises
    ------
    AgentError
        When a layer has no neurons or too many, or there is no such device.
    """

    def __init__(
        self,
        shapes: Mapping[str, Sequence[int]],
        activation: ActivationKind,
        device: str = "cpu",
    ) -> None:
        self.shapes = {name: tuple(sizes) for name, sizes in shapes.items()}
        for width in itertools.chain.from_iterable(self.shapes.values()):
            if not 1 <= width <= MAX_WIDTH:
                raise AgentError(f"A layer has 1…{MAX_WIDTH:,} neurons, not {width:,}.")
        if activation not in ACTIVATIONS:
            raise AgentError(f"There is no activation “{activation}”; there are relu and tanh.")
        self.device = _device(device)
        self._layout = [
            (f"{name}.{layer}.{part}", shape)
            for name, sizes in self.shapes.items()
            for layer, (inputs, outputs) in enumerate(itertools.pairwise(sizes))
            for part, shape in (("weight", (outputs, inputs)), ("bias", (outputs,)))
        ]
        count = sum(math.prod(shape) for _, shape in self._layout)
        self.flat = torch.zeros(count, device=self.device)
        self.gradient = torch.zeros(count, device=self.device)
        self._views: dict[str, torch.Tensor] = {}
        self._starts: dict[str, int] = {}
        position = 0
        for name, shape in self._layout:
            size = math.prod(shape)
            view = self.flat[position : position + size].view(shape).requires_grad_()
            # Autograd adds into a gradient that is already there: it fills the row by itself.
            view.grad = self.gradient[position : position + size].view(shape)
            self._views[name] = view
            self._starts[name] = position
            position += size
        self.networks = {
            name: Network(sizes, activation, self._of(name, "weight"), self._of(name, "bias"))
            for name, sizes in self.shapes.items()
        }

    def __len__(self) -> int:
        return self.flat.numel()

    def _of(self, network: str, part: str) -> list[torch.Tensor]:
        layers = len(self.shapes[network]) - 1
        return [self._views[f"{network}.{layer}.{part}"] for layer in range(layers)]

    def span(self, network: str) -> slice:
        """Return where in the row the weights of one network lie."""
        last = f"{network}.{len(self.shapes[network]) - 2}.bias"
        return slice(self._starts[f"{network}.0.weight"], self._starts[last] + self._size(last))

    def _size(self, name: str) -> int:
        return self._views[name].numel()

    def clip_gradient(self, longest: float) -> float:
        """Shorten the gradient to a Euclidean length of at most ``longest``; return its length.

        As `torch.nn.utils.clip_grad_norm_`, its tiny constant in the denominator included.
        """
        length = float(torch.linalg.vector_norm(self.gradient))
        if length + 1e-6 > longest:
            self.gradient.mul_(longest / (length + 1e-6))
        return length

    def copy_from(self, other: Parameters) -> None:
        """Become equal to other parameters of the same shapes."""
        with torch.no_grad():
            self.flat.copy_(other.flat)

    def blend(self, other: Parameters, share: float) -> None:
        """Move by a share 0…1 of the way to other parameters: θ ← θ + τ(θ' − θ)."""
        with torch.no_grad():
            self.flat.lerp_(other.flat, share)

    def row(self) -> NDArray[np.float32]:
        """Return a copy of all numbers in one row (count,)."""
        return self.flat.cpu().numpy().copy()

    def load_row(self, row: NDArray[np.float32]) -> None:
        """Take over a row made by :meth:`row`."""
        with torch.no_grad():
            self.flat.copy_(torch.from_numpy(row))

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return copies of all weights and biases by name, such as ``"actor.0.weight"``."""
        return {name: view.detach().cpu().numpy().copy() for name, view in self._views.items()}

    def load_arrays(self, arrays: Mapping[str, NDArray[np.float32]]) -> None:
        """Take over named arrays; raise :class:`AgentError` and change nothing if they misfit."""
        wanted = dict(self._layout)
        if set(arrays) != set(wanted):
            odd = sorted(set(arrays) ^ set(wanted))[0]
            raise AgentError(f"These weights are of another network: “{odd}” is on one side only.")
        for name, shape in wanted.items():
            array = np.asarray(arrays[name])
            if array.shape != shape:
                raise AgentError(
                    f"These weights are of another network: “{name}” has the shape "
                    f"{array.shape}, but {shape} is needed."
                )
            if array.dtype.kind != "f" or not np.isfinite(array).all():
                raise AgentError(f"“{name}” of these weights holds values that are no numbers.")
        with torch.no_grad():
            for name in wanted:
                values = np.array(arrays[name], dtype=np.float32)
                self._views[name].copy_(torch.from_numpy(values))


def _device(name: str) -> torch.device:
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise AgentError(f"There is no device “{name}” here; “cpu” is always there.") from error
    return device
