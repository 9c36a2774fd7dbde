import pytest

from playground.engine import commands as cmd
from playground.engine.frames import LibrariesLoaded, Phase, Refused
from playground.engine.loop import BLOCK_S, SLICE_S, WarmUpStage, coalesced
from tests.engine.toys import Clock, Hand, Jump, WalkSpec


def open_on(hand, channel, seconds_per_step, speed=cmd.MAX_SPEED, kind="walk"):
    spec = WalkSpec(seconds_per_step=seconds_per_step)
    hand.send(
        cmd.SetSpeed(channel, speed), cmd.Open(channel, kind, spec, 1), cmd.Play(channel), turns=0
    )


def steps_of(hand, channel):
    return hand.runner._loop._channel(channel).runs.current.step


def run_until(hand, now):
    while hand.clock.now < now:
        hand.runner.pump()


@pytest.mark.parametrize(("slow", "fast"), [(0.001, 0.001), (0.05, 0.0002), (0.02, 0.003)])
def test_two_runs_share_the_time_and_not_the_steps(slow, fast):
    hand = Hand(tick=0.000001)
    open_on(hand, "slow", slow)
    open_on(hand, "fast", fast)
    run_until(hand, 10.0)

    assert steps_of(hand, "slow") * slow == pytest.approx(5.0, rel=0.03)
    assert steps_of(hand, "fast") * fast == pytest.approx(5.0, rel=0.03)


def test_a_slice_ends_early_when_the_window_is_about_to_draw():
    hand = Hand(tick=0.000001)
    open_on(hand, "run", 0.0005)
    run_until(hand, 1.0)
    before = hand.clock.now
    hand.runner.pump()
    whole = hand.clock.now - before
    hand.runner.make_way(True)
    before = hand.clock.now
    hand.runner.pump()
    assert hand.clock.now - before < whole / 2
    hand.runner.make_way(False)
    before = hand.clock.now
    hand.runner.pump()
    assert hand.clock.now - before == pytest.approx(whole, rel=0.2)


def test_a_slice_ends_in_time_for_a_picture_that_is_announced():
    hand = Hand(tick=0.000001)
    open_on(hand, "run", 0.0005)
    run_until(hand, 1.0)
    hand.runner.make_way(False, 0.003)
    before = hand.clock.now
    hand.runner.pump()
    # A step that was begun is done to its end.
    assert 0.0 < hand.clock.now - before < 0.003 + 0.0005


def test_a_frame_that_is_waited_for_is_made_well_before_the_picture():
    hand = Hand(tick=0.000001)
    open_on(hand, "run", 0.0005)
    hand.send(cmd.Watch("run", True, frozenset()), turns=0)
    run_until(hand, 1.0)
    hand.runner.take_frame("run")
    hand.runner.make_way(False, 0.008)
    before = hand.clock.now
    hand.runner.pump()
    assert hand.clock.now - before <= 0.4 * 0.008 + 0.0005
    assert hand.runner.take_frame("run") is not None


def test_three_runs_get_a_third_each():
    hand = Hand(tick=0.000001)
    for channel in "abc":
        open_on(hand, channel, 0.002)
    run_until(hand, 9.0)
    for channel in "abc":
        assert steps_of(hand, channel) * 0.002 == pytest.approx(3.0, rel=0.05)


def test_a_newcomer_has_no_time_to_catch_up_on():
    hand = Hand(tick=0.000001)
    open_on(hand, "old", 0.001)
    run_until(hand, 5.0)
    open_on(hand, "new", 0.001)
    old = steps_of(hand, "old")
    run_until(hand, 7.0)

    assert (steps_of(hand, "old") - old) * 0.001 == pytest.approx(1.0, rel=0.05)
    assert steps_of(hand, "new") * 0.001 == pytest.approx(1.0, rel=0.05)


def test_one_that_plays_slowly_takes_only_what_it_needs():
    hand = Hand(tick=0.000001)
    open_on(hand, "slow", 0.001, speed=100.0)
    open_on(hand, "fast", 0.001)
    run_until(hand, 10.0)

    assert steps_of(hand, "slow") == pytest.approx(1000, rel=0.02)
    assert steps_of(hand, "fast") == pytest.approx(9000, rel=0.02)
    assert hand.runner.meter() == pytest.approx(1.0, abs=0.02)
    hand.send(cmd.Pause("slow"), cmd.Pause("fast"))
    assert hand.runner.meter() == 0.0


def test_one_turn_takes_about_a_slice_however_many_play():
    hand = Hand(tick=0.000001)
    for channel in "abcd":
        open_on(hand, channel, 0.0005)
    hand.runner.pump(20)
    for _ in range(50):
        start = hand.clock.now
        hand.runner.pump()
        assert hand.clock.now - start <= SLICE_S + 0.0005


def test_the_loop_waits_as_long_as_nothing_is_due():
    hand = Hand()
    loop = hand.runner._loop
    assert loop.turn(quiet=True) is None
    hand.open()
    assert loop.turn(quiet=True) is None
    hand.send(cmd.SetSpeed("pane", 0.5), cmd.Play("pane"), turns=3)
    assert 1.5 < loop.turn(quiet=True) <= 2.0
    hand.send(cmd.SetSpeed("pane", cmd.MAX_SPEED))
    assert loop.turn(quiet=True) == BLOCK_S
    hand.send(cmd.Pause("pane"))
    assert loop.turn(quiet=True) is None


def test_channels_do_not_disturb_each_other():
    hand = Hand("a")
    open_on(hand, "a", 0.001)
    open_on(hand, "b", 0.001)
    bad = WalkSpec(seconds_per_step=0.001, raise_at=5)
    hand.send(cmd.Open("b", "walk", bad, 1), cmd.Play("b"), turns=30)

    assert hand.runner._loop._channel("b").phase is Phase.FAILED
    assert hand.phase is Phase.PLAYING
    assert steps_of(hand, "a") > 20


def test_commands_overtaken_by_the_next_are_left_out():
    a, b = Jump(by=1.0), Jump(by=2.0)
    commands = [
        cmd.Seek("x", 1),
        cmd.Seek("y", 9),
        cmd.Seek("x", 2),
        cmd.Apply("x", a),
        cmd.Apply("x", b),
        cmd.Seek("x", 3),
        cmd.SetSpeed("x", 1.0),
        cmd.SetSpeed("x", 2.0),
        cmd.Open("x", "walk", WalkSpec(start=1), 1, gesture=3),
        cmd.Open("x", "walk", WalkSpec(start=2), 1, gesture=3),
        cmd.Open("x", "walk", WalkSpec(start=3), 1),
        cmd.Open("x", "walk", WalkSpec(start=4), 1),
        cmd.Watch("x", True),
        cmd.Watch("x", False),
        cmd.Play("x"),
        cmd.Play("x"),
    ]
    kept = [commands[i] for i in (2, 1, 3, 4, 5, 7, 9, 10, 11, 13, 14, 15)]
    assert coalesced(commands) == kept


class Libraries:
    """Stages that take their time and may fail."""

    def __init__(self, clock, fail=""):
        self.clock, self.fail, self.done = clock, fail, []

    def stages(self):
        return [WarmUpStage(name, lambda name=name: self.load(name)) for name in ("torch", "more")]

    def load(self, name):
        self.clock.now += 1.5
        if name == self.fail:
            raise ImportError(f"No module named '{name}'")
        self.done.append(name)


def loading(kind="walk", fail=""):
    libraries = Libraries(Clock(), fail)
    hand = Hand(warm_up=libraries.stages())
    libraries.clock = hand.clock
    hand.send(
        cmd.Open("pane", kind, WalkSpec(seconds_per_step=0.001), 1),
        cmd.SetSpeed("pane", cmd.MAX_SPEED),
    )
    return hand, libraries


def test_the_first_picture_comes_before_the_libraries():
    hand, libraries = loading()
    assert hand.frame.transport.step == 0
    assert libraries.done == []
    assert not hand.runner.libraries_loaded


def test_play_pressed_early_waits_and_then_starts():
    hand, libraries = loading()
    hand.send(cmd.Play("pane"))
    assert (hand.frame.transport.phase, hand.phase) == (Phase.LOADING, Phase.LOADING)
    hand.turn(1)
    assert libraries.done == ["torch", "more"]
    assert hand.phase is Phase.LOADING
    hand.turn(1)
    loaded = hand.event(LibrariesLoaded)
    assert (loaded.sentence, loaded.names) == ("", ("torch", "more"))
    assert loaded.seconds == pytest.approx(3.0, abs=0.1)
    assert hand.runner.libraries_loaded
    assert hand.phase is Phase.PLAYING
    hand.turn(5)
    # What was missed while loading is not caught up.
    assert 0 < hand.frame.transport.step < 100


def test_everything_but_training_works_while_loading():
    hand, _ = loading()
    hand.send(cmd.Play("pane"), cmd.Apply("pane", Jump(by=2.0)))
    assert hand.frame.snapshot.position_ == 2.0
    assert hand.phase is Phase.LOADING
    hand.send(cmd.Pause("pane"))
    assert hand.phase is Phase.PAUSED
    hand.send(cmd.Step("pane", 3))
    assert hand.phase is Phase.LOADING
    hand.send(cmd.Reset("pane", seed=4))
    assert (hand.phase, hand.frame.seed) == (Phase.PAUSED, 4)
    hand.send(cmd.Step("pane", 3))
    hand.turn(3)
    assert (hand.phase, hand.frame.transport.step) == (Phase.PAUSED, 3)


def test_a_document_opened_at_the_start_is_repeated_before_the_libraries_load():
    hand, _ = loading()
    hand.turn(3)
    hand.train(200)
    document = hand.document()

    hand, libraries = loading()
    stood_at = []
    libraries.load = lambda name: stood_at.append(steps_of(hand, "pane"))
    hand.send(cmd.OpenDocument("pane", document))
    assert hand.phase is Phase.SEEKING
    hand.until(lambda hand: hand.runner.libraries_loaded)
    assert stood_at == [200, 200]


def test_without_torch_only_what_needs_it_is_refused():
    hand, _ = loading("torch walk", fail="torch")
    hand.send(cmd.Play("pane"))
    hand.turn(2)

    sentence = "torch could not be loaded: No module named 'torch'"
    assert hand.event(LibrariesLoaded).sentence == sentence
    assert hand.event(Refused).sentence == sentence
    assert hand.phase is Phase.PAUSED
    hand.send(cmd.Play("pane"), cmd.Step("pane"))
    assert hand.count(Refused) == 3
    hand.open()
    assert hand.train(4).transport.step == 4


def test_close_stops_everything_after_it():
    hand = Hand()
    hand.open()
    hand.send(cmd.Close(), cmd.Step("pane", 5))
    assert hand.runner._loop.closing
    assert steps_of(hand, "pane") == 0
