"""A table read from a file or the clipboard, and what its columns can be used for.

A column of numbers can be a coordinate. A column with few distinct values, numbers or words, can be
the label. A column can be both: which two coordinates and which label make up the points is a
choice the person confirms.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

MAX_CELLS = 3_000_000
"""Rows × columns held as text while a file is read: about 200 MB."""

MAX_COLUMNS = 2_000
_MAX_NUMBER_LABELS = 20
_MAX_WORD_LABELS = 100
_MAX_NAME_LENGTH = 60
# With fewer numbers than this the column is one of words, with more the rest is taken for mistakes.
_NUMBER_SHARE = 0.9
_MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "missing", "?", "-", "."})
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")


class PointFileError(ValueError):
    """A file or a text was refused; the message is one sentence with the reason and a way out."""


@dataclass(frozen=True, eq=False)
class LabelColumn:
    """A column that could be the label.

    Parameters
    ----------
    values
        Its distinct values as text, sorted; numbers by size.
    codes
        (n,) int32 index into `values` for every row, −1 where the value is missing.
    """

    values: tuple[str, ...]
    codes: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Table:
    """The usable columns of a file.

    Parameters
    ----------
    count
        How many rows.
    names
        The columns in the order of the file.
    numbers
        The columns of numbers by name: (n,) float64, NaN where the value is missing.
    labels
        The columns that could be the label, by name.
    notes
        A sentence for everything that was left out of the file on the way here.
    """

    count: int
    names: tuple[str, ...]
    numbers: Mapping[str, NDArray[np.float64]]
    labels: Mapping[str, LabelColumn]
    notes: tuple[str, ...] = ()


def build_table(
    names: Sequence[str],
    columns: Sequence[NDArray[np.float64] | Sequence[str]],
    notes: Sequence[str] = (),
) -> Table:
    """Return the table of these columns.

    Parameters
    ----------
    names
        What the file calls the columns; missing and repeated names are mended.
    columns
        A float64 array or a sequence of words for each name, all of the same length.
    notes
        What was left out already.

    Raises
    ------
    PointFileError
        When there are no rows or fewer than two columns of numbers.
    """
    count = len(columns[0]) if columns else 0
    if not count:
        raise PointFileError("There are no rows of data; two columns of numbers are needed.")
    numbers: dict[str, NDArray[np.float64]] = {}
    labels: dict[str, LabelColumn] = {}
    sentences = list(notes)
    mended = _mended(names)
    for name, column in zip(mended, columns, strict=True):
        values = column if isinstance(column, np.ndarray) else _numbers(name, column, sentences)
        if values is not None:
            numbers[name] = values
            label = _label_of_numbers(values)
        else:
            label = _label_of_words([word.strip() for word in column])
        if label is not None:
            labels[name] = label
        if values is None and label is None:
            sentences.append(f"Column “{name}” was ignored: neither numbers nor a few classes.")
    if len(numbers) < 2:
        raise PointFileError(
            f"Two columns of numbers are needed, but there {_is_or_are(len(numbers))} in "
            f"{len(columns)} columns and {count:,} rows."
        )
    used = tuple(name for name in mended if name in numbers or name in labels)
    return Table(count, used, numbers, labels, tuple(sentences))


def as_number(text: str) -> float | None:
    """Return the number a field holds, NaN where it says that it is missing, None for a word."""
    word = text.strip()
    if word.casefold() in _MISSING:
        return math.nan
    if _DECIMAL_COMMA.fullmatch(word):
        word = word.replace(",", ".")
    # Python's float also reads 1_000, which no table means.
    if "_" in word:
        return None
    try:
        return float(word.replace("−", "-"))
    except ValueError:
        return None


def spaced_rows(count: int, wanted: int) -> NDArray[np.int64]:
    """Return at most `wanted` row numbers out of `count`, evenly spaced and rising."""
    if count <= wanted:
        return np.arange(count, dtype=np.int64)
    # In whole numbers: floats would round two neighbours to the same row beyond 2⁵³.
    return (np.arange(wanted, dtype=np.int64) * count + count // 2) // wanted


def sampled_note(count: int, kept: int) -> str:
    """Return the sentence that says how much of a long table is used."""
    return f"Of {count:,} rows {kept:,} are used, evenly spaced."


def _numbers(name: str, words: Sequence[str], sentences: list[str]) -> NDArray[np.float64] | None:
    """Return the column as numbers, or None where it is one of words."""
    try:
        # Nearly every column passes here, ten times as fast as word by word.
        values = np.array([float(word) for word in words])
    except ValueError:
        pass
    else:
        if "_" not in "".join(words):
            return values
    parsed = [as_number(word) for word in words]
    strangers = [word for word, number in zip(words, parsed, strict=True) if number is None]
    given = sum(number is None or not math.isnan(number) for number in parsed)
    if given - len(strangers) < max(1, _NUMBER_SHARE * given):
        return None
    if strangers:
        sentences.append(
            f"Column “{name}” has {_entries(len(strangers))} not a number, such as "
            f"“{strangers[0].strip()[:30]}”; taken as missing."
        )
    return np.array([math.nan if number is None else number for number in parsed])


def _label_of_numbers(values: NDArray[np.float64]) -> LabelColumn | None:
    there = np.isfinite(values)
    distinct = np.unique(values[there])
    if not 0 < len(distinct) <= _MAX_NUMBER_LABELS:
        return None
    # A file with points of one class only still says with −1, 0 or 1 which of the two it is.
    for usual in ((-1.0, 1.0), (0.0, 1.0)):
        if np.isin(distinct, usual).all():
            distinct = np.array(usual)
            break
    every = np.full(len(values), -1, dtype=np.int32)
    every[there] = np.searchsorted(distinct, values[there])
    return LabelColumn(tuple(_text_of(float(value)) for value in distinct), every)


def _label_of_words(words: Sequence[str]) -> LabelColumn | None:
    distinct = sorted({word for word in words if word.casefold() not in _MISSING})
    if not 0 < len(distinct) <= _MAX_WORD_LABELS:
        return None
    code = {word: index for index, word in enumerate(distinct)}
    codes = np.array([code.get(word, -1) for word in words], dtype=np.int32)
    # Two long words with the same beginning must stay two classes, so the texts are not shortened.
    return LabelColumn(tuple(distinct), codes)


def _text_of(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _mended(names: Sequence[str]) -> list[str]:
    mended: list[str] = []
    taken: set[str] = set()
    for position, given in enumerate(names, start=1):
        stem = " ".join(given.split())[:_MAX_NAME_LENGTH] or f"column {position}"
        name, repeat = stem, 2
        while name in taken:
            name, repeat = f"{stem} ({repeat})", repeat + 1
        taken.add(name)
        mended.append(name)
    return mended


def _is_or_are(count: int) -> str:
    return "is one" if count == 1 else "are none"


def _entries(count: int) -> str:
    return "an entry that is" if count == 1 else f"{count:,} entries that are"
