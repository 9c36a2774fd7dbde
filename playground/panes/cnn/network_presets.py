"""The named set-ups of the network tab: what the lesson's links and the menu open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.experiments.cnn_block_spec import (
    activation,
    batch_norm,
    connected,
    conv,
    course_cnn,
    course_mlp,
    deep_stack,
    digits_cnn,
    digits_mlp,
    dropout,
    pool,
)
from playground.experiments.cnn_data_spec import AugmentSpec, CnnDataSpec
from playground.experiments.cnn_spec import CnnSpec, CnnTrainingSpec
from playground.panes.base import Preset

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playground.experiments.cnn_block_spec import BlockSpec

WATCHED, BRISK, FAST = 20.0, 60.0, float("inf")
FEW = CnnDataSpec(training=200)
DIGITS = CnnDataSpec()


def default_spec() -> CnnSpec:
    """Return the first thing a person sees: a small CNN and the digits that are always there."""
    return CnnSpec()


def network_presets(mnist: str = "") -> Mapping[str, Preset]:
    """Return all set-ups by name, in the order of the menu.

    Parameters
    ----------
    mnist
        Folder of the MNIST files where they were downloaded; without them the two set-ups that
        need them say so.
    """
    return {**_first(), **_course(mnist), **_layers(), **_trouble(), **_cures()}


def _first() -> dict[str, Preset]:
    return {
        "digits-cnn": Preset(
            "Digits, CNN",
            "Two layers of filters on 1,437 real digits: noise turns into stroke detectors.",
            default_spec(),
            view="filters",
            speed=WATCHED,
        ),
        "digits-mlp": Preset(
            "Digits, MLP",
            "Fifty neurons that see all pixels: each learns a picture of its own.",
            _spec(digits_mlp()),
            view="filters",
            speed=WATCHED,
        ),
    }


def _course(mnist: str) -> dict[str, Preset]:
    data = CnnDataSpec(kind="mnist", path=mnist)
    training = CnnTrainingSpec(rate=1e-3, batch_size=64, epochs=10)
    return {
        "course-cnn": Preset(
            "Course CNN on MNIST",
            "Convolutions 8 and 16, Adam 0.001, batches of 64: needs the MNIST files.",
            CnnSpec(data=data, blocks=course_cnn(), training=training),
            view="filters",
            speed=FAST,
        ),
        "course-mlp": Preset(
            "Course MLP on MNIST",
            "784-50-10 with ReLU, Adam 0.001, batches of 64: needs the MNIST files.",
            CnnSpec(data=data, blocks=course_mlp(), training=training),
            view="filters",
            speed=FAST,
        ),
    }


def _layers() -> dict[str, Preset]:
    return {
        "deep-stack": Preset(
            "Conv-conv-pool stack",
            "Two convolutions before every pooling, then a hidden layer: watch the maps shrink.",
            _spec(deep_stack(), rate=2e-3),
            view="features",
            speed=WATCHED,
        ),
        "no-activation": Preset(
            "No activation",
            "Convolutions without a bend between them fold into one: as good as a linear map.",
            _spec((conv(16), conv(32), pool("average"))),
            view="accuracy",
            speed=BRISK,
        ),
        "one-filter": Preset(
            "One filter",
            "A single kernel of 5 × 5, shared by all places: 26 numbers see the whole image.",
            _spec((conv(1, kernel=5), activation(), pool()), rate=1e-2),
            view="filters",
            speed=WATCHED,
        ),
    }


def _trouble() -> dict[str, Preset]:
    return {
        "too-fast": Preset(
            "Too large a rate",
            "Steps a hundred times too long: the filters are thrown about and die at once.",
            _spec(digits_cnn(), rate=0.3),
            view="loss",
            speed=WATCHED,
        ),
        "over-fitting": Preset(
            "Over-fitting",
            "200 images and many weights: training reaches 100 %, the test stays behind.",
            _spec((*digits_cnn(), connected(128), activation()), data=FEW, epochs=200),
            view="loss",
            speed=BRISK,
        ),
    }


def _cures() -> dict[str, Preset]:
    blocks = (*digits_cnn(), connected(128), activation())
    varied = AugmentSpec(shift=1.0, rotation=12.0, scaling=10.0, skew=8.0)
    return {
        "augmentation": Preset(
            "Augmentation",
            "The same 200 images, shifted, turned and skewed anew each time they are shown.",
            _spec(blocks, data=FEW, epochs=200, augment=varied),
            view="loss",
            speed=BRISK,
        ),
        "dropout": Preset(
            "Dropout",
            "The same 200 images; half of the numbers are dropped at random while it learns.",
            _spec((*blocks, dropout(0.5)), data=FEW, epochs=200),
            view="loss",
            speed=BRISK,
        ),
        "batch-norm": Preset(
            "Batch normalisation",
            "Every channel is brought to the same spread: larger rates become possible.",
            _spec(_normalised(), rate=1e-2),
            view="loss",
            speed=WATCHED,
        ),
        "knock-out": Preset(
            "Knock-out",
            "Train, then double click a filter: some are missed, others are not.",
            _spec((conv(8), activation(), pool())),
            view="filters",
            speed=BRISK,
        ),
    }


def _normalised() -> tuple[BlockSpec, ...]:
    first, bend, second, *rest = digits_cnn()
    return (first, batch_norm(), bend, second, batch_norm(), *rest)


def _spec(
    blocks: tuple[BlockSpec, ...],
    *,
    data: CnnDataSpec = DIGITS,
    augment: AugmentSpec | None = None,
    **training: Any,
) -> CnnSpec:
    return CnnSpec(
        data=data,
        blocks=blocks,
        training=CnnTrainingSpec(**training),
        augment=augment or AugmentSpec(),
    )
