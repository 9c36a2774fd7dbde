"""The data sets a person can start from, each made from four uniform numbers a point.

Row i of a set uses row i of one (count, 4) table of uniform numbers, and the noise only scales
what they say. So with the same seed a larger count adds points and leaves the first ones alone, and
turning the noise up moves the points apart instead of dealing new ones. Labels alternate, so that
the order of the rows favours no class; the course's six points and the truth tables keep the order
in which they are taught.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from playground.core.course_demo import (
    COURSE_DEMO,
    COURSE_DEMO_ORDERS,
    COURSE_DEMO_RATE,
    COURSE_DEMO_START,
    course_demo,
)
from playground.core.points import MAX_POINTS, PointError, PointSet

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = [
    "COURSE_DEMO",
    "COURSE_DEMO_ORDERS",
    "COURSE_DEMO_RATE",
    "COURSE_DEMO_START",
    "MAX_NOISE",
    "PRESETS",
    "Preset",
    "course_demo",
    "make_points",
    "preset_named",
]

MAX_NOISE = 2.0


@dataclass(frozen=True)
class Preset:
    """A data set by name.

    Parameters
    ----------
    name, label, help
        What run files call it, what a person reads, and a sentence on what it is good for.
    default_count, default_noise
        What it starts with. The noise is a length in the units of the plane: the standard
        deviation of the points around where they would be without it.
    uses_count, uses_noise
        Whether these two change anything.
    split
        Name of the default split, see `playground.core.points.SPLITS`.
    """

    name: str
    label: str
    help: str
    default_count: int
    default_noise: float = 0.0
    uses_count: bool = True
    uses_noise: bool = True
    split: str = "70/15/15"


_IRIS_PAIRS = {
    "iris-setosa-versicolor": (0, 1),
    "iris-versicolor-virginica": (1, 2),
    "iris-setosa-virginica": (0, 2),
}

PRESETS: tuple[Preset, ...] = (
    Preset(
        "blobs",
        "Separable blobs",
        "Two round clouds with a gap: a line separates them as long as the noise is not turned up.",
        100,
        0.6,
    ),
    Preset(
        "demo",
        "Six points of the course",
        "The demo of lecture 2: in their order two corrections are enough, in others up to 28.",
        len(COURSE_DEMO),
        uses_count=False,
        uses_noise=False,
        split="100/0/0",
    ),
    Preset(
        "and",
        "AND",
        "+1 only where both inputs are 1: one line is enough.",
        4,
        split="100/0/0",
    ),
    Preset(
        "or",
        "OR",
        "+1 where at least one input is 1: one line is enough.",
        4,
        split="100/0/0",
    ),
    Preset(
        "xor",
        "XOR",
        "+1 where exactly one input is 1: no line does it, so the perceptron never settles.",
        4,
        split="100/0/0",
    ),
    Preset(
        "overlap",
        "Overlapping blobs",
        "Two clouds that run into each other: no line is without mistakes, some are better.",
        200,
        1.2,
    ),
    Preset(
        "moons",
        "Two moons",
        "Two crescents that reach into each other: a line gets most of them, a curve all.",
        200,
        0.1,
    ),
    Preset(
        "circles",
        "Circles",
        "One class around the other: a line is hardly better than a guess.",
        200,
        0.1,
    ),
    Preset(
        "outliers",
        "Outliers",
        "Separable, but some +1 points lie far away, on the right side of the line: they turn "
        "Adaline's line into the clouds, while the perceptron does not mind them.",
        100,
        0.6,
    ),
    Preset(
        "imbalanced",
        "Imbalanced",
        "One point in ten is +1: always saying −1 is 90 % accurate and finds nothing.",
        200,
        0.9,
    ),
    *(
        Preset(
            name,
            f"Iris: {name.split('-')[1]} and {name.split('-')[2]}",
            "Petals of two kinds of iris (Fisher 1936), length and width in cm: "
            + ("they overlap a little." if name == "iris-versicolor-virginica" else "separable."),
            100,
            uses_count=False,
            uses_noise=False,
        )
        for name in _IRIS_PAIRS
    ),
)


def preset_named(name: str) -> Preset:
    """Return the preset of that name.

    Raises
    ------
    PointError
        When there is none; the sentence lists those there are.
    """
    for preset in PRESETS:
        if preset.name == name:
            return preset
    known = ", ".join(preset.name for preset in PRESETS)
    raise PointError(f"There is no data set “{name}”; there are {known}.")


def make_points(name: str, count: int, noise: float, rng: np.random.Generator) -> PointSet:
    """Return the data set called `name`.

    Parameters
    ----------
    name
        One of `PRESETS`.
    count
        How many points, 1…1,000,000; ignored where the preset does not use it.
    noise
        Standard deviation of the points, 0…2 in units of the plane; ignored likewise.
    rng
        Where the chance comes from; equal generators give equal points.

    Raises
    ------
    PointError
        When the name, the count or the noise is not allowed.
    """
    preset = preset_named(name)
    if name == "demo":
        return course_demo()
    if name in _IRIS_PAIRS:
        return _iris(*_IRIS_PAIRS[name])
    if not 1 <= count <= MAX_POINTS:
        raise PointError(f"The number of points must be from 1 to {MAX_POINTS:,}, not {count:,}.")
    if preset.uses_noise and not 0 <= noise <= MAX_NOISE:
        raise PointError(f"The noise must be from 0 to {MAX_NOISE:g}, not {noise:g}.")
    x, y = _MAKERS[name](rng.random((count, 4)), noise)
    return PointSet.of(x, y)


def _normal(u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n, 2) standard normal offsets from (n, 2) uniform numbers (Box & Muller 1958)."""
    return _around(u, np.sqrt(-2 * np.log1p(-u[:, 0])))


def _short_normal(u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return normal offsets cut off at the radius 3, so that clouds have an edge."""
    # The radius of a plane normal has the distribution 1 − exp(−r²/2); scaling u keeps r ≤ 3.
    return _around(u, np.sqrt(-2 * np.log1p(u[:, 0] * math.expm1(-4.5))))


def _around(u: NDArray[np.float64], radius: NDArray[np.float64]) -> NDArray[np.float64]:
    angle = 2 * np.pi * u[:, 1]
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def _alternating(count: int) -> NDArray[np.int8]:
    return np.where(np.arange(count) % 2 == 0, 1, -1).astype(np.int8)


_Made = tuple["NDArray[np.float64]", "NDArray[np.int8]"]
# Half the way between the centres is 2.19, more than the cloud's edge of 3 · 0.6 at the default.
_CENTRE = np.array([1.8, 1.25])


def _blobs(u: NDArray[np.float64], noise: float) -> _Made:
    y = _alternating(len(u))
    return y[:, None] * _CENTRE + noise * _short_normal(u), y


def _overlap(u: NDArray[np.float64], noise: float) -> _Made:
    y = _alternating(len(u))
    return y[:, None] * np.array([1.1, 0.7]) + noise * _normal(u), y


def _outliers(u: NDArray[np.float64], noise: float) -> _Made:
    y = _alternating(len(u))
    x = y[:, None] * np.array([1.2, 0.3]) + noise * np.array([0.5, 1.6]) * _short_normal(u)
    # On their own side, but far beyond and beside the cloud: the squared error of these few points
    # outweighs the rest and turns the least-squares line (Bishop 2006, section 4.1.3, figure 4.4).
    x[np.arange(len(u)) % 10 == 4] += np.array([8.0, -4.0])
    return x, y


def _imbalanced(u: NDArray[np.float64], noise: float) -> _Made:
    y = np.where(np.arange(len(u)) % 10 == 4, 1, -1).astype(np.int8)
    return y[:, None] * np.array([1.3, 0.9]) + noise * _normal(u), y


def _moons(u: NDArray[np.float64], noise: float) -> _Made:
    y = _alternating(len(u))
    angle = np.pi * u[:, 2]
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    # The lower crescent is the upper one turned by half a circle about (0.5, 0.25).
    x = np.where(y[:, None] > 0, upper, np.array([1.0, 0.5]) - upper)
    return x + noise * _normal(u), y


def _circles(u: NDArray[np.float64], noise: float) -> _Made:
    y = _alternating(len(u))
    angle = 2 * np.pi * u[:, 2]
    radius = np.where(y > 0, 0.5, 1.0)
    x = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    return x + noise * _normal(u), y


def _gate(truth: tuple[int, int, int, int]) -> Callable[[NDArray[np.float64], float], _Made]:
    """Return the maker of a truth table in the usual order 00, 01, 10, 11."""
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])

    def make(u: NDArray[np.float64], noise: float) -> _Made:
        row = np.arange(len(u)) % 4
        return corners[row] + noise * _normal(u), np.array(truth, dtype=np.int8)[row]

    return make


_MAKERS: dict[str, Callable[[NDArray[np.float64], float], _Made]] = {
    "blobs": _blobs,
    "and": _gate((-1, -1, -1, 1)),
    "or": _gate((-1, 1, 1, 1)),
    "xor": _gate((-1, 1, 1, -1)),
    "overlap": _overlap,
    "moons": _moons,
    "circles": _circles,
    "outliers": _outliers,
    "imbalanced": _imbalanced,
}


def _iris(negative: int, positive: int) -> PointSet:
    """Return petal length and width of two kinds of iris, a flower of each by turns."""
    # Imported here: sklearn.datasets costs a second.
    from sklearn.datasets import load_iris

    iris = load_iris()
    petals, kinds = iris.data[:, 2:4], iris.target
    # The file lists one kind after the other, which no online rule should be judged by.
    x = np.stack([petals[kinds == negative], petals[kinds == positive]], axis=1).reshape(-1, 2)
    y = np.tile([-1, 1], len(x) // 2)
    first, second = (name.removesuffix(" (cm)") + " in cm" for name in iris.feature_names[2:4])
    return PointSet.of(
        x,
        y,
        names=(first, second),
        classes=(str(iris.target_names[negative]), str(iris.target_names[positive])),
    )
