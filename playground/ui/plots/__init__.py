"""Plots: pyqtgraph made quiet, themed and still while playing.

:class:`Plot` is the widget; :class:`SeriesCurve`, :class:`NowLine`, :class:`PathTrail` and
:class:`ScalarImage` are the persistent things drawn in it, moved by ``set_data`` and friends.
"""

from __future__ import annotations

from playground.ui.plots.curves import NowLine, SeriesCurve
from playground.ui.plots.image import ScalarImage
from playground.ui.plots.plot import Plot
from playground.ui.plots.pointer import PointerEvent, PointerTool
from playground.ui.plots.ranges import Bounds
from playground.ui.plots.setup import configure_pyqtgraph
from playground.ui.plots.trail import PathTrail

__all__ = [
    "Bounds",
    "NowLine",
    "PathTrail",
    "Plot",
    "PointerEvent",
    "PointerTool",
    "ScalarImage",
    "SeriesCurve",
    "configure_pyqtgraph",
]
