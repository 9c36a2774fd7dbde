from __future__ import annotations

import numpy as np
import pytest

from playground.environments.discrete import look_up
from playground.environments.episodes import record_episode
from playground.environments.headlight_car import HeadlightCarOptions
from playground.environments.headlight_car_presets import preset
from playground.environments.lander import LanderOptions
from playground.experiments.agents_scores import score
from playground.experiments.agents_studies import CarMapJob, EvaluateJob, FlyJob, ValueMapJob
from playground.experiments.jobs import JobError, JobProgress
from tests.experiments.agents_small import random_policy

LANDER = LanderOptions(time_limit=40)
PILOT = random_policy((8, 6, 4), critic=1)


def result_of(job):
    steps, seen = job.run(), []
    while True:
        try:
            progress = next(steps)
        except StopIteration as stop:
            return stop.value, seen
        assert isinstance(progress, JobProgress)
        assert 0.0 <= progress.fraction <= 1.0
        seen.append(progress.fraction)


def test_flight_is_the_episode_of_seed_and_policy():
    shown, _ = result_of(FlyJob(PILOT, LANDER, 12, env_step=77))
    by_hand = record_episode(LANDER, 12, lambda obs: PILOT.choose(obs))
    np.testing.assert_array_equal(shown.episode.observations, by_hand.observations)
    assert (shown.id, shown.env_step, shown.seed, shown.total) == (-1, 77, 12, by_hand.total)


def test_flight_takes_over_in_the_middle():
    start = bytes([2] * 9)
    shown, _ = result_of(FlyJob(PILOT, LANDER, 12, "sampled", actions=start))
    assert shown.episode.actions[:9].tobytes() == start
    assert len(shown.episode) > 9


def test_flights_that_cannot_be_are_refused():
    with pytest.raises(JobError, match="sees 8 numbers and knows 4 actions"):
        FlyJob(PILOT, look_up("CartPole-v1"), 1)
    with pytest.raises(JobError, match="seed"):
        FlyJob(PILOT, LANDER, -1)
    with pytest.raises(JobError, match="does not have"):
        FlyJob(PILOT, LANDER, 1, actions=b"\x07")


def test_evaluation_flies_every_seed_once():
    found, seen = result_of(EvaluateJob(PILOT, LANDER, episodes=13, first_seed=500, threshold=-50))
    totals = [record_episode(LANDER, 500 + k, PILOT.choose).total for k in range(13)]
    assert found.mean == pytest.approx(np.mean(totals))
    assert found.median == pytest.approx(np.median(totals))
    assert found.spread == pytest.approx(np.std(totals, ddof=1))
    assert found.success == pytest.approx(np.mean([total >= -50 for total in totals]))
    assert sum(found.ends.values()) == pytest.approx(1.0)
    assert seen == sorted(seen)


def test_evaluation_of_cars_counts_stations():
    policy = random_policy((20, 3), role="q", seed=3)
    options = HeadlightCarOptions(time_limit=60)
    found = score(policy, options, 30, 100)
    ends = [record_episode(options, 100 + k, policy.choose).end for k in range(30)]
    assert found.success == ends.count("station") / 30
    assert found.ends == {end: ends.count(end) / 30 for end in found.ends}


def test_evaluations_that_cannot_be_are_refused():
    with pytest.raises(JobError, match="1 to 10,000"):
        EvaluateJob(PILOT, LANDER, episodes=0)


@pytest.mark.parametrize("role", ["actor", "q"])
def test_map_holds_what_the_policy_says_at_each_point(role):
    policy = random_policy((8, 6, 4), role=role, critic=1 if role == "actor" else None)
    here = np.linspace(-0.5, 0.5, 8, dtype=np.float32)
    found, _ = result_of(ValueMapJob(policy, LANDER, here, columns=40, rows=30))
    assert (found.x_name, found.y_name, found.values.shape) == ("x", "y", (30, 40))
    for row, column in ((0, 0), (29, 3), (11, 39)):
        state = here.copy()
        state[:2] = found.x[column], found.y[row]
        assert found.values[row, column] == pytest.approx(policy.values(state[None])[0], abs=1e-5)
        assert found.actions[row, column] == policy.choose(state)
    assert found.certainty.min() >= 0.0
    assert found.certainty.max() <= 1.0 + 1e-6


def test_map_needs_two_numbers():
    with pytest.raises(JobError, match="two different numbers"):
        ValueMapJob(PILOT, LANDER, np.zeros(8), across=1, up=1)
    with pytest.raises(JobError, match="points each way"):
        ValueMapJob(PILOT, LANDER, np.zeros(8), columns=1)


def test_map_of_the_car_is_what_it_would_see_there():
    policy = random_policy((20, 5, 3), role="q")
    options = HeadlightCarOptions(map=preset("wall"))
    found, _ = result_of(CarMapJob(policy, options, preset("wall"), 90.0, points=25))
    from playground.environments.headlight_car_world import observations_at

    pose = np.array([[found.x[20], found.y[3], 90.0]])
    seen = observations_at(options, preset("wall"), pose)
    assert found.values[3, 20] == pytest.approx(policy.values(seen)[0], abs=1e-5)
    assert found.actions[3, 20] == policy.choose(seen[0])
