"""Tables from numpy's own files: one array (NPY) or several (NPZ), plain, named or structured.

Nothing is ever unpickled: an array of Python objects is refused, because loading one may run code.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from playground.core.tables import (
    MAX_CELLS,
    MAX_COLUMNS,
    PointFileError,
    Table,
    build_table,
    sampled_note,
    spaced_rows,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_MAX_UNPACKED_BYTES = 2**30
_NUMBER_KINDS = "biuf"
_WORD_KINDS = "US"


def npy_table(path: Path, max_rows: int) -> Table:
    """Return the table in an NPY file: a matrix with a column each, or a structured array."""
    try:
        # Mapped, not read: of a long array only the rows that are kept come into memory.
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # numpy's parser of a hostile header may raise nearly anything
        raise _refusal(error) from None
    return _sampled(_columns_of("", array), max_rows)


def npz_table(path: Path, max_rows: int) -> Table:
    """Return the table in an NPZ file; arrays of another length than the matrix are ignored."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if "[Content_Types].xml" in names:
            raise PointFileError("It is an Excel workbook; save the sheet as CSV and open that.")
        if not names or not all(name.endswith(".npy") for name in names):
            raise PointFileError("It is a zip file without numpy arrays; an NPZ file is needed.")
        if unpacked > _MAX_UNPACKED_BYTES:
            raise PointFileError("It unpacks to more than 1 GB; save fewer rows.")
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: np.asarray(file[name]) for name in file.files}
    except Exception as error:  # as above, and the unpacking of a damaged or locked zip
        raise _refusal(error) from None
    return _joined(arrays, max_rows)


def _refusal(error: Exception) -> PointFileError:
    if isinstance(error, PointFileError):
        return error
    if "allow_pickle" in str(error) or "Python objects" in str(error):
        return PointFileError("It holds Python objects, which are not safe to load; save numbers.")
    return PointFileError("It is damaged: numpy cannot read it.")


def _joined(arrays: dict[str, NDArray[Any]], max_rows: int) -> Table:
    arrays = _with_our_names(arrays)
    shaped = {name: array for name, array in arrays.items() if array.ndim in (1, 2) and len(array)}
    if not shaped:
        raise PointFileError("It holds no array with rows and columns.")
    matrices = [len(array) for array in shaped.values() if array.ndim == 2]
    rows = max(matrices) if matrices else Counter(map(len, shaped.values())).most_common(1)[0][0]
    columns: list[tuple[str, NDArray[Any]]] = []
    notes = []
    for name, array in shaped.items():
        if len(array) == rows:
            columns += _columns_of(name, array)
        else:
            notes.append(
                f"Array “{name[:40]}” was ignored: {len(array):,} rows instead of {rows:,}."
            )
    return _sampled(columns, max_rows, notes)


def _with_our_names(arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the columns of one of our own files under their names; other files as they are."""
    if arrays.keys() != {"x", "y", "names", "classes"}:
        return arrays
    x, y, names, classes = (arrays[key] for key in ("x", "y", "names", "classes"))
    if x.ndim != 2 or x.shape[1] != 2 or y.shape != x.shape[:1] or y.dtype.kind not in "if":
        return arrays
    if any(pair.shape != (2,) or pair.dtype.kind != "U" for pair in (names, classes)):
        return arrays
    first, second = (str(name) for name in names)
    if first == second or {first, second} & {"label", "class"}:
        first, second = "x 1", "x 2"
    return {first: x[:, 0], second: x[:, 1], "label": y, "class": classes[(y > 0).astype(int)]}


def _columns_of(name: str, array: NDArray[Any]) -> list[tuple[str, NDArray[Any]]]:
    """Return the columns of one array with their names, nothing copied."""
    if array.dtype.names is not None:
        if array.ndim != 1:
            raise PointFileError(f"A structured array must have one dimension, not {array.ndim}.")
        fields = [(field, array[field]) for field in array.dtype.names]
        columns = [(field, column) for field, column in fields if column.ndim == 1]
    elif array.ndim == 1 and name:
        columns = [(name, array)]
    elif array.ndim == 2:
        prefix = f"{name} " if name else "column "
        columns = [(f"{prefix}{index + 1}", array[:, index]) for index in range(array.shape[1])]
    else:
        raise PointFileError(
            f"The array has the shape {array.shape}; rows and at least two columns are needed."
        )
    if len(columns) > MAX_COLUMNS:
        raise PointFileError(
            f"It has {len(columns):,} columns; at most {MAX_COLUMNS:,} can be read."
        )
    for _, column in columns:
        if column.dtype.kind not in _NUMBER_KINDS + _WORD_KINDS:
            raise PointFileError(f"It holds values of the kind {column.dtype}; numbers are needed.")
    return columns


def _sampled(
    columns: list[tuple[str, NDArray[Any]]], max_rows: int, notes: Sequence[str] = ()
) -> Table:
    count = len(columns[0][1]) if columns else 0
    kept = spaced_rows(count, min(max_rows, max(2, MAX_CELLS // max(1, len(columns)))))
    sentences = list(notes)
    if len(kept) < count:
        sentences.append(sampled_note(count, len(kept)))
    return build_table(
        [name for name, _ in columns], [_values(column[kept]) for _, column in columns], sentences
    )


def _values(column: NDArray[Any]) -> NDArray[np.float64] | list[str]:
    if column.dtype.kind == "S":
        return [word.decode("utf-8", errors="replace") for word in column.tolist()]
    if column.dtype.kind == "U":
        return [str(word) for word in column.tolist()]
    return np.asarray(column, dtype=np.float64)
