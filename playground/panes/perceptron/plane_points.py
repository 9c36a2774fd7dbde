"""The points of the plane, up to 100,000 of them, drawn once and blitted until something changes.

Few points are drawn as anti-aliased symbols; above :data:`MANY` they are stamped into an image
with numpy, one array assignment per pixel of the symbol, which takes some milliseconds for 100,000.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QPixmap

from playground.ui.theme import qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from playground.panes.perceptron.plane_geometry import PlaneMap

Pixels: TypeAlias = "NDArray[np.uint32]"
Offsets: TypeAlias = list[tuple[int, int]]

TRAIN, VALIDATION, TEST = 0, 1, 2
MANY = 2_000
MOST_DRAWN = 12_000
EDGE_PX = 1.2


@dataclass(frozen=True, slots=True, eq=False)
class PointCloud:
    """What is to be drawn: (n, 2) float64 places, labels −1/+1, parts 0/1/2 of the split."""

    xy: NDArray[np.float64]
    labels: NDArray[np.int8]
    parts: NDArray[np.int8]

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.labels)

    def equals(self, other: PointCloud) -> bool:
        """Tell whether the other one would be drawn the same."""
        return (
            _same(self.labels, other.labels)
            and _same(self.parts, other.parts)
            and _same(self.xy, other.xy)
        )


def radius_of(count: int) -> float:
    """Return the radius of a point's symbol in logical pixels at lecture scale 1."""
    for most, radius in ((150, 5.0), (500, 4.4), (MANY, 3.6), (MOST_DRAWN, 2.4)):
        if count <= most:
            return radius
    return 1.6


class Raster:
    """A picture that is painted again and rebuilt only when its key changes.

    An ``opaque`` one fills all of its pixels itself, and is put down without blending.
    """

    def __init__(self, *, opaque: bool = False) -> None:
        self.opaque = opaque
        self._key: object = None
        self._image: QImage | None = None

    def paint(
        self,
        painter: QPainter,
        area: QRectF,
        ratio: float,
        key: object,
        build: Callable[[QImage], None],
    ) -> None:
        """Paint the picture of an area; ``build`` draws it when the one at hand is not for ``key``.

        The image given to ``build`` counts its pixels from the corner of the area.
        """
        size = (max(1, round(area.width() * ratio)), max(1, round(area.height() * ratio)))
        full = (key, size, ratio, theme().tokens.name, theme().scale)
        if self._image is None or full != self._key:
            image = self._cleared(size)
            build(image)
            image.setDevicePixelRatio(ratio)
            self._image, self._key = image, full
        painter.drawImage(area.topLeft(), self._image)

    def _cleared(self, size: tuple[int, int]) -> QImage:
        """Return an empty image: the last one where it fits, for fresh memory is costly."""
        image = self._image
        if image is None or image.size().toTuple() != size:
            transparent = QImage.Format.Format_ARGB32_Premultiplied
            image = QImage(*size, QImage.Format.Format_RGB32 if self.opaque else transparent)
        image.setDevicePixelRatio(1.0)
        if not self.opaque:
            image.fill(Qt.GlobalColor.transparent)
        return image


def draw_points(image: QImage, place: PlaneMap, ratio: float, cloud: PointCloud) -> None:
    """Draw all points into an image whose origin is the corner of the plane's area."""
    if len(cloud) == 0:
        return
    pixels = place.many_to_px(cloud.xy)
    pixels -= (place.area.left(), place.area.top())
    if len(cloud) > MANY:
        _stamp_points(image, pixels * ratio, cloud, ratio)
        return
    radius = theme().scale * radius_of(len(cloud))
    painter = QPainter(image)
    painter.scale(ratio, ratio)
    symbols = {
        (label, part): point_symbol(label, part, radius, ratio)
        for label in (-1, 1)
        for part in (TRAIN, VALIDATION, TEST)
    }
    margin = radius + 4.0
    seen = _visible(pixels, place.area, margin)
    for index in np.flatnonzero(seen).tolist():
        symbol = symbols[int(cloud.labels[index]), int(cloud.parts[index])]
        half = symbol.deviceIndependentSize().width() / 2.0
        u, v = pixels[index]
        painter.drawPixmap(QPointF(u - half, v - half), symbol)
    painter.end()


def draw_rings(
    image: QImage,
    place: PlaneMap,
    ratio: float,
    cloud: PointCloud,
    wrong: NDArray[np.bool_],
    rough: bool = False,
) -> None:
    """Ring the misclassified points; ``rough`` stamps many of them, in a third of the time."""
    if not len(cloud) or len(wrong) != len(cloud):
        return
    pixels = place.many_to_px(cloud.xy[wrong])
    pixels -= (place.area.left(), place.area.top())
    pixels = pixels[_visible(pixels, place.area, 12.0)]
    if len(cloud) > (MANY if rough else MOST_DRAWN):
        outer = _disc(radius_of(len(cloud)) * ratio + 2.0 * ratio)
        inner = set(_disc(radius_of(len(cloud)) * ratio + 0.6 * ratio))
        ring = [offset for offset in outer if offset not in inner]
        _stamp(image, pixels * ratio, _premultiplied(qcolor("bad", 0.45)), ring)
        return
    painter = QPainter(image)
    painter.scale(ratio, ratio)
    painter.setClipRect(QRectF(0.0, 0.0, place.area.width(), place.area.height()))
    stamp_rings(painter, pixels, len(cloud), ratio)
    painter.end()


def stamp_rings(painter: QPainter, pixels: NDArray[np.float64], count: int, ratio: float) -> None:
    """Put a ring down at each of some pixels, of the size for a cloud of ``count`` points."""
    few = count <= MANY
    radius = theme().scale * radius_of(count) + (4.0 if few else 2.4)
    symbol = _ring_symbol(radius, 1.8 if few else 1.3, ratio, qcolor("bad").rgba())
    half = symbol.deviceIndependentSize().width() / 2.0
    for u, v in pixels.tolist():
        painter.drawPixmap(QPointF(u - half, v - half), symbol)


@functools.lru_cache(maxsize=8)
def _ring_symbol(radius: float, width: float, ratio: float, rgba: int) -> QPixmap:
    side = 2.0 * (radius + width) + 2.0
    picture = QPixmap(max(1, round(side * ratio)), max(1, round(side * ratio)))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor.fromRgba(rgba), width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = picture.deviceIndependentSize().width() / 2.0
    painter.drawEllipse(QPointF(half, half), radius, radius)
    painter.end()
    return picture


def paint_points(
    painter: QPainter, place: PlaneMap, cloud: PointCloud, wrong: NDArray[np.bool_] | None
) -> None:
    """Paint every point (and ring) by itself: for drawings that are to stay sharp."""
    for row in range(len(cloud)):
        paint_point(painter, place, cloud, row, wrong=wrong is not None and bool(wrong[row]))


def paint_point(
    painter: QPainter, place: PlaneMap, cloud: PointCloud, row: int, *, wrong: bool
) -> None:
    """Paint one point by itself, ringed where it is misclassified."""
    radius = theme().scale * radius_of(len(cloud))
    spot = place.to_px(*cloud.xy[row].tolist())
    paint_symbol(painter, spot, int(cloud.labels[row]), int(cloud.parts[row]), radius)
    if wrong:
        painter.setPen(QPen(qcolor("bad"), 1.8))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(spot, radius + 4.0, radius + 4.0)


def point_symbol(label: int, part: int, radius: float, ratio: float) -> QPixmap:
    """Return the symbol of a point: circle +1, square −1; filled, hollow, or hollow with a dot."""
    side = 2.0 * (radius + EDGE_PX) + 2.0
    picture = QPixmap(max(1, round(side * ratio)), max(1, round(side * ratio)))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    half = picture.deviceIndependentSize().width() / 2.0
    paint_symbol(painter, QPointF(half, half), label, part, radius)
    painter.end()
    return picture


def paint_symbol(painter: QPainter, centre: QPointF, label: int, part: int, radius: float) -> None:
    """Paint the symbol of one point directly."""
    colour = qcolor("class_plus" if label > 0 else "class_minus")
    hollow = part != TRAIN
    painter.setPen(QPen(colour if hollow else qcolor("bg"), 1.6 if hollow else EDGE_PX))
    painter.setBrush(QBrush(qcolor("bg", 0.75) if hollow else colour))
    size = radius - 0.6 if hollow else radius
    _shape(painter, centre, label, size)
    if part == TEST:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        _shape(painter, centre, label, max(1.0, 0.34 * radius))


def _shape(painter: QPainter, centre: QPointF, label: int, size: float) -> None:
    if label > 0:
        painter.drawEllipse(centre, size, size)
    else:
        # A square of the same area looks as heavy as the circle.
        half = size * 0.886
        painter.drawRect(QRectF(centre.x() - half, centre.y() - half, 2 * half, 2 * half))


def _same(mine: NDArray[Any], others: NDArray[Any]) -> bool:
    return mine is others or np.array_equal(mine, others)


def _visible(pixels: NDArray[np.float64], area: QRectF, margin: float) -> NDArray[np.bool_]:
    seen: NDArray[np.bool_] = (
        (pixels[:, 0] > -margin)
        & (pixels[:, 0] < area.width() + margin)
        & (pixels[:, 1] > -margin)
        & (pixels[:, 1] < area.height() + margin)
    )
    return seen


def _stamp_points(
    image: QImage, pixels: NDArray[np.float64], cloud: PointCloud, ratio: float
) -> None:
    radius = radius_of(len(cloud)) * ratio * theme().scale
    disc, block = set(_disc(radius)), set(_block(radius * 0.886))
    edge = _disc(radius + 1.0) if len(cloud) <= MOST_DRAWN else []
    canvas, flat, inside = _targets(image, pixels, (*disc, *block, *edge))
    plus = cloud.labels[inside] > 0
    # Held-out points are paler: a hollow symbol does not show at this size.
    shades = np.array(
        [
            _premultiplied(qcolor(token, alpha))
            for alpha in (1.0, 0.55)
            for token in ("class_minus", "class_plus")
        ],
        dtype=np.uint32,
    )
    shade = shades[plus + 2 * (cloud.parts[inside] != TRAIN)]
    ground = _premultiplied(qcolor("bg"))
    stride = image.bytesPerLine() // 4
    for du, dv in edge:
        canvas[flat + (dv * stride + du)] = ground
    # What both symbols cover is stamped in the order of the points, so that neither class lies
    # always on top.
    for du, dv in disc & block:
        canvas[flat + (dv * stride + du)] = shade
    for offsets, mine in ((disc - block, plus), (block - disc, ~plus)):
        if offsets:
            part, ink = flat[mine], shade[mine]
            for du, dv in offsets:
                canvas[part + (dv * stride + du)] = ink


def _stamp(image: QImage, pixels: NDArray[np.float64], ink: int, offsets: Offsets) -> None:
    """Set the pixels at all offsets around all places to one colour."""
    canvas, flat, _ = _targets(image, pixels, tuple(offsets))
    stride = image.bytesPerLine() // 4
    for du, dv in offsets:
        canvas[flat + (dv * stride + du)] = ink


def _targets(
    image: QImage, pixels: NDArray[np.float64], offsets: tuple[tuple[int, int], ...]
) -> tuple[Pixels, NDArray[np.int32], NDArray[np.intp]]:
    """Return the image's memory, the index of every place in it, and which places fit inside."""
    height, width = image.height(), image.width()
    reach = max((max(abs(du), abs(dv)) for du, dv in offsets), default=0)
    stride = image.bytesPerLine() // 4
    canvas: Pixels = np.frombuffer(image.bits(), dtype=np.uint32)
    # Far away places would not fit into 32 bits.
    column = np.clip(pixels[:, 0], -1.0, width + 1.0).astype(np.int32)
    row = np.clip(pixels[:, 1], -1.0, height + 1.0).astype(np.int32)
    inside = np.flatnonzero(
        (column >= reach) & (column < width - reach) & (row >= reach) & (row < height - reach)
    )
    return canvas, row[inside] * np.int32(stride) + column[inside], inside


def _disc(radius: float) -> Offsets:
    reach = int(radius)
    return [
        (du, dv)
        for dv in range(-reach, reach + 1)
        for du in range(-reach, reach + 1)
        if du * du + dv * dv <= radius * radius + 0.25
    ]


def _block(half: float) -> Offsets:
    reach = int(half + 0.25)
    return [(du, dv) for dv in range(-reach, reach + 1) for du in range(-reach, reach + 1)]


def _premultiplied(colour: QColor) -> int:
    alpha = colour.alphaF()
    red, green, blue = (round(c * alpha) for c in (colour.red(), colour.green(), colour.blue()))
    return (colour.alpha() << 24) | (red << 16) | (green << 8) | blue
