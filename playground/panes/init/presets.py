"""The named set-ups of the pane: what the lesson's links and the menu open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.experiments.init_spec import (
    BiasesSpec,
    InitDataSpec,
    InitSpec,
    NetworkSpec,
    TrainingSpec,
    WeightsSpec,
)
from playground.panes.base import Preset

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playground.panes.init.pane import InitPane

SLOW, BRISK, FAST = 8.0, 30.0, 120.0
SMALL_WIDTH, SMALL_BATCH = 100, 150
CAREFUL = {"rate": 0.01}
"""Rate of deep networks: 0.1 blows some of them up."""
DIGITS = InitDataSpec(source="digits")
PIXELS = InitDataSpec(source="sparse", samples=2000)


def default_spec() -> InitSpec:
    """Return the first thing a person sees: the course's network, healthy."""
    return InitSpec()


def init_presets(pane: InitPane | None = None) -> Mapping[str, Preset]:
    """Return all set-ups by name, in the order of the menu; A/B ones also choose B in a pane."""
    return {**_alike(), **_sizes(), **_activations(), **_deep(), **_pairs(pane)}


def _alike() -> dict[str, Preset]:
    return {
        "start": Preset(
            "First network",
            "Five hidden layers of 500 tanh neurons under Xavier: the signals keep their size.",
            default_spec(),
            speed=SLOW,
        ),
        "zeros": Preset(
            "All weights zero",
            "No signal goes up, no gradient comes down: only the biases of the output learn.",
            _digits("zeros"),
            view="clones",
            speed=BRISK,
        ),
        "constant": Preset(
            "All weights alike",
            "Every neuron of a layer is a clone of the others, and stays one.",
            _digits("constant", weights={"constant": 0.01}),
            view="clones",
            speed=BRISK,
        ),
        "random": Preset(
            "A random start",
            "The same network with random weights: no two neurons alike.",
            _digits("xavier normal"),
            view="clones",
            speed=BRISK,
        ),
    }


def _sizes() -> dict[str, Preset]:
    pixels = {"data": PIXELS, "training": TrainingSpec(batch_size=500, rate=0.1, steps=300)}
    return {
        "sqrt-204": Preset(
            "√204",
            "784 pixels of which 204 are bright, weights N(0, 1): z spreads by √204 ≈ 14.28.",
            InitSpec(
                weights=WeightsSpec(scheme="standard normal"),
                network=NetworkSpec(depth=5, width=200),
                **pixels,
            ),
            view="explorer",
            speed=SLOW,
        ),
        "normal-tanh": Preset(
            "N(0, 1) with tanh",
            "Nearly every neuron says −1 or 1, and the gradients die on the flat ends of tanh.",
            _digits("standard normal"),
            view="depth",
            speed=BRISK,
        ),
        "small": Preset(
            "Too small",
            "σ = 0.01: every layer is a tenth as loud as the one below it.",
            _digits("normal", weights={"sigma": 0.01}),
            view="depth",
            speed=BRISK,
        ),
        "lecun": Preset(
            "1/√n",
            "The course's cure: the standard deviation of the weights is 1/√(fan-in).",
            _digits("lecun normal"),
            view="depth",
            speed=BRISK,
        ),
    }


def _activations() -> dict[str, Preset]:
    return {
        "logistic": Preset(
            "Logistic neurons",
            "The slope of the logistic function is at most 1/4: gradients vanish by themselves.",
            _digits("xavier normal", activation="logistic"),
            view="explorer",
            speed=BRISK,
        ),
        "xavier-relu": Preset(
            "Xavier under ReLU",
            "ReLU halves the power of the signal in every layer; Xavier does not know that.",
            _digits("xavier normal", activation="relu", depth=20, training=CAREFUL),
            view="depth",
            speed=BRISK,
        ),
        "he-relu": Preset(
            "He under ReLU",
            "Twice the variance makes up for the half that ReLU cuts off.",
            _digits("he normal", activation="relu", depth=20, training=CAREFUL),
            view="depth",
            speed=BRISK,
        ),
        "dying-relu": Preset(
            "Dying ReLU",
            "A learning rate that is too large throws neurons to where they are always 0.",
            _digits("he normal", activation="relu", training={"rate": 1.0}),
            view="dead",
            speed=BRISK,
        ),
        "limping-relu": Preset(
            "Limping ReLU",
            "A somewhat smaller rate: many neurons die, and the rest has to do.",
            _digits("he normal", activation="relu", training={"rate": 0.7, "steps": 300}),
            view="dead",
            speed=BRISK,
        ),
        "leaky": Preset(
            "Leaky ReLU",
            "The rate of the limping ReLU; a slope of 0.01 on the left is a way back.",
            _digits("he normal", activation="leaky relu", training={"rate": 0.7}),
            view="loss",
            speed=BRISK,
        ),
        "dead-bias": Preset(
            "Dead on arrival",
            "Biases of −2 keep most ReLU neurons at 0 from the start.",
            _digits("he normal", activation="relu").model_copy(
                update={"biases": BiasesSpec(kind="constant", value=-2.0)}
            ),
            view="dead",
            speed=BRISK,
        ),
    }


def _deep() -> dict[str, Preset]:
    deep: dict[str, Any] = {"depth": 30, "activation": "tanh", "training": CAREFUL}
    return {
        "deep-plain": Preset(
            "30 layers",
            "Weights a little too small, thirty times over.",
            _digits("normal", weights={"sigma": 0.07}, **deep),
            view="depth",
            speed=BRISK,
        ),
        "deep-norm": Preset(
            "30 layers, normalised",
            "The same weights; batch normalisation brings every z back to a spread of 1.",
            _digits("normal", weights={"sigma": 0.07}, network={"batch_norm": True}, **deep),
            view="depth",
            speed=BRISK,
        ),
        "deep-residual": Preset(
            "30 layers, residual",
            "The same weights; the gradient takes the way past the layers.",
            _digits("normal", weights={"sigma": 0.07}, network={"residual": True}, **deep),
            view="depth",
            speed=BRISK,
        ),
        "deep-orthogonal": Preset(
            "30 layers, orthogonal",
            "Rotations change no length: linear layers pass everything on unchanged.",
            _digits("orthogonal", depth=30, activation="linear", training=CAREFUL),
            view="depth",
            speed=BRISK,
        ),
    }


def _pairs(pane: InitPane | None) -> dict[str, Preset]:
    xavier = _digits("xavier normal", activation="relu", depth=20, training=CAREFUL)
    he = _digits("he normal", activation="relu", depth=20, training=CAREFUL)

    def choose_b() -> None:
        if pane is not None:
            pane.ab.take_as_b(he)
            pane.ab.run()

    return {
        "ab": Preset(
            "Xavier against He",
            "Two networks from the same draws on the same batches: only the scale differs.",
            xavier,
            view="ab",
            speed=BRISK,
            after=choose_b,
        ),
        "schemes": Preset(
            "All schemes",
            "Accuracy on the digits under every scheme: small weights learn faster and better.",
            _digits("xavier normal"),
            view="schemes",
            speed=BRISK,
        ),
        "matrix": Preset(
            "All schemes × activations",
            "How loud the signals are in every layer, for every pair; click one to load it.",
            default_spec(),
            view="matrix",
            speed=SLOW,
        ),
    }


def _digits(scheme: Any, *, depth: int = 5, activation: Any = "tanh", **parts: Any) -> InitSpec:
    """Return a small network on the digits; ``parts`` change weights, network and training."""
    training = {"batch_size": SMALL_BATCH, "rate": 0.1, "steps": 2000, **parts.get("training", {})}
    network = {"depth": depth, "width": SMALL_WIDTH, **parts.get("network", {})}
    return InitSpec(
        weights=WeightsSpec(scheme=scheme, **parts.get("weights", {})),
        network=NetworkSpec(activation=activation, **network),
        data=DIGITS,
        training=TrainingSpec(**training),
    )
