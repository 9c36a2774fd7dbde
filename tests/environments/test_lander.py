"""The lean lander beside gymnasium's own: the same numbers to the last bit."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import gymnasium
import numpy as np
import pytest

from playground.environments.lander import (
    FRAME_WIDTH,
    LANDER_SHAPE,
    LEG_SIZE,
    QUANTITIES,
    WORLD_SIZE,
    LanderOptions,
    RewardWeights,
)
from playground.environments.vector import WorldError


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({}, {}),
        (
            {"wind": True, "wind_power": 18.0, "turbulence_power": 2.0, "gravity": -7.0},
            {"enable_wind": True, "wind_power": 18.0, "turbulence_power": 2.0, "gravity": -7.0},
        ),
    ],
)
def test_every_number_equals_gymnasium(ours, theirs):
    world = LanderOptions(**ours).make()
    reference = gymnasium.make("LunarLander-v3", **theirs)
    rng = np.random.default_rng(1)
    for seed in (3, 4, 5, 3):
        expected, _ = reference.reset(seed=seed)
        np.testing.assert_array_equal(np.array(world.start(seed), np.float32), expected)
        over = False
        while not over:
            action = int(rng.integers(4))
            expected, reward, over, cut_off, _ = reference.step(action)
            assert not cut_off
            observation, ours_reward, ours_over = world.move(action)
            np.testing.assert_array_equal(np.array(observation, np.float32), expected)
            assert (ours_reward, ours_over) == (reward, over)
    reference.close()


def fly(options, actions, seed=0):
    world = options.make()
    world.start(seed)
    frames, rewards, over = [world.frame()], [], False
    for action in actions:
        _, reward, over = world.move(action)
        rewards.append(reward)
        frames.append(world.frame())
        if over:
            break
    return world, rewards, world.scene(frames), over


def test_falling_ends_in_a_crash_and_pushing_aside_flies_off():
    world, rewards, _, over = fly(LanderOptions(), [0] * 1000)
    assert (over, world.end, rewards[-1]) == (True, "crashed", -100.0)
    gone, rewards, _, over = fly(
        LanderOptions(wind=True, wind_power=20.0, gravity=-0.01), [2, 0] * 500
    )
    assert (over, gone.end, rewards[-1]) == (True, "flew off", -100.0)


def test_the_rule_of_gymnasium_lands():
    from gymnasium.envs.box2d.lunar_lander import heuristic

    world = LanderOptions().make()
    state, over = world.start(2), False
    while not over:
        state, reward, over = world.move(int(heuristic(world, state)))
    assert (world.end, reward) == ("landed", 100.0)


def test_the_weights_of_the_reward_do_what_they_say():
    actions = [2, 2, 1, 0, 3, 2, 0, 0]
    plain = np.array(fly(LanderOptions(), actions)[1])
    costly = np.array(fly(LanderOptions(rewards=RewardWeights(main_fuel=5.0)), actions)[1])
    np.testing.assert_allclose(plain - costly, [4.7 if a == 2 else 0.0 for a in actions])
    nothing = RewardWeights(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, crash=-7.0)
    _, rewards, _, _ = fly(LanderOptions(rewards=nothing), [0] * 1000)
    assert set(rewards[:-1]) == {0.0}
    assert rewards[-1] == -7.0


def test_engine_power_moves_the_lander():
    weak, strong = (
        fly(LanderOptions(main_engine_power=power), [2] * 30)[2].lander[-1, 1]
        for power in (0.0, 26.0)
    )
    assert strong > weak + 1.0


def test_a_scene_has_a_frame_for_every_moment():
    _, _, scene, _ = fly(LanderOptions(wind=True), [2, 1, 3, 0])
    assert len(scene) == 5
    assert scene.frames.shape == (5, FRAME_WIDTH)
    assert scene.main_power.tolist() == [0, 1, 0, 0, 0]
    assert scene.side_power.tolist() == [0, 0, -1, 1, 0]
    assert (scene.wind[1:] != 0).all()
    assert not scene.contacts.any()
    assert scene.legs.shape == (5, 2, 3)
    assert scene.terrain.shape == (11, 2)
    assert scene.terrain[-1, 0] == WORLD_SIZE[0]
    left, right, height = scene.pad
    on_pad = (scene.terrain[:, 0] >= left) & (scene.terrain[:, 0] <= right)
    # The moon is smoothed by 0.33 + 0.33 + 0.33, so the pad lies one per cent below its flags.
    np.testing.assert_allclose(scene.terrain[on_pad, 1], 0.99 * height, rtol=1e-5)
    with pytest.raises(ValueError, match="read-only"):
        scene.frames[0, 0] = 1.0


def test_the_shapes_are_those_of_the_bodies():
    world = LanderOptions().make()
    world.start(0)
    corners = world.lander.fixtures[0].shape.vertices
    # Box2D keeps the corners in an order of its own.
    np.testing.assert_allclose(sorted(corners), sorted(LANDER_SHAPE), atol=1e-6)
    leg = world.legs[0].fixtures[0].shape.vertices
    np.testing.assert_allclose(np.abs(leg), [LEG_SIZE] * 4, atol=1e-6)


def test_scaled_observations_are_in_metres_and_seconds():
    world = LanderOptions().make()
    world.start(0)
    for _ in range(20):
        state, _, _ = world.move(2)
    x, y, vx, vy, angle, spin = (
        number * quantity.scale for number, quantity in zip(state[:6], QUANTITIES, strict=False)
    )
    body = world.lander
    assert x == pytest.approx(body.position.x - WORLD_SIZE[0] / 2)
    assert y == pytest.approx(body.position.y - world.helipad_y - 0.6)
    assert (vx, vy) == pytest.approx(tuple(body.linearVelocity))
    assert (angle, spin) == pytest.approx((body.angle, body.angularVelocity))


@pytest.mark.parametrize(
    "options",
    [
        {"gravity": 0.0},
        {"gravity": -12.0},
        {"gravity": float("nan")},
        {"wind_power": 21.0},
        {"turbulence_power": -1.0},
        {"main_engine_power": float("inf")},
        {"time_limit": 0},
    ],
)
def test_bad_options_are_answered_in_a_sentence(options):
    with pytest.raises(WorldError, match=r"^[A-Z].+\.$"):
        LanderOptions(**options)


def test_weights_must_be_numbers():
    with pytest.raises(WorldError, match="leg"):
        RewardWeights(leg=float("nan"))


def test_without_box2d_the_options_are_there_and_making_a_world_says_what_to_install():
    script = """
        import sys, warnings
        sys.modules["Box2D"] = None
        from playground.environments.lander import LanderOptions
        from playground.environments.vector import WorldError
        options = LanderOptions()
        assert "Box2D" not in [name for name, module in sys.modules.items() if module]
        try:
            options.make()
        except WorldError as error:
            print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    assert 'pip install "gymnasium[box2d]"' in done.stdout
