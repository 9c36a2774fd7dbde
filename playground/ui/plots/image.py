"""A grid of numbers as colours under everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from typing_extensions import override

from playground.ui.plots.ranges import Bounds
from playground.ui.theme import theme

if TYPE_CHECKING:
    from numpy.typing import NDArray


class ScalarImage(pg.ImageItem):
    """A (rows, columns) array; row 0 lies at the bottom, where y is smallest.

    Parameters
    ----------
    kind
        ``"scalar"`` spans the levels with viridis, ``"diverging"`` is centred on zero.
    smooth
        Interpolate between cells; leave False where every cell is a value of its own.
    opacity
        0 … 1, for tints under points.
    """

    def __init__(
        self,
        kind: Literal["scalar", "diverging"] = "scalar",
        *,
        smooth: bool = True,
        opacity: float = 1.0,
    ) -> None:
        super().__init__(axisOrder="row-major")
        self._kind = kind
        self._smooth = smooth
        self._values: NDArray[Any] | None = None
        self._extent = Bounds(0.0, 1.0, 0.0, 1.0)
        self.setOpacity(opacity)
        self.setZValue(-50)
        self.apply_theme()

    @property
    def bounds(self) -> Bounds | None:
        """The extent while there is an image."""
        return self._extent if self._values is not None else None

    def set_data(
        self,
        values: NDArray[Any],
        levels: tuple[float, float] | None = None,
        extent: Bounds | None = None,
    ) -> None:
        """Show an array.

        Parameters
        ----------
        values
            (rows, columns) uint8 indices into the colour map, or floats, NaN transparent.
        levels
            Values at the ends of the colour map; where left out, those of the data, symmetrical
            about zero for a diverging map. Without meaning for uint8.
        extent
            Edges of the image in axis coordinates; the last ones where left out.
        """
        self._values = values
        if values.dtype == np.uint8:
            shown: tuple[float, float] = (0.0, 255.0)
        else:
            shown = levels if levels is not None else self._levels_of(values)
        self.setImage(values, autoLevels=False, levels=shown)
        if extent is not None:
            self._extent = extent
        edge = self._extent
        self.setRect(QRectF(edge.x0, edge.y0, edge.x1 - edge.x0, edge.y1 - edge.y0))

    def value_at(self, x: float, y: float) -> float | None:
        """Return the number of the cell under a place; None outside."""
        if self._values is None:
            return None
        rows, columns = self._values.shape
        edge = self._extent
        column = int((x - edge.x0) / (edge.x1 - edge.x0) * columns // 1)
        row = int((y - edge.y0) / (edge.y1 - edge.y0) * rows // 1)
        if 0 <= row < rows and 0 <= column < columns:
            return float(self._values[row, column])
        return None

    def apply_theme(self) -> None:
        """Take the colour map of the theme."""
        tokens = theme().tokens
        table = tokens.diverging_map if self._kind == "diverging" else tokens.scalar_map
        self.setLookupTable(table)

    @override
    def paint(self, painter: QPainter, *args: Any) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._smooth)
        super().paint(painter, *args)

    def _levels_of(self, values: NDArray[Any]) -> tuple[float, float]:
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        if self._kind == "diverging":
            reach = max(abs(low), abs(high))
            low, high = -reach, reach
        return (low, high) if high > low else (low - 0.5, high + 0.5)
