"""Small experiments with which the engine is tested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeVar

import numpy as np
from pydantic import Field

from playground.engine import commands as cmd
from playground.engine.frames import DocumentReady, Event, Phase
from playground.engine.runner import Runner
from playground.experiments.base import (
    RUNNING,
    Edit,
    EditError,
    Experiment,
    Progress,
    Series,
    SetValue,
    Snapshot,
    State,
    Status,
)
from playground.experiments.registry import UnknownExperiment
from playground.experiments.spec import Knob, Spec

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.engine.frames import Frame
    from playground.engine.runfile import RunDocument

EventT = TypeVar("EventT", bound=Event)
EPOCH = 7


class WalkSpec(Spec):
    start: Annotated[float, Knob(label="start")] = 0.0
    rate: Annotated[float, Knob(label="rate", live=True), Field(gt=0.0, le=100.0)] = 0.1
    steps: Annotated[int, Knob(label="steps", live=True), Field(ge=0)] = 10**9
    raise_at: Annotated[int, Knob(label="raise at", live=True)] = -1
    seconds_per_step: Annotated[float, Knob(label="seconds per step")] = 0.0
    snapshot_fails: Annotated[bool, Knob(label="snapshot fails", live=True)] = False


class Pull(Edit):
    """Move the walker towards a target from now on; pulls add up."""

    type: Literal["pull"] = "pull"
    target: Annotated[float, Field(allow_inf_nan=False)]
    key: int = 0

    def merges_with(self, later: Edit) -> bool:
        return isinstance(later, Pull) and later.key == self.key


class Jump(Edit):
    """Move the walker at once; the last jump at a step does not replace the ones before."""

    type: Literal["jump"] = "jump"
    by: float


class Shake(Edit):
    """Move the walker by chance; a later shake takes the place of this one."""

    type: Literal["shake"] = "shake"
    by: float

    def merges_with(self, later: Edit) -> bool:
        return isinstance(later, Shake)


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkSnapshot(Snapshot):
    position_: float
    trail: tuple[float, ...]
    pulls: tuple[tuple[int, float], ...]
    noise: str


class Walk(Experiment):
    """A noisy random walk: every step draws, so that a wrong replay shows at once."""

    kind = "walk"
    spec_type = WalkSpec
    edit_types = (SetValue, Pull, Jump, Shake)
    series = (
        Series("walk", ("position", "rate")),
        Series("epoch", ("epoch", "position"), ("int64", "float64")),
        Series("edits", ("by",)),
    )
    mark_noun = "epoch"
    mark_series = "epoch"
    clock: ClassVar[Any] = None

    def __init__(self, spec: WalkSpec, seed: int) -> None:
        super().__init__(spec, seed)
        self.spec: WalkSpec
        self._rng = np.random.default_rng(seed)
        self._position = spec.start
        self._pulls: dict[int, float] = {}
        self._trail: list[float] = []

    def step(self) -> None:
        if self.clock is not None:
            self.clock.now += self.spec.seconds_per_step
        if self.step_index == self.spec.raise_at:
            # Half a step is done: the engine must not go on with this object.
            self._position = float("nan")
            raise RuntimeError("shapes (3,4) and (5,6) cannot be multiplied")
        pull = sum(target - self._position for target in self._pulls.values())
        self._position += self.spec.rate * (self._rng.standard_normal() + 0.01 * pull)
        self._trail = [*self._trail[-4:], self._position]
        self.step_index += 1
        self._record("walk", self._position, self.spec.rate)
        if self.step_index % EPOCH == 0:
            self._record("epoch", self.step_index // EPOCH, self._position)

    def snapshot(self, views: frozenset[str]) -> WalkSnapshot:
        if self.spec.snapshot_fails:
            raise RuntimeError("no picture today")
        return WalkSnapshot(
            step=self.step_index,
            status=self.status(),
            spec=self.spec,
            headline=self.headline(),
            position_=self._position,
            trail=tuple(self._trail),
            pulls=tuple(sorted(self._pulls.items())),
            noise=str(self._rng.bit_generator.state["state"]["state"]),
        )

    def state(self) -> State:
        return State(
            self.step_index,
            {
                "position": self._position,
                "trail": np.array(self._trail),
                "pulls": dict(self._pulls),
                "rng": self._rng.bit_generator.state,
            },
            {"spec": self.spec},
        )

    def load_state(self, state: State) -> None:
        self.step_index = state.step
        self.spec = state.shared["spec"]
        self._position = state.own["position"]
        self._trail = state.own["trail"].tolist()
        self._pulls = dict(state.own["pulls"])
        self._rng.bit_generator.state = state.own["rng"]

    def status(self) -> Status:
        if abs(self._position) > 1e6:
            return Status(Progress.DIVERGED, "the walker has left the map")
        if self.step_index >= self.spec.steps:
            return Status(Progress.FINISHED, f"all {self.spec.steps} steps are done")
        return RUNNING

    def headline(self) -> str:
        return f"position {self._position:.6f}"

    def steps_to_mark(self) -> int:
        return EPOCH - self.step_index % EPOCH

    def apply(self, edit: Edit) -> None:
        if isinstance(edit, Pull):
            if abs(edit.target) > 1000:
                raise EditError("The target must lie within ±1000.")
            self._pulls[edit.key] = edit.target
        elif isinstance(edit, Jump):
            if edit.by == 13.0:
                self._position = float("nan")
                raise MemoryError("half applied")
            self._position += edit.by
            self._record("edits", edit.by)
        elif isinstance(edit, Shake):
            if edit.by < 0 or self._position > 100:
                raise EditError("A shake is not possible here.")
            self._position += edit.by * (1 + self._rng.random())
            self._record("edits", edit.by)
        else:
            super().apply(edit)

    def inverse(self, edit: Edit) -> Edit | None:
        if isinstance(edit, Pull):
            before = self._pulls.get(edit.key)
            return None if before is None else edit.model_copy(update={"target": before})
        if isinstance(edit, Jump):
            return Jump(by=-edit.by)
        return super().inverse(edit)


class TorchWalk(Walk):
    kind = "torch walk"
    needs_torch = True


class Broken(Walk):
    kind = "broken"

    def __init__(self, spec: WalkSpec, seed: int) -> None:
        raise RuntimeError("no such device")


KINDS: dict[str, type[Experiment]] = {t.kind: t for t in (Walk, TorchWalk, Broken)}


def create(kind: str) -> type[Experiment]:
    if kind not in KINDS:
        raise UnknownExperiment(f"There is no experiment “{kind}”.")
    return KINDS[kind]


class Clock:
    """Seconds that pass only when somebody says so, or a little at every look."""

    def __init__(self, tick: float = 0.0) -> None:
        self.now = 0.0
        self.tick = tick

    def __call__(self) -> float:
        self.now += self.tick
        return self.now


def create_on(clock: Clock) -> Any:
    """Return a ``create`` whose experiments let the time of this clock pass as they compute."""

    def create_walk(kind: str) -> type[Experiment]:
        return type(kind, (create(kind),), {"clock": clock})

    return create_walk


class Hand:
    """Turns a runner without a thread and collects what it says."""

    def __init__(self, channel: str = "pane", *, tick: float = 0.0001, **options: Any) -> None:
        self.channel = channel
        self.clock = Clock(tick)
        self.runner = Runner(create_on(self.clock), clock=self.clock, **options)
        self.events: list[Event] = []
        self.last: Frame | None = None

    def send(self, *commands: cmd.Command, turns: int = 1) -> None:
        for command in commands:
            self.runner.send(command)
        self.turn(turns)

    def turn(self, turns: int = 1) -> None:
        for _ in range(turns):
            self.runner.pump()
            self.events += self.runner.events()
            self.last = self.runner.take_frame(self.channel) or self.last

    def open(self, seed: int = 1, **spec: Any) -> Frame:
        spec.setdefault("seconds_per_step", 0.001)
        self.send(
            cmd.SetSpeed(self.channel, cmd.MAX_SPEED),
            cmd.Open(self.channel, "walk", WalkSpec(**spec), seed),
        )
        return self.frame

    @property
    def frame(self) -> Frame:
        """The last frame there was."""
        assert self.last is not None
        return self.last

    @property
    def phase(self) -> Phase:
        """What the channel does now; frames are left out while a short replay is under way."""
        return self.runner._loop._channel(self.channel).phase

    def until(self, condition: Callable[[Hand], bool], turns: int = 5000) -> Frame:
        """Turn until something is so; fail if it never comes."""
        for _ in range(turns):
            if self.last is not None and condition(self):
                return self.last
            self.turn()
        raise AssertionError(f"It never came; now {self.last and self.last.transport}.")

    def settle(self) -> Frame:
        """Turn until nothing moves any more."""
        moving = {Phase.SEEKING, Phase.PLAYING, Phase.LOADING}
        self.turn()
        return self.until(lambda hand: hand.phase not in moving)

    def settle_playing(self) -> Frame:
        """Pause where it is, after whatever seek is under way."""
        self.until(lambda hand: hand.phase is not Phase.SEEKING)
        self.send(cmd.Pause(self.channel))
        return self.settle()

    def train(self, steps: int) -> Frame:
        self.send(cmd.Step(self.channel, steps))
        return self.settle()

    def seek(self, step: int) -> Frame:
        self.send(cmd.Seek(self.channel, step))
        return self.settle()

    def apply(self, edit: Edit, **options: Any) -> Frame:
        self.send(cmd.Apply(self.channel, edit, **options))
        return self.settle()

    def document(self) -> RunDocument:
        self.send(cmd.AskDocument(self.channel, 99))
        return self.event(DocumentReady).document

    def event(self, event_type: type[EventT]) -> EventT:
        """Return the last event of a type."""
        return [event for event in self.events if isinstance(event, event_type)][-1]

    def count(self, event_type: type[Event]) -> int:
        return sum(isinstance(event, event_type) for event in self.events)


def set_value(name: str, value: Any) -> SetValue:
    return SetValue(path=(name,), value=value)


def fresh(
    spec: WalkSpec,
    seed: int,
    edits: list[tuple[int, Edit]],
    step: int,
) -> Walk:
    """Run from the start without any engine: the truth the engine is held against."""
    walk = Walk(spec, seed)
    pending = list(edits)
    while True:
        while pending and pending[0][0] == walk.step_index:
            walk.apply(pending.pop(0)[1])
        if walk.step_index == step:
            return walk
        walk.step()
