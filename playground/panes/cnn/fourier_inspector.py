"""The panel at the right: the form made from the spec, then live numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from playground.experiments.fourier_spec import FourierSpec
from playground.experiments.fourier_verdicts import percent
from playground.ui.cards import NumberTable
from playground.ui.form import SpecForm
from playground.ui.number_text import format_number
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.experiments.fourier_snapshot import FourierSnapshot
    from playground.ui.channel import ChannelClient

ROWS = (
    ("size", "picture", "Height, width and channels."),
    ("passes", "energy that passes", "Of the picture without its mean."),
    ("kept", "coefficients that pass", "Weighted by the mask where it is soft."),
    ("reach", "highest frequency", "Added so far, in cycles per pixel."),
    ("share", "energy put together", "Of what passes the mask."),
    ("waves", "coefficients so far", "Each wave has two, at opposite frequencies."),
    ("error", "error", "Root mean squared difference from the finished picture."),
)


class FourierInspector(QWidget):
    """Groups of settings, then Numbers."""

    def __init__(self, channel: ChannelClient, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._channel = channel
        self._shown: object = None
        self.form = SpecForm(FourierSpec)
        self.numbers = NumberTable(ROWS)
        self.form.add_to_group("Numbers", self.numbers)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.form)
        self._column.addStretch(1)
        self.form.edited.connect(self._on_form_edited)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def show_spec(self, spec: FourierSpec) -> None:
        """Show a spec without emitting."""
        if spec is not self._shown:
            self._shown = spec
            self.form.set_spec(spec)

    def show_snapshot(self, snapshot: FourierSnapshot) -> None:
        """Show the spec in force, with what has been asked for and not answered yet."""
        spec = self._channel.spec
        self.show_spec(spec if isinstance(spec, FourierSpec) else snapshot.spec)
        self.numbers.set_values(number_texts(snapshot))

    def _on_form_edited(self, path: tuple[str | int, ...], value: Any, finished: bool) -> None:
        self._channel.edit_value(path, value, finished)

    def _on_theme_changed(self) -> None:
        self._column.setContentsMargins(px(16), px(14), px(16), px(14))


def number_texts(snapshot: FourierSnapshot) -> dict[str, str]:
    """Return the live numbers as words, by the key of their row."""
    height, width = snapshot.shape
    channels = len(snapshot.image.values)
    place = snapshot.place if snapshot.place else snapshot.plan.steps
    colours = "grey" if channels == 1 else "RGB"
    return {
        "size": f"{height} × {width}, {colours}",
        "passes": percent(snapshot.passes),
        "kept": percent(snapshot.kept),
        "reach": f"{format_number(snapshot.reach, 3)} c/px",
        "share": percent(snapshot.share),
        "waves": format_number(int(snapshot.plan.counts[place])),
        "error": format_number(snapshot.error, 3),
    }
