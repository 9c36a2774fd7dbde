"""The lines of the plane: every learner's, earlier ones as ghosts, margins, normal, correction."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from playground.panes.perceptron.plane_geometry import clipped, gradient_norm, inset, tidy
from playground.panes.perceptron.plane_points import TRAIN
from playground.ui.fonts import Weight, number_font
from playground.ui.number_text import format_number
from playground.ui.theme import lane, px, qcolor, theme
from playground.ui.word_stamps import height_of, paint_words, stamp_words, width_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.experiments.perceptron_snapshot import LearnerView, UsedSample
    from playground.panes.perceptron.plane_geometry import Line, PixelLine, PlaneMap
    from playground.panes.perceptron.plane_points import PointCloud

ARROW_PX = 62.0
CORRECTION_PX = (26.0, 70.0)
HANDLE_PX = 5.0
GHOST_OPACITY = (0.06, 0.40)
GHOST_PX = 1.0
"""A translucent line of one pixel takes 0.01 ms, a wider one 0.24 ms, and there are two dozen."""


@dataclass(frozen=True, slots=True)
class LineHandles:
    """Where the loud line can be taken hold of: ``base`` shifts it, ``tip`` turns it."""

    line: PixelLine
    base: QPointF
    tip: QPointF
    foot_in_sight: bool


def line_handles(line: Line, place: PlaneMap) -> LineHandles | None:
    """Return the handles of a line; None where there is no line or it is out of sight.

    The base is the point of the line nearest to the origin of the data, where the distance
    |β|/‖w‖ is measured, or the middle of what is visible when that point is not.
    """
    drawn = place.line(line)
    if drawn is None:
        return None
    ends = clipped(drawn, place.area)
    if ends is None:
        return None
    origin = place.to_px(0.0, 0.0)
    room = inset(place.area, ARROW_PX * 0.4)
    base = QPointF((ends[0].x() + ends[1].x()) / 2, (ends[0].y() + ends[1].y()) / 2)
    seen = False
    if place.equal and max(abs(origin.x()), abs(origin.y())) < 1e6:
        away = drawn.distance(origin.x(), origin.y())
        foot = QPointF(origin.x() - drawn.a * away, origin.y() - drawn.b * away)
        if room.contains(foot):
            base, seen = foot, True
    reach = px(ARROW_PX)
    # w lives in the data's axes; with unequal axes it is not at right angles on the screen.
    du, dv = line[0] / place.per_px_x, -line[1] / place.per_px_y
    if not place.equal:
        scale = max(abs(line[0]), abs(line[1]))
        du, dv = line[0] / scale / place.per_px_x, -line[1] / scale / place.per_px_y
        length = math.hypot(du, dv)
        du, dv = du / length, dv / length
    else:
        du, dv = drawn.a, drawn.b
    return LineHandles(drawn, base, QPointF(base.x() + du * reach, base.y() + dv * reach), seen)


def flat_pen(
    token: str, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine, alpha: float = 1.0
) -> QPen:
    """Return a pen with flat ends, of ``width`` pixels at lecture scale 1.

    Long anti-aliased lines with round ends, or painted with an opacity, take Qt's slow path: 0.7 ms
    each instead of 0.03 ms.
    """
    return _flat_pen(qcolor(token, alpha).rgba(), width * theme().scale, style)


@functools.lru_cache(maxsize=256)
def _flat_pen(rgba: int, width: float, style: Qt.PenStyle) -> QPen:
    made = QPen(QColor.fromRgba(rgba), width, style)
    made.setCapStyle(Qt.PenCapStyle.FlatCap)
    return made


def paint_line(painter: QPainter, view: LearnerView, place: PlaneMap, *, loud: bool) -> None:
    """Draw the line of one learner; the pocket's wandering line is drawn thin beside its best."""
    if view.current != view.line:
        wandering = flat_pen(lane(view.colour), 1.2, Qt.PenStyle.DashLine)
        _stroke(painter, view.current, place, wandering)
    if loud:
        # A halo of the ground keeps the line apart from points and tint.
        _stroke(painter, view.line, place, flat_pen("bg", 5.0))
        _stroke(painter, view.line, place, flat_pen(lane(view.colour), 2.4))
    else:
        _stroke(painter, view.line, place, flat_pen(lane(view.colour), 1.6, alpha=0.7))


def paint_ghosts(
    painter: QPainter, ghosts: Sequence[Line], lane_number: int, place: PlaneMap
) -> None:
    """Draw earlier lines, oldest faintest."""
    faint, strong = GHOST_OPACITY
    for index, ghost in enumerate(ghosts):
        # Eight shades are enough to fade, and eight pens are soon made.
        shade = (8 * (index + 1)) // len(ghosts) / 8
        alpha = faint + (strong - faint) * shade
        _stroke(painter, ghost, place, flat_pen(lane(lane_number), GHOST_PX, alpha=alpha))


def paint_reference(painter: QPainter, line: Line, place: PlaneMap) -> None:
    """Draw the line of maximum margin, thin and dashed."""
    _stroke(painter, line, place, flat_pen("muted", 1.4, Qt.PenStyle.DashLine))


def paint_margins(painter: QPainter, view: LearnerView, cloud: PointCloud, place: PlaneMap) -> None:
    """Draw the band between the nearest right training points of the two classes.

    Unequal distances on the two sides are what distinguishes a line that is merely right from the
    best one, so each side is labelled with its own.
    """
    norm = gradient_norm(view.line)
    if not (math.isfinite(norm) and norm > 0.0) or not len(cloud):
        return
    w1, w2, beta = (value / norm for value in view.line)
    away = cloud.xy[:, 0] * w1 + cloud.xy[:, 1] * w2 + beta
    training = cloud.parts == TRAIN
    for label, token in ((1, "class_plus"), (-1, "class_minus")):
        right = away[training & (cloud.labels == label) & (away * label > 0.0)]
        if not len(right):
            continue
        nearest = float(right[np.argmin(np.abs(right))])
        ends = _stroke(
            painter, (w1, w2, beta - nearest), place, flat_pen(token, 1.4, Qt.PenStyle.DashLine)
        )
        if ends is not None:
            at = QLineF(*ends).pointAt(0.2)
            _label(painter, at, format_number(abs(nearest), 3), qcolor(token), place.area, None)


def distance_words(line: Line) -> str:
    """Return how far a line is from the origin, in words; none where there is no line."""
    norm = gradient_norm(line)
    if norm == 0.0:
        return ""
    distance = tidy(abs(line[2]) / norm)
    return f"|β|/‖w‖ = {format_number(distance, 3)}"


def paint_normal(
    painter: QPainter,
    view: LearnerView,
    place: PlaneMap,
    *,
    grip: str,
    show: bool,
    words: str,
    ratio: float | None,
) -> None:
    """Draw w as an arrow, the distance |β|/‖w‖ from the origin, and the two handles.

    ``words`` tell the distance; ``ratio`` are the pixels of the screen to a logical one, None for a
    drawing without pixels.
    """
    handles = line_handles(view.line, place)
    if handles is None:
        return
    colour = qcolor(lane(view.colour))
    if show:
        origin = place.to_px(0.0, 0.0)
        if handles.foot_in_sight and place.area.contains(origin):
            painter.setPen(flat_pen("muted", 1.4, Qt.PenStyle.DotLine))
            painter.drawLine(origin, handles.base)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(qcolor("muted"))
            painter.drawEllipse(origin, 2.5, 2.5)
            if QLineF(origin, handles.base).length() > 6.0:
                # On the side of class −1, away from the arrow: below the foot, or the origin.
                low = handles.base if view.line[2] > 0.0 else origin
                below = QPointF(handles.line.a, handles.line.b) * -px(18)
                _label(painter, low + below, words, qcolor("muted"), place.area, ratio)
        _arrow(painter, handles.base, handles.tip, colour, 2.4)
        beyond = QLineF(handles.base, handles.tip)
        beyond.setLength(beyond.length() + px(13))
        _label(painter, beyond.p2(), "w", colour, place.area, ratio, bold=True)
    for name, spot in (("base", handles.base), ("tip", handles.tip)):
        if name == "tip" and not show:
            continue
        held = grip == name
        radius = HANDLE_PX * theme().scale * (1.35 if held else 1.0)
        if name == "tip" and not held:
            continue
        painter.setPen(QPen(colour, 2.0))
        painter.setBrush(qcolor("bg") if not held else colour)
        painter.drawEllipse(spot, radius, radius)


def paint_sample(
    painter: QPainter, used: UsedSample, place: PlaneMap, radius: float, ratio: float | None
) -> None:
    """Halo the sample in use and draw the correction Δw that it caused as an arrow."""
    spot = place.to_px(used.x1, used.x2)
    if not place.area.adjusted(-40, -40, 40, 40).contains(spot):
        return
    token = "warn" if used.wrong else "ok"
    ring = radius + px(5)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(qcolor(token, 0.28), px(6)))
    painter.drawEllipse(spot, ring, ring)
    painter.setPen(QPen(qcolor(token), 2.2 * theme().scale))
    painter.drawEllipse(spot, ring, ring)
    length = math.hypot(used.dw1, used.dw2)
    if not (math.isfinite(length) and length > 0.0):
        return
    along = QPointF(used.dw1 / length, -used.dw2 / length)
    # Drawn to the scale of the axes between two limits: a small correction must still be seen.
    reach = min(max(length / place.per_px_x, px(CORRECTION_PX[0])), px(CORRECTION_PX[1]))
    start = spot + along * ring
    tip = start + along * reach
    _arrow(painter, start, tip, qcolor(token), 2.2)
    _label(painter, tip + along * px(14), "Δw", qcolor(token), place.area, ratio, bold=True)


def _stroke(
    painter: QPainter, line: Line, place: PlaneMap, with_pen: QPen
) -> tuple[QPointF, QPointF] | None:
    drawn = place.line(line)
    ends = clipped(drawn, place.area) if drawn is not None else None
    if ends is not None:
        painter.setPen(with_pen)
        painter.drawLine(*ends)
    return ends


def _arrow(painter: QPainter, start: QPointF, tip: QPointF, colour: QColor, width: float) -> None:
    shaft = QLineF(start, tip)
    if shaft.length() < 1.0:
        return
    head = min(px(10), shaft.length() * 0.6)
    unit = QPointF(shaft.dx(), shaft.dy()) / shaft.length()
    across = QPointF(-unit.y(), unit.x())
    neck = tip - unit * head
    # Filled shapes take a fifth of the time of short thick lines.
    painter.setPen(Qt.PenStyle.NoPen)
    for ink, thick in ((qcolor("bg", 0.8), width + 2.6), (colour, width)):
        side = across * (0.5 * thick * theme().scale)
        painter.setBrush(ink)
        painter.drawPolygon(QPolygonF([start + side, neck + side, neck - side, start - side]))
    painter.drawPolygon(
        QPolygonF([tip, neck + across * (head * 0.45), neck - across * (head * 0.45)])
    )


def _label(
    painter: QPainter,
    centre: QPointF,
    words: str,
    colour: QColor,
    area: QRectF,
    ratio: float | None,
    *,
    bold: bool = False,
) -> None:
    """Write words on a plate; with ``ratio`` from their picture."""
    font = number_font(px(11), Weight.DemiBold if bold else Weight.Medium)
    width, height = width_of(words, font) + px(6), height_of(font)
    box = QRectF(centre.x() - width / 2, centre.y() - height / 2, width, height)
    room = inset(area, 2.0)
    box.moveLeft(min(max(box.left(), room.left()), room.right() - width))
    box.moveTop(min(max(box.top(), room.top()), room.bottom() - height))
    plate = qcolor("bg", 0.72)
    if ratio is None:
        paint_words(painter, box, words, font, colour, plate, 4)
    else:
        stamp_words(painter, box, words, font, colour, plate, 4, ratio)
