"""How much the process grows while the window trains at full speed."""

from __future__ import annotations

import gc
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

GROWTH_MB = 5.0
MB = 2**20


def resident_bytes() -> int:
    """Return the memory of this process in bytes: now, or its peak where only that is known.

    Raises
    ------
    RuntimeError
        Where neither psutil nor the system's own account is there.
    """
    try:
        import psutil
    except ImportError:
        pass
    else:
        return int(psutil.Process().memory_info().rss)
    try:
        import resource
    except ImportError:
        raise RuntimeError("The memory of the process can only be read with psutil here.") from None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)


def measure(
    effort: Effort,
    panes: tuple[PaneInfo, ...] = PANES,
    create: Callable[[str], type[Experiment]] | None = None,
) -> list[Figure]:
    """Return by how much the process has grown after warming up, for every pane.

    The history of a run is kept complete and therefore grows with it; how much of the growth is
    history and checkpoints, both of which are wanted, is told beside it.
    """
    figures = []
    with UnattendedWindow(panes=panes, create=create) as session:
        session.load_libraries()
        for info in panes:
            session.stage(info.id)
            for name, spec in loads_of(session, info, effort.rounds):
                session.open(spec)
                figures += _growth(session, f"{info.id}, {name}", effort)
    return figures


def _growth(session: UnattendedWindow, name: str, effort: Effort) -> list[Figure]:
    with Restarting(session):
        session.play()
        session.wait(effort.warm_up_s)
        gc.collect()
        before, steps, kept = resident_bytes(), session.step, history_bytes(session)
        session.wait(effort.memory_s)
        gc.collect()
        growth = resident_bytes() - before
        recorded = history_bytes(session) - kept
        steps = session.step - steps
    session.pause()
    what = f"memory of {name}"
    return [
        Figure(
            f"{what}: growth",
            growth / MB,
            "MB",
            GROWTH_MB,
            note=f"over {effort.memory_s:g} s and {steps:,} steps, after {effort.warm_up_s:g} s",
        ),
        Figure(f"{what}: of this, history", recorded / MB, "MB"),
    ]


def history_bytes(session: UnattendedWindow) -> int:
    """Return the bytes of the recorded series of the run on stage."""
    frame = session.channel.last_frame
    if frame is None:
        return 0
    total = 0
    for name in frame.history.names:
        series = frame.history.series(name)
        total += series.steps.nbytes + sum(c.nbytes for c in series.columns.values())
    return total
