"""The interface of worlds that are stepped together, and the values that pass through it.

A learner asks for n actions at once and gets n observations back. An episode that ends is followed
by the next one in the same step, as in gymnasium's "same-step" autoreset: the observation that was
truly reached last is kept beside the first one of the new episode.

A :class:`World` is one world that knows nothing of time limits and of other worlds;
`playground.environments.world_vector` makes vectors of them.

Reference for the interface: Gymnasium documentation, "Vector environments".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

HOLD: Final = -1
"""An action that leaves a world where it is: no step, no reward, no end."""
TIME: Final = "time"
"""How an episode is said to end that ran into its time limit."""
MAX_EPISODE_SEED: Final = 2**31 - 1


class WorldError(ValueError):
    """Says in one sentence why a world cannot be made or cannot go on."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number of an observation.

    Parameters
    ----------
    name
        Such as ``"x velocity"``.
    unit
        Such as ``"m/s"``; empty for a pure number.
    low, high
        The usual range, for sliders and axes; values outside may occur.
    scale
        The number in the observation times this is in the unit.
    """

    name: str
    unit: str = ""
    low: float = -1.0
    high: float = 1.0
    scale: float = 1.0


class World(Protocol):
    """One world that runs one episode at a time."""

    def start(self, seed: int) -> Sequence[float] | NDArray[Any]:
        """Begin the episode of a seed; return its first observation (d,)."""

    def move(self, action: int) -> tuple[Sequence[float] | NDArray[Any], float, bool]:
        """Do one step; return observation (d,), reward, and whether the episode ended by itself."""

    @property
    def end(self) -> str:
        """How the episode ended, in a word or two; asked only after it ended by itself."""

    def frame(self) -> Sequence[float]:
        """Return what a picture of this moment needs; empty where there are no pictures."""

    def scene(self, frames: Sequence[Sequence[float]]) -> object | None:
        """Return the scene of the present episode made of its frames, or None."""


class WorldOptions(Protocol):
    """A frozen, comparable description of a world from which any number can be made."""

    @property
    def time_limit(self) -> int:
        """Steps after which an episode is cut off."""

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """What the numbers of an observation are."""

    @property
    def action_names(self) -> tuple[str, ...]:
        """What the actions are."""

    def make(self) -> World:
        """Return a new world; raise :class:`WorldError` where this is not possible."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an episode follows from; one byte an action."""

    options: WorldOptions
    seed: int
    actions: bytes = b""


class FinishedEpisode(NamedTuple):
    """An episode that has just ended in one of the worlds.

    Parameters
    ----------
    world
        Index of the world, 0…count − 1.
    seed
        The seed of the episode.
    total
        Undiscounted sum of its rewards.
    length
        Number of its steps.
    end
        How it ended: ``"landed"``, ``"time"`` …
    recipe
        Enough to fly it again, or None where the environment keeps no recipes.
    """

    world: int
    seed: int
    total: float
    length: int
    end: str
    recipe: Recipe | None = None


class Transition(NamedTuple):
    """What one step of all worlds brought; the arrays are new and belong to the caller.

    Parameters
    ----------
    obs
        (n, d) float32: where the next action is wanted; of the next episode where one ended.
    rewards
        (n,) float32.
    terminated
        (n,) bool: the episode came to an end of its own, nothing follows.
    truncated
        (n,) bool: the time limit cut the episode off; never together with ``terminated``.
    final_obs
        (n, d) float32: the observation the step led to; equals ``obs`` where nothing ended.
    finished
        The episodes that ended in this step, by rising index of the world.
    """

    obs: NDArray[np.float32]
    rewards: NDArray[np.float32]
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    final_obs: NDArray[np.float32]
    finished: tuple[FinishedEpisode, ...] = ()


class VectorEnvironment(Protocol):
    """Several worlds with time limit and automatic reset inside."""

    @property
    def count(self) -> int:
        """Number of worlds n."""

    @property
    def observation_size(self) -> int:
        """Numbers in an observation d."""

    @property
    def action_count(self) -> int:
        """Number of actions; they are called 0…action_count − 1."""

    @property
    def observation_names(self) -> tuple[str, ...]:
        """What the d numbers of an observation are."""

    @property
    def observations(self) -> NDArray[np.float32]:
        """(n, d) float32: what the worlds show now."""

    @property
    def episode_seeds(self) -> NDArray[np.int64]:
        """(n,) int64: the seeds of the running episodes."""

    @property
    def episode_steps(self) -> NDArray[np.int64]:
        """(n,) int64: how many steps the running episodes have done."""

    def reset(self, seeds: Sequence[int] | None = None) -> NDArray[np.float32]:
        """Begin new episodes everywhere, of these n seeds or of fresh ones; return (n, d)."""

    def step(self, actions: NDArray[np.int64]) -> Transition:
        """Do one step in every world whose action is not :data:`HOLD`."""

    def state(self) -> object:
        """Return an immutable value from which :meth:`load_state` comes back to this moment."""

    def load_state(self, state: Any) -> None:
        """Go to the moment of a state of an environment of the same kind and count."""
