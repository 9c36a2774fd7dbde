"""The ground of the map: heights as colours, contour lines and domain, kept as a picture."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen, QPixmap, QTransform

from playground.panes.optimizers.contours import contour_levels, contour_segments
from playground.panes.optimizers.map_place import HeightScale, height_scale, map_colours
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.core.surfaces.surface import Domain, Surface
    from playground.panes.optimizers.map_place import MapPlace

    Floats = NDArray[np.float64]

FINE_GRID, LEAST_GRID = 171, 40
MOST_EVALUATIONS = 400_000
"""Samples times grid points that are worked out without the person noticing."""

BEYOND = 0.15
"""Share of the view that is worked out beyond each edge, for the first pixels of a drag."""

DARK_LINE, LIGHT_LINE = 0.30, 0.26


class FieldPicture:
    """Colours and contour lines of a surface over what is in sight."""

    def __init__(self) -> None:
        self.scale = HeightScale(0.0, 1.0, 0.0)
        self._surface: Surface | None = None
        self._log = False
        self._edges: tuple[float, float, float, float] = (0.0, 1.0, 0.0, 1.0)
        self._shares: Floats = np.empty((0, 0))
        self._path = QPainterPath()
        self._image = QImage()
        self._image_key: object = None
        self._pixmap = QPixmap()
        self._pixmap_key: object = None
        self._made = 0

    def show_surface(self, surface: Surface, log: bool) -> None:
        """Take another surface, or other colours of it; :meth:`look` works it out."""
        if surface is not self._surface or log != self._log:
            self._surface, self._log = surface, log
            self.scale = height_scale(surface, log)
            self._shares = np.empty((0, 0))

    def covers(self, place: MapPlace) -> bool:
        """Tell whether what is worked out fits what is in sight, neither too small nor coarse."""
        if not self._shares.size:
            return False
        x0, x1, y0, y1 = self._edges
        inside = x0 <= place.x0 and place.x1 <= x1 and y0 <= place.y0 and place.y1 <= y1
        return inside and (x1 - x0) <= 1.8 * (1.0 + 2.0 * BEYOND) * (place.x1 - place.x0)

    def look(self, place: MapPlace) -> None:
        """Work out heights and contour lines for what is in sight."""
        surface = self._surface
        if surface is None:
            return
        wide, high = place.x1 - place.x0, place.y1 - place.y0
        edges = (
            place.x0 - BEYOND * wide,
            place.x1 + BEYOND * wide,
            place.y0 - BEYOND * high,
            place.y1 + BEYOND * high,
        )
        count = FINE_GRID
        if surface.samples:
            count = max(LEAST_GRID, min(FINE_GRID, math.isqrt(MOST_EVALUATIONS // surface.samples)))
        x, y = np.linspace(*edges[:2], count), np.linspace(*edges[2:], count)
        across, up = np.meshgrid(x, y)
        self._shares = self.scale.share(surface.values(across, up))
        self._edges = edges
        self._path = _contour_path(x, y, self._shares)
        self._made += 1

    def paint(self, painter: QPainter, place: MapPlace, *, vector: bool = False) -> None:
        """Paint the ground of the map into its rectangle."""
        if not self._shares.size:
            return
        box = QRectF(place.left, place.top, place.width, place.height)
        if vector:
            self._draw(painter, place)
            return
        device = painter.device()
        ratio = device.devicePixelRatioF() if device is not None else 1.0
        key = (self._made, place, ratio, theme().tokens.name, theme().scale)
        if key != self._pixmap_key:
            self._pixmap_key = key
            self._pixmap = QPixmap(math.ceil(place.width * ratio), math.ceil(place.height * ratio))
            self._pixmap.setDevicePixelRatio(ratio)
            self._pixmap.fill(qcolor("bg"))
            brush = QPainter(self._pixmap)
            brush.setRenderHint(QPainter.RenderHint.Antialiasing)
            brush.translate(-place.left, -place.top)
            self._draw(brush, place)
            brush.end()
        painter.drawPixmap(box.topLeft(), self._pixmap)

    def _draw(self, painter: QPainter, place: MapPlace) -> None:
        x0, x1, y0, y1 = self._edges
        left, top = place.pixel(x0, y1)
        right, bottom = place.pixel(x1, y0)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(left, top, right - left, bottom - top), self._coloured())
        dark = theme().tokens.name == "dark"
        pen = QPen(qcolor("#ffffff" if dark else "#1b1f26", DARK_LINE if dark else LIGHT_LINE))
        pen.setWidthF(max(1.0, px(1.0)))
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        across, up = place.width / (place.x1 - place.x0), place.height / (place.y1 - place.y0)
        to_pixels = QTransform(
            across, 0.0, 0.0, -up, place.left - place.x0 * across, place.top + place.y1 * up
        )
        painter.drawPath(to_pixels.map(self._path))
        if self._surface is not None:
            self._draw_domain(painter, place, self._surface.domain)
        painter.restore()

    def _draw_domain(self, painter: QPainter, place: MapPlace, domain: Domain) -> None:
        left, top = place.pixel(domain.x_min, domain.y_max)
        right, bottom = place.pixel(domain.x_max, domain.y_min)
        painter.setPen(QPen(qcolor("muted", 0.6), px(1), Qt.PenStyle.DashLine))
        # Upright and level lines need no smoothing.
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.drawRect(QRectF(left, top, right - left, bottom - top))

    def _coloured(self) -> QImage:
        key = (self._made, theme().tokens.name)
        if key != self._image_key:
            self._image_key = key
            known = np.isfinite(self._shares)
            steps = np.zeros(self._shares.shape, dtype=np.uint8)
            steps[known] = np.rint(self._shares[known] * 255.0).astype(np.uint8)
            colours = map_colours()[steps]
            colours[~known] = 0
            upright = np.ascontiguousarray(colours[::-1])
            rows, columns = upright.shape[:2]
            made = QImage(
                upright.tobytes(), columns, rows, 4 * columns, QImage.Format.Format_RGBA8888
            )
            self._image = made.copy()
        return self._image


def _contour_path(x: Floats, y: Floats, shares: Floats) -> QPainterPath:
    """Return all contour lines in data coordinates."""
    finite = shares[np.isfinite(shares)]
    if not finite.size:
        return QPainterPath()
    low, high = (float(end) for end in np.quantile(finite, (0.002, 0.99)))
    parts = [contour_segments(x, y, shares, level) for level in contour_levels(low, high)]
    segments = np.concatenate(parts) if parts else np.empty((0, 2, 2))
    if not len(segments):
        return QPainterPath()
    ends = segments.reshape(-1, 2)
    path: QPainterPath = pg.functions.arrayToQPath(ends[:, 0], ends[:, 1], connect="pairs")
    return path
