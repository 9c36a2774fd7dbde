"""Points from files, from the clipboard and from whatever is dropped on the window."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QProgressDialog

from playground.core.point_files import (
    READABLE,
    Choice,
    PointFileError,
    Table,
    choose,
    guess,
    notes_for,
    parse_text,
    read_table,
)
from playground.experiments.jobs import BlockingJob, JobError, Reporter
from playground.experiments.perceptron_data_spec import DataSpec
from playground.experiments.perceptron_snapshot import PerceptronSnapshot
from playground.experiments.perceptron_spec import PerceptronSpec
from playground.experiments.spec import SpecError, replace_at
from playground.panes.perceptron.column_dialog import ColumnDialog, needs_asking

if TYPE_CHECKING:
    from playground.experiments.jobs import JobProgress
    from playground.panes.perceptron.pane import PerceptronPane
    from playground.ui.job_handle import JobHandle

FILE_FILTER = f"Points ({' '.join(f'*{suffix}' for suffix in READABLE)});;All files (*)"
DIALOG_AFTER_MS = 300
CLIPBOARD_NAME = "the clipboard"


class ReadTable(BlockingJob):
    """Reads a table on a thread of its own: a big file must not stop the window."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.title = f"Reading {path.name}"

    def run(self, report: Reporter) -> Table:
        """Return the table; a problem becomes the job's sentence."""
        try:
            return read_table(self.path, progress=report)
        except PointFileError as error:
            raise JobError(str(error)) from error


class DataTools(QObject):
    """Import of points into the pane."""

    def __init__(self, pane: PerceptronPane) -> None:
        super().__init__(pane)
        self._pane = pane
        self._progress: QProgressDialog | None = None
        self._handle: JobHandle | None = None

    def accepts(self, mime: QMimeData) -> bool:
        """Tell whether something dragged over the window could hold points."""
        return bool(_files(mime)) or (not mime.hasUrls() and mime.hasText())

    def take(self, mime: QMimeData) -> bool:
        """Import what was dropped or pasted; tell whether there was anything."""
        files = _files(mime)
        if files:
            self.open_path(files[0])
            return True
        if mime.hasText() and mime.text().strip():
            self._take_text(mime.text())
            return True
        return False

    def ask_file(self) -> None:
        """Let the person choose a file."""
        path, _ = QFileDialog.getOpenFileName(self._pane, "Import points", "", FILE_FILTER)
        if path:
            self.open_path(Path(path))

    def paste(self) -> None:
        """Import the text of the clipboard."""
        if not self.take(QGuiApplication.clipboard().mimeData()):
            self._pane.context.report("The clipboard holds no table of points.", "")

    def copy(self) -> None:
        """Put the points on the clipboard as tab-separated text."""
        frame = self._pane.channel.last_frame
        if frame is None or not isinstance(frame.snapshot, PerceptronSnapshot):
            return
        points = frame.snapshot.points
        text = io.StringIO()
        text.write("\t".join((*points.names, "label")) + "\n")
        for (x1, x2), label in zip(points.x.tolist(), points.y.tolist(), strict=True):
            text.write(f"{x1!r}\t{x2!r}\t{label}\n")
        QGuiApplication.clipboard().setText(text.getvalue())
        self._pane.readout.note(f"{len(points):,} points are on the clipboard.")

    def open_path(self, path: Path) -> None:
        """Read a file in the background, with progress and cancel, then take its points."""
        self._close_progress()
        job = ReadTable(path)
        dialog = QProgressDialog(job.title, "Cancel", 0, 1000, self._pane)
        dialog.setMinimumDuration(DIALOG_AFTER_MS)
        dialog.setAutoClose(False)
        dialog.setAutoReset(False)
        self._progress = dialog
        self._handle = self._pane.channel.start_job(
            job,
            on_progress=self._on_progress,
            on_done=lambda table: self._on_read(path.name, table),
            on_failed=self._on_failed,
        )
        dialog.canceled.connect(self._on_cancelled)

    def take_table(self, name: str, table: Table) -> None:
        """Make points of a table; ask first where there is a choice."""
        if not needs_asking(table):
            self._take_choice(name, table, guess(table))
            return
        dialog = ColumnDialog(name, table, self._pane)
        dialog.chosen.connect(lambda choice: self._take_choice(name, table, choice))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _take_text(self, text: str) -> None:
        try:
            table = parse_text(text)
        except PointFileError as error:
            self._pane.context.report(str(error), "")
            return
        self.take_table(CLIPBOARD_NAME, table)

    def _take_choice(self, name: str, table: Table, choice: Choice) -> None:
        channel = self._pane.channel
        try:
            points = choose(table, *choice)
            notes = notes_for(table, choice)
            before = channel.spec
            spec = before if isinstance(before, PerceptronSpec) else self._pane.default_spec()
            data = DataSpec(preset="own", points=points, split=spec.data.split, seed=spec.data.seed)
            changed = replace_at(spec, ("data",), data)
        except (PointFileError, SpecError) as error:
            self._pane.context.report(str(error), "")
            return
        frame = channel.last_frame
        channel.open(changed, frame.seed if frame else 0, f"import {name}")
        words = f"{len(points):,} points from {name}."
        self._pane.readout.note(" ".join((words, *notes)))

    def _on_progress(self, progress: JobProgress) -> None:
        if self._progress is not None:
            self._progress.setValue(min(999, int(1000 * progress.fraction)))

    def _on_read(self, name: str, table: Any) -> None:
        self._close_progress()
        self.take_table(name, table)

    def _on_failed(self, sentence: str) -> None:
        self._close_progress()
        self._pane.context.report(sentence, "")

    def _on_cancelled(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._close_progress()

    def _close_progress(self) -> None:
        dialog, self._progress = self._progress, None
        self._handle = None
        if dialog is not None:
            dialog.canceled.disconnect()
            dialog.close()
            dialog.deleteLater()


def _files(mime: QMimeData) -> list[Path]:
    return [
        Path(url.toLocalFile())
        for url in mime.urls()
        if url.isLocalFile() and Path(url.toLocalFile()).suffix.lower() != ".playrun"
    ]
