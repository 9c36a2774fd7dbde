"""The race on a network: against plain torch loops, and as a deterministic experiment."""

from __future__ import annotations

import copy
import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from torch import nn

from playground.core.random_streams import Streams
from playground.experiments.base import Progress
from playground.experiments.network_race import (
    NetworkRaceExperiment,
    initial_network,
    network_series,
)
from playground.experiments.network_race_data import digits
from playground.experiments.network_race_optimizers import optimizer_for
from playground.experiments.network_race_spec import (
    NETWORK_RATES,
    TEST_SAMPLES,
    TRAINING_SAMPLES,
    NetworkRaceSpec,
    layer_sizes,
)
from playground.experiments.network_race_study import NetworkRaceStudy
from playground.experiments.optimizers_lane_spec import LaneSpec
from playground.experiments.optimizers_methods import METHOD_LABELS


def small(*methods, **fields):
    lanes = tuple(LaneSpec(method=method, colour=i) for i, method in enumerate(methods))
    return NetworkRaceSpec(**{"layers": "12-8", "batch_size": 200, "lanes": lanes, **fields})


def weights_of(experiment, lane):
    return torch.cat([part.detach().flatten() for part in experiment.network(lane).parameters()])


def test_the_digits_are_all_there_and_dealt_once():
    data = digits(Streams(3).child("data"))
    assert len(data.train_y) == TRAINING_SAMPLES
    assert len(data.test_y) == TEST_SAMPLES
    assert float(data.train_x.max()) == 1.0
    assert data.train_x.shape[1] == 64
    again = digits(Streams(3).child("data"))
    assert torch.equal(data.test_x, again.test_x)
    assert not torch.equal(data.test_y, digits(Streams(4).child("data")).test_y)


def test_the_default_network_has_the_weights_of_its_layers():
    spec = NetworkRaceSpec()
    assert spec.sizes == (64, 500, 300, 10)
    assert spec.weights == 65 * 500 + 501 * 300 + 301 * 10
    network = initial_network(spec, Streams(1).torch("init"))
    assert sum(part.numel() for part in network.parameters()) == spec.weights
    first = network[0].weight
    assert float(first.detach().std()) == pytest.approx(math.sqrt(2 / 64), rel=0.03)


def test_a_momentum_lane_is_a_plain_torch_loop():
    spec = small("momentum", "adam", epochs=2)
    experiment = NetworkRaceExperiment(spec, 5)
    experiment.advance(10_000)
    streams = Streams(5)
    data = digits(streams.child("data"))
    network = initial_network(spec, streams.torch("init"))
    order = streams.torch("batch")
    optimizer = torch.optim.SGD(network.parameters(), lr=NETWORK_RATES["momentum"], momentum=0.9)
    for _ in range(2):
        rows = torch.randperm(TRAINING_SAMPLES, generator=order)
        for batch in rows.split(200):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(network(data.train_x[batch]), data.train_y[batch])
            loss.backward()
            optimizer.step()
    expected = torch.cat([part.detach().flatten() for part in network.parameters()])
    torch.testing.assert_close(weights_of(experiment, 0), expected, rtol=1e-6, atol=1e-6)
    assert experiment.status().progress is Progress.FINISHED


def test_a_lane_does_not_depend_on_who_else_runs():
    alone = NetworkRaceExperiment(small("adam"), 5)
    together = NetworkRaceExperiment(small("sgd", "adam", "rprop"), 5)
    for experiment in (alone, together):
        experiment.advance(12)
    assert torch.equal(weights_of(alone, 0), weights_of(together, 1))


@pytest.mark.parametrize("method", METHOD_LABELS)
def test_every_method_trains_and_its_state_can_be_put_back(method):
    experiment = NetworkRaceExperiment(small(method), 2)
    before = weights_of(experiment, 0)
    experiment.advance(3)
    state = experiment.state()
    at_three = weights_of(experiment, 0)
    assert not torch.equal(before, at_three)
    experiment.advance(9)
    after = weights_of(experiment, 0)
    for _ in range(2):
        experiment.load_state(state)
        assert torch.equal(weights_of(experiment, 0), at_three)
        experiment.advance(9)
        assert torch.equal(weights_of(experiment, 0), after)


def test_an_epoch_leaves_one_row_and_the_first_one_is_before_training():
    spec = small("sgd", "adam", epochs=3)
    experiment = NetworkRaceExperiment(spec, 1)
    assert spec.batches == 8
    assert experiment.steps_to_mark() == 8
    experiment.advance(17)
    rows = [r for r in experiment.drain_records() if r.series == network_series(1)]
    assert [(row.step, row.values[0]) for row in rows] == [(0, 0.0), (8, 1.0), (16, 2.0)]
    snapshot = experiment.snapshot(frozenset())
    assert snapshot.epoch == 2
    assert snapshot.position == "epoch 3 · batch 1 of 8"
    assert snapshot.lanes[1].test_loss == rows[-1].values[2]
    assert set(snapshot.leaderboard) == {0, 1}
    assert experiment.mark_series == "net/0"


def test_a_lane_that_diverges_stops_and_hurts_nobody():
    wild = LaneSpec(method="sgd", rate=1e6)
    calm = LaneSpec(method="adam", rate=1e-3)
    experiment = NetworkRaceExperiment(small("sgd", rates="lanes", lanes=(wild, calm)), 1)
    experiment.advance(24)
    views = experiment.snapshot(frozenset()).lanes
    assert views[0].diverged_step is not None
    assert views[1].diverged_step is None
    assert experiment.snapshot(frozenset()).leaderboard == (1, 0)
    assert experiment.status().running


def test_all_lanes_diverging_ends_the_race_in_words():
    wild = LaneSpec(method="sgd", rate=1e6)
    experiment = NetworkRaceExperiment(small("sgd", rates="lanes", lanes=(wild,)), 1)
    experiment.advance(1000)
    status = experiment.status()
    assert status.progress is Progress.DIVERGED
    assert "smaller rates" in status.reason


def test_schedules_count_the_batches():
    lane = LaneSpec(method="sgd", schedule="step", schedule_rounds=2, schedule_factor=0.5)
    experiment = NetworkRaceExperiment(small("sgd", lanes=(lane,)), 1)
    experiment.advance(5)
    rate = experiment._lanes[0].optimizer.param_groups[0]["lr"]
    assert rate == NETWORK_RATES["sgd"] * 0.25


@pytest.mark.parametrize(
    ("lane", "expected"),
    [
        (LaneSpec(method="nesterov", momentum=0.8), {"momentum": 0.8, "nesterov": True}),
        (LaneSpec(method="nesterov", momentum=0.0), {"nesterov": False}),
        (LaneSpec(method="momentum", dampening=0.2), {"dampening": 0.2}),
        (LaneSpec(method="rprop", eta_plus=1.5), {"etas": (0.5, 1.5)}),
        (LaneSpec(method="rmsprop", centred=True, alpha=0.9), {"centered": True, "alpha": 0.9}),
        (LaneSpec(method="adamw", adamw_decay=0.3), {"weight_decay": 0.3}),
        (LaneSpec(method="amsgrad"), {"amsgrad": True}),
        (LaneSpec(method="adadelta", rho=0.7), {"rho": 0.7}),
        (LaneSpec(method="lbfgs", history=4), {"history_size": 4}),
    ],
)
def test_the_numbers_of_a_lane_reach_torch(lane, expected):
    optimizer = optimizer_for(lane, [nn.Parameter(torch.zeros(2))], 0.25)
    group = optimizer.param_groups[0]
    assert group["lr"] == 0.25
    assert {name: group[name] for name in expected} == expected


@pytest.mark.parametrize("text", ["0", "5-", "-5", "1e3", "2001", "a", "1-2-3-4-5-6-7", "9" * 59])
def test_layers_that_cannot_be_read_are_refused_in_a_sentence(text):
    with pytest.raises(ValueError, match="Write the hidden layers like 500-300"):
        layer_sizes(text)
    with pytest.raises(ValidationError):
        NetworkRaceSpec(layers=text)


@given(st.lists(st.integers(1, 2000), max_size=6))
def test_layers_are_read_as_they_are_written(sizes):
    assert layer_sizes(" - ".join(map(str, sizes))) == tuple(sizes)
    assert NetworkRaceSpec(layers=",".join(map(str, sizes))).sizes == (64, *sizes, 10)


@given(st.text(max_size=60))
def test_no_text_but_a_sentence_comes_of_bad_layers(text):
    sentence, sizes = "", ()
    try:
        sizes = layer_sizes(text)
    except ValueError as error:
        sentence = str(error)
    assert not sentence or sentence.startswith("Write the hidden layers")
    assert all(1 <= size <= 2000 for size in sizes)


def test_the_study_has_the_rows_of_the_experiment_and_the_seconds_of_the_clock():
    spec = small("sgd", "adam", epochs=2)
    ticks = itertools.count()
    run = NetworkRaceStudy(spec, seed=1, clock=lambda: float(next(ticks))).run()
    shown = []
    while True:
        try:
            shown.append(next(run))
        except StopIteration as stop:
            result = stop.value
            break
    experiment = NetworkRaceExperiment(spec, 1)
    experiment.advance(1000)
    rows = [r.values for r in experiment.drain_records() if r.series == network_series(1)]
    lane = result.lanes[1]
    assert lane.epochs.tolist() == [0.0, 1.0, 2.0]
    assert lane.test_loss.tolist() == [row[2] for row in rows]
    # Every lane's step takes one tick of this clock.
    assert lane.seconds.tolist() == [0.0, 8.0, 16.0]
    assert result.standing(2)[0].test_loss[2] == min(one.test_loss[2] for one in result.lanes)
    assert "After epoch 2" in result.words(2)
    partials = [progress.partial for progress in shown if progress.partial is not None]
    assert list(dict.fromkeys(partial.epochs for partial in partials)) == [0, 1, 2]
    # The window sees the latest report only, so all of them bring what there is.
    assert all(progress.partial is not None for progress in shown[1:])
    assert len(partials[0].lanes[0].epochs) == 1


def test_a_lane_that_is_switched_off_takes_no_part():
    off = LaneSpec(method="adam", enabled=False)
    experiment = NetworkRaceExperiment(small("sgd", lanes=(LaneSpec(), off)), 1)
    assert [view.index for view in experiment.snapshot(frozenset()).lanes] == [0]
    with pytest.raises(ValidationError, match="At least one lane"):
        small(lanes=(off,))


def test_a_copy_of_a_network_is_its_own():
    experiment = NetworkRaceExperiment(small("sgd"), 1)
    taken = experiment.network(0)
    kept = copy.deepcopy(taken.state_dict())
    experiment.advance(4)
    for name, value in taken.state_dict().items():
        assert torch.equal(value, kept[name])
