"""The plot widget: themed, still while playing, with numbers under the pointer."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget
from typing_extensions import override

from playground.ui.icons import themed_icon
from playground.ui.number_text import format_number
from playground.ui.plots.curves import SeriesCurve
from playground.ui.plots.pictures import PICTURE_SCALE, PlotPictures
from playground.ui.plots.ranges import Bounds, fitted, held, union
from playground.ui.plots.read_out import ReadOut, nearest_sample
from playground.ui.plots.setup import configure_pyqtgraph
from playground.ui.plots.view import PlotView
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pyqtgraph as pg

    from playground.ui.plots.pointer import PointerEvent, PointerTool

COLUMN_PX = 1.5
LEGEND_OFFSETS = {
    "top-right": (-8, 8),
    "top-left": (8, 8),
    "bottom-right": (-8, -8),
    "bottom-left": (8, -8),
}


class Plot(QWidget):
    """Axes with names and units, persistent things in them, and ranges that hold still.

    Parameters
    ----------
    x, y
        Names of the axes; empty names take no room.
    x_unit, y_unit
        Units behind the names.
    surface
        Token of the background: ``"raised"`` in cards, ``"bg"`` on the stage.
    square
        One unit is as long in x as in y: for planes of points.
    grid
        Draw quiet lines at the ticks.
    allow_log
        Offer a logarithmic y axis in the menu.

    Signals
    -------
    range_changed()
        The visible part has changed, by hand or by itself.
    picture_failed(str)
        A picture could not be saved; one sentence.
    """

    range_changed = Signal()
    picture_failed = Signal(str)

    def __init__(
        self,
        x: str = "",
        y: str = "",
        *,
        x_unit: str = "",
        y_unit: str = "",
        surface: str = "raised",
        square: bool = False,
        grid: bool = True,
        allow_log: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        configure_pyqtgraph()
        super().__init__(parent)
        self._surface = surface
        self._curves: list[SeriesCurve] = []
        self._others: list[Any] = []
        self._log = (False, False)
        self._fresh = True
        self._hold = True
        self._by_hand = False
        self._moving = False
        self._batching = False
        self._changed_in_batch = False
        self._read_out_text: Callable[[float, float], str] | None = None
        self._legend: pg.LegendItem | None = None
        self.menu_actions: list[QAction] = []
        self.view = PlotView(grid)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self.view.setFrameShape(PlotView.Shape.NoFrame)
        self.item.hideButtons()
        self.item.setMenuEnabled(False)
        # pyqtgraph builds its menu all the same; as a child it goes when the plot goes.
        menu = self.item.ctrlMenu
        menu.setParent(self.view, menu.windowFlags())
        self.box.setAspectLocked(square)
        self._read_out = ReadOut(self.view)
        self.item.addItem(self._read_out.dot, ignoreBounds=True)
        self._read_out.hide()
        self.set_labels(x, y, x_unit=x_unit, y_unit=y_unit)
        self._build_actions(allow_log)
        self.box.sigRangeChanged.connect(self._on_range_changed)
        self.box.sigResized.connect(self._on_range_changed)
        self.box.sigRangeChangedManually.connect(self._on_moved_by_hand)
        self.view.pointer_moved.connect(self._on_pointer_moved)
        self.view.pointer_left.connect(self._read_out.hide)
        self.view.double_clicked.connect(self.fit)
        self.view.menu_asked.connect(self._on_menu_asked)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def item(self) -> pg.PlotItem:
        """The plot item, for things this class has no name for."""
        return self.view.getPlotItem()

    @property
    def box(self) -> pg.ViewBox:
        """The view box: where data coordinates live."""
        return self.item.getViewBox()

    @property
    def curves(self) -> tuple[SeriesCurve, ...]:
        """All curves made by :meth:`add_curve` that are still here."""
        return tuple(self._curves)

    @property
    def range(self) -> Bounds:
        """What the axes show, in axis coordinates."""
        (x0, x1), (y0, y1) = self.box.viewRange()
        return Bounds(x0, x1, y0, y1)

    @property
    def is_following(self) -> bool:
        """Whether the ranges look after themselves; a hand on them ends it until :meth:`fit`."""
        return self._hold and not self._by_hand

    @override
    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Show, QEvent.Type.DevicePixelRatioChange):
            theme().set_device_ratio(self.devicePixelRatioF())
        return super().event(event)

    def add_curve(self, name: str, color: str = "accent", *, width: float = 2.0) -> SeriesCurve:
        """Return a new curve in this plot; it joins the legend if there is one."""
        curve = SeriesCurve(name, color, width=width, surface=self._surface)
        curve.set_log(*self._log)
        for graphics in curve.items:
            self.item.addItem(graphics, ignoreBounds=True)
        self._curves.append(curve)
        self._give_window(curve)
        curve.attach(self._on_data_changed)
        return curve

    @contextlib.contextmanager
    def batch(self) -> Iterator[None]:
        """Give several curves their data and let ranges and pictures follow once, at the end."""
        self._batching, self._changed_in_batch = True, False
        for curve in self._curves:
            curve.hold(True)
        try:
            yield
        finally:
            self._batching = False
            if self._changed_in_batch:
                self._on_data_changed()
            for curve in self._curves:
                curve.hold(False)

    def add(self, thing: Any) -> None:
        """Put a trail, image, line or any graphics item into the plot.

        What has ``bounds`` counts for the range, what has ``apply_theme`` follows the theme, what
        has ``items`` is added piece by piece.
        """
        for graphics in getattr(thing, "items", (thing,)):
            self.item.addItem(graphics, ignoreBounds=True)
        self._others.append(thing)
        if hasattr(thing, "attach"):
            thing.attach(self._on_data_changed)

    def remove(self, thing: Any) -> None:
        """Take a curve or anything added out of the plot."""
        for graphics in getattr(thing, "items", (thing,)):
            self.item.removeItem(graphics)
        if thing in self._curves:
            self._curves.remove(thing)
        else:
            self._others.remove(thing)

    def show_legend(self, corner: str = "top-right") -> None:
        """Show one legend inside the axes, in a corner such as ``"top-right"``."""
        if self._legend is None:
            self._legend = self.item.addLegend(offset=LEGEND_OFFSETS[corner])
            for curve in self._curves:
                self._legend.addItem(curve.past, curve.name)
            self._on_theme_changed()

    def set_labels(self, x: str, y: str, *, x_unit: str = "", y_unit: str = "") -> None:
        """Name the axes."""
        self.item.getAxis("bottom").set_name(x, x_unit)
        self.item.getAxis("left").set_name(y, y_unit)

    def set_axes_visible(self, visible: bool) -> None:
        """Show or hide both axes."""
        for side in ("left", "bottom"):
            self.item.showAxis(side, visible)

    def set_log(self, x: bool = False, y: bool = False) -> None:
        """Make axes logarithmic or linear again; values that are not positive become gaps."""
        if (x, y) == self._log:
            return
        self._log = (x, y)
        self.item.getAxis("bottom").setLogMode(x)
        self.item.getAxis("left").setLogMode(y)
        self.view.set_log(x, y)
        for curve in self._curves:
            curve.set_log(x, y)
        self.log_action.setChecked(y)
        self.fit()

    def set_hold(self, hold: bool) -> None:
        """Let ranges grow by themselves when data leaves them (True), or never (False)."""
        self._hold = hold

    def set_range(self, bounds: Bounds) -> None:
        """Show exactly this part (square plots: at least this)."""
        self._moving = True
        self.box.setRange(xRange=(bounds.x0, bounds.x1), yRange=(bounds.y0, bounds.y1), padding=0)
        # Else pyqtgraph moves the contents while they are painted, and has them painted once more.
        self.box.prepareForPaint()
        self._moving = False
        self._fresh = False

    def fit(self) -> None:
        """Show all data with a small margin and look after the ranges from now on."""
        self._by_hand = False
        bounds = self.data_bounds()
        if bounds is None:
            self._fresh = True
            return
        self.set_range(Bounds(*fitted(bounds.x0, bounds.x1), *fitted(bounds.y0, bounds.y1)))

    def data_bounds(self) -> Bounds | None:
        """Return what everything in the plot spans, in axis coordinates; None when empty."""
        return union(getattr(thing, "bounds", None) for thing in (*self._curves, *self._others))

    def pixel_size(self) -> tuple[float, float]:
        """Return how much one pixel is in x and y, in axis coordinates."""
        width, height = self.box.viewPixelSize()
        return float(width), float(height)

    def set_pointer_tool(self, tool: PointerTool | None) -> None:
        """Offer the mouse to a tool before panning and menu get it."""
        self.view.tool = tool

    def set_read_out(self, text: Callable[[float, float], str] | None) -> None:
        """Replace the nearest-curve read-out: ``text(x, y)`` in data coordinates, "" for none."""
        self._read_out_text = text
        self._read_out.hide()

    def read_out_text(self) -> str:
        """Return what the read-out says; empty while it is hidden."""
        return self._read_out.label.text()

    def add_menu_action(self, action: QAction) -> None:
        """Put an action at the top of the context menu."""
        self.menu_actions.append(action)

    def export_png(self, path: str | Path, scale: float = PICTURE_SCALE) -> Path:
        """Write a PNG at ``scale`` times the size on screen; raises ``SaveError``."""
        self._read_out.hide()
        return self.pictures.save(path, scale)

    def export_svg(self, path: str | Path) -> Path:
        """Write an SVG (the name must end so); raises ``SaveError``."""
        self._read_out.hide()
        return self.pictures.save(path)

    def context_menu(self) -> QMenu:
        """Return the menu that a right click opens; the caller shows and deletes it."""
        menu = QMenu(self)
        menu.addActions(self.menu_actions)
        if self.menu_actions:
            menu.addSeparator()
        menu.addAction(self.fit_action)
        if self._allow_log:
            menu.addAction(self.log_action)
        menu.addSeparator()
        menu.addAction(self.pictures.copy_action)
        menu.addAction(self.pictures.save_action)
        return menu

    def _build_actions(self, allow_log: bool) -> None:
        self._allow_log = allow_log
        self.fit_action = QAction("Fit view", self)
        themed_icon(self.fit_action, "maximize")
        self.fit_action.triggered.connect(self.fit)
        self.pictures = PlotPictures(self.item, self._surface, self._on_theme_changed, self)
        self.pictures.failed.connect(self.picture_failed)
        self.log_action = QAction("Logarithmic y axis", self)
        self.log_action.setCheckable(True)
        self.log_action.toggled.connect(self._on_log_toggled)

    def _on_log_toggled(self, on: bool) -> None:
        self.set_log(x=self._log[0], y=on)

    def _on_menu_asked(self, place: QPoint) -> None:
        menu = self.context_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    def _on_data_changed(self) -> None:
        if self._batching:
            self._changed_in_batch = True
            return
        bounds = self.data_bounds()
        if bounds is None:
            self._fresh = True
            return
        if self._fresh and not self._by_hand:
            self.fit()
        elif self.is_following:
            self._hold_ranges(bounds)

    def _hold_ranges(self, data: Bounds) -> None:
        shown = self.range
        x = held((shown.x0, shown.x1), data.x0, data.x1)
        y = held((shown.y0, shown.y1), data.y0, data.y1)
        if x != (shown.x0, shown.x1) or y != (shown.y0, shown.y1):
            self.set_range(Bounds(*x, *y))

    def _on_range_changed(self) -> None:
        for curve in self._curves:
            self._give_window(curve)
        self.range_changed.emit()

    def _give_window(self, curve: SeriesCurve) -> None:
        (low, high), _ = self.box.viewRange()
        # A line is wider than a pixel: finer columns would cost time and not be seen.
        curve.set_window(low, high, max(1, round(self.box.width() / COLUMN_PX)))

    def _on_moved_by_hand(self) -> None:
        if not self._moving:
            self._by_hand = True

    def _on_pointer_moved(self, event: PointerEvent) -> None:
        if not event.inside or event.buttons != Qt.MouseButton.NoButton:
            self._read_out.hide()
            return
        if self._read_out_text is not None:
            text = self._read_out_text(event.x, event.y)
            if text:
                self._read_out.show_at(event.pixel, text)
            else:
                self._read_out.hide()
            return
        self._read_nearest(event)

    def _read_nearest(self, event: PointerEvent) -> None:
        place = self.box.mapSceneToView(self.view.mapToScene(event.pixel.toPoint()))
        found = nearest_sample(self._curves, place.x(), place.y(), self._pixel_of)
        if found is None:
            self._read_out.hide()
            return
        curve, x, y, axis_x, axis_y = found
        name = self.item.getAxis("bottom").name
        at = f"{name} {_plain(x)}" if name else _plain(x)
        self._read_out.mark(axis_x, axis_y, curve.color)
        self._read_out.show_at(event.pixel, f"{curve.name}  {format_number(y)}\n{at}")

    def _pixel_of(self, x: float, y: float) -> tuple[float, float]:
        scene = self.box.mapViewToScene(QPointF(x, y))
        return float(scene.x()), float(scene.y())

    def _on_theme_changed(self) -> None:
        self.view.setBackground(qcolor(self._surface))
        for side in ("left", "bottom"):
            self.item.getAxis(side).apply_theme()
        for thing in (*self._curves, *self._others, self._read_out):
            if hasattr(thing, "apply_theme"):
                thing.apply_theme()
        self.item.layout.setContentsMargins(px(2), px(6), px(8), px(2))
        if self._legend is not None:
            self._legend.setLabelTextColor(qcolor("text"))
            self._legend.setLabelTextSize(f"{px(12)}px")
            for _, label in self._legend.items:
                # Takes the options set above; by itself it keeps those it was made with.
                label.setText(label.text)
            self._legend.setBrush(qcolor(self._surface, 0.85))
            self._legend.setPen(qcolor("line"))


def _plain(x: float) -> str:
    """Whole steps and epochs without decimals."""
    return format_number(int(x)) if x == round(x) and abs(x) < 1e15 else format_number(x)
