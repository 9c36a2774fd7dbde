"""How headlight cars drive: any number of cars at once in plain array arithmetic.

One step turns the car, then drives it forward; with θ the heading and a = 1, 0, −1 for left,
straight and right:

    θ ← θ + a·turn          (x, y) ← (x, y) + speed·(cos θ, sin θ)

Nothing is random after the start of an episode, so an episode follows from its seed and actions.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from playground.environments import headlight_car_geometry as geometry
from playground.environments.headlight_car import APPROACH_UNIT, END_NAMES, HeadlightScene
from playground.environments.headlight_car_geometry import FIELD
from playground.environments.headlight_car_light import (
    Eyes,
    Things,
    cells,
    eyes_at,
    glance,
    light_of,
    observations,
)
from playground.environments.headlight_maps import (
    CAR_RADIUS,
    HeadlightMap,
    circles_of,
    random_layout,
    random_map,
    start_places,
    walls_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from playground.environments.headlight_car import HeadlightCarOptions

    Numbers = NDArray[np.float64]
    Lanes = NDArray[np.int64] | slice

RUNNING: Final = 0
STATION: Final = END_NAMES.index("station")
CRASH: Final = END_NAMES.index("crash")
LEFT: Final = END_NAMES.index("left the field")


class Moved(NamedTuple):
    """What a step brought to k cars: (k, 20) float32, (k,) float64, (k,) int8 code of the end."""

    observations: NDArray[np.float32]
    rewards: Numbers
    ends: NDArray[np.int8]


class CarFleet:
    """Cars with the same options, each in an episode of its own.

    Parameters
    ----------
    options
        What the worlds are.
    count
        How many cars there are room for; a car must be placed before it is moved.
    """

    def __init__(self, options: HeadlightCarOptions, count: int) -> None:
        self.options = options
        self._light = light_of(options.light)
        course = options.map
        circles = np.zeros((options.obstacles, 3)) if course is None else circles_of(course)
        self._circles = np.repeat(circles[None], count, axis=0)
        self._walls = np.zeros((0, 6)) if course is None else walls_of(course)
        self._station = np.ones((count, 3))
        self._poses = np.zeros((count, 3))
        self._facing = np.zeros((count, 2))
        self._distance = np.zeros(count)
        self._places = np.zeros((0, 2))
        if course is not None and course.start is None:
            self._places = start_places(course)

    def place(self, lane: int, seed: int) -> None:
        """Begin the episode of a seed with the car of a lane."""
        course = self.options.map
        if course is None:
            station, start, circles = random_layout(seed, self.options.obstacles)
            if circles:
                self._circles[lane] = circles
            self._station[lane] = station
            self._poses[lane] = start
        else:
            self._station[lane] = (course.station.x, course.station.y, course.station.radius)
            self._poses[lane] = self._start(course, seed)
        turned = math.radians(self._poses[lane, 2])
        self._facing[lane] = math.cos(turned), math.sin(turned)
        (x, y, _), (to_x, to_y, _) = self._poses[lane].tolist(), self._station[lane].tolist()
        self._distance[lane] = math.sqrt((x - to_x) ** 2 + (y - to_y) ** 2)

    def observe(self, lanes: Lanes) -> NDArray[np.float32]:
        """Return (k, 20) what some of the cars see now."""
        (x, y, _), (cos, sin) = self._poses[lanes].T, self._facing[lanes].T
        return self._look(Eyes(x, y, cos, sin), lanes)[0]

    def move(self, lanes: Lanes, actions: NDArray[np.int64]) -> Moved:
        """Do one step with some of the cars; their actions are (k,) 0, 1 or 2."""
        options = self.options
        # Turned where they stand, then driven on.
        poses = self._poses[lanes] + 0.0
        heading = poses[:, 2] + options.turn * (1 - actions)
        poses[:, 2] = heading - 360.0 * np.floor((heading + 180.0) / 360.0)
        x, y, cos, sin = eyes_at(poses)
        x += options.speed * cos
        y += options.speed * sin
        eyes = Eyes(x, y, cos, sin)
        self._poses[lanes] = poses
        self._facing[lanes, 0] = cos
        self._facing[lanes, 1] = sin

        station = self._station[lanes]
        dx, dy = x - station[:, 0], y - station[:, 1]
        distance = np.sqrt(dx * dx + dy * dy)
        nearer = self._distance[lanes] - distance
        self._distance[lanes] = distance
        ends = self._ends(lanes, x, y, distance <= station[:, 2])
        seen, sight = self._look(eyes, lanes)
        return Moved(seen, self._rewards(ends, nearer, actions, sight), ends)

    def pose(self, lane: int) -> tuple[float, float, float]:
        """Return x, y and heading in degrees of one car."""
        x, y, heading = self._poses[lane].tolist()
        return x, y, heading

    def distance(self, lane: int) -> float:
        """Return the units between one car and the middle of its station."""
        return float(self._distance[lane])

    def things(self, lanes: Lanes) -> Things:
        """Return what some of the cars can meet."""
        return Things(self._circles[lanes], self._walls, self._station[lanes])

    def _look(self, eyes: Eyes, lanes: Lanes) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        return observations(self._light, self.options.shadow, eyes, self.things(lanes))

    def _start(self, course: HeadlightMap, seed: int) -> tuple[float, float, float]:
        if course.start is not None:
            return course.start.x, course.start.y, course.start.heading
        rng = np.random.Generator(np.random.PCG64(seed))
        x, y = self._places[rng.integers(len(self._places))].tolist()
        return x, y, 360.0 * float(rng.random()) - 180.0

    def _ends(
        self, lanes: Lanes, x: Numbers, y: Numbers, arrived: NDArray[np.bool_]
    ) -> NDArray[np.int8]:
        """Return the codes of the ends; a crash counts before leaving, leaving before arriving."""
        ends = np.where(arrived, STATION, RUNNING).astype(np.int8)
        ends[(x < 0.0) | (x > FIELD) | (y < 0.0) | (y > FIELD)] = LEFT
        if self._circles.shape[1]:
            room = geometry.circle_clearances(x, y, self._circles[lanes])
            ends[(room < CAR_RADIUS).any(axis=1)] = CRASH
        if len(self._walls):
            room = geometry.wall_clearances(x, y, self._walls)
            ends[(room < CAR_RADIUS).any(axis=1)] = CRASH
        return ends

    def _rewards(
        self,
        ends: NDArray[np.int8],
        nearer: Numbers,
        actions: NDArray[np.int64],
        sight: NDArray[np.bool_],
    ) -> Numbers:
        weights = self.options.rewards
        per_unit = np.where(nearer >= 0.0, weights.approach, weights.retreat)
        rewards: Numbers = per_unit * (nearer / APPROACH_UNIT)
        rewards += weights.sight * sight - weights.turn * (actions != 1) - weights.time
        rewards += np.where(ends == STATION, weights.station, 0.0)
        rewards += np.where(ends > STATION, weights.crash, 0.0)
        return rewards


class HeadlightCarWorld:
    """One car in one world; see :class:`playground.environments.vector.World`."""

    def __init__(self, options: HeadlightCarOptions) -> None:
        self.options = options
        self._fleet = CarFleet(options, 1)
        self._seed = 0
        self._end = RUNNING

    def start(self, seed: int) -> NDArray[np.float32]:
        """Begin the episode of a seed; return its first observation (20,)."""
        self._seed = seed
        self._end = RUNNING
        self._fleet.place(0, seed)
        first: NDArray[np.float32] = self._fleet.observe(slice(None))[0]
        return first

    def move(self, action: int) -> tuple[NDArray[np.float32], float, bool]:
        """Do one step; return observation (20,), reward and whether the episode is over."""
        moved = self._fleet.move(slice(None), np.array([action], dtype=np.int64))
        self._end = int(moved.ends[0])
        return moved.observations[0], float(moved.rewards[0]), self._end != RUNNING

    @property
    def end(self) -> str:
        """How the episode ended: station, crash or left the field."""
        return END_NAMES[self._end]

    @property
    def distance(self) -> float:
        """Units between the car and the middle of the station."""
        return self._fleet.distance(0)

    @property
    def map(self) -> HeadlightMap:
        """What lies on the field of the present episode."""
        return self.options.map or random_map(self._seed, self.options.obstacles)

    def frame(self) -> Sequence[float]:
        """Return x, y and heading in degrees."""
        return self._fleet.pose(0)

    def scene(self, frames: Sequence[Sequence[float]]) -> HeadlightScene:
        """Return the scene of the present map and these frames."""
        options, things = self.options, self._fleet.things(slice(None))
        light = light_of(options.light)
        poses = np.array(frames, dtype=np.float64).reshape(-1, 3)
        eyes = eyes_at(poses)
        seen = glance(light, eyes, things)
        station = np.where(seen.station_out >= 0.0, seen.station_in, np.inf)
        reach = np.minimum(np.minimum(seen.near, station), light.depth).astype(np.float32)
        grid = cells(light, options.shadow, eyes, things)
        for array in (poses, reach, grid):
            array.setflags(write=False)
        shadow = options.shadow or options.light == "sensors"
        return HeadlightScene(self.map, light, shadow, poses, grid, reach)


def observations_at(
    options: HeadlightCarOptions, course: HeadlightMap, poses: Numbers
) -> NDArray[np.float32]:
    """Return (n, 20) what a car would see at poses (n, 3) x, y and heading in degrees of a map.

    For maps of what an agent thinks of every place.
    """
    station = np.array([[course.station.x, course.station.y, course.station.radius]])
    things = Things(circles_of(course)[None], walls_of(course), station)
    return observations(light_of(options.light), options.shadow, eyes_at(poses), things)[0]
