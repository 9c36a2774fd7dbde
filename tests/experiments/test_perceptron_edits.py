import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from playground.core.points import PointSet
from playground.experiments.base import EditError, SetValue
from playground.experiments.perceptron import PerceptronExperiment
from playground.experiments.perceptron_edits import (
    MAX_EDITED_POINTS,
    AddPoints,
    MovePoints,
    RelabelPoints,
    RemovePoints,
    RestorePoints,
    SetWeights,
)
from playground.experiments.perceptron_spec import DataSpec, LearnerSpec, PerceptronSpec

numbers = st.floats(-100, 100)
places = st.tuples(numbers, numbers)
labels = st.sampled_from([-1, 1])


def experiment_of(**spec):
    spec.setdefault("data", DataSpec.of_preset("overlap", count=12))
    return PerceptronExperiment(PerceptronSpec(**spec), 3)


def points_now(experiment):
    return experiment.snapshot(frozenset()).points


def line_now(experiment, index=0):
    return experiment.snapshot(frozenset()).learner(index).current


def edits_on(points):
    """A strategy for one edit that is possible on these points."""
    ids = [int(i) for i in points.ids]
    choices = [
        st.lists(st.tuples(places, labels), min_size=1, max_size=4).map(
            lambda rows: AddPoints(
                xy=tuple(xy for xy, _ in rows), labels=tuple(label for _, label in rows)
            )
        )
    ]
    if ids:
        some = st.lists(st.sampled_from(ids), min_size=1, max_size=4, unique=True).map(tuple)
        choices += [
            some.map(lambda chosen: RemovePoints(ids=chosen)),
            some.flatmap(
                lambda chosen: st.tuples(*[places] * len(chosen)).map(
                    lambda xy: MovePoints(ids=chosen, xy=xy)
                )
            ),
            some.flatmap(
                lambda chosen: st.tuples(*[labels] * len(chosen)).map(
                    lambda new: RelabelPoints(ids=chosen, labels=new)
                )
            ),
        ]
    return st.one_of(choices)


@settings(max_examples=60)
@given(data=st.data())
def test_undo_and_redo_lead_back_exactly(data):
    experiment = experiment_of(shuffle=data.draw(st.booleans()))
    done = []
    for _ in range(data.draw(st.integers(1, 6))):
        experiment.advance(data.draw(st.integers(0, 15)))
        points = points_now(experiment)
        edit = data.draw(edits_on(points))
        inverse = experiment.inverse(edit)
        experiment.apply(edit)
        done.append((points, edit, inverse, points_now(experiment)))
    for before, _, inverse, _ in reversed(done):
        experiment.apply(inverse)
        assert points_now(experiment).equals(before)
        assert points_now(experiment).next_id == before.next_id
    for _, edit, _, after in done:
        experiment.apply(edit)
        assert points_now(experiment).equals(after)
        assert points_now(experiment).next_id == after.next_id


def test_undoing_a_restoration_removes_the_points_again():
    experiment = experiment_of()
    removal = RemovePoints(ids=(2, 5))
    restoration = experiment.inverse(removal)
    experiment.apply(removal)
    again = experiment.inverse(restoration)
    experiment.apply(restoration)
    assert points_now(experiment).ids.tolist() == list(range(12))
    experiment.apply(again)
    assert points_now(experiment).ids.tolist() == [0, 1, 3, 4, 6, 7, 8, 9, 10, 11]


def test_a_dragged_line_comes_back_exactly():
    experiment = experiment_of(learners=(LearnerSpec(), LearnerSpec(kind="pocket")))
    experiment.advance(20)
    for index in (0, 1):
        before = line_now(experiment, index)
        edit = SetWeights(learner=index, w1=2.0, w2=-1.5, beta=0.25)
        inverse = experiment.inverse(edit)
        experiment.apply(edit)
        assert line_now(experiment, index) == (2.0, -1.5, 0.25)
        experiment.apply(inverse)
        assert line_now(experiment, index) == before


def test_lines_stay_where_they_are_when_standardised_points_change():
    experiment = experiment_of(standardise=True)
    experiment.advance(30)
    before = line_now(experiment)
    experiment.apply(AddPoints(xy=((50.0, -70.0),), labels=(1,)))
    assert line_now(experiment) == pytest.approx(before, rel=1e-9)
    experiment.apply(SetWeights(learner=0, w1=1.0, w2=2.0, beta=3.0))
    assert line_now(experiment) == pytest.approx((1.0, 2.0, 3.0))


@pytest.mark.parametrize("standardise", [False, True])
@pytest.mark.parametrize("kind", ["perceptron", "pocket", "adaline"])
def test_merged_edits_have_the_same_effect_bit_for_bit(kind, standardise):
    """A drag through many places equals its last place, as the engine replays it."""
    spec = {"learners": (LearnerSpec(kind=kind),), "standardise": standardise, "shuffle": True}
    dragged, jumped = experiment_of(**spec), experiment_of(**spec)
    for experiment in (dragged, jumped):
        experiment.advance(30)
    path = [(1.0, 9.0), (-55.0, 3.0), (0.125, 77.0), (4.0, -4.0)]
    drags = [MovePoints(ids=(3,), xy=(xy,)) for xy in path]
    turns = [SetWeights(learner=0, w1=x1, w2=x2, beta=1.0) for x1, x2 in path]
    for edits in (drags, turns, drags):
        assert all(a.merges_with(b) for a, b in itertools.pairwise(edits))
        for edit in edits:
            dragged.apply(edit)
        jumped.apply(edits[-1])
    for experiment in (dragged, jumped):
        experiment.advance(40)
    assert repr(dragged.state().own) == repr(jumped.state().own)


def test_different_edits_do_not_merge():
    move = MovePoints(ids=(3,), xy=((0.0, 0.0),))
    assert not move.merges_with(MovePoints(ids=(4,), xy=((0.0, 0.0),)))
    assert not move.merges_with(RelabelPoints(ids=(3,), labels=(1,)))
    turn = SetWeights(learner=0, w1=1, w2=1, beta=1)
    assert not turn.merges_with(SetWeights(learner=1, w1=1, w2=1, beta=1))


def test_the_epoch_goes_on_with_the_samples_not_yet_seen():
    experiment = experiment_of()
    experiment.advance(5)
    experiment.apply(RemovePoints(ids=(1, 7)))
    shown = experiment.snapshot(frozenset())
    assert (shown.sample_in_epoch, shown.samples_per_epoch) == (4, 10)
    experiment.apply(AddPoints(xy=((0.0, 1.0),), labels=(1,)))
    assert experiment.steps_to_mark() == 7
    experiment.advance(7)
    ledger = experiment.snapshot(frozenset({"ledger"})).learners[0].ledger
    assert [row.id for row in ledger] == [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12]
    assert [row.values for row in experiment.drain_records() if row.series == "epoch"] == [(1,)]


@pytest.mark.parametrize("schedule", ["batch", "mini-batch", "parallel"])
def test_removing_all_that_is_left_of_an_epoch_ends_it(schedule):
    learners = (LearnerSpec(), LearnerSpec(schedule=schedule, batch_size=5))
    experiment = experiment_of(learners=learners)
    experiment.advance(8)
    experiment.apply(RemovePoints(ids=(8, 9, 10, 11)))
    assert experiment.steps_to_mark() == 1
    experiment.advance(1)
    shown = experiment.snapshot(frozenset())
    assert (shown.epoch, shown.sample_in_epoch) == (1, 8)
    assert [view.epochs_done for view in shown.learners] == [1, 1]


def test_a_run_that_is_done_stays_done_only_while_all_is_right():
    experiment = experiment_of(data=DataSpec.of_preset("and"))
    experiment.advance(1000)
    assert not experiment.status().running
    experiment.apply(AddPoints(xy=((9.0, 9.0),), labels=(1,)))
    assert not experiment.status().running
    experiment.apply(AddPoints(xy=((9.0, 9.5),), labels=(-1,)))
    assert experiment.status().running


def test_edited_points_are_part_of_the_spec():
    experiment = experiment_of()
    experiment.apply(RemovePoints(ids=(0,)))
    spec = experiment.snapshot(frozenset()).spec
    assert spec.data.preset == "own"
    assert spec.data.points.ids.tolist() == list(range(1, 12))
    again = PerceptronExperiment(
        PerceptronSpec.model_validate_json(spec.model_dump_json()), experiment.seed
    )
    assert points_now(again).equals(points_now(experiment))


ALL_EDITS = (
    AddPoints(xy=((0.1, -2.5e300 / 1e300),), labels=(-1,)),
    RemovePoints(ids=(0, 3)),
    RemovePoints(ids=(12,), next_id=12),
    RestorePoints(points=PointSet.of([[1, 2], [3, 4]], [1, -1])),
    MovePoints(ids=(1,), xy=((1 / 3, 2 / 3),)),
    RelabelPoints(ids=(1, 2), labels=(1, -1)),
    SetWeights(learner=0, w1=0.1, w2=-0.2, beta=1e-300),
    SetValue(path=("learners", 0, "rate"), value=0.5),
)


@pytest.mark.parametrize("edit", ALL_EDITS, ids=lambda edit: edit.type)
def test_edits_survive_json(edit):
    text = edit.model_dump_json()
    again = TypeAdapter(type(edit)).validate_json(text)
    assert again.model_dump_json() == text
    assert again.describe() == edit.describe()
    assert type(edit) in PerceptronExperiment.edit_types


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (RemovePoints(ids=(99,)), "no point with the id 99"),
        (MovePoints(ids=(0, 99), xy=((0, 0), (1, 1))), "no point with the id 99"),
        (MovePoints(ids=(0, 1), xy=((0, 0),)), "2 points cannot move to 1 places"),
        (RelabelPoints(ids=(99,), labels=(1,)), "no point with the id 99"),
        (RestorePoints(points=PointSet.of([[1, 2]], [1])), "there already"),
        (
            AddPoints(xy=((0.0, 0.0),) * MAX_EDITED_POINTS, labels=(1,) * MAX_EDITED_POINTS),
            "at most 100,000 points",
        ),
        (RemovePoints(ids=(0,), next_id=2**60), "numbered up to 4,000,000"),
        (SetWeights(learner=5, w1=1, w2=1, beta=1), "no model number 6"),
    ],
)
def test_impossible_edits_are_refused_in_one_sentence(edit, sentence):
    experiment = experiment_of()
    experiment.advance(5)
    before = repr(experiment.state().own)
    experiment.inverse(edit)
    with pytest.raises(EditError, match=sentence):
        experiment.apply(edit)
    assert repr(experiment.state().own) == before


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e300, "x", None])
def test_numbers_that_are_none_are_refused(value):
    for build in (
        lambda: AddPoints(xy=((value, 0.0),), labels=(1,)),
        lambda: MovePoints(ids=(0,), xy=((0.0, value),)),
        lambda: SetWeights(learner=0, w1=value, w2=0.0, beta=0.0),
        lambda: DataSpec(noise=value),
    ):
        with pytest.raises(ValidationError):
            build()


def test_labels_must_be_as_many_as_points_and_plus_or_minus_one():
    with pytest.raises(ValidationError, match="2 points need as many labels"):
        AddPoints(xy=((0, 0), (1, 1)), labels=(1,))
    with pytest.raises(ValidationError):
        AddPoints(xy=((0, 0),), labels=(0,))


def test_a_hundred_thousand_points_can_be_edited():
    rng = np.random.default_rng(0)
    points = PointSet.of(rng.normal(size=(100_000, 2)), rng.choice([-1, 1], 100_000))
    experiment = experiment_of(data=DataSpec(preset="own", points=points))
    experiment.advance(1000)
    everyone = tuple(range(100_000))
    inverse = experiment.inverse(RemovePoints(ids=everyone))
    experiment.apply(RemovePoints(ids=everyone))
    assert experiment.status().reason == "No points yet: click to add some."
    experiment.apply(inverse)
    assert points_now(experiment).equals(points)
