"""When an agent is said to have solved its task.

The course stops when the worst of the last 20 returns is at least 200. That asks for more than
skill: an agent of which 97 % of the episodes reach 200 passes it at a given moment with probability
0.97²⁰ = 54 % only. The usual rule takes the mean of the last 100.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class StopRule:
    """A condition on the returns of the last episodes, as the environment counts them.

    Parameters
    ----------
    measure
        ``"worst"`` or ``"mean"`` of the window.
    window
        How many episodes, all of which must have ended.
    threshold
        What has to be reached.
    """

    measure: Literal["worst", "mean"]
    window: int
    threshold: float

    def met(self, returns: Sequence[float]) -> bool:
        """Tell whether the last returns, the newest last, satisfy the rule."""
        if len(returns) < self.window:
            return False
        last = returns[-self.window :]
        value = min(last) if self.measure == "worst" else sum(last) / self.window
        return value >= self.threshold


COURSE_RULE = StopRule("worst", 20, 200.0)
USUAL_RULE = StopRule("mean", 100, 200.0)
