"""Where a run can be picked up again: states in a byte budget, thinned the further away they are.

Going to a step costs the replay from the checkpoint before it. Of a million steps only some
states can be kept, so a checkpoint is worth the more, the wider the gap it closes and the nearer
it lies to where somebody is looking. Dropping the one with the smallest

    worth = (step after − step before) / √(1 + distance to the newest or to the focus) / own bytes

leaves gaps that grow with the root of the distance: dense at the end and around the place being
looked at, and still not wide at the far end, where gaps in proportion to the distance would take
seconds to replay. Where states grow and shrink (an agent's grows until it has learnt
from what it gathered), the small ones stay: there is room for more of them.

Parts that several states share count once, as long as one checkpoint has them.
"""

from __future__ import annotations

import bisect
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playground.experiments.base import State

BUDGET_BYTES = 64 * 2**20
MAX_COUNT = 4096
"""Thinning looks at all checkpoints, so there is a limit however small the states are."""
KEEP_SHARE = 0.875
"""Thinning goes a little below the budget, so that it is not due again at once."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A state at a step in which the first ``edits_applied`` edits of the run are in force.

    ``nbytes`` are those of the state alone, without the parts that it shares.
    """

    step: int
    edits_applied: int
    state: State
    nbytes: int

    @property
    def key(self) -> tuple[int, int]:
        """Order among the checkpoints of a run."""
        return self.step, self.edits_applied


class Checkpoints:
    """The checkpoints of one run, sorted by step; the first one is never dropped."""

    def __init__(self, budget_bytes: int = BUDGET_BYTES, max_count: int = MAX_COUNT) -> None:
        self.budget_bytes = budget_bytes
        self.max_count = max_count
        self._items: list[Checkpoint] = []
        self._nbytes = 0
        # How many checkpoints have a part, by its id: they keep it alive, so the id stays its own.
        self._holders: Counter[int] = Counter()

    def __len__(self) -> int:
        return len(self._items)

    @property
    def nbytes(self) -> int:
        """Estimated bytes of the states held, every shared part counted once."""
        return self._nbytes

    @property
    def steps(self) -> tuple[int, ...]:
        """Steps of the checkpoints, ascending."""
        return tuple(item.step for item in self._items)

    def add(self, state: State, edits_applied: int, focus: int | None = None) -> None:
        """Keep a state; ``focus`` is the step around which the checkpoints shall stay dense."""
        key = (state.step, edits_applied)
        index = bisect.bisect_left(self._items, key, key=lambda item: item.key)
        if index < len(self._items) and self._items[index].key == key:
            return
        checkpoint = Checkpoint(*key, state, state_nbytes(state))
        self._items.insert(index, checkpoint)
        self._take(checkpoint)
        if self._nbytes > self.budget_bytes or len(self._items) > self.max_count:
            self._thin(self.newest.step if focus is None else focus)

    @property
    def newest(self) -> Checkpoint:
        """The checkpoint of the furthest step."""
        return self._items[-1]

    def nearest(self, step: int) -> Checkpoint:
        """Return the last checkpoint at or before a step; the first one if there is none."""
        index = bisect.bisect_right(self._items, step, key=lambda item: item.step)
        return self._items[max(0, index - 1)]

    def drop_after_edits(self, edits_applied: int) -> None:
        """Forget the checkpoints in which more than so many edits are in force."""
        self._replace(item for item in self._items if item.edits_applied <= edits_applied)

    def upto(self, step: int) -> Checkpoints:
        """Return the checkpoints at or before a step for a branch; the states are shared."""
        copy = Checkpoints(self.budget_bytes, self.max_count)
        copy._replace(item for item in self._items if item.step <= step)
        return copy

    def shrink(self, budget_bytes: int, focus: int) -> None:
        """Set another budget and keep to it from now on."""
        self.budget_bytes = budget_bytes
        if self._nbytes > budget_bytes:
            self._thin(focus)

    def _replace(self, items: Iterable[Checkpoint]) -> None:
        self._items = list(items)
        self._nbytes = 0
        self._holders.clear()
        for item in self._items:
            self._take(item)

    def _take(self, item: Checkpoint) -> None:
        """Count a checkpoint, and those of its parts that no other one has."""
        self._nbytes += item.nbytes
        for part in item.state.parts:
            self._holders[id(part)] += 1
            if self._holders[id(part)] == 1:
                self._nbytes += part.nbytes

    def _release(self, item: Checkpoint) -> None:
        self._nbytes -= item.nbytes
        for part in item.state.parts:
            self._holders[id(part)] -= 1
            if not self._holders[id(part)]:
                del self._holders[id(part)]
                self._nbytes -= part.nbytes

    def _thin(self, focus: int) -> None:
        while self._too_much(len(self._items)) and len(self._items) > 2:
            self._drop_least_worth(focus)
        if self._nbytes > self.budget_bytes:
            self._replace(self._items[:1])

    def _too_much(self, count: int) -> bool:
        return self._nbytes > self.budget_bytes * KEEP_SHARE or count > self.max_count * KEEP_SHARE

    def _drop_least_worth(self, focus: int) -> None:
        """Drop as many as needed in one pass; never two neighbours: their worth changes with it."""
        items = self._items
        steps = np.array([item.step for item in items], dtype=np.float64)
        nbytes = np.array([item.nbytes for item in items[1:-1]], dtype=np.float64)
        inner = steps[1:-1]
        distance = np.minimum(steps[-1] - inner, np.abs(inner - focus))
        worth = (steps[2:] - steps[:-2]) / np.sqrt(1.0 + distance) / nbytes
        dropped: set[int] = set()
        for index in (np.argsort(worth, kind="stable") + 1).tolist():
            if not self._too_much(len(items) - len(dropped)):
                break
            if index - 1 in dropped or index + 1 in dropped:
                continue
            dropped.add(index)
            self._release(items[index])
        self._items = [item for index, item in enumerate(items) if index not in dropped]


def state_nbytes(state: State) -> int:
    """Return the estimated bytes of what a state owns, without what it shares."""
    return _nbytes(state.own, set())


def _nbytes(value: Any, seen: set[int]) -> int:
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        return sys.getsizeof(value) + (value.nbytes if value.base is not None else 0)
    if hasattr(value, "element_size") and hasattr(value, "nelement"):
        # A torch tensor; torch itself must not be imported for this.
        return sys.getsizeof(value) + int(value.element_size()) * int(value.nelement())
    size = sys.getsizeof(value)
    if isinstance(value, Mapping):
        return size + sum(_nbytes(k, seen) + _nbytes(v, seen) for k, v in value.items())
    if isinstance(value, (list, tuple, set, frozenset)):
        return size + sum(_nbytes(item, seen) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return size + sum(_nbytes(getattr(value, f.name), seen) for f in fields(value))
    if hasattr(value, "__dict__") and not isinstance(value, type):
        return size + _nbytes(vars(value), seen)
    return size
