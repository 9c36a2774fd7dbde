"""Vectors of worlds: automatic reset, time limit, and the exact way back."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from playground.environments.lander import LanderOptions
from playground.environments.vector import HOLD, WorldError
from playground.environments.world_vector import WorldVector
from tests.agents.corridor import Corridor, corridors

RIGHT, LEFT = np.array([1, 1]), np.array([0, 0])


def test_an_episode_that_ends_is_followed_by_the_next_in_the_same_step():
    env = corridors(2)
    first = env.reset([0, 3])
    assert first[:, 0].tolist() == pytest.approx([0.0, 0.6])
    env.step(RIGHT)
    step = env.step(RIGHT)
    assert step.terminated.tolist() == [False, True]
    assert step.rewards.tolist() == pytest.approx([-0.05, 1.0])
    np.testing.assert_array_equal(step.final_obs[0], step.obs[0])
    assert step.final_obs[1, 0] == pytest.approx(0.8)
    assert step.obs[1, 2] == 0.0
    (episode,) = step.finished
    assert (episode.world, episode.seed, episode.length, episode.end) == (1, 3, 2, "arrived")
    assert episode.total == pytest.approx(0.95)
    assert (episode.recipe.seed, episode.recipe.actions) == (3, b"\x01\x01")
    assert env.episode_steps.tolist() == [2, 0]
    assert env.episode_seeds[1] != 3


def test_the_time_limit_cuts_off_and_is_no_end():
    env = corridors(2, time_limit=4)
    steps = [env.step(LEFT) for _ in range(4)]
    assert not any(step.finished for step in steps[:3])
    assert steps[-1].truncated.all()
    assert not steps[-1].terminated.any()
    assert [episode.end for episode in steps[-1].finished] == ["time", "time"]


def test_an_end_at_the_limit_is_an_end():
    env = corridors(1, time_limit=2)
    env.reset([3])
    env.step(RIGHT[:1])
    step = env.step(RIGHT[:1])
    assert (step.terminated[0], step.truncated[0]) == (True, False)


def test_a_held_world_stays_where_it_is():
    env = corridors(2)
    before = env.reset([1, 2])
    step = env.step(np.array([HOLD, 1]))
    np.testing.assert_array_equal(step.obs[0], before[0])
    assert step.rewards[0] == 0.0
    assert env.episode_steps.tolist() == [0, 1]


def test_what_is_handed_out_belongs_to_the_caller():
    env = corridors(2)
    state, step = env.state(), env.step(RIGHT)
    kept = step.final_obs.copy()
    env.load_state(state)
    env.step(RIGHT)
    np.testing.assert_array_equal(step.final_obs, kept)
    step.obs[:] = 99.0
    assert (env.observations < 99.0).all()


@pytest.mark.parametrize("options", [LanderOptions(), LanderOptions(wind=True), Corridor()])
def test_a_state_is_flown_again_exactly(options):
    actions = np.random.default_rng(0).integers(len(options.action_names), size=(260, 3))
    env = WorldVector(options, 3, np.random.default_rng(7))
    for row in actions[:130]:
        env.step(row)
    state = env.state()
    expected = [env.step(row) for row in actions[130:]]
    other = WorldVector(options, 3, np.random.default_rng(8))
    other.step(actions[0])
    for target in (other, env):
        target.load_state(state)
        for row, known in zip(actions[130:], expected, strict=True):
            step = target.step(row)
            for ours, theirs in zip(step[:5], known[:5], strict=True):
                np.testing.assert_array_equal(ours, theirs)
            assert step.finished == known.finished


def test_a_world_on_its_way_to_a_state_only_goes_on(monkeypatch):
    env = corridors(2)
    env.reset([0, 0])
    early = env.state()
    env.step(LEFT)
    env.step(LEFT)
    later = env.state()
    env.load_state(early)
    env.step(LEFT)
    starts = []
    world = type(env._lanes[0].world)
    original = world.start
    monkeypatch.setattr(world, "start", lambda *a: (starts.append(a), original(*a))[1])
    env.load_state(later)
    assert starts == []
    assert env.state() == later
    env.load_state(early)
    assert len(starts) == 2


def test_new_options_hold_from_the_next_episode_on_and_states_know_them():
    env = corridors(1, time_limit=3)
    env.set_options(Corridor(time_limit=5))
    lengths = []
    states = []
    while len(lengths) < 2:
        states.append(env.state())
        lengths += [episode.length for episode in env.step(LEFT[:1]).finished]
    assert lengths == [3, 5]
    env.load_state(states[1])
    lengths = []
    while len(lengths) < 2:
        lengths += [episode.length for episode in env.step(LEFT[:1]).finished]
    assert lengths == [3, 5]
    with pytest.raises(WorldError, match="another kind"):
        env.set_options(LanderOptions())


def test_a_reward_that_is_no_number_is_told_in_a_sentence():
    env = corridors(1, prize=float("nan"))
    env.reset([3])
    env.step(RIGHT[:1])
    with pytest.raises(WorldError, match="not a finite number"):
        env.step(RIGHT[:1])


def test_bad_counts_are_answered_in_a_sentence():
    with pytest.raises(WorldError, match="at least one world"):
        corridors(0)
    env = corridors(2)
    with pytest.raises(WorldError, match="2 worlds need as many seeds, not 3"):
        env.reset([1, 2, 3])
    with pytest.raises(WorldError, match="of 2 worlds, not of 3"):
        corridors(3).load_state(env.state())


def test_names_and_sizes():
    env = WorldVector(LanderOptions(), 2, np.random.default_rng(0))
    assert (env.count, env.observation_size, env.action_count) == (2, 8, 4)
    assert env.observation_names[:2] == ("x", "y")
    assert env.observations.dtype == np.float32
    assert dataclasses.is_dataclass(env.options)
