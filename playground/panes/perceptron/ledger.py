"""The last steps as arithmetic, newest first: what was looked at, what came out, what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QScrollArea, QWidget
from typing_extensions import override

from playground.ui.fonts import Weight, number_font, ui_font
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from playground.experiments.perceptron_snapshot import LearnerView, LedgerRow, PartDelta

ROW_PX, TALL_ROW_PX = 58, 74
INDENT_PX, MARGIN_PX = 10, 6
PART_PX = 20
EMPTY_WORDS = "Nothing has happened yet. Press Space to train, or → for a single step."
Lines: TypeAlias = "tuple[str, str, str, str]"


class LedgerView(QScrollArea):
    """The book-keeping of the selected learner; the row of the present step is on top."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page = _Page()
        self.setWidget(self._page)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # A scroll area fills its page with the colour of windows; this one lies on a card.
        self._page.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        self.setAccessibleName("Ledger of the last steps")

    def show_learner(self, view: LearnerView | None, step: int) -> None:
        """Show the rows of a learner; those of ``step`` are highlighted."""
        rows = view.ledger if view is not None else ()
        parts = view.part_deltas if view is not None else ()
        self._page.set_content(rows, parts, step)

    @property
    def text(self) -> str:
        """Everything shown, as lines."""
        return self._page.text


class _Page(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[LedgerRow, ...] = ()
        self._parts: tuple[PartDelta, ...] = ()
        self._step = 0
        self._lines = 3
        theme().changed.connect(self._fit)

    @property
    def text(self) -> str:
        rows = [" · ".join(row_lines(row)) for row in reversed(self._rows)]
        return "\n".join([part_line(i, part) for i, part in enumerate(self._parts)] + rows)

    def set_content(
        self, rows: tuple[LedgerRow, ...], parts: tuple[PartDelta, ...], step: int
    ) -> None:
        if (rows, parts, step) == (self._rows, self._parts, self._step):
            return
        self._rows, self._parts, self._step = rows, parts, step
        self._fit()
        self.update()

    @override
    def sizeHint(self) -> QSize:
        head = px(PART_PX) * (len(self._parts) + 1) + px(8) if self._parts else 0
        return QSize(px(240), head + self._row_height() * max(len(self._rows), 1))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def _row_height(self) -> int:
        return px(ROW_PX if self._lines == 3 else TALL_ROW_PX)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._rows:
            painter.setPen(qcolor("muted"))
            wrap = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(self.rect().adjusted(12, 8, -12, -8), wrap, EMPTY_WORDS)
            return
        top = self._paint_parts(painter)
        height = self._row_height()
        for index, row in enumerate(reversed(self._rows)):
            box = QRectF(0, top + index * height, self.width(), height)
            if event.rect().intersects(box.toRect()):
                self._paint_row(painter, row, box)

    def _paint_parts(self, painter: QPainter) -> float:
        if not self._parts:
            return 0.0
        painter.setFont(ui_font(px(11), Weight.DemiBold))
        painter.setPen(qcolor("muted"))
        height = px(PART_PX)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        heading = f"Last parallel batch: {len(self._parts)} parts, their Δ summed"
        painter.drawText(QRectF(0, 0, self.width(), height), left, heading)
        painter.setFont(number_font(px(12)))
        painter.setPen(qcolor("text"))
        for index, part in enumerate(self._parts):
            box = QRectF(0, (index + 1) * height, self.width(), height)
            painter.drawText(box, left, _elided(painter, part_line(index, part), box))
        return (len(self._parts) + 1) * height + px(8)

    def _paint_row(self, painter: QPainter, row: LedgerRow, box: QRectF) -> None:
        inner = box.adjusted(px(INDENT_PX), px(4), -px(MARGIN_PX), -px(4))
        current = row.step == self._step
        if current:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(qcolor("accent", 0.14))
            painter.drawRoundedRect(box.adjusted(0, 1, -2, -1), 6.0, 6.0)
            painter.setBrush(qcolor("accent"))
            painter.drawRoundedRect(QRectF(0, box.top() + 6, 3, box.height() - 12), 1.5, 1.5)
        where, score, change, result = row_lines(row)
        wrong = row.mistakes > 0
        lines = self._lines
        line = inner.height() / lines
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        top = QRectF(inner.left(), inner.top(), inner.width(), line)
        painter.setFont(ui_font(px(11), Weight.DemiBold))
        painter.setPen(qcolor("warn" if wrong else "ok"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(top, right, result)
        room = top.adjusted(0, 0, -painter.fontMetrics().horizontalAdvance(result) - px(8), 0)
        painter.setFont(ui_font(px(11)))
        painter.setPen(qcolor("text" if current else "muted"))
        painter.drawText(room, left, _elided(painter, where, room))
        painter.setFont(number_font(px(12)))
        painter.setPen(qcolor("text"))
        middle = QRectF(inner.left(), top.bottom(), inner.width(), line * (lines - 2))
        wrapped = int(left) | int(Qt.TextFlag.TextWordWrap)
        painter.drawText(middle, wrapped, score)
        last = QRectF(inner.left(), middle.bottom(), inner.width(), line)
        painter.drawText(last, left, _elided(painter, change, last))

    def _fit(self) -> None:
        # All rows get a line more as soon as the arithmetic of one does not fit on its own.
        metrics = QFontMetrics(number_font(px(12)))
        longest = max((metrics.horizontalAdvance(row_lines(r)[1]) for r in self._rows), default=0)
        self._lines = 3 if longest <= self.width() - px(INDENT_PX + MARGIN_PX) else 4
        if self.minimumHeight() != self.sizeHint().height():
            self.setMinimumHeight(self.sizeHint().height())
            self.updateGeometry()


def row_lines(row: LedgerRow) -> Lines:
    """Return where a row stands, its arithmetic, its change, and right or wrong, in words."""
    before = (row.w1 - row.dw1, row.w2 - row.dw2, row.beta - row.dbeta)
    if row.label == 0:
        where = f"step {row.step:,} · epoch {row.epoch:,} · {row.samples:,} samples"
        result = f"{row.mistakes:,} wrong"
        score = f"at w = {_pair(before[0], before[1])}, β = {_short(before[2])}"
    else:
        sign = "+1" if row.label > 0 else "−1"
        where = f"step {row.step:,} · epoch {row.epoch:,} · point {row.id}, {sign}"
        result = "wrong" if row.mistakes else "right"
        score = (
            f"f = {_times(before[0], row.x1)} + {_times(before[1], row.x2)} + {_short(before[2])}"
            f" = {_short(row.f)}"
        ).replace("+ −", "− ")
    if row.dw1 == row.dw2 == row.dbeta == 0.0:
        change = "no change"
    else:
        change = f"Δw = {_pair(row.dw1, row.dw2)}, Δβ = {_short(row.dbeta)}"
    return where, score, change, result


def part_line(index: int, part: PartDelta) -> str:
    """Return what one part of a parallel batch contributed, in words."""
    return (
        f"part {index + 1}: {part.mistakes:,} of {part.samples:,} wrong, "
        f"Δ = {_pair(part.dw1, part.dw2)}, Β = {_short(part.dbeta)}"
    )


def _short(value: float) -> str:
    return format_number(value, 3)


def _times(weight: float, value: float) -> str:
    factor = _short(value)
    return f"{_short(weight)}·{f'({factor})' if factor.startswith('−') else factor}"


def _pair(one: float, other: float) -> str:
    return f"({_short(one)}, {_short(other)})"


def _elided(painter: QPainter, words: str, box: QRectF) -> str:
    metrics = QFontMetrics(painter.font())
    return metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(box.width()))
