"""Lunar Lander: its options, and the scenes of its episodes for our own drawing.

The defaults are LunarLander-v3 of gymnasium to the last bit. The weights of the reward and the
powers of the engines can be set besides, to see what an agent makes of another goal:

    shaping(s) = −w_d √(x² + y²) − w_v √(vx² + vy²) − w_a |angle| + w_l (left leg + right leg)
    reward = shaping(s') − shaping(s) − w_m main − w_s side,   or the crash's / the landing's own

Nothing here needs Box2D; the world itself is in `lander_world` and is imported when one is made.
Source: gymnasium, envs/box2d/lunar_lander.py (O. Klimov).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Final

from playground.environments.vector import Quantity, WorldError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from playground.environments.vector import World

SCALE: Final = 30.0
"""Pixels of the original picture per metre of the world."""
WORLD_SIZE: Final = (20.0, 600.0 / 45.0)
"""Width and height of the world in metres."""
FRAMES_PER_SECOND: Final = 50
LANDER_SHAPE: Final = tuple(
    (x / SCALE, y / SCALE)
    for x, y in ((-14, 17), (-17, 0), (-17, -10), (17, -10), (17, 0), (14, 17))
)
"""Corners of the body in metres, about its position."""
LEG_SIZE: Final = (2.0 / SCALE, 8.0 / SCALE)
"""Half width and half height of a leg in metres, about its position."""
FRAME_WIDTH: Final = 14
"""Numbers in the frame of a world, see :class:`LanderScene`."""

ACTION_NAMES: Final = ("nothing", "left engine", "main engine", "right engine")
QUANTITIES: Final = (
    Quantity("x", "m", -1.0, 1.0, scale=10.0),
    Quantity("y", "m", -0.2, 1.5, scale=20.0 / 3.0),
    Quantity("x velocity", "m/s", -2.0, 2.0, scale=5.0),
    Quantity("y velocity", "m/s", -2.0, 2.0, scale=7.5),
    Quantity("angle", "rad", -math.pi / 2, math.pi / 2),
    Quantity("angular velocity", "rad/s", -2.0, 2.0, scale=2.5),
    Quantity("left leg on the ground", "", 0.0, 1.0),
    Quantity("right leg on the ground", "", 0.0, 1.0),
)
"""x and y are measured from the middle of the pad, y for legs just touching it."""


@dataclass(frozen=True, slots=True)
class RewardWeights:
    """What the reward is made of; the defaults are gymnasium's.

    Parameters
    ----------
    distance, speed, angle
        Points per unit of distance to the pad, of speed, and of tilt.
    leg
        Points for each leg on the ground.
    main_fuel, side_fuel
        Points taken for a step with the main or with a side engine on.
    crash, landing
        The whole reward of the step in which the lander crashes (or flies off), or comes to rest.
    """

    distance: float = 100.0
    speed: float = 100.0
    angle: float = 100.0
    leg: float = 10.0
    main_fuel: float = 0.30
    side_fuel: float = 0.03
    crash: float = -100.0
    landing: float = 100.0

    def __post_init__(self) -> None:
        for item in fields(self):
            if not math.isfinite(getattr(self, item.name)):
                raise WorldError(
                    f"The weight “{item.name.replace('_', ' ')}” of the reward must be a number."
                )


@dataclass(frozen=True, slots=True)
class LanderOptions:
    """What a Lunar Lander world is; every option can be changed between two episodes.

    Parameters
    ----------
    gravity
        In m/s², between −12 and 0, both excluded.
    wind
        Whether there is wind at all.
    wind_power
        Largest force of the wind in newton, 0…20.
    turbulence_power
        Largest torque of the wind in newton metre, 0…2.
    main_engine_power, side_engine_power
        Impulse per step and metre of lever in newton seconds, at least 0.
    rewards
        What the reward is made of.
    time_limit
        Steps after which an episode is cut off; gymnasium's 1,000, the course's 2,000.
    """

    gravity: float = -10.0
    wind: bool = False
    wind_power: float = 15.0
    turbulence_power: float = 1.5
    main_engine_power: float = 13.0
    side_engine_power: float = 0.6
    rewards: RewardWeights = field(default_factory=RewardWeights)
    time_limit: int = 1000

    def __post_init__(self) -> None:
        if not -12.0 < self.gravity < 0.0:
            raise WorldError(
                f"Gravity must lie between −12 and 0 m/s² (both excluded), not {self.gravity:g}."
            )
        self._check("wind power", self.wind_power, 20.0)
        self._check("turbulence power", self.turbulence_power, 2.0)
        self._check("power of the main engine", self.main_engine_power, 100.0)
        self._check("power of the side engines", self.side_engine_power, 100.0)
        if not 1 <= self.time_limit <= 100_000:
            raise WorldError(f"The time limit must be 1…100,000 steps, not {self.time_limit}.")

    @staticmethod
    def _check(name: str, value: float, largest: float) -> None:
        if not 0.0 <= value <= largest:
            raise WorldError(f"The {name} must lie in 0…{largest:g}, but it is {value:g}.")

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """The eight numbers of an observation."""
        return QUANTITIES

    @property
    def action_names(self) -> tuple[str, ...]:
        """The four actions."""
        return ACTION_NAMES

    def make(self) -> World:
        """Return a new world; raise :class:`WorldError` where Box2D is missing."""
        try:
            from playground.environments.lander_world import LanderWorld
        except Exception as error:
            # gymnasium turns the failed import into an error of its own that is no ImportError.
            if isinstance(error, ImportError) or type(error).__name__ == "DependencyNotInstalled":
                raise WorldError(MISSING_BOX2D) from error
            raise
        return LanderWorld(self)


MISSING_BOX2D: Final = (
    "The lander needs the library Box2D, which is not installed: "
    'run  pip install "gymnasium[box2d]"  and start again.'
)


@dataclass(frozen=True, slots=True)
class LanderScene:
    """Where everything was in every frame of an episode, in metres; arrays are read-only.

    Frame 0 is the start; the engines of frame k are those that fired on the way to it.

    Parameters
    ----------
    terrain
        (11, 2) float32: the surface of the moon from left to right.
    pad
        Left end, right end and height of the landing pad.
    frames
        (T + 1, 14) float32; read it by the properties.
    """

    terrain: NDArray[np.float32]
    pad: tuple[float, float, float]
    frames: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def lander(self) -> NDArray[np.float32]:
        """(T + 1, 3): x, y and angle (rad, anticlockwise) of the body."""
        return self.frames[:, 0:3]

    @property
    def legs(self) -> NDArray[np.float32]:
        """(T + 1, 2, 3): x, y and angle of both legs."""
        return self.frames[:, 3:9].reshape(-1, 2, 3)

    @property
    def contacts(self) -> NDArray[np.bool_]:
        """(T + 1, 2): which legs touch the ground."""
        return self.frames[:, 9:11] > 0.5

    @property
    def main_power(self) -> NDArray[np.float32]:
        """(T + 1,): 1 where the main engine fired, else 0."""
        return self.frames[:, 11]

    @property
    def side_power(self) -> NDArray[np.float32]:
        """(T + 1,): −1 where the left engine fired, +1 where the right one did, else 0."""
        return self.frames[:, 12]

    @property
    def wind(self) -> NDArray[np.float32]:
        """(T + 1,): force of the wind in newton, to the right positive."""
        return self.frames[:, 13]
