"""The course's table: how many bytes each method needs for every weight, and for whole models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QGuiApplication, QHelpEvent, QKeySequence, QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from playground.core.optimizer_memory import (
    BYTES_PER_NUMBER,
    COURSE_MLP,
    LARGE_MODEL,
    MEMORY,
    MemoryNeed,
    lbfgs_need,
)
from playground.experiments.optimizers_methods import METHOD_LABELS
from playground.experiments.optimizers_snapshot import OptimizerRaceSnapshot
from playground.panes.optimizers.lane_colours import lane_colour
from playground.ui.fonts import Weight, number_font, ui_font
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QKeyEvent, QPaintEvent

    from playground.engine.frames import Frame

ROW_PX, HEAD_PX, NOTE_PX = 23, 34, 36
COURSE_WORDS = "784-500-300-10"
PREFIXES = ("B", "kB", "MB", "GB", "TB")


def bytes_in_words(count: int) -> str:
    """Return a number of bytes with three digits and a decimal prefix, such as ``"6.54 MB"``."""
    value, prefix = float(count), 0
    while value >= 999.5 and prefix < len(PREFIXES) - 1:
        value /= 1000.0
        prefix += 1
    return f"{format_number(value, 3) if prefix else count} {PREFIXES[prefix]}"


class MemoryTable(QWidget):
    """Rows are methods; those that race carry the colour of their lane."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._network = (COURSE_WORDS, COURSE_MLP)
        self._lanes: tuple[tuple[str, int], ...] = ()
        self._history = 10
        self._selected = 0
        self._methods: Mapping[int, str] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName("Memory of the optimizers")
        self._describe()
        theme().changed.connect(self._on_theme_changed)

    @property
    def needs(self) -> tuple[MemoryNeed, ...]:
        """The rows: L-BFGS as the race has it set."""
        return (*MEMORY[:-1], lbfgs_need(self._history))

    def set_network(self, words: str, weights: int) -> None:
        """Say which network the third column is about: its layers and how many weights it has."""
        if (words, weights) != self._network:
            self._network = (words, weights)
            self._describe()
            self.update()

    def set_selected(self, lane_index: int) -> None:
        """Make the method of another lane the loud one."""
        if lane_index != self._selected:
            self._selected = lane_index
            self.update()

    def render_frame(self, frame: Frame) -> None:
        """Nothing here moves with the rounds."""

    def render_slow(self, frame: Frame) -> None:
        """Take over which methods race."""
        snapshot = frame.snapshot
        if not isinstance(snapshot, OptimizerRaceSnapshot):
            return
        lanes = tuple((view.method, view.colour) for view in snapshot.lanes)
        histories = [one.history for one in snapshot.spec.lanes if one.method == "lbfgs"]
        history = histories[0] if histories else 10
        methods = {view.index: view.method for view in snapshot.lanes}
        if (lanes, history, methods) != (self._lanes, self._history, self._methods):
            self._lanes, self._history, self._methods = lanes, history, methods
            self._describe()
            self.update()

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Return the table as texts: method, bytes a weight, this network, seven billion."""
        return [
            (
                METHOD_LABELS[need.method],
                f"{need.copies * BYTES_PER_NUMBER} B",
                bytes_in_words(need.bytes_for(self._network[1])),
                bytes_in_words(need.bytes_for(LARGE_MODEL)),
            )
            for need in self.needs
        ]

    def as_text(self) -> str:
        """Return the table with tabs between its columns."""
        head = ("method", "a weight", self._network[0], "7 billion weights")
        return "\n".join("\t".join(row) for row in (head, *self.rows()))

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(320), px(HEAD_PX + ROW_PX * len(MEMORY) + NOTE_PX))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(240), px(HEAD_PX + 16 * len(MEMORY)))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edges = self._edges()
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(ui_font(px(11)))
        painter.setPen(qcolor("muted"))
        heads = ("method", "a weight", self._network[0], "7 billion")
        for place, words in enumerate(heads):
            box = QRectF(edges[place], 0.0, edges[place + 1] - edges[place], px(HEAD_PX - 6))
            painter.drawText(box, right if place else left, words)
        high = self._row_height()
        painter.setPen(qcolor("line"))
        painter.drawLine(0, px(HEAD_PX - 4), self.width(), px(HEAD_PX - 4))
        # The first lane of a method gives it its colour.
        colours = dict(reversed(self._lanes))
        loud = self._methods.get(self._selected)
        for row, (need, texts) in enumerate(zip(self.needs, self.rows(), strict=True)):
            top = px(HEAD_PX) + row * high
            self._paint_bar(painter, need, edges, top, high)
            if need.method in colours:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(qcolor(lane_colour(colours[need.method])))
                dot = px(8)
                painter.drawEllipse(QRectF(0, top + (high - dot) / 2, dot, dot))
            weight = Weight.DemiBold if need.method == loud else Weight.Normal
            for place, text in enumerate(texts):
                painter.setFont(number_font(px(12)) if place else ui_font(px(12), weight))
                racing = not self._lanes or need.method in colours
                painter.setPen(qcolor("text" if racing else "muted"))
                box = QRectF(edges[place], top, edges[place + 1] - edges[place], high)
                if not place:
                    box.adjust(px(15), 0, 0, 0)
                painter.drawText(box, right if place else left, text)
        self._paint_note(painter, px(HEAD_PX) + len(MEMORY) * high)

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            row = int((event.pos().y() - px(HEAD_PX)) // self._row_height())
            if 0 <= row < len(MEMORY):
                QToolTip.showText(event.globalPos(), self.tip(self.needs[row]), self)
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

    @staticmethod
    def tip(need: MemoryNeed) -> str:
        """Return what a row means in words."""
        text = (
            f"{METHOD_LABELS[need.method]}: weight, gradient and {need.state} more for each weight "
            f"({need.what}): {need.copies} numbers of {BYTES_PER_NUMBER} bytes."
        )
        return f"{text}\nThe course's table says {need.course}." if need.course else text

    def _paint_bar(
        self, painter: QPainter, need: MemoryNeed, edges: list[float], top: float, high: float
    ) -> None:
        """Paint a quiet bar behind the bytes a weight: plain SGD is the shortest."""
        most = max(one.copies for one in self.needs if one.method != "lbfgs")
        share = min(1.0, need.copies / most)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("accent", 0.16))
        room = edges[2] - edges[1] - px(6)
        bar = QRectF(edges[2] - room * share, top + 2, room * share + px(2), high - 4)
        painter.drawRoundedRect(bar, px(3), px(3))

    def _paint_note(self, painter: QPainter, top: float) -> None:
        if self.height() - top < px(16):
            return
        painter.setFont(ui_font(px(11)))
        painter.setPen(qcolor("muted"))
        box = QRectF(0, top + px(4), self.width(), self.height() - top - px(4))
        words = "In training, in single precision: weight, gradient and what the method remembers."
        painter.drawText(box, Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop, words)

    def _row_height(self) -> float:
        room = self.height() - px(HEAD_PX) - px(NOTE_PX)
        least = float(px(16))
        return min(float(px(ROW_PX)), max(least, room / len(MEMORY)))

    def _edges(self) -> list[float]:
        """Return where columns begin and end."""
        small = QFontMetricsF(ui_font(px(11)))
        numbers = QFontMetricsF(number_font(px(12)))
        third = max(small.horizontalAdvance(self._network[0]), numbers.horizontalAdvance("999 MB"))
        wanted = [
            numbers.horizontalAdvance("999 B") + px(14),
            third + px(12),
            max(small.horizontalAdvance("7 billion"), numbers.horizontalAdvance("999 GB")) + px(12),
        ]
        width = float(self.width())
        rest = max(width - sum(wanted), 0.3 * width)
        shrink = (width - rest) / sum(wanted)
        edges = [0.0, rest]
        for one in wanted:
            edges.append(edges[-1] + one * shrink)
        return edges

    def _describe(self) -> None:
        self.setAccessibleDescription(self.as_text())

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()
