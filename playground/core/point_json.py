"""Point sets as JSON values: readable when small, packed when large, distrustful when read back.

    {"count": 2, "next_id": 2, "names": [...], "classes": [...],
     "x": [[0.5, 1.0], [2.0, 3.0]], "y": [1, -1]}

Up to `MAX_PLAIN` points the arrays are plain lists; JSON carries Python's shortest exact decimals,
so nothing is rounded. Above, every array is base64 of zlib of its little-endian bytes. `ids` is
left out where it would only count 0, 1, 2, …
"""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from playground.core import point_checks
from playground.core.point_checks import MAX_POINTS, PointError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.core.points import PointSet

MAX_PLAIN = 64
_MAX_ID = 2**62
_FIELDS = {"count", "next_id", "names", "classes", "x", "y", "ids"}


class Fields(TypedDict):
    """The arguments a point set is made from."""

    x: NDArray[np.float64]
    y: NDArray[np.int8]
    ids: NDArray[np.int64]
    next_id: int
    names: tuple[str, str]
    classes: tuple[str, str]


def encoded(points: PointSet) -> dict[str, object]:
    """Return the JSON values of `points`."""
    pack = _plain if len(points) <= MAX_PLAIN else _packed
    values: dict[str, object] = {
        "count": len(points),
        "next_id": points.next_id,
        "names": list(points.names),
        "classes": list(points.classes),
        "x": pack(points.x),
        "y": pack(points.y),
    }
    if not np.array_equal(points.ids, np.arange(len(points))):
        values["ids"] = pack(points.ids)
    return values


def decoded(data: object) -> Fields:
    """Return what `encoded` was given.

    Raises
    ------
    PointError
        When `data` is anything else; the sentence says what is wrong. Never more memory is taken
        than the stated number of points needs, whatever the packed bytes unfold to.
    """
    if not isinstance(data, dict):
        raise PointError("Points must be stored as a JSON object.")
    unknown = sorted(str(key)[:40] for key in data if key not in _FIELDS)
    if unknown:
        raise PointError(f"Stored points have an unknown entry “{unknown[0]}”.")
    count = _whole(data.get("count"), "count", MAX_POINTS)
    next_id = _whole(data.get("next_id"), "next_id", _MAX_ID)
    ids = np.arange(count) if "ids" not in data else _array(data["ids"], "ids", "<i8", (count,))
    return Fields(
        x=point_checks.coordinates(_array(data.get("x"), "x", "<f8", (count, 2))),
        y=point_checks.labels(_array(data.get("y"), "y", "<i1", (count,)), count),
        ids=point_checks.rising_ids(ids, count),
        next_id=next_id,
        names=point_checks.two_names(data.get("names"), "coordinates"),
        classes=point_checks.two_names(data.get("classes"), "classes"),
    )


def _plain(array: NDArray[np.generic]) -> object:
    return array.tolist()


def _packed(array: NDArray[np.generic]) -> object:
    little_endian = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return base64.b64encode(zlib.compress(little_endian.tobytes(), 6)).decode("ascii")


def _whole(value: object, name: str, largest: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= largest:
        raise PointError(f"“{name}” must be a whole number from 0 to {largest:,}.")
    return value


def _array(
    value: object, name: str, dtype: str, shape: tuple[int, ...]
) -> NDArray[np.float64] | NDArray[np.int64] | NDArray[np.int8]:
    if isinstance(value, str):
        array = np.frombuffer(
            _unpacked(value, name, np.dtype(dtype).itemsize * _size(shape)), dtype
        )
        return array.reshape(shape).astype(np.dtype(dtype).newbyteorder("="))
    if not isinstance(value, list):
        raise PointError(f"“{name}” must be a list or a packed text.")
    if len(value) != shape[0]:
        raise PointError(f"“{name}” has {len(value):,} entries for {shape[0]:,} points.")
    rows = value if len(shape) == 1 else _flat_pairs(value, name)
    allowed = (int, float) if dtype == "<f8" else (int,)
    if any(isinstance(item, bool) or not isinstance(item, allowed) for item in rows):
        raise PointError(f"“{name}” must hold numbers only.")
    try:
        return np.array(rows, dtype=dtype).reshape(shape)
    except (OverflowError, ValueError):
        raise PointError(f"“{name}” holds a number that is too large.") from None


def _flat_pairs(rows: list[object], name: str) -> list[object]:
    flat: list[object] = []
    for row in rows:
        if not isinstance(row, list) or len(row) != 2:
            raise PointError(f"“{name}” must hold pairs of numbers.")
        flat += row
    return flat


def _size(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape))


def _unpacked(text: str, name: str, size: int) -> bytes:
    """Return exactly `size` bytes out of base64 of zlib, or refuse."""
    wrong = PointError(f"“{name}” is damaged: it does not unpack to the stated number of points.")
    try:
        unpacker = zlib.decompressobj()
        # One byte more than wanted is enough to see that there is too much: a bomb stays unlit.
        content = unpacker.decompress(base64.b64decode(text, validate=True), size + 1)
    except (binascii.Error, zlib.error, ValueError):
        raise wrong from None
    if len(content) != size or not unpacker.eof or unpacker.unused_data:
        raise wrong
    return content
