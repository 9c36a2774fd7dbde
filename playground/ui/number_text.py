"""Numbers as a person reads and types them: four significant digits, 1,284, −0.0500, 1.23×10⁻⁷."""

from __future__ import annotations

import math
import re
from typing import SupportsFloat

import numpy as np

MINUS = "−"
NOT_A_NUMBER = "not a number"
# Fixed notation stays readable between these; beyond, powers of ten say more.
SMALLEST_FIXED = 1e-4
LARGEST_FIXED = 1e6
LARGEST_WHOLE = 10**19

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_DIGITS = str.maketrans("⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹", "-+0123456789")
_POWER = re.compile(r"[×x*·]10(?:\^|\*\*)?([-+]?\d+)$")
# Longer runs of digits are no seeds or counts; as a float they still are numbers.
_WHOLE = re.compile(r"^[-+]?\d{1,40}$")
_GROUPED = re.compile(r"^[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$")


class NumberError(ValueError):
    """Says in one sentence why a text is no number that is allowed here."""


def format_number(x: SupportsFloat, digits: int = 4, *, trim: bool = False) -> str:
    """Return a number as text a person reads.

    Whole numbers (int, bool, NumPy integers) are exact with thousands separators; floats get
    ``digits`` significant digits, in powers of ten outside 10⁻⁴ … 10⁶.

    Parameters
    ----------
    x
        Any real number; NaN is ``"not a number"``, infinities are ``"∞"`` and ``"−∞"``.
    digits
        Significant digits of floats, at least 1.
    trim
        Drop trailing zeros after the point: for fields a person types into.
    """
    if isinstance(x, (int, np.integer)) and abs(int(x)) < LARGEST_WHOLE:
        return f"{int(x):,}".replace("-", MINUS)
    value = float(x)
    if math.isnan(value):
        return NOT_A_NUMBER
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    if value == 0.0:
        return "0" if trim else f"{0:.{max(0, digits - 1)}f}"
    mantissa, power = f"{abs(value):.{digits - 1}e}".split("e")
    exponent = int(power)
    if SMALLEST_FIXED <= 10.0**exponent < LARGEST_FIXED:
        text = f"{abs(value):,.{max(0, digits - 1 - exponent)}f}"
        text = _trimmed(text) if trim else text
    else:
        mantissa = _trimmed(mantissa) if trim else mantissa
        text = f"{mantissa}×10{str(exponent).translate(_SUPERSCRIPTS)}"
    return f"{MINUS}{text}" if value < 0 else text


def parse_number(text: str) -> float:
    """Return the number a person typed; inverse of :func:`format_number`, exact for whole numbers.

    Understood are ``0.02``, ``0,02``, ``1,284``, ``1e-3``, ``1.2×10⁻³``, ``−5`` and ``10^-4``.

    Raises
    ------
    NumberError
        If the text is no finite number; the sentence quotes it.
    """
    plain = text.strip().replace(MINUS, "-").replace("\u202f", "").replace(" ", "")
    plain = plain.translate(_DIGITS)
    if _GROUPED.match(plain):
        plain = plain.replace(",", "")
    elif plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    plain = re.sub(r"^([-+]?)10(?:\^|\*\*)([-+]?\d+)$", r"\g<1>1e\2", plain)
    plain = _POWER.sub(r"e\1", plain)
    if _WHOLE.match(plain):
        return int(plain)
    try:
        value = float(plain) if "_" not in plain else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        shown = text.strip() if len(text.strip()) <= 24 else f"{text.strip()[:24]}…"
        raise NumberError(f"“{shown}” is not a number; write it like 0.02, 1e-3 or 1,284.")
    return value


def range_sentence(
    name: str, minimum: float | None, maximum: float | None, *, integer: bool = False
) -> str:
    """Return the sentence that says what is allowed for a value."""
    noun = "a whole number" if integer else "a number"
    low, high = (
        None if bound is None else format_number(int(bound) if integer else bound, trim=True)
        for bound in (minimum, maximum)
    )
    if low is not None and high is not None:
        return f"{name} must be {noun} from {low} to {high}."
    if low is not None:
        return f"{name} must be {noun}, at least {low}."
    if high is not None:
        return f"{name} must be {noun}, at most {high}."
    return f"{name} must be {noun}."


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
