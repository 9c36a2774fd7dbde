"""Depth curves: how large the signals are in every layer, measured and predicted.

Signals are drawn as they are, gradients divided by those of the last hidden layer: both are healthy
near 1, and the same shaded zones tell for both where they vanish or explode.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from playground.experiments.init_snapshot import EXPLODING, VANISHING
from playground.panes.init.key_row import KeyRow
from playground.ui.cards import GroupHead
from playground.ui.choice_box import ChoiceBox
from playground.ui.fonts import ui_font
from playground.ui.number_text import format_number
from playground.ui.plots import Bounds, Plot
from playground.ui.theme import pen, px, qcolor, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.experiments.init_snapshot import InitSnapshot, Quantity
    from playground.ui.plots import SeriesCurve

    Floats = NDArray[np.float64]

SETS = (
    ("main", "a, ∂C/∂z", "What goes up and what comes down"),
    ("forward", "forward", "z and a"),
    ("backward", "backward", "∂C/∂a, ∂C/∂z and ∂C/∂W"),
)
SHOWN: dict[str, tuple[Quantity, ...]] = {
    "main": ("a", "dz"),
    "forward": ("z", "a"),
    "backward": ("da", "dz", "dw"),
}
NAMES: dict[Quantity, str] = {"z": "z", "a": "a", "da": "∂C/∂a", "dz": "∂C/∂z", "dw": "∂C/∂W"}
LONG_NAMES: dict[Quantity, str] = {
    **NAMES,
    "da": "∂C/∂a ÷ last hidden",
    "dz": "∂C/∂z ÷ last hidden",
    "dw": "∂C/∂W ÷ …",
}
COLOURS: dict[Quantity, str] = {
    "z": "lane:1",
    "a": "class_plus",
    "da": "lane:3",
    "dz": "class_minus",
    "dw": "lane:6",
}
GRADIENTS = frozenset({"da", "dz", "dw"})
ENDLESS = 400.0


class _Predicted:
    """The dashed curve of what theory expects at the start; it never moves the ranges."""

    bounds = None

    def __init__(self, colour: str) -> None:
        self._colour = colour
        self.curve = pg.PlotCurveItem()
        self.curve.setZValue(12)
        self.apply_theme()

    @property
    def items(self) -> tuple[pg.PlotCurveItem]:
        return (self.curve,)

    def set_data(self, x: Floats, logs: Floats) -> None:
        self.curve.setData(x, logs, connect="finite")

    def apply_theme(self) -> None:
        self.curve.setPen(pen("text", 1.4, Qt.PenStyle.DashLine, alpha=0.75))


class _Dots:
    """A dot on every layer: the line between two layers means nothing."""

    bounds = None

    def __init__(self, colour: str) -> None:
        self._colour = colour
        self.dots = pg.ScatterPlotItem(pxMode=True)
        self.dots.setZValue(14)
        self.apply_theme()

    @property
    def items(self) -> tuple[pg.ScatterPlotItem]:
        return (self.dots,)

    def set_data(self, x: Floats, logs: Floats) -> None:
        there = np.isfinite(logs)
        self.dots.setData(x[there], logs[there])

    def apply_theme(self) -> None:
        self.dots.setBrush(qcolor(self._colour))
        self.dots.setPen(pen("raised", 1.0))
        self.dots.setSize(px(7))


class _Zones:
    """Shades above and below what is healthy, with their names."""

    def __init__(self) -> None:
        low, high = math.log10(VANISHING), math.log10(EXPLODING)
        self._regions = tuple(
            pg.LinearRegionItem(ends, orientation="horizontal", movable=False)
            for ends in ((-ENDLESS, low), (high, ENDLESS))
        )
        # Kept in sight: healthy curves must look healthy, not fill the plot with their noise.
        self._kept = (low - 0.35, high + 0.35)
        self.bounds = Bounds(1.0, 1.0, *self._kept)
        for region in self._regions:
            region.setZValue(-60)
        self._words = tuple(
            pg.TextItem(words, anchor=anchor)
            for words, anchor in (("vanishing", (1.0, 0.0)), ("exploding", (1.0, 1.0)))
        )
        self._heights = (low, high)
        self.apply_theme()

    @property
    def items(self) -> tuple[Any, ...]:
        return (*self._regions, *self._words)

    def set_right_end(self, x: float) -> None:
        # All layers have a place, also where nothing can be drawn.
        self.bounds = Bounds(1.0, max(x, 1.0), *self._kept)
        for words, height in zip(self._words, self._heights, strict=True):
            words.setPos(x, height)

    def apply_theme(self) -> None:
        for region, words, token in zip(self._regions, self._words, ("warn", "bad"), strict=True):
            region.setBrush(qcolor(token, 0.10))
            for line in region.lines:
                line.setPen(pen(token, 1.0, Qt.PenStyle.DotLine, alpha=0.7))
            words.setColor(qcolor(token))
            words.setFont(ui_font(px(11)))


class DepthView(QWidget):
    """Standard deviations against the layer, on a logarithmic axis."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = GroupHead("Depth")
        self.choice = ChoiceBox("What is drawn", SETS, value="main", segmented=True)
        self.plot = Plot("layer", "std")
        self.plot.set_log(y=True)
        self.plot.setMinimumHeight(90)
        self._zones = _Zones()
        self.plot.add(self._zones)
        self._curves: dict[Quantity, SeriesCurve] = {}
        self._predicted: dict[Quantity, _Predicted] = {}
        self._dots: dict[Quantity, _Dots] = {}
        for quantity in ("z", "a", "da", "dz", "dw"):
            self._add(quantity)
        self.plot.set_read_out(self._read)
        self.key = KeyRow()
        self.note = QLabel()
        self.note.setProperty("role", "muted")
        self.note.setWordWrap(True)
        self.note.hide()
        self._snapshot: InitSnapshot | None = None
        self._shape: object = None
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self.choice)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(head)
        self._column.addWidget(self.plot, 1)
        self._column.addWidget(self.key)
        self._column.addWidget(self.note)
        self.choice.edited.connect(self._on_choice_edited)
        self._show_chosen()
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def set_alone(self, alone: bool) -> None:
        """Show the name beside the tools when no tab says it."""
        self._title.setVisible(alone)

    def show_snapshot(self, snapshot: InitSnapshot) -> None:
        """Draw another picture of the network."""
        self._snapshot = snapshot
        for quantity in self.quantities():
            measured, predicted = self.depth_curve(snapshot, quantity)
            x = np.arange(1.0, len(measured) + 1)
            self._curves[quantity].set_data(x, measured)
            self._predicted[quantity].set_data(x, _logs(predicted))
            self._dots[quantity].set_data(x, _logs(measured))
        shape = (len(snapshot.layers), snapshot.spec, self.choice.value)
        if shape != self._shape:
            self._shape = shape
            self._zones.set_right_end(float(len(snapshot.layers)))
            self.plot.fit()

    def render_slow(self) -> None:
        """Say what a logarithmic axis cannot show: zeros, and what is no number."""
        words = "" if self._snapshot is None else silent_words(self._snapshot, self.quantities())
        if words != self.note.text():
            self.note.setText(words)
        self.note.setVisible(bool(words))

    def quantities(self) -> tuple[Quantity, ...]:
        """Return what is drawn."""
        return SHOWN[str(self.choice.value)]

    @staticmethod
    def depth_curve(snapshot: InitSnapshot, quantity: Quantity) -> tuple[Floats, Floats]:
        """Return the (layers,) measured and predicted values as they are drawn."""
        measured, predicted = snapshot.measured(quantity), snapshot.predicted(quantity)
        if quantity not in GRADIENTS:
            return measured, predicted
        last = max(0, len(measured) - 2)
        return _ratio(measured, measured[last]), _ratio(predicted, predicted[last])

    def save_state(self) -> dict[str, Any]:
        """Return what is drawn."""
        return {"set": self.choice.value}

    def restore_state(self, state: object) -> None:
        """Take up what :meth:`save_state` gave; ignores anything else."""
        if isinstance(state, dict) and state.get("set") in self.choice.values:
            self.choice.set_value(state["set"])
            self._on_choice_edited()

    def _add(self, quantity: Quantity) -> None:
        colour = COLOURS[quantity]
        self._curves[quantity] = self.plot.add_curve(NAMES[quantity], colour)
        self._predicted[quantity] = _Predicted(colour)
        self._dots[quantity] = _Dots(colour)
        self.plot.add(self._predicted[quantity])
        self.plot.add(self._dots[quantity])

    def _show_chosen(self) -> None:
        shown = self.quantities()
        for quantity, curve in self._curves.items():
            curve.set_visible(quantity in shown)
            for thing in (self._predicted[quantity], self._dots[quantity]):
                for item in thing.items:
                    item.setVisible(quantity in shown)
        self.key.set_entries(
            (*((COLOURS[q], LONG_NAMES[q]) for q in shown), ("text--", "theory at the start"))
        )

    def _on_choice_edited(self) -> None:
        self._show_chosen()
        self._shape = None
        if self._snapshot is not None:
            self.show_snapshot(self._snapshot)
            self.render_slow()

    def _read(self, x: float, _: float) -> str:
        """Return the numbers of the layer that is nearest to the pointer."""
        snapshot = self._snapshot
        place = round(x) - 1
        if snapshot is None or not 0 <= place < len(snapshot.layers):
            return ""
        layer = snapshot.layers[place]
        lines = ["output layer" if layer.is_output else f"layer {layer.name}"]
        for quantity in self.quantities():
            spread = layer.spreads[quantity]
            if math.isnan(spread.std):
                continue
            text = f"{NAMES[quantity]}  {format_number(spread.std)}"
            if math.isfinite(spread.predicted):
                text += f"  theory {format_number(spread.predicted)}"
            lines.append(text)
        return "\n".join(lines)

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(6))


def silent_words(snapshot: InitSnapshot, quantities: tuple[Quantity, ...]) -> str:
    """Return which quantities are exactly zero or no number in which layers; empty if none."""
    parts = []
    for quantity in quantities:
        stds = snapshot.measured(quantity)
        zero = [layer.name for layer, std in zip(snapshot.layers, stds, strict=True) if std == 0.0]
        if zero:
            parts.append(f"{NAMES[quantity]} does not vary in {_layers(zero)}")
        broken = [
            layer.name
            for layer, std in zip(snapshot.layers, stds, strict=True)
            if not math.isfinite(std) and not (layer.is_output and quantity in ("a", "da"))
        ]
        if broken:
            parts.append(f"{NAMES[quantity]} is no number any more in {_layers(broken)}")
    return f"Not on this axis: {'; '.join(parts)}." if parts else ""


def _layers(names: list[str]) -> str:
    if len(names) == 1:
        return "the output" if names[0] == "output" else f"layer {names[0]}"
    return f"layers {names[0]} to {names[-1]}"


def _ratio(values: Floats, reference: float) -> Floats:
    if not (math.isfinite(reference) and reference > 0.0):
        return np.full(values.shape, np.nan)
    return values / reference


def _logs(values: Floats) -> Floats:
    logs = np.full(values.shape, np.nan)
    np.log10(values, out=logs, where=np.isfinite(values) & (values > 0.0))
    return logs
