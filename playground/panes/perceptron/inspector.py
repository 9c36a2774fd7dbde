"""The panel at the right: the form made from the spec, the list of models, the live numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from playground.experiments.perceptron_spec import PerceptronSpec
from playground.experiments.spec import SpecError, replace_at
from playground.panes.perceptron.learners_editor import LearnersEditor
from playground.panes.perceptron.numbers_card import NumbersCard
from playground.ui.form import SpecForm
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.experiments.perceptron_snapshot import LearnerView, PerceptronSnapshot
    from playground.ui.channel import ChannelClient


class PerceptronInspector(QWidget):
    """Groups Data, Models, Order, Start and Stop, then the numbers of the selected model."""

    def __init__(self, channel: ChannelClient, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._channel = channel
        self._shown: object = None
        self.form = SpecForm(PerceptronSpec)
        self.editor = LearnersEditor()
        self.numbers = NumbersCard()
        self.form.group("Models").add(self.editor)
        self.form.group("Numbers").add(self.numbers)
        # A group without visible rows vanishes, and these came after it was last looked at.
        for title in ("Models", "Numbers"):
            self.form.group(title).refresh()
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.form)
        self._column.addStretch(1)
        self.form.edited.connect(self._on_form_edited)
        self.editor.value_edited.connect(self._on_form_edited)
        self.editor.learners_edited.connect(self._on_learners_edited)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def show_frame(self, snapshot: PerceptronSnapshot, view: LearnerView | None) -> None:
        """Show the spec in force, with what has been asked for and not answered yet."""
        spec = self._channel.spec
        wanted = spec if isinstance(spec, PerceptronSpec) else snapshot.spec
        if wanted is not self._shown:
            self._shown = wanted
            self.form.set_spec(wanted)
            self.editor.set_spec(wanted)
        self.numbers.show_learner(snapshot, view)

    def _on_form_edited(self, path: tuple[str | int, ...], value: Any, finished: bool) -> None:
        self._channel.edit_value(path, value, finished)

    def _on_learners_edited(self, learners: tuple[Any, ...], words: str) -> None:
        spec = self._channel.spec
        frame = self._channel.last_frame
        if spec is None or frame is None:
            return
        try:
            changed = replace_at(spec, ("learners",), learners)
        except SpecError as error:
            self._channel.problem.emit(str(error), "")
            return
        self._channel.open(changed, frame.seed, words, keep_playing=True)
        self._shown = None

    def _on_theme_changed(self) -> None:
        self._column.setContentsMargins(px(16), px(14), px(16), px(14))
