"""A picture whose pixels can be told apart: crisp, on whole pixels of the screen, with a grid.

The picture may have a border around its core (what padding has added); it is hatched, so that
nobody takes it for data. Marks outline pixels, a veil covers what has not been computed yet, and a
sentence stands where there is no picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QBrush, QImage, QPainter, QPen, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from playground.ui.fonts import number_font, ui_font
from playground.ui.image_input import as_qimage
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QMouseEvent, QPaintEvent

GRID_FROM = 7
NUMBERS_FROM = 30
BRIGHT = 140
VEIL = 0.86

Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Core:
    """Where the picture itself lies within its border, in pixels."""

    top: int
    left: int
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Mark:
    """An outlined rectangle of pixels.

    ``fill`` is the opacity of the colour inside, 0 … 1; a ``width`` of 0 draws no outline, one of 2
    or more is kept large enough to be found.
    """

    top: int
    left: int
    rows: int = 1
    columns: int = 1
    token: str = "accent"
    width: float = 2.0
    fill: float = 0.0


class PixelView(QWidget):
    """Shows an array of pixels.

    Signals
    -------
    hovered(object)
        ``(row, column)`` of the pixel under the pointer, counted with the border, or None.
    clicked(int, int)
        A pixel was pressed with the left button.
    """

    hovered = Signal(object)
    clicked = Signal(int, int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._reduced: tuple[QSize, QImage] | None = None
        self._values: NDArray[np.float64] | None = None
        self._core: Core | None = None
        self._marks: tuple[Mark, ...] = ()
        self._veil_from: int | None = None
        self._sentence = ""
        self._hovered: Cell | None = None
        self.setMouseTracking(True)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self.update)

    @property
    def rows(self) -> int:
        """Pixels from top to bottom, the border included; 0 without a picture."""
        return self._image.height() if self._image is not None else 0

    @property
    def columns(self) -> int:
        """Pixels from left to right, the border included; 0 without a picture."""
        return self._image.width() if self._image is not None else 0

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What is outlined."""
        return self._marks

    @property
    def sentence(self) -> str:
        """What stands in place of the picture; empty while there is one."""
        return self._sentence

    @property
    def hovered_cell(self) -> Cell | None:
        """The pixel under the pointer."""
        return self._hovered

    def set_picture(
        self,
        pixels: NDArray[np.uint8],
        *,
        core: Core | None = None,
        values: NDArray[np.float64] | None = None,
    ) -> None:
        """Show pixels of shape (h, w), (h, w, 1), (h, w, 3) or RGBA (h, w, 4).

        ``values`` of shape (h, w) are written into the pixels where these are large enough.
        """
        self._image = as_qimage(pixels)
        self._reduced = None
        self._values = values
        self._core = core
        self._sentence = ""
        self.update()

    def set_sentence(self, sentence: str) -> None:
        """Say why there is no picture; an earlier one goes."""
        if sentence != self._sentence or self._image is not None:
            self._sentence = sentence
            self._image = self._values = self._core = None
            self._reduced = None
            self.update()

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Outline other pixels."""
        wanted = tuple(marks)
        if wanted != self._marks:
            self._marks = wanted
            self.update()

    def set_veil(self, first: int | None) -> None:
        """Cover all pixels from the n-th in reading order on; None covers none."""
        if first != self._veil_from:
            self._veil_from = first
            self.update()

    def cell_at(self, place: QPointF) -> Cell | None:
        """Return the pixel at a place of the widget."""
        area, side = self._area()
        if self._image is None or side <= 0.0 or not area.contains(place):
            return None
        row = min(int((place.y() - area.top()) / side), self.rows - 1)
        return row, min(int((place.x() - area.left()) / side), self.columns - 1)

    def rect_of(self, top: int, left: int, rows: int = 1, columns: int = 1) -> QRectF:
        """Return where a rectangle of pixels is on the widget."""
        area, side = self._area()
        return QRectF(
            area.left() + left * side, area.top() + top * side, columns * side, rows * side
        )

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(240), px(240))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(72), px(72))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._image is None:
            self._draw_sentence(painter)
            return
        area, side = self._area()
        self._draw_pixels(painter, area, side)
        if self._core is not None:
            self._draw_border(painter, area)
        if side >= px(GRID_FROM):
            self._draw_grid(painter, area, side)
        if self._values is not None and side >= px(NUMBERS_FROM):
            self._draw_numbers(painter, side)
        if self._veil_from is not None:
            self._draw_veil(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for mark in self._marks:
            self._draw_mark(painter, mark)
        self.draw_over(painter)

    def draw_over(self, painter: QPainter) -> None:
        """Draw what a subclass has to add over the picture."""

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._set_hovered(self.cell_at(event.position()))

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and cell is not None:
            self.clicked.emit(*cell)
        else:
            event.ignore()

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._set_hovered(None)

    def _set_hovered(self, cell: Cell | None) -> None:
        if cell != self._hovered:
            self._hovered = cell
            self.hovered.emit(cell)

    def _area(self) -> tuple[QRectF, float]:
        """Return where the picture is, and the side of a pixel, on whole pixels of the screen."""
        if self._image is None:
            return QRectF(), 0.0
        ratio = self.devicePixelRatioF()
        wide, high = self.width() * ratio, self.height() * ratio
        side = min(wide / self.columns, high / self.rows)
        if side >= 1.0:
            side = float(int(side))
        left = int((wide - side * self.columns) / 2)
        top = int((high - side * self.rows) / 2)
        area = QRectF(left, top, side * self.columns, side * self.rows)
        return QTransform.fromScale(1 / ratio, 1 / ratio).mapRect(area), side / ratio

    def _draw_pixels(self, painter: QPainter, area: QRectF, side: float) -> None:
        image = self._image
        if image is None:
            return
        ratio = self.devicePixelRatioF()
        if side * ratio >= 1.0:
            painter.drawImage(area, image)
            return
        # Fewer pixels on the screen than in the picture: averaged, not picked out.
        size = (area.size() * ratio).toSize().expandedTo(QSize(1, 1))
        if self._reduced is None or self._reduced[0] != size:
            keep, smooth = (
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            self._reduced = (size, image.scaled(size, keep, smooth))
        painter.drawImage(area, self._reduced[1])

    def _draw_border(self, painter: QPainter, area: QRectF) -> None:
        core = self._core
        if core is None or (core.rows, core.columns) == (self.rows, self.columns):
            return
        inner = self.rect_of(core.top, core.left, core.rows, core.columns)
        painter.save()
        painter.setClipRegion(area.toAlignedRect())
        for part in _frame(area, inner):
            painter.fillRect(part, qcolor("accent", 0.16))
            painter.fillRect(part, QBrush(qcolor("accent", 0.45), Qt.BrushStyle.BDiagPattern))
        painter.restore()
        painter.setPen(QPen(qcolor("accent"), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(inner)

    def _draw_grid(self, painter: QPainter, area: QRectF, side: float) -> None:
        painter.setPen(QPen(qcolor("line", 0.55), 1.0))
        for row in range(1, self.rows):
            y = area.top() + row * side
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        for column in range(1, self.columns):
            x = area.left() + column * side
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    def _draw_numbers(self, painter: QPainter, side: float) -> None:
        values, image = self._values, self._image
        if values is None or image is None:
            return
        painter.setFont(number_font(max(px(8), min(px(12), side * 0.3))))
        for row in range(self.rows):
            for column in range(self.columns):
                text = format_number(float(values[row, column]), 2, trim=True)
                light = image.pixelColor(column, row).lightness() > BRIGHT
                painter.setPen(qcolor("#14171c" if light else "#e6e9ef"))
                painter.drawText(self.rect_of(row, column), Qt.AlignmentFlag.AlignCenter, text)

    def _draw_veil(self, painter: QPainter) -> None:
        first = self._veil_from or 0
        row, column = divmod(first, max(1, self.columns))
        if row >= self.rows:
            return
        covered = []
        if column:
            covered.append(self.rect_of(row, column, 1, self.columns - column))
            row += 1
        if row < self.rows:
            covered.append(self.rect_of(row, 0, self.rows - row, self.columns))
        for rect in covered:
            painter.fillRect(rect, qcolor("panel", VEIL))
            painter.fillRect(rect, QBrush(qcolor("control", 0.5), Qt.BrushStyle.BDiagPattern))

    def _draw_mark(self, painter: QPainter, mark: Mark) -> None:
        rect = self.rect_of(mark.top, mark.left, mark.rows, mark.columns)
        # A single pixel of a fine picture would be too small a mark to be found.
        least = px(5) if mark.width >= 2.0 else 0
        if rect.width() < least or rect.height() < least:
            centre = rect.center()
            rect.setSize(QSizeF(max(least, rect.width()), max(least, rect.height())))
            rect.moveCenter(centre)
        fill = Qt.BrushStyle.NoBrush if not mark.fill else QBrush(qcolor(mark.token, mark.fill))
        painter.setBrush(fill)
        painter.setPen(QPen(qcolor("bg", 0.6), mark.width + 2.0))
        if mark.width >= 1.5:
            painter.drawRect(rect)
        frame = QPen(qcolor(mark.token), mark.width) if mark.width else QPen(Qt.PenStyle.NoPen)
        painter.setPen(frame)
        painter.drawRect(rect)

    def _draw_sentence(self, painter: QPainter) -> None:
        painter.setFont(ui_font(px(13)))
        painter.setPen(qcolor("muted"))
        flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
        painter.drawText(self.rect().adjusted(px(8), 0, -px(8), 0), flags, self._sentence)


def _frame(outer: QRectF, inner: QRectF) -> tuple[QRectF, ...]:
    """Return the four rectangles between two, above, below, left and right."""
    return (
        QRectF(outer.topLeft(), QPointF(outer.right(), inner.top())),
        QRectF(QPointF(outer.left(), inner.bottom()), outer.bottomRight()),
        QRectF(QPointF(outer.left(), inner.top()), inner.bottomLeft()),
        QRectF(inner.topRight(), QPointF(outer.right(), inner.bottom())),
    )
