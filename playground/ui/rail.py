"""The rail at the left: one button for every pane, icon over its full name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from playground.ui.fonts import ui_font
from playground.ui.icons import icon_pixmap
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Iterable

LABEL_PX = 12
ICON_SIDE = 22
SMALLEST_WIDTH = 76


class RailButton(QAbstractButton):
    """One pane: an icon, its name in full, and a bar in the accent while it is on stage."""

    def __init__(self, name: str, label: str, icon_name: str, tooltip: str) -> None:
        """Make the button of pane ``name``."""
        super().__init__()
        self.name = name
        self._icon_name = icon_name
        self.setText(label)
        self.setCheckable(True)
        self.setToolTip(tooltip)
        self.setAccessibleName(label)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    @override
    def sizeHint(self) -> QSize:
        width = QFontMetrics(ui_font(px(LABEL_PX))).horizontalAdvance(self.text())
        return QSize(max(px(SMALLEST_WIDTH), width + px(20)), px(62))

    @override
    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        box = QRectF(self.rect()).adjusted(px(4), 0, -px(4), 0)
        on = self.isChecked()
        if on or self.underMouse() or self.isDown():
            painter.setBrush(qcolor("raised" if on else "hover"))
            painter.drawRoundedRect(box, px(8), px(8))
        if on:
            painter.setBrush(qcolor("accent"))
            bar = QRectF(0, px(14), px(3), self.height() - px(28))
            painter.drawRoundedRect(bar, px(1.5), px(1.5))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme().pen("accent", 1.0))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), px(8), px(8))
        side = px(ICON_SIDE)
        token = "accent" if on else "muted"
        picture = icon_pixmap(self._icon_name, side, token, self.devicePixelRatioF())
        painter.drawPixmap((self.width() - side) // 2, px(9), picture)
        painter.setFont(ui_font(px(LABEL_PX)))
        painter.setPen(qcolor("text" if on else "muted"))
        words = self.rect().adjusted(0, px(9) + side, 0, -px(4))
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()


class Rail(QWidget):
    """The column of pane buttons."""

    asked = Signal(str)
    """A person wants this pane on stage."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty rail."""
        super().__init__(parent)
        self.setObjectName("rail")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self._buttons: dict[str, RailButton] = {}
        self._group = QButtonGroup(self)
        self._column = QVBoxLayout(self)
        self._column.addStretch(1)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def add(self, name: str, label: str, icon_name: str, tooltip: str) -> None:
        """Add the button of a pane at the end."""
        button = RailButton(name, label, icon_name, tooltip)
        button.clicked.connect(lambda: self.asked.emit(name))
        self._group.addButton(button)
        self._buttons[name] = button
        self._column.insertWidget(self._column.count() - 1, button)

    def set_current(self, name: str) -> None:
        """Mark the pane on stage; emits nothing."""
        button = self._buttons.get(name)
        if button is not None:
            button.setChecked(True)

    def buttons(self) -> Iterable[RailButton]:
        """Return the buttons from top to bottom."""
        return self._buttons.values()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), qcolor("panel"))
        painter.fillRect(self.width() - 1, 0, 1, self.height(), qcolor("line"))
        painter.end()

    def _on_theme_changed(self) -> None:
        self._column.setContentsMargins(px(2), px(10), px(3), px(10))
        self._column.setSpacing(px(6))
        self.update()
