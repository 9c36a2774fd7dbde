"""A person at the controls: the same world, the same scoring, step by step in real time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

from playground.environments.episodes import Recorder
from playground.environments.headlight_car import HeadlightCarOptions
from playground.environments.lander import LanderOptions
from playground.environments.vector import WorldError
from playground.experiments.agents_films import judge
from playground.panes.agents.films import Film
from playground.panes.agents.playback import LONGEST_TICK_S, TICK_MS

if TYPE_CHECKING:
    from playground.environments.vector import WorldOptions
    from playground.experiments.agents_policy import Policy

Key = Qt.Key
LANDER_KEYS = {Key.Key_Up: 2, Key.Key_Left: 1, Key.Key_Right: 3}
CAR_KEYS = {Key.Key_Left: 0, Key.Key_Right: 2}
LANDER_WORDS = "↑ main engine   ← → turn and push   Esc ends the flight"
CAR_WORDS = "← → steer   Esc ends the drive"


class HandFlight(QObject):
    """An episode flown by hand, by an agent, or by both in turns.

    Signals
    -------
    grown(object)
        The :class:`~playground.panes.agents.films.Film` so far, at every beat.
    over(object)
        The whole film: the episode has ended, or it was broken off.
    steering_changed()
        Another one steers.
    refused(str)
        The world cannot be made; one sentence.
    """

    grown = Signal(object)
    over = Signal(object)
    steering_changed = Signal()
    refused = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recorder: Recorder | None = None
        self._policy: Policy | None = None
        self._by_person = True
        self._held: list[int] = []
        self._last_action = 0
        self._owed = 0.0
        self._speed = 1.0
        self._touched = 0
        self._number = 0
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._on_tick)

    @property
    def active(self) -> bool:
        """Whether an episode is under way."""
        return self._recorder is not None

    @property
    def by_person(self) -> bool:
        """Whether the person steers, not the agent."""
        return self._by_person

    @property
    def keys_text(self) -> str:
        """Which keys do what."""
        if self._recorder is None:
            return ""
        return keys_text(self._recorder.options)

    def begin(
        self,
        options: WorldOptions,
        seed: int,
        policy: Policy | None,
        actions: bytes = b"",
        speed: float = 1.0,
    ) -> bool:
        """Begin an episode, or take one over after some actions; tell whether that was possible."""
        try:
            self._recorder = Recorder(options, seed, actions)
        except WorldError as error:
            self._recorder = None
            self.refused.emit(str(error))
            return False
        self._number += 1
        self._policy = policy
        self._by_person = True
        self._held.clear()
        self._owed = 0.0
        self._touched = len(actions)
        self._speed = speed
        self._last_action = usual_action(options)
        self._clock.start()
        self._timer.start()
        self.steering_changed.emit()
        self.grown.emit(self.film())
        return True

    def hand_over(self) -> None:
        """Let the agent steer from now on, or take over again."""
        if self._recorder is not None and (self._policy is not None or not self._by_person):
            self._by_person = not self._by_person
            self.steering_changed.emit()

    def stop(self) -> None:
        """End it here; what has been flown stays as a film."""
        if self._recorder is None:
            return
        self._timer.stop()
        film = self.film()
        self._recorder = None
        self.steering_changed.emit()
        self.over.emit(film)

    def set_speed(self, speed: float) -> None:
        """Let the world run faster or slower."""
        self._speed = speed

    def set_key(self, key: int, down: bool) -> None:
        """Take note of a key that went down or up."""
        if key == Key.Key_Escape:
            if down:
                self.stop()
            return
        if down and key not in self._held:
            self._held.append(key)
        elif not down and key in self._held:
            self._held.remove(key)

    def advance(self, seconds: float) -> None:
        """Let some time pass in the world."""
        recorder = self._recorder
        if recorder is None:
            return
        film_rate = self.film().rate
        self._owed += seconds * film_rate * self._speed
        steps = int(self._owed)
        self._owed -= steps
        try:
            for _ in range(steps):
                if recorder.over:
                    break
                recorder.step(self._action(recorder))
        except WorldError as error:
            self.refused.emit(str(error))
            self.stop()
            return
        if recorder.over:
            self.stop()
        elif steps:
            self.grown.emit(self.film())

    def film(self) -> Film:
        """Return what has been flown so far."""
        if self._recorder is None:
            raise RuntimeError("no episode is under way")
        episode = self._recorder.episode()
        judgement = judge(self._policy, episode) if self._policy is not None else None
        mixed = 0 < self._touched < len(episode)
        title = "The agent, then you" if mixed else "You"
        if not self._by_person:
            title = "The agent has the controls again"
        return Film(
            episode, title, ("hand", self._number), judgement, self._policy, by_hand=len(episode)
        )

    def _action(self, recorder: Recorder) -> int:
        if not self._by_person and self._policy is not None:
            return self._policy.choose(recorder.observation)
        action = action_of(recorder.options, self._held, self._last_action)
        self._last_action = action
        return action

    def _on_tick(self) -> None:
        self.advance(min(self._clock.restart() / 1000.0, LONGEST_TICK_S))


def keys_text(options: WorldOptions) -> str:
    """Return which keys steer in a world."""
    if isinstance(options, LanderOptions):
        return LANDER_WORDS
    if isinstance(options, HeadlightCarOptions):
        return CAR_WORDS
    names = options.action_names
    keys = "   ".join(f"{place} {name}" for place, name in enumerate(names[:10]))
    return f"← → first and last action, or {keys}   Esc ends it"


def usual_action(options: WorldOptions) -> int:
    """Return what is done while no key is held."""
    if isinstance(options, LanderOptions):
        return 0
    count = len(options.action_names)
    return count // 2 if count % 2 else 0


def action_of(options: WorldOptions, held: list[int], before: int) -> int:
    """Return the action of the keys held down, the last one pressed first.

    Where there is no action that does nothing (two actions), the last one goes on.
    """
    count = len(options.action_names)
    for key in reversed(held):
        if isinstance(options, LanderOptions):
            found = LANDER_KEYS.get(Key(key))
        elif isinstance(options, HeadlightCarOptions):
            found = CAR_KEYS.get(Key(key))
        else:
            found = {Key.Key_Left: 0, Key.Key_Right: count - 1}.get(Key(key))
        if found is None and Key.Key_0 <= key <= Key.Key_9 and key - Key.Key_0 < count:
            found = key - Key.Key_0
        if found is not None:
            return found
    return before if count == 2 else usual_action(options)
