"""A network of images that learns in mini-batches: what happens inside it from step to step.

    step k:   W ← W − η·(what the optimizer makes of ∂C/∂W),   C the cross-entropy of batch k

An epoch shows every training image once, in an order that depends on seed and epoch alone; the last
batch takes what is left. At the end of an epoch all test images are passed through, as a plain
program does. Weights, gradients, what the optimizer remembers, running means of normalisations, and
the generators of dropout and of the random variations are all part of the state, so a run can be
taken up at any step and goes on bit for bit.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch.nn import functional

from playground.core.random_streams import Streams
from playground.experiments.base import (
    RUNNING,
    Edit,
    Experiment,
    Progress,
    Series,
    SetValue,
    State,
    Status,
)
from playground.experiments.cnn_data import load_data, varied
from playground.experiments.cnn_edits import LoadWeights, pack_arrays
from playground.experiments.cnn_evaluation import (
    NOTHING_TESTED,
    Tested,
    continue_test,
    own_steps,
    part_size,
    scores_of,
)
from playground.experiments.cnn_network import (
    arrays_of,
    network_of,
    optimizer_of,
    replace_weights,
    tune,
)
from playground.experiments.cnn_snapshot import (
    BATCH_COLUMNS,
    EPOCH_COLUMNS,
    SERIES_BATCH,
    SERIES_EPOCH,
)
from playground.experiments.cnn_spec import CnnSpec
from playground.experiments.cnn_verdicts import Epoch, overflow_reason, percent
from playground.experiments.cnn_views import Standing, TestViews, image_set, take_snapshot
from playground.experiments.init_data import batch_rows
from playground.experiments.lean_adam import lean_step
from playground.experiments.spec import SpecError

if TYPE_CHECKING:
    from playground.experiments.cnn_evaluation import Scores
    from playground.experiments.cnn_network import ImageNetwork
    from playground.experiments.cnn_snapshot import CnnSnapshot
    from playground.experiments.spec import Path, Spec


class CnnExperiment(Experiment):
    """A small network of images, trained batch by batch."""

    kind: ClassVar[str] = "cnn"
    spec_type: ClassVar[type[CnnSpec]] = CnnSpec
    edit_types: ClassVar[tuple[type[Edit], ...]] = (SetValue, LoadWeights)
    series = (
        Series(SERIES_BATCH, BATCH_COLUMNS),
        Series(SERIES_EPOCH, EPOCH_COLUMNS, ("int64", *("float64",) * 4)),
    )
    needs_torch: ClassVar[bool] = True
    step_noun: ClassVar[str] = "batch"
    mark_noun: ClassVar[str] = "epoch"
    mark_series: ClassVar[str] = SERIES_EPOCH

    spec: CnnSpec

    def __init__(self, spec: Spec, seed: int) -> None:
        if not isinstance(spec, CnnSpec):
            raise TypeError(f"expected a CnnSpec, got {type(spec).__name__}")
        super().__init__(spec, seed)
        self._data = load_data(spec.data, seed)
        self._count = len(self._data.train_y)
        self._normalised = any(block.kind == "batch norm" for block in spec.blocks)
        if self._normalised and self._count < 2:
            raise SpecError("Batch normalisation needs at least 2 training images.")
        self._images = image_set(self._data)
        streams = Streams(seed)
        self._dropout = streams.torch("dropout")
        self._augment = streams.torch("augment")
        self._network = network_of(spec, len(self._data.class_names), seed, self._dropout)
        self._weights = tuple(self._network.parameters())
        self._optimizer = optimizer_of(self._network, spec.training)
        self._learn = lean_step(self._optimizer)
        self._device = self._network.device
        self._order = (-1, torch.empty(0, dtype=torch.int64))
        self._epoch, self._seen = 0, 0
        self._batch = (math.nan, math.nan)
        self._sums = (0.0, 0.0)
        self._tested = TestViews(self._images)
        self._test = NOTHING_TESTED
        self._scores = self._evaluated()
        self._history: tuple[Epoch, ...] = ()
        self._end_epoch(math.nan, math.nan)

    @property
    def network(self) -> ImageNetwork:
        """The network itself, for files and scripts: do not change it."""
        return self._network

    @property
    def optimizer(self) -> torch.optim.Optimizer:
        """The optimizer itself, for files: do not change it."""
        return self._optimizer

    @property
    def history(self) -> tuple[Epoch, ...]:
        """What the epochs came to, first weights first."""
        return self._history

    def step(self) -> None:
        """Learn from the next batch, or, where the epoch has no more, go on with its test."""
        if self._seen == self._count:
            self.step_index += 1
            self._go_on_testing()
            return
        rows = self._next_rows()
        x, y = self._data.train_x[rows], self._data.train_y[rows]
        if not self.spec.augment.is_identity:
            x = varied(x, self.spec.augment, self._augment)
        x, y = x.to(self._device), y.to(self._device)
        # Whoever had it answer a question may have left it answering.
        if not self._network.training:
            self._network.train()
        # What zero_grad does, in a tenth of its time.
        for weight in self._weights:
            weight.grad = None
        outputs = self._network(x)
        loss = functional.cross_entropy(outputs, y)
        loss.backward()
        self._learn()
        self.step_index += 1
        value = loss.item()
        right = int((outputs.detach().argmax(1) == y).sum())
        self._take_note(value, right, len(rows))

    def snapshot(self, views: frozenset[str]) -> CnnSnapshot:
        """Return a frozen picture with the parts on screen."""
        standing = Standing(
            step=self.step_index,
            status=self.status(),
            spec=self.spec,
            network=self._network,
            images=self._images,
            scores=self._scores,
            tested=self._tested,
            history=self._history,
            epoch=self._epoch,
            seen=self._seen,
            tested_count=self._test.count,
            epoch_steps=self._steps_left(0, 0),
            loss=self._batch[0],
            accuracy=self._batch[1],
            headline=self.headline(),
        )
        return take_snapshot(standing, views)

    def state(self) -> State:
        """Return weights, gradients, the optimizer's memory and all generators."""
        gradients = [
            None if weight.grad is None else weight.grad.clone()
            for weight in self._network.parameters()
        ]
        return State(
            self.step_index,
            {
                "network": _copied(self._network.state_dict()),
                "gradients": gradients,
                "optimizer": _copied(self._optimizer.state_dict()["state"]),
                "generators": (self._dropout.get_state(), self._augment.get_state()),
                "numbers": (self._epoch, self._seen, self._batch, self._sums),
            },
            {
                "spec": self.spec,
                "scores": self._scores,
                "history": self._history,
                "test": self._test,
            },
        )

    def load_state(self, state: State) -> None:
        """Go to the step of a state."""
        own, shared = state.own, state.shared
        self.step_index = state.step
        self.spec = shared["spec"]
        self._scores, self._history = shared["scores"], shared["history"]
        self._test = shared["test"]
        self._epoch, self._seen, self._batch, self._sums = own["numbers"]
        self._network.load_state_dict(own["network"])
        self._network.knock_out(self.spec.knocked_out)
        for weight, gradient in zip(self._network.parameters(), own["gradients"], strict=True):
            weight.grad = None if gradient is None else gradient.clone()
        self._load_optimizer(_copied(own["optimizer"]))
        self._dropout.set_state(own["generators"][0])
        self._augment.set_state(own["generators"][1])
        self._records.clear()

    def status(self) -> Status:
        """Tell whether epochs are left and the loss is still a number."""
        if self.step_index and not math.isfinite(self._batch[0]):
            return Status(
                Progress.DIVERGED, overflow_reason(self.step_index, self.spec, self._batch[0])
            )
        if self._epoch >= self.spec.training.epochs:
            return Status(
                Progress.FINISHED, f"the epochs are over ({self._epoch:,}); {self.headline()}"
            )
        return RUNNING

    def headline(self) -> str:
        """Return the test accuracy at the end of the last epoch."""
        return f"test accuracy {percent(self._scores.accuracy)}"

    def steps_to_mark(self) -> int:
        """Return the steps left in this epoch and its test, with the present batch size."""
        return self._steps_left(self._seen, self._test.count)

    def apply(self, edit: Edit) -> None:
        """Change a live value, or take over weights from a file."""
        if isinstance(edit, LoadWeights):
            replace_weights(self._network, edit)
            self._load_optimizer({})
            self._network.zero_grad(set_to_none=True)
            self._test_anew()
            return
        super().apply(edit)

    def inverse(self, edit: Edit) -> Edit | None:
        """Return the edit that undoes another: for weights those of now."""
        if isinstance(edit, LoadWeights):
            return LoadWeights(
                packed=pack_arrays(arrays_of(self._network)), name="the weights before"
            )
        return super().inverse(edit)

    def _on_live_change(self, path: Path) -> None:
        tune(self._optimizer, self.spec.training)
        if path[0] == "knocked_out":
            self._network.knock_out(self.spec.knocked_out)
            # At once: that is what a filter is knocked out for.
            self._test_anew()

    def _next_rows(self) -> torch.Tensor:
        if self._order[0] != self._epoch:
            self._order = self._epoch, batch_rows(self.seed, self._epoch, self._count)
        end = min(self._seen + self.spec.training.batch_size, self._count)
        # Normalisation cannot do with one image: it joins the batch before it.
        if self._normalised and end == self._count - 1:
            end = self._count
        rows = self._order[1][self._seen : end]
        self._seen = end
        return rows

    def _take_note(self, loss: float, right: int, size: int) -> None:
        self._batch = loss, right / size
        self._sums = self._sums[0] + loss * size, self._sums[1] + right
        self._record(SERIES_BATCH, *self._batch)
        if self._seen < self._count:
            return
        if not own_steps(self._images.test_count, self._part):
            self._go_on_testing()

    def _go_on_testing(self) -> None:
        self._test = self._continued(self._test, self._part)
        if self._test.count < self._images.test_count:
            return
        self._epoch, self._seen = self._epoch + 1, 0
        train_loss, train_accuracy = (total / self._count for total in self._sums)
        self._sums = (0.0, 0.0)
        self._scores, self._test = self._scored(self._test), NOTHING_TESTED
        self._end_epoch(train_loss, train_accuracy)

    def _end_epoch(self, train_loss: float, train_accuracy: float) -> None:
        scores = self._scores
        ended = Epoch(self._epoch, train_loss, train_accuracy, scores.loss, scores.accuracy)
        self._history = (*self._history, ended)
        self._record(SERIES_EPOCH, *ended)

    @property
    def _part(self) -> int:
        shape = self.spec.data.image_shape
        return part_size(shape, self.spec.training.batch_size)

    def _steps_left(self, seen: int, tested: int) -> int:
        """Return the steps of an epoch behind so many images seen and tested."""
        left = self._count - seen
        batches = math.ceil(left / self.spec.training.batch_size)
        # A single image that is left over joins the batch before it.
        if self._normalised and batches > 1 and left % self.spec.training.batch_size == 1:
            batches -= 1
        testing = own_steps(self._images.test_count - tested, self._part)
        # The last part of a test is as long as what is left; a test along with a batch has none.
        return batches + (max(1, testing) if tested or not batches else testing)

    def _continued(self, test: Tested, count: int) -> Tested:
        return continue_test(self._network, self._data.test_x, test, count)

    def _scored(self, test: Tested) -> Scores:
        return scores_of(self._network, test, self._data.test_y, self._epoch)

    def _evaluated(self) -> Scores:
        return self._scored(self._continued(NOTHING_TESTED, self._images.test_count))

    def _test_anew(self) -> None:
        """Pass all test images through now; a test under way begins again with this network."""
        self._scores, self._test = self._evaluated(), NOTHING_TESTED

    def _load_optimizer(self, remembered: dict[Any, Any]) -> None:
        groups = self._optimizer.state_dict()["param_groups"]
        self._optimizer.load_state_dict({"state": remembered, "param_groups": groups})
        tune(self._optimizer, self.spec.training)


def _copied(value: Any) -> Any:
    """Return a copy of nested dictionaries of tensors and numbers."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, dict):
        return {name: _copied(entry) for name, entry in value.items()}
    return value
