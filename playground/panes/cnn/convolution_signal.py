"""A signal as bars: the signal with its border, the kernel where it lies, and the result below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from playground.ui.fonts import number_font, ui_font
from playground.ui.grid_view import short_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QMouseEvent, QPaintEvent, QWheelEvent

    from playground.core.convolution import Window
    from playground.experiments.convolution_snapshot import ConvolutionSnapshot

NUMBERS_FROM = 22
HEAD = 18
FINE, COARSE = 0.1, 10.0


class SignalView(QWidget):
    """Bars of signal, kernel and result over a common axis.

    Signals
    -------
    output_hovered(object), input_hovered(object)
        Index of the bar of the result, or of the signal without border, under the pointer, or None.
    sample_edited(int, float)
        The wheel gave a sample another value.
    """

    output_hovered = Signal(object)
    input_hovered = Signal(object)
    sample_edited = Signal(int, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._snapshot: ConvolutionSnapshot | None = None
        self._window: Window | None = None
        self._lit: frozenset[int] = frozenset()
        self._hovered: tuple[str, int] | None = None
        self.setMouseTracking(True)
        self.setAccessibleName("Signal, kernel and result as bars")
        self.setToolTip("The wheel over a bar of the signal changes it (Ctrl: fine, Shift: coarse)")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self.update)

    @property
    def laid_on(self) -> Window | None:
        """Where the kernel is drawn."""
        return self._window

    def show_snapshot(self, snapshot: ConvolutionSnapshot) -> None:
        """Show a signal and what becomes of it."""
        self._snapshot = snapshot
        self.update()

    def show_window(self, window: Window | None, lit: frozenset[int] = frozenset()) -> None:
        """Lay the kernel under a window, and light some bars of the result."""
        self._window, self._lit = window, lit
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(480), px(260))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(160), px(120))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        snapshot = self._snapshot
        if snapshot is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        result = snapshot.result
        if result is None:
            self._draw_row(painter, 0, "signal", snapshot.picture.values[0, 0], 0.0)
            self._draw_sentence(painter, snapshot.problem)
            return
        padded = result.padded.values[0, 0]
        before = result.geometry.cols.before
        length = result.geometry.cols.length
        border = frozenset(i for i in range(len(padded)) if not before <= i < before + length)
        name = "signal" if not border else "signal with its border"
        self._draw_row(painter, 0, name, padded, 0.0, border=border, lit=self._cells())
        if self._window is not None:
            axis = result.geometry.cols
            start = float(self._window.cols[0])
            weights = self._window.weights[0, 0]
            self._draw_row(painter, 1, "kernel", weights, start, apart=axis.dilation, token="warn")
        values = result.activated.values[0, 0]
        lit = self._lit or (frozenset({self._window.col}) if self._window else frozenset())
        hidden = None if snapshot.whole else snapshot.swept
        self._draw_row(
            painter, 2, "result", values, self._result_start(), apart=result.geometry.cols.stride,
            lit=lit, hidden_from=hidden, token="class_plus",
        )  # fmt: skip

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at(self._bar_at(event.position()))

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(None)

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y() or event.angleDelta().x()
        bar = self._bar_at(event.position())
        if bar is None or bar[0] != "input" or not turned or self._snapshot is None:
            event.ignore()
            return
        step = 1.0 if turned > 0 else -1.0
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            step *= FINE
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            step *= COARSE
        value = float(self._snapshot.picture.values[0, 0, bar[1]])
        self.sample_edited.emit(bar[1], round(value + step, 6))
        event.accept()

    def bar_rect(self, row: int, place: float) -> QRectF:
        """Return the room of a bar: row 0 signal, 1 kernel, 2 result; place in padded samples."""
        high = self.height() / 3
        side = self.width() / max(1, self._places())
        return QRectF(place * side, row * high + px(HEAD), side, high - px(HEAD) - px(6))

    def _places(self) -> int:
        if self._snapshot is None:
            return 1
        result = self._snapshot.result
        if result is None:
            return self._snapshot.picture.shape[1]
        return result.geometry.cols.padded

    def _result_start(self) -> float:
        """Return where the first bar of the result stands: in the middle of its window."""
        result = self._snapshot.result if self._snapshot is not None else None
        return 0.0 if result is None else (result.geometry.cols.span - 1) / 2

    def _cells(self) -> frozenset[int]:
        return frozenset(self._window.cols.tolist()) if self._window is not None else frozenset()

    def _bar_at(self, place: QPointF) -> tuple[str, int] | None:
        snapshot = self._snapshot
        if snapshot is None or not self.rect().contains(place.toPoint()):
            return None
        side = self.width() / max(1, self._places())
        row, x = int(place.y() / (self.height() / 3)), place.x() / side
        result = snapshot.result
        if row == 0:
            index = int(x) - (result.geometry.cols.before if result is not None else 0)
            return ("input", index) if 0 <= index < snapshot.picture.shape[1] else None
        if row == 2 and result is not None:
            axis = result.geometry.cols
            nearest = round((x - 0.5 - self._result_start()) / axis.stride)
            return ("output", nearest) if 0 <= nearest < axis.output else None
        return None

    def _point_at(self, bar: tuple[str, int] | None) -> None:
        if bar == self._hovered:
            return
        self._hovered = bar
        self.output_hovered.emit(bar[1] if bar is not None and bar[0] == "output" else None)
        if bar is not None and bar[0] == "input":
            self.input_hovered.emit(bar[1])

    def _draw_row(
        self,
        painter: QPainter,
        row: int,
        name: str,
        values: NDArray[np.float64],
        start: float,
        *,
        apart: int = 1,
        border: frozenset[int] = frozenset(),
        lit: frozenset[int] = frozenset(),
        hidden_from: int | None = None,
        token: str = "muted",
    ) -> None:
        room = self.bar_rect(row, start)
        painter.setFont(ui_font(px(11)))
        painter.setPen(qcolor("muted"))
        painter.drawText(QPointF(px(2), room.top() - px(5)), name)
        low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
        # Room for the numbers above and below the bars.
        margin = px(14) if room.width() >= px(NUMBERS_FROM) else 0
        scale = (room.height() - 2 * margin) / ((high - low) or 1.0)
        zero = room.top() + margin + high * scale
        painter.setPen(QPen(qcolor("line"), 1.0))
        painter.drawLine(QPointF(0.0, zero), QPointF(self.width(), zero))
        painter.setFont(number_font(px(11)))
        for index, value in enumerate(values.tolist()):
            if hidden_from is not None and index >= hidden_from:
                break
            cell = self.bar_rect(row, start + index * apart)
            gap = min(px(3), cell.width() * 0.15)
            bar = QRectF(cell.left() + gap, zero, cell.width() - 2 * gap, -value * scale)
            colour = qcolor("accent" if index in lit else token, 0.5 if index in border else 1.0)
            if index in border:
                painter.fillRect(bar.normalized(), QBrush(colour, Qt.BrushStyle.BDiagPattern))
            else:
                painter.fillRect(bar.normalized(), colour)
            if margin:
                self._write(painter, cell, zero - value * scale, value)

    def _write(self, painter: QPainter, cell: QRectF, end: float, value: float) -> None:
        painter.setPen(qcolor("text"))
        high = painter.fontMetrics().height()
        top = end - high if value >= 0 else end
        box = QRectF(cell.left() - px(8), top, cell.width() + 2 * px(8), high)
        for digits in (3, 2, 1):
            word = short_number(value, digits)
            if painter.fontMetrics().horizontalAdvance(word) <= cell.width() - px(2):
                break
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)

    def _draw_sentence(self, painter: QPainter, words: str) -> None:
        painter.setFont(ui_font(px(13)))
        painter.setPen(qcolor("muted"))
        flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
        below = self.rect().adjusted(0, self.height() // 3, 0, 0)
        painter.drawText(below, flags, words)
