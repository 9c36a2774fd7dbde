"""What is drawn of the weight-initialisation experiment: one frozen picture of the network.

The picture of step k shows the weights after k updates and one pass of the next batch through them,
forward and backward: exactly the pass from which step k + 1 is made. Quantities of a layer are
named ``"w"`` weights, ``"z"`` pre-activations (normalised ones under batch normalisation), ``"a"``
activations, ``"da"`` ∂C/∂a, ``"dz"`` ∂C/∂z, ``"dw"`` ∂C/∂W, where C is the mean loss of the batch.
Standard deviations are over all entries of a quantity; NaN stands for "does not exist".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import numpy as np

from playground.experiments.base import Snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from playground.experiments.init_spec import InitSpec
    from playground.experiments.spec import Path

Tone = Literal["ok", "warn", "bad", "info"]
Quantity = Literal["w", "z", "a", "da", "dz", "dw"]

QUANTITIES: Final[tuple[Quantity, ...]] = ("w", "z", "a", "da", "dz", "dw")
QUANTITY_LABELS: Final[dict[Quantity, str]] = {
    "w": "weights W",
    "z": "pre-activations z",
    "a": "activations a",
    "da": "∂C/∂a",
    "dz": "∂C/∂z",
    "dw": "∂C/∂W",
}
BINS: Final = 61
"""Bins of every histogram; odd, so that one of them has 0 in its middle where the range is even."""
MAX_CLONES: Final = 64
"""At most so many neurons of a layer are compared."""
VANISHING: Final = 0.1
EXPLODING: Final = 10.0
"""Zones of the depth curves: below and above these factors of the reference (``z`` and ``a``: 1;
gradients: that of the last hidden layer) a signal counts as vanishing or exploding."""

VIEW_HISTOGRAMS = "hist"
"""Histograms of all quantities of all layers, each over its own range."""
VIEW_SHARED = "hist:shared"
"""Histograms of all layers, one range for all layers of a quantity; wins over ``"hist"``."""
VIEW_CLONES = "clones"
"""Prefix of ``clones:<layer>``: how alike the neurons of a layer are."""
VIEW_EXPLORER = "explorer"
"""Prefix of ``explorer:<layer>``: f, f′ and the distribution of z of a hidden layer under them."""

SERIES_LOSS = "loss"
"""Every step: ``loss, accuracy`` of the batch that the picture of that step shows."""
SERIES_EPOCH = "epoch"
"""At the end of every epoch: ``epoch, train_loss, train_accuracy, test_loss, test_accuracy``; the
training columns are means over the batches of the epoch, each before its own step."""
SERIES_FORWARD = "forward"
"""log₁₀ std of a in every hidden layer, then of z of the output."""
SERIES_BACKWARD = "backward"
"""log₁₀ std of ∂C/∂z in every layer."""
SERIES_DEAD = "dead"
"""Share (0…1) of neurons of every hidden layer that are 0 for the whole batch; ReLU only."""
SERIES_SATURATED = "saturated"
"""Share (0…1) of activations of every hidden layer that are next to an end of their range."""
SERIES_UPDATE = "update"
"""log₁₀ ‖ΔW‖/‖W‖ of every layer by the last step."""
LAYER_SERIES: Final = (
    SERIES_FORWARD,
    SERIES_BACKWARD,
    SERIES_DEAD,
    SERIES_SATURATED,
    SERIES_UPDATE,
)
"""One column a layer (named as :attr:`LayerView.name`); −inf is the logarithm of 0. Recorded after
every one of the first 256 steps, then after every 2nd up to 512, every 4th up to 1,024 and so on:
always the same steps."""


def clones_view(layer: int) -> str:
    """Return the name of the view that compares the neurons of a layer, counted from 1."""
    return f"{VIEW_CLONES}:{layer}"


def explorer_view(layer: int) -> str:
    """Return the name of the view that explores the activation of a hidden layer, from 1."""
    return f"{VIEW_EXPLORER}:{layer}"


class Repair(NamedTuple):
    """One change of the spec that mends what the verdict says, with its name in words."""

    path: Path
    value: Any
    label: str


class InitVerdict(NamedTuple):
    """How the signals fare, in plain words with numbers, and what would help."""

    tone: Tone
    text: str
    repair: Repair | None = None


class Spread(NamedTuple):
    """Mean and standard deviation of a quantity, and the latter as theory expects it at step 0."""

    mean: float
    std: float
    predicted: float


NO_SPREAD: Final = Spread(float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True, slots=True)
class Histogram:
    """How the values of a quantity are distributed.

    Parameters
    ----------
    low, high
        Range of the bins, ``low < high``. A quantity whose values are all alike has that value in
        the middle bin.
    counts
        (61,) int64: counted values in every bin.
    counted, total
        How many values were counted; of large tensors an even sample of at least 16,384.
    below, above
        Shares 0…1 of the counted values that are outside the range.
    invalid
        Share that is NaN or infinite.
    expected
        (61,) float64 share of the values that theory expects in every bin at step 0; None where
        there is no theory.
    """

    low: float
    high: float
    counts: NDArray[np.int64]
    counted: int
    total: int
    below: float
    above: float
    invalid: float
    expected: NDArray[np.float64] | None = None

    @property
    def outside(self) -> float:
        """Return the share of the values outside the range, NaN and infinite ones included."""
        return self.below + self.above + self.invalid

    @property
    def edges(self) -> NDArray[np.float64]:
        """Return the (62,) ends of the bins."""
        return np.linspace(self.low, self.high, len(self.counts) + 1)

    @property
    def shares(self) -> NDArray[np.float64]:
        """Return the (61,) share of the counted values in every bin."""
        shares: NDArray[np.float64] = self.counts / max(1, self.counted)
        return shares


@dataclass(frozen=True, slots=True)
class LayerView:
    """One layer with weights: a hidden one, or the output (the last).

    Parameters
    ----------
    index
        Counted from 1, the first hidden layer.
    name
        ``"1"``, ``"2"`` … ``"output"``; also the column of the series of all layers.
    size, fan_in
        Neurons, and inputs of each.
    spreads
        By quantity. The output has no activation: its ``a`` and ``da`` are NaN.
    histograms
        By quantity; empty when nobody asked, without ``a`` and ``da`` for the output.
    dead
        Share of neurons that are 0 for the whole batch; NaN except for ReLU.
    saturated
        Share of activations within 1 % of an end of their range; NaN for functions without end.
    flat
        Share of z where |f′(z)| < 0.01; NaN for the output.
    update_ratio
        ‖ΔW‖/‖W‖ of the last step that was recorded in the series ``"update"``; NaN at step 0.
    """

    index: int
    name: str
    size: int
    fan_in: int
    is_output: bool
    spreads: Mapping[Quantity, Spread]
    histograms: Mapping[Quantity, Histogram]
    dead: float
    saturated: float
    flat: float
    update_ratio: float


@dataclass(frozen=True, slots=True)
class Clones:
    """How alike the neurons of one layer are, and those of a random start.

    Cosine similarities are between the rows of numbers named below; equal rows, zeros included,
    have 1, and a row of zeros has 0 with any other.

    Parameters
    ----------
    layer, neurons
        The layer from 1, and how many of its neurons were compared (the first ones, at most 64).
    weights
        (n, n) float32: between the weights of the neurons.
    activations
        (n, n) float32: between their activations over the batch.
    random
        (n, n) float32: between the first weights of the same layer under Xavier's scheme.
    mean, mean_random
        Mean of ``weights`` and of ``random`` off the diagonal.
    identical
        True when all compared neurons have the same weights bit for bit.
    """

    layer: int
    neurons: int
    weights: NDArray[np.float32]
    activations: NDArray[np.float32]
    random: NDArray[np.float32]
    mean: float
    mean_random: float
    identical: bool


@dataclass(frozen=True, slots=True)
class Explorer:
    """The activation of one hidden layer over the range its z takes.

    Parameters
    ----------
    layer
        From 1.
    z, f, slope
        (241,) each: grid, f(z) and f′(z).
    histogram
        Of z, over the range of the grid.
    flat
        Share of z where |f′| < 0.01.
    flat_ranges
        Intervals of z (may be infinite) in which |f′| < 0.01.
    mean_square_slope
        Mean of f′(z)² over the batch: the factor by which the squared gradient passes f.
    """

    layer: int
    z: NDArray[np.float64]
    f: NDArray[np.float64]
    slope: NDArray[np.float64]
    histogram: Histogram
    flat: float
    flat_ranges: tuple[tuple[float, float], ...]
    mean_square_slope: float


@dataclass(frozen=True, slots=True, kw_only=True)
class InitSnapshot(Snapshot):
    """The network at one step.

    Parameters
    ----------
    epoch, batch, batches
        Epochs completed, batches done of the present one, and how many an epoch has.
    loss, accuracy
        Of the batch that the picture shows.
    test_loss, test_accuracy
        Of all test samples at the end of the last epoch; NaN before the first one ends.
    input_spread, input_histogram
        Of the inputs of the batch; the histogram is None when nobody asked.
    layers
        Hidden layers from the input on, then the output.
    parameters, memory_bytes
        Number of weights and biases; about the bytes that training takes.
    verdict
        How the signals fare, and a repair.
    clones, explorer
        None when nobody asked.
    """

    spec: InitSpec
    epoch: int
    batch: int
    batches: int
    loss: float
    accuracy: float
    test_loss: float
    test_accuracy: float
    input_spread: Spread
    input_histogram: Histogram | None
    layers: tuple[LayerView, ...]
    parameters: int
    memory_bytes: int
    verdict: InitVerdict
    clones: Clones | None = None
    explorer: Explorer | None = None

    def measured(self, quantity: Quantity) -> NDArray[np.float64]:
        """Return the (layers,) standard deviations of a quantity, from the input on."""
        return np.array([layer.spreads[quantity].std for layer in self.layers])

    def predicted(self, quantity: Quantity) -> NDArray[np.float64]:
        """Return the (layers,) standard deviations that theory expects at step 0."""
        return np.array([layer.spreads[quantity].predicted for layer in self.layers])
