"""The tools of the drawing pad: pen, eraser, width, undo, redo, a fresh sheet, a photo."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFileDialog, QHBoxLayout, QSizePolicy, QSlider, QWidget

from playground.panes.cnn.digit_canvas_view import NARROWEST, PEN_WIDTH, WIDEST
from playground.ui.controls import IconButton
from playground.ui.image_input import IMAGE_FILTER
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.panes.cnn.digit_canvas_view import StrokeCanvas

WIDTH_STEPS = 13
ICON_PX = 16


class DrawingTools(QWidget):
    """One row of buttons that act on a canvas.

    Signals
    -------
    photo_chosen(Path)
        A person chose a file to be laid on the paper.
    """

    photo_chosen = Signal(Path)

    def __init__(self, canvas: StrokeCanvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self.pen = IconButton("pencil", "Draw", checkable=True, size=ICON_PX)
        self.eraser = IconButton(
            "eraser", "Erase\nThe right mouse button always does.", checkable=True, size=ICON_PX
        )
        self.width_slider = QSlider(Qt.Orientation.Horizontal)
        self.width_slider.setRange(0, WIDTH_STEPS)
        self.width_slider.setValue(round(_step_of(PEN_WIDTH)))
        self.width_slider.setToolTip("Width of pen and eraser")
        self.width_slider.setAccessibleName("Width of pen and eraser")
        self.undo = IconButton("undo-2", "Take the last stroke back\nCtrl+Z on the paper", size=16)
        self.redo = IconButton("redo-2", "Bring it back\nCtrl+Shift+Z on the paper", size=16)
        self.clear = IconButton("trash-2", "Fresh sheet\nDelete on the paper", size=ICON_PX)
        self.photo = IconButton(
            "image",
            "Photo of a digit …\nA picture can also be dropped onto the paper.",
            size=ICON_PX,
        )
        self.paste = IconButton(
            "clipboard-paste", "Paste a picture\nCtrl+V on the paper", size=ICON_PX
        )
        self._tools = QButtonGroup(self)
        for button in (self.pen, self.eraser):
            self._tools.addButton(button)
        self.pen.setChecked(True)
        self._lay_out()
        self.eraser.toggled.connect(self._on_eraser_toggled)
        self.width_slider.valueChanged.connect(self._on_width_changed)
        self.undo.clicked.connect(canvas.undo)
        self.redo.clicked.connect(canvas.redo)
        self.clear.clicked.connect(canvas.clear)
        self.paste.clicked.connect(canvas.paste)
        self.photo.clicked.connect(self._on_photo_clicked)
        canvas.settled.connect(self._show_history)
        self._show_history()
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def _lay_out(self) -> None:
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.pen)
        self._row.addWidget(self.eraser)
        self._row.addWidget(self.width_slider, 1)
        for button in (self.undo, self.redo, self.clear, self.photo, self.paste):
            self._row.addWidget(button)
        self._row.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def _show_history(self) -> None:
        self.undo.setEnabled(self._canvas.can_undo)
        self.redo.setEnabled(self._canvas.can_redo)

    def _on_eraser_toggled(self, on: bool) -> None:
        self._canvas.erasing = on
        self._canvas.update()

    def _on_width_changed(self, step: int) -> None:
        self._canvas.pen_width = NARROWEST + (WIDEST - NARROWEST) * step / WIDTH_STEPS
        self._canvas.update()

    def _on_photo_clicked(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Photo of a digit", "", IMAGE_FILTER)
        if name:
            self.photo_chosen.emit(Path(name))

    def _on_theme_changed(self) -> None:
        self._row.setSpacing(px(1))
        self.width_slider.setMinimumWidth(px(36))
        self.width_slider.setMaximumWidth(px(110))


def _step_of(width: float) -> float:
    return (width - NARROWEST) / (WIDEST - NARROWEST) * WIDTH_STEPS
