"""A world small enough to know everything about it: a corridor of five places.

Going right from the last place ends the episode with reward 1, every other step costs 0.05. Chance
enters by the seed only: it says where an episode begins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playground.agents.actor_critic import ActorCriticAgent, ActorCriticConfig
from playground.agents.dqn import DqnAgent, DqnConfig
from playground.agents.ppo import PpoAgent, PpoConfig
from playground.agents.q_actor_critic import QActorCriticAgent, QActorCriticConfig
from playground.agents.reinforce import ReinforceAgent, ReinforceConfig
from playground.agents.schedules import Linear
from playground.core.random_streams import Streams
from playground.environments.vector import Quantity
from playground.environments.world_vector import WorldVector

PLACES = 5


@dataclass(frozen=True)
class Corridor:
    time_limit: int = 12
    prize: float = 1.0

    quantities = (Quantity("x"), Quantity("y"), Quantity("time"))
    action_names = ("left", "right")

    def make(self):
        return CorridorWorld(self)


class CorridorWorld:
    end = "arrived"

    def __init__(self, options):
        self.options = options

    def start(self, seed):
        self.place, self.time = seed % (PLACES - 1), 0
        return self.look()

    def move(self, action):
        self.time += 1
        if action == 1 and self.place == PLACES - 1:
            return self.look(), self.options.prize, True
        self.place = max(0, self.place + (1 if action else -1))
        return self.look(), -0.05, False

    def look(self):
        return [self.place / PLACES, (self.place % 2) - 0.5, 0.05 * self.time]

    def frame(self):
        return (self.place,)

    def scene(self, frames):
        return tuple(frame[0] for frame in frames)


def corridors(count, seed=0, **options):
    return WorldVector(Corridor(**options), count, Streams(seed).numpy("environment"))


SMALL_DQN = DqnConfig(
    hidden=(16,),
    worlds=2,
    steps_per_update=2,
    capacity=64,
    batch=8,
    warm_up=10,
    discount=0.9,
    exploration=Linear(1.0, 0.1, 200),
    rate=Linear(3e-3, 1e-3, 500),
    reward_scale=0.5,
)
SMALL_PPO = PpoConfig(
    hidden=(8, 8), worlds=3, steps=16, batch=24, epochs=3, block=5, rate=Linear(1e-2, 1e-3, 3000)
)
AGENTS = {
    "dqn": (DqnAgent, SMALL_DQN),
    "dqn, hard, RMSprop, squared": (
        DqnAgent,
        DqnConfig(
            hidden=(16,), worlds=2, steps_per_update=3, capacity=30, batch=8, warm_up=5,
            target="hard", target_every=7, double=False, optimizer="rmsprop", loss="squared",
        ),
    ),
    "dqn, prioritised": (
        DqnAgent,
        DqnConfig(
            hidden=(16,), worlds=2, capacity=50, batch=8, warm_up=10, prioritised=True
        ),
    ),
    "dqn, bare": (DqnAgent, DqnConfig(hidden=(16,), worlds=2, replay=False, target="none")),
    "reinforce": (ReinforceAgent, ReinforceConfig(hidden=(8,), rate=1e-2)),
    "reinforce, baseline": (
        ReinforceAgent, ReinforceConfig(hidden=(8,), baseline=True, episodes_per_update=3)
    ),
    "q-actor-critic": (QActorCriticAgent, QActorCriticConfig(hidden=(8,))),
    "actor-critic": (ActorCriticAgent, ActorCriticConfig(hidden=(8,), penalty=True)),
    "actor-critic, episode": (
        ActorCriticAgent,
        ActorCriticConfig(hidden=(8,), update="episode", standardise=True, entropy=0.01),
    ),
    "ppo": (PpoAgent, SMALL_PPO),
    "a2c": (
        PpoAgent, PpoConfig(hidden=(8,), worlds=3, steps=16, batch=48, epochs=1, clip=None)
    ),
}  # fmt: skip


def make_agent(name, seed=0):
    """Return an agent of the table and its corridors, both at the beginning."""
    kind, config = AGENTS[name]
    agent = kind(config, 3, 2, Streams(seed))
    return agent, corridors(config.worlds, seed)


def arrays_of(value):
    """All arrays and numbers of a nested state in a fixed order."""
    if isinstance(value, dict):
        return [item for key in sorted(value) for item in arrays_of(value[key])]
    if isinstance(value, (list, tuple)):
        return [item for part in value for item in arrays_of(part)]
    return [np.asarray(value)] if isinstance(value, (int, float, bool, np.ndarray)) else [value]


def same(first, second):
    """Tell whether two states hold the same values to the last bit."""
    left, right = arrays_of(first), arrays_of(second)
    return len(left) == len(right) and all(
        np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b
        for a, b in zip(left, right, strict=True)
    )
