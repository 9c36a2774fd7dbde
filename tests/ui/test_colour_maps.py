from __future__ import annotations

import numpy as np
import pytest

from playground.ui.colour_maps import STEPS, diverging_map, scalar_map
from playground.ui.theme import DARK, LIGHT


def hexed(row):
    return "#" + "".join(f"{int(value):02x}" for value in row[:3])


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.name)
def test_diverging_ends_are_the_classes_and_its_centre_is_neutral(tokens):
    table = tokens.diverging_map
    assert table.shape == (STEPS, 4)
    assert table.dtype == np.uint8
    assert hexed(table[0]) == tokens.class_minus
    assert hexed(table[-1]) == tokens.class_plus
    neutral = [int(tokens.neutral[i : i + 2], 16) for i in (1, 3, 5)]
    for middle in (127, 128):
        assert np.abs(table[middle, :3].astype(int) - neutral).max() <= 3
    assert (table[:, 3] == 255).all()


def test_equal_distance_from_zero_is_equally_far_from_neutral():
    table = diverging_map("#d9661f", "#ffffff", "#1f6fd6")[:, :3].astype(float)
    steps = np.linalg.norm(np.diff(table, axis=0), axis=1)
    # No jump anywhere: it is a ramp on both sides.
    assert steps.max() < 6


def test_scalar_map_is_viridis_dark_to_light():
    table = scalar_map()
    assert hexed(table[0]) == "#440154"
    assert hexed(table[-1]) == "#fde725"
    luminance = table[:, :3] @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(luminance) > -0.5).all()


def test_tables_are_read_only_and_made_once():
    assert scalar_map() is scalar_map()
    with pytest.raises(ValueError, match="read-only"):
        scalar_map()[0, 0] = 1
