"""The course's networks on 10,000 digits of MNIST beside a plain PyTorch program, in one process.

Run by hand on a quiet machine; ``PLAYGROUND_MNIST`` names the folder of the two t10k files:

    PLAYGROUND_MNIST=… pytest tests/benchmarks/test_cnn.py -s
"""

from __future__ import annotations

import os
import time

import pytest
import torch
from torch import nn
from torch.nn import functional

from playground.experiments.bundled_training import run_of
from playground.experiments.cnn import CnnExperiment
from playground.experiments.cnn_data import load_data

FOLDER = os.environ.get("PLAYGROUND_MNIST", "")
EPOCHS = 10
BATCH = 64
POINTS = 0.5
RATIO = 1.15


def course_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(784, 10),
    )


def course_mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 10))


class PlainProgram:
    """What a student would write: shuffle, batches, backward, step, test."""

    def __init__(self, network, data):
        self.network = network
        self.data = data
        self.optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
        self.shuffle = torch.Generator().manual_seed(0)

    def epoch(self):
        data = self.data
        self.network.train()
        order = torch.randperm(len(data.train_y), generator=self.shuffle)
        total, right = 0.0, 0
        for rows in order.split(BATCH):
            self.optimizer.zero_grad()
            outputs = self.network(data.train_x[rows])
            loss = functional.cross_entropy(outputs, data.train_y[rows])
            loss.backward()
            self.optimizer.step()
            total += loss.item() * len(rows)
            right += int((outputs.argmax(1) == data.train_y[rows]).sum())
        self.network.eval()
        with torch.no_grad():
            guessed = self.network(data.test_x).argmax(1)
        return float((guessed == data.test_y).double().mean())


@pytest.mark.skipif(not FOLDER, reason="PLAYGROUND_MNIST names no folder of MNIST")
@pytest.mark.parametrize(("name", "plain"), [("cnn-mnist", course_cnn), ("mlp-mnist", course_mlp)])
def test_course_network_is_as_good_and_as_fast_as_a_plain_program(name, plain):
    torch.set_num_threads(1)
    spec = run_of(name, FOLDER, EPOCHS)
    data = load_data(spec.data, 0)
    assert (len(data.train_y), len(data.test_y)) == (8000, 2000)
    experiment = CnnExperiment(spec, 0)
    network = plain()
    # The same first weights: what is compared is the training, not the luck of the draw.
    network.load_state_dict(experiment.network.state_dict())
    program = PlainProgram(network, data)
    ours = theirs = 0.0
    accuracy = 0.0
    for _ in range(EPOCHS):
        # Turn by turn, so that whatever else the machine does slows both down.
        start = time.perf_counter()
        accuracy = program.epoch()
        middle = time.perf_counter()
        experiment.advance(experiment.steps_to_mark())
        theirs += middle - start
        ours += time.perf_counter() - middle
    found = experiment.history[-1].test_accuracy
    print(
        f"\n{name}: {EPOCHS} epochs; test accuracy {100 * found:.2f} % (plain {100 * accuracy:.2f} "
        f"%); {ours:.2f} s (plain {theirs:.2f} s), ratio {ours / theirs:.3f}"
    )
    assert 100 * abs(found - accuracy) <= POINTS
    assert ours / theirs <= RATIO
