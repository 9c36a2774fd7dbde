"""The learning rate of a lane over the rounds, as a small curve with a dot where the race is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from playground.panes.optimizers.lane_colours import lane_colour
from playground.ui.fonts import number_font
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.experiments.optimizers_lane_spec import LaneSpec

CYCLES = 3.2
LONGEST = 4_000
POINTS = 240


def drawn_rounds(spec: LaneSpec) -> int:
    """Return how many rounds show what a schedule does: some of its cycles."""
    if spec.schedule == "exponential":
        # Until the rate has fallen to a hundredth.
        fall = -np.log(max(min(spec.schedule_decay, 0.99999), 1e-9))
        return int(min(max(np.log(100.0) / fall, 20), LONGEST))
    growth = spec.schedule_growth if spec.schedule == "restarts" else 1
    cycles = CYCLES if growth == 1 else 1 + growth + growth**2
    return int(min(max(cycles * spec.schedule_rounds, 20), LONGEST))


class ScheduleCurve(QWidget):
    """Painted directly; hidden for a constant rate."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec: LaneSpec | None = None
        self._rates: NDArray[np.float64] = np.empty(0)
        self._round = 0
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Learning rate over the rounds")
        theme().changed.connect(self.updateGeometry)

    @property
    def rates(self) -> NDArray[np.float64]:
        """The rates that are drawn, one a round."""
        return self._rates

    def show_lane(self, spec: LaneSpec) -> None:
        """Draw the schedule of a lane."""
        if spec == self._spec:
            return
        self._spec = spec
        self.setVisible(spec.schedule != "constant")
        self._rates = spec.rate_schedule.curve(spec.rate, drawn_rounds(spec))
        words = "" if spec.schedule != "plateau" else "Drawn as if the loss never fell. "
        self.setToolTip(
            f"{words}From {format_number(float(self._rates.max()), 3)} to "
            f"{format_number(float(self._rates.min()), 3)} in {len(self._rates):,} rounds."
        )
        self.update()

    def show_round(self, rounds: int) -> None:
        """Put the dot at a round."""
        if rounds != self._round:
            self._round = rounds
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(200), px(64))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if self._spec is None or not len(self._rates):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(0.5, 0.5, self.width() - 1, self.height() - px(16))
        painter.setPen(QPen(qcolor("line"), 1))
        painter.setBrush(qcolor("bg"))
        painter.drawRoundedRect(box, px(4), px(4))
        room = box.adjusted(px(6), px(7), -px(6), -px(7))
        top = max(float(self._rates.max()), 1e-300)
        count = len(self._rates)
        rows = np.unique(np.linspace(0, count - 1, min(count, POINTS)).astype(int))
        across = room.left() + rows / max(count - 1, 1) * room.width()
        up = room.bottom() - self._rates[rows] / top * room.height()
        line = QPolygonF([QPointF(u, v) for u, v in zip(across, up, strict=True)])
        painter.setPen(QPen(qcolor(lane_colour(self._spec.colour)), px(2)))
        painter.drawPolyline(line)
        if self._round < count:
            u = room.left() + self._round / max(count - 1, 1) * room.width()
            v = room.bottom() - self._rates[self._round] / top * room.height()
            painter.setPen(QPen(qcolor("bg"), 1.5))
            painter.setBrush(qcolor("text"))
            painter.drawEllipse(QPointF(u, v), px(4), px(4))
        painter.setFont(number_font(px(11)))
        painter.setPen(qcolor("muted"))
        feet = QRectF(0, box.bottom() + 1, self.width(), px(15))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(feet, Qt.AlignmentFlag.AlignLeft | middle, f"η ≤ {format_number(top, 3)}")
        painter.drawText(feet, Qt.AlignmentFlag.AlignRight | middle, f"{count:,} rounds")
