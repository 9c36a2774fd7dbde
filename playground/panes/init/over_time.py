"""Over time: the loss, the accuracy, and the health of every layer against steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from playground.experiments.init_snapshot import (
    SERIES_DEAD,
    SERIES_EPOCH,
    SERIES_LOSS,
    SERIES_SATURATED,
    SERIES_UPDATE,
)
from playground.panes.init.key_row import KeyRow
from playground.panes.init.layer_colours import LayerKey, layer_colour
from playground.ui.cards import GroupHead
from playground.ui.choice_box import ChoiceBox
from playground.ui.plots import NowLine, Plot, SeriesCurve
from playground.ui.theme import pen, px, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.engine.frames import Frame
    from playground.engine.history import HistoryView

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something that is drawn against steps."""

    key: str
    label: str
    help: str
    axis: str
    unit: str = ""
    series: str = ""
    percent: bool = False
    log: bool = False


QUANTITIES = (
    Quantity("loss", "loss", "Cost of each batch, and of the test samples", "loss"),
    Quantity(
        "accuracy", "accuracy", "Share of a batch, and of the test samples, that is right",
        "accuracy", "%", percent=True,
    ),
    Quantity(
        "dead", "dead ReLU", "Neurons that are 0 for every sample of the batch", "dead",
        "%", SERIES_DEAD, percent=True,
    ),
    Quantity(
        "saturated", "saturated", "Activations next to an end of their range",
        "saturated", "%", SERIES_SATURATED, percent=True,
    ),
    Quantity(
        "update", "update ÷ weight", "‖ΔW‖/‖W‖ of every step: about 0.001 is usual",
        "‖ΔW‖/‖W‖", "", SERIES_UPDATE, log=True,
    ),
)  # fmt: skip
BY_KEY = {quantity.key: quantity for quantity in QUANTITIES}
TRAINING, TEST = "batch", "test"
TOKENS = {TRAINING: "class_plus", TEST: "class_minus"}
EMPTY_WORDS = {
    "dead": "Only ReLU neurons can die. Choose ReLU as the activation to watch them.",
    "saturated": "This activation has no ends at which it could saturate.",
    "update": "The first step has yet to be made: press Space.",
}


class _Dotted:
    """The loss of the run from which this one branched; it never moves the ranges."""

    bounds = None

    def __init__(self) -> None:
        self.curve = pg.PlotCurveItem()
        self.curve.setZValue(2)
        self.apply_theme()

    @property
    def items(self) -> tuple[pg.PlotCurveItem]:
        return (self.curve,)

    def apply_theme(self) -> None:
        self.curve.setPen(pen("class_plus", 1.4, Qt.PenStyle.DotLine, alpha=0.7))


class OverTimeView(QWidget):
    """One plot over steps; what is rewound stays faint, a branch's parent is dotted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = GroupHead("Over time")
        choices = tuple((q.key, q.label, q.help) for q in QUANTITIES)
        self.choice = ChoiceBox("What is drawn", choices, value="loss", segmented=False)
        self.plot = Plot("step", "loss")
        self.plot.setMinimumHeight(90)
        self.key = LayerKey()
        self.lines = KeyRow(((TOKENS[TRAINING], TRAINING), (TOKENS[TEST], TEST)))
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setProperty("role", "muted")
        self.note.hide()
        self._curves: dict[str, SeriesCurve] = {}
        self._ghost = _Dotted()
        self.plot.add(self._ghost)
        self._now_line = NowLine()
        self.plot.item.addItem(self._now_line, ignoreBounds=True)
        self._frame: Frame | None = None
        self._drawn: object = None
        self._run: object = None
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addWidget(self.lines, 1000)
        head.addStretch(1)
        head.addWidget(self.choice)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(head)
        self._column.addWidget(self.plot, 1)
        self._column.addWidget(self.key)
        self._column.addWidget(self.note)
        self.choice.edited.connect(lambda _: self._draw_again())
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def quantity(self) -> Quantity:
        """What is drawn."""
        return BY_KEY[str(self.choice.value)]

    def set_alone(self, alone: bool) -> None:
        """Show the name beside the tools when no tab says it."""
        self._title.setVisible(alone)

    def show_quantity(self, key: str) -> bool:
        """Draw something else; tell whether there is something of that name."""
        if key not in BY_KEY:
            return False
        self.choice.set_value(key)
        self._draw_again()
        return True

    def render_frame(self, frame: Frame) -> None:
        """Show the steps recorded so far; does nothing when none was added."""
        self._frame = frame
        quantity = self.quantity
        names = (quantity.series,) if quantity.series else (SERIES_LOSS, SERIES_EPOCH)
        lengths = tuple(frame.history.length(name) for name in names)
        key = (frame.run_id, quantity.key, lengths, frame.snapshot.step, id(frame.ghost))
        if key == self._drawn:
            return
        self._drawn = key
        run = (frame.run_id, quantity.key)
        if run != self._run:
            self._run = run
            self._begin(quantity)
        lines = _lines(frame.history, quantity)
        self._match_curves(tuple(lines))
        now = float(frame.snapshot.step) if self._behind(frame) else None
        for name, (steps, values) in lines.items():
            self._curves[name].set_data(steps, values, now=now)
        self._now_line.set_now(now)
        self._draw_ghost(frame.ghost, quantity)

    def render_slow(self) -> None:
        """Say why there is nothing to see, where there is not."""
        empty = all(curve.bounds is None for curve in self._curves.values())
        words = EMPTY_WORDS.get(self.quantity.key, "") if empty else ""
        if words != self.note.text():
            self.note.setText(words)
        self.note.setVisible(bool(words))

    def save_state(self) -> dict[str, Any]:
        """Return what is drawn."""
        return {"quantity": self.choice.value}

    def restore_state(self, state: object) -> None:
        """Take up what :meth:`save_state` gave; ignores anything else."""
        if isinstance(state, dict):
            self.show_quantity(str(state.get("quantity")))

    @staticmethod
    def _behind(frame: Frame) -> bool:
        return frame.snapshot.step < frame.transport.frontier

    def _begin(self, quantity: Quantity) -> None:
        """Start another run or quantity on an empty plot."""
        self._match_curves(())
        self.plot.set_labels("step", quantity.axis, y_unit=quantity.unit)
        self.plot.set_log(y=quantity.log)
        self.plot.fit()

    def _match_curves(self, names: tuple[str, ...]) -> None:
        for name in [name for name in self._curves if name not in names]:
            self.plot.remove(self._curves.pop(name))
        of_layers = bool(self.quantity.series)
        self.key.setVisible(of_layers)
        self.lines.setVisible(not of_layers)
        if of_layers and names:
            self.key.set_layers(len(names), names[-1])
        for place, name in enumerate(names):
            if of_layers:
                colour, width = layer_colour(place, len(names)), 1.6
            else:
                colour, width = TOKENS[name], 2.0 if name == TRAINING else 2.4
            if name not in self._curves:
                words = name if not of_layers or name == "output" else f"layer {name}"
                self._curves[name] = self.plot.add_curve(words, colour, width=width)
            elif self._curves[name].color != colour:
                self._curves[name].set_color(colour)

    def _draw_ghost(self, ghost: HistoryView | None, quantity: Quantity) -> None:
        curve = self._ghost.curve
        if ghost is None or quantity.series:
            if curve.xData is not None and len(curve.xData):
                curve.setData([], [])
            return
        steps, values = _lines(ghost, quantity)[TRAINING]
        curve.setData(steps, values, connect="finite")

    def _draw_again(self) -> None:
        self._drawn = None
        if self._frame is not None:
            self.render_frame(self._frame)
            self.render_slow()
            self.plot.fit()

    def _on_theme_changed(self) -> None:
        self._now_line.apply_theme()
        self._drawn = None
        if self._frame is not None:
            self.render_frame(self._frame)
        self._column.setSpacing(px(6))


def _lines(history: HistoryView, quantity: Quantity) -> dict[str, tuple[Floats, Floats]]:
    """Return steps and values of every line, by its name."""
    scale = 100.0 if quantity.percent else 1.0
    if quantity.series:
        series = history.series(quantity.series)
        steps = np.asarray(series.steps, dtype=np.float64)
        return {
            name: (steps, _plain(column, quantity.log, scale))
            for name, column in series.columns.items()
        }
    batch, epochs = history.series(SERIES_LOSS), history.series(SERIES_EPOCH)
    tested = epochs.columns[f"test_{quantity.key}"]
    return {
        TRAINING: (
            np.asarray(batch.steps, dtype=np.float64),
            _plain(batch.columns[quantity.key], False, scale),
        ),
        TEST: (np.asarray(epochs.steps, dtype=np.float64), _plain(tested, False, scale)),
    }


def _plain(column: NDArray[Any], log: bool, scale: float) -> Floats:
    values = np.asarray(column, dtype=np.float64)
    return np.power(10.0, values) if log else scale * values
