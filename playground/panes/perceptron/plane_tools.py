"""What the mouse and the keys do on the plane: gestures become edits.

A click adds, a drag moves what was taken hold of (a point, the line, its normal) or, from an empty
place, the paper. A drag is one gesture: its many edits are undone together. Moves are sent at most
once a frame, the last one always.
"""

from __future__ import annotations

import enum
import math
from typing import TYPE_CHECKING, Literal

import numpy as np
from PySide6.QtCore import QObject, QPointF, Qt, QTimer, Signal

from playground.experiments.perceptron_edits import (
    AddPoints,
    MovePoints,
    RelabelPoints,
    RemovePoints,
    SetWeights,
)
from playground.panes.perceptron.plane_geometry import gradient_norm
from playground.panes.perceptron.plane_lines import line_handles
from playground.ui.channel import ChannelClient
from playground.ui.theme import px

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent

    from playground.experiments.base import Edit
    from playground.panes.perceptron.plane import PlaneView

Tool = Literal["point", "brush", "erase"]
Grip = Literal["", "base", "tip", "line"]

CLICK_SLOP_PX = 4.0
HIT_PX = 9.0
LINE_HIT_PX = 6.0
SEND_INTERVAL_MS = 16
BRUSH_PX = 26.0
BRUSH_POINTS = 4
LARGEST_BATCH = 500


class Hold(enum.Enum):
    """What the pressed button holds."""

    NOTHING = "nothing"
    CLICK = "click"
    PAPER = "paper"
    POINT = "point"
    LINE = "line"
    BRUSH = "brush"


class PlaneTools(QObject):
    """Turns mouse and key events of a plane into edits."""

    edit_made = Signal(object, int)
    """An :class:`~playground.experiments.base.Edit` and the number of its gesture."""
    tool_changed = Signal(str)

    def __init__(self, view: PlaneView) -> None:
        super().__init__(view)
        self._view = view
        self._tool: Tool = "point"
        self._borrowed: Tool | None = None
        self._hold = Hold.NOTHING
        self._grip: Grip = ""
        self._pressed = QPointF()
        self._last = QPointF()
        self._button = Qt.MouseButton.NoButton
        self._label = 1
        self._gesture = 0
        self._offset = QPointF()
        self._before: tuple[float, float] | tuple[float, float, float] | None = None
        self._outbox: Edit | None = None
        # Where paint lands is a matter of display: the edit carries the places themselves.
        self._spray = np.random.default_rng(1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SEND_INTERVAL_MS)
        self._timer.timeout.connect(self._flush)

    @property
    def tool(self) -> Tool:
        """The tool in use, a key held down included."""
        return self._borrowed or self._tool

    @property
    def grip(self) -> Grip:
        """What part of the line is held or under the pointer."""
        return self._grip

    @property
    def busy(self) -> bool:
        """Tell whether a drag is under way."""
        return self._hold not in (Hold.NOTHING, Hold.CLICK)

    def set_tool(self, tool: Tool) -> None:
        """Choose the tool for the left button."""
        self._tool = tool
        self._tell()

    def borrow(self, tool: Tool | None) -> None:
        """Use another tool while a key is held; None gives it back."""
        if tool != self._borrowed:
            self._borrowed = tool
            self._tell()

    def press(self, event: QMouseEvent) -> None:
        """Begin a gesture."""
        if self._hold is not Hold.NOTHING:
            return
        at, button = event.position(), event.button()
        self._pressed = self._last = at
        self._button = button
        self._gesture = ChannelClient.new_gesture()
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._label = -1 if shifted or button == Qt.MouseButton.RightButton else 1
        self._hold = Hold.CLICK
        if button == Qt.MouseButton.MiddleButton or (
            event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            return
        if self.tool != "point":
            self._hold = Hold.BRUSH
            self._dab(at)
            return
        if button == Qt.MouseButton.LeftButton:
            self._take_hold(at)

    def move(self, event: QMouseEvent) -> None:
        """Go on with the gesture, or look what is under the pointer."""
        at = event.position()
        if self._hold is Hold.NOTHING:
            self.look(at)
            return
        step = at - self._last
        if self._hold is Hold.CLICK:
            if _length(at - self._pressed) <= CLICK_SLOP_PX:
                return
            self._hold = self._dragging()
            step = at - self._pressed
        match self._hold:
            case Hold.PAPER:
                self._view.pan(step.x(), step.y())
            case Hold.POINT:
                self._drag_point(at)
            case Hold.LINE:
                self._drag_line(at)
            case Hold.BRUSH if _length(step) >= px(BRUSH_PX) * 0.45:
                self._dab(at)
            case Hold.BRUSH:
                self._view.hover_at(at)
                return
        self._last = at
        if self._hold is Hold.POINT and self._view.pending.held is not None:
            # What is in hand need not be looked for, among 100,000 points at every move.
            self._view.hold_at(at, self._view.pending.held)
        else:
            self._view.hover_at(at)

    def release(self, event: QMouseEvent) -> None:
        """End the gesture; a press that went nowhere was a click."""
        if event.button() != self._button:
            return
        held, self._hold = self._hold, Hold.NOTHING
        self._button = Qt.MouseButton.NoButton
        self._flush()
        if held is Hold.CLICK:
            self._click(event.position(), event.button())
        self._view.pending.held = None
        self._before = None
        if held is Hold.POINT:
            self._view.cloud_changed()
        self.look(event.position())

    def cancel(self) -> None:
        """Put back what is being dragged."""
        if self._hold is Hold.POINT and self._view.pending.held is not None and self._before:
            self._post(MovePoints(ids=(self._view.pending.held,), xy=((*self._before[:2],),)))
        elif self._hold is Hold.LINE and self._before is not None and len(self._before) == 3:
            self._post_line(self._before)
        self._flush()
        self._view.pending.forget()
        self._hold = Hold.NOTHING
        self._view.cloud_changed()

    def remove_hovered(self) -> bool:
        """Remove the point under the pointer, else the chosen one; tell whether there was one."""
        victim = self._view.hovered if self._view.hovered is not None else self._view.chosen
        if victim is None:
            return False
        self._remove((victim,), ChannelClient.new_gesture())
        return True

    def look(self, at: QPointF) -> None:
        """Find out what is under the pointer and show it."""
        self._view.hover_at(at)
        self._grip = ""
        if self.tool == "point":
            grip, away = self._grip_at(at)
            hovered = self._view.hovered
            if hovered is None:
                self._grip = grip
            elif grip and away < _length(
                at - self._view.place.to_px(*self._view.place_of(hovered))
            ):
                # Of a point and a handle on the same spot, the nearer one is meant.
                self._grip = grip
                self._view.hovered = None
        self._view.show_cursor(self._cursor())

    def _take_hold(self, at: QPointF) -> None:
        self.look(at)
        view = self._view
        if view.hovered is not None:
            view.chosen = view.hovered
            place = view.place_of(view.hovered)
            spot = view.place.to_px(*place)
            self._offset = spot - at
            self._before = place
        elif self._grip and (line := view.loud_line()) is not None:
            self._before = line

    def _dragging(self) -> Hold:
        if self._button == Qt.MouseButton.LeftButton and self._before is not None:
            if len(self._before) == 3:
                return Hold.LINE
            self._view.pending.held = self._view.chosen
            return Hold.POINT
        return Hold.PAPER

    def _click(self, at: QPointF, button: Qt.MouseButton) -> None:
        view = self._view
        if not view.place.area.contains(at):
            return
        view.hover_at(at)
        if button == Qt.MouseButton.MiddleButton:
            if view.hovered is not None:
                self._remove((view.hovered,), self._gesture)
        elif button == Qt.MouseButton.RightButton and view.hovered is not None:
            label = -view.label_of(view.hovered)
            self.edit_made.emit(RelabelPoints(ids=(view.hovered,), labels=(label,)), self._gesture)
        elif view.hovered is None and button in (
            Qt.MouseButton.LeftButton,
            Qt.MouseButton.RightButton,
        ):
            view.chosen = None
            self._add([view.place.to_data(at.x(), at.y())])
        view.update()

    def _drag_point(self, at: QPointF) -> None:
        view = self._view
        held = view.pending.held
        if held is None:
            return
        spot = at + self._offset
        area = view.place.area
        x, y = view.place.to_data(
            min(max(spot.x(), area.left()), area.right()),
            min(max(spot.y(), area.top()), area.bottom()),
        )
        view.pending.moved[held] = (x, y)
        view.cloud_changed()
        self._post(MovePoints(ids=(held,), xy=((x, y),)))

    def _drag_line(self, at: QPointF) -> None:
        before = self._before
        if before is None or len(before) != 3:
            return
        place = self._view.place
        if self._grip == "tip":
            handles = line_handles(before, place)
            if handles is None:
                return
            pivot = place.to_data(handles.base.x(), handles.base.y())
            x, y = place.to_data(at.x(), at.y())
            reach = math.hypot(x - pivot[0], y - pivot[1])
            if reach == 0.0:
                return
            norm = gradient_norm(before)
            w1, w2 = norm * (x - pivot[0]) / reach, norm * (y - pivot[1]) / reach
            turned = (w1, w2, -(w1 * pivot[0] + w2 * pivot[1]))
        else:
            start = place.to_data(self._pressed.x(), self._pressed.y())
            now = place.to_data(at.x(), at.y())
            w1, w2, beta = before
            turned = (w1, w2, beta - w1 * (now[0] - start[0]) - w2 * (now[1] - start[1]))
        self._post_line(turned)

    def _post_line(self, line: tuple[float, float, float]) -> None:
        self._view.hold_line(line)
        w1, w2, beta = line
        self._post(SetWeights(learner=self._view.selected, w1=w1, w2=w2, beta=beta))

    def _dab(self, at: QPointF) -> None:
        self._last = at
        self._view.hover_at(at)
        place, radius = self._view.place, px(BRUSH_PX)
        if self.tool == "erase":
            near = self._view.ids_within(at, radius)
            if near:
                self._remove(tuple(near), self._gesture)
            return
        turn = self._spray.uniform(0.0, 2.0 * math.pi, BRUSH_POINTS)
        # The square root spreads the points evenly over the disc.
        out = radius * np.sqrt(self._spray.uniform(0.0, 1.0, BRUSH_POINTS))
        spots = zip((at.x() + out * np.cos(turn)), (at.y() + out * np.sin(turn)), strict=True)
        inside = [spot for spot in spots if place.area.contains(QPointF(*spot))]
        self._add([place.to_data(float(u), float(v)) for u, v in inside])

    def _add(self, places: list[tuple[float, float]]) -> None:
        if not places:
            return
        pending = self._view.pending
        pending.note()
        pending.added.extend((x, y, self._label) for x, y in places)
        self._view.cloud_changed()
        labels = (self._label,) * len(places)
        self.edit_made.emit(AddPoints(xy=tuple(places), labels=labels), self._gesture)

    def _remove(self, ids: tuple[int, ...], gesture: int) -> None:
        fresh = tuple(i for i in ids if i not in self._view.pending.removed)[:LARGEST_BATCH]
        if not fresh:
            return
        self._view.pending.note()
        self._view.pending.removed.update(fresh)
        if self._view.chosen in fresh:
            self._view.chosen = None
        self._view.hovered = None
        self._view.cloud_changed()
        self.edit_made.emit(RemovePoints(ids=fresh), gesture)

    def _post(self, edit: Edit) -> None:
        """Send at most one move a frame; the last one is never lost."""
        self._view.pending.note()
        self._outbox = edit
        if not self._timer.isActive():
            self._timer.start()

    def _flush(self) -> None:
        edit, self._outbox = self._outbox, None
        if edit is not None:
            self.edit_made.emit(edit, self._gesture)

    def _grip_at(self, at: QPointF) -> tuple[Grip, float]:
        """Return what of the line is under a pixel, and how far away it is."""
        line = self._view.loud_line()
        handles = line_handles(line, self._view.place) if line is not None else None
        if handles is None or not self._view.place.area.contains(at):
            return "", 0.0
        tip, base = _length(at - handles.tip), _length(at - handles.base)
        if self._view.options.normal and tip <= px(HIT_PX) + 2:
            return "tip", tip
        if base <= px(HIT_PX):
            return "base", base
        if abs(handles.line.distance(at.x(), at.y())) <= px(LINE_HIT_PX):
            # Points lie thick along a line: they come first.
            return "line", math.inf
        return "", 0.0

    def _cursor(self) -> Qt.CursorShape:
        if self.tool != "point":
            return Qt.CursorShape.BlankCursor
        if self._view.hovered is not None:
            return Qt.CursorShape.OpenHandCursor
        if self._grip == "tip":
            return Qt.CursorShape.PointingHandCursor
        return Qt.CursorShape.SizeAllCursor if self._grip else Qt.CursorShape.CrossCursor

    def _tell(self) -> None:
        self._view.show_cursor(self._cursor())
        self._view.update()
        self.tool_changed.emit(self.tool)


def _length(vector: QPointF) -> float:
    return math.hypot(vector.x(), vector.y())
