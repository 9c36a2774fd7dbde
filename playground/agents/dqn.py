"""Deep Q-learning: a network is fitted to its own best guess of the future.

    y = r + γ max Q⁻(s', ·)                                  target network Q⁻
    y = r + γ Q⁻(s', argmax Q(s', ·))                        Double DQN
    L = mean w · huber(Q(s, a) − y)                          w = 1, or of prioritised replay

Every part of it can be turned off, to see what it is good for: the replay memory (then the last
transitions are learnt once), the target network (then Q⁻ = Q), Double, the priorities. Actions are
ε-greedy. An episode that was cut off by the time limit goes on in max Q(s', ·).

Sources: Mnih et al. 2015 (replay, target network, clipped error); van Hasselt, Guez and Silver 2016
(Double); Schaul et al. 2016 (priorities); Lillicrap et al. 2016, section 3 (soft target updates).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch

from playground.agents.base import Advance, Agent
from playground.agents.checks import COUNT, POSITIVE, SHARE, check_numbers
from playground.agents.flat_optimizers import make_optimizer
from playground.agents.networks import Parameters
from playground.agents.prioritised import Priorities
from playground.agents.replay import Batch, ReplayMemory, ReplayState
from playground.agents.returns import q_target_vectors, td_targets
from playground.agents.schedules import Linear

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.agents.base import AgentState
    from playground.agents.flat_optimizers import OptimizerKind
    from playground.agents.networks import ActivationKind
    from playground.agents.schedules import Schedule
    from playground.core.random_streams import Streams
    from playground.environments.vector import VectorEnvironment

TargetKind = Literal["none", "hard", "soft"]


@dataclass(frozen=True, slots=True)
class DqnConfig:
    """Hyper-parameters; the defaults learn Lunar Lander.

    Parameters
    ----------
    hidden
        Neurons of the hidden layers.
    worlds
        How many worlds are stepped together.
    steps_per_update
        Steps of worlds, all together, to one gradient step.
    replay
        Whether transitions are kept and drawn at random.
    capacity, batch, warm_up
        Size of the memory, transitions to a gradient step, transitions before the first one.
    target
        No target network, one copied every ``target_every`` updates, or one that follows by a share
        ``target_share`` at each.
    double
        Let the online network choose the action which the target network values.
    prioritised
        Draw by TD error, with the exponent ``priority`` α and a correction β.
    exploration
        ε by step of worlds.
    optimizer, rate
        Which, and its learning rate by step of worlds.
    loss
        Huber's, or half the squared error.
    max_gradient
        Longest gradient, or None.
    reward_scale
        Rewards are multiplied by it for learning.
    """

    hidden: tuple[int, ...] = (128, 128)
    activation: ActivationKind = "relu"
    worlds: int = 8
    steps_per_update: int = 4
    replay: bool = True
    capacity: int = 100_000
    batch: int = 64
    warm_up: int = 2_000
    discount: float = 0.99
    target: TargetKind = "soft"
    target_every: int = 500
    target_share: float = 0.005
    double: bool = True
    prioritised: bool = False
    priority: float = 0.4
    correction: Schedule = field(default_factory=lambda: Linear(0.4, 1.0, 200_000))
    exploration: Schedule = field(default_factory=lambda: Linear(1.0, 0.02, 45_000))
    optimizer: OptimizerKind = "adam"
    rate: Schedule = field(default_factory=lambda: Linear(1e-3, 1e-4, 300_000))
    loss: Literal["huber", "squared"] = "huber"
    max_gradient: float | None = 10.0
    reward_scale: float = 0.05
    device: str = "cpu"

    def __post_init__(self) -> None:
        check_numbers(
            self,
            {
                "worlds": (1, 1024),
                "steps_per_update": COUNT,
                "batch": (1, 65_536),
                "warm_up": (0, 1_000_000),
                "discount": SHARE,
                "target_every": COUNT,
                "target_share": SHARE,
                "priority": SHARE,
                "max_gradient": POSITIVE,
                "reward_scale": POSITIVE,
            },
        )


COURSE_CAR = DqnConfig(
    hidden=(150,),
    steps_per_update=8,
    capacity=50_000,
    batch=100,
    warm_up=1_000,
    discount=0.97,
    target="hard",
    double=False,
    exploration=Linear(1.0, 0.05, 40_000),
    optimizer="rmsprop",
    rate=Linear(1e-3, 1e-4, 100_000),
    max_gradient=None,
    reward_scale=1.0,
)
"""The course's headlight car: 20-150-3, ReLU, RMSprop, batch 100."""


class DqnAgent(Agent):
    """Deep Q-learning; one unit is a step of all worlds with the gradient steps then due."""

    kind = "dqn"
    live = frozenset(
        {
            "discount", "steps_per_update", "batch", "warm_up", "target_every", "target_share",
            "double", "correction", "exploration", "rate", "loss", "max_gradient",
        }
    )  # fmt: skip

    def __init__(
        self, config: DqnConfig, observation_size: int, action_count: int, streams: Streams
    ) -> None:
        super().__init__(config, observation_size, action_count, streams)
        self.config: DqnConfig = config
        shapes = {"q": (observation_size, *config.hidden, action_count)}
        self.online = Parameters(shapes, config.activation, config.device)
        self.online.networks["q"].init_torch(streams.torch("init"))
        self.target = Parameters(shapes, config.activation, config.device)
        self.target.copy_from(self.online)
        self.optimizer = make_optimizer(config.optimizer, self.online.flat, self.online.gradient)
        self.memory = ReplayMemory(config.capacity if config.replay else 1024, observation_size)
        self.priorities = (
            Priorities(config.capacity, config.priority)
            if config.prioritised and config.replay
            else None
        )
        self.replay_rng = streams.numpy("replay")
        self._owed = 0

    @property
    def parameters(self) -> Parameters:
        """The online network, "q"."""
        return self.online

    @property
    def exploration(self) -> float:
        """Present ε."""
        return self.config.exploration.at(self.env_steps)

    @property
    def target_lag(self) -> float:
        """Distance of target to online network, relative to the length of the online weights."""
        distance = torch.linalg.vector_norm(self.online.flat - self.target.flat)
        return float(distance / torch.linalg.vector_norm(self.online.flat))

    def action_values(self, obs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n, actions) Q(s, ·) in units of the reward."""
        with torch.no_grad():
            outputs = self.online.networks["q"](self._tensor(obs))
        return self._array(outputs, self.config.reward_scale)

    def values(self, obs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n,) max Q(s, ·)."""
        return np.asarray(self.action_values(obs).max(axis=1))

    def act_greedy(self, obs: NDArray[np.float32]) -> NDArray[np.int64]:
        """Return (n,) argmax Q(s, ·)."""
        with torch.no_grad():
            return self.online.networks["q"](self._tensor(obs)).argmax(1).cpu().numpy()

    def probabilities(self, obs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n, actions) of the ε-greedy policy: ε/k each, and 1 − ε more for the best."""
        chances = np.full(
            (len(obs), self.action_count), self.exploration / self.action_count, np.float32
        )
        chances[np.arange(len(obs)), self.act_greedy(obs)] += 1.0 - self.exploration
        return chances

    def advance(self, env: VectorEnvironment) -> Advance:
        """Step all worlds once, then learn as often as is due."""
        obs, seeds, steps = env.observations, env.episode_seeds, env.episode_steps
        actions = self.act_greedy(obs)
        guess = self.policy_rng.random(env.count) < self.exploration
        guesses = self.policy_rng.integers(self.action_count, size=env.count)
        actions = np.where(guess, guesses, actions)
        step = env.step(actions)
        self.env_steps += env.count
        seen = Batch(obs, actions, step.rewards, step.final_obs, step.terminated, seeds, steps)
        losses = self._learn_when_due(seen)
        return Advance(env.count, step.finished, losses)

    def td_errors(self, batch: Batch) -> NDArray[np.float32]:
        """Return (n,) Q(s, a) − y of transitions, in units of the reward."""
        with torch.no_grad():
            outputs = self.online.networks["q"](self._tensor(batch.obs))
            errors = self._errors(outputs, batch).sum(1)
        return self._array(errors, self.config.reward_scale)

    def _learn_when_due(self, seen: Batch) -> dict[str, float]:
        config = self.config
        places = self.memory.add(seen)
        if self.priorities is not None:
            self.priorities.add(places)
        if self.memory.total < max(1, config.warm_up if config.replay else 1) or self.trouble:
            return {}
        if not config.replay:
            return self._learn(seen, None)
        losses: dict[str, float] = {}
        self._owed += seen.size
        while self._owed >= config.steps_per_update:
            self._owed -= config.steps_per_update
            losses = self._learn_from_memory()
        return losses

    def _learn_from_memory(self) -> dict[str, float]:
        count, size = self.config.batch, len(self.memory)
        if self.priorities is None:
            return self._learn(self.memory.rows(self.memory.uniform(count, self.replay_rng)), None)
        correction = self.config.correction.at(self.env_steps)
        places, weights = self.priorities.draw(count, size, correction, self.replay_rng)
        return self._learn(self.memory.rows(places), self._tensor(weights), places)

    def _learn(
        self,
        batch: Batch,
        weights: torch.Tensor | None,
        places: NDArray[np.int64] | None = None,
    ) -> dict[str, float]:
        """Do one gradient step and keep the target network up; return what it found."""
        config = self.config
        network, x = self.online.networks["q"], self._tensor(batch.obs)
        with torch.no_grad():
            layers = network.layers_of(x)
            mean_q = layers[-1].mean().item() / config.reward_scale
            errors = self._errors(layers[-1], batch)
            costs, slopes = _costs(errors, config.loss)
            if weights is not None:
                costs, slopes = costs * weights, slopes * weights[:, None]
            network.back_propagate(x, layers, slopes / batch.size)
        if config.max_gradient is not None:
            self.online.clip_gradient(config.max_gradient)
        self.optimizer.step(config.rate.at(self.env_steps))
        found = self._watch(loss=costs.mean().item(), mean_q=mean_q)
        if self.priorities is not None and places is not None and not self.trouble:
            self.priorities.update(places, errors.sum(1).cpu().numpy())
        if config.target == "soft":
            self.target.blend(self.online, config.target_share)
        elif config.target == "hard" and self.updates % config.target_every == 0:
            self.target.copy_from(self.online)
        return found

    def _errors(self, outputs: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Return (n, actions) Q(s, ·) minus what it shall become: 0 but for the action taken."""
        return outputs - q_target_vectors(
            outputs, self._tensor(batch.actions), self._targets(batch)
        )

    def _targets(self, batch: Batch) -> torch.Tensor:
        """Return (n,) y of every transition."""
        config = self.config
        with torch.no_grad():
            following = self._tensor(batch.next_obs)
            judge = self.online if config.target == "none" else self.target
            judged = judge.networks["q"](following)
            if config.double and judge is not self.online:
                chosen = self.online.networks["q"](following).argmax(1, keepdim=True)
                best = judged.gather(1, chosen).squeeze(1)
            else:
                best = judged.amax(1)
            rewards = self._tensor(batch.rewards) * config.reward_scale
            return td_targets(
                rewards, self._tensor(batch.terminated).float(), best, config.discount
            )

    def _own_state(self) -> dict[str, Any]:
        return {
            "online": self.online.row(),
            "target": self.target.row(),
            "optimizer": self.optimizer.state(),
            "replay_rng": self.replay_rng.bit_generator.state,
            "owed": self._owed,
            "tail": self.memory.tail(),
            "priorities": None if self.priorities is None else self.priorities.state(),
        }

    def _shared_state(self) -> dict[str, Any]:
        return {"blocks": self.memory.blocks(), "total": self.memory.total}

    def _load_own(self, state: AgentState) -> None:
        own = state.own
        self.online.load_row(own["online"])
        self.target.load_row(own["target"])
        self.optimizer.load_state(own["optimizer"])
        self.replay_rng.bit_generator.state = own["replay_rng"]
        self._owed = own["owed"]
        self.memory.load_state(
            ReplayState(state.shared["total"], state.shared["blocks"], own["tail"])
        )
        if self.priorities is not None:
            self.priorities.load_state(own["priorities"])


def _costs(errors: torch.Tensor, loss: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (n,) the cost of errors (n, actions), and (n, actions) its derivative by them.

    Huber's cost is ½e² up to 1 and |e| − ½ beyond, so its derivative is e clipped to ±1.
    """
    slopes = errors if loss == "squared" else errors.clamp(-1.0, 1.0)
    return (slopes * (errors - 0.5 * slopes)).sum(1), slopes
