from __future__ import annotations

import numpy as np
import pytest

from playground.core.random_streams import Streams
from playground.experiments.agents_learner import make_agent, policy_of
from tests.experiments.agents_small import ALGORITHMS, random_policy, small_spec


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("algorithm", [*ALGORITHMS, "reinforce with baseline"])
def test_policy_says_what_the_agent_says(algorithm, activation):
    extra = ("learner.baseline=true",) if " " in algorithm else ()
    spec = small_spec(algorithm.split()[0], f"learner.activation={activation}", *extra)
    agent = make_agent(spec.learner, 4, 2, Streams(3))
    policy = policy_of(agent)
    obs = np.random.default_rng(0).normal(size=(7, 4)).astype(np.float32)
    np.testing.assert_allclose(policy.probabilities(obs), agent.probabilities(obs), atol=1e-6)
    np.testing.assert_array_equal(policy.act_greedy(obs), agent.act_greedy(obs))
    for found, wanted in (
        (policy.values(obs), agent.values(obs)),
        (policy.action_values(obs), agent.action_values(obs)),
    ):
        assert (found is None) == (wanted is None)
        if wanted is not None:
            np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)
    inner = agent.activations(obs)
    assert list(policy.activations(obs)) == list(inner)
    for name, layers in policy.activations(obs).items():
        for ours, theirs in zip(layers, inner[name], strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_policy_is_a_frozen_copy():
    agent = make_agent(small_spec("ppo").learner, 4, 2, Streams(3))
    policy = policy_of(agent)
    before = {name: array.copy() for name, array in policy.arrays.items()}
    agent.parameters.load_row(agent.parameters.row() + 1.0)
    for name, array in policy.arrays.items():
        np.testing.assert_array_equal(array, before[name])
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0.0


def test_drawn_actions_follow_the_probabilities():
    policy = random_policy((3, 5, 4))
    obs = np.array([0.3, -1.0, 0.5], dtype=np.float32)
    draws = (np.arange(10_000) + 0.5) / 10_000
    counts = np.bincount([policy.choose(obs, draw) for draw in draws], minlength=4)
    np.testing.assert_allclose(counts / 10_000, policy.probabilities(obs[None])[0], atol=2e-4)
    assert policy.choose(obs) == int(policy.probabilities(obs[None]).argmax())


def test_exploring_policy_shares_its_chances():
    policy = random_policy((3, 4), role="q", exploration=0.2)
    chances = policy.probabilities(np.ones((1, 3), dtype=np.float32))[0]
    np.testing.assert_allclose(np.sort(chances), [0.05, 0.05, 0.05, 0.85], atol=1e-6)
