from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from playground.ui.plots.decimation import as_series, decimate, thin, visible

values = arrays.arrays(
    np.float64,
    st.integers(1, 500),
    elements=st.one_of(st.floats(-1e6, 1e6), st.just(np.nan)),
)


@given(values, st.integers(1, 60))
def test_extremes_and_ends_survive(y, columns):
    x = np.arange(len(y), dtype=float)
    thin_x, thin_y = decimate(x, y, columns)
    assert len(thin_x) <= 2 * columns + 2
    assert (np.diff(thin_x) > 0).all()
    np.testing.assert_array_equal(y[thin_x.astype(int)], thin_y)
    assert thin_x[0] == 0
    assert thin_x[-1] == len(y) - 1
    if np.isfinite(y).any():
        assert np.nanmax(thin_y) == np.nanmax(y)
        assert np.nanmin(thin_y) == np.nanmin(y)


def test_every_column_keeps_its_own_extremes():
    rng = np.random.default_rng(1)
    y = rng.normal(size=1000)
    x = np.arange(1000.0)
    thin_x, thin_y = decimate(x, y, 50)
    for start in range(0, 1000, 20):
        inside = (thin_x >= start) & (thin_x < start + 20)
        assert thin_y[inside].max() == y[start : start + 20].max()
        assert thin_y[inside].min() == y[start : start + 20].min()


def test_a_gap_wider_than_a_column_stays_a_gap():
    y = np.ones(1000)
    y[400:600] = np.nan
    _, thin_y = decimate(np.arange(1000.0), y, 50)
    assert np.isnan(thin_y).any()


def test_short_series_are_left_alone():
    x, y = np.arange(10.0), np.arange(10.0)
    assert decimate(x, y, 5)[0] is x


@given(st.integers(0, 50), st.floats(-5, 60), st.floats(0, 60))
def test_visible_part_reaches_beyond_both_edges(count, low, span):
    x = np.arange(count, dtype=float)
    part = visible(x, low, low + span)
    inside = (x >= low) & (x <= low + span)
    assert set(np.flatnonzero(inside)) <= set(range(*part.indices(count)))
    assert len(x[part]) <= inside.sum() + 2


def test_infinities_become_gaps_and_whole_numbers_are_not_copied():
    epochs = np.array([1, 2, 3])
    x, y = as_series(np.array([0, 1, 2], dtype=np.int32), epochs)
    assert x.dtype == np.float64
    assert y is epochs
    _, y = as_series([0, 1], [np.inf, -np.inf])
    assert np.isnan(y).all()


@pytest.mark.parametrize(("x", "y"), [([1], [1, 2]), ([[1]], [[1]]), (3, 4)])
def test_unequal_or_nested_series_are_refused(x, y):
    with pytest.raises(ValueError, match=r"two \(n,\) arrays"):
        as_series(x, y)


@given(st.integers(0, 5000), st.integers(2, 100))
def test_thin_keeps_first_and_last(count, most):
    picked = np.arange(count)[thin(count, most)]
    assert len(picked) <= max(most, 0) or count <= most
    if count:
        assert picked[0] == 0
        assert picked[-1] == count - 1
