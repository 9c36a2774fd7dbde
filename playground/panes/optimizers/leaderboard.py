"""The standings: who leads, how each lane does in words, and the numbers of the race."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QToolTip, QVBoxLayout, QWidget
from typing_extensions import override

from playground.experiments.optimizers_snapshot import Standing
from playground.panes.optimizers.lane_colours import lane_colour
from playground.panes.optimizers.map_marks import head_shape
from playground.ui.cards import GroupHead
from playground.ui.fonts import Weight, number_font, ui_font
from playground.ui.icons import icon_pixmap
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent

    from playground.experiments.optimizers_snapshot import LaneView, OptimizerRaceSnapshot

ROW_PX, HEAD_PX = 22, 20
MOST_ROWS_SEEN = 12
ICONS = {
    Standing.FINISHED: "circle-check",
    Standing.RUNNING: "play",
    Standing.SADDLE: "triangle-alert",
    Standing.HILLTOP: "triangle-alert",
    Standing.PLATEAU: "triangle-alert",
    Standing.OSCILLATING: "waves",
    Standing.DIVERGED: "circle-x",
}
TOKENS = {"ok": "ok", "warn": "warn", "bad": "bad", "info": "muted"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of numbers: head, what it means, its width, and how early it is left out."""

    key: str
    head: str
    help: str
    width: int
    rank: int


COLUMNS = (
    Column("loss", "loss", "f where the lane stands", 70, 0),
    Column("distance", "distance", "Distance to the nearest known minimum", 60, 1),
    Column("evaluations", "grads", "Gradient evaluations so far", 42, 2),
    Column(
        "time",
        "µs/step",
        "Time of one step of torch.optim on two weights, measured on this machine",
        50,
        3,
    ),
)
RANK_PX, NAME_PX, STATUS_PX = 20, 90, 86


def status_words(view: LaneView) -> str:
    """Return how a lane does in two or three words; rounds where they tell more."""
    match view.standing:
        case Standing.FINISHED if view.finished_round is not None:
            return f"{format_number(view.finished_round)} rounds"
        case Standing.DIVERGED if view.diverged_round is not None:
            return f"diverged at {format_number(view.diverged_round)}"
        case Standing.RUNNING if not view.evaluations:
            return "at the start"
        case standing:
            return standing.value


def short_words(view: LaneView) -> str:
    """Return the same where room is short; the icon beside it says the rest."""
    match view.standing:
        case Standing.FINISHED if view.finished_round is not None:
            return f"in {format_number(view.finished_round)}"
        case Standing.DIVERGED if view.diverged_round is not None:
            return f"at {format_number(view.diverged_round)}"
        case Standing.RUNNING:
            return "running"
        case standing:
            return str(standing.value).removeprefix("at a ").removeprefix("on a ")


class Standings(QWidget):
    """The painted table; a click or the arrow keys select a lane."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lanes: tuple[LaneView, ...] = ()
        self._times: Mapping[str, float] = {}
        self._selected = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setAccessibleName("Standings of the race")
        theme().changed.connect(self._on_theme_changed)

    @property
    def rows(self) -> tuple[LaneView, ...]:
        """The lanes from the first to the last."""
        return self._lanes

    def show_race(self, snapshot: OptimizerRaceSnapshot, selected: int) -> None:
        """Show the standings."""
        views = {view.index: view for view in snapshot.lanes}
        lanes = tuple(views[index] for index in snapshot.leaderboard)
        if len(lanes) != len(self._lanes):
            self.setMinimumHeight(px(HEAD_PX) + len(lanes) * px(ROW_PX))
            self.updateGeometry()
        self._lanes, self._selected = lanes, selected
        self.setAccessibleDescription(self.as_text())
        self.update()

    def set_times(self, times: Mapping[str, float]) -> None:
        """Show how many seconds a step of each method takes."""
        self._times = dict(times)
        self.update()

    def as_text(self) -> str:
        """Return the standings as lines of words."""
        return "\n".join(
            f"{view.rank}. {view.title}: {status_words(view)}, "
            + ", ".join(f"{column.head} {self.text_of(view, column.key)}" for column in COLUMNS)
            for view in self._lanes
        )

    def text_of(self, view: LaneView, key: str) -> str:
        """Return what stands in a column."""
        match key:
            case "loss":
                return format_number(view.loss, 3)
            case "distance":
                return "–" if math.isnan(view.distance) else format_number(view.distance, 2)
            case "evaluations":
                return format_number(view.evaluations)
            case _:
                seconds = self._times.get(view.method)
                return "–" if seconds is None else format_number(round(seconds * 1e6))

    def explanation(self, view: LaneView) -> str:
        """Return all that is known about a lane, for its tool tip."""
        lines = [f"{view.title}: {view.words}"]
        lines += [f"{column.head}: {self.text_of(view, column.key)}" for column in COLUMNS]
        lines.append(f"η now: {format_number(view.rate, 3)}")
        return "\n".join(lines)

    def lane_at(self, y: float) -> LaneView | None:
        """Return the lane whose row is at a height."""
        row = int((y - px(HEAD_PX)) // px(ROW_PX))
        return self._lanes[row] if y >= px(HEAD_PX) and row < len(self._lanes) else None

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(340), px(HEAD_PX) + max(len(self._lanes), 1) * px(ROW_PX))

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        view = self.lane_at(event.position().y())
        if view is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(view.index)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if not by or not self._lanes:
            super().keyPressEvent(event)
            return
        places = [view.index for view in self._lanes]
        now = places.index(self._selected) if self._selected in places else 0
        self.chosen.emit(places[min(max(now + by, 0), len(places) - 1)])

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            view = self.lane_at(event.pos().y())
            if view is not None:
                QToolTip.showText(event.globalPos(), self.explanation(view), self)
            else:
                words = "\n".join(f"{column.head}: {column.help}" for column in COLUMNS)
                QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        columns = self._fitting()
        self._paint_head(painter, columns)
        for row, view in enumerate(self._lanes):
            box = QRectF(0, px(HEAD_PX) + row * px(ROW_PX), self.width(), px(ROW_PX))
            self._paint_row(painter, box, view, columns)

    def _fitting(self) -> tuple[Column, ...]:
        """Return the columns there is room for, the least important left out first."""
        chosen = list(COLUMNS)
        fixed = px(RANK_PX + NAME_PX + STATUS_PX)
        while len(chosen) > 1 and fixed + sum(px(c.width) for c in chosen) > self.width():
            chosen.remove(max(chosen, key=lambda column: column.rank))
        return tuple(chosen)

    def _boxes(
        self, box: QRectF, columns: tuple[Column, ...]
    ) -> tuple[QRectF, QRectF, list[QRectF]]:
        """Return the places of name, status and numbers in a row."""
        numbers: list[QRectF] = []
        right = box.right() - px(4)
        for column in reversed(columns):
            width = px(column.width)
            numbers.insert(0, QRectF(right - width, box.top(), width, box.height()))
            right -= width
        free = right - px(RANK_PX)
        name = QRectF(px(RANK_PX), box.top(), free * NAME_PX / (NAME_PX + STATUS_PX), box.height())
        status = QRectF(name.right(), box.top(), right - name.right(), box.height())
        return name, status, numbers

    def _paint_head(self, painter: QPainter, columns: tuple[Column, ...]) -> None:
        box = QRectF(0, 0, self.width(), px(HEAD_PX))
        _, status, numbers = self._boxes(box, columns)
        painter.setFont(ui_font(px(11)))
        painter.setPen(qcolor("muted"))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(status, left, "status")
        for column, place in zip(columns, numbers, strict=True):
            painter.drawText(place, right, column.head)

    def _paint_row(
        self, painter: QPainter, box: QRectF, view: LaneView, columns: tuple[Column, ...]
    ) -> None:
        gone = view.standing is Standing.DIVERGED
        if view.index == self._selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(qcolor("hover"))
            painter.drawRoundedRect(box.adjusted(0, 1, 0, -1), px(4), px(4))
            painter.setBrush(qcolor("accent"))
            painter.drawRoundedRect(QRectF(0, box.top() + 3, px(3), box.height() - 6), 1.5, 1.5)
        middle = Qt.AlignmentFlag.AlignVCenter
        name, status, numbers = self._boxes(box, columns)
        painter.setFont(number_font(px(11)))
        painter.setPen(qcolor("muted"))
        rank = QRectF(0, box.top(), px(RANK_PX - 5), box.height())
        painter.drawText(rank, Qt.AlignmentFlag.AlignRight | middle, str(view.rank))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor(lane_colour(view.colour), 0.5 if gone else 1.0))
        painter.drawPolygon(head_shape(view.colour, name.left() + px(6), box.center().y(), px(4)))
        painter.setFont(ui_font(px(12), Weight.Medium))
        painter.setPen(qcolor("muted" if gone else "text"))
        _fitted(painter, name.adjusted(px(15), 0, -px(4), 0), view.title)
        self._paint_status(painter, status, view)
        painter.setFont(number_font(px(12)))
        painter.setPen(qcolor("muted" if gone else "text"))
        for column, place in zip(columns, numbers, strict=True):
            text = self.text_of(view, column.key)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | middle, text)

    def _paint_status(self, painter: QPainter, box: QRectF, view: LaneView) -> None:
        token = TOKENS[view.standing.tone]
        side = px(13)
        picture = icon_pixmap(ICONS[view.standing], side, token, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(box.left(), box.center().y() - side / 2), picture)
        painter.setFont(ui_font(px(12)))
        painter.setPen(qcolor(token))
        room = box.adjusted(side + px(4), 0, -px(2), 0)
        words = status_words(view)
        if QFontMetrics(painter.font()).horizontalAdvance(words) > room.width():
            words = short_words(view)
        _fitted(painter, room, words)

    def _on_theme_changed(self) -> None:
        self.setMinimumHeight(px(HEAD_PX) + len(self._lanes) * px(ROW_PX))
        self.updateGeometry()


class LeaderboardView(QWidget):
    """The standings, with a scroll bar where there are many lanes."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = Standings()
        self.table.chosen.connect(self.chosen)
        self._title = GroupHead("Leaderboard")
        self._scroll = QScrollArea()
        self._scroll.setObjectName("plain")
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.viewport().setAutoFillBackground(False)
        self._scroll.setWidget(self.table)
        self.table.setAutoFillBackground(False)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._title)
        self._column.addWidget(self._scroll, 1)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def set_alone(self, alone: bool) -> None:
        """Show the name when no tab says it."""
        self._title.setVisible(alone)

    def show_race(self, snapshot: OptimizerRaceSnapshot, selected: int) -> None:
        """Show the standings."""
        before = len(self.table.rows)
        self.table.show_race(snapshot, selected)
        if len(self.table.rows) != before:
            self.updateGeometry()

    @override
    def sizeHint(self) -> QSize:
        rows = min(max(len(self.table.rows), 3), MOST_ROWS_SEEN)
        head = self._title.sizeHint().height() + self._column.spacing()
        return QSize(px(340), head + px(HEAD_PX) + rows * px(ROW_PX) + px(2))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(200), px(HEAD_PX + 3 * ROW_PX))

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(4))
        self.updateGeometry()


def _fitted(painter: QPainter, box: QRectF, words: str) -> None:
    metrics = QFontMetrics(painter.font())
    text = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(box.width()))
    painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
