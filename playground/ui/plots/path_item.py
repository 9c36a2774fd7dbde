"""A long fading path that costs little to paint again.

Translucent wide lines are what Qt paints slowest, and a path of a thousand places crosses itself so
often that it would take most of a frame. So the path is drawn once into a picture in pixels of the
screen, in which every stretch that was walked many times is drawn once, and only what has been
walked since then is drawn in every frame. Soon it is added to the picture; the picture is made
anew, older parts fainter than before, when a twelfth has been added or the view has changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen, QTransform
from PySide6.QtWidgets import QGraphicsItem
from typing_extensions import override

from playground.ui.plots.decimation import Floats, thin
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

MOST_POINTS = 900
# From the oldest part to the newest.
ALPHAS = (0.18, 0.3, 0.45, 0.65, 1.0)
SHARES = (0.0, 0.5, 0.7, 0.85, 0.95, 1.0)
TAIL = 24
LEAST_ADDED = 48
ADDED_SHARE = 0.08
STEPS_PER_PX = 2.0
"""Places are rounded to halves of a pixel before stretches are compared."""
FARTHEST_PX = 30_000.0
"""Qt's rasteriser overflows a little beyond."""
EMPTY: Floats = np.empty(0)


class PathItem(QGraphicsItem):
    """The line of a path; a plain graphics item, for pyqtgraph's own are costly to ask."""

    def __init__(self, color: str, width: float) -> None:
        super().__init__()
        self._color = color
        self._width = width
        self._x: Floats = EMPTY
        self._y: Floats = EMPTY
        self._rect = QRectF()
        self._pens: tuple[QPen, ...] = ()
        # Kept when the picture is forgotten: fresh memory costs as much as drawing.
        self._canvas: QImage | None = None
        self._picture: QImage | None = None
        self._picture_key: object = None
        self._in_picture = 0
        self._when_drawn = 0
        self.apply_theme()

    @property
    def places(self) -> tuple[Floats, Floats]:
        """The path as it is shown, (n,) each."""
        return self._x, self._y

    def set_path(self, x: Floats, y: Floats) -> None:
        """Show a path; one that begins with what is in the picture keeps the picture."""
        baked = self._in_picture
        if not (
            len(x) >= baked
            and _same_bits(x[:baked], self._x[:baked])
            and _same_bits(y[:baked], self._y[:baked])
        ):
            self._forget()
        self._x, self._y = x, y
        known = np.isfinite(x) & np.isfinite(y)
        rect = QRectF()
        if known.any():
            left, right = float(x[known].min()), float(x[known].max())
            low, high = float(y[known].min()), float(y[known].max())
            rect = QRectF(left, low, right - left, high - low)
        if rect != self._rect:
            self.prepareGeometryChange()
            self._rect = rect
        self.update()

    def apply_theme(self) -> None:
        """Make the pens anew."""
        pens = []
        for alpha in ALPHAS:
            pen = QPen(qcolor(self._color, alpha), theme().pen_width(self._width))
            # Round ends are painted on a path several times slower.
            pen.setCapStyle(Qt.PenCapStyle.SquareCap)
            pens.append(pen)
        self._pens = tuple(pens)
        self._forget()
        self.update()

    @override
    def boundingRect(self) -> QRectF:
        return self._rect

    @override
    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        if len(self._x) < 2:
            return
        to_screen = painter.worldTransform()
        if widget is None:
            # A drawing to be saved: sharp at any size, whatever it costs.
            painter.resetTransform()
            self._stroke(painter, to_screen, 1.0, 0)
            painter.setWorldTransform(to_screen)
            return
        ratio = widget.devicePixelRatioF()
        size = (max(1, round(widget.width() * ratio)), max(1, round(widget.height() * ratio)))
        key = (to_screen, size, ratio)
        added = len(self._x) - self._when_drawn
        if key != self._picture_key or added > max(LEAST_ADDED, ADDED_SHARE * len(self._x)):
            self._picture = self._drawn(to_screen, size, ratio)
            self._picture_key = key
            # The newest place may still move: it is where the run stands.
            self._in_picture = self._when_drawn = len(self._x) - 1
        elif self._picture is not None and len(self._x) - self._in_picture > TAIL:
            self._add_tail(self._picture, to_screen, ratio)
            self._in_picture = len(self._x) - 1
        painter.resetTransform()
        if self._picture is not None:
            painter.drawImage(QPointF(0.0, 0.0), self._picture)
        painter.setPen(QPen(self._pens[-1].color(), self._pens[-1].widthF() / ratio))
        painter.drawLines(_lines(*self._pixels(to_screen, 1.0, self._in_picture - 1)))
        painter.setWorldTransform(to_screen)

    def _drawn(self, to_screen: QTransform, size: tuple[int, int], ratio: float) -> QImage:
        image = self._canvas
        if image is None or image.size().toTuple() != size:
            image = QImage(*size, QImage.Format.Format_ARGB32_Premultiplied)
            self._canvas = image
        image.setDevicePixelRatio(1.0)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # Inside a clip Qt draws lines several times as fast.
        painter.setClipRect(image.rect())
        # Translucent stretches replace each other: their joints must not add up to dots.
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        self._stroke(painter, to_screen, ratio, 1)
        painter.end()
        image.setDevicePixelRatio(ratio)
        return image

    def _add_tail(self, picture: QImage, to_screen: QTransform, ratio: float) -> None:
        """Draw what has been walked since into the picture, all of it in full strength."""
        picture.setDevicePixelRatio(1.0)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(picture.rect())
        painter.setPen(self._pens[-1])
        u, v = self._pixels(to_screen, ratio, self._in_picture - 1)
        picked = thin(len(u) - 1, MOST_POINTS)
        painter.drawLines(_lines(u[:-1][picked], v[:-1][picked]))
        painter.end()
        picture.setDevicePixelRatio(ratio)

    def _stroke(self, painter: QPainter, to_screen: QTransform, ratio: float, leave: int) -> None:
        """Draw the path but for the last places, each stretch in the strength of its last time."""
        u, v = self._pixels(to_screen, ratio, 0)
        count = len(u) - leave
        picked = thin(count, MOST_POINTS)
        u, v = u[:count][picked], v[:count][picked]
        if len(u) < 2:
            return
        age = np.searchsorted(
            np.round(np.array(SHARES[1:-1]) * len(u)), np.arange(1, len(u)), side="right"
        )
        stretches = np.column_stack((u[:-1], v[:-1], u[1:], v[1:]))
        kept = _newest_of_each(stretches)
        stretches, age = stretches[kept], age[kept]
        for shade, pen in enumerate(self._pens):
            painter.setPen(pen)
            chosen = stretches[age == shade]
            if len(chosen):
                painter.drawLines([QLineF(*row) for row in chosen.tolist()])

    def _pixels(
        self, to_screen: QTransform, ratio: float, start: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the places from one on in pixels, rounded; gaps are not-a-numbers."""
        t, x, y = to_screen, self._x[max(0, start) :], self._y[max(0, start) :]
        u = np.clip(t.m11() * x + t.m21() * y + t.dx(), -FARTHEST_PX, FARTHEST_PX)
        v = np.clip(t.m12() * x + t.m22() * y + t.dy(), -FARTHEST_PX, FARTHEST_PX)
        scale = STEPS_PER_PX
        return np.round(u * ratio * scale) / scale, np.round(v * ratio * scale) / scale

    def _forget(self) -> None:
        self._picture = None
        self._picture_key = None
        self._in_picture = self._when_drawn = 0


class PathHead(QGraphicsItem):
    """A dot of one size at any magnification."""

    def __init__(self, color: str, diameter: float) -> None:
        super().__init__()
        self._color = color
        self._diameter = diameter
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self.hide()
        self.apply_theme()

    def stand_at(self, x: Floats, y: Floats) -> None:
        """Stand at the last of some places; hide where there is none."""
        if len(x):
            self.setPos(float(x[-1]), float(y[-1]))
        self.setVisible(len(x) > 0)

    def apply_theme(self) -> None:
        """Take size and colours of the theme."""
        self.prepareGeometryChange()
        self._radius = px(self._diameter) / 2.0
        self._pen = QPen(qcolor("bg"), 1.5 * theme().scale)
        self._brush = qcolor(self._color)
        self.update()

    @override
    def boundingRect(self) -> QRectF:
        reach = self._radius + self._pen.widthF()
        return QRectF(-reach, -reach, 2.0 * reach, 2.0 * reach)

    @override
    def paint(self, painter: QPainter, *_: Any) -> None:
        painter.setPen(self._pen)
        painter.setBrush(self._brush)
        painter.drawEllipse(QPointF(0.0, 0.0), self._radius, self._radius)


def _newest_of_each(stretches: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the rows to draw, in order: of equal stretches, walked either way, the last one."""
    whole: NDArray[np.bool_] = np.isfinite(stretches.sum(axis=1))
    grid = np.where(whole[:, np.newaxis], stretches, 0.0) * STEPS_PER_PX
    # Half pixels within ±30,000 need 17 bits, and a place 34.
    places = grid.astype(np.int64) + (1 << 17)
    start, end = (places[:, 0] << 18) | places[:, 1], (places[:, 2] << 18) | places[:, 3]
    moved = whole & (start != end)
    # A place that does not move is worth nothing, but a whole path on one spot is one dot.
    rows = np.flatnonzero(moved) if moved.any() else np.flatnonzero(whole)[-1:]
    pairs = np.stack((np.minimum(start, end)[rows], np.maximum(start, end)[rows]), axis=1)[::-1]
    if not len(pairs):
        return rows
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    ranked = pairs[order]
    first = np.ones(len(ranked), dtype=np.bool_)
    first[1:] = (ranked[1:] != ranked[:-1]).any(axis=1)
    # The sort is stable, so the first of equal pairs is the newest of them.
    newest: NDArray[np.intp] = rows[::-1][order[first]]
    newest.sort()
    return newest


def _lines(u: NDArray[np.float64], v: NDArray[np.float64]) -> list[QLineF]:
    ends = np.column_stack((u[:-1], v[:-1], u[1:], v[1:]))
    return [QLineF(*row) for row in ends[np.isfinite(ends).all(axis=1)].tolist()]


def _same_bits(first: Floats, second: Floats) -> bool:
    """Tell whether two float64 arrays are the same, NaN included, without looking for NaN."""
    return bool((first.view(np.int64) == second.view(np.int64)).all())
