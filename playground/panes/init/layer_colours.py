"""Colours by depth: the first layer at one end of the scale, the last at the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QLinearGradient, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from playground.ui.fonts import number_font
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from playground.ui.colour_maps import ColourTable

KEY_PX = 11
BAR_PX = 8


def layer_colour(place: int, count: int) -> str:
    """Return ``#rrggbb`` of a layer, counted from 0; each stands out from the card below it."""
    # The ends of viridis that are as dark or as light as the theme's cards are left out.
    low, high = (0.0, 0.78) if theme().tokens.name == "light" else (0.28, 1.0)
    share = place / (count - 1) if count > 1 else 0.5
    return table_colour(theme().tokens.scalar_map, low + share * (high - low))


def table_colour(table: ColourTable, share: float) -> str:
    """Return ``#rrggbb`` at a share 0…1 of a colour table."""
    red, green, blue = (int(part) for part in table[round(255 * min(max(share, 0.0), 1.0))][:3])
    return f"#{red:02x}{green:02x}{blue:02x}"


class LayerKey(QWidget):
    """A strip from the first to the last layer's colour, with their names."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = 1
        self._last = "1"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def set_layers(self, count: int, last: str) -> None:
        """Say how many layers there are and what the last one is called."""
        if (count, last) != (self._count, self._last):
            self._count, self._last = count, last
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(120), QFontMetrics(number_font(px(KEY_PX))).height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(number_font(px(KEY_PX)))
        painter.setPen(qcolor("muted"))
        middle = Qt.AlignmentFlag.AlignVCenter
        rest = QRectF(self.rect())
        first, last = "layer 1", self._last
        metrics = painter.fontMetrics()
        painter.drawText(rest, Qt.AlignmentFlag.AlignLeft | middle, first)
        left = metrics.horizontalAdvance(first) + px(6)
        width = min(px(120), rest.width() - left - px(6) - metrics.horizontalAdvance(last))
        if self._count < 2 or width <= 0:
            return
        bar = QRectF(left, (rest.height() - px(BAR_PX)) / 2, width, px(BAR_PX))
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        for stop in range(self._count):
            gradient.setColorAt(stop / (self._count - 1), qcolor(layer_colour(stop, self._count)))
        painter.fillRect(bar, gradient)
        words = rest.adjusted(left + width + px(6), 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | middle, last)
