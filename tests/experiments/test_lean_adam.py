from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from playground.experiments.lean_adam import lean_step

MAKERS = {
    "adam": lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.1, fused=True),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1, fused=True),
    "plain adam": lambda p: torch.optim.Adam(p, lr=0.01, amsgrad=True),
    "sgd": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, fused=True),
}


def network():
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))


def learn(net, step, rounds, frozen=False):
    draw = torch.Generator().manual_seed(2)
    for _ in range(rounds):
        net.zero_grad()
        net(torch.randn(5, 4, generator=draw)).square().sum().backward()
        if frozen:
            net[0].bias.grad = None
        step()


def same(one, other):
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


@pytest.mark.parametrize("name", list(MAKERS))
@pytest.mark.parametrize("frozen", [False, True])
def test_the_weights_are_those_of_torch_to_the_last_bit(name, frozen):
    ours, theirs = network(), network()
    learn(ours, lean_step(MAKERS[name](ours.parameters())), 7, frozen)
    learn(theirs, MAKERS[name](theirs.parameters()).step, 7, frozen)
    same(ours, theirs)
    assert not torch.equal(ours[0].weight, network()[0].weight)


def test_live_numbers_and_a_memory_that_is_loaded_count_at_once():
    ours, theirs = network(), network()
    one, other = (MAKERS["adam"](net.parameters()) for net in (ours, theirs))
    step = lean_step(one)
    learn(ours, step, 3)
    learn(theirs, other.step, 3)
    for optimizer in (one, other):
        optimizer.param_groups[0]["lr"] = 0.2
        optimizer.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    learn(ours, step, 3)
    learn(theirs, other.step, 3)
    same(ours, theirs)


def test_the_usual_step_is_not_taken_once_the_memory_is_there(monkeypatch):
    net = network()
    optimizer = MAKERS["adam"](net.parameters())
    step = lean_step(optimizer)
    learn(net, step, 1)
    monkeypatch.setattr(optimizer, "step", lambda: pytest.fail("the usual step was taken"))
    learn(net, step, 2)
