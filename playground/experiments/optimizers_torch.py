"""The lanes of a race as torch.optim objects, and how long one step of each takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from playground.core import lbfgs
from playground.experiments.jobs import JobProgress, SlicedJob

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    import torch

    from playground.experiments.optimizers_lane_spec import LaneSpec

UNCORRECTED: Final = "AdamWithoutBiasCorrection"

_WARM_UP: Final = 5
_TIMED: Final = 50


def make_optimizer(lane: LaneSpec, parameters: Sequence[torch.Tensor]) -> torch.optim.Optimizer:
    """Return the torch optimizer of a lane for any parameters, such as those of a network.

    Bias correction is always on: torch's Adam has no other form.
    """
    import torch

    name, arguments = torch_call(lane.method, {**lane.hyper, "bias_correction": True})
    optimizer: torch.optim.Optimizer = getattr(torch.optim, name)(
        list(parameters), lr=lane.rate, **arguments
    )
    return optimizer


class StepTimesJob(SlicedJob):
    """Measures how long one step of torch.optim takes for every lane, its gradient left out.

    The result is a tuple of seconds, the median of 50 steps on as many weights as asked for; the
    times of a race itself say little, because its lanes share their arithmetic.

    Parameters
    ----------
    lanes
        Whose steps are timed.
    weights
        Number of weights: 2 as in the race, or as many as a network has.
    clock
        Seconds, such as `time.perf_counter`.
    """

    title = "time of a step"

    def __init__(self, lanes: Sequence[LaneSpec], weights: int, clock: Callable[[], float]) -> None:
        self._lanes = tuple(lanes)
        self._weights = weights
        self._clock = clock

    def run(self) -> Generator[JobProgress, None, tuple[float, ...]]:
        """Yield after every few steps; return the seconds of one step for each lane."""
        import torch

        medians: list[float] = []
        for index, lane in enumerate(self._lanes):
            weight = torch.zeros(self._weights, requires_grad=True)
            weight.grad = torch.full((self._weights,), 0.01)
            optimizer = make_optimizer(lane, [weight])
            seconds: list[float] = []
            for count in range(_WARM_UP + _TIMED):
                before = self._clock()
                # L-BFGS asks for the loss; a constant one leaves the gradient as it is.
                optimizer.step(lambda: 1.0)
                if count >= _WARM_UP:
                    seconds.append(self._clock() - before)
                if count % 10 == 0:
                    yield JobProgress((index + count / (_WARM_UP + _TIMED)) / len(self._lanes))
            medians.append(sorted(seconds)[len(seconds) // 2])
        return tuple(medians)


def torch_call(method: str, hyper: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the class of a method in torch.optim and its arguments beside the rate.

    The class is :data:`UNCORRECTED` for Adam and its relatives without bias correction, which torch
    does not have.
    """
    decay = {"weight_decay": hyper["weight_decay"]} if "weight_decay" in hyper else {}
    match method:
        case "sgd":
            return "SGD", decay
        case "momentum":
            inertia = {name: hyper[name] for name in ("momentum", "dampening")}
            return "SGD", {**inertia, **decay}
        case "nesterov":
            return "SGD", {"momentum": hyper["momentum"], "nesterov": True, **decay}
        case "rprop":
            return "Rprop", {
                "etas": (hyper["eta_minus"], hyper["eta_plus"]),
                "step_sizes": (hyper["step_min"], hyper["step_max"]),
            }
        case "adagrad":
            return "Adagrad", {
                "lr_decay": hyper["rate_decay"],
                "initial_accumulator_value": hyper["initial_sum"],
                "eps": hyper["eps"],
                **decay,
            }
        case "rmsprop":
            return "RMSprop", {
                "alpha": hyper["alpha"],
                "eps": hyper["eps"],
                "momentum": hyper["momentum"],
                "centered": hyper["centred"],
                **decay,
            }
        case "adadelta":
            return "Adadelta", {"rho": hyper["rho"], "eps": hyper["eps"], **decay}
        case "lbfgs":
            return "LBFGS", {
                "max_iter": hyper["iterations"],
                "max_eval": lbfgs.EVALUATIONS * hyper["iterations"],
                "history_size": hyper["history"],
                "line_search_fn": "strong_wolfe" if hyper["line_search"] else None,
            }
        case _:
            return _adam_call(method, hyper)


def _adam_call(method: str, hyper: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    arguments: dict[str, Any] = {
        "betas": (hyper["beta1"], hyper["beta2"]),
        "eps": hyper["eps"],
        "weight_decay": hyper["weight_decay"],
    }
    if method == "nadam":
        return "NAdam", {**arguments, "momentum_decay": hyper["momentum_decay"]}
    if method == "radam":
        return "RAdam", arguments
    if not hyper["bias_correction"]:
        flags = {"decoupled": method == "adamw", "amsgrad": method == "amsgrad"}
        return UNCORRECTED, {**arguments, **flags}
    if method == "adamw":
        return "AdamW", arguments
    return "Adam", {**arguments, "amsgrad": True} if method == "amsgrad" else arguments
