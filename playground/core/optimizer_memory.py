"""How much memory each optimizer needs for a weight: the course's table, with torch's own counts.

One copy is one number for every weight: the weight itself, its gradient, and what the method
remembers between steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BYTES_PER_NUMBER: Final = 4
"""Single precision, the default of torch."""

COURSE_MLP: Final = 784 * 500 + 500 + 500 * 300 + 300 + 300 * 10 + 10
"""Weights and biases of the network of the comparison, 784-500-300-10."""

LARGE_MODEL: Final = 7_000_000_000
"""Weights of a language model of the usual smaller size."""


@dataclass(frozen=True, slots=True)
class MemoryNeed:
    """What one method needs.

    Parameters
    ----------
    method
        Its id.
    state
        Numbers for every weight that it remembers between steps.
    what
        What these are.
    course
        What the course's table says, where it names the method; empty elsewhere.
    """

    method: str
    state: int
    what: str
    course: str = ""

    @property
    def copies(self) -> int:
        """Return the numbers for every weight: weight, gradient and state."""
        return 2 + self.state

    def bytes_for(self, weights: int) -> int:
        """Return the bytes that a model of so many weights takes in training."""
        return weights * self.copies * BYTES_PER_NUMBER


def lbfgs_need(history: int) -> MemoryNeed:
    """Return what L-BFGS needs: pairs (s, y), the last gradient and the last direction."""
    return MemoryNeed("lbfgs", 2 * history + 2, f"{history} pairs (s, y), last g and d")


MEMORY: Final[tuple[MemoryNeed, ...]] = (
    MemoryNeed("sgd", 0, "nothing", "2×"),
    MemoryNeed("momentum", 1, "velocity", "3×"),
    MemoryNeed("nesterov", 1, "velocity", "3×"),
    MemoryNeed("rprop", 2, "step, last gradient (its sign would do)", "3× + signs"),
    MemoryNeed("adagrad", 1, "sum of g²", "3×"),
    MemoryNeed("rmsprop", 1, "mean of g²", "3×"),
    MemoryNeed("adadelta", 2, "means of g² and Δ²", "4×"),
    MemoryNeed("adam", 2, "means of g and g²", "4×"),
    MemoryNeed("nadam", 2, "means of g and g²", "4×"),
    MemoryNeed("adamw", 2, "means of g and g²"),
    MemoryNeed("amsgrad", 3, "means of g and g², largest of the latter"),
    MemoryNeed("radam", 2, "means of g and g²"),
    lbfgs_need(10),
)
"""All methods, in the order of the course."""
