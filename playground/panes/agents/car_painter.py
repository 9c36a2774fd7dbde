"""The field with obstacles and station, the car, and what falls into its headlights."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from playground.environments.headlight_car_geometry import FIELD
from playground.environments.headlight_car_light import CELLS, RAYS
from playground.panes.agents.lens import Lens
from playground.ui.fonts import number_font
from playground.ui.theme import pen, px, qcolor, theme

if TYPE_CHECKING:
    from playground.environments.headlight_car import HeadlightScene
    from playground.environments.headlight_maps import HeadlightMap

MARGIN_PX = 12
CAR_LENGTH, CAR_WIDTH = 4.2, 2.4
CELL_TOKENS = {1: ("class_plus", 0.85), -1: ("class_minus", 0.75), 0: ("warn", 0.16)}
SHADOW_ALPHA = 0.28
PANEL_FROM = 130
"""Pixels beside the field from which on the grid of cells is drawn there."""


class CarPainter:
    """Paints one moment of a drive."""

    def __init__(self, scene: HeadlightScene) -> None:
        self.scene = scene

    def lens(self, room: QRectF) -> Lens:
        """Return how units of the field become pixels in a room."""
        return field_lens(room)

    def paint_still(self, painter: QPainter, room: QRectF) -> None:
        """Paint the field and what lies on it."""
        painter.fillRect(room, qcolor("bg"))
        paint_map(painter, self.lens(room), self.scene.map)

    def paint_moving(self, painter: QPainter, room: QRectF, frame: int) -> None:
        """Paint the light, the trail and the car of a frame."""
        lens = self.lens(room)
        painter.save()
        painter.setClipRect(_field_box(lens), Qt.ClipOperation.IntersectClip)
        self._paint_light(painter, lens, frame)
        painter.setPen(pen("accent", 1.8, alpha=0.85))
        painter.drawPolyline(lens.polygon(self.scene.trail(frame)))
        x, y, heading = self.scene.poses[frame].tolist()
        paint_car(painter, lens, x, y, heading)
        painter.restore()
        self._paint_grid(painter, room, frame)

    def paint_ghost(self, painter: QPainter, room: QRectF, frame: int, strength: float) -> None:
        """Paint the drive of another policy faintly."""
        lens = self.lens(room)
        frame = min(frame, len(self.scene) - 1)
        painter.setOpacity(0.25 + 0.45 * strength)
        painter.setPen(pen("muted", 1.2))
        painter.drawPolyline(lens.polygon(self.scene.trail(frame)))
        x, y, heading = self.scene.poses[frame].tolist()
        paint_car(painter, lens, x, y, heading, ghost=True)
        painter.setOpacity(1.0)

    def panel(self, room: QRectF) -> QRectF | None:
        """Return the place for words beside the field, above what the car sees."""
        beside = self._beside(room)
        if beside is None:
            return None
        return QRectF(beside.topLeft(), QPointF(beside.right(), self._grid_top(beside) - px(34)))

    def _beside(self, room: QRectF) -> QRectF | None:
        margin = px(MARGIN_PX)
        left = self.lens(room).point(FIELD, 0.0).x() + margin
        if room.right() - margin - left < px(PANEL_FROM):
            return None
        inner = room.adjusted(0, margin, -margin, -margin)
        inner.setLeft(left)
        return inner

    @staticmethod
    def _cell_side(beside: QRectF) -> float:
        return min(beside.width() / RAYS, px(13), 0.4 * beside.height() / CELLS)

    def _grid_top(self, beside: QRectF) -> float:
        # Under the ten rows of cells stand the sums, three cells high.
        return beside.bottom() - px(8) - (CELLS + 3) * self._cell_side(beside)

    def _paint_light(self, painter: QPainter, lens: Lens, frame: int) -> None:
        outlines = self.scene.outlines(frame)
        cells = self.scene.cells[frame]
        dark = np.zeros_like(cells, dtype=bool)
        if self.scene.shadow:
            dark[:, 1:] = cells[:, :-1] < 0
        painter.setPen(Qt.PenStyle.NoPen)
        for value, (token, alpha) in CELL_TOKENS.items():
            for behind in (False, True):
                chosen = (cells == value) & (dark == behind)
                if not chosen.any():
                    continue
                painter.setBrush(qcolor(token, SHADOW_ALPHA if behind else alpha))
                for corners in outlines[chosen].tolist():
                    painter.drawPolygon(QPolygonF([lens.point(x, y) for x, y in corners]))
        painter.setPen(pen("bg", 0.6, alpha=0.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for ray in outlines.tolist():
            near, far = ray[0], ray[-1]
            painter.drawLine(lens.point(*near[0]), lens.point(*far[1]))

    def _paint_grid(self, painter: QPainter, room: QRectF, frame: int) -> None:
        """Paint all the car knows beside the field: 20 columns of 10 cells and their sums."""
        beside = self._beside(room)
        if beside is None:
            return
        cells = self.scene.cells[frame]
        columns, rows = cells.shape
        side = self._cell_side(beside)
        left = beside.left() + 0.5 * (beside.width() - side * columns)
        top, reach = self._grid_top(beside), 3 * side
        painter.setFont(number_font(px(10)))
        painter.setPen(qcolor("muted"))
        words = QRectF(left, top - px(34), side * columns, px(30))
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom
        flags |= Qt.TextFlag.TextWordWrap
        painter.drawText(words, flags, "all the car sees, near cells below")
        painter.setPen(Qt.PenStyle.NoPen)
        for ray in range(columns):
            for cell in range(rows):
                value = int(cells[ray, cell])
                behind = self.scene.shadow and cell > 0 and cells[ray, cell - 1] < 0
                token, alpha = CELL_TOKENS[value] if value else ("line", 0.7)
                painter.setBrush(qcolor(token, SHADOW_ALPHA if behind else alpha))
                box = QRectF(left + ray * side, top + (rows - 1 - cell) * side, side, side)
                painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
        base = top + rows * side + px(6)
        sums = cells.sum(axis=1).tolist()
        for ray, total in enumerate(sums):
            if not total:
                continue
            painter.setBrush(qcolor("class_plus" if total > 0 else "class_minus"))
            high = abs(total) / rows * reach
            painter.drawRect(QRectF(left + ray * side + 0.5, base, side - 1.0, high))


def field_lens(room: QRectF) -> Lens:
    """Return how the field lies in a room: in the middle, or left where there is room beside."""
    margin = px(MARGIN_PX)
    inner = room.adjusted(margin, margin, -margin, -margin)
    side = min(inner.width(), inner.height())
    if inner.width() - side >= px(PANEL_FROM) + margin:
        inner = QRectF(inner.left(), inner.top(), side, inner.height())
    return Lens.fitting(inner, FIELD, FIELD)


def _field_box(lens: Lens) -> QRectF:
    return QRectF(lens.point(0.0, FIELD), lens.point(FIELD, 0.0))


def paint_map(painter: QPainter, lens: Lens, course: HeadlightMap) -> None:
    """Paint field, obstacles, walls, station and start."""
    field = _field_box(lens)
    painter.save()
    painter.setClipRect(field.adjusted(-1, -1, 1, 1), Qt.ClipOperation.IntersectClip)
    painter.fillRect(field, qcolor("panel"))
    painter.setPen(pen("line", 1.0))
    for tick in range(10, 100, 10):
        painter.drawLine(lens.point(tick, 0.0), lens.point(tick, FIELD))
        painter.drawLine(lens.point(0.0, tick), lens.point(FIELD, tick))
    painter.setPen(pen("muted", 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(field)
    paint_station(painter, lens, course.station.x, course.station.y, course.station.radius)
    painter.setPen(pen("muted", 1.2))
    painter.setBrush(qcolor("control"))
    for obstacle in course.obstacles:
        radius = obstacle.radius * lens.scale
        painter.drawEllipse(lens.point(obstacle.x, obstacle.y), radius, radius)
    for wall in course.walls:
        paint_wall(painter, lens, (wall.x1, wall.y1), (wall.x2, wall.y2), wall.thickness)
    if course.start is not None:
        paint_start(painter, lens, course.start.x, course.start.y, course.start.heading)
    painter.restore()


def paint_wall(
    painter: QPainter,
    lens: Lens,
    first: tuple[float, float],
    second: tuple[float, float],
    thickness: float,
) -> None:
    """Paint a straight wall with flat ends."""
    line = QPen(qcolor("control"), thickness * lens.scale, c=Qt.PenCapStyle.FlatCap)
    painter.setPen(line)
    painter.drawLine(lens.point(*first), lens.point(*second))


def paint_station(painter: QPainter, lens: Lens, x: float, y: float, radius: float) -> None:
    """Paint the gas station: a ring and a cross in it."""
    middle = lens.point(x, y)
    size = radius * lens.scale
    painter.setPen(pen("ok", 2.4))
    painter.setBrush(qcolor("ok", 0.22))
    painter.drawEllipse(middle, size, size)
    arm = 0.4 * size
    painter.drawLine(middle + QPointF(-arm, 0.0), middle + QPointF(arm, 0.0))
    painter.drawLine(middle + QPointF(0.0, -arm), middle + QPointF(0.0, arm))


def paint_start(painter: QPainter, lens: Lens, x: float, y: float, heading: float) -> None:
    """Paint where a drive begins: a small ring with a line in its direction."""
    middle = lens.point(x, y)
    painter.setPen(pen("text", 1.4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(middle, px(5), px(5))
    turned = math.radians(heading)
    painter.drawLine(middle, middle + QPointF(math.cos(turned), -math.sin(turned)) * px(12))


def paint_car(
    painter: QPainter, lens: Lens, x: float, y: float, heading: float, *, ghost: bool = False
) -> None:
    """Paint the car; it is drawn larger than the disc that crashes, to be seen."""
    painter.save()
    painter.translate(lens.point(x, y))
    painter.rotate(-heading)
    long, wide = max(CAR_LENGTH * lens.scale, px(12)), max(CAR_WIDTH * lens.scale, px(7))
    body = QRectF(-0.5 * long, -0.5 * wide, long, wide)
    painter.setPen(QPen(qcolor("text"), theme().pen_width(1.4)))
    painter.setBrush(Qt.BrushStyle.NoBrush if ghost else qcolor("accent"))
    painter.drawRoundedRect(body, 0.3 * wide, 0.3 * wide)
    if not ghost:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("bg", 0.85))
        painter.drawRoundedRect(QRectF(0.08 * long, -0.32 * wide, 0.2 * long, 0.64 * wide), 1, 1)
    painter.restore()
