"""The skill slider: policies from the first weights to now fly the same start."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSlider, QVBoxLayout, QWidget
from typing_extensions import override

from playground.panes.agents.films import Film, Ghost, film_of, return_text, steps_text
from playground.panes.agents.flights import FlightDesk, Order
from playground.panes.agents.key_dots import KeyDots
from playground.ui.choice_box import ChoiceBox
from playground.ui.controls import IconButton, SeedField
from playground.ui.elided_label import ElidedLabel
from playground.ui.icons import themed_icon
from playground.ui.plots import NowLine, Plot
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

    from playground.environments.vector import WorldOptions
    from playground.experiments.agents_policy import Policy
    from playground.experiments.agents_snapshot import AgentSnapshot, ShownEpisode
    from playground.experiments.agents_spec import Mode
    from playground.experiments.bundled_agents import AgentFile

RUN = "run"
PLOT_FROM, AXIS_NAME_FROM = 150, 260
MOST_GHOSTS = 6
FIRST_SEED = 10_000
MODES = (
    ("greedy", "greedy", "Always the action thought best"),
    ("sampled", "as in training", "Actions are drawn as in training"),
)
LARGEST_EPISODE_SEED = 2**31 - 2


@dataclass(frozen=True, slots=True, eq=False)
class Notch:
    """One policy of the slider.

    Parameters
    ----------
    env_step
        Steps of training behind it.
    policy
        Who flies.
    score
        Mean return known of it, NaN where none is.
    """

    env_step: int
    policy: Policy
    score: float


class SkillView(QWidget):
    """A slider over policies; the chosen one flies at once.

    Signals
    -------
    film_ready(object)
        A :class:`~playground.panes.agents.films.Film` to be played.
    source_chosen(str)
        A person wants the policies of ``"run"`` or of a bundled agent.
    """

    film_ready = Signal(object)
    source_chosen = Signal(str)

    def __init__(self, desk: FlightDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._run: tuple[Notch, ...] = ()
        self._run_options: WorldOptions | None = None
        self._notches: tuple[Notch, ...] = ()
        self._options: WorldOptions | None = None
        self._label = ""
        self._wanted = 0
        self._sources: tuple[tuple[str, str], ...] = ((RUN, "this run"),)
        self.source = ChoiceBox("Whose policies", self._sources, value=RUN, segmented=False)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Policy, from the first to the last")
        self.slider.setToolTip("Drag from the first weights to the last; the same start is flown.")
        self.slider.setTickPosition(QSlider.TickPosition.TicksBelow)
        self.slider.setTickInterval(1)
        self.slider.setPageStep(1)
        self.words = ElidedLabel()
        self.seed = SeedField("start", value=FIRST_SEED, maximum=LARGEST_EPISODE_SEED)
        self.seed.setToolTip("Flights with the same number have the same start.")
        self.mode = ChoiceBox("How it is flown", MODES, value="greedy", segmented=True)
        self.together = QPushButton(" Fly together")
        self.together.setToolTip("Several policies fly this start at once, earlier ones as ghosts")
        themed_icon(self.together, "layers")
        self.previous = IconButton("chevron-left", "Earlier policy", size=16)
        self.following = IconButton("chevron-right", "Later policy", size=16)
        self.plot = Plot("", "return")
        self.plot.setMinimumHeight(56)
        self._known = self.plot.add_curve("mean of its time", "class_plus", width=2.0)
        self._flown = self.plot.add_curve("on this start", "class_minus", width=1.6)
        self.key = KeyDots()
        self._now = NowLine()
        self.plot.item.addItem(self._now, ignoreBounds=True)
        self._lay_out()
        self._connect()
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def notches(self) -> tuple[Notch, ...]:
        """The policies of the slider."""
        return self._notches

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(240), px(140))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # A low card keeps the slider; the curve comes where there is room for it.
        self.plot.setVisible(self.height() >= px(PLOT_FROM))
        self.plot.set_labels("steps" if self.height() >= px(AXIS_NAME_FROM) else "", "return")
        self._show_key()

    def set_sources(self, sources: Sequence[tuple[str, str]]) -> None:
        """Offer bundled agents beside the run."""
        self._sources = ((RUN, "this run"), *sources)
        self.source.set_choices(self._sources)
        if self.source.value is None:
            self.source.set_value(RUN)

    def add_source(self, key: str, label: str) -> None:
        """Offer the agent of a file as well."""
        if all(key != known for known, _ in self._sources):
            self.set_sources((*self._sources[1:], (key, label)))

    def show_snapshot(self, snapshot: AgentSnapshot) -> None:
        """Take up the policies of the run."""
        if len(snapshot.skills) != len(self._run) or snapshot.options != self._run_options:
            self._run = tuple(
                Notch(skill.env_step, skill.policy, skill.recent) for skill in snapshot.skills
            )
            self._run_options = snapshot.options
            if self.source.value == RUN:
                self._take(self._run, snapshot.options, "")

    def show_file(self, key: str, found: AgentFile) -> None:
        """Take up the policies of a file."""
        self.source.set_value(key)
        notches = tuple(
            Notch(each.env_step, each.policy, each.score.mean if each.score else math.nan)
            for each in found.checkpoints
        )
        self._take(notches, found.options, found.label)

    def show_run(self) -> None:
        """Take up the policies of the run again."""
        self.source.set_value(RUN)
        if self._run_options is not None:
            self._take(self._run, self._run_options, "")

    def go_to(self, place: int) -> None:
        """Let another policy fly."""
        place = min(max(place, 0), len(self._notches) - 1)
        if self.slider.value() != place:
            self.slider.setValue(place)
        else:
            self._fly()

    def fly_together(self) -> None:
        """Let several policies fly the same start, the last one in front."""
        orders = [self._order(notch) for notch in _spread(self._notches, MOST_GHOSTS)]
        if orders:
            self._desk.fly(orders, self._on_together)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.source)
        head.addWidget(self.mode)
        head.addStretch(1)
        head.addWidget(self.seed)
        row = QHBoxLayout()
        row.addWidget(self.previous)
        row.addWidget(self.slider, 1)
        row.addWidget(self.following)
        row.addWidget(self.together)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(head)
        self._column.addLayout(row)
        self._column.addWidget(self.words)
        self._column.addWidget(self.plot, 1000)
        self._column.addWidget(self.key)
        self._column.addStretch(1)

    def _connect(self) -> None:
        self.slider.valueChanged.connect(lambda _: self._fly())
        self.seed.edited.connect(lambda _: self._fly())
        self.mode.edited.connect(lambda _: self._fly())
        self.source.edited.connect(self._on_source)
        self.together.clicked.connect(self.fly_together)
        self.previous.clicked.connect(lambda: self.go_to(self.slider.value() - 1))
        self.following.clicked.connect(lambda: self.go_to(self.slider.value() + 1))

    def _on_source(self, key: str) -> None:
        if key == RUN:
            self.show_run()
        self.source_chosen.emit(key)

    def _take(self, notches: tuple[Notch, ...], options: WorldOptions, label: str) -> None:
        self._notches, self._options, self._label = notches, options, label
        last = max(len(notches) - 1, 0)
        at_end = self.slider.value() >= self.slider.maximum()
        self.slider.blockSignals(True)
        self.slider.setRange(0, last)
        if at_end or self.slider.value() > last:
            self.slider.setValue(last)
        self.slider.blockSignals(False)
        for widget in (self.slider, self.together, self.previous, self.following):
            widget.setEnabled(bool(notches))
        self._say()
        self._draw()
        self.plot.fit()

    def _order(self, notch: Notch) -> Order:
        mode: Mode = "sampled" if self.mode.value == "sampled" else "greedy"
        assert self._options is not None
        return Order(notch.policy, self._options, self.seed.value, mode, notch.env_step)

    def _fly(self) -> None:
        self._say()
        self._draw()
        if not self._notches:
            return
        self._wanted += 1
        wanted, notch = self._wanted, self._notches[self.slider.value()]

        def done(flown: list[ShownEpisode]) -> None:
            if wanted == self._wanted:
                self.film_ready.emit(self._film(notch, flown[0]))
                self._draw()

        self._desk.fly([self._order(notch)], done)

    def _on_together(self, flown: list[ShownEpisode]) -> None:
        *earlier, last = flown
        notch = next(n for n in self._notches if n.policy is last.policy)
        ghosts = tuple(
            Ghost(shown.episode, f"after {steps_text(shown.env_step)}") for shown in earlier
        )
        self.film_ready.emit(self._film(notch, last).with_ghosts(ghosts))
        self._draw()

    def _film(self, notch: Notch, shown: ShownEpisode) -> Film:
        who = f"{self._label}, " if self._label else ""
        title = f"{who}after {steps_text(notch.env_step)} steps"
        key = ("skill", id(notch.policy), shown.episode.options, shown.seed, shown.mode)
        return film_of(shown, title[:1].upper() + title[1:], key)

    def _say(self) -> None:
        if not self._notches:
            self.words.setText("No policies yet: press Space and let it learn.")
            return
        notch = self._notches[self.slider.value()]
        words = f"After {notch.env_step:,} steps of training"
        if not math.isnan(notch.score):
            words += f", mean return {return_text(notch.score)}"
        known = self._desk.known(self._order(notch))
        if known is not None:
            words += f"; on this start {return_text(known.total)}, {known.end}"
        self.words.setText(words)

    def _draw(self) -> None:
        self._say()
        steps = np.array([notch.env_step for notch in self._notches], dtype=np.float64)
        scores = np.array([notch.score for notch in self._notches], dtype=np.float64)
        known = [self._desk.known(self._order(notch)) for notch in self._notches]
        totals = np.array([math.nan if shown is None else shown.total for shown in known])
        flown = np.isfinite(totals)
        self._known.set_data(steps[np.isfinite(scores)], scores[np.isfinite(scores)])
        self._flown.set_data(steps[flown], totals[flown])
        self._now.set_now(float(steps[self.slider.value()]) if len(steps) else None)
        self._show_key()

    def _show_key(self) -> None:
        """Tell the curves apart that are there, where there is room for them."""
        curves = ((self._known, "mean then"), (self._flown, "on this start"))
        self.key.set_keys([(words, curve.color) for curve, words in curves if curve.bounds])
        self.key.setVisible(bool(self.key.keys) and self.height() >= px(PLOT_FROM))

    def _on_theme_changed(self) -> None:
        self._now.apply_theme()
        self.source.setFixedWidth(px(150))
        self.seed.setFixedWidth(px(120))
        self._column.setSpacing(px(6))


def _spread(notches: Sequence[Notch], most: int) -> list[Notch]:
    """Return at most so many policies, the first and the last among them, evenly spread."""
    if len(notches) <= most:
        return list(notches)
    places = np.unique(np.linspace(0, len(notches) - 1, most).round().astype(int))
    return [notches[place] for place in places]
