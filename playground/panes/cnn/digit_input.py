"""From the paper to what a network gets: the picture in the network's own shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from playground.core.digit_canvas import network_input
from playground.ui.image_input import as_qimage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.experiments.cnn_snapshot import NetworkState

DIGIT_KINDS: Final = frozenset({"digits", "mnist", "fashion"})
"""Data that are bright shapes on nothing, cut out and centred; other pictures are taken whole."""
_GREY: Final = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """What lies on the paper, as a network sees it, and that network.

    Parameters
    ----------
    pixels
        (channels, height, width) float32 in 0…1, read-only.
    state
        The network that answers.
    source
        ``"training"`` for the network in training, else the name of a bundled one.
    words
        The network in words, such as ``"the bundled CNN"``.
    """

    pixels: NDArray[np.float32]
    state: NetworkState
    source: str
    words: str


def seen_by(
    ink: NDArray[np.uint8],
    shape: tuple[int, int, int],
    *,
    cut_out: bool = True,
    photo: NDArray[np.uint8] | None = None,
) -> NDArray[np.float32] | None:
    """Return what a network for (channels, height, width) sees; None of empty paper.

    Parameters
    ----------
    ink
        (height, width), 0 paper … 255 ink.
    cut_out
        Cut the shape out, scale and centre it as the digits were; otherwise the whole square
        counts, or the photo if there is one.
    photo
        (height, width, channels) pixels, for networks that look at whole pictures.
    """
    height, width = shape[1:]
    if not cut_out:
        return _whole(ink if photo is None else photo, shape)
    seen = network_input(ink / np.float32(255.0), min(height, width))
    if seen is None:
        return None
    made = np.zeros(shape, dtype=np.float32)
    top, left = (height - seen.shape[0]) // 2, (width - seen.shape[1]) // 2
    made[:, top : top + seen.shape[0], left : left + seen.shape[1]] = seen
    made.flags.writeable = False
    return made


def _whole(pixels: NDArray[np.uint8], shape: tuple[int, int, int]) -> NDArray[np.float32] | None:
    """Return a picture fitted into the shape, its surroundings black."""
    if not pixels.any():
        return None
    channels, height, width = shape
    small = as_qimage(pixels).scaled(
        width,
        height,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    small = small.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(small.constBits(), np.uint8, small.sizeInBytes())
    rows = rows.reshape(small.height(), small.bytesPerLine())[:, : 4 * small.width()]
    rgb = rows.reshape(small.height(), small.width(), 4)[:, :, :3] / np.float32(255.0)
    values = rgb if channels == 3 else (rgb @ _GREY)[:, :, None]
    made = np.zeros(shape, dtype=np.float32)
    top, left = (height - small.height()) // 2, (width - small.width()) // 2
    made[:, top : top + small.height(), left : left + small.width()] = values.transpose(2, 0, 1)
    made.flags.writeable = False
    return made
