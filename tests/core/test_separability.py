import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.core.perceptrons import Samples, walk
from playground.core.separability import (
    CycleFinder,
    convex_hull,
    max_margin,
    mistake_bound,
)

grid = st.tuples(st.integers(-6, 6), st.integers(-6, 6), st.sampled_from([-1, 1]))


def clouds(seed, n=60, gap=0.3):
    """Two clouds with a gap of twice ``gap`` along a random direction."""
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, 2 * np.pi)
    u = np.array([np.cos(angle), np.sin(angle)])
    x = rng.normal(size=(n, 2)) * 2
    offset = rng.normal()
    f = x @ u + offset
    y = np.where(f > 0, 1, -1)
    return x + (gap * y)[:, None] * u, y


def linear_programme_separates(x, y):
    from scipy.optimize import linprog

    rows = -y[:, None] * np.column_stack([x, np.ones(len(x))])
    found = linprog(
        np.zeros(3), A_ub=rows, b_ub=-np.ones(len(x)), bounds=[(None, None)] * 3, method="highs"
    )
    return found.status == 0


@pytest.mark.parametrize("seed", range(12))
def test_maximum_margin_equals_the_support_vector_machine(seed):
    from sklearn.svm import SVC

    x, y = clouds(seed)
    found = max_margin(x, y)
    theirs = SVC(kernel="linear", C=1e9, tol=1e-9).fit(x, y)
    w, b = theirs.coef_[0], theirs.intercept_[0]
    length = np.linalg.norm(w)
    assert found.separable
    assert found.line == pytest.approx([*(w / length), b / length], abs=1e-5)
    assert found.margin == pytest.approx(1 / length, rel=1e-5)
    assert np.min(y * (x @ found.line[:2] + found.beta)) == pytest.approx(found.margin, rel=1e-9)


@given(rows=st.lists(grid, min_size=2, max_size=14))
def test_separable_exactly_when_the_linear_programme_says_so(rows):
    points = np.array(rows, dtype=float)
    x, y = points[:, :2], points[:, 2]
    found = max_margin(x, y)
    if len(set(y)) == 1:
        assert found is None
    else:
        assert found.separable == linear_programme_separates(x, y)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e11])
@pytest.mark.parametrize("shift", [0.0, 50.0])
def test_margin_follows_scale_and_shift(scale, shift):
    x, y = clouds(3)
    plain = max_margin(x, y)
    moved = max_margin((x + shift) * scale, y)
    assert moved.margin == pytest.approx(plain.margin * scale, rel=1e-6)
    assert (moved.w1, moved.w2) == pytest.approx((plain.w1, plain.w2), abs=1e-6)


def test_the_same_point_in_both_classes_is_not_separable():
    assert not max_margin([[0, 0], [0, 0], [1, 1]], [1, -1, 1]).separable
    assert not max_margin([[0, 0], [1, 1], [0, 1], [1, 0]], [1, 1, -1, -1]).separable


@pytest.mark.parametrize("n", [3, 50, 500, 3000])
def test_hull_equals_qhull(n):
    from scipy.spatial import ConvexHull

    x = np.random.default_rng(n).normal(size=(n, 2))
    ours, theirs = convex_hull(x), x[ConvexHull(x).vertices]
    assert sorted(map(tuple, ours)) == sorted(map(tuple, theirs))


def test_hull_of_points_on_a_line_and_of_one():
    assert len(convex_hull(np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]))) == 2
    assert convex_hull(np.array([[3.0, 4.0]] * 5)).tolist() == [[3.0, 4.0]]


def mistakes_until_right(x, y, start, rate, seed):
    rng = np.random.default_rng(seed)
    line, mistakes = start, 0
    for _ in range(100_000):
        order = rng.permutation(len(y))
        samples = Samples(x[order, 0], x[order, 1], y[order].astype(float))
        line, changes, _ = walk("perceptron", samples.lists(), 0, len(y), line, rate)
        mistakes += changes
        if not changes:
            return mistakes
    raise AssertionError("the perceptron did not converge")


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("start", [(0.0, 0.0, 0.0), (5.0, -3.0, 2.0), (-0.4, 0.2, 7.0)])
def test_no_order_makes_more_mistakes_than_the_bound(seed, start):
    x, y = clouds(seed)
    bound = mistake_bound(x, y, start, 0.1)
    assert math.isfinite(bound)
    assert mistakes_until_right(x, y, start, 0.1, seed) <= bound


def test_the_bound_from_zero_is_novikoffs():
    # Two points at ±(3, 0): a = (±3, 0, 1); the best u is (1, 0, 0) with γ = 3, R² = 10.
    assert mistake_bound([[3, 0], [-3, 0]], [1, -1]) == pytest.approx(10 / 9)
    assert mistake_bound([[3, 0], [-3, 0]], [1, -1], rate=0.01) == pytest.approx(10 / 9)


def test_there_is_no_bound_where_no_line_separates():
    assert mistake_bound([[0, 0], [1, 1], [0, 1], [1, 0]], [1, 1, -1, -1]) == math.inf


@pytest.mark.parametrize("lead", [0, 1, 5, 30])
@pytest.mark.parametrize("period", [1, 2, 3, 7, 64])
def test_cycles_are_found_with_their_period(lead, period):
    finder = CycleFinder()
    for i in range(4 * (lead + period) + 10):
        k = i if i < lead else lead + (i - lead) % period
        finder.add((float(k), 0.5, -1.0))
        finder = CycleFinder(finder.state())
    assert finder.period == period


def test_a_sequence_without_repetition_has_no_period():
    finder = CycleFinder()
    assert not any(finder.add((float(i), 0.0, 0.0)) for i in range(1000))
