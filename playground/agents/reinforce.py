"""REINFORCE: actions that were followed by much are made more likely.

    ∇J = E Σₜ ∇log π(aₜ|sₜ) · Gₜ          Gₜ = rₜ + γ Gₜ₊₁

The loss is the cross-entropy of the policy with the actions taken, weighted by G. The returns of an
update are standardised, which makes half of all actions worse than usual. A baseline V(s), learnt
from the same returns, is subtracted on request: it changes no gradient in the mean, only its noise.

Sources: Williams 1992; Sutton and Barto 2018, sections 13.3 and 13.4. The factor γᵗ of their box is
left out, as everywhere in practice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from playground.agents.base import Advance
from playground.agents.checks import POSITIVE, RATE, SHARE, check_numbers, one_world
from playground.agents.policy_agent import PolicyAgent
from playground.agents.returns import (
    discounted_returns,
    log_likelihoods,
    mean_entropy,
    standardised,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.agents.base import AgentState
    from playground.agents.networks import ActivationKind
    from playground.core.random_streams import Streams
    from playground.environments.vector import VectorEnvironment


@dataclass(frozen=True, slots=True)
class ReinforceConfig:
    """Hyper-parameters; the defaults are the course's.

    Parameters
    ----------
    hidden
        Neurons of the hidden layers, of the baseline as well.
    rate, baseline_rate
        Learning rates of Adam.
    standardise
        Subtract the mean of the returns and divide by their standard deviation.
    baseline
        Learn V(s) and subtract it before that.
    episodes_per_update
        Whole episodes to one update.
    entropy
        Weight of the policy's entropy in the loss.
    reward_scale
        Rewards are multiplied by it for learning.
    """

    hidden: tuple[int, ...] = (64,)
    activation: ActivationKind = "relu"
    rate: float = 1e-3
    baseline_rate: float = 1e-3
    discount: float = 0.99
    standardise: bool = True
    baseline: bool = False
    episodes_per_update: int = 1
    entropy: float = 0.0
    reward_scale: float = 1.0
    device: str = "cpu"

    worlds: int = 1

    def __post_init__(self) -> None:
        check_numbers(
            self,
            {
                "rate": RATE,
                "baseline_rate": RATE,
                "discount": SHARE,
                "episodes_per_update": (1, 1000),
                "entropy": RATE,
                "reward_scale": POSITIVE,
                "worlds": (1, 1),
            },
        )


class ReinforceAgent(PolicyAgent):
    """REINFORCE; one unit is one step of the world, with the update where one is due."""

    kind = "reinforce"
    live = frozenset(
        {"rate", "baseline_rate", "discount", "standardise", "episodes_per_update", "entropy"}
    )

    def __init__(
        self, config: ReinforceConfig, observation_size: int, action_count: int, streams: Streams
    ) -> None:
        shapes = {"actor": (observation_size, *config.hidden, action_count)}
        if config.baseline:
            shapes["critic"] = (observation_size, *config.hidden, 1)
        super().__init__(config, observation_size, action_count, streams, shapes, config.activation)
        self.config: ReinforceConfig = config
        self.reward_scale = config.reward_scale
        self._optimizers = self._init_adams(streams)
        self._obs: list[NDArray[np.float32]] = []
        self._actions: list[int] = []
        self._rewards: list[float] = []
        self._returns: list[NDArray[np.float64]] = []

    def advance(self, env: VectorEnvironment) -> Advance:
        """Do one step of the world; learn when enough episodes have ended."""
        one_world(env, "REINFORCE")
        obs = env.observations
        actions = self._draw(obs)
        step = env.step(actions)
        self.env_steps += 1
        self._obs.append(obs[0])
        self._actions.append(int(actions[0]))
        self._rewards.append(float(step.rewards[0]) * self.config.reward_scale)
        if not step.finished:
            return Advance(1)
        self._returns.append(self._returns_of_episode(step.final_obs, bool(step.truncated[0])))
        self._rewards = []
        losses = {}
        if len(self._returns) >= self.config.episodes_per_update and not self.trouble:
            losses = self._learn()
        return Advance(1, step.finished, losses)

    def _returns_of_episode(self, last: NDArray[np.float32], cut_off: bool) -> NDArray[np.float64]:
        """Return G of every step; without a baseline nothing is known of what a limit cut off."""
        after = 0.0
        if cut_off and self.critic is not None:
            with torch.no_grad():
                after = self.critic(self._tensor(last)).item()
        return discounted_returns(np.array(self._rewards), self.config.discount, after)

    def _learn(self) -> dict[str, float]:
        config = self.config
        obs = self._tensor(np.stack(self._obs))
        actions = self._tensor(np.array(self._actions, dtype=np.int64))
        returns = np.concatenate(self._returns)
        self._obs, self._actions, self._returns = [], [], []
        weights = returns
        numbers: dict[str, float] = {}
        if self.critic is not None:
            guesses = self.critic(obs).squeeze(1)
            error = guesses - self._tensor(returns.astype(np.float32))
            value_loss = error.square().mean()
            value_loss.backward()
            weights = returns - guesses.detach().cpu().numpy()
            numbers["value_loss"] = value_loss.item()
        if config.standardise:
            weights = standardised(weights)
        logits = self.actor(obs)
        gains = log_likelihoods(logits, actions) * self._tensor(weights.astype(np.float32))
        entropy = mean_entropy(logits)
        loss = -gains.mean() - config.entropy * entropy
        loss.backward()
        self._optimizers["actor"].step(config.rate)
        if self.critic is not None:
            self._optimizers["critic"].step(config.baseline_rate)
        return self._watch(policy_loss=loss.item(), entropy=entropy.item(), **numbers)

    def _own_state(self) -> dict[str, Any]:
        return {
            **self._adams_state(self._optimizers),
            # The rows are never written to once they are in the lists.
            "obs": tuple(self._obs),
            "actions": tuple(self._actions),
            "rewards": tuple(self._rewards),
            "returns": tuple(self._returns),
        }

    def _load_own(self, state: AgentState) -> None:
        own = state.own
        self._load_adams(self._optimizers, own)
        self._obs, self._actions = list(own["obs"]), list(own["actions"])
        self._rewards, self._returns = list(own["rewards"]), list(own["returns"])
