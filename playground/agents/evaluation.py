"""How good an agent is: greedy episodes on seeds it was never trained on.

Seeds 10000, 10001 … choose among checkpoints; whoever was chosen by them is scored again on others,
20000 …: the best of many noisy scores is always a flattering one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from playground.environments.vector import HOLD, FinishedEpisode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from playground.agents.base import Agent
    from playground.environments.vector import VectorEnvironment

FIRST_SEED = 10_000
UNSEEN_SEED = 20_000


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Greedy episodes of an agent, by rising seed.

    Parameters
    ----------
    episodes
        One a seed.
    """

    episodes: tuple[FinishedEpisode, ...]

    @property
    def returns(self) -> NDArray[np.float64]:
        """(n,) undiscounted sums of rewards."""
        return np.array([episode.total for episode in self.episodes])

    @property
    def mean(self) -> float:
        """Mean return."""
        return float(self.returns.mean())

    @property
    def median(self) -> float:
        """Median return."""
        return float(np.median(self.returns))

    @property
    def spread(self) -> float:
        """Standard deviation of the returns (of a sample: n − 1), 0 for a single one."""
        return float(self.returns.std(ddof=1)) if len(self.episodes) > 1 else 0.0

    def success(self, threshold: float) -> float:
        """Return the share 0…1 of episodes whose return reaches a threshold."""
        return float((self.returns >= threshold).mean())

    def share_of(self, end: str) -> float:
        """Return the share 0…1 of episodes that ended in a certain way."""
        return sum(episode.end == end for episode in self.episodes) / len(self.episodes)


def evaluate(
    agent: Agent,
    make: Callable[[int], VectorEnvironment],
    episodes: int = 100,
    first_seed: int = FIRST_SEED,
) -> Evaluation:
    """Return the greedy episodes of the seeds first_seed … first_seed + episodes − 1.

    Nothing of the agent changes and none of its random numbers is used.

    Parameters
    ----------
    agent
        Who acts.
    make
        Builds an environment of that many worlds.
    episodes
        How many, at least 1.
    first_seed
        Seed of the first.
    """
    *_, last = evaluation_steps(agent, make, episodes, first_seed)
    return cast("Evaluation", last)


def evaluation_steps(
    agent: Agent,
    make: Callable[[int], VectorEnvironment],
    episodes: int = 100,
    first_seed: int = FIRST_SEED,
) -> Iterator[float | Evaluation]:
    """Yield the share done 0…1 after every step of the worlds, and in the end the evaluation.

    For whoever wants to show how far it is, or to stop in between; see :func:`evaluate`.
    """
    env = make(episodes)
    obs = env.reset([first_seed + index for index in range(episodes)])
    found: dict[int, FinishedEpisode] = {}
    flying = np.ones(episodes, dtype=bool)
    while flying.any():
        actions = np.full(episodes, HOLD, dtype=np.int64)
        actions[flying] = agent.act_greedy(obs[flying])
        step = env.step(actions)
        obs = step.obs
        for episode in step.finished:
            # An environment that cannot hold a world goes on to episodes nobody asked for.
            found.setdefault(episode.world, episode)
            flying[episode.world] = False
        yield len(found) / episodes
    yield Evaluation(tuple(found[index] for index in range(episodes)))
