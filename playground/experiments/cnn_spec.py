"""The network of images as a form: data, architecture, training, variations, knocked-out filters.

:class:`CnnSpec` describes one run of one network. Rate, momentum, weight decay, batch size, number
of epochs, the random variations and the knocked-out filters may change while it trains; everything
else starts a new run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field, model_validator

from playground.core.layer_shapes import layer_shapes, total_parameters
from playground.experiments.cnn_block_spec import MAX_BLOCKS, BlockSpec, digits_cnn
from playground.experiments.cnn_data_spec import KIND_LABELS, AugmentSpec, CnnDataSpec
from playground.experiments.spec import Knob, Spec, validate

if TYPE_CHECKING:
    from playground.core.layer_shapes import LayerShape

OptimizerName = Literal["sgd", "momentum", "rmsprop", "adam", "adamw"]
Device = Literal["cpu", "cuda", "mps"]
Knocked = tuple[int, int]
"""Place of the block from 0, and of the filter or neuron in it from 0."""

MAX_BATCH: Final = 1024
MAX_EPOCHS: Final = 1000
ANY_CLASSES: Final = 10
"""What shapes are worked out with before a folder has told its classes."""
MEMORY_LIMIT: Final = 2 * 2**30
OPTIMIZER_LABELS: Final[dict[str, str]] = {
    "sgd": "SGD",
    "momentum": "momentum",
    "rmsprop": "RMSprop",
    "adam": "Adam",
    "adamw": "AdamW",
}
USUAL_RATES: Final[dict[str, float]] = {
    "sgd": 0.1,
    "momentum": 0.02,
    "rmsprop": 1e-3,
    "adam": 1e-3,
    "adamw": 1e-3,
}
DEVICE_LABELS: Final[dict[str, str]] = {"cpu": "CPU", "cuda": "CUDA", "mps": "MPS (Apple)"}
_SLOTS: Final = {"sgd": 0, "momentum": 1, "rmsprop": 1, "adam": 2, "adamw": 2}
_FLOAT_BYTES: Final = 4


class CnnTrainingSpec(Spec):
    """How the network learns; all but the optimizer and the device may change while it does."""

    optimizer: Annotated[
        OptimizerName,
        Knob("optimizer", "Brings its usual learning rate.", labels=OPTIMIZER_LABELS),
    ] = "adam"
    rate: Annotated[
        float,
        Field(ge=0.0, le=1e3),
        Knob(
            "learning rate η",
            "May be changed while it trains; 0 lets everything stand still.",
            scale="log",
            live=True,
            soft_minimum=1e-5,
            soft_maximum=1.0,
        ),
    ] = 3e-3
    momentum: Annotated[
        float,
        Field(ge=0.0, lt=1.0),
        Knob(
            "momentum μ",
            "Share of the last step that is kept.",
            step=0.01,
            live=True,
            soft_maximum=0.99,
            shown_when=("optimizer", ("momentum",)),
        ),
    ] = 0.9
    weight_decay: Annotated[
        float,
        Field(ge=0.0, le=1.0),
        Knob(
            "weight decay λ",
            "Pulls every weight and bias to zero. AdamW shrinks them by η·λ a step; the others add "
            "λ times the weight to its gradient.",
            step=1e-4,
            live=True,
            soft_maximum=0.1,
        ),
    ] = 0.0
    batch_size: Annotated[
        int,
        Field(ge=1, le=MAX_BATCH),
        Knob(
            "batch size",
            "Images of one step. A change holds from the next step on, also within an epoch; the "
            "last batch of an epoch takes what is left.",
            scale="log",
            live=True,
            soft_maximum=256,
        ),
    ] = 32
    epochs: Annotated[
        int,
        Field(ge=1, le=MAX_EPOCHS),
        Knob(
            "epochs at most",
            "The run ends when all training images have been shown so many times.",
            scale="log",
            live=True,
            soft_maximum=200,
        ),
    ] = 30
    device: Annotated[
        Device,
        Knob(
            "device",
            "Where torch computes. CUDA and MPS need the hardware and a torch that knows it; for "
            "networks as small as these the CPU is often quicker.",
            group="Device",
            labels=DEVICE_LABELS,
        ),
    ] = "cpu"

    def following(self, name: str, value: object) -> dict[str, object]:
        """Return the usual learning rate of a newly chosen optimizer."""
        if name == "optimizer" and value in USUAL_RATES:
            return {"rate": USUAL_RATES[str(value)]}
        return {}


class CnnSpec(Spec):
    """One network of images, what it learns from, and how."""

    data: Annotated[CnnDataSpec, Knob("data", group="Data")] = CnnDataSpec()
    blocks: Annotated[
        tuple[BlockSpec, ...],
        Field(max_length=MAX_BLOCKS),
        Knob(
            "architecture",
            "The blocks between the image and the output layer, which is always there.",
            group="Architecture",
            hidden=True,
        ),
    ] = digits_cnn()
    training: Annotated[CnnTrainingSpec, Knob("training", group="Training")] = CnnTrainingSpec()
    augment: Annotated[AugmentSpec, Knob("variations", group="Augmentation")] = AugmentSpec()
    knocked_out: Annotated[
        tuple[Knocked, ...],
        Field(max_length=4096),
        Knob(
            "knocked-out filters",
            "Pairs of block and filter, both from 0: what they put out is zero, in training too.",
            group="Architecture",
            live=True,
            hidden=True,
        ),
    ] = ()

    @model_validator(mode="after")
    def _fits(self) -> CnnSpec:
        # A ShapeError is a ValueError: its sentence reaches the person.
        shapes = self.shapes()
        if any(block.kind == "batch norm" for block in self.blocks) and (
            self.training.batch_size < 2
        ):
            raise ValueError(
                "Batch normalisation needs at least 2 images in a batch: over one alone the spread "
                "of a neuron is zero."
            )
        needed = memory_bytes(self, shapes)
        if needed > MEMORY_LIMIT:
            raise ValueError(
                f"This network with batches of {self.training.batch_size:,} would take about "
                f"{needed / 2**30:.2g} GB of memory; at most {MEMORY_LIMIT / 2**30:.0f} GB are "
                "allowed: take fewer filters, more pooling or a smaller batch."
            )
        for block, index in self.knocked_out:
            _check_knocked(self.blocks, block, index)
        return self

    def shapes(self, classes: int | None = None) -> tuple[LayerShape, ...]:
        """Return the shapes of image, blocks and output.

        Parameters
        ----------
        classes
            Known once a folder was read; without it what the data say, or ten.

        Raises
        ------
        ShapeError
            With the first block that nothing would come out of; only for specs that were put
            together without validation.
        """
        count = classes or self.data.class_count or ANY_CLASSES
        return layer_shapes(self.blocks, self.data.image_shape, count)

    @property
    def parameters(self) -> int:
        """Return the number of weights and biases (of a folder: with ten classes)."""
        return total_parameters(self.shapes())

    @property
    def architecture(self) -> str:
        """Return for example ``"conv 3×3×8 · ReLU · max pool 2 · output"``."""
        return " · ".join((*(block.title for block in self.blocks), "output"))

    @property
    def title(self) -> str:
        """Return for example ``"CNN 8-16 · Adam · digits 8×8"``."""
        filters = [str(block.channels) for block in self.blocks if block.kind == "conv"]
        hidden = [str(block.units) for block in self.blocks if block.kind == "fully connected"]
        name = f"CNN {'-'.join(filters)}" if filters else f"MLP {'-'.join(hidden)}".strip()
        if filters and hidden:
            name = f"{name}, FC {'-'.join(hidden)}"
        if not filters and not hidden:
            name = "linear"
        optimizer = OPTIMIZER_LABELS[self.training.optimizer]
        return f"{name} · {optimizer} · {KIND_LABELS[self.data.kind]}"


def with_blocks(spec: CnnSpec, blocks: tuple[BlockSpec, ...]) -> CnnSpec:
    """Return the spec with another architecture; knocked-out filters are forgotten.

    Raises
    ------
    SpecError
        Where the architecture does not fit: the sentence names the block.
    """
    fields = {name: getattr(spec, name) for name in CnnSpec.model_fields}
    return validate(CnnSpec, {**fields, "blocks": blocks, "knocked_out": ()})


def toggled(spec: CnnSpec, block: int, index: int) -> tuple[Knocked, ...]:
    """Return the knocked-out filters with one more, or without it where it was among them."""
    pair = (block, index)
    if pair in spec.knocked_out:
        return tuple(entry for entry in spec.knocked_out if entry != pair)
    return tuple(sorted((*spec.knocked_out, pair)))


def memory_bytes(spec: CnnSpec, shapes: tuple[LayerShape, ...]) -> int:
    """Return about how many bytes training takes.

    Weights, gradients and what the optimizer remembers; what comes out of every block and its
    gradient, for a batch; all images.
    """
    training = spec.training
    weights = total_parameters(shapes) * (2 + _SLOTS[training.optimizer])
    outputs = 2 * sum(shape.numbers for shape in shapes) * training.batch_size
    images = shapes[0].numbers * (spec.data.training_count + spec.data.test_count)
    return _FLOAT_BYTES * (weights + outputs + images)


def _check_knocked(blocks: tuple[BlockSpec, ...], block: int, index: int) -> None:
    if not 0 <= block < len(blocks) or blocks[block].filter_count == 0:
        raise ValueError(f"Block {block + 1} has no filters that could be knocked out.")
    if not 0 <= index < blocks[block].filter_count:
        raise ValueError(
            f"Block {block + 1}, {blocks[block].title}, has no filter {index + 1}: it has "
            f"{blocks[block].filter_count}."
        )
