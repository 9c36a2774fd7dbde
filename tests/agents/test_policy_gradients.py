"""REINFORCE and the actor–critics: their updates against autograd, and that they learn."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from playground.agents.actor_critic import (
    COURSE_LANDER,
    ActorCriticAgent,
    ActorCriticConfig,
    course_penalty,
)
from playground.agents.base import AgentError
from playground.agents.evaluation import evaluate
from playground.agents.ppo import A2C, PpoAgent, PpoConfig
from playground.agents.q_actor_critic import QActorCriticAgent, QActorCriticConfig
from playground.agents.reinforce import ReinforceAgent, ReinforceConfig
from playground.agents.returns import discounted_returns, generalized_advantages
from playground.core.random_streams import Streams
from playground.environments.discrete import look_up
from playground.environments.lander import LanderOptions
from playground.environments.world_vector import WorldVector
from tests.agents.corridor import SMALL_PPO, corridors


def spied(optimizer):
    """Let an optimizer write down the gradient it gets, and change nothing."""
    seen = []
    optimizer.step = lambda rate: (
        seen.append(optimizer.gradient.clone()),
        optimizer.gradient.zero_(),
    )
    return seen


def gradient_of(agent, name, loss):
    """∂loss/∂weights of one network by autograd, as a row."""
    network = agent.parameters.networks[name]
    tensors = [t for pair in zip(network.weights, network.biases, strict=True) for t in pair]
    return torch.cat([g.reshape(-1) for g in torch.autograd.grad(loss, tensors)])


def episode_of(agent, env):
    """(obs, actions, rewards, next_obs) of the steps up to the first end, taking part in them."""
    rows = []
    step = env.step

    def watch(actions):
        obs = env.observations
        found = step(actions)
        rows.append((obs[0], int(actions[0]), float(found.rewards[0]), found.final_obs[0]))
        return found

    env.step = watch
    while not agent.advance(env).finished:
        pass
    env.step = step
    return [np.array(column) for column in zip(*rows, strict=True)]


@pytest.mark.parametrize("standardise", [True, False])
def test_reinforce_follows_the_returns(standardise):
    config = ReinforceConfig(hidden=(8,), standardise=standardise, discount=0.9)
    agent = ReinforceAgent(config, 3, 2, Streams(0))
    seen = spied(agent._optimizers["actor"])
    obs, actions, rewards, _ = episode_of(agent, corridors(1))
    returns = discounted_returns(rewards, 0.9)
    if standardise:
        returns = (returns - returns.mean()) / returns.std()
    losses = torch.nn.functional.cross_entropy(
        agent.actor(torch.from_numpy(obs)), torch.from_numpy(actions), reduction="none"
    )
    expected = gradient_of(agent, "actor", (losses * torch.from_numpy(returns).float()).mean())
    torch.testing.assert_close(seen[0], expected, rtol=1e-4, atol=1e-6)


def test_reinforce_s_baseline_learns_the_returns_and_is_subtracted():
    config = ReinforceConfig(hidden=(8,), standardise=False, baseline=True, discount=0.9)
    agent = ReinforceAgent(config, 3, 2, Streams(0))
    policy, value = (spied(agent._optimizers[name]) for name in ("actor", "critic"))
    obs, actions, rewards, _ = episode_of(agent, corridors(1, time_limit=50))
    x = torch.from_numpy(obs)
    returns = torch.from_numpy(discounted_returns(rewards, 0.9)).float()
    guesses = agent.critic(x).squeeze(1)
    expected = gradient_of(agent, "critic", torch.nn.functional.mse_loss(guesses, returns))
    torch.testing.assert_close(value[0], expected, rtol=1e-4, atol=1e-6)
    losses = torch.nn.functional.cross_entropy(
        agent.actor(x), torch.from_numpy(actions), reduction="none"
    )
    expected = gradient_of(agent, "actor", (losses * (returns - guesses.detach())).mean())
    torch.testing.assert_close(policy[0], expected, rtol=1e-4, atol=1e-6)


def test_reinforce_waits_for_as_many_episodes_as_asked():
    agent = ReinforceAgent(ReinforceConfig(hidden=(8,), episodes_per_update=3), 3, 2, Streams(0))
    env = corridors(1)
    updates = []
    while len(updates) < 7:
        if agent.advance(env).finished:
            updates.append(agent.updates)
    assert updates == [0, 0, 1, 1, 1, 2, 2]


def test_a_step_of_the_actor_critic_follows_its_td_error():
    config = ActorCriticConfig(hidden=(8,), discount=0.9)
    agent = ActorCriticAgent(config, 3, 2, Streams(0))
    policy, value = (spied(agent._optimizers[name]) for name in ("actor", "critic"))
    env = corridors(1)
    env.reset([3])
    obs, actions, rewards, following = episode_of(agent, env)
    for t in range(len(obs)):
        x, after = torch.from_numpy(obs[t : t + 1]), torch.from_numpy(following[t : t + 1])
        ended = rewards[t] > 0
        future = 0.0 if ended else 0.9 * agent.critic(after).detach().squeeze()
        advantage = float(rewards[t]) + future - agent.critic(x).squeeze()
        expected = gradient_of(agent, "critic", advantage.square())
        torch.testing.assert_close(value[t], expected, rtol=1e-4, atol=1e-6)
        log = torch.log_softmax(agent.actor(x), 1)[0, actions[t]]
        expected = gradient_of(agent, "actor", -log * advantage.detach())
        torch.testing.assert_close(policy[t], expected, rtol=1e-4, atol=1e-6)


def test_an_episode_of_the_actor_critic_is_the_mean_of_its_steps():
    agents = [
        ActorCriticAgent(ActorCriticConfig(hidden=(8,), update=update), 3, 2, Streams(0))
        for update in ("step", "episode")
    ]
    found = []
    for agent in agents:
        seen, _ = (spied(agent._optimizers[name]) for name in ("actor", "critic"))
        episode_of(agent, corridors(1))
        found.append(torch.stack(seen))
    assert len(found[0]) > 1
    torch.testing.assert_close(found[0].mean(0, keepdim=True), found[1], rtol=1e-4, atol=1e-6)


def test_the_course_s_lander_program():
    agent = ActorCriticAgent(COURSE_LANDER, 8, 4, Streams(0))
    assert agent.parameters.shapes == {"actor": (8, 64, 4), "critic": (8, 64, 1)}
    assert COURSE_LANDER.rate == COURSE_LANDER.critic_rate == 1e-3
    assert (COURSE_LANDER.discount, COURSE_LANDER.activation) == (0.99, "relu")
    assert course_penalty(np.array([0.5, -2.0, 9.0], np.float32), 30) == pytest.approx(7.25)
    env = WorldVector(LanderOptions(time_limit=2000), 1, np.random.default_rng(0))
    learnt = []
    original = agent._learn
    agent._learn = lambda *columns: (learnt.append(columns[2]), original(*columns))[1]
    rewards = []
    step = env.step
    env.step = lambda actions: (rewards.append(step(actions)), rewards[-1])[1]
    for _ in range(20):
        agent.advance(env)
    for time, (ours, found) in enumerate(zip(learnt, rewards, strict=True)):
        penalty = course_penalty(found.final_obs[0], time)
        assert ours[0] == pytest.approx(float(found.rewards[0]) - penalty)


def test_the_penalty_is_for_worlds_with_a_place():
    agent = ActorCriticAgent(COURSE_LANDER, 4, 2, Streams(0))
    env = WorldVector(look_up("CartPole-v1"), 1, np.random.default_rng(0))
    with pytest.raises(AgentError, match="begin with x, y"):
        agent.advance(env)


def test_the_q_actor_critic_learns_from_the_action_it_takes_next():
    config = QActorCriticConfig(hidden=(8,), discount=0.9, reward_scale=0.5)
    agent = QActorCriticAgent(config, 3, 2, Streams(0))
    policy, value = (spied(agent._optimizers[name]) for name in ("actor", "critic"))
    env = corridors(1)
    env.reset([3])
    obs, actions, rewards, following = episode_of(agent, env)
    critic = agent.parameters.networks["critic"]
    assert len(obs) > 1
    for t in range(len(obs) - 1):
        x, after = torch.from_numpy(obs[t : t + 1]), torch.from_numpy(following[t : t + 1])
        target = 0.5 * rewards[t] + 0.9 * critic(after)[0, actions[t + 1]].detach()
        q = critic(x)[0, actions[t]]
        expected = gradient_of(agent, "critic", (q - target).square())
        torch.testing.assert_close(value[t], expected, rtol=1e-4, atol=1e-6)
        log = torch.log_softmax(agent.actor(x), 1)[0, actions[t]]
        expected = gradient_of(agent, "actor", -log * q.detach())
        torch.testing.assert_close(policy[t], expected, rtol=1e-4, atol=1e-6)


def test_ppo_prepares_advantages_of_the_policy_that_acted():
    agent = PpoAgent(SMALL_PPO, 3, 2, Streams(0))
    env = corridors(3, time_limit=5)
    while not agent.learning:
        agent.advance(env)
    agent.advance(env)
    lesson, rollout = agent._lesson, agent.rollout
    assert rollout.terminated.any()
    assert rollout.truncated.any()
    fresh = PpoAgent(SMALL_PPO, 3, 2, Streams(0))
    values = fresh.critic(torch.from_numpy(rollout.obs))[..., 0].detach().numpy()
    following = np.zeros_like(values)
    for t in range(16):
        after = rollout.next_obs if t == 15 else rollout.obs[t + 1]
        after = after.copy()
        for w in range(3):
            if rollout.truncated[t, w]:
                after[w] = rollout.cut_off[t, w]
                assert after[w, 2] == pytest.approx(0.25)
        following[t] = fresh.critic(torch.from_numpy(after))[:, 0].detach().numpy()
    expected = generalized_advantages(
        rollout.rewards * 0.05, values, following, rollout.terminated, rollout.truncated,
        SMALL_PPO.discount, SMALL_PPO.trace,
    )  # fmt: skip
    obs, actions, old_logs, advantages, returns = lesson._columns
    np.testing.assert_allclose(advantages, expected.reshape(-1), atol=1e-5)
    np.testing.assert_allclose(returns, (expected + values).reshape(-1), atol=1e-5)
    logs = -torch.nn.functional.cross_entropy(fresh.actor(obs), actions, reduction="none")
    torch.testing.assert_close(old_logs, logs.detach(), atol=1e-5, rtol=1e-5)


def test_every_step_is_learnt_from_once_an_epoch():
    agent = PpoAgent(SMALL_PPO, 3, 2, Streams(0))
    env = corridors(3)
    while not agent.learning:
        agent.advance(env)
    batches = []
    original = agent._gradient_step
    agent._gradient_step = lambda *parts: (batches.append(parts), original(*parts))[1]
    while agent.learning:
        agent.advance(env)
    assert len(batches) == 3 * 2
    everything = np.sort(agent.rollout.obs.reshape(-1, 3), axis=0)
    orders = []
    for epoch in range(3):
        parts = batches[2 * epoch : 2 * epoch + 2]
        obs = np.concatenate([part[0] for part in parts])
        np.testing.assert_array_equal(np.sort(obs, axis=0), everything)
        orders.append(obs)
        for part in parts:
            assert float(part[3].mean()) == pytest.approx(0.0, abs=1e-5)
            assert float(part[3].std(correction=0)) == pytest.approx(1.0, abs=1e-3)
    assert not np.array_equal(orders[0], orders[1])


def test_a_gradient_step_of_ppo_equals_autograd_of_its_loss():
    agent = PpoAgent(dataclasses.replace(SMALL_PPO, max_gradient=0.05), 3, 2, Streams(0))
    generator = torch.Generator().manual_seed(0)
    obs = torch.randn(24, 3, generator=generator)
    actions = torch.randint(2, (24,), generator=generator)
    old_logs = torch.full((24,), 0.5).log() + 0.3 * torch.randn(24, generator=generator)
    advantages, returns = torch.randn(2, 24, generator=generator)
    logs = torch.log_softmax(agent.actor(obs), 1)
    ratio = (logs.gather(1, actions[:, None])[:, 0] - old_logs).exp()
    gain = torch.min(ratio * advantages, ratio.clamp(0.8, 1.2) * advantages).mean()
    entropy = -(logs.exp() * logs).sum(1).mean()
    value_loss = (agent.critic(obs)[:, 0] - returns).square().mean()
    loss = -gain + 0.5 * value_loss - 0.01 * entropy
    expected = torch.cat([gradient_of(agent, name, loss) for name in ("actor", "critic")])
    expected *= 0.05 / float(expected.norm())
    seen = spied(agent.optimizer)
    found = agent._gradient_step(obs, actions, old_logs, advantages, returns)
    torch.testing.assert_close(seen[0], expected, rtol=1e-3, atol=1e-6)
    assert found["policy loss"] == pytest.approx((-gain).item(), abs=1e-6)
    assert found["value loss"] == pytest.approx(value_loss.item(), rel=1e-5)
    assert found["entropy"] == pytest.approx(entropy.item(), rel=1e-5)


@pytest.mark.parametrize(
    ("make", "steps"),
    [
        (lambda s: PpoAgent(SMALL_PPO, 3, 2, s), 1500),
        (
            lambda s: PpoAgent(
                dataclasses.replace(
                    A2C, hidden=(8,), worlds=3, steps=8, batch=24, discount=0.95, reward_scale=1.0
                ),
                3, 2, s,
            ),
            6000,
        ),
        (lambda s: ReinforceAgent(ReinforceConfig(hidden=(8,), rate=1e-2), 3, 2, s), 2500),
        (
            lambda s: ActorCriticAgent(
                ActorCriticConfig(hidden=(16,), update="episode", rate=1e-2, critic_rate=1e-2),
                3, 2, s,
            ),
            4000,
        ),
    ],
    ids=["ppo", "a2c", "reinforce", "actor-critic"],
)  # fmt: skip
def test_it_learns_the_corridor(make, steps):
    agent = make(Streams(1))
    env = corridors(agent.config.worlds)
    while agent.env_steps < steps:
        agent.advance(env)
    result = evaluate(agent, corridors, episodes=4)
    assert result.share_of("arrived") == 1.0
    assert result.mean > 0.75


def test_ppo_says_how_many_worlds_it_was_made_for():
    with pytest.raises(AgentError, match="made for 3 worlds, not for 2"):
        PpoAgent(SMALL_PPO, 3, 2, Streams(0)).advance(corridors(2))


def test_the_recipe_is_the_measured_one():
    config = PpoConfig()
    assert (config.worlds, config.steps, config.batch, config.epochs) == (16, 256, 256, 8)
    assert (config.discount, config.trace, config.reward_scale) == (0.999, 0.98, 0.05)
    assert config.rate.at(500_000) == pytest.approx(5.1e-4)
