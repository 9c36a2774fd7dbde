"""The optimizer race on a real network as a form: the network, the batches, the lanes.

Every lane trains the same multi-layer perceptron on scikit-learn's handwritten digits (1,797 images
of 8 × 8 pixels), from the same weights and with the same mini-batches in the same order.
"""

from __future__ import annotations

import itertools
from typing import Annotated, Final, Literal

from pydantic import Field, field_validator

from playground.experiments.optimizers_lane_spec import LaneSpec
from playground.experiments.optimizers_methods import COURSE_METHODS, MAX_LANES, Method
from playground.experiments.spec import Knob, Spec

MAX_LAYERS: Final = 6
MAX_NEURONS: Final = 2_000
INPUTS, CLASSES = 64, 10
SAMPLES: Final = 1_797
TEST_SAMPLES: Final = 360
TRAINING_SAMPLES: Final = SAMPLES - TEST_SAMPLES

NETWORK_RATES: Final[dict[Method, float]] = {
    "sgd": 0.1,
    "momentum": 0.02,
    "nesterov": 0.02,
    "rprop": 1e-4,
    "adagrad": 0.01,
    "rmsprop": 1e-3,
    "adadelta": 1.0,
    "adam": 1e-3,
    "nadam": 1e-3,
    "adamw": 1e-3,
    "amsgrad": 1e-3,
    "radam": 1e-3,
    "lbfgs": 0.5,
}
"""Rates that suit such a network; those of a surface over two weights rarely do."""


def layer_sizes(text: str) -> tuple[int, ...]:
    """Return the sizes of the hidden layers written like ``"500-300"``; raise ValueError."""
    allowed = (
        f"Write the hidden layers like 500-300: up to {MAX_LAYERS} numbers from 1 to "
        f"{MAX_NEURONS:,}."
    )
    parts = [part.strip() for part in text.replace(",", "-").split("-")]
    if parts == [""]:
        return ()
    if len(parts) > MAX_LAYERS or not all(part.isascii() and part.isdigit() for part in parts):
        raise ValueError(allowed)
    # Compared as text first: a number of thousands of digits is not to be read.
    if any(len(part) > 5 or not 1 <= int(part) <= MAX_NEURONS for part in parts):
        raise ValueError(allowed)
    return tuple(int(part) for part in parts)


class NetworkRaceSpec(Spec):
    """A race of optimizers on one network."""

    layers: Annotated[
        str,
        Field(max_length=60),
        Knob(
            "hidden layers",
            "Neurons of the hidden layers, as in 500-300; 64 inputs and 10 outputs come by "
            "themselves.",
            group="Network",
        ),
    ] = "500-300"
    activation: Annotated[
        Literal["relu", "tanh", "logistic"],
        Knob(
            "activation",
            "Of the hidden layers; the output is soft-max with cross-entropy.",
            group="Network",
            labels={"relu": "ReLU", "tanh": "tanh", "logistic": "logistic"},
        ),
    ] = "relu"
    batch_size: Annotated[
        int,
        Field(ge=1, le=TRAINING_SAMPLES),
        Knob("batch size", "Images of one step.", group="Training", scale="log"),
    ] = 64
    epochs: Annotated[
        int,
        Field(ge=1, le=500),
        Knob("epochs", "The race ends after so many.", group="Training", live=True),
    ] = 10
    rates: Annotated[
        Literal["usual", "lanes"],
        Knob(
            "learning rates",
            "Those that suit a network, or the very numbers of the lanes on the surface.",
            group="Training",
            labels={"usual": "usual for networks", "lanes": "those of the lanes"},
        ),
    ] = "usual"
    lanes: Annotated[
        tuple[LaneSpec, ...],
        Field(min_length=1, max_length=MAX_LANES),
        Knob("lanes", "The optimizers that race.", group="Lanes", hidden=True),
    ] = tuple(LaneSpec(method=method, colour=i) for i, method in enumerate(COURSE_METHODS))

    @field_validator("layers")
    @classmethod
    def _readable(cls, text: str) -> str:
        return "-".join(str(size) for size in layer_sizes(text))

    @field_validator("lanes")
    @classmethod
    def _someone_runs(cls, lanes: tuple[LaneSpec, ...]) -> tuple[LaneSpec, ...]:
        if not any(lane.enabled for lane in lanes):
            raise ValueError("At least one lane must take part.")
        return lanes

    @property
    def sizes(self) -> tuple[int, ...]:
        """Return the neurons of all layers, inputs and outputs included."""
        return (INPUTS, *layer_sizes(self.layers), CLASSES)

    @property
    def weights(self) -> int:
        """Return how many weights and biases the network has."""
        sizes = self.sizes
        return sum((below + 1) * above for below, above in itertools.pairwise(sizes))

    @property
    def batches(self) -> int:
        """Return how many steps an epoch has."""
        return -(-TRAINING_SAMPLES // self.batch_size)

    def rate_of(self, lane: int) -> float:
        """Return the learning rate of a lane before its schedule."""
        setting = self.lanes[lane]
        return setting.rate if self.rates == "lanes" else NETWORK_RATES[setting.method]
