from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.ui.slider_scale import POSITIONS, SliderScale

ends = st.tuples(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6)).map(lambda t: (t[0], t[0] + t[1]))
positive_ends = st.tuples(st.floats(1e-9, 1e3), st.floats(1.5, 1e9)).map(
    lambda t: (t[0], t[0] * t[1])
)


@given(ends, st.integers(0, POSITIONS))
def test_linear_values_stay_inside_and_grow(bounds, position):
    scale = SliderScale(*bounds)
    value = scale.value(position)
    assert scale.minimum <= value <= scale.maximum
    assert scale.value(max(0, position - 1)) <= value


@given(positive_ends, st.integers(0, POSITIONS))
def test_log_values_stay_inside_and_grow(bounds, position):
    scale = SliderScale(*bounds, log=True)
    value = scale.value(position)
    assert scale.minimum <= value <= scale.maximum
    assert scale.value(max(0, position - 1)) <= value


@given(positive_ends, st.booleans(), st.floats(0, 1))
def test_keys_always_move_unless_at_an_end(bounds, log, share):
    scale = SliderScale(*bounds, log=log)
    value = scale.value(round(share * POSITIONS))
    assert scale.stepped(value, 1) > value or value == scale.maximum
    assert scale.stepped(value, -1) < value or value == scale.minimum


@given(st.integers(1, 1000), st.integers(2, 5000), st.booleans(), st.integers(0, POSITIONS))
def test_whole_numbers_stay_whole(low, span, log, position):
    scale = SliderScale(low, low + span, integer=True, log=log)
    value = scale.value(position)
    assert value == round(value)
    assert scale.stepped(value, 1) == round(scale.stepped(value, 1))
    assert scale.stepped(value, 1) > value or value == scale.maximum


def test_ends_are_exact():
    scale = SliderScale(1e-4, 1.0, log=True)
    assert (scale.value(0), scale.value(POSITIONS)) == (1e-4, 1.0)
    assert (scale.position(1e-4), scale.position(1.0)) == (0, POSITIONS)
    assert scale.position(1e9) == POSITIONS


def test_values_are_round():
    assert SliderScale(0.0, 1.0, step=0.1).value(301) == 0.3
    assert SliderScale(0.0, 1.5).value(500) == 0.75
    assert SliderScale(1e-4, 1.0, log=True).value(500) == 0.01
    assert SliderScale(0.0, 1.0, step=0.1).stepped(0.2, 1) == 0.3


def test_arrow_keys_walk_the_preferred_numbers():
    scale = SliderScale(1e-3, 1e3, log=True)
    value, walked = 1.0, []
    for _ in range(10):
        value = scale.stepped(value, 1)
        walked.append(value)
    assert walked == [1.3, 1.6, 2.0, 2.5, 3.2, 4.0, 5.0, 6.3, 7.9, 10.0]
    assert scale.stepped(scale.stepped(0.02, 3), -3) == 0.02
    assert scale.stepped(0.0222, 1) == 0.025
    assert scale.stepped(0.0222, -1) == 0.02


@pytest.mark.parametrize(("low", "high", "log"), [(1, 1, False), (2, 1, False), (0, 1, True)])
def test_impossible_ends_are_refused(low, high, log):
    with pytest.raises(ValueError, match="slider cannot"):
        SliderScale(low, high, log=log)


def test_huge_steps_end_at_the_ends():
    scale = SliderScale(1e-4, 1.0, log=True)
    assert scale.stepped(0.02, 10**6) == 1.0
    assert scale.stepped(0.02, -(10**6)) == 1e-4
