"""The F1 sheet: every command with its keys, searchable, made from the tables of actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from playground.ui.actions import MENUS, ActionSpec, key_text
from playground.ui.cards import GroupHead
from playground.ui.fonts import ui_font
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Iterable

KEY_PX = 12


def matches(spec: ActionSpec, words: str) -> bool:
    """Tell whether an action has every word of a search in its text, help, menu or keys."""
    keys = " ".join(key_text(keys) for keys in spec.shortcuts)
    heap = " ".join((spec.text, spec.tooltip, *spec.menu, keys)).casefold()
    return all(word in heap for word in words.casefold().split())


def by_menu(specs: Iterable[ActionSpec]) -> list[tuple[str, list[ActionSpec]]]:
    """Return the actions under the titles of their menus, those of running first."""
    groups: dict[str, list[ActionSpec]] = {title: [] for title in ("Run", *MENUS)}
    for spec in specs:
        groups.setdefault(spec.menu[0] if spec.menu else "Pane", []).append(spec)
    return [(title, members) for title, members in groups.items() if members]


class KeyCaps(QWidget):
    """Key sequences drawn as keys."""

    def __init__(self, shortcuts: tuple[str, ...], parent: QWidget | None = None) -> None:
        """Draw one cap for every sequence."""
        super().__init__(parent)
        self._texts = tuple(key_text(keys) for keys in shortcuts)
        self.setAccessibleName(", ".join(self._texts))
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(ui_font(px(KEY_PX)))
        x = 0.5
        for text, width in zip(self._texts, self._widths(), strict=True):
            painter.setPen(theme().pen("control", 1.0))
            painter.setBrush(qcolor("panel"))
            painter.drawRoundedRect(
                int(x), 1, width - 1, self.height() - 3, px(4), px(4), Qt.SizeMode.AbsoluteSize
            )
            painter.setPen(qcolor("text"))
            painter.drawText(
                int(x), 0, width, self.height() - 1, Qt.AlignmentFlag.AlignCenter.value, text
            )
            x += width + px(6)
        painter.end()

    def _widths(self) -> list[int]:
        metrics = self.fontMetrics()
        return [max(px(24), metrics.horizontalAdvance(text) + px(14)) for text in self._texts]

    def _on_theme_changed(self) -> None:
        self.setFont(ui_font(px(KEY_PX)))
        widths = self._widths()
        self.setFixedSize(max(1, sum(widths) + px(6) * (len(widths) - 1) + 1), px(24))


class HelpSheet(QDialog):
    """All commands by menu; what is typed narrows the list."""

    def __init__(self, groups: Iterable[tuple[str, Iterable[ActionSpec]]], parent: QWidget) -> None:
        """Build the sheet for groups of ``(heading, actions)``."""
        super().__init__(parent)
        self.setWindowTitle("Keys and commands")
        self._rows: list[tuple[ActionSpec, tuple[QWidget, ...]]] = []
        self._heads: list[tuple[GroupHead, list[int]]] = []
        self._search = QLineEdit()
        self._search.setPlaceholderText("Type to search: a word or a key")
        self._search.setClearButtonEnabled(True)
        self._search.setAccessibleName("Search the commands")
        self._search.textChanged.connect(self._on_search_changed)
        self._nothing = QLabel("No command matches. Try fewer letters.")
        self._nothing.setProperty("role", "muted")
        self._nothing.hide()
        body = QWidget()
        self._grid = QGridLayout(body)
        self._fill(groups)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidget(body)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(16), px(16), px(16), px(16))
        column.setSpacing(px(12))
        column.addWidget(self._search)
        column.addWidget(self._nothing)
        column.addWidget(self._scroll, 1)
        self._fit_into(parent)

    @property
    def search(self) -> QLineEdit:
        """The search field."""
        return self._search

    def shown(self) -> list[str]:
        """Return the ids of the actions that match the search."""
        return [spec.id for spec, widgets in self._rows if not widgets[0].isHidden()]

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F1:
            self.close()
            return
        super().keyPressEvent(event)

    def _fit_into(self, window: QWidget) -> None:
        self.resize(min(px(720), window.width() - 40), min(px(680), window.height() - 40))

    def _fill(self, groups: Iterable[tuple[str, Iterable[ActionSpec]]]) -> None:
        line = 0
        for title, specs in groups:
            head = GroupHead(title)
            self._grid.addWidget(head, line, 0, 1, 3)
            line += 1
            members: list[int] = []
            for spec in specs:
                name, help_ = QLabel(spec.text), QLabel(spec.tooltip)
                help_.setWordWrap(True)
                help_.setProperty("role", "muted")
                caps = KeyCaps(spec.shortcuts)
                widgets = (name, caps, help_)
                top = Qt.AlignmentFlag.AlignTop
                for column, widget in enumerate(widgets):
                    self._grid.addWidget(widget, line, column, top)
                members.append(len(self._rows))
                self._rows.append((spec, widgets))
                line += 1
            self._heads.append((head, members))
        self._grid.setColumnStretch(2, 1)
        self._grid.setRowStretch(line, 1)
        self._grid.setHorizontalSpacing(px(16))
        self._grid.setVerticalSpacing(px(8))
        self._grid.setContentsMargins(0, 0, px(8), 0)

    def _on_search_changed(self, words: str) -> None:
        for spec, widgets in self._rows:
            visible = matches(spec, words)
            for widget in widgets:
                widget.setVisible(visible)
        shown = [not widgets[0].isHidden() for _, widgets in self._rows]
        for head, members in self._heads:
            head.setVisible(any(shown[member] for member in members))
        self._nothing.setVisible(not any(shown))
