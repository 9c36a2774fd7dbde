"""Points from files and into files: CSV, TSV, TXT, NPY and NPZ, and text from the clipboard.

Reading has two steps, because a file may hold more than two numbers and a label: `read_table` finds
the columns, `guess` proposes a choice, and `choose` makes points of the chosen columns, one label
value against the rest. `write_points` writes what `read_table` reads back exactly.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from playground.core.atomic_files import SaveError, write_atomically
from playground.core.points import DEFAULT_CLASSES, MAX_COORDINATE, PointSet
from playground.core.table_arrays import npy_table, npz_table
from playground.core.table_text import text_table
from playground.core.tables import LabelColumn, PointFileError, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

__all__ = [
    "MAX_FILE_BYTES",
    "MAX_POINTS",
    "READABLE",
    "WRITABLE",
    "Choice",
    "LabelColumn",
    "PointFileError",
    "Table",
    "choose",
    "guess",
    "notes_for",
    "parse_text",
    "read_table",
    "write_points",
]

MAX_POINTS = 100_000
"""Rows of a file that are used at most: as many as the plane can show fluently."""

MAX_FILE_BYTES = 2 * 2**30
_MAX_TEXT_CHARACTERS = 50_000_000
_BLOCK_BYTES = 1 << 22
READABLE = (".csv", ".tsv", ".txt", ".npy", ".npz")
WRITABLE = READABLE
_LABEL_NAMES = re.compile(
    r"(class|label|target|y|species|category|kind|type|group|cluster|outcome|diagnosis)(es|s)?",
    re.IGNORECASE,
)
_INDEX_NAMES = re.compile(r"(id|index|idx|row|no|nr|number|unnamed: 0|column 1)", re.IGNORECASE)
_OWN_LABEL = "label"
_POSITIVE_VALUES = ("1", "+1", "true", "yes", "y", "t", "positive", "pos", "+")


class Choice(NamedTuple):
    """Which columns of a table become points.

    Without a label column all points are of the class +1.
    """

    x1: str
    x2: str
    label: str | None = None
    positive: str | None = None
    """The value of the label column that is the class +1; all others are −1."""


def read_table(path: str | Path, *, progress: Callable[[float], None] | None = None) -> Table:
    """Return the columns of a file; what it is, its contents tell and not its name.

    Parameters
    ----------
    path
        A text table (delimiter, decimal comma, header and encoding are found out), an NPY or an
        NPZ file, of 2 GB at most. More than 100,000 rows are sampled evenly, and a note says so.
    progress
        Told the share of the work that is done, 0…1; an exception it raises stops the reading and
        passes through.

    Raises
    ------
    PointFileError
        When it cannot be read as a table with two columns of numbers.
    """
    file = Path(path)
    try:
        if file.is_dir():
            raise PointFileError(f"“{file.name}” is a folder; choose a file.")
        size = file.stat().st_size
        if size > MAX_FILE_BYTES:
            raise PointFileError(f"“{file.name}” has more than 2 GB; save fewer rows.")
        with file.open("rb") as stream:
            beginning = stream.read(8)
        if beginning.startswith(b"\x93NUMPY"):
            return npy_table(file, MAX_POINTS)
        if beginning.startswith(b"PK\x03\x04"):
            return npz_table(file, MAX_POINTS)
        return text_table(lambda: _blocks(file), MAX_POINTS, progress or _nobody, size)
    except PointFileError as error:
        raise PointFileError(_about(file, str(error))) from None
    except FileNotFoundError:
        raise PointFileError(f"There is no file “{file.name}” in “{file.parent}”.") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise PointFileError(f"“{file.name}” cannot be read: {reason}.") from None


def parse_text(text: str) -> Table:
    """Return the columns of a text, as it comes from the clipboard or is dropped.

    Raises
    ------
    PointFileError
        When it is not a table with two columns of numbers, or longer than 50 million characters.
    """
    if len(text) > _MAX_TEXT_CHARACTERS:
        raise PointFileError("The text is too long; save it as a file and open that.")
    content = text.encode("utf-8", errors="replace")
    try:
        return text_table(lambda: iter([content]), MAX_POINTS, _nobody, len(content))
    except PointFileError as error:
        raise PointFileError(_about(None, str(error))) from None


def guess(table: Table) -> Choice:
    """Return the choice that is most likely meant.

    The label is the last column called class, label, species and the like, else the last column of
    words, else the last column where that has few distinct values and two others remain. The
    coordinates are the first two other columns of numbers; one that only counts the rows is passed
    over. The positive value is 1, yes, true and the like, else the last one.
    """
    label = _guessed_label(table)
    coordinates = [name for name in table.numbers if name != label]
    counting = [name for name in coordinates if _only_counts(name, table.numbers[name])]
    if len(coordinates) - len(counting) >= 2:
        coordinates = [name for name in coordinates if name not in counting]
    if len(coordinates) < 2:
        label, coordinates = None, list(table.numbers)
    positive = None if label is None else _guessed_positive(table, label)
    return Choice(coordinates[0], coordinates[1], label, positive)


def choose(
    table: Table, x1: str, x2: str, label: str | None = None, positive: str | None = None
) -> PointSet:
    """Return the points of the chosen columns.

    Parameters
    ----------
    table
        Where they come from. Rows in which a chosen value is missing, or a coordinate is beyond
        10¹² in size, are left out; `notes_for` counts them.
    x1, x2
        The columns of the coordinates.
    label
        The column of the label, or None: then all points are of the class +1.
    positive
        The value of that column that becomes the class +1.

    Raises
    ------
    PointFileError
        When a column or value is not there, or no row is left.
    """
    column = _checked(table, x1, x2, label, positive)
    usable = _usable(table, x1, x2, column)
    if not usable.any():
        raise PointFileError(
            f"No row has usable numbers in “{x1}” and “{x2}”; choose other columns."
        )
    x = np.column_stack([table.numbers[x1], table.numbers[x2]])[usable]
    if column is None or positive is None:
        return PointSet.of(x, np.ones(len(x)), names=(x1, x2))
    code = column.values.index(positive)
    y = np.where(column.codes[usable] == code, 1, -1)
    return PointSet.of(x, y, names=(x1, x2), classes=_class_names(column.values, positive))


def notes_for(table: Table, choice: Choice) -> tuple[str, ...]:
    """Return what a person should know about the points of this choice, a sentence each."""
    column = _checked(table, *choice)
    notes = list(table.notes)
    usable = _usable(table, choice.x1, choice.x2, column)
    left_out = table.count - int(usable.sum())
    if left_out:
        rows = "1 row is" if left_out == 1 else f"{left_out:,} rows are"
        notes.append(f"{rows} left out: a value is missing or beyond 10¹².")
    if column is None:
        notes.append("There is no label column: all points are of the class +1.")
    elif len(present := np.unique(column.codes[usable])) == 1:
        only = column.values[int(present[0])]
        notes.append(f"All rows have the label “{only}”: there is only one class.")
    elif len(column.values) > 2:
        notes.append(
            f"“{choice.positive}” is +1, the other {len(column.values) - 1} labels are −1."
        )
    return tuple(notes)


def write_points(path: str | Path, points: PointSet) -> None:
    """Write the points in the format that the extension of `path` names, whole or not at all.

    Text has the columns x₁, x₂, label (−1 or +1) and, where the classes have names, class, under a
    header; numbers have all their digits. NPY holds an (n, 3) float64 matrix of x₁, x₂ and label;
    NPZ the arrays x, y, names and classes.

    Raises
    ------
    PointFileError
        When the extension is unknown or the file cannot be written; an older file is unchanged.
    """
    file = Path(path)
    match file.suffix.lower():
        case ".csv":
            content = _as_text(points, ",").encode("utf-8")
        case ".tsv" | ".txt":
            content = _as_text(points, "\t").encode("utf-8")
        case ".npy":
            buffer = io.BytesIO()
            np.save(buffer, np.column_stack([points.x, points.y.astype(np.float64)]))
            content = buffer.getvalue()
        case ".npz":
            buffer = io.BytesIO()
            names, classes = np.array(points.names), np.array(points.classes)
            np.savez_compressed(buffer, x=points.x, y=points.y, names=names, classes=classes)
            content = buffer.getvalue()
        case suffix:
            raise PointFileError(
                f"Points are saved as {', '.join(WRITABLE)}, not as “{suffix or file.name}”."
            )
    try:
        write_atomically(file, content)
    except SaveError as error:
        raise PointFileError(str(error)) from error


def _as_text(points: PointSet, delimiter: str) -> str:
    named = points.classes != DEFAULT_CLASSES
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow([*points.names, _OWN_LABEL, *(["class"] if named else [])])
    # tolist gives Python floats, which are written with the shortest digits that read back exactly.
    rows = zip(points.x.tolist(), points.y.tolist(), strict=True)
    if named:
        classes = {-1: points.classes[0], 1: points.classes[1]}
        writer.writerows((*x, label, classes[label]) for x, label in rows)
    else:
        writer.writerows((*x, label) for x, label in rows)
    return text.getvalue()


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            yield block


def _nobody(_: float) -> None:
    """Take the progress nobody asked for."""


def _about(file: Path | None, sentence: str) -> str:
    """Return the sentence with “It” replaced by what it speaks of."""
    subject = "The text" if file is None else f"“{file.name}”"
    if sentence.startswith("It "):
        return subject + sentence[2:]
    return sentence if sentence.startswith(subject) else f"{subject}: {sentence}"


def _checked(
    table: Table, x1: str, x2: str, label: str | None, positive: str | None
) -> LabelColumn | None:
    for name in (x1, x2):
        if name not in table.numbers:
            raise PointFileError(f"There is no column of numbers called “{name}”.")
    if x1 == x2:
        raise PointFileError("The two coordinates must be different columns.")
    if label is None:
        return None
    if label not in table.labels:
        raise PointFileError(f"“{label}” cannot be the label: it has too many different values.")
    column = table.labels[label]
    if positive not in column.values:
        raise PointFileError(f"The label “{label}” never has the value “{positive}”.")
    return column


def _usable(table: Table, x1: str, x2: str, column: LabelColumn | None) -> NDArray[np.bool_]:
    # NaN compares false, so that missing values fall out here too.
    usable: NDArray[np.bool_] = (np.abs(table.numbers[x1]) <= MAX_COORDINATE) & (
        np.abs(table.numbers[x2]) <= MAX_COORDINATE
    )
    return usable if column is None else usable & (column.codes >= 0)


def _class_names(values: tuple[str, ...], positive: str) -> tuple[str, str]:
    if positive == "1" and set(values) <= {"-1", "1"}:
        return DEFAULT_CLASSES
    others = [value for value in values if value != positive]
    negative = others[0] if len(others) == 1 else f"not {positive}"
    return _short(negative), _short(positive)


def _short(name: str) -> str:
    return name if len(name) <= 60 else name[:59] + "…"


def _guessed_label(table: Table) -> str | None:
    signs = _own_signs(table)
    if signs is not None and not (signs.codes == 1).any():
        # Without a point of the class +1, the names of the classes do not tell which of them it is.
        return _OWN_LABEL
    candidates = list(table.labels)
    named = [name for name in candidates if _LABEL_NAMES.fullmatch(name)]
    if {"x", "X"} & table.numbers.keys():
        named = [name for name in named if name not in ("y", "Y")]
    words = [
        name
        for name, column in table.labels.items()
        if name not in table.numbers and len(column.values) > 1
    ]
    # Words beat a number of the same meaning: they also say what the classes are called.
    for preferred in ([name for name in named if name in words], named, words):
        if preferred:
            return preferred[-1]
    last = table.names[-1]
    if last not in candidates or len(table.numbers) < 3:
        return None
    # Three different numbers in four rows are measurements and no classes.
    distinct = len(table.labels[last].values)
    return last if distinct <= max(2, min(10, table.count // 4)) else None


def _guessed_positive(table: Table, label: str) -> str:
    column = table.labels[label]
    signs = _own_signs(table)
    if signs is not None:
        partners = np.unique(column.codes[signs.codes == 1])
        if len(partners) == 1 and partners[0] >= 0:
            return column.values[int(partners[0])]
    usual = [value for value in column.values if value.casefold() in _POSITIVE_VALUES]
    return usual[0] if usual else column.values[-1]


def _own_signs(table: Table) -> LabelColumn | None:
    """Return the column in which our own files say, beside the class names, which class is +1."""
    signs = table.labels.get(_OWN_LABEL)
    return signs if signs is not None and signs.values == ("-1", "1") else None


def _only_counts(name: str, values: NDArray[np.float64]) -> bool:
    """Return whether a column numbers the rows: called so and rising in equal steps."""
    if not _INDEX_NAMES.fullmatch(name) or len(values) < 3:
        return False
    steps = np.diff(values)
    return bool(steps[0] > 0 and (steps == steps[0]).all())
