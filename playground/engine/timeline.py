"""One run and time: training it further, being at any step of it again, branching off.

Going to step k is loading the nearest checkpoint at or before k and replaying silently. The
experiment itself may be dropped (:meth:`Timeline.retire`); the next seek rebuilds it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from playground.engine.checkpoints import BUDGET_BYTES
from playground.engine.frames import Mark, RunInfo
from playground.engine.recording import Origin, Recording
from playground.engine.runfile import RunDocument

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.engine.history import HistoryView
    from playground.experiments.base import Edit, Experiment

RETIRED_BUDGET_BYTES = 4 * 2**20
"""Up to forty runs are kept beside the current one; each may be replayed a little longer."""


class ReplayError(RuntimeError):
    """A replay did not get where the recording got: the experiment is not deterministic."""


class Timeline(Recording):
    """A run that can be trained at its furthest step and sought, branched and kept anywhere.

    ``step`` is where it stands, ``frontier`` how far it got, ``target`` where a seek goes.
    See :class:`~playground.engine.recording.Recording` for the parameters.
    """

    def __init__(
        self,
        run_id: int,
        origin: Origin,
        create: Callable[[str], type[Experiment]],
        clock: Callable[[], float],
        *,
        budget_bytes: int = BUDGET_BYTES,
        experiment: Experiment | None = None,
    ) -> None:
        super().__init__(origin, create, clock, budget_bytes=budget_bytes, experiment=experiment)
        self.run_id = run_id
        self.failed = False
        self.ghost: HistoryView | None = None
        self._create = create
        self._budget_bytes = budget_bytes
        self._marked: tuple[int, tuple[int, Edit] | None] = (0, None)
        self._marks: tuple[Mark, ...] = ()
        self._targets: list[int] = []
        self._rebuild_to = 0
        self._seek_total = 1

    @property
    def ready(self) -> bool:
        """Tell whether the experiment is there and stands at ``step``."""
        return self._experiment is not None and not self._targets

    @property
    def seeking(self) -> bool:
        """Tell whether a replay is under way."""
        return bool(self._targets)

    @property
    def rebuilding(self) -> bool:
        """Tell whether a run file is being repeated up to its furthest step."""
        return self._rebuild_to > 0

    @property
    def target(self) -> int:
        """The step to which a seek goes; the present step when there is none."""
        return self._targets[-1] if self._targets else self.step

    @property
    def known_frontier(self) -> int:
        """The furthest step reached, or to be reached again by a run file being opened."""
        return max(self.frontier, self._rebuild_to)

    @property
    def seek_progress(self) -> float | None:
        """How much of the replay is done, 0…1; None when there is none."""
        if not self._targets:
            return None
        left = abs(self._targets[0] - self.step)
        return min(1.0, max(0.0, 1.0 - left / self._seek_total))

    def info(self) -> RunInfo:
        """Return this run's line in the list of runs."""
        origin = self.origin
        return RunInfo(
            run_id=self.run_id,
            label=origin.label,
            seed=origin.seed,
            steps=self.frontier,
            headline=self.headline,
            status=self.end,
            parent=origin.parent,
            branch_step=origin.branch_step,
            history_bytes=self._history.nbytes,
            checkpoint_bytes=self.checkpoints.nbytes,
        )

    def marks(self) -> tuple[Mark, ...]:
        """Return the places worth seeing on the timeline, in order."""
        marks = list(self._edit_marks())
        if self.origin.branch_step is not None:
            marks.append(Mark(self.origin.branch_step, "branch", "branched off here"))
        if not self.end.running:
            marks.append(Mark(self.frontier, "end", self.end.reason))
        return tuple(sorted(marks, key=lambda mark: mark.step))

    def _edit_marks(self) -> tuple[Mark, ...]:
        """Return one mark for every step with edits; remembered, for frames ask each time."""
        count, last = len(self.edits), self.edits[-1] if self.edits else None
        if count != self._marked[0] or last is not self._marked[1]:
            at: dict[int, list[Edit]] = {}
            for step, edit in self.edits:
                at.setdefault(step, []).append(edit)
            self._marked = (count, last)
            self._marks = tuple(Mark(k, "edit", _described(edits)) for k, edits in at.items())
        return self._marks

    def advance(self, steps: int) -> int:
        """Train up to ``steps`` steps beyond the furthest one; return how many were done.

        Raises
        ------
        ValueError
            If the run does not stand at its furthest step.
        """
        if not (self.at_frontier and self.ready):
            raise ValueError("Only a run that stands at its furthest step can be trained.")
        start = self.step
        while self.step < start + steps and self.status.running:
            if not self._stretch(start + steps):
                break
        return self.step - start

    def begin_seek(self, step: int) -> None:
        """Start to go to a step at or before the furthest one; :meth:`continue_seek` gets there."""
        step = min(max(0, step), self.known_frontier)
        if self.frontier < self._rebuild_to:
            self._targets = [self._rebuild_to, step]
        else:
            self._approach(step)

    def begin_rebuild(self, edits: list[tuple[int, Edit]], frontier: int, step: int) -> None:
        """Start to repeat a recorded run on a fresh one: to its furthest step, then to ``step``.

        Raises
        ------
        EditError
            If the experiment refuses an edit at step 0.
        """
        self.edits = list(edits)
        self._rebuild_to = frontier
        self._apply_logged(self._require())
        self._targets = [frontier, step]
        self._seek_total = max(1, frontier)

    def continue_seek(self, budget_s: float) -> bool:
        """Replay for about so many seconds; return whether the step is reached.

        Raises
        ------
        ReplayError
            If the replay ends before the step that the run reached the first time.
        EditError
            If a run file holds an edit that the experiment refuses.
        """
        start = self._clock()
        while self._targets:
            left = budget_s - (self._clock() - start)
            if self.step >= self._targets[0]:
                self._arrive()
            elif left <= 0:
                return False
            elif self._stretch(min(self._targets[0], self.step + self._cost.steps_within(left))):
                continue
            elif self.frontier < self._rebuild_to:
                self._end_rebuild()
            else:
                raise ReplayError(f"The replay ended at step {self.step} of {self._targets[0]}.")
        return True

    def cancel_seek(self) -> None:
        """Stay where the replay is; a run file is then open up to here."""
        self._targets = []
        self._end_rebuild()

    def branch(self, run_id: int) -> Timeline:
        """Return a run with the same past whose furthest step is the present one.

        The experiment goes with the branch; this run rebuilds its own when it is needed.
        """
        experiment = self._require()
        branch = Timeline(
            run_id,
            replace(self.origin, parent=self.run_id, branch_step=self.step),
            self._create,
            self._clock,
            budget_bytes=self._budget_bytes,
            experiment=experiment,
        )
        branch.step = branch.frontier = self.step
        branch.edits = self.edits[: self._applied]
        branch.checkpoints = self.checkpoints.upto(self.step)
        branch.ghost = self.history
        branch._history = self._history.truncated(self.step)
        branch._applied = branch._recorded_edits = self._applied
        branch._cost, branch._save_cost = self._cost, self._save_cost
        branch._last_saved = self._last_saved
        self._let_go()
        return branch

    def take_back(self, branch: Timeline) -> None:
        """Undo :meth:`branch`: the unchanged experiment returns."""
        self._experiment, branch._experiment = branch._experiment, None

    def retire(self) -> None:
        """Drop what costs memory; :meth:`revive` makes the run usable again."""
        left_at = self.target
        self.cancel_seek()
        # Ask for the headline while there is an experiment that knows it.
        self._headline = self.headline
        self.step = min(left_at, self.frontier)
        self._let_go()
        self.checkpoints.shrink(RETIRED_BUDGET_BYTES, self.step)

    def revive(self) -> None:
        """Begin to seek the step where a retired or failed run was left."""
        self.failed = False
        self.checkpoints.budget_bytes = self._budget_bytes
        self.begin_seek(self.step)

    def fail(self) -> None:
        """Give up an experiment that raised: it may be torn."""
        self.failed = True
        self._let_go()
        self.cancel_seek()

    def document(self) -> RunDocument:
        """Return what reproduces this run, standing where it stands (or is going to)."""
        return RunDocument.of(
            self.origin.kind,
            self.origin.spec,
            self.origin.seed,
            self.edits,
            step=self.target,
            frontier=self.known_frontier,
            label=self.origin.label,
        )

    def _approach(self, step: int) -> None:
        """Choose between going on from here and loading a checkpoint."""
        nearest = self.checkpoints.nearest(step)
        if self._experiment is None or not nearest.step <= self.step <= step:
            self._load_nearest(step)
        self._targets = [step]
        self._seek_total = max(1, step - self.step)
        self._apply_logged(self._require())

    def _arrive(self) -> None:
        """Go on to the next target: after a rebuild, the step where the run file stood."""
        self._targets.pop(0)
        if self.frontier >= self._rebuild_to:
            self._rebuild_to = 0
        if self._targets:
            self._approach(self._targets[0])

    def _end_rebuild(self) -> None:
        """Let the run end where its repetition ended; edits beyond that never happened."""
        if self._rebuild_to:
            del self.edits[self._applied :]
            self._targets = self._targets[1:]
            self._rebuild_to = 0
        if self._targets:
            self._approach(min(self._targets[0], self.frontier))


def _described(edits: list[Edit]) -> str:
    text = edits[-1].describe()
    return text if len(edits) == 1 else f"{len(edits)} changes, the last: {text}"
