"""How good a classifier is: confusion counts, the eight metrics of the course, k-fold validation.

With TP, TN, FP, FN the numbers of true and false positives and negatives, every metric is a
fraction of them (lecture 1, "How to validate A.I.?"). Where a denominator is 0 the metric is not
defined; it is NaN here, never 0 or 1, and `describe` says in words why.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Confusion:
    """How many samples of each class were classified as which.

    Parameters
    ----------
    tp, tn
        Positives and negatives that were recognised.
    fp
        Negatives that were taken for positives.
    fn
        Positives that were taken for negatives.
    """

    tp: int
    tn: int
    fp: int
    fn: int

    def __add__(self, other: Confusion) -> Confusion:
        return Confusion(
            self.tp + other.tp, self.tn + other.tn, self.fp + other.fp, self.fn + other.fn
        )

    @property
    def total(self) -> int:
        """How many samples there are."""
        return self.tp + self.tn + self.fp + self.fn

    @property
    def accuracy(self) -> float:
        """(TP + TN) / all: the share that is classified rightly."""
        return _ratio(self.tp + self.tn, self.total)

    @property
    def error_rate(self) -> float:
        """(FP + FN) / all: the share that is classified wrongly."""
        return _ratio(self.fp + self.fn, self.total)

    @property
    def fpr(self) -> float:
        """FP / (FP + TN): the share of the negatives taken for positives."""
        return _ratio(self.fp, self.fp + self.tn)

    @property
    def fnr(self) -> float:
        """FN / (FN + TP): the share of the positives taken for negatives."""
        return _ratio(self.fn, self.fn + self.tp)

    @property
    def precision(self) -> float:
        """TP / (TP + FP): the share of rightful ones among the alarms."""
        return _ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """TP / (TP + FN): the share of the positives that is found; also called sensitivity."""
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def specificity(self) -> float:
        """TN / (TN + FP): the share of the negatives that is left in peace."""
        return _ratio(self.tn, self.tn + self.fp)

    @property
    def f1(self) -> float:
        """2·TP / (2·TP + FP + FN): the harmonic mean of precision and recall."""
        return _ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    @property
    def npv(self) -> float:
        """TN / (TN + FN): the share of rightful ones among the all-clears."""
        return _ratio(self.tn, self.tn + self.fn)


def _ratio(numerator: int, denominator: int) -> float:
    return numerator / denominator if denominator else math.nan


@dataclass(frozen=True)
class MetricInfo:
    """What a person reads about a metric.

    Parameters
    ----------
    name
        The property of `Confusion` that computes it.
    label
        What it is called.
    formula
        The same in the counts.
    use
        When it is the right one to look at.
    numerator, denominator
        The counts in the fraction, by their names in `Confusion`; a name may come twice.
    undefined
        Why the denominator can be 0, in words.
    higher_is_better
        False for rates of mistakes.
    """

    name: str
    label: str
    formula: str
    use: str
    numerator: tuple[str, ...]
    denominator: tuple[str, ...]
    undefined: str
    higher_is_better: bool = True

    def value(self, counts: Confusion) -> float:
        """Return the metric, 0…1, or NaN where it is not defined."""
        return float(getattr(counts, self.name))

    def reached(self, value: float, target: float) -> bool:
        """Return whether `value` is at least as good as `target`; never for NaN."""
        return value >= target if self.higher_is_better else value <= target

    def describe(self, counts: Confusion) -> str:
        """Return the metric as arithmetic with its numbers, or why it is not defined.

        Examples
        --------
        >>> metric_named("precision").describe(Confusion(tp=4, tn=2, fp=2, fn=1))
        'Precision = TP / (TP + FP) = 4 / 6 = 66.67 %'
        """
        top = sum(getattr(counts, name) for name in self.numerator)
        bottom = sum(getattr(counts, name) for name in self.denominator)
        if not bottom:
            return f"{self.label} is not defined: {self.undefined}."
        return f"{self.label} = {self.formula} = {top} / {bottom} = {100 * top / bottom:.4g} %"


_NOTHING = "there are no samples"
_NO_POSITIVES = "there are no positive samples"
_NO_NEGATIVES = "there are no negative samples"

METRICS: tuple[MetricInfo, ...] = (
    MetricInfo(
        "accuracy",
        "Accuracy",
        "(TP + TN) / (TP + TN + FP + FN)",
        "Right when both classes are about equally large and a mistake is a mistake.",
        ("tp", "tn"),
        ("tp", "tn", "fp", "fn"),
        _NOTHING,
    ),
    MetricInfo(
        "error_rate",
        "Error rate",
        "(FP + FN) / (TP + TN + FP + FN)",
        "The other side of accuracy: what is left to gain, for balanced classes.",
        ("fp", "fn"),
        ("tp", "tn", "fp", "fn"),
        _NOTHING,
        higher_is_better=False,
    ),
    MetricInfo(
        "fpr",
        "False-positive rate",
        "FP / (FP + TN)",
        "Right when a false alarm is the costly mistake: a good mail thrown away as spam.",
        ("fp",),
        ("fp", "tn"),
        _NO_NEGATIVES,
        higher_is_better=False,
    ),
    MetricInfo(
        "fnr",
        "False-negative rate",
        "FN / (FN + TP)",
        "Right when a miss is the costly mistake: an illness that goes unnoticed.",
        ("fn",),
        ("fn", "tp"),
        _NO_POSITIVES,
        higher_is_better=False,
    ),
    MetricInfo(
        "precision",
        "Precision",
        "TP / (TP + FP)",
        "Right when a positive answer must be trustworthy, whatever is missed.",
        ("tp",),
        ("tp", "fp"),
        "nothing was classified as positive",
    ),
    MetricInfo(
        "recall",
        "Recall (sensitivity)",
        "TP / (TP + FN)",
        "Right when every positive should be found, at the price of some false alarms.",
        ("tp",),
        ("tp", "fn"),
        _NO_POSITIVES,
    ),
    MetricInfo(
        "specificity",
        "Specificity",
        "TN / (TN + FP)",
        "Right when negatives must be left in peace; it goes together with recall.",
        ("tn",),
        ("tn", "fp"),
        _NO_NEGATIVES,
    ),
    MetricInfo(
        "f1",
        "F1 score",
        "2·TP / (2·TP + FP + FN)",
        "Right when both kinds of mistakes matter and one class is much larger than the other.",
        ("tp", "tp"),
        ("tp", "tp", "fp", "fn"),
        "there are no positive samples and nothing was classified as positive",
    ),
)
"""The eight metrics of the course, in the order in which they are shown."""


def metric_named(name: str) -> MetricInfo:
    """Return what is known about a metric.

    Raises
    ------
    ValueError
        When there is no such metric; the sentence lists those there are.
    """
    for info in METRICS:
        if info.name == name:
            return info
    known = ", ".join(info.name for info in METRICS)
    raise ValueError(f"There is no metric “{name}”; there are {known}.")


def confusion(y_true: ArrayLike, y_pred: ArrayLike) -> Confusion:
    """Return the confusion counts; above 0 is positive, everything else negative.

    Parameters
    ----------
    y_true
        (n,) labels −1 and +1.
    y_pred
        (n,) predicted labels, or scores f(x): positive where f > 0, as the course has it.

    Raises
    ------
    ValueError
        When the two differ in length.
    """
    true, predicted = np.asarray(y_true) > 0, np.asarray(y_pred) > 0
    if true.shape != predicted.shape:
        raise ValueError(f"There are {predicted.size} predictions for {true.size} labels.")
    tp = int(np.count_nonzero(true & predicted))
    fp = int(np.count_nonzero(predicted)) - tp
    fn = int(np.count_nonzero(true)) - tp
    return Confusion(tp=tp, tn=true.size - tp - fp - fn, fp=fp, fn=fn)


class FoldMean(NamedTuple):
    """The mean of a metric over folds."""

    mean: float
    """NaN when no fold has a value."""
    spread: float
    """Standard deviation over the folds, with n in the denominator; NaN likewise."""
    folds: int
    """How many folds have a value."""


def mean_over_folds(values: Iterable[float]) -> FoldMean:
    """Return mean and spread of a metric over the folds in which it is defined."""
    defined = np.array([value for value in values if not math.isnan(value)])
    if not defined.size:
        return FoldMean(math.nan, math.nan, 0)
    return FoldMean(float(defined.mean()), float(defined.std()), defined.size)


def k_folds(
    n: int, k: int, rng: np.random.Generator, y: Sequence[int] | NDArray[np.int8] | None = None
) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Return k pairs of (training rows, test rows); every row is tested exactly once.

    Parameters
    ----------
    n
        How many rows there are.
    k
        How many folds, 2…n; their sizes differ by one at most.
    rng
        Deals the rows to the folds.
    y
        (n,) labels. When given, the folds are stratified: the share of each class in them differs
        by one row at most.

    Returns
    -------
    list
        Rising row numbers.

    Raises
    ------
    ValueError
        When k is not in 2…n, or there is not a label for every row.
    """
    if not 2 <= k <= n:
        raise ValueError(
            f"The number of folds must be from 2 to the number of points, {n}; not {k}."
        )
    classes = np.zeros(n, dtype=np.int8) if y is None else np.asarray(y)
    if classes.shape != (n,):
        raise ValueError(f"There are {classes.size} labels for {n} rows.")
    shuffled = rng.permutation(n)
    # Class after class in shuffled order, dealt round like cards: neighbours never share a fold.
    dealt = shuffled[np.argsort(classes[shuffled], kind="stable")]
    fold_of = np.empty(n, dtype=np.intp)
    fold_of[dealt] = np.arange(n) % k
    return [(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(k)]
