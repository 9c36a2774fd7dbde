"""The stage: picture, kernel and result side by side, and what points from one to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from playground.experiments.convolution_spec import MAX_SIGNAL, ConvolutionSpec
from playground.panes.cnn.convolution_drawing import (
    core_of,
    fed_marks,
    plain_values,
    themed_pixels,
    window_marks,
)
from playground.panes.cnn.convolution_kernel import CHANNEL_PATHS, KernelPanel
from playground.panes.cnn.convolution_layout import small_words
from playground.panes.cnn.convolution_picture import NAME, PicturePanel
from playground.panes.cnn.convolution_pooling import pool_words
from playground.panes.cnn.convolution_result import ResultPanel
from playground.panes.cnn.convolution_signal import SignalView
from playground.panes.cnn.convolution_window import HINT, WindowCard
from playground.ui.pixel_view import Cell, Mark
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from playground.core.convolution import Window
    from playground.experiments.convolution_snapshot import ConvolutionSnapshot, Result
    from playground.experiments.spec import Path

EXAMPLE = "farthest from 0; point at any pixel"
LINE_FROM = 250
LEAST_KERNEL, MOST_KERNEL = 148, 250


class ConvolutionStage(QWidget):
    """Three columns, or bars for a signal.

    Parameters
    ----------
    card
        Where the arithmetic of the pixel under the pointer stands.

    Signals
    -------
    edited(object, object, bool)
        Path, value and whether the gesture is complete, for the channel.
    """

    edited = Signal(object, object, bool)

    def __init__(self, card: WindowCard, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._card = card
        self._snapshot: ConvolutionSnapshot | None = None
        self._pointed: tuple[str, Cell] | None = None
        self._kernel_of = 0
        self._drawn_for: object = None
        self._example: tuple[Result, int, int] | None = None
        self.picture = PicturePanel()
        self.kernel = KernelPanel()
        self.result = ResultPanel()
        self.bars = SignalView()
        self.line = small_words()
        self.notice = small_words()
        self._lay_out()
        self._connect()
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def pointed(self) -> tuple[str, Cell] | None:
        """``"input"`` or ``"output"`` with the pixel under the pointer, None without one."""
        return self._pointed

    def show_snapshot(self, snapshot: ConvolutionSnapshot, spec: ConvolutionSpec) -> None:
        """Show a frame; ``spec`` is what has been asked for, an answer or two ahead."""
        self._snapshot = snapshot
        signal = snapshot.spec.is_signal
        self.picture.setVisible(not signal)
        self.result.setVisible(not signal)
        self.bars.setVisible(signal)
        self.show_kernel(spec)
        if signal:
            self.bars.show_snapshot(snapshot)
        else:
            self._show_picture(snapshot)
            self.result.show_result(snapshot)
        self._point()
        self._show_line()

    def show_kernel(self, spec: ConvolutionSpec) -> None:
        """Show the kernel that is edited: of red, green or blue where each has its own."""
        own = spec.channels == "own" and spec.image.colour == "rgb" and not spec.is_signal
        place = self._kernel_of if own else 0
        name = "signal_kernel" if spec.is_signal else CHANNEL_PATHS[place][0]
        self.kernel.channel.set_value(place)
        self.kernel.show_kernel(
            (name,),
            getattr(spec, name),
            turned=spec.operation == "convolution",
            channels=3 if own else 1,
        )

    def note(self, words: str) -> None:
        """Say something below the columns until the next change."""
        self.notice.show_words(words)

    def point_at(self, side: str, cell: Cell | None) -> None:
        """Look at a pixel of the padded input or of the result, or at none."""
        self._pointed = None if cell is None else (side, cell)
        self._point()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_line()

    def _show_line(self) -> None:
        """Write the size, unless the pictures need the room; the card “Sizes” has it too."""
        roomy = self.height() >= px(LINE_FROM)
        words = "" if self._snapshot is None or not roomy else size_words(self._snapshot)
        self.line.show_words(words)

    def _show_picture(self, snapshot: ConvolutionSnapshot) -> None:
        result = snapshot.result
        key = (result, snapshot.picture, theme().tokens.name)
        if key == self._drawn_for and not self.picture.busy:
            return
        self._drawn_for = None if self.picture.busy else key
        drawn = snapshot.picture if result is None else result.padded
        core = None if result is None else core_of(result.geometry)
        height, width = snapshot.picture.shape
        words = f"{NAME}  {width} × {height}"
        if core is not None:
            words += f", padded {drawn.shape[1]} × {drawn.shape[0]}"
        self.picture.show_input(
            snapshot.picture.values, themed_pixels(drawn), core, plain_values(drawn), words
        )

    def _point(self) -> None:
        """Outline what belongs together, and write it on the card."""
        snapshot = self._snapshot
        if snapshot is None:
            return
        if self._pointed is not None and not is_there(snapshot, *self._pointed):
            self._pointed = None
        if self._pointed is not None and self._pointed[0] == "input":
            self._point_at_input(snapshot, self._pointed[1])
            return
        window = snapshot.window if not snapshot.whole else self._strongest(snapshot)
        if self._pointed is not None:
            row, col = self._pointed[1]
            if self.result.stage == "pooled" and not snapshot.spec.is_signal:
                self._point_at_pool(snapshot, row, col)
                return
            window = snapshot.window_at(row, col)
        example = snapshot.whole and self._pointed is None
        self._show_window(snapshot, window, EXAMPLE if example else "")

    def _strongest(self, snapshot: ConvolutionSnapshot) -> Window | None:
        """Return the window of the number farthest from 0: an example until one is chosen."""
        result = snapshot.result
        if result is None:
            return None
        if self._example is None or self._example[0] is not result:
            # Rounded, so that of equal numbers the first is taken, not the luckiest rounding.
            values = np.abs(result.raw.values).max(axis=0).round(9)
            place = int(values.argmax())
            self._example = (result, *divmod(place, values.shape[1]))
        return snapshot.window_at(*self._example[1:])

    def _show_window(
        self, snapshot: ConvolutionSnapshot, window: Window | None, note: str = ""
    ) -> None:
        spec, result = snapshot.spec, snapshot.result
        if window is None or result is None:
            self.picture.canvas.set_marks(())
            self.result.view.set_marks(())
            self.bars.show_window(None)
            self._card.show_hint(snapshot.problem or HINT)
            return
        self.picture.canvas.set_marks(window_marks(window, result.geometry))
        self.result.view.set_marks(
            [Mark(window.row, window.col)] if self.result.stage != "pooled" else []
        )
        self.bars.show_window(window)
        shown_raw = self.result.stage == "raw" and not spec.is_signal
        self._card.show_window(
            window,
            bias=0.0 if shown_raw else spec.bias,
            relu=spec.relu and not shown_raw,
            signal=spec.is_signal,
            alone=spec.channels == "each",
            note=note,
        )

    def _point_at_pool(self, snapshot: ConvolutionSnapshot, row: int, col: int) -> None:
        result, pooling = snapshot.result, snapshot.spec.pooling
        if result is None:
            return
        rows, cols = result.geometry
        reach = pooling.size - 1
        self.picture.canvas.set_marks(
            [
                Mark(
                    row * pooling.stride * rows.stride,
                    col * pooling.stride * cols.stride,
                    reach * rows.stride + rows.span,
                    reach * cols.stride + cols.span,
                )
            ]
        )
        self.result.view.set_marks([Mark(row, col)])
        self._card.show_hint(
            f"After pooling, [{row}, {col}] stands for {pooling.size} × {pooling.size} results, "
            "and so for the outlined part of the picture.",
            pool_words(snapshot, row, col),
        )

    def _point_at_input(self, snapshot: ConvolutionSnapshot, cell: Cell) -> None:
        result, signal = snapshot.result, snapshot.spec.is_signal
        row, col = cell
        height, width = snapshot.picture.shape
        channel = min(self._card.channel_place, len(snapshot.picture.values) - 1)
        if not (0 <= row < height and 0 <= col < width) or result is None:
            self.result.view.set_marks(())
            self._card.show_hint(border_note(snapshot, cell))
            return
        fed = snapshot.fed_by(row, col, channel)
        self.picture.canvas.set_marks(
            [Mark(row + result.geometry.rows.before, col + result.geometry.cols.before)]
        )
        self.result.view.set_marks(fed_marks(fed) if self.result.stage != "pooled" else [])
        self.bars.show_window(None, frozenset(one.col for one in fed))
        value = float(snapshot.picture.values[channel, row, col])
        self._card.show_fed(row, col, value, fed, signal=signal)

    def _on_input_hovered(self, cell: Cell | None) -> None:
        """Count from the picture's corner, without its border."""
        result = self._snapshot.result if self._snapshot is not None else None
        if cell is not None and result is not None:
            cell = (cell[0] - result.geometry.rows.before, cell[1] - result.geometry.cols.before)
        self.point_at("input", cell)

    def _on_bar(self, side: str, index: int | None) -> None:
        self.point_at(side, None if index is None else (0, index))

    def _on_sample(self, index: int, value: float) -> None:
        if self._snapshot is None:
            return
        numbers = self._snapshot.picture.values[0, 0].tolist()[:MAX_SIGNAL]
        numbers[index] = value
        text = " ".join(f"{number:.9g}" for number in numbers)
        self.edited.emit(("signal",), text, True)

    def _on_kernel_edited(self, path: Path, value: object, finished: bool) -> None:
        self.edited.emit(path, value, finished)

    def _on_kernel_of(self, place: int) -> None:
        self._kernel_of = place
        if self._snapshot is not None:
            self.show_kernel(self._snapshot.spec)

    def _on_painted(self, text: str, finished: bool) -> None:
        self.edited.emit(("image", "own"), text, finished)

    def _connect(self) -> None:
        self.picture.canvas.hovered.connect(self._on_input_hovered)
        self.result.view.hovered.connect(lambda cell: self.point_at("output", cell))
        self.bars.output_hovered.connect(lambda index: self._on_bar("output", index))
        self.bars.input_hovered.connect(lambda index: self._on_bar("input", index))
        self.bars.sample_edited.connect(self._on_sample)
        self.kernel.edited.connect(self._on_kernel_edited)
        self.kernel.channel_chosen.connect(self._on_kernel_of)
        self.kernel.refused.connect(self.kernel.show_problem)
        self.picture.painted.connect(self._on_painted)
        self.picture.refused.connect(self.note)
        self.result.stage_changed.connect(self._on_stage_changed)

    def _on_stage_changed(self) -> None:
        if self._snapshot is not None:
            self.result.show_result(self._snapshot)
            self._point()

    def _lay_out(self) -> None:
        self._row = QHBoxLayout()
        for part in (self.picture, self.bars, self.result):
            # Widths follow from the shares alone: no tool below a picture may squeeze another.
            part.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self._row.addWidget(self.picture, 5)
        self._row.addWidget(self.bars, 8)
        self._row.addWidget(self.kernel, 3)
        self._row.addWidget(self.result, 5)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._row, 1)
        self._column.addWidget(self.line)
        self._column.addWidget(self.notice)

    def _on_theme_changed(self) -> None:
        self._drawn_for = None
        self._row.setSpacing(px(14))
        self._column.setSpacing(px(4))
        self.kernel.setMinimumWidth(px(LEAST_KERNEL))
        self.kernel.setMaximumWidth(px(MOST_KERNEL))
        if self._snapshot is not None:
            self.show_snapshot(self._snapshot, self._snapshot.spec)


def is_there(snapshot: ConvolutionSnapshot, side: str, cell: Cell) -> bool:
    """Tell whether a pixel can be pointed at: of the padded picture, or of the result."""
    result = snapshot.result
    row, col = cell
    if side == "input":
        rows, cols = snapshot.picture.shape
        if result is None:
            return 0 <= row < rows and 0 <= col < cols
        down, along = result.geometry
        return -down.before <= row < rows + down.after and -along.before <= col < cols + along.after
    return result is not None and snapshot.window_at(row, col) is not None


def size_words(snapshot: ConvolutionSnapshot) -> str:
    """Return the size of the result with its numbers, also after pooling."""
    if snapshot.result is None:
        return ""
    words = f"Size: {snapshot.size_sentence}"
    if snapshot.result.pool_sentence:
        words += f"  ·  pooled: {snapshot.result.pool_sentence}"
    return f"{words}  ·  {snapshot.result.pool_problem}" if snapshot.result.pool_problem else words


def border_note(snapshot: ConvolutionSnapshot, cell: Cell) -> str:
    """Return what a pixel of the border shows; ``cell`` is counted from the picture's corner."""
    result = snapshot.result
    if result is None:
        return snapshot.problem
    rows, cols = result.geometry
    row = int(rows.sources()[cell[0] + rows.before])
    col = int(cols.sources()[cell[1] + cols.before])
    if row < 0 or col < 0:
        return f"Border pixel [{cell[0]}, {cell[1]}]: a zero."
    return f"Border pixel [{cell[0]}, {cell[1]}]: shows the picture's [{row}, {col}]."
