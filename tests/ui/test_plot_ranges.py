from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.ui.plots.ranges import Bounds, fitted, held, union

numbers = st.floats(-1e9, 1e9)
pairs = st.tuples(numbers, numbers).map(sorted)


@given(pairs)
def test_fitted_range_holds_all_data_and_is_never_empty(data):
    low, high = fitted(*data)
    assert low < high
    assert low <= data[0]
    assert data[1] <= high


@given(pairs, pairs)
def test_held_range_holds_all_data(shown, data):
    shown = fitted(*shown)
    start, end = held(shown, *data)
    assert start <= data[0]
    assert data[1] <= end


def test_data_inside_moves_nothing():
    assert held((0.0, 10.0), 1.0, 9.9) == (0.0, 10.0)


def test_data_that_leaves_gets_headroom_on_its_side_only():
    assert held((0.0, 10.0), 1.0, 11.0) == (0.0, 11.0 + 0.25 * 11.0)
    assert held((0.0, 10.0), -2.0, 9.0) == (-2.0 - 0.25 * 12.0, 10.0)


def test_a_growing_run_refits_rarely():
    shown, refits = fitted(0, 1), 0
    for step in range(1, 100_000):
        following = held(shown, 0, step)
        refits += following != shown
        shown = following
    assert refits < 60


def test_data_that_has_become_tiny_is_shown_again():
    assert held((0.0, 1000.0), 0.0, 10.0) == fitted(0.0, 10.0)


@pytest.mark.parametrize("value", [0.0, 3.0, -1e8, 1e300])
def test_one_value_gets_room(value):
    low, high = fitted(value, value)
    assert low < value < high or value == 1e300


def test_union():
    assert union([None, None]) is None
    assert union([Bounds(0, 1, 2, 3), None, Bounds(-1, 0.5, 9, 9)]) == Bounds(-1, 1, 2, 9)
