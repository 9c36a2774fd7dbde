"""The plane: points, lines and everything a person does to them with the mouse.

A widget of its own rather than a plot: it paints straight from the snapshot, in pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFontMetricsF, QNativeGestureEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QLineEdit,
    QSizePolicy,
    QTextEdit,
    QWidget,
)
from typing_extensions import override

from playground.panes.perceptron.plane_geometry import PlaneMap, tick_text, ticks
from playground.panes.perceptron.plane_painter import PlanePainter
from playground.panes.perceptron.plane_points import radius_of
from playground.panes.perceptron.plane_scene import (
    PendingEdits,
    PlaneOptions,
    ShownPoints,
    selected_view,
)
from playground.panes.perceptron.plane_tools import HIT_PX, PlaneTools
from playground.ui.fonts import number_font
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintDevice, QPaintEvent, QWheelEvent

    from playground.experiments.perceptron_snapshot import LearnerView, PerceptronSnapshot
    from playground.panes.perceptron.plane_geometry import Line
    from playground.panes.perceptron.plane_points import PointCloud

ZOOM_PER_NOTCH = 1.18


class PlaneView(QWidget):
    """The plane of the perceptron pane; shows snapshots and tells of edits."""

    edit_made = Signal(object, int)
    """An edit a person made here, and the number of its gesture."""
    hover_changed = Signal()
    tool_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.options = PlaneOptions()
        self.pending = PendingEdits()
        self.selected = 0
        self.hovered: int | None = None
        self.chosen: int | None = None
        self.place = PlaneMap.fitting(QRectF(0, 0, 100, 100), np.full(2, -1.0), np.full(2, 1.0))
        self.snapshot: PerceptronSnapshot | None = None
        self.shown = ShownPoints(self.pending)
        self._points_shown: tuple[object, int] = (None, -1)
        self._names: tuple[str, str] | None = None
        self.held_line: Line | None = None
        self.pouring = False
        self.pointer: QPointF | None = None
        self._fitted = False
        self._left_px = 0.0
        self._painter = PlanePainter(self)
        self.tools = PlaneTools(self)
        self.tools.edit_made.connect(self.edit_made)
        self.tools.tool_changed.connect(self.tool_changed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Plane of the points and the separating lines")
        theme().changed.connect(self._on_theme_changed)

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(620), px(560))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(220), px(200))

    @property
    def cloud(self) -> PointCloud:
        """The points as they are shown, with the unanswered edits in them."""
        return self.shown.cloud

    def render_snapshot(
        self, snapshot: PerceptronSnapshot, selected: int, *, pouring: bool = False
    ) -> None:
        """Show a snapshot; the learner with the index ``selected`` is the loud one.

        ``pouring`` says that the next one follows with the next frame of the display.
        """
        self.snapshot = snapshot
        self.pouring = pouring
        self.selected = selected
        if not self.tools.busy:
            self.held_line = None
        shown = (snapshot.points, snapshot.data_version)
        if shown != self._points_shown:
            self._points_shown = shown
            self.pending.reconcile(snapshot.points, snapshot.data_version)
            self.shown.take_points(snapshot)
            if not self._fitted:
                self.fit()
        elif self.pending.any:
            self.pending.reconcile(snapshot.points, snapshot.data_version)
        view = self.loud_view()
        self.shown.take_wrong(view.wrong if view is not None else None)
        if snapshot.points.names == self._names:
            # The axes stand.
            self.update(self.place.area.toRect())
        else:
            self._names = snapshot.points.names
            self.update()

    def data_replaced(self) -> None:
        """Forget unanswered edits and fit the view to the next data: another run was opened."""
        self.pending.forget()
        self.hovered = self.chosen = None
        self.held_line = None
        self._points_shown = (None, -1)

    def fit(self) -> None:
        """Show all points with some room around them."""
        self._fitted = self.snapshot is not None
        self._left_px = 0.0
        if len(self.cloud):
            low, high = self.cloud.xy.min(axis=0), self.cloud.xy.max(axis=0)
        else:
            low, high = np.full(2, -1.0), np.full(2, 1.0)
        self.place = PlaneMap.fitting(self._area(), low, high)
        # The numbers of the axis decide how much room they need.
        self.place = PlaneMap.fitting(self._area(), low, high)
        self._view_moved()

    def fit_if_left(self) -> None:
        """Fit only where the points would be badly framed: outside, or lost in the middle."""
        if not self._fitted or not len(self.cloud):
            self.fit()
            return
        low, high = self.cloud.xy.min(axis=0), self.cloud.xy.max(axis=0)
        here = self.place
        outside = low[0] < here.x0 or low[1] < here.y0 or high[0] > here.x1 or high[1] > here.y1
        across = (high[0] - low[0]) / (here.x1 - here.x0)
        up = (high[1] - low[1]) / (here.y1 - here.y0)
        if outside or max(across, up) < 0.45:
            self.fit()

    def pan(self, du: float, dv: float) -> None:
        """Drag the paper by so many pixels."""
        self.place = self.place.panned(du, dv)
        self._view_moved()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Magnify about a pixel, or about the middle."""
        spot = at if at is not None else self.place.area.center()
        self.place = self.place.zoomed(factor, spot.x(), spot.y())
        self._view_moved()

    def set_option(self, name: str, value: object) -> None:
        """Switch something on or off: a field of :class:`PlaneOptions`."""
        setattr(self.options, name, value)
        self.update()

    def cloud_changed(self) -> None:
        """Show the points with the unanswered edits in them."""
        self.shown.take_points(self.snapshot)
        self.update()

    def hold_line(self, line: Line) -> None:
        """Show the loud line where it is being dragged to, until a snapshot has it."""
        self.held_line = line
        self.update()

    def loud_line(self) -> Line | None:
        """Return the line of the selected learner as it is shown."""
        if self.held_line is not None:
            return self.held_line
        view = self.loud_view()
        return view.line if view is not None else None

    def loud_view(self) -> LearnerView | None:
        """Return the learner whose line is loud."""
        return selected_view(self.snapshot, self.selected) if self.snapshot else None

    def place_of(self, identity: int) -> tuple[float, float]:
        """Return where a point of the snapshot is shown."""
        if identity in self.pending.moved:
            return self.pending.moved[identity]
        points = self._points_or_raise()
        x, y = points.x[int(np.searchsorted(points.ids, identity))].tolist()
        return x, y

    def label_of(self, identity: int) -> int:
        """Return the label of a point of the snapshot."""
        points = self._points_or_raise()
        return int(points.y[int(np.searchsorted(points.ids, identity))])

    def ids_within(self, at: QPointF, radius: float) -> list[int]:
        """Return the ids of the points within so many pixels."""
        distance = self._distances(at)
        if distance is None or self.snapshot is None:
            return []
        found: list[int] = self.snapshot.points.ids[distance <= radius].tolist()
        return [identity for identity in found if identity not in self.pending.removed]

    def hold_at(self, at: QPointF, identity: int) -> None:
        """Note where the pointer is with a point in hand."""
        self.pointer = at if self.place.area.contains(at) else None
        self.hovered = identity
        self.update()
        self.hover_changed.emit()

    def hover_at(self, at: QPointF | None) -> None:
        """Note what is under the pointer."""
        self.pointer = at if at is not None and self.place.area.contains(at) else None
        before, self.hovered = self.hovered, None
        if self.pointer is not None and self.snapshot is not None:
            distance = self._distances(self.pointer)
            if distance is not None and len(distance):
                row = int(np.argmin(distance))
                reach = max(HIT_PX, radius_of(len(distance)) + 4.0)
                identity = int(self.snapshot.points.ids[row])
                if distance[row] <= reach and identity not in self.pending.removed:
                    self.hovered = identity
        if before != self.hovered or self.tools.tool != "point":
            self.update()
        self.hover_changed.emit()

    @property
    def probe(self) -> tuple[float, float] | None:
        """The place under the pointer, that of the point where there is one; None outside."""
        if self.hovered is not None and self.snapshot is not None:
            points = self.snapshot.points
            row = int(np.searchsorted(points.ids, self.hovered))
            if row < len(points.ids) and points.ids[row] == self.hovered:
                return self.place_of(self.hovered)
        if self.pointer is None:
            return None
        return self.place.to_data(self.pointer.x(), self.pointer.y())

    def show_cursor(self, shape: Qt.CursorShape) -> None:
        """Change the pointer's shape."""
        if self.cursor().shape() != shape:
            self.setCursor(shape)
        self.update()

    def draw(self, device: QPaintDevice, ratio: float, *, vector: bool = False) -> None:
        """Paint the whole plane on a device of the size of this widget.

        ``vector`` paints up to some thousand points one by one, for drawings without pixels.
        """
        painter = QPainter(device)
        self._painter.paint(painter, ratio, vector=vector)
        painter.end()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        inside = self.place.area.contains(QRectF(event.rect()))
        self._painter.paint(painter, self.devicePixelRatioF(), inside=inside)
        painter.end()

    @override
    def resizeEvent(self, event: Any) -> None:
        area = self._area()
        if not self._fitted:
            self.place = PlaneMap.fitting(area, np.full(2, -1.0), np.full(2, 1.0))
        else:
            self.place = self.place.resized(area)
            self._view_moved()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.tools.press(event)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        # Two quick clicks are two points, not one.
        self.tools.press(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.tools.move(event)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.tools.release(event)

    @override
    def enterEvent(self, event: QEnterEvent) -> None:
        # B, X and Delete are meant for the plane under the pointer, but nobody who is typing
        # must lose the cursor.
        if not isinstance(QApplication.focusWidget(), QLineEdit | QAbstractSpinBox | QTextEdit):
            self.setFocus(Qt.FocusReason.MouseFocusReason)

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self.hover_at(None)
        self.tools.borrow(None)

    @override
    def contextMenuEvent(self, event: Any) -> None:
        # The right button adds class −1.
        event.accept()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120.0
        if notches:
            self.zoom(ZOOM_PER_NOTCH**notches, event.position())
        event.accept()

    @override
    def event(self, event: QEvent) -> bool:
        pinch = Qt.NativeGestureType.ZoomNativeGesture
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == pinch:
            self.zoom(1.0 + event.value(), event.position())
            return True
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_B:
                self.tools.borrow("brush")
            case Qt.Key.Key_X:
                self.tools.borrow("erase")
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                self.tools.remove_hovered()
            case Qt.Key.Key_Escape if self.tools.busy:
                self.tools.cancel()
            case _:
                super().keyPressEvent(event)

    @override
    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_B, Qt.Key.Key_X) and not event.isAutoRepeat():
            self.tools.borrow(None)
        else:
            super().keyReleaseEvent(event)

    def _distances(self, at: QPointF) -> Any:
        """Return the distance in pixels of every point of the snapshot from a pixel."""
        if self.snapshot is None:
            return None
        xy = self.snapshot.points.x
        if self.pending.moved:
            xy = xy.copy()
            ids = self.snapshot.points.ids
            for identity, place in self.pending.moved.items():
                row = int(np.searchsorted(ids, identity))
                if row < len(ids) and ids[row] == identity:
                    xy[row] = place
        x, y = self.place.to_data(at.x(), at.y())
        return np.hypot((xy[:, 0] - x) / self.place.per_px_x, (xy[:, 1] - y) / self.place.per_px_y)

    def has_point(self, identity: int) -> bool:
        """Tell whether the snapshot has a point of this id."""
        points = self._points_or_raise()
        row = int(np.searchsorted(points.ids, identity))
        return row < len(points.ids) and int(points.ids[row]) == identity

    def _points_or_raise(self) -> Any:
        if self.snapshot is None:
            raise RuntimeError("the plane has no snapshot yet")
        return self.snapshot.points

    def _area(self) -> QRectF:
        metrics = QFontMetricsF(number_font(px(11)))
        values, step = ticks(self.place.y0, self.place.y1, max(self.height(), 1) / px(52))
        widest = max((metrics.horizontalAdvance(tick_text(v, step)) for v in values), default=0.0)
        # Only grows until the next fit: the plane must not jump sideways while it is watched.
        self._left_px = max(self._left_px, widest + px(28))
        # Whole pixels: clipping to anything else is slow.
        left = round(self._left_px)
        width, height = self.width() - left - px(8), self.height() - px(46)
        return QRectF(left, px(6), max(width, 1), max(height, 1))

    def _view_moved(self) -> None:
        self.update()
        self.hover_changed.emit()

    def _on_theme_changed(self) -> None:
        self._left_px = 0.0
        self.place = self.place.resized(self._area())
        self.update()
