"""``playground evaluate``: greedy returns of a trained agent on seeds it never learnt from."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

from tqdm import tqdm

from playground.engine.recording import Origin
from playground.engine.runfile import SUFFIX as RUN_SUFFIX
from playground.engine.runfile import RunFileError, load
from playground.engine.timeline import ReplayError, Timeline
from playground.engine.warm_up import import_torch
from playground.experiments.agents_commands import KIND, POLICY_VIEWS
from playground.experiments.agents_studies import EvaluateJob
from playground.experiments.agents_worlds import world_options
from playground.experiments.base import EditError
from playground.experiments.bundled_agents import AgentFileError, find_agent
from playground.experiments.jobs import JobError
from playground.experiments.registry import UnknownExperiment, experiment_type
from playground.experiments.spec import SpecError
from playground.training import BAD_INPUT, OK

if TYPE_CHECKING:
    import argparse

    from playground.experiments.agents_policy import Policy
    from playground.experiments.agents_scores import Score
    from playground.experiments.agents_snapshot import AgentSnapshot
    from playground.experiments.agents_spec import AgentSpec

REPEAT_S = 0.1
"""Repeating a run between two looks at the progress bar."""


def run_evaluate(options: argparse.Namespace) -> int:
    """Fly greedy episodes and say how they went; return 0, or 2 after one sentence on bad input.

    Parameters
    ----------
    options
        ``agent`` (bundled name, agent file or run file), ``episodes``, ``seed`` (of the first
        episode), ``json`` (bool: as JSON on stdout).
    """
    try:
        label, spec, policy = _policy(options.agent)
        found = _evaluate(spec, policy, options.episodes, options.seed)
    except (
        AgentFileError, RunFileError, SpecError, JobError, UnknownExperiment, EditError, ReplayError
    ) as error:  # fmt: skip
        sys.stderr.write(f"{error}\n")
        return BAD_INPUT
    if options.json:
        figures = {"agent": label, "world": spec.world.title, **found.to_json()}
        sys.stdout.write(json.dumps(figures, indent=1) + "\n")
        return OK
    ends = ", ".join(f"{end} {100.0 * share:.3g} %" for end, share in found.ends.items())
    sys.stdout.write(
        f"{label} · {spec.world.title} · seeds {found.first_seed:,}…{_last_seed(found):,}\n"
        f"{found.text}, {found.length:.0f} steps long\n"
        f"ends: {ends}\n"
    )
    return OK


def _last_seed(found: Score) -> int:
    return found.first_seed + found.episodes - 1


def _policy(name: str) -> tuple[str, AgentSpec, Policy]:
    """Return label, spec and policy of what was named; a run file is repeated first."""
    path = Path(name)
    if path.suffix.lower() == RUN_SUFFIX and path.is_file():
        return _of_run(path)
    found = find_agent(name)
    return found.label, found.spec, found.master.policy


def _of_run(path: Path) -> tuple[str, AgentSpec, Policy]:
    document = load(path, experiment_type)
    if document.kind != KIND:
        raise AgentFileError(f"{path.name} is a run of “{document.kind}”, not of an agent.")
    kind = experiment_type(document.kind)
    import_torch()
    spec = document.typed_spec(kind)
    origin = Origin(document.kind, spec, document.seed, document.label)
    run = Timeline(1, origin, experiment_type, time.perf_counter)
    run.begin_rebuild(document.typed_edits(kind), document.step, document.step)
    with tqdm(total=document.step, unit=f" {kind.step_noun}", unit_scale=True) as bar:
        arrived = False
        while not arrived:
            arrived = run.continue_seek(REPEAT_S)
            bar.update(run.step - bar.n)
    snapshot = cast("AgentSnapshot", run.snapshot(POLICY_VIEWS))
    policy = snapshot.policy
    assert policy is not None
    return snapshot.spec.title, snapshot.spec, policy


def _evaluate(spec: AgentSpec, policy: Policy, episodes: int, seed: int) -> Score:
    job = EvaluateJob(
        policy,
        world_options(spec.world),
        episodes=episodes,
        first_seed=seed,
        threshold=spec.end.threshold,
    )
    steps = job.run()
    with tqdm(total=episodes, unit=" episodes", file=sys.stderr) as bar:
        while True:
            try:
                progress = next(steps)
            except StopIteration as stop:
                bar.update(episodes - bar.n)
                return cast("Score", stop.value)
            bar.update(int(progress.fraction * episodes) - bar.n)
