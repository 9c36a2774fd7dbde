"""The menu of run files opened or saved lately."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


class RecentMenu(QMenu):
    """Filled when it is about to open, so that it never shows what is gone."""

    chosen = Signal(object)

    def __init__(self, paths: Callable[[], Sequence[Path]], parent: QWidget) -> None:
        """Ask ``paths`` for the files whenever the menu opens."""
        super().__init__("Recent runs", parent)
        self._paths = paths
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self._fill)

    def _fill(self) -> None:
        self.clear()
        for path in self._paths():
            action = self.addAction(path.name)
            action.setToolTip(str(path))
            action.setEnabled(path.exists())
            action.triggered.connect(lambda _on=False, path=path: self.chosen.emit(path))
        if self.isEmpty():
            self.addAction("No run was opened or saved yet").setEnabled(False)
