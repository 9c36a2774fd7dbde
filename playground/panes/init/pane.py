"""The pane: the strip of histograms, and beside it everything that tells how signals fare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtWidgets import QVBoxLayout, QWidget

from playground.experiments.base import Progress
from playground.experiments.init_snapshot import InitSnapshot
from playground.experiments.init_spec import InitSpec
from playground.experiments.spec import SpecError, field_at, replace_at
from playground.panes.base import Pane, Tone
from playground.panes.init.ab import ComparisonView
from playground.panes.init.clones import ClonesView
from playground.panes.init.commands import PaneCommands
from playground.panes.init.deck import ViewDeck
from playground.panes.init.depth import DepthView
from playground.panes.init.explorer import ExplorerView
from playground.panes.init.exports import Exports
from playground.panes.init.heat_map import HeatMapView
from playground.panes.init.inspector import InitInspector
from playground.panes.init.matrix import MatrixView
from playground.panes.init.over_time import OverTimeView
from playground.panes.init.presets import default_spec, init_presets
from playground.panes.init.repair_bar import RepairBar
from playground.panes.init.schemes import SchemesView
from playground.panes.init.strip import StripView
from playground.ui.card_column import CardView
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtWidgets import QMenu

    from playground.engine.frames import Frame
    from playground.panes.base import PaneContext, Preset
    from playground.ui.actions import ActionSpec

SPEED = 8.0
ONE_LINE_FROM = 645


class LayerView(Protocol):
    """A card that looks at one layer."""

    def views(self, layer: int, /) -> frozenset[str]:
        """Return what is wanted of the training thread."""

    def show_snapshot(self, snapshot: InitSnapshot, layer: int, /) -> None:
        """Draw a layer of a picture of the network."""

    def render_slow(self, snapshot: InitSnapshot, /) -> None:
        """Refresh texts."""


class InitPane(Pane):
    """What happens to signals and gradients in a deep network, from its first weights on."""

    def __init__(self, context: PaneContext) -> None:
        super().__init__(context)
        self._layer = 1
        self._run_id: int | None = None
        self._presets: Mapping[str, Preset] | None = None
        self.bar = RepairBar()
        self.strip = StripView()
        self.curves = DepthView()
        self.heat = HeatMapView()
        self.time = OverTimeView()
        self.ab = ComparisonView(self.channel)
        self.matrix = MatrixView(self.channel)
        self.schemes = SchemesView(self.channel)
        self.clones = ClonesView()
        self.explorer = ExplorerView()
        self._of_layer: dict[str, LayerView] = {"clones": self.clones, "explorer": self.explorer}
        self.deck = ViewDeck(
            CardView("strip", "Histograms", self.strip),
            (
                (
                    CardView("depth", "Depth", self.curves),
                    CardView("time", "Over time", self.time),
                    CardView("heat", "Heat map", self.heat),
                ),
                (
                    CardView("explorer", "f, f′", self.explorer),
                    CardView("clones", "Clones", self.clones),
                    CardView("ab", "A/B", self.ab),
                    CardView("matrix", "Matrix", self.matrix),
                    CardView("schemes", "Schemes", self.schemes),
                ),
            ),
        )
        self._inspector = InitInspector(self.channel)
        self.exports = Exports(self)
        self._commands = PaneCommands(self)
        self._lay_out()
        self._connect()

    @property
    def layer(self) -> int:
        """The layer that other views look at, counted from 1."""
        return self._layer

    def default_spec(self) -> InitSpec:
        """Return the course's network of five hidden layers."""
        return default_spec()

    def default_speed(self) -> float:
        """Return a speed at which every batch can be watched."""
        return SPEED

    def presets(self) -> Mapping[str, Preset]:
        """Return the named set-ups of lessons and menu."""
        if self._presets is None:
            self._presets = init_presets(self)
        return self._presets

    def show_view(self, name: str) -> bool:
        """Bring a view, or a quantity of the view over time, to the front."""
        if self.time.show_quantity(name):
            name = "time"
        return self.deck.show_view(name)

    def inspector(self) -> QWidget:
        """Return the form and the live numbers."""
        return self._inspector

    def pane_actions(self) -> tuple[ActionSpec, ...]:
        """Return the commands of the pane's menu."""
        return self._commands.all()

    def export_menu(self, menu: QMenu) -> None:
        """Add pictures, numbers and the script."""
        self.exports.fill(menu)

    def render_frame(self, frame: Frame) -> None:
        """Draw a frame; views that are not in front cost nothing."""
        snapshot = frame.snapshot
        if not isinstance(snapshot, InitSnapshot):
            return
        self._match_layer(snapshot)
        if frame.run_id != self._run_id:
            # Words of another network must not stand under this one's histograms.
            self._run_id = frame.run_id
            self.render_slow(frame)
        shown = self.deck.shown()
        if "strip" in shown:
            self.strip.show_snapshot(snapshot)
        if "depth" in shown:
            self.curves.show_snapshot(snapshot)
        if "heat" in shown:
            self.heat.render_frame(frame)
        if "time" in shown:
            self.time.render_frame(frame)
        if "ab" in shown:
            self.ab.render_frame(frame)
        for key, view in self._of_layer.items():
            if key in shown:
                view.show_snapshot(snapshot, self._layer)

    def render_slow(self, frame: Frame) -> None:
        """Refresh what is read rather than watched."""
        snapshot = frame.snapshot
        if not isinstance(snapshot, InitSnapshot):
            return
        self._inspector.show_snapshot(snapshot)
        spec = self.channel.spec
        self.bar.show_spec(spec if isinstance(spec, InitSpec) else snapshot.spec)
        self.bar.show_repair(snapshot.verdict.repair, verdict_texts(snapshot)[0])
        shown = self.deck.shown()
        if "strip" in shown:
            self.strip.render_slow()
        if "depth" in shown:
            self.curves.render_slow()
        if "time" in shown:
            self.time.render_slow()
        if "ab" in shown:
            self.ab.render_slow(frame)
        if "matrix" in shown:
            self.matrix.render_slow(frame)
        if "schemes" in shown:
            self.schemes.render_slow(frame)
        for key, view in self._of_layer.items():
            if key in shown:
                view.render_slow(snapshot)

    def views(self) -> frozenset[str]:
        """Return which costly parts of the snapshot are on screen."""
        shown = self.deck.shown()
        wanted: frozenset[str] = frozenset()
        if "strip" in shown:
            wanted |= self.strip.views()
        if "ab" in shown:
            wanted |= self.ab.views()
        for key, view in self._of_layer.items():
            if key in shown:
                wanted |= view.views(self._layer)
        return wanted

    def verdict(self, frame: Frame) -> tuple[Tone, str]:
        """Return how the signals fare, in words with numbers."""
        snapshot = frame.snapshot
        if not isinstance(snapshot, InitSnapshot):
            return super().verdict(frame)
        text = fitting(verdict_texts(snapshot), self.fontMetrics().horizontalAdvance, self._room())
        return snapshot.verdict.tone, text

    def repair(self) -> None:
        """Carry out what the verdict recommends; a live value at once, else as a new run."""
        frame = self.channel.last_frame
        if frame is None or not isinstance(frame.snapshot, InitSnapshot):
            return
        repair = frame.snapshot.verdict.repair
        if repair is None:
            return
        ended = frame.snapshot.status.progress is not Progress.RUNNING
        if field_at(InitSpec, repair.path).knob.live and (ended or frame.snapshot.step):
            # What has gone wrong while training is mended from the start, not from the wreck.
            self._open_repaired(repair.path, repair.value, repair.label)
            return
        self.channel.edit_value(repair.path, repair.value)

    def select_layer(self, layer: int) -> None:
        """Let the views that look at one layer look at another."""
        frame = self.channel.last_frame
        if frame is not None and isinstance(frame.snapshot, InitSnapshot):
            layer = min(layer, len(frame.snapshot.layers) - 1)
        if layer == self._layer:
            return
        self._layer = layer
        self.strip.set_selected(layer)
        self.render_again()
        self.views_changed.emit()

    def save_state(self) -> dict[str, Any]:
        """Return the arrangement and what the views show."""
        return {
            "deck": self.deck.save_state(),
            "strip": self.strip.save_state(),
            "depth": self.curves.save_state(),
            "time": self.time.save_state(),
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take up a layout; anything unknown or of a wrong type is left out."""
        if not isinstance(state, dict):
            return
        self.deck.restore_state(state.get("deck"))
        self.strip.restore_state(state.get("strip"))
        self.curves.restore_state(state.get("depth"))
        self.time.restore_state(state.get("time"))
        self.views_changed.emit()

    def cell_chosen(self, scheme: str, activation: str) -> None:
        """Load a cell of the matrix as a new run."""
        spec, frame = self.channel.spec, self.channel.last_frame
        if not isinstance(spec, InitSpec) or frame is None:
            return
        try:
            changed = replace_at(spec, ("weights", "scheme"), scheme)
            changed = replace_at(changed, ("network", "activation"), activation)
        except SpecError as error:
            self.channel.problem.emit(str(error), "")
            return
        self.channel.open(changed, frame.seed, f"{scheme}, {activation}", keep_playing=True)

    def _open_repaired(self, path: tuple[str | int, ...], value: Any, words: str) -> None:
        spec, frame = self.channel.spec, self.channel.last_frame
        if not isinstance(spec, InitSpec) or frame is None:
            return
        try:
            changed = replace_at(spec, path, value)
        except SpecError as error:
            self.channel.problem.emit(str(error), "")
            return
        self.channel.open(changed, frame.seed, words, keep_playing=True)

    def _room(self) -> float:
        """Return how long a verdict can be, in pixels: the stage keeps one line or two for it."""
        lines = 1 if self.width() >= px(ONE_LINE_FROM) else 2
        return lines * 0.94 * (self.width() - px(28))

    def _lay_out(self) -> None:
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.addWidget(self.bar)
        self._whole.addWidget(self.deck, 1)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def _connect(self) -> None:
        self.bar.edited.connect(self.channel.edit_value)
        self.bar.repair_asked.connect(self.repair)
        self.strip.layer_chosen.connect(self.select_layer)
        self.clones.layer_chosen.connect(self.select_layer)
        self.explorer.layer_chosen.connect(self.select_layer)
        self.strip.options_changed.connect(self.views_changed)
        self.matrix.cell_chosen.connect(self.cell_chosen)
        self.deck.shown_changed.connect(self._on_shown_changed)

    def _match_layer(self, snapshot: InitSnapshot) -> None:
        """Look at a layer that is there."""
        if self._layer > len(snapshot.layers) - 1:
            self._layer = 1
            self.strip.set_selected(1)
            self.views_changed.emit()

    def _on_shown_changed(self) -> None:
        self.render_again()
        self.views_changed.emit()

    def _on_theme_changed(self) -> None:
        self._whole.setSpacing(px(8))


def verdict_texts(snapshot: InitSnapshot) -> tuple[str, ...]:
    """Return the verdict from its longest to its shortest wording; each is true by itself.

    What is left out first is the advice, which the button beside the histograms gives too, then
    what comes after the first finding.
    """
    text = snapshot.verdict.text
    text = text[:1].upper() + text[1:]
    if not text.endswith("."):
        text += "."
    if snapshot.status.progress is Progress.FINISHED:
        reason = snapshot.status.reason
        text = f"{reason[:1].upper()}{reason[1:]}. {text}"
    found = [text]
    if snapshot.verdict.repair is not None and ". " in text:
        text = text[: text.rindex(". ") + 1]
        found.append(text)
    if "; " in text:
        found.append(f"{text[: text.rindex('; ')]}.")
    return tuple(found)


def fitting(texts: tuple[str, ...], advance: Callable[[str], int], room: float) -> str:
    """Return the first text that is no longer than the room, or the last of all."""
    return next((text for text in texts if advance(text) <= room), texts[-1])
