from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage

from playground.core import digit_canvas
from playground.core.digit_canvas import as_mnist, as_small_digit, ink_of_photo, network_input
from playground.core.digits_data import embedded_digits


def stroke(size=200, angle=0.0, width=14, length=120, at=(100, 100)):
    """A straight pen stroke."""
    y, x = np.indices((size, size)) - np.array(at)[:, None, None]
    along = x * np.sin(angle) + y * np.cos(angle)
    across = x * np.cos(angle) - y * np.sin(angle)
    return ((np.abs(along) <= length / 2) & (np.abs(across) <= width / 2)).astype(float)


def ring(size=200, radius=50, width=12, at=(100, 100)):
    y, x = np.indices((size, size)) - np.array(at)[:, None, None]
    return (np.abs(np.hypot(x, y) - radius) <= width / 2).astype(float)


def apart(first, second):
    """Mean difference of two pictures, at best when one is moved by at most a pixel."""
    moves = [(down, across) for down in (-1, 0, 1) for across in (-1, 0, 1)]
    return min(np.abs(first - np.roll(second, move, (0, 1))).mean() for move in moves)


@pytest.mark.parametrize("side", [8, 28, 32])
@pytest.mark.parametrize("ink", [np.zeros((50, 50)), np.full((9, 9), 0.05), np.zeros((0, 0))])
def test_empty_canvas_is_nothing(ink, side):
    assert network_input(ink, side) is None


def test_digit_fills_a_box_of_twenty_pixels():
    seen = as_mnist(stroke())
    assert seen.shape == (28, 28)
    assert seen.dtype == np.float32
    rows = np.flatnonzero(seen.max(1) > 0.3)
    columns = np.flatnonzero(seen.max(0) > 0.3)
    assert np.ptp(rows) + 1 == 20
    assert np.ptp(columns) + 1 == 2
    assert seen.max() == 1.0


@given(
    angle=st.floats(-1.5, 1.5),
    length=st.integers(40, 140),
    at=st.tuples(st.integers(80, 120), st.integers(80, 120)),
)
@settings(max_examples=25, deadline=None)
def test_centre_of_mass_lies_in_the_middle(angle, length, at):
    seen = as_mnist(np.maximum(stroke(angle=angle, length=length, at=at), ring(radius=30, at=at)))
    middle = ndimage.center_of_mass(seen)
    np.testing.assert_allclose(middle, (14, 14), atol=0.51)


def test_place_and_size_of_the_drawing_do_not_matter():
    first = as_mnist(ring(radius=50, width=12))
    second = as_mnist(ring(radius=25, width=6, at=(40, 150)))
    assert apart(first, second) < 0.02


def test_faint_drawing_is_as_good_as_a_dark_one():
    np.testing.assert_allclose(as_mnist(0.5 * ring()), as_mnist(ring()), atol=1e-6)


def test_other_sides_keep_the_proportions():
    seen = as_mnist(ring(), 56)
    rows = np.flatnonzero(seen.max(1) > 0.3)
    assert (seen.shape, np.ptp(rows) + 1) == ((56, 56), 40)


def test_drawing_that_is_seen_unchanged():
    """A digit of MNIST's own making comes out as it went in."""
    seen = as_mnist(ring())
    again = as_mnist(np.kron(seen, np.ones((10, 10))))
    assert apart(again, seen) < 0.025


@pytest.mark.parametrize("ink", [stroke(), ring(), stroke(angle=0.5), np.eye(30), ring(width=40)])
def test_small_digits_have_counts_of_sixteen_and_the_usual_ink(ink):
    seen = as_small_digit(ink)
    assert seen.shape == (8, 8)
    np.testing.assert_array_equal(seen * 16, np.round(seen * 16))
    assert seen.mean() == pytest.approx(float(embedded_digits().x.mean()), abs=0.06)
    assert (seen[0].max() > 0, seen[-1].max() > 0) == (True, True)


def test_leaning_stroke_is_straightened():
    upright, leaning = as_small_digit(stroke()), as_small_digit(stroke(angle=0.4))
    columns = np.arange(8)
    for seen in (upright, leaning):
        middles = (seen @ columns) / seen.sum(1)
        assert np.ptp(middles) < 0.5


def test_small_digit_is_read_by_a_classifier_of_the_embedded_ones():
    from sklearn.neighbors import KNeighborsClassifier

    images, labels = embedded_digits()
    classifier = KNeighborsClassifier(3).fit(images, labels)
    loop, line = ring(radius=50), stroke(width=20)
    ellipse = ndimage.zoom(loop, (1, 0.6), order=1)
    eight = np.vstack([ring(80, 28, 12, (38, 40)), ring(80, 28, 12, (35, 40))[6:]])
    seen = np.stack([as_small_digit(ink).reshape(-1) for ink in (ellipse, line, eight)])
    assert classifier.predict(seen).tolist() == [0, 1, 8]


@given(ink=st.integers(0, 2**32 - 1), height=st.integers(1, 40), width=st.integers(1, 40))
@settings(max_examples=25, deadline=None)
def test_any_scribble_gives_numbers_from_zero_to_one(ink, height, width):
    drawn = np.random.default_rng(ink).random((height, width)) ** 4
    for side in (8, 28):
        seen = network_input(drawn, side)
        if seen is not None:
            assert seen.shape == (side, side)
            assert 0 <= seen.min() <= seen.max() <= 1
            assert np.isfinite(seen).all()


def photo(ink, paper=0.85, pen=0.2, slope=0.25, noise=0.02, channels=3):
    height, width = ink.shape
    light = np.linspace(0, slope, width)[None, :] + np.linspace(0, slope / 2, height)[:, None]
    values = paper + (pen - paper) * ink - light
    values += noise * np.random.default_rng(0).standard_normal(ink.shape)
    grey = np.clip(np.rint(values * 255), 0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], channels, axis=2)


@pytest.mark.parametrize("pen", [0.2, 0.5])
@pytest.mark.parametrize("channels", [1, 3])
def test_photo_of_paper_gives_the_ink(pen, channels):
    drawn = ring(240, 60, 16, (120, 120))
    found = ink_of_photo(photo(drawn, pen=pen, channels=channels))
    assert ((found > 0.5) == (drawn > 0.5)).mean() > 0.98
    assert apart(as_mnist(found), as_mnist(drawn)) < 0.03


def test_bright_chalk_on_a_dark_board():
    drawn = ring(200, 50, 14)
    found = ink_of_photo(photo(drawn, paper=0.4, pen=0.95))
    assert ((found > 0.5) == (drawn > 0.5)).mean() > 0.98


def test_large_photo_is_made_smaller_and_dirt_is_left_out():
    drawn = ring(1300, 340, 90, (650, 650))
    dirty = drawn.copy()
    dirty[40:65, 40:65] = 1.0
    found = ink_of_photo(photo(dirty[:, :1100]))
    assert found.shape == (256, 217)
    assert found[:20, :20].max() == 0.0
    assert apart(as_mnist(found), as_mnist(drawn)) < 0.05


@pytest.mark.parametrize(("before", "after"), [(30, 7), (64, 20), (10, 25), (5, 5), (1, 4), (9, 1)])
def test_resampling_is_pillow_s_linear_one(before, after):
    image = np.random.default_rng(before).random((before, 6))
    theirs = Image.fromarray(image.astype(np.float32)).resize((6, after), Image.Resampling.BILINEAR)
    np.testing.assert_allclose(digit_canvas._resampled(image, after), theirs, atol=1e-5)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_empty_paper_is_nothing(level):
    assert ink_of_photo(np.full((60, 40, 3), level, np.uint8)) is None
    assert ink_of_photo(np.full((1, 1, 3), level, np.uint8)) is None
