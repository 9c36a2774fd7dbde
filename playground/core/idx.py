"""The IDX format of the MNIST files: arrays of bytes with their shape in front.

    2 bytes 0 · 1 byte type · 1 byte number of dimensions · 4 bytes a dimension · the values

All numbers are big-endian, the last dimension changes fastest. Only bytes (type 8) are read, which
is what images and labels are made of. Files may be packed with gzip.

Source: Y. LeCun, C. Cortes and C. Burges, "The MNIST database of handwritten digits", section "File
formats".
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from typing import TYPE_CHECKING, BinaryIO, Final, cast

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

UNSIGNED_BYTE: Final = 8
MAX_DIMENSIONS: Final = 4
MAX_VALUES: Final = 2**30
_GZIP_MAGIC: Final = b"\x1f\x8b"


class IdxError(ValueError):
    """Says in one sentence why a file is not an IDX file of bytes."""


def read_idx(path: Path, first: int | None = None) -> NDArray[np.uint8]:
    """Return the array in an IDX file, packed or not.

    Parameters
    ----------
    path
        The file.
    first
        Read only so many entries of the first dimension; all of them when None.

    Raises
    ------
    IdxError
        With a sentence that names the file, where it is missing, cut short or something else.
    """
    try:
        with path.open("rb") as probe:
            packed = probe.read(2) == _GZIP_MAGIC
        with path.open("rb") as raw:
            file = gzip.GzipFile(fileobj=raw) if packed else raw
            return _read(cast("BinaryIO", file), path.name, first)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or "it is damaged"
        raise IdxError(f"{path.name} cannot be read: {reason}.") from None


def _read(file: BinaryIO, name: str, first: int | None) -> NDArray[np.uint8]:
    head = file.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] != UNSIGNED_BYTE:
        raise IdxError(f"{name} is not an IDX file of bytes.")
    dimensions = head[3]
    if not 1 <= dimensions <= MAX_DIMENSIONS:
        raise IdxError(f"{name} has {dimensions} dimensions; 1 to {MAX_DIMENSIONS} are read.")
    sizes = file.read(4 * dimensions)
    if len(sizes) < 4 * dimensions:
        raise IdxError(f"{name} is cut short.")
    shape = struct.unpack(f">{dimensions}I", sizes)
    if first is not None:
        shape = (min(first, shape[0]), *shape[1:])
    count = math.prod(shape)
    if count > MAX_VALUES:
        raise IdxError(f"{name} holds {count:,} values; at most {MAX_VALUES:,} are read.")
    values = file.read(count)
    if len(values) < count:
        raise IdxError(f"{name} is cut short: {len(values):,} of {count:,} values are there.")
    return np.frombuffer(values, dtype=np.uint8).reshape(shape)
