"""Earlier lines of a learner, for the eye: a few stand for a way of any length."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.core.perceptrons import Line

GHOST_LEVELS: Final = 8
GHOSTS_PER_LEVEL: Final = 3


class Trail:
    """Earlier lines, dense near the newest and ever sparser behind.

    The k-th line belongs to the level that is the number of times 2 divides k; each level keeps
    its last three. So about three lines stand for every doubling of the distance back.
    """

    def __init__(self) -> None:
        self.count = 0
        self._levels: tuple[deque[tuple[int, Line]], ...] = tuple(
            deque(maxlen=GHOSTS_PER_LEVEL) for _ in range(GHOST_LEVELS)
        )

    def add(self, line: Line) -> None:
        """Append the newest line."""
        self._keep(self.count, line)
        self.count += 1

    def lines(self) -> tuple[Line, ...]:
        """Return what is kept, oldest first."""
        return tuple(line for _, line in self._entries())

    def state(self) -> tuple[int, NDArray[np.float64]]:
        """Return the count and (k, 4) numbers and lines: a quarter of the memory of tuples."""
        rows = [(number, *line) for number, line in self._entries()]
        return self.count, np.array(rows, dtype=np.float64).reshape(-1, 4)

    def load(self, state: tuple[int, NDArray[np.float64]]) -> None:
        """Go back to what :meth:`state` gave."""
        self.count = state[0]
        for level in self._levels:
            level.clear()
        for number, w1, w2, beta in state[1].tolist():
            self._keep(int(number), (w1, w2, beta))

    def _entries(self) -> list[tuple[int, Line]]:
        return sorted(entry for level in self._levels for entry in level)

    def _keep(self, number: int, line: Line) -> None:
        level = (number & -number).bit_length() - 1 if number else GHOST_LEVELS - 1
        self._levels[min(level, GHOST_LEVELS - 1)].append((number, line))
