"""Linear neurons on the plane: perceptron, pocket perceptron, Adaline, logistic neuron.

All of them compute f(x) = w₁·x₁ + w₂·x₂ + β and answer +1 where f > 0. They differ in how a sample
(x, y), y = −1 or +1, moves the weights; with the direction d of that sample,

    perceptron   d = y·x            where y·f ≤ 0, else 0                 (Rosenblatt 1958)
    pocket       the same, and the best line so far is kept               (Gallant 1990)
    Adaline      d = (y − f)·x                                            (Widrow & Hoff 1960)
    logistic     d = (t − σ(f))·x   with t = (y + 1)/2                    (cross-entropy)

and β moves as the weight of a constant input 1. Online, w ← w + α·d after every sample. In a batch
the directions of all its samples are collected against the same line and applied at once,

    perceptron, pocket    w ← w + α·Σ d          (the course's Δ and Β)
    Adaline, logistic     w ← w − α·∂C/∂w = w + α·(1/n)·Σ d

with the cost C = 1/(2n) Σ (y − f)² of Adaline and the mean cross-entropy of the logistic neuron. A
point exactly on the line counts as a mistake, in the rule and everywhere it is counted.

The sums are correctly rounded (:func:`math.fsum`; Shewchuk 1997), therefore a batch does not depend
on the order of its samples, and a batch that was split into parts for several threads gives exactly
the numbers of the unsplit one, for any number of parts and whichever thread is the first.

Source: Haykin, Neural Networks and Learning Machines, 3rd ed., sections 1.3 and 3.5; S. I. Gallant,
Perceptron-based learning algorithms, IEEE Trans. Neural Networks 1(2), 1990, section IV.
"""

from __future__ import annotations

import math
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

    from numpy.typing import NDArray

Kind = Literal["perceptron", "pocket", "adaline", "logistic"]
Line = tuple[float, float, float]
"""(w₁, w₂, β)."""

DIVERGED_AT: Final = 1e30
"""Weights and errors beyond it mean divergence: with coordinates up to 10¹² and rates up to 10³, no
run that converges ever gets near it, and squares of it are still finite."""

MISTAKE_DRIVEN: Final[frozenset[Kind]] = frozenset({"perceptron", "pocket"})
"""The rules that rest where all is right; the other two go on towards the least cost."""

COST_NAMES: Final[dict[Kind, str]] = {
    "perceptron": "share of mistakes",
    "pocket": "share of mistakes",
    "adaline": "mean squared error",
    "logistic": "cross-entropy",
}


class Samples(NamedTuple):
    """Samples in the order in which they are shown: ``x1``, ``x2``, ``y`` float64 of one length."""

    x1: NDArray[np.float64]
    x2: NDArray[np.float64]
    y: NDArray[np.float64]

    def part(self, start: int, stop: int) -> Samples:
        """Return the samples ``start … stop−1``, without copying."""
        return Samples(self.x1[start:stop], self.x2[start:stop], self.y[start:stop])

    def lists(self) -> SampleLists:
        """Return the same as lists of Python floats, which the online rules walk through."""
        return SampleLists(self.x1.tolist(), self.x2.tolist(), self.y.tolist())


class SampleLists(NamedTuple):
    """Samples as lists: reading a list is several times faster than reading an array."""

    x1: list[float]
    x2: list[float]
    y: list[float]


class Correction(NamedTuple):
    """What one sample does: f before it, whether it is a mistake, and the change (Δw₁, Δw₂, Δβ)."""

    f: float
    wrong: bool
    dw1: float
    dw2: float
    dbeta: float


class Stretch(NamedTuple):
    """Where a walk through samples has led: the line, the number of changes, and how far it got.

    ``end`` is smaller than asked for where the sample at ``end`` made the rule diverge; that
    sample was not applied.
    """

    line: Line
    changes: int
    end: int


class Directions(NamedTuple):
    """Directions of the samples of one part: what a thread hands back.

    ``d1``, ``d2`` and ``d0`` hold d for w₁, w₂ and β, for the samples where it is not 0.
    """

    samples: int
    mistakes: int
    d1: list[float]
    d2: list[float]
    d0: list[float]


class BatchChange(NamedTuple):
    """The change that a batch, or one part of it, asks for; not-a-numbers where sums overflow."""

    samples: int
    mistakes: int
    dw1: float
    dw2: float
    dbeta: float


def score(x1: float, x2: float, line: Line) -> float:
    """Return f(x) = w₁·x₁ + w₂·x₂ + β."""
    return line[0] * x1 + line[1] * x2 + line[2]


def scores(samples: Samples, line: Line) -> NDArray[np.float64]:
    """Return f of all samples, (n,); the same rounding as :func:`score`, infinite on overflow."""
    with np.errstate(over="ignore", invalid="ignore"):
        f: NDArray[np.float64] = line[0] * samples.x1 + line[1] * samples.x2 + line[2]
    return f


def wrong_side(samples: Samples, line: Line) -> NDArray[np.bool_]:
    """Return where y·f ≤ 0: on the wrong side of the line or exactly on it; (n,)."""
    with np.errstate(over="ignore", invalid="ignore"):
        wrong: NDArray[np.bool_] = ~(samples.y * scores(samples, line) > 0)
    return wrong


def count_errors(samples: Samples, line: Line) -> int:
    """Return the number of samples on the wrong side of the line."""
    return int(np.count_nonzero(wrong_side(samples, line)))


def sigmoid(z: float) -> float:
    """Return σ(z) = 1/(1 + e^−z), without overflow for any z."""
    if z >= 0:
        return 1.0 / (1.0 + math.exp(-z))
    e = math.exp(z)
    return e / (1.0 + e)


def correction(kind: Kind, x1: float, x2: float, y: float, line: Line, rate: float) -> Correction:
    """Return what one sample does online, in the words of the module's table."""
    f = line[0] * x1 + line[1] * x2 + line[2]
    wrong = not y * f > 0
    if kind == "adaline":
        g = rate * (y - f)
    elif kind == "logistic":
        g = rate * (0.5 * (y + 1.0) - sigmoid(f))
    elif wrong:
        g = rate * y
    else:
        return Correction(f, wrong, 0.0, 0.0, 0.0)
    return Correction(f, wrong, g * x1, g * x2, g)


def may_apply(kind: Kind, y: float, f: float) -> bool:
    """Return False where a sample makes the rule diverge: an Adaline error beyond 10³⁰."""
    return -DIVERGED_AT < y - f < DIVERGED_AT if kind == "adaline" else f == f


def is_finite(line: Line) -> bool:
    """Return whether no weight is a not-a-number or beyond 10³⁰ in size."""
    return all(-DIVERGED_AT <= value <= DIVERGED_AT for value in line)


def walk(
    kind: Kind, samples: SampleLists, start: int, stop: int, line: Line, rate: float
) -> Stretch:
    """Return where the online rule leads through the samples ``start … stop−1``.

    Bit for bit the same as adding up :func:`correction` sample by sample, only faster; the pocket
    perceptron's line walks like the perceptron's (see :mod:`playground.core.pocket`).
    """
    if kind == "adaline":
        return _walk_adaline(samples, start, stop, line, rate)
    if kind == "logistic":
        return _walk_logistic(samples, start, stop, line, rate)
    return _walk_perceptron(samples, start, stop, line, rate)


# The three walks below are written out, on local floats: it is the innermost loop of the
# experiment, and a call or a tuple for every sample would cost several times the arithmetic.


def _walk_perceptron(
    samples: SampleLists, start: int, stop: int, line: Line, rate: float
) -> Stretch:
    w1, w2, beta = line
    changes = 0
    x1s, x2s, ys = samples.x1[start:stop], samples.x2[start:stop], samples.y[start:stop]
    for x1, x2, y in zip(x1s, x2s, ys, strict=True):
        if not y * (w1 * x1 + w2 * x2 + beta) > 0.0:
            g = rate * y
            w1 += g * x1
            w2 += g * x2
            beta += g
            changes += 1
    return Stretch((w1, w2, beta), changes, stop)


def _walk_adaline(samples: SampleLists, start: int, stop: int, line: Line, rate: float) -> Stretch:
    w1, w2, beta = line
    changes = 0
    end = start
    x1s, x2s, ys = samples.x1[start:stop], samples.x2[start:stop], samples.y[start:stop]
    for x1, x2, y in zip(x1s, x2s, ys, strict=True):
        error = y - (w1 * x1 + w2 * x2 + beta)
        if not -DIVERGED_AT < error < DIVERGED_AT:
            break
        g = rate * error
        w1 += g * x1
        w2 += g * x2
        beta += g
        end += 1
        if g:
            changes += 1
    return Stretch((w1, w2, beta), changes, end)


def _walk_logistic(samples: SampleLists, start: int, stop: int, line: Line, rate: float) -> Stretch:
    w1, w2, beta = line
    changes = 0
    exp = math.exp
    x1s, x2s, ys = samples.x1[start:stop], samples.x2[start:stop], samples.y[start:stop]
    for x1, x2, y in zip(x1s, x2s, ys, strict=True):
        f = w1 * x1 + w2 * x2 + beta
        if f >= 0.0:
            g = rate * (0.5 * (y + 1.0) - 1.0 / (1.0 + exp(-f)))
        else:
            e = exp(f)
            g = rate * (0.5 * (y + 1.0) - e / (1.0 + e))
        w1 += g * x1
        w2 += g * x2
        beta += g
        if g:
            changes += 1
    return Stretch((w1, w2, beta), changes, stop)


def directions(kind: Kind, samples: Samples, line: Line) -> Directions:
    """Return the directions that these samples ask for, all against the same line."""
    x1, x2, y = samples
    f = scores(samples, line)
    with np.errstate(over="ignore", invalid="ignore"):
        wrong = ~(y * f > 0)
        mistakes = int(np.count_nonzero(wrong))
        if kind in MISTAKE_DRIVEN:
            x1, x2, g = x1[wrong], x2[wrong], y[wrong]
        elif kind == "adaline":
            g = y - f
        else:
            g = 0.5 * (y + 1.0) - _sigmoids(f)
        d1, d2 = g * x1, g * x2
    return Directions(len(y), mistakes, d1.tolist(), d2.tolist(), g.tolist())


def batch_change(kind: Kind, parts: Sequence[Directions], rate: float, samples: int) -> BatchChange:
    """Return Δw₁, Δw₂, Δβ of the parts together.

    Parameters
    ----------
    parts
        All parts of a batch for the change of the batch, or one of them for its share of it.
    samples
        Number of samples of the whole batch: Adaline and the logistic neuron take the mean.
    """
    divisor = 1.0 if kind in MISTAKE_DRIVEN else float(samples)
    change = (
        rate * _sum(chain.from_iterable(column)) / divisor
        for column in ([p.d1 for p in parts], [p.d2 for p in parts], [p.d0 for p in parts])
    )
    return BatchChange(sum(p.samples for p in parts), sum(p.mistakes for p in parts), *change)


def parallel_directions(
    kind: Kind, samples: Samples, line: Line, parts: int, executor: Executor
) -> list[Directions]:
    """Return the directions of ``parts`` parts of the batch, each worked out by a thread.

    The parts are as equal as possible, the larger ones first, as by :func:`numpy.array_split`; no
    more parts than samples are made. The order of the result is that of the parts, whichever
    thread was ready first.
    """
    count = len(samples.y)
    parts = max(1, min(parts, count))
    cuts = [0, *np.cumsum([len(p) for p in np.array_split(samples.y, parts)]).tolist()]
    pieces = [samples.part(a, b) for a, b in pairwise(cuts)]
    return list(executor.map(lambda piece: directions(kind, piece, line), pieces))


def cost(kind: Kind, samples: Samples, line: Line) -> float:
    """Return the cost of a line: see :data:`COST_NAMES`; not a number without samples.

    Share of mistakes for both perceptrons, 1/(2n) Σ (y − f)² for Adaline, the mean of
    ln(1 + e^(−y·f)) for the logistic neuron; infinite where it overflows.
    """
    if not len(samples.y):
        return math.nan
    if kind in MISTAKE_DRIVEN:
        return count_errors(samples, line) / len(samples.y)
    f = scores(samples, line)
    with np.errstate(over="ignore", invalid="ignore"):
        if kind == "adaline":
            return float(np.mean((samples.y - f) ** 2) / 2)
        return float(np.mean(np.logaddexp(0.0, -samples.y * f)))


def gradient(kind: Kind, samples: Samples, line: Line) -> Line:
    """Return ∂C/∂w₁, ∂C/∂w₂, ∂C/∂β of the cost of Adaline or of the logistic neuron.

    Raises
    ------
    ValueError
        For the perceptrons, whose share of mistakes is flat nearly everywhere.
    """
    if kind not in ("adaline", "logistic"):
        raise ValueError("The share of mistakes has no useful gradient: it is flat between jumps.")
    change = batch_change(kind, [directions(kind, samples, line)], 1.0, len(samples.y))
    return -change.dw1, -change.dw2, -change.dbeta


def largest_stable_rate(samples: Samples, *, batch: bool) -> float:
    """Return the learning rate below which Adaline cannot blow up on these samples.

    In a batch the error shrinks along every direction when α < 2/λ, λ the largest eigenvalue of
    (1/n) Σ a·aᵀ with a = (x₁, x₂, 1); online and in mini-batches α < 2/max‖a‖² makes every single
    correction shrink the error it corrects. Source: Widrow & Stearns, Adaptive Signal Processing,
    1985, section 6.
    """
    rows = np.stack([samples.x1, samples.x2, np.ones_like(samples.x1)], axis=1)
    if batch:
        return float(2.0 / np.linalg.eigvalsh(rows.T @ rows / len(rows))[-1])
    return float(2.0 / np.max(np.sum(rows**2, axis=1)))


def _sigmoids(f: NDArray[np.float64]) -> NDArray[np.float64]:
    e = np.exp(-np.abs(f))
    positive: NDArray[np.float64] = np.where(f >= 0, 1.0, e) / (1.0 + e)
    return positive


def _sum(terms: chain[float]) -> float:
    """Return the correctly rounded sum; not a number where it overflows or is undefined."""
    try:
        return math.fsum(terms)
    except (OverflowError, ValueError):
        return math.nan
