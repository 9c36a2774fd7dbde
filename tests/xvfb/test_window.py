"""The window on a real display, with a window manager, the training thread and real key presses."""

from __future__ import annotations

import math
import sys
import threading

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from playground.engine.frames import Phase
from playground.engine.loop import WarmUpStage
from playground.engine.runner import Runner
from playground.main_window import MainWindow
from playground.ui.errors import ErrorBar
from playground.ui.focus_keys import FocusKeys
from playground.ui.settings import Settings
from playground.ui.theme import theme
from tests.engine.toys import KINDS, TorchWalk, create
from tests.ui.walk_pane import WALKS

pytestmark = pytest.mark.xvfb

FRAMES = 150
LOST_REFERENCES = 50


def create_as_torch(kind):
    """The walk of the pane, which now waits for torch."""
    return TorchWalk if kind == "walk" else KINDS[kind]


@pytest.fixture
def open_window(qtbot, tmp_path):
    made = {}

    def build(find=create, warm_up=()):
        theme().install(QApplication.instance())
        FocusKeys(QApplication.instance())
        runner = Runner(find, warm_up)
        store = QSettings(str(tmp_path / "playground.ini"), QSettings.Format.IniFormat)
        window = MainWindow(runner, Settings(store), ErrorBar(), WALKS, find)
        qtbot.addWidget(window)
        made["window"] = window
        window.resize(1024, 700)
        window.show()
        qtbot.waitExposed(window)
        window.activateWindow()
        window.stage_first_pane()
        window.clock.start()
        runner.start()
        qtbot.waitUntil(lambda: window.channel.last_frame is not None)
        qtbot.waitUntil(window.isActiveWindow)
        return window

    yield build
    if made:
        made["window"].close()
        assert made["window"].thread_ended
    made.clear()
    QApplication.instance().setStyleSheet("")


def step(window):
    return window.channel.last_frame.snapshot.step


def test_keys_move_the_run(open_window, qtbot):
    window = open_window()
    QTest.keyClick(window, Qt.Key.Key_Right)
    QTest.keyClick(window, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: step(window) == 2)
    QTest.keyClick(window, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: step(window) == 1)
    QTest.keyClick(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.channel.phase is Phase.PLAYING)
    QTest.keyClick(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.channel.phase is Phase.PAUSED)
    QTest.keyClick(window, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: step(window) == 0)


def test_the_number_keys_change_the_pane(open_window, qtbot):
    window = open_window()
    QTest.keyClick(window, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: window.host.current.info.id == "other")
    QTest.keyClick(window, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: window.host.current.info.id == "walk")


def test_play_pressed_early_waits_visibly_for_torch(open_window, qtbot):
    go_on = threading.Event()
    window = open_window(create_as_torch, (WarmUpStage("torch", lambda: go_on.wait(30)),))
    try:
        QTest.keyClick(window, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda: window.channel.phase is Phase.LOADING)
        assert window.transport.play_button.phase is Phase.LOADING
        assert "loading torch" in window.transport.status.text
        assert window.transport.status._spinner.isVisible()
    finally:
        go_on.set()
    qtbot.waitUntil(lambda: window.channel.phase is Phase.PLAYING)
    qtbot.waitUntil(lambda: "loading" not in window.transport.status.text)


def test_a_minimised_window_draws_nothing(open_window, qtbot):
    window = open_window()
    window.channel.set_speed(math.inf)
    window.channel.play()
    qtbot.waitUntil(lambda: window.channel.phase is Phase.PLAYING)
    window.showMinimized()
    qtbot.waitUntil(window.isMinimized)
    drawn = len(window.host.current.pane.rendered)
    ticks = []
    window.clock.slow.connect(lambda: ticks.append(1))
    qtbot.waitUntil(lambda: len(ticks) >= 2)
    assert len(window.host.current.pane.rendered) == drawn
    window.showNormal()
    qtbot.waitUntil(lambda: len(window.host.current.pane.rendered) > drawn)


def test_references_to_none_do_not_vanish_while_it_animates(open_window, qtbot):
    window = open_window()
    window.channel.set_speed(math.inf)
    window.channel.play()
    frames = []
    window.channel.frame.connect(lambda frame: frames.append(frame.snapshot.step))
    qtbot.waitUntil(lambda: len(frames) > 10)
    before = sys.getrefcount(None)
    start = len(frames)
    qtbot.waitUntil(lambda: len(frames) > start + FRAMES, timeout=60_000)
    assert sys.getrefcount(None) > before - LOST_REFERENCES
    assert window.clock.meter.intervals().count > FRAMES // 2


def test_full_screen_and_back(open_window, qtbot):
    window = open_window()
    QTest.keyClick(window, Qt.Key.Key_F11)
    qtbot.waitUntil(window.isFullScreen)
    assert window.commands["view.full_screen"].isChecked()
    QTest.keyClick(window, Qt.Key.Key_F11)
    qtbot.waitUntil(lambda: not window.isFullScreen())
    assert not window.commands["view.full_screen"].isChecked()


def test_the_list_of_runs_opens_inside_the_screen(open_window, qtbot):
    window = open_window()
    QTest.keyClick(window, Qt.Key.Key_R)
    qtbot.waitUntil(window.run_list.isVisible)
    assert window.screen().geometry().contains(window.run_list.frameGeometry())
    QTest.keyClick(window.run_list.tree, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.run_list.isVisible())


def test_dragging_the_timeline_goes_there_live(open_window, qtbot):
    window = open_window()
    window.channel.step(400)
    qtbot.waitUntil(lambda: step(window) == 400)
    bar = window.transport.timeline
    where = bar.rect().center()
    where.setX(round(bar.x_of(100)))
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=where)
    qtbot.waitUntil(lambda: abs(step(window) - 100) <= 1)
    where.setX(round(bar.x_of(200)))
    QTest.mouseMove(bar, where)
    qtbot.waitUntil(lambda: abs(step(window) - 200) <= 1)
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=where)
    assert window.channel.last_frame.transport.frontier == 400
