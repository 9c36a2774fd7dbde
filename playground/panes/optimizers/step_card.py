"""The step card: the last update of the selected lane as arithmetic, with the numbers put in.

Above the lines stand what the method remembers: squares whose area is the value, and for Rprop the
step of each weight as bars. The card follows the timeline: at every round it shows that round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from playground.engine.frames import Phase
from playground.experiments.optimizers_snapshot import OptimizerRaceSnapshot, card_view
from playground.panes.optimizers.step_card_lines import StepLines
from playground.panes.optimizers.step_card_squares import MemorySquares
from playground.ui.cards import EmptyState
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.engine.frames import Frame
    from playground.experiments.optimizers_snapshot import LaneView

NOTHING_YET = "Take one step, and the update stands here as arithmetic."
NO_LANE = "This lane does not take part in the race."


class StepCard(QWidget):
    """The arithmetic of one lane; needs its view ``card:<lane>`` (:meth:`views`)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._selected = 0
        self._shown: tuple[object, ...] = ()
        self.squares = MemorySquares()
        self.lines = StepLines()
        self.empty = EmptyState(NOTHING_YET, icon_name="step-forward")
        self._scroll = QScrollArea()
        self._scroll.setWidget(self.lines)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        # The card shines through; setWidget has just made the lines fill their ground.
        self.lines.setAutoFillBackground(False)
        self._scroll.viewport().setAutoFillBackground(False)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.squares)
        self._column.addWidget(self._scroll, 1)
        self._column.addWidget(self.empty, 1)
        self._show_empty(NOTHING_YET)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def views(self) -> frozenset[str]:
        """Return what the snapshot must hold for this card."""
        return frozenset({card_view(self._selected)})

    def set_selected(self, lane: int) -> None:
        """Show another lane, by its place in the spec."""
        self._selected = lane

    def render_frame(self, frame: Frame) -> None:
        """Follow the squares at display rate, and the lines too unless the race plays."""
        view = self._view(frame)
        if view is None:
            return
        self.squares.show_lane(frame.run_id, view)
        if frame.transport.phase is not Phase.PLAYING:
            self._show_lines(frame, view)

    def render_slow(self, frame: Frame) -> None:
        """Refresh the lines, which are read."""
        view = self._view(frame)
        if view is not None:
            self._show_lines(frame, view)
        elif isinstance(frame.snapshot, OptimizerRaceSnapshot):
            self._show_empty(NO_LANE)

    def _view(self, frame: Frame) -> LaneView | None:
        snapshot = frame.snapshot
        return (
            snapshot.lane(self._selected) if isinstance(snapshot, OptimizerRaceSnapshot) else None
        )

    def _show_lines(self, frame: Frame, view: LaneView) -> None:
        snapshot = frame.snapshot
        if not isinstance(snapshot, OptimizerRaceSnapshot):
            return
        shown = (frame.run_id, snapshot.step, view.index, view.card)
        if shown == self._shown:
            return
        if not view.card:
            self._shown = shown
            if snapshot.step == 0 or view.diverged_round == 0:
                self._show_empty(NOTHING_YET)
            return
        self._shown = shown
        last = view.finished_round if view.resting else None
        number = last if last is not None else view.diverged_round or snapshot.step
        self.lines.show_terms(f"{view.title}, round {number:,}", view.card, snapshot.surface.axes)
        self.empty.hide()
        self._scroll.show()
        self.squares.setVisible(self.squares.wanted)

    def _show_empty(self, sentence: str) -> None:
        self.empty.set_state(sentence, icon_name="step-forward")
        self.empty.show()
        self._scroll.hide()
        self.squares.hide()

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(8))
