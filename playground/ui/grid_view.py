"""A grid of numbers on coloured cells.

Cells of signed numbers go from orange over a neutral zero to blue, pixels from black to white.
Where cells are too small for their numbers, the one under the pointer is told by a tooltip.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np
from PySide6.QtCore import (
    QEasingCurve,
    QEvent,
    QPointF,
    QRectF,
    QSize,
    Qt,
    QVariantAnimation,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from playground.ui.fonts import Weight, number_font
from playground.ui.number_text import MINUS, format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from PySide6.QtGui import QMouseEvent, QPaintEvent

    Floats = NDArray[np.float64]

Kind = Literal["diverging", "grey"]
Cell = tuple[int, int]

TURN_MS = 450
LARGEST_CELL = 64
SMALLEST_NUMBERS = 8
GAP = 1.0
FINE_CELL = 14


class GridView(QWidget):
    """Shows a matrix of numbers.

    Parameters
    ----------
    name
        Accessible name, and what a refused number is called.
    kind
        ``"diverging"`` for signed numbers around zero, ``"grey"`` for 0 (black) … 1 (white).
    digits
        Significant digits of the numbers.
    largest_cell
        Side in pixels at scale 1 beyond which cells do not grow.

    Signals
    -------
    hovered(object)
        ``(row, column)`` under the pointer or None.
    clicked(int, int)
        A cell was pressed.
    """

    hovered = Signal(object)
    clicked = Signal(int, int)

    def __init__(
        self,
        name: str,
        kind: Kind = "diverging",
        *,
        digits: int = 3,
        largest_cell: int = LARGEST_CELL,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._kind: Kind = kind
        self._digits = digits
        self._largest_cell = largest_cell
        self._values: Floats = np.zeros((0, 0))
        self._span: float | None = None
        self._lit: frozenset[Cell] = frozenset()
        self._dim: frozenset[Cell] = frozenset()
        self._selected: Cell | None = None
        self._hovered: Cell | None = None
        self._shows_pointer = False
        self._reach = 0.0
        self._type_for: tuple[float, float] | None = None
        self._fitted = (0, digits)
        self._turn = 0.0
        self._turning = QVariantAnimation(self)
        self._turning.setDuration(TURN_MS)
        self._turning.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._turning.valueChanged.connect(self._on_turned)
        self.setMouseTracking(True)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self.update)

    @property
    def values(self) -> Floats:
        """The numbers shown; not to be changed."""
        return self._values

    @property
    def selected(self) -> Cell | None:
        """The cell that keys go to."""
        return self._selected

    @property
    def turn(self) -> float:
        """By how many degrees the grid is still turned, while it turns."""
        return self._turn

    def set_values(self, values: Floats, span: float | None = None) -> None:
        """Show other numbers; colours reach to ``span``, or to the largest absolute value."""
        if span == self._span and np.array_equal(values, self._values):
            return
        if values.shape != self._values.shape:
            self._hovered = None
            if self._selected is not None and not is_inside(self._selected, values):
                self._selected = None
        self._values = np.asarray(values, np.float64)
        self._span = span
        self._type_for = None
        finite = self._values[np.isfinite(self._values)]
        self._reach = span or (float(np.abs(finite).max()) if finite.size else 0.0)
        self.update()

    def set_lit(self, cells: Iterable[Cell], dim: Iterable[Cell] = ()) -> None:
        """Outline some cells, and show others faintly (such as those on a border)."""
        lit, faint = frozenset(cells), frozenset(dim)
        if (lit, faint) != (self._lit, self._dim):
            self._lit, self._dim = lit, faint
            self.update()

    def turn_around(self) -> None:
        """Show that the grid was flipped both ways: turn it by half a circle into its place."""
        self._turning.stop()
        if theme().reduced_motion or not self.isVisible():
            self._on_turned(0.0)
            return
        self._turning.setStartValue(180.0)
        self._turning.setEndValue(0.0)
        self._turning.start()

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Return where a cell is on the widget."""
        rows, columns = self._values.shape
        side = self._side()
        left = (self.width() - columns * side) / 2
        top = (self.height() - rows * side) / 2
        return QRectF(left + column * side, top + row * side, side, side)

    def cell_at(self, place: QPointF) -> Cell | None:
        """Return the cell at a place of the widget."""
        if not self._values.size:
            return None
        first = self.cell_rect(0, 0)
        side = first.width()
        row = math.floor((place.y() - first.top()) / side)
        column = math.floor((place.x() - first.left()) / side)
        return (row, column) if is_inside((row, column), self._values) else None

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(160), px(160))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(60), px(40))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_cells(painter)
        if self._type()[0]:
            self._draw_numbers(painter)
        if self._hovered is not None and self._shows_pointer:
            self._outline(painter, self._hovered, "muted", 1.0)
        for cell in self._lit:
            self._outline(painter, cell, "accent", 2.0)
        if self._selected is not None and self.hasFocus():
            self._outline(painter, self._selected, "accent", 2.0)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if cell != self._hovered:
            self._hovered = cell
            self.hovered.emit(cell)
        if cell is not None and not self._fits_numbers():
            words = format_number(float(self._values[cell]), 6, trim=True)
            QToolTip.showText(event.globalPosition().toPoint(), words, self)

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = None
        self.hovered.emit(None)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton or cell is None:
            event.ignore()
            return
        self._selected = cell
        self.clicked.emit(*cell)
        self.update()

    def _side(self) -> float:
        rows, columns = self._values.shape
        if not self._values.size:
            return 1.0
        side = min(self.width() / columns, self.height() / rows, px(self._largest_cell))
        return max(1.0, float(math.floor(side)) if side > px(12) else float(side))

    def _fits_numbers(self) -> bool:
        return self._type()[0] > 0

    def _type(self) -> tuple[int, int]:
        """Return the largest type in which the longest number fits its cell, and its digits.

        Where the cells are small, a digit goes before the numbers do; a size of 0 means none fit.
        """
        side = self._side()
        key = (side, theme().scale)
        if self._type_for != key:
            self._type_for = key
            self._fitted = (0, self._digits)
            for digits in range(self._digits, min(2, self._digits) - 1, -1):
                size = self._largest_type(digits, side) if side >= px(FINE_CELL) else 0
                if size:
                    self._fitted = (size, digits)
                    break
        return self._fitted

    def _largest_type(self, digits: int, side: float) -> int:
        """Return the size in which the numbers fit a cell, 0 for none."""
        longest = max(self._words(digits), key=len, default="0")
        for size in range(px(13), px(SMALLEST_NUMBERS) - 1, -1):
            metrics = QFontMetrics(number_font(size))
            if metrics.horizontalAdvance(longest) <= side - 3.0 and metrics.height() <= side:
                return size
        return 0

    def _words(self, digits: int) -> list[str]:
        return [short_number(float(value), digits) for value in self._values.flat]

    def _places(self) -> list[tuple[Cell, QRectF]]:
        """Return every cell with its rectangle, in reading order."""
        rows, columns = self._values.shape
        if not self._values.size:
            return []
        first = self.cell_rect(0, 0)
        side, left, top = first.width(), first.left(), first.top()
        return [
            (
                (row, column),
                self._turned(QRectF(left + column * side, top + row * side, side, side)),
            )
            for row in range(rows)
            for column in range(columns)
        ]

    def _draw_cells(self, painter: QPainter) -> None:
        fine = self._side() < px(FINE_CELL)
        # A thin edge: white pixels on a white card, and zeros on any, would else have no shape.
        painter.setPen(Qt.PenStyle.NoPen if fine else QPen(qcolor("line"), 1.0))
        radius = px(2)
        for cell, rect in self._places():
            fill = self._fill(cell)
            if fine:
                painter.fillRect(rect.adjusted(0.0, 0.0, -GAP, -GAP), fill)
            else:
                painter.setBrush(fill)
                painter.drawRoundedRect(rect.adjusted(GAP, GAP, -GAP, -GAP), radius, radius)

    def _draw_numbers(self, painter: QPainter) -> None:
        size, digits = self._type()
        painter.setFont(number_font(size, Weight.Medium))
        for (cell, rect), word in zip(self._places(), self._words(digits), strict=True):
            faint = cell in self._dim
            painter.setPen(qcolor("muted") if faint else _ink_on(self._fill(cell)))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, word)

    def _fill(self, cell: Cell) -> QColor:
        fill = self._colour(float(self._values[cell]))
        if cell in self._dim:
            fill.setAlphaF(0.45)
        return fill

    def _outline(self, painter: QPainter, cell: Cell, token: str, width: float) -> None:
        if not is_inside(cell, self._values):
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(qcolor(token), width))
        rect = self._turned(self.cell_rect(*cell))
        painter.drawRoundedRect(rect.adjusted(GAP, GAP, -GAP, -GAP), px(2), px(2))

    def _turned(self, rect: QRectF) -> QRectF:
        """Return a cell where it is while the grid turns; its number stays upright."""
        if not self._turn:
            return rect
        middle = QPointF(self.width() / 2, self.height() / 2)
        angle = math.radians(self._turn)
        away = rect.center() - middle
        turned = QPointF(
            away.x() * math.cos(angle) - away.y() * math.sin(angle),
            away.x() * math.sin(angle) + away.y() * math.cos(angle),
        )
        moved = QRectF(rect)
        moved.moveCenter(middle + turned)
        return moved

    def _colour(self, value: float) -> QColor:
        if self._kind == "grey":
            level = round(255 * min(max(value / (self._span or 1.0), 0.0), 1.0))
            return QColor(level, level, level)
        span = self._reach
        share = 0.0 if span == 0.0 or not math.isfinite(value) else value / span
        place = min(max(round((share + 1.0) * 127.5), 0), 255)
        red, green, blue, _ = theme().tokens.diverging_map[place].tolist()
        return QColor(red, green, blue)

    def _on_turned(self, degrees: float) -> None:
        self._turn = float(degrees)
        self.update()


def is_inside(cell: Cell, values: Floats) -> bool:
    """Tell whether an array has a cell."""
    rows, columns = values.shape
    return bool(0 <= cell[0] < rows and 0 <= cell[1] < columns)


def short_number(value: float, digits: int = 3) -> str:
    """Return a number for a narrow cell: whole numbers plainly, others to ``digits`` places."""
    if value == round(value) and abs(value) < 1e5:
        return f"{int(value)}".replace("-", MINUS)
    if 1e-3 <= abs(value) < 1e4:
        places = min(max(0, digits - 1 - math.floor(math.log10(abs(value)))), digits)
        text = f"{value:.{places}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return text.replace("-", MINUS) if text not in ("0", "-0") else "0"
    return format_number(value, 2, trim=True)


def _ink_on(fill: QColor) -> QColor:
    light = 0.299 * fill.red() + 0.587 * fill.green() + 0.114 * fill.blue() > 140
    return QColor("#14171c") if light else QColor("#f2f4f8")
