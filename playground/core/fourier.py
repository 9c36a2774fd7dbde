"""The discrete Fourier transform of pictures: spectra, single waves, energy, sampling, the theorem.

    F(k, l) = Σ_y Σ_x f(y, x) · exp(−2πi (k·y/h + l·x/w))

A picture of h × w pixels is a sum of h · w waves; F holds how strong each is and where its crests
lie. All spectra here are *centred* (the mean stands in the middle, at row ``h // 2``, column
``w // 2``), frequencies are in cycles per pixel, −½ up to ½, and pictures that have channels keep
them in front: everything works on the last two axes.

The transform takes every picture for one tile of an endless, periodic pattern. Hence the
convolution theorem holds for the circular border, F(f∗g) = F(f) · F(g), and hence edges that do not
fit together show up as a cross of lines through the middle of the spectrum (Gonzalez and Woods,
"Digital Image Processing", 4th edition, sections 4.5 and 4.6).
"""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

DECADES: Final = 5.0
"""Powers of ten that a picture of a spectrum spans from black to the brightest."""
AXES: Final = (-2, -1)


def spectrum(image: NDArray[Any]) -> Complexes:
    """Return the centred spectrum of a real (…, h, w) picture, complex (…, h, w)."""
    return np.asarray(np.fft.fftshift(np.fft.fft2(image, axes=AXES), axes=AXES))


def inverse(centred: Complexes) -> Floats:
    """Return the real (…, h, w) picture of a centred spectrum; what is imaginary is left out.

    The imaginary part is rounding error exactly when the spectrum is Hermitian, as it is of real
    pictures times masks that are equal at opposite frequencies.
    """
    return np.asarray(np.fft.ifft2(np.fft.ifftshift(centred, axes=AXES), axes=AXES).real)


def frequencies(shape: tuple[int, int]) -> tuple[Floats, Floats]:
    """Return the (h, 1) vertical and (1, w) horizontal frequencies in cycles per pixel."""
    vertical, horizontal = (np.fft.fftshift(np.fft.fftfreq(side)) for side in shape)
    return vertical[:, None], horizontal[None, :]


def radii(shape: tuple[int, int]) -> Floats:
    """Return the (h, w) distance of every frequency from zero, 0 … √½ cycles per pixel."""
    return np.asarray(np.hypot(*frequencies(shape)))


def log_magnitude(centred: Complexes, reference: float | None = None) -> Floats:
    """Return the magnitudes in 0 … 1 on a logarithmic scale of :data:`DECADES` powers of ten.

    ``reference`` is the magnitude that becomes 1, the largest where left out; spectra that are to
    be compared need the same one. Smaller magnitudes than the scale reaches are 0.
    """
    magnitude = np.abs(centred)
    top = float(magnitude.max(initial=0.0)) if reference is None else reference
    if top <= 0.0:
        return np.zeros(centred.shape)
    floor = top * 10.0**-DECADES
    return np.asarray(np.clip(1.0 + np.log10(np.maximum(magnitude, floor) / top) / DECADES, 0, 1))


def power(centred: Complexes) -> Floats:
    """Return |F|² summed over channels, (h, w)."""
    squares = np.square(centred.real) + np.square(centred.imag)
    return np.asarray(squares.reshape(-1, *centred.shape[-2:]).sum(axis=0))


def varying_energy(powers: NDArray[Any]) -> float:
    """Return the energy Σ|F|² of a centred (h, w) power spectrum without the mean.

    The mean only says how bright a picture is; it would outweigh all that there is to see.
    """
    height, width = powers.shape
    return max(0.0, float(powers.sum()) - float(powers[height // 2, width // 2]))


def opposite(values: NDArray[Any]) -> NDArray[Any]:
    """Return a centred (…, h, w) array with every value at its opposite frequency (−k, −l)."""
    turned = values[..., ::-1, ::-1]
    # Of an even side the lowest frequency, −½, has no opposite: it is its own.
    by = tuple(1 - side % 2 for side in values.shape[-2:])
    return np.roll(turned, by, axis=AXES)


class Wave(NamedTuple):
    """One wave of a picture, together with its mirror image at the opposite frequency.

    Parameters
    ----------
    vertical, horizontal
        Frequency in cycles per pixel; downwards and to the right are positive.
    period
        Pixels from crest to crest; infinite for the mean.
    angle
        Direction across the crests in degrees, counter-clockwise from the right, 0 … 180.
    magnitude, phase
        |F| and the angle of F in radians, −π … π.
    amplitude
        Height of the wave in the picture: 2|F| / (h·w), half of that where it is its own opposite.
    """

    vertical: float
    horizontal: float
    period: float
    angle: float
    magnitude: float
    phase: float
    amplitude: float

    def heights(self, rows: Floats, columns: Floats) -> Floats:
        """Return cos(2π(v·y + u·x) + φ) at these places, −1 … 1."""
        turns = self.vertical * rows + self.horizontal * columns
        return np.asarray(np.cos(2.0 * math.pi * turns + self.phase))


def wave_at(shape: tuple[int, int], row: int, column: int, coefficient: complex) -> Wave:
    """Return the wave that the coefficient at a place of a centred spectrum stands for."""
    height, width = shape
    up, right = row - height // 2, column - width // 2
    vertical, horizontal = up / height, right / width
    length = math.hypot(vertical, horizontal)
    # Zero, and ±½ of even sides, are their own opposites.
    alone = (2 * up) % height == 0 and (2 * right) % width == 0
    magnitude = abs(coefficient)
    return Wave(
        vertical=vertical,
        horizontal=horizontal,
        period=1.0 / length if length else math.inf,
        angle=math.degrees(math.atan2(-vertical, horizontal)) % 180.0 if length else 0.0,
        magnitude=magnitude,
        phase=math.atan2(coefficient.imag, coefficient.real),
        amplitude=(1.0 if alone else 2.0) * magnitude / (height * width),
    )


def circular_convolution(image: NDArray[Any], kernel: NDArray[Any]) -> Floats:
    """Return f∗g with the circular border, computed by its sum, without any transform.

        (f∗g)(y, x) = Σ_i Σ_j g(i, j) · f(y − i + m, x − j + n),   indices of f modulo h and w

    (m, n) = (rows // 2, columns // 2) is the middle of the (rows, columns) kernel. ``image`` may
    have channels in front; kernels larger than it are wrapped around as often as it takes.
    """
    height, width = image.shape[-2:]
    rows, columns = kernel.shape
    # A frame of wrapped pixels: slices of it cost less than rolling the whole picture every time.
    down, right = np.arange(height + rows - 1), np.arange(width + columns - 1)
    framed = np.asarray(image, dtype=np.float64)
    framed = framed.take((down + rows // 2 - rows + 1) % height, axis=-2)
    framed = framed.take((right + columns // 2 - columns + 1) % width, axis=-1)
    found, part = np.zeros(image.shape), np.empty(image.shape)
    for i in range(rows):
        for j in range(columns):
            weight = float(kernel[i, j])
            if weight != 0.0:
                top, left = rows - 1 - i, columns - 1 - j
                here = framed[..., top : top + height, left : left + width]
                found += np.multiply(here, weight, out=part)
    return found


def spread_kernel(kernel: NDArray[Any], shape: tuple[int, int]) -> Floats:
    """Return the kernel as a (h, w) picture, its middle at (0, 0), the rest wrapped around."""
    spread = np.zeros(shape)
    rows, columns = kernel.shape
    at = np.arange(rows) - rows // 2, np.arange(columns) - columns // 2
    places = np.ix_(at[0] % shape[0], at[1] % shape[1])
    # A kernel larger than the picture overlaps itself.
    np.add.at(spread, places, kernel)
    return spread


def kernel_spectrum(kernel: NDArray[Any], shape: tuple[int, int]) -> Complexes:
    """Return the centred spectrum G by which the kernel multiplies that of a (h, w) picture."""
    return spectrum(spread_kernel(kernel, shape))


def largest_sampled_shape(shape: tuple[int, int], stride: int) -> tuple[int, int]:
    """Return the (h, w) of a picture cut to multiples of the stride."""
    return shape[0] // stride * stride, shape[1] // stride * stride


def sampled(image: NDArray[Any], stride: int) -> Floats:
    """Return every ``stride``-th pixel of a picture cut to multiples of the stride."""
    height, width = largest_sampled_shape(image.shape[-2:], stride)
    return np.array(image[..., :height:stride, :width:stride], dtype=np.float64)


def folded(centred: Complexes, stride: int) -> Complexes:
    """Return the spectrum of every ``stride``-th pixel, made from the spectrum of all.

        F_s(k, l) = 1/s² · Σ_a Σ_b F(k + a·h/s, l + b·w/s)

    Frequencies that do not fit into ±1/(2s) cycles per pixel fold back on those that do:
    aliasing. Both sides must be multiples of the stride.
    """
    height, width = centred.shape[-2:]
    plain = np.fft.ifftshift(centred, axes=AXES)
    parts = plain.reshape(*centred.shape[:-2], stride, height // stride, stride, width // stride)
    return np.asarray(np.fft.fftshift(parts.sum(axis=(-4, -2)) / stride**2, axes=AXES))


def interpolated(samples: NDArray[Any], stride: int) -> Floats:
    """Return the smoothest picture through the samples: their spectrum, and zeros around it.

    It is what the samples say: equal to the picture they were taken from exactly when that had no
    frequency beyond ±1/(2·stride) cycles per pixel (the sampling theorem).
    """
    height, width = samples.shape[-2:]
    whole = np.zeros((*samples.shape[:-2], height * stride, width * stride), dtype=np.complex128)
    top = height * stride // 2 - height // 2
    left = width * stride // 2 - width // 2
    whole[..., top : top + height, left : left + width] = spectrum(samples) * stride**2
    return inverse(whole)


def fitting_band(shape: tuple[int, int], stride: int) -> NDArray[np.bool_]:
    """Return the (h, w) frequencies that every ``stride``-th pixel can still tell apart.

    Below 1/(2·stride) cycles per pixel in both directions; of stride 1 all of them.
    """
    if stride == 1:
        return np.ones(shape, dtype=np.bool_)
    vertical, horizontal = (np.abs(values) < 0.5 / stride for values in frequencies(shape))
    return np.asarray(vertical & horizontal)


def axis_share(powers: NDArray[Any], from_frequency: float = 0.0) -> float:
    """Return the share of the energy on the two axes of a centred (h, w) power spectrum.

    Left and right, top and bottom edges that do not fit together put it there. Frequencies below
    ``from_frequency`` (cycles per pixel) and the mean are left out: few waves are that coarse, and
    many of those are on the axes anyway.
    """
    height, width = powers.shape
    counted = np.where(radii((height, width)) >= max(from_frequency, 1e-12), powers, 0.0)
    whole = float(counted.sum())
    if whole <= 0.0:
        return 0.0
    return float(counted[height // 2].sum() + counted[:, width // 2].sum()) / whole
