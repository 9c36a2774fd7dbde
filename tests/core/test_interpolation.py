from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import BarycentricInterpolator, lagrange
from scipy.stats import linregress

from playground.core.interpolation import (
    MAX_NODES,
    OVERFITTING_EXAMPLE,
    interpolate,
    straight_trend,
)

nodes = st.lists(st.integers(-20, 20), min_size=1, max_size=9, unique=True)
values = st.floats(-100, 100)


def test_the_over_fitting_example_of_the_course():
    x, y = np.array(OVERFITTING_EXAMPLE).T
    slope, intercept = straight_trend(x[:3], y[:3])
    assert slope * 4 + intercept == pytest.approx(8)
    assert interpolate(x[:3], y[:3])(4) == pytest.approx(0, abs=1e-12)
    # The trend meets the entry that was kept back, the polynomial only those it was made from.
    assert (x[3], y[3]) == (4, 8)
    assert interpolate(x[:3], y[:3])(x[:3]).tolist() == y[:3].tolist()


@given(st.lists(st.integers(-20, 20), min_size=2, max_size=9, unique=True), st.data())
def test_equals_scipy(x, data):
    y = data.draw(st.lists(values, min_size=len(x), max_size=len(x)))
    at = np.linspace(min(x) - 1, max(x) + 1, 23)
    expected = BarycentricInterpolator(x, y)(at)
    tolerance = 1e-9 * (1 + np.abs(expected).max())
    assert interpolate(x, y)(at) == pytest.approx(expected, abs=tolerance)


def test_equals_the_textbook_formula():
    x, y = [0.0, 1.0, 2.5, 4.0], [1.0, -1.0, 0.5, 3.0]
    at = np.linspace(-1, 5, 31).reshape(31, 1)
    assert interpolate(x, y)(at) == pytest.approx(lagrange(x, y)(at), abs=1e-10)
    assert interpolate(x, y)(at).shape == (31, 1)


@given(nodes, st.data())
def test_goes_exactly_through_the_points(x, data):
    y = data.draw(st.lists(values, min_size=len(x), max_size=len(x)))
    assert interpolate(x, y)(x).tolist() == y


@given(st.integers(1, 8))
def test_repeats_polynomials_of_its_degree(n):
    polynomial = np.polynomial.Polynomial(np.arange(1.0, n + 1))
    x = np.arange(n) - 2.0
    at = np.linspace(-4, 6, 17)
    assert interpolate(x, polynomial(x))(at) == pytest.approx(polynomial(at), rel=1e-9, abs=1e-7)


def test_basis_is_one_at_its_point_and_sums_to_one():
    x = [0.0, 1.0, 3.0, 7.0]
    found = interpolate(x, [5.0, 6.0, 7.0, 8.0])
    assert np.array_equal(found.basis(x), np.eye(4))
    at = np.linspace(-1, 8, 19)
    assert found.basis(at).sum(axis=-1) == pytest.approx(np.ones(19))
    assert found.basis(at) @ [5.0, 6.0, 7.0, 8.0] == pytest.approx(found(at))


def test_many_chebyshev_points_stay_exact():
    x = np.cos(np.pi * np.arange(MAX_NODES) / (MAX_NODES - 1))
    at = np.linspace(-0.999, 0.999, 400)
    assert interpolate(x, np.exp(x))(at) == pytest.approx(np.exp(at), abs=1e-10)


def test_runges_function_swings_ever_more():
    # Why through-every-point is no goal: with equal steps more points make it worse between them.
    def worst(n):
        x, at = np.linspace(-1, 1, n), np.linspace(-1, 1, 301)
        return np.abs(interpolate(x, 1 / (1 + 25 * x**2))(at) - 1 / (1 + 25 * at**2)).max()

    assert worst(5) < worst(11) < worst(21)
    assert worst(21) > 10


@given(st.lists(st.tuples(st.integers(-50, 50), values), min_size=3, max_size=30))
def test_the_trend_equals_scipy(points):
    x, y = np.array(points).T
    if len(set(x)) < 2:
        with pytest.raises(ValueError, match="two different x"):
            straight_trend(x, y)
        return
    expected = linregress(x, y)
    size = 1 + np.abs(y).max()
    assert straight_trend(x, y) == pytest.approx(
        (expected.slope, expected.intercept), abs=1e-9 * size
    )


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        ([], [], "from 1 to 500 points"),
        ([1, 2], [1], "each with an x and a y"),
        (np.arange(501), np.arange(501), "from 1 to 500 points"),
        ([1, 2, 1], [1, 2, 3], "share an x"),
        ([1, np.nan], [1, 2], "finite"),
        ([1, 2], [1, np.inf], "finite"),
    ],
)
def test_bad_points_are_refused_with_a_sentence(x, y, words):
    with pytest.raises(ValueError, match=words):
        interpolate(x, y)
