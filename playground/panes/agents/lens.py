"""From the coordinates of a world to those of the widget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPolygonF, QTransform

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Lens:
    """Pixels of a world whose y points upwards: x → left + scale·x, y → bottom − scale·y."""

    left: float
    bottom: float
    scale: float

    @classmethod
    def fitting(cls, room: QRectF, width: float, height: float, *, low: bool = False) -> Lens:
        """Return the lens that shows a world as large as possible in the middle of a room.

        ``low`` puts it on the bottom of the room instead, with more sky above.
        """
        scale = max(min(room.width() / width, room.height() / height), 1e-6)
        left = room.left() + 0.5 * (room.width() - scale * width)
        spare = room.height() - scale * height
        bottom = room.bottom() - (0.0 if low else 0.5 * spare)
        return cls(left, bottom, scale)

    @property
    def transform(self) -> QTransform:
        """The same for a painter; its pens must be cosmetic."""
        return QTransform(self.scale, 0.0, 0.0, -self.scale, self.left, self.bottom)

    def point(self, x: float, y: float) -> QPointF:
        """Return the pixel of a place."""
        return QPointF(self.left + self.scale * x, self.bottom - self.scale * y)

    def place(self, pixel: QPointF) -> tuple[float, float]:
        """Return the place under a pixel."""
        return (pixel.x() - self.left) / self.scale, (self.bottom - pixel.y()) / self.scale

    def polygon(self, places: NDArray[np.floating]) -> QPolygonF:
        """Return the pixels of (n, 2) places."""
        u = self.left + self.scale * places[:, 0].astype(np.float64)
        v = self.bottom - self.scale * places[:, 1].astype(np.float64)
        polygon: QPolygonF = pg.functions.arrayToQPolygonF(u, v)
        return polygon
