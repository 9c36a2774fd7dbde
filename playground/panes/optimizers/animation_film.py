"""The race as a film: pictures of the map after chosen rounds, painted from the recorded trails.

Nothing is replayed: the history holds every place of every lane, so the picture after any round can
be painted at once, without disturbing the race on stage.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from playground.experiments.optimizers_snapshot import OptimizerRaceSnapshot, lane_series
from playground.panes.optimizers.lane_colours import lane_colour
from playground.panes.optimizers.map_field import FieldPicture
from playground.panes.optimizers.map_marks import head_shape, paint_minima
from playground.panes.optimizers.map_place import MapPlace
from playground.panes.optimizers.trails import Shading, Trail, horizon_of, paint_trail
from playground.ui.fonts import Weight, number_font, ui_font
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from playground.engine.frames import Frame

HEAD_PX, FOOT_PX = 34, 30
LOUD_WIDTH, QUIET_WIDTH = 2.6, 1.8
ACCENT_SHARES = (1.0, 0.75, 0.5, 0.3)


def rounds_of_film(last: int, pictures: int) -> list[int]:
    """Return after which rounds pictures are taken: the first ones close together, then wider.

    Parameters
    ----------
    last
        The last round, at least 0.
    pictures
        How many pictures at most, at least 2.
    """
    if last < pictures:
        return list(range(last + 1))
    shares = np.linspace(0.0, 1.0, pictures)
    # Equal steps of √round: an optimizer does most of its way early.
    return [int(k) for k in np.unique(np.rint(last * shares**2))]


class RaceFilm:
    """Paints the pictures of one race, as it stood when the film was made.

    Parameters
    ----------
    frame
        The race with its whole history.
    width, height
        Size of the pictures in pixels.
    selected
        The lane that is loud.
    log
        Colours on a logarithmic scale; None as the surface is best seen.
    """

    def __init__(
        self, frame: Frame, width: int, height: int, selected: int, log: bool | None = None
    ) -> None:
        snapshot = frame.snapshot
        if not isinstance(snapshot, OptimizerRaceSnapshot):
            raise TypeError("A film needs a frame of the optimizer race.")
        self.width, self.height = width, height
        self._snapshot = snapshot
        self._selected = selected
        self._trails = [
            self._trail(frame, view.index, view.colour)
            for view in sorted(snapshot.lanes, key=lambda one: one.index == selected)
        ]
        self._names = {view.index: view.title for view in snapshot.lanes}
        self.last = max((len(trail.x) - 1 for trail in self._trails), default=0)
        surface = snapshot.surface
        domain = surface.domain
        legend = self._legend_height()
        top = float(px(HEAD_PX))
        self._place = MapPlace(
            domain.x_min,
            domain.x_max,
            domain.y_min,
            domain.y_max,
            0.0,
            top,
            float(width),
            max(40.0, height - top - legend),
        )
        self._field = FieldPicture()
        self._field.show_surface(surface, surface.log_colour if log is None else log)
        self._field.look(self._place)
        self._ground: QImage | None = None

    def picture(self, round_: int) -> QImage:
        """Return the picture after a round, in RGB."""
        if self._ground is None:
            self._ground = self._painted_ground()
        image = self._ground.copy()
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = self._place
        painter.setClipRect(QRectF(place.left, place.top, place.width, place.height))
        shading = Shading("time", self._field.scale, horizon_of(max(round_, 1)))
        for trail in self._trails:
            paint_trail(painter, self._cut(trail, round_), place, shading)
        for trail in self._trails:
            self._paint_head(painter, self._cut(trail, round_))
        painter.setClipping(False)
        painter.setFont(number_font(px(14)))
        painter.setPen(qcolor("text"))
        head = QRectF(0, 0, self.width - px(12), px(HEAD_PX))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(head, right, f"round {round_:,}")
        painter.end()
        return image

    def accents(self) -> list[tuple[int, int, int]]:
        """Return the colours of trails, marks and words, pure and mixed with the ground."""
        if self._ground is None:
            self._ground = self._painted_ground()
        middle = self._ground.scaled(1, 1, mode=Qt.TransformationMode.SmoothTransformation)
        grounds = [qcolor("bg"), middle.pixelColor(0, 0)]
        tokens = ["text", *dict.fromkeys(lane_colour(trail.colour) for trail in self._trails)]
        found = []
        for front in map(qcolor, tokens):
            for share in ACCENT_SHARES:
                for ground in grounds if share < 1.0 else grounds[:1]:
                    pairs = zip(_rgb(front), _rgb(ground), strict=True)
                    red, green, blue = (round(share * a + (1.0 - share) * b) for a, b in pairs)
                    found.append((red, green, blue))
        return found

    def rgb(self, round_: int) -> bytes:
        """Return the picture after a round as rows of RGB bytes."""
        image = self.picture(round_).convertToFormat(QImage.Format.Format_RGB888)
        bits: Any = image.constBits()
        rows = np.frombuffer(bits, dtype=np.uint8).reshape(image.height(), image.bytesPerLine())
        # Qt pads every row to four bytes.
        return rows[:, : 3 * image.width()].tobytes()

    def _trail(self, frame: Frame, index: int, colour: int) -> Trail:
        columns = frame.history.series(lane_series(index)).columns
        x, y, loss = (np.asarray(columns[name]) for name in ("x", "y", "loss"))
        width = LOUD_WIDTH if index == self._selected else QUIET_WIDTH
        return Trail(index, colour, x, y, loss, width)

    @staticmethod
    def _cut(trail: Trail, round_: int) -> Trail:
        rows = round_ + 1
        return Trail(
            trail.index,
            trail.colour,
            trail.x[:rows],
            trail.y[:rows],
            trail.loss[:rows],
            trail.width,
        )

    def _paint_head(self, painter: QPainter, trail: Trail) -> None:
        if not len(trail.x) or not math.isfinite(trail.x[-1] + trail.y[-1]):
            return
        u, v = self._place.pixel(float(trail.x[-1]), float(trail.y[-1]))
        painter.setPen(QPen(qcolor("bg"), 1.5 * theme().scale))
        painter.setBrush(qcolor(lane_colour(trail.colour)))
        radius = px(7 if trail.index == self._selected else 5)
        painter.drawPolygon(head_shape(trail.colour, u, v, radius))

    def _painted_ground(self) -> QImage:
        image = QImage(self.width, self.height, QImage.Format.Format_RGB32)
        image.fill(qcolor("bg"))
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = self._place
        painter.save()
        painter.setClipRect(QRectF(place.left, place.top, place.width, place.height))
        self._field.paint(painter, place, vector=True)
        paint_minima(painter, self._snapshot.surface.minima, place)
        painter.restore()
        painter.setFont(ui_font(px(14), Weight.DemiBold))
        painter.setPen(qcolor("text"))
        box = QRectF(px(12), 0, self.width - px(110), px(HEAD_PX))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        title = self._snapshot.surface.title
        painter.drawText(box, left, f"{title[:1].upper()}{title[1:]}")
        self._paint_legend(painter, place.top + place.height)
        painter.end()
        return image

    def _legend_rows(self) -> list[list[tuple[Trail, float]]]:
        """Return the entries of the legend, row by row, each with where it begins."""
        metrics = QFontMetricsF(ui_font(px(12)))
        rows: list[list[tuple[Trail, float]]] = [[]]
        x = float(px(12))
        for trail in sorted(self._trails, key=lambda one: one.index):
            needs = px(18) + metrics.horizontalAdvance(self._names[trail.index]) + px(14)
            if x + needs > self.width and rows[-1]:
                rows.append([])
                x = float(px(12))
            rows[-1].append((trail, x))
            x += needs
        return rows

    def _legend_height(self) -> float:
        return px(10) + px(20) * len(self._legend_rows())

    def _paint_legend(self, painter: QPainter, top: float) -> None:
        painter.setFont(ui_font(px(12)))
        for row, entries in enumerate(self._legend_rows()):
            middle = top + px(5) + px(20) * (row + 0.5)
            for trail, x in entries:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(qcolor(lane_colour(trail.colour)))
                painter.drawPolygon(head_shape(trail.colour, x + px(5), middle, px(5)))
                painter.setPen(qcolor("text"))
                painter.drawText(QPointF(x + px(16), middle + px(4)), self._names[trail.index])


def _rgb(colour: QColor) -> tuple[int, int, int]:
    return colour.red(), colour.green(), colour.blue()
