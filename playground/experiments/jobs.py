"""Long work in the background: sweeps, studies, file reading, with progress and cancel.

A :class:`SlicedJob` computes on the training thread, a few milliseconds at a time, sharing it
fairly with the runs that play. A :class:`BlockingJob` waits for something outside (a big file, a
download) on a thread of its own, and is asked to stop through its reporter.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Generator


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a job is: ``fraction`` in 0…1, a few words, and what can already be shown."""

    fraction: float
    message: str = ""
    partial: Any = None


class JobError(Exception):
    """Says in one sentence why a job cannot be done."""


class JobStopped(Exception):
    """Raised inside a blocking job at its next report after it was cancelled."""


class Job:
    """Something with a title that takes a while and returns a result."""

    title: str = ""


class SlicedJob(Job, ABC):
    """A job that runs on the training thread between the steps of the runs that play."""

    @abstractmethod
    def run(self) -> Generator[JobProgress, None, Any]:
        """Yield progress at least every 10 ms or so; return the result."""


class Reporter(Protocol):
    """What a blocking job calls to tell how far it is."""

    def __call__(self, fraction: float, message: str = "") -> None:
        """Publish the progress; raise :class:`JobStopped` when the job was cancelled."""


class BlockingJob(Job, ABC):
    """A job that waits for files or the network on a thread of its own."""

    @abstractmethod
    def run(self, report: Reporter) -> Any:
        """Do the work, calling ``report`` several times a second; return the result."""
