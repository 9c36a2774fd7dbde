from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from playground.core.networks import clones
from playground.engine.checkpoints import state_nbytes
from playground.experiments.base import EditError, Progress, SetValue
from playground.experiments.init import InitExperiment
from playground.experiments.init_data import batch_rows, samples_of
from playground.experiments.init_measure import is_recorded
from playground.experiments.init_network import network_of, optimizer_of
from playground.experiments.init_snapshot import LAYER_SERIES
from playground.experiments.init_spec import InitDataSpec, InitSpec
from playground.experiments.spec import SpecError, parse_assignments

SMALL = (
    "network.depth=3",
    "network.width=20",
    "data.inputs=30",
    "data.samples=200",
    "training.batch_size=50",
)
NOTHING: frozenset[str] = frozenset()


def spec_with(*assignments: str) -> InitSpec:
    return parse_assignments(InitSpec(), (*SMALL, *assignments))


def made(*assignments: str, seed: int = 1) -> InitExperiment:
    return InitExperiment(spec_with(*assignments), seed)


def parameters(experiment: InitExperiment) -> torch.Tensor:
    return torch.cat([part.detach().flatten() for part in experiment.network.parameters()])


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_run_is_a_plain_torch_loop(optimizer):
    experiment = made(f"training.optimizer={optimizer}", "training.steps=9")
    assert experiment.advance(9) == 9
    spec = experiment.spec
    data = samples_of(spec.data, 1)
    network = network_of(spec, 1)
    made_by_hand = optimizer_of(network, spec.training)
    for step in range(9):
        rows = batch_rows(1, step // 4, 200)[step % 4 * 50 : (step % 4 + 1) * 50]
        made_by_hand.zero_grad()
        outputs = network(data.train_x[rows])
        torch.nn.functional.cross_entropy(outputs, data.train_y[rows]).backward()
        made_by_hand.step()
    by_hand = torch.cat([part.detach().flatten() for part in network.parameters()])
    assert torch.equal(parameters(experiment), by_hand)


def test_loss_falls_on_every_kind_of_input():
    for source in ("normal", "uniform", "sparse", "digits"):
        experiment = made(f"data.source={source}", "training.rate=0.5")
        first = experiment.snapshot(NOTHING)
        experiment.advance(120)
        assert experiment.snapshot(NOTHING).loss < 0.8 * first.loss, source


@pytest.mark.parametrize("changes", [(), ("training.optimizer=adam", "network.batch_norm=true")])
def test_state_goes_back_bit_for_bit(changes):
    experiment = made(*changes)
    experiment.advance(5)
    state = experiment.state()
    before = experiment.snapshot(NOTHING)
    experiment.advance(6)
    after = parameters(experiment)
    records = experiment.drain_records()
    experiment.load_state(state)
    again = experiment.snapshot(NOTHING)
    assert (again.loss, again.step, again.verdict) == (before.loss, 5, before.verdict)
    assert again.layers[0].spreads == before.layers[0].spreads
    assert again.layers[0].update_ratio == before.layers[0].update_ratio
    experiment.advance(6)
    assert torch.equal(parameters(experiment), after)
    late = [record for record in records if record.step > 5]
    np.testing.assert_array_equal(
        [record.values for record in experiment.drain_records() if record.series == "forward"],
        [record.values for record in late if record.series == "forward"],
    )
    # A fresh one takes the state up as well.
    other = made(*changes)
    other.load_state(state)
    other.advance(6)
    assert torch.equal(parameters(other), after)


def test_state_is_a_copy_that_counts_all_weights():
    experiment = made("training.optimizer=adam")
    experiment.advance(1)
    state = experiment.state()
    kept = state.own["network"]["linears.0.weight"].clone()
    experiment.advance(3)
    assert torch.equal(state.own["network"]["linears.0.weight"], kept)
    assert state_nbytes(state) > 3 * 4 * experiment.spec.parameters


@pytest.mark.parametrize("views", [NOTHING, frozenset({"hist", "clones:2", "explorer:1"})])
def test_looking_changes_nothing(views):
    looked, left_alone = made("network.batch_norm=true"), made("network.batch_norm=true")
    for _ in range(7):
        looked.snapshot(views)
        looked.step()
    left_alone.advance(7)
    assert torch.equal(parameters(looked), parameters(left_alone))


def test_same_seed_gives_the_same_draws_under_another_scaling():
    xavier, he = made(), made("weights.scheme=he normal")
    first, second = xavier.network.weights[1], he.network.weights[1]
    torch.testing.assert_close(second / first, torch.full_like(first, 1.0) * math.sqrt(2.0))
    x, other = (samples_of(e.spec.data, 1).train_x for e in (xavier, he))
    assert torch.equal(x, other)


def test_start_of_the_course_is_root_204():
    experiment = made(
        "data.source=sparse",
        "data.inputs=784",
        "data.bright=204",
        "weights.scheme=standard normal",
        "network.width=400",
        "network.depth=1",
    )
    std = experiment.snapshot(NOTHING).layers[0].spreads["z"]
    assert std.predicted == pytest.approx(math.sqrt(204), rel=0.01)
    assert std.std == pytest.approx(14.28, rel=0.03)


@pytest.mark.parametrize(
    "changes",
    [
        ("weights.scheme=constant", "training.loss=mse", "weights.constant=0.02"),
        ("weights.scheme=constant", "network.activation=relu", "network.width=50"),
        ("weights.scheme=zeros", "network.activation=logistic", "training.optimizer=adam"),
        ("weights.scheme=constant", "network.batch_norm=true", "network.residual=true"),
    ],
)
def test_symmetric_start_stays_symmetric_for_100_steps(changes):
    experiment = made(*changes, "training.steps=100", "training.rate=0.05")
    start = parameters(experiment)
    assert experiment.advance(100) == 100
    assert not torch.equal(parameters(experiment), start)
    assert clones(experiment.network) == [True] * 3
    for place in range(2):
        weight = experiment.network.weights[place]
        assert torch.equal(weight, weight[:1].expand_as(weight))


def test_zeros_never_leave_zero_under_tanh():
    experiment = made("weights.scheme=zeros")
    experiment.advance(20)
    assert not any(bool(weight.any()) for weight in experiment.network.weights)


def test_random_start_separates_the_neurons():
    assert clones(made().network) == [False] * 3


def test_series_have_one_column_a_layer_and_one_row_a_step():
    experiment = made()
    experiment.advance(8)
    declared = {series.name: series for series in experiment.series}
    assert declared["forward"].columns == ("1", "2", "3", "output")
    assert declared["dead"].columns == ("1", "2", "3")
    rows = {name: [] for name in declared}
    for record in experiment.drain_records():
        assert len(record.values) == len(declared[record.series].columns)
        rows[record.series].append(record)
    for name in ("loss", *LAYER_SERIES):
        assert [record.step for record in rows[name]] == list(range(9))
    assert [record.step for record in rows["epoch"]] == [4, 8]
    snapshot = experiment.snapshot(NOTHING)
    last = rows["forward"][-1].values
    np.testing.assert_allclose(10 ** np.array(last[:-1]), snapshot.measured("a")[:-1])
    np.testing.assert_allclose(10 ** np.array(rows["backward"][-1].values), snapshot.measured("dz"))
    assert rows["loss"][-1].values == (snapshot.loss, snapshot.accuracy)
    assert rows["epoch"][-1].values[3:] == (snapshot.test_loss, snapshot.test_accuracy)
    losses = [record.values[0] for record in rows["loss"][:4]]
    assert rows["epoch"][0].values[1] == pytest.approx(np.mean(losses))


def test_layers_are_recorded_ever_more_rarely():
    recorded = [step for step in range(5000) if is_recorded(step)]
    assert recorded[:257] == list(range(257))
    assert [step for step in recorded if 256 < step < 270] == list(range(258, 270, 2))
    assert [step for step in recorded if 4000 <= step < 4040] == [4000, 4016, 4032]
    assert len(recorded) < 256 + 5 * 130


def test_update_ratio_is_rate_times_gradient_over_weight():
    experiment = made("training.rate=0.03")
    first = experiment.snapshot(NOTHING)
    weight = experiment.network.weights[0]
    spread = first.layers[0].spreads["dw"]
    gradient = math.sqrt((spread.std**2 + spread.mean**2) * weight.numel())
    experiment.step()
    ratio = experiment.snapshot(NOTHING).layers[0].update_ratio
    assert ratio == pytest.approx(0.03 * gradient / float(weight.detach().norm()), rel=1e-3)
    assert math.isnan(first.layers[0].update_ratio)


def test_run_ends_with_its_steps_and_goes_on_with_more():
    experiment = made("training.steps=6")
    assert experiment.advance(100) == 6
    status = experiment.status()
    assert status.progress is Progress.FINISHED
    assert status.reason.startswith("the steps are over (6)")
    experiment.apply(SetValue(path=("training", "steps"), value=8))
    assert experiment.advance(100) == 2


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_rate_of_zero_stands_still_and_changes_at_once(optimizer):
    experiment = made(f"training.optimizer={optimizer}", "training.rate=0")
    start = parameters(experiment)
    experiment.advance(3)
    assert torch.equal(parameters(experiment), start)
    experiment.apply(SetValue(path=("training", "rate"), value=0.01))
    experiment.step()
    assert not torch.equal(parameters(experiment), start)


def test_what_needs_a_new_run_is_refused_as_an_edit():
    with pytest.raises(EditError, match="needs a new run"):
        made().apply(SetValue(path=("weights", "scheme"), value="zeros"))


def test_overflow_at_the_start_is_a_status():
    experiment = made("weights.scheme=normal", "weights.sigma=1e6", "network.activation=relu")
    experiment = InitExperiment(
        parse_assignments(experiment.spec, ("network.depth=10",)), experiment.seed
    )
    status = experiment.status()
    assert status.progress is Progress.DIVERGED
    assert (
        status.reason == "z of layer 6 leaves the range of numbers (3.4e38): the first weights "
        "are too large"
    )
    assert experiment.advance(5) == 0
    snapshot = experiment.snapshot(frozenset({"hist:shared", "clones:10", "explorer:10"}))
    assert snapshot.layers[9].histograms["z"].invalid > 0.5


def test_divergence_while_learning_names_the_cause():
    experiment = made("network.activation=relu", "training.loss=mse", "training.rate=50")
    experiment.advance(200)
    status = experiment.status()
    assert status.progress is Progress.DIVERGED
    assert "too large" in status.reason
    assert experiment.snapshot(frozenset({"hist"})).verdict.tone == "bad"


def test_weights_that_are_no_numbers_are_a_status():
    experiment = made()
    state = experiment.state()
    state.own["network"]["linears.1.weight"][0, 0] = math.nan
    experiment.load_state(state)
    assert experiment.status().reason.startswith("the weights of layer 2 are no longer finite")


@pytest.mark.parametrize("sigma", ["0", "1e6"])
def test_extreme_sigma_runs(sigma):
    experiment = made("weights.scheme=normal", f"weights.sigma={sigma}")
    experiment.advance(3)
    snapshot = experiment.snapshot(frozenset({"hist"}))
    assert snapshot.step == 3
    assert snapshot.layers[0].spreads["z"].std == pytest.approx(
        snapshot.layers[0].spreads["z"].predicted, rel=0.1
    )


def test_too_large_a_network_is_refused_with_the_estimate():
    spec = parse_assignments(
        InitSpec(), ("network.depth=30", "network.width=1000", "training.batch_size=10000")
    )
    spec = parse_assignments(spec, ("data.samples=10000",))
    with pytest.raises(SpecError, match=r"would take about 4\.\d GB of memory; at most 2 GB"):
        InitExperiment(spec, 0)


def test_missing_mnist_folder_is_a_sentence(tmp_path):
    with pytest.raises(SpecError, match="MNIST needs a folder"):
        made("data.source=mnist")
    with pytest.raises(SpecError, match="There is no folder"):
        InitExperiment(spec_with("data.source=mnist", f"data.folder={tmp_path / 'no'}"), 0)


def test_classes_of_random_inputs_are_all_there_and_seeded():
    for source in ("normal", "uniform", "sparse"):
        spec = InitDataSpec(source=source, inputs=300, bright=80, samples=2000)
        data = samples_of(spec, 3)
        shares = torch.bincount(data.train_y, minlength=10) / 2000
        assert float(shares.min()) > 0.03, source
        assert not torch.equal(data.train_y, samples_of(spec, 4).train_y)
    assert data.train_x.sum(1).mean() == pytest.approx(80, rel=0.02)
    assert data.moments.square == pytest.approx(80 / 300, rel=0.02)


def test_every_epoch_shows_every_sample_in_another_order():
    first, second = batch_rows(1, 0, 50), batch_rows(1, 1, 50)
    assert sorted(first.tolist()) == list(range(50))
    assert not torch.equal(first, second)
    assert torch.equal(first, batch_rows(1, 0, 50))
