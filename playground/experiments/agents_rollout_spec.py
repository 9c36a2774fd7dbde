"""The first half of the form of an agent's algorithm: what all have, and PPO and A2C.

See :mod:`playground.experiments.agents_learner_spec` for the whole.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field, field_validator

from playground.experiments.init_network_spec import layer_widths
from playground.experiments.spec import Knob, Spec

Algorithm = Literal[
    "ppo", "a2c", "dqn", "reinforce", "q-actor-critic", "actor-critic", "course-a2c"
]
Activation = Literal["relu", "tanh"]
Device = Literal["cpu", "cuda", "mps"]

ALGORITHM_LABELS: Final[dict[str, str]] = {
    "ppo": "PPO",
    "a2c": "A2C, many worlds",
    "dqn": "DQN",
    "reinforce": "REINFORCE",
    "q-actor-critic": "Q actor–critic",
    "actor-critic": "advantage actor–critic",
    "course-a2c": "the course's A2C program",
}
ACTIVATION_LABELS: Final[dict[str, str]] = {"relu": "ReLU", "tanh": "tanh"}
DEVICE_LABELS: Final[dict[str, str]] = {"cpu": "CPU", "cuda": "CUDA", "mps": "MPS (Apple)"}

_ROLLOUTS: Final = ("algorithm", ("ppo", "a2c"))
_MANY: Final = ("algorithm", ("ppo", "a2c", "dqn"))


class NetworkSpec(Spec):
    """What every algorithm has."""

    algorithm: Annotated[
        Algorithm,
        Knob(
            "algorithm",
            "Brings the numbers that were measured to work in this world.",
            labels=ALGORITHM_LABELS,
        ),
    ] = "ppo"
    hidden: Annotated[
        str,
        Field(max_length=100),
        Knob(
            "hidden layers",
            "Neurons of each, as in 64-64; of the policy and of the critic alike. Empty: none.",
            group="Network",
        ),
    ] = "64-64"
    activation: Annotated[
        Activation,
        Knob("activation", "Of the hidden layers.", group="Network", labels=ACTIVATION_LABELS),
    ] = "tanh"
    device: Annotated[
        Device,
        Knob(
            "device",
            "For networks of this size the CPU is the fastest.",
            group="Network",
            labels=DEVICE_LABELS,
        ),
    ] = "cpu"
    worlds: Annotated[
        int,
        Field(ge=1, le=256),
        Knob(
            "parallel worlds",
            "So many are stepped together; the other algorithms learn in one world.",
            shown_when=_MANY,
            soft_maximum=64,
        ),
    ] = 16
    rate: Annotated[
        float,
        Field(ge=0.0, le=10.0),
        Knob(
            "learning rate η",
            "At the start. 0 lets everything stand still.",
            scale="log",
            live=True,
            soft_minimum=1e-5,
            soft_maximum=0.1,
        ),
    ] = 1e-3
    rate_end: Annotated[
        float,
        Field(ge=0.0, le=10.0),
        Knob(
            "… at the end",
            "The rate falls on a straight line to this one.",
            scale="log",
            live=True,
            shown_when=_MANY,
            soft_minimum=1e-6,
            soft_maximum=0.1,
        ),
    ] = 2e-5
    rate_steps: Annotated[
        int,
        Field(ge=0, le=1_000_000_000),
        Knob(
            "… after",
            "Length of that line; 0 keeps the rate as it is at the end.",
            unit="steps",
            live=True,
            shown_when=_MANY,
            soft_maximum=2_000_000,
        ),
    ] = 1_000_000
    critic_rate: Annotated[
        float,
        Field(ge=0.0, le=10.0),
        Knob(
            "critic's learning rate",
            "Of the network that learns V or Q beside the policy.",
            scale="log",
            live=True,
            shown_when=("has_critic_rate", (True,)),
            soft_minimum=1e-5,
            soft_maximum=0.1,
        ),
    ] = 1e-3
    discount: Annotated[
        float,
        Field(ge=0.0, le=1.0),
        Knob(
            "discount γ",
            "Worth of a reward one step later. 0 sees the next reward only; 1 counts all alike.",
            step=0.001,
            live=True,
        ),
    ] = 0.999
    reward_scale: Annotated[
        float,
        Field(ge=1e-6, le=1e6),
        Knob(
            "rewards times",
            "Rewards are multiplied by it for learning, not for what is shown: losses of the size "
            "of one are easier to learn from.",
            scale="log",
            soft_minimum=1e-3,
            soft_maximum=10.0,
        ),
    ] = 0.05
    entropy: Annotated[
        float,
        Field(ge=0.0, le=10.0),
        Knob(
            "entropy weight",
            "Rewards a policy for staying undecided, so that it goes on trying things.",
            step=0.001,
            live=True,
            shown_when=("algorithm", ("ppo", "a2c", "reinforce", "actor-critic", "course-a2c")),
            soft_maximum=0.1,
        ),
    ] = 0.01
    max_gradient: Annotated[
        float | None,
        Field(ge=1e-6, le=1e6),
        Knob(
            "longest gradient",
            "A longer one is shortened to this; none leaves it as it is.",
            scale="log",
            live=True,
            shown_when=_MANY,
            soft_minimum=0.01,
            soft_maximum=100.0,
        ),
    ] = 0.5

    @field_validator("hidden", mode="before")
    @classmethod
    def _single_layer(cls, value: object) -> object:
        # A single width is read as a number on the command line.
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("hidden")
    @classmethod
    def _readable(cls, text: str) -> str:
        widths = layer_widths(text) if text.strip() else ()
        if len(widths) > 6:
            raise ValueError(f"At most 6 hidden layers are allowed, not {len(widths)}.")
        return "-".join(str(width) for width in widths)

    @property
    def hidden_sizes(self) -> tuple[int, ...]:
        """Return the neurons of every hidden layer."""
        return layer_widths(self.hidden) if self.hidden else ()


class RolloutSpec(NetworkSpec):
    """PPO and A2C with many worlds."""

    steps: Annotated[
        int,
        Field(ge=1, le=8192),
        Knob(
            "steps between updates",
            "Of every world; all of them together are learnt from.",
            scale="log",
            shown_when=_ROLLOUTS,
            soft_maximum=2048,
        ),
    ] = 256
    minibatch: Annotated[
        int,
        Field(ge=1, le=1_000_000),
        Knob(
            "mini-batch",
            "Steps to one gradient step; must divide worlds × steps.",
            scale="log",
            shown_when=_ROLLOUTS,
            soft_maximum=8192,
        ),
    ] = 256
    epochs: Annotated[
        int,
        Field(ge=1, le=100),
        Knob(
            "epochs",
            "How often every step is learnt from.",
            shown_when=_ROLLOUTS,
            soft_maximum=20,
        ),
    ] = 8
    trace: Annotated[
        float,
        Field(ge=0.0, le=1.0),
        Knob(
            "trace λ",
            "Of the generalized advantages: 0 trusts the critic, 1 trusts the returns.",
            step=0.01,
            live=True,
            shown_when=_ROLLOUTS,
        ),
    ] = 0.98
    clip: Annotated[
        float,
        Field(ge=0.0, le=10.0),
        Knob(
            "clip ε",
            "How far the probability of an action may move before its gradient is cut.",
            step=0.01,
            live=True,
            shown_when=("algorithm", ("ppo",)),
            soft_maximum=1.0,
        ),
    ] = 0.2
    value_weight: Annotated[
        float,
        Field(ge=0.0, le=10.0),
        Knob(
            "value weight",
            "Weight of the critic's loss beside the policy's.",
            step=0.05,
            live=True,
            shown_when=_ROLLOUTS,
            soft_maximum=2.0,
        ),
    ] = 0.5
    normalise: Annotated[
        bool,
        Knob(
            "normalise advantages",
            "Mean 0 and standard deviation 1 in every mini-batch.",
            live=True,
            shown_when=_ROLLOUTS,
        ),
    ] = True

    def following(self, name: str, value: Any) -> dict[str, Any]:
        """Return the mini-batch that goes with newly chosen worlds or steps: one that divides."""
        if name not in ("worlds", "steps") or self.algorithm not in ("ppo", "a2c"):
            return {}
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            return {}
        rows = value * (self.steps if name == "worlds" else self.worlds)
        smaller = range(min(self.minibatch, rows), 0, -1)
        return {"minibatch": next(size for size in smaller if rows % size == 0)}
