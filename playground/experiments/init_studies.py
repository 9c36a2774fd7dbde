"""Studies of first weights: every scheme under three activations, and every scheme learning digits.

The *matrix* passes one batch through the watched network, forward and backward, once for every
scheme and activation: the depth curves show at a glance which pairs keep signals and gradients
alive. The *race of schemes* trains the same network on the small digits from every scheme, with the
same draws and the same batches, and records the test accuracy epoch by epoch: small weights of the
right size learn faster and better (lecture 5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, get_args

import numpy as np

from playground.core import activations
from playground.core.initializers import SCHEME_LABELS, Scheme
from playground.core.networks import DeepNetwork, forward_backward, initialising
from playground.core.variance_theory import predict
from playground.experiments.init import InitExperiment
from playground.experiments.init_data import batch_rows, samples_of
from playground.experiments.init_measure import measure
from playground.experiments.init_network import (
    biases_of,
    init_streams,
    initializer_of,
    refuse_if_too_large,
    setting_of,
)
from playground.experiments.init_spec import ActivationName, InitDataSpec, InitSpec
from playground.experiments.init_verdicts import flow_of
from playground.experiments.jobs import JobError, JobProgress, SlicedJob
from playground.experiments.spec import SpecError, replace_at

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from playground.experiments.init_data import InitData

SCHEMES: Final[tuple[Scheme, ...]] = get_args(Scheme)
MATRIX_ACTIVATIONS: Final[tuple[ActivationName, ...]] = ("tanh", "logistic", "relu")
MAX_EPOCHS: Final = 200
_MATRIX_BATCH: Final = 200
_SMALLEST_BATCH: Final = 16
_WORK: Final = 280_000_000
"""Weights times samples of one pass of the matrix: some 15 ms."""
_RACE_BATCH: Final = 64
_LARGE_BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """The depth curves of one scheme under one activation, at step 0.

    Parameters
    ----------
    z, dz
        (layers,) measured standard deviations of z and ∂C/∂z, the output last.
    predicted_z, predicted_dz
        The same in theory; NaN where there is none.
    fine
        Whether signals and gradients stay within the zones of the depth curves.
    """

    scheme: Scheme
    activation: ActivationName
    z: NDArray[np.float64]
    dz: NDArray[np.float64]
    predicted_z: NDArray[np.float64]
    predicted_dz: NDArray[np.float64]
    fine: bool


@dataclass(frozen=True, slots=True)
class InitMatrix:
    """The cells made so far, scheme by scheme, and how many samples each was made from."""

    cells: tuple[MatrixCell, ...]
    samples: int

    def cell(self, scheme: Scheme, activation: ActivationName) -> MatrixCell | None:
        """Return one cell; None while it is not made yet."""
        found = (c for c in self.cells if (c.scheme, c.activation) == (scheme, activation))
        return next(found, None)


@dataclass(frozen=True, slots=True)
class SchemeCurve:
    """How the network learned from one scheme.

    Parameters
    ----------
    train_loss, test_accuracy
        (epochs,) at the end of every epoch; NaN after a divergence.
    diverged
        True where the loss left the range of numbers.
    """

    scheme: Scheme
    train_loss: NDArray[np.float64]
    test_accuracy: NDArray[np.float64]
    diverged: bool


@dataclass(frozen=True, slots=True)
class SchemeRaceResult:
    """The curves of the schemes that are done, and the outcome in a sentence."""

    epochs: int
    curves: tuple[SchemeCurve, ...]
    summary: str


class InitMatrixJob(SlicedJob):
    """Measure every scheme under tanh, logistic and ReLU on the watched network.

    Parameters
    ----------
    spec, seed
        The run that is watched; scheme and activation are replaced, all else is kept, with fewer
        samples in the batch.
    """

    title = "all initialisations"

    def __init__(self, spec: InitSpec, seed: int) -> None:
        self._spec = spec
        self._seed = seed

    def run(self) -> Generator[JobProgress, None, InitMatrix]:
        """Yield after every layer and cell, with the cells so far; return all of them.

        Raises
        ------
        JobError
            Where the network is too large or its data cannot be read.
        """
        try:
            refuse_if_too_large(self._spec)
            data = samples_of(self._spec.data, self._seed)
        except SpecError as error:
            raise JobError(str(error)) from None
        batch = min(self._batch(), len(data.train_y))
        cells: list[MatrixCell] = []
        total = len(SCHEMES) * len(MATRIX_ACTIVATIONS)
        for scheme in SCHEMES:
            spec = replace_at(self._spec, ("weights", "scheme"), scheme)
            network = _network(spec)
            for _ in initialising(
                network, initializer_of(spec), init_streams(self._seed), biases_of(spec)
            ):
                yield JobProgress(len(cells) / total, SCHEME_LABELS[scheme])
            for activation in MATRIX_ACTIVATIONS:
                cells.append(self._cell(spec, network, activation, data, batch))
                yield JobProgress(
                    len(cells) / total, SCHEME_LABELS[scheme], InitMatrix(tuple(cells), batch)
                )
        return InitMatrix(tuple(cells), batch)

    def _batch(self) -> int:
        affordable = _WORK // self._spec.parameters
        few = max(_SMALLEST_BATCH, min(_MATRIX_BATCH, affordable))
        return max(2, min(few, self._spec.batch_size))

    def _cell(
        self,
        spec: InitSpec,
        network: DeepNetwork,
        activation: ActivationName,
        data: InitData,
        batch: int,
    ) -> MatrixCell:
        spec = replace_at(spec, ("network", "activation"), activation)
        # The draws do not depend on the activation: one set of weights serves all three.
        network.activation = activations.module(activation)
        rows = batch_rows(self._seed, 0, len(data.train_y))[:batch]
        found = forward_backward(
            network, data.train_x[rows], data.train_y[rows], spec.training.loss
        )
        measured = measure(found, activation)
        theory = predict(setting_of(spec, data.moments, batch))
        flow = flow_of(measured)
        return MatrixCell(
            scheme=spec.weights.scheme,
            activation=activation,
            z=_stds(measured.z),
            dz=_stds(measured.dz),
            predicted_z=_frozen(theory.z),
            predicted_dz=_frozen(theory.dz),
            fine=flow.fine,
        )


class SchemeRaceJob(SlicedJob):
    """Train the watched network on the small digits from every scheme, one after the other.

    Parameters
    ----------
    spec, seed
        The run that is watched: its layers, biases, loss, optimizer and rate are kept. Batches of
        more than 200 become 64, for the small set to make enough steps.
    epochs
        How many, 1…200.
    """

    title = "all schemes on the digits"

    def __init__(self, spec: InitSpec, seed: int, *, epochs: int = 10) -> None:
        self._spec = spec
        self._seed = seed
        self._epochs = epochs

    def run(self) -> Generator[JobProgress, None, SchemeRaceResult]:
        """Yield after every batch; with the curves so far at the end of a scheme; return all.

        Raises
        ------
        JobError
            Where the network is too large or the number of epochs is not allowed.
        """
        if not 1 <= self._epochs <= MAX_EPOCHS:
            raise JobError(f"The number of epochs must be from 1 to {MAX_EPOCHS}.")
        curves: list[SchemeCurve] = []
        for scheme in SCHEMES:
            curves.append((yield from self._train(scheme, len(curves))))
            yield JobProgress(
                len(curves) / len(SCHEMES), SCHEME_LABELS[scheme], self._result(curves)
            )
        return self._result(curves)

    def _train(self, scheme: Scheme, done: int) -> Generator[JobProgress, None, SchemeCurve]:
        try:
            experiment = InitExperiment(self._spec_of(scheme), self._seed)
        except SpecError as error:
            raise JobError(str(error)) from None
        losses = np.full(self._epochs, np.nan)
        accuracies = np.full(self._epochs, np.nan)
        for epoch in range(self._epochs):
            for batch in range(experiment.batches):
                if not experiment.status().running:
                    break
                experiment.step()
                part = (epoch + batch / experiment.batches) / self._epochs
                yield JobProgress((done + part) / len(SCHEMES), SCHEME_LABELS[scheme])
            for record in experiment.drain_records():
                if record.series == experiment.mark_series:
                    losses[epoch], accuracies[epoch] = record.values[1], record.values[4]
        return SchemeCurve(
            scheme, _frozen(losses), _frozen(accuracies), bool(np.isnan(losses).any())
        )

    def _spec_of(self, scheme: Scheme) -> InitSpec:
        spec = self._spec
        size = spec.training.batch_size
        data = InitDataSpec(source="digits")
        training = spec.training.model_copy(
            update={"batch_size": _RACE_BATCH if size > _LARGE_BATCH else size}
        )
        spec = spec.model_copy(update={"data": data, "training": training})
        steps = self._epochs * spec.batches
        weights = spec.weights.model_copy(update={"scheme": scheme})
        training = training.model_copy(update={"steps": steps})
        return spec.model_copy(update={"weights": weights, "training": training})

    def _result(self, curves: list[SchemeCurve]) -> SchemeRaceResult:
        return SchemeRaceResult(self._epochs, tuple(curves), _summary(curves, self._epochs))


def _network(spec: InitSpec) -> DeepNetwork:
    return DeepNetwork(
        spec.sizes,
        spec.network.activation,
        batch_norm=spec.network.batch_norm,
        residual=spec.network.residual,
    )


def _stds(moments: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    return _frozen(np.array([std for _, std in moments]))


def _frozen(array: NDArray[np.float64]) -> NDArray[np.float64]:
    array.flags.writeable = False
    return array


def _summary(curves: list[SchemeCurve], epochs: int) -> str:
    ended = [(c.test_accuracy[-1], c) for c in curves if math.isfinite(c.test_accuracy[-1])]
    if not ended:
        return "every scheme so far has diverged: the learning rate is too large"
    best, first = max(ended, key=lambda entry: entry[0])
    worst, last = min(ended, key=lambda entry: entry[0])
    text = f"after {epochs} epochs {SCHEME_LABELS[first.scheme]} is best with {100 * best:.4g} %"
    if last is not first:
        text += f", {SCHEME_LABELS[last.scheme]} worst with {100 * worst:.4g} % of the test right"
    diverged = len(curves) - len(ended)
    return f"{text}; {diverged} diverged" if diverged else text
