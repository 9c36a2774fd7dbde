"""Episodes recorded for looking at: every observation, every reward and the scene.

Training keeps no pictures. An episode to be shown is flown once more, by itself, from its recipe
(options, seed, actions) or with a policy that is asked at every step. The same code serves a person
at the keyboard: a :class:`Recorder` takes one action at a time and does not care where it is from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from playground.environments.vector import TIME, Recipe, WorldError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from playground.environments.vector import WorldOptions

    Policy = Callable[[NDArray[np.float32]], int]
    """From an observation (d,) float32 to an action."""

RUNNING = ""
"""How an episode is said to end that has not ended."""


@dataclass(frozen=True, slots=True)
class Episode:
    """One recorded episode of T steps; arrays are read-only.

    Parameters
    ----------
    options, seed
        With the actions, all that the episode follows from.
    actions
        (T,) uint8.
    observations
        (T + 1, d) float32; the first is the start.
    rewards
        (T,) float64.
    end
        How it ended in a word or two, ``"time"`` at the limit, ``""`` while it runs.
    scene
        What a picture of every one of the T + 1 moments needs, or None.
    """

    options: WorldOptions
    seed: int
    actions: NDArray[np.uint8]
    observations: NDArray[np.float32]
    rewards: NDArray[np.float64]
    end: str
    scene: object | None = None

    def __len__(self) -> int:
        return len(self.actions)

    @property
    def total(self) -> float:
        """Undiscounted sum of the rewards."""
        return float(self.rewards.sum())

    @property
    def recipe(self) -> Recipe:
        """What it takes to fly the episode again."""
        return Recipe(self.options, self.seed, self.actions.tobytes())

    def returns_to_come(self, discount: float) -> NDArray[np.float64]:
        """Return (T,) true discounted returns G_t = r_t + γ G_(t+1) from every step on."""
        gains = np.empty_like(self.rewards)
        following = 0.0
        for t in range(len(self.rewards) - 1, -1, -1):
            following = self.rewards[t] + discount * following
            gains[t] = following
        return gains


class Recorder:
    """An episode under way that takes one action at a time.

    Parameters
    ----------
    options
        What the world is.
    seed
        Of the episode.
    actions
        Steps to do at once, to take over in the middle of an earlier episode.
    """

    def __init__(self, options: WorldOptions, seed: int, actions: Iterable[int] = ()) -> None:
        self.options = options
        self.seed = seed
        self._world = options.make()
        self._actions = bytearray()
        self._rewards: list[float] = []
        self._observations = [np.array(self._world.start(seed), dtype=np.float32)]
        self._frames = [self._world.frame()]
        self.end = RUNNING
        for action in actions:
            self.step(action)

    def __len__(self) -> int:
        return len(self._actions)

    @property
    def over(self) -> bool:
        """Tell whether the episode has ended."""
        return self.end != RUNNING

    @property
    def observation(self) -> NDArray[np.float32]:
        """(d,) float32: what the world shows now."""
        return self._observations[-1]

    @property
    def total(self) -> float:
        """Sum of the rewards so far."""
        return sum(self._rewards)

    def step(self, action: int) -> None:
        """Do one step; raise :class:`WorldError` when the episode is over or has no such action."""
        if self.over:
            raise WorldError(f"The episode is over ({self.end}).")
        if not 0 <= action < len(self.options.action_names):
            raise WorldError(
                f"Action {action} does not exist; there are 0…{len(self.options.action_names) - 1}."
            )
        observation, reward, over = self._world.move(int(action))
        self._actions.append(int(action))
        self._rewards.append(float(reward))
        self._observations.append(np.array(observation, dtype=np.float32))
        self._frames.append(self._world.frame())
        if over:
            self.end = self._world.end
        elif len(self._actions) >= self.options.time_limit:
            self.end = TIME

    def episode(self) -> Episode:
        """Return what has been recorded so far."""
        arrays: dict[str, Any] = {
            "actions": np.array(self._actions, dtype=np.uint8),
            "observations": np.stack(self._observations),
            "rewards": np.array(self._rewards, dtype=np.float64),
        }
        for array in arrays.values():
            array.setflags(write=False)
        scene = self._world.scene(self._frames)
        return Episode(options=self.options, seed=self.seed, end=self.end, scene=scene, **arrays)


def record_episode(
    options: WorldOptions,
    seed: int,
    policy: Policy | None = None,
    actions: Sequence[int] | bytes = b"",
) -> Episode:
    """Return the episode of a seed: the actions first, then the policy until it ends.

    Parameters
    ----------
    options
        What the world is.
    seed
        Of the episode.
    policy
        Asked at every step after the given actions; without one the recording ends there.
    actions
        Steps that are already decided; a full list of them flies an episode again exactly.
    """
    recorder = Recorder(options, seed, actions)
    while policy is not None and not recorder.over:
        recorder.step(policy(recorder.observation))
    return recorder.episode()


def replay(recipe: Recipe) -> Episode:
    """Return the recording of an episode that was flown before, the same to the last bit."""
    return record_episode(recipe.options, recipe.seed, actions=recipe.actions)
