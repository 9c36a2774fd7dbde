"""The menus of the row of blocks: kinds to add, ready networks, and what can be done to a block."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from playground.core.layer_shapes import BLOCK_LABELS
from playground.experiments.cnn_block_spec import ARCHITECTURES
from playground.panes.cnn.network_block_words import KIND_HELP

if TYPE_CHECKING:
    from playground.core.layer_shapes import BlockKind
    from playground.panes.cnn.network_blocks import ArchitectureRow


class BlockMenus:
    """Made anew each time one is opened, and gone when it closes."""

    def __init__(self, row: ArchitectureRow) -> None:
        self._row = row

    def open_kinds(self, button: QWidget) -> None:
        """Offer the kinds of blocks below a button."""
        menu = self._menu()
        self._fill_kinds(menu, None)
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def open_networks(self, button: QWidget) -> None:
        """Offer the ready architectures below a button."""
        menu = self._menu()
        for name in ARCHITECTURES:
            action = menu.addAction(name[:1].upper() + name[1:])
            action.triggered.connect(functools.partial(self._on_network, name))
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def open_block_menu(self, place: int, point: QPoint) -> None:
        """Offer what can be done to a block at a point of the screen."""
        row, menu = self._row, self._menu()
        menu.addAction("Edit…", lambda: row.open_block(place))
        for words, at in (("Insert before", place), ("Insert behind", place + 1)):
            self._fill_kinds(menu.addMenu(words), at)
        menu.addSeparator()
        menu.addAction("Move left", lambda: row.shift(place, place - 1))
        menu.addAction("Move right", lambda: row.shift(place, place + 1))
        menu.addAction("Duplicate", lambda: row.duplicate(place))
        menu.addAction("Remove", lambda: row.remove(place))
        menu.popup(point)

    def _menu(self) -> QMenu:
        menu = QMenu(self._row)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        return menu

    def _fill_kinds(self, menu: QMenu, place: int | None) -> None:
        menu.setToolTipsVisible(True)
        for kind, words in BLOCK_LABELS.items():
            action = menu.addAction(words[:1].upper() + words[1:])
            action.setToolTip(KIND_HELP[kind])
            action.triggered.connect(functools.partial(self._on_add, kind, place))

    def _on_add(self, kind: BlockKind, place: int | None, _: bool = False) -> None:
        self._row.add(kind, place)

    def _on_network(self, name: str, _: bool = False) -> None:
        self._row.take_network(name)
