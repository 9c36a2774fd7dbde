from __future__ import annotations

import base64
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.datasets import load_digits, load_sample_image

from playground.core import images
from playground.core.images import ImageError, bundled_image, decode_pixels, encode_pixels

PATTERNS = ("gratings", "checkerboard", "text", "step edge", "impulse", "noise")


def packed(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data)).decode("ascii")


@pytest.mark.parametrize("name", ["china", "flower", "digit", *PATTERNS])
@pytest.mark.parametrize(("colour", "channels"), [("grey", 1), ("rgb", 3)])
def test_every_picture_comes_in_every_size_and_colour(name, colour, channels):
    for size in (8, 57):
        picture = bundled_image(name, size, colour, period=6.0)
        assert picture.shape == (channels, size, size)
        assert picture.dtype == np.float64
        assert 0.0 <= picture.min() < picture.max() <= 1.0


def test_photographs_are_those_of_scikit_learn():
    photo = load_sample_image("china.jpg").astype(np.float64) / 255.0
    side = photo.shape[0]
    left = (photo.shape[1] - side) // 2
    middle = photo[:, left : left + side]
    picture = bundled_image("china", 61, "rgb")
    assert picture.mean(axis=(1, 2)) == pytest.approx(middle.mean(axis=(0, 1)), abs=2e-3)
    grey = bundled_image("china", 61)
    assert grey[0] == pytest.approx(np.tensordot([0.299, 0.587, 0.114], picture, 1))


def test_digits_are_those_of_scikit_learn():
    digits = load_digits()
    row = np.flatnonzero(digits.target == 7)[5]
    picture = bundled_image("digit", 8, digit=7, example=5)
    assert picture[0] == pytest.approx(digits.images[row] / 16.0)
    assert np.bincount(digits.target).min() == images.DIGIT_EXAMPLES


def test_stripes_lie_over_pictures_and_stay_in_range():
    plain = bundled_image("flower", 64)
    striped = bundled_image("flower", 64, stripes=0.4, period=8.0)
    assert striped.min() >= 0.0
    assert striped.max() <= 1.0
    wave = np.abs(np.fft.fft2(striped[0] - plain[0]))
    assert np.unravel_index(wave.argmax(), wave.shape) in ((0, 8), (0, 56))


@pytest.mark.parametrize(
    ("name", "options", "sentence"),
    [
        ("fog", {}, "There is no picture “fog”; there are: china, "),
        ("china", {"size": 7}, "A picture must be 8 to 512 pixels wide and high (got 7)."),
        ("china", {"size": 513}, "A picture must be 8 to 512 pixels wide and high (got 513)."),
        ("digit", {"example": 174}, "Digits are 0 to 9 with examples 0 to 173"),
        ("digit", {"digit": 10}, "Digits are 0 to 9 with examples 0 to 173"),
    ],
)
def test_pictures_that_do_not_exist_say_which_do(name, options, sentence):
    with pytest.raises(ImageError) as raised:
        bundled_image(name, **options)
    assert str(raised.value).startswith(sentence)


@given(
    pixels=arrays.arrays(
        np.uint8,
        st.tuples(st.integers(1, 20), st.integers(1, 20), st.sampled_from([1, 3])),
    )
)
@settings(max_examples=25, deadline=None)
def test_pixels_survive_their_text(pixels):
    assert (decode_pixels(encode_pixels(pixels)) == pixels).all()
    assert (images.to_pixels(images.from_pixels(pixels)) == pixels).all()
    assert images.pixels_shape(encode_pixels(pixels)) == pixels.shape


def test_largest_picture_survives_its_text():
    pixels = np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8)
    assert (decode_pixels(encode_pixels(pixels)) == pixels).all()
    assert encode_pixels(np.zeros((4, 5), np.uint8)).startswith("4x5x1:")


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4)),
        np.zeros(4, np.uint8),
        np.zeros((0, 4), np.uint8),
        np.zeros((513, 4), np.uint8),
    ],
)
def test_other_arrays_are_no_pictures(array):
    with pytest.raises(ImageError):
        encode_pixels(array)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The picture does not begin with its size"),
        ("nonsense", "The picture does not begin with its size"),
        ("2x2x2:" + packed(bytes(8)), "The picture does not begin with its size"),
        ("٢x2x1:" + packed(bytes(4)), "The picture does not begin with its size"),
        ("-2x2x1:", "The picture does not begin with its size"),
        ("0x2x1:" + packed(b""), "A picture may have 1 to 512 pixels a side"),
        ("9999x2x1:" + packed(b""), "A picture may have 1 to 512 pixels a side"),
        ("2x2x1:" + packed(bytes(3)), "The picture is damaged: 2×2 pixels"),
        ("2x2x1:" + packed(bytes(5)), "The picture is damaged: 2×2 pixels"),
        ("2x2x1:" + packed(bytes(4))[:-4], "The picture is damaged"),
        ("2x2x1:AAAA", "The picture is damaged: its text cannot be unpacked."),
        ("2x2x1:@@@@", "The picture is damaged: its text cannot be unpacked."),
        ("2x2x1:é", "The picture is damaged: its text cannot be unpacked."),
        ("2x2x1:", "The picture is damaged"),
        ("2x2x1:" + "A" * 1_100_000, "The picture is too large"),
    ],
)
def test_damaged_text_says_so(text, sentence):
    with pytest.raises(ImageError) as raised:
        decode_pixels(text)
    assert str(raised.value).startswith(sentence)


def test_text_that_would_unpack_to_gigabytes_takes_no_memory():
    bomb = "2x2x1:" + packed(bytes(200_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(ImageError, match="damaged"):
            decode_pixels(bomb)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


def test_fitted_shrinks_the_longer_side_and_never_enlarges():
    wide = np.full((10, 1000, 3), 77, np.uint8)
    assert images.fitted(wide, 100).shape == (1, 100, 3)
    assert (images.fitted(wide, 100) == 77).all()
    small = np.zeros((5, 6, 1), np.uint8)
    assert images.fitted(small, 100) is small


def test_shrinking_does_not_alias():
    # Every second column is white: subsampling would leave all black or all white.
    stripes = np.zeros((1, 64, 64))
    stripes[..., ::2] = 1.0
    assert images.resized(stripes, 16, 16)[0, :, 2:-2] == pytest.approx(0.5, abs=0.01)
