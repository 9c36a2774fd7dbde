from __future__ import annotations

import gzip
import os
import struct
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from playground.core.digits_data import embedded_digits
from playground.core.downloads import DownloadError
from playground.core.image_datasets import FASHION_CLASSES
from playground.experiments import cnn_data
from playground.experiments.cnn_data import DownloadJob, ReadFolderJob, load_data, varied
from playground.experiments.cnn_data_spec import AugmentSpec, CnnDataSpec
from playground.experiments.jobs import JobError, JobStopped
from playground.experiments.spec import SpecError, replace_at


@pytest.fixture
def colours(tmp_path):
    for name, colour in (("red", (255, 0, 0)), ("blue", (0, 0, 255))):
        for place in range(10):
            path = tmp_path / name / f"{place}.png"
            path.parent.mkdir(exist_ok=True)
            Image.new("RGB", (9, 9), colour).save(path)
    return tmp_path


def spec_of(folder, **changes):
    return CnnDataSpec(kind="folder", path=str(folder), side=8, **changes)


def write_idx(folder, name, count):
    pixels = np.random.default_rng(0).integers(0, 256, (count, 28, 28), dtype=np.uint8)
    for part, array in (("images-idx3", pixels), ("labels-idx1", np.arange(count) % 10)):
        head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
        body = gzip.compress(head + array.astype(np.uint8).tobytes())
        (folder / f"{name}-{part}-ubyte.gz").write_bytes(body)


def test_digits_are_dealt_by_the_seed():
    data = load_data(CnnDataSpec(), 3)
    assert data.train_x.shape == (1437, 1, 8, 8)
    assert data.test_x.shape == (360, 1, 8, 8)
    assert data.train_x.dtype == torch.float32
    assert (float(data.train_x.min()), float(data.train_x.max())) == (0.0, 1.0)
    assert data.class_names == tuple("0123456789")
    both = torch.cat([data.train_x, data.test_x]).reshape(-1, 64).numpy()
    theirs = embedded_digits().x
    np.testing.assert_array_equal(np.sort(both.sum(1)), np.sort(theirs.sum(1)))
    assert not torch.equal(data.test_y, load_data(CnnDataSpec(), 4).test_y)


def test_fewer_training_digits_leave_the_test_what_it_is():
    few = load_data(CnnDataSpec(training=200, test=100), 3)
    whole = load_data(CnnDataSpec(), 3)
    assert (len(few.train_y), len(few.test_y)) == (200, 100)
    assert torch.equal(few.test_x, whole.test_x[-100:])
    assert torch.equal(few.train_x, whole.train_x[:200])


def test_fashion_comes_with_its_names(tmp_path):
    write_idx(tmp_path, "t10k", 60)
    spec = CnnDataSpec(kind="fashion", path=str(tmp_path), training=40, test=15)
    data = load_data(spec, 0)
    assert data.train_x.shape == (40, 1, 28, 28)
    assert len(data.test_y) == 15
    assert data.class_names == FASHION_CLASSES
    assert spec.image_shape == (1, 28, 28)


@pytest.mark.parametrize(("colour", "channels"), [("grey", 1), ("rgb", 3)])
def test_folder(colours, colour, channels):
    spec = spec_of(colours, colour=colour)
    data = load_data(spec, 0)
    assert data.class_names == ("blue", "red")
    assert data.train_x.shape == (16, *spec.image_shape)
    assert spec.image_shape[0] == channels
    assert len(data.test_y) == 4
    if channels == 3:
        red = data.train_x[data.train_y == 1][0]
        np.testing.assert_array_equal(red[:, 4, 4], [1, 0, 0])


def test_folder_is_dealt_by_the_seed_and_read_once(colours, monkeypatch):
    first = load_data(spec_of(colours), 0)
    monkeypatch.setattr(cnn_data, "read_image_folder", None)
    again = load_data(spec_of(colours), 0)
    assert torch.equal(first.train_y, again.train_y)
    assert load_data(spec_of(colours), 1).class_names == first.class_names


def test_folder_read_ahead(colours, monkeypatch):
    told = []
    assert ReadFolderJob(spec_of(colours)).run(lambda *what: told.append(what)) == ""
    assert told[-1][0] == 1.0
    monkeypatch.setattr(cnn_data, "read_image_folder", None)
    assert len(load_data(spec_of(colours), 0).train_y) == 16


def test_what_was_left_out_is_said(colours):
    (colours / "red" / "notes.txt").write_text("none", encoding="utf-8")
    assert "notes.txt" in load_data(spec_of(colours), 0).note


@pytest.mark.parametrize("kind", ["mnist", "fashion", "folder"])
def test_missing_files_are_one_sentence(kind, tmp_path):
    for path in ("", str(tmp_path / "absent"), str(tmp_path)):
        with pytest.raises(SpecError) as caught:
            load_data(CnnDataSpec(kind=kind, path=path), 0)
        assert str(caught.value).endswith(".")
    if kind == "folder":
        with pytest.raises(JobError, match="no class folders"):
            ReadFolderJob(CnnDataSpec(kind=kind, path=str(tmp_path))).run(lambda *what: None)


def test_one_image_a_class_leaves_none_to_test(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        Image.new("L", (8, 8)).save(tmp_path / name / "1.png")
    with pytest.raises(SpecError, match="none is left to test"):
        load_data(spec_of(tmp_path), 0)


def test_another_kind_forgets_the_folder():
    spec = CnnDataSpec(kind="folder", path="/somewhere")
    assert replace_at(spec, ("kind",), "mnist").path == ""
    assert replace_at(spec, ("kind",), "folder").path == "/somewhere"
    assert (spec.class_count, CnnDataSpec().class_count) == (None, 10)


def test_variations_follow_the_form():
    images = load_data(CnnDataSpec(), 0).train_x[:5]
    source = torch.Generator().manual_seed(1)
    assert varied(images, AugmentSpec(), source) is images
    assert AugmentSpec().is_identity
    for field in ("shift", "rotation", "scaling", "skew", "elastic"):
        spec = AugmentSpec(**{field: 5})
        assert not spec.is_identity
        assert not torch.equal(varied(images, spec, source), images)


def test_jobs_are_made_without_torch():
    code = (
        "import sys\n"
        "import playground.experiments.cnn_data\n"
        "assert not {'torch', 'sklearn', 'scipy', 'PIL', 'PySide6'} & set(sys.modules)\n"
    )
    root = os.pathsep.join(path for path in sys.path if path)
    environment = {**os.environ, "PYTHONPATH": root}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_download_is_a_job(tmp_path, monkeypatch):
    told = []

    def fetch(collection, cache, report):
        report(0.5, "half")
        return cache / collection.folder

    monkeypatch.setattr(cnn_data, "fetch", fetch)
    job = DownloadJob("fashion", tmp_path)
    assert job.title == "download Fashion-MNIST"
    assert job.run(lambda *what: told.append(what)) == str(tmp_path / "fashion-mnist")
    assert told == [(0.0, "Fashion-MNIST: connecting"), (0.5, "half")]


def test_download_that_fails_or_is_stopped(tmp_path, monkeypatch):
    def fail(collection, cache, report):
        raise DownloadError("No.")

    monkeypatch.setattr(cnn_data, "fetch", fail)
    with pytest.raises(JobError, match=r"No\."):
        DownloadJob("mnist", tmp_path).run(lambda *what: None)

    def stop(fraction, message):
        raise JobStopped

    with pytest.raises(JobStopped):
        DownloadJob("mnist", tmp_path).run(stop)
