"""The real thread. Every wait here is bounded and ends with an event, not with time."""

import queue
import threading
import time

import pytest

from playground.engine import commands as cmd
from playground.engine.frames import Failed, LibrariesLoaded, Phase
from playground.engine.loop import WarmUpStage
from playground.engine.runner import Runner
from tests.engine.toys import Jump, Walk, WalkSpec, create, fresh

BOUND_S = 10.0


class Window:
    """What the window does: it polls a started runner."""

    def __init__(self, **options):
        self.runner = Runner(options.pop("create", create), **options)
        self.runner.start()
        self.events = []
        self.frame = None

    def send(self, *commands):
        for command in commands:
            self.runner.send(command)

    def until(self, condition):
        tick, end = threading.Event(), time.perf_counter() + BOUND_S
        while not (self.frame and condition(self)):
            assert time.perf_counter() < end, f"It never came: {self.frame}, {self.events}"
            tick.wait(0.002)
            self.frame = self.runner.take_frame("pane") or self.frame
            self.events += self.runner.events()
        return self.frame

    def phase_is(self, phase):
        return self.until(lambda window: window.frame.transport.phase is phase)


@pytest.fixture
def window():
    window = Window()
    yield window
    assert window.runner.close(BOUND_S)


def open_walk(window, **spec):
    window.send(cmd.SetSpeed("pane", cmd.MAX_SPEED), cmd.Open("pane", "walk", WalkSpec(**spec), 1))
    return window.until(lambda window: window.frame.snapshot.step == 0)


def test_a_run_is_played_paused_sought_and_branched(window):
    open_walk(window)
    window.send(cmd.Play("pane"))
    window.until(lambda window: window.frame.snapshot.step >= 500)
    window.send(cmd.Pause("pane"))
    window.phase_is(Phase.PAUSED)
    window.send(cmd.Seek("pane", 123))
    frame = window.until(lambda window: window.frame.snapshot.step == 123)
    assert frame.snapshot == fresh(WalkSpec(), 1, [], 123).snapshot(frozenset())
    window.send(cmd.Play("pane"))
    frame = window.until(lambda window: window.frame.snapshot.step >= 200)
    assert frame.runs[-1].branch_step == 123


def test_a_window_that_never_ends_drawing_does_not_stop_the_training(window):
    open_walk(window)
    window.until(lambda window: True)
    window.send(cmd.SetSpeed("pane", cmd.MAX_SPEED), cmd.Play("pane"))
    window.runner.make_way(True)
    window.until(lambda window: window.frame.snapshot.step > 0)


def test_the_thread_is_a_plain_one_with_a_name(window):
    assert (window.runner.name, window.runner.daemon) == ("trainer", False)


def test_an_exception_leaves_the_same_thread_to_go_on(window):
    open_walk(window, raise_at=50)
    identity = window.runner.ident
    window.send(cmd.Play("pane"))
    window.phase_is(Phase.FAILED)
    assert any(isinstance(event, Failed) for event in window.events)
    window.send(cmd.Reset("pane"), cmd.Step("pane", 5))
    window.until(lambda window: window.frame.snapshot.step == 5)

    assert window.runner.is_alive()
    assert window.runner.ident == identity


class WatchedQueue:
    """A queue that tells when somebody waits in it without a bound."""

    def __init__(self):
        self.queue = queue.SimpleQueue()
        self.put, self.get_nowait = self.queue.put, self.queue.get_nowait
        self.unbounded = threading.Event()

    def get(self, timeout):
        if timeout is None:
            self.unbounded.set()
        return self.queue.get(timeout=timeout)


def test_the_thread_blocks_on_its_queue_while_nothing_is_to_be_done():
    runner = Runner(create)
    runner._queue = watched = WatchedQueue()
    runner.start()
    runner.send(cmd.Open("pane", "walk", WalkSpec(), 1))
    assert watched.unbounded.wait(BOUND_S)
    watched.unbounded.clear()
    runner.send(cmd.Step("pane", 3))
    assert watched.unbounded.wait(BOUND_S)
    assert runner.take_frame("pane").snapshot.step == 3
    assert runner.close(BOUND_S)


def test_a_command_wakes_a_slow_run_at_once(window):
    open_walk(window)
    window.send(cmd.SetSpeed("pane", 0.001), cmd.Play("pane"))
    window.until(lambda window: window.frame.snapshot.step == 1)
    # The next step would be due in a quarter of an hour.
    window.send(cmd.Pause("pane"))
    window.phase_is(Phase.PAUSED)


@pytest.mark.parametrize("state", ["idle", "paused", "playing", "slow", "seeking", "failed"])
def test_closing_in_every_state_ends_the_thread_within_a_second(state):
    window = Window()
    if state != "idle":
        open_walk(window, raise_at=30 if state == "failed" else -1)
    if state in ("playing", "failed"):
        window.send(cmd.Play("pane"))
        window.phase_is(Phase.PLAYING if state == "playing" else Phase.FAILED)
    if state == "slow":
        window.send(cmd.SetSpeed("pane", 0.01), cmd.Play("pane"))
        window.until(lambda window: window.frame.snapshot.step == 1)
    if state == "seeking":
        window.send(cmd.AskDocument("pane", 1))
        window.until(lambda window: window.events and hasattr(window.events[-1], "document"))
        document = window.events[-1].document.model_copy(update={"frontier": 10**9})
        window.send(cmd.OpenDocument("pane", document))
        window.phase_is(Phase.SEEKING)

    assert window.runner.close(timeout=1.0)


def test_closing_before_the_start_is_harmless():
    assert Runner(create).close(1.0)


def test_closing_does_not_wait_longer_than_it_may():
    entered, go_on = threading.Event(), threading.Event()

    class Stuck(Walk):
        def step(self):
            entered.set()
            go_on.wait(BOUND_S)
            super().step()

    window = Window(create=lambda kind: Stuck)
    open_walk(window)
    window.send(cmd.Play("pane"))
    assert entered.wait(BOUND_S)
    assert not window.runner.close(timeout=0.05)
    go_on.set()
    assert window.runner.close(BOUND_S)


def test_the_first_picture_is_there_before_the_libraries_load():
    seen, importing = threading.Event(), threading.Event()
    found = []

    def import_torch():
        importing.set()
        found.append(seen.wait(BOUND_S))

    window = Window(warm_up=[WarmUpStage("torch", import_torch)])
    open_walk(window)
    assert importing.wait(BOUND_S)
    assert not window.runner.libraries_loaded
    window.send(cmd.Play("pane"))
    seen.set()
    window.until(lambda window: window.frame.snapshot.step > 10)

    assert found == [True]
    assert any(isinstance(event, LibrariesLoaded) for event in window.events)
    assert window.runner.close(BOUND_S)


def test_commands_are_answered_while_the_libraries_are_imported():
    importing, go_on = threading.Event(), threading.Event()

    def import_slowly():
        importing.set()
        assert go_on.wait(BOUND_S)

    window = Window(warm_up=(WarmUpStage("torch", import_slowly),))
    try:
        open_walk(window)
        assert importing.wait(BOUND_S)
        window.send(cmd.Play("pane"), cmd.Apply("pane", Jump(by=2.0)))
        frame = window.phase_is(Phase.LOADING)
        assert frame.snapshot.position_ == 2.0
    finally:
        go_on.set()
    window.until(lambda window: window.frame.snapshot.step > 0)
    assert window.runner.close(BOUND_S)


def test_closing_during_an_import_does_not_wait_for_it():
    importing, go_on = threading.Event(), threading.Event()

    def import_slowly():
        importing.set()
        assert go_on.wait(BOUND_S)

    window = Window(warm_up=(WarmUpStage("torch", import_slowly),))
    assert importing.wait(BOUND_S)
    try:
        assert window.runner.close(BOUND_S) is False
        assert not window.runner.is_alive()
    finally:
        go_on.set()
