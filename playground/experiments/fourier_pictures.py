"""Numbers as bytes to be painted: pictures, signed pictures, and spectra with their phases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from playground.core.fourier import log_magnitude
from playground.experiments.fourier_snapshot import Picture, SpectrumPicture

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def _hues() -> NDArray[np.float32]:
    """Return 256 colours around the circle: three cosines, a third of a turn apart."""
    turns = np.arange(256) / 256.0
    thirds = np.arange(3) / 3.0
    hues = 0.5 + 0.5 * np.cos(2.0 * np.pi * (turns[:, None] - thirds[None, :]))
    # Cosines alone are dull: between the primaries they would be half as bright.
    return np.asarray(255.0 * np.sqrt(hues), dtype=np.float32)


PHASE_HUES: Final = _hues()
"""(256, 3) colours of phases −π … π, equal at both ends; angle 0 is the colour of place 128."""


USUAL_SHARE: Final = 0.995
"""Share of the values that a signed picture shows without cutting them off."""
DIMMEST: Final = 0.4
"""Brightness of the hue of the faintest wave that is painted."""


def plain_picture(values: NDArray[Any], top: float = 1.0) -> Picture:
    """Return a (c, h, w) picture, ``top`` painted white; what is beyond 0 … ``top`` is cut off."""
    bytes_ = np.rint(np.clip(values / top, 0.0, 1.0) * 255.0).astype(np.uint8)
    return _picture(bytes_, "grey", values, top)


def signed_picture(values: NDArray[Any], reach: float | None = None) -> Picture:
    """Return a (c, h, w) picture of signed values, 0 in the middle of the colours.

    Without ``reach`` the colours end where all but a few of the largest values are within, so that
    single bright edges do not make everything else look like nothing.

    Colours cannot stand for both hue and sign: of three channels 0 is painted as mid grey.
    """
    top = _usual_reach(values) if reach is None else reach
    top = top if top > 0.0 else 1.0
    bytes_ = np.rint(127.5 + 127.5 * np.clip(values / top, -1.0, 1.0)).astype(np.uint8)
    return _picture(bytes_, "signed", values, top)


def spectrum_picture(
    centred: NDArray[Any], *, phase: bool = False, reference: float | None = None
) -> SpectrumPicture:
    """Return a (h, w) spectrum to be painted, its largest magnitude or ``reference`` brightest."""
    top = float(np.abs(centred).max(initial=0.0)) if reference is None else reference
    height = log_magnitude(centred, top)
    magnitude = np.rint(255.0 * height).astype(np.uint8)
    hues = None
    if phase:
        places = np.rint(128.0 + 128.0 * np.angle(centred) / np.pi).astype(np.int64) % 256
        # Faint waves have phases too; only rounding errors have none.
        light = np.where(height > 0.0, DIMMEST + (1.0 - DIMMEST) * height, 0.0).astype(np.float32)
        hues = (PHASE_HUES[places] * light[..., None]).astype(np.uint8)
        hues.flags.writeable = False
    values = centred.astype(np.complex64)
    for array in (magnitude, values):
        array.flags.writeable = False
    return SpectrumPicture(magnitude, hues, values, top)


def kernel_picture(kernel: NDArray[Any]) -> Picture:
    """Return a (rows, columns) kernel; signed where one of its cells is negative."""
    values = np.asarray(kernel, dtype=np.float64)[None]
    if values.min(initial=0.0) < 0.0:
        return signed_picture(values, float(np.abs(values).max()))
    return plain_picture(values, float(values.max(initial=0.0)) or 1.0)


def _usual_reach(values: NDArray[Any]) -> float:
    sizes = np.abs(values).ravel()
    last = int(USUAL_SHARE * (len(sizes) - 1))
    usual = float(np.partition(sizes, last)[last])
    # Of a single bright point hardly anything is usual.
    return usual if usual > 0.0 else float(sizes.max(initial=0.0))


def _picture(
    bytes_: NDArray[np.uint8], colours: Any, values: NDArray[Any], reach: float
) -> Picture:
    if len(bytes_) == 3:
        pixels, colours = np.ascontiguousarray(bytes_.transpose(1, 2, 0)), "rgb"
    else:
        pixels = np.ascontiguousarray(bytes_[0])
    kept = np.asarray(values, dtype=np.float64)
    kept = kept if not kept.flags.writeable else kept.copy()
    for array in (pixels, kept):
        array.flags.writeable = False
    return Picture(pixels, colours, kept, reach)
