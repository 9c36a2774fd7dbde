"""Making the agents that the program brings along.

    python -m playground.experiments.agents_training OUT [--only NAME]

trains them with the program's own experiment and writes one file each to OUT. On the way policies
are set aside; 100 greedy episodes of each (seeds 10000 …) choose the three best, 200 others
(seeds 12000 …) choose among these three, and what is written into the file are the scores on seeds
that neither taught nor chose: 20000 …. The files in ``assets/agents`` were made by it.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch

from playground.core.atomic_files import SaveError
from playground.experiments.agents import AgentsExperiment
from playground.experiments.agents_scores import CHOOSING_SEED, UNSEEN_SEED, Score, score
from playground.experiments.agents_spec import AgentSpec, WorldKind, agent_spec
from playground.experiments.agents_worlds import world_options
from playground.experiments.bundled_agents import (
    BUNDLED_AGENTS,
    SUFFIX,
    AgentCheckpoint,
    BundledAgent,
    write_agent,
)
from playground.experiments.spec import replace_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from playground.experiments.agents_policy import Policy

CHOOSING_EPISODES: Final = 100
FINAL_SEED: Final = 12_000
WAY_EPISODES: Final = 30
"""Episodes by which the policies on the way are scored."""
MOST_CHECKPOINTS: Final = 14


@dataclass(frozen=True, slots=True)
class Course:
    """One run to be made into a file.

    Parameters
    ----------
    world, algorithm
        Whose usual numbers are taken.
    env_steps
        Length of the run in steps of all worlds.
    first, every
        Steps at which the first candidate is set aside, and between two of them.
    unseen
        Episodes of the score in the file.
    seed
        Of the run.
    finalists, final_episodes
        How many of the candidates are scored again, and on how many seeds: the more, the more they
        swing from one to the next.
    changes
        Settings by path that differ from the usual ones.
    """

    world: WorldKind
    algorithm: str
    env_steps: int
    first: int
    every: int
    unseen: int
    seed: int = 0
    finalists: int = 3
    final_episodes: int = 200
    changes: tuple[tuple[str, Any], ...] = ()

    @property
    def spec(self) -> AgentSpec:
        """The spec of the run; no episodes are recorded."""
        spec = agent_spec(self.world, self.algorithm)
        changes = (*self.changes, ("end.env_steps", self.env_steps), ("show.every", 0))
        for path, value in changes:
            spec = replace_at(spec, tuple(path.split(".")), value)
        return spec


COURSES: Final[dict[BundledAgent, Course]] = {
    "lander-ppo": Course(
        "lunar-lander",
        "ppo",
        1_200_000,
        300_000,
        40_000,
        100,
        changes=(("learner.rate_steps", 1_200_000),),
    ),
    "car-dqn": Course("headlight-car", "dqn", 150_000, 40_000, 5_000, 500, seed=2),
    # Twice the usual length, the learning rate falling to a hundredth: the policy comes to rest.
    "lander-dqn": Course(
        "lunar-lander",
        "dqn",
        600_000,
        200_000,
        20_000,
        100,
        finalists=5,
        final_episodes=500,
        changes=(("learner.rate_steps", 600_000), ("learner.rate_end", 1e-5)),
    ),
}


def train(
    course: Course, say: Callable[[str], None]
) -> tuple[AgentSpec, tuple[AgentCheckpoint, ...]]:
    """Return the spec and the scored checkpoints of a run, from the first weights to the best."""
    spec = course.spec
    options = world_options(spec.world)
    experiment = AgentsExperiment(spec, course.seed)
    candidates: list[tuple[Score, int, Policy]] = []
    due = course.first
    while experiment.status().running:
        experiment.step()
        ready = experiment.env_steps >= due or not experiment.status().running
        if not ready or experiment.snapshot(frozenset()).learning:
            continue
        due += course.every
        policy = experiment.policy
        found = score(policy, options, CHOOSING_EPISODES, CHOOSING_SEED, spec.end.threshold)
        say(f"{experiment.env_steps:,} steps: {found.text}")
        candidates.append((found, experiment.env_steps, policy))
    say(experiment.status().reason)
    best_step, best = _best(candidates, course, spec, say)
    way = [
        AgentCheckpoint(notch.env_step, notch.policy)
        for notch in experiment.skills.notches
        if notch.env_step < best_step
    ]
    return spec, (
        *(_scored(each, spec, WAY_EPISODES) for each in _thinned(way)),
        _scored(AgentCheckpoint(best_step, best), spec, course.unseen),
    )


def _best(
    candidates: list[tuple[Score, int, Policy]],
    course: Course,
    spec: AgentSpec,
    say: Callable[[str], None],
) -> tuple[int, Policy]:
    """Return step and policy of the best candidate, chosen on fresh seeds among the finalists."""
    options = world_options(spec.world)
    ranked = sorted(candidates, key=lambda each: _rank(each[0]), reverse=True)
    again = []
    for _, step, policy in ranked[: course.finalists]:
        found = score(policy, options, course.final_episodes, FINAL_SEED, spec.end.threshold)
        say(f"finalist of {step:,} steps: {found.text}")
        again.append((_rank(found), step, policy))
    _, step, policy = max(again, key=lambda each: (each[0], -each[1]))
    return step, policy


def _rank(found: Score) -> tuple[float, float]:
    """Return by what candidates are compared: the car by its successes, others by the mean."""
    if "station" in found.ends:
        return found.success, found.mean
    return found.mean, found.success


def _thinned(way: Sequence[AgentCheckpoint]) -> list[AgentCheckpoint]:
    """Return at most so many checkpoints, the first among them, evenly from the whole way."""
    most = MOST_CHECKPOINTS - 1
    if len(way) <= most:
        return list(way)
    return [way[round(place * (len(way) - 1) / (most - 1))] for place in range(most)]


def _scored(checkpoint: AgentCheckpoint, spec: AgentSpec, episodes: int) -> AgentCheckpoint:
    found = score(
        checkpoint.policy, world_options(spec.world), episodes, UNSEEN_SEED, spec.end.threshold
    )
    return AgentCheckpoint(checkpoint.env_step, checkpoint.policy, found)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and write the agents; return 0, or 2 where a file cannot be written."""
    parser = argparse.ArgumentParser(description="Train the agents that the program brings.")
    parser.add_argument("out", type=Path, help="where the files go")
    parser.add_argument("--only", choices=tuple(BUNDLED_AGENTS), help="make this one alone")
    given = parser.parse_args(arguments)
    # Another number of threads rounds otherwise: the files would not come out the same.
    torch.set_num_threads(1)
    for name, course in COURSES.items():
        if given.only not in (None, name):
            continue
        sys.stdout.write(f"{name}\n")
        spec, checkpoints = train(course, _say)
        try:
            given.out.mkdir(parents=True, exist_ok=True)
            write_agent(given.out / f"{name}{SUFFIX}", spec, course.seed, checkpoints)
        except (SaveError, OSError) as error:
            sys.stderr.write(f"{error}\n")
            return 2
        for each in checkpoints:
            text = "" if each.score is None else each.score.text
            sys.stdout.write(f"  kept {each.env_step:,} steps, unseen seeds: {text}\n")
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"  {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
