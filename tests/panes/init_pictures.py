"""Snapshots made by hand, so that tests of the views need no training."""

from __future__ import annotations

import numpy as np

from playground.experiments.base import RUNNING
from playground.experiments.init_network_spec import NetworkSpec
from playground.experiments.init_snapshot import (
    BINS,
    Clones,
    Explorer,
    Histogram,
    InitSnapshot,
    InitVerdict,
    LayerView,
    Spread,
)
from playground.experiments.init_spec import InitSpec

NAN = float("nan")


def histogram(std, mean=0.0, low=None, high=None, zeros=0.0, seed=0, counted=32_768):
    rng = np.random.default_rng(seed)
    values = mean + std * rng.normal(size=counted)
    values[: round(zeros * counted)] = 0.0
    low = min(mean - 4 * std, -1e-12) if low is None else low
    high = max(mean + 4 * std, 1e-12) if high is None else high
    counts, edges = np.histogram(values, BINS, (low, high))
    width = edges[1] - edges[0]
    middles = 0.5 * (edges[1:] + edges[:-1])
    expected = None
    if std > 0.0:
        z = (middles - mean) / std
        expected = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi) / std * width
    return Histogram(
        low=low,
        high=high,
        counts=counts,
        counted=counted,
        total=10 * counted,
        below=float((values < low).mean()),
        above=float((values > high).mean()),
        invalid=0.0,
        expected=expected,
    )


def layer(index, depth, forward=1.0, backward=1.0, histograms=True, **fields):
    output = index == depth + 1
    stds = {
        "w": 0.045,
        "z": forward,
        "a": NAN if output else 0.6 * forward,
        "da": NAN if output else 2e-4 * backward,
        "dz": 1.5e-4 * backward,
        "dw": 1e-3 * backward,
    }
    names = [name for name, std in stds.items() if not np.isnan(std)]
    values = {
        "index": index,
        "name": "output" if output else str(index),
        "size": 10 if output else 500,
        "fan_in": 784 if index == 1 else 500,
        "is_output": output,
        "spreads": {name: Spread(0.0, std, 1.1 * std) for name, std in stds.items()},
        "histograms": {n: histogram(stds[n], seed=index) for n in names} if histograms else {},
        "dead": NAN,
        "saturated": NAN if output else 0.02 * index,
        "flat": NAN if output else 0.01 * index,
        "update_ratio": 1e-3,
    }
    return LayerView(**{**values, **fields})


def clones(neurons=16, alike=True, number=2):
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(neurons, 40))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    random = (rows @ rows.T).astype(np.float32)
    same = np.ones((neurons, neurons), dtype=np.float32) if alike else random
    return Clones(number, neurons, same, same, random, float(same.mean()), 0.01, alike)


def explorer(number=2):
    z = np.linspace(-4.0, 4.0, 241)
    f = np.tanh(z)
    return Explorer(
        layer=number,
        z=z,
        f=f,
        slope=1 - f**2,
        histogram=histogram(1.0, low=-4.0, high=4.0),
        flat=0.004,
        flat_ranges=((-np.inf, -2.99), (2.99, np.inf)),
        mean_square_slope=0.464,
    )


def snapshot(depth=5, decay=1.0, growth=1.0, histograms=True, **fields):
    layers = tuple(
        layer(i, depth, decay**i, growth ** (depth - i), histograms) for i in range(1, depth + 2)
    )
    values = {
        "step": 12,
        "status": RUNNING,
        "spec": InitSpec(network=NetworkSpec(depth=depth)),
        "position": "epoch 3 · batch 2 of 5",
        "headline": "accuracy 0.31",
        "epoch": 2,
        "batch": 2,
        "batches": 5,
        "loss": 2.1,
        "accuracy": 0.31,
        "test_loss": 2.2,
        "test_accuracy": 0.24,
        "input_spread": Spread(0.0, 1.0, 1.0),
        "input_histogram": histogram(1.0),
        "layers": layers,
        "parameters": 1_400_000,
        "memory_bytes": 60_000_000,
        "verdict": InitVerdict("ok", "The signals keep their size."),
    }
    return InitSnapshot(**{**values, **fields})
