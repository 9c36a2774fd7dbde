"""Many small pictures side by side: filters, gradients and feature maps, layer under layer.

A tile is what one filter owns: its kernels for all input channels, or its one feature map. All
tiles are as large as the room allows; where even small ones do not fit, the mosaic scrolls.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QLinearGradient, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QFrame, QScrollArea, QToolTip, QWidget
from typing_extensions import override

from playground.panes.cnn.network_tiles import (
    CAPTION_ROOM_PX,
    HEAD_ROOM_PX,
    Grid,
    Section,
    Sheet,
    TilePlace,
    grids_for,
)
from playground.ui.fonts import number_font, ui_font
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QMouseEvent, QPaintEvent, QResizeEvent

LARGEST_PX, SMALLEST_PX = 132, 20
SCROLLED_PX = 40
HEAD_PX, CAPTION_PX = 11, 10
KEY_STOPS = 10
KEPT_HEIGHT = 2_000
"""Pixels up to which the edges are kept as a picture."""
STEPS: Final[dict[int, int]] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class MosaicCanvas(QWidget):
    """Paints the tiles; the scroll area around it is :class:`Mosaic`.

    Signals
    -------
    tile_clicked(int, int), tile_double_clicked(int, int)
        Key of the section, and the tile.
    """

    tile_clicked = Signal(int, int)
    tile_double_clicked = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sections: tuple[Section, ...] = ()
        self.grids: list[Grid] = []
        self.selected: tuple[int, int] | None = None
        self.struck: frozenset[tuple[int, int]] = frozenset()
        self.words: Callable[[TilePlace], str] | None = None
        self._sheets: list[Sheet] = []
        self._pointer: QPointF | None = None
        self._titles: tuple[str, ...] = ()
        self._frame = QPixmap()
        self._frame_of: object = None
        # It paints all of itself, so that nothing behind it is painted with every picture.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)

    def set_sections(self, sections: tuple[Section, ...], *, hold_titles: bool = False) -> None:
        """Show other numbers; the layout is the scroll area's matter.

        With ``hold_titles`` those of the sections that were there already change with the next
        :meth:`tell` only: nobody reads thirty of them a second.
        """
        known = [part.key for part in self.sections] == [part.key for part in sections]
        self.sections = sections
        self._sheets = [Sheet(section) for section in sections]
        if not (hold_titles and known):
            self._take_titles()
        self.update()

    def place_at(self, x: float, y: float) -> TilePlace | None:
        """Return what is under a point of the canvas; None between the tiles."""
        for index, (section, grid) in enumerate(zip(self.sections, self.grids, strict=False)):
            place = grid.place_at(section, index, x, y)
            if place is not None:
                return place
        return None

    def tell(self) -> None:
        """Refresh the titles, and the numbers under a pointer that rests while time goes on."""
        self._take_titles()
        if self._pointer is not None and self.underMouse() and QToolTip.isVisible():
            self._show_words()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), qcolor("raised"))
        visible = QRectF(event.rect()).adjusted(-4, -px(CAPTION_ROOM_PX) - 4, 4, 4)
        ratio = max(1, round(self.devicePixelRatioF()))
        for section, grid, sheet in zip(self.sections, self.grids, self._sheets, strict=False):
            if not section.tiles:
                continue
            painter.drawImage(grid.left, grid.top, sheet.image(grid, ratio))
            if section.captions:
                for tile in range(section.tiles):
                    rect = grid.tile_rect(tile)
                    if rect.intersects(visible):
                        self._paint_caption(painter, section.captions[tile], rect)
        self._put_frame(painter, visible)
        for section, grid in zip(self.sections, self.grids, strict=False):
            if section.tiles:
                self._paint_marks(painter, section, grid)

    def _take_titles(self) -> None:
        titles = tuple(section.title for section in self.sections)
        if titles != self._titles:
            self._titles = titles
            self.update()

    def _put_frame(self, painter: QPainter, visible: QRectF) -> None:
        """Paint edges, titles and key from a picture that is kept: they seldom change.

        Of a canvas that is much longer than a screen only what is seen is painted.
        """
        if self.height() > KEPT_HEIGHT:
            self._paint_frame(painter, visible)
            return
        ratio = self.devicePixelRatioF()
        sections = tuple((part.key, part.tiles, part.is_matrix) for part in self.sections)
        look = self.size(), ratio, theme().tokens.name, theme().scale
        key = (sections, tuple(self.grids), self.struck, self._titles, look)
        if key != self._frame_of:
            self._frame_of = key
            self._frame = QPixmap(self.size() * ratio)
            self._frame.setDevicePixelRatio(ratio)
            self._frame.fill(Qt.GlobalColor.transparent)
            inside = QPainter(self._frame)
            self._paint_frame(inside, QRectF(self.rect()))
            inside.end()
        painter.drawPixmap(0, 0, self._frame)

    def _paint_frame(self, painter: QPainter, visible: QRectF) -> None:
        for section, grid in zip(self.sections, self.grids, strict=False):
            for tile in range(section.tiles):
                rect = grid.tile_rect(tile)
                if rect.intersects(visible):
                    self._paint_edge(painter, section, tile, rect)
        for title, section, grid in zip(self._titles, self.sections, self.grids, strict=False):
            if title and section.tiles:
                self._paint_title(painter, title, grid)
        self._paint_key(painter)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        self._show_words()

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._pointer = None
        QToolTip.hideText()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._emit(self.tile_clicked, event)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._emit(self.tile_double_clicked, event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = STEPS.get(event.key())
        if by is None or not self._walk(by):
            super().keyPressEvent(event)

    @override
    def event(self, event: QEvent) -> bool:
        # While the tiles have the focus, ← and → go from tile to tile, not along the run.
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() in STEPS
        ):
            event.accept()
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._pointer = QPointF(event.pos())
            self._show_words()
            return True
        return super().event(event)

    def _walk(self, by: int) -> bool:
        """Choose the next or previous tile, over the ends of sections; tell whether there is."""
        every = [(part.key, tile) for part in self.sections for tile in range(part.choices)]
        if not every:
            return False
        # From nowhere the first step forward leads to the first tile, the first back to the last.
        nowhere = -1 if by > 0 else 0
        here = every.index(self.selected) if self.selected in every else nowhere
        self.tile_clicked.emit(*every[(here + by) % len(every)])
        return True

    def _emit(self, signal: Any, event: QMouseEvent) -> None:
        place = self.place_at(event.position().x(), event.position().y())
        if place is not None:
            section = self.sections[place.section]
            signal.emit(section.key, place.row if section.is_matrix else place.tile)

    def _show_words(self) -> None:
        point = self._pointer
        place = self.place_at(point.x(), point.y()) if point is not None else None
        text = self.words(place) if place is not None and self.words is not None else ""
        over = Qt.CursorShape.PointingHandCursor if text else Qt.CursorShape.ArrowCursor
        if self.cursor().shape() != over:
            self.setCursor(over)
        if text and point is not None:
            QToolTip.showText(self.mapToGlobal(point.toPoint()), text, self)
        else:
            QToolTip.hideText()

    def _paint_title(self, painter: QPainter, title: str, grid: Grid) -> None:
        painter.setFont(ui_font(px(HEAD_PX)))
        painter.setPen(qcolor("muted"))
        high = px(HEAD_ROOM_PX)
        head = QRectF(grid.left, grid.top - high, self.width() - grid.left, high)
        elide = Qt.TextElideMode.ElideRight
        text = painter.fontMetrics().elidedText(title, elide, int(head.width()))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(head, flags, text)

    def _paint_key(self, painter: QPainter) -> None:
        """Paint what the colours of signed numbers mean, at the end of the first title."""
        signed = any(section.scale == "diverging" for section in self.sections)
        if not signed or not self.sections[0].title:
            return
        high, top = px(HEAD_ROOM_PX), self.grids[0].top - px(HEAD_ROOM_PX)
        bar = QRectF(self.width() - px(78), top + high / 2 - px(4), px(60), px(8))
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        table = theme().tokens.diverging_map
        for stop in range(KEY_STOPS + 1):
            colour = table[round(stop / KEY_STOPS * (len(table) - 1))]
            gradient.setColorAt(stop / KEY_STOPS, QColor(*(int(part) for part in colour)))
        painter.fillRect(bar.adjusted(-px(18), -px(4), px(18), px(4)), qcolor("raised"))
        painter.fillRect(bar, gradient)
        painter.setFont(number_font(px(HEAD_PX)))
        painter.setPen(qcolor("muted"))
        for words, x in (("−", bar.left() - px(14)), ("+", bar.right() + px(2))):
            painter.drawText(QRectF(x, top, px(12), high), Qt.AlignmentFlag.AlignCenter, words)

    def _paint_edge(self, painter: QPainter, section: Section, tile: int, rect: QRectF) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # Without an edge a kernel near zero would melt into the card.
        painter.setPen(QPen(qcolor("line"), 1.0))
        painter.drawRect(rect.adjusted(-0.5, -0.5, 0.5, 0.5))
        if (section.key, tile) in self.struck and not section.is_matrix:
            painter.fillRect(rect, qcolor("raised", 0.65))
            painter.setPen(QPen(qcolor("bad"), px(2)))
            painter.drawLine(QLineF(rect.topLeft(), rect.bottomRight()))
            painter.drawLine(QLineF(rect.topRight(), rect.bottomLeft()))

    def _paint_marks(self, painter: QPainter, section: Section, grid: Grid) -> None:
        """Outline what is chosen; in a matrix also cross out rows."""
        if section.is_matrix:
            painter.setPen(QPen(qcolor("bad"), px(2)))
            for key, row in self.struck:
                if key == section.key:
                    line = grid.row_rect(section, row)
                    painter.fillRect(line, qcolor("raised", 0.65))
                    middle = line.center().y()
                    painter.drawLine(QLineF(line.left(), middle, line.right(), middle))
        if self.selected is None or self.selected[0] != section.key:
            return
        chosen = self.selected[1]
        if chosen >= section.choices:
            return
        rect = grid.row_rect(section, chosen) if section.is_matrix else grid.tile_rect(chosen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(qcolor("accent"), px(2)))
        painter.drawRect(rect.adjusted(-2, -2, 2, 2))

    def _paint_caption(self, painter: QPainter, caption: str, rect: QRectF) -> None:
        painter.setFont(number_font(px(CAPTION_PX)))
        painter.setPen(qcolor("muted"))
        high = px(CAPTION_ROOM_PX)
        line = QRectF(rect.left() - px(3), rect.bottom() + 1, rect.width() + px(6), high)
        painter.drawText(line, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, caption)


class Mosaic(QScrollArea):
    """Tiles of one or several layers, as large as they fit.

    Parameters
    ----------
    largest, smallest
        Pixels at scale 1 of a tile that has room, and of one that has none.

    Signals
    -------
    tile_clicked(int, int), tile_double_clicked(int, int)
        Key of the section, and the tile.
    """

    tile_clicked = Signal(int, int)
    tile_double_clicked = Signal(int, int)

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        largest: int = LARGEST_PX,
        smallest: int = SMALLEST_PX,
    ) -> None:
        super().__init__(parent)
        self._largest, self._smallest = largest, smallest
        self._shapes: object = None
        self.canvas = MosaicCanvas()
        self.setWidget(self.canvas)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.canvas.setAutoFillBackground(False)
        self.canvas.tile_clicked.connect(self.tile_clicked)
        self.canvas.tile_double_clicked.connect(self.tile_double_clicked)
        theme().changed.connect(self._on_theme_changed)

    @property
    def sections(self) -> tuple[Section, ...]:
        """What is shown."""
        return self.canvas.sections

    def set_walkable(self) -> None:
        """Let the keys ← and → choose tiles while the mosaic has the focus."""
        self.canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocusProxy(self.canvas)

    def set_words(self, words: Callable[[TilePlace], str]) -> None:
        """Say what is written beside the pointer over a tile."""
        self.canvas.words = words

    def set_sections(self, sections: Sequence[Section], *, hold_titles: bool = False) -> None:
        """Show other numbers; the tiles stay where they are while their shapes are the same.

        ``hold_titles`` leaves the titles until the canvas is asked to tell.
        """
        self.canvas.set_sections(tuple(sections), hold_titles=hold_titles)
        shapes = tuple((part.values.shape, bool(part.title), part.captions) for part in sections)
        if shapes != self._shapes:
            self._shapes = shapes
            self._lay_out()

    def set_selected(self, selected: tuple[int, int] | None) -> None:
        """Mark a tile by the key of its section and its number."""
        if selected != self.canvas.selected:
            self.canvas.selected = selected
            self.canvas.update()

    def set_struck(self, struck: frozenset[tuple[int, int]]) -> None:
        """Cross tiles out."""
        if struck != self.canvas.struck:
            self.canvas.struck = struck
            self.canvas.update()

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(120), px(60))

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(240), px(160))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        """Make the tiles as large as all of them fit, or small and scrolled."""
        room = self.maximumViewportSize()
        sections = self.canvas.sections
        width, size = max(1, room.width()), px(self._largest)
        grids, height = grids_for(sections, width, size)
        least = px(self._smallest)
        while height > room.height() and size > least:
            size = max(least, size - 2)
            grids, height = grids_for(sections, width, size)
        if height > room.height():
            # What scrolls anyway need not be tiny.
            size = max(least, min(px(SCROLLED_PX), px(self._largest)))
            width = max(1, width - self.verticalScrollBar().sizeHint().width())
            grids, height = grids_for(sections, width, size)
        self.canvas.grids = grids
        self.canvas.setMinimumHeight(math.ceil(height))
        self.canvas.update()

    def _on_theme_changed(self) -> None:
        self.canvas.set_sections(self.canvas.sections)
        self._lay_out()
