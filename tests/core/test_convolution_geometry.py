from __future__ import annotations

import pytest

from playground.core.convolution_geometry import ConvolutionError, axis_of, geometry_of


def test_size_in_words_names_both_axes_where_they_differ():
    geometry = geometry_of((10, 20), (4, 3), border="zeros", stride=2, dilation=2)
    assert geometry.sentence == (
        "height ⌊(10 + 2·3 − 2·(4 − 1) − 1)/2⌋ + 1 = 5,  "
        "width ⌊(20 + 2·2 − 2·(3 − 1) − 1)/2⌋ + 1 = 10"
    )
    uneven = axis_of(8, 4, border="zeros")
    assert uneven.sentence == "⌊(8 + 1 + 2 − 1·(4 − 1) − 1)/1⌋ + 1 = 8"
    assert geometry_of((1, 9), (1, 3), signal=True).sentence == (
        "⌊(9 + 2·0 − 1·(3 − 1) − 1)/1⌋ + 1 = 7"
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"length": 8, "cells": 11},
            "Nothing is left: the kernel reaches over 1·(11 − 1) + 1 = 11 pixels, but there are "
            "only 8.",
        ),
        (
            {"length": 3, "cells": 4, "dilation": 3, "border": "zeros", "padding": 1},
            "Nothing is left: the kernel reaches over 3·(4 − 1) + 1 = 10 pixels, but there are "
            "only 3 + 1 + 1 = 5.",
        ),
        (
            {"length": 4, "cells": 11, "border": "reflect"},
            "A reflected border of 5 pixels needs at least 6 pixels to mirror; the picture has 4.",
        ),
        (
            {"length": 4, "cells": 11, "border": "circular"},
            "A circular border of 5 pixels needs at least 5 pixels to repeat; the picture has 4.",
        ),
        (
            {"length": 4, "cells": 3, "stride": 0},
            "Picture, kernel, stride and dilation must be at least 1, and padding at least 0.",
        ),
    ],
)
def test_impossible_combinations_say_why(options, sentence):
    with pytest.raises(ConvolutionError) as raised:
        axis_of(**options)
    assert str(raised.value) == sentence


def test_sources_name_the_pixel_that_the_border_shows():
    def shown(border: str) -> list[int]:
        return axis_of(4, 5, border=border, padding=3).sources().tolist()

    assert shown("zeros") == [-1, -1, -1, 0, 1, 2, 3, -1, -1, -1]
    assert shown("replicate") == [0, 0, 0, 0, 1, 2, 3, 3, 3, 3]
    assert shown("circular") == [1, 2, 3, 0, 1, 2, 3, 0, 1, 2]
    assert shown("reflect") == [3, 2, 1, 0, 1, 2, 3, 2, 1, 0]
    assert axis_of(4, 3, border="valid", padding=3).sources().tolist() == [0, 1, 2, 3]


def test_positions_are_stride_and_dilation_apart():
    axis = axis_of(20, 3, stride=2, dilation=3)
    assert axis.positions(4).tolist() == [8, 11, 14]
    assert axis.positions(axis.output - 1)[-1] < axis.padded
