"""The GUI's side of one engine channel: commands go in, frames and events come out.

Everything here lives on the GUI thread. The frame clock delivers what the training thread has
published; no signal ever crosses a thread. The client owns the undo stack of its channel, because
only the thread knows how an edit is undone and says so when it has carried the edit out.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from playground.engine import commands as cmd
from playground.engine.frames import (
    DocumentReady,
    EditApplied,
    Event,
    Failed,
    Frame,
    JobCancelled,
    JobFailed,
    JobFinished,
    Phase,
    Refused,
    RunInfo,
    RunOpened,
)
from playground.experiments.base import Edit, SetValue
from playground.experiments.spec import SpecError, field_at, replace_at
from playground.ui.job_handle import JobHandle
from playground.ui.undo import EditCommand, EditPair, OpenCommand, RunPlace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from playground.engine.runfile import RunDocument
    from playground.experiments.jobs import Job, JobProgress
    from playground.experiments.spec import Path, Spec

REMEMBERED_RUNS = 64
"""Runs whose spec is remembered for undo; the thread itself keeps 40."""

_numbers = itertools.count(1)
OPEN_TEXTS = {"open": "new run", "document": "open run file", "reset": "reset"}


class ChannelClient(QObject):
    """Proxy of one channel of the training thread."""

    frame = Signal(object)
    """A new :class:`~playground.engine.frames.Frame` of the current run."""
    beside = Signal(object)
    """The same frame a moment later, for views beside the one that is watched."""
    happened = Signal(object)
    """A :class:`~playground.engine.frames.Event` of this channel; none is lost."""
    problem = Signal(str, str)
    """One sentence for the error bar, and the details (a traceback) or an empty text."""

    def __init__(
        self,
        name: str,
        kind: str,
        send: Callable[[cmd.Command], object],
        parent: QObject | None = None,
    ) -> None:
        """Make the proxy of channel ``name``, on which runs of experiment ``kind`` are opened."""
        super().__init__(parent)
        self.name = name
        self.kind = kind
        self.undo_stack = QUndoStack(self)
        self._send = send
        self._last_frame: Frame | None = None
        self._run_id: int | None = None
        self._spec: Spec | None = None
        self._speed = cmd.MAX_SPEED
        self._awaited: list[object] = []
        self._quiet: list[tuple[Spec, RunPlace]] = []
        self._undoing: list[tuple[Edit, EditPair, bool]] = []
        self._places: dict[int, RunPlace] = {}
        self._gesture: tuple[Path, int] | None = None
        self._documents: dict[int, Callable[[RunDocument], object]] = {}
        self._jobs: dict[int, JobHandle] = {}

    @property
    def last_frame(self) -> Frame | None:
        """The frame shown last, None before the first one."""
        return self._last_frame

    @property
    def run_id(self) -> int | None:
        """Id of the current run, None before the first one was opened."""
        return self._run_id

    @property
    def spec(self) -> Spec | None:
        """The spec with every change asked for so far, also those the thread has yet to answer."""
        return self._spec

    @property
    def speed(self) -> float:
        """Steps per second asked for last; infinite for “as fast as possible”."""
        return self._speed

    @property
    def phase(self) -> Phase:
        """What the channel was doing at the last frame."""
        return self._last_frame.transport.phase if self._last_frame else Phase.PAUSED

    @property
    def runs(self) -> tuple[RunInfo, ...]:
        """The list of runs at the last frame."""
        return self._last_frame.runs if self._last_frame else ()

    def play(self) -> None:
        """Go on at the wanted speed; from an earlier step this starts a branch."""
        self._send(cmd.Play(self.name))

    def pause(self) -> None:
        """Stop after the present slice."""
        self._send(cmd.Pause(self.name))

    def toggle(self) -> None:
        """Pause what plays (or waits to), else play."""
        if self.phase in (Phase.PLAYING, Phase.LOADING):
            self.pause()
        else:
            self.play()

    def step(self, count: int = 1) -> None:
        """Go ``count`` steps forward (negative: back) and pause."""
        self._send(cmd.Step(self.name, count))

    def step_mark(self, direction: int = 1) -> None:
        """Go to the next (+1) or previous (−1) end of an epoch or episode, and pause."""
        self._send(cmd.StepMark(self.name, direction))

    def seek(self, step: int) -> None:
        """Go to a recorded step and pause."""
        self._send(cmd.Seek(self.name, max(0, int(step))))

    def set_speed(self, steps_per_second: float) -> None:
        """Set the wanted steps per second; infinite for no limit."""
        self._speed = steps_per_second
        self._send(cmd.SetSpeed(self.name, steps_per_second))

    def reset(self, seed: int | None = None) -> None:
        """Start afresh; None keeps the seed. The old run stays in the list."""
        self._send(cmd.Reset(self.name, seed))

    def open(
        self,
        spec: Spec,
        seed: int,
        label: str = "",
        *,
        gesture: int = 0,
        keep_playing: bool = False,
    ) -> None:
        """Start a new run, which becomes the current one."""
        self._spec = spec
        self._awaited.append(spec)
        self._send(cmd.Open(self.name, self.kind, spec, seed, label, gesture, keep_playing))

    def open_document(self, document: RunDocument) -> None:
        """Open a run file at the step where it stood."""
        self._send(cmd.OpenDocument(self.name, document))

    def switch_run(self, run_id: int) -> None:
        """Make a listed run the current one, at the step where it was left."""
        self._send(cmd.SwitchRun(self.name, run_id))

    def drop_run(self, run_id: int) -> None:
        """Forget a listed run; the current one cannot be dropped."""
        self._send(cmd.DropRun(self.name, run_id))

    def watch(self, visible: bool, views: frozenset[str] = frozenset()) -> None:
        """Say whether anyone looks, and at which costly views."""
        self._send(cmd.Watch(self.name, visible, views))

    @staticmethod
    def new_gesture() -> int:
        """Return a number under which the many edits of one drag count as one change."""
        return next(_numbers)

    def edit(self, edit: Edit, gesture: int = 0) -> None:
        """Apply a person's edit at the current step; behind the furthest step this branches."""
        self._awaited.append(edit)
        self._send(cmd.Apply(self.name, edit, gesture))

    def edit_value(self, path: Path, value: Any, finished: bool = True) -> bool:
        """Set one value of the spec; tell whether it was allowed.

        A live knob changes the run at its present step, any other starts a new run. The calls of
        one drag, up to the one that is ``finished``, are undone together. A value that is not
        allowed is reported as a sentence and changes nothing.
        """
        if self._spec is None:
            return False
        try:
            field = field_at(type(self._spec), path)
            changed = replace_at(self._spec, path, value)
        except SpecError as error:
            self.problem.emit(str(error), "")
            return False
        gesture = self._gesture_for(path, finished)
        label = field.knob.label
        if field.knob.live:
            self._spec = changed
            self.edit(SetValue(path=path, value=value, label=label), gesture)
        else:
            seed = self._last_frame.seed if self._last_frame else self._seed_of_current()
            self.open(changed, seed, f"change {label}", gesture=gesture, keep_playing=True)
        return True

    def start_job(
        self,
        job: Job,
        on_progress: Callable[[JobProgress], object] | None = None,
        on_done: Callable[[Any], object] | None = None,
        on_failed: Callable[[str], object] | None = None,
    ) -> JobHandle:
        """Start long work in the background; without ``on_failed`` the error bar tells of it."""
        handle = JobHandle(next(_numbers), job.title, self, on_progress, on_done, on_failed)
        self._jobs[handle.job_id] = handle
        self._send(cmd.StartJob(self.name, handle.job_id, job))
        return handle

    def cancel_job(self, job_id: int) -> None:
        """Stop a job and forget it."""
        if self._jobs.pop(job_id, None) is not None:
            self._send(cmd.CancelJob(self.name, job_id))

    def has_job(self, job_id: int) -> bool:
        """Tell whether a job is still under way."""
        return job_id in self._jobs

    def ask_document(self, callback: Callable[[RunDocument], object]) -> None:
        """Ask for the current run as a document; the callback gets it soon."""
        self._documents[self.request_document()] = callback

    def request_document(self) -> int:
        """Ask for the current run and return the token of the answer, for who reads events."""
        token = next(_numbers)
        self._send(cmd.AskDocument(self.name, token))
        return token

    def deliver_progress(self, progress: Mapping[int, JobProgress]) -> None:
        """Hand the progress of jobs to those who started them (called by the frame clock)."""
        for job_id, state in progress.items():
            handle = self._jobs.get(job_id)
            if handle is not None and handle.on_progress is not None:
                handle.on_progress(state)

    def deliver_frame(self, frame: Frame) -> bool:
        """Take a frame (called by the frame clock); a stale one is dropped and False returned."""
        if self._run_id is not None and frame.run_id != self._run_id:
            return False
        self._last_frame = frame
        if not self._awaited:
            self._spec = frame.snapshot.spec
        self.frame.emit(frame)
        return True

    def deliver_beside(self, frame: Frame) -> None:
        """Give a frame to the views beside the one that is watched (called by the frame clock)."""
        if frame.run_id == self._run_id:
            self.beside.emit(frame)

    def deliver_event(self, event: Event) -> None:
        """Take an event (called by the frame clock), in the order of the log."""
        match event:
            case RunOpened():
                self._on_run_opened(event)
            case EditApplied():
                self._on_edit_applied(event)
            case Refused():
                self._awaited.clear()
                self._quiet.clear()
                self._undoing.clear()
                self.problem.emit(event.sentence, "")
            case Failed():
                self._awaited.clear()
                self.problem.emit(event.sentence, event.traceback)
            case DocumentReady():
                callback = self._documents.pop(event.token, None)
                if callback is not None:
                    callback(event.document)
            case JobFinished() | JobFailed() | JobCancelled():
                self._on_job_over(event)
        self.happened.emit(event)

    def send_inverse(self, pair: EditPair) -> None:
        """Undo one edit for an undo command."""
        self._undoing.append((pair.inverse, pair, True))
        self._send(cmd.Apply(self.name, pair.inverse, undoable=False))

    def send_again(self, pair: EditPair) -> None:
        """Redo one edit for an undo command."""
        self._undoing.append((pair.edit, pair, False))
        self._send(cmd.Apply(self.name, pair.edit, undoable=False))

    def return_to(self, place: RunPlace) -> None:
        """Make a run current for an undo command; open it anew when it was forgotten."""
        if any(run.run_id == place.run_id for run in self.runs):
            self.switch_run(place.run_id)
            return
        self._quiet.append((place.spec, place))
        self.open(place.spec, place.seed, place.label)

    def _seed_of_current(self) -> int:
        place = self._places.get(self._run_id) if self._run_id is not None else None
        return place.seed if place else 0

    def _gesture_for(self, path: Path, finished: bool) -> int:
        if self._gesture is None or self._gesture[0] != path:
            self._gesture = (path, self.new_gesture())
        number = self._gesture[1]
        if finished:
            self._gesture = None
        return number

    def _on_run_opened(self, event: RunOpened) -> None:
        before = self._place_before(event)
        after = RunPlace(event.run_id, event.spec, event.seed, event.label)
        self._places[event.run_id] = after
        while len(self._places) > REMEMBERED_RUNS:
            del self._places[next(iter(self._places))]
        self._run_id = event.run_id
        if event.cause != "branch":
            self._answered(event.spec)
        if not self._awaited:
            self._spec = event.spec
        if self._was_quiet(event) or before is None or event.cause not in OPEN_TEXTS:
            return
        text = event.label or OPEN_TEXTS[event.cause]
        self.undo_stack.push(OpenCommand(self, text, before, after, event.gesture))

    def _place_before(self, event: RunOpened) -> RunPlace | None:
        if event.previous is None:
            return None
        place = self._places.get(event.previous)
        frame = self._last_frame
        if frame is not None and frame.run_id == event.previous:
            # The live edits made since it was opened belong to it.
            label = place.label if place else ""
            return RunPlace(event.previous, frame.snapshot.spec, frame.seed, label)
        return place

    def _was_quiet(self, event: RunOpened) -> bool:
        for index, (spec, place) in enumerate(self._quiet):
            if spec is event.spec:
                place.run_id = event.run_id
                del self._quiet[: index + 1]
                return True
        return False

    def _on_edit_applied(self, event: EditApplied) -> None:
        self._answered(event.edit)
        if event.undoable:
            if event.inverse is not None:
                pair = EditPair(event.edit, event.inverse)
                self.undo_stack.push(EditCommand(self, pair, event.gesture))
            return
        for index, (edit, pair, undone) in enumerate(self._undoing):
            if edit is event.edit:
                del self._undoing[: index + 1]
                if event.inverse is not None and undone:
                    pair.edit = event.inverse
                elif event.inverse is not None:
                    pair.inverse = event.inverse
                return

    def _answered(self, sent: object) -> None:
        for index, awaited in enumerate(self._awaited):
            if awaited is sent:
                del self._awaited[: index + 1]
                return

    def _on_job_over(self, event: JobFinished | JobFailed | JobCancelled) -> None:
        handle = self._jobs.pop(event.job_id, None)
        if handle is None:
            return
        if isinstance(event, JobFinished) and handle.on_done is not None:
            handle.on_done(event.result)
        elif isinstance(event, JobFailed):
            if handle.on_failed is not None:
                handle.on_failed(event.sentence)
            if handle.on_failed is None or event.traceback:
                self.problem.emit(event.sentence, event.traceback)
