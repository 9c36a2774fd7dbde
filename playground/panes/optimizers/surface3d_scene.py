"""What is drawn with OpenGL: the landscape, its lines, minima, trails and heads.

Imported only where OpenGL works. Items are made once; a frame only gives them new ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph.opengl as gl
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QVector3D
from typing_extensions import override

from playground.experiments.optimizers_snapshot import Standing, lane_series
from playground.panes.optimizers.lane_colours import lane_colour
from playground.panes.optimizers.map_place import map_colours
from playground.panes.optimizers.surface3d_shape import (
    HALF,
    HEIGHT,
    Shape,
    grid_lines,
    segments,
    shape_of,
)
from playground.ui.fonts import number_font, ui_font
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from PySide6.QtGui import QMouseEvent, QWheelEvent

    from playground.core.surfaces.surface import Surface
    from playground.engine.frames import Frame
    from playground.experiments.optimizers_snapshot import LaneView, OptimizerRaceSnapshot

HOME = {"elevation": 36.0, "azimuth": -62.0}
HOME_DISTANCE, HOME_PER_ASPECT = 33.0, 27.0
"""The camera stands so far away, or farther where the widget is wide and low."""
CLICK_PX, PICK_PX = 4.0, 16.0
LINES_EVERY = 10
LIGHT = np.array([-0.45, -0.6, 0.66])
SHADE = 0.5
"""How much darker a slope that turns away from the light is."""


class SurfaceScene(gl.GLViewWidget):
    """The OpenGL widget; the caller has made sure that there is OpenGL."""

    def __init__(self, picked: Callable[[int], object]) -> None:
        super().__init__()
        self._picked = picked
        self._shape: Shape | None = None
        self._shown: tuple[Surface, bool] | None = None
        self._heads: dict[int, tuple[float, float, float]] = {}
        self._trails: dict[int, Any] = {}
        self._drawn: dict[int, tuple[Any, ...]] = {}
        self._pressed = QPointF()
        self._at_home = True
        self._ground = gl.GLSurfacePlotItem(shader=None, smooth=True, computeNormals=False)
        self._lines = gl.GLLinePlotItem(mode="lines", antialias=True, glOptions="translucent")
        self._frame_box = gl.GLLinePlotItem(mode="lines", antialias=True, glOptions="translucent")
        self._minima = gl.GLScatterPlotItem(pxMode=True, glOptions="translucent")
        self._marks = gl.GLScatterPlotItem(pxMode=True, glOptions="translucent")
        self._texts = [gl.GLTextItem() for _ in range(6)]
        for depth, item in enumerate(
            (self._ground, self._lines, self._frame_box, self._minima, self._marks, *self._texts)
        ):
            item.setDepthValue(depth)
            self.addItem(item)
        self.setMinimumSize(px(120), px(100))
        self.look_from_home()
        theme().changed.connect(self._on_theme_changed)

    def look_from_home(self) -> None:
        """Put the camera where it was at first."""
        self.opts["center"] = QVector3D(0.0, 0.0, 0.28 * HEIGHT)
        self._at_home = True
        self.setCameraPosition(distance=self._home_distance(), **HOME)

    def show_race(
        self, frame: Frame, snapshot: OptimizerRaceSnapshot, selected: int, log: bool
    ) -> None:
        """Draw the race on its surface."""
        surface = snapshot.surface
        if self._shown is None or self._shown[0] is not surface or self._shown[1] != log:
            self._shown = (surface, log)
            self._shape = shape_of(surface, log)
            self._drawn = {}
            self._draw_ground()
        self._draw_trails(frame, snapshot, selected)
        self._draw_heads(snapshot, selected)

    def heights_in_words(self) -> str:
        """Return which values of f the floor and the top of the box stand for."""
        if self._shape is None:
            return ""
        low, high = self._shape.scale.low, self._shape.scale.high
        return f"f from {format_number(low, 3)} to {format_number(high, 3)}"

    def head_at(self, at: QPointF) -> int | None:
        """Return the lane whose head is drawn near a place of the widget."""
        near = None
        shortest = float(px(PICK_PX))
        for index, place in self._heads.items():
            spot = self._on_screen(place)
            gap = (spot - at).manhattanLength()
            if gap < shortest:
                near, shortest = index, gap
        return near

    @override
    def resizeGL(self, width: int, height: int) -> None:
        super().resizeGL(width, height)
        if self._at_home:
            self.opts["distance"] = self._home_distance()

    @override
    def mouseMoveEvent(self, ev: QMouseEvent) -> None:
        if ev.buttons() != Qt.MouseButton.NoButton:
            self._at_home = False
        super().mouseMoveEvent(ev)

    @override
    def wheelEvent(self, ev: QWheelEvent) -> None:
        self._at_home = False
        super().wheelEvent(ev)

    @override
    def mousePressEvent(self, ev: QMouseEvent) -> None:
        self._pressed = ev.position()
        super().mousePressEvent(ev)

    @override
    def mouseReleaseEvent(self, ev: QMouseEvent) -> None:
        super().mouseReleaseEvent(ev)
        moved = (ev.position() - self._pressed).manhattanLength()
        if ev.button() == Qt.MouseButton.LeftButton and moved <= CLICK_PX:
            found = self.head_at(ev.position())
            if found is not None:
                self._picked(found)

    def _home_distance(self) -> float:
        aspect = int(self.width()) / max(1, int(self.height()))
        return max(HOME_DISTANCE, HOME_PER_ASPECT * aspect)

    def _on_screen(self, place: tuple[float, float, float]) -> QPointF:
        viewport = self.getViewport()
        matrix = self.projectionMatrix(viewport, viewport) * self.viewMatrix()
        spot = matrix.map(QVector3D(*place))
        return QPointF(
            (spot.x() + 1.0) / 2.0 * self.width(), (1.0 - spot.y()) / 2.0 * self.height()
        )

    def _draw_ground(self) -> None:
        shape = self._shape
        if shape is None or self._shown is None:
            return
        tokens = theme().tokens
        self.setBackgroundColor(qcolor("bg"))
        heights = shape.heights
        colours = _shaded(shape)
        self._ground.setData(
            x=shape.x.astype(np.float32),
            y=shape.y.astype(np.float32),
            z=heights.astype(np.float32),
            colors=colours.reshape(-1, 4),
        )
        every = max(1, LINES_EVERY * len(shape.x) // 141)
        ink = (1.0, 1.0, 1.0, 0.16) if tokens.name == "dark" else (0.1, 0.12, 0.15, 0.2)
        self._lines.setData(pos=grid_lines(shape, every), color=ink, width=1.0)
        self._frame_box.setData(pos=_box_lines(), color=qcolor("control").getRgbF(), width=1.2)
        surface = self._shown[0]
        known = [(m.x, m.y, m.value) for m in surface.minima if surface.domain.holds(m.x, m.y)]
        table = np.array(known or [(np.nan,) * 3])
        places = shape.place(table[:, 0], table[:, 1], table[:, 2])
        self._minima.setData(
            pos=places[np.isfinite(places).all(axis=1)].astype(np.float32),
            color=qcolor("text").getRgbF(),
            size=px(6),
        )
        self._write(surface)

    def _write(self, surface: Surface) -> None:
        """Write the names and ends of the axes around the box."""
        domain, edge = surface.domain, HALF + 1.1
        texts = (
            ((0.0, -edge - 0.9, 0.0), surface.axes[0], True),
            ((edge + 0.9, 0.0, 0.0), surface.axes[1], True),
            ((-HALF, -edge, 0.0), format_number(domain.x_min, 3, trim=True), False),
            ((HALF, -edge, 0.0), format_number(domain.x_max, 3, trim=True), False),
            ((edge, -HALF, 0.0), format_number(domain.y_min, 3, trim=True), False),
            ((edge, HALF, 0.0), format_number(domain.y_max, 3, trim=True), False),
        )
        for item, (place, words, name) in zip(self._texts, texts, strict=True):
            item.setData(
                pos=np.array(place),
                text=words,
                color=qcolor("text" if name else "muted"),
                font=ui_font(px(13)) if name else number_font(px(11)),
                alignment=Qt.AlignmentFlag.AlignCenter,
            )

    def _draw_trails(self, frame: Frame, snapshot: OptimizerRaceSnapshot, selected: int) -> None:
        present = {view.index for view in snapshot.lanes}
        for index in set(self._trails) - present:
            self.removeItem(self._trails.pop(index))
            self._drawn.pop(index, None)
        for view in snapshot.lanes:
            self._draw_trail(frame, view, snapshot.step, loud=view.index == selected)

    def _draw_trail(self, frame: Frame, view: LaneView, step: int, *, loud: bool) -> None:
        shape = self._shape
        name = lane_series(view.index)
        # Another run of the same surface may have other lanes than the frame's history tells.
        if shape is None or name not in frame.history.names:
            return
        rows = frame.history.upto(name, step)
        key = (frame.run_id, rows, loud, view.colour, view.standing is Standing.DIVERGED)
        if self._drawn.get(view.index) == key:
            return
        self._drawn[view.index] = key
        item = self._trails.get(view.index)
        if item is None:
            item = gl.GLLinePlotItem(mode="lines", antialias=True, glOptions="translucent")
            item.setDepthValue(20)
            self._trails[view.index] = item
            self.addItem(item)
        columns = frame.history.series(name).columns
        places = shape.place(
            np.asarray(columns["x"][:rows]),
            np.asarray(columns["y"][:rows]),
            np.asarray(columns["loss"][:rows]),
        )
        ends = segments(places)
        item.setVisible(bool(len(ends)))
        if len(ends):
            strength = 0.45 if view.standing is Standing.DIVERGED else 1.0
            colour = qcolor(lane_colour(view.colour), strength).getRgbF()
            item.setData(pos=ends, color=colour, width=theme().scale * (3.6 if loud else 2.0))
        item.setDepthValue(21 if loud else 20)

    def _draw_heads(self, snapshot: OptimizerRaceSnapshot, selected: int) -> None:
        shape = self._shape
        if shape is None:
            return
        domain = snapshot.surface.domain
        self._heads = {}
        colours, sizes = [], []
        for view in sorted(snapshot.lanes, key=lambda one: one.index == selected):
            # Comparisons with not-a-number fail: such a head is outside too.
            if not domain.holds(view.x, view.y) or not np.isfinite(view.loss):
                continue
            x, y, z = shape.place([view.x], [view.y], [view.loss])[0].tolist()
            self._heads[view.index] = (x, y, z + 0.05)
            loud = view.index == selected
            if loud:
                colours.append(qcolor("text").getRgbF())
                sizes.append(px(17))
            colours.append(qcolor(lane_colour(view.colour)).getRgbF())
            sizes.append(px(12 if loud else 9))
        places: list[tuple[float, float, float]] = []
        for index, place in self._heads.items():
            places += [place] * (2 if index == selected else 1)
        self._marks.setVisible(bool(places))
        if places:
            self._marks.setData(
                pos=np.array(places, dtype=np.float32),
                color=np.array(colours, dtype=np.float32),
                size=np.array(sizes, dtype=np.float32),
            )

    def _on_theme_changed(self) -> None:
        self._drawn = {}
        self._draw_ground()
        self.update()


def _shaded(shape: Shape) -> NDArray[np.float32]:
    """Return the colours (n, n, 4) of the landscape: those of the map, in the light of a lamp."""
    known = np.isfinite(shape.shares)
    steps = np.rint(np.nan_to_num(shape.shares, nan=0.0) * 255.0).astype(np.uint8)
    colours = (map_colours()[steps] / 255.0).astype(np.float32)
    spacing = float(shape.x[1] - shape.x[0])
    slope_x, slope_y = np.gradient(shape.heights, spacing)
    normals = np.stack([-slope_x, -slope_y, np.ones_like(slope_x)], axis=-1)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    lit = np.clip(normals @ (LIGHT / np.linalg.norm(LIGHT)), 0.0, 1.0)
    colours[..., :3] *= (1.0 - SHADE + 1.25 * SHADE * lit)[..., None]
    np.clip(colours, 0.0, 1.0, out=colours)
    colours[~known] = 0.0
    return colours


def _box_lines() -> NDArray[np.float32]:
    """Return the edges of the floor and the upright edge at the back as pairs of ends."""
    a, b, c, d = (-HALF, -HALF), (HALF, -HALF), (HALF, HALF), (-HALF, HALF)
    ends = []
    for one, other in ((a, b), (b, c), (c, d), (d, a)):
        ends += [(*one, 0.0), (*other, 0.0)]
    ends += [(*a, 0.0), (*a, HEIGHT)]
    return np.array(ends, dtype=np.float32)
