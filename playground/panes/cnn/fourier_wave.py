"""The wave under the pointer: drawn, and in numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from playground.ui.cards import GroupHead, NumberTable
from playground.ui.number_text import format_number
from playground.ui.pixel_view import PixelView
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.core.fourier import Wave

PREVIEW_PX = 112
PERIODS_SHOWN = 7.0
LEAST_WINDOW = 16.0
NOTHING = "Point at a frequency of a spectrum: its wave is drawn here."
ROWS = (
    ("period", "period", "Pixels from crest to crest."),
    ("angle", "direction", "Across the crests, counter-clockwise from the right."),
    ("frequency", "frequency", "To the right and downwards, in cycles over the whole picture."),
    ("magnitude", "|F|", "Magnitude of the coefficient."),
    ("phase", "phase", "Where the crests lie: 0° puts one on the upper left pixel."),
    ("amplitude", "amplitude", "Height of the wave in the picture, from 0 to a crest."),
)


class WaveCard(QWidget):
    """One wave of the picture, as large as a few of its periods."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wave: Wave | None = None
        self.head = GroupHead("Wave")
        self.preview = PixelView("The wave under the pointer")
        self.preview.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.preview.setMouseTracking(False)
        self.numbers = NumberTable(ROWS)
        self._row = QHBoxLayout()
        self._row.addWidget(self.preview)
        self._row.addWidget(self.numbers, 1)
        self._row.setAlignment(self.preview, Qt.AlignmentFlag.AlignTop)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.head)
        self._column.addLayout(self._row)
        self._column.addStretch(1)
        self.show_wave(None, (1, 1))
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def wave(self) -> Wave | None:
        """The wave shown, None while there is none."""
        return self._wave

    def show_wave(self, wave: Wave | None, shape: tuple[int, int]) -> None:
        """Draw a wave of a picture of (h, w) pixels; None says what to do."""
        self._wave = wave
        if wave is None:
            self.preview.set_sentence(NOTHING)
            self.numbers.set_values(dict.fromkeys((row[0] for row in ROWS), "–"))
            return
        window = min(float(max(shape)), max(LEAST_WINDOW, PERIODS_SHOWN * min(wave.period, 1e6)))
        side = max(8, round(self.preview.width() * self.devicePixelRatioF()))
        places = (np.arange(side) + 0.5) * window / side - 0.5
        heights = wave.heights(places[:, None], places[None, :])
        grey = np.rint(127.5 + 127.5 * heights).astype(np.uint8)
        self.preview.set_picture(grey)
        self.preview.setToolTip(f"The upper left {window:.0f} × {window:.0f} pixels of this wave")
        self.numbers.set_values(wave_texts(wave, shape))

    def _on_theme_changed(self) -> None:
        self.preview.setFixedSize(px(PREVIEW_PX), px(PREVIEW_PX))
        self._row.setSpacing(px(12))
        self._column.setSpacing(px(6))


def wave_texts(wave: Wave, shape: tuple[int, int]) -> dict[str, str]:
    """Return the numbers of a wave as words, by the key of their row."""
    cycles = round(wave.horizontal * shape[1]), round(wave.vertical * shape[0])
    mean = math.isinf(wave.period)
    return {
        "period": "∞ (the mean)" if mean else f"{format_number(wave.period, 4)} px",
        "angle": "–" if mean else f"{format_number(wave.angle, 3)}°",
        "frequency": f"{format_number(cycles[0])} →  {format_number(cycles[1])} ↓",
        "magnitude": format_number(wave.magnitude),
        "phase": f"{format_number(math.degrees(wave.phase), 3)}°",
        "amplitude": format_number(wave.amplitude, 3),
    }
