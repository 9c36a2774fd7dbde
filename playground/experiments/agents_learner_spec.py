"""How an agent of the agents experiment learns, as a form: the algorithm with its parts.

One flat list of knobs serves all algorithms; each shows those that it has. The numbers an algorithm
brings along are in :mod:`playground.experiments.agents_recipes`.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from playground.experiments.agents_rollout_spec import ACTIVATION_LABELS as ACTIVATION_LABELS
from playground.experiments.agents_rollout_spec import ALGORITHM_LABELS as ALGORITHM_LABELS
from playground.experiments.agents_rollout_spec import Algorithm as Algorithm
from playground.experiments.agents_rollout_spec import RolloutSpec
from playground.experiments.spec import Knob

_DQN: Final = ("algorithm", ("dqn",))
_STEPWISE: Final = ("algorithm", ("actor-critic", "course-a2c"))


class DqnSpec(RolloutSpec):
    """DQN: each of its parts is a switch."""

    replay: Annotated[
        bool,
        Knob(
            "replay memory",
            "Learn from random transitions of a long past; off: from the last ones, once.",
            group="Replay",
            shown_when=_DQN,
        ),
    ] = True
    capacity: Annotated[
        int,
        Field(ge=100, le=1_000_000),
        Knob(
            "memory",
            "So many transitions are kept.",
            group="Replay",
            scale="log",
            shown_when=("remembers", (True,)),
        ),
    ] = 100_000
    batch: Annotated[
        int,
        Field(ge=1, le=8192),
        Knob(
            "batch",
            "Transitions to a gradient step.",
            group="Replay",
            scale="log",
            live=True,
            shown_when=("remembers", (True,)),
            soft_maximum=512,
        ),
    ] = 64
    warm_up: Annotated[
        int,
        Field(ge=0, le=1_000_000),
        Knob(
            "first learn after",
            "Transitions gathered before the first gradient step.",
            group="Replay",
            unit="steps",
            live=True,
            shown_when=("remembers", (True,)),
            soft_maximum=20_000,
        ),
    ] = 2_000
    steps_per_update: Annotated[
        int,
        Field(ge=1, le=1000),
        Knob(
            "steps to an update",
            "Steps of all worlds together to one gradient step.",
            group="Replay",
            live=True,
            shown_when=("remembers", (True,)),
            soft_maximum=64,
        ),
    ] = 4
    prioritised: Annotated[
        bool,
        Knob(
            "prioritised",
            "Draw what surprised most more often, and correct for it.",
            group="Replay",
            shown_when=("remembers", (True,)),
        ),
    ] = False
    priority: Annotated[
        float,
        Field(ge=0.0, le=1.0),
        Knob(
            "priority α",
            "0 draws evenly, 1 in proportion to the TD error.",
            group="Replay",
            step=0.05,
            shown_when=("ranks", (True,)),
        ),
    ] = 0.4
    correction: Annotated[
        float,
        Field(ge=0.0, le=1.0),
        Knob(
            "correction β",
            "At the start; grows to 1, where the uneven drawing is made up for.",
            group="Replay",
            step=0.05,
            live=True,
            shown_when=("ranks", (True,)),
        ),
    ] = 0.4
    correction_steps: Annotated[
        int,
        Field(ge=0, le=1_000_000_000),
        Knob(
            "… grows for",
            "Until β is 1.",
            group="Replay",
            unit="steps",
            live=True,
            shown_when=("ranks", (True,)),
            soft_maximum=1_000_000,
        ),
    ] = 200_000
    target: Annotated[
        Literal["none", "hard", "soft"],
        Knob(
            "target network",
            "The goal of learning comes from a copy: none, one renewed now and then, or one that "
            "follows slowly.",
            group="Target",
            labels={"none": "none", "hard": "copied now and then", "soft": "follows slowly"},
            shown_when=_DQN,
        ),
    ] = "soft"
    target_every: Annotated[
        int,
        Field(ge=1, le=1_000_000),
        Knob(
            "copied every",
            "Gradient steps between two copies.",
            group="Target",
            unit="updates",
            scale="log",
            live=True,
            shown_when=("copies_target", (True,)),
            soft_maximum=10_000,
        ),
    ] = 500
    target_share: Annotated[
        float,
        Field(ge=0.0, le=1.0),
        Knob(
            "follows by τ",
            "Share of the way it goes at every gradient step.",
            group="Target",
            step=0.001,
            live=True,
            shown_when=("blends_target", (True,)),
            soft_maximum=0.05,
        ),
    ] = 0.005
    double: Annotated[
        bool,
        Knob(
            "Double",
            "The network itself chooses the best action, the target network values it: less "
            "overestimation.",
            group="Target",
            live=True,
            shown_when=_DQN,
        ),
    ] = True
    exploration: Annotated[
        float,
        Field(ge=0.0, le=1.0),
        Knob(
            "exploration ε",
            "Share of random actions at the start.",
            group="Exploration",
            step=0.01,
            live=True,
            shown_when=_DQN,
        ),
    ] = 1.0
    exploration_end: Annotated[
        float,
        Field(ge=0.0, le=1.0),
        Knob(
            "… at the end",
            "Falls on a straight line to this share.",
            group="Exploration",
            step=0.01,
            live=True,
            shown_when=_DQN,
        ),
    ] = 0.02
    exploration_steps: Annotated[
        int,
        Field(ge=0, le=1_000_000_000),
        Knob(
            "… after",
            "Length of that line.",
            group="Exploration",
            unit="steps",
            live=True,
            shown_when=_DQN,
            soft_maximum=500_000,
        ),
    ] = 45_000
    optimizer: Annotated[
        Literal["adam", "rmsprop"],
        Knob(
            "optimizer",
            "The course's car learns by RMSprop.",
            labels={"adam": "Adam", "rmsprop": "RMSprop"},
            shown_when=_DQN,
        ),
    ] = "adam"
    loss: Annotated[
        Literal["huber", "squared"],
        Knob(
            "loss",
            "Huber's grows in a straight line beyond an error of 1.",
            labels={"huber": "Huber", "squared": "½ squared error"},
            live=True,
            shown_when=_DQN,
        ),
    ] = "huber"

    @property
    def remembers(self) -> bool:
        """Tell whether the knobs of the replay memory mean anything."""
        return self.algorithm == "dqn" and self.replay

    @property
    def ranks(self) -> bool:
        """Tell whether the knobs of the priorities mean anything."""
        return self.remembers and self.prioritised

    @property
    def copies_target(self) -> bool:
        """Tell whether the target network is copied now and then."""
        return self.algorithm == "dqn" and self.target == "hard"

    @property
    def blends_target(self) -> bool:
        """Tell whether the target network follows slowly."""
        return self.algorithm == "dqn" and self.target == "soft"


class LearnerSpec(DqnSpec):
    """The algorithm of one run with its parts and numbers."""

    update: Annotated[
        Literal["step", "episode"],
        Knob(
            "learns after",
            "Every step by itself, or a whole episode at once.",
            labels={"step": "every step", "episode": "every episode"},
            shown_when=_STEPWISE,
        ),
    ] = "step"
    penalty: Annotated[
        bool,
        Knob(
            "penalty x² + y² + 0.1·step",
            "Taken off every reward it learns from, as in the course's program; for worlds whose "
            "first two numbers are x and y.",
            live=True,
            shown_when=_STEPWISE,
        ),
    ] = False
    standardise: Annotated[
        bool,
        Knob(
            "standardise",
            "Returns (of an episode: advantages) less their mean, over their standard deviation.",
            live=True,
            shown_when=("algorithm", ("reinforce", "actor-critic", "course-a2c")),
        ),
    ] = True
    baseline: Annotated[
        bool,
        Knob(
            "baseline V(s)",
            "A critic learns the mean return of every state, which is taken off: less noise, the "
            "same gradient on average.",
            shown_when=("algorithm", ("reinforce",)),
        ),
    ] = False
    episodes_per_update: Annotated[
        int,
        Field(ge=1, le=1000),
        Knob(
            "episodes to an update",
            "More of them give a calmer gradient, less often.",
            live=True,
            shown_when=("algorithm", ("reinforce",)),
            soft_maximum=32,
        ),
    ] = 1

    @property
    def has_critic_rate(self) -> bool:
        """Tell whether the critic has a learning rate of its own."""
        if self.algorithm == "reinforce":
            return self.baseline
        return self.algorithm in ("q-actor-critic", "actor-critic", "course-a2c")

    @property
    def world_count(self) -> int:
        """Return how many worlds are stepped together."""
        return self.worlds if self.algorithm in ("ppo", "a2c", "dqn") else 1

    @property
    def title(self) -> str:
        """Return for example ``"Double DQN 128-128"``."""
        name = ALGORITHM_LABELS[self.algorithm]
        if self.algorithm == "dqn" and self.double and self.target != "none":
            name = "Double DQN"
        return f"{name} {self.hidden}".strip()
