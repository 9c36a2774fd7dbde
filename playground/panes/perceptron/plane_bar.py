"""Around the plane: the row of tools and switches above it, the read-out below it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QSizePolicy, QWidget
from typing_extensions import override

from playground.panes.perceptron.plane_geometry import gradient_norm
from playground.ui.controls import IconButton
from playground.ui.fonts import Weight, number_font, ui_font
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from playground.experiments.perceptron_snapshot import LearnerView
    from playground.panes.perceptron.plane import PlaneView

TOOLS = (
    ("point", "mouse-pointer", "Points: click adds, drag moves, right click is class −1"),
    ("brush", "paintbrush", "Brush: paint points (or hold B); Shift or right button is class −1"),
    ("erase", "eraser", "Eraser: rub points out (or hold X)"),
)
FIELDS = (
    ("tint", "contrast", "Tint the half-planes"),
    ("contours", "waves", "Score contours: lines of equal f(x)"),
)
SWITCHES = (
    ("rings", "circle-alert", "Ring the misclassified points"),
    ("ghosts", "history", "Earlier lines as a fading trail"),
    ("normal", "arrow-right", "Normal vector w and the distance |β|/‖w‖"),
    ("margins", "ruler", "Margin: the nearest right point of each class, with its distance"),
    ("reference", "target", "Maximum-margin line as reference (support vector machine)"),
)
HINTS = {
    "point": "Click adds +1, right click −1 · drag moves points, the line or the paper · "
    "Delete removes · wheel zooms",
    "brush": "Drag to paint class +1 · Shift or right button: class −1",
    "erase": "Drag to rub points out",
}


class PlaneBar(QWidget):
    """Tools at the left, what is drawn at the right."""

    options_changed = Signal()

    def __init__(self, plane: PlaneView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plane = plane
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self.tools: dict[str, IconButton] = {}
        self.switches: dict[str, IconButton] = {}
        group = QButtonGroup(self)
        for name, icon, tip in TOOLS:
            button = self._button(icon, tip)
            group.addButton(button)
            button.clicked.connect(lambda _=False, tool=name: plane.tools.set_tool(tool))
            self.tools[name] = button
        self._row.addWidget(_rule())
        for name, icon, tip in FIELDS:
            button = self._button(icon, tip)
            button.clicked.connect(lambda on, field=name: self._set_field(field, on))
            self.switches[name] = button
        for name, icon, tip in SWITCHES:
            button = self._button(icon, tip)
            button.clicked.connect(lambda on, option=name: self._set_option(option, on))
            self.switches[name] = button
        self._row.addStretch(1)
        fit = IconButton("maximize", "Show all points", size=16)
        fit.clicked.connect(plane.fit)
        self._row.addWidget(fit)
        plane.tool_changed.connect(self.refresh)
        self.refresh()
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def refresh(self) -> None:
        """Show which tool and which options are in force."""
        options = self._plane.options
        for name, button in self.tools.items():
            button.setChecked(self._plane.tools.tool == name)
        for name, button in self.switches.items():
            on = options.field == name if name in ("tint", "contours") else getattr(options, name)
            button.setChecked(bool(on))

    def _button(self, icon: str, tip: str) -> IconButton:
        button = IconButton(icon, tip, checkable=True, size=16)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._row.addWidget(button)
        return button

    def _set_field(self, name: str, on: bool) -> None:
        self._set_option("field", name if on else "none")

    def _set_option(self, name: str, value: object) -> None:
        self._plane.set_option(name, value)
        self.refresh()
        self.options_changed.emit()

    def _on_theme_changed(self) -> None:
        self._row.setSpacing(px(2))


class Readout(QWidget):
    """Two lines that never jump: the arithmetic under the pointer, or what the mouse can do."""

    def __init__(self, plane: PlaneView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plane = plane
        self._lines: tuple[str, str] = ("", "")
        self._note = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        plane.hover_changed.connect(self.refresh)
        plane.tool_changed.connect(self.refresh)
        theme().changed.connect(self.updateGeometry)
        self.refresh()

    @property
    def text(self) -> str:
        """What is shown, both lines."""
        return "\n".join(line for line in self._lines if line)

    def note(self, words: str) -> None:
        """Say something once, in the place of the hints, until the pointer is on the plane."""
        self._note = words
        self.refresh()

    def refresh(self) -> None:
        """Work out the words for the present pointer and line."""
        view, line, probe = self._plane.loud_view(), self._plane.loud_line(), self._plane.probe
        if view is None or line is None or probe is None:
            lines = (self._note or HINTS[self._plane.tools.tool], "")
        else:
            self._note = ""
            lines = (score_arithmetic(line, probe), score_meaning(view, line, probe))
            if self._plane.hovered is not None:
                lines = (lines[0], lines[1] + self._point_words(line, probe))
        if lines != self._lines:
            self._lines = lines
            self.setAccessibleName(self.text)
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(300), px(40))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        probing = bool(self._lines[1])
        painter.setFont(number_font(px(13)) if probing else ui_font(px(12)))
        painter.setPen(qcolor("text" if probing else "muted"))
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        if not probing:
            wrapped = left | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(self.rect(), wrapped, self._lines[0])
            return
        half = self.height() // 2
        for index, words in enumerate(self._lines):
            box = QRect(0, index * half, self.width(), half)
            metrics = QFontMetrics(painter.font())
            fitting = metrics.elidedText(words, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(box, left, fitting)
            painter.setFont(number_font(px(13), Weight.Medium))

    def _point_words(self, line: tuple[float, float, float], probe: tuple[float, float]) -> str:
        identity = self._plane.hovered
        if identity is None:
            return ""
        label = self._plane.label_of(identity)
        right = label * _score(line, probe) > 0.0
        sign = "+1" if label > 0 else "−1"
        return f" · point {identity} is {sign}: {'right' if right else 'wrong'}"


def score_arithmetic(line: tuple[float, float, float], at: tuple[float, float]) -> str:
    """Return ``f(1.30, 0.50) = 0.42·1.30 + 0.90·0.50 − 0.05 = 0.946`` for a line and a place."""
    w1, w2, beta = (format_number(value, 3) for value in line)
    x1, x2 = (format_number(value, 3) for value in at)
    total = f"{_factor(w1)}·{_factor(x1)}{_signed(w2)}·{_factor(x2)}{_signed(beta)}"
    return f"f({x1}, {x2}) = {total} = {format_number(_score(line, at), 3)}"


def score_meaning(
    view: LearnerView, line: tuple[float, float, float], at: tuple[float, float]
) -> str:
    """Return what the score says: the class, the distance from the line, a logistic neuron's σ."""
    score = _score(line, at)
    norm = gradient_norm(line)
    if math.isnan(score):
        return "→ no class: the weights are not finite"
    words = "→ class +1" if score > 0.0 else "→ class −1"
    if view.kind == "logistic":
        words += f" · P(+1) = σ(f) = {format_number(1.0 / (1.0 + math.exp(-_clamped(score))), 3)}"
    if norm > 0.0:
        words += f" · {format_number(abs(score) / norm, 3)} from the line"
    return words


def _score(line: tuple[float, float, float], at: tuple[float, float]) -> float:
    return line[0] * at[0] + line[1] * at[1] + line[2]


def _clamped(score: float) -> float:
    return min(max(score, -700.0), 700.0)


def _factor(text: str) -> str:
    return f"({text})" if text.startswith("−") else text


def _signed(text: str) -> str:
    return f" − {text[1:]}" if text.startswith("−") else f" + {text}"


def _rule() -> QFrame:
    rule = QFrame()
    rule.setFrameShape(QFrame.Shape.VLine)
    rule.setForegroundRole(rule.palette().ColorRole.Mid)
    return rule
