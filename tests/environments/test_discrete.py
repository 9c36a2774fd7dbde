"""Environments of gymnasium by their id, and the sentences about those that do not fit."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest

from playground.environments.discrete import PRESETS, look_up
from playground.environments.vector import WorldError
from playground.environments.world_vector import WorldVector


@pytest.mark.parametrize(("name", "limit"), list(zip(PRESETS, (500, 500, 200), strict=True)))
def test_presets_equal_gymnasium_and_are_named(name, limit):
    options = look_up(name)
    assert options.time_limit == limit
    assert not any(quantity.name.startswith("number") for quantity in options.quantities)
    reference = gymnasium.make(name)
    world = options.make()
    rng = np.random.default_rng(0)
    expected, _ = reference.reset(seed=5)
    np.testing.assert_array_equal(world.start(5), expected)
    assert len(expected) == len(options.quantities)
    for _ in range(60):
        action = int(rng.integers(reference.action_space.n))
        expected, reward, over, _, _ = reference.step(action)
        observation, ours, ours_over = world.move(action)
        np.testing.assert_array_equal(observation, expected)
        assert (ours, ours_over) == (reward, over)
        if over:
            break
    assert reference.action_space.n == len(options.action_names)


def test_a_vector_of_cart_poles_is_flown_again():
    env = WorldVector(look_up("CartPole-v1"), 4, np.random.default_rng(0))
    actions = np.random.default_rng(1).integers(2, size=(80, 4))
    for row in actions[:40]:
        env.step(row)
    state = env.state()
    finished = [env.step(row).finished for row in actions[40:]]
    assert {episode.end for group in finished for episode in group} == {"fell"}
    other = WorldVector(look_up("CartPole-v1"), 4, np.random.default_rng(2))
    other.load_state(state)
    assert [other.step(row).finished for row in actions[40:]] == finished


def test_the_same_id_makes_the_same_options():
    assert look_up("CartPole-v1") == look_up("CartPole-v1")


class Odd(gymnasium.Env):
    """Actions 5, 6 and 7, a time limit of its own, and an observation with wide bounds."""

    def __init__(self, broken=False):
        if broken:
            raise RuntimeError("no such luck\nmore")
        self.action_space = gymnasium.spaces.Discrete(3, start=5)
        self.observation_space = gymnasium.spaces.Box(
            np.array([-2.0, -np.inf], np.float32), np.array([3.0, np.inf], np.float32)
        )

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.taken = []
        return np.zeros(2, np.float32), {}

    def step(self, action):
        self.taken.append(action)
        return np.zeros(2, np.float32), 1.0, False, len(self.taken) == 3, {}


@pytest.fixture
def odd():
    gymnasium.register("tests/Odd-v0", entry_point=Odd)
    gymnasium.register("tests/Broken-v0", entry_point=lambda: Odd(broken=True))
    yield
    for name in ("tests/Odd-v0", "tests/Broken-v0"):
        gymnasium.registry.pop(name)


def test_strange_but_fitting_environments_work(odd):
    options = look_up("tests/Odd-v0")
    assert options.time_limit == 1000
    assert options.action_names == ("action 0", "action 1", "action 2")
    assert [(q.low, q.high) for q in options.quantities] == [(-2.0, 3.0), (-1.0, 1.0)]
    world = options.make()
    world.start(0)
    assert [world.move(action)[2] for action in (0, 1, 2)] == [False, False, True]
    assert world._environment.unwrapped.taken == [5, 6, 7]
    assert world.end == "cut off"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Foo-v1", "knows no environment"),
        ("nowhere/Foo-v1", "knows no environment"),
        ("LunarLander-v2", "out of date"),
        ("Pendulum-v1", "choice among single actions"),
        ("Blackjack-v1", "flat row of numbers"),
        ("FrozenLake-v1", "flat row of numbers"),
        ("os:system-v0", "is no id"),
        ("", "is no id"),
        ("tests/Broken-v0", "cannot be made: no such luck$"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*out of date.*:DeprecationWarning")
def test_what_does_not_fit_gets_a_sentence(odd, name, sentence):
    with pytest.raises(WorldError, match=sentence):
        look_up(name)


def test_missing_libraries_are_named(monkeypatch):
    def missing(*args, **kwargs):
        raise gymnasium.error.DependencyNotInstalled('run `pip install "gymnasium[x]"`')

    monkeypatch.setattr(gymnasium, "make", missing)
    with pytest.raises(WorldError, match="not installed: run `pip install"):
        look_up("CartPole-v1")
