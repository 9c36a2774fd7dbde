from __future__ import annotations

import subprocess
import sys
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from sklearn.datasets import load_iris

from playground.core.datasets import (
    COURSE_DEMO,
    COURSE_DEMO_ORDERS,
    COURSE_DEMO_RATE,
    COURSE_DEMO_START,
    MAX_NOISE,
    PRESETS,
    course_demo,
    make_points,
    preset_named,
)
from playground.core.points import PointError, split_named

NAMES = [preset.name for preset in PRESETS]
GENERATED = [preset.name for preset in PRESETS if preset.uses_count]


def made(name, seed=0, count=None, noise=None):
    preset = preset_named(name)
    return make_points(
        name,
        preset.default_count if count is None else count,
        preset.default_noise if noise is None else noise,
        np.random.default_rng(seed),
    )


def separable(points):
    """Whether w and β with y·(w·x + β) ≥ 1 exist, decided by a linear programme."""
    signed = -points.y[:, None] * np.column_stack([points.x, np.ones(len(points))])
    answer = linprog(np.zeros(3), signed, -np.ones(len(points)), bounds=(None, None))
    return answer.status == 0


def misclassified_by_least_squares(points):
    design = np.column_stack([points.x, np.ones(len(points))])
    line, *_ = np.linalg.lstsq(design, points.y, rcond=None)
    return int(np.count_nonzero(np.where(design @ line > 0, 1, -1) != points.y))


def train_online(order):
    """Train as lecture 2 does; give (epochs, changes, whether each look was right)."""
    w1, w2, beta = COURSE_DEMO_START
    epochs, changes, looks, smallest = 0, 0, [], np.inf
    while any(y * (w1 * a + w2 * b + beta) <= 0 for a, b, y in COURSE_DEMO):
        epochs += 1
        for a, b, y in (COURSE_DEMO[index] for index in order):
            f = w1 * a + w2 * b + beta
            smallest = min(smallest, abs(f))
            looks.append(y * f > 0)
            if y * f <= 0:
                w1, w2 = w1 + COURSE_DEMO_RATE * y * a, w2 + COURSE_DEMO_RATE * y * b
                beta, changes = beta + COURSE_DEMO_RATE * y, changes + 1
    return epochs, changes, looks, smallest


def test_the_six_points_in_their_order_do_what_the_slides_say():
    assert [label for *_, label in COURSE_DEMO] == [1, 1, 1, -1, -1, -1]
    epochs, changes, looks, _ = train_online(range(6))
    assert looks == [True, True, False, True, True, False]
    assert (epochs, changes) == (1, 2)


def test_four_orders_take_the_epochs_and_changes_of_the_slides():
    assert list(COURSE_DEMO_ORDERS) == [(2, 4), (5, 15), (9, 22), (10, 28)]
    for (epochs, changes), order in COURSE_DEMO_ORDERS.items():
        assert train_online(order)[:2] == (epochs, changes)


def test_no_order_of_the_six_points_hangs_on_rounding():
    smallest = min(train_online(order)[3] for order in permutations(range(6)))
    assert smallest > 1e-4


def test_the_six_points_lie_apart_and_can_be_separated():
    points = course_demo()
    distances = np.linalg.norm(points.x[:, None] - points.x, axis=-1)
    assert distances[~np.eye(6, dtype=bool)].min() > 1.5
    assert np.linalg.eigvalsh(np.cov(points.x.T)).min() > 3
    assert separable(points)
    assert course_demo((5, 4, 3, 2, 1, 0)).x.tolist() == points.x[::-1].tolist()


def test_presets_come_in_the_order_of_the_menu():
    assert NAMES == [
        "blobs",
        "demo",
        "and",
        "or",
        "xor",
        "overlap",
        "moons",
        "circles",
        "outliers",
        "imbalanced",
        "iris-setosa-versicolor",
        "iris-versicolor-virginica",
        "iris-setosa-virginica",
    ]
    for preset in PRESETS:
        split_named(preset.split)
        assert preset.label
        assert preset.help.endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_has_as_many_points_as_it_says_of_both_classes(name):
    points = made(name)
    assert len(points) == preset_named(name).default_count
    assert set(points.y.tolist()) == {-1, 1}
    assert points.equals(made(name))


@pytest.mark.parametrize("name", GENERATED)
def test_count_and_noise_change_only_what_they_say(name):
    few, many = made(name, count=20, noise=0.3), made(name, count=50, noise=0.3)
    assert np.array_equal(few.x, many.x[:20])
    assert np.array_equal(few.y, many.y[:20])
    assert not np.array_equal(few.x, made(name, seed=1, count=20, noise=0.3).x)
    # The noise only scales what the seed says: halfway up, every point is halfway out.
    still, loud = made(name, count=20, noise=0.0), made(name, count=20, noise=0.6)
    assert few.x == pytest.approx((still.x + loud.x) / 2, abs=1e-12)


@given(st.integers(0, 2**32), st.integers(2, 400), st.floats(0, 1))
def test_blobs_are_separable_up_to_their_default_noise(seed, count, share):
    noise = share * preset_named("blobs").default_noise
    x, y = (made("blobs", seed, count, noise).x, made("blobs", seed, count, noise).y)
    # The line through the origin across the axis of the clouds has every point on its side.
    assert (y * (x @ np.array([1.8, 1.25])) > 0).all()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("and", [-1, -1, -1, 1]), ("or", [-1, 1, 1, 1]), ("xor", [-1, 1, 1, -1])],
)
def test_gates_are_truth_tables(name, expected):
    points = made(name)
    assert points.x.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert points.y.tolist() == expected
    assert separable(points) == (name != "xor")


@pytest.mark.parametrize("seed", range(5))
def test_outliers_turn_least_squares_though_a_line_would_do(seed):
    points = made("outliers", seed)
    assert separable(points)
    assert misclassified_by_least_squares(points) >= 2
    assert misclassified_by_least_squares(made("blobs", seed)) == 0


@pytest.mark.parametrize("name", ["overlap", "moons", "circles", "imbalanced"])
def test_these_cannot_be_separated(name):
    assert not separable(made(name))


def test_imbalanced_has_one_positive_in_ten():
    assert np.count_nonzero(made("imbalanced").y == 1) == 20


def test_moons_and_circles_have_their_shapes():
    moons, circles = made("moons", noise=0.0), made("circles", noise=0.0)
    upper = moons.x[moons.y == 1]
    lower = np.array([1.0, 0.5]) - moons.x[moons.y == -1]
    for crescent in (upper, lower):
        assert np.linalg.norm(crescent, axis=1) == pytest.approx(np.ones(100))
        assert (crescent[:, 1] >= 0).all()
    radius = np.where(circles.y == 1, 0.5, 1.0)
    assert np.linalg.norm(circles.x, axis=1) == pytest.approx(radius)


@pytest.mark.parametrize(
    ("name", "kinds", "line_exists"),
    [
        ("iris-setosa-versicolor", (0, 1), True),
        ("iris-versicolor-virginica", (1, 2), False),
        ("iris-setosa-virginica", (0, 2), True),
    ],
)
def test_iris_is_fishers(name, kinds, line_exists):
    points, iris = made(name), load_iris()
    assert points.names == ("petal length in cm", "petal width in cm")
    assert points.classes == tuple(iris.target_names[list(kinds)])
    for label, kind in zip((-1, 1), kinds, strict=True):
        assert np.array_equal(points.x[points.y == label], iris.data[iris.target == kind, 2:])
    assert separable(points) == line_exists


def test_noise_has_the_stated_standard_deviation():
    points = made("overlap", count=100_000, noise=1.5)
    cloud = points.x[points.y == 1]
    assert cloud.std(axis=0) == pytest.approx([1.5, 1.5], rel=0.01)
    assert cloud.mean(axis=0) == pytest.approx([1.1, 0.7], abs=0.03)


@pytest.mark.parametrize(
    ("name", "count", "noise", "words"),
    [
        ("spiral", 10, 0.1, "no data set “spiral”; there are blobs, demo"),
        ("blobs", 0, 0.1, "from 1 to 1,000,000, not 0"),
        ("blobs", 1_000_001, 0.1, "from 1 to 1,000,000"),
        ("blobs", 10, -0.1, "from 0 to 2, not -0.1"),
        ("blobs", 10, MAX_NOISE * 2, "from 0 to 2, not 4"),
        ("blobs", 10, float("nan"), "from 0 to 2, not nan"),
    ],
)
def test_bad_requests_are_refused_with_a_sentence(name, count, noise, words):
    with pytest.raises(PointError, match=words):
        make_points(name, count, noise, np.random.default_rng(0))


def test_nothing_heavy_is_imported_until_iris_is_asked_for():
    code = (
        "import sys, numpy as np;"
        "from playground.core.datasets import make_points;"
        "import playground.core.point_files, playground.core.metrics;"
        "import playground.core.interpolation, playground.core.random_streams;"
        "make_points('moons', 10, 0.1, np.random.default_rng(0));"
        "print([m for m in ('torch', 'sklearn', 'scipy') if m in sys.modules])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert printed.strip() == "[]"
