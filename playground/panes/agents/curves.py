"""How learning goes: returns, lengths, losses and rates against steps, episodes or seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from playground.experiments.agents_seeds import WINDOW, running
from playground.experiments.agents_snapshot import SERIES_EPISODE, SERIES_UPDATE, AgentSnapshot
from playground.panes.agents.band import Band
from playground.panes.agents.key_dots import KeyDots
from playground.ui.choice_box import ChoiceBox
from playground.ui.controls import IconButton
from playground.ui.plots import NowLine, Plot, SeriesCurve
from playground.ui.theme import lane, px, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.engine.frames import Frame
    from playground.engine.history import HistoryView, SeriesView
    from playground.panes.agents.stopwatch import Stopwatch

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
STEPS, EPISODES, SECONDS = "steps", "episodes", "seconds"
AXES = (
    (STEPS, "steps", "Against the steps of all worlds: fair between algorithms"),
    (EPISODES, "episodes", "Against the number of finished episodes"),
    (SECONDS, "seconds", "Against the measured time of the run's own training on this machine"),
)
AXIS_NAMES = {STEPS: ("steps", ""), EPISODES: ("episodes", ""), SECONDS: ("training time", "s")}
MOST_KEPT = 6


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """The running mean of an earlier run."""

    label: str
    steps: Floats
    episodes: Floats
    seconds: Floats
    mean: Floats

    def against(self, axis: str) -> Floats:
        """Return where on an axis the episodes ended."""
        return {STEPS: self.steps, EPISODES: self.episodes, SECONDS: self.seconds}[axis]


class CurvesView(QWidget):
    """One plot; what is rewound stays faint, earlier runs can be kept beside it."""

    def __init__(self, stopwatch: Stopwatch, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stopwatch = stopwatch
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
        self._band = Band()
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
            now = self._place_of(frame, snapshot)
        with self.plot.batch():
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
            elif self._frame.history.length(SERIES_EPISODE):
                words = "How long it trained is not known yet: press Space."
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
        seconds = self._stopwatch.seconds(frame.run_id, rows.steps)
        snapshot = frame.snapshot
        name = snapshot.spec.learner.title if isinstance(snapshot, AgentSnapshot) else "run"
        kept = Kept(f"{name}, seed {frame.seed}", steps, episodes, seconds, mean)
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
            if state.get("axis") in tuple(AXIS_NAMES):
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
        counted = self.axis.value == EPISODES
        x = np.arange(1.0, len(values) + 1.0) if counted else self._along(rows)
        if not np.isfinite(x).all():
            x = values = np.empty(0)
        mean, spread = running(values)
        self._single.set_data(x, values, now=now)
        self._mean.set_data(x, mean, now=now)
        self._band.set_data(x, mean - spread, mean + spread)

    def _draw_updates(self, history: HistoryView, now: float | None) -> None:
        rows = history.series(SERIES_UPDATE)
        values = np.asarray(rows.columns[self.quantity.column], dtype=np.float64)
        x = self._along(rows)
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

    def _along(self, rows: SeriesView) -> Floats:
        """Return where rows are on the axis of seconds, or of steps."""
        if self.axis.value == SECONDS and self._frame is not None:
            return self._stopwatch.seconds(self._frame.run_id, rows.steps)
        return np.asarray(rows.columns["env_step"], dtype=np.float64)

    def _place_of(self, frame: Frame, snapshot: AgentSnapshot) -> float:
        """Return where the picture stands on the axis."""
        if self.axis.value == SECONDS:
            return float(self._stopwatch.seconds(frame.run_id, np.array([snapshot.step]))[0])
        return float(snapshot.env_steps if self.axis.value == STEPS else snapshot.episodes)

    def _draw_kept(self) -> None:
        for curve in self._kept_curves:
            self.plot.remove(curve)
        self._kept_curves = []
        self.forget.setVisible(bool(self._kept))
        keys = []
        if self.quantity.of_episodes:
            keys = [(f"mean of {WINDOW} ± std", "class_plus"), ("each episode", "faint")]
        if self.quantity.key == "return":
            keys += [(kept.label, lane(place)) for place, kept in enumerate(self._kept)]
        self.key.set_keys(keys)
        if self.quantity.key != "return":
            return
        for place, kept in enumerate(self._kept):
            curve = self.plot.add_curve(kept.label, lane(place), width=1.6)
            curve.set_data(kept.against(str(self.axis.value)), kept.mean)
            self._kept_curves.append(curve)

    def _begin_again(self) -> None:
        quantity = self.quantity
        self._drawn = None
        name, unit = AXIS_NAMES[str(self.axis.value)]
        self.plot.set_labels(name, quantity.label, x_unit=unit)
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
