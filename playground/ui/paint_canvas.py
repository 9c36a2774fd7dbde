"""Pixels that are painted with the mouse: a square brush of any value, in strokes without gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPen
from typing_extensions import override

from playground.ui.image_input import as_qimage
from playground.ui.pixel_view import Cell, PixelView
from playground.ui.theme import qcolor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QWidget

LARGEST_BRUSH = 32


class PaintCanvas(PixelView):
    """A picture that can be painted on while its brush is on.

    Only the core is painted on, never the border around it.

    Signals
    -------
    painted(object, bool)
        uint8 pixels (h, w, c) of the core after a stroke's next piece, and whether the stroke is
        complete.
    """

    painted = Signal(object, bool)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._brush = False
        self._value: tuple[int, ...] = (255,)
        self._ink: tuple[int, ...] = self._value
        self._width = 1
        self._pixels: NDArray[np.uint8] | None = None
        self._stroke: NDArray[np.uint8] | None = None
        self._last: Cell | None = None

    @property
    def brush(self) -> bool:
        """Whether the mouse paints."""
        return self._brush

    @property
    def is_painting(self) -> bool:
        """Whether a stroke is under way; pictures from outside then have to wait."""
        return self._stroke is not None

    def set_brush(self, on: bool) -> None:
        """Let the mouse paint, or only look."""
        self._brush = on
        self.setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor)
        self.update()

    def set_colour(self, *value: int) -> None:
        """Paint this value, one number for all channels or one for each, 0 … 255."""
        self._value = tuple(min(max(int(part), 0), 255) for part in value)

    def set_width(self, width: int) -> None:
        """Paint squares of so many pixels, 1 … 32."""
        self._width = min(max(int(width), 1), LARGEST_BRUSH)
        self.update()

    def set_paintable(self, pixels: NDArray[np.uint8] | None) -> None:
        """Say what is painted on: the core's uint8 pixels (h, w, c); None forbids painting."""
        self._pixels = pixels

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if not self._brush or self._pixels is None or cell is None:
            super().mousePressEvent(event)
            return
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            event.ignore()
            return
        self._stroke = self._pixels.copy()
        self._last = cell
        # The other button paints the opposite: black where white is painted.
        opposite = event.button() == Qt.MouseButton.RightButton
        self._ink = tuple(255 - part for part in self._value) if opposite else self._value
        self._paint_to(cell, finished=False)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        cell = self.cell_at(event.position())
        if self._stroke is not None and cell is not None and cell != self._last:
            self._paint_to(cell, finished=False)
        if self._brush:
            self.update()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._stroke is None:
            super().mouseReleaseEvent(event)
            return
        pixels, self._stroke, self._last = self._stroke, None, None
        self._pixels = pixels
        self.painted.emit(pixels, True)

    @override
    def draw_over(self, painter: QPainter) -> None:
        cell = self.hovered_cell
        if not self._brush or cell is None or self._pixels is None:
            return
        back = (self._width - 1) // 2
        rect = self.rect_of(cell[0] - back, cell[1] - back, self._width, self._width)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(qcolor("bg"), 3.0))
        painter.drawRect(rect)
        painter.setPen(QPen(qcolor("accent"), 1.5))
        painter.drawRect(rect)

    def _paint_to(self, cell: Cell, *, finished: bool) -> None:
        stroke = self._stroke
        if stroke is None or self._last is None:
            return
        top, left = (self._core.top, self._core.left) if self._core is not None else (0, 0)
        height, width = stroke.shape[:2]
        back = (self._width - 1) // 2
        ink = np.array(self._ink if len(self._ink) == stroke.shape[2] else self._ink[:1], np.uint8)
        for row, column in line_of_cells(self._last, cell):
            y, x = row - top - back, column - left - back
            stroke[
                max(0, y) : min(height, max(0, y + self._width)),
                max(0, x) : min(width, max(0, x + self._width)),
            ] = ink
        self._last = cell
        self._show_stroke(stroke, top, left)
        self.painted.emit(stroke.copy(), finished)

    def _show_stroke(self, stroke: NDArray[np.uint8], top: int, left: int) -> None:
        """Draw the stroke into the picture at once; the real one comes a frame later."""
        image = self._image
        if image is None:
            return
        rgb = stroke if stroke.shape[2] == 3 else np.repeat(stroke[:, :, :1], 3, axis=2)
        painter = QPainter(image)
        painter.drawImage(left, top, as_qimage(rgb))
        painter.end()
        self._reduced = None
        self._values = None
        self.update()


def line_of_cells(start: Cell, end: Cell) -> Iterator[Cell]:
    """Yield the cells of a line without gaps, both ends included (Bresenham, 1965)."""
    row, column = start
    rows, columns = abs(end[0] - row), abs(end[1] - column)
    down, right = (1 if end[0] >= row else -1), (1 if end[1] >= column else -1)
    error = columns - rows
    while True:
        yield row, column
        if (row, column) == end:
            return
        double = 2 * error
        if double > -rows:
            error -= rows
            column += right
        if double < columns:
            error += columns
            row += down
