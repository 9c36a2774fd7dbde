"""The field for a typed formula: checked while typing, with a caret under what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from playground.core.formulas import FormulaError, parse
from playground.core.surfaces import analytic
from playground.core.surfaces.surface import SurfaceError
from playground.ui.fonts import mono_font
from playground.ui.theme import TEXT_PX, px, qcolor, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from playground.experiments.optimizers_surface_spec import SurfaceSpec

SNIPPET = 12
"""Characters shown at each side of the wrong one."""


def snippet(text: str, position: int, reach: int = SNIPPET) -> tuple[str, int]:
    """Return the surroundings of a character, and where it is in them."""
    position = min(max(position, 0), len(text))
    start, end = max(0, position - reach), min(len(text), position + reach + 1)
    head, tail = "…" if start else "", "…" if end < len(text) else ""
    return f"{head}{text[start:end]}{tail}", position - start + len(head)


class CaretLine(QWidget):
    """A piece of the formula with a caret under one of its characters."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text, self.place = "", 0
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def point_at(self, text: str, position: int) -> None:
        """Show where a formula is wrong."""
        self.text, self.place = snippet(text, position)
        self.update()

    @override
    def sizeHint(self) -> QSize:
        line = QFontMetricsF(mono_font(px(TEXT_PX))).height()
        return QSize(px(120), round(1.7 * line))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        font = mono_font(px(TEXT_PX))
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        before = metrics.horizontalAdvance(self.text[: self.place])
        wrong = self.text[self.place : self.place + 1]
        # The wrong character stays in sight where the field is narrow.
        shift = max(0.0, before + 2 * metrics.horizontalAdvance("0") - self.width())
        painter.setPen(qcolor("muted"))
        painter.drawText(QRectF(-shift, 0, 10_000, self.height()), left, self.text)
        painter.setPen(qcolor("bad"))
        painter.drawText(QRectF(before - shift, 0, 10_000, self.height()), left, wrong)
        caret = QRectF(before - shift, metrics.height() * 0.72, 10_000, self.height())
        painter.drawText(caret, left, "^")


class FormulaField(QWidget):
    """A line for f(x, y); Enter takes it, Escape brings back what holds."""

    edited = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec: SurfaceSpec | None = None
        self.line = _Line()
        self.line.setAccessibleName("f(x, y)")
        self.line.setPlaceholderText("sin(x)*cos(y) + 0.1*(x² + y²)")
        self.line.setToolTip(
            "Numbers, x, y, pi, e, + − * / **, brackets, sin cos tan asin acos atan sinh cosh tanh "
            "exp log sqrt abs sign sigmoid min max.\nEnter starts a new race on it."
        )
        self.caret = CaretLine()
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.sentence.setProperty("role", "bad")
        self.line.textEdited.connect(self._on_typed)
        self.line.returnPressed.connect(self._take)
        self.line.editingFinished.connect(self._take)
        self.line.escaped.connect(self._restore)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        head = QLabel("f(x, y) =")
        head.setProperty("role", "muted")
        for widget in (head, self.line, self.caret, self.sentence):
            self._column.addWidget(widget)
        self._show_problem("")
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def problem(self) -> str:
        """What is wrong with the text; empty when it is good."""
        return self.sentence.text()

    def set_spec(self, spec: SurfaceSpec) -> None:
        """Show the formula in force; a text that is being typed is left alone."""
        changed = self._spec is None or spec.formula != self._spec.formula
        self._spec = spec
        if changed and not self.line.isModified() and not self.problem:
            self.line.setText(spec.formula)
            self.line.setCursorPosition(0)

    def check(self, text: str) -> tuple[str, int]:
        """Return the sentence against a text and the place of it; −1 where it has none."""
        try:
            formula = parse(text)
            if self._spec is not None:
                analytic.typed(formula.text, self._spec.formula_domain)
        except FormulaError as error:
            return error.sentence, error.position
        except SurfaceError as error:
            return str(error), -1
        return "", -1

    def _on_typed(self, text: str) -> None:
        sentence, position = self.check(text)
        if position >= len(text.rstrip()):
            # Half a formula is no mistake yet.
            sentence = ""
        self._show_problem(sentence, text, position)

    def _take(self) -> None:
        if not self.line.isModified():
            return
        text = self.line.text().strip()
        sentence, position = self.check(text)
        self._show_problem(sentence, text, position)
        if sentence:
            if position >= 0:
                self.line.setCursorPosition(position)
            return
        self.line.setModified(False)
        if self._spec is None or text != self._spec.formula:
            self.edited.emit(text)

    def _restore(self) -> None:
        self._show_problem("")
        self.line.setText(self._spec.formula if self._spec is not None else "")

    def _show_problem(self, sentence: str, text: str = "", position: int = -1) -> None:
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))
        self.caret.setVisible(bool(sentence) and position >= 0)
        if position >= 0:
            self.caret.point_at(text, position)
        self.line.setProperty("invalid", "true" if sentence else "false")
        self.line.style().unpolish(self.line)
        self.line.style().polish(self.line)

    def _on_theme_changed(self) -> None:
        self.line.setFont(mono_font(px(TEXT_PX)))
        self._column.setSpacing(px(3))


class _Line(QLineEdit):
    """A line edit that tells of Escape."""

    escaped = Signal()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self.escaped.emit()
            return
        super().keyPressEvent(event)
