"""The runs of a channel: how they are started, which is current, and which are kept beside it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal

from playground.engine.frames import Refused, RunOpened
from playground.engine.recording import Origin
from playground.engine.timeline import Timeline
from playground.experiments.registry import UnknownExperiment
from playground.experiments.spec import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.engine.commands import Open
    from playground.engine.frames import Event, RunInfo
    from playground.engine.runfile import RunDocument
    from playground.experiments.base import EditError, Experiment

MAX_RUNS = 40
Cause = Literal["open", "document", "reset", "switch", "branch"]

log = logging.getLogger(__name__)


class RunShelf:
    """Runs in the order in which they were started, one of them current.

    Whatever cannot be done raises a sentence (:class:`SpecError`, :class:`UnknownExperiment`,
    ``EditError``) and changes nothing.

    Parameters
    ----------
    channel
        Name under which the events are posted.
    create
        Returns the class of an experiment by its kind.
    new_run_id
        Returns an id no run has yet.
    """

    def __init__(
        self,
        channel: str,
        create: Callable[[str], type[Experiment]],
        post: Callable[[Event], None],
        clock: Callable[[], float],
        new_run_id: Callable[[], int],
        *,
        max_runs: int = MAX_RUNS,
    ) -> None:
        self.max_runs = max_runs
        self.current: Timeline | None = None
        self._channel = channel
        self._create = create
        self._post = post
        self._clock = clock
        self._new_run_id = new_run_id
        self._runs: dict[int, Timeline] = {}
        self._gesture = 0
        self._before_gesture: int | None = None
        self._document_frontier = 0
        self._before_document: Timeline | None = None

    def infos(self) -> tuple[RunInfo, ...]:
        """Return the lines of the list of runs, oldest first."""
        return tuple(run.info() for run in self._runs.values())

    def open(self, command: Open) -> None:
        """Start a run; one that the same gesture opened before is replaced, not kept."""
        run = self._started(Origin(command.kind, command.spec, command.seed, command.label))
        same = command.gesture != 0 and command.gesture == self._gesture
        previous = self._before_gesture if same else self._current_id()
        self._make_current(run, forget_previous=same)
        self._gesture, self._before_gesture = command.gesture, previous
        self._announce("open", previous, command.gesture)

    def open_document(self, document: RunDocument) -> None:
        """Start to repeat the run in a document; its steps follow by ``continue_seek``."""
        experiment = self._create(document.kind)
        spec, edits = document.typed_spec(experiment), document.typed_edits(experiment)
        run = self._started(Origin(document.kind, spec, document.seed, document.label))
        run.begin_rebuild(edits, document.frontier, document.step)
        before = self.current
        previous = self._current_id()
        self._make_current(run)
        self._document_frontier, self._before_document = document.frontier, before
        self._announce("document", previous)

    def reset(self, seed: int | None) -> None:
        """Start the current run afresh, with its live edits in the spec."""
        before = self.require()
        origin = before.origin
        seed = origin.seed if seed is None else seed
        self._make_current(self._started(Origin(origin.kind, before.spec, seed, origin.label)))
        self._announce("reset", before.run_id)

    def switch(self, run_id: int) -> None:
        """Put a listed run in front, where it was left."""
        if run_id not in self._runs:
            raise SpecError("This run is no longer listed.")
        before = self.require()
        run = self._runs[run_id]
        if run is before and not run.failed:
            return
        self._make_current(run)
        self._announce("switch", before.run_id)
        run.revive()

    def drop(self, run_id: int) -> None:
        """Forget a listed run; nothing happens if it is not listed any more."""
        if run_id == self._current_id():
            raise SpecError("The run being shown cannot be dropped.")
        self._runs.pop(run_id, None)

    def branch(self) -> Timeline:
        """Return a branch of the current run, not yet listed; see :meth:`take_branch`."""
        return self.require().branch(self._new_run_id())

    def take_branch(self, branch: Timeline) -> None:
        """Put a branch in front; the run it left stays listed with its future."""
        before = self.require()
        self._make_current(branch)
        self._announce("branch", before.run_id)

    def end_gesture(self) -> None:
        """Keep the current run when the gesture that opened it goes on."""
        self._gesture = 0

    def document_done(self) -> None:
        """Take note that the run of a document stands where it shall, and say if it is shorter."""
        run = self.require()
        if run.frontier < self._document_frontier:
            self._refuse(
                f"The file says {self._document_frontier:,} steps, but the run ended after "
                f"{run.frontier:,}."
            )
        self.forget_document()

    def forget_document(self) -> None:
        """Keep what of a document was repeated so far."""
        self._document_frontier, self._before_document = 0, None

    def give_back(self, error: EditError) -> None:
        """Return from a document that the experiment refuses to what was open before."""
        run, before = self.require(), self._before_document
        sentence = f"The file holds a change at step {run.step:,} that fails: {error}"
        run.cancel_seek()
        if before is not None:
            self._make_current(before, forget_previous=True)
            self._announce("switch", None)
            before.revive()
        self._refuse(sentence)

    def require(self) -> Timeline:
        """Return the current run; raise ValueError where there is none."""
        if self.current is None:
            raise ValueError("There is no run on this channel.")
        return self.current

    def _current_id(self) -> int | None:
        return None if self.current is None else self.current.run_id

    def _started(self, origin: Origin) -> Timeline:
        """Return a new run, or raise a sentence whatever the experiment's constructor raises."""
        try:
            return Timeline(self._new_run_id(), origin, self._create, self._clock)
        except (SpecError, UnknownExperiment):
            raise
        except Exception as error:
            log.exception("The experiment %r could not be started.", origin.kind)
            reason = str(error) or type(error).__name__
            raise SpecError(f"The experiment could not be started: {reason}") from error

    def _make_current(self, run: Timeline, *, forget_previous: bool = False) -> None:
        """Put a run in front; the one there before is kept if anything ever happened in it.

        Beyond ``max_runs`` the oldest goes.
        """
        self.forget_document()
        self._gesture = 0
        before = self.current
        self._runs[run.run_id] = run
        self.current = run
        if before is not None and before is not run:
            before.retire()
            if forget_previous or not _worth_keeping(before):
                del self._runs[before.run_id]
        while len(self._runs) > self.max_runs:
            del self._runs[next(key for key in self._runs if key != run.run_id)]

    def _announce(self, cause: Cause, previous: int | None, gesture: int = 0) -> None:
        run = self.require()
        origin = run.origin
        self._post(
            RunOpened(
                self._channel,
                run.run_id,
                run.spec,
                origin.seed,
                cause,
                previous,
                origin.label,
                gesture,
            )
        )

    def _refuse(self, sentence: str) -> None:
        self._post(Refused(self._channel, sentence))


def _worth_keeping(run: Timeline) -> bool:
    return run.known_frontier > 0 or bool(run.edits)
