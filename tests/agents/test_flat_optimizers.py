"""Adam and RMSprop on one row against torch.optim, step for step."""

from __future__ import annotations

import pytest
import torch

from playground.agents.flat_optimizers import FlatAdam, FlatRmsprop, make_optimizer


def gradients(count):
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(30, generator=generator) for _ in range(count)]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda v, g: FlatAdam(v, g, eps=1e-5), lambda p: torch.optim.Adam(p, eps=1e-5)),
        (lambda v, g: make_optimizer("adam", v, g), torch.optim.Adam),
        (lambda v, g: make_optimizer("rmsprop", v, g), torch.optim.RMSprop),
        (lambda v, g: FlatRmsprop(v, g, 0.9), lambda p: torch.optim.RMSprop(p, alpha=0.9)),
    ],
)
def test_steps_equal_torch(ours, theirs):
    values, gradient = torch.ones(30), torch.zeros(30)
    optimizer = ours(values, gradient)
    weight = torch.ones(30, requires_grad=True)
    reference = theirs([weight])
    for k, g in enumerate(gradients(40)):
        rate = 0.01 / (1 + k % 3)
        gradient.copy_(g)
        optimizer.step(rate)
        weight.grad = g.clone()
        reference.param_groups[0]["lr"] = rate
        reference.step()
        torch.testing.assert_close(values, weight.detach(), rtol=1e-5, atol=1e-6)
        assert float(gradient.abs().max()) == 0.0


@pytest.mark.parametrize("kind", ["adam", "rmsprop"])
def test_a_state_goes_on_to_the_same_bits(kind):
    values, gradient = torch.ones(30), torch.zeros(30)
    optimizer = make_optimizer(kind, values, gradient)
    ends = []
    steps = gradients(20)
    for g in steps[:10]:
        gradient.copy_(g)
        optimizer.step(0.01)
    state, middle = optimizer.state(), values.clone()
    for _ in range(2):
        values.copy_(middle)
        optimizer.load_state(state)
        for g in steps[10:]:
            gradient.copy_(g)
            optimizer.step(0.01)
        ends.append(values.clone())
    assert torch.equal(*ends)
