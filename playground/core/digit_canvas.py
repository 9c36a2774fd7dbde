"""What a network sees of a drawing: the digit cut out, scaled and centred like those it learnt.

MNIST: the digit is fitted into a box of 20×20 pixels without distorting it, grey levels come from
smoothing, and its centre of mass is put into the centre of 28×28 pixels.

Digits of 8×8: the digit is straightened, fitted into a box 20 wide and 32 high inside a bitmap of
32×32 pixels, its strokes are made as thick as all of those digits have them, and the inked pixels
are counted in blocks of 4×4, which gives numbers 0…16.

A photograph is made grey and freed of the slow changes of light over the paper; ink is what stands
out from it by more than the threshold of Otsu, whether dark on bright or bright on dark.

Sources: Y. LeCun, C. Cortes and C. Burges, "The MNIST database of handwritten digits"; E. Alpaydin
and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998,
who took the bitmaps of M. Garris et al., "NIST form-based handprint recognition system", 1994; N.
Otsu, "A threshold selection method from gray-level histograms", 1979, formula (12).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SMALL_SIDE: Final = 8
_BITMAP: Final = 32
_BLOCK: Final = 4
_WIDTH: Final = 20
_STRETCH: Final = 2.5
"""A digit is widened or narrowed against its height by no more than this."""
_INK_SHARE: Final = 0.3
"""Mean of all pixels of the embedded digits: 0.305, and nearly the same for every class."""
_STEEPEST: Final = 0.7
_BOX: Final = 20 / 28
_LEAST_INK: Final = 0.3
"""Fainter pixels than this count as paper when the digit is cut out."""
_LARGEST_PHOTO: Final = 256
_LEAST_CONTRAST: Final = 0.08
_SPECK: Final = 0.1
"""Spots with less ink than this share of the largest one are dirt, not strokes."""
_GREY: Final = (0.299, 0.587, 0.114)


def network_input(ink: NDArray[np.floating], side: int) -> NDArray[np.float32] | None:
    """Return what a network for images of that side sees of a drawing; None of an empty one.

    Parameters
    ----------
    ink
        (height, width) in 0…1: 1 where the pen drew.
    side
        8 for the embedded digits, 28 for MNIST; other sides are made like MNIST.

    Returns
    -------
    numpy.ndarray
        (side, side) float32 in 0…1.
    """
    return as_small_digit(ink) if side == SMALL_SIDE else as_mnist(ink, side)


def as_mnist(ink: NDArray[np.floating], side: int = 28) -> NDArray[np.float32] | None:
    """Return a drawing as MNIST has its digits, (side, side) in 0…1; None of an empty one."""
    digit = _cut_out(ink)
    if digit is None:
        return None
    small = _fitted(digit, max(1, round(side * _BOX)))
    rows, columns = small.sum(1), small.sum(0)
    total = small.sum()
    seen = np.zeros((side, side))
    top, left = (
        _start(float(weights @ (np.arange(len(weights)) + 0.5) / total), len(weights), side)
        for weights in (rows, columns)
    )
    seen[top : top + small.shape[0], left : left + small.shape[1]] = small
    return seen.astype(np.float32)


def as_small_digit(ink: NDArray[np.floating]) -> NDArray[np.float32] | None:
    """Return a drawing as the embedded digits are, (8, 8) in sixteenths; None of an empty one."""
    digit = _cut_out(ink)
    if digit is None:
        return None
    upright = _cut_out(_straightened(_fitted(digit, 2 * _BITMAP)))
    if upright is None:
        return None
    across, down = _WIDTH / upright.shape[1], _BITMAP / upright.shape[0]
    across, down = min(across, _STRETCH * down), min(down, _STRETCH * across)
    height, width = (
        max(1, round(size * scale))
        for size, scale in zip(upright.shape, (down, across), strict=True)
    )
    bitmap = np.zeros((_BITMAP, _BITMAP))
    top, left = (_BITMAP - height) // 2, (_BITMAP - width) // 2
    bitmap[top : top + height, left : left + width] = _resized(upright, height, width)
    counts: NDArray[np.float64] = (
        _thickened(bitmap).reshape(SMALL_SIDE, _BLOCK, SMALL_SIDE, _BLOCK).sum((1, 3))
    )
    return (counts / _BLOCK**2).astype(np.float32)


def ink_of_photo(pixels: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """Return the ink (height, width) in 0…1 on a photograph; None where nothing stands out.

    Parameters
    ----------
    pixels
        (height, width, channels) with one grey channel or three of colour; the result is smaller
        where a side is longer than 256.
    """
    # Of a large photograph every n-th pixel is enough: strokes are far wider.
    every = max(1, max(pixels.shape[:2]) // (2 * _LARGEST_PHOTO))
    grey = _grey(pixels[::every, ::every])
    shrink = min(1.0, _LARGEST_PHOTO / max(grey.shape))
    if shrink < 1.0:
        grey = _resized(grey, *(max(1, round(size * shrink)) for size in grey.shape))
    flat = grey - _light(grey)
    if flat.max() - flat.min() < _LEAST_CONTRAST:
        return None
    threshold = _otsu(flat)
    bright = flat > threshold
    # Ink covers less of the picture than the paper that it is on.
    if bright.mean() > 0.5:
        flat, threshold, bright = -flat, -threshold, ~bright
    inked = float(flat[bright].mean()) if bright.any() else threshold
    paper = float(flat[~bright].mean()) if not bright.all() else threshold
    if inked - paper < _LEAST_CONTRAST:
        return None
    # Half-way to the paper a pixel is half covered.
    ink = np.clip((flat - paper) / (inked - paper), 0.0, 1.0)
    return _without_specks(np.where(ink > 0.25, ink, 0.0))


def _cut_out(ink: NDArray[np.floating]) -> NDArray[np.float64] | None:
    """Return the smallest rectangle with all the ink, the darkest of it 1."""
    values = np.clip(np.nan_to_num(np.asarray(ink, dtype=np.float64)), 0.0, 1.0)
    if not values.size or values.max() < _LEAST_INK:
        return None
    values /= values.max()
    drawn = values >= _LEAST_INK
    rows, columns = np.flatnonzero(drawn.any(1)), np.flatnonzero(drawn.any(0))
    digit: NDArray[np.float64] = values[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return digit


def _fitted(digit: NDArray[np.float64], box: int) -> NDArray[np.float64]:
    """Return the digit scaled so that its longer side is that of the box, the darkest of it 1."""
    scale = box / max(digit.shape)
    small = _resized(digit, *(max(1, round(size * scale)) for size in digit.shape))
    return np.asarray(small / small.max(), dtype=np.float64)


def _straightened(digit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the digit sheared upright: its ink leans neither way on the whole."""
    height, width = digit.shape
    y, x = np.indices(digit.shape) - 0.0
    total = digit.sum()
    middle = float((y * digit).sum() / total)
    centre = float((x * digit).sum() / total)
    spread = float(((y - middle) ** 2 * digit).sum())
    together = float(((y - middle) * (x - centre) * digit).sum())
    lean = float(np.clip(together / max(spread, 1e-9), -_STEEPEST, _STEEPEST))
    room = int(abs(lean) * height) + 1
    places = np.arange(-room, width + room)
    return np.stack(
        [
            np.interp(places + lean * (row - middle), np.arange(width), digit[row], 0.0, 0.0)
            for row in range(height)
        ]
    )


def _thickened(bitmap: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which pixels are inked so that the usual share of them is."""
    steps = np.arange(len(bitmap))
    blur = np.exp(-0.5 * ((steps[:, None] - steps[None, :]) / 1.5) ** 2)
    smooth = blur @ bitmap @ blur.T
    return smooth > max(float(np.quantile(smooth, 1.0 - _INK_SHARE)), 0.02 * float(smooth.max()))


def _start(centre: float, size: int, side: int) -> int:
    """Return where a piece begins so that its centre of mass comes to the middle pixel.

    That is the one numbered side/2 from 0: in the 10,000 test digits the mean is 14.0, both ways.
    A tenth is taken off, or the last digit of the sum would place whatever is symmetric.
    """
    return min(max(round(side / 2 + 0.4 - centre), 0), side - size)


def _resized(image: NDArray[np.float64], height: int, width: int) -> NDArray[np.float64]:
    """Return the image in another size; each number is a mean of those it stands for."""
    return _resampled(_resampled(image, height).T, width).T


def _resampled(image: NDArray[np.float64], after: int) -> NDArray[np.float64]:
    """Return as many rows as wanted: interpolated linearly, smoothed where they become fewer.

    Written as a sum over the few rows that each new one is made of, and not as a product of
    matrices: numpy's would wait for threads of its own while training keeps the cores busy.
    """
    before = len(image)
    scale = before / after
    reach = max(1.0, scale)
    centres = (np.arange(after) + 0.5) * scale - 0.5
    rows = np.ceil(centres - reach).astype(int)[:, None] + np.arange(int(2 * reach) + 1)
    weights = np.maximum(0.0, 1.0 - np.abs(rows - centres[:, None]) / reach)
    weights[(rows < 0) | (rows >= before)] = 0.0
    weights /= weights.sum(1, keepdims=True)
    chosen = image[np.clip(rows, 0, before - 1)]
    resampled: NDArray[np.float64] = np.einsum("ab,abc->ac", weights, chosen)
    return resampled


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    values = np.asarray(pixels, dtype=np.float64) / 255.0
    if values.ndim == 2:
        return values
    if values.shape[2] < 3:
        return values[:, :, 0]
    grey: NDArray[np.float64] = values[:, :, :3] @ np.array(_GREY)
    return grey


def _light(grey: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how bright the paper is at each pixel: a quadratic surface through most of them."""
    height, width = grey.shape
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], axis=-1).reshape(-1, 6)
    values = grey.reshape(-1)
    middle = float(np.median(values))
    fit = np.array([middle, 0.0, 0.0, 0.0, 0.0, 0.0])
    for _ in range(4):
        rest = values - terms @ fit
        # What is far from the surface is ink; it must not bend it.
        spread = max(2.0 * float(np.median(np.abs(rest))), 1e-3)
        near = np.abs(rest) <= spread
        if near.sum() < 12:
            break
        fit = np.linalg.lstsq(terms[near], values[near], rcond=None)[0]
    light: NDArray[np.float64] = (terms @ fit).reshape(height, width)
    return light


def _otsu(values: NDArray[np.float64]) -> float:
    """Return the threshold between two classes of values that lie farthest apart."""
    counts, edges = np.histogram(values, bins=128)
    centres = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)[:-1]
    above = counts.sum() - below
    sums = np.cumsum(counts * centres)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = (sums[:-1] / below - (sums[-1] - sums[:-1]) / above) ** 2
    between = np.nan_to_num(below * above * apart)
    # Between two separate classes all thresholds are equally good: the middle one is taken.
    best = np.flatnonzero(between >= between.max() * (1 - 1e-9))
    return float((edges[best[0] + 1] + edges[best[-1] + 1]) / 2)


def _without_specks(ink: NDArray[np.float64]) -> NDArray[np.float64]:
    # Imported here: only photographs need it.
    from scipy import ndimage

    spots, count = ndimage.label(ink > 0, structure=np.ones((3, 3)))
    if count < 2:
        return ink
    sums = np.asarray(ndimage.sum_labels(ink, spots, np.arange(count + 1)))
    kept: NDArray[np.float64] = np.where(sums[spots] >= _SPECK * sums[1:].max(), ink, 0.0)
    return kept
