"""What the window shows around the pane: verdict, transport, runs, rates and the title bar.

All of it follows the frames of the pane on stage. Words wait for the slow beat while a run plays,
so that they can be read.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject

from playground.engine.frames import Phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QMainWindow

    from playground.engine.frames import Frame
    from playground.ui.cards import VerdictKind
    from playground.ui.channel import ChannelClient
    from playground.ui.frame_clock import FrameClock
    from playground.ui.run_files import RunFiles
    from playground.ui.run_list import RunList
    from playground.ui.stage import Stage
    from playground.ui.transport import Transport


class Shown(Protocol):
    """What is on stage, as far as the window shows it."""

    @property
    def title(self) -> str:
        """Heading of the stage."""

    @property
    def channel(self) -> ChannelClient:
        """Where its frames come from."""

    def verdict(self, frame: Frame) -> tuple[VerdictKind, str]:
        """Return the sentence under the title."""


class Display(QObject):
    """Passes what frames say on to the parts of one window."""

    def __init__(
        self,
        window: QMainWindow,
        shown: Callable[[], Shown | None],
        clock: FrameClock,
        files: RunFiles,
        stage: Stage,
        transport: Transport,
        run_list: RunList,
    ) -> None:
        """Ask ``shown`` for what is on stage whenever something is to be said about it."""
        super().__init__(window)
        self._window = window
        self._shown = shown
        self._clock = clock
        self._files = files
        self._stage = stage
        self._transport = transport
        self._run_list = run_list
        self._phase: Phase | None = None
        clock.slow.connect(self._on_slow)

    def show_title(self) -> None:
        """Name the file and the pane in the title bar, and mark what is unsaved."""
        current = self._shown()
        if current is None:
            return
        path = self._files.path_of(current.channel)
        name = f"{path.name}[*] – " if path is not None else ""
        title = f"{name}{current.title} – Playground"
        if title != self._window.windowTitle():
            self._window.setWindowTitle(title)
        self._window.setWindowModified(self._files.is_modified(current.channel))

    def show_frame(self, frame: Frame) -> None:
        """Follow a frame that the pane on stage has drawn."""
        self._transport.show_frame(frame)
        phase, before = frame.transport.phase, self._phase
        self._phase = phase
        if phase is not before or phase is not Phase.PLAYING:
            self._show_words(frame)

    def _on_slow(self) -> None:
        current = self._shown()
        frame = current.channel.last_frame if current is not None else None
        if frame is None:
            return
        self._show_words(frame)
        now = time.perf_counter()
        transport = frame.transport
        self._transport.status.set_rates(
            transport.speed if transport.phase is Phase.PLAYING else 0.0,
            transport.step_noun,
            self._clock.meter.frames_per_second(now),
            self._clock.training_share(),
            self._clock.meter.drawing_share(now),
        )

    def _show_words(self, frame: Frame) -> None:
        current = self._shown()
        if current is None:
            return
        self._transport.show_texts(frame)
        self._stage.set_verdict(*current.verdict(frame))
        self._run_list.set_runs(frame.runs, frame.run_id)
        self.show_title()
