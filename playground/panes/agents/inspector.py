"""The panel at the right: the form made from the spec, then live numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from playground.experiments.agents_spec import AgentSpec
from playground.panes.agents.films import return_text
from playground.ui.number_text import format_number
from playground.ui.spec_inspector import SpecInspector

if TYPE_CHECKING:
    from playground.experiments.agents_snapshot import AgentSnapshot
    from playground.ui.channel import ChannelClient

ROWS = (
    ("steps", "steps of all worlds", "What algorithms are compared by."),
    ("episodes", "episodes", "Training episodes that have ended."),
    ("updates", "gradient steps", "How often the weights were changed."),
    ("mean", "mean return", "Of the last 100 training episodes."),
    ("range", "worst … best", "Of the last 100 training episodes."),
    ("length", "mean length", "Steps of the last 100 training episodes."),
    ("success", "reach the goal", "Of the last 100; the goal is set under End."),
    ("rule", "mean of 100", "The usual rule: the mean of the last 100 returns."),
    ("course", "worst of 20", "The course's rule: the worst of the last 20 returns."),
    ("loss", "loss", "Mean since the row before."),
    ("entropy", "entropy", "How undecided the policy is."),
    ("epsilon", "exploration ε", "Share of random actions."),
    ("rate", "learning rate", "In force now."),
)


class AgentsInspector(SpecInspector):
    """Groups World, Algorithm, End, Recorded episodes, then Numbers."""

    def __init__(self, channel: ChannelClient) -> None:
        super().__init__(channel, AgentSpec, ROWS, number_texts)


def number_texts(snapshot: AgentSnapshot) -> dict[str, str]:
    """Return the live numbers as words, by the key of their row."""
    recent, numbers = snapshot.recent, snapshot.numbers
    usual, course = (rule.value for rule in snapshot.rules)
    loss = numbers.get("loss", math.nan)
    if math.isnan(loss):
        loss = numbers.get("policy loss", math.nan)
    return {
        "steps": f"{snapshot.env_steps:,}",
        "episodes": f"{snapshot.episodes:,}",
        "updates": f"{snapshot.updates:,}",
        "mean": return_text(recent.mean),
        "range": f"{return_text(recent.worst)} … {return_text(recent.best)}",
        "length": "–" if math.isnan(recent.length) else f"{recent.length:.0f}",
        "success": f"{recent.successes} of {recent.count}" if recent.count else "–",
        "rule": return_text(usual),
        "course": return_text(course),
        "loss": _number(loss),
        "entropy": _number(numbers.get("entropy", math.nan)),
        "epsilon": _number(numbers.get("exploration", math.nan)),
        "rate": _number(numbers.get("rate", math.nan)),
    }


def _number(value: float) -> str:
    return "–" if math.isnan(value) else format_number(value)
