"""The key of the map's colours: round heights beside a strip of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QLinearGradient, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from playground.panes.optimizers.map_place import HeightScale, map_colours
from playground.ui.fonts import number_font
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

STRIP_PX = 10
FONT_PX = 11


class HeightBar(QWidget):
    """Largest height at the top; logarithmic scales show decades."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = HeightScale(0.0, 1.0, 0.0)
        self._ticks: tuple[tuple[float, str], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setToolTip("Height f(x, y) of the colours")
        theme().changed.connect(self.updateGeometry)

    def set_scale(self, scale: HeightScale) -> None:
        """Name the colours of another scale."""
        if scale == self._scale and self._ticks:
            return
        self._scale = scale
        self._ticks = tuple(
            (float(scale.share(value)), format_number(value, 3, trim=True))
            for value in scale.ticks()
        )
        self.setAccessibleDescription(
            f"Heights from {format_number(scale.low, 3)} to {format_number(scale.high, 3)}"
        )
        self.updateGeometry()
        self.update()

    @override
    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(number_font(px(FONT_PX)))
        widest = max((metrics.horizontalAdvance(text) for _, text in self._ticks), default=0)
        return QSize(px(STRIP_PX + 6) + max(widest, px(24)), px(60))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(number_font(px(FONT_PX)))
        high = painter.fontMetrics().height()
        # As high as the axes beside it: the names of the x axis stand below them.
        strip = QRectF(0.5, px(8) + 0.5, px(STRIP_PX), self.height() - px(8) - px(42))
        if strip.height() < 2 * high:
            return
        gradient = QLinearGradient(strip.bottomLeft(), strip.topLeft())
        table = map_colours()
        for stop in range(0, 256, 15):
            red, green, blue, _ = (int(part) for part in table[stop])
            gradient.setColorAt(stop / 255.0, qcolor(f"#{red:02x}{green:02x}{blue:02x}"))
        painter.fillRect(strip, gradient)
        painter.setPen(QPen(qcolor("line"), 1.0))
        painter.drawRect(strip)
        painter.setPen(qcolor("muted"))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        last = None
        for share, text in self._ticks:
            middle = strip.bottom() - share * strip.height()
            if last is not None and last - middle < high:
                continue
            last = middle
            top = min(max(middle - high / 2, 0.0), self.height() - high)
            box = QRectF(strip.right() + px(5), top, self.width(), high)
            painter.drawText(box, left, text)
