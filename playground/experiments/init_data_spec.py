"""What goes into the network of the weight-initialisation experiment, as a form."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator

from playground.core.digits_data import DIGIT_INPUTS, DIGIT_TEST, DIGIT_TRAINING, MNIST_INPUTS
from playground.experiments.spec import Knob, Spec

Source = Literal["normal", "uniform", "sparse", "digits", "mnist"]

CLASSES: Final = 10
MAX_INPUTS: Final = 2000
MAX_SAMPLES: Final = 60_000
SYNTHETIC: Final = ("normal", "uniform", "sparse")
SOURCE_LABELS: Final[dict[str, str]] = {
    "normal": "random, N(0, 1)",
    "uniform": "random, even in −1…1",
    "sparse": "random pixels, 0 or 1",
    "digits": "digits 8×8",
    "mnist": "MNIST 28×28",
}


class InitDataSpec(Spec):
    """Samples of ten classes; those of random inputs are dealt by a fixed random linear map."""

    source: Annotated[
        Source,
        Knob(
            "input",
            "Random inputs are labelled by the largest of ten fixed random sums of them, so that "
            "there is something to learn. Digits: 1,797 real images, always there. MNIST: "
            "files in a folder of yours.",
            labels=SOURCE_LABELS,
        ),
    ] = "normal"
    inputs: Annotated[
        int,
        Field(ge=4, le=MAX_INPUTS),
        Knob(
            "inputs",
            "Numbers of one sample.",
            scale="log",
            shown_when=("source", SYNTHETIC),
        ),
    ] = 784
    bright: Annotated[
        int,
        Field(ge=0, le=MAX_INPUTS),
        Knob(
            "bright pixels",
            "How many inputs of a sample are 1 on average. With weights N(0, 1) the standard "
            "deviation of z in the first layer is the square root of it: √204 ≈ 14.28.",
            soft_maximum=784,
            shown_when=("source", ("sparse",)),
        ),
    ] = 204
    samples: Annotated[
        int,
        Field(ge=10, le=MAX_SAMPLES),
        Knob(
            "training samples",
            "A fifth as many more are kept for testing.",
            scale="log",
            shown_when=("source", (*SYNTHETIC, "mnist")),
        ),
    ] = 5000
    folder: Annotated[
        str,
        Field(max_length=4096),
        Knob(
            "folder",
            "Holds the MNIST files: train-images-idx3-ubyte and train-labels-idx1-ubyte, or the "
            "two of t10k; packed (.gz) or not.",
            shown_when=("source", ("mnist",)),
        ),
    ] = ""

    @model_validator(mode="after")
    def _bright_fit(self) -> InitDataSpec:
        if self.source == "sparse" and self.bright > self.inputs:
            raise ValueError(
                f"Of {self.inputs:,} inputs at most {self.inputs:,} can be bright (got "
                f"{self.bright:,})."
            )
        return self

    def following(self, name: str, value: Any) -> dict[str, Any]:
        """Return no more bright pixels than a smaller number of inputs allows."""
        if name == "inputs" and isinstance(value, int) and 0 <= value < self.bright:
            return {"bright": value}
        return {}

    @property
    def input_count(self) -> int:
        """Return how many numbers one sample has."""
        sizes = {"digits": DIGIT_INPUTS, "mnist": MNIST_INPUTS}
        return sizes.get(self.source, self.inputs)

    @property
    def training_count(self) -> int:
        """Return how many samples there are to train on; of MNIST at most so many."""
        return DIGIT_TRAINING if self.source == "digits" else self.samples

    @property
    def test_count(self) -> int:
        """Return how many samples are kept for testing; of MNIST at most so many."""
        return DIGIT_TEST if self.source == "digits" else max(2, self.samples // 5)
