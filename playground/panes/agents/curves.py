"""How learning goes: returns, lengths, losses and rates against steps or episodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from playground.experiments.agents_snapshot import SERIES_EPISODE, SERIES_UPDATE, AgentSnapshot
from playground.panes.agents.key_dots import KeyDots
from playground.ui.choice_box import ChoiceBox
from playground.ui.controls import IconButton
from playground.ui.plots import NowLine, Plot, SeriesCurve
from playground.ui.theme import lane, pen, px, qcolor, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.engine.frames import Frame
    from playground.engine.history import HistoryView

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something that is drawn: key, words, what it is, and the column of its series."""

    key: str
    label: str
    help: str
    column: str
    of_episodes: bool = False
    log: bool = False


QUANTITIES = (
    Quantity("return", "return", "Sum of the rewards of every training episode", "return", True),
    Quantity("length", "length", "Steps of every training episode", "length", True),
    Quantity("loss", "loss", "The whole loss of the gradient steps", "loss"),
    Quantity("policy", "policy loss", "The policy's part of the loss", "policy loss"),
    Quantity("critic", "value loss", "The critic's part of the loss", "value loss", log=True),
    Quantity("entropy", "entropy", "How undecided the policy is; ln k at first", "entropy"),
    Quantity("epsilon", "ε", "Share of random actions", "exploration"),
    Quantity("q", "mean Q", "What the network thinks its states are worth", "mean q"),
    Quantity("lag", "target lag", "‖online − target‖ relative to ‖online‖", "lag"),
    Quantity("clipped", "clipped", "Share of steps whose gradient PPO cuts", "clipped"),
    Quantity("rate", "learning rate", "Of the optimizer", "rate"),
)
BY_KEY = {quantity.key: quantity for quantity in QUANTITIES}
STEPS, EPISODES = "steps", "episodes"
AXES = (
    (STEPS, "steps", "Against the steps of all worlds: fair between algorithms"),
    (EPISODES, "episodes", "Against the number of finished episodes"),
)
WINDOW = 100
BAND_POINTS = 400
MOST_KEPT = 6


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """The running mean of an earlier run."""

    label: str
    steps: Floats
    episodes: Floats
    mean: Floats


class _Band:
    """Mean ± standard deviation as a pale surface; it does not move the ranges."""

    bounds = None

    def __init__(self) -> None:
        self._low, self._high = pg.PlotCurveItem(), pg.PlotCurveItem()
        self._fill = pg.FillBetweenItem(self._low, self._high)
        self._fill.setZValue(-5)
        self.apply_theme()

    @property
    def items(self) -> tuple[Any, ...]:
        return (self._fill,)

    def set_data(self, x: Floats, low: Floats, high: Floats) -> None:
        step = max(1, len(x) // BAND_POINTS)
        self._low.setData(x[::step], low[::step])
        self._high.setData(x[::step], high[::step])

    def apply_theme(self) -> None:
        self._fill.setBrush(qcolor("class_plus", 0.18))
        self._fill.setPen(pen("class_plus", 0.0, alpha=0.0))


class CurvesView(QWidget):
    """One plot; what is rewound stays faint, earlier runs can be kept beside it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        choices = tuple((q.key, q.label, q.help) for q in QUANTITIES)
        self.choice = ChoiceBox("What is drawn", choices, value="return", segmented=False)
        self.axis = ChoiceBox("Against what", AXES, value=STEPS, segmented=True)
        self.keep = IconButton("bookmark", "Keep this curve to compare others with it", size=16)
        self.forget = IconButton("trash-2", "Forget the kept curves", size=16)
        self.forget.hide()
        self.note = QLabel()
        self.note.setProperty("role", "muted")
        self.note.setWordWrap(True)
        self.note.hide()
        self.plot = Plot("steps", "return")
        self.plot.setMinimumHeight(80)
        self.key = KeyDots()
        self.axis.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._band = _Band()
        self.plot.add(self._band)
        self._single = self.plot.add_curve("each episode", "faint", width=0.8)
        self._mean = self.plot.add_curve(f"mean of {WINDOW}", "class_plus", width=2.4)
        self._goal = pg.InfiniteLine(angle=0, movable=False)
        self._now = NowLine()
        for line in (self._goal, self._now):
            self.plot.item.addItem(line, ignoreBounds=True)
        self._kept: list[Kept] = []
        self._kept_curves: list[SeriesCurve] = []
        self._frame: Frame | None = None
        self._drawn: object = None
        self._run: object = None
        self._lay_out()
        self.choice.edited.connect(lambda _: self._begin_again())
        self.axis.edited.connect(lambda _: self._begin_again())
        self.keep.clicked.connect(self.keep_curve)
        self.forget.clicked.connect(self.forget_curves)
        self._draw_kept()
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def quantity(self) -> Quantity:
        """What is drawn."""
        return BY_KEY[str(self.choice.value)]

    @property
    def kept(self) -> tuple[Kept, ...]:
        """The curves kept from earlier runs."""
        return tuple(self._kept)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(220), px(120))

    def show_quantity(self, key: str) -> bool:
        """Draw something else; tell whether there is something of that name."""
        if key not in BY_KEY:
            return False
        self.choice.set_value(key)
        self._begin_again()
        return True

    def render_frame(self, frame: Frame) -> None:
        """Show what has been recorded; does nothing when nothing was added."""
        self._frame = frame
        history = frame.history
        snapshot = frame.snapshot
        lengths = history.length(SERIES_EPISODE), history.length(SERIES_UPDATE)
        key = (frame.run_id, lengths, snapshot.step if self._behind(frame) else None)
        if key == self._drawn:
            return
        self._drawn = key
        if frame.run_id != self._run:
            self._run = frame.run_id
            self.plot.fit()
        now = None
        if self._behind(frame) and isinstance(snapshot, AgentSnapshot):
            now = float(snapshot.env_steps if self.axis.value == STEPS else snapshot.episodes)
        if self.quantity.of_episodes:
            self._draw_episodes(history, now)
        else:
            self._draw_updates(history, now)
        self._now.set_now(now)
        threshold = getattr(getattr(snapshot.spec, "end", None), "threshold", None)
        there = threshold is not None and self._mean.bounds is not None
        self._goal.setVisible(self.quantity.key == "return" and there)
        if threshold is not None:
            self._goal.setValue(float(threshold))

    def render_slow(self) -> None:
        """Say why there is nothing to see, where there is not."""
        empty = self._mean.bounds is None and self._single.bounds is None
        words = ""
        if empty and self._frame is not None:
            words = "No episode has ended yet: press Space."
            if not self.quantity.of_episodes:
                words = f"There is no “{self.quantity.label}” here yet, or this algorithm has none."
        if words != self.note.text():
            self.note.setText(words)
        self.note.setVisible(bool(words))

    def keep_curve(self) -> None:
        """Keep the running mean of the returns of this run."""
        frame = self._frame
        if frame is None or not frame.history.length(SERIES_EPISODE):
            return
        rows = frame.history.series(SERIES_EPISODE)
        mean, _ = running(np.asarray(rows.columns["return"], dtype=np.float64))
        steps = np.asarray(rows.columns["env_step"], dtype=np.float64)
        episodes = np.arange(1.0, len(mean) + 1.0)
        snapshot = frame.snapshot
        name = snapshot.spec.learner.title if isinstance(snapshot, AgentSnapshot) else "run"
        kept = Kept(f"{name}, seed {frame.seed}", steps, episodes, mean)
        self._kept = [*self._kept, kept][-MOST_KEPT:]
        self._draw_kept()

    def forget_curves(self) -> None:
        """Take all kept curves away."""
        self._kept.clear()
        self._draw_kept()

    def save_state(self) -> dict[str, Any]:
        """Return what is drawn against what."""
        return {"quantity": self.choice.value, "axis": self.axis.value}

    def restore_state(self, state: object) -> None:
        """Take up what :meth:`save_state` gave; ignores anything else."""
        if isinstance(state, dict):
            if state.get("axis") in (STEPS, EPISODES):
                self.axis.set_value(state["axis"])
            self.show_quantity(str(state.get("quantity")))

    @staticmethod
    def _behind(frame: Frame) -> bool:
        return frame.snapshot.step < frame.transport.frontier

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.choice)
        head.addWidget(self.axis)
        head.addWidget(self.key, 1000)
        head.addStretch(1)
        head.addWidget(self.forget)
        head.addWidget(self.keep)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(head)
        self._column.addWidget(self.plot, 1)
        self._column.addWidget(self.note)

    def _draw_episodes(self, history: HistoryView, now: float | None) -> None:
        rows = history.series(SERIES_EPISODE)
        values = np.asarray(rows.columns[self.quantity.column], dtype=np.float64)
        steps = np.asarray(rows.columns["env_step"], dtype=np.float64)
        x = steps if self.axis.value == STEPS else np.arange(1.0, len(values) + 1.0)
        mean, spread = running(values)
        self._single.set_data(x, values, now=now)
        self._mean.set_data(x, mean, now=now)
        self._band.set_data(x, mean - spread, mean + spread)

    def _draw_updates(self, history: HistoryView, now: float | None) -> None:
        rows = history.series(SERIES_UPDATE)
        values = np.asarray(rows.columns[self.quantity.column], dtype=np.float64)
        x = np.asarray(rows.columns["env_step"], dtype=np.float64)
        if self.axis.value == EPISODES:
            ends = np.asarray(history.series(SERIES_EPISODE).columns["env_step"])
            x = np.searchsorted(ends, x, side="right").astype(np.float64)
        empty: Floats = np.empty(0)
        self._single.set_data(empty, empty)
        self._band.set_data(empty, empty, empty)
        if np.isfinite(values).any():
            self._mean.set_data(x, values, now=now)
        else:
            self._mean.set_data(empty, empty)

    def _draw_kept(self) -> None:
        for curve in self._kept_curves:
            self.plot.remove(curve)
        self._kept_curves = []
        self.forget.setVisible(bool(self._kept))
        keys = [("mean of 100", "class_plus")] if self.quantity.of_episodes else []
        if self.quantity.key == "return":
            keys += [(kept.label, lane(place)) for place, kept in enumerate(self._kept)]
        self.key.set_keys(keys)
        if self.quantity.key != "return":
            return
        for place, kept in enumerate(self._kept):
            curve = self.plot.add_curve(kept.label, lane(place), width=1.6)
            curve.set_data(kept.steps if self.axis.value == STEPS else kept.episodes, kept.mean)
            self._kept_curves.append(curve)

    def _begin_again(self) -> None:
        quantity = self.quantity
        self._drawn = None
        self.plot.set_labels(str(self.axis.value), quantity.label)
        self.plot.set_log(y=quantity.log)
        self._draw_kept()
        if self._frame is not None:
            self.render_frame(self._frame)
            self.render_slow()
        self.plot.fit()

    def _on_theme_changed(self) -> None:
        self._now.apply_theme()
        self._goal.setPen(theme().pen("ok", 1.2))
        self.choice.setFixedWidth(px(128))
        self._column.setSpacing(px(6))


def running(values: Floats, window: int = WINDOW) -> tuple[Floats, Floats]:
    """Return mean and standard deviation (n,) of the last values, at most ``window`` of them."""
    if not len(values):
        return values, values
    sums = np.concatenate(([0.0], np.cumsum(values)))
    squares = np.concatenate(([0.0], np.cumsum(values**2)))
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - window, 0)
    counts = ends - starts
    mean = (sums[ends] - sums[starts]) / counts
    spread = np.sqrt(np.maximum((squares[ends] - squares[starts]) / counts - mean**2, 0.0))
    return mean, spread
