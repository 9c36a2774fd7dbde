"""What stands on the map besides ground and trails: minima, starts, heads, arrows, the key."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from playground.experiments.optimizers_snapshot import Standing
from playground.panes.optimizers.lane_colours import lane_colour
from playground.panes.optimizers.trails import head_radius
from playground.ui.fonts import Weight, ui_font
from playground.ui.theme import px, qcolor, theme
from playground.ui.word_stamps import height_of, paint_words, stamp_words, width_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playground.core.surfaces.surface import Minimum
    from playground.experiments.optimizers_snapshot import LaneView, Pair
    from playground.panes.optimizers.map_place import MapPlace

FEW_MINIMA = 12
SLOPE_PX = 46.0
"""Length of the gradient arrow: only its direction is drawn, its size stands in the read-out."""
SHORTEST_PX = 12.0
LONGEST_PX = 4000.0
ARROWS: tuple[tuple[str, str, str, str], ...] = (
    ("gradient", "trending-down", "−∇f, downhill", "ok"),
    ("velocity", "fast-forward", "velocity", "warn"),
    ("look_ahead", "crosshair", "Nesterov's weight", "accent"),
    ("step", "arrow-right", "last step Δw", "text"),
)
"""Option, icon, words in the key, and colour of the arrows of the selected lane."""


@dataclass(slots=True)
class MapOptions:
    """What the map shows; kept between sessions.

    Parameters
    ----------
    fade
        What makes trails paler: ``"time"``, ``"loss"`` or ``"none"``.
    gradient, velocity, look_ahead, step
        Arrows of the selected lane.
    """

    fade: str = "time"
    gradient: bool = False
    velocity: bool = False
    look_ahead: bool = False
    step: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the options as plain data."""
        return {name: getattr(self, name) for name in self.__slots__}

    def take(self, state: object) -> None:
        """Take up what :meth:`to_json` gave; ignores anything else."""
        if not isinstance(state, dict):
            return
        if state.get("fade") in ("time", "loss", "none"):
            self.fade = state["fade"]
        for name, *_ in ARROWS:
            if isinstance(state.get(name), bool):
                setattr(self, name, state[name])


def arrow_of(
    name: str, view: LaneView, place: MapPlace
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Return tail and tip of an arrow in pixels; None where the lane has no such thing.

    Velocity and step have their true length, but never less than can be seen.
    """
    here = place.pixel(view.x, view.y)
    match name:
        case "gradient":
            across, up = -view.gradient[0], -view.gradient[1]
        case "velocity" if view.velocity is not None:
            across, up = view.velocity
        case "look_ahead" if view.look_ahead is not None:
            return place.pixel(*view.look_ahead), here
        case "step":
            across, up = view.step
        case _:
            return None
    if not (math.isfinite(across) and math.isfinite(up)) or across == up == 0.0:
        return None
    du = across * place.width / (place.x1 - place.x0)
    dv = -up * place.height / (place.y1 - place.y0)
    length = math.hypot(du, dv)
    if not (math.isfinite(length) and length > 0.0):
        return None
    wanted = SLOPE_PX if name == "gradient" else min(max(length, SHORTEST_PX), LONGEST_PX)
    return here, (here[0] + du / length * wanted, here[1] + dv / length * wanted)


def paint_minima(
    painter: QPainter, minima: Iterable[Minimum], place: MapPlace, ratio: float | None = None
) -> None:
    """Mark known minima: crosses for the lowest, small dots for the others.

    Here and below, with ``ratio``, the pixels of the screen to a logical one, marks are put down as
    kept pictures, on whole pixels.
    """
    known = list(minima)
    small = px(2.5 if len(known) <= FEW_MINIMA else 1.5)
    for minimum in known:
        spot = QPointF(*place.pixel(minimum.x, minimum.y))
        _put(painter, spot, _Cross() if minimum.lowest else _Dot(small), ratio)


def paint_start(
    painter: QPainter,
    at: Pair,
    place: MapPlace,
    token: str,
    *,
    loud: bool,
    ratio: float | None = None,
) -> None:
    """Mark where lanes start: a ring with a dot."""
    _put(painter, QPointF(*place.pixel(*at)), _Ring(token, px(11 if loud else 7)), ratio)


def paint_head(
    painter: QPainter,
    view: LaneView,
    place: MapPlace,
    *,
    selected: bool,
    ratio: float | None = None,
) -> None:
    """Mark where a lane is; a lane out of sight points to itself from the edge."""
    if not (math.isfinite(view.x) and math.isfinite(view.y)):
        return
    u, v = place.pixel(view.x, view.y)
    inside = QRectF(place.left, place.top, place.width, place.height)
    diverged = view.standing is Standing.DIVERGED
    if inside.contains(QPointF(u, v)):
        kind = (view.colour // len(theme().tokens.lanes)) % 4
        mark = _Head(kind, lane_colour(view.colour), selected, diverged)
        _put(painter, QPointF(u, v), mark, ratio)
        return
    painter.setPen(mark_pen("bg", 1.5))
    painter.setBrush(qcolor(lane_colour(view.colour), 0.6 if diverged else 1.0))
    painter.drawPolygon(_edge_pointer(inside, u, v))


class _Mark(Protocol):
    """Something that looks the same wherever it stands; equal ones look alike."""

    @property
    def reach(self) -> float:
        """Pixels from its middle to its edge."""

    def draw(self, painter: QPainter) -> None:
        """Draw it about the origin."""

    def __hash__(self) -> int:
        """Tell it from other marks."""


@dataclass(frozen=True, slots=True)
class _Cross:
    @property
    def reach(self) -> float:
        return px(5) + px(2.5)

    def draw(self, painter: QPainter) -> None:
        reach = px(5)
        cross = QPainterPath(QPointF(-reach, -reach))
        cross.lineTo(reach, reach)
        cross.moveTo(-reach, reach)
        cross.lineTo(reach, -reach)
        for token, width in (("bg", 4.5), ("text", 2.0)):
            painter.strokePath(cross, mark_pen(token, width))


@dataclass(frozen=True, slots=True)
class _Dot:
    radius: float

    @property
    def reach(self) -> float:
        return self.radius + px(1)

    def draw(self, painter: QPainter) -> None:
        painter.setPen(mark_pen("bg", 1.0))
        painter.setBrush(qcolor("text", 0.85))
        painter.drawEllipse(QPointF(), self.radius, self.radius)


@dataclass(frozen=True, slots=True)
class _Ring:
    token: str
    radius: float

    @property
    def reach(self) -> float:
        return self.radius + px(2)

    def draw(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for token, width in (("bg", 4.0), (self.token, 1.8)):
            painter.setPen(mark_pen(token, width))
            painter.drawEllipse(QPointF(), self.radius, self.radius)


@dataclass(frozen=True, slots=True)
class _Head:
    kind: int
    token: str
    selected: bool
    diverged: bool

    @property
    def reach(self) -> float:
        return 1.35 * head_radius(self.selected) + px(5)

    def draw(self, painter: QPainter) -> None:
        radius = head_radius(self.selected)
        painter.setPen(mark_pen("bg", 1.5))
        painter.setBrush(qcolor(self.token, 0.6 if self.diverged else 1.0))
        if self.selected:
            for token, width in (("bg", 4.5), ("text", 2.0)):
                painter.setPen(mark_pen(token, width))
                painter.drawEllipse(QPointF(), radius + px(2.5), radius + px(2.5))
            painter.setPen(Qt.PenStyle.NoPen)
        painter.drawPolygon(_outline(self.kind, radius))


def _put(painter: QPainter, spot: QPointF, mark: _Mark, ratio: float | None) -> None:
    """Draw a mark, or with ``ratio`` put its picture down, which takes a fifth of the time."""
    if ratio is None:
        painter.save()
        painter.translate(spot)
        mark.draw(painter)
        painter.restore()
        return
    picture = _picture_of(mark, ratio, theme().tokens.name, theme().scale)
    half = picture.deviceIndependentSize().width() / 2.0
    # A picture between two pixels would be blurred.
    left, top = (round((at - half) * ratio) / ratio for at in (spot.x(), spot.y()))
    painter.drawPixmap(QPointF(left, top), picture)


@functools.lru_cache(maxsize=128)
def _picture_of(mark: _Mark, ratio: float, _theme_name: str, _scale: float) -> QPixmap:
    # Even, so that its middle is between two pixels, as that of a whole spot is.
    side = 2 * math.ceil((mark.reach + 1.0) * ratio)
    picture = QPixmap(side, side)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    half = picture.deviceIndependentSize().width() / 2.0
    painter.translate(half, half)
    mark.draw(painter)
    painter.end()
    return picture


def head_shape(colour: int, u: float, v: float, radius: float) -> QPolygonF:
    """Return the mark of a lane: its shape tells lanes of one colour apart.

    There are as many colours as the theme has; the next ones are squares, diamonds and triangles.
    """
    return _outline((colour // len(theme().tokens.lanes)) % 4, radius).translated(u, v)


@functools.lru_cache(maxsize=32)
def _outline(kind: int, radius: float) -> QPolygonF:
    corners, turn, grow = (
        (24, 0.0, 1.0),
        (4, math.pi / 4, 1.2),
        (4, 0.0, 1.3),
        (3, -math.pi / 2, 1.35),
    )[kind]
    angles = [turn + 2.0 * math.pi * k / corners for k in range(corners)]
    reach = grow * radius
    return QPolygonF([QPointF(reach * math.cos(a), reach * math.sin(a)) for a in angles])


def paint_name(
    painter: QPainter, view: LaneView, place: MapPlace, ratio: float | None = None
) -> None:
    """Write the name of the selected lane beside its head."""
    if not (math.isfinite(view.x) and math.isfinite(view.y)):
        return
    u, v = place.pixel(view.x, view.y)
    font = ui_font(px(12), Weight.DemiBold)
    box = QRectF(0, 0, width_of(view.title, font) + px(12), height_of(font) + px(6))
    left = u + px(14)
    if left + box.width() > place.left + place.width - px(4):
        left = u - px(14) - box.width()
    top = min(max(v - box.height() / 2, place.top + 4), place.top + place.height - box.height() - 4)
    left = min(max(left, place.left + 4), place.left + place.width - box.width() - 4)
    box.moveTo(left, top)
    colours = qcolor("text"), qcolor("bg", 0.82)
    if ratio is None:
        paint_words(painter, box, view.title, font, *colours, px(4))
    else:
        stamp_words(painter, box, view.title, font, *colours, px(4), ratio)


def paint_arrows(
    painter: QPainter, view: LaneView, place: MapPlace, options: MapOptions
) -> list[tuple[str, str]]:
    """Paint the arrows that are asked for; return words and colour of those there are."""
    drawn = []
    for name, _, words, token in ARROWS:
        ends = arrow_of(name, view, place) if getattr(options, name) else None
        if ends is None:
            continue
        drawn.append((words, token))
        (u0, v0), (u1, v1) = ends
        shaft = QPainterPath(QPointF(u0, v0))
        shaft.lineTo(u1, v1)
        if name == "look_ahead":
            painter.setPen(mark_pen(token, 2.0))
            painter.setBrush(qcolor("bg"))
            painter.drawEllipse(QPointF(u0, v0), px(4), px(4))
        else:
            turn, reach = math.atan2(v1 - v0, u1 - u0), px(8)
            for side in (math.pi - 0.45, math.pi + 0.45):
                shaft.moveTo(u1, v1)
                shaft.lineTo(u1 + reach * math.cos(turn + side), v1 + reach * math.sin(turn + side))
        for colour, width in (("bg", 5.0), (token, 2.2)):
            painter.strokePath(shaft, mark_pen(colour, width))
    return drawn


def _edge_pointer(inside: QRectF, u: float, v: float) -> QPolygonF:
    """Return a small triangle at the edge that points to a place outside."""
    room = inside.adjusted(px(7), px(7), -px(7), -px(7))
    at_u = min(max(u, room.left()), room.right())
    at_v = min(max(v, room.top()), room.bottom())
    turn = math.atan2(v - at_v, u - at_u)
    return QPolygonF(
        [
            QPointF(
                at_u + px(reach) * math.cos(turn + side), at_v + px(reach) * math.sin(turn + side)
            )
            for side, reach in ((0.0, 7), (2.5, 6), (-2.5, 6))
        ]
    )


def mark_pen(token: str, width: float) -> QPen:
    """Return a pen with round ends, of ``width`` pixels at lecture scale 1."""
    pen = QPen(qcolor(token), width * theme().scale)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen
