"""What the agents with a soft-max policy share: π(a|s) = exp(zₐ) / Σ exp(z), z = actor(s).

The networks are called "actor" and, where there is one, "critic". The critic learns rewards times
`reward_scale`; what is shown is divided by it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from playground.agents.base import Agent
from playground.agents.flat_optimizers import FlatAdam
from playground.agents.networks import Parameters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from playground.agents.networks import ActivationKind
    from playground.core.random_streams import Streams


class PolicyAgent(Agent):
    """An agent that draws its actions from a soft-max policy.

    Parameters
    ----------
    config, observation_size, action_count, streams
        As of every agent.
    shapes
        Networks by name → neurons of all layers.
    activation
        Of the hidden layers.
    """

    reward_scale = 1.0

    def __init__(
        self,
        config: Any,
        observation_size: int,
        action_count: int,
        streams: Streams,
        shapes: Mapping[str, Sequence[int]],
        activation: ActivationKind,
    ) -> None:
        super().__init__(config, observation_size, action_count, streams)
        self._parameters = Parameters(shapes, activation, config.device)
        self.actor = self._parameters.networks["actor"]
        self.critic = self._parameters.networks.get("critic")

    @property
    def parameters(self) -> Parameters:
        """The weights of actor and critic."""
        return self._parameters

    def probabilities(self, obs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n, actions) π(a|s)."""
        with torch.no_grad():
            return torch.softmax(self.actor(self._tensor(obs)), dim=1).cpu().numpy()

    def act_greedy(self, obs: NDArray[np.float32]) -> NDArray[np.int64]:
        """Return (n,) the most likely actions."""
        with torch.no_grad():
            return self.actor(self._tensor(obs)).argmax(1).cpu().numpy()

    def values(self, obs: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """Return (n,) V(s) in units of the reward, or None without a critic."""
        if self.critic is None:
            return None
        with torch.no_grad():
            return self._array(self.critic(self._tensor(obs))[:, 0], self.reward_scale)

    def _draw(self, obs: NDArray[np.float32]) -> NDArray[np.int64]:
        """Return (n,) actions drawn from the policy with the agent's own generator.

        The largest of z + Gumbel noise is distributed as soft-max(z): one call instead of four.
        """
        with torch.no_grad():
            logits = self.actor(self._tensor(obs)).cpu().numpy()
        return np.asarray((logits + self.policy_rng.gumbel(size=logits.shape)).argmax(1))

    def _init_adams(self, streams: Streams) -> dict[str, FlatAdam]:
        """Draw all weights as torch does; return an Adam for each network by its name."""
        adams = {}
        for name, network in self.parameters.networks.items():
            network.init_torch(streams.torch(f"init {name}"))
            span = self.parameters.span(name)
            adams[name] = FlatAdam(self.parameters.flat[span], self.parameters.gradient[span])
        return adams

    def _adams_state(self, adams: Mapping[str, FlatAdam]) -> dict[str, Any]:
        return {
            "weights": self.parameters.row(),
            "optimizers": {name: adam.state() for name, adam in adams.items()},
        }

    def _load_adams(self, adams: Mapping[str, FlatAdam], own: Mapping[str, Any]) -> None:
        self.parameters.load_row(own["weights"])
        for name, adam in adams.items():
            adam.load_state(own["optimizers"][name])
