"""What the benchmarks of agents share: learning that is looked at in equal distances.

A look flies greedy episodes from fixed seeds and is not on the clock. Two clocks run beside each
other: that of the wall, and the seconds of the processor, which a busy neighbour disturbs less.
"""

from __future__ import annotations

import faulthandler
import statistics
import time
from dataclasses import dataclass, field

import torch

from playground.agents.ppo import PpoAgent
from playground.experiments.agents import AgentsExperiment
from playground.experiments.agents_scores import CHOOSING_SEED, UNSEEN_SEED, score
from playground.experiments.agents_spec import AgentSpec, agent_spec
from playground.experiments.agents_worlds import world_options
from playground.experiments.spec import replace_at

# No recipe was chosen by these.
SEEDS = (101, 102, 103, 104, 105)
FIRST_EPISODES = 20


class Watch:
    """Seconds of wall and processor while it runs."""

    def __init__(self):
        self.wall = self.cpu = 0.0
        self._since = (0.0, 0.0)

    def start(self):
        # Learning takes minutes, which pytest would take for a test that hangs.
        faulthandler.cancel_dump_traceback_later()
        self._since = (time.perf_counter(), time.process_time())

    def stop(self):
        self.wall += time.perf_counter() - self._since[0]
        self.cpu += time.process_time() - self._since[1]


@dataclass(frozen=True)
class Look:
    """How good a policy was after so many steps and seconds."""

    env_steps: int
    wall: float
    cpu: float
    score: object
    policy: object

    @property
    def rank(self):
        """By what looks are compared: reaching the station says all about a car."""
        car = "station" in self.score.ends
        return (self.score.success, self.score.mean) if car else (self.score.mean,)


@dataclass(frozen=True)
class Plan:
    """When learning is looked at, and when it ends."""

    every: int
    env_steps: int
    episodes: int = 100
    enough: object = None
    """Of a score: whether to stop there."""
    hopeful: object = None
    """Of the score of the first episodes: whether to fly the others, for a hovering beginner takes
    a hundred times the seconds it has learnt for."""


@dataclass
class Learning:
    """One run of a learner."""

    name: str
    seed: int
    options: object
    plan: Plan
    threshold: float
    watch: Watch = field(default_factory=Watch)
    looks: list[Look] = field(default_factory=list)
    env_steps: int = 0

    @property
    def rate(self):
        """Steps of worlds to a second of the processor."""
        return self.env_steps / self.watch.cpu

    def due(self, env_steps):
        return env_steps >= self.plan.every * (len(self.looks) + 1)

    def look(self, env_steps, policy):
        """Score a policy, off the clock; tell whether that is enough."""
        self.watch.stop()
        self.env_steps = env_steps
        found = self._scored(policy)
        self.looks.append(Look(env_steps, self.watch.wall, self.watch.cpu, found, policy))
        print(f"  {self.told(self.looks[-1])}", flush=True)
        self.watch.start()
        return self.plan.enough is not None and self.plan.enough(found)

    def _scored(self, policy):
        plan = self.plan
        if plan.hopeful is not None:
            first = score(policy, self.options, FIRST_EPISODES, CHOOSING_SEED, self.threshold)
            if not plan.hopeful(first):
                return first
        return score(policy, self.options, plan.episodes, CHOOSING_SEED, self.threshold)

    def told(self, look):
        return (
            f"{self.name} {self.seed}: {look.env_steps:,} steps, {look.cpu:.1f} CPU s, "
            f"{look.wall:.1f} s: {look.score.text}"
        )

    def first(self, reached):
        """Return the first look whose score satisfies a condition; None where there is none."""
        return next((look for look in self.looks if reached(look.score)), None)

    def seconds(self, reached, clock="cpu"):
        """Return the seconds to that look; where there is none, those of the whole run: a bound."""
        found = self.first(reached)
        return getattr(self.watch if found is None else found, clock)

    def again(self, episodes=100):
        """Return the score of the best policy on seeds that did not choose it."""
        best = max(self.looks, key=lambda look: look.rank)
        return score(best.policy, self.options, episodes, UNSEEN_SEED, self.threshold)


def usual(world, algorithm, *changes) -> AgentSpec:
    """Return the program's own run of an algorithm, without recorded episodes."""
    spec = agent_spec(world, algorithm)
    for path, value in (("show.every", 0), *changes):
        spec = replace_at(spec, tuple(path.split(".")), value)
    return spec


def learn(spec, seed, plan) -> Learning:
    """Train with the program's own experiment, in one thread of torch."""
    torch.set_num_threads(1)
    spec = replace_at(spec, ("end", "env_steps"), plan.env_steps)
    experiment = AgentsExperiment(spec, seed)
    agent = experiment.agent
    run = Learning(spec.learner.title, seed, world_options(spec.world), plan, spec.end.threshold)
    run.watch.start()
    while experiment.status().running:
        experiment.step()
        if not run.due(experiment.env_steps):
            continue
        if isinstance(agent, PpoAgent) and agent.learning:
            # A policy is judged between two rollouts, not in the middle of its lesson.
            continue
        if run.look(experiment.env_steps, experiment.policy):
            break
    run.watch.stop()
    run.env_steps = experiment.env_steps
    assert not agent.trouble
    return run


def mean_of(threshold):
    """Return the condition that the mean return reaches a threshold."""
    return lambda found: found.mean >= threshold


HOPEFUL = mean_of(50.0)
"""Of twenty landers: too little for the mean of a hundred to be 200."""


def success_of(share):
    """Return the condition that so many succeed."""
    return lambda found: found.success >= share


def table(runs, **conditions):
    """Print for every run when it satisfied the conditions, and how fast it went."""
    print()
    for run in runs:
        words = []
        for name, reached in conditions.items():
            found = run.first(reached)
            when = (
                "never"
                if found is None
                else f"{found.env_steps:,} steps, {found.cpu:.1f} CPU s, {found.wall:.1f} s"
            )
            words.append(f"{name}: {when}")
        print(f"{run.name} {run.seed}: {'; '.join(words)}; {run.rate:,.0f} steps/CPU s")
    for name, reached in conditions.items():
        found = [look for run in runs if (look := run.first(reached)) is not None]
        if found:
            steps = statistics.median(look.env_steps for look in found)
            seconds = statistics.median(look.cpu for look in found)
            print(
                f"{name}: {len(found)} of {len(runs)}, medians {steps:,.0f} steps, "
                f"{seconds:.1f} CPU s"
            )
