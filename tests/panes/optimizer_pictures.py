"""Snapshots and frames of a race made by hand, so that tests of the pane need no training."""

from __future__ import annotations

import math

import numpy as np

from playground.engine.frames import Frame, Phase, Transport
from playground.engine.history import History
from playground.experiments.base import RUNNING, Record, Series
from playground.experiments.optimizers_snapshot import (
    SERIES_COLUMNS,
    LaneView,
    OptimizerRaceSnapshot,
    Standing,
    lane_series,
)
from playground.experiments.optimizers_spec import OptimizerRaceSpec, new_lane
from playground.experiments.optimizers_surface_spec import SurfaceSpec, build_surface


def race_spec(kind="beale", methods=("sgd", "momentum", "adam"), **fields):
    lanes = tuple(new_lane(method, place) for place, method in enumerate(methods))
    return OptimizerRaceSpec(surface=SurfaceSpec(kind=kind), lanes=lanes, **fields)


def lane_view(spec, index=0, **fields):
    lane = spec.lanes[index]
    values = {
        "index": index,
        "title": lane.title,
        "method": lane.method,
        "colour": lane.colour,
        "x": 0.5 + index,
        "y": 0.5,
        "loss": 1.5,
        "gradient": (3.0, 4.0),
        "gradient_norm": 5.0,
        "used_gradient": (3.0, 4.0),
        "step": (-0.03, -0.04),
        "step_size": 0.05,
        "effective": 0.01,
        "rate": lane.rate,
        "velocity": (-0.3, -0.4) if lane.method == "momentum" else None,
        "look_ahead": None,
        "steps": None,
        "accumulators": (),
        "evaluations": 12,
        "distance": 2.5,
        "minimum": 0,
        "standing": Standing.RUNNING,
        "words": "Still running: f = 1.5.",
        "rank": index + 1,
        "finished_round": None,
        "diverged_round": None,
        "resting": False,
    }
    return LaneView(**{**values, **fields})


def race_snapshot(spec=None, lanes=None, step=12, **fields):
    spec = spec or race_spec()
    surface = build_surface(spec.surface)
    if lanes is None:
        lanes = tuple(lane_view(spec, index) for index in range(len(spec.lanes)))
    values = {
        "step": step,
        "status": RUNNING,
        "spec": spec,
        "position": f"round {step}",
        "headline": "",
        "surface": surface,
        "lanes": lanes,
        "leaderboard": tuple(v.index for v in sorted(lanes, key=lambda view: view.rank)),
        "start": spec.start or surface.start,
    }
    return OptimizerRaceSnapshot(**{**values, **fields})


def spiral(rounds, turns=3.0):
    """Path (rounds + 1, 2) of a lane that circles inwards."""
    way = np.linspace(0.0, 1.0, rounds + 1)
    angle, radius = 2.0 * math.pi * turns * way, 1.5 * (1.0 - 0.9 * way)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def race_history(snapshot, rounds, path=spiral):
    history = History([Series(lane_series(view.index), SERIES_COLUMNS) for view in snapshot.lanes])
    for view in snapshot.lanes:
        records = [
            Record(
                lane_series(view.index),
                step,
                (x, y, 1.0 / (1 + step), 0.5, 0.01, 0.01, float(step), 1.0),
            )
            for step, (x, y) in enumerate((path(rounds) + 0.05 * view.index).tolist())
        ]
        history.append(records)
    return history


def race_frame(snapshot=None, rounds=None, run_id=1, frontier=None, history=None, ghost=None):
    snapshot = snapshot or race_snapshot()
    rounds = snapshot.step if rounds is None else rounds
    history = history or race_history(snapshot, rounds)
    return Frame(
        channel="optimizers",
        run_id=run_id,
        kind="optimizers",
        seed=7,
        snapshot=snapshot,
        history=history.view(),
        transport=Transport(
            Phase.PAUSED, snapshot.step, rounds if frontier is None else frontier, 30.0
        ),
        ghost=ghost,
    )
