"""How long after the key a pause is seen."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from playground.bench.figures import Figure
from playground.bench.window import FIRST_FRAME_S, UnattendedWindow
from playground.bench.workloads import Restarting, loads_of
from playground.engine.frames import Phase
from playground.panes.registry import PANES

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.bench.figures import Effort
    from playground.engine.frames import Frame
    from playground.experiments.base import Experiment
    from playground.panes.base import PaneInfo

SEEN_MS = 100.0
PLAY_S = 0.25
ODD_MS = 7
"""The presses fall at different moments of the window's 33 ms."""


def measure(
    effort: Effort,
    panes: tuple[PaneInfo, ...] = PANES,
    create: Callable[[str], type[Experiment]] | None = None,
) -> list[Figure]:
    """Return the milliseconds from the space bar to the end of the painting that shows the pause.

    The run trains at full speed before every press.
    """
    figures = []
    with UnattendedWindow(panes=panes, create=create) as session:
        session.load_libraries()
        session.activate()
        for info in panes:
            session.stage(info.id)
            name, spec = loads_of(session, info, 1)[0]
            session.open(spec)
            delays = [_pause_once(session, k) for k in range(effort.repeats)]
            what = f"pause of {info.id}, {name}"
            figures += [
                Figure(f"{what}: median", statistics.median(delays), "ms"),
                Figure(f"{what}: longest", max(delays), "ms", SEEN_MS, note=f"of {effort.repeats}"),
            ]
    return figures


def _pause_once(session: UnattendedWindow, number: int) -> float:
    seen: list[float] = []
    window = session.window

    def look(frame: Frame | None, ended: float) -> None:
        if frame is not None and frame.transport.phase is not Phase.PLAYING and not seen:
            seen.append(ended)

    with Restarting(session):
        session.play()
        session.wait(PLAY_S + number * ODD_MS / 1000.0)
        window.painted = look
        pressed = time.perf_counter()
        QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_Space)
        session.require(lambda: bool(seen), FIRST_FRAME_S, "The picture of the pause")
        window.painted = None
    return 1000.0 * (seen[0] - pressed)
