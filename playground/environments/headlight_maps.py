"""Maps for the headlight car: what lies on the field, checked, and as JSON.

The field is a square of 100 × 100 units with its lower left corner at (0, 0), x to the right and y
upwards; headings are degrees, anticlockwise from the x axis.

    {"format": "headlight map", "version": 1, "name": "gate",
     "station": [85, 20, 5], "start": [15, 80, 0],
     "obstacles": [[40, 60, 4]], "walls": [[50, 0, 50, 42, 3]]}
"""

from __future__ import annotations

import json
import math
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from playground.environments import headlight_car_geometry as geometry
from playground.environments.headlight_car_geometry import FIELD
from playground.environments.vector import WorldError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

CAR_RADIUS: Final = 1.0
"""A car nearer than this to an obstacle has crashed."""
STATION_RADIUS: Final = 5.0
MAX_THINGS: Final = 200
"""Of obstacles and of walls each."""
MIN_SIZE: Final = 1.0
"""Least thickness of a wall and least radius of a station: a car cannot jump over them."""
MIN_RADIUS: Final = 0.5
MAX_OBSTACLES: Final = 20
"""On a random map, which keeps clear of start and station."""
MAX_TEXT: Final = 200_000
_NAME_LENGTH: Final = 60
_FORMAT: Final = "headlight map"
_ENTRIES: Final = {"format", "version", "name", "station", "start", "obstacles", "walls"}


class MapError(WorldError):
    """Says in one sentence what is wrong with a map and what is allowed."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A round obstacle; its centre lies on the field, its radius within 0.5…50."""

    x: float
    y: float
    radius: float

    def __post_init__(self) -> None:
        _on_field("centre of an obstacle", self.x, self.y)
        _within("radius of an obstacle", self.radius, MIN_RADIUS, FIELD / 2.0)


@dataclass(frozen=True, slots=True)
class Wall:
    """A straight wall between two points of the field, 1…50 thick, with flat ends."""

    x1: float
    y1: float
    x2: float
    y2: float
    thickness: float = 2.0

    def __post_init__(self) -> None:
        _on_field("end of a wall", self.x1, self.y1)
        _on_field("end of a wall", self.x2, self.y2)
        _within("thickness of a wall", self.thickness, MIN_SIZE, FIELD / 2.0)
        if math.hypot(self.x2 - self.x1, self.y2 - self.y1) < MIN_RADIUS:
            raise MapError(f"A wall must be at least {MIN_RADIUS:g} units long.")

    @classmethod
    def rectangle(cls, left: float, bottom: float, right: float, top: float) -> Wall:
        """Return the wall that fills an upright rectangle, at most 50 units wide or high."""
        width, height = right - left, top - bottom
        if width >= height:
            middle = (bottom + top) / 2.0
            return cls(left, middle, right, middle, height)
        middle = (left + right) / 2.0
        return cls(middle, bottom, middle, top, width)


@dataclass(frozen=True, slots=True)
class Station:
    """The gas station; the car has arrived when its centre is within the radius, 1…20."""

    x: float
    y: float
    radius: float = STATION_RADIUS

    def __post_init__(self) -> None:
        _on_field("centre of the station", self.x, self.y)
        _within("radius of the station", self.radius, MIN_SIZE, 20.0)


@dataclass(frozen=True, slots=True)
class Start:
    """Where the car starts, and its heading in degrees, −360…360."""

    x: float
    y: float
    heading: float = 0.0

    def __post_init__(self) -> None:
        _on_field("start", self.x, self.y)
        _within("heading of the start", self.heading, -360.0, 360.0)


@dataclass(frozen=True, slots=True)
class HeadlightMap:
    """What lies on the field.

    Parameters
    ----------
    station
        Where to go; every map has one.
    start
        Where from; without it every episode draws a free place and a heading from its seed.
    obstacles, walls
        What to keep away from, at most 200 of each; they may overlap.
    name
        At most 60 characters.

    Raises
    ------
    MapError
        When the station or the start is missing, covered, or nowhere to be put; or a number is not
        a number or out of range.
    """

    station: Station
    start: Start | None = None
    obstacles: tuple[Obstacle, ...] = ()
    walls: tuple[Wall, ...] = ()
    name: str = ""

    def __post_init__(self) -> None:
        # The types are asked at run time: a map that is being drawn may lack its station.
        if not isinstance(self.station, Station):
            raise MapError("The map has no station: the car needs somewhere to go.")
        for word, things in (("obstacles", self.obstacles), ("walls", self.walls)):
            if len(things) > MAX_THINGS:
                raise MapError(f"A map may have {MAX_THINGS} {word}, not {len(things)}.")
        if len(self.name) > _NAME_LENGTH:
            raise MapError(f"The name of a map may have {_NAME_LENGTH} characters.")
        if self._room(self.station.x, self.station.y) < CAR_RADIUS:
            raise MapError("The middle of the station is covered by an obstacle or a wall.")
        if self.start is None:
            if not len(start_places(self)):
                raise MapError("The map has no free place to start from.")
            return
        if self._room(self.start.x, self.start.y) < CAR_RADIUS:
            raise MapError("The start lies inside an obstacle or a wall, or too near to it.")
        distance = math.hypot(self.start.x - self.station.x, self.start.y - self.station.y)
        if distance <= self.station.radius:
            raise MapError("The start lies inside the station: there would be nothing to do.")

    def clearances(self, x: Numbers, y: Numbers) -> Numbers:
        """Return (n,) distances of points to the nearest obstacle or wall, negative inside, or ∞.

        The border of the field is not counted.
        """
        both = (
            geometry.circle_clearances(x, y, circles_of(self)[None]),
            geometry.wall_clearances(x, y, walls_of(self)),
        )
        nearest: Numbers = np.concatenate(both, axis=1).min(axis=1, initial=np.inf)
        return nearest

    def to_json(self) -> dict[str, object]:
        """Return the map as JSON values; :meth:`from_json` makes an equal map of them."""
        return {
            "format": _FORMAT,
            "version": 1,
            "name": self.name,
            "station": list(astuple(self.station)),
            "start": None if self.start is None else list(astuple(self.start)),
            "obstacles": [list(astuple(obstacle)) for obstacle in self.obstacles],
            "walls": [list(astuple(wall)) for wall in self.walls],
        }

    @classmethod
    def from_json(cls, data: object) -> HeadlightMap:
        """Return the map of JSON values; raise :class:`MapError` for anything else."""
        if not isinstance(data, dict) or data.get("format") != _FORMAT:
            raise MapError(f"This is no map: it must be an object with the format “{_FORMAT}”.")
        if data.get("version") != 1:
            raise MapError("The map is of another version; this program reads version 1.")
        unknown = sorted(str(key)[:40] for key in data if key not in _ENTRIES)
        if unknown:
            raise MapError(f"The map has an unknown entry “{unknown[0]}”.")
        if data.get("station") is None:
            raise MapError("The map has no station: the car needs somewhere to go.")
        name, start = data.get("name", ""), data.get("start")
        if not isinstance(name, str):
            raise MapError("The name of a map must be a text.")
        return cls(
            Station(*_row(data["station"], "station", 3)),
            None if start is None else Start(*_row(start, "start", 3)),
            tuple(Obstacle(*_row(row, "obstacle", 3)) for row in _rows(data, "obstacles")),
            tuple(Wall(*_row(row, "wall", 5)) for row in _rows(data, "walls")),
            name,
        )

    def to_text(self) -> str:
        """Return the text of a file of this map."""
        return json.dumps(self.to_json(), ensure_ascii=False, allow_nan=False, indent=1)

    @classmethod
    def from_text(cls, text: str) -> HeadlightMap:
        """Return the map of the text of a file; raise :class:`MapError` for any other text."""
        if len(text) > MAX_TEXT:
            raise MapError(f"The file is too long for a map: {MAX_TEXT:,} characters are allowed.")
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            raise MapError("This is no map: the file is not valid JSON.") from None
        return cls.from_json(data)

    def _room(self, x: float, y: float) -> float:
        return float(self.clearances(np.array([x]), np.array([y]))[0])


def circles_of(course: HeadlightMap) -> Numbers:
    """Return (J, 3) x, y and radius of the obstacles."""
    return np.array([astuple(o) for o in course.obstacles], dtype=np.float64).reshape(-1, 3)


def walls_of(course: HeadlightMap) -> Numbers:
    """Return (W, 6) the walls in the form the geometry works with."""
    ends = np.array([astuple(wall) for wall in course.walls], dtype=np.float64)
    return geometry.wall_frames(ends.reshape(-1, 5))


def start_places(course: HeadlightMap) -> Numbers:
    """Return (k, 2) the free places from which an episode may start, on a lattice of one unit.

    As on random maps where there is room: in 20…80, more than 35 units from the station and 6 from
    everything else. On a crowded map any place that is free by 2 units and outside the station.
    """
    lattice = np.arange(2.0, FIELD - 1.0)
    x, y = (axis.ravel() for axis in np.meshgrid(lattice, lattice, indexing="ij"))
    room = course.clearances(x, y)
    station = course.station
    distance = np.sqrt((x - station.x) ** 2 + (y - station.y) ** 2)
    inner = (x >= 20.0) & (x <= 80.0) & (y >= 20.0) & (y <= 80.0)
    free = inner & (distance > 35.0) & (room >= 6.0)
    if not free.any():
        free = (distance > station.radius + 2.0) & (room >= 2.0)
    return np.stack((x[free], y[free]), axis=-1)


def random_map(seed: int, obstacles: int = 8) -> HeadlightMap:
    """Return the map that an episode of this seed has where none is given."""
    station, start, circles = random_layout(seed, obstacles)
    return HeadlightMap(
        Station(*station),
        Start(*start),
        tuple(Obstacle(*circle) for circle in circles),
        name=f"random {seed}",
    )


def random_layout(
    seed: int, obstacles: int
) -> tuple[tuple[float, float, float], tuple[float, float, float], list[tuple[float, ...]]]:
    """Return station, start and obstacles of a random map as plain numbers.

    The station lies anywhere in 10…90; the start in 20…80, more than 35 units away, with any
    heading; obstacles have radii of 3…6, at least 12 units between them and the start and 11
    between them and the middle of the station.
    """
    draw = _draws(np.random.Generator(np.random.PCG64(seed))).__next__
    station_x, station_y = 10.0 + 80.0 * draw(), 10.0 + 80.0 * draw()
    x, y = station_x, station_y
    while math.hypot(x - station_x, y - station_y) <= 35.0:
        x, y = 20.0 + 60.0 * draw(), 20.0 + 60.0 * draw()
    heading = 360.0 * draw() - 180.0
    circles: list[tuple[float, ...]] = []
    while len(circles) < obstacles:
        cx, cy, radius = FIELD * draw(), FIELD * draw(), 3.0 + 3.0 * draw()
        if (
            math.hypot(cx - x, cy - y) >= radius + 12.0
            and math.hypot(cx - station_x, cy - station_y) >= radius + 11.0
        ):
            circles.append((cx, cy, radius))
    return (station_x, station_y, STATION_RADIUS), (x, y, heading), circles


def _draws(rng: np.random.Generator) -> Iterator[float]:
    """Yield numbers of 0…1; fetching them from the generator by the dozen is quicker."""
    while True:
        yield from rng.random(48).tolist()


def _on_field(what: str, x: float, y: float) -> None:
    if not (0.0 <= x <= FIELD and 0.0 <= y <= FIELD):
        raise MapError(
            f"The {what} must lie on the field, 0…{FIELD:g} both ways, not at ({x:g}, {y:g})."
        )


def _within(what: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise MapError(f"The {what} must be {low:g}…{high:g}, but it is {value:g}.")


def _rows(data: dict[str, object], entry: str) -> Sequence[object]:
    rows = data.get(entry, [])
    if not isinstance(rows, list):
        raise MapError(f"“{entry}” of a map must be a list.")
    if len(rows) > MAX_THINGS:
        raise MapError(f"A map may have {MAX_THINGS} {entry}, not {len(rows)}.")
    return rows


def _row(row: object, what: str, count: int) -> list[float]:
    if not isinstance(row, list) or len(row) != count:
        raise MapError(f"A stored {what} must be a list of {count} numbers.")
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in row):
        raise MapError(f"A stored {what} must hold numbers only.")
    try:
        return [float(value) for value in row]
    except OverflowError:
        raise MapError(f"A stored {what} holds a number that is too large.") from None
