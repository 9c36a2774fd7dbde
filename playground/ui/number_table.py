"""A table of live numbers: label at the left, value at the right, no layout when values change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, SupportsFloat

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QFontMetrics,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from playground.ui.fonts import number_font, ui_font
from playground.ui.number_text import format_number
from playground.ui.theme import TEXT_PX, px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ROW_PX = 22
COLUMN_GAP_PX = 24
VALUE_SAMPLE = "−0.000×10⁻⁰⁰"


@dataclass(frozen=True, slots=True)
class NumberRow:
    """One line of a table: key, words, what the number means, and the colour of its value."""

    key: str
    label: str
    help: str = ""
    color: str = "text"


class NumberTable(QWidget):
    """Rows of label and value, painted directly so that fresh numbers cost one repaint.

    Parameters
    ----------
    rows
        ``(key, label)`` or ``(key, label, help)`` or :class:`NumberRow`.
    columns
        How many label–value pairs stand side by side, filled row by row.
    """

    def __init__(
        self,
        rows: Iterable[NumberRow | tuple[str, ...]] = (),
        *,
        columns: int = 1,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._rows: tuple[NumberRow, ...] = ()
        self._texts: dict[str, str] = {}
        self._columns = columns
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.set_rows(rows)
        theme().changed.connect(self._on_theme_changed)

    def set_rows(self, rows: Iterable[NumberRow | tuple[str, ...]]) -> None:
        """Say which lines there are; values of keys that stay are kept."""
        self._rows = tuple(row if isinstance(row, NumberRow) else NumberRow(*row) for row in rows)
        keys = {row.key for row in self._rows}
        self._texts = {key: text for key, text in self._texts.items() if key in keys}
        self.updateGeometry()
        self.update()

    def set_values(self, values: Mapping[str, SupportsFloat | str]) -> None:
        """Show values by key, numbers through :func:`format_number`; others keep theirs.

        Raises
        ------
        KeyError
            If there is no row of that key.
        """
        places = {row.key: place for place, row in enumerate(self._rows)}
        for key, value in values.items():
            place = places[key]
            text = value if isinstance(value, str) else format_number(value)
            if self._texts.get(key) != text:
                self._texts[key] = text
                self.update(self._cell(place))
        if QAccessible.isActive():
            self.setAccessibleDescription(self.as_text())

    def value_text(self, key: str) -> str:
        """Return what is shown for a key; empty before the first value."""
        return self._texts.get(key, "")

    def as_text(self) -> str:
        """Return the table as lines of label, tab and value."""
        return "\n".join(f"{row.label}\t{self._texts.get(row.key, '')}" for row in self._rows)

    @override
    def sizeHint(self) -> QSize:
        lines = -(-len(self._rows) // self._columns)
        label = max(
            (self._label_metrics().horizontalAdvance(r.label) for r in self._rows), default=0
        )
        value = QFontMetrics(number_font(px(TEXT_PX))).horizontalAdvance(VALUE_SAMPLE)
        width = self._columns * (label + px(8) + value) + (self._columns - 1) * px(COLUMN_GAP_PX)
        return QSize(width, lines * px(ROW_PX))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(120) * self._columns, self.sizeHint().height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        labels, numbers = ui_font(px(TEXT_PX)), number_font(px(TEXT_PX))
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        metrics = QFontMetrics(numbers)
        for place, row in enumerate(self._rows):
            cell = self._cell(place)
            if not event.rect().intersects(cell):
                continue
            text = self._texts.get(row.key, "–")
            painter.setFont(numbers)
            painter.setPen(qcolor(row.color))
            painter.drawText(cell, right, text)
            room = cell.adjusted(0, 0, -metrics.horizontalAdvance(text) - px(8), 0)
            painter.setFont(labels)
            painter.setPen(qcolor("muted"))
            elide = Qt.TextElideMode.ElideRight
            label = painter.fontMetrics().elidedText(row.label, elide, max(0, room.width()))
            painter.drawText(room, left, label)

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            row = self._row_at(event.pos().x(), event.pos().y())
            if row is not None and (row.help or row.label):
                value = self._texts.get(row.key, "–")
                tip = f"{row.label}: {value}" + (f"\n{row.help}" if row.help else "")
                QToolTip.showText(event.globalPos(), tip, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.as_text())
            return
        super().keyPressEvent(event)

    def _cell(self, place: int) -> QRect:
        line, column = divmod(place, self._columns)
        gap = px(COLUMN_GAP_PX)
        width = (self.width() - gap * (self._columns - 1)) // self._columns
        return QRect(column * (width + gap), line * px(ROW_PX), width, px(ROW_PX))

    def _row_at(self, x: int, y: int) -> NumberRow | None:
        for place, row in enumerate(self._rows):
            if self._cell(place).contains(x, y):
                return row
        return None

    def _label_metrics(self) -> QFontMetrics:
        return QFontMetrics(ui_font(px(TEXT_PX)))

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()
