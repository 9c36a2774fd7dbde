"""Two kernels one after the other, and as one: convolution is associative, correlation is not.

    (f ∗ g) ∗ h  =  f ∗ (g ∗ h)                 (f ⋆ g) ⋆ h  ≠  f ⋆ (g ⋆ h)   unless h is symmetric

With g′ for g turned by 180°, f ⋆ g is f ∗ g′; so the left side is f ∗ g′ ∗ h′ and the right side
f ∗ (g ∗ h′)′ = f ∗ g′ ∗ h. All of it over a border of zeros that is wide enough to lose nothing
("full"): another border stands in for pixels that were never there, and nothing would be exact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from playground.core.convolution import Axis, Geometry, laid, pad, responses
from playground.core.kernels import composed, flipped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.core.convolution import Operation


class Associativity(NamedTuple):
    """Both sides of the law for one operation.

    Parameters
    ----------
    kernel
        g ∗ h or g ⋆ h, (rows_g + rows_h − 1, columns_g + columns_h − 1).
    twice, once
        (h′, w′): first g and then h; and the one kernel.
    difference
        Largest absolute difference of the two.
    """

    kernel: NDArray[np.float64]
    twice: NDArray[np.float64]
    once: NDArray[np.float64]
    difference: float


def associativity(
    picture: NDArray[np.float64],
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    operation: Operation,
) -> Associativity:
    """Return both sides of the law for a picture f (h, w) and kernels g and h."""
    if operation == "convolution":
        kernel = composed(first, second)
    else:
        kernel = composed(first, flipped(second))
    twice = full(full(picture, first, operation), second, operation)
    once = full(picture, kernel, operation)
    return Associativity(kernel, twice, once, float(np.abs(twice - once).max()))


def full(
    picture: NDArray[np.float64], kernel: NDArray[np.float64], operation: Operation
) -> NDArray[np.float64]:
    """Return the result (h + kh − 1, w + kw − 1) wherever the kernel touches the picture."""
    rows, cols = (
        Axis(length, cells, 1, 1, cells - 1, cells - 1, "zeros")
        for length, cells in zip(picture.shape, kernel.shape, strict=True)
    )
    geometry = Geometry(rows, cols)
    found: NDArray[np.float64] = responses(
        pad(picture[None], geometry), laid(kernel, operation)[None], geometry
    )[0]
    return found
