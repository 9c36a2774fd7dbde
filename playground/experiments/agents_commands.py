"""Agents on the command line: names for the usual runs, and what a run is saved as."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from playground.experiments.agents_learner_spec import ALGORITHM_LABELS
from playground.experiments.agents_snapshot import VIEW_POLICY, AgentSnapshot
from playground.experiments.bundled_agents import SUFFIX, AgentCheckpoint, write_agent
from playground.experiments.spec import SpecError

if TYPE_CHECKING:
    from pathlib import Path

    from playground.experiments.base import Snapshot

KIND: Final = "agents"
NAMES: Final = ("lunar-lander", "headlight-car")
"""What may be typed instead of ``agents --set world.kind=…``."""
POLICY_VIEWS: Final = frozenset({VIEW_POLICY})


def agent_settings(
    name: str,
    algorithm: str | None = None,
    *,
    until_solved: bool = False,
    env_steps: int | None = None,
) -> list[tuple[str, str]]:
    """Return the settings ``(path, value)`` that a name and the options beside it stand for.

    Parameters
    ----------
    name
        One of :data:`NAMES`, or ``"agents"`` for the world that is set otherwise.
    algorithm
        None for the best one.
    until_solved
        End when the mean of the last 100 returns says so.
    env_steps
        Most steps of all worlds; None for the usual number.

    Raises
    ------
    SpecError
        When there is no such algorithm.
    """
    settings = [("world.kind", name)] if name in NAMES else []
    if algorithm is not None:
        if algorithm not in ALGORITHM_LABELS:
            raise SpecError(
                f"There is no algorithm “{algorithm}”; there are {', '.join(ALGORITHM_LABELS)}."
            )
        settings.append(("learner.algorithm", algorithm))
    if until_solved:
        settings.append(("end.rule", "mean"))
    if env_steps is not None:
        settings.append(("end.env_steps", str(env_steps)))
    return settings


def is_agent_file(path: Path | None) -> bool:
    """Tell whether the name of a file asks for an agent and not for a run."""
    return path is not None and path.suffix.lower() == SUFFIX


def save_agent(path: Path, snapshot: Snapshot, seed: int) -> None:
    """Write the policies of a run as the file of an agent, the present one last.

    Parameters
    ----------
    snapshot
        Taken with :data:`POLICY_VIEWS`.

    Raises
    ------
    playground.core.atomic_files.SaveError
        Where it cannot be written.
    """
    if not isinstance(snapshot, AgentSnapshot) or snapshot.policy is None:
        raise TypeError("expected the snapshot of an agent with its policy")
    way = [
        AgentCheckpoint(notch.env_step, notch.policy)
        for notch in snapshot.skills
        if notch.env_step < snapshot.env_steps
    ]
    now = AgentCheckpoint(snapshot.env_steps, snapshot.policy)
    write_agent(path, snapshot.spec, seed, (*way, now))
