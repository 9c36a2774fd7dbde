"""Pictures made from a formula: gratings, checkerboard, step edge, impulse, noise and text.

All are (1, size, size) float64 (noise: one or three channels). Distances are in pixels from the
pixel (size // 2, size // 2), x to the right and y upwards, which is also where a centred spectrum
has its frequency 0. A contrast C spreads brightness over 0.5 ± C/2.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from playground.assets_path import asset
from playground.core.random_streams import Streams

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FONT: Final = ("fonts", "Inter-SemiBold.otf")
_MARGIN: Final = 0.08
"""Share of the side that text leaves free at the left and at the right."""
_TRIAL_POINTS: Final = 100.0


def gratings(
    size: int, period: float, angle: float, contrast: float = 1.0, *, crossed: bool = False
) -> NDArray[np.float64]:
    """Return ½ + C/2·cos(2π d/period), d the distance along a direction in degrees.

    ``crossed`` takes the mean with a second wave at right angles.
    """
    wave = _wave(size, period, angle)
    if crossed:
        wave = (wave + _wave(size, period, angle + 90.0)) / 2.0
    return (0.5 + contrast / 2.0 * wave)[None]


def checkerboard(size: int, period: float, contrast: float = 1.0) -> NDArray[np.float64]:
    """Return cells of half a period; the one that begins at the upper left pixel is bright."""
    cells = np.floor(2.0 * np.arange(size) / period).astype(np.int64)
    bright = (cells[:, None] + cells) % 2 == 0
    return _two_levels(bright, contrast)


def step_edge(size: int, angle: float, contrast: float = 1.0) -> NDArray[np.float64]:
    """Return a half-plane that is bright in the direction ``angle`` (0°: right, 90°: up)."""
    x, y = _axes(size)
    turned = math.radians(angle)
    # A little before the middle: the pixel in the middle counts as bright whatever the rounding.
    bright = x * math.cos(turned) + y * math.sin(turned) > -1e-9
    return _two_levels(bright, contrast)


def impulse(size: int, height: float = 1.0) -> NDArray[np.float64]:
    """Return zeros with one pixel of the given height in the middle."""
    picture = np.zeros((1, size, size))
    picture[0, size // 2, size // 2] = height
    return picture


def noise(size: int, contrast: float, draw: int, channels: int = 1) -> NDArray[np.float64]:
    """Return (channels, size, size) independent uniform values within 0.5 ± C/2."""
    values = Streams(draw).numpy("noise").random((channels, size, size))
    picture: NDArray[np.float64] = 0.5 + contrast * (values - 0.5)
    return picture


def written(size: int, text: str, contrast: float = 1.0) -> NDArray[np.float64]:
    """Return dark letters on a bright ground, as large as fits; blank for an empty text."""
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("L", (size, size), 0)
    shown = text.strip()
    trial = ImageFont.truetype(asset(*_FONT), _TRIAL_POINTS).getmask(shown).getbbox()
    if trial is not None:
        left, top, right, bottom = trial
        room = size * (1.0 - 2.0 * _MARGIN)
        points = max(1.0, _TRIAL_POINTS * room / max(right - left, bottom - top))
        # Drawn with room to spare and put in the middle by what is black: the font's own box of a
        # text has its bearings in it.
        sheet = Image.new("L", (2 * size, 2 * size), 0)
        font = ImageFont.truetype(asset(*_FONT), points)
        ImageDraw.Draw(sheet).text((size / 2, size), shown, fill=255, font=font, anchor="lm")
        letters = sheet.crop(sheet.getbbox())
        page.paste(letters, ((size - letters.width) // 2, (size - letters.height) // 2))
    ink = np.asarray(page, dtype=np.float64) / 255.0
    picture: NDArray[np.float64] = 0.5 + contrast * (0.5 - ink)
    return picture[None]


def _wave(size: int, period: float, angle: float) -> NDArray[np.float64]:
    x, y = _axes(size)
    turned = math.radians(angle)
    wave: NDArray[np.float64] = np.cos(
        2.0 * math.pi * (x * math.cos(turned) + y * math.sin(turned)) / period
    )
    return wave


def _axes(size: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return x (1, size) to the right and y (size, 1) upwards."""
    place = np.arange(size, dtype=np.float64) - size // 2
    return place[None, :], -place[:, None]


def _two_levels(bright: NDArray[np.bool_], contrast: float) -> NDArray[np.float64]:
    return np.where(bright, 0.5 + contrast / 2.0, 0.5 - contrast / 2.0)[None]
