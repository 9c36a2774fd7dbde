"""How much the process grows while the window trains at full speed."""

from __future__ import annotations

import gc
import sys
from dataclasses import dataclass
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
LOADS = 2
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

    Two things are meant to grow, and are told beside the rest: the history of a run, which is kept
    complete, and its checkpoints, until they fill their budget. Held against the target is what the
    process has grown beyond them.
    """
    figures = []
    with UnattendedWindow(panes=panes, create=create) as session:
        session.load_libraries()
        for info in panes:
            session.stage(info.id)
            # The last load: of the perceptron's, the one whose history grows slowly.
            for name, spec in loads_of(session, info, LOADS)[-1:]:
                session.open(spec)
                figures += _growth(session, f"{info.id}, {name}", effort)
    return figures


def _growth(session: UnattendedWindow, name: str, effort: Effort) -> list[Figure]:
    with Restarting(session):
        session.play()
        session.wait(effort.warm_up_s)
        before = _Weight.of(session)
        session.wait(effort.memory_s)
        grown = _Weight.of(session) - before
    session.pause()
    what = f"memory of {name}"
    note = f"over {effort.memory_s:g} s and {grown.steps:,} steps, after {effort.warm_up_s:g} s"
    return [
        Figure(f"{what}: growth beyond what is kept", grown.rest / MB, "MB", GROWTH_MB, note=note),
        Figure(f"{what}: growth of the process", grown.process / MB, "MB"),
        Figure(f"{what}: of this, history", grown.history / MB, "MB"),
        Figure(f"{what}: of this, checkpoints", grown.checkpoints / MB, "MB"),
    ]


@dataclass(frozen=True, slots=True)
class _Weight:
    """Bytes of the process, and of what the runs of the pane on stage keep; steps done."""

    process: int
    history: int
    checkpoints: int
    steps: int

    @classmethod
    def of(cls, session: UnattendedWindow) -> _Weight:
        """Weigh the process now, after a full collection."""
        gc.collect()
        frame = session.channel.last_frame
        runs = () if frame is None else frame.runs
        return cls(
            resident_bytes(),
            sum(run.history_bytes for run in runs),
            sum(run.checkpoint_bytes for run in runs),
            session.step,
        )

    def __sub__(self, before: _Weight) -> _Weight:
        return _Weight(
            self.process - before.process,
            self.history - before.history,
            self.checkpoints - before.checkpoints,
            self.steps - before.steps,
        )

    @property
    def rest(self) -> int:
        """What is neither history nor checkpoints."""
        return self.process - self.history - self.checkpoints
