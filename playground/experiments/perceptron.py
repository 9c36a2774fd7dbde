"""Perceptron, pocket perceptron, Adaline and logistic neurons, trained side by side on one clock.

All learners see the same samples in the same order. The clock counts samples; a step advances it by
the smallest batch of those that take part (one sample as soon as somebody learns online, a whole
pass when all learn in batches), never beyond the end of the epoch, and every learner acts when its
own batch is full. After every epoch each learner is judged by its stop condition; one that is done
rests while the others go on.

Edits of the points act between two steps: the lines stay where they are on the plane, and the
epoch goes on with the samples that have not been seen yet.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from pydantic import ValidationError

from playground.core import perceptrons
from playground.core.random_streams import Streams
from playground.experiments.base import (
    RUNNING,
    Edit,
    EditError,
    Experiment,
    Progress,
    Record,
    Series,
    SetValue,
    State,
    Status,
)
from playground.experiments.perceptron_data import EpochOrder, TrainingData
from playground.experiments.perceptron_edits import (
    AddPoints,
    DataEdit,
    MovePoints,
    RelabelPoints,
    RemovePoints,
    RestorePoints,
    SetWeights,
)
from playground.experiments.perceptron_learner import Learner, Span
from playground.experiments.perceptron_spec import MAX_PARTS, DataSpec, PerceptronSpec
from playground.experiments.perceptron_verdicts import is_done, stop_reached, verdict
from playground.experiments.perceptron_views import SurfaceCache, take_snapshot

if TYPE_CHECKING:
    from playground.core.perceptrons import Line
    from playground.core.points import PointSet
    from playground.experiments.perceptron_snapshot import PerceptronSnapshot
    from playground.experiments.spec import Path, Spec

EPOCH_COLUMNS = ("epoch", "errors", "changes", "cost", "train accuracy", "validation accuracy")
EPOCH_DTYPES = ("int64", "int64", "int64", "float64", "float64", "float64")
PATH_COLUMNS = ("w1", "w2", "beta")


class PerceptronExperiment(Experiment):
    """One to eight linear neurons on points of the plane.

    Series: ``epoch`` has a row at every epoch's end; ``epoch/<i>`` the errors, changes and cost of
    learner i then, until it is done; ``path/<i>`` its line in data coordinates whenever it has
    moved (thinned in long runs).
    """

    kind = "perceptron"
    spec_type = PerceptronSpec
    edit_types = (
        SetValue,
        AddPoints,
        MovePoints,
        RemovePoints,
        RestorePoints,
        RelabelPoints,
        SetWeights,
    )
    needs_torch = False
    step_noun = "step"
    mark_noun = "epoch"
    mark_series = "epoch"
    spec: PerceptronSpec

    def __init__(self, spec: Spec, seed: int) -> None:
        if not isinstance(spec, PerceptronSpec):
            raise TypeError(f"expected a PerceptronSpec, got {type(spec).__name__}")
        super().__init__(spec, seed)
        self._data = TrainingData(spec.data.made(), spec)
        start = _first_line(spec, seed)
        self._learners = [
            Learner(index, learner, start, self._data)
            for index, learner in enumerate(spec.learners)
            if learner.enabled
        ]
        self.series = (
            Series("epoch", ("epoch",), ("int64",)),
            *(
                Series(f"epoch/{learner.index}", EPOCH_COLUMNS, EPOCH_DTYPES)
                for learner in self._learners
            ),
            *(Series(f"path/{learner.index}", PATH_COLUMNS) for learner in self._learners),
        )
        self._epochs = 0
        self._position = 0
        self._order: EpochOrder | None = None
        # The lines on the plane as they were before the first of several edits at one step: with
        # standardised data each edit starts from them, so that merged edits leave no rounding.
        self._anchor: tuple[tuple[Line, Line], ...] = ()
        self._threads: ThreadPoolExecutor | None = None
        self._surfaces = SurfaceCache()
        for learner in self._learners:
            self._record(f"path/{learner.index}", *self._data.to_data(start))

    @property
    def samples(self) -> int:
        """The number of training samples, one epoch's worth."""
        return self._data.samples

    def step(self) -> None:
        """Advance the clock by one step."""
        self.advance(1)

    def advance(self, steps: int) -> int:
        """Do up to ``steps`` steps, whole stretches of an epoch at a time."""
        done = 0
        while done < steps and self._is_running():
            done += self._walk(steps - done)
        if len(self._learners) > 1:
            self._records.sort(key=_step_of)
        return done

    def snapshot(self, views: frozenset[str]) -> PerceptronSnapshot:
        """Return a frozen picture of points and learners."""
        return take_snapshot(
            self, self._data, self._learners, (self._epochs, self._position), views, self._surfaces
        )

    def state(self) -> State:
        """Return the counters and lines; spec and points are shared."""
        own = {
            "clock": (self._epochs, self._position),
            "learners": [learner.state() for learner in self._learners],
            "anchor": self._anchor,
        }
        return State(self.step_index, own, {"spec": self.spec, "data": self._data})

    def load_state(self, state: State) -> None:
        """Go to the step of a state."""
        order, epochs, shuffle = self._order, self._epochs, self.spec.shuffle
        self.step_index = state.step
        self.spec, self._data = state.shared["spec"], state.shared["data"]
        self._epochs, self._position = state.own["clock"]
        self._anchor = state.own["anchor"]
        for learner, saved in zip(self._learners, state.own["learners"], strict=True):
            learner.load(saved)
            learner.spec = self.spec.learners[learner.index]
        # Every place of a dragged point goes back to before the drag: sorting anew each time would
        # be half of its cost.
        same = (epochs, shuffle) == (self._epochs, self.spec.shuffle)
        self._order = order.moved_to(self._data) if order is not None and same else None
        self._records.clear()

    def status(self) -> Status:
        """Tell whether somebody still learns; the reason is the verdict of a single learner."""
        if self._is_running():
            return RUNNING
        if self._data.waiting_for:
            return Status(Progress.FINISHED, self._data.waiting_for)
        diverged = all(learner.diverged for learner in self._learners)
        progress = Progress.DIVERGED if diverged else Progress.FINISHED
        return Status(progress, self._reason())

    def headline(self) -> str:
        """Return the training accuracy, of the best learner where there are several."""
        if not self._data.samples:
            return ""
        errors = min(self._data.errors(learner.best) for learner in self._learners)
        return f"accuracy {1 - errors / self._data.samples:.4g}"

    def steps_to_mark(self) -> int:
        """Return how many steps remain to the end of the epoch."""
        left = self._data.samples - self._position
        return max(1, -(-left // self._quantum()))

    def apply(self, edit: Edit) -> None:
        """Carry out a change of live numbers, points or a line."""
        if isinstance(edit, DataEdit):
            self._change_points(edit.changed(self._data.points))
        elif isinstance(edit, SetWeights):
            self._put_line(edit)
        else:
            super().apply(edit)

    def inverse(self, edit: Edit) -> Edit | None:
        """Return the edit that leads back to the present points, line or number."""
        if isinstance(edit, DataEdit):
            return edit.inverse_for(self._data.points)
        if isinstance(edit, SetWeights):
            learner = self._learner(edit.learner)
            if learner is None:
                return None
            w1, w2, beta = self._data.to_data(learner.line)
            try:
                return SetWeights(learner=edit.learner, w1=w1, w2=w2, beta=beta)
            except ValidationError:
                return None
        return super().inverse(edit)

    def _is_running(self) -> bool:
        return (
            self._epochs < self.spec.stop.epochs
            and not self._data.waiting_for
            and any(not self._done(learner) for learner in self._learners)
        )

    def _done(self, learner: Learner) -> bool:
        return is_done(learner, self.spec.stop, self._data)

    def _reason(self) -> str:
        over = self._epochs >= self.spec.stop.epochs
        if len(self._learners) == 1:
            only = self._learners[0]
            return verdict(only, self.spec, self._data, epochs_over=over, brief=True).text
        if over and not all(self._done(learner) for learner in self._learners):
            return f"the epochs are over ({self._epochs:,})"
        return "every model is done"

    def _quantum(self) -> int:
        return min(learner.batch_size(self._data.samples) for learner in self._learners)

    def _walk(self, steps: int) -> int:
        """Do up to ``steps`` steps within the present epoch; return how many."""
        samples, quantum = self._data.samples, self._quantum()
        steps = min(steps, self.steps_to_mark())
        stop = min(self._position + steps * quantum, samples)
        span = Span(self._epochs, self._position, stop, quantum, self.step_index)
        order = self._present_order()
        self._anchor = ()
        learning = [learner for learner in self._learners if not self._done(learner)]
        ends = []
        for learner in learning:
            path = f"path/{learner.index}"

            def draw(step: int, line: Line, path: str = path) -> None:
                self._records.append(Record(path, step, line))

            ends.append(learner.walk(order, self._data, span, draw, self._executor))
        diverged = [end for end in ends if end is not None]
        if len(diverged) == len(learning):
            # Nobody is left: the clock stands still in the step in which the last one diverged.
            steps = max(diverged) - self.step_index
            stop = min(self._position + steps * quantum, samples)
        for learner in self._learners:
            if learner not in learning:
                learner.acted_to = stop
        self.step_index += steps
        self._position = stop
        if stop == samples:
            self._end_epoch(learning)
        return steps

    def _end_epoch(self, learning: list[Learner]) -> None:
        self._epochs += 1
        self._position = 0
        if self.spec.shuffle:
            self._order = None
        self._record("epoch", self._epochs)
        data = self._data
        for learner in self._learners:
            learner.acted_to = 0
        for learner in learning:
            if learner.diverged:
                continue
            errors = learner.judge(data, cyclic=not self.spec.shuffle)
            learner.rested = stop_reached(self.spec.stop, learner, data)
            validation = data.validation
            self._record(
                f"epoch/{learner.index}",
                learner.epochs,
                errors,
                learner.epoch_changes,
                perceptrons.cost(learner.spec.kind, data.train, learner.best),
                1.0 - errors / data.samples,
                1.0 - perceptrons.cost("perceptron", validation, learner.best),
            )

    def _present_order(self) -> EpochOrder:
        if self._order is None:
            self._order = self._data.order(self.spec.shuffle, self.seed, self._epochs)
        return self._order

    def _executor(self) -> ThreadPoolExecutor:
        # Its idle threads end with the experiment: they hold the executor by a weak reference.
        if self._threads is None:
            self._threads = ThreadPoolExecutor(MAX_PARTS, thread_name_prefix="part")
        return self._threads

    def _learner(self, index: int) -> Learner | None:
        return next((learner for learner in self._learners if learner.index == index), None)

    def _change_points(self, points: PointSet) -> None:
        order = self._present_order()
        if self.spec.standardise and not self._anchor:
            self._anchor = self._lines_on_plane()
        own = DataSpec(**{**dict(self.spec.data), "preset": "own", "points": points})
        self.spec = self.spec.model_copy(update={"data": own})
        self._data = TrainingData(points, self.spec, self._data)
        self._order = order.moved_to(self._data) or self._data.order(
            self.spec.shuffle, self.seed, self._epochs
        )
        self._position = order.position_in(self._order, self._position)
        anchor = self._anchor or tuple((learner.line, learner.best) for learner in self._learners)
        for learner, (line, best) in zip(self._learners, anchor, strict=True):
            learner.acted_to = order.position_in(self._order, learner.acted_to)
            to_training = self._data.to_training
            learner.carry_over(to_training(line), to_training(best), self._data)

    def _put_line(self, edit: SetWeights) -> None:
        learner = self._learner(edit.learner)
        if learner is None:
            raise EditError(f"There is no model number {edit.learner + 1} that takes part.")
        line = self._data.to_training(edit.line)
        if not perceptrons.is_finite(line):
            raise EditError("That line is too far away to be computed with.")
        if self.spec.standardise:
            anchor = list(self._anchor or self._lines_on_plane())
            anchor[self._learners.index(learner)] = (edit.line, edit.line)
            self._anchor = tuple(anchor)
        learner.put(line, self._data)

    def _lines_on_plane(self) -> tuple[tuple[Line, Line], ...]:
        to_data = self._data.to_data
        return tuple((to_data(learner.line), to_data(learner.best)) for learner in self._learners)

    def _on_live_change(self, path: Path) -> None:
        for learner in self._learners:
            learner.spec = self.spec.learners[learner.index]
            if path[:2] == ("learners", learner.index):
                learner.disturb()


def _first_line(spec: PerceptronSpec, seed: int) -> Line:
    start = spec.start
    if start.weights == "typed":
        return start.w1, start.w2, start.beta
    w1, w2, beta = (Streams(seed).numpy("init").standard_normal(3) * start.spread).tolist()
    return w1, w2, beta


def _step_of(record: Record) -> int:
    return record.step
