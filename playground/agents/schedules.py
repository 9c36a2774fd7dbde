"""Numbers that fall while an agent learns: ε of the exploration, the learning rate, β of replay.

linear        from + (to − from) · min(1, k/steps)
exponential   max(to, from · γᵏ)
"""

from __future__ import annotations

from dataclasses import dataclass

from playground.agents.base import AgentError


@dataclass(frozen=True, slots=True)
class Linear:
    """A straight line that stays where it arrives.

    Parameters
    ----------
    start, end
        First and last value.
    steps
        Length of the way, at least 0; 0 means at the end at once.
    """

    start: float
    end: float
    steps: int

    def __post_init__(self) -> None:
        if self.steps < 0:
            raise AgentError(f"A schedule cannot last {self.steps} steps.")

    def at(self, k: int) -> float:
        """Return the value after k steps."""
        if k >= self.steps:
            return self.end
        return self.start + (self.end - self.start) * (k / self.steps)


@dataclass(frozen=True, slots=True)
class Exponential:
    """A value multiplied by a factor at every step until it reaches its floor.

    Parameters
    ----------
    start, end
        First and smallest value.
    factor
        In 0…1.
    """

    start: float
    end: float
    factor: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.factor <= 1.0:
            raise AgentError(f"The factor of a schedule lies in 0…1, not {self.factor:g}.")

    def at(self, k: int) -> float:
        """Return the value after k steps."""
        return max(self.end, self.start * self.factor**k)


Schedule = Linear | Exponential


def constant(value: float) -> Linear:
    """Return a schedule that never changes."""
    return Linear(value, value, 0)
