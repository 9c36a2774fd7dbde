"""The trained networks that the program brings along, from their first weights to their last.

Each file ``assets/networks/<name>.npz`` holds one run of the network experiment on the digits of
MNIST: its spec and seed, and the weights at some of its steps. Numbers are kept in 16 bits, those
of layers with more than 10,000 weights in 8 bits with one scale for every row (the weights into one
neuron): the accuracies in the file are those of the weights as they are kept. How the files are
made: :mod:`playground.experiments.bundled_training`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from playground.assets_path import asset
from playground.core.image_datasets import DIGIT_CLASSES
from playground.experiments.cnn_snapshot import NetworkState
from playground.experiments.cnn_spec import CnnSpec
from playground.experiments.spec import validate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

BundledName = Literal["cnn-mnist", "mlp-mnist"]

BUNDLED_LABELS: Final[dict[BundledName, str]] = {
    "cnn-mnist": "bundled CNN 8-16",
    "mlp-mnist": "bundled MLP 784-50-10",
}
FOLDER: Final = "networks"
_LARGE: Final = 10_000
_LEVELS: Final = 127
_ABOUT: Final = "about"
_SCALE: Final = "scale"


@dataclass(frozen=True, slots=True)
class BundledCheckpoint:
    """One step of the run of a bundled network.

    Parameters
    ----------
    step, epoch
        Updates behind it, and what they are in epochs.
    test_loss, test_accuracy
        Of the weights as they are kept, over all test images.
    arrays
        The ``state_dict`` of the network, float32, read-only.
    """

    step: int
    epoch: float
    test_loss: float
    test_accuracy: float
    arrays: Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class BundledNetwork:
    """A trained network with its way there.

    Parameters
    ----------
    name
        Of the file.
    spec, seed
        Of the run; the folder of the images is left out.
    checkpoints
        In order of the steps; the first holds the first weights.
    """

    name: BundledName
    spec: CnnSpec
    seed: int
    checkpoints: tuple[BundledCheckpoint, ...]

    @property
    def label(self) -> str:
        """Return for example ``"bundled CNN 8-16"``."""
        return BUNDLED_LABELS[self.name]

    @property
    def class_names(self) -> tuple[str, ...]:
        """Return the names of the outputs."""
        return DIGIT_CLASSES

    def state(self, checkpoint: int = -1) -> NetworkState:
        """Return the network at one of the checkpoints, the last unless another is named."""
        return NetworkState(
            self.spec.blocks,
            self.spec.data.image_shape,
            self.class_names,
            self.checkpoints[checkpoint].arrays,
        )


@lru_cache(maxsize=len(BUNDLED_LABELS))
def load_bundled(name: BundledName) -> BundledNetwork:
    """Return a bundled network; it takes some milliseconds the first time, and no torch."""
    return read_bundled(asset(FOLDER, f"{name}.npz"), name)


def read_bundled(path: Path, name: BundledName) -> BundledNetwork:
    """Return the network in a file that :func:`packed_run` made."""
    with np.load(path, allow_pickle=False) as archive:
        arrays = {key: archive[key] for key in archive.files}
    about = json.loads(arrays.pop(_ABOUT).tobytes().decode("utf-8"))
    named: dict[int, dict[str, NDArray[np.generic]]] = {}
    for key, array in arrays.items():
        place, _, rest = key.partition("/")
        named.setdefault(int(place), {})[rest] = array
    checkpoints = tuple(
        BundledCheckpoint(**numbers, arrays=_unpacked(named[place]))
        for place, numbers in enumerate(about["checkpoints"])
    )
    return BundledNetwork(name, validate(CnnSpec, about["spec"]), about["seed"], checkpoints)


def packed_run(
    spec: CnnSpec, seed: int, checkpoints: Sequence[BundledCheckpoint]
) -> dict[str, NDArray[np.generic]]:
    """Return a run as arrays by name, for ``numpy.savez_compressed``."""
    nowhere = spec.data.model_copy(update={"path": ""})
    about: dict[str, Any] = {
        "spec": spec.model_copy(update={"data": nowhere}).model_dump(mode="json"),
        "seed": seed,
        "checkpoints": [
            {
                "step": each.step,
                "epoch": each.epoch,
                "test_loss": each.test_loss,
                "test_accuracy": each.test_accuracy,
            }
            for each in checkpoints
        ],
    }
    text = json.dumps(about, ensure_ascii=True).encode("ascii")
    found: dict[str, NDArray[np.generic]] = {_ABOUT: np.frombuffer(text, dtype=np.uint8)}
    for place, checkpoint in enumerate(checkpoints):
        for name, array in pack_weights(checkpoint.arrays).items():
            found[f"{place}/{name}"] = array
    return found


def pack_weights(arrays: Mapping[str, NDArray[np.generic]]) -> dict[str, NDArray[np.generic]]:
    """Return weights in 16 bits, and in 8 where there are many."""
    packed: dict[str, NDArray[np.generic]] = {}
    for name, array in arrays.items():
        values = np.asarray(array, dtype=np.float32)
        if values.size <= _LARGE:
            packed[name] = values.astype(np.float16)
            continue
        rows = values.reshape(len(values), -1)
        scale = np.maximum(np.abs(rows).max(1), np.finfo(np.float32).tiny) / _LEVELS
        packed[name] = np.rint(rows / scale[:, None]).astype(np.int8).reshape(values.shape)
        packed[f"{name}/{_SCALE}"] = scale.astype(np.float32)
    return packed


def _unpacked(packed: Mapping[str, NDArray[np.generic]]) -> dict[str, NDArray[np.generic]]:
    """Return what :func:`pack_weights` was given, but for rounding."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for name, array in packed.items():
        if name.endswith(f"/{_SCALE}"):
            continue
        values = np.asarray(array, dtype=np.float32)
        scale = packed.get(f"{name}/{_SCALE}")
        if scale is not None:
            rows = values.reshape(len(values), -1) * np.asarray(scale, np.float32)[:, None]
            values = rows.reshape(array.shape)
        values.flags.writeable = False
        arrays[name] = values
    return arrays


def as_kept(arrays: Mapping[str, NDArray[np.generic]]) -> dict[str, NDArray[np.generic]]:
    """Return weights as they come out of a file."""
    return _unpacked(pack_weights(arrays))
