"""Earlier policies beside the film: flown from the same start when ghosts are wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.panes.agents.films import Ghost, steps_text
from playground.panes.agents.flights import Order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.experiments.agents_snapshot import ShownEpisode
    from playground.panes.agents.flights import FlightDesk
    from playground.panes.agents.playback import Playback
    from playground.panes.agents.skill import Notch

MOST = 4


class GhostFlights:
    """Looks after the ghosts of whatever film is played."""

    def __init__(self, desk: FlightDesk, playback: Playback) -> None:
        self._desk, self._playback = desk, playback
        self._notches: tuple[Notch, ...] = ()
        self._wanted = False
        self._asked: object = None
        playback.film_changed.connect(self.refresh)

    @property
    def wanted(self) -> bool:
        """Whether ghosts are to be seen."""
        return self._wanted

    def set_notches(self, notches: tuple[Notch, ...]) -> None:
        """Say which policies there are to choose from."""
        self._notches = notches

    def set_wanted(self, wanted: bool) -> None:
        """Let ghosts fly, or take them away."""
        self._wanted = wanted
        self._asked = None
        film = self._playback.film
        if not wanted and film is not None and film.ghosts:
            self._playback.update_film(film.with_ghosts(()))
        self.refresh()

    def refresh(self) -> None:
        """Ask for the ghosts of the film, unless it has them."""
        film = self._playback.film
        if not self._wanted or film is None or film.ghosts or film.by_hand:
            return
        policies = [n for n in self._notches if n.policy is not film.policy]
        fitting = [n for n in policies if _fits(n, film.episode.observations.shape[1])]
        if film.key == self._asked or not fitting:
            return
        self._asked = key = film.key
        options, seed = film.episode.options, film.episode.seed
        orders = [
            Order(n.policy, options, seed, "greedy", n.env_step) for n in _spread(fitting, MOST)
        ]

        def done(flown: list[ShownEpisode]) -> None:
            now = self._playback.film
            if now is None or now.key != key or not self._wanted:
                return
            ghosts = tuple(
                Ghost(shown.episode, f"after {steps_text(shown.env_step)}") for shown in flown
            )
            self._playback.update_film(now.with_ghosts(ghosts))

        self._desk.fly(orders, done)


def _fits(notch: Notch, size: int) -> bool:
    return notch.policy.observation_size == size


def _spread(notches: Sequence[Notch], most: int) -> list[Notch]:
    if len(notches) <= most:
        return list(notches)
    return [notches[round(k * (len(notches) - 1) / (most - 1))] for k in range(most)]
