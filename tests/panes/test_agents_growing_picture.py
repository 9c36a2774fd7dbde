from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from playground.panes.agents.growing_picture import GrowingPicture

ROOM = QRectF(4, 6, 80, 40)


class Way:
    """A way from left to right, and which parts of it were asked for."""

    def __init__(self):
        self.asked = []
        self.picture = GrowingPicture()

    def draw(self, painter, first, last):
        self.asked.append((first, last))
        pen = QPen(QColor("red"), 3)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        for frame in range(first, last):
            painter.drawLine(10 + 5 * frame, 20, 15 + 5 * frame, 20)

    def shown(self, frame, room=ROOM):
        image = QImage(100, 60, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.picture.paint(painter, room, frame, self.draw)
        painter.end()
        return np.frombuffer(image.constBits(), np.uint8).astype(int)


@pytest.fixture
def way(themed):
    return Way()


def test_a_picture_that_is_painted_once_is_not_kept(way):
    way.shown(7)
    assert way.asked == [(0, 7)]
    assert way.picture.frame == 0


def test_only_what_is_new_is_drawn_and_it_looks_as_if_all_were(way):
    way.shown(3)
    for frame in (3, 4, 4, 8):
        grown = way.shown(frame)
    assert way.asked == [(0, 3), (0, 3), (3, 4), (4, 8)]
    assert way.picture.frame == 8
    assert np.abs(grown - Way().shown(8)).max() <= 2


def test_going_back_or_another_room_begins_anew(way):
    for frame in (9, 9, 2):
        back = way.shown(frame)
    assert way.asked[-1] == (0, 2)
    assert np.abs(back - Way().shown(2)).max() <= 2
    way.shown(5, ROOM.translated(1, 0))
    assert way.asked[-1] == (0, 5)
