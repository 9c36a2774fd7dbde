"""Arithmetic between the positions of a slider and the values it stands for. No Qt.

A linear slider moves in steps. A logarithmic one moves along preferred numbers (ISO 3, series R10
for the arrow keys), so that 1, 1.3, 1.6, 2, 2.5 … appear instead of 1.2589.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

POSITIONS = 1000
LINEAR_STEPS = 200
LOG_STEPS_PER_DECADE = 10
LOG_DIGITS = 2
# Rounding to two digits moves a preferred number by up to 0.14 steps (1.3 for 1.2589).
OFF_THE_WALK = 0.2


@dataclass(frozen=True, slots=True)
class SliderScale:
    """Maps positions 0 … 1000 to values from ``minimum`` to ``maximum`` and back.

    Parameters
    ----------
    minimum, maximum
        Ends of the slider, ``minimum < maximum``; both positive when ``log``.
    log
        Equal distances are equal ratios.
    integer
        Values are whole numbers.
    step
        Increment of a linear slider; where left out, a round number near 1/200 of the range.

    Raises
    ------
    ValueError
        If the ends make no such scale.
    """

    minimum: float
    maximum: float
    log: bool = False
    integer: bool = False
    step: float | None = None

    def __post_init__(self) -> None:
        if not self.minimum < self.maximum:
            raise ValueError(f"A slider cannot go from {self.minimum} to {self.maximum}.")
        if self.log and self.minimum <= 0:
            raise ValueError(f"A logarithmic slider cannot start at {self.minimum}.")

    @property
    def increment(self) -> float:
        """Step of a linear scale."""
        if self.step is not None:
            return self.step
        return 1.0 if self.integer else _round_number((self.maximum - self.minimum) / LINEAR_STEPS)

    def position(self, value: float) -> int:
        """Return the position nearest to a value; values outside lie at the ends."""
        inside = min(max(value, self.minimum), self.maximum)
        if self.log:
            share = math.log(inside / self.minimum) / math.log(self.maximum / self.minimum)
        else:
            share = (inside - self.minimum) / (self.maximum - self.minimum)
        return round(share * POSITIONS)

    def value(self, position: float) -> float:
        """Return the round value at a position in 0 … 1000."""
        share = min(max(position / POSITIONS, 0.0), 1.0)
        if share in (0.0, 1.0):
            return self.minimum if share == 0.0 else self.maximum
        if self.log:
            exact = self.minimum * (self.maximum / self.minimum) ** share
        else:
            exact = self.minimum + share * (self.maximum - self.minimum)
        return self._snapped(exact)

    def stepped(self, value: float, steps: int) -> float:
        """Return the value some arrow-key presses away; it always moves unless at an end."""
        moved = self._moved(value, steps)
        if (moved - value) * steps <= 0 and steps:
            moved = self._moved(value, 2 * steps)
        return moved

    def _moved(self, value: float, steps: int) -> float:
        if not self.log:
            return self._snapped(value + steps * self.increment)
        inside = min(max(value, self.minimum), self.maximum)
        place = math.log10(inside) * LOG_STEPS_PER_DECADE
        nearest = round(place)
        if abs(place - nearest) > OFF_THE_WALK:
            # Between two preferred numbers: the first step goes to the next one.
            nearest = math.floor(place) if steps > 0 else math.ceil(place)
        power = (nearest + steps) / LOG_STEPS_PER_DECADE
        # Beyond the ends any power will do; a huge one would overflow.
        power = min(max(power, math.log10(self.minimum) - 1), math.log10(self.maximum) + 1)
        moved = self._snapped(10.0**power)
        if self.integer and moved == round(inside) and steps:
            return min(max(moved + math.copysign(1, steps), self.minimum), self.maximum)
        return moved

    def _snapped(self, exact: float) -> float:
        if self.log:
            digits = LOG_DIGITS - 1 - math.floor(math.log10(exact)) if exact > 0 else 0
            value = round(exact, digits)
        else:
            step = self.increment
            value = self.minimum + round((exact - self.minimum) / step) * step
            # Without this, 0.1 + 2 · 0.1 would read 0.30000000000000004.
            value = round(value, max(0, 12 - math.floor(math.log10(abs(step)))))
        if self.integer:
            value = round(value)
        return min(max(value, self.minimum), self.maximum)


def _round_number(length: float) -> float:
    """1, 2 or 5 times a power of ten, at most ``length``."""
    power = 10.0 ** math.floor(math.log10(length))
    factor = next(factor for factor in (5.0, 2.0, 1.0) if factor <= length / power * (1 + 1e-9))
    return factor * power
