"""The contour map with its mouse: click or drag the start, pick a lane, read what lies below."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget
from typing_extensions import override

from playground.panes.optimizers.colour_bar import HeightBar
from playground.panes.optimizers.map_layer import RaceLayer
from playground.ui.channel import ChannelClient
from playground.ui.plots import Bounds, Plot
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from playground.core.surfaces.surface import Surface
    from playground.engine.frames import Frame
    from playground.experiments.optimizers_snapshot import (
        LaneView,
        OptimizerRaceSnapshot,
        Pair,
    )
    from playground.experiments.optimizers_surface_spec import SurfaceSpec
    from playground.panes.optimizers.map_marks import MapOptions
    from playground.ui.plots import PointerEvent

HIT_PX = 11.0
BAR_ROOM_PX = 400
LOOK_AGAIN_MS = 70
DRAG_MS = 60
"""While a start is dragged, a race is begun anew at most this often; the last place is not lost."""


class MapView(QWidget):
    """Axes, race and colour bar."""

    start_placed = Signal(float, float, bool, int)
    """x, y, whether it is that of the selected lane only, and the number of the gesture."""
    lane_chosen = Signal(int)
    pointer_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = Plot("x", "y", surface="bg", square=True, grid=False)
        self.layer = RaceLayer(self.plot.box)
        self.plot.add(self.layer)
        self.bar = HeightBar()
        self.log = False
        self.tool = StartTool(self)
        self.plot.set_pointer_tool(self.tool)
        self.plot.fit_action.triggered.disconnect()
        self.plot.fit_action.triggered.connect(self.fit)
        self._shown: object = None
        self._kind: object = None
        self._selected = 0
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(LOOK_AGAIN_MS)
        self._again.timeout.connect(self._look)
        self.plot.range_changed.connect(self._on_range_changed)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.plot, 1)
        self._row.addWidget(self.bar)
        self.setMinimumSize(200, 180)
        self.setAccessibleName("Contour map of the loss surface with the trails of the lanes")
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Where room is short the map needs it more; heights are told under the pointer.
        self.bar.setVisible(self.width() >= px(BAR_ROOM_PX))

    @property
    def options(self) -> MapOptions:
        """What is shown besides the ground and the heads."""
        return self.layer.options

    @property
    def surface(self) -> Surface | None:
        """The surface on the map."""
        return self.layer.surface

    @property
    def selected(self) -> int:
        """The place in the spec of the loud lane."""
        return self._selected

    def preview(self, spec: SurfaceSpec, surface: Surface) -> None:
        """Show a surface before there is a race on it."""
        self._show_surface(spec, surface, surface.start)

    def render_race(self, frame: Frame, snapshot: OptimizerRaceSnapshot, selected: int) -> None:
        """Show the race after some round."""
        self._selected = selected
        self._show_surface(snapshot.spec.surface, snapshot.surface, snapshot.start)
        if not self.tool.busy:
            self.layer.held_start = None
        self.layer.show_race(frame, snapshot, selected)

    def set_option(self, name: str, value: object) -> None:
        """Switch something on or off: a field of :class:`MapOptions`."""
        setattr(self.options, name, value)
        self.layer.update()

    def set_log(self, log: bool) -> None:
        """Spread the colours over decades, or evenly."""
        if log == self.log or self.surface is None:
            return
        self.log = log
        self.layer.field.show_surface(self.surface, log)
        self.bar.set_scale(self.layer.field.scale)
        self._look()

    def fit(self) -> None:
        """Show the whole domain of the surface."""
        if self.surface is not None:
            domain = self.surface.domain
            self.plot.set_range(Bounds(domain.x_min, domain.x_max, domain.y_min, domain.y_max))
            self._look()

    def zoom(self, factor: float) -> None:
        """Magnify about the middle."""
        shown = self.plot.range
        middle = ((shown.x0 + shown.x1) / 2, (shown.y0 + shown.y1) / 2)
        half = ((shown.x1 - shown.x0) / 2 / factor, (shown.y1 - shown.y0) / 2 / factor)
        self.plot.set_range(
            Bounds(
                middle[0] - half[0], middle[0] + half[0], middle[1] - half[1], middle[1] + half[1]
            )
        )

    @property
    def probe(self) -> Pair | None:
        """The place under the pointer; None outside."""
        return self.tool.at

    @property
    def hovered(self) -> LaneView | None:
        """The lane whose head is under the pointer."""
        return self.head_at(*self.tool.at) if self.tool.at is not None else None

    def head_at(self, x: float, y: float) -> LaneView | None:
        """Return the lane whose head is nearest to a place, within reach of the pointer."""
        place = self.layer.place()
        u, v = place.pixel(x, y)
        nearest, shortest = None, float(px(HIT_PX))
        for view in self.layer.lanes:
            if not (math.isfinite(view.x) and math.isfinite(view.y)):
                continue
            head = place.pixel(view.x, view.y)
            distance = math.hypot(head[0] - u, head[1] - v)
            if distance < shortest or (distance == shortest and view.index == self._selected):
                nearest, shortest = view, distance
        return nearest

    def on_start(self, x: float, y: float) -> bool:
        """Tell whether the mark of the common start is under a place."""
        if self.layer.start is None:
            return False
        place = self.layer.place()
        u, v = place.pixel(x, y)
        at = place.pixel(*self.layer.start)
        return math.hypot(at[0] - u, at[1] - v) <= px(HIT_PX)

    def hold_start(self, at: Pair, *, own: bool) -> None:
        """Show a start where it is being dragged to."""
        colour = None
        if own:
            colour = next((v.colour for v in self.layer.lanes if v.index == self._selected), 0)
        self.layer.held_start = (at, colour)
        self.layer.update()

    def _show_surface(self, spec: SurfaceSpec, surface: Surface, start: Pair) -> None:
        shown = (spec, surface.minima)
        if shown == self._shown:
            return
        self._shown = shown
        framing = (surface.kind, surface.domain)
        if surface.kind != (self._kind[0] if isinstance(self._kind, tuple) else None):
            self.log = surface.log_colour
        other = framing != self._kind
        self._kind = framing
        self.layer.show_surface(surface, start, log=self.log)
        self.bar.set_scale(self.layer.field.scale)
        self.plot.set_labels(*surface.axes)
        self.fit() if other else self._look()

    def _look(self) -> None:
        self.layer.field.look(self.layer.place())
        self.layer.update()

    def _on_range_changed(self) -> None:
        place = self.layer.place()
        if place.width > 1 and not self.layer.field.covers(place):
            # A first picture at once, the next ones when the hand rests.
            self._again.start()

    def _on_theme_changed(self) -> None:
        self._row.setSpacing(px(8))
        self.layer.update()


class StartTool:
    """The left button on the map: places a start, or picks the lane under it."""

    def __init__(self, view: MapView) -> None:
        self._view = view
        self.at: Pair | None = None
        self.busy = False
        self._own = False
        self._gesture = 0
        self._waiting: Pair | None = None
        self._timer = QTimer(view)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DRAG_MS)
        self._timer.timeout.connect(self._flush)

    def press(self, event: PointerEvent) -> bool:
        """Take the left button; the middle one moves the paper."""
        if event.button != Qt.MouseButton.LeftButton or self._view.surface is None:
            return False
        own = bool(event.modifiers & Qt.KeyboardModifier.ShiftModifier)
        if not own and not self._view.on_start(event.x, event.y):
            head = self._view.head_at(event.x, event.y)
            if head is not None:
                self._view.lane_chosen.emit(head.index)
                return True
        self._own = own
        self.busy = True
        self._gesture = ChannelClient.new_gesture()
        self._put(event)
        return True

    def move(self, event: PointerEvent) -> None:
        """Follow the pointer; with the button held the start goes along."""
        self.at = (event.x, event.y) if event.inside else None
        if self.busy:
            self._put(event)
        elif self.at is not None:
            over = self._view.on_start(*self.at) or self._view.head_at(*self.at) is not None
            shape = Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.CrossCursor
            self._view.plot.view.viewport().setCursor(shape)
        self._view.pointer_changed.emit()

    def release(self, event: PointerEvent) -> None:
        """Leave the start where it is."""
        if self.busy:
            self._put(event)
            self._timer.stop()
            self._flush()
            self.busy = False

    def double_click(self, event: PointerEvent) -> bool:
        """Take the second of two quick clicks like the first."""
        return self.press(event)

    def leave(self) -> None:
        """Forget the pointer."""
        self.at = None
        self._view.pointer_changed.emit()

    def _put(self, event: PointerEvent) -> None:
        surface = self._view.surface
        if surface is None:
            return
        domain = surface.domain
        at = (
            min(max(event.x, domain.x_min), domain.x_max),
            min(max(event.y, domain.y_min), domain.y_max),
        )
        self._view.hold_start(at, own=self._own)
        self._waiting = at
        if not self._timer.isActive():
            self._flush()
            self._timer.start()

    def _flush(self) -> None:
        at, self._waiting = self._waiting, None
        if at is not None:
            self._view.start_placed.emit(*at, self._own, self._gesture)
