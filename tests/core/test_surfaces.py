from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from scipy import optimize

from playground.core.formulas import FormulaError
from playground.core.points import PointSet
from playground.core.random_streams import Streams
from playground.core.surfaces import analytic, calculus, learned
from playground.core.surfaces.calculus import Stationary
from playground.core.surfaces.surface import Domain, SurfaceError

PLANE = Domain(-3.0, 3.0, -3.0, 3.0)


def some_points(count=30):
    rng = np.random.default_rng(3)
    labels = np.where(rng.random(count) < 0.5, -1, 1)
    return PointSet.of(rng.normal(0.0, 1.0, (count, 2)) + labels[:, None], labels)


def real_surfaces():
    points = some_points()
    for cost in ("mse", "cross-entropy"):
        yield learned.course_neuron(cost)
        yield learned.neuron(points, cost, 0.3)
        for free in ("both layers", "first layer", "second layer"):
            yield learned.network_slice(points, cost, 4, free, Streams(5))


ANALYTIC = [
    *(analytic.catalogued(kind) for kind in analytic.CATALOGUE),
    analytic.bowl(50.0, 30.0),
    analytic.bowl(1.0, 0.0),
    analytic.typed("sin(x)*cos(y) + 0.1*(x**2 + y**2)", PLANE),
]
ALL = [*ANALYTIC, *real_surfaces()]


def title(surface):
    return f"{surface.kind}-{surface.title}"[:40]


def inside(surface, count=40):
    rng = np.random.default_rng(11)
    d = surface.domain
    return np.column_stack(
        [rng.uniform(d.x_min, d.x_max, count), rng.uniform(d.y_min, d.y_max, count)]
    )


@pytest.mark.parametrize("surface", ALL, ids=title)
def test_gradients_equal_central_differences(surface):
    points, h = inside(surface), 1e-6
    found = calculus.slopes(surface.function, points)
    shortest = calculus.gradients_at(surface.function, points)
    np.testing.assert_allclose(shortest, found.gradients, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(found.values, surface.values(*points.T), rtol=1e-12, atol=1e-13)
    for axis in (0, 1):
        ahead, behind = points.copy(), points.copy()
        ahead[:, axis] += h
        behind[:, axis] -= h
        by_hand = (surface.values(*ahead.T) - surface.values(*behind.T)) / (2 * h)
        scale = 1.0 + np.abs(by_hand).max()
        np.testing.assert_allclose(found.gradients[:, axis], by_hand, rtol=1e-6, atol=1e-8 * scale)


@pytest.mark.parametrize("surface", ALL, ids=title)
def test_hessians_equal_differences_of_gradients(surface):
    points, h = inside(surface, 15), 1e-5
    bent = calculus.hessians(surface.function, points)
    for axis in (0, 1):
        shift = np.zeros(2)
        shift[axis] = h
        ahead = calculus.slopes(surface.function, points + shift).gradients
        behind = calculus.slopes(surface.function, points - shift).gradients
        by_hand = (ahead - behind) / (2 * h)
        scale = 1.0 + np.abs(by_hand).max()
        np.testing.assert_allclose(bent[:, axis], by_hand, rtol=1e-5, atol=1e-6 * scale)


@pytest.mark.parametrize("surface", [s for s in ANALYTIC if s.minima], ids=title)
def test_known_minima_are_minima(surface):
    for minimum in surface.minima:
        assert surface.domain.holds(minimum.x, minimum.y)
        here = calculus.facts(surface, minimum.x, minimum.y)
        assert here.value == pytest.approx(minimum.value, abs=1e-12)
        assert np.hypot(*here.gradient) <= 1e-7 * max(1.0, here.eigenvalues[1])
        # Not by the Hessian: Ackley's tip has none.
        angles = np.linspace(0.0, 2 * np.pi, 64)
        for radius in (1e-2, 1e-3):
            ring = surface.values(
                minimum.x + radius * np.cos(angles), minimum.y + radius * np.sin(angles)
            )
            assert (ring > minimum.value).all()
    lowest = [minimum.value for minimum in surface.minima if minimum.lowest]
    assert max(lowest) - min(lowest) < 1e-12
    assert surface.grid(201, 201)[2].min() >= min(lowest) - 1e-12


@pytest.mark.parametrize("surface", [s for s in ANALYTIC if s.minima], ids=title)
def test_scipy_finds_a_known_minimum_from_the_start(surface):
    found = optimize.minimize(
        lambda p: surface.value(*p), surface.start, method="Nelder-Mead",
        options={"xatol": 1e-8, "fatol": 1e-12, "maxiter": 5000},
    )  # fmt: skip
    if surface.kind in ("ackley", "plateau"):
        # Ackley's outer bumps are minima too, and are not listed.
        assert found.fun >= surface.minima[0].value - 1e-9
        return
    nearest = surface.nearest_minimum(np.array([found.x]))
    assert nearest.distance[0] < 1e-4
    assert found.fun == pytest.approx(surface.minima[nearest.which[0]].value, abs=1e-8)


@pytest.mark.parametrize(
    "surface",
    [s for s in ANALYTIC if s.minima and s.kind not in ("rastrigin", "ackley")],
    ids=title,
)
def test_the_search_for_minima_finds_those_that_are_known(surface):
    found = calculus.find_minima(surface)
    known = np.array([(one.x, one.y) for one in surface.minima])
    assert len(found) == len(known)
    for minimum in found:
        assert np.hypot(*(known - (minimum.x, minimum.y)).T).min() < 1e-6
    assert {minimum.lowest for minimum in found} == {one.lowest for one in surface.minima}


@pytest.mark.parametrize("surface", ALL, ids=title)
def test_the_start_lies_on_the_map_with_a_finite_value(surface):
    assert surface.domain.holds(*surface.start)
    assert np.isfinite(surface.value(*surface.start))


@pytest.mark.parametrize("surface", ALL, ids=title)
def test_the_written_source_gives_the_same_numbers(surface):
    space = {"torch": torch, "math": __import__("math")}
    exec(surface.source, space)
    for x, y in inside(surface, 5):
        value = space["surface"](
            torch.tensor(x, dtype=torch.float64), torch.tensor(y, dtype=torch.float64)
        )
        assert float(value) == pytest.approx(surface.value(x, y), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("surface", "place", "kind"),
    [
        (analytic.catalogued("saddle"), (0.0, 0.0), Stationary.SADDLE),
        (analytic.catalogued("saddle"), (0.0, 0.01), Stationary.SADDLE),
        (analytic.catalogued("saddle"), (0.0, 2.0), Stationary.MINIMUM),
        (analytic.catalogued("monkey"), (0.0, 0.0), Stationary.SADDLE),
        (analytic.catalogued("monkey"), (0.01, 0.003), Stationary.SADDLE),
        (analytic.catalogued("plateau"), (3.5, 0.5), Stationary.PLATEAU),
        (analytic.catalogued("plateau"), (0.0, 0.0), Stationary.MINIMUM),
        (analytic.catalogued("himmelblau"), (-0.2708456, -0.9230386), Stationary.HILLTOP),
        (analytic.bowl(1e4, 20.0), (1e-4, 0.0), Stationary.MINIMUM),
        (analytic.typed("x**4 + y**4", PLANE), (0.0, 0.0), Stationary.MINIMUM),
        (analytic.typed("-x**4 - y**4", PLANE), (0.0, 0.0), Stationary.HILLTOP),
        (analytic.typed("7", PLANE), (1.0, 1.0), Stationary.PLATEAU),
        (analytic.typed("0.001*x", PLANE), (1.0, 1.0), Stationary.PLATEAU),
        (analytic.typed("x**2", PLANE), (0.0, 0.0), Stationary.PLATEAU),
        (learned.course_neuron("mse"), (3.9, 3.9), Stationary.PLATEAU),
    ],
)
def test_stationary_points_are_told_apart(surface, place, kind):
    assert calculus.classify(surface, np.array([place]))[0] is kind


def test_the_bowl_has_the_curvatures_it_promises():
    for condition, angle in ((1.0, 0.0), (20.0, 45.0), (1000.0, -90.0)):
        surface = analytic.bowl(condition, angle)
        low, high = calculus.facts(surface, 0.3, -0.2).eigenvalues
        assert high == pytest.approx(analytic.BOWL_STEEPNESS)
        assert high / low == pytest.approx(condition)


def test_flat_and_partly_undefined_formulas_carry_a_note():
    assert "flat" in analytic.typed("3", PLANE).note
    assert "flat" in analytic.typed("0*x", PLANE).note
    assert "50%" in analytic.typed("sqrt(x)", Domain(-1.0, 1.001, -1.0, 1.0)).note.replace(
        "48", "50"
    )
    assert analytic.typed("x", PLANE).note == ""
    assert not calculus.slopes(
        analytic.typed("3", PLANE).function, np.zeros((2, 2))
    ).gradients.any()


@pytest.mark.parametrize(
    ("text", "domain", "words"),
    [
        ("log(-1 - x**2)", PLANE, "no finite value"),
        ("exp(exp(100 + x**2))", PLANE, "no finite value"),
        ("x", Domain(1.0, 1.0, 0.0, 1.0), "must rise"),
        ("x", Domain(0.0, 1.0, 2.0, -2.0), "must rise"),
        ("x", Domain(-1e9, 1.0, 0.0, 1.0), "within"),
        ("x", Domain(0.0, float("nan"), 0.0, 1.0), "within"),
    ],
)
def test_surfaces_that_cannot_be_are_refused_in_a_sentence(text, domain, words):
    with pytest.raises(SurfaceError, match=words):
        analytic.typed(text, domain)


def test_a_wrong_formula_is_refused_with_its_position():
    with pytest.raises(FormulaError) as caught:
        analytic.typed("x + bar", PLANE)
    assert caught.value.position == 4


def test_without_points_there_is_no_cost():
    with pytest.raises(SurfaceError, match="points"):
        learned.neuron(PointSet.empty(), "mse", 0.0)
    rng = np.random.default_rng(0)
    many = PointSet.of(rng.normal(size=(2001, 2)), np.ones(2001))
    with pytest.raises(SurfaceError, match="2,000"):
        learned.neuron(many, "mse", 0.0)


def test_the_course_neuron_crawls_under_the_squared_error_only():
    # σ(w + b) at w = b = 2: C′ = y²(1 − y) for the squared error, y for the cross-entropy.
    y = 1 / (1 + np.exp(-4.0))
    slow = calculus.slopes(learned.course_neuron("mse").function, np.array([[2.0, 2.0]]))
    fast = calculus.slopes(learned.course_neuron("cross-entropy").function, np.array([[2.0, 2.0]]))
    np.testing.assert_allclose(slow.gradients, np.full((1, 2), y * y * (1 - y)), rtol=1e-9)
    np.testing.assert_allclose(fast.gradients, np.full((1, 2), y), rtol=1e-12)


@pytest.mark.parametrize("cost", ["mse", "cross-entropy"])
def test_the_neurons_cost_is_that_of_torch(cost):
    points = some_points()
    samples = learned.Samples.of(points)
    surface = learned.neuron(points, cost, 0.3)
    z = torch.tensor(samples.inputs) @ torch.tensor([0.7, -1.2], dtype=torch.float64) + 0.3
    targets = torch.tensor(samples.targets)
    if cost == "mse":
        expected = torch.nn.functional.mse_loss(torch.sigmoid(z), targets) / 2
    else:
        expected = torch.nn.functional.binary_cross_entropy_with_logits(z, targets)
    assert surface.value(0.7, -1.2) == pytest.approx(float(expected), rel=1e-12)


@pytest.mark.parametrize("surface", list(real_surfaces()), ids=title)
def test_mini_batches_average_to_the_whole_cost(surface):
    points = inside(surface, 4)
    parts = np.arange(surface.samples).reshape(-1, max(1, surface.samples // 2))
    means = [surface.batch(rows)(points[:, 0], points[:, 1], np) for rows in parts]
    np.testing.assert_allclose(np.mean(means, axis=0), surface.values(*points.T), rtol=1e-12)


def test_slices_agree_where_they_meet():
    # The three cuts go through one trained network, so they share its cost at its own weights.
    points = some_points()
    samples = learned.Samples.of(points)
    weights = learned._pretrained(samples, 4, "mse", Streams(5).numpy("init"))
    inward, _, outward, _ = weights
    places = {
        "both layers": (inward[0, 0], outward[0]),
        "first layer": (inward[0, 0], inward[0, 1]),
        "second layer": (outward[0], outward[1]),
    }
    values = [
        learned.network_slice(points, "mse", 4, free, Streams(5)).value(*map(float, place))
        for free, place in places.items()
    ]
    np.testing.assert_allclose(values, values[0], rtol=1e-12)
    untrained = learned.network_slice(points, "mse", 4, "both layers", Streams(5)).value(0.0, 0.0)
    assert values[0] < untrained


def test_surfaces_can_be_made_and_drawn_without_torch():
    code = (
        "import sys\n"
        "from playground.core.surfaces import analytic, calculus, learned\n"
        "assert analytic.catalogued('beale').grid(20, 10)[2].shape == (10, 20)\n"
        "assert 'torch' not in sys.modules and 'sklearn' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
