"""One funnel for everything that goes wrong: exceptions of any thread, and Qt's own messages.

Whatever arrives is logged with its traceback at once, in the thread where it happened, and handed
to the window from a timer of the GUI thread: an exception inside ``paintEvent`` must not open or
lay out widgets there, and no Qt signal crosses a thread.
"""

from __future__ import annotations

import logging
import queue
import sys
import threading
import traceback
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    QTimer,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)

from playground.ui.error_bar import ErrorBar, Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

__all__ = ["ErrorBar", "ErrorFunnel", "Problem", "exception_sentence"]

_log = logging.getLogger(__name__)
_qt_log = logging.getLogger("qt")

POLL_INTERVAL_MS = 100
QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
# Said by some platforms about every window, and of no use to anybody.
QUIET_MESSAGES = ("This plugin does not support",)


def exception_sentence(error: BaseException) -> str:
    """Return an unexpected exception as one sentence, its type in brackets."""
    text = str(error).strip().partition("\n")[0].rstrip(".")
    name = type(error).__name__
    return f"Something went wrong: {text} ({name})." if text else f"Something went wrong: {name}."


class ErrorFunnel(QObject):
    """Owns ``sys.excepthook``, ``threading.excepthook`` and Qt's message handler while installed.

    Signals
    -------
    problem_arrived(str, str)
        Sentence and details, always in the GUI thread.
    """

    problem_arrived = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self._installed = False
        self._before: tuple[Callable[..., object], Callable[..., object]] | None = None
        self._qt_before: Callable[[QtMsgType, QMessageLogContext, str], object] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_INTERVAL_MS)
        self._timer.timeout.connect(self.drain)

    def install(self) -> None:
        """Take over the hooks; a second call does nothing."""
        if self._installed:
            return
        self._installed = True
        self._before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        self._qt_before = qInstallMessageHandler(self._on_qt_message)
        self._timer.start()

    def uninstall(self) -> None:
        """Give the hooks back and deliver what is left."""
        if not self._installed or self._before is None:
            return
        self._installed = False
        self._timer.stop()
        sys.excepthook, threading.excepthook = self._before
        qInstallMessageHandler(self._qt_before)
        self.drain()

    def report(self, sentence: str, details: str = "") -> None:
        """Tell the person about a problem; may be called from any thread."""
        self._waiting.put((sentence, details))

    def report_exception(self, error: BaseException) -> None:
        """Log an exception with its traceback and tell about it; any thread."""
        details = "".join(traceback.format_exception(error))
        _log.error("Unexpected exception in %s:\n%s", threading.current_thread().name, details)
        self.report(exception_sentence(error), details)

    def drain(self) -> None:
        """Hand over what has arrived; GUI thread only."""
        while True:
            try:
                sentence, details = self._waiting.get_nowait()
            except queue.Empty:
                return
            self.problem_arrived.emit(sentence, details)

    def _on_exception(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            if self._before is not None:
                self._before[0](kind, error, trace)
            return
        self.report_exception(error.with_traceback(trace))

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            self.report_exception(args.exc_value)

    def _on_qt_message(self, kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        level = QT_LEVELS.get(kind, logging.WARNING)
        if message.startswith(QUIET_MESSAGES):
            level = logging.DEBUG
        _qt_log.log(level, "%s", message)
        if level >= logging.ERROR:
            self.report(f"Qt reports: {message.rstrip('.')}.", context.file or "")
