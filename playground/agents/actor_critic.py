"""Advantage actor–critic: the critic's surprise tells the actor what was better than expected.

    A = r + γ V(s') − V(s)
    critic   minimise A²                          V(s) towards r + γ V(s')
    actor    θ ← θ + η ∇log π(a|s) · A            no gradient through A

The update follows every step, or the whole episode at its end with all its advantages at once. The
course's Lunar Lander program is :data:`COURSE_LANDER`: actor 8-64-4 and critic 8-64-1, ReLU, two
Adams of rate 10⁻³, γ = 0.99, an update at every step, in a world of at most 2,000 steps; it learns
from r − (x² + y² + 0.1·step), where `step` counts the steps of the episode from 0, and stops by
:data:`playground.agents.stopping.COURSE_RULE`.

Sources: Sutton and Barto 2018, section 13.5; Mnih et al. 2016, "Asynchronous methods for deep
reinforcement learning", section 4 (the entropy term).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch

from playground.agents.base import Advance, AgentError
from playground.agents.checks import POSITIVE, RATE, SHARE, check_numbers, one_world
from playground.agents.objectives import policy_gradient
from playground.agents.policy_agent import PolicyAgent
from playground.agents.returns import td_targets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.agents.base import AgentState
    from playground.agents.networks import ActivationKind
    from playground.core.random_streams import Streams
    from playground.environments.vector import VectorEnvironment


@dataclass(frozen=True, slots=True)
class ActorCriticConfig:
    """Hyper-parameters.

    Parameters
    ----------
    hidden
        Neurons of the hidden layers of actor and critic.
    rate, critic_rate
        Learning rates of the two Adams.
    update
        After every step, or after every episode.
    penalty
        Learn from r − (x² + y² + 0.1·step), as the course's program; for worlds whose first two
        numbers are x and y.
    standardise
        Standardise the advantages of an episode; of no effect with an update at every step.
    entropy
        Weight of the policy's entropy in the loss.
    reward_scale
        What is learnt from is multiplied by it.
    """

    hidden: tuple[int, ...] = (64,)
    activation: ActivationKind = "relu"
    rate: float = 1e-3
    critic_rate: float = 1e-3
    discount: float = 0.99
    update: Literal["step", "episode"] = "step"
    penalty: bool = False
    standardise: bool = False
    entropy: float = 0.0
    reward_scale: float = 1.0
    device: str = "cpu"
    worlds: int = 1

    def __post_init__(self) -> None:
        check_numbers(
            self,
            {
                "rate": RATE,
                "critic_rate": RATE,
                "discount": SHARE,
                "entropy": RATE,
                "reward_scale": POSITIVE,
                "worlds": (1, 1),
            },
        )


COURSE_LANDER = ActorCriticConfig(penalty=True)
COURSE_TIME_LIMIT = 2_000
"""Steps to an episode in the course's program."""


class ActorCriticAgent(PolicyAgent):
    """Advantage actor–critic; one unit is one step of the world, with the update where due."""

    kind = "actor-critic"
    live = frozenset({"rate", "critic_rate", "discount", "standardise", "penalty", "entropy"})
    critic: Any

    def __init__(
        self,
        config: ActorCriticConfig,
        observation_size: int,
        action_count: int,
        streams: Streams,
    ) -> None:
        super().__init__(
            config,
            observation_size,
            action_count,
            streams,
            {
                "actor": (observation_size, *config.hidden, action_count),
                "critic": (observation_size, *config.hidden, 1),
            },
            config.activation,
        )
        self.config: ActorCriticConfig = config
        self.reward_scale = config.reward_scale
        self._optimizers = self._init_adams(streams)
        # (s, a, r, s', ended) of the steps not learnt from yet.
        self._pending: list[tuple[NDArray[np.float32], int, float, NDArray[np.float32], bool]] = []

    def advance(self, env: VectorEnvironment) -> Advance:
        """Do one step of the world and learn from it, or from the episode it ended."""
        one_world(env, "The actor–critic")
        if self.config.penalty and env.observation_names[:2] != ("x", "y"):
            raise AgentError("The penalty x² + y² + 0.1·step is for worlds that begin with x, y.")
        obs, time = env.observations, int(env.episode_steps[0])
        action = int(self._draw(obs)[0])
        step = env.step(np.array([action], dtype=np.int64))
        self.env_steps += 1
        reward = float(step.rewards[0])
        if self.config.penalty:
            reward -= course_penalty(step.final_obs[0], time)
        self._pending.append(
            (obs[0], action, reward * self.config.reward_scale, step.final_obs[0],
             bool(step.terminated[0]))
        )  # fmt: skip
        losses = {}
        if self.config.update == "step" or step.finished:
            pending, self._pending = self._pending, []
            if not self.trouble:
                losses = self._learn(*(np.array(column) for column in zip(*pending, strict=True)))
        return Advance(1, step.finished, losses)

    def _learn(
        self,
        obs: NDArray[np.float32],
        actions: NDArray[np.int64],
        rewards: NDArray[np.float64],
        next_obs: NDArray[np.float32],
        terminated: NDArray[np.bool_],
    ) -> dict[str, float]:
        """Do one update from the steps of (n, …) arrays."""
        config, x = self.config, self._tensor(obs)
        with torch.no_grad():
            critic_layers, actor_layers = self.critic.layers_of(x), self.actor.layers_of(x)
            targets = td_targets(
                self._tensor(rewards.astype(np.float32)),
                self._tensor(terminated.astype(np.float32)),
                self.critic(self._tensor(next_obs)).squeeze(1),
                config.discount,
            )
            advantages = targets - critic_layers[-1].squeeze(1)
            value_loss = advantages.square().mean().item()
            slope = advantages[:, None] * (-2.0 / len(actions))
            self.critic.back_propagate(x, critic_layers, slope)
            if config.standardise and len(actions) > 1:
                centred = advantages - advantages.mean()
                advantages = centred / (advantages.std(correction=0) + 1e-8)
            policy = policy_gradient(
                actor_layers[-1], self._tensor(actions), advantages, config.entropy
            )
            self.actor.back_propagate(x, actor_layers, policy.logits)
        self._optimizers["critic"].step(config.critic_rate)
        self._optimizers["actor"].step(config.rate)
        return self._watch(
            policy_loss=-policy.gain.item(), value_loss=value_loss, entropy=policy.entropy.item()
        )

    def _own_state(self) -> dict[str, Any]:
        return {
            **self._adams_state(self._optimizers),
            "pending": tuple(self._pending),
        }

    def _load_own(self, state: AgentState) -> None:
        own = state.own
        self._load_adams(self._optimizers, own)
        self._pending = list(own["pending"])


def course_penalty(next_obs: NDArray[np.float32], time: int) -> float:
    """Return x² + y² + 0.1·step of the state (d,) a step led to; the first step is 0."""
    x, y = float(next_obs[0]), float(next_obs[1])
    return x * x + y * y + 0.1 * time
