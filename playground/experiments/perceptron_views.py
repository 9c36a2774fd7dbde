"""How a snapshot of the perceptron experiment is put together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from playground.core import perceptrons
from playground.core.cost_surfaces import MAX_SAMPLES, cost_surface, evenly_chosen
from playground.core.perceptrons import COST_NAMES, Line, Samples
from playground.experiments.perceptron_snapshot import (
    VIEW_LEDGER,
    VIEW_MARGIN,
    VIEW_METRICS,
    VIEW_POURING,
    ErrorSurface,
    LearnerView,
    LedgerRow,
    PartDelta,
    PerceptronSnapshot,
    UsedSample,
    surface_view,
)
from playground.experiments.perceptron_verdicts import is_done, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.experiments.perceptron import PerceptronExperiment
    from playground.experiments.perceptron_data import TrainingData
    from playground.experiments.perceptron_learner import Learner

GRID: Final = 48
STRIP: Final = 3
"""Rows of the surface at once: a larger product wakes threads of the linear algebra library, which
then spin on the core that the window needs."""
SURFACE_PICTURES: Final = 4
"""So old a surface may at most be, in pictures, while they pour out."""
SMALLEST_RANGE: Final = 2.0**-20
LARGEST_RANGE: Final = 2.0**40
# Exponentials for every point and sample: half as many keep a frame within a few milliseconds.
SAMPLES_OF_LOGISTIC: Final = 250


class SurfaceCache:
    """The error surface of each learner, made anew only when it would look different."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[tuple[object, ...], ErrorSurface]] = {}
        self._ages: dict[int, int] = {}

    def get(
        self, learner: Learner, data: TrainingData, *, pouring: bool = False
    ) -> ErrorSurface | None:
        """Return the surface at the learner's present β; None without training points.

        Where pictures pour out, at the β of at most :data:`SURFACE_PICTURES` pictures ago: no eye
        follows a whole landscape thirty times a second, and it is the costliest part of a picture.
        """
        if not data.samples:
            return None
        beta = data.to_data(learner.line)[2]
        ranges = _ranges(learner, data)
        key = (data.version, learner.spec.kind, beta, ranges)
        made = self._made.get(learner.index)
        age = self._ages.get(learner.index, 0) + 1
        self._ages[learner.index] = age
        if made is not None and pouring and age < SURFACE_PICTURES:
            before = made[0]
            if (before[0], before[1], before[3]) == (data.version, learner.spec.kind, ranges):
                return made[1]
        if made is None or made[0] != key:
            made = key, _surface(learner, data, beta, ranges)
            self._made[learner.index] = made
        self._ages[learner.index] = 0
        return made[1]


def take_snapshot(
    experiment: PerceptronExperiment,
    data: TrainingData,
    learners: Sequence[Learner],
    clock: tuple[int, int],
    views: frozenset[str],
    surfaces: SurfaceCache,
) -> PerceptronSnapshot:
    """Return the picture of a run.

    Parameters
    ----------
    clock
        Epochs completed, and samples seen of the present one.
    views
        Which of the costly parts are on screen.
    """
    epochs, position = clock
    # At the end of an epoch the eye is still in it, not at sample 0 of the next.
    if position == 0 and epochs:
        epoch, seen = epochs, data.samples
    else:
        epoch, seen = epochs + 1, position
    return PerceptronSnapshot(
        step=experiment.step_index,
        status=experiment.status(),
        spec=experiment.spec,
        position=f"epoch {epoch:,} · sample {seen:,} of {data.samples:,}",
        headline=experiment.headline(),
        points=data.points,
        parts=data.parts,
        standardiser=data.standardiser,
        data_version=data.version,
        epoch=epoch,
        sample_in_epoch=seen,
        samples_per_epoch=data.samples,
        margin=data.margin if VIEW_MARGIN in views else None,
        learners=tuple(
            _view(learner, experiment, data, epochs, views, surfaces) for learner in learners
        ),
    )


def _view(
    learner: Learner,
    experiment: PerceptronExperiment,
    data: TrainingData,
    epochs: int,
    views: frozenset[str],
    surfaces: SurfaceCache,
) -> LearnerView:
    spec = experiment.spec
    wrong = perceptrons.wrong_side(data.everyone, learner.best)
    wrong.flags.writeable = False
    metrics = VIEW_METRICS in views
    surface = None
    if surface_view(learner.index) in views:
        surface = surfaces.get(learner, data, pouring=VIEW_POURING in views)
    over = epochs >= spec.stop.epochs
    current = data.to_data(learner.line)
    return LearnerView(
        index=learner.index,
        name=learner.spec.title,
        kind=learner.spec.kind,
        schedule=learner.spec.schedule,
        colour=learner.spec.colour,
        line=data.to_data(learner.best),
        current=current,
        trained=learner.line,
        rate=learner.spec.rate,
        wrong=wrong,
        cost=perceptrons.cost(learner.spec.kind, data.train, learner.best),
        errors=data.errors(learner.best),
        epochs_done=learner.epochs,
        updates=learner.updates,
        changes=learner.changes,
        epoch_changes=learner.epoch_changes,
        done=is_done(learner, spec.stop, data),
        diverged=learner.diverged,
        verdict=verdict(learner, spec, data, epochs_over=over, brief=False),
        train=data.confusion("train", wrong) if metrics else None,
        validation=data.confusion("validation", wrong) if metrics else None,
        test=data.confusion("test", wrong) if metrics else None,
        last=_last_sample(learner, data),
        ledger=tuple(map(_row, learner.ledger)) if VIEW_LEDGER in views else (),
        part_deltas=tuple(PartDelta(*change) for change in learner.part_changes),
        ghosts=tuple(line for line in learner.trail.lines() if line != current),
        surface=surface,
    )


def _row(values: tuple[float, ...]) -> LedgerRow:
    step, epoch, samples, mistakes, point, x1, x2, label, f, rate, *numbers = values
    return LedgerRow(
        int(step),
        int(epoch),
        int(samples),
        int(mistakes),
        int(point),
        x1,
        x2,
        int(label),
        f,
        rate,
        *numbers,
    )


def _last_sample(learner: Learner, data: TrainingData) -> UsedSample | None:
    last = learner.last_row if learner.spec.schedule == "online" else None
    if last is None:
        return None
    row = _row(last)
    x1, x2 = row.x1, row.x2
    if data.standardiser is not None:
        x1, x2 = data.standardiser.undo((x1, x2)).tolist()
    # A change is a difference of two lines, and the way back to the plane is linear.
    dw1, dw2, dbeta = data.to_data((row.dw1, row.dw2, row.dbeta))
    return UsedSample(row.id, x1, x2, row.label, row.f, bool(row.mistakes), dw1, dw2, dbeta)


def _ranges(learner: Learner, data: TrainingData) -> tuple[float, float]:
    """Return how far the axes reach: powers of two, so that they hold still while it trains."""
    lines: list[Line] = [
        data.to_data(learner.line),
        data.to_data(learner.start),
        *learner.trail.lines(),
    ]
    if learner.spec.kind == "adaline":
        lines.append(data.least_squares)
    return (_reach([line[0] for line in lines]), _reach([line[1] for line in lines]))


def _reach(values: list[float]) -> float:
    largest = 1.25 * max(map(abs, values))
    largest = min(max(largest, SMALLEST_RANGE), LARGEST_RANGE)
    return 2.0 ** math.ceil(math.log2(largest))


def _surface(
    learner: Learner, data: TrainingData, beta: float, ranges: tuple[float, float]
) -> ErrorSurface:
    x = data.points.x[data.train_rows]
    kind = learner.spec.kind
    limit = SAMPLES_OF_LOGISTIC if kind == "logistic" else MAX_SAMPLES
    chosen = evenly_chosen(Samples(x[:, 0], x[:, 1], data.train.y), limit)
    w1, w2 = (np.linspace(-reach, reach, GRID) for reach in ranges)
    strips = (w1[row : row + STRIP] for row in range(0, GRID, STRIP))
    values = np.concatenate([cost_surface(kind, chosen, strip, w2, beta) for strip in strips])
    for array in (w1, w2, values):
        array.flags.writeable = False
    return ErrorSurface(
        learner.index, w1, w2, values, beta, COST_NAMES[kind], sampled=len(chosen.y)
    )
