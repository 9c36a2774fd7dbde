"""The path walked through a plane, fading behind its head."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from playground.ui.plots.decimation import Floats, as_series
from playground.ui.plots.path_item import EMPTY, PathHead, PathItem
from playground.ui.plots.ranges import Bounds

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike
    from PySide6.QtWidgets import QGraphicsItem

HEAD_PX = 9


class PathTrail:
    """A line through (x, y) places in the order they were visited, with a dot at the newest.

    Long paths are thinned evenly to 1,200 places when they are drawn; first and newest always stay.
    """

    def __init__(self, color: str = "accent", *, width: float = 2.0) -> None:
        self._bounds: Bounds | None = None
        self._changed: Callable[[], None] | None = None
        self._line = PathItem(color, width)
        self._head = PathHead(color, HEAD_PX)
        self._line.setZValue(12)
        self._head.setZValue(13)

    @property
    def items(self) -> tuple[QGraphicsItem, ...]:
        """The graphics items, the line first and the head last."""
        return self._line, self._head

    @property
    def bounds(self) -> Bounds | None:
        """What the path spans in axis coordinates."""
        return self._bounds

    @property
    def places(self) -> tuple[Floats, Floats]:
        """The path as given, (n,) each, oldest first."""
        return self._line.places

    def set_path(self, x: ArrayLike, y: ArrayLike) -> None:
        """Show a path of (n,) places, oldest first; places that are not finite break it."""
        xs, ys = as_series(x, y)
        self._line.set_path(xs, ys)
        finite = np.isfinite(xs) & np.isfinite(ys)
        xs, ys = xs[finite], ys[finite]
        self._head.stand_at(xs, ys)
        self._bounds = None
        if len(xs):
            self._bounds = Bounds(
                float(xs.min()), float(xs.max()), float(ys.min()), float(ys.max())
            )
        if self._changed is not None:
            self._changed()

    def clear(self) -> None:
        """Show nothing."""
        self.set_path(EMPTY, EMPTY)

    def attach(self, changed: Callable[[], None]) -> None:
        """Tell the plot from now on when the path has changed."""
        self._changed = changed

    def apply_theme(self) -> None:
        """Make pens and head anew."""
        self._line.apply_theme()
        self._head.apply_theme()
