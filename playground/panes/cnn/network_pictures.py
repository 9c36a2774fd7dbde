"""Small arrays as pictures: values become places in a colour table, which the theme provides."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from playground.ui.theme import theme

if TYPE_CHECKING:
    from numpy.typing import NDArray

Scale = Literal["diverging", "scalar", "grey"]
"""``"diverging"`` is centred on zero, the others run from the least to the most."""

TABLE_STEPS = 256


def levels_of(values: NDArray[Any], scale: Scale) -> tuple[float, float]:
    """Return the values at both ends of the colours; symmetrical about zero when diverging."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return (-1.0, 1.0) if scale == "diverging" else (0.0, 1.0)
    low, high = float(finite.min()), float(finite.max())
    if scale == "diverging":
        reach = max(abs(low), abs(high), 1e-12)
        return -reach, reach
    return (low, high) if high > low else (low, low + 1.0)


def table_places(values: NDArray[Any], levels: tuple[float, float]) -> NDArray[np.uint8]:
    """Return the place of every value in a table of 256 colours; NaN lies in its middle."""
    low, high = levels
    shares = (np.asarray(values, dtype=np.float32) - low) / (high - low)
    shares = np.nan_to_num(shares, nan=0.5, posinf=1.0, neginf=0.0)
    places = np.clip(np.rint(shares * (TABLE_STEPS - 1)), 0, TABLE_STEPS - 1)
    found: NDArray[np.uint8] = places.astype(np.uint8)
    return found


def as_pixels(images: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return pixels 0…255 of images whose values are 0…1."""
    found: NDArray[np.uint8] = np.rint(np.clip(images, 0.0, 1.0) * 255.0).astype(np.uint8)
    return found


def pixel_colours(pixels: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return (n, rows, columns) colours of (n, channels, rows, columns) grey or RGB pixels."""
    last = pixels.shape[1] - 1
    return _packed(*(pixels[:, min(channel, last)] for channel in range(3)))


@functools.lru_cache(maxsize=8)
def colour_table(scale: Scale, theme_name: str) -> NDArray[np.uint32]:  # noqa: ARG001 - the key
    """Return the 256 colours of a scale in a theme, 0xAARRGGBB."""
    if scale == "grey":
        steps = np.arange(TABLE_STEPS, dtype=np.uint8)
        return _packed(steps, steps, steps)
    tokens = theme().tokens
    table = tokens.diverging_map if scale == "diverging" else tokens.scalar_map
    return _packed(*table[:, :3].T)


def _packed(
    red: NDArray[np.uint8], green: NDArray[np.uint8], blue: NDArray[np.uint8]
) -> NDArray[np.uint32]:
    """Return opaque colours of three channels, as Qt counts them."""
    found = np.full(red.shape, 0xFF, dtype=np.uint32)
    for channel in (red, green, blue):
        found = (found << np.uint32(8)) | channel.astype(np.uint32)
    return found
