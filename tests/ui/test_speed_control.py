from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt

from playground.ui.speed_control import SPEEDS, SpeedControl, stop_of, wanted_speed_text


@pytest.mark.parametrize("stop", range(len(SPEEDS)))
def test_every_stop_is_its_own_nearest(stop):
    assert stop_of(SPEEDS[stop]) == stop


@given(st.floats(1e-3, 1e9))
def test_the_nearest_stop_is_nearest_on_the_logarithmic_scale(speed):
    finite = SPEEDS[:-1]
    best = min(finite, key=lambda s: abs(math.log(s / speed)))
    found = SPEEDS[stop_of(speed)]
    if math.isinf(found):
        assert speed >= finite[-1]
    else:
        ratio = abs(math.log(found / speed))
        assert ratio == pytest.approx(abs(math.log(best / speed)))


def test_words():
    assert wanted_speed_text(math.inf) == "max"
    assert wanted_speed_text(0.5) == "0.5 /s"
    assert wanted_speed_text(2000.0) == "2,000 /s"


@pytest.fixture
def control(qtbot):
    control = SpeedControl()
    qtbot.addWidget(control)
    control.heard = []
    control.edited.connect(control.heard.append)
    return control


def test_showing_a_speed_emits_nothing(control):
    control.set_speed(31.0)
    assert control.heard == []
    assert control.speed == 31.0


def test_a_key_on_the_slider_is_a_wish(control, qtbot):
    control.set_speed(30.0)
    qtbot.keyClick(control.slider, Qt.Key.Key_Right)
    assert control.heard == [50.0]


def test_a_held_slider_is_not_moved_by_frames(control):
    control.slider.setSliderDown(True)
    control.set_speed(1.0)
    assert control.speed == math.inf


def test_nudges_stop_at_the_ends(control):
    control.nudge(5)
    assert control.speed == math.inf
    control.nudge(-100)
    assert control.speed == SPEEDS[0]
