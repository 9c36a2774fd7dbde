"""The headlight car as an environment of gymnasium."""

from __future__ import annotations

import subprocess
import sys

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from playground.environments.headlight_car import (
    ENVIRONMENT_ID,
    CarRewardWeights,
    HeadlightCarOptions,
)
from playground.environments.headlight_car_env import HeadlightCarEnv
from playground.environments.headlight_car_picture import CAR, GROUND, OBSTACLE, STATION, picture
from playground.environments.headlight_maps import HeadlightMap, Obstacle, Start, Station
from playground.environments.vector import WorldError


@pytest.mark.parametrize(
    "arguments",
    [{}, {"light": "rectangle", "shadow": False}, {"light": "sensors", "map": "maze"}],
)
def test_gymnasium_finds_nothing_wrong(arguments):
    check_env(gymnasium.make(ENVIRONMENT_ID, render_mode="rgb_array", **arguments).unwrapped)


def test_one_import_by_the_id_is_enough():
    script = (
        "import gymnasium, sys;"
        "env = gymnasium.make('playground.environments:playground/HeadlightCar-v0');"
        "print(env.spec.max_episode_steps, env.reset(seed=1)[0].shape);"
        "assert not any(name in sys.modules for name in ('torch', 'scipy', 'PySide6', 'Box2D'))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    assert done.stdout.split(maxsplit=1) == ["400", "(20,)\n"]


def test_it_drives_the_episodes_of_the_vector():
    env = gymnasium.make(ENVIRONMENT_ID)
    vector = HeadlightCarOptions().make_vector(1, np.random.default_rng(0))
    rng = np.random.default_rng(3)
    for seed in (5, 6, 5):
        expected = vector.reset([seed])
        observation, _ = env.reset(seed=seed)
        over = cut_off = False
        while not (over or cut_off):
            np.testing.assert_array_equal(observation, expected[0])
            action = int(rng.choice(3, p=[0.1, 0.8, 0.1]))
            step = vector.step(np.array([action]))
            observation, reward, over, cut_off, information = env.step(action)
            assert step.rewards[0] == np.float32(reward)
            assert (step.terminated[0], step.truncated[0]) == (over, cut_off)
            expected = step.obs
        np.testing.assert_array_equal(observation, step.final_obs[0])
        assert information["end"] == step.finished[0].end


def test_resets_without_a_seed_go_on_from_the_first_one():
    env = HeadlightCarEnv()
    first = [env.reset(seed=4)[0], env.reset()[0], env.reset()[0]]
    again = [env.reset(seed=4)[0], env.reset()[0], env.reset()[0]]
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first[1], first[2])


def test_a_circling_car_is_cut_off_after_400_steps():
    # A circle of radius 5.7 does not touch anything that is 12 units away.
    env = gymnasium.make(ENVIRONMENT_ID, obstacles=0)
    env.reset(seed=0)
    ends = [env.step(0)[2:4] for _ in range(400)]
    assert ends == [(False, False)] * 399 + [(False, True)]


def test_rewards_may_be_given_by_name():
    env = HeadlightCarEnv(rewards={"crash": -5.0})
    assert env.options.rewards == CarRewardWeights(crash=-5.0)
    with pytest.raises(WorldError, match="station, crash"):
        HeadlightCarEnv(rewards={"fuel": 1.0})


def test_misuse_is_answered_in_a_sentence():
    env = HeadlightCarEnv(render_mode="rgb_array")
    with pytest.raises(WorldError, match="reset"):
        env.step(0)
    with pytest.raises(WorldError, match="reset"):
        env.render()
    env.reset(seed=0)
    with pytest.raises(WorldError, match="0…2"):
        env.step(3)
    with pytest.raises(WorldError, match="human"):
        HeadlightCarEnv(render_mode="human")
    with pytest.raises(WorldError, match="no map"):
        HeadlightCarEnv(map="moon")


def test_the_picture_shows_everything_in_its_place():
    course = HeadlightMap(
        Station(80.0, 20.0), Start(20.0, 20.0, 180.0), obstacles=(Obstacle(50.0, 70.0, 6.0),)
    )
    env = HeadlightCarEnv(render_mode="rgb_array", map=course)
    env.reset(seed=0)
    canvas = env.render()
    assert canvas.shape == (500, 500, 3)
    assert canvas.dtype == np.uint8

    def at(x, y):
        return tuple(canvas[round(499 - 5 * y), round(5 * x)].tolist())

    assert at(80, 20) == STATION
    assert at(50, 70) == OBSTACLE
    assert at(20.3, 20.3) == CAR
    assert at(80, 80) == GROUND
    # In the light before the car it is brighter, behind it is not.
    assert sum(at(10, 21)) > sum(GROUND)
    assert at(30, 20) == GROUND


def test_a_picture_can_be_of_any_frame_and_size():
    world = HeadlightCarOptions(map=None).make()
    world.start(2)
    frames = [world.frame()]
    for _ in range(4):
        world.move(1)
        frames.append(world.frame())
    scene = world.scene(frames)
    first, last = picture(scene, 0, 120), picture(scene, size=120)
    assert first.shape == (120, 120, 3)
    assert not np.array_equal(first, last)
    np.testing.assert_array_equal(last, picture(scene, 4, 120))
