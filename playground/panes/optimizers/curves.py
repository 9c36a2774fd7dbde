"""Loss, distance, gradient and step of every lane, against rounds, gradients or seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from playground.experiments.optimizers_snapshot import lane_series
from playground.panes.optimizers.lane_colours import lane_colour
from playground.ui.cards import GroupHead
from playground.ui.choice_box import ChoiceBox
from playground.ui.controls import IconButton
from playground.ui.plots import Bounds, NowLine, Plot, SeriesCurve
from playground.ui.plots.ranges import union
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from PySide6.QtGui import QResizeEvent

    from playground.engine.frames import Frame
    from playground.engine.history import HistoryView
    from playground.experiments.optimizers_snapshot import (
        LaneView,
        OptimizerRaceSnapshot,
    )

    Floats = NDArray[np.float64]

QUANTITIES = (
    ("loss", "loss", "f where the lane stands; logarithmic: its height above the lowest minimum"),
    ("distance", "distance", "Distance to the nearest known minimum"),
    ("gradient_norm", "|∇f|", "Length of the gradient"),
    ("step_size", "|Δw|", "Length of the step of each round: the effective step size"),
    ("rate", "η", "Learning rate after its schedule"),
)
ABSCISSAE = (
    ("rounds", "rounds", "Rounds of the race"),
    ("evaluations", "gradients", "Gradient evaluations: L-BFGS needs several a round"),
    ("seconds", "seconds", "Rounds times the measured time of a step of torch.optim"),
)
LABELS = {key: words for key, words, _ in (*QUANTITIES, *ABSCISSAE)}
LOUD, QUIET = 2.8, 1.6
TITLE_ROOM_PX = 340
FIRST_ROUNDS = 20.0


class _Dotted:
    """The curve of the run from which this one branched; it never moves the ranges."""

    bounds = None

    def __init__(self, colour: int) -> None:
        self._colour = colour
        self.curve = pg.PlotCurveItem()
        self.curve.setZValue(2)
        self.apply_theme()

    @property
    def items(self) -> tuple[pg.PlotCurveItem]:
        return (self.curve,)

    def apply_theme(self) -> None:
        self.curve.setPen(
            theme().pen(lane_colour(self._colour), 1.2, Qt.PenStyle.DotLine, alpha=0.6)
        )


class _FirstRounds:
    """Keeps room for the first rounds: a race that has not begun must not look like a mistake."""

    items = ()

    def __init__(self, plot: Plot) -> None:
        self._plot = plot

    @property
    def bounds(self) -> Bounds | None:
        drawn = union(curve.bounds for curve in self._plot.curves)
        if drawn is None or drawn.x1 > 0.0:
            return None
        return Bounds(0.0, FIRST_ROUNDS, drawn.y0 - 4.0, drawn.y1 + 0.2)


class RaceCurves(QWidget):
    """One plot over the race; what is rewound stays faint, a branch's parent is dotted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = Plot("rounds", "loss − lowest", allow_log=True)
        self.quantity = ChoiceBox("What is drawn", QUANTITIES, value="loss", segmented=False)
        self.against = ChoiceBox("Against what", ABSCISSAE, value="rounds", segmented=False)
        self.log = IconButton("trending-down", "Logarithmic axis", checkable=True, size=16)
        self.log.setChecked(True)
        self.plot.set_log(y=True)
        self.quantity.edited.connect(self._on_choice_edited)
        self.against.edited.connect(self._on_choice_edited)
        self.log.clicked.connect(self._on_log_clicked)
        self.plot.log_action.toggled.connect(self._on_log_toggled)
        self.plot.add(_FirstRounds(self.plot))
        self._now_line = NowLine()
        self.plot.item.addItem(self._now_line, ignoreBounds=True)
        self._curves: dict[int, SeriesCurve] = {}
        self._ghosts: dict[int, _Dotted] = {}
        self._widths: dict[int, float] = {}
        self._times: Mapping[str, float] = {}
        self._key: object = None
        self._run: object = None
        self._frame: Frame | None = None
        self._selected = -1
        self._alone = True
        self._title = GroupHead("Curves")
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self.quantity)
        head.addWidget(self.against)
        head.addWidget(self.log)
        self._head = head
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(head)
        self._column.addWidget(self.plot, 1)
        self.plot.setMinimumHeight(120)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def set_alone(self, alone: bool) -> None:
        """Show the name beside the tools when no tab says it."""
        self._alone = alone
        self._fit_title()

    def set_times(self, times: Mapping[str, float]) -> None:
        """Take how many seconds a step of each method takes."""
        self._times = dict(times)
        self._draw_again()

    def render_race(self, frame: Frame, snapshot: OptimizerRaceSnapshot, selected: int) -> None:
        """Show the rounds recorded so far; does nothing when none has been added."""
        self._frame = frame
        lanes = tuple((view.index, view.colour, view.title) for view in snapshot.lanes)
        lengths = tuple(frame.history.length(lane_series(view.index)) for view in snapshot.lanes)
        key = (frame.run_id, snapshot.step, lengths, lanes, id(frame.ghost), selected)
        if key == self._key:
            return
        self._key = key
        self._selected = selected
        self._match_curves(lanes)
        with self.plot.batch():
            for view in snapshot.lanes:
                x, y = self._points(frame.history, view, snapshot)
                rows = frame.history.upto(lane_series(view.index), snapshot.step)
                now = None if rows >= len(x) else float(x[max(rows - 1, 0)])
                self._curves[view.index].set_data(x, y, now=now)
                self._draw_ghost(frame.ghost, view, snapshot)
        behind = snapshot.step < frame.transport.frontier
        by_rounds = self.against.value == "rounds"
        self._now_line.set_now(float(snapshot.step) if behind and by_rounds else None)
        run = (frame.run_id, snapshot.spec.surface)
        if run != self._run:
            self._run = run
            self.plot.fit()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_title()

    def save_state(self) -> dict[str, Any]:
        """Return what is drawn against what, and on which axis."""
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
        self._name_axes()
        self._draw_again()

    def _points(
        self, history: HistoryView, view: LaneView, snapshot: OptimizerRaceSnapshot
    ) -> tuple[Floats, Floats]:
        series = history.series(lane_series(view.index))
        rounds = np.asarray(series.steps, dtype=np.float64)
        values = np.asarray(series.columns[str(self.quantity.value)], dtype=np.float64)
        if self.quantity.value == "loss" and self.log.isChecked():
            values = values - _lowest(snapshot)
        match self.against.value:
            case "evaluations":
                return np.asarray(series.columns["evaluations"], dtype=np.float64), values
            case "seconds":
                seconds = self._times.get(view.method)
                # Nothing is drawn before it has been measured.
                return (rounds[:0], values[:0]) if seconds is None else (rounds * seconds, values)
            case _:
                return rounds, values

    def _draw_ghost(
        self, ghost: HistoryView | None, view: LaneView, snapshot: OptimizerRaceSnapshot
    ) -> None:
        curve = self._ghosts[view.index].curve
        if ghost is None or lane_series(view.index) not in ghost.names:
            if curve.xData is not None and len(curve.xData):
                curve.setData([], [])
            return
        x, y = self._points(ghost, view, snapshot)
        if self.log.isChecked():
            y = np.where(y > 0.0, y, np.nan)
            y = np.log10(y)
        curve.setData(x, y, connect="finite")

    def _match_curves(self, lanes: tuple[tuple[int, int, str], ...]) -> None:
        wanted = {index: (colour, name) for index, colour, name in lanes}
        for index in [i for i in self._curves if i not in wanted]:
            self._remove(index)
        for index, (colour, name) in wanted.items():
            width = LOUD if index == self._selected else QUIET
            if index in self._curves and self._widths[index] != width:
                # A curve keeps its width for life: the loud one is another curve.
                self._remove(index)
            if index not in self._curves:
                self._widths[index] = width
                self._curves[index] = self.plot.add_curve(name, lane_colour(colour), width=width)
                self._ghosts[index] = _Dotted(colour)
                self.plot.add(self._ghosts[index])
            curve = self._curves[index]
            curve.name = name
            if curve.color != lane_colour(colour):
                curve.set_color(lane_colour(colour))

    def _remove(self, index: int) -> None:
        self.plot.remove(self._curves.pop(index))
        self.plot.remove(self._ghosts.pop(index))

    def _fit_title(self) -> None:
        # The choices say what is drawn: where room is short they need no name.
        self._title.setVisible(self._alone and self.width() >= px(TITLE_ROOM_PX))

    def _on_choice_edited(self) -> None:
        self._name_axes()
        self._draw_again()
        self.plot.fit()

    def _on_log_clicked(self, on: bool) -> None:
        self.plot.set_log(y=on)

    def _on_log_toggled(self, on: bool) -> None:
        self.log.setChecked(on)
        self._on_choice_edited()

    def _name_axes(self) -> None:
        quantity = str(self.quantity.value)
        words = LABELS[quantity]
        if quantity == "loss" and self.log.isChecked():
            words = "loss − lowest"
        unit = "s" if self.against.value == "seconds" else ""
        name = "time" if unit else LABELS[str(self.against.value)]
        self.plot.set_labels(name, words, x_unit=unit)

    def _draw_again(self) -> None:
        self._key = None
        if self._frame is not None:
            snapshot: OptimizerRaceSnapshot = self._frame.snapshot  # type: ignore[assignment]
            self.render_race(self._frame, snapshot, self._selected)

    def _on_theme_changed(self) -> None:
        self._now_line.apply_theme()
        # Colours beyond the theme's own are mixed anew.
        self._draw_again()
        self._head.setSpacing(px(4))
        self._column.setSpacing(px(6))


def _lowest(snapshot: OptimizerRaceSnapshot) -> float:
    """Return the height of the lowest known minimum; 0 where none is known."""
    minima = snapshot.surface.minima
    return minima[0].value if minima else 0.0
