"""A grid of numbers whose cells are edited one by one: the kernel of a convolution.

The wheel and the Page keys change a cell by a step, typing gives it a number, Delete makes it zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from typing_extensions import override

from playground.ui.grid_view import Cell, GridView, is_inside
from playground.ui.number_field import NumberField
from playground.ui.number_text import MINUS, format_number
from playground.ui.theme import px

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QMouseEvent, QWheelEvent
    from PySide6.QtWidgets import QWidget

EDITOR_WIDTH = 78
COARSE = 10.0
KEYS = frozenset(
    {
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_Delete,
        Qt.Key.Key_Backspace,
        Qt.Key.Key_F2,
        Qt.Key.Key_Return,
        Qt.Key.Key_Enter,
    }
)
MOVES = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
STARTS = "0123456789.,-−+"


class _CellField(NumberField):
    """The field over a cell; keeps its keys to itself, Escape leaves it."""

    left = Signal()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        leave = event.key() == Qt.Key.Key_Escape
        super().keyPressEvent(event)
        # A line edit passes Enter on, and the grid below would open the next field at once.
        event.accept()
        if leave:
            self.left.emit()


class GridEditor(GridView):
    """A :class:`~playground.ui.grid_view.GridView` whose numbers a person changes.

    Parameters
    ----------
    name
        Accessible name, and what a refused number is called.
    step
        How much the wheel changes a cell; with Shift ten times, with Ctrl a tenth.
    limit
        Largest absolute value of a cell.

    Signals
    -------
    cell_edited(int, int, float)
        A person gave a cell another value; never emitted by ``set_values``.
    rejected(str)
        Why a number was refused; empty when all is well again.
    """

    cell_edited = Signal(int, int, float)
    rejected = Signal(str)

    def __init__(
        self,
        name: str,
        *,
        step: float = 0.1,
        limit: float = 1e6,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(name, "diverging", parent=parent)
        self._step = step
        self._limit = limit
        self._editor: NumberField | None = None
        self._shows_pointer = True
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def editor(self) -> NumberField | None:
        """The field in which a number is being typed, if one is."""
        return self._editor

    @override
    def set_values(self, values: NDArray[np.float64], span: float | None = None) -> None:
        if values.shape != self._values.shape:
            self._close_editor()
        super().set_values(values, span)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._close_editor()
        super().mousePressEvent(event)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.cell_at(event.position()) is not None:
            self._open_editor("")

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y() or event.angleDelta().x()
        cell = self.cell_at(event.position())
        if not turned or cell is None:
            event.ignore()
            return
        self._selected = cell
        self._change(cell, self._steps(1.0 if turned > 0 else -1.0, event.modifiers()))
        event.accept()

    @override
    def event(self, event: QEvent) -> bool:
        # Plain keys belong to the transport; a grid that has the focus is asked first.
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and (Qt.Key(event.key()) in KEYS or self._starts_typing(event))
        ):
            event.accept()
            return True
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if not self._values.size:
            event.ignore()
            return
        cell = self._selected or (0, 0)
        if key in MOVES:
            down, right = MOVES[key]
            moved = (cell[0] + down, cell[1] + right)
            self._select(moved if is_inside(moved, self._values) else cell)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            last = (self._values.shape[0] - 1, self._values.shape[1] - 1)
            self._select((0, 0) if key == Qt.Key.Key_Home else last)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            up = 1.0 if key == Qt.Key.Key_PageUp else -1.0
            self._change(cell, self._steps(up, event.modifiers()))
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._give(cell, 0.0)
        elif key in (Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._select(cell)
            self._open_editor("")
        elif self._starts_typing(event):
            self._select(cell)
            self._open_editor(event.text())
        else:
            event.ignore()

    def _select(self, cell: Cell) -> None:
        self._selected = cell
        self.clicked.emit(*cell)
        self.update()

    def _steps(self, direction: float, modifiers: Qt.KeyboardModifier) -> float:
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            return direction * self._step * COARSE
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            return direction * self._step / COARSE
        return direction * self._step

    def _change(self, cell: Cell, by: float) -> None:
        # Steps of 0.1 must not gather the dust of binary fractions.
        self._give(cell, round(float(self._values[cell]) + by, 9))

    def _give(self, cell: Cell, value: float) -> None:
        if abs(value) > self._limit:
            limit = format_number(self._limit, trim=True)
            self.rejected.emit(f"{self._name} holds numbers from {MINUS}{limit} to {limit}.")
            return
        self.rejected.emit("")
        if value != float(self._values[cell]):
            values = self._values.copy()
            values[cell] = value
            super().set_values(values, self._span)
            self.cell_edited.emit(cell[0], cell[1], value)

    def _starts_typing(self, event: QKeyEvent) -> bool:
        text = event.text()
        plain = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        return bool(text) and text in STARTS and event.modifiers() in plain

    def _open_editor(self, text: str) -> None:
        cell = self._selected
        if cell is None:
            return
        self._close_editor()
        field = _CellField(
            f"{self._name}, row {cell[0] + 1}, column {cell[1] + 1}",
            value=float(self._values[cell]),
            minimum=-self._limit,
            maximum=self._limit,
            parent=self,
        )
        rect = self.cell_rect(*cell)
        width = min(px(EDITOR_WIDTH), self.width())
        height = field.sizeHint().height()
        left = min(max(round(rect.center().x() - width / 2), 0), max(0, self.width() - width))
        top = min(max(round(rect.center().y() - height / 2), 0), max(0, self.height() - height))
        field.setGeometry(left, top, width, height)
        field.edited.connect(self._on_typed)
        field.rejected.connect(self.rejected)
        field.editingFinished.connect(self._on_editing_finished)
        field.left.connect(self._on_left)
        self._editor = field
        field.show()
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        if text:
            field.setText(text)
            field.setModified(True)
            field.end(False)
        else:
            field.selectAll()

    def _on_typed(self, value: float) -> None:
        if self._selected is not None:
            self._give(self._selected, value)

    def _on_editing_finished(self) -> None:
        # A refused text stays in its field, marked; Escape brings the old number back.
        if self._editor is not None and not self._editor.problem:
            had_focus = self._editor.hasFocus()
            self._close_editor()
            if had_focus:
                self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_left(self) -> None:
        self._close_editor()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _close_editor(self) -> None:
        field, self._editor = self._editor, None
        if field is not None:
            field.blockSignals(True)
            field.hide()
            field.deleteLater()
            self.rejected.emit("")
