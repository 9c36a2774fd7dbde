"""Worlds without a scene of their own: the three of the menu as sketches, any other as bars."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from playground.environments.discrete import DiscreteOptions
from playground.panes.agents.lens import Lens
from playground.ui.fonts import number_font
from playground.ui.number_text import format_number
from playground.ui.theme import pen, px, qcolor, theme

if TYPE_CHECKING:
    from playground.environments.episodes import Episode

MOST_BARS = 40
BAR_MARGIN_PX = 28


class PlainPainter:
    """Paints one moment of an episode from its observation alone."""

    def __init__(self, episode: Episode) -> None:
        self.episode = episode
        options = episode.options
        name = options.environment_id if isinstance(options, DiscreteOptions) else ""
        self._sketch = {
            "CartPole": self._paint_cart,
            "MountainCar": self._paint_hill,
            "Acrobot": self._paint_links,
        }.get(name.partition("-")[0], self._paint_bars)

    def lens(self, room: QRectF) -> Lens:
        """Return how units become pixels in a room."""
        return Lens.fitting(room.adjusted(px(16), px(16), -px(16), -px(16)), 5.4, 4.4)

    def paint_still(self, painter: QPainter, room: QRectF) -> None:
        """Paint the ground."""
        painter.fillRect(room, qcolor("bg"))

    def paint_moving(self, painter: QPainter, room: QRectF, frame: int) -> None:
        """Paint the observation of a frame."""
        self._sketch(painter, room, frame, "accent")

    def panel(self, room: QRectF) -> None:  # noqa: ARG002 - the protocol's
        """Return None: the sky has room for words."""
        return

    def paint_ghost(self, painter: QPainter, room: QRectF, frame: int, strength: float) -> None:
        """Paint another episode faintly; bars have no ghosts."""
        if self._sketch == self._paint_bars:
            return
        painter.setOpacity(0.2 + 0.3 * strength)
        self._sketch(painter, room, min(frame, len(self.episode)), "muted")
        painter.setOpacity(1.0)

    def _paint_cart(self, painter: QPainter, room: QRectF, frame: int, token: str) -> None:
        lens = self.lens(room)
        x, _, angle, _ = self.episode.observations[frame].tolist()
        middle, track = 2.7 + x, 1.2
        painter.setPen(pen("muted", 1.4))
        painter.drawLine(lens.point(0.0, track), lens.point(5.4, track))
        for edge in (0.3, 5.1):
            painter.setPen(pen("bad", 2.0))
            painter.drawLine(lens.point(edge, track - 0.12), lens.point(edge, track + 0.12))
        painter.setPen(pen("text", 1.4))
        painter.setBrush(qcolor(token))
        cart = QRectF(lens.point(middle - 0.35, track + 0.3), lens.point(middle + 0.35, track))
        painter.drawRoundedRect(cart, px(3), px(3))
        foot = (middle, track + 0.3)
        top = (middle + 1.9 * math.sin(angle), foot[1] + 1.9 * math.cos(angle))
        width = theme().pen_width(6.0)
        painter.setPen(QPen(qcolor("class_minus"), width, c=Qt.PenCapStyle.RoundCap))
        painter.drawLine(lens.point(*foot), lens.point(*top))

    def _paint_hill(self, painter: QPainter, room: QRectF, frame: int, token: str) -> None:
        lens = self.lens(room)

        def place(x: float) -> tuple[float, float]:
            return (x + 1.2) / 1.8 * 5.2 + 0.1, 0.5 + 1.1 * (math.sin(3.0 * x) + 1.0)

        way = [lens.point(*place(-1.2 + 1.8 * k / 80)) for k in range(81)]
        painter.setPen(pen("muted", 1.8))
        painter.drawPolyline(QPolygonF(way))
        flag = lens.point(*place(0.5))
        painter.setPen(pen("ok", 2.0))
        painter.drawLine(flag, flag - QPointF(0.0, 0.5 * lens.scale))
        painter.setPen(pen("text", 1.4))
        painter.setBrush(qcolor(token))
        x, y = place(float(self.episode.observations[frame, 0]))
        painter.drawEllipse(lens.point(x, y + 0.12), 0.13 * lens.scale, 0.13 * lens.scale)

    def _paint_links(self, painter: QPainter, room: QRectF, frame: int, token: str) -> None:
        lens = self.lens(room)
        cos_1, sin_1, cos_2, sin_2 = self.episode.observations[frame, :4].tolist()
        first, second = math.atan2(sin_1, cos_1), math.atan2(sin_2, cos_2)
        root = (2.7, 2.2)
        knee = (root[0] + math.sin(first), root[1] - math.cos(first))
        hand = (knee[0] + math.sin(first + second), knee[1] - math.cos(first + second))
        painter.setPen(pen("ok", 1.6, Qt.PenStyle.DashLine))
        painter.drawLine(lens.point(0.2, 3.2), lens.point(5.2, 3.2))
        for start, end, colour in ((root, knee, token), (knee, hand, "class_minus")):
            painter.setPen(QPen(qcolor(colour), theme().pen_width(7.0), c=Qt.PenCapStyle.RoundCap))
            painter.drawLine(lens.point(*start), lens.point(*end))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("text"))
        for joint in (root, knee):
            painter.drawEllipse(lens.point(*joint), px(4), px(4))

    def _paint_bars(self, painter: QPainter, room: QRectF, frame: int, token: str) -> None:
        """Paint every number as a bar in its usual range."""
        quantities = self.episode.options.quantities[:MOST_BARS]
        values = self.episode.observations[frame].tolist()
        inner = room.adjusted(px(BAR_MARGIN_PX), px(40), -px(BAR_MARGIN_PX), -px(BAR_MARGIN_PX))
        high = min(px(26), inner.height() / max(len(quantities), 1))
        top = inner.center().y() - 0.5 * high * len(quantities)
        painter.setFont(number_font(px(11)))
        words, numbers = 0.3 * inner.width(), px(76)
        track = inner.width() - words - numbers
        for place, (quantity, value) in enumerate(zip(quantities, values, strict=False)):
            y = top + place * high
            painter.setPen(qcolor("muted"))
            centre = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(inner.left(), y, words - px(8), high), centre, quantity.name)
            left = inner.left() + words
            span = quantity.high - quantity.low or 1.0
            zero = left + track * min(max(-quantity.low / span, 0.0), 1.0)
            here = left + track * min(max((value - quantity.low) / span, 0.0), 1.0)
            painter.fillRect(QRectF(left, y + 0.4 * high, track, 0.2 * high), qcolor("line"))
            bar = QRectF(min(zero, here), y + 0.25 * high, abs(here - zero), 0.5 * high)
            painter.fillRect(bar, qcolor(token))
            painter.setPen(qcolor("text"))
            box = QRectF(left + track, y, numbers, high)
            flags = centre | Qt.AlignmentFlag.AlignRight
            painter.drawText(box, flags, f"{format_number(value, 3)} {quantity.unit}".strip())
