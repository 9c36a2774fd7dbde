"""Pictures as arrays: photographs, digits and patterns that are always there, and a person's own.

A picture is a float64 array (c, h, w) of brightness, 0 black to 1 white, with one channel (grey) or
three (red, green, blue). A picture of a person travels inside a run file as text:

    "<height>x<width>x<channels>:" + base64(zlib(bytes of the uint8 array (h, w, c)))

Grey is the luma of Recommendation ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B. The photographs are
"china.jpg" and "flower.jpg" of scikit-learn (CC BY, see the README beside them).
"""

from __future__ import annotations

import base64
import binascii
import functools
import importlib.util
import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np

from playground.core import image_patterns

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

PictureName = Literal[
    "china",
    "flower",
    "digit",
    "gratings",
    "checkerboard",
    "text",
    "step edge",
    "impulse",
    "noise",
]
Colour = Literal["grey", "rgb"]
PHOTOGRAPHS: Final = ("china", "flower")
MIN_SIDE: Final = 8
"""Smallest side of a bundled picture, in pixels; one of a person may be 1×1."""
MAX_SIDE: Final = 512
DIGIT_EXAMPLES: Final = 174
"""How many examples of every digit there are (of the digit 8; of the others more)."""
LUMA: Final = np.array([0.299, 0.587, 0.114])
_MAX_TEXT: Final = 1_100_000
"""Characters that the largest picture takes when nothing can be compressed, and a little more."""
_HEAD: Final = re.compile(r"([0-9]{1,4})x([0-9]{1,4})x([13]):")


class ImageError(ValueError):
    """Says in one sentence what is wrong with a picture."""


def bundled_image(
    name: PictureName,
    size: int = 256,
    colour: Colour = "grey",
    *,
    digit: int = 3,
    example: int = 0,
    period: float = 16.0,
    angle: float = 0.0,
    contrast: float = 1.0,
    crossed: bool = False,
    text: str = "Aa",
    draw: int = 0,
    stripes: float = 0.0,
) -> NDArray[np.float64]:
    """Return a picture (1 or 3, size, size) in 0…1 that needs no file of the person.

    Parameters
    ----------
    name
        Photographs are cut to their middle square and scaled; digits (8×8) are scaled.
    size
        Side in pixels, 8 to 512.
    digit, example
        Which handwritten digit 0…9, and which of its 174 examples.
    period, angle, contrast, crossed
        Of gratings, in pixels and degrees counter-clockwise; two cells of the checkerboard are a
        period; the step edge has an angle. A contrast of 1 goes from 0 to 1 around 0.5.
    text
        What is written; the letters fill the width.
    draw
        Which noise: equal numbers give equal noise.
    stripes
        Amplitude 0…1 of a grating that is laid over photographs, digits and text; brightness is cut
        to 0…1.

    Raises
    ------
    ImageError
        For an unknown name or a size, digit or example that does not exist.
    """
    _check_name(name, size)
    if name in PHOTOGRAPHS:
        picture = _photograph(name, size)
    elif name == "digit":
        picture = _digit(digit, example, size)
    elif name == "noise":
        channels = 3 if colour == "rgb" else 1
        picture = image_patterns.noise(size, contrast, draw, channels)
    else:
        picture = _pattern(name, size, period, angle, contrast, crossed, text)
    if stripes and name in (*PHOTOGRAPHS, "digit", "text"):
        wave = image_patterns.gratings(size, period, angle, 1.0, crossed=crossed) - 0.5
        picture = np.clip(picture + stripes * wave, 0.0, 1.0)
    return in_colour(picture, colour)


def in_colour(picture: NDArray[np.float64], colour: Colour) -> NDArray[np.float64]:
    """Return the picture (c, h, w) with one channel for ``"grey"`` and three for ``"rgb"``."""
    if colour == "grey":
        return picture if len(picture) == 1 else np.tensordot(LUMA, picture, 1)[None]
    return picture if len(picture) == 3 else np.repeat(picture, 3, axis=0)


def resized(picture: NDArray[np.float64], height: int, width: int) -> NDArray[np.float64]:
    """Return the picture (c, h, w) scaled to (c, height, width).

    Every new pixel is a weighted mean of the old ones in its place (triangle filter, as wide as a
    new pixel when the picture shrinks), so that nothing aliases and nothing leaves the range.
    """
    if picture.shape[1:] == (height, width):
        return picture
    # Imported here: the window opens without it.
    from PIL import Image

    planes = [
        Image.fromarray(np.asarray(plane, dtype=np.float32)).resize(
            (width, height), Image.Resampling.BILINEAR
        )
        for plane in picture
    ]
    return np.stack([np.asarray(plane, dtype=np.float64) for plane in planes])


def to_pixels(picture: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return the picture (c, h, w) as uint8 (h, w, c), cut to 0…1 and rounded."""
    return np.rint(np.clip(picture, 0.0, 1.0).transpose(1, 2, 0) * 255).astype(np.uint8)


def from_pixels(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return uint8 (h, w, c) as a picture (c, h, w) in 0…1."""
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)) / 255.0


def fitted(pixels: NDArray[np.uint8], side: int = MAX_SIDE) -> NDArray[np.uint8]:
    """Return uint8 (h, w, c) scaled down until no side is longer than ``side``; never up."""
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    if scale >= 1.0:
        return pixels
    shape = max(1, round(height * scale)), max(1, round(width * scale))
    return to_pixels(resized(from_pixels(pixels), *shape))


def encode_pixels(pixels: ArrayLike) -> str:
    """Return a picture of uint8 (h, w) or (h, w, 1 or 3), at most 512×512, as text.

    Raises
    ------
    ImageError
        For any other array.
    """
    array = np.asarray(pixels)
    if array.ndim == 2:
        array = array[:, :, None]
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] not in (1, 3):
        raise ImageError(
            "A picture must be bytes of height × width × 1 or 3 channels, not "
            f"{array.dtype} of shape {array.shape}."
        )
    height, width, channels = array.shape
    _check_sides(height, width)
    packed = base64.b64encode(zlib.compress(array.tobytes(), 9)).decode("ascii")
    return f"{height}x{width}x{channels}:{packed}"


def decode_pixels(text: str) -> NDArray[np.uint8]:
    """Return the read-only uint8 (h, w, 1 or 3) that :func:`encode_pixels` has written.

    Raises
    ------
    ImageError
        Where the text is damaged or names a picture that is too large; no more memory is taken than
        the picture needs, however much the text would unpack to.
    """
    height, width, channels = pixels_shape(text)
    expected = height * width * channels
    try:
        packed = base64.b64decode(text.partition(":")[2], validate=True)
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(packed, expected + 1)
    except (binascii.Error, ValueError, zlib.error):
        raise ImageError("The picture is damaged: its text cannot be unpacked.") from None
    if len(data) != expected or not unpacker.eof or unpacker.unused_data:
        raise ImageError(
            f"The picture is damaged: {height}×{width} pixels of {channels} channels need "
            f"{expected:,} bytes."
        )
    return np.frombuffer(data, dtype=np.uint8).reshape(height, width, channels)


def pixels_shape(text: str) -> tuple[int, int, int]:
    """Return height, width and channels of a picture written as text, without unpacking it.

    Raises
    ------
    ImageError
        Where the text does not begin with them, or where it is too large.
    """
    if len(text) > _MAX_TEXT:
        raise ImageError(f"The picture is too large: its text may have {_MAX_TEXT:,} characters.")
    head = _HEAD.match(text)
    if head is None:
        raise ImageError(
            "The picture does not begin with its size, such as 28x28x1: (height, width, channels)."
        )
    height, width, channels = (int(part) for part in head.groups())
    _check_sides(height, width)
    return height, width, channels


def _check_name(name: str, size: int) -> None:
    if name not in get_args(PictureName):
        raise ImageError(
            f"There is no picture “{name}”; there are: {', '.join(get_args(PictureName))}."
        )
    if not MIN_SIDE <= size <= MAX_SIDE:
        raise ImageError(
            f"A picture must be {MIN_SIDE} to {MAX_SIDE} pixels wide and high (got {size})."
        )


def _check_sides(height: int, width: int) -> None:
    if not (1 <= height <= MAX_SIDE and 1 <= width <= MAX_SIDE):
        raise ImageError(
            f"A picture may have 1 to {MAX_SIDE} pixels a side (this one is {width}×{height})."
        )


def _photograph(name: str, size: int) -> NDArray[np.float64]:
    photo = _read_photograph(name)
    height, width = photo.shape[1:]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return resized(photo[:, top : top + side, left : left + side], size, size)


@functools.lru_cache(maxsize=2)
def _read_photograph(name: str) -> NDArray[np.float64]:
    from PIL import Image

    file = _of_scikit_learn("images", f"{name}.jpg")
    try:
        with Image.open(file) as photo:
            pixels = np.asarray(photo.convert("RGB"))
    except OSError:
        raise ImageError(f"scikit-learn came without its photograph {file.name}.") from None
    picture = from_pixels(pixels)
    picture.flags.writeable = False
    return picture


def _digit(digit: int, example: int, size: int) -> NDArray[np.float64]:
    if not (0 <= digit <= 9 and 0 <= example < DIGIT_EXAMPLES):
        raise ImageError(
            f"Digits are 0 to 9 with examples 0 to {DIGIT_EXAMPLES - 1} (got digit {digit}, "
            f"example {example})."
        )
    images, labels = _read_digits()
    row = np.flatnonzero(labels == digit)[example]
    return resized(images[row], size, size)


@functools.lru_cache(maxsize=1)
def _read_digits() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the pictures (n, 1, 8, 8) in 0…1 and the digits (n,)."""
    file = _of_scikit_learn("data", "digits.csv.gz")
    try:
        table = np.loadtxt(file, delimiter=",")
    except (OSError, ValueError):
        raise ImageError("scikit-learn came without its handwritten digits.") from None
    return table[:, :-1].reshape(-1, 1, 8, 8) / 16.0, table[:, -1]


def _of_scikit_learn(*parts: str) -> Path:
    """Return a data file of scikit-learn, which is not imported for it: that takes a second."""
    found = importlib.util.find_spec("sklearn")
    if found is None or found.origin is None:
        raise ImageError("Photographs and digits come with scikit-learn, which is not installed.")
    return Path(found.origin).parent.joinpath("datasets", *parts)


def _pattern(
    name: str,
    size: int,
    period: float,
    angle: float,
    contrast: float,
    crossed: bool,
    text: str,
) -> NDArray[np.float64]:
    match name:
        case "gratings":
            return image_patterns.gratings(size, period, angle, contrast, crossed=crossed)
        case "checkerboard":
            return image_patterns.checkerboard(size, period, contrast)
        case "step edge":
            return image_patterns.step_edge(size, angle, contrast)
        case "text":
            return image_patterns.written(size, text, contrast)
        case _:
            return image_patterns.impulse(size, contrast)
