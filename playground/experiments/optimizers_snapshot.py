"""What is drawn of the optimizer race: one frozen picture of all lanes after one round.

Trails come from the recorded series ``lane/<index>`` (:data:`SERIES_COLUMNS`); a snapshot holds the
heads and what is told about them.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from playground.experiments.base import Snapshot

if TYPE_CHECKING:
    from playground.core.optimizer_arithmetic import Term
    from playground.core.surfaces.surface import Surface
    from playground.experiments.optimizers_methods import Method
    from playground.experiments.optimizers_spec import OptimizerRaceSpec

Tone = Literal["ok", "warn", "bad", "info"]
Pair = tuple[float, float]

SERIES_COLUMNS: Final = (
    "x",
    "y",
    "loss",
    "gradient_norm",
    "step_size",
    "rate",
    "evaluations",
    "distance",
)
"""Columns of ``lane/<index>``: place, f, |∇f|, length of the last step |Δw|, learning rate of that
step, gradient evaluations so far, distance to the nearest known minimum (NaN without any). One row
a round from round 0 on; none for a round whose numbers are not finite, none for a lane at rest."""

VIEW_CARD: Final = "card"
"""Prefix of ``card:<lane index>``: the last update of a lane as arithmetic."""


def lane_series(lane: int) -> str:
    """Return the name of the series of a lane, by its place in the spec."""
    return f"lane/{lane}"


def card_view(lane: int) -> str:
    """Return the name of the view that asks for the step card of a lane."""
    return f"{VIEW_CARD}:{lane}"


class Standing(enum.Enum):
    """How a lane does, in words."""

    FINISHED = "finished"
    RUNNING = "still running"
    SADDLE = "at a saddle"
    HILLTOP = "at a hilltop"
    PLATEAU = "on a plateau"
    OSCILLATING = "oscillating"
    DIVERGED = "diverged"

    @property
    def tone(self) -> Tone:
        """Return the colour role of the word."""
        return _TONES[self]


_TONES: Final[dict[Standing, Tone]] = {
    Standing.FINISHED: "ok",
    Standing.RUNNING: "info",
    Standing.SADDLE: "warn",
    Standing.HILLTOP: "warn",
    Standing.PLATEAU: "warn",
    Standing.OSCILLATING: "warn",
    Standing.DIVERGED: "bad",
}


class Accumulator(NamedTuple):
    """One remembered number per weight, drawn as squares whose area is the value.

    Parameters
    ----------
    symbol
        As in the formula, such as ``"v"``.
    meaning
        In words.
    values
        For both coordinates; negative ones are possible for means of gradients only.
    """

    symbol: str
    meaning: str
    values: Pair


@dataclass(frozen=True, slots=True)
class LaneView:
    """One lane as it stands.

    Parameters
    ----------
    index
        Its place in ``spec.lanes``; names its series and its card.
    x, y, loss
        Where its head is, and f there.
    gradient, gradient_norm
        ∇f there, without noise.
    used_gradient
        The gradient of the last step, noise and mini-batch included; zeros before the first.
    step, step_size
        Δw of the last round and its length.
    effective
        Length of the last step over the length of the gradient that made it: the rate that plain
        gradient descent would have needed; NaN before the first step.
    rate
        Learning rate of the next step, the schedule included.
    velocity
        Where the remembered motion alone would carry it, −η·v or −η·m; None for methods without.
    look_ahead
        Nesterov: the head is the look-ahead point of the weight that stands here; else None.
    steps
        Rprop: its step for each coordinate; else None.
    accumulators
        What else it remembers.
    evaluations
        Gradient evaluations so far.
    distance, minimum
        Distance to the nearest known minimum (NaN without any), and which one (−1).
    standing, words
        How it does: the word, and a sentence with numbers.
    rank
        1 for the leader.
    finished_round, diverged_round
        When it arrived or diverged; None while it has not.
    resting
        True when it takes no more steps.
    """

    index: int
    title: str
    method: Method
    colour: int
    x: float
    y: float
    loss: float
    gradient: Pair
    gradient_norm: float
    used_gradient: Pair
    step: Pair
    step_size: float
    effective: float
    rate: float
    velocity: Pair | None
    look_ahead: Pair | None
    steps: Pair | None
    accumulators: tuple[Accumulator, ...]
    evaluations: int
    distance: float
    minimum: int
    standing: Standing
    words: str
    rank: int
    finished_round: int | None
    diverged_round: int | None
    resting: bool
    card: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizerRaceSnapshot(Snapshot):
    """All lanes that take part, after one round.

    Parameters
    ----------
    surface
        The surface with its known minima, shared with the experiment; the same object for the
        whole run, so that its map needs to be drawn once.
    lanes
        In the order of the spec.
    leaderboard
        Indices of the lanes, the leader first.
    start
        Where lanes without a start of their own began.
    """

    spec: OptimizerRaceSpec
    surface: Surface
    lanes: tuple[LaneView, ...]
    leaderboard: tuple[int, ...]
    start: Pair

    def lane(self, index: int) -> LaneView | None:
        """Return the lane with this place in the spec; None when it does not take part."""
        return next((view for view in self.lanes if view.index == index), None)
