"""Snapshots made by hand, so that tests of the pane need no training."""

from __future__ import annotations

import numpy as np

from playground.core.points import PointSet
from playground.experiments.base import RUNNING
from playground.experiments.perceptron_snapshot import (
    LearnerView,
    PerceptronSnapshot,
    UsedSample,
    Verdict,
)
from playground.experiments.perceptron_spec import LearnerSpec, PerceptronSpec

LINE = (1.0, 0.9, -0.05)


def blobs(count=80, seed=3):
    rng = np.random.default_rng(seed)
    y = np.where(np.arange(count) % 2 == 0, 1, -1).astype(np.int8)
    x = rng.normal(size=(count, 2)) * 0.75 + y[:, None] * np.array([1.2, 0.9])
    return PointSet.of(x, y)


def learner(points, line=LINE, index=0, **fields):
    with np.errstate(over="ignore", invalid="ignore"):
        f = points.x @ np.array(line[:2]) + line[2]
        wrong = ~(f * points.y > 0.0)
    values = {
        "index": index,
        "name": "perceptron, online",
        "kind": "perceptron",
        "schedule": "online",
        "colour": 7,
        "line": line,
        "current": line,
        "trained": line,
        "rate": 0.02,
        "wrong": wrong,
        "cost": float(wrong.mean()) if len(points) else float("nan"),
        "errors": int(wrong.sum()),
        "epochs_done": 3,
        "updates": 249,
        "changes": 17,
        "epoch_changes": 2,
        "done": False,
        "diverged": False,
        "verdict": Verdict("info", "3 of 80 wrong in epoch 4"),
    }
    return LearnerView(**{**values, **fields})


def used(points, row=0, dw=(0.024, 0.018)):
    x1, x2 = points.x[row].tolist()
    return UsedSample(int(points.ids[row]), x1, x2, int(points.y[row]), -0.2, True, *dw, 0.02)


def ghosts(count=16):
    return tuple((0.2 + 0.05 * i, 0.9, 0.4 - 0.028 * i) for i in range(count))


def snapshot(points=None, learners=None, parts=None, spec=None, **fields):
    points = blobs() if points is None else points
    learners = (learner(points),) if learners is None else learners
    values = {
        "step": 249,
        "status": RUNNING,
        "spec": spec or PerceptronSpec(learners=(LearnerSpec(colour=7),)),
        "position": "epoch 4 · sample 9 of 80",
        "headline": "accuracy 0.975",
        "points": points,
        "parts": np.zeros(len(points), dtype=np.int8) if parts is None else parts,
        "standardiser": None,
        "data_version": 1,
        "epoch": 4,
        "sample_in_epoch": 9,
        "samples_per_epoch": len(points),
        "margin": None,
        "learners": learners,
    }
    return PerceptronSnapshot(**{**values, **fields})
