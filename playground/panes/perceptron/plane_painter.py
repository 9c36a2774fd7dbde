"""How the plane is painted, from the ground to the pointer.

Paper, points, rings, grid with ghosts and legend come from pictures that are made anew only when
they, the view or the theme have changed. A frame in which only the lines have moved costs two
milliseconds, with 100,000 points too.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from playground.panes.perceptron.plane_field import (
    paint_axes,
    paint_contours,
    paint_grid,
    paint_tint,
)
from playground.panes.perceptron.plane_legend import (
    Corner,
    LegendEntry,
    emptiest_corner,
    fitting,
    legend_box,
    legend_entries,
    paint_legend,
)
from playground.panes.perceptron.plane_lines import (
    distance_words,
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
    paint_point,
    paint_points,
    radius_of,
    stamp_rings,
)
from playground.panes.perceptron.plane_tools import BRUSH_PX
from playground.ui.fonts import ui_font
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from playground.experiments.perceptron_snapshot import LearnerView, PerceptronSnapshot
    from playground.panes.perceptron.plane import PlaneView
    from playground.panes.perceptron.plane_geometry import Line, PlaneMap
    from playground.panes.perceptron.plane_points import PointCloud

GHOST_FRAMES = 6
"""While frames pour in, the ghosts of earlier lines are drawn afresh in every sixth of them, and
numbers beside the line are written anew."""
FEW_RINGS = 100
"""So many rings are sooner stamped on the plane than on a picture that is then laid over it."""
EMPTY_WORDS = "No points yet. Click to add class +1, right click for class −1."


class PlanePainter:
    """Paints one plane and keeps the pictures that may be used again."""

    def __init__(self, view: PlaneView) -> None:
        self._view = view
        self._paper = Raster(opaque=True)
        self._grid = Raster()
        self._points = Raster()
        self._rings = Raster()
        self._rings_number = 0
        self._rings_age = 0
        self._ghosts: tuple[Line, ...] = ()
        self._ghosts_age = 0
        self._distance = ""
        self._distance_age = 0
        self._parts: frozenset[int] = frozenset()
        self._parts_of: object = None
        self._legend = Raster()
        self._entries: tuple[LegendEntry, ...] = ()
        self._entries_key: object = None
        self._corner: Corner = "top-left"
        self._corner_key: object = None

    def paint(
        self, painter: QPainter, ratio: float, *, vector: bool = False, inside: bool = False
    ) -> None:
        """Paint the whole plane, axes included; only its area where the rest is known to stand."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        snapshot = self._view.snapshot
        place = self._view.place
        if snapshot is None or place.area.width() < 10 or place.area.height() < 10:
            painter.fillRect(self._view.rect(), qcolor("bg"))
            return
        if not (inside and self._tinted()):
            whole = QRectF(self._view.rect())
            paper = functools.partial(_draw_paper, place, snapshot.points.names)
            names = snapshot.points.names
            self._put(painter, self._paper, whole, ratio, names, paper, vector=vector)
        painter.save()
        painter.setClipRect(place.area.toRect())
        self._paint_ground(painter, ratio, vector=vector)
        self._paint_quiet(painter, snapshot, ratio, vector=vector)
        self._paint_loud(painter, None if vector else ratio)
        self._paint_legend(painter, snapshot, ratio, vector=vector)
        self._paint_pointer(painter)
        painter.restore()
        painter.setPen(QPen(qcolor("line"), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(place.area)
        if not len(self._view.cloud):
            painter.setFont(ui_font(px(14)))
            painter.setPen(qcolor("muted"))
            wrap = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(place.area.adjusted(24, 24, -24, -24), int(wrap), EMPTY_WORDS)

    def _put(
        self,
        painter: QPainter,
        raster: Raster,
        area: QRectF,
        ratio: float,
        key: object,
        draw: Callable[[QPainter], None],
        *,
        vector: bool,
    ) -> None:
        """Paint something from its picture, or the thing itself into a drawing without pixels."""
        if vector:
            draw(painter)
            return

        def build(image: QImage) -> None:
            inside = QPainter(image)
            inside.setRenderHint(QPainter.RenderHint.Antialiasing)
            inside.scale(ratio, ratio)
            inside.translate(-area.topLeft())
            # Inside a clip Qt draws long lines four times as fast.
            inside.setClipRect(area)
            draw(inside)
            inside.end()

        raster.paint(painter, area, ratio, (key, self._view.place), build)

    def _paint_ground(self, painter: QPainter, ratio: float, *, vector: bool) -> None:
        line, view = self._view.loud_line(), self._view.loud_view()
        place, options = self._view.place, self._view.options
        if line is not None and view is not None and self._tinted():
            certain = view.kind == "logistic"
            drawn = place.line(line)
            paint_tint(painter, line, place, probability=certain, drawn=drawn)
        if line is not None and options.field == "contours":
            paint_contours(painter, line, place, place.line(line))
        ghosts = self._shown_ghosts(view)
        colour = view.colour if view is not None else 0

        def draw(onto: QPainter) -> None:
            paint_grid(onto, place)
            if ghosts:
                paint_ghosts(onto, ghosts, colour, place)

        self._put(painter, self._grid, place.area, ratio, (ghosts, colour), draw, vector=vector)

    def _tinted(self) -> bool:
        """Tell whether the tint covers the area."""
        return self._view.options.field == "tint" and self._view.loud_line() is not None

    def _shown_rings(self, count: int) -> int:
        """Return the number of the rings to be drawn: many take longer than all the rest."""
        self._rings_age += 1
        hold = self._view.pouring and count > MANY and self._rings_age < GHOST_FRAMES
        if not hold:
            self._rings_number, self._rings_age = self._view.shown.ring_number, 0
        return self._rings_number

    def _shown_ghosts(self, view: LearnerView | None) -> tuple[Line, ...]:
        """Return the ghosts to be drawn: the present ones, or while frames pour in recent ones."""
        present = view.ghosts if view is not None and self._view.options.ghosts else ()
        self._ghosts_age += 1
        stale = self._view.pouring and present and self._ghosts
        if not stale or self._ghosts_age >= GHOST_FRAMES:
            self._ghosts, self._ghosts_age = present, 0
        return self._ghosts

    def _paint_quiet(
        self, painter: QPainter, snapshot: PerceptronSnapshot, ratio: float, *, vector: bool
    ) -> None:
        place, cloud = self._view.place, self._view.cloud
        view = self._view.loud_view()
        ringed = self._view.options.rings and len(self._view.shown.wrong) == len(cloud)
        if vector and len(cloud) <= MANY:
            paint_points(painter, place, cloud, self._view.shown.wrong if ringed else None)
        else:
            key = (self._view.shown.layer_number, place)
            layer, wrong = self._view.shown.layer, self._view.shown.wrong
            points = functools.partial(draw_points, place=place, ratio=ratio, cloud=layer)
            self._points.paint(painter, place.area, ratio, key, points)
            if ringed:
                self._paint_rings(painter, ratio, layer, wrong)
            row = self._view.shown.held_row
            if row is not None:
                paint_point(painter, place, cloud, row, wrong=ringed and bool(wrong[row]))
        best = self._reference(snapshot)
        if best is not None:
            paint_reference(painter, best, place)
        for other in snapshot.learners:
            if view is None or other.index != view.index:
                paint_line(painter, other, place, loud=False)

    def _paint_rings(
        self, painter: QPainter, ratio: float, layer: PointCloud, wrong: NDArray[np.bool_]
    ) -> None:
        place, rough = self._view.place, self._view.pouring
        if len(layer) <= MANY and len(wrong) == len(layer) and wrong.sum() <= FEW_RINGS:
            stamp_rings(painter, place.many_to_px(layer.xy[wrong]), len(layer), ratio)
            return
        rings = functools.partial(
            draw_rings, place=place, ratio=ratio, cloud=layer, wrong=wrong, rough=rough
        )
        key = (self._view.shown.layer_number, place, rough, self._shown_rings(len(layer)))
        self._rings.paint(painter, place.area, ratio, key, rings)

    def _shown_distance(self, line: Line) -> str:
        """Return how far the line is from the origin; nobody reads thirty numbers a second."""
        self._distance_age += 1
        if not self._view.pouring or self._distance_age >= GHOST_FRAMES:
            self._distance, self._distance_age = distance_words(line), 0
        return self._distance

    def _paint_loud(self, painter: QPainter, ratio: float | None) -> None:
        view, line = self._view.loud_view(), self._view.loud_line()
        if view is not None and line is not None:
            shown = _with_line(view, line) if self._view.held_line is not None else view
            if self._view.options.margins:
                paint_margins(painter, shown, self._view.cloud, self._view.place)
            paint_line(painter, shown, self._view.place, loud=True)
            grip = self._view.tools.grip
            paint_normal(
                painter,
                shown,
                self._view.place,
                grip=grip,
                show=self._view.options.normal,
                words=self._shown_distance(shown.line),
                ratio=ratio,
            )
            if view.last is not None and self._view.held_line is None:
                radius = theme().scale * radius_of(len(self._view.cloud))
                paint_sample(painter, view.last, self._view.place, radius, ratio)

    def _paint_legend(
        self, painter: QPainter, snapshot: PerceptronSnapshot, ratio: float, *, vector: bool
    ) -> None:
        view, place = self._view.loud_view(), self._view.place
        if self._parts_of is not self._view.cloud:
            self._parts_of = self._view.cloud
            self._parts = frozenset(np.unique(self._view.cloud.parts).tolist())
        entries = legend_entries(
            snapshot,
            self._parts,
            view.index if view else 0,
            rings=self._view.options.rings and bool(self._view.shown.wrong.any()),
            reference=self._reference(snapshot) is not None,
        )
        look = (entries, place.area, theme().scale, theme().tokens.name)
        if look != self._entries_key:
            self._entries_key = look
            self._entries = fitting(entries, place.area)
        entries = self._entries
        key = (self._view.shown.layer_number, place, len(entries))
        if key != self._corner_key and not self._view.tools.busy:
            self._corner_key = key
            self._corner = emptiest_corner(entries, self._view.cloud, place)
        if not entries:
            return
        # A pixel more on each side for the edge of the frame.
        box = legend_box(entries, place.area, self._corner).adjusted(-1.0, -1.0, 1.0, 1.0)
        whole = QRectF(box.toAlignedRect())
        draw = functools.partial(
            paint_legend, entries=entries, area=place.area, corner=self._corner
        )
        seen = (entries, self._corner)
        self._put(painter, self._legend, whole, ratio, seen, draw, vector=vector)

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


def _draw_paper(place: PlaneMap, names: tuple[str, str], painter: QPainter) -> None:
    # The ground itself reaches under the axes.
    painter.fillRect(painter.window(), qcolor("bg"))
    paint_axes(painter, place, names)


def _with_line(view: LearnerView, line: Line) -> LearnerView:
    return replace(view, line=line, current=line)
