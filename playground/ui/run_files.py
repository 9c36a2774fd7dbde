"""Opening and saving runs: the dialogs, the file that belongs to each channel, what is unsaved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from playground.engine.runfile import SUFFIX, RunDocument, RunFileError, load, save

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QMimeData

    from playground.experiments.base import Experiment
    from playground.ui.channel import ChannelClient

FILTER = f"Runs of the playground (*{SUFFIX});;All files (*)"


@dataclass(frozen=True, slots=True)
class SavedAs:
    """The file of a channel and the state in which it was saved."""

    path: Path
    mark: tuple[int | None, int, int]


class RunFiles(QObject):
    """Reads and writes run files for the window; problems become sentences."""

    opened = Signal(object, object)
    """A document was read: ``(document, path)``."""
    saved = Signal(object)
    """A run was written to this path."""
    problem = Signal(str)

    def __init__(
        self, window: QWidget, create: Callable[[str], type[Experiment]] | None = None
    ) -> None:
        """Serve one window; ``create`` finds experiments by kind where not the usual ones."""
        super().__init__(window)
        self._window = window
        self._create = create
        self._files: dict[str, SavedAs] = {}

    def path_of(self, channel: ChannelClient) -> Path | None:
        """Return the file that belongs to a channel, if any."""
        known = self._files.get(channel.name)
        return known.path if known else None

    def is_modified(self, channel: ChannelClient) -> bool:
        """Tell whether a run has gone on or been changed since its file was written."""
        known = self._files.get(channel.name)
        return known is not None and known.mark != _mark(channel)

    def forget(self, channel: ChannelClient) -> None:
        """Let a channel have no file any more."""
        self._files.pop(channel.name, None)

    def belongs(self, channel: ChannelClient, path: Path) -> None:
        """Say that a channel now shows what is in a file."""
        self._files[channel.name] = SavedAs(path, _mark(channel))

    def ask_and_open(self) -> None:
        """Ask for a file and open it."""
        name, _ = QFileDialog.getOpenFileName(self._window, "Open run", self._folder(), FILTER)
        if name:
            self.open(Path(name))

    def open(self, path: Path) -> bool:
        """Read a file; tell whether it held a run that can be opened."""
        try:
            document = load(path) if self._create is None else load(path, self._create)
        except RunFileError as error:
            self.problem.emit(str(error))
            return False
        self.opened.emit(document, path)
        return True

    def save(self, channel: ChannelClient) -> None:
        """Save to the file of the channel, or ask for one."""
        known = self._files.get(channel.name)
        if known is None:
            self.ask_and_save(channel)
        else:
            self.save_to(channel, known.path)

    def ask_and_save(self, channel: ChannelClient) -> None:
        """Ask for a file and save to it."""
        known = self._files.get(channel.name)
        start = str(known.path) if known else str(Path(self._folder()) / f"{channel.kind}{SUFFIX}")
        name, _ = QFileDialog.getSaveFileName(self._window, "Save run", start, FILTER)
        if name:
            path = Path(name)
            self.save_to(channel, path if path.suffix else path.with_suffix(SUFFIX))

    def save_to(self, channel: ChannelClient, path: Path) -> None:
        """Ask the training thread for the run and write it when it comes; the old file is safe."""

        def write(document: RunDocument) -> None:
            try:
                save(path, document)
            except RunFileError as error:
                self.problem.emit(str(error))
                return
            self.belongs(channel, path)
            self.saved.emit(path)

        channel.ask_document(write)

    def _folder(self) -> str:
        latest = list(self._files.values())[-1:]
        return str(latest[0].path.parent) if latest else str(Path.home())


def _mark(channel: ChannelClient) -> tuple[int | None, int, int]:
    frame = channel.last_frame
    frontier = frame.transport.frontier if frame else 0
    return (channel.run_id, frontier, channel.undo_stack.index())


def run_file_in(mime: QMimeData) -> Path | None:
    """Return the first run file among what is dragged or pasted, None if there is none."""
    paths = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
    return next((path for path in paths if path.suffix.lower() == SUFFIX), None)
