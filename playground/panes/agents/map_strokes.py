"""What a drag over the field does to a map."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from playground.environments.headlight_maps import MIN_RADIUS, Obstacle, Start, Wall

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.environments.headlight_maps import HeadlightMap

USUAL_RADIUS = 4.0
SHORTEST_DRAG = 1.0
LARGEST_RADIUS = 50.0
NEAR = 3.0


@dataclass(frozen=True, slots=True)
class Grip:
    """A press on the field; :meth:`pulled` gives the map when the hand is elsewhere."""

    _changed: Callable[[float, float], HeadlightMap]

    def pulled(self, x: float, y: float) -> HeadlightMap:
        """Return the map with the hand at a place; raise ``MapError`` where it would be none."""
        return self._changed(x, y)


def grip_at(course: HeadlightMap, tool: str, x: float, y: float) -> Grip:
    """Return what a press with a tool takes hold of."""
    if tool == "station":
        return Grip(lambda px, py: replace(course, station=replace(course.station, x=px, y=py)))
    if tool == "start":
        return Grip(lambda px, py: replace(course, start=_start(course, x, y, px, py)))
    if tool == "wall":
        return Grip(lambda px, py: _with_wall(course, x, y, px, py))
    held = _obstacle_at(course, x, y)
    if held is not None:
        return Grip(lambda px, py: _with_moved(course, held, px - x, py - y))
    return Grip(lambda px, py: _with_obstacle(course, x, y, math.hypot(px - x, py - y)))


def remove_at(course: HeadlightMap, x: float, y: float) -> HeadlightMap:
    """Return the map without what lies at a place; the map itself where nothing does."""
    held = _obstacle_at(course, x, y)
    if held is not None:
        kept = tuple(each for each in course.obstacles if each is not held)
        return replace(course, obstacles=kept)
    for wall in reversed(course.walls):
        if _distance_to(wall, x, y) <= max(0.5 * wall.thickness, NEAR):
            return replace(course, walls=tuple(each for each in course.walls if each is not wall))
    start = course.start
    if start is not None and math.hypot(start.x - x, start.y - y) <= NEAR:
        return replace(course, start=None)
    return course


def _with_obstacle(course: HeadlightMap, x: float, y: float, drag: float) -> HeadlightMap:
    radius = min(max(drag, MIN_RADIUS), LARGEST_RADIUS) if drag > SHORTEST_DRAG else USUAL_RADIUS
    return replace(course, obstacles=(*course.obstacles, Obstacle(x, y, radius)))


def _with_moved(course: HeadlightMap, held: Obstacle, dx: float, dy: float) -> HeadlightMap:
    x, y = min(max(held.x + dx, 0.0), 100.0), min(max(held.y + dy, 0.0), 100.0)
    moved = replace(held, x=x, y=y)
    kept = tuple(moved if each is held else each for each in course.obstacles)
    return replace(course, obstacles=kept)


def _with_wall(course: HeadlightMap, x: float, y: float, px: float, py: float) -> HeadlightMap:
    return replace(course, walls=(*course.walls, Wall(x, y, px, py)))


def _start(course: HeadlightMap, x: float, y: float, px: float, py: float) -> Start:
    if math.hypot(px - x, py - y) > SHORTEST_DRAG:
        return Start(x, y, math.degrees(math.atan2(py - y, px - x)))
    return Start(x, y, course.start.heading if course.start is not None else 0.0)


def _obstacle_at(course: HeadlightMap, x: float, y: float) -> Obstacle | None:
    for obstacle in reversed(course.obstacles):
        if math.hypot(obstacle.x - x, obstacle.y - y) <= obstacle.radius:
            return obstacle
    return None


def _distance_to(wall: Wall, x: float, y: float) -> float:
    dx, dy = wall.x2 - wall.x1, wall.y2 - wall.y1
    along = ((x - wall.x1) * dx + (y - wall.y1) * dy) / (dx * dx + dy * dy)
    along = min(max(along, 0.0), 1.0)
    return math.hypot(wall.x1 + along * dx - x, wall.y1 + along * dy - y)
