from __future__ import annotations

import gc
import os
import signal
import sys
import threading

import pytest
from PySide6.QtCore import QObject

from playground.ui.housekeeping import GarbageCollection, StallWatchdog, TerminalSignals


@pytest.fixture
def collector():
    """Leave Python's collector as it was found."""
    yield
    gc.enable()
    gc.unfreeze()


def test_garbage_is_collected_by_the_timer_alone(qapp, qtbot, collector):
    owner = QObject()
    collection = GarbageCollection(lambda: False, owner)
    assert not gc.isenabled()
    gone = threading.Event()

    class Circle:
        def __del__(self):
            gone.set()

    circle = Circle()
    circle.itself = circle
    del circle
    qtbot.waitUntil(gone.is_set)
    collection.stop()
    assert not gc.isenabled()


def test_it_waits_with_the_full_collection_until_idle(qapp, collector, monkeypatch):
    asked = []
    owner = QObject()
    idle = []
    collection = GarbageCollection(lambda: bool(idle), owner)
    monkeypatch.setattr(gc, "collect", lambda *generation: asked.append(generation))
    for _ in range(40):
        collection._collect()
    assert set(asked) == {(1,)}
    idle.append(True)
    collection._collect()
    assert asked[-1] == ()
    collection.stop()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send itself SIGTERM")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_closes_through_the_loop(qapp, qtbot, number):
    before = signal.getsignal(number)
    closed = []
    owner = QObject()
    signals = TerminalSignals(lambda: closed.append(True), owner)
    os.kill(os.getpid(), number)
    qtbot.waitUntil(lambda: closed == [True])
    signals.stop()
    assert signal.getsignal(number) is before


def test_a_stall_is_logged_with_the_place(qapp, qtbot, caplog):
    owner = QObject()
    watchdog = StallWatchdog(owner)

    def busy_in_the_window():
        # Waiting in the GUI thread for the watchdog's own line: a stall as long as it takes.
        done = threading.Event()
        for _ in range(200):
            if "busy for" in caplog.text:
                return
            done.wait(0.02)

    busy_in_the_window()
    watchdog.stop()
    assert "The window has been busy for" in caplog.text
    assert "busy_in_the_window" in caplog.text
