from __future__ import annotations

import numpy as np
import pytest

from playground.environments.discrete import look_up
from playground.environments.lander import LanderOptions
from playground.experiments.agents_films import Film, FilmState, judge
from tests.experiments.agents_small import random_policy


def film_of(mode, options, policy, actions=b"", seed=4):
    return Film(FilmState(0, 0, mode, options, seed, policy, actions))


@pytest.mark.parametrize("mode", ["greedy", "sampled"])
def test_film_taken_up_in_the_middle_goes_on_as_it_would_have(mode):
    options, policy = LanderOptions(time_limit=60), random_policy((8, 5, 4))
    whole, part = (film_of(mode, options, policy) for _ in range(2))
    whole.advance(1000)
    part.advance(17)
    again = Film(part.state())
    again.advance(1000)
    assert whole.over
    assert whole.state() == again.state()
    np.testing.assert_array_equal(
        whole.shown().episode.observations, again.shown().episode.observations
    )


def test_drawn_films_are_not_greedy_ones():
    options, policy = LanderOptions(time_limit=60), random_policy((8, 5, 4))
    flights = []
    for mode in ("greedy", "sampled"):
        film = film_of(mode, options, policy)
        film.advance(1000)
        flights.append(film.state().actions)
    assert flights[0] != flights[1]


def test_judgement_of_a_critic_by_hand():
    options = look_up("CartPole-v1")
    policy = random_policy((4, 5, 2), critic=1, discount=0.9, reward_scale=0.5)
    film = film_of("greedy", options, policy)
    film.advance(1000)
    episode = film.shown().episode
    found = judge(policy, episode)
    values = policy.values(episode.observations)
    steps = len(episode)
    assert episode.end == "fell"
    for t in range(steps):
        following = 0.0 if t == steps - 1 else float(values[t + 1])
        wanted = 1.0 + 0.9 * following - float(values[t])
        assert found.td_errors[t] == pytest.approx(wanted, abs=1e-5)
        gain = sum(0.9**k for k in range(steps - t))
        assert found.returns_to_come[t] == pytest.approx(gain)
    np.testing.assert_array_equal(found.probabilities, policy.probabilities(episode.observations))
    assert found.action_values is None
    assert not found.values.flags.writeable


def test_judgement_of_action_values_looks_beyond_a_time_limit():
    options = LanderOptions(time_limit=5)
    policy = random_policy((8, 4), role="q", discount=0.5)
    film = film_of("greedy", options, policy)
    film.advance(10)
    episode = film.shown().episode
    assert episode.end == "time"
    q = policy.action_values(episode.observations)
    last = episode.rewards[4] + 0.5 * q[5].max() - q[4, episode.actions[4]]
    assert judge(policy, episode).td_errors[4] == pytest.approx(float(last), rel=1e-5)


def test_judgement_without_a_critic_says_only_what_it_knows():
    options = look_up("CartPole-v1")
    policy = random_policy((4, 2))
    film = film_of("sampled", options, policy)
    film.advance(5)
    found = film.shown().judgement
    assert found.values is None
    assert found.td_errors is None
    assert found.probabilities.shape == (6, 2)
