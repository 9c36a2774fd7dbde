"""What is drawn of the agents experiment: one frozen picture of a learning agent.

Everything here is immutable and shared between snapshots: the recorded episodes, the policies of
the skill slider and the numbers hang on from picture to picture at no cost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from playground.experiments.base import Snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from playground.environments.episodes import Episode
    from playground.environments.vector import Quantity, WorldOptions
    from playground.experiments.agents_policy import Policy
    from playground.experiments.agents_spec import AgentSpec, Mode
    from playground.experiments.spec import Path

Tone = Literal["ok", "warn", "bad", "info"]
Mark = Literal["first", "best", "worst", "median", "latest"]

VIEW_POLICY: Final = "policy"
"""The networks of this very step: :attr:`AgentSnapshot.policy` (else None)."""
VIEW_REPLAY: Final = "replay"
"""Prefix of ``replay:<order>``: transitions of DQN's memory, :attr:`AgentSnapshot.replay`."""
ReplayOrder = Literal["random", "error", "newest", "oldest"]
REPLAY_ORDERS: Final[dict[ReplayOrder, str]] = {
    "random": "drawn as in training",
    "error": "largest TD error first",
    "newest": "newest first",
    "oldest": "oldest first",
}
REPLAY_ROWS: Final = 64
"""Transitions in a view of the memory; those of the largest errors are looked for among at most
2,048 that are spread evenly over it."""

SERIES_EPISODE: Final = "episode"
"""At the end of every training episode; ``end`` is an index into :data:`ENDS`."""
EPISODE_COLUMNS: Final = ("env_step", "return", "length", "end")
SERIES_UPDATE: Final = "update"
"""Means over the gradient steps since the row before, NaN where the algorithm has no such number.

A row every 512 steps of worlds at first, every 1,024 beyond 2²⁰ and so on; of PPO and A2C one after
every rollout. ``lag`` is the distance of DQN's target network, relative to the online weights;
``clipped`` the share of steps whose gradient PPO has cut; ``mean_q`` in units of the reward."""
UPDATE_COLUMNS: Final = (
    "env_step",
    "loss",
    "policy loss",
    "value loss",
    "entropy",
    "clipped",
    "mean q",
    "lag",
    "exploration",
    "rate",
)
SERIES_SHOWN: Final = "shown"
"""At the end of every recorded episode; ``id`` is that of :class:`ShownEpisode`. ``value`` is what
the policy expected at the start (NaN without a critic), ``discounted`` what it then came to: of
DQN the first is often too high."""
SHOWN_COLUMNS: Final = ("id", "env_step", "return", "length", "end", "value", "discounted")

ENDS: Final = (
    "ended",
    "time",
    "landed",
    "crashed",
    "flew off",
    "station",
    "crash",
    "left the field",
    "fell",
    "arrived",
    "cut off",
)
"""How episodes end, in words; the series hold the index. Unknown words count as ``"ended"``."""
GOOD_ENDS: Final = frozenset({"landed", "station", "arrived"})
BAD_ENDS: Final = frozenset({"crashed", "flew off", "crash", "left the field", "fell"})


def end_code(word: str) -> int:
    """Return the index of an end in :data:`ENDS`."""
    return ENDS.index(word) if word in ENDS else 0


def replay_view(order: ReplayOrder) -> str:
    """Return the name of the view of DQN's memory in some order."""
    return f"{VIEW_REPLAY}:{order}"


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """What a policy thinks at every moment of an episode of T steps; arrays are read-only.

    Parameters
    ----------
    probabilities
        (T + 1, actions) of every action while training; the last row is where the episode ended.
    action_values
        (T + 1, actions) Q(s, ·) in units of the reward; None where there is no Q.
    values
        (T + 1,) V(s), or max Q, in units of the reward; None without a critic.
    returns_to_come
        (T,) the true discounted return from every step on.
    td_errors
        (T,) r + γ V(s') − V(s), for DQN r + γ max Q(s') − Q(s, a): the advantage of what was done;
        None without a critic.
    """

    probabilities: NDArray[np.float32]
    action_values: NDArray[np.float32] | None
    values: NDArray[np.float32] | None
    returns_to_come: NDArray[np.float64]
    td_errors: NDArray[np.float64] | None


@dataclass(frozen=True, slots=True, eq=False)
class ShownEpisode:
    """A recorded episode with the policy that flew it.

    Parameters
    ----------
    id
        0, 1, 2 … in a run; −1 for episodes flown on request.
    env_step
        Steps of all worlds behind the policy.
    mode
        Greedy, or drawn as in training.
    episode
        Observations, actions, rewards, scene and end; ``episode.options`` say what world it was.
    policy
        Who flew it.
    judgement
        What the policy thought at every moment.
    """

    id: int
    env_step: int
    mode: Mode
    episode: Episode
    policy: Policy
    judgement: Judgement

    @property
    def total(self) -> float:
        """Undiscounted return."""
        return self.episode.total

    @property
    def length(self) -> int:
        """Steps."""
        return len(self.episode)

    @property
    def end(self) -> str:
        """How it ended, in a word or two."""
        return self.episode.end

    @property
    def seed(self) -> int:
        """Of the episode."""
        return self.episode.seed


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """One recorded episode in the library, with what makes it worth keeping."""

    shown: ShownEpisode
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PolicyCheckpoint:
    """The policy at one moment of training: one notch of the skill slider.

    Parameters
    ----------
    env_step, episodes, updates
        Steps of all worlds, finished episodes and gradient steps behind it.
    recent
        Mean return of the last episodes (at most 100) at that moment; NaN before the first.
    """

    env_step: int
    episodes: int
    updates: int
    recent: float
    policy: Policy


@dataclass(frozen=True, slots=True)
class Recent:
    """The last training episodes, at most 100.

    Parameters
    ----------
    count
        How many there are.
    mean, best, worst
        Of their returns; NaN without any.
    length
        Mean number of steps; NaN without any.
    ends
        End in words → how many of them ended so, most frequent first.
    successes
        How many reached the threshold of the spec.
    """

    count: int = 0
    mean: float = float("nan")
    best: float = float("nan")
    worst: float = float("nan")
    length: float = float("nan")
    ends: Mapping[str, int] = field(default_factory=dict)
    successes: int = 0


class Repair(NamedTuple):
    """One change of the spec that mends what the verdict says, with its name in words."""

    path: Path
    value: Any
    label: str


class AgentVerdict(NamedTuple):
    """How the agent does, in plain words with numbers, and what would help."""

    tone: Tone
    text: str
    repair: Repair | None = None


class RuleStatus(NamedTuple):
    """How far one stop rule is.

    Parameters
    ----------
    text
        Such as ``"worst of the last 20 returns: −85 of 200"``.
    value
        What is measured; NaN before the first episode.
    met_at
        Number of the episode at whose end the rule was first met; None until then.
    """

    text: str
    value: float
    met_at: int | None


@dataclass(frozen=True, slots=True, eq=False)
class ReplayRows:
    """Some transitions of DQN's memory; arrays are read-only copies.

    Parameters
    ----------
    size, capacity
        Transitions in the memory, and how many it may hold.
    obs, next_obs
        (n, d) s and s'.
    actions, rewards, terminated
        (n,).
    td_errors
        (n,) Q(s, a) − y in units of the reward.
    ages
        (n,) transitions added since.
    chances
        (n,) how likely each is drawn, relative to an even draw.
    seeds, steps
        (n,) episode of the transition, and which step of it.
    """

    size: int
    capacity: int
    obs: NDArray[np.float32]
    actions: NDArray[np.int64]
    rewards: NDArray[np.float32]
    next_obs: NDArray[np.float32]
    terminated: NDArray[np.bool_]
    td_errors: NDArray[np.float32]
    ages: NDArray[np.int64]
    chances: NDArray[np.float64]
    seeds: NDArray[np.int64]
    steps: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AgentSnapshot(Snapshot):
    """A learning agent after so many units of work.

    Parameters
    ----------
    options
        The world as it is now; ``quantities``, ``action_names`` and ``time_limit`` name everything.
    env_steps, episodes, updates
        Steps of all worlds, finished training episodes, gradient steps.
    learning
        Whether the last unit was a gradient step.
    numbers
        The last row of the series "update" by column.
    recent
        The last training episodes.
    rules
        The usual stop rule and the course's.
    library
        Recorded episodes in order of recording.
    recording
        Steps of the episode being recorded just now; None between two of them.
    skills
        The skill slider: policies from the first weights on, the last one a little behind.
    policy
        The networks of this step; None unless ``"policy"`` was asked for.
    replay
        None unless ``"replay:…"`` was asked for, and for all algorithms but DQN.
    """

    spec: AgentSpec
    options: WorldOptions
    env_steps: int
    episodes: int
    updates: int
    learning: bool
    numbers: Mapping[str, float]
    recent: Recent
    rules: tuple[RuleStatus, ...]
    library: tuple[LibraryEntry, ...]
    recording: int | None
    skills: tuple[PolicyCheckpoint, ...]
    verdict: AgentVerdict
    policy: Policy | None = None
    replay: ReplayRows | None = None

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """What the numbers of an observation are."""
        return self.options.quantities

    @property
    def action_names(self) -> tuple[str, ...]:
        """What the actions are."""
        return self.options.action_names

    def entry(self, number: int) -> LibraryEntry | None:
        """Return a recorded episode by its id; None where it was thinned out."""
        return next((entry for entry in self.library if entry.shown.id == number), None)

    def marked(self, mark: Mark) -> LibraryEntry | None:
        """Return the first, best, worst, median or latest recorded episode."""
        return next((entry for entry in self.library if mark in entry.marks), None)
