"""The samples of a weight-initialisation run as tensors, dealt to training and test."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import torch

from playground.core.digits_data import (
    DIGIT_TRAINING,
    DigitsError,
    LabelledImages,
    embedded_digits,
    mnist_from,
)
from playground.core.random_streams import Streams
from playground.core.variance_theory import InputMoments
from playground.experiments.init_data_spec import CLASSES, SYNTHETIC, InitDataSpec
from playground.experiments.spec import SpecError

if TYPE_CHECKING:
    import numpy as np

KEPT_SETS = 3


class InitData(NamedTuple):
    """Inputs (n, inputs) float32 and classes (n,) int64, and the moments of the training inputs."""

    train_x: torch.Tensor
    train_y: torch.Tensor
    test_x: torch.Tensor
    test_y: torch.Tensor
    moments: InputMoments


@lru_cache(maxsize=KEPT_SETS)
def samples_of(spec: InitDataSpec, seed: int) -> InitData:
    """Return the samples of a run; the last few sets are kept, so that a new run starts at once.

    Raises
    ------
    SpecError
        Where MNIST cannot be read.
    """
    streams = Streams(seed).child("data")
    if spec.source in SYNTHETIC:
        return _synthetic(spec, streams)
    if spec.source == "digits":
        images, labels = embedded_digits()
        order = streams.numpy("test images").permutation(len(labels))
        train, test = order[:DIGIT_TRAINING], order[DIGIT_TRAINING:]
        return _tensors(
            LabelledImages(images[train], labels[train]), LabelledImages(images[test], labels[test])
        )
    try:
        return _tensors(*mnist_from(spec.folder, spec.training_count, spec.test_count))
    except DigitsError as error:
        raise SpecError(str(error)) from None


def batch_rows(seed: int, epoch: int, samples: int) -> torch.Tensor:
    """Return the order in which an epoch shows the training samples: a random permutation."""
    generator = Streams(seed).child("batch", epoch).torch("order")
    return torch.randperm(samples, generator=generator)


def _synthetic(spec: InitDataSpec, streams: Streams) -> InitData:
    count = spec.training_count + spec.test_count
    shape = (count, spec.inputs)
    generator = streams.torch("inputs")
    if spec.source == "normal":
        x = torch.randn(shape, generator=generator)
    else:
        x = torch.rand(shape, generator=generator)
        if spec.source == "uniform":
            x.mul_(2.0).sub_(1.0)
        else:
            x = (x < spec.bright / spec.inputs).float()
    teacher = torch.randn((spec.inputs, CLASSES), generator=streams.torch("classes"))
    # Around the mean input: otherwise the class with the largest sum of weights would win always.
    y = ((x - x.mean()) @ teacher).argmax(1)
    cut = spec.training_count
    return InitData(x[:cut], y[:cut], x[cut:], y[cut:], _moments(x[:cut]))


def _tensors(train: LabelledImages, test: LabelledImages) -> InitData:
    train_x = _tensor(train.x)
    return InitData(
        train_x, torch.tensor(train.y), _tensor(test.x), torch.tensor(test.y), _moments(train_x)
    )


def _tensor(images: np.ndarray) -> torch.Tensor:
    # A copy: torch warns of arrays that must not be written to.
    return torch.tensor(images)


def _moments(x: torch.Tensor) -> InputMoments:
    mean = float(x.mean())
    square = float(x.square().mean())
    varying = float(x.var(0, correction=0).mean())
    return InputMoments(mean, square, varying)
