"""The experiments there are, by kind; the code of one is imported when it is needed.

The window builds its inspector from specs and must be on screen before anything heavy is
imported, so this table holds names, not classes.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from playground.experiments.base import Experiment

EXPERIMENTS: dict[str, str] = {
    "perceptron": "playground.experiments.perceptron:PerceptronExperiment",
    "optimizers": "playground.experiments.optimizers:OptimizerRaceExperiment",
    "network-race": "playground.experiments.network_race:NetworkRaceExperiment",
    "init": "playground.experiments.init:InitExperiment",
    "cnn": "playground.experiments.cnn:CnnExperiment",
    "convolution": "playground.experiments.convolution:ConvolutionExperiment",
    "fourier": "playground.experiments.fourier:FourierExperiment",
    "agents": "playground.experiments.agents:AgentsExperiment",
}


class UnknownExperiment(ValueError):
    """Says which kinds there are."""


def experiment_type(kind: str) -> type[Experiment]:
    """Return the class of an experiment by its kind; raise :class:`UnknownExperiment`."""
    if kind not in EXPERIMENTS:
        raise UnknownExperiment(
            f"There is no experiment “{kind}”; there are: {', '.join(sorted(EXPERIMENTS))}."
        )
    module, _, name = EXPERIMENTS[kind].partition(":")
    return cast("type[Experiment]", getattr(importlib.import_module(module), name))
