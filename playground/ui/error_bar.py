"""The bar that tells about problems: one sentence, details on request, never in the way."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from playground.ui.cards import IconLabel
from playground.ui.controls import IconButton
from playground.ui.fonts import mono_font
from playground.ui.theme import px, theme

MOST_PROBLEMS = 20
MOST_DETAILS = 20_000
DETAILS_HEIGHT_PX = 160


@dataclass(slots=True)
class Problem:
    """Something that went wrong: a sentence, the details behind it, and how often it happened."""

    sentence: str
    details: str = ""
    count: int = 1


class ErrorBar(QFrame):
    """Shows the newest problem; equal ones are counted, older ones wait behind it.

    Hidden while there is nothing to say.

    Signals
    -------
    dismissed(str)
        A person closed the problem with this sentence.
    """

    dismissed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", "error")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._problems: list[Problem] = []
        self._icon = IconLabel("triangle-alert", size=18, color="bad")
        self._sentence = QLabel()
        self._sentence.setWordWrap(True)
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._more = QLabel()
        self._more.setProperty("role", "muted")
        self._details_button = QPushButton("Details")
        self._details_button.setCheckable(True)
        self._details_button.setProperty("flat", "true")
        self._details_button.setToolTip("Show what happened where")
        self._copy_button = IconButton("copy", "Copy the message and its details", size=16)
        self._close_button = IconButton("x", "Dismiss", size=16)
        self._details = QPlainTextEdit()
        self._details.setReadOnly(True)
        self._details.setAccessibleName("Details of the problem")
        self._details.hide()
        self._build()
        self._details_button.toggled.connect(self._details.setVisible)
        self._copy_button.clicked.connect(self._on_copy_clicked)
        self._close_button.clicked.connect(self.dismiss)
        self.hide()
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What has not been dismissed, newest last."""
        return tuple(self._problems)

    def show_problem(self, sentence: str, details: str = "") -> None:
        """Tell about a problem; the same sentence again only counts up."""
        details = details[-MOST_DETAILS:]
        known = next((entry for entry in self._problems if entry.sentence == sentence), None)
        if known is not None:
            known.count += 1
            known.details = details or known.details
            self._problems.remove(known)
            self._problems.append(known)
        else:
            self._problems.append(Problem(sentence, details))
            del self._problems[:-MOST_PROBLEMS]
        self._show_newest()

    def dismiss(self) -> None:
        """Drop the newest problem and show the one before it."""
        if self._problems:
            gone = self._problems.pop()
            self._show_newest()
            self.dismissed.emit(gone.sentence)

    def clear(self) -> None:
        """Drop all problems."""
        self._problems.clear()
        self._show_newest()

    def _build(self) -> None:
        top = Qt.AlignmentFlag.AlignTop
        self._row = QHBoxLayout()
        self._row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addWidget(self._sentence, 1)
        self._row.addWidget(self._more)
        self._row.addWidget(self._details_button, 0, top)
        self._row.addWidget(self._copy_button, 0, top)
        self._row.addWidget(self._close_button, 0, top)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._row)
        self._column.addWidget(self._details)

    def _show_newest(self) -> None:
        if not self._problems:
            self._details_button.setChecked(False)
            self.hide()
            return
        newest = self._problems[-1]
        times = f"  ×{newest.count:,}" if newest.count > 1 else ""
        self._sentence.setText(f"{newest.sentence}{times}")
        waiting = len(self._problems) - 1
        self._more.setText(f"{waiting} more" if waiting else "")
        self._more.setVisible(bool(waiting))
        self._details_button.setVisible(bool(newest.details))
        if not newest.details:
            self._details_button.setChecked(False)
        if newest.details != self._details.toPlainText():
            self._details.setPlainText(newest.details)
        self.setAccessibleName(f"Problem: {newest.sentence}")
        self.show()

    def _on_copy_clicked(self) -> None:
        newest = self._problems[-1]
        QGuiApplication.clipboard().setText(f"{newest.sentence}\n\n{newest.details}".strip())

    def _on_theme_changed(self) -> None:
        self._details.setFont(mono_font(px(12)))
        self._details.setFixedHeight(px(DETAILS_HEIGHT_PX))
        self._row.setSpacing(px(8))
        self._column.setContentsMargins(px(12), px(6), px(8), px(6))
        self._column.setSpacing(px(6))
