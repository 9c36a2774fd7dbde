from __future__ import annotations

import pytest

from playground.ui.status_meter import Spinner, StatusMeter, speed_text
from playground.ui.theme import theme


@pytest.mark.parametrize(
    ("speed", "text"),
    [
        (0.5, "0.5 steps/s"),
        (31.4, "31 steps/s"),
        (31_412.0, "31,400 steps/s"),
        (1_234_567.0, "1,230,000 steps/s"),
        (999.6, "1,000 steps/s"),
    ],
)
def test_speed_in_words(speed, text):
    assert speed_text(speed, "step") == text


@pytest.fixture
def meter(qtbot):
    meter = StatusMeter()
    qtbot.addWidget(meter)
    meter.resize(meter.sizeHint())
    meter.show()
    return meter


def test_it_says_steps_and_frames(meter):
    meter.set_rates(31_412.0, "sample", 30.0, 0.6, 0.2)
    assert meter.text == "31,400 samples/s · 30 frames/s"
    assert meter.accessibleDescription() == meter.text


def test_loading_takes_the_place_of_the_speed(meter):
    meter.set_rates(100.0, "step", 30.0, 0.5, 0.5)
    meter.set_loading(True)
    assert meter.text == "loading torch …"
    meter.set_loading(False)
    assert "100 steps/s" in meter.text


def test_the_bars_grow_with_the_shares(meter):
    def accent_pixels():
        image = meter.grab().toImage()
        accent = theme().colour("accent")
        return sum(
            image.pixelColor(x, y) == accent
            for x in range(image.width())
            for y in range(image.height())
        )

    meter.set_rates(10.0, "step", 30.0, 0.1, 0.0)
    little = accent_pixels()
    meter.set_rates(10.0, "step", 30.0, 0.9, 0.0)
    assert accent_pixels() > 3 * little


def test_shares_beyond_reason_are_clipped(meter):
    meter.set_rates(10.0, "step", 30.0, 7.0, -1.0)
    assert not meter.grab().isNull()


def test_with_reduced_motion_the_spinner_stands_still(qtbot):
    spinner = Spinner()
    qtbot.addWidget(spinner)
    theme().set_reduced_motion(True)
    try:
        spinner.show()
        assert not spinner._timer.isActive()
        spinner.hide()
    finally:
        theme().set_reduced_motion(False)
    spinner.show()
    assert spinner._timer.isActive()
    spinner.hide()
    assert not spinner._timer.isActive()
