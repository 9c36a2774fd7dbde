"""Quiet surfaces: cards, heads, verdicts, empty states and tables of numbers."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from playground.ui.fonts import Weight, capitals_font, ui_font
from playground.ui.icons import icon_pixmap
from playground.ui.number_table import NumberTable
from playground.ui.number_text import format_number
from playground.ui.still_label import StillLabel
from playground.ui.theme import HEAD_PX, TITLE_PX, px, theme

__all__ = [
    "Card",
    "EmptyState",
    "GroupHead",
    "IconLabel",
    "NumberTable",
    "Title",
    "Verdict",
    "VerdictKind",
    "format_number",
]

VerdictKind = Literal["ok", "warn", "bad", "info", "busy"]

# Icon, colour token and the word a screen reader says: a verdict never speaks by colour alone.
_VERDICTS: dict[VerdictKind, tuple[str, str, str]] = {
    "ok": ("circle-check", "ok", "Good"),
    "warn": ("triangle-alert", "warn", "Warning"),
    "bad": ("circle-x", "bad", "Problem"),
    "info": ("info", "muted", "Note"),
    "busy": ("loader", "accent", "Working"),
}


class IconLabel(QWidget):
    """A square icon that follows theme and scale; not a button."""

    def __init__(
        self, name: str, *, size: int = 18, color: str = "text", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._side = size
        self._color = color
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def set_icon(self, name: str, color: str) -> None:
        """Show another icon."""
        if (name, color) != (self._name, self._color):
            self._name, self._color = name, color
            self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        ratio = self.devicePixelRatioF()
        painter.drawPixmap(0, 0, icon_pixmap(self._name, self.width(), self._color, ratio))

    def _on_theme_changed(self) -> None:
        side = px(self._side)
        self.setFixedSize(side, side)
        self.update()


class Title(QLabel):
    """The 18 px semibold name of a screen."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def _on_theme_changed(self) -> None:
        self.setFont(ui_font(px(TITLE_PX), Weight.DemiBold))


class GroupHead(QLabel):
    """The 11 px capitals over a group of controls or numbers."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setProperty("role", "muted")
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def _on_theme_changed(self) -> None:
        self.setFont(capitals_font(px(HEAD_PX)))


class Card(QFrame):
    """A rounded frame with a title, tool buttons at its right, and a body.

    Parameters
    ----------
    title
        Shown in small capitals; an empty title hides the row unless a tool is added.
    surface
        ``"raised"`` for cards beside the stage, ``"bg"`` for the stage itself. A
        :class:`~playground.ui.plots.Plot` inside takes the same ``surface``.
    margin
        Distance of the body from the frame, in pixels at scale 1.

    Attributes
    ----------
    body : QVBoxLayout
        Where the content goes.
    """

    def __init__(
        self,
        title: str = "",
        *,
        surface: Literal["raised", "bg"] = "raised",
        margin: int = 12,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("card", "true" if surface == "raised" else "stage")
        self._margin = margin
        self._head = GroupHead(title)
        self._tools = QHBoxLayout()
        row = QHBoxLayout()
        row.addWidget(self._head, 1)
        row.addLayout(self._tools)
        self._head_row = QWidget()
        self._head_row.setLayout(row)
        self._head_row.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        row.setContentsMargins(0, 0, 0, 0)
        holder = QWidget()
        self.body = QVBoxLayout(holder)
        self.body.setContentsMargins(0, 0, 0, 0)
        self._outer = QVBoxLayout(self)
        self._outer.addWidget(self._head_row)
        self._outer.addWidget(holder, 1)
        self.setAccessibleName(title)
        self._head_row.setVisible(bool(title))
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def title(self) -> str:
        """The words of the head."""
        return self._head.text()

    def set_title(self, title: str) -> None:
        """Change the words of the head; an empty title hides it when there are no tools."""
        self._head.setText(title)
        self.setAccessibleName(title)
        self._head_row.setVisible(bool(title) or self._tools.count() > 0)

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        """Put a widget at the end of the body."""
        self.body.addWidget(widget, stretch)

    def add_tool(self, widget: QWidget) -> None:
        """Put a small button or switch at the right of the title."""
        self._tools.addWidget(widget)
        self._head_row.setVisible(True)

    def _on_theme_changed(self) -> None:
        margin = px(self._margin)
        self._outer.setContentsMargins(margin, margin, margin, margin)
        self._outer.setSpacing(px(8))
        self._tools.setSpacing(px(2))
        self.body.setSpacing(px(8))


class Verdict(QWidget):
    """One sentence about how things stand, with an icon for its kind; wraps where it must."""

    def __init__(
        self, kind: VerdictKind = "info", text: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._kind: VerdictKind = kind
        self._icon = IconLabel("info", size=16)
        self._label = StillLabel()
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addWidget(self._label, 1)
        self.set_verdict(kind, text)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def kind(self) -> VerdictKind:
        """What sort of verdict is shown."""
        return self._kind

    @property
    def text(self) -> str:
        """The sentence shown."""
        return self._label.text()

    def set_verdict(self, kind: VerdictKind, text: str) -> None:
        """Show a sentence; costs nothing when nothing changed."""
        name, color, word = _VERDICTS[kind]
        self._kind = kind
        self._icon.set_icon(name, color)
        if self._icon.isHidden() == bool(text):
            self._icon.setVisible(bool(text))
        if text != self._label.text():
            self._label.setText(text)
            self.setAccessibleName(f"{word}: {text}" if text else "")

    def _on_theme_changed(self) -> None:
        self._row.setSpacing(px(8))


class EmptyState(QWidget):
    """What a view says when there is nothing in it: why, and the next thing to do."""

    action_triggered = Signal()

    def __init__(
        self,
        sentence: str,
        action: str = "",
        *,
        icon_name: str = "mouse-pointer",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon = IconLabel(icon_name, size=32, color="muted")
        self._label = QLabel(sentence)
        self._label.setWordWrap(True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._label.setProperty("role", "muted")
        self._button = QPushButton(action)
        self._button.setProperty("primary", "true")
        self._button.clicked.connect(self.action_triggered)
        centre = Qt.AlignmentFlag.AlignHCenter
        self._column = QVBoxLayout(self)
        self._column.addStretch(1)
        self._column.addWidget(self._icon, 0, centre)
        self._column.addWidget(self._label)
        self._column.addWidget(self._button, 0, centre)
        self._column.addStretch(1)
        # It has a parent now; before, it would flash up as a window of its own.
        self._button.setVisible(bool(action))
        self.setAccessibleName(sentence)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def set_state(self, sentence: str, action: str = "", icon_name: str = "mouse-pointer") -> None:
        """Say something else, for instance after a failure."""
        self._icon.set_icon(icon_name, "muted")
        self._label.setText(sentence)
        self._button.setText(action)
        self._button.setVisible(bool(action))
        self.setAccessibleName(sentence)

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(12))
        self._column.setContentsMargins(px(20), px(12), px(20), px(12))
