"""The stage: title, verdict in words, buttons, the error bar, and the pane as large as possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from playground.ui.cards import Title, Verdict, VerdictKind
from playground.ui.choice_box import ChoiceBox
from playground.ui.icons import themed_icon
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from playground.ui.actions import ActionSpec

ONE_LINE_WIDTH = 680
"""A narrower stage keeps room for two lines of verdict."""
WORDS_WIDTH = 520
"""A narrower stage shows its buttons as icons."""


class Stage(QWidget):
    """Frames the content that the window puts on it."""

    def __init__(self, error_bar: QWidget, parent: QWidget | None = None) -> None:
        """Build an empty stage with a bar for problems at its top."""
        super().__init__(parent)
        self.setObjectName("stage")
        self.title = Title()
        self.verdict = Verdict()
        self._sentence = QWidget()
        sentence = QVBoxLayout(self._sentence)
        sentence.setContentsMargins(0, 0, 0, 0)
        sentence.addWidget(self.verdict)
        sentence.addStretch(1)
        self.content = QStackedWidget()
        self._extra: list[QPushButton] = []
        self.export_menu = QMenu(self)
        self.export_menu.setToolTipsVisible(True)
        self.export_button = self._button("Export", "download", "Save plots, numbers or code")
        # Not setMenu: the button would draw a native arrow of its own.
        self.export_button.clicked.connect(self._open_export_menu)
        self.lesson_button = self._button("Lesson", "graduation-cap", "Guided experiments (L)")
        self.lesson_button.setCheckable(True)
        self._buttons = QHBoxLayout()
        self._buttons.addWidget(self.lesson_button)
        self._buttons.addWidget(self.export_button)
        self._title_row = QHBoxLayout()
        self._title_row.addWidget(self.title, 1)
        self._title_row.addLayout(self._buttons)
        # The verdict has a row of its own: beside the buttons it would wrap in a narrow window.
        self.tabs = ChoiceBox("Tabs", (), segmented=True)
        self.tabs.hide()
        self._tab_row = QHBoxLayout()
        self._tab_row.addWidget(self.tabs)
        self._tab_row.addStretch(1)
        self._head = QVBoxLayout()
        self._head.addLayout(self._title_row)
        self._head.addLayout(self._tab_row)
        self._head.addWidget(self._sentence)
        self._column = QVBoxLayout(self)
        self._column.addWidget(error_bar)
        self._column.addLayout(self._head)
        self._column.addWidget(self.content, 1)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def set_title(self, words: str) -> None:
        """Name what is on stage."""
        self.title.setText(words)

    def set_tabs(self, tabs: Sequence[tuple[str, str, str]], current: str) -> None:
        """Offer the tabs as (name, label, help); one alone is no choice and is not shown."""
        self.tabs.setVisible(len(tabs) > 1)
        self._give_room()
        if tuple(name for name, *_ in tabs) != self.tabs.values:
            self.tabs.set_choices(tabs)
        self.tabs.set_value(current)

    def set_verdict(self, kind: VerdictKind, sentence: str) -> None:
        """Say how things stand, under the title."""
        self.verdict.set_verdict(kind, sentence)

    def set_header_actions(self, specs: Iterable[ActionSpec]) -> None:
        """Show the pane's own buttons in front of Lesson and Export."""
        for button in self._extra:
            self._buttons.removeWidget(button)
            button.deleteLater()
        self._extra = []
        for position, spec in enumerate(specs):
            button = self._button(spec.text, spec.icon, spec.tooltip)
            button.setCheckable(spec.checkable)
            if spec.run is not None:
                button.clicked.connect(_with_state(spec.run))
            self._buttons.insertWidget(position, button)
            self._extra.append(button)
        self._fit_words()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_words()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), qcolor("bg"))
        painter.end()

    def _open_export_menu(self) -> None:
        below = self.export_button.rect().bottomLeft()
        self.export_menu.popup(self.export_button.mapToGlobal(below))

    def _button(self, text: str, icon_name: str, tooltip: str) -> QPushButton:
        button = QPushButton(f" {text}" if icon_name else text)
        button.setAccessibleName(text)
        button.setProperty("flat", "true")
        button.setToolTip(tooltip)
        button.setAutoDefault(False)
        if icon_name:
            themed_icon(button, icon_name, color="muted", on="accent")
        return button

    def _on_theme_changed(self) -> None:
        self._column.setContentsMargins(px(20), px(14), px(20), px(16))
        self._column.setSpacing(px(12))
        self._title_row.setSpacing(px(12))
        self._head.setSpacing(px(2))
        self._buttons.setSpacing(px(4))
        self._give_room()
        self._fit_words()
        self.update()

    def _give_room(self) -> None:
        below = 0 if self.tabs.isHidden() else px(8)
        self._tab_row.setContentsMargins(0, 0, 0, below)

    def _fit_words(self) -> None:
        # Fixed by the width alone: a verdict that wraps must not move the pane below it.
        lines = 1 if self.width() >= px(ONE_LINE_WIDTH) else 2
        self._sentence.setFixedHeight(lines * self.verdict.fontMetrics().lineSpacing() + px(4))
        wide = self.width() >= px(WORDS_WIDTH)
        for button in (*self._extra, self.lesson_button, self.export_button):
            name = button.accessibleName()
            if button.icon().isNull():
                button.setVisible(wide)
            else:
                # The space keeps the words off the icon, which a style sheet cannot.
                button.setText(f" {name}" if wide else "")


def _with_state(run: Callable[[bool], object]) -> Callable[[bool], None]:
    def clicked(checked: bool = False) -> None:
        run(checked)

    return clicked
