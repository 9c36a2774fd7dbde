"""Heat maps of layer × step: how large signals and gradients were, all the way back to the start.

Orange is small, blue is large, neutral is healthy: the standard deviation of a against 1, that of
∂C/∂z against the last hidden layer's at the same step.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QLinearGradient, QPainter
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from playground.experiments.init_snapshot import SERIES_BACKWARD, SERIES_FORWARD
from playground.panes.init.layer_colours import table_colour
from playground.ui.cards import GroupHead
from playground.ui.fonts import number_font
from playground.ui.number_text import format_number
from playground.ui.plots import Bounds, NowLine, Plot, ScalarImage
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QPaintEvent

    from playground.engine.frames import Frame
    from playground.engine.history import SeriesView

    Floats = NDArray[np.float64]

MOST_COLUMNS = 360
MOST_DECADES = 12
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class DecadeBar(QWidget):
    """The key of both maps: powers of ten beside the colours."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._decades = 1
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setToolTip("How many powers of ten a value is above (+) or below (−) its reference")
        theme().changed.connect(self.updateGeometry)

    def set_decades(self, decades: int) -> None:
        """Say how many powers of ten the colours reach to either side."""
        if decades != self._decades:
            self._decades = decades
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(42), px(60))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(number_font(px(10)))
        high = painter.fontMetrics().height()
        bar = QRectF(px(2), high / 2, px(8), self.height() - high)
        gradient = QLinearGradient(bar.bottomLeft(), bar.topLeft())
        table = theme().tokens.diverging_map
        for stop in range(11):
            gradient.setColorAt(stop / 10, qcolor(table_colour(table, stop / 10)))
        painter.fillRect(bar, gradient)
        painter.setPen(qcolor("muted"))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        for share, power in ((0.0, -self._decades), (0.5, 0), (1.0, self._decades)):
            y = bar.bottom() - share * bar.height()
            text = f"10{str(power).translate(SUPERSCRIPTS)}" if power else "1"
            box = QRectF(bar.right() + px(4), y - high / 2, self.width(), high)
            painter.drawText(box, left, text)


class _Map:
    """One map in a plot of its own."""

    def __init__(self, series: str, x: str, relative: bool) -> None:
        self.series = series
        self.relative = relative
        self.plot = Plot(x, "layer", grid=False)
        self.plot.setMinimumHeight(70)
        self.plot.set_hold(False)
        self.image = ScalarImage("diverging", smooth=False)
        self.plot.add(self.image)
        self.now = NowLine()
        self.plot.item.addItem(self.now, ignoreBounds=True)
        self.plot.set_read_out(self._read)
        self.names: tuple[str, ...] = ()
        self._absolute: Floats = np.empty((0, 0))
        self._edges: Floats = np.empty(0)

    def draw(self, frame: Frame, decades: int | None = None) -> int:
        """Show the recorded steps; return how many decades the values need."""
        found = _resampled(frame.history.series(self.series))
        if found is None:
            return 1
        self._edges, self._absolute, self.names = found
        values = self._absolute
        if self.relative and values.shape[1] > 1:
            # The last column is the output, the one before it the last hidden layer.
            with np.errstate(invalid="ignore"):
                values = values - values[:, -2:-1]
        finite = values[np.isfinite(values)]
        reach = float(np.abs(finite).max()) if finite.size else 1.0
        needed = min(MOST_DECADES, max(1, math.ceil(reach - 0.05)))
        used = max(needed, decades or 1)
        shown = np.clip(np.nan_to_num(values, nan=np.nan, neginf=-used, posinf=used), -used, used)
        extent = Bounds(float(self._edges[0]), float(self._edges[-1]), 0.5, values.shape[1] + 0.5)
        self.image.set_data(np.ascontiguousarray(shown.T), (-float(used), float(used)), extent)
        self.plot.set_range(extent)
        behind = frame.snapshot.step < frame.transport.frontier
        self.now.set_now(float(frame.snapshot.step) if behind else None)
        return needed

    def _read(self, x: float, y: float) -> str:
        row = round(y) - 1
        column = int(np.searchsorted(self._edges, x, side="right")) - 1
        if not (0 <= column < len(self._absolute) and 0 <= row < len(self.names)):
            return ""
        log = float(self._absolute[column, row])
        name = self.names[row]
        where = "output" if name == "output" else f"layer {name}"
        words = "∂C/∂z" if self.relative else ("z" if name == "output" else "a")
        std = format_number(10.0**log) if math.isfinite(log) else "0 or no number"
        return f"{where}, step {math.floor(x):,}\nstd of {words}  {std}"


class HeatMapView(QWidget):
    """Forward above, backward below, one key for both."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = GroupHead("Heat map")
        self.forward = _Map(SERIES_FORWARD, "", False)
        self.backward = _Map(SERIES_BACKWARD, "step", True)
        self.maps = (self.forward, self.backward)
        self.bar = DecadeBar()
        # No heads of a group: in capitals a and z would be other quantities.
        self._heads = (
            QLabel("std of a, in the output layer of z"),
            QLabel("std of ∂C/∂z ÷ that of the last hidden layer"),
        )
        self._key: object = None
        plots = QVBoxLayout()
        plots.setSpacing(0)
        for head, part in zip(self._heads, self.maps, strict=True):
            head.setProperty("role", "muted")
            plots.addWidget(head)
            plots.addWidget(part.plot, 1)
        self._row = QHBoxLayout()
        self._row.addLayout(plots, 1)
        self._row.addWidget(self.bar)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._title)
        self._column.addLayout(self._row, 1)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def set_alone(self, alone: bool) -> None:
        """Show the name when no tab says it."""
        self._title.setVisible(alone)

    def render_frame(self, frame: Frame) -> None:
        """Show what has been recorded; does nothing when nothing was added."""
        lengths = tuple(frame.history.length(part.series) for part in self.maps)
        key = (frame.run_id, lengths, frame.snapshot.step, frame.transport.frontier)
        if key == self._key:
            return
        self._key = key
        needed = max(part.draw(frame) for part in self.maps)
        # Both maps share the key; the one that needs less of it is drawn again.
        for part in self.maps:
            part.draw(frame, needed)
        self.bar.set_decades(needed)

    def _on_theme_changed(self) -> None:
        for part in self.maps:
            part.image.apply_theme()
            part.now.apply_theme()
        self._row.setSpacing(px(4))
        self._column.setSpacing(px(4))


def _resampled(series: SeriesView) -> tuple[Floats, Floats, tuple[str, ...]] | None:
    """Return edges of evenly wide columns, their (columns, layers) values, and the layers' names.

    The steps are recorded ever more sparsely; a column shows the last record at or before it.
    """
    steps = np.asarray(series.steps)
    if not len(steps) or not series.columns:
        return None
    values = np.stack([np.asarray(column, np.float64) for column in series.columns.values()], 1)
    first, last = int(steps[0]), int(steps[-1])
    columns = min(MOST_COLUMNS, last - first + 1)
    edges = np.linspace(first, last + 1, columns + 1)
    rows = np.searchsorted(steps, edges[:-1] + 1e-9, side="right") - 1
    return edges, values[np.maximum(rows, 0)], tuple(series.columns)
