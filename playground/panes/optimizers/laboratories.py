"""The laboratories: long work about the race, in the background, with progress and cancel.

Fair rates, basin map, and the same lanes on a real network. One works at a time; results stay until
the next run of the same laboratory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from playground.experiments.optimizers_snapshot import OptimizerRaceSnapshot
from playground.panes.optimizers.laboratories_basins import BasinLaboratory
from playground.panes.optimizers.laboratories_network import NetworkLaboratory
from playground.panes.optimizers.laboratories_rates import RatesLaboratory
from playground.ui.cards import Verdict, VerdictKind
from playground.ui.choice_box import ChoiceBox
from playground.ui.controls import IconButton
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from playground.engine.frames import Frame
    from playground.experiments.jobs import JobProgress
    from playground.panes.optimizers.laboratories_base import Laboratory
    from playground.ui.channel import ChannelClient
    from playground.ui.job_handle import JobHandle

LOW_BELOW = 330
LABORATORIES = (
    ("rates", "Fair rates", "Final loss of every lane over decades of learning rates"),
    ("basins", "Basin map", "Which minimum each start reaches, and how soon"),
    ("network", "On a network", "The same optimizers train a network on handwritten digits"),
)


class LaboratoriesCard(QWidget):
    """Chooses a laboratory, runs it and shows how it goes."""

    network_changed = Signal(str, int)
    """The network of the third laboratory has other layers: in words, and how many weights."""

    def __init__(self, channel: ChannelClient, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._channel = channel
        self._handle: JobHandle | None = None
        self._running: Laboratory | None = None
        self._drawn: object = None
        self._low = False
        self._selected = 0
        self.rates = RatesLaboratory(channel)
        self.basins = BasinLaboratory(channel)
        self.network = NetworkLaboratory(channel)
        self._pages: dict[str, Laboratory] = {
            "rates": self.rates,
            "basins": self.basins,
            "network": self.network,
        }
        self.choice = ChoiceBox("Laboratory", LABORATORIES, value="rates", segmented=False)
        self.run_button = QPushButton("Run")
        self.run_button.setProperty("primary", "true")
        self.settings_button = IconButton("sliders-horizontal", "Show or hide the settings")
        self.settings_button.setCheckable(True)
        self.settings_button.setChecked(True)
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.hide()
        self.verdict = Verdict()
        self._stack = QStackedWidget()
        for page in self._pages.values():
            self._stack.addWidget(page)
            page.said.connect(self._on_page_said)
        head = QHBoxLayout()
        head.addWidget(self.choice, 1)
        head.addWidget(self.settings_button)
        head.addWidget(self.run_button)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(head)
        self._column.addWidget(self.progress)
        self._column.addWidget(self._stack, 1)
        self._column.addWidget(self.verdict)
        self.verdict.hide()
        self.choice.edited.connect(self.show_laboratory)
        self.run_button.clicked.connect(self._on_run_clicked)
        self.settings_button.toggled.connect(self._show_settings)
        self.network.network_changed.connect(self.network_changed)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def running(self) -> bool:
        """Tell whether a laboratory works."""
        return self._handle is not None

    @property
    def page(self) -> Laboratory:
        """The laboratory in front."""
        return self._pages[self.choice.value]

    def show_laboratory(self, name: str) -> bool:
        """Bring a laboratory to the front by its id; tell whether there is one."""
        if name not in self._pages:
            return False
        self.choice.set_value(name)
        self._stack.setCurrentWidget(self._pages[name])
        self.run_button.setText("Cancel" if self.running else "Run")
        if self._running is not self.page:
            self._say_result()
        return True

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(240), px(190))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        low = event.size().height() < px(LOW_BELOW)
        # Where the card is low there is room for the settings or for the picture.
        if low != self._low:
            self._low = low
            self.settings_button.setChecked(not low)

    def set_selected(self, lane: int) -> None:
        """Tell the laboratories which lane is loud."""
        self._selected = lane
        for page in self._pages.values():
            page.set_selected(lane)
        if not self.running:
            self._say_result()

    def render_frame(self, frame: Frame) -> None:
        """Nothing here moves with the rounds."""

    def render_slow(self, frame: Frame) -> None:
        """Take over which lanes there are."""
        if isinstance(frame.snapshot, OptimizerRaceSnapshot):
            for page in self._pages.values():
                page.show_spec(frame.snapshot.spec)

    def run(self) -> None:
        """Start the laboratory in front on the present race."""
        frame = self._channel.last_frame
        if frame is None or self.running or not isinstance(frame.snapshot, OptimizerRaceSnapshot):
            return
        page = self.page
        job = page.job(frame.snapshot.spec, frame.seed)
        if isinstance(job, str):
            self._say("warn", job)
            return
        self._running = page
        self._set_running(True)
        self._say("busy", f"{job.title}: starting")
        self._handle = self._channel.start_job(
            job, on_progress=self._on_progress, on_done=self._on_done, on_failed=self._on_failed
        )

    def cancel(self) -> None:
        """Stop; what is drawn so far stays."""
        handle, self._handle = self._handle, None
        if handle is not None:
            handle.cancel()
            self._say("info", "Stopped; the picture shows what was done.")
        self._running = None
        self._set_running(False)

    def csv(self) -> str:
        """Return the result in front as a table; empty without one."""
        return self.page.csv()

    def _on_run_clicked(self) -> None:
        if self.running:
            self.cancel()
        else:
            self.run()

    def _on_progress(self, progress: JobProgress) -> None:
        self.progress.setValue(int(1000 * progress.fraction))
        if progress.message:
            self._say("busy", progress.message)
        partial = progress.partial
        if partial is not None and partial is not self._drawn and self._running is not None:
            self._drawn = partial
            self._running.show_result(partial)

    def _on_done(self, result: object) -> None:
        page, self._running = self._running, None
        self._handle = None
        if page is not None:
            page.show_result(result)
        self._set_running(False)
        self._say_result()

    def _on_failed(self, sentence: str) -> None:
        self._handle = self._running = None
        self._set_running(False)
        self._say("warn", sentence)

    def _on_page_said(self) -> None:
        if not self.running:
            self._say_result()

    def _say_result(self) -> None:
        summary = self.page.summary()
        # Without a result the page itself says what it is for.
        self.verdict.set_verdict("ok" if summary else "info", summary)
        self.verdict.setVisible(bool(summary))

    def _show_settings(self, shown: bool) -> None:
        for page in self._pages.values():
            page.knobs.setVisible(shown)

    def _say(self, kind: VerdictKind, sentence: str) -> None:
        self.verdict.set_verdict(kind, sentence)
        self.verdict.show()

    def _set_running(self, running: bool) -> None:
        self.run_button.setText("Cancel" if running else "Run")
        self.progress.setVisible(running)
        self.progress.setValue(0)
        for page in self._pages.values():
            page.set_busy(running)

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(6))
