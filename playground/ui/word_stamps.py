"""Short words on a plate of the ground, kept as pictures.

To shape and draw text takes a tenth of a millisecond where it is done once in a frame; a picture of
the same words is put down in a fifth of that. For words that move with every frame and seldom
change.
"""

from __future__ import annotations

import functools
import math

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap

KEPT = 128


def paint_words(
    painter: QPainter, box: QRectF, words: str, font: QFont, ink: QColor, plate: QColor, radius: int
) -> None:
    """Write words into the middle of a rounded plate, as text."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(plate)
    painter.drawRoundedRect(box, radius, radius)
    painter.setFont(font)
    painter.setPen(ink)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


def stamp_words(
    painter: QPainter,
    box: QRectF,
    words: str,
    font: QFont,
    ink: QColor,
    plate: QColor,
    radius: int,
    ratio: float,
) -> None:
    """Put the same down from its picture, on whole pixels.

    Parameters
    ----------
    ratio
        Pixels of the screen to a logical one; the painter must not be scaled otherwise.
    """
    look = (box.width(), box.height(), radius, ratio)
    picture = _picture(words, font, ink.rgba(), plate.rgba(), *look)
    at = QPointF(round(box.left() * ratio) / ratio, round(box.top() * ratio) / ratio)
    painter.drawPixmap(at, picture)


@functools.lru_cache(maxsize=KEPT)
def width_of(words: str, font: QFont) -> float:
    """Return the width of words in logical pixels."""
    return QFontMetricsF(font).horizontalAdvance(words)


@functools.lru_cache(maxsize=KEPT)
def height_of(font: QFont) -> float:
    """Return the height of a line in logical pixels."""
    return QFontMetricsF(font).height()


@functools.lru_cache(maxsize=KEPT)
def _picture(
    words: str,
    font: QFont,
    ink: int,
    plate: int,
    width: float,
    height: float,
    radius: int,
    ratio: float,
) -> QPixmap:
    size = QSizeF(math.ceil(width * ratio), math.ceil(height * ratio)).toSize()
    picture = QPixmap(size)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    box = QRectF(0.0, 0.0, width, height)
    colours = QColor.fromRgba(ink), QColor.fromRgba(plate)
    paint_words(painter, box, words, font, *colours, radius)
    painter.end()
    return picture
