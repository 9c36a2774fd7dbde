"""Stable-Baselines3 beside the program's own agents: the same looks, seeds and clocks.

The settings are those of RL Baselines3 Zoo, ``hyperparams/ppo.yml`` and ``hyperparams/dqn.yml``,
entry LunarLander-v2; what they do not name is the library's default.
"""

from __future__ import annotations

import torch
from stable_baselines3 import DQN, PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.env_util import make_vec_env

from playground.experiments.agents_worlds import world_options
from tests.benchmarks.agents_learning import Learning

LANDER = "LunarLander-v3"
"""As the zoo's v2, but that episodes no longer share a wind, which does not blow here."""
PPO_WORLDS = 16
PPO_STEPS = 1_000_000
PPO_SETTINGS = {
    "n_steps": 1024,
    "batch_size": 64,
    "gae_lambda": 0.98,
    "gamma": 0.999,
    "n_epochs": 4,
    "ent_coef": 0.01,
}
DQN_WORLDS = 1
DQN_STEPS = 100_000
DQN_SETTINGS = {
    "learning_rate": 6.3e-4,
    "batch_size": 128,
    "buffer_size": 50_000,
    "learning_starts": 0,
    "gamma": 0.99,
    "target_update_interval": 250,
    "train_freq": 4,
    "gradient_steps": -1,
    "exploration_fraction": 0.12,
    "exploration_final_eps": 0.1,
    "policy_kwargs": {"net_arch": [256, 256]},
}


class Greedy:
    """The best actions of a model, as :func:`playground.experiments.agents_scores.score` asks.

    They are those of the model as it is when it is asked: it goes on learning.
    """

    def __init__(self, model):
        self._model = model

    def act_greedy(self, obs):
        return self._model.predict(obs, deterministic=True)[0]


class Looks(BaseCallback):
    """Looks at a model before it goes on to gather steps, and ends it when that is enough."""

    def __init__(self, run):
        super().__init__()
        self._run = run
        self._done = False

    def _on_rollout_start(self):
        if self._run.due(self.num_timesteps):
            self._done = self._run.look(self.num_timesteps, Greedy(self.model))

    def _on_step(self):
        return not self._done


def worlds(environment, count, seed):
    """Return worlds that draw nothing: left alone, the library would ask for pictures."""
    return make_vec_env(environment, count, seed=seed, env_kwargs={"render_mode": None})


def model_of(algorithm, environment, count, seed, settings):
    """Return a model of the library, on the processor."""
    torch.set_num_threads(1)
    kind = {"ppo": PPO, "dqn": DQN}[algorithm]
    return kind("MlpPolicy", worlds(environment, count, seed), seed=seed, device="cpu", **settings)


def learn(algorithm, spec, seed, plan):
    """Train a model of the library by the zoo's settings, in the world of a spec.

    Parameters
    ----------
    spec
        Whose world is scored: it is the same lander.
    plan
        ``env_steps`` is also the length that the library's schedules refer to.
    """
    count, settings = (
        (PPO_WORLDS, PPO_SETTINGS) if algorithm == "ppo" else (DQN_WORLDS, DQN_SETTINGS)
    )
    run = Learning(
        f"Stable-Baselines3 {algorithm.upper()}",
        seed,
        world_options(spec.world),
        plan,
        spec.end.threshold,
    )
    # To build model and worlds is not on the clock, as for the program's own.
    model = model_of(algorithm, LANDER, count, seed, settings)
    run.watch.start()
    model.learn(plan.env_steps, callback=Looks(run))
    run.watch.stop()
    run.env_steps = model.num_timesteps
    model.get_env().close()
    return run
