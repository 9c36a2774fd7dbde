"""What is played in the scene: an episode with what its policy thought, and ghosts beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from playground.environments.headlight_car import HeadlightScene
from playground.environments.lander import FRAMES_PER_SECOND, LanderScene
from playground.experiments.agents_snapshot import BAD_ENDS, GOOD_ENDS
from playground.ui.number_text import format_number

if TYPE_CHECKING:
    from collections.abc import Hashable

    from playground.environments.episodes import Episode
    from playground.experiments.agents_policy import Policy
    from playground.experiments.agents_snapshot import Judgement, ShownEpisode

CAR_STEPS_PER_SECOND = 12.0
OTHER_STEPS_PER_SECOND = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Ghost:
    """The flight of another policy from the same start, drawn faintly beside the film."""

    episode: Episode
    label: str


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """An episode to be played.

    Parameters
    ----------
    episode
        Scene, observations, actions and rewards.
    title
        Who flies, in a few words.
    key
        What tells it from other films; equal keys are the same film.
    judgement, policy
        What was thought at every moment, and by whom; None where a person flew alone.
    ghosts
        Other flights from the same start.
    by_hand
        Number of frames up to which a person steered last, 0 for none.
    """

    episode: Episode
    title: str
    key: Hashable
    judgement: Judgement | None = None
    policy: Policy | None = None
    ghosts: tuple[Ghost, ...] = ()
    by_hand: int = 0

    @property
    def last(self) -> int:
        """The number of the last frame; the first one is 0."""
        return len(self.episode)

    @property
    def rate(self) -> float:
        """Frames per second at the natural speed."""
        if isinstance(self.episode.scene, LanderScene):
            return float(FRAMES_PER_SECOND)
        if isinstance(self.episode.scene, HeadlightScene):
            return CAR_STEPS_PER_SECOND
        return OTHER_STEPS_PER_SECOND

    def with_ghosts(self, ghosts: tuple[Ghost, ...]) -> Film:
        """Return the same film with other ghosts."""
        return replace(self, ghosts=ghosts)

    def action_at(self, frame: int) -> int | None:
        """Return what is done at a frame; None at the last one."""
        return int(self.episode.actions[frame]) if frame < len(self.episode) else None

    def total_at(self, frame: int) -> float:
        """Return the sum of the rewards up to a frame."""
        return float(self.episode.rewards[:frame].sum())


def film_of(shown: ShownEpisode, title: str, key: Hashable) -> Film:
    """Return the film of a recorded episode."""
    return Film(shown.episode, title, key, shown.judgement, shown.policy)


def steps_text(steps: int) -> str:
    """Return a number of steps as people say it: ``"850"``, ``"24k"``, ``"1.2M"``."""
    if steps < 1000:
        return str(steps)
    if steps < 1_000_000:
        return f"{steps / 1000:.3g}k"
    return f"{steps / 1e6:.3g}M"


def return_text(value: float) -> str:
    """Return a return in as few figures as tell it from others."""
    if math.isnan(value):
        return "–"
    if abs(value) >= 100.0:
        return format_number(round(value))
    return format_number(value, 3, trim=True)


def end_token(end: str) -> str:
    """Return the colour in which the end of an episode is written."""
    if end in GOOD_ENDS:
        return "ok"
    return "bad" if end in BAD_ENDS else "warn"


def end_icon(end: str) -> str:
    """Return the icon that stands beside the end of an episode."""
    if end in GOOD_ENDS:
        return "circle-check"
    return "circle-x" if end in BAD_ENDS else "timer"


def end_words(end: str) -> str:
    """Return the end of an episode in words; an episode under way has none yet."""
    return {"time": "time is up", "": "under way"}.get(end, end)
