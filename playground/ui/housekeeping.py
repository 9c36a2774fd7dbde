"""What keeps the process healthy: garbage collection in the GUI thread, signals, a stall watch."""

from __future__ import annotations

import gc
import logging
import signal
import socket
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier, QTimer

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

log = logging.getLogger(__name__)

COLLECT_INTERVAL_MS = 1000
TICKS_TO_FULL = 30
HEARTBEAT_MS = 20
STALL_S = 0.1
SIGNAL_POLL_MS = 100


class GarbageCollection(QObject):
    """Collects garbage in the GUI thread only.

    Python collects in whatever thread happens to allocate, which would be the trainer, and would
    destroy Qt objects there. What exists at the start is kept: it is never looked at again.
    """

    def __init__(self, idle: Callable[[], bool], parent: QObject) -> None:
        """Take the collector over; ``idle`` tells when a full collection disturbs nobody."""
        super().__init__(parent)
        self._idle = idle
        self._ticks = 0
        gc.disable()
        self.keep()
        self._timer = QTimer(self)
        self._timer.setInterval(COLLECT_INTERVAL_MS)
        self._timer.timeout.connect(self._collect)
        self._timer.start()

    def keep(self) -> None:
        """Never look again at what exists now: modules, classes, the window.

        Nothing is collected first. At the start that would be a twentieth of the time until the
        window is there; later it would be a stall, for the libraries make a million objects.
        """
        gc.freeze()

    def stop(self) -> None:
        """End the collections for good, because the process is about to end.

        Python searches everything once more for garbage when it ends. With torch and
        scikit-learn loaded that took 1.6 to 2.5 s on a busy machine of two cores; frozen objects
        are left out of the search, and 0.3 s remained.
        """
        self._timer.stop()
        gc.freeze()

    def _collect(self) -> None:
        self._ticks += 1
        if self._ticks >= TICKS_TO_FULL and self._idle():
            self._ticks = 0
            gc.collect()
        else:
            gc.collect(1)


class TerminalSignals(QObject):
    """Turns Ctrl+C in the terminal and SIGTERM into a click on the window's close button.

    Python runs its signal handlers only between byte codes of the main thread, which sits in Qt's
    loop. The signal therefore also writes into a socket that wakes the loop.
    """

    def __init__(self, close: Callable[[], object], parent: QObject) -> None:
        """Call ``close`` for each such signal."""
        super().__init__(parent)
        self._close = close
        self._before: dict[int, object] = {}
        self._reader, self._writer = socket.socketpair()
        self._notifier: QSocketNotifier | None = None
        self._timer: QTimer | None = None
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._on_signal)
        if sys.platform == "win32":
            # Windows cannot wait for a socket and for messages at once there.
            self._timer = QTimer(self)
            self._timer.timeout.connect(_let_python_run)
            self._timer.start(SIGNAL_POLL_MS)
        else:
            self._reader.setblocking(False)
            self._writer.setblocking(False)
            signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
            self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
            self._notifier.activated.connect(self._on_wake_up)

    def stop(self) -> None:
        """Give the signals back."""
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            signal.set_wakeup_fd(-1)
        if self._timer is not None:
            self._timer.stop()
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        self._reader.close()
        self._writer.close()

    def _on_wake_up(self) -> None:
        # Python's own handler runs as soon as this returns to byte code.
        self._reader.recv(64)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        log.info("Closing on signal %s.", signal.Signals(number).name)
        QTimer.singleShot(0, self._close)


class StallWatchdog(QObject):
    """Logs where the GUI thread is whenever it has not come back to its loop for 100 ms."""

    def __init__(self, parent: QObject) -> None:
        """Start to watch the thread that calls this."""
        super().__init__(parent)
        self._beat = time.perf_counter()
        self._watched = threading.get_ident()
        self._stop = threading.Event()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_heartbeat)
        self._timer.start(HEARTBEAT_MS)
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the watch."""
        self._timer.stop()
        self._stop.set()
        self._thread.join()

    def _on_heartbeat(self) -> None:
        self._beat = time.perf_counter()

    def _watch(self) -> None:
        reported = 0.0
        while not self._stop.wait(STALL_S / 4):
            beat = self._beat
            late = time.perf_counter() - beat
            if late > STALL_S and beat != reported:
                reported = beat
                frame = sys._current_frames().get(self._watched)  # noqa: SLF001 - the only way
                stack = "".join(traceback.format_stack(frame)) if frame else "(no stack)"
                log.warning("The window has been busy for %.0f ms:\n%s", 1000 * late, stack)


def _let_python_run() -> None:
    """Give Python's signal handlers their turn: any byte code in the main thread does."""
