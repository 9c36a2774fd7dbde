"""Evaluation, stop rules and schedules."""

from __future__ import annotations

import numpy as np
import pytest

from playground.agents.base import AgentError
from playground.agents.evaluation import Evaluation, evaluate, evaluation_steps
from playground.agents.schedules import Exponential, Linear, constant
from playground.agents.stopping import COURSE_RULE, USUAL_RULE, StopRule
from playground.environments.episodes import record_episode
from playground.environments.vector import FinishedEpisode
from tests.agents.corridor import Corridor, corridors, make_agent


def test_greedy_episodes_of_the_seeds_in_their_order():
    agent, _ = make_agent("dqn")
    result = evaluate(agent, corridors, episodes=6, first_seed=10_002)
    assert [episode.seed for episode in result.episodes] == list(range(10_002, 10_008))
    for episode in result.episodes:
        shown = record_episode(Corridor(), episode.seed, agent.choose)
        assert (shown.total, len(shown), shown.end) == (
            pytest.approx(episode.total), episode.length, episode.end,
        )  # fmt: skip


def test_it_says_how_far_it_is_and_can_be_stopped():
    agent, _ = make_agent("dqn")
    steps = list(evaluation_steps(agent, corridors, episodes=4))
    shares = steps[:-1]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert isinstance(steps[-1], Evaluation)


def test_its_numbers():
    totals = [200.0, 100.0, 300.0, 260.0]
    result = Evaluation(
        tuple(
            FinishedEpisode(i, i, total, 5, "landed" if total > 150 else "crashed")
            for i, total in enumerate(totals)
        )
    )
    assert (result.mean, result.median) == (215.0, 230.0)
    assert result.spread == pytest.approx(np.std(totals, ddof=1))
    assert result.success(200.0) == 0.75
    assert result.share_of("crashed") == 0.25
    assert Evaluation(result.episodes[:1]).spread == 0.0


def test_the_course_stops_when_the_worst_of_twenty_is_good():
    assert StopRule("worst", 20, 200.0) == COURSE_RULE
    assert not COURSE_RULE.met([250.0] * 19)
    assert COURSE_RULE.met([-100.0] + [200.0] * 20)
    assert not COURSE_RULE.met([300.0] * 19 + [199.9])
    assert USUAL_RULE.met([100.0] * 50 + [300.0] * 50)
    assert not USUAL_RULE.met([100.0] * 51 + [300.0] * 49)


def test_schedules():
    line = Linear(1.0, 0.2, 8)
    assert [line.at(k) for k in (0, 2, 8, 99)] == pytest.approx([1.0, 0.8, 0.2, 0.2])
    fall = Exponential(1.0, 0.1, 0.5)
    assert [fall.at(k) for k in (0, 1, 3, 9)] == pytest.approx([1.0, 0.5, 0.125, 0.1])
    assert constant(3.0).at(0) == constant(3.0).at(10**9) == 3.0
    with pytest.raises(AgentError):
        Linear(1.0, 0.0, -1)
    with pytest.raises(AgentError):
        Exponential(1.0, 0.0, 1.5)
