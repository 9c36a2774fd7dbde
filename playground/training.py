"""``playground train``: a run without a window, saved as a file that the window can open.

The run goes through the same :class:`~playground.engine.timeline.Timeline` as in the window, so
that a saved run is repeated there step for step.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from playground.core.atomic_files import SaveError
from playground.engine.pacing import CostEstimate
from playground.engine.recording import Origin
from playground.engine.runfile import MAX_STEP, RunFileError, save
from playground.engine.timeline import Timeline
from playground.engine.warm_up import import_torch
from playground.experiments.agents_commands import KIND as AGENTS
from playground.experiments.agents_commands import NAMES as WORLD_NAMES
from playground.experiments.agents_commands import (
    POLICY_VIEWS,
    agent_settings,
    is_agent_file,
    save_agent,
)
from playground.experiments.base import plural
from playground.experiments.registry import UnknownExperiment, experiment_type
from playground.experiments.spec import SpecError, parse_assignments

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path
    from types import FrameType

    from playground.experiments.base import Experiment

CHUNK_S = 0.05
"""Training between two looks at Ctrl+C and the progress bar."""
TERMINAL_REFRESH_S, FILE_REFRESH_S = 0.1, 10.0
"""A bar that is written into a file would fill it with thousands of lines."""

OK, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


def run_train(
    options: argparse.Namespace, create: Callable[[str], type[Experiment]] = experiment_type
) -> int:
    """Train as told, save if asked for, and return the exit status.

    0: trained up to the steps or the end; 1: the experiment failed; 2: bad input; 130: stopped by
    Ctrl+C. In all cases but bad input, what was trained is reported and saved.

    Parameters
    ----------
    options
        ``experiment`` (its kind, or the name of an agent's world), ``set`` (list of (path, value)
        texts), ``steps`` (None: until it ends; of a named world those of the world), ``seed``,
        ``out`` (Path or None), ``algo`` (str or None) and ``until_solved`` (bool) for agents.
    create
        Returns the class of an experiment by its kind.
    """
    try:
        kind, settings, steps = _told(options)
        check_place(options.out)
        if is_agent_file(options.out) and kind != AGENTS:
            raise SpecError("Only agents are saved as .npz; a run is saved as a .playrun file.")
        run = start_run(kind, settings, options.seed, create)
    except (UnknownExperiment, SpecError, RunFileError) as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    failure = ""
    with CtrlC() as ctrl_c:
        try:
            train(run, steps, ctrl_c)
        except Exception as error:
            failure = str(error) or type(error).__name__
    _report(run)
    if failure:
        print(f"The run stopped after step {run.step:,}: {failure}", file=sys.stderr)
    if options.out is not None:
        try:
            _save(options.out, run)
        except (RunFileError, SaveError) as error:
            print(error, file=sys.stderr)
            return BAD_INPUT
        print(f"saved {options.out}")
    if ctrl_c.pressed:
        return INTERRUPTED
    return FAILED if failure else OK


def _told(options: argparse.Namespace) -> tuple[str, list[tuple[str, str]], int | None]:
    """Return kind, settings and steps; a named world stands for an agent that learns it."""
    named = options.experiment in WORLD_NAMES
    if not named and options.experiment != AGENTS:
        if options.algo is not None or options.until_solved:
            raise SpecError(
                f"--algo and --until-solved are for agents: {', '.join((*WORLD_NAMES, AGENTS))}."
            )
        return options.experiment, options.set, options.steps
    settings = agent_settings(
        options.experiment,
        options.algo,
        until_solved=options.until_solved,
        env_steps=options.steps if named else None,
    )
    return AGENTS, [*settings, *options.set], None if named else options.steps


def _save(path: Path, run: Timeline) -> None:
    """Write the run, or where the name of the file asks for it the agent it has trained."""
    if is_agent_file(path):
        save_agent(path, run.snapshot(POLICY_VIEWS), run.origin.seed)
    else:
        save(path, run.document())


def check_place(path: Path | None) -> None:
    """Raise :class:`RunFileError` where a file could not be saved, before hours are trained."""
    if path is None:
        return
    if path.is_dir():
        raise RunFileError(f"“{path}” is a folder; give the run a file name, such as run.playrun.")
    if not path.parent.is_dir():
        raise RunFileError(f"There is no folder “{path.parent}” to save the run in.")
    if not os.access(path.parent, os.W_OK):
        raise RunFileError(f"Writing in “{path.parent}” is not allowed; choose another folder.")


def start_run(
    kind: str,
    settings: list[tuple[str, str]],
    seed: int,
    create: Callable[[str], type[Experiment]] = experiment_type,
) -> Timeline:
    """Return a run at step 0.

    Raises
    ------
    UnknownExperiment, SpecError
        If there is no such experiment or setting, or a value is not allowed.
    """
    experiment = create(kind)
    spec = parse_assignments(experiment.spec_type(), [f"{path}={text}" for path, text in settings])
    if experiment.needs_torch:
        import_torch()
    return Timeline(1, Origin(kind, spec, seed), create, time.perf_counter)


def train(run: Timeline, steps: int | None, ctrl_c: CtrlC) -> None:
    """Train up to so many steps (None: until it ends) or Ctrl+C, with a progress bar on stderr."""
    limit = MAX_STEP if steps is None else steps
    cost = CostEstimate()
    refresh = TERMINAL_REFRESH_S if sys.stderr.isatty() else FILE_REFRESH_S
    noun = run.experiment_type.step_noun
    with tqdm(
        total=steps, unit=f" {noun}", unit_scale=True, mininterval=refresh, file=sys.stderr
    ) as bar:
        shown = 0.0
        while run.step < limit and run.status.running and not ctrl_c.pressed:
            start = time.perf_counter()
            done = run.advance(min(limit - run.step, cost.steps_within(CHUNK_S)))
            now = time.perf_counter()
            cost.observe(now - start, done)
            if now - shown >= refresh:
                shown = now
                bar.set_postfix_str(run.headline, refresh=False)
            bar.update(done)
        bar.set_postfix_str(run.headline, refresh=False)
        bar.refresh()


class CtrlC:
    """Turns the first Ctrl+C into a wish to stop between two steps; a second one ends at once."""

    def __init__(self) -> None:
        """Listen only within a ``with`` block."""
        self.pressed = False
        self._before: Any = None

    def __enter__(self) -> CtrlC:
        """Take the signal over; only the main thread may."""
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._on_signal)
        return self

    def __exit__(self, *_exception: object) -> None:
        """Give the signal back."""
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            self._before = None

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self.pressed:
            raise KeyboardInterrupt
        self.pressed = True


def _report(run: Timeline) -> None:
    origin, status = run.origin, run.status
    noun = run.experiment_type.step_noun
    count = f"{run.step:,} {noun if run.step == 1 else plural(noun)}"
    how = "not at its end yet" if status.running else f"{status.progress.value}: {status.reason}"
    headline = f" · {run.headline}" if run.headline else ""
    print(f"{origin.kind} (seed {origin.seed}): {count}{headline} · {how}")
