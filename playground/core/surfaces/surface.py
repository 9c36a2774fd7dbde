"""What a loss surface is: a function of two numbers with all that belongs to its picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from numpy.typing import NDArray


class SurfaceError(ValueError):
    """Says in one sentence why there cannot be such a surface."""


class Domain(NamedTuple):
    """The rectangle that is drawn, and in which a race may start."""

    x_min: float
    x_max: float
    y_min: float
    y_max: float

    @property
    def centre(self) -> tuple[float, float]:
        """Return the middle of the rectangle."""
        return (self.x_min + self.x_max) / 2, (self.y_min + self.y_max) / 2

    @property
    def diagonal(self) -> float:
        """Return the distance of two opposite corners: the size of the surface."""
        return math.hypot(self.x_max - self.x_min, self.y_max - self.y_min)

    def holds(self, x: float, y: float) -> bool:
        """Tell whether a point lies in the rectangle or on its edge."""
        return self.x_min <= x <= self.x_max and self.y_min <= y <= self.y_max

    def in_words(self) -> str:
        """Return for example ``“−4.5 … 4.5 and −4.5 … 4.5”``."""
        return f"{self.x_min:g} … {self.x_max:g} and {self.y_min:g} … {self.y_max:g}"


class Minimum(NamedTuple):
    """A known minimum; ``lowest`` where no other one is lower."""

    x: float
    y: float
    value: float
    lowest: bool = True


class Function(Protocol):
    """f(x, y) over arrays of one shape, from ``xp``: numpy or torch; float64 in and out."""

    def __call__(self, x: Any, y: Any, xp: ModuleType) -> Any:
        """Return the values."""


class Nearest(NamedTuple):
    """Distances to the nearest known minimum (N,), and which one it is (N,), −1 without any."""

    distance: NDArray[np.float64]
    which: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Surface:
    """A loss surface; immutable.

    Parameters
    ----------
    kind, title
        Its id and what it is called.
    function
        f, over numpy or torch.
    formula
        f as a text, for people.
    description
        What it is good for, and where it comes from.
    domain, start
        The drawn rectangle, and where a race starts unless another place is chosen.
    minima
        Known minima, the lowest first; empty where none is known.
    log_colour
        True where the values span decades, so that colours show log(1 + f − lowest).
    axes
        What the two coordinates are.
    source
        Python source of ``def surface(x, y)`` over torch tensors; for surfaces made of samples
        ``def surface(x, y, rows)``.
    samples
        From how many samples f is the mean; 0 where f is exact. Only such surfaces have batches.
    batch
        Gives the function over some rows of the samples.
    note
        A sentence about this very surface, such as that it is flat; mostly empty.
    infimum
        A value that f comes as near to as one likes but reaches nowhere; NaN where there is none.
    """

    kind: str
    title: str
    function: Function
    formula: str
    description: str
    domain: Domain
    start: tuple[float, float]
    source: str
    minima: tuple[Minimum, ...] = ()
    log_colour: bool = False
    axes: tuple[str, str] = ("x", "y")
    samples: int = 0
    batch: Callable[[NDArray[np.intp]], Function] | None = None
    note: str = ""
    infimum: float = math.nan

    def values(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return f at points given by two arrays of one shape; NaN and inf where f has none."""
        with np.errstate(all="ignore"):
            return np.asarray(self.function(x, y, np), dtype=np.float64)

    def value(self, x: float, y: float) -> float:
        """Return f at one point."""
        return float(self.values(np.array([x]), np.array([y]))[0])

    def grid(
        self, columns: int, rows: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return the domain as axes x (columns,), y (rows,) and values (rows, columns)."""
        x = np.linspace(self.domain.x_min, self.domain.x_max, columns)
        y = np.linspace(self.domain.y_min, self.domain.y_max, rows)
        values = np.empty((rows, columns))
        # A band at a time: a surface of n samples needs n numbers for every point.
        band = max(1, 400_000 // (columns * max(1, self.samples)))
        for first in range(0, rows, band):
            across, up = np.meshgrid(x, y[first : first + band])
            values[first : first + band] = self.values(across, up)
        return x, y, values

    def nearest_minimum(self, points: NDArray[np.float64]) -> Nearest:
        """Return how far points (N, 2) are from the nearest known minimum; NaN without any."""
        if not self.minima:
            count = len(points)
            return Nearest(np.full(count, np.nan), np.full(count, -1, dtype=np.intp))
        places = np.array([(minimum.x, minimum.y) for minimum in self.minima])
        with np.errstate(all="ignore"):
            gaps = np.hypot(points[:, 0, None] - places[:, 0], points[:, 1, None] - places[:, 1])
        index = np.argmin(gaps, axis=1)
        return Nearest(gaps[np.arange(len(points)), index], index)
