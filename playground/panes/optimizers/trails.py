"""Trails of the lanes: thinned without losing their corners, and kept as pictures that only grow.

A trail of 20,000 rounds cannot be painted anew thirty times a second. Each frame only the rounds
since the last one are painted onto a picture that stays; it is made again when the view, the look
or the past changes.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

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
LEAST_PLACES, LEAST_NEW_PLACES = 36, 12
LONGEST_WAY_PX, LONGEST_NEW_WAY_PX = 3_000.0, 800.0
"""Pixels of line that one trail may take when it is painted, and what is added to it a frame."""
SHADES = 6
FAINTEST = 0.55
LONGEST_LINE = 40
"""Painting a wide line costs time with the square of its length: long ones are cut."""
EDGE_WIDTH, EDGE_ALPHA = 1.8, 0.55
ORDER_FRAMES = 150
"""While frames pour in, which trail lies on top is put right after so many of them."""
STILL_PX = 0.5
"""A lane that stays within this reach of what it covered last is not painted again."""
HORIZON_START, HORIZON_GROWTH = 64, 1.6


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

    def shade_of_all(self, first: int, last: int) -> int | None:
        """Return the shade that all these rows have; None where they differ, or may do so."""
        if self.by == "loss":
            return None
        if self.by != "time":
            return SHADES - 1
        oldest, newest = (
            min(int(math.log1p(row) / math.log1p(self.horizon) * SHADES), SHADES - 1)
            for row in (first, last)
        )
        return newest if oldest == newest else None


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


def within_budget(u: Floats, v: Floats, *, added: bool = False) -> tuple[NDArray[np.intp], bool]:
    """Return which places to draw, and whether some had to go because the way was too long.

    Painting costs by the length of the line. A trail that swings for thousands of rounds fills
    the ground between its ends: fewer swings of the same width look the same. ``added`` says that
    the way continues one that was painted before.
    """
    # What one frame adds is mostly so short that thinning it would cost more than it saves.
    kept = np.arange(len(u)) if len(u) <= LONGEST_LINE else keep_corners(u, v)
    length = float(np.hypot(np.diff(u[kept]), np.diff(v[kept])).sum())
    longest, least = LONGEST_WAY_PX, LEAST_PLACES
    if added:
        longest, least = LONGEST_NEW_WAY_PX, LEAST_NEW_PLACES
    if length <= longest:
        return kept, False
    most = max(least, int(len(kept) * longest / length))
    return keep_corners(u, v, most), True


class TrailPicture:
    """A transparent picture of some trails that grows with them.

    As a race goes on, what was new becomes old and pale, and another lane takes the lead and comes
    to lie on top. While frames pour in, the new picture is made beside the old one, one trail a
    frame, and takes its place when it is whole: made at once it would hold up the frame by the time
    of three.
    """

    def __init__(self) -> None:
        self._sheet: _Sheet | None = None
        self._next: _Sheet | None = None
        self._age = 0
        self.repaints = 0
        """How often the whole picture was made; for tests of what makes it anew."""

    @property
    def pixmap(self) -> QPixmap | None:
        """What is painted; None before the first time."""
        return self._sheet.pixmap if self._sheet is not None else None

    def rows_of(self, index: int) -> int:
        """Return how many places of a lane's trail the picture has taken in."""
        return self._sheet.rows_of(index) if self._sheet is not None else 0

    def clear(self) -> None:
        """Show nothing: there is no trail."""
        self._sheet = self._next = None

    def update(
        self,
        key: object,
        trails: Sequence[Trail],
        place: MapPlace,
        shading: Shading,
        ratio: float,
        *,
        pouring: bool = False,
    ) -> None:
        """Bring the picture up to date; ``key`` says what else it depends on."""
        looks = frozenset((t.index, t.colour, t.width, t.strength) for t in trails)
        order = tuple(trail.index for trail in trails)
        tokens = theme().tokens.name, theme().scale
        whole = (key, looks, place, shading.by, shading.scale, ratio, tokens)
        sheet = self._sheet
        if sheet is None or sheet.key != whole or sheet.is_ahead_of(trails):
            self._begin(_Sheet(whole, order, place, shading, ratio), trails)
        elif sheet.shading.horizon == shading.horizon and sheet.order == order:
            sheet.grow(trails)
        elif not pouring:
            self._begin(_Sheet(whole, order, place, shading, ratio), trails)
        else:
            sheet.grow(trails)
            self._age += 1
            # Lanes that lie close together change places all the time.
            if sheet.shading.horizon != shading.horizon or self._age > ORDER_FRAMES:
                self._prepare(_Sheet(whole, order, place, shading, ratio), trails)

    def paint(self, painter: QPainter, place: MapPlace) -> None:
        """Paint the picture into the rectangle of the map."""
        if self._sheet is not None:
            painter.drawPixmap(QPointF(place.left, place.top), self._sheet.pixmap)

    def _begin(self, sheet: _Sheet, trails: Sequence[Trail]) -> None:
        self._sheet = sheet
        self._age = 0
        self._sheet.grow(trails)
        self._next = None
        self.repaints += 1

    def _prepare(self, wanted: _Sheet, trails: Sequence[Trail]) -> None:
        coming = self._next
        if coming is None or coming.key != wanted.key:
            # Where the order or the shades have changed once more, this one is finished first.
            coming = self._next = wanted
        missing = [trail for trail in trails if not coming.rows_of(trail.index)]
        coming.grow(missing[:1])
        if len(missing) <= 1:
            coming.grow(trails)
            self._sheet, self._next, self._age = coming, None, 0
            self.repaints += 1


class _Sheet:
    """A transparent pixmap onto which trails are painted as far as they are known."""

    def __init__(
        self,
        key: object,
        order: tuple[int, ...],
        place: MapPlace,
        shading: Shading,
        ratio: float,
    ) -> None:
        self.key = key
        self.order = order
        self.shading = shading
        self._place = place
        self._ratio = ratio
        self._rows: dict[int, int] = {}
        self._last_painted: dict[int, int] = {}
        self._covered: dict[int, _Box] = {}

    @functools.cached_property
    def pixmap(self) -> QPixmap:
        """The picture, empty at first."""
        width, height = self._place.width * self._ratio, self._place.height * self._ratio
        pixmap = QPixmap(math.ceil(width), math.ceil(height))
        pixmap.setDevicePixelRatio(self._ratio)
        pixmap.fill(QColor(0, 0, 0, 0))
        return pixmap

    def rows_of(self, index: int) -> int:
        """Return how many places of a trail were taken in."""
        return self._rows.get(index, 0)

    def is_ahead_of(self, trails: Sequence[Trail]) -> bool:
        """Tell whether a trail has become shorter than what was painted of it."""
        return any(len(trail.x) < self.rows_of(trail.index) for trail in trails)

    def grow(self, trails: Sequence[Trail]) -> None:
        """Paint what is new; lanes that show nothing new cost nothing."""
        fresh = [t for t in trails if len(t.x) > self.rows_of(t.index) and self._has_moved(t)]
        if fresh:
            painter = QPainter(self.pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.translate(-self._place.left, -self._place.top)
            for trail in fresh:
                first = self._last_painted.get(trail.index, 0)
                paint_trail(painter, trail, self._place, self.shading, first)
                self._last_painted[trail.index] = len(trail.x) - 1
                self._covered[trail.index] = self._covered_by(trail, first)
            painter.end()
        for trail in trails:
            self._rows[trail.index] = len(trail.x)

    def _has_moved(self, trail: Trail) -> bool:
        """Tell whether a trail has left, by more than half a pixel, what it covered last."""
        if len(trail.x) < 2:
            return False
        covered = self._covered.get(trail.index)
        if covered is None:
            return True
        known = self.rows_of(trail.index)
        return not _box(trail, known).is_within(covered, *self._reach())

    def _covered_by(self, trail: Trail, first: int) -> _Box:
        """Return the ground on which places to come would add nothing to what was just painted.

        A lane that swings to and fro on a line as narrow as its trail has covered the whole of it.
        """
        added = _box(trail, first)
        reach_x, reach_y = self._reach()
        wide, high = added.width * STILL_PX / reach_x, added.height * STILL_PX / reach_y
        if first and min(wide, high) <= trail.width:
            return added
        return _box(trail, len(trail.x) - 1)

    def _reach(self) -> tuple[float, float]:
        """Return half a pixel in the units of the axes."""
        place = self._place
        return (
            STILL_PX * abs(place.x1 - place.x0) / place.width,
            STILL_PX * abs(place.y1 - place.y0) / place.height,
        )


class _Box(NamedTuple):
    left: float
    right: float
    low: float
    high: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.high - self.low

    def is_within(self, other: _Box, reach_x: float, reach_y: float) -> bool:
        """Tell whether it lies in the other one, or so little beyond it."""
        return (
            self.left >= other.left - reach_x
            and self.right <= other.right + reach_x
            and self.low >= other.low - reach_y
            and self.high <= other.high + reach_y
        )


def _box(trail: Trail, first: int) -> _Box:
    """Return what encloses the places of a trail from row ``first`` on."""
    x, y = trail.x[first:], trail.y[first:]
    return _Box(float(x.min()), float(x.max()), float(y.min()), float(y.max()))


def paint_trail(
    painter: QPainter, trail: Trail, place: MapPlace, shading: Shading, first: int = 0
) -> None:
    """Paint a trail from row ``first`` on."""
    u, v = place.to_px(trail.x[first:], trail.y[first:])
    kept, dense = within_budget(u, v, added=first > 0)
    if len(kept) < 2:
        return
    u, v, rows = u[kept], v[kept], kept + first
    width = theme().scale * trail.width
    look = lane_colour(trail.colour), theme().tokens.name, trail.strength, width
    painter.setBrush(Qt.BrushStyle.NoBrush)
    lines = [
        # One place more than segments.
        (
            pg.functions.arrayToQPolygonF(u[piece : stop + 1], v[piece : stop + 1]),
            _pen(shade, *look),
        )
        for start, end, shade in _shaded(trail, shading, rows)
        for piece in range(start, end, LONGEST_LINE)
        for stop in (min(piece + LONGEST_LINE, end),)
    ]
    if trail.strength >= 1.0 and not dense:
        painter.setPen(_edge_pen(trail))
        for line, _ in lines:
            painter.drawPolyline(line)
    for line, pen in lines:
        painter.setPen(pen)
        painter.drawPolyline(line)


def _shaded(trail: Trail, shading: Shading, rows: NDArray[np.intp]) -> list[tuple[int, int, int]]:
    """Return the segments between rows of a trail as runs of one shade: first, end and shade."""
    everywhere = shading.shade_of_all(int(rows[1]), int(rows[-1]))
    if everywhere is not None:
        return [(0, len(rows) - 1, everywhere)]
    shades = shading.shades(rows[1:], trail.loss[rows[1:]])
    borders = (np.flatnonzero(np.diff(shades)) + 1).tolist()
    ends = [*borders, len(shades)]
    return [
        (start, end, int(shades[start])) for start, end in zip([0, *borders], ends, strict=True)
    ]


@functools.lru_cache(maxsize=512)
def _pen(shade: int, colour: str, _theme_name: str, strength: float, width: float) -> QPen:
    share = FAINTEST + (1.0 - FAINTEST) * shade / (SHADES - 1)
    pen = QPen(_mixed(colour, share * strength), width)
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
