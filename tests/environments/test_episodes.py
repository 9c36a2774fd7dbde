"""Recorded episodes: flown again from seed and actions they are the same to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from playground.environments.episodes import Recorder, record_episode, replay
from playground.environments.lander import LanderOptions
from playground.environments.vector import WorldError
from playground.environments.world_vector import WorldVector
from tests.agents.corridor import Corridor


def by_angle(observation):
    """A policy that keeps upright and brakes: enough to stay up for a while."""
    if observation[3] < -0.3:
        return 2
    return 1 if observation[4] < -0.1 else 3 if observation[4] > 0.1 else 0


@pytest.fixture(scope="module", params=[LanderOptions(), LanderOptions(wind=True)])
def episode(request):
    return record_episode(request.param, 12, by_angle)


def test_a_recording_is_complete(episode):
    steps = len(episode)
    assert episode.observations.shape == (steps + 1, 8)
    assert episode.rewards.shape == (steps,)
    assert len(episode.scene) == steps + 1
    assert episode.end in {"landed", "crashed", "flew off", "time"}
    assert episode.total == pytest.approx(episode.rewards.sum())
    with pytest.raises(ValueError, match="read-only"):
        episode.observations[0, 0] = 0.0


def test_it_is_flown_again_exactly(episode):
    again = replay(episode.recipe)
    for name in ("actions", "observations", "rewards"):
        np.testing.assert_array_equal(getattr(again, name), getattr(episode, name))
    np.testing.assert_array_equal(again.scene.frames, episode.scene.frames)
    np.testing.assert_array_equal(again.scene.terrain, episode.scene.terrain)
    assert again.end == episode.end


def test_an_episode_of_training_can_be_shown_later():
    env = WorldVector(LanderOptions(), 2, np.random.default_rng(3))
    rng = np.random.default_rng(4)
    finished = ()
    while not finished:
        finished = env.step(rng.integers(4, size=2)).finished
    shown = replay(finished[0].recipe)
    assert len(shown) == finished[0].length
    assert shown.end == finished[0].end
    assert shown.total == pytest.approx(finished[0].total)


def test_somebody_else_takes_over_in_the_middle(episode):
    middle = len(episode) // 2
    taken = Recorder(episode.options, episode.seed, episode.actions[:middle].tolist())
    np.testing.assert_array_equal(taken.observation, episode.observations[middle])
    while not taken.over:
        taken.step(by_angle(taken.observation))
    np.testing.assert_array_equal(taken.episode().observations, episode.observations)
    assert taken.total == pytest.approx(episode.total)


def test_a_recorder_refuses_what_is_not_possible_and_stays_as_it_is():
    recorder = Recorder(Corridor(time_limit=2), 0)
    for bad in (-1, 2):
        with pytest.raises(WorldError, match="does not exist"):
            recorder.step(bad)
    assert len(recorder) == 0
    assert recorder.episode().end == ""
    recorder.step(0)
    recorder.step(0)
    assert recorder.end == "time"
    with pytest.raises(WorldError, match="over"):
        recorder.step(0)
    assert recorder.episode().scene == (0, 0, 0)


def test_returns_to_come_are_what_really_came():
    episode = record_episode(Corridor(), 3, lambda _: 1)
    np.testing.assert_allclose(episode.rewards, [-0.05, 1.0])
    np.testing.assert_allclose(episode.returns_to_come(0.5), [-0.05 + 0.5, 1.0])
