"""One linear neuron in training: its line, what it counts, and what it remembers for the eye.

A :class:`Learner` is walked along the samples of an epoch by the experiment. How far it is walked
at once changes nothing: a thousand samples in one call leave it exactly as a thousand calls would.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from playground.core import perceptrons
from playground.core.pocket import Pocket, walk_pocket
from playground.core.separability import CycleFinder
from playground.experiments.perceptron_trail import Trail

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Executor

    from playground.core.perceptrons import BatchChange, Line
    from playground.experiments.perceptron_data import EpochOrder, TrainingData
    from playground.experiments.perceptron_spec import LearnerSpec

LEDGER_ROWS: Final = 40
DENSE_UPDATES: Final = 5_000
"""So many first update opportunities are looked at one by one for the path; later every 2ᵏ-th."""


def path_is_due(updates: int) -> bool:
    """Return whether the path gets a row after so many opportunities, if the line has moved.

    Always up to 5,000; then the stride doubles as the number does, so that 10⁸ opportunities give
    some 41,000 rows.
    """
    return updates % _stride(updates) == 0


def next_due(updates: int) -> int:
    """Return the next number of opportunities after which the path may get a row."""
    stride = _stride(updates + 1)
    return (updates // stride + 1) * stride


def _stride(updates: int) -> int:
    return 1 if updates <= DENSE_UPDATES else 1 << (updates // DENSE_UPDATES).bit_length()


@dataclass(slots=True)
class _Unwritten:
    """Samples ``start … end−1`` that were used at full speed, and the line before them."""

    order: EpochOrder
    span: Span
    start: int
    end: int
    line: Line
    rate: float


class Learner:
    """A neuron with its counters.

    Attributes
    ----------
    start
        The line of step 0 in the coordinates of training.
    line
        The wandering line in the coordinates of training; :attr:`best` is the one that classifies.
    updates, changes, epoch_changes, epochs
        Opportunities, how many moved the line, how many in this epoch, and passes completed.
    acted_to
        Samples of this epoch that have gone into updates.
    rested
        The stop condition was met when it was looked at last.
    steady
        Neither data nor rate nor line were changed by hand since the start.
    """

    def __init__(self, index: int, spec: LearnerSpec, start: Line, data: TrainingData) -> None:
        self.index = index
        self.spec = spec
        self.start = start
        self.line = start
        self.pocket: Pocket | None = None
        if spec.kind == "pocket":
            self.pocket = Pocket(start, data.errors(start), weighed=True)
        self.updates = self.changes = self.epoch_changes = self.epochs = self.acted_to = 0
        self.rested = self.diverged = False
        self.steady = True
        self._ledger: deque[tuple[float, ...]] = deque(maxlen=LEDGER_ROWS)
        self._unwritten: deque[_Unwritten] = deque()
        self.part_changes: tuple[BatchChange, ...] = ()
        self.cycle = CycleFinder()
        self.trail = Trail()
        self.trail.add(data.to_data(start))
        self._changes_drawn = 0

    @property
    def best(self) -> Line:
        """The line that classifies: the pocket's, or the wandering one."""
        return self.pocket.line if self.pocket is not None else self.line

    @property
    def ledger(self) -> deque[tuple[float, ...]]:
        """The last rows, oldest first.

        Those of samples that were used at full speed are worked out now, for most of them nobody
        ever looks at.
        """
        for piece in self._unwritten:
            self._ledger.extend(self._rows_of(piece))
        self._unwritten.clear()
        return self._ledger

    @property
    def last_row(self) -> tuple[float, ...] | None:
        """The last row of the ledger alone, for which little has to be worked out; None: none."""
        for piece in reversed(self._unwritten):
            # Empty where the rule has diverged on the very first sample.
            if piece.end > piece.start:
                return self._rows_of(piece)[-1]
        return self._ledger[-1] if self._ledger else None

    def _rows_of(self, piece: _Unwritten) -> list[tuple[float, ...]]:
        kind, line, rows = self.spec.kind, piece.line, []
        x1s, x2s, ys = piece.order.lists
        for at in range(piece.start, piece.end):
            x1, x2, y = x1s[at], x2s[at], ys[at]
            f, wrong, *change = perceptrons.correction(kind, x1, x2, y, line, piece.rate)
            line = (line[0] + change[0], line[1] + change[1], line[2] + change[2])
            sample = (float(piece.order.ids[at]), x1, x2, y, f)
            step, epoch = piece.span.step_of(at + 1), piece.span.epoch + 1
            rows.append((step, epoch, 1, wrong, *sample, piece.rate, *change, *line))
        return rows

    def batch_size(self, samples: int) -> int:
        """Return how many samples make one update opportunity."""
        size = {"online": 1, "mini-batch": self.spec.batch_size}.get(self.spec.schedule, samples)
        return max(1, min(size, samples))

    def walk(
        self,
        order: EpochOrder,
        data: TrainingData,
        span: Span,
        draw: Callable[[int, Line], None],
        executor: Callable[[], Executor],
    ) -> int | None:
        """Take all opportunities of a span; return the step in which it diverged, None if not.

        Parameters
        ----------
        draw
            Called with (step, line in data coordinates) where the path gets a row.
        executor
            Gives the threads of parallel batches.
        """
        if span.start == 0:
            self.epoch_changes = 0
        self.rested = False
        if self.spec.schedule == "online":
            return self._walk_online(order, data, span, draw)
        return self._walk_batches(order, data, span, draw, executor)

    def judge(self, data: TrainingData, cyclic: bool) -> int:
        """End an epoch; return the mistakes of the line that classifies on the training samples."""
        self.epochs += 1
        errors = data.errors(self.best)
        if cyclic and self.spec.kind in perceptrons.MISTAKE_DRIVEN:
            self.cycle.add(self.line)
        return errors

    def put(self, line: Line, data: TrainingData) -> None:
        """Set the line by hand."""
        self.line = line
        self.diverged = False
        if self.pocket is not None:
            self.pocket = Pocket(line, data.errors(line))
        self.disturb()

    def disturb(self) -> None:
        """Note that data, rate or line were changed by hand: bounds and cycles begin anew."""
        self.steady = False
        self.cycle = CycleFinder()
        self._changes_drawn = -1

    def carry_over(self, line: Line, best: Line, data: TrainingData) -> None:
        """Go on with other data, from the same lines in its coordinates."""
        self.line = line
        if self.pocket is not None:
            self.pocket = Pocket(best, data.errors(best), weighed=False)
        self.disturb()

    def state(self) -> dict[str, Any]:
        """Return a copy of everything that changes."""
        return {
            "line": self.line,
            "pocket": self.pocket,
            "counts": (self.updates, self.changes, self.epoch_changes, self.epochs, self.acted_to),
            "flags": (self.rested, self.diverged, self.steady),
            # As one array: a fifth of the memory of the tuples.
            "ledger": np.array(self.ledger, dtype=np.float64),
            "parts": self.part_changes,
            "cycle": self.cycle.state(),
            "trail": self.trail.state(),
            "drawn": self._changes_drawn,
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Go back to what :meth:`state` gave."""
        self.line, self.pocket = state["line"], state["pocket"]
        self.updates, self.changes, self.epoch_changes, self.epochs, self.acted_to = state["counts"]
        self.rested, self.diverged, self.steady = state["flags"]
        self._ledger = deque(map(tuple, state["ledger"].tolist()), maxlen=LEDGER_ROWS)
        self._unwritten.clear()
        self.part_changes = state["parts"]
        self.cycle = CycleFinder(state["cycle"])
        self.trail.load(state["trail"])
        self._changes_drawn = state["drawn"]

    def _walk_online(
        self, order: EpochOrder, data: TrainingData, span: Span, draw: Callable[[int, Line], None]
    ) -> int | None:
        # Samples are run through at full speed from one possible row of the path to the next; for
        # the last ones, which belong into the ledger, the line before them is kept.
        ledger_from = max(span.start, span.stop - LEDGER_ROWS)
        slow_from = span.stop
        piece: _Unwritten | None = None
        at = span.start
        while at < span.stop:
            if at >= slow_from or self.updates < DENSE_UPDATES:
                if not self._use_sample(order, at, span, data):
                    self.acted_to = at
                    return span.step_of(at + 1)
                at += 1
            else:
                if piece is None and at >= ledger_from:
                    piece = self._leave_unwritten(order, at, span)
                limit = span.stop if at >= ledger_from else ledger_from
                end = min(limit, at + next_due(self.updates) - self.updates)
                if not self._run_through(order, at, end, data):
                    slow_from = at
                    continue
                at = end
                if piece is not None:
                    piece.end = at
            self._draw_if_due(span.step_of(at), data, draw)
        self.acted_to = span.stop
        return None

    def _leave_unwritten(self, order: EpochOrder, start: int, span: Span) -> _Unwritten:
        """Keep what the rows of the coming samples can be worked out from; forget older ones."""
        waiting = self._unwritten
        known = sum(piece.end - piece.start for piece in waiting)
        while waiting and known - (waiting[0].end - waiting[0].start) >= LEDGER_ROWS:
            known -= waiting[0].end - waiting[0].start
            waiting.popleft()
        piece = _Unwritten(order, span, start, start, self.line, self.spec.rate)
        waiting.append(piece)
        return piece

    def _run_through(self, order: EpochOrder, start: int, end: int, data: TrainingData) -> bool:
        """Use samples at full speed; return False and change nothing where the rule diverges."""
        rate = self.spec.rate
        if self.pocket is not None:
            self.line, changes, self.pocket = walk_pocket(
                order.lists, start, end, self.line, rate, self.pocket, data.errors
            )
        else:
            found = perceptrons.walk(self.spec.kind, order.lists, start, end, self.line, rate)
            if found.end < end:
                return False
            self.line, changes = found.line, found.changes
        self.updates += end - start
        self.changes += changes
        self.epoch_changes += changes
        return True

    def _use_sample(self, order: EpochOrder, at: int, span: Span, data: TrainingData) -> bool:
        """Use one sample and write it down; return False where the rule diverges on it."""
        x1s, x2s, ys = order.lists
        x1, x2, y = x1s[at], x2s[at], ys[at]
        rate = self.spec.rate
        f, wrong, dw1, dw2, dbeta = perceptrons.correction(
            self.spec.kind, x1, x2, y, self.line, rate
        )
        if not perceptrons.may_apply(self.spec.kind, y, f):
            self.diverged = True
            return False
        w1, w2, beta = self.line
        self.line = (w1 + dw1, w2 + dw2, beta + dbeta)
        self._count(bool(dbeta))
        if self.pocket is not None:
            self.pocket = self.pocket.after(wrong, self.line, data.errors)
        sample = (float(order.ids[at]), x1, x2, y, f)
        self._write(span, at + 1, (1, wrong), sample, (dw1, dw2, dbeta))
        return True

    def _walk_batches(
        self,
        order: EpochOrder,
        data: TrainingData,
        span: Span,
        draw: Callable[[int, Line], None],
        executor: Callable[[], Executor],
    ) -> int | None:
        samples = len(order)
        size = self.batch_size(samples)
        while self.acted_to < samples:
            end = min(self.acted_to + size, samples)
            if end > span.stop:
                break
            if not self._use_batch(order, end, span, data, executor):
                return span.step_of(end)
            self.acted_to = end
            self._draw_if_due(span.step_of(end), data, draw)
        return None

    def _use_batch(
        self,
        order: EpochOrder,
        end: int,
        span: Span,
        data: TrainingData,
        executor: Callable[[], Executor],
    ) -> bool:
        """Apply one batch and write it down; return False where the rule diverges on it."""
        kind, rate = self.spec.kind, self.spec.rate
        batch = order.samples.part(self.acted_to, end)
        count = end - self.acted_to
        if self.spec.schedule == "parallel":
            found = perceptrons.parallel_directions(
                kind, batch, self.line, self.spec.parts, executor()
            )
        else:
            found = [perceptrons.directions(kind, batch, self.line)]
        change = perceptrons.batch_change(kind, found, rate, count)
        dw1, dw2, dbeta = change.dw1, change.dw2, change.dbeta
        w1, w2, beta = self.line
        line = (w1 + dw1, w2 + dw2, beta + dbeta)
        if not perceptrons.is_finite(line):
            self.diverged = True
            return False
        if self.spec.schedule == "parallel":
            self.part_changes = tuple(
                perceptrons.batch_change(kind, [part], rate, count) for part in found
            )
        self.line = line
        self._count(bool(dw1 or dw2 or dbeta))
        if self.pocket is not None:
            self.pocket = self.pocket.after_batch(self.line, data.errors)
        no_sample = (-1.0, np.nan, np.nan, 0.0, np.nan)
        self._write(span, end, (count, change.mistakes), no_sample, (dw1, dw2, dbeta))
        return True

    def _count(self, moved: bool) -> None:
        self.updates += 1
        if moved:
            self.changes += 1
            self.epoch_changes += 1

    def _write(
        self,
        span: Span,
        end: int,
        counts: tuple[int, int],
        sample: tuple[float, float, float, float, float],
        change: Line,
    ) -> None:
        step, epoch = span.step_of(end), span.epoch + 1
        self.ledger.append((step, epoch, *counts, *sample, self.spec.rate, *change, *self.line))

    def _draw_if_due(
        self, step: int, data: TrainingData, draw: Callable[[int, Line], None]
    ) -> None:
        if self.changes == self._changes_drawn or not path_is_due(self.updates):
            return
        self._changes_drawn = self.changes
        line = data.to_data(self.line)
        self.trail.add(line)
        draw(step, line)


class Span:
    """A stretch of one epoch: samples ``start … stop−1``, walked in steps of ``quantum`` samples.

    ``epoch`` counts from 0; ``first_step`` is the number of steps done before it.
    """

    def __init__(self, epoch: int, start: int, stop: int, quantum: int, first_step: int) -> None:
        self.epoch = epoch
        self.start = start
        self.stop = stop
        self._quantum = quantum
        self._first_step = first_step

    def step_of(self, end: int) -> int:
        """Return the step in which the sample before ``end`` is seen, counted from 1."""
        return self._first_step + max(1, -(-(end - self.start) // self._quantum))
