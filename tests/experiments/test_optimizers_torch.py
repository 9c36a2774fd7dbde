from __future__ import annotations

import itertools

import pytest
import torch

from playground.experiments.optimizers_methods import METHOD_LABELS
from playground.experiments.optimizers_spec import new_lane
from playground.experiments.optimizers_torch import StepTimesJob, make_optimizer

CLASSES = {
    "sgd": torch.optim.SGD, "momentum": torch.optim.SGD, "nesterov": torch.optim.SGD,
    "rprop": torch.optim.Rprop, "adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop,
    "adadelta": torch.optim.Adadelta, "adam": torch.optim.Adam, "nadam": torch.optim.NAdam,
    "adamw": torch.optim.AdamW, "amsgrad": torch.optim.Adam, "radam": torch.optim.RAdam,
    "lbfgs": torch.optim.LBFGS,
}  # fmt: skip


@pytest.mark.parametrize("method", METHOD_LABELS)
def test_a_lane_becomes_the_torch_optimizer_of_its_name(method):
    lane = new_lane(method).model_copy(update={"rate": 0.123, "bias_correction": False})
    optimizer = make_optimizer(lane, [torch.zeros(3, requires_grad=True)])
    assert type(optimizer) is CLASSES[method]
    group = optimizer.param_groups[0]
    assert group["lr"] == 0.123
    assert group.get("amsgrad", False) is (method == "amsgrad")
    assert group.get("nesterov", False) is (method == "nesterov")


@pytest.mark.parametrize("method", sorted(set(METHOD_LABELS) - {"lbfgs"}))
def test_the_defaults_are_those_of_torch(method):
    lane = new_lane(method)
    ours = make_optimizer(lane, [torch.zeros(3, requires_grad=True)]).param_groups[0]
    extra = {"momentum": {"momentum": 0.9}, "nesterov": {"momentum": 0.9, "nesterov": True}}
    more = {**extra.get(method, {}), **({"amsgrad": True} if method == "amsgrad" else {})}
    theirs = CLASSES[method]([torch.zeros(3, requires_grad=True)], lr=lane.rate, **more)
    for name, value in theirs.param_groups[0].items():
        if name != "params":
            assert ours[name] == value, name


def test_the_median_step_time_comes_from_the_clock_that_is_handed_in():
    ticks = itertools.count()
    lanes = [new_lane("sgd"), new_lane("lbfgs"), new_lane("adam")]
    job = StepTimesJob(lanes, 10, lambda: float(next(ticks)))
    run, reports = job.run(), []
    while True:
        try:
            reports.append(next(run))
        except StopIteration as stop:
            result = stop.value
            break
    assert result == (1.0, 1.0, 1.0)
    fractions = [report.fraction for report in reports]
    assert fractions == sorted(fractions)
    assert 0.0 <= fractions[0] <= fractions[-1] <= 1.0
