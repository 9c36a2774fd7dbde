"""What the training thread says: frames (only the latest counts) and events (none is lost)."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from playground.engine.history import HistoryView
    from playground.engine.runfile import RunDocument
    from playground.experiments.base import Edit, Snapshot, Status
    from playground.experiments.spec import Spec


POURING_STEPS_S = 60.0
"""From so many steps per second on a picture is one of many; what is less watched may lag."""


class Phase(enum.Enum):
    """What a channel is doing."""

    LOADING = "loading"
    """Play was asked for, but torch is still being imported."""
    PAUSED = "paused"
    PLAYING = "playing"
    SEEKING = "seeking"
    ENDED = "ended"
    """At the end of a finished or diverged run."""
    FAILED = "failed"
    """The experiment raised; only Reset, Open and SwitchRun help."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the timeline worth seeing."""

    step: int
    kind: Literal["edit", "branch", "end"]
    label: str


@dataclass(frozen=True, slots=True)
class RunInfo:
    """One line of the list of runs of a channel.

    ``parent`` and ``branch_step`` say where a branch left its parent; None for a run of its own.
    ``history_bytes`` and ``checkpoint_bytes`` are what it keeps: everything it recorded, and the
    states from which it can be picked up again (bounded by their budget).
    """

    run_id: int
    label: str
    seed: int
    steps: int
    headline: str
    status: Status
    parent: int | None = None
    branch_step: int | None = None
    history_bytes: int = 0
    checkpoint_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Transport:
    """Where a channel stands, for the bar at the bottom of the window.

    Parameters
    ----------
    step, frontier
        The step shown (during a seek: the one it goes to, while the snapshot is still the old
        one), and the furthest step this run has reached.
    wanted_speed, speed
        Asked for and measured, in steps per second.
    seek_progress
        0…1 while a long seek replays, else None.
    training_share
        Share of the last second that the thread spent in this channel's steps, 0…1.
    """

    phase: Phase
    step: int
    frontier: int
    wanted_speed: float
    speed: float = 0.0
    marks: tuple[Mark, ...] = ()
    seek_progress: float | None = None
    training_share: float = 0.0
    step_noun: str = "step"
    mark_noun: str = ""

    @property
    def pours(self) -> bool:
        """Tell whether steps come faster than frames can show them one by one."""
        return self.phase is Phase.PLAYING and self.speed >= POURING_STEPS_S


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything a pane needs to draw once.

    ``history`` reaches to the furthest step, ``snapshot.step`` says how much of it is the past.
    ``ghost`` is the history of the run from which this one branched (up to its own end), if any.
    """

    channel: str
    run_id: int
    kind: str
    seed: int
    snapshot: Snapshot
    history: HistoryView
    transport: Transport
    runs: tuple[RunInfo, ...] = ()
    ghost: HistoryView | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A rare fact about a channel that must not be lost."""

    channel: str


@dataclass(frozen=True, slots=True)
class RunOpened(Event):
    """Another run became the current one of the channel.

    ``cause`` says which command did it; ``previous`` is what was current before (None: nothing).
    """

    run_id: int
    spec: Spec
    seed: int
    cause: Literal["open", "document", "reset", "switch", "branch"]
    previous: int | None = None
    label: str = ""
    gesture: int = 0


@dataclass(frozen=True, slots=True)
class EditApplied(Event):
    """An edit was carried out; ``inverse`` undoes it (None: it cannot be undone)."""

    run_id: int
    step: int
    edit: Edit
    inverse: Edit | None
    gesture: int = 0
    undoable: bool = True


@dataclass(frozen=True, slots=True)
class Refused(Event):
    """A command could not be carried out; nothing was changed."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Ended(Event):
    """A run finished or diverged while training."""

    run_id: int
    step: int
    status: Status


@dataclass(frozen=True, slots=True)
class Failed(Event):
    """The experiment raised an exception; the thread lives on."""

    run_id: int
    step: int
    sentence: str
    traceback: str


@dataclass(frozen=True, slots=True)
class DocumentReady(Event):
    """The run as a document, as asked for with the token."""

    token: int
    document: RunDocument


@dataclass(frozen=True, slots=True)
class JobFinished(Event):
    """A job is done; ``result`` is what it returned."""

    job_id: int
    result: Any


@dataclass(frozen=True, slots=True)
class JobFailed(Event):
    """A job could not be done; ``traceback`` is empty where the sentence says it all."""

    job_id: int
    sentence: str
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class JobCancelled(Event):
    """A job was stopped on request."""

    job_id: int


@dataclass(frozen=True, slots=True)
class LibrariesLoaded(Event):
    """Torch has been imported and warmed up (``sentence`` is empty) or could not be."""

    sentence: str = ""
    seconds: float = 0.0
    names: tuple[str, ...] = field(default_factory=tuple)
