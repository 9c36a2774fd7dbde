"""Labelled points in the plane, the way they are split into parts, and their standardisation.

A `PointSet` never changes: every edit returns a new one. Its rows are ordered by creation id, so an
id says both which point is meant and where it belongs; a removed point that comes back finds its
old place, and every edit has an exact inverse:

    added ↔ removed        removed ↔ restored        moved ↔ moved        relabelled ↔ relabelled
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from playground.core import point_checks, point_json
from playground.core.point_checks import MAX_COORDINATE, MAX_POINTS, PointError
from playground.core.splits import PART_NAMES, SPLITS, Split, split_named, split_parts
from playground.core.standardiser import Standardiser

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "DEFAULT_CLASSES",
    "DEFAULT_NAMES",
    "MAX_COORDINATE",
    "MAX_POINTS",
    "PART_NAMES",
    "SPLITS",
    "Bounds",
    "PointError",
    "PointSet",
    "Split",
    "Standardiser",
    "split_named",
    "split_parts",
]

DEFAULT_NAMES = ("x₁", "x₂")
DEFAULT_CLASSES = ("−1", "+1")


class Bounds(NamedTuple):
    """The smallest upright rectangle around the points."""

    x1_min: float
    x1_max: float
    x2_min: float
    x2_max: float


@dataclass(frozen=True, eq=False)
class PointSet:
    """Points of the plane with labels −1 and +1; make one with `PointSet.of`.

    Parameters
    ----------
    x
        (n, 2) float64 coordinates, finite, at most 10¹² in size; read-only.
    y
        (n,) int8 labels, each −1 or +1; read-only.
    ids
        (n,) int64 creation ids, rising; read-only. A point keeps its id for life.
    next_id
        The id of the next point that is added, larger than every id given so far.
    names
        What the two coordinates are called.
    classes
        What the classes −1 and +1 are called, in this order.

    Raises
    ------
    PointError
        When anything of the above does not hold.
    """

    x: NDArray[np.float64]
    y: NDArray[np.int8]
    ids: NDArray[np.int64]
    next_id: int
    names: tuple[str, str] = DEFAULT_NAMES
    classes: tuple[str, str] = DEFAULT_CLASSES

    def __post_init__(self) -> None:
        x = point_checks.coordinates(self.x)
        object.__setattr__(self, "x", x)
        object.__setattr__(self, "y", point_checks.labels(self.y, len(x)))
        object.__setattr__(self, "ids", point_checks.rising_ids(self.ids, len(x)))
        object.__setattr__(self, "names", point_checks.two_names(self.names, "coordinates"))
        object.__setattr__(self, "classes", point_checks.two_names(self.classes, "classes"))
        if len(x) and self.next_id <= self.ids[-1]:
            raise PointError("The next id must be larger than the ids of all points.")

    @classmethod
    def of(
        cls,
        x: ArrayLike,
        y: ArrayLike,
        names: tuple[str, str] = DEFAULT_NAMES,
        classes: tuple[str, str] = DEFAULT_CLASSES,
    ) -> PointSet:
        """Return new points with the ids 0…n−1; the arrays are copied."""
        x = point_checks.coordinates(x)
        return cls(x, point_checks.labels(y, len(x)), np.arange(len(x)), len(x), names, classes)

    @classmethod
    def empty(
        cls,
        names: tuple[str, str] = DEFAULT_NAMES,
        classes: tuple[str, str] = DEFAULT_CLASSES,
    ) -> PointSet:
        """Return a set without points."""
        return cls.of(np.empty((0, 2)), np.empty(0), names, classes)

    def __len__(self) -> int:
        return len(self.y)

    @property
    def nbytes(self) -> int:
        """The memory of the arrays, in bytes."""
        return self.x.nbytes + self.y.nbytes + self.ids.nbytes

    def bounds(self) -> Bounds:
        """Return the rectangle around the points; −1…1 both ways when there are none."""
        if not len(self):
            return Bounds(-1.0, 1.0, -1.0, 1.0)
        (x1_min, x2_min), (x1_max, x2_max) = self.x.min(axis=0), self.x.max(axis=0)
        return Bounds(float(x1_min), float(x1_max), float(x2_min), float(x2_max))

    def equals(self, other: PointSet) -> bool:
        """Return whether both hold the same points, labels, ids and names, bit for bit.

        `next_id` is left out of it: adding a point and removing it again gives an equal set.
        """
        return (
            self.names == other.names
            and self.classes == other.classes
            and np.array_equal(self.ids, other.ids)
            and np.array_equal(self.y, other.y)
            and self.x.tobytes() == other.x.tobytes()
        )

    def rows(self, ids: ArrayLike) -> NDArray[np.intp]:
        """Return the rows in which the points with these ids stand.

        Raises
        ------
        PointError
            When an id is not there or is named twice.
        """
        wanted = np.atleast_1d(np.asarray(ids))
        if not wanted.size:
            return np.empty(0, dtype=np.intp)
        if wanted.ndim != 1 or wanted.dtype.kind not in "iu":
            raise PointError("Points are named by a list of whole-number ids.")
        rows = np.searchsorted(self.ids, wanted)
        there = rows < len(self.ids)
        there[there] = self.ids[rows[there]] == wanted[there]
        if not there.all():
            raise PointError(f"There is no point with the id {wanted[~there][0]}.")
        if len(np.unique(rows)) != len(rows):
            raise PointError("The same point is named twice.")
        return rows

    def selected(self, ids: ArrayLike) -> PointSet:
        """Return only the points with these ids, in the order of the set."""
        rows = np.sort(self.rows(ids))
        return replace(self, x=self.x[rows], y=self.y[rows], ids=self.ids[rows])

    def added(self, x: ArrayLike, y: ArrayLike) -> PointSet:
        """Return the set with new points at its end; they get the ids from `next_id` on.

        Parameters
        ----------
        x
            (k, 2) coordinates, or (2,) for one point.
        y
            (k,) labels, or one label for all.
        """
        points = point_checks.coordinates(np.atleast_2d(np.asarray(x)))
        labels = point_checks.labels(_one_for_each(y, len(points)), len(points))
        ids = np.arange(self.next_id, self.next_id + len(points))
        point_checks.check_count(len(self) + len(points))
        return replace(
            self,
            x=np.concatenate([self.x, points]),
            y=np.concatenate([self.y, labels]),
            ids=np.concatenate([self.ids, ids]),
            next_id=self.next_id + len(points),
        )

    def moved(self, ids: ArrayLike, xy: ArrayLike) -> PointSet:
        """Return the set with these points at the places `xy`, (k, 2) or (2,) for one point."""
        rows = self.rows(ids)
        places = point_checks.coordinates(np.atleast_2d(np.asarray(xy)))
        if len(places) != len(rows):
            raise PointError(f"{len(rows)} points cannot move to {len(places)} places.")
        x = self.x.copy()
        x[rows] = places
        return replace(self, x=x)

    def relabelled(self, ids: ArrayLike, label: ArrayLike) -> PointSet:
        """Return the set with other labels for these points: one for all, or one for each."""
        rows = self.rows(ids)
        y = self.y.copy()
        y[rows] = point_checks.labels(_one_for_each(label, len(rows)), len(rows))
        return replace(self, y=y)

    def removed(self, ids: ArrayLike) -> PointSet:
        """Return the set without these points; `selected` with the same ids keeps them."""
        keep = np.ones(len(self), dtype=bool)
        keep[self.rows(ids)] = False
        return replace(self, x=self.x[keep], y=self.y[keep], ids=self.ids[keep])

    def restored(self, others: PointSet) -> PointSet:
        """Return the set with removed points back under their ids and in their old places.

        Parameters
        ----------
        others
            What `selected` gave before the points were removed.

        Raises
        ------
        PointError
            When a point with one of these ids is there already.
        """
        if np.isin(others.ids, self.ids).any():
            raise PointError("A point with that id is there already.")
        point_checks.check_count(len(self) + len(others))
        ids = np.concatenate([self.ids, others.ids])
        order = np.argsort(ids, kind="stable")
        return replace(
            self,
            x=np.concatenate([self.x, others.x])[order],
            y=np.concatenate([self.y, others.y])[order],
            ids=ids[order],
            next_id=max(self.next_id, int(ids[order[-1]]) + 1 if len(ids) else 0),
        )

    def to_json(self) -> dict[str, object]:
        """Return the set as JSON values, compact and exact; see `playground.core.point_json`."""
        return point_json.encoded(self)

    @classmethod
    def from_json(cls, data: object) -> PointSet:
        """Return the set that `to_json` wrote.

        Parameters
        ----------
        data
            What a JSON reader made of the text; it may come from anywhere and is not trusted.

        Raises
        ------
        PointError
            When it is not such a set; the sentence says what is wrong.
        """
        return cls(**point_json.decoded(data))


def _one_for_each(value: ArrayLike, count: int) -> ArrayLike:
    given = np.asarray(value)
    return np.full(count, given) if given.ndim == 0 else given
