"""Maps that come with the headlight car, from an empty field to a maze."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Final

from playground.environments.headlight_maps import (
    HeadlightMap,
    MapError,
    Obstacle,
    Start,
    Station,
    Wall,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def _empty() -> HeadlightMap:
    return HeadlightMap(Station(72.0, 64.0), name="Empty field")


def _one_wall() -> HeadlightMap:
    wall = Wall(50.0, 26.0, 50.0, 74.0, 4.0)
    return HeadlightMap(Station(80.0, 50.0), Start(20.0, 50.0, 0.0), walls=(wall,), name="One wall")


def _gap() -> HeadlightMap:
    walls = (Wall(50.0, 0.0, 50.0, 42.0, 3.0), Wall(50.0, 58.0, 50.0, 100.0, 3.0))
    return HeadlightMap(Station(84.0, 20.0), Start(16.0, 80.0, 0.0), walls=walls, name="Gap")


def _slalom() -> HeadlightMap:
    walls = (
        Wall(28.0, 0.0, 28.0, 62.0, 3.0),
        Wall(50.0, 38.0, 50.0, 100.0, 3.0),
        Wall(72.0, 0.0, 72.0, 62.0, 3.0),
    )
    return HeadlightMap(Station(87.0, 18.0), Start(13.0, 14.0, 90.0), walls=walls, name="Slalom")


def _corridor() -> HeadlightMap:
    walls = (
        Wall(4.0, 36.0, 60.0, 36.0, 3.0),
        Wall(60.0, 36.0, 60.0, 96.0, 3.0),
        Wall(4.0, 8.0, 92.0, 8.0, 3.0),
        Wall(92.0, 8.0, 92.0, 96.0, 3.0),
    )
    return HeadlightMap(Station(76.0, 86.0), Start(12.0, 22.0, 0.0), walls=walls, name="Corridor")


def _maze() -> HeadlightMap:
    walls = (
        Wall(25.0, 0.0, 25.0, 72.0, 2.5),
        Wall(50.0, 27.0, 50.0, 100.0, 2.5),
        Wall(50.0, 27.0, 77.0, 27.0, 2.5),
        Wall(73.0, 54.0, 100.0, 54.0, 2.5),
    )
    return HeadlightMap(Station(87.0, 76.0), Start(12.0, 12.0, 90.0), walls=walls, name="Maze")


def _ring() -> HeadlightMap:
    stones = tuple(
        Obstacle(
            50.0 + 22.0 * math.cos(math.radians(angle)),
            50.0 + 22.0 * math.sin(math.radians(angle)),
            4.5,
        )
        for angle in range(40, 321, 28)
    )
    return HeadlightMap(
        Station(50.0, 50.0), Start(12.0, 50.0, 0.0), obstacles=stones, name="Ring with a gate"
    )


def _forest() -> HeadlightMap:
    trees = tuple(
        Obstacle(20.0 + 20.0 * column + (5.0 if row % 2 else -5.0), 20.0 + 20.0 * row, 3.5)
        for row in range(4)
        for column in range(4)
    )
    return HeadlightMap(Station(90.0, 92.0), Start(8.0, 6.0, 45.0), obstacles=trees, name="Forest")


_PRESETS: Final[dict[str, Callable[[], HeadlightMap]]] = {
    "empty": _empty,
    "wall": _one_wall,
    "gap": _gap,
    "slalom": _slalom,
    "corridor": _corridor,
    "maze": _maze,
    "ring": _ring,
    "forest": _forest,
}
PRESETS: Final = tuple(_PRESETS)
"""The names by which the maps are called in files and on the command line."""


@cache
def preset(name: str) -> HeadlightMap:
    """Return the map called `name`; raise :class:`MapError` where there is none."""
    if name not in _PRESETS:
        raise MapError(f"There is no map “{name[:60]}”; there are {', '.join(PRESETS)}.")
    return _PRESETS[name]()
