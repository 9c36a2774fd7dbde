"""The legend of the plane: only what is on it, in the corner where it hides the fewest points."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from playground.panes.perceptron.plane_geometry import inset
from playground.panes.perceptron.plane_lines import flat_pen
from playground.panes.perceptron.plane_points import TEST, TRAIN, VALIDATION, paint_symbol
from playground.ui.fonts import Weight, ui_font
from playground.ui.theme import lane, px, qcolor, theme

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QFont

    from playground.experiments.perceptron_snapshot import PerceptronSnapshot
    from playground.panes.perceptron.plane_geometry import PlaneMap
    from playground.panes.perceptron.plane_points import PointCloud

Corner = Literal["top-left", "top-right", "bottom-left", "bottom-right"]
LARGEST_SHARE = 0.22
"""Of the plane that a legend may cover."""
LEAST_NEEDED = ("ring", "reference", "point", "lane")
CORNERS: tuple[Corner, ...] = ("top-left", "top-right", "bottom-right", "bottom-left")


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One line of the legend; ``loud`` entries are set in semibold."""

    kind: Literal["point", "ring", "lane", "reference"]
    words: str
    label: int = 0
    part: int = TRAIN
    loud: bool = False


def legend_entries(
    snapshot: PerceptronSnapshot,
    parts_present: frozenset[int],
    selected: int,
    *,
    rings: bool,
    reference: bool,
) -> tuple[LegendEntry, ...]:
    """Return what a picture of the snapshot needs explained."""
    minus, plus = snapshot.points.classes
    entries = [
        LegendEntry("point", _class_words(plus, "+1"), label=1),
        LegendEntry("point", _class_words(minus, "−1"), label=-1),
    ]
    for part, words in ((VALIDATION, "validation"), (TEST, "test")):
        if part in parts_present:
            entries.append(LegendEntry("point", words, label=1, part=part))
    if rings:
        entries.append(LegendEntry("ring", "misclassified"))
    entries.extend(
        LegendEntry("lane", view.name, label=view.colour, loud=view.index == selected)
        for view in snapshot.learners
    )
    if reference:
        entries.append(LegendEntry("reference", "maximum margin"))
    return tuple(entries)


def fitting(entries: tuple[LegendEntry, ...], area: QRectF) -> tuple[LegendEntry, ...]:
    """Return the entries that leave the plane its room; what explains itself goes first."""
    for kind in ("", *LEAST_NEEDED):
        entries = tuple(entry for entry in entries if entry.kind != kind)
        if not entries:
            break
        box = legend_box(entries, area, CORNERS[0])
        room = box.width() < 0.8 * area.width() and box.height() < 0.8 * area.height()
        if room and box.width() * box.height() < LARGEST_SHARE * area.width() * area.height():
            return entries
    return ()


def paint_legend(
    painter: QPainter, entries: tuple[LegendEntry, ...], area: QRectF, corner: Corner
) -> None:
    """Paint the legend into a corner of the area."""
    if not entries:
        return
    box = legend_box(entries, area, corner)
    painter.setPen(QPen(qcolor("line"), 1.0))
    painter.setBrush(qcolor("bg", 0.82))
    painter.drawRoundedRect(box, 6.0, 6.0)
    row = px(18)
    for index, entry in enumerate(entries):
        middle = box.top() + px(6) + row * (index + 0.5)
        spot = QPointF(box.left() + px(19), middle)
        _paint_sample(painter, entry, spot)
        painter.setFont(_font(entry))
        painter.setPen(qcolor("text" if entry.loud else "muted"))
        words = QRectF(box.left() + px(36), middle - row / 2, box.width() - px(40), row)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(words, left, _shown(entry))


@functools.lru_cache(maxsize=64)
def _width_of(entries: tuple[LegendEntry, ...], scale: float) -> float:  # noqa: ARG001 - the key
    return max(QFontMetricsF(_font(entry)).horizontalAdvance(_shown(entry)) for entry in entries)


def legend_box(entries: tuple[LegendEntry, ...], area: QRectF, corner: Corner) -> QRectF:
    """Return the rectangle of the legend."""
    widest = _width_of(entries, theme().scale)
    width, height = widest + px(46), px(18) * len(entries) + px(12)
    gap = px(10)
    left = area.left() + gap if "left" in corner else area.right() - gap - width
    top = area.top() + gap if "top" in corner else area.bottom() - gap - height
    return QRectF(left, top, width, height)


def emptiest_corner(entries: tuple[LegendEntry, ...], cloud: PointCloud, place: PlaneMap) -> Corner:
    """Return the corner where the legend covers the fewest points; ties go to the top left."""
    if not len(cloud) or not entries:
        return CORNERS[0]
    step = max(1, len(cloud) // 5000)
    pixels = place.many_to_px(cloud.xy[::step])
    return min(
        CORNERS,
        key=lambda corner: _covered(pixels, inset(legend_box(entries, place.area, corner), -9.0)),
    )


def _covered(pixels: NDArray[np.float64], box: QRectF) -> int:
    u, v = pixels[:, 0], pixels[:, 1]
    inside = (u > box.left()) & (u < box.right()) & (v > box.top()) & (v < box.bottom())
    return int(inside.sum())


def _paint_sample(painter: QPainter, entry: LegendEntry, spot: QPointF) -> None:
    half = px(10)
    match entry.kind:
        case "point":
            paint_symbol(painter, spot, entry.label, entry.part, px(45) / 10)
        case "ring":
            painter.setPen(QPen(qcolor("bad"), 1.8))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(spot, px(55) / 10, px(55) / 10)
        case "lane":
            painter.setPen(flat_pen(lane(entry.label), 2.4 if entry.loud else 1.6))
            painter.drawLine(QPointF(spot.x() - half, spot.y()), QPointF(spot.x() + half, spot.y()))
        case "reference":
            painter.setPen(flat_pen("muted", 1.4, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(spot.x() - half, spot.y()), QPointF(spot.x() + half, spot.y()))


def _font(entry: LegendEntry) -> QFont:
    return ui_font(px(11), Weight.DemiBold if entry.loud else Weight.Normal)


def _shown(entry: LegendEntry) -> str:
    return entry.words if len(entry.words) <= 34 else f"{entry.words[:33]}…"


def _class_words(name: str, sign: str) -> str:
    return f"class {sign}" if name == sign else f"{name} ({sign})"
