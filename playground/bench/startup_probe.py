"""Opens a window, says when it is there, and closes it: run by the measurement of the start.

``python -m playground.bench.startup_probe app`` opens the playground, ``bare`` an empty plot.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

    from PySide6.QtWidgets import QWidget

    from playground.engine.frames import Frame

PAINTED, ANSWERS, DRAWN, COMPLETE = "painted", "answers", "drawn", "complete"

LONGEST_S = 30.0
"""A window that has not painted its run by then closes all the same."""


def say(word: str) -> None:
    """Tell the parent process now."""
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def open_app(folder: Path) -> int:
    """Open the playground through the command line, with settings of its own in a folder.

    It says :data:`PAINTED` after the first painting, :data:`ANSWERS` when the pane has been on
    stage in a painting and the event loop has come round again after that, :data:`DRAWN` when
    the picture of the first run has been painted, and :data:`COMPLETE` when all parts of the pane
    have been.
    """
    from playground import cli

    def call(_function: str, options: argparse.Namespace) -> int:
        return run_watched(folder, options)

    vars(cli)["_call"] = call
    return cli.main(["--theme", "dark"])


def run_watched(folder: Path, options: argparse.Namespace) -> int:
    """Run the app with a window that says what it paints."""
    # Before Qt, as the command line does: the app decides about the order.
    app = importlib.import_module("playground.app")
    from PySide6.QtCore import QSettings, QTimer

    from playground.bench.window import WatchedWindow

    ini = QSettings.Format.IniFormat
    QSettings.setPath(ini, QSettings.Scope.UserScope, str(folder))

    def make_window(*arguments: Any) -> WatchedWindow:
        window = WatchedWindow(*arguments)
        said: set[str] = set()

        def once(word: str) -> bool:
            fresh = word not in said
            said.add(word)
            return fresh

        def on_painted(frame: Frame | None, _ended: float) -> None:
            if once(PAINTED):
                say(PAINTED)
            current = window.host.current
            if current is not None and once(ANSWERS):
                QTimer.singleShot(0, lambda: say(ANSWERS))
            if frame is not None and once(DRAWN):
                say(DRAWN)
            if current is not None and current.complete and DRAWN in said and once(COMPLETE):
                say(COMPLETE)
                QTimer.singleShot(0, window.close)

        window.painted = on_painted
        QTimer.singleShot(round(1000 * LONGEST_S), window.close)
        return window

    vars(app)["MainWindow"] = make_window
    return int(app.run_app(options))


def open_bare() -> int:
    """Open an empty plot, and say :data:`ANSWERS` when it was painted and the loop came round."""
    from pyqtgraph import PlotWidget
    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtWidgets import QApplication

    class Watch(QObject):
        """Sees the first painting come."""

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() is QEvent.Type.UpdateRequest:
                watched.removeEventFilter(self)
                QTimer.singleShot(0, answer)
            return False

    def answer() -> None:
        say(ANSWERS)
        QTimer.singleShot(0, plot.close)

    app = QApplication(sys.argv[:1])
    plot: QWidget = PlotWidget()
    watch = Watch()
    plot.installEventFilter(watch)
    plot.resize(1440, 900)
    plot.show()
    return app.exec()


def main(arguments: list[str]) -> int:
    """Open what is asked for and return the exit status."""
    if arguments == ["bare"]:
        return open_bare()
    if arguments == ["app"]:
        with tempfile.TemporaryDirectory(prefix="playground-") as folder:
            return open_app(Path(folder))
    sys.stderr.write("Say app or bare.\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
