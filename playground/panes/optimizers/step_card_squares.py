"""What an optimizer remembers, as squares whose area is the value; Rprop's steps as bars."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from playground.ui.fonts import Weight, number_font, ui_font
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from playground.experiments.optimizers_snapshot import Accumulator, LaneView

SIDE_PX = 44
ROW_PX = 62
SMALLEST_PX = 1.5
LOG_DECADES = 6.0
"""Rprop's bars span so many powers of ten below the largest step seen."""


class MemorySquares(QWidget):
    """One column for each remembered number, one square for each weight.

    The largest value of the run so far has the largest square: sizes can be compared from round to
    round. Filled squares are positive, hollow ones negative.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._owner: tuple[int, int, str] | None = None
        self._values: tuple[Accumulator, ...] = ()
        self._gradient: tuple[float, float] = (0.0, 0.0)
        self._steps = False
        self._largest: dict[str, float] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._on_theme_changed)

    @property
    def wanted(self) -> bool:
        """Tell whether the lane remembers anything that can be drawn."""
        return bool(self._values)

    def side_of(self, symbol: str, value: float) -> float:
        """Return the side of a square in pixels; its area is proportional to the value."""
        largest = self._largest.get(symbol, 0.0)
        if not (math.isfinite(value) and value and largest > 0.0):
            return 0.0
        return max(SMALLEST_PX, px(SIDE_PX) * math.sqrt(min(abs(value) / largest, 1.0)))

    def show_lane(self, run_id: int, view: LaneView) -> None:
        """Show what a lane remembers now."""
        owner = (run_id, view.index, view.method)
        if owner != self._owner:
            self._owner = owner
            self._largest = {}
        values = view.accumulators
        self._steps = view.steps is not None
        self._gradient = view.used_gradient
        for entry in values:
            sizes = [abs(value) for value in entry.values if math.isfinite(value)]
            largest = max([self._largest.get(entry.symbol, 0.0), *sizes])
            self._largest[entry.symbol] = largest
        if len(values) != len(self._values):
            self._values = values
            self.setVisible(bool(values))
            self.updateGeometry()
        if values != self._values:
            self._values = values
        self.setAccessibleDescription(self.as_text())
        self.update()

    def as_text(self) -> str:
        """Return the numbers in words."""
        return "; ".join(
            f"{entry.meaning} {format_number(entry.values[0])}, {format_number(entry.values[1])}"
            for entry in self._values
        )

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(240), px(18 + ROW_PX) if self._values else 0)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(120), self.sizeHint().height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._values:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = self.width() / len(self._values)
        for place, entry in enumerate(self._values):
            column = QRectF(place * width, 0.0, width - px(10), self.height())
            self._paint_head(painter, column, entry)
            body = column.adjusted(0, px(18), 0, 0)
            if self._steps and entry.symbol == "s":
                self._paint_bars(painter, body, entry)
            else:
                self._paint_squares(painter, body, entry)

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self._values:
            place = int(event.pos().x() / (self.width() / len(self._values)))
            entry = self._values[min(max(place, 0), len(self._values) - 1)]
            x, y = (format_number(value) for value in entry.values)
            words = f"{entry.symbol}: {entry.meaning}\n{x} and {y}\n"
            bars = self._steps and entry.symbol == "s"
            words += (
                "Length of the bars: the step, logarithmic."
                if bars
                else "Area of the squares: the value. Hollow: negative."
            )
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    @staticmethod
    def _paint_head(painter: QPainter, column: QRectF, entry: Accumulator) -> None:
        painter.setFont(ui_font(px(12), Weight.DemiBold))
        painter.setPen(qcolor("text"))
        painter.drawText(column.topLeft() + QPointF(0, px(12)), entry.symbol)
        left = painter.fontMetrics().horizontalAdvance(entry.symbol) + px(6)
        painter.setFont(ui_font(px(11)))
        painter.setPen(qcolor("muted"))
        room = max(0, int(column.width() - left))
        words = painter.fontMetrics().elidedText(entry.meaning, Qt.TextElideMode.ElideRight, room)
        painter.drawText(column.topLeft() + QPointF(left, px(12)), words)

    def _paint_squares(self, painter: QPainter, body: QRectF, entry: Accumulator) -> None:
        half = body.width() / 2
        side_room = min(float(px(SIDE_PX)), half - px(6))
        shrink = side_room / px(SIDE_PX)
        for place, value in enumerate(entry.values):
            side = self.side_of(entry.symbol, value) * shrink
            middle = QPointF(body.left() + place * half + side_room / 2, body.top() + px(22))
            square = QRectF(0, 0, side, side)
            square.moveCenter(middle)
            colour = qcolor("accent")
            if value < 0.0:
                painter.setPen(QPen(colour, 1.5))
                painter.setBrush(qcolor("accent", 0.12))
                square.adjust(0.75, 0.75, -0.75, -0.75)
            else:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour)
            painter.drawRect(square)
            self._paint_value(painter, body.left() + place * half, half, body, value)

    @staticmethod
    def _paint_value(
        painter: QPainter, left: float, width: float, body: QRectF, value: float
    ) -> None:
        painter.setFont(number_font(px(11)))
        painter.setPen(qcolor("text"))
        box = QRectF(left, body.top() + px(45), width, px(16))
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft, format_number(value, 3))

    def _paint_bars(self, painter: QPainter, body: QRectF, entry: Accumulator) -> None:
        """Paint one bar a weight, as long as the logarithm of its step, and which way it goes."""
        largest = self._largest.get(entry.symbol, 0.0)
        room = body.width() - px(62)
        for place, value in enumerate(entry.values):
            middle = body.top() + px(10) + place * px(24)
            track = QRectF(body.left(), middle - px(4), max(room, 1.0), px(8))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(qcolor("line"))
            painter.drawRoundedRect(track, px(3), px(3))
            ratio = value / largest if largest > 0.0 and value > 0.0 else 0.0
            # The ratio of tiny and huge steps may be zero.
            share = max(0.02, 1.0 + math.log10(ratio) / LOG_DECADES) if ratio > 0.0 else 0.0
            slope = self._gradient[place]
            painter.setBrush(qcolor("class_minus" if slope > 0 else "class_plus"))
            painter.drawRoundedRect(
                QRectF(track.left(), track.top(), track.width() * min(share, 1.0), track.height()),
                px(3),
                px(3),
            )
            painter.setPen(QPen(qcolor("text"), 1.4))
            self._paint_way(painter, QPointF(track.right() + px(9), middle), slope)
            painter.setFont(number_font(px(11)))
            box = QRectF(track.right() + px(16), middle - px(9), px(50), px(18))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, format_number(value, 3))

    @staticmethod
    def _paint_way(painter: QPainter, at: QPointF, slope: float) -> None:
        """Paint an arrow head: to the left where the weight goes down."""
        if not slope:
            painter.drawLine(QLineF(at.x() - 3, at.y(), at.x() + 3, at.y()))
            return
        way = -1.0 if slope > 0 else 1.0
        tip = QPointF(at.x() + 3 * way, at.y())
        for side in (-4.0, 4.0):
            painter.drawLine(QLineF(tip, QPointF(at.x() - 3 * way, at.y() + side)))

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()
