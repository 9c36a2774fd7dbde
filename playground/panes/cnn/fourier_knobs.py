"""The few knobs that a view is about, below its pictures; the inspector has them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget
from typing_extensions import override

from playground.experiments.fourier_spec import FourierSpec
from playground.experiments.spec import field_at, value_at
from playground.ui.form_rows import FormRow, make_row
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QResizeEvent

    from playground.experiments.spec import Path

KNOB_PX, LEAST_KNOB_PX = 210, 150


class KnobStrip(QWidget):
    """Editors of some values of the spec, side by side.

    Signals
    -------
    edited(object, object, bool)
        Path, value, and whether the gesture is complete.
    """

    edited = Signal(object, object, bool)

    def __init__(self, paths: Iterable[Path], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec: FourierSpec | None = None
        self._rows: dict[Path, FormRow] = {}
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for path in paths:
            row = make_row(field_at(FourierSpec, path))
            if row is None:
                raise ValueError(f"{path} has no editor of its own")
            row.edited.connect(self.edited)
            row.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            self._rows[path] = row
        self._arrange(len(self._rows))
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def row(self, path: Path) -> FormRow:
        """Return the editor of a path; raises KeyError where there is none."""
        return self._rows[path]

    def show_spec(self, spec: FourierSpec) -> None:
        """Show the values in force without emitting."""
        if spec is self._spec:
            return
        self._spec = spec
        for path, row in self._rows.items():
            row.show_value(value_at(spec, path))
            condition = row.field.knob.shown_when
            if condition is not None:
                row.setVisible(value_at(spec, (*path[:-1], condition[0])) in condition[1])

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(self.width() // px(LEAST_KNOB_PX))
        # Few knobs are not as wide as the whole view.
        spare = max(0, self.width() - self._columns * px(KNOB_PX))
        self._grid.setContentsMargins(0, 0, spare, 0)

    def _arrange(self, most: int) -> None:
        """Spread the editors over as few lines as their widths allow, evenly."""
        count = len(self._rows)
        lines = -(-count // max(1, min(most, count)))
        columns = -(-count // lines)
        if columns == self._columns:
            return
        self._columns = columns
        for place, row in enumerate(self._rows.values()):
            self._grid.removeWidget(row)
            self._grid.addWidget(row, *divmod(place, columns))
        for column in range(count):
            self._grid.setColumnStretch(column, int(column < columns))

    def _on_theme_changed(self) -> None:
        self._grid.setHorizontalSpacing(px(14))
        self._grid.setVerticalSpacing(px(2))
