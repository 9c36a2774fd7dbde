"""The named set-ups of the pane: what the lesson's links and the menu open."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from playground.experiments.agents_spec import AgentSpec, agent_spec
from playground.experiments.spec import SpecError, replace_at, validate
from playground.panes.base import Preset

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playground.experiments.agents_world_spec import WorldKind

FASTEST = math.inf


def default_spec() -> AgentSpec:
    """Return the first run: PPO on the lander, which learns while one looks on."""
    return agent_spec("lunar-lander")


def agents_presets() -> Mapping[str, Preset]:
    """Return all set-ups by name, in the order of the menu."""
    return {**_lander(), **_car(), **_hacking(), **_others()}


def _lander() -> dict[str, Preset]:
    return {
        "start": _preset(
            "PPO on the lander",
            "From falling to landing in less than a minute.",
            _changed("lunar-lander", "ppo", end__env_steps=400_000),
        ),
        "dqn": _preset(
            "DQN on the lander",
            "Replay memory, target network, ε-greedy and Double, as one agent.",
            _changed("lunar-lander", "dqn", end__env_steps=200_000),
            "q",
        ),
        "no-replay": _preset(
            "DQN without its memory",
            "It learns from the last transitions only, which all look alike.",
            _changed("lunar-lander", "dqn", learner__replay=False, end__env_steps=150_000),
        ),
        "no-target": _preset(
            "DQN without a target network",
            "The goal moves with every step towards it: watch the mean Q.",
            _changed("lunar-lander", "dqn", learner__target="none", end__env_steps=150_000),
            "q",
        ),
        "short-sighted": _preset(
            "γ = 0.9",
            "PPO that sees some ten steps ahead: 0.2 seconds.",
            _changed("lunar-lander", "ppo", learner__discount=0.9, end__env_steps=200_000),
        ),
        "course": _preset(
            "The course's program",
            "Advantage actor–critic, one step at a time, with the penalty x² + y² + 0.1·step.",
            _changed("lunar-lander", "course-a2c", end__env_steps=100_000),
            "length",
        ),
        "course-no-penalty": _preset(
            "The course's program, no penalty",
            "The same without the penalty: it does not crash on purpose any more.",
            _changed("lunar-lander", "course-a2c", learner__penalty=False, end__env_steps=150_000),
            "length",
        ),
        "wind": _preset(
            "Wind",
            "Gusts of up to 15 N; the agent does not feel them but in what it sees.",
            _changed("lunar-lander", "ppo", world__wind=True, end__env_steps=300_000),
        ),
    }


def _car() -> dict[str, Preset]:
    return {
        "car": _preset(
            "DQN in the headlight car",
            "Twenty ray sums, 150 neurons, three actions.",
            _car_run(),
        ),
        "car-one": _preset(
            "One car with a memory",
            "As the course has it: a single car, and random moments of its past.",
            _car_run(learner__worlds=1),
        ),
        "car-no-replay": _preset(
            "One car without a memory",
            "DQN that learns from every step once, in the order they come.",
            _car_run(learner__worlds=1, learner__replay=False),
        ),
        "car-no-target": _preset(
            "The car without a target network",
            "DQN whose goal is its own present opinion.",
            _car_run(learner__target="none"),
        ),
        "car-no-exploration": _preset(
            "ε = 0",
            "The car never tries anything it does not think best.",
            _car_run(learner__exploration=0.0, learner__exploration_end=0.0),
            "epsilon",
        ),
        "car-blind-future": _preset(
            "γ = 0",
            "Only the next reward counts.",
            _car_run(learner__discount=0.0),
        ),
        "car-no-shadow": _preset(
            "Light through obstacles",
            "Without shadow near and far look alike.",
            _car_run(world__car_shadow=False),
        ),
        "car-draw": _preset(
            "Draw your own map",
            "Obstacles, walls, station and start by hand.",
            agent_spec("headlight-car"),
            view="draw",
        ),
    }


def _hacking() -> dict[str, Preset]:
    return {
        "car-circles": _preset(
            "Coming closer pays",
            "Half a point for coming closer, nothing off for driving away: is the station reached?",
            _car_run(
                world__car_reward_retreat=0.0,
                world__car_reward_approach=0.5,
                end__env_steps=100_000,
            ),
            "length",
        ),
        "car-looks": _preset(
            "Seeing the station pays",
            "A reward for every step with the station in the light.",
            _car_run(world__car_reward_sight=0.3, end__env_steps=100_000),
            "length",
        ),
        "fear": _preset(
            "Afraid of the ground",
            "A crash costs 1,000, a landing brings nothing.",
            _changed(
                "lunar-lander",
                "ppo",
                world__reward_crash=-1000.0,
                world__reward_landing=0.0,
                world__reward_leg=0.0,
                end__env_steps=300_000,
            ),
            "length",
        ),
    }


def _others() -> dict[str, Preset]:
    def cart(algorithm: str, **changes: Any) -> AgentSpec:
        return _changed("gymnasium", algorithm, **{"end__env_steps": 60_000, **changes})

    return {
        "reinforce": _preset(
            "REINFORCE on CartPole",
            "The plain policy gradient with standardised returns.",
            cart("reinforce"),
        ),
        "reinforce-raw": _preset(
            "REINFORCE, raw returns",
            "The same with the returns as they are: all of them positive.",
            cart("reinforce", learner__standardise=False),
        ),
        "reinforce-baseline": _preset(
            "REINFORCE with a baseline",
            "A critic learns V(s), which is taken off.",
            cart("reinforce", learner__baseline=True),
        ),
        "critic": _preset(
            "Actor–critic on CartPole",
            "A critic judges every single step.",
            cart("actor-critic"),
        ),
        "cartpole": _preset(
            "PPO on CartPole",
            "The fast modern agent, on the oldest of problems.",
            cart("ppo", end__env_steps=120_000),
        ),
    }


def _preset(label: str, text: str, spec: AgentSpec, view: str = "scene") -> Preset:
    return Preset(label, text, spec, speed=FASTEST, view=view)


def _car_run(**changes: Any) -> AgentSpec:
    return _changed("headlight-car", None, **{"end__env_steps": 60_000, **changes})


def _changed(world: WorldKind, algorithm: str | None, **changes: Any) -> AgentSpec:
    """Return the usual run with other values, ``learner__discount=0.9`` and the like."""
    spec = agent_spec(world, algorithm)
    for name, value in changes.items():
        try:
            spec = replace_at(spec, tuple(name.split("__")), value)
        except SpecError as error:
            raise ValueError(f"set-up with {name} = {value}: {error}") from None
    return validate(AgentSpec, spec.model_dump())
