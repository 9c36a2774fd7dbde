"""Proximal policy optimisation: the same steps are learnt from several times, but not too far.

    ρ = π(a|s) / π_old(a|s)
    L = − mean min(ρ A, clip(ρ, 1−ε, 1+ε) A) + c_v mean (V(s) − R)² − c_e mean entropy

A are generalized advantages, R = A + V_old(s). All worlds fly T steps with one policy, then come
several epochs of small batches. Without the clip, with one epoch and one batch, this is vectorised
advantage actor–critic (A2C with GAE): :data:`A2C`.

Sources: Schulman et al. 2017, "Proximal policy optimization algorithms", equations 7 to 9;
Andrychowicz et al. 2021 (orthogonal start, small last layer, normalised advantages).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from playground.agents.base import Advance, AgentError
from playground.agents.checks import COUNT, POSITIVE, RATE, SHARE, check_numbers
from playground.agents.flat_optimizers import FlatAdam
from playground.agents.objectives import policy_gradient
from playground.agents.policy_agent import PolicyAgent
from playground.agents.returns import generalized_advantages
from playground.agents.rollout import Rollout
from playground.agents.schedules import Linear

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from playground.agents.base import AgentState
    from playground.agents.networks import ActivationKind
    from playground.agents.schedules import Schedule
    from playground.core.random_streams import Streams
    from playground.environments.vector import FinishedEpisode, VectorEnvironment


@dataclass(frozen=True, slots=True)
class PpoConfig:
    """Hyper-parameters; the defaults learn Lunar Lander in the fewest steps that were found.

    Parameters
    ----------
    hidden
        Neurons of the hidden layers of actor and critic.
    worlds, steps
        Worlds stepped together, and steps of each between two updates.
    batch, epochs
        Steps to a gradient step, and how often each step is learnt from.
    rate
        Learning rate of Adam by step of worlds.
    discount, trace
        γ and λ of the advantages.
    clip
        ε, or None for no clipping (A2C).
    entropy, value
        c_e and c_v.
    max_gradient
        Longest gradient of both networks together, or None.
    normalise
        Give the advantages of every batch mean 0 and standard deviation 1.
    reward_scale
        Rewards are multiplied by it for learning.
    block
        Steps of all worlds to one unit of work.
    """

    hidden: tuple[int, ...] = (64, 64)
    activation: ActivationKind = "tanh"
    worlds: int = 16
    steps: int = 256
    batch: int = 256
    epochs: int = 8
    rate: Schedule = field(default_factory=lambda: Linear(1e-3, 2e-5, 1_000_000))
    discount: float = 0.999
    trace: float = 0.98
    clip: float | None = 0.2
    entropy: float = 0.01
    value: float = 0.5
    max_gradient: float | None = 0.5
    normalise: bool = True
    reward_scale: float = 0.05
    block: int = 8
    device: str = "cpu"

    def __post_init__(self) -> None:
        check_numbers(
            self,
            {
                "worlds": (1, 1024),
                "steps": COUNT,
                "batch": COUNT,
                "epochs": (1, 1000),
                "discount": SHARE,
                "trace": SHARE,
                "clip": (0.0, 10.0),
                "entropy": RATE,
                "value": RATE,
                "max_gradient": POSITIVE,
                "reward_scale": POSITIVE,
                "block": (1, 1024),
            },
        )
        if self.worlds * self.steps > 1_000_000:
            raise AgentError("Worlds times steps must not exceed 1,000,000 steps to an update.")
        if (self.worlds * self.steps) % self.batch:
            raise AgentError(
                f"{self.worlds} worlds of {self.steps} steps give {self.worlds * self.steps} "
                f"steps, which is no multiple of the batch of {self.batch}."
            )


A2C = PpoConfig(
    steps=64, batch=1024, epochs=1, clip=None, rate=Linear(3e-3, 6e-5, 1_000_000), normalise=True
)
"""Vectorised advantage actor–critic with GAE: every step is learnt from once."""


class PpoAgent(PolicyAgent):
    """PPO; one unit is a block of steps of all worlds, or one gradient step."""

    kind = "ppo"
    live = frozenset(
        {"rate", "discount", "trace", "clip", "entropy", "value", "max_gradient", "normalise"}
    )
    critic: Any

    def __init__(
        self, config: PpoConfig, observation_size: int, action_count: int, streams: Streams
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
        self.config: PpoConfig = config
        self.reward_scale = config.reward_scale
        self.actor.init_orthogonal(streams.torch("init actor"), head_gain=0.01)
        self.critic.init_orthogonal(streams.torch("init critic"), head_gain=1.0)
        self.optimizer = FlatAdam(self.parameters.flat, self.parameters.gradient, eps=1e-5)
        self.batch_rng = streams.numpy("batch")
        self.rollout = Rollout(config.steps, config.worlds, observation_size)
        self._lesson: _Lesson | None = None

    @property
    def learning(self) -> bool:
        """Tell whether the next unit is a gradient step."""
        return self.rollout.full

    def advance(self, env: VectorEnvironment) -> Advance:
        """Step all worlds a few times, or do one gradient step when the rollout is full."""
        if env.count != self.config.worlds:
            raise AgentError(
                f"The agent was made for {self.config.worlds} worlds, not for {env.count}."
            )
        if self._lesson is None and self.rollout.full:
            self._lesson = self._prepare()
        if self._lesson is not None:
            return Advance(0, (), self._learn(self._lesson))
        finished: list[FinishedEpisode] = []
        obs = env.observations
        steps = min(self.config.block, self.config.steps - self.rollout.length)
        for _ in range(steps):
            actions = self._draw(obs)
            step = env.step(actions)
            self.rollout.add(obs, actions, step)
            obs = step.obs
            finished += step.finished
        self.env_steps += steps * env.count
        if self.rollout.full and self.trouble:
            self.rollout.clear()
        return Advance(steps * env.count, tuple(finished))

    def _prepare(self) -> _Lesson:
        """Return the rollout as one row of steps with advantages, R and log π_old."""
        rollout, config = self.rollout, self.config
        flat_obs = self._tensor(rollout.obs.reshape(-1, self.observation_size))
        actions = self._tensor(rollout.actions.reshape(-1))
        with torch.no_grad():
            values = self._values_of(flat_obs).reshape(rollout.actions.shape)
            next_values = np.concatenate((values[1:], self._values_of(rollout.next_obs)[None]))
            if rollout.cut_off:
                ends = self._values_of(np.stack(list(rollout.cut_off.values())))
                for (t, world), value in zip(rollout.cut_off, ends, strict=True):
                    next_values[t, world] = value
            logs = torch.log_softmax(self.actor(flat_obs), dim=1)
            old_logs = logs.gather(1, actions[:, None]).squeeze(1)
        advantages = generalized_advantages(
            rollout.rewards * config.reward_scale,
            values,
            next_values,
            rollout.terminated,
            rollout.truncated,
            config.discount,
            config.trace,
        )
        return _Lesson(
            flat_obs,
            actions,
            old_logs,
            self._tensor(advantages.reshape(-1)),
            self._tensor((advantages + values).reshape(-1)),
        )

    def _values_of(self, obs: torch.Tensor | NDArray[np.float32]) -> NDArray[np.float32]:
        x = obs if isinstance(obs, torch.Tensor) else self._tensor(obs)
        return np.asarray(self.critic(x)[:, 0].cpu().numpy())

    def _learn(self, lesson: _Lesson) -> dict[str, float]:
        """Do the next gradient step of a lesson; begin the next rollout after the last."""
        config = self.config
        if lesson.batches_left == 0:
            order = self.batch_rng.permutation(len(lesson.actions))
            lesson.shuffle(self._tensor(order), config.batch, normalise=config.normalise)
        obs, actions, old_logs, advantages, returns = lesson.next_batch()
        found = self._gradient_step(obs, actions, old_logs, advantages, returns)
        if lesson.batches_left == 0:
            lesson.epochs_done += 1
        if lesson.epochs_done >= config.epochs or self.trouble:
            self._lesson = None
            self.rollout.clear()
        return found

    def _gradient_step(
        self,
        obs: torch.Tensor,
        actions: torch.Tensor,
        old_logs: torch.Tensor,
        advantages: torch.Tensor,
        returns: torch.Tensor,
    ) -> dict[str, float]:
        config = self.config
        with torch.no_grad():
            actor_layers = self.actor.layers_of(obs)
            critic_layers = self.critic.layers_of(obs)
            policy = policy_gradient(
                actor_layers[-1],
                actions,
                advantages,
                config.entropy,
                old_logs=old_logs,
                clip=config.clip,
            )
            errors = critic_layers[-1] - returns[:, None]
            value_loss = errors.square().mean().item()
            self.actor.back_propagate(obs, actor_layers, policy.logits)
            slope = errors.mul_(2.0 * config.value / len(actions))
            self.critic.back_propagate(obs, critic_layers, slope)
        if config.max_gradient is not None:
            self.parameters.clip_gradient(config.max_gradient)
        self.optimizer.step(config.rate.at(self.env_steps))
        return self._watch(
            policy_loss=-policy.gain.item(),
            value_loss=value_loss,
            entropy=policy.entropy.item(),
            clipped=policy.cut.item(),
        )

    def _own_state(self) -> dict[str, Any]:
        return {
            "weights": self.parameters.row(),
            "optimizer": self.optimizer.state(),
            "batch_rng": self.batch_rng.bit_generator.state,
            "rollout": self.rollout.state(),
            "lesson": None if self._lesson is None else self._lesson.state(),
        }

    def _load_own(self, state: AgentState) -> None:
        own = state.own
        self.parameters.load_row(own["weights"])
        self.optimizer.load_state(own["optimizer"])
        self.batch_rng.bit_generator.state = own["batch_rng"]
        self.rollout.load_state(own["rollout"])
        self._lesson = None
        if own["lesson"] is not None:
            obs = self._tensor(self.rollout.obs.reshape(-1, self.observation_size))
            actions = self._tensor(self.rollout.actions.reshape(-1))
            self._lesson = _Lesson.from_state(obs, actions, own["lesson"])


class _Lesson:
    """A full rollout and how far it has been learnt from.

    The batches of an epoch are cut from one shuffled copy, and their advantages are normalised all
    at once: gathering and normalising each batch by itself costs as much as its forward pass.
    """

    def __init__(
        self,
        obs: torch.Tensor,
        actions: torch.Tensor,
        old_logs: torch.Tensor,
        advantages: torch.Tensor,
        returns: torch.Tensor,
    ) -> None:
        self.actions = actions
        self.epochs_done = 0
        self.batches_left = 0
        self._columns = (obs, actions, old_logs, advantages, returns)
        self._order = torch.zeros(0, dtype=torch.int64)
        self._normalise = False
        self._batch = 0
        self._parts: list[tuple[torch.Tensor, ...]] = []

    def shuffle(self, order: torch.Tensor, batch: int, *, normalise: bool) -> None:
        """Cut a new order (T·n,) of all steps into batches."""
        self._order, self._batch, self._normalise = order, batch, normalise
        obs, actions, old_logs, advantages, returns = (
            column.index_select(0, order) for column in self._columns
        )
        if normalise:
            rows = advantages.view(-1, batch)
            spread = rows.std(1, correction=0, keepdim=True)
            advantages = ((rows - rows.mean(1, keepdim=True)) / (spread + 1e-8)).view(-1)
        columns = (obs, actions, old_logs, advantages, returns)
        self._parts = list(zip(*(column.split(batch) for column in columns), strict=True))
        self.batches_left = len(self._parts)

    def next_batch(self) -> tuple[torch.Tensor, ...]:
        """Return obs, actions, log π_old, advantages and R of the next batch."""
        part = self._parts[len(self._parts) - self.batches_left]
        self.batches_left -= 1
        return part

    def state(self) -> dict[str, Any]:
        """Return copies of what does not follow from the rollout."""
        return {
            "old_logs": self._columns[2].cpu().numpy().copy(),
            "advantages": self._columns[3].cpu().numpy().copy(),
            "returns": self._columns[4].cpu().numpy().copy(),
            "epochs_done": self.epochs_done,
            "batches_left": self.batches_left,
            "order": self._order.cpu().numpy().copy(),
            "batch": self._batch,
            "normalise": self._normalise,
        }

    @classmethod
    def from_state(
        cls, obs: torch.Tensor, actions: torch.Tensor, state: Mapping[str, Any]
    ) -> _Lesson:
        """Return the lesson of a state."""
        device = obs.device
        lesson = cls(
            obs,
            actions,
            *(
                torch.from_numpy(state[name]).to(device, copy=True)
                for name in ("old_logs", "advantages", "returns")
            ),
        )
        lesson.epochs_done = state["epochs_done"]
        if state["batch"]:
            order = torch.from_numpy(state["order"]).to(device, copy=True)
            lesson.shuffle(order, state["batch"], normalise=state["normalise"])
        lesson.batches_left = state["batches_left"]
        return lesson
