"""The world of the agents experiment as a form: lander, car, or any fitting id of gymnasium.

Everything that belongs to the lander or the car may change while an agent learns: episodes that
begin from then on are of the changed world, those under way end as they began.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from playground.experiments.spec import Knob, Spec

WorldKind = Literal["lunar-lander", "headlight-car", "gymnasium"]
CarMap = Literal[
    "random", "empty", "wall", "gap", "slalom", "corridor", "maze", "ring", "forest", "own"
]
CarSensors = Literal["fan", "rectangle", "sensors"]

WORLD_LABELS: Final[dict[str, str]] = {
    "lunar-lander": "Lunar Lander",
    "headlight-car": "headlight car",
    "gymnasium": "an id of gymnasium",
}
MAP_LABELS: Final[dict[str, str]] = {
    "random": "a new one each time",
    "wall": "one wall",
    "own": "drawn by hand",
}
SENSOR_LABELS: Final[dict[str, str]] = {
    "fan": "fan of 20 rays",
    "rectangle": "rectangle, 20 × 10",
    "sensors": "20 distance sensors",
}
_LANDER: Final = ("kind", ("lunar-lander",))
_CAR: Final = ("kind", ("headlight-car",))


class _ChoiceSpec(Spec):
    """Which world it is."""

    kind: Annotated[
        WorldKind,
        Knob(
            "world",
            "What the agent lives in. Brings the algorithm and the numbers that were measured to "
            "learn it well.",
            labels=WORLD_LABELS,
        ),
    ] = "lunar-lander"
    environment_id: Annotated[
        str,
        Field(min_length=1, max_length=100),
        Knob(
            "id",
            "Such as CartPole-v1, Acrobot-v1 or MountainCar-v0: single actions (Discrete) and a "
            "flat row of numbers (Box).",
            shown_when=("kind", ("gymnasium",)),
        ),
    ] = "CartPole-v1"


class _LanderSpec(_ChoiceSpec):
    """Physics and reward of the lander; the defaults are LunarLander-v3's."""

    gravity: Annotated[
        float,
        Field(gt=-12.0, lt=0.0),
        Knob(
            "gravity",
            "−10 is gymnasium's; the moon's own would be −1.6.",
            unit="m/s²",
            step=0.1,
            live=True,
            shown_when=_LANDER,
            soft_minimum=-11.9,
            soft_maximum=-0.1,
        ),
    ] = -10.0
    wind: Annotated[
        bool,
        Knob("wind", "Pushes and turns the lander while it flies.", live=True, shown_when=_LANDER),
    ] = False
    wind_power: Annotated[
        float,
        Field(ge=0.0, le=20.0),
        Knob(
            "wind force",
            "Largest force of the gusts.",
            unit="N",
            step=0.5,
            live=True,
            shown_when=("windy", (True,)),
        ),
    ] = 15.0
    turbulence_power: Annotated[
        float,
        Field(ge=0.0, le=2.0),
        Knob(
            "turbulence",
            "Largest torque of the gusts.",
            unit="N m",
            step=0.1,
            live=True,
            shown_when=("windy", (True,)),
        ),
    ] = 1.5
    main_engine_power: Annotated[
        float,
        Field(ge=0.0, le=100.0),
        Knob(
            "main engine",
            "Impulse of one step; 13 is gymnasium's.",
            step=0.5,
            live=True,
            shown_when=_LANDER,
            soft_maximum=40.0,
        ),
    ] = 13.0
    side_engine_power: Annotated[
        float,
        Field(ge=0.0, le=100.0),
        Knob(
            "side engines",
            "Impulse of one step; 0.6 is gymnasium's.",
            step=0.05,
            live=True,
            shown_when=_LANDER,
            soft_maximum=3.0,
        ),
    ] = 0.6
    time_limit: Annotated[
        int,
        Field(ge=10, le=100_000),
        Knob(
            "time limit",
            "Steps after which an episode is cut off: gymnasium's 1,000, the course's 2,000.",
            unit="steps",
            scale="log",
            live=True,
            shown_when=_LANDER,
            soft_maximum=5000,
        ),
    ] = 1000

    @property
    def windy(self) -> bool:
        """Tell whether the knobs of the wind mean anything."""
        return self.kind == "lunar-lander" and self.wind


def _weight(
    label: str, text: str, soft: float, shown_when: tuple[str, tuple[str, ...]] = _LANDER
) -> Knob:
    return Knob(
        label,
        text,
        group="Reward",
        step=soft / 100.0,
        live=True,
        shown_when=shown_when,
        soft_minimum=-soft,
        soft_maximum=soft,
    )


def _car_weight(label: str, text: str, soft: float) -> Knob:
    return _weight(label, text, soft, _CAR)


class _LanderRewardSpec(_LanderSpec):
    """What the lander's reward is made of, to see what an agent makes of another goal."""

    reward_distance: Annotated[
        float,
        Field(ge=-1e4, le=1e4),
        _weight("distance", "Points for each unit of the way to the pad.", 200.0),
    ] = 100.0
    reward_speed: Annotated[
        float,
        Field(ge=-1e4, le=1e4),
        _weight("speed", "Points for each unit of speed taken off.", 200.0),
    ] = 100.0
    reward_angle: Annotated[
        float,
        Field(ge=-1e4, le=1e4),
        _weight("tilt", "Points for each radian of tilt taken off.", 200.0),
    ] = 100.0
    reward_leg: Annotated[
        float,
        Field(ge=-1e4, le=1e4),
        _weight("leg on the ground", "Points for each; lost again when it lifts.", 100.0),
    ] = 10.0
    reward_main_fuel: Annotated[
        float,
        Field(ge=-1e3, le=1e3),
        _weight("fuel of the main engine", "Points taken off for every step with it on.", 2.0),
    ] = 0.3
    reward_side_fuel: Annotated[
        float,
        Field(ge=-1e3, le=1e3),
        _weight("fuel of the side engines", "Points taken off for every step with one on.", 2.0),
    ] = 0.03
    reward_crash: Annotated[
        float,
        Field(ge=-1e4, le=1e4),
        _weight("crash", "The whole reward of the step in which it crashes or flies off.", 300.0),
    ] = -100.0
    reward_landing: Annotated[
        float,
        Field(ge=-1e4, le=1e4),
        _weight("landing", "The whole reward of the step in which it comes to rest.", 300.0),
    ] = 100.0


class WorldSpec(_LanderRewardSpec):
    """The world of one run."""

    car_map: Annotated[
        CarMap,
        Knob(
            "map",
            "Where the obstacles, the station and the start are.",
            live=True,
            labels=MAP_LABELS,
            shown_when=_CAR,
        ),
    ] = "random"
    car_own_map: Annotated[
        str,
        Field(max_length=20_000),
        Knob("own map", "As the map editor writes it.", live=True, hidden=True),
    ] = ""
    car_sensors: Annotated[
        CarSensors,
        Knob(
            "headlights",
            "A fan of 20 rays over 180°, the rectangle of 20 × 10 cells of the course, or its 20 "
            "distance sensors.",
            labels=SENSOR_LABELS,
            shown_when=_CAR,
        ),
    ] = "fan"
    car_shadow: Annotated[
        bool,
        Knob(
            "light stops at obstacles",
            "Cells behind an obstacle count as obstacles: the sum along a ray then tells how far "
            "away it is.",
            live=True,
            shown_when=("car_casts_light", (True,)),
        ),
    ] = True
    car_obstacles: Annotated[
        int,
        Field(ge=0, le=20),
        Knob(
            "obstacles",
            "On every random map.",
            live=True,
            shown_when=("car_random_map", (True,)),
        ),
    ] = 8
    car_turn: Annotated[
        float,
        Field(ge=1.0, le=90.0),
        Knob("turn", "Of one step to the left or right.", unit="°", live=True, shown_when=_CAR),
    ] = 20.0
    car_speed: Annotated[
        float,
        Field(ge=0.5, le=3.0),
        Knob(
            "speed", "Way of one step; the field is 100 wide.", step=0.1, live=True, shown_when=_CAR
        ),
    ] = 2.0
    car_time_limit: Annotated[
        int,
        Field(ge=10, le=100_000),
        Knob(
            "time limit",
            "Steps after which an episode is cut off.",
            unit="steps",
            scale="log",
            live=True,
            shown_when=_CAR,
            soft_maximum=2000,
        ),
    ] = 400
    car_reward_station: Annotated[
        float,
        Field(ge=-1e3, le=1e3),
        _car_weight("station reached", "Reward of the last step.", 10.0),
    ] = 1.0
    car_reward_crash: Annotated[
        float,
        Field(ge=-1e3, le=1e3),
        _car_weight("crash", "Reward of the last step, off the field as well.", 10.0),
    ] = -1.0
    car_reward_approach: Annotated[
        float,
        Field(ge=-10.0, le=10.0),
        _car_weight("coming closer", "For every two units the station comes nearer.", 0.2),
    ] = 0.02
    car_reward_retreat: Annotated[
        float,
        Field(ge=-10.0, le=10.0),
        _car_weight(
            "driving away",
            "Taken off for every two units it gets farther. Less than for coming closer, and going "
            "round in circles pays.",
            0.2,
        ),
    ] = 0.02
    car_reward_sight: Annotated[
        float,
        Field(ge=-10.0, le=10.0),
        _car_weight("station in the light", "For every step that ends so.", 0.2),
    ] = 0.0
    car_reward_turn: Annotated[
        float,
        Field(ge=-10.0, le=10.0),
        _car_weight("turning", "Taken off for a step with the wheel turned.", 0.2),
    ] = 0.0
    car_reward_time: Annotated[
        float,
        Field(ge=-10.0, le=10.0),
        _car_weight("time", "Taken off for every step.", 0.2),
    ] = 0.0

    @property
    def car_random_map(self) -> bool:
        """Tell whether maps are drawn at random."""
        return self.kind == "headlight-car" and self.car_map == "random"

    @property
    def car_casts_light(self) -> bool:
        """Tell whether the shadow means anything."""
        return self.kind == "headlight-car" and self.car_sensors != "sensors"

    @property
    def title(self) -> str:
        """Return for example ``"Lunar Lander"`` or ``"CartPole-v1"``."""
        return self.environment_id if self.kind == "gymnasium" else WORLD_LABELS[self.kind]
