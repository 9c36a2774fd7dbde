"""An agent that learns in a world, unit by unit, and is filmed on the way.

One step is one bounded unit of the agent's work: some steps of its worlds, or a gradient step.
Beside it, every so many steps of the worlds, an episode of the present policy is flown in a world
of its own and recorded, some frames at a time; policies at moments spread over the logarithm of the
training time are kept for the skill slider. All of this is part of the run: the same spec and seed
bring the same episodes in the same steps.

The worlds cannot be copied: their state is one recipe (seed, actions) each, and going back flies
the running episodes again, as does the state of the episode being recorded.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, Final

from playground.agents.base import Advance, AgentError, AgentState
from playground.agents.dqn import DqnAgent
from playground.agents.ppo import PpoAgent
from playground.core.random_streams import Streams
from playground.environments.vector import MAX_EPISODE_SEED, WorldError
from playground.experiments.agents_edits import LoadPolicy, load_policy
from playground.experiments.agents_films import Film, FilmState
from playground.experiments.agents_learner import config_of, make_agent, policy_of
from playground.experiments.agents_library import Library, Skills
from playground.experiments.agents_snapshot import (
    EPISODE_COLUMNS,
    SERIES_EPISODE,
    SERIES_SHOWN,
    SERIES_UPDATE,
    SHOWN_COLUMNS,
    UPDATE_COLUMNS,
    PolicyCheckpoint,
    end_code,
)
from playground.experiments.agents_spec import AgentSpec
from playground.experiments.agents_tally import Tally, Updates, course_rule, mean_rule
from playground.experiments.agents_views import Standing, take_snapshot
from playground.experiments.agents_words import counted, number_text
from playground.experiments.agents_worlds import make_vector, world_options
from playground.experiments.base import (
    RUNNING,
    Edit,
    EditError,
    Experiment,
    Progress,
    Series,
    SetValue,
    State,
    Status,
)
from playground.experiments.cnn_edits import unpack_arrays
from playground.experiments.spec import SpecError

if TYPE_CHECKING:
    from playground.agents.base import Agent
    from playground.experiments.agents_policy import Policy
    from playground.experiments.agents_snapshot import AgentSnapshot, ShownEpisode
    from playground.experiments.spec import Path, Spec

FRAMES_PER_STEP: Final = 16
"""Frames of the episode being recorded that are flown beside one unit of work."""


class AgentsExperiment(Experiment):
    """An agent learning in a world."""

    kind: ClassVar[str] = "agents"
    spec_type: ClassVar[type[AgentSpec]] = AgentSpec
    edit_types: ClassVar[tuple[type[Edit], ...]] = (SetValue, LoadPolicy)
    series = (
        Series(SERIES_EPISODE, EPISODE_COLUMNS, ("int64", "float64", "int64", "int64")),
        Series(SERIES_UPDATE, UPDATE_COLUMNS, ("int64", *("float32",) * 9)),
        Series(
            SERIES_SHOWN,
            SHOWN_COLUMNS,
            ("int64", "int64", "float64", "int64", "int64", "float64", "float64"),
        ),
    )
    needs_torch: ClassVar[bool] = True
    step_noun: ClassVar[str] = "unit"
    mark_noun: ClassVar[str] = "episode"
    mark_series: ClassVar[str] = SERIES_EPISODE

    spec: AgentSpec

    def __init__(self, spec: Spec, seed: int) -> None:
        if not isinstance(spec, AgentSpec):
            raise TypeError(f"expected an AgentSpec, got {type(spec).__name__}")
        super().__init__(spec, seed)
        self._streams = Streams(seed)
        self._options = world_options(spec.world)
        learner = spec.learner
        # Any: vectors of worlds can change their options, which learners need not know.
        self._worlds: Any = make_vector(
            self._options, learner.world_count, self._streams.numpy("environment")
        )
        self._agent = make_agent(
            learner, self._worlds.observation_size, self._worlds.action_count, self._streams
        )
        self._trouble = ""
        self._tally = Tally()
        self._updates = Updates()
        self._numbers: dict[str, float] = {}
        self._library = Library()
        self._skills = Skills()
        self._film: Film | None = None
        self._films_begun = 0
        self._film_due = 0
        self._look_after_films()
        self._keep_skill()

    @property
    def agent(self) -> Agent:
        """The agent itself, for tests and scripts: do not change it."""
        return self._agent

    @property
    def policy(self) -> Policy:
        """A frozen copy of what the agent would do now."""
        return policy_of(self._agent)

    @property
    def skills(self) -> Skills:
        """The policies kept so far."""
        return self._skills

    @property
    def tally(self) -> Tally:
        """The finished training episodes."""
        return self._tally

    @property
    def env_steps(self) -> int:
        """Steps of all worlds so far."""
        return self._agent.env_steps

    def step(self) -> None:
        """Let the agent do one unit of work, and the film go on a little."""
        try:
            done = self._agent.advance(self._worlds)
        except (WorldError, AgentError) as error:
            self._trouble = str(error)
            done = Advance(0)
        self.step_index += 1
        for finished in done.finished:
            self._tally = self._tally.with_episode(finished, self.spec.end.threshold)
            self._record(
                SERIES_EPISODE,
                self.env_steps,
                finished.total,
                finished.length,
                end_code(finished.end),
            )
        self._note_update(done)
        self._look_after_films()
        self._keep_skill()

    def snapshot(self, views: frozenset[str]) -> AgentSnapshot:
        """Return a frozen picture with the parts on screen."""
        standing = Standing(
            step=self.step_index,
            status=self.status(),
            spec=self.spec,
            headline=self.headline(),
            agent=self._agent,
            options=self._options,
            tally=self._tally,
            numbers=self._numbers,
            library=self._library,
            recording=None if self._film is None else len(self._film),
            skills=self._skills,
        )
        return take_snapshot(standing, views)

    def state(self) -> State:
        """Return all that is needed to go on; films and policies are shared, not copied."""
        agent = self._agent.state()
        film = None if self._film is None else self._film.state()
        own = {
            "agent": agent.own,
            "worlds": self._worlds.state(),
            "film": None if film is None else film.actions,
            "numbers": (self._trouble, self._films_begun, self._film_due),
            "updates": self._updates.copy(),
        }
        shared = {
            "agent": agent.shared,
            "spec": self.spec,
            "options": self._options,
            "film": film,
            "tally": self._tally,
            "library": self._library,
            "skills": self._skills,
            "row": self._numbers,
        }
        parts = (*agent.shared.get("blocks", ()), *self._library.parts)
        return State(self.step_index, own, shared, parts)

    def load_state(self, state: State) -> None:
        """Go to the step of a state; running episodes are flown again up to there."""
        own, shared = state.own, state.shared
        self.step_index = state.step
        self.spec = shared["spec"]
        self._options = shared["options"]
        self._agent.load_state(AgentState(own["agent"], shared["agent"]))
        self._worlds.load_state(own["worlds"])
        self._trouble, self._films_begun, self._film_due = own["numbers"]
        self._updates = own["updates"].copy()
        self._numbers = shared["row"]
        self._tally = shared["tally"]
        self._library, self._skills = shared["library"], shared["skills"]
        film: FilmState | None = shared["film"]
        self._film = None if film is None else Film(film)
        self._records.clear()

    def status(self) -> Status:
        """Tell whether the run goes on: no rule met, no limit reached, all numbers finite."""
        trouble = self._trouble or self._agent.trouble
        if trouble:
            return Status(Progress.DIVERGED, trouble.rstrip("."))
        end, tally = self.spec.end, self._tally
        if end.rule == "mean" and mean_rule(end.threshold).met(tally.returns):
            return _finished(
                f"solved: the mean of the last 100 returns is {number_text(tally.mean)}"
            )
        if end.rule == "course" and course_rule(end.threshold).met(tally.returns):
            worst = min(tally.returns[-20:])
            return _finished(
                f"the course's rule is met: no return of 20 below {number_text(worst)}"
            )
        if self.env_steps >= end.env_steps:
            return _finished(f"the {end.env_steps:,} steps are done")
        if end.episodes is not None and tally.episodes >= end.episodes:
            return _finished(f"the {end.episodes:,} episodes are over")
        return RUNNING

    def headline(self) -> str:
        """Return the mean return of the last episodes, and how many steps it took."""
        if not self._tally.recent:
            return ""
        count = len(self._tally.recent)
        mean = number_text(self._tally.mean)
        return f"mean of {counted(count, 'return')} {mean} · {self.env_steps:,} steps"

    def steps_to_mark(self) -> int:
        """Return about how many units remain to the next end of an episode.

        When that will be, nobody knows before: it is reckoned with the usual length of the last
        episodes, from where the longest of the running ones is.
        """
        usual = self._tally.length
        if math.isnan(usual):
            usual = 100.0
        left = max(1.0, usual - float(self._worlds.episode_steps.max()))
        block = self._agent.config.block if isinstance(self._agent, PpoAgent) else 1
        return math.ceil(left / block)

    def apply(self, edit: Edit) -> None:
        """Change a live value, or go on with the networks of another policy."""
        if not isinstance(edit, LoadPolicy):
            super().apply(edit)
            return
        arrays: Any = unpack_arrays(edit.packed)
        try:
            self._agent.load_parameters(arrays)
        except AgentError as error:
            raise EditError(str(error)) from None
        if isinstance(self._agent, DqnAgent):
            # A target that belongs to other weights would drag them back.
            self._agent.target.copy_from(self._agent.online)

    def inverse(self, edit: Edit) -> Edit | None:
        """Return the edit that undoes another: for networks those of now."""
        if isinstance(edit, LoadPolicy):
            return load_policy(self.policy, "the networks before")
        return super().inverse(edit)

    def _on_live_change(self, path: Path) -> None:
        if path[0] == "world":
            options = world_options(self.spec.world)
            try:
                self._worlds.set_options(options)
            except WorldError as error:
                raise SpecError(str(error)) from None
            self._options = options
        elif path[0] == "learner":
            try:
                self._agent.reconfigure(config_of(self.spec.learner))
            except AgentError as error:
                raise SpecError(str(error)) from None
        elif path == ("show", "every"):
            every = self.spec.show.every
            self._film_due = self.env_steps + every if every else self._film_due

    def _note_update(self, done: Advance) -> None:
        if done.losses:
            self._updates.add(done.losses)
        # Of a rollout there is one row: not before its last gradient step.
        if not self._between_updates and self._updates.due(self.env_steps):
            self._numbers = self._updates.take(self.env_steps, self._extras())
            self._record(SERIES_UPDATE, *self._numbers.values())

    @property
    def _between_updates(self) -> bool:
        """Tell whether a rollout is being learnt from: more gradient steps follow."""
        return isinstance(self._agent, PpoAgent) and self._agent.learning

    def _extras(self) -> dict[str, float]:
        agent, learner = self._agent, self.spec.learner
        if isinstance(agent, DqnAgent):
            return {
                "lag": agent.target_lag if agent.config.target != "none" else math.nan,
                "exploration": agent.exploration,
                "rate": agent.config.rate.at(agent.env_steps),
            }
        if isinstance(agent, PpoAgent):
            return {"rate": agent.config.rate.at(agent.env_steps)}
        return {"rate": learner.rate}

    def _look_after_films(self) -> None:
        """Fly the film on, keep it when it is over, begin another when it is due."""
        every = self.spec.show.every
        try:
            if self._film is None and every and self.env_steps >= self._film_due:
                self._film = self._begin_film()
                self._film_due = self.env_steps + every
            elif self._film is not None:
                self._film.advance(FRAMES_PER_STEP)
        except WorldError as error:
            self._trouble, self._film = str(error), None
        if self._film is None or not self._film.over:
            return
        shown = self._film.shown()
        self._film = None
        self._library = self._library.with_episode(shown)
        self._record(SERIES_SHOWN, *_row_of(shown))

    def _begin_film(self) -> Film:
        show, number = self.spec.show, self._films_begun
        self._films_begun += 1
        seed = show.seed
        if seed is None:
            stream = self._streams.child("shown", number).numpy("seed")
            seed = int(stream.integers(MAX_EPISODE_SEED))
        return Film(
            FilmState(number, self.env_steps, show.mode, self._options, seed, self.policy, b"")
        )

    def _keep_skill(self) -> None:
        """Keep the policy when a moment of the slider has come and something was learnt since."""
        skills, agent, tally = self._skills, self._agent, self._tally
        if agent.env_steps < skills.due or self._between_updates:
            return
        if skills.notches and skills.notches[-1].updates == agent.updates:
            return
        notch = PolicyCheckpoint(
            agent.env_steps, tally.episodes, agent.updates, tally.mean, self.policy
        )
        self._skills = skills.with_notch(notch)


def _finished(reason: str) -> Status:
    return Status(Progress.FINISHED, reason)


def _row_of(shown: ShownEpisode) -> tuple[float, ...]:
    judgement = shown.judgement
    expected = math.nan if judgement.values is None else float(judgement.values[0])
    came_to = float(judgement.returns_to_come[0])
    code = end_code(shown.end)
    return shown.id, shown.env_step, shown.total, shown.length, code, expected, came_to
