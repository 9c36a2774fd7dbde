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
