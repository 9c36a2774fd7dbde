"""The network of images in torch: blocks in a row, first weights, optimizer, knocked-out filters.

It is an ``nn.Sequential``: block k is a module of its own, and a ``Flatten`` lies in front of the
first fully connected layer, so that its ``state_dict`` is that of the plain program

    nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), …, nn.Linear(784, 10))

First weights and biases are torch's usual ones, evenly drawn from −1/√fan_in to 1/√fan_in, but each
layer draws from a generator of its own. Dropout draws from a generator too, never from torch's
global one. A knocked-out filter is zero behind its layer and the normalisation, activation or
dropout that follow at once: nothing further up learns from it, and it learns nothing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import nn

from playground.core import activations
from playground.core.layer_shapes import layer_shapes
from playground.core.model_files import ModelFileError, matched
from playground.core.random_streams import Streams
from playground.experiments.base import EditError
from playground.experiments.cnn_edits import unpack_arrays
from playground.experiments.cnn_snapshot import NetworkState
from playground.experiments.spec import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from playground.experiments.cnn_block_spec import BlockSpec
    from playground.experiments.cnn_edits import LoadWeights
    from playground.experiments.cnn_spec import CnnSpec, CnnTrainingSpec, Knocked

_FOLLOWERS = ("activation", "batch norm", "dropout")


class SeededDropout(nn.Module):
    """Dropout that draws from a given generator: zero with probability p, else x / (1 − p)."""

    def __init__(self, p: float, generator: torch.Generator | None) -> None:
        super().__init__()
        self.p = p
        self.generator = generator

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return x, with some of it dropped while training."""
        if not self.training or self.p == 0.0:
            return x
        kept = torch.rand(x.shape, generator=self.generator) >= self.p
        return x * kept.to(x.device) / (1.0 - self.p)


class ImageNetwork(nn.Sequential):
    """Blocks and the output layer; returns (batch, classes) outputs before the soft-max.

    Parameters
    ----------
    blocks, image_shape, classes
        See :func:`playground.core.layer_shapes.layer_shapes`. Weights are not set.
    dropout
        What dropout draws from while training; None for networks that only answer.
    """

    def __init__(
        self,
        blocks: Sequence[BlockSpec],
        image_shape: tuple[int, int, int],
        classes: int,
        dropout: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.blocks = tuple(blocks)
        self.image_shape = image_shape
        self.shapes = layer_shapes(blocks, image_shape, classes)
        """Of the image, every block, the output: ``shapes[k]`` is what block k looks at."""
        places: list[int] = []
        flat = False
        for shape, block in zip(self.shapes, (*blocks, None), strict=False):
            if not flat and (block is None or block.kind == "fully connected"):
                self.append(nn.Flatten())
                flat = True
            places.append(len(self))
            if block is None:
                self.append(_linear(shape.numbers, classes))
            else:
                self.append(_module(block, shape.shape, dropout))
        self.places = tuple(places)
        """Module of every block, and of the output layer at the end."""
        self._masks: dict[int, torch.Tensor] = {}
        self._knocked: dict[int, tuple[int, ...]] = {}

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the outputs for a (batch, channels, height, width) of images."""
        if not self._masks:
            for module in self:
                x = module(x)
            return x
        for place, module in enumerate(self):
            x = module(x)
            if (mask := self._masks.get(place)) is not None:
                x = _masked(x, mask)
        return x

    def traced(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Return what comes out of every block for some images, the outputs last."""
        found: list[torch.Tensor] = []
        for place, module in enumerate(self):
            x = module(x)
            if (mask := self._masks.get(place)) is not None:
                x = _masked(x, mask)
            if place in self.places:
                found.append(x)
        return found

    def upto(self, block: int, x: torch.Tensor) -> torch.Tensor:
        """Return what comes out of one block."""
        return self.between(0, self.places[block] + 1, x)

    def beyond(self, block: int, x: torch.Tensor) -> torch.Tensor:
        """Return the outputs that follow from what comes out of one block."""
        return self.between(self.places[block] + 1, len(self), x)

    def between(self, start: int, stop: int, x: torch.Tensor) -> torch.Tensor:
        """Pass x through the modules from ``start`` to before ``stop``."""
        for place in range(start, stop):
            x = self[place](x)
            if (mask := self._masks.get(place)) is not None:
                x = _masked(x, mask)
        return x

    def knock_out(self, filters: Iterable[Knocked]) -> None:
        """Make the output of these filters zero, and that of no others."""
        chosen: dict[int, list[int]] = {}
        for block, index in filters:
            chosen.setdefault(block, []).append(index)
        self._knocked = {block: tuple(sorted(found)) for block, found in chosen.items()}
        self._masks = {}
        for block, indices in self._knocked.items():
            mask = torch.ones(self.blocks[block].filter_count, device=self.device)
            mask[list(indices)] = 0.0
            self._masks[self.places[self.end_of(block)]] = mask

    def knocked_of(self, block: int) -> tuple[int, ...]:
        """Return which filters of a block are knocked out."""
        return self._knocked.get(block, ())

    def end_of(self, block: int) -> int:
        """Return the last of the blocks that only change the numbers of this one, or itself."""
        end = block
        while end + 1 < len(self.blocks) and self.blocks[end + 1].kind in _FOLLOWERS:
            end += 1
        return end

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device

    @property
    def layers(self) -> list[tuple[int, nn.Linear]]:
        """Return the layers with weights and biases and their blocks, the output last.

        Convolutions are among them; to the type checker they are linear, which is all that counts.
        """
        return [
            (block, cast("nn.Linear", self[place]))
            for block, place in enumerate(self.places)
            if isinstance(self[place], (nn.Conv2d, nn.Linear))
        ]


def network_of(
    spec: CnnSpec, classes: int, seed: int, dropout: torch.Generator | None = None
) -> ImageNetwork:
    """Return the network of a run with its first weights, on the device of the spec.

    Raises
    ------
    SpecError
        Where this computer has no such device, or the images are too small for the blocks.
    """
    device = device_of(spec)
    network = ImageNetwork(spec.blocks, spec.data.image_shape, classes, dropout)
    initialise(network, Streams(seed).child("init"))
    place_on(network, device)
    network.knock_out(spec.knocked_out)
    return network


def place_on(network: nn.Module, device: torch.device) -> None:
    """Move the weights to a device, with the channels innermost in memory.

    Measured on the course's CNN: a step of 64 images takes 5.6 instead of 7.2 ms, testing 2,000
    images 48 instead of 120 ms: torch pools such images with vector instructions.
    """
    network.to(device)
    # The stubs do not know the argument.
    cast("Any", network).to(memory_format=torch.channels_last)


@torch.no_grad()
def initialise(network: ImageNetwork, streams: Streams) -> None:
    """Set all first weights: layer i draws from the streams ``child("layer", i)``."""
    for module in network:
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.reset_parameters()
    for number, (_, layer) in enumerate(network.layers):
        own = streams.child("layer", number)
        bound = 1.0 / math.sqrt(layer.weight[0].numel())
        for tensor, name in ((layer.weight, "weights"), (layer.bias, "biases")):
            drawn = torch.rand(tensor.shape, generator=own.torch(name))
            tensor.copy_((drawn * 2.0 - 1.0) * bound)


def device_of(spec: CnnSpec) -> torch.device:
    """Return the device of a spec; raise :class:`SpecError` where this computer has none."""
    wanted = spec.training.device
    if wanted == "cuda" and not torch.cuda.is_available():
        raise SpecError(
            "CUDA is not available here: it takes an NVIDIA graphics card and a torch made for it; "
            "choose the CPU."
        )
    if wanted == "mps" and not torch.backends.mps.is_available():
        raise SpecError("MPS is available on Macs with Apple silicon only; choose the CPU.")
    return torch.device(wanted)


def optimizer_of(network: nn.Module, training: CnnTrainingSpec) -> torch.optim.Optimizer:
    """Return the optimizer of all weights, with torch's usual numbers but for those of the spec.

    The fused forms compute the same in one pass over the weights; of RMSprop there is none.
    """
    common: dict[str, Any] = {"lr": training.rate, "weight_decay": training.weight_decay}
    parameters = network.parameters()
    match training.optimizer:
        case "adam":
            return torch.optim.Adam(parameters, fused=True, **common)
        case "adamw":
            return torch.optim.AdamW(parameters, fused=True, **common)
        case "rmsprop":
            return torch.optim.RMSprop(parameters, **common)
        case _:
            momentum = training.momentum if training.optimizer == "momentum" else 0.0
            return torch.optim.SGD(parameters, momentum=momentum, fused=True, **common)


def tune(optimizer: torch.optim.Optimizer, training: CnnTrainingSpec) -> None:
    """Give the optimizer the live numbers of the spec."""
    for group in optimizer.param_groups:
        group["lr"] = training.rate
        group["weight_decay"] = training.weight_decay
        if training.optimizer == "momentum":
            group["momentum"] = training.momentum


def arrays_of(network: nn.Module) -> dict[str, NDArray[np.generic]]:
    """Return read-only copies of everything in the ``state_dict``."""
    found: dict[str, NDArray[np.generic]] = {}
    for name, tensor in network.state_dict().items():
        array = tensor.detach().cpu().numpy().copy()
        array.flags.writeable = False
        found[name] = array
    return found


def load_arrays(network: nn.Module, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """Take over the numbers of a ``state_dict`` of the same architecture."""
    # A copy: torch warns of arrays that must not be written to.
    network.load_state_dict({name: torch.tensor(array) for name, array in arrays.items()})


def replace_weights(network: ImageNetwork, edit: LoadWeights) -> None:
    """Take over the weights of an edit.

    Raises
    ------
    EditError
        With the layer that does not fit and the two shapes; nothing was changed.
    """
    given = {name: torch.tensor(array) for name, array in unpack_arrays(edit.packed).items()}
    try:
        network.load_state_dict(matched(given, network.state_dict()))
    except ModelFileError as error:
        raise EditError(str(error)) from None


def network_from(state: NetworkState) -> ImageNetwork:
    """Return the network of a state on the CPU, ready to answer (dropout off)."""
    network = ImageNetwork(state.blocks, state.image_shape, len(state.class_names))
    load_arrays(network, state.arrays)
    place_on(network, torch.device("cpu"))
    network.knock_out(state.knocked_out)
    network.requires_grad_(False)
    return network.eval()


def state_from(network: ImageNetwork, class_names: tuple[str, ...]) -> NetworkState:
    """Return the network in numbers."""
    knocked = tuple(
        (block, index)
        for block in range(len(network.blocks))
        for index in network.knocked_of(block)
    )
    return NetworkState(
        network.blocks, network.image_shape, class_names, arrays_of(network), knocked
    )


def _module(block: BlockSpec, shape: tuple[int, ...], dropout: torch.Generator | None) -> nn.Module:
    """Return the module of a block whose input has a shape; its weights are left empty."""
    match block.kind:
        case "conv":
            # Left empty: torch would fill it from its global random stream.
            made = nn.utils.skip_init(
                nn.Conv2d,
                shape[0],
                block.channels,
                block.kernel,
                stride=block.stride,
                padding=block.padding,
                dilation=block.dilation,
            )
            return cast("nn.Module", made)
        case "activation":
            return activations.module(block.function)
        case "pool":
            pooling = nn.MaxPool2d if block.pooling == "max" else nn.AvgPool2d
            return pooling(block.size, block.pool_stride)
        case "dropout":
            return SeededDropout(block.drop, dropout)
        case "batch norm":
            norm = nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d
            return norm(shape[0])
        case "fully connected":
            return _linear(math.prod(shape), block.units)


def _linear(inputs: int, units: int) -> nn.Linear:
    return cast("nn.Linear", nn.utils.skip_init(nn.Linear, inputs, units))


def _masked(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return x * (mask[:, None, None] if x.ndim == 4 else mask)
