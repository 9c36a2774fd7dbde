"""How a network does on its test images: loss and accuracy, class by class, and its worst mistakes.

Testing is done once an epoch, as plain programs do; the confusion matrix and the mistakes are made
from what it left, so looking at them costs no pass of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch.nn import functional

from playground.experiments.cnn_snapshot import (
    MAX_CELL_EXAMPLES,
    MAX_MISTAKES,
    Confusion,
    Mistake,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from playground.experiments.cnn_network import ImageNetwork

CHUNK: Final = 128
"""So many images are passed at once: what they leave in the layers fits into the cache."""
SILENT_IMAGES: Final = 256
"""A filter counts as dead when it answers to none of the first so many test images."""


@dataclass(frozen=True, slots=True)
class Scores:
    """What testing left.

    Parameters
    ----------
    epoch
        After how many epochs.
    loss, accuracy
        Means over all test images.
    predicted
        (n,) int64 classes.
    probability
        (n,) float32, that of the predicted class.
    losses
        (n,) float32, −log of the probability of the true class.
    dead
        By block: the filters or neurons of a layer before a ReLU that were 0 for all of the first
        256 images.
    """

    epoch: int
    loss: float
    accuracy: float
    predicted: NDArray[np.int64]
    probability: NDArray[np.float32]
    losses: NDArray[np.float32]
    dead: Mapping[int, tuple[int, ...]]


@torch.no_grad()
def evaluate(network: ImageNetwork, x: torch.Tensor, y: torch.Tensor, epoch: int) -> Scores:
    """Return how a network does, as it answers outside of training (dropout off, running means)."""
    was_training = network.training
    network.eval()
    outputs = outputs_of(network, x)
    losses = functional.cross_entropy(outputs, y, reduction="none")
    predicted = outputs.argmax(1)
    probability = outputs.softmax(1).amax(1)
    dead = silent_filters(network, x[:SILENT_IMAGES])
    network.train(was_training)
    return Scores(
        epoch,
        float(losses.double().mean()),
        float((predicted == y).double().mean()),
        _frozen(predicted),
        _frozen(probability),
        _frozen(losses),
        dead,
    )


@torch.no_grad()
def outputs_of(network: ImageNetwork, x: torch.Tensor) -> torch.Tensor:
    """Return the (n, classes) outputs on the CPU, computed some images at a time."""
    parts = [network(chunk.to(network.device)).cpu() for chunk in x.split(CHUNK)]
    return torch.cat(parts)


@torch.no_grad()
def silent_filters(network: ImageNetwork, x: torch.Tensor) -> dict[int, tuple[int, ...]]:
    """Return, for every layer before a ReLU, its filters that are 0 for all images everywhere.

    Knocked-out ones do not count.
    """
    blocks = network.blocks
    ends = {
        block: network.end_of(block)
        for block, spec in enumerate(blocks)
        if spec.filter_count and _ends_in_relu(network, block)
    }
    found: dict[int, tuple[int, ...]] = {}
    if not ends:
        return found
    traced = network.traced(x.to(network.device))
    for block, end in ends.items():
        out = traced[end]
        answers = out.amax((0, 2, 3)) if out.ndim == 4 else out.amax(0)
        silent = torch.nonzero(answers <= 0.0).flatten().tolist()
        found[block] = tuple(index for index in silent if index not in network.knocked_of(block))
    return found


def confusion_of(scores: Scores, labels: NDArray[np.int64], classes: int) -> Confusion:
    """Return the confusion matrix with examples of every cell, the surest predictions first."""
    cells = labels * classes + scores.predicted
    counts = np.bincount(cells, minlength=classes * classes).reshape(classes, classes)
    surest = np.argsort(-scores.probability, kind="stable")
    ordered = cells[surest]
    examples: dict[tuple[int, int], tuple[int, ...]] = {}
    for cell in np.unique(cells).tolist():
        chosen = surest[ordered == cell][:MAX_CELL_EXAMPLES]
        examples[divmod(cell, classes)] = tuple(chosen.tolist())
    counts = counts.astype(np.int64)
    counts.flags.writeable = False
    return Confusion(scores.epoch, counts, examples)


def mistakes_of(scores: Scores, labels: NDArray[np.int64]) -> tuple[tuple[Mistake, ...], int]:
    """Return the worst mistakes by their loss, and how many there are in all."""
    wrong = np.flatnonzero(scores.predicted != labels)
    # NaN of a diverged network sorts last and would hide the others' order; it is the worst.
    losses = np.where(np.isnan(scores.losses[wrong]), math.inf, scores.losses[wrong])
    worst = wrong[np.argsort(-losses, kind="stable")[:MAX_MISTAKES]]
    found = tuple(
        Mistake(
            int(place),
            int(labels[place]),
            int(scores.predicted[place]),
            float(scores.probability[place]),
            float(scores.losses[place]),
        )
        for place in worst
    )
    return found, len(wrong)


def _ends_in_relu(network: ImageNetwork, block: int) -> bool:
    followers = network.blocks[block + 1 : network.end_of(block) + 1]
    functions = [spec.function for spec in followers if spec.kind == "activation"]
    return bool(functions) and functions[-1] == "relu"


def _frozen(tensor: torch.Tensor) -> NDArray[Any]:
    array: NDArray[Any] = tensor.detach().cpu().numpy().copy()
    array.flags.writeable = False
    return array
