"""The panel at the right of most panes: the form made from the spec, then live numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from playground.ui.cards import NumberTable
from playground.ui.form import SpecForm
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from playground.experiments.spec import Path, Spec
    from playground.ui.channel import ChannelClient

Row = tuple[str, str, str]
"""Key of a live number, its name, and one sentence about it."""


class SpecInspector(QWidget):
    """Shows the spec that is asked for, and sends what a person changes in it.

    Parameters
    ----------
    channel
        Where changes go, and what has been asked for and not answered yet.
    spec_type
        What the form is made from.
    rows
        The live numbers, in their order.
    texts
        Returns the words of the live numbers of a snapshot, by the key of their row.
    leave_out
        Settings that are edited elsewhere.
    """

    def __init__(
        self,
        channel: ChannelClient,
        spec_type: type[Spec],
        rows: Sequence[Row],
        texts: Callable[[Any], Mapping[str, str]],
        parent: QWidget | None = None,
        *,
        leave_out: Collection[Path] = (),
    ) -> None:
        super().__init__(parent)
        self._channel = channel
        self._spec_type = spec_type
        self._texts = texts
        self.shown: object = None
        """The spec in the form."""
        self.form = SpecForm(spec_type, leave_out=leave_out)
        self.numbers = NumberTable(rows)
        self.form.add_to_group("Numbers", self.numbers)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.form)
        self._column.addStretch(1)
        self.form.edited.connect(self._on_form_edited)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def show_spec(self, spec: Spec) -> None:
        """Show a spec without emitting."""
        if spec is not self.shown:
            self.shown = spec
            self.form.set_spec(spec)

    def show_snapshot(self, snapshot: Any) -> None:
        """Show the spec in force, with what has been asked for and not answered yet."""
        spec = self._channel.spec
        self.show_spec(spec if isinstance(spec, self._spec_type) else snapshot.spec)
        self.numbers.set_values(self._texts(snapshot))

    def _on_form_edited(self, path: tuple[str | int, ...], value: Any, finished: bool) -> None:
        self._channel.edit_value(path, value, finished)

    def _on_theme_changed(self) -> None:
        self._column.setContentsMargins(px(16), px(14), px(16), px(14))
