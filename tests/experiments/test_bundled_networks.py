from __future__ import annotations

import os
import subprocess
import sys
from typing import get_args

import numpy as np
import pytest

from playground.assets_path import asset
from playground.experiments import bundled_training
from playground.experiments.bundled_networks import (
    BUNDLED_LABELS,
    BundledName,
    as_kept,
    load_bundled,
    read_bundled,
)
from playground.experiments.bundled_training import main, run_of, train, write_network
from playground.experiments.cnn import CnnExperiment
from playground.experiments.cnn_block_spec import activation, connected, conv, pool
from playground.experiments.cnn_data import load_data
from playground.experiments.cnn_evaluation import evaluate
from playground.experiments.cnn_network import arrays_of, network_from
from playground.experiments.cnn_spec import CnnSpec, with_blocks
from playground.experiments.spec import parse_assignments

NAMES = get_args(BundledName)
BLOCKS = (conv(4), activation(), pool(), connected(200), activation())


@pytest.fixture(scope="module")
def small_spec():
    changes = ("data.training=100", "data.test=50", "training.batch_size=50")
    return parse_assignments(with_blocks(CnnSpec(), BLOCKS), changes)


@pytest.mark.parametrize("name", NAMES)
def test_bundled_network_learns_from_noise_to_digits(name):
    found = load_bundled(name)
    assert found.label == BUNDLED_LABELS[name]
    assert len(found.checkpoints) >= 10
    steps = [each.step for each in found.checkpoints]
    assert steps[0] == 0
    assert steps == sorted(set(steps))
    assert found.checkpoints[0].test_accuracy < 0.25
    assert found.checkpoints[-1].test_accuracy > (0.96 if name == "cnn-mnist" else 0.93)
    assert found.checkpoints[-1].epoch == 10
    assert found.spec.data.path == ""
    assert asset("networks", f"{name}.npz").stat().st_size < 400_000
    readme = asset("networks", "README.md").read_text(encoding="utf-8")
    assert f"{100 * found.checkpoints[-1].test_accuracy:.2f} %" in readme


@pytest.mark.parametrize(("name", "parameters"), [("cnn-mnist", 9098), ("mlp-mnist", 39760)])
def test_bundled_network_is_the_course_s_and_answers(name, parameters):
    found = load_bundled(name)
    assert found.spec.parameters == parameters
    for place in (0, -1):
        state = found.state(place)
        network = network_from(state)
        digit = np.zeros((1, 1, 28, 28), np.float32)
        digit[:, :, 4:24, 13:16] = 1.0
        outputs = network(bundled_training.torch.from_numpy(digit))
        assert outputs.shape == (1, 10)
        if place == -1:
            # A thick upright stroke is a one.
            assert int(outputs.argmax()) == 1
        with pytest.raises(ValueError, match="read-only"):
            next(iter(state.arrays.values())).flat[0] = 1


def test_loading_needs_no_torch():
    code = (
        "import sys\n"
        "from playground.experiments.bundled_networks import load_bundled\n"
        "load_bundled('mlp-mnist')\n"
        "assert not {'torch', 'sklearn', 'scipy', 'PySide6'} & set(sys.modules)\n"
    )
    command = [sys.executable, "-c", code]
    root = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": root}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_file_holds_what_was_trained(small_spec, tmp_path):
    checkpoints = train(small_spec, 0, (0, 1, 4))
    file = tmp_path / "cnn-mnist.npz"
    write_network(file, small_spec, checkpoints)
    found = read_bundled(file, "cnn-mnist")
    assert found.spec == small_spec
    assert [each.step for each in found.checkpoints] == [0, 1, 4]
    assert [each.epoch for each in found.checkpoints] == [0, 0.5, 2]
    data = load_data(small_spec.data, 0)
    for made, kept in zip(checkpoints, found.checkpoints, strict=True):
        assert made.arrays.keys() == kept.arrays.keys()
        for name, array in kept.arrays.items():
            np.testing.assert_array_equal(array, made.arrays[name])
    scores = evaluate(network_from(found.state(2)), data.test_x, data.test_y, 0)
    assert scores.accuracy == found.checkpoints[2].test_accuracy
    assert scores.loss == pytest.approx(found.checkpoints[2].test_loss)


def test_rounding_is_small(small_spec):
    experiment = CnnExperiment(parse_assignments(small_spec, ["data.training=1000"]), 0)
    whole = arrays_of(experiment.network)
    kept = as_kept(whole)
    assert kept.keys() == whole.keys()
    # One layer is large enough to be kept in eight bits.
    assert max(array.size for array in whole.values()) > 10_000
    for name, array in whole.items():
        assert kept[name].shape == array.shape
        assert kept[name].dtype == np.float32
        np.testing.assert_allclose(kept[name], array, atol=float(np.abs(array).max()) / 250)


def test_the_runs_are_those_of_the_course():
    cnn, mlp = (run_of(name, "/somewhere") for name in NAMES)
    assert cnn.architecture.startswith("conv 3×3×8 · ReLU · max pool 2 · conv 3×3×16")
    assert mlp.architecture == "FC 50 · ReLU · output"
    for spec in (cnn, mlp):
        training = spec.training
        assert (training.optimizer, training.rate, training.batch_size) == ("adam", 1e-3, 64)
        assert (spec.data.training, spec.data.test, training.epochs) == (8000, 2000, 10)


def test_the_command_writes_both_files(small_spec, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(bundled_training, "run_of", lambda name, folder: small_spec)
    monkeypatch.setattr(bundled_training, "STEPS", dict.fromkeys(NAMES, (0, 2)))
    assert main(["folder", str(tmp_path / "out")]) == 0
    names = sorted(path.stem for path in (tmp_path / "out").iterdir())
    assert names == sorted(NAMES)
    assert "cnn-mnist: step 2, test accuracy" in capsys.readouterr().out


def test_the_command_says_what_is_missing(tmp_path, capsys):
    assert main([str(tmp_path), str(tmp_path / "out")]) == 2
    assert "holds no MNIST files" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
