from __future__ import annotations

import numpy as np
import pytest

from playground.core import image_patterns as patterns


@pytest.mark.parametrize(
    ("angle", "peak"), [(0.0, (0, 4)), (90.0, (4, 0)), (45.0, (-4, 4)), (-45.0, (4, 4))]
)
def test_grating_is_one_frequency_in_its_direction(angle, peak):
    # 45°: the period along the axes is √2 times that along the direction.
    period = 16.0 / (np.sqrt(2.0) if abs(angle) == 45.0 else 1.0)
    wave = patterns.gratings(64, period, angle)[0]
    spectrum = np.abs(np.fft.fft2(wave - 0.5))
    bright = {tuple(place) for place in np.argwhere(spectrum > 1.0)}
    row, col = peak
    assert bright == {(row % 64, col % 64), (-row % 64, -col % 64)}
    assert wave[32, 32] == pytest.approx(1.0)


def test_crossed_gratings_have_both_frequencies():
    wave = patterns.gratings(64, 16.0, 0.0, crossed=True)[0]
    spectrum = np.abs(np.fft.fft2(wave - 0.5))
    assert (spectrum > 1.0).sum() == 4


def test_contrast_spreads_about_one_half():
    wave = patterns.gratings(64, 16.0, 0.0, 0.5)
    assert (wave.min(), wave.max()) == pytest.approx((0.25, 0.75))
    assert np.unique(patterns.checkerboard(16, 4.0, 0.5)).tolist() == [0.25, 0.75]
    values = patterns.noise(64, 0.5, 0)
    assert 0.25 <= values.min() < values.max() <= 0.75


def test_two_cells_of_the_checkerboard_are_a_period():
    board = patterns.checkerboard(8, 4.0)[0]
    assert board[0].tolist() == [1, 1, 0, 0, 1, 1, 0, 0]
    assert board[2].tolist() == [0, 0, 1, 1, 0, 0, 1, 1]


def test_step_edge_is_bright_in_its_direction():
    right = patterns.step_edge(8, 0.0)[0]
    assert right[3].tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    up = patterns.step_edge(8, 90.0)[0]
    assert up[:, 0].tolist() == [1, 1, 1, 1, 1, 0, 0, 0]


def test_impulse_is_one_pixel_in_the_middle():
    picture = patterns.impulse(9)[0]
    assert picture.sum() == picture[4, 4] == 1.0


def test_noise_depends_on_its_draw_alone():
    assert (patterns.noise(16, 1.0, 7) == patterns.noise(16, 1.0, 7)).all()
    assert not (patterns.noise(16, 1.0, 7) == patterns.noise(16, 1.0, 8)).any()
    red, green, _ = patterns.noise(16, 1.0, 7, channels=3)
    assert not (red == green).any()


def test_letters_are_dark_centred_and_fill_the_width():
    page = patterns.written(128, "HH")[0]
    assert page[0, 0] == 1.0
    assert page.min() == 0.0
    columns = np.flatnonzero((page < 0.5).any(axis=0))
    rows = np.flatnonzero((page < 0.5).any(axis=1))
    assert columns[-1] - columns[0] == pytest.approx(128 * 0.84, abs=4)
    assert (columns[0] + columns[-1]) / 2 == pytest.approx(63.5, abs=2)
    assert rows[0] > 0
    assert rows[-1] < 127
    assert (patterns.written(32, "  ") == 1.0).all()
    assert patterns.written(8, "A long line of words").shape == (1, 8, 8)
