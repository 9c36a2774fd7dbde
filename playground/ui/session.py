"""The last run of every pane, kept beside the settings from one start to the next.

What cannot be read is left out with a line in the log: a damaged session must never keep the
window from opening.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from playground.engine.runfile import RunDocument, RunFileError, load, save

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from playground.experiments.base import Experiment

_log = logging.getLogger(__name__)

MAX_RESTORED_BYTES = 8 * 2**20
MAX_RESTORED_STEPS = 1_000_000
"""A longer run would replay for seconds at the start; only its settings are restored."""


def session_file(folder: Path, pane_id: str) -> Path:
    """Return where the last run of a pane is kept."""
    return folder / f"last-{pane_id}.playrun"


def save_runs(folder: Path, documents: Mapping[str, RunDocument]) -> None:
    """Write the last run of each pane; failures are logged and lose nothing else."""
    for pane_id, document in documents.items():
        path = session_file(folder, pane_id)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            save(path, _short_enough(document))
            if path.stat().st_size > MAX_RESTORED_BYTES:
                path.unlink()
        except (OSError, RunFileError) as error:
            _log.warning("The last run of %s was not kept: %s", pane_id, str(error))


def load_run(
    folder: Path, pane_id: str, create: Callable[[str], type[Experiment]] | None = None
) -> RunDocument | None:
    """Return the last run of a pane, or None where there is none that can be used."""
    path = session_file(folder, pane_id)
    if not path.exists():
        return None
    try:
        return load(path) if create is None else load(path, create)
    except (OSError, RunFileError) as error:
        _log.warning("The last run of %s was left out: %s", pane_id, str(error))
        return None


def _short_enough(document: RunDocument) -> RunDocument:
    if document.frontier <= MAX_RESTORED_STEPS:
        return document
    return document.model_copy(update={"edits": (), "step": 0, "frontier": 0})
