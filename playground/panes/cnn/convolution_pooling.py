"""The card of pooling: its windows on the map, the winner of each, and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from playground.panes.cnn.convolution_drawing import plain_values, themed_pixels
from playground.panes.cnn.convolution_layout import small_words
from playground.panes.cnn.convolution_words import factor
from playground.ui.controls import ChoiceBox
from playground.ui.grid_view import short_number
from playground.ui.pixel_view import Cell, Mark, PixelView
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.experiments.convolution_snapshot import ConvolutionSnapshot, Result
    from playground.experiments.convolution_spec import PoolingSpec

KINDS: Final = (
    ("none", "none", "No pooling"),
    ("max", "max", "The largest number of every window"),
    ("average", "average", "The mean of every window"),
    ("l2", "L2", "The root of the sum of squares of every window"),
)
SHAPES: Final = ((2, 2), (3, 2), (3, 3))
MOST_WINNERS = 900
LEAST_WINNER = 9
MOST_NUMBERS = 12


class PoolingCard(QWidget):
    """Shows which window every number after pooling comes from.

    Signals
    -------
    edited(object, object, bool)
        Path, value and whether the gesture is complete, for the channel.
    """

    edited = Signal(object, object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._snapshot: ConvolutionSnapshot | None = None
        self._drawn_for: object = None
        self.kind = ChoiceBox(
            "pooling", KINDS, value="none", help="Kind of pooling", segmented=True
        )
        self.shapes = [self._shape_button(size, stride) for size, stride in SHAPES]
        self.before = PixelView("Map before pooling")
        self.after = PixelView("Map after pooling")
        self.words = small_words()
        self._lay_out()
        self.kind.edited.connect(lambda kind: self.edited.emit(("pooling", "kind"), kind, True))
        self.after.hovered.connect(self._on_after)
        self.before.hovered.connect(self._on_before)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def show_snapshot(self, snapshot: ConvolutionSnapshot) -> None:
        """Show a map and what pooling leaves of it."""
        self._snapshot = snapshot
        pooling, result = snapshot.spec.pooling, snapshot.result
        self.kind.set_value(pooling.kind)
        for button, shape in zip(self.shapes, SHAPES, strict=True):
            button.setChecked((pooling.size, pooling.stride) == shape)
            button.setEnabled(pooling.kind != "none")
        key = (result, theme().tokens.name)
        if key == self._drawn_for:
            return
        self._drawn_for = key
        if result is None:
            self.before.set_sentence(snapshot.problem)
            self.after.set_sentence("")
            self.words.show_words("")
            return
        drawn = result.activated
        self.before.set_picture(themed_pixels(drawn), values=plain_values(drawn))
        if result.pooled is None:
            self.after.set_sentence(
                result.pool_problem or "Choose max, average or L2 to see what is left."
            )
        else:
            self.after.set_picture(themed_pixels(result.pooled), values=plain_values(result.pooled))
        self._show_all()

    def _show_all(self) -> None:
        """Mark every winner, and say the size."""
        result = self._snapshot.result if self._snapshot is not None else None
        if self._snapshot is None or result is None or result.pooled is None:
            self.before.set_marks(())
            self.words.show_words("" if result is None else result.pool_problem)
            return
        self.after.set_marks(())
        marks: list[Mark] = []
        winners = result.winners
        width = result.activated.shape[1]
        wide_enough = self.before.rect_of(0, 0).width() >= px(LEAST_WINNER)
        if winners is not None and winners[0].size <= MOST_WINNERS and wide_enough:
            places = sorted(set(winners[0].ravel().tolist()))
            marks = [
                Mark(place // width, place % width, token="warn", width=1.4) for place in places
            ]
        self.before.set_marks(marks)
        kept = 100 * result.pooled.values[0].size / result.activated.values[0].size
        self.words.show_words(
            f"Size: {result.pool_sentence} · {kept:.0f} % of the numbers are left. "
            "Point at a number to see its window."
        )

    def _show_window(self, row: int, col: int) -> None:
        snapshot = self._snapshot
        found = pool_window(snapshot, row, col) if snapshot is not None else None
        if snapshot is None or snapshot.result is None or found is None:
            self._show_all()
            return
        result = snapshot.result
        values, top, left = found
        marks = [Mark(top, left, values.shape[1], values.shape[2])]
        if result.winners is not None:
            down, along = divmod(int(result.winners[0, row, col]), result.activated.shape[1])
            marks.append(Mark(down, along, token="warn", fill=0.3))
        self.before.set_marks(marks)
        self.after.set_marks([Mark(row, col)])
        self.words.show_words(pool_words(snapshot, row, col))

    def _on_after(self, cell: Cell | None) -> None:
        if cell is None:
            self._show_all()
        else:
            self._show_window(*cell)

    def _on_before(self, cell: Cell | None) -> None:
        """Show the first window that a number of the map belongs to."""
        snapshot = self._snapshot
        if cell is None or snapshot is None or snapshot.result is None:
            self._show_all()
            return
        pooled = snapshot.result.pooled
        if pooled is None:
            return
        _, stride = _sides(snapshot.result, snapshot.spec.pooling)
        row = min(cell[0] // stride[0], pooled.shape[0] - 1)
        self._show_window(row, min(cell[1] // stride[1], pooled.shape[1] - 1))

    def _shape_button(self, size: int, stride: int) -> QPushButton:
        button = QPushButton(f"F{size} S{stride}")
        button.setCheckable(True)
        button.setAutoDefault(False)
        overlap = ": windows overlap" if size > stride else ""
        button.setToolTip(f"Windows of {size} × {size}, {stride} pixels apart{overlap}")
        button.clicked.connect(lambda: self._on_shape(size, stride))
        return button

    def _on_shape(self, size: int, stride: int) -> None:
        if self._snapshot is None:
            return
        pooling = self._snapshot.spec.pooling
        if pooling.size != size:
            self.edited.emit(("pooling", "size"), size, True)
        if pooling.stride != stride:
            self.edited.emit(("pooling", "stride"), stride, True)
        self.show_snapshot(self._snapshot)

    def _lay_out(self) -> None:
        self._tools = QHBoxLayout()
        self._tools.addWidget(self.kind)
        for button in self.shapes:
            self._tools.addWidget(button)
        self._tools.addStretch(1)
        self._maps = QHBoxLayout()
        self._maps.addWidget(self.before, 1)
        self._maps.addWidget(self.after, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._tools)
        self._column.addLayout(self._maps, 1)
        self._column.addWidget(self.words)

    def _on_theme_changed(self) -> None:
        self._drawn_for = None
        for part in (self._tools, self._maps, self._column):
            part.setSpacing(px(8))
        if self._snapshot is not None:
            self.show_snapshot(self._snapshot)


def pool_window(
    snapshot: ConvolutionSnapshot, row: int, col: int
) -> tuple[NDArray[np.float64], int, int] | None:
    """Return the numbers (c, F, F) that one after pooling stands for, and their corner."""
    result = snapshot.result
    if result is None or result.pooled is None:
        return None
    height, width = result.pooled.shape
    if not (0 <= row < height and 0 <= col < width):
        return None
    size, stride = _sides(result, snapshot.spec.pooling)
    top, left = row * stride[0], col * stride[1]
    return result.activated.values[:, top : top + size[0], left : left + size[1]], top, left


def pool_words(snapshot: ConvolutionSnapshot, row: int, col: int) -> str:
    """Return how one number after pooling is made; empty where there is no such number."""
    found = pool_window(snapshot, row, col)
    if found is None:
        return ""
    values, top, left = found
    numbers = values[0].ravel()
    shown = numbers[:MOST_NUMBERS].tolist()
    left_out = len(numbers) > len(shown)
    more = " + …" if left_out else ""
    where = f"[{row}, {col}] of the window at [{top}, {left}]"
    match snapshot.spec.pooling.kind:
        case "max":
            texts = [short_number(number) for number in shown] + ["…"] * left_out
            made = f"max({', '.join(texts)}) = {short_number(float(numbers.max()), 4)}"
        case "average":
            total = " + ".join(factor(number) for number in shown)
            mean = short_number(float(numbers.mean()), 4)
            made = f"({total}{more}) / {len(numbers)} = {mean}"
        case _:
            total = " + ".join(f"{factor(number)}²" for number in shown)
            root = short_number(float(np.sqrt((numbers**2).sum())), 4)
            made = f"√({total}{more}) = {root}"
    return f"{where}: {made}"


def _sides(result: Result, pooling: PoolingSpec) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return window and stride as (rows, columns): a signal has one row."""
    if result.activated.shape[0] == 1:
        return (1, pooling.size), (1, pooling.stride)
    return (pooling.size, pooling.size), (pooling.stride, pooling.stride)
