"""The key of a small plot: marks and names on one line below it, where no curve runs through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from playground.ui.fonts import ui_font
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

FONT_PX = 11
MARK_PX = 14
GAP_PX = 14


class KeyRow(QWidget):
    """Lines with names; a token that ends in ``--`` is drawn dashed."""

    def __init__(
        self, entries: tuple[tuple[str, str], ...] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._entries = entries
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def set_entries(self, entries: tuple[tuple[str, str], ...]) -> None:
        """Show other ``(token, name)`` pairs."""
        if entries != self._entries:
            self._entries = entries
            self.setAccessibleDescription(", ".join(name for _, name in entries))
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(120), QFontMetrics(ui_font(px(FONT_PX))).height() + px(2))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(ui_font(px(FONT_PX)))
        metrics = painter.fontMetrics()
        x, middle = px(4), self.height() / 2.0
        for token, name in self._entries:
            dashed = token.endswith("--")
            style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
            painter.setPen(QPen(qcolor(token.removesuffix("--")), px(2), style))
            painter.drawLine(QLineF(x, middle, x + px(MARK_PX), middle))
            x += px(MARK_PX) + px(5)
            painter.setPen(qcolor("muted"))
            base = middle + (metrics.ascent() - metrics.descent()) / 2.0
            painter.drawText(QPointF(x, base), name)
            x += metrics.horizontalAdvance(name) + px(GAP_PX)
