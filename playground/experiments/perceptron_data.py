"""The points of a perceptron run as its learners see them.

:class:`TrainingData` never changes; every edit of the points makes a new one. It knows the split,
the coordinates of training, the order of the samples in any epoch, and what follows from the points
alone (the maximum-margin line, bounds). :class:`EpochOrder` is one epoch's order, ready to walk.
"""

from __future__ import annotations

import itertools
import math
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from playground.core import perceptrons, separability
from playground.core.metrics import Confusion
from playground.core.perceptrons import Line, SampleLists, Samples
from playground.core.random_streams import Streams
from playground.core.splits import TEST, TRAINING, VALIDATION, split_named, split_parts
from playground.core.standardiser import Standardiser

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.core.points import PointSet
    from playground.core.separability import MarginLine
    from playground.experiments.perceptron_spec import PerceptronSpec

PART_INDEX: Final = {"train": TRAINING, "validation": VALIDATION, "test": TEST}

_versions = itertools.count()


class TrainingData:
    """Points, their split, and their coordinates in training; immutable.

    Parameters
    ----------
    points
        All points.
    spec
        Says how to split them and whether to standardise.
    before
        The data of the same run before an edit: where the same points only moved or changed
        their class, their parts are taken over.

    Attributes
    ----------
    version
        A number that no other object of this class in the process has.
    parts
        (n,) int8: 0 training, 1 validation, 2 test.
    everyone, train, validation
        Samples in the coordinates of training, in the order of the points.
    train_rows, train_ids
        (m,) rows and creation ids of the training points.
    """

    def __init__(
        self, points: PointSet, spec: PerceptronSpec, before: TrainingData | None = None
    ) -> None:
        self.points = points
        self.version = next(_versions)
        self.parts: NDArray[np.int8]
        self.train_rows: NDArray[np.intp]
        if before is not None and np.array_equal(before.points.ids, points.ids):
            self.parts, self.train_rows = before.parts, before.train_rows
        else:
            self.parts = split_parts(points.ids, split_named(spec.data.split).ratio, spec.data.seed)
            self.parts.flags.writeable = False
            self.train_rows = np.flatnonzero(self.parts == TRAINING)
        training = points.x[self.train_rows]
        self.standardiser = Standardiser.of(training) if spec.standardise else None
        x = points.x if self.standardiser is None else self.standardiser.apply(points.x)
        self.everyone = Samples(
            np.ascontiguousarray(x[:, 0]),
            np.ascontiguousarray(x[:, 1]),
            points.y.astype(np.float64),
        )
        self.train = _rows(self.everyone, self.train_rows)
        self.validation = _rows(self.everyone, np.flatnonzero(self.parts == VALIDATION))
        self.train_ids = points.ids[self.train_rows]

    @property
    def samples(self) -> int:
        """The number of training samples."""
        return len(self.train_ids)

    @cached_property
    def waiting_for(self) -> str:
        """What is missing before anything can be learnt, as a sentence; empty when nothing is."""
        if not len(self.points):
            return "No points yet: click to add some."
        if not self.samples:
            return "No training points: all of them went to the other parts of the split."
        labels = self.train.y
        if labels.min() == labels.max():
            name = self.points.classes[0 if labels[0] > 0 else 1]
            return f"Only one class so far: add training points of the other one ({name})."
        return ""

    @cached_property
    def margin(self) -> MarginLine | None:
        """The maximum-margin line of the training points, in the coordinates of the data."""
        rows = self.train_rows
        return separability.max_margin(self.points.x[rows], self.points.y[rows])

    @property
    def separable(self) -> bool:
        """Whether a line has all training points strictly on their sides."""
        return self.margin is not None and self.margin.separable

    @cached_property
    def least_squares(self) -> Line:
        """The line of least squares, where Adaline ends, in the coordinates of the data."""
        x1, x2, y = self.train
        found, *_ = np.linalg.lstsq(np.stack([x1, x2, np.ones_like(x1)], axis=1), y)
        w1, w2, beta = found.tolist()
        return self.to_data((w1, w2, beta))

    @cached_property
    def novikoff(self) -> float:
        """The bound (R/γ)² of the training samples; infinite where they are not separable."""
        return self.mistake_bound((0.0, 0.0, 0.0), 1.0)

    def mistake_bound(self, start: Line, rate: float) -> float:
        """Return the bound on online mistakes from a start; infinite where not separable."""
        if not self.separable:
            return math.inf
        x = np.stack([self.train.x1, self.train.x2], axis=1)
        return separability.mistake_bound(x, self.train.y, start, rate)

    def to_data(self, line: Line) -> Line:
        """Return a line of the training coordinates in the coordinates of the data."""
        if self.standardiser is None:
            return line
        (m1, m2), (s1, s2) = self.standardiser.mean, self.standardiser.scale
        w1, w2 = line[0] / s1, line[1] / s2
        return w1, w2, line[2] - (w1 * m1 + w2 * m2)

    def to_training(self, line: Line) -> Line:
        """Return a line of the data in the coordinates of training."""
        if self.standardiser is None:
            return line
        (m1, m2), (s1, s2) = self.standardiser.mean, self.standardiser.scale
        return line[0] * s1, line[1] * s2, line[2] + (line[0] * m1 + line[1] * m2)

    def errors(self, line: Line) -> int:
        """Return how many training samples are on the wrong side of the line, or on it."""
        return perceptrons.count_errors(self.train, line)

    def confusion(self, part: str, wrong: NDArray[np.bool_]) -> Confusion | None:
        """Return the confusion counts of a part; None where it is empty.

        Parameters
        ----------
        part
            ``"train"``, ``"validation"`` or ``"test"``.
        wrong
            (n,) which of all points are misclassified.
        """
        chosen = self.parts == PART_INDEX[part]
        if not chosen.any():
            return None
        positive, mistaken = self.points.y[chosen] > 0, wrong[chosen]
        fn = int(np.count_nonzero(positive & mistaken))
        fp = int(np.count_nonzero(~positive & mistaken))
        actual = int(np.count_nonzero(positive))
        return Confusion(tp=actual - fn, tn=len(positive) - actual - fp, fp=fp, fn=fn)

    def confusion_of(self, part: str, line: Line) -> Confusion | None:
        """Return the confusion counts of a part under a line; None where the part is empty."""
        return self.confusion(part, perceptrons.wrong_side(self.everyone, line))

    def order(self, shuffle: bool, seed: int, epoch: int) -> EpochOrder:
        """Return the order of the training samples in an epoch (counted from 0).

        Every point draws one number per epoch and the numbers are sorted: a uniformly random
        order in which a point keeps its place when others are added or removed.
        """
        if not shuffle:
            keys = self.train_ids.astype(np.float64)
            return EpochOrder(self, np.arange(self.samples), keys)
        stream = Streams(seed).child("order", epoch).numpy("order")
        keys = stream.random(self.points.next_id)[self.train_ids]
        rows = np.argsort(keys)
        return EpochOrder(self, rows, keys[rows])


class EpochOrder:
    """The training samples in the order of one epoch.

    Parameters
    ----------
    data
        What ``rows`` point into.
    rows
        (m,) the order: rows of ``data.train``.
    keys
        What the order was sorted by, rising.
    """

    def __init__(
        self, data: TrainingData, rows: NDArray[np.intp], keys: NDArray[np.float64]
    ) -> None:
        self._data = data
        self._rows = rows
        self._keys = keys

    def __len__(self) -> int:
        return len(self._rows)

    @cached_property
    def samples(self) -> Samples:
        """The samples in this order; gathered when walked, for a drag makes many orders."""
        return _rows(self._data.train, self._rows)

    @cached_property
    def ids(self) -> NDArray[np.int64]:
        """The creation ids of the samples in this order, (m,)."""
        ids: NDArray[np.int64] = self._data.train_ids[self._rows]
        return ids

    @cached_property
    def lists(self) -> SampleLists:
        """The samples as lists, for the online rules."""
        return self.samples.lists()

    def moved_to(self, data: TrainingData) -> EpochOrder | None:
        """Return the same order of the same points at other places; None if others are there."""
        if data.train_rows is not self._data.train_rows:
            return None
        return EpochOrder(data, self._rows, self._keys)

    def position_in(self, other: EpochOrder, position: int) -> int:
        """Return how far the other order of the same epoch has come when this has seen so many."""
        if position <= 0:
            return 0
        return int(np.searchsorted(other._keys, self._keys[position - 1], side="right"))


def _rows(samples: Samples, rows: NDArray[np.intp]) -> Samples:
    return Samples(samples.x1[rows], samples.x2[rows], samples.y[rows])
