"""What the plane shows at one moment: the snapshot, what is switched on, and unanswered edits."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from playground.panes.perceptron.plane_points import TRAIN, PointCloud

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.core.points import PointSet
    from playground.experiments.perceptron_snapshot import LearnerView, PerceptronSnapshot
    from playground.panes.perceptron.plane_field import FieldStyle

NO_POINTS = PointCloud(np.empty((0, 2)), np.empty(0, dtype=np.int8), np.empty(0, dtype=np.int8))
NOTHING_WRONG: NDArray[np.bool_] = np.empty(0, dtype=np.bool_)
OUT_OF_SIGHT = 1e15
PATIENCE = 4
"""Versions of the data after which an edit that has not shown up is believed to be refused."""


@dataclass(slots=True)
class PlaneOptions:
    """What is drawn besides points and lines; remembered between sessions."""

    field: FieldStyle = "tint"
    ghosts: bool = True
    margins: bool = False
    reference: bool = False
    rings: bool = True
    normal: bool = True

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}

    def take(self, data: object) -> None:
        """Take over what is of the right type and leave the rest."""
        if not isinstance(data, dict):
            return
        for entry in fields(self):
            value = data.get(entry.name)
            if entry.name == "field":
                self.field = value if value in ("tint", "contours", "none") else self.field
            elif isinstance(value, bool):
                setattr(self, entry.name, value)


@dataclass(slots=True)
class PendingEdits:
    """A person's edits that no snapshot has confirmed yet: shown at once, reconciled later."""

    moved: dict[int, tuple[float, float]] = field(default_factory=dict)
    added: list[tuple[float, float, int]] = field(default_factory=list)
    removed: set[int] = field(default_factory=set)
    held: int | None = None
    """Id of the point in hand; it stays at the pointer until it is let go."""
    _since: int = 0
    _version: int = -1

    @property
    def any(self) -> bool:
        """Tell whether something is shown that no snapshot has confirmed."""
        return bool(self.moved or self.added or self.removed)

    def note(self) -> None:
        """Restart the patience: a new edit was sent."""
        self._since = 0

    def reconcile(self, points: PointSet, version: int) -> None:
        """Forget what a new snapshot confirms, and everything else after a while."""
        if version == self._version:
            return
        self._version = version
        self._since += 1
        late = self._since > PATIENCE
        self.removed = set() if late else {i for i in self.removed if _has(points, i)}
        self.added = [] if late else [p for p in self.added if not _is_there(points, p)]
        self.moved = {
            i: at
            for i, at in self.moved.items()
            if i == self.held or (not late and not _is_at(points, i, at))
        }

    def forget(self) -> None:
        """Show what the snapshot says: an edit was refused or another run was opened."""
        self.moved.clear()
        self.added.clear()
        self.removed.clear()
        self.held = None

    def cloud(self, points: PointSet, parts: NDArray[np.int8]) -> tuple[PointCloud, Any]:
        """Return the points as they are to be seen, and the row of the snapshot of each kept."""
        xy, labels, keep = points.x, points.y, None
        if self.moved:
            xy = xy.copy()
            for identity, place in self.moved.items():
                row = _row(points, identity)
                if row is not None:
                    xy[row] = place
        if self.removed:
            keep = ~np.isin(points.ids, np.fromiter(self.removed, dtype=np.int64))
            xy, labels, parts = xy[keep], labels[keep], parts[keep]
        if self.added:
            new = np.array(self.added, dtype=np.float64)
            xy = np.concatenate([xy, new[:, :2]])
            labels = np.concatenate([labels, new[:, 2].astype(np.int8)])
            parts = np.concatenate([parts, np.full(len(new), TRAIN, dtype=np.int8)])
        return PointCloud(xy, labels, parts), keep


class ShownPoints:
    """The points on screen and which of them are misclassified, put together when asked for.

    A mouse reports several places a frame, and a frame of the run comes in between: neither is
    worth copying 100,000 points. ``layer`` is the points without the one in hand, which lies out of
    sight there; it stays the same through a drag, and so does its picture.

    Attributes
    ----------
    layer_number, ring_number
        Change when the picture of the layer, or of the rings in it, changes.
    """

    def __init__(self, pending: PendingEdits) -> None:
        self.layer_number = 0
        self.ring_number = 0
        self._pending = pending
        self._snapshot: PerceptronSnapshot | None = None
        self._given: NDArray[np.bool_] = NOTHING_WRONG
        self._stale = False
        self._cloud = self._layer = NO_POINTS
        self._keep: NDArray[np.bool_] | None = None
        self._held_row: int | None = None
        self._wrong = self._ringed = NOTHING_WRONG

    def take_points(self, snapshot: PerceptronSnapshot | None) -> None:
        """Show the points of a snapshot, or the present ones after an edit."""
        self._snapshot = snapshot
        self._stale = True

    def take_wrong(self, wrong: NDArray[np.bool_] | None) -> None:
        """Take over which points of the snapshot the loud line misclassifies; None without one."""
        self._given = NOTHING_WRONG if wrong is None else wrong
        self._stale = self._stale or self._given is not self._wrong

    @property
    def cloud(self) -> PointCloud:
        """All points, with the unanswered edits in them."""
        self._refresh()
        return self._cloud

    @property
    def layer(self) -> PointCloud:
        """The points without the one in hand."""
        self._refresh()
        return self._layer

    @property
    def held_row(self) -> int | None:
        """Row of the point in hand."""
        self._refresh()
        return self._held_row

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """(n,) which points are misclassified; those not answered yet are not."""
        self._refresh()
        return self._wrong

    def _refresh(self) -> None:
        if not self._stale or self._snapshot is None:
            return
        self._stale = False
        points = self._snapshot.points
        self._cloud, self._keep = self._pending.cloud(points, self._snapshot.parts)
        held, layer = self._pending.held, self._cloud
        self._held_row = None if held is None or self._keep is not None else _row(points, held)
        if self._held_row is not None:
            xy = layer.xy.copy()
            xy[self._held_row] = OUT_OF_SIGHT
            layer = PointCloud(xy, layer.labels, layer.parts)
        if not layer.equals(self._layer):
            self._layer = layer
            self.layer_number += 1
        self._match_wrong()

    def _match_wrong(self) -> None:
        wrong = self._given
        if self._keep is not None and len(self._keep) == len(wrong):
            wrong = wrong[self._keep]
        missing = len(self._cloud) - len(wrong)
        if missing > 0:
            wrong = np.concatenate([wrong, np.zeros(missing, dtype=np.bool_)])
        self._wrong = wrong
        if self._held_row is not None:
            wrong = wrong.copy()
            wrong[self._held_row] = False
        if not np.array_equal(wrong, self._ringed):
            self.ring_number += 1
            self._ringed = wrong


def selected_view(snapshot: PerceptronSnapshot, selected: int) -> LearnerView | None:
    """Return the learner that is loud: the selected one, else the first that takes part."""
    view = snapshot.learner(selected)
    if view is None and snapshot.learners:
        return snapshot.learners[0]
    return view


def _row(points: PointSet, identity: int) -> int | None:
    row = int(np.searchsorted(points.ids, identity))
    return row if row < len(points.ids) and points.ids[row] == identity else None


def _has(points: PointSet, identity: int) -> bool:
    return _row(points, identity) is not None


def _is_at(points: PointSet, identity: int, place: tuple[float, float]) -> bool:
    row = _row(points, identity)
    return row is None or (points.x[row, 0] == place[0] and points.x[row, 1] == place[1])


def _is_there(points: PointSet, point: tuple[float, float, int]) -> bool:
    # New points stand at the end; older ones need not be searched.
    recent = points.x[-2000:]
    return bool(np.any((recent[:, 0] == point[0]) & (recent[:, 1] == point[1])))
