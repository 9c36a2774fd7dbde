"""Tables from text: CSV, TSV, semicolons, bars or blanks, with or without a header.

What numpy.genfromtxt must be told is found out here: the encoding, the line ends, the delimiter,
the decimal comma, the header. A long file is read in blocks, twice: once to count its lines, once
to pick evenly spaced ones, so that ten million rows never stand in memory together.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from playground.core.tables import (
    MAX_CELLS,
    MAX_COLUMNS,
    PointFileError,
    Table,
    as_number,
    build_table,
    sampled_note,
    spaced_rows,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_HEAD_BYTES = 1 << 18
_MAX_LINE_BYTES = 1 << 20
_SNIFFED_LINES = 50
_BLANKS = " "
# In this order where several fit equally well.
_DELIMITERS = ("\t", ";", ",", "|", _BLANKS)
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_SUSPICIOUS_SHARE = 0.02
# Excel writes it as the first line of a CSV file for its own use.
_SEPARATOR_LINE = re.compile(r'"?sep=.?"?', re.IGNORECASE)
_Numbers = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True)
class Layout:
    """How a text is laid out."""

    delimiter: str
    columns: int
    header: tuple[str, ...] | None


def text_table(
    blocks: Callable[[], Iterator[bytes]],
    max_rows: int,
    progress: Callable[[float], None],
    size: int,
) -> Table:
    """Return the table in a text.

    Parameters
    ----------
    blocks
        Called once for every pass; gives the bytes of the text from the beginning.
    max_rows
        How many rows are kept at most; more are sampled evenly.
    progress
        Told the share of the work that is done, 0…1; may raise to cancel.
    size
        How many bytes there are.

    Raises
    ------
    PointFileError
        When the text is not a table with two columns of numbers.
    """
    head = _head(blocks)
    encoding = _encoding(head)
    translate = _translation(head, encoding)
    head_text = _decoded(_clean_head(head, encoding, translate, whole=size <= len(head)))
    layout = _layout(head_text)

    def passes(share_before: float) -> Iterator[bytes]:
        done = 0
        for block in blocks():
            done += len(block)
            yield block
            progress(min(1.0, share_before + 0.5 * done / max(size, 1)))

    count = _line_count(_clean(passes(0.0), encoding, translate))
    first = _first_data_line(head_text, layout)
    wanted = min(max_rows, max(2, MAX_CELLS // layout.columns))
    targets = spaced_rows(max(0, count - first), wanted) + first
    lines = _picked(_clean(passes(0.5), encoding, translate), targets)
    rows = _rows(_decoded(b"\n".join(lines)), targets, layout)
    names = layout.header or [f"column {index + 1}" for index in range(layout.columns)]
    notes = [sampled_note(count - first, len(rows))] if count - first > wanted else []
    return build_table(names, list(zip(*rows, strict=True)), notes)


def _line_count(blocks: Iterator[bytes]) -> int:
    count, last = 0, b"\n"
    for block in blocks:
        count += block.count(b"\n")
        last = block[-1:] or last
    return count if last == b"\n" else count + 1


def _head(blocks: Callable[[], Iterator[bytes]]) -> bytes:
    head = b""
    for block in blocks():
        head += block[: _HEAD_BYTES - len(head)]
        if len(head) >= _HEAD_BYTES:
            break
    if not head.strip():
        raise PointFileError("It is empty; a table with two columns of numbers is needed.")
    return head


def _encoding(head: bytes) -> str:
    """Return the encoding by its byte-order mark; refuse what is no text at all."""
    for mark, encoding in _UTF16.items():
        if head.startswith(mark):
            return encoding
    control = sum(head.count(code) for code in range(32) if code not in b"\t\n\v\f\r")
    if b"\0" in head or control > _SUSPICIOUS_SHARE * len(head):
        raise PointFileError(
            "It is a binary file, not a table; CSV, TSV, TXT, NPY and NPZ can be read."
        )
    return "utf-8"


def _translation(head: bytes, encoding: str) -> bool:
    """Return whether lines end with a lone carriage return, as on old Macs."""
    sample = head.decode(encoding, errors="ignore")
    return "\r" in sample and "\n" not in sample


def _clean_head(head: bytes, encoding: str, translate: bool, *, whole: bool) -> bytes:
    clean = b"".join(_clean(iter([head]), encoding, translate))
    # The last line may be cut in two.
    return clean if whole or b"\n" not in clean else clean[: clean.rindex(b"\n")]


def _clean(blocks: Iterator[bytes], encoding: str, translate: bool) -> Iterator[bytes]:
    """Yield the blocks as UTF-8, without byte-order mark, with a line feed after every line.

    A carriage return before the line feed stays: it goes when the fields are stripped.
    """
    decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)("replace")
    first = True
    for block in blocks:
        clean = block if decoder is None else decoder.decode(block).encode("utf-8")
        if first:
            clean, first = clean.removeprefix(codecs.BOM_UTF8), False
        yield clean.replace(b"\r", b"\n") if translate else clean


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        # What is not UTF-8 comes from an older Windows program more often than from elsewhere.
        return content.decode("cp1252", errors="replace")


def _is_data(line: str) -> bool:
    content = line.strip()
    return bool(content) and content[0] != "#" and not _SEPARATOR_LINE.fullmatch(content)


def _layout(head: str) -> Layout:
    lines = head.split("\n")
    sample = [line for line in lines if _is_data(line)][:_SNIFFED_LINES]
    if not sample:
        raise PointFileError("It has no rows of data; a table of numbers is needed.")
    delimiter = max(_DELIMITERS, key=lambda candidate: _fitness(candidate, sample))
    rows = _fields(sample, delimiter)
    columns = Counter(map(len, rows)).most_common(1)[0][0]
    if columns < 2:
        raise PointFileError("It has only one column; two columns of numbers are needed.")
    if columns > MAX_COLUMNS:
        raise PointFileError(f"It has {columns:,} columns; at most {MAX_COLUMNS:,} can be read.")
    if len(rows[0]) == columns and _looks_like_header(rows[0], rows[1:]):
        return Layout(delimiter, columns, tuple(rows[0]))
    # numpy.savetxt writes its header as a comment.
    comments = [line.lstrip().lstrip("#") for line in lines[: lines.index(sample[0])]]
    for fields in _fields([line for line in reversed(comments) if line.strip()], delimiter):
        if len(fields) == columns and all(as_number(field) is None for field in fields):
            return Layout(delimiter, columns, tuple(fields))
    return Layout(delimiter, columns, None)


def _fitness(delimiter: str, lines: Sequence[str]) -> tuple[bool, float, float]:
    """Return how well the delimiter fits: more than one column, evenness, share of numbers."""
    rows = _fields(lines, delimiter)
    columns, frequency = Counter(map(len, rows)).most_common(1)[0]
    fields = [field for row in rows for field in row]
    numbers = sum(as_number(field) is not None for field in fields)
    return columns >= 2, frequency / len(rows), numbers / len(fields)


def _looks_like_header(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Return whether the first row names the columns: words where the rows below have numbers."""
    if not rest:
        return all(as_number(field) is None for field in first)
    below = [[as_number(field) for field in column] for column in zip(*rest, strict=False)]
    if any(
        as_number(name) is None and None not in column
        for name, column in zip(first, below, strict=False)
    ):
        return True
    # A stray word in every column must not turn the names into data.
    all_words = all(as_number(field) is None or not field for field in first)
    return all_words and any(number is not None for column in below for number in column)


def _fields(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    if delimiter == _BLANKS:
        return [line.split() for line in lines]
    try:
        reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
        return [[field.strip() for field in row] for row in reader]
    except csv.Error as error:
        raise PointFileError(f"It cannot be read as a table: {error}.") from None


def _first_data_line(head: str, layout: Layout) -> int:
    """Return the number of the line after the header, counted from 0."""
    lines = head.split("\n")
    first = next(index for index, line in enumerate(lines) if _is_data(line))
    header_is_data = layout.header is not None and (
        tuple(_fields([lines[first]], layout.delimiter)[0]) == layout.header
    )
    return first + 1 if header_is_data else first


def _picked(blocks: Iterator[bytes], targets: _Numbers) -> list[bytes]:
    """Return the lines with the numbers `targets`, which rise."""
    picked: list[bytes] = []
    rest, base, next_target = b"", 0, 0
    for block in blocks:
        content = rest + block
        ends = np.flatnonzero(np.frombuffer(content, dtype=np.uint8) == ord("\n"))
        stop = int(np.searchsorted(targets, base + len(ends)))
        here = targets[next_target:stop] - base
        starts = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else ends
        picked += [
            content[a:b] for a, b in zip(starts[here].tolist(), ends[here].tolist(), strict=True)
        ]
        base, next_target = base + len(ends), stop
        rest = content[int(ends[-1]) + 1 :] if len(ends) else content
        if len(rest) > _MAX_LINE_BYTES:
            raise PointFileError("It has a line of more than a million characters; it is no table.")
    if next_target < len(targets):
        picked.append(rest)
    return picked


def _rows(text: str, numbers: _Numbers, layout: Layout) -> list[list[str]]:
    """Return the fields of every row; refuse rows of another length, with their line number."""
    lines = text.split("\n")
    kept = [index for index, line in enumerate(lines) if _is_data(line)]
    rows = _fields([lines[index] for index in kept], layout.delimiter)
    for row_number, row in enumerate(rows):
        if len(row) != layout.columns:
            line = int(numbers[kept[row_number]]) + 1
            raise PointFileError(
                f"Line {line:,} has {len(row)} columns where {layout.columns} were expected; "
                "every row must have as many as the first."
            )
    return rows
