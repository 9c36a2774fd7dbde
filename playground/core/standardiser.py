"""Standardised coordinates, and the same line in both systems.

    z = (x − m) / s          with mean m and standard deviation s of the training points

A line f = w·x + β in the original plane is f = v·z + c in the standardised one with

    v = w ⊙ s,   c = β + w·m          and back          w = v / s,   β = c − w·m.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Standardiser:
    """The map between original and standardised coordinates.

    Parameters
    ----------
    mean
        The point that becomes the origin.
    scale
        What becomes the unit along each axis, positive.
    """

    mean: tuple[float, float] = (0.0, 0.0)
    scale: tuple[float, float] = (1.0, 1.0)

    @classmethod
    def of(cls, x: ArrayLike) -> Standardiser:
        """Return the standardiser of the training points `x`, (n, 2).

        A coordinate that is the same everywhere keeps the scale 1, as in scikit-learn's
        StandardScaler; without points nothing changes.
        """
        points = np.asarray(x, dtype=np.float64)
        if not len(points):
            return cls()
        mean, scale = points.mean(axis=0), points.std(axis=0)
        # The mean of equal numbers may be off by rounding, and with it their spread.
        constant = scale <= 10 * np.finfo(np.float64).eps * np.abs(points).max(axis=0)
        scale = np.where(constant, 1.0, scale)
        return cls((float(mean[0]), float(mean[1])), (float(scale[0]), float(scale[1])))

    def apply(self, x: ArrayLike) -> NDArray[np.float64]:
        """Return the points `x`, (…, 2), in standardised coordinates."""
        return (np.asarray(x, dtype=np.float64) - self.mean) / self.scale

    def undo(self, z: ArrayLike) -> NDArray[np.float64]:
        """Return the points `z`, (…, 2), in original coordinates."""
        return np.asarray(z, dtype=np.float64) * self.scale + self.mean

    def line_to_standardised(self, line: ArrayLike) -> NDArray[np.float64]:
        """Return (w₁, w₂, β) of the original plane, (…, 3), for standardised coordinates."""
        w, beta = _parts(line)
        return np.concatenate([w * self.scale, beta + w @ np.array(self.mean)[:, None]], axis=-1)

    def line_to_original(self, line: ArrayLike) -> NDArray[np.float64]:
        """Return (w₁, w₂, β) of the standardised plane, (…, 3), for original coordinates."""
        v, c = _parts(line)
        w = v / self.scale
        return np.concatenate([w, c - w @ np.array(self.mean)[:, None]], axis=-1)


def _parts(line: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    values = np.asarray(line, dtype=np.float64)
    return values[..., :2], values[..., 2:]
