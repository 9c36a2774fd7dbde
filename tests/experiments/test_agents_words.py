"""Numbers in sentences about agents."""

from __future__ import annotations

import math

import pytest

from playground.experiments.agents_words import counted, number_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-5, "−5"),
        (236.51, "236.5"),
        (-0.5329, "−0.5329"),
        (-1090.4, "−1,090"),
        (-12_345.6, "−12,346"),
        (1e-5, "1e−05"),
        (math.nan, "nan"),
    ],
)
def test_numbers_have_a_minus_sign_and_no_power_where_it_hides_them(value, text):
    assert number_text(value) == text


def test_one_is_no_plural():
    assert [counted(count, "return") for count in (0, 1, 1200)] == [
        "0 returns", "1 return", "1,200 returns",
    ]  # fmt: skip
