"""Draw a map for the car: obstacles, walls, the station and the start."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from playground.core.atomic_files import SaveError, write_atomically
from playground.environments.headlight_car_geometry import FIELD
from playground.environments.headlight_maps import HeadlightMap, MapError, Station, random_map
from playground.environments.vector import WorldError
from playground.panes.agents.car_painter import MARGIN_PX, paint_map
from playground.panes.agents.lens import Lens
from playground.panes.agents.map_strokes import Grip, grip_at, remove_at
from playground.ui.choice_box import ChoiceBox
from playground.ui.controls import IconButton
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QPaintEvent

TOOLS = (
    ("obstacle", "obstacle", "Press and drag a new one to its size, or drag one that is there"),
    ("wall", "wall", "Drag from one end to the other"),
    ("station", "station", "Press where it is to be"),
    ("start", "start", "Press where to start, drag to where to look"),
    ("erase", "erase", "Press what is to go"),
)
EMPTY_MAP = HeadlightMap(Station(85.0, 50.0))
FIRST_SEED = 3
MAP_FILES = "Maps (*.json)"


class MapCanvas(QWidget):
    """The field, changed by the mouse.

    Signals
    -------
    drawn(object)
        A complete change: the new :class:`HeadlightMap`.
    refused(str)
        What is wrong with what was drawn; nothing has changed.
    """

    drawn = Signal(object)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._map = random_map(FIRST_SEED)
        self._draft: HeadlightMap | None = None
        self._grip: Grip | None = None
        self._problem = ""
        self.tool = "obstacle"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName("The field")
        theme().changed.connect(self.update)

    @property
    def map(self) -> HeadlightMap:
        """What is drawn."""
        return self._map

    def set_map(self, course: HeadlightMap) -> None:
        """Show another map, unless a hand is at work."""
        if self._grip is None:
            self._map, self._draft = course, None
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(360), px(320))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(160), px(140))

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        x, y = self._place(event)
        if self.tool == "erase":
            changed = remove_at(self._map, x, y)
            if changed is not self._map:
                self._map = changed
                self.drawn.emit(changed)
                self.update()
            return
        self._grip = grip_at(self._map, self.tool, x, y)
        self._pull(x, y)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            self._pull(*self._place(event))

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._grip is None:
            return
        self._pull(*self._place(event))
        self._grip = None
        draft, self._draft = self._draft, None
        if draft is None:
            self.refused.emit(self._problem)
        else:
            self._map = draft
            self.drawn.emit(draft)
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(self.rect())
        shape = QPainterPath()
        shape.addRoundedRect(room, px(8), px(8))
        painter.setClipPath(shape)
        painter.fillRect(room, qcolor("bg"))
        paint_map(painter, self._lens(), self._draft or self._map)

    def _pull(self, x: float, y: float) -> None:
        grip = self._grip
        if grip is None:
            return
        try:
            self._draft, self._problem = grip.pulled(x, y), ""
        except MapError as error:
            self._draft, self._problem = None, str(error)
        self.update()

    def _lens(self) -> Lens:
        margin = px(MARGIN_PX)
        room = QRectF(self.rect()).adjusted(margin, margin, -margin, -margin)
        return Lens.fitting(room, FIELD, FIELD)

    def _place(self, event: QMouseEvent) -> tuple[float, float]:
        x, y = self._lens().place(event.position())
        return min(max(x, 0.0), 100.0), min(max(y, 0.0), 100.0)


class MapEditor(QWidget):
    """The field with its tools.

    Signals
    -------
    edited(object)
        The :class:`HeadlightMap` after a change.
    drive_asked(object)
        A person wants the agent to drive on this map.
    """

    edited = Signal(object)
    drive_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seed = FIRST_SEED
        self.canvas = MapCanvas()
        self.tools = ChoiceBox("What is drawn", TOOLS, value="obstacle", segmented=True)
        self.drive = QPushButton("Drive here")
        self.drive.setProperty("primary", "true")
        self.drive.setToolTip("Let the agent learn and drive on this map from now on")
        self.dice = IconButton("dices", "Begin with a random map", size=16)
        self.clear = IconButton("trash-2", "Take everything off the field but the station", size=16)
        self.load = IconButton("folder-open", "Open a map …", size=16)
        self.store = IconButton("save", "Save this map …", size=16)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setProperty("role", "muted")
        row = QHBoxLayout()
        row.addWidget(self.tools)
        row.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(row)
        self._column.addWidget(self.canvas, 1)
        self._column.addWidget(self.words)
        foot = QHBoxLayout()
        for button in (self.dice, self.clear, self.load, self.store):
            foot.addWidget(button)
        foot.addStretch(1)
        foot.addWidget(self.drive)
        self._column.addLayout(foot)
        self._connect()
        self._say(str(self.tools.value))
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def map(self) -> HeadlightMap:
        """What is drawn."""
        return self.canvas.map

    def show_map(self, course: HeadlightMap) -> None:
        """Show a map without emitting."""
        self.canvas.set_map(course)

    def save_map(self, path: Path) -> None:
        """Write the map into a file."""
        write_atomically(path, self.map.to_text())

    def open_map(self, path: Path) -> None:
        """Take a map from a file; one that is none is a sentence."""
        try:
            course = HeadlightMap.from_text(path.read_text(encoding="utf-8"))
        except (WorldError, OSError, UnicodeDecodeError) as error:
            self.words.setText(str(error))
            return
        self._take(course)

    def _connect(self) -> None:
        self.tools.edited.connect(self._on_tool)
        self.canvas.drawn.connect(self._take)
        self.canvas.refused.connect(self.words.setText)
        self.drive.clicked.connect(lambda: self.drive_asked.emit(self.map))
        self.dice.clicked.connect(self._on_dice)
        self.clear.clicked.connect(lambda: self._take(replace(EMPTY_MAP, name="drawn")))
        self.load.clicked.connect(self._on_load)
        self.store.clicked.connect(self._on_store)

    def _take(self, course: HeadlightMap) -> None:
        self.canvas.set_map(course)
        self._say(str(self.tools.value))
        self.edited.emit(course)

    def _on_tool(self, tool: str) -> None:
        self.canvas.tool = tool
        self._say(tool)

    def _on_dice(self) -> None:
        self._seed += 1
        self._take(random_map(self._seed))

    def _on_load(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Open a map", "", MAP_FILES)
        if path:
            self.open_map(Path(path))

    def _on_store(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Save the map", "map.json", MAP_FILES)
        if path:
            try:
                self.save_map(Path(path))
            except SaveError as error:
                self.words.setText(str(error))

    def _say(self, tool: str) -> None:
        self.words.setText(next(help for key, _, help in TOOLS if key == tool) + ".")

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(6))
