"""What the car sees: cases worked out by hand, and ray marching as a slow second opinion."""

from __future__ import annotations

import math

import numpy as np
import pytest

from playground.environments import headlight_car_geometry as geometry
from playground.environments.headlight_car import HeadlightCarOptions
from playground.environments.headlight_car_light import (
    CELLS,
    LIGHT_KINDS,
    RAYS,
    Things,
    cells,
    eyes_at,
    light_of,
    observations,
)
from playground.environments.headlight_car_world import observations_at
from playground.environments.headlight_maps import (
    HeadlightMap,
    Obstacle,
    Station,
    Wall,
    circles_of,
    random_map,
    walls_of,
)

FAR = Station(95.0, 95.0, 1.0)


def rays(x, y, degrees):
    angle = math.radians(degrees)
    origins = np.array([[[x]], [[y]]])
    return origins, np.array([[[math.cos(angle)]], [[math.sin(angle)]]])


def things(course):
    station = np.array([[course.station.x, course.station.y, course.station.radius]])
    return Things(circles_of(course)[None], walls_of(course), station)


def grid_of(course, pose, kind="fan", shadow=True):
    return cells(light_of(kind), shadow, eyes_at(np.array([pose])), things(course))[0]


def seen(course, pose, kind="fan", shadow=True):
    options = HeadlightCarOptions(light=kind, shadow=shadow)
    return observations_at(options, course, np.array([pose], dtype=float))[0]


def test_a_ray_meets_a_circle_where_pythagoras_says():
    # The circle of radius 5 about (10, 3), from the origin along x: 10 ∓ √(25 − 9).
    t_in, t_out = geometry.circle_spans(*rays(0, 0, 0), np.array([[10.0, 3.0, 5.0]]))
    assert (t_in.item(), t_out.item()) == (6.0, 14.0)
    _, missed = geometry.circle_spans(*rays(0, 0, 0), np.array([[10.0, 5.1, 5.0]]))
    assert missed.item() == -math.inf
    t_in, t_out = geometry.circle_spans(*rays(10, 3, 90), np.array([[10.0, 3.0, 5.0]]))
    assert (t_in.item(), t_out.item()) == (-5.0, 5.0)
    _, behind = geometry.circle_spans(*rays(0, 0, 180), np.array([[10.0, 0.0, 5.0]]))
    assert behind.item() == -5.0


def test_a_ray_meets_a_wall_where_its_sides_are():
    upright = geometry.wall_frames(np.array([[20.0, 0.0, 20.0, 50.0, 4.0]]))
    t_in, t_out = geometry.wall_spans(*rays(0, 10, 0), upright)
    assert (t_in.item(), t_out.item()) == (18.0, 22.0)
    slant = geometry.wall_frames(np.array([[0.0, 20.0, 20.0, 0.0, 2.0]]))
    t_in, t_out = geometry.wall_spans(*rays(0, 0, 45), slant)
    np.testing.assert_allclose(
        [t_in.item(), t_out.item()], [math.hypot(10, 10) - 1, math.hypot(10, 10) + 1]
    )
    _, missed = geometry.wall_spans(*rays(0, 51, 0), upright)
    assert missed.item() == -math.inf
    _, parallel = geometry.wall_spans(*rays(30, 10, 90), upright)
    assert parallel.item() == -math.inf


def test_a_ray_leaves_the_field_at_its_border():
    t_in, t_out = geometry.field_spans(*rays(70, 20, 0))
    assert (t_in.item(), t_out.item()) == (-70.0, 30.0)
    t_in, t_out = geometry.field_spans(*rays(-10, 20, 0))
    assert (t_in.item(), t_out.item()) == (10.0, 110.0)
    _, beside = geometry.field_spans(*rays(-10, 20, 90))
    assert beside.item() == -math.inf


def test_the_border_fills_the_cells_behind_it():
    # Heading along x from x = 85: the rays at ±4.74° meet the border after 15.05 units, in cell 5.
    grid = grid_of(HeadlightMap(Station(10, 10)), (85.0, 50.0, 0.0))
    for ray in (9, 10):
        assert grid[ray].tolist() == [0] * 5 + [-1] * 5
    # Straight to the side nothing is met within 30 units.
    assert not grid[0].any()
    assert not grid[-1].any()


def test_an_obstacle_casts_a_shadow_and_without_shadow_it_does_not():
    stone = HeadlightMap(FAR, obstacles=(Obstacle(62.0, 50.0, 2.0),))
    # At ±4.74° the stone spans 12 cos 4.74° ∓ √(4 − (12 sin 4.74°)²) = 10.22…13.70: cells 3 and 4.
    dark, light = (grid_of(stone, (50, 50, 0), shadow=shadow) for shadow in (True, False))
    assert dark[9].tolist() == [0, 0, 0] + [-1] * 7
    assert light[9].tolist() == [0, 0, 0, -1, -1, 0, 0, 0, 0, 0]
    assert dark[0].tolist() == [0] * 10
    np.testing.assert_allclose(seen(stone, (50, 50, 0))[8:12], [0, -0.7, -0.7, 0])
    np.testing.assert_allclose(seen(stone, (50, 50, 0), shadow=False)[9], -0.2)


def test_the_station_shines_before_an_obstacle_and_not_behind_one():
    # The station spans 6.97…16.96 along the rays at ±4.74°: cells 2 to 5.
    station = Station(62.0, 50.0)
    assert grid_of(HeadlightMap(station), (50, 50, 0))[9].tolist() == [0, 0, 1, 1, 1, 1, 0, 0, 0, 0]
    behind = HeadlightMap(station, obstacles=(Obstacle(72.0, 50.0, 3.0),))
    assert grid_of(behind, (50, 50, 0))[9].tolist() == [0, 0, 1, 1, 1, 1, -1, -1, -1, -1]
    assert seen(behind, (50, 50, 0))[9] == 0.0
    before = HeadlightMap(station, walls=(Wall(54.5, 40.0, 54.5, 60.0, 1.0),))
    assert grid_of(before, (50, 50, 0))[9].tolist() == [0] + [-1] * 9


def test_turning_the_car_turns_what_it_sees():
    stone = HeadlightMap(FAR, obstacles=(Obstacle(50.0, 62.0, 1.5),))
    ahead, left, right = (seen(stone, (50, 50, heading)) for heading in (90, 0, 180))
    assert np.flatnonzero(ahead).tolist() == [9, 10]
    assert np.flatnonzero(left).tolist() == [0]
    assert np.flatnonzero(right).tolist() == [19]


def test_the_rectangle_is_twenty_columns_of_ten_cells():
    # The columns lie 1, 3, 5 … 19 units beside the car; the stone at 7 to the left is column 6.
    course = HeadlightMap(FAR, obstacles=(Obstacle(61.0, 57.0, 0.6),))
    grid = grid_of(course, (50, 50, 0), "rectangle", shadow=False)
    expected = np.zeros((RAYS, CELLS), dtype=int)
    expected[6, 5] = -1
    np.testing.assert_array_equal(grid, expected)
    quantities = HeadlightCarOptions(light="rectangle").quantities
    assert [quantities[i].name for i in (0, 6, 19)] == [
        "column 19 left",
        "column 7 left",
        "column 19 right",
    ]
    # Columns that begin outside the field are dark all along, those that reach it are not.
    edge = grid_of(HeadlightMap(FAR), (50, 95, 0), "rectangle")
    assert (edge[:7] == -1).all()
    assert not edge[8:].any()
    back = grid_of(HeadlightMap(FAR), (5, 50, 90), "rectangle", shadow=False)
    assert (back[:7] == -1).all()
    assert not back[8:].any()


def test_sensors_tell_the_distance_and_its_kind():
    course = HeadlightMap(
        Station(40.0, 50.0, 5.0), obstacles=(Obstacle(50.0, 62.0, 3.0), Obstacle(30, 90, 1))
    )
    facing_up = seen(course, (50, 50, 90), "sensors")
    angle = math.radians(90 / 19)
    near = 12 * math.cos(angle) - math.sqrt(9 - (12 * math.sin(angle)) ** 2)
    np.testing.assert_allclose(facing_up[[9, 10]], -(1 - near / 30), rtol=1e-6)
    np.testing.assert_allclose(facing_up[0], 1 - 5 / 30, rtol=1e-6)
    assert facing_up[19] == 0.0


def marched(light, shadow, pose, course):
    """The cells by walking along every ray in small steps, with nothing but distances."""
    x, y, heading = pose
    turned = math.radians(heading)
    turn = np.array([[math.cos(turned), -math.sin(turned)], [math.sin(turned), math.cos(turned)]])
    grid = np.zeros((RAYS, CELLS), dtype=int)
    steps = (np.arange(600) + 0.5) * light.cell / 600
    for ray in range(RAYS):
        origin = light.origins[ray if len(light.origins) > 1 else 0]
        for cell in range(CELLS):
            t = cell * light.cell + steps
            px, py = turn @ (origin[:, None] + light.directions[ray][:, None] * t)
            px, py = px + x, py + y
            outside = (px < 0) | (px > 100) | (py < 0) | (py > 100)
            if (outside | (course.clearances(px, py) < 0)).any():
                grid[ray, cell] = -1
                if shadow:
                    grid[ray, cell:] = -1
                    break
            elif (np.hypot(px - course.station.x, py - course.station.y) < 5).any():
                grid[ray, cell] = 1
    return grid


@pytest.mark.parametrize("kind", ["fan", "rectangle"])
@pytest.mark.parametrize("shadow", [True, False])
def test_cells_agree_with_walking_along_the_rays(kind, shadow):
    rng = np.random.default_rng(5)
    for seed in range(3):
        random = random_map(seed, 20)
        course = HeadlightMap(
            random.station,
            None,
            random.obstacles,
            (Wall(10, 10, 15, 14, 2),) if seed else (),
        )
        near_station = [random.station.x - 9, random.station.y, float(rng.uniform(-60, 60))]
        for pose in (near_station, [*rng.uniform(5, 95, 2).tolist(), float(rng.uniform(0, 360))]):
            ours = grid_of(course, pose, kind, shadow)
            theirs = marched(light_of(kind), shadow, pose, course)
            # Walking misses what is grazed by less than a step.
            assert (ours != theirs).sum() <= 2


@pytest.mark.parametrize("kind", LIGHT_KINDS)
@pytest.mark.parametrize("shadow", [True, False])
def test_sums_are_those_of_the_cells_and_independent_of_company(kind, shadow):
    course, light = random_map(3, 20), light_of(kind)
    rng = np.random.default_rng(2)
    poses = np.column_stack((rng.uniform(-1, 101, (50, 2)), rng.uniform(-180, 180, 50)))
    together, sight = observations(light, shadow, eyes_at(poses), things(course))
    grid = cells(light, shadow, eyes_at(poses), things(course))
    alone = [seen(course, pose, kind, shadow) for pose in poses]
    np.testing.assert_array_equal(together, np.stack(alone))
    assert together.dtype == np.float32
    assert (np.abs(together) <= 1).all()
    if kind != "sensors":
        np.testing.assert_array_equal(together, (grid.sum(axis=2) / 10).astype(np.float32))
        np.testing.assert_array_equal(sight, (grid > 0).any(axis=(1, 2)))
    else:
        np.testing.assert_array_equal(sight, (together > 0).any(axis=1))
    assert sight.any()


def test_outlines_are_where_the_rays_are():
    for kind in ("fan", "rectangle"):
        light = light_of(kind)
        assert light.outlines.shape == (RAYS, CELLS, 4, 2)
        middles = light.outlines.mean(axis=2)
        t = (np.arange(CELLS) + 0.5)[None, :, None] * light.cell
        on_ray = light.origins[:, None] + t * light.directions[:, None]
        # The corners of a ring lie at both sides of its ray, so their middle falls a little short.
        np.testing.assert_allclose(middles, on_ray, atol=0.005 * light.depth)
