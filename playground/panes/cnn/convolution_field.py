"""The card of receptive fields: a stack of layers, and what a pixel of each sees of the picture."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from playground.experiments.convolution_spec import MAX_STACK, StackLayerSpec
from playground.panes.cnn.convolution_drawing import themed_pixels
from playground.panes.cnn.convolution_layout import caption, small_words
from playground.ui.controls import ColourDot, IconButton, NumberField
from playground.ui.pixel_view import Mark, PixelView
from playground.ui.theme import lane, px, theme

if TYPE_CHECKING:
    from playground.core.receptive_field import Field
    from playground.experiments.convolution_snapshot import ConvolutionSnapshot

KINDS: Final = {"convolution": "conv", "pooling": "pool"}
COLUMNS: Final = (
    ("size", "F", "Pixels a side of the window", 1, MAX_STACK - 1),
    ("stride", "S", "Stride: pixels from window to window", 1, 4),
    ("dilation", "D", "Dilation: distance of the cells", 1, 4),
)
LEAST_CROP = 12
ROOM = 1.5
FIELD_WIDTH = 38
LANES = 8


class FieldCard(QWidget):
    """An editable stack, and nested squares over the picture.

    Signals
    -------
    edited(object, object, bool)
        Path, value and whether the gesture is complete, for the channel.
    """

    edited = Signal(object, object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stack: tuple[StackLayerSpec, ...] = ()
        self._rows: list[_LayerRow] = []
        self._snapshot: ConvolutionSnapshot | None = None
        self._drawn_for: object = None
        self.view = PixelView("Receptive fields over the picture")
        self.words = small_words("text")
        self.add_convolution = self._add_button("+ conv 3 × 3", StackLayerSpec())
        self.add_pooling = self._add_button(
            "+ pool F2 S2", StackLayerSpec(kind="pooling", size=2, stride=2)
        )
        self._list = QWidget()
        self._lines = QVBoxLayout(self._list)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self._list)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for part in (self._scroll.viewport(), self._list):
            part.setAutoFillBackground(False)
        self._lay_out()
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def show_snapshot(self, snapshot: ConvolutionSnapshot) -> None:
        """Show the stack and its fields."""
        self._snapshot = snapshot
        stack = snapshot.spec.stack
        while len(self._rows) < len(stack):
            self._append_row()
        while len(self._rows) > len(stack):
            row = self._rows.pop()
            self._lines.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._stack = stack
        for row, layer, field in zip(self._rows, stack, snapshot.receptive, strict=True):
            row.show_layer(layer, field, removable=len(stack) > 1, signal=snapshot.spec.is_signal)
        self.add_convolution.setText("+ conv 3" if snapshot.spec.is_signal else "+ conv 3 × 3")
        full = len(stack) >= MAX_STACK
        self.add_convolution.setEnabled(not full)
        self.add_pooling.setEnabled(not full)
        key = (snapshot.picture, snapshot.receptive, theme().tokens.name)
        if key == self._drawn_for:
            return
        self._drawn_for = key
        self._draw(snapshot)
        self.words.show_words(field_words(snapshot))

    def _draw(self, snapshot: ConvolutionSnapshot) -> None:
        """Show the middle of the picture, so large that the squares can be seen."""
        pixels = themed_pixels(snapshot.picture)
        height, width = pixels.shape[:2]
        largest = snapshot.receptive[-1].size
        wanted = max(LEAST_CROP, round(ROOM * largest))
        rows, cols = min(height, wanted), min(width, wanted)
        top, left = (height - rows) // 2, (width - cols) // 2
        self.view.set_picture(pixels[top : top + rows, left : left + cols])
        marks = []
        for place, field in reversed(list(enumerate(snapshot.receptive))):
            # Cut off at the picture: what lies beyond it is border.
            high, wide = min(field.size, rows), min(field.size, cols)
            first_row, first_col = (rows - high) // 2, (cols - wide) // 2
            marks.append(Mark(first_row, first_col, high, wide, lane(place % LANES), 2.4, 0.10))
        self.view.set_marks(marks)

    def _append_row(self) -> None:
        row = _LayerRow(len(self._rows))
        row.edited.connect(self._on_row_edited)
        row.removed.connect(self._on_removed)
        self._rows.append(row)
        self._lines.insertWidget(self._lines.count() - 1, row)

    def _on_row_edited(self, place: int, name: str, value: Any) -> None:
        self.edited.emit(("stack", place, name), value, True)

    def _on_removed(self, place: int) -> None:
        self._give((*self._stack[:place], *self._stack[place + 1 :]))

    def _add_button(self, words: str, layer: StackLayerSpec) -> QPushButton:
        button = QPushButton(words)
        button.setToolTip("Put a layer on top of the stack")
        button.setAutoDefault(False)
        button.clicked.connect(lambda: self._give((*self._stack, layer)))
        return button

    def _give(self, stack: tuple[StackLayerSpec, ...]) -> None:
        # Plain data: a run file keeps the edit as it is written here.
        self.edited.emit(("stack",), [layer.model_dump() for layer in stack], True)

    def _lay_out(self) -> None:
        self._buttons = QHBoxLayout()
        self._buttons.addWidget(self.add_convolution)
        self._buttons.addWidget(self.add_pooling)
        self._buttons.addStretch(1)
        self._side = QVBoxLayout()
        self._side.addWidget(self._scroll, 1)
        self._side.addLayout(self._buttons)
        self._side.addWidget(self.words)
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.addLayout(self._side, 2)
        self._line.addWidget(self.view, 1)

    def _on_theme_changed(self) -> None:
        self._drawn_for = None
        self._line.setSpacing(px(12))
        self._side.setSpacing(px(6))
        self._buttons.setSpacing(px(6))
        self._lines.setSpacing(px(2))
        if self._snapshot is not None:
            self.show_snapshot(self._snapshot)


class _LayerRow(QWidget):
    """One layer: what it is, its numbers, and what it sees."""

    edited = Signal(int, str, object)
    removed = Signal(int)

    def __init__(self, place: int) -> None:
        super().__init__()
        self._place = place
        self.kind = QLabel()
        self.fields: dict[str, NumberField] = {}
        self.sees = caption("")
        self.remove = IconButton("x", "Take this layer out", size=14)
        self.remove.clicked.connect(lambda: self.removed.emit(place))
        self._row = QGridLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(ColourDot(lane(place % LANES), "square"), 0, 0)
        self._row.addWidget(self.kind, 0, 1)
        column = 2
        for name, sign, tip, low, high in COLUMNS:
            field = NumberField(tip, value=1, minimum=low, maximum=high, integer=True)
            field.setToolTip(tip)
            field.edited.connect(lambda value, name=name: self.edited.emit(place, name, int(value)))
            label = QLabel(sign)
            label.setProperty("role", "muted")
            self._row.addWidget(label, 0, column)
            self._row.addWidget(field, 0, column + 1)
            self.fields[name] = field
            column += 2
        self._row.addWidget(self.sees, 0, column)
        self._row.setColumnStretch(column, 1)
        self._row.addWidget(self.remove, 0, column + 1)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def show_layer(
        self, layer: StackLayerSpec, field: Field, *, removable: bool, signal: bool
    ) -> None:
        """Show a layer and the field after it."""
        self.kind.setText(KINDS[layer.kind])
        for name, editor in self.fields.items():
            editor.set_value(getattr(layer, name))
        size, what = field.size, "sample" if signal else "pixel"
        self.sees.setText(f"→ {size}" if signal else f"→ {size}×{size}")
        whole = f"{size} samples of the signal" if signal else f"{size} × {size} pixels"
        apart = f"1 {what}" if field.jump == 1 else f"{field.jump} {what}s"
        self.sees.setToolTip(
            f"A {what} after this layer sees {whole}; its neighbour sees as many, {apart} further."
        )
        self.remove.setEnabled(removable)

    def _on_theme_changed(self) -> None:
        self._row.setHorizontalSpacing(px(5))
        self.kind.setFixedWidth(px(34))
        for field in self.fields.values():
            field.setFixedWidth(px(FIELD_WIDTH))


def field_words(snapshot: ConvolutionSnapshot) -> str:
    """Return what the last layer sees, as a sum."""
    fields = snapshot.receptive
    sizes = [1, *(field.size for field in fields)]
    grown = " + ".join(str(after - before) for before, after in itertools.pairwise(sizes))
    last = fields[-1].size
    layers = "1 layer sees" if len(fields) == 1 else f"{len(fields)} layers see"
    height, width = snapshot.picture.shape
    beyond = " – more than the picture has" if last > min(height, width) and height > 1 else ""
    seen = f"{last} samples" if snapshot.spec.is_signal else f"{last} × {last} pixels"
    return f"{layers} {seen}: 1 + {grown} = {last}{beyond}."
