"""Colour maps of 256 steps, made for the background they lie on.

Scalars use viridis (perceptually uniform, dark to light). Signed values use a diverging map from
the colour of class −1 over a neutral centre to the colour of class +1. It is interpolated in Oklab
(B. Ottosson, "A perceptual color space for image processing", 2020), where equal distances look
equal, so that +0.5 and −0.5 seem equally strong.
"""

from __future__ import annotations

import functools
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

ColourTable: TypeAlias = NDArray[np.uint8]
STEPS = 256

_LMS_FROM_LINEAR = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_OKLAB_FROM_LMS = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_LMS_FROM_OKLAB = np.linalg.inv(_OKLAB_FROM_LMS)
_LINEAR_FROM_LMS = np.linalg.inv(_LMS_FROM_LINEAR)


def linear_rgb(colour: str) -> NDArray[np.float64]:
    """Return the linear-light (3,) RGB in [0, 1] of a colour written ``#rrggbb``."""
    encoded = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0
    linear: NDArray[np.float64] = np.where(
        encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4
    )
    return linear


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 … 21 (WCAG 2.1, section 1.4.3)."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    dark, light = sorted(float(weights @ linear_rgb(colour)) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


@functools.cache
def scalar_map() -> ColourTable:
    """Return the (256, 4) uint8 RGBA table of viridis, read-only."""
    # Imported here: the theme must not pay for pyqtgraph before a first plot does.
    from pyqtgraph import colormap

    table = np.asarray(colormap.get("viridis").getLookupTable(nPts=STEPS, alpha=True))
    return _frozen(table.astype(np.uint8))


@functools.cache
def diverging_map(negative: str, neutral: str, positive: str) -> ColourTable:
    """Return a (256, 4) uint8 RGBA table through three colours, centred between 127 and 128."""
    ends = [_oklab(colour) for colour in (negative, neutral, positive)]
    position = np.linspace(0.0, 2.0, STEPS)
    lab = np.stack([np.interp(position, (0, 1, 2), channel) for channel in zip(*ends, strict=True)])
    linear = np.clip(_LINEAR_FROM_LMS @ (_LMS_FROM_OKLAB @ lab) ** 3, 0.0, 1.0)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    table = np.full((STEPS, 4), 255, dtype=np.uint8)
    table[:, :3] = np.rint(encoded.T * 255)
    return _frozen(table)


def _oklab(colour: str) -> NDArray[np.float64]:
    lab: NDArray[np.float64] = _OKLAB_FROM_LMS @ np.cbrt(_LMS_FROM_LINEAR @ linear_rgb(colour))
    return lab


def _frozen(table: ColourTable) -> ColourTable:
    table.setflags(write=False)
    return table
