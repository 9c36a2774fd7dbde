"""The film projector: which film is in it, at which frame it stands, how fast it runs.

Training has a transport of its own; this one only turns recorded frames over. New films are taken
at the end of the present one, so that no landing is cut off. While training pours pictures in, the
film moves with their beat: a second beat beside it would paint the window twice as often.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

if TYPE_CHECKING:
    from playground.panes.agents.films import Film

TICK_MS = 33
REST_S = 0.9
"""How long the end of a film is looked at before it starts again."""
MISSED_BEAT_MS = 60
LONGEST_TICK_S = 0.25
SLOWEST, FASTEST = 0.1, 10.0


class Playback(QObject):
    """Turns the frames of a film over while the pane is on screen.

    Signals
    -------
    film_changed()
        Another film is in it.
    moved()
        It stands at another frame.
    moved_beside()
        The same for views beside the scene; with the beat of the training a moment later.
    state_changed()
        It plays or pauses; loops or not; follows or not; at another speed.
    """

    film_changed = Signal()
    moved = Signal()
    moved_beside = Signal()
    state_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._film: Film | None = None
        self._waiting: Film | None = None
        self._place = 0.0
        self._rested = 0.0
        self._playing = True
        self._active = False
        self._speed = 1.0
        self._loop = True
        self._follow = True
        self._in_beat = False
        self._beside_waits = False
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_tick)

    @property
    def film(self) -> Film | None:
        """What is played; None before the first film."""
        return self._film

    @property
    def frame(self) -> int:
        """The frame on screen, from 0."""
        return int(self._place)

    @property
    def playing(self) -> bool:
        """Whether frames are turned over."""
        return self._playing

    @property
    def speed(self) -> float:
        """Multiple of the natural speed."""
        return self._speed

    @property
    def loop(self) -> bool:
        """Whether a film begins again at its end."""
        return self._loop

    @property
    def follow(self) -> bool:
        """Whether the latest episode of training is put in at the end of a film."""
        return self._follow

    def set_active(self, active: bool) -> None:
        """Say whether anybody looks: nothing moves where nobody does."""
        self._active = active
        self._run_timer()

    def show(self, film: Film | None, *, frame: int = 0, keep_follow: bool = False) -> None:
        """Put a film in at once; this ends following unless told otherwise."""
        self._film = film
        self._waiting = None
        self._place = float(frame)
        self._rested = 0.0
        if not keep_follow and self._follow:
            self._follow = False
            self.state_changed.emit()
        self._run_timer()
        self.film_changed.emit()
        self._tell_moved()

    def update_film(self, film: Film, *, frame: int | None = None) -> None:
        """Replace the film by a longer or better known one of its kind; the place stays."""
        self._film = film
        self._place = min(self._place if frame is None else float(frame), float(film.last))
        self.film_changed.emit()
        self._tell_moved()

    def offer(self, film: Film) -> None:
        """Hand in the latest film: taken at the end of the present one while following."""
        if not self._follow:
            return
        if self._film is not None and self._film.key == film.key:
            return
        if self._film is None or not self._playing or not self._active:
            self.show(film, keep_follow=True)
            return
        self._waiting = film

    def set_follow(self, follow: bool) -> None:
        """Follow the latest episode, or stay with the present one."""
        if follow != self._follow:
            self._follow = follow
            self._waiting = self._waiting if follow else None
            self.state_changed.emit()

    def set_loop(self, loop: bool) -> None:
        """Begin again at the end, or stop there."""
        self._loop = loop
        self.state_changed.emit()

    def set_speed(self, speed: float) -> None:
        """Set the multiple of the natural speed, within 0.1…10."""
        self._speed = min(max(speed, SLOWEST), FASTEST)
        self.state_changed.emit()

    def play(self) -> None:
        """Turn frames over; from the end this begins anew."""
        if self._film is not None and self.frame >= self._film.last:
            self._place = 0.0
            self._tell_moved()
        self._rested = 0.0
        self._playing = True
        self._run_timer()
        self.state_changed.emit()

    def pause(self) -> None:
        """Stay at the present frame."""
        self._playing = False
        self._run_timer()
        self.state_changed.emit()

    def toggle(self) -> None:
        """Play what stands, pause what plays."""
        if self._playing:
            self.pause()
        else:
            self.play()

    def seek(self, frame: int) -> None:
        """Stand at a frame; playing goes on from there."""
        if self._film is None:
            return
        self._rested = 0.0
        self._place = float(min(max(frame, 0), self._film.last))
        self._tell_moved()

    def turn(self, frames: int) -> None:
        """Go some frames on (negative: back) and pause."""
        if self._playing:
            self.pause()
        self.seek(self.frame + frames)

    def advance(self, seconds: float) -> None:
        """Let some time pass."""
        film = self._film
        if film is None or not self._playing:
            return
        before = self.frame
        if self.frame >= film.last:
            self._rested += seconds
            if self._rested >= REST_S:
                self._at_end()
            return
        self._place = min(self._place + seconds * film.rate * self._speed, float(film.last))
        if self.frame != before:
            self._tell_moved()

    def beat(self) -> None:
        """Move now, with a picture that is being drawn anyway; the own timer waits for the next."""
        if self._timer.isActive():
            self._timer.start(MISSED_BEAT_MS)
            self._in_beat = True
            try:
                self._move()
            finally:
                self._in_beat = False

    def end_beat(self) -> None:
        """Let the views beside the scene follow: the scene is on the screen."""
        if self._beside_waits:
            self._beside_waits = False
            self.moved_beside.emit()

    def _at_end(self) -> None:
        if self._waiting is not None:
            self.show(self._waiting, keep_follow=True)
        elif self._loop:
            self._rested = 0.0
            self._place = 0.0
            self._tell_moved()
        elif not self._follow:
            self.pause()

    def _tell_moved(self) -> None:
        self.moved.emit()
        self._beside_waits = self._in_beat
        if not self._in_beat:
            self.moved_beside.emit()

    def _run_timer(self) -> None:
        wanted = self._active and self._playing and self._film is not None
        if wanted and not self._timer.isActive():
            self._clock.start()
            self._timer.start(TICK_MS)
        elif not wanted:
            self._timer.stop()

    def _on_tick(self) -> None:
        if self._timer.interval() != TICK_MS:
            self._timer.start(TICK_MS)
        self._move()

    def _move(self) -> None:
        # After a long pause of the window the film goes on where it stood.
        self.advance(min(self._clock.restart() / 1000.0, LONGEST_TICK_S))
