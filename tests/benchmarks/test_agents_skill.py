"""How soon the program's own agents learn: five fresh seeds each, with the usual numbers.

Run by hand, for it takes most of an hour; ``-k ppo``, ``-k car`` and ``-k dqn`` choose a part:

    pytest tests/benchmarks/test_agents_skill.py -s
"""

from __future__ import annotations

import statistics

import pytest

from tests.benchmarks.agents_learning import (
    HOPEFUL,
    SEEDS,
    Plan,
    learn,
    mean_of,
    success_of,
    table,
    usual,
)

SOLVED, MASTERED, DRIVES = mean_of(200.0), mean_of(250.0), success_of(0.9)
# Well above 200, so that unseen seeds, which do not flatter, say the same.
SURELY_SOLVED = mean_of(240.0)
PPO_PLAN = Plan(every=8_192, env_steps=450_000, enough=MASTERED, hopeful=HOPEFUL)
DQN_PLAN = Plan(every=5_000, env_steps=250_000, enough=SURELY_SOLVED, hopeful=HOPEFUL)
CAR_PLAN = Plan(every=2_500, env_steps=60_000, episodes=200)
UNSEEN_MAPS = 500


@pytest.fixture(scope="module")
def ppo_runs():
    runs = [learn(usual("lunar-lander", "ppo"), seed, PPO_PLAN) for seed in SEEDS]
    table(runs, solved=SOLVED, mastered=MASTERED)
    return runs


@pytest.fixture(scope="module")
def car_runs():
    runs = [learn(usual("headlight-car", "dqn"), seed, CAR_PLAN) for seed in SEEDS]
    table(runs, drives=DRIVES)
    return runs


@pytest.fixture(scope="module", params=[False, True], ids=["evenly drawn", "prioritised"])
def dqn_runs(request):
    spec = usual("lunar-lander", "dqn", ("learner.prioritised", request.param))
    runs = [learn(spec, seed, DQN_PLAN) for seed in SEEDS]
    table(runs, solved=SOLVED)
    return runs


def steps_to(runs, reached):
    """Steps of every run that got there, in rising order."""
    return sorted(look.env_steps for run in runs if (look := run.first(reached)) is not None)


def test_ppo_lands_within_200_000_steps(ppo_runs):
    steps = steps_to(ppo_runs, SOLVED)
    assert len(steps) == len(SEEDS)
    assert steps[-1] <= 200_000
    assert statistics.median(steps) <= 140_000


def test_ppo_masters_the_lander_within_450_000_steps(ppo_runs):
    assert len(steps_to(ppo_runs, MASTERED)) >= 4


def test_course_dqn_drives_the_car_within_60_000_steps(car_runs):
    assert len(steps_to(car_runs, DRIVES)) == len(SEEDS)


def test_best_car_drives_on_maps_that_did_not_choose_it(car_runs):
    again = [run.again(UNSEEN_MAPS) for run in car_runs]
    for run, found in zip(car_runs, again, strict=True):
        print(f"\n{run.name} {run.seed}, best on {UNSEEN_MAPS} unseen maps: {found.text}")
    assert all(DRIVES(found) for found in again)


def test_dqn_lands_within_250_000_steps_on_unseen_seeds_too(dqn_runs):
    again = [run.again() for run in dqn_runs]
    for run, found in zip(dqn_runs, again, strict=True):
        print(f"\n{run.name} {run.seed}, best on unseen seeds: {found.text}")
    assert len(steps_to(dqn_runs, SOLVED)) >= 4
    assert sum(map(SOLVED, again)) >= 4
