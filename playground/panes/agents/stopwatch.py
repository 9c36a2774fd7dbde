"""How long a run has trained when it was at a step: time of its own steps, not of the wall.

    t(step) = Σ Δsteps · share / speed

An experiment knows no clock. The engine says with every frame how many steps a second it does and
what share of the second goes into them: the quotient is the present price of a step. Summed over
the steps between two frames it gives the training time, whatever the speed, however often the run
stood still in between, and also for what happened while nobody looked.
"""

from __future__ import annotations

import bisect
import math
from typing import TYPE_CHECKING

import numpy as np

from playground.engine.frames import Phase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from playground.engine.frames import Frame

FINEST_S = 0.05
"""Moments nearer to each other than this are not told apart."""


class Stopwatch:
    """The training times of the runs of a channel; a branch goes on from those of its parent."""

    def __init__(self) -> None:
        self._tracks: dict[int, _Track] = {}

    def take(self, frame: Frame) -> None:
        """Take note of how far a run is and what its steps cost."""
        track = self._tracks.get(frame.run_id)
        if track is None:
            track = self._begin(frame)
        transport = frame.transport
        if transport.phase is Phase.PLAYING and transport.speed > 0 < transport.training_share:
            track.price = transport.training_share / transport.speed
        track.go_to(transport.frontier)

    def seconds(self, run_id: int, steps: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return (n,) the training time at some steps of a run; NaN where nothing is known yet."""
        track = self._tracks.get(run_id)
        if track is None:
            return np.full(len(steps), math.nan)
        return track.at(np.asarray(steps, dtype=np.float64))

    def _begin(self, frame: Frame) -> _Track:
        infos = {info.run_id: info for info in frame.runs}
        self._tracks = {key: track for key, track in self._tracks.items() if key in infos}
        own = infos.get(frame.run_id)
        track = _Track()
        if own is not None and own.parent in self._tracks and own.branch_step is not None:
            track = self._tracks[own.parent].until(own.branch_step)
        self._tracks[frame.run_id] = track
        return track


class _Track:
    """Moments of one run: steps, and the seconds after which it had done them."""

    def __init__(
        self,
        steps: Sequence[float] = (0.0,),
        seconds: Sequence[float] = (0.0,),
        price: float = math.nan,
    ) -> None:
        self.price = price
        self._steps, self._seconds = list(steps), list(seconds)

    def go_to(self, step: int) -> None:
        """Put the steps since the last moment down at the present price, if it is known."""
        gained = step - self._steps[-1]
        if gained <= 0 or math.isnan(self.price):
            return
        seconds = self._seconds[-1] + gained * self.price
        if len(self._steps) > 1 and seconds - self._seconds[-2] < FINEST_S:
            self._steps[-1], self._seconds[-1] = float(step), seconds
        else:
            self._steps.append(float(step))
            self._seconds.append(seconds)

    def at(self, steps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (n,) the seconds at some steps; beyond the last moment at the present price."""
        known: NDArray[np.float64] = np.interp(steps, self._steps, self._seconds)
        beyond = np.maximum(steps - self._steps[-1], 0.0)
        return np.where(beyond > 0.0, known + beyond * self.price, known)

    def until(self, step: int) -> _Track:
        """Return a track of its own that ends at a step."""
        count = max(1, bisect.bisect_left(self._steps, step))
        steps, seconds = self._steps[:count], self._seconds[:count]
        if step > steps[-1] and not math.isnan(self.price):
            steps.append(float(step))
            seconds.append(float(self.at(np.array([float(step)]))[0]))
        return _Track(steps, seconds, self.price)
