"""Bars of class probabilities: the likeliest one is loud, what was before it stays as a mark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from playground.ui.fonts import Weight, number_font, ui_font
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent, QPaintEvent

    Floats = NDArray[np.floating[Any]]

MOST_ROWS: Final = 10
ROW_PX, LEAST_ROW_PX = 20, 13
VALUE_PX: Final = 50
LONGEST_NAME_SHARE: Final = 0.36
NBSP: Final = "\N{NO-BREAK SPACE}"
DIGITS: Final = tuple(str(digit) for digit in range(10))


def percent(probability: float) -> str:
    """Return a probability as a person reads it: ``97.2 %``, ``0.03 %``, ``< 0.01 %``.

    Its parts never stand on two lines.
    """
    value = 100.0 * float(probability)
    if not np.isfinite(value):
        return "–"
    if 0.0 < value < 0.01:
        return f"<{NBSP}0.01{NBSP}%"
    if 99.95 <= value < 100.0:
        return f">{NBSP}99.9{NBSP}%"
    if value < 0.995 and value != 0.0:
        return f"{value:.2g}{NBSP}%"
    return f"{value:.1f}{NBSP}%"


def rows_shown(values: Floats, most: int = MOST_ROWS) -> list[int]:
    """Return the classes that get a bar: all of few, the likeliest of many, in their order."""
    if len(values) <= most:
        return list(range(len(values)))
    order = np.argsort(-np.nan_to_num(np.asarray(values)), kind="stable")
    return sorted(order[:most].tolist())


class ProbabilityBars(QWidget):
    """One bar a class, at most ten.

    Parameters
    ----------
    competing
        The values are parts of one whole: the largest is loud. False where each is a share of its
        own, such as accuracies.

    Signals
    -------
    class_chosen(int)
        A person clicked a class.
    """

    class_chosen = Signal(int)

    def __init__(self, *, competing: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._competing = competing
        self._names: tuple[str, ...] = DIGITS
        self._values: Floats | None = None
        self._before: Floats | None = None
        self._chosen: int | None = None
        self._hovered: int | None = None
        self._choosable = False
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Class probabilities")
        theme().changed.connect(self.updateGeometry)

    @property
    def values(self) -> Floats | None:
        """What is shown; None where there is nothing to say."""
        return self._values

    @property
    def winner(self) -> int | None:
        """The likeliest class."""
        if self._values is None or not np.isfinite(self._values).any():
            return None
        return int(np.nanargmax(self._values))

    def set_names(self, names: Sequence[str]) -> None:
        """Change what the classes are called."""
        if tuple(names) != self._names:
            self._names = tuple(names)
            self._values = self._before = None
            self.updateGeometry()
            self.update()

    def set_values(self, values: Floats | None, before: Floats | None = None) -> None:
        """Show probabilities, and as thin marks those they are to be compared with."""
        if values is None and before is None and self._values is None and self._before is None:
            # Blank paper beside a run at full speed: nothing is painted anew.
            return
        self._values = values
        self._before = before
        winner = self.winner
        said = (
            f"{self._name(winner)}: {percent(values[winner])}"
            if values is not None and winner is not None
            else "none"
        )
        self.setAccessibleDescription(said)
        self.update()

    def set_chosen(self, index: int | None) -> None:
        """Mark the class that an explanation is about; from now on classes can be clicked."""
        self._choosable = True
        if index != self._chosen:
            self._chosen = index
            self.update()

    def rows(self) -> list[int]:
        """Return the classes with a bar, from top to bottom."""
        if self._values is None:
            return list(range(min(len(self._names), MOST_ROWS)))
        return rows_shown(self._values)

    def row_rect(self, place: int) -> QRectF:
        """Return the stripe of the n-th bar."""
        count = max(1, len(self.rows()))
        high = min(px(ROW_PX) * 1.3, self.height() / count)
        return QRectF(0.0, place * high, self.width(), high)

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(180), px(ROW_PX) * len(self.rows()))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(120), px(LEAST_ROW_PX) * len(self.rows()))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rows = self.rows()
        names_wide = self._names_width(rows)
        winner = self.winner if self._competing else None
        for place, index in enumerate(rows):
            self._paint_row(painter, self.row_rect(place), index, names_wide, index == winner)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self._class_at(event.position())
        if found != self._hovered:
            self._hovered = found
            pointing = found is not None and self._choosable
            self.setCursor(
                Qt.CursorShape.PointingHandCursor if pointing else Qt.CursorShape.ArrowCursor
            )
            self.update()
        if found is None:
            QToolTip.hideText()
        else:
            QToolTip.showText(event.globalPosition().toPoint(), self.words(found), self)

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = None
        self.update()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._class_at(event.position())
        if self._choosable and found is not None and event.button() == Qt.MouseButton.LeftButton:
            self.class_chosen.emit(found)

    def words(self, index: int) -> str:
        """Return the exact probability of a class, and the earlier one."""
        name = self._name(index)
        if self._values is None:
            return f"{name}: nothing drawn yet"
        text = f"P({name}) = {float(self._values[index]):.6f}"
        if self._before is not None and index < len(self._before):
            text += f"\nbefore: {float(self._before[index]):.6f}"
        return f"{text}\nClick to explain this class." if self._choosable else text

    def _name(self, index: int) -> str:
        return self._names[index] if index < len(self._names) else str(index)

    def _class_at(self, at: QPointF) -> int | None:
        for place, index in enumerate(self.rows()):
            if self.row_rect(place).contains(at):
                return index
        return None

    def _names_width(self, rows: list[int]) -> float:
        font = ui_font(px(12), Weight.DemiBold)
        metrics = QFontMetricsF(font)
        widest = max((metrics.horizontalAdvance(self._name(index)) for index in rows), default=0.0)
        return min(widest, LONGEST_NAME_SHARE * self.width()) + px(8)

    def _paint_row(
        self, painter: QPainter, row: QRectF, index: int, names_wide: float, loud: bool
    ) -> None:
        if index in (self._hovered, self._chosen):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(qcolor("hover"))
            painter.drawRoundedRect(row.adjusted(0, 0.5, 0, -0.5), px(4), px(4))
        size = min(px(12), max(px(9), row.height() * 0.72))
        painter.setFont(ui_font(size, Weight.DemiBold if loud else Weight.Normal))
        painter.setPen(qcolor("text" if loud else "muted"))
        name_box = QRectF(px(2), row.top(), names_wide - px(6), row.height())
        metrics = painter.fontMetrics()
        name = metrics.elidedText(
            self._name(index), Qt.TextElideMode.ElideRight, int(name_box.width()) + 1
        )
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(name_box, middle | Qt.AlignmentFlag.AlignRight, name)
        room = max(4.0, row.width() - names_wide - px(VALUE_PX) - px(6))
        thick = min(px(8), max(px(4), row.height() * 0.45))
        track = QRectF(row.left() + names_wide, row.center().y() - thick / 2, room, thick)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("line"))
        painter.drawRoundedRect(track, thick / 2, thick / 2)
        if self._values is None:
            return
        value = float(np.nan_to_num(self._values[index]))
        if value * room >= 1.0:
            bar = QRectF(track.left(), track.top(), max(thick, value * room), thick)
            # Rounded ends need some length: what is shorter is fainter instead.
            painter.setOpacity(min(1.0, 0.25 + 0.75 * value * room / thick))
            painter.setBrush(qcolor("accent" if loud else "muted"))
            painter.drawRoundedRect(bar, thick / 2, thick / 2)
            painter.setOpacity(1.0)
        self._paint_before(painter, track, index)
        painter.setFont(number_font(size, Weight.DemiBold if loud else Weight.Normal))
        painter.setPen(qcolor("text" if loud else "muted"))
        text_box = QRectF(row.right() - px(VALUE_PX) - px(2), row.top(), px(VALUE_PX), row.height())
        words = percent(float(self._values[index]))
        painter.drawText(text_box, middle | Qt.AlignmentFlag.AlignRight, words)

    def _paint_before(self, painter: QPainter, track: QRectF, index: int) -> None:
        if self._before is None or index >= len(self._before):
            return
        x = track.left() + float(np.nan_to_num(self._before[index])) * track.width()
        painter.setPen(QPen(qcolor("warn"), px(2)))
        painter.drawLine(
            QPointF(x, track.top() - px(2)),
            QPointF(x, track.bottom() + px(2)),
        )
