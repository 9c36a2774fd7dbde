"""Pictures of the laboratory in the colours of the theme, and what is outlined on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.ui.pixel_view import Core, Mark
from playground.ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from playground.core.convolution import Fed, Geometry, Window
    from playground.experiments.convolution_snapshot import DrawnMap

MOST_MARKS = 400
MOST_FRAMES = 25


def themed_pixels(drawn: DrawnMap) -> NDArray[np.uint8]:
    """Return the RGBA pixels of a map; signed ones in the diverging colours of the theme."""
    if drawn.palette == "signed" and drawn.levels is not None:
        pixels: NDArray[np.uint8] = theme().tokens.diverging_map[drawn.levels]
        return pixels
    return drawn.rgba


def plain_values(drawn: DrawnMap) -> NDArray[np.float64] | None:
    """Return the numbers (h, w) to be written into pixels; None where there are several."""
    return drawn.values[0] if len(drawn.values) == 1 else None


def core_of(geometry: Geometry) -> Core | None:
    """Return where the picture lies within its border; None where there is no border."""
    rows, cols = geometry
    if rows.padded == rows.length and cols.padded == cols.length:
        return None
    return Core(rows.before, cols.before, rows.length, cols.length)


def window_marks(window: Window, geometry: Geometry, token: str = "accent") -> list[Mark]:
    """Return the outline of a window on the padded picture, and its cells where they lie apart."""
    top, left = int(window.rows[0]), int(window.cols[0])
    height, width = geometry.rows.span, geometry.cols.span
    outline = Mark(top, left, height, width, token, 2.0, 0.0)
    if geometry.rows.dilation == 1 and geometry.cols.dilation == 1:
        return [outline]
    cells = [
        Mark(row, col, 1, 1, token, 1.0, 0.35)
        for row in window.rows.tolist()
        for col in window.cols.tolist()
    ]
    return [*cells, outline]


def fed_marks(fed: Sequence[Fed]) -> list[Mark]:
    """Return the outputs that a pixel feeds, the ones under negative weights in orange."""
    tokens = {1: "class_plus", -1: "class_minus", 0: "muted"}
    # Many small frames would hide what they frame.
    width = 1.4 if len(fed) <= MOST_FRAMES else 0.0
    return [
        Mark(
            one.row,
            one.col,
            token=tokens[(one.weight > 0) - (one.weight < 0)],
            width=width,
            fill=0.35 if one.weight else 0.0,
        )
        for one in fed[:MOST_MARKS]
    ]
