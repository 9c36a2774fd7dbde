"""The weights of every layer as pictures, or the gradients that are about to change them.

Blue weighs for a pixel, orange against it, and what is neutral does not count. A click chooses a
filter: it can be knocked out, and other cards show what excites it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from playground.experiments.cnn_snapshot import VIEW_FILTERS, VIEW_GRADIENTS
from playground.panes.cnn.network_mosaic import Mosaic
from playground.panes.cnn.network_tiles import Section
from playground.ui.cards import GroupHead
from playground.ui.choice_box import ChoiceBox
from playground.ui.controls import IconButton
from playground.ui.elided_label import ElidedLabel
from playground.ui.number_text import format_number
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.experiments.cnn_snapshot import CnnSnapshot, FilterBank
    from playground.panes.cnn.network_tiles import TilePlace

ALL_LAYERS = -1
MOST_TILES = 256
NOTHING_CHOSEN = "Click a filter."
KNOCK_OUT = "Knock the chosen filter out: it puts out nothing but zeros (K)"
RESTORE = "Restore the chosen filter (K)"
WEIGHTS, GRADIENTS = "weights", "gradients"
QUANTITIES = (
    (WEIGHTS, "weights", "What every filter looks for"),
    (GRADIENTS, "gradients", "∂C/∂w of the batch from which the last step was made"),
)


class FiltersView(QWidget):
    """Mosaics of weights or gradients with a picker of layers.

    Signals
    -------
    filter_chosen(int, int)
        Block and filter that a person clicked.
    knock_out_asked(int, int)
        Block and filter to be knocked out, or restored.
    options_changed()
        Something else is wanted from the training thread.
    """

    filter_chosen = Signal(int, int)
    knock_out_asked = Signal(int, int)
    options_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._banks: tuple[FilterBank, ...] = ()
        self._sections_of: list[FilterBank] = []
        self._layers: tuple[tuple[int, str], ...] = ()
        self._selected: tuple[int, int] | None = None
        self._title = GroupHead("Filters")
        self.quantity = ChoiceBox("What is shown", QUANTITIES, value=WEIGHTS, segmented=True)
        self.layer = ChoiceBox(
            "Layer", ((ALL_LAYERS, "all layers"),), value=ALL_LAYERS, segmented=False
        )
        self.own_range = IconButton(
            "contrast",
            "Every filter with its own range of colours\nOtherwise a layer shares one.",
            checkable=True,
            size=16,
        )
        self.mosaic = Mosaic()
        self.mosaic.set_words(self._words)
        self.mosaic.set_walkable()
        self.chosen = ElidedLabel(NOTHING_CHOSEN)
        self.chosen.setProperty("role", "muted")
        self.knock_out = IconButton("power", KNOCK_OUT, checkable=True, size=16)
        self.knock_out.setEnabled(False)
        self._lay_out()
        self.quantity.edited.connect(self._on_quantity)
        self.layer.edited.connect(lambda _: self._draw())
        self.own_range.clicked.connect(self._draw)
        self.knock_out.clicked.connect(self.ask_knock_out)
        self.mosaic.tile_clicked.connect(self.filter_chosen)
        self.mosaic.tile_double_clicked.connect(self.knock_out_asked)

    @property
    def selected(self) -> tuple[int, int] | None:
        """Block and number of the chosen filter."""
        return self._selected

    @property
    def shows_gradients(self) -> bool:
        """Whether gradients are shown instead of weights."""
        return bool(self.quantity.value == GRADIENTS)

    def views(self) -> frozenset[str]:
        """Return what is wanted of the training thread."""
        # The weights also tell which filters there are and which of them are dead.
        gradients = {VIEW_GRADIENTS} if self.shows_gradients else set()
        return frozenset({VIEW_FILTERS, *gradients})

    def set_alone(self, alone: bool) -> None:
        """Show the name beside the tools when no tab says it."""
        self._title.setVisible(alone)

    def show_quantity(self, name: str) -> bool:
        """Show weights or gradients; tell whether it is one of them."""
        name = {"filters": WEIGHTS}.get(name, name)
        if name not in (WEIGHTS, GRADIENTS):
            return False
        if name != self.quantity.value:
            self.quantity.set_value(name)
            self._on_quantity(name)
        return True

    def show_snapshot(self, snapshot: CnnSnapshot, *, pouring: bool = False) -> None:
        """Draw the weights of a step; older ones stay until they are there."""
        banks = snapshot.gradients if self.shows_gradients else snapshot.filters
        if not banks or banks is self._banks:
            return
        self._banks = banks
        layers = tuple((bank.block, f"{bank.block + 1} · {bank.title}") for bank in banks)
        if layers != self._layers:
            self._layers = layers
            before = self.layer.value
            self.layer.set_choices(((ALL_LAYERS, "all layers"), *layers))
            known = {ALL_LAYERS, *(block for block, _ in layers)}
            self.layer.set_value(before if before in known else ALL_LAYERS)
        struck = {(bank.block, index) for bank in banks for index in bank.knocked_out}
        self.mosaic.set_struck(frozenset(struck))
        self._draw(hold_titles=pouring)

    def render_slow(self) -> None:
        """Refresh the words."""
        self.mosaic.canvas.tell()
        self._show_chosen()

    def set_selected(self, selected: tuple[int, int] | None) -> None:
        """Mark a filter by block and number."""
        self._selected = selected
        self.mosaic.set_selected(selected)
        self._show_chosen()

    def ask_knock_out(self) -> None:
        """Knock the chosen filter out, or restore it."""
        if self._selected is not None:
            self.knock_out_asked.emit(*self._selected)

    def save_state(self) -> dict[str, Any]:
        """Return what is shown, and how."""
        return {"quantity": self.quantity.value, "own": self.own_range.isChecked()}

    def restore_state(self, state: object) -> None:
        """Take up what :meth:`save_state` gave; ignores anything else."""
        if not isinstance(state, dict):
            return
        if isinstance(state.get("quantity"), str):
            self.show_quantity(state["quantity"])
        if isinstance(state.get("own"), bool):
            self.own_range.setChecked(state["own"])
            self._draw()

    def _draw(self, *, hold_titles: bool = False) -> None:
        chosen = self.layer.value
        banks = [bank for bank in self._banks if chosen in (ALL_LAYERS, bank.block)]
        self._sections_of = banks
        own = self.own_range.isChecked()
        sections = [section_of(bank, own, self.shows_gradients) for bank in banks]
        self.mosaic.set_sections(sections, hold_titles=hold_titles)

    def _on_quantity(self, _: object) -> None:
        self._banks = ()
        self.options_changed.emit()

    def _show_chosen(self) -> None:
        bank = self._bank_of(self._selected)
        there = bank is not None and self._selected is not None
        is_output = bool(self._banks) and there and bank is self._banks[-1]
        self.knock_out.setEnabled(there and not is_output)
        if bank is None or self._selected is None:
            words, out = NOTHING_CHOSEN, False
        else:
            index = self._selected[1]
            out = index in bank.knocked_out
            words = f"{_noun(bank)} {index + 1}"
            if out:
                words += ", knocked out"
            elif index in bank.dead:
                words += ", dead"
        if words != self.chosen.text():
            self.chosen.setText(words)
            self.chosen.setToolTip(words if bank is None else f"{words} of {bank.title}")
        if out != self.knock_out.isChecked():
            self.knock_out.setChecked(out)
            self.knock_out.set_tooltip(RESTORE if out else KNOCK_OUT)

    def _bank_of(self, selected: tuple[int, int] | None) -> FilterBank | None:
        if selected is None:
            return None
        for bank in self._banks:
            if bank.block == selected[0] and selected[1] < len(bank.bias):
                return bank
        return None

    def _words(self, place: TilePlace) -> str:
        bank = self._sections_of[place.section]
        index = place.row if bank.is_matrix else place.tile
        value = float(bank.weights[place.tile, place.channel, place.row, place.column])
        symbol = "∂C/∂w" if self.shows_gradients else "w"
        lines = [f"{bank.title}, {_noun(bank)} {index + 1}"]
        if bank.is_matrix:
            lines.append(f"from neuron {place.column + 1}: {symbol} = {format_number(value)}")
        else:
            where = f"row {place.row + 1}, column {place.column + 1}"
            if bank.weights.shape[1] > 1:
                where = f"channel {place.channel + 1}, {where}"
            lines.append(f"{where}: {symbol} = {format_number(value)}")
        bias = "∂C/∂b" if self.shows_gradients else "bias"
        lines.append(f"{bias} {format_number(float(bank.bias[index]))}")
        if index in bank.knocked_out:
            lines.append("knocked out: it puts out zeros")
        elif index in bank.dead:
            lines.append("dead: it answered to none of the last test images")
        lines.append("Click: choose. Double click: knock out or restore.")
        return "\n".join(lines)

    def _lay_out(self) -> None:
        self._head = QHBoxLayout()
        self._head.addWidget(self._title)
        self._head.addWidget(self.quantity)
        self._head.addWidget(self.layer)
        self._head.addWidget(self.chosen, 1)
        self._head.addWidget(self.knock_out)
        self._head.addWidget(self.own_range)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._head)
        self._column.addWidget(self.mosaic, 1)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def _on_theme_changed(self) -> None:
        self.layer.setFixedWidth(px(140))
        self._head.setSpacing(px(6))
        self._column.setSpacing(px(4))


def section_of(bank: FilterBank, own_range: bool, gradients: bool) -> Section:
    """Return the tiles of one layer under its name and its largest number."""
    weights = np.nan_to_num(bank.weights)
    shown = weights if bank.is_matrix else weights[:MOST_TILES]
    symbol = "|∂C/∂w|" if gradients else "|w|"
    words = [bank.title, f"{symbol} ≤ {format_number(bank.limit, 3)}"]
    if len(shown) < len(weights):
        words.append(f"the first {len(shown)} of {len(weights):,}")
    if bank.dead:
        words.append(f"{len(bank.dead)} dead")
    reach = max(bank.limit, 1e-12)
    return Section(
        bank.block,
        " · ".join(words),
        shown,
        "diverging",
        levels=(-reach, reach),
        own_range=own_range and not bank.is_matrix,
        is_matrix=bank.is_matrix,
    )


def _noun(bank: FilterBank) -> str:
    return "filter" if bank.title.startswith("conv") else "neuron"
