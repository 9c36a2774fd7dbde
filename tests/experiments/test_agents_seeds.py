from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from playground.experiments.agents import AgentsExperiment
from playground.experiments.agents_seeds import (
    SeedCurve,
    SeedsResult,
    SeedsStudy,
    labels_of,
    running,
)
from playground.experiments.base import Progress, Status
from playground.experiments.jobs import JobError
from playground.experiments.spec import replace_at
from tests.experiments.agents_small import small_spec
from tests.experiments.test_agents_studies import result_of

STEPS = 1000


def study(spec, seeds=3, env_steps=STEPS, first=4):
    # A clock that ticks a second at every look.
    ticks = itertools.count()
    return SeedsStudy(
        spec, first_seed=first, seeds=seeds, env_steps=env_steps, clock=lambda: float(next(ticks))
    )


def curve_of(seed, returns, steps=None, trouble=""):
    returns = np.asarray(returns, dtype=float)
    steps = np.arange(1.0, len(returns) + 1) * 10 if steps is None else np.asarray(steps)
    return SeedCurve(seed, steps, returns, steps / 2, running(returns)[0], trouble)


def result_with(*curves, spec=None, env_steps=1000):
    return SeedsResult(small_spec() if spec is None else spec, env_steps, curves)


@pytest.fixture(scope="module")
def trained():
    return result_of(study(small_spec("ppo", "show.every=40", "end.rule=mean", "end.threshold=1")))


def test_every_seed_is_the_run_with_that_seed(trained):
    result, _ = trained
    assert [curve.seed for curve in result.curves] == [4, 5, 6]
    spec = small_spec("ppo", "end.rule=never", f"end.env_steps={STEPS}")
    for curve in result.curves:
        experiment = AgentsExperiment(spec, curve.seed)
        experiment.advance(10**6)
        rows = [r.values for r in experiment.drain_records() if r.series == "episode"]
        assert curve.env_steps.tolist() == [row[0] for row in rows]
        assert curve.returns.tolist() == [row[1] for row in rows]
        assert (np.diff(curve.seconds) >= 0).all()
        assert curve.seconds[0] > 0
        assert not curve.returns.flags.writeable


def test_progress_rises_and_shows_the_curves_so_far(trained):
    _, seen = trained
    assert seen == sorted(seen)
    lengths = [
        [len(curve.returns) for curve in progress.partial.curves]
        for progress in study(small_spec("reinforce")).run()
        if progress.partial is not None
    ]
    assert lengths[0] == [0, 0, 0]
    assert min(lengths[-1]) > 3
    middle = np.array(lengths[len(lengths) // 2])
    assert np.ptp(middle) <= middle.max(), "the seeds go on side by side"
    assert middle.min() > 0


def test_band_is_mean_and_spread_at_the_same_place(trained):
    band = trained[0].band()
    for place in (0, 100, len(band.x) - 1):
        values = [
            np.interp(band.x[place], curve.env_steps, curve.mean) for curve in trained[0].curves
        ]
        assert band.mean[place] == pytest.approx(np.mean(values))
        assert band.spread[place] == pytest.approx(np.std(values, ddof=1))
        assert band.low[place] == pytest.approx(min(values))
        assert band.high[place] == pytest.approx(max(values))
    assert band.x[0] == max(curve.env_steps[0] for curve in trained[0].curves)
    for axis in ("episodes", "seconds"):
        other = trained[0].band(axis)
        assert other.x[-1] == min(curve.against(axis)[-1] for curve in trained[0].curves)


def test_running_mean_is_that_of_numpy():
    values = np.random.default_rng(1).normal(size=250)
    mean, spread = running(values)
    for last in (0, 5, 99, 100, 249):
        window = values[max(0, last - 99) : last + 1]
        assert mean[last] == pytest.approx(window.mean())
        assert spread[last] == pytest.approx(window.std(), abs=1e-6)


def test_words_name_the_best_the_worst_and_how_many_got_there():
    spec = replace_at(small_spec(), ("end", "threshold"), 50.0)
    good = curve_of(1, [0.0] * 100 + [100.0] * 150)
    bad = curve_of(2, [-5.0] * 250)
    text = result_with(good, bad, spec=spec).words
    assert "mean return 47.5 ± 74.25" in text
    assert "best 100 (seed 1), worst −5 (seed 2)" in text
    assert "1 of 2 reached a mean of 50, the median of them after 1,500 steps" in text
    assert good.reached(50.0) == 1500.0
    assert math.isnan(bad.reached(50.0))
    assert math.isnan(curve_of(3, [100.0] * 99).reached(50.0)), "a hundred episodes are asked for"


def test_a_seed_that_came_to_grief_is_said_and_left_out():
    curves = curve_of(1, [1.0] * 20), curve_of(2, [3.0] * 20), curve_of(3, [9.0] * 2, trouble="NaN")
    result = result_with(*curves)
    assert (result.band().mean == 2.0).all()
    assert result.words.endswith("1 could not go on.")
    assert result_with(curves[0], curve_of(2, [])).band() is None
    assert "too few episodes" in result_with(curves[0], curve_of(2, [])).words


@pytest.mark.parametrize("lost", [{5}, {4, 5, 6}])
def test_runs_that_diverge_end_and_the_others_go_on(lost, monkeypatch):
    status = AgentsExperiment.status

    def diverging(experiment):
        if experiment.seed in lost and experiment.env_steps >= 300:
            return Status(Progress.DIVERGED, "the loss is no number")
        return status(experiment)

    monkeypatch.setattr(AgentsExperiment, "status", diverging)
    result, seen = result_of(study(small_spec("reinforce")))
    assert {curve.seed for curve in result.curves if curve.trouble} == lost
    assert (result.band() is None) == (len(lost) == 3)
    assert seen[-1] == pytest.approx(1.0)
    for curve in result.curves:
        assert (curve.env_steps[-1] > 400) == (curve.seed not in lost)


def test_results_with_one_name_are_told_apart_by_what_differs():
    one = result_with(curve_of(1, [1.0]), curve_of(2, [1.0]))
    faster = result_with(*one.curves, spec=replace_at(one.spec, ("learner", "rate"), 0.5))
    longer = result_with(*one.curves, env_steps=2000)
    other = result_with(*one.curves, spec=small_spec("dqn"))
    assert labels_of([one, other]) == ["PPO 8", "Double DQN 8"]
    assert labels_of([one, faster]) == [
        "PPO 8, learning rate η 0.01", "PPO 8, learning rate η 0.5",
    ]  # fmt: skip
    assert labels_of([one, longer])[1] == "PPO 8, 2,000 steps"
    unnormed = result_with(*one.curves, spec=replace_at(one.spec, ("learner", "normalise"), False))
    assert labels_of([one, unnormed])[1] == "PPO 8, normalise advantages off"
    lander = result_with(*one.curves, spec=small_spec(world="lunar-lander"))
    assert labels_of([one, lander])[1].startswith("PPO 8 · Lunar Lander")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"seeds": 1}, "2 to 10 seeds"), ({"env_steps": 10}, "1,000 to 10,000,000 steps")],
)
def test_studies_that_cannot_be_are_refused(changes, sentence):
    with pytest.raises(JobError, match=sentence):
        study(small_spec(), **changes)


def test_a_world_that_cannot_be_made_is_one_sentence():
    spec = replace_at(small_spec(), ("world", "environment_id"), "Nothing-v0")
    with pytest.raises(JobError, match="Nothing-v0"):
        result_of(study(spec))
