"""From the form of an algorithm to the agent itself, and from the agent to its policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from playground.agents.actor_critic import ActorCriticAgent, ActorCriticConfig
from playground.agents.base import AgentError
from playground.agents.dqn import DqnAgent, DqnConfig
from playground.agents.ppo import PpoAgent, PpoConfig
from playground.agents.q_actor_critic import QActorCriticAgent, QActorCriticConfig
from playground.agents.reinforce import ReinforceAgent, ReinforceConfig
from playground.agents.schedules import Linear
from playground.experiments.agents_policy import Policy, frozen
from playground.experiments.spec import SpecError

if TYPE_CHECKING:
    from playground.agents.base import Agent
    from playground.core.random_streams import Streams
    from playground.experiments.agents_learner_spec import LearnerSpec

_AGENTS: dict[str, Any] = {
    "ppo": PpoAgent,
    "a2c": PpoAgent,
    "dqn": DqnAgent,
    "reinforce": ReinforceAgent,
    "q-actor-critic": QActorCriticAgent,
    "actor-critic": ActorCriticAgent,
    "course-a2c": ActorCriticAgent,
}


def make_agent(
    spec: LearnerSpec, observation_size: int, action_count: int, streams: Streams
) -> Agent:
    """Return a new agent with its first weights.

    Raises
    ------
    SpecError
        When the numbers do not go together, or there is no such device.
    """
    try:
        agent = _AGENTS[spec.algorithm](config_of(spec), observation_size, action_count, streams)
    except AgentError as error:
        raise SpecError(str(error)) from None
    return cast("Agent", agent)


def config_of(spec: LearnerSpec) -> Any:
    """Return the hyper-parameters of an agent; raise :class:`AgentError` where they do not fit."""
    every: dict[str, Any] = {
        "hidden": spec.hidden_sizes,
        "activation": spec.activation,
        "discount": spec.discount,
        "reward_scale": spec.reward_scale,
        "device": spec.device,
    }
    match spec.algorithm:
        case "ppo" | "a2c":
            return _rollout_config(spec, every)
        case "dqn":
            return _dqn_config(spec, every)
        case "reinforce":
            return ReinforceConfig(
                **every,
                rate=spec.rate,
                baseline_rate=spec.critic_rate,
                standardise=spec.standardise,
                baseline=spec.baseline,
                episodes_per_update=spec.episodes_per_update,
                entropy=spec.entropy,
            )
        case "q-actor-critic":
            return QActorCriticConfig(**every, rate=spec.rate, critic_rate=spec.critic_rate)
        case _:
            return ActorCriticConfig(
                **every,
                rate=spec.rate,
                critic_rate=spec.critic_rate,
                update=spec.update,
                penalty=spec.penalty,
                standardise=spec.standardise,
                entropy=spec.entropy,
            )


def policy_of(agent: Agent) -> Policy:
    """Return a frozen copy of what an agent would do now."""
    is_q = isinstance(agent, DqnAgent)
    return Policy(
        role="q" if is_q else "actor",
        activation=agent.config.activation,
        arrays=frozen(agent.parameters_copy()),
        action_count=agent.action_count,
        exploration=agent.exploration if isinstance(agent, DqnAgent) else 0.0,
        reward_scale=agent.config.reward_scale,
        discount=agent.config.discount,
    )


def _rollout_config(spec: LearnerSpec, every: dict[str, Any]) -> PpoConfig:
    return PpoConfig(
        **every,
        worlds=spec.worlds,
        steps=spec.steps,
        batch=spec.minibatch,
        epochs=spec.epochs,
        rate=_line(spec),
        trace=spec.trace,
        clip=spec.clip if spec.algorithm == "ppo" else None,
        entropy=spec.entropy,
        value=spec.value_weight,
        max_gradient=spec.max_gradient,
        normalise=spec.normalise,
    )


def _dqn_config(spec: LearnerSpec, every: dict[str, Any]) -> DqnConfig:
    return DqnConfig(
        **every,
        worlds=spec.worlds,
        steps_per_update=spec.steps_per_update,
        replay=spec.replay,
        capacity=spec.capacity,
        batch=spec.batch,
        warm_up=spec.warm_up,
        target=spec.target,
        target_every=spec.target_every,
        target_share=spec.target_share,
        double=spec.double,
        prioritised=spec.prioritised,
        priority=spec.priority,
        correction=Linear(spec.correction, 1.0, spec.correction_steps),
        exploration=Linear(spec.exploration, spec.exploration_end, spec.exploration_steps),
        optimizer=spec.optimizer,
        rate=_line(spec),
        loss=spec.loss,
        max_gradient=spec.max_gradient,
    )


def _line(spec: LearnerSpec) -> Linear:
    return Linear(spec.rate, spec.rate_end, spec.rate_steps)
