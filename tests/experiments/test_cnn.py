from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from playground.experiments import cnn_evaluation
from playground.experiments.base import EditError, Progress, SetValue
from playground.experiments.cnn import CnnExperiment
from playground.experiments.cnn_block_spec import (
    activation,
    batch_norm,
    connected,
    conv,
    digits_cnn,
    dropout,
    pool,
)
from playground.experiments.cnn_data import load_data
from playground.experiments.cnn_edits import LoadWeights, pack_arrays
from playground.experiments.cnn_network import arrays_of, network_of, optimizer_of
from playground.experiments.cnn_snapshot import SERIES_BATCH, SERIES_EPOCH
from playground.experiments.cnn_spec import CnnSpec, with_blocks
from playground.experiments.init_data import batch_rows
from playground.experiments.spec import SpecError, parse_assignments

NOTHING: frozenset[str] = frozenset()
SMALL = ("data.training=90", "data.test=40", "training.batch_size=32", "training.epochs=3")
TINY = (conv(3), activation(), pool(), connected(7), activation("tanh"))
EVERYTHING = (conv(3), batch_norm(), activation(), dropout(0.3), pool(), connected(6), dropout(0.5))
VARIED = ("augment.rotation=20", "augment.elastic=3", "augment.shift=1")


def spec_with(*assignments: str, blocks=TINY) -> CnnSpec:
    return parse_assignments(with_blocks(CnnSpec(), blocks), (*SMALL, *assignments))


def made(*assignments: str, blocks=TINY, seed: int = 1) -> CnnExperiment:
    return CnnExperiment(spec_with(*assignments, blocks=blocks), seed)


def weights(experiment: CnnExperiment) -> torch.Tensor:
    parts = experiment.network.state_dict().values()
    return torch.cat([part.detach().double().flatten() for part in parts])


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "rmsprop", "adam", "adamw"])
def test_run_is_a_plain_torch_loop(optimizer):
    experiment = made(f"training.optimizer={optimizer}", "training.weight_decay=0.01")
    assert experiment.advance(5) == 5
    data = load_data(experiment.spec.data, 1)
    network = network_of(experiment.spec, 10, 1)
    by_hand = optimizer_of(network, experiment.spec.training)
    for step in range(5):
        epoch, batch = divmod(step, 3)
        rows = batch_rows(1, epoch, 90)[batch * 32 : (batch + 1) * 32]
        by_hand.zero_grad()
        outputs = network(data.train_x[rows])
        torch.nn.functional.cross_entropy(outputs, data.train_y[rows]).backward()
        by_hand.step()
    expected = torch.cat([part.double().flatten() for part in network.state_dict().values()])
    assert torch.equal(weights(experiment), expected)


def test_state_dict_is_that_of_a_plain_sequential():
    experiment = made(blocks=(conv(8), activation(), pool(), connected(5), activation()))
    plain = torch.nn.Sequential(
        torch.nn.Conv2d(1, 8, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(128, 5),
        torch.nn.ReLU(),
        torch.nn.Linear(5, 10),
    )
    plain.load_state_dict(experiment.network.state_dict())
    x = load_data(experiment.spec.data, 1).test_x
    torch.testing.assert_close(plain(x), experiment.network.eval()(x))


def test_small_digits_are_learnt():
    spec = parse_assignments(CnnSpec(), ("training.epochs=6",))
    experiment = CnnExperiment(spec, 0)
    experiment.advance(10_000)
    assert experiment.history[-1].test_accuracy >= 0.96
    assert experiment.status().progress is Progress.FINISHED
    assert experiment.status().reason.startswith("the epochs are over (6); test accuracy 9")


@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
def test_state_goes_back_bit_for_bit(optimizer):
    experiment = made(f"training.optimizer={optimizer}", *VARIED, blocks=EVERYTHING)
    experiment.advance(4)
    state = experiment.state()
    at_four = weights(experiment)
    views = frozenset({"gradients", "confusion", "mistakes", "features:3"})
    picture = experiment.snapshot(views)
    experiment.advance(5)
    expected = weights(experiment)
    records = [row for row in experiment.drain_records() if row.step > 4]
    for _ in range(2):
        experiment.load_state(state)
        assert torch.equal(weights(experiment), at_four)
        same_pictures(experiment.snapshot(views), picture)
        experiment.advance(5)
        assert torch.equal(weights(experiment), expected)
        assert [repr(row) for row in experiment.drain_records()] == list(map(repr, records))
    fresh = made(f"training.optimizer={optimizer}", *VARIED, blocks=EVERYTHING)
    fresh.load_state(state)
    fresh.advance(5)
    assert torch.equal(weights(fresh), expected)


def same_pictures(one, other):
    for mine, theirs in zip(one.gradients, other.gradients, strict=True):
        np.testing.assert_array_equal(mine.weights, theirs.weights)
    assert (one.mistakes, one.loss, one.position) == (other.mistakes, other.loss, other.position)
    np.testing.assert_array_equal(one.confusion.counts, other.confusion.counts)
    mine, theirs = (picture.features[3].prediction.probabilities for picture in (one, other))
    np.testing.assert_array_equal(mine, theirs)


def test_looking_changes_nothing():
    views = frozenset(
        {"filters", "gradients", "features:0", "features:7", "confusion", "mistakes", "weights"}
    )
    watched, alone = (made(*VARIED, blocks=EVERYTHING) for _ in range(2))
    for _ in range(6):
        watched.snapshot(views)
        watched.state()
        watched.step()
        alone.step()
    assert torch.equal(weights(watched), weights(alone))


def test_run_touches_no_global_generator():
    before = torch.random.get_rng_state()
    made(*VARIED, blocks=EVERYTHING).advance(4)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_series():
    experiment = made()
    experiment.advance(100)
    rows = experiment.drain_records()
    epochs = [row for row in rows if row.series == SERIES_EPOCH]
    assert [row.step for row in epochs] == [0, 3, 6, 9]
    assert [row.values[0] for row in epochs] == [0, 1, 2, 3]
    assert all(math.isnan(value) for value in epochs[0].values[1:3])
    batches = [row.values for row in rows if row.series == SERIES_BATCH]
    assert len(batches) == 9
    sizes = np.array([32, 32, 26])
    first_epoch = np.array(batches[:3])
    np.testing.assert_allclose(sizes @ first_epoch / 90, epochs[1].values[1:3])


@pytest.fixture
def small_parts(monkeypatch):
    """Let the 40 test images fall into parts of 32 and 8."""
    monkeypatch.setattr(cnn_evaluation, "PART_PIXELS", 1)


def test_a_long_test_takes_steps_of_its_own_and_changes_nothing_else(small_parts, monkeypatch):
    experiment = made(*VARIED, blocks=EVERYTHING)
    positions = []
    marks = []
    while experiment.status().running:
        marks.append(experiment.steps_to_mark())
        experiment.step()
        positions.append(experiment.snapshot(NOTHING).position)
    assert marks == 3 * [5, 4, 3, 2, 1]
    assert positions[2:6] == [
        "epoch 1 · image 90 of 90",
        "epoch 1 · tested on 32 of 40",
        "epoch 1 done",
        "epoch 2 · image 32 of 90",
    ]
    rows = experiment.drain_records()
    assert [row.step for row in rows if row.series == SERIES_EPOCH] == [0, 5, 10, 15]
    assert [row.step for row in rows if row.series == SERIES_BATCH] == [
        1,
        2,
        3,
        6,
        7,
        8,
        11,
        12,
        13,
    ]
    assert experiment.snapshot(NOTHING).epoch_steps == 5
    monkeypatch.undo()
    at_once = made(*VARIED, blocks=EVERYTHING)
    assert at_once.advance(100) == 9
    assert torch.equal(weights(at_once), weights(experiment))
    for one, other in zip(experiment.history, at_once.history, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)


def test_state_in_the_middle_of_a_test_goes_back_bit_for_bit(small_parts):
    experiment = made(blocks=EVERYTHING)
    assert experiment.advance(4) == 4
    state = experiment.state()
    assert experiment.steps_to_mark() == 1
    experiment.advance(4)
    expected, history = weights(experiment), experiment.history
    fresh = made(blocks=EVERYTHING)
    for run in (experiment, fresh):
        run.load_state(state)
        assert run.snapshot(NOTHING).position == "epoch 1 · tested on 32 of 40"
        for _ in range(4):
            run.step()
        assert torch.equal(weights(run), expected)
        assert [repr(entry) for entry in run.history] == [repr(entry) for entry in history]


def test_a_filter_knocked_out_in_the_middle_of_a_test_lets_it_begin_anew(small_parts):
    experiment = made(blocks=(conv(2), activation()))
    experiment.advance(4)
    experiment.apply(SetValue(path=("knocked_out",), value=[[0, 0], [0, 1]]))
    now = experiment.snapshot(NOTHING).test_accuracy
    assert experiment.steps_to_mark() == 2
    experiment.advance(2)
    assert experiment.history[-1].test_accuracy == now
    assert experiment.snapshot(NOTHING).position == "epoch 1 done"


def test_test_scores_are_those_of_torch():
    experiment = made(blocks=EVERYTHING)
    experiment.advance(3)
    data = load_data(experiment.spec.data, 1)
    network = experiment.network.eval()
    with torch.no_grad():
        outputs = network(data.test_x)
    snapshot = experiment.snapshot(frozenset({"confusion", "mistakes"}))
    loss = torch.nn.functional.cross_entropy(outputs, data.test_y)
    assert snapshot.test_loss == pytest.approx(float(loss), rel=1e-5)
    right = outputs.argmax(1) == data.test_y
    assert snapshot.test_accuracy == pytest.approx(float(right.double().mean()))
    assert snapshot.confusion.accuracy == pytest.approx(snapshot.test_accuracy)
    assert snapshot.mistake_count == int((~right).sum())


def test_batch_size_changes_within_an_epoch():
    experiment = made()
    assert experiment.steps_to_mark() == 3
    experiment.step()
    experiment.apply(SetValue(path=("training", "batch_size"), value=50))
    assert experiment.steps_to_mark() == 2
    experiment.step()
    assert experiment.snapshot(NOTHING).seen == 82
    assert experiment.snapshot(NOTHING).position == "epoch 1 · image 82 of 90"
    experiment.step()
    assert experiment.snapshot(NOTHING).position == "epoch 1 done"
    assert experiment.steps_to_mark() == 2


def test_normalisation_never_sees_a_single_image():
    # 90 images in batches of 89: one would be left.
    experiment = made("training.batch_size=89", blocks=EVERYTHING)
    assert experiment.steps_to_mark() == 1
    experiment.step()
    assert experiment.snapshot(NOTHING).epoch == 1
    plain = made("training.batch_size=89")
    assert plain.steps_to_mark() == 2


def test_live_rate_and_end():
    experiment = made("training.optimizer=sgd")
    experiment.apply(SetValue(path=("training", "rate"), value=0.0))
    before = weights(experiment)
    experiment.step()
    assert torch.equal(weights(experiment), before)
    experiment.advance(2)
    experiment.apply(SetValue(path=("training", "epochs"), value=1))
    assert experiment.status().progress is Progress.FINISHED
    with pytest.raises(EditError, match="needs a new run"):
        experiment.apply(SetValue(path=("training", "optimizer"), value="adam"))


def test_knocked_out_filter_is_silent_and_learns_nothing():
    experiment = made(blocks=(conv(3), activation("logistic"), pool()))
    experiment.step()
    edit = SetValue(path=("knocked_out",), value=[[0, 1]])
    undo = experiment.inverse(edit)
    experiment.apply(edit)
    layers = experiment.snapshot(frozenset({"features:2"})).features[2].prediction.layers
    # σ(0) would be ½: it is the activation that must be silent.
    assert not layers[1].maps[1].any()
    assert layers[1].maps[0].any()
    bank = experiment.snapshot(frozenset({"filters"})).filters[0]
    assert bank.knocked_out == (1,)
    experiment.step()
    gradient = experiment.snapshot(frozenset({"gradients"})).gradients[0].weights
    assert not gradient[1].any()
    assert gradient[0].any()
    experiment.apply(undo)
    assert experiment.spec.knocked_out == ()
    assert experiment.snapshot(frozenset({"filters"})).filters[0].knocked_out == ()


def test_knocking_out_everything_is_measured_at_once():
    experiment = made(blocks=(conv(2), activation()))
    experiment.advance(9)
    free = experiment.snapshot(NOTHING).test_accuracy
    experiment.apply(SetValue(path=("knocked_out",), value=[[0, 0], [0, 1]]))
    snapshot = experiment.snapshot(frozenset({"confusion"}))
    # Only the biases of the output are left: one class for all images.
    assert (snapshot.confusion.counts.sum(0) > 0).sum() == 1
    assert snapshot.test_accuracy < free
    assert "2 filters are knocked out" in snapshot.verdict.text


def test_divergence_is_a_status_with_a_reason():
    linear = (conv(3), conv(3), connected(5))
    experiment = made("training.optimizer=sgd", "training.rate=1000", blocks=linear)
    experiment.advance(9)
    status = experiment.status()
    assert status.progress is Progress.DIVERGED
    assert "learning rate of 1000" in status.reason
    assert (
        experiment.snapshot(frozenset({"filters", "confusion", "mistakes"})).verdict.tone == "bad"
    )


def test_own_weights_are_taken_over_and_given_back():
    source, experiment = made("training.optimizer=sgd"), made()
    source.advance(6)
    experiment.advance(4)
    before = weights(experiment)
    edit = LoadWeights(packed=pack_arrays(arrays_of(source.network)), name="best.pt")
    undo = experiment.inverse(edit)
    experiment.apply(LoadWeights.model_validate_json(edit.model_dump_json()))
    assert torch.equal(weights(experiment), weights(source))
    assert experiment.snapshot(NOTHING).test_accuracy == source.snapshot(NOTHING).test_accuracy
    experiment.step()
    experiment.apply(undo)
    assert torch.equal(weights(experiment), before)
    assert edit.describe() == "load weights from best.pt"


def test_weights_of_another_architecture_name_layer_and_shapes():
    experiment = made()
    other = made(blocks=(conv(5), activation(), pool(), connected(7), activation("tanh")))
    before = weights(experiment)
    with pytest.raises(EditError, match=r"“0.weight”.*3×1×3×3.*5×1×3×3"):
        experiment.apply(LoadWeights(packed=pack_arrays(arrays_of(other.network))))
    with pytest.raises(EditError, match="damaged"):
        experiment.apply(LoadWeights(packed="AAAA"))
    assert torch.equal(weights(experiment), before)


def test_absent_device_is_refused():
    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device")
    with pytest.raises(SpecError, match="CUDA is not available here"):
        made("training.device=cuda")


def test_missing_folder_is_refused():
    spec = parse_assignments(CnnSpec(), ["data.kind=mnist", "data.path=/nowhere/at/all"])
    with pytest.raises(SpecError, match="/nowhere/at/all"):
        CnnExperiment(spec, 0)


def test_default_architecture_is_the_digits_cnn():
    assert CnnSpec().blocks == digits_cnn()
