from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from playground.ui import word_stamps
from playground.ui.fonts import number_font
from playground.ui.word_stamps import height_of, paint_words, stamp_words, width_of

INK, PLATE = QColor("#ffffff"), QColor(0, 0, 0, 180)


def drawn(draw, ratio):
    image = QImage(int(90 * ratio), int(30 * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.darkBlue)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw(painter)
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).astype(int)


def differing(one, other):
    return np.mean(np.abs(one - other) > 24)


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_a_picture_of_words_looks_like_the_words(themed, ratio):
    font = number_font(12)
    box = QRectF(5, 5, 70, 18)
    words = "w = 0.5"
    kept = drawn(lambda p: stamp_words(p, box, words, font, INK, PLATE, 4, ratio), ratio)
    plain = drawn(lambda p: paint_words(p, box, words, font, INK, PLATE, 4), ratio)
    other = drawn(lambda p: paint_words(p, box, "g = 8.2", font, INK, PLATE, 4), ratio)
    # Smoothing on a ground that shines through is a shade different.
    assert differing(kept, plain) < 0.03 < 0.04 < differing(kept, other)


def test_the_picture_is_made_once(themed):
    word_stamps._picture.cache_clear()
    for place in range(5):
        box = QRectF(place + 0.3, 5, 70, 18)
        drawn(lambda p, box=box: stamp_words(p, box, "Δw", number_font(12), INK, PLATE, 4, 1), 1)
    assert word_stamps._picture.cache_info().misses == 1


def test_more_words_are_wider_and_larger_ones_higher(themed):
    assert width_of("loss", number_font(12)) < width_of("loss 0.25", number_font(12))
    assert height_of(number_font(12)) < height_of(number_font(20))
