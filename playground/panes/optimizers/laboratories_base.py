"""What a laboratory is to the card that runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QStackedLayout, QWidget
from typing_extensions import override

from playground.ui.cards import EmptyState
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

    from playground.experiments.jobs import Job
    from playground.experiments.optimizers_spec import OptimizerRaceSpec
    from playground.ui.channel import ChannelClient

TWO_COLUMNS_FROM = 460


class KnobGrid(QWidget):
    """Settings below each other, or in two columns where there is room for both."""

    def __init__(self, knobs: Sequence[QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._knobs = tuple(knobs)
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._arrange(1)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(2 if event.size().width() >= px(TWO_COLUMNS_FROM) else 1)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for knob in self._knobs:
            self._grid.removeWidget(knob)
        for place, knob in enumerate(self._knobs):
            self._grid.addWidget(knob, place // columns, place % columns)
        for column in (0, 1):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self.updateGeometry()

    def _on_theme_changed(self) -> None:
        self._grid.setHorizontalSpacing(px(16))
        self._grid.setVerticalSpacing(px(2))


class Laboratory(QWidget):
    """A page with settings and a picture; the card owns the button, the progress and the words."""

    said = Signal()
    """The words about the result have changed: another lane, another epoch."""

    knobs: QWidget
    """The settings, which may be hidden."""

    question = ""
    """What the laboratory answers, shown while there is no result."""

    def __init__(self, channel: ChannelClient, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._channel = channel
        self._selected = 0
        self.empty = EmptyState(self.question, icon_name="zap")

    def with_empty_state(self, picture: QWidget) -> QWidget:
        """Return a widget that says what the laboratory is for until there is a picture."""
        holder = QWidget()
        self._front = QStackedLayout(holder)
        self._front.addWidget(self.empty)
        self._front.addWidget(picture)
        return holder

    def show_picture(self, there: bool) -> None:
        """Bring the picture to the front, or what the laboratory is for."""
        self._front.setCurrentIndex(1 if there else 0)

    def job(self, spec: OptimizerRaceSpec, seed: int) -> Job | str:
        """Return the work to be done, or a sentence that says why it cannot be."""
        raise NotImplementedError

    def show_result(self, result: Any) -> None:
        """Draw a result, whole or so far."""
        raise NotImplementedError

    def summary(self) -> str:
        """Return the result in a sentence; empty without one."""
        raise NotImplementedError

    def csv(self) -> str:
        """Return the result as a table; empty without one."""
        raise NotImplementedError

    def set_selected(self, lane: int) -> None:
        """Make another lane the loud one."""
        self._selected = lane

    def show_spec(self, spec: OptimizerRaceSpec) -> None:
        """Take over the race as it is set."""

    def set_busy(self, busy: bool) -> None:
        """Lock what must not change while a laboratory works, or free it."""
