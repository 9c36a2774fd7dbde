"""The network race as long work in the background: curves against epochs and seconds.

The job steps a :class:`~playground.experiments.network_race.NetworkRaceExperiment` lane by lane.
How long each lane trained is measured with a clock that the caller hands in: seconds are no part of
the experiment, which is the same on every machine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from playground.experiments.jobs import JobError, JobProgress, SlicedJob
from playground.experiments.spec import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from numpy.typing import NDArray

    from playground.experiments.network_race import NetworkRaceExperiment
    from playground.experiments.network_race_spec import NetworkRaceSpec


@dataclass(frozen=True, slots=True, eq=False)
class NetworkCurves:
    """One lane over the epochs done; all arrays are (epochs + 1,), the first one before training.

    ``seconds`` counts the lane's own steps, without evaluation and without the other lanes.
    """

    lane: int
    title: str
    colour: int
    rate: float
    epochs: NDArray[np.float64]
    train_loss: NDArray[np.float64]
    test_loss: NDArray[np.float64]
    train_accuracy: NDArray[np.float64]
    test_accuracy: NDArray[np.float64]
    seconds: NDArray[np.float64]
    diverged_step: int | None


@dataclass(frozen=True, slots=True, eq=False)
class NetworkRaceResult:
    """All lanes, and the spec and seed by which the race can be repeated."""

    spec: NetworkRaceSpec
    seed: int
    epochs: int
    lanes: tuple[NetworkCurves, ...]

    def standing(self, epoch: int) -> list[NetworkCurves]:
        """Return the lanes that reached an epoch, lowest test loss first."""
        there = [lane for lane in self.lanes if len(lane.epochs) > epoch]

        def loss(lane: NetworkCurves) -> float:
            value = float(lane.test_loss[epoch])
            return value if math.isfinite(value) else math.inf

        return sorted(there, key=loss)

    def words(self, epoch: int) -> str:
        """Return how the race stood after an epoch, in one sentence."""
        standing = self.standing(epoch)
        if not standing:
            return "All lanes have diverged."
        first = standing[0]
        best = max(standing, key=lambda lane: float(lane.test_accuracy[epoch]))
        text = f"After epoch {epoch}: {first.title} has the lowest test loss, "
        text += f"{first.test_loss[epoch]:.3g}"
        accuracy = f"{100 * best.test_accuracy[epoch]:.2f} %"
        if best.lane == first.lane:
            return f"{text}, and gets most right, {accuracy}."
        return f"{text}; {best.title} gets most right, {accuracy}."


class NetworkRaceStudy(SlicedJob):
    """Train the network with every lane.

    Parameters
    ----------
    spec, seed
        The race.
    clock
        Seconds, such as ``time.perf_counter``.
    """

    title = "on a network"

    def __init__(self, spec: NetworkRaceSpec, *, seed: int, clock: Callable[[], float]) -> None:
        self._spec, self._seed, self._clock = spec, seed, clock

    def run(self) -> Generator[JobProgress, None, NetworkRaceResult]:
        """Yield progress after every lane's step, with all curves after each epoch."""
        # Imported on the training thread: torch takes a while.
        from playground.experiments.network_race import NetworkRaceExperiment

        yield JobProgress(0.0, "preparing")
        try:
            experiment = NetworkRaceExperiment(self._spec, self._seed)
        except SpecError as error:
            raise JobError(str(error)) from None
        ledger = _Ledger(self._spec, self._seed)
        ledger.take(experiment)
        # Goes along with every report: only the latest one is sure to be seen.
        partial = ledger.result()
        yield JobProgress(0.0, "epoch 1", partial)
        batches = self._spec.batches
        steps = self._spec.epochs * batches
        while experiment.status().running:
            started = self._clock()
            for lane in experiment.lanes_of_step():
                now = self._clock()
                if lane is not None:
                    ledger.spent[lane] += now - started
                epoch = min(experiment.step_index // batches + 1, self._spec.epochs)
                message = f"epoch {epoch} of {self._spec.epochs}"
                yield JobProgress(experiment.step_index / steps, message, partial)
                started = self._clock()
            if experiment.step_index % batches == 0:
                ledger.take(experiment)
                partial = ledger.result()
                message = f"epoch {partial.epochs} done"
                yield JobProgress(experiment.step_index / steps, message, partial)
        return ledger.result()


class _Ledger:
    """The rows that the experiment records, with the seconds of each lane beside them."""

    def __init__(self, spec: NetworkRaceSpec, seed: int) -> None:
        self._spec, self._seed = spec, seed
        lanes = [i for i, lane in enumerate(spec.lanes) if lane.enabled]
        self.spent = dict.fromkeys(lanes, 0.0)
        self._rows: dict[int, list[tuple[float, ...]]] = {lane: [] for lane in lanes}
        self._diverged: dict[int, int | None] = {}
        self._epochs = 0

    def take(self, experiment: NetworkRaceExperiment) -> None:
        for record in experiment.drain_records():
            lane = int(record.series.partition("/")[2])
            self._rows[lane].append((*record.values, self.spent[lane]))
            self._epochs = max(self._epochs, int(record.values[0]))
        snapshot = experiment.snapshot(frozenset())
        self._diverged = {view.index: view.diverged_step for view in snapshot.lanes}

    def result(self) -> NetworkRaceResult:
        lanes = []
        for lane, rows in self._rows.items():
            table = np.array(rows, dtype=np.float64).reshape(-1, 6)
            setting = self._spec.lanes[lane]
            lanes.append(
                NetworkCurves(
                    lane,
                    setting.title,
                    setting.colour,
                    self._spec.rate_of(lane),
                    epochs=table[:, 0].copy(),
                    train_loss=table[:, 1].copy(),
                    test_loss=table[:, 2].copy(),
                    train_accuracy=table[:, 3].copy(),
                    test_accuracy=table[:, 4].copy(),
                    seconds=table[:, 5].copy(),
                    diverged_step=self._diverged.get(lane),
                )
            )
        return NetworkRaceResult(self._spec, self._seed, self._epochs, tuple(lanes))
