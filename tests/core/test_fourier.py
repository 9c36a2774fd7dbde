import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.core.fourier import (
    axis_share,
    circular_convolution,
    fitting_band,
    folded,
    frequencies,
    interpolated,
    inverse,
    kernel_spectrum,
    log_magnitude,
    opposite,
    power,
    radii,
    sampled,
    spectrum,
    varying_energy,
    wave_at,
)

sides = st.integers(1, 13)
FEW = settings(max_examples=25, deadline=None)


def picture(height, width, seed=0, channels=None):
    rng = np.random.default_rng(seed)
    shape = (height, width) if channels is None else (channels, height, width)
    return rng.random(shape)


def by_definition(image):
    """Return the centred spectrum by the double sum itself."""
    height, width = image.shape
    rows, columns = np.arange(height), np.arange(width)
    up, right = rows - height // 2, columns - width // 2
    before = np.exp(-2j * np.pi * np.outer(up, rows) / height)
    after = np.exp(-2j * np.pi * np.outer(columns, right) / width)
    return before @ image @ after


@FEW
@given(sides, sides)
def test_the_spectrum_is_the_double_sum_of_its_definition(height, width):
    image = picture(height, width)
    assert np.allclose(spectrum(image), by_definition(image), atol=1e-12)


@FEW
@given(sides, sides)
def test_the_inverse_gives_the_picture_back(height, width):
    image = picture(height, width, channels=2)
    assert np.abs(inverse(spectrum(image)) - image).max() < 1e-14


@FEW
@given(sides, sides)
def test_parseval(height, width):
    image = picture(height, width, channels=3)
    whole = power(spectrum(image)).sum() / (height * width)
    assert whole == pytest.approx(np.square(image).sum())


@FEW
@given(sides, sides)
def test_opposite_frequencies_of_real_pictures_are_conjugate(height, width):
    found = spectrum(picture(height, width))
    assert np.allclose(opposite(found), found.conj(), atol=1e-12)
    vertical, _ = frequencies((height, width))
    whole = np.broadcast_to(vertical, (height, width))
    # −½ of even sides is its own opposite.
    inner = np.abs(whole) < 0.5
    assert np.allclose(opposite(whole)[inner], -whole[inner])
    assert radii((height, width))[height // 2, width // 2] == 0.0


def test_the_mean_stands_in_the_middle_and_is_no_varying_energy():
    image = np.full((6, 5), 0.25)
    found = spectrum(image)
    assert found[3, 2] == pytest.approx(0.25 * 30)
    assert varying_energy(power(found)) == pytest.approx(0.0, abs=1e-20)


def test_log_magnitudes_span_five_powers_of_ten():
    found = log_magnitude(np.array([[1e3, 1e0, 1e-2], [1e-9, 0.0, 1e3j]]))
    assert np.allclose(found, [[1.0, 0.4, 0.0], [0.0, 0.0, 1.0]])
    assert not log_magnitude(np.zeros((2, 2), complex)).any()
    assert log_magnitude(np.array([[10.0 + 0j]]), reference=1000.0)[0, 0] == pytest.approx(0.6)


@FEW
@given(sides, sides, st.data())
def test_a_picture_is_the_sum_of_its_waves(height, width, data):
    image = picture(height, width)
    found = spectrum(image)
    rows, columns = np.mgrid[:height, :width].astype(float)
    total = np.zeros((height, width))
    done = set()
    for row in range(height):
        for column in range(width):
            partner = ((-(row - height // 2)) % height, (-(column - width // 2)) % width)
            place = ((row - height // 2) % height, (column - width // 2) % width)
            if partner in done:
                continue
            done.add(place)
            wave = wave_at((height, width), row, column, complex(found[row, column]))
            total += wave.amplitude * wave.heights(rows, columns)
    assert np.allclose(total, image, atol=1e-12)


def test_a_grating_is_one_wave_with_its_period_and_direction():
    rows, columns = np.mgrid[:64, :64]
    # Crests 8 pixels apart, seen going up and to the right by 45 degrees.
    grating = 0.5 + 0.25 * np.cos(2 * np.pi * (columns - rows) * 4 / 64 + 0.5)
    found = spectrum(grating)
    place = np.unravel_index(
        np.argmax(np.where(radii((64, 64)) > 0, np.abs(found), 0.0)), found.shape
    )
    wave = wave_at((64, 64), *map(int, place), complex(found[place]))
    assert wave.period == pytest.approx(64 / (4 * math.sqrt(2)))
    assert wave.angle == pytest.approx(45.0)
    assert wave.amplitude == pytest.approx(0.25)
    assert abs(wave.phase) == pytest.approx(0.5)
    mean = wave_at((64, 64), 32, 32, complex(found[32, 32]))
    assert (mean.period, mean.amplitude) == (math.inf, pytest.approx(0.5))


@FEW
@given(sides, sides, st.integers(1, 7), st.integers(1, 7))
def test_the_convolution_theorem(height, width, rows, columns):
    image = picture(height, width, channels=2)
    kernel = picture(rows, columns, seed=1) - 0.5
    direct = circular_convolution(image, kernel)
    by_product = inverse(spectrum(image) * kernel_spectrum(kernel, (height, width)))
    assert np.abs(direct - by_product).max() < 1e-12


@FEW
@given(st.integers(5, 12), st.integers(5, 12), st.integers(1, 5), st.integers(1, 5))
def test_direct_circular_convolution_against_scipy(height, width, rows, columns):
    from scipy.ndimage import convolve

    image, kernel = picture(height, width), picture(rows, columns, seed=3)
    expected = convolve(image, kernel, mode="wrap")
    assert np.allclose(circular_convolution(image, kernel), expected)


@FEW
@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 8))
def test_sampling_folds_the_spectrum(rows, columns, stride):
    image = picture(rows * stride, columns * stride, channels=2)
    found = folded(spectrum(image), stride)
    assert np.allclose(found, spectrum(sampled(image, stride)), atol=1e-12)


def test_sides_are_cut_to_multiples_of_the_stride():
    assert sampled(picture(11, 9), 4).shape == (2, 2)


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
def test_a_picture_within_the_band_comes_back_from_its_samples(stride):
    image = picture(12 * stride, 10 * stride)
    shape = image.shape
    smooth = inverse(spectrum(image) * fitting_band(shape, stride))
    assert np.allclose(interpolated(sampled(smooth, stride), stride), smooth)
    # Through the samples it goes in any case.
    again = interpolated(sampled(image, stride), stride)
    assert np.allclose(sampled(again, stride), sampled(image, stride))
    if stride > 1:
        assert np.abs(again - image).max() > 0.1


def test_edges_that_do_not_fit_put_energy_on_the_axes():
    ramp = np.tile(np.linspace(0, 1, 16), (16, 1))
    wave = np.cos(2 * np.pi * (np.arange(16)[:, None] + np.arange(16)) / 8)
    assert axis_share(power(spectrum(ramp))) == pytest.approx(1.0)
    assert axis_share(power(spectrum(wave))) == pytest.approx(0.0, abs=1e-12)
    assert axis_share(power(spectrum(np.ones((4, 4))))) == 0.0


def test_coarse_waves_can_be_left_out_of_the_cross():
    powers = np.zeros((20, 20))
    powers[10, 11] = 5.0
    powers[10, 15] = powers[15, 15] = 1.0
    assert axis_share(powers) == pytest.approx(6 / 7)
    assert axis_share(powers, 0.1) == pytest.approx(0.5)
