"""The lines of the step card, painted: the rule, the same with numbers, the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from playground.ui.fonts import Weight, number_font, ui_font
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QFont, QPaintEvent, QResizeEvent

    from playground.core.step_sheet import Term

CORNER = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)


class StepLines(QWidget):
    """One block a term: its name and meaning, its rule, and a line of numbers for each weight."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = ""
        self._terms: tuple[Term, ...] = ()
        self._axes = ("x", "y")
        self._blocks: list[tuple[float, float]] = []
        self._height = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        theme().changed.connect(self._lay_out)

    @property
    def terms(self) -> tuple[Term, ...]:
        """What is shown."""
        return self._terms

    def show_terms(self, title: str, terms: tuple[Term, ...], axes: tuple[str, str]) -> None:
        """Show one step."""
        self._title, self._terms, self._axes = title, terms, axes
        self._lay_out()
        self.setAccessibleName(title)
        self.setAccessibleDescription(self.as_text())

    def as_text(self) -> str:
        """Return the card as lines of text."""
        lines = [self._title]
        for term in self._terms:
            lines.append(f"{term.symbol}  {term.meaning}: {term.formula}")
            lines += [f"  {label}{text}" for label, text in self._numbers(term)]
        return "\n".join(lines)

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(300), round(self._height))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(180), round(self._height))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._lay_out()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(ui_font(px(13), Weight.DemiBold))
        painter.setPen(qcolor("text"))
        painter.drawText(QRectF(0, 0, self.width(), px(22)), self._title)
        last = len(self._terms) - 1
        for place, (term, (top, height)) in enumerate(zip(self._terms, self._blocks, strict=True)):
            if event.rect().intersects(QRectF(0, top, self.width(), height).toAlignedRect()):
                self._paint_term(painter, term, top, height, loud=place == last)

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            for term, (top, height) in zip(self._terms, self._blocks, strict=True):
                if top <= event.pos().y() < top + height:
                    values = ", ".join(format_number(value, 9) for value in term.values)
                    words = f"{term.meaning}\n{term.symbol} = {term.formula}\n({values})"
                    QToolTip.showText(event.globalPos(), words, self)
                    return True
            QToolTip.hideText()
            return True
        return super().event(event)

    def _paint_term(
        self, painter: QPainter, term: Term, top: float, height: float, *, loud: bool
    ) -> None:
        width = float(self.width())
        pad = px(8)
        if loud:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(qcolor("accent", 0.13))
            painter.drawRoundedRect(QRectF(0, top, width, height - px(4)), px(6), px(6))
        y = top + px(4)
        symbol = _symbol_font()
        painter.setFont(symbol)
        painter.setPen(qcolor("accent" if loud else "text"))
        indent = self._indent()
        painter.drawText(QRectF(pad, y, indent, px(18)), term.symbol)
        painter.setFont(ui_font(px(12)))
        painter.setPen(qcolor("muted"))
        room = width - indent - 2 * pad
        high = _high(ui_font(px(12)), self._head(term), room)
        flags = _wrap(ui_font(px(12)), self._head(term), room)
        painter.drawText(QRectF(pad + indent, y, room, high), flags, self._head(term))
        y += high + px(1)
        font = number_font(px(12))
        for label, text in self._numbers(term):
            painter.setFont(font)
            high = _high(font, text, room)
            painter.setPen(qcolor("muted"))
            painter.drawText(QRectF(pad, y, indent, px(18)), label.strip())
            self._paint_equation(painter, QRectF(pad + indent, y, room, high), text, font)
            y += high + px(1)

    @staticmethod
    def _paint_equation(painter: QPainter, box: QRectF, text: str, font: QFont) -> None:
        """Paint an equation; where it fits on one line its result is in full colour."""
        left, equals, result = text.rpartition(" = ")
        metrics = QFontMetricsF(font)
        if not equals or metrics.horizontalAdvance(text) > box.width():
            painter.setPen(qcolor("text"))
            painter.drawText(box, _wrap(font, text, box.width()), text)
            return
        painter.setPen(qcolor("muted"))
        painter.drawText(box, CORNER, left + equals)
        painter.setPen(qcolor("text"))
        painter.drawText(
            box.adjusted(metrics.horizontalAdvance(left + equals), 0, px(4), 0), CORNER, result
        )

    def _numbers(self, term: Term) -> list[tuple[str, str]]:
        if len(term.numbers) == 1:
            return [("", term.numbers[0])]
        if not any("=" in text for text in term.numbers):
            # Two plain numbers need no line each.
            return [("", ",  ".join(term.numbers))]
        return [(f"{axis}  ", text) for axis, text in zip(self._axes, term.numbers, strict=True)]

    @staticmethod
    def _head(term: Term) -> str:
        return f"{term.meaning}:  {term.formula}"

    def _indent(self) -> float:
        fonts = [(number_font(px(12)), axis) for axis in self._axes]
        fonts += [(_symbol_font(), term.symbol) for term in self._terms]
        widest = max(QFontMetricsF(font).horizontalAdvance(text) for font, text in fonts)
        return max(float(px(18)), widest + px(10))

    def _lay_out(self) -> None:
        pad = px(8)
        room = max(60.0, float(self.width()) - (self._indent() if self._terms else 0) - 2 * pad)
        y = float(px(24))
        self._blocks = []
        for term in self._terms:
            height = px(4) + _high(ui_font(px(12)), self._head(term), room) + px(1)
            for _, text in self._numbers(term):
                height += _high(number_font(px(12)), text, room) + px(1)
            height += px(8)
            self._blocks.append((y, height))
            y += height
        if y != self._height:
            self._height = y
            self.updateGeometry()
        self.update()


def _symbol_font() -> QFont:
    return ui_font(px(13), Weight.DemiBold)


def _wrap(font: QFont, text: str, width: float) -> int:
    """Return flags that break a text between words, or anywhere where a word is too long."""
    metrics = QFontMetricsF(font)
    fits = all(metrics.horizontalAdvance(word) <= width for word in text.split())
    how = Qt.TextFlag.TextWordWrap if fits else Qt.TextFlag.TextWrapAnywhere
    return CORNER | int(how)


def _high(font: QFont, text: str, width: float) -> float:
    """Return how high a text gets when it is wrapped to a width."""
    flags = _wrap(font, text, width)
    box = QFontMetricsF(font).boundingRect(QRectF(0, 0, width, 10_000), flags, text)
    return max(box.height(), QFontMetricsF(font).height())
