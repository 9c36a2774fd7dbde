"""The graphics view of a plot: pyqtgraph's, with the mouse offered to a tool first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from typing_extensions import override

from playground.ui.plots.axis import ThemedAxis
from playground.ui.plots.pointer import PointerEvent, PointerTool

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QContextMenuEvent, QMouseEvent


class StillViewBox(pg.ViewBox):
    """Pans with left and middle button, zooms with the wheel, has no menu of its own."""

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self.disableAutoRange()

    @override
    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:
        if ev.button() == Qt.MouseButton.RightButton:
            ev.ignore()
            return
        super().mouseDragEvent(ev, axis)


class PlotView(pg.PlotWidget):
    """Forwards presses, moves and releases to a :class:`PointerTool` before pyqtgraph sees them."""

    pointer_moved = Signal(object)
    pointer_left = Signal()
    double_clicked = Signal()
    menu_asked = Signal(object)

    def __init__(self, grid: bool) -> None:
        axes = {side: ThemedAxis(side, grid) for side in ("left", "bottom")}
        super().__init__(viewBox=StillViewBox(), axisItems=axes, background=None)
        # The grid belongs under what is drawn; pyqtgraph lifts its axes above the view.
        for axis in axes.values():
            axis.setZValue(-100)
        self.tool: PointerTool | None = None
        self._held = False
        self._log = (False, False)
        # The tool must see the way between two clicks too.
        self.setMouseTracking(True)

    def set_log(self, x: bool, y: bool) -> None:
        """Say which axes are logarithmic, so that events are told in plain values."""
        self._log = (x, y)

    def event_at(self, event: QMouseEvent) -> PointerEvent:
        """Return a mouse event in data coordinates."""
        pixel = event.position()
        scene = self.mapToScene(pixel.toPoint()) + (pixel - QPointF(pixel.toPoint()))
        box = self.getPlotItem().getViewBox()
        place = box.mapSceneToView(scene)
        x, y = (
            10.0 ** min(value, 300.0) if log else value
            for value, log in zip((place.x(), place.y()), self._log, strict=True)
        )
        return PointerEvent(
            x=x,
            y=y,
            pixel=pixel,
            button=event.button(),
            buttons=event.buttons(),
            modifiers=event.modifiers(),
            inside=box.sceneBoundingRect().contains(scene),
        )

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.tool is not None:
            told = self.event_at(event)
            if told.inside and self.tool.press(told):
                self._held = True
                event.accept()
                return
        super().mousePressEvent(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        told = self.event_at(event)
        if self.tool is not None:
            self.tool.move(told)
        self.pointer_moved.emit(told)
        if self._held:
            event.accept()
            return
        super().mouseMoveEvent(event)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._held and self.tool is not None:
            self._held = event.buttons() != Qt.MouseButton.NoButton
            self.tool.release(self.event_at(event))
            event.accept()
            return
        self._held = False
        super().mouseReleaseEvent(event)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        told = self.event_at(event)
        if self.tool is not None and told.inside and self.tool.double_click(told):
            event.accept()
            return
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit()
            event.accept()

    @override
    def leaveEvent(self, event: QEvent) -> None:
        if self.tool is not None:
            self.tool.leave()
        self.pointer_left.emit()
        super().leaveEvent(event)

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        # A right press that the tool took is no question for a menu.
        if not self._held:
            self.menu_asked.emit(event.globalPos())
        event.accept()
