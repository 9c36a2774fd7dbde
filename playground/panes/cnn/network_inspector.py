"""The panel at the right: the form made from the spec, tools for the data, then live numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from playground.core.layer_shapes import total_parameters
from playground.engine.frames import Phase
from playground.experiments.cnn_snapshot import CnnSnapshot
from playground.experiments.cnn_spec import CnnSpec, memory_bytes
from playground.panes.cnn.network_counts import COUNT_PATHS, ImageCounts
from playground.panes.cnn.network_data_tools import FROM_FILES, DataTools
from playground.ui.cards import NumberTable
from playground.ui.form import SpecForm
from playground.ui.icons import themed_icon
from playground.ui.number_text import format_number
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.engine.frames import Frame
    from playground.ui.channel import ChannelClient

KIND_PATH = ("data", "kind")
ROWS = (
    ("loss", "loss of the batch", "Mean cross-entropy of the batch the last step learnt from."),
    ("batch", "accuracy of the batch", "Share of that batch that was right before the step."),
    ("train", "training accuracy", "Mean over the last whole epoch, as the images were varied."),
    ("test", "test accuracy", "Of all test images, at the end of the last epoch."),
    ("gap", "gap", "Training accuracy − test accuracy: large where it learns by heart."),
    ("speed", "images per second", "How many images are learnt from while it plays."),
    ("parameters", "parameters", "Weights and biases that are learnt."),
    ("images", "training · test images", "How many there are of each."),
    ("memory", "memory", "About what training takes."),
)


class NetworkInspector(QWidget):
    """Groups Data, Architecture, Training, Device, Augmentation, then Numbers.

    Signals
    -------
    restore_asked()
        All knocked-out filters are to come back.
    """

    restore_asked = Signal()

    def __init__(self, channel: ChannelClient, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._channel = channel
        self._shown: object = None
        self.form = SpecForm(CnnSpec, leave_out=COUNT_PATHS)
        self.counts = ImageCounts()
        self.data_tools = DataTools(channel)
        self.architecture = QLabel()
        self.architecture.setWordWrap(True)
        self.architecture.setProperty("role", "muted")
        self.restore = QPushButton("Restore filters")
        self.restore.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.restore.setToolTip("Bring all knocked-out filters back")
        themed_icon(self.restore, "undo-2")
        self.restore.hide()
        self.numbers = NumberTable(ROWS)
        self.form.add_to_group("Data", self.counts)
        self.form.add_to_group("Data", self.data_tools)
        self.form.add_to_group("Architecture", self.architecture)
        self.form.add_to_group("Architecture", self.restore)
        self.form.add_to_group("Numbers", self.numbers)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.form)
        self._column.addStretch(1)
        self.form.edited.connect(self._on_form_edited)
        self.counts.edited.connect(self._channel.edit_value)
        self.restore.clicked.connect(self.restore_asked)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def show_spec(self, spec: CnnSpec) -> None:
        """Show a spec without emitting."""
        if spec is self._shown:
            return
        self._shown = spec
        self.form.set_spec(spec)
        count = len(spec.knocked_out)
        self.restore.setVisible(count > 0)
        self.restore.setText("Restore 1 filter" if count == 1 else f"Restore {count} filters")

    def show_frame(self, frame: Frame) -> None:
        """Show the spec in force, with what has been asked for and not answered yet."""
        snapshot = frame.snapshot
        if not isinstance(snapshot, CnnSnapshot):
            return
        spec = self._channel.spec
        shown = spec if isinstance(spec, CnnSpec) else snapshot.spec
        self.show_spec(shown)
        if shown.data == snapshot.spec.data:
            # Until other images are there nobody knows how many.
            self.counts.show_images(shown, snapshot.images)
        if shown.architecture != self.architecture.text():
            self.architecture.setText(shown.architecture)
        self.data_tools.show_note(snapshot.images.note)
        self.numbers.set_values(number_texts(frame, snapshot))

    def _on_form_edited(self, path: tuple[str | int, ...], value: Any, finished: bool) -> None:
        if path == KIND_PATH and value in FROM_FILES:
            # Such data are not there before a folder is named: the run goes on until then.
            self._shown = None
            self.data_tools.take_kind(value)
            spec = self._channel.spec
            if isinstance(spec, CnnSpec):
                self.show_spec(spec)
            return
        self._channel.edit_value(path, value, finished)

    def _on_theme_changed(self) -> None:
        self._column.setContentsMargins(px(16), px(14), px(16), px(14))


def number_texts(frame: Frame, snapshot: CnnSnapshot) -> dict[str, str]:
    """Return the live numbers as words, by the key of their row."""
    transport = frame.transport
    playing = transport.phase is Phase.PLAYING and transport.speed > 0.0
    images = snapshot.images
    gap = snapshot.train_accuracy - snapshot.test_accuracy
    # Not all steps learn: the test takes some of its own.
    learnt = transport.speed * images.training_count / snapshot.epoch_steps
    return {
        "loss": _number(snapshot.loss),
        "batch": _percent(snapshot.accuracy),
        "train": _percent(snapshot.train_accuracy),
        "test": _percent(snapshot.test_accuracy),
        "gap": "–" if math.isnan(gap) else f"{format_number(100 * gap, 3)} %",
        "speed": f"{learnt:,.0f}" if playing else "–",
        "parameters": f"{total_parameters(snapshot.shapes):,}",
        "images": f"{images.training_count:,} · {images.test_count:,}",
        "memory": f"{memory_bytes(snapshot.spec, snapshot.shapes) / 2**20:,.0f} MB",
    }


def _number(value: float) -> str:
    return "–" if math.isnan(value) else format_number(value)


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.4g} %"
