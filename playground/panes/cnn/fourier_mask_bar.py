"""The tools above the spectrum: kind of mask, brush and eraser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from playground.experiments.fourier_spec import MASK_LABELS
from playground.panes.cnn.fourier_mask import LARGEST_BRUSH, SMALLEST_BRUSH
from playground.ui.controls import ChoiceBox, IconButton, NumberSlider
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.panes.cnn.fourier_mask import MaskEditor, Tool


class MaskBar(QWidget):
    """Kind of mask, brush and eraser.

    Signals
    -------
    edited(object, object)
        Path and value of a setting.
    """

    edited = Signal(object, object)

    def __init__(self, editor: MaskEditor) -> None:
        super().__init__()
        self._editor = editor
        self.kind = ChoiceBox("Mask", tuple(MASK_LABELS.items()), segmented=False)
        self.close_brush = IconButton(
            "paintbrush",
            "Close frequencies\nPaint on the spectrum; the right button opens them again.",
            checkable=True,
            size=16,
        )
        self.open_brush = IconButton(
            "eraser",
            "Open frequencies again\nThe right button closes them.",
            checkable=True,
            size=16,
        )
        self.brush_size = NumberSlider(
            "brush",
            SMALLEST_BRUSH,
            LARGEST_BRUSH,
            value=editor.brush,
            log=True,
            integer=True,
            unit="px",
            inline=True,
            help="Width of the brush in pixels of the spectrum; the wheel changes it too.",
        )
        self.clear = IconButton("rotate-ccw", "Let everything pass", size=16)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.kind, self.close_brush, self.open_brush):
            self._row.addWidget(widget)
        self._row.addWidget(self.brush_size, 1)
        self._row.addWidget(self.clear)
        self._row.addStretch(0)
        self.kind.edited.connect(lambda value: self.edited.emit(("mask", "kind"), value))
        self.clear.clicked.connect(lambda: self.edited.emit(("mask", "kind"), "none"))
        self.close_brush.clicked.connect(self._on_tool)
        self.open_brush.clicked.connect(self._on_tool)
        self.brush_size.edited.connect(lambda value: editor.set_brush(int(value)))
        editor.brush_changed.connect(self.brush_size.set_value)
        self.close_brush.setChecked(True)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def toggle_brush(self) -> None:
        """Take the closing brush, or put any brush away."""
        if self._editor.tool == "look":
            self.close_brush.click()
        else:
            (self.close_brush if self._editor.tool == "close" else self.open_brush).click()

    def _on_tool(self, on: bool) -> None:
        sender = self.sender()
        other = self.open_brush if sender is self.close_brush else self.close_brush
        other.setChecked(False)
        tool: Tool = "close" if sender is self.close_brush else "open"
        self._editor.set_tool(tool if on else "look")

    def _on_theme_changed(self) -> None:
        self.kind.setFixedWidth(px(150))
        self.brush_size.setMaximumWidth(px(280))
        self._row.setSpacing(px(6))
