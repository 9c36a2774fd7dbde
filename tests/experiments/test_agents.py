from __future__ import annotations

import dataclasses
import itertools
import math
import sys

import numpy as np
import pytest

from playground.agents import replay as replay_memory
from playground.agents.replay import Block
from playground.engine.checkpoints import Checkpoints, state_nbytes
from playground.environments.episodes import replay
from playground.environments.vector import WorldError
from playground.experiments.agents import AgentsExperiment
from playground.experiments.agents_edits import LoadPolicy, load_policy
from playground.experiments.agents_snapshot import (
    REPLAY_ROWS,
    SERIES_EPISODE,
    SERIES_SHOWN,
    SERIES_UPDATE,
    VIEW_POLICY,
    replay_view,
)
from playground.experiments.base import EditError, Progress, SetValue
from playground.experiments.spec import SpecError
from tests.experiments.agents_small import ALGORITHMS, made

NOTHING = frozenset()


def everything(experiment):
    """Return what there is of a run, as plain values that can be compared."""
    state = experiment.state()
    records = [
        (r.series, r.step, np.float64(r.values).tobytes()) for r in experiment.drain_records()
    ]
    library = [
        (e.shown.id, e.shown.env_step, e.shown.seed, e.shown.episode.actions.tobytes(), e.marks)
        for e in experiment.snapshot(NOTHING).library
    ]
    skills = [
        (notch.env_step, notch.episodes, *(a.tobytes() for a in notch.policy.arrays.values()))
        for notch in experiment.skills.notches
    ]
    return plain(state.own["agent"]), plain(state.own["worlds"]), records, library, skills


def plain(value):
    if isinstance(value, np.ndarray):
        return value.shape, value.tobytes()
    if isinstance(value, dict):
        return {name: plain(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if dataclasses.is_dataclass(value):
        return repr(value)
    return value


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_same_seed_is_the_same_run_and_another_is_not(algorithm):
    first, second, other = (made(algorithm, seed=seed) for seed in (1, 1, 2))
    first.advance(90)
    for _ in range(90):
        second.step()
    other.advance(90)
    assert everything(first) == everything(second)
    assert plain(first.state().own["agent"]) != plain(other.state().own["agent"])


@pytest.mark.parametrize("algorithm", [*ALGORITHMS, "dqn prioritised", "dqn bare"])
def test_state_comes_back_bit_for_bit_in_the_middle_of_everything(algorithm):
    extra = {
        "dqn prioritised": ("learner.prioritised=true", "show.mode=sampled"),
        "dqn bare": ("learner.replay=false", "learner.target=none"),
    }.get(algorithm, ())
    run = made(algorithm.split()[0], *extra)
    run.advance(53)
    state = run.state()
    run.drain_records()
    run.advance(60)
    after = everything(run)
    fresh = made(algorithm.split()[0], *extra)
    fresh.advance(7)
    fresh.load_state(state)
    fresh.advance(60)
    assert everything(fresh) == after
    run.load_state(state)
    run.advance(60)
    assert everything(run) == after


@pytest.mark.parametrize("world", ["lunar-lander", "headlight-car"])
def test_worlds_with_scenes_come_back_too(world):
    run = made("dqn", "learner.double=false", world=world)
    run.advance(70)
    state = run.state()
    run.drain_records()
    run.advance(50)
    after = everything(run)
    fresh = made("dqn", "learner.double=false", world=world)
    fresh.load_state(state)
    fresh.drain_records()
    fresh.advance(50)
    assert everything(fresh) == after


def test_the_past_that_dqn_remembers_counts_once_and_keeps_to_the_budget(monkeypatch):
    monkeypatch.setattr(replay_memory, "CHUNK", 16)
    settings = ("learner.capacity=320", "show.every=300")
    run, budget = made("dqn", *settings), 250_000
    checkpoints = Checkpoints(budget)
    for _ in range(40):
        checkpoints.add(run.state(), 0)
        run.advance(30)
        states = [checkpoints.nearest(step).state for step in checkpoints.steps]
        parts = {id(part): part for state in states for part in state.parts}
        own = sum(map(state_nbytes, states))
        assert own + sum(part.nbytes for part in parts.values()) == checkpoints.nbytes <= budget
    assert all(isinstance(part, Block) for part in parts.values())
    # More of the past than the memory itself holds, yet not all of its 3,600 transitions.
    assert 320 // 16 < len(parts) < 3600 // 16
    # What is gone is reckoned again: anywhere is still the same place.
    fresh, straight = made("dqn", *settings), made("dqn", *settings)
    fresh.load_state(checkpoints.nearest(700).state)
    fresh.advance(700 - fresh.step_index)
    straight.advance(700)
    assert plain(fresh.state().own["agent"]) == plain(straight.state().own["agent"])


def test_recorded_episodes_fly_again_to_the_last_bit():
    run = made("ppo", "show.mode=sampled", world="lunar-lander")
    run.advance(60)
    entries = run.snapshot(NOTHING).library
    assert len(entries) >= 2
    for entry in entries:
        episode, again = entry.shown.episode, replay(entry.shown.episode.recipe)
        np.testing.assert_array_equal(again.observations, episode.observations)
        np.testing.assert_array_equal(again.rewards, episode.rewards)
        np.testing.assert_array_equal(again.scene.frames, episode.scene.frames)
        assert again.end == episode.end


def test_greedy_films_take_the_best_action_and_begin_where_told():
    run = made("dqn", "show.seed=5")
    run.advance(120)
    entries = run.snapshot(NOTHING).library
    assert len(entries) > 1
    for entry in entries:
        shown = entry.shown
        best = shown.policy.act_greedy(shown.episode.observations[:-1])
        np.testing.assert_array_equal(best, shown.episode.actions)
        assert shown.seed == 5
    assert [entry.shown.id for entry in entries] == list(range(len(entries)))


def test_looking_changes_nothing():
    looked, left_alone = made("dqn"), made("dqn")
    views = frozenset({VIEW_POLICY, *(replay_view(order) for order in ("random", "error"))})
    for _ in range(60):
        looked.step()
        looked.snapshot(views)
        left_alone.step()
    assert everything(looked) == everything(left_alone)


def test_films_change_nothing_of_what_is_learnt():
    quiet, filmed = made("ppo", "show.every=0"), made("ppo", "show.every=25")
    quiet.advance(80)
    filmed.advance(80)
    assert plain(quiet.state().own["agent"]) == plain(filmed.state().own["agent"])
    assert not quiet.snapshot(NOTHING).library


def test_records_tell_of_episodes_updates_and_films():
    run = made("ppo", "learner.worlds=64", "learner.minibatch=512", "show.every=500")
    run.advance(90)
    records = run.drain_records()
    assert {record.series for record in records} == {SERIES_EPISODE, SERIES_UPDATE, SERIES_SHOWN}
    episodes = [record.values for record in records if record.series == SERIES_EPISODE]
    assert all(values[1] == values[2] for values in episodes), "CartPole pays 1 a step"
    assert len(episodes) == run.snapshot(NOTHING).episodes
    updates = [record.values for record in records if record.series == SERIES_UPDATE]
    assert all(math.isfinite(values[2]) and math.isnan(values[6]) for values in updates)
    films = [record.values for record in records if record.series == SERIES_SHOWN]
    for values, entry in zip(films, run.snapshot(NOTHING).library, strict=True):
        judgement = entry.shown.judgement
        assert values[0] == entry.shown.id
        assert values[5:] == (judgement.values[0], judgement.returns_to_come[0])
    steps = [values[0] for values in updates]
    assert steps == sorted(set(steps))


def test_skill_slider_begins_with_the_first_weights_and_grows_slowly():
    run = made("dqn", "learner.warm_up=1", "learner.steps_per_update=8", "show.every=0")
    first = run.policy
    run.advance(1100)
    steps = [notch.env_step for notch in run.skills.notches]
    assert steps[0] == 0
    np.testing.assert_array_equal(
        run.skills.notches[0].policy.arrays["q.0.weight"], first.arrays["q.0.weight"]
    )
    assert len(steps) == 7
    ratios = [late / early for early, late in itertools.pairwise(steps[1:])]
    assert all(1.2 < ratio < 1.7 for ratio in ratios)


def test_live_changes_reach_agent_and_world():
    run = made("dqn", world="lunar-lander")
    run.advance(10)
    run.apply(SetValue(path=("learner", "rate"), value=0.5))
    run.apply(SetValue(path=("learner", "exploration_end"), value=1.0))
    run.apply(SetValue(path=("world", "gravity"), value=-2.0))
    assert run.agent.config.rate.start == 0.5
    assert run.snapshot(NOTHING).options.gravity == -2.0
    assert run.agent.exploration == 1.0
    with pytest.raises(EditError, match="needs a new run"):
        run.apply(SetValue(path=("learner", "hidden"), value="16"))
    with pytest.raises(EditError, match="at most 1"):
        run.apply(SetValue(path=("learner", "discount"), value=2.0))
    state, before = run.state(), run.spec
    run.apply(SetValue(path=("world", "gravity"), value=-9.0))
    run.load_state(state)
    assert run.spec == before
    assert run.snapshot(NOTHING).options.gravity == -2.0


@pytest.mark.parametrize("algorithm", ["ppo", "dqn", "q-actor-critic"])
def test_a_run_goes_on_with_another_policy_and_back(algorithm):
    run, other = made(algorithm), made(algorithm, seed=2)
    run.advance(10)
    other.advance(40)
    before = run.policy
    edit = load_policy(other.policy, "the other")
    undo = run.inverse(edit)
    run.apply(edit)
    for name, array in run.policy.arrays.items():
        np.testing.assert_array_equal(array, other.policy.arrays[name])
    if algorithm == "dqn":
        assert run.agent.target_lag == 0.0
    run.apply(undo)
    for name, array in run.policy.arrays.items():
        np.testing.assert_array_equal(array, before.arrays[name])
    with pytest.raises(EditError, match="another network"):
        run.apply(load_policy(made(algorithm, "learner.hidden=9").policy))
    with pytest.raises(EditError, match="damaged"):
        run.apply(LoadPolicy(packed="x"))
    run.advance(5)


def test_rules_and_limits_end_a_run_with_the_reason():
    run = made("ppo", "end.env_steps=200")
    run.advance(10_000)
    assert run.status().progress is Progress.FINISHED
    assert "the 200 steps are done" in run.status().reason
    run = made("ppo", "end.episodes=4")
    run.advance(10_000)
    assert "4 episodes are over" in run.status().reason
    for rule, count, word in (("mean", 100, "solved: the mean"), ("course", 20, "course's rule")):
        quick = ("learner.worlds=12", "learner.minibatch=96", "learner.epochs=1")
        run = made("ppo", "end.threshold=5", f"end.rule={rule}", *quick)
        run.advance(10_000)
        assert run.snapshot(NOTHING).episodes >= count
        assert word in run.status().reason
        run.apply(SetValue(path=("end", "rule"), value="never"))
        assert run.status().running


def test_replay_view_shows_transitions_of_the_memory():
    run = made("dqn", "learner.prioritised=true")
    assert run.snapshot(frozenset({replay_view("newest")})).replay is None
    run.advance(90)
    shots = {
        order: run.snapshot(frozenset({replay_view(order)})).replay
        for order in ("random", "error", "newest", "oldest")
    }
    newest, oldest, error = shots["newest"], shots["oldest"], shots["error"]
    np.testing.assert_array_equal(newest.ages, np.arange(REPLAY_ROWS))
    assert oldest.ages[0] == oldest.size - 1
    assert (np.diff(np.abs(error.td_errors)) <= 1e-6).all()
    assert shots["random"].obs.shape == (REPLAY_ROWS, 4)
    assert not newest.obs.flags.writeable
    assert made("ppo").snapshot(frozenset({replay_view("newest")})).replay is None


@pytest.mark.parametrize("discount", [0.0, 1.0])
def test_extreme_discounts_are_allowed(discount):
    for algorithm in ("dqn", "ppo", "reinforce"):
        run = made(algorithm, f"learner.discount={discount}")
        run.advance(60)
        assert run.status().running


def test_numbers_out_of_range_are_a_status_with_the_reason():
    run = made("dqn")
    run.advance(20)
    run.agent.parameters.load_row(run.agent.parameters.row() * np.float32(1e30))
    run.advance(100)
    assert run.status().progress is Progress.DIVERGED
    assert "no finite number" in run.status().reason
    assert run.snapshot(NOTHING).verdict.tone == "bad"


def test_a_world_that_hands_out_nonsense_ends_the_run(monkeypatch):
    run = made("ppo")
    run.advance(3)
    monkeypatch.setattr(
        run._worlds, "step", lambda _: (_ for _ in ()).throw(WorldError("no finite number."))
    )
    run.advance(100)
    assert run.status().progress is Progress.DIVERGED
    assert run.status().reason == "no finite number"


@pytest.mark.parametrize(
    ("environment_id", "word"),
    [
        ("NoSuch-v7", "knows no environment"),
        ("Pendulum-v1", "Discrete"),
        ("FrozenLake-v1", "Box"),
        ("../../evil", "no id"),
    ],
)
def test_ids_that_do_not_fit_are_refused_in_a_sentence(environment_id, word):
    with pytest.raises(SpecError, match=word):
        made("ppo", f"world.environment_id={environment_id}")


def test_without_box2d_the_lander_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "playground.environments.lander_world", None)
    with pytest.raises(SpecError, match=r"pip install .*box2d"):
        made("ppo", world="lunar-lander")
    made("ppo").advance(2)


def test_wrong_spec_is_a_defect():
    with pytest.raises(TypeError, match="AgentSpec"):
        AgentsExperiment(object(), 0)
