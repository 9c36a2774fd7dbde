"""An experiment with its books: log of edits, checkpoints and history, kept while it runs.

A run is a pure function of its spec, its seed and its log of edits; edits logged at step k are
in force from the picture at step k on. Going over steps again applies the logged edits at their
steps, and what was recorded once is not recorded again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.engine.checkpoints import BUDGET_BYTES, Checkpoints
from playground.engine.history import History, HistoryView
from playground.engine.pacing import CostEstimate
from playground.experiments.base import EditError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from playground.experiments.base import Edit, Experiment, Record, Snapshot, State, Status
    from playground.experiments.spec import Spec

REPLAY_S = 0.015
"""Wanted time between two checkpoints: about what going one step back may cost."""
CHECKPOINT_SHARE = 0.05
"""Share of the training time that may go into taking checkpoints."""
FIRST_INTERVAL = 64
MAX_INTERVAL = 100_000
MOST_UNWRITTEN = 4096
"""Records of a run without a window wait for each other no longer than this."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a run is started from, and where it comes from."""

    kind: str
    spec: Spec
    seed: int
    label: str = ""
    parent: int | None = None
    branch_step: int | None = None


@dataclass(frozen=True, slots=True)
class _BeforeEdit:
    """What there was just before the last edit, to put a later edit in its place."""

    step: int
    edits: int
    state: State
    lengths: Mapping[str, int]


class Recording:
    """The experiment of a run and everything recorded of it; used by one thread.

    Parameters
    ----------
    create
        Returns the class of an experiment by its kind.
    clock
        Seconds; decides only how often checkpoints are taken, never what is computed.
    experiment
        The experiment that a branch takes over; None builds a new one at step 0.

    Raises
    ------
    SpecError, UnknownExperiment
        If the run cannot be started.
    """

    def __init__(
        self,
        origin: Origin,
        create: Callable[[str], type[Experiment]],
        clock: Callable[[], float],
        *,
        budget_bytes: int = BUDGET_BYTES,
        experiment: Experiment | None = None,
    ) -> None:
        self.origin = origin
        self.experiment_type = create(origin.kind)
        self.checkpoints = Checkpoints(budget_bytes)
        self.edits: list[tuple[int, Edit]] = []
        self.step = 0
        self.frontier = 0
        self._clock = clock
        built = self._built() if experiment is None else experiment
        self._experiment: Experiment | None = built
        self._rows = History(built.series)
        self._unwritten: list[Record] = []
        self.status: Status = built.status()
        self.end: Status = self.status
        self._headline = built.headline()
        self._last_spec = built.spec
        self._applied = 0
        self._recorded_edits = 0
        self._before: _BeforeEdit | None = None
        self._cost = CostEstimate()
        self._save_cost = CostEstimate()
        self._last_saved = 0
        if experiment is None:
            self._record(built)
            self._save(built)

    @property
    def history(self) -> HistoryView:
        """Everything recorded up to the furthest step."""
        return self._history.view()

    @property
    def _history(self) -> History:
        """The rows recorded so far; those of many short stretches are entered at once."""
        self._enter()
        return self._rows

    @_history.setter
    def _history(self, rows: History) -> None:
        self._unwritten = []
        self._rows = rows

    def _enter(self) -> None:
        if self._unwritten:
            records, self._unwritten = self._unwritten, []
            self._rows.append(records)

    @property
    def spec(self) -> Spec:
        """The spec with every live edit up to the present step in it."""
        return self._last_spec if self._experiment is None else self._experiment.spec

    @property
    def at_frontier(self) -> bool:
        """Tell whether the present step is the furthest one."""
        return self.step == self.frontier

    @property
    def headline(self) -> str:
        """The number by which runs are compared, at the furthest step."""
        if self._experiment is not None and self.at_frontier:
            self._headline = self._experiment.headline()
        return self._headline

    def snapshot(self, views: frozenset[str]) -> Snapshot:
        """Return a picture of the present step, or of a recorded one near it.

        The latter where the experiment was dropped and nobody has sought that step again.
        """
        experiment = self._experiment
        if experiment is None:
            experiment = self._built()
            experiment.load_state(self.checkpoints.nearest(self.step).state)
        return experiment.snapshot(views)

    def steps_to_mark(self) -> int:
        """Return the steps to the end of the present coarse unit, at least 1."""
        return max(1, self._require().steps_to_mark())

    def apply(self, edit: Edit) -> Edit | None:
        """Apply a person's change at the furthest step; return what would undo it, if anything.

        An edit that makes the one before it at the same step superfluous takes its place in the
        log; the run then goes back to before that one, so that it stands where a replay of the
        log will stand.

        Raises
        ------
        EditError, SpecError
            If the edit is refused; nothing has changed.
        """
        experiment = self._require()
        if not self.at_frontier:
            raise ValueError("An edit belongs at the furthest step; branch first.")
        inverse = experiment.inverse(edit)
        before = self._before
        if before is not None and before.step == self.step and before.edits == len(self.edits) - 1:
            last = self.edits[-1][1]
            if last.merges_with(edit) and self._replace_last(experiment, before, last, edit):
                return inverse
        state, lengths = experiment.state(), self._history.lengths()
        self._carry_out(experiment, edit, state)
        self._record(experiment)
        self._before = _BeforeEdit(self.step, len(self.edits), state, lengths)
        self._log(edit)
        return inverse

    def _built(self) -> Experiment:
        return self.experiment_type(self.origin.spec, self.origin.seed)

    def _require(self) -> Experiment:
        if self._experiment is None:
            raise ValueError("The experiment of this run must be rebuilt first.")
        return self._experiment

    def _load_nearest(self, step: int) -> None:
        """Go to the last checkpoint at or before a step, building the experiment if need be."""
        if self._experiment is None:
            self._experiment = self._built()
        nearest = self.checkpoints.nearest(step)
        self._experiment.load_state(nearest.state)
        self._experiment.drain_records()
        self.step, self._applied = nearest.key
        self._last_saved = self.step
        self._before = None

    def _let_go(self) -> None:
        """Drop the experiment; :meth:`_load_nearest` builds another."""
        self._last_spec = self.spec
        self._experiment = None
        self._before = None

    def _stretch(self, limit: int) -> int:
        """Go on to the limit, the next logged edit or the next checkpoint; return the steps."""
        experiment = self._require()
        stop = min(limit, max(self.step + 1, self._last_saved + self._interval()))
        if self._applied < len(self.edits):
            stop = min(stop, self.edits[self._applied][0])
        start = self._clock()
        try:
            done = experiment.advance(stop - self.step)
        except Exception:
            self._salvage(experiment, stop)
            raise
        self._cost.observe(self._clock() - start, done)
        self._settle(experiment, done)
        if done and self.step >= self._last_saved + self._interval():
            self._save(experiment)
        return done

    def _settle(self, experiment: Experiment, done: int) -> None:
        """Take the steps just done into the books."""
        before = self.frontier
        self.step += done
        self._before = None
        self._unwritten += [r for r in experiment.drain_records() if r.step > before]
        if len(self._unwritten) > MOST_UNWRITTEN:
            self._enter()
        self.frontier = max(self.frontier, self.step)
        self._apply_logged(experiment)

    def _salvage(self, experiment: Experiment, stop: int) -> None:
        """Keep the whole steps before the one that raised; the experiment itself may be torn."""
        step = min(max(experiment.step_index, self.step), stop - 1)
        records = [r for r in experiment.drain_records() if self.frontier < r.step <= step]
        self._history.append(records)
        self.step = step
        self.frontier = max(self.frontier, step)
        self._let_go()

    def _apply_logged(self, experiment: Experiment) -> None:
        """Apply the logged edits of the present step that are not in force yet."""
        while self._applied < len(self.edits) and self.edits[self._applied][0] <= self.step:
            experiment.apply(self.edits[self._applied][1])
            self._applied += 1
            if self._applied > self._recorded_edits:
                self._recorded_edits = self._applied
                self._record(experiment)
            else:
                experiment.drain_records()
        self.status = experiment.status()
        if self.at_frontier:
            self.end = self.status

    def _carry_out(self, experiment: Experiment, edit: Edit, state: State) -> None:
        """Apply an edit, or leave everything as it was and raise."""
        try:
            experiment.apply(edit)
        except EditError:
            raise
        except Exception as error:
            experiment.load_state(state)
            experiment.drain_records()
            reason = str(error) or type(error).__name__
            raise EditError(f"The change failed: {reason}") from error

    def _replace_last(
        self, experiment: Experiment, before: _BeforeEdit, last: Edit, edit: Edit
    ) -> bool:
        """Put an edit in the last one's place; False and as before if it cannot stand alone."""
        experiment.load_state(before.state)
        experiment.drain_records()
        self._history = self._history.rolled_back(before.lengths)
        try:
            self._carry_out(experiment, edit, before.state)
        except EditError:
            experiment.apply(last)
            self._record(experiment)
            return False
        self._record(experiment)
        self.checkpoints.drop_after_edits(before.edits)
        self.edits.pop()
        self._log(edit)
        return True

    def _log(self, edit: Edit) -> None:
        self.edits.append((self.step, edit))
        self._applied = self._recorded_edits = len(self.edits)
        self.status = self.end = self._require().status()

    def _record(self, experiment: Experiment) -> None:
        self._history.append(list(experiment.drain_records()))

    def _save(self, experiment: Experiment) -> None:
        start = self._clock()
        self.checkpoints.add(experiment.state(), self._applied, focus=self.step)
        self._save_cost.observe(self._clock() - start, 1)
        self._last_saved = self.step

    def _interval(self) -> int:
        """Return the steps between checkpoints, from what both were measured to cost."""
        cost = self._cost.seconds_per_step
        if cost is None:
            return FIRST_INTERVAL
        wanted_s = max(REPLAY_S, (self._save_cost.seconds_per_step or 0.0) / CHECKPOINT_SHARE)
        return min(max(1, math.ceil(wanted_s / max(cost, 1e-9))), MAX_INTERVAL)
