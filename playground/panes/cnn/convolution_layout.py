"""Small parts that all columns and cards of the laboratory share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget
from typing_extensions import override

from playground.ui.elided_label import ElidedLabel
from playground.ui.fonts import Weight, number_font, ui_font
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QFont

Role = Literal["text", "muted", "bad"]


class WrappedWords(QLabel):
    """Words that wrap, vanish while empty, and never ask for width."""

    def __init__(self, role: Role = "muted", size: int = 12, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size = size
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        if role != "text":
            self.setProperty("role", role)
        self._style()
        theme().changed.connect(self._style)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def show_words(self, words: str) -> None:
        """Show words; an empty text takes no room."""
        if words != self.text():
            self.setText(words)
        self.setVisible(bool(words))

    def _style(self) -> None:
        self.setFont(number_font(px(self._size)))


class _Caption(ElidedLabel):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._style()
        theme().changed.connect(self._style)

    def _style(self) -> None:
        self.setFont(number_font(px(12), Weight.Medium))


def caption(text: str) -> ElidedLabel:
    """Return the head of a column: what it shows, elided where there is no room."""
    return _Caption(text)


def small_words(role: Role = "muted") -> WrappedWords:
    """Return words of 12 px that wrap; hidden at first."""
    made = WrappedWords(role)
    made.hide()
    return made


def words_font(size: int = 11) -> QFont:
    """Return the face of small words under a picture."""
    return ui_font(px(size))
