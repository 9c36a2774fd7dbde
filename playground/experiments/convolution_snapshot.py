"""What is drawn of the convolution laboratory: picture, border, kernel, result and one window.

All arrays are read-only and shared by the snapshots of one spec. Pictures are (channels, height,
width) float64; a signal is a picture of one row. The whole result is always there: the sweep only
says how far it has come.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from playground.core import convolution
from playground.experiments.base import Snapshot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from playground.core.composition import Associativity
    from playground.core.convolution import Fed, Geometry, ParameterCounts, Window
    from playground.core.kernels import Separation
    from playground.core.receptive_field import Field
    from playground.experiments.convolution_spec import ConvolutionSpec

VIEW_COMPOSITION: Final = "composition"
"""Both sides of associativity, for the kernel in use and the second one."""
SERIES_ROW: Final = "row"
"""At the end of every row of the sweep: ``row, lowest, mean, highest`` of the result without bias,
the row counted from 0; of all channels together where each is filtered by itself."""

Palette = Literal["grey", "signed", "colour"]


@dataclass(frozen=True, slots=True, eq=False)
class DrawnMap:
    """Numbers with the picture that shows them.

    Parameters
    ----------
    values
        (c, h, w) float64; c is 1, or 3 where every channel is by itself.
    palette
        ``"grey"`` from black at ``low`` to white at ``high``; ``"signed"`` with 0 in the middle of
        a range that is even about 0; ``"colour"`` red, green and blue from ``low`` to ``high``.
    low, high
        Numbers of the first and the last colour, ``low < high``.
    clipped
        Share 0…1 of the numbers that lie outside and are drawn in the outermost colours.
    levels
        (h, w) uint8 place in a table of 256 colours; None for ``"colour"``. A signed 0 has level
        128.
    rgba
        (h, w, 4) uint8: grey, or blue above and orange below a white 0. A view that follows the
        theme looks ``levels`` up in its own diverging table instead.
    """

    values: NDArray[np.float64]
    palette: Palette
    low: float
    high: float
    clipped: float
    levels: NDArray[np.uint8] | None
    rgba: NDArray[np.uint8]

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return self.values.shape[1], self.values.shape[2]


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What comes out of a kernel that fits its picture.

    Parameters
    ----------
    geometry
        How the kernel moves; ``geometry.sentence`` is the size with its numbers.
    padded, inside
        (c, H, W) with the border, and the (H, W) mask of what is not border.
    parts
        (c, h′, w′): every channel under its own kernel, before they are summed.
    raw
        Summed over the channels (unless each is by itself), without bias.
    activated
        With bias and, if it is on, ReLU; the same object as ``raw`` where neither does anything.
    pooled
        After pooling; None without pooling or where it does not fit (``pool_problem``).
    winners
        (c, h″, w″) where max pooling found its number: row · width + column in ``activated``.
    pool_sentence
        The size after pooling with its numbers.
    counts
        Weights of this layer, and of a fully connected one.
    """

    geometry: Geometry
    padded: DrawnMap
    inside: NDArray[np.bool_]
    parts: NDArray[np.float64]
    raw: DrawnMap
    activated: DrawnMap
    pooled: DrawnMap | None
    winners: NDArray[np.int64] | None
    pool_sentence: str
    pool_problem: str
    counts: ParameterCounts


@dataclass(frozen=True, slots=True, eq=False)
class Composition:
    """Both sides of associativity, ``convolution`` exact and ``correlation`` in general not."""

    convolution: Associativity
    correlation: Associativity


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvolutionSnapshot(Snapshot):
    """The laboratory at one step of the sweep.

    Parameters
    ----------
    picture
        The picture or signal without border.
    kernels
        (c, kh, kw), one a channel, as they are written.
    laid
        The same as they are laid on the picture: turned by 180° to convolve.
    separation
        Of the kernel in use.
    result
        None where the kernel does not fit; ``problem`` then says why.
    swept, total
        Pixels of the result that the sweep has computed, and all there are. At step 0 nothing is
        swept and the whole result is shown (:attr:`whole`).
    window
        Of the pixel that was computed last; None at step 0.
    receptive
        The field of every layer of the stack, the first layer first.
    composition
        None when nobody asked.
    """

    spec: ConvolutionSpec
    picture: DrawnMap
    kernels: NDArray[np.float64]
    laid: NDArray[np.float64]
    separation: Separation
    result: Result | None
    problem: str
    swept: int
    total: int
    window: Window | None
    receptive: tuple[Field, ...]
    composition: Composition | None = None

    @property
    def whole(self) -> bool:
        """Tell whether the whole result counts as computed: before a sweep, and after it."""
        return self.swept in (0, self.total)

    @property
    def size_sentence(self) -> str:
        """The size of the result with its numbers, or why there is none."""
        return self.problem if self.result is None else self.result.geometry.sentence

    def window_at(self, row: int, col: int) -> Window | None:
        """Return what makes one pixel of the result; None where there is no such pixel."""
        if self.result is None:
            return None
        height, width = self.result.geometry.output
        if not (0 <= row < height and 0 <= col < width):
            return None
        return convolution.window(
            self.result.padded.values, self.laid, self.result.geometry, row, col
        )

    def fed_by(self, row: int, col: int, channel: int = 0) -> tuple[Fed, ...]:
        """Return the pixels of the result that a pixel of the picture goes into; may be none."""
        height, width = self.picture.shape
        if self.result is None or not (0 <= row < height and 0 <= col < width):
            return ()
        return convolution.fed_outputs(self.laid[channel], self.result.geometry, row, col)
