"""What every agent promises: determinism, exact states, weights in and out, bad input."""

from __future__ import annotations

import copy
import dataclasses

import numpy as np
import pytest
import torch

from playground.agents.base import AgentError
from playground.agents.dqn import DqnAgent, DqnConfig
from playground.agents.ppo import PpoAgent, PpoConfig
from playground.agents.reinforce import ReinforceAgent, ReinforceConfig
from playground.core.random_streams import Streams
from playground.environments.lander import LanderOptions
from playground.environments.world_vector import WorldVector
from tests.agents.corridor import AGENTS, corridors, make_agent, same

NAMES = pytest.mark.parametrize("name", AGENTS)
UNITS = 70


def run(agent, env, units):
    """What the units reported, as plain comparable values."""
    return [agent.advance(env) for _ in range(units)]


def everything(agent, env):
    state = agent.state()
    return (dict(state.own), state.shared.get("total"), env.state())


@NAMES
def test_the_same_seed_gives_the_same_run_and_another_seed_another(name):
    (first, env_1), (second, env_2) = make_agent(name), make_agent(name)
    assert run(first, env_1, UNITS) == run(second, env_2, UNITS)
    assert same(first.state().own, second.state().own)
    other, env_3 = make_agent(name, seed=1)
    run(other, env_3, UNITS)
    assert not same(other.parameters.row(), first.parameters.row())


@NAMES
@pytest.mark.parametrize("units", [17, 62])
def test_a_state_leads_on_to_the_same_bits_from_the_middle_of_anything(name, units):
    agent, env = make_agent(name)
    run(agent, env, units)
    state, env_state = agent.state(), env.state()
    kept = copy.deepcopy(dict(state.own))
    expected = run(agent, env, UNITS)
    end = everything(agent, env)

    fresh, fresh_env = make_agent(name, seed=5)
    run(fresh, fresh_env, 33)
    for target, world in ((fresh, fresh_env), (agent, env)):
        target.load_state(state)
        world.load_state(env_state)
        assert run(target, world, UNITS) == expected
        assert same(everything(target, world)[0], end[0])
        assert everything(target, world)[1:] == end[1:]
    assert same(kept, dict(state.own)), "going on must not write into a state"


@NAMES
def test_looking_at_an_agent_changes_nothing(name):
    (watched, env_1), (alone, env_2) = make_agent(name), make_agent(name)
    obs = env_1.observations
    for _ in range(UNITS):
        watched.advance(env_1)
        watched.act_greedy(obs)
        watched.act_sampled(obs, np.random.default_rng(0))
        watched.values(obs)
        watched.action_values(obs)
        watched.activations(obs)
        watched.parameters_copy()
    run(alone, env_2, UNITS)
    assert same(watched.state().own, alone.state().own)


@NAMES
def test_probabilities_add_up_and_greedy_takes_the_largest(name):
    agent, env = make_agent(name)
    run(agent, env, 60)
    obs = np.random.default_rng(3).normal(size=(50, 3)).astype(np.float32)
    chances = agent.probabilities(obs)
    np.testing.assert_allclose(chances.sum(axis=1), 1.0, atol=1e-6)
    np.testing.assert_array_equal(agent.act_greedy(obs), chances.argmax(axis=1))
    drawn = np.array([agent.choose(obs[0], np.random.default_rng(i)) for i in range(800)])
    assert abs((drawn == 1).mean() - chances[0, 1]) < 0.07


@NAMES
def test_weights_go_out_and_in_and_wrong_ones_change_nothing(name):
    (agent, env), (other, _) = make_agent(name), make_agent(name, seed=9)
    run(agent, env, 60)
    obs = env.observations
    arrays = agent.parameters_copy()
    other.load_parameters(arrays)
    np.testing.assert_array_equal(other.act_greedy(obs), agent.act_greedy(obs))
    before = other.parameters.row()
    key = next(iter(arrays))
    for bad in (
        {k: v for k, v in arrays.items() if k != key},
        {**arrays, key: np.zeros((2, 77), np.float32)},
        {**arrays, key: np.full_like(arrays[key], np.nan)},
        {**arrays, key: np.full(arrays[key].shape, "x")},
    ):
        with pytest.raises(AgentError, match="weights"):
            other.load_parameters(bad)
        np.testing.assert_array_equal(other.parameters.row(), before)


@NAMES
def test_live_settings_change_and_others_need_a_new_run(name):
    agent, env = make_agent(name)
    run(agent, env, 20)
    agent.reconfigure(dataclasses.replace(agent.config, discount=0.5))
    assert agent.config.discount == 0.5
    before = agent.config
    with pytest.raises(AgentError, match="hidden"):
        agent.reconfigure(dataclasses.replace(agent.config, hidden=(3,)))
    assert agent.config is before
    with pytest.raises(AgentError, match="another algorithm"):
        agent.reconfigure(object())


@NAMES
def test_activations_end_in_the_output(name):
    agent, env = make_agent(name)
    layers = agent.activations(env.observations)
    hidden = agent.config.hidden
    for name_of_network, outputs in layers.items():
        assert [layer.shape[1] for layer in outputs[:-1]] == list(hidden)
        network = agent.parameters.networks[name_of_network]
        with torch.no_grad():
            expected = network(torch.from_numpy(env.observations)).numpy()
        np.testing.assert_array_equal(outputs[-1], expected)


@NAMES
def test_learning_that_blows_up_is_told_in_a_sentence_and_does_not_raise(name):
    agent, env = make_agent(name)
    run(agent, env, 5)
    with torch.no_grad():
        agent.parameters.flat.fill_(float("nan"))
    run(agent, env, 200)
    assert "no finite number" in agent.trouble
    updates = agent.updates
    run(agent, env, 100)
    assert agent.updates == updates


@pytest.mark.parametrize("name", ["reinforce", "q-actor-critic", "actor-critic"])
def test_agents_of_one_world_say_so(name):
    agent, _ = make_agent(name)
    with pytest.raises(AgentError, match="one world at a time"):
        agent.advance(corridors(2))


@pytest.mark.parametrize(
    "make",
    [
        lambda: DqnConfig(discount=1.5),
        lambda: DqnConfig(discount=float("nan")),
        lambda: DqnConfig(batch=0),
        lambda: PpoConfig(steps=100),
        lambda: PpoConfig(clip=-0.1),
        lambda: PpoConfig(worlds=1024, steps=4096),
        lambda: ReinforceConfig(worlds=2),
        lambda: DqnAgent(DqnConfig(hidden=(0,)), 3, 2, Streams(0)),
        lambda: DqnAgent(DqnConfig(capacity=0), 3, 2, Streams(0)),
        lambda: DqnAgent(DqnConfig(device="gramophone"), 3, 2, Streams(0)),
        lambda: DqnAgent(DqnConfig(activation="sine"), 3, 2, Streams(0)),
        lambda: PpoAgent(PpoConfig(), 3, 1, Streams(0)),
    ],
)
def test_bad_settings_are_answered_in_a_sentence(make):
    with pytest.raises(AgentError, match=r"^[A-Z0-9“].+\.$"):
        make()


def test_an_endless_world_without_discount_still_learns():
    config = ReinforceConfig(hidden=(4,), discount=1.0)
    agent = ReinforceAgent(config, 3, 2, Streams(0))
    env = corridors(1, time_limit=5, prize=-1.0)
    run(agent, env, 60)
    assert agent.updates >= 10
    assert not agent.trouble


def test_a_lander_in_mid_air_goes_on_to_the_same_bits():
    config = PpoConfig(hidden=(8,), worlds=2, steps=64, batch=64, epochs=2, block=8)
    streams = Streams(4)
    agent = PpoAgent(config, 8, 4, streams)
    env = WorldVector(LanderOptions(wind=True), 2, streams.numpy("environment"))
    run(agent, env, 30)
    state, env_state = agent.state(), env.state()
    expected = run(agent, env, 20)
    again = WorldVector(LanderOptions(), 2, np.random.default_rng(0))
    again.load_state(env_state)
    agent.load_state(state)
    assert run(agent, again, 20) == expected
