"""The episode library: a thumbnail of every recorded episode, with its return and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolTip,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from playground.panes.agents.films import (
    end_icon,
    end_token,
    end_words,
    return_text,
    steps_text,
)
from playground.panes.agents.scene_canvas import painter_of
from playground.panes.agents.scroll import scrolled
from playground.ui.cards import EmptyState
from playground.ui.choice_box import ChoiceBox
from playground.ui.fonts import Weight, number_font, ui_font
from playground.ui.icons import icon_pixmap
from playground.ui.theme import pen, px, qcolor, theme

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent, QPoint
    from PySide6.QtGui import QHelpEvent, QMouseEvent, QPaintEvent, QResizeEvent

    from playground.experiments.agents_snapshot import AgentSnapshot, LibraryEntry

THUMB_PX, PICTURE_PX, WORDS_PX, GAP_PX = 124, 80, 34, 8
KEPT_PICTURES = 400
ALL, MARKED = "all", "marked"
SHOWN = (
    (ALL, "all", "Every recorded episode that is kept, the latest first"),
    (MARKED, "first, best, worst …", "First, best, worst, median and latest only"),
)
EMPTY = (
    "Nothing recorded yet. While the agent learns, one of its episodes is recorded now and then."
)


class EpisodeShelf(QWidget):
    """Thumbnails in rows.

    Signals
    -------
    chosen(int)
        A person wants to see the episode of this id.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[LibraryEntry, ...] = ()
        self._selected: int | None = None
        self._pictures: dict[tuple[object, ...], QPixmap] = {}
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Recorded episodes")
        theme().changed.connect(self._on_theme_changed)

    @property
    def entries(self) -> tuple[LibraryEntry, ...]:
        """What stands on the shelf, in order."""
        return self._entries

    def set_entries(self, entries: tuple[LibraryEntry, ...]) -> None:
        """Put other episodes on the shelf."""
        if len(entries) == len(self._entries) and all(
            a is b for a, b in zip(entries, self._entries, strict=True)
        ):
            return
        self._entries = entries
        while len(self._pictures) > KEPT_PICTURES:
            self._pictures.pop(next(iter(self._pictures)))
        self._settle()
        self.update()

    def set_selected(self, number: int | None) -> None:
        """Frame the episode that is played."""
        if number != self._selected:
            self._selected = number
            self.update()

    def box_of(self, place: int) -> QRectF:
        """Return where a thumbnail stands."""
        columns, wide, high = self._columns(), px(THUMB_PX), px(PICTURE_PX + WORDS_PX)
        row, column = divmod(place, columns)
        gap = px(GAP_PX)
        return QRectF(column * (wide + gap), row * (high + gap), wide, high)

    @override
    def sizeHint(self) -> QSize:
        rows = -(-len(self._entries) // self._columns())
        return QSize(px(THUMB_PX), max(1, rows) * px(PICTURE_PX + WORDS_PX + GAP_PX))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._settle()

    @override
    def event(self, event: QEvent) -> bool:
        if event.type() == event.Type.ToolTip:
            help_event: QHelpEvent = event  # type: ignore[assignment]
            entry = self._entry_at(help_event.pos())
            if entry is not None:
                QToolTip.showText(help_event.globalPos(), tip_of(entry), self)
            return True
        return super().event(event)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        entry = self._entry_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and entry is not None:
            self.chosen.emit(entry.shown.id)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self._entry_at(event.position().toPoint()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        seen = QRectF(event.rect())
        for place, entry in enumerate(self._entries):
            box = self.box_of(place)
            if box.intersects(seen):
                self._paint_thumbnail(painter, box, entry)

    def _paint_thumbnail(self, painter: QPainter, box: QRectF, entry: LibraryEntry) -> None:
        shown = entry.shown
        picture = QRectF(box.left(), box.top(), box.width(), px(PICTURE_PX))
        painter.drawPixmap(picture.topLeft(), self._picture(entry))
        chosen = shown.id == self._selected
        painter.setPen(pen("accent", 2.4) if chosen else pen("line", 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(picture.adjusted(1, 1, -1, -1), px(6), px(6))
        if entry.marks:
            self._paint_marks(painter, picture, " · ".join(entry.marks))
        size = px(13)
        token = end_token(shown.end)
        y = picture.bottom() + px(3)
        ratio = self.devicePixelRatioF()
        painter.drawPixmap(
            round(box.left()), round(y + 1), icon_pixmap(end_icon(shown.end), size, token, ratio)
        )
        painter.setFont(number_font(px(12), Weight.DemiBold))
        painter.setPen(qcolor("text"))
        left = box.left() + size + px(4)
        row = QRectF(left, y, box.width() - size - px(4), px(15))
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, return_text(shown.total))
        painter.setFont(ui_font(px(11)))
        painter.setPen(qcolor("muted"))
        painter.drawText(
            row, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, end_words(shown.end)
        )
        row = QRectF(box.left(), y + px(15), box.width(), px(14))
        words = f"after {steps_text(shown.env_step)}"
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_marks(self, painter: QPainter, picture: QRectF, words: str) -> None:
        painter.setFont(ui_font(px(10), Weight.DemiBold))
        metrics, most = painter.fontMetrics(), int(picture.width()) - px(18)
        # An only episode is the first, best, worst, median and latest of all.
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, most)
        wide = metrics.horizontalAdvance(words) + px(10)
        chip = QRectF(picture.left() + px(4), picture.top() + px(4), wide, px(15))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("accent", 0.92))
        painter.drawRoundedRect(chip, px(4), px(4))
        painter.setPen(qcolor("on_accent"))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, words)

    def _picture(self, entry: LibraryEntry) -> QPixmap:
        ratio = self.devicePixelRatioF()
        # The episode itself is the key: ids begin anew with every run.
        key = (entry.shown, ratio, theme().tokens, theme().scale)
        made = self._pictures.get(key)
        if made is None:
            made = thumbnail(entry, QSize(px(THUMB_PX), px(PICTURE_PX)), ratio)
            self._pictures[key] = made
        return made

    def _columns(self) -> int:
        return max(1, (self.width() + px(GAP_PX)) // (px(THUMB_PX) + px(GAP_PX)))

    def _entry_at(self, place: QPoint) -> LibraryEntry | None:
        for number, entry in enumerate(self._entries):
            if self.box_of(number).contains(place):
                return entry
        return None

    def _settle(self) -> None:
        high = self.sizeHint().height()
        if high != self.minimumHeight():
            self.setMinimumHeight(high)
        self.updateGeometry()

    def _on_theme_changed(self) -> None:
        self._pictures.clear()
        self._settle()
        self.update()


class LibraryView(QWidget):
    """The shelf with its choice of all or the marked ones.

    Signals
    -------
    chosen(int)
        A person wants to see the episode of this id.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._snapshot: AgentSnapshot | None = None
        self.shelf = EpisodeShelf()
        self.which = ChoiceBox("Which episodes", SHOWN, value=ALL, segmented=True)
        self.count = QLabel()
        self.count.setProperty("role", "muted")
        self.empty = EmptyState(EMPTY, icon_name="history")
        self._area = scrolled(self.shelf)
        self._head = QHBoxLayout()
        self._head.addWidget(self.which)
        self._head.addStretch(1)
        self._head.addWidget(self.count)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._head)
        self._column.addWidget(self._area, 1)
        self._column.addWidget(self.empty, 1)
        self._area.hide()
        self.which.edited.connect(lambda _: self._show_entries())
        self.shelf.chosen.connect(self.chosen)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(200), px(120))

    def show_snapshot(self, snapshot: AgentSnapshot) -> None:
        """Show the library of a snapshot."""
        if self._snapshot is None or snapshot.library is not self._snapshot.library:
            self._snapshot = snapshot
            self._show_entries()
        recording = snapshot.recording
        words = f"{len(snapshot.library)} kept"
        if recording is not None:
            words = f"recording, step {recording} · {words}"
        self.count.setText(words)

    def set_selected(self, number: int | None) -> None:
        """Frame the episode that is played."""
        self.shelf.set_selected(number)

    def _show_entries(self) -> None:
        if self._snapshot is None:
            return
        entries = self._snapshot.library[::-1]
        if self.which.value == MARKED:
            entries = tuple(entry for entry in entries if entry.marks)
        self.shelf.set_entries(entries)
        self._area.setVisible(bool(entries))
        self.empty.setVisible(not entries)

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(6))


def thumbnail(entry: LibraryEntry, size: QSize, ratio: float) -> QPixmap:
    """Return a small picture of the last moment of an episode, with the whole way there."""
    picture = QPixmap(size * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    room = QRectF(0, 0, size.width(), size.height())
    shape = QPainterPath()
    shape.addRoundedRect(room, px(6), px(6))
    painter.setClipPath(shape)
    scene = painter_of(entry.shown.episode)
    scene.paint_still(painter, room)
    scene.paint_moving(painter, room, entry.shown.length)
    painter.end()
    return picture


def tip_of(entry: LibraryEntry) -> str:
    """Return what an episode is, in lines."""
    shown = entry.shown
    marks = (f"{', '.join(entry.marks).capitalize()} of those kept",) if entry.marks else ()
    return "\n".join(
        (
            *marks,
            f"Return {return_text(shown.total)}, {end_words(shown.end)}, {shown.length} steps",
            f"after {shown.env_step:,} steps of training, seed {shown.seed}, {shown.mode}",
            "Click to play it.",
        )
    )
