"""Keeps plain keys such as Space and ← for the widgets in which they mean something.

The transport's shortcuts work wherever the focus is. A text field, slider, list or combo box that
has the focus gets its own keys first: it is asked through ``ShortcutOverride``. The filter sits on
the widget with the focus alone, so that no other event passes through Python.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)
from typing_extensions import override

Key = Qt.Key
ARROWS = frozenset({Key.Key_Left, Key.Key_Right, Key.Key_Up, Key.Key_Down})
ENDS = frozenset({Key.Key_Home, Key.Key_End, Key.Key_PageUp, Key.Key_PageDown})
ENTER = frozenset({Key.Key_Return, Key.Key_Enter})
PLAIN = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.KeypadModifier,
)


def own_keys(widget: QWidget) -> frozenset[Key]:
    """Return the plain keys that a widget wants for itself while it has the focus."""
    if isinstance(widget, QTextEdit) and widget.isReadOnly():
        return ENDS | {Key.Key_Up, Key.Key_Down}
    if isinstance(widget, (QAbstractSlider, QAbstractSpinBox, QLineEdit, QTextEdit)):
        return ARROWS | ENDS
    if isinstance(widget, QComboBox):
        return ARROWS | ENDS | {Key.Key_Space}
    if isinstance(widget, QAbstractItemView):
        return ARROWS | ENDS | {Key.Key_Space}
    if isinstance(widget, QTabBar):
        return frozenset({Key.Key_Left, Key.Key_Right})
    return frozenset()


class FocusKeys(QObject):
    """Follows the focus of the application."""

    def __init__(self, app: QApplication) -> None:
        """Begin to follow."""
        super().__init__(app)
        self._watched: QWidget | None = None
        app.focusChanged.connect(self._on_focus_changed)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(watched, QWidget) or not isinstance(event, QKeyEvent):
            return False
        if event.modifiers() not in PLAIN:
            return False
        key = event.key()
        if event.type() == QEvent.Type.ShortcutOverride and key in own_keys(watched):
            event.accept()
            return True
        pressed = event.type() == QEvent.Type.KeyPress
        if pressed and key in ENTER and isinstance(watched, QAbstractButton):
            # Space plays; a button with the focus is pressed with Enter instead.
            watched.click()
            return True
        return False

    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is not None:
            old.removeEventFilter(self)
        if new is not None:
            new.installEventFilter(self)
