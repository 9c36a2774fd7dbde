"""Maps: what is refused, what survives a file, and whether every preset can be driven."""

from __future__ import annotations

import json
import math
from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.environments.headlight_car_presets import PRESETS, preset
from playground.environments.headlight_maps import (
    HeadlightMap,
    MapError,
    Obstacle,
    Start,
    Station,
    Wall,
    random_map,
    start_places,
)
from playground.environments.vector import WorldError

SENTENCE = r"^[A-Z“].+\.$"
CORNER = Station(90.0, 90.0)


def number(low, high):
    return st.floats(low, high, allow_nan=False)


obstacles = st.builds(Obstacle, number(0, 100), number(0, 70), number(0.5, 9))
walls = st.builds(
    lambda x, y, length, angle, thickness: Wall(
        x, y, x + length * math.cos(angle), y + length * math.sin(angle), thickness
    ),
    number(20, 80),
    number(20, 60),
    number(1, 15),
    number(0, 6),
    number(1, 9),
)
maps = st.builds(
    HeadlightMap,
    st.just(CORNER),
    st.one_of(st.none(), st.builds(Start, number(0, 60), st.just(99.0), number(-360, 360))),
    st.lists(obstacles, max_size=5).map(tuple),
    st.lists(walls, max_size=5).map(tuple),
    st.text(max_size=60),
)


@settings(max_examples=25, deadline=None)
@given(maps)
def test_a_map_survives_its_file_exactly(course):
    assert HeadlightMap.from_text(course.to_text()) == course
    assert hash(HeadlightMap.from_json(course.to_json())) == hash(course)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(["station", "start", "obstacles", "walls", "name", "format", "version", "x"]),
    json_values,
)
def test_a_damaged_file_is_a_map_or_a_sentence(entry, value):
    data = {**preset("maze").to_json(), entry: value}
    try:
        course = HeadlightMap.from_text(json.dumps(data))
    except MapError as error:
        course, sentence = preset("maze"), str(error)
    else:
        sentence = "It is a map."
    assert sentence.endswith(".")
    assert HeadlightMap.from_json(course.to_json()) == course


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"station": None}, "no station"),
        ({"station": [90, 90, 0.5]}, "radius of the station"),
        ({"station": [90, 190, 5]}, "on the field"),
        ({"station": [50, 60, 5]}, "covered"),
        ({"station": [math.nan, 90, 5]}, "on the field"),
        ({"start": [50, 63, 0]}, "inside an obstacle"),
        ({"start": [20, 55.5, 0]}, "inside an obstacle"),
        ({"start": [88, 88, 0]}, "nothing to do"),
        ({"start": [10, 10, math.inf]}, "heading"),
        ({"start": [10, 10]}, "3 numbers"),
        ({"start": [10, 10, "north"]}, "numbers only"),
        ({"start": [10, 10, True]}, "numbers only"),
        ({"start": [10, 10, 10**400]}, "too large"),
        ({"obstacles": [[50, 60, math.nan]]}, "radius of an obstacle"),
        ({"obstacles": [[50, 60, 0]]}, "radius of an obstacle"),
        ({"obstacles": [[1, 2, 1]] * 201}, "200"),
        ({"obstacles": {}}, "list"),
        ({"walls": [[5, 5, 5, 5, 2]]}, "long"),
        ({"walls": [[5, 5, 9, 5, 0.1]]}, "thickness"),
        ({"walls": [[5, 5, 9, -5, 2]]}, "on the field"),
        ({"name": 7}, "text"),
        ({"name": "n" * 61}, "60"),
        ({"version": 2}, "version"),
        ({"format": "points"}, "no map"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_said(change, words):
    good = {
        "format": "headlight map",
        "version": 1,
        "station": [90, 90, 5],
        "start": [10, 10, 0],
        "obstacles": [[50, 60, 4]],
        "walls": [[10, 50, 30, 50, 10]],
    }
    HeadlightMap.from_json(good)
    with pytest.raises(MapError, match=words) as caught:
        HeadlightMap.from_json({**good, **change})
    assert str(caught.value)[-1] == "."
    assert isinstance(caught.value, WorldError)


@pytest.mark.parametrize("text", ["", "[", "7", "[" * 100_000, '{"format": 1}', " " * 300_000])
def test_other_files_are_refused(text):
    with pytest.raises(MapError, match=SENTENCE):
        HeadlightMap.from_text(text)


def test_a_map_that_is_being_drawn_may_lack_its_station():
    with pytest.raises(MapError, match="no station"):
        HeadlightMap(None)


def test_a_full_field_has_nowhere_to_start():
    around = (
        Wall(15, 0, 15, 100, 50),
        Wall(85, 0, 85, 100, 50),
        Wall(0, 15, 100, 15, 40),
        Wall(0, 85, 100, 85, 40),
    )
    assert len(start_places(HeadlightMap(Station(50, 50, 5), walls=around)))
    with pytest.raises(MapError, match="no free place"):
        HeadlightMap(Station(50, 50, 20), walls=around)


def test_clearance_by_hand():
    course = HeadlightMap(
        CORNER, obstacles=(Obstacle(50, 50, 5),), walls=(Wall(20, 20, 40, 20, 4),)
    )
    x = np.array([50.0, 50.0, 30.0, 44.0, 30.0])
    y = np.array([60.0, 50.0, 26.0, 26.0, 20.5])
    # 10 − 5; 0 − 5; 6 − 2; past the end by (4, 4); within the wall 1.5 under its surface.
    np.testing.assert_allclose(course.clearances(x, y), [5.0, -5.0, 4.0, math.hypot(4, 4), -1.5])
    assert HeadlightMap(CORNER).clearances(x, y).tolist() == [math.inf] * 5


def test_a_rectangle_is_a_wall_along_its_longer_side():
    assert Wall.rectangle(10, 20, 40, 30) == Wall(10, 25, 40, 25, 10)
    assert Wall.rectangle(10, 20, 16, 60) == Wall(13, 20, 13, 60, 6)


def test_random_maps_keep_their_rules():
    for seed in range(60):
        course = random_map(seed)
        station, start = course.station, course.start
        assert len(course.obstacles) == 8
        assert 10 <= station.x <= 90
        assert 10 <= station.y <= 90
        assert 20 <= start.x <= 80
        assert 20 <= start.y <= 80
        assert -180 <= start.heading < 180
        assert math.dist((start.x, start.y), (station.x, station.y)) > 35
        for stone in course.obstacles:
            assert 3 <= stone.radius <= 6
            place = (stone.x, stone.y)
            assert math.dist(place, (start.x, start.y)) >= stone.radius + 12
            assert math.dist(place, (station.x, station.y)) >= stone.radius + 11
    assert random_map(7) == random_map(7) != random_map(8)
    assert len(random_map(7, obstacles=20).obstacles) == 20
    assert random_map(7, obstacles=0).obstacles == ()


def test_starts_keep_away_from_everything_where_there_is_room():
    course = HeadlightMap(Station(50, 50), obstacles=(Obstacle(20, 20, 5),))
    places = start_places(course)
    assert (np.hypot(*(places - 50).T) > 35).all()
    assert (np.hypot(*(places - 20).T) >= 11).all()


def reachable(course):
    """Tell whether a car that could stop and turn would get there: a flood over a lattice."""
    axis = np.arange(1.0, 100.0)
    x, y = (part.ravel() for part in np.meshgrid(axis, axis, indexing="ij"))
    # Room for more than the car itself, since it cannot turn on the spot.
    free = (course.clearances(x, y) > 3.0).reshape(len(axis), -1)
    first = course.start or Start(*start_places(course)[0])
    queue = deque([(round(first.x) - 1, round(first.y) - 1)])
    seen = set(queue)
    while queue:
        i, j = queue.popleft()
        if math.dist((axis[i], axis[j]), (course.station.x, course.station.y)) < 4:
            return True
        for step in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)):
            inside = 0 <= step[0] < len(axis) and 0 <= step[1] < len(axis)
            if inside and free[step] and step not in seen:
                seen.add(step)
                queue.append(step)
    return False


def test_every_preset_leads_to_its_station():
    assert len(PRESETS) >= 6
    for name in PRESETS:
        course = preset(name)
        assert reachable(course), name
        assert HeadlightMap.from_text(course.to_text()) == course
    with pytest.raises(MapError, match="slalom"):
        preset("moon")
