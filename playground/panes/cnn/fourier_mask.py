"""The spectrum on which masks are made: rings to be dragged, and a brush that closes and opens."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from typing_extensions import override

from playground.core.frequency_masks import LARGEST_RADIUS, dabbed, encode_mask
from playground.panes.cnn.fourier_picture import LabSpectrum, outlined
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QMouseEvent, QPainter, QWheelEvent
    from PySide6.QtWidgets import QWidget

    from playground.experiments.fourier_spec import MaskSpec

Tool = Literal["look", "close", "open"]

NEAR_PX: Final = 7
SMALLEST_BRUSH, LARGEST_BRUSH = 1, 40
RINGS: Final[dict[str, tuple[str, ...]]] = {
    "low": ("radius",),
    "high": ("radius",),
    "band": ("inner", "outer"),
}
"""Which radii of a mask are drawn as rings, by its kind."""


class MaskEditor(LabSpectrum):
    """A spectrum with the mask on it.

    A ring near the pointer is dragged; elsewhere the brush paints, symmetrically about the middle,
    so that what passes stays a real picture. The right button does the opposite of the left one.

    Signals
    -------
    ring_dragged(str, float, bool)
        Name of a radius, its value in cycles per pixel, and whether the drag is over.
    painted(str, bool)
        The mask as text, and whether the stroke is over.
    brush_changed(int)
        The wheel has made the brush larger or smaller.
    """

    ring_dragged = Signal(str, float, bool)
    painted = Signal(str, bool)
    brush_changed = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent=parent)
        self._mask: NDArray[np.float32] | None = None
        self._rings: dict[str, float] = {}
        self._tool: Tool = "close"
        self._brush = 4
        self._dragged = ""
        self._stroke: NDArray[np.bool_] | None = None
        self._passes = False
        self._last: tuple[float, float] = (0.0, 0.0)
        self._pointer: QPointF | None = None

    @property
    def tool(self) -> Tool:
        """What the left button does."""
        return self._tool

    @property
    def brush(self) -> int:
        """Diameter of the brush in pixels of the spectrum."""
        return self._brush

    @property
    def rings(self) -> dict[str, float]:
        """Radii that are drawn, by name."""
        return dict(self._rings)

    @property
    def is_busy(self) -> bool:
        """Whether a button holds a ring or the brush."""
        return bool(self._dragged) or self._stroke is not None

    def show_mask(self, spec: MaskSpec, mask: NDArray[np.float32]) -> None:
        """Show the rings of a mask; what it lets pass is what a stroke begins with."""
        self._mask = mask
        rings = {name: float(getattr(spec, name)) for name in RINGS.get(spec.kind, ())}
        if rings != self._rings:
            self._rings = rings
            self.update()

    def set_tool(self, tool: Tool) -> None:
        """Take the brush that closes, the one that opens, or none."""
        self._tool = tool
        self.update()

    def set_brush(self, diameter: int) -> None:
        """Make the brush so many pixels of the spectrum wide."""
        self._brush = min(max(diameter, SMALLEST_BRUSH), LARGEST_BRUSH)
        self.update()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        place, button = event.position(), event.button()
        if button == Qt.MouseButton.LeftButton and (ring := self._ring_near(place)):
            self._dragged = ring
            return
        if (
            self._tool == "look"
            or button not in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton)
            or self.cell_at(place) is None
            or self._mask is None
        ):
            event.ignore()
            return
        left = button == Qt.MouseButton.LeftButton
        self._passes = (self._tool == "open") == left
        self._stroke = self._mask >= 0.5
        self._last = self.frequency_at(place)
        self._dab(place)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        if self._dragged:
            self._drag(place, finished=False)
        elif self._stroke is not None:
            self._dab(place)
        self._pointer = place
        self._point(place)
        self.update()
        super().mouseMoveEvent(event)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragged:
            self._drag(event.position(), finished=True)
            self._dragged = ""
        elif self._stroke is not None and event.buttons() == Qt.MouseButton.NoButton:
            stroke, self._stroke = self._stroke, None
            self.painted.emit(encode_mask(stroke), True)

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y()
        if self._tool == "look" or not turned:
            event.ignore()
            return
        self.set_brush(self._brush + (1 if turned > 0 else -1))
        self.brush_changed.emit(self._brush)
        event.accept()

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._pointer = None
        self.update()
        super().leaveEvent(event)

    @override
    def draw_over(self, painter: QPainter) -> None:
        super().draw_over(painter)
        for name, radius in self._rings.items():
            strong = name == self._dragged or (
                self._pointer is not None and name == self._ring_near(self._pointer)
            )
            outlined(painter, self._circle((0.0, 0.0), radius), "accent", ellipse=True,
                     wide=3.0 if strong else 2.0)  # fmt: skip
            if strong:
                self._write_radius(painter, radius)
        if (
            self._pointer is not None
            and self._tool != "look"
            and not self._ring_near(self._pointer)
        ):
            self._draw_brush(painter, self._pointer)

    def _draw_brush(self, painter: QPainter, place: QPointF) -> None:
        if self.cell_at(place) is None or self._dragged:
            return
        vertical, horizontal = self.frequency_at(place)
        token = "warn" if self._tool == "close" else "ok"
        for at in ((vertical, horizontal), (-vertical, -horizontal)):
            outlined(painter, self._circle(at, self._brush_radius()), token, ellipse=True, wide=1.5)

    def _write_radius(self, painter: QPainter, radius: float) -> None:
        text = f"{format_number(radius, 3)} c/px"
        if radius > 0.0:
            text += f", period {format_number(1.0 / radius, 3)} px"
        metrics = painter.fontMetrics()
        room = QRectF(self.rect_of(0, 0, self.rows, self.columns))
        box = QRectF(0, 0, metrics.horizontalAdvance(text) + px(12), metrics.height() + px(4))
        top = self._circle((0.0, 0.0), radius).top() - box.height() - px(3)
        box.moveCenter(QPointF(self.place_of(0.0, 0.0).x(), 0.0))
        box.moveTop(max(room.top() + px(2), top))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("raised", 0.9))
        painter.drawRoundedRect(box, px(4), px(4))
        painter.setPen(qcolor("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _circle(self, at: tuple[float, float], radius: float) -> QRectF:
        """Return the rectangle around a circle in frequency; wide pictures make ellipses of it."""
        corner = self.place_of(at[0] - radius, at[1] - radius)
        return QRectF(corner, self.place_of(at[0] + radius, at[1] + radius))

    def _ring_near(self, place: QPointF) -> str:
        """Return the ring under the pointer; of two alike the outer one."""
        if self._stroke is not None or not self._rings:
            return ""
        side = self.rect_of(0, 0).width() * min(self.rows, self.columns)
        here = math.hypot(*self.frequency_at(place))
        near = [
            (abs(here - radius) * side, place_, name)
            for place_, (name, radius) in enumerate(self._rings.items())
        ]
        distance, _, name = min(near, key=lambda entry: (entry[0], -entry[1]))
        return name if distance <= px(NEAR_PX) else ""

    def _drag(self, place: QPointF, *, finished: bool) -> None:
        radius = min(LARGEST_RADIUS, math.hypot(*self.frequency_at(place)))
        self.ring_dragged.emit(self._dragged, round(radius, 3), finished)

    def _dab(self, place: QPointF) -> None:
        """Paint from where the brush was to where it is."""
        if self._stroke is None:
            return
        here, last, radius = self.frequency_at(place), self._last, self._brush_radius()
        length = math.hypot(here[0] - last[0], here[1] - last[1])
        count = max(1, math.ceil(length / max(radius, 1.0 / max(self.rows, self.columns))))
        before = self._stroke
        for part in np.linspace(0.0, 1.0, count + 1)[0 if length == 0.0 else 1 :]:
            at = last[0] + part * (here[0] - last[0]), last[1] + part * (here[1] - last[1])
            self._stroke = dabbed(self._stroke, at, radius, passes=self._passes)
        self._last = here
        if before is not self._stroke:
            self.painted.emit(encode_mask(self._stroke), False)

    def _brush_radius(self) -> float:
        return 0.5 * self._brush / max(1, self.rows, self.columns)

    def _point(self, place: QPointF) -> None:
        if self._dragged or self._ring_near(place):
            self.setCursor(Qt.CursorShape.SizeAllCursor)
        elif self._tool != "look" and self.cell_at(place) is not None:
            self.setCursor(Qt.CursorShape.CrossCursor)
        else:
            self.unsetCursor()
