import numpy as np
import pytest

from playground.core.fourier import power, radii, spectrum
from playground.core.image_transforms import blurred, faded, shifted, turned_and_scaled


def picture(height=24, width=24, channels=2):
    return np.random.default_rng(4).random((channels, height, width))


def test_quarter_turns_are_exact():
    image = picture()
    for turns in range(-4, 5):
        expected = np.rot90(image, turns, axes=(-2, -1))
        assert np.allclose(turned_and_scaled(image, 90.0 * turns), expected, atol=1e-9)


def test_no_turn_is_a_copy():
    image = picture()
    found = turned_and_scaled(image, 0.0)
    assert np.array_equal(found, image)
    assert found is not image


@pytest.mark.parametrize("degrees", [20.0, -37.0, 130.0])
def test_turning_agrees_with_scipy_inside(degrees):
    from scipy.ndimage import rotate

    image = picture(channels=1)[0]
    expected = rotate(image, degrees, reshape=False, order=1)
    rows, columns = np.mgrid[:24, :24] - 11.5
    inside = np.hypot(rows, columns) < 10
    assert np.allclose(turned_and_scaled(image, degrees)[inside], expected[inside])


def test_scaling_twice_as_large_shows_the_middle_half():
    ramp = np.tile(np.arange(9.0), (9, 1))
    assert turned_and_scaled(ramp, 0.0, 2.0)[4].tolist() == [2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6]


def test_what_comes_from_outside_is_the_mean():
    image = np.zeros((8, 8))
    image[0] = 1.0
    small = turned_and_scaled(image, 0.0, 0.25)
    assert small[0, 0] == pytest.approx(image.mean())


def test_turning_the_picture_turns_its_spectrum():
    rows, columns = np.mgrid[:96, :96] - 47.5
    soft = np.exp(-(rows**2 + columns**2) / (2 * 14.0**2))
    grating = soft * np.cos(2 * np.pi * 0.15 * columns)

    def direction(image):
        powers = power(spectrum(image))
        powers[radii(powers.shape) < 0.05] = 0.0
        row, column = np.unravel_index(np.argmax(powers), powers.shape)
        return np.degrees(np.arctan2(-(row - 48), column - 48)) % 180

    assert direction(grating) == 0.0
    assert direction(turned_and_scaled(grating, 30.0)) == pytest.approx(30.0, abs=4.0)


def test_shifting_wraps_and_changes_phases_only():
    image = picture()
    moved = shifted(image, 3, -5)
    assert moved[0, 0, 3] == image[0, 5, 0]
    assert np.allclose(np.abs(spectrum(moved)), np.abs(spectrum(image)))
    rows, columns = np.mgrid[:24, :24] - 12
    turn = np.exp(-2j * np.pi * (3 * columns - 5 * rows) / 24)
    assert np.allclose(spectrum(moved), spectrum(image) * turn)


@pytest.mark.parametrize("sigma", [1.5, 3.0])
def test_the_blur_is_a_gaussian_with_circular_border(sigma):
    from scipy.ndimage import gaussian_filter

    image = picture(32, 20)
    expected = gaussian_filter(image, (0, sigma, sigma), mode="wrap", truncate=8)
    assert np.abs(blurred(image, sigma) - expected).max() < 2e-4
    assert np.array_equal(blurred(image, 0.0), image)


def test_fading_keeps_the_mean_at_the_edges():
    image = picture(40, 40, 1)
    found = faded(image)
    assert np.abs(found[0, 0] - image.mean()).max() < 0.01
    assert np.abs(found[0, 20, 20] - image[0, 20, 20]) < 0.01
