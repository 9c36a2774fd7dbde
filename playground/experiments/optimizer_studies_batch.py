"""Many runs of one lane at once: the rows of one (n, 2) array, from other starts or at other rates.

Every element-wise optimizer moves n independent pairs of weights as one array, so that a grid of
4,096 starts costs a few array operations a round. Noise, mini-batches and schedules are those of
the race with the same seed: row by row a batch follows the very path that the lane takes on the
stage. L-BFGS mixes both weights and searches along a line, so its runs are done one by one.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from playground.core import lbfgs, optimizers
from playground.core.formulas import FormulaError
from playground.core.random_streams import Streams
from playground.core.schedules import PLATEAU_THRESHOLD, PlateauState
from playground.core.surfaces import calculus
from playground.core.surfaces.surface import SurfaceError
from playground.experiments.jobs import JobError
from playground.experiments.optimizers_spec import MAX_ROUNDS
from playground.experiments.optimizers_surface_spec import build_surface

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.core.surfaces.surface import Function, Surface
    from playground.experiments.optimizers_lane_spec import LaneSpec
    from playground.experiments.optimizers_spec import OptimizerRaceSpec

    Array = NDArray[np.float64]

VALUES_PER_CALL: Final = 80_000
"""Numbers of one evaluation of a surface made of samples: a few milliseconds and megabytes."""
FEW_ROWS: Final = 16
"""So few runs are moved by the very arithmetic of the race, last digit included."""
_PLATEAU_LEAST_CHANGE: Final = 1e-8


def surface_of(spec: OptimizerRaceSpec) -> Surface:
    """Return the surface of a race with its minima; raise :class:`JobError` where there is none."""
    try:
        return calculus.with_found_minima(build_surface(spec.surface))
    except (SurfaceError, FormulaError) as error:
        raise JobError(str(error)) from None


def check_budget(rounds: int) -> None:
    """Raise :class:`JobError` where a run may not have so many rounds."""
    if not 1 <= rounds <= MAX_ROUNDS:
        raise JobError(f"The budget must be from 1 to {MAX_ROUNDS:,} rounds.")


def rows_at_once(surface: Surface) -> int:
    """Return how many runs may share one evaluation of a surface."""
    return max(1, VALUES_PER_CALL // max(1, surface.samples))


class Weather:
    """Noise and mini-batches of a race, round by round, as every lane of it meets them."""

    def __init__(self, spec: OptimizerRaceSpec, surface: Surface, seed: int) -> None:
        streams = Streams(seed).child("noise", spec.noise.seed)
        self._noise = streams.numpy("gradient")
        self._batches = streams.numpy("batch")
        self._surface = surface
        self._std = spec.noise.std
        self._size = spec.noise.batch_size

    def next_round(self) -> tuple[Function, Array]:
        """Return the function of the next round and what is added to its gradient (2,)."""
        surface = self._surface
        function: Function = surface.function
        if surface.batch is not None and 0 < self._size < surface.samples:
            function = surface.batch(
                self._batches.choice(surface.samples, self._size, replace=False)
            )
        return function, self._noise.normal(0.0, self._std, 2) if self._std else np.zeros(2)


class BatchRun:
    """n runs of one lane, one round at a time.

    Parameters
    ----------
    spec, seed
        The race whose noise is met.
    surface
        What is run on.
    lane
        The method with its numbers and its schedule; not L-BFGS.
    starts
        (n, 2).
    rates
        (n,) learning rates instead of the lane's own.

    Attributes
    ----------
    position
        (n, 2) after the rounds done.
    rounds
        How many these are.
    """

    def __init__(
        self,
        spec: OptimizerRaceSpec,
        surface: Surface,
        lane: LaneSpec,
        starts: Array,
        rates: Array | None = None,
        *,
        seed: int,
    ) -> None:
        self.position = np.array(starts, dtype=np.float64)
        self.rounds = 0
        count = len(self.position)
        self._lane = lane
        self._surface = surface
        self._weather = Weather(spec, surface, seed)
        self._rates = np.full((count, 1), lane.rate) if rates is None else rates.reshape(-1, 1)
        self._hyper = optimizers.columns([lane.hyper])
        state = optimizers.first_state(lane.method, self._hyper, count)
        # Numbers of one row broadcast; what changes from row to row must have all of them.
        self._state = {
            slot: np.array(np.broadcast_to(values, (count, values.shape[1])))
            for slot, values in state.items()
        }
        self._waits = lane.schedule == "plateau"
        self._scale = np.ones((count, 1))
        self._best = np.full((count, 1), math.inf)
        self._bad = np.zeros((count, 1))

    def __len__(self) -> int:
        return len(self.position)

    def advance(self) -> None:
        """Do one round of every run."""
        function, tilt = self._weather.next_round()
        schedule = self._lane.rate_schedule
        rate = self._rates * schedule.factor_at(self.rounds) * self._scale
        if len(self) > FEW_ROWS:
            gradients = calculus.gradients_at(function, self.position) + tilt
        else:
            gradients = calculus.slopes(function, self.position).gradients + tilt
        self.position, self._state = optimizers.moved(
            self._lane.method, self._state, self._hyper, rate, self.position, gradients
        )
        self.rounds += 1
        if self._waits:
            self._after_loss()

    def keep(self, rows: NDArray[np.bool_]) -> None:
        """Go on with some of the runs only."""
        self.position = self.position[rows]
        self._state = {slot: values[rows] for slot, values in self._state.items()}
        self._rates, self._scale = self._rates[rows], self._scale[rows]
        self._best, self._bad = self._best[rows], self._bad[rows]

    def _after_loss(self) -> None:
        """Let the schedules that wait for a plateau see the loss: PlateauState, row by row."""
        schedule = self._lane.rate_schedule
        loss = self._surface.values(self.position[:, 0], self.position[:, 1])[:, None]
        better = loss < self._best * (1.0 - PLATEAU_THRESHOLD)
        self._best = np.where(better, loss, self._best)
        bad = np.where(better, 0.0, self._bad + 1.0)
        tired = bad > schedule.rounds
        lower = np.maximum(self._scale * schedule.factor, schedule.floor)
        worth = self._rates * (self._scale - lower) > _PLATEAU_LEAST_CHANGE
        self._scale = np.where(tired & worth, lower, self._scale)
        self._bad = np.where(tired, 0.0, bad)


class SingleRun:
    """One run of L-BFGS, one round at a time."""

    def __init__(
        self,
        spec: OptimizerRaceSpec,
        surface: Surface,
        lane: LaneSpec,
        start: Array,
        rate: float | None = None,
        *,
        seed: int,
    ) -> None:
        self.position = np.array(start, dtype=np.float64)
        self.rounds = 0
        self.settled = False
        self._lane = lane
        self._surface = surface
        self._weather = Weather(spec, surface, seed)
        self._plateau = PlateauState()
        self._exact = not spec.noise.std and not spec.noise.batch_size
        self._rate = lane.rate if rate is None else rate
        self._memory = lbfgs.Memory()

    def advance(self) -> None:
        """Do one round; ``settled`` tells that exact gradients will not move it any more."""
        function, tilt = self._weather.next_round()
        schedule = self._lane.rate_schedule
        rate = self._rate * schedule.factor_at(self.rounds) * self._plateau.scale
        self.rounds += 1
        before = self.position
        done = lbfgs.step(function, tilt, before, self._memory, rate, self._lane.hyper)
        self.position, self._memory = done.position, done.memory
        if schedule.kind == "plateau":
            loss = self._surface.value(*self.position.tolist())
            self._plateau = self._plateau.after(loss, schedule, self._rate)
        still = bool(np.array_equal(before, self.position))
        self.settled = (self._exact and still) or not bool(np.isfinite(self.position).all())
