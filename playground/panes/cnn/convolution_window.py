"""The card of one pixel: the window, the kernel on it, the products, and their sum in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget
from typing_extensions import override

from playground.panes.cnn.convolution_layout import small_words
from playground.panes.cnn.convolution_words import (
    border_words,
    channel_names,
    channel_sum,
    fed_terms,
    fed_words,
    place_words,
    product_sum,
)
from playground.ui.controls import ChoiceBox
from playground.ui.fonts import Weight, number_font, ui_font
from playground.ui.grid_view import GridView, Kind, short_number
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

    from playground.core.convolution import Fed, Window

HINT = (
    "Point at a pixel of the result: its window, the products and their sum stand here. "
    "Point at a pixel of the picture: the outputs that it feeds."
)
LARGEST_CELL = 44
CAPTIONS_FROM = 170


class WindowCard(QWidget):
    """Window × kernel = products → sum, for the pixel under the pointer or of the sweep.

    Signals
    -------
    channel_chosen(int)
        Another channel is looked at.
    """

    channel_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._channel = 0
        self._window: tuple[Window, float, bool, bool, bool] | None = None
        self.head = QLabel(HINT)
        self.head.setWordWrap(True)
        self.channel = ChoiceBox(
            "channel", [(0, "grey")], help="Which channel's products to show", segmented=True
        )
        self.channel.edited.connect(self._on_channel)
        self.values = self._grid("Window on the picture", "grey")
        self.weights = self._grid("Kernel as it lies on the picture", "diverging")
        self.products = self._grid("Products", "diverging")
        self._grids = (self.values, self.weights, self.products)
        self._words = tuple(QLabel(text) for text in ("window", "kernel", "products"))
        self._operators = tuple(QLabel(text) for text in ("×", "=", "→"))
        self.total = QLabel()
        self.total.setToolTip("The value of the result: all products summed")
        self.sum = small_words()
        self.more = small_words()
        self._lay_out()
        self._show_grids(False)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def channel_place(self) -> int:
        """Which channel is looked at, counted from 0."""
        return self._channel

    @property
    def text(self) -> str:
        """All words on the card."""
        labels = (self.head, self.total, self.sum, self.more)
        return "\n".join(label.text() for label in labels if label.text())

    def show_window(
        self,
        window: Window,
        *,
        bias: float = 0.0,
        relu: bool = False,
        signal: bool = False,
        alone: bool = False,
        note: str = "",
    ) -> None:
        """Show what makes one pixel of the result; ``alone``: every channel is by itself."""
        self._window = (window, bias, relu, signal, alone)
        count = len(window.values)
        self._channel = min(self._channel, count - 1)
        if len(self.channel.values) != count:
            names = channel_names(count)
            self.channel.set_choices([(place, name) for place, name in enumerate(names)])
        self.channel.set_value(self._channel)
        self.channel.setVisible(count > 1)
        value = (float(window.sums[self._channel]) if alone else window.total) + bias
        place = place_words(window.row, window.col, signal)
        words = (f"Output {place}", note, border_words(window))
        self.head.setText("  ·  ".join(part for part in words if part))
        result = max(0.0, value) if relu else value
        self.total.setText(short_number(result, 4))
        self._fill(window)
        self.sum.show_words(product_sum(window, self._channel))
        summed = channel_sum(window, bias, relu, self._channel if alone else None)
        self.more.show_words(summed if count > 1 or bias or relu else "")
        self._show_grids(True)

    def show_fed(
        self, row: int, column: int, value: float, fed: Sequence[Fed], *, signal: bool = False
    ) -> None:
        """Show which outputs a pixel of the picture goes into, and with which weights."""
        self._window = None
        self._show_grids(False)
        self.head.setText(fed_words(row, column, value, fed, signal))
        self.sum.show_words(fed_terms(value, fed, signal))
        self.more.show_words("")

    def show_hint(self, words: str = HINT, more: str = "") -> None:
        """Say what can be seen here, or what cannot."""
        self._window = None
        self._show_grids(False)
        self.head.setText(words)
        self.sum.show_words(more)
        self.more.show_words("")

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # In a low card the numbers need the room more than their captions do.
        high = self.height() >= px(CAPTIONS_FROM)
        for words in self._words:
            words.setVisible(high)

    def _fill(self, window: Window) -> None:
        channel = self._channel
        height, width = window.values.shape[1:]
        faint = [
            (row, column)
            for row in range(height)
            for column in range(width)
            if window.source_rows[row] < 0 or window.source_cols[column] < 0
        ]
        largest = max(1.0, float(np.abs(window.values).max(initial=0.0)))
        self.values.set_values(window.values[channel], largest)
        self.values.set_lit((), faint)
        self.weights.set_values(window.weights[channel])
        self.products.set_values(window.products[channel])

    def _on_channel(self, channel: int) -> None:
        self._channel = channel
        if self._window is not None:
            window, bias, relu, signal, alone = self._window
            self.show_window(window, bias=bias, relu=relu, signal=signal, alone=alone)
        self.channel_chosen.emit(channel)

    def _grid(self, name: str, kind: Kind) -> GridView:
        grid = GridView(name, kind, largest_cell=LARGEST_CELL)
        grid.setToolTip(name)
        return grid

    def _show_grids(self, shown: bool) -> None:
        self._box.setVisible(shown)
        if not shown:
            self.channel.setVisible(False)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.head, 1)
        top.addWidget(self.channel)
        centre = Qt.AlignmentFlag.AlignCenter
        self._box = QWidget()
        self._row = QGridLayout(self._box)
        self._row.setContentsMargins(0, 0, 0, 0)
        for place, (grid, words) in enumerate(zip(self._grids, self._words, strict=True)):
            self._row.addWidget(grid, 0, 2 * place)
            self._row.addWidget(words, 1, 2 * place, centre)
            self._row.setColumnStretch(2 * place, 1)
            self._row.addWidget(self._operators[place], 0, 2 * place + 1, centre)
        self._row.addWidget(self.total, 0, 6, centre)
        self._row.setRowStretch(0, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(top)
        self._column.addWidget(self._box, 1)
        self._column.addWidget(self.sum)
        self._column.addWidget(self.more)
        # Takes the room only while there are no grids to fill it.
        self._column.addStretch(0)

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(6))
        self._row.setHorizontalSpacing(px(10))
        self._row.setVerticalSpacing(px(2))
        self.head.setFont(number_font(px(13), Weight.Medium))
        self.total.setFont(number_font(px(20), Weight.DemiBold))
        for words in self._words:
            words.setFont(ui_font(px(11)))
            words.setProperty("role", "muted")
        for operator in self._operators:
            operator.setFont(ui_font(px(16)))
