"""What the car sees: the three kinds of headlights and what falls into their cells.

Twenty rays leave the car, each cut into ten cells. A cell is −1 where its stretch of the ray meets
an obstacle, a wall or the outside of the field, else +1 where it meets the station, else 0. With
shadow, light does not pass: on every ray the cells behind the first −1 are −1 too. The observation
is the sum of every ray divided by 10, so with shadow it tells how near things are:

    obstacle first met in cell f, s cells of the station before it:   (s − (10 − f)) / 10

``fan``        rays over 180°, cells of 3 units: what was measured to be learnt well
``rectangle``  the grid of 20 columns and 10 rows before the car, cells of 2 × 2 units
``sensors``    20 distances over 180°, up to 30 units: ±(1 − distance / 30) for the nearest thing,
               + for the station, − for whatever one crashes into, 0 where there is nothing
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, get_args

import numpy as np

from playground.environments import headlight_car_geometry as geometry
from playground.environments.vector import Quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

LightKind = Literal["fan", "rectangle", "sensors"]
LIGHT_KINDS: Final[tuple[LightKind, ...]] = get_args(LightKind)
RAYS: Final = 20
CELLS: Final = 10
SPREAD: Final = 180.0
"""Degrees between the first and the last ray of a fan."""

_FAN_CELL: Final = 3.0
_SQUARE: Final = 2.0
_STEPS: Final = np.arange(CELLS)


class Light(NamedTuple):
    """The rays of one kind of headlights, seen from the car: x ahead, y to the left.

    Parameters
    ----------
    kind
        Which kind.
    origins
        (20 or 1, 2): where the rays begin.
    directions
        (20, 2) unit vectors, the leftmost first.
    cell
        Length of a cell in units.
    outlines
        (20, 10, 4, 2) corners of the cells for drawing.
    quantities
        What the 20 numbers of the observation are.
    """

    kind: LightKind
    origins: Numbers
    directions: Numbers
    cell: float
    outlines: Numbers
    quantities: tuple[Quantity, ...]

    @property
    def depth(self) -> float:
        """How far the light goes, in units."""
        return self.cell * CELLS

    @property
    def reach(self) -> float:
        """What is farther away from the car than this, in units, cannot be seen."""
        return self.depth if len(self.origins) == 1 else math.hypot(self.depth, _SQUARE * RAYS / 2)


class Things(NamedTuple):
    """What n cars can meet; the first axis may be 1 where all cars share one map.

    Parameters
    ----------
    circles
        (n or 1, J, 3): x, y and radius of the obstacles.
    walls
        (W, 6), see :func:`playground.environments.headlight_car_geometry.wall_frames`.
    station
        (n or 1, 3): x, y and radius.
    """

    circles: Numbers
    walls: Numbers
    station: Numbers


class Eyes(NamedTuple):
    """Where n cars are and look; all are (n,): x, y, cosine and sine of the heading."""

    x: Numbers
    y: Numbers
    cos: Numbers
    sin: Numbers


class Glance(NamedTuple):
    """What the rays of n cars meet, in units along the ray; all arrays are (n, 20).

    Parameters
    ----------
    near
        Where the first obstacle, wall or piece of outside begins, at most ∞.
    station_in, station_out
        Where the station begins and ends; ``station_out`` is negative where it is not met.
    """

    near: Numbers
    station_in: Numbers
    station_out: Numbers


class _Pairs(NamedTuple):
    """Spans (k, 20) of rays with the things near their cars, in the order of the cars (k,)."""

    cars: NDArray[np.intp]
    t_in: Numbers
    t_out: Numbers


@lru_cache(maxsize=len(LIGHT_KINDS))
def light_of(kind: LightKind) -> Light:
    """Return the headlights of a kind."""
    light = _rectangle() if kind == "rectangle" else _fan(kind)
    for array in (light.origins, light.directions, light.outlines):
        array.setflags(write=False)
    return light


def eyes_at(poses: Numbers) -> Eyes:
    """Return the eyes of cars with these poses (n, 3): x, y and heading in degrees.

    Cosine and sine are taken one by one: the vectorised routines of NumPy may round a number
    differently when its neighbours change, and a car has to drive alike alone and among others.
    """
    radians = [math.radians(heading) for heading in poses[:, 2].tolist()]
    cos, sin = [math.cos(angle) for angle in radians], [math.sin(angle) for angle in radians]
    return Eyes(poses[:, 0], poses[:, 1], np.array(cos), np.array(sin))


def glance(light: Light, eyes: Eyes, things: Things) -> Glance:
    """Return what the rays of these cars meet."""
    rays = _rays(light, eyes)
    t_in, t_out = geometry.field_spans(*rays)
    near = np.where((t_in > 0.0) | (t_out < 0.0), 0.0, t_out)
    for pairs in _obstacles_near(light, rays, eyes, things):
        begins = np.where(pairs.t_out >= 0.0, np.maximum(pairs.t_in, 0.0), np.inf)
        cars, nearest = _by_car(pairs.cars, np.minimum, begins)
        near[cars] = np.minimum(near[cars], nearest)
    station_in, station_out = geometry.circle_spans(*rays, things.station)
    return Glance(near, np.maximum(station_in, 0.0), station_out)


def observations(
    light: Light, shadow: bool, eyes: Eyes, things: Things
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the observations (n, 20), −1…1, and whether the station is in the light (n,)."""
    if light.kind == "sensors":
        seen = glance(light, eyes, things)
        numbers = _signed_nearness(light, seen)
        return numbers.astype(np.float32), _any_ray(numbers > 0.0)
    if not shadow:
        grid = cells(light, shadow, eyes, things)
        sums = grid.sum(axis=2, dtype=np.int64)
        return (sums / CELLS).astype(np.float32), _any_ray((grid > 0).any(axis=2))
    seen = glance(light, eyes, things)
    blocked = np.minimum(np.floor(seen.near / light.cell), CELLS)
    last = np.minimum(np.floor(seen.station_out / light.cell), blocked - 1.0)
    lit = np.maximum(last - np.floor(seen.station_in / light.cell) + 1.0, 0.0)
    return ((lit - (CELLS - blocked)) / CELLS).astype(np.float32), _any_ray(lit > 0.0)


def cells(light: Light, shadow: bool, eyes: Eyes, things: Things) -> NDArray[np.int8]:
    """Return (n, 20, 10) what falls into every cell: −1, 0 or +1; nearest cells first."""
    seen = glance(light, eyes, things)
    if shadow or light.kind == "sensors":
        blocked = np.floor(seen.near / light.cell)[:, :, None] <= _STEPS
    else:
        blocked = _blocked_cells(light, eyes, things)
    first = np.floor(seen.station_in / light.cell)[:, :, None]
    last = np.floor(seen.station_out / light.cell)[:, :, None]
    grid = ((first <= _STEPS) & (last >= _STEPS)).astype(np.int8)
    grid[blocked] = -1
    return grid


def _any_ray(rays: Any) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.any(rays, axis=1)
    return found


def _rays(light: Light, eyes: Eyes) -> tuple[Numbers, Numbers]:
    """Return origins (2, n, 20 or 1) and directions (2, n, 20) of the rays in the field."""
    x, y, cos, sin = (value[:, None] for value in eyes)
    (ahead, left), (along, across) = light.origins.T, light.directions.T
    origins, directions = np.empty((2, len(x), len(ahead))), np.empty((2, len(x), RAYS))
    np.subtract(cos * ahead, sin * left, out=origins[0])
    np.add(sin * ahead, cos * left, out=origins[1])
    origins[0] += x
    origins[1] += y
    np.subtract(cos * along, sin * across, out=directions[0])
    np.add(sin * along, cos * across, out=directions[1])
    return origins, directions


def _obstacles_near(
    light: Light, rays: tuple[Numbers, Numbers], eyes: Eyes, things: Things
) -> list[_Pairs]:
    """Return the spans with obstacles and with walls, without those out of the light's reach.

    Most of a map is too far away to be seen; leaving it out is what makes many cars quick.
    """
    pairs = []
    if things.circles.shape[1]:
        room = geometry.circle_clearances(eyes.x, eyes.y, things.circles)
        cars, which = np.nonzero(room < light.reach)
        shared = 0 if len(things.circles) == 1 else cars
        spans = geometry.circle_spans(*_picked(rays, cars), things.circles[shared, which])
        pairs.append(_Pairs(cars, *spans))
    if len(things.walls):
        room = geometry.wall_clearances(eyes.x, eyes.y, things.walls)
        cars, which = np.nonzero(room < light.reach)
        spans = geometry.wall_spans(*_picked(rays, cars), things.walls[which])
        pairs.append(_Pairs(cars, *spans))
    return [found for found in pairs if len(found.cars)]


def _picked(rays: tuple[Numbers, Numbers], cars: NDArray[np.intp]) -> tuple[Numbers, Numbers]:
    return rays[0].take(cars, axis=1), rays[1].take(cars, axis=1)


def _by_car(
    cars: NDArray[np.intp], operation: np.ufunc, values: NDArray[Any]
) -> tuple[NDArray[np.intp], NDArray[Any]]:
    """Return the cars of pairs, each once, and the rows of each car put together."""
    firsts = np.flatnonzero(np.diff(cars, prepend=-1))
    return cars[firsts], operation.reduceat(values, firsts, axis=0)


def _blocked_cells(light: Light, eyes: Eyes, things: Things) -> NDArray[np.bool_]:
    """Return (n, 20, 10) which cells meet something to crash into, when light passes through it."""
    rays = _rays(light, eyes)
    t_in, t_out = (t[:, :, None] / light.cell for t in geometry.field_spans(*rays))
    # Outside are the cells that are not wholly within the span of the field.
    blocked: NDArray[np.bool_] = (np.floor(t_out) <= _STEPS) | (t_in > _STEPS)
    for pairs in _obstacles_near(light, rays, eyes, things):
        first, last = np.floor(pairs.t_in / light.cell), np.floor(pairs.t_out / light.cell)
        met = (first[:, :, None] <= _STEPS) & (last[:, :, None] >= _STEPS)
        cars, any_met = _by_car(pairs.cars, np.logical_or, met)
        blocked[cars] |= any_met
    return blocked


def _signed_nearness(light: Light, seen: Glance) -> Numbers:
    """Return (n, 20): + for the station, − for an obstacle, the larger the nearer."""
    station = np.where(seen.station_out >= 0.0, seen.station_in, np.inf)
    distance = np.minimum(np.minimum(seen.near, station), light.depth)
    signs = np.where(station < seen.near, 1.0, -1.0)
    # The 0 added turns −0 into 0.
    nearness: Numbers = signs * (1.0 - distance / light.depth) + 0.0
    return nearness


def _fan(kind: LightKind) -> Light:
    degrees = np.linspace(SPREAD / 2.0, -SPREAD / 2.0, RAYS)
    between = SPREAD / (RAYS - 1)
    edges = np.radians(np.append(degrees + between / 2.0, degrees[-1] - between / 2.0))
    corners = np.stack((np.cos(edges), np.sin(edges)), axis=-1)
    radii = _FAN_CELL * np.arange(CELLS + 1)
    rings = corners[:, None, :] * radii[:, None]
    angles = np.radians(degrees)
    word = "sensor" if kind == "sensors" else "ray"
    return Light(
        kind,
        np.zeros((1, 2)),
        np.stack((np.cos(angles), np.sin(angles)), axis=-1),
        _FAN_CELL,
        _quadrangles(rings),
        _quantities([f"{word} {_side(angle, '°')}" for angle in degrees]),
    )


def _rectangle() -> Light:
    edges = _SQUARE * (RAYS / 2.0 - np.arange(RAYS + 1))
    middles = (edges[:-1] + edges[1:]) / 2.0
    ahead = np.broadcast_to(_SQUARE * np.arange(CELLS + 1), (RAYS + 1, CELLS + 1))
    aside = np.broadcast_to(edges[:, None], ahead.shape)
    return Light(
        "rectangle",
        np.stack((np.zeros(RAYS), middles), axis=-1),
        np.tile([1.0, 0.0], (RAYS, 1)),
        _SQUARE,
        _quadrangles(np.stack((ahead, aside), axis=-1)),
        _quantities([f"column {_side(middle, '')}" for middle in middles]),
    )


def _quadrangles(corners: Numbers) -> Numbers:
    """Return (20, 10, 4, 2) quadrangles of a lattice of corners (21, 11, 2), in order around."""
    return np.stack(
        (corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]), axis=2
    )


def _side(value: float, unit: str) -> str:
    return f"{abs(value):.0f}{unit} {'left' if value > 0.0 else 'right'}"


def _quantities(names: Sequence[str]) -> tuple[Quantity, ...]:
    return tuple(Quantity(name) for name in names)
