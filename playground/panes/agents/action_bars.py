"""One bar for every action: how likely it is, or what it is worth, with the chosen one marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from playground.ui.fonts import number_font, ui_font
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import QPaintEvent

ROW_PX = 22
NUMBER_PX = 58
WORDS_SHARE = 0.38
MOST_ROWS = 12


class ActionBars(QWidget):
    """Bars of an action's probability (0…100 %) or of its value Q(s, a).

    Every row has the room of a value; ranges are handed in, so that bars hold still in a film.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._values: NDArray[np.floating] | None = None
        self._chosen: int | None = None
        self._range = (0.0, 1.0)
        self._share = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._on_theme_changed)

    @property
    def values(self) -> NDArray[np.floating] | None:
        """(k,) what is shown."""
        return self._values

    @property
    def chosen(self) -> int | None:
        """The action that is marked."""
        return self._chosen

    def set_names(self, names: Sequence[str]) -> None:
        """Say which actions there are."""
        if tuple(names) != self._names:
            self._names = tuple(names)
            self.updateGeometry()
            self.update()

    def set_values(
        self,
        values: NDArray[np.floating] | None,
        chosen: int | None,
        *,
        share: bool,
        span: tuple[float, float] = (0.0, 1.0),
    ) -> None:
        """Show (k,) values; ``share`` writes them as per cent, else they lie within ``span``."""
        self._values, self._chosen, self._share, self._range = values, chosen, share, span
        self.update()

    @override
    def sizeHint(self) -> QSize:
        rows = min(max(len(self._names), 1), MOST_ROWS)
        return QSize(px(220), rows * px(ROW_PX))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(180), self.sizeHint().height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        values = self._values
        if values is None or len(values) != len(self._names):
            painter.setPen(qcolor("muted"))
            painter.setFont(ui_font(px(12)))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "nobody decides here")
            return
        room = QRectF(self.rect())
        paint_action_bars(
            painter, room, self._names, values, self._chosen, self._range, self._share
        )

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()


def paint_action_bars(
    painter: QPainter,
    room: QRectF,
    names: Sequence[str],
    values: NDArray[np.floating],
    chosen: int | None,
    span: tuple[float, float],
    share: bool,
) -> None:
    """Paint a row of name, bar and number for each action."""
    shown = min(len(names), MOST_ROWS)
    high = room.height() / max(shown, 1)
    words = WORDS_SHARE * room.width()
    number = px(NUMBER_PX)
    left = room.left() + words
    track = max(room.width() - words - number, 1.0)
    low, top = span if span[1] > span[0] else (span[0] - 0.5, span[0] + 0.5)
    zero = left + track * min(max((0.0 - low) / (top - low), 0.0), 1.0)
    centre = Qt.AlignmentFlag.AlignVCenter
    plain, figures = ui_font(px(12)), number_font(px(12))
    for place in range(shown):
        y = room.top() + place * high
        value, mine = float(values[place]), place == chosen
        token = "accent" if mine else "control"
        here = left + track * min(max((value - low) / (top - low), 0.0), 1.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("line"))
        painter.drawRoundedRect(QRectF(left, y + 0.42 * high, track, 0.16 * high), 1, 1)
        painter.setBrush(qcolor(token))
        bar = QRectF(min(zero, here), y + 0.2 * high, max(abs(here - zero), 1.0), 0.6 * high)
        painter.drawRoundedRect(bar, px(2), px(2))
        if mine:
            # The chosen one is told by a mark too, not by its colour alone.
            side = px(4)
            tip = QPointF(left - px(3), y + 0.5 * high)
            painter.setBrush(qcolor("accent"))
            back = (QPointF(-1.4 * side, -side), QPointF(-1.4 * side, side))
            painter.drawPolygon(QPolygonF([tip, *(tip + corner for corner in back)]))
        painter.setFont(plain)
        painter.setPen(qcolor("text" if mine else "muted"))
        box = QRectF(room.left(), y, words - px(12), high)
        name = painter.fontMetrics().elidedText(
            names[place], Qt.TextElideMode.ElideRight, int(box.width())
        )
        painter.drawText(box, centre, name)
        painter.setFont(figures)
        box = QRectF(left + track, y, number, high)
        text = _percent(value) if share else format_number(value, 3)
        painter.drawText(box, centre | Qt.AlignmentFlag.AlignRight, text)


def spread_of(values: NDArray[np.floating]) -> tuple[float, float]:
    """Return the least and the largest finite number, 0 included."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    return min(0.0, float(finite.min())), max(0.0, float(finite.max()))


def _percent(share: float) -> str:
    if not np.isfinite(share):
        return "–"
    return f"{100.0 * share:.0f} %" if share >= 0.0995 else f"{100.0 * share:.1f} %"
