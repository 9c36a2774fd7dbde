from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from playground.core.tensor_statistics import SAMPLE, count, even_sample, mean_and_std, own_range

FLOATS = st.floats(-(2.0**100), 2.0**100, width=32)


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("scale", [1.0, 1e-12, 1e-30, 1e-42, 1e25, 1e37])
def test_moments_keep_their_digits_from_the_smallest_to_the_largest_numbers(scale):
    values = (normal(300, 40).double() * scale).float()
    mean, std = mean_and_std(values)
    exact = values.double()
    assert mean == pytest.approx(float(exact.mean()), rel=1e-4, abs=1e-7 * scale)
    assert std == pytest.approx(float(exact.std(correction=0)), rel=1e-5)


def test_small_spread_about_a_large_mean():
    values = 1000.0 + 0.001 * normal(200, 10)
    assert mean_and_std(values)[1] == pytest.approx(
        float(values.double().std(correction=0)), rel=1e-6
    )


def test_moments_of_what_is_constant_or_not_a_number():
    assert mean_and_std(torch.zeros(3, 4)) == (0.0, 0.0)
    assert mean_and_std(torch.full((3, 4), 2.5)) == (2.5, 0.0)
    assert math.isnan(mean_and_std(torch.tensor([[1.0, math.nan]]))[1])
    assert not math.isfinite(mean_and_std(torch.tensor([[1.0, math.inf]]))[1])


@pytest.mark.parametrize("width", [10, 500, 512, 784])
def test_even_sample_takes_its_share_of_every_column(width):
    tensor = torch.arange(width).repeat(100_000 // width * 3, 1).float()
    sample = even_sample(tensor)
    assert SAMPLE <= len(sample) <= tensor.numel()
    seen = np.bincount(sample.astype(int), minlength=width)
    assert seen.max() - seen.min() <= 1


def test_small_tensors_are_taken_whole_and_copied():
    tensor = normal(20, 10)
    sample = even_sample(tensor)
    tensor.zero_()
    assert len(sample) == 200
    assert np.abs(sample).max() > 1.0


@given(
    hnp.arrays(np.float32, st.integers(1, 200), elements=FLOATS),
    st.floats(-100, 100),
    st.floats(0.01, 100),
)
def test_counts_are_those_of_numpy(values, low, width):
    values, high = values.astype(np.float64), low + width
    found = count(values, low, high, 7)
    inside = (values >= low) & (values <= high)
    expected, _ = np.histogram(values, bins=7, range=(low, high))
    # By rounding a value may go to the other side of the end of a bin it lies on.
    ends = np.linspace(low, high, 8)
    on_an_end = (np.abs(values[:, None] - ends) <= 1e-9 * (width + abs(low))).any(1)
    assert np.abs(found.counts - expected).sum() <= 2 * on_an_end.sum()
    assert abs(int(found.counts.sum()) - int(inside.sum())) <= on_an_end.sum()
    assert int(found.counts.sum()) / len(values) + found.below + found.above == pytest.approx(1.0)


def test_counts_of_a_normal_sample_bin_by_bin():
    values = even_sample(normal(200, 50))
    found = count(values, -4.0, 4.0, 61)
    expected, _ = np.histogram(values, bins=61, range=(-4.0, 4.0))
    np.testing.assert_array_equal(found.counts, expected)
    assert found.counts.sum() + round((found.below + found.above) * len(values)) == len(values)


def test_upper_end_belongs_to_the_last_bin():
    found = count(np.array([-1.0, 0.0, 1.0, 1.0]), -1.0, 1.0, 4)
    assert found.counts.tolist() == [1, 0, 1, 2]
    assert found.below == found.above == 0.0


def test_what_is_not_finite_is_counted_apart():
    found = count(np.array([0.0, np.nan, np.inf, -np.inf]), -1.0, 1.0, 3)
    assert found.counts.tolist() == [0, 1, 0]
    assert (found.counted, found.invalid) == (4, 0.75)
    nothing = count(np.array([np.nan]), *own_range(np.array([np.nan])), 3)
    assert nothing.invalid == 1.0
    assert not nothing.counts.any()


def test_own_range_is_even_about_zero_and_rounded():
    assert own_range(even_sample(normal(100, 50))) == (-4.0, 4.0)
    assert own_range(np.array([-0.97, 0.1, 0.99])) == (-1.0, 1.0)


def test_own_range_cuts_far_tails():
    values = np.concatenate((np.zeros(100_000), [1e6]))
    low, high = own_range(values)
    assert low == 0.0
    assert high < 2e4
    assert count(values, low, high, 61).above == pytest.approx(1e-5, rel=0.01)


def test_own_range_of_one_sided_and_shifted_values():
    assert own_range(np.array([0.0, 0.2, 2.9])) == (0.0, 3.2)
    assert own_range(np.array([10.0, 10.5, 11.0])) == (10.0, 11.0)
    assert own_range(np.array([-11.0, -10.0])) == (-11.0, -10.0)


@pytest.mark.parametrize("value", [0.0, 0.3, -2.0, 1e-38])
def test_equal_values_come_to_stand_in_the_middle(value):
    low, high = own_range(np.full(100, value))
    assert low < high
    counts = count(np.full(100, value), low, high, 61).counts
    assert counts[30] == 100


@given(hnp.arrays(np.float32, st.integers(1, 100), elements=FLOATS))
def test_own_range_is_a_range_that_holds_something(values):
    low, high = own_range(values.astype(np.float64))
    assert low < high
    assert count(values.astype(np.float64), low, high, 61).counts.sum() > 0
