"""The architecture as a row of blocks: each can be opened, moved, copied and taken out.

Under every block stands what leaves it. A change that does not fit is refused with a sentence at
the row; the network that trains stays as it is.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from playground.core.layer_shapes import ShapeError, layer_shapes
from playground.experiments.cnn_block_spec import ARCHITECTURES, MAX_BLOCKS, BlockSpec
from playground.experiments.cnn_spec import ANY_CLASSES, CnnSpec, with_blocks
from playground.experiments.spec import SpecError
from playground.panes.cnn.network_block_editor import BlockEditor
from playground.panes.cnn.network_block_menus import BlockMenus
from playground.panes.cnn.network_block_strip import FactLabels, InsertionMark, SidewaysScroll
from playground.panes.cnn.network_block_tile import BODY_PX, BlockTile, BlockWords
from playground.panes.cnn.network_block_words import FACT_LABELS, words_for
from playground.ui.cards import Verdict
from playground.ui.controls import IconButton
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.core.layer_shapes import BlockKind, LayerShape

GAP_PX = 4
FULL_SENTENCE = f"A network may have at most {MAX_BLOCKS} blocks."
ALT = Qt.KeyboardModifier.AltModifier


class ArchitectureRow(QWidget):
    """Tiles for the image, every block and the output.

    Signals
    -------
    blocks_edited(object, str, int)
        The blocks a person wants, what was done in words, and the number of the gesture (0: none).
    """

    blocks_edited = Signal(object, str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec: CnnSpec | None = None
        self._shapes: tuple[LayerShape, ...] = ()
        self._tiles: list[BlockTile] = []
        self._selected: int | None = None
        self._labels = FactLabels()
        self._strip = QWidget()
        self._line = QHBoxLayout(self._strip)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.addStretch(1)
        self._insertion = InsertionMark(self._strip)
        self._insertion.hide()
        self._scroll = SidewaysScroll(self._strip)
        self.add_button = IconButton("plus", "Add a block behind the chosen one", size=16)
        self.networks_button = IconButton("layers", "Networks of the course and others", size=16)
        self._menus = BlockMenus(self)
        self.add_button.clicked.connect(lambda: self._menus.open_kinds(self.add_button))
        self.networks_button.clicked.connect(
            lambda: self._menus.open_networks(self.networks_button)
        )
        self.verdict = Verdict("bad")
        self.verdict.hide()
        self.editor = BlockEditor(self)
        self.editor.block_edited.connect(self._on_block_edited)
        self.editor.asked.connect(self._on_asked)
        self._lay_out()
        theme().changed.connect(self._on_theme_changed)

    @property
    def tiles(self) -> tuple[BlockTile, ...]:
        """The image, the blocks, the output."""
        return tuple(self._tiles)

    @property
    def selected(self) -> int | None:
        """Place of the block opened or used last; None before the first."""
        return self._selected

    def show_network(self, spec: CnnSpec, shapes: tuple[LayerShape, ...]) -> None:
        """Show the network of a spec; costs nothing while it is the same."""
        if spec == self._spec and shapes == self._shapes:
            return
        changed = self._spec is None or spec.blocks != self._spec.blocks
        self._spec, self._shapes = spec, shapes
        self._match_tiles()
        if changed:
            self.say("")
        if self._selected is not None and self._selected >= len(spec.blocks):
            self._selected = None
            self.editor.hide()
        self.editor.show_blocks(spec.blocks, self._selected)
        self.add_button.setEnabled(len(spec.blocks) < MAX_BLOCKS)

    def add(self, kind: BlockKind, place: int | None = None) -> None:
        """Put a new block behind the chosen one, or where one of its kind belongs."""
        blocks = self._blocks()
        if place is None:
            place = self._place_for(kind)
        block = BlockSpec(kind=kind)
        wanted = (*blocks[:place], block, *blocks[place:])
        self._try(wanted, f"add {block.title}", selected=place)

    def duplicate(self, place: int) -> None:
        """Put a copy of a block behind it."""
        blocks = self._blocks()
        words = f"duplicate {blocks[place].title}"
        self._try((*blocks[: place + 1], *blocks[place:]), words, selected=place + 1)

    def remove(self, place: int) -> None:
        """Take a block out."""
        blocks = self._blocks()
        if self._try((*blocks[:place], *blocks[place + 1 :]), f"remove {blocks[place].title}"):
            self.editor.hide()
            self._selected = None

    def shift(self, place: int, to: int) -> None:
        """Put a block where it stands at place ``to`` afterwards."""
        blocks = list(self._blocks())
        to = min(max(to, 0), len(blocks) - 1)
        if to == place:
            return
        block = blocks.pop(place)
        blocks.insert(to, block)
        self._try(tuple(blocks), f"move {block.title}", selected=to)

    def take_network(self, name: str) -> None:
        """Take one of the ready architectures."""
        self._try(ARCHITECTURES[name](), name)

    def open_block(self, place: int) -> None:
        """Open the form of a block below its tile."""
        self._selected = place
        tile = self._tiles[place + 1]
        self.editor.open_at(self._blocks(), place, tile.mapToGlobal(QPoint(0, px(BODY_PX) + px(4))))

    def say(self, sentence: str, place: int | None = None) -> None:
        """Write a sentence below the row and mark the block that it is about."""
        self.verdict.set_verdict("bad", sentence)
        self.verdict.setVisible(bool(sentence))
        for index, tile in enumerate(self._tiles):
            tile.set_bad(bool(sentence) and place is not None and index == place + 1)
        self.editor.say(sentence)

    def _blocks(self) -> tuple[BlockSpec, ...]:
        return self._spec.blocks if self._spec is not None else ()

    def _try(
        self,
        blocks: tuple[BlockSpec, ...],
        words: str,
        *,
        gesture: int = 0,
        selected: int | None = None,
    ) -> bool:
        """Ask for other blocks where they fit; else say why not and change nothing."""
        spec = self._spec
        if spec is None or blocks == spec.blocks:
            return False
        if len(blocks) > MAX_BLOCKS:
            self.say(FULL_SENTENCE)
            return False
        try:
            with_blocks(spec, blocks)
        except SpecError as error:
            self.say(str(error), self._place_to_blame(blocks))
            return False
        self.say("")
        if selected is not None:
            self._selected = selected
        self.blocks_edited.emit(blocks, words, gesture)
        return True

    def _place_to_blame(self, wanted: Sequence[BlockSpec]) -> int | None:
        """Return the present place of the block that does not fit."""
        spec = self._spec
        if spec is None:
            return None
        try:
            layer_shapes(wanted, spec.data.image_shape, ANY_CLASSES)
        except ShapeError as error:
            for place, block in enumerate(spec.blocks):
                if block is wanted[error.block]:
                    return place
            return error.block if len(wanted) == len(spec.blocks) else None
        return None

    def _place_for(self, kind: BlockKind) -> int:
        if self._selected is not None:
            return self._selected + 1
        blocks = self._blocks()
        if kind in ("conv", "pool"):
            # Behind a fully connected layer there is no image any more.
            for place, block in enumerate(blocks):
                if block.kind == "fully connected":
                    return place
        return len(blocks)

    def _match_tiles(self) -> None:
        spec = self._spec
        if spec is None:
            return
        words = words_for(spec, self._shapes)
        while len(self._tiles) > len(words):
            tile = self._tiles.pop()
            self._line.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        for place, entry in enumerate(words):
            movable = 0 < place < len(words) - 1
            if place == len(self._tiles):
                self._add_tile(place)
            self._tiles[place].movable = movable
            if self._tiles[place].words != entry:
                self._tiles[place].set_words(entry)
        self._fit_strip()

    def _fit_strip(self) -> None:
        widths = [tile.minimumWidth() for tile in self._tiles]
        self._strip.setMinimumWidth(sum(widths) + px(GAP_PX) * max(0, len(widths) - 1))

    def _add_tile(self, place: int) -> None:
        tile = BlockTile(words_for_nothing())
        tile.clicked.connect(functools.partial(self._on_clicked, place - 1))
        tile.dragged.connect(self._on_dragged)
        tile.dropped.connect(functools.partial(self._on_dropped, place - 1))
        tile.key_used.connect(functools.partial(self._on_key, place - 1))
        tile.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tile.customContextMenuRequested.connect(functools.partial(self._on_menu, place - 1))
        self._line.insertWidget(place, tile, 1, Qt.AlignmentFlag.AlignTop)
        self._tiles.append(tile)

    def _is_block(self, place: int) -> bool:
        return 0 <= place < len(self._blocks())

    def _on_clicked(self, place: int, _: bool = False) -> None:
        if self._is_block(place):
            self.open_block(place)

    def _on_block_edited(self, place: int, block: BlockSpec, words: str, gesture: int) -> None:
        blocks = self._blocks()
        if self._is_block(place):
            self._try((*blocks[:place], block, *blocks[place + 1 :]), words, gesture=gesture)
            # A refused value goes back.
            self.editor.show_blocks(self._blocks(), place)

    def _on_asked(self, what: str, place: int) -> None:
        if not self._is_block(place):
            return
        match what:
            case "left":
                self.shift(place, place - 1)
            case "right":
                self.shift(place, place + 1)
            case "duplicate":
                self.duplicate(place)
            case _:
                self.remove(place)

    def _on_key(self, place: int, key: int, modifiers: int) -> None:
        by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(key))
        if by is not None:
            if modifiers & ALT.value and self._is_block(place):
                self.shift(place, place + by)
            target = min(max(place + 1 + by, 0), len(self._tiles) - 1)
            self._tiles[target].setFocus(Qt.FocusReason.TabFocusReason)
            self._scroll.ensureWidgetVisible(self._tiles[target])
        elif self._is_block(place):
            if key in (Qt.Key.Key_Delete.value, Qt.Key.Key_Backspace.value):
                self.remove(place)
            else:
                self.open_block(place)

    def _on_menu(self, place: int, point: QPoint) -> None:
        if self._is_block(place):
            self._menus.open_block_menu(place, self._tiles[place + 1].mapToGlobal(point))

    def _on_dragged(self, point: QPoint) -> None:
        gap = self._gap_at(point)
        after = self._tiles[gap].geometry()
        self._insertion.setGeometry(
            after.right() + 1 + (px(GAP_PX) - px(3)) // 2, 0, px(3), px(BODY_PX)
        )
        self._insertion.show()
        self._insertion.raise_()
        local = self._strip.mapFromGlobal(point)
        self._scroll.ensureVisible(local.x(), 0, px(30), 0)

    def _on_dropped(self, place: int, point: QPoint) -> None:
        self._insertion.hide()
        gap = self._gap_at(point)
        # Taking the block out moves the gaps behind it.
        self.shift(place, gap - 1 if gap > place else gap)

    def _gap_at(self, point: QPoint) -> int:
        """Return how many blocks stand left of a point of the screen."""
        x = self._strip.mapFromGlobal(point).x()
        return sum(tile.geometry().center().x() < x for tile in self._tiles[1:-1])

    def _lay_out(self) -> None:
        buttons = QVBoxLayout()
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(0)
        for button in (self.add_button, self.networks_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self._row = QHBoxLayout()
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self._labels, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addWidget(self._scroll, 1)
        self._row.addLayout(buttons)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._row)
        self._column.addWidget(self.verdict)
        self._on_theme_changed()

    def _on_theme_changed(self) -> None:
        self._line.setSpacing(px(GAP_PX))
        self._row.setSpacing(px(6))
        self._column.setSpacing(px(4))
        bar = self._scroll.horizontalScrollBar().sizeHint().height()
        self._scroll.setFixedHeight(self._labels.sizeHint().height() + bar + px(1))
        self._labels.setFixedSize(self._labels.sizeHint())
        self._fit_strip()
        self._labels.update()


def words_for_nothing() -> BlockWords:
    """Return what a tile says before it is told."""
    return BlockWords("input", "", "", ("",) * len(FACT_LABELS), "")
