"""The pocket algorithm: a perceptron that never forgets the best line it has had.

On data that no line separates the perceptron's line wanders for ever. Gallant's algorithm lets it
wander and keeps a copy of the best line in its pocket: whenever the wandering line has answered
more samples in a row correctly than the line in the pocket ever did, both are compared over all
training samples, and the one with fewer mistakes stays (the ratchet).

Source: S. I. Gallant, Perceptron-based learning algorithms, IEEE Trans. Neural Networks 1(2), 1990,
section IV, "pocket algorithm with ratchet". There samples are drawn at random; here they come in
the order of the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.core.perceptrons import Line, SampleLists


class Pocket(NamedTuple):
    """The best line so far, and what Gallant's algorithm with ratchet remembers of the walk.

    Parameters
    ----------
    line, errors
        The line in the pocket and its mistakes over all training samples.
    run
        Right answers in a row of the wandering line since its last correction.
    best_run
        The run with which the line in the pocket got there.
    weighed
        True when the wandering line has been compared with the pocket since it last moved.
    """

    line: Line
    errors: int
    run: int = 0
    best_run: int = 0
    weighed: bool = True

    def after(self, wrong: bool, line: Line, errors_of: Callable[[Line], int]) -> Pocket:
        """Return the pocket after one sample of an online walk.

        Only a line with a longer run than the pocket's is counted over all samples, and only one
        with fewer mistakes goes into the pocket: the ratchet, which never turns back.
        """
        if wrong:
            return self._replace(run=0, weighed=False)
        run = self.run + 1
        if self.weighed or run <= self.best_run:
            return self._replace(run=run)
        errors = errors_of(line)
        if errors < self.errors:
            return Pocket(line, errors, run, run)
        return self._replace(run=run, weighed=True)

    def after_batch(self, line: Line, errors_of: Callable[[Line], int]) -> Pocket:
        """Return the pocket after a batch moved the line: the better of the two lines."""
        errors = errors_of(line)
        return Pocket(line, errors) if errors < self.errors else self


class PocketStretch(NamedTuple):
    """Where a pocket perceptron's walk has led."""

    line: Line
    changes: int
    pocket: Pocket


def walk_pocket(
    samples: SampleLists,
    start: int,
    stop: int,
    line: Line,
    rate: float,
    pocket: Pocket,
    errors_of: Callable[[Line], int],
) -> PocketStretch:
    """Return where the pocket perceptron gets through the samples ``start … stop−1``.

    Bit for bit the same as :func:`correction` and :meth:`Pocket.after` sample by sample.
    """
    w1, w2, beta = line
    best, errors, run, best_run, weighed = pocket
    changes = 0
    x1s, x2s, ys = samples.x1[start:stop], samples.x2[start:stop], samples.y[start:stop]
    for x1, x2, y in zip(x1s, x2s, ys, strict=True):
        if not y * (w1 * x1 + w2 * x2 + beta) > 0.0:
            g = rate * y
            w1 += g * x1
            w2 += g * x2
            beta += g
            changes += 1
            run = 0
            weighed = False
            continue
        run += 1
        if weighed or run <= best_run:
            continue
        weighed = True
        mistakes = errors_of((w1, w2, beta))
        if mistakes < errors:
            best, errors, best_run = (w1, w2, beta), mistakes, run
    return PocketStretch((w1, w2, beta), changes, Pocket(best, errors, run, best_run, weighed))
