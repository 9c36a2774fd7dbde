"""Kernels: the usual ones in every size, and what can be done with one or two of them.

A kernel is a float64 array (rows, columns), written as it is laid on the picture by correlation.
Derivative kernels of n cells come from binomials: Sobel smooths with row n − 1 of Pascal's triangle
and differentiates with row n − 2 convolved with (−1, 1); n = 3 gives (1 2 1) and (−1 0 1).

    separable:    K = column · row,  exactly when the matrix K has rank one (singular values)
    composition:  (f ∗ g) ∗ h = f ∗ (g ∗ h),  where g ∗ h has rows_g + rows_h − 1 rows

Sources: I. Sobel and G. Feldman, "A 3×3 isotropic gradient operator for image processing", 1968;
J. Prewitt, "Object enhancement and extraction", 1970; R. Gonzalez and R. Woods, "Digital Image
Processing", chapters 3 and 10 (Laplacian, line detectors).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from playground.core.random_streams import Streams

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Kernel = NDArray[np.float64]

KernelName = Literal[
    "identity",
    "box",
    "gaussian",
    "sharpen",
    "unsharp",
    "sobel x",
    "sobel y",
    "prewitt x",
    "prewitt y",
    "laplacian 4",
    "laplacian 8",
    "laplacian of gaussian",
    "emboss",
    "line horizontal",
    "line vertical",
    "line rising",
    "line falling",
    "corner",
    "difference",
    "second difference",
    "random",
]
MAX_SIDE: Final = 11
"""Rows and columns of a kernel: 1 to 11, odd or even."""
_TINY: Final = 1e-12
_RANK_TOLERANCE: Final = 1e-9
"""Singular values below this share of the largest count as zero."""

_ONE_SIZE: Final[dict[str, tuple[tuple[float, ...], ...]]] = {
    "sharpen": ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    "laplacian 4": ((0, 1, 0), (1, -4, 1), (0, 1, 0)),
    "emboss": ((-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
    "difference": ((-1, 0, 1),),
    "second difference": ((1, -2, 1),),
}
_ANY_SIZE: Final = ("identity", "box", "gaussian", "random")
_EVEN_TOO: Final = ("sobel x", "sobel y", "prewitt x", "prewitt y")


class KernelError(ValueError):
    """Says in one sentence why there is no such kernel."""


class Separation(NamedTuple):
    """Whether a kernel is the product of a column and a row.

    ``column`` (rows, 1) and ``row`` (1, columns) multiply to the kernel and are None unless the
    rank is one (a kernel of zeros has rank 0); singular values fall.
    """

    rank: int
    singular_values: tuple[float, ...]
    column: Kernel | None
    row: Kernel | None


def preset(
    name: KernelName, rows: int = 3, cols: int = 3, sigma: float = 1.0, draw: int = 0
) -> Kernel:
    """Return a kernel by its name; its size is the nearest in which it makes sense.

    Parameters
    ----------
    rows, cols
        Wanted size, 1…11 each. Sharpen, Laplacian 4 and emboss are 3×3 and differences 1×3; Sobel
        and Prewitt are squares of at least 2; lines, corner, Laplacian 8, Laplacian of Gaussian and
        unsharp are odd squares of at least 3; all others have any size.
    sigma
        Standard deviation of Gaussian kernels in cells, greater than 0.
    draw
        Which random numbers.

    Raises
    ------
    KernelError
        For a name, a size or a deviation that does not exist.
    """
    _check_size(rows, cols)
    if not sigma > 0.0:
        raise KernelError(f"The standard deviation σ must be greater than 0 (got {sigma:g}).")
    if name in _ONE_SIZE:
        return np.array(_ONE_SIZE[name], dtype=np.float64)
    match name:
        case "identity":
            return _identity(rows, cols)
        case "box":
            return np.full((rows, cols), 1.0 / (rows * cols))
        case "gaussian":
            return _gaussian(rows, cols, sigma)
        case "random":
            cells = rows * cols
            values = Streams(draw).numpy("kernel").standard_normal((rows, cols))
            return np.round(values / math.sqrt(cells), 3)
    if name not in _SQUARES:
        raise KernelError(f"There is no kernel “{name}”.")
    return _SQUARES[name](_square_side(name, rows, cols), sigma)


def sizes_of(name: KernelName) -> Literal["any", "square", "odd square", "one"]:
    """Return in which sizes a kernel exists."""
    if name in _ONE_SIZE:
        return "one"
    if name in _ANY_SIZE:
        return "any"
    return "square" if name in _EVEN_TOO else "odd square"


def normalised(kernel: Kernel) -> Kernel:
    """Return the kernel divided by its sum; by the sum of magnitudes where the sum is 0.

    Raises
    ------
    KernelError
        For a kernel of zeros.
    """
    magnitude = float(np.abs(kernel).sum())
    if magnitude == 0.0:
        raise KernelError("A kernel of zeros cannot be normalised: its cells sum to 0.")
    total = float(kernel.sum())
    scaled: Kernel = kernel / (total if abs(total) > 1e-9 * magnitude else magnitude)
    return scaled


def flipped(kernel: Kernel) -> Kernel:
    """Return the kernel turned by 180°: what convolution lays on the picture."""
    return np.ascontiguousarray(kernel[..., ::-1, ::-1])


def rotated(kernel: Kernel) -> Kernel:
    """Return the kernel turned by 90° counter-clockwise."""
    return np.ascontiguousarray(np.rot90(kernel))


def transposed(kernel: Kernel) -> Kernel:
    """Return rows as columns."""
    return np.ascontiguousarray(kernel.T)


def fitted(kernel: Kernel, rows: int, cols: int) -> Kernel:
    """Return the kernel cut or filled with zeros to a size, its middle kept in the middle."""
    _check_size(rows, cols)
    found = np.zeros((rows, cols))
    (to_row, from_row, height) = _overlap(kernel.shape[0], rows)
    (to_col, from_col, width) = _overlap(kernel.shape[1], cols)
    found[to_row : to_row + height, to_col : to_col + width] = kernel[
        from_row : from_row + height, from_col : from_col + width
    ]
    return found


def separated(kernel: Kernel) -> Separation:
    """Return the column and the row whose product is the kernel, where there are such."""
    values = np.linalg.svd(kernel, compute_uv=False)
    rank = int(np.sum(values > _RANK_TOLERANCE * max(float(values[0]), _TINY)))
    singular = tuple(float(value) for value in values)
    if rank != 1:
        return Separation(rank, singular, None, None)
    # Of a matrix of rank one, any row and column through a cell that is not 0 will do; through the
    # largest one, nothing is lost to rounding.
    row_at, col_at = np.unravel_index(int(np.abs(kernel).argmax()), kernel.shape)
    column = kernel[:, col_at : col_at + 1] / kernel[row_at, col_at]
    row = kernel[row_at : row_at + 1].copy()
    scale = _column_scale(kernel, column)
    return Separation(rank, singular, column / scale, row * scale)


def composed(first: Kernel, second: Kernel) -> Kernel:
    """Return first ∗ second, the one kernel that convolves as both do one after the other."""
    rows, cols = second.shape
    found = np.zeros((first.shape[0] + rows - 1, first.shape[1] + cols - 1))
    for row, col in np.ndindex(*first.shape):
        found[row : row + rows, col : col + cols] += first[row, col] * second
    return found


def _check_size(rows: int, cols: int) -> None:
    if not (1 <= rows <= MAX_SIDE and 1 <= cols <= MAX_SIDE):
        raise KernelError(f"A kernel has 1 to {MAX_SIDE} rows and columns (got {rows}×{cols}).")


def _square_side(name: KernelName, rows: int, cols: int) -> int:
    side = max(rows, cols)
    if sizes_of(name) == "square":
        return max(2, side)
    # An even size goes up to the next odd one.
    return min(MAX_SIDE, max(3, side + (side + 1) % 2))


def _overlap(old: int, new: int) -> tuple[int, int, int]:
    """Return where to write, where to read and how many, with the middle on the middle."""
    shift = (new - 1) // 2 - (old - 1) // 2
    start = max(0, shift)
    return start, start - shift, min(new, old + shift) - start


def _column_scale(kernel: Kernel, column: Kernel) -> float:
    """Return what the column is divided by, so that both parts have numbers easily read."""
    if np.all(kernel == np.rint(kernel)):
        return float(np.abs(column[np.abs(column) > _TINY]).min())
    total, magnitude = float(column.sum()), float(np.abs(column).sum())
    return total if abs(total) > 1e-6 * magnitude else magnitude


def _identity(rows: int, cols: int) -> Kernel:
    kernel = np.zeros((rows, cols))
    kernel[(rows - 1) // 2, (cols - 1) // 2] = 1.0
    return kernel


def _gaussian(rows: int, cols: int, sigma: float) -> Kernel:
    parts = []
    for cells in (rows, cols):
        place = np.arange(cells) - (cells - 1) / 2.0
        # From the cell nearest to the middle: a σ far below one cell would else give 0 everywhere.
        exponent = (place**2 - (place**2).min()) / (2.0 * sigma**2)
        part = np.exp(-exponent)
        parts.append(part / part.sum())
    return np.outer(*parts)


def _binomial(order: int) -> Kernel:
    return np.array([math.comb(order, k) for k in range(order + 1)], dtype=np.float64)


def _sobel(side: int, sigma: float) -> Kernel:  # noqa: ARG001 - one signature for all squares
    return np.outer(_binomial(side - 1), np.convolve(_binomial(side - 2), (-1.0, 1.0)))


def _prewitt(side: int, sigma: float) -> Kernel:  # noqa: ARG001
    return np.outer(np.ones(side), np.arange(side) - (side - 1) / 2.0)


def _laplacian(side: int, sigma: float) -> Kernel:  # noqa: ARG001
    kernel = np.ones((side, side))
    kernel[side // 2, side // 2] = 1.0 - side**2
    return kernel


def _laplacian_of_gaussian(side: int, sigma: float) -> Kernel:
    place = np.arange(side) - side // 2
    square = (place[:, None] ** 2 + place**2) / sigma**2
    kernel = (square - 2.0) / sigma**2 * _gaussian(side, side, sigma)
    # Cut off at the edge of the kernel the cells no longer sum to 0, and flat areas would not be 0.
    balanced: Kernel = kernel - kernel.mean()
    return balanced


def _unsharp(side: int, sigma: float) -> Kernel:
    return 2.0 * _identity(side, side) - _gaussian(side, side, sigma)


def _line(side: int, sigma: float) -> Kernel:  # noqa: ARG001
    kernel = np.full((side, side), -1.0)
    kernel[side // 2] = side - 1.0
    return kernel


def _falling_line(side: int, sigma: float) -> Kernel:  # noqa: ARG001
    return side * np.eye(side) - 1.0


def _corner(side: int, sigma: float) -> Kernel:  # noqa: ARG001
    """Return the upper left corner of something bright, summing to 0."""
    inside = ((side + 1) // 2) ** 2
    outside = side**2 - inside
    shared = math.gcd(inside, outside)
    kernel = np.full((side, side), -inside / shared)
    kernel[side // 2 :, side // 2 :] = outside / shared
    return kernel


_SQUARES: Final[dict[str, Callable[[int, float], Kernel]]] = {
    "sobel x": _sobel,
    "sobel y": lambda side, sigma: _sobel(side, sigma).T,
    "prewitt x": _prewitt,
    "prewitt y": lambda side, sigma: _prewitt(side, sigma).T,
    "laplacian 8": _laplacian,
    "laplacian of gaussian": _laplacian_of_gaussian,
    "unsharp": _unsharp,
    "line horizontal": _line,
    "line vertical": lambda side, sigma: _line(side, sigma).T,
    "line rising": lambda side, sigma: _falling_line(side, sigma)[::-1],
    "line falling": _falling_line,
    "corner": _corner,
}
