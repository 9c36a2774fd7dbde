from __future__ import annotations

from types import SimpleNamespace

import pytest

from playground.experiments.agents_spec import agent_spec
from playground.experiments.agents_tally import Tally
from playground.experiments.agents_verdicts import verdict_on
from playground.experiments.base import RUNNING, Progress, Status
from playground.experiments.spec import parse_assignments, replace_at
from tests.experiments.test_agents_tally import tally_of


def judged(
    tally, algorithm="ppo", world="lunar-lander", env_steps=200_000, changes=(), status=RUNNING
):
    spec = parse_assignments(agent_spec(world, algorithm), changes)
    standing = SimpleNamespace(status=status, spec=spec, agent=SimpleNamespace(env_steps=env_steps))
    threshold = spec.end.threshold
    found = verdict_on(standing, tally.summary(threshold), tally.rules(threshold))
    if found.repair is not None:
        assert replace_at(spec, found.repair.path, found.repair.value) != spec
    return found


def test_a_beginning_is_no_verdict():
    assert "just begun" in judged(Tally()).text


def test_counts_landings():
    tally = tally_of(*[150.0] * 87)
    tally = tally.with_episode(tally_episode(-100.0, "crashed"), 200.0)
    text = judged(tally).text
    assert "Lands in 87 of the last 88 episodes" in text
    assert "crashes in 1" in text


def tally_episode(total, end):
    return SimpleNamespace(total=total, length=70, end=end)


def test_solved_tells_both_rules():
    found = judged(tally_of(*([250.0] * 19 + [-20.0]) * 10))
    assert found.tone == "ok"
    assert "the mean of 100 reached 200 at episode 100" in found.text
    assert "the course's rule not yet" in found.text
    lost = judged(tally_of(*[250.0] * 150, *[-100.0] * 100))
    assert lost.tone == "warn"
    assert "better before" in lost.text


def test_the_penalty_teaches_to_crash_fast():
    tally = Tally()
    for _ in range(60):
        tally = tally.with_episode(tally_episode(-400.0, "crashed"), 200.0)
    found = judged(tally, "course-a2c")
    assert found.text.startswith("Learns to crash fast")
    assert found.repair.value is False


def test_hovering_is_named():
    found = judged(tally_of(*[-50.0] * 40, end="time"))
    assert found.text.startswith("Hovers: 40 of the last 40")
    assert "mean return −50." in found.text


def test_numbers_have_a_minus_and_no_hyphen():
    solved = judged(tally_of(*([250.0] * 19 + [-20.0]) * 10))
    assert "the worst of the last 20 is −20" in solved.text
    threshold = ("end.threshold=-110",)
    other = judged(tally_of(*[-120.0] * 10, end="time"), world="gymnasium", changes=threshold)
    assert "mean return −120" in other.text
    assert "reach −110" in other.text


@pytest.mark.parametrize(
    ("changes", "algorithm", "word"),
    [
        (("learner.rate=0",), "ppo", "rate is 0"),
        (("learner.replay=false",), "dqn", "lookalikes"),
        (("learner.target=none",), "dqn", "chases itself"),
        ((), "reinforce", "PPO needs"),
    ],
)
def test_a_stuck_agent_gets_the_likely_reason(changes, algorithm, word):
    found = judged(tally_of(*[-150.0] * 60, end="crashed"), algorithm, changes=changes)
    assert word in found.text


def test_divergence_is_said():
    found = judged(Tally(), status=Status(Progress.DIVERGED, "the loss is no finite number"))
    assert found == ("bad", "The loss is no finite number.", None)


def test_other_worlds_count_what_reaches_the_threshold():
    found = judged(tally_of(*[480.0] * 10, threshold=475.0, end="time"), world="gymnasium")
    assert "10 reach 475" in found.text
    found = judged(tally_of(480.0, *[20.0] * 9, threshold=475.0, end="time"), world="gymnasium")
    assert "1 reaches 475" in found.text


def test_a_single_episode_is_no_plural():
    assert "1 episode so far" in judged(tally_of(-150.0, end="crashed")).text
