"""The numbers of an observation with names and units, each as a bar in its usual range."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from playground.ui.fonts import number_font, ui_font
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QHelpEvent, QPaintEvent

    from playground.environments.vector import Quantity

ROW_PX = 18
MOST_ROWS = 10
COLUMNS_HEIGHT_PX = 110
NUMBER_PX = 84


class ObservationRows(QWidget):
    """Rows of name, bar and number; of more than ten numbers upright bars side by side."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._quantities: tuple[Quantity, ...] = ()
        self._values: NDArray[np.floating] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._on_theme_changed)

    def set_quantities(self, quantities: Sequence[Quantity]) -> None:
        """Say what the numbers are."""
        if tuple(quantities) != self._quantities:
            self._quantities = tuple(quantities)
            self._values = None
            self.updateGeometry()
            self.update()

    def set_values(self, values: NDArray[np.floating] | None) -> None:
        """Show an observation (d,)."""
        self._values = values
        self.update()

    def text_of(self, place: int) -> str:
        """Return a number in words: name, value in its unit, and as the agent sees it."""
        quantity = self._quantities[place]
        if self._values is None:
            return quantity.name
        seen = float(self._values[place])
        text = f"{quantity.name}: {value_text(quantity, seen)}"
        if quantity.scale != 1.0:
            text += f"\nthe agent sees {format_number(seen, 4)}"
        return text

    @override
    def sizeHint(self) -> QSize:
        count = len(self._quantities)
        high = COLUMNS_HEIGHT_PX if count > MOST_ROWS else ROW_PX * max(count, 1)
        return QSize(px(220), px(high))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(180), self.sizeHint().height())

    @override
    def event(self, event: QEvent) -> bool:
        if event.type() == event.Type.ToolTip:
            place = self._place_at(event)  # type: ignore[arg-type]
            if place is not None:
                QToolTip.showText(event.globalPos(), self.text_of(place), self)  # type: ignore[attr-defined]
            return True
        return super().event(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        values = self._values
        if values is None or len(values) != len(self._quantities):
            return
        if len(values) > MOST_ROWS:
            self._paint_columns(painter, values)
        else:
            self._paint_rows(painter, values)

    def _paint_rows(self, painter: QPainter, values: NDArray[np.floating]) -> None:
        high = self.height() / len(values)
        words, number = 0.42 * self.width(), px(NUMBER_PX)
        track = max(self.width() - words - number, 1.0)
        centre = Qt.AlignmentFlag.AlignVCenter
        plain, figures = ui_font(px(12)), number_font(px(12))
        muted, text_colour = qcolor("muted"), qcolor("text")
        rows = zip(self._quantities, values.tolist(), strict=True)
        for place, (quantity, value) in enumerate(rows):
            y = place * high
            painter.setFont(plain)
            painter.setPen(muted)
            name = painter.fontMetrics().elidedText(
                quantity.name, Qt.TextElideMode.ElideRight, int(words - px(6))
            )
            painter.drawText(QRectF(0.0, y, words, high), centre, name)
            box = QRectF(words, y + 0.3 * high, track, 0.4 * high)
            _paint_bar(painter, box, quantity, value)
            painter.setFont(figures)
            painter.setPen(text_colour)
            box = QRectF(words + track, y, number, high)
            text = value_text(quantity, value)
            painter.drawText(box, centre | Qt.AlignmentFlag.AlignRight, text)

    def _paint_columns(self, painter: QPainter, values: NDArray[np.floating]) -> None:
        painter.setFont(number_font(px(10)))
        words = px(14)
        wide = self.width() / len(values)
        room = self.height() - words
        painter.setPen(Qt.PenStyle.NoPen)
        low = min(quantity.low for quantity in self._quantities)
        high = max(quantity.high for quantity in self._quantities)
        zero = room * (1.0 - (0.0 - low) / (high - low))
        painter.fillRect(QRectF(0.0, zero - 0.5, self.width(), 1.0), qcolor("line"))
        for place, value in enumerate(values.tolist()):
            y = room * (1.0 - (min(max(value, low), high) - low) / (high - low))
            bar = QRectF(place * wide + 1, min(y, zero), wide - 2, max(abs(y - zero), 1.0))
            painter.fillRect(bar, qcolor("class_plus" if value >= 0.0 else "class_minus"))
        painter.setPen(qcolor("muted"))
        box = QRectF(0.0, room, self.width(), words)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft, self._quantities[0].name)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight, self._quantities[-1].name)

    def _place_at(self, event: QHelpEvent) -> int | None:
        count = len(self._quantities)
        if not count:
            return None
        share = event.y() / self.height() if count <= MOST_ROWS else event.x() / self.width()
        return min(max(int(share * count), 0), count - 1)

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()


def value_text(quantity: Quantity, value: float) -> str:
    """Return a number of an observation in its unit; contact of a leg as yes or no."""
    if quantity.name.endswith("on the ground"):
        return "yes" if value > 0.5 else "no"
    # Without powers of ten: a millionth of a radian is none.
    rounded = round(value * quantity.scale, 3)
    return f"{format_number(rounded if rounded else 0, 3, trim=True)} {quantity.unit}".strip()


def _paint_bar(painter: QPainter, box: QRectF, quantity: Quantity, value: float) -> None:
    span = quantity.high - quantity.low or 1.0
    zero = box.left() + box.width() * min(max(-quantity.low / span, 0.0), 1.0)
    here = box.left() + box.width() * min(max((value - quantity.low) / span, 0.0), 1.0)
    painter.fillRect(QRectF(box.left(), box.center().y() - 1, box.width(), 2), qcolor("line"))
    token = "class_plus" if value >= 0.0 else "class_minus"
    wide = max(abs(here - zero), 1.0)
    painter.fillRect(QRectF(min(zero, here), box.top(), wide, box.height()), qcolor(token))
