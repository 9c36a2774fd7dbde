"""The weight-initialisation experiment as a form: network, first weights, input, training.

:class:`InitSpec` describes one run of one deep network. Learning rate, momentum and the end may
change on the way; everything else starts a new run with the same draws.
"""

from __future__ import annotations

import itertools
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from playground.core.activations import ACTIVATION_LABELS as ACTIVATION_LABELS
from playground.core.activations import ActivationName as ActivationName
from playground.core.initializers import SCHEME_LABELS as SCHEME_LABELS
from playground.core.initializers import Scheme as Scheme
from playground.experiments.init_data_spec import CLASSES as CLASSES
from playground.experiments.init_data_spec import SOURCE_LABELS as SOURCE_LABELS
from playground.experiments.init_data_spec import InitDataSpec as InitDataSpec
from playground.experiments.init_network_spec import BiasesSpec as BiasesSpec
from playground.experiments.init_network_spec import NetworkSpec as NetworkSpec
from playground.experiments.init_network_spec import WeightsSpec as WeightsSpec
from playground.experiments.spec import Knob, Spec

Loss = Literal["cross-entropy", "mse"]
OptimizerName = Literal["sgd", "momentum", "adam"]

MAX_BATCH: Final = 10_000
MAX_STEPS: Final = 1_000_000
MEMORY_LIMIT: Final = 2 * 2**30
"""A network whose weights, activations and gradients need more bytes than this is refused."""

LOSS_LABELS: Final[dict[str, str]] = {
    "cross-entropy": "soft-max, cross-entropy",
    "mse": "mean squared error",
}
OPTIMIZER_LABELS: Final[dict[str, str]] = {"sgd": "SGD", "momentum": "momentum", "adam": "Adam"}
USUAL_RATES: Final[dict[str, float]] = {"sgd": 0.1, "momentum": 0.02, "adam": 1e-3}
_SLOTS: Final[dict[str, int]] = {"sgd": 0, "momentum": 1, "adam": 2}
_FLOAT_BYTES: Final = 4


class TrainingSpec(Spec):
    """How the network learns. Rate, momentum and the end may change while it trains."""

    batch_size: Annotated[
        int,
        Field(ge=1, le=MAX_BATCH),
        Knob(
            "batch size",
            "Samples of one step, and of every histogram; at most all training samples. What is "
            "left over at the end of an epoch is left out.",
            scale="log",
        ),
    ] = 1000
    loss: Annotated[
        Loss,
        Knob(
            "loss",
            "Cross-entropy of the soft-max of the outputs, or ½ the squared distance of the "
            "outputs from 0…0 1 0…0; the mean over the batch.",
            labels=LOSS_LABELS,
        ),
    ] = "cross-entropy"
    optimizer: Annotated[
        OptimizerName,
        Knob("optimizer", "Brings its usual learning rate.", labels=OPTIMIZER_LABELS),
    ] = "sgd"
    rate: Annotated[
        float,
        Field(ge=0.0, le=1e6),
        Knob(
            "learning rate η",
            "May be changed while it trains; 0 lets everything stand still.",
            scale="log",
            live=True,
            soft_minimum=1e-5,
            soft_maximum=10.0,
        ),
    ] = USUAL_RATES["sgd"]
    momentum: Annotated[
        float,
        Field(ge=0.0, lt=1.0),
        Knob(
            "momentum",
            "Share of the last step that is kept.",
            step=0.01,
            live=True,
            soft_maximum=0.99,
            shown_when=("optimizer", ("momentum",)),
        ),
    ] = 0.9
    steps: Annotated[
        int,
        Field(ge=1, le=MAX_STEPS),
        Knob(
            "steps at most",
            "The run ends after so many batches.",
            scale="log",
            live=True,
            soft_maximum=100_000,
        ),
    ] = 1000

    def following(self, name: str, value: object) -> dict[str, object]:
        """Return the usual learning rate of a newly chosen optimizer."""
        if name == "optimizer" and value in USUAL_RATES:
            return {"rate": USUAL_RATES[str(value)]}
        return {}


class InitSpec(Spec):
    """One deep network with its first weights, and how it is trained."""

    weights: Annotated[WeightsSpec, Knob("first weights", group="Initialisation")] = WeightsSpec()
    biases: Annotated[BiasesSpec, Knob("first biases", group="Initialisation")] = BiasesSpec()
    network: Annotated[NetworkSpec, Knob("network", group="Network")] = NetworkSpec()
    data: Annotated[InitDataSpec, Knob("input", group="Input")] = InitDataSpec()
    training: Annotated[TrainingSpec, Knob("training", group="Training")] = TrainingSpec()

    @model_validator(mode="after")
    def _normalisable(self) -> InitSpec:
        if self.network.batch_norm and self.batch_size < 2:
            raise ValueError(
                "Batch normalisation needs at least 2 samples in a batch: over one alone every z "
                "would become 0."
            )
        return self

    @property
    def sizes(self) -> tuple[int, ...]:
        """Return the neurons of all layers, inputs and outputs included."""
        return (self.data.input_count, *self.network.hidden, CLASSES)

    @property
    def batch_size(self) -> int:
        """Return the samples of a step: never more than there are to train on."""
        return min(self.training.batch_size, self.data.training_count)

    @property
    def batches(self) -> int:
        """Return the steps of an epoch."""
        return self.data.training_count // self.batch_size

    @property
    def parameters(self) -> int:
        """Return the number of weights and biases, with γ and β of batch normalisation."""
        pairs = itertools.pairwise(self.sizes)
        linear = sum((below + 1) * above for below, above in pairs)
        return linear + (2 * sum(self.network.hidden) if self.network.batch_norm else 0)

    @property
    def memory_bytes(self) -> int:
        """Return about how many bytes training takes.

        Weights, their gradients and what the optimizer remembers; for every neuron and sample z, a
        and both gradients (normalised z and its gradient too under batch normalisation, f(z) under
        residual connections); all samples.
        """
        data = self.data
        kept = 4 + 2 * self.network.batch_norm + self.network.residual
        neurons = self.sizes[0] + kept * sum(self.sizes[1:])
        samples = data.input_count * (data.training_count + data.test_count)
        # Testing passes all test samples through at once and keeps two layers.
        testing = 2 * max(self.sizes) * data.test_count
        numbers = (
            self.parameters * (2 + _SLOTS[self.training.optimizer])
            + self.batch_size * neurons
            + samples
            + testing
        )
        return _FLOAT_BYTES * numbers

    @property
    def title(self) -> str:
        """Return for example ``"Xavier normal · tanh · 784-500×5-10"``."""
        hidden = self.network.hidden
        alike = len(set(hidden)) == 1 and len(hidden) > 1
        middle = f"{hidden[0]}×{len(hidden)}" if alike else "-".join(map(str, hidden))
        shape = f"{self.sizes[0]}-{middle}-{CLASSES}"
        activation = ACTIVATION_LABELS[self.network.activation]
        return f"{SCHEME_LABELS[self.weights.scheme]} · {activation} · {shape}"
