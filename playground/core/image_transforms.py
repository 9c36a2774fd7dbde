"""Moving a picture about: turned, shifted, scaled, blurred, faded out towards its edges.

What the transform makes of each (Bracewell, "Two-Dimensional Imaging", 1995, chapter 4):

    turned by θ        its spectrum is turned by θ
    shifted by (a, b)  magnitudes stay, phases turn by −2π(a·k/h + b·l/w)
    scaled by s        its spectrum is scaled by 1/s
    blurred, width σ   its spectrum is multiplied by exp(−2π²σ²r²)

Pictures are (…, h, w) arrays; nothing is written into them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.core.fourier import inverse, radii, spectrum

Floats = NDArray[np.float64]


def turned_and_scaled(image: NDArray[Any], degrees: float, scale: float = 1.0) -> Floats:
    """Return the picture turned counter-clockwise about its middle and scaled about it.

    Values between pixels are interpolated linearly; what comes from outside is the mean of each
    channel, so that the outline of the turned picture is seen in its spectrum as well.
    """
    height, width = image.shape[-2:]
    if degrees % 360.0 == 0.0 and scale == 1.0:
        return np.array(image, dtype=np.float64)
    rows = np.arange(height)[:, None] - (height - 1) / 2.0
    columns = np.arange(width)[None, :] - (width - 1) / 2.0
    # Exact at quarters, where cos and sin of radians are not.
    cos, sin = _quarter_exact(degrees)
    from_y = (columns * sin + rows * cos) / scale + (height - 1) / 2.0
    from_x = (columns * cos - rows * sin) / scale + (width - 1) / 2.0
    return _between_pixels(np.asarray(image, dtype=np.float64), from_y, from_x)


def shifted(image: NDArray[Any], right: int, down: int) -> Floats:
    """Return the picture shifted by whole pixels; what leaves at one side enters at the other."""
    return np.roll(np.asarray(image, dtype=np.float64), (down, right), axis=(-2, -1))


def blurred(image: NDArray[Any], sigma: float) -> Floats:
    """Return the picture blurred by a Gaussian of width ``sigma`` pixels, with circular border."""
    if sigma <= 0.0:
        return np.array(image, dtype=np.float64)
    height, width = image.shape[-2:]
    damping = np.exp(-2.0 * (math.pi * sigma * radii((height, width))) ** 2)
    return inverse(spectrum(image) * damping)


def faded(image: NDArray[Any]) -> Floats:
    """Return the picture faded into its mean towards the edges by a Hann window.

    w(t) = ½(1 − cos(2πt)),  t the place from edge to edge, 0 … 1
    """
    windows = []
    for side in image.shape[-2:]:
        t = (np.arange(side) + 0.5) / side
        windows.append(0.5 * (1.0 - np.cos(2.0 * np.pi * t)))
    window = windows[0][:, None] * windows[1][None, :]
    mean = image.mean(axis=(-2, -1), keepdims=True)
    return np.asarray(mean + (image - mean) * window, dtype=np.float64)


def _quarter_exact(degrees: float) -> tuple[float, float]:
    quarters, rest = divmod(degrees, 90.0)
    cos, sin = math.cos(math.radians(rest)), math.sin(math.radians(rest))
    for _ in range(int(quarters) % 4):
        cos, sin = -sin, cos
    return cos, sin


def _between_pixels(image: Floats, from_y: Floats, from_x: Floats) -> Floats:
    """Return bilinear values of a (…, h, w) picture at (h, w) places, its mean outside."""
    height, width = image.shape[-2:]
    flat = image.reshape(-1, height, width)
    framed = np.empty((len(flat), height + 2, width + 2))
    framed[:] = flat.mean(axis=(-2, -1), keepdims=True)
    framed[:, 1:-1, 1:-1] = flat
    # A hair inside the frame, so that the pixel below and to the right always exists.
    y = np.clip(from_y + 1.0, 0.0, height + 1.0 - 1e-9)
    x = np.clip(from_x + 1.0, 0.0, width + 1.0 - 1e-9)
    top, left = y.astype(np.intp), x.astype(np.intp)
    low, right = y - top, x - left
    upper = framed[:, top, left] * (1.0 - right) + framed[:, top, left + 1] * right
    lower = framed[:, top + 1, left] * (1.0 - right) + framed[:, top + 1, left + 1] * right
    return np.asarray((upper * (1.0 - low) + lower * low).reshape(image.shape))
