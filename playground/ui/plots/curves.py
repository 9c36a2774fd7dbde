"""Curves over steps or epochs, and the line that marks where you stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from playground.ui.plots.curve_item import CurveItem
from playground.ui.plots.decimation import Floats, all_finite, as_series, decimate, visible
from playground.ui.plots.ranges import Bounds
from playground.ui.theme import qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

# How much of a curve's colour is left in the part after "now".
FUTURE_SHARE = 0.32
# A wide smooth path costs time with the square of its length: 500 noisy points take 48 ms, the same
# points as separate segments 2 ms (measured on one core). Short ones get the nicer joins.
LONGEST_PATH = 128
EMPTY: Floats = np.empty(0)


class SeriesCurve:
    """One line of values over an ascending x, drawn solid up to now and faint after it.

    Made by :meth:`Plot.add_curve`. Values that are not finite break the line; on a logarithmic
    axis the same holds for values that are not positive.

    Parameters
    ----------
    name
        What the legend and the read-out call it.
    color
        Token, lane (``"lane:0"``) or ``#rrggbb``.
    width
        Pixels at scale 1.
    surface
        Token of the background, which the faint part is mixed with.
    """

    def __init__(
        self, name: str, color: str = "accent", *, width: float = 2.0, surface: str = "raised"
    ) -> None:
        self.name = name
        self._color = color
        self._width = width
        self._surface = surface
        self._x: Floats = EMPTY
        self._y: Floats = EMPTY
        self._shown_x: Floats = EMPTY
        self._shown_y: Floats = EMPTY
        self._now: float | None = None
        self._log = (False, False)
        self._window: tuple[float, float, int] = (0.0, 1.0, 1000)
        self._bounds: Bounds | None = None
        self._changed: Callable[[], None] | None = None
        self._held = False
        self._stale = False
        self.past = CurveItem(name=name)
        self.future = CurveItem()
        self.past.setZValue(10)
        self.future.setZValue(9)
        self._pens: dict[bool, tuple[QPen, QPen]] = {}
        self.apply_theme()

    @property
    def items(self) -> tuple[CurveItem, CurveItem]:
        """The two graphics items, solid and faint."""
        return self.past, self.future

    @property
    def data(self) -> tuple[Floats, Floats]:
        """The whole series as given, (n,) float64 each."""
        return np.asarray(self._x, dtype=np.float64), np.asarray(self._y, dtype=np.float64)

    @property
    def color(self) -> str:
        """Token, lane or ``#rrggbb`` as given."""
        return self._color

    @property
    def bounds(self) -> Bounds | None:
        """What the series spans in axis coordinates; None when nothing is drawable."""
        return self._bounds if self.past.isVisible() else None

    def set_data(self, x: ArrayLike, y: ArrayLike, now: float | None = None) -> None:
        """Show a series; ``now`` parts it into what happened and what was rewound.

        Raises
        ------
        ValueError
            If ``x`` and ``y`` are not (n,) arrays of one length.
        """
        self._x, self._y = as_series(x, y)
        self._now = now
        self._to_axes()
        self._draw()
        if self._changed is not None:
            self._changed()

    def set_now(self, now: float | None) -> None:
        """Move the border between solid and faint."""
        if now != self._now:
            self._now = now
            self._draw()

    def clear(self) -> None:
        """Show nothing."""
        self.set_data(EMPTY, EMPTY)

    def set_visible(self, visible_: bool) -> None:
        """Show or hide the curve; hidden curves do not count for the range."""
        for item in self.items:
            item.setVisible(visible_)

    def set_color(self, color: str) -> None:
        """Change the colour."""
        self._color = color
        self.apply_theme()

    def nearest(self, x: float) -> tuple[float, float, float, float] | None:
        """Return ``(x, y, axis x, axis y)`` of the drawable sample nearest to an axis x."""
        if not len(self._shown_x) or not self.past.isVisible():
            return None
        right = int(np.searchsorted(self._shown_x, x))
        near = [place for place in (right - 1, right) if 0 <= place < len(self._shown_x)]
        near = [place for place in near if np.isfinite(self._shown_y[place])]
        if not near:
            return None
        best = min(near, key=lambda place: abs(self._shown_x[place] - x))
        return (
            float(self._x[best]),
            float(self._y[best]),
            float(self._shown_x[best]),
            float(self._shown_y[best]),
        )

    def apply_theme(self) -> None:
        """Make the pens anew, once per theme, never per frame."""
        solid = qcolor(self._color)
        faint = _mixed(solid, qcolor(self._surface), FUTURE_SHARE)
        width = theme().pen_width(self._width)
        for segments, cap in ((False, Qt.PenCapStyle.RoundCap), (True, Qt.PenCapStyle.SquareCap)):
            self._pens[segments] = (_pen(solid, width, cap), _pen(faint, width, cap))
        self._draw()

    def attach(self, changed: Callable[[], None]) -> None:
        """Tell the plot from now on when the data has changed."""
        self._changed = changed

    def hold(self, on: bool) -> None:
        """Put off drawing until it is let go: several changes then cost one drawing."""
        self._held = on
        if not on and self._stale:
            self._draw()

    def set_log(self, x: bool, y: bool) -> None:
        """Take logarithms along the axes that are logarithmic."""
        if (x, y) != self._log:
            self._log = (x, y)
            self._to_axes()
            self._draw()

    def set_window(self, low: float, high: float, columns: int) -> None:
        """Say what part of the x axis is on screen and how many pixels wide it is."""
        if (low, high, columns) != self._window:
            self._window = (low, high, columns)
            if len(self._shown_x) > 2 * columns:
                self._draw()

    def _to_axes(self) -> None:
        self._shown_x = _log10(self._x) if self._log[0] else self._x
        self._shown_y = _log10(self._y) if self._log[1] else self._y
        x, y = self._shown_x, self._shown_y
        if not (all_finite(x) and all_finite(y)):
            drawable = np.isfinite(y) & np.isfinite(x)
            x, y = x[drawable], y[drawable]
        self._bounds = None
        if len(x):
            self._bounds = Bounds(float(x.min()), float(x.max()), float(y.min()), float(y.max()))

    def _draw(self) -> None:
        self._stale = self._held
        if self._held:
            return
        x, y = self._shown_x, self._shown_y
        low, high, columns = self._window
        if len(x) > 2 * columns:
            part = visible(x, low, high)
            x, y = decimate(x[part], y[part], columns)
        x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        border = len(x)
        if self._now is not None:
            now = np.log10(max(self._now, 1e-300)) if self._log[0] else self._now
            border = int(np.searchsorted(x, now, side="right"))
        self._fill(self.past, x[:border], y[:border], 0)
        self._fill(self.future, x[max(0, border - 1) :], y[max(0, border - 1) :], 1)

    def _fill(self, item: pg.PlotCurveItem, x: Floats, y: Floats, which: int) -> None:
        finite = np.isfinite(y)
        alone = len(x) == 1 and which == 0
        if not finite.any() or (len(x) < 2 and not alone):
            if item.xData is not None and len(item.xData):
                item.setData(EMPTY, EMPTY)
            return
        whole = bool(finite.all())
        segments = len(x) > LONGEST_PATH
        pen = self._pens[segments][which]
        if item.opts["pen"] is not pen:
            item.setPen(pen)
            item.opts["pen"] = pen
            item.opts["segmentedLineMode"] = "on" if segments else "off"
        item.setData(x, y, connect="all" if whole else "finite", skipFiniteCheck=whole)


class NowLine(pg.InfiniteLine):
    """The upright line at the step where you stand; it takes no mouse unless made movable."""

    def __init__(self, *, movable: bool = False) -> None:
        super().__init__(angle=90, movable=movable)
        self.setZValue(20)
        self.apply_theme()

    def set_now(self, x: float | None) -> None:
        """Stand at an axis x; None hides the line."""
        self.setVisible(x is not None)
        if x is not None:
            self.setValue(x)

    def apply_theme(self) -> None:
        """Take the colours of the theme."""
        self.setPen(theme().pen("muted", 1.2, Qt.PenStyle.DashLine))
        self.setHoverPen(theme().pen("accent", 2.0))


def _log10(values: Floats) -> Floats:
    positive = values > 0
    logs = np.full(values.shape, np.nan)
    np.log10(values, out=logs, where=positive)
    return logs


def _mixed(colour: QColor, ground: QColor, share: float) -> QColor:
    """Opaque in-between: overlapping segments of a translucent pen would show their joints."""
    parts = (
        (colour.redF(), ground.redF()),
        (colour.greenF(), ground.greenF()),
        (colour.blueF(), ground.blueF()),
    )
    return QColor.fromRgbF(*(share * front + (1 - share) * back for front, back in parts))


def _pen(colour: QColor, width: float, cap: Qt.PenCapStyle) -> QPen:
    pen = QPen(colour, width)
    pen.setCosmetic(True)
    pen.setCapStyle(cap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen
