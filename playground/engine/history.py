"""Every number a run ever recorded: append-only columns that a drawing thread may read.

The display never samples this. Rows are only added behind the published length, and growing
replaces the buffers instead of moving rows within them, so a :class:`HistoryView` taken earlier
keeps showing exactly the rows it was taken with, without a copy and without a lock.
"""

from __future__ import annotations

import csv
import io
import mmap
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from playground.experiments.base import Record, Series

FIRST_CAPACITY = 64
MAPPED_BYTES = 2**17
GROWTH = 1.5


@dataclass(frozen=True, slots=True)
class SeriesView:
    """The rows of one series: ``steps`` (n,) int64 and one read-only (n,) array a column."""

    name: str
    steps: NDArray[np.int64]
    columns: Mapping[str, NDArray[Any]]

    def __len__(self) -> int:
        return len(self.steps)

    def rows(self) -> Iterator[tuple[int | float, ...]]:
        """Yield ``(step, value of each column …)`` as plain Python numbers."""
        lists = [self.steps.tolist(), *(column.tolist() for column in self.columns.values())]
        return zip(*lists, strict=True)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Buffers of one series of which the first ``length`` rows are filled for good."""

    steps: NDArray[np.int64]
    columns: tuple[NDArray[Any], ...]
    length: int

    @property
    def nbytes(self) -> int:
        """Bytes of the filled rows."""
        row = self.steps.itemsize + sum(column.itemsize for column in self.columns)
        return self.length * row

    def first(self, length: int) -> _Rows:
        """Return the first rows without room behind them: appending will copy."""
        return _Rows(self.steps[:length], tuple(c[:length] for c in self.columns), length)

    def with_room(self, extra: int) -> _Rows:
        """Return rows with space for ``extra`` more, in new buffers where these are full."""
        needed = self.length + extra
        if needed <= len(self.steps):
            return self
        capacity = max(FIRST_CAPACITY, needed, int(len(self.steps) * GROWTH))
        return _Rows(
            _grown(self.steps, self.length, capacity),
            tuple(_grown(column, self.length, capacity) for column in self.columns),
            self.length,
        )


def _grown(buffer: NDArray[Any], length: int, capacity: int) -> NDArray[Any]:
    grown = _room_for(capacity, buffer.dtype)
    grown[:length] = buffer[:length]
    return grown


def _room_for(count: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return an array to be filled.

    Large ones are mapped by themselves, so that all of one goes back to the system when it is given
    up: in the heap every array is too small for its successor, and the holes that they leave add up
    to twice the history.
    """
    nbytes = count * dtype.itemsize
    if nbytes < MAPPED_BYTES:
        return np.empty(count, dtype=dtype)
    return np.frombuffer(mmap.mmap(-1, nbytes), dtype=dtype, count=count)


@dataclass(frozen=True, slots=True)
class HistoryView:
    """An immutable picture of a history at one moment; costs nothing to take or to keep."""

    _series: Mapping[str, Series]
    _rows: Mapping[str, _Rows]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the series, in the order of their declaration."""
        return tuple(self._series)

    def series(self, name: str) -> SeriesView:
        """Return the rows of a series; raise KeyError if the experiment declares no such one."""
        rows = self._rows[name]
        columns = {
            column: _read_only(buffer, rows.length)
            for column, buffer in zip(self._series[name].columns, rows.columns, strict=True)
        }
        return SeriesView(name, _read_only(rows.steps, rows.length), columns)

    def length(self, name: str) -> int:
        """Return the number of rows of a series."""
        return self._rows[name].length

    def upto(self, name: str, step: int) -> int:
        """Return how many rows of a series were recorded at or before a step."""
        rows = self._rows[name]
        return int(np.searchsorted(rows.steps[: rows.length], step, side="right"))

    def to_csv(self, name: str) -> str:
        """Return a series as CSV with a header; numbers are written so that they read back."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("step", *self._series[name].columns))
        writer.writerows(self.series(name).rows())
        return text.getvalue()


def _read_only(buffer: NDArray[Any], length: int) -> NDArray[Any]:
    view = buffer[:length]
    view.flags.writeable = False
    return view


class History:
    """The recorded series of one run; written by one thread, viewed by any."""

    def __init__(self, series: Iterable[Series]) -> None:
        self._series = {declared.name: declared for declared in series}
        self._rows = {name: _empty(declared) for name, declared in self._series.items()}
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Bytes of the recorded rows; rows shared with another history count in both."""
        return sum(rows.nbytes for rows in self._rows.values())

    def append(self, records: Sequence[Record]) -> None:
        """Add rows; their steps must not fall within a series.

        Raises
        ------
        ValueError
            If a record names no declared series, has another number of values, or comes from an
            earlier step than the last one.
        """
        if not records:
            return
        grouped: dict[str, list[Record]] = {}
        for record in records:
            grouped.setdefault(record.series, []).append(record)
        fresh = {name: self._extended(name, rows) for name, rows in grouped.items()}
        with self._lock:
            self._rows.update(fresh)

    def view(self) -> HistoryView:
        """Return an immutable picture of everything recorded so far."""
        with self._lock:
            return HistoryView(self._series, dict(self._rows))

    def truncated(self, step: int) -> History:
        """Return a history of its own that holds the rows at or before a step.

        The rows are shared until either side grows.
        """
        view = self.view()
        return self._with_lengths({name: view.upto(name, step) for name in self._rows})

    def lengths(self) -> Mapping[str, int]:
        """Return the number of rows of every series, to come back to with :meth:`rolled_back`."""
        return {name: rows.length for name, rows in self._rows.items()}

    def rolled_back(self, lengths: Mapping[str, int]) -> History:
        """Return the history as it was when :meth:`lengths` was asked; itself if unchanged."""
        return self if lengths == self.lengths() else self._with_lengths(lengths)

    def _with_lengths(self, lengths: Mapping[str, int]) -> History:
        copy = History(self._series.values())
        copy._rows = {name: rows.first(lengths[name]) for name, rows in self._rows.items()}
        return copy

    def _extended(self, name: str, records: list[Record]) -> _Rows:
        if name not in self._series:
            raise ValueError(f"The experiment recorded in “{name}”, which it does not declare.")
        width = len(self._series[name].columns)
        if {len(record.values) for record in records} != {width}:
            raise ValueError(f"A record of “{name}” must have {width} values.")
        rows = self._rows[name].with_room(len(records))
        steps = np.array([record.step for record in records], dtype=np.int64)
        last = rows.steps[rows.length - 1] if rows.length else steps[0]
        if np.any(np.diff(steps, prepend=last) < 0):
            raise ValueError(f"The steps of “{name}” must not fall.")
        end = rows.length + len(records)
        rows.steps[rows.length : end] = steps
        values = np.array([record.values for record in records], dtype=np.float64)
        for index, buffer in enumerate(rows.columns):
            buffer[rows.length : end] = values[:, index]
        return _Rows(rows.steps, rows.columns, end)


def _empty(series: Series) -> _Rows:
    columns = tuple(
        np.empty(0, dtype=np.dtype(series.dtype_of(index))) for index in range(len(series.columns))
    )
    return _Rows(np.empty(0, dtype=np.int64), columns, 0)
