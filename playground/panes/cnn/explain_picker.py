"""Which filter: a layer of the network and a number in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from playground.ui.choice_box import ChoiceBox
from playground.ui.controls import IconButton
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.experiments.cnn_snapshot import NetworkState


def layers_of(state: NetworkState, *, output: bool) -> list[tuple[int, str, int]]:
    """Return ``(block, name, filters)`` of every layer with filters or neurons.

    Parameters
    ----------
    output
        Count the output layer as well; it has the number after the last block.
    """
    found = [
        (place, f"{place + 1} · {block.title}", block.filter_count)
        for place, block in enumerate(state.blocks)
        if block.filter_count
    ]
    if output:
        found.append((len(state.blocks), "output", len(state.class_names)))
    return found


class FilterPicker(QWidget):
    """A box with the layers, and the number of the filter with buttons beside it.

    Signals
    -------
    chosen(int, int)
        A person chose another filter: its block and its number, both from 0.
    """

    chosen = Signal(int, int)

    def __init__(self, *, output: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._output = output
        self._layers: list[tuple[int, str, int]] = []
        self._offered: tuple[int | None, int] = (None, 0)
        self._wanted: tuple[int, int] | None = None
        self.layer = ChoiceBox("Layer", (), segmented=False)
        self.number = ChoiceBox("Filter or neuron of the layer", (), segmented=False)
        self.back = IconButton("chevron-left", "Previous filter", size=16)
        self.forward = IconButton("chevron-right", "Next filter", size=16)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.layer, 1)
        self._row.addWidget(self.number, 1)
        self._row.addWidget(self.back)
        self._row.addWidget(self.forward)
        self.layer.edited.connect(self._on_layer_edited)
        self.number.edited.connect(lambda _: self._emit())
        self.back.clicked.connect(lambda: self._walk(-1))
        self.forward.clicked.connect(lambda: self._walk(1))
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def value(self) -> tuple[int, int] | None:
        """Block and filter, both from 0; None where the network has no filters."""
        if self.layer.value is None:
            return None
        return int(self.layer.value), int(self.number.value or 0)

    def set_network(self, state: NetworkState) -> None:
        """Offer the layers of a network; the choice stays where it can."""
        layers = layers_of(state, output=self._output)
        if layers == self._layers:
            return
        before = self._wanted or self.value
        self._wanted = None
        self._layers = layers
        self.layer.set_choices([(block, name) for block, name, _ in layers])
        if before is None or not self.set_value(*before):
            self.layer.set_value(layers[0][0] if layers else None)
            self._show_number(0)

    def set_value(self, block: int, index: int) -> bool:
        """Show a filter without emitting; tell whether there is one.

        Before a network is known the filter is kept in mind until it is.
        """
        if not self._layers:
            self._wanted = (block, index)
        count = self._count_of(block)
        if not 0 <= index < count:
            return False
        self.layer.set_value(block)
        self._show_number(index)
        return True

    def _count_of(self, block: int | None) -> int:
        return next((count for place, _, count in self._layers if place == block), 0)

    def _show_number(self, index: int) -> None:
        block = self.layer.value
        count = self._count_of(block)
        if self._offered != (block, count):
            self._offered = (block, count)
            noun = "filter" if self._is_convolution(block) else "neuron"
            self.number.set_choices(
                [(place, f"{noun} {place + 1} of {count}") for place in range(count)]
            )
        self.number.set_value(index)
        self.setEnabled(count > 0)

    def _is_convolution(self, block: int | None) -> bool:
        return any(place == block and "conv" in name for place, name, _ in self._layers)

    def _walk(self, by: int) -> None:
        here = self.value
        if here is None:
            return
        self._show_number((here[1] + by) % max(1, self._count_of(here[0])))
        self._emit()

    def _on_layer_edited(self) -> None:
        self._show_number(0)
        self._emit()

    def _emit(self) -> None:
        if (value := self.value) is not None:
            self.chosen.emit(*value)

    def _on_theme_changed(self) -> None:
        self._row.setSpacing(px(4))
