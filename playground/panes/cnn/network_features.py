"""What every block makes of one test image: the maps that the filters draw of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from playground.experiments.cnn_data_spec import MAX_TEST
from playground.experiments.cnn_snapshot import features_view
from playground.panes.cnn.network_mosaic import Mosaic
from playground.panes.cnn.network_pictures import as_pixels
from playground.panes.cnn.network_tiles import Section
from playground.ui.cards import GroupHead, Verdict
from playground.ui.choice_box import ChoiceBox
from playground.ui.controls import IconButton, NumberField
from playground.ui.number_text import format_number
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.experiments.cnn_snapshot import CnnSnapshot, FeatureLayer, Features
    from playground.panes.cnn.network_tiles import TilePlace

INPUT = -1
ALL_BLOCKS = -1
LARGEST_PX, NEURON_PX = 96, 16
SEED = 5
NARROW = "\N{NO-BREAK SPACE}"
BRIGHT_SHARE = 0.985


class FeaturesView(QWidget):
    """The chosen test image and its maps, block under block.

    Signals
    -------
    example_chosen(int)
        A person turned to another test image.
    filter_chosen(int, int)
        Block and channel whose map was clicked.
    """

    example_chosen = Signal(int)
    filter_chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._example = 0
        self._count = 1
        self._features: Features | None = None
        self._layers: tuple[FeatureLayer, ...] = ()
        self._shown: list[FeatureLayer] = []
        self._blocks: tuple[tuple[int, str], ...] = ()
        self._names: tuple[str, ...] = ()
        self._random = np.random.default_rng(SEED)
        self._title = GroupHead("Feature maps")
        self.previous = IconButton("chevron-left", "Previous test image", size=16)
        self.number = NumberField("Test image", value=1, minimum=1, maximum=MAX_TEST, integer=True)
        self.number.setToolTip("Number of the test image, from 1")
        self.following = IconButton("chevron-right", "Next test image", size=16)
        self.dice = IconButton("dices", "A test image at random", size=16)
        self.own_range = IconButton(
            "contrast",
            "Every map with its own range of colours\nOtherwise a block shares one.",
            checkable=True,
            size=16,
        )
        self.block = ChoiceBox(
            "Block", ((ALL_BLOCKS, "all blocks"),), value=ALL_BLOCKS, segmented=False
        )
        self.verdict = Verdict("info", "")
        self.mosaic = Mosaic(largest=LARGEST_PX)
        self.mosaic.set_words(self._words)
        self._lay_out()
        self.previous.clicked.connect(lambda: self.turn(-1))
        self.following.clicked.connect(lambda: self.turn(1))
        self.dice.clicked.connect(self.choose_at_random)
        self.number.edited.connect(self._on_number)
        self.own_range.clicked.connect(self._draw)
        self.block.edited.connect(lambda _: self._draw())
        self.mosaic.tile_clicked.connect(self._on_tile)

    @property
    def example(self) -> int:
        """Number of the test image, from 0."""
        return self._example

    def views(self) -> frozenset[str]:
        """Return what is wanted of the training thread."""
        return frozenset({features_view(self._example)})

    def set_alone(self, alone: bool) -> None:
        """Show the name beside the tools when no tab says it."""
        self._title.setVisible(alone)

    def turn(self, by: int) -> None:
        """Turn to the next or previous test image, round the end."""
        self.example_chosen.emit((self._example + by) % self._count)

    def choose_at_random(self) -> None:
        """Turn to some test image."""
        self.example_chosen.emit(int(self._random.integers(self._count)))

    def set_example(self, example: int) -> None:
        """Look at another test image; its maps come with the next frame."""
        self._example = example
        self.number.set_value(example + 1)

    def show_snapshot(self, snapshot: CnnSnapshot, *, pouring: bool = False) -> None:
        """Draw the maps of a step; older ones stay until they are there."""
        self._count = snapshot.images.test_count
        features = snapshot.features.get(self._example)
        if features is None or features is self._features:
            return
        self._features = features
        self._layers = features.prediction.layers
        self._offer_blocks()
        self._names = snapshot.images.class_names
        self._draw(hold_titles=pouring)

    def render_slow(self) -> None:
        """Say what the network makes of the image."""
        if self._features is not None:
            self.verdict.set_verdict(*verdict_of(self._features, self._names))
        self.mosaic.canvas.tell()

    def _offer_blocks(self) -> None:
        blocks = tuple(
            (layer.block, f"{layer.block + 1} · {layer.title}") for layer in self._layers
        )
        if blocks == self._blocks:
            return
        self._blocks = blocks
        before = self.block.value
        self.block.set_choices(((ALL_BLOCKS, "all blocks"), *blocks))
        known = {ALL_BLOCKS, *(block for block, _ in blocks)}
        self.block.set_value(before if before in known else ALL_BLOCKS)

    def _draw(self, *, hold_titles: bool = False) -> None:
        features = self._features
        if features is None:
            return
        pixels = as_pixels(features.prediction.pixels)[None]
        image = Section(INPUT, "input", pixels, None, aside=True)
        own = self.own_range.isChecked()
        chosen = self.block.value
        self._shown = [layer for layer in self._layers if chosen in (ALL_BLOCKS, layer.block)]
        sections = [image, *(section_of(layer, own) for layer in self._shown)]
        self.mosaic.set_sections(sections, hold_titles=hold_titles)

    def _on_number(self) -> None:
        wanted = int(self.number.value)
        if wanted > self._count:
            self.number.refuse(
                f"There are test images 1 to {self._count:,} (got {wanted:,}).", self._example + 1
            )
            return
        self.example_chosen.emit(wanted - 1)

    def _on_tile(self, block: int, tile: int) -> None:
        if block != INPUT:
            self.filter_chosen.emit(block, tile)

    def _words(self, place: TilePlace) -> str:
        if place.section == 0:
            return f"test image {self._example + 1:,}, {self._label()}"
        layer = self._shown[place.section - 1]
        value = float(layer.maps[place.tile, place.row, place.column])
        if layer.maps.shape[1:] == (1, 1):
            return f"{layer.title}, neuron {place.tile + 1}: {format_number(value)}"
        where = f"row {place.row + 1}, column {place.column + 1}"
        return f"{layer.title}, channel {place.tile + 1}\n{where}: {format_number(value)}"

    def _label(self) -> str:
        return self._names[self._features.label] if self._features is not None else ""

    def _lay_out(self) -> None:
        self._head = QHBoxLayout()
        self._head.addWidget(self._title)
        self._head.addWidget(self.previous)
        self._head.addWidget(self.number)
        self._head.addWidget(self.following)
        self._head.addWidget(self.dice)
        self._head.addWidget(self.verdict, 1, Qt.AlignmentFlag.AlignVCenter)
        self._head.addWidget(self.block)
        self._head.addWidget(self.own_range)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._head)
        self._column.addWidget(self.mosaic, 1)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def _on_theme_changed(self) -> None:
        self.number.setFixedWidth(px(56))
        self.block.setFixedWidth(px(128))
        self._head.setSpacing(px(4))
        self._column.setSpacing(px(6))


def section_of(layer: FeatureLayer, own_range: bool) -> Section:
    """Return the maps of one block under its name and its range."""
    maps = layer.maps[:, None]
    low, high = format_number(layer.low, 3), format_number(layer.high, 3)
    neurons = layer.maps.shape[1:] == (1, 1)
    shape = " × ".join(map(str, layer.maps.shape[:1] if neurons else layer.maps.shape))
    # A single bright corner must not leave all other maps in the dark.
    reach = max(float(np.quantile(np.abs(maps), BRIGHT_SHARE)), 1e-12)
    return Section(
        layer.block,
        f"{layer.title} · {shape} · {low} … {high}",
        maps,
        "diverging",
        levels=(-reach, reach),
        # A single number has no range of its own.
        own_range=own_range and not neurons,
        largest=NEURON_PX if neurons else None,
    )


def verdict_of(features: Features, names: tuple[str, ...]) -> tuple[Any, str]:
    """Return the tone and the sentence about what the network makes of an image."""
    prediction = features.prediction
    share = 100.0 * float(prediction.probabilities[prediction.predicted])
    label, said = names[features.label], names[prediction.predicted]
    if prediction.predicted == features.label:
        return "ok", f"“{label}”, recognised ({share:.3g}{NARROW}%)"
    return "bad", f"“{label}”, taken for “{said}” ({share:.3g}{NARROW}%)"
