"""The line below the map: what is under the pointer, with the formula that made it."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from playground.core.surfaces import calculus
from playground.ui.fonts import Weight, number_font, ui_font
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from playground.core.surfaces.calculus import PointFacts
    from playground.core.surfaces.surface import Surface
    from playground.experiments.optimizers_snapshot import LaneView
    from playground.panes.optimizers.map_view import MapView

HINT = (
    "Click or drag: start of all lanes · Shift: of the selected one · click a head to select it · "
    "wheel zooms, middle button moves"
)
_POWERS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
FLAT = 1e-9


def readable(formula: str) -> str:
    """Return a formula as books write it: ``x² + 3·y`` for ``x**2 + 3*y``."""
    text = re.sub(r"\*\*(\d+)", lambda power: power[1].translate(_POWERS), formula)
    return text.replace("*", "·").replace("-", "−")


def height_words(surface: Surface, here: PointFacts) -> str:
    """Return ``f(1.20, 0.50) = 3.41`` with the formula of the surface."""
    value = format_number(here.value, 4)
    return f"f({_n(here.x)}, {_n(here.y)}) = {value} · f = {readable(surface.formula)}"


def slope_words(here: PointFacts) -> str:
    """Return gradient and curvatures at a place, with what the curvatures mean."""
    across, up = here.gradient
    length = format_number(math.hypot(across, up), 3)
    low, high = here.eigenvalues
    text = f"∇f = ({_n(across)}, {_n(up)}), |∇f| = {length} · "
    if not (math.isfinite(low) and math.isfinite(high)):
        return f"{text}no curvature here"
    size = max(abs(low), abs(high), FLAT)
    if min(abs(low), abs(high)) < FLAT * size:
        kind = "flat in one direction"
    elif low > 0:
        kind = f"curved up every way, κ = {_n(high / low)}"
    elif high < 0:
        kind = "curved down every way"
    else:
        kind = "up one way, down the other: a saddle's signs"
    return f"{text}Hessian λ = {_n(low)}, {_n(high)}: {kind}"


def head_words(view: LaneView) -> tuple[str, str]:
    """Return what is told of a lane: how it does, and the numbers of its last step."""
    first = f"{view.title}: {view.words}"
    second = (
        f"η = {_n(view.rate)} · |Δw| = {_n(view.step_size)} · |∇f| = {_n(view.gradient_norm)}"
        f" · {format_number(view.evaluations)} gradient evaluations"
    )
    if not math.isnan(view.distance):
        second += f" · {_n(view.distance)} from the nearest minimum"
    return first, second


class HoverStrip(QWidget):
    """Two lines that never jump: the numbers under the pointer, or what the mouse can do."""

    def __init__(self, view: MapView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._lines: tuple[str, str] = ("", "")
        self._probing = False
        self.ready = False
        """Whether torch is there, which the derivatives come from."""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        view.pointer_changed.connect(self.refresh)
        theme().changed.connect(self.updateGeometry)
        self.refresh()

    @property
    def text(self) -> str:
        """What is shown, both lines."""
        return "\n".join(line for line in self._lines if line)

    def refresh(self) -> None:
        """Work out the words for the present pointer."""
        surface, probe, lane = self._view.surface, self._view.probe, self._view.hovered
        self._probing = True
        if lane is not None:
            lines = head_words(lane)
        elif surface is not None and probe is not None and self.ready:
            here = calculus.facts(surface, *probe)
            lines = (height_words(surface, here), slope_words(here))
        else:
            self._probing = False
            note = surface.note if surface is not None else ""
            lines = (f"{note} {HINT}".strip(), "")
        if lines != self._lines:
            self._lines = lines
            self.setAccessibleName(self.text)
            self.setToolTip(readable(surface.formula) if surface is not None else "")
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(300), px(40))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(number_font(px(13)) if self._probing else ui_font(px(12)))
        painter.setPen(qcolor("text" if self._probing else "muted"))
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        if not self._probing:
            wrapped = left | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(self.rect(), wrapped, self._lines[0])
            return
        half = self.height() // 2
        for index, words in enumerate(self._lines):
            box = QRect(0, index * half, self.width(), half)
            metrics = QFontMetrics(painter.font())
            fitting = metrics.elidedText(words, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(box, left, fitting)
            painter.setFont(number_font(px(12), Weight.Medium))


def _n(value: float) -> str:
    return format_number(value, 3)
