"""The speed of a run: a slider over round numbers of steps per second, up to “max”."""

from __future__ import annotations

import bisect
import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

from playground.ui.fonts import number_font
from playground.ui.number_text import format_number
from playground.ui.theme import TEXT_PX, px, theme

SPEEDS: tuple[float, ...] = (
    *(0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 30.0, 50.0, 80.0, 120.0, 200.0, 300.0, 500.0),
    *(1000.0, 2000.0, 5000.0, 10000.0, math.inf),
)
"""Stops of the slider in steps per second; the last one means “as fast as possible”."""


def stop_of(speed: float) -> int:
    """Return the index of the stop nearest to a speed, on the logarithmic scale."""
    if speed >= SPEEDS[-2] * 1.5:
        return len(SPEEDS) - 1
    if speed <= SPEEDS[0]:
        return 0
    upper = min(bisect.bisect_left(SPEEDS, speed), len(SPEEDS) - 2)
    lower = upper - 1
    nearer_lower = math.log(speed / SPEEDS[lower]) < math.log(SPEEDS[upper] / speed)
    return lower if nearer_lower else upper


def wanted_speed_text(speed: float) -> str:
    """Return a wanted speed as it stands beside the slider, such as ``"31 /s"`` or ``"max"``."""
    if math.isinf(speed):
        return "max"
    return f"{format_number(speed, 3, trim=True)} /s"


class SpeedControl(QWidget):
    """Label, slider and text; ``edited`` tells what a person wants, never what was shown."""

    edited = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make a control at “max”."""
        super().__init__(parent)
        self._speed = SPEEDS[-1]
        self._label = QLabel("Speed")
        self._label.setProperty("role", "muted")
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, len(SPEEDS) - 1)
        self._slider.setPageStep(3)
        self._slider.setValue(len(SPEEDS) - 1)
        self._slider.setAccessibleName("Speed in steps per second")
        self._slider.setToolTip("Steps per second, from slow to as fast as possible ([ and ])")
        self._text = QLabel(wanted_speed_text(self._speed))
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for widget in (self._label, self._slider, self._text):
            self._row.addWidget(widget)
        self._slider.valueChanged.connect(self._on_slider_changed)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def speed(self) -> float:
        """The speed shown, in steps per second."""
        return self._speed

    @property
    def slider(self) -> QSlider:
        """The slider itself, for focus and tests."""
        return self._slider

    @property
    def label(self) -> QLabel:
        """The word in front, which may be hidden where room is scarce."""
        return self._label

    def set_speed(self, speed: float) -> None:
        """Show a speed without emitting; a slider that is held stays where it is."""
        if speed == self._speed or self._slider.isSliderDown():
            return
        self._speed = speed
        self._slider.blockSignals(True)
        self._slider.setValue(stop_of(speed))
        self._slider.blockSignals(False)
        self._text.setText(wanted_speed_text(speed))

    def nudge(self, stops: int) -> None:
        """Go some stops up or down, as a person asked by key."""
        self._slider.setValue(stop_of(self._speed) + stops)

    def _on_slider_changed(self, stop: int) -> None:
        self._speed = SPEEDS[stop]
        self._text.setText(wanted_speed_text(self._speed))
        self.edited.emit(self._speed)

    def _on_theme_changed(self) -> None:
        self._row.setSpacing(px(8))
        self._slider.setFixedWidth(px(92))
        font = number_font(px(TEXT_PX))
        self._text.setFont(font)
        self._text.setFixedWidth(QFontMetrics(font).horizontalAdvance("10,000 /s"))
