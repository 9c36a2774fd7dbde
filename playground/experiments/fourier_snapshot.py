"""What is drawn of the Fourier laboratory: pictures as bytes, and the numbers under the pointer.

A view that nobody looks at is not computed: its part of the snapshot is then None. Spectra are
centred, the mean at ``(h // 2, w // 2)``; arrays are read-only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from playground.experiments.base import Snapshot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from playground.core.spectral_rebuild import Rebuild
    from playground.experiments.fourier_spec import FourierSpec

    Bytes = NDArray[np.uint8]
    Floats = NDArray[np.float64]

Tone = Literal["ok", "warn", "bad", "info"]
Colours = Literal["grey", "scalar", "signed", "rgb"]
View = Literal["filter", "transform", "theorem", "sampling", "border"]

VIEWS: Final[tuple[View, ...]] = ("filter", "transform", "theorem", "sampling", "border")
VIEW_PHASE: Final = "phase"
"""Spectra bring a picture of their phases along; the transform view always asks for it."""
SERIES_REBUILT: Final = "rebuilt"
"""Every step: ``share, error, waves``: share 0…1 of the energy (without the mean) of what passes
the mask, root mean squared difference from the finished picture, coefficients added so far."""


class Words(NamedTuple):
    """A sentence and how it is meant."""

    tone: Tone
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Something to be painted, and the numbers it was made from.

    Parameters
    ----------
    pixels
        uint8: (h, w) places in a table of 256 colours, or (h, w, 3) colours.
    colours
        The table: ``"grey"`` black to white, ``"scalar"`` small to large, ``"signed"`` negative to
        positive with 0 between 127 and 128; ``"rgb"`` where the pixels are colours themselves.
    values
        (c, h, w) numbers under the pointer; repeated where they are smaller than the pixels.
    reach
        The number of the last colour of ``"signed"``; 1 elsewhere.
    """

    pixels: Bytes
    colours: Colours
    values: Floats
    reach: float = 1.0

    @property
    def shape(self) -> tuple[int, int]:
        """Return height and width."""
        return int(self.pixels.shape[0]), int(self.pixels.shape[1])


@dataclass(frozen=True, slots=True)
class SpectrumPicture:
    """A spectrum to be painted; of colour pictures it is that of their grey.

    Parameters
    ----------
    magnitude
        (h, w) uint8: |F| on a logarithmic scale of five powers of ten, for the scalar table.
    phase
        (h, w, 3) uint8: the angle as hue, dark where the magnitude is small; None where nobody
        asked.
    values
        (h, w) complex64.
    reference
        The |F| that is painted brightest.
    """

    magnitude: Bytes
    phase: Bytes | None
    values: NDArray[np.complex64]
    reference: float

    @property
    def shape(self) -> tuple[int, int]:
        """Return height and width."""
        return int(self.values.shape[0]), int(self.values.shape[1])


@dataclass(frozen=True, slots=True)
class FilterPart:
    """What passes the mask, and, while it is being put together, what is there of it.

    Parameters
    ----------
    result
        The picture. Where the mean does not pass it is painted as signed values (grey pictures) or
        lifted by ½ (colours).
    weight
        (h, w) uint8 over the centred spectrum: how much of each wave is in the picture, 0 … 255.
    signed
        True where the mean does not pass.
    low, strong
        How the picture comes together in either order.
    """

    result: Picture
    weight: Bytes
    signed: bool
    low: Rebuild
    strong: Rebuild


@dataclass(frozen=True, slots=True)
class TransformPart:
    """The picture before it was moved about, on the same scale as after."""

    before: Picture
    before_spectrum: SpectrumPicture
    after: Picture
    after_spectrum: SpectrumPicture


@dataclass(frozen=True, slots=True)
class TheoremPart:
    """Both sides of F(f∗g) = F(f)·F(g).

    Parameters
    ----------
    kernel
        g as it is, signed where it has negative cells.
    kernel_spectrum, product
        G and F·G.
    direct
        f∗g by its sum, with the circular border.
    by_product
        The inverse transform of F·G.
    difference
        ``by_product − direct``, of which ``error`` is the largest magnitude.
    """

    kernel: Picture
    spectrum: SpectrumPicture
    kernel_spectrum: SpectrumPicture
    product: SpectrumPicture
    direct: Picture
    by_product: Picture
    difference: Picture
    error: float


@dataclass(frozen=True, slots=True)
class SamplingPart:
    """Every s-th pixel, and what can be read from it.

    Parameters
    ----------
    stride
        In force: never larger than the picture.
    source, spectrum
        What was sampled (after the filter), cut to multiples of the stride.
    samples, folded
        The samples and their spectrum.
    read
        The smoothest picture through the samples.
    wrong
        ``read`` minus the unfiltered picture, signed.
    outside
        Share of the energy (without the mean) of the picture beyond ±1/(2s).
    error
        Root mean squared difference between ``read`` and the unfiltered picture.
    """

    stride: int
    prefilter: bool
    source: Picture
    spectrum: SpectrumPicture
    samples: Picture
    folded: SpectrumPicture
    read: Picture
    wrong: Picture
    outside: float
    error: float

    @property
    def limit(self) -> float:
        """Return the highest frequency that the samples can carry, in cycles per pixel."""
        return 0.5 / self.stride


@dataclass(frozen=True, slots=True)
class BorderPart:
    """The picture as the transform takes it: one tile of an endless pattern.

    ``cross`` and ``faded_cross`` are the shares of the energy beyond 0.05 cycles per pixel that lie
    on the axes of both spectra; ``seam`` is
    the mean step across the border, ``inside`` that between neighbours within the picture.
    """

    tiles: Picture
    picture: Picture
    spectrum: SpectrumPicture
    faded: Picture
    faded_spectrum: SpectrumPicture
    cross: float
    faded_cross: float
    seam: float
    inside: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FourierSnapshot(Snapshot):
    """The laboratory at one step.

    Parameters
    ----------
    image
        The picture after it was moved about.
    spectrum
        Its spectrum.
    mask
        (h, w) float32, 0 … 1, over the centred spectrum.
    passes
        Share of the energy (without the mean) that passes the mask.
    kept
        Share of the coefficients that pass, weighted by the mask.
    plan
        How the picture is put together in the chosen order.
    place
        Steps of it done; 0 stands for the finished picture that has not been taken apart yet.
    reach
        Highest frequency added so far, in cycles per pixel.
    """

    spec: FourierSpec
    image: Picture
    spectrum: SpectrumPicture
    mask: NDArray[np.float32]
    passes: float
    kept: float
    plan: Rebuild
    place: int
    reach: float
    filtered: FilterPart | None = None
    transform: TransformPart | None = None
    theorem: TheoremPart | None = None
    sampling: SamplingPart | None = None
    border: BorderPart | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Return height and width of the picture."""
        return self.image.shape

    @property
    def is_whole(self) -> bool:
        """Tell whether the whole picture is shown."""
        return self.place in (0, self.plan.steps)

    @property
    def share(self) -> float:
        """Return the share of what passes the mask that is there."""
        return 1.0 if self.is_whole else float(self.plan.shares[self.place])

    @property
    def error(self) -> float:
        """Return the root mean squared difference from the finished picture."""
        return 0.0 if self.is_whole else float(self.plan.errors[self.place])
