"""One setting with several seeds in a plot: each seed faint, the mean bold, the band pale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from playground.panes.agents.band import Band

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.experiments.agents_seeds import Axis, SeedBand, SeedsResult
    from playground.ui.plots import Plot

SPREAD, RANGE = "spread", "range"
FAINT: Final = 0.4


class SeedGraphs:
    """The curves of one result.

    Parameters
    ----------
    plot
        Where they stand.
    color
        Lane of all of them.
    count
        How many seeds there are.
    """

    def __init__(self, plot: Plot, color: str, count: int) -> None:
        self.each = [plot.add_curve(f"seed {k + 1}", color, width=0.8) for k in range(count)]
        self.mean = plot.add_curve("mean", color, width=2.6)
        self.band = Band(color)
        plot.add(self.band)
        for curve in self.each:
            for item in curve.items:
                item.setOpacity(FAINT)
                item.setZValue(4)

    def draw(self, result: SeedsResult, axis: Axis, kind: str) -> None:
        """Show a result."""
        for graph, curve in zip(self.each, result.curves, strict=True):
            graph.name = f"seed {curve.seed}"
            graph.set_data(curve.against(axis), curve.mean)
        band = result.band(axis)
        if band is None:
            empty = np.empty(0)
            self.mean.set_data(empty, empty)
            self.band.set_data(empty, empty, empty)
            return
        self.mean.set_data(band.x, band.mean)
        self.band.set_data(band.x, *_edges(band, kind))

    def remove_from(self, plot: Plot) -> None:
        """Take everything out of the plot."""
        for thing in (*self.each, self.mean, self.band):
            plot.remove(thing)


def _edges(band: SeedBand, kind: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if kind == RANGE:
        return band.low, band.high
    return band.mean - band.spread, band.mean + band.spread
