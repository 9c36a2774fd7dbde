"""What the strip paints: the heads of its rows at the left, and the columns of panels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from playground.panes.init.strip_panel import (
    BACKWARD,
    BarsPainter,
    PanelStyle,
    WordsPainter,
    zone,
)
from playground.ui.fonts import Weight, number_font, ui_font
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtGui import QMouseEvent, QPaintEvent

    from playground.experiments.init_snapshot import LayerView, Quantity
    from playground.panes.init.strip import StripView

HEADER_PX = 78
HEAD_PX = 20
GAP_PX = 3
BAND_PX = 9
SHORT_LABELS: dict[Quantity, str] = {
    "w": "W",
    "z": "z",
    "a": "a",
    "da": "∂C/∂a",
    "dz": "∂C/∂z",
    "dw": "∂C/∂W",
}


@dataclass(frozen=True, slots=True)
class StripGrid:
    """Where the panels are; shared by the heads at the left and the columns."""

    rows: tuple[Quantity, ...]
    height: float

    def row(self, place: int) -> tuple[float, float]:
        """Return top and height of a row; a wider gap parts forward from backward."""
        bands = px(BAND_PX) if "a" in self.rows and "da" in self.rows else 0
        room = self.height - px(HEAD_PX) - bands - px(GAP_PX) * (len(self.rows) - 1)
        high = max(1.0, room / len(self.rows))
        top = px(HEAD_PX) + place * (high + px(GAP_PX))
        return top + (bands if self.rows[place] in BACKWARD else 0), high


class StripHeads(QWidget):
    """Names of the rows, and the input of the network beside the activations."""

    def __init__(self, strip: StripView) -> None:
        super().__init__()
        self._strip = strip
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(HEADER_PX), px(200))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        strip = self._strip
        grid = strip.grid(self.height())
        snapshot = strip.snapshot
        style = PanelStyle(log=strip.log_counts, own_range=False)
        bars, words = BarsPainter(painter, style), WordsPainter(painter, style)
        for place, quantity in enumerate(grid.rows):
            top, high = grid.row(place)
            painter.setFont(ui_font(px(13), Weight.Medium))
            painter.setPen(qcolor("text"))
            line = QRectF(0.0, top, self.width() - px(6), min(high, px(18)))
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft, SHORT_LABELS[quantity])
            if snapshot is None:
                continue
            if quantity == "a" and snapshot.input_histogram is not None and high >= px(52):
                cell = QRectF(0.0, top + px(18), self.width() - px(6), high - px(18))
                bars.draw(cell, "w", snapshot.input_histogram)
                words.draw(cell, snapshot.input_histogram, snapshot.input_spread.std, 0)
            elif strip.shared_range and high >= px(46):
                self._draw_range(painter, quantity, top + px(18))

    def _draw_range(self, painter: QPainter, quantity: Quantity, top: float) -> None:
        histogram = self._strip.any_histogram(quantity)
        if histogram is None:
            return
        painter.setFont(number_font(px(10)))
        painter.setPen(qcolor("muted"))
        ends = (format_number(end, 2, trim=True) for end in (histogram.low, histogram.high))
        for line, text in enumerate(ends):
            box = QRectF(0.0, top + line * px(13), self.width() - px(6), px(13))
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft, text)


class StripColumns(QWidget):
    """The panels; a click chooses the layer that other views look at."""

    def __init__(self, strip: StripView) -> None:
        super().__init__()
        self._strip = strip
        self._hovered: QPoint | None = None
        self._words: QPixmap | None = None
        self.setMouseTracking(True)
        self.setAccessibleName("Histograms of every layer")

    def column_width(self) -> float:
        """Return the width of a layer's column, the gap included."""
        return self.width() / max(1, len(self._strip.layers))

    def cell(self, row: int, column: int) -> QRectF:
        """Return the rectangle of one panel."""
        top, high = self._strip.grid(self.height()).row(row)
        wide = self.column_width()
        return QRectF(column * wide, top, wide - px(GAP_PX), high)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._strip.layers:
            return
        painter = QPainter(self)
        bars = BarsPainter(painter, self._strip.style_of_panels())
        for cell, layer, quantity in self._panels(event.rect()):
            bars.draw(cell, quantity, layer.histograms.get(quantity))
        ratio = self.devicePixelRatioF()
        if self._words is None or self._words.deviceIndependentSize() != self.size().toSizeF():
            self._words = self._written(ratio)
        painter.drawPixmap(0, 0, self._words)

    def write(self) -> None:
        """Write the words anew at the next paint."""
        self._words = None
        self.update()

    def _panels(self, part: QRect) -> Iterator[tuple[QRectF, LayerView, Quantity]]:
        """Yield the panels within a part of the canvas."""
        layers, rows = self._strip.layers, self._strip.rows
        grid = self._strip.grid(self.height())
        places = [grid.row(row) for row in range(len(rows))]
        wide = self.column_width()
        first = max(0, int(part.left() // wide))
        last = min(len(layers), int(part.right() // wide) + 1)
        for column in range(first, last):
            layer = layers[column]
            for quantity, (top, high) in zip(rows, places, strict=True):
                if not (layer.is_output and quantity in ("a", "da")):
                    yield QRectF(column * wide, top, wide - px(GAP_PX), high), layer, quantity

    def _written(self, ratio: float) -> QPixmap:
        """Return everything that is read, on a transparent ground: it changes four times a second.

        Text costs as much as all bars together, and nobody reads thirty numbers a second.
        """
        made = QPixmap(self.size() * ratio)
        made.setDevicePixelRatio(ratio)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        words = WordsPainter(painter, self._strip.style_of_panels())
        references = self._strip.references()
        for column, layer in enumerate(self._strip.layers):
            self._draw_head(painter, column, layer)
        for cell, layer, quantity in self._panels(self.rect()):
            std = layer.spreads[quantity].std
            where = 0 if layer.is_output else zone(std, references[quantity])
            words.draw(cell, layer.histograms.get(quantity), std, where)
        self._draw_choice(painter)
        painter.end()
        return made

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hovered = event.position().toPoint()
        self.tell()

    @override
    def leaveEvent(self, event: Any) -> None:
        self._hovered = None
        QToolTip.hideText()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        column = int(event.position().x() // self.column_width())
        if event.button() == Qt.MouseButton.LeftButton and column < len(self._strip.layers):
            self._strip.layer_chosen.emit(self._strip.layers[column].index)

    def tell(self) -> None:
        """Show the numbers under the pointer."""
        if self._hovered is None:
            return
        words = self._strip.words_at(self._hovered.x(), self._hovered.y())
        if words:
            QToolTip.showText(self.mapToGlobal(self._hovered), words, self)
        else:
            QToolTip.hideText()

    def _draw_head(self, painter: QPainter, column: int, layer: LayerView) -> None:
        wide = self.column_width()
        box = QRectF(column * wide, 0.0, wide - px(GAP_PX), px(HEAD_PX) - px(3))
        chosen = layer.index == self._strip.selected
        painter.setFont(number_font(px(12), Weight.DemiBold if chosen else Weight.Normal))
        painter.setPen(qcolor("accent" if chosen else "muted"))
        name = "out" if layer.is_output else layer.name
        if wide >= px(96):
            name = "output" if layer.is_output else f"layer {layer.name}"
            if wide >= px(124):
                name = f"{name} · {layer.size}"
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)

    def _draw_choice(self, painter: QPainter) -> None:
        place = self._strip.selected - 1
        if not 0 <= place < len(self._strip.layers):
            return
        wide = self.column_width()
        painter.setPen(QPen(qcolor("accent"), px(2)))
        y = px(HEAD_PX) - px(2)
        painter.drawLine(
            QPoint(round(place * wide), y), QPoint(round((place + 1) * wide) - px(GAP_PX), y)
        )
