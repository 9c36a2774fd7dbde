"""The images of a run of the network experiment as tensors, dealt to training and test."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from playground.core.augmentation import Strengths, augment
from playground.core.digits_data import LabelledImages, embedded_digits
from playground.core.downloads import COLLECTIONS, DownloadError, fetch
from playground.core.image_datasets import (
    DIGIT_CLASSES,
    FASHION_CLASSES,
    FolderImages,
    ImageDataError,
    deal,
    folder_stamp,
    idx_images,
    read_image_folder,
)
from playground.core.random_streams import Streams
from playground.experiments.jobs import BlockingJob, JobError
from playground.experiments.spec import SpecError

if TYPE_CHECKING:
    from pathlib import Path

    import torch

    from playground.experiments.cnn_data_spec import AugmentSpec, CnnDataSpec
    from playground.experiments.jobs import Reporter

KEPT_SETS: Final = 2
_BRIGHTEST_BYTE: Final = 255.0


class ImageData(NamedTuple):
    """Images (n, channels, height, width) float32 in 0…1 and their classes (n,) int64.

    The tensors are shared between runs and must not be written to.
    """

    train_x: torch.Tensor
    train_y: torch.Tensor
    test_x: torch.Tensor
    test_y: torch.Tensor
    class_names: tuple[str, ...]
    note: str = ""
    """What was left out while reading, in one sentence; empty where nothing was."""


def load_data(spec: CnnDataSpec, seed: int) -> ImageData:
    """Return the images of a run; the last few sets are kept, so that a new run starts at once.

    The seed deals the digits and the images of a folder to training and test; MNIST and
    Fashion-MNIST come in the parts and the order of their files.

    Raises
    ------
    SpecError
        Where files cannot be read, in one sentence.
    """
    try:
        if spec.kind == "digits":
            return _digits(spec.training_count, spec.test_count, seed)
        if spec.kind == "folder":
            return _dealt(_shelf.images(spec), spec, seed)
        return _from_idx(spec.path, spec.kind, spec.training, spec.test)
    except ImageDataError as error:
        raise SpecError(str(error)) from None


def varied(images: torch.Tensor, spec: AugmentSpec, generator: torch.Generator) -> torch.Tensor:
    """Return a batch (n, channels, height, width) as augmentation shows it to the network.

    The generator is used only where the spec varies anything.
    """
    strengths = Strengths(
        shift=spec.shift,
        rotation=spec.rotation,
        scaling=spec.scaling / 100.0,
        skew=spec.skew,
        elastic=spec.elastic,
        smoothness=spec.smoothness,
    )
    return augment(images, strengths, generator)


class DownloadJob(BlockingJob):
    """Fetch MNIST or Fashion-MNIST into a cache folder; the result is the folder as text.

    Parameters
    ----------
    kind
        ``"mnist"`` or ``"fashion"``, as in :class:`~.cnn_data_spec.CnnDataSpec`.
    cache
        The platform's folder for files that can be fetched again.
    """

    def __init__(self, kind: str, cache: Path) -> None:
        self._collection = COLLECTIONS[kind]
        self._cache = cache
        self.title = f"download {self._collection.title}"

    def run(self, report: Reporter) -> str:
        """Return the folder with the files; raise :class:`JobError` where they cannot be had."""
        report(0.0, f"{self._collection.title}: connecting")
        try:
            return str(fetch(self._collection, self._cache, report))
        except DownloadError as error:
            raise JobError(str(error)) from None


class ReadFolderJob(BlockingJob):
    """Read a folder of images ahead of the run that learns from it; the result is the note.

    A run with the same data then starts at once instead of keeping the training thread waiting.
    """

    def __init__(self, spec: CnnDataSpec) -> None:
        self._spec = spec
        self.title = "read images"

    def run(self, report: Reporter) -> str:
        """Return what was left out; raise :class:`JobError` where there is nothing to read."""
        try:
            return _shelf.images(self._spec, report).note
        except ImageDataError as error:
            raise JobError(str(error)) from None


class _FolderShelf:
    """Keeps the last folder that was read, as bytes, for runs with other seeds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: tuple[object, FolderImages] | None = None

    def images(self, spec: CnnDataSpec, report: Reporter | None = None) -> FolderImages:
        """Return the images of a folder, read unless they are here and unchanged."""
        limit = spec.training + spec.test
        key = (spec.path, spec.image_shape, limit, folder_stamp(spec.path))
        with self._lock:
            if self._kept is not None and self._kept[0] == key:
                return self._kept[1]
        channels, side, _ = spec.image_shape
        found = read_image_folder(spec.path, side, channels, limit, report)
        with self._lock:
            self._kept = key, found
        return found


_shelf = _FolderShelf()


@lru_cache(maxsize=KEPT_SETS)
def _digits(training: int, test: int, seed: int) -> ImageData:
    images, labels = embedded_digits()
    order = Streams(seed).child("data").numpy("test images").permutation(len(labels))
    # From the end, so that fewer training images leave the test images what they are.
    rows = (order[:training], order[len(order) - test :])
    train, tests = (LabelledImages(images[part], labels[part]) for part in rows)
    return _flat(train, tests, 8, DIGIT_CLASSES)


@lru_cache(maxsize=KEPT_SETS)
def _from_idx(path: str, kind: str, training: int, test: int) -> ImageData:
    names = FASHION_CLASSES if kind == "fashion" else DIGIT_CLASSES
    return _flat(*idx_images(path, kind, training, test), 28, names)


def _flat(
    train: LabelledImages, test: LabelledImages, side: int, names: tuple[str, ...]
) -> ImageData:
    # Imported here: the window starts downloads, and must not wait for torch.
    import torch

    # Copies: torch warns of arrays that must not be written to.
    return ImageData(
        torch.tensor(train.x).reshape(-1, 1, side, side),
        torch.tensor(train.y),
        torch.tensor(test.x).reshape(-1, 1, side, side),
        torch.tensor(test.y),
        names,
    )


def _dealt(found: FolderImages, spec: CnnDataSpec, seed: int) -> ImageData:
    import torch

    rng = Streams(seed).child("data").numpy("test images")
    train, test = deal(found.y, spec.training, spec.test, rng)
    if not len(test):
        raise ImageDataError("Every class holds one image alone: none is left to test on.")
    x, y = torch.from_numpy(found.x), torch.from_numpy(found.y)
    return ImageData(
        x[train].float() / _BRIGHTEST_BYTE,
        y[train],
        x[test].float() / _BRIGHTEST_BYTE,
        y[test],
        found.class_names,
        found.note,
    )
