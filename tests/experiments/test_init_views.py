from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import stats

from playground.core import activations
from playground.experiments.init import InitExperiment
from playground.experiments.init_data import batch_rows, samples_of
from playground.experiments.init_snapshot import (
    BINS,
    QUANTITIES,
    VIEW_HISTOGRAMS,
    VIEW_SHARED,
    clones_view,
    explorer_view,
)
from playground.experiments.init_spec import InitSpec
from playground.experiments.spec import parse_assignments

HIST = frozenset({VIEW_HISTOGRAMS})


def made(*assignments: str, seed: int = 0) -> InitExperiment:
    small = (
        "network.depth=3",
        "network.width=64",
        "data.inputs=100",
        "data.samples=300",
        "training.batch_size=300",
    )
    return InitExperiment(parse_assignments(InitSpec(), (*small, *assignments)), seed)


def test_bare_picture_has_numbers_and_no_costly_parts():
    experiment = made()
    snapshot = experiment.snapshot(frozenset())
    assert [layer.name for layer in snapshot.layers] == ["1", "2", "3", "output"]
    assert [layer.size for layer in snapshot.layers] == [64, 64, 64, 10]
    assert [layer.fan_in for layer in snapshot.layers] == [100, 64, 64, 64]
    assert not any(layer.histograms for layer in snapshot.layers)
    assert snapshot.input_histogram is snapshot.clones is snapshot.explorer is None
    assert snapshot.input_spread.std == pytest.approx(1.0, rel=0.02)
    assert snapshot.parameters == experiment.spec.parameters
    assert snapshot.position == "epoch 1 · batch 0 of 1"
    assert math.isnan(snapshot.test_accuracy)


def test_spreads_are_those_of_the_tensors():
    experiment = made()
    network = experiment.network
    data_std = experiment.snapshot(frozenset()).layers[1].spreads
    weight = network.weights[1].detach()
    assert data_std["w"].std == pytest.approx(float(weight.std(correction=0)), rel=1e-5)
    assert data_std["w"].predicted == pytest.approx(1 / 8)
    output = experiment.snapshot(frozenset()).layers[-1].spreads
    assert math.isnan(output["a"].std)
    assert math.isnan(output["da"].std)
    assert output["dz"].std == pytest.approx(output["dz"].predicted, rel=0.2)


def test_curves_are_the_spreads_layer_by_layer():
    snapshot = made().snapshot(frozenset())
    for quantity in QUANTITIES:
        measured = [layer.spreads[quantity].std for layer in snapshot.layers]
        np.testing.assert_array_equal(snapshot.measured(quantity), measured)
    np.testing.assert_allclose(snapshot.measured("z"), snapshot.predicted("z"), rtol=0.25)


def test_histograms_count_every_value_once():
    snapshot = made().snapshot(HIST)
    for layer in snapshot.layers:
        expected = {"w", "z", "dz", "dw"} | (set() if layer.is_output else {"a", "da"})
        assert set(layer.histograms) == expected
        for histogram in layer.histograms.values():
            assert len(histogram.counts) == BINS
            inside = histogram.counts.sum() / histogram.counted
            assert inside + histogram.outside == pytest.approx(1.0)
            assert histogram.shares.sum() == pytest.approx(inside)
            assert not histogram.counts.flags.writeable
    weights = snapshot.layers[0].histograms["w"]
    assert weights.counted == weights.total == 6400
    assert snapshot.input_histogram is not None
    assert snapshot.input_histogram.total == 30_000


def test_theory_lies_over_the_data():
    snapshot = made("network.width=200").snapshot(HIST)
    for layer in snapshot.layers[:-1]:
        for quantity in ("w", "z", "a"):
            histogram = layer.histograms[quantity]
            # Kolmogorov–Smirnov distance between the binned data and theory; values share
            # neurons and samples, so it is larger than for independent ones.
            distance = np.abs(np.cumsum(histogram.shares - histogram.expected)).max()
            assert distance < 0.05, (layer.name, quantity)
        assert layer.histograms["dz"].expected is None


def test_even_weights_are_expected_evenly():
    histogram = made("weights.scheme=xavier uniform").snapshot(HIST).layers[1].histograms["w"]
    reach = math.sqrt(6 / 128)
    inside = np.abs(histogram.edges[:-1] + histogram.edges[1:]) / 2 < 0.95 * reach
    width = (histogram.high - histogram.low) / BINS
    np.testing.assert_allclose(histogram.expected[inside], width / (2 * reach), rtol=0.05)
    assert histogram.expected.sum() == pytest.approx(1.0)


def test_shared_range_is_one_range_a_row():
    own = made().snapshot(HIST)
    shared = made().snapshot(frozenset({VIEW_SHARED, VIEW_HISTOGRAMS}))
    for quantity in QUANTITIES:
        ranges = {
            (layer.histograms[quantity].low, layer.histograms[quantity].high)
            for layer in shared.layers
            if quantity in layer.histograms
        }
        assert len(ranges) == 1
        (low, high) = ranges.pop()
        hidden = [layer.histograms[quantity] for layer in own.layers[:-1]]
        # All of the hidden layers, and no more: the output layer's error is of another size.
        assert low == min(histogram.low for histogram in hidden)
        assert high == max(histogram.high for histogram in hidden)
    assert shared.layers[-1].histograms["dz"].outside > 0.0


def test_saturated_tanh_fills_the_end_bins():
    layer = made("weights.scheme=standard normal").snapshot(HIST).layers[1]
    histogram = layer.histograms["a"]
    assert (histogram.low, histogram.high) == (-1.0, 1.0)
    assert histogram.outside == 0.0
    assert histogram.shares[[0, -1]].sum() > 0.6
    z = layer.spreads["z"].std
    edge = math.atanh(0.98)
    assert layer.saturated == pytest.approx(2 * stats.norm.sf(edge / z), abs=0.02)
    flat = math.atanh(math.sqrt(0.99))
    assert layer.flat == pytest.approx(2 * stats.norm.sf(flat / z), abs=0.02)


def test_narrow_distribution_is_shown_over_its_own_range():
    layer = made("weights.scheme=normal", "weights.sigma=1e-9").snapshot(HIST).layers[2]
    histogram = layer.histograms["z"]
    assert 0.0 < histogram.high < 1e-20
    assert np.count_nonzero(histogram.counts) > 20


def test_zeros_stand_in_the_middle_bin():
    layer = made("weights.scheme=zeros").snapshot(HIST).layers[1]
    for quantity in ("w", "z", "a"):
        assert layer.histograms[quantity].counts[BINS // 2] == layer.histograms[quantity].counted
    assert layer.histograms["z"].expected is None


def test_dead_neurons_are_those_that_never_fire():
    experiment = made(
        "network.activation=relu", "biases.kind=constant", "biases.value=-3", "weights.gain=1.2"
    )
    layer = experiment.snapshot(frozenset()).layers[0]
    network = experiment.network
    x = samples_of(experiment.spec.data, 0).train_x[batch_rows(0, 0, 300)]
    with torch.no_grad():
        a = torch.relu(network.layers[0](x))
    assert layer.dead == pytest.approx(float((a.sum(0) == 0).double().mean()))
    assert experiment.snapshot(frozenset()).layers[1].dead > 0.0
    assert math.isnan(made().snapshot(frozenset()).layers[0].dead)
    assert math.isnan(layer.saturated)


@pytest.mark.parametrize("scheme", ["zeros", "constant"])
def test_clones_have_similarity_one_beside_a_random_start(scheme):
    experiment = made(f"weights.scheme={scheme}", "network.activation=logistic")
    experiment.advance(5)
    found = experiment.snapshot(frozenset({clones_view(2)})).clones
    assert found.layer == 2
    assert found.neurons == 64
    assert found.identical
    assert (found.weights == 1.0).all()
    np.testing.assert_allclose(found.activations, 1.0, atol=1e-5)
    assert found.mean == 1.0
    off = found.random[~np.eye(64, dtype=bool)]
    assert found.mean_random == pytest.approx(off.mean(), abs=1e-6)
    # Of 64 independent directions in 64 dimensions: standard deviation 1/8 about 0.
    assert off.std() == pytest.approx(0.125, rel=0.1)
    assert abs(off.mean()) < 0.02


def test_similarities_are_cosines():
    experiment = made()
    found = experiment.snapshot(frozenset({clones_view(1)})).clones
    rows = experiment.network.weights[0].detach()
    expected = torch.nn.functional.cosine_similarity(rows[:, None], rows[None], dim=2)
    np.testing.assert_allclose(found.weights, expected.numpy(), atol=1e-5)
    np.testing.assert_allclose(found.weights, found.random, atol=1e-5)
    assert not found.identical


def test_clones_of_the_output_compare_at_most_64():
    assert made().snapshot(frozenset({clones_view(4)})).clones.neurons == 10
    wide = made("network.width=200").snapshot(frozenset({clones_view(1)})).clones
    assert wide.weights.shape == (64, 64)
    assert made().snapshot(frozenset({clones_view(9)})).clones is None


@pytest.mark.parametrize("name", ["tanh", "relu", "gelu", "linear"])
def test_explorer_shows_f_its_slope_and_z_under_them(name):
    snapshot = made(f"network.activation={name}").snapshot(frozenset({explorer_view(2)}))
    found = snapshot.explorer
    assert found.layer == 2
    assert found.z[0] <= -4.0 < 4.0 <= found.z[-1]
    np.testing.assert_allclose(found.f, activations.value(name, found.z))
    np.testing.assert_allclose(found.slope, activations.slope(name, found.z))
    assert (found.histogram.low, found.histogram.high) == (found.z[0], found.z[-1])
    assert found.flat == snapshot.layers[1].flat
    assert found.flat_ranges == activations.flat_ranges(name)
    # Backward, the squared gradient passes f by this factor.
    spreads = snapshot.layers[1].spreads
    ratio = (spreads["dz"].std / spreads["da"].std) ** 2
    assert found.mean_square_slope == pytest.approx(ratio, rel=0.05)


def test_explorer_of_the_output_is_none():
    assert made().snapshot(frozenset({explorer_view(4)})).explorer is None


def test_large_tensors_are_counted_by_an_even_sample():
    snapshot = made("network.width=500", "network.depth=1").snapshot(HIST)
    histogram = snapshot.layers[0].histograms["z"]
    assert histogram.total == 150_000
    assert 16_384 <= histogram.counted < 40_000
