"""How good a policy is: greedy episodes on seeds it never learnt from.

Seeds 10000, 10001 … choose among policies; what was chosen is scored on 20000, 20001 …, for the
best of many noisy scores is always a flattering one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from playground.agents.evaluation import Evaluation, evaluation_steps
from playground.experiments.agents_words import number_text
from playground.experiments.agents_worlds import make_vector

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from playground.agents.base import Agent
    from playground.environments.vector import FinishedEpisode, VectorEnvironment, WorldOptions
    from playground.experiments.agents_policy import Policy

CHOOSING_SEED: Final = 10_000
UNSEEN_SEED: Final = 20_000
MAX_EPISODES: Final = 10_000
_AT_ONCE: Final = 10
"""Worlds stepped together: building that many takes some milliseconds."""
_CARS_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Score:
    """Greedy episodes of a policy in numbers.

    Parameters
    ----------
    episodes, first_seed
        How many, and the seed of the first; the others follow it.
    mean, median, spread
        Of the returns; the spread is the standard deviation of a sample.
    length
        Mean number of steps.
    success
        Share 0…1 that succeeded: reached the station, or for all other worlds the threshold.
    threshold
        That return.
    ends
        End in words → share 0…1, most frequent first.
    """

    episodes: int
    first_seed: int
    mean: float
    median: float
    spread: float
    length: float
    success: float
    threshold: float
    ends: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the score as JSON values."""
        return asdict(self)

    @property
    def text(self) -> str:
        """Return for example ``"mean 267.1, median 271.3, spread 28.4, success 98 % (100)"``."""
        return (
            f"mean {number_text(self.mean)}, median {number_text(self.median)}, "
            f"spread {number_text(self.spread)}, "
            f"success {100.0 * self.success:.3g} % of {self.episodes:,} episodes"
        )


def scoring(
    policy: Policy,
    options: WorldOptions,
    episodes: int = 100,
    first_seed: int = CHOOSING_SEED,
    threshold: float = 200.0,
) -> Generator[float, None, Score]:
    """Yield the share done 0…1 every few milliseconds; return the score.

    Parameters
    ----------
    policy
        Who acts.
    options
        In which world.
    episodes
        How many, at least 1.
    first_seed
        Seed of the first.
    threshold
        Return from which an episode is a success; of the car it is the station that counts.
    """
    from playground.environments.headlight_car import HeadlightCarOptions

    car = isinstance(options, HeadlightCarOptions)
    at_once = _CARS_AT_ONCE if car else _AT_ONCE
    # The policy has the one method of an agent that is asked for.
    agent = cast("Agent", policy)

    def make(count: int) -> VectorEnvironment:
        # Every episode begins from a seed of its own: this stream decides nothing.
        return make_vector(options, count, np.random.Generator(np.random.PCG64(0)))

    found: list[FinishedEpisode] = []
    while len(found) < episodes:
        done = len(found)
        count = min(at_once, episodes - done)
        for each in evaluation_steps(agent, make, count, first_seed + done):
            if isinstance(each, Evaluation):
                found.extend(each.episodes)
            else:
                yield (done + each * count) / episodes
    return _score(found, first_seed, threshold, car=car)


def score(
    policy: Policy,
    options: WorldOptions,
    episodes: int = 100,
    first_seed: int = CHOOSING_SEED,
    threshold: float = 200.0,
) -> Score:
    """Return the score of :func:`scoring` without stopping on the way."""
    steps = scoring(policy, options, episodes, first_seed, threshold)
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return cast("Score", stop.value)


def _score(
    episodes: list[FinishedEpisode], first_seed: int, threshold: float, *, car: bool
) -> Score:
    returns = np.array([episode.total for episode in episodes])
    count = len(episodes)
    reached = (
        sum(episode.end == "station" for episode in episodes)
        if car
        else int((returns >= threshold).sum())
    )
    ends = Counter(episode.end for episode in episodes).most_common()
    return Score(
        episodes=count,
        first_seed=first_seed,
        mean=float(returns.mean()),
        median=float(np.median(returns)),
        spread=float(returns.std(ddof=1)) if count > 1 else 0.0,
        length=sum(episode.length for episode in episodes) / count,
        success=reached / count,
        threshold=threshold,
        ends={end: number / count for end, number in ends},
    )
