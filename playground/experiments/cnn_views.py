"""From a running network to the frozen picture of it: only what is on screen is copied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from playground.core.layer_shapes import block_title
from playground.experiments.cnn_evaluation import confusion_of, mistakes_of
from playground.experiments.cnn_network import state_from
from playground.experiments.cnn_snapshot import (
    VIEW_CONFUSION,
    VIEW_FEATURES,
    VIEW_FILTERS,
    VIEW_GRADIENTS,
    VIEW_MISTAKES,
    VIEW_WEIGHTS,
    CnnSnapshot,
    FeatureLayer,
    Features,
    FilterBank,
    ImageSet,
    Prediction,
)
from playground.experiments.cnn_verdicts import verdict_on

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from playground.experiments.base import Status
    from playground.experiments.cnn_data import ImageData
    from playground.experiments.cnn_evaluation import Scores
    from playground.experiments.cnn_network import ImageNetwork
    from playground.experiments.cnn_snapshot import Confusion, Mistake
    from playground.experiments.cnn_spec import CnnSpec
    from playground.experiments.cnn_verdicts import Epoch


class TestViews:
    """Confusion matrix and mistakes of the last scores that were asked for."""

    def __init__(self, images: ImageSet) -> None:
        self._images = images
        self.commonest_share = float(np.bincount(images.test_y).max() / images.test_count)
        """Share of the most common class among the test images: what guessing reaches."""
        self._confusion: tuple[Scores, Confusion] | None = None
        self._mistakes: tuple[Scores, tuple[tuple[Mistake, ...], int]] | None = None

    def confusion(self, scores: Scores) -> Confusion:
        """Return the confusion matrix."""
        if self._confusion is None or self._confusion[0] is not scores:
            classes = len(self._images.class_names)
            self._confusion = scores, confusion_of(scores, self._images.test_y, classes)
        return self._confusion[1]

    def mistakes(self, scores: Scores) -> tuple[tuple[Mistake, ...], int]:
        """Return the worst mistakes, and how many there are in all."""
        if self._mistakes is None or self._mistakes[0] is not scores:
            self._mistakes = scores, mistakes_of(scores, self._images.test_y)
        return self._mistakes[1]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a run stands; what the picture is made of.

    Parameters
    ----------
    history
        The epochs so far, the last one last.
    loss, accuracy
        Of the last batch.
    tested_count
        Images passed by a test under way; 0 where none is.
    epoch_steps
        Steps of a whole epoch with its test, at the present batch size.
    """

    step: int
    status: Status
    spec: CnnSpec
    network: ImageNetwork
    images: ImageSet
    scores: Scores
    tested: TestViews
    history: tuple[Epoch, ...]
    epoch: int
    seen: int
    tested_count: int
    epoch_steps: int
    loss: float
    accuracy: float
    headline: str


def take_snapshot(standing: Standing, views: frozenset[str]) -> CnnSnapshot:
    """Return the frozen picture with the parts that are asked for."""
    network, scores, images = standing.network, standing.scores, standing.images
    mistakes, mistake_count = (
        standing.tested.mistakes(scores) if VIEW_MISTAKES in views else ((), 0)
    )
    last = standing.history[-1]
    return CnnSnapshot(
        step=standing.step,
        status=standing.status,
        spec=standing.spec,
        position=position_of(standing),
        headline=standing.headline,
        epoch=standing.epoch,
        seen=standing.seen,
        epoch_steps=standing.epoch_steps,
        loss=standing.loss,
        accuracy=standing.accuracy,
        train_loss=last.train_loss,
        train_accuracy=last.train_accuracy,
        test_loss=scores.loss,
        test_accuracy=scores.accuracy,
        shapes=network.shapes,
        images=images,
        verdict=verdict_on(standing),
        filters=filter_banks(network, scores.dead) if VIEW_FILTERS in views else (),
        gradients=gradient_banks(network) if VIEW_GRADIENTS in views else (),
        features=_features(network, images, views),
        confusion=standing.tested.confusion(scores) if VIEW_CONFUSION in views else None,
        mistakes=mistakes,
        mistake_count=mistake_count,
        weights=state_from(network, images.class_names) if VIEW_WEIGHTS in views else None,
    )


def position_of(standing: Standing) -> str:
    """Return for example ``"epoch 3 · image 640 of 1,437"``."""
    count = standing.images.training_count
    if standing.step == 0:
        return f"first weights · {count:,} images to learn from"
    if standing.seen == 0:
        return f"epoch {standing.epoch} done"
    if standing.tested_count:
        tested, every = standing.tested_count, standing.images.test_count
        return f"epoch {standing.epoch + 1} · tested on {tested:,} of {every:,}"
    return f"epoch {standing.epoch + 1} · image {standing.seen:,} of {count:,}"


def image_set(data: ImageData) -> ImageSet:
    """Return the images of a run as arrays that share its memory, read-only."""
    test_x, test_y = data.test_x.numpy(), data.test_y.numpy()
    # The views are locked, not the tensors behind them.
    test_x, test_y = test_x.view(), test_y.view()
    test_x.flags.writeable = test_y.flags.writeable = False
    return ImageSet(test_x, test_y, data.class_names, len(data.train_y), data.note)


def filter_banks(
    network: ImageNetwork, dead: Mapping[int, tuple[int, ...]] | None = None
) -> tuple[FilterBank, ...]:
    """Return the weights of all layers as pictures."""
    silent = dead or {}
    return tuple(
        _bank(network, block, layer.weight, layer.bias, silent.get(block, ()))
        for block, layer in network.layers
    )


def gradient_banks(network: ImageNetwork) -> tuple[FilterBank, ...]:
    """Return the gradients of the last batch as pictures; none before the first step."""
    return tuple(
        _bank(network, block, layer.weight.grad, layer.bias.grad)
        for block, layer in network.layers
        if layer.weight.grad is not None and layer.bias.grad is not None
    )


@torch.no_grad()
def prediction_of(
    network: ImageNetwork, pixels: NDArray[np.float32], *, layers: bool
) -> Prediction:
    """Return what the network makes of one image (channels, height, width), dropout off."""
    was_training = network.training
    network.eval()
    x = torch.tensor(pixels, device=network.device)[None]
    if layers:
        traced = network.traced(x)
        outputs = traced[-1]
    else:
        traced, outputs = [], network(x)
    network.train(was_training)
    probabilities = outputs[0].cpu().double().softmax(0).numpy()
    probabilities.flags.writeable = False
    return Prediction(
        pixels, probabilities, int(probabilities.argmax()), feature_layers(network, traced)
    )


def feature_layers(network: ImageNetwork, traced: list[torch.Tensor]) -> tuple[FeatureLayer, ...]:
    """Return what came out of every block but dropout for the first image of a pass."""
    found: list[FeatureLayer] = []
    for block, out in enumerate(traced):
        if block < len(network.blocks) and network.blocks[block].kind == "dropout":
            continue
        maps = frozen(out[0] if out.ndim == 4 else out[0][:, None, None])
        finite = np.isfinite(maps).all()
        low, high = (float(maps.min()), float(maps.max())) if finite else (0.0, 0.0)
        found.append(FeatureLayer(block, title_of(network, block), maps, low, high))
    return tuple(found)


def title_of(network: ImageNetwork, block: int) -> str:
    """Return the title of a block, or of the output layer behind the last."""
    return block_title(network.blocks[block]) if block < len(network.blocks) else "output"


def frozen(tensor: torch.Tensor) -> NDArray[np.float32]:
    """Return a read-only float32 copy in the usual order of memory."""
    array = np.array(tensor.detach().cpu().numpy(), dtype=np.float32, order="C")
    array.flags.writeable = False
    return array


def _features(
    network: ImageNetwork, images: ImageSet, views: frozenset[str]
) -> dict[int, Features]:
    found: dict[int, Features] = {}
    for view in views:
        prefix, _, text = view.partition(":")
        if prefix != VIEW_FEATURES or not text.isdecimal():
            continue
        example = int(text)
        # A view may outlive the images it was meant for by one frame.
        if example < images.test_count:
            prediction = prediction_of(network, images.test_x[example], layers=True)
            found[example] = Features(example, int(images.test_y[example]), prediction)
    return found


def _bank(
    network: ImageNetwork,
    block: int,
    weight: torch.Tensor,
    bias: torch.Tensor,
    dead: tuple[int, ...] = (),
) -> FilterBank:
    shape = _picture_shape(network, block, weight)
    pictures = frozen(weight).reshape(shape)
    finite = np.abs(pictures[np.isfinite(pictures)])
    return FilterBank(
        block,
        title_of(network, block),
        pictures,
        frozen(bias),
        float(finite.max()) if finite.size else 0.0,
        is_matrix=shape[0] == 1 and weight.ndim == 2 and len(weight) > 1,
        knocked_out=network.knocked_of(block),
        dead=dead,
    )


def _picture_shape(
    network: ImageNetwork, block: int, weight: torch.Tensor
) -> tuple[int, int, int, int]:
    if weight.ndim == 4:
        return (weight.shape[0], weight.shape[1], weight.shape[2], weight.shape[3])
    below = network.shapes[block].shape
    if len(below) == 3:
        return (weight.shape[0], below[0], below[1], below[2])
    return (1, 1, weight.shape[0], weight.shape[1])
