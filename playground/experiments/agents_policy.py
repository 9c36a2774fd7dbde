"""What a policy makes of observations, in plain numpy: for bars, maps and films, without torch.

A :class:`Policy` is a frozen copy of an agent's networks with what belongs to reading them. Its
numbers are those of the agent itself, but for rounding in the last bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

Role = Literal["q", "actor"]
"""What decides: the action values themselves, or a soft-max policy."""


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """Networks of an agent at one moment; arrays are read-only.

    Parameters
    ----------
    role
        ``"q"``: the network "q" gives Q(s, ·). ``"actor"``: the network "actor" gives logits, and
        "critic", where there is one, V(s) or (as many outputs as actions) Q(s, ·).
    activation
        Of the hidden layers.
    arrays
        Weights by name, such as ``"actor.0.weight"`` (out, in) and ``"actor.0.bias"`` (out,).
    action_count
        Number of actions k.
    exploration
        ε of the ε-greedy policy; 0 where there is none.
    reward_scale
        Rewards were multiplied by it for learning; all values here are divided by it.
    discount
        γ.
    """

    role: Role
    activation: Literal["relu", "tanh"]
    arrays: Mapping[str, NDArray[np.float32]]
    action_count: int
    exploration: float = 0.0
    reward_scale: float = 1.0
    discount: float = 0.99

    @property
    def networks(self) -> tuple[str, ...]:
        """Names of the networks, such as ``("actor", "critic")``."""
        return tuple(dict.fromkeys(name.partition(".")[0] for name in self.arrays))

    @property
    def observation_size(self) -> int:
        """Numbers in an observation d."""
        return int(self.arrays[f"{self.role}.0.weight"].shape[1])

    @property
    def nbytes(self) -> int:
        """Bytes of the weights."""
        return sum(array.nbytes for array in self.arrays.values())

    def layers(self, network: str, obs: NDArray[np.floating]) -> list[NDArray[np.float32]]:
        """Return the (n, neurons) outputs of every layer of a network, its output last."""
        x = np.asarray(obs, dtype=np.float32)
        found: list[NDArray[np.float32]] = []
        count = sum(name.startswith(f"{network}.") for name in self.arrays) // 2
        for index in range(count):
            weight = self.arrays[f"{network}.{index}.weight"]
            x = x @ weight.T + self.arrays[f"{network}.{index}.bias"]
            if index < count - 1:
                x = np.maximum(x, 0.0) if self.activation == "relu" else np.tanh(x)
            found.append(x)
        return found

    def activations(self, obs: NDArray[np.floating]) -> dict[str, list[NDArray[np.float32]]]:
        """Return for every network the (n, neurons) outputs of all its layers."""
        return {name: self.layers(name, obs) for name in self.networks}

    def probabilities(self, obs: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return (n, k): how likely each action is in training."""
        outputs = self.layers(self.role, obs)[-1]
        if self.role == "actor":
            exponents = np.exp(outputs - outputs.max(axis=1, keepdims=True))
            shares: NDArray[np.float32] = exponents / exponents.sum(axis=1, keepdims=True)
            return shares
        chances = np.full(outputs.shape, self.exploration / self.action_count, dtype=np.float32)
        chances[np.arange(len(outputs)), outputs.argmax(axis=1)] += 1.0 - self.exploration
        return chances

    def action_values(self, obs: NDArray[np.floating]) -> NDArray[np.float32] | None:
        """Return (n, k) Q(s, ·) in units of the reward; None where the agent learns no Q."""
        if self.role == "q":
            return self._worth(self.layers("q", obs)[-1])
        if self._critic_outputs == self.action_count:
            return self._worth(self.layers("critic", obs)[-1])
        return None

    def values(self, obs: NDArray[np.floating]) -> NDArray[np.float32] | None:
        """Return (n,) V(s), max Q(s, ·) or Σ π Q in units of the reward; None without a critic."""
        if self._critic_outputs == 1:
            return self._worth(self.layers("critic", obs)[-1][:, 0])
        q = self.action_values(obs)
        if q is None:
            return None
        if self.role == "q":
            return np.asarray(q.max(axis=1))
        return np.asarray((self.probabilities(obs) * q).sum(axis=1))

    def act_greedy(self, obs: NDArray[np.floating]) -> NDArray[np.int64]:
        """Return (n,) the actions thought best."""
        return np.asarray(self.layers(self.role, obs)[-1].argmax(axis=1), dtype=np.int64)

    def choose(self, observation: NDArray[np.floating], draw: float | None = None) -> int:
        """Return the action for one observation (d,): the best, or drawn with a number in [0, 1).

        Parameters
        ----------
        draw
            None for the best action; else the action in whose part of the summed probabilities the
            number falls.
        """
        row = observation[None]
        if draw is None:
            return int(self.act_greedy(row)[0])
        sums = np.cumsum(self.probabilities(row)[0], dtype=np.float64)
        return min(int((draw * sums[-1] >= sums).sum()), self.action_count - 1)

    @property
    def _critic_outputs(self) -> int:
        sizes = [len(a) for name, a in self.arrays.items() if name.startswith("critic.")]
        return sizes[-1] if sizes else 0

    def _worth(self, outputs: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.divide(outputs, self.reward_scale, dtype=np.float32)


def frozen(arrays: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    """Return the arrays, from now on read-only."""
    for array in arrays.values():
        array.setflags(write=False)
    return dict(arrays)
