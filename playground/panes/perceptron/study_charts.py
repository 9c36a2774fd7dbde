"""Pictures of studies: histograms of many runs, and the spread of a metric over folds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from playground.ui.fonts import number_font, ui_font
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import QMouseEvent, QPaintEvent

MOST_BARS = 28


class Histogram(QWidget):
    """How often each number came up; a dashed line marks the batch, which has no spread."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._counts: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._edges: NDArray[np.float64] = np.empty(0)
        self._mark: float | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(f"Histogram of {name}")
        theme().changed.connect(self.update)

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many values lie in each bar."""
        return self._counts

    def set_values(self, values: NDArray[np.int64], mark: float | None = None) -> None:
        """Show whole numbers; ``mark`` is where the batch lies."""
        self._mark = mark
        if len(values):
            low, high = int(values.min()), int(values.max())
            if mark is not None and math.isfinite(mark):
                low, high = min(low, int(mark)), max(high, int(mark))
            # Bars of whole numbers: no bar may hold one value more than its neighbour.
            width = max(1, math.ceil((high - low + 1) / MOST_BARS))
            bars = (high - low) // width + 1
            self._edges = low - 0.5 + width * np.arange(bars + 1, dtype=np.float64)
            self._counts = np.histogram(values, self._edges)[0]
        else:
            self._counts, self._edges = np.empty(0, dtype=np.int64), np.empty(0)
        self.setAccessibleDescription(self._words())
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(150), px(120))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(90), px(84))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(ui_font(px(11)))
        painter.setPen(qcolor("muted"))
        centre = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom
        painter.drawText(QRectF(self.rect()), centre, self._name)
        area = self._area()
        painter.setPen(QPen(qcolor("line"), 1.0))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        if not len(self._counts):
            return
        highest = max(int(self._counts.max()), 1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("accent"))
        for index, count in enumerate(self._counts.tolist()):
            if count:
                bar = self._bar(index)
                bar.setTop(bar.bottom() - max(1.5, area.height() * count / highest))
                painter.drawRect(bar)
        self._paint_ends(painter, area, highest)
        if self._mark is not None and math.isfinite(self._mark):
            self._paint_mark(painter, area)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        for index, count in enumerate(self._counts.tolist()):
            if self._bar(index).contains(QPointF(event.position().x(), self._area().center().y())):
                low, high = self._edges[index] + 0.5, self._edges[index + 1] - 0.5
                span = f"{low:,.0f}" if low == high else f"{low:,.0f}–{high:,.0f}"
                place = event.globalPosition().toPoint()
                QToolTip.showText(place, f"{span} {self._name}: {count:,} orders", self)
                return

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(px(4), px(20), -px(4), -px(34))

    def _bar(self, index: int) -> QRectF:
        area = self._area()
        width = area.width() / len(self._counts)
        gap = min(2.0, 0.15 * width)
        return QRectF(area.left() + index * width + gap / 2, area.top(), width - gap, area.height())

    def _paint_ends(self, painter: QPainter, area: QRectF, highest: int) -> None:
        painter.setFont(number_font(px(11)))
        painter.setPen(qcolor("muted"))
        low, high = self._edges[0] + 0.5, self._edges[-1] - 0.5
        row = QRectF(area.left(), area.bottom() + px(2), area.width(), px(15))
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft, format_number(int(low)))
        if high > low:
            painter.drawText(row, Qt.AlignmentFlag.AlignRight, format_number(int(high)))
        top = QRectF(area.left(), 0.0, area.width(), px(16))
        painter.drawText(top, Qt.AlignmentFlag.AlignLeft, f"{highest:,} orders")

    def _paint_mark(self, painter: QPainter, area: QRectF) -> None:
        span = self._edges[-1] - self._edges[0]
        mark = self._mark if self._mark is not None else 0.0
        x = area.left() + area.width() * (mark - self._edges[0]) / span
        painter.setPen(QPen(qcolor("ok"), 2.0, Qt.PenStyle.DashLine))
        painter.drawLine(QLineF(x, px(16), x, area.bottom()))
        painter.setFont(ui_font(px(11)))
        words = "batch"
        width = painter.fontMetrics().horizontalAdvance(words) + 4
        left = min(max(x - width / 2, area.left()), area.right() - width)
        if left > area.left() + px(64):
            box = QRectF(left, 0.0, width, px(16))
            painter.setPen(qcolor("ok"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def _words(self) -> str:
        if not len(self._counts):
            return ""
        low, high = self._edges[0] + 0.5, self._edges[-1] - 0.5
        return f"{int(self._counts.sum())} orders, {low:.0f} to {high:.0f} {self._name}"


class FoldChart(QWidget):
    """One dot for every fold, the mean as a line, the spread as a band."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: tuple[float, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("The metric on every fold")
        theme().changed.connect(self.update)

    def set_values(self, values: Sequence[float]) -> None:
        """Show the metric of every fold; not-a-number is left out."""
        self._values = tuple(values)
        self.setAccessibleDescription(", ".join(f"{value:.3f}" for value in values))
        self.update()

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(160), px(84))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(px(40), px(8), -px(8), -px(22))
        finite = [value for value in self._values if math.isfinite(value)]
        low = min(0.0 if not finite else math.floor(min(finite) * 10) / 10, 0.9)
        painter.setFont(number_font(px(11)))
        for value in (low, (low + 1.0) / 2, 1.0):
            y = self._height(area, low, value)
            painter.setPen(QPen(qcolor("line"), 1.0))
            painter.drawLine(QLineF(area.left(), y, area.right(), y))
            painter.setPen(qcolor("muted"))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - 8, area.left() - px(6), 16), right, f"{value:.2f}")
        if not finite:
            return
        mean = float(np.mean(finite))
        spread = float(np.std(finite))
        top = self._height(area, low, min(mean + spread, 1.0))
        bottom = self._height(area, low, max(mean - spread, low))
        painter.fillRect(
            QRectF(area.left(), top, area.width(), bottom - top), qcolor("accent", 0.15)
        )
        painter.setPen(QPen(qcolor("accent"), 2.0))
        y = self._height(area, low, mean)
        painter.drawLine(QLineF(area.left(), y, area.right(), y))
        step = area.width() / len(self._values)
        for index, value in enumerate(self._values):
            x = area.left() + (index + 0.5) * step
            painter.setPen(qcolor("muted"))
            label = QRectF(x - step / 2, area.bottom() + px(4), step, px(16))
            painter.drawText(label, Qt.AlignmentFlag.AlignHCenter, str(index + 1))
            if math.isfinite(value):
                painter.setPen(QPen(qcolor("raised"), 1.5))
                painter.setBrush(qcolor("text"))
                painter.drawEllipse(QPointF(x, self._height(area, low, value)), px(4), px(4))

    @staticmethod
    def _height(area: QRectF, low: float, value: float) -> float:
        return area.bottom() - area.height() * (value - low) / (1.0 - low)
