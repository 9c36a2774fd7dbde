"""What the window asks of the training thread; the runner is one, and so is a stand-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from playground.ui.frame_clock import FrameSource

if TYPE_CHECKING:
    from playground.engine.commands import Command


class TrainingThread(FrameSource, Protocol):
    """What the window asks of the runner."""

    @property
    def libraries_loaded(self) -> bool:
        """Tell whether torch has been imported, or could not be."""

    def send(self, command: Command) -> None:
        """Ask for something."""

    def close(self, timeout: float | None = None) -> bool:
        """End the thread; tell whether it ended in time."""
