"""The key in a corner of the map: what its marks and arrows mean."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPixmap

from playground.panes.optimizers.map_marks import mark_pen
from playground.ui.fonts import ui_font
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from playground.panes.optimizers.map_place import MapPlace

Rows = tuple[tuple[str, str, str], ...]
"""Words, token of the colour and kind of mark of each row of the key."""


class MapKey:
    """Explains the marks in a corner of the map; on the screen its picture is kept."""

    def __init__(self) -> None:
        self._picture: QPixmap | None = None
        self._picture_of: object = None

    def paint(
        self,
        painter: QPainter,
        place: MapPlace,
        entries: list[tuple[str, str]],
        *,
        minima: bool,
        vector: bool,
    ) -> None:
        """Paint the key where there is room for it."""
        rows = _rows_of(entries, minima=minima)
        size = _size_of(rows)
        if size.width() > 0.6 * place.width or size.height() > 0.5 * place.height:
            return
        box = QRectF(QPointF(0.0, 0.0), size)
        box.moveBottomLeft(QPointF(place.left + px(8), place.top + place.height - px(8)))
        device = painter.device()
        if vector or device is None:
            _paint_rows(painter, box, rows)
            return
        ratio = device.devicePixelRatioF()
        look = (rows, ratio, theme().tokens.name, theme().scale)
        if self._picture is None or look != self._picture_of:
            self._picture, self._picture_of = _key_picture(rows, size, ratio), look
        painter.drawPixmap(box.topLeft(), self._picture)


def _rows_of(entries: list[tuple[str, str]], *, minima: bool) -> Rows:
    rows = [*((words, token, "arrow") for words, token in entries)]
    if minima:
        rows.append(("known minimum", "text", "cross"))
    return (*rows, ("start: drag it, or click", "text", "ring"))


@functools.lru_cache(maxsize=64)
def _measured(rows: Rows, scale: float) -> tuple[float, float]:  # noqa: ARG001 - part of the key
    metrics = QFontMetricsF(ui_font(px(11)))
    width = max(metrics.horizontalAdvance(words) for words, _, _ in rows) + px(38)
    return width, (metrics.height() + px(3)) * len(rows) + px(10)


def _size_of(rows: Rows) -> QSizeF:
    return QSizeF(*_measured(rows, theme().scale))


def _key_picture(rows: Rows, size: QSizeF, ratio: float) -> QPixmap:
    picture = QPixmap((size * ratio).toSize() + QSize(1, 1))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_rows(painter, QRectF(QPointF(0.0, 0.0), size), rows)
    painter.end()
    return picture


def _paint_rows(painter: QPainter, box: QRectF, rows: Rows) -> None:
    font = ui_font(px(11))
    line = QFontMetricsF(font).height() + px(3)
    width = box.width()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor("bg", 0.78))
    painter.drawRoundedRect(box, px(6), px(6))
    painter.setFont(font)
    for place_in_list, (words, token, kind) in enumerate(rows):
        middle = box.top() + px(5) + line * (place_in_list + 0.5)
        left = box.left() + px(9)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(mark_pen(token, 1.8))
        if kind == "ring":
            painter.drawEllipse(QPointF(left + px(8), middle), px(5), px(5))
        elif kind == "cross":
            reach = px(4)
            for side in (-1, 1):
                painter.drawLine(
                    QPointF(left + px(8) - reach, middle - side * reach),
                    QPointF(left + px(8) + reach, middle + side * reach),
                )
        else:
            painter.drawLine(QPointF(left, middle), QPointF(left + px(16), middle))
        painter.setPen(qcolor("text"))
        room = QRectF(left + px(22), middle - line / 2, width, line)
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
