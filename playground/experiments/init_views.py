"""How a snapshot of the weight-initialisation experiment is put together."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import torch

from playground.core import activations
from playground.core.initializers import Initializer
from playground.core.tensor_statistics import count, even_sample, mean_and_std, own_range
from playground.core.variance_theory import normal_quantiles
from playground.experiments.init_measure import gradient_of
from playground.experiments.init_network import init_streams
from playground.experiments.init_snapshot import (
    BINS,
    MAX_CLONES,
    NO_SPREAD,
    QUANTITIES,
    VIEW_HISTOGRAMS,
    VIEW_SHARED,
    Clones,
    Explorer,
    Histogram,
    InitSnapshot,
    LayerView,
    Quantity,
    Spread,
    clones_view,
    explorer_view,
)
from playground.experiments.init_verdicts import verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from playground.core.activations import ActivationName
    from playground.core.networks import DeepNetwork, Pass
    from playground.core.variance_theory import Prediction, Setting
    from playground.experiments.init import InitExperiment
    from playground.experiments.init_measure import Measurement, Moments

GRID: Final = 241
SMALLEST_GRID: Final = 4.0
"""The explorer shows at least −4…4, where activations bend."""
KEPT_SHARES: Final = 1024


class Standing(NamedTuple):
    """Where a run stands: what changes from step to step."""

    network: DeepNetwork
    found: Pass
    measured: Measurement
    batches: int
    updates: tuple[float, ...]
    scores: tuple[float, float]
    was_fine: bool


class NetworkView:
    """What the pictures of one run have in common: theory, and the random start to compare with."""

    def __init__(self, setting: Setting, prediction: Prediction, seed: int) -> None:
        self.setting = setting
        self.prediction = prediction
        self._seed = seed
        self._random: dict[int, NDArray[np.float32]] = {}
        self._expected: dict[tuple[Quantity, int, float, float], NDArray[np.float64] | None] = {}

    def predicted(self, quantity: Quantity, place: int) -> float:
        """Return the standard deviation theory expects in a layer, from 0; NaN without theory."""
        # Gradients of weights add up over samples that are not independent: no simple theory.
        return math.nan if quantity == "dw" else float(getattr(self.prediction, quantity)[place])

    def expected(
        self, quantity: Quantity, place: int, low: float, high: float
    ) -> NDArray[np.float64] | None:
        """Return the share of values that theory expects in every bin, or None."""
        if not self.prediction.shape_known or quantity not in ("w", "z", "a"):
            return None
        # Ranges are rounded, so the same ones come again and again while a network trains.
        key = quantity, place, low, high
        if key not in self._expected:
            if len(self._expected) >= KEPT_SHARES:
                self._expected.clear()
            self._expected[key] = self._expect(quantity, place, low, high)
        return self._expected[key]

    def _expect(
        self, quantity: Quantity, place: int, low: float, high: float
    ) -> NDArray[np.float64] | None:
        setting, found = self.setting, self.prediction
        edges = np.linspace(low, high, BINS + 1)
        if quantity == "w":
            reach = setting.weights.reach(setting.sizes[place], setting.sizes[place + 1])
            if setting.weights.even:
                return _even_shares(edges, reach)
            return _normal_shares(edges, 0.0, float(found.w[place]))
        if quantity == "z":
            return _normal_shares(edges, float(found.z_mean[place]), float(found.z[place]))
        if setting.adds(place):
            return None
        z = float(found.z_mean[place]) + float(found.z[place]) * normal_quantiles()
        counted = count(activations.value(setting.activation, z), low, high, BINS)
        return _read_only(counted.counts / counted.counted)

    def random_similarity(self, place: int, neurons: int) -> NDArray[np.float32]:
        """Return the cosine similarities of a layer under Xavier's scheme, made once."""
        if place not in self._random:
            sizes = self.setting.sizes
            own = init_streams(self._seed).child("layer", place)
            xavier = Initializer("xavier normal")
            drawn = xavier.draw(sizes[place], sizes[place + 1], own.torch("weights"))
            self._random[place] = _similarity(drawn[:neurons])
        return self._random[place]


def take_snapshot(
    experiment: InitExperiment, standing: Standing, views: frozenset[str], view: NetworkView
) -> InitSnapshot:
    """Return the picture of a run; ``views`` names the costly parts that are on screen."""
    network, found, measured = standing.network, standing.found, standing.measured
    spec = experiment.spec
    epoch, batch = divmod(experiment.step_index, standing.batches)
    histograms: list[dict[Quantity, Histogram]] = [{} for _ in network.layers]
    shown = VIEW_HISTOGRAMS in views or VIEW_SHARED in views
    if shown:
        histograms = _histograms(network, found, view, shared=VIEW_SHARED in views)
    layers = tuple(
        _layer(place, standing, view, histograms[place]) for place in range(len(network.layers))
    )
    return InitSnapshot(
        step=experiment.step_index,
        status=experiment.status(),
        spec=spec,
        position=f"epoch {epoch + 1:,} · batch {batch:,} of {standing.batches:,}",
        headline=experiment.headline(),
        epoch=epoch,
        batch=batch,
        batches=standing.batches,
        loss=found.loss,
        accuracy=found.accuracy,
        test_loss=standing.scores[0],
        test_accuracy=standing.scores[1],
        input_spread=Spread(*mean_and_std(found.x), math.nan),
        input_histogram=_histogram(found.x) if shown else None,
        layers=layers,
        parameters=spec.parameters,
        memory_bytes=spec.memory_bytes,
        verdict=verdict(spec, experiment.step_index, network, found, measured, standing.was_fine),
        clones=_clones(network, found, view, views),
        explorer=_explorer(found, view.setting.activation, views),
    )


def _layer(
    place: int, standing: Standing, view: NetworkView, histograms: Mapping[Quantity, Histogram]
) -> LayerView:
    network, found, measured = standing.network, standing.found, standing.measured
    is_output = place == len(network.layers) - 1
    weight = network.weights[place]
    moments: dict[Quantity, Moments] = {
        "w": mean_and_std(weight),
        "z": measured.z[place],
        "dz": measured.dz[place],
        "dw": mean_and_std(gradient_of(weight)),
    }
    if not is_output:
        moments["a"], moments["da"] = measured.a[place], measured.da[place]
    spreads = {
        quantity: Spread(*moments[quantity], view.predicted(quantity, place))
        if quantity in moments
        else NO_SPREAD
        for quantity in QUANTITIES
    }
    activation = view.setting.activation
    return LayerView(
        index=place + 1,
        name="output" if is_output else str(place + 1),
        size=network.sizes[place + 1],
        fan_in=network.sizes[place],
        is_output=is_output,
        spreads=spreads,
        histograms=histograms,
        dead=math.nan if is_output else measured.dead[place],
        saturated=math.nan if is_output else measured.saturated[place],
        flat=math.nan if is_output else _flat(even_sample(found.trace.z[place]), activation),
        update_ratio=standing.updates[place],
    )


def _histograms(
    network: DeepNetwork, found: Pass, view: NetworkView, *, shared: bool
) -> list[dict[Quantity, Histogram]]:
    """Return the histograms of all quantities, layer by layer."""
    made: list[dict[Quantity, Histogram]] = [{} for _ in network.layers]
    trace = found.trace
    tensors: dict[Quantity, Sequence[torch.Tensor]] = {
        "w": network.weights,
        "z": trace.z,
        "a": trace.a,
        "da": [gradient_of(a) for a in trace.a],
        "dz": [gradient_of(z) for z in trace.z],
        "dw": [gradient_of(weight) for weight in network.weights],
    }
    for quantity in QUANTITIES:
        samples = [even_sample(tensor) for tensor in tensors[quantity]]
        ranges = [own_range(sample) for sample in samples]
        if shared:
            # The error of the output layer has another size by nature: its range would make spikes
            # of all hidden layers. What it has outside is told beside it.
            hidden = ranges[: len(network.layers) - 1]
            both = min(low for low, _ in hidden), max(high for _, high in hidden)
            ranges = [both] * len(ranges)
        for place, (sample, (low, high)) in enumerate(zip(samples, ranges, strict=True)):
            total = tensors[quantity][place].numel()
            expected = view.expected(quantity, place, low, high)
            made[place][quantity] = _counted(sample, low, high, total, expected)
    return made


def _histogram(tensor: torch.Tensor) -> Histogram:
    sample = even_sample(tensor)
    return _counted(sample, *own_range(sample), tensor.numel(), None)


def _counted(
    sample: NDArray[np.float64],
    low: float,
    high: float,
    total: int,
    expected: NDArray[np.float64] | None,
) -> Histogram:
    counted = count(sample, low, high, BINS)
    return Histogram(
        low,
        high,
        counted.counts,
        counted.counted,
        total,
        counted.below,
        counted.above,
        counted.invalid,
        expected,
    )


def _clones(
    network: DeepNetwork, found: Pass, view: NetworkView, views: frozenset[str]
) -> Clones | None:
    layers = range(1, len(network.layers) + 1)
    layer = next((layer for layer in layers if clones_view(layer) in views), None)
    if layer is None:
        return None
    rows = network.weights[layer - 1].detach()[:MAX_CLONES]
    # The output has no activation: its neurons are compared by z.
    outputs = (*found.trace.a, found.trace.z[-1])[layer - 1].detach()
    weights = _similarity(rows)
    random = view.random_similarity(layer - 1, len(rows))
    return Clones(
        layer,
        len(rows),
        weights,
        _similarity(outputs[:, : len(rows)].T),
        random,
        _off_diagonal_mean(weights),
        _off_diagonal_mean(random),
        bool((rows == rows[:1]).all()),
    )


def _similarity(rows: torch.Tensor) -> NDArray[np.float32]:
    """Return the (n, n) cosine similarities of rows; equal ones have 1 exactly, zeros too."""
    exact = rows.double()
    length = torch.linalg.vector_norm(exact, dim=1, keepdim=True)
    unit = exact / torch.where(length > 0.0, length, 1.0)
    found = (unit @ unit.T).clamp_(-1.0, 1.0)
    _, kind = torch.unique(rows, dim=0, return_inverse=True)
    found[kind.unsqueeze(0) == kind.unsqueeze(1)] = 1.0
    similarity: NDArray[np.float32] = found.float().numpy()
    similarity.flags.writeable = False
    return similarity


def _off_diagonal_mean(similarity: NDArray[np.float32]) -> float:
    neurons = len(similarity)
    return (float(similarity.sum(dtype=np.float64)) - neurons) / (neurons * (neurons - 1))


def _explorer(found: Pass, activation: ActivationName, views: frozenset[str]) -> Explorer | None:
    layers = range(1, len(found.trace.a) + 1)
    layer = next((layer for layer in layers if explorer_view(layer) in views), None)
    if layer is None:
        return None
    tensor = found.trace.z[layer - 1]
    sample = even_sample(tensor)
    low, high = own_range(sample)
    low, high = min(low, -SMALLEST_GRID), max(high, SMALLEST_GRID)
    z = np.linspace(low, high, GRID)
    finite = sample[np.isfinite(sample)]
    square = np.square(activations.slope(activation, finite))
    return Explorer(
        layer,
        _read_only(z),
        _read_only(activations.value(activation, z)),
        _read_only(activations.slope(activation, z)),
        _counted(sample, low, high, tensor.numel(), None),
        _flat(sample, activation),
        activations.flat_ranges(activation),
        float(square.mean()) if len(square) else math.nan,
    )


def _flat(z: NDArray[np.float64], activation: ActivationName) -> float:
    """Return the share of z where |f′(z)| < 0.01."""
    inside = sum(
        int(np.count_nonzero((z >= low) & (z <= high)))
        for low, high in activations.flat_ranges(activation)
    )
    return inside / len(z)


def _even_shares(edges: NDArray[np.float64], reach: float) -> NDArray[np.float64] | None:
    if reach == 0.0:
        return None
    return _read_only(np.diff(np.clip((edges + reach) / (2.0 * reach), 0.0, 1.0)))


def _normal_shares(
    edges: NDArray[np.float64], mean: float, std: float
) -> NDArray[np.float64] | None:
    if not 0.0 < std < math.inf:
        return None
    normal = NormalDist(mean, std)
    return _read_only(np.diff([normal.cdf(edge) for edge in edges]))


def _read_only(array: NDArray[np.float64]) -> NDArray[np.float64]:
    array.flags.writeable = False
    return array
