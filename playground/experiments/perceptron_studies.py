"""Studies of a linear neuron: many runs of the same data, a few milliseconds at a time.

The *order study* trains one learner on many orders of the same training points, each until its
stop condition is met. Online the order decides how long that takes; the course's six points take
2 epochs with 4 changes in one order and 10 with 28 in another (lecture 2). A batch sums over all
samples before it moves, so it takes the same in every order: the study trains it on several orders
too and shows what it finds.

*k-fold cross-validation* (lecture 1) deals the points to k folds, trains on all but one and judges
on that one, k times; the mean of the metric says how well the learner does on points it has not
seen, the spread how far that can be trusted.

Every run of a study is a run of :class:`~playground.experiments.perceptron.PerceptronExperiment`,
the same code that is watched on the stage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from playground.core.metrics import confusion, k_folds, mean_over_folds, metric_named
from playground.core.perceptrons import MISTAKE_DRIVEN
from playground.core.points import PointSet
from playground.core.random_streams import Streams
from playground.experiments.jobs import JobError, JobProgress, SlicedJob
from playground.experiments.perceptron import PerceptronExperiment
from playground.experiments.perceptron_data import TrainingData
from playground.experiments.perceptron_spec import (
    KIND_LABELS,
    METRIC_LABELS,
    DataSpec,
    PerceptronSpec,
    StopSpec,
)

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

SAMPLES_PER_SLICE: Final = 10_000
"""Samples between two reports: a few milliseconds of an online rule."""
EPOCHS_PER_SLICE: Final = 50
"""The same for few samples, where ending an epoch costs more than the samples in it."""
BATCH_ORDERS: Final = 3
"""Orders on which the batch is trained, to show that it does not care."""
MAX_SHUFFLES: Final = 100_000
REPORT_EVERY: Final = 8
"""Runs of an order study between two partial results: a histogram is not drawn for each."""


@dataclass(frozen=True, slots=True)
class OrderStudyResult:
    """How long training took in many orders of the same samples.

    Parameters
    ----------
    epochs, changes
        (n,) int64 per order.
    converged
        (n,) bool; where False the epochs were over first.
    batch_epochs, batch_changes
        The same in a batch, equal in every order tried; None where it did not converge.
    batch_orders
        On how many orders the batch was trained; all gave the same numbers.
    summary
        The outcome in one sentence.
    """

    epochs: NDArray[np.int64]
    changes: NDArray[np.int64]
    converged: NDArray[np.bool_]
    batch_epochs: int | None
    batch_changes: int | None
    batch_orders: int
    summary: str


@dataclass(frozen=True, slots=True)
class KFoldResult:
    """A metric on the fold left out, once for every fold.

    ``values`` holds NaN where the metric is not defined; ``mean`` and ``spread`` (standard
    deviation over the defined folds, n in the denominator) are NaN where none is.
    """

    metric: str
    values: tuple[float, ...]
    mean: float
    spread: float
    summary: str


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Where one run ended."""

    epochs: int
    changes: int
    converged: bool


class OrderStudy(SlicedJob):
    """Train one learner on many orders of the same training points.

    Parameters
    ----------
    spec
        The run that is watched; its training points, start and stop condition are taken over. A
        stop "after the epochs" becomes "all correct", which is what convergence means here.
    learner
        Which of its learners.
    shuffles
        How many orders, 1…100,000.
    max_epochs
        A run that has not met its stop condition by then counts as not converged.
    seed
        Draws the orders; the first one is always the order of the points.
    """

    title = "order study"

    def __init__(
        self,
        spec: PerceptronSpec,
        learner: int,
        *,
        shuffles: int = 200,
        max_epochs: int = 1000,
        seed: int = 0,
    ) -> None:
        self._spec = spec
        self._learner = learner
        self._shuffles = shuffles
        self._max_epochs = max_epochs
        self._seed = seed

    def run(self) -> Generator[JobProgress, None, OrderStudyResult]:
        """Yield progress with the orders done so far; return all of them.

        Raises
        ------
        JobError
            Where there is nothing to learn, or the number of orders is not allowed.
        """
        if not 1 <= self._shuffles <= MAX_SHUFFLES:
            raise JobError(f"The number of orders must be from 1 to {MAX_SHUFFLES:,}.")
        points = _training_points(self._spec)
        single = _single(self._spec, self._learner, shuffle=False)
        single = _with_stop(single, _convergence(single, self._max_epochs))
        batch = yield from self._batch(single, points)
        outcomes: list[_Outcome] = []
        rng = Streams(self._seed).numpy("study orders")
        for index in range(self._shuffles):
            rows = np.arange(len(points)) if index == 0 else rng.permutation(len(points))
            outcome = yield from _run(single, _rows(points, rows), self._fraction(index))
            outcomes.append(outcome)
            if index % REPORT_EVERY == 0:
                yield JobProgress(
                    self._fraction(index + 1),
                    f"{index + 1:,} of {self._shuffles:,} orders",
                    _order_result(outcomes, batch),
                )
        return _order_result(outcomes, batch)

    def _fraction(self, done: int) -> float:
        return done / self._shuffles

    def _batch(
        self, single: PerceptronSpec, points: PointSet
    ) -> Generator[JobProgress, None, list[_Outcome]]:
        """Train the same learner in batches on a few orders."""
        learner = single.learners[0].model_copy(update={"schedule": "batch"})
        spec = single.model_copy(update={"learners": (learner,)})
        rng = Streams(self._seed).numpy("batch orders")
        outcomes = []
        for _ in range(BATCH_ORDERS):
            rows = rng.permutation(len(points))
            outcomes.append((yield from _run(spec, _rows(points, rows), 0.0)))
        return outcomes


class KFold(SlicedJob):
    """Judge one learner by k-fold cross-validation over all points.

    Parameters
    ----------
    spec
        The run that is watched: its points (whatever their split), start, order and stop.
    learner
        Which of its learners.
    k
        Number of folds, 2 … number of points; the folds are stratified.
    metric
        Name of one of :data:`~playground.core.metrics.METRICS`.
    seed
        Deals the points to the folds.
    """

    title = "k-fold cross-validation"

    def __init__(
        self,
        spec: PerceptronSpec,
        learner: int,
        *,
        k: int = 5,
        metric: str = "accuracy",
        seed: int = 0,
    ) -> None:
        self._spec = spec
        self._learner = learner
        self._k = k
        self._metric = metric
        self._seed = seed

    def run(self) -> Generator[JobProgress, None, KFoldResult]:
        """Yield progress with the folds done so far; return all of them.

        Raises
        ------
        JobError
            Where there are fewer points than folds, or a single class.
        """
        points = self._spec.data.made()
        if len(set(points.y.tolist())) < 2:
            raise JobError("Cross-validation needs points of both classes.")
        metric = metric_named(self._metric)
        rng = Streams(self._seed).numpy("folds")
        try:
            folds = k_folds(len(points), self._k, rng, points.y)
        except ValueError as error:
            raise JobError(str(error)) from None
        single = _single(self._spec, self._learner, shuffle=self._spec.shuffle)
        values: list[float] = []
        for index, (train, test) in enumerate(folds):
            experiment = PerceptronExperiment(_on(single, _rows(points, train)), self._seed)
            if experiment.status().running:
                yield from _advance(experiment, index / self._k)
            w1, w2, beta = experiment.snapshot(frozenset()).learners[0].line
            f = points.x[test] @ np.array([w1, w2]) + beta
            values.append(metric.value(confusion(points.y[test], f)))
            message = f"{index + 1} of {self._k} folds"
            yield JobProgress((index + 1) / self._k, message, _fold_result(metric.name, values))
        return _fold_result(metric.name, values)


def _run(
    spec: PerceptronSpec, points: PointSet, fraction: float
) -> Generator[JobProgress, None, _Outcome]:
    """Run a spec with a single learner to its end on these points."""
    experiment = PerceptronExperiment(_on(spec, points), seed=0)
    yield from _advance(experiment, fraction)
    view = experiment.snapshot(frozenset()).learners[0]
    return _Outcome(view.epochs_done, view.changes, view.done and not view.diverged)


def _advance(
    experiment: PerceptronExperiment, fraction: float
) -> Generator[JobProgress, None, None]:
    """Train to the end, reporting often enough for the window to stay fluid."""
    per_epoch = experiment.steps_to_mark()
    epochs_per_slice = min(SAMPLES_PER_SLICE / max(1, experiment.samples), EPOCHS_PER_SLICE)
    steps = max(1, int(epochs_per_slice * per_epoch))
    while experiment.status().running:
        experiment.advance(steps)
        experiment.drain_records()
        if experiment.status().running:
            yield JobProgress(fraction)


def _training_points(spec: PerceptronSpec) -> PointSet:
    """Return the training points of a run; raise where nothing can be learnt from them."""
    points = spec.data.made()
    data = TrainingData(points, spec)
    if data.waiting_for:
        raise JobError(data.waiting_for)
    return _rows(points, data.train_rows)


def _single(spec: PerceptronSpec, learner: int, *, shuffle: bool) -> PerceptronSpec:
    """Return the spec with this learner alone."""
    if not 0 <= learner < len(spec.learners):
        raise JobError(f"There is no model number {learner + 1}.")
    chosen = spec.learners[learner].model_copy(update={"enabled": True})
    return spec.model_copy(update={"learners": (chosen,), "shuffle": shuffle})


def _convergence(single: PerceptronSpec, max_epochs: int) -> StopSpec:
    """Return the stop condition that ends a run of the study."""
    stop, kind = single.stop, single.learners[0].kind
    if stop.when in ("metric", "error"):
        return stop.model_copy(update={"epochs": max_epochs, "measured_on": "train"})
    if kind not in MISTAKE_DRIVEN:
        raise JobError(
            f"{KIND_LABELS[kind].capitalize()} goes on where all is right: "
            "choose a stop at a metric or a small error, then study the order."
        )
    return stop.model_copy(update={"when": "all correct", "epochs": max_epochs})


def _with_stop(spec: PerceptronSpec, stop: StopSpec) -> PerceptronSpec:
    return spec.model_copy(update={"stop": stop})


def _on(spec: PerceptronSpec, points: PointSet) -> PerceptronSpec:
    """Return the spec on points of its own, all of them for training."""
    data = DataSpec(preset="own", points=points, split="100/0/0", seed=spec.data.seed)
    return spec.model_copy(update={"data": data})


def _rows(points: PointSet, rows: NDArray[np.intp]) -> PointSet:
    return PointSet.of(points.x[rows], points.y[rows], names=points.names, classes=points.classes)


def _order_result(outcomes: list[_Outcome], batch: list[_Outcome]) -> OrderStudyResult:
    epochs = np.array([outcome.epochs for outcome in outcomes], dtype=np.int64)
    changes = np.array([outcome.changes for outcome in outcomes], dtype=np.int64)
    converged = np.array([outcome.converged for outcome in outcomes], dtype=np.bool_)
    settled = batch[0].converged
    return OrderStudyResult(
        epochs,
        changes,
        converged,
        batch[0].epochs if settled else None,
        batch[0].changes if settled else None,
        len(batch),
        f"{_spread(epochs, changes, converged)}; {_batch_words(batch)}",
    )


def _spread(
    epochs: NDArray[np.int64], changes: NDArray[np.int64], converged: NDArray[np.bool_]
) -> str:
    count = int(np.count_nonzero(converged))
    if not count:
        return f"none of {len(converged):,} orders got there within the epochs"
    e, c = epochs[converged], changes[converged]
    among = "" if count == len(converged) else f" ({count:,} of {len(converged):,} got there)"
    return (
        f"{len(converged):,} orders: {_range(e)} epochs, {_range(c)} changes, "
        f"on average {e.mean():.3g} and {c.mean():.3g}{among}"
    )


def _range(values: NDArray[np.int64]) -> str:
    low, high = int(values.min()), int(values.max())
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


def _batch_words(batch: list[_Outcome]) -> str:
    first = batch[0]
    if not first.converged:
        return "the batch does not get there"
    return f"the batch takes {first.epochs:,} and {first.changes:,} in every order"


def _fold_result(metric: str, values: list[float]) -> KFoldResult:
    found = mean_over_folds(values)
    label = METRIC_LABELS[metric]
    if not found.folds:
        words = f"{label} is not defined in any of the {len(values)} folds"
    else:
        words = f"{label} {found.mean:.4g} ± {found.spread:.2g} over {found.folds} folds"
        missing = len(values) - found.folds
        if missing:
            words += f"; not defined in {missing} more"
    return KFoldResult(metric, tuple(values), found.mean, found.spread, words)
