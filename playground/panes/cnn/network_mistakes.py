"""The worst mistakes: test images on which the network is surest of a wrong class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from playground.experiments.cnn_snapshot import VIEW_MISTAKES
from playground.panes.cnn.network_mosaic import Mosaic
from playground.panes.cnn.network_pictures import as_pixels
from playground.panes.cnn.network_tiles import Section
from playground.ui.cards import GroupHead, Verdict
from playground.ui.number_text import format_number
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.experiments.cnn_snapshot import CnnSnapshot, Mistake
    from playground.panes.cnn.network_tiles import TilePlace

LARGEST_PX, SMALLEST_PX = 84, 48
LONGEST_NAME = 3


class MistakesView(QWidget):
    """A gallery of true → predicted, the largest loss first.

    Signals
    -------
    example_chosen(int)
        A person clicked a mistake: its number among the test images.
    """

    example_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mistakes: tuple[Mistake, ...] = ()
        self._names: tuple[str, ...] = ()
        self._title = GroupHead("Worst mistakes")
        self.verdict = Verdict("info", "")
        self.mosaic = Mosaic(largest=LARGEST_PX, smallest=SMALLEST_PX)
        self.mosaic.set_words(self._words)
        self._head = QHBoxLayout()
        self._head.addWidget(self._title)
        self._head.addWidget(self.verdict, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._head)
        self._column.addWidget(self.mosaic, 1)
        self.mosaic.tile_clicked.connect(self._on_tile)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """What is shown, the worst first."""
        return self._mistakes

    @staticmethod
    def views() -> frozenset[str]:
        """Return what is wanted of the training thread."""
        return frozenset({VIEW_MISTAKES})

    def set_alone(self, alone: bool) -> None:
        """Show the name beside the tools when no tab says it."""
        self._title.setVisible(alone)

    def show_snapshot(self, snapshot: CnnSnapshot) -> None:
        """Show the mistakes of the last tested weights; older ones stay until they are there."""
        if not snapshot.mistakes and snapshot.test_accuracy < 1.0:
            return
        self._say(snapshot)
        if snapshot.mistakes == self._mistakes and snapshot.images.class_names == self._names:
            return
        self._mistakes, self._names = snapshot.mistakes, snapshot.images.class_names
        if not self._mistakes:
            self.mosaic.set_sections(())
            return
        numbers = np.array([mistake.example for mistake in self._mistakes])
        pixels = as_pixels(snapshot.images.test_x[numbers])
        captions = tuple(self._caption(mistake) for mistake in self._mistakes)
        self.mosaic.set_sections((Section(0, "", pixels, None, captions=captions),))

    def _say(self, snapshot: CnnSnapshot) -> None:
        count, total = snapshot.mistake_count, snapshot.images.test_count
        when = f"after epoch {snapshot.epoch}" if snapshot.epoch else "before training"
        if count == 0:
            self.verdict.set_verdict("ok", f"All {total:,} test images are recognised {when}.")
            return
        shown = len(snapshot.mistakes)
        first = f"; the worst {shown}" if shown < count else ""
        words = f"{count:,} of {total:,} test images are mistaken {when}{first}."
        self.verdict.set_verdict("info", words)

    def _caption(self, mistake: Mistake) -> str:
        label, said = self._names[mistake.label], self._names[mistake.predicted]
        return f"{label[:LONGEST_NAME]}→{said[:LONGEST_NAME]} {100 * mistake.probability:.0f}%"

    def _words(self, place: TilePlace) -> str:
        mistake = self._mistakes[place.tile]
        label, said = self._names[mistake.label], self._names[mistake.predicted]
        return (
            f"test image {mistake.example + 1:,}: “{label}”, taken for “{said}”\n"
            f"probability of “{said}”: {100 * mistake.probability:.4g} %\n"
            f"loss {format_number(mistake.loss)}\nClick: look at it"
        )

    def _on_tile(self, _: int, tile: int) -> None:
        self.example_chosen.emit(self._mistakes[tile].example)

    def _on_theme_changed(self) -> None:
        self._head.setSpacing(px(8))
        self._column.setSpacing(px(6))
