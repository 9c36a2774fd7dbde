"""What a person can change in a run of the perceptron experiment, and how each change is undone.

Points are named by their creation ids (see :class:`playground.core.points.PointSet`), lines by the
index of their learner. :class:`~playground.experiments.base.SetValue` changes live numbers.

=============== ===========================================================
edit            its inverse
=============== ===========================================================
AddPoints       RemovePoints with the ids they got, which become free again
RemovePoints    RestorePoints with the same ids, at their old places
RestorePoints   RemovePoints
MovePoints      MovePoints back
RelabelPoints   RelabelPoints back
SetWeights      SetWeights back
=============== ===========================================================
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field, InstanceOf, PlainSerializer, model_validator

from playground.core.points import MAX_COORDINATE, PointError, PointSet
from playground.experiments.base import Edit, EditError

MAX_EDITED_POINTS = 100_000
"""A run may hold this many points: what the plane draws without a stutter."""

MAX_NEXT_ID = 4_000_000
"""Ids that a run may give out: a shuffled order draws a number for each of them."""

MAX_WEIGHT = 1e12
"""Largest weight that may be typed or dragged to."""


def _read_points(value: Any) -> Any:
    """Turn the JSON form of a point set into one; anything else goes to pydantic as it is."""
    return PointSet.from_json(value) if isinstance(value, dict) else value


Points = Annotated[
    InstanceOf[PointSet],
    BeforeValidator(_read_points),
    PlainSerializer(
        lambda points: points.to_json(), return_type=dict[str, Any], when_used="always"
    ),
]
"""A point set inside a spec or an edit, written to files as JSON."""

Label = Literal[-1, 1]
Coordinate = Annotated[float, Field(allow_inf_nan=False, ge=-MAX_COORDINATE, le=MAX_COORDINATE)]
Weight = Annotated[float, Field(allow_inf_nan=False, ge=-MAX_WEIGHT, le=MAX_WEIGHT)]
Place = tuple[Coordinate, Coordinate]
PointId = Annotated[int, Field(ge=0, lt=2**62)]


class DataEdit(Edit):
    """A change of the points; every learner goes on from its line."""

    def changed(self, points: PointSet) -> PointSet:
        """Return the points after the edit; raise :class:`EditError` where it is not possible."""
        try:
            after = self._changed(points)
        except PointError as error:
            raise EditError(str(error)) from None
        if len(after) > max(MAX_EDITED_POINTS, len(points)):
            raise EditError(
                f"A run holds at most {MAX_EDITED_POINTS:,} points; this would make {len(after):,}."
            )
        if after.next_id > max(MAX_NEXT_ID, points.next_id):
            raise EditError(
                f"Points of a run are numbered up to {MAX_NEXT_ID:,}: start a new run to add more."
            )
        return after

    def inverse_for(self, points: PointSet) -> DataEdit | None:
        """Return the edit that leads back to ``points``; None where the edit is refused."""
        try:
            return self._inverse_for(points)
        except PointError:
            return None

    def _changed(self, points: PointSet) -> PointSet:
        raise NotImplementedError

    def _inverse_for(self, points: PointSet) -> DataEdit:
        raise NotImplementedError


class AddPoints(DataEdit):
    """Add points with their labels; they get the next free ids, in this order."""

    type: Literal["add_points"] = "add_points"
    xy: tuple[Place, ...] = Field(min_length=1, max_length=MAX_EDITED_POINTS)
    labels: tuple[Label, ...]

    @model_validator(mode="after")
    def _one_label_each(self) -> AddPoints:
        if len(self.xy) != len(self.labels):
            raise ValueError(f"{len(self.xy)} points need as many labels (got {len(self.labels)}).")
        return self

    def describe(self) -> str:
        """Return for example ``“add 3 points”``."""
        return f"add {_points(len(self.xy))}"

    def _changed(self, points: PointSet) -> PointSet:
        return points.added(self.xy, self.labels)

    def _inverse_for(self, points: PointSet) -> DataEdit:
        first = points.next_id
        return RemovePoints(ids=tuple(range(first, first + len(self.xy))), next_id=first)


class RemovePoints(DataEdit):
    """Remove points.

    ``next_id`` is set where an addition is taken back: the ids become free again, so that the
    same addition, done anew, gives its points the same ids.
    """

    type: Literal["remove_points"] = "remove_points"
    ids: tuple[PointId, ...] = Field(min_length=1)
    next_id: PointId | None = None

    def describe(self) -> str:
        """Return for example ``“remove 1 point”``."""
        return f"remove {_points(len(self.ids))}"

    def _changed(self, points: PointSet) -> PointSet:
        left = points.removed(self.ids)
        if self.next_id is None:
            return left
        return PointSet(left.x, left.y, left.ids, self.next_id, left.names, left.classes)

    def _inverse_for(self, points: PointSet) -> DataEdit:
        return RestorePoints(points=points.selected(self.ids))


class RestorePoints(DataEdit):
    """Bring removed points back under their ids, at their old places in the order."""

    type: Literal["restore_points"] = "restore_points"
    points: Points

    def describe(self) -> str:
        """Return for example ``“restore 2 points”``."""
        return f"restore {_points(len(self.points))}"

    def _changed(self, points: PointSet) -> PointSet:
        return points.restored(self.points)

    def _inverse_for(self, points: PointSet) -> DataEdit:
        return RemovePoints(
            ids=tuple(int(point_id) for point_id in self.points.ids), next_id=points.next_id
        )


class MovePoints(DataEdit):
    """Move points to other places; a drag is one edit for every place it comes through."""

    type: Literal["move_points"] = "move_points"
    ids: tuple[PointId, ...] = Field(min_length=1)
    xy: tuple[Place, ...]

    def describe(self) -> str:
        """Return for example ``“move 1 point”``."""
        return f"move {_points(len(self.ids))}"

    def merges_with(self, later: Edit) -> bool:
        """Tell whether the later edit moves the same points again."""
        return isinstance(later, MovePoints) and later.ids == self.ids

    def _changed(self, points: PointSet) -> PointSet:
        return points.moved(self.ids, self.xy)

    def _inverse_for(self, points: PointSet) -> DataEdit:
        places = points.x[points.rows(self.ids)].tolist()
        return MovePoints(ids=self.ids, xy=tuple((x1, x2) for x1, x2 in places))


class RelabelPoints(DataEdit):
    """Give points other labels."""

    type: Literal["relabel_points"] = "relabel_points"
    ids: tuple[PointId, ...] = Field(min_length=1)
    labels: tuple[Label, ...]

    def describe(self) -> str:
        """Return for example ``“change the class of 1 point”``."""
        return f"change the class of {_points(len(self.ids))}"

    def merges_with(self, later: Edit) -> bool:
        """Tell whether the later edit relabels the same points again."""
        return isinstance(later, RelabelPoints) and later.ids == self.ids

    def _changed(self, points: PointSet) -> PointSet:
        return points.relabelled(self.ids, self.labels)

    def _inverse_for(self, points: PointSet) -> DataEdit:
        labels = np.asarray(points.y[points.rows(self.ids)]).tolist()
        return RelabelPoints(ids=self.ids, labels=tuple(labels))


class SetWeights(Edit):
    """Put the line of one learner elsewhere, as by dragging it; in the coordinates of the data."""

    type: Literal["set_weights"] = "set_weights"
    learner: int = Field(ge=0)
    w1: Weight
    w2: Weight
    beta: Weight

    def describe(self) -> str:
        """Return ``“move the line”``."""
        return "move the line"

    def merges_with(self, later: Edit) -> bool:
        """Tell whether the later edit sets the same line again."""
        return isinstance(later, SetWeights) and later.learner == self.learner

    @property
    def line(self) -> tuple[float, float, float]:
        """Return ``(w1, w2, β)``."""
        return self.w1, self.w2, self.beta


def _points(count: int) -> str:
    return "1 point" if count == 1 else f"{count:,} points"
