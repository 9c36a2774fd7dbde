"""Chooses the hidden layer that a view looks at; all views and the strip share one choice."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from playground.ui.choice_box import ChoiceBox
from playground.ui.theme import px, theme


class LayerPicker(QWidget):
    """A combo box of hidden layers.

    Signals
    -------
    layer_chosen(int)
        A person chose a layer, counted from 1.
    """

    layer_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = 1
        self.choice = ChoiceBox(
            "Layer",
            ((1, "layer 1"),),
            value=1,
            help="Which hidden layer; a click on the histograms chooses one, too",
            segmented=False,
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.choice)
        self.choice.edited.connect(lambda layer: self.layer_chosen.emit(int(layer)))
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def show_layer(self, layer: int, count: int) -> None:
        """Show a choice among ``count`` hidden layers without emitting."""
        if count != self._count:
            self._count = count
            self.choice.set_choices(tuple((i, f"layer {i}") for i in range(1, count + 1)))
        if self.choice.value != layer:
            self.choice.set_value(layer)

    def _on_theme_changed(self) -> None:
        self.setFixedWidth(px(104))
