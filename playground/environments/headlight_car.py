"""The headlight car: its options, the weights of its reward, and the scenes of its episodes.

A car drives at constant speed over a field with obstacles to a gas station. It can turn left, go
straight or turn right, and knows nothing but what falls into its headlights; only the person at the
screen sees the map. With d the distance to the station before and d' after a step:

    reward = 1 on reaching the station − 1 on crashing or leaving the field + 0.02 (d − d') / 2

Other weights make other goals. With no cost on driving away (``retreat`` 0) the best thing to do is
to circle near the station for ever, with a reward for every look at it (``sight``) not to arrive:
see Randløv and Alstrøm, "Learning to drive a bicycle using reinforcement learning and shaping",
1998, section 4, whose cyclist found the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Final

import numpy as np

from playground.environments.headlight_car_light import LIGHT_KINDS, Light, LightKind, light_of
from playground.environments.headlight_maps import MAX_OBSTACLES, HeadlightMap
from playground.environments.vector import WorldError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.environments.headlight_car_vector import HeadlightCarVector
    from playground.environments.headlight_car_world import HeadlightCarWorld
    from playground.environments.vector import Quantity

ACTION_NAMES: Final = ("left", "straight", "right")
END_NAMES: Final = ("", "station", "crash", "left the field")
"""How an episode ends, by the code the arithmetic uses; ``"time"`` comes from the time limit."""
ENVIRONMENT_ID: Final = "playground/HeadlightCar-v0"
APPROACH_UNIT: Final = 2.0
"""Units of distance for which ``approach`` is paid: a step at the usual speed."""


@dataclass(frozen=True, slots=True)
class CarRewardWeights:
    """What the reward is made of.

    Parameters
    ----------
    station, crash
        Points for the step that reaches the station; that crashes or leaves the field.
    approach
        Points for every two units the station comes nearer.
    retreat
        Points taken for every two units it gets farther; equal to ``approach``, going to and fro
        gains nothing.
    sight
        Points for a step after which the station is in the light.
    turn, time
        Points taken for a step with the wheel turned; for any step.
    """

    station: float = 1.0
    crash: float = -1.0
    approach: float = 0.02
    retreat: float = 0.02
    sight: float = 0.0
    turn: float = 0.0
    time: float = 0.0

    def __post_init__(self) -> None:
        for item in fields(self):
            if not math.isfinite(getattr(self, item.name)):
                raise WorldError(f"The weight “{item.name}” of the reward must be a number.")


@dataclass(frozen=True, slots=True)
class HeadlightCarOptions:
    """What a world of the headlight car is; all but ``light`` can be changed between episodes.

    Parameters
    ----------
    light
        ``"fan"``, ``"rectangle"`` or ``"sensors"``, see `headlight_car_light`.
    shadow
        Whether obstacles stop the light; distance sensors always work so.
    map
        Where to drive, or None for a new random map in every episode.
    obstacles
        How many there are on a random map, 0…20.
    speed
        Units per step, 0.5…3.
    turn
        Degrees per step with the wheel turned, 1…90.
    rewards
        What the reward is made of.
    time_limit
        Steps after which an episode is cut off.
    """

    light: LightKind = "fan"
    shadow: bool = True
    map: HeadlightMap | None = None
    obstacles: int = 8
    speed: float = 2.0
    turn: float = 20.0
    rewards: CarRewardWeights = field(default_factory=CarRewardWeights)
    time_limit: int = 400

    def __post_init__(self) -> None:
        if self.light not in LIGHT_KINDS:
            raise WorldError(
                f"There are no headlights “{self.light}”; there are {', '.join(LIGHT_KINDS)}."
            )
        if self.map is not None and not isinstance(self.map, HeadlightMap):
            raise WorldError("The map must be a headlight map, or None for random ones.")
        if not 0 <= self.obstacles <= MAX_OBSTACLES:
            raise WorldError(f"A random map has 0…{MAX_OBSTACLES} obstacles, not {self.obstacles}.")
        if not 0.5 <= self.speed <= 3.0:
            raise WorldError(f"The speed must be 0.5…3 units per step, not {self.speed:g}.")
        if not 1.0 <= self.turn <= 90.0:
            raise WorldError(f"The turn must be 1…90 degrees per step, not {self.turn:g}.")
        if not 1 <= self.time_limit <= 100_000:
            raise WorldError(f"The time limit must be 1…100,000 steps, not {self.time_limit}.")

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """The twenty numbers of an observation, from left to right."""
        return light_of(self.light).quantities

    @property
    def action_names(self) -> tuple[str, ...]:
        """The three actions."""
        return ACTION_NAMES

    def make(self) -> HeadlightCarWorld:
        """Return a new world with one car."""
        from playground.environments.headlight_car_world import HeadlightCarWorld

        return HeadlightCarWorld(self)

    def make_vector(self, count: int, seeds: np.random.Generator) -> HeadlightCarVector:
        """Return many cars on a map each, stepped together; much quicker than single worlds."""
        from playground.environments.headlight_car_vector import HeadlightCarVector

        return HeadlightCarVector(self, count, seeds)


@dataclass(frozen=True, slots=True)
class HeadlightScene:
    """Where the car was in every frame of an episode and what fell into its light.

    Frame 0 is the start; the arrays are read-only.

    Parameters
    ----------
    map
        What lies on the field; of a random episode the map that was drawn.
    light
        The headlights.
    shadow
        Whether obstacles stop the light.
    poses
        (T + 1, 3) float64: x, y and heading in degrees, anticlockwise from the x axis.
    cells
        (T + 1, 20, 10) int8: −1, 0 or +1 in the cells of the rays from left to right, nearest
        first.
    reach
        (T + 1, 20) float32: units up to the first thing on every ray, at most the light's depth.
    """

    map: HeadlightMap
    light: Light
    shadow: bool
    poses: NDArray[np.float64]
    cells: NDArray[np.int8]
    reach: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.poses)

    @property
    def positions(self) -> NDArray[np.float64]:
        """(T + 1, 2): x and y of the car."""
        return self.poses[:, :2]

    @property
    def headings(self) -> NDArray[np.float64]:
        """(T + 1,): heading in degrees."""
        return self.poses[:, 2]

    @property
    def shadowed(self) -> NDArray[np.bool_]:
        """(T + 1, 20, 10): the cells that are −1 only because something before them is."""
        dark = np.zeros(self.cells.shape, dtype=bool)
        if self.shadow:
            dark[:, :, 1:] = self.cells[:, :, :-1] < 0
        return dark

    def trail(self, frame: int) -> NDArray[np.float64]:
        """Return (frame + 1, 2): where the car has been up to a frame."""
        return self.poses[: frame + 1, :2]

    def outlines(self, frame: int) -> NDArray[np.float64]:
        """Return (20, 10, 4, 2): the corners of the cells of a frame on the field."""
        x, y, heading = self.poses[frame].tolist()
        cos, sin = math.cos(math.radians(heading)), math.sin(math.radians(heading))
        ahead, left = self.light.outlines[..., 0], self.light.outlines[..., 1]
        return np.stack((x + cos * ahead - sin * left, y + sin * ahead + cos * left), axis=-1)
