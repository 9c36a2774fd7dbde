"""What every agent is: something that acts, learns one bounded unit at a time, and can be copied.

    agent = DqnAgent(DqnConfig(), 8, 4, Streams(seed))
    environment = WorldVector(LanderOptions(), agent.config.worlds, streams.numpy("environment"))
    done = agent.advance(environment)      # one unit: some steps of the worlds, or an update

An agent never looks at a clock and owns all its generators, so a run is a pure function of
(config, seed, environment). ``state()`` is everything the agent needs to go on, bit for bit; the
environment has a state of its own.
"""

from __future__ import annotations

import dataclasses
import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from playground.agents.networks import Parameters
    from playground.core.random_streams import Streams
    from playground.environments.vector import FinishedEpisode, VectorEnvironment

_NOTHING: Mapping[str, float] = {}


class AgentError(ValueError):
    """Says in one sentence why an agent cannot be made, changed or loaded; nothing was changed."""


class Advance(NamedTuple):
    """What one unit of work did.

    Parameters
    ----------
    env_steps
        Steps of worlds, all worlds together; 0 for a pure update.
    finished
        Episodes that ended.
    losses
        Numbers of the updates in this unit by name, empty where nothing was learnt: ``"loss"``,
        ``"policy loss"``, ``"value loss"``, ``"entropy"`` …
    """

    env_steps: int
    finished: tuple[FinishedEpisode, ...] = ()
    losses: Mapping[str, float] = _NOTHING


@dataclass(frozen=True, slots=True)
class AgentState:
    """Everything an agent needs to go on.

    ``own`` is copied; ``shared`` holds immutable objects that many states refer to at no cost.
    """

    own: Mapping[str, Any]
    shared: Mapping[str, Any] = field(default_factory=dict)


class Agent(ABC):
    """A learner with a policy.

    Parameters
    ----------
    config
        The hyper-parameters.
    observation_size, action_count
        Sizes of the environment.
    streams
        The random streams of the run; the agent takes "init", "policy" and others by name.
    """

    kind: ClassVar[str]
    live: ClassVar[frozenset[str]] = frozenset()
    """Fields of the config that may change while the agent learns."""

    def __init__(
        self, config: Any, observation_size: int, action_count: int, streams: Streams
    ) -> None:
        if action_count < 2:
            raise AgentError("An agent needs at least two actions to choose from.")
        self.config = config
        self.observation_size = observation_size
        self.action_count = action_count
        self.env_steps = 0
        self.updates = 0
        self.trouble = ""
        """Why learning cannot go on, in a sentence; empty while all is well."""
        self.policy_rng = streams.numpy("policy")

    @property
    @abstractmethod
    def parameters(self) -> Parameters:
        """The weights that decide how the agent acts."""

    @abstractmethod
    def advance(self, env: VectorEnvironment) -> Advance:
        """Do one unit of work of some milliseconds; it goes on from ``env.observations``."""

    @abstractmethod
    def probabilities(self, obs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n, actions): how likely each action is while training."""

    @abstractmethod
    def act_greedy(self, obs: NDArray[np.float32]) -> NDArray[np.int64]:
        """Return (n,) the actions the agent takes for best."""

    def act_sampled(self, obs: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.int64]:
        """Return (n,) actions drawn as in training, from a generator of the caller."""
        return sample_rows(self.probabilities(obs), rng)

    def choose(
        self, observation: NDArray[np.float32], rng: np.random.Generator | None = None
    ) -> int:
        """Return the action for one observation (d,): the best, or with a generator a drawn one."""
        obs = observation[None]
        actions = self.act_greedy(obs) if rng is None else self.act_sampled(obs, rng)
        return int(actions[0])

    def values(self, obs: NDArray[np.float32]) -> NDArray[np.float32] | None:  # noqa: ARG002
        """Return (n,) V(s) in units of the reward, or None where the agent has no critic."""
        return None

    def action_values(self, obs: NDArray[np.float32]) -> NDArray[np.float32] | None:  # noqa: ARG002
        """Return (n, actions) Q(s, a) in units of the reward, or None where there are none."""
        return None

    def activations(self, obs: NDArray[np.float32]) -> dict[str, list[NDArray[np.float32]]]:
        """Return for every network the outputs (n, neurons) of all its layers, the last last."""
        with torch.no_grad():
            x = self._tensor(obs)
            return {
                name: [layer.cpu().numpy() for layer in network.layers_of(x)]
                for name, network in self.parameters.networks.items()
            }

    def parameters_copy(self) -> dict[str, NDArray[np.float32]]:
        """Return copies of all weights and biases by name, such as ``"actor.0.weight"``."""
        return self.parameters.arrays()

    def load_parameters(self, arrays: Mapping[str, NDArray[np.float32]]) -> None:
        """Take over weights; raise :class:`AgentError` and change nothing where they do not fit."""
        self.parameters.load_arrays(arrays)

    def reconfigure(self, config: Any) -> None:
        """Go on with another config that differs in live fields only."""
        if type(config) is not type(self.config):
            raise AgentError("The settings belong to another algorithm.")
        changed = [
            item.name
            for item in dataclasses.fields(config)
            if getattr(config, item.name) != getattr(self.config, item.name)
        ]
        fixed = [name for name in changed if name not in self.live]
        if fixed:
            raise AgentError(f"“{fixed[0].replace('_', ' ')}” needs a new run.")
        self.config = config

    def state(self) -> AgentState:
        """Return a copy of everything that changes while the agent learns."""
        own = {
            "env_steps": self.env_steps,
            "updates": self.updates,
            "trouble": self.trouble,
            "config": self.config,
            "policy_rng": self.policy_rng.bit_generator.state,
        }
        return AgentState({**own, **self._own_state()}, self._shared_state())

    def load_state(self, state: AgentState) -> None:
        """Go to the moment of a state, which stays untouched."""
        own = state.own
        self.env_steps = own["env_steps"]
        self.updates = own["updates"]
        self.trouble = own["trouble"]
        self.config = own["config"]
        self.policy_rng.bit_generator.state = own["policy_rng"]
        self._load_own(state)

    @abstractmethod
    def _own_state(self) -> dict[str, Any]:
        """Return copies of what the subclass adds."""

    def _shared_state(self) -> dict[str, Any]:
        return {}

    @abstractmethod
    def _load_own(self, state: AgentState) -> None:
        """Take over what the subclass added."""

    def _tensor(self, array: NDArray[Any]) -> torch.Tensor:
        """Return a copy of an array on the device.

        Never the array's own memory: numpy aligns to 16 bytes and torch to 64, and MKL's products
        differ in the last bit with the alignment, which would depend on what ran before.
        """
        return torch.from_numpy(array).to(self.parameters.device, copy=True)

    def _array(self, tensor: torch.Tensor, scale: float = 1.0) -> NDArray[np.float32]:
        """Return a tensor as an array, divided by a scale."""
        array: NDArray[np.float32] = tensor.detach().cpu().numpy()
        return array if scale == 1.0 else np.divide(array, scale, dtype=np.float32)

    def _watch(self, **numbers: float) -> dict[str, float]:
        """Return the numbers of an update; note the trouble when one of them is not finite."""
        self.updates += 1
        bad = [name for name, value in numbers.items() if not math.isfinite(value)]
        if bad and not self.trouble:
            self.trouble = (
                f"The {bad[0].replace('_', ' ')} is no finite number any more "
                f"(update {self.updates:,}); a smaller learning rate may help."
            )
        return {name.replace("_", " "): value for name, value in numbers.items()}


def sample_rows(probabilities: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return (n,) one index a row, drawn with the probabilities (n, k) of the row."""
    sums = np.cumsum(probabilities, axis=1, dtype=np.float64)
    draws = rng.random((len(probabilities), 1)) * sums[:, -1:]
    # A row of NaN compares as False everywhere and gives 0: the trouble is reported elsewhere.
    places: NDArray[np.int64] = (draws >= sums).sum(axis=1, dtype=np.int64)
    return places.clip(max=probabilities.shape[1] - 1)
