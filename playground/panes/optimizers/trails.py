"""Trails of the lanes: thinned without losing their corners, and kept as pictures that only grow.

A trail of 20,000 rounds cannot be painted anew thirty times a second. Each frame only the rounds
since the last one are painted onto a picture that stays; it is made again when the view, the look
or the past changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from playground.panes.optimizers.lane_colours import lane_colour
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from playground.panes.optimizers.map_place import HeightScale, MapPlace

    Floats = NDArray[np.float64]

MOST_PLACES = 900
"""Places of one trail when it is painted as a whole."""
LEAST_PLACES = 36
LONGEST_WAY_PX = 5_000.0
"""Pixels of line that one trail may take when it is painted."""
SHADES = 6
FAINTEST = 0.55
LONGEST_LINE = 40
"""Painting a wide line costs time with the square of its length: long ones are cut."""
EDGE_WIDTH, EDGE_ALPHA = 1.8, 0.55
HORIZON_START, HORIZON_GROWTH = 64, 1.3


@dataclass(frozen=True, slots=True)
class Trail:
    """One trail to be painted.

    Parameters
    ----------
    index, colour
        The lane's place in the spec and its colour.
    x, y, loss
        Where it was after each round from 0 on, (n,).
    width
        Pixels at scale 1.
    strength
        1 for a lane that races; less for one that has diverged or is only a memory.
    """

    index: int
    colour: int
    x: Floats
    y: Floats
    loss: Floats
    width: float = 1.8
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class Shading:
    """What makes a trail paler: its age, its height, or nothing."""

    by: str
    scale: HeightScale
    horizon: int

    def shades(self, rows: NDArray[np.intp], loss: Floats) -> NDArray[np.intp]:
        """Return the shade of each row, 0 (pale) … SHADES − 1 (full)."""
        if self.by == "time":
            # Logarithmic: most of the way is gone in the first rounds.
            share = np.log1p(rows) / math.log1p(self.horizon)
        elif self.by == "loss":
            share = 1.0 - np.nan_to_num(self.scale.share(loss), nan=1.0)
        else:
            return np.full(len(rows), SHADES - 1, dtype=np.intp)
        return np.clip((share * SHADES).astype(np.intp), 0, SHADES - 1)


def horizon_of(rounds: int) -> int:
    """Return the round at which age counts as new: it moves seldom, so that pictures last."""
    if rounds <= HORIZON_START:
        return HORIZON_START
    power = math.ceil(math.log(rounds / HORIZON_START) / math.log(HORIZON_GROWTH))
    return math.ceil(HORIZON_START * HORIZON_GROWTH**power)


def keep_corners(u: Floats, v: Floats, most: int = MOST_PLACES) -> NDArray[np.intp]:
    """Return which places of a path in pixels must be drawn, about ``most`` at the most.

    Steps that do not reach another half pixel are left out. Where that is not enough, the path is
    cut into pieces of equal length, and each keeps its ends and its outermost places in all four
    directions: what swings keeps its full swing.
    """
    n = len(u)
    if n <= 2:
        return np.arange(n)
    cell = np.rint(2.0 * u) * 1e6 + np.rint(2.0 * v)
    moved = np.flatnonzero(np.diff(cell, prepend=cell[0] - 1.0))
    kept = np.unique(np.append(moved, (0, n - 1)))
    if len(kept) <= most:
        return kept
    pieces = max(1, most // 6)
    length = math.ceil(len(kept) / pieces)
    padded = np.append(kept, np.full(-len(kept) % length, kept[-1])).reshape(-1, length)
    rows = np.arange(len(padded))
    pu, pv = u[padded], v[padded]
    corners = [padded[:, 0], padded[:, -1]]
    corners += [padded[rows, at] for at in (pu.argmin(1), pu.argmax(1), pv.argmin(1), pv.argmax(1))]
    return np.unique(np.concatenate(corners))


def within_budget(u: Floats, v: Floats) -> tuple[NDArray[np.intp], bool]:
    """Return which places to draw, and whether some had to go because the way was too long.

    Painting costs by the length of the line. A trail that swings for thousands of rounds fills
    the ground between its ends: fewer swings of the same width look the same.
    """
    kept = keep_corners(u, v)
    length = float(np.hypot(np.diff(u[kept]), np.diff(v[kept])).sum())
    if length <= LONGEST_WAY_PX:
        return kept, False
    most = max(LEAST_PLACES, int(len(kept) * LONGEST_WAY_PX / length))
    return keep_corners(u, v, most), True


class TrailPicture:
    """A transparent picture of some trails that grows with them."""

    def __init__(self) -> None:
        self._pixmap = QPixmap()
        self._key: object = None
        self._done: dict[int, int] = {}
        self.repaints = 0
        """How often the whole picture was made; for tests of what makes it anew."""

    def update(
        self,
        key: object,
        trails: Sequence[Trail],
        place: MapPlace,
        shading: Shading,
        ratio: float,
    ) -> None:
        """Bring the picture up to date; ``key`` says what else it depends on."""
        looks = tuple((t.index, t.colour, t.width, t.strength) for t in trails)
        tokens = theme().tokens.name, theme().scale
        whole = (key, looks, place, shading.by, shading.scale, shading.horizon, ratio, tokens)
        shrunk = any(len(trail.x) < self._done.get(trail.index, 0) for trail in trails)
        if whole != self._key or shrunk:
            self._key = whole
            self._done = {}
            self._pixmap = QPixmap(math.ceil(place.width * ratio), math.ceil(place.height * ratio))
            self._pixmap.setDevicePixelRatio(ratio)
            self._pixmap.fill(QColor(0, 0, 0, 0))
            self.repaints += 1
        fresh = [trail for trail in trails if len(trail.x) > max(self._done.get(trail.index, 0), 1)]
        if not fresh:
            return
        painter = QPainter(self._pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(-place.left, -place.top)
        for trail in fresh:
            first = max(0, self._done.get(trail.index, 0) - 1)
            paint_trail(painter, trail, place, shading, first)
            self._done[trail.index] = len(trail.x)
        painter.end()

    def paint(self, painter: QPainter, place: MapPlace) -> None:
        """Paint the picture into the rectangle of the map."""
        if not self._pixmap.isNull():
            painter.drawPixmap(QPointF(place.left, place.top), self._pixmap)


def paint_trail(
    painter: QPainter, trail: Trail, place: MapPlace, shading: Shading, first: int = 0
) -> None:
    """Paint a trail from row ``first`` on."""
    u, v = place.to_px(trail.x[first:], trail.y[first:])
    kept, dense = within_budget(u, v)
    if len(kept) < 2:
        return
    u, v, rows = u[kept], v[kept], kept + first
    shades = shading.shades(rows[1:], trail.loss[rows[1:]])
    borders = np.flatnonzero(np.diff(shades)) + 1
    starts = np.concatenate([[0], borders])
    ends = np.concatenate([borders, [len(shades)]])
    pens = [_pen(trail, shade) for shade in range(SHADES)]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    pieces = [
        # One place more than segments.
        (slice(piece, min(piece + LONGEST_LINE, end) + 1), pens[shades[start]])
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        for piece in range(start, end, LONGEST_LINE)
    ]
    lines = [(pg.functions.arrayToQPolygonF(u[part], v[part]), pen) for part, pen in pieces]
    if trail.strength >= 1.0 and not dense:
        painter.setPen(_edge_pen(trail))
        for line, _ in lines:
            painter.drawPolyline(line)
    for line, pen in lines:
        painter.setPen(pen)
        painter.drawPolyline(line)


def _pen(trail: Trail, shade: int) -> QPen:
    share = FAINTEST + (1.0 - FAINTEST) * shade / (SHADES - 1)
    pen = QPen(
        _mixed(lane_colour(trail.colour), share * trail.strength), trail.width * theme().scale
    )
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _edge_pen(trail: Trail) -> QPen:
    """Return the pen of the dark (or light) edge that lifts a trail off the map."""
    pen = QPen(qcolor("bg", EDGE_ALPHA), (trail.width + EDGE_WIDTH) * theme().scale)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _mixed(token: str, share: float) -> QColor:
    """Return an opaque colour between background and lane: joints of translucent lines show."""
    front, ground = qcolor(token), qcolor("bg")
    pairs = (
        (front.redF(), ground.redF()),
        (front.greenF(), ground.greenF()),
        (front.blueF(), ground.blueF()),
    )
    return QColor.fromRgbF(*(share * one + (1.0 - share) * other for one, other in pairs))


def head_radius(selected: bool) -> float:
    """Return the radius of the mark at the head of a lane, in pixels."""
    return px(6.5) if selected else px(4.5)
