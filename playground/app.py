"""Where the program is put together: import order, logging, errors, garbage collection, signals.

The order matters. The window is shown before torch is imported: torch takes two seconds, and the
training thread loads it behind the window. On Windows torch has to come before Qt, because their
libraries clash there otherwise. What knows no Qt comes before Qt as well, and then Python's own
import is given back: see below.
"""

from __future__ import annotations

import builtins
import logging
import os
import sys
import threading
from typing import TYPE_CHECKING

# Each class of settings would have pydantic look through all installed packages for plugins.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

from playground.engine.frames import Phase
from playground.engine.loop import WarmUpStage
from playground.engine.runner import Runner
from playground.engine.warm_up import STAGES

if sys.platform == "win32":
    import torch  # noqa: F401

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

if hasattr(builtins, "__orig_import__"):
    # PySide reads the source text of every module that is imported after it, in search of its
    # optional spellings (snake_case), which nothing here uses. Of the imports of pyqtgraph and
    # torch that was a quarter each, and what was read stayed in memory: 35 MB.
    builtins.__import__ = builtins.__orig_import__

from playground.main_window import MainWindow
from playground.panes.registry import PANES, UnknownPane, pane_info
from playground.ui.errors import ErrorBar, ErrorFunnel
from playground.ui.focus_keys import FocusKeys
from playground.ui.housekeeping import GarbageCollection, StallWatchdog, TerminalSignals
from playground.ui.icons import icon
from playground.ui.settings import Settings
from playground.ui.theme import theme
from playground.ui.view_commands import as_mode

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from playground.experiments.base import Experiment
    from playground.panes.base import PaneInfo

SWITCH_INTERVAL_S = 0.001
"""Python lets a thread keep the interpreter's lock for 5 ms by default, a sixth of a frame, and
painting asks for the lock many times in one frame."""
WINDOW_FIRST_S = 3.0
"""So long the libraries wait for the window to be painted; a minimised one never is."""
LOG_FORMAT = "%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"

log = logging.getLogger(__name__)


def run_app(
    options: argparse.Namespace,
    panes: tuple[PaneInfo, ...] = PANES,
    create: Callable[[str], type[Experiment]] | None = None,
) -> int:
    """Open the window and return the exit status when it has been closed.

    Parameters
    ----------
    options
        ``pane`` (str or None), ``file`` (Path or None), ``theme`` (str or None), ``debug`` (bool).
    panes, create
        Panes of the rail, and what finds experiments by kind where not the registry does.
    """
    if options.pane is not None:
        try:
            pane_info(options.pane, panes)
        except UnknownPane as error:
            sys.stderr.write(f"{error}\n")
            return 2
    logging.basicConfig(
        format=LOG_FORMAT, level=logging.DEBUG if options.debug else logging.WARNING
    )
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    app = make_application()
    error_bar = ErrorBar()
    funnel = ErrorFunnel(app)
    funnel.problem_arrived.connect(error_bar.show_problem)
    funnel.install()
    painted = threading.Event()
    stages = (WarmUpStage("the window", lambda: _wait_for(painted)), *STAGES)
    runner = Runner(warm_up=stages) if create is None else Runner(create, stages)
    mode = None if options.theme is None else as_mode(options.theme)
    window = MainWindow(runner, Settings(), error_bar, panes, create, mode)
    window.host.painted_whole.connect(lambda _opened: painted.set())
    signals = TerminalSignals(window.close, app)
    watchdog = StallWatchdog(app) if options.debug else None
    window.show()
    QTimer.singleShot(0, lambda: _begin(window, runner, options))
    garbage = GarbageCollection(lambda: _is_idle(window), app)
    window.libraries_loaded.connect(garbage.keep)
    status = app.exec()
    garbage.stop()
    if watchdog is not None:
        watchdog.stop()
    window.shut_down()
    signals.stop()
    funnel.uninstall()
    return leave(status, window)


def make_application() -> QApplication:
    """Return the one application object, with its name, look and key handling."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName("playground")
    app.setApplicationDisplayName("Playground")
    app.setDesktopFileName("playground")
    theme().install(app)
    app.setWindowIcon(icon("pane-perceptron", color="accent"))
    FocusKeys(app)
    return app


def leave(status: int, window: MainWindow) -> int:
    """Return the exit status, or end the process at once where the thread cannot be ended.

    An import in progress cannot be interrupted, and Python would wait for it: seconds after the
    window has gone. Everything is saved by now, so the process simply ends.
    """
    if window.thread_ended:
        return status
    log.info("The libraries are still being imported; leaving without them.")
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _begin(window: MainWindow, runner: Runner, options: argparse.Namespace) -> None:
    """Bring the first pane on stage; the window has been painted once by now."""
    window.stage_first_pane(options.pane)
    if options.file is not None:
        window.open_file(options.file)
    window.clock.start()
    runner.start()


def _wait_for(painted: threading.Event) -> None:
    """Wait in the thread that loads: two threads that import would take turns, and both be late."""
    painted.wait(WINDOW_FIRST_S)


def _is_idle(window: MainWindow) -> bool:
    channel = window.channel
    return channel is None or channel.phase not in (Phase.PLAYING, Phase.SEEKING)
