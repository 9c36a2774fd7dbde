"""The optimizer race as a form: the surface, the common start, the lanes, noise and the finish.

:class:`OptimizerRaceSpec` describes one race. Its lanes are
:class:`~playground.experiments.optimizers_lane_spec.LaneSpec`; the numbers of a running lane, noise
and the finish may change on the way (:class:`~playground.experiments.base.SetValue`), everything
else makes a new race. The functions below return the spec of that new race.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field, model_validator

from playground.core.surfaces.learned import MAX_SAMPLES
from playground.experiments.optimizers_lane_spec import LaneSpec
from playground.experiments.optimizers_methods import COURSE_METHODS, MAX_LANES, Method
from playground.experiments.optimizers_surface_spec import SURFACE_LABELS, SurfaceKind, SurfaceSpec
from playground.experiments.spec import Knob, Spec, validate

MAX_ROUNDS: Final = 100_000


class FinishSpec(Spec):
    """When a lane has arrived, and when the race is over."""

    tolerance: Annotated[
        float,
        Field(ge=1e-12, le=1.0),
        Knob(
            "tolerance",
            "A lane has arrived when it is this near to a known minimum, or its gradient is this "
            "small at a minimum. A saddle or a plateau never counts.",
            scale="log",
            live=True,
            soft_minimum=1e-8,
        ),
    ] = 1e-3
    rest: Annotated[
        bool,
        Knob("rest at the finish", "Off: lanes that have arrived go on.", live=True),
    ] = True
    rounds: Annotated[
        int,
        Field(ge=1, le=MAX_ROUNDS),
        Knob(
            "rounds at most",
            "The race ends here at the latest.",
            scale="log",
            live=True,
            soft_maximum=20_000,
        ),
    ] = 5_000


class NoiseSpec(Spec):
    """What keeps the gradient from being exact; the same for every lane of a round."""

    std: Annotated[
        float,
        Field(ge=0.0, le=1e3),
        Knob(
            "gradient noise",
            "Standard deviation of the normal noise that is added to both parts of the gradient.",
            step=0.05,
            live=True,
            soft_maximum=5.0,
        ),
    ] = 0.0
    batch_size: Annotated[
        int,
        Field(ge=0, le=MAX_SAMPLES),
        Knob(
            "mini-batch",
            "Samples of a round, drawn anew each time, on surfaces made of samples; 0: all of "
            "them. Every lane sees the same batch.",
            live=True,
            soft_maximum=100,
        ),
    ] = 0
    seed: Annotated[
        int,
        Field(ge=0, le=2**32 - 1),
        Knob("noise seed", "Another seed makes other noise and other batches.", soft_maximum=999),
    ] = 1


DEFAULT_RATES: Final[dict[Method, float]] = {
    "sgd": 0.01,
    "momentum": 0.01,
    "nesterov": 0.01,
    "rprop": 0.01,
    "adagrad": 0.5,
    "rmsprop": 0.01,
    "adadelta": 1.0,
    "adam": 0.05,
    "nadam": 0.05,
    "adamw": 0.05,
    "amsgrad": 0.05,
    "radam": 0.05,
    "lbfgs": 1.0,
}
"""Rates at which every method arrives on most of the surfaces; none is its best on any."""

GRADIENT_RATES: Final[dict[SurfaceKind, float]] = {
    "valley": 0.05,
    "bowl": 0.03,
    "rosenbrock": 0.0003,
    "rastrigin": 0.001,
    "saddle": 0.02,
    "plateau": 0.1,
    "slow neuron": 0.15,
    "neuron": 1.0,
    "mlp": 1.0,
}
"""Rates of the methods whose steps are as long as the gradient, where 0.01 is far off. The slow
neuron has the course's own rate."""

_AS_LONG_AS_THE_GRADIENT: Final = ("sgd", "momentum", "nesterov")


def default_rate(method: Method, surface: SurfaceKind) -> float:
    """Return the rate at which a new lane of a method starts on a surface."""
    rate = DEFAULT_RATES[method]
    if method in _AS_LONG_AS_THE_GRADIENT:
        return GRADIENT_RATES.get(surface, rate)
    if method == "radam" and surface == "rosenbrock":
        # Its first steps are as long as the gradient too.
        return 10.0 * GRADIENT_RATES[surface]
    return rate


def new_lane(method: Method, colour: int = 0, surface: SurfaceKind = "beale") -> LaneSpec:
    """Return a lane of a method with its default numbers for a surface."""
    return LaneSpec(method=method, rate=default_rate(method, surface), colour=colour)


class OptimizerRaceSpec(Spec):
    """A race of optimizers down one surface."""

    surface: Annotated[SurfaceSpec, Knob("surface", group="Surface")] = SurfaceSpec()
    start: Annotated[
        tuple[float, float] | None,
        Knob("start", "Where all lanes start; empty: the start of the surface.", hidden=True),
    ] = None
    start_surface: str = Field(default="", max_length=20)
    lanes: Annotated[
        tuple[LaneSpec, ...],
        Field(min_length=1, max_length=MAX_LANES),
        Knob("lanes", "The optimizers that race.", group="Lanes", hidden=True),
    ] = tuple(new_lane(method, colour) for colour, method in enumerate(COURSE_METHODS))
    noise: Annotated[NoiseSpec, Knob("noise", group="Noise")] = NoiseSpec()
    finish: Annotated[FinishSpec, Knob("finish", group="Finish")] = FinishSpec()

    def following(self, name: str, value: Any) -> dict[str, Any]:
        """Return the start and the rates that another surface brings.

        Rates that nobody changed become the default ones of the new surface, for what is slow on
        one diverges on another. A start that was set on the old one is left behind; one that was
        typed stays where the new map holds it.
        """
        old = self.surface.kind
        if name != "surface.kind" or value == old or value not in SURFACE_LABELS:
            return {}
        lanes = tuple(
            lane.model_copy(update={"rate": default_rate(lane.method, value)})
            if lane.rate == default_rate(lane.method, old)
            else lane
            for lane in self.lanes
        )
        domain = self.surface.model_copy(update={"kind": value}).domain
        places = [self.start, *(lane.start for lane in lanes)]
        if not self.start_surface and all(at is None or domain.holds(*at) for at in places):
            return {"lanes": lanes}
        lanes = tuple(lane.model_copy(update={"start": None}) for lane in lanes)
        return {"lanes": lanes, "start": None, "start_surface": ""}

    @model_validator(mode="after")
    def _can_be_run(self) -> OptimizerRaceSpec:
        if not any(lane.enabled for lane in self.lanes):
            raise ValueError("At least one lane must take part.")
        if self.starts_count:
            domain = self.surface.domain
            for place in (self.start, *(lane.start for lane in self.lanes)):
                if place is not None and not domain.holds(*place):
                    raise ValueError(
                        f"The start ({place[0]:g}, {place[1]:g}) lies outside the map of "
                        f"“{SURFACE_LABELS[self.surface.kind]}”; x and y go over "
                        f"{domain.in_words()}."
                    )
        return self

    @property
    def starts_count(self) -> bool:
        """Starts belong to the surface they were set on; another surface has its own start."""
        return self.start_surface in ("", self.surface.kind)

    def start_of(self, lane: int, default: tuple[float, float]) -> tuple[float, float]:
        """Return where a lane starts; ``default`` is the start of the surface."""
        if not self.starts_count:
            return default
        return self.lanes[lane].start or self.start or default


def with_start(
    spec: OptimizerRaceSpec, x: float, y: float, lane: int | None = None
) -> OptimizerRaceSpec:
    """Return the race from another start, of all lanes or of one; raise :class:`SpecError`."""
    kept = spec if spec.starts_count else _without_starts(spec)
    changes: dict[str, object] = {"start_surface": spec.surface.kind}
    if lane is None:
        changes["start"] = (x, y)
    else:
        changes["lanes"] = _replaced(
            kept, lane, kept.lanes[lane].model_copy(update={"start": (x, y)})
        )
    return _remade(kept, changes)


def with_common_start(spec: OptimizerRaceSpec, lane: int) -> OptimizerRaceSpec:
    """Return the race in which a lane starts where all others do."""
    plain = spec.lanes[lane].model_copy(update={"start": None})
    return _remade(spec, {"lanes": _replaced(spec, lane, plain)})


def with_lane_added(spec: OptimizerRaceSpec, method: Method) -> OptimizerRaceSpec:
    """Return the race with one more lane, in the first colour that is free."""
    lane = new_lane(method, _free_colour(spec), spec.surface.kind)
    return _remade(spec, {"lanes": (*spec.lanes, lane)})


def with_lane_duplicated(spec: OptimizerRaceSpec, lane: int) -> OptimizerRaceSpec:
    """Return the race with a copy of a lane behind it, in a colour of its own."""
    copy = spec.lanes[lane].model_copy(update={"colour": _free_colour(spec)})
    lanes = (*spec.lanes[: lane + 1], copy, *spec.lanes[lane + 1 :])
    return _remade(spec, {"lanes": lanes})


def with_lane_removed(spec: OptimizerRaceSpec, lane: int) -> OptimizerRaceSpec:
    """Return the race without a lane; raise :class:`SpecError` for the last one."""
    return _remade(spec, {"lanes": spec.lanes[:lane] + spec.lanes[lane + 1 :]})


def with_lane_moved(spec: OptimizerRaceSpec, lane: int, to: int) -> OptimizerRaceSpec:
    """Return the race with a lane at another place of the list."""
    left = [*spec.lanes[:lane], *spec.lanes[lane + 1 :]]
    left.insert(to, spec.lanes[lane])
    return _remade(spec, {"lanes": tuple(left)})


def _remade(spec: OptimizerRaceSpec, changes: dict[str, object]) -> OptimizerRaceSpec:
    fields = {name: getattr(spec, name) for name in OptimizerRaceSpec.model_fields}
    return validate(OptimizerRaceSpec, {**fields, **changes})


def _without_starts(spec: OptimizerRaceSpec) -> OptimizerRaceSpec:
    lanes = tuple(lane.model_copy(update={"start": None}) for lane in spec.lanes)
    return spec.model_copy(update={"start": None, "lanes": lanes})


def _replaced(spec: OptimizerRaceSpec, index: int, lane: LaneSpec) -> tuple[LaneSpec, ...]:
    return (*spec.lanes[:index], lane, *spec.lanes[index + 1 :])


def _free_colour(spec: OptimizerRaceSpec) -> int:
    used = {lane.colour for lane in spec.lanes}
    return next((colour for colour in range(MAX_LANES) if colour not in used), 0)
