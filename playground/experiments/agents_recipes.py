"""The numbers that were measured to work, by world and algorithm.

PPO and DQN on the lander, and DQN on the car, are the fastest of some dozens that were compared by
the steps they need; the course's programs are as the course wrote them. What no measurement exists
for begins with the algorithm's usual numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from playground.experiments.agents_learner_spec import LearnerSpec
from playground.experiments.spec import validate

if TYPE_CHECKING:
    from playground.experiments.agents_world_spec import WorldSpec

BEST_ALGORITHM: Final[dict[str, str]] = {
    "lunar-lander": "ppo",
    "headlight-car": "dqn",
    "gymnasium": "ppo",
}
SOLVED_RETURN: Final[dict[str, float]] = {
    "lunar-lander": 200.0,
    "headlight-car": 1.0,
    "CartPole-v1": 475.0,
    "Acrobot-v1": -100.0,
    "MountainCar-v0": -110.0,
}
"""Mean return of 100 episodes at which a world counts as solved."""

_PPO: Final[dict[str, Any]] = {"algorithm": "ppo"}
_A2C: Final[dict[str, Any]] = {
    "algorithm": "a2c",
    "steps": 64,
    "minibatch": 1024,
    "epochs": 1,
    "rate": 3e-3,
    "rate_end": 6e-5,
}
_DQN: Final[dict[str, Any]] = {
    "algorithm": "dqn",
    "hidden": "128-128",
    "activation": "relu",
    "worlds": 8,
    "rate": 1e-3,
    "rate_end": 1e-4,
    "rate_steps": 300_000,
    "discount": 0.99,
    "max_gradient": 10.0,
}
_ONE_WORLD: Final[dict[str, Any]] = {
    "hidden": "64",
    "activation": "relu",
    "discount": 0.99,
    "rate": 1e-3,
    "entropy": 0.0,
    "reward_scale": 1.0,
}
_USUAL: Final[dict[str, dict[str, Any]]] = {
    "ppo": _PPO,
    "a2c": _A2C,
    "dqn": _DQN,
    "reinforce": {**_ONE_WORLD, "algorithm": "reinforce"},
    "q-actor-critic": {**_ONE_WORLD, "algorithm": "q-actor-critic", "reward_scale": 0.05},
    "actor-critic": {
        **_ONE_WORLD,
        "algorithm": "actor-critic",
        "standardise": False,
        "reward_scale": 0.05,
    },
    "course-a2c": {
        **_ONE_WORLD,
        "algorithm": "course-a2c",
        "standardise": False,
        "penalty": True,
    },
}
_CAR_DQN: Final[dict[str, Any]] = {
    **_DQN,
    "hidden": "150",
    "steps_per_update": 8,
    "capacity": 50_000,
    "batch": 100,
    "warm_up": 1_000,
    "discount": 0.97,
    "target": "hard",
    "double": False,
    "exploration_end": 0.05,
    "exploration_steps": 40_000,
    "optimizer": "rmsprop",
    "rate_steps": 100_000,
    "max_gradient": None,
    "reward_scale": 1.0,
}
_CAR_OTHERS: Final[dict[str, Any]] = {"discount": 0.97, "reward_scale": 1.0, "penalty": False}
_SHORT: Final[dict[str, Any]] = {"discount": 0.99, "trace": 0.95}


def usual_learner(world: WorldSpec, algorithm: str | None = None) -> LearnerSpec:
    """Return the algorithm with the numbers that were measured to work in a world.

    Parameters
    ----------
    world
        Where it learns.
    algorithm
        None takes the one that learns this world best.

    Raises
    ------
    SpecError
        When there is no such algorithm.
    """
    name = algorithm or BEST_ALGORITHM[world.kind]
    numbers = dict(_USUAL.get(name, {"algorithm": name}))
    if world.kind == "headlight-car":
        numbers = dict(_CAR_DQN) if name == "dqn" else {**numbers, **_CAR_OTHERS}
    elif world.kind == "gymnasium":
        numbers.update(_SHORT if name in ("ppo", "a2c") else {"penalty": False})
    return validate(LearnerSpec, numbers)


def solved_return(world: WorldSpec) -> float:
    """Return the mean return at which a world counts as solved; 200 where nobody has said."""
    name = world.environment_id if world.kind == "gymnasium" else world.kind
    return SOLVED_RETURN.get(name, 200.0)
