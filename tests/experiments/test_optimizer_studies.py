"""Studies of the race: every batched run against torch.optim or against the race itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from playground.core.surfaces.surface import Domain, Surface
from playground.experiments.jobs import JobError
from playground.experiments.optimizer_studies import FairRates, PathOfStart, _since_when
from playground.experiments.optimizer_studies_basins import (
    LOST,
    UNDER_WAY,
    BasinMap,
    _Arrivals,
)
from playground.experiments.optimizer_studies_batch import BatchRun, surface_of
from playground.experiments.optimizers import OptimizerRaceExperiment
from playground.experiments.optimizers_lane_spec import LaneSpec
from playground.experiments.optimizers_spec import (
    FinishSpec,
    NoiseSpec,
    OptimizerRaceSpec,
    new_lane,
)
from playground.experiments.optimizers_surface_spec import SurfaceSpec


def done(job):
    """Run a job to its end and return what it returns, and what it showed on the way."""
    run, shown = job.run(), []
    while True:
        try:
            shown.append(next(run))
        except StopIteration as stop:
            return stop.value, shown


def race(kind="himmelblau", lanes=None, **fields):
    lanes = lanes or (new_lane("momentum"),)
    return OptimizerRaceSpec(surface=SurfaceSpec(kind=kind), lanes=tuple(lanes), **fields)


def by_torch(surface, make, start, rate, rounds):
    """Return the losses of a plain torch.optim loop."""
    w = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = make([w], rate)
    losses = []
    for _ in range(rounds):
        optimizer.zero_grad()
        surface.function(w[0:1], w[1:2], torch).sum().backward()
        optimizer.step()
        with torch.no_grad():
            losses.append(float(surface.function(w[0:1], w[1:2], torch)))
    return losses


ORACLES = {
    "sgd": lambda w, rate: torch.optim.SGD(w, lr=rate),
    "momentum": lambda w, rate: torch.optim.SGD(w, lr=rate, momentum=0.9),
    "rprop": lambda w, rate: torch.optim.Rprop(w, lr=rate),
    "adagrad": lambda w, rate: torch.optim.Adagrad(w, lr=rate),
    "adam": lambda w, rate: torch.optim.Adam(w, lr=rate),
    "nadam": lambda w, rate: torch.optim.NAdam(w, lr=rate),
}


@pytest.mark.parametrize("method", ORACLES)
def test_the_loss_at_every_rate_is_that_of_a_torch_loop(method):
    spec = race("beale", [new_lane(method)])
    surface = surface_of(spec)
    result, _ = done(FairRates(spec, seed=1, low=1e-4, high=0.05, count=5, budget=60))
    lane = result.lanes[0]
    for rate, loss in zip(lane.rates.tolist(), lane.losses.tolist(), strict=True):
        expected = by_torch(surface, ORACLES[method], surface.start, rate, 60)[-1]
        assert loss == pytest.approx(expected, rel=1e-6, abs=1e-12, nan_ok=True)


def test_the_best_rate_is_the_one_that_is_down_first_and_stays():
    spec = race("bowl", [new_lane("sgd")])
    result, shown = done(FairRates(spec, seed=1, low=1e-4, high=10.0, count=40, budget=300))
    lane = result.lanes[0]
    arrived = lane.rounds >= 0
    assert arrived[lane.best]
    assert lane.rounds[lane.best] == lane.rounds[arrived].min()
    # Gradient descent on a bowl is stable below 2/λ, and the steepest λ is 10.
    assert np.all(np.isfinite(lane.losses[lane.rates < 0.2]))
    assert not arrived[lane.rates > 0.2].any()
    # The best rate of theory for curvatures 10 and 10/κ is 2/(λ₁ + λ₂).
    assert lane.best_rate == pytest.approx(2.0 / 10.5, rel=0.3)
    assert "SGD is the fastest" in result.summary
    assert shown[-1].partial.lanes[0].best == lane.best


def test_every_run_diverging_leaves_no_best_rate():
    spec = race("rosenbrock", [new_lane("sgd")])
    result, _ = done(FairRates(spec, seed=1, low=10.0, high=1e5, count=5, budget=80))
    assert result.lanes[0].best == -1
    assert result.lanes[0].best_rate is None
    assert result.summary == "Every run diverged; try smaller rates."


def test_lbfgs_takes_fewer_rates_and_disabled_lanes_none():
    lanes = [new_lane("lbfgs"), new_lane("adam").model_copy(update={"enabled": False})]
    result, _ = done(FairRates(race(lanes=lanes), seed=1, count=40, budget=40))
    assert [lane.lane for lane in result.lanes] == [0]
    assert len(result.lanes[0].rates) == 9
    assert result.lanes[0].best >= 0


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"low": 1.0, "high": 0.1}, "The rates must go up"),
        ({"low": 0.0, "high": 0.1}, "from 10⁻⁸"),
        ({"count": 1}, "from 2 to 200"),
        ({"budget": 0}, "from 1 to 100,000 rounds"),
    ],
)
def test_settings_that_are_not_allowed_are_refused_in_a_sentence(fields, words):
    with pytest.raises(JobError, match=words):
        done(FairRates(race(), seed=1, **fields))


def test_since_when_counts_only_what_lasts():
    good = np.array([[1, 0, 1, 0], [1, 1, 0, 0], [1, 1, 1, 0]], dtype=bool)
    assert _since_when(good).tolist() == [0, 1, 2, -1]


@pytest.mark.parametrize("schedule", ["constant", "cosine", "plateau"])
@pytest.mark.parametrize("method", ["momentum", "adam", "lbfgs"])
def test_the_path_of_a_start_is_that_of_the_race(method, schedule):
    lane = new_lane(method).model_copy(
        update={
            "schedule": schedule,
            "schedule_rounds": 5,
            "schedule_floor": 0.1,
            "start": (-2.0, 3.0),
        }
    )
    noise = NoiseSpec(std=0.0 if method == "lbfgs" else 0.4)
    spec = race(lanes=[lane], noise=noise, finish=FinishSpec(tolerance=1e-4))
    path, _ = done(PathOfStart(spec, 0, (-2.0, 3.0), seed=11, budget=40))
    experiment = OptimizerRaceExperiment(spec, 11)
    experiment.advance(len(path.places) - 1)
    records = [record.values[:2] for record in experiment.drain_records()]
    np.testing.assert_array_equal(path.places, np.array(records))


def test_lbfgs_rests_at_the_bottom_of_a_cosine():
    lane = new_lane("lbfgs").model_copy(update={"schedule": "cosine", "schedule_rounds": 2})
    spec = race("rosenbrock", [lane])
    path, _ = done(PathOfStart(spec, 0, (-1.5, 2.0), seed=1, budget=4))
    moves = np.abs(np.diff(path.places, axis=0)).max(axis=1)
    assert moves[0] > 0.0
    assert moves[2] == 0.0


def test_mini_batches_are_those_of_the_race():
    spec = race("neuron", [new_lane("adam")], noise=NoiseSpec(batch_size=8))
    start = surface_of(spec).start
    path, _ = done(PathOfStart(spec, 0, start, seed=3, budget=25))
    experiment = OptimizerRaceExperiment(spec, 3)
    experiment.advance(25)
    assert path.places[-1].tolist() == list(experiment.drain_records()[-1].values[:2])


def test_a_basin_map_is_the_race_from_every_start():
    lane = new_lane("momentum")
    spec = race(lanes=[lane])
    result, shown = done(BasinMap(spec, 0, seed=5, cells=5, budget=120))
    for row, y in enumerate(result.y.tolist()):
        for column, x in enumerate(result.x.tolist()):
            alone = spec.model_copy(update={"start": (x, y), "start_surface": "himmelblau"})
            experiment = OptimizerRaceExperiment(alone, 5)
            experiment.advance(120)
            view = experiment.snapshot(frozenset()).lanes[0]
            reached = int(result.minimum[row, column])
            if reached >= 0:
                assert (reached, view.finished_round) == (view.minimum, result.rounds[row, column])
            elif reached == UNDER_WAY:
                assert view.finished_round is None
            else:
                assert view.diverged_round is not None
    assert shown[-1].fraction == 1.0
    assert "of the starts reach a minimum" in result.summary


def test_starts_that_run_away_are_lost():
    spec = race("rosenbrock", [LaneSpec(method="sgd", rate=1.0)])
    result, _ = done(BasinMap(spec, 0, seed=5, cells=6, budget=60))
    assert result.share(LOST) > 0.9
    assert "diverge" in result.summary
    assert (result.rounds[result.minimum == LOST] < 60).all()


def test_lbfgs_gets_a_coarser_grid_and_says_so():
    result, _ = done(BasinMap(race(lanes=[new_lane("lbfgs")]), 0, seed=5, cells=64, budget=10))
    assert result.minimum.shape == (16, 16)
    assert "start by start" in result.summary


def test_many_minima_are_told_apart_as_by_their_distances():
    surface = surface_of(race("rastrigin"))
    rng = np.random.default_rng(4)
    places = rng.uniform(-5.0, 5.0, (3000, 2))
    wells = np.array([(m.x, m.y) for m in surface.minima])
    places[:1500] = wells[rng.integers(len(wells), size=1500)] + rng.normal(0, 0.03, (1500, 2))
    nearest = surface.nearest_minimum(places)
    expected = np.where(nearest.distance <= 0.05, nearest.which, -1)
    assert (expected >= 0).sum() > 500
    np.testing.assert_array_equal(_Arrivals(surface, 0.05).reached(places), expected)


def test_places_that_are_not_finite_have_arrived_nowhere():
    for kind in ("himmelblau", "rastrigin"):
        arrivals = _Arrivals(surface_of(race(kind)), 0.5)
        places = np.array([[math.nan, 0.0], [math.inf, -math.inf]])
        assert arrivals.reached(places).tolist() == [-1, -1]


def test_a_surface_without_minima_is_mapped_too():
    result, _ = done(BasinMap(race("slow neuron"), 0, seed=5, cells=4, budget=20))
    assert "no minimum is known" in result.summary
    assert (result.minimum < 0).all()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"lane": 7}, "no lane number 8"),
        ({"cells": 1}, "from 2 to 256"),
        ({"budget": 0}, "from 1 to"),
    ],
)
def test_a_map_that_cannot_be_made_says_why(fields, words):
    with pytest.raises(JobError, match=words):
        done(BasinMap(race(), **{"lane": 0, "seed": 1, **fields}))


def test_a_surface_without_points_is_refused_in_a_sentence():
    spec = OptimizerRaceSpec(
        surface=SurfaceSpec(kind="neuron", preset="own"), lanes=(new_lane("sgd"),)
    )
    with pytest.raises(JobError):
        done(FairRates(spec, seed=1))


def test_packing_changes_no_path():
    spec = race(lanes=[new_lane("adam").model_copy(update={"schedule": "plateau"})])
    surface = surface_of(spec)
    starts = np.random.default_rng(1).uniform(-4, 4, (6, 2))
    whole = BatchRun(spec, surface, spec.lanes[0], starts, seed=2)
    part = BatchRun(spec, surface, spec.lanes[0], starts, seed=2)
    for run in (whole, part):
        for _ in range(5):
            run.advance()
    kept = np.array([True, False, True, True, False, False])
    part.keep(kept)
    for run in (whole, part):
        for _ in range(20):
            run.advance()
    np.testing.assert_array_equal(part.position, whole.position[kept])


def test_a_surface_of_many_samples_is_worked_in_parts():
    spec = OptimizerRaceSpec(
        surface=SurfaceSpec(kind="neuron", count=2000), lanes=(new_lane("adam"),)
    )
    result, shown = done(BasinMap(spec, 0, seed=5, cells=16, budget=3))
    assert result.minimum.shape == (16, 16)
    partials = [progress.partial for progress in shown if progress.partial is not None]
    assert len({id(partial) for partial in partials}) == 7


def test_the_domain_of_a_map_is_that_of_its_surface():
    result, _ = done(BasinMap(race("beale"), 0, seed=1, cells=4, budget=2))
    assert isinstance(surface_of(race("beale")), Surface)
    assert result.domain == Domain(-4.5, 4.5, -4.5, 4.5)
    assert result.x[0] == pytest.approx(-4.5 + 9 / 8)
