from __future__ import annotations

import numpy as np
import pytest

from playground.experiments.init import InitExperiment
from playground.experiments.init_spec import InitSpec
from playground.experiments.init_studies import (
    MATRIX_ACTIVATIONS,
    SCHEMES,
    InitMatrixJob,
    SchemeRaceJob,
)
from playground.experiments.jobs import JobError
from playground.experiments.spec import parse_assignments, replace_at


def small(*assignments: str) -> InitSpec:
    given = ("network.depth=4", "network.width=30", "data.inputs=40", "data.samples=300")
    return parse_assignments(InitSpec(), (*given, "training.batch_size=150", *assignments))


def finished(job):
    steps = job.run()
    seen = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as end:
            return end.value, seen


def test_matrix_has_every_scheme_under_every_activation():
    spec = small()
    matrix, seen = finished(InitMatrixJob(spec, 3))
    pairs = [(cell.scheme, cell.activation) for cell in matrix.cells]
    assert pairs == [(scheme, name) for scheme in SCHEMES for name in MATRIX_ACTIVATIONS]
    fractions = [progress.fraction for progress in seen]
    assert fractions == sorted(fractions)
    partial = [progress.partial for progress in seen if progress.partial is not None]
    assert [len(one.cells) for one in partial] == list(range(1, 37))
    assert partial[0].cell("he normal", "relu") is None


def test_cell_is_the_run_that_a_click_loads():
    spec = small()
    matrix, _ = finished(InitMatrixJob(spec, 3))
    assert matrix.samples == 150
    for scheme, name in (("he normal", "relu"), ("orthogonal", "tanh"), ("constant", "logistic")):
        loaded = replace_at(
            replace_at(spec, ("weights", "scheme"), scheme), ("network", "activation"), name
        )
        snapshot = InitExperiment(loaded, 3).snapshot(frozenset())
        cell = matrix.cell(scheme, name)
        np.testing.assert_allclose(cell.z, snapshot.measured("z"), rtol=1e-6)
        np.testing.assert_allclose(cell.dz, snapshot.measured("dz"), rtol=1e-6, atol=1e-12)
        np.testing.assert_allclose(cell.predicted_z, snapshot.predicted("z"), rtol=1e-12)


def test_matrix_tells_what_suits():
    matrix, _ = finished(InitMatrixJob(small("network.depth=10", "network.width=60"), 0))
    assert matrix.cell("xavier normal", "tanh").fine
    assert matrix.cell("he uniform", "relu").fine
    assert not matrix.cell("standard normal", "relu").fine
    assert not matrix.cell("normal", "tanh").fine
    assert not matrix.cell("xavier normal", "logistic").fine
    assert not matrix.cell("zeros", "relu").fine


def test_matrix_takes_fewer_samples_of_larger_networks():
    large = parse_assignments(InitSpec(), ("network.depth=30", "network.width=1000"))
    assert InitMatrixJob(large, 0)._batch() == 16
    assert InitMatrixJob(InitSpec(), 0)._batch() == 200


def test_matrix_says_why_it_cannot():
    with pytest.raises(JobError, match="MNIST needs a folder"):
        finished(InitMatrixJob(small("data.source=mnist"), 0))


def test_race_trains_every_scheme_on_the_digits():
    spec = small("network.depth=2", "training.rate=0.2")
    result, seen = finished(SchemeRaceJob(spec, 1, epochs=3))
    assert [curve.scheme for curve in result.curves] == list(SCHEMES)
    by_scheme = {curve.scheme: curve.test_accuracy for curve in result.curves}
    assert all(len(curve) == 3 for curve in by_scheme.values())
    assert by_scheme["xavier normal"][-1] > 0.7
    assert by_scheme["zeros"][-1] < 0.2
    assert by_scheme["normal"][-1] < by_scheme["he normal"][-1]
    assert "after 3 epochs" in result.summary
    assert seen[-1].partial.curves == result.curves


def test_curve_of_a_scheme_is_the_run_of_it():
    spec = small("network.depth=2")
    result, _ = finished(SchemeRaceJob(spec, 1, epochs=2))
    alone = InitExperiment(
        parse_assignments(
            spec,
            ("weights.scheme=he normal", "data.source=digits", "training.batch_size=150"),
        ),
        1,
    )
    alone.advance(2 * alone.batches)
    curve = next(curve for curve in result.curves if curve.scheme == "he normal")
    assert curve.test_accuracy[-1] == alone.test_scores[1]


def test_large_batches_become_small_ones():
    spec = small("training.batch_size=1000")
    assert SchemeRaceJob(spec, 0)._spec_of("zeros").training.batch_size == 64


def test_diverged_schemes_are_told():
    spec = small("network.activation=relu", "training.loss=mse", "training.rate=1000")
    result, _ = finished(SchemeRaceJob(spec, 1, epochs=1))
    assert any(curve.diverged for curve in result.curves)
    assert "diverged" in result.summary


@pytest.mark.parametrize("epochs", [0, 201])
def test_number_of_epochs_is_checked(epochs):
    with pytest.raises(JobError, match="from 1 to 200"):
        finished(SchemeRaceJob(small(), 0, epochs=epochs))
