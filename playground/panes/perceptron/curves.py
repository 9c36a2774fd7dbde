"""Errors, changes and cost per epoch, every learner in its colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from playground.ui.cards import GroupHead
from playground.ui.choice_box import ChoiceBox
from playground.ui.controls import IconButton
from playground.ui.plots import Bounds, NowLine, Plot, SeriesCurve
from playground.ui.theme import lane, px, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.engine.frames import Frame
    from playground.engine.history import HistoryView
    from playground.experiments.perceptron_snapshot import PerceptronSnapshot

QUANTITIES = (
    ("errors", "errors", "Training points on the wrong side at the end of the epoch"),
    ("changes", "changes", "Updates in the epoch that moved the line"),
    ("cost", "cost", "Share of mistakes, mean squared error or cross-entropy: see the model"),
)


class _Dotted:
    """The curve of the run from which this one branched; it never moves the ranges."""

    bounds = None

    def __init__(self, place: int) -> None:
        self._place = place
        self.curve = pg.PlotCurveItem()
        self.curve.setZValue(2)
        self.apply_theme()

    @property
    def items(self) -> tuple[pg.PlotCurveItem]:
        return (self.curve,)

    def apply_theme(self) -> None:
        self.curve.setPen(theme().pen(lane(self._place), 1.4, Qt.PenStyle.DotLine, alpha=0.7))


class _Baseline:
    """Keeps zero, and the first epoch, in sight: seven errors must not look like none."""

    items = ()

    def __init__(self, log: IconButton) -> None:
        self._log = log

    @property
    def bounds(self) -> Bounds | None:
        return None if self._log.isChecked() else Bounds(0.0, 1.0, 0.0, 1.0)


class CurvesView(QWidget):
    """One plot over epochs; what is rewound stays faint, a branch's parent is dotted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = Plot("epoch", "errors", allow_log=True)
        self.quantity = ChoiceBox("What is drawn", QUANTITIES, value="errors", segmented=True)
        self.log = IconButton("trending-down", "Logarithmic axis", checkable=True, size=16)
        self.quantity.edited.connect(self._on_quantity_edited)
        self.log.clicked.connect(lambda on: self.plot.set_log(y=on))
        self.plot.log_action.toggled.connect(self.log.setChecked)
        self.plot.add(_Baseline(self.log))
        self._now_line = NowLine()
        self.plot.item.addItem(self._now_line, ignoreBounds=True)
        self._curves: dict[int, SeriesCurve] = {}
        self._ghosts: dict[int, _Dotted] = {}
        self._key: object = None
        self._frame: Frame | None = None
        self._run: int | None = None
        self._title = GroupHead("Curves")
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self.quantity)
        head.addWidget(self.log)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(head)
        self._column.addWidget(self.plot, 1)
        self.plot.setMinimumHeight(90)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def set_alone(self, alone: bool) -> None:
        """Show the name beside the tools when no tab says it."""
        self._title.setVisible(alone)

    def render_frame(self, frame: Frame) -> None:
        """Show the epochs recorded so far; does nothing when none has been added."""
        snapshot: PerceptronSnapshot = frame.snapshot  # type: ignore[assignment]
        self._frame = frame
        quantity = str(self.quantity.value)
        now = _rows_before(frame.history, 0, snapshot)
        lengths = tuple(frame.history.length(f"epoch/{view.index}") for view in snapshot.learners)
        lanes = tuple((view.index, view.colour, view.name) for view in snapshot.learners)
        key = (frame.run_id, quantity, now, lengths, lanes, id(frame.ghost))
        if key == self._key:
            return
        self._key = key
        self._match_curves(lanes)
        for index, _, _ in lanes:
            epochs, values = _column(frame.history, index, quantity)
            past = _rows_before(frame.history, index, snapshot)
            self._curves[index].set_data(epochs, values, now=_border(epochs, past))
            self._draw_ghost(frame.ghost, index, quantity)
        self._now_line.set_now(self._standing(frame, snapshot))
        if frame.run_id != self._run:
            self._run = frame.run_id
            self.plot.fit()

    def save_state(self) -> dict[str, Any]:
        """Return what is drawn and on which axis."""
        return {"quantity": self.quantity.value, "log": self.log.isChecked()}

    def restore_state(self, state: object) -> None:
        """Take up what :meth:`save_state` gave; ignores anything else."""
        if not isinstance(state, dict):
            return
        if state.get("quantity") in self.quantity.values:
            self.quantity.set_value(state["quantity"])
            self.plot.set_labels("epoch", str(state["quantity"]))
        if state.get("log") is True:
            self.plot.set_log(y=True)

    def _match_curves(self, lanes: tuple[tuple[int, int, str], ...]) -> None:
        wanted = {index: (colour, name) for index, colour, name in lanes}
        for index in [i for i in self._curves if i not in wanted]:
            self.plot.remove(self._curves.pop(index))
            self.plot.remove(self._ghosts.pop(index))
        for index, (colour, name) in wanted.items():
            if index not in self._curves:
                self._curves[index] = self.plot.add_curve(name, lane(colour))
                self._ghosts[index] = _Dotted(colour)
                self.plot.add(self._ghosts[index])
            curve = self._curves[index]
            curve.name = name
            if curve.color != lane(colour):
                curve.set_color(lane(colour))

    def _draw_ghost(self, ghost: HistoryView | None, index: int, quantity: str) -> None:
        curve = self._ghosts[index].curve
        if ghost is None or f"epoch/{index}" not in ghost.names:
            if curve.xData is not None and len(curve.xData):
                curve.setData([], [])
            return
        epochs, values = _column(ghost, index, quantity)
        curve.setData(epochs, values)

    def _standing(self, frame: Frame, snapshot: PerceptronSnapshot) -> float | None:
        """Return the epoch to mark: only where there is a future to look back from."""
        if snapshot.step >= frame.transport.frontier:
            return None
        done = snapshot.sample_in_epoch / max(snapshot.samples_per_epoch, 1)
        return snapshot.epoch - 1 + done

    def _on_quantity_edited(self, quantity: str) -> None:
        self.plot.set_labels("epoch", quantity)
        self._key = None
        if self._frame is not None:
            self.render_frame(self._frame)
        self.plot.fit()

    def _on_theme_changed(self) -> None:
        self._now_line.apply_theme()
        self._column.setSpacing(px(6))


def _column(history: HistoryView, index: int, quantity: str) -> tuple[NDArray[Any], NDArray[Any]]:
    series = history.series(f"epoch/{index}")
    return series.columns["epoch"], series.columns[quantity]


def _rows_before(history: HistoryView, index: int, snapshot: PerceptronSnapshot) -> int:
    name = f"epoch/{index}"
    return history.upto(name, snapshot.step) if name in history.names else 0


def _border(epochs: NDArray[Any], past: int) -> float | None:
    if past >= len(epochs):
        return None
    return float(epochs[past - 1]) if past else 0.0
