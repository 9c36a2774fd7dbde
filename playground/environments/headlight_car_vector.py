"""Many headlight cars stepped together: the vector environment that learners drive.

The same episodes as single worlds to the last bit, only quicker: the arithmetic of all cars with
the same options is done in one go. As everywhere an episode is a recipe of options, seed and
actions, and a state is one recipe a car; loading it drives the recipes again, all cars at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from playground.environments.headlight_car import ACTION_NAMES, END_NAMES, HeadlightCarOptions
from playground.environments.headlight_car_light import RAYS
from playground.environments.headlight_car_world import RUNNING, CarFleet, Moved
from playground.environments.vector import (
    HOLD,
    MAX_EPISODE_SEED,
    TIME,
    FinishedEpisode,
    Recipe,
    Transition,
    WorldError,
)
from playground.environments.world_vector import VectorState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from playground.environments.headlight_car_world import Lanes
    from playground.environments.vector import WorldOptions


class HeadlightCarVector:
    """Cars on maps of their own; see :class:`playground.environments.vector.VectorEnvironment`.

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
        When the count is less than one.
    """

    def __init__(
        self, options: HeadlightCarOptions, count: int, seeds: np.random.Generator
    ) -> None:
        if count < 1:
            raise WorldError(f"There must be at least one world, but {count} were asked for.")
        self._options = options
        self._rng = seeds
        # The fleet of every lane. All lanes share one, except while options have just changed.
        self._fleets = [CarFleet(options, count)] * count
        self._seeds = np.zeros(count, dtype=np.int64)
        self._steps = np.zeros(count, dtype=np.int64)
        self._limits = np.zeros(count, dtype=np.int64)
        self._totals = np.zeros(count)
        self._actions = [bytearray() for _ in range(count)]
        self._obs = np.zeros((count, RAYS), dtype=np.float32)
        self.reset()

    @property
    def count(self) -> int:
        """Number of worlds."""
        return len(self._fleets)

    @property
    def observation_size(self) -> int:
        """Numbers in an observation."""
        return RAYS

    @property
    def action_count(self) -> int:
        """Number of actions."""
        return len(ACTION_NAMES)

    @property
    def observation_names(self) -> tuple[str, ...]:
        """What the numbers of an observation are."""
        return tuple(quantity.name for quantity in self._options.quantities)

    @property
    def options(self) -> HeadlightCarOptions:
        """The options of the episodes to come."""
        return self._options

    @property
    def observations(self) -> NDArray[np.float32]:
        """(n, 20) float32 copy of what the cars see now."""
        return self._obs.copy()

    @property
    def episode_seeds(self) -> NDArray[np.int64]:
        """(n,) int64: the seeds of the running episodes."""
        return self._seeds.copy()

    @property
    def episode_steps(self) -> NDArray[np.int64]:
        """(n,) int64: the steps done in the running episodes."""
        return self._steps.copy()

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """The running episodes up to now."""
        return tuple(self._recipe(lane) for lane in range(self.count))

    def set_options(self, options: WorldOptions) -> None:
        """Let every episode that begins from now on have other options with the same light.

        The episodes under way end as they began: each of them stays a function of one set of
        options, its seed and its actions.
        """
        self._options = self._same_kind(options)

    def reset(self, seeds: Sequence[int] | None = None) -> NDArray[np.float32]:
        """Begin new episodes everywhere, of these seeds or of fresh ones; return (n, 20)."""
        chosen = [self._fresh_seed() for _ in range(self.count)] if seeds is None else list(seeds)
        if len(chosen) != self.count:
            raise WorldError(f"{self.count} worlds need as many seeds, not {len(chosen)}.")
        for lane, seed in enumerate(chosen):
            self._begin(lane, self._options, int(seed))
        self._observe(np.arange(self.count))
        return self._obs.copy()

    def step(self, actions: NDArray[np.int64]) -> Transition:
        """Do one step in every world whose action is not HOLD; raise for actions there are not."""
        if actions.shape != (self.count,) or int(actions.max()) >= self.action_count:
            raise WorldError(
                f"{self.count} worlds need an action each, 0…{self.action_count - 1} or {HOLD}."
            )
        rewards, ends = self._drive(actions)
        final = self._obs.copy()
        terminated = ends != RUNNING
        truncated = (self._steps >= self._limits) & ~terminated & (actions >= 0)
        ended = np.flatnonzero(terminated | truncated)
        finished = []
        for lane in ended.tolist():
            end = TIME if truncated[lane] else END_NAMES[ends[lane]]
            total, length = float(self._totals[lane]), int(self._steps[lane])
            recipe = self._recipe(lane)
            finished.append(FinishedEpisode(lane, recipe.seed, total, length, end, recipe))
            self._begin(lane, self._options, self._fresh_seed())
        if len(ended):
            self._observe(ended)
        gains = rewards.astype(np.float32)
        return Transition(self._obs.copy(), gains, terminated, truncated, final, tuple(finished))

    def state(self) -> VectorState:
        """Return the recipes of all worlds and the state of the stream of seeds."""
        return VectorState(self.recipes, self._options, self._rng.bit_generator.state)

    def load_state(self, state: VectorState) -> None:
        """Drive the recipes of a state again; a car that is on its way there just goes on."""
        if len(state.recipes) != self.count:
            raise WorldError(f"The state is of {len(state.recipes)} worlds, not of {self.count}.")
        options = self._same_kind(state.options)
        kinds = [self._same_kind(recipe.options) for recipe in state.recipes]
        self._options = options
        self._rng.bit_generator.state = state.seeds
        fresh = []
        for lane, (recipe, kind) in enumerate(zip(state.recipes, kinds, strict=True)):
            if not self._on_the_way(lane, recipe):
                self._begin(lane, kind, recipe.seed)
                fresh.append(lane)
        if fresh:
            self._observe(np.array(fresh))
        ahead = [
            recipe.actions[len(done) :]
            for recipe, done in zip(state.recipes, self._actions, strict=True)
        ]
        for step in range(max(map(len, ahead))):
            row = [actions[step] if step < len(actions) else HOLD for actions in ahead]
            self._drive(np.array(row, dtype=np.int64))

    def _drive(self, actions: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
        """Do one step without beginning anything anew; return rewards and codes of the ends."""
        rewards, ends = np.zeros(self.count), np.zeros(self.count, dtype=np.int8)
        moving = actions >= 0
        for fleet, lanes in self._groups(np.flatnonzero(moving)):
            moved: Moved = fleet.move(lanes, actions[lanes])
            self._obs[lanes], rewards[lanes], ends[lanes] = moved
        self._totals += rewards
        self._steps += moving
        for done, action in zip(self._actions, actions.tolist(), strict=True):
            if action >= 0:
                done.append(action)
        return rewards, ends

    def _observe(self, lanes: NDArray[np.int64]) -> None:
        for fleet, group in self._groups(lanes):
            self._obs[group] = fleet.observe(group)

    def _groups(self, lanes: NDArray[np.int64]) -> Iterator[tuple[CarFleet, Lanes]]:
        """Yield every fleet with those of the lanes that it drives."""
        fleets = {id(fleet): fleet for fleet in self._fleets}
        if len(fleets) == 1 and len(lanes) == self.count:
            yield self._fleets[0], slice(None)
            return
        for key, fleet in fleets.items():
            group = np.array(
                [lane for lane in lanes.tolist() if id(self._fleets[lane]) == key], dtype=np.int64
            )
            if len(group):
                yield fleet, group

    def _begin(self, lane: int, options: HeadlightCarOptions, seed: int) -> None:
        if options is not self._fleets[lane].options and options != self._fleets[lane].options:
            self._fleets[lane] = self._fleet_of(options)
        self._fleets[lane].place(lane, seed)
        self._seeds[lane], self._steps[lane] = seed, 0
        self._limits[lane] = options.time_limit
        self._totals[lane] = 0.0
        self._actions[lane] = bytearray()

    def _fleet_of(self, options: HeadlightCarOptions) -> CarFleet:
        for fleet in self._fleets:
            if fleet.options == options:
                return fleet
        return CarFleet(options, self.count)

    def _recipe(self, lane: int) -> Recipe:
        options, seed = self._fleets[lane].options, int(self._seeds[lane])
        return Recipe(options, seed, bytes(self._actions[lane]))

    def _on_the_way(self, lane: int, recipe: Recipe) -> bool:
        done = self._actions[lane]
        return (
            recipe.seed == self._seeds[lane]
            and recipe.actions[: len(done)] == done
            and recipe.options == self._fleets[lane].options
        )

    def _same_kind(self, options: WorldOptions) -> HeadlightCarOptions:
        if options.quantities != self._options.quantities:
            raise WorldError("The new options belong to a world of another kind.")
        return cast("HeadlightCarOptions", options)

    def _fresh_seed(self) -> int:
        return int(self._rng.integers(MAX_EPISODE_SEED))
