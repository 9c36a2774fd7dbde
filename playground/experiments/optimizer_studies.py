"""Studies of the optimizer race: fair learning rates, basins of attraction, the path of a start.

*Fair rates*: optimizers are compared fairly only at rates that suit each of them. Every lane is run
over decades of rates, all with the same budget of rounds, and the curve of final loss against the
rate shows its best one and how much it forgives.

*Basin map*: where does a run from here end? A grid of starts, each coloured by the minimum that it
reaches.

The runs are those of the race with the same seed, with its noise and its schedules; many of them
are done as one array (:mod:`playground.experiments.optimizer_studies_batch`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from playground.experiments.jobs import JobError, JobProgress, SlicedJob
from playground.experiments.optimizer_studies_batch import (
    BatchRun,
    SingleRun,
    check_budget,
    surface_of,
)

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from playground.core.surfaces.surface import Surface
    from playground.experiments.optimizers_lane_spec import LaneSpec
    from playground.experiments.optimizers_spec import OptimizerRaceSpec

    Array = NDArray[np.float64]

ROUNDS_PER_SLICE: Final = 10
MAX_RATES: Final = 200
LBFGS_RATES: Final = 9
"""Rates of an L-BFGS lane, whose runs cost about a thousand times as much as those of a batch."""

GOOD: Final = 1e-6
"""Runs that got this close to the lowest loss, as a share of the fall from the start, are equally
good; the fastest of them is the best."""


@dataclass(frozen=True, slots=True, eq=False)
class LaneRates:
    """What one lane did at every rate.

    Parameters
    ----------
    lane, title, colour
        Which lane of the spec it is.
    rates
        (n,) from the smallest to the largest.
    losses
        (n,) f after the budget; NaN or inf where the run diverged.
    rounds
        (n,) first round from which the loss stayed good to the end; −1 where it never did.
    best
        Index of the best rate; −1 when every run diverged.
    """

    lane: int
    title: str
    colour: int
    rates: Array
    losses: Array
    rounds: NDArray[np.int64]
    best: int

    @property
    def best_rate(self) -> float | None:
        """The best rate; None when every run diverged."""
        return float(self.rates[self.best]) if self.best >= 0 else None


@dataclass(frozen=True, slots=True, eq=False)
class FairRatesResult:
    """Losses over rates for every lane.

    Parameters
    ----------
    lanes
        Those that take part, in the order of the spec.
    floor
        The loss that the curves are measured from: the lowest known minimum, or where none is
        known the lowest loss of any run.
    start_loss
        f at the common start.
    budget
        Rounds of every run.
    """

    lanes: tuple[LaneRates, ...]
    floor: float
    start_loss: float
    budget: int
    summary: str


class FairRates(SlicedJob):
    """Run every lane over decades of learning rates with the same budget.

    Parameters
    ----------
    spec, seed
        The race; disabled lanes are left out.
    low, high
        The smallest and the largest rate.
    count
        How many rates, spaced evenly in the logarithm; L-BFGS takes fewer of them.
    budget
        Rounds of every run.
    """

    title = "fair rates"

    def __init__(
        self,
        spec: OptimizerRaceSpec,
        *,
        seed: int,
        low: float = 1e-4,
        high: float = 10.0,
        count: int = 40,
        budget: int = 300,
    ) -> None:
        self._spec = spec
        self._seed = seed
        self._low, self._high = low, high
        self._count = count
        self._budget = budget
        # Goes along with every report: only the latest one is sure to be seen.
        self._partial: FairRatesResult | None = None

    def run(self) -> Generator[JobProgress, None, FairRatesResult]:
        """Yield progress with the lanes done so far; return all of them.

        Raises
        ------
        JobError
            Where the range of rates or the budget is not allowed, or f is not finite at a start.
        """
        self._check()
        surface = surface_of(self._spec)
        lanes = [(i, lane) for i, lane in enumerate(self._spec.lanes) if lane.enabled]
        raw: list[tuple[int, Array, Array]] = []
        for done, (index, lane) in enumerate(lanes):
            start = np.array(self._spec.start_of(index, surface.start))
            sweep = self._single if lane.method == "lbfgs" else self._batched
            rates, history = yield from sweep(surface, lane, start, (done, len(lanes)))
            raw.append((index, rates, history))
            self._partial = self._result(surface, raw)
            yield self._progress(lane, (done, len(lanes)), 1.0)
        return self._result(surface, raw)

    def _check(self) -> None:
        if not 1e-8 <= self._low < self._high <= 1e6:
            raise JobError("The rates must go up, and lie from 10⁻⁸ to 10⁶.")
        if not 2 <= self._count <= MAX_RATES:
            raise JobError(f"The number of rates must be from 2 to {MAX_RATES}.")
        check_budget(self._budget)

    def _batched(
        self, surface: Surface, lane: LaneSpec, start: Array, part: tuple[int, int]
    ) -> Generator[JobProgress, None, tuple[Array, Array]]:
        """Return the rates, and the losses (rounds + 1, n) of the runs with them."""
        rates = np.geomspace(self._low, self._high, self._count)
        run = BatchRun(
            self._spec, surface, lane, np.tile(start, (len(rates), 1)), rates, seed=self._seed
        )
        losses = np.empty((self._budget + 1, len(rates)))
        losses[0] = surface.value(*start.tolist())
        with np.errstate(all="ignore"):
            for k in range(1, self._budget + 1):
                run.advance()
                losses[k] = surface.values(run.position[:, 0], run.position[:, 1])
                if k % ROUNDS_PER_SLICE == 0:
                    yield self._progress(lane, part, k / self._budget)
        return rates, losses

    def _single(
        self, surface: Surface, lane: LaneSpec, start: Array, part: tuple[int, int]
    ) -> Generator[JobProgress, None, tuple[Array, Array]]:
        """Return the same for L-BFGS, whose steps are no element-wise arithmetic."""
        rates = np.geomspace(self._low, self._high, min(LBFGS_RATES, self._count))
        losses = np.empty((self._budget + 1, len(rates)))
        losses[0] = surface.value(*start.tolist())
        for column, rate in enumerate(rates.tolist()):
            run = SingleRun(self._spec, surface, lane, start, rate, seed=self._seed)
            with np.errstate(all="ignore"):
                for k in range(1, self._budget + 1):
                    run.advance()
                    losses[k, column] = surface.value(*run.position.tolist())
                    if run.settled:
                        losses[k:, column] = losses[k, column]
                        break
                    yield self._progress(lane, part, (column + k / self._budget) / len(rates))
        return rates, losses

    def _progress(self, lane: LaneSpec, part: tuple[int, int], share: float) -> JobProgress:
        done, count = part
        message = f"{lane.title}: {done + 1} of {count} lanes"
        return JobProgress((done + share) / count, message, self._partial)

    def _result(self, surface: Surface, raw: list[tuple[int, Array, Array]]) -> FairRatesResult:
        finals = np.concatenate([history[-1] for _, _, history in raw])
        finite = finals[np.isfinite(finals)]
        known = [minimum.value for minimum in surface.minima]
        floor = min([*known, *([float(finite.min())] if len(finite) else [])], default=0.0)
        start_loss = surface.value(*surface.start)
        lanes = []
        for index, rates, history in raw:
            lane = self._spec.lanes[index]
            good = floor + GOOD * max(abs(float(history[0, 0]) - floor), 1e-300)
            rounds = _since_when(history <= good)
            best = _best(history[-1], rounds)
            lanes.append(
                LaneRates(index, lane.title, lane.colour, rates, history[-1], rounds, best)
            )
        return FairRatesResult(
            tuple(lanes), floor, start_loss, self._budget, _rates_words(lanes, self._budget)
        )


@dataclass(frozen=True, slots=True, eq=False)
class StartPath:
    """The places (rounds + 1, 2) of one run, cut where it stops being finite."""

    lane: int
    places: Array


class PathOfStart(SlicedJob):
    """Run one lane from one start, as the race would.

    Parameters
    ----------
    spec, seed
        The race.
    lane
        Which of its lanes.
    start
        (x, y).
    budget
        Rounds at most.
    """

    title = "path of a start"

    def __init__(
        self,
        spec: OptimizerRaceSpec,
        lane: int,
        start: tuple[float, float],
        *,
        seed: int,
        budget: int = 300,
    ) -> None:
        self._spec, self._lane, self._start = spec, lane, start
        self._seed, self._budget = seed, budget

    def run(self) -> Generator[JobProgress, None, StartPath]:
        """Return the path; it ends where the lane would rest."""
        check_budget(self._budget)
        surface = surface_of(self._spec)
        lane = self._spec.lanes[self._lane]
        start = np.array(self._start)
        places = [start]
        run: BatchRun | SingleRun
        if lane.method == "lbfgs":
            run = SingleRun(self._spec, surface, lane, start, seed=self._seed)
        else:
            run = BatchRun(self._spec, surface, lane, start[None, :], seed=self._seed)
        with np.errstate(all="ignore"):
            for k in range(self._budget):
                run.advance()
                here = run.position.reshape(2)
                if not np.isfinite(here).all():
                    break
                places.append(here)
                near = surface.nearest_minimum(here[None, :]).distance[0]
                if near <= self._spec.finish.tolerance or getattr(run, "settled", False):
                    break
                if k % ROUNDS_PER_SLICE == 0:
                    yield JobProgress(k / self._budget)
        return StartPath(self._lane, np.array(places))


def _since_when(good: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return per column the first row from which all are true; −1 where the last one is not."""
    rows = len(good)
    from_end = np.argmin(good[::-1], axis=0)
    always = good.all(axis=0)
    since = np.where(always, 0, rows - from_end)
    return np.where(good[-1], since, -1).astype(np.int64)


def _best(losses: Array, rounds: NDArray[np.int64]) -> int:
    if (rounds >= 0).any():
        return int(np.argmin(np.where(rounds >= 0, rounds, np.iinfo(np.int64).max)))
    finite = np.where(np.isfinite(losses), losses, np.inf)
    return int(np.argmin(finite)) if np.isfinite(finite).any() else -1


def _rates_words(lanes: list[LaneRates], budget: int) -> str:
    arrived = [lane for lane in lanes if lane.best >= 0 and lane.rounds[lane.best] >= 0]
    if not arrived:
        reached = [lane for lane in lanes if lane.best >= 0]
        if not reached:
            return "Every run diverged; try smaller rates."
        first = min(reached, key=lambda lane: float(lane.losses[lane.best]))
        return (
            f"No lane gets to the bottom within {budget:,} rounds at any rate; the lowest is "
            f"{first.title} with η = {first.rates[first.best]:.3g}."
        )
    first = min(arrived, key=lambda lane: int(lane.rounds[lane.best]))
    return (
        f"At their best rates {len(arrived)} of {len(lanes)} lanes get to the bottom within "
        f"{budget:,} rounds; {first.title} is the fastest: {int(first.rounds[first.best]):,} "
        f"rounds with η = {first.rates[first.best]:.3g}."
    )
