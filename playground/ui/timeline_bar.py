"""The scrubber: the recorded part of a run as a line that can be clicked and dragged.

The past is solid, the recorded future faint; edits, branch points and the end are marked. While a
hand drags, the bar follows the hand and asks for steps; otherwise it follows the frames.
"""

from __future__ import annotations

import bisect
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent

    from playground.engine.frames import Mark

MARGIN = 9
GROOVE = 4
HANDLE = 7
MARK_REACH = 7
MAX_PAINTED_MARKS = 400


class TimelineBar(QWidget):
    """Shows and changes the step of a run."""

    sought = Signal(int)
    """A person wants this step; emitted while dragging, once for every other step passed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make the bar of a run without any step."""
        super().__init__(parent)
        self._step = 0
        self._frontier = 0
        self._marks: tuple[Mark, ...] = ()
        self._noun = "step"
        self._dragged: int | None = None
        self._hovered: float | None = None
        self._seek_progress: float | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Timeline")
        self.setToolTip("Drag to go to any recorded step; going on from there starts a branch.")
        theme().changed.connect(self._on_theme_changed)

    @property
    def dragging(self) -> bool:
        """Tell whether a hand holds the handle."""
        return self._dragged is not None

    @property
    def shown_step(self) -> int:
        """The step at the handle: the hand's while it drags, else the run's."""
        return self._step if self._dragged is None else self._dragged

    def set_position(
        self,
        step: int,
        frontier: int,
        marks: tuple[Mark, ...] = (),
        noun: str = "step",
        seek_progress: float | None = None,
    ) -> None:
        """Follow the run; emits nothing."""
        new = (step, frontier, marks, noun, seek_progress)
        old = (self._step, self._frontier, self._marks, self._noun, self._seek_progress)
        if new == old:
            return
        look = self._look()
        self._step, self._frontier, self._marks, self._noun, self._seek_progress = new
        self.setEnabled(frontier > 0)
        if self._look() != look:
            # Of a run that is played on, the handle stands at the end of the line.
            self.update()

    def step_at(self, x: float) -> int:
        """Return the step under a horizontal position of the widget, in pixels."""
        left, right = self._ends()
        share = min(1.0, max(0.0, (x - left) / max(1.0, right - left)))
        return round(share * self._frontier)

    def x_of(self, step: int) -> float:
        """Return the horizontal position of a step, in pixels."""
        left, right = self._ends()
        if self._frontier <= 0:
            return left
        return left + (right - left) * min(1.0, step / self._frontier)

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(360), px(32))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(90), px(32))

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._frontier > 0:
            self._drag_to(self._caught(event.position().x()))
            event.accept()

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        self._hovered = x
        if self._dragged is not None:
            self._drag_to(self.step_at(x))
        if self._frontier > 0:
            words = self._words_at(x)
            QToolTip.showText(event.globalPosition().toPoint(), words, self)
        self.update()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._dragged is not None:
            self._step = self._dragged
            self._dragged = None
            self.update()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120.0
        if self._frontier > 0 and notches:
            stride = max(1, self._frontier // 100)
            goal = min(self._frontier, max(0, round(self._step - notches * stride)))
            if goal != self._step:
                self.sought.emit(goal)
        event.accept()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._dragged is not None:
            self._dragged = None
            self.update()
            return
        super().keyPressEvent(event)

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = None
        self.update()
        super().leaveEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        left, right = self._ends()
        middle = self.height() / 2
        groove = px(GROOVE)

        def line(start: float, end: float, token: str, alpha: float = 1.0) -> None:
            painter.setBrush(qcolor(token, alpha))
            box = QRectF(start, middle - groove / 2, max(0.0, end - start), groove)
            painter.drawRoundedRect(box, groove / 2, groove / 2)

        line(left, right, "control", 0.7)
        if self._frontier > 0:
            here = self.x_of(self.shown_step)
            line(left, right, "accent", 0.35)
            line(left, here, "accent")
            if self._seek_progress is not None:
                line(left, left + (right - left) * self._seek_progress, "warn", 0.6)
            self._paint_marks(painter, middle)
            self._paint_handle(painter, QPointF(here, middle))
        painter.end()

    def _look(self) -> object:
        """Return what decides the picture, in quarters of a pixel."""
        progress = None if self._seek_progress is None else round(self._seek_progress, 3)
        places = [round(4 * self.x_of(mark.step)) for mark in self._marks[-MAX_PAINTED_MARKS:]]
        return self._frontier > 0, round(4 * self.x_of(self.shown_step)), progress, places

    def _paint_marks(self, painter: QPainter, middle: float) -> None:
        reach = px(MARK_REACH)
        last = -10.0
        for mark in self._marks[-MAX_PAINTED_MARKS:]:
            x = self.x_of(mark.step)
            if abs(x - last) < 2.0 and mark.kind == "edit":
                continue
            last = x
            match mark.kind:
                case "edit":
                    painter.setPen(QPen(qcolor("warn"), px(2)))
                    painter.drawLine(QPointF(x, middle - reach), QPointF(x, middle - px(3)))
                case "branch":
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(qcolor("text"))
                    size = px(4)
                    diamond = [
                        QPointF(x, middle - size),
                        QPointF(x + size, middle),
                        QPointF(x, middle + size),
                        QPointF(x - size, middle),
                    ]
                    painter.drawPolygon(diamond)
                case "end":
                    painter.setPen(QPen(qcolor("ok"), px(2)))
                    painter.drawLine(QPointF(x, middle - reach), QPointF(x, middle + reach))
        painter.setPen(Qt.PenStyle.NoPen)

    def _paint_handle(self, painter: QPainter, centre: QPointF) -> None:
        radius = px(HANDLE) + (1 if self._dragged is not None else 0)
        near = self._hovered is not None and self.isEnabled()
        painter.setBrush(qcolor("accent" if near or self.hasFocus() else "text"))
        painter.setPen(QPen(qcolor("panel"), px(2)))
        painter.drawEllipse(centre, radius, radius)

    def _ends(self) -> tuple[float, float]:
        margin = float(px(MARGIN))
        return margin, max(margin + 1.0, self.width() - margin)

    def _caught(self, x: float) -> int:
        """Return the step of a mark within reach of a click, else the step under it."""
        near = [mark for mark in self._marks if abs(self.x_of(mark.step) - x) <= px(3)]
        if near:
            return min(near, key=lambda mark: abs(self.x_of(mark.step) - x)).step
        return self.step_at(x)

    def _words_at(self, x: float) -> str:
        step = self.step_at(x)
        words = f"{self._noun} {format_number(step)} of {format_number(self._frontier)}"
        steps = [mark.step for mark in self._marks]
        first = bisect.bisect_left(steps, self.step_at(x - px(4)))
        last = bisect.bisect_right(steps, self.step_at(x + px(4)))
        near = self._marks[first:last][:4]
        return "\n".join([words, *(f"{mark.label} · {format_number(mark.step)}" for mark in near)])

    def _drag_to(self, step: int) -> None:
        if step != self._dragged:
            self._dragged = step
            self.sought.emit(step)
            self.update()

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()
