"""Several seeds of the same settings: how much of a curve is the algorithm, and how much is luck.

    m_k(t) = mean of the last 100 returns of seed k after t steps
    mean(t) = Σ m_k(t) / N      spread(t) = √( Σ (m_k(t) − mean(t))² / (N − 1) )

Nothing but the seed differs between the runs of a study: first weights, episodes, actions, batches.
Two algorithms whose bands overlap have not been told apart.

How long each run trained is measured with a clock that the caller hands in: seconds are no part of
an experiment, which is the same on every machine.

Source: Henderson et al. 2018, "Deep reinforcement learning that matters", section on random seeds:
two halves of ten runs of one setting may look like two algorithms.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from playground.experiments.agents_snapshot import SERIES_EPISODE
from playground.experiments.agents_spec import AgentSpec
from playground.experiments.agents_words import number_text
from playground.experiments.base import Progress
from playground.experiments.jobs import JobError, JobProgress, SlicedJob
from playground.experiments.spec import SpecError, field_at, replace_at

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from numpy.typing import NDArray

    from playground.experiments.agents import AgentsExperiment
    from playground.experiments.spec import Knob

    Floats = NDArray[np.float64]

Axis = Literal["steps", "episodes", "seconds"]

WINDOW: Final = 100
FEWEST_SEEDS: Final = 2
MOST_SEEDS: Final = 10
FEWEST_STEPS: Final = 1_000
MOST_STEPS: Final = 10_000_000
BAND_POINTS: Final = 240
CHUNK_S: Final = 0.002
"""A run goes on for about so long before the next one has its turn."""
PICTURE_S: Final = 0.25
"""The curves so far are handed out about so often."""
_LARGEST_SEED: Final = 2**63 - 1
_MOST_ASPECTS: Final = 2


def running(values: Floats, window: int = WINDOW) -> tuple[Floats, Floats]:
    """Return mean and standard deviation (n,) of the last values, at most ``window`` of them."""
    if not len(values):
        return values, values
    sums = np.concatenate(([0.0], np.cumsum(values)))
    squares = np.concatenate(([0.0], np.cumsum(values**2)))
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - window, 0)
    counts = ends - starts
    mean = (sums[ends] - sums[starts]) / counts
    spread = np.sqrt(np.maximum((squares[ends] - squares[starts]) / counts - mean**2, 0.0))
    return mean, spread


@dataclass(frozen=True, slots=True, eq=False)
class SeedCurve:
    """The training episodes of one seed; the arrays are (n,) and read-only.

    Parameters
    ----------
    seed
        Of the run.
    env_steps
        Steps of all worlds at the end of every episode.
    returns
        Their returns.
    seconds
        Time the run had trained until then, without the other runs.
    mean
        Mean of the last 100 returns.
    trouble
        Why it could not go on; empty where it did.
    """

    seed: int
    env_steps: Floats
    returns: Floats
    seconds: Floats
    mean: Floats
    trouble: str = ""

    def against(self, axis: Axis) -> Floats:
        """Return (n,) where on an axis the episodes ended."""
        if axis == "episodes":
            return np.arange(1.0, len(self.returns) + 1.0)
        return self.seconds if axis == "seconds" else self.env_steps

    def reached(self, threshold: float) -> float:
        """Return the steps after which the mean of 100 returns first was there; NaN if never."""
        there = np.flatnonzero(self.mean[WINDOW - 1 :] >= threshold)
        return float(self.env_steps[WINDOW - 1 + there[0]]) if len(there) else math.nan


@dataclass(frozen=True, slots=True, eq=False)
class SeedBand:
    """What some seeds have in common, at (m,) places where all of them have been.

    ``spread`` is the standard deviation between the seeds (N − 1 in the denominator), ``low`` and
    ``high`` are the worst and the best of them at every place.
    """

    x: Floats
    mean: Floats
    spread: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True, eq=False)
class SeedsResult:
    """The curves of one setting; ``spec`` and the seeds repeat them."""

    spec: AgentSpec
    env_steps: int
    curves: tuple[SeedCurve, ...]

    @property
    def key(self) -> tuple[object, ...]:
        """What the curves follow from: two results with the same key are the same."""
        return self.spec, self.env_steps, tuple(curve.seed for curve in self.curves)

    @property
    def sound(self) -> tuple[SeedCurve, ...]:
        """The seeds that have trained without trouble."""
        return tuple(curve for curve in self.curves if not curve.trouble)

    def band(self, axis: Axis = "steps") -> SeedBand | None:
        """Return mean and spread over the seeds; None while they have no two places in common.

        A seed that came to grief is left out: it ends where the others go on.
        """
        curves = self.sound
        if len(curves) < FEWEST_SEEDS or any(len(curve.mean) < 1 for curve in curves):
            return None
        places = [curve.against(axis) for curve in curves]
        first, last = max(x[0] for x in places), min(x[-1] for x in places)
        if last <= first:
            return None
        x = np.linspace(first, last, BAND_POINTS)
        values = np.stack(
            [np.interp(x, at, curve.mean) for at, curve in zip(places, curves, strict=True)]
        )
        return SeedBand(x, values.mean(0), values.std(0, ddof=1), values.min(0), values.max(0))

    @property
    def words(self) -> str:
        """The result in a sentence or two."""
        ends = [(float(curve.mean[-1]), curve.seed) for curve in self.sound if len(curve.mean)]
        head = f"{self.spec.title}: {len(self.curves)} seeds, {self.env_steps:,} steps"
        if len(ends) < FEWEST_SEEDS:
            return f"{head}: too few episodes have ended to compare the seeds."
        finals = np.array([value for value, _ in ends])
        (worst, unlucky), (best, lucky) = min(ends), max(ends)
        spread = number_text(finals.std(ddof=1))
        text = (
            f"{head}: mean return {number_text(finals.mean())} ± {spread}, "
            f"best {number_text(best)} (seed {lucky}), worst {number_text(worst)} (seed {unlucky})."
        )
        goal = self.spec.end.threshold
        reached = [curve.reached(goal) for curve in self.curves]
        there = [steps for steps in reached if not math.isnan(steps)]
        text += f" {len(there)} of {len(reached)} reached a mean of {number_text(goal)}"
        if there:
            text += f", the median of them after {np.median(there):,.0f} steps"
        lost = len(self.curves) - len(self.sound)
        return f"{text}." + (f" {lost} could not go on." if lost else "")


class SeedsStudy(SlicedJob):
    """Train the same settings with several seeds; the result is a :class:`SeedsResult`.

    Parameters
    ----------
    spec
        The settings; no episodes are recorded, and no stop rule ends a run early.
    first_seed
        Of the first run; the others follow.
    seeds
        How many, 2…10.
    env_steps
        Length of every run in steps of all its worlds, 1,000…10,000,000.
    clock
        Seconds, such as ``time.perf_counter``.

    Raises
    ------
    JobError
        When one of the numbers is not allowed.
    """

    title = "several seeds"

    def __init__(
        self,
        spec: AgentSpec,
        *,
        first_seed: int,
        seeds: int,
        env_steps: int,
        clock: Callable[[], float],
    ) -> None:
        if not FEWEST_SEEDS <= seeds <= MOST_SEEDS:
            raise JobError(f"{FEWEST_SEEDS} to {MOST_SEEDS} seeds can be trained (got {seeds}).")
        if not FEWEST_STEPS <= env_steps <= MOST_STEPS:
            raise JobError(
                f"{FEWEST_STEPS:,} to {MOST_STEPS:,} steps can be trained (got {env_steps:,})."
            )
        first = min(first_seed, _LARGEST_SEED - seeds)
        self._seeds = range(first, first + seeds)
        self._spec = _alone(spec, env_steps)
        self._env_steps, self._clock = env_steps, clock

    def run(self) -> Generator[JobProgress, None, SeedsResult]:
        """Train the run that is behind, some milliseconds at a time."""
        # Imported on the training thread: torch takes a while.
        from playground.experiments.agents import AgentsExperiment

        yield JobProgress(0.0, "preparing")
        lanes: list[_Lane] = []
        for seed in self._seeds:
            try:
                lanes.append(_Lane(AgentsExperiment(self._spec, seed)))
            except SpecError as error:
                raise JobError(str(error)) from None
            yield JobProgress(0.0, f"seed {seed} is ready")
        # Goes along with every report: only the latest one is sure to be seen.
        partial, drawn_at = self._result(lanes), self._clock()
        while going := [lane for lane in lanes if lane.running]:
            behind = min(going, key=lambda lane: lane.env_steps)
            behind.go_on(self._clock)
            least = min((lane.env_steps for lane in lanes if lane.sound), default=self._env_steps)
            share = min(least / self._env_steps, 1.0)
            if self._clock() - drawn_at >= PICTURE_S:
                partial, drawn_at = self._result(lanes), self._clock()
            message = f"{least:,} of {self._env_steps:,} steps, {len(lanes)} seeds"
            yield JobProgress(share, message, partial)
        return self._result(lanes)

    def _result(self, lanes: Sequence[_Lane]) -> SeedsResult:
        return SeedsResult(self._spec, self._env_steps, tuple(lane.curve() for lane in lanes))


class _Lane:
    """One run with the time it has taken."""

    def __init__(self, experiment: AgentsExperiment) -> None:
        self.experiment = experiment
        self.running = True
        self._seconds = 0.0
        self._trouble = ""
        self._rows: list[tuple[float, float, float]] = []

    @property
    def env_steps(self) -> int:
        """Steps of its worlds so far."""
        return self.experiment.env_steps

    @property
    def sound(self) -> bool:
        """Tell whether it has trained without trouble."""
        return not self._trouble

    def go_on(self, clock: Callable[[], float]) -> None:
        """Train for some milliseconds."""
        experiment = self.experiment
        start = now = clock()
        while self.running and now - start < CHUNK_S:
            experiment.step()
            status = experiment.status()
            self.running = status.running
            if status.progress is Progress.DIVERGED:
                self._trouble = status.reason
            now = clock()
        self._seconds += now - start
        self._rows += [
            (record.values[0], record.values[1], self._seconds)
            for record in experiment.drain_records()
            if record.series == SERIES_EPISODE
        ]

    def curve(self) -> SeedCurve:
        """Return what there is so far."""
        table = np.array(self._rows, dtype=np.float64).reshape(-1, 3)
        steps, returns, seconds = (np.ascontiguousarray(column) for column in table.T)
        mean, _ = running(returns)
        for array in (steps, returns, seconds, mean):
            array.setflags(write=False)
        return SeedCurve(self.experiment.seed, steps, returns, seconds, mean, self._trouble)


def labels_of(results: Sequence[SeedsResult]) -> list[str]:
    """Return a short name for each result; what tells equally named ones apart stands behind it.

    For example ``"PPO 64-64, learning rate η 0.003"``.
    """
    worlds = {result.spec.world.title for result in results}
    names = []
    for result in results:
        spec = result.spec
        names.append(spec.learner.title if len(worlds) == 1 else spec.title)
    found = []
    for result, name in zip(results, names, strict=True):
        twins = [
            other
            for other, its in zip(results, names, strict=True)
            if its == name and other is not result
        ]
        aspects = _aspects(result, twins)[:_MOST_ASPECTS]
        found.append(", ".join((name, *aspects)))
    return found


def _aspects(result: SeedsResult, twins: Sequence[SeedsResult]) -> list[str]:
    """Return the settings of a result by which it differs from one of its twins."""
    if not twins:
        return []
    found = []
    for part in ("learner", "world"):
        own = getattr(result.spec, part)
        for name in type(own).model_fields:
            value = getattr(own, name)
            if any(getattr(getattr(twin.spec, part), name) != value for twin in twins):
                found.append(_said(field_at(AgentSpec, (part, name)).knob, value))
    if any(twin.env_steps != result.env_steps for twin in twins):
        found.append(f"{result.env_steps:,} steps")
    if any(len(twin.curves) != len(result.curves) for twin in twins):
        found.append(f"{len(result.curves)} seeds")
    if not found:
        found.append(f"seeds from {result.curves[0].seed}")
    return found


def _said(knob: Knob, value: object) -> str:
    """Return for example ``"learning rate η 0.003"`` or ``"Double off"``."""
    if knob.hidden:
        return knob.label
    if isinstance(value, bool):
        return f"{knob.label} {'on' if value else 'off'}"
    if value is None:
        return f"{knob.label} none"
    if knob.labels is not None and value in knob.labels:
        return f"{knob.label} {knob.labels[value]}"
    return f"{knob.label} {number_text(value) if isinstance(value, float) else value}"


def _alone(spec: AgentSpec, env_steps: int) -> AgentSpec:
    """Return the settings of a run of so many steps that nobody watches."""
    changes = (
        (("end", "rule"), "never"),
        (("end", "episodes"), None),
        (("end", "env_steps"), env_steps),
        (("show", "every"), 0),
    )
    for path, value in changes:
        spec = replace_at(spec, path, value)
    return spec
