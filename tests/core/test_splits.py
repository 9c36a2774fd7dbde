from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.core.points import PART_NAMES, SPLITS, PointError, split_named, split_parts

seeds = st.integers(0, 2**63 - 1)
ratios = st.sampled_from([split.ratio for split in SPLITS])


def test_the_splits_of_the_course():
    assert [split.ratio for split in SPLITS] == [
        (100, 0, 0),
        (60, 20, 20),
        (70, 15, 15),
        (80, 10, 10),
    ]
    assert PART_NAMES == ("training", "validation", "test")
    assert split_named("80/10/10").ratio == (80, 10, 10)


@given(st.lists(st.integers(0, 2**62), unique=True, min_size=2), ratios, seeds)
def test_a_point_keeps_its_part_when_others_come_and_go(ids, ratio, seed):
    every = split_parts(ids, ratio, seed)
    assert np.array_equal(split_parts(ids[1:], ratio, seed), every[1:])
    assert split_parts(ids[:1], ratio, seed)[0] == every[0]


@given(st.integers(0, 10**6), st.integers(50, 3000), ratios, seeds)
def test_shares_are_kept_closely_in_every_run_of_ids(first, count, ratio, seed):
    parts = split_parts(np.arange(first, first + count), ratio, seed)
    found = np.bincount(parts, minlength=3)
    # A golden-ratio sequence stays within a few points of the share, chance would be off by √n.
    assert np.abs(found - count * np.array(ratio) / 100).max() < 6


@given(st.integers(1, 200), ratios, seeds)
def test_parts_of_few_points_are_filled_as_documented(count, ratio, seed):
    found = np.bincount(split_parts(np.arange(count), ratio, seed), minlength=3)
    assert found[0] > 0
    enough = 13 if ratio == (80, 10, 10) else 8
    if count >= enough:
        assert ((found > 0) == (np.array(ratio) > 0)).all()


def test_all_for_training_means_all():
    assert not split_parts(np.arange(10_000), (100, 0, 0), 5).any()


def test_another_seed_gives_another_split():
    ids = np.arange(100)
    assert (split_parts(ids, (60, 20, 20), 1) != split_parts(ids, (60, 20, 20), 2)).any()


@pytest.mark.parametrize("ratio", [(60, 20, 10), (110, -10, 0), (0, 50, 50)])
def test_other_shares_are_refused(ratio):
    with pytest.raises(PointError, match="add up to 100"):
        split_parts([0], ratio)


def test_an_unknown_split_is_refused_with_those_there_are():
    with pytest.raises(PointError, match="60/20/20, 70/15/15 or 80/10/10"):
        split_named("50/50")
