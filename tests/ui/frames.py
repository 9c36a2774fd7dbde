"""Hand-made frames for widgets that only show them."""

from __future__ import annotations

from playground.engine.frames import Frame, Mark, Phase, RunInfo, Transport
from playground.engine.history import History
from playground.experiments.base import RUNNING, Progress, Status
from tests.engine.toys import Walk, WalkSnapshot, WalkSpec


def frame(step=12, frontier=40, phase=Phase.PAUSED, *, speed=30.0, seed=7, runs=(), position=""):
    snapshot = WalkSnapshot(
        step=step,
        status=RUNNING,
        spec=WalkSpec(),
        position=position,
        headline="position 1.5",
        position_=1.5,
        trail=(),
        pulls=(),
        noise="",
    )
    return Frame(
        channel="walk",
        run_id=1,
        kind="walk",
        seed=seed,
        snapshot=snapshot,
        history=History(Walk.series).view(),
        transport=Transport(
            phase, step, frontier, speed, marks=(Mark(3, "edit", "pull"),), mark_noun="epoch"
        ),
        runs=runs,
    )


RUNS = (
    RunInfo(1, "first try", 7, 1284, "accuracy 0.9", RUNNING),
    RunInfo(2, "", 7, 40, "accuracy 0.95", Status(Progress.FINISHED, "all correct"), 1, 20),
    RunInfo(3, "too fast", 8, 5, "", Status(Progress.DIVERGED, "α is too large")),
)
