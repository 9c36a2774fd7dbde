"""Masks over a centred spectrum: which frequencies pass, wholly, in part or not at all.

A mask is a (h, w) array of 0 … 1 by which a spectrum is multiplied. All masks made here are equal
at opposite frequencies (k, l) and (−k, −l): only then the filtered picture is real again.

    low pass     1 up to the radius, then falling to 0 over the softness w as
                 ½(1 + cos(π·t)),  t = (r − (radius − w/2)) / w  from 0 to 1
    high pass    1 − low pass
    band pass    low pass of the outer radius · high pass of the inner one

A sharp edge (w = 0) lets the picture ring beside its contours; a soft one does not (Gonzalez and
Woods, "Digital Image Processing", 4th edition, sections 4.8 and 4.9).

Painted masks travel as text: ``"4x6:9,2,13"`` are 4 rows of 6, read row by row: 9 that pass, 2 that
do not, 13 that pass.
"""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from playground.core.fourier import frequencies, opposite

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LARGEST_RADIUS: Final = 0.71
"""Cycles per pixel: just beyond the corners of every spectrum."""
NARROWEST: Final = 1e-6
"""An edge of less width, in cycles per pixel, is sharp."""
LARGEST_SIDE: Final = 1024
MAX_TEXT: Final = 1_500_000
_PAINTED: Final = re.compile(r"(\d{1,4})x(\d{1,4}):(\d{1,7}(?:,\d{1,7})*)")


class MaskError(ValueError):
    """Says in one sentence why a text is no painted mask."""


def low_pass(radii: NDArray[Any], radius: float, softness: float = 0.0) -> Floats:
    """Return the mask that lets frequencies up to ``radius`` (cycles per pixel) pass.

    ``softness`` is the width of the edge in cycles per pixel, centred on the radius; 0 is sharp.
    The mean always passes.
    """
    if softness < NARROWEST:
        # Which ring just passes must not depend on rounding.
        mask = (radii <= radius + 1e-12).astype(np.float64)
    else:
        t = np.clip((radii - (radius - softness / 2.0)) / softness, 0.0, 1.0)
        mask = 0.5 * (1.0 + np.cos(np.pi * t))
    mask[radii == 0.0] = 1.0
    return mask


def high_pass(radii: NDArray[Any], radius: float, softness: float = 0.0) -> Floats:
    """Return the mask that lets frequencies beyond ``radius`` pass; the mean never does."""
    return 1.0 - low_pass(radii, radius, softness)


def band_pass(radii: NDArray[Any], inner: float, outer: float, softness: float = 0.0) -> Floats:
    """Return the mask that lets frequencies between two radii pass, in either order."""
    low, high = sorted((inner, outer))
    return low_pass(radii, high, softness) * high_pass(radii, low, softness)


def symmetrical(mask: Flags) -> Flags:
    """Return the mask with everything closed whose opposite frequency is closed."""
    return np.asarray(mask & opposite(mask))


def dabbed(mask: Flags, place: tuple[float, float], radius: float, *, passes: bool) -> Flags:
    """Return a painted mask with one round dab of the brush, and another at the opposite frequency.

    Parameters
    ----------
    mask
        (h, w), True where frequencies pass.
    place
        Vertical and horizontal frequency of the middle, in cycles per pixel.
    radius
        Of the brush, in cycles per pixel; the nearest frequency is always painted.
    passes
        True lets pass what is painted, False closes it.
    """
    vertical, horizontal = frequencies((mask.shape[0], mask.shape[1]))
    near = (vertical - place[0]) ** 2 + (horizontal - place[1]) ** 2
    dab = near <= max(radius**2, float(near.min()))
    dab |= opposite(dab)
    return np.where(dab, passes, mask)


def encode_mask(mask: Flags) -> str:
    """Return a (h, w) mask as text; inverse of :func:`decode_mask`."""
    flat = np.asarray(mask, dtype=np.bool_).ravel()
    ends = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff(np.concatenate(([0], ends, [flat.size]))).tolist()
    if flat.size and not flat[0]:
        runs.insert(0, 0)
    return f"{mask.shape[0]}x{mask.shape[1]}:{','.join(map(str, runs))}"


def decode_mask(text: str) -> Flags:
    """Return the (h, w) mask of a text, closed wherever the opposite frequency is closed.

    Raises
    ------
    MaskError
        If the text is none, too long, of a side beyond 1,024, or its runs do not fill the mask.
    """
    if len(text) > MAX_TEXT:
        raise MaskError(f"A painted mask has at most {MAX_TEXT:,} letters (got {len(text):,}).")
    found = _PAINTED.fullmatch(text)
    if found is None:
        raise MaskError(
            "A painted mask is written as rows, x, columns, a colon and runs that pass and do not "
            "pass in turn, such as “4x6:9,2,13”."
        )
    height, width = int(found[1]), int(found[2])
    if not (1 <= height <= LARGEST_SIDE and 1 <= width <= LARGEST_SIDE):
        raise MaskError(
            f"A painted mask has 1 to {LARGEST_SIDE:,} rows and columns (got {height} × {width})."
        )
    runs = np.array(found[3].split(","), dtype=np.int64)
    if int(runs.sum()) != height * width:
        raise MaskError(
            f"The runs of a painted mask of {height} × {width} must add up to {height * width:,} "
            f"(got {int(runs.sum()):,})."
        )
    passes = np.arange(len(runs)) % 2 == 0
    return symmetrical(np.repeat(passes, runs).reshape(height, width))


def resized_mask(mask: Flags, shape: tuple[int, int]) -> Flags:
    """Return a mask for a spectrum of another size: each frequency asks the nearest one."""
    if mask.shape == shape:
        return mask
    picked = []
    for side, values in zip(mask.shape, frequencies(shape), strict=True):
        places = np.rint(values.ravel() * side).astype(np.int64) + side // 2
        picked.append(np.clip(places, 0, side - 1))
    return symmetrical(mask[np.ix_(*picked)])
