from __future__ import annotations

import ast
import gzip
import os
import re
import struct
import subprocess
import sys
from typing import get_args

import numpy as np
import pytest
from PIL import Image

from playground.experiments.cnn import CnnExperiment
from playground.experiments.cnn_block_spec import (
    BlockFunction,
    activation,
    batch_norm,
    connected,
    conv,
    course_cnn,
    deep_stack,
    dropout,
    pool,
)
from playground.experiments.cnn_data_spec import DataKind
from playground.experiments.cnn_script import as_torch_script
from playground.experiments.cnn_spec import CnnSpec, OptimizerName, with_blocks
from playground.experiments.spec import parse_assignments

SMALL = ("data.training=150", "data.test=40", "training.batch_size=64", "training.epochs=2")
MIXED = (
    conv(4, stride=2),
    batch_norm(),
    activation("leaky relu"),
    dropout(0.2),
    pool("average", 2, 1),
    connected(12),
    batch_norm(),
    activation("gelu"),
    dropout(0.5),
)
PLAIN = (conv(4), activation(), pool())


def spec_with(blocks, *assignments):
    return parse_assignments(with_blocks(CnnSpec(), blocks), (*SMALL, *assignments))


def write_idx(folder):
    rng = np.random.default_rng(0)
    place = folder / "FashionMNIST" / "raw"
    place.mkdir(parents=True)
    for part, shape in (("images-idx3", (90, 28, 28)), ("labels-idx1", (90,))):
        head = struct.pack(f">HBB{len(shape)}I", 0, 8, len(shape), *shape)
        body = rng.integers(0, 256 if len(shape) > 1 else 10, shape, dtype=np.uint8)
        file = place / f"t10k-{part}-ubyte.gz"
        file.write_bytes(gzip.compress(head + body.tobytes()))
    return f'data.path="{folder.as_posix()}"'


def write_images(folder):
    rng = np.random.default_rng(0)
    for name in ("one", "two", "three"):
        (folder / name).mkdir(parents=True)
        for place in range(8):
            pixels = rng.integers(0, 256, (14, 11, 4), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{place}.png")
    (folder / "two" / "notes.txt").write_text("no picture", encoding="utf-8")
    return f'data.path="{folder.as_posix()}"'


def cases(folder):
    idx = write_idx(folder / "idx")
    images = ("data.kind=folder", write_images(folder / "images"), "data.side=8", "data.test=10")
    return {
        "digits": spec_with(PLAIN),
        "everything": spec_with(
            MIXED,
            "training.batch_size=149",
            "training.optimizer=adamw",
            "augment.shift=1",
            "augment.rotation=20",
            "augment.scaling=10",
            "augment.skew=5",
            "augment.elastic=4",
            "knocked_out=[[0,1],[5,3],[5,7]]",
        ),
        "idx": spec_with((connected(8), activation()), "data.kind=fashion", idx),
        "folder": spec_with(PLAIN, *images, "data.colour=rgb", "training.batch_size=5"),
        "part of a folder": spec_with(PLAIN, *images, "data.training=10"),
    }


NAMES = ("digits", "everything", "idx", "folder", "part of a folder")
SEED = 7
# All in one process: starting torch takes longer than all the runs.
RUN_ALL = (
    "import runpy, sys\n"
    "for name in sys.argv[1:]:\n"
    "    print('==', name)\n"
    "    runpy.run_path(name + '.py', run_name='__main__')\n"
)


@pytest.fixture(scope="module")
def repeated(tmp_path_factory):
    """The specs by name, and what the script of each printed."""
    folder = tmp_path_factory.mktemp("scripts")
    specs = cases(folder)
    for name, spec in specs.items():
        (folder / f"{name}.py").write_text(as_torch_script(spec, SEED), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN_ALL, *specs],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = dict(part.split("\n", 1) for part in done.stdout.split("== ")[1:])
    return {name: (specs[name], printed[name]) for name in specs}


@pytest.mark.parametrize("name", NAMES)
def test_script_repeats_the_run(repeated, name):
    spec, printed = repeated[name]
    experiment = CnnExperiment(spec, SEED)
    experiment.advance(10_000)
    found = re.findall(r"test loss (\S+), test accuracy (\S+)", printed)
    epochs = experiment.history[1:]
    assert len(found) == len(epochs) == spec.training.epochs
    for (loss, accuracy), epoch in zip(found, epochs, strict=True):
        assert float(loss) == pytest.approx(epoch.test_loss, rel=1e-4)
        assert float(accuracy) == pytest.approx(epoch.test_accuracy, abs=0.03)


def check_compiles(spec):
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
    assert {"math", "gzip", "Path", "np", "zlib", "Image", "ImageOps"} & used <= imported
    assert "playground" not in script


@pytest.mark.parametrize("kind", get_args(DataKind))
@pytest.mark.parametrize("blocks", [(), course_cnn(), deep_stack(), MIXED])
@pytest.mark.parametrize("optimizer", get_args(OptimizerName))
def test_script_of_anything_compiles_and_names_only_what_it_imports(kind, blocks, optimizer):
    changes = (f"data.kind={kind}", "data.path=a 'b\\n", f"training.optimizer={optimizer}")
    check_compiles(spec_with(blocks, *changes, "training.momentum=0.5"))


@pytest.mark.parametrize("function", get_args(BlockFunction))
@pytest.mark.parametrize("vary", ["augment.elastic=5", "augment.shift=2", "augment.skew=0"])
def test_script_of_every_activation_and_variation_compiles(function, vary):
    check_compiles(spec_with((conv(2), activation(function)), vary))
