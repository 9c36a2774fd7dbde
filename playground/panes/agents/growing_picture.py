"""A transparent picture that grows with a film: the way of a flight, drawn piece by piece.

The way of 500 frames takes longer to paint than the whole rest of a picture, and from one frame to
the next it gains a single piece.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPixmap

from playground.ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QRectF


class GrowingPicture:
    """Keeps what was drawn up to a frame as long as it goes on from there in the same place."""

    def __init__(self) -> None:
        self._look: object = None
        self._picture: QPixmap | None = None
        self._frame = 0

    @property
    def frame(self) -> int:
        """Up to which frame the picture goes; 0 before there is one."""
        return self._frame if self._picture is not None else 0

    def paint(
        self,
        painter: QPainter,
        room: QRectF,
        frame: int,
        draw: Callable[[QPainter, int, int], None],
    ) -> None:
        """Paint everything up to a frame.

        Parameters
        ----------
        draw
            Draws what lies between two frames with a painter, in the coordinates of the room.
        """
        device = painter.device()
        ratio = device.devicePixelRatioF() if device is not None else 1.0
        look = (room, ratio, theme().tokens.name, theme().scale)
        if look != self._look:
            # Many pictures are painted only once, such as those of the episodes.
            self._look, self._picture = look, None
            draw(painter, 0, frame)
            return
        if self._picture is None or frame < self._frame:
            size = (math.ceil(room.width() * ratio), math.ceil(room.height() * ratio))
            self._picture, self._frame = QPixmap(*size), 0
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(Qt.GlobalColor.transparent)
        if frame > self._frame:
            inside = QPainter(self._picture)
            inside.setRenderHint(QPainter.RenderHint.Antialiasing)
            inside.translate(-room.topLeft())
            draw(inside, self._frame, frame)
            inside.end()
            self._frame = frame
        painter.drawPixmap(room.topLeft(), self._picture)
