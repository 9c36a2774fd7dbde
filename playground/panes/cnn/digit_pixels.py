"""Small pictures shown pixel by pixel: what a network sees, and where in it it looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from playground.ui.fonts import ui_font
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    from numpy.typing import NDArray
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent, QPaintEvent

    Bytes: TypeAlias = NDArray[np.uint8]
    Floats: TypeAlias = NDArray[np.floating[Any]]

CAPTION_PX: Final = 16
GRID_FROM_PX: Final = 7.0
"""Pixels shown larger than this get a thin grid between them."""


def picture_of(pixels: Floats) -> Bytes:
    """Return the (h, w, 4) uint8 RGBA picture of a (c, h, w) one in 0…1, grey or colour."""
    channels = pixels if len(pixels) >= 3 else np.repeat(pixels[:1], 3, axis=0)
    made = np.full((*pixels.shape[1:], 4), 255, dtype=np.uint8)
    made[:, :, :3] = np.rint(255 * np.clip(channels[:3], 0.0, 1.0)).transpose(1, 2, 0)
    return made


def value_words(pixels: Floats, row: int, column: int) -> str:
    """Return the value of a pixel of a (c, h, w) picture, or the three of a coloured one."""
    values = pixels[:, row, column]
    return ", ".join(format_number(float(value), 3) for value in values)


class PixelPicture(QWidget):
    """A picture as large as fits, every pixel a square of its own, with a caption below.

    Parameters
    ----------
    caption
        What it shows; empty for none.
    side
        Width and height wanted, in pixels at scale 1.
    """

    def __init__(self, caption: str = "", *, side: int = 96, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._caption = caption
        self._side = side
        self._words = ""
        self._base: QImage | None = None
        self._over: QImage | None = None
        self._values: Callable[[int, int], str] | None = None
        self._cell: tuple[int, int] | None = None
        self._spot: QRectF | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(caption)
        theme().changed.connect(self.updateGeometry)

    @property
    def caption(self) -> str:
        """The words below it."""
        return self._caption

    @property
    def is_empty(self) -> bool:
        """Tell whether there is no picture."""
        return self._base is None

    @property
    def cell(self) -> tuple[int, int] | None:
        """Row and column of the pixel under the pointer."""
        return self._cell

    def set_caption(self, caption: str) -> None:
        """Change the words below it."""
        if caption != self._caption:
            self._caption = caption
            self.setAccessibleName(caption)
            self.update()

    def set_waiting(self, words: str) -> None:
        """Show words in place of a picture."""
        if self._base is None and words == self._words:
            return
        self._words = words
        self._base = self._over = self._values = self._spot = None
        self.update()

    def set_picture(
        self,
        picture: Bytes,
        over: Bytes | None = None,
        values: Callable[[int, int], str] | None = None,
    ) -> None:
        """Show an (h, w, 4) RGBA picture, and another over it, blended by its alpha.

        ``values(row, column)`` tells what lies under the pointer.
        """
        self._base = _image(picture)
        self._over = None if over is None else _image(over)
        self._values = values
        self.update()
        self._tell()

    def set_spot(self, spot: QRectF | None) -> None:
        """Frame a part of the picture, in its pixels."""
        if spot != self._spot:
            self._spot = spot
            self.update()

    def area(self) -> QRectF:
        """Return where the picture lies within the widget."""
        high = self.height() - (px(CAPTION_PX) if self._caption else 0)
        rows, columns = (1, 1) if self._base is None else (self._base.height(), self._base.width())
        scale = max(1e-6, min(self.width() / columns, high / rows))
        wide, tall = columns * scale, rows * scale
        return QRectF((self.width() - wide) / 2, max(0.0, (high - tall) / 2), wide, tall)

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(self._side), px(self._side + (CAPTION_PX if self._caption else 0)))

    @override
    def minimumSizeHint(self) -> QSize:
        least = min(self._side, 56)
        return QSize(px(least), px(least + (CAPTION_PX if self._caption else 0)))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = self.area()
        if self._base is None:
            painter.setPen(QPen(qcolor("line"), 1.0, Qt.PenStyle.DashLine))
            painter.drawRect(area.adjusted(1, 1, -1, -1))
            painter.setPen(qcolor("muted"))
            painter.setFont(ui_font(px(11)))
            painter.drawText(
                area.adjusted(px(4), 0, -px(4), 0),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                self._words,
            )
        else:
            painter.drawImage(area, self._base)
            if self._over is not None:
                painter.drawImage(area, self._over)
            self._paint_marks(painter, area)
        if self._caption:
            painter.setPen(qcolor("muted"))
            painter.setFont(ui_font(px(11)))
            box = QRectF(0.0, area.bottom() + px(1), self.width(), px(CAPTION_PX))
            text = painter.fontMetrics().elidedText(
                self._caption, Qt.TextElideMode.ElideRight, self.width()
            )
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        cell = self._cell_at(event.position())
        if cell != self._cell:
            self._cell = cell
            self.update()
        text = self._tell()
        if text:
            QToolTip.showText(event.globalPosition().toPoint(), text, self)
        else:
            QToolTip.hideText()

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._cell = None
        self.update()

    def _tell(self) -> str:
        if self._cell is None or self._values is None:
            return ""
        row, column = self._cell
        return f"row {row + 1}, column {column + 1}\n{self._values(row, column)}"

    def _cell_at(self, at: QPointF) -> tuple[int, int] | None:
        area = self.area()
        if self._base is None or not area.contains(at):
            return None
        row = int((at.y() - area.top()) / area.height() * self._base.height())
        column = int((at.x() - area.left()) / area.width() * self._base.width())
        return min(row, self._base.height() - 1), min(column, self._base.width() - 1)

    def _paint_marks(self, painter: QPainter, area: QRectF) -> None:
        if self._base is None:
            return
        one = area.width() / self._base.width()
        if one >= px(GRID_FROM_PX):
            painter.setPen(QPen(qcolor("#808890", 0.22), 1.0))
            for column in range(1, self._base.width()):
                x = area.left() + column * one
                painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            for row in range(1, self._base.height()):
                y = area.top() + row * one
                painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(qcolor("control"), 1.0))
        painter.drawRect(area)
        painter.setPen(QPen(qcolor("accent"), px(2)))
        if self._spot is not None:
            spot = self._spot
            painter.drawRect(
                QRectF(
                    area.left() + spot.left() * one,
                    area.top() + spot.top() * one,
                    spot.width() * one,
                    spot.height() * one,
                )
            )
        if self._cell is not None:
            row, column = self._cell
            painter.drawRect(QRectF(area.left() + column * one, area.top() + row * one, one, one))


def _image(picture: Bytes) -> QImage:
    rows = np.ascontiguousarray(picture)
    height, width = rows.shape[:2]
    # A copy: Qt would go on reading the array's memory.
    return QImage(rows.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
