"""Several worlds of any kind stepped together, and an exact way back to any moment of them.

The worlds of Box2D cannot be copied. What can be copied is what they follow from:

    world at step t = replay(options, seed, actions a₀ … a₍ₜ₋₁₎)

so the state of a vector is one such recipe a world, and loading it flies the recipes again. This is
exact: a reset builds a new world from its seed, and nothing else enters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from playground.environments.vector import (
    MAX_EPISODE_SEED,
    TIME,
    FinishedEpisode,
    Recipe,
    Transition,
    WorldError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from playground.environments.vector import WorldOptions


class VectorState(NamedTuple):
    """State of a :class:`WorldVector`: a recipe a world, the options and seeds that follow."""

    recipes: tuple[Recipe, ...]
    options: WorldOptions
    seeds: Mapping[str, Any]


class WorldVector:
    """Worlds of any kind, one after the other in one thread.

    Parameters
    ----------
    options
        What the worlds are.
    count
        How many.
    seeds
        Where the seeds of episodes come from; it belongs to the vector from now on.

    Raises
    ------
    WorldError
        When no such world can be made.
    """

    def __init__(self, options: WorldOptions, count: int, seeds: np.random.Generator) -> None:
        if count < 1:
            raise WorldError(f"There must be at least one world, but {count} were asked for.")
        self._options = options
        self._rng = seeds
        self._lanes = [_Lane(options) for _ in range(count)]
        self._obs = np.zeros((count, len(options.quantities)), dtype=np.float32)
        self.reset()

    @property
    def count(self) -> int:
        """Number of worlds."""
        return len(self._lanes)

    @property
    def observation_size(self) -> int:
        """Numbers in an observation."""
        return self._obs.shape[1]

    @property
    def action_count(self) -> int:
        """Number of actions."""
        return len(self._options.action_names)

    @property
    def observation_names(self) -> tuple[str, ...]:
        """What the numbers of an observation are."""
        return tuple(quantity.name for quantity in self._options.quantities)

    @property
    def options(self) -> WorldOptions:
        """The options of the episodes to come."""
        return self._options

    @property
    def observations(self) -> NDArray[np.float32]:
        """(n, d) float32 copy of what the worlds show now."""
        return self._obs.copy()

    @property
    def episode_seeds(self) -> NDArray[np.int64]:
        """(n,) int64: the seeds of the running episodes."""
        return np.array([lane.seed for lane in self._lanes], dtype=np.int64)

    @property
    def episode_steps(self) -> NDArray[np.int64]:
        """(n,) int64: the steps done in the running episodes."""
        return np.array([len(lane.actions) for lane in self._lanes], dtype=np.int64)

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """The running episodes up to now."""
        return tuple(lane.recipe for lane in self._lanes)

    def set_options(self, options: WorldOptions) -> None:
        """Let every episode that begins from now on have other options.

        The episodes under way end as they began: each of them stays a function of one set of
        options, its seed and its actions. Observations and actions must stay the same.
        """
        if (options.quantities, options.action_names) != (
            self._options.quantities,
            self._options.action_names,
        ):
            raise WorldError("The new options belong to a world of another kind.")
        self._options = options

    def reset(self, seeds: Sequence[int] | None = None) -> NDArray[np.float32]:
        """Begin new episodes everywhere, of these seeds or of fresh ones; return (n, d)."""
        chosen = [self._fresh_seed() for _ in self._lanes] if seeds is None else list(seeds)
        if len(chosen) != self.count:
            raise WorldError(f"{self.count} worlds need as many seeds, not {len(chosen)}.")
        for index, (lane, seed) in enumerate(zip(self._lanes, chosen, strict=True)):
            self._obs[index] = lane.begin(self._options, int(seed))
        return self._obs.copy()

    def step(self, actions: NDArray[np.int64]) -> Transition:
        """Do one step in every world whose action is not HOLD.

        Raises
        ------
        WorldError
            When a world hands out a reward or an observation that is not a finite number.
        """
        count = self.count
        rewards = [0.0] * count
        terminated, truncated = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
        rows: list[Any] = []
        ended: list[int] = []
        for index, (lane, action) in enumerate(zip(self._lanes, actions.tolist(), strict=True)):
            if action < 0:
                rows.append(self._obs[index])
                continue
            row, rewards[index], over = lane.move(action)
            rows.append(row)
            if over:
                terminated[index] = True
                ended.append(index)
            elif len(lane.actions) >= lane.time_limit:
                truncated[index] = True
                ended.append(index)
        final = np.array(rows, dtype=np.float32)
        gains = np.array(rewards, dtype=np.float32)
        if not (np.isfinite(gains).all() and np.isfinite(final).all()):
            raise WorldError(
                "The world handed out a reward or an observation that is not a finite number."
            )
        obs = final.copy() if ended else final
        finished = []
        for index in ended:
            lane = self._lanes[index]
            finished.append(lane.summary(index, TIME if truncated[index] else lane.world.end))
            obs[index] = lane.begin(self._options, self._fresh_seed())
        self._obs = obs.copy()
        return Transition(obs, gains, terminated, truncated, final, tuple(finished))

    def state(self) -> VectorState:
        """Return the recipes of all worlds and the state of the stream of seeds."""
        return VectorState(self.recipes, self._options, self._rng.bit_generator.state)

    def load_state(self, state: VectorState) -> None:
        """Fly the recipes of a state again; a world that is on its way there just goes on."""
        if len(state.recipes) != self.count:
            raise WorldError(f"The state is of {len(state.recipes)} worlds, not of {self.count}.")
        self._options = state.options
        self._rng.bit_generator.state = state.seeds
        for index, (lane, recipe) in enumerate(zip(self._lanes, state.recipes, strict=True)):
            self._obs[index] = lane.follow(recipe)

    def _fresh_seed(self) -> int:
        return int(self._rng.integers(MAX_EPISODE_SEED))


class _Lane:
    """One world with the recipe of its running episode."""

    __slots__ = ("actions", "last", "move_world", "options", "seed", "time_limit", "total", "world")

    def __init__(self, options: WorldOptions) -> None:
        self._take(options)
        self.seed = 0
        self.actions = bytearray()
        self.total = 0.0
        self.last: Sequence[float] | NDArray[Any] = ()

    def _take(self, options: WorldOptions) -> None:
        self.options = options
        self.world = options.make()
        self.move_world = self.world.move
        self.time_limit = options.time_limit

    @property
    def recipe(self) -> Recipe:
        return Recipe(self.options, self.seed, bytes(self.actions))

    def begin(self, options: WorldOptions, seed: int) -> Sequence[float] | NDArray[Any]:
        if options is not self.options and options != self.options:
            self._take(options)
        self.seed = seed
        self.actions = bytearray()
        self.total = 0.0
        self.last = self.world.start(seed)
        return self.last

    def move(self, action: int) -> tuple[Sequence[float] | NDArray[Any], float, bool]:
        self.actions.append(action)
        self.last, reward, over = self.move_world(action)
        self.total += reward
        return self.last, reward, over

    def follow(self, recipe: Recipe) -> Sequence[float] | NDArray[Any]:
        done = len(self.actions)
        on_the_way = (
            recipe.seed == self.seed
            and recipe.actions[:done] == self.actions
            and recipe.options == self.options
        )
        if not on_the_way:
            self.begin(recipe.options, recipe.seed)
            done = 0
        for action in recipe.actions[done:]:
            self.move(action)
        return self.last

    def summary(self, index: int, end: str) -> FinishedEpisode:
        length = len(self.actions)
        return FinishedEpisode(index, self.seed, self.total, length, end, self.recipe)
