"""Correlation and convolution of pictures and signals, by hand, with all that shapes the result.

    correlation:   y[i, j] = Σ_c Σ_a Σ_b  k[c, a, b] · x̃[c, i·S + a·D, j·S + b·D]
    convolution:   the same with the kernel turned by 180°
    size:          ⌊(N + 2P − D(F − 1) − 1)/S⌋ + 1      for every axis

x̃ is the picture x with a border of P pixels a side; F cells of the kernel lie D pixels apart
(dilation), and the window moves by S (stride). "Same" padding is what keeps the size under stride
1: D(F − 1) in all, the larger half behind where it is odd, as torch does.

The sum is taken in two stages. The picture is unfolded along its rows: one shifted copy U_b of it
for each column b of the kernel. One product of matrices weighs the copies for all rows a of the
kernel at once, and the results are added, each shifted down by its row:

    R[a] = Σ_b k[a, b] · U_b                y[i] = Σ_a R[a][i·S + a·D]

An 11×11 kernel so takes 11 copies and 11 sums where cell by cell would take 121 of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from playground.core.convolution_geometry import OUTSIDE
from playground.core.convolution_geometry import Axis as Axis
from playground.core.convolution_geometry import Border as Border
from playground.core.convolution_geometry import ConvolutionError as ConvolutionError
from playground.core.convolution_geometry import Geometry as Geometry
from playground.core.convolution_geometry import axis_of as axis_of
from playground.core.convolution_geometry import geometry_of as geometry_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

Operation = Literal["correlation", "convolution"]

_BLOCK: Final = 1 << 13
"""Output cells computed at a time: the shifted copies for them stay in the cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """All that makes one pixel of the result.

    Parameters
    ----------
    row, col
        The pixel of the result.
    rows, cols
        (kh,) and (kw,) positions on the padded picture.
    source_rows, source_cols
        The pixels of the picture shown there; −1 for zeros of the border.
    values, weights, products
        (c, kh, kw): under the kernel, the kernel as it is laid on the picture, and both multiplied.
    """

    row: int
    col: int
    rows: NDArray[np.int64]
    cols: NDArray[np.int64]
    source_rows: NDArray[np.int64]
    source_cols: NDArray[np.int64]
    values: NDArray[np.float64]
    weights: NDArray[np.float64]
    products: NDArray[np.float64]

    @property
    def sums(self) -> NDArray[np.float64]:
        """The (c,) sums over the window of every channel."""
        sums: NDArray[np.float64] = self.products.sum(axis=(1, 2))
        return sums

    @property
    def total(self) -> float:
        """The sum of all products."""
        return float(self.products.sum())


class Fed(NamedTuple):
    """A pixel of the result that a pixel of the picture goes into, and with which weight."""

    row: int
    col: int
    weight: float


class ParameterCounts(NamedTuple):
    """Weights (without biases) of a convolution and of a fully connected layer in its place.

    ``multiplications`` is how many products one picture takes.
    """

    shared: int
    full: int
    multiplications: int


def laid(kernel: NDArray[np.float64], operation: Operation) -> NDArray[np.float64]:
    """Return the kernel (…, kh, kw) as it is laid on the picture: turned by 180° to convolve."""
    return kernel if operation == "correlation" else kernel[..., ::-1, ::-1]


def pad(picture: NDArray[np.float64], geometry: Geometry) -> NDArray[np.float64]:
    """Return the picture (c, h, w) with its border (c, H, W)."""
    rows, cols = geometry.rows.sources(), geometry.cols.sources()
    padded = picture[:, rows[:, None], cols]
    padded[:, rows == OUTSIDE, :] = 0.0
    padded[:, :, cols == OUTSIDE] = 0.0
    return padded


def inside(geometry: Geometry) -> NDArray[np.bool_]:
    """Return the (H, W) mask of padded pixels that are the picture itself, not its border."""
    mask = np.zeros((geometry.rows.padded, geometry.cols.padded), dtype=np.bool_)
    top, left = geometry.rows.before, geometry.cols.before
    mask[top : top + geometry.rows.length, left : left + geometry.cols.length] = True
    return mask


def responses(
    padded: NDArray[np.float64], kernels: NDArray[np.float64], geometry: Geometry
) -> NDArray[np.float64]:
    """Return the (c, h′, w′) correlation of every channel with its own kernel.

    Parameters
    ----------
    padded
        (c, H, W) as :func:`pad` returns it.
    kernels
        (c, kh, kw) as laid on the picture. A layer of a network sums the result over the channels.
    """
    height, width = geometry.output
    found = np.zeros((len(padded), height, width))
    block = min(height, max(1, _BLOCK // width))
    room = _Room.of(geometry, block)
    for plane, kernel, sums in zip(padded, kernels, found, strict=True):
        copies = _unfolded(plane, geometry)
        for top in range(0, height, block):
            _add_rows(sums[top : top + block], copies, kernel, geometry.rows, top, room)
    return found


def correlate(
    picture: NDArray[np.float64],
    kernel: NDArray[np.float64],
    *,
    border: Border = "valid",
    padding: int | None = None,
    stride: int = 1,
    dilation: int = 1,
) -> NDArray[np.float64]:
    """Return the correlation of a signal (n,), a picture (h, w) or channels (c, h, w).

    The kernel is (k,) for a signal and (kh, kw) else, or (c, kh, kw) to weigh channels differently;
    channels are summed. Raises :class:`ConvolutionError` where the kernel does not fit.
    """
    signal = picture.ndim == 1
    planes = picture.reshape((1,) * (3 - picture.ndim) + picture.shape)
    cells = kernel[None] if signal else kernel
    cells = np.broadcast_to(cells, (len(planes), *cells.shape[-2:]))
    shape, kernel_shape = planes.shape[1:], cells.shape[1:]
    geometry = geometry_of(
        (shape[0], shape[1]),
        (kernel_shape[0], kernel_shape[1]),
        border=border,
        padding=padding,
        stride=stride,
        dilation=dilation,
        signal=signal,
    )
    found: NDArray[np.float64] = responses(pad(planes, geometry), cells, geometry).sum(axis=0)
    return found[0] if signal else found


def convolve(
    picture: NDArray[np.float64],
    kernel: NDArray[np.float64],
    *,
    border: Border = "valid",
    padding: int | None = None,
    stride: int = 1,
    dilation: int = 1,
) -> NDArray[np.float64]:
    """Return what :func:`correlate` does with the kernel turned by 180° (a signal's reversed)."""
    turned = kernel[::-1] if kernel.ndim == 1 else kernel[..., ::-1, ::-1]
    return correlate(
        picture, turned, border=border, padding=padding, stride=stride, dilation=dilation
    )


def window(
    padded: NDArray[np.float64],
    kernels: NDArray[np.float64],
    geometry: Geometry,
    row: int,
    col: int,
) -> Window:
    """Return the pixels, weights and products of which one pixel of the result is the sum.

    Raises
    ------
    ConvolutionError
        Where the result has no such pixel.
    """
    height, width = geometry.output
    if not (0 <= row < height and 0 <= col < width):
        raise ConvolutionError(
            f"There is no row {row}, column {col}: the result has {height} × {width} pixels."
        )
    rows, cols = geometry.rows.positions(row), geometry.cols.positions(col)
    values = padded[:, rows[:, None], cols]
    return Window(
        row,
        col,
        rows,
        cols,
        geometry.rows.sources()[rows],
        geometry.cols.sources()[cols],
        values,
        kernels,
        values * kernels,
    )


def fed_outputs(
    kernel: NDArray[np.float64], geometry: Geometry, row: int, col: int
) -> tuple[Fed, ...]:
    """Return the pixels of the result that the pixel (row, col) of the picture goes into.

    Weights are those of the kernel (kh, kw) as laid on the picture; a border that repeats the pixel
    adds to them. Pixels under a weight of 0 are named too. In reading order.
    """
    down, along = _fed(geometry.rows, row), _fed(geometry.cols, col)
    weights: dict[tuple[int, int], float] = {}
    for out_row, cell_row in down:
        for out_col, cell_col in along:
            place = out_row, out_col
            weights[place] = weights.get(place, 0.0) + float(kernel[cell_row, cell_col])
    return tuple(Fed(*place, weights[place]) for place in sorted(weights))


def parameter_counts(
    shape: tuple[int, int, int], kernel_shape: tuple[int, int], output: tuple[int, int]
) -> ParameterCounts:
    """Return the weights from c × h × w numbers to one map: 25 against 451,584 in the course."""
    channels, height, width = shape
    shared = channels * kernel_shape[0] * kernel_shape[1]
    pixels = output[0] * output[1]
    return ParameterCounts(shared, channels * height * width * pixels, shared * pixels)


def _unfolded(padded: NDArray[np.float64], geometry: Geometry) -> NDArray[np.float64]:
    """Return the (H, kw, w′) view of a padded map: for each column of the kernel what it meets."""
    axis = geometry.cols
    span = (axis.output - 1) * axis.stride + 1
    reach = (axis.cells - 1) * axis.dilation + 1
    windows = sliding_window_view(padded, span, axis=1)
    return windows[:, : reach : axis.dilation, :: axis.stride]


class _Room(NamedTuple):
    """Memory for the copies of one block and their weighed sums, used again for every block."""

    unfolded: NDArray[np.float64]
    weighed: NDArray[np.float64]

    @classmethod
    def of(cls, geometry: Geometry, block: int) -> _Room:
        rows, cols = geometry
        cells = _met(rows, block) * cols.output
        return cls(np.empty(cols.cells * cells), np.empty(rows.cells * cells))


def _met(rows: Axis, count: int) -> int:
    """Return how many padded rows go into so many rows of the result."""
    return (count - 1) * rows.stride + (rows.cells - 1) * rows.dilation + 1


def _add_rows(
    sums: NDArray[np.float64],
    copies: NDArray[np.float64],
    kernel: NDArray[np.float64],
    rows: Axis,
    top: int,
    room: _Room,
) -> None:
    """Add to the rows ``sums`` of the result, from row ``top`` on, what their windows give."""
    first, height, width = top * rows.stride, _met(rows, len(sums)), sums.shape[1]
    places = height * width
    kernel_rows, kernel_cols = kernel.shape
    unfolded = room.unfolded[: kernel_cols * places].reshape(kernel_cols, places)
    weighed = room.weighed[: kernel_rows * places].reshape(kernel_rows, places)
    unfolded.reshape(kernel_cols, height, width)[...] = copies[first : first + height].swapaxes(
        0, 1
    )
    np.matmul(kernel, unfolded, out=weighed)
    span = (len(sums) - 1) * rows.stride + 1
    for a, row in enumerate(weighed.reshape(kernel_rows, height, width)):
        below = a * rows.dilation
        sums += row[below : below + span : rows.stride]


def _fed(axis: Axis, pixel: int) -> list[tuple[int, int]]:
    """Return (pixel of the result, cell of the kernel) for every place that shows the pixel."""
    found = []
    for place in np.flatnonzero(axis.sources() == pixel).tolist():
        for cell in range(axis.cells):
            start = place - cell * axis.dilation
            output, rest = divmod(start, axis.stride)
            if rest == 0 and 0 <= output < axis.output:
                found.append((output, cell))
    return found
