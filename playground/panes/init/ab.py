"""A/B: the run on stage beside a second set-up with the same seed, data and batches.

B is trained in the background and follows the timeline of A. Histograms of both share their axes,
and one plot holds loss or accuracy of both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from playground.experiments.init_snapshot import (
    SERIES_EPOCH,
    SERIES_LOSS,
    VIEW_HISTOGRAMS,
    InitSnapshot,
)
from playground.experiments.init_spec import (
    ACTIVATION_LABELS,
    SCHEME_LABELS,
    InitSpec,
)
from playground.experiments.spec import SpecError, replace_at
from playground.panes.init.comparison import Recording, SecondRun, differences
from playground.panes.init.key_row import KeyRow
from playground.panes.init.pair_strip import PairStrip
from playground.ui.cards import GroupHead, Verdict
from playground.ui.choice_box import ChoiceBox
from playground.ui.controls import IconButton, NumberField
from playground.ui.elided_label import ElidedLabel
from playground.ui.plots import NowLine, Plot
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.engine.frames import Frame
    from playground.experiments.jobs import JobProgress
    from playground.ui.channel import ChannelClient
    from playground.ui.job_handle import JobHandle

CURVES = (
    ("loss", "loss", "Cost of each batch"),
    ("accuracy", "accuracy", "Share of the test samples that is right, after every epoch"),
)
COLOUR_A, COLOUR_B = "class_plus", "class_minus"
SCHEME, ACTIVATION, NORM = (
    ("weights", "scheme"),
    ("network", "activation"),
    ("network", "batch_norm"),
)
START_WORDS = "Choose what B does differently, then run it: same seed, same data, same batches."


class ComparisonView(QWidget):
    """Chooses B, runs it, and shows both."""

    def __init__(self, channel: ChannelClient, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._channel = channel
        self._handle: JobHandle | None = None
        self._b: InitSpec | None = None
        self._recording: Recording | None = None
        self._frame: Frame | None = None
        self._problem = ""
        self._own = False
        self._derived: object = None
        self._drawn: object = None
        self._fitted: object = None
        self._title = GroupHead("A/B")
        self.scheme = ChoiceBox("Scheme of B", tuple(SCHEME_LABELS.items()), segmented=False)
        self.activation = ChoiceBox(
            "Activation of B", tuple(ACTIVATION_LABELS.items()), segmented=False
        )
        self.norm = IconButton("layers", "Batch normalisation in B", checkable=True, size=16)
        self.pin = IconButton(
            "bookmark", "Take the set-up on stage as B\nThen change the one on stage.", size=16
        )
        self.steps = NumberField("steps of B", value=100, minimum=1, maximum=100_000, integer=True)
        self.steps.setToolTip("How many batches B learns from")
        self.run_button = QPushButton("Run B")
        self.run_button.setProperty("primary", "true")
        self.names = ElidedLabel()
        self.strip = PairStrip()
        self.curve = ChoiceBox("What is drawn", CURVES, value="loss", segmented=True)
        self.plot = Plot("", "loss")
        self.plot.setMinimumHeight(64)
        self.a_curve = self.plot.add_curve("A", COLOUR_A)
        self.b_curve = self.plot.add_curve("B", COLOUR_B)
        self.key = KeyRow(((COLOUR_A, "A"), (COLOUR_B, "B")))
        self._now_line = NowLine()
        self.plot.item.addItem(self._now_line, ignoreBounds=True)
        self.verdict = Verdict("info", START_WORDS)
        self._lay_out()
        self.scheme.edited.connect(lambda value: self._change(SCHEME, value))
        self.activation.edited.connect(lambda value: self._change(ACTIVATION, value))
        self.norm.clicked.connect(lambda on: self._change(NORM, on))
        self.pin.clicked.connect(lambda: self.take_as_b(None))
        self.run_button.clicked.connect(self._on_run_clicked)
        self.curve.edited.connect(lambda _: self._draw_again())
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def running(self) -> bool:
        """Tell whether B is being trained."""
        return self._handle is not None

    @property
    def recording(self) -> Recording | None:
        """What B has done; None before it was run."""
        return self._recording

    def views(self) -> frozenset[str]:
        """Return what is wanted of the training thread: histograms, over whatever ranges."""
        return frozenset({VIEW_HISTOGRAMS})

    def set_alone(self, alone: bool) -> None:
        """Show the name beside the tools when no tab says it."""
        self._title.setVisible(alone)

    def take_as_b(self, spec: InitSpec | None) -> None:
        """Make a set-up B (None: the one on stage); what B did so far is put away."""
        if spec is None:
            there = self._channel.spec
            if not isinstance(there, InitSpec):
                return
            spec = there
        self.cancel()
        self._b = spec
        self._own = True
        self._recording = None
        self._problem = ""
        self._show_b()
        self._draw_again()

    def run(self) -> None:
        """Train B in the background with the seed of A."""
        frame = self._channel.last_frame
        if frame is None or self._b is None or self.running:
            return
        self._problem = ""
        self._own = True
        self._set_running(True)
        steps = int(self.steps.value)
        self._handle = self._channel.start_job(
            SecondRun(self._b, frame.seed, steps),
            on_progress=self._on_progress,
            on_done=self._on_done,
            on_failed=self._on_failed,
        )

    def cancel(self) -> None:
        """Stop B; what it has done stays."""
        handle, self._handle = self._handle, None
        if handle is not None:
            handle.cancel()
        self._set_running(False)

    def render_frame(self, frame: Frame) -> None:
        """Put A's present picture beside B's of the same step."""
        snapshot = frame.snapshot
        if not isinstance(snapshot, InitSnapshot):
            return
        self._frame = frame
        if not self._own and self._derived is not snapshot.spec:
            # Until a person chooses, B goes along with A.
            self._derived = snapshot.spec
            self._b = first_b(snapshot)
            self._show_b()
        recording = self._recording
        b = recording.at(snapshot.step) if recording is not None else None
        self.strip.show_pair(snapshot, b)
        self._draw_curves(frame)

    def render_slow(self, frame: Frame) -> None:
        """Say how the two differ and where they stand."""
        snapshot = frame.snapshot
        if not isinstance(snapshot, InitSnapshot) or self._b is None:
            return
        changed = differences(snapshot.spec, self._b)
        text = f"B: {', '.join(changed)}" if changed else "B is the same set-up as A."
        if text != self.names.text():
            self.names.setText(text)
            self.names.setToolTip(text)
        if not self.running:
            self.verdict.set_verdict(*self._words(frame, snapshot))

    def _words(self, frame: Frame, snapshot: InitSnapshot) -> tuple[Any, str]:
        recording = self._recording
        if self._problem:
            return "warn", self._problem
        if recording is None:
            return "info", START_WORDS
        if recording.seed != frame.seed:
            return "warn", "A has another seed than B now: run B again to compare."
        b = recording.at(snapshot.step)
        if b is None:
            return "info", START_WORDS
        later = "" if b.step == snapshot.step else f" (B at step {b.step:,})"
        return "ok", (
            f"Step {snapshot.step:,}{later}: loss A {snapshot.loss:.4g}, B {b.loss:.4g}; "
            f"accuracy A {100 * snapshot.accuracy:.3g} %, B {100 * b.accuracy:.3g} %."
        )

    def _lay_out(self) -> None:
        self._chooser = QHBoxLayout()
        self._chooser.addWidget(self._title)
        self._chooser.addWidget(self.scheme, 3)
        self._chooser.addWidget(self.activation, 2)
        for button in (self.norm, self.pin):
            self._chooser.addWidget(button)
        self._runner = QHBoxLayout()
        self._runner.addWidget(self.names, 1)
        self._runner.addWidget(self.steps)
        self._runner.addWidget(self.run_button)
        named = QHBoxLayout()
        named.addWidget(self.key, 1)
        named.addWidget(self.curve)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._chooser)
        self._column.addLayout(self._runner)
        self._column.addWidget(self.strip, 3)
        self._column.addLayout(named)
        self._column.addWidget(self.plot, 2)
        self._column.addWidget(self.verdict)

    def _show_b(self) -> None:
        spec = self._b
        if spec is not None:
            self.scheme.set_value(spec.weights.scheme)
            self.activation.set_value(spec.network.activation)
            self.norm.setChecked(spec.network.batch_norm)

    def _change(self, path: tuple[str, ...], value: Any) -> None:
        if self._b is None:
            return
        try:
            changed = replace_at(self._b, path, value)
        except SpecError as error:
            self._problem = str(error)
            self.verdict.set_verdict("warn", self._problem)
            self._show_b()
            return
        self.take_as_b(changed)

    def _draw_curves(self, frame: Frame) -> None:
        quantity = str(self.curve.value)
        recording = self._recording
        name = SERIES_LOSS if quantity == "loss" else SERIES_EPOCH
        length = frame.history.length(name)
        step = frame.snapshot.step
        key = (frame.run_id, quantity, length, step, id(recording))
        if key == self._drawn:
            return
        self._drawn = key
        series = frame.history.series(name)
        column = "loss" if quantity == "loss" else "test_accuracy"
        scale = 1.0 if quantity == "loss" else 100.0
        behind = step < frame.transport.frontier
        values = scale * np.asarray(series.columns[column], np.float64)
        self.a_curve.set_data(series.steps, values, now=float(step) if behind else None)
        if recording is None:
            self.b_curve.clear()
        else:
            loss = (recording.steps, recording.loss)
            steps, other = (
                loss if quantity == "loss" else (recording.test_steps, recording.test_accuracy)
            )
            self.b_curve.set_data(
                np.asarray(steps, np.float64), scale * np.asarray(other, np.float64)
            )
        self._now_line.set_now(float(step) if behind or recording is not None else None)
        fitted = (frame.run_id, quantity)
        if fitted != self._fitted:
            self._fitted = fitted
            self.plot.fit()

    def _draw_again(self) -> None:
        unit = "%" if self.curve.value == "accuracy" else ""
        words = "test accuracy" if unit else "loss"
        self.plot.set_labels("", words, y_unit=unit)
        self._drawn = self._fitted = None
        if self._frame is not None:
            self.render_frame(self._frame)
            self.render_slow(self._frame)

    def _on_run_clicked(self) -> None:
        if self.running:
            self.cancel()
        else:
            self.run()

    def _on_progress(self, progress: JobProgress) -> None:
        self.verdict.set_verdict("busy", f"Running B: {progress.message}")
        if progress.partial is not None:
            self._take(progress.partial)

    def _on_done(self, recording: Recording) -> None:
        self._handle = None
        self._set_running(False)
        self._take(recording)

    def _on_failed(self, sentence: str) -> None:
        self._handle = None
        self._set_running(False)
        self._problem = sentence
        self.verdict.set_verdict("warn", sentence)

    def _take(self, recording: Recording) -> None:
        self._recording = recording
        if self._frame is not None:
            self.render_frame(self._frame)

    def _set_running(self, running: bool) -> None:
        self.run_button.setText("Cancel" if running else "Run B")

    def _on_theme_changed(self) -> None:
        self.steps.setFixedWidth(px(64))
        self._now_line.apply_theme()
        for row in (self._chooser, self._runner):
            row.setSpacing(px(4))
        self._column.setSpacing(px(6))


def first_b(snapshot: InitSnapshot) -> InitSpec:
    """Return what A is compared with at first: the repair, or another usual scheme."""
    repair = snapshot.verdict.repair
    spec = snapshot.spec
    try:
        if repair is not None:
            return replace_at(spec, repair.path, repair.value)
    except SpecError:
        # A repair that does not fit this network: the usual scheme does.
        pass
    other = "he normal" if spec.weights.scheme != "he normal" else "xavier normal"
    return replace_at(spec, SCHEME, other)
