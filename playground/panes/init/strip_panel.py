"""One small histogram: bars, the curve that theory expects, its standard deviation in words.

A panel never flatters. What lies outside the range is written beside an arrow at that side; a bar
many times as high as all others (the zeros of ReLU) is cut and its share written into it, because
drawn to scale it would press everything else flat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from playground.experiments.init_snapshot import EXPLODING, VANISHING
from playground.ui.fonts import number_font
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.experiments.init_snapshot import Histogram, Quantity

    Floats = NDArray[np.float64]

FORWARD: Final[tuple[Quantity, ...]] = ("w", "z", "a")
BACKWARD: Final[tuple[Quantity, ...]] = ("da", "dz", "dw")
TOKENS: Final[dict[str, str]] = {
    "w": "muted",
    "z": "class_plus",
    "a": "class_plus",
    "da": "class_minus",
    "dz": "class_minus",
    "dw": "class_minus",
}
SMALL_PX = 11
BAR_PX = 1.2
TINY_PX = 10
CUT_FROM = 4.0
CUT_AT = 1.3
CURVE_ROOM = 1.8
LEAST_SHARE = 5e-4
WORDS_FROM_PX = 46
THINNEST_PX = 2.5
CURVE_FROM_PX = 40
RANGE_FROM_PX = 74
RANGE_HEIGHT_PX = 64
HEAD_HEIGHT_PX = 34
ARROWS = {-1: "↓", 0: "", 1: "↑"}


Span = tuple[float, float]
WHOLE: Final[Span] = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class PanelStyle:
    """How all panels of the strip are drawn."""

    log: bool = False
    own_range: bool = True


def zone(std: float, reference: float) -> int:
    """Return −1 for a vanishing, +1 for an exploding signal, 0 for a healthy or unknown one."""
    if not (np.isfinite(std) and np.isfinite(reference)):
        return 0
    if std <= VANISHING * reference:
        return -1
    return 1 if std > EXPLODING * reference else 0


def bar_heights(histogram: Histogram, log: bool) -> tuple[Floats, Floats | None, float]:
    """Return heights 0…1 of the bars, of the expected curve (or None), and the cut bar's share.

    The share is 0 where no bar is cut; cut ones have height 1.
    """
    counts = histogram.counts.astype(np.float64)
    expected = histogram.expected
    curve = None if expected is None else expected * histogram.counted
    top = float(counts.max(initial=0.0))
    cut = 0.0
    if log:
        scale = np.log1p(max(top, 1.0))
        heights = np.log1p(counts) / scale
        drawn = None if curve is None else np.log1p(np.maximum(curve, 0.0)) / scale
    else:
        second = float(np.partition(counts, -2)[-2]) if len(counts) > 1 else 0.0
        if second > 0.0 and top > CUT_FROM * second:
            cut = top / max(1, histogram.counted)
            top = CUT_AT * second
        elif curve is not None:
            # Room for a curve that is higher than the bars, but not at their expense.
            top = max(top, min(float(curve.max(initial=0.0)), CURVE_ROOM * top))
        scale = max(top, 1.0)
        heights = counts / scale
        drawn = None if curve is None else curve / scale
    np.minimum(heights, 1.0, out=heights)
    # A curve above the tallest bar is cut at the edge of its panel, too.
    return heights, None if drawn is None else np.minimum(drawn, 1.04), cut


def pooled(heights: Floats, width: float) -> Floats:
    """Return at most one bar a pixel, each as high as the highest of those it stands for."""
    most = max(1, int(width / BAR_PX))
    if len(heights) <= most:
        return heights
    return np.maximum.reduceat(heights, np.arange(most) * len(heights) // most)


def steps_polygon(heights: Floats, area: QRectF, span: Span = WHOLE) -> QPolygonF:
    """Return the outline of bars side by side over a span of an area (shares of its width)."""
    bins = len(heights)
    left, right = (area.left() + share * area.width() for share in span)
    x = np.repeat(np.linspace(left, right, bins + 1), 2)
    y = np.empty(2 * bins + 2)
    y[0] = y[-1] = area.bottom()
    y[1:-1] = np.repeat(area.bottom() - heights * area.height(), 2)
    return _polygon(x, y)


def curve_polygon(heights: Floats, area: QRectF, span: Span = WHOLE) -> QPolygonF:
    """Return the line through the middles of the bars."""
    bins = len(heights)
    left, right = (area.left() + share * area.width() for share in span)
    half = (right - left) / bins / 2.0
    middles: Floats = np.linspace(left + half, right - half, bins)
    return _polygon(middles, area.bottom() - heights * area.height())


def span_of(histogram: Histogram, axis: Span | None, width: float) -> Span:
    """Return where on an axis, ``width`` pixels long, a histogram's bins lie; shares of it."""
    if axis is None:
        return WHOLE
    low, high = axis
    length = high - low
    start, end = (histogram.low - low) / length, (histogram.high - low) / length
    # A histogram far thinner than a pixel stays visible as a spike.
    thin = max(0.0, THINNEST_PX / max(width, 1.0) - (end - start)) / 2.0
    return start - thin, end + thin


class BarsPainter:
    """Draws what moves: grounds, bars and curves; colours are looked up once a paint."""

    def __init__(self, painter: QPainter, style: PanelStyle) -> None:
        self._painter = painter
        self._style = style
        self._ground = qcolor(ground_token())
        self._zero = QPen(qcolor("line"), 1.0)
        # Of one pixel exactly: Qt draws wider smooth lines several times as slowly.
        self._theory = QPen(qcolor("text"), 1.0)
        self._fills = {quantity: qcolor(token) for quantity, token in TOKENS.items()}

    def draw(
        self, cell: QRectF, quantity: str, histogram: Histogram | None, axis: Span | None = None
    ) -> None:
        """Draw the bars of one panel into its cell, over their own range or another axis."""
        painter = self._painter
        painter.fillRect(cell, self._ground)
        if histogram is None:
            return
        area = bars_area(cell, self._style.own_range)
        span = span_of(histogram, axis, area.width())
        self._draw_zero(area, axis or (histogram.low, histogram.high))
        heights, curve, cut = bar_heights(histogram, self._style.log)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._fills[quantity])
        bars = pooled(heights, (span[1] - span[0]) * area.width())
        painter.drawPolygon(steps_polygon(bars, area, span))
        if curve is not None and cell.width() >= px(CURVE_FROM_PX):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            painter.setPen(self._theory)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(curve_polygon(curve, area, span))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if cut > 0.0 and axis is None:
            self._draw_gap(area, heights)

    def _draw_zero(self, area: QRectF, axis: Span) -> None:
        painter = self._painter
        painter.setPen(self._zero)
        painter.drawLine(QLineF(area.bottomLeft(), area.bottomRight()))
        low, high = axis
        if low < 0.0 < high:
            share = -low / (high - low)
            x = area.left() + share * area.width()
            painter.drawLine(QLineF(x, area.top(), x, area.bottom()))

    def _draw_gap(self, area: QRectF, heights: Floats) -> None:
        """Break the tallest bar."""
        width = area.width() / len(heights)
        left = area.left() + int(np.argmax(heights)) * width
        self._painter.fillRect(
            QRectF(left - 1.0, area.top() + px(6), width + 2.0, px(3)), self._ground
        )


class WordsPainter:
    """Writes what is read: standard deviations, ranges, shares outside and of cut bars."""

    def __init__(self, painter: QPainter, style: PanelStyle) -> None:
        self._painter = painter
        self._style = style
        self._small = number_font(px(SMALL_PX))
        self._tiny = number_font(px(TINY_PX))
        self._words = qcolor("text")
        self._muted = qcolor("muted")
        self._warn = qcolor("warn")
        self._bad = qcolor("bad")

    def draw(self, cell: QRectF, histogram: Histogram | None, std: float, where: int) -> None:
        """Write into one panel; ``where`` is the zone of its standard deviation."""
        if cell.width() < px(WORDS_FROM_PX) or cell.height() < px(HEAD_HEIGHT_PX):
            self._draw_mark(cell, where)
            return
        self._draw_spread(cell, histogram, std, where)
        if histogram is None:
            return
        area = bars_area(cell, self._style.own_range)
        heights, _, cut = bar_heights(histogram, self._style.log)
        if cut > 0.0:
            self._draw_cut(area, heights, cut)
        if area.width() >= px(RANGE_FROM_PX) and area.bottom() < cell.bottom() - px(4):
            self._draw_range(cell, histogram)

    def _draw_spread(
        self, cell: QRectF, histogram: Histogram | None, std: float, where: int
    ) -> None:
        painter = self._painter
        painter.setFont(self._small)
        painter.setPen({-1: self._warn, 0: self._words, 1: self._bad}[where])
        line = QRectF(cell.left() + px(4), cell.top() + px(1), cell.width() - px(6), px(15))
        digits = 3 if cell.width() >= px(64) else 2
        middle = Qt.AlignmentFlag.AlignVCenter
        text = "" if np.isnan(std) else f"{ARROWS[where]}{format_number(std, digits, trim=True)}"
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | middle, text)
        if histogram is None or histogram.outside < LEAST_SHARE:
            return
        room = cell.width() - px(14) - painter.fontMetrics().horizontalAdvance(text)
        painter.setFont(self._tiny)
        painter.setPen(self._warn)
        left = "◂" if histogram.below >= LEAST_SHARE else ""
        right = "▸" if histogram.above >= LEAST_SHARE else ""
        share = f"{left}{percent(histogram.outside)}{right}"
        if painter.fontMetrics().horizontalAdvance(share) < room:
            painter.drawText(line, Qt.AlignmentFlag.AlignRight | middle, share)

    def _draw_mark(self, cell: QRectF, where: int) -> None:
        """Draw a bar at the upper or lower edge of a panel that is too thin for words."""
        if where:
            top = cell.top() if where > 0 else cell.bottom() - px(3)
            colour = self._bad if where > 0 else self._warn
            self._painter.fillRect(QRectF(cell.left(), top, cell.width(), px(3)), colour)

    def _draw_cut(self, area: QRectF, heights: Floats, share: float) -> None:
        """Write beside the tallest bar how much it holds."""
        painter = self._painter
        width = area.width() / len(heights)
        left = area.left() + int(np.argmax(heights)) * width
        painter.setFont(self._tiny)
        painter.setPen(self._muted)
        words = percent(share)
        wide = painter.fontMetrics().horizontalAdvance(words)
        right = left + width + px(3)
        x = right if right + wide <= area.right() else left - px(3) - wide
        painter.drawText(QPointF(x, area.top() + px(9)), words)

    def _draw_range(self, cell: QRectF, histogram: Histogram) -> None:
        painter = self._painter
        painter.setFont(self._tiny)
        painter.setPen(self._muted)
        line = QRectF(cell.left() + px(4), cell.bottom() - px(14), cell.width() - px(8), px(13))
        low, high = (format_number(end, 2, trim=True) for end in (histogram.low, histogram.high))
        if painter.fontMetrics().horizontalAdvance(low + high) + px(6) > line.width():
            return
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | middle, low)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | middle, high)


def bars_area(cell: QRectF, own_range: bool) -> QRectF:
    """Return where the bars of a panel stand."""
    words = cell.width() >= px(WORDS_FROM_PX) and cell.height() >= px(HEAD_HEIGHT_PX)
    top = px(17) if words else px(3)
    room = cell.width() >= px(RANGE_FROM_PX) and cell.height() >= px(RANGE_HEIGHT_PX)
    bottom = px(15) if own_range and room else px(3)
    side = px(3) if words else 1
    return cell.adjusted(side, top, -side, -bottom)


def ground_token() -> str:
    """Return the colour under the bars: cards are as white as the stage in the light theme."""
    return "panel" if theme().tokens.name == "light" else "bg"


def percent(share: float) -> str:
    """Return a share as a short percentage that is 0 % or 100 % only where it truly is."""
    value = 100.0 * share
    if value in (0.0, 100.0):
        return f"{value:.0f} %"
    if 0.0 < value < 0.1:
        return "<0.1 %"
    if 99.5 <= value < 100.0:
        return ">99 %"
    return f"{value:.1f} %" if value < 9.95 else f"{value:.0f} %"


def _polygon(x: Floats, y: Floats) -> QPolygonF:
    polygon: QPolygonF = arrayToQPolygonF(x, y)
    return polygon
