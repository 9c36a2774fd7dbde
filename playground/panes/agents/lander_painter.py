"""The moon, the pad, the lander with its legs and flames, and the way it came."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QLinearGradient, QPainter, QPen, QPolygonF, QTransform

from playground.environments.lander import LANDER_SHAPE, LEG_SIZE, WORLD_SIZE, LanderScene
from playground.panes.agents.growing_picture import GrowingPicture
from playground.panes.agents.lens import Lens
from playground.ui.fonts import number_font
from playground.ui.theme import pen, px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADROOM = 0.9
"""Metres of sky above the world: the lander starts at its upper edge."""
STARS = 60
FLAME = 1.15
SIDE_FLAME = 0.55
FIRED = 0.25
"""Width of the trail where the main engine fired, in metres: finer in a small picture."""
MOST_TRAIL = 400
LONGEST_LINE = 40
"""Segments of the trail that are painted at a time."""
SKY_FROM = 240
"""Height of a picture in pixels below which the stars are smaller."""
WORDS_FROM = 130
"""Height of a picture in pixels below which nothing is written into it."""
STRUT_X, STRUT_Y = 0.42, -0.22

_BODY = QPolygonF([QPointF(x, y) for x, y in LANDER_SHAPE])
_LEG = QRectF(-LEG_SIZE[0], -LEG_SIZE[1], 2 * LEG_SIZE[0], 2 * LEG_SIZE[1])


class LanderPainter:
    """Paints one moment of a flight of the lander."""

    def __init__(self, scene: LanderScene) -> None:
        self.scene = scene
        self._trail = GrowingPicture()

    def lens(self, room: QRectF) -> Lens:
        """Return how metres become pixels in a room."""
        width, height = WORLD_SIZE
        return Lens.fitting(room, width, height + HEADROOM, low=True)

    def paint_still(self, painter: QPainter, room: QRectF) -> None:
        """Paint what does not move: sky, moon and pad."""
        lens = self.lens(room)
        _paint_sky(painter, room)
        terrain = self.scene.terrain
        first, last = lens.point(*terrain[0].tolist()), lens.point(*terrain[-1].tolist())
        surface = [lens.point(x, y) for x, y in terrain.tolist()]
        # Beyond the world the moon goes on level, so that it fills a room of any shape.
        rim = [QPointF(room.left(), first.y()), *surface, QPointF(room.right(), last.y())]
        edge = QPolygonF(rim)
        ground = QPolygonF([*rim, room.bottomRight(), room.bottomLeft()])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_ground_brush(room, min(point.y() for point in rim)))
        painter.drawPolygon(ground)
        painter.setPen(pen("muted", 1.4))
        painter.drawPolyline(edge)
        self._paint_pad(painter, lens)

    def paint_moving(self, painter: QPainter, room: QRectF, frame: int) -> None:
        """Paint trail, lander, flames and wind of a frame."""
        lens = self.lens(room)

        def draw(onto: QPainter, first: int, last: int) -> None:
            self._paint_trail(onto, lens, first, last)

        self._trail.paint(painter, room, frame, draw)
        self._paint_lander(painter, lens, frame, ghost=False)
        self._paint_above(painter, room, lens, frame)
        self._paint_wind(painter, room, frame)

    def panel(self, room: QRectF) -> None:  # noqa: ARG002 - the protocol's
        """Return None: the sky has room for words."""
        return

    def paint_ghost(self, painter: QPainter, room: QRectF, frame: int, strength: float) -> None:
        """Paint the flight of another policy faintly; ``strength`` 0…1, older ones weaker."""
        lens = self.lens(room)
        frame = min(frame, len(self.scene) - 1)
        painter.setOpacity(0.25 + 0.45 * strength)
        painter.setPen(pen("muted", 1.2))
        painter.drawPolyline(self._way(lens, frame))
        self._paint_lander(painter, lens, frame, ghost=True)
        painter.setOpacity(1.0)

    def _paint_trail(self, painter: QPainter, lens: Lens, first: int, last: int) -> None:
        """Paint the way between two frames, with a dot wherever the main engine fired."""
        way = lens.polygon(self.scene.lander[first : last + 1, :2])
        flat = QPen(pen("accent", 1.6, alpha=0.75))
        flat.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(flat)
        # Painting a wide line costs time with the square of its length.
        for piece in range(0, max(1, way.count() - 1), LONGEST_LINE):
            painter.drawPolyline(way.sliced(piece, min(LONGEST_LINE + 1, way.count() - piece)))
        fired = np.flatnonzero(self.scene.main_power[first + 1 : last + 1] > 0.5) + first + 1
        if len(fired):
            dots = self.scene.lander[fired, :2]
            width = min(theme().pen_width(2.6), FIRED * lens.scale)
            painter.setPen(QPen(qcolor("warn", 0.55), width, c=Qt.PenCapStyle.RoundCap))
            painter.drawPoints(lens.polygon(dots))

    def _way(self, lens: Lens, frame: int) -> QPolygonF:
        places = self.scene.lander[: frame + 1, :2]
        step = max(1, len(places) // MOST_TRAIL)
        thin = np.concatenate((places[:-1:step], places[-1:])) if step > 1 else places
        return lens.polygon(thin)

    def _paint_pad(self, painter: QPainter, lens: Lens) -> None:
        left, right, height = self.scene.pad
        line = QLineF(lens.point(left, height), lens.point(right, height))
        painter.setPen(QPen(qcolor("ok"), theme().pen_width(3.0), c=Qt.PenCapStyle.FlatCap))
        painter.drawLine(line)
        pole = 1.1 * lens.scale
        for x in (left, right):
            foot = lens.point(x, height)
            top = QPointF(foot.x(), foot.y() - pole)
            painter.setPen(pen("text", 1.4))
            painter.drawLine(foot, top)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(qcolor("warn"))
            wide, high = 0.55 * lens.scale, 0.36 * lens.scale
            painter.drawPolygon(
                QPolygonF([top, top + QPointF(wide, high / 2), top + QPointF(0.0, high)])
            )

    def _paint_lander(self, painter: QPainter, lens: Lens, frame: int, *, ghost: bool) -> None:
        x, y, angle = self.scene.lander[frame].tolist()
        if not ghost:
            self._paint_flames(painter, lens, frame)
        contacts = self.scene.contacts[frame].tolist()
        for leg, touching in zip(self.scene.legs[frame].tolist(), contacts, strict=True):
            painter.setTransform(_placed(leg[0], leg[1], leg[2]) * lens.transform, True)
            lit = touching and not ghost
            painter.setPen(pen("ok" if lit else "muted", 1.4))
            painter.setBrush(qcolor("ok" if lit else "control"))
            painter.drawRect(_LEG)
            painter.resetTransform()
        self._paint_struts(painter, lens, frame)
        painter.setTransform(_placed(x, y, angle) * lens.transform, True)
        painter.setPen(pen("text", 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush if ghost else QBrush(qcolor("class_plus")))
        painter.drawPolygon(_BODY)
        if not ghost:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(qcolor("bg", 0.85))
            painter.drawEllipse(QPointF(0.0, 0.16), 0.2, 0.2)
        painter.resetTransform()

    def _paint_struts(self, painter: QPainter, lens: Lens, frame: int) -> None:
        """Paint what holds the legs: from the flanks of the body to the middle of each leg."""
        x, y, angle = self.scene.lander[frame].tolist()
        cos, sin = math.cos(angle), math.sin(angle)
        painter.setPen(pen("muted", 1.6))
        for leg_x, leg_y, _ in self.scene.legs[frame].tolist():
            # On which side a leg hangs is seen in the body's own frame.
            side = math.copysign(STRUT_X, cos * (leg_x - x) + sin * (leg_y - y))
            hip = lens.point(x + cos * side - sin * STRUT_Y, y + sin * side + cos * STRUT_Y)
            painter.drawLine(hip, lens.point(leg_x, leg_y))

    def _paint_flames(self, painter: QPainter, lens: Lens, frame: int) -> None:
        main, side = float(self.scene.main_power[frame]), float(self.scene.side_power[frame])
        if not main and not side:
            return
        x, y, angle = self.scene.lander[frame].tolist()
        # A flame flickers: its length follows the frame, so that a frame always looks the same.
        flicker = 0.82 + 0.18 * math.cos(2.4 * frame)
        painter.setTransform(_placed(x, y, angle) * lens.transform, True)
        painter.setPen(Qt.PenStyle.NoPen)
        if main:
            _paint_flame(painter, 0.0, -10.0 / 30.0, 0.0, -FLAME * main * flicker, 0.28)
        if side:
            # The engine that turns the craft to the left blows to the right, and the other way.
            way = -math.copysign(1.0, side)
            _paint_flame(
                painter, way * 16.0 / 30.0, 0.1, way * SIDE_FLAME * abs(side) * flicker, 0.0, 0.14
            )
        painter.resetTransform()

    def _paint_above(self, painter: QPainter, room: QRectF, lens: Lens, frame: int) -> None:
        """Point at a lander that has left the picture at its upper edge or a side."""
        x, y, _ = self.scene.lander[frame].tolist()
        place = lens.point(x, y)
        if room.adjusted(-px(6), -px(6), px(6), px(6)).contains(place):
            return
        margin = px(16)
        edge = QPointF(
            min(max(place.x(), room.left() + margin), room.right() - margin),
            min(max(place.y(), room.top() + margin), room.bottom() - margin),
        )
        turned = math.degrees(math.atan2(place.y() - edge.y(), place.x() - edge.x()))
        painter.save()
        painter.translate(edge)
        painter.rotate(turned)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("accent"))
        side = px(6)
        corners = [QPointF(side, 0), QPointF(-side, -side), QPointF(-side, side)]
        painter.drawPolygon(QPolygonF(corners))
        painter.restore()

    def _paint_wind(self, painter: QPainter, room: QRectF, frame: int) -> None:
        force = float(self.scene.wind[frame])
        if room.height() < px(WORDS_FROM) or not np.any(self.scene.wind):
            return
        painter.setFont(number_font(px(11)))
        reach = px(3.0) * force
        y = room.bottom() - px(18)
        middle = room.center().x()
        painter.setPen(pen("text", 2.0))
        painter.drawLine(QPointF(middle - reach / 2, y), QPointF(middle + reach / 2, y))
        if abs(reach) > px(6):
            tip = QPointF(middle + reach / 2, y)
            back = math.copysign(px(5), reach)
            painter.drawLine(tip, tip + QPointF(-back, -px(4)))
            painter.drawLine(tip, tip + QPointF(-back, px(4)))
        text = f"wind {force:+.1f} N".replace("-", "−")
        box = QRectF(middle - px(80), y - px(20), px(160), px(14))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _placed(x: float, y: float, angle: float) -> QTransform:
    made = QTransform.fromTranslate(x, y)
    made.rotateRadians(angle)
    return made


def _paint_flame(painter: QPainter, x: float, y: float, dx: float, dy: float, width: float) -> None:
    """Paint an outer and an inner flame from a place along a vector."""
    length = math.hypot(dx, dy)
    across = QPointF(-dy, dx) / length * width / 2
    foot, tip = QPointF(x, y), QPointF(x + dx, y + dy)
    for token, share, alpha in (("bad", 1.0, 0.9), ("warn", 0.6, 1.0)):
        point = foot + (tip - foot) * share
        side = across * (1.0 if share == 1.0 else 0.65)
        painter.setBrush(qcolor(token, alpha))
        painter.drawPolygon(QPolygonF([foot + side, point, foot - side]))


def _paint_sky(painter: QPainter, room: QRectF) -> None:
    painter.fillRect(room, qcolor("bg"))
    size = theme().pen_width(1.6) * min(1.0, room.height() / px(SKY_FROM))
    for x, y, bright in _stars(STARS):
        painter.setPen(QPen(qcolor("faint", bright), size, c=Qt.PenCapStyle.RoundCap))
        painter.drawPoint(QPointF(room.left() + x * room.width(), room.top() + y * room.height()))


def _stars(count: int) -> Sequence[tuple[float, float, float]]:
    """Return places (0…1) and brightness of stars: the same sky every time."""
    golden = 0.618033988749895
    return [
        ((0.37 + k * golden) % 1, 0.75 * ((0.11 + 0.0713 * k * k) % 1), 0.35 + 0.25 * (k % 3))
        for k in range(count)
    ]


def _ground_brush(room: QRectF, top: float) -> QBrush:
    gradient = QLinearGradient(0.0, top, 0.0, room.bottom())
    light, deep = QColor(qcolor("control")), QColor(qcolor("line"))
    light.setAlphaF(0.75)
    gradient.setColorAt(0.0, light)
    gradient.setColorAt(1.0, deep)
    return QBrush(gradient)
