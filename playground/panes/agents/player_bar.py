"""The keys of the projector: play, frame by frame, scrub, speed, loop, follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QStyle, QWidget
from typing_extensions import override

from playground.ui.choice_box import ChoiceBox
from playground.ui.controls import IconButton
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QWheelEvent

    from playground.panes.agents.playback import Playback

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)


class Scrubber(QSlider):
    """The frames of a film as a slider that jumps to where it is pressed.

    Signals
    -------
    scrubbed(int)
        A person wants this frame.
    """

    scrubbed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setAccessibleName("Frame of the film")
        self.setToolTip("Drag to look at any moment of the episode; ← and → go frame by frame.")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSingleStep(1)
        self.setPageStep(25)
        self.actionTriggered.connect(lambda _: self.scrubbed.emit(self.sliderPosition()))
        self.sliderMoved.connect(self.scrubbed)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self.setSliderDown(True)
        self._go(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._go(event)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _go(self, event: QMouseEvent) -> None:
        handle = px(14)
        place = round(event.position().x() - handle / 2)
        room = max(self.width() - handle, 1)
        value = QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), place, room)
        self.setSliderPosition(value)
        self.scrubbed.emit(value)


class PlayerBar(QWidget):
    """Plays the film; the transport at the bottom of the window belongs to training."""

    def __init__(self, playback: Playback, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playback = playback
        self.play = IconButton("play", "Play or pause the film (K)", size=18)
        self.back = IconButton("step-back", "One frame back (,)", size=16)
        self.forward = IconButton("step-forward", "One frame on (.)", size=16)
        self.scrubber = Scrubber()
        self.speed = ChoiceBox(
            "Speed of the film",
            tuple((speed, f"{speed:g}×") for speed in SPEEDS),
            value=1.0,
            help="Speed of the film; 1× is that of the world: the lander does 50 steps a second.",
            segmented=False,
        )
        self.loop = IconButton("refresh-cw", "Begin again at the end", checkable=True, size=16)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.play, self.back, self.forward):
            self._row.addWidget(widget)
        self._row.addWidget(self.scrubber, 1)
        self._row.addWidget(self.speed)
        self._row.addWidget(self.loop)
        self.play.clicked.connect(playback.toggle)
        self.back.clicked.connect(lambda: playback.turn(-1))
        self.forward.clicked.connect(lambda: playback.turn(1))
        self.scrubber.scrubbed.connect(playback.seek)
        self.speed.edited.connect(playback.set_speed)
        self.loop.clicked.connect(playback.set_loop)
        playback.film_changed.connect(self._on_film_changed)
        playback.moved_beside.connect(self._on_moved)
        playback.state_changed.connect(self._on_state_changed)
        self._on_film_changed()
        self._on_state_changed()
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def _on_film_changed(self) -> None:
        film = self._playback.film
        self.setEnabled(film is not None)
        self.scrubber.setRange(0, film.last if film is not None else 0)
        self._on_moved()

    def _on_moved(self) -> None:
        if not self.scrubber.isSliderDown():
            self.scrubber.setValue(self._playback.frame)

    def _on_state_changed(self) -> None:
        playing = self._playback.playing
        self.play.set_icon("pause" if playing else "play")
        self.play.set_tooltip("Pause the film (K)" if playing else "Play the film (K)")
        self.loop.setChecked(self._playback.loop)
        self.speed.set_value(self._playback.speed)

    def _on_theme_changed(self) -> None:
        self.speed.setFixedWidth(px(76))
        self._row.setSpacing(px(2))
