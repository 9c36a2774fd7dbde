from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QSettings

from playground.engine.runner import Runner
from playground.main_window import MainWindow
from playground.panes.registry import PANES
from playground.ui.errors import ErrorBar
from playground.ui.settings import Settings

ROOT = Path(__file__).parents[2]


class Shown(QObject):
    """Notes every widget that comes on screen as a window of its own."""

    def __init__(self):
        super().__init__()
        self.windows = []

    def eventFilter(self, watched, event):
        if event.type() is QEvent.Type.Show and watched.isWidgetType() and watched.isWindow():
            self.windows.append(type(watched).__name__)
        return False


@pytest.fixture
def window(qtbot, tmp_path, themed):
    store = QSettings(str(tmp_path / "own.ini"), QSettings.Format.IniFormat)
    made = MainWindow(Runner(), Settings(store), ErrorBar(), PANES[:1])
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    yield made
    for opened in made.host.all_open():
        opened.channel.undo_stack.clear()
        opened.inspector.deleteLater()
    made.close()


def turn(window):
    window.runner.pump(3)
    window.clock.tick()


def test_nothing_flashes_up_as_a_window_of_its_own(window, qapp, qtbot):
    shown = Shown()
    qapp.installEventFilter(shown)
    window.stage_first_pane()
    turn(window)
    qtbot.waitUntil(lambda: window.host.current.complete)
    window.host.current.pane.apply_preset("all-models")
    turn(window)
    qapp.removeEventFilter(shown)
    assert shown.windows == []


def test_the_cards_come_after_the_first_painting(window, qtbot):
    window.stage_first_pane()
    opened = window.host.current
    assert not opened.complete
    turn(window)
    with qtbot.waitSignal(window.host.painted_whole):
        pass
    assert opened.complete
    turn(window)
    assert opened.pane.cards.isVisible()
    assert opened.pane.cards.curves.plot.curves


def test_a_layout_reaches_the_cards_whenever_they_come(window):
    window.stage_first_pane()
    pane = window.host.current.pane
    pane.restore_state({"cards": ["metrics", "ledger"]})
    assert "ledger" in pane.cards.shown()
    pane.restore_state({"cards": ["studies"]})
    assert "studies" in pane.cards.shown()
    assert pane.save_state()["cards"][-1] == "studies"


def test_the_window_and_its_first_pane_need_no_pyqtgraph():
    lines = (
        "import builtins, sys",
        "import playground.app, playground.panes.perceptron.pane",
        "heavy = ('pyqtgraph', 'torch', 'sklearn', 'scipy', 'numpy.ma', 'unittest', 'asyncio')",
        "print([name for name in heavy if name in sys.modules])",
        # PySide's own import reads the source text of every module.
        "print(builtins.__import__ is getattr(builtins, '__feature_import__', None))",
    )
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout.split("\n")[:2] == ["[]", "False"]
