"""The named set-ups of the race: what the lesson's links and the menu open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.experiments.optimizers_lane_spec import LaneSpec
from playground.experiments.optimizers_methods import COURSE_METHODS
from playground.experiments.optimizers_spec import (
    FinishSpec,
    NoiseSpec,
    OptimizerRaceSpec,
    new_lane,
)
from playground.experiments.optimizers_surface_spec import SurfaceSpec
from playground.panes.base import Preset

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playground.experiments.optimizers_methods import Method

SLOW, BRISK, FAST = 8.0, 30.0, 150.0


def default_spec() -> OptimizerRaceSpec:
    """Return the first thing a person sees: the nine methods of the course on Beale's function."""
    return OptimizerRaceSpec()


def race_presets() -> Mapping[str, Preset]:
    """Return all set-ups by name, in the order of the menu."""
    return {**_first(), **_bowls(), **_saddles(), **_noise(), **_details(), **_landscapes()}


def _first() -> dict[str, Preset]:
    same = tuple(_lane(method, 0.01, place) for place, method in enumerate(COURSE_METHODS))
    return {
        "start": Preset(
            "First race", "The nine methods of the course on Beale's function.", default_spec()
        ),
        "same-rate": Preset(
            "One rate for all",
            "The nine methods, all of them with η = 0.01. Is that fair?",
            _race("beale", *same),
            speed=FAST,
        ),
        "own-rates": Preset(
            "A rate for each",
            "The nine methods, each with the best of twelve rates that were tried.",
            _race(
                "beale",
                *(
                    _lane(method, rate, place)
                    for place, (method, rate) in enumerate(BEST_ON_BEALE.items())
                ),
            ),
            speed=FAST,
        ),
    }


BEST_ON_BEALE: dict[Method, float] = {
    "sgd": 0.02,
    "momentum": 0.02,
    "nesterov": 0.01,
    "rprop": 1.0,
    "adagrad": 2.0,
    "rmsprop": 0.02,
    "adadelta": 0.1,
    "adam": 1.0,
    "nadam": 0.2,
}


def _bowls() -> dict[str, Preset]:
    zigzag = (
        _lane("sgd", 0.19, 5),
        _lane("momentum", 0.05, 1, momentum=0.8),
        _lane("nesterov", 0.05, 2, momentum=0.8),
    )
    rates = tuple(
        _lane("sgd", rate, place, name=f"η = {rate:g}")
        for rate, place in ((0.05, 2), (0.19, 1), (0.2, 0), (0.21, 5))
    )
    ravine = (_lane("sgd", 0.18, 0), _lane("momentum", 0.05, 1), _lane("rprop", 0.01, 3))
    turned = (
        _lane("momentum", 0.05, 1),
        _lane("rprop", 0.01, 3),
        _lane("adagrad", 0.5, 4),
        _lane("rmsprop", 0.05, 5),
        _lane("adam", 0.1, 7),
    )
    return {
        "zigzag": Preset(
            "Zig-zag and momentum",
            "A long bowl: the gradient points across it. Momentum cancels the zig-zag.",
            _race("bowl", *zigzag, surface={"condition": 50.0}),
            speed=SLOW,
        ),
        "too-large": Preset(
            "Too large a rate",
            "The same bowl with four rates around the limit 2/λ = 0.2.",
            _race("bowl", *rates, finish={"rounds": 600}),
            speed=BRISK,
        ),
        **{
            f"ravine-{kappa}": Preset(
                f"Condition number {kappa}",
                "How much longer does it take in a longer bowl?",
                _race("bowl", *ravine, surface={"condition": float(kappa)}),
                speed=BRISK,
            )
            for kappa in (1, 10, 100)
        },
        "straight-bowl": Preset(
            "Bowl along the axes",
            "A rate for each weight fits a bowl whose axes are those of the weights.",
            _race("bowl", *turned),
            speed=BRISK,
        ),
        "turned-bowl": Preset(
            "Bowl turned by 45°",
            "The same bowl, turned: a rate for each weight helps no more.",
            _race("bowl", *turned, surface={"angle": 45.0}),
            speed=FAST,
        ),
    }


def _saddles() -> dict[str, Preset]:
    three = (_lane("sgd", 0.05, 0), _lane("momentum", 0.05, 1), _lane("adam", 0.05, 7))
    many = (
        *three,
        _lane("nesterov", 0.05, 2),
        _lane("rprop", 0.01, 3),
        _lane("adagrad", 0.5, 4),
        _lane("rmsprop", 0.05, 5),
        _lane("adadelta", 1.0, 6),
    )
    middle: dict[str, Any] = {"start": (-2.0, 0.0), "start_surface": "saddle"}
    return {
        "saddle": Preset(
            "Beside the ridge of a saddle",
            "The start is a thousandth beside the ridge. Who notices first?",
            _race("saddle", *many),
            speed=BRISK,
        ),
        "saddle-ridge": Preset(
            "On the ridge of a saddle",
            "Exactly on the ridge the gradient never points aside.",
            _race("saddle", *three, finish={"rounds": 400}, **middle),
            speed=BRISK,
        ),
        "saddle-noise": Preset(
            "Noise at a saddle",
            "The same start with a little noise in the gradient.",
            _race("saddle", *three, noise={"std": 0.1}, finish={"rounds": 2_000}, **middle),
            speed=FAST,
        ),
        "plateau": Preset(
            "On a plateau",
            "So far out the gradient is a few millionths.",
            _race(
                "plateau",
                _lane("sgd", 0.1, 0),
                _lane("adam", 0.05, 7),
                finish={"rounds": 1_000},
                start=(3.8, 3.8),
                start_surface="plateau",
            ),
            speed=BRISK,
        ),
    }


def _noise() -> dict[str, Preset]:
    lanes = (
        _lane("sgd", 1.0, 0),
        _lane("rprop", 0.01, 3),
        _lane("rmsprop", 0.02, 5),
        _lane("adam", 0.05, 7),
    )
    finish = {"rounds": 3_000}
    restarts = (
        _lane("sgd", 0.02, 0, name="constant 0.02"),
        _lane("sgd", 0.12, 1, name="cosine", schedule="cosine", schedule_rounds=400),
        _lane("sgd", 0.12, 5, name="restarts", schedule="restarts", schedule_rounds=100),
    )
    return {
        "rprop-all": Preset(
            "Rprop on all samples",
            "The cost of a logistic neuron over all 80 points.",
            _race("neuron", *lanes, finish=finish),
            speed=FAST,
        ),
        "rprop-batch": Preset(
            "Rprop on mini-batches",
            "The same neuron, one point a round: every gradient is another one's.",
            _race("neuron", *lanes, noise={"batch_size": 1}, finish=finish),
            speed=FAST,
        ),
        "restarts": Preset(
            "Warm restarts",
            "Two wells and noise: a schedule that starts again can leave the wrong one.",
            _race(
                "wells",
                *restarts,
                noise={"std": 2.0, "seed": 3},
                finish={"rounds": 400, "rest": False},
                start=(1.2, 0.5),
                start_surface="wells",
            ),
            speed=BRISK,
        ),
    }


def _details() -> dict[str, Preset]:
    adams = (
        _lane("adam", 0.1, 7, name="Adam"),
        _lane("adam", 0.1, 5, name="without correction", bias_correction=False),
    )
    return {
        "bias": Preset(
            "Adam's first steps",
            "Adam with and without the correction of its means, step by step.",
            _race("valley", *adams),
            view="step",
            speed=4.0,
        ),
        **{
            f"slow-{short}": Preset(
                f"Slow neuron, {words}",
                "One neuron that is very wrong: input 1, target 0, w = b = 2, η = 0.15.",
                _race(
                    "slow neuron",
                    _lane("sgd", 0.15, 0),
                    surface={"cost": cost},
                    start=(2.0, 2.0),
                    start_surface="slow neuron",
                    finish={"rounds": 300},
                ),
                speed=BRISK,
                view="curves",
            )
            for short, words, cost in (
                ("mse", "squared error", "mse"),
                ("entropy", "cross-entropy", "cross-entropy"),
            )
        },
    }


def _landscapes() -> dict[str, Preset]:
    banana = (
        _lane("sgd", 0.001, 0),
        _lane("momentum", 0.001, 1),
        _lane("rprop", 0.01, 3),
        _lane("adam", 0.05, 7),
        _lane("lbfgs", 1.0, 5),
    )
    own = "sin(x)*cos(y) + 0.1*(x**2 + y**2)"
    return {
        "banana": Preset(
            "Rosenbrock's valley",
            "Easy to find, hard to follow; L-BFGS learns its curvature.",
            _race("rosenbrock", *banana),
            speed=FAST,
            view="curves",
        ),
        "himmelblau": Preset(
            "Four minima", "Who ends where? Drag the start.", _usual("himmelblau"), speed=BRISK
        ),
        "rastrigin": Preset(
            "Egg cups", "121 minima, one of them the lowest.", _usual("rastrigin"), speed=BRISK
        ),
        "formula": Preset(
            "A formula of your own",
            "Type another one in the inspector: sin(x)*y, abs(x) + y**2, …",
            _usual("formula", {"formula": own}),
            speed=BRISK,
        ),
    }


def _lane(method: Method, rate: float, colour: int, **fields: Any) -> LaneSpec:
    return LaneSpec(method=method, rate=rate, colour=colour, **fields)


def _race(
    kind: str,
    *lanes: LaneSpec,
    surface: dict[str, Any] | None = None,
    noise: dict[str, Any] | None = None,
    finish: dict[str, Any] | None = None,
    **fields: Any,
) -> OptimizerRaceSpec:
    return OptimizerRaceSpec(
        surface=SurfaceSpec.model_validate({"kind": kind, **(surface or {})}),
        lanes=lanes,
        noise=NoiseSpec(**(noise or {})),
        finish=FinishSpec(**(finish or {})),
        **fields,
    )


def _usual(kind: str, surface: dict[str, Any] | None = None) -> OptimizerRaceSpec:
    lanes = tuple(new_lane(method, place) for place, method in enumerate(COURSE_METHODS))
    return _race(kind, *lanes, surface=surface)
