"""How much sooner the program's own agents have learnt than Stable-Baselines3's, in one run.

Run by hand, for it takes most of an hour; ``-k ppo`` and ``-k dqn`` choose a part:

    pip install --group bench
    pytest tests/benchmarks/test_agents_speed.py -s

What the window costs is measured by ``playground bench --only agents``.
"""

from __future__ import annotations

import importlib
import statistics

import pytest

from tests.benchmarks.agents_learning import HOPEFUL, SEEDS, Plan, learn, mean_of, table, usual

SOLVED = mean_of(200.0)
SOONER = 8.0
PPO_EVERY, DQN_EVERY = 8_192, 5_000
OUR_STEPS = 250_000


@pytest.fixture(scope="module")
def reference():
    """The other library's side, which is no part of what the tests need."""
    pytest.importorskip("stable_baselines3", reason="Stable-Baselines3 is not installed")
    return importlib.import_module("tests.benchmarks.agents_reference")


def compare(ours, theirs):
    """Print both and how many times as long the others take; return that, of the processor.

    Where the others do not get there, the seconds of their whole run stand for at least so many.
    """
    table(ours, solved=SOLVED)
    table(theirs, solved=SOLVED)
    found = {}
    for clock in ("cpu", "wall"):
        here, there = (
            statistics.median(run.seconds(SOLVED, clock) for run in runs) for runs in (ours, theirs)
        )
        found[clock] = there / here
        print(f"solved, median seconds ({clock}): {here:.1f} and {there:.1f}, × {there / here:.1f}")
    rates = [statistics.median(run.rate for run in runs) for runs in (ours, theirs)]
    print(
        f"steps to a CPU second: {rates[0]:,.0f} and {rates[1]:,.0f}, × {rates[0] / rates[1]:.2f}"
    )
    return found["cpu"]


def test_ppo_lands_sooner(reference):
    spec = usual("lunar-lander", "ppo")
    here = Plan(PPO_EVERY, OUR_STEPS, enough=SOLVED, hopeful=HOPEFUL)
    there = Plan(
        reference.PPO_SETTINGS["n_steps"] * reference.PPO_WORLDS,
        reference.PPO_STEPS,
        enough=SOLVED,
        hopeful=HOPEFUL,
    )
    ours, theirs = [], []
    for seed in SEEDS[:3]:
        # Turn by turn, so that whatever else the machine does slows both down.
        ours.append(learn(spec, seed, here))
        theirs.append(reference.learn("ppo", spec, seed, there))
    assert compare(ours, theirs) >= SOONER
    assert all(run.first(SOLVED) for run in ours)


def test_dqn_lands_sooner(reference):
    spec = usual("lunar-lander", "dqn")
    here = Plan(DQN_EVERY, OUR_STEPS, enough=SOLVED, hopeful=HOPEFUL)
    there = Plan(DQN_EVERY, reference.DQN_STEPS, enough=SOLVED, hopeful=HOPEFUL)
    ours, theirs = [], []
    for seed in SEEDS[:2]:
        ours.append(learn(spec, seed, here))
        theirs.append(reference.learn("dqn", spec, seed, there))
    assert compare(ours, theirs) >= 1.0
