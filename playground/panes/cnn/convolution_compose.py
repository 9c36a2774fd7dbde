"""The card of two kernels: one after the other, and as one; associative or not, in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from playground.core.kernels import MAX_SIDE
from playground.experiments.kernel_spec import MAX_CELL, KernelSpec
from playground.panes.cnn.convolution_kernel import GRID_TIP, presets_of
from playground.panes.cnn.convolution_layout import caption
from playground.ui.cards import Verdict, VerdictKind
from playground.ui.controls import ChoiceBox
from playground.ui.elided_label import ElidedLabel
from playground.ui.fonts import ui_font
from playground.ui.grid_editor import GridEditor
from playground.ui.grid_view import GridView
from playground.ui.number_text import format_number
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.core.composition import Associativity
    from playground.experiments.convolution_snapshot import ConvolutionSnapshot

NOTHING = 1e-9
"""Differences below it are rounding errors."""


class ComposeCard(QWidget):
    """Kernel g, a second kernel h, and g ∗ h.

    Signals
    -------
    edited(object, object, bool)
        Path, value and whether the gesture is complete, for the channel.
    kernel_wanted(object)
        The composed kernel is to become the kernel.
    refused(str)
        Why a number was refused.
    """

    edited = Signal(object, object, bool)
    kernel_wanted = Signal(object)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._composed: NDArray[np.float64] = np.zeros((1, 1))
        self._drawn_for: object = None
        self.first = GridView("Kernel g", largest_cell=44)
        self.second = GridEditor("Second kernel h", limit=MAX_CELL)
        self.second.setToolTip(GRID_TIP)
        self.composed = GridView("Both as one kernel", largest_cell=44)
        self.heads = (caption("g"), caption("h"), caption("g ∗ h"))
        self.preset = ChoiceBox(
            "second kernel",
            presets_of(KernelSpec),
            help="The second kernel, used only on this card",
        )
        self.take = QPushButton("Use as kernel")
        self.take.setToolTip("Make the composed kernel the kernel of the stage")
        self.take.setAutoDefault(False)
        self.law = Verdict()
        self.breach = Verdict()
        self._signs = (QLabel("∗"), QLabel("="))
        self._name = ElidedLabel("")
        self._lay_out()
        self.preset.edited.connect(lambda name: self.edited.emit(("second", "preset"), name, True))
        self.second.cell_edited.connect(self._on_cell)
        self.second.rejected.connect(self._on_rejected)
        self.take.clicked.connect(lambda: self.kernel_wanted.emit(self._composed))
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def show_snapshot(self, snapshot: ConvolutionSnapshot) -> None:
        """Show both kernels; the law waits until it has been computed."""
        spec, composition = snapshot.spec, snapshot.composition
        self.preset.set_value(spec.second.preset)
        self._name.setText(spec.active_kernel.title)
        self.first.set_values(spec.active_kernel.array)
        self.second.set_values(spec.second.array)
        if composition is None or composition is self._drawn_for:
            return
        self._drawn_for = composition
        self._composed = composition.convolution.kernel
        rows, cols = self._composed.shape
        self.composed.set_values(self._composed)
        self.heads[2].setText(f"g ∗ h  {rows} × {cols}")
        fits = max(rows, cols) <= MAX_SIDE and (rows == 1 or not spec.is_signal)
        self.take.setEnabled(fits)
        self.law.set_verdict(*law_words(composition.convolution, "convolution", "∗"))
        self.breach.set_verdict(*law_words(composition.correlation, "correlation", "⋆"))

    def _on_cell(self, row: int, col: int, value: float) -> None:
        cells = self.second.values.copy()
        cells[row, col] = value
        self.edited.emit(("second", "values"), cells.tolist(), True)

    def _on_rejected(self, sentence: str) -> None:
        if sentence:
            self.refused.emit(sentence)

    def _lay_out(self) -> None:
        centre = Qt.AlignmentFlag.AlignCenter
        self._grid = QGridLayout()
        for place, (head, grid) in enumerate(
            zip(self.heads, (self.first, self.second, self.composed), strict=True)
        ):
            self._grid.addWidget(head, 0, 2 * place)
            self._grid.addWidget(grid, 1, 2 * place)
            self._grid.setColumnStretch(2 * place, 1)
        for place, sign in enumerate(self._signs):
            self._grid.addWidget(sign, 1, 2 * place + 1, centre)
        self._grid.addWidget(self._name, 2, 0)
        self._grid.addWidget(self.preset, 2, 2)
        self._grid.addWidget(self.take, 2, 4)
        self._grid.setRowStretch(1, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._grid, 1)
        self._column.addWidget(self.law)
        self._column.addWidget(self.breach)

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(6))
        self._grid.setHorizontalSpacing(px(10))
        self._grid.setVerticalSpacing(px(4))
        for sign in self._signs:
            sign.setFont(ui_font(px(16)))


def law_words(found: Associativity, name: str, sign: str) -> tuple[VerdictKind, str]:
    """Return whether both sides of the law agree for an operation, as kind and words."""
    law = f"(f {sign} g) {sign} h = f {sign} (g {sign} h)"
    size = max(1.0, float(np.abs(found.twice).max()))
    difference = format_number(found.difference, 3, trim=True)
    if found.difference <= NOTHING * size:
        return "ok", f"{name.capitalize()}: {law}, largest difference {difference}."
    unlike = law.replace("=", "≠")
    return "warn", f"{name.capitalize()}: {unlike}; they differ by up to {difference}."
