"""The network pane measured: the course's networks beside a plain program, and how soon it answers.

Run by hand on a quiet machine; ``PLAYGROUND_MNIST`` names the folder of the two t10k files:

    PLAYGROUND_MNIST=… pytest tests/benchmarks/test_cnn.py -s
"""

from __future__ import annotations

import itertools
import math
import os
import random
import statistics
import time

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from playground.bench.window import UnattendedWindow
from playground.bench.workloads import digits_network
from playground.core.threads import thread_count
from playground.engine.frames import Ended
from playground.experiments.bundled_training import run_of
from playground.experiments.cnn import CnnExperiment
from playground.experiments.cnn_data import load_data
from playground.experiments.cnn_spec import MAX_EPOCHS
from playground.experiments.convolution_spec import ConvolutionSpec, ImageSpec, KernelSpec
from playground.panes.cnn.digit_input import seen_by

FOLDER = os.environ.get("PLAYGROUND_MNIST", "")
needs_mnist = pytest.mark.skipif(not FOLDER, reason="PLAYGROUND_MNIST names no folder of MNIST")
EPOCHS = 10
BATCH = 64
POINTS = 0.5
RATIO = 1.15
ANSWER_MS = 50.0
SHARE = 0.95
LONGEST_S = 600.0
STROKES = 120
EDITS = 40


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


def trained_by_window(session, spec):
    """Train a run to its end beside the window; return seconds and the test accuracy."""
    session.open(spec)
    ended = []

    def note(event):
        if isinstance(event, Ended):
            ended.append((time.perf_counter(), event.status.reason))

    session.channel.happened.connect(note)
    start = time.perf_counter()
    session.play()
    session.require(lambda: bool(ended), LONGEST_S, "The end of the run")
    session.channel.happened.disconnect(note)
    session.wait(0.5)
    return ended[0][0] - start, session.channel.last_frame.snapshot.test_accuracy


@needs_mnist
@pytest.mark.parametrize(
    ("name", "plain", "rounds"), [("cnn-mnist", course_cnn, 3), ("mlp-mnist", course_mlp, 9)]
)
def test_course_network_is_as_good_and_as_fast_as_a_plain_program(name, plain, rounds):
    spec = run_of(name, FOLDER, EPOCHS)
    data = load_data(spec.data, 0)
    assert (len(data.train_y), len(data.test_y)) == (8000, 2000)
    first = CnnExperiment(spec, 0).network.state_dict()
    theirs, ours, accuracies = [], [], []
    with UnattendedWindow() as session:
        session.load_libraries()
        session.stage("cnn")
        # As many as the training thread has.
        torch.set_num_threads(thread_count())

        def plainly():
            network = plain()
            # The same first weights: what is compared is the training, not the luck of the draw.
            network.load_state_dict(first)
            program = PlainProgram(network, data)
            start = time.perf_counter()
            accuracies.append([program.epoch() for _ in range(EPOCHS)][-1])
            theirs.append(time.perf_counter() - start)

        # By turns: neighbours on the machine slow down now the one, now the other.
        plainly()
        for _ in range(rounds):
            seconds, found = trained_by_window(session, spec)
            ours.append(seconds)
            plainly()
    around = [statistics.fmean(pair) for pair in itertools.pairwise(theirs)]
    ratio = statistics.median(mine / plain for mine, plain in zip(ours, around, strict=True))
    print(
        f"\n{name}: {EPOCHS} epochs; test accuracy {100 * found:.2f} % (plain "
        f"{100 * accuracies[0]:.2f} %); {statistics.median(ours):.2f} s beside the window (plain "
        f"{statistics.median(theirs):.2f} s), ratio {ratio:.3f}, medians of {rounds} rounds"
    )
    assert 100 * abs(found - accuracies[0]) <= POINTS
    assert ratio <= RATIO


def endless(name):
    """Return a run that is still training when the measurement is over."""
    if name == "digits":
        return digits_network()
    return run_of(name, FOLDER, MAX_EPOCHS)


def told(name, found):
    """Print how long answers took; return the time that 95 % of them keep, in milliseconds."""
    found = sorted(found)
    most = found[min(len(found) - 1, int(SHARE * len(found)))]
    print(
        f"\n{name}: {len(found)} times, median {statistics.median(found):.1f} ms, 95 % within "
        f"{most:.1f} ms, longest {found[-1]:.1f} ms"
    )
    return most


@pytest.mark.parametrize("name", ["digits", pytest.param("cnn-mnist", marks=needs_mnist)])
def test_a_stroke_moves_the_probabilities_at_once_while_it_trains(name):
    chance = random.Random(0)
    painted, found = {}, []
    with UnattendedWindow() as session:
        session.load_libraries()
        session.stage("cnn")
        session.open(endless(name))
        pane = session.window.host.current.pane
        pane.show_view("pad")
        pad = pane.pad
        pad.show_source("training")
        session.play()
        session.wait(1.0)

        def note(_frame, ended):
            if pad.drawing is not None:
                painted.setdefault(pad.drawing.pixels.tobytes(), ended)

        session.window.painted = note
        for count in range(STROKES):
            if count % 12 == 0:
                pad.canvas.clear()
                session.wait(0.05)
                x, y, angle = 0.5, 0.3, chance.uniform(0.0, 2.0 * math.pi)
                pad.canvas.begin(x, y)
            angle += chance.uniform(-0.8, 0.8)
            x = min(0.85, max(0.15, x + 0.07 * math.cos(angle)))
            y = min(0.85, max(0.15, y + 0.07 * math.sin(angle)))
            start = time.perf_counter()
            pad.canvas.go_on(x, y)
            shape = pad.drawing.state.image_shape if pad.drawing else pad._state().image_shape
            wanted = seen_by(pad.canvas.ink(), shape).tobytes()
            painted.pop(wanted, None)
            session.require(lambda seen=wanted: seen in painted, 5.0, "The answer to a stroke")
            found.append(1000.0 * (painted[wanted] - start))
            session.wait(chance.uniform(0.01, 0.05))
        session.pause()
    assert told(f"a stroke beside {name}", found) <= ANSWER_MS


def test_a_kernel_edit_shows_its_result_at_once():
    rng = np.random.default_rng(0)
    spec = ConvolutionSpec(
        image=ImageSpec(kind="china", size=256, colour="rgb"),
        kernel=KernelSpec.own(rng.standard_normal((11, 11))),
        channels="each",
        border="zeros",
    )
    painted, found = [], []

    def note(frame, ended):
        if frame is not None:
            painted.append((frame.snapshot.spec.kernel.values, ended))

    with UnattendedWindow() as session:
        session.load_libraries()
        session.stage("convolution")
        session.open(spec)
        session.wait(1.0)
        session.window.painted = note
        for _ in range(EDITS):
            cells = rng.standard_normal((11, 11)).round(3).tolist()
            wanted = tuple(map(tuple, cells))
            start = time.perf_counter()
            session.channel.edit_value(("kernel", "values"), cells, True)
            session.require(
                lambda kernel=wanted: painted and painted[-1][0] == kernel, 5.0, "The new result"
            )
            found.append(1000.0 * (painted[-1][1] - start))
            session.wait(0.01 + 0.03 * rng.random())
    assert told("a kernel of 11×11 on a picture of 256×256 in colour", found) <= ANSWER_MS
