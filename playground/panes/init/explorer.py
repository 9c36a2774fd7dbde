"""The activation explorer: f and f′, and under them where the z of a layer really lie.

A gradient passes a neuron multiplied by f′(z). Where f is flat (shaded) hardly anything gets
through; the histogram tells how many z lie there.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from playground.experiments.init_snapshot import explorer_view
from playground.experiments.init_spec import ACTIVATION_LABELS
from playground.panes.init.key_row import KeyRow
from playground.panes.init.layer_picker import LayerPicker
from playground.panes.init.strip_panel import percent
from playground.ui.cards import GroupHead, Verdict
from playground.ui.number_text import format_number
from playground.ui.plots import Bounds, Plot
from playground.ui.theme import pen, px, qcolor, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.experiments.init_snapshot import Explorer, Histogram, InitSnapshot
    from playground.ui.cards import VerdictKind

AXIS_PX = 50
MUCH_FLAT = 0.5
SOME_FLAT = 0.1


class _Bars:
    """The histogram of z as one filled outline."""

    def __init__(self) -> None:
        self.bounds: Bounds | None = None
        self.curve = pg.PlotCurveItem([0.0, 1.0], [0.0], stepMode="center", fillLevel=0.0)
        self.apply_theme()

    @property
    def items(self) -> tuple[pg.PlotCurveItem]:
        return (self.curve,)

    def set_data(self, histogram: Histogram) -> None:
        shares = 100.0 * histogram.shares
        self.curve.setData(histogram.edges, shares)
        top = max(float(shares.max()), 0.1)
        self.bounds = Bounds(histogram.low, histogram.high, 0.0, top)

    def apply_theme(self) -> None:
        self.curve.setPen(pen("class_plus", 1.0))
        self.curve.setBrush(qcolor("class_plus", 0.55))


class _Flats:
    """Shades over the intervals in which f is flat."""

    bounds = None

    def __init__(self, plot: Plot) -> None:
        self._plot = plot
        self._regions: list[Any] = []
        self._ranges: tuple[tuple[float, float], ...] = ()
        self.items = ()

    def set_ranges(self, ranges: tuple[tuple[float, float], ...], low: float, high: float) -> None:
        # An endless interval ends where the plot does, with room for a hand that moves the axes.
        reach = 100.0 * max(abs(low), abs(high), 1.0)
        ranges = tuple((max(start, -reach), min(end, reach)) for start, end in ranges)
        if ranges == self._ranges:
            return
        self._ranges = ranges
        for region in self._regions:
            self._plot.item.removeItem(region)
        self._regions = [pg.LinearRegionItem(ends, movable=False) for ends in ranges]
        for region in self._regions:
            region.setZValue(-60)
            self._plot.item.addItem(region, ignoreBounds=True)
        self.apply_theme()

    def apply_theme(self) -> None:
        for region in self._regions:
            region.setBrush(qcolor("warn", 0.13))
            for line in region.lines:
                line.setPen(pen("warn", 1.0, alpha=0.6))


class ExplorerView(QWidget):
    """f and f′ above, the histogram of z of one layer below, on one axis."""

    layer_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = GroupHead("Activation")
        self.picker = LayerPicker()
        self.functions = Plot("", "f, f′")
        self.values = Plot("z", "z", y_unit="%")
        self.f = self.functions.add_curve("f(z)", "text", width=2.4)
        self.slope = self.functions.add_curve("f′(z)", "class_minus")
        self.key = KeyRow((("text", "f(z)"), ("class_minus", "f′(z)"), ("warn", "|f′| < 0.01")))
        self._bars = _Bars()
        self.values.add(self._bars)
        self._flats = tuple(_Flats(plot) for plot in (self.functions, self.values))
        for plot, flats in zip((self.functions, self.values), self._flats, strict=True):
            plot.setMinimumHeight(60)
            plot.add(flats)
            plot.set_hold(False)
        self.values.item.setXLink(self.functions.item)
        self.functions.set_read_out(self._read)
        self.values.set_read_out(self._read)
        self.verdict = Verdict("info", "")
        self._explorer: Explorer | None = None
        self._fitted: object = None
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addWidget(self.picker)
        head.addWidget(self.key, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(head)
        self._column.addWidget(self.functions, 3)
        self._column.addWidget(self.values, 2)
        self._column.addWidget(self.verdict)
        self.picker.layer_chosen.connect(self.layer_chosen)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def views(self, layer: int) -> frozenset[str]:
        """Return what is wanted of the training thread."""
        return frozenset({explorer_view(layer)})

    def set_alone(self, alone: bool) -> None:
        """Show the name beside the tools when no tab says it."""
        self._title.setVisible(alone)

    def show_snapshot(self, snapshot: InitSnapshot, layer: int) -> None:
        """Draw the layer of a picture of the network; an older one stays until it is there."""
        self.picker.show_layer(layer, len(snapshot.layers) - 1)
        explorer = snapshot.explorer
        if explorer is None:
            return
        self._explorer = explorer
        self.f.set_data(explorer.z, explorer.f)
        self.slope.set_data(explorer.z, explorer.slope)
        self._bars.set_data(explorer.histogram)
        low, high = float(explorer.z[0]), float(explorer.z[-1])
        for flats in self._flats:
            flats.set_ranges(explorer.flat_ranges, low, high)
        self._fit(explorer, low, high)

    def render_slow(self, snapshot: InitSnapshot) -> None:
        """Say how much of the gradient passes."""
        if self._explorer is not None:
            name = ACTIVATION_LABELS[snapshot.spec.network.activation]
            self.verdict.set_verdict(*flat_words(self._explorer, name))

    def _fit(self, explorer: Explorer, low: float, high: float) -> None:
        top = float(np.nanmax([explorer.f.max(), explorer.slope.max(), 0.1]))
        bottom = float(np.nanmin([explorer.f.min(), 0.0]))
        margin = 0.06 * (top - bottom)
        frame = Bounds(low, high, bottom - margin, top + margin)
        if frame != self._fitted:
            self._fitted = frame
            self.functions.set_range(frame)
        bars = self._bars.bounds
        if bars is not None:
            shown = self.values.range
            # The axis holds still while the tallest bar fills a fair part of it.
            if not 0.45 * shown.y1 <= bars.y1 <= shown.y1 or shown.y0 != 0.0:
                self.values.set_range(Bounds(low, high, 0.0, 1.3 * bars.y1))

    def _read(self, x: float, _: float) -> str:
        explorer = self._explorer
        if explorer is None or not explorer.z[0] <= x <= explorer.z[-1]:
            return ""
        place = int(np.argmin(np.abs(explorer.z - x)))
        histogram = explorer.histogram
        share = (x - histogram.low) / (histogram.high - histogram.low)
        bin_ = min(len(histogram.counts) - 1, max(0, int(share * len(histogram.counts))))
        return (
            f"z {format_number(_at(explorer.z, place))}\n"
            f"f(z) {format_number(_at(explorer.f, place))}\n"
            f"f′(z) {format_number(_at(explorer.slope, place))}\n"
            f"{percent(float(histogram.shares[bin_]))} of z here"
        )

    def _on_theme_changed(self) -> None:
        for plot in (self.functions, self.values):
            # Both stand on one axis only if the numbers beside them are equally wide.
            plot.item.getAxis("left").setWidth(px(AXIS_PX))
        self._column.setSpacing(px(4))


def flat_words(explorer: Explorer, name: str) -> tuple[VerdictKind, str]:
    """Return how much of z lies where f is flat, and what gradient passes."""
    passed = math.sqrt(max(explorer.mean_square_slope, 0.0))
    words = (
        f"Layer {explorer.layer}, {name}: {percent(explorer.flat)} of z lie where |f′| < 0.01; "
        f"a gradient passes this layer's neurons × {format_number(passed, 3)}."
    )
    if explorer.flat > MUCH_FLAT:
        return "bad", words
    return ("warn" if explorer.flat > SOME_FLAT else "ok"), words


def _at(values: NDArray[np.float64], place: int) -> float:
    return float(values[place])
