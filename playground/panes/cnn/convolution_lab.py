"""The convolution laboratory: a kernel under the hand, and what it makes of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtWidgets import QVBoxLayout, QWidget

from playground.core.images import ImageError, encode_pixels
from playground.experiments.convolution_snapshot import VIEW_COMPOSITION, ConvolutionSnapshot
from playground.experiments.convolution_spec import ConvolutionSpec
from playground.panes.base import Pane, Tone
from playground.panes.cnn.convolution_borders import BordersCard
from playground.panes.cnn.convolution_commands import LabCommands
from playground.panes.cnn.convolution_compose import ComposeCard
from playground.panes.cnn.convolution_deck import LabDeck
from playground.panes.cnn.convolution_exports import LabExports
from playground.panes.cnn.convolution_field import FieldCard
from playground.panes.cnn.convolution_inspector import ConvolutionInspector
from playground.panes.cnn.convolution_pooling import PoolingCard
from playground.panes.cnn.convolution_presets import convolution_presets, default_spec
from playground.panes.cnn.convolution_separate import SeparateCard
from playground.panes.cnn.convolution_sizes import SizesCard
from playground.panes.cnn.convolution_stage import ConvolutionStage
from playground.panes.cnn.convolution_verdict import verdict_words
from playground.panes.cnn.convolution_window import WindowCard
from playground.ui.card_column import CardView
from playground.ui.image_opener import ImageOpener

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtCore import QMimeData
    from PySide6.QtWidgets import QMenu

    from playground.engine.frames import Frame
    from playground.experiments.spec import Path
    from playground.panes.base import PaneContext, Preset
    from playground.ui.actions import ActionSpec
    from playground.ui.image_input import LoadedImage

SPEED = 300.0


class LabCard(Protocol):
    """A card that follows the snapshots while it is in front."""

    def show_snapshot(self, snapshot: ConvolutionSnapshot, /) -> None:
        """Draw a snapshot."""


class ConvolutionLab(Pane):
    """Picture, kernel and result, with the arithmetic of every pixel."""

    def __init__(self, context: PaneContext) -> None:
        super().__init__(context)
        self._presets: Mapping[str, Preset] | None = None
        self._inspector = ConvolutionInspector(self.channel)
        self.card = WindowCard()
        self.stage = ConvolutionStage(self.card)
        self.pooling = PoolingCard()
        self.borders = BordersCard(self.channel)
        self.compose = ComposeCard()
        self.separate = SeparateCard()
        self.field = FieldCard()
        self.sizes = SizesCard()
        self._cards: dict[str, LabCard] = {
            "pooling": self.pooling,
            "borders": self.borders,
            "compose": self.compose,
            "separate": self.separate,
            "field": self.field,
            "sizes": self.sizes,
        }
        self.deck = LabDeck(
            self.stage,
            CardView("window", "Arithmetic", self.card),
            (
                CardView("sizes", "Sizes", self.sizes),
                CardView("pooling", "Pooling", self.pooling),
                CardView("borders", "Borders", self.borders),
                CardView("compose", "Compose", self.compose),
                CardView("separate", "Separate", self.separate),
                CardView("field", "Field", self.field),
            ),
        )
        self.opener = ImageOpener(self, self.channel)
        self.exports = LabExports(self)
        self._commands = LabCommands(self)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.deck)
        self._connect()

    @property
    def snapshot(self) -> ConvolutionSnapshot | None:
        """What was shown last."""
        frame = self.channel.last_frame
        found = frame.snapshot if frame is not None else None
        return found if isinstance(found, ConvolutionSnapshot) else None

    def default_spec(self) -> ConvolutionSpec:
        """Return the edges of a photograph."""
        return default_spec()

    def default_speed(self) -> float:
        """Return a speed at which the sweep fills rows while one watches."""
        return SPEED

    def presets(self) -> Mapping[str, Preset]:
        """Return the named set-ups of lessons and menu."""
        if self._presets is None:
            self._presets = convolution_presets()
        return self._presets

    def show_view(self, name: str) -> bool:
        """Bring a card, or a stage of the result, to the front."""
        if name in ("raw", "activated", "pooled"):
            self.stage.result.set_wanted(name)
            self.render_again()
            return True
        return self.deck.show_view(name)

    def inspector(self) -> QWidget:
        """Return the form and the live numbers."""
        return self._inspector

    def pane_actions(self) -> tuple[ActionSpec, ...]:
        """Return the commands of the pane's menu."""
        return self._commands.all()

    def export_menu(self, menu: QMenu) -> None:
        """Add pictures and numbers."""
        self.exports.fill(menu)

    def render_frame(self, frame: Frame) -> None:
        """Draw a frame; cards that are not in front cost nothing."""
        snapshot = frame.snapshot
        if not isinstance(snapshot, ConvolutionSnapshot):
            return
        self.stage.show_snapshot(snapshot, self._asked_spec(snapshot))
        for key in self.deck.shown():
            if key in self._cards:
                self._cards[key].show_snapshot(snapshot)

    def render_slow(self, frame: Frame) -> None:
        """Refresh what is read rather than watched."""
        if isinstance(frame.snapshot, ConvolutionSnapshot):
            self._inspector.show_snapshot(frame.snapshot)

    def views(self) -> frozenset[str]:
        """Return which costly parts of the snapshot are on screen."""
        return frozenset({VIEW_COMPOSITION} if "compose" in self.deck.shown() else ())

    def verdict(self, frame: Frame) -> tuple[Tone, str]:
        """Return what the kernel does here, how far the sweep is, or why there is no result."""
        if not isinstance(frame.snapshot, ConvolutionSnapshot):
            return super().verdict(frame)
        return verdict_words(frame.snapshot)

    def accepts_drop(self, mime: QMimeData) -> bool:
        """Tell whether what is dragged over the window may hold a picture."""
        return self.opener.accepts(mime)

    def on_drop(self, mime: QMimeData) -> bool:
        """Take a dropped picture."""
        return self.opener.take(mime)

    def save_state(self) -> dict[str, Any]:
        """Return the arrangement and the stage of the result that is looked at."""
        return {"deck": self.deck.save_state(), "stage": self.stage.result.wanted}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take up a layout; anything unknown or of a wrong type is left out."""
        if isinstance(state, dict):
            self.deck.restore_state(state.get("deck"))
            self.stage.result.set_wanted(state.get("stage"))
            self.views_changed.emit()

    def switch_operation(self) -> None:
        """Correlate instead of convolving, or the other way round."""
        spec = self.channel.spec
        if isinstance(spec, ConvolutionSpec):
            other = "convolution" if spec.operation == "correlation" else "correlation"
            self.edit(("operation",), other)

    def switch_relu(self) -> None:
        """Put ReLU on or off."""
        spec = self.channel.spec
        if isinstance(spec, ConvolutionSpec):
            self.edit(("relu",), not spec.relu)

    def edit(self, path: Path, value: Any, finished: bool = True) -> None:
        """Set one value of the spec; the picture on stage follows at the next frame."""
        self.stage.note("")
        self.channel.edit_value(path, value, finished)
        spec = self.channel.spec
        if isinstance(spec, ConvolutionSpec):
            # The grid answers at once, also where the thread is an answer or two behind.
            self.stage.show_kernel(spec)

    def take_picture(self, loaded: LoadedImage) -> None:
        """Make a picture that was opened, dropped or pasted the input, and say what was changed."""
        try:
            text = encode_pixels(loaded.pixels)
        except ImageError as error:
            self.context.report(str(error), "")
            return
        notes = list(loaded.notes)
        spec = self.channel.spec
        if isinstance(spec, ConvolutionSpec):
            if spec.is_signal:
                self.channel.edit_value(("mode",), "2-D")
            if loaded.pixels.shape[2] == 3 and spec.image.colour == "grey":
                notes.append("It is shown in grey; choose RGB for its colours.")
        self.channel.edit_value(("image", "own"), text)
        height, width = loaded.pixels.shape[:2]
        self.stage.note(" ".join((f"{loaded.name}: {width:,} × {height:,} pixels.", *notes)))

    def _asked_spec(self, snapshot: ConvolutionSnapshot) -> ConvolutionSpec:
        spec = self.channel.spec
        return spec if isinstance(spec, ConvolutionSpec) else snapshot.spec

    def _connect(self) -> None:
        for part in (self.stage, self.pooling, self.borders, self.compose, self.field):
            part.edited.connect(self.edit)
        self.stage.kernel.asked.connect(self.deck.show_view)
        self.stage.picture.open_asked.connect(self.opener.ask_file)
        self.stage.picture.paste_asked.connect(self.opener.paste)
        self.compose.kernel_wanted.connect(self.stage.kernel.give_cells)
        self.compose.refused.connect(self.stage.note)
        self.opener.taken.connect(self.take_picture)
        self.opener.refused.connect(lambda sentence: self.context.report(sentence, ""))
        self.deck.shown_changed.connect(self._on_shown_changed)

    def _on_shown_changed(self) -> None:
        self.render_again()
        self.views_changed.emit()

    def _render_again(self) -> None:
        frame = self.channel.last_frame
        if frame is not None:
            self.render_frame(frame)
