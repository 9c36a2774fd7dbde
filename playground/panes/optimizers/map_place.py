"""Where the map lies on the screen, and how heights become colours. No widgets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from playground.ui.theme import theme

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.core.surfaces.surface import Surface

    Floats = NDArray[np.float64]

FARTHEST_PX = 20_000.0
"""Places farther away than this are drawn here: painters are slow with huge numbers."""

SCALE_GRID = 61
DARK_SHARE, LIGHT_SHARE = 0.5, 0.42
"""How much of the colour map shows; the rest is background, so that trails stay loud."""


class MapPlace(NamedTuple):
    """Data range x0…x1, y0…y1 shown in a rectangle of logical pixels, y upwards."""

    x0: float
    x1: float
    y0: float
    y1: float
    left: float
    top: float
    width: float
    height: float

    def to_px(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Return pixels of places; arrays or numbers, far ones pulled in."""
        u = self.left + (x - self.x0) * (self.width / (self.x1 - self.x0))
        v = self.top + (self.y1 - y) * (self.height / (self.y1 - self.y0))
        return (
            np.clip(u, self.left - FARTHEST_PX, self.left + FARTHEST_PX),
            np.clip(v, self.top - FARTHEST_PX, self.top + FARTHEST_PX),
        )

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        """Return the pixel of one place."""
        u, v = self.to_px(x, y)
        return float(u), float(v)


class HeightScale(NamedTuple):
    """How heights of a surface become 0…1, straight or logarithmic.

    Parameters
    ----------
    low, high
        Heights at 0 and 1; heights beyond are shown as the end.
    unit
        Logarithmic: heights this little above ``low`` look nearly the same; else 0.
    """

    low: float
    high: float
    unit: float

    def share(self, values: Any) -> Any:
        """Return where heights stand between both ends, 0…1; NaN stays NaN."""
        above = np.clip(
            (np.asarray(values, dtype=np.float64) - self.low), 0.0, self.high - self.low
        )
        if self.unit > 0.0:
            return np.log1p(above / self.unit) / math.log1p((self.high - self.low) / self.unit)
        return above / (self.high - self.low)

    def value(self, share: float) -> float:
        """Return the height at a share."""
        span = self.high - self.low
        if self.unit > 0.0:
            return self.low + self.unit * math.expm1(share * math.log1p(span / self.unit))
        return self.low + share * span

    def ticks(self) -> tuple[float, ...]:
        """Return a few round heights to be written beside the colours."""
        span = self.high - self.low
        if self.unit > 0.0:
            first = math.ceil(math.log10(self.unit))
            last = math.floor(math.log10(span))
            every = max(1, math.ceil((last - first + 1) / 5))
            decades = (10.0**power for power in range(last, first - 1, -every))
            return (self.low, *sorted(self.low + decade for decade in decades))
        step = 10.0 ** math.floor(math.log10(span / 3.0))
        step *= next(factor for factor in (1, 2, 5, 10) if span / (factor * step) <= 5.0)
        first = math.ceil(self.low / step - 1e-9)
        return tuple(k * step for k in range(first, math.floor(self.high / step + 1e-9) + 1))


def height_scale(surface: Surface, log: bool) -> HeightScale:
    """Return the colours' scale of a surface over its whole domain."""
    values = surface.grid(SCALE_GRID, SCALE_GRID)[2]
    finite = values[np.isfinite(values)]
    if not finite.size:
        return HeightScale(0.0, 1.0, 0.0)
    low, high = float(finite.min()), float(finite.max())
    if surface.minima:
        low = min(low, surface.minima[0].value)
    # A pole of a typed formula must not take all colours.
    usual = float(np.quantile(finite, 0.98))
    if high - low > 50.0 * (usual - low) > 0.0 and not log:
        high = usual
    if not high - low > 1e-12 * max(1.0, abs(low)):
        return HeightScale(low - 0.5, low + 0.5, 0.0)
    if not log:
        return HeightScale(low, high, 0.0)
    unit = 0.5 * float(np.quantile(finite - low, 0.04))
    return HeightScale(low, high, max(unit, 1e-6 * (high - low)))


def map_colours() -> NDArray[np.uint8]:
    """Return the (256, 4) colours of the map in the theme: a quiet form of the scalar map."""
    tokens = theme().tokens
    share = DARK_SHARE if tokens.name == "dark" else LIGHT_SHARE
    ground = np.array([int(tokens.bg[i : i + 2], 16) for i in (1, 3, 5)])
    table = np.full((256, 4), 255, dtype=np.uint8)
    mixed = share * tokens.scalar_map[:, :3] + (1.0 - share) * ground
    table[:, :3] = np.rint(mixed)
    return table
