"""The agents experiment as a form: world, algorithm, when it ends, which episodes are shown.

:class:`AgentSpec` describes one run of one agent. Choosing a world brings the algorithm that learns
it best, choosing an algorithm brings the numbers that were measured to work there.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator

from playground.experiments.agents_learner_spec import ACTIVATION_LABELS as ACTIVATION_LABELS
from playground.experiments.agents_learner_spec import ALGORITHM_LABELS as ALGORITHM_LABELS
from playground.experiments.agents_learner_spec import Algorithm as Algorithm
from playground.experiments.agents_learner_spec import LearnerSpec as LearnerSpec
from playground.experiments.agents_recipes import solved_return, usual_learner
from playground.experiments.agents_world_spec import MAP_LABELS as MAP_LABELS
from playground.experiments.agents_world_spec import WORLD_LABELS as WORLD_LABELS
from playground.experiments.agents_world_spec import WorldKind as WorldKind
from playground.experiments.agents_world_spec import WorldSpec as WorldSpec
from playground.experiments.spec import Knob, Spec, SpecError, validate

Rule = Literal["never", "mean", "course"]
Mode = Literal["greedy", "sampled"]

RULE_LABELS: Final[dict[str, str]] = {
    "never": "at the limit only",
    "mean": "mean of the last 100 returns",
    "course": "worst of the last 20 returns",
}
MODE_LABELS: Final[dict[str, str]] = {"greedy": "greedy", "sampled": "as in training"}
COURSE_TIME_LIMIT: Final = 2000
USUAL_TIME_LIMIT: Final = 1000
MAX_ENV_STEPS: Final = 1_000_000_000
_SHOW_EVERY: Final[dict[str, int]] = {"ppo": 20_000, "a2c": 20_000, "dqn": 10_000}


class EndSpec(Spec):
    """When a run ends; all of it may change on the way."""

    rule: Annotated[
        Rule,
        Knob(
            "ends when solved",
            "The usual rule asks for the mean of the last 100 training episodes, the course's for "
            "the worst of the last 20: of an agent that succeeds in 97 of 100 it is met by 20 "
            "episodes in a row with probability 54 % only.",
            live=True,
            labels=RULE_LABELS,
        ),
    ] = "never"
    threshold: Annotated[
        float,
        Field(ge=-1e9, le=1e9),
        Knob(
            "solved from",
            "This return; 200 for the lander. Also what counts as a success in the verdict.",
            live=True,
            soft_minimum=-500.0,
            soft_maximum=500.0,
        ),
    ] = 200.0
    env_steps: Annotated[
        int,
        Field(ge=1, le=MAX_ENV_STEPS),
        Knob(
            "steps at most",
            "Of all worlds together.",
            unit="steps",
            scale="log",
            live=True,
            soft_minimum=1000,
            soft_maximum=5_000_000,
        ),
    ] = 1_000_000
    episodes: Annotated[
        int | None,
        Field(ge=1, le=100_000_000),
        Knob("episodes at most", "None: as many as it takes.", live=True, soft_maximum=10_000),
    ] = None


class ShowSpec(Spec):
    """Which episodes of the present policy are recorded while it learns."""

    every: Annotated[
        int,
        Field(ge=0, le=MAX_ENV_STEPS),
        Knob(
            "record every",
            "Steps of all worlds between two recorded episodes; 0 records none.",
            unit="steps",
            live=True,
            soft_maximum=200_000,
        ),
    ] = 20_000
    mode: Annotated[
        Mode,
        Knob(
            "flown",
            "Greedy takes the best action; as in training draws it.",
            live=True,
            labels=MODE_LABELS,
        ),
    ] = "greedy"
    seed: Annotated[
        int | None,
        Field(ge=0, le=2**31 - 2),
        Knob(
            "same start",
            "A number gives all recorded episodes the same start; none a new one each time.",
            live=True,
        ),
    ] = None


class AgentSpec(Spec):
    """One agent in one world."""

    world: Annotated[WorldSpec, Knob("world", group="World")] = WorldSpec()
    learner: Annotated[LearnerSpec, Knob("algorithm", group="Algorithm")] = LearnerSpec()
    end: Annotated[EndSpec, Knob("end", group="End")] = EndSpec()
    show: Annotated[ShowSpec, Knob("recorded episodes", group="Recorded episodes")] = ShowSpec()

    @model_validator(mode="after")
    def _fits(self) -> AgentSpec:
        learner = self.learner
        stepwise = learner.algorithm in ("actor-critic", "course-a2c")
        if stepwise and learner.penalty and self.world.kind != "lunar-lander":
            raise ValueError(
                "The penalty x² + y² + 0.1·step is for the lander, whose first two numbers are x "
                "and y."
            )
        if learner.algorithm in ("ppo", "a2c"):
            rows = learner.worlds * learner.steps
            if rows > 1_000_000:
                raise ValueError("Worlds times steps must not exceed 1,000,000 to an update.")
            if rows % learner.minibatch:
                raise ValueError(
                    f"{learner.worlds} worlds of {learner.steps} steps give {rows:,} steps, which "
                    f"is no multiple of the mini-batch of {learner.minibatch:,}."
                )
        if self.world.kind == "headlight-car" and self.world.car_map == "own":
            _check_map(self.world.car_own_map)
        return self

    def following(self, name: str, value: Any) -> dict[str, Any]:
        """Return what a newly chosen world or algorithm brings along."""
        try:
            if name in ("world.kind", "world.environment_id"):
                kind = {"kind" if name == "world.kind" else "environment_id": value}
                return self.bringing(validate(WorldSpec, {**_fields(self.world), **kind}), None)
            if name == "learner.algorithm":
                return self.bringing(self.world, str(value))
        except SpecError:
            # The validation that follows says what is wrong with it.
            return {}
        return {}

    def bringing(self, world: WorldSpec, algorithm: str | None) -> dict[str, Any]:
        """Return world, algorithm, end and recording as they go together, by field."""
        learner = usual_learner(world, algorithm)
        course = learner.algorithm == "course-a2c"
        limit = COURSE_TIME_LIMIT if course else USUAL_TIME_LIMIT
        if world.time_limit in (USUAL_TIME_LIMIT, COURSE_TIME_LIMIT):
            world = world.model_copy(update={"time_limit": limit})
        rule = self.end.rule
        if course or rule == "course":
            rule = "course" if course else "never"
        end = {"rule": rule, "threshold": solved_return(world)}
        every = _SHOW_EVERY.get(learner.algorithm, 5_000)
        if not self.show.every:
            every = 0
        return {
            "world": world,
            "learner": learner,
            "end": self.end.model_copy(update=end),
            "show": self.show.model_copy(update={"every": every}),
        }

    @property
    def title(self) -> str:
        """Return for example ``"PPO 64-64 · Lunar Lander"``."""
        return f"{self.learner.title} · {self.world.title}"


def agent_spec(world: WorldKind, algorithm: str | None = None) -> AgentSpec:
    """Return the usual run of an algorithm in a world; None takes the best algorithm.

    Raises
    ------
    SpecError
        When there is no such algorithm.
    """
    start = validate(WorldSpec, {"kind": world})
    return validate(AgentSpec, {"world": start, **AgentSpec().bringing(start, algorithm)})


def _fields(spec: Spec) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in type(spec).model_fields}


def _check_map(text: str) -> None:
    # Imported here: every start of the window reads this module, and few maps are drawn by hand.
    from playground.environments.headlight_maps import HeadlightMap

    if not text.strip():
        raise ValueError("There is no map yet: draw one, or choose another kind of map.")
    HeadlightMap.from_text(text)
