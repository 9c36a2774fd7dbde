from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "tests" / "ui" / "app_in_process.py"
STATES = ["idle", "loading", "playing", "seeking", "failed"]
# Importing torch takes seconds, so only those states do it in which it matters.
WITH_TORCH = {"idle", "loading"}
# The window has one second; the rest is for a machine that is busy with other tests.
CLOSE_S = 5.0
START_S = 60.0


class Program:
    """The real program in a process of its own, with settings of its own."""

    def __init__(self, folder, state, leave="close"):
        environment = dict(os.environ)
        environment["PYTHONPATH"] = str(ROOT)
        environment["PYTHONUNBUFFERED"] = "1"
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "APPDATA"):
            environment[name] = str(folder)
        bare = [] if state in WITH_TORCH and leave == "close" else ["--bare"]
        self.process = subprocess.Popen(
            [sys.executable, str(SCRIPT), state, "--leave", leave, *bare],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.lines = []
        self.left = None
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line.strip())
                self._news.notify_all()
        self.left = time.monotonic()

    def wait_for(self, words):
        with self._news:
            found = self._news.wait_for(
                lambda: any(line.startswith(words) for line in self.lines), START_S
            )
        if not found:
            self.process.kill()
            pytest.fail(f"no “{words}” in {self.lines}: {self.process.stderr.read()}")
        return next(line for line in self.lines if line.startswith(words))

    def finish(self, since=None):
        """Wait for the end; return how long it took since the window was asked to close."""
        self.process.wait(START_S)
        errors = self.process.stderr.read()
        self._reader.join(START_S)
        if since is None:
            since = float(self.wait_for("closing").split()[1])
        self.process.stderr.close()
        self.process.stdout.close()
        return errors, self.left - since


def is_clean(errors, failures=0):
    bad = ("QThread", "QObject", "Fatal", "dealloc", "Segmentation", "core dumped")
    return errors.count("Traceback") == failures and not any(word in errors for word in bad)


@pytest.mark.parametrize("state", STATES)
def test_closing_ends_the_process_in_every_state(state, tmp_path):
    program = Program(tmp_path, state)
    program.wait_for("ready")
    errors, seconds = program.finish()
    assert program.process.returncode == 0, errors
    # A failed run has told about itself in the log; the end itself is quiet.
    assert is_clean(errors, failures=state == "failed"), errors
    assert seconds < CLOSE_S


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGTERM")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
@pytest.mark.parametrize("state", ["idle", "playing"])
def test_a_signal_closes_the_window_like_a_click(state, number, tmp_path):
    program = Program(tmp_path, state, leave="signal")
    program.wait_for("ready")
    since = time.monotonic()
    program.process.send_signal(number)
    errors, seconds = program.finish(since)
    assert program.process.returncode == 0, errors
    assert is_clean(errors), errors
    assert seconds < CLOSE_S
    settings = next(tmp_path.rglob("playground.ini"))
    assert "geometry" in settings.read_text("utf-8")
    assert list(tmp_path.rglob("last-walk.playrun"))


def test_an_unknown_pane_is_one_sentence(capsys):
    from playground.app import run_app

    options = argparse.Namespace(pane="nonsense", file=None, theme=None, debug=False)
    assert run_app(options) == 2
    assert "There is no pane “nonsense”; there are: perceptron" in capsys.readouterr().err


def test_nothing_heavy_is_imported_on_the_way_to_the_window():
    code = (
        "import sys, playground.app;"
        "print([m for m in ('torch', 'sklearn', 'scipy', 'pyqtgraph', 'gymnasium')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
