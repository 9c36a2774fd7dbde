"""The ground of the plane: half-plane tint or score contours, grid, and axes.

f is linear, so nothing is computed per pixel: the tint is one linear gradient along the normal and
the contours are parallel lines. The tint is mixed with the paper beforehand and put down without
blending, which is why it needs no paper under it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter

from playground.panes.perceptron.plane_geometry import clipped, nice_step, tick_text, ticks
from playground.panes.perceptron.plane_lines import flat_pen
from playground.ui.fonts import number_font, ui_font
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from playground.panes.perceptron.plane_geometry import Line, PixelLine, PlaneMap

FieldStyle = Literal["tint", "contours", "none"]

TINT = {"dark": 0.30, "light": 0.26}
TINT_REACH = 0.16
"""Half the tint's strength is reached within this share of the plane's diagonal."""
TINT_STOPS = 16
CONTOUR_GAP_PX = 46.0


def paint_tint(
    painter: QPainter, line: Line, place: PlaneMap, *, probability: bool, drawn: PixelLine | None
) -> None:
    """Fill the whole area with the two half-planes, stronger with the distance from the line.

    With ``probability`` the strength is |2σ(f) − 1|, the certainty of a logistic neuron; else it
    grows with the distance alone.
    """
    strength = TINT[theme().tokens.name]
    if drawn is None:
        if line[2] != 0.0 and math.isfinite(line[2]):
            side = "class_plus" if line[2] > 0.0 else "class_minus"
            painter.fillRect(place.area, _on_paper(side, strength))
        else:
            painter.fillRect(place.area, qcolor("bg"))
        return
    diagonal = math.hypot(place.area.width(), place.area.height())
    reach = TINT_REACH * diagonal
    if probability:
        slope = math.hypot(line[0] * place.per_px_x, line[1] * place.per_px_y)
        reach = min(max(1.0 / max(slope, 1e-12), 0.5), 50.0 * diagonal)
    middle = place.area.center()
    away = drawn.distance(middle.x(), middle.y())
    if abs(away) > diagonal + 4.0 * reach:
        side = "class_plus" if away > 0 else "class_minus"
        painter.fillRect(place.area, _on_paper(side, strength))
        return
    foot = QPointF(middle.x() - drawn.a * away, middle.y() - drawn.b * away)
    ends = 4.0 * reach
    gradient = QLinearGradient(
        foot.x() - drawn.a * ends,
        foot.y() - drawn.b * ends,
        foot.x() + drawn.a * ends,
        foot.y() + drawn.b * ends,
    )
    for index in range(TINT_STOPS + 1):
        at = 2.0 * index / TINT_STOPS - 1.0
        # |2σ(z) − 1| = tanh(|z| / 2), with z = ±4 at the ends.
        level = math.tanh(2.0 * abs(at))
        gradient.setColorAt(
            index / TINT_STOPS,
            _on_paper("class_plus" if at > 0.0 else "class_minus", strength * level),
        )
    painter.fillRect(place.area, gradient)


def _on_paper(token: str, alpha: float) -> QColor:
    """Return what a translucent colour looks like on the paper."""
    ink, paper = qcolor(token), qcolor("bg")
    return QColor.fromRgbF(
        alpha * ink.redF() + (1.0 - alpha) * paper.redF(),
        alpha * ink.greenF() + (1.0 - alpha) * paper.greenF(),
        alpha * ink.blueF() + (1.0 - alpha) * paper.blueF(),
    )


def paint_contours(painter: QPainter, line: Line, place: PlaneMap, drawn: PixelLine | None) -> None:
    """Draw lines of equal score f, labelled, in the colour of the class they belong to."""
    if drawn is None:
        return
    slope = math.hypot(line[0] * place.per_px_x, line[1] * place.per_px_y)
    if not (math.isfinite(slope) and slope > 0.0):
        return
    step = nice_step(slope * CONTOUR_GAP_PX, 1.0)
    corners = [
        drawn.distance(u, v) * slope
        for u in (place.area.left(), place.area.right())
        for v in (place.area.top(), place.area.bottom())
    ]
    first, last = math.ceil(min(corners) / step), math.floor(max(corners) / step)
    if last - first > 400:
        return
    painter.setFont(number_font(px(10)))
    for index in range(first, last + 1):
        if index == 0:
            continue
        shifted = type(drawn)(drawn.a, drawn.b, drawn.c - index * step / slope)
        ends = clipped(shifted, place.area)
        if ends is None:
            continue
        token = "class_plus" if index > 0 else "class_minus"
        fifth = index % 5 == 0
        painter.setPen(flat_pen(token, 1.4 if fifth else 1.0, alpha=0.62 if fifth else 0.36))
        painter.drawLine(*ends)
        _label_contour(painter, ends, format_number(index * step, 3), token, place.area)


def _label_contour(
    painter: QPainter, ends: tuple[QPointF, QPointF], text: str, token: str, area: QRectF
) -> None:
    along = QLineF(*ends)
    if along.length() < px(90):
        return
    # Near the end that lies lower: the legend is at the top.
    at = along.pointAt(0.06) if ends[0].y() > ends[1].y() else along.pointAt(0.94)
    width = painter.fontMetrics().horizontalAdvance(text)
    height = painter.fontMetrics().height()
    box = QRectF(at.x() - width / 2 - 2, at.y() - height / 2, width + 4, height)
    if not area.contains(box):
        return
    painter.fillRect(box, qcolor("bg", 0.85))
    painter.setPen(qcolor(token))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def paint_grid(painter: QPainter, place: PlaneMap) -> None:
    """Draw the quiet grid, the lines through zero a little stronger."""
    area = place.area
    xs, ys = _axis_ticks(place)
    for values, upright in ((xs[0], True), (ys[0], False)):
        for value in values:
            painter.setPen(_grid_pen(value == 0.0))
            spot = place.to_px(value, value)
            if upright:
                painter.drawLine(QLineF(spot.x(), area.top(), spot.x(), area.bottom()))
            else:
                painter.drawLine(QLineF(area.left(), spot.y(), area.right(), spot.y()))


def paint_axes(painter: QPainter, place: PlaneMap, names: tuple[str, str]) -> None:
    """Write tick numbers and the names of the axes outside the area."""
    area = place.area
    painter.setFont(number_font(px(11)))
    painter.setPen(qcolor("muted"))
    metrics = painter.fontMetrics()
    height = metrics.height()
    (xs, x_step), (ys, y_step) = _axis_ticks(place)
    for value in xs:
        spot = place.to_px(value, 0.0).x()
        text = tick_text(value, x_step)
        half = metrics.horizontalAdvance(text) / 2
        if area.left() + half <= spot <= area.right() - half:
            box = QRectF(spot - half - 2, area.bottom() + px(4), 2 * half + 4, height)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    for value in ys:
        spot = place.to_px(0.0, value).y()
        if area.top() + height / 2 <= spot <= area.bottom() - height / 2:
            box = QRectF(0.0, spot - height / 2, area.left() - px(6), height)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, right, tick_text(value, y_step))
    painter.setFont(ui_font(px(12)))
    height = painter.fontMetrics().height()
    below = QRectF(area.left(), area.bottom() + px(20), area.width(), height)
    painter.drawText(below, Qt.AlignmentFlag.AlignCenter, names[0])
    painter.save()
    painter.translate(px(2), area.center().y())
    painter.rotate(-90.0)
    beside = QRectF(-area.height() / 2, 0.0, area.height(), height)
    painter.drawText(beside, Qt.AlignmentFlag.AlignCenter, names[1])
    painter.restore()


def _axis_ticks(place: PlaneMap) -> tuple[tuple[list[float], float], tuple[list[float], float]]:
    across = ticks(place.x0, place.x1, place.area.width() / px(60))
    up = ticks(place.y0, place.y1, place.area.height() / px(52))
    if place.equal:
        # Equal axes get squares.
        step = max(across[1], up[1])
        pieces = (place.x1 - place.x0) / step, (place.y1 - place.y0) / step
        across = ticks(place.x0, place.x1, pieces[0] * 1.0005)
        up = ticks(place.y0, place.y1, pieces[1] * 1.0005)
    return across, up


def _grid_pen(zero: bool) -> QColor:
    return qcolor("control" if zero else "line", 0.75 if zero else 0.5)
