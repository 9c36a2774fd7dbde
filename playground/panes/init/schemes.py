"""All schemes: the same network learns the digits from each of them, with the same draws."""

from __future__ import annotations

import csv
import io
import math
from typing import TYPE_CHECKING, Final, get_args

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from playground.experiments.init_snapshot import InitSnapshot
from playground.experiments.init_spec import ACTIVATION_LABELS, SCHEME_LABELS, Scheme
from playground.panes.init.jobs import race_job
from playground.ui.cards import GroupHead, Verdict
from playground.ui.controls import NumberField
from playground.ui.number_table import NumberRow, NumberTable
from playground.ui.plots import Bounds, Plot
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.engine.frames import Frame
    from playground.experiments.init_studies import SchemeCurve, SchemeRaceResult
    from playground.experiments.jobs import JobProgress
    from playground.ui.channel import ChannelClient
    from playground.ui.job_handle import JobHandle
    from playground.ui.plots import SeriesCurve

SCHEMES: Final[tuple[Scheme, ...]] = get_args(Scheme)
COLOURS: Final[dict[Scheme, str]] = {
    "zeros": "faint",
    "constant": "muted",
    "standard normal": "lane:5",
    "normal": "lane:0",
    "uniform": "lane:0",
    "lecun normal": "lane:1",
    "lecun uniform": "lane:1",
    "xavier normal": "lane:2",
    "xavier uniform": "lane:2",
    "he normal": "lane:6",
    "he uniform": "lane:6",
    "orthogonal": "text",
}
THIN: Final = frozenset({"uniform", "lecun uniform", "xavier uniform", "he uniform"})
WORDS = "The network on stage learns the digits from every scheme"


class SchemesView(QWidget):
    """Test accuracy over epochs, one curve a scheme, and a table of where each ended."""

    def __init__(self, channel: ChannelClient, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._channel = channel
        self._handle: JobHandle | None = None
        self._told = False
        self.result: SchemeRaceResult | None = None
        self._title = GroupHead("Schemes")
        self.epochs = NumberField("epochs", value=10, minimum=1, maximum=200, integer=True)
        self.epochs.setToolTip("Epochs: how often every scheme sees all training digits")
        self.run_button = QPushButton("Run")
        self.run_button.setProperty("primary", "true")
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.hide()
        self.plot = Plot("epoch", "test right", y_unit="%")
        self.plot.setMinimumHeight(70)
        self.curves: dict[Scheme, SeriesCurve] = {
            scheme: self.plot.add_curve(
                SCHEME_LABELS[scheme], COLOURS[scheme], width=1.3 if scheme in THIN else 2.4
            )
            for scheme in SCHEMES
        }
        self.table = NumberTable(
            (
                NumberRow(s, SCHEME_LABELS[s], "Test accuracy at the end", COLOURS[s])
                for s in SCHEMES
            ),
            columns=2,
        )
        self.verdict = Verdict("info", f"{WORDS}.")
        self._head = QHBoxLayout()
        self._head.addWidget(self._title)
        self._head.addStretch(1)
        self._head.addWidget(QLabel("epochs"))
        self._head.addWidget(self.epochs)
        self._head.addWidget(self.run_button)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._head)
        self._column.addWidget(self.progress)
        self._column.addWidget(self.plot, 1)
        self._column.addWidget(self.table)
        self._column.addWidget(self.verdict)
        self.run_button.clicked.connect(self._on_run_clicked)
        self.epochs.edited.connect(lambda _: self._show_range())
        self._show_range()
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def running(self) -> bool:
        """Tell whether the schemes are being trained."""
        return self._handle is not None

    def set_alone(self, alone: bool) -> None:
        """Show the name beside the tools when no tab says it."""
        self._title.setVisible(alone)

    def run(self) -> None:
        """Train the network on stage from every scheme."""
        frame = self._channel.last_frame
        if frame is None or not isinstance(frame.snapshot, InitSnapshot) or self.running:
            return
        for curve in self.curves.values():
            curve.clear()
        self.table.set_values(dict.fromkeys(SCHEMES, "–"))
        self.result = None
        self._show_range()
        self._told = True
        self._set_running(True)
        self._handle = self._channel.start_job(
            race_job(frame.snapshot.spec, frame.seed, int(self.epochs.value)),
            on_progress=self._on_progress,
            on_done=self._on_done,
            on_failed=self._on_failed,
        )

    def cancel(self) -> None:
        """Stop; what is drawn so far stays."""
        handle, self._handle = self._handle, None
        if handle is not None:
            handle.cancel()
            self.verdict.set_verdict("info", "Stopped; the chart shows what was done.")
        self._set_running(False)

    def csv(self) -> str:
        """Return the result as a table; empty without one."""
        if self.result is None:
            return ""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("scheme", "epoch", "train_loss", "test_accuracy"))
        for curve in self.result.curves:
            rows = zip(curve.train_loss.tolist(), curve.test_accuracy.tolist(), strict=True)
            writer.writerows((curve.scheme, epoch, *row) for epoch, row in enumerate(rows, 1))
        return text.getvalue()

    def render_slow(self, frame: Frame) -> None:
        """Say what would be run; the result stays until the next one."""
        if self._told or self.running:
            return
        if isinstance(frame.snapshot, InitSnapshot):
            network = frame.snapshot.spec.network
            depth = len(network.hidden)
            layers = "1 hidden layer" if depth == 1 else f"{depth} hidden layers"
            self.verdict.set_verdict(
                "info", f"{WORDS}: {layers}, {ACTIVATION_LABELS[network.activation]}."
            )

    def _on_run_clicked(self) -> None:
        if self.running:
            self.cancel()
        else:
            self.run()

    def _on_progress(self, progress: JobProgress) -> None:
        self.progress.setValue(int(1000 * progress.fraction))
        self.verdict.set_verdict("busy", f"Training from: {progress.message}")
        if progress.partial is not None:
            self._draw(progress.partial.curves)

    def _on_done(self, result: SchemeRaceResult) -> None:
        self._handle = None
        self.result = result
        self._set_running(False)
        self._draw(result.curves)
        summary = result.summary
        self.verdict.set_verdict("ok", f"{summary[:1].upper()}{summary[1:]}.")

    def _on_failed(self, sentence: str) -> None:
        self._handle = None
        self._set_running(False)
        self.verdict.set_verdict("warn", sentence)

    def _draw(self, curves: tuple[SchemeCurve, ...]) -> None:
        for curve in curves:
            accuracy = 100.0 * curve.test_accuracy
            epochs = np.arange(1.0, len(accuracy) + 1)
            self.curves[curve.scheme].set_data(epochs, accuracy)
            last = float(accuracy[-1])
            text = "diverged" if not math.isfinite(last) else f"{last:.1f} %"
            self.table.set_values({curve.scheme: text})

    def _show_range(self) -> None:
        """Show all epochs and shares that there can be, as long as there is no curve."""
        if all(curve.bounds is None for curve in self.curves.values()):
            self.plot.set_range(Bounds(0.0, float(self.epochs.value), 0.0, 100.0))

    def _set_running(self, running: bool) -> None:
        self.run_button.setText("Cancel" if running else "Run")
        self.progress.setVisible(running)
        self.progress.setValue(0)

    def _on_theme_changed(self) -> None:
        self.epochs.setFixedWidth(px(52))
        self.progress.setFixedHeight(px(6))
        self._head.setSpacing(px(8))
        self._column.setSpacing(px(6))
