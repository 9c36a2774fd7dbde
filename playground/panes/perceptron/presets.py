"""The named set-ups of the perceptron pane: what the lesson's links and the menu open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.core.course_demo import (
    COURSE_DEMO_ORDERS,
    COURSE_DEMO_RATE,
    COURSE_DEMO_START,
    course_demo,
)
from playground.core.points import PointSet
from playground.experiments.perceptron_spec import (
    DataSpec,
    LearnerSpec,
    PerceptronSpec,
    StartSpec,
    StopSpec,
)
from playground.panes.base import Preset

if TYPE_CHECKING:
    from collections.abc import Mapping

LOUD = 7
"""Lane of the first learner: the colour of text, unlike both classes."""

START = StartSpec(w1=-0.15, w2=0.4, beta=0.1)
"""A start that is wrong for most data here, so that there is something to watch."""


def default_spec() -> PerceptronSpec:
    """Return the first thing a person sees: one perceptron, some epochs from its goal."""
    return PerceptronSpec(
        data=DataSpec(preset="blobs"),
        learners=(LearnerSpec(kind="perceptron", rate=0.02, colour=LOUD),),
        start=START,
    )


def perceptron_presets() -> Mapping[str, Preset]:
    """Return all set-ups by name, in the order of the menu."""
    return {**_first_steps(), **_orders(), **_limits(), **_other_models(), **_judging()}


def _first_steps() -> dict[str, Preset]:
    return {
        "start": Preset(
            "First run",
            "Two separable clouds and one perceptron that learns online.",
            default_spec(),
            speed=40.0,
        ),
        "empty": Preset(
            "Empty plane",
            "No points: click your own.",
            default_spec().model_copy(
                update={"data": DataSpec(preset="own", points=PointSet.empty())}
            ),
        ),
        "and": _gate("and", "AND: one corner against three"),
        "or": _gate("or", "OR: three corners against one"),
        "small-steps": _small_rate(),
    }


def _orders() -> dict[str, Preset]:
    presets = {}
    for (epochs, changes), order in COURSE_DEMO_ORDERS.items():
        words = f"The six points of the course in an order that takes {epochs} epochs"
        presets[f"order-{epochs}"] = Preset(
            f"Order {epochs}/{changes}",
            f"{words} and {changes} changes.",
            _course_spec(order, "online"),
            view="ledger",
            speed=6.0,
        )
    first, last = (COURSE_DEMO_ORDERS[key] for key in ((2, 4), (10, 28)))
    presets["batch-order-2"] = Preset(
        "Batch, order 2/4",
        "The same six points in batches.",
        _course_spec(first, "batch"),
        view="ledger",
        speed=6.0,
    )
    presets["batch-order-10"] = Preset(
        "Batch, order 10/28",
        "The order that was slow online makes no difference in batches.",
        _course_spec(last, "batch"),
        view="ledger",
        speed=6.0,
    )
    presets["parallel"] = Preset(
        "Parallel batch",
        "Four threads share the batch; their sums are the batch's, to the last digit.",
        PerceptronSpec(
            data=DataSpec(preset="blobs"),
            learners=(
                LearnerSpec(schedule="batch", rate=0.002, colour=LOUD),
                LearnerSpec(schedule="parallel", parts=4, rate=0.002, colour=2),
            ),
            start=START,
        ),
        view="ledger",
        speed=4.0,
    )
    return presets


def _limits() -> dict[str, Preset]:
    return {
        "xor": Preset(
            "XOR",
            "No line separates these points: the perceptron never settles.",
            _one("xor", stop=StopSpec(epochs=200)),
            speed=60.0,
        ),
        "overlap": Preset(
            "Overlapping clouds",
            "No line is all correct; the perceptron jumps about for ever.",
            _one("overlap", stop=StopSpec(epochs=300)),
            speed=200.0,
        ),
        "pocket": Preset(
            "Pocket",
            "The pocket perceptron keeps the best line that the perceptron came across.",
            _several(
                "overlap",
                LearnerSpec(kind="perceptron", rate=0.02, colour=LOUD),
                LearnerSpec(kind="pocket", rate=0.02, colour=2),
                shuffle=True,
                stop=StopSpec(epochs=100),
            ),
            speed=400.0,
            view="curves",
        ),
        "rate-too-large": Preset(
            "Learning rate too large",
            "Adaline in batches with α = 2: every step overshoots by more than the last.",
            _several(
                "blobs",
                LearnerSpec(kind="adaline", schedule="batch", rate=2.0, colour=LOUD),
                stop=StopSpec(when="epochs", epochs=400),
            ),
            speed=4.0,
            view="weights",
        ),
        "rate-good": Preset(
            "Learning rate that suits",
            "The same Adaline with α = 0.2 rolls to the bottom of the bowl.",
            _several(
                "blobs",
                LearnerSpec(kind="adaline", schedule="batch", rate=0.2, colour=LOUD),
                stop=StopSpec(when="epochs", epochs=100),
            ),
            speed=8.0,
            view="weights",
        ),
    }


def _other_models() -> dict[str, Preset]:
    return {
        "adaline": Preset(
            "Adaline's better line",
            "The perceptron stops at the first line that is right; Adaline goes on.",
            _several(
                "blobs",
                LearnerSpec(kind="perceptron", rate=0.02, colour=LOUD),
                LearnerSpec(kind="adaline", schedule="online", rate=0.01, colour=2),
                data_fields={"seed": 1},
                stop=StopSpec(when="epochs", epochs=60),
            ),
            speed=400.0,
            view="curves",
        ),
        "outliers": Preset(
            "Outliers",
            "A few points far away, but on their own side: least squares is drawn to them.",
            _several(
                "outliers",
                LearnerSpec(kind="adaline", schedule="batch", rate=0.02, colour=LOUD),
                LearnerSpec(kind="logistic", schedule="batch", rate=0.2, colour=2),
                LearnerSpec(kind="perceptron", schedule="online", rate=0.02, colour=3),
                stop=StopSpec(when="epochs", epochs=600),
            ),
            speed=4000.0,
            view="metrics",
        ),
        "logistic": Preset(
            "Logistic neuron",
            "It gives probabilities, and settles where the perceptron never does.",
            _several(
                "overlap",
                LearnerSpec(kind="logistic", schedule="batch", rate=0.5, colour=LOUD),
                LearnerSpec(kind="perceptron", schedule="online", rate=0.02, colour=3),
                shuffle=True,
                stop=StopSpec(when="epochs", epochs=300),
            ),
            speed=2000.0,
            view="curves",
        ),
        "all-models": Preset(
            "All four models",
            "Perceptron, pocket, Adaline and logistic neuron on the same samples.",
            _several(
                "overlap",
                LearnerSpec(kind="perceptron", rate=0.02, colour=LOUD),
                LearnerSpec(kind="pocket", rate=0.02, colour=2),
                LearnerSpec(kind="adaline", schedule="batch", rate=0.1, colour=3),
                LearnerSpec(kind="logistic", schedule="batch", rate=0.5, colour=6),
                shuffle=True,
                stop=StopSpec(when="epochs", epochs=200),
            ),
            speed=800.0,
            view="curves",
        ),
    }


def _judging() -> dict[str, Preset]:
    return {
        "imbalanced": Preset(
            "Imbalanced classes",
            "One class is rare: accuracy flatters, recall tells.",
            _several(
                "imbalanced",
                LearnerSpec(kind="logistic", schedule="batch", rate=0.1, colour=LOUD),
                data_fields={"count": 300, "split": "60/20/20"},
                stop=StopSpec(when="epochs", epochs=60),
            ),
            speed=20.0,
            view="metrics",
        ),
        "validation": Preset(
            "Training, validation, test",
            "Only the filled points move the line; the others judge it.",
            _several(
                "overlap",
                LearnerSpec(kind="pocket", rate=0.02, colour=LOUD),
                data_fields={"count": 200, "split": "60/20/20"},
                stop=StopSpec(when="metric", metric="accuracy", target=0.95, epochs=200),
            ),
            speed=300.0,
            view="metrics",
        ),
        "iris": Preset(
            "Iris: versicolor, virginica",
            "Real flowers by the length and width of their petals; standardised.",
            _several(
                "iris-versicolor-virginica",
                LearnerSpec(kind="adaline", schedule="batch", rate=0.2, colour=LOUD),
                LearnerSpec(kind="perceptron", rate=0.02, colour=3),
                stop=StopSpec(when="epochs", epochs=100),
                standardise=True,
            ),
            speed=800.0,
            view="metrics",
        ),
        "many": Preset(
            "100,000 points",
            "How fast is it? Drag a point while it trains.",
            _several(
                "overlap",
                LearnerSpec(kind="pocket", rate=0.02, colour=LOUD),
                data_fields={"count": 100_000},
                stop=StopSpec(epochs=50),
            ),
        ),
    }


def _one(data: Any, **fields: Any) -> PerceptronSpec:
    return _several(data, LearnerSpec(kind="perceptron", rate=0.02, colour=LOUD), **fields)


def _several(
    data: Any, *learners: LearnerSpec, data_fields: dict[str, Any] | None = None, **fields: Any
) -> PerceptronSpec:
    made = DataSpec(preset=data, **(data_fields or {}))
    return PerceptronSpec(data=made, learners=learners, start=START, **fields)


def _gate(name: Any, label: str) -> Preset:
    return Preset(
        label,
        "A logical function as four points in the corners of a square.",
        _one(name, data_fields={"count": 4, "noise": 0.0}),
        speed=4.0,
        view="ledger",
    )


def _small_rate() -> Preset:
    learners = tuple(
        LearnerSpec(name=f"α = {rate:g}", rate=rate, colour=place)
        for rate, place in ((0.002, LOUD), (0.02, 2), (0.2, 3))
    )
    return Preset(
        "Three learning rates",
        "The same perceptron three times, with α = 0.002, 0.02 and 0.2.",
        _several("blobs", *learners),
        speed=80.0,
        view="curves",
    )


def _course_spec(order: tuple[int, ...], schedule: Any) -> PerceptronSpec:
    w1, w2, beta = COURSE_DEMO_START
    return PerceptronSpec(
        data=DataSpec(preset="own", points=course_demo(order)),
        learners=(LearnerSpec(schedule=schedule, rate=COURSE_DEMO_RATE, colour=LOUD),),
        start=StartSpec(w1=w1, w2=w2, beta=beta),
    )
