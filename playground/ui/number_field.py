"""A line edit for one number: forgiving about notation, clear about what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget
from typing_extensions import override

from playground.ui.fonts import number_font
from playground.ui.number_text import NumberError, format_number, parse_number, range_sentence
from playground.ui.theme import TEXT_PX, px, theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent

SHOWN_DIGITS = 6
STEP_KEYS = {
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_PageUp: 10,
    Qt.Key.Key_PageDown: -10,
}


class NumberField(QLineEdit):
    """A typed number with bounds.

    A value counts when Enter is pressed or the field is left. What cannot be accepted stays in the
    field, marked, with one sentence in ``rejected``; nothing is emitted as a value. Escape brings
    the last good value back. Arrow keys step; the wheel steps only while the field has the focus.

    Signals
    -------
    edited(float)
        A person gave a new value. Never emitted by :meth:`set_value`.
    rejected(str)
        The sentence about a refused text; empty once the field is good again.
    """

    edited = Signal(float)
    rejected = Signal(str)

    def __init__(
        self,
        name: str,
        *,
        value: float = 0.0,
        minimum: float | None = None,
        maximum: float | None = None,
        integer: bool = False,
        unit: str = "",
        stepper: Callable[[float, int], float] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._minimum, self._maximum = minimum, maximum
        self._integer = integer
        self._unit = unit
        self._stepper = stepper
        self._value = value
        self._problem = ""
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setAccessibleName(f"{name}, {unit}" if unit else name)
        self.editingFinished.connect(self._on_editing_finished)
        self.textEdited.connect(self._on_text_edited)
        self.returnPressed.connect(self.selectAll)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)
        self._show_value()

    @property
    def value(self) -> float:
        """The last good value; an int where the field holds whole numbers."""
        return int(self._value) if self._integer else float(self._value)

    @property
    def problem(self) -> str:
        """The sentence about the text in the field; empty when it is good."""
        return self._problem

    def set_value(self, value: float) -> None:
        """Show a value without emitting; a text that is being typed is left alone."""
        self._value = value
        if not self.is_in_use():
            self._set_problem("")
            self._show_value()

    def is_in_use(self) -> bool:
        """Return True while a person is typing here or has left a refused text."""
        return self.isModified() or bool(self._problem)

    def check(self, value: float) -> str:
        """Return the sentence against a value, or an empty text when it is allowed."""
        outside = (self._minimum is not None and value < self._minimum) or (
            self._maximum is not None and value > self._maximum
        )
        if outside or (self._integer and value != round(value)):
            return range_sentence(self._name, self._minimum, self._maximum, integer=self._integer)
        return ""

    def refuse(self, sentence: str, standing: float) -> None:
        """Mark the text as refused by who knows more than the bounds; ``standing`` still holds."""
        self._value = standing
        self._set_problem(sentence)

    def restore(self) -> None:
        """Drop what was typed and show the last good value again."""
        self._set_problem("")
        self._show_value()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = STEP_KEYS.get(Qt.Key(event.key()), 0)
        if steps and event.modifiers() in _STEP_MODIFIERS:
            self._step(steps)
        elif event.key() == Qt.Key.Key_Escape and self.is_in_use():
            self.restore()
            self.selectAll()
        else:
            super().keyPressEvent(event)

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus() or not event.angleDelta().y():
            event.ignore()
            return
        self._step(1 if event.angleDelta().y() > 0 else -1)
        event.accept()

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.selectAll()

    def _step(self, steps: int) -> None:
        if self._stepper is not None:
            moved = self._stepper(self._value, steps)
        else:
            moved = self._value + steps
        self._accept(moved)

    def _on_text_edited(self) -> None:
        self._set_problem("")

    def _on_editing_finished(self) -> None:
        if not self.isModified():
            return
        text = self.text().strip()
        if self._unit and text.endswith(self._unit):
            text = text[: -len(self._unit)]
        try:
            self._accept(parse_number(text))
        except NumberError as error:
            self._set_problem(str(error))

    def _accept(self, value: float) -> None:
        sentence = self.check(value)
        if sentence:
            self._set_problem(sentence)
            return
        changed = value != self._value
        self._value = value
        self._set_problem("")
        self._show_value()
        if changed:
            self.edited.emit(value)

    def _set_problem(self, sentence: str) -> None:
        if sentence == self._problem:
            return
        self._problem = sentence
        self.setProperty("invalid", "true" if sentence else "false")
        self.style().unpolish(self)
        self.style().polish(self)
        self.rejected.emit(sentence)

    def _show_value(self) -> None:
        text = format_number(self.value, SHOWN_DIGITS, trim=True)
        if self._unit:
            text = f"{text} {self._unit}"
        if text != self.text():
            self.setText(text)
        self.setModified(False)

    def _on_theme_changed(self) -> None:
        self.setFont(number_font(px(TEXT_PX)))


_STEP_MODIFIERS = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
