"""What moves a channel's run: standing, playing at a speed, or training a number of steps."""

from __future__ import annotations

import enum
import math
from typing import TYPE_CHECKING

from playground.engine.pacing import CostEstimate, Pacer, RateMeter
from playground.experiments.spec import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.engine.timeline import Timeline

DEFAULT_SPEED = 30.0
CHUNKS_A_SLICE = 8
FULL_SLICE = 0.75
"""A slice is over when this share of it is spent: the rest is too short for another stretch."""
SLOW_RATE_STEPS = 2.5
"""At slow speeds the meter looks back over so many steps instead of one second."""


class Libraries:
    """Whether torch has been imported, and why not if it could not be; shared by all channels."""

    def __init__(self, *, settled: bool) -> None:
        self.settled = settled
        self.sentence = ""


class Wish(enum.Enum):
    """What a channel is meant to do."""

    STAND = enum.auto()
    PLAY = enum.auto()
    STEPS = enum.auto()


class Drive:
    """Trains a run by the clock or by count, in slices, and measures how fast that goes."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.wish = Wish.STAND
        self.steps_left = 0
        self._clock = clock
        self._pacer = Pacer(DEFAULT_SPEED)
        self._cost = CostEstimate()
        self._step_meter = RateMeter()
        self._time_meter = RateMeter()

    @property
    def moving(self) -> bool:
        """Tell whether the run shall be trained."""
        return self.wish is not Wish.STAND

    @property
    def wanted_speed(self) -> float:
        """Steps per second asked for; infinite for no limit."""
        return self._pacer.rate

    def stand(self) -> None:
        """Stop."""
        self.wish = Wish.STAND
        self.steps_left = 0
        self._pacer.stop()

    def play(self) -> None:
        """Train at the wanted speed, beginning now."""
        if self.wish is not Wish.PLAY:
            self.wish = Wish.PLAY
            self.steps_left = 0
            self.restart()

    def train_steps(self, count: int) -> None:
        """Train so many steps more, as fast as possible, and stand."""
        self.wish = Wish.STEPS
        self.steps_left += count
        self.restart()

    def restart(self) -> None:
        """Measure time from now on, as after waiting for something."""
        self._pacer.start(self._clock())
        self._step_meter.clear()
        self._time_meter.clear()

    def new_run(self) -> None:
        """Forget what the steps of the run before have cost."""
        self._cost = CostEstimate()

    def set_speed(self, rate: float) -> None:
        """Set the wanted steps per second; raise :class:`SpecError` unless it is above 0."""
        if math.isnan(rate) or rate <= 0:
            raise SpecError(f"The speed must be greater than 0 steps per second (got {rate}).")
        self._pacer.set_rate(rate, self._clock())
        self._step_meter.window_s = max(1.0, SLOW_RATE_STEPS / rate)

    def due(self, now: float) -> float:
        """Return how many steps shall be trained now, possibly infinitely many."""
        if self.wish is Wish.STEPS:
            return self.steps_left
        return self._pacer.due(now) if self.wish is Wish.PLAY else 0

    def wait(self, now: float) -> float | None:
        """Return the seconds until a step is due; None while standing."""
        if self.wish is Wish.STEPS:
            return 0.0
        return self._pacer.wait(now) if self.wish is Wish.PLAY else None

    def speed(self, now: float) -> float:
        """Return the measured steps per second."""
        measured = self._step_meter.rate(now)
        return min(measured, self.wanted_speed) if self.wish is Wish.PLAY else measured

    def share(self, now: float) -> float:
        """Return the share of the last second spent in steps, 0…1."""
        return min(1.0, self._time_meter.rate(now))

    def train(self, run: Timeline, budget_s: float) -> None:
        """Do whole steps for about so many seconds, at least one if any is due."""
        start = now = self._clock()
        for _ in range(CHUNKS_A_SLICE):
            wanted = self.due(now)
            steps = int(min(self._cost.steps_within(budget_s - (now - start)), wanted))
            if steps < 1:
                break
            done = run.advance(steps)
            before, now = now, self._clock()
            self._cost.observe(now - before, done)
            self._step_meter.add(before, now, done)
            self._pacer.did(done)
            self.steps_left = max(0, self.steps_left - done)
            if not run.status.running or now - start >= FULL_SLICE * budget_s:
                break
        self._time_meter.add(start, now, now - start)
        if not run.status.running or (self.wish is Wish.STEPS and self.steps_left == 0):
            self.stand()
