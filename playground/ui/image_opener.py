"""Asking for a picture: a dialog, the clipboard, a drop; files are read beside the window."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QProgressDialog, QWidget

from playground.experiments.jobs import BlockingJob, JobError, Reporter
from playground.ui.image_input import (
    IMAGE_FILTER,
    LONGEST_SIDE,
    ImageError,
    LoadedImage,
    has_image,
    image_path,
    read_image_file,
    read_qimage,
)

if TYPE_CHECKING:
    from playground.ui.channel import ChannelClient
    from playground.ui.job_handle import JobHandle

DIALOG_AFTER_MS = 300


class ReadImage(BlockingJob):
    """Reads a picture on a thread of its own: a big one must not stop the window."""

    def __init__(self, path: Path, longest: int = LONGEST_SIDE) -> None:
        self.path = path
        self.longest = longest
        self.title = f"Reading {path.name}"

    def run(self, report: Reporter) -> LoadedImage:
        """Return the picture; a problem becomes the job's sentence."""
        report(0.0)
        try:
            loaded = read_image_file(self.path, self.longest)
        except (ImageError, OSError) as error:
            raise JobError(str(error)) from error
        report(1.0)
        return loaded


class ImageOpener(QObject):
    """Brings pictures in for one widget.

    Parameters
    ----------
    owner
        Over which dialogs open.
    channel
        Carries the job that reads a file.
    longest
        Pixels that the longer side may have.

    Signals
    -------
    taken(object)
        A :class:`~playground.ui.image_input.LoadedImage` was read.
    refused(str)
        Why something could not be taken.
    """

    taken = Signal(object)
    refused = Signal(str)

    def __init__(self, owner: QWidget, channel: ChannelClient, longest: int = LONGEST_SIDE) -> None:
        super().__init__(owner)
        self._owner = owner
        self._channel = channel
        self._longest = longest
        self._dialog: QProgressDialog | None = None
        self._handle: JobHandle | None = None

    def accepts(self, mime: QMimeData) -> bool:
        """Tell whether something dragged over the window may hold a picture."""
        return has_image(mime)

    def take(self, mime: QMimeData) -> bool:
        """Take what was dropped or pasted; tell whether there was anything."""
        path = image_path(mime)
        if path is not None:
            self.open_path(path)
            return True
        image = mime.imageData() if mime.hasImage() else None
        if not isinstance(image, QImage):
            return False
        try:
            loaded = read_qimage(image, self._longest)
        except ImageError as error:
            self.refused.emit(str(error))
        else:
            self.taken.emit(loaded)
        return True

    def ask_file(self) -> None:
        """Let the person choose a file."""
        path, _ = QFileDialog.getOpenFileName(self._owner, "Open picture", "", IMAGE_FILTER)
        if path:
            self.open_path(Path(path))

    def paste(self) -> None:
        """Take the picture of the clipboard, or the file that was copied."""
        # An empty clipboard has no data object at all, whatever its type says.
        mime: QMimeData | None = QGuiApplication.clipboard().mimeData()
        if mime is None or not self.take(mime):
            self.refused.emit("The clipboard holds no picture; copy one first.")

    def open_path(self, path: Path) -> None:
        """Read a file in the background, with a way to cancel where it takes long."""
        self._forget()
        job = ReadImage(path, self._longest)
        # Without a known length: how far Qt is with a picture cannot be asked.
        dialog = QProgressDialog(job.title, "Cancel", 0, 0, self._owner)
        dialog.setMinimumDuration(DIALOG_AFTER_MS)
        dialog.setAutoClose(False)
        dialog.setAutoReset(False)
        dialog.setValue(0)
        self._dialog = dialog
        self._handle = self._channel.start_job(
            job, on_done=self._on_read, on_failed=self._on_failed
        )
        dialog.canceled.connect(self._on_cancelled)

    def _on_read(self, loaded: Any) -> None:
        self._forget()
        if isinstance(loaded, LoadedImage):
            self.taken.emit(loaded)

    def _on_failed(self, sentence: str) -> None:
        self._forget()
        self.refused.emit(sentence)

    def _on_cancelled(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._forget()

    def _forget(self) -> None:
        dialog, self._dialog = self._dialog, None
        self._handle = None
        if dialog is not None:
            dialog.canceled.disconnect()
            dialog.close()
            dialog.deleteLater()
