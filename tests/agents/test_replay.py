"""The replay memory against a plain list, its states, and the statistics of both ways to draw."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.agents import replay
from playground.agents.base import AgentError
from playground.agents.dqn import DqnAgent, DqnConfig
from playground.agents.prioritised import SMALLEST, Priorities, SumTree
from playground.agents.replay import Batch, Block, ReplayMemory
from playground.core.random_streams import Streams
from playground.environments.discrete import look_up
from playground.environments.world_vector import WorldVector


def numbered(first, count):
    """Transitions that carry their number everywhere."""
    n = np.arange(first, first + count)
    obs = np.stack([n, -n], axis=1).astype(np.float32)
    return Batch(obs, n % 4, n.astype(np.float32), obs + 0.5, n % 3 == 0, n * 10, n)


def contents(memory):
    rows = memory.rows(np.arange(len(memory)))
    order = np.argsort(rows.steps)
    return [tuple(np.asarray(column[i]).tolist() for column in rows) for i in order]


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    monkeypatch.setattr(replay, "CHUNK", 8)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.lists(st.integers(1, 11), min_size=1, max_size=20))
def test_it_holds_the_last_ones_and_so_does_its_state(capacity, sizes):
    memory = ReplayMemory(capacity, 2)
    total = 0
    for size in sizes:
        places = memory.add(numbered(total, size))
        total += size
        if size <= capacity:
            np.testing.assert_array_equal(memory.rows(places).steps, np.arange(total - size, total))
    kept = range(max(0, total - capacity), total)
    assert [row[-1] for row in contents(memory)] == list(kept)
    everything = numbered(0, total)
    for row, n in zip(contents(memory), kept, strict=True):
        assert row == tuple(np.asarray(column[n]).tolist() for column in everything)
    places = np.arange(len(memory))
    np.testing.assert_array_equal(memory.ages(places), total - 1 - memory.rows(places).steps)

    other = ReplayMemory(capacity, 2)
    other.add(numbered(1000, 5))
    other.load_state(memory.state())
    assert contents(other) == contents(memory)
    for target in (memory, other):
        target.add(numbered(total, 9))
    assert contents(other) == contents(memory)
    np.testing.assert_array_equal(
        other.rows(np.arange(len(other))).steps, memory.rows(np.arange(len(memory))).steps
    )


def test_states_share_what_is_filled_and_never_change():
    memory = ReplayMemory(40, 2)
    memory.add(numbered(0, 20))
    first = memory.state()
    tail = first.tail.obs.copy()
    memory.add(numbered(20, 60))
    second = memory.state()
    assert first.tail.size == 4
    assert len(first.blocks) == 2
    assert not set(map(id, first.blocks)) & set(map(id, second.blocks))
    np.testing.assert_array_equal(first.tail.obs, tail)
    memory.load_state(first)
    memory.add(numbered(20, 5))
    assert memory.state().blocks[:2] == first.blocks
    np.testing.assert_array_equal(first.blocks[0].rows.obs, numbered(0, 8).obs)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 40),
    st.lists(st.one_of(st.integers(1, 11), st.integers(-9, -1)), min_size=2, max_size=25),
)
def test_going_back_and_forth_is_going_there_at_once(capacity, moves):
    """Rows that are in their places already are not unpacked again: that must not be seen."""
    memory, states = ReplayMemory(capacity, 2), [ReplayMemory(capacity, 2).state()]
    for move in moves:
        if move > 0:
            # Another number in every row: what is learnt after going back is other than before.
            memory.add(numbered(memory.total, move)._replace(seeds=np.full(move, len(states))))
            states.append(memory.state())
        else:
            memory.load_state(states[move % len(states)])
            states.append(memory.state())
        fresh = ReplayMemory(capacity, 2)
        fresh.load_state(states[-1])
        assert contents(fresh) == contents(memory)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 30), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_a_block_unpacks_to_the_last_bit(size, width, seed):
    rng = np.random.default_rng(seed)
    # Any bits at all: infinities, numbers that are none, and negative zeros among them.
    obs, following = (rng.integers(0, 256, (size, 4 * width), np.uint8) for _ in range(2))
    rows = Batch(
        obs.view(np.float32),
        rng.integers(0, 2**62, size),
        rng.integers(0, 256, 4 * size, np.uint8).view(np.float32),
        following.view(np.float32),
        rng.random(size) < 0.5,
        rng.integers(-(2**62), 2**62, size),
        rng.integers(-(2**62), 2**62, size),
    )
    again = Block.of(rows).rows
    for column, before in zip(again, rows, strict=True):
        assert (column.shape, column.dtype) == (before.shape, before.dtype)
        assert column.tobytes() == before.tobytes()


def test_transitions_of_worlds_flown_together_pack_to_less_than_a_third():
    streams = Streams(0)
    worlds = WorldVector(look_up("CartPole-v1"), 8, streams.numpy("environment"))
    agent = DqnAgent(DqnConfig(hidden=(8,), warm_up=10**6), 4, 2, streams)
    while agent.memory.total < 1000:
        agent.advance(worlds)
    plain = sum(column.nbytes for column in agent.memory.rows(np.arange(1000)))
    packed = Block.of(agent.memory.rows(np.arange(1000)))
    assert packed.nbytes < plain / 3


def test_even_draws_are_even():
    memory = ReplayMemory(50, 2)
    memory.add(numbered(0, 20))
    drawn = memory.uniform(20_000, np.random.default_rng(0))
    counts = np.bincount(drawn, minlength=50)
    assert (counts[20:] == 0).all()
    # χ² with 19 degrees of freedom: above 43.8 once in a thousand
    assert ((counts[:20] - 1000) ** 2 / 1000).sum() < 43.8


@pytest.mark.parametrize("capacity", [0, -1, 10**9])
def test_impossible_sizes_are_answered_in_a_sentence(capacity):
    with pytest.raises(AgentError, match="holds 1…"):
        ReplayMemory(capacity, 2)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 70),
    st.lists(
        st.tuples(st.integers(0, 69), st.floats(0, 100, allow_subnormal=False)),
        min_size=1,
        max_size=60,
    ),
)
def test_the_tree_finds_what_running_sums_find(capacity, changes):
    tree, plain = SumTree(capacity), np.zeros(capacity)
    for place, value in changes:
        tree.set(np.array([place % capacity]), np.array([value]))
        plain[place % capacity] = value
    assert tree.total == pytest.approx(plain.sum())
    np.testing.assert_array_equal(tree.all_values(), np.trim_zeros(plain, "b"))
    other = SumTree(capacity)
    other.set_all(plain)
    np.testing.assert_array_equal(other._sums, tree._sums)
    if plain.sum() > 0:
        marks = np.linspace(0.0, 0.999, 23) * plain.sum()
        found = tree.find(marks)
        assert (plain[found] > 0).all()
        sums = np.cumsum(plain)
        slack = 1e-9 * sums[-1]
        assert (sums[found] > marks - slack).all()
        assert (sums[found] - plain[found] <= marks + slack).all()


@pytest.mark.parametrize("exponent", [0.0, 0.6, 1.0])
def test_prioritised_draws_follow_the_errors_and_weights_make_up_for_it(exponent):
    priorities = Priorities(30, exponent)
    places = np.arange(10)
    priorities.add(places)
    errors = np.linspace(-2.0, 3.0, 10)
    priorities.update(places, errors)
    expected = (np.abs(errors) + SMALLEST) ** exponent
    expected /= expected.sum()
    rng = np.random.default_rng(0)
    counts = np.zeros(30)
    for _ in range(400):
        drawn, weights = priorities.draw(50, 10, 1.0, rng)
        counts += np.bincount(drawn, minlength=30)
        ideal = 1.0 / (10 * expected[drawn])
        np.testing.assert_allclose(weights, ideal / ideal.max(), rtol=1e-4)
    np.testing.assert_allclose(counts[:10] / counts.sum(), expected, atol=0.006)
    assert priorities.draw(5, 10, 0.0, rng)[1].tolist() == [1.0] * 5


def test_a_new_transition_is_as_likely_as_the_most_surprising_one():
    priorities = Priorities(8, 1.0)
    priorities.add(np.array([0, 1]))
    priorities.update(np.array([0, 1]), np.array([5.0, 0.1]))
    priorities.add(np.array([2]))
    values = priorities.values(np.array([0, 1, 2]))
    assert values[2] == values[0] == pytest.approx(5.0 + SMALLEST)


def test_priorities_come_back_from_a_state():
    priorities = Priorities(20, 0.6)
    priorities.add(np.arange(15))
    priorities.update(np.arange(15), np.random.default_rng(0).normal(size=15))
    other = Priorities(20, 0.6)
    other.load_state(priorities.state())
    for _ in range(3):
        ours = [p.draw(8, 15, 0.5, np.random.default_rng(4)) for p in (priorities, other)]
        np.testing.assert_array_equal(ours[0][0], ours[1][0])
        for p in (priorities, other):
            p.update(ours[0][0], ours[0][1])
