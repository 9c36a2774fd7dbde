"""How many steps are due, and how many fit into a slice of time: arithmetic without a clock.

All times are seconds on a clock the caller chooses.
"""

from __future__ import annotations

import math
from collections import deque

MAX_LAG_S = 0.1
"""What could not be kept up for longer than this is forgotten instead of caught up in a burst."""
SMOOTHING = 0.3
MAX_CHUNK = 1 << 20
WINDOW_S = 1.0


class Pacer:
    """Says how many steps are due at a wanted rate, also far below one a second."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._anchor: float | None = None
        self._done = 0

    @property
    def rate(self) -> float:
        """Wanted steps per second; infinite for no limit."""
        return self._rate

    @property
    def unlimited(self) -> bool:
        """Tell whether there is always a step due."""
        return math.isinf(self._rate)

    def set_rate(self, rate: float, now: float) -> None:
        """Go on at another rate; the present step keeps the part of its time it has waited."""
        wait = self.wait(now)
        if wait is not None:
            share_left = 0.0 if self.unlimited else min(wait * self._rate, 1.0)
            self._anchor = now + (0.0 if math.isinf(rate) else share_left / rate)
            self._done = 0
        self._rate = rate

    def start(self, now: float) -> None:
        """Start to count; the first step is due at once."""
        self._anchor = now
        self._done = 0

    def stop(self) -> None:
        """Nothing is due until the next start."""
        self._anchor = None

    def due(self, now: float) -> float:
        """Return how many steps are due (infinite without a limit).

        What lags further behind than :data:`MAX_LAG_S` is given up.
        """
        if self._anchor is None:
            return 0
        if self.unlimited:
            return math.inf
        due = math.floor((now - self._anchor) * self._rate + 1e-9) + 1 - self._done
        allowed = max(1, math.ceil(MAX_LAG_S * self._rate))
        if due > allowed:
            # Move the schedule so that the newest of the allowed steps is due just now.
            self._anchor = now
            self._done = 1 - allowed
            due = allowed
        return max(0, due)

    def did(self, steps: int) -> None:
        """Take note of steps that were done."""
        self._done += steps

    def wait(self, now: float) -> float | None:
        """Return the seconds until a step is due (0: now); None while stopped."""
        if self._anchor is None:
            return None
        if self.unlimited:
            return 0.0
        return max(0.0, self._anchor + self._done / self._rate - now)


class CostEstimate:
    """Smoothed seconds per step, and from it the number of steps that fit into a budget.

    Never more than twice the usual number at a time: the first estimate may be far off. What is
    left of a slice is soon done and says little: a short stretch neither lowers that number by more
    than a half nor counts as much as a long one.
    """

    def __init__(self) -> None:
        self.seconds_per_step: float | None = None
        self._usual = 0

    def observe(self, seconds: float, steps: int) -> None:
        """Take note of what some steps have cost."""
        if steps <= 0:
            return
        measured = max(seconds, 0.0) / steps
        self._usual = max(steps, self._usual // 2)
        if self.seconds_per_step is None:
            self.seconds_per_step = measured
        else:
            weight = SMOOTHING * steps / self._usual
            self.seconds_per_step += weight * (measured - self.seconds_per_step)

    def steps_within(self, budget_s: float) -> int:
        """Return how many steps to try in the budget, at least one."""
        most = min(max(1, 2 * self._usual), MAX_CHUNK)
        if self.seconds_per_step is None or budget_s <= 0:
            return 1
        if self.seconds_per_step * most <= budget_s:
            return most
        return max(1, int(budget_s / self.seconds_per_step))


class RateMeter:
    """Amount per second over about the last second, such as steps/s or the share of time spent."""

    def __init__(self, window_s: float = WINDOW_S) -> None:
        self.window_s = window_s
        self._samples: deque[tuple[float, float, float]] = deque()
        self._total = 0.0

    def add(self, start: float, end: float, amount: float) -> None:
        """Take note of an amount that fell in the time from start to end."""
        if self._samples and end - self._samples[-1][0] < self.window_s / 50:
            # Thousands of slices a second need not be told apart.
            first, _, before = self._samples[-1]
            self._samples[-1] = (first, end, before + amount)
        else:
            self._samples.append((start, end, amount))
        self._total += amount
        self._forget(end)

    def rate(self, now: float) -> float:
        """Return the amount per second; 0 when nothing fell into the window."""
        self._forget(now)
        if not self._samples:
            return 0.0
        span = now - self._samples[0][0]
        return self._total / max(span, self.window_s / 10)

    def clear(self) -> None:
        """Forget everything."""
        self._samples.clear()
        self._total = 0.0

    def _forget(self, now: float) -> None:
        while self._samples and self._samples[0][1] < now - self.window_s:
            self._total -= self._samples.popleft()[2]
        if not self._samples:
            self._total = 0.0
