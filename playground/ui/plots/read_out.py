"""The numbers under the pointer: a dot on the nearest curve and a label that stays inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QLabel, QWidget

from playground.ui.fonts import number_font
from playground.ui.theme import TEXT_PX, px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from PySide6.QtCore import QPointF

    from playground.ui.plots.curves import SeriesCurve

DOT_PX = 8
OFFSET_PX = 14


class ReadOut(QObject):
    """A label over the plot and a dot in it; both hidden until there is something to say."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self.label = QLabel(over)
        self.label.setProperty("role", "readout")
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        # The pointer must not fall onto the label that tells about it.
        self.label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.label.hide()
        self.dot = pg.ScatterPlotItem(size=DOT_PX, pxMode=True)
        self.dot.setZValue(30)
        self.apply_theme()

    def show_at(self, pixel: QPointF, text: str) -> None:
        """Write a text beside a place, on the side where there is room."""
        if text != self.label.text():
            self.label.setText(text)
            self.label.adjustSize()
        offset = px(OFFSET_PX)
        wide, high = self.label.width(), self.label.height()
        x, y = round(pixel.x()) + offset, round(pixel.y()) - high - offset // 2
        if x + wide > self._over.width():
            x = round(pixel.x()) - offset - wide
        if y < 0:
            y = round(pixel.y()) + offset
        x = max(0, min(x, self._over.width() - wide))
        y = max(0, min(y, self._over.height() - high))
        self.label.move(QPoint(x, y))
        self.label.show()
        self.label.raise_()

    def mark(self, x: float, y: float, color: str) -> None:
        """Put the dot on a place in axis coordinates."""
        self.dot.setData(x=[x], y=[y])
        self.dot.setBrush(qcolor(color))
        self.dot.show()

    def hide(self) -> None:
        """Say nothing."""
        if not self.label.isHidden():
            self.label.hide()
            self.label.setText("")
        if self.dot.isVisible():
            self.dot.hide()

    def apply_theme(self) -> None:
        """Take type and colours of the theme."""
        self.label.setFont(number_font(px(TEXT_PX)))
        self.dot.setPen(theme().pen("text", 1.5))
        self.dot.setSize(px(DOT_PX))


def nearest_sample(
    curves: Iterable[SeriesCurve],
    x: float,
    y: float,
    pixel_of: Callable[[float, float], tuple[float, float]],
) -> tuple[SeriesCurve, float, float, float, float] | None:
    """Return the curve whose sample at ``x`` lies nearest to ``y``, and that sample.

    The sample is ``(x, y)`` as given and ``(x, y)`` in axis coordinates; ``pixel_of`` turns axis
    coordinates into pixels.
    """
    here = pixel_of(x, y)
    best = None
    shortest = float("inf")
    for curve in curves:
        sample = curve.nearest(x)
        if sample is None:
            continue
        there = pixel_of(sample[2], sample[3])
        distance = abs(there[1] - here[1]) + 0.25 * abs(there[0] - here[0])
        if distance < shortest:
            shortest = distance
            best = (curve, *sample)
    return best
