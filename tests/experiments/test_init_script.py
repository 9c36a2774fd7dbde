from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from typing import get_args

import pytest

from playground.core.activations import ActivationName
from playground.core.initializers import Scheme
from playground.experiments.init import InitExperiment
from playground.experiments.init_script import as_torch_script
from playground.experiments.init_spec import InitSpec
from playground.experiments.spec import parse_assignments

SMALL = (
    "network.depth=2",
    "network.width=12",
    "data.inputs=30",
    "data.samples=60",
    "training.batch_size=25",
    "training.steps=4",
)


def spec_with(*assignments: str) -> InitSpec:
    return parse_assignments(InitSpec(), (*SMALL, *assignments))


def output_of(script: str, tmp_path) -> str:
    file = tmp_path / "run.py"
    file.write_text(script, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(file)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "changes",
    [
        (),
        (
            "network.residual=true",
            "network.batch_norm=true",
            "biases.kind=random",
            "data.source=sparse",
            "weights.scheme=uniform",
            "training.loss=mse",
        ),
        ("data.source=digits", "weights.scheme=orthogonal", "training.optimizer=adam"),
    ],
)
def test_script_repeats_the_run(changes, tmp_path):
    spec = spec_with(*changes)
    if spec.data.source == "digits":
        spec = parse_assignments(spec, ("training.batch_size=700",))
    printed = output_of(as_torch_script(spec, 7), tmp_path)
    experiment = InitExperiment(spec, 7)
    snapshot = experiment.snapshot(frozenset())
    for layer in snapshot.layers[:-1]:
        z, dz = layer.spreads["z"].std, layer.spreads["dz"].std
        assert f"layer {layer.index}: std of z {z:.4g}, of its gradient {dz:.4g}" in printed
    experiment.advance(spec.training.steps)
    loss, accuracy = re.findall(r"test loss (\S+), test accuracy (\S+)", printed)[-1]
    assert float(loss) == pytest.approx(experiment.test_scores[0], rel=1e-5)
    assert float(accuracy) == pytest.approx(experiment.test_scores[1])


@pytest.mark.parametrize("scheme", get_args(Scheme))
@pytest.mark.parametrize("source", ["normal", "uniform", "digits", "mnist"])
def test_script_of_anything_compiles_and_names_only_what_it_imports(scheme, source):
    spec = spec_with(f"weights.scheme={scheme}", f"data.source={source}", "data.folder=a 'b\\n")
    script = as_torch_script(spec, 1)
    tree = ast.parse(script)
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert imported <= used
    assert {"math", "gzip", "Path", "np", "zlib"} & used <= imported
    assert "playground" not in script


@pytest.mark.parametrize("name", get_args(ActivationName))
def test_script_of_every_activation_compiles(name):
    for optimizer in ("sgd", "momentum", "adam"):
        spec = spec_with(f"network.activation={name}", f"training.optimizer={optimizer}")
        compile(as_torch_script(spec, 1), "script", "exec")
