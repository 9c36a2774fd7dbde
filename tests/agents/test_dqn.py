"""Deep Q-learning: its update against autograd, its target network, its switches."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from playground.agents.dqn import COURSE_CAR, DqnAgent, DqnConfig
from playground.agents.evaluation import evaluate
from playground.agents.replay import Batch
from playground.agents.schedules import Linear, constant
from playground.core.random_streams import Streams
from tests.agents.corridor import SMALL_DQN, corridors


def transitions(count=8, seed=0):
    rng = np.random.default_rng(seed)
    return Batch(
        rng.normal(size=(count, 3)).astype(np.float32),
        rng.integers(2, size=count),
        rng.normal(size=count).astype(np.float32) * 4,
        rng.normal(size=(count, 3)).astype(np.float32),
        rng.random(count) < 0.3,
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
    )


def different(agent):
    """Move the target away from the online network, so that it matters which one is asked."""
    agent.target.load_row(-agent.online.row())


@pytest.mark.parametrize("double", [True, False])
@pytest.mark.parametrize("target", ["none", "hard", "soft"])
@pytest.mark.parametrize("loss", ["huber", "squared"])
def test_an_update_equals_autograd_of_the_loss(double, target, loss):
    config = dataclasses.replace(
        SMALL_DQN, double=double, target=target, loss=loss, max_gradient=0.5, target_every=100
    )
    agent = DqnAgent(config, 3, 2, Streams(0))
    different(agent)
    batch = transitions()
    weights = torch.linspace(0.2, 1.0, 8)
    online, frozen = agent.online.networks["q"], agent.target.networks["q"]
    obs, following = torch.from_numpy(batch.obs), torch.from_numpy(batch.next_obs)
    with torch.no_grad():
        judged = online(following) if target == "none" else frozen(following)
        choice = online(following) if double else judged
        best = judged[torch.arange(8), choice.argmax(1)]
        going_on = 1.0 - torch.from_numpy(batch.terminated).float()
        y = torch.from_numpy(batch.rewards) * 0.5 + 0.9 * going_on * best
    errors = online(obs)[torch.arange(8), torch.from_numpy(batch.actions)] - y
    reference = torch.nn.functional.huber_loss if loss == "huber" else torch.nn.functional.mse_loss
    costs = reference(errors, torch.zeros(8), reduction="none") * (1 if loss == "huber" else 0.5)
    expected_loss = (costs * weights).mean()
    np.testing.assert_allclose(agent.td_errors(batch), errors.detach() / 0.5, rtol=1e-4)
    expected_loss.backward()
    torch.nn.utils.clip_grad_norm_(list(online.weights) + list(online.biases), 0.5)
    expected = agent.online.gradient.clone()

    seen = []
    agent.optimizer.step = lambda rate: seen.append(agent.online.gradient.clone())
    found = agent._learn(batch, weights)
    assert found["loss"] == pytest.approx(float(expected_loss.detach()), rel=1e-5)
    torch.testing.assert_close(seen[0], expected, rtol=1e-4, atol=1e-6)


def test_a_hard_target_is_copied_exactly_when_it_is_due():
    config = dataclasses.replace(SMALL_DQN, target="hard", target_every=7, steps_per_update=2)
    agent = DqnAgent(config, 3, 2, Streams(0))
    env = corridors(2)
    copies, before = [], agent.target.row()
    for _ in range(60):
        updates = agent.updates
        agent.advance(env)
        assert agent.updates - updates in (0, 1)
        now = agent.target.row()
        if not np.array_equal(now, before):
            copies.append(agent.updates)
            np.testing.assert_array_equal(now, agent.online.row())
            assert agent.target_lag == 0.0
        before = now
    assert copies == [7 * k for k in range(1, 1 + agent.updates // 7)]


def test_a_soft_target_follows_at_every_update():
    agent = DqnAgent(dataclasses.replace(SMALL_DQN, target_share=0.3), 3, 2, Streams(0))
    before = agent.target.row()
    agent._learn(transitions(), None)
    expected = before + 0.3 * (agent.online.row() - before)
    np.testing.assert_allclose(agent.target.row(), expected, atol=1e-6)
    assert agent.target_lag > 0.0


def test_gradient_steps_come_as_often_as_asked_and_not_before_the_warm_up():
    config = dataclasses.replace(SMALL_DQN, worlds=4, steps_per_update=6, warm_up=20)
    agent = DqnAgent(config, 3, 2, Streams(0))
    env = corridors(4)
    for _ in range(4):
        agent.advance(env)
    assert agent.updates == 0
    counts = [agent.updates]
    for _ in range(12):
        agent.advance(env)
        counts.append(agent.updates)
    assert counts[-1] == 12 * 4 // 6
    assert max(np.diff(counts)) == 1


def test_without_replay_the_last_transitions_are_learnt_once():
    agent = DqnAgent(dataclasses.replace(SMALL_DQN, replay=False), 3, 2, Streams(0))
    env = corridors(2)
    seen = []
    original = agent._learn
    agent._learn = lambda batch, weights: (seen.append(batch), original(batch, weights))[1]
    obs = env.observations
    agent.advance(env)
    np.testing.assert_array_equal(seen[0].obs, obs)
    for _ in range(9):
        agent.advance(env)
    assert [batch.size for batch in seen] == [2] * 10


def test_a_time_limit_is_no_end_in_the_memory():
    agent = DqnAgent(dataclasses.replace(SMALL_DQN, exploration=constant(1.0)), 3, 2, Streams(0))
    env = corridors(2, time_limit=3)
    env.reset([0, 4])
    for _ in range(3):
        step = agent.advance(env)
    assert [episode.end for episode in step.finished] == ["time", "time"]
    rows = agent.memory.rows(np.arange(4, 6))
    assert rows.terminated.tolist() == [False, False]
    assert rows.next_obs[:, 2].tolist() == pytest.approx([0.15, 0.15])
    assert rows.seeds.tolist() == [0, 4]
    assert rows.steps.tolist() == [2, 2]


def test_exploration_is_as_often_as_it_says():
    config = dataclasses.replace(SMALL_DQN, exploration=Linear(1.0, 0.0, 400), warm_up=10**6)
    agent = DqnAgent(config, 3, 2, Streams(0))
    env = corridors(2)
    odd = []
    for _ in range(250):
        best = agent.act_greedy(env.observations)
        agent.advance(env)
        row = agent.memory.rows((agent.memory.total - np.array([2, 1])) % config.capacity)
        odd.append((row.actions != best).mean())
    assert 0.3 < np.mean(odd[:50]) < 0.7
    assert np.mean(odd[201:]) == 0.0


def test_the_course_s_network_has_its_shape():
    agent = DqnAgent(COURSE_CAR, 20, 3, Streams(0))
    assert agent.online.shapes == {"q": (20, 150, 3)}
    assert COURSE_CAR.batch == 100
    assert COURSE_CAR.optimizer == "rmsprop"


def test_it_learns_the_corridor():
    agent = DqnAgent(dataclasses.replace(SMALL_DQN, rate=constant(3e-3)), 3, 2, Streams(0))
    env = corridors(2)
    while agent.env_steps < 3000:
        agent.advance(env)
    result = evaluate(agent, corridors, episodes=4)
    assert result.share_of("arrived") == 1.0
    assert result.mean > 0.75
    # One step before the end, right is worth its reward: 1.
    assert agent.action_values(np.array([[0.8, -0.5, 0.2]], np.float32))[0, 1] == pytest.approx(
        1.0, abs=0.25
    )


def test_schedules_are_part_of_the_default_settings():
    config = DqnConfig()
    assert config.exploration.at(0) == 1.0
    assert config.exploration.at(10**6) == 0.02
    assert config.rate.at(150_000) == pytest.approx(5.5e-4)
