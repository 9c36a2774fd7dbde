"""Confusion matrices and the eight metrics of the course, for training, validation and test."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from playground.core.metrics import METRICS
from playground.ui.fonts import Weight, capitals_font, number_font, ui_font
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QPaintEvent

    from playground.core.metrics import Confusion, MetricInfo
    from playground.experiments.perceptron_snapshot import LearnerView

ROW_PX = 19
LEAST_ROW_PX = 15
MOST_ROW_PX = 25
HEAD_PX, GAP_PX = 20, 12
MATRIX_PX = 58
MOST_MATRIX_PX = 92
TWO_COLUMNS_PX = 290
PART_NAMES = ("train", "validation", "test")
CELLS = (("TP", "tp", 0, 0), ("FN", "fn", 0, 1), ("FP", "fp", 1, 0), ("TN", "tn", 1, 1))
CELL_WORDS = {
    "TP": "true positives: class +1, called +1",
    "FN": "false negatives: class +1, called −1",
    "FP": "false positives: class −1, called +1",
    "TN": "true negatives: class −1, called −1",
}


class MetricsView(QWidget):
    """Everything counted about the selected learner; painted directly, no layout work a frame."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: list[tuple[str, Confusion]] = []
        self._name = ""
        self._hovered: MetricInfo | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setAccessibleName("Confusion matrix and metrics")
        theme().changed.connect(self.updateGeometry)

    def show_learner(self, view: LearnerView | None) -> None:
        """Show the counts of a learner."""
        found = [] if view is None else [view.train, view.validation, view.test]
        parts = [(name, counts) for name, counts in zip(PART_NAMES, found, strict=False) if counts]
        name = view.name if view is not None else ""
        if (parts, name) == (self._parts, self._name):
            return
        grown = len(parts) != len(self._parts)
        self._parts, self._name = parts, name
        self.setAccessibleDescription(self.as_text())
        if grown:
            self.updateGeometry()
        self.update()

    def as_text(self) -> str:
        """Return the numbers as lines of words."""
        lines = []
        for part, counts in self._parts:
            cells = ", ".join(f"{cell} {getattr(counts, key)}" for cell, key, _, _ in CELLS)
            values = ", ".join(f"{m.label} {_value_text(counts, m)}" for m in METRICS)
            lines.append(f"{part}: {cells}; {values}")
        return "\n".join(lines)

    def explanation(self, metric: MetricInfo) -> str:
        """Return the formula with this learner's numbers in it, and when the metric is right."""
        lines = [f"{part}: {metric.describe(counts)}" for part, counts in self._parts]
        return "\n".join((*lines, metric.use))

    @override
    def sizeHint(self) -> QSize:
        rows = self._row_count() * px(ROW_PX)
        return QSize(px(300), px(HEAD_PX + MATRIX_PX + GAP_PX) + rows + px(4))

    @override
    def minimumSizeHint(self) -> QSize:
        rows = self._row_count() * px(LEAST_ROW_PX)
        return QSize(px(200), px(HEAD_PX + MATRIX_PX + GAP_PX) + rows)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._parts:
            painter.setPen(qcolor("muted"))
            wrap = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            words = "No points to count yet: click on the plane to add some."
            painter.drawText(self.rect().adjusted(12, 12, -12, -12), wrap, words)
            return
        self._paint_matrices(painter)
        for metric, box in self._rows():
            self._paint_metric(painter, metric, box)
        if len(self._parts) > 1:
            self._paint_heads(painter)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        spot = event.position()
        hovered = next((m for m, box in self._rows() if box.contains(spot)), None)
        if hovered is not self._hovered:
            self._hovered = hovered
            self.update()
            words = self.explanation(hovered) if hovered is not None else ""
            QToolTip.showText(event.globalPosition().toPoint(), words, self)

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = None
        self.update()

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            for index in range(len(self._parts)):
                for cell, _, row, column in CELLS:
                    if self._cell_box(index, row, column).contains(QPointF(event.pos())):
                        QToolTip.showText(event.globalPos(), CELL_WORDS[cell], self)
                        return True
        return super().event(event)

    @property
    def _two_columns(self) -> bool:
        return len(self._parts) < 2 and self.width() >= px(TWO_COLUMNS_PX)

    def _row_height(self) -> float:
        """Return the height of a row: a little less where the card is short."""
        room = (self.height() - self._rows_top()) / self._row_count()
        return min(px(MOST_ROW_PX), max(room, px(LEAST_ROW_PX)))

    def _matrix_height(self) -> float:
        """Return the height of a matrix: more where the card is high."""
        needed = px(HEAD_PX + GAP_PX) + self._row_count() * px(MOST_ROW_PX)
        return min(px(MOST_MATRIX_PX), max(self.height() - needed, px(MATRIX_PX)))

    def _rows_top(self) -> float:
        return px(HEAD_PX + GAP_PX) + self._matrix_height()

    def _row_count(self) -> int:
        rows = (len(METRICS) + 1) // 2 if self._two_columns else len(METRICS)
        return rows + (len(self._parts) > 1)

    def _matrix_width(self) -> float:
        gaps = px(14) * (len(self._parts) - 1)
        return min((self.width() - gaps) / max(len(self._parts), 1), px(240))

    def _cell_box(self, part: int, row: int, column: int) -> QRectF:
        width = self._matrix_width()
        left = part * (width + px(14))
        half = self._matrix_height() / 2
        cell = (width - px(2)) / 2
        return QRectF(
            left + column * (cell + px(2)), px(HEAD_PX) + row * (half + px(2)), cell, half
        )

    def _paint_matrices(self, painter: QPainter) -> None:
        for index, (part, counts) in enumerate(self._parts):
            painter.setFont(capitals_font(px(10)))
            painter.setPen(qcolor("muted"))
            head = QRectF(index * (self._matrix_width() + px(14)), 0, self._matrix_width(), px(18))
            left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(head, left, part)
            total = max(counts.tp + counts.fn + counts.fp + counts.tn, 1)
            for cell, key, row, column in CELLS:
                count = getattr(counts, key)
                right = cell in ("TP", "TN")
                box = self._cell_box(index, row, column)
                painter.setPen(Qt.PenStyle.NoPen)
                # The more points, the stronger the shade; square roots keep small counts visible.
                shade = 0.06 + 0.36 * math.sqrt(count / total)
                painter.setBrush(qcolor("ok" if right else "bad", shade if count else 0.05))
                painter.drawRoundedRect(box, 4.0, 4.0)
                self._paint_cell_words(painter, box, cell, count)

    def _paint_cell_words(self, painter: QPainter, box: QRectF, cell: str, count: int) -> None:
        inner = box.adjusted(px(7), 0, -px(7), 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(ui_font(px(10), Weight.Medium))
        painter.setPen(qcolor("muted"))
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | middle, cell)
        painter.setFont(number_font(px(13), Weight.DemiBold))
        painter.setPen(qcolor("text"))
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | middle, format_number(count))

    def _rows(self) -> list[tuple[MetricInfo, QRectF]]:
        top = self._rows_top()
        height = self._row_height()
        if not self._two_columns:
            top += height * (len(self._parts) > 1)
            return [
                (metric, QRectF(0, top + index * height, self.width(), height))
                for index, metric in enumerate(METRICS)
            ]
        half = (len(METRICS) + 1) // 2
        width = (self.width() - px(20)) / 2
        return [
            (
                metric,
                QRectF(
                    (index // half) * (width + px(20)), top + (index % half) * height, width, height
                ),
            )
            for index, metric in enumerate(METRICS)
        ]

    def _paint_metric(self, painter: QPainter, metric: MetricInfo, box: QRectF) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter
        if metric is self._hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(qcolor("hover"))
            painter.drawRoundedRect(box.adjusted(-3, 0, 3, 0), 4.0, 4.0)
        painter.setFont(ui_font(px(12)))
        painter.setPen(qcolor("muted"))
        label_width = box.width() - self._value_width() * len(self._parts)
        words = QFontMetrics(painter.font()).elidedText(
            metric.label, Qt.TextElideMode.ElideRight, int(label_width)
        )
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | middle, words)
        painter.setFont(number_font(px(12), Weight.Medium))
        for index, (_, counts) in enumerate(self._parts):
            value = _value(counts, metric)
            painter.setPen(qcolor("muted" if math.isnan(value) else "text"))
            column = self._value_box(box, index)
            painter.drawText(column, Qt.AlignmentFlag.AlignRight | middle, _short(value))

    def _paint_heads(self, painter: QPainter) -> None:
        painter.setFont(ui_font(px(11)))
        painter.setPen(qcolor("muted"))
        row = QRectF(0, self._rows_top(), self.width(), self._row_height())
        for index, (part, _) in enumerate(self._parts):
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(self._value_box(row, index), right, part)

    def _value_width(self) -> int:
        return px(66) if len(self._parts) > 1 else px(46)

    def _value_box(self, row: QRectF, part: int) -> QRectF:
        width = self._value_width()
        left = row.right() - width * (len(self._parts) - part)
        return QRectF(left, row.top(), width, row.height())


def _value(counts: Confusion, metric: MetricInfo) -> float:
    return metric.value(counts)


def _short(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def _value_text(counts: Confusion, metric: MetricInfo) -> str:
    value = _value(counts, metric)
    return "undefined: nothing to divide by" if math.isnan(value) else f"{value:.4f}"
