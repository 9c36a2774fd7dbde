from __future__ import annotations

import math

import pytest

from playground.engine import commands as cmd
from playground.engine.frames import Phase, RunOpened
from playground.engine.runfile import RunDocument
from playground.engine.runner import Runner
from playground.experiments.jobs import JobError, JobProgress, SlicedJob
from playground.ui.channel import ChannelClient
from tests.engine.toys import Jump, Pull, WalkSpec, create


class Bench:
    """A channel on a runner that is turned by hand, as the frame clock would find it."""

    def __init__(self, watch=True):
        self.sent = []
        self.runner = Runner(create)
        self.client = ChannelClient("stage", "walk", self._send)
        self.problems = []
        self.events = []
        self.client.problem.connect(lambda *words: self.problems.append(words))
        self.client.happened.connect(self.events.append)
        if watch:
            self.client.watch(True)

    def _send(self, command):
        self.sent.append(command)
        self.runner.send(command)

    def turn(self, turns=3):
        for _ in range(turns):
            self.runner.pump()
            frame = self.runner.take_frame("stage")
            for event in self.runner.events():
                self.client.deliver_event(event)
            self.client.deliver_progress(self.runner.job_progress())
            if frame is not None:
                self.client.deliver_frame(frame)
        return self

    def step_to(self, step):
        self.client.step(step - self.snapshot.step)
        for _ in range(200):
            self.turn()
            if self.snapshot.step == step:
                return self
        raise AssertionError(f"at {self.snapshot.step}, not at {step}")

    @property
    def snapshot(self):
        return self.client.last_frame.snapshot

    @property
    def undo(self):
        return self.client.undo_stack

    def start(self, **values):
        self.client.open(WalkSpec(**values), 7)
        return self.turn()


@pytest.fixture
def bench(qapp):
    return Bench()


def test_frames_arrive_and_are_kept(bench):
    frames = []
    bench.client.frame.connect(frames.append)
    bench.start().step_to(5)
    assert bench.client.last_frame is frames[-1]
    assert bench.snapshot.step == 5
    assert bench.client.spec == WalkSpec()


def test_every_command_names_the_channel(bench):
    client = bench.client
    for act in (client.play, client.pause, client.toggle, client.reset):
        act()
    client.step(-1)
    client.step_mark(-1)
    client.seek(-5)
    client.set_speed(math.inf)
    client.switch_run(3)
    client.drop_run(4)
    assert {command.channel for command in bench.sent} == {"stage"}
    assert bench.sent[-5:] == [
        cmd.StepMark("stage", -1),
        cmd.Seek("stage", 0),
        cmd.SetSpeed("stage", math.inf),
        cmd.SwitchRun("stage", 3),
        cmd.DropRun("stage", 4),
    ]


def test_toggle_pauses_what_plays(bench):
    bench.start()
    bench.client.toggle()
    bench.turn()
    assert bench.client.phase is Phase.PLAYING
    bench.client.toggle()
    bench.turn()
    assert bench.client.phase is Phase.PAUSED


def test_a_frame_of_another_run_is_dropped(bench):
    bench.start()
    stale = bench.client.last_frame
    bench.client.open(WalkSpec(start=1.0), 8)
    bench.turn()
    assert bench.client.deliver_frame(stale) is False
    assert bench.snapshot.spec.start == 1.0


def test_the_first_opening_cannot_be_undone(bench):
    bench.start()
    assert not bench.undo.canUndo()


def test_a_live_value_is_an_edit_and_can_be_undone_and_redone(bench):
    bench.start().step_to(10)
    run = bench.client.run_id
    assert bench.client.edit_value(("rate",), 2.0)
    bench.turn()
    assert bench.client.run_id == run
    assert bench.snapshot.spec.rate == 2.0
    assert bench.undo.undoText() == "change rate"
    for rate in (0.1, 2.0, 0.1, 2.0):
        (bench.undo.undo if rate == 0.1 else bench.undo.redo)()
        bench.turn()
        assert bench.snapshot.spec.rate == rate
    assert bench.undo.count() == 1


def test_any_other_value_opens_a_run_with_the_same_seed(bench):
    bench.start().step_to(10)
    bench.client.edit_value(("start",), 5.0)
    bench.turn()
    assert bench.snapshot.spec.start == 5.0
    assert (bench.snapshot.step, bench.client.last_frame.seed) == (0, 7)
    bench.undo.undo()
    bench.turn()
    assert (bench.snapshot.spec.start, bench.snapshot.step) == (0.0, 10)
    bench.undo.redo()
    bench.turn()
    assert bench.snapshot.spec.start == 5.0


def test_a_run_that_was_forgotten_is_opened_anew_by_undo(bench):
    bench.start()
    first = bench.client.run_id
    bench.client.edit_value(("start",), 5.0)
    bench.turn()
    # Never advanced, so the thread has dropped it.
    assert first not in [run.run_id for run in bench.client.runs]
    for start in (0.0, 5.0, 0.0):
        (bench.undo.redo if start else bench.undo.undo)()
        bench.turn()
        assert bench.snapshot.spec.start == start
    assert bench.undo.count() == 1


def test_the_values_of_one_drag_are_one_change(bench):
    bench.start().step_to(3)
    for rate in (0.2, 0.3, 0.4):
        bench.client.edit_value(("rate",), rate, finished=rate == 0.4)
        bench.turn()
    assert bench.undo.count() == 1
    bench.undo.undo()
    bench.turn()
    assert bench.snapshot.spec.rate == 0.1


def test_a_drag_that_restarts_is_one_change_too(bench):
    bench.start().step_to(3)
    for start in (1.0, 2.0, 3.0):
        bench.client.edit_value(("start",), start, finished=start == 3.0)
        bench.turn()
    assert bench.undo.count() == 1
    bench.undo.undo()
    bench.turn()
    assert (bench.snapshot.spec.start, bench.snapshot.step) == (0.0, 3)


def test_two_drags_of_the_same_knob_are_two_changes(bench):
    bench.start().step_to(3)
    for rate in (0.2, 0.3):
        bench.client.edit_value(("rate",), rate)
        bench.turn()
    assert bench.undo.count() == 2


def test_edits_that_add_up_are_all_undone_together(bench):
    bench.start().step_to(3)
    gesture = bench.client.new_gesture()
    before = bench.snapshot.position_
    for by in (1.0, 2.0, 4.0):
        bench.client.edit(Jump(by=by), gesture)
        bench.turn()
    assert bench.undo.count() == 1
    assert bench.snapshot.position_ == pytest.approx(before + 7.0)
    bench.undo.undo()
    bench.turn()
    assert bench.snapshot.position_ == pytest.approx(before)
    bench.undo.redo()
    bench.turn()
    assert bench.snapshot.position_ == pytest.approx(before + 7.0)


def test_an_undo_is_not_itself_a_change(bench):
    bench.start().step_to(3)
    bench.client.edit(Jump(by=1.0))
    bench.turn()
    bench.undo.undo()
    bench.turn()
    assert (bench.undo.count(), bench.undo.index()) == (1, 0)


def test_a_value_that_is_not_allowed_is_a_sentence_and_changes_nothing(bench):
    bench.start()
    sent = len(bench.sent)
    assert not bench.client.edit_value(("rate",), -1.0)
    assert not bench.client.edit_value(("nonsense",), 1.0)
    assert len(bench.sent) == sent
    assert "rate must be greater than 0" in bench.problems[0][0]
    assert "nonsense" in bench.problems[1][0]


def test_quick_changes_build_on_each_other_before_the_thread_has_answered(bench):
    bench.start()
    bench.client.edit_value(("rate",), 3.0)
    bench.client.edit_value(("start",), 2.0)
    assert (bench.client.spec.rate, bench.client.spec.start) == (3.0, 2.0)
    bench.turn()
    assert (bench.snapshot.spec.rate, bench.snapshot.spec.start) == (3.0, 2.0)


def test_a_refused_command_is_a_sentence_and_the_spec_is_the_runs_again(bench):
    bench.start()
    bench.client.switch_run(999)
    bench.turn()
    assert len(bench.problems) == 1
    assert bench.client.spec == bench.snapshot.spec


def test_a_failure_comes_with_its_traceback_and_reset_recovers(bench):
    bench.start(raise_at=2)
    bench.client.step(5)
    bench.turn(6)
    assert bench.client.phase is Phase.FAILED
    sentence, details = bench.problems[0]
    assert "cannot be multiplied" in sentence
    assert "Traceback" in details
    bench.client.edit_value(("raise_at",), -1)
    bench.client.reset()
    bench.turn()
    assert bench.snapshot.step == 0


def test_reset_can_be_undone(bench):
    bench.start().step_to(12)
    bench.client.reset()
    bench.turn()
    assert bench.snapshot.step == 0
    assert bench.undo.undoText() == "reset"
    bench.undo.undo()
    bench.turn()
    assert bench.snapshot.step == 12


def test_a_branch_is_no_change_of_its_own(bench):
    bench.start().step_to(20)
    bench.client.seek(5)
    bench.turn()
    bench.client.edit(Jump(by=3.0))
    bench.turn()
    causes = [event.cause for event in bench.events if isinstance(event, RunOpened)]
    assert causes == ["open", "branch"]
    assert bench.undo.count() == 1
    assert bench.snapshot.step == 5
    assert len(bench.client.runs) == 2


def test_an_edit_without_an_inverse_is_carried_out_but_not_offered_for_undo(bench):
    bench.start().step_to(5)
    bench.client.edit(Pull(target=3.0))
    bench.turn()
    assert bench.snapshot.pulls == ((0, 3.0),)
    assert bench.undo.count() == 0


def test_a_document_is_handed_to_who_asked_for_it(bench):
    bench.start().step_to(9)
    documents = []
    bench.client.ask_document(documents.append)
    bench.turn()
    (document,) = documents
    assert isinstance(document, RunDocument)
    assert (document.step, document.seed) == (9, 7)
    bench.client.open_document(document)
    bench.turn(8)
    assert bench.snapshot.step == 9


class Count(SlicedJob):
    title = "count"

    def __init__(self, upto, fail=False):
        self.upto = upto
        self.fail = fail

    def run(self):
        for number in range(self.upto):
            yield JobProgress(number / self.upto, f"{number}")
        if self.fail:
            raise JobError("Counting is not possible today.")
        return self.upto


def test_a_job_tells_its_result_once(bench):
    results = []
    handle = bench.client.start_job(Count(5), on_done=results.append)
    assert handle.running
    bench.turn(8)
    assert results == [5]
    assert not handle.running


def test_a_failed_job_is_told_to_who_started_it_else_to_the_error_bar(bench):
    told = []
    bench.client.start_job(Count(2, fail=True), on_failed=told.append)
    bench.client.start_job(Count(2, fail=True))
    bench.turn(8)
    assert told == ["Counting is not possible today."]
    assert bench.problems == [("Counting is not possible today.", "")]


def test_a_cancelled_job_is_silent(bench):
    told = []
    handle = bench.client.start_job(Count(10**9), on_done=told.append, on_failed=told.append)
    bench.turn()
    handle.cancel()
    bench.turn()
    assert not handle.running
    assert told == []
    assert bench.problems == []
