"""What is drawn of the network of images: one frozen picture of it.

Blocks are counted from 0 as in ``spec.blocks``; the output layer has the number after the last
block. A step learns from one batch, or passes a part of the test images through at the end of an
epoch. The picture of step k shows the weights after it; gradients, loss and accuracy are those of
the batch that was learnt from last. Confusion matrix and mistakes are those of the test images at
the end of the last whole epoch (before the first: of the first weights). All arrays are read-only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from playground.experiments.base import Snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from playground.core.layer_shapes import LayerShape
    from playground.experiments.cnn_block_spec import BlockSpec
    from playground.experiments.cnn_spec import CnnSpec, Knocked

Tone = Literal["ok", "warn", "bad", "info"]

VIEW_FILTERS: Final = "filters"
"""Weights of every layer: :attr:`CnnSnapshot.filters`."""
VIEW_GRADIENTS: Final = "gradients"
"""Gradients of the loss by these weights: :attr:`CnnSnapshot.gradients`."""
VIEW_FEATURES: Final = "features"
"""Prefix of ``features:<test image>``: what every block makes of one test image."""
VIEW_CONFUSION: Final = "confusion"
VIEW_MISTAKES: Final = "mistakes"
VIEW_WEIGHTS: Final = "weights"
"""Everything that is needed to compute with the network elsewhere: :class:`NetworkState`."""

MAX_CELL_EXAMPLES: Final = 24
MAX_MISTAKES: Final = 24

SERIES_BATCH: Final = "batch"
"""After every step that learnt: ``loss, accuracy`` of the batch it learnt from, before the step."""
SERIES_EPOCH: Final = "epoch"
"""At step 0 and at the end of every epoch: ``epoch, train_loss, train_accuracy, test_loss,
test_accuracy``. The training columns are means over the images of the epoch, each before its own
step and as varied; NaN at step 0. Tested is on all test images."""
BATCH_COLUMNS: Final = ("loss", "accuracy")
EPOCH_COLUMNS: Final = ("epoch", "train_loss", "train_accuracy", "test_loss", "test_accuracy")


def features_view(example: int) -> str:
    """Return the name of the view of one test image."""
    return f"{VIEW_FEATURES}:{example}"


@dataclass(frozen=True, slots=True)
class ImageSet:
    """The images of a run, shared by all its snapshots: do not write to them.

    Parameters
    ----------
    test_x
        (n, channels, height, width) float32 in 0…1.
    test_y
        (n,) int64 classes.
    class_names
        In order of the classes.
    training_count
        How many images are learnt from.
    note
        What was left out while reading, in one sentence; empty where nothing was.
    """

    test_x: NDArray[np.float32]
    test_y: NDArray[np.int64]
    class_names: tuple[str, ...]
    training_count: int
    note: str = ""

    @property
    def test_count(self) -> int:
        """Return how many test images there are."""
        return len(self.test_y)


@dataclass(frozen=True, slots=True)
class NetworkState:
    """A network as it stands, in numbers: what the jobs of the explanations compute with.

    Parameters
    ----------
    blocks
        The architecture; the output layer follows by itself.
    image_shape
        (channels, height, width) of what it looks at.
    class_names
        In order of the outputs.
    arrays
        The ``state_dict`` of the ``nn.Sequential`` that the network is: ``"0.weight"``,
        ``"0.bias"``, ``"3.weight"`` …; float32 (the batch counter of a normalisation: int64).
    knocked_out
        (block, filter) pairs whose output is zero.
    """

    blocks: tuple[BlockSpec, ...]
    image_shape: tuple[int, int, int]
    class_names: tuple[str, ...]
    arrays: Mapping[str, NDArray[np.generic]]
    knocked_out: tuple[Knocked, ...] = ()


@dataclass(frozen=True, slots=True)
class FilterBank:
    """The weights (or their gradients) of one layer as pictures.

    Parameters
    ----------
    block
        Place of the block; ``len(blocks)`` for the output layer.
    title
        Such as ``"conv 3×3×8"`` or ``"output"``.
    weights
        (filters, channels, height, width) float32. A fully connected layer that looks at channels
        has pictures of their size; one that looks at a row of numbers has (1, 1, neurons, inputs).
    bias
        (filters or neurons,) float32.
    limit
        Largest absolute weight: where a diverging colour map ends. 0 where all are 0.
    is_matrix
        True for the last form above: rows are neurons, and no filter is a picture of its own.
    knocked_out
        Filters of this layer that are knocked out.
    dead
        Filters before a ReLU that answered to none of the last test images looked at.
    """

    block: int
    title: str
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    limit: float
    is_matrix: bool = False
    knocked_out: tuple[int, ...] = ()
    dead: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FeatureLayer:
    """What comes out of one block for one image.

    Parameters
    ----------
    maps
        (channels, height, width) float32; (neurons, 1, 1) behind a fully connected layer.
    low, high
        Least and largest number in them.
    """

    block: int
    title: str
    maps: NDArray[np.float32]
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the network makes of one image.

    Parameters
    ----------
    pixels
        (channels, height, width) float32: what it looked at.
    probabilities
        (classes,) float64, soft-max of the outputs.
    predicted
        The most probable class.
    layers
        Of every block but dropout, the output (before the soft-max) last; empty where not asked.
    """

    pixels: NDArray[np.float32]
    probabilities: NDArray[np.float64]
    predicted: int
    layers: tuple[FeatureLayer, ...] = ()


@dataclass(frozen=True, slots=True)
class Features:
    """What the network makes of one test image: its number, its class, and the prediction."""

    example: int
    label: int
    prediction: Prediction


@dataclass(frozen=True, slots=True)
class Confusion:
    """Which classes are taken for which.

    Parameters
    ----------
    epoch
        After how many epochs.
    counts
        (classes, classes) int64; rows are the true classes, columns the predicted ones.
    examples
        For each (true, predicted) that occurs, up to 24 test images, the surest predictions first.
    """

    epoch: int
    counts: NDArray[np.int64]
    examples: Mapping[tuple[int, int], tuple[int, ...]]

    @property
    def accuracy(self) -> float:
        """Return the share on the diagonal."""
        return float(self.counts.trace() / max(1, int(self.counts.sum())))


class Mistake(NamedTuple):
    """A test image that is taken for another class.

    ``probability`` is that of the predicted class, ``loss`` −log of the true one's.
    """

    example: int
    label: int
    predicted: int
    probability: float
    loss: float


class CnnVerdict(NamedTuple):
    """How the network does, in plain words with numbers."""

    tone: Tone
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CnnSnapshot(Snapshot):
    """The network at one step.

    Parameters
    ----------
    epoch
        Whole epochs behind it.
    seen
        Training images shown in the present epoch, of ``images.training_count``.
    epoch_steps
        Steps of a whole epoch with its test, at the present batch size.
    loss, accuracy
        Of the batch that was learnt from last; NaN at step 0.
    train_loss, train_accuracy
        Means over the last whole epoch; NaN before the first ends.
    test_loss, test_accuracy
        Of all test images at the end of the last whole epoch, or of the first weights.
    shapes
        Of the image, every block, the output.
    images
        What is trained and tested with.
    verdict
        How it does.
    filters, gradients, confusion, mistakes, weights
        Empty or None when nobody asked; gradients also at step 0.
    features
        By test image, as asked.
    """

    spec: CnnSpec
    epoch: int
    seen: int
    epoch_steps: int
    loss: float
    accuracy: float
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float
    shapes: tuple[LayerShape, ...]
    images: ImageSet
    verdict: CnnVerdict
    filters: tuple[FilterBank, ...] = ()
    gradients: tuple[FilterBank, ...] = ()
    features: Mapping[int, Features] = field(default_factory=dict)
    confusion: Confusion | None = None
    mistakes: tuple[Mistake, ...] = ()
    mistake_count: int = 0
    """How many test images were taken for another class; with the view of the mistakes."""
    weights: NetworkState | None = None
