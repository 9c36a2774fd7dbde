"""How much of the training speed is left beside the window."""

from __future__ import annotations

import itertools
import statistics
import time
from typing import TYPE_CHECKING

from playground.bench.figures import Figure
from playground.bench.window import UnattendedWindow
from playground.bench.workloads import Headless, Restarting, loads_of, perceptron_on
from playground.experiments.registry import experiment_type
from playground.panes.registry import PANES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from playground.bench.figures import Effort
    from playground.engine.frames import Frame
    from playground.experiments.base import Experiment
    from playground.panes.base import PaneInfo

KEPT = 0.7
CHECKS_PER_SECOND = 300_000.0
SETTLE_S = 0.3
PIECES = 3
"""Each round is cut into so many turns: what else a machine does changes within a second."""


def measure(
    effort: Effort,
    panes: tuple[PaneInfo, ...] = PANES,
    create: Callable[[str], type[Experiment]] | None = None,
) -> list[Figure]:
    """Return for every pane the steps per second with and without the window, and their ratio.

    Both take turns in one process. Each stretch beside the window is held against the mean of
    those without one before and after it, and the ratio is the median over the turns, so that
    neighbours on the machine who come and go do not decide.
    """
    figures = []
    with UnattendedWindow(panes=panes, create=create) as session:
        session.load_libraries()
        for info in panes:
            session.stage(info.id)
            for name, spec in loads_of(session, info, effort.rounds):
                session.open(spec)
                headless = Headless(info.experiment_kind, spec, create=create or experiment_type)
                figures += _compare(session, headless, f"{info.id}, {name}", effort)
    return figures


def measure_checks(effort: Effort) -> list[Figure]:
    """Return the samples that the perceptron looks at online per second, among 10,000 points."""
    headless = Headless("perceptron", perceptron_on(10_000))
    rates = [headless.rate(effort.round_s) for _ in range(effort.rounds)]
    return [
        Figure(
            "perceptron online, 10,000 points",
            statistics.median(rates),
            "checks/s",
            CHECKS_PER_SECOND,
            at_least=True,
            note=f"median of {effort.rounds}",
        )
    ]


def _compare(
    session: UnattendedWindow, headless: Headless, name: str, effort: Effort
) -> list[Figure]:
    seconds, turns = effort.round_s / PIECES, effort.rounds * PIECES
    alone, beside = [headless.rate(seconds)], []
    with Restarting(session):
        for _ in range(turns):
            session.play()
            session.wait(SETTLE_S)
            beside.append(_rate(session, seconds))
            session.pause()
            alone.append(headless.rate(seconds))
    ratio = _share_kept(alone, beside)
    note = f"median of {turns}"
    return [
        Figure(f"training of {name}: headless", statistics.median(alone), "steps/s", note=note),
        Figure(
            f"training of {name}: beside the window",
            statistics.median(beside),
            "steps/s",
            note=note,
        ),
        Figure(f"training of {name}: share kept", ratio, "", KEPT, at_least=True, note=note),
    ]


def _share_kept(alone: Sequence[float], beside: Sequence[float]) -> float:
    """Return the median of each rate beside the window over those before and after it."""
    around = itertools.pairwise(alone)
    return statistics.median(
        rate / statistics.fmean(pair) for rate, pair in zip(beside, around, strict=True)
    )


def _rate(session: UnattendedWindow, seconds: float) -> float:
    """Return the steps per second while the window lives for so long.

    Runs that end and begin anew count with all their steps.
    """
    total, last = 0, session.step
    run = session.channel.run_id
    started = time.perf_counter()

    def count(frame: Frame) -> None:
        # Nothing else wakes the window: whoever polls takes time from the training.
        nonlocal total, last, run
        if frame.run_id != run:
            run, last = frame.run_id, 0
        total += max(0, frame.transport.step - last)
        last = frame.transport.step

    session.channel.frame.connect(count)
    session.wait(seconds)
    session.channel.frame.disconnect(count)
    return total / (time.perf_counter() - started)
