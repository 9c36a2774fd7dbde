from __future__ import annotations

import math

import pytest

from playground.environments.vector import FinishedEpisode
from playground.experiments.agents_tally import FINEST_STRIDE, Tally, Updates, stride


def tally_of(*returns, threshold=200.0, end="landed"):
    tally = Tally()
    for number, total in enumerate(returns):
        tally = tally.with_episode(FinishedEpisode(0, number, total, 10, end), threshold)
    return tally


def test_usual_rule_is_met_once_the_mean_of_a_hundred_is():
    tally = tally_of(*[0.0] * 50, *[300.0] * 120)
    # 100 episodes of which k are 300 have the mean 3·k: 67 of them are the first to reach 200.
    assert tally.mean_met == 117
    assert tally.course_met == 70
    assert tally.episodes == 170
    assert len(tally.recent) == 100


def test_one_bad_episode_in_twenty_breaks_the_courses_rule():
    tally = tally_of(*([250.0] * 19 + [-20.0]) * 10)
    assert tally.mean_met == 100
    assert tally.course_met is None
    usual, course = tally.rules(200.0)
    assert usual.text == "mean of the last 100 returns: 236.5 of 200"
    assert course.text == "worst of the last 20 returns: −20 of 200"


def test_summary_counts_ends_and_successes():
    tally = tally_of(210.0, 190.0, 205.0)
    tally = tally.with_episode(FinishedEpisode(0, 9, -80.0, 50, "crashed"), 200.0)
    recent = tally.summary(200.0)
    assert (recent.count, recent.successes, recent.best, recent.worst) == (4, 2, 210.0, -80.0)
    assert recent.ends == {"landed": 3, "crashed": 1}
    assert recent.length == 20.0
    assert math.isnan(Tally().summary(200.0).mean)


def test_rows_hold_means_and_come_at_fixed_distances():
    updates = Updates()
    updates.add({"loss": 1.0})
    updates.add({"loss": 3.0, "mean q": 4.0})
    assert not updates.due(FINEST_STRIDE - 1)
    assert updates.due(FINEST_STRIDE)
    row = updates.take(FINEST_STRIDE, {"rate": 0.1})
    assert (row["env_step"], row["loss"], row["mean q"], row["rate"]) == (512.0, 2.0, 4.0, 0.1)
    assert math.isnan(row["entropy"])
    assert not updates.due(10**6)


@pytest.mark.parametrize(("env_steps", "wanted"), [(0, 512), (2**20 - 1, 512), (2**20, 1024)])
def test_stride_doubles_with_the_training_time(env_steps, wanted):
    assert stride(env_steps) == wanted


def test_rows_of_a_long_run_stay_few():
    rows, env_steps = 0, 0
    while env_steps < 10**9:
        env_steps += stride(env_steps)
        rows += 1
    assert rows < 30_000
