"""Which columns of a table become points: asked where there is a choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from playground.core.point_files import Choice, PointFileError, choose, guess, notes_for
from playground.ui.choice_box import ChoiceBox
from playground.ui.theme import px

if TYPE_CHECKING:
    from playground.core.point_files import Table

NO_LABEL = "(none: all are +1)"


class ColumnDialog(QDialog):
    """Two columns, a label column, and which of its values is class +1."""

    chosen = Signal(object)
    """The :class:`~playground.core.point_files.Choice` a person made."""

    def __init__(self, name: str, table: Table, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = table
        first = guess(table)
        self.setWindowTitle(f"Import {name}")
        numbers = [(column, column) for column in table.numbers]
        self.x1 = ChoiceBox("horizontal", numbers, value=first.x1, segmented=False)
        self.x2 = ChoiceBox("vertical", numbers, value=first.x2, segmented=False)
        labels = [(None, NO_LABEL), *((column, column) for column in table.labels)]
        self.label = ChoiceBox("label", labels, value=first.label, segmented=False)
        self.positive = ChoiceBox("class +1", [("", "")], segmented=False)
        self._notes = QLabel()
        self._notes.setWordWrap(True)
        self._notes.setProperty("role", "muted")
        rows = QFormLayout()
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for words, box in (
            ("horizontal x₁", self.x1),
            ("vertical x₂", self.x2),
            ("label", self.label),
            ("class +1 (the rest is −1)", self.positive),
        ):
            rows.addRow(words, box)
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setText("Import")
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(px(12))
        column.addWidget(QLabel(f"{table.count:,} rows. Which columns are the points?"))
        column.addLayout(rows)
        column.addWidget(self._notes)
        column.addWidget(self._buttons)
        self.setMinimumWidth(px(420))
        self._offer_values(first.positive)
        self.label.edited.connect(lambda _: self._offer_values(None))
        for box in (self.x1, self.x2, self.positive):
            box.edited.connect(lambda _: self._look())
        self.accepted.connect(lambda: self.chosen.emit(self.choice()))

    def choice(self) -> Choice:
        """Return what is chosen now."""
        label = self.label.value
        return Choice(self.x1.value, self.x2.value, label, self.positive.value if label else None)

    def _offer_values(self, value: str | None) -> None:
        label = self.label.value
        values = self._table.labels[label].values if label is not None else ()
        self.positive.set_choices([(text, text) for text in values] or [("", "–")])
        self.positive.set_value(value if value in values else (values[-1] if values else ""))
        self.positive.setEnabled(bool(values))
        self._look()

    def _look(self) -> None:
        """Say what would be left out, or why it is not possible."""
        possible = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        try:
            choose(self._table, *self.choice())
            words = "\n".join(notes_for(self._table, self.choice()))
            possible.setEnabled(True)
        except PointFileError as error:
            words = str(error)
            possible.setEnabled(False)
        self._notes.setText(words)


def needs_asking(table: Table) -> bool:
    """Tell whether there is more than one sensible reading of a table."""
    first = guess(table)
    if first.label is None:
        return True
    others = [name for name in table.numbers if name not in (first.x1, first.x2, first.label)]
    return bool(others) or len(table.labels[first.label].values) > 2
