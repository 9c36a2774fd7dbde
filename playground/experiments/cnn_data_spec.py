"""The images that a network learns to tell apart, and how they are varied, as forms."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from playground.core.digits_data import DIGIT_TEST, DIGIT_TRAINING
from playground.experiments.spec import Knob, Spec

DataKind = Literal["digits", "mnist", "fashion", "folder"]
Colour = Literal["grey", "rgb"]

DIGIT_SIDE: Final = 8
MNIST_SIDE: Final = 28
MIN_SIDE: Final = 8
MAX_SIDE: Final = 128
MAX_TRAINING: Final = 60_000
MAX_TEST: Final = 10_000
KIND_LABELS: Final[dict[str, str]] = {
    "digits": "digits 8×8",
    "mnist": "MNIST 28×28",
    "fashion": "Fashion-MNIST 28×28",
    "folder": "folder of images",
}
COLOUR_LABELS: Final[dict[str, str]] = {"grey": "grey", "rgb": "colour (RGB)"}
_FROM_FILES: Final = ("mnist", "fashion", "folder")


class CnnDataSpec(Spec):
    """Labelled images; the seed of the run deals those that have no parts of their own."""

    kind: Annotated[
        DataKind,
        Knob(
            "images",
            "Digits: 1,797 real images, always there. MNIST and Fashion-MNIST: IDX files in a "
            "folder of yours, or downloaded. Folder: one folder of images for every class.",
            labels=KIND_LABELS,
        ),
    ] = "digits"
    path: Annotated[
        str,
        Field(max_length=4096),
        Knob(
            "folder",
            "MNIST and Fashion-MNIST: holds train-images-idx3-ubyte and train-labels-idx1-ubyte, "
            "the two of t10k, or all four; packed (.gz) or not. Images: holds a folder for every "
            "class, and its name is the name of the class.",
            shown_when=("kind", _FROM_FILES),
        ),
    ] = ""
    training: Annotated[
        int,
        Field(ge=10, le=MAX_TRAINING),
        Knob(
            "training images",
            "At most so many are learnt from. Few of them, and the network learns them by heart.",
            scale="log",
        ),
    ] = 8000
    test: Annotated[
        int,
        Field(ge=10, le=MAX_TEST),
        Knob(
            "test images",
            "At most so many are kept apart, to see how the network does on images that it has "
            "never learnt from.",
            scale="log",
        ),
    ] = 2000
    side: Annotated[
        int,
        Field(ge=MIN_SIDE, le=MAX_SIDE),
        Knob(
            "side",
            "Every image is cut to its middle square and scaled to so many pixels.",
            unit="px",
            soft_maximum=64,
            shown_when=("kind", ("folder",)),
        ),
    ] = 32
    colour: Annotated[
        Colour,
        Knob(
            "colour",
            "Grey images have one channel, coloured ones three.",
            labels=COLOUR_LABELS,
            shown_when=("kind", ("folder",)),
        ),
    ] = "grey"

    def following(self, name: str, value: Any) -> dict[str, Any]:
        """Return an empty folder for another kind: its files are not of that kind."""
        if name == "kind" and value != self.kind:
            return {"path": ""}
        return {}

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Return channels, height and width of one image."""
        if self.kind == "folder":
            return 3 if self.colour == "rgb" else 1, self.side, self.side
        side = DIGIT_SIDE if self.kind == "digits" else MNIST_SIDE
        return 1, side, side

    @property
    def class_count(self) -> int | None:
        """Return how many classes there are; None for a folder, which must be read first."""
        return None if self.kind == "folder" else 10

    @property
    def training_count(self) -> int:
        """Return how many images there are to learn from; of files at most so many."""
        return min(self.training, DIGIT_TRAINING) if self.kind == "digits" else self.training

    @property
    def test_count(self) -> int:
        """Return how many images are kept for testing; of files at most so many."""
        return min(self.test, DIGIT_TEST) if self.kind == "digits" else self.test


class AugmentSpec(Spec):
    """Random variations of every training image, drawn anew each time it is shown.

    Each number is the largest variation to either side; zero switches it off.
    """

    shift: Annotated[
        float,
        Field(ge=0, le=32),
        Knob(
            "shift",
            "Moves each image by a random distance up to this, across and down.",
            unit="px",
            step=0.5,
            live=True,
            soft_maximum=8,
        ),
    ] = 0.0
    rotation: Annotated[
        float,
        Field(ge=0, le=180),
        Knob(
            "rotation",
            "Turns each image about its centre by a random angle up to this. A 6 that is turned "
            "too far is a 9.",
            unit="°",
            step=1,
            live=True,
            soft_maximum=45,
        ),
    ] = 0.0
    scaling: Annotated[
        float,
        Field(ge=0, le=90),
        Knob(
            "scaling",
            "Makes each image larger or smaller by a random share up to this.",
            unit="%",
            step=1,
            live=True,
            soft_maximum=50,
        ),
    ] = 0.0
    skew: Annotated[
        float,
        Field(ge=0, le=80),
        Knob(
            "skew",
            "Leans each image to the left or right by a random angle up to this.",
            unit="°",
            step=1,
            live=True,
            soft_maximum=45,
        ),
    ] = 0.0
    elastic: Annotated[
        float,
        Field(ge=0, le=200),
        Knob(
            "elastic α",
            "Strength of a smooth random distortion, like that of handwriting (Simard 2003: "
            "34 for images of 28 pixels and σ 4). Zero leaves the strokes as they are.",
            unit="px",
            step=1,
            live=True,
            soft_maximum=60,
        ),
    ] = 0.0
    smoothness: Annotated[
        float,
        Field(ge=0.5, le=32),
        Knob(
            "elastic σ",
            "Over how many pixels the distortion is smoothed: small crumples, large bends.",
            unit="px",
            step=0.5,
            live=True,
            soft_maximum=12,
        ),
    ] = 4.0

    @property
    def is_identity(self) -> bool:
        """Tell whether images are shown as they are."""
        return not (self.shift or self.rotation or self.scaling or self.skew or self.elastic)
