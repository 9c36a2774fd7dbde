"""One lane of the optimizer race as a form: an optimizer, its rate schedule, its own start."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from playground.core.schedules import Schedule, ScheduleKind
from playground.experiments.optimizers_method_spec import MethodSpec
from playground.experiments.optimizers_methods import METHOD_LABELS
from playground.experiments.spec import Knob

_TIMED: Final = ("step", "cosine", "restarts", "warm-up", "plateau")


class LaneSpec(MethodSpec):
    """One optimizer of a race with its schedule; the numbers may change while it runs."""

    schedule: Annotated[
        ScheduleKind,
        Knob(
            "schedule",
            "How the learning rate changes with the rounds. Counted from the start of the race, "
            "also when it is changed on the way.",
            group="Schedule",
            live=True,
            labels={
                "step": "steps down",
                "cosine": "cosine",
                "restarts": "cosine with warm restarts",
                "warm-up": "linear warm-up",
                "plateau": "reduce on plateau",
            },
        ),
    ] = "constant"
    schedule_rounds: Annotated[
        int,
        Field(ge=1, le=100_000),
        Knob(
            "rounds",
            "Until the next drop, the bottom of the cosine, the end of the warm-up; on a plateau: "
            "how many rounds without a gain are put up with.",
            group="Schedule",
            scale="log",
            live=True,
            soft_maximum=2_000,
            shown_when=("schedule", _TIMED),
        ),
    ] = 100
    schedule_factor: Annotated[
        float,
        Field(ge=0.001, le=0.999),
        Knob(
            "factor γ",
            "By what the rate is multiplied at every drop.",
            group="Schedule",
            step=0.05,
            live=True,
            shown_when=("schedule", ("step", "plateau")),
        ),
    ] = 0.5
    schedule_decay: Annotated[
        float,
        Field(ge=0.5, le=1.0),
        Knob(
            "factor γ",
            "By what the rate is multiplied in every round.",
            group="Schedule",
            step=0.001,
            live=True,
            soft_minimum=0.95,
            shown_when=("schedule", ("exponential",)),
        ),
    ] = 0.99
    schedule_floor: Annotated[
        float,
        Field(ge=0.0, le=1.0),
        Knob(
            "floor",
            "Least share of the rate.",
            group="Schedule",
            step=0.01,
            live=True,
            shown_when=("schedule", ("cosine", "restarts", "plateau")),
        ),
    ] = 0.0
    schedule_growth: Annotated[
        int,
        Field(ge=1, le=10),
        Knob(
            "growth of the cycles",
            "Every cycle has this many times the rounds of the one before.",
            group="Schedule",
            live=True,
            shown_when=("schedule", ("restarts",)),
        ),
    ] = 1
    schedule_first: Annotated[
        float,
        Field(ge=0.0001, le=1.0),
        Knob(
            "first share",
            "Share of the rate in the first round.",
            group="Schedule",
            scale="log",
            live=True,
            shown_when=("schedule", ("warm-up",)),
        ),
    ] = 0.01
    start: Annotated[
        tuple[float, float] | None,
        Knob("own start", "Where this lane starts; empty: where all start.", hidden=True),
    ] = None

    @property
    def title(self) -> str:
        """Return the name, or that of the method where none was given."""
        return self.name or METHOD_LABELS[self.method]

    @property
    def rate_schedule(self) -> Schedule:
        """Return the schedule of the learning rate."""
        decay = self.schedule == "exponential"
        return Schedule(
            kind=self.schedule,
            rounds=self.schedule_rounds,
            factor=self.schedule_decay if decay else self.schedule_factor,
            floor=self.schedule_floor,
            growth=self.schedule_growth,
            first=self.schedule_first,
        )
