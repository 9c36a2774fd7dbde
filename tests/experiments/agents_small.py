"""Small runs of the agents experiment: tiny networks in quick worlds."""

from __future__ import annotations

import itertools

import numpy as np

from playground.experiments.agents import AgentsExperiment
from playground.experiments.agents_policy import Policy
from playground.experiments.agents_spec import ALGORITHM_LABELS, AgentSpec
from playground.experiments.spec import parse_assignments

ALGORITHMS = tuple(ALGORITHM_LABELS)
SMALL = (
    "learner.hidden=8",
    "learner.worlds=3",
    "learner.steps=8",
    "learner.minibatch=12",
    "learner.epochs=2",
    "learner.capacity=200",
    "learner.batch=8",
    "learner.warm_up=20",
    "learner.rate=0.01",
    "show.every=40",
)


def small_spec(algorithm="ppo", *assignments, world="gymnasium") -> AgentSpec:
    first = (f"world.kind={world}", f"learner.algorithm={algorithm}")
    return parse_assignments(AgentSpec(), (*first, *SMALL, *assignments))


def made(algorithm="ppo", *assignments, world="gymnasium", seed=1) -> AgentsExperiment:
    return AgentsExperiment(small_spec(algorithm, *assignments, world=world), seed)


def random_policy(sizes=(8, 6, 4), role="actor", critic=None, seed=0, **changes) -> Policy:
    """Return a policy with random weights; ``critic`` is its number of outputs."""
    rng = np.random.default_rng(seed)
    arrays = {}
    networks = {role: sizes} | ({} if critic is None else {"critic": (*sizes[:-1], critic)})
    for name, widths in networks.items():
        for layer, (inputs, outputs) in enumerate(itertools.pairwise(widths)):
            arrays[f"{name}.{layer}.weight"] = rng.normal(size=(outputs, inputs)).astype("f4")
            arrays[f"{name}.{layer}.bias"] = rng.normal(size=outputs).astype("f4")
    return Policy(role, changes.pop("activation", "tanh"), arrays, sizes[-1], **changes)
