"""Who reads the drawing: the network in training, or a bundled one at any of its checkpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QWidget

from playground.panes.cnn.digit_bars import percent
from playground.ui.elided_label import ElidedLabel
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.experiments.bundled_networks import BundledName
    from playground.experiments.cnn_snapshot import NetworkState

TRAINING: Final = "training"
SOURCES: Final = (
    (TRAINING, "network in training", "The network of this tab, at the step that is shown"),
    ("cnn", "bundled CNN", "A CNN 8-16 that has learnt the digits of MNIST"),
    ("mlp", "bundled MLP", "An MLP 784-50-10 that has learnt the digits of MNIST"),
)
NAMES: Final = {"cnn": "the bundled CNN", "mlp": "the bundled MLP"}
FILES: Final[dict[str, BundledName]] = {"cnn": "cnn-mnist", "mlp": "mlp-mnist"}


class Checkpoint(NamedTuple):
    """A bundled network as it was after some steps, with its accuracy on digits kept apart."""

    step: int
    accuracy: float
    state: NetworkState


class BundledShelf:
    """The bundled networks, read when they are first asked."""

    def __init__(self) -> None:
        self._networks: dict[str, tuple[Checkpoint, ...]] = {}
        self._problems: dict[str, str] = {}

    def checkpoints(self, key: str) -> tuple[Checkpoint, ...]:
        """Return a network from first to last; empty where its file cannot be read."""
        if key not in self._networks:
            try:
                self._networks[key] = checkpoints_of(key)
            except (OSError, ValueError) as error:
                self._networks[key] = ()
                self._problems[key] = f"T{NAMES[key][1:]} cannot be read: {error}"
        return self._networks[key]

    def problem(self, key: str) -> str:
        """Return why a network cannot be read, in a sentence; empty where it can."""
        self.checkpoints(key)
        return self._problems.get(key, "")

    def state(self, key: str, place: int) -> NetworkState | None:
        """Return a network at one of its checkpoints."""
        found = self.checkpoints(key)
        return found[min(place, len(found) - 1)].state if found else None

    def words(self, key: str, place: int) -> str:
        """Return a network in words, with the step of an early checkpoint."""
        found = self.checkpoints(key)
        if not found or place >= len(found) - 1:
            return NAMES[key]
        step = found[place].step
        return f"{NAMES[key]} after {step:,} steps" if step else f"{NAMES[key]}, still untrained,"


class CheckpointRow(QWidget):
    """A slider over the checkpoints of a bundled network, the last one at first.

    Signals
    -------
    moved()
        A person went to another checkpoint.
    """

    moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._marks: tuple[Checkpoint, ...] = ()
        self._key = ""
        self._places: dict[str, int] = {}
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Checkpoint of the bundled network")
        self.slider.setToolTip("From the first weights to the trained network")
        self.words = ElidedLabel()
        self.words.setProperty("role", "muted")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.slider, 1)
        self._row.addWidget(self.words, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.slider.valueChanged.connect(self._on_moved)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def place(self) -> int:
        """The checkpoint that reads, from 0."""
        return self.slider.value()

    def set_network(self, key: str, marks: Sequence[Checkpoint]) -> None:
        """Offer the checkpoints of a network, at the one where it was left."""
        self._key = key
        self._marks = tuple(marks)
        last = max(0, len(marks) - 1)
        self.slider.blockSignals(True)
        self.slider.setRange(0, last)
        self.slider.setValue(min(self._places.get(key, last), last))
        self.slider.blockSignals(False)
        self._show_words()

    def save_state(self) -> dict[str, Any]:
        """Return where each network was left, as plain data."""
        return {"places": dict(self._places)}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take up what :meth:`save_state` gave; ignores anything else."""
        places = state.get("places")
        if isinstance(places, dict):
            self._places = {
                key: place
                for key, place in places.items()
                if key in NAMES and type(place) is int and place >= 0
            }

    def _on_moved(self, place: int) -> None:
        self._places[self._key] = place
        self._show_words()
        self.moved.emit()

    def _show_words(self) -> None:
        if not self._marks:
            self.words.setText("")
            return
        mark = self._marks[min(self.place, len(self._marks) - 1)]
        text = f"step {mark.step:,}: {percent(mark.accuracy)} right"
        self.words.setText(text)
        self.words.setToolTip(f"{text}, of digits that it has not learnt from")

    def _on_theme_changed(self) -> None:
        self._row.setSpacing(px(8))


def checkpoints_of(key: str) -> tuple[Checkpoint, ...]:
    """Return the checkpoints of a bundled network as states that can be asked.

    Raises
    ------
    OSError, ValueError
        Where the file is missing or damaged.
    """
    from playground.experiments.bundled_networks import load_bundled

    network = load_bundled(FILES[key])
    return tuple(
        Checkpoint(mark.step, mark.test_accuracy, network.state(place))
        for place, mark in enumerate(network.checkpoints)
    )
