"""A label whose words may change many times a second without the window being laid out anew.

Qt's own label tells its layout of every change of its text, and the news goes up to the window,
which then places everything it holds: three milliseconds for a number that has become another. Here
the label stands in a holder that passes the news on only where the words need another height, or
a word of them more width.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget
from typing_extensions import override

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent


class StillLabel(QWidget):
    """Words that wrap where they must and move what stands around them only then."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = QLabel(text, self)
        """The label itself: its looks, and whether its words can be selected."""
        self.label.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._height = -1

    def text(self) -> str:
        """Return the words."""
        return self.label.text()

    def setText(self, text: str) -> None:
        """Show other words."""
        if text != self.label.text():
            self.label.setText(text)
            self._settle()

    def setTextInteractionFlags(self, flags: Qt.TextInteractionFlag) -> None:
        """Let the words be selected."""
        self.label.setTextInteractionFlags(flags)

    @override
    def sizeHint(self) -> QSize:
        return self.label.sizeHint()

    @override
    def minimumSizeHint(self) -> QSize:
        return self.label.minimumSizeHint()

    @override
    def heightForWidth(self, width: int) -> int:
        return self.label.heightForWidth(width)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self.label.setGeometry(self.rect())
        self._height = self.heightForWidth(self.width())

    @override
    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            # From the label, also when its font has become another.
            self._settle()
        return super().event(event)

    def _settle(self) -> None:
        """Ask for room where the words have come to need more of it, or less."""
        height = self.heightForWidth(self.width())
        too_narrow = self.label.minimumSizeHint().width() > self.width()
        if height != self._height or too_narrow:
            self._height = height
            self.updateGeometry()
