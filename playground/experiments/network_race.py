"""The optimizer race on a real network: one step is one mini-batch, seen by every lane.

    C = mean of −log softmax(z)[digit];  every lane: W ← its own step along ∂C/∂W

Optimizers are those of torch.optim. All lanes start from the same weights (He et al. 2015 for ReLU,
Glorot and Bengio 2010 elsewhere) and get the same batches in the same order, so whatever differs
between them is the optimizer.
"""

from __future__ import annotations

import copy
import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import nn

from playground.core.random_streams import Streams
from playground.core.schedules import PlateauState
from playground.experiments.base import (
    RUNNING,
    Experiment,
    Progress,
    Series,
    Snapshot,
    State,
    Status,
)
from playground.experiments.network_race_data import digits
from playground.experiments.network_race_optimizers import optimizer_for
from playground.experiments.network_race_spec import NetworkRaceSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

EPOCH_COLUMNS = ("epoch", "train_loss", "test_loss", "train_accuracy", "test_accuracy")
"""Columns of ``net/<lane>``: one row at the start and one at the end of every epoch."""

_ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "logistic": nn.Sigmoid,
}


def network_series(lane: int) -> str:
    """Return the name of the series of a lane, by its place in the spec."""
    return f"net/{lane}"


@dataclass(frozen=True, slots=True)
class NetworkLaneView:
    """One lane as it stood at the end of the last full epoch, and the loss of its last batch."""

    index: int
    title: str
    colour: int
    rate: float
    batch_loss: float
    train_loss: float
    test_loss: float
    train_accuracy: float
    test_accuracy: float
    diverged_step: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRaceSnapshot(Snapshot):
    """All lanes after some batch; ``leaderboard`` has the indices, lowest test loss first."""

    spec: NetworkRaceSpec
    epoch: int
    lanes: tuple[NetworkLaneView, ...]
    leaderboard: tuple[int, ...]


class NetworkRaceExperiment(Experiment):
    """Optimizers racing on one multi-layer perceptron."""

    kind: ClassVar[str] = "network-race"
    spec_type: ClassVar[type[NetworkRaceSpec]] = NetworkRaceSpec
    needs_torch: ClassVar[bool] = True
    step_noun: ClassVar[str] = "batch"
    mark_noun: ClassVar[str] = "epoch"

    spec: NetworkRaceSpec

    def __init__(self, spec: NetworkRaceSpec, seed: int) -> None:
        super().__init__(spec, seed)
        streams = Streams(seed)
        self._data = digits(streams.child("data"))
        self._order = streams.torch("batch")
        self._permutation = torch.empty(0, dtype=torch.int64)
        first = initial_network(spec, streams.torch("init"))
        taking_part = [i for i, lane in enumerate(spec.lanes) if lane.enabled]
        self.series = tuple(Series(network_series(i), EPOCH_COLUMNS) for i in taking_part)
        self._lanes = [_Runner(spec, i, copy.deepcopy(first)) for i in taking_part]
        for runner in self._lanes:
            self._measure(runner)

    @property
    def mark_series(self) -> str:  # type: ignore[override]
        """Return the series with one row an epoch."""
        return self.series[0].name

    def step(self) -> None:
        """Show the next mini-batch to every lane."""
        for _ in self.lanes_of_step():
            pass

    def lanes_of_step(self) -> Iterator[int | None]:
        """Do one step in small parts.

        Yields the index of a lane when it has seen the batch; at the end of an epoch also None for
        every lane that was measured.
        """
        spec = self.spec
        batch = self.step_index % spec.batches
        if batch == 0:
            count = len(self._data.train_y)
            self._permutation = torch.randperm(count, generator=self._order)
        rows = self._permutation[batch * spec.batch_size : (batch + 1) * spec.batch_size]
        x, y = self._data.train_x[rows], self._data.train_y[rows]
        for runner in self._lanes:
            runner.train(spec, x, y, self.step_index)
            yield runner.index
        self.step_index += 1
        if self.step_index % spec.batches == 0:
            for runner in self._lanes:
                self._measure(runner)
                yield None

    def steps_to_mark(self) -> int:
        """Return the batches left in this epoch."""
        return self.spec.batches - self.step_index % self.spec.batches

    def status(self) -> Status:
        """Tell whether epochs are left and a lane still trains."""
        if all(runner.diverged >= 0 for runner in self._lanes):
            return Status(Progress.DIVERGED, "All lanes have diverged; try smaller rates.")
        if self.step_index >= self.spec.epochs * self.spec.batches:
            best = self._lanes[self._ranked()[0]]
            return Status(
                Progress.FINISHED,
                f"{self.spec.epochs} epochs are over; {best.title} has the lowest test loss, "
                f"{best.scores[1]:.4g}, and gets {100 * best.scores[3]:.2f} % of the test right.",
            )
        return RUNNING

    def headline(self) -> str:
        """Return who leads on the test images."""
        best = self._lanes[self._ranked()[0]]
        return f"{best.title} leads, {100 * best.scores[3]:.2f} % right"

    def snapshot(self, views: frozenset[str]) -> NetworkRaceSnapshot:  # noqa: ARG002 - no costly parts
        """Return all lanes."""
        epoch, batch = divmod(self.step_index, self.spec.batches)
        return NetworkRaceSnapshot(
            step=self.step_index,
            status=self.status(),
            spec=self.spec,
            position=f"epoch {epoch + 1} · batch {batch} of {self.spec.batches}",
            headline=self.headline(),
            epoch=epoch,
            lanes=tuple(runner.view(self.spec) for runner in self._lanes),
            leaderboard=tuple(self._lanes[place].index for place in self._ranked()),
        )

    def state(self) -> State:
        """Return all weights, what the optimizers remember, and the order of the batches."""
        return State(
            self.step_index,
            {
                "lanes": [runner.state() for runner in self._lanes],
                "order": self._order.get_state().clone(),
                "permutation": self._permutation.clone(),
            },
            {"spec": self.spec},
        )

    def load_state(self, state: State) -> None:
        """Go to the step of a state."""
        self.spec = state.shared["spec"]
        self.step_index = state.step
        self._order.set_state(state.own["order"].clone())
        self._permutation = state.own["permutation"].clone()
        for runner, own in zip(self._lanes, state.own["lanes"], strict=True):
            runner.load_state(own)
        self._records.clear()

    def network(self, lane: int) -> nn.Sequential:
        """Return a copy of the network of a lane, by its place in the spec."""
        runner = next(runner for runner in self._lanes if runner.index == lane)
        return copy.deepcopy(runner.network)

    def _ranked(self) -> list[int]:
        def key(place: int) -> tuple[bool, float]:
            runner = self._lanes[place]
            loss = runner.scores[1]
            return runner.diverged >= 0 or not math.isfinite(loss), loss

        return sorted(range(len(self._lanes)), key=key)

    def _measure(self, runner: _Runner) -> None:
        """Measure a lane on all images, and record it."""
        if runner.diverged >= 0:
            return
        data = self._data
        train = runner.measured(data.train_x, data.train_y)
        test = runner.measured(data.test_x, data.test_y)
        runner.scores = (train[0], test[0], train[1], test[1])
        epoch = float(self.step_index // self.spec.batches)
        self._record(network_series(runner.index), epoch, *runner.scores)


def initial_network(spec: NetworkRaceSpec, generator: torch.Generator) -> nn.Sequential:
    """Return the network with its first weights; biases are zero.

    The weights are normal with variance 2/fan_in before a ReLU and 2/(fan_in + fan_out) elsewhere.
    """
    layers: list[nn.Module] = []
    sizes = spec.sizes
    for place, (below, above) in enumerate(itertools.pairwise(sizes)):
        last = place == len(sizes) - 2
        # Left empty here: torch would fill it from its global random stream.
        linear = nn.utils.skip_init(nn.Linear, below, above)
        he = spec.activation == "relu" and not last
        variance = 2.0 / below if he else 2.0 / (below + above)
        with torch.no_grad():
            linear.weight.normal_(0.0, math.sqrt(variance), generator=generator)
            linear.bias.zero_()
        layers.append(linear)
        if not last:
            layers.append(_ACTIVATIONS[spec.activation]())
    return nn.Sequential(*layers)


class _Runner:
    """One lane: its network, its optimizer, and how it does."""

    def __init__(self, spec: NetworkRaceSpec, index: int, network: nn.Sequential) -> None:
        lane = spec.lanes[index]
        self.index = index
        self.title = lane.title
        self.network = network
        self.optimizer = optimizer_for(lane, network.parameters(), spec.rate_of(index))
        self.plateau = PlateauState()
        self.batch_loss = math.nan
        self.diverged = -1
        self.scores = (math.nan, math.nan, math.nan, math.nan)

    def train(self, spec: NetworkRaceSpec, x: torch.Tensor, y: torch.Tensor, k: int) -> None:
        """Take the step of mini-batch k, counted from 0."""
        if self.diverged >= 0:
            return
        schedule = spec.lanes[self.index].rate_schedule
        rate = spec.rate_of(self.index)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * schedule.factor_at(k) * self.plateau.scale

        losses: list[float] = []

        def closure() -> float:
            self.optimizer.zero_grad()
            loss = nn.functional.cross_entropy(self.network(x), y)
            loss.backward()
            losses.append(loss.item())
            return losses[-1]

        # L-BFGS may call it several times; the first one is at the weights before the step.
        self.optimizer.step(closure)
        self.batch_loss = losses[0]
        if schedule.kind == "plateau":
            self.plateau = self.plateau.after(self.batch_loss, schedule, rate)
        if not math.isfinite(self.batch_loss):
            self.diverged = k + 1

    @torch.no_grad()
    def measured(self, x: torch.Tensor, y: torch.Tensor) -> tuple[float, float]:
        """Return loss and accuracy on some images."""
        scores = self.network(x)
        right = (scores.argmax(dim=1) == y).double().mean()
        return float(nn.functional.cross_entropy(scores, y)), float(right)

    def view(self, spec: NetworkRaceSpec) -> NetworkLaneView:
        """Return how the lane does."""
        lane = spec.lanes[self.index]
        return NetworkLaneView(
            self.index,
            lane.title,
            lane.colour,
            spec.rate_of(self.index),
            self.batch_loss,
            *self.scores,
            self.diverged if self.diverged >= 0 else None,
        )

    def state(self) -> dict[str, Any]:
        """Return a copy of everything that changes."""
        return {
            "network": copy.deepcopy(self.network.state_dict()),
            "optimizer": copy.deepcopy(self.optimizer.state_dict()),
            "plateau": self.plateau,
            "numbers": (self.batch_loss, self.diverged, self.scores),
        }

    def load_state(self, own: dict[str, Any]) -> None:
        """Take a copy up; the copy stays untouched."""
        self.network.load_state_dict(own["network"])
        self.optimizer.load_state_dict(copy.deepcopy(own["optimizer"]))
        self.plateau = own["plateau"]
        self.batch_loss, self.diverged, self.scores = own["numbers"]
