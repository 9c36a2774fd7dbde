"""Saving the race as an animated picture: how large, how long, and how far it is.

Pictures are painted a few milliseconds at a time by a timer of the window, which stays fluid; the
file is put together on a thread of its own.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from playground.panes.optimizers.animation_file import WriteGif
from playground.panes.optimizers.animation_film import RaceFilm, rounds_of_film
from playground.ui.cards import Verdict
from playground.ui.choice_box import ChoiceBox
from playground.ui.controls import NumberSlider
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.engine.frames import Frame
    from playground.experiments.jobs import JobProgress
    from playground.ui.channel import ChannelClient
    from playground.ui.job_handle import JobHandle

SIZES = (
    ((480, 400), "small, 480 × 400"),
    ((720, 600), "middle, 720 × 600"),
    ((1080, 900), "large, 1080 × 900"),
)
PICTURES_PER_SECOND = 20
SLICE_S = 0.012
LAST_PICTURE_MS = 1500
PAINTING_SHARE = 0.6
"""Of the progress bar; the rest is the file."""
FILTER = "Animated picture (*.gif)"


class AnimationDialog(QDialog):
    """Asks for size and length, then paints, writes and says where the file is."""

    saved = Signal(str)
    """The file is written; its path."""

    def __init__(
        self, channel: ChannelClient, selected: int = 0, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Save animation")
        self._channel = channel
        self._selected = selected
        self._film: RaceFilm | None = None
        self._rounds: list[int] = []
        self._pictures: list[bytes] = []
        self._path = Path()
        self._handle: JobHandle | None = None
        self.size_box = ChoiceBox("Size", SIZES, value=SIZES[1][0], segmented=False)
        self.seconds = NumberSlider(
            "length",
            2,
            30,
            value=8,
            integer=True,
            unit="s",
            help=f"Seconds, with up to {PICTURES_PER_SECOND} pictures each.",
        )
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.verdict = Verdict("info", self._invitation())
        self.save_button = QPushButton("Save as GIF…")
        self.save_button.setProperty("primary", "true")
        self.save_button.setDefault(True)
        self.close_button = QPushButton("Close")
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.save_button)
        self._column = QVBoxLayout(self)
        for widget in (self.size_box, self.seconds, self.verdict, self.progress):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        self._column.addLayout(buttons)
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._paint_some)
        self.save_button.clicked.connect(self.ask)
        self.close_button.clicked.connect(self._on_close_clicked)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def running(self) -> bool:
        """Tell whether pictures are painted or the file is written."""
        return self._timer.isActive() or self._handle is not None

    def ask(self) -> None:
        """Ask where to save, and begin."""
        path, _ = QFileDialog.getSaveFileName(self, "Save animation", "race.gif", FILTER)
        if path:
            self.save(Path(path))

    def save(self, path: Path) -> None:
        """Paint the race as it is now and write it."""
        frame = self._channel.last_frame
        if self.running or frame is None:
            return
        if not _has_moved(frame):
            self.verdict.set_verdict("warn", "Let the race run for some rounds first.")
            return
        self._path = path if path.suffix.lower() == ".gif" else path.with_name(f"{path.name}.gif")
        width, height = self.size_box.value
        self._film = RaceFilm(frame, width, height, self._selected)
        pictures = PICTURES_PER_SECOND * int(self.seconds.value)
        self._rounds = rounds_of_film(self._film.last, pictures)
        self._pictures = []
        self._set_running(True)
        self._timer.start()

    def cancel(self) -> None:
        """Stop; nothing is written."""
        self._timer.stop()
        handle, self._handle = self._handle, None
        if handle is not None:
            handle.cancel()
        self._tidy()
        self.verdict.set_verdict("info", "Stopped; no file was written.")

    @override
    def reject(self) -> None:
        if self.running:
            self.cancel()
        super().reject()

    def _paint_some(self) -> None:
        """Paint pictures for a few milliseconds."""
        film = self._film
        if film is None:
            return
        end = time.perf_counter() + SLICE_S
        while len(self._pictures) < len(self._rounds) and time.perf_counter() < end:
            self._pictures.append(film.rgb(self._rounds[len(self._pictures)]))
        done, count = len(self._pictures), len(self._rounds)
        self.progress.setValue(int(1000 * PAINTING_SHARE * done / count))
        self.verdict.set_verdict("busy", f"painting picture {done:,} of {count:,}")
        if done == count:
            self._timer.stop()
            self._write(film)

    def _write(self, film: RaceFilm) -> None:
        count = len(self._rounds)
        each = max(20, 10 * round(100 * int(self.seconds.value) / count))
        times = [each] * (count - 1) + [LAST_PICTURE_MS]
        size = (film.width, film.height)
        job = WriteGif(self._path, size, self._pictures, times, film.accents())
        self._handle = self._channel.start_job(
            job, on_progress=self._on_progress, on_done=self._on_done, on_failed=self._on_failed
        )

    def _on_progress(self, progress: JobProgress) -> None:
        share = PAINTING_SHARE + (1.0 - PAINTING_SHARE) * progress.fraction
        self.progress.setValue(int(1000 * share))
        if progress.message:
            self.verdict.set_verdict("busy", progress.message)

    def _on_done(self, path: Path) -> None:
        self._handle = None
        self._tidy()
        size = path.stat().st_size / 1e6
        self.verdict.set_verdict("ok", f"Saved as “{path.name}”, {size:.1f} MB.")
        self.saved.emit(str(path))

    def _on_failed(self, sentence: str) -> None:
        self._handle = None
        self._tidy()
        self.verdict.set_verdict("warn", sentence)

    def _tidy(self) -> None:
        self._film, self._pictures, self._rounds = None, [], []
        self._set_running(False)

    def _set_running(self, running: bool) -> None:
        for widget in (self.size_box, self.seconds, self.save_button):
            widget.setEnabled(not running)
        self.close_button.setText("Cancel" if running else "Close")
        self.progress.setValue(0)

    def _on_close_clicked(self) -> None:
        if self.running:
            self.cancel()
        else:
            self.reject()

    def _invitation(self) -> str:
        frame = self._channel.last_frame
        if frame is None or not _has_moved(frame):
            return "Let the race run for some rounds first."
        return f"The race from its start to round {frame.transport.frontier:,}, as on the map."

    def _on_theme_changed(self) -> None:
        self._column.setContentsMargins(px(20), px(16), px(20), px(16))
        self._column.setSpacing(px(10))
        self.setMinimumWidth(px(380))


def _has_moved(frame: Frame) -> bool:
    return frame.transport.frontier > 0
