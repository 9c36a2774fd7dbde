"""Strokes: what a hand did on the paper, and the ink that comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

SIDE: Final = 280
"""Pixels on a side of the ink: ten for each pixel of a 28 × 28 picture."""


@dataclass(slots=True)
class Stroke:
    """One movement of the hand: places and widths in sides of the square."""

    erases: bool
    points: list[tuple[float, float, float]] = field(default_factory=list)

    def add(self, x: float, y: float, width: float) -> bool:
        """Go on to another place; tell whether it is another one."""
        if self.points and self.points[-1][:2] == (x, y):
            return False
        self.points.append((x, y, width))
        return True


def blank_paper() -> QImage:
    """Return a picture without ink."""
    sheet = QImage(SIDE, SIDE, QImage.Format.Format_RGB32)
    sheet.fill(Qt.GlobalColor.black)
    return sheet


def paint_stroke(sheet: QImage, stroke: Stroke) -> None:
    """Add the ink of a stroke to a picture, or take it away."""
    painter = QPainter(sheet)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(QColor("black" if stroke.erases else "white"))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    for path, width in stroke_paths(stroke):
        pen.setWidthF(width * SIDE)
        painter.setPen(pen)
        painter.drawPath(path)
    painter.end()


def stroke_paths(stroke: Stroke) -> list[tuple[QPainterPath, float]]:
    """Return smooth paths in pixels of the ink, one for each run of equal width.

    Between the middles of neighbouring segments runs a quadratic curve whose control point is the
    place between them: the line has no corners, and it stays within the polygon of the hand.
    """
    places = [(QPointF(x * SIDE, y * SIDE), width) for x, y, width in stroke.points]
    first, width = places[0]
    path = QPainterPath(first)
    if len(places) == 1:
        # A dot: Qt draws nothing for a line of no length.
        path.lineTo(first + QPointF(0.01, 0.0))
        return [(path, width)]
    runs: list[tuple[QPainterPath, float]] = []
    for (here, _), (there, wide) in pairwise(places):
        if wide != width:
            runs.append((path, width))
            path, width = QPainterPath(path.currentPosition()), wide
        path.quadTo(here, (here + there) / 2)
    path.lineTo(places[-1][0])
    return [*runs, (path, width)]
