"""What a view holds of the long work it has started in the background."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.experiments.jobs import JobProgress


class JobDesk(Protocol):
    """Who carries the job out."""

    def has_job(self, job_id: int) -> bool:
        """Tell whether a job is still under way."""

    def cancel_job(self, job_id: int) -> None:
        """Stop a job and forget it."""


@dataclass(slots=True)
class JobHandle:
    """A job under way; :meth:`cancel` stops it, then neither done nor failed is called."""

    job_id: int
    title: str
    _desk: JobDesk
    on_progress: Callable[[JobProgress], object] | None = None
    on_done: Callable[[Any], object] | None = None
    on_failed: Callable[[str], object] | None = None

    @property
    def running(self) -> bool:
        """Tell whether the job has neither ended nor been cancelled."""
        return self._desk.has_job(self.job_id)

    def cancel(self) -> None:
        """Stop the job; what it has done so far is thrown away."""
        self._desk.cancel_job(self.job_id)
