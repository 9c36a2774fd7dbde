"""What the arrays of a point set must be: a check returns them clean and read-only, or refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_Scalar = TypeVar("_Scalar", bound=np.generic)

MAX_POINTS = 1_000_000
# Beyond it the squares and products that training forms would leave the range of a float.
MAX_COORDINATE = 1e12
MAX_NAME_LENGTH = 200


class PointError(ValueError):
    """Points were refused; the message is one sentence with what was wrong and what is allowed."""


def check_count(count: int) -> None:
    """Refuse more than `MAX_POINTS` points."""
    if count > MAX_POINTS:
        raise PointError(f"{count:,} points are too many: at most {MAX_POINTS:,} are allowed.")


def coordinates(values: ArrayLike) -> NDArray[np.float64]:
    """Return (n, 2) float64 coordinates, C-contiguous and read-only; a copy where needed."""
    try:
        x = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise PointError("Coordinates must be numbers.") from None
    if x.ndim == 1 and x.size == 0:
        x = x.reshape(0, 2)
    if x.ndim != 2 or x.shape[1] != 2:
        raise PointError(f"Points need two coordinates each, but the shape is {x.shape}.")
    check_count(len(x))
    if x.size and not np.abs(x).max() <= MAX_COORDINATE:
        worst = x[~(np.abs(x) <= MAX_COORDINATE)][0]
        raise PointError(f"A coordinate is {worst:g}, but it must be a number from −10¹² to 10¹².")
    return _frozen(x)


def labels(values: ArrayLike, count: int) -> NDArray[np.int8]:
    """Return (count,) int8 labels −1 and +1, read-only; a copy where needed."""
    given = np.asarray(values)
    if given.shape != (count,):
        raise PointError(f"There are {given.size} labels for {count} points.")
    # Not np.isin, which imports numpy.ma: a twentieth of the time until the window is there.
    if given.dtype.kind not in "iuf" or not ((given == 1) | (given == -1)).all():
        raise PointError("A label must be −1 or +1.")
    return _frozen(given.astype(np.int8, copy=False))


def rising_ids(values: ArrayLike, count: int) -> NDArray[np.int64]:
    """Return (count,) int64 ids from 0 upwards, strictly rising and read-only."""
    given = np.asarray(values)
    if given.shape != (count,):
        raise PointError(f"There are {given.size} ids for {count} points.")
    if count and given.dtype.kind not in "iu":
        raise PointError("Ids must be whole numbers.")
    ids = given.astype(np.int64, copy=False)
    if count and (ids[0] < 0 or (np.diff(ids) <= 0).any()):
        raise PointError("Ids must rise from 0 upwards without repeating.")
    return _frozen(ids)


def two_names(values: object, what: str) -> tuple[str, str]:
    """Return two texts of a readable length."""
    if isinstance(values, (tuple, list)) and len(values) == 2:
        first, second = values
        if isinstance(first, str) and isinstance(second, str):
            if max(len(first), len(second)) <= MAX_NAME_LENGTH:
                return first, second
            raise PointError(f"Names of {what} may have {MAX_NAME_LENGTH} characters at most.")
    raise PointError(f"The names of the {what} must be two texts.")


def _frozen(array: NDArray[_Scalar]) -> NDArray[_Scalar]:
    # A writeable array may belong to the caller, who could change it behind our back.
    if array.flags.writeable or not array.flags.c_contiguous:
        array = array.copy(order="C")
        array.flags.writeable = False
    return array
