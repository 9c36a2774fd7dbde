"""The headlight car: how it drives, what it is paid, and that one car is like many."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from playground.environments.episodes import record_episode, replay
from playground.environments.headlight_car import CarRewardWeights, HeadlightCarOptions
from playground.environments.headlight_car_presets import preset
from playground.environments.headlight_maps import (
    HeadlightMap,
    Obstacle,
    Start,
    Station,
    Wall,
    random_map,
)
from playground.environments.vector import HOLD, TIME, WorldError

LEFT, STRAIGHT, RIGHT = 0, 1, 2
NOTHING = CarRewardWeights(0, 0, 0, 0, 0, 0, 0)
ROAD = HeadlightMap(Station(30.0, 50.0, 5.0), Start(10.0, 50.0, 0.0))


def drive(options, actions, seed=0):
    world = options.make()
    world.start(seed)
    rewards, over = [], False
    for action in actions:
        assert not over
        _, reward, over = world.move(action)
        rewards.append(reward)
    return world, rewards, over


def test_the_car_turns_and_then_drives():
    world, _, _ = drive(HeadlightCarOptions(map=ROAD), [LEFT, STRAIGHT, RIGHT, RIGHT])
    c, s = math.cos(math.radians(20)), math.sin(math.radians(20))
    # Headings 20, 20, 0 and −20 degrees, two units each.
    np.testing.assert_allclose(world.frame(), [10 + 6 * c + 2, 50 + 2 * s, -20.0], rtol=1e-14)
    slow, _, _ = drive(HeadlightCarOptions(map=ROAD, speed=0.5, turn=90.0), [LEFT, LEFT, LEFT])
    np.testing.assert_allclose(slow.frame(), [9.5, 50.0, -90.0], rtol=1e-14)


def test_arriving_pays_one_and_two_hundredths_for_every_two_units():
    # From a distance of 20 by two units a step to the radius of 5: eight steps.
    world, rewards, over = drive(HeadlightCarOptions(map=ROAD), [STRAIGHT] * 8)
    assert (over, world.end) == (True, "station")
    np.testing.assert_allclose(rewards, [0.02] * 7 + [1.02], rtol=1e-12)
    assert world.distance == pytest.approx(4.0)


def test_driving_away_costs_and_leaving_the_field_is_a_crash():
    back = dataclasses.replace(ROAD, start=Start(5.0, 50.0, 180.0))
    world, rewards, over = drive(HeadlightCarOptions(map=back), [STRAIGHT] * 3)
    assert (over, world.end) == (True, "left the field")
    np.testing.assert_allclose(rewards, [-0.02, -0.02, -1.02], rtol=1e-12)


@pytest.mark.parametrize(
    "block",
    [
        {"obstacles": (Obstacle(20.0, 50.0, 3.0),)},
        {"walls": (Wall(18.0, 40.0, 18.0, 60.0, 2.0),)},
    ],
)
def test_a_car_crashes_less_than_one_unit_from_an_obstacle(block):
    # Both begin at x = 17: at 16 the car is exactly one unit away and drives on, at 18 it crashes.
    blocked = dataclasses.replace(ROAD, **block)
    world, rewards, over = drive(HeadlightCarOptions(map=blocked), [STRAIGHT] * 4)
    assert (over, world.end) == (True, "crash")
    assert world.frame()[0] == 18.0
    assert rewards[-1] == pytest.approx(-0.98)


def test_each_weight_of_the_reward_does_what_it_says():
    def paid(actions=(LEFT, STRAIGHT, RIGHT), **weights):
        rewards = dataclasses.replace(NOTHING, **weights)
        return drive(HeadlightCarOptions(map=ROAD, rewards=rewards), actions)[1]

    assert paid() == [0.0, 0.0, 0.0]
    assert paid(turn=0.5) == [-0.5, 0.0, -0.5]
    assert paid(time=0.25) == [-0.25] * 3
    # The light goes 30 units far and the station begins 15 units before the start.
    assert paid(sight=2.0) == [2.0, 2.0, 2.0]
    assert paid([STRAIGHT] * 8, station=7.0) == [0.0] * 7 + [7.0]
    assert paid([STRAIGHT] * 2, approach=0.5) == pytest.approx([0.5, 0.5])
    away = dataclasses.replace(ROAD, start=Start(10.0, 50.0, 180.0))
    only = dataclasses.replace(NOTHING, retreat=0.5, crash=-3.0)
    rewards = drive(HeadlightCarOptions(map=away, rewards=only), [STRAIGHT] * 6)[1]
    assert rewards == pytest.approx([-0.5] * 5 + [-3.5])


def test_without_a_cost_of_retreat_circling_beats_arriving():
    circles = [LEFT] * 300
    start = dataclasses.replace(ROAD, start=Start(50.0, 30.0, 0.0))
    fair = HeadlightCarOptions(map=start)
    hacked = HeadlightCarOptions(map=start, rewards=CarRewardWeights(retreat=0.0))
    assert sum(drive(fair, circles)[1]) < 0.1
    assert sum(drive(hacked, circles)[1]) > 1.5


@pytest.mark.parametrize(
    "change",
    [
        {"light": "torch"},
        {"map": "maze"},
        {"obstacles": 21},
        {"speed": 3.5},
        {"speed": math.nan},
        {"turn": 0.0},
        {"time_limit": 0},
    ],
)
def test_bad_options_are_answered_in_a_sentence(change):
    with pytest.raises(WorldError, match=r"^[A-Z].+\.$"):
        HeadlightCarOptions(**change)
    with pytest.raises(WorldError, match="sight"):
        CarRewardWeights(sight=math.inf)


KINDS = [
    HeadlightCarOptions(),
    HeadlightCarOptions(light="rectangle", shadow=False, turn=13.0, time_limit=17),
    HeadlightCarOptions(light="sensors", map=preset("maze"), speed=1.3),
    HeadlightCarOptions(map=preset("empty"), rewards=CarRewardWeights(sight=0.3, time=0.1)),
    HeadlightCarOptions(obstacles=0),
]


@pytest.mark.parametrize("options", KINDS)
def test_many_cars_drive_like_single_ones(options):
    vector = options.make_vector(5, np.random.default_rng(4))
    worlds = [options.make() for _ in range(5)]
    rng = np.random.default_rng(6)

    def begin(index):
        return worlds[index].start(int(vector.episode_seeds[index]))

    firsts = [begin(index) for index in range(5)]
    np.testing.assert_array_equal(vector.observations, np.stack(firsts))
    steps = [0] * 5
    ends = []
    for _ in range(120):
        actions = rng.integers(-1, 3, 5)
        step = vector.step(actions)
        finished = {episode.world: episode for episode in step.finished}
        for index, (world, action) in enumerate(zip(worlds, actions.tolist(), strict=True)):
            if action == HOLD:
                assert step.rewards[index] == 0.0
                assert index not in finished
                continue
            observation, reward, over = world.move(action)
            steps[index] += 1
            np.testing.assert_array_equal(step.final_obs[index], observation)
            assert step.rewards[index] == np.float32(reward)
            assert step.terminated[index] == over
            late = not over and steps[index] == options.time_limit
            assert step.truncated[index] == late
            assert (index in finished) == (over or late)
            if index in finished:
                episode = finished[index]
                assert (episode.end, episode.length) == (TIME if late else world.end, steps[index])
                ends.append(episode)
                np.testing.assert_array_equal(step.obs[index], begin(index))
                steps[index] = 0
            else:
                np.testing.assert_array_equal(step.obs[index], observation)
        np.testing.assert_array_equal(vector.observations, step.obs)
        assert vector.episode_steps.tolist() == steps
    assert ends
    for episode in ends[:5]:
        again = replay(episode.recipe)
        assert again.end in (episode.end, "")
        assert again.total == pytest.approx(episode.total, abs=1e-12)
        assert len(again) == episode.length


def run_on(vector, steps, seed=9):
    rng = np.random.default_rng(seed)
    return [vector.step(rng.integers(-1, 3, vector.count)) for _ in range(steps)]


def same(first, second):
    for one, other in zip(first, second, strict=True):
        for left, right in zip(one[:5], other[:5], strict=True):
            np.testing.assert_array_equal(left, right)
        assert one.finished == other.finished


def test_a_state_comes_back_exactly_whatever_was_done_since():
    options = HeadlightCarOptions(map=preset("forest"), time_limit=60)
    vector = options.make_vector(6, np.random.default_rng(0))
    run_on(vector, 41)
    state = vector.state()
    expected = run_on(vector, 50)
    # Back, forth on the way, and in a vector that has never seen any of it.
    vector.load_state(state)
    same(run_on(vector, 50), expected)
    vector.load_state(state)
    vector.load_state(state)
    same(run_on(vector, 50), expected)
    fresh = HeadlightCarOptions().make_vector(6, np.random.default_rng(77))
    fresh.load_state(state)
    assert fresh.options == options
    same(run_on(fresh, 50), expected)


def test_options_change_with_the_next_episode_and_states_know_both():
    vector = HeadlightCarOptions().make_vector(6, np.random.default_rng(0))
    run_on(vector, 10)
    changed = HeadlightCarOptions(map=preset("maze"), rewards=CarRewardWeights(time=0.5))
    vector.set_options(changed)
    run_on(vector, 20, seed=1)
    kinds = {recipe.options for recipe in vector.recipes}
    assert kinds == {HeadlightCarOptions(), changed}
    state = vector.state()
    expected = run_on(vector, 60)
    assert {recipe.options for recipe in vector.recipes} == {changed}
    other = HeadlightCarOptions().make_vector(6, np.random.default_rng(3))
    other.load_state(state)
    assert other.recipes == state.recipes
    same(run_on(other, 60), expected)


def test_a_vector_refuses_what_does_not_fit():
    vector = HeadlightCarOptions().make_vector(2, np.random.default_rng(0))
    before = vector.state()
    with pytest.raises(WorldError, match="another kind"):
        vector.set_options(HeadlightCarOptions(light="sensors"))
    with pytest.raises(WorldError, match="3 worlds"):
        vector.load_state(HeadlightCarOptions().make_vector(3, np.random.default_rng(0)).state())
    with pytest.raises(WorldError, match="2 worlds need"):
        vector.reset([1])
    for actions in ([0, 3], [0]):
        with pytest.raises(WorldError, match="action"):
            vector.step(np.array(actions))
    with pytest.raises(WorldError, match="at least one"):
        HeadlightCarOptions().make_vector(0, np.random.default_rng(0))
    assert vector.state() == before


def test_a_scene_shows_what_the_car_saw():
    for options in KINDS[:4]:
        rng = np.random.default_rng(1)
        actions = rng.integers(0, 3, 400).tolist()

        def policy(_, actions=actions):
            return actions.pop()

        episode = record_episode(options, 5, policy)
        scene = episode.scene
        assert len(scene) == len(episode) + 1
        assert scene.cells.shape == (len(scene), 20, 10)
        assert scene.map == (options.map or random_map(5))
        if options.light != "sensors":
            sums = (scene.cells.sum(axis=2) / 10).astype(np.float32)
            np.testing.assert_array_equal(sums, episode.observations)
        if scene.shadow:
            first = scene.cells.argmin(axis=2)
            blocked = (scene.cells < 0).any(axis=2)
            lit = np.where(blocked, 10 - first - 1, 0)
            np.testing.assert_array_equal(scene.shadowed.sum(axis=2), lit)
        else:
            assert not scene.shadowed.any()
        assert scene.reach.max() <= scene.light.depth
        np.testing.assert_array_equal(scene.trail(2), scene.positions[:3])
        again = replay(episode.recipe)
        np.testing.assert_array_equal(again.scene.poses, scene.poses)
        np.testing.assert_array_equal(again.scene.cells, scene.cells)
        np.testing.assert_array_equal(again.observations, episode.observations)
        np.testing.assert_array_equal(again.rewards, episode.rewards)
        assert again.end == episode.end
        with pytest.raises(ValueError, match="read-only"):
            scene.poses[0, 0] = 1.0


def test_a_random_map_that_is_kept_is_driven_alike():
    free = record_episode(HeadlightCarOptions(), 12, actions=[LEFT, STRAIGHT, RIGHT] * 3)
    kept = record_episode(
        HeadlightCarOptions(map=free.scene.map), 99, actions=[LEFT, STRAIGHT, RIGHT] * 3
    )
    np.testing.assert_array_equal(kept.scene.poses, free.scene.poses)
    np.testing.assert_array_equal(kept.observations, free.observations)


def test_the_cells_on_the_field_turn_with_the_car():
    facing_up = dataclasses.replace(ROAD, start=Start(40.0, 20.0, 90.0))
    options = HeadlightCarOptions(map=facing_up, light="rectangle")
    scene = record_episode(options, 0).scene
    # The leftmost column of cells lies 18…20 units to the west, its first cell 0…2 units ahead.
    corners = scene.outlines(0)[0, 0]
    np.testing.assert_allclose([corners[:, 0].min(), corners[:, 0].max()], [20.0, 22.0])
    np.testing.assert_allclose([corners[:, 1].min(), corners[:, 1].max()], [20.0, 22.0], atol=1e-12)
