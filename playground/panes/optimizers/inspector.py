"""The panel at the right: lanes first, then surface, noise and finish."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from playground.experiments.optimizers_spec import OptimizerRaceSpec
from playground.panes.optimizers.formula_field import FormulaField
from playground.panes.optimizers.lanes_editor import LanesEditor
from playground.ui.form import SpecForm
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.experiments.optimizers_snapshot import OptimizerRaceSnapshot
    from playground.ui.channel import ChannelClient

FORMULA = ("surface", "formula")


class RaceInspector(QWidget):
    """Groups Surface, Lanes, Noise and Finish."""

    def __init__(self, channel: ChannelClient, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._channel = channel
        self._shown: object = None
        self.form = SpecForm(OptimizerRaceSpec, leave_out={FORMULA})
        self.formula = FormulaField()
        self.about = QLabel()
        self.about.setWordWrap(True)
        self.about.setProperty("role", "muted")
        self.editor = LanesEditor()
        self.form.add_to_group("Surface", self.formula)
        self.form.add_to_group("Surface", self.about)
        self.form.add_to_group("Lanes", self.editor)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.form)
        self._column.addStretch(1)
        self.form.edited.connect(self._on_edited)
        self.formula.edited.connect(lambda text: self._on_edited(FORMULA, text, True))
        self.editor.value_edited.connect(self._on_edited)
        self.editor.race_edited.connect(self.open_race)
        self.editor.refused.connect(lambda sentence: channel.problem.emit(sentence, ""))
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def show_spec(self, spec: OptimizerRaceSpec) -> None:
        """Show a spec; emits nothing."""
        if spec is self._shown:
            return
        self._shown = spec
        self.form.set_spec(spec)
        self.editor.set_spec(spec)
        self.formula.set_spec(spec.surface)
        self.formula.setVisible(spec.surface.kind == "formula")

    def show_race(self, snapshot: OptimizerRaceSnapshot) -> None:
        """Show the spec in force, with what has been asked for and not answered yet."""
        spec = self._channel.spec
        self.show_spec(spec if isinstance(spec, OptimizerRaceSpec) else snapshot.spec)
        surface = snapshot.surface
        words = surface.note or surface.description
        if words != self.about.text():
            self.about.setText(words)
        self.editor.show_round(snapshot.step)

    def open_race(self, spec: OptimizerRaceSpec, words: str, gesture: int = 0) -> None:
        """Begin a new race; what played goes on playing."""
        frame = self._channel.last_frame
        seed = frame.seed if frame is not None else 0
        self._channel.open(spec, seed, words, gesture=gesture, keep_playing=True)

    def _on_edited(self, path: tuple[str | int, ...], value: Any, finished: bool) -> None:
        self._channel.edit_value(path, value, finished)

    def _on_theme_changed(self) -> None:
        self._column.setContentsMargins(px(16), px(14), px(16), px(14))
