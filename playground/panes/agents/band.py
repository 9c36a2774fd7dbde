"""A pale surface about a curve: how far what it is the mean of is spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyqtgraph as pg

from playground.ui.theme import pen, qcolor

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MOST_POINTS: Final = 400


class Band:
    """The surface between two curves; it does not move the ranges.

    Parameters
    ----------
    color
        Token or lane of the curve that it belongs to.
    """

    bounds = None

    def __init__(self, color: str = "class_plus") -> None:
        self._color = color
        self._low, self._high = pg.PlotCurveItem(), pg.PlotCurveItem()
        self._fill = pg.FillBetweenItem(self._low, self._high)
        self._fill.setZValue(-5)
        self.apply_theme()

    @property
    def items(self) -> tuple[Any, ...]:
        """What stands in the plot."""
        return (self._fill,)

    @property
    def data(self) -> tuple[Floats, Floats, Floats]:
        """Places, lower and upper edge, as they are drawn."""
        x, low = self._low.getData()
        _, high = self._high.getData()
        return x, low, high

    def set_data(self, x: Floats, low: Floats, high: Floats) -> None:
        """Show the surface between two edges (n,)."""
        step = max(1, len(x) // MOST_POINTS)
        self._low.setData(x[::step], low[::step])
        self._high.setData(x[::step], high[::step])

    def apply_theme(self) -> None:
        """Take the colours of the theme."""
        self._fill.setBrush(qcolor(self._color, 0.18))
        self._fill.setPen(pen(self._color, 0.0, alpha=0.0))
