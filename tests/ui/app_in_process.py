"""Runs the real program with a toy pane and closes it in a state named on the command line.

Prints ``shown`` when the window is up, ``ready`` when the state is reached, and ``closing`` with
the seconds of a monotonic clock when the window is asked to close; the parent reads and measures.
"""

from __future__ import annotations

import argparse
import sys
import time

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from playground import app
from playground.engine.frames import Phase
from playground.main_window import MainWindow
from tests.engine.toys import WalkSpec, create
from tests.ui.walk_pane import WALKS

SEEK_STEPS = 200_000


def say(words):
    print(words, flush=True)


def window():
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))


def close():
    say(f"closing {time.monotonic()}")
    window().close()


def when(condition, then):
    """Call ``then`` once the condition holds."""
    timer = QTimer(QApplication.instance())

    def look():
        if condition():
            timer.stop()
            then()

    timer.timeout.connect(look)
    timer.start(5)


def phase():
    return window().channel.phase


def loaded():
    return window().runner.libraries_loaded


def ready():
    """The state is reached: either close at once or wait for the parent's signal."""
    say("ready")
    if OPTIONS.leave == "close":
        QTimer.singleShot(0, close)


def reach(state):
    channel = window().channel
    if channel is None or channel.last_frame is None:
        QTimer.singleShot(5, lambda: reach(state))
        return
    say("shown")
    match state:
        case "idle":
            when(loaded, ready)
        case "loading":
            channel.play()
            when(lambda: not loaded(), ready)
        case "playing":
            channel.set_speed(float("inf"))
            when(loaded, channel.play)
            when(lambda: channel.last_frame.snapshot.step > 1000, ready)
        case "seeking":
            channel.set_speed(float("inf"))
            when(loaded, channel.play)

            def seek():
                channel.seek(channel.last_frame.snapshot.step - 1)
                ready()

            when(lambda: channel.last_frame.snapshot.step > 20_000, seek)
        case "failed":
            channel.open(WalkSpec(raise_at=3), 7)
            when(loaded, lambda: channel.step(9))
            when(lambda: phase() is Phase.FAILED, ready)


parser = argparse.ArgumentParser()
parser.add_argument("state")
parser.add_argument("--leave", default="close")
parser.add_argument("--bare", action="store_true", help="without importing torch")
OPTIONS = parser.parse_args()

if __name__ == "__main__":
    arguments = argparse.Namespace(pane=None, file=None, theme="dark", debug=False)
    if OPTIONS.bare:
        app.STAGES = ()
    app.make_application()
    QTimer.singleShot(0, lambda: reach(OPTIONS.state))
    sys.exit(app.run_app(arguments, WALKS, create))
