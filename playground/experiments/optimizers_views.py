"""From the data of the lanes to what is shown of them: standings in words, ranks, arrows, cards."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from playground.core import optimizer_arithmetic
from playground.core.surfaces.calculus import NEAR, Stationary
from playground.experiments.optimizers_methods import ADAM_FAMILY
from playground.experiments.optimizers_snapshot import (
    Accumulator,
    LaneView,
    Standing,
    card_view,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from playground.core.optimizer_arithmetic import Term
    from playground.core.surfaces.surface import Surface
    from playground.experiments.optimizers_field import Lane
    from playground.experiments.optimizers_lane_spec import LaneSpec
    from playground.experiments.optimizers_snapshot import Pair
    from playground.experiments.optimizers_spec import OptimizerRaceSpec

KINDS: Final = tuple(Stationary)
"""The kinds of places, by the numbers under which lanes keep them."""

OFTEN: Final = 0.6
"""A lane oscillates when it turned back in at least this share of its last ten rounds or so …"""
PATIENCE: Final = 20
"""… and has not improved for this many rounds."""

_STANDINGS: Final[dict[Stationary, Standing]] = {
    Stationary.MINIMUM: Standing.RUNNING,
    Stationary.SADDLE: Standing.SADDLE,
    Stationary.HILLTOP: Standing.HILLTOP,
    Stationary.PLATEAU: Standing.PLATEAU,
}
_ACCUMULATORS: Final[dict[str, tuple[str, str]]] = {
    "velocity": ("v", "velocity"),
    "steps": ("s", "step of each weight"),
    "previous": ("g₋", "gradient of the round before"),
    "sum": ("G", "sum of squared gradients"),
    "square": ("E[g²]", "running mean of squared gradients"),
    "mean": ("E[g]", "running mean of gradients"),
    "deltas": ("E[Δ²]", "running mean of squared steps"),
    "first": ("m", "running mean of gradients"),
    "second": ("v", "running mean of squared gradients"),
    "largest": ("v̂", "largest v so far"),
}


class RaceFacts(NamedTuple):
    """What is true of the whole race: the surface, and the largest curvature at its start."""

    surface: Surface
    steepest: float


def ranked(lanes: Mapping[int, Lane]) -> list[int]:
    """Return the indices of the lanes, the leader first.

    Those that arrived come first, the earliest in front; then those that move, the lowest in
    front; then those that diverged, the latest in front.
    """

    def key(index: int) -> tuple[int, float, float, int]:
        lane = lanes[index]
        loss = lane.number("loss")
        if lane.diverged >= 0:
            return 2, -float(lane.diverged), 0.0, index
        if lane.finished >= 0:
            return 0, float(lane.finished), loss, index
        return 1, loss, 0.0, index

    return sorted(lanes, key=key)


def lane_views(
    spec: OptimizerRaceSpec,
    facts: RaceFacts,
    lanes: Mapping[int, Lane],
    order: Sequence[int],
    rounds: int,
    views: frozenset[str],
) -> tuple[LaneView, ...]:
    """Return what is shown of every lane, in the order of the spec."""
    heads = np.array([lane.columns["position"] for lane in lanes.values()])
    nearest = facts.surface.nearest_minimum(heads)
    return tuple(
        _view(
            spec,
            facts,
            lane,
            (float(nearest.distance[row]), int(nearest.which[row])),
            order.index(lane.index) + 1,
            rounds,
            card_view(lane.index) in views,
        )
        for row, lane in enumerate(lanes.values())
    )


def _view(
    spec: OptimizerRaceSpec,
    facts: RaceFacts,
    lane: Lane,
    nearest: tuple[float, int],
    rank: int,
    rounds: int,
    with_card: bool,
) -> LaneView:
    setting = spec.lanes[lane.index]
    x, y = lane.pair("position")
    gradient, used, move = lane.pair("gradient"), lane.pair("used"), lane.pair("move")
    length, slope = math.hypot(*move), math.hypot(*used)
    standing = _standing(lane, rounds)
    resting = lane.diverged >= 0 or (spec.finish.rest and lane.finished >= 0)
    last = max(lane.finished, lane.diverged) if resting else rounds
    return LaneView(
        index=lane.index,
        title=setting.title,
        method=setting.method,
        colour=setting.colour,
        x=x,
        y=y,
        loss=lane.number("loss"),
        gradient=gradient,
        gradient_norm=math.hypot(*gradient),
        used_gradient=used,
        step=move,
        step_size=length,
        effective=length / slope if slope > 0.0 else math.nan,
        rate=setting.rate * setting.rate_schedule.factor_at(last) * lane.plateau.scale,
        velocity=_velocity(setting, lane),
        look_ahead=_weight_behind(setting, lane),
        steps=_pair(lane.state["steps"]) if setting.method == "rprop" else None,
        accumulators=_accumulators(setting, lane),
        evaluations=int(lane.number("evaluations")),
        distance=nearest[0],
        minimum=nearest[1],
        standing=standing,
        words=_words(standing, facts, setting, lane),
        rank=rank,
        finished_round=lane.finished if lane.finished >= 0 else None,
        diverged_round=lane.diverged if lane.diverged >= 0 else None,
        resting=resting,
        card=_card(setting, lane) if with_card else (),
    )


def _standing(lane: Lane, rounds: int) -> Standing:
    if lane.diverged >= 0:
        return Standing.DIVERGED
    if lane.finished >= 0:
        return Standing.FINISHED
    kind = int(lane.number("kind"))
    if kind >= 0 and KINDS[kind] is not Stationary.MINIMUM:
        return _STANDINGS[KINDS[kind]]
    stuck = rounds - lane.number("improved") >= PATIENCE
    return Standing.OSCILLATING if stuck and lane.number("flips") > OFTEN else Standing.RUNNING


def _words(standing: Standing, facts: RaceFacts, setting: LaneSpec, lane: Lane) -> str:
    slope = math.hypot(*lane.pair("gradient"))
    match standing:
        case Standing.FINISHED:
            where = ", in a minimum that is not the lowest" if _is_local(facts, lane) else ""
            return f"Finished after {_rounds(lane.finished)}{where}."
        case Standing.DIVERGED:
            return _why_diverged(facts, setting, lane)
        case Standing.SADDLE:
            return f"At a saddle: |∇f| = {slope:.3g}, down one way and up the other."
        case Standing.HILLTOP:
            return f"At a hilltop: |∇f| = {slope:.3g}, down every way."
        case Standing.PLATEAU:
            return f"On a plateau: |∇f| = {slope:.3g}, and no stationary point is near."
        case Standing.OSCILLATING:
            return (
                f"Oscillating: turns back most rounds, no gain since round "
                f"{int(lane.number('improved')):,}; a smaller rate would help."
            )
        case _:
            return f"Still running: f = {lane.number('loss'):.4g}, |∇f| = {slope:.3g}."


def _is_local(facts: RaceFacts, lane: Lane) -> bool:
    """Tell whether a lane that arrived is far from every lowest minimum that is known."""
    x, y = lane.pair("position")
    lowest = [minimum for minimum in facts.surface.minima if minimum.lowest]
    reach = NEAR * facts.surface.domain.diagonal
    return bool(lowest) and all(
        math.hypot(x - minimum.x, y - minimum.y) > reach for minimum in lowest
    )


def _why_diverged(facts: RaceFacts, setting: LaneSpec, lane: Lane) -> str:
    if lane.diverged == 0:
        x, y = lane.pair("position")
        return f"Diverged at round 0: f has no finite value or slope at the start ({x:g}, {y:g})."
    numbers = (*lane.pair("position"), lane.number("loss"), *lane.pair("gradient"))
    finite = all(math.isfinite(number) for number in numbers)
    what = "it ran far off the map" if finite else "its numbers are no longer finite"
    text = f"Diverged at round {lane.diverged:,}: {what}"
    limit = 2.0 / facts.steepest if facts.steepest > 0.0 else math.inf
    if setting.method == "sgd" and setting.rate > limit:
        return f"{text}; near the start rates above 2/λ = {limit:.3g} are unstable."
    return f"{text}; try a smaller rate than {lane.number('rate'):.3g}."


def _rounds(count: int) -> str:
    return "1 round" if count == 1 else f"{count:,} rounds"


def _velocity(setting: LaneSpec, lane: Lane) -> Pair | None:
    rate = lane.number("rate")
    if setting.method in ("momentum", "nesterov") or (
        setting.method == "rmsprop" and setting.rms_momentum > 0.0
    ):
        return _pair(-rate * lane.state["velocity"])
    if setting.method in ADAM_FAMILY:
        return _pair(-rate * lane.state["first"])
    return None


def _weight_behind(setting: LaneSpec, lane: Lane) -> Pair | None:
    """Return Nesterov's own weight.

    torch moves the look-ahead point w = θ − η·μ·v, so θ = w + η·μ·v is what stands behind it.
    """
    if setting.method != "nesterov":
        return None
    reach = lane.number("rate") * setting.momentum * lane.state["velocity"]
    return _pair(lane.columns["position"] + reach)


def _accumulators(setting: LaneSpec, lane: Lane) -> tuple[Accumulator, ...]:
    unused = set()
    if setting.method == "rmsprop":
        unused = {"mean"} if not setting.centred else set()
        unused |= {"velocity"} if setting.rms_momentum == 0.0 else set()
    return tuple(
        Accumulator(*_ACCUMULATORS[slot], _pair(values))
        for slot, values in lane.state.items()
        if slot in _ACCUMULATORS and slot not in unused
    )


def _card(setting: LaneSpec, lane: Lane) -> tuple[Term, ...]:
    if setting.method == "lbfgs":
        if not lane.memory.iterations:
            return ()
        return optimizer_arithmetic.explain_lbfgs(
            lane.memory_before,
            lane.memory,
            lane.columns["origin"],
            lane.columns["used"],
            lane.columns["position"],
        )
    if not lane.state["rounds"][0]:
        return ()
    return optimizer_arithmetic.explain(
        setting.method,
        setting.hyper,
        lane.number("rate"),
        lane.before,
        lane.columns["origin"],
        lane.columns["used"],
    )


def _pair(values: object) -> Pair:
    x, y = np.asarray(values, dtype=np.float64).tolist()
    return x, y
