"""The step cards, line by line, against what torch does to two weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from playground.core import optimizers
from playground.core.optimizer_arithmetic import explain
from playground.experiments.optimizers_methods import METHOD_LABELS
from playground.experiments.optimizers_spec import new_lane
from playground.experiments.optimizers_torch import make_optimizer

ROUNDS = 15
METHODS = [method for method in METHOD_LABELS if method != "lbfgs"]
CHANGES = {
    "defaults": {},
    "everything on": {
        "weight_decay": 0.1,
        "adamw_decay": 0.1,
        "dampening": 0.2,
        "centred": True,
        "rms_momentum": 0.5,
        "rate_decay": 0.1,
        "initial_sum": 0.3,
        "beta1": 0.6,
        "beta2": 0.8,
        "eta_minus": 0.3,
        "step_max": 1.0,
    },
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("method", METHODS)
def test_the_last_line_of_every_card_is_the_weight_that_torch_arrives_at(method, change):
    lane = new_lane(method).model_copy(update=CHANGES[change])
    gradients = np.random.default_rng(5).normal(0.0, 1.0, (ROUNDS, 2))
    weight = torch.tensor([0.8, -1.3], dtype=torch.float64, requires_grad=True)
    optimizer = make_optimizer(lane, [weight])
    hyper = optimizers.columns([lane.hyper])
    state = optimizers.first_state(method, hyper, 1)
    rate = np.full((1, 1), lane.rate)
    for gradient in gradients:
        position = weight.detach().numpy().copy()
        before = {slot: values[0] for slot, values in state.items()}
        card = explain(method, lane.hyper, lane.rate, before, position, gradient)
        state = optimizers.moved(
            method, state, hyper, rate, position[None], gradient[None]
        ).state  # fmt: skip
        weight.grad = torch.tensor(gradient)
        optimizer.step()
        np.testing.assert_allclose(card[-1].values, weight.detach().numpy(), rtol=0, atol=1e-6)


def lines(method, gradient, **change):
    lane = new_lane(method).model_copy(update={"rate": 0.1, **change})
    state = optimizers.first_state(method, optimizers.columns([lane.hyper]), 1)
    before = {slot: values[0] for slot, values in state.items()}
    return explain(method, lane.hyper, 0.1, before, np.array([1.0, -2.0]), np.array(gradient))


def test_numbers_stand_where_their_letters_do():
    card = lines("momentum", [0.5, -0.25])
    assert [(term.symbol, term.formula) for term in card] == [
        ("g", "∇f(w)"), ("v", "μ·v + g"), ("w", "w − η·v"),
    ]  # fmt: skip
    assert card[0].numbers == ("0.5", "−0.25")
    assert card[1].numbers == ("0.9·0 + 0.5 = 0.5", "0.9·0 + (−0.25) = −0.25")
    assert card[2].numbers == ("1 − 0.1·0.5 = 0.95", "(−2) − 0.1·(−0.25) = −1.975")


def test_what_both_coordinates_share_is_written_once():
    card = {term.symbol: term for term in lines("nadam", [0.5, -0.25])}
    assert len(card["μ"].numbers) == len(card["Π"].numbers) == 1
    assert len(card["m"].numbers) == 2


def test_without_bias_correction_the_correcting_lines_are_gone():
    corrected = [term.symbol for term in lines("adam", [0.5, -0.25])]
    plain = [term.symbol for term in lines("adam", [0.5, -0.25], bias_correction=False)]
    assert corrected == ["g", "m", "v", "m̂", "v̂", "Δ", "w"]
    assert plain == ["g", "m", "v", "Δ", "w"]


def test_weight_decay_has_a_line_of_its_own():
    card = lines("sgd", [0.5, -0.25], weight_decay=0.1)
    assert card[1].numbers == ("0.5 + 0.1·1 = 0.6", "(−0.25) + 0.1·(−2) = −0.45")
