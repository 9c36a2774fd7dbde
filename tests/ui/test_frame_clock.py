from __future__ import annotations

import math

import pytest

from playground.engine.frames import EditApplied, Event, LibrariesLoaded, Phase
from playground.engine.runner import Runner
from playground.ui.channel import ChannelClient
from playground.ui.frame_clock import FrameClock, FrameMeter
from tests.engine.toys import Clock, WalkSpec, create


class TestFrameMeter:
    def test_percentiles_of_continuous_play(self):
        meter = FrameMeter()
        now = 0.0
        for _ in range(100):
            meter.note_frame(now, playing=True)
            now += 0.033
        now += 0.067
        meter.note_frame(now, playing=True)
        found = meter.intervals()
        assert found.count == 100
        assert found.p50 == pytest.approx(33.0)
        assert found.p95 == pytest.approx(33.0)
        assert found.longest == pytest.approx(100.0)

    def test_a_pause_is_no_gap(self):
        meter = FrameMeter()
        meter.note_frame(0.0, playing=True)
        meter.note_frame(0.033, playing=False)
        meter.note_frame(9.0, playing=True)
        meter.note_frame(9.033, playing=True)
        assert meter.intervals().longest == pytest.approx(33.0)

    def test_an_interruption_is_no_gap(self):
        meter = FrameMeter()
        meter.note_frame(0.0, playing=True)
        meter.interrupt()
        meter.note_frame(5.0, playing=True)
        assert meter.intervals().count == 0

    def test_frames_of_the_last_second_only(self):
        meter = FrameMeter()
        for number in range(60):
            meter.note_frame(number / 30, playing=True)
        assert meter.frames_per_second(1.98) == 30.0
        assert meter.frames_per_second(10.0) == 0.0

    def test_drawing_share_counts_what_lies_in_the_last_second(self):
        meter = FrameMeter()
        meter.note_drawing(0.0, 0.5)
        meter.note_drawing(1.0, 1.25)
        assert meter.drawing_share(1.25) == pytest.approx(0.5)
        assert meter.drawing_share(5.0) == 0.0

    def test_nothing_measured_is_zero(self):
        assert FrameMeter().intervals().p99 == 0.0
        assert FrameMeter().drawing_share(1.0) == 0.0


@pytest.fixture
def now():
    return Clock()


@pytest.fixture
def clock(qapp, now):
    runner = Runner(create)
    clock = FrameClock(runner, now=now)
    clock.runner = runner
    return clock


def staged(clock, name="walk"):
    channel = ChannelClient(name, "walk", clock.runner.send)
    clock.add(channel)
    channel.watch(True)
    channel.open(WalkSpec(), 7)
    return channel


def follow(clock, channel, order):
    channel.frame.connect(lambda _: order.append("frame"))
    channel.beside.connect(lambda _: order.append("beside"))
    clock.slow.connect(lambda: order.append("words"))


def turn(clock, turns=2):
    for _ in range(turns):
        clock.runner.pump()
        clock.tick()


def test_only_the_channel_on_stage_gets_frames_but_all_get_events(clock):
    here, there = staged(clock, "here"), staged(clock, "there")
    clock.stage(here)
    turn(clock)
    assert here.last_frame is not None
    assert there.last_frame is None
    assert there.run_id is not None


def test_a_window_that_cannot_be_seen_takes_no_frame_but_hears_events(clock):
    channel = staged(clock)
    clock.stage(channel)
    clock.set_showing(False)
    turn(clock)
    assert channel.last_frame is None
    assert channel.run_id is not None
    clock.set_showing(True)
    turn(clock)
    assert channel.last_frame is not None


def test_texts_are_refreshed_four_times_a_second(clock, now):
    ticks = []
    clock.slow.connect(lambda: ticks.append(now.now))
    for _ in range(31):
        clock.tick()
        now.now += 0.0333
    assert len(ticks) == 4


def test_general_events_find_their_receiver(clock):
    received = []
    clock.on_general_event(received.append)
    clock.runner._outbox.events.post(LibrariesLoaded("", seconds=1.0))
    clock.tick()
    assert received == [LibrariesLoaded("", seconds=1.0)]


def test_an_event_of_an_unknown_channel_hurts_nobody(clock):
    clock.runner._outbox.events.post(Event("nowhere"))
    clock.tick()


def test_a_frame_counts_when_it_has_been_painted(clock, now):
    channel = staged(clock)
    clock.stage(channel)
    turn(clock)
    assert clock.meter.frames_per_second(now.now) == 0.0
    clock.note_paint(now.now, now.now + 0.010)
    assert clock.meter.frames_per_second(now.now + 0.010) == 1.0
    clock.note_paint(now.now, now.now + 0.010)
    assert clock.meter.frames_per_second(now.now + 0.010) == 1.0
    assert clock.meter.drawing_share(now.now + 0.010) >= 0.010


def test_events_come_before_the_frame_that_shows_them(clock):
    order = []
    channel = staged(clock)
    clock.stage(channel)
    turn(clock)
    channel.frame.connect(lambda frame: order.append(("frame", frame.snapshot.spec.rate)))
    channel.happened.connect(lambda event: order.append(type(event)))
    channel.edit_value(("rate",), 3.0)
    turn(clock)
    assert order[0] is EditApplied
    assert order[-1] == ("frame", 3.0)
    assert channel.phase is Phase.PAUSED


def test_the_training_makes_way_until_a_frame_is_painted(clock, now, qtbot, monkeypatch):
    told = []
    channel = staged(clock)
    clock.stage(channel)
    turn(clock)
    monkeypatch.setattr(clock.runner, "make_way", lambda drawing, *_: told.append(drawing))
    clock.note_paint(now.now, now.now)
    qtbot.waitUntil(lambda: told == [False])
    clock.tick()
    assert told == [False, True, False]
    channel.step()
    clock.runner.pump()
    clock.tick()
    assert told == [False, True, False, True]
    clock.note_paint(now.now, now.now)
    qtbot.waitUntil(lambda: told == [False, True, False, True, False])


def test_a_picture_is_whole_at_once_unless_frames_pour_in(clock):
    order = []
    channel = staged(clock)
    clock.stage(channel)
    follow(clock, channel, order)
    turn(clock)
    assert order == ["frame", "beside", "words"]


def test_while_frames_pour_in_the_rest_waits_until_the_watched_view_is_painted(
    clock, now, qtbot, monkeypatch
):
    order, told = [], []
    channel = staged(clock)
    clock.stage(channel)
    channel.set_speed(math.inf)
    channel.play()
    turn(clock)
    follow(clock, channel, order)
    now.now += 1.0
    clock.runner.pump()
    monkeypatch.setattr(clock.runner, "make_way", lambda drawing, *_: told.append(drawing))
    clock.tick()
    assert order == ["frame"]
    clock.note_paint(now.now, now.now)
    qtbot.waitUntil(lambda: told == [True, False])
    assert order == ["frame", "words", "beside"]


def test_what_waits_for_a_channel_that_left_the_stage_is_dropped(clock, now, qtbot, monkeypatch):
    order, told = [], []
    channel = staged(clock)
    clock.stage(channel)
    channel.set_speed(math.inf)
    channel.play()
    turn(clock)
    follow(clock, channel, order)
    clock.runner.pump()
    monkeypatch.setattr(clock.runner, "make_way", lambda drawing, *_: told.append(drawing))
    clock.tick()
    clock.stage(None)
    clock.note_paint(now.now, now.now)
    qtbot.waitUntil(lambda: told == [True, False])
    assert "beside" not in order


def test_the_beat_counts_looks_without_a_frame(clock, now):
    for _ in range(4):
        now.now += 0.05
        clock.tick()
    beat = clock.meter.ticks()
    assert beat.count == 3
    assert beat.longest == pytest.approx(50.0, rel=0.01)
    assert clock.meter.intervals().count == 0
    clock.meter.clear()
    assert clock.meter.ticks().count == 0


def test_start_and_stop(clock):
    assert not clock.running
    clock.start()
    assert clock.running
    clock.stop()
    assert not clock.running


def test_an_answer_at_rest_is_not_kept_for_the_next_beat(clock, now, qtbot):
    channel = staged(clock)
    clock.stage(channel)
    turn(clock)
    clock.start()
    clock._timer.stop()
    clock._timer.start(60_000)
    channel.step(2)
    clock.expect_answer()
    clock.runner.pump()
    qtbot.waitUntil(lambda: channel.last_frame.snapshot.step == 2)
    qtbot.waitUntil(lambda: not clock._early.isActive())
    clock.stop()


def test_a_run_that_plays_keeps_the_beat(clock, now):
    channel = staged(clock)
    clock.stage(channel)
    channel.play()
    turn(clock)
    clock.start()
    clock.expect_answer()
    assert not clock._early.isActive()
    clock.stop()


def test_looking_for_an_answer_ends_after_a_while(clock, now, qtbot):
    channel = staged(clock)
    clock.stage(channel)
    turn(clock)
    clock.start()
    clock.expect_answer()
    assert clock._early.isActive()
    now.now += 1.0
    qtbot.waitUntil(lambda: not clock._early.isActive())
    clock.stop()


def test_a_frame_that_looks_like_the_one_before_counts_as_shown(clock, now, qtbot):
    channel = staged(clock)
    clock.stage(channel)
    channel.set_speed(math.inf)
    channel.play()
    turn(clock)
    clock.note_paint(now.now, now.now)
    for _ in range(3):
        now.now += 0.033
        clock.runner.pump()
        clock.tick()
        qtbot.waitUntil(lambda: clock._beside is None and clock._frame_to_paint is None)
    assert clock.meter.intervals().count == 3
    assert clock.meter.intervals().longest == pytest.approx(33.0, rel=0.01)


def test_training_goes_on_at_low_speed_too_where_a_frame_needs_no_painting(
    clock, now, qtbot, monkeypatch
):
    told = []
    channel = staged(clock)
    clock.stage(channel)
    channel.set_speed(2.0)
    channel.play()
    turn(clock)
    monkeypatch.setattr(clock.runner, "make_way", lambda drawing, *_: told.append(drawing))
    now.now += 0.6
    clock.runner.pump()
    clock.tick()
    assert clock._frame_to_paint is not None
    assert not clock._frame_to_paint.transport.pours
    assert told == [True]
    qtbot.waitUntil(lambda: told == [True, False])
