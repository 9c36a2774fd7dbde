"""A key under a picture: a mark in a colour and what it stands for, as often as needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from playground.ui.fonts import ui_font
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent, QResizeEvent

ROW_PX = 17


class KeyDots(QWidget):
    """Marks and words, in as many rows as the width needs; nothing takes no room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys: tuple[tuple[str, str], ...] = ()
        self._rows = 1
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.hide()
        theme().changed.connect(self._settle)

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """Words and colours."""
        return self._keys

    def set_keys(self, keys: Sequence[tuple[str, str]]) -> None:
        """Show words with their colours."""
        if tuple(keys) != self._keys:
            self._keys = tuple(keys)
            self.setVisible(bool(keys))
            self._settle()

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(120), self._rows * px(ROW_PX))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._settle()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(ui_font(px(12)))
        for words, token, box in self._places():
            side = px(9)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(qcolor(token))
            painter.drawRoundedRect(
                QRectF(box.left(), box.center().y() - side / 2, side, side), 2, 2
            )
            painter.setPen(qcolor("muted"))
            painter.drawText(
                box.adjusted(side + px(5), 0, px(4), 0), Qt.AlignmentFlag.AlignVCenter, words
            )

    def _places(self) -> list[tuple[str, str, QRectF]]:
        metrics = QFontMetricsF(ui_font(px(12)))
        found = []
        x = y = 0.0
        for words, token in self._keys:
            wide = metrics.horizontalAdvance(words) + px(14)
            if x and x + wide > self.width():
                x, y = 0.0, y + px(ROW_PX)
            found.append((words, token, QRectF(x, y, wide, px(ROW_PX))))
            x += wide + px(14)
        return found

    def _settle(self) -> None:
        places = self._places()
        rows = 1 + round(max((box.top() for _, _, box in places), default=0.0) / px(ROW_PX))
        if rows != self._rows:
            self._rows = rows
            self.updateGeometry()
        self.update()
