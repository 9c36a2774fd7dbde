"""The confusion matrix: what was taken for what, and the very images under the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from playground.panes.cnn.network_mosaic import Mosaic
from playground.panes.cnn.network_tiles import Section
from playground.ui.cards import GroupHead
from playground.ui.fonts import number_font, ui_font
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from PySide6.QtGui import QMouseEvent, QPaintEvent, QResizeEvent

    Pixels = NDArray[np.uint8]

MOVES: Final[dict[int, tuple[int, int]]] = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
TEXT_PX = 11
HEAD_PX = 18
MOST_LABEL_PX = 64
LEAST_CELL_PX = 12
LARGEST_CELL_PX = 40
NUMBERS_FROM_PX = 14
NUMBER_SHARE = 0.64
CAPTIONS_FROM_PX = 230
THUMBNAIL_PX = 40


class ConfusionMatrix(QWidget):
    """Rows are true classes, columns what the network said; a cell under the pointer is chosen.

    Signals
    -------
    cell_changed()
        The pointer, or the arrow keys, have chosen another cell (or none).
    """

    cell_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.counts: NDArray[np.int64] = np.zeros((0, 0), dtype=np.int64)
        self.names: tuple[str, ...] = ()
        self.cell: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self._on_theme_changed)

    def set_counts(self, counts: NDArray[np.int64], names: tuple[str, ...]) -> None:
        """Show (classes, classes) counts; a chosen cell stays chosen."""
        self.counts, self.names = counts, names
        if self.cell is not None and max(self.cell) >= len(counts):
            self.cell = None
        self.update()

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Return (true, predicted) under a point; None outside the cells."""
        area, side = self._area()
        if side <= 0.0 or not area.contains(x, y):
            return None
        last = len(self.counts) - 1
        row, column = int((y - area.top()) // side), int((x - area.left()) // side)
        return min(row, last), min(column, last)

    def words(self, cell: tuple[int, int]) -> str:
        """Return what a cell says, in one sentence."""
        true, predicted = cell
        count, total = int(self.counts[cell]), int(self.counts[true].sum())
        share = f"{100 * count / total:.3g} %" if total else "none"
        name, said = self.names[true], self.names[predicted]
        if true == predicted:
            return f"{count:,} of {total:,} images of {name} are recognised ({share})."
        return f"{count:,} of {total:,} images of {name} are taken for {said} ({share})."

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(240), px(230))

    @override
    def minimumSizeHint(self) -> QSize:
        least = px(HEAD_PX) + px(24) + px(LEAST_CELL_PX) * max(1, len(self.counts))
        return QSize(least, least)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if not len(self.counts):
            return
        painter = QPainter(self)
        area, side = self._area()
        totals = np.maximum(self.counts.sum(axis=1, keepdims=True), 1)
        # The square root lets single mistakes among hundreds be seen.
        shares = np.sqrt(self.counts / totals)
        painter.setFont(number_font(min(px(TEXT_PX), NUMBER_SHARE * side)))
        fits = side >= px(NUMBERS_FROM_PX)
        for row in range(len(self.counts)):
            for column in range(len(self.counts)):
                cell = QRectF(area.left() + column * side, area.top() + row * side, side, side)
                self._paint_cell(painter, cell, (row, column), float(shares[row, column]), fits)
        painter.setFont(number_font(min(px(TEXT_PX), 0.9 * side)))
        self._paint_names(painter, area, side)
        if self.cell is not None:
            row, column = self.cell
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(qcolor("text"), px(2)))
            painter.drawRect(
                QRectF(area.left() + column * side, area.top() + row * side, side - 1, side - 1)
            )

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._choose(self.cell_at(event.position().x(), event.position().y()))

    @override
    def event(self, event: QEvent) -> bool:
        # While the matrix has the focus, the arrows go from cell to cell, not along the run.
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() in MOVES
        ):
            event.accept()
            return True
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = MOVES.get(event.key())
        if by is None or not len(self.counts):
            super().keyPressEvent(event)
            return
        row, column = self.cell or (0, 0)
        last = len(self.counts) - 1
        self._choose((min(max(row + by[0], 0), last), min(max(column + by[1], 0), last)))

    def _choose(self, cell: tuple[int, int] | None) -> None:
        if cell is not None and cell != self.cell:
            self.cell = cell
            self.update()
            self.cell_changed.emit()

    def _area(self) -> tuple[QRectF, float]:
        classes = len(self.counts)
        if not classes:
            return QRectF(), 0.0
        caption = px(HEAD_PX) if self._has_captions() else 0
        left, top = float(self._label_width() + caption), float(px(HEAD_PX) + caption)
        room = min(self.width() - left - 1, self.height() - top - 1)
        side = max(4.0, min(room / classes, px(LARGEST_CELL_PX)) // 1)
        return QRectF(left, top, classes * side, classes * side), side

    def _has_captions(self) -> bool:
        """Tell whether there is room for the names of rows and columns; the note has them, too."""
        return self.height() >= px(CAPTIONS_FROM_PX)

    def _label_width(self) -> int:
        widest = max((self.fontMetrics().horizontalAdvance(n) for n in self.names), default=0)
        return min(widest, px(MOST_LABEL_PX)) + px(6)

    def _paint_cell(
        self, painter: QPainter, cell: QRectF, place: tuple[int, int], share: float, fits: bool
    ) -> None:
        right = place[0] == place[1]
        inside = cell.adjusted(0.5, 0.5, -0.5, -0.5)
        painter.fillRect(inside, qcolor("panel"))
        painter.fillRect(inside, qcolor("class_plus" if right else "class_minus", share))
        count = int(self.counts[place])
        if not fits or not count:
            return
        text = f"{count:,}"
        if painter.fontMetrics().horizontalAdvance(text) > cell.width() - 1:
            return
        dark = theme().tokens.name == "dark"
        full = "on_accent" if not dark else "bg"
        painter.setPen(qcolor(full if share > 0.75 else "text"))
        painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_names(self, painter: QPainter, area: QRectF, side: float) -> None:
        painter.setPen(qcolor("muted"))
        metrics = painter.fontMetrics()
        elide = Qt.TextElideMode.ElideRight
        width = self._label_width()
        for place, name in enumerate(self.names):
            row = QRectF(area.left() - width, area.top() + place * side, width - px(4), side)
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(row, flags, metrics.elidedText(name, elide, int(row.width())))
            head = QRectF(area.left() + place * side, area.top() - px(HEAD_PX), side, px(HEAD_PX))
            words = name if metrics.horizontalAdvance(name) <= side else name[:1]
            painter.drawText(head, Qt.AlignmentFlag.AlignCenter, words)
        if not self._has_captions():
            return
        painter.setFont(ui_font(px(TEXT_PX)))
        top = QRectF(area.left(), 0.0, area.width(), px(HEAD_PX))
        painter.drawText(top, Qt.AlignmentFlag.AlignCenter, "predicted")
        painter.save()
        painter.translate(px(HEAD_PX) / 2, area.center().y())
        painter.rotate(-90.0)
        side_box = QRectF(-area.height() / 2, -px(HEAD_PX) / 2, area.height(), px(HEAD_PX))
        painter.drawText(side_box, Qt.AlignmentFlag.AlignCenter, "true")
        painter.restore()

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()


class ConfusionView(QWidget):
    """The matrix, and beside it the images of the chosen cell.

    Signals
    -------
    example_chosen(int)
        A person clicked one of the images: its number among the test images.
    """

    example_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = GroupHead("Confusion matrix")
        self.matrix = ConfusionMatrix()
        self.sentence = QLabel("Point at a cell to see its images.")
        self.sentence.setWordWrap(True)
        self.sentence.setProperty("role", "muted")
        self.images = Mosaic(largest=THUMBNAIL_PX)
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setProperty("role", "muted")
        self._examples: Callable[[int, int], tuple[int, ...]] | None = None
        self._pixels: Callable[[tuple[int, ...]], Pixels] | None = None
        self._shown: tuple[int, ...] = ()
        beside = QVBoxLayout()
        beside.addWidget(self.sentence)
        beside.addWidget(self.images, 1)
        beside.addWidget(self.note)
        self._beside = beside
        self._row = QHBoxLayout()
        self._row.addWidget(self.matrix, 3)
        self._row.addLayout(beside, 2)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._title)
        self._column.addLayout(self._row, 1)
        self.matrix.cell_changed.connect(self.refresh)
        self.images.set_words(
            lambda place: f"test image {self._shown[place.tile] + 1:,}\nClick: look at it"
        )
        self.images.tile_clicked.connect(self._on_clicked)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def set_alone(self, alone: bool) -> None:
        """Show the name beside the tools when no tab says it."""
        self._title.setVisible(alone)

    def show_counts(
        self,
        counts: NDArray[np.int64],
        names: tuple[str, ...],
        examples: Callable[[int, int], tuple[int, ...]],
        pixels: Callable[[tuple[int, ...]], Pixels],
    ) -> None:
        """Show another matrix.

        Parameters
        ----------
        counts, names
            (classes, classes): rows true, columns predicted; and what the classes are called.
        examples
            Returns the numbers of some test images of a cell.
        pixels
            Returns (n, channels, rows, columns) uint8 pixels of test images.
        """
        self._examples, self._pixels = examples, pixels
        self.matrix.set_counts(counts, names)
        self.refresh()

    def set_note(self, words: str) -> None:
        """Say what the matrix is made of."""
        if words != self.note.text():
            self.note.setText(words)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # The matrix is square: what it cannot use belongs to the images beside it.
        self.matrix.setMaximumWidth(
            max(px(160), min(self.height() + px(48), self.width() * 2 // 3))
        )

    def refresh(self) -> None:
        """Show the images and the sentence of the chosen cell."""
        cell = self.matrix.cell
        if cell is None or self._examples is None or self._pixels is None:
            return
        words = self.matrix.words(cell)
        if words != self.sentence.text():
            self.sentence.setText(words)
        shown = self._examples(*cell)
        if shown == self._shown:
            return
        self._shown = shown
        self.images.set_sections((Section(0, "", self._pixels(shown), None),) if shown else ())

    def _on_clicked(self, _: int, tile: int) -> None:
        self.example_chosen.emit(self._shown[tile])

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(6))
        self._row.setSpacing(px(12))
        self._beside.setSpacing(px(6))
