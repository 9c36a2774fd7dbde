"""How long it takes to be anywhere in a run, and what the checkpoints weigh that make it quick."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from playground.bench.figures import Figure
from playground.bench.workloads import perceptron_on
from playground.engine.checkpoints import BUDGET_BYTES
from playground.engine.recording import Origin
from playground.engine.timeline import Timeline
from playground.experiments.optimizers_spec import FinishSpec, OptimizerRaceSpec
from playground.experiments.perceptron_spec import LearnerSpec
from playground.experiments.registry import experiment_type

if TYPE_CHECKING:
    from playground.bench.figures import Effort
    from playground.experiments.spec import Spec

RUN_STEPS = 10_000
RACE_ROUNDS = 5_000
RACE_MS = 150.0
SEEK_MS = 100.0
SEEKS_A_REPEAT = 10
CHUNK_STEPS = 10_000
SMALL_BUDGET_BYTES = 2**20
MB = 2**20

ALL_KINDS = (
    LearnerSpec(kind="perceptron", colour=0),
    LearnerSpec(kind="pocket", colour=1),
    LearnerSpec(kind="adaline", rate=0.001, colour=2),
    LearnerSpec(kind="logistic", rate=0.001, colour=3),
)


def measure(effort: Effort) -> list[Figure]:
    """Return the longest of many seeks in 10,000 steps, and the weight of the checkpoints.

    The steps sought are drawn at random; each seek starts where the one before has ended.
    """
    figures = []
    for name, spec in (
        ("80 points", perceptron_on(80)),
        ("10,000 points", perceptron_on(10_000)),
        ("10,000 points, four models", perceptron_on(10_000, ALL_KINDS)),
    ):
        figures += _seeks(name, spec, RUN_STEPS, SEEKS_A_REPEAT * effort.repeats)
    race = OptimizerRaceSpec(finish=FinishSpec(rounds=RACE_ROUNDS, tolerance=1e-9))
    figures += _seeks(
        "nine lanes", race, RACE_ROUNDS, SEEKS_A_REPEAT * effort.repeats, "optimizers", RACE_MS
    )
    figures += _weight("default budget", BUDGET_BYTES, effort)
    figures += _weight("budget of 1 MB", SMALL_BUDGET_BYTES, effort)
    return figures


def _timeline(spec: Spec, budget_bytes: int = BUDGET_BYTES, kind: str = "perceptron") -> Timeline:
    origin = Origin(kind, spec, 0)
    return Timeline(1, origin, experiment_type, time.perf_counter, budget_bytes=budget_bytes)


def _seeks(
    name: str,
    spec: Spec,
    steps: int,
    seeks: int,
    kind: str = "perceptron",
    target: float = SEEK_MS,
) -> list[Figure]:
    run = _timeline(spec, kind=kind)
    while run.step < steps and run.status.running:
        # As the window does, in slices: between them checkpoints are taken.
        run.advance(max(1, steps // 100))
    steps = run.step
    targets = np.random.default_rng(0).integers(0, steps, seeks, endpoint=True).tolist()
    delays = [_seek(run, step) for step in targets]
    return [
        Figure(
            f"seek in {steps:,} steps, {name}: longest",
            max(delays),
            "ms",
            target,
            note=f"of {seeks}, median {float(np.median(delays)):.1f} ms",
        )
    ]


def _seek(run: Timeline, step: int) -> float:
    started = time.perf_counter()
    run.begin_seek(step)
    run.continue_seek(float("inf"))
    run.snapshot(frozenset())
    delay = 1000.0 * (time.perf_counter() - started)
    if run.step != step:
        raise RuntimeError(f"A seek to step {step} ended at step {run.step}.")
    return delay


def _weight(name: str, budget_bytes: int, effort: Effort) -> list[Figure]:
    run = _timeline(perceptron_on(80), budget_bytes)
    heaviest = 0
    while run.step < effort.steps:
        run.advance(min(CHUNK_STEPS, effort.steps - run.step))
        heaviest = max(heaviest, run.checkpoints.nbytes)
    epochs = run.history.length("epoch")
    delays = [_seek(run, k * effort.steps // 20) for k in range(21)]
    what = f"{effort.steps:,} steps, {name}"
    return [
        Figure(
            f"checkpoints of {what}: heaviest",
            heaviest / MB,
            "MB",
            budget_bytes / MB,
            note=f"{len(run.checkpoints):,} checkpoints",
        ),
        Figure(
            f"history of {what}: epochs recorded",
            epochs,
            "rows",
            effort.steps // 80,
            at_least=True,
        ),
        Figure(f"seek in {what}: longest of 21", max(delays), "ms"),
    ]
