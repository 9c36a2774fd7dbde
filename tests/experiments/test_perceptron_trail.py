from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from playground.experiments.perceptron_trail import GHOST_LEVELS, GHOSTS_PER_LEVEL, Trail


def walked(count):
    trail = Trail()
    for number in range(count):
        trail.add((float(number), -0.5, 1e-3))
    return trail


def test_lines_are_dense_near_the_newest_and_sparse_behind():
    kept = [int(line[0]) for line in walked(1000).lines()]
    assert kept == sorted(kept)
    assert len(kept) <= GHOST_LEVELS * GHOSTS_PER_LEVEL
    assert kept[-1] == 999
    gaps = [b - a for a, b in itertools.pairwise(kept)]
    assert gaps[0] > 10 * gaps[-1]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 400), st.integers(0, 100))
def test_going_on_from_a_state_is_going_on(count, more):
    whole, half = walked(count), Trail()
    half.load(whole.state())
    for trail in (whole, half):
        for number in range(more):
            trail.add((0.1 * number, 2.0, 3.0))
    assert half.lines() == whole.lines()
    assert half.count == whole.count


def test_a_state_is_a_copy():
    trail = walked(5)
    state = trail.state()
    trail.add((9.0, 9.0, 9.0))
    assert state[0] == 5
    assert len(state[1]) == 5
