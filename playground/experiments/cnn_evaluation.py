"""How a network does on its test images: loss and accuracy, class by class, and its worst mistakes.

Testing is done once an epoch, as plain programs do, but in parts: no part takes longer than a step
of learning, so that nobody waits for all of them. The confusion matrix and the mistakes are made
from what testing left, so looking at them costs no pass of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
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

PART_PIXELS: Final = 256 * 28 * 28
"""So many numbers of images are tested in one part: with the course's CNN 6 ms, as one step of
learning from 64 images takes."""
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


@dataclass(frozen=True, slots=True)
class Tested:
    """How far a test has come: immutable, so that states of a run may share it.

    Parameters
    ----------
    count
        Test images passed through.
    outputs
        Of these images, (n, classes) each, one after the other.
    peaks
        By block before a ReLU: the largest answer of each filter to the first 256 images.
    """

    count: int = 0
    outputs: tuple[torch.Tensor, ...] = ()
    peaks: Mapping[int, torch.Tensor] = field(default_factory=dict)


NOTHING_TESTED: Final = Tested()


def part_size(image_shape: tuple[int, ...], batch: int) -> int:
    """Return how many test images make a part: at least a batch, many where they are small."""
    return max(batch, PART_PIXELS // math.prod(image_shape))


def own_steps(count: int, part: int) -> int:
    """Return how many steps a test of so many images takes: none where one part holds them all."""
    return math.ceil(count / part) if count > part else 0


@torch.no_grad()
def continue_test(network: ImageNetwork, x: torch.Tensor, so_far: Tested, count: int) -> Tested:
    """Return the test continued by up to so many of the images x, dropout off."""
    was_training = network.training
    network.eval()
    stop = min(len(x), so_far.count + count)
    outputs, peaks = list(so_far.outputs), dict(so_far.peaks)
    start = so_far.count
    while start < stop:
        # What lies in the layers is only looked at for the first images.
        limit = SILENT_IMAGES if start < SILENT_IMAGES else stop
        end = min(start + CHUNK, stop, limit)
        images = x[start:end].to(network.device)
        if start < SILENT_IMAGES:
            traced = network.traced(images)
            outputs.append(traced[-1].cpu())
            peaks = _risen(peaks, _peaks(network, traced))
        else:
            outputs.append(network(images).cpu())
        start = end
    network.train(was_training)
    return Tested(stop, tuple(outputs), peaks)


def scores_of(network: ImageNetwork, tested: Tested, y: torch.Tensor, epoch: int) -> Scores:
    """Return what a whole test has shown."""
    outputs = torch.cat(tested.outputs)
    losses = functional.cross_entropy(outputs, y, reduction="none")
    predicted = outputs.argmax(1)
    return Scores(
        epoch,
        float(losses.double().mean()),
        float((predicted == y).double().mean()),
        _frozen(predicted),
        _frozen(outputs.softmax(1).amax(1)),
        _frozen(losses),
        {block: _silent(network, block, peaks) for block, peaks in tested.peaks.items()},
    )


def evaluate(network: ImageNetwork, x: torch.Tensor, y: torch.Tensor, epoch: int) -> Scores:
    """Return how a network does, as it answers outside of training (dropout off, running means)."""
    return scores_of(network, continue_test(network, x, NOTHING_TESTED, len(x)), y, epoch)


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


def _peaks(network: ImageNetwork, traced: list[torch.Tensor]) -> dict[int, torch.Tensor]:
    """Return the largest answer of every filter of the layers before a ReLU to some images."""
    found: dict[int, torch.Tensor] = {}
    for block, spec in enumerate(network.blocks):
        if spec.filter_count and _ends_in_relu(network, block):
            out = traced[network.end_of(block)]
            # With the channels innermost, as they lie in memory, this is several times as fast.
            flat = out.movedim(1, -1).reshape(-1, out.shape[1]) if out.ndim == 4 else out
            found[block] = flat.amax(0)
    return found


def _risen(
    before: Mapping[int, torch.Tensor], now: Mapping[int, torch.Tensor]
) -> dict[int, torch.Tensor]:
    return {
        block: torch.maximum(before[block], peaks) if block in before else peaks
        for block, peaks in now.items()
    }


def _silent(network: ImageNetwork, block: int, peaks: torch.Tensor) -> tuple[int, ...]:
    silent = torch.nonzero(peaks <= 0.0).flatten().tolist()
    return tuple(index for index in silent if index not in network.knocked_of(block))


def _ends_in_relu(network: ImageNetwork, block: int) -> bool:
    followers = network.blocks[block + 1 : network.end_of(block) + 1]
    functions = [spec.function for spec in followers if spec.kind == "activation"]
    return bool(functions) and functions[-1] == "relu"


def _frozen(tensor: torch.Tensor) -> NDArray[Any]:
    array: NDArray[Any] = tensor.detach().cpu().numpy().copy()
    array.flags.writeable = False
    return array
