"""The real window without a person: with settings of its own, driven and watched by a program."""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QSettings, QSize, Qt, QTimer
from typing_extensions import override

from playground.app import SWITCH_INTERVAL_S, make_application
from playground.engine.commands import MAX_SPEED
from playground.engine.frames import Phase
from playground.engine.runner import Runner
from playground.engine.warm_up import STAGES
from playground.main_window import MainWindow
from playground.panes.registry import PANES
from playground.ui.errors import ErrorBar, ErrorFunnel
from playground.ui.housekeeping import GarbageCollection
from playground.ui.settings import Settings
from playground.ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.engine.frames import Frame
    from playground.experiments.base import Experiment
    from playground.experiments.spec import Spec
    from playground.panes.base import PaneInfo
    from playground.ui.channel import ChannelClient
    from playground.ui.theme import Mode

POLL_MS = 10
JOIN_S = 20.0
"""An import in the training thread cannot be interrupted; the longest takes some seconds."""
LOADING_S = 120.0
FIRST_FRAME_S = 20.0
DEFAULT_SIZE = (1440, 900)


class NotAnswered(RuntimeError):
    """The window did not do in time what it was told to."""


class WatchedWindow(MainWindow):
    """A main window that counts what it paints."""

    painted: Callable[[Frame | None, float], object] | None = None
    """Called after every painting with the frame that it showed first (None: no new one), and
    the moment at which painting ended, in seconds of ``time.perf_counter``."""
    paints = 0
    frames_painted = 0
    _drawn: Frame | None = None

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """Build it as its base class."""
        super().__init__(*arguments, **named)
        self.host.drawn.connect(self._note_drawn)

    @override
    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() is QEvent.Type.UpdateRequest:
            ended = time.perf_counter()
            frame, self._drawn = self._drawn, None
            self.paints += 1
            self.frames_painted += frame is not None
            if self.painted is not None:
                self.painted(frame, ended)
        return handled

    def _note_drawn(self, frame: Frame) -> None:
        # The next painting shows it.
        self._drawn = frame


class UnattendedWindow:
    """Opens the window as the app does, and closes it at the end of a ``with`` block.

    Parameters
    ----------
    size
        Width and height in logical pixels.
    mode
        Theme; None keeps the one in force.
    panes, create
        As of :class:`~playground.main_window.MainWindow`.

    Attributes
    ----------
    problems
        Sentences that the error bar has shown.
    """

    def __init__(
        self,
        size: tuple[int, int] = DEFAULT_SIZE,
        mode: Mode | None = None,
        panes: tuple[PaneInfo, ...] = PANES,
        create: Callable[[str], type[Experiment]] | None = None,
    ) -> None:
        self.problems: list[str] = []
        self._folder = tempfile.TemporaryDirectory(prefix="playground-")
        self._app = make_application()
        self._mode_before = theme().mode
        self._interval_before = sys.getswitchinterval()
        store = QSettings(str(Path(self._folder.name) / "own.ini"), QSettings.Format.IniFormat)
        self._funnel = ErrorFunnel(self._app)
        error_bar = ErrorBar()
        self._funnel.problem_arrived.connect(error_bar.show_problem)
        self._funnel.problem_arrived.connect(self._note_problem)
        self.runner = Runner(warm_up=STAGES) if create is None else Runner(create, STAGES)
        self.window = WatchedWindow(self.runner, Settings(store), error_bar, panes, create)
        self.window.host.problem.connect(self._note_problem)
        if mode is not None:
            theme().set_mode(mode)
        self.window.resize(QSize(*size))
        self._garbage: GarbageCollection | None = None

    def __enter__(self) -> UnattendedWindow:
        """Show the window and start the training thread."""
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        self._funnel.install()
        self.window.show()
        try:
            self.window.stage_first_pane()
        except BaseException:
            self.__exit__()
            raise
        self.window.clock.start()
        self.runner.start()
        self._garbage = GarbageCollection(lambda: self.phase is not Phase.PLAYING, self._app)
        self.window.libraries_loaded.connect(self._garbage.keep)
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close the window and end the thread."""
        if self._garbage is not None:
            self._garbage.stop()
            self._garbage.deleteLater()
            # The app freezes what is left, because its process ends; this one may go on.
            gc.unfreeze()
            gc.enable()
        self.window.painted = None
        self.window.close()
        if self.runner.ident is not None:
            self.runner.join(JOIN_S)
        theme().set_mode(self._mode_before)
        self._funnel.uninstall()
        self._funnel.deleteLater()
        for opened in self.window.host.all_open():
            # Its commands hold the channel, and with it the pane.
            opened.channel.undo_stack.clear()
            # The inspectors of panes that are not on stage have no parent.
            opened.inspector.deleteLater()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        sys.setswitchinterval(self._interval_before)
        self._folder.cleanup()
        gc.collect()

    @property
    def channel(self) -> ChannelClient:
        """The channel of the pane on stage."""
        channel = self.window.channel
        if channel is None:
            raise NotAnswered("There is no pane on stage.")
        return channel

    @property
    def phase(self) -> Phase:
        """What the pane on stage was doing at its last frame."""
        channel = self.window.channel
        return Phase.PAUSED if channel is None else channel.phase

    @property
    def step(self) -> int:
        """The step of the last frame; 0 before the first."""
        frame = self.channel.last_frame
        return 0 if frame is None else frame.transport.step

    def wait(self, seconds: float) -> None:
        """Let the window live for so long."""
        loop, timer = QEventLoop(), QTimer()
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.setSingleShot(True)
        timer.timeout.connect(loop.quit)
        timer.start(round(1000 * seconds))
        loop.exec()

    def wait_until(self, done: Callable[[], bool], timeout_s: float) -> bool:
        """Let the window live until something holds; tell whether it did in time."""
        deadline = time.perf_counter() + timeout_s
        loop, timer = QEventLoop(), QTimer()

        def look() -> None:
            if done() or time.perf_counter() >= deadline:
                loop.quit()

        timer.timeout.connect(look)
        timer.start(POLL_MS)
        if not done():
            loop.exec()
        timer.stop()
        return done()

    def require(self, done: Callable[[], bool], timeout_s: float, what: str) -> None:
        """Wait until something holds; raise :class:`NotAnswered` if it does not in time."""
        if not self.wait_until(done, timeout_s):
            trouble = f" ({'; '.join(self.problems)})" if self.problems else ""
            raise NotAnswered(f"{what} did not happen within {timeout_s:g} s{trouble}.")

    def activate(self) -> None:
        """Make the window the active one: keys and focus go to no other."""
        self.window.activateWindow()
        self.require(self.window.isActiveWindow, FIRST_FRAME_S, "Activating the window")

    def load_libraries(self) -> None:
        """Wait until torch and the others have been imported behind the window."""
        self.require(lambda: self.runner.libraries_loaded, LOADING_S, "Loading the libraries")

    def stage(self, pane_id: str) -> None:
        """Bring a pane on stage and wait for its first picture."""
        self.window.stage_pane(pane_id)
        self.require(
            lambda: self.channel.last_frame is not None, FIRST_FRAME_S, "The pane's first frame"
        )
        current = self.window.host.current
        if current is not None:
            self.window.host.complete(current)

    def open(self, spec: Spec, seed: int = 0) -> None:
        """Start a new run on the pane on stage and wait for its picture."""
        before = self.channel.run_id
        self.channel.open(spec, seed)
        self.require(
            lambda: (
                self.channel.run_id != before
                and self.channel.last_frame is not None
                and self.channel.last_frame.run_id == self.channel.run_id
            ),
            FIRST_FRAME_S,
            "The picture of the new run",
        )

    def play(self) -> None:
        """Train as fast as possible, and wait until that has begun."""
        start = self.step
        self.channel.set_speed(MAX_SPEED)
        self.channel.play()
        self.require(
            lambda: self.phase in (Phase.ENDED, Phase.FAILED) or self.step > start,
            LOADING_S,
            "The first training step",
        )

    def pause(self) -> None:
        """Stand still, and wait until that is drawn."""
        self.channel.pause()
        self.require(
            lambda: self.phase not in (Phase.PLAYING, Phase.LOADING), FIRST_FRAME_S, "The pause"
        )

    def _note_problem(self, sentence: str, _details: str = "") -> None:
        self.problems.append(sentence)
