"""How long one step of each method takes, measured with torch.optim itself on two weights.

The race shares its arithmetic between lanes, so the time of a single lane cannot be seen there;
and a run must not look at a clock. This job measures beside it.
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any

from playground.experiments.jobs import JobProgress, SlicedJob

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from playground.experiments.optimizers_methods import Method

WARM_UP, ROUNDS, SLICE = 8, 60, 10
CLASSES: dict[str, tuple[str, dict[str, Any]]] = {
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {"momentum": 0.9}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "rprop": ("Rprop", {}),
    "adagrad": ("Adagrad", {}),
    "rmsprop": ("RMSprop", {}),
    "adadelta": ("Adadelta", {}),
    "adam": ("Adam", {}),
    "nadam": ("NAdam", {}),
    "adamw": ("AdamW", {}),
    "amsgrad": ("Adam", {"amsgrad": True}),
    "radam": ("RAdam", {}),
    "lbfgs": ("LBFGS", {"max_iter": 1}),
}
"""Class of torch.optim and its options, by method."""


class StepTimes(SlicedJob):
    """Measures the median seconds of a step, by method."""

    title = "Time of a step"

    def __init__(self, methods: Sequence[Method]) -> None:
        self._methods = tuple(dict.fromkeys(methods))

    def run(self) -> Generator[JobProgress, None, dict[str, float]]:
        """Yield after every few steps; return seconds by method."""
        import torch

        times: dict[str, float] = {}
        for place, method in enumerate(self._methods):
            name, options = CLASSES[method]
            weights = torch.tensor([[1.0, -0.5]], dtype=torch.float64, requires_grad=True)
            optimizer = getattr(torch.optim, name)([weights], lr=1e-4, **options)

            def closure(w: torch.Tensor = weights) -> torch.Tensor:
                w.grad = w.detach().clone()
                return (w.detach() ** 2).sum() / 2

            taken = []
            for step in range(WARM_UP + ROUNDS):
                closure()
                start = time.perf_counter()
                optimizer.step(closure)
                taken.append(time.perf_counter() - start)
                if step % SLICE == SLICE - 1:
                    yield JobProgress(place / len(self._methods))
            # The median: a pause of the machine must not count.
            times[method] = statistics.median(taken[WARM_UP:])
        return times
