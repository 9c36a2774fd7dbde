from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from playground.engine.checkpoints import Checkpoints, state_nbytes
from playground.experiments.base import State


def state(step, nbytes=1000):
    return State(step, {"weights": np.zeros(nbytes, dtype=np.uint8)})


@dataclass(frozen=True, eq=False)
class Piece:
    nbytes: int


def sharing(step, parts, own=1000):
    return State(step, {"weights": np.zeros(own, dtype=np.uint8)}, {}, tuple(parts))


def held(checkpoints):
    """Return what the checkpoints weigh, counted anew: every part once."""
    states = [checkpoints.nearest(step).state for step in checkpoints.steps]
    parts = {id(part): part.nbytes for each in states for part in each.parts}
    return sum(map(state_nbytes, states)) + sum(parts.values())


def filled(steps, budget=10**9, nbytes=1000, **options):
    checkpoints = Checkpoints(budget, **options)
    for step in steps:
        checkpoints.add(state(step, nbytes), 0)
    return checkpoints


def test_the_nearest_is_the_last_one_at_or_before_a_step():
    checkpoints = filled((0, 10, 20))

    assert [checkpoints.nearest(step).step for step in (0, 9, 10, 19, 20, 999)] == [
        0,
        0,
        10,
        10,
        20,
        20,
    ]


def test_of_two_at_one_step_the_one_with_more_edits_is_nearer():
    checkpoints = filled((0, 10))
    checkpoints.add(state(10), 3)

    assert checkpoints.nearest(10).edits_applied == 3
    checkpoints.drop_after_edits(2)
    assert checkpoints.nearest(10).edits_applied == 0


def test_the_same_place_is_kept_once():
    assert filled((0, 5, 5, 5)).steps == (0, 5)


def test_a_branch_shares_the_states_of_its_past():
    checkpoints = filled((0, 10, 20))
    branch = checkpoints.upto(15)

    assert branch.steps == (0, 10)
    assert branch.nearest(10).state is checkpoints.nearest(10).state


def test_a_million_steps_stay_within_the_budget_with_gaps_that_grow_with_the_root():
    budget = 2**20
    checkpoints = Checkpoints(budget)
    for step in range(0, 1_000_001, 50):
        checkpoints.add(state(step, 4000), 0)
        assert checkpoints.nbytes <= budget

    steps = np.array(checkpoints.steps)
    gaps = np.diff(steps)
    distance = steps[-1] - steps[:-1]
    assert steps[0] == 0
    assert steps[-1] == 1_000_000
    assert len(steps) > 100
    # The last ones are as dense as they were taken, and a million away a gap is 1.6 % at most.
    assert gaps[-20:].max() <= 100
    assert (gaps <= 50 + 16 * np.sqrt(distance)).all()


def test_the_places_around_a_focus_stay_dense():
    checkpoints = filled(range(0, 100_000, 100), budget=100 * 1200)
    far = checkpoints.nearest(30_000).step
    for step in range(far, 30_001, 10):
        checkpoints.add(state(step), 0, focus=30_000)

    steps = np.array(checkpoints.steps)
    assert 30_000 - steps[steps <= 30_000][-5:].min() <= 200


def test_the_number_is_limited_however_small_the_states():
    assert len(filled(range(10_000), nbytes=1, max_count=500)) <= 500


def test_the_first_one_stays_even_when_it_alone_is_too_large():
    checkpoints = filled((0, 1, 2), budget=10)

    assert checkpoints.steps == (0,)


def test_shrinking_keeps_to_the_new_budget_from_then_on():
    checkpoints = filled(range(1000))
    checkpoints.shrink(50_000, focus=500)
    assert checkpoints.nbytes <= 50_000
    checkpoints.add(state(1001, 40_000), 0)
    assert checkpoints.nbytes <= 50_000


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 3000)), min_size=1, max_size=80),
    st.integers(2_000, 20_000),
)
def test_whatever_is_added_the_budget_the_order_and_the_first_one_hold(added, budget):
    checkpoints = Checkpoints(budget, max_count=30)
    checkpoints.add(state(0, 10), 0)
    for step, nbytes in added:
        checkpoints.add(state(step, nbytes), 0, focus=step)
        steps = checkpoints.steps
        assert checkpoints.nbytes <= budget
        assert len(steps) <= 30
        assert steps[0] == 0
        assert list(steps) == sorted(set(steps))


def test_the_size_counts_arrays_tensors_and_containers_once():
    import torch

    array = np.zeros((100, 10))
    size = state_nbytes(
        State(
            0,
            {
                "array": array,
                "again": array,
                "slice": np.zeros(1000)[::2],
                "tensors": [torch.zeros(50, 4), {"deep": (torch.zeros(3, dtype=torch.int64),)}],
                "text": "x" * 1000,
                "bytes": b"y" * 500,
            },
            {"shared": np.zeros(10**6)},
        )
    )
    content = 8000 + 4000 + 800 + 24 + 1000 + 500
    assert content <= size <= content + 4000


def test_a_part_counts_once_as_long_as_one_checkpoint_has_it():
    checkpoints = Checkpoints(10**9)
    first, second = Piece(5000), Piece(300)
    checkpoints.add(sharing(0, ()), 0)
    alone = checkpoints.nbytes
    checkpoints.add(sharing(10, (first,)), 0)
    checkpoints.add(sharing(20, (first, second)), 1)
    checkpoints.add(sharing(30, (first, second)), 2)
    assert checkpoints.nbytes == held(checkpoints) == 4 * alone + 5300
    checkpoints.drop_after_edits(1)
    assert checkpoints.nbytes == held(checkpoints) == 3 * alone + 5300
    assert checkpoints.upto(10).nbytes == 2 * alone + 5000
    checkpoints.drop_after_edits(0)
    assert checkpoints.nbytes == held(checkpoints) == 2 * alone + 5000


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 800)), min_size=1, max_size=80),
    st.integers(1, 12),
    st.integers(6_000, 20_000),
)
def test_a_window_of_parts_that_moves_on_keeps_to_the_budget(moves, window, budget):
    checkpoints = Checkpoints(budget, max_count=30)
    checkpoints.add(sharing(0, (), 10), 0)
    past, step = [], 0
    for ahead, nbytes in moves:
        step += ahead
        past.append(Piece(nbytes))
        checkpoints.add(sharing(step, past[-window:], 200), 0)
        assert checkpoints.nbytes == held(checkpoints) <= budget
    assert checkpoints.steps[0] == 0


def test_of_states_that_grow_and_shrink_the_small_ones_stay():
    checkpoints = Checkpoints(400_000)
    for step in range(2000):
        checkpoints.add(state(step, 500 if step % 10 == 0 else 5000), 0)
    far = [step for step in checkpoints.steps if step < 1000]
    assert len(far) > 20
    assert sum(step % 10 == 0 for step in far) > 0.9 * len(far)
