"""Histograms of two set-ups, one above the other on the same axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from playground.panes.init.strip_panel import BarsPainter, PanelStyle, Span
from playground.ui.fonts import Weight, ui_font
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from playground.experiments.init_snapshot import InitSnapshot, Quantity

ROWS: tuple[Quantity, ...] = ("a", "dz")
ROW_LABELS: dict[Quantity, str] = {"a": "a", "dz": "∂C/∂z"}


class PairStrip(QWidget):
    """Histograms of a and ∂C/∂z of every layer, A above B, on the same axes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pair: tuple[InitSnapshot | None, InitSnapshot | None] = (None, None)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Histograms of both set-ups")
        theme().changed.connect(self.update)

    def show_pair(self, a: InitSnapshot, b: InitSnapshot | None) -> None:
        """Show two pictures; B's may be missing."""
        if self._pair[0] is not a or self._pair[1] is not b:
            self._pair = (a, b)
            self.update()

    def axis(self, quantity: Quantity) -> Span | None:
        """Return the range that both set-ups share for a quantity; None without histograms."""
        shown = [
            layer.histograms[quantity]
            for snapshot in self._pair
            if snapshot is not None
            for layer in snapshot.layers
            if quantity in layer.histograms
        ]
        if not shown:
            return None
        return min(h.low for h in shown), max(h.high for h in shown)

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(260), px(150))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(160), px(76))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        bars = BarsPainter(painter, PanelStyle(own_range=False))
        names, gap = px(48), px(3)
        between = px(6)
        high = (self.height() - 2 * gap - between) / 4.0
        for row, quantity in enumerate(ROWS):
            axis = self.axis(quantity)
            for which, snapshot in enumerate(self._pair):
                top = (2 * row + which) * high + row * (between + gap) + which * gap
                self._name(painter, QRectF(0.0, top, names, high), which, ROW_LABELS[quantity])
                layers = snapshot.layers if snapshot is not None else ()
                wide = (self.width() - names) / max(1, len(layers))
                for place, layer in enumerate(layers):
                    if layer.is_output and quantity == "a":
                        continue
                    cell = QRectF(names + place * wide, top, wide - gap, high)
                    bars.draw(cell, quantity, layer.histograms.get(quantity), axis)

    @staticmethod
    def _name(painter: QPainter, box: QRectF, which: int, label: str) -> None:
        painter.setFont(ui_font(px(11), Weight.Medium))
        painter.setPen(qcolor("text"))
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(box, middle, f"{'AB'[which]}  {label}")
