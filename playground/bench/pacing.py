"""How even the frames come while a pane trains as fast as it can."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from playground.bench.figures import Figure
from playground.bench.window import UnattendedWindow
from playground.bench.workloads import Restarting, loads_of
from playground.panes.registry import PANES

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.bench.figures import Effort
    from playground.experiments.base import Experiment
    from playground.panes.base import PaneInfo

P99_MS = 42.0
LONGEST_MS = 120.0
FRAMES_PER_SECOND = 30.0
WARM_UP_S = 1.5
REFERENCES_A_FRAME = 1.0
"""Some code keeps a handful of references to None now and then; the defect that is looked for
loses more than a hundred a frame."""


def measure(
    effort: Effort,
    panes: tuple[PaneInfo, ...] = PANES,
    create: Callable[[str], type[Experiment]] | None = None,
) -> list[Figure]:
    """Return percentiles of the time between painted frames of every pane, in milliseconds.

    An interval ends where the painting of a frame ends. Where a single step of training takes
    longer than a frame there is not always something new to paint: there the target is set for
    the window's own beat, which says how soon it answers. Measured at 1440×900 with all libraries
    loaded.
    """
    figures = []
    with UnattendedWindow(panes=panes, create=create) as session:
        session.load_libraries()
        for info in panes:
            session.stage(info.id)
            for name, spec in loads_of(session, info, effort.rounds):
                session.open(spec)
                figures += _watch(session, f"{info.id}, {name}", effort.pacing_s)
    return figures


def _watch(session: UnattendedWindow, name: str, seconds: float) -> list[Figure]:
    with Restarting(session):
        session.play()
        session.wait(WARM_UP_S)
        meter = session.window.clock.meter
        meter.clear()
        nones = sys.getrefcount(None)
        session.wait(seconds)
        lost = nones - sys.getrefcount(None)
        intervals, ticks = meter.intervals(), meter.ticks()
        frame = session.channel.last_frame
        speed = frame.transport.speed if frame is not None else 0.0
    session.pause()
    slow = 0.0 < speed < FRAMES_PER_SECOND
    note = f"{intervals.count} frames in {seconds:g} s"
    if slow:
        note += f", {speed:.3g} steps/s"
    if intervals.count == 0:
        nan = float("nan")
        return [Figure(f"frames of {name}: p99", nan, "ms", P99_MS, note="no frame was painted")]
    return [
        Figure(f"frames of {name}: p50", intervals.p50, "ms", note=note),
        Figure(f"frames of {name}: p95", intervals.p95, "ms"),
        Figure(f"frames of {name}: p99", intervals.p99, "ms", None if slow else P99_MS),
        Figure(f"beat of {name}: p99", ticks.p99, "ms", P99_MS),
        Figure(f"frames of {name}: longest", intervals.longest, "ms", None if slow else LONGEST_MS),
        Figure(
            f"frames of {name}: references to None lost",
            lost / intervals.count,
            "a frame",
            REFERENCES_A_FRAME,
        ),
    ]
