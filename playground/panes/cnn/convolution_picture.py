"""The picture of the stage: padded, with its border drawn as such; opened, pasted or painted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from playground.core.images import ImageError, encode_pixels, to_pixels
from playground.panes.cnn.convolution_layout import caption
from playground.ui.controls import IconButton, NumberField
from playground.ui.paint_canvas import LARGEST_BRUSH, PaintCanvas
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QResizeEvent

    from playground.ui.pixel_view import Core

NAME = "Picture"
PAINT_EVERY_MS = 60
"""While a stroke goes on, the result follows this often: packing a picture takes some time."""


class PicturePanel(QWidget):
    """Shows the input and lets it be painted on.

    Signals
    -------
    painted(str, bool)
        The picture as text after a piece of a stroke, and whether the stroke is complete.
    open_asked, paste_asked
        A button was pressed.
    refused(str)
        Why a picture could not be kept.
    """

    painted = Signal(str, bool)
    open_asked = Signal()
    paste_asked = Signal()
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._waiting: NDArray[np.uint8] | None = None
        self._words = NAME
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAINT_EVERY_MS)
        self._timer.timeout.connect(self._send_waiting)
        self.head = caption(NAME)
        self.canvas = PaintCanvas("Picture with its border")
        self.open = IconButton("folder-open", "Open a picture (or drop one here)", size=16)
        self.paste = IconButton("clipboard-paste", "Paste a picture", size=16)
        self.brush = IconButton(
            "paintbrush", "Paint on the picture; the right button paints the opposite",
            checkable=True, size=16,
        )  # fmt: skip
        self.value = NumberField(
            "value of the brush", value=1.0, minimum=0.0, maximum=1.0,
            stepper=lambda value, steps: round(value + 0.1 * steps, 6),
        )  # fmt: skip
        self.value.setToolTip("What the brush paints, from 0 (black) to 1 (white)")
        self.brush_width = NumberField(
            "width of the brush", value=1, minimum=1, maximum=LARGEST_BRUSH, integer=True, unit="px"
        )
        self.brush_width.setToolTip(f"Width of the brush, 1 to {LARGEST_BRUSH} pixels")
        for button in (self.open, self.paste, self.brush):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._lay_out()
        self.open.clicked.connect(self.open_asked)
        self.paste.clicked.connect(self.paste_asked)
        self.brush.toggled.connect(self._on_brush)
        self.value.edited.connect(self._on_value)
        self.brush_width.edited.connect(lambda width: self.canvas.set_width(int(width)))
        self.value.rejected.connect(self.refused)
        self.brush_width.rejected.connect(self.refused)
        self.canvas.painted.connect(self._on_painted)
        self._on_brush(False)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def busy(self) -> bool:
        """Whether a stroke is under way or waits to be sent."""
        return self.canvas.is_painting or self._waiting is not None

    def show_input(
        self,
        picture: NDArray[np.float64],
        pixels: NDArray[np.uint8],
        core: Core | None,
        values: NDArray[np.float64] | None,
        words: str,
    ) -> None:
        """Show the padded picture; ``picture`` (c, h, w) without its border is painted on."""
        self._words = words
        self._show_words()
        if not self.busy:
            self.canvas.set_picture(pixels, core=core, values=values)
            self.canvas.set_paintable(to_pixels(picture))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_words()

    def _show_words(self) -> None:
        """Say how large the picture is; where that takes all the room, not what it is."""
        words = self._words
        self.head.setToolTip(words)
        if self.head.fontMetrics().horizontalAdvance(words) > self.width():
            words = words.removeprefix(NAME).lstrip()
        self.head.setText(words)

    def set_painting(self, on: bool) -> None:
        """Take the brush, or put it away."""
        self.brush.setChecked(on)

    def _on_brush(self, on: bool) -> None:
        self.canvas.set_brush(on)
        for tool in (self.value, self.brush_width):
            tool.setVisible(on)
        # Where the column is narrow there is no room for all of them.
        for button in (self.open, self.paste):
            button.setVisible(not on)

    def _on_value(self, value: float) -> None:
        self.canvas.set_colour(round(255 * value))

    def _on_painted(self, pixels: NDArray[np.uint8], finished: bool) -> None:
        self._waiting = pixels
        if finished:
            self._timer.stop()
            self._send(finished=True)
        elif not self._timer.isActive():
            self._timer.start()

    def _send_waiting(self) -> None:
        self._send(finished=False)

    def _send(self, *, finished: bool) -> None:
        pixels, self._waiting = self._waiting, None
        if pixels is None:
            return
        try:
            self.painted.emit(encode_pixels(pixels), finished)
        except ImageError as error:
            self.refused.emit(str(error))

    def _lay_out(self) -> None:
        self._tools = QHBoxLayout()
        tools: tuple[QWidget, ...] = (
            self.open, self.paste, self.brush, self.value, self.brush_width,
        )  # fmt: skip
        for tool in tools:
            self._tools.addWidget(tool)
        self._tools.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.head)
        self._column.addWidget(self.canvas, 1)
        self._column.addLayout(self._tools)

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(6))
        self._tools.setSpacing(px(4))
        self.value.setFixedWidth(px(46))
        self.brush_width.setFixedWidth(px(56))
