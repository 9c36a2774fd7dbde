"""How fast it goes, and where the time is spent: steps/s, frames/s and a budget of two bars.

The upper bar is the share of the last second that the training thread spent in steps, the lower
one the share that the window spent in drawing. While torch is being imported a spinner says so.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from playground.experiments.base import plural
from playground.ui.fonts import number_font, ui_font
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

SPINNER_INTERVAL_MS = 60
SPINNER_STEP_DEGREES = 30
TEXT_PX = 12
SAMPLE = "99,999,999 samples/s"
NEVER_ROUND_ABOVE = 100.0


def speed_text(steps_per_second: float, noun: str) -> str:
    """Return a measured speed in words, such as ``"31,400 samples/s"``."""
    if steps_per_second >= NEVER_ROUND_ABOVE:
        # Three digits: the fourth one flickers.
        digits = 10 ** max(0, math.floor(math.log10(steps_per_second)) - 2)
        rounded = format_number(round(steps_per_second / digits) * digits)
    else:
        rounded = f"{steps_per_second:.1f}" if steps_per_second < 10 else f"{steps_per_second:.0f}"
    return f"{rounded} {plural(noun)}/s"


class Spinner(QWidget):
    """A turning arc that says “wait”; with reduced motion it stands still."""

    def __init__(
        self, side: int = 16, token: str = "accent", parent: QWidget | None = None
    ) -> None:
        """Make a hidden spinner of ``side`` pixels at scale 1."""
        super().__init__(parent)
        self._side = side
        self._token = token
        self._angle = 0
        self._timer = QTimer(self)
        self._timer.setInterval(SPINNER_INTERVAL_MS)
        self._timer.timeout.connect(self._turn)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)
        self.hide()

    @override
    def showEvent(self, event: QEvent) -> None:
        if not theme().reduced_motion:
            self._timer.start()

    @override
    def hideEvent(self, event: QEvent) -> None:
        self._timer.stop()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = px(2)
        pen = QPen(qcolor(self._token), width)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        box = QRectF(self.rect()).adjusted(width, width, -width, -width)
        painter.drawArc(box, -self._angle * 16, 270 * 16)
        painter.end()

    def _turn(self) -> None:
        self._angle = (self._angle + SPINNER_STEP_DEGREES) % 360
        self.update()

    def _on_theme_changed(self) -> None:
        self.setFixedSize(px(self._side), px(self._side))


class StatusMeter(QWidget):
    """Two short lines and two thin bars at the right end of the transport."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make a meter at rest."""
        super().__init__(parent)
        self._speed = ""
        self._frames = ""
        self._training = 0.0
        self._drawing = 0.0
        self._loading = False
        self._spinner = Spinner(14, parent=self)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.setAccessibleName("Speed and budget")
        theme().changed.connect(self.updateGeometry)

    @property
    def text(self) -> str:
        """What is written, in one line."""
        return "loading torch …" if self._loading else f"{self._speed} · {self._frames}".strip(" ·")

    def set_rates(
        self, speed: float, noun: str, frames: float, training: float, drawing: float
    ) -> None:
        """Show steps and frames per second and the two shares in 0…1."""
        self._speed = speed_text(speed, noun) if speed > 0 else ""
        self._frames = f"{frames:.0f} frames/s" if frames > 0 else ""
        self._training = min(1.0, max(0.0, training))
        self._drawing = min(1.0, max(0.0, drawing))
        self.setAccessibleDescription(self.text)
        self.update()

    def set_loading(self, loading: bool) -> None:
        """Say that torch is being imported, or no longer."""
        if loading != self._loading:
            self._loading = loading
            self._spinner.setVisible(loading)
            self.setAccessibleDescription(self.text)
            self.update()

    @override
    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(number_font(px(TEXT_PX)))
        return QSize(metrics.horizontalAdvance(SAMPLE), 2 * metrics.height() + px(16))

    @override
    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @override
    def resizeEvent(self, event: QEvent) -> None:
        self._spinner.move(self.width() - self._spinner.width(), px(8))

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self._explanation(), self)
            return True
        return super().event(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(number_font(px(TEXT_PX)))
        line = painter.fontMetrics().height()
        bar, gap = px(3), px(3)
        top = (self.height() - 2 * line - 2 * bar - 2 * gap) // 2
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(qcolor("text" if self._speed else "muted"))
        if self._loading:
            painter.setFont(ui_font(px(TEXT_PX)))
            room = self.width() - self._spinner.width() - px(8)
            self._spinner.move(self.width() - self._spinner.width(), top + px(1))
            painter.drawText(QRect(0, top, room, line), right, "loading torch …")
        else:
            painter.drawText(QRect(0, top, self.width(), line), right, self._speed or "at rest")
        painter.setPen(qcolor("muted"))
        painter.drawText(QRect(0, top + line, self.width(), line), right, self._frames)
        painter.setPen(Qt.PenStyle.NoPen)
        y = top + 2 * line + gap
        for share, token in ((self._training, "accent"), (self._drawing, "warn")):
            box = QRectF(self.width() * 0.4, y, self.width() * 0.6, bar)
            painter.setBrush(qcolor("line"))
            painter.drawRoundedRect(box, bar / 2, bar / 2)
            painter.setBrush(qcolor(token))
            box.setLeft(box.right() - box.width() * share)
            if share > 0.0:
                painter.drawRoundedRect(box, bar / 2, bar / 2)
            y += bar + gap
        painter.end()

    def _explanation(self) -> str:
        if self._loading:
            return "Torch is being imported in the background; Play waits for it."
        return (
            f"Of the last second, training took {self._training:.0%} (upper bar, in the training "
            f"thread)\nand drawing {self._drawing:.0%} (lower bar, in the window)."
        )
