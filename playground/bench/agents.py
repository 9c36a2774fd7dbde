"""What agents are promised: steps a second, and how little of them the window takes."""

from __future__ import annotations

import itertools
import statistics
import time
from typing import TYPE_CHECKING, cast

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer

from playground.bench.figures import Figure
from playground.bench.window import NotAnswered, UnattendedWindow
from playground.engine.pacing import CostEstimate
from playground.engine.recording import Origin
from playground.engine.timeline import Timeline
from playground.experiments.agents_commands import KIND
from playground.experiments.agents_spec import AgentSpec, agent_spec
from playground.experiments.agents_worlds import make_vector, world_options
from playground.experiments.registry import experiment_type
from playground.experiments.spec import replace_at
from playground.panes.registry import pane_info

if TYPE_CHECKING:
    from playground.bench.figures import Effort
    from playground.engine.frames import Frame
    from playground.experiments.agents_snapshot import AgentSnapshot

PPO_STEPS_PER_SECOND = 10_000.0
CAR_STEPS_PER_SECOND = 100_000.0
TIMES_ALONE = 1.4
ROLLOUTS = 10
"""Some 40,000 steps of the lander, in which two episodes are recorded and shown."""
CARS = 256
CHUNK_S = 0.05
LONGEST_S = 120.0


def measure(
    effort: Effort, spec: AgentSpec | None = None, rollouts: int = ROLLOUTS
) -> list[Figure]:
    """Return how fast PPO learns with and without the window, and how fast the cars alone are.

    With the window, episodes are recorded and shown as a person sees them; without it, none are
    recorded. Both take turns in one process, each with a fresh run, and what the window takes is
    held against the mean of the runs before and after it.

    Parameters
    ----------
    spec
        A run of PPO; None takes the usual one on the lander.
    rollouts
        How many are timed, from the end of the first on: whole ones, for gathering steps and
        learning from them differ in speed.
    """
    chosen = agent_spec("lunar-lander") if spec is None else spec
    rollout = chosen.learner.worlds * chosen.learner.steps
    first, last = rollout, rollout * (1 + rollouts)
    alone, beside = [], []
    with UnattendedWindow() as session:
        session.load_libraries()
        session.stage(pane_info(KIND).id)
        for seed in range(effort.rounds):
            alone.append(_seconds_alone(chosen, seed, first, last))
            beside.append(_seconds_beside(session, chosen, seed, first, last))
        alone.append(_seconds_alone(chosen, effort.rounds, first, last))
    note = f"median of {effort.rounds}"
    steps = last - first
    name = f"{chosen.title}: "
    return [
        Figure(
            f"{name}headless",
            steps / statistics.median(alone),
            "steps/s",
            PPO_STEPS_PER_SECOND,
            at_least=True,
            note=note,
        ),
        Figure(f"{name}beside the window", steps / statistics.median(beside), "steps/s", note=note),
        Figure(
            f"{name}time with the window / without",
            statistics.median(
                mine / statistics.fmean(pair)
                for mine, pair in zip(beside, itertools.pairwise(alone), strict=True)
            ),
            "",
            TIMES_ALONE,
            note=note,
        ),
        _cars(effort),
    ]


def _seconds_alone(spec: AgentSpec, seed: int, first: int, last: int) -> float:
    """Return the seconds between two numbers of steps, as ``playground train`` spends them."""
    quiet = replace_at(spec, ("show", "every"), 0)
    run = Timeline(1, Origin(KIND, quiet, seed), experiment_type, time.perf_counter)
    cost = CostEstimate()
    moments: list[float] = []
    for goal in (first, last):
        while _env_steps(run) < goal:
            start = time.perf_counter()
            done = run.advance(cost.steps_within(CHUNK_S))
            cost.observe(time.perf_counter() - start, done)
            _require_running(run.status.running)
        moments.append(time.perf_counter())
    return moments[1] - moments[0]


def _env_steps(run: Timeline) -> int:
    return cast("AgentSnapshot", run.snapshot(frozenset())).env_steps


def _seconds_beside(
    session: UnattendedWindow, spec: AgentSpec, seed: int, first: int, last: int
) -> float:
    """Return the seconds between two numbers of steps at full speed in the window."""
    session.open(spec, seed)
    goals = [first, last]
    moments: list[float] = []
    # Nothing else wakes the window: whoever polls takes time from the training.
    loop, alarm = QEventLoop(), QTimer()
    alarm.setSingleShot(True)
    alarm.timeout.connect(loop.quit)

    def note(frame: Frame) -> None:
        steps = cast("AgentSnapshot", frame.snapshot).env_steps
        while len(moments) < 2 and steps >= goals[len(moments)]:
            moments.append(time.perf_counter())
        if len(moments) == 2 or not frame.snapshot.status.running:
            loop.quit()

    session.channel.frame.connect(note)
    session.play()
    alarm.start(round(1000 * LONGEST_S))
    if len(moments) < 2:
        loop.exec()
    alarm.stop()
    session.channel.frame.disconnect(note)
    session.pause()
    _require_running(len(moments) == 2)
    return moments[1] - moments[0]


def _require_running(running: bool) -> None:
    if not running:
        raise NotAnswered("The agent stopped before it had done the steps that are timed.")


def _cars(effort: Effort) -> Figure:
    """Return how fast cars are that nobody teaches: random actions, episodes begun anew."""
    rng = np.random.Generator(np.random.PCG64(0))
    cars = make_vector(world_options(agent_spec("headlight-car").world), CARS, rng)
    rates = []
    for _ in range(effort.rounds):
        steps, started = 0, time.perf_counter()
        while time.perf_counter() - started < effort.round_s:
            cars.step(rng.integers(cars.action_count, size=CARS))
            steps += CARS
        rates.append(steps / (time.perf_counter() - started))
    return Figure(
        f"{CARS} headlight cars alone",
        statistics.median(rates),
        "steps/s",
        CAR_STEPS_PER_SECOND,
        at_least=True,
        note=f"median of {effort.rounds}",
    )
