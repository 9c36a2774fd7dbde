"""The network tab: the architecture above, what happens inside the network below.

Everything below follows the step that is shown: rewinding the run brings back its weights, and
with them filters, maps, predictions and explanations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from playground.experiments.cnn_snapshot import VIEW_CONFUSION, VIEW_WEIGHTS, CnnSnapshot
from playground.experiments.cnn_spec import CnnSpec, with_blocks
from playground.experiments.spec import SpecError
from playground.panes.base import Pane, Tone
from playground.panes.cnn.network_blocks import ArchitectureRow
from playground.panes.cnn.network_choices import Choices
from playground.panes.cnn.network_commands import PaneCommands
from playground.panes.cnn.network_confusion import ConfusionView
from playground.panes.cnn.network_curves import CurvesView
from playground.panes.cnn.network_data_tools import downloaded
from playground.panes.cnn.network_deck import ViewDeck
from playground.panes.cnn.network_exports import Exports
from playground.panes.cnn.network_features import FeaturesView
from playground.panes.cnn.network_filters import FiltersView
from playground.panes.cnn.network_inspector import NetworkInspector
from playground.panes.cnn.network_mistakes import MistakesView
from playground.panes.cnn.network_pictures import as_pixels
from playground.panes.cnn.network_presets import WATCHED, default_spec, network_presets
from playground.panes.cnn.network_verdict import fitting
from playground.ui.card_column import CardView
from playground.ui.theme import px, theme
from playground.ui.turns import CALM_ROUND, Turns

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtCore import QMimeData
    from PySide6.QtWidgets import QMenu

    from playground.engine.frames import Frame
    from playground.experiments.cnn_block_spec import BlockSpec
    from playground.panes.base import PaneContext, Preset
    from playground.panes.cnn.digit_pad import DigitPadCard
    from playground.panes.cnn.explain_card import ExplainCard
    from playground.ui.actions import ActionSpec

CURVES_TURN, CARDS_TURN = 0, 3
ONE_LINE_FROM = 645


class NetworkPart(Pane):
    """A network of images whose filters are watched while they learn."""

    def __init__(self, context: PaneContext) -> None:
        super().__init__(context)
        self._run_id: int | None = None
        self._turns = Turns(CALM_ROUND)
        self._presets: Mapping[str, Preset] | None = None
        self._late_state: dict[str, Any] = {}
        self.row = ArchitectureRow()
        self.filters = FiltersView()
        self.features = FeaturesView()
        self.curves = CurvesView()
        self.confusion = ConfusionView()
        self.mistakes = MistakesView()
        self.pad: DigitPadCard | None = None
        self.explain: ExplainCard | None = None
        self.deck = ViewDeck(
            (
                CardView("filters", "Filters", self.filters),
                CardView("features", "Feature maps", self.features),
            ),
            (
                CardView("curves", "Curves", self.curves),
                CardView("confusion", "Confusion", self.confusion),
                CardView("mistakes", "Mistakes", self.mistakes),
            ),
            (),
        )
        self._inspector = NetworkInspector(self.channel)
        self.exports = Exports(self)
        self.choices = Choices(self)
        self._commands = PaneCommands(self)
        self._lay_out()
        self._connect()

    def default_spec(self) -> CnnSpec:
        """Return a small CNN on the digits that are always there."""
        return default_spec()

    def default_speed(self) -> float:
        """Return a speed at which the filters can be watched as they form."""
        return WATCHED

    def presets(self) -> Mapping[str, Preset]:
        """Return the named set-ups of lessons and menu."""
        if self._presets is None:
            folder = downloaded("mnist")
            self._presets = network_presets("" if folder is None else str(folder))
        return self._presets

    def complete(self) -> None:
        """Build the drawing pad and the explanations, which may come a moment later."""
        if self.pad is not None:
            return
        from playground.panes.cnn.digit_pad import DigitPadCard
        from playground.panes.cnn.explain_card import ExplainCard

        report = self.context.report
        self.pad = pad = DigitPadCard(self.channel, report)
        self.explain = explain = ExplainCard(self.channel, report)
        for card in (pad, explain):
            card.views_changed.connect(self.views_changed)
            card.example_wanted.connect(self.choices.choose_example)
        pad.drawing_changed.connect(explain.set_drawing)
        explain.set_example(self.features.example)
        self.deck.add_beside(
            (CardView("pad", "Draw a digit", pad), CardView("explain", "Explain", explain))
        )
        state, self._late_state = self._late_state, {}
        self._restore_late(state)

    def show_view(self, name: str) -> bool:
        """Bring a view, a quantity of the curves or a kind of explanation to the front."""
        if self.filters.show_quantity(name):
            name = "filters"
        elif self.curves.show_quantity(name):
            name = "curves"
        elif name not in self.deck.keys:
            # Views that may come a moment later are built now.
            self.complete()
            if self.explain is not None and self.explain.show_page(name):
                name = "explain"
        return self.deck.show_view(name)

    def inspector(self) -> QWidget:
        """Return the form and the live numbers."""
        return self._inspector

    def pane_actions(self) -> tuple[ActionSpec, ...]:
        """Return the commands of the pane's menu."""
        return self._commands.all()

    def export_menu(self, menu: QMenu) -> None:
        """Add pictures, numbers, weights and the script."""
        self.exports.fill(menu)

    def render_frame(self, frame: Frame) -> None:
        """Draw a frame; views that are not in front cost nothing."""
        snapshot = frame.snapshot
        if not isinstance(snapshot, CnnSnapshot):
            return
        if frame.run_id != self._run_id:
            self._begin_run(frame, snapshot)
        # The pictures of the weights and of what they make of an image are what is watched.
        shown, pouring = self.deck.shown(), frame.transport.pours
        if "filters" in shown:
            self.filters.show_snapshot(snapshot, pouring=pouring)
        if "features" in shown:
            self.features.show_snapshot(snapshot, pouring=pouring)
        if self.exports.wants_weights:
            self.exports.take_frame(frame)

    @override
    def render_beside(self, frame: Frame) -> None:
        snapshot = frame.snapshot
        if not isinstance(snapshot, CnnSnapshot):
            return
        self._turns.begin(pouring=frame.transport.pours)
        shown = self.deck.shown()
        if "curves" in shown and self._turns.allows(CURVES_TURN):
            self.curves.render_frame(frame)
        if "confusion" in shown:
            self._show_confusion(snapshot)
        if "mistakes" in shown:
            self.mistakes.show_snapshot(snapshot)
        if self._turns.allows(CARDS_TURN):
            for key, card in self._cards().items():
                if key in shown:
                    card.render_frame(frame)

    def render_slow(self, frame: Frame) -> None:
        """Refresh what is read rather than watched."""
        snapshot = frame.snapshot
        if not isinstance(snapshot, CnnSnapshot):
            return
        self._turns.note_words()
        self._inspector.show_frame(frame)
        self._show_architecture(snapshot)
        shown = self.deck.shown()
        if "filters" in shown:
            self.filters.render_slow()
        if "features" in shown:
            self.features.render_slow()
        for key, card in self._cards().items():
            if key in shown:
                card.render_slow(frame)

    def views(self) -> frozenset[str]:
        """Return which costly parts of the snapshot are on screen."""
        shown = self.deck.shown()
        wanted: frozenset[str] = frozenset()
        if "filters" in shown:
            wanted |= self.filters.views()
        if "features" in shown:
            wanted |= self.features.views()
        if "confusion" in shown:
            wanted |= {VIEW_CONFUSION}
        if "mistakes" in shown:
            wanted |= self.mistakes.views()
        if self.exports.wants_weights:
            wanted |= {VIEW_WEIGHTS}
        for key, card in self._cards().items():
            if key in shown:
                wanted |= card.views()
        return wanted

    def verdict(self, frame: Frame) -> tuple[Tone, str]:
        """Return how the network does, in words with numbers."""
        snapshot = frame.snapshot
        if not isinstance(snapshot, CnnSnapshot):
            return super().verdict(frame)
        lines = 1 if self.width() >= px(ONE_LINE_FROM) else 2
        room = 0.94 * lines * (self.width() - px(28))
        text = fitting(snapshot.verdict.text, self.fontMetrics().horizontalAdvance, room)
        return snapshot.verdict.tone, text

    def save_state(self) -> dict[str, Any]:
        """Return the arrangement and what the views show."""
        state = {
            "deck": self.deck.save_state(),
            "filters": self.filters.save_state(),
            "curves": self.curves.save_state(),
            "example": self.features.example,
        }
        if self.pad is not None and self.explain is not None:
            state["pad"] = self.pad.save_state()
            state["explain"] = self.explain.save_state()
        return state | self._late_state

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take up a layout; anything unknown or of a wrong type is left out."""
        if not isinstance(state, dict):
            return
        self.filters.restore_state(state.get("filters"))
        self.curves.restore_state(state.get("curves"))
        example = state.get("example")
        if type(example) is int and 0 <= example < 1_000_000:
            self.choices.choose_example(example)
        late: dict[str, Any] = {
            key: state[key] for key in ("pad", "explain", "deck") if key in state
        }
        if self.pad is None:
            self._late_state = late
            self.deck.restore_state(state.get("deck"))
        else:
            self._restore_late(late)
        self.views_changed.emit()

    def accepts_drop(self, mime: QMimeData) -> bool:
        """Tell whether a picture for the pad or a file of weights is being dragged."""
        if _weight_file(mime):
            return True
        return self.pad is not None and self.pad.accepts_drop(mime)

    def on_drop(self, mime: QMimeData) -> bool:
        """Take weights over, or lay a picture on the pad."""
        from pathlib import Path

        if path := _weight_file(mime):
            self.exports.load_weights(Path(path))
            return True
        if self.pad is None or not self.pad.take_picture(mime):
            return False
        self.deck.show_view("pad")
        return True

    def open_blocks(self, blocks: tuple[BlockSpec, ...], words: str, gesture: int = 0) -> None:
        """Start a new run with another architecture; a bad one is reported and changes nothing."""
        spec, frame = self.channel.spec, self.channel.last_frame
        if not isinstance(spec, CnnSpec) or frame is None:
            return
        try:
            changed = with_blocks(spec, blocks)
        except SpecError as error:
            self.row.say(str(error))
            return
        self.channel.open(changed, frame.seed, words, gesture=gesture, keep_playing=True)
        self.row.show_network(changed, changed.shapes(self._classes()))

    def _begin_run(self, frame: Frame, snapshot: CnnSnapshot) -> None:
        self._run_id = frame.run_id
        self.choices.match(snapshot)
        # Words of another network must not stand over this one's filters.
        self.render_slow(frame)

    def _show_architecture(self, snapshot: CnnSnapshot) -> None:
        spec = self.channel.spec
        if isinstance(spec, CnnSpec) and spec.blocks != snapshot.spec.blocks:
            self.row.show_network(spec, spec.shapes(self._classes()))
            return
        self.row.show_network(snapshot.spec, snapshot.shapes)

    def _classes(self) -> int | None:
        snapshot = self.snapshot()
        return len(snapshot.images.class_names) if snapshot is not None else None

    def _show_confusion(self, snapshot: CnnSnapshot) -> None:
        confusion = snapshot.confusion
        if confusion is None:
            return

        def pixels(numbers: tuple[int, ...]) -> NDArray[np.uint8]:
            return as_pixels(snapshot.images.test_x[list(numbers)])

        self.confusion.show_counts(
            confusion.counts,
            snapshot.images.class_names,
            lambda true, predicted: confusion.examples.get((true, predicted), ()),
            pixels,
        )
        when = f"After epoch {confusion.epoch}" if confusion.epoch else "Before training"
        share = f"{100 * confusion.accuracy:.4g}\N{NO-BREAK SPACE}%"
        self.confusion.set_note(
            f"Rows are true classes, columns predicted ones. {when}: {share} are recognised."
        )

    def _cards(self) -> dict[str, DigitPadCard | ExplainCard]:
        if self.pad is None or self.explain is None:
            return {}
        return {"pad": self.pad, "explain": self.explain}

    def snapshot(self) -> CnnSnapshot | None:
        """Return the picture shown last; None before the first."""
        frame = self.channel.last_frame
        snapshot = frame.snapshot if frame is not None else None
        return snapshot if isinstance(snapshot, CnnSnapshot) else None

    def _restore_late(self, state: dict[str, Any]) -> None:
        if self.pad is not None:
            self.pad.restore_state(state.get("pad"))
        if self.explain is not None:
            self.explain.restore_state(state.get("explain"))
        self.deck.restore_state(state.get("deck"))

    def _on_shown_changed(self) -> None:
        self.render_again()
        self.views_changed.emit()

    def _lay_out(self) -> None:
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.addWidget(self.row)
        self._whole.addWidget(self.deck, 1)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def _connect(self) -> None:
        self.row.blocks_edited.connect(self.open_blocks)
        self.filters.filter_chosen.connect(self.choices.choose_filter)
        self.filters.knock_out_asked.connect(self.choices.toggle_filter)
        self.filters.options_changed.connect(self.views_changed)
        self.features.example_chosen.connect(self.choices.choose_example)
        self.features.filter_chosen.connect(self.choices.choose_map)
        self.confusion.example_chosen.connect(self.choices.look_at)
        self.mistakes.example_chosen.connect(self.choices.look_at)
        self._inspector.restore_asked.connect(self.choices.restore_filters)
        self.deck.shown_changed.connect(self._on_shown_changed)

    def _on_theme_changed(self) -> None:
        self._whole.setSpacing(px(8))


def _weight_file(mime: QMimeData) -> str:
    """Return the first file of weights among what is dragged; empty where there is none."""
    for url in mime.urls():
        if url.isLocalFile() and url.toLocalFile().lower().endswith((".pt", ".pth")):
            return url.toLocalFile()
    return ""
