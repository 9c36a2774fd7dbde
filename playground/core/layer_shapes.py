"""What comes out of every block of a network of images: shape, parameters, receptive field.

A convolution or pooling with kernel F, stride S, padding P and dilation D turns a side of N into

    N′ = ⌊(N + 2P − D·(F − 1) − 1) / S⌋ + 1

One number of its output sees a square of r pixels of the image; neighbours lie j pixels apart:

    r′ = r + D·(F − 1)·j          j′ = S·j          (the image itself: r = j = 1)

The weights of a convolution from C to C′ channels are shared by all places: C′·(C·F² + 1) with the
biases, however large the image is. A fully connected layer has n′·(n + 1).

Sources: Dumoulin and Visin 2016, "A guide to convolution arithmetic", relationships 5, 6 and 14;
Araujo, Norris and Sim 2019, "Computing receptive fields of convolutional neural networks".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol

from playground.core.activations import ACTIVATION_LABELS, ActivationName

if TYPE_CHECKING:
    from collections.abc import Sequence

BlockKind = Literal["conv", "activation", "pool", "dropout", "batch norm", "fully connected"]
Pooling = Literal["max", "average"]

BLOCK_LABELS: Final[dict[BlockKind, str]] = {
    "conv": "convolution",
    "activation": "activation",
    "pool": "pooling",
    "dropout": "dropout",
    "batch norm": "batch normalisation",
    "fully connected": "fully connected",
}


class Block(Protocol):
    """One block of a network; only the numbers of its kind count."""

    @property
    def kind(self) -> BlockKind:
        """What the block does."""

    @property
    def channels(self) -> int:
        """Filters of a convolution."""

    @property
    def kernel(self) -> int:
        """Side of the filters of a convolution."""

    @property
    def stride(self) -> int:
        """Stride of a convolution."""

    @property
    def padding(self) -> int:
        """Zeros around the input of a convolution."""

    @property
    def dilation(self) -> int:
        """Distance of neighbouring weights of a filter."""

    @property
    def function(self) -> ActivationName:
        """Activation function."""

    @property
    def pooling(self) -> Pooling:
        """What pooling takes of a window."""

    @property
    def size(self) -> int:
        """Side of the windows of pooling."""

    @property
    def pool_stride(self) -> int:
        """Stride of pooling."""

    @property
    def drop(self) -> float:
        """Share of the numbers that dropout sets to zero."""

    @property
    def units(self) -> int:
        """Neurons of a fully connected layer."""


class ShapeError(ValueError):
    """Says which block does not fit, and why.

    Parameters
    ----------
    block
        Its place, from 0.
    reason
        The sentence without the name of the block.
    """

    def __init__(self, block: int, title: str, reason: str) -> None:
        super().__init__(f"Block {block + 1}, {title}: {reason}.")
        self.block = block
        self.reason = reason


@dataclass(frozen=True, slots=True)
class LayerShape:
    """What comes out of one block.

    Parameters
    ----------
    block
        Its place, from 0; −1 for the image, the number of blocks for the output layer.
    title
        Such as ``"conv 3×3×8"``, ``"input"`` or ``"output"``.
    shape
        (channels, height, width), or (neurons,) behind the first fully connected layer.
    parameters
        Weights and biases, those of batch normalisation (γ, β) included.
    receptive_field
        (height, width) in pixels of the image that one number depends on, what lies in the padding
        included; all of the image behind a fully connected layer.
    jump
        Distance in pixels of the fields of neighbouring numbers; 0 behind a fully connected layer.
    formula
        How the size and the parameters come about, with the numbers in it; empty where the shape
        stays and nothing is learnt.
    """

    block: int
    title: str
    shape: tuple[int, ...]
    parameters: int
    receptive_field: tuple[int, int]
    jump: int
    formula: str = ""

    @property
    def numbers(self) -> int:
        """Return how many numbers come out for one image."""
        return math.prod(self.shape)

    @property
    def shape_text(self) -> str:
        """Return for example ``"8 × 28 × 28"``."""
        return " × ".join(map(str, self.shape))


def output_size(size: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    """Return N′ of the module's text; 0 or less where not one window fits."""
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def block_title(block: Block) -> str:
    """Return a block in a few characters, such as ``"conv 3×3×8"`` or ``"max pool 2"``."""
    match block.kind:
        case "conv":
            return f"conv {block.kernel}×{block.kernel}×{block.channels}"
        case "activation":
            return ACTIVATION_LABELS[block.function]
        case "pool":
            return f"{block.pooling} pool {block.size}"
        case "dropout":
            return f"dropout {block.drop:.4g}"
        case "batch norm":
            return "batch norm"
        case "fully connected":
            return f"FC {block.units}"


def layer_shapes(
    blocks: Sequence[Block], image: tuple[int, int, int], classes: int
) -> tuple[LayerShape, ...]:
    """Return the shapes from the image on: one for it, one for every block, one for the output.

    The output layer is fully connected, with one neuron for each class; it is always there.

    Parameters
    ----------
    image
        Channels, height, width.

    Raises
    ------
    ShapeError
        With the first block that nothing would come out of.
    """
    shapes = [LayerShape(-1, "input", image, 0, (1, 1), 1)]
    for place, block in enumerate(blocks):
        shapes.append(_after(shapes[-1], place, block, image))
    shapes.append(_connected(shapes[-1], len(blocks), "output", classes, image))
    return tuple(shapes)


def total_parameters(shapes: Sequence[LayerShape]) -> int:
    """Return the number of weights and biases of all layers."""
    return sum(shape.parameters for shape in shapes)


def _after(before: LayerShape, place: int, block: Block, image: tuple[int, int, int]) -> LayerShape:
    title = block_title(block)
    match block.kind:
        case "conv":
            return _convolved(before, place, block, title)
        case "pool":
            return _pooled(before, place, block, title)
        case "fully connected":
            return _connected(before, place, title, block.units, image)
        case "batch norm":
            learnt = 2 * before.shape[0]
            return _same(before, place, title, learnt, f"2 · {before.shape[0]} = {learnt:,}")
        case _:
            return _same(before, place, title, 0, "")


def _same(before: LayerShape, place: int, title: str, parameters: int, formula: str) -> LayerShape:
    return LayerShape(
        place,
        title,
        before.shape,
        parameters,
        before.receptive_field,
        before.jump,
        f"{formula} parameters" if formula else "",
    )


def _convolved(before: LayerShape, place: int, block: Block, title: str) -> LayerShape:
    window = (block.kernel, block.stride, block.padding, block.dilation)
    shape, field, formula = _slid(before, place, title, window, block.channels)
    channels = before.shape[0]
    parameters = block.channels * (channels * block.kernel**2 + 1)
    return LayerShape(
        place,
        title,
        shape,
        parameters,
        field,
        before.jump * block.stride,
        f"{formula}; {block.channels} · ({channels} · {block.kernel}² + 1) = "
        f"{parameters:,} parameters",
    )


def _pooled(before: LayerShape, place: int, block: Block, title: str) -> LayerShape:
    window = (block.size, block.pool_stride, 0, 1)
    shape, field, formula = _slid(before, place, title, window, before.shape[0])
    return LayerShape(place, title, shape, 0, field, before.jump * block.pool_stride, formula)


def _slid(
    before: LayerShape, place: int, title: str, window: tuple[int, int, int, int], channels: int
) -> tuple[tuple[int, int, int], tuple[int, int], str]:
    """Return shape, receptive field and formula of a window that slides over its input."""
    if len(before.shape) != 3:
        raise ShapeError(
            place,
            title,
            f"it needs an image, but {before.title} before it leaves {before.shape[0]} numbers in "
            "a row; put it before the fully connected layers",
        )
    kernel, stride, padding, dilation = window
    _, height, width = before.shape
    sides = [output_size(side, *window) for side in (height, width)]
    reach = dilation * (kernel - 1) + 1
    if min(sides) < 1:
        padded = f", with its padding {height + 2 * padding} × {width + 2 * padding}"
        raise ShapeError(
            place,
            title,
            f"nothing is left of {height} × {width}{padded if padding else ''}: the window takes "
            f"{reach} × {reach}",
        )
    field = before.receptive_field
    grown = (reach - 1) * before.jump
    formula = (
        f"⌊({height} + 2·{padding} − {dilation}·({kernel} − 1) − 1) / {stride}⌋ + 1 = {sides[0]}"
    )
    return (channels, sides[0], sides[1]), (field[0] + grown, field[1] + grown), formula


def _connected(
    before: LayerShape, place: int, title: str, units: int, image: tuple[int, int, int]
) -> LayerShape:
    parameters = units * (before.numbers + 1)
    formula = f"{units:,} · ({before.numbers:,} + 1) = {parameters:,} parameters"
    return LayerShape(place, title, (units,), parameters, image[1:], 0, formula)
