import numpy as np
import pytest

from playground.engine.recording import Origin
from playground.engine.timeline import RETIRED_BUDGET_BYTES, ReplayError, Timeline
from playground.experiments.base import EditError, Progress, Status
from playground.experiments.spec import SpecError
from tests.engine.toys import Clock, Jump, Pull, Shake, Walk, WalkSpec, create_on, fresh, set_value


def timeline(clock=None, seed=1, **spec):
    clock = clock or Clock()
    spec.setdefault("seconds_per_step", 0.001)
    return Timeline(1, Origin("walk", WalkSpec(**spec), seed), create_on(clock), clock)


def seek(run, step):
    run.begin_seek(step)
    while not run.continue_seek(0.008):
        pass


def picture(run):
    return run.snapshot(frozenset())


def test_going_back_and_forth_shows_the_same_pictures():
    run = timeline()
    pictures = [picture(run)]
    for _ in range(300):
        run.advance(1)
        pictures.append(picture(run))

    for step in (300, 0, 17, 299, 150, 149, 151, 300):
        seek(run, step)
        assert picture(run) == pictures[step]
    assert run.history.length("walk") == 300


def test_checkpoints_are_as_far_apart_as_a_short_replay_takes():
    slow, fast = timeline(seconds_per_step=0.005), timeline(seconds_per_step=0.00001)
    slow.advance(300)
    fast.advance(20_000)

    # 15 ms of replay; the first ones come before anything is known about the cost.
    assert set(np.diff(slow.checkpoints.steps)[2:]) <= {3, 4}
    assert 1000 <= np.diff(fast.checkpoints.steps)[-5:].mean() <= 2000


def test_a_long_seek_comes_in_slices_and_can_be_replaced_and_stopped():
    clock = Clock()
    run = timeline(clock)
    run.advance(500)
    run.checkpoints.shrink(0, focus=0)
    run.begin_seek(400)

    start = clock.now
    assert not run.continue_seek(0.008)
    assert clock.now - start < 0.02
    assert (run.seeking, run.target) == (True, 400)
    assert 0.0 < run.seek_progress < 1.0

    run.begin_seek(100)
    while not run.continue_seek(0.008):
        pass
    assert picture(run) == fresh(run.origin.spec, 1, [], 100).snapshot(frozenset())

    run.begin_seek(500)
    run.continue_seek(0.008)
    run.cancel_seek()
    assert 100 < run.step < 500
    assert picture(run) == fresh(run.origin.spec, 1, [], run.step).snapshot(frozenset())


def test_a_seek_beyond_either_end_stops_there():
    run = timeline()
    run.advance(10)
    seek(run, -5)
    assert run.step == 0
    seek(run, 99)
    assert run.step == 10


def test_only_the_furthest_step_can_be_trained_or_edited():
    run = timeline()
    run.advance(10)
    seek(run, 4)
    with pytest.raises(ValueError, match="furthest"):
        run.advance(1)
    with pytest.raises(ValueError, match="branch first"):
        run.apply(Jump(by=1.0))


def test_training_ends_where_the_run_ends_and_an_edit_lets_it_go_on():
    run = timeline(steps=20)
    assert run.advance(50) == 20
    assert run.end.reason == "all 20 steps are done"
    assert [(mark.step, mark.kind) for mark in run.marks()] == [(20, "end")]

    run.apply(set_value("steps", 30))
    assert run.end.running
    assert run.advance(50) == 10
    seek(run, 5)
    seek(run, 25)
    assert picture(run) == fresh(run.origin.spec, 1, [(20, set_value("steps", 30))], 25).snapshot(
        frozenset()
    )


def test_a_drag_at_one_step_leaves_one_edit_and_its_exact_effect():
    run = timeline()
    run.advance(5)
    run.apply(Jump(by=2.0))
    for target in np.linspace(-3, 3, 50):
        inverse = run.apply(Pull(target=target))

    assert run.edits == [(5, Jump(by=2.0)), (5, Pull(target=3.0))]
    assert inverse.target == pytest.approx(3 - 6 / 49)
    run.advance(20)
    assert picture(run) == fresh(run.origin.spec, 1, run.edits, 25).snapshot(frozenset())
    assert list(run.history.series("edits").rows()) == [(5, 2.0)]


def test_an_edit_that_takes_the_place_of_another_leaves_no_trace_of_it():
    run = timeline()
    run.advance(5)
    for by in (1.0, 7.0, 2.0):
        run.apply(Shake(by=by))

    assert run.edits == [(5, Shake(by=2.0))]
    assert list(run.history.series("edits").rows()) == [(5, 2.0)]
    assert picture(run) == fresh(run.origin.spec, 1, run.edits, 5).snapshot(frozenset())
    seek(run, 2)
    seek(run, 5)
    assert picture(run) == fresh(run.origin.spec, 1, run.edits, 5).snapshot(frozenset())


def test_a_refused_edit_leaves_the_one_it_would_have_replaced():
    run = timeline()
    run.advance(5)
    run.apply(Shake(by=3.0))
    before = picture(run)
    with pytest.raises(EditError):
        run.apply(Shake(by=-1.0))

    assert picture(run) == before
    assert run.edits == [(5, Shake(by=3.0))]
    assert list(run.history.series("edits").rows()) == [(5, 3.0)]


def test_an_edit_that_cannot_stand_without_the_last_one_is_added_to_it():
    class First(Jump):
        """Claims that any later edit makes it superfluous, also one that needs it."""

        def merges_with(self, later):
            return True

    run = timeline(start=200.0)
    run.advance(5)
    run.apply(First(by=-150.0))
    run.apply(Shake(by=1.0))

    assert [edit.type for _, edit in run.edits] == ["jump", "shake"]
    assert picture(run) == fresh(run.origin.spec, 1, run.edits, 5).snapshot(frozenset())


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (Pull(target=5000.0), "within ±1000"),
        (Jump(by=13.0), "half applied"),
        (set_value("rate", -1.0), "rate must be greater than 0"),
        (set_value("start", 1.0), "needs a new run"),
        (set_value("speed", 1.0), "no setting"),
    ],
)
def test_a_refused_edit_changes_nothing(edit, sentence):
    run = timeline()
    run.advance(30)
    before = picture(run)

    with pytest.raises((EditError, SpecError), match=sentence):
        run.apply(edit)

    assert picture(run) == before
    assert run.edits == []
    run.advance(30)
    assert picture(run) == fresh(run.origin.spec, 1, [], 60).snapshot(frozenset())


def test_a_branch_has_the_past_and_leaves_the_future_to_its_parent():
    run = timeline()
    run.advance(50)
    run.apply(Pull(target=9.0))
    run.advance(50)
    future = picture(run)
    seek(run, 70)
    branch = run.branch(2)
    branch.apply(Jump(by=1.0))
    branch.advance(10)

    edits = [(50, Pull(target=9.0)), (70, Jump(by=1.0))]
    assert picture(branch) == fresh(run.origin.spec, 1, edits, 80).snapshot(frozenset())
    assert branch.history.length("walk") == 80
    assert branch.ghost.length("walk") == 100
    assert (branch.info().parent, branch.info().branch_step) == (1, 70)
    assert [(mark.step, mark.kind) for mark in branch.marks()] == [
        (50, "edit"),
        (70, "edit"),
        (70, "branch"),
    ]
    seek(run, 100)
    assert picture(run) == future


def test_an_edit_made_after_going_back_to_its_step_is_kept_in_order():
    run = timeline()
    run.advance(20)
    run.apply(Pull(target=1.0))
    seek(run, 10)
    seek(run, 20)
    run.apply(Pull(target=2.0))
    seek(run, 19)
    seek(run, 20)

    assert picture(run).pulls == ((0, 2.0),)
    assert len(run.edits) == 2


def test_a_retired_run_is_small_and_goes_on_where_it_was_left():
    run = timeline()
    run.advance(200)
    headline = run.info().headline
    seek(run, 120)
    there = picture(run)
    run.retire()

    assert not run.ready
    assert run.checkpoints.nbytes <= RETIRED_BUDGET_BYTES
    assert run.info().checkpoint_bytes == run.checkpoints.nbytes
    assert run.info().history_bytes > 0
    assert run.info().headline == headline
    run.revive()
    while not run.continue_seek(0.008):
        pass
    assert picture(run) == there
    seek(run, 200)
    run.advance(10)
    assert picture(run) == fresh(run.origin.spec, 1, [], 210).snapshot(frozenset())


def test_the_steps_before_an_exception_are_kept():
    run = timeline(raise_at=37)
    with pytest.raises(RuntimeError, match="cannot be multiplied"):
        run.advance(100)
    run.fail()

    assert (run.frontier, run.history.length("walk")) == (37, 37)
    run.revive()
    while not run.continue_seek(0.008):
        pass
    assert picture(run) == fresh(run.origin.spec, 1, [], 37).snapshot(frozenset())


def test_a_replay_that_ends_early_says_so():
    class Moody(Walk):
        """Its replays end at step 5: not deterministic."""

        lives = 0

        def load_state(self, state):
            super().load_state(state)
            self.lives += 1

        def status(self):
            early = self.lives and self.step_index == 5
            return Status(Progress.FINISHED, "bored") if early else super().status()

    run = Timeline(1, Origin("walk", WalkSpec(), 1), lambda _: Moody, Clock(0.001))
    run.advance(20)
    run.begin_seek(0)
    run.checkpoints.shrink(0, focus=0)

    run.begin_seek(20)
    with pytest.raises(ReplayError, match="ended at step 5 of 20"):
        run.continue_seek(1.0)


def test_a_document_repeats_the_run_bit_for_bit():
    run = timeline(seed=7)
    run.advance(40)
    run.apply(Pull(target=0.1))
    run.advance(60)
    run.apply(Jump(by=1 / 3))
    seek(run, 55)
    document = run.document()

    clock = Clock()
    again = Timeline(
        2, Origin("walk", document.typed_spec(Walk), document.seed), create_on(clock), clock
    )
    again.begin_rebuild(document.typed_edits(Walk), document.frontier, document.step)
    assert (again.rebuilding, again.known_frontier, again.target) == (True, 100, 55)
    while not again.continue_seek(0.008):
        pass

    assert picture(again) == picture(run)
    assert again.document() == document
    for name in ("walk", "epoch", "edits"):
        assert list(again.history.series(name).rows()) == list(run.history.series(name).rows())
    seek(run, 100)
    seek(again, 100)
    assert picture(again) == picture(run)


def test_a_rebuild_that_is_stopped_ends_the_run_there():
    run, edits = timeline(), [(10, Jump(by=1.0)), (400, Jump(by=2.0))]
    run.begin_rebuild(edits, 500, 300)
    run.continue_seek(0.03)
    run.cancel_seek()

    assert run.frontier < 100
    assert run.edits == edits[:1]
    run.advance(5)
    assert picture(run) == fresh(run.origin.spec, 1, edits[:1], run.step).snapshot(frozenset())


def test_seeking_while_a_file_is_repeated_changes_only_where_it_will_stand():
    run = timeline()
    run.begin_rebuild([], 300, 300)
    run.continue_seek(0.008)
    run.begin_seek(200)
    while not run.continue_seek(0.008):
        pass
    assert (run.step, run.frontier) == (200, 300)


def test_a_million_steps_stay_in_the_budget_and_the_history_is_complete():
    class Counter(Walk):
        def advance(self, steps):
            self.step_index += steps
            self._record("walk", float(self.step_index), 0.0)
            self.clock.now += steps * 1e-5
            return steps

        def state(self):
            state = super().state()
            return type(state)(state.step, {**state.own, "net": np.zeros(50_000)}, state.shared)

    clock = Clock()
    Counter.clock = clock
    budget = 16 * 2**20
    run = Timeline(1, Origin("walk", WalkSpec(), 1), lambda _: Counter, clock, budget_bytes=budget)
    while run.frontier < 1_000_000:
        run.advance(10_000)
        assert run.checkpoints.nbytes <= budget

    assert run.checkpoints.steps[0] == 0
    assert len(run.checkpoints) >= 30
    assert run.history.series("walk").steps[-1] == 1_000_000
    seek(run, 500_000)
    assert run.step == 500_000
