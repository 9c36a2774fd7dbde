"""The race as one item of a plot: ground, trails and marks, painted in pixels of the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgGenerator
from typing_extensions import override

from playground.experiments.optimizers_snapshot import Standing, lane_series
from playground.panes.optimizers.lane_colours import lane_colour
from playground.panes.optimizers.map_field import FieldPicture
from playground.panes.optimizers.map_key import MapKey
from playground.panes.optimizers.map_marks import (
    MapOptions,
    paint_arrows,
    paint_head,
    paint_minima,
    paint_name,
    paint_start,
)
from playground.panes.optimizers.map_place import MapPlace
from playground.panes.optimizers.trails import (
    Shading,
    Trail,
    TrailPicture,
    horizon_of,
    paint_trail,
)

if TYPE_CHECKING:
    from playground.core.surfaces.surface import Surface
    from playground.engine.frames import Frame
    from playground.engine.history import HistoryView
    from playground.experiments.optimizers_snapshot import (
        LaneView,
        OptimizerRaceSnapshot,
        Pair,
    )

LOUD_WIDTH, QUIET_WIDTH, MEMORY_WIDTH = 3.0, 1.8, 1.2
DIVERGED_STRENGTH, FUTURE_STRENGTH, GHOST_STRENGTH = 0.4, 0.3, 0.24


class RaceLayer(pg.GraphicsObject):
    """Everything inside the axes of the map."""

    def __init__(self, box: pg.ViewBox) -> None:
        super().__init__()
        self.options = MapOptions()
        self.field = FieldPicture()
        self.surface: Surface | None = None
        self.held_start: tuple[Pair, int | None] | None = None
        """Where a start is being dragged to, and the colour of its lane (None: it is common)."""
        self._box = box
        self._lanes: tuple[LaneView, ...] = ()
        self._selected = -1
        self._start: Pair | None = None
        self._own_starts: list[tuple[int, Pair]] = []
        self._trails: list[Trail] = []
        self._future: list[Trail] = []
        self._ghosts: list[Trail] = []
        self._keys: tuple[object, object, object] = (None, None, None)
        self._rounds = 0
        self._key = MapKey()
        self._pouring = False
        self._pictures = {name: TrailPicture() for name in ("ghost", "future", "quiet", "loud")}

    @property
    def lanes(self) -> tuple[LaneView, ...]:
        """The lanes as they are shown."""
        return self._lanes

    @property
    def start(self) -> Pair | None:
        """Where the lanes without a start of their own begin."""
        return self._start

    @property
    def pictures(self) -> dict[str, TrailPicture]:
        """The kept pictures of the trails by what they show."""
        return self._pictures

    def show_surface(self, surface: Surface, start: Pair, *, log: bool) -> None:
        """Show a surface without a race."""
        self.surface = surface
        self.field.show_surface(surface, log)
        if not self._lanes:
            self._start = start
        self.update()

    def show_race(self, frame: Frame, snapshot: OptimizerRaceSnapshot, selected: int) -> None:
        """Show the race as it stands; trails are painted when the item is."""
        self._lanes, self._selected = snapshot.lanes, selected
        self._start, self._rounds = snapshot.start, snapshot.step
        spec = snapshot.spec
        self._own_starts = [
            (view.colour, own)
            for view in snapshot.lanes
            if spec.starts_count and (own := spec.lanes[view.index].start) is not None
        ]
        self._pouring = frame.transport.pours
        history = frame.history
        self._trails = [
            _trail(history, view, snapshot.step, selected) for view in reversed(self._order())
        ]
        behind = snapshot.step < frame.transport.frontier
        self._future = [_memory(history, view, FUTURE_STRENGTH) for view in self._lanes if behind]
        ghost = frame.ghost
        self._ghosts = []
        if ghost is not None:
            names = set(ghost.names)
            self._ghosts = [
                _memory(ghost, view, GHOST_STRENGTH)
                for view in self._lanes
                if lane_series(view.index) in names
            ]
        self._keys = (
            frame.run_id,
            (frame.run_id, frame.transport.frontier),
            (frame.run_id, sum(len(trail.x) for trail in self._ghosts)),
        )
        self.update()

    def place(self) -> MapPlace:
        """Return where the map lies in the scene, in pixels."""
        (x0, x1), (y0, y1) = self._box.viewRange()
        rect = self._box.sceneBoundingRect()
        return MapPlace(x0, x1, y0, y1, rect.left(), rect.top(), rect.width(), rect.height())

    @override
    def boundingRect(self) -> QRectF:
        # All that can be seen: the item paints whatever the axes show.
        return QRectF(self.viewRect())

    @override
    def viewTransformChanged(self) -> None:
        self.prepareGeometryChange()
        super().viewTransformChanged()

    @override
    def paint(self, painter: QPainter, *args: Any) -> None:
        place = self.place()
        if place.width < 20 or place.height < 20:
            return
        # Everything below is in pixels of the scene, whatever the axes show.
        to_item, known = self.sceneTransform().inverted()
        if not known:
            return
        painter.save()
        painter.setTransform(to_item * painter.transform())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(QRectF(place.left, place.top, place.width, place.height))
        vector = isinstance(painter.device(), QSvgGenerator)
        self.field.paint(painter, place, vector=vector)
        self._paint_trails(painter, place, vector=vector)
        self._paint_marks(painter, place, vector=vector)
        painter.restore()

    def _order(self) -> list[LaneView]:
        """Return the lanes with the leader first, so that it is painted last."""
        return sorted(self._lanes, key=lambda view: view.rank)

    def _shading(self) -> Shading:
        by = self.options.fade
        horizon = horizon_of(self._rounds) if by == "time" else 1
        return Shading(by, self.field.scale, horizon)

    def _paint_trails(self, painter: QPainter, place: MapPlace, *, vector: bool) -> None:
        shading, plain = self._shading(), Shading("none", self.field.scale, 1)
        run, future, ghost = self._keys
        quiet = [trail for trail in self._trails if trail.index != self._selected]
        loud = [trail for trail in self._trails if trail.index == self._selected]
        groups = (
            ("ghost", ghost, self._ghosts, plain),
            ("future", future, self._future, plain),
            ("quiet", run, quiet, shading),
            ("loud", run, loud, shading),
        )
        device = painter.device()
        ratio = device.devicePixelRatioF() if device is not None else 1.0
        for name, key, trails, look in groups:
            if vector:
                for trail in trails:
                    paint_trail(painter, trail, place, look)
                continue
            picture = self._pictures[name]
            if not trails:
                picture.clear()
                continue
            picture.update(key, trails, place, look, ratio, pouring=self._pouring)
            picture.paint(painter, place)

    def _paint_marks(self, painter: QPainter, place: MapPlace, *, vector: bool) -> None:
        surface = self.surface
        if surface is None:
            return
        device = painter.device()
        still = None if vector or device is None else device.devicePixelRatioF()
        # On whole pixels nobody sees a mark that moves fast; a slow one would jerk.
        moving = still if self._pouring else None
        paint_minima(painter, surface.minima, place, still)
        held = self.held_start
        common = held[0] if held is not None and held[1] is None else self._start
        if common is not None:
            paint_start(painter, common, place, "text", loud=True, ratio=still)
        for colour, own in self._own_starts:
            paint_start(painter, own, place, lane_colour(colour), loud=False, ratio=still)
        if held is not None and held[1] is not None:
            held_colour = lane_colour(held[1])
            paint_start(painter, held[0], place, held_colour, loud=False, ratio=still)
        loud = next((view for view in self._lanes if view.index == self._selected), None)
        for view in reversed(self._order()):
            if view is not loud:
                paint_head(painter, view, place, selected=False, ratio=moving)
        entries: list[tuple[str, str]] = []
        if loud is not None:
            entries = paint_arrows(painter, loud, place, self.options)
            paint_head(painter, loud, place, selected=True, ratio=moving)
            paint_name(painter, loud, place, moving)
        self._key.paint(painter, place, entries, minima=bool(surface.minima), vector=vector)


def _trail(history: HistoryView, view: LaneView, step: int, selected: int) -> Trail:
    name = lane_series(view.index)
    rows = history.upto(name, step)
    columns = history.series(name).columns
    strength = DIVERGED_STRENGTH if view.standing is Standing.DIVERGED else 1.0
    return Trail(
        view.index,
        view.colour,
        np.asarray(columns["x"][:rows]),
        np.asarray(columns["y"][:rows]),
        np.asarray(columns["loss"][:rows]),
        LOUD_WIDTH if view.index == selected else QUIET_WIDTH,
        strength,
    )


def _memory(history: HistoryView, view: LaneView, strength: float) -> Trail:
    columns = history.series(lane_series(view.index)).columns
    x, y, loss = (np.asarray(columns[name]) for name in ("x", "y", "loss"))
    return Trail(view.index, view.colour, x, y, loss, MEMORY_WIDTH, strength)
