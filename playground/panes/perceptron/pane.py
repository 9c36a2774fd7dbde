"""The pane: the plane at the left, views in a column of cards at the right, the inspector.

The cards are built a moment after the rest: their plots need pyqtgraph, whose import takes as long
as everything else until the plane is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget
from typing_extensions import override

from playground.engine.frames import Refused
from playground.experiments.perceptron_snapshot import (
    VIEW_MARGIN,
    VIEW_POURING,
    PerceptronSnapshot,
    surface_view,
)
from playground.experiments.perceptron_spec import PerceptronSpec
from playground.panes.base import Pane, Tone
from playground.panes.perceptron.commands import PaneCommands
from playground.panes.perceptron.data_tools import DataTools
from playground.panes.perceptron.exports import Exports
from playground.panes.perceptron.inspector import PerceptronInspector
from playground.panes.perceptron.plane import PlaneView
from playground.panes.perceptron.plane_bar import PlaneBar, Readout
from playground.panes.perceptron.plane_scene import selected_view
from playground.panes.perceptron.presets import default_spec, perceptron_presets
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtCore import QMimeData
    from PySide6.QtWidgets import QMenu

    from playground.engine.frames import Event, Frame
    from playground.experiments.base import Edit
    from playground.experiments.perceptron_snapshot import LearnerView
    from playground.panes.base import PaneContext, Preset
    from playground.panes.perceptron.cards import PerceptronCards
    from playground.ui.actions import ActionSpec

PLANE_SHARE, COLUMN_SHARE = 640, 380


class PerceptronPane(Pane):
    """Points, lines and everything that shows how a perceptron learns."""

    def __init__(self, context: PaneContext) -> None:
        super().__init__(context)
        self._selected = 0
        self._run_id: int | None = None
        self._dragging = False
        self._cards: PerceptronCards | None = None
        self._kept: dict[str, Any] = {}
        self._presets: Mapping[str, Preset] | None = None
        self.plane = PlaneView()
        self.bar = PlaneBar(self.plane)
        self.readout = Readout(self.plane)
        self._inspector = PerceptronInspector(self.channel)
        self.data_tools = DataTools(self)
        self.exports = Exports(self)
        self._commands = PaneCommands(self)
        self._lay_out()
        self._connect()

    @property
    def cards(self) -> PerceptronCards:
        """The views beside the plane, built now if they have not been yet."""
        if self._cards is None:
            # Here lies the import of pyqtgraph.
            from playground.panes.perceptron.cards import PerceptronCards

            self._cards = PerceptronCards(self.channel, self.selected_learner)
            self._restore_cards(self._cards)
            self._beside.addWidget(self._cards)
            self._cards.shown_changed.connect(self._on_cards_changed)
            self._on_cards_changed()
        return self._cards

    @override
    def complete(self) -> None:
        self.cards.show()

    def selected_learner(self) -> int:
        """Return the index, in the spec, of the learner that is loud."""
        return self._selected

    def default_spec(self) -> PerceptronSpec:
        """Return two separable clouds and one perceptron."""
        return default_spec()

    def presets(self) -> Mapping[str, Preset]:
        """Return the named set-ups of lessons and menu."""
        if self._presets is None:
            self._presets = perceptron_presets()
        return self._presets

    def show_view(self, name: str) -> bool:
        """Bring a card of the column to the front."""
        return self.cards.show_view(name)

    def inspector(self) -> QWidget:
        """Return the form, the list of models and the live numbers."""
        return self._inspector

    def header_actions(self) -> tuple[ActionSpec, ...]:
        """Return the buttons beside the title."""
        return self._commands.header()

    def pane_actions(self) -> tuple[ActionSpec, ...]:
        """Return the commands of the pane's menu."""
        return self._commands.all()

    def export_menu(self, menu: QMenu) -> None:
        """Add pictures, numbers, points and the script."""
        self.exports.fill(menu)

    def render_frame(self, frame: Frame) -> None:
        """Draw a frame; cards that are not in front cost nothing."""
        snapshot = frame.snapshot
        if not isinstance(snapshot, PerceptronSnapshot):
            return
        other_run = frame.run_id != self._run_id
        if other_run and not self.plane.tools.busy:
            self._run_id = frame.run_id
            self.plane.data_replaced()
        self._match_selection(snapshot)
        pouring = frame.transport.pours
        other_rate = pouring != self.plane.pouring
        self.plane.render_snapshot(snapshot, self._selected, pouring=pouring)
        if other_run and not self.plane.tools.busy:
            self.plane.fit_if_left()
        if other_rate:
            self.views_changed.emit()

    @override
    def render_beside(self, frame: Frame) -> None:
        snapshot = frame.snapshot
        if isinstance(snapshot, PerceptronSnapshot) and self._cards is not None:
            view = selected_view(snapshot, self._selected)
            self._cards.render_frame(frame, view, pouring=frame.transport.pours)

    def render_slow(self, frame: Frame) -> None:
        """Refresh what is read rather than watched."""
        snapshot = frame.snapshot
        if not isinstance(snapshot, PerceptronSnapshot):
            return
        view = selected_view(snapshot, self._selected)
        self._inspector.show_frame(snapshot, view)
        if self._cards is not None:
            self._cards.render_slow(view)
        self.readout.refresh()

    def views(self) -> frozenset[str]:
        """Return which costly parts of the snapshot are on screen."""
        wanted = frozenset((VIEW_MARGIN,)) if self.plane.options.reference else frozenset()
        if self._cards is not None:
            wanted |= self._cards.costly_views(self._selected)
        if self.plane.pouring:
            wanted |= {VIEW_POURING}
        if self._dragging:
            wanted -= {surface_view(self._selected)}
        return wanted

    def verdict(self, frame: Frame) -> tuple[Tone, str]:
        """Return how the selected learner does, in plain words."""
        snapshot = frame.snapshot
        view = self._loud(frame)
        if view is None or not isinstance(snapshot, PerceptronSnapshot):
            return super().verdict(frame)
        tone, text = view.verdict
        if len(snapshot.learners) > 1:
            text = f"{view.name}: {text}"
        return tone, text

    def select(self, index: int) -> None:
        """Make another learner the loud one."""
        if index == self._selected:
            return
        self._selected = index
        self._inspector.editor.select(index)
        self.render_again()
        self.views_changed.emit()

    def send(self, edit: Edit, gesture: int) -> None:
        """Send an edit of the plane to the run."""
        self.channel.edit(edit, gesture)
        self._note_dragging()

    def save_state(self) -> dict[str, Any]:
        """Return splitter, cards, what the plane shows and the curves' axis."""
        return {
            "splitter": self._splitter.sizes(),
            "cards": self.cards.save_state(),
            "plane": self.plane.options.to_json(),
            "curves": self.cards.curves.save_state(),
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take up a layout; anything unknown or of a wrong type is left out."""
        if not isinstance(state, dict):
            return
        sizes = state.get("splitter")
        if (
            isinstance(sizes, list)
            and len(sizes) == 2
            and all(isinstance(size, int) and 0 <= size < 100_000 for size in sizes)
            and sum(sizes) > 0
        ):
            self._splitter.setSizes(sizes)
        self._kept = state
        if self._cards is not None:
            self._restore_cards(self._cards)
        self.plane.options.take(state.get("plane"))
        self.bar.refresh()
        self.plane.update()
        self.views_changed.emit()

    def accepts_drop(self, mime: QMimeData) -> bool:
        """Tell whether this looks like a file or text with points."""
        return self.data_tools.accepts(mime)

    def on_drop(self, mime: QMimeData) -> bool:
        """Import dropped points."""
        return self.data_tools.take(mime)

    def _lay_out(self) -> None:
        left = QWidget()
        self._left = QVBoxLayout(left)
        self._left.setContentsMargins(0, 0, 0, 0)
        self._left.addWidget(self.bar)
        self._left.addWidget(self.plane, 1)
        self._left.addWidget(self.readout)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.addWidget(left)
        self._place = QWidget()
        self._beside = QVBoxLayout(self._place)
        self._beside.setContentsMargins(0, 0, 0, 0)
        self._splitter.addWidget(self._place)
        self._splitter.setStretchFactor(0, 3)
        self._splitter.setStretchFactor(1, 2)
        self._splitter.setSizes([PLANE_SHARE, COLUMN_SHARE])
        self._splitter.setCollapsible(0, False)
        self._splitter.setHandleWidth(px(12))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._splitter)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def _connect(self) -> None:
        self.plane.edit_made.connect(self.send)
        self.plane.hover_changed.connect(self._note_dragging)
        self.bar.options_changed.connect(self.views_changed)
        self._inspector.editor.selected_changed.connect(self.select)
        self.channel.happened.connect(self._on_event)

    def _loud(self, frame: Frame) -> LearnerView | None:
        snapshot = frame.snapshot
        if not isinstance(snapshot, PerceptronSnapshot):
            return None
        return selected_view(snapshot, self._selected)

    def _match_selection(self, snapshot: PerceptronSnapshot) -> None:
        """Move the selection to a learner that is there."""
        spec = self.channel.spec
        count = len(snapshot.spec.learners)
        if isinstance(spec, PerceptronSpec):
            count = max(count, len(spec.learners))
        if self._selected >= count:
            self._selected = 0
            self._inspector.editor.select(0)
            self.views_changed.emit()

    def _restore_cards(self, cards: PerceptronCards) -> None:
        cards.restore_state(self._kept.get("cards"))
        cards.curves.restore_state(self._kept.get("curves"))

    def _note_dragging(self) -> None:
        """Do without the error surface during a drag: each place of the point has another one."""
        if self.plane.tools.busy != self._dragging:
            self._dragging = self.plane.tools.busy
            self.views_changed.emit()

    def _on_cards_changed(self) -> None:
        self.render_again()
        self.views_changed.emit()

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Refused):
            self.plane.pending.forget()
            self.plane.cloud_changed()

    def _on_theme_changed(self) -> None:
        self._left.setSpacing(px(6))
        # The cards need as much, so that nothing moves when they come.
        self._place.setMinimumSize(px(250), px(200))
        self._splitter.setHandleWidth(px(12))
