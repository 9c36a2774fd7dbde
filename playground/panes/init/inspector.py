"""The panel at the right: the form made from the spec, then live numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from playground.experiments.init_spec import InitSpec
from playground.ui.cards import NumberTable
from playground.ui.form import SpecForm
from playground.ui.number_text import format_number
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.experiments.init_snapshot import InitSnapshot
    from playground.ui.channel import ChannelClient

ROWS = (
    ("loss", "loss", "Mean cost of the batch that is shown."),
    ("accuracy", "accuracy", "Share of the batch that is right."),
    ("test", "test accuracy", "Of all test samples, at the end of the last epoch."),
    ("input", "std of the input", "Over the batch that is shown."),
    ("z", "std of z, first → last", "Of the first and the last hidden layer."),
    (
        "gradient",
        "∂C/∂z, first ÷ last",
        "How much smaller (or larger) the gradient is in the first hidden layer than in the last.",
    ),
    ("dead", "dead neurons, worst", "Hidden layer with the most neurons that are always 0."),
    ("saturated", "saturated, worst", "Hidden layer with most activations at an end."),
    ("update", "update ÷ weight", "‖ΔW‖/‖W‖ of the first hidden layer; about 0.001 is usual."),
    ("parameters", "weights and biases", "Numbers that are learned."),
    ("memory", "memory", "About what training takes."),
)


class InitInspector(QWidget):
    """Groups Initialisation, Network, Input, Training, then Numbers."""

    def __init__(self, channel: ChannelClient, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._channel = channel
        self._shown: object = None
        self.form = SpecForm(InitSpec)
        self.numbers = NumberTable(ROWS)
        self.form.add_to_group("Numbers", self.numbers)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.form)
        self._column.addStretch(1)
        self.form.edited.connect(self._on_form_edited)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def show_spec(self, spec: InitSpec) -> None:
        """Show a spec without emitting."""
        if spec is not self._shown:
            self._shown = spec
            self.form.set_spec(spec)

    def show_snapshot(self, snapshot: InitSnapshot) -> None:
        """Show the spec in force, with what has been asked for and not answered yet."""
        spec = self._channel.spec
        self.show_spec(spec if isinstance(spec, InitSpec) else snapshot.spec)
        self.numbers.set_values(number_texts(snapshot))

    def _on_form_edited(self, path: tuple[str | int, ...], value: Any, finished: bool) -> None:
        self._channel.edit_value(path, value, finished)

    def _on_theme_changed(self) -> None:
        self._column.setContentsMargins(px(16), px(14), px(16), px(14))


def number_texts(snapshot: InitSnapshot) -> dict[str, str]:
    """Return the live numbers as words, by the key of their row."""
    hidden = [layer for layer in snapshot.layers if not layer.is_output]
    first, last = hidden[0], hidden[-1]
    back, front = first.spreads["dz"].std, last.spreads["dz"].std
    z = (format_number(layer.spreads["z"].std, 3) for layer in (first, last))
    return {
        "loss": _number(snapshot.loss),
        "accuracy": _percent(snapshot.accuracy),
        "test": _percent(snapshot.test_accuracy),
        "input": _number(snapshot.input_spread.std),
        "z": " → ".join(z),
        "gradient": _number(back / front) if front > 0.0 else "no gradient",
        "dead": _worst([layer.dead for layer in hidden]),
        "saturated": _worst([layer.saturated for layer in hidden]),
        "update": _number(first.update_ratio),
        "parameters": format_number(snapshot.parameters),
        "memory": f"{snapshot.memory_bytes / 2**20:,.0f} MB",
    }


def _worst(shares: list[float]) -> str:
    known = [(share, place) for place, share in enumerate(shares, 1) if not math.isnan(share)]
    if not known:
        return "–"
    share, place = max(known)
    return f"{_percent(share)} (layer {place})" if share > 0.0 else "0 %"


def _number(value: float) -> str:
    return "–" if math.isnan(value) else format_number(value)


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.3g} %"
