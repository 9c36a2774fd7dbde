"""Episodes on request, scores and maps: the jobs around a policy and what they find.

All of them need nothing but a frozen :class:`~playground.experiments.agents_policy.Policy`, so they
serve the policies of the skill slider, those in files and those of a run alike. "What if" needs no
job at all: ``policy.probabilities(obs)``, ``policy.action_values(obs)`` and ``policy.values(obs)``
take some microseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from playground.environments.vector import MAX_EPISODE_SEED, WorldError
from playground.experiments.agents_films import UNNUMBERED, Film, FilmState
from playground.experiments.agents_scores import MAX_EPISODES, scoring
from playground.experiments.jobs import JobError, JobProgress, SlicedJob
from playground.experiments.spec import SpecError

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from playground.environments.headlight_car import HeadlightCarOptions
    from playground.environments.headlight_maps import HeadlightMap
    from playground.environments.vector import WorldOptions
    from playground.experiments.agents_policy import Policy
    from playground.experiments.agents_scores import Score
    from playground.experiments.agents_snapshot import ShownEpisode
    from playground.experiments.agents_spec import Mode

FRAMES_AT_ONCE: Final = 64
ROWS_AT_ONCE: Final = 512
MAX_SIDE: Final = 400


@dataclass(frozen=True, slots=True, eq=False)
class ValueMap:
    """What a policy thinks of the points of a grid; arrays are read-only.

    Parameters
    ----------
    x, y
        (columns,) and (rows,) float64: places of the points, rising.
    x_name, y_name
        What they are.
    values
        (rows, columns) float32 V(s) or max Q in units of the reward; None without a critic.
    actions
        (rows, columns) int64: the best action.
    certainty
        (rows, columns) float32 in 0…1: how likely that action is while training; for Q its lead
        over the second best, relative to the largest lead in the map.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    x_name: str
    y_name: str
    values: NDArray[np.float32] | None
    actions: NDArray[np.int64]
    certainty: NDArray[np.float32]


class FlyJob(SlicedJob):
    """Fly and record one episode; the result is a :class:`ShownEpisode` with the id −1.

    Parameters
    ----------
    policy
        Who flies.
    options
        In which world.
    seed
        Of the episode, 0…2³¹−2.
    mode
        The best action, or drawn as in training.
    actions
        Steps that are decided already: taken over in the middle of another episode.
    env_step
        What to write beside the policy.
    """

    title = "flight"

    def __init__(
        self,
        policy: Policy,
        options: WorldOptions,
        seed: int,
        mode: Mode = "greedy",
        *,
        actions: bytes = b"",
        env_step: int = 0,
    ) -> None:
        _check_fit(policy, options)
        _check_seed(seed)
        if any(action >= len(options.action_names) for action in actions):
            raise JobError("The steps to begin with hold an action that this world does not have.")
        self._start = FilmState(UNNUMBERED, env_step, mode, options, seed, policy, actions)

    def run(self) -> Generator[JobProgress, None, ShownEpisode]:
        """Fly some frames at a time."""
        yield JobProgress(0.0)
        try:
            film = Film(self._start)
            while not film.over:
                film.advance(FRAMES_AT_ONCE)
                yield JobProgress(len(film) / self._start.options.time_limit, f"{len(film)} steps")
        except WorldError as error:
            raise JobError(str(error)) from None
        return film.shown()


class EvaluateJob(SlicedJob):
    """Score a policy on greedy episodes; the result is a :class:`Score`.

    Parameters
    ----------
    episodes
        How many, 1…10,000.
    first_seed
        Seed of the first; the others follow.
    threshold
        Return from which an episode counts as a success.
    """

    title = "evaluation"

    def __init__(
        self,
        policy: Policy,
        options: WorldOptions,
        *,
        episodes: int = 100,
        first_seed: int = 10_000,
        threshold: float = 200.0,
    ) -> None:
        _check_fit(policy, options)
        _check_seed(first_seed)
        if not 1 <= episodes <= MAX_EPISODES:
            raise JobError(f"1 to {MAX_EPISODES:,} episodes can be flown (got {episodes:,}).")
        self._policy, self._options = policy, options
        self._episodes, self._first_seed, self._threshold = episodes, first_seed, threshold

    def run(self) -> Generator[JobProgress, None, Score]:
        """Fly all episodes, one step of some of them at a time."""
        yield JobProgress(0.0)
        steps = scoring(
            self._policy, self._options, self._episodes, self._first_seed, self._threshold
        )
        try:
            while True:
                try:
                    share = next(steps)
                except StopIteration as stop:
                    result: Score = stop.value
                    return result
                done = round(share * self._episodes)
                yield JobProgress(share, f"{done:,} of {self._episodes:,} episodes")
        except (SpecError, WorldError) as error:
            raise JobError(str(error)) from None


class ValueMapJob(SlicedJob):
    """Ask a policy about all states of a plane; the result is a :class:`ValueMap`.

    Parameters
    ----------
    observation
        (d,) the state from which two numbers are varied.
    across, up
        Which numbers; by default the first two, x and y of the lander.
    columns, rows
        Points of the grid, 2…400 each way.
    """

    title = "map of values"

    def __init__(
        self,
        policy: Policy,
        options: WorldOptions,
        observation: NDArray[np.floating],
        *,
        across: int = 0,
        up: int = 1,
        columns: int = 64,
        rows: int = 48,
    ) -> None:
        _check_fit(policy, options)
        quantities = options.quantities
        if not (0 <= across < len(quantities) and 0 <= up < len(quantities) and across != up):
            raise JobError("The map needs two different numbers of the observation.")
        _check_grid(columns, rows)
        ends = quantities[across], quantities[up]
        x = np.linspace(ends[0].low, ends[0].high, columns)
        y = np.linspace(ends[1].low, ends[1].high, rows)
        states = np.repeat(np.asarray(observation, dtype=np.float32)[None], rows * columns, axis=0)
        states[:, across] = np.tile(x, rows)
        states[:, up] = np.repeat(y, columns)
        self._policy, self._states = policy, states
        self._grid = x, y, ends[0].name, ends[1].name

    def run(self) -> Generator[JobProgress, None, ValueMap]:
        """Ask about some rows at a time."""
        return (yield from _asking(self._policy, self._states, self._grid))


class CarMapJob(SlicedJob):
    """Ask a policy about a car everywhere on a map, with one heading; see :class:`ValueMapJob`.

    Parameters
    ----------
    course
        The map: of a random episode that of its scene.
    heading
        In degrees, anticlockwise from the x axis.
    points
        Of the grid each way, 2…400.
    """

    title = "map of values"

    def __init__(
        self,
        policy: Policy,
        options: HeadlightCarOptions,
        course: HeadlightMap,
        heading: float,
        *,
        points: int = 50,
    ) -> None:
        _check_fit(policy, options)
        _check_grid(points, points)
        self._policy, self._options, self._course = policy, options, course
        self._heading, self._points = heading, points

    def run(self) -> Generator[JobProgress, None, ValueMap]:
        """Look from all places, then ask about what is seen there."""
        from playground.environments.headlight_car_geometry import FIELD
        from playground.environments.headlight_car_world import observations_at

        yield JobProgress(0.0)
        places = np.linspace(0.0, FIELD, self._points)
        x, y = np.tile(places, self._points), np.repeat(places, self._points)
        poses = np.stack((x, y, np.full(x.shape, self._heading)), axis=-1)
        seen = []
        for start in range(0, len(poses), ROWS_AT_ONCE):
            part = poses[start : start + ROWS_AT_ONCE]
            seen.append(observations_at(self._options, self._course, part))
            yield JobProgress(0.5 * start / len(poses))
        grid = places, places, "x", "y"
        return (yield from _asking(self._policy, np.concatenate(seen), grid))


def _asking(
    policy: Policy,
    states: NDArray[np.float32],
    grid: tuple[NDArray[np.float64], NDArray[np.float64], str, str],
) -> Generator[JobProgress, None, ValueMap]:
    """Return what a policy makes of states (rows·columns, d), row by row from below."""
    x, y, x_name, y_name = grid
    parts: list[tuple[NDArray[np.float32] | None, NDArray[np.int64], NDArray[np.float32]]] = []
    for start in range(0, len(states), ROWS_AT_ONCE):
        part = states[start : start + ROWS_AT_ONCE]
        parts.append((policy.values(part), policy.act_greedy(part), _certainty(policy, part)))
        yield JobProgress(start / len(states))
    shape = len(y), len(x)
    values = [value for value, _, _ in parts if value is not None]
    certainty = np.concatenate([sure for _, _, sure in parts]).reshape(shape)
    if policy.role == "q":
        certainty = certainty / max(float(certainty.max()), 1e-12)
    found = ValueMap(
        x,
        y,
        x_name,
        y_name,
        np.concatenate(values).reshape(shape) if values else None,
        np.concatenate([best for _, best, _ in parts]).reshape(shape),
        certainty.astype(np.float32),
    )
    for array in (found.x, found.y, found.values, found.actions, found.certainty):
        if array is not None:
            array.setflags(write=False)
    return found


def _certainty(policy: Policy, states: NDArray[np.float32]) -> NDArray[np.float32]:
    if policy.role == "actor":
        return np.asarray(policy.probabilities(states).max(axis=1))
    q = policy.action_values(states)
    assert q is not None
    ranked = np.sort(q, axis=1)
    return np.asarray(ranked[:, -1] - ranked[:, -2])


def _check_fit(policy: Policy, options: WorldOptions) -> None:
    needed = len(options.quantities), len(options.action_names)
    if (policy.observation_size, policy.action_count) != needed:
        raise JobError(
            f"The agent sees {policy.observation_size} numbers and knows {policy.action_count} "
            f"actions; this world has {needed[0]} and {needed[1]}."
        )


def _check_seed(seed: int) -> None:
    if not 0 <= seed < MAX_EPISODE_SEED:
        raise JobError(f"The seed of an episode must lie in 0…{MAX_EPISODE_SEED - 1:,}.")


def _check_grid(columns: int, rows: int) -> None:
    if not (2 <= columns <= MAX_SIDE and 2 <= rows <= MAX_SIDE):
        raise JobError(f"The map may have 2…{MAX_SIDE} points each way (got {columns} × {rows}).")
