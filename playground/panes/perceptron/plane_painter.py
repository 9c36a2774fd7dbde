"""How the plane is painted, from the ground to the pointer.

The points come from a picture that is made anew only when they, the view or the theme have changed.
A frame in which only the lines have moved costs a few milliseconds, with 100,000 points too.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPen

from playground.panes.perceptron.plane_field import (
    paint_axes,
    paint_contours,
    paint_grid,
    paint_tint,
)
from playground.panes.perceptron.plane_legend import (
    Corner,
    emptiest_corner,
    fitting,
    legend_entries,
    paint_legend,
)
from playground.panes.perceptron.plane_lines import (
    paint_ghosts,
    paint_line,
    paint_margins,
    paint_normal,
    paint_reference,
    paint_sample,
)
from playground.panes.perceptron.plane_points import (
    MANY,
    Raster,
    draw_points,
    draw_rings,
    paint_points,
    radius_of,
)
from playground.panes.perceptron.plane_tools import BRUSH_PX
from playground.ui.fonts import ui_font
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from playground.experiments.perceptron_snapshot import LearnerView, PerceptronSnapshot
    from playground.panes.perceptron.plane import PlaneView
    from playground.panes.perceptron.plane_geometry import Line

EMPTY_WORDS = "No points yet. Click to add class +1, right click for class −1."


class PlanePainter:
    """Paints one plane and keeps the pictures that may be used again."""

    def __init__(self, view: PlaneView) -> None:
        self._view = view
        self._points = Raster()
        self._rings = Raster()
        self._corner: Corner = "top-left"
        self._corner_key: object = None

    def paint(self, painter: QPainter, ratio: float, *, vector: bool = False) -> None:
        """Paint the whole plane, axes included."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self._view.rect(), qcolor("bg"))
        snapshot = self._view.snapshot
        place = self._view.place
        if snapshot is None or place.area.width() < 10 or place.area.height() < 10:
            return
        painter.save()
        painter.setClipRect(place.area.toRect())
        self._paint_ground(painter)
        self._paint_quiet(painter, snapshot, ratio, vector=vector)
        self._paint_loud(painter, snapshot)
        self._paint_pointer(painter)
        painter.restore()
        painter.setPen(QPen(qcolor("line"), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(place.area)
        paint_axes(painter, place, snapshot.points.names)
        if not len(self._view.cloud):
            painter.setFont(ui_font(px(14)))
            painter.setPen(qcolor("muted"))
            wrap = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(place.area.adjusted(24, 24, -24, -24), int(wrap), EMPTY_WORDS)

    def _paint_ground(self, painter: QPainter) -> None:
        line, view = self._view.loud_line(), self._view.loud_view()
        if line is not None and view is not None:
            drawn = self._view.place.line(line)
            if self._view.options.field == "tint":
                certain = view.kind == "logistic"
                paint_tint(painter, line, self._view.place, probability=certain, drawn=drawn)
        paint_grid(painter, self._view.place)
        if line is not None and self._view.options.field == "contours":
            paint_contours(painter, line, self._view.place, self._view.place.line(line))

    def _paint_quiet(
        self, painter: QPainter, snapshot: PerceptronSnapshot, ratio: float, *, vector: bool
    ) -> None:
        place, cloud = self._view.place, self._view.cloud
        view = self._view.loud_view()
        if self._view.options.ghosts and view is not None:
            paint_ghosts(painter, view.ghosts, view.colour, place)
        key = (self._view.cloud_number, len(cloud))
        ringed = self._view.options.rings and len(self._view.wrong) == len(cloud)
        if vector and len(cloud) <= MANY:
            paint_points(painter, place, cloud, self._view.wrong if ringed else None)
        else:
            points = functools.partial(draw_points, cloud=cloud)
            self._points.paint(painter, place, ratio, key, points)
            if ringed:
                rings = functools.partial(draw_rings, cloud=cloud, wrong=self._view.wrong)
                self._rings.paint(painter, place, ratio, (*key, self._view.wrong_number), rings)
        best = self._reference(snapshot)
        if best is not None:
            paint_reference(painter, best, place)
        for other in snapshot.learners:
            if view is None or other.index != view.index:
                paint_line(painter, other, place, loud=False)

    def _paint_loud(self, painter: QPainter, snapshot: PerceptronSnapshot) -> None:
        view, line = self._view.loud_view(), self._view.loud_line()
        if view is not None and line is not None:
            shown = _with_line(view, line) if self._view.held_line is not None else view
            if self._view.options.margins:
                paint_margins(painter, shown, self._view.cloud, self._view.place)
            paint_line(painter, shown, self._view.place, loud=True)
            grip = self._view.tools.grip
            paint_normal(
                painter, shown, self._view.place, grip=grip, show=self._view.options.normal
            )
            if view.last is not None and self._view.held_line is None:
                radius = theme().scale * radius_of(len(self._view.cloud))
                paint_sample(painter, view.last, self._view.place, radius)
        parts = frozenset(np.unique(self._view.cloud.parts).tolist())
        reference = self._reference(snapshot) is not None
        rings = self._view.options.rings and bool(self._view.wrong.any())
        entries = legend_entries(
            snapshot, parts, view.index if view else 0, rings=rings, reference=reference
        )
        entries = fitting(entries, self._view.place.area)
        key = (self._view.cloud_number, self._view.place, len(entries))
        if key != self._corner_key and not self._view.tools.busy:
            self._corner_key = key
            self._corner = emptiest_corner(entries, self._view.cloud, self._view.place)
        paint_legend(painter, entries, self._view.place.area, self._corner)

    def _paint_pointer(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for identity in {
            self._view.hovered,
            self._view.chosen if self._view.hasFocus() else None,
        } - {None}:
            if (
                identity is None
                or self._view.snapshot is None
                or not self._view.has_point(identity)
            ):
                continue
            spot = self._view.place.to_px(*self._view.place_of(identity))
            painter.setPen(QPen(qcolor("accent"), 2.0))
            reach = theme().scale * radius_of(len(self._view.cloud)) + 3.5
            painter.drawEllipse(spot, reach, reach)
        if self._view.tools.tool != "point" and self._view.pointer is not None:
            erasing = self._view.tools.tool == "erase"
            painter.setPen(QPen(qcolor("bad" if erasing else "accent"), 1.6))
            painter.setBrush(qcolor("bad" if erasing else "accent", 0.10))
            painter.drawEllipse(self._view.pointer, px(BRUSH_PX), px(BRUSH_PX))

    def _reference(self, snapshot: PerceptronSnapshot) -> Line | None:
        """Return the maximum-margin line where it is wanted and there is one."""
        margin = snapshot.margin
        if not self._view.options.reference or margin is None or not margin.separable:
            return None
        return margin.w1, margin.w2, margin.beta


def _with_line(view: LearnerView, line: Line) -> LearnerView:
    return replace(view, line=line, current=line)
