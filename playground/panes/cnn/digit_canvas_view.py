"""A square of paper: smooth strokes of pen and eraser, or a photo, each of which can be undone.

What is drawn is kept as strokes in units of the square's side, so that the drawing survives every
resize; the ink itself is painted once into a picture of fixed size, which is what a network gets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QGuiApplication,
    QImage,
    QInputDevice,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPainterPath,
    QPen,
    QPointingDevice,
)
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from playground.panes.cnn.digit_strokes import SIDE, Stroke, blank_paper, paint_stroke
from playground.ui.fonts import ui_font
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import (
        QDragEnterEvent,
        QDropEvent,
        QEnterEvent,
        QMouseEvent,
        QPaintEvent,
        QTabletEvent,
    )

PEN_WIDTH: Final = 0.075
"""Width of the pen in sides: handwritten digits of MNIST are about two pixels of 28 wide."""
NARROWEST, WIDEST = 0.03, 0.16
ERASER_FACTOR: Final = 1.6
"""How much wider the eraser is than the pen: it need not be aimed."""
LEAST_PRESSURE: Final = 0.25
PAPER, HINT = "#0b0d10", "#8b95a3"
"""The paper is dark in both themes: digits reach the networks as bright ink on nothing."""
RADIUS_PX: Final = 6


class Blank:
    """A fresh sheet: it can be undone like a stroke."""


Mark = Stroke | QImage | Blank


class StrokeCanvas(QWidget):
    """The paper a person draws on with mouse, finger or tablet.

    The left button draws with the chosen tool, the right one erases; a tablet's pressure sets the
    width and its other end erases.

    Signals
    -------
    inked()
        The ink is another: a stroke has grown, or something was undone, cleared or put there.
    settled()
        As ``inked``, but only where a whole stroke or command is over.
    offered(object)
        A ``QMimeData`` was dropped or pasted that may hold a picture.
    """

    inked = Signal()
    settled = Signal()
    offered = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pen_width = PEN_WIDTH
        self.erasing = False
        self._hint = "Draw a digit here"
        self._done: list[Mark] = []
        self._undone: list[Mark] = []
        self._stroke: Stroke | None = None
        self._settled_ink = blank_paper()
        self._ink = self._settled_ink
        self._pointer: QPointF | None = None
        self._dragged_over = False
        self.setAccessibleName("Drawing")
        self.setAccessibleDescription("Draw with the mouse or a pen; the right button erases.")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self.updateGeometry)

    @property
    def is_empty(self) -> bool:
        """Tell whether there is no ink at all."""
        return not bool(self.ink().any())

    @property
    def can_undo(self) -> bool:
        """Tell whether there is a mark to take back."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Tell whether a mark was taken back."""
        return bool(self._undone)

    @property
    def holds_photo(self) -> bool:
        """Tell whether the ink lies on a photo instead of on blank paper."""
        return any(isinstance(mark, QImage) for mark in self._present())

    def ink(self) -> NDArray[np.uint8]:
        """Return the (280, 280) ink so far, 0 paper … 255 full, as a copy."""
        rows = np.frombuffer(self._ink.constBits(), np.uint8)
        rows = rows.reshape(SIDE, self._ink.bytesPerLine())[:, : 4 * SIDE]
        return rows.reshape(SIDE, SIDE, 4)[:, :, 1].copy()

    def square(self) -> QRectF:
        """Return where the paper lies within the widget."""
        side = float(min(self.width(), self.height()))
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def set_hint(self, hint: str) -> None:
        """Change what stands on empty paper."""
        self._hint = hint
        self.update()

    def clear(self) -> None:
        """Take a fresh sheet; nothing happens where the paper is fresh already."""
        self._end_stroke()
        if self._present():
            self._put(Blank())

    def set_photo(self, pixels: NDArray[np.uint8]) -> None:
        """Lay a grey picture, (height, width) with 0 as paper, on a fresh sheet.

        It fills the square as far as its proportions allow.
        """
        self._end_stroke()
        height, width = pixels.shape
        grey = np.ascontiguousarray(pixels)
        source = QImage(grey.data, width, height, width, QImage.Format.Format_Grayscale8)
        sheet = blank_paper()
        painter = QPainter(sheet)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        scale = SIDE / max(height, width)
        size = (width * scale, height * scale)
        painter.drawImage(QRectF((SIDE - size[0]) / 2, (SIDE - size[1]) / 2, *size), source)
        painter.end()
        self._put(sheet)

    def undo(self) -> None:
        """Take the last mark back."""
        self._end_stroke()
        if self._done:
            self._undone.append(self._done.pop())
            self._repaint_all()

    def redo(self) -> None:
        """Bring back what was taken back last."""
        self._end_stroke()
        if self._undone:
            self._done.append(self._undone.pop())
            self._repaint_all()

    def begin(self, x: float, y: float, *, erases: bool = False, pressure: float = 1.0) -> None:
        """Put the pen down at a place in sides of the square; ends a stroke under way."""
        self._end_stroke()
        self._stroke = Stroke(erases)
        self.go_on(x, y, pressure)

    def go_on(self, x: float, y: float, pressure: float = 1.0) -> None:
        """Draw on to a place."""
        stroke = self._stroke
        if stroke is None:
            return
        width = self.pen_width * (ERASER_FACTOR if stroke.erases else 1.0)
        if stroke.add(x, y, width * max(LEAST_PRESSURE, min(1.0, pressure))):
            self._ink = self._settled_ink.copy()
            paint_stroke(self._ink, stroke)
            self.update()
            self.inked.emit()

    def lift(self) -> None:
        """Lift the pen: the stroke is complete and can be undone."""
        if self._end_stroke():
            self.settled.emit()

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(220), px(220))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(120), px(120))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = self.square().adjusted(1, 1, -1, -1)
        outline = QPainterPath()
        outline.addRoundedRect(area, px(RADIUS_PX), px(RADIUS_PX))
        painter.fillPath(outline, qcolor(PAPER))
        painter.save()
        painter.setClipPath(outline)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Lighten)
        painter.drawImage(area, self._ink)
        painter.restore()
        if not self._present() and self._stroke is None:
            painter.setPen(qcolor(HINT))
            painter.setFont(ui_font(px(13)))
            painter.drawText(area, _CENTRE, self._hint)
        loud = self._dragged_over or self.hasFocus()
        painter.setPen(QPen(qcolor("accent" if loud else "control"), 1.5 if loud else 1.0))
        painter.drawPath(outline)
        self._paint_pointer(painter, area)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            event.ignore()
            return
        erases = self.erasing or event.button() == Qt.MouseButton.RightButton
        self.begin(*self._place(event.position()), erases=erases)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._show_pointer(event.position())
        self.go_on(*self._place(event.position()))

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.lift()

    @override
    def tabletEvent(self, event: QTabletEvent) -> None:
        """Draw with pressure; taken here, the pen makes no mouse events."""
        place = self._place(event.position())
        self._show_pointer(event.position())
        if event.type() == QEvent.Type.TabletPress:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            other_end = event.pointerType() == QPointingDevice.PointerType.Eraser
            self.begin(*place, erases=self.erasing or other_end, pressure=_pressure(event))
        elif event.type() == QEvent.Type.TabletMove:
            self.go_on(*place, _pressure(event))
        else:
            self.lift()
        event.accept()

    @override
    def enterEvent(self, event: QEnterEvent) -> None:
        self._show_pointer(event.position())

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._pointer = None
        self.update()

    @override
    def event(self, event: QEvent) -> bool:
        # The window's undo is the run's; while the paper has the focus, it is the strokes'.
        asked = event.type() == QEvent.Type.ShortcutOverride
        if asked and isinstance(event, QKeyEvent) and _command(event) is not None:
            event.accept()
            return True
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        match _command(event):
            case "undo":
                self.undo()
            case "redo":
                self.redo()
            case "clear":
                self.clear()
            case "paste":
                self.paste()
            case _:
                super().keyPressEvent(event)

    def paste(self) -> None:
        """Offer what lies on the clipboard."""
        mime = QGuiApplication.clipboard().mimeData()
        if mime is not None:
            self.offered.emit(mime)

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _may_be_picture(event.mimeData()):
            event.acceptProposedAction()
            self._dragged_over = True
            self.update()

    @override
    def dragLeaveEvent(self, event: QEvent) -> None:
        self._dragged_over = False
        self.update()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        self._dragged_over = False
        self.update()
        event.acceptProposedAction()
        self.offered.emit(event.mimeData())

    def _put(self, mark: Mark) -> None:
        self._done.append(mark)
        self._undone.clear()
        self._repaint_all()

    def _present(self) -> list[Mark]:
        """Return the marks since the last fresh sheet, a photo being one as well."""
        kept: list[Mark] = []
        for mark in self._done:
            if not isinstance(mark, Stroke):
                kept.clear()
            if not isinstance(mark, Blank):
                kept.append(mark)
        return kept

    def _repaint_all(self) -> None:
        self._settled_ink = blank_paper()
        for mark in self._present():
            if isinstance(mark, QImage):
                self._settled_ink = mark.copy()
            elif isinstance(mark, Stroke):
                paint_stroke(self._settled_ink, mark)
        self._ink = self._settled_ink
        self.update()
        self.inked.emit()
        self.settled.emit()

    def _end_stroke(self) -> bool:
        stroke, self._stroke = self._stroke, None
        if stroke is None or not stroke.points:
            return False
        self._done.append(stroke)
        self._undone.clear()
        self._settled_ink = self._ink
        return True

    def _place(self, at: QPointF) -> tuple[float, float]:
        area = self.square()
        side = max(1.0, area.width())
        return (at.x() - area.left()) / side, (at.y() - area.top()) / side

    def _show_pointer(self, at: QPointF) -> None:
        self._pointer = QPointF(at)
        self.update()

    def _paint_pointer(self, painter: QPainter, area: QRectF) -> None:
        if self._pointer is None or not area.contains(self._pointer):
            return
        erases = self._stroke.erases if self._stroke is not None else self.erasing
        width = self.pen_width * (ERASER_FACTOR if erases else 1.0) * area.width()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        style = Qt.PenStyle.DashLine if erases else Qt.PenStyle.SolidLine
        painter.setPen(QPen(qcolor(HINT), 1.0, style))
        painter.drawEllipse(self._pointer, width / 2, width / 2)


_CENTRE = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap


def _pressure(event: QTabletEvent) -> float:
    has = event.pointingDevice().capabilities() & QInputDevice.Capability.Pressure
    # In few steps, for a stroke to be few runs of equal width.
    return round(event.pressure() * 8) / 8 if has else 1.0


def _command(event: QKeyEvent) -> str | None:
    keys = QKeySequence.StandardKey
    for key, name in ((keys.Undo, "undo"), (keys.Redo, "redo"), (keys.Paste, "paste")):
        if event.matches(key):
            return name
    shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    if event.key() == Qt.Key.Key_Z and event.modifiers() == shift:
        return "redo"
    plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
    return "clear" if plain and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) else None


def _may_be_picture(mime: QMimeData) -> bool:
    return mime.hasImage() or mime.hasUrls()
