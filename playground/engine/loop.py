"""What the training thread does in one turn: commands, slices of work, frames.

The loop itself knows no thread and does not wait, so a test or a headless program can turn it by
hand. Work is shared by time and not by steps: whoever has used the least of it so far is next,
so that a step of 50 ms in one pane leaves the other its half.
"""

from __future__ import annotations

import itertools
import logging
import math
import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from playground.engine import commands as cmd
from playground.engine.channel import Channel
from playground.engine.drive import Libraries
from playground.engine.frames import Frame, LibrariesLoaded
from playground.engine.job_desk import JobDesk, SlicedTask
from playground.engine.mailbox import EventLog, Mailbox
from playground.engine.pacing import RateMeter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from playground.engine.frames import Event
    from playground.experiments.base import Experiment

SLICE_S = 0.012
"""Work between two looks at the commands; with a block of 0.5 ms after it. Most slices end before,
because the window is about to draw."""
PIECE_S = 0.004
"""Work between two looks at whether the window is about to draw, which comes first."""
TOO_SHORT_S = 0.0003
"""What is left until the window draws is not worth beginning another piece of work."""
FRAME_SHARE = 0.4
"""Of the time until the window draws that is worked before the frame for it is made: the rest is
more than the making takes, also where the last picture has taken most of the time."""
BLOCK_S = 0.0005
QUIET_S = 0.05
"""Libraries are imported when nothing was asked for this long: the first picture comes before."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WarmUpStage:
    """A part of loading the libraries."""

    name: str
    run: Callable[[], None]


def at_once(work: Callable[[], None]) -> None:
    """Do the loading here and now: for tests and headless programs."""
    work()


class Outbox:
    """What the training thread puts out for others to fetch."""

    def __init__(self) -> None:
        self.events: EventLog[Event] = EventLog()
        self._frames: dict[str, Mailbox[Frame]] = {}

    def mailbox(self, channel: str) -> Mailbox[Frame]:
        """Return the frame slot of a channel."""
        return self._frames.setdefault(channel, Mailbox())


class Loop:
    """All channels and jobs, and the rules by which they share the thread."""

    def __init__(
        self,
        create: Callable[[str], type[Experiment]],
        warm_up: Sequence[WarmUpStage],
        clock: Callable[[], float],
        outbox: Outbox,
        time_left: Callable[[], float] = lambda: math.inf,
    ) -> None:
        self._create = create
        self._time_left = time_left
        self._clock = clock
        self._outbox = outbox
        self._stages = list(warm_up)
        self._stage_names: list[str] = []
        self._warm_up_s = 0.0
        self._loading = threading.Event()
        self._loading_over = threading.Event()
        self.load = at_once
        """How the loading is done; a runner hands it to a thread, so that commands are answered
        meanwhile: an import cannot be interrupted, and torch takes two seconds."""
        self._libraries = Libraries(settled=not self._stages)
        self._channels: dict[str, Channel] = {}
        self._run_ids = itertools.count(1)
        self._used: dict[object, float] = {}
        self._work_meter = RateMeter()
        self.jobs = JobDesk(outbox.events.post, clock)
        self.closing = False
        self.training_share = 0.0

    @property
    def libraries_loaded(self) -> bool:
        """Tell whether the libraries were imported, successfully or not."""
        return self._libraries.settled

    def handle(self, commands: Iterable[cmd.Command]) -> None:
        """Carry out commands in order; those overtaken by a later one are left out."""
        for command in coalesced(commands):
            match command:
                case cmd.Close():
                    self.closing = True
                    return
                case cmd.StartJob(channel=channel, job_id=job_id, job=job):
                    self.jobs.start(channel, job_id, job)
                case cmd.CancelJob(job_id=job_id):
                    self.jobs.cancel(job_id)
                case _:
                    self._do(self._channel(command.channel), command)

    def turn(self, *, quiet: bool) -> float | None:
        """Work for a slice and publish what is wanted.

        Parameters
        ----------
        quiet
            Nothing was asked since the last turn, so that a library may be imported.

        Returns
        -------
        Seconds to wait for commands before the next turn; None for as long as it takes.
        """
        self._work()
        self._publish()
        if not self._libraries.settled:
            if self._loading_over.is_set():
                self._settle_libraries()
                self._publish()
            elif quiet and self._may_load():
                self._loading.set()
                self.load(self._warm_up)
            if not self._libraries.settled:
                return BLOCK_S if self._busy() else QUIET_S
        return self._wait()

    def close(self) -> None:
        """Stop the jobs; the runs simply end."""
        self.closing = True
        self.jobs.cancel_all()

    def _channel(self, name: str) -> Channel:
        if name not in self._channels:
            self._channels[name] = Channel(
                name,
                self._create,
                self._outbox.events.post,
                self._clock,
                lambda: next(self._run_ids),
                self._libraries,
            )
        return self._channels[name]

    def _do(self, channel: Channel, command: cmd.Command) -> None:
        self._guarded(channel, partial(channel.handle, command))

    def _guarded(self, channel: Channel, action: Callable[[], object]) -> None:
        """Do something with an experiment: the one place where what it raises is caught."""
        try:
            action()
        except Exception as error:
            channel.fail(error)

    def _busy(self) -> list[Channel | SlicedTask]:
        now = self._clock()
        channels = [channel for channel in self._channels.values() if channel.busy(now)]
        return [*channels, *self.jobs.sliced.values()]

    def _work(self) -> None:
        """Give slices to whoever has used the least time until one slice is over."""
        start = now = self._clock()
        slice_s = self._slice()
        left = min(slice_s, max(TOO_SHORT_S, self._time_left() - TOO_SHORT_S))
        while left > 0 and (busy := self._busy()):
            self._used = self._usage_of(busy)
            task = min(busy, key=self._used.__getitem__)
            budget = min(PIECE_S, SLICE_S / len(busy), left)
            if isinstance(task, Channel):
                self._guarded(task, partial(task.work, budget))
            else:
                self.jobs.work(task, budget)
            before, now = now, self._clock()
            self._used[task] += now - before
            if now <= before:
                break
            left = min(slice_s - (now - start), self._time_left() - TOO_SHORT_S)
        self._work_meter.add(start, now, now - start)
        self.training_share = min(1.0, self._work_meter.rate(now))

    def _slice(self) -> float:
        """Return the seconds of the present slice: less where a frame has to be ready in time."""
        names = [channel.name for channel in self._channels.values() if channel.visible]
        if any(self._outbox.mailbox(name).wanted for name in names):
            return min(SLICE_S, max(TOO_SHORT_S, FRAME_SHARE * self._time_left()))
        return SLICE_S

    def _usage_of(self, busy: list[Channel | SlicedTask]) -> dict[object, float]:
        """Return the time used by each; a newcomer has no time to catch up on."""
        known = [self._used[task] for task in busy if task in self._used]
        floor = min(known, default=0.0)
        return {task: self._used.get(task, floor) for task in busy}

    def _publish(self) -> None:
        now = self._clock()
        for channel in self._channels.values():
            mailbox = self._outbox.mailbox(channel.name)
            if not channel.frame_due(now, taken=mailbox.wanted):
                continue
            try:
                frame = channel.frame(now)
            except Exception as error:
                channel.fail(error)
                frame = self._frame_of_failure(channel, now)
            channel.dirty = False
            if frame is not None:
                mailbox.put(frame)

    def _frame_of_failure(self, channel: Channel, now: float) -> Frame | None:
        """Return the last good picture of a run that raised while it was drawn, if there is one."""
        try:
            return channel.frame(now)
        except Exception:
            log.exception("There is no picture of the failed run on channel %s.", channel.name)
            return None

    def _wait(self) -> float | None:
        if self._busy():
            return BLOCK_S
        now = self._clock()
        waits = [channel.wait(now) for channel in self._channels.values()]
        due = [wait for wait in waits if wait is not None]
        if not due:
            # Nothing will measure again until a command comes.
            self.training_share = 0.0
            return None
        return max(BLOCK_S, min(due))

    def _may_load(self) -> bool:
        seeking = any(channel.seeking() for channel in self._channels.values())
        return not self._loading.is_set() and not seeking

    def _warm_up(self) -> None:
        """Load everything; touches nothing that the turns of the loop read before it is over."""
        start = self._clock()
        for stage in self._stages:
            try:
                stage.run()
            except Exception as error:
                log.exception("Loading %s failed.", stage.name)
                self._libraries.sentence = f"{stage.name} could not be loaded: {error}"
                break
            self._stage_names.append(stage.name)
        self._warm_up_s = self._clock() - start
        self._loading_over.set()

    def _settle_libraries(self) -> None:
        self._libraries.settled = True
        for channel in self._channels.values():
            self._guarded(channel, channel.libraries_settled)
        self._outbox.events.post(
            LibrariesLoaded("", self._libraries.sentence, self._warm_up_s, tuple(self._stage_names))
        )


def coalesced(commands: Iterable[cmd.Command]) -> list[cmd.Command]:
    """Return the commands without those that the next one on the same channel makes pointless.

    A drag on the timeline or a slider sends more of them than can be carried out.
    """
    kept: list[cmd.Command] = []
    last: dict[str, int] = {}
    for command in commands:
        index = last.get(command.channel)
        if index is not None and _overtakes(command, kept[index]):
            kept[index] = command
        else:
            last[command.channel] = len(kept)
            kept.append(command)
    return kept


def _overtakes(later: cmd.Command, earlier: cmd.Command) -> bool:
    match earlier, later:
        case (cmd.Seek(), cmd.Seek()) | (cmd.SetSpeed(), cmd.SetSpeed()):
            return True
        case (cmd.Watch(), cmd.Watch()):
            return True
        case (cmd.Open(gesture=first), cmd.Open(gesture=second)):
            return first == second != 0
        case _:
            return False
