"""The training thread: a queue of commands in, frames and events out.

A plain thread and no Qt: nothing of the window is touched from here, and the window polls. The
thread never spins: it blocks on the queue whenever there is nothing to compute, and for a moment
after every slice, because only a real block hands the interpreter's lock to the window.
"""

from __future__ import annotations

import math
import queue
import threading
import time
from typing import TYPE_CHECKING

from playground.engine.commands import Close
from playground.engine.loop import BLOCK_S, TOO_SHORT_S, Loop, Outbox
from playground.experiments.registry import experiment_type

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from playground.engine.commands import Command
    from playground.engine.frames import Event, Frame
    from playground.engine.loop import WarmUpStage
    from playground.experiments.base import Experiment
    from playground.experiments.jobs import JobProgress

FIRST_COMMAND_S = 1.0
"""The libraries wait so long for the first command: the first picture comes before them."""
LONGEST_PICTURE_S = 0.05
"""A window that draws for longer than this no longer holds up the training."""


class Runner(threading.Thread):
    """The one thread that trains; everything public may be called from any other thread.

    Parameters
    ----------
    create
        Returns the class of an experiment by its kind.
    warm_up
        Parts of loading the libraries, done one by one while nothing is asked for.
    clock
        Seconds.
    """

    def __init__(
        self,
        create: Callable[[str], type[Experiment]] = experiment_type,
        warm_up: Sequence[WarmUpStage] = (),
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__(name="trainer", daemon=False)
        self._queue: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._outbox = Outbox()
        self._clock = clock
        # Set while the window does not draw.
        self._way_is_free = threading.Event()
        self._way_is_free.set()
        self._next_picture_at = math.inf
        self._loop = Loop(create, warm_up, clock, self._outbox, self._time_left)
        self._loader: threading.Thread | None = None

    def send(self, command: Command) -> None:
        """Ask for something; it happens after the present slice, in the order of asking."""
        self._queue.put(command)

    def take_frame(self, channel: str) -> Frame | None:
        """Return the newest frame of a channel and ask for the next; None if there is none."""
        return self._outbox.mailbox(channel).take()

    def events(self) -> list[Event]:
        """Return all events since the last time, oldest first."""
        return self._outbox.events.drain()

    def job_progress(self) -> dict[int, JobProgress]:
        """Return how far each running job is."""
        return self._loop.jobs.progress()

    def make_way(self, drawing: bool, next_in_s: float = math.inf) -> None:
        """Let the training rest while the window draws, or go on with it.

        Two threads that both compute hand the interpreter's lock to and fro, and each time the
        window has to wait for it: a picture of 10 ms would take 40. One after the other, both
        lose nothing. The training goes on by itself after :data:`LONGEST_PICTURE_S`.

        Parameters
        ----------
        next_in_s
            Seconds until the window will draw again, where that is known: the training then ends
            its piece of work in time and rests by itself, so that the window begins at once.
        """
        if drawing:
            self._next_picture_at = math.inf
            self._way_is_free.clear()
        else:
            self._next_picture_at = self._clock() + next_in_s
            self._way_is_free.set()

    def meter(self) -> float:
        """Return the share of the last second that went into training and jobs, 0…1."""
        return self._loop.training_share

    @property
    def libraries_loaded(self) -> bool:
        """Tell whether the libraries were imported, successfully or not."""
        return self._loop.libraries_loaded

    def run(self) -> None:
        """Turn the loop until :class:`Close` arrives; called by ``start``."""
        wait: float | None = FIRST_COMMAND_S
        self._loop.load = self._load
        try:
            while not self._loop.closing:
                self._rest()
                if wait == BLOCK_S and self._time_left() < LONGEST_PICTURE_S:
                    # The next picture is announced: the rest for it is all the window needs.
                    wait = 0.0
                commands = self._drain(wait)
                self._loop.handle(commands)
                if not self._loop.closing:
                    wait = self._loop.turn(quiet=not commands)
        finally:
            self._loop.close()

    def pump(self, max_turns: int = 1) -> None:
        """Do by hand what the thread would do, without waiting; for tests and headless use.

        Must not be called on a started runner.
        """
        for _ in range(max_turns):
            commands = self._drain(0.0)
            self._loop.handle(commands)
            if self._loop.closing:
                self._loop.close()
                return
            self._loop.turn(quiet=not commands)

    def close(self, timeout: float | None = None) -> bool:
        """Stop between two steps; return whether the thread ended within ``timeout`` seconds.

        Also False while the libraries are still being imported, which nothing can interrupt: the
        process must then be left without waiting for that.
        """
        self.send(Close())
        if self.ident is None:
            self._loop.close()
            return True
        self.join(timeout)
        loading = self._loader is not None and self._loader.is_alive()
        return not (self.is_alive() or loading)

    def _time_left(self) -> float:
        """Return the seconds until the window draws, 0 while it does."""
        if not self._way_is_free.is_set():
            return 0.0
        return self._next_picture_at - self._clock()

    def _rest(self) -> None:
        """Wait while the window draws, or is about to."""
        if self._time_left() <= TOO_SHORT_S:
            self._next_picture_at = math.inf
            self._way_is_free.clear()
        if not self._way_is_free.wait(LONGEST_PICTURE_S):
            # Until the next picture the window has had its chance.
            self._way_is_free.set()

    def _load(self, work: Callable[[], None]) -> None:
        self._loader = threading.Thread(target=work, name="loader", daemon=True)
        self._loader.start()

    def _drain(self, wait: float | None) -> list[Command]:
        """Return all pending commands, waiting for the first one."""
        commands: list[Command] = []
        try:
            if wait is None or wait > 0:
                commands.append(self._queue.get(timeout=wait))
            while True:
                commands.append(self._queue.get_nowait())
        except queue.Empty:
            return commands
