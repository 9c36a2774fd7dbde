from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.ui.number_text import NumberError, format_number, parse_number, range_sentence


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1284, "1,284"),
        (1284.0, "1,284"),
        (-0.05, "−0.05000"),
        (1.345, "1.345"),
        (0.975, "0.9750"),
        (1.23e-7, "1.230×10⁻⁷"),
        (-2.5e12, "−2.500×10¹²"),
        (0.0, "0.000"),
        (0, "0"),
        (999_999.9, "1.000×10⁶"),
        (0.00099996, "0.001000"),
        (math.nan, "not a number"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (np.int64(-12_345), "−12,345"),
        (np.float32(0.5), "0.5000"),
        (2**63 - 1, "9,223,372,036,854,775,807"),
        (10**30, "1.000×10³⁰"),
        (5e-324, "4.941×10⁻³²⁴"),
    ],
)
def test_numbers_as_people_read_them(value, text):
    assert format_number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.02, "0.02"), (1e-3, "0.001"), (5.0, "5"), (1e-7, "1×10⁻⁷"), (0.0, "0"), (1500.0, "1,500")],
)
def test_trimmed_numbers_for_fields(value, text):
    assert format_number(value, 6, trim=True) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.02", 0.02),
        ("0,02", 0.02),
        ("0,125", 0.125),
        (" 1e-3 ", 1e-3),
        ("1,284", 1284),
        ("1,284.5", 1284.5),
        ("−5", -5),
        ("1.2×10⁻³", 1.2e-3),
        ("2x10^3", 2000),
        ("10^-4", 1e-4),
        ("9223372036854775807", 2**63 - 1),
        ("1 000", 1000),
    ],
)
def test_what_people_type(text, value):
    assert parse_number(text) == value


@pytest.mark.parametrize("text", ["", "abc", "1_0", "nan", "inf", "1,2,3", "1e999", "--1", "0x10"])
def test_what_is_no_number_is_quoted(text):
    with pytest.raises(NumberError, match="is not a number; write it like"):
        parse_number(text)


def test_a_long_text_is_not_repeated_whole():
    with pytest.raises(NumberError) as caught:
        parse_number("y" * 1000)
    assert len(str(caught.value)) < 100


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300))
def test_four_digits_survive_a_round_trip(value):
    assert parse_number(format_number(value)) == pytest.approx(value, rel=1e-3, abs=1e-323)


@given(st.integers(-(10**19) + 1, 10**19 - 1))
def test_whole_numbers_survive_exactly(value):
    assert parse_number(format_number(value)) == value


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_a_sentence(text):
    try:
        value = parse_number(text)
    except NumberError:
        return
    assert math.isfinite(value)


@pytest.mark.parametrize(
    ("low", "high", "integer", "sentence"),
    [
        (0, 1, False, "α must be a number from 0 to 1."),
        (1, None, True, "α must be a whole number, at least 1."),
        (None, 1000, False, "α must be a number, at most 1,000."),
        (None, None, True, "α must be a whole number."),
    ],
)
def test_the_range_in_words(low, high, integer, sentence):
    assert range_sentence("α", low, high, integer=integer) == sentence
