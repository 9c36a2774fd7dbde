import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.core.datasets import COURSE_DEMO_ORDERS, course_demo
from playground.core.points import PointSet
from playground.experiments.base import Progress, SetValue
from playground.experiments.perceptron import PerceptronExperiment
from playground.experiments.perceptron_edits import AddPoints, MovePoints, RemovePoints, SetWeights
from playground.experiments.perceptron_snapshot import surface_view
from playground.experiments.perceptron_spec import (
    DataSpec,
    LearnerSpec,
    PerceptronSpec,
    StartSpec,
    StopSpec,
)

KINDS = ("perceptron", "pocket", "adaline", "logistic")
SCHEDULES = ("online", "batch", "mini-batch", "parallel")
EVERYTHING = frozenset({"margin", "metrics", "ledger", *(surface_view(i) for i in range(8))})


def run(steps=0, seed=7, **spec):
    experiment = PerceptronExperiment(PerceptronSpec(**spec), seed)
    experiment.advance(steps)
    return experiment


def own(points):
    return DataSpec(preset="own", points=points)


def picture(experiment):
    """Everything a snapshot shows, as comparable plain values."""
    shown = experiment.snapshot(EVERYTHING)
    learners = [
        tuple(
            getattr(view, name).tobytes() if name == "wrong" else repr(getattr(view, name))
            for name in view.__dataclass_fields__
            if name != "surface"
        )
        + ((view.surface.values.tobytes(), view.surface.beta) if view.surface else ())
        for view in shown.learners
    ]
    return (
        shown.step,
        shown.status,
        shown.position,
        shown.headline,
        shown.points.x.tobytes(),
        shown.points.ids.tobytes(),
        learners,
    )


def column(records, series, index):
    return [record.values[index] for record in records if record.series == series]


# The course


@pytest.mark.parametrize(("counts", "order"), COURSE_DEMO_ORDERS.items())
def test_orders_of_the_course(counts, order):
    experiment = run(10_000, data=own(course_demo(order)))
    view = experiment.snapshot(frozenset()).learners[0]
    assert (view.epochs_done, view.changes) == counts
    assert view.verdict.tone == "ok"
    epochs, changes = counts
    assert view.verdict.text.startswith(f"all correct after {epochs} epochs, {changes} changes")
    records = experiment.drain_records()
    assert column(records, "epoch/0", 0) == list(range(1, epochs + 1))
    assert sum(column(records, "epoch/0", 2)) == changes
    assert column(records, "epoch/0", 1)[-1] == 0


def test_the_demo_as_the_slides_walk_through_it():
    experiment = run(data=DataSpec.of_preset("demo"))
    wrong = []
    for _ in range(6):
        experiment.step()
        wrong.append(experiment.snapshot(frozenset()).learners[0].last.wrong)
    assert wrong == [False, False, True, False, False, True]
    assert experiment.status().progress is Progress.FINISHED


@pytest.mark.parametrize("schedule", ["batch", "parallel"])
def test_batches_do_not_care_about_the_order(schedule):
    ends = set()
    for order in itertools.islice(itertools.permutations(range(6)), 0, 720, 60):
        experiment = run(
            500, data=own(course_demo(order)), learners=(LearnerSpec(schedule=schedule),)
        )
        view = experiment.snapshot(frozenset()).learners[0]
        ends.add((view.epochs_done, view.changes, view.trained))
    assert len(ends) == 1


@pytest.mark.parametrize("parts", [1, 2, 3, 5, 64])
@pytest.mark.parametrize("kind", KINDS)
def test_parallel_batch_is_exactly_the_batch(kind, parts):
    data = DataSpec.of_preset("overlap", count=50)
    learners = (
        LearnerSpec(kind=kind, schedule="batch"),
        LearnerSpec(kind=kind, schedule="parallel", parts=parts),
    )
    experiment = run(60, data=data, learners=learners)
    batch, parallel = experiment.snapshot(frozenset()).learners
    assert parallel.trained == batch.trained
    assert parallel.line == batch.line
    assert len(parallel.part_deltas) == min(parts, 50)
    assert sum(part.samples for part in parallel.part_deltas) == 50


def test_online_perceptron_equals_scikit_learn():
    from sklearn.linear_model import Perceptron

    experiment = run(
        data=DataSpec.of_preset("overlap", count=90),
        start=StartSpec(w1=0, w2=0, beta=0),
        stop=StopSpec(when="epochs", epochs=20),
    )
    points = experiment.snapshot(frozenset()).points
    theirs = Perceptron(eta0=0.02, shuffle=False, tol=None)
    for _ in range(20):
        theirs.partial_fit(points.x, points.y, classes=[-1, 1])
        experiment.advance(90)
        line = experiment.snapshot(frozenset()).learners[0].line
        ours = [*theirs.coef_[0], theirs.intercept_[0]]
        assert line == pytest.approx(ours, rel=1e-9, abs=1e-12)
    assert experiment.status().progress is Progress.FINISHED


@pytest.mark.parametrize("standardise", [False, True])
def test_adaline_batch_ends_at_least_squares(standardise):
    experiment = run(
        4000,
        data=DataSpec.of_preset("overlap", count=60),
        learners=(LearnerSpec(kind="adaline", schedule="batch", rate=0.3),),
        standardise=standardise,
        stop=StopSpec(when="epochs", epochs=4000),
    )
    shown = experiment.snapshot(frozenset())
    design = np.column_stack([shown.points.x, np.ones(60)])
    exact = np.linalg.lstsq(design, shown.points.y.astype(float))[0]
    assert shown.learners[0].line == pytest.approx(exact, rel=1e-6)


# One clock


def naive_run(points, kind, schedule, size, rate, start, epochs):
    """The textbook's loop, written without looking at the package's."""
    line = np.array(start)
    n = len(points)
    a = np.column_stack([points.x, np.ones(n)])
    y = points.y.astype(float)
    size = {"online": 1, "mini-batch": size}.get(schedule, n)
    for _ in range(epochs):
        for at in range(0, n, size):
            rows = a[at : at + size]
            target = y[at : at + size]
            f = rows @ line
            if kind == "perceptron":
                line = line + rate * (target * (target * f <= 0)) @ rows
            elif kind == "adaline":
                line = line + rate * (target - f) @ rows / len(rows)
            else:
                line = line + rate * ((target + 1) / 2 - 1 / (1 + np.exp(-f))) @ rows / len(rows)
    return line


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("kind", ["perceptron", "adaline", "logistic"])
def test_runs_follow_the_textbook(kind, schedule):
    experiment = run(
        data=DataSpec.of_preset("overlap", count=45),
        learners=(LearnerSpec(kind=kind, schedule=schedule, rate=0.05, batch_size=7),),
        stop=StopSpec(when="epochs", epochs=12),
    )
    points = experiment.snapshot(frozenset()).points
    experiment.advance(10**6)
    view = experiment.snapshot(frozenset()).learners[0]
    expected = naive_run(points, kind, schedule, 7, 0.05, (0.1, 0.1, 0.05), 12)
    assert view.trained == pytest.approx(expected, rel=1e-9)
    assert view.epochs_done == 12


@pytest.mark.parametrize(
    ("learners", "steps"),
    [
        ([("online", 1)], 45),
        ([("batch", 1)], 1),
        ([("mini-batch", 10)], 5),
        ([("mini-batch", 10), ("batch", 1)], 5),
        ([("mini-batch", 10), ("online", 1), ("parallel", 1)], 45),
        ([("mini-batch", 999)], 1),
    ],
)
def test_a_step_is_the_smallest_batch(learners, steps):
    specs = tuple(LearnerSpec(schedule=schedule, batch_size=size) for schedule, size in learners)
    experiment = run(data=DataSpec.of_preset("overlap", count=45), learners=specs)
    assert experiment.steps_to_mark() == steps
    done = experiment.advance(steps)
    assert done == steps
    assert [r.step for r in experiment.drain_records() if r.series == "epoch"] == [steps]
    assert experiment.snapshot(frozenset()).position == "epoch 1 · sample 45 of 45"


def test_a_learner_does_the_same_alone_and_in_company():
    data = DataSpec.of_preset("overlap", count=50)
    crowd = tuple(
        LearnerSpec(kind=kind, schedule=schedule, batch_size=8)
        for kind, schedule in zip(KINDS, SCHEDULES, strict=True)
    )
    together = run(50 * 9, data=data, learners=crowd, shuffle=True).snapshot(frozenset()).learners
    for index, learner in enumerate(crowd):
        alone = run(data=data, learners=(learner,), shuffle=True)
        for _ in range(9):
            alone.advance(alone.steps_to_mark())
        view = alone.snapshot(frozenset()).learners[0]
        assert (view.trained, view.line) == (together[index].trained, together[index].line)


def test_a_disabled_learner_is_left_out():
    learners = (LearnerSpec(enabled=False), LearnerSpec(kind="adaline"))
    shown = run(10, learners=learners).snapshot(frozenset())
    assert [view.index for view in shown.learners] == [1]
    assert shown.learner(0) is None
    assert shown.learner(1).kind == "adaline"


def test_a_learner_that_is_done_rests_until_all_are():
    data = own(course_demo())
    learners = (LearnerSpec(), LearnerSpec(kind="logistic", rate=1e-4))
    experiment = run(60, data=data, learners=learners)
    first, second = experiment.snapshot(frozenset()).learners
    assert first.done
    assert first.updates == 6
    assert not second.done
    assert second.updates == 60
    assert experiment.status().running


def test_shuffling_gives_every_epoch_its_own_order():
    experiment = run(
        data=DataSpec.of_preset("overlap", count=30),
        shuffle=True,
        stop=StopSpec(when="epochs", epochs=3),
    )
    orders = []
    while experiment.status().running:
        experiment.advance(30)
        rows = experiment.snapshot(frozenset({"ledger"})).learners[0].ledger[-30:]
        orders.append([row.id for row in rows])
    assert all(sorted(order) == list(range(30)) for order in orders)
    assert len({tuple(order) for order in orders}) == 3


# advance, state, edits


small = st.fixed_dictionaries(
    {
        "kinds": st.lists(
            st.tuples(st.sampled_from(KINDS), st.sampled_from(SCHEDULES)), min_size=1, max_size=3
        ),
        "rate": st.sampled_from([0.02, 1.0, 30.0]),
        "shuffle": st.booleans(),
        "standardise": st.booleans(),
        "preset": st.sampled_from(["demo", "xor", "blobs", "overlap"]),
        "seed": st.integers(0, 5),
    }
)


def build(plan):
    learners = tuple(
        LearnerSpec(kind=kind, schedule=schedule, rate=plan["rate"], batch_size=3)
        for kind, schedule in plan["kinds"]
    )
    count = {"count": 25} if plan["preset"] in ("blobs", "overlap") else {}
    return run(
        data=DataSpec.of_preset(plan["preset"], **count),
        learners=learners,
        shuffle=plan["shuffle"],
        standardise=plan["standardise"],
        seed=plan["seed"],
        stop=StopSpec(epochs=30),
    )


@settings(max_examples=60)
@given(plan=small, chunks=st.lists(st.integers(1, 70), min_size=1, max_size=6))
def test_advance_equals_single_steps(plan, chunks):
    fast, slow = build(plan), build(plan)
    for chunk in chunks:
        done = fast.advance(chunk)
        for _ in range(chunk):
            if slow.status().running:
                slow.step()
        assert done <= chunk
        assert picture(fast) == picture(slow)
    ours, theirs = (sorted(e.drain_records(), key=repr) for e in (fast, slow))
    assert repr(ours) == repr(theirs)


@pytest.mark.parametrize("kind", KINDS)
def test_advance_equals_single_steps_in_the_long_run(kind):
    """Beyond 5,000 updates the path is thinned and whole stretches are run through at once."""
    plan = {
        "data": DataSpec.of_preset("overlap", count=300),
        "learners": (LearnerSpec(kind=kind),),
        "shuffle": True,
        "stop": StopSpec(when="epochs"),
    }
    fast, slow = run(23_456, **plan), run(**plan)
    for _ in range(23_456):
        slow.step()
    assert picture(fast) == picture(slow)
    assert repr(fast.drain_records()) == repr(slow.drain_records())


@settings(max_examples=40)
@given(plan=small, before=st.integers(0, 90), after=st.integers(1, 90))
def test_going_on_from_a_state_is_bit_exact(plan, before, after):
    original = build(plan)
    original.advance(before)
    state = original.state()
    original.drain_records()
    original.advance(after)
    records = repr(original.drain_records())
    other = build(plan)
    for _ in range(2):
        other.load_state(state)
        other.advance(after)
        assert picture(other) == picture(original)
        assert repr(other.drain_records()) == records


def test_states_carry_edits_and_are_not_touched_by_going_on():
    experiment = run(33, data=DataSpec.of_preset("overlap", count=40), shuffle=True)
    experiment.apply(AddPoints(xy=((0.5, 0.5), (-1.0, 2.0)), labels=(1, -1)))
    experiment.apply(SetWeights(learner=0, w1=1.0, w2=-1.0, beta=0.5))
    state = experiment.state()
    before = picture(experiment)
    experiment.apply(RemovePoints(ids=(3, 40)))
    experiment.advance(100)
    assert picture(experiment) != before
    fresh = run(data=DataSpec.of_preset("overlap", count=40), shuffle=True)
    fresh.load_state(state)
    assert picture(fresh) == before


def test_states_are_small():
    experiment = run(
        5000,
        data=DataSpec.of_preset("overlap", count=10_000),
        shuffle=True,
        learners=(LearnerSpec(kind="pocket"),),
    )
    own_part = experiment.state().own
    assert own_part["learners"][0]["ledger"].nbytes <= 40 * 16 * 8
    assert len(repr(own_part)) < 20_000


def test_the_path_is_complete_at_first_and_thin_later():
    experiment = run(
        400_000,
        data=DataSpec.of_preset("overlap", count=1000),
        learners=(LearnerSpec(kind="adaline"),),
        stop=StopSpec(when="epochs"),
    )
    steps = [r.step for r in experiment.drain_records() if r.series == "path/0"]
    assert steps[:5000] == list(range(5000))
    assert steps == sorted(set(steps))
    assert len(steps) < 5002 + 2500 * math.ceil(math.log2(400_000 / 5000))


# Stopping, verdicts, waiting


def test_no_points_is_a_state_one_gets_out_of_by_clicking():
    experiment = run(data=DataSpec(preset="own"))
    assert experiment.status().reason == "No points yet: click to add some."
    assert experiment.advance(10) == 0
    shown = experiment.snapshot(EVERYTHING)
    assert shown.learners[0].verdict.tone == "info"
    assert shown.learners[0].surface is None
    experiment.apply(AddPoints(xy=((1.0, 1.0),), labels=(1,)))
    assert "Only one class" in experiment.status().reason
    experiment.apply(AddPoints(xy=((-1.0, 0.5),), labels=(-1,)))
    assert experiment.status().running
    experiment.advance(100)
    assert experiment.snapshot(EVERYTHING).learners[0].verdict.text.startswith("all correct")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("standardise", [False, True])
def test_degenerate_points_train_without_a_warning(kind, schedule, standardise):
    points = PointSet.of([[1e12, -1e12], [1e12, -1e12], [0, 0], [-1e12, 1e-12]], [1, -1, 1, -1])
    experiment = run(
        200,
        data=own(points),
        learners=(LearnerSpec(kind=kind, schedule=schedule, rate=1e3),),
        standardise=standardise,
        stop=StopSpec(epochs=40),
    )
    shown = experiment.snapshot(EVERYTHING)
    view = shown.learners[0]
    assert np.isfinite(view.trained).all()
    assert view.errors > 0
    assert view.verdict.tone in ("warn", "bad", "info")


def test_a_large_rate_is_said_to_diverge_with_a_rate_that_works():
    data = DataSpec.of_preset("overlap", count=60)
    learner = LearnerSpec(kind="adaline", schedule="batch", rate=5.0)
    experiment = run(1000, data=data, learners=(learner,), stop=StopSpec(when="epochs"))
    assert experiment.status().progress is Progress.DIVERGED
    verdict = experiment.snapshot(frozenset()).learners[0].verdict
    assert verdict.tone == "bad"
    assert verdict.text.startswith("diverged: α = 5 is too large for data of this scale")
    limit = float(verdict.text.split("try below ")[1].split(")")[0])
    calm = learner.model_copy(update={"rate": 0.95 * limit})
    experiment = run(900, data=data, learners=(calm,), stop=StopSpec(when="epochs", epochs=900))
    assert experiment.status().progress is Progress.FINISHED


def test_a_diverged_learner_goes_on_from_a_new_line():
    learner = LearnerSpec(kind="adaline", rate=50.0)
    experiment = run(1000, data=DataSpec.of_preset("overlap"), learners=(learner,))
    assert experiment.status().progress is Progress.DIVERGED
    experiment.apply(SetValue(path=("learners", 0, "rate"), value=0.01))
    assert not experiment.status().running
    experiment.apply(SetWeights(learner=0, w1=0.1, w2=0.1, beta=0.0))
    assert experiment.status().running
    assert experiment.advance(500) == 500


def test_xor_is_said_to_repeat():
    experiment = run(4 * 50, data=DataSpec.of_preset("xor"))
    verdict = experiment.snapshot(frozenset()).learners[0].verdict
    assert verdict.tone == "warn"
    assert verdict.text.startswith("not separable: the line repeats with period")
    period = experiment._learners[0].cycle.period
    lines = []
    for _ in range(3 * period + 1):
        lines.append(experiment.snapshot(frozenset()).learners[0].trained)
        experiment.advance(4)
    assert lines[0] == lines[period] == lines[2 * period]


def test_not_separable_shuffled_never_settles():
    experiment = run(400, data=DataSpec.of_preset("circles"), shuffle=True)
    text = experiment.snapshot(frozenset()).learners[0].verdict.text
    assert text.startswith("not separable: the line never settles")


@pytest.mark.parametrize("kind", ["perceptron", "pocket"])
@pytest.mark.parametrize("start", [(0.0, 0.0, 0.0), (0.1, 0.1, 0.05), (-3.0, 2.0, 1.0)])
def test_changes_stay_below_the_bound_in_the_verdict(kind, start):
    w1, w2, beta = start
    experiment = run(
        10**6, learners=(LearnerSpec(kind=kind),), start=StartSpec(w1=w1, w2=w2, beta=beta)
    )
    view = experiment.snapshot(frozenset()).learners[0]
    numbers = view.verdict.text.split("bound (R/γ)² = ")[1].replace(",", "").split()
    bound = int(numbers[0]) if start == (0.0, 0.0, 0.0) else int(numbers[3])
    assert 0 < view.changes <= bound


@pytest.mark.parametrize(
    ("stop", "expected"),
    [
        (StopSpec(when="epochs", epochs=7), "the epochs are over"),
        (StopSpec(when="metric", metric="accuracy", target=0.8), "accuracy 0."),
        (StopSpec(when="metric", metric="fpr", target=0.3), "false-positive rate 0."),
        (StopSpec(when="error", error_limit=0.25), "mean squared error 0."),
    ],
)
def test_stop_rules(stop, expected):
    experiment = run(
        10**5,
        data=DataSpec.of_preset("overlap"),
        learners=(LearnerSpec(kind="adaline", rate=0.005),),
        stop=stop,
    )
    assert experiment.status().progress is Progress.FINISHED
    assert experiment.snapshot(frozenset()).learners[0].verdict.text.startswith(expected)
    assert experiment.status().reason.startswith(expected)


def test_a_metric_of_missing_validation_points_is_said_to_wait():
    stop = StopSpec(when="metric", measured_on="validation", epochs=5)
    experiment = run(100, stop=stop, data=DataSpec.of_preset("overlap"))
    verdict = experiment.snapshot(frozenset()).learners[0].verdict
    assert verdict == ("warn", "the metric waits for validation points: choose a split")


def test_only_training_points_move_the_line():
    data = DataSpec.of_preset("overlap", count=100, split="60/20/20")
    experiment = run(3000, data=data)
    shown = experiment.snapshot(EVERYTHING)
    assert shown.samples_per_epoch == int(np.count_nonzero(shown.parts == 0))
    outside = {int(i) for i in shown.points.ids[shown.parts != 0]}
    assert outside.isdisjoint(row.id for row in shown.learners[0].ledger)
    view = shown.learners[0]
    for part, counts in enumerate((view.train, view.validation, view.test)):
        f = shown.points.x @ view.line[:2] + view.line[2]
        there = shown.parts == part
        assert counts.tp + counts.tn + counts.fp + counts.fn == np.count_nonzero(there)
        assert counts.tp == np.count_nonzero(there & (f > 0) & (shown.points.y > 0))
        assert counts.fp == np.count_nonzero(there & (f > 0) & (shown.points.y < 0))


def test_live_changes_apply_and_others_are_refused():
    from playground.experiments.base import EditError

    experiment = run(10)
    experiment.apply(SetValue(path=("learners", 0, "rate"), value=0.5))
    assert experiment.snapshot(frozenset()).learners[0].rate == 0.5
    experiment.apply(SetValue(path=("stop", "epochs"), value=1))
    experiment.advance(1000)
    assert experiment.status().progress is Progress.FINISHED
    experiment.apply(SetValue(path=("stop", "epochs"), value=2))
    assert experiment.status().running
    for path, value in [
        (("shuffle",), True),
        (("learners", 0, "rate"), -1.0),
        (("learners", 0, "rate"), float("nan")),
        (("stop", "epochs"), 0),
        (("nonsense",), 1),
    ]:
        before = picture(experiment)
        with pytest.raises(EditError):
            experiment.apply(SetValue(path=path, value=value))
        assert picture(experiment) == before


# What is drawn


def test_the_ledger_adds_up():
    experiment = run(200, learners=(LearnerSpec(kind="logistic"),), standardise=True)
    rows = experiment.snapshot(EVERYTHING).learners[0].ledger
    assert len(rows) == 40
    assert [row.step for row in rows] == list(range(161, 201))
    for before, after in itertools.pairwise(rows):
        assert after.w1 == before.w1 + after.dw1
        assert after.w2 == before.w2 + after.dw2
        assert after.beta == before.beta + after.dbeta
        f = before.w1 * after.x1 + before.w2 * after.x2 + before.beta
        assert after.f == f
        assert after.mistakes == (after.label * f <= 0)


def test_the_last_sample_is_in_data_coordinates():
    experiment = run(17, standardise=True, learners=(LearnerSpec(kind="adaline"),))
    before = experiment.snapshot(EVERYTHING).learners[0]
    experiment.step()
    shown = experiment.snapshot(EVERYTHING)
    view = shown.learners[0]
    last = view.last
    at = shown.points.x[shown.points.rows([last.id])][0]
    assert (last.x1, last.x2) == pytest.approx(at)
    change = [a - b for a, b in zip(view.line, before.line, strict=True)]
    assert (last.dw1, last.dw2, last.dbeta) == pytest.approx(change, abs=1e-12)
    w1, w2, beta = before.line
    assert last.f == pytest.approx(w1 * last.x1 + w2 * last.x2 + beta)


def test_ghosts_are_earlier_lines():
    experiment = run(3000, data=DataSpec.of_preset("overlap"))
    view = experiment.snapshot(frozenset()).learners[0]
    walked = [r.values for r in experiment.drain_records() if r.series == "path/0"]
    assert 10 <= len(view.ghosts) <= 24
    assert view.current not in view.ghosts
    places = [walked.index(ghost) for ghost in view.ghosts]
    assert places == sorted(places)
    assert places[-1] >= len(walked) - 4


@pytest.mark.parametrize("kind", KINDS)
def test_the_surface_shows_the_cost_of_the_present_line(kind):
    experiment = run(100, learners=(LearnerSpec(kind=kind),), standardise=True)
    view = experiment.snapshot(EVERYTHING).learners[0]
    surface = view.surface
    w1, w2, beta = view.current
    assert surface.beta == beta
    assert surface.w1[0] < w1 < surface.w1[-1]
    assert surface.w2[0] < w2 < surface.w2[-1]
    assert surface.values.shape == (len(surface.w1), len(surface.w2))
    assert experiment.snapshot(EVERYTHING).learners[0].surface is surface


def test_the_surface_may_be_a_few_pictures_old_while_pictures_pour_out():
    experiment = run(3, learners=(LearnerSpec(rate=0.5),), data=DataSpec.of_preset("overlap"))
    pouring = EVERYTHING | {"pouring"}

    def made_for_the_present(views):
        view = experiment.snapshot(views).learners[0]
        return view.surface.beta == view.current[2]

    beta = experiment.snapshot(pouring).learners[0].current[2]
    seen = []
    while len(seen) < 12:
        experiment.step()
        view = experiment.snapshot(frozenset()).learners[0]
        if view.current[2] != beta:
            beta = view.current[2]
            seen.append(made_for_the_present(pouring))
    assert 3 <= seen.count(True) < len(seen)
    assert made_for_the_present(EVERYTHING)


def test_a_state_of_the_same_epoch_keeps_the_order_and_others_make_their_own():
    experiment = run(5, shuffle=True)
    state, points = experiment.state(), experiment.snapshot(frozenset()).points
    experiment.apply(MovePoints(ids=(3,), xy=((9.0, 9.0),)))
    experiment.load_state(state)
    kept = experiment._present_order().ids.tolist()
    fresh = run(5, shuffle=True)._present_order()
    assert kept == fresh.ids.tolist()
    assert np.array_equal(experiment._present_order().samples.x1, fresh.samples.x1)
    experiment.advance(2 * len(points))
    experiment.load_state(state)
    assert experiment._present_order().ids.tolist() == kept


def test_snapshots_are_read_only_and_frozen():
    shown = run(5).snapshot(EVERYTHING)
    for array in (shown.points.x, shown.parts, shown.learners[0].wrong):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_moving_a_point_moves_the_margin():
    experiment = run()
    first = experiment.snapshot(EVERYTHING).margin
    far = MovePoints(ids=(0,), xy=((40.0, 30.0),))
    experiment.apply(far)
    second = experiment.snapshot(EVERYTHING)
    assert first.separable
    experiment.apply(MovePoints(ids=(0,), xy=((-2.0, -1.0),)))
    third = experiment.snapshot(EVERYTHING)
    assert not third.margin.separable
    assert third.data_version != second.data_version


@pytest.mark.parametrize("kind", ["adaline", "logistic"])
def test_what_moves_also_where_it_is_right_does_not_stop_at_all_correct(kind):
    settings = {
        "data": DataSpec.of_preset("and"),
        "learners": (LearnerSpec(kind=kind, rate=0.1),),
        "stop": StopSpec(when="all correct", epochs=200),
    }
    halfway = run(4 * 150, **settings)
    assert halfway.snapshot(EVERYTHING).learners[0].errors == 0
    assert halfway.status().running
    assert run(4 * 200, **settings).snapshot(EVERYTHING).learners[0].epochs_done == 200


def test_a_rule_that_diverges_on_the_first_sample_of_a_stretch_still_has_a_picture():
    spec = PerceptronSpec(
        data=DataSpec.of_preset("overlap", count=20),
        learners=(LearnerSpec(kind="adaline", rate=0.01),),
        stop=StopSpec(when="epochs", epochs=10_000),
    )
    run = PerceptronExperiment(spec, 0)
    # Beyond the updates that are all written down one by one.
    while run.step_index < 6000:
        run.advance(run.steps_to_mark())
    ids = tuple(run.snapshot(frozenset()).points.ids.tolist())
    run.apply(MovePoints(ids=ids, xy=((1e12, 1e12),) * len(ids)))
    run.apply(SetWeights(learner=0, w1=1e3, w2=1e3, beta=0.0))
    while run.status().running:
        run.advance(1)
        snapshot = run.snapshot(frozenset())
    assert snapshot.status.progress is Progress.DIVERGED
    assert snapshot.learners[0].last.id in ids
