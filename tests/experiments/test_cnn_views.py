from __future__ import annotations

import numpy as np
import pytest
import torch

from playground.experiments.cnn import CnnExperiment
from playground.experiments.cnn_block_spec import activation, connected, conv, dropout, pool
from playground.experiments.cnn_data import load_data
from playground.experiments.cnn_evaluation import (
    NOTHING_TESTED,
    Scores,
    confusion_of,
    continue_test,
    evaluate,
    mistakes_of,
    scores_of,
)
from playground.experiments.cnn_network import network_from
from playground.experiments.cnn_snapshot import features_view
from playground.experiments.cnn_spec import CnnSpec, with_blocks
from playground.experiments.spec import parse_assignments

ALL = frozenset({"filters", "gradients", "features:4", "confusion", "mistakes", "weights"})
BLOCKS = (conv(3), activation(), dropout(0.5), pool(), conv(4), connected(6), activation())


@pytest.fixture(scope="module")
def experiment():
    spec = parse_assignments(with_blocks(CnnSpec(), BLOCKS), ("data.training=80", "data.test=50"))
    made = CnnExperiment(spec, 3)
    made.advance(3)
    return made


@pytest.fixture(scope="module")
def snapshot(experiment):
    return experiment.snapshot(ALL)


def test_nothing_is_made_that_nobody_asked_for(experiment):
    bare = experiment.snapshot(frozenset())
    assert (bare.filters, bare.gradients, bare.features, bare.mistakes) == ((), (), {}, ())
    assert bare.confusion is None
    assert bare.weights is None


def test_weights_of_every_layer_are_pictures(snapshot):
    assert [bank.title for bank in snapshot.filters] == [
        "conv 3×3×3",
        "conv 3×3×4",
        "FC 6",
        "output",
    ]
    assert [bank.weights.shape for bank in snapshot.filters] == [
        (3, 1, 3, 3),
        (4, 3, 3, 3),
        (6, 4, 4, 4),
        (1, 1, 10, 6),
    ]
    assert [bank.is_matrix for bank in snapshot.filters] == [False, False, False, True]
    assert [bank.block for bank in snapshot.filters] == [0, 4, 5, 7]
    assert all(bank.limit == np.abs(bank.weights).max() for bank in snapshot.filters)
    assert [bank.weights.shape for bank in snapshot.gradients] == [
        bank.weights.shape for bank in snapshot.filters
    ]


def test_arrays_are_read_only_copies(experiment, snapshot):
    arrays = [bank.weights for bank in (*snapshot.filters, *snapshot.gradients)]
    arrays += [layer.maps for layer in snapshot.features[4].prediction.layers]
    arrays += [*snapshot.weights.arrays.values(), snapshot.confusion.counts]
    arrays += [snapshot.images.test_x, snapshot.images.test_y]
    assert not any(array.flags.writeable for array in arrays)
    kept = snapshot.filters[0].weights.copy()
    experiment.step()
    np.testing.assert_array_equal(snapshot.filters[0].weights, kept)


def test_no_gradients_before_the_first_step():
    spec = with_blocks(CnnSpec(), BLOCKS)
    assert CnnExperiment(spec, 0).snapshot(ALL).gradients == ()


def test_feature_maps_are_what_the_blocks_put_out(snapshot):
    features = snapshot.features[4]
    network = network_from(snapshot.weights)
    x = torch.tensor(snapshot.images.test_x[4])[None]
    layers = {layer.block: layer for layer in features.prediction.layers}
    # Dropout is off and shows nothing of its own.
    assert list(layers) == [0, 1, 3, 4, 5, 6, 7]
    np.testing.assert_allclose(
        layers[1].maps, torch.nn.Sequential(*network)[:2](x)[0].numpy(), atol=1e-6
    )
    assert layers[1].maps.shape == (3, 8, 8)
    assert layers[6].maps.shape == (6, 1, 1)
    assert layers[1].low == 0.0
    expected = network(x)[0].double().softmax(0)
    np.testing.assert_allclose(features.prediction.probabilities, expected.numpy(), atol=1e-6)
    assert features.label == snapshot.images.test_y[4]


def test_an_example_that_is_not_there_is_left_out(experiment):
    assert experiment.snapshot(frozenset({features_view(50), "features:x"})).features == {}


def test_confusion_and_mistakes():
    labels = np.array([0, 0, 1, 1, 2, 2])
    scores = Scores(
        epoch=3,
        loss=1.0,
        accuracy=0.5,
        predicted=np.array([0, 1, 1, 1, 0, 1]),
        probability=np.array([0.9, 0.6, 0.7, 0.8, 0.5, 0.55], np.float32),
        losses=np.array([0.1, 1.0, 0.3, 0.2, 4.0, 2.0], np.float32),
        dead={},
    )
    confusion = confusion_of(scores, labels, 3)
    np.testing.assert_array_equal(confusion.counts, [[1, 1, 0], [0, 2, 0], [1, 1, 0]])
    assert confusion.examples[(1, 1)] == (3, 2)
    assert (1, 0) not in confusion.examples
    assert confusion.accuracy == 0.5
    mistakes, count = mistakes_of(scores, labels)
    assert [mistake.example for mistake in mistakes] == [4, 5, 1]
    assert count == 3
    assert mistakes[0][1:] == (2, 0, 0.5, 4.0)


def test_worst_mistakes_and_surest_examples_are_limited():
    count = 300
    scores = Scores(
        1,
        0.0,
        0.0,
        np.ones(count, np.int64),
        np.linspace(0.5, 1.0, count, dtype=np.float32),
        np.linspace(1.0, 2.0, count, dtype=np.float32),
        {},
    )
    labels = np.zeros(count, np.int64)
    assert confusion_of(scores, labels, 2).examples[(0, 1)] == tuple(range(299, 275, -1))
    mistakes, total = mistakes_of(scores, labels)
    assert [mistake.example for mistake in mistakes] == list(range(299, 275, -1))
    assert total == 300


def test_dead_filters_are_found():
    spec = with_blocks(CnnSpec(), (conv(3), activation(), pool(), connected(4), activation("tanh")))
    experiment = CnnExperiment(spec, 0)
    network = experiment.network
    with torch.no_grad():
        network[0].bias[1] = -50.0
    images = experiment.snapshot(frozenset()).images
    x, y = torch.tensor(images.test_x[:20]), torch.tensor(images.test_y[:20])
    # The neurons end in tanh: they cannot be dead.
    assert evaluate(network, x, y, 0).dead == {0: (1,)}
    network.knock_out([(0, 1)])
    assert evaluate(network, x, y, 0).dead == {0: ()}


def test_a_test_in_parts_shows_what_one_at_once_shows():
    spec = with_blocks(CnnSpec(), (conv(3), activation(), pool(), connected(4)))
    experiment = CnnExperiment(spec, 0)
    data = load_data(spec.data, 0)
    x, y = data.test_x[:300], data.test_y[:300]
    whole = evaluate(experiment.network, x, y, 2)
    tested = NOTHING_TESTED
    for count in (1, 130, 100, 60, 50):
        tested = continue_test(experiment.network, x, tested, count)
    assert tested.count == 300
    parts = scores_of(experiment.network, tested, y, 2)
    assert (parts.epoch, parts.accuracy, parts.dead) == (2, whole.accuracy, whole.dead)
    np.testing.assert_array_equal(parts.predicted, whole.predicted)
    np.testing.assert_allclose(parts.losses, whole.losses, rtol=1e-5, atol=1e-6)
    assert experiment.network.training
