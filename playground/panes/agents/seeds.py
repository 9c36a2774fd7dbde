"""Several seeds: the same settings trained over and over, with the mean and the spread of it.

The study runs in the background beside the run on stage. Every result stays until it is forgotten,
so that algorithms and settings can be compared, each with a band of its own.
"""

from __future__ import annotations

import csv
import io
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyqtgraph as pg
from PySide6.QtCore import QSize
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from playground.experiments.agents_seeds import (
    FEWEST_SEEDS,
    FEWEST_STEPS,
    MOST_SEEDS,
    MOST_STEPS,
    Axis,
    SeedsResult,
    SeedsStudy,
    labels_of,
)
from playground.experiments.agents_spec import AgentSpec
from playground.experiments.jobs import JobError
from playground.panes.agents.curves import AXES, AXIS_NAMES, STEPS
from playground.panes.agents.key_dots import KeyDots
from playground.panes.agents.seed_graphs import RANGE, SPREAD, SeedGraphs
from playground.ui.cards import EmptyState, Verdict
from playground.ui.choice_box import ChoiceBox
from playground.ui.controls import IconButton, NumberSlider
from playground.ui.elided_label import ElidedLabel
from playground.ui.plots import Plot
from playground.ui.theme import lane, px, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from playground.experiments.jobs import JobProgress
    from playground.ui.channel import ChannelClient
    from playground.ui.job_handle import JobHandle

BANDS = (
    (SPREAD, "± std", "Mean ± the standard deviation between the seeds"),
    (RANGE, "min–max", "From the worst to the best seed at every place"),
)
BAND_WORDS = {SPREAD: "mean ± std", RANGE: "mean, min–max"}
Y_NAME = "mean of 100"
MOST_RESULTS = 6
LOW_BELOW = 300
QUESTION = (
    "How much of a curve is the algorithm, and how much is luck? The present settings are trained "
    "with several seeds; other algorithms and settings can then be put beside them."
)


class SeedsView(QWidget):
    """Runs the study and shows one band for each of the last results."""

    def __init__(self, channel: ChannelClient, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._channel = channel
        self._handle: JobHandle | None = None
        self._results: list[SeedsResult] = []
        self._partial: SeedsResult | None = None
        self._shown: list[SeedGraphs] = []
        self._low: bool | None = None
        self.seeds = NumberSlider(
            "seeds",
            FEWEST_SEEDS,
            MOST_SEEDS,
            value=5,
            integer=True,
            inline=True,
            help="So many runs, with the seed of the run on stage and the next ones.",
        )
        self.steps = NumberSlider(
            "steps",
            10_000,
            1_000_000,
            value=100_000,
            allowed=(FEWEST_STEPS, MOST_STEPS),
            log=True,
            integer=True,
            inline=True,
            help="Length of every run, in steps of all its worlds together.",
        )
        self.band = ChoiceBox("The band", BANDS, value=SPREAD, segmented=True)
        self.axis = ChoiceBox("Against what", AXES, value=STEPS, segmented=True)
        self.run_button = QPushButton("Train")
        self.run_button.setProperty("primary", "true")
        self.run_button.setToolTip("Train the present settings with all seeds, or stop that")
        self.settings_button = IconButton("sliders-horizontal", "Show or hide the settings")
        self.settings_button.setCheckable(True)
        self.settings_button.setChecked(True)
        self.forget = IconButton("trash-2", "Forget all results", size=16)
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.plot = Plot("steps", Y_NAME)
        self.plot.setMinimumHeight(80)
        self._goal = pg.InfiniteLine(angle=0, movable=False)
        self.plot.item.addItem(self._goal, ignoreBounds=True)
        self.empty = EmptyState(QUESTION, icon_name="layers")
        self.key = KeyDots()
        self.verdict = Verdict()
        self.line = ElidedLabel()
        self._lay_out()
        self._connect()
        self._show_words()
        self._set_running(False)
        self._draw()
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def running(self) -> bool:
        """Tell whether a study is under way."""
        return self._handle is not None

    @property
    def results(self) -> tuple[SeedsResult, ...]:
        """The results on screen, the oldest first, and what there is of the running one."""
        partial = () if self._partial is None else (self._partial,)
        return (*self._results, *partial)

    @property
    def kept(self) -> tuple[SeedsResult, ...]:
        """The results of the studies that are over, the oldest first."""
        return tuple(self._results)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(240), px(140))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        low = event.size().height() < px(LOW_BELOW)
        # Where the card is low there is room for the settings or for the picture.
        if low != self._low:
            self._low = low
            self.settings_button.setChecked(not (low and (self.results or self.running)))
            self._show_words()

    def run(self) -> None:
        """Start the study on the present settings."""
        frame = self._channel.last_frame
        spec = frame.snapshot.spec if frame is not None else None
        if frame is None or not isinstance(spec, AgentSpec) or self.running:
            return
        try:
            job = SeedsStudy(
                spec,
                first_seed=frame.seed,
                seeds=int(self.seeds.value),
                env_steps=int(self.steps.value),
                clock=time.perf_counter,
            )
        except JobError as error:
            self._say("warn", str(error))
            return
        self._say("busy", f"{spec.title}: starting")
        self._set_running(True)
        if self._low:
            self.settings_button.setChecked(False)
        self._handle = self._channel.start_job(
            job, on_progress=self._on_progress, on_done=self._on_done, on_failed=self._on_failed
        )

    def cancel(self) -> None:
        """Stop the study; the curves stay as far as they came."""
        handle, self._handle = self._handle, None
        partial, self._partial = self._partial, None
        if handle is None:
            return
        handle.cancel()
        self._set_running(False)
        if partial is not None and partial.band() is not None:
            done = min(float(curve.env_steps[-1]) for curve in partial.sound)
            self._keep(replace(partial, env_steps=int(done)))
        self._draw()
        self._say_latest("Stopped. ")

    def forget_results(self) -> None:
        """Take all results away; a running study goes on."""
        self._results.clear()
        self._draw()
        if not self.running:
            self._say("info", "")

    def csv(self) -> str:
        """Return one row for every training episode of every seed; empty without a result."""
        if not self._results:
            return ""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("run", "seed", "episode", "env_step", "seconds", "return", "mean"))
        for label, result in zip(labels_of(self._results), self._results, strict=True):
            for curve in result.curves:
                columns = (curve.env_steps, curve.seconds, curve.returns, curve.mean)
                rows = zip(*(column.tolist() for column in columns), strict=True)
                writer.writerows(
                    (label, curve.seed, place, int(step), *others)
                    for place, (step, *others) in enumerate(rows, 1)
                )
        return text.getvalue()

    def save_state(self) -> dict[str, Any]:
        """Return the settings."""
        return {
            "seeds": int(self.seeds.value),
            "steps": int(self.steps.value),
            "band": self.band.value,
            "axis": self.axis.value,
        }

    def restore_state(self, state: object) -> None:
        """Take up what :meth:`save_state` gave; ignores anything else."""
        if not isinstance(state, dict):
            return
        for slider, key, low, high in (
            (self.seeds, "seeds", FEWEST_SEEDS, MOST_SEEDS),
            (self.steps, "steps", FEWEST_STEPS, MOST_STEPS),
        ):
            value = state.get(key)
            if type(value) is int and low <= value <= high:
                slider.set_value(value)
        if state.get("band") in tuple(BAND_WORDS):
            self.band.set_value(state["band"])
        if state.get("axis") in tuple(AXIS_NAMES):
            self.axis.set_value(state["axis"])
        self._draw()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.axis)
        head.addWidget(self.band)
        head.addStretch(1)
        head.addWidget(self.forget)
        head.addWidget(self.settings_button)
        head.addWidget(self.run_button)
        self.knobs = QWidget()
        knobs = QHBoxLayout(self.knobs)
        knobs.setContentsMargins(0, 0, 0, 0)
        knobs.addWidget(self.seeds, 2)
        knobs.addWidget(self.steps, 3)
        self._knobs = knobs
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.plot)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(head)
        for widget, stretch in (
            (self.knobs, 0),
            (self.progress, 0),
            (self._stack, 1),
            (self.key, 0),
            (self.verdict, 0),
            (self.line, 0),
        ):
            self._column.addWidget(widget, stretch)

    def _connect(self) -> None:
        self.run_button.clicked.connect(lambda: self.cancel() if self.running else self.run())
        self.settings_button.toggled.connect(self.knobs.setVisible)
        self.forget.clicked.connect(self.forget_results)
        self.band.edited.connect(lambda _: self._draw())
        self.axis.edited.connect(lambda _: self._draw(fit=True))

    def _on_progress(self, progress: JobProgress) -> None:
        self.progress.setValue(int(1000 * progress.fraction))
        if progress.message:
            self._say("busy", progress.message[:1].upper() + progress.message[1:])
        if progress.partial is not None and progress.partial is not self._partial:
            self._partial = progress.partial
            self._draw()

    def _on_done(self, result: SeedsResult) -> None:
        self._handle = self._partial = None
        self._set_running(False)
        self._keep(result)
        self._draw(fit=True)
        self._say_latest()

    def _on_failed(self, sentence: str) -> None:
        self._handle = self._partial = None
        self._set_running(False)
        self._draw()
        self._say("warn", sentence)

    def _keep(self, result: SeedsResult) -> None:
        """Put a result beside the others, in the place of an equal one."""
        others = [other for other in self._results if other.key != result.key]
        self._results = [*others, result][-MOST_RESULTS:]

    def _draw(self, *, fit: bool = False) -> None:
        results = self.results
        self._stack.setCurrentIndex(1 if results else 0)
        self.forget.setVisible(bool(self._results))
        # A curve more may begin earlier than the others: growing to it would leave a gap before it.
        fit = self._match(results) or fit
        axis: Axis = self.axis.value
        name, unit = AXIS_NAMES[axis]
        self.plot.set_labels(name, Y_NAME, x_unit=unit)
        keys = []
        for place, (label, result) in enumerate(zip(labels_of(results), results, strict=True)):
            self._shown[place].draw(result, axis, self.band.value)
            keys.append((label, lane(place)))
        if keys:
            counts = sorted({len(result.curves) for result in results})
            seeds = "–".join(str(count) for count in counts[:1] + counts[1:][-1:])
            keys.append((f"{BAND_WORDS[self.band.value]} of {seeds} seeds", "muted"))
        self.key.set_keys(keys)
        self._goal.setVisible(bool(results))
        if results:
            self._goal.setValue(results[-1].spec.end.threshold)
        if fit:
            self.plot.fit()

    def _match(self, results: tuple[SeedsResult, ...]) -> bool:
        """Have as many curves in the plot as there are results with seeds; tell if that changed."""
        wanted = [len(result.curves) for result in results]
        if [len(shown.each) for shown in self._shown] == wanted:
            return False
        for shown in self._shown:
            shown.remove_from(self.plot)
        self._shown = [
            SeedGraphs(self.plot, lane(place), count) for place, count in enumerate(wanted)
        ]
        return True

    def _say_latest(self, before: str = "") -> None:
        if self._results:
            self._say("ok", f"{before}{self._results[-1].words}")
        else:
            self._say(
                "info", before and f"{before}Too few episodes had ended to compare the seeds."
            )

    def _say(self, kind: Any, sentence: str) -> None:
        self.verdict.set_verdict(kind, sentence)
        self.line.setText(sentence)
        self.line.setToolTip(sentence)
        self._show_words()

    def _show_words(self) -> None:
        """Show the sentence in full, or where the card is low in one line."""
        there = bool(self.verdict.text)
        self.verdict.setVisible(there and not self._low)
        self.line.setVisible(there and bool(self._low))

    def _set_running(self, running: bool) -> None:
        self.run_button.setText("Cancel" if running else "Train")
        self.progress.setVisible(running)
        self.progress.setValue(0)
        self.knobs.setEnabled(not running)

    def _on_theme_changed(self) -> None:
        self._goal.setPen(theme().pen("ok", 1.2))
        self._column.setSpacing(px(6))
        self._knobs.setSpacing(px(16))
