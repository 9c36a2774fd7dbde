"""Where a channel stands, gathered for the bar at the bottom of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.engine.frames import Mark, Phase, RunInfo, Transport

if TYPE_CHECKING:
    from playground.engine.drive import Drive
    from playground.engine.timeline import Timeline


def transport_of(
    run: Timeline, infos: tuple[RunInfo, ...], phase: Phase, drive: Drive, now: float
) -> Transport:
    """Return the state of the transport; during a seek ``step`` is the step it goes to."""
    playing = phase is Phase.PLAYING
    branches = [
        Mark(info.branch_step, "branch", info.label or f"run {info.run_id} branches off")
        for info in infos
        if info.parent == run.run_id and info.branch_step is not None
    ]
    return Transport(
        phase=phase,
        step=run.target,
        frontier=run.known_frontier,
        wanted_speed=drive.wanted_speed,
        speed=drive.speed(now) if playing else 0.0,
        marks=tuple(sorted((*run.marks(), *branches), key=lambda mark: mark.step)),
        seek_progress=run.seek_progress,
        training_share=drive.share(now) if playing else 0.0,
        step_noun=run.experiment_type.step_noun,
        mark_noun=run.experiment_type.mark_noun,
    )
