"""The handwritten digits of scikit-learn as tensors, dealt to training and test."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from playground.experiments.network_race_spec import TEST_SAMPLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.core.random_streams import Streams

BRIGHTEST = 16.0


class Digits(NamedTuple):
    """Images (n, 64) float32 in 0…1 and digits (n,) int64."""

    train_x: torch.Tensor
    train_y: torch.Tensor
    test_x: torch.Tensor
    test_y: torch.Tensor


def digits(streams: Streams) -> Digits:
    """Return the 1,797 digits, 360 of them drawn for the test.

    Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine
    Learning Repository (1998), as shipped with scikit-learn.
    """
    images, labels = _loaded()
    order = streams.numpy("test images").permutation(len(labels))
    test, train = order[:TEST_SAMPLES], order[TEST_SAMPLES:]
    return Digits(
        torch.from_numpy(images[train]),
        torch.from_numpy(labels[train]),
        torch.from_numpy(images[test]),
        torch.from_numpy(labels[test]),
    )


@lru_cache(maxsize=1)
def _loaded() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    from sklearn.datasets import load_digits

    found = load_digits()
    return (found.data / BRIGHTEST).astype(np.float32), found.target.astype(np.int64)
