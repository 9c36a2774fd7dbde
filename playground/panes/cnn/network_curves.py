"""Loss and accuracy of batches, training and test images, against steps or epochs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from playground.experiments.cnn_snapshot import SERIES_BATCH, SERIES_EPOCH, CnnSnapshot
from playground.ui.cards import GroupHead
from playground.ui.choice_box import ChoiceBox
from playground.ui.controls import IconButton
from playground.ui.fonts import ui_font
from playground.ui.plots import Bounds, NowLine, Plot, SeriesCurve
from playground.ui.plots.ranges import union
from playground.ui.theme import pen, px, qcolor, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QPaintEvent

    from playground.engine.frames import Frame
    from playground.engine.history import HistoryView

    Floats = NDArray[np.float64]

KEY_PX = 11
FIRST_STEPS = 20.0
LOSS, ACCURACY = "loss", "accuracy"
STEPS, EPOCHS = "steps", "epochs"
QUANTITIES = (
    (LOSS, "loss", "Mean cross-entropy: −log of the probability of the true class"),
    (ACCURACY, "accuracy", "Share of the images that is recognised"),
)
ABSCISSAE = ((STEPS, "steps", "One step is one batch"), (EPOCHS, "epochs", "All training images"))
LINES: Final = (
    ("batch", "control", 1.2),
    ("training", "class_plus", 2.0),
    ("test", "class_minus", 2.4),
)
"""Name, colour and width of each curve; batches are noise behind the other two."""


class _Dotted:
    """The test curve of the run from which this one branched; it never moves the ranges."""

    bounds = None

    def __init__(self) -> None:
        self.curve = pg.PlotCurveItem()
        self.curve.setZValue(2)
        self.apply_theme()

    @property
    def items(self) -> tuple[pg.PlotCurveItem]:
        return (self.curve,)

    def apply_theme(self) -> None:
        self.curve.setPen(pen("class_minus", 1.4, Qt.PenStyle.DotLine, alpha=0.7))


class _FirstEpoch:
    """Keeps room for the first epoch: a run that has not begun must not look like a mistake."""

    items = ()

    def __init__(self, plot: Plot) -> None:
        self._plot = plot

    @property
    def bounds(self) -> Bounds | None:
        drawn = union(curve.bounds for curve in self._plot.curves)
        if drawn is None or drawn.x1 > 0.0:
            return None
        return Bounds(0.0, FIRST_STEPS, min(drawn.y0, 0.0), 1.15 * max(drawn.y1, 1e-3))


class _Key(QWidget):
    """Marks and names of the curves on one line, where no curve runs through."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(190), px(KEY_PX + 5))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(0, px(KEY_PX + 5))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(ui_font(px(KEY_PX)))
        metrics = painter.fontMetrics()
        middle = self.height() / 2.0
        widths = [px(21) + metrics.horizontalAdvance(name) for name, *_ in LINES]
        x = self.width() - sum(widths) - px(10) * (len(LINES) - 1)
        if x < 0:
            # Half a word is no key: the read-out under the pointer names the curves, too.
            return
        base = middle + (metrics.ascent() - metrics.descent()) / 2.0
        for (name, colour, width), wide in zip(LINES, widths, strict=True):
            painter.setPen(QPen(qcolor(colour), px(max(width, 1.5))))
            painter.drawLine(QLineF(x, middle, x + px(14), middle))
            painter.setPen(qcolor("muted"))
            painter.drawText(QPointF(x + px(19), base), name)
            x += wide + px(10)


class CurvesView(QWidget):
    """One plot; what is rewound stays faint, a branch's parent is dotted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = GroupHead("Curves")
        self.quantity = ChoiceBox("What is drawn", QUANTITIES, value=LOSS, segmented=True)
        self.against = ChoiceBox("Against what", ABSCISSAE, value=STEPS, segmented=True)
        self.log = IconButton("trending-down", "Logarithmic axis", checkable=True, size=16)
        self.plot = Plot("step", "loss", allow_log=True)
        self.plot.setMinimumHeight(90)
        self.curves: dict[str, SeriesCurve] = {
            name: self.plot.add_curve(name, colour, width=width) for name, colour, width in LINES
        }
        self.plot.add(_FirstEpoch(self.plot))
        self.key = _Key()
        self._ghost = _Dotted()
        self.plot.add(self._ghost)
        self._now_line = NowLine()
        self.plot.item.addItem(self._now_line, ignoreBounds=True)
        self._frame: Frame | None = None
        self._drawn: object = None
        self._run: object = None
        self._head = QHBoxLayout()
        self._head.addWidget(self._title)
        self._head.addWidget(self.quantity)
        self._head.addWidget(self.key, 1)
        self._head.addWidget(self.against)
        self._head.addWidget(self.log)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._head)
        self._column.addWidget(self.plot, 1)
        self.quantity.edited.connect(lambda _: self._on_choice())
        self.against.edited.connect(lambda _: self._on_choice())
        self.log.clicked.connect(lambda on: self.plot.set_log(y=on))
        self.plot.log_action.toggled.connect(self.log.setChecked)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def set_alone(self, alone: bool) -> None:
        """Show the name beside the tools when no tab says it."""
        self._title.setVisible(alone)

    def show_quantity(self, name: str) -> bool:
        """Draw the loss or the accuracy; tell whether it is one of them."""
        if name not in (LOSS, ACCURACY):
            return False
        self.quantity.set_value(name)
        self._on_choice()
        return True

    def render_frame(self, frame: Frame) -> None:
        """Show the steps recorded so far; does nothing when none was added."""
        snapshot = frame.snapshot
        if not isinstance(snapshot, CnnSnapshot):
            return
        self._frame = frame
        lengths = tuple(frame.history.length(name) for name in (SERIES_BATCH, SERIES_EPOCH))
        choice = (self.quantity.value, self.against.value)
        key = (frame.run_id, choice, lengths, snapshot.step, id(frame.ghost))
        if key == self._drawn:
            return
        self._drawn = key
        behind = snapshot.step < frame.transport.frontier
        lines = self._lines(frame.history)
        now = self._abscissa(frame.history, np.array([snapshot.step]))[0] if behind else None
        with self.plot.batch():
            for name, (x, y) in lines.items():
                self.curves[name].set_data(x, y, now=now)
        self._now_line.set_now(now)
        self._draw_ghost(frame.ghost)
        if (frame.run_id, choice) != self._run:
            self._run = (frame.run_id, choice)
            self.plot.fit()

    def save_state(self) -> dict[str, Any]:
        """Return what is drawn against what."""
        return {
            "quantity": self.quantity.value,
            "against": self.against.value,
            "log": self.log.isChecked(),
        }

    def restore_state(self, state: object) -> None:
        """Take up what :meth:`save_state` gave; ignores anything else."""
        if not isinstance(state, dict):
            return
        for name, choice in (("quantity", self.quantity), ("against", self.against)):
            if state.get(name) in choice.values:
                choice.set_value(state[name])
        if isinstance(state.get("log"), bool):
            self.plot.set_log(y=state["log"])
        self._on_choice()

    def _lines(self, history: HistoryView) -> dict[str, tuple[Floats, Floats]]:
        name = str(self.quantity.value)
        scale = 100.0 if name == ACCURACY else 1.0
        batches, epochs = history.series(SERIES_BATCH), history.series(SERIES_EPOCH)
        steps = self._abscissa(history, batches.steps)
        ends = self._abscissa(history, epochs.steps)
        columns = epochs.columns
        return {
            "batch": (steps, _scaled(batches.columns[name], scale)),
            "training": (ends, _scaled(columns[f"train_{name}"], scale)),
            "test": (ends, _scaled(columns[f"test_{name}"], scale)),
        }

    def _abscissa(self, history: HistoryView, steps: NDArray[Any]) -> Floats:
        """Return steps as they are, or as epochs: the batch size may have changed on the way."""
        plain: Floats = np.asarray(steps, dtype=np.float64)
        if self.against.value == STEPS:
            return plain
        epochs = history.series(SERIES_EPOCH)
        known: Floats = np.asarray(epochs.steps, dtype=np.float64)
        numbers: Floats = np.asarray(epochs.columns["epoch"], dtype=np.float64)
        if len(known) < 2:
            return np.zeros_like(plain)
        found: Floats = np.interp(plain, known, numbers)
        beyond = plain > known[-1]
        slope = (numbers[-1] - numbers[-2]) / max(known[-1] - known[-2], 1.0)
        found[beyond] = numbers[-1] + slope * (plain[beyond] - known[-1])
        return found

    def _draw_ghost(self, ghost: HistoryView | None) -> None:
        curve = self._ghost.curve
        if ghost is None or SERIES_EPOCH not in ghost.names:
            if curve.xData is not None and len(curve.xData):
                curve.setData([], [])
            return
        x, y = self._lines(ghost)["test"]
        if self.log.isChecked():
            y = np.log10(np.where(y > 0.0, y, np.nan))
        curve.setData(x, y, connect="finite")

    def _on_choice(self) -> None:
        accuracy = self.quantity.value == ACCURACY
        x = "epoch" if self.against.value == EPOCHS else "step"
        self.plot.set_labels(x, "accuracy" if accuracy else "loss", y_unit="%" if accuracy else "")
        self._drawn = None
        if self._frame is not None:
            self.render_frame(self._frame)
        self.plot.fit()

    def _on_theme_changed(self) -> None:
        self._now_line.apply_theme()
        self._head.setSpacing(px(4))
        self._column.setSpacing(px(6))


def _scaled(column: NDArray[Any], scale: float) -> Floats:
    values: Floats = scale * np.asarray(column, dtype=np.float64)
    return values
