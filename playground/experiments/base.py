"""What every experiment is to the engine: a deterministic machine that is stepped and copied.

A run is a pure function of ``(spec, seed, [edit at step k])``. The engine decides only *when*
steps happen and *which* of them are shown; the experiment never looks at a clock, owns all its
random generators, and hands out copies.

The life of an experiment::

    experiment = PerceptronExperiment(spec, seed)
    experiment.advance(100)  # whole steps
    experiment.snapshot(frozenset())  # frozen, ready to draw
    state = experiment.state()  # everything needed to go on …
    experiment.load_state(state)  # … and to come back
    experiment.apply(SetValue(path=("learners", 0, "rate"), value=0.1))
"""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict

from playground.experiments.spec import Path, Spec, SpecError, field_at, replace_at, value_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Progress(enum.Enum):
    """Where a run stands; only a running one can be stepped."""

    RUNNING = "running"
    FINISHED = "finished"
    DIVERGED = "diverged"


@dataclass(frozen=True, slots=True)
class Status:
    """Where a run stands, with the reason in words a person can read."""

    progress: Progress = Progress.RUNNING
    reason: str = ""

    @property
    def running(self) -> bool:
        """Tell whether there is a next step."""
        return self.progress is Progress.RUNNING


RUNNING = Status()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A frozen picture of an experiment at one step; subclasses add what their pane draws.

    Arrays are read-only copies, or immutable objects shared with the experiment.

    Parameters
    ----------
    step
        Number of steps done since the start.
    status
        Running, finished or diverged, with the reason.
    spec
        The spec with every live edit up to this step in it: what the inspector shows.
    position
        Where the run stands in the subject's own units, such as ``"epoch 3 · sample 9 of 80"``.
    headline
        The one number by which runs are compared, such as ``"accuracy 0.975"``.
    """

    step: int
    status: Status
    spec: Spec
    position: str = ""
    headline: str = ""


class Record(NamedTuple):
    """One row of a recorded series: values of its columns after the given step."""

    series: str
    step: int
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """Declaration of a recorded series: column names and the numpy dtype of each."""

    name: str
    columns: tuple[str, ...]
    dtypes: tuple[str, ...] = ()

    def dtype_of(self, column: int) -> str:
        """Return the numpy dtype name of a column; float64 unless declared."""
        return self.dtypes[column] if self.dtypes else "float64"


class Part(Protocol):
    """An immutable thing that says what it weighs."""

    @property
    def nbytes(self) -> int:
        """Bytes it takes; never another number."""


@dataclass(frozen=True, slots=True)
class State:
    """Everything needed to go on from a step, random generators included.

    ``own`` is copied data that counts against the byte budget of checkpoints; ``shared`` holds
    immutable objects (the spec, a point set) that many states refer to at no cost. What of these
    is large and comes and goes with time (the past that an agent remembers) is in ``parts`` too:
    each of them counts once, in however many checkpoints it is.
    """

    step: int
    own: Mapping[str, Any]
    shared: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()


class Edit(BaseModel):
    """A person's change to a run at some step; subclasses are tagged by their ``type``."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
    type: str

    def describe(self) -> str:
        """Return what the change is, for the undo menu and the marks of the timeline."""
        return self.type

    def merges_with(self, later: Edit) -> bool:  # noqa: ARG002 - for subclasses
        """Tell whether a later edit at the same step makes this one superfluous."""
        return False


class SetValue(Edit):
    """Set one live value of the spec."""

    type: Literal["set_value"] = "set_value"
    path: Path
    value: Any
    label: str = ""

    def describe(self) -> str:
        """Return for example ``“change learning rate α”``."""
        return f"change {self.label or self.path[-1]}"

    def merges_with(self, later: Edit) -> bool:
        """Tell whether the later edit sets the same value again."""
        return isinstance(later, SetValue) and later.path == self.path


class EditError(ValueError):
    """Says in one sentence why an edit cannot be applied; nothing was changed."""


def plural(noun: str) -> str:
    """Return more than one of a step or a coarse unit: “samples”, “batches”."""
    return f"{noun}es" if noun.endswith(("ch", "sh", "s", "x")) else f"{noun}s"


class Experiment(ABC):
    """A deterministic, steppable, copyable experiment.

    Class attributes tell the engine and the window what they need without running anything.
    """

    kind: ClassVar[str]
    spec_type: ClassVar[type[Spec]]
    edit_types: ClassVar[tuple[type[Edit], ...]] = (SetValue,)
    series: tuple[Series, ...] = ()
    """What is recorded. An experiment with one series per learner sets it in ``__init__``: the
    history reads ``experiment.series`` of the instance, and it stays the same for the whole run."""
    needs_torch: ClassVar[bool] = False
    step_noun: ClassVar[str] = "step"
    mark_noun: ClassVar[str] = ""
    """Name of the coarse unit (“epoch”, “episode”); empty when there is none."""
    mark_series: ClassVar[str] = ""
    """Series with one record at the end of every coarse unit."""

    def __init__(self, spec: Spec, seed: int) -> None:
        """Build step 0 of the run; raise :class:`SpecError` where the spec cannot be run."""
        self.spec = spec
        self.seed = seed
        self.step_index = 0
        self._records: list[Record] = []

    @abstractmethod
    def step(self) -> None:
        """Do one atomic unit of training; must not be called unless running."""

    def advance(self, steps: int) -> int:
        """Do up to ``steps`` steps, fewer when the run ends; return how many were done.

        Equal to calling :meth:`step` as often; override where many steps at once are cheaper.
        """
        done = 0
        while done < steps and self.status().running:
            self.step()
            done += 1
        return done

    @abstractmethod
    def snapshot(self, views: frozenset[str]) -> Snapshot:
        """Return a frozen picture; ``views`` names the costly parts that are on screen."""

    @abstractmethod
    def state(self) -> State:
        """Return a copy of everything that changes from step to step."""

    @abstractmethod
    def load_state(self, state: State) -> None:
        """Go to the step of a state; the state itself stays untouched and reusable."""

    @abstractmethod
    def status(self) -> Status:
        """Tell whether the run goes on, and if not, why."""

    def headline(self) -> str:
        """Return the one number by which runs are compared, in words."""
        return ""

    def steps_to_mark(self) -> int:
        """Return how many steps remain to the end of the present coarse unit (at least 1)."""
        return 1

    def apply(self, edit: Edit) -> None:
        """Carry out a person's change now; raise :class:`EditError` and change nothing if bad."""
        if not isinstance(edit, SetValue):
            raise EditError(f"This experiment cannot {edit.describe()}.")
        self._check_live(edit.path)
        before = self.spec
        try:
            self.spec = replace_at(before, edit.path, edit.value)
            self._on_live_change(edit.path)
        except SpecError as error:
            self.spec = before
            raise EditError(str(error)) from None

    def inverse(self, edit: Edit) -> Edit | None:
        """Return the edit that would undo ``edit``, asked before it is applied, or None."""
        if isinstance(edit, SetValue):
            return edit.model_copy(update={"value": value_at(self.spec, edit.path)})
        return None

    def drain_records(self) -> Sequence[Record]:
        """Return the rows recorded since the last call and forget them."""
        records, self._records = self._records, []
        return records

    def _record(self, series: str, *values: float) -> None:
        self._records.append(Record(series, self.step_index, values))

    def _on_live_change(self, path: Path) -> None:  # noqa: B027 - optional hook
        """React to a live value that has just changed in ``self.spec``; override where needed."""

    def _check_live(self, path: Path) -> None:
        try:
            live = field_at(self.spec_type, path).knob.live
        except SpecError as error:
            raise EditError(str(error)) from None
        if not live:
            raise EditError(f"“{field_at(self.spec_type, path).knob.label}” needs a new run.")
