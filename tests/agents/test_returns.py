"""Returns, TD targets and advantages against references written out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.agents.returns import (
    discounted_returns,
    generalized_advantages,
    log_likelihoods,
    mean_entropy,
    q_target_vectors,
    standardised,
    td_targets,
)


def test_the_course_s_worked_target():
    target = td_targets(
        torch.tensor([-8.0]), torch.tensor([0.0]), torch.tensor([350.0]), discount=0.9
    )
    vector = q_target_vectors(torch.tensor([[330.0, 40.0, -430.0]]), torch.tensor([0]), target)
    assert vector.tolist() == [[307.0, 40.0, -430.0]]


def test_nothing_follows_an_end_but_something_follows_a_time_limit():
    targets = td_targets(
        torch.tensor([1.0, 1.0]), torch.tensor([1.0, 0.0]), torch.tensor([10.0, 10.0]), 0.5
    )
    assert targets.tolist() == [1.0, 6.0]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-10, 10), min_size=1, max_size=30), st.floats(0, 1), st.floats(-10, 10))
def test_returns_are_discounted_sums(rewards, discount, after):
    ours = discounted_returns(np.array(rewards), discount, after)
    for t in range(len(rewards)):
        rest = rewards[t:]
        expected = sum(discount**k * r for k, r in enumerate(rest)) + discount ** len(rest) * after
        assert ours[t] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_standardised_has_mean_0_and_deviation_1_and_survives_equal_values():
    values = standardised(np.array([3.0, 7.0, 11.0, -4.0]))
    assert values.mean() == pytest.approx(0.0, abs=1e-12)
    assert values.std() == pytest.approx(1.0, abs=1e-7)
    np.testing.assert_array_equal(standardised(np.full(4, 2.0)), np.zeros(4))


def rollout(seed, steps=40, worlds=3):
    rng = np.random.default_rng(seed)
    terminated = rng.random((steps, worlds)) < 0.1
    truncated = (rng.random((steps, worlds)) < 0.1) & ~terminated
    numbers = rng.normal(size=(3, steps, worlds)).astype(np.float32)
    return (*numbers, terminated, truncated)


def by_the_definition(rewards, values, following, terminated, truncated, discount, trace):
    """Σ (γλ)ᵏ δ over the rest of the episode, term by term."""
    steps, worlds = rewards.shape
    result = np.zeros((steps, worlds))
    for w in range(worlds):
        for t in range(steps):
            factor = 1.0
            for k in range(t, steps):
                after = 0.0 if terminated[k, w] else following[k, w]
                result[t, w] += factor * (rewards[k, w] + discount * after - values[k, w])
                if terminated[k, w] or truncated[k, w]:
                    break
                factor *= discount * trace
    return result


@pytest.mark.parametrize(("discount", "trace"), [(0.99, 0.95), (1.0, 1.0), (0.9, 0.0), (0.0, 0.5)])
def test_generalized_advantages_equal_their_definition(discount, trace):
    parts = rollout(1)
    np.testing.assert_allclose(
        generalized_advantages(*parts, discount, trace),
        by_the_definition(*parts, discount, trace),
        rtol=1e-5,
        atol=1e-5,
    )


def test_with_trace_1_advantages_are_returns_minus_values():
    rewards, values, _, _, _ = rollout(2)
    never = np.zeros(rewards.shape, dtype=bool)
    following = np.concatenate((values[1:], np.full((1, 3), 0.7, np.float32)))
    ours = generalized_advantages(rewards, values, following, never, never, 0.9, 1.0)
    for w in range(3):
        expected = discounted_returns(rewards[:, w], 0.9, after=0.7) - values[:, w]
        np.testing.assert_allclose(ours[:, w], expected, rtol=1e-4, atol=1e-5)


def test_log_likelihoods_and_entropy_equal_their_definitions():
    logits = torch.randn(20, 4, generator=torch.Generator().manual_seed(0)) * 3
    actions = torch.arange(20) % 4
    torch.testing.assert_close(
        log_likelihoods(logits, actions),
        -torch.nn.functional.cross_entropy(logits, actions, reduction="none"),
    )
    chances = torch.softmax(logits.double(), 1)
    expected = -(chances * chances.log()).sum(1).mean()
    torch.testing.assert_close(mean_entropy(logits), expected.float())
