from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest

from playground.core import digits_data
from playground.core.digits_data import DigitsError, embedded_digits, mnist_from


def write(folder, name, count, *, side=28, labels=None, pack=bytes, mark="-"):
    rng = np.random.default_rng(count)
    images = rng.integers(0, 256, (count, side, side), dtype=np.uint8)
    classes = np.arange(count, dtype=np.uint8) % 10 if labels is None else labels
    head = struct.pack(">HBB3I", 0, 8, 3, *images.shape)
    (folder / f"{name}-images{mark}idx3-ubyte").write_bytes(pack(head + images.tobytes()))
    head = struct.pack(">HBBI", 0, 8, 1, len(classes))
    (folder / f"{name}-labels{mark}idx1-ubyte").write_bytes(pack(head + classes.tobytes()))
    return images


def test_embedded_digits_are_those_of_the_constants():
    images, labels = embedded_digits()
    assert images.shape == (digits_data.DIGIT_TRAINING + digits_data.DIGIT_TEST, 64)
    assert (images.min(), images.max()) == (0.0, 1.0)
    assert sorted(set(labels.tolist())) == list(range(10))
    assert images.dtype == np.float32
    with pytest.raises(ValueError, match="read-only"):
        images[0, 0] = 1.0


def test_both_pairs_of_files(tmp_path):
    first = write(tmp_path, "train", 30)
    write(tmp_path, "t10k", 12)
    train, test = mnist_from(str(tmp_path), 20, 100)
    assert (train.x.shape, test.x.shape) == ((20, 784), (12, 784))
    np.testing.assert_allclose(train.x[3], first[3].reshape(-1) / 255.0, rtol=1e-6)
    assert train.y[:3].tolist() == [0, 1, 2]


@pytest.mark.parametrize("mark", ["-", "."])
def test_one_pair_is_dealt_to_both_parts(tmp_path, mark):
    write(tmp_path, "t10k", 60, mark=mark)
    train, test = mnist_from(str(tmp_path), 40, 10)
    assert (len(train.y), len(test.y)) == (40, 10)
    train, test = mnist_from(str(tmp_path), 1000, 200)
    assert (len(train.y), len(test.y)) == (50, 10)


def test_packed_files(tmp_path):
    folder = tmp_path / "plain"
    folder.mkdir()
    write(folder, "t10k", 20)
    for file in folder.iterdir():
        (tmp_path / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
    assert len(mnist_from(str(tmp_path), 10, 5)[0].y) == 10


def test_no_folder_is_asked_for(tmp_path):
    with pytest.raises(DigitsError, match="needs a folder"):
        mnist_from("  ", 10, 10)
    with pytest.raises(DigitsError, match="There is no folder"):
        mnist_from(str(tmp_path / "absent"), 10, 10)
    with pytest.raises(DigitsError, match="holds no MNIST files"):
        mnist_from(str(tmp_path), 10, 10)


def test_images_without_labels_do_not_count(tmp_path):
    write(tmp_path, "train", 20)
    (tmp_path / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(DigitsError, match="holds no MNIST files"):
        mnist_from(str(tmp_path), 10, 10)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"side": 20}, "28×28"),
        ({"labels": np.zeros(3, np.uint8)}, "one label for every image"),
        ({"labels": np.full(20, 11, np.uint8)}, "labels other than 0 to 9"),
    ],
)
def test_other_idx_files_are_refused(tmp_path, arguments, said):
    write(tmp_path, "train", 20, **arguments)
    with pytest.raises(DigitsError, match=said):
        mnist_from(str(tmp_path), 10, 10)


def test_a_single_image_is_too_few(tmp_path):
    write(tmp_path, "train", 1)
    with pytest.raises(DigitsError, match="too few"):
        mnist_from(str(tmp_path), 10, 10)
