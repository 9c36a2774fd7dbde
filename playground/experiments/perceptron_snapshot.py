"""What is drawn of the perceptron experiment: one frozen picture of all learners at one step.

Lines are triples ``(w1, w2, β)`` of f(x) = w₁·x₁ + w₂·x₂ + β. Those named ``trained`` and the rows
of the ledger are in the coordinates of training (standardised where that is on); everything else is
in the coordinates of the data, ready for the plane.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from playground.experiments.base import Snapshot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from playground.core.metrics import Confusion
    from playground.core.points import PointSet
    from playground.core.separability import MarginLine
    from playground.core.standardiser import Standardiser
    from playground.experiments.perceptron_spec import Kind, PerceptronSpec, Schedule

Tone = Literal["ok", "warn", "bad", "info"]
Line = tuple[float, float, float]

VIEW_MARGIN = "margin"
"""The maximum-margin line as a reference."""
VIEW_METRICS = "metrics"
"""Confusion counts of training, validation and test points."""
VIEW_LEDGER = "ledger"
"""The last update opportunities as arithmetic."""
VIEW_SURFACE = "surface"
"""Prefix of ``surface:<learner index>``: the cost over (w₁, w₂) at the present β."""
VIEW_POURING = "pouring"
"""Picture follows picture at the rate of the display: the surfaces may be a few of them old."""


def surface_view(learner: int) -> str:
    """Return the name of the view that asks for the error surface of one learner."""
    return f"{VIEW_SURFACE}:{learner}"


class Verdict(NamedTuple):
    """How a learner does, in plain words with numbers."""

    tone: Tone
    text: str


@dataclass(frozen=True, slots=True)
class UsedSample:
    """The sample that an online learner has just looked at, and what it did with it.

    Parameters
    ----------
    id
        Creation id of the point.
    x1, x2, label, f
        Coordinates and f(x) before the update; label is −1 or +1.
    wrong
        True where label·f ≤ 0.
    dw1, dw2, dbeta
        The correction, in the coordinates of the data; all 0 where nothing changed. The arrow
        (dw1, dw2) is parallel to ±x for unstandardised training.
    """

    id: int
    x1: float
    x2: float
    label: int
    f: float
    wrong: bool
    dw1: float
    dw2: float
    dbeta: float


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One update opportunity as arithmetic, in the coordinates of training.

    Parameters
    ----------
    step, epoch
        The step in which it happened (its number counted from 1) and the epoch, from 1.
    samples
        How many samples were looked at: 1 online, the size of the batch otherwise.
    mistakes
        How many of them were on the wrong side (or on the line) before the update.
    id, x1, x2, label, f
        The sample of an online update; id −1, label 0 and not-a-numbers for a batch.
    rate
        The learning rate α in force.
    dw1, dw2, dbeta
        The change: Δw and Δβ.
    w1, w2, beta
        The line after the update.
    """

    step: int
    epoch: int
    samples: int
    mistakes: int
    id: int
    x1: float
    x2: float
    label: int
    f: float
    rate: float
    dw1: float
    dw2: float
    dbeta: float
    w1: float
    w2: float
    beta: float


class PartDelta(NamedTuple):
    """What one part of a parallel batch contributed, in the coordinates of training."""

    samples: int
    mistakes: int
    dw1: float
    dw2: float
    dbeta: float


@dataclass(frozen=True, slots=True)
class ErrorSurface:
    """The cost over (w₁, w₂) at the present β, in the coordinates of the data.

    Parameters
    ----------
    w1, w2
        (m,) axes of the grid.
    values
        (m, m) float32, ``values[i, j]`` is the cost at ``(w1[i], w2[j])``.
    beta
        The β it was made for.
    quantity
        Name of the cost: ``"share of mistakes"``, ``"mean squared error"`` or ``"cross-entropy"``.
    sampled
        How many training points it was made from: 500 evenly chosen ones where there are more.
    """

    learner: int
    w1: NDArray[np.float64]
    w2: NDArray[np.float64]
    values: NDArray[np.float32]
    beta: float
    quantity: str
    sampled: int


@dataclass(frozen=True, slots=True)
class LearnerView:
    """One learner as it stands.

    Parameters
    ----------
    index
        Place in ``spec.learners``; names its series ``epoch/<index>`` and ``path/<index>``.
    line
        The line that classifies: for a pocket perceptron the best one it has had.
    current
        The line that is being corrected; differs from ``line`` for pocket perceptrons only.
    trained
        ``current`` in the coordinates of training.
    wrong
        (n,) bool over all points: on the wrong side of ``line`` or exactly on it.
    train, validation, test
        Confusion counts; None when nobody asked or the part is empty.
    cost
        Of the training points under ``line``; not a number without any.
    errors
        Number of training points on the wrong side of ``line``.
    epochs_done
        Complete passes this learner has taken part in.
    updates, changes
        Update opportunities so far, and how many of them moved the line.
    epoch_changes
        Changes in the present (or just completed) epoch.
    done
        True when it rests: stop condition met, or diverged.
    last
        The sample just used; None for batches and before the first step.
    ledger
        The last 40 opportunities, oldest first; empty when nobody asked.
    part_deltas
        What each part of the last parallel batch contributed.
    ghosts
        Up to 24 earlier lines, oldest first.
    """

    index: int
    name: str
    kind: Kind
    schedule: Schedule
    colour: int
    line: Line
    current: Line
    trained: Line
    rate: float
    wrong: NDArray[np.bool_]
    cost: float
    errors: int
    epochs_done: int
    updates: int
    changes: int
    epoch_changes: int
    done: bool
    diverged: bool
    verdict: Verdict
    train: Confusion | None = None
    validation: Confusion | None = None
    test: Confusion | None = None
    last: UsedSample | None = None
    ledger: tuple[LedgerRow, ...] = ()
    part_deltas: tuple[PartDelta, ...] = ()
    ghosts: tuple[Line, ...] = ()
    surface: ErrorSurface | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PerceptronSnapshot(Snapshot):
    """The points and all learners that take part, at one step.

    Parameters
    ----------
    points
        All points, shared with the experiment.
    parts
        (n,) int8: 0 training, 1 validation, 2 test.
    standardiser
        What training coordinates are made with; None where standardising is off.
    data_version
        Changes exactly when points or parts change: redraw them only then.
    epoch
        Epoch that is running, from 1; the completed one when the run stands at its end.
    sample_in_epoch, samples_per_epoch
        How many of the training samples of this epoch have been seen.
    margin
        The maximum-margin line; None when nobody asked or there is no answer.
    """

    spec: PerceptronSpec
    points: PointSet
    parts: NDArray[np.int8]
    standardiser: Standardiser | None
    data_version: int
    epoch: int
    sample_in_epoch: int
    samples_per_epoch: int
    margin: MarginLine | None
    learners: tuple[LearnerView, ...]

    def learner(self, index: int) -> LearnerView | None:
        """Return the learner with this place in the spec; None when it does not take part."""
        return next((view for view in self.learners if view.index == index), None)
