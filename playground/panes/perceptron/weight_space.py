"""The other view of the same neuron: its cost over (w₁, w₂), and the path walked on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QLinearGradient, QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from playground.panes.perceptron.plane_geometry import tidy
from playground.ui.cards import GroupHead
from playground.ui.fonts import number_font
from playground.ui.number_text import format_number
from playground.ui.plots import Bounds, PathTrail, Plot, ScalarImage
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from playground.engine.frames import Frame
    from playground.experiments.perceptron_snapshot import (
        ErrorSurface,
        LearnerView,
        PerceptronSnapshot,
    )

WAITING_WORDS = "No training points: no error surface."


class ColourBar(QWidget):
    """The key of the colours: largest value at the top."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._low, self._high = 0.0, 1.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self.updateGeometry)

    def set_levels(self, low: float, high: float) -> None:
        """Name the ends."""
        if (low, high) != (self._low, self._high):
            self._low, self._high = low, high
            self.update()

    @override
    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(number_font(px(11)))
        return QSize(px(18) + metrics.horizontalAdvance("0.0000"), px(60))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(number_font(px(11)))
        height = painter.fontMetrics().height()
        bar = QRectF(0, px(8), px(10), self.height() - px(8) - px(34))
        if bar.height() < 8:
            return
        gradient = QLinearGradient(bar.bottomLeft(), bar.topLeft())
        table = theme().tokens.scalar_map
        for stop in range(0, 256, 17):
            red, green, blue, _ = (int(part) for part in table[stop])
            gradient.setColorAt(stop / 255.0, qcolor(f"#{red:02x}{green:02x}{blue:02x}"))
        painter.fillRect(bar, gradient)
        painter.setPen(QPen(qcolor("line"), 1.0))
        painter.drawRect(bar)
        painter.setPen(qcolor("muted"))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        for value, at in ((self._high, bar.top()), (self._low, bar.bottom())):
            box = QRectF(px(14), at - height / 2, self.width() - px(14), height)
            painter.drawText(box, left, format_number(value, 3))


class WeightSpaceView(QWidget):
    """Error surface of the selected learner with its path, start and present place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = Plot("w₁", "w₂", grid=False)
        self.image = ScalarImage("scalar")
        self.trail = PathTrail("#ffffff")
        self.start = pg.ScatterPlotItem(size=px(9), pxMode=True, symbol="o")
        self.start.setZValue(13)
        self.plot.add(self.image)
        self.plot.add(self.trail)
        self.plot.item.addItem(self.start, ignoreBounds=True)
        self.plot.set_read_out(self._words_at)
        self.bar = ColourBar()
        self.caption = QLabel(WAITING_WORDS)
        self.caption.setProperty("role", "muted")
        self.caption.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout()
        row.addWidget(self.plot, 1)
        row.addWidget(self.bar)
        self._row = row
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._title = GroupHead("Weight space")
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addWidget(self.caption, 1)
        self._head = head
        self._column.addLayout(head)
        self._column.addLayout(row, 1)
        self.plot.setMinimumHeight(90)
        self._surface: ErrorSurface | None = None
        self._drawn: tuple[object, ...] = ()
        self._path_key: object = None
        self._run: tuple[int, int] | None = None
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def set_alone(self, alone: bool) -> None:
        """Show the name beside the caption when no tab says it."""
        self._title.setVisible(alone)
        side = Qt.AlignmentFlag.AlignRight if alone else Qt.AlignmentFlag.AlignLeft
        self.caption.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)

    def render_frame(self, frame: Frame, view: LearnerView | None) -> None:
        """Show the surface and the path up to the present step."""
        snapshot: PerceptronSnapshot = frame.snapshot  # type: ignore[assignment]
        if view is None:
            return
        self._show_surface(view.surface)
        name = f"path/{view.index}"
        if name not in frame.history.names:
            return
        rows = frame.history.upto(name, snapshot.step)
        here = view.current[:2]
        key = (frame.run_id, view.index, rows, here)
        if key != self._path_key:
            self._path_key = key
            columns = frame.history.series(name).columns
            # The record thins out late in a run; the present place is always the last.
            w1 = np.append(columns["w1"][:rows], here[0])
            w2 = np.append(columns["w2"][:rows], here[1])
            self.trail.set_path(w1, w2)
            self.start.setData(x=w1[:1], y=w2[:1])
        run = (frame.run_id, view.index)
        if self._surface is not None and (run != self._run or self._badly_framed()):
            self._run = run
            self._frame_all()

    def _frame_all(self) -> None:
        """Show the whole surface, edge to edge."""
        bounds = self.image.bounds
        if bounds is not None:
            self.plot.set_range(bounds)

    def _badly_framed(self) -> bool:
        """Tell whether the surface has outgrown the view, or has shrunk in it to a stamp."""
        bounds, shown = self.image.bounds, self.plot.range
        if bounds is None or not self.plot.is_following:
            return False
        across = (bounds.x1 - bounds.x0) / (shown.x1 - shown.x0)
        up = (bounds.y1 - bounds.y0) / (shown.y1 - shown.y0)
        return max(across, up) > 1.02 or min(across, up) < 0.72

    def _show_surface(self, surface: ErrorSurface | None) -> None:
        if surface is None or surface is self._surface:
            return
        self._surface = surface
        w1, w2 = surface.w1, surface.w2
        half = ((w1[-1] - w1[0]) / (len(w1) - 1) / 2, (w2[-1] - w2[0]) / (len(w2) - 1) / 2)
        extent = Bounds(
            float(w1[0] - half[0]),
            float(w1[-1] + half[0]),
            float(w2[0] - half[1]),
            float(w2[-1] + half[1]),
        )
        finite = surface.values[np.isfinite(surface.values)]
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
        high = high if high > low else low + 1.0
        self.image.set_data(surface.values.T, levels=(low, high), extent=extent)
        self.bar.set_levels(low, high)

    def render_slow(self) -> None:
        """Refresh the words above the surface."""
        surface = self._surface
        words = WAITING_WORDS
        if surface is not None:
            words = f"{surface.quantity}, β = {format_number(tidy(surface.beta), 3)}"
            self.caption.setToolTip(f"Made from {surface.sampled:,} training points")
        if words != self.caption.text():
            self.caption.setText(words)

    def _words_at(self, x: float, y: float) -> str:
        value = self.image.value_at(x, y)
        if value is None or self._surface is None:
            return ""
        place = f"w = ({format_number(x, 3)}, {format_number(y, 3)})"
        return f"{self._surface.quantity} {format_number(value, 3)}\n{place}"

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(4))
        self._row.setSpacing(px(8))
        self._head.setSpacing(px(8))
        self.start.setBrush(pg.mkBrush(None))
        self.start.setPen(theme().pen("#ffffff", 2.0))
