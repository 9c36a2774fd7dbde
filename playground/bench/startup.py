"""How long it takes until the window is there, beside an empty plot in the same run."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from playground.bench.figures import Figure
from playground.bench.startup_probe import ANSWERS, COMPLETE, DRAWN, PAINTED

if TYPE_CHECKING:
    from playground.bench.figures import Effort

ALWAYS_ALLOWED_S = 1.0
TIMES_BARE = 1.5
LONGEST_S = 120.0


def measure(effort: Effort) -> list[Figure]:
    """Return the medians of the start of the app and of an empty plot, started in turn.

    The window counts as interactive when it has been painted with a pane on stage and its event
    loop has come round again. Both starts are warm: their files are in the memory of the system
    and their modules have been compiled, as after an installation.
    """
    for what in ("bare", "app"):
        time_start(what)
    bare, app = [], []
    for _ in range(effort.starts):
        bare.append(time_start("bare")[ANSWERS])
        app.append(time_start("app"))
    reference = statistics.median(bare)
    painted, answers, drawn, complete = (
        statistics.median(times[word] for times in app)
        for word in (PAINTED, ANSWERS, DRAWN, COMPLETE)
    )
    runs = f"median of {effort.starts}"
    return [
        Figure("start: empty plot", reference, "s", note=runs),
        Figure("start: first painting", painted, "s", note=runs),
        Figure(
            "start: window interactive",
            answers,
            "s",
            max(ALWAYS_ALLOWED_S, TIMES_BARE * reference),
            note=f"{runs}, {answers / reference:.2f} × the empty plot",
        ),
        Figure("start: first picture of the run", drawn, "s", note=runs),
        Figure("start: all parts of the pane", complete, "s", note=runs),
    ]


def time_start(what: str) -> dict[str, float]:
    """Start a process that opens ``app`` or ``bare``; return when it said what, in seconds."""
    said: dict[str, float] = {}
    # Without this, Python would compile our modules anew at every start, but not those of others.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "playground.bench.startup_probe", what],
        env=environment,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said.setdefault(line.strip(), time.perf_counter() - started)
        status = process.wait(LONGEST_S)
    if status != 0 or (COMPLETE if what == "app" else ANSWERS) not in said:
        raise RuntimeError(f"Starting “{what}” ended with status {status} and said {list(said)}.")
    return said
