"""What may be asked of the training thread: frozen commands, carried out between steps.

Every command but :class:`Close` names a *channel*: the place (usually a pane) on which one
current run is shown and any number of other runs are kept. Commands are handled in the order in
which they were sent; of several pending seeks, speeds or watches on a channel the last one wins.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.engine.runfile import RunDocument
    from playground.experiments.base import Edit
    from playground.experiments.jobs import Job
    from playground.experiments.spec import Spec

MAX_SPEED = math.inf
"""Steps per second meaning “as fast as the machine can”."""


@dataclass(frozen=True, slots=True)
class Command:
    """A wish addressed to one channel."""

    channel: str


@dataclass(frozen=True, slots=True)
class Open(Command):
    """Start a new run of experiment ``kind`` and make it the current one, paused at step 0.

    ``keep_playing`` starts it at once if the channel was playing. ``gesture`` groups the many
    openings of one slider drag into one undoable change (0: a change of its own).
    """

    kind: str
    spec: Spec
    seed: int
    label: str = ""
    gesture: int = 0
    keep_playing: bool = False


@dataclass(frozen=True, slots=True)
class OpenDocument(Command):
    """Open a run file: rebuild the run and go to the step where it stood."""

    document: RunDocument


@dataclass(frozen=True, slots=True)
class Reset(Command):
    """Start afresh from the current spec with every live edit in it; the old run stays listed.

    ``seed`` None keeps the seed, so that the same start is seen again. Also the way out of a
    failure.
    """

    seed: int | None = None


@dataclass(frozen=True, slots=True)
class SwitchRun(Command):
    """Make another listed run the current one, at the step where it was left."""

    run_id: int


@dataclass(frozen=True, slots=True)
class DropRun(Command):
    """Forget a listed run; the current one cannot be dropped."""

    run_id: int


@dataclass(frozen=True, slots=True)
class Play(Command):
    """Go on at the channel's speed; from an earlier step this starts a branch."""


@dataclass(frozen=True, slots=True)
class Pause(Command):
    """Stop after the present slice."""


@dataclass(frozen=True, slots=True)
class Step(Command):
    """Go ``count`` steps forward (negative: back) and pause.

    Within the recorded part this only moves; beyond it, it trains.
    """

    count: int = 1


@dataclass(frozen=True, slots=True)
class StepMark(Command):
    """Go to the next (+1) or previous (−1) end of a coarse unit, such as an epoch, and pause."""

    direction: int = 1


@dataclass(frozen=True, slots=True)
class Seek(Command):
    """Go to a step at or before the furthest one reached, and pause."""

    step: int


@dataclass(frozen=True, slots=True)
class SetSpeed(Command):
    """Set the wanted steps per second; :data:`MAX_SPEED` for no limit."""

    steps_per_second: float


@dataclass(frozen=True, slots=True)
class Apply(Command):
    """Apply a person's edit at the current step; behind the furthest step this branches.

    ``undoable`` False marks an undo or redo, which must not be recorded as a new change.
    """

    edit: Edit
    gesture: int = 0
    undoable: bool = True


@dataclass(frozen=True, slots=True)
class Watch(Command):
    """Say whether anyone looks at the channel, and at which of its costly views."""

    visible: bool
    views: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class AskDocument(Command):
    """Ask for the run as a document (answered by the event ``DocumentReady`` with the token)."""

    token: int


@dataclass(frozen=True, slots=True)
class StartJob(Command):
    """Start long work in the background under an id of the sender's choosing."""

    job_id: int
    job: Job


@dataclass(frozen=True, slots=True)
class CancelJob(Command):
    """Stop a job; what it has done so far is thrown away."""

    job_id: int


@dataclass(frozen=True, slots=True)
class Close(Command):
    """End the thread after the present step."""

    channel: str = ""
