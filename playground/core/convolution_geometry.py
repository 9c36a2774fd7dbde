"""How a kernel moves over a picture: border, stride, dilation, and the size of what comes out.

    size:   ⌊(N + 2P − D(F − 1) − 1)/S⌋ + 1      for every axis

Source: V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", 2016,
relationship 14 and section 5.1 (dilation).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Border = Literal["zeros", "replicate", "circular", "reflect", "valid"]
OUTSIDE: Final = -1
"""Stands for a zero of the border, where another number is the row or column that is repeated."""


class ConvolutionError(ValueError):
    """Says in one sentence why a kernel does not fit a picture."""


@dataclass(frozen=True, slots=True)
class Axis:
    """How a kernel moves along one axis; make one with :func:`axis_of`.

    Parameters
    ----------
    length, cells
        Pixels N of the picture and cells F of the kernel.
    stride, dilation
        S and D, at least 1.
    before, after
        Pixels of the border in front of the picture and behind it.
    border
        What the border is filled with; ``"valid"`` has none.
    """

    length: int
    cells: int
    stride: int
    dilation: int
    before: int
    after: int
    border: Border

    @property
    def padded(self) -> int:
        """Pixels with the border."""
        return self.length + self.before + self.after

    @property
    def span(self) -> int:
        """Pixels that the kernel reaches over, D(F − 1) + 1."""
        return self.dilation * (self.cells - 1) + 1

    @property
    def output(self) -> int:
        """Pixels of the result."""
        return (self.padded - self.span) // self.stride + 1

    @property
    def sentence(self) -> str:
        """The size with its numbers: ``"⌊(28 + 2·0 − 1·(5 − 1) − 1)/1⌋ + 1 = 24"``."""
        even = self.before == self.after
        border = f"2·{self.before}" if even else f"{self.before} + {self.after}"
        reach = f"{self.dilation}·({self.cells} − 1)"
        return f"⌊({self.length} + {border} − {reach} − 1)/{self.stride}⌋ + 1 = {self.output}"

    def sources(self) -> NDArray[np.int64]:
        """Return for every padded pixel which one of the picture it shows; −1 for a zero."""
        place: NDArray[np.int64] = np.arange(-self.before, self.length + self.after)
        match self.border:
            case "replicate":
                return np.clip(place, 0, self.length - 1)
            case "circular":
                return place % self.length
            case "reflect":
                last = self.length - 1
                mirrored: NDArray[np.int64] = last - np.abs(last - np.abs(place))
                return mirrored
            case _:
                inside = (place >= 0) & (place < self.length)
                return np.where(inside, place, OUTSIDE)

    def positions(self, output: int) -> NDArray[np.int64]:
        """Return the (cells,) padded pixels under the kernel for one pixel of the result."""
        return output * self.stride + self.dilation * np.arange(self.cells)


class Geometry(NamedTuple):
    """How a kernel moves over a picture: down the rows and along the columns."""

    rows: Axis
    cols: Axis

    @property
    def output(self) -> tuple[int, int]:
        """Rows and columns of the result."""
        return self.rows.output, self.cols.output

    @property
    def sentence(self) -> str:
        """The size of the result with its numbers, once where both axes are alike."""
        if self.rows == self.cols:
            return self.cols.sentence
        if self.rows.length == self.rows.output == self.rows.cells == 1:
            return self.cols.sentence
        return f"height {self.rows.sentence},  width {self.cols.sentence}"


def axis_of(
    length: int,
    cells: int,
    *,
    border: Border = "valid",
    padding: int | None = None,
    stride: int = 1,
    dilation: int = 1,
) -> Axis:
    """Return how a kernel moves along an axis; padding None keeps the size under stride 1.

    Raises
    ------
    ConvolutionError
        Where the border cannot be made or no pixel would be left.
    """
    if min(length, cells, stride, dilation) < 1 or (padding is not None and padding < 0):
        raise ConvolutionError(
            "Picture, kernel, stride and dilation must be at least 1, and padding at least 0."
        )
    reach = dilation * (cells - 1)
    if border == "valid":
        before = after = 0
    elif padding is None:
        before, after = reach // 2, reach - reach // 2
    else:
        before = after = padding
    widest = max(before, after)
    if border == "reflect" and widest > length - 1:
        raise ConvolutionError(
            f"A reflected border of {widest} pixels needs at least {widest + 1} pixels to mirror; "
            f"the picture has {length}."
        )
    if border == "circular" and widest > length:
        raise ConvolutionError(
            f"A circular border of {widest} pixels needs at least {widest} pixels to repeat; the "
            f"picture has {length}."
        )
    axis = Axis(length, cells, stride, dilation, before, after, border)
    if axis.padded < axis.span:
        there = f"{length} + {before} + {after} = {axis.padded}" if widest else f"{length}"
        raise ConvolutionError(
            f"Nothing is left: the kernel reaches over {dilation}·({cells} − 1) + 1 = {axis.span} "
            f"pixels, but there are only {there}."
        )
    return axis


def geometry_of(
    shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    *,
    border: Border = "valid",
    padding: int | None = None,
    stride: int = 1,
    dilation: int = 1,
    signal: bool = False,
) -> Geometry:
    """Return how a kernel moves over a picture of (h, w); raise :class:`ConvolutionError`.

    A signal is a picture of one row whose kernel has one row: it is padded and strided along the
    columns alone.
    """
    cols = axis_of(
        shape[1], kernel_shape[1], border=border, padding=padding, stride=stride, dilation=dilation
    )
    if signal:
        return Geometry(axis_of(shape[0], kernel_shape[0]), cols)
    rows = axis_of(
        shape[0], kernel_shape[0], border=border, padding=padding, stride=stride, dilation=dilation
    )
    return Geometry(rows, cols)
