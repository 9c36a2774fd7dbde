"""The small form of one block, opened below its tile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from playground.experiments.cnn_block_spec import BlockSpec
from playground.experiments.spec import SpecError, field_at, replace_at
from playground.ui.cards import GroupHead, Verdict
from playground.ui.channel import ChannelClient
from playground.ui.controls import IconButton
from playground.ui.form import SpecForm
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.experiments.spec import Path

WIDTH_PX = 300
TOOLS = (
    ("left", "chevron-left", "Move left (Alt+←)"),
    ("right", "chevron-right", "Move right (Alt+→)"),
    ("duplicate", "copy", "Duplicate"),
    ("remove", "trash-2", "Remove (Delete)"),
)


class BlockEditor(QFrame):
    """A popup with the knobs of a block; a click elsewhere closes it.

    Signals
    -------
    block_edited(int, object, str, int)
        Place, the block wanted there, what was done, and the number of the gesture.
    asked(str, int)
        One of ``left``, ``right``, ``duplicate``, ``remove``, and the place.
    """

    block_edited = Signal(int, object, str, int)
    asked = Signal(str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("card", "true")
        self._place = 0
        self._blocks: Sequence[BlockSpec] = ()
        self._gesture: tuple[Path, int] | None = None
        self._head = GroupHead()
        self.form = SpecForm(BlockSpec)
        self.verdict = Verdict("bad")
        self.verdict.hide()
        self._tools: dict[str, IconButton] = {}
        head = QHBoxLayout()
        head.addWidget(self._head, 1)
        for name, icon, tip in TOOLS:
            button = IconButton(icon, tip, size=16)
            button.clicked.connect(lambda _=False, name=name: self.asked.emit(name, self._place))
            self._tools[name] = button
            head.addWidget(button)
        self._column = QVBoxLayout(self)
        self._column.addLayout(head)
        self._column.addWidget(self.form)
        self._column.addWidget(self.verdict)
        self.form.edited.connect(self._on_edited)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def tools(self) -> dict[str, IconButton]:
        """The buttons at the top, by what they ask for."""
        return self._tools

    def open_at(self, blocks: Sequence[BlockSpec], place: int, point: QPoint) -> None:
        """Open below a point of the screen, on the screen as a whole."""
        self.say("")
        self.show_blocks(blocks, place)
        self.adjustSize()
        screen = QGuiApplication.screenAt(point) or QGuiApplication.primaryScreen()
        room = screen.availableGeometry()
        x = min(point.x(), room.right() - self.width())
        y = min(point.y(), room.bottom() - self.height())
        self.move(max(room.left(), x), max(room.top(), y))
        self.show()

    def show_blocks(self, blocks: Sequence[BlockSpec], place: int | None) -> None:
        """Show the block at a place; emits nothing."""
        if place is None or not 0 <= place < len(blocks):
            return
        self._blocks, self._place = blocks, place
        block = blocks[place]
        self._head.setText(f"Block {place + 1} of {len(blocks)}")
        if self.form.spec != block:
            self.form.set_spec(block)
            self.adjustSize()
        self._tools["left"].setEnabled(place > 0)
        self._tools["right"].setEnabled(place < len(blocks) - 1)

    def say(self, sentence: str) -> None:
        """Write a sentence below the form; an empty one takes it away."""
        self.verdict.set_verdict("bad", sentence)
        self.verdict.setVisible(bool(sentence))
        if self.isVisible():
            self.adjustSize()

    def _on_edited(self, path: Path, value: Any, finished: bool) -> None:
        block = self._blocks[self._place]
        try:
            changed = replace_at(block, path, value)
        except SpecError as error:
            self.say(str(error))
            return
        label = field_at(BlockSpec, path).knob.label
        gesture = self._gesture_for(path, finished)
        self.block_edited.emit(self._place, changed, f"change {label}", gesture)

    def _gesture_for(self, path: Path, finished: bool) -> int:
        """Return one number for all values of one drag."""
        if self._gesture is None or self._gesture[0] != path:
            self._gesture = (path, ChannelClient.new_gesture())
        number = self._gesture[1]
        if finished:
            self._gesture = None
        return number

    def _on_theme_changed(self) -> None:
        self.setFixedWidth(px(WIDTH_PX))
        self._column.setContentsMargins(px(14), px(10), px(14), px(14))
        self._column.setSpacing(px(8))
