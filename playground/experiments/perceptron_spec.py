"""The perceptron experiment as a form: data, learners, order, start and stop.

One :class:`PerceptronSpec` describes a run of one to eight linear neurons on the same points of the
plane, all of them seeing the same samples in the same order. What can be changed while it runs
stands in :mod:`playground.experiments.perceptron_edits`, what is drawn of it in
:mod:`playground.experiments.perceptron_snapshot`.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from playground.core.perceptrons import Kind as Kind
from playground.experiments.perceptron_data_spec import PRESET_LABELS as PRESET_LABELS
from playground.experiments.perceptron_data_spec import DataSpec as DataSpec
from playground.experiments.perceptron_data_spec import Preset as Preset
from playground.experiments.perceptron_data_spec import Split as Split
from playground.experiments.perceptron_edits import MAX_EDITED_POINTS
from playground.experiments.spec import Knob, Spec

Schedule = Literal["online", "batch", "mini-batch", "parallel"]
StopRule = Literal["epochs", "all correct", "metric", "error"]
Part = Literal["train", "validation"]
MetricName = Literal[
    "accuracy", "fpr", "fnr", "precision", "recall", "specificity", "f1", "error_rate"
]

MAX_LEARNERS: Final = 8
MAX_EPOCHS: Final = 1_000_000
MAX_PARTS: Final = 64

KIND_LABELS: Final[dict[str, str]] = {
    "perceptron": "perceptron",
    "pocket": "pocket perceptron",
    "adaline": "Adaline",
    "logistic": "logistic neuron",
}
SCHEDULE_LABELS: Final[dict[str, str]] = {
    "online": "online",
    "batch": "batch",
    "mini-batch": "mini-batch",
    "parallel": "parallel batch",
}
STOP_LABELS: Final[dict[str, str]] = {
    "epochs": "after the epochs",
    "all correct": "all correct",
    "metric": "metric reached",
    "error": "error small enough",
}
METRIC_LABELS: Final[dict[str, str]] = {
    "accuracy": "accuracy",
    "fpr": "false-positive rate",
    "fnr": "false-negative rate",
    "precision": "precision",
    "recall": "recall (sensitivity)",
    "specificity": "specificity",
    "f1": "F1",
    "error_rate": "error rate",
}
LOWER_IS_BETTER: Final = frozenset({"fpr", "fnr", "error_rate"})


class LearnerSpec(Spec):
    """One linear neuron with its learning rule."""

    name: Annotated[
        str,
        Field(max_length=40),
        Knob("name", "Shown in the legend; empty takes the names of model and schedule."),
    ] = ""
    kind: Annotated[
        Kind,
        Knob(
            "model",
            "Perceptron: moves only on mistakes. Pocket: keeps the best line it has had. "
            "Adaline: least squares, moves also where it is right. Logistic neuron: gradient of "
            "the cross-entropy.",
            labels=KIND_LABELS,
        ),
    ] = "perceptron"
    schedule: Annotated[
        Schedule,
        Knob(
            "schedule",
            "Online: the line moves after every sample. Batch: the changes of all "
            "samples are collected against the same line, then applied at once. Mini-batch: "
            "applied after every part. Parallel batch: the parts are worked on by one thread "
            "each and their changes summed.",
            labels=SCHEDULE_LABELS,
        ),
    ] = "online"
    batch_size: Annotated[
        int,
        Field(ge=1, le=MAX_EDITED_POINTS),
        Knob(
            "batch size",
            "Samples of one mini-batch.",
            scale="log",
            soft_maximum=1000,
            shown_when=("schedule", ("mini-batch",)),
        ),
    ] = 10
    parts: Annotated[
        int,
        Field(ge=1, le=MAX_PARTS),
        Knob(
            "parts",
            "Into how many parts the samples are split, one thread for each.",
            soft_maximum=8,
            shown_when=("schedule", ("parallel",)),
        ),
    ] = 4
    rate: Annotated[
        float,
        Field(ge=1e-6, le=1e3),
        Knob(
            "learning rate α",
            "How far one correction moves the weights. May be changed while it trains.",
            scale="log",
            live=True,
            soft_minimum=1e-4,
            soft_maximum=10.0,
        ),
    ] = 0.02
    colour: Annotated[
        int,
        Field(ge=0, lt=MAX_LEARNERS),
        Knob("colour", "Lane colour of the line and its curves.", hidden=True),
    ] = 0
    enabled: Annotated[
        bool,
        Knob("takes part", "Off: kept in the list, but neither trained nor drawn."),
    ] = True

    @property
    def title(self) -> str:
        """Return the name, or the model with its schedule where none was given."""
        return self.name or f"{KIND_LABELS[self.kind]}, {SCHEDULE_LABELS[self.schedule]}"


class StartSpec(Spec):
    """The line every learner starts from."""

    weights: Annotated[
        Literal["typed", "random"],
        Knob(
            "first weights",
            "Typed below, or drawn at random from the seed of the run; every "
            "learner starts from the same line.",
        ),
    ] = "typed"
    w1: Annotated[
        float,
        Field(ge=-1e6, le=1e6),
        Knob(
            "w₁",
            "First weight, in the coordinates of training.",
            step=0.05,
            soft_minimum=-2.0,
            soft_maximum=2.0,
            shown_when=("weights", ("typed",)),
        ),
    ] = 0.1
    w2: Annotated[
        float,
        Field(ge=-1e6, le=1e6),
        Knob(
            "w₂",
            "Second weight, in the coordinates of training.",
            step=0.05,
            soft_minimum=-2.0,
            soft_maximum=2.0,
            shown_when=("weights", ("typed",)),
        ),
    ] = 0.1
    beta: Annotated[
        float,
        Field(ge=-1e6, le=1e6),
        Knob(
            "β",
            "Threshold: f(x) = w₁·x₁ + w₂·x₂ + β.",
            step=0.05,
            soft_minimum=-2.0,
            soft_maximum=2.0,
            shown_when=("weights", ("typed",)),
        ),
    ] = 0.05
    spread: Annotated[
        float,
        Field(ge=0.0, le=1e6),
        Knob(
            "spread",
            "Standard deviation of the random weights and β.",
            step=0.1,
            soft_maximum=3.0,
            shown_when=("weights", ("random",)),
        ),
    ] = 0.5


class StopSpec(Spec):
    """When a learner is done; looked at after every epoch. All of it may change while it trains."""

    when: Annotated[
        StopRule,
        Knob(
            "stop when",
            "A learner that is done rests; the run ends when all are done or the epochs are over. "
            "“All correct” ends perceptrons only: Adaline and the logistic neuron go on where all "
            "is right.",
            live=True,
            labels=STOP_LABELS,
        ),
    ] = "all correct"
    epochs: Annotated[
        int,
        Field(ge=1, le=MAX_EPOCHS),
        Knob(
            "epochs at most",
            "One epoch is one pass over all training points.",
            scale="log",
            live=True,
            soft_maximum=10_000,
        ),
    ] = 1000
    metric: Annotated[
        MetricName,
        Knob(
            "metric",
            "What must be reached.",
            live=True,
            labels=METRIC_LABELS,
            shown_when=("when", ("metric",)),
        ),
    ] = "accuracy"
    target: Annotated[
        float,
        Field(ge=0.0, le=1.0),
        Knob(
            "target",
            "At least this much; for the error rate and the two false rates at most.",
            step=0.01,
            live=True,
            shown_when=("when", ("metric",)),
        ),
    ] = 0.95
    measured_on: Annotated[
        Part,
        Knob(
            "measured on",
            "On the training or the validation points.",
            live=True,
            shown_when=("when", ("metric",)),
        ),
    ] = "train"
    error_limit: Annotated[
        float,
        Field(ge=0.0, le=1e6),
        Knob(
            "error limit ε",
            "Done when the cost on the training points is at most this: the "
            "share of mistakes for perceptrons, the mean squared error ½(y − f)² for Adaline, "
            "the cross-entropy for the logistic neuron.",
            step=0.01,
            live=True,
            soft_maximum=1.0,
            shown_when=("when", ("error",)),
        ),
    ] = 0.05


class PerceptronSpec(Spec):
    """A run of one or more linear neurons on points of the plane."""

    data: Annotated[DataSpec, Knob("data", group="Data")] = DataSpec()
    standardise: Annotated[
        bool,
        Knob(
            "standardise",
            "Train on coordinates with mean 0 and standard deviation 1 (taken from "
            "the training points). The line is drawn in the coordinates of the data.",
            group="Data",
        ),
    ] = False
    learners: Annotated[
        tuple[LearnerSpec, ...],
        Field(min_length=1, max_length=MAX_LEARNERS),
        Knob(
            "models",
            "The neurons that are trained side by side on the same samples.",
            group="Models",
            hidden=True,
        ),
    ] = (LearnerSpec(),)
    shuffle: Annotated[
        bool,
        Knob(
            "shuffle",
            "A fresh random order in every epoch; off: always the order of the "
            "points. Matters online and in mini-batches, never in batches.",
            group="Order",
        ),
    ] = False
    start: Annotated[StartSpec, Knob("start", group="Start")] = StartSpec()
    stop: Annotated[StopSpec, Knob("stop", group="Stop")] = StopSpec()

    @model_validator(mode="after")
    def _somebody_takes_part(self) -> PerceptronSpec:
        if not any(learner.enabled for learner in self.learners):
            raise ValueError("At least one model must take part.")
        return self
