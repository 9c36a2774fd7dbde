"""Order study and cross-validation, against plain loops and the course's numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from playground.core.course_demo import COURSE_DEMO_ORDERS, COURSE_DEMO_RATE, course_demo
from playground.core.metrics import k_folds
from playground.core.points import PointSet
from playground.core.random_streams import Streams
from playground.experiments.jobs import JobError, JobProgress
from playground.experiments.perceptron_spec import (
    DataSpec,
    LearnerSpec,
    PerceptronSpec,
    StopSpec,
)
from playground.experiments.perceptron_studies import KFold, OrderStudy


def finish(job):
    """Run a job to its end; return its result and every progress."""
    steps = job.run()
    seen: list[JobProgress] = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as stop:
            return stop.value, seen


def own(points: PointSet, **changes) -> PerceptronSpec:
    data = DataSpec(preset="own", points=points, split="100/0/0")
    return PerceptronSpec(data=data, **changes)


@pytest.mark.parametrize(("expected", "order"), COURSE_DEMO_ORDERS.items())
def test_the_courses_orders_take_the_courses_epochs_and_changes(expected, order):
    spec = own(course_demo(order), learners=(LearnerSpec(rate=COURSE_DEMO_RATE),))
    result, _ = finish(OrderStudy(spec, 0, shuffles=1))
    assert (int(result.epochs[0]), int(result.changes[0])) == expected
    assert result.converged.all()


def test_online_orders_differ_and_the_batch_does_not():
    spec = own(course_demo(), learners=(LearnerSpec(rate=COURSE_DEMO_RATE),))
    result, seen = finish(OrderStudy(spec, 0, shuffles=120, seed=3))
    assert len(result.epochs) == 120
    assert result.epochs.max() > result.epochs.min()
    assert result.batch_epochs is not None
    assert "in every order" in result.summary
    partial = [step.partial for step in seen if step.partial is not None]
    lengths = [len(part.epochs) for part in partial]
    assert lengths == sorted(lengths)
    assert lengths[0] < lengths[-1] <= 120


def test_a_study_is_the_same_every_time_for_a_seed():
    spec = own(course_demo(), learners=(LearnerSpec(rate=COURSE_DEMO_RATE),))
    first, _ = finish(OrderStudy(spec, 0, shuffles=10, seed=5))
    again, _ = finish(OrderStudy(spec, 0, shuffles=10, seed=5))
    other, _ = finish(OrderStudy(spec, 0, shuffles=10, seed=6))
    assert np.array_equal(first.changes, again.changes)
    assert not np.array_equal(first.changes[1:], other.changes[1:])


def test_what_is_not_separable_does_not_converge_and_ends():
    spec = PerceptronSpec(data=DataSpec(preset="xor", count=20, noise=0.5))
    result, _ = finish(OrderStudy(spec, 0, shuffles=3, max_epochs=20))
    assert not result.converged.any()
    assert result.epochs.tolist() == [20, 20, 20]
    assert result.batch_epochs is None
    assert "none of 3 orders" in result.summary


def test_the_stop_after_epochs_means_convergence_in_a_study():
    spec = PerceptronSpec(stop=StopSpec(when="epochs", epochs=7))
    result, _ = finish(OrderStudy(spec, 0, shuffles=2))
    assert result.converged.all()


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (own(PointSet.of(np.empty((0, 2)), np.empty(0))), "No points yet"),
        (own(PointSet.of([[0, 1], [1, 0]], [1, 1])), "Only one class"),
    ],
)
def test_a_study_of_nothing_is_refused_with_a_sentence(spec, words):
    with pytest.raises(JobError, match=words):
        finish(OrderStudy(spec, 0))


def test_a_study_can_be_dropped_in_the_middle():
    steps = OrderStudy(PerceptronSpec(), 0, shuffles=1000).run()
    for _ in range(3):
        next(steps)
    steps.close()
    with pytest.raises(StopIteration):
        next(steps)


def adaline(x, y, rate, epochs):
    """The Widrow–Hoff rule in its plainest form, from the weights of the spec's start."""
    w, b = np.array([0.1, 0.1]), 0.05
    for _ in range(epochs):
        for sample, label in zip(x, y, strict=True):
            error = label - (w @ sample + b)
            w, b = w + rate * error * sample, b + rate * error
    return w, b


def test_cross_validation_equals_a_plain_loop_on_the_same_folds():
    spec = PerceptronSpec(
        data=DataSpec(preset="overlap", count=60),
        learners=(LearnerSpec(kind="adaline", rate=0.01),),
        stop=StopSpec(when="epochs", epochs=5),
    )
    result, seen = finish(KFold(spec, 0, k=4, metric="recall", seed=9))
    points = spec.data.made()
    expected = []
    for train, test in k_folds(len(points), 4, Streams(9).numpy("folds"), points.y):
        w, b = adaline(points.x[train], points.y[train], 0.01, 5)
        positive = points.y[test] > 0
        expected.append(np.mean((points.x[test] @ w + b > 0)[positive]))
    assert result.values == pytest.approx(expected)
    assert result.mean == pytest.approx(np.mean(expected))
    assert result.spread == pytest.approx(np.std(expected))
    assert seen[-1].fraction == 1.0


def test_a_metric_that_no_fold_defines_is_said_so():
    x = [[-1.0, 0.0], [-2.0, 0.0], [-3.0, 0.0], [5.0, 0.0]]
    spec = own(PointSet.of(x, [-1, -1, -1, 1]))
    result, _ = finish(KFold(spec, 0, k=4, metric="recall"))
    assert sum(math.isnan(value) for value in result.values) == 3
    assert "not defined in 3 more" in result.summary


@pytest.mark.parametrize("k", [1, 81])
def test_a_number_of_folds_that_is_not_allowed_is_a_sentence(k):
    with pytest.raises(JobError, match="number of folds must be from 2"):
        finish(KFold(PerceptronSpec(), 0, k=k))


def test_cross_validation_needs_two_classes():
    spec = own(PointSet.of([[0, 1], [1, 0]], [1, 1]))
    with pytest.raises(JobError, match="both classes"):
        finish(KFold(spec, 0, k=2))


def test_a_learner_that_is_not_there_is_a_sentence():
    with pytest.raises(JobError, match="no model number 4"):
        finish(KFold(PerceptronSpec(), 3))


def test_adaline_needs_an_end_to_be_studied_and_gets_one_from_the_error():
    learners = (LearnerSpec(kind="adaline", rate=0.005),)
    with pytest.raises(JobError, match="Adaline goes on where all is right"):
        finish(OrderStudy(PerceptronSpec(learners=learners), 0, shuffles=2))
    stop = StopSpec(when="error", error_limit=0.2)
    result, _ = finish(OrderStudy(PerceptronSpec(learners=learners, stop=stop), 0, shuffles=2))
    assert result.converged.all()
