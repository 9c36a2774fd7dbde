"""Small parts of the row of blocks: names of the facts, the insertion mark, sideways scrolling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget
from typing_extensions import override

from playground.panes.cnn.network_block_tile import BODY_PX, FACT_PX, FACT_ROW_PX
from playground.panes.cnn.network_block_words import FACT_LABELS
from playground.ui.fonts import ui_font
from playground.ui.theme import px, qcolor

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QWheelEvent


class FactLabels(QWidget):
    """Names of the lines below the blocks."""

    @override
    def sizeHint(self) -> QSize:
        self.setFont(ui_font(px(FACT_PX)))
        widest = max(self.fontMetrics().horizontalAdvance(words) for words in FACT_LABELS)
        return QSize(widest + px(6), px(BODY_PX) + px(4) + px(FACT_ROW_PX) * len(FACT_LABELS))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(ui_font(px(FACT_PX)))
        painter.setPen(qcolor("muted"))
        y = float(px(BODY_PX) + px(4))
        for words in FACT_LABELS:
            line = QRectF(0, y, self.width(), px(FACT_ROW_PX))
            painter.drawText(
                line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words
            )
            y += px(FACT_ROW_PX)


class InsertionMark(QWidget):
    """The upright line where a dragged block would go."""

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), qcolor("accent"))


class SidewaysScroll(QScrollArea):
    """Scrolls to the side, also with an ordinary wheel."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        content.setAutoFillBackground(False)

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        bar = self.horizontalScrollBar()
        turn = event.angleDelta().y() or event.angleDelta().x()
        if bar.maximum() == 0 or not turn:
            event.ignore()
            return
        bar.setValue(bar.value() - turn)
        event.accept()
