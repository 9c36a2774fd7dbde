"""Handwritten digits as arrays: the small ones that are always there, and MNIST from a folder.

The small ones are 1,797 images of 8×8 pixels with values 0…16 (E. Alpaydin and C. Kaynak, "Optical
Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998, as shipped with
scikit-learn). MNIST is read from IDX files. All images are scaled to 0…1.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from playground.core.idx import IdxError, read_idx

if TYPE_CHECKING:
    from numpy.typing import NDArray

DIGIT_INPUTS: Final = 64
DIGIT_TRAINING: Final = 1437
DIGIT_TEST: Final = 360
MNIST_INPUTS: Final = 784
_SIDE: Final = 28
_CLASSES: Final = 10
_BRIGHTEST_DIGIT: Final = 16.0
_BRIGHTEST_BYTE: Final = 255.0


class LabelledImages(NamedTuple):
    """Images (n, pixels) float32 in 0…1, row by row, and their digits (n,) int64."""

    x: NDArray[np.float32]
    y: NDArray[np.int64]


class DigitsError(ValueError):
    """Says in one sentence why there are no images."""


@lru_cache(maxsize=1)
def embedded_digits() -> LabelledImages:
    """Return the 1,797 digits of 8×8 pixels in the order of scikit-learn; do not write to them."""
    # Imported here: it takes a second.
    from sklearn.datasets import load_digits

    found = load_digits()
    images = (found.data / _BRIGHTEST_DIGIT).astype(np.float32)
    labels = found.target.astype(np.int64)
    images.flags.writeable = labels.flags.writeable = False
    return LabelledImages(images, labels)


def mnist_from(folder: str, training: int, test: int) -> tuple[LabelledImages, LabelledImages]:
    """Return at most so many images to train on and to test on, from the IDX files of a folder.

    The files are those of the MNIST page, packed or not: ``train-…`` to train on, ``t10k-…`` to
    test on. With only one of both pairs, its first images are trained on and the next ones tested
    on, five parts to one where they do not suffice.

    Raises
    ------
    DigitsError
        Where the folder or its files are missing, damaged or of another kind.
    """
    if not folder.strip():
        raise DigitsError(
            "MNIST needs a folder: name the one that holds train-images-idx3-ubyte and "
            "train-labels-idx1-ubyte."
        )
    place = Path(folder.strip()).expanduser()
    if not place.is_dir():
        raise DigitsError(f"There is no folder “{folder.strip()}” to read MNIST from.")
    found = {name: _files(place, name) for name in ("train", "t10k")}
    have = {name: files for name, files in found.items() if files is not None}
    if not have:
        raise DigitsError(
            f"The folder “{place.name}” holds no MNIST files: train-images-idx3-ubyte and "
            "train-labels-idx1-ubyte, or those of t10k, packed (.gz) or not."
        )
    try:
        if len(have) == 2:
            return _images(*have["train"], training), _images(*have["t10k"], test)
        (only,) = have.values()
        images = _images(*only, training + test)
    except IdxError as error:
        raise DigitsError(str(error)) from None
    kept = min(training, len(images.y) * 5 // 6)
    return (
        LabelledImages(images.x[:kept], images.y[:kept]),
        LabelledImages(images.x[kept:], images.y[kept:]),
    )


def _files(place: Path, name: str) -> tuple[Path, Path] | None:
    """Return the files of images and labels of one part, None unless both are there."""
    images = _existing(place, f"{name}-images", "idx3-ubyte")
    labels = _existing(place, f"{name}-labels", "idx1-ubyte")
    return (images, labels) if images is not None and labels is not None else None


def _existing(place: Path, stem: str, kind: str) -> Path | None:
    # The page writes a dash before idx, some unpackers a dot.
    names = (f"{stem}{mark}{kind}{packed}" for mark in "-." for packed in ("", ".gz"))
    return next((place / name for name in names if (place / name).is_file()), None)


def _images(image_file: Path, label_file: Path, first: int) -> LabelledImages:
    images = read_idx(image_file, first)
    labels = read_idx(label_file, first)
    if images.ndim != 3 or images.shape[1:] != (_SIDE, _SIDE):
        raise IdxError(f"{image_file.name} does not hold images of 28×28 pixels.")
    if labels.ndim != 1 or len(labels) != len(images):
        raise IdxError(f"{label_file.name} does not hold one label for every image.")
    if len(labels) < 2:
        raise IdxError(f"{image_file.name} holds too few images.")
    if int(labels.max()) >= _CLASSES:
        raise IdxError(f"{label_file.name} holds labels other than 0 to 9.")
    x = images.reshape(len(images), -1).astype(np.float32) / np.float32(_BRIGHTEST_BYTE)
    return LabelledImages(x, labels.astype(np.int64))
