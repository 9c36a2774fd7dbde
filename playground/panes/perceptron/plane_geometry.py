"""Where data lies on the screen: the map between the plane and pixels, lines, and axis ticks.

A line ``w₁·x₁ + w₂·x₂ + β = 0`` is carried to pixels as ``a·u + b·v + c`` with ``a² + b² = 1``, so
that its value is the signed distance in pixels, positive on the side of class +1. Everything is
scaled before it is squared: weights of 1e300 must not overflow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from PySide6.QtCore import QPointF, QRectF

if TYPE_CHECKING:
    from numpy.typing import NDArray

Line: TypeAlias = tuple[float, float, float]
Floats: TypeAlias = "NDArray[np.float64]"

FIT_PADDING = 0.14
SMALLEST_SPAN = 1e-9
ROUNDING = 1e-13
LARGEST_SPAN = 1e14
FREE_ASPECT_RATIO = 12.0
"""Data this much longer in one direction than in the other is drawn with unequal axes."""


@dataclass(frozen=True, slots=True)
class PixelLine:
    """A line in pixels: ``a·u + b·v + c`` is the signed distance, positive towards class +1."""

    a: float
    b: float
    c: float

    def distance(self, u: float, v: float) -> float:
        """Return the signed distance of a pixel from the line, in pixels."""
        return self.a * u + self.b * v + self.c


@dataclass(frozen=True, slots=True)
class PlaneMap:
    """The affine map between data and the pixels of ``area``; the vertical axis points up."""

    area: QRectF
    x0: float
    y0: float
    per_px_x: float
    per_px_y: float

    @staticmethod
    def fitting(area: QRectF, low: Floats, high: Floats, *, pad: float = FIT_PADDING) -> PlaneMap:
        """Return the map that shows the box from ``low`` to ``high`` with room around it.

        Axes are equal unless the box is more than :data:`FREE_ASPECT_RATIO` times as long as wide.
        """
        width, height = max(area.width(), 1.0), max(area.height(), 1.0)
        middle = (low + high) / 2.0
        span = np.clip(high - low, 0.0, LARGEST_SPAN)
        longest = float(span.max())
        if longest <= 0.0:
            longest = 2.0
        tiny = longest / FREE_ASPECT_RATIO
        free = bool(span.min() > 0.0 and span.min() < tiny)
        span = np.where(span <= 0.0, longest, span) * (1.0 + 2.0 * pad)
        per_x = max(float(span[0]) / width, SMALLEST_SPAN)
        per_y = max(float(span[1]) / height, SMALLEST_SPAN)
        if not free:
            per_x = per_y = max(per_x, per_y)
        return PlaneMap(
            area,
            float(middle[0]) - per_x * width / 2.0,
            float(middle[1]) - per_y * height / 2.0,
            per_x,
            per_y,
        )

    def resized(self, area: QRectF) -> PlaneMap:
        """Return the map for a new pixel area that keeps what is in the middle and the scale.

        A growing or shrinking area zooms, so that what was visible stays visible.
        """
        if self.area.width() < 2.0 or self.area.height() < 2.0 or area.width() < 2.0:
            return PlaneMap(area, self.x0, self.y0, self.per_px_x, self.per_px_y)
        factor = max(self.area.width() / area.width(), self.area.height() / max(area.height(), 1.0))
        middle = self.to_data(self.area.center().x(), self.area.center().y())
        per_x, per_y = self.per_px_x * factor, self.per_px_y * factor
        return PlaneMap(
            area,
            middle[0] - per_x * area.width() / 2.0,
            middle[1] - per_y * area.height() / 2.0,
            per_x,
            per_y,
        )

    def zoomed(self, factor: float, u: float, v: float) -> PlaneMap:
        """Return the map magnified by ``factor`` about a pixel; refuses absurd spans."""
        per_x, per_y = self.per_px_x / factor, self.per_px_y / factor
        span = per_x * self.area.width()
        if not 1e-8 < span < LARGEST_SPAN:
            return self
        x, y = self.to_data(u, v)
        return PlaneMap(
            self.area,
            x - (u - self.area.left()) * per_x,
            y - (self.area.bottom() - v) * per_y,
            per_x,
            per_y,
        )

    def panned(self, du: float, dv: float) -> PlaneMap:
        """Return the map moved by pixels, as if the paper were dragged."""
        return PlaneMap(
            self.area,
            self.x0 - du * self.per_px_x,
            self.y0 + dv * self.per_px_y,
            self.per_px_x,
            self.per_px_y,
        )

    @property
    def x1(self) -> float:
        """Right end of the visible data range."""
        return self.x0 + self.per_px_x * self.area.width()

    @property
    def y1(self) -> float:
        """Upper end of the visible data range."""
        return self.y0 + self.per_px_y * self.area.height()

    @property
    def equal(self) -> bool:
        """Tell whether both axes have the same scale."""
        return self.per_px_x == self.per_px_y

    def to_data(self, u: float, v: float) -> tuple[float, float]:
        """Return the data coordinates under a pixel."""
        return (
            self.x0 + (u - self.area.left()) * self.per_px_x,
            self.y0 + (self.area.bottom() - v) * self.per_px_y,
        )

    def to_px(self, x: float, y: float) -> QPointF:
        """Return the pixel of a data point."""
        return QPointF(
            self.area.left() + (x - self.x0) / self.per_px_x,
            self.area.bottom() - (y - self.y0) / self.per_px_y,
        )

    def many_to_px(self, xy: Floats) -> Floats:
        """Return (n, 2) pixels of (n, 2) data points."""
        out = np.empty_like(xy)
        np.subtract(xy[:, 0], self.x0, out=out[:, 0])
        out[:, 0] /= self.per_px_x
        out[:, 0] += self.area.left()
        np.subtract(self.y0, xy[:, 1], out=out[:, 1])
        out[:, 1] /= self.per_px_y
        out[:, 1] += self.area.bottom()
        return out

    def line(self, line: Line) -> PixelLine | None:
        """Return a line in pixels; None where w is zero or anything is not finite."""
        w1, w2, beta = line
        largest = max(abs(w1), abs(w2))
        if largest == 0.0 or not math.isfinite(w1 + w2 + beta):
            return None
        w1, w2, beta = w1 / largest, w2 / largest, beta / largest
        a, b = w1 * self.per_px_x, -w2 * self.per_px_y
        norm = math.hypot(a, b)
        left, bottom = self.area.left(), self.area.bottom()
        c = w1 * self.x0 + w2 * self.y0 + beta - a * left - b * bottom
        if norm == 0.0 or not math.isfinite(c / norm):
            return None
        return PixelLine(a / norm, b / norm, c / norm)


def tidy(value: float, scale: float = 1.0) -> float:
    """Return 0 for what is only the rounding left over from sums of numbers of a scale."""
    return 0.0 if abs(value) < ROUNDING * scale else value


def gradient_norm(line: Line) -> float:
    """Return ‖w‖ without overflow."""
    return math.hypot(line[0], line[1])


def clipped(line: PixelLine, area: QRectF) -> tuple[QPointF, QPointF] | None:
    """Return the two ends of the part of a line inside a rectangle; None if it misses it."""
    middle = area.center()
    reach = math.hypot(area.width(), area.height())
    away = line.distance(middle.x(), middle.y())
    if abs(away) > reach:
        return None
    foot = QPointF(middle.x() - line.a * away, middle.y() - line.b * away)
    low, high = -2.0 * reach, 2.0 * reach
    direction = (-line.b, line.a)
    bounds = ((area.left(), area.right()), (area.top(), area.bottom()))
    for start, along, (least, most) in zip((foot.x(), foot.y()), direction, bounds, strict=True):
        if abs(along) < 1e-12:
            if not least <= start <= most:
                return None
            continue
        ends = sorted(((least - start) / along, (most - start) / along))
        low, high = max(low, ends[0]), min(high, ends[1])
    if low >= high:
        return None
    return (
        QPointF(foot.x() + direction[0] * low, foot.y() + direction[1] * low),
        QPointF(foot.x() + direction[0] * high, foot.y() + direction[1] * high),
    )


def nice_step(span: float, pieces: float) -> float:
    """Return 1, 2 or 5 times a power of ten that cuts ``span`` into about ``pieces`` pieces."""
    if not (math.isfinite(span) and span > 0.0):
        return 1.0
    raw = span / max(pieces, 1.0)
    power = 10.0 ** math.floor(math.log10(raw))
    return next(power * factor for factor in (1.0, 2.0, 5.0, 10.0) if power * factor >= raw * 0.999)


def ticks(low: float, high: float, pieces: float) -> tuple[list[float], float]:
    """Return the round numbers between two ends, and their distance."""
    step = nice_step(high - low, pieces)
    # 0.3 / 0.1 is a little less than 3.
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    if last - first > 200:
        return [], step
    return [index * step for index in range(first, last + 1)], step


def tick_text(value: float, step: float) -> str:
    """Return a tick's number with just the decimals that its step needs."""
    if value != 0.0 and not 1e-4 <= step <= 1e6:
        return f"{value:.3g}".replace("-", "−")
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    if abs(value) < step / 2.0:
        value = 0.0
    return f"{value:.{decimals}f}".replace("-", "−")


def inset(area: QRectF, by: float) -> QRectF:
    """Return a rectangle smaller by so many pixels on every side."""
    return area.adjusted(by, by, -by, -by)
