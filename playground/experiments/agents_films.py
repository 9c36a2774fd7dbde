"""Episodes flown by a policy and recorded for looking at, a few frames at a time.

An episode follows from (options, seed, policy, mode): the best action of every state, or one drawn
with a stream of the episode's own seed. So it can be dropped in the middle and taken up again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from playground.core.random_streams import Streams
from playground.environments.episodes import Recorder
from playground.environments.vector import TIME
from playground.experiments.agents_snapshot import Judgement, ShownEpisode

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.environments.episodes import Episode
    from playground.environments.vector import WorldOptions
    from playground.experiments.agents_policy import Policy
    from playground.experiments.agents_spec import Mode

UNNUMBERED: Final = -1
"""Id of episodes that are flown on request and belong to no run."""
_CUT_OFF: Final = frozenset({TIME, "cut off", ""})
"""Ends after which the world would have gone on."""


@dataclass(frozen=True, slots=True)
class FilmState:
    """What an episode under way follows from; the policy and the options are shared."""

    id: int
    env_step: int
    mode: Mode
    options: WorldOptions
    seed: int
    policy: Policy
    actions: bytes


class Film:
    """An episode being flown by a policy.

    Parameters
    ----------
    state
        What it follows from; the actions in it are done at once.

    Raises
    ------
    playground.environments.vector.WorldError
        When no such world can be made.
    """

    def __init__(self, state: FilmState) -> None:
        self._start = state
        self._recorder = Recorder(state.options, state.seed, state.actions)
        self._actions = bytearray(state.actions)
        self._draws: np.random.Generator | None = None
        if state.mode == "sampled":
            self._draws = Streams(state.seed).numpy("shown policy")
            self._draws.random(len(state.actions))

    def __len__(self) -> int:
        return len(self._recorder)

    @property
    def over(self) -> bool:
        """Tell whether the episode has ended."""
        return self._recorder.over

    def advance(self, frames: int) -> None:
        """Fly some steps, fewer when the episode ends."""
        policy, recorder = self._start.policy, self._recorder
        for _ in range(frames):
            if recorder.over:
                return
            draw = None if self._draws is None else float(self._draws.random())
            action = policy.choose(recorder.observation, draw)
            recorder.step(action)
            self._actions.append(action)

    def state(self) -> FilmState:
        """Return what is needed to go on from here."""
        start = self._start
        return FilmState(
            start.id,
            start.env_step,
            start.mode,
            start.options,
            start.seed,
            start.policy,
            bytes(self._actions),
        )

    def shown(self) -> ShownEpisode:
        """Return what has been recorded so far, with what the policy thought."""
        start, episode = self._start, self._recorder.episode()
        return ShownEpisode(
            start.id,
            start.env_step,
            start.mode,
            episode,
            start.policy,
            judge(start.policy, episode),
        )


def judge(policy: Policy, episode: Episode) -> Judgement:
    """Return what a policy thinks at every moment of an episode, whoever flew it."""
    obs = episode.observations
    values, q = policy.values(obs), policy.action_values(obs)
    errors = None
    if values is not None:
        following = values[1:].astype(np.float64)
        if episode.end not in _CUT_OFF and len(following):
            following[-1] = 0.0
        chosen = values[:-1] if q is None else q[np.arange(len(episode)), episode.actions]
        errors = episode.rewards + policy.discount * following - chosen
    judgement = Judgement(
        policy.probabilities(obs), q, values, episode.returns_to_come(policy.discount), errors
    )
    for array in (
        judgement.probabilities,
        judgement.action_values,
        judgement.values,
        judgement.returns_to_come,
        judgement.td_errors,
    ):
        if array is not None:
            array.setflags(write=False)
    return judgement


def film_bytes(shown: ShownEpisode) -> int:
    """Return about how many bytes a recorded episode takes, its policy included."""
    episode, judgement = shown.episode, shown.judgement
    arrays: list[NDArray[Any]] = [
        episode.observations,
        episode.actions,
        episode.rewards,
        judgement.probabilities,
        judgement.returns_to_come,
    ]
    arrays += [
        array
        for array in (judgement.action_values, judgement.values, judgement.td_errors)
        if array is not None
    ]
    scene = episode.scene
    parts = getattr(type(scene), "__dataclass_fields__", {})
    drawn = (getattr(scene, name) for name in parts)
    arrays += [part for part in drawn if isinstance(part, np.ndarray)]
    return sum(array.nbytes for array in arrays) + shown.policy.nbytes
