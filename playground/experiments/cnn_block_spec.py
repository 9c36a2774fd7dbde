"""One block of a network of images as a form, and the architectures of the course.

The output layer is not among the blocks: it is fully connected, has one neuron for each class, and
is always there. In front of the first fully connected layer the channels are laid out in a row.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from playground.core.activations import ACTIVATION_LABELS
from playground.core.layer_shapes import BLOCK_LABELS, BlockKind, Pooling, block_title
from playground.experiments.spec import Knob, Spec

BlockFunction = Literal["relu", "leaky relu", "tanh", "logistic", "gelu"]

MAX_BLOCKS: Final = 24
MAX_CHANNELS: Final = 256
MAX_UNITS: Final = 2048
POOLING_LABELS: Final[dict[str, str]] = {"max": "maximum", "average": "average"}


class BlockSpec(Spec):
    """One block; only the knobs of its kind count."""

    kind: Annotated[BlockKind, Knob("block", "What the block does.", labels=BLOCK_LABELS)] = "conv"
    channels: Annotated[
        int,
        Field(ge=1, le=MAX_CHANNELS),
        Knob(
            "filters",
            "Each of them looks for one pattern and makes one channel of the output.",
            scale="log",
            soft_maximum=64,
            shown_when=("kind", ("conv",)),
        ),
    ] = 8
    kernel: Annotated[
        int,
        Field(ge=1, le=11),
        Knob(
            "kernel",
            "Side of every filter.",
            unit="px",
            shown_when=("kind", ("conv",)),
        ),
    ] = 3
    stride: Annotated[
        int,
        Field(ge=1, le=4),
        Knob(
            "stride",
            "How far the filter moves from one number of the output to the next.",
            unit="px",
            shown_when=("kind", ("conv",)),
        ),
    ] = 1
    padding: Annotated[
        int,
        Field(ge=0, le=20),
        Knob(
            "padding",
            "Zeros around the input. Half the kernel keeps the size.",
            unit="px",
            soft_maximum=5,
            shown_when=("kind", ("conv",)),
        ),
    ] = 1
    dilation: Annotated[
        int,
        Field(ge=1, le=4),
        Knob(
            "dilation",
            "Distance between the pixels that neighbouring weights look at.",
            unit="px",
            shown_when=("kind", ("conv",)),
        ),
    ] = 1
    function: Annotated[
        BlockFunction,
        Knob(
            "function",
            "Without one, two layers with weights are no more than a single one.",
            labels=ACTIVATION_LABELS,
            shown_when=("kind", ("activation",)),
        ),
    ] = "relu"
    pooling: Annotated[
        Pooling,
        Knob(
            "takes",
            "Which number stands for every window.",
            labels=POOLING_LABELS,
            shown_when=("kind", ("pool",)),
        ),
    ] = "max"
    size: Annotated[
        int,
        Field(ge=1, le=8),
        Knob("window", "Side of the windows.", unit="px", shown_when=("kind", ("pool",))),
    ] = 2
    pool_stride: Annotated[
        int,
        Field(ge=1, le=8),
        Knob(
            "stride",
            "How far the window moves; less than its side makes windows overlap.",
            unit="px",
            shown_when=("kind", ("pool",)),
        ),
    ] = 2
    drop: Annotated[
        float,
        Field(ge=0.0, le=0.95),
        Knob(
            "p",
            "Share of the numbers that are set to zero at random in training; the others are "
            "divided by 1 − p. In testing nothing is dropped.",
            step=0.05,
            shown_when=("kind", ("dropout",)),
        ),
    ] = 0.25
    units: Annotated[
        int,
        Field(ge=1, le=MAX_UNITS),
        Knob(
            "neurons",
            "Each of them sees everything below.",
            scale="log",
            shown_when=("kind", ("fully connected",)),
        ),
    ] = 50

    @property
    def title(self) -> str:
        """Return the block in a few characters, such as ``"conv 3×3×8"``."""
        return block_title(self)

    @property
    def filter_count(self) -> int:
        """Return how many filters or neurons can be knocked out: 0 without weights of its own."""
        return {"conv": self.channels, "fully connected": self.units}.get(self.kind, 0)


def conv(channels: int, kernel: int = 3, padding: int | None = None, stride: int = 1) -> BlockSpec:
    """Return a convolution; without a padding the one that keeps the size (odd kernels)."""
    around = kernel // 2 if padding is None else padding
    return BlockSpec(kind="conv", channels=channels, kernel=kernel, padding=around, stride=stride)


def activation(function: BlockFunction = "relu") -> BlockSpec:
    """Return an activation."""
    return BlockSpec(kind="activation", function=function)


def pool(pooling: Pooling = "max", size: int = 2, stride: int | None = None) -> BlockSpec:
    """Return a pooling whose windows touch unless a stride says otherwise."""
    return BlockSpec(
        kind="pool", pooling=pooling, size=size, pool_stride=size if stride is None else stride
    )


def dropout(drop: float = 0.25) -> BlockSpec:
    """Return a dropout."""
    return BlockSpec(kind="dropout", drop=drop)


def batch_norm() -> BlockSpec:
    """Return a batch normalisation."""
    return BlockSpec(kind="batch norm")


def connected(units: int) -> BlockSpec:
    """Return a fully connected layer."""
    return BlockSpec(kind="fully connected", units=units)


def course_mlp() -> tuple[BlockSpec, ...]:
    """Return the course's MLP 784-50-10 (39,760 parameters on MNIST)."""
    return connected(50), activation()


def course_cnn() -> tuple[BlockSpec, ...]:
    """Return the course's CNN 8-16: 80, 1,168 and, of the output on MNIST, 7,850 parameters."""
    return conv(8), activation(), pool(), conv(16), activation(), pool()


def deep_stack() -> tuple[BlockSpec, ...]:
    """Return conv-ReLU-conv-ReLU-pool twice and a hidden layer, as in common architectures."""
    double = (conv(8), activation(), conv(8), activation(), pool())
    wider = (conv(16), activation(), conv(16), activation(), pool())
    return (*double, *wider, connected(64), activation())


def digits_cnn() -> tuple[BlockSpec, ...]:
    """Return a small CNN for the embedded digits of 8×8 pixels."""
    return conv(16), activation(), conv(32), activation(), pool()


def digits_mlp() -> tuple[BlockSpec, ...]:
    """Return the MLP 64-50-10 for the embedded digits."""
    return connected(50), activation()


ARCHITECTURES: Final = {
    "digits CNN 16-32": digits_cnn,
    "MLP with 50 hidden neurons": course_mlp,
    "course CNN 8-16": course_cnn,
    "conv-conv-pool stack": deep_stack,
}
"""By the name a person sees; each is a function that returns the blocks."""
