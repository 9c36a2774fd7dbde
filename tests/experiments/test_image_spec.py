from __future__ import annotations

import numpy as np
import pytest

from playground.core.images import encode_pixels
from playground.experiments.image_spec import USUAL_SIDES, ImageSpec, picture_of
from playground.experiments.spec import SpecError, describe, replace_at, validate

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 9, 3), dtype=np.uint8)


def test_every_knob_is_live_and_explained():
    for field in describe(ImageSpec):
        assert field.knob.live
        assert field.knob.label
        assert field.knob.help


def test_kind_brings_its_usual_size():
    spec = ImageSpec()
    for kind, side in USUAL_SIDES.items():
        assert replace_at(spec, ("kind",), kind).size == side


def test_shape_is_that_of_the_picture():
    for spec in (
        ImageSpec(size=32),
        ImageSpec(kind="noise", size=16, colour="rgb"),
        ImageSpec(kind="own", own=encode_pixels(PIXELS)),
        ImageSpec(kind="own", own=encode_pixels(PIXELS), colour="rgb"),
    ):
        assert picture_of(spec).shape == spec.shape


def test_own_picture_travels_in_the_spec():
    spec = replace_at(ImageSpec(colour="rgb"), ("own",), encode_pixels(PIXELS))
    assert spec.kind == "own"
    again = validate(ImageSpec, spec.model_dump(mode="json"))
    assert again == spec
    assert picture_of(again) == pytest.approx(PIXELS.transpose(2, 0, 1) / 255.0)
    smallest = ImageSpec(kind="own", own=encode_pixels(np.array([[51]], np.uint8)))
    assert picture_of(smallest).tolist() == [[[0.2]]]


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("kind", "own", "There is no picture of your own yet: open, drop, paste or paint one."),
        ("own", "5x9x3:AAAA", "The picture is damaged: its text cannot be unpacked."),
        ("size", 4, "size must be at least 8 (got 4)."),
        ("kind", "fog", "picture must be one of 'china', 'flower'"),
        ("period", float("nan"), "period must be "),
    ],
)
def test_bad_values_are_refused_in_a_sentence(path, value, sentence):
    with pytest.raises(SpecError) as raised:
        replace_at(ImageSpec(), (path,), value)
    assert str(raised.value).startswith(sentence)


def test_pictures_are_made_once_and_cannot_be_written_to():
    spec = ImageSpec(kind="gratings", size=16)
    picture = picture_of(spec)
    assert picture_of(spec.model_copy()) is picture
    with pytest.raises(ValueError, match="read-only"):
        picture[0, 0, 0] = 0.0
