"""The path walked through a plane, fading behind its head."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QPen

from playground.ui.plots.decimation import Floats, as_series, thin
from playground.ui.plots.ranges import Bounds
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

MOST_POINTS = 1200
# From the oldest part to the newest.
ALPHAS = (0.18, 0.3, 0.45, 0.65, 1.0)
SHARES = (0.0, 0.5, 0.7, 0.85, 0.95, 1.0)
HEAD_PX = 9


class PathTrail:
    """A line through (x, y) places in the order they were visited, with a dot at the newest.

    Long paths are thinned evenly to 1,200 places; first and newest always stay.
    """

    def __init__(self, color: str = "accent", *, width: float = 2.0) -> None:
        self._color = color
        self._width = width
        self._bounds: Bounds | None = None
        self._changed: Callable[[], None] | None = None
        self._parts = [pg.PlotCurveItem() for _ in ALPHAS]
        self._head = pg.ScatterPlotItem(size=px(HEAD_PX), pxMode=True)
        for item in self._parts:
            item.setZValue(12)
        self._head.setZValue(13)
        self.apply_theme()

    @property
    def items(self) -> tuple[pg.GraphicsObject, ...]:
        """The graphics items, oldest part first, head last."""
        return (*self._parts, self._head)

    @property
    def bounds(self) -> Bounds | None:
        """What the path spans in axis coordinates."""
        return self._bounds

    def set_path(self, x: ArrayLike, y: ArrayLike) -> None:
        """Show a path of (n,) places, oldest first; places that are not finite break it."""
        xs, ys = as_series(x, y)
        picked = thin(len(xs), MOST_POINTS)
        xs, ys = xs[picked], ys[picked]
        finite = np.isfinite(xs) & np.isfinite(ys)
        whole = bool(finite.all())
        borders = [round(share * len(xs)) for share in SHARES]
        for item, start, end in zip(self._parts, borders[:-1], borders[1:], strict=True):
            # One place more, so that the parts join.
            part = slice(max(0, start - 1), end)
            if np.count_nonzero(finite[part]) < 2:
                item.setData(_EMPTY, _EMPTY)
            else:
                connect = "all" if whole else "finite"
                item.setData(xs[part], ys[part], connect=connect, skipFiniteCheck=whole)
        xs, ys = xs[finite], ys[finite]
        self._head.setData(x=xs[-1:], y=ys[-1:])
        self._bounds = None
        if len(xs):
            self._bounds = Bounds(
                float(xs.min()), float(xs.max()), float(ys.min()), float(ys.max())
            )
        if self._changed is not None:
            self._changed()

    def clear(self) -> None:
        """Show nothing."""
        self.set_path(_EMPTY, _EMPTY)

    def attach(self, changed: Callable[[], None]) -> None:
        """Tell the plot from now on when the path has changed."""
        self._changed = changed

    def apply_theme(self) -> None:
        """Make pens and head anew."""
        for item, alpha in zip(self._parts, ALPHAS, strict=True):
            pen = QPen(theme().pen(self._color, self._width, alpha=alpha))
            # Round ends of translucent parts would show as dots where they join.
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            item.setPen(pen)
        self._head.setBrush(qcolor(self._color))
        self._head.setPen(theme().pen("bg", 1.5))
        self._head.setSize(px(HEAD_PX))


_EMPTY: Floats = np.empty(0)
