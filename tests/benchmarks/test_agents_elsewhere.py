"""The car is an environment like any other: Stable-Baselines3 learns to drive it.

pip install --group bench
pytest tests/benchmarks/test_agents_elsewhere.py -s
"""

from __future__ import annotations

import importlib
import statistics

import gymnasium
import numpy as np
import pytest

import playground.environments  # noqa: F401

CAR = "playground/HeadlightCar-v0"
EPISODES = 100
FIRST_SEED = 10_000
DQN_SETTINGS = {
    "learning_rate": 1e-3,
    "batch_size": 100,
    "buffer_size": 50_000,
    "learning_starts": 1_000,
    "gamma": 0.97,
    "target_update_interval": 1_000,
    "train_freq": 4,
    "exploration_fraction": 0.5,
    "policy_kwargs": {"net_arch": [150]},
}
PPO_SETTINGS = {"n_steps": 256, "batch_size": 256, "learning_rate": 1e-3, "gamma": 0.97}
BETTER = 0.5
"""The whole range is from −1, a crash, to a little over 1, the station."""


def mean_return(choose):
    """Return the mean return of episodes in which ``choose(observation)`` drives."""
    env = gymnasium.make(CAR)
    totals = []
    for seed in range(FIRST_SEED, FIRST_SEED + EPISODES):
        observation, _ = env.reset(seed=seed)
        total, over = 0.0, False
        while not over:
            observation, reward, terminated, truncated, _ = env.step(choose(observation))
            total += reward
            over = terminated or truncated
        totals.append(total)
    env.close()
    return statistics.fmean(totals)


@pytest.fixture(scope="module")
def reference():
    pytest.importorskip("stable_baselines3", reason="Stable-Baselines3 is not installed")
    return importlib.import_module("tests.benchmarks.agents_reference")


@pytest.fixture(scope="module")
def by_chance():
    rng = np.random.default_rng(0)
    return mean_return(lambda observation: rng.integers(3))


@pytest.mark.parametrize(
    ("algorithm", "worlds", "settings", "env_steps"),
    [("dqn", 1, DQN_SETTINGS, 20_000), ("ppo", 8, PPO_SETTINGS, 40_000)],
)
def test_stable_baselines3_learns_to_drive(
    reference, by_chance, algorithm, worlds, settings, env_steps
):
    model = reference.model_of(algorithm, CAR, worlds, 0, settings)
    model.learn(env_steps)
    model.get_env().close()
    driven = mean_return(lambda observation: model.predict(observation, deterministic=True)[0])
    print(
        f"\n{algorithm.upper()}, {env_steps:,} steps: mean return {driven:.2f}, "
        f"by chance {by_chance:.2f}"
    )
    assert driven >= by_chance + BETTER
