"""The steps of several worlds since the last update: (T, n) arrays, made once and filled again.

For on-policy learners. After T steps the rollout is handed over as one long row of T·n steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from playground.environments.vector import Transition


class Rollout:
    """T steps of n worlds.

    Parameters
    ----------
    steps, worlds
        T and n.
    observation_size
        Numbers in an observation d.
    """

    def __init__(self, steps: int, worlds: int, observation_size: int) -> None:
        shape = (steps, worlds)
        self.obs = np.zeros((*shape, observation_size), dtype=np.float32)
        self.actions = np.zeros(shape, dtype=np.int64)
        self.rewards = np.zeros(shape, dtype=np.float32)
        self.terminated = np.zeros(shape, dtype=bool)
        self.truncated = np.zeros(shape, dtype=bool)
        self.length = 0
        """Steps filled so far."""
        self.next_obs = np.zeros((worlds, observation_size), dtype=np.float32)
        """(n, d): what the worlds show after the last step."""
        self.cut_off: dict[tuple[int, int], NDArray[np.float32]] = {}
        """(step, world) → (d,): where an episode was when its time was up."""

    @property
    def full(self) -> bool:
        """Tell whether all T steps are there."""
        return self.length == len(self.actions)

    def add(self, obs: NDArray[np.float32], actions: NDArray[np.int64], step: Transition) -> None:
        """Append a step: what was seen, what was done, what came of it."""
        t = self.length
        self.obs[t] = obs
        self.actions[t] = actions
        self.rewards[t] = step.rewards
        self.terminated[t] = step.terminated
        self.truncated[t] = step.truncated
        if step.finished:
            for world in np.flatnonzero(step.truncated).tolist():
                self.cut_off[t, world] = step.final_obs[world]
        self.next_obs = step.obs
        self.length += 1

    def clear(self) -> None:
        """Begin anew."""
        self.length = 0
        self.cut_off = {}

    def state(self) -> dict[str, Any]:
        """Return copies of the steps filled so far."""
        done = slice(0, self.length)
        return {
            "obs": self.obs[done].copy(),
            "actions": self.actions[done].astype(np.uint8),
            "rewards": self.rewards[done].copy(),
            "terminated": self.terminated[done].copy(),
            "truncated": self.truncated[done].copy(),
            "next_obs": self.next_obs.copy(),
            "cut_off": dict(self.cut_off),
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take over the steps of a state."""
        self.length = len(state["actions"])
        for name in ("obs", "actions", "rewards", "terminated", "truncated"):
            getattr(self, name)[: self.length] = state[name]
        self.next_obs = state["next_obs"].copy()
        self.cut_off = dict(state["cut_off"])
