"""Q actor–critic: a critic learns Q(s, a) by SARSA, and the actor follows it.

    critic   δ = r + γ Q(s', a') − Q(s, a)       Q(s, a) towards its target
    actor    θ ← θ + η ∇log π(a|s) · Q(s, a)

a' is the action the policy really takes in s': the target belongs to the policy that acts. Nothing
is subtracted from Q, so the noise is that of the full value; the advantage actor–critic mends it.

Source: Sutton, McAllester, Singh and Mansour 2000, "Policy gradient methods for reinforcement
learning with function approximation", theorem 1; Sutton and Barto 2018, section 6.4 (SARSA).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from playground.agents.base import Advance
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

NO_ACTION = -1


@dataclass(frozen=True, slots=True)
class QActorCriticConfig:
    """Hyper-parameters.

    Parameters
    ----------
    hidden
        Neurons of the hidden layers of actor and critic.
    rate, critic_rate
        Learning rates of the two Adams.
    reward_scale
        Rewards are multiplied by it for learning.
    """

    hidden: tuple[int, ...] = (64,)
    activation: ActivationKind = "relu"
    rate: float = 1e-3
    critic_rate: float = 1e-3
    discount: float = 0.99
    reward_scale: float = 0.05
    device: str = "cpu"
    worlds: int = 1

    def __post_init__(self) -> None:
        check_numbers(
            self,
            {
                "rate": RATE,
                "critic_rate": RATE,
                "discount": SHARE,
                "reward_scale": POSITIVE,
                "worlds": (1, 1),
            },
        )


class QActorCriticAgent(PolicyAgent):
    """Q actor–critic; one unit is one step of the world and the update it allows."""

    kind = "q-actor-critic"
    live = frozenset({"rate", "critic_rate", "discount"})

    def __init__(
        self,
        config: QActorCriticConfig,
        observation_size: int,
        action_count: int,
        streams: Streams,
    ) -> None:
        sizes = (observation_size, *config.hidden, action_count)
        super().__init__(
            config,
            observation_size,
            action_count,
            streams,
            {"actor": sizes, "critic": sizes},
            config.activation,
        )
        self.config: QActorCriticConfig = config
        self.reward_scale = config.reward_scale
        self._q = self.parameters.networks["critic"]
        self._optimizers = self._init_adams(streams)
        # a' of the last step, which is to be taken next; none at the start of an episode.
        self._next_action = NO_ACTION

    def action_values(self, obs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n, actions) Q(s, ·) in units of the reward."""
        with torch.no_grad():
            return self._array(self._q(self._tensor(obs)), self.reward_scale)

    def values(self, obs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n,) V(s) = Σ π(a|s) Q(s, a) in units of the reward."""
        return np.asarray((self.probabilities(obs) * self.action_values(obs)).sum(axis=1))

    def advance(self, env: VectorEnvironment) -> Advance:
        """Take the action chosen before, choose the next one, learn from both."""
        one_world(env, "The Q actor–critic")
        obs = env.observations
        if self._next_action == NO_ACTION:
            self._next_action = int(self._draw(obs)[0])
        action = self._next_action
        step = env.step(np.array([action], dtype=np.int64))
        self.env_steps += 1
        following = int(self._draw(step.final_obs)[0])
        self._next_action = NO_ACTION if step.finished else following
        losses = {}
        if not self.trouble:
            reward = float(step.rewards[0]) * self.config.reward_scale
            losses = self._learn(
                obs, action, reward, bool(step.terminated[0]), step.final_obs, following
            )
        return Advance(1, step.finished, losses)

    def _learn(
        self,
        obs: NDArray[np.float32],
        action: int,
        reward: float,
        terminated: bool,
        next_obs: NDArray[np.float32],
        next_action: int,
    ) -> dict[str, float]:
        x = self._tensor(obs)
        with torch.no_grad():
            critic_layers, actor_layers = self._q.layers_of(x), self.actor.layers_of(x)
            following = self._q(self._tensor(next_obs))[:, next_action]
            # One step: rewards and ends as rows of one number.
            target = td_targets(
                torch.full_like(following, reward),
                torch.full_like(following, float(terminated)),
                following,
                self.config.discount,
            )
            q = critic_layers[-1][:, action].clone()
            slope = torch.zeros_like(critic_layers[-1])
            slope[:, action] = 2.0 * (q - target)
            self._q.back_propagate(x, critic_layers, slope)
            actions = torch.full((1,), action, dtype=torch.int64, device=x.device)
            policy = policy_gradient(actor_layers[-1], actions, q)
            self.actor.back_propagate(x, actor_layers, policy.logits)
        self._optimizers["critic"].step(self.config.critic_rate)
        self._optimizers["actor"].step(self.config.rate)
        return self._watch(
            policy_loss=-policy.gain.item(),
            value_loss=(q - target).square().item(),
            entropy=policy.entropy.item(),
        )

    def _own_state(self) -> dict[str, Any]:
        return {
            **self._adams_state(self._optimizers),
            "next_action": self._next_action,
        }

    def _load_own(self, state: AgentState) -> None:
        own = state.own
        self._load_adams(self._optimizers, own)
        self._next_action = own["next_action"]
