"""Correlation and convolution of pictures and signals, by hand, with all that shapes the result.

    correlation:   y[i, j] = Σ_c Σ_a Σ_b  k[c, a, b] · x̃[c, i·S + a·D, j·S + b·D]
    convolution:   the same with the kernel turned by 180°
    size:          ⌊(N + 2P − D(F − 1) − 1)/S⌋ + 1      for every axis

x̃ is the picture x with a border of P pixels a side; F cells of the kernel lie D pixels apart
(dilation), and the window moves by S (stride). "Same" padding is what keeps the size under stride
1: D(F − 1) in all, the larger half behind where it is odd, as torch does.

The sum runs over the kernel's cells, every time one shifted copy of the whole picture: for kernels
of up to 11×11 this is faster than unfolding all windows, which would copy the picture 121 times.
A kernel that is the product of a column and a row is laid on in two passes, row and then column:
22 shifted copies in place of 121.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from playground.core.convolution_geometry import OUTSIDE
from playground.core.convolution_geometry import Axis as Axis
from playground.core.convolution_geometry import Border as Border
from playground.core.convolution_geometry import ConvolutionError as ConvolutionError
from playground.core.convolution_geometry import Geometry as Geometry
from playground.core.convolution_geometry import axis_of as axis_of
from playground.core.convolution_geometry import geometry_of as geometry_of
from playground.core.kernels import separated

if TYPE_CHECKING:
    from numpy.typing import NDArray

Operation = Literal["correlation", "convolution"]

_BLOCK: Final = 1 << 16
"""Output cells computed at a time: their sums stay in the cache."""
_WORTH_SEPARATING: Final = 25
"""Cells of a kernel from which on two passes are faster than one."""


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
    for plane, kernel, sums in zip(padded, kernels, found, strict=True):
        parts = separated(kernel) if kernel.size >= _WORTH_SEPARATING else None
        if parts is None or parts.row is None or parts.column is None:
            _respond(sums, plane, kernel, geometry)
            continue
        rows, cols = geometry
        between = np.zeros((rows.padded, width))
        _respond(between, plane, parts.row, Geometry(axis_of(rows.padded, 1), cols))
        # The row pass has done all that is to be done along the columns.
        _respond(sums, between, parts.column, Geometry(rows, axis_of(width, 1)))
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


def _respond(
    sums: NDArray[np.float64],
    padded: NDArray[np.float64],
    kernel: NDArray[np.float64],
    geometry: Geometry,
) -> None:
    """Add the correlation of one padded map with a kernel to ``sums``, a block at a time."""
    block = max(1, _BLOCK // sums.shape[1])
    for top in range(0, len(sums), block):
        _add_cells(sums[top : top + block], padded, kernel, geometry, top)


def _add_cells(
    found: NDArray[np.float64],
    padded: NDArray[np.float64],
    kernel: NDArray[np.float64],
    geometry: Geometry,
    top: int,
) -> None:
    """Add to the rows ``found`` of one map, from row ``top`` on, what every cell gives."""
    rows, cols = geometry
    height, width = found.shape
    product = np.empty_like(found)
    for (a, b), weight in np.ndenumerate(kernel):
        if weight == 0.0:
            continue
        first, left = top * rows.stride + a * rows.dilation, b * cols.dilation
        shifted = padded[
            first : first + (height - 1) * rows.stride + 1 : rows.stride,
            left : left + (width - 1) * cols.stride + 1 : cols.stride,
        ]
        np.multiply(shifted, weight, out=product)
        found += product


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
