"""Taking pictures of a plot: saving, copying, asking where to."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from playground.core.atomic_files import SaveError
from playground.ui.icons import themed_icon
from playground.ui.plots.export import plot_image, save_picture
from playground.ui.theme import qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyqtgraph as pg

PICTURE_FILTER = "PNG picture (*.png);;SVG drawing (*.svg)"
PICTURE_SCALE = 2.0


class PlotPictures(QObject):
    """Makes the pictures of one plot.

    Parameters
    ----------
    item
        What is drawn.
    surface
        Token of the background.
    restyle
        Called before and after a picture, to make all pens anew for its resolution.
    owner
        The plot widget.

    Signals
    -------
    failed(str)
        A picture could not be saved; one sentence.
    """

    failed = Signal(str)

    def __init__(
        self, item: pg.PlotItem, surface: str, restyle: Callable[[], None], owner: QWidget
    ) -> None:
        super().__init__(owner)
        self._item = item
        self._surface = surface
        self._restyle = restyle
        self._owner = owner
        self.copy_action = QAction("Copy picture", self)
        self.save_action = QAction("Save picture…", self)
        themed_icon(self.copy_action, "copy")
        themed_icon(self.save_action, "download")
        self.copy_action.triggered.connect(self.copy)
        self.save_action.triggered.connect(self.ask)

    def save(self, path: str | Path, scale: float = PICTURE_SCALE) -> Path:
        """Write an SVG where the name says so, else a PNG; raises ``SaveError``."""
        vector = Path(path).suffix.lower() == ".svg"
        with self._drawn_for(1.0 if vector else scale):
            return save_picture(self._item, qcolor(self._surface), path, scale)

    def copy(self) -> None:
        """Put a picture on the clipboard."""
        with self._drawn_for(PICTURE_SCALE):
            picture = plot_image(self._item, qcolor(self._surface), PICTURE_SCALE)
        QGuiApplication.clipboard().setImage(picture)

    def ask(self) -> None:
        """Ask where to save a picture, and save it."""
        path, _ = QFileDialog.getSaveFileName(
            self._owner, "Save picture", "plot.png", PICTURE_FILTER
        )
        if not path:
            return
        try:
            self.save(path)
        except SaveError as error:
            self.failed.emit(str(error))

    @contextlib.contextmanager
    def _drawn_for(self, ratio: float) -> Iterator[None]:
        """Give all lines the width that they need in a picture of this resolution."""
        try:
            with theme().drawing_at(ratio):
                self._restyle()
                yield
        finally:
            self._restyle()
