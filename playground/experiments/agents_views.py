"""The pictures of the agents experiment: a snapshot put together from where the run stands."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast, get_args

import numpy as np

from playground.agents.dqn import DqnAgent
from playground.agents.ppo import PpoAgent
from playground.core.random_streams import Streams
from playground.experiments.agents_learner import policy_of
from playground.experiments.agents_snapshot import (
    REPLAY_ROWS,
    VIEW_POLICY,
    VIEW_REPLAY,
    AgentSnapshot,
    ReplayOrder,
    ReplayRows,
)
from playground.experiments.agents_verdicts import verdict_on

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from playground.agents.base import Agent
    from playground.environments.vector import WorldOptions
    from playground.experiments.agents_library import Library, Skills
    from playground.experiments.agents_spec import AgentSpec
    from playground.experiments.agents_tally import Tally
    from playground.experiments.base import Status

MAX_RANKED: Final = 2048
"""TD errors are worked out for at most so many transitions, spread evenly over the memory."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a run stands; what it refers to is only read."""

    step: int
    status: Status
    spec: AgentSpec
    headline: str
    agent: Agent
    options: WorldOptions
    tally: Tally
    numbers: Mapping[str, float]
    library: Library
    recording: int | None
    skills: Skills


def take_snapshot(standing: Standing, views: frozenset[str]) -> AgentSnapshot:
    """Return a frozen picture; ``views`` names the costly parts that are on screen."""
    agent, spec, tally = standing.agent, standing.spec, standing.tally
    threshold = spec.end.threshold
    recent, rules = tally.summary(threshold), tally.rules(threshold)
    return AgentSnapshot(
        step=standing.step,
        status=standing.status,
        spec=spec,
        position=f"step {agent.env_steps:,} · episode {tally.episodes:,}",
        headline=standing.headline,
        options=standing.options,
        env_steps=agent.env_steps,
        episodes=tally.episodes,
        updates=agent.updates,
        learning=isinstance(agent, PpoAgent) and agent.learning,
        numbers=standing.numbers,
        recent=recent,
        rules=rules,
        library=standing.library.entries,
        recording=standing.recording,
        skills=standing.skills.notches,
        verdict=verdict_on(standing, recent, rules),
        policy=policy_of(agent) if VIEW_POLICY in views else None,
        replay=_replay(agent, standing.step, views),
    )


def _replay(agent: Agent, step: int, views: frozenset[str]) -> ReplayRows | None:
    prefix = f"{VIEW_REPLAY}:"
    wanted = next((view[len(prefix) :] for view in sorted(views) if view.startswith(prefix)), "")
    if wanted not in get_args(ReplayOrder) or not isinstance(agent, DqnAgent):
        return None
    size = len(agent.memory)
    if not agent.config.replay or not size:
        return None
    return _rows(agent, _places(agent, cast("ReplayOrder", wanted), step))


def _places(agent: DqnAgent, order: ReplayOrder, step: int) -> NDArray[np.int64]:
    """Return where in the ring the wanted transitions are; nothing of the run is touched."""
    memory = agent.memory
    size, capacity = len(memory), memory.capacity
    newest = (memory.total - 1 - np.arange(size)) % capacity
    if order == "newest":
        return newest[:REPLAY_ROWS]
    if order == "oldest":
        return newest[::-1][:REPLAY_ROWS]
    if order == "error":
        ranked = newest[:: -(-size // MAX_RANKED)]
        errors = np.abs(agent.td_errors(memory.rows(ranked)))
        return np.asarray(ranked[np.argsort(-errors, kind="stable")[:REPLAY_ROWS]])
    # A stream of the picture's own: looking must not change what is learnt.
    rng = Streams(step).numpy("replay view")
    if agent.priorities is None:
        return memory.uniform(REPLAY_ROWS, rng)
    return agent.priorities.draw(REPLAY_ROWS, size, 0.0, rng)[0]


def _rows(agent: DqnAgent, places: NDArray[np.int64]) -> ReplayRows:
    memory = agent.memory
    batch = memory.rows(places)
    chances = np.ones(len(places))
    if agent.priorities is not None:
        everywhere = agent.priorities.values(np.arange(len(memory)))
        chances = agent.priorities.values(places) / max(float(everywhere.mean()), math.ulp(1.0))
    found = ReplayRows(
        size=len(memory),
        capacity=memory.capacity,
        obs=batch.obs,
        actions=batch.actions,
        rewards=batch.rewards,
        next_obs=batch.next_obs,
        terminated=batch.terminated,
        td_errors=agent.td_errors(batch),
        ages=memory.ages(places),
        chances=chances,
        seeds=batch.seeds,
        steps=batch.steps,
    )
    for name in ReplayRows.__dataclass_fields__:
        array = getattr(found, name)
        if isinstance(array, np.ndarray):
            array.setflags(write=False)
    return found
