"""How an agent does, in plain words with numbers, and what would help."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from playground.experiments.agents_snapshot import BAD_ENDS, AgentVerdict, Repair
from playground.experiments.agents_words import counted, number_text
from playground.experiments.base import Progress

if TYPE_CHECKING:
    from playground.experiments.agents_snapshot import Recent, RuleStatus
    from playground.experiments.agents_views import Standing

FEW: Final = 5
"""Before so many episodes nothing is said of them."""
LEARNT_ENOUGH: Final = 100_000
"""Steps after which an agent of no use is worth a suggestion."""
HOVER_SHARE: Final = 0.3
END_VERBS: Final[dict[str, str]] = {
    "landed": "lands",
    "station": "reaches the station",
    "arrived": "arrives",
    "time": "runs into the time limit",
    "crashed": "crashes",
    "flew off": "flies off",
    "crash": "crashes",
    "left the field": "leaves the field",
    "fell": "falls",
    "cut off": "is cut off",
    "ended": "ends",
}
GOOD_END: Final[dict[str, str]] = {"lunar-lander": "landed", "headlight-car": "station"}


def verdict_on(standing: Standing, recent: Recent, rules: tuple[RuleStatus, ...]) -> AgentVerdict:
    """Return how the agent does at a step."""
    status = standing.status
    if status.progress is Progress.DIVERGED:
        text = status.reason[:1].upper() + status.reason[1:] + "."
        return AgentVerdict("bad", text)
    if recent.count < FEW:
        left = counted(recent.count, "episode") if recent.count else "no episode"
        return AgentVerdict("info", f"It has just begun: {left} so far, the first weights act.")
    found = (
        _solved(standing, recent, rules)
        or _crashing_fast(standing, recent)
        or _hovering(standing, recent)
        or _stuck(standing, recent)
    )
    return found or AgentVerdict("info", _plain(standing, recent))


def _plain(standing: Standing, recent: Recent) -> str:
    """Return for example ``"Lands in 87 of the last 100 episodes; mean return 231."``."""
    kind = standing.spec.world.kind
    good = GOOD_END.get(kind)
    mean = f"mean return {number_text(recent.mean)}"
    if good is None:
        verb = "reaches" if recent.successes == 1 else "reach"
        return (
            f"The last {recent.count} episodes: {mean}, {recent.length:.0f} steps long; "
            f"{recent.successes} {verb} {number_text(standing.spec.end.threshold)}."
        )
    verb = END_VERBS[good].capitalize()
    text = f"{verb} in {recent.ends.get(good, 0)} of the last {recent.count} episodes; {mean}"
    others = [
        f"{END_VERBS.get(end, end)} in {count}" for end, count in recent.ends.items() if end != good
    ]
    return f"{text}; {others[0]}." if others else f"{text}."


def _solved(
    standing: Standing, recent: Recent, rules: tuple[RuleStatus, ...]
) -> AgentVerdict | None:
    threshold = standing.spec.end.threshold
    usual, course = rules
    now = recent.count >= 100 and recent.mean >= threshold
    if usual.met_at is None and course.met_at is None:
        return None
    parts = []
    if usual.met_at is not None:
        parts.append(
            f"the mean of 100 reached {number_text(threshold)} at episode {usual.met_at:,}"
        )
    if course.met_at is not None:
        parts.append(f"the course's rule was met at episode {course.met_at:,}")
    elif not math.isnan(course.value):
        parts.append(
            f"the course's rule not yet: the worst of the last 20 is {number_text(course.value)}"
        )
    text = f"{_plain(standing, recent)} Solved: {', '.join(parts)}."
    if not now:
        lost = f"{_plain(standing, recent)} It was better before: {', '.join(parts)}."
        return AgentVerdict("warn", lost)
    return AgentVerdict("ok", text)


def _crashing_fast(standing: Standing, recent: Recent) -> AgentVerdict | None:
    """Return that the penalty for time teaches it to end things early."""
    learner = standing.spec.learner
    penal = learner.penalty and learner.algorithm in ("actor-critic", "course-a2c")
    bad = sum(count for end, count in recent.ends.items() if end in BAD_ENDS)
    if not penal or recent.count < 50 or bad < 0.9 * recent.count or recent.length > 150:
        return None
    text = (
        f"Learns to crash fast: the last {recent.count} episodes take {recent.length:.0f} steps, "
        f"mean return {number_text(recent.mean)}. The penalty 0.1·step adds up to some 0.05·T², "
        "2,000 for 200 steps, against 100 for a crash."
    )
    repair = Repair(("learner", "penalty"), False, "learn from the reward without the penalty")
    return AgentVerdict("warn", text, repair)


def _hovering(standing: Standing, recent: Recent) -> AgentVerdict | None:
    share = recent.ends.get("time", 0) / recent.count
    if standing.spec.world.kind != "lunar-lander" or share < HOVER_SHARE or recent.count < 20:
        return None
    text = (
        f"Hovers: {recent.ends['time']} of the last {recent.count} episodes run into the time "
        f"limit, mean return {number_text(recent.mean)}. To stay in the air is safe and costs "
        "little fuel."
    )
    return AgentVerdict("warn", text)


def _stuck(standing: Standing, recent: Recent) -> AgentVerdict | None:
    spec = standing.spec
    world, learner = spec.world, spec.learner
    failing = world.kind == "lunar-lander" and recent.mean < 0.0
    if not failing or standing.agent.env_steps < LEARNT_ENOUGH or recent.count < 50:
        return None
    text = f"{_plain(standing, recent)} After {standing.agent.env_steps:,} steps that is little."
    if learner.rate == 0.0:
        return AgentVerdict("bad", f"{text} The learning rate is 0: nothing changes.")
    if learner.algorithm == "dqn" and not learner.replay:
        repair = Repair(("learner", "replay"), True, "use the replay memory")
        return AgentVerdict("bad", f"{text} Without a memory it learns from lookalikes.", repair)
    if learner.algorithm == "dqn" and learner.target == "none":
        repair = Repair(("learner", "target"), "soft", "use a target network")
        return AgentVerdict("bad", f"{text} Without a target network it chases itself.", repair)
    if learner.algorithm != "ppo":
        repair = Repair(("learner", "algorithm"), "ppo", "PPO")
        return AgentVerdict("warn", f"{text} PPO needs some 150,000 steps for 200.", repair)
    return AgentVerdict("warn", text)
