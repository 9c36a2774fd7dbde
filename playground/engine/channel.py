"""The state machine of one channel: what every command does to its current run.

A channel wants one of three things: to stand still, to play at its speed, or to train a number
of steps and then stand still. It may also have to replay first (a seek). From these and from the
run itself its :class:`Phase` follows; it is never stored, so it cannot be wrong.

While a seek is under way, commands that need the step it goes to wait for it, in order.
"""

from __future__ import annotations

import logging
import traceback
from collections import deque
from typing import TYPE_CHECKING

from playground.engine import commands as cmd
from playground.engine.drive import Drive, Libraries, Wish
from playground.engine.frames import (
    DocumentReady,
    EditApplied,
    Ended,
    Failed,
    Frame,
    Phase,
    Refused,
)
from playground.engine.framing import transport_of
from playground.engine.run_shelf import RunShelf
from playground.experiments.base import EditError
from playground.experiments.registry import UnknownExperiment
from playground.experiments.spec import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.engine.frames import Event
    from playground.engine.timeline import Timeline
    from playground.experiments.base import Experiment, Snapshot

QUICK_SEEK_S = 0.1
"""Replays shorter than this show only where they end."""
SOON_S = 0.02
STEP_AT_ONCE_S = 0.004

log = logging.getLogger(__name__)


class Channel:
    """One place where runs are shown: its current run, its other runs, its speed.

    Parameters
    ----------
    create
        Returns the class of an experiment by its kind.
    post
        Receives the events.
    clock
        Seconds.
    new_run_id
        Returns an id no run has yet.
    """

    def __init__(
        self,
        name: str,
        create: Callable[[str], type[Experiment]],
        post: Callable[[Event], None],
        clock: Callable[[], float],
        new_run_id: Callable[[], int],
        libraries: Libraries,
    ) -> None:
        self.name = name
        self.visible = True
        self.dirty = False
        self.runs = RunShelf(name, create, post, clock, new_run_id)
        self._views: frozenset[str] = frozenset()
        self._post = post
        self._clock = clock
        self._libraries = libraries
        self._drive = Drive(clock)
        self._waiting: deque[cmd.Command] = deque()
        self._sought_at = 0.0
        self._shown: Snapshot | None = None
        self._shown_run = 0

    @property
    def phase(self) -> Phase:
        """What the channel is doing."""
        run = self.runs.current
        if run is None:
            return Phase.PAUSED
        if run.failed:
            return Phase.FAILED
        if run.seeking:
            return Phase.SEEKING
        if self._drive.moving:
            return Phase.PLAYING if self._libraries.settled else Phase.LOADING
        return Phase.PAUSED if run.status.running else Phase.ENDED

    def seeking(self) -> bool:
        """Tell whether a replay is under way."""
        return self.runs.current is not None and self.runs.current.seeking

    def busy(self, now: float) -> bool:
        """Tell whether there is something to compute now."""
        if self.seeking():
            return True
        return self.phase is Phase.PLAYING and self._drive.due(now) >= 1

    def wait(self, now: float) -> float | None:
        """Return the seconds until there is something to compute; None until a command comes."""
        if self.seeking():
            return 0.0
        return self._drive.wait(now) if self.phase is Phase.PLAYING else None

    def frame_due(self, now: float, *, taken: bool) -> bool:
        """Tell whether a frame shall be built: something changed and somebody looks.

        ``taken`` says that the last one was fetched. A frame that nothing will follow soon does
        not wait for that; one in the middle of a short replay is not worth showing.
        """
        if not (self.dirty and self.visible):
            return False
        if self.seeking():
            return taken and now - self._sought_at >= QUICK_SEEK_S
        if taken or self.phase is not Phase.PLAYING:
            return True
        wait = self.wait(now)
        return wait is not None and wait >= SOON_S

    def handle(self, command: cmd.Command) -> None:
        """Carry out a command now, or after the seek it has to wait for.

        What cannot be carried out is refused in a sentence and changes nothing.
        """
        self.dirty = True
        if self.seeking() and self._must_wait(command):
            self._waiting.append(command)
            return
        try:
            self._carry_out(command)
        except (EditError, SpecError, UnknownExperiment) as error:
            self._post(Refused(self.name, str(error)))

    def work(self, budget_s: float) -> None:
        """Replay or train for about so many seconds; one step at least."""
        run = self.runs.require()
        self.dirty = True
        if run.seeking:
            self._continue_seek(run, budget_s)
            return
        self._drive.train(run, budget_s)
        if not run.status.running:
            self._post(Ended(self.name, run.run_id, run.step, run.status))

    def fail(self, error: Exception) -> None:
        """Take note that the experiment raised; the run is kept up to its last whole step."""
        text = "".join(traceback.format_exception(error))
        log.error("Channel %s failed.\n%s", self.name, text)
        self._drive.stand()
        self._waiting.clear()
        self.dirty = True
        run = self.runs.current
        reason = str(error) or type(error).__name__
        if run is None:
            self._post(Refused(self.name, f"That failed: {reason}"))
            return
        run.fail()
        sentence = f"The run stopped after step {run.step:,}: {reason}"
        self._post(Failed(self.name, run.run_id, run.step, sentence, text))

    def libraries_settled(self) -> None:
        """Start what waited for torch, or say why it cannot start."""
        self.dirty = True
        run = self.runs.current
        if run is None or not self._drive.moving:
            return
        if self._may_train(run):
            self._drive.restart()
        else:
            self._drive.stand()

    def frame(self, now: float) -> Frame | None:
        """Return what there is to draw; None while there is no run."""
        run = self.runs.current
        if run is None:
            return None
        infos = self.runs.infos()
        return Frame(
            channel=self.name,
            run_id=run.run_id,
            kind=run.origin.kind,
            seed=run.origin.seed,
            snapshot=self._picture(run),
            history=run.history,
            transport=transport_of(run, infos, self.phase, self._drive, now),
            runs=infos,
            ghost=run.ghost,
        )

    def _picture(self, run: Timeline) -> Snapshot:
        """Return the present step's picture, or the last one while there is none of it."""
        if self._shown is None or self._shown_run != run.run_id or run.ready:
            self._shown = run.snapshot(self._views)
            self._shown_run = run.run_id
        return self._shown

    def _must_wait(self, command: cmd.Command) -> bool:
        """Tell whether a command needs the step to which the present seek goes."""
        match command:
            case cmd.SetSpeed() | cmd.Watch() | cmd.DropRun() | cmd.Pause():
                return False
            case cmd.Apply() | cmd.Play() | cmd.StepMark():
                return True
            case cmd.Step(count=count):
                run = self.runs.require()
                return bool(self._waiting) or run.target + count > run.known_frontier
            case _:
                return bool(self._waiting)

    def _carry_out(self, command: cmd.Command) -> None:
        match command:
            case cmd.Open():
                self._open(command)
            case cmd.OpenDocument(document=document):
                self.runs.open_document(document)
                self._new_run()
            case cmd.SetSpeed(steps_per_second=rate):
                self._drive.set_speed(rate)
            case cmd.Watch(visible=visible, views=views):
                self.visible, self._views = visible, views
            case _ if self.runs.current is None:
                raise SpecError("Nothing is open here yet.")
            case cmd.Reset(seed=seed):
                self.runs.reset(seed)
                self._new_run()
            case cmd.SwitchRun(run_id=run_id):
                self.runs.switch(run_id)
                self._new_run()
            case cmd.DropRun(run_id=run_id):
                self.runs.drop(run_id)
            case cmd.AskDocument(token=token):
                self._post(DocumentReady(self.name, token, self.runs.require().document()))
            case cmd.Pause():
                self._pause()
            case _ if self.runs.require().failed:
                raise SpecError("The run has failed; reset it or open another.")
            case _:
                self._move(command)

    def _move(self, command: cmd.Command) -> None:
        """Carry out what needs a run that works."""
        match command:
            case cmd.Play():
                self._play()
            case cmd.Step(count=count):
                self._step(count)
            case cmd.StepMark(direction=direction):
                self._step_mark(direction)
            case cmd.Seek(step=step):
                self._seek(step)
            case cmd.Apply():
                self._apply(command)
            case _:
                raise TypeError(f"A channel cannot handle {type(command).__name__}.")

    def _open(self, command: cmd.Open) -> None:
        go_on = command.keep_playing and self._drive.wish is Wish.PLAY
        self.runs.open(command)
        self._new_run()
        if go_on and self.runs.require().status.running:
            self._play()

    def _new_run(self) -> None:
        """Stand still before another run, or on the way to the step where it was left."""
        self._drive.stand()
        self._drive.new_run()
        self._settle_seek(self.runs.require())

    def _play(self) -> None:
        run = self.runs.require()
        if run.at_frontier and not run.status.running:
            raise SpecError(run.status.reason or "The run has ended.")
        if not self._may_train(run):
            return
        if not run.at_frontier:
            self._drive.stand()
            self.runs.take_branch(self.runs.branch())
        self._drive.play()

    def _may_train(self, run: Timeline) -> bool:
        missing = self._libraries.sentence
        if self._libraries.settled and missing and run.experiment_type.needs_torch:
            self._post(Refused(self.name, missing))
            return False
        return True

    def _pause(self) -> None:
        """Stand still; a seek is broken off unless an edit is meant for the step it goes to."""
        self._drive.stand()
        self._waiting = deque(c for c in self._waiting if isinstance(c, cmd.Apply))
        if self.seeking() and not self._waiting:
            self.runs.forget_document()
            self.runs.require().cancel_seek()

    def _step(self, count: int) -> None:
        """Move within what is recorded, train what lies beyond.

        A few steps are done at once, so that the next command finds them done.
        """
        run = self.runs.require()
        if count < 0:
            # Steps back and steps still to be done cancel each other.
            count += self._drive.steps_left
            self._drive.stand()
        elif self._drive.wish is Wish.PLAY:
            self._drive.stand()
        beyond = run.target + count - run.known_frontier
        if beyond <= 0:
            self._seek(run.target + count)
            return
        if not run.at_frontier:
            self._seek(run.known_frontier)
        if run.seeking:
            self._waiting.appendleft(cmd.Step(self.name, beyond))
        elif run.status.running and self._may_train(run):
            self._drive.train_steps(beyond)
            if self.phase is Phase.PLAYING:
                self.work(STEP_AT_ONCE_S)

    def _step_mark(self, direction: int) -> None:
        """Move to a recorded end of a coarse unit, or train to the end of the present one."""
        run = self.runs.require()
        self._drive.stand()
        history, name = run.history, run.experiment_type.mark_series
        steps = history.series(name).steps if name in history.names else None
        if direction < 0:
            earlier = 0 if steps is None else int(steps.searchsorted(run.step, side="left"))
            self._seek(int(steps[earlier - 1]) if steps is not None and earlier else 0)
            return
        later = 0 if steps is None else int(steps.searchsorted(run.step, side="right"))
        if steps is not None and later < len(steps):
            self._seek(int(steps[later]))
        else:
            self._step(run.steps_to_mark())

    def _seek(self, step: int) -> None:
        self._drive.stand()
        run = self.runs.require()
        run.begin_seek(step)
        self._settle_seek(run)

    def _settle_seek(self, run: Timeline) -> None:
        """Finish a seek at once where it needs no replay."""
        if run.seeking:
            self._sought_at = self._clock()
            self._continue_seek(run, 0.0)

    def _continue_seek(self, run: Timeline, budget_s: float) -> None:
        try:
            done = run.continue_seek(budget_s)
        except EditError as error:
            if not run.rebuilding:
                raise
            self.runs.give_back(error)
            self._new_run()
            return
        if done:
            self.runs.document_done()
            while self._waiting and not self.seeking():
                self.handle(self._waiting.popleft())

    def _apply(self, command: cmd.Apply) -> None:
        before = self.runs.require()
        run = before if before.at_frontier else self.runs.branch()
        try:
            inverse = run.apply(command.edit)
        except Exception:
            if run is not before:
                before.take_back(run)
            raise
        self.runs.end_gesture()
        if run is not before:
            self._drive.stand()
            self.runs.take_branch(run)
        elif not run.status.running:
            self._drive.stand()
        self._post(
            EditApplied(
                self.name,
                run.run_id,
                run.step,
                command.edit,
                inverse,
                command.gesture,
                command.undoable,
            )
        )
