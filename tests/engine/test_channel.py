import math

import pytest

from playground.engine import commands as cmd
from playground.engine.frames import (
    EditApplied,
    Ended,
    Failed,
    Phase,
    Refused,
    RunOpened,
)
from playground.engine.run_shelf import MAX_RUNS
from playground.engine.runfile import RunDocument
from tests.engine.toys import EPOCH, Hand, Jump, Pull, WalkSpec, fresh, set_value


@pytest.fixture
def hand():
    hand = Hand()
    hand.open()
    return hand


def refusal(hand):
    return hand.event(Refused).sentence


def test_opening_shows_step_0_paused(hand):
    frame = hand.frame
    opened = hand.event(RunOpened)

    assert (frame.transport.phase, frame.transport.step, frame.transport.frontier) == (
        Phase.PAUSED,
        0,
        0,
    )
    assert (opened.cause, opened.previous, opened.seed) == ("open", None, 1)
    assert frame.snapshot == fresh(opened.spec, 1, [], 0).snapshot(frozenset())
    assert [info.run_id for info in frame.runs] == [opened.run_id]


def test_playing_goes_on_until_pause(hand):
    hand.send(cmd.Play("pane"), turns=20)
    assert hand.phase is Phase.PLAYING
    hand.send(cmd.Pause("pane"))
    step = hand.frame.snapshot.step
    hand.turn(20)

    assert step >= 20
    assert (hand.phase, hand.frame.snapshot.step) == (Phase.PAUSED, step)
    assert hand.frame.transport.speed == 0.0
    assert hand.frame.history.length("walk") == step


def test_playing_keeps_the_wanted_speed(hand):
    hand.send(cmd.SetSpeed("pane", 50.0), cmd.Play("pane"))
    start = hand.clock.now
    hand.until(lambda hand: hand.clock.now >= start + 2.0, turns=50_000)

    assert hand.frame.transport.step == pytest.approx(101, abs=2)
    assert hand.frame.transport.speed == pytest.approx(50, rel=0.05)
    assert hand.frame.transport.training_share == pytest.approx(0.05, abs=0.03)


@pytest.mark.parametrize("rate", [0.0, -1.0, math.nan])
def test_a_speed_that_is_none_is_refused(hand, rate):
    hand.send(cmd.SetSpeed("pane", rate))
    assert "greater than 0" in refusal(hand)
    assert hand.frame.transport.wanted_speed == cmd.MAX_SPEED


def test_steps_move_within_the_recording_and_train_beyond_it(hand):
    assert hand.train(10).transport.frontier == 10
    hand.send(cmd.Step("pane", -4))
    assert hand.settle().transport.step == 6
    hand.send(cmd.Step("pane", 2))
    assert hand.settle().transport.frontier == 10
    hand.send(cmd.Step("pane", 5))
    frame = hand.settle()

    assert (frame.transport.step, frame.transport.frontier) == (13, 13)
    assert hand.count(RunOpened) == 1


def test_fast_presses_of_the_step_key_all_count(hand):
    for _ in range(25):
        hand.send(cmd.Step("pane", 1), turns=0)
    hand.settle()
    assert hand.frame.transport.step == 25


def test_a_step_while_playing_pauses_first(hand):
    hand.send(cmd.Play("pane"), turns=5)
    step = hand.frame.snapshot.step
    hand.send(cmd.Step("pane", 1))
    frame = hand.settle()

    assert hand.phase is Phase.PAUSED
    assert frame.transport.step - step <= 1 + 10


def test_the_end_of_the_coarse_unit_is_found_in_the_recording_and_trained_beyond_it(hand):
    places = []
    for direction in (1, 1, 1, -1, -1, 1, 1, 1, -1, -1, -1, -1, -1):
        hand.send(cmd.StepMark("pane", direction))
        places.append(hand.settle().transport.step)

    assert [place // EPOCH for place in places] == [1, 2, 3, 2, 1, 2, 3, 4, 3, 2, 1, 0, 0]
    assert all(place % EPOCH == 0 for place in places)
    hand.seek(EPOCH + 2)
    hand.send(cmd.StepMark("pane", -1))
    assert hand.settle().transport.step == EPOCH
    assert hand.frame.transport.mark_noun == "epoch"


def test_playing_from_an_earlier_step_branches_and_keeps_the_future(hand):
    future = hand.train(60).snapshot
    hand.seek(20)
    hand.send(cmd.Play("pane"), turns=4)
    hand.send(cmd.Pause("pane"))
    frame = hand.settle()
    opened = hand.event(RunOpened)
    old, new = frame.runs

    assert (opened.cause, opened.previous, frame.run_id) == ("branch", old.run_id, new.run_id)
    assert (old.steps, new.parent, new.branch_step) == (60, old.run_id, 20)
    assert old.headline == future.headline
    assert frame.ghost.length("walk") == 60
    # The same seed and no edit: the branch walks the same way.
    step = frame.snapshot.step
    assert frame.ghost.series("walk").columns["position"][step - 1] == frame.snapshot.position_

    hand.send(cmd.SwitchRun("pane", old.run_id))
    back = hand.settle()
    assert (back.transport.step, back.transport.frontier) == (20, 60)
    assert [(mark.step, mark.kind) for mark in back.transport.marks] == [(20, "branch")]
    assert hand.seek(60).snapshot == future


def test_an_edit_at_an_earlier_step_branches(hand):
    hand.train(60)
    hand.seek(30)
    frame = hand.apply(Jump(by=5.0))
    applied = hand.event(EditApplied)

    assert hand.event(RunOpened).cause == "branch"
    assert (applied.step, applied.run_id, applied.inverse) == (30, frame.run_id, Jump(by=-5.0))
    assert (frame.transport.frontier, len(frame.runs)) == (30, 2)


def test_a_refused_edit_at_an_earlier_step_does_not_branch(hand):
    hand.train(60)
    frame = hand.seek(30)
    after = hand.apply(Pull(target=5000.0))

    assert "within ±1000" in refusal(hand)
    assert (after.run_id, after.snapshot, len(after.runs)) == (frame.run_id, frame.snapshot, 1)
    assert hand.seek(60).transport.frontier == 60


def test_an_edit_while_playing_goes_on_playing(hand):
    hand.send(cmd.Play("pane"), turns=5)
    hand.send(cmd.Apply("pane", set_value("rate", 2.0), gesture=4, undoable=False), turns=5)
    applied = hand.event(EditApplied)

    assert hand.phase is Phase.PLAYING
    assert (applied.gesture, applied.undoable, applied.inverse.value) == (4, False, 0.1)
    assert hand.frame.snapshot.spec.rate == 2.0
    assert hand.frame.snapshot.step > applied.step


def test_undoing_what_was_done_gives_the_run_without_it(hand):
    hand.train(10)
    hand.apply(set_value("rate", 3.0))
    inverse = hand.event(EditApplied).inverse
    hand.apply(inverse, undoable=False)
    frame = hand.train(10)

    assert frame.snapshot == fresh(hand.event(RunOpened).spec, 1, [(10, inverse)], 20).snapshot(
        frozenset()
    )
    assert frame.snapshot.spec.rate == 0.1


def test_a_finished_run_says_why_and_refuses_to_play(hand):
    frame = hand.open(steps=15)
    hand.send(cmd.Play("pane"))
    frame = hand.settle()
    ended = hand.event(Ended)

    assert (frame.transport.phase, ended.step) == (Phase.ENDED, 15)
    assert ended.status.reason == "all 15 steps are done"
    assert [(mark.step, mark.kind) for mark in frame.transport.marks] == [(15, "end")]
    hand.send(cmd.Play("pane"))
    assert refusal(hand) == "all 15 steps are done"
    assert hand.count(Ended) == 1
    hand.apply(set_value("steps", 20))
    assert hand.phase is Phase.PAUSED
    assert hand.train(100).transport.step == 20


def test_divergence_is_a_status(hand):
    hand.apply(Jump(by=2e6))
    assert hand.phase is Phase.ENDED
    assert hand.frame.snapshot.status.reason == "the walker has left the map"


def test_reset_starts_afresh_with_the_live_edits_and_keeps_the_old_run(hand):
    hand.train(10)
    hand.apply(set_value("rate", 2.0))
    hand.send(cmd.Reset("pane"))
    opened, frame = hand.event(RunOpened), hand.frame

    assert (opened.cause, opened.seed, opened.spec.rate) == ("reset", 1, 2.0)
    assert (frame.transport.step, [info.steps for info in frame.runs]) == (0, [10, 0])
    hand.train(1)
    hand.send(cmd.Reset("pane", seed=9))
    assert (hand.frame.seed, hand.event(RunOpened).previous) == (9, opened.run_id)


def test_a_run_in_which_nothing_happened_is_not_kept(hand):
    hand.send(cmd.Reset("pane", seed=2), cmd.Reset("pane", seed=3))
    assert [info.seed for info in hand.frame.runs] == [3]
    hand.apply(Jump(by=1.0))
    hand.send(cmd.Reset("pane", seed=4))
    assert [info.seed for info in hand.frame.runs] == [3, 4]


def test_at_most_forty_runs_are_kept_and_the_oldest_go(hand):
    for seed in range(MAX_RUNS + 10):
        hand.send(cmd.Step("pane", 1), cmd.Reset("pane", seed))
    seeds = [info.seed for info in hand.frame.runs]

    assert len(seeds) == MAX_RUNS
    assert seeds == list(range(10, MAX_RUNS + 10))
    hand.send(cmd.SwitchRun("pane", 1))
    assert refusal(hand) == "This run is no longer listed."


def test_one_slider_drag_leaves_one_run(hand):
    hand.train(5)
    first = hand.frame.run_id
    hand.send(cmd.Play("pane"))
    for start in range(10):
        spec = WalkSpec(start=start, seconds_per_step=0.001)
        command = cmd.Open("pane", "walk", spec, 1, gesture=7, keep_playing=True)
        hand.send(command, turns=3)
        assert hand.event(RunOpened).previous == first

    assert hand.phase is Phase.PLAYING
    assert len(hand.frame.runs) == 2
    assert hand.frame.runs[0].run_id == first
    hand.send(cmd.Open("pane", "walk", WalkSpec(start=99), 1, gesture=8), turns=3)
    assert len(hand.frame.runs) == 3
    assert hand.phase is Phase.PAUSED


def test_runs_can_be_dropped_but_not_the_current_one(hand):
    hand.train(5)
    hand.send(cmd.Reset("pane"))
    old, new = hand.frame.runs
    hand.send(cmd.DropRun("pane", new.run_id))
    assert "cannot be dropped" in refusal(hand)
    hand.send(cmd.DropRun("pane", old.run_id), cmd.DropRun("pane", old.run_id))
    assert hand.frame.runs == (new,)


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (cmd.Open("pane", "chess", WalkSpec(), 1), "no experiment “chess”"),
        (cmd.Open("pane", "broken", WalkSpec(), 1), "could not be started: no such device"),
        (cmd.SwitchRun("pane", 77), "no longer listed"),
        (
            cmd.OpenDocument("pane", RunDocument(kind="walk", spec={"rate": -1}, seed=1)),
            "rate must be greater than 0",
        ),
        (
            cmd.OpenDocument(
                "pane",
                RunDocument(kind="walk", spec={}, seed=1, edits=((0, {"type": "fly"}),)),
            ),
            "must be one of jump, pull, set_value, shake",
        ),
    ],
)
def test_a_refused_command_changes_nothing_not_even_playing(hand, command, sentence):
    hand.send(cmd.Play("pane"), turns=3)
    before = hand.frame
    hand.send(command, turns=2)

    assert sentence in refusal(hand)
    assert hand.phase is Phase.PLAYING
    assert hand.frame.run_id == before.run_id
    assert hand.frame.snapshot.step > before.snapshot.step


def test_commands_before_anything_is_open_are_refused():
    hand = Hand()
    for command in (
        cmd.Play("pane"),
        cmd.Pause("pane"),
        cmd.Seek("pane", 3),
        cmd.Step("pane"),
        cmd.Reset("pane"),
        cmd.Apply("pane", Jump(by=1.0)),
        cmd.AskDocument("pane", 1),
    ):
        hand.send(command)
        assert refusal(hand) == "Nothing is open here yet."
    assert hand.last is None


def test_an_exception_in_a_step_is_a_failure_from_which_reset_recovers(hand):
    hand.open(raise_at=12)
    hand.send(cmd.Play("pane"))
    frame = hand.settle()
    failed = hand.event(Failed)

    assert (frame.transport.phase, failed.step, frame.transport.frontier) == (Phase.FAILED, 12, 12)
    assert "after step 12: shapes (3,4) and (5,6) cannot be multiplied" in failed.sentence
    assert "RuntimeError" in failed.traceback
    assert "toys.py" in failed.traceback
    assert frame.history.length("walk") == 12
    hand.send(cmd.Play("pane"))
    assert "has failed" in refusal(hand)
    hand.send(cmd.Reset("pane"))
    assert hand.phase is Phase.PAUSED
    assert hand.train(5).transport.step == 5
    hand.send(cmd.SwitchRun("pane", failed.run_id))
    frame = hand.settle()
    assert frame.snapshot == fresh(hand.event(RunOpened).spec, 1, [], 12).snapshot(frozenset())


def test_an_exception_in_a_picture_is_a_failure_too(hand):
    hand.train(5)
    hand.apply(set_value("snapshot_fails", True))

    assert hand.event(Failed).sentence.endswith("no picture today")
    assert (hand.phase, hand.frame.transport.phase) == (Phase.FAILED, Phase.FAILED)
    assert hand.frame.snapshot.step == 5
    hand.turn(5)
    assert hand.count(Failed) == 1


def test_a_run_that_cannot_even_be_drawn_once_fails_without_a_frame():
    hand = Hand()
    hand.send(cmd.Open("pane", "walk", WalkSpec(snapshot_fails=True), 1), turns=3)
    assert hand.count(Failed) == 1
    assert hand.last is None
    hand.send(cmd.Open("pane", "walk", WalkSpec(), 1))
    assert hand.phase is Phase.PAUSED
    assert hand.last is not None


def test_an_unwatched_channel_builds_no_pictures(hand):
    hand.send(cmd.Watch("pane", visible=False), cmd.Play("pane"))
    hand.last = None
    hand.turn(20)
    assert hand.last is None
    hand.send(cmd.Watch("pane", visible=True))
    assert hand.frame.snapshot.step > 10


def test_a_frame_is_built_only_when_the_last_one_was_taken(hand):
    hand.send(cmd.Play("pane"), turns=3)
    runner = hand.runner
    for _ in range(5):
        runner.pump()
    first = runner.take_frame("pane")
    assert runner.take_frame("pane") is None
    runner.pump()
    second = runner.take_frame("pane")

    assert second.snapshot.step - first.snapshot.step > 20


def test_a_pause_is_shown_even_if_nobody_took_the_frame_before(hand):
    hand.send(cmd.Play("pane"), turns=3)
    hand.runner.pump(5)
    hand.runner.send(cmd.Pause("pane"))
    hand.runner.pump()

    assert hand.runner.take_frame("pane").transport.phase is Phase.PAUSED


def test_a_slow_step_is_shown_even_if_nobody_took_the_frame_before(hand):
    hand.send(cmd.SetSpeed("pane", 0.5), cmd.Play("pane"))
    hand.runner.pump(5)
    assert hand.runner.take_frame("pane") is None
    step = hand.frame.snapshot.step
    while hand.clock.now < 3.0:
        hand.runner.pump()
    hand.runner.pump()
    assert hand.runner.take_frame("pane").snapshot.step == step + 1


def test_a_short_replay_is_shown_only_where_it_ends(hand):
    hand.train(300)
    hand.send(cmd.Seek("pane", 33), turns=0)
    steps = []
    while not steps or steps[-1] != 33:
        hand.runner.pump()
        if frame := hand.runner.take_frame("pane"):
            steps.append(frame.snapshot.step)
    assert steps == [33]


def test_a_long_replay_shows_its_progress_over_the_last_picture(hand):
    hand.train(400)
    timeline = hand.runner._loop._channel("pane").runs.current
    timeline.checkpoints.shrink(0, focus=0)
    hand.send(cmd.Seek("pane", 390), turns=0)
    seen = []
    while hand.frame.transport.phase is not Phase.SEEKING or hand.phase is Phase.SEEKING:
        hand.turn()
        seen.append(hand.frame)
        if hand.phase is Phase.PAUSED:
            break
    on_the_way = [frame for frame in seen if frame.transport.phase is Phase.SEEKING]

    assert on_the_way
    assert all(frame.snapshot.step == 400 for frame in on_the_way)
    assert all(frame.transport.step == 390 for frame in on_the_way)
    progress = [frame.transport.seek_progress for frame in on_the_way]
    assert progress == sorted(progress)
    assert 0 < progress[-1] < 1
    assert seen[-1].snapshot.step == 390


def test_what_is_asked_during_a_long_replay_happens_where_it_ends(hand):
    hand.train(400)
    hand.runner._loop._channel("pane").runs.current.checkpoints.shrink(0, focus=0)
    hand.send(cmd.Seek("pane", 300))
    assert hand.phase is Phase.SEEKING
    hand.send(cmd.Apply("pane", Jump(by=1.0)), cmd.Pause("pane"), cmd.Step("pane", 3))
    frame = hand.settle()

    assert hand.event(EditApplied).step == 300
    assert (frame.transport.step, frame.transport.frontier) == (303, 303)


def test_pause_stops_a_long_replay(hand):
    hand.train(400)
    hand.runner._loop._channel("pane").runs.current.checkpoints.shrink(0, focus=0)
    hand.send(cmd.Seek("pane", 300), turns=5)
    hand.send(cmd.Pause("pane"))

    assert hand.phase is Phase.PAUSED
    assert 0 < hand.frame.transport.step < 300
    assert hand.frame.transport.frontier == 400


def test_a_document_opens_where_it_stood_and_is_the_same_again(hand):
    hand.train(30)
    hand.apply(Pull(target=2.0))
    hand.train(30)
    there = hand.seek(45).snapshot
    document = hand.document()
    hand.open(seed=5)
    hand.send(cmd.OpenDocument("pane", document))
    frame = hand.settle()

    assert hand.event(RunOpened).cause == "document"
    assert frame.snapshot == there
    assert (frame.transport.frontier, frame.history.length("walk")) == (60, 60)
    assert hand.document() == document


def test_a_document_with_an_edit_that_fails_gives_back_what_was_there(hand):
    before = hand.train(30)
    document = hand.document()
    bad = document.model_copy(
        update={"edits": ((4, {"type": "pull", "target": 4000.0}),), "frontier": 30}
    )
    hand.send(cmd.OpenDocument("pane", bad))
    frame = hand.settle()

    assert "a change at step 4 that fails: The target must lie within ±1000" in refusal(hand)
    assert (frame.run_id, frame.snapshot) == (before.run_id, before.snapshot)
    assert [info.run_id for info in frame.runs] == [before.run_id]


def test_a_document_longer_than_its_run_says_so(hand):
    document = RunDocument(kind="walk", spec={"steps": 20}, seed=1, step=90, frontier=100)
    hand.send(cmd.OpenDocument("pane", document))
    frame = hand.settle()

    assert "says 100 steps, but the run ended after 20" in refusal(hand)
    assert (frame.transport.step, frame.transport.frontier, hand.phase) == (20, 20, Phase.ENDED)


def test_of_many_seeks_the_last_one_counts(hand):
    hand.train(100)
    hand.send(*(cmd.Seek("pane", step) for step in range(90)))
    assert hand.settle().transport.step == 89


def test_a_frame_knows_the_views_that_are_watched():
    hand, asked = Hand(), []
    hand.open()
    experiment = hand.runner._loop._channel("pane").runs.current._experiment
    original = experiment.snapshot
    experiment.snapshot = lambda views: asked.append(views) or original(views)
    hand.send(cmd.Watch("pane", True, frozenset({"surface"})))
    assert asked == [frozenset({"surface"})]


def test_a_few_steps_are_done_before_the_next_command(hand):
    hand.send(cmd.Step("pane", 2), cmd.Apply("pane", Jump(by=1.0)), cmd.Step("pane", 2))
    frame = hand.settle()
    assert (hand.event(EditApplied).step, frame.transport.step) == (2, 4)


def test_many_steps_leave_the_thread_to_others_and_steps_back_take_them_off(hand):
    hand.send(cmd.Step("pane", 500))
    assert hand.phase is Phase.PLAYING
    assert hand.frame.transport.frontier < 50
    hand.send(cmd.Step("pane", -450))
    assert hand.settle().transport.step == 50
