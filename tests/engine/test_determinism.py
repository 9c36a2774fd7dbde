"""Whatever a person does, in any order, a step shows what a fresh run with the same edits shows."""

from dataclasses import dataclass, replace

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from playground.engine import commands as cmd
from playground.engine.frames import EditApplied, Phase, RunOpened
from tests.engine.toys import Hand, Jump, Pull, WalkSpec, fresh, set_value

NAMES = ("walk", "epoch", "edits")


@dataclass
class Model:
    """A run as its spec, seed and every edit a person made, merged with nothing."""

    spec: WalkSpec
    seed: int
    edits: list

    def at(self, step):
        return fresh(self.spec, self.seed, [e for e in self.edits if e[0] <= step], step)


class AnyOrder(RuleBasedStateMachine):
    runs = Bundle("runs")
    documents = Bundle("documents")

    def __init__(self):
        super().__init__()
        self.hand = Hand()
        self.models: dict[int, Model] = {}
        self.heard = 0
        self.hand.open(seed=3)
        self.listen()

    def listen(self):
        """Bring the models up to date from what the engine says happened."""
        for event in self.hand.events[self.heard :]:
            if isinstance(event, RunOpened) and event.cause == "branch":
                parent, info = self.models[event.previous], self.info(event.run_id)
                kept = [e for e in parent.edits if e[0] <= info.branch_step]
                self.models[event.run_id] = Model(parent.spec, parent.seed, kept)
            elif isinstance(event, RunOpened) and event.cause in ("open", "reset"):
                self.models[event.run_id] = Model(event.spec, event.seed, [])
            elif isinstance(event, EditApplied):
                self.models[event.run_id].edits.append((event.step, event.edit))
        self.heard = len(self.hand.events)

    def info(self, run_id):
        return next(info for info in self.hand.frame.runs if info.run_id == run_id)

    def do(self, *commands, turns=1):
        self.hand.send(*commands, turns=turns)
        self.listen()

    @rule(target=runs, turns=st.integers(1, 12))
    def play(self, turns):
        self.do(cmd.Play("pane"), turns=turns)
        return self.hand.frame.run_id

    @rule()
    def pause(self):
        self.do(cmd.Pause("pane"))

    @rule(count=st.integers(-40, 40))
    def step(self, count):
        self.do(cmd.Step("pane", count))

    @rule(direction=st.sampled_from((-1, 1)))
    def step_mark(self, direction):
        self.do(cmd.StepMark("pane", direction))

    @rule(share=st.floats(-0.1, 1.1), turns=st.integers(0, 3))
    def seek(self, share, turns):
        self.do(cmd.Seek("pane", int(share * self.hand.frame.transport.frontier)), turns=turns)

    @rule(speed=st.sampled_from((3.0, 50.0, 700.0, cmd.MAX_SPEED)))
    def set_speed(self, speed):
        self.do(cmd.SetSpeed("pane", speed))

    @rule(rate=st.floats(0.01, 5.0))
    def set_live_value(self, rate):
        self.do(cmd.Apply("pane", set_value("rate", rate)))

    @rule(more=st.integers(-10, 200))
    def set_end(self, more):
        steps = max(0, self.hand.frame.transport.step + more)
        self.do(cmd.Apply("pane", set_value("steps", steps)))

    @rule(
        places=st.lists(st.floats(-1100.0, 1100.0), min_size=1, max_size=4), key=st.integers(0, 2)
    )
    def pull(self, places, key):
        self.do(*(cmd.Apply("pane", Pull(target=target, key=key)) for target in places))

    @rule(by=st.sampled_from((-3.0, 0.5, 13.0, 40.0)))
    def jump(self, by):
        self.do(cmd.Apply("pane", Jump(by=by)))

    @rule(seed=st.one_of(st.none(), st.integers(0, 5)))
    def reset(self, seed):
        self.do(cmd.Reset("pane", seed))

    @rule(run_id=runs)
    def switch(self, run_id):
        self.do(cmd.SwitchRun("pane", run_id))

    @rule(run_id=consumes(runs))
    def drop(self, run_id):
        self.do(cmd.DropRun("pane", run_id))

    @rule(target=documents)
    def save(self):
        self.hand.settle_playing()
        self.listen()
        document = self.hand.document()
        model = self.models[self.hand.frame.run_id]
        return document, replace(model, edits=list(model.edits))

    @rule(saved=documents)
    def reopen(self, saved):
        document, model = saved
        self.hand.send(cmd.OpenDocument("pane", document))
        self.listen()
        run_id = self.hand.event(RunOpened).run_id
        kept = [e for e in model.edits if e[0] <= document.frontier]
        self.models[run_id] = Model(model.spec, model.seed, kept)
        frame = self.hand.settle()
        assert frame.transport.step == document.step
        assert frame.transport.frontier == document.frontier
        assert frame.run_id == run_id

    @invariant()
    def the_picture_is_that_of_a_fresh_run(self):
        if self.hand.phase is not Phase.PLAYING:
            self.hand.settle()
            self.listen()
        frame = self.hand.frame
        model = self.models[frame.run_id]
        step = frame.snapshot.step
        assert frame.snapshot == model.at(step).snapshot(frozenset())
        if self.hand.phase is not Phase.PLAYING:
            assert step == frame.transport.step
        self.check_history(frame, model)

    def check_history(self, frame, model):
        records = model.at(frame.transport.frontier).drain_records()
        for name in NAMES:
            expected = [(r.step, *r.values) for r in records if r.series == name]
            assert list(frame.history.series(name).rows()) == expected


AnyOrder.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestAnyOrder = AnyOrder.TestCase
