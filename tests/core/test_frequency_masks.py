import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from playground.core.fourier import opposite, radii, spectrum
from playground.core.frequency_masks import (
    MAX_TEXT,
    MaskError,
    band_pass,
    dabbed,
    decode_mask,
    encode_mask,
    high_pass,
    low_pass,
    resized_mask,
    symmetrical,
)

FEW = settings(max_examples=25, deadline=None)
sides = st.integers(1, 12)


@FEW
@given(sides, sides, st.floats(0, 0.71), st.floats(0, 0.71), st.floats(0, 0.3))
def test_masks_by_radius_are_symmetrical_so_that_pictures_stay_real(
    height, width, one, other, softness
):
    places = radii((height, width))
    for mask in (
        low_pass(places, one, softness),
        high_pass(places, one, softness),
        band_pass(places, one, other, softness),
    ):
        assert 0.0 <= mask.min() <= mask.max() <= 1.0
        assert np.array_equal(mask, opposite(mask))
        image = np.random.default_rng(0).random((height, width))
        whole = np.fft.ifft2(np.fft.ifftshift(spectrum(image) * mask))
        assert np.abs(whole.imag).max() < 1e-12


def test_low_and_high_pass_share_all_there_is():
    places = radii((16, 15))
    assert np.array_equal(
        low_pass(places, 0.2, 0.1) + high_pass(places, 0.2, 0.1), np.ones_like(places)
    )


def test_a_soft_edge_falls_as_a_raised_cosine():
    places = np.array([[0.1, 0.15, 0.2, 0.25, 0.3, 0.5]])
    expected = [[1.0, 0.5 * (1 + np.cos(np.pi / 4)), 0.5, 0.5 * (1 - np.cos(np.pi / 4)), 0.0, 0.0]]
    assert np.allclose(low_pass(places, 0.2, 0.2), expected)


def test_a_sharp_edge_includes_its_radius_and_the_mean_always_passes():
    places = np.array([[0.0, 0.2, 0.2001]])
    assert low_pass(places, 0.2).tolist() == [[1.0, 1.0, 0.0]]
    assert low_pass(places, 0.0, 0.5)[0, 0] == 1.0
    assert high_pass(places, 0.0, 0.5)[0, 0] == 0.0


def test_the_two_radii_of_a_band_may_come_in_either_order():
    places = radii((9, 9))
    assert np.array_equal(band_pass(places, 0.1, 0.3), band_pass(places, 0.3, 0.1))


@FEW
@given(arrays(bool, st.tuples(sides, sides)))
def test_painted_masks_survive_as_text(mask):
    mask = symmetrical(mask)
    assert np.array_equal(decode_mask(encode_mask(mask)), mask)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "written as"),
        ("nonsense", "written as"),
        ("2x2:4;", "written as"),
        ("2x2:3", "add up to 4"),
        ("2x2:3,2", "add up to 4"),
        ("0x2:0", "1 to 1,024"),
        ("9999x9999:1", "1 to 1,024"),
        ("2x2:4" + ",0" * MAX_TEXT, "at most"),
    ],
)
def test_hostile_texts_are_refused_in_a_sentence(text, word):
    with pytest.raises(MaskError, match=word):
        decode_mask(text)


def test_a_mask_painted_on_one_side_only_is_closed_on_both():
    mask = decode_mask("5x5:0,1,24")
    assert not mask[0, 0]
    assert not mask[4, 4]
    assert mask.sum() == 23


def test_a_dab_closes_a_disc_and_its_opposite():
    mask = dabbed(np.ones((16, 16), bool), (0.25, 0.0), 0.07, passes=False)
    assert not mask[12, 8]
    assert not mask[4, 8]
    assert not mask[12, 9]
    assert mask[8, 8]
    assert np.array_equal(mask, opposite(mask))
    assert dabbed(mask, (-0.25, 0.0), 0.07, passes=True).all()


def test_the_smallest_brush_still_paints_one_pair():
    mask = dabbed(np.ones((16, 16), bool), (0.26, 0.13), 0.0, passes=False)
    assert (~mask).sum() == 2
    assert dabbed(np.ones((1, 1), bool), (0.0, 0.0), 0.1, passes=False).sum() == 0


def test_a_painted_mask_keeps_its_frequencies_on_a_picture_of_another_size():
    mask = dabbed(np.ones((64, 64), bool), (0.25, 0.125), 0.05, passes=False)
    for shape in ((128, 128), (32, 48), (33, 31)):
        other = resized_mask(mask, shape)
        assert other.shape == shape
        row, column = (
            round(0.25 * shape[0]) + shape[0] // 2,
            round(0.125 * shape[1]) + shape[1] // 2,
        )
        assert not other[row, column]
        assert np.array_equal(other, opposite(other))
        assert (~other).mean() == pytest.approx((~mask).mean(), rel=0.3)
    assert resized_mask(mask, (64, 64)) is mask
