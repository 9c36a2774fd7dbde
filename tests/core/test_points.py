from __future__ import annotations

import base64
import json
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from playground.core.points import MAX_POINTS, Bounds, PointError, PointSet

coordinates = st.floats(-1e12, 1e12)
labels = st.sampled_from([-1, 1])
rows = st.lists(st.tuples(coordinates, coordinates, labels), max_size=80)


def point_set(rows):
    table = np.array(rows, dtype=float).reshape(-1, 3)
    return PointSet.of(table[:, :2], table[:, 2])


@st.composite
def sets_with_some_ids(draw):
    points = point_set(draw(rows))
    # Some points have gone before, so that the ids have gaps.
    gone = draw(st.sets(st.sampled_from(points.ids.tolist()))) if len(points) else set()
    points = points.removed(sorted(gone))
    ids = draw(st.sets(st.sampled_from(points.ids.tolist()))) if len(points) else set()
    return points, draw(st.permutations(sorted(ids)))


def test_arrays_are_typed_contiguous_and_read_only():
    points = PointSet.of(np.asfortranarray([[1, 2], [3, 4], [5, 6]]), [1, -1, 1])
    assert (points.x.dtype, points.y.dtype, points.ids.dtype) == (np.float64, np.int8, np.int64)
    assert points.x.flags.c_contiguous
    for array in (points.x, points.y, points.ids):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    assert points.nbytes == 3 * (16 + 1 + 8)
    assert len(points) == 3


def test_later_changes_of_the_given_arrays_do_not_reach_the_set():
    x, y = np.zeros((2, 2)), np.array([1, -1], dtype=np.int8)
    points = PointSet.of(x, y)
    x[0], y[0] = 7.0, -1
    assert points.x[0].tolist() == [0.0, 0.0]
    assert points.y[0] == 1


def test_bounds():
    assert PointSet.of([[1, 5], [-2, 3]], [1, 1]).bounds() == Bounds(-2, 1, 3, 5)
    assert PointSet.empty().bounds() == Bounds(-1, 1, -1, 1)


@given(sets_with_some_ids())
def test_removing_and_restoring_are_inverse(case):
    points, ids = case
    kept = points.selected(ids)
    rest = points.removed(ids)
    assert len(rest) == len(points) - len(ids)
    assert not set(rest.ids.tolist()) & set(ids)
    back = rest.restored(kept)
    assert back.equals(points)
    assert back.next_id == points.next_id


@given(sets_with_some_ids(), rows)
def test_adding_and_removing_are_inverse_and_ids_are_never_given_again(case, more):
    points, _ = case
    new = point_set(more)
    grown = points.added(new.x, new.y)
    new_ids = np.setdiff1d(grown.ids, points.ids)
    assert new_ids.tolist() == list(range(points.next_id, points.next_id + len(new)))
    shrunk = grown.removed(new_ids)
    assert shrunk.equals(points)
    assert shrunk.next_id == grown.next_id
    assert shrunk.restored(grown.selected(new_ids)).equals(grown)


@given(sets_with_some_ids(), st.data())
def test_moving_and_relabelling_are_their_own_inverse(case, data):
    points, ids = case
    size = len(ids)
    places = data.draw(hnp.arrays(float, (size, 2), elements=coordinates))
    new_labels = data.draw(st.lists(labels, min_size=size, max_size=size))
    at = points.rows(ids)
    changed = points.moved(ids, places).relabelled(ids, new_labels)
    assert np.array_equal(changed.x[at], places)
    assert changed.y[at].tolist() == new_labels
    untouched = np.setdiff1d(np.arange(len(points)), at)
    assert np.array_equal(changed.x[untouched], points.x[untouched])
    assert changed.moved(ids, points.x[at]).relabelled(ids, points.y[at]).equals(points)


def test_one_point_and_one_label_need_no_list():
    points = PointSet.empty().added((1.0, 2.0), 1).added([[3, 4], [5, 6]], -1)
    assert points.y.tolist() == [1, -1, -1]
    assert points.moved(0, (9, 9)).x[0].tolist() == [9, 9]
    assert points.relabelled([1, 2], 1).y.tolist() == [1, 1, 1]
    assert points.removed(1).ids.tolist() == [0, 2]


@given(sets_with_some_ids())
def test_json_gives_the_same_set_back(case):
    points, _ = case
    text = json.dumps(points.to_json(), allow_nan=False)
    back = PointSet.from_json(json.loads(text))
    assert back.equals(points)
    assert back.next_id == points.next_id


def test_large_sets_are_packed_and_small_ones_readable():
    rng = np.random.default_rng(0)
    small = PointSet.of(rng.normal(size=(64, 2)), np.ones(64), ("länge", "b"), ("no", "yes"))
    large = PointSet.of(rng.normal(size=(100_000, 2)), np.ones(100_000)).removed([5])
    assert small.to_json()["x"] == small.x.tolist()
    assert "ids" not in small.to_json()
    packed = large.to_json()
    assert isinstance(packed["x"], str)
    assert len(json.dumps(packed)) < 1.5 * large.x.nbytes
    assert PointSet.from_json(packed).equals(large)
    assert PointSet.from_json(small.to_json()).equals(small)


def packed(content):
    return base64.b64encode(zlib.compress(content)).decode()


GOOD = {
    "count": 2,
    "next_id": 2,
    "names": ["a", "b"],
    "classes": ["c", "d"],
    "x": [[1, 2.5], [3, 4]],
    "y": [1, -1],
}


def test_the_example_that_is_spoilt_below_is_good():
    points = PointSet.from_json(GOOD)
    assert points.equals(PointSet.of([[1, 2.5], [3, 4]], [1, -1], ("a", "b"), ("c", "d")))
    assert PointSet.from_json(GOOD | {"x": packed(points.x.tobytes())}).equals(points)


@pytest.mark.parametrize(
    "spoilt",
    [
        None,
        [],
        "text",
        {},
        GOOD | {"more": 1},
        GOOD | {"count": 3},
        GOOD | {"count": -1},
        GOOD | {"count": True},
        GOOD | {"count": 2.0},
        GOOD | {"count": MAX_POINTS + 1},
        GOOD | {"next_id": 1},
        GOOD | {"next_id": 2**70},
        GOOD | {"next_id": None},
        GOOD | {"names": ["a"]},
        GOOD | {"names": "ab"},
        GOOD | {"names": ["a", 1]},
        GOOD | {"classes": ["a", "b" * 300]},
        GOOD | {"x": [[1, 2], [3]]},
        GOOD | {"x": [[1, 2], [3, "4"]]},
        GOOD | {"x": [[1, 2], [3, [4]]]},
        GOOD | {"x": [[1, 2], [3, True]]},
        GOOD | {"x": [[1, 2], [3, None]]},
        GOOD | {"x": [[1, 2], [3, float("nan")]]},
        GOOD | {"x": [[1, 2], [3, float("inf")]]},
        GOOD | {"x": [[1, 2], [3, 1e300]]},
        GOOD | {"x": [[1, 2], [3, 10**400]]},
        GOOD | {"x": [1, 2]},
        GOOD | {"x": 3},
        GOOD | {"x": "not base64!"},
        GOOD | {"x": "AAAA"},
        GOOD | {"x": "ä"},
        GOOD | {"x": packed(b"\0" * 31)},
        GOOD | {"x": packed(b"\0" * 33)},
        GOOD | {"x": packed(np.full(4, np.nan).tobytes())},
        GOOD | {"x": packed(b"\0" * 32)[:-4]},
        GOOD | {"x": base64.b64encode(zlib.compress(b"\0" * 32) + b"more").decode()},
        GOOD | {"y": [1, 0]},
        GOOD | {"y": [1, 300]},
        GOOD | {"y": [1, 1.0]},
        GOOD | {"y": [1]},
        GOOD | {"ids": [1, 0]},
        GOOD | {"ids": [0, 0]},
        GOOD | {"ids": [-1, 0]},
        GOOD | {"ids": [0, 2]},
        GOOD | {"ids": [0, 2**64]},
    ],
)
def test_hostile_json_is_refused_with_a_sentence(spoilt):
    with pytest.raises(PointError) as caught:
        PointSet.from_json(spoilt)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_bomb_is_refused_without_unfolding_it():
    bomb = GOOD | {"x": packed(b"\0" * 100_000_000)}
    tracemalloc.start()
    with pytest.raises(PointError, match="damaged"):
        PointSet.from_json(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        ([[1, 2, 3]], [1], "two coordinates"),
        ([1, 2], [1], "two coordinates"),
        ([["a", "b"]], [1], "must be numbers"),
        ([[np.nan, 0]], [1], "nan"),
        ([[np.inf, 0]], [1], "from −10¹² to 10¹²"),
        ([[1e300, 0]], [1], "1e\\+300"),
        ([[0, 0]], [0], "−1 or \\+1"),
        ([[0, 0]], [np.nan], "−1 or \\+1"),
        ([[0, 0]], ["1"], "−1 or \\+1"),
        ([[0, 0]], [1, 1], "2 labels for 1 points"),
        (np.zeros((MAX_POINTS + 1, 2)), [1], "at most 1,000,000"),
    ],
)
def test_bad_points_are_refused_with_a_sentence(x, y, words):
    with pytest.raises(PointError, match=words):
        PointSet.of(x, y)


def test_bad_edits_are_refused_and_change_nothing():
    points = PointSet.of([[0, 0], [1, 1]], [1, -1])
    before = points.to_json()
    for edit in (
        lambda: points.removed([7]),
        lambda: points.removed([0, 0]),
        lambda: points.removed([0.0]),
        lambda: points.moved([0], [[np.nan, 0]]),
        lambda: points.moved([0], [[0, 0], [1, 1]]),
        lambda: points.relabelled([0], 2),
        lambda: points.added([[0, 1e13]], 1),
        lambda: points.restored(points.selected([0])),
    ):
        with pytest.raises(PointError):
            edit()
    assert points.to_json() == before


def test_equals_sees_every_difference():
    points = PointSet.of([[0.0, 0], [1, 1]], [1, -1])
    assert points.equals(PointSet.of(points.x, points.y))
    assert not points.equals(points.moved(0, (0, 1e-300)))
    assert not points.equals(points.relabelled(0, -1))
    assert not points.equals(points.removed(0))
    assert not points.equals(PointSet.of(points.x, points.y, names=("a", "b")))
    assert not points.equals(PointSet.of(points.x, points.y, classes=("a", "b")))
    assert not points.equals(points.removed(1).added((1, 1), -1))
