"""The Fourier laboratory as a form: picture, what is done to it, and what to its spectrum.

Every knob is live: a run is a picture that is put together from its waves, and whatever changes on
the way changes the picture at the present step.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field, field_validator

from playground.core.frequency_masks import LARGEST_RADIUS, decode_mask
from playground.core.kernels import MAX_SIDE as LARGEST_KERNEL
from playground.core.kernels import KernelName
from playground.core.spectral_rebuild import Order
from playground.experiments.image_spec import ImageSpec
from playground.experiments.spec import Knob, Spec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MaskKind = Literal["none", "low", "high", "band", "painted"]

MASK_LABELS: Final[dict[str, str]] = {
    "none": "everything passes",
    "low": "low pass",
    "high": "high pass",
    "band": "band pass",
    "painted": "painted",
}
ORDER_LABELS: Final[dict[str, str]] = {"low": "low first", "strong": "strongest first"}
MAX_STRIDE: Final = 8
UNIT: Final = "c/px"
"""Cycles per pixel."""


class TransformSpec(Spec):
    """What is done to the picture before anything else: scaled, turned, shifted, blurred."""

    rotation: Annotated[
        float,
        Field(ge=-180.0, le=180.0),
        Knob(
            "rotation",
            "Counter-clockwise about the middle. The spectrum turns by the same angle.",
            unit="°",
            step=5.0,
            live=True,
        ),
    ] = 0.0
    scale: Annotated[
        float,
        Field(ge=0.25, le=4.0),
        Knob(
            "scale",
            "About the middle. A picture twice as large has a spectrum half as large.",
            unit="×",
            scale="log",
            live=True,
        ),
    ] = 1.0
    right: Annotated[
        int,
        Field(ge=-512, le=512),
        Knob(
            "shift right",
            "What leaves at one side enters at the other. Magnitudes stay; phases turn.",
            unit="px",
            live=True,
            soft_minimum=-128,
            soft_maximum=128,
        ),
    ] = 0
    down: Annotated[
        int,
        Field(ge=-512, le=512),
        Knob(
            "shift down",
            "What leaves at one side enters at the other. Magnitudes stay; phases turn.",
            unit="px",
            live=True,
            soft_minimum=-128,
            soft_maximum=128,
        ),
    ] = 0
    blur: Annotated[
        float,
        Field(ge=0.0, le=64.0),
        Knob(
            "blur σ",
            "Gaussian of this width. The spectrum is multiplied by exp(−2π²σ²r²).",
            unit="px",
            step=0.1,
            live=True,
            soft_maximum=8.0,
        ),
    ] = 0.0

    @property
    def is_nothing(self) -> bool:
        """Tell whether the picture stays as it is."""
        return self == _NOTHING


_NOTHING: Final = TransformSpec()


class MaskSpec(Spec):
    """Which frequencies pass."""

    kind: Annotated[
        MaskKind,
        Knob(
            "mask",
            "What the spectrum is multiplied by before it is turned back into a picture. Painting "
            "on the spectrum makes it “painted”.",
            labels=MASK_LABELS,
            live=True,
        ),
    ] = "low"
    radius: Annotated[
        float,
        Field(ge=0.0, le=LARGEST_RADIUS),
        Knob(
            "cut-off",
            "Radius of the ring on the spectrum, which can be dragged too. ½ is the finest stripe "
            "that pixels can carry.",
            unit=UNIT,
            step=0.005,
            live=True,
            shown_when=("kind", ("low", "high")),
        ),
    ] = 0.1
    inner: Annotated[
        float,
        Field(ge=0.0, le=LARGEST_RADIUS),
        Knob(
            "from",
            "Inner radius of the band.",
            unit=UNIT,
            step=0.005,
            live=True,
            shown_when=("kind", ("band",)),
        ),
    ] = 0.05
    outer: Annotated[
        float,
        Field(ge=0.0, le=LARGEST_RADIUS),
        Knob(
            "to",
            "Outer radius of the band.",
            unit=UNIT,
            step=0.005,
            live=True,
            shown_when=("kind", ("band",)),
        ),
    ] = 0.15
    softness: Annotated[
        float,
        Field(ge=0.0, le=0.5),
        Knob(
            "softness",
            "Width of the edge of the mask; 0 is sharp, and then contours ring.",
            unit=UNIT,
            step=0.005,
            live=True,
            soft_maximum=0.2,
            shown_when=("kind", ("low", "high", "band")),
        ),
    ] = 0.0
    painted: Annotated[
        str,
        Knob("painted mask", "Runs that pass and do not pass in turn.", live=True, hidden=True),
    ] = ""

    def following(self, name: str, value: object) -> dict[str, object]:
        """Let paint on the spectrum choose the painted mask."""
        return {"kind": "painted"} if name == "painted" and value else {}

    @field_validator("painted")
    @classmethod
    def _readable(cls, text: str) -> str:
        if text:
            painted_mask(text)
        return text


class TheoremSpec(Spec):
    """The kernel g of the convolution theorem."""

    kernel: Annotated[
        KernelName,
        Knob("kernel", "What the picture f is convolved with: g.", live=True),
    ] = "gaussian"
    side: Annotated[
        int,
        Field(ge=1, le=LARGEST_KERNEL),
        Knob(
            "side",
            "Rows and columns; kernels that exist in other sizes only take the nearest one.",
            live=True,
        ),
    ] = 9
    sigma: Annotated[
        float,
        Field(ge=0.1, le=10.0),
        Knob(
            "σ",
            "Width of the Gaussian.",
            unit="px",
            step=0.1,
            live=True,
            soft_maximum=5.0,
            shown_when=("kernel", ("gaussian", "unsharp", "laplacian of gaussian")),
        ),
    ] = 2.0


class SamplingSpec(Spec):
    """How the picture is sampled more coarsely."""

    stride: Annotated[
        int,
        Field(ge=1, le=MAX_STRIDE),
        Knob(
            "stride",
            "One of so many pixels of a row, and one of so many rows, is kept.",
            live=True,
        ),
    ] = 3
    prefilter: Annotated[
        bool,
        Knob(
            "filter before",
            "Take out first what the samples cannot carry: blurred, but nothing is made up.",
            live=True,
        ),
    ] = False


class RebuildSpec(Spec):
    """In which order the waves are added when the run is played."""

    order: Annotated[
        Order,
        Knob(
            "waves",
            "Ring by ring from coarse to fine, or those with the most energy first.",
            labels=ORDER_LABELS,
            live=True,
        ),
    ] = "low"


class FourierSpec(Spec):
    """One picture and all that the laboratory does with it."""

    image: Annotated[ImageSpec, Knob("picture", group="Picture")] = ImageSpec()
    mask: Annotated[MaskSpec, Knob("mask", group="Mask")] = MaskSpec()
    rebuild: Annotated[RebuildSpec, Knob("putting together", group="Putting together")] = (
        RebuildSpec()
    )
    transform: Annotated[TransformSpec, Knob("transform", group="Transform")] = TransformSpec()
    theorem: Annotated[TheoremSpec, Knob("theorem", group="Convolution theorem")] = TheoremSpec()
    sampling: Annotated[SamplingSpec, Knob("sampling", group="Sampling")] = SamplingSpec()

    @property
    def title(self) -> str:
        """Return for example ``"photograph: temple · low pass"``."""
        return f"{self.image.title} · {MASK_LABELS[self.mask.kind]}"


@functools.lru_cache(maxsize=4)
def painted_mask(text: str) -> NDArray[np.bool_]:
    """Return the read-only painted mask of a text; raises ``MaskError`` (a ValueError)."""
    mask = decode_mask(text)
    mask.flags.writeable = False
    return mask
