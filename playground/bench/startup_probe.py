"""Opens a window, says when it is there, and closes it: run by the measurement of the start.

``python -m playground.bench.startup_probe app`` opens the playground, ``bare`` an empty plot.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from playground.engine.frames import Frame

PAINTED, ANSWERS, DRAWN = "painted", "answers", "drawn"


LONGEST_S = 30.0
"""A window that has not painted its run by then closes all the same."""


def say(word: str) -> None:
    """Tell the parent process now."""
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def open_app(folder: Path) -> int:
    """Open the playground as the command line does, with settings of its own in a folder.

    It says :data:`PAINTED` after the first painting, :data:`ANSWERS` when the event loop has come
    round again after that, and :data:`DRAWN` when the picture of the first run has been painted.
    """
    from PySide6.QtCore import QSettings, QTimer

    ini = QSettings.Format.IniFormat
    QSettings.setPath(ini, QSettings.Scope.UserScope, str(folder))

    from playground import app
    from playground.bench.window import WatchedWindow

    def make_window(*arguments: Any) -> WatchedWindow:
        window = WatchedWindow(*arguments)

        def on_painted(frame: Frame | None, _ended: float) -> None:
            if window.paints == 1:
                say(PAINTED)
                QTimer.singleShot(0, lambda: say(ANSWERS))
            if frame is not None and window.frames_painted == 1:
                say(DRAWN)
                QTimer.singleShot(0, window.close)

        window.painted = on_painted
        QTimer.singleShot(round(1000 * LONGEST_S), window.close)
        return window

    vars(app)["MainWindow"] = make_window
    return app.run_app(argparse.Namespace(pane=None, file=None, theme="dark", debug=False))


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
