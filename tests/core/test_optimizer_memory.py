from __future__ import annotations

import pytest
import torch

from playground.core import optimizers
from playground.core.optimizer_memory import COURSE_MLP, MEMORY, lbfgs_need
from playground.experiments.optimizers_methods import METHOD_LABELS
from playground.experiments.optimizers_spec import new_lane
from playground.experiments.optimizers_torch import make_optimizer

WEIGHTS = 1000


@pytest.mark.parametrize(
    "need", [one for one in MEMORY if one.method != "lbfgs"], ids=lambda one: one.method
)
def test_the_table_counts_what_torch_keeps(need):
    weight = torch.zeros(WEIGHTS, requires_grad=True)
    weight.grad = torch.ones(WEIGHTS)
    optimizer = make_optimizer(new_lane(need.method), [weight])
    optimizer.step()
    kept = sum(
        value.numel()
        for value in optimizer.state[weight].values()
        if torch.is_tensor(value) and value.numel() == WEIGHTS
    )
    assert kept == need.state * WEIGHTS


def test_l_bfgs_grows_with_its_history():
    history = 4
    lane = new_lane("lbfgs").model_copy(
        update={"history": history, "line_search": False, "rate": 0.1}
    )
    weight = torch.randn(WEIGHTS, generator=torch.Generator().manual_seed(1)).requires_grad_()
    optimizer = make_optimizer(lane, [weight])
    scale = torch.linspace(0.1, 1.0, WEIGHTS)

    def closure():
        optimizer.zero_grad()
        loss = (scale * weight**2).sum()
        loss.backward()
        return loss

    for _ in range(2 * history):
        optimizer.step(closure)
    state = optimizer.state[weight]
    kept = sum(
        part.numel()
        for part in (*state["old_dirs"], *state["old_stps"], state["d"], state["prev_flat_grad"])
    )
    assert kept == lbfgs_need(history).state * WEIGHTS


def test_all_methods_are_in_the_table_and_the_course_is_quoted():
    assert [need.method for need in MEMORY] == [
        *(method for method in METHOD_LABELS if method != "lbfgs"), "lbfgs",
    ]  # fmt: skip
    course = {need.method: need.course for need in MEMORY if need.course}
    assert course["sgd"] == "2×"
    assert course["adam"] == course["nadam"] == course["adadelta"] == "4×"
    for need in MEMORY:
        if need.course.endswith("×"):
            assert need.course == f"{need.copies}×"
    assert set(optimizers.SLOTS) == {need.method for need in MEMORY} - {"lbfgs"}


def test_bytes_are_those_of_single_precision():
    assert COURSE_MLP == 545_810
    adam = next(need for need in MEMORY if need.method == "adam")
    assert adam.bytes_for(7_000_000_000) == 112_000_000_000
