"""What a run counts: its last episodes, its stop rules, and the numbers of its updates."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from playground.agents.stopping import COURSE_RULE, StopRule
from playground.experiments.agents_snapshot import UPDATE_COLUMNS, Recent, RuleStatus
from playground.experiments.agents_words import number_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playground.environments.vector import FinishedEpisode

WINDOW: Final = 100
FINEST_STRIDE: Final = 512
ROWS_PER_DOUBLING: Final = 2048
"""The series of updates has about so many rows for every doubling of the training time."""


class Ended(NamedTuple):
    """A training episode that is over."""

    total: float
    length: int
    end: str


@dataclass(frozen=True, slots=True)
class Tally:
    """The finished episodes of a run; every new one makes a new value.

    Parameters
    ----------
    episodes
        How many there are.
    recent
        The last of them, at most 100.
    mean_met, course_met
        Number of the episode at which a rule was first met; None until then.
    """

    episodes: int = 0
    recent: tuple[Ended, ...] = ()
    mean_met: int | None = None
    course_met: int | None = None

    def with_episode(self, finished: FinishedEpisode, threshold: float) -> Tally:
        """Return the tally with one more episode."""
        ended = Ended(finished.total, finished.length, finished.end)
        recent = (*self.recent[1 - WINDOW :], ended)
        found = replace(self, episodes=self.episodes + 1, recent=recent)
        mean_met, course_met = self.mean_met, self.course_met
        if mean_met is None and mean_rule(threshold).met(found.returns):
            mean_met = found.episodes
        if course_met is None and course_rule(threshold).met(found.returns):
            course_met = found.episodes
        return replace(found, mean_met=mean_met, course_met=course_met)

    @property
    def returns(self) -> list[float]:
        """Returns of the last episodes, the newest last."""
        return [ended.total for ended in self.recent]

    @property
    def mean(self) -> float:
        """Mean of these returns; NaN before the first."""
        return sum(self.returns) / len(self.recent) if self.recent else math.nan

    @property
    def length(self) -> float:
        """Mean number of steps of the last episodes; NaN before the first."""
        count = len(self.recent)
        return sum(ended.length for ended in self.recent) / count if count else math.nan

    def summary(self, threshold: float) -> Recent:
        """Return the last episodes in numbers."""
        returns = self.returns
        if not returns:
            return Recent()
        return Recent(
            count=len(returns),
            mean=self.mean,
            best=max(returns),
            worst=min(returns),
            length=self.length,
            ends=dict(Counter(ended.end for ended in self.recent).most_common()),
            successes=sum(value >= threshold for value in returns),
        )

    def rules(self, threshold: float) -> tuple[RuleStatus, ...]:
        """Return how far the usual rule and the course's are."""
        worst = min(self.returns[-COURSE_RULE.window :], default=math.nan)
        return (
            RuleStatus(
                f"mean of the last {WINDOW} returns{_of(self.mean, threshold)}",
                self.mean,
                self.mean_met,
            ),
            RuleStatus(
                f"worst of the last {COURSE_RULE.window} returns{_of(worst, threshold)}",
                worst,
                self.course_met,
            ),
        )


@dataclass(slots=True)
class Updates:
    """Means of what the gradient steps report, one row at a time.

    Parameters
    ----------
    since
        Steps of all worlds at the last row.
    sums, counts
        By column, since then.
    """

    since: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, numbers: Mapping[str, float]) -> None:
        """Take note of one gradient step."""
        for name, value in numbers.items():
            self.sums[name] = self.sums.get(name, 0.0) + value
            self.counts[name] = self.counts.get(name, 0) + 1

    def due(self, env_steps: int) -> bool:
        """Tell whether a row is to be written: there is something, and it is long enough ago."""
        return bool(self.counts) and env_steps - self.since >= stride(env_steps)

    def take(self, env_steps: int, others: Mapping[str, float]) -> dict[str, float]:
        """Return the row by column and begin the next one."""
        means = {name: self.sums[name] / count for name, count in self.counts.items()}
        self.since = env_steps
        self.sums, self.counts = {}, {}
        known = {**means, **others, "env_step": float(env_steps)}
        return {name: known.get(name, math.nan) for name in UPDATE_COLUMNS}

    def copy(self) -> Updates:
        """Return an independent copy."""
        return Updates(self.since, dict(self.sums), dict(self.counts))


def mean_rule(threshold: float) -> StopRule:
    """Return the usual rule."""
    return StopRule("mean", WINDOW, threshold)


def course_rule(threshold: float) -> StopRule:
    """Return the course's rule with a threshold of one's own."""
    return replace(COURSE_RULE, threshold=threshold)


def stride(env_steps: int) -> int:
    """Return the least steps of worlds between two rows at some time: 512, then 1,024 and so on."""
    doublings = (env_steps // (FINEST_STRIDE * ROWS_PER_DOUBLING)).bit_length()
    return FINEST_STRIDE << doublings


def _of(value: float, threshold: float) -> str:
    return "" if math.isnan(value) else f": {number_text(value)} of {number_text(threshold)}"
