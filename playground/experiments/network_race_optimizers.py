"""From a lane of the race to the torch.optim object that trains a network.

torch's Adam always corrects its bias; a lane that has the correction switched off trains with it
all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playground.experiments.optimizers_lane_spec import LaneSpec


def optimizer_for(
    lane: LaneSpec, parameters: Iterable[torch.nn.Parameter], rate: float
) -> torch.optim.Optimizer:
    """Return the optimizer of a lane with its numbers at a learning rate."""
    weights = list(parameters)
    hyper = dict(lane.hyper)
    if lane.method in ("adam", "nadam", "adamw", "amsgrad", "radam"):
        return _adam_like(lane.method, weights, rate, hyper)
    optim = torch.optim
    match lane.method:
        case "rprop":
            return optim.Rprop(
                weights,
                lr=rate,
                etas=(hyper["eta_minus"], hyper["eta_plus"]),
                step_sizes=(hyper["step_min"], hyper["step_max"]),
            )
        case "adagrad":
            return optim.Adagrad(
                weights,
                lr=rate,
                lr_decay=hyper["rate_decay"],
                eps=hyper["eps"],
                initial_accumulator_value=hyper["initial_sum"],
                weight_decay=hyper["weight_decay"],
            )
        case "rmsprop":
            return optim.RMSprop(
                weights,
                lr=rate,
                alpha=hyper["alpha"],
                eps=hyper["eps"],
                momentum=hyper["momentum"],
                centered=hyper["centred"],
                weight_decay=hyper["weight_decay"],
            )
        case "adadelta":
            return optim.Adadelta(
                weights,
                lr=rate,
                rho=hyper["rho"],
                eps=hyper["eps"],
                weight_decay=hyper["weight_decay"],
            )
        case "lbfgs":
            return optim.LBFGS(
                weights,
                lr=rate,
                max_iter=hyper["iterations"],
                history_size=hyper["history"],
                line_search_fn="strong_wolfe" if hyper["line_search"] else None,
            )
        case _:
            return _descent(lane.method, weights, rate, hyper)


def _descent(
    method: str, weights: list[torch.nn.Parameter], rate: float, hyper: dict[str, Any]
) -> torch.optim.Optimizer:
    momentum = hyper.get("momentum", 0.0)
    return torch.optim.SGD(
        weights,
        lr=rate,
        momentum=momentum,
        dampening=hyper.get("dampening", 0.0),
        weight_decay=hyper["weight_decay"],
        # torch refuses Nesterov without momentum, where it is plain descent.
        nesterov=method == "nesterov" and momentum > 0.0,
    )


def _adam_like(
    method: str, weights: list[torch.nn.Parameter], rate: float, hyper: dict[str, Any]
) -> torch.optim.Optimizer:
    optim = torch.optim
    common: dict[str, Any] = {
        "lr": rate,
        "betas": (hyper["beta1"], hyper["beta2"]),
        "eps": hyper["eps"],
        "weight_decay": hyper["weight_decay"],
    }
    match method:
        case "nadam":
            return optim.NAdam(weights, momentum_decay=hyper["momentum_decay"], **common)
        case "adamw":
            return optim.AdamW(weights, **common)
        case "radam":
            return optim.RAdam(weights, **common)
        case _:
            return optim.Adam(weights, amsgrad=method == "amsgrad", **common)
