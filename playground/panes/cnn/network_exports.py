"""Everything that leaves the network tab as a file, and weights that come from one."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog, QProgressDialog, QWidget

from playground.core.atomic_files import write_atomically
from playground.experiments.cnn_snapshot import SERIES_BATCH, SERIES_EPOCH, CnnSnapshot
from playground.panes.cnn.network_model_jobs import (
    LoadWeightsJob,
    SaveCheckpointJob,
    SaveStateDictJob,
)
from playground.ui.saving import PNG_SCALE, ask_and_save, widget_picture

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QMenu

    from playground.engine.frames import Frame
    from playground.experiments.jobs import Job, JobProgress
    from playground.panes.cnn.network import NetworkPart

DIALOG_AFTER_MS = 400
PICTURES = "PNG (*.png)"
PLOTS = "PNG (*.png);;SVG (*.svg)"
TABLES = "CSV (*.csv)"
MODELS = "PyTorch (*.pt)"
WEIGHT_FILES = "Weights (*.pt *.pth *.bin);;All files (*)"


class Exports:
    """Asks for file names and writes what is on screen."""

    def __init__(self, pane: NetworkPart) -> None:
        self._pane = pane
        self._waiting: Path | None = None

    @property
    def wants_weights(self) -> bool:
        """Whether a file waits for the weights of the step that is shown."""
        return self._waiting is not None

    def fill(self, menu: QMenu) -> None:
        """Add one entry for everything that can be saved now."""
        there = self._pane.channel.last_frame is not None
        entries: tuple[tuple[str, str, str, Callable[[Path], object]], ...] = (
            ("Filters as picture…", "filters.png", PICTURES, self._saver("filters")),
            ("Feature maps as picture…", "feature-maps.png", PICTURES, self._saver("features")),
            ("Confusion matrix as picture…", "confusion.png", PICTURES, self._saver("confusion")),
            ("Worst mistakes as picture…", "mistakes.png", PICTURES, self._saver("mistakes")),
            ("Curves as picture…", "curves.png", PLOTS, self.save_curves),
            ("History of the batches as CSV…", "batches.csv", TABLES, self.save_batches),
            ("History of the epochs as CSV…", "epochs.csv", TABLES, self.save_epochs),
            ("Confusion matrix as CSV…", "confusion.csv", TABLES, self.save_confusion),
            ("Weights as state_dict…", "weights.pt", MODELS, self.save_weights),
            ("Checkpoint with the optimizer…", "checkpoint.pt", MODELS, self.save_checkpoint),
            ("As PyTorch script…", "network.py", "Python (*.py)", self.save_script),
        )
        for place, (words, name, kinds, save) in enumerate(entries):
            if place in (5, 8):
                menu.addSeparator()
            action = menu.addAction(words)
            action.setEnabled(there)
            action.triggered.connect(lambda _=False, n=name, k=kinds, s=save: self._ask(n, k, s))

    def save_curves(self, path: Path) -> None:
        """Write the curves as PNG, or as SVG where the name ends so."""
        plot = self._pane.curves.plot
        if path.suffix.lower() == ".svg":
            plot.export_svg(path)
        else:
            plot.export_png(path, PNG_SCALE)

    def save_batches(self, path: Path) -> None:
        """Write loss and accuracy of every batch."""
        write_atomically(path, self._frame().history.to_csv(SERIES_BATCH))

    def save_epochs(self, path: Path) -> None:
        """Write losses and accuracies of every epoch."""
        write_atomically(path, self._frame().history.to_csv(SERIES_EPOCH))

    def save_confusion(self, path: Path) -> None:
        """Write the confusion matrix that was shown last."""
        write_atomically(path, confusion_csv(self._pane.confusion.matrix))

    def save_script(self, path: Path) -> None:
        """Write the run as a file that needs torch only."""
        from playground.experiments.cnn_script import as_torch_script

        frame = self._frame()
        write_atomically(path, as_torch_script(self._snapshot().spec, frame.seed))

    def save_weights(self, path: Path) -> None:
        """Write the weights of the step that is shown, as soon as a frame brings them."""
        self._waiting = path
        self._pane.views_changed.emit()
        self.take_frame(self._frame())

    def take_frame(self, frame: Frame) -> None:
        """Write what has waited for weights, where the frame brings them."""
        snapshot, path = frame.snapshot, self._waiting
        if path is None or not isinstance(snapshot, CnnSnapshot) or snapshot.weights is None:
            return
        self._waiting = None
        self._pane.views_changed.emit()
        self._start(SaveStateDictJob(path, snapshot.weights), lambda _: None)

    def save_checkpoint(self, path: Path) -> None:
        """Write epoch, model, optimizer and loss of the step that is shown."""
        self._pane.channel.ask_document(
            lambda document: self._start(SaveCheckpointJob(path, document), lambda _: None)
        )

    def ask_weights(self) -> None:
        """Let the person choose a file of weights for the network."""
        path, _ = QFileDialog.getOpenFileName(self._pane, "Load weights", "", WEIGHT_FILES)
        if path:
            self.load_weights(Path(path))

    def load_weights(self, path: Path) -> None:
        """Take weights over at the present step; a mismatch is named and changes nothing."""
        snapshot = self._snapshot()
        classes = len(snapshot.images.class_names)
        self._start(LoadWeightsJob(path, snapshot.spec, classes), self._pane.channel.edit)

    def _saver(self, key: str) -> Callable[[Path], object]:
        widgets: dict[str, QWidget] = {
            "filters": self._pane.filters.mosaic.canvas,
            "features": self._pane.features.mosaic.canvas,
            "confusion": self._pane.confusion.matrix,
            "mistakes": self._pane.mistakes.mosaic.canvas,
        }
        return lambda path: write_atomically(
            path, widget_picture(widgets[key], path, "Convolutional network")
        )

    def _start(self, job: Job, done: Callable[[Any], object]) -> None:
        dialog = QProgressDialog(job.title, "Cancel", 0, 1000, self._pane)
        dialog.setMinimumDuration(DIALOG_AFTER_MS)
        dialog.setAutoClose(False)
        dialog.setAutoReset(False)

        def close() -> None:
            dialog.canceled.disconnect()
            dialog.close()
            dialog.deleteLater()

        def progress(state: JobProgress) -> None:
            dialog.setValue(min(999, int(1000 * state.fraction)))
            if state.message:
                dialog.setLabelText(state.message)

        def finished(result: Any) -> None:
            close()
            done(result)

        def failed(sentence: str) -> None:
            close()
            self._pane.context.report(sentence, "")

        handle = self._pane.channel.start_job(job, progress, finished, failed)

        def cancelled() -> None:
            handle.cancel()
            close()

        dialog.canceled.connect(cancelled)

    def _ask(self, name: str, kinds: str, save: Callable[[Path], object]) -> None:
        ask_and_save(self._pane, name, kinds, save, self._pane.context.report)

    def _frame(self) -> Frame:
        frame = self._pane.channel.last_frame
        if frame is None:
            raise ValueError("There is no run to save yet.")
        return frame

    def _snapshot(self) -> CnnSnapshot:
        snapshot = self._frame().snapshot
        if not isinstance(snapshot, CnnSnapshot):
            raise TypeError(f"the pane cannot show a {type(snapshot).__name__}")
        return snapshot


def confusion_csv(matrix: Any) -> str:
    """Return one row for every true class; raise ValueError where no matrix was shown yet."""
    if not len(matrix.counts):
        raise ValueError("The confusion matrix has not been shown yet: open its view first.")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("true \\ predicted", *matrix.names))
    rows = zip(matrix.names, matrix.counts.tolist(), strict=True)
    writer.writerows((name, *counts) for name, counts in rows)
    return text.getvalue()
