"""Prioritised replay: what surprised most is drawn most.

    P(i) = pᵢ / Σ p      p = (|δ| + ε)^α      weight wᵢ = (N · P(i))^(−β) / max w

A tree of partial sums finds a draw in log₂ N additions; all draws of a batch go down together.
The draws are stratified: one from each of as many equal parts of the sum.

Source: Schaul, Quan, Antonoglou and Silver 2016, "Prioritized experience replay", section 3.3 and
algorithm 1. As there, a new transition gets the largest priority so far.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

SMALLEST = 1e-3
"""ε: no transition is ever lost for good."""


class SumTree:
    """Numbers ≥ 0 in places 0…capacity − 1 with all partial sums of a binary tree."""

    def __init__(self, capacity: int) -> None:
        self._leaves = 1 << max(1, (capacity - 1).bit_length())
        self._levels = self._leaves.bit_length() - 1
        self._sums = np.zeros(2 * self._leaves)
        self.capacity = capacity

    @property
    def total(self) -> float:
        """Sum of all numbers."""
        return float(self._sums[1])

    def values(self, places: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the numbers in some places."""
        return self._sums[places + self._leaves]

    def all_values(self) -> NDArray[np.float64]:
        """Return a copy of all numbers up to the last that is not 0."""
        return np.trim_zeros(self._sums[self._leaves : self._leaves + self.capacity], "b").copy()

    def set(self, places: NDArray[np.int64], values: NDArray[np.float64]) -> None:
        """Put numbers into places; of two for one place the last one stays."""
        nodes = places + self._leaves
        self._sums[nodes] = values
        for _ in range(self._levels):
            nodes = nodes >> 1
            # Sums are always made of both children, so nothing drifts however long it runs.
            self._sums[nodes] = self._sums[2 * nodes] + self._sums[2 * nodes + 1]

    def set_all(self, values: NDArray[np.float64]) -> None:
        """Put numbers into the places 0…len − 1 and 0 into all others."""
        self._sums[:] = 0.0
        self._sums[self._leaves : self._leaves + len(values)] = values
        below = self._sums[self._leaves :]
        start = self._leaves
        while start > 1:
            below = below[0::2] + below[1::2]
            start >>= 1
            self._sums[start : 2 * start] = below

    def find(self, marks: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the places in which running sums first exceed the marks, each in [0, total)."""
        nodes = np.ones(len(marks), dtype=np.int64)
        left_over = marks.copy()
        for _ in range(self._levels):
            left = 2 * nodes
            weight = self._sums[left]
            right = left_over >= weight
            # Rounding may point at an empty branch: stay where there is something to draw.
            right &= self._sums[left + 1] > 0.0
            left_over -= np.where(right, weight, 0.0)
            nodes = left + right
        return nodes - self._leaves


class Priorities:
    """Which transitions of a replay memory are drawn, and how much each of them counts.

    Parameters
    ----------
    capacity
        Of the memory.
    exponent
        α in 0…1: 0 draws evenly, 1 in proportion to the error.
    """

    def __init__(self, capacity: int, exponent: float) -> None:
        self.exponent = exponent
        self.largest = 1.0
        self._tree = SumTree(capacity)

    def add(self, places: NDArray[np.int64]) -> None:
        """Give new transitions the largest priority so far."""
        self._tree.set(places, np.full(len(places), self.largest))

    def draw(
        self, count: int, size: int, correction: float, rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return places (count,) drawn by priority, and their weights (count,) in 0…1.

        Parameters
        ----------
        count
            How many to draw.
        size
            Transitions in the memory, N.
        correction
            β in 0…1: 1 makes up for the uneven drawing entirely.
        rng
            Where chance comes from.
        """
        total = self._tree.total
        marks = (np.arange(count) + rng.random(count)) * (total / count)
        places = np.minimum(self._tree.find(marks), size - 1)
        shares = self._tree.values(places) / total
        weights = (size * shares) ** -correction
        return places, (weights / weights.max()).astype(np.float32)

    def update(self, places: NDArray[np.int64], errors: NDArray[np.floating]) -> None:
        """Set the priorities of transitions by their TD errors."""
        priorities = (np.abs(errors).astype(np.float64) + SMALLEST) ** self.exponent
        # A place drawn twice has the same error twice, so the order does not matter.
        self._tree.set(places, priorities)
        self.largest = max(self.largest, float(priorities.max()))

    def values(self, places: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the priorities p of transitions."""
        return self._tree.values(places)

    def state(self) -> dict[str, Any]:
        """Return a copy of the priorities there are: a memory that is half full takes half."""
        return {"largest": self.largest, "values": self._tree.all_values()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take over the priorities of a state."""
        self.largest = state["largest"]
        self._tree.set_all(state["values"])
