"""An axis in the type and colours of the theme."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPainter, QPixmap
from typing_extensions import override

from playground.ui.fonts import number_font
from playground.ui.number_text import MINUS, format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QPicture
    from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

TICK_PX = 11
LABEL_PX = 12
GRID_ALPHA = 110
HAIRLINE_PX = 1.0
TICK_LENGTH_PX = -4
NAMED_HEIGHT_PX, PLAIN_HEIGHT_PX = 38, 22
OVERHANG_PX = 24
"""Tick labels may stick out of the axis by this much."""


class ThemedAxis(pg.AxisItem):
    """Name and unit beside readable numbers: 1,284, −0.5, 10⁻³."""

    def __init__(self, orientation: str, grid: bool = True) -> None:
        super().__init__(orientation)
        self._name = ""
        self._unit = ""
        self._image: QPixmap | None = None
        self._image_at = QPoint()
        self._image_of: tuple[QPicture | None, float] = (None, 0.0)
        self.enableAutoSIPrefix(False)
        # Labels that get shorter must not move the plot sideways while it plays.
        self.setStyle(autoReduceTextSpace=False, tickLength=TICK_LENGTH_PX, maxTickLevel=0)
        self.setGrid(GRID_ALPHA if grid else False)
        self.apply_theme()

    @property
    def name(self) -> str:
        """The axis in words, without its unit."""
        return self._name

    def set_name(self, name: str, unit: str = "") -> None:
        """Write what the axis shows; an empty name frees its room."""
        self._name, self._unit = name, unit
        text = f"{name} ({unit})" if unit else name
        colour = qcolor("muted").name()
        self.setLabel(text, **{"color": colour, "font-size": f"{px(LABEL_PX)}px"})
        self.showLabel(bool(text))
        if self.orientation == "bottom":
            # pyqtgraph lets name and ticks overlap when type is large; a fixed height also keeps
            # the plot from moving.
            self.setHeight(px(NAMED_HEIGHT_PX if text else PLAIN_HEIGHT_PX))

    def apply_theme(self) -> None:
        """Take colours and sizes from the theme."""
        self.setPen(theme().pen("line", HAIRLINE_PX))
        self.setTickPen(theme().pen("line", HAIRLINE_PX))
        self.setTextPen(qcolor("muted"))
        self.setStyle(
            tickFont=number_font(px(TICK_PX)), tickTextOffset=px(5), tickTextHeight=px(18)
        )
        self.label.setFont(number_font(px(LABEL_PX)))
        self.set_name(self._name, self._unit)

    @override
    def paint(
        self, p: QPainter, opt: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        # Playing the recorded picture of grid and labels costs 2 ms, and it is the same in most
        # frames: on the screen its pixels are kept. Exports are drawn anew, in their own medium.
        if widget is None:
            super().paint(p, opt, widget)
            return
        ratio = widget.devicePixelRatioF()
        if self._image is None or self.picture is None or self._image_of != (self.picture, ratio):
            self._image = self._drawn(p, opt, widget, ratio)
            self._image_of = (self.picture, ratio)
        p.drawPixmap(self._image_at, self._image)

    def _drawn(
        self, p: QPainter, opt: QStyleOptionGraphicsItem, widget: QWidget, ratio: float
    ) -> QPixmap:
        margin = px(OVERHANG_PX)
        area = self.boundingRect().toAlignedRect().adjusted(-margin, -margin, margin, margin)
        image = QPixmap(area.size() * ratio)
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHints(p.renderHints())
        painter.translate(-area.topLeft())
        super().paint(painter, opt, widget)
        painter.end()
        self._image_at = area.topLeft()
        return image

    @override
    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self.logMode:
            return self.logTickStrings(values, scale, spacing)
        places = max(0, math.ceil(-math.log10(spacing * scale))) if spacing * scale > 0 else 0
        return [_tick_text(value * scale, places) for value in values]

    @override
    def logTickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        # 300 is where a float of ten to that power is still finite.
        return [
            format_number(10.0 ** min(value, 300.0) * scale, digits=2, trim=True)
            for value in values
        ]


def _tick_text(value: float, places: int) -> str:
    if value != 0 and (abs(value) >= 1e6 or places > 4):
        return format_number(value, digits=4, trim=True)
    text = f"{abs(value):,.{places}f}"
    return f"{MINUS}{text}" if value < 0 and any(digit in "123456789" for digit in text) else text
