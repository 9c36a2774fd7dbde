"""One deep network from its first weights on: what its signals and gradients do while it learns.

    step k:   W ← W − η·(what the optimizer makes of ∂C/∂W),   C the mean loss of batch k

The pass of the next batch through the weights is made right after a step and kept: its signals and
gradients are what the picture of that step shows, and what the next step is made from. Looking at
the network therefore changes nothing and costs no pass of its own.

All first weights come from standard draws that depend on seed and layer alone; a scheme only scales
them (:mod:`playground.core.initializers`), and the batches come in the same order for any network.
"""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING, ClassVar

import torch

from playground.core.networks import Pass, evaluate, forward_backward
from playground.core.variance_theory import predict
from playground.experiments.base import (
    RUNNING,
    Experiment,
    Progress,
    Series,
    State,
    Status,
)
from playground.experiments.init_data import batch_rows, samples_of
from playground.experiments.init_measure import Measurement, is_recorded, log10, measure
from playground.experiments.init_network import (
    network_of,
    optimizer_of,
    refuse_if_too_large,
    setting_of,
    tune,
)
from playground.experiments.init_snapshot import (
    LAYER_SERIES,
    SERIES_BACKWARD,
    SERIES_DEAD,
    SERIES_EPOCH,
    SERIES_FORWARD,
    SERIES_LOSS,
    SERIES_SATURATED,
    SERIES_UPDATE,
)
from playground.experiments.init_spec import InitSpec
from playground.experiments.init_verdicts import overflow_reason, signals_are_fine
from playground.experiments.init_views import NetworkView, Standing, take_snapshot
from playground.experiments.spec import SpecError

if TYPE_CHECKING:
    from playground.core.networks import DeepNetwork
    from playground.experiments.init_snapshot import InitSnapshot
    from playground.experiments.spec import Path, Spec

LOSS_COLUMNS = ("loss", "accuracy")
EPOCH_COLUMNS = ("epoch", "train_loss", "train_accuracy", "test_loss", "test_accuracy")
_HIDDEN_ONLY = (SERIES_DEAD, SERIES_SATURATED)


class InitExperiment(Experiment):
    """A deep multi-layer perceptron whose inside is measured at every step."""

    kind: ClassVar[str] = "init"
    spec_type: ClassVar[type[InitSpec]] = InitSpec
    needs_torch: ClassVar[bool] = True
    step_noun: ClassVar[str] = "batch"
    mark_noun: ClassVar[str] = "epoch"
    mark_series: ClassVar[str] = SERIES_EPOCH

    spec: InitSpec

    def __init__(self, spec: Spec, seed: int) -> None:
        if not isinstance(spec, InitSpec):
            raise TypeError(f"expected an InitSpec, got {type(spec).__name__}")
        super().__init__(spec, seed)
        refuse_if_too_large(spec)
        self._data = samples_of(spec.data, seed)
        samples = len(self._data.train_y)
        # Of MNIST there may be fewer samples than the spec asks for.
        self._batch_size = min(spec.batch_size, samples)
        self._batches = samples // self._batch_size
        if spec.network.batch_norm and self._batch_size < 2:
            raise SpecError("Batch normalisation needs at least 2 training samples.")
        self._order = (-1, torch.empty(0, dtype=torch.int64))
        self._network = network_of(spec, seed)
        self._optimizer = optimizer_of(self._network, spec.training)
        setting = setting_of(spec, self._data.moments, self._batch_size)
        self._view = NetworkView(setting, predict(setting), seed)
        names = layer_names(spec)
        self.series = (
            Series(SERIES_LOSS, LOSS_COLUMNS),
            Series(SERIES_EPOCH, EPOCH_COLUMNS, ("int64", *("float64",) * 4)),
            *(Series(name, names[:-1] if name in _HIDDEN_ONLY else names) for name in LAYER_SERIES),
        )
        self._updates: tuple[float, ...] = (math.nan,) * len(names)
        self._sums = (0.0, 0.0)
        self._scores = (math.nan, math.nan)
        self._measurement: Measurement | None = None
        self._pass = self._make_pass()
        self._was_fine = signals_are_fine(self._measured())
        self._record_step()

    @property
    def network(self) -> DeepNetwork:
        """A copy of the network as it stands."""
        return copy.deepcopy(self._network)

    @property
    def batches(self) -> int:
        """How many steps an epoch has."""
        return self._batches

    @property
    def test_scores(self) -> tuple[float, float]:
        """Loss and accuracy of all test samples at the end of the last epoch; NaN before."""
        return self._scores

    def step(self) -> None:
        """Learn from the batch at hand, and pass the next one through the new weights."""
        recorded = is_recorded(self.step_index + 1)
        before = [weight.detach().clone() for weight in self._network.weights] if recorded else []
        loss, accuracy = self._sums
        self._sums = (loss + self._pass.loss, accuracy + self._pass.accuracy)
        self._optimizer.step()
        self.step_index += 1
        if recorded:
            self._updates = tuple(
                _update_ratio(old, new)
                for old, new in zip(before, self._network.weights, strict=True)
            )
        # The pass kept so far is let go before the next is made: they are the larger part.
        del self._pass
        self._pass = self._make_pass()
        self._record_step()
        if self.step_index % self._batches == 0:
            self._end_epoch()

    def snapshot(self, views: frozenset[str]) -> InitSnapshot:
        """Return a frozen picture of all layers."""
        standing = Standing(
            self._network,
            self._pass,
            self._measured(),
            self._batches,
            self._updates,
            self._scores,
            self._was_fine,
        )
        return take_snapshot(self, standing, views, self._view)

    def state(self) -> State:
        """Return all weights and what the optimizer remembers."""
        return State(
            self.step_index,
            {
                "network": copy.deepcopy(self._network.state_dict()),
                "optimizer": copy.deepcopy(self._optimizer.state_dict()["state"]),
                "numbers": (self._updates, self._sums, self._scores),
            },
            {"spec": self.spec},
        )

    def load_state(self, state: State) -> None:
        """Go to the step of a state."""
        self.step_index = state.step
        self.spec = state.shared["spec"]
        self._network.load_state_dict(state.own["network"])
        groups = self._optimizer.state_dict()["param_groups"]
        remembered = copy.deepcopy(state.own["optimizer"])
        self._optimizer.load_state_dict({"state": remembered, "param_groups": groups})
        tune(self._optimizer, self.spec.training)
        self._updates, self._sums, self._scores = state.own["numbers"]
        self._pass = self._make_pass()
        self._records.clear()

    def status(self) -> Status:
        """Tell whether steps are left and the loss is still a number."""
        if not math.isfinite(self._pass.loss):
            return Status(
                Progress.DIVERGED, overflow_reason(self.step_index, self._network, self._pass)
            )
        if self.step_index >= self.spec.training.steps:
            return Status(
                Progress.FINISHED, f"the steps are over ({self.step_index:,}); {self.headline()}"
            )
        return RUNNING

    def headline(self) -> str:
        """Return the test accuracy once there is one, else the loss of the batch."""
        if math.isfinite(self._scores[1]):
            return f"test accuracy {100 * self._scores[1]:.4g} %"
        return f"loss {self._pass.loss:.4g}"

    def steps_to_mark(self) -> int:
        """Return the batches left in this epoch."""
        return self._batches - self.step_index % self._batches

    def _on_live_change(self, path: Path) -> None:  # noqa: ARG002 - any of them
        tune(self._optimizer, self.spec.training)

    def _make_pass(self) -> Pass:
        """Pass the next batch through the present weights, forward and backward."""
        self._measurement = None
        epoch, batch = divmod(self.step_index, self._batches)
        if self._order[0] != epoch:
            self._order = epoch, batch_rows(self.seed, epoch, len(self._data.train_y))
        size = self._batch_size
        rows = self._order[1][batch * size : (batch + 1) * size]
        return forward_backward(
            self._network,
            self._data.train_x[rows],
            self._data.train_y[rows],
            self.spec.training.loss,
        )

    def _measured(self) -> Measurement:
        if self._measurement is None:
            self._measurement = measure(self._pass, self.spec.network.activation)
        return self._measurement

    def _record_step(self) -> None:
        self._record(SERIES_LOSS, self._pass.loss, self._pass.accuracy)
        if not is_recorded(self.step_index):
            return
        found = self._measured()
        forward = [std for _, std in (*found.a, found.z[-1])]
        self._record(SERIES_FORWARD, *map(log10, forward))
        self._record(SERIES_BACKWARD, *(log10(std) for _, std in found.dz))
        self._record(SERIES_DEAD, *found.dead)
        self._record(SERIES_SATURATED, *found.saturated)
        self._record(SERIES_UPDATE, *map(log10, self._updates))

    def _end_epoch(self) -> None:
        data = self._data
        self._scores = evaluate(self._network, data.test_x, data.test_y, self.spec.training.loss)
        loss, accuracy = (total / self._batches for total in self._sums)
        self._sums = (0.0, 0.0)
        epoch = self.step_index // self._batches
        self._record(SERIES_EPOCH, epoch, loss, accuracy, *self._scores)


def layer_names(spec: InitSpec) -> tuple[str, ...]:
    """Return the names of all layers with weights: ``"1"``, ``"2"`` …, ``"output"``."""
    return (*(str(layer + 1) for layer in range(len(spec.network.hidden))), "output")


def _update_ratio(before: torch.Tensor, after: torch.Tensor) -> float:
    """Return ‖ΔW‖/‖W‖; NaN for weights that were all 0."""
    size = float(torch.linalg.vector_norm(before))
    change = float(torch.linalg.vector_norm(after.detach() - before))
    return change / size if size > 0.0 else math.nan
