"""The card of separation: a kernel of rank one is a column times a row, and costs less."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from playground.ui.cards import Verdict, VerdictKind
from playground.ui.fonts import ui_font
from playground.ui.grid_view import GridView, short_number
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.experiments.convolution_snapshot import ConvolutionSnapshot

MOST_VALUES = 6


class SeparateCard(QWidget):
    """Column · row = kernel, or why not."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawn_for: object = None
        self.column = GridView("Column", largest_cell=44)
        self.row = GridView("Row", largest_cell=44)
        self.kernel = GridView("Kernel", largest_cell=44)
        self.words = Verdict()
        self._signs = (QLabel("·"), QLabel("="))
        centre = Qt.AlignmentFlag.AlignCenter
        self._line = QHBoxLayout()
        self._line.addWidget(self.column, 1)
        self._line.addWidget(self._signs[0], 0, centre)
        self._line.addWidget(self.row, 2)
        self._line.addWidget(self._signs[1], 0, centre)
        self._line.addWidget(self.kernel, 2)
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.addLayout(self._line, 1)
        self._whole.addWidget(self.words)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def show_snapshot(self, snapshot: ConvolutionSnapshot) -> None:
        """Show the parts of the kernel in use."""
        separation = snapshot.separation
        if separation is self._drawn_for:
            return
        self._drawn_for = separation
        kernel = snapshot.spec.active_kernel.array
        self.kernel.set_values(kernel)
        apart = separation.column is not None and separation.row is not None
        for widget in (self.column, self.row, *self._signs):
            widget.setVisible(apart)
        if separation.column is not None and separation.row is not None:
            self.column.set_values(separation.column)
            self.row.set_values(separation.row)
        self.words.set_verdict(*separation_words(snapshot))

    def _on_theme_changed(self) -> None:
        self._line.setSpacing(px(10))
        self._whole.setSpacing(px(6))
        for sign in self._signs:
            sign.setFont(ui_font(px(16)))


def separation_words(snapshot: ConvolutionSnapshot) -> tuple[VerdictKind, str]:
    """Return whether the kernel in use is a column times a row, and what that saves."""
    separation = snapshot.separation
    rows, cols = snapshot.spec.active_kernel.array.shape
    values = [short_number(value) for value in separation.singular_values[:MOST_VALUES]]
    if len(separation.singular_values) > MOST_VALUES:
        values.append("…")
    singular = f"singular values {', '.join(values)}"
    if separation.rank == 1:
        whole, parts = rows * cols, rows + cols
        saved = (
            f"{parts} products a pixel instead of {whole}"
            if parts < whole
            else f"no saving at {rows} × {cols}"
        )
        return "ok", f"Rank 1: the kernel is a column times a row, {saved} ({singular})."
    if separation.rank == 0:
        return "info", "Rank 0: all cells are zero, there is nothing to separate."
    return (
        "info",
        f"Rank {separation.rank}: no column times a row gives this kernel; it takes a sum of "
        f"{separation.rank} such products ({singular}).",
    )
