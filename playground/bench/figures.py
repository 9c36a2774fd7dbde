"""What a measurement hands back, and how much effort it may make."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    Parameters
    ----------
    name
        What was measured, ``"pacing of perceptron: p99"``.
    value, unit
        The number; a ratio has no unit.
    target
        What it is held against; None where it only explains another figure.
    at_least
        True where the value must reach the target, False where it must not exceed it.
    note
        What it was compared with, and how often it was measured.
    """

    name: str
    value: float
    unit: str
    target: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none. NaN meets none."""
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target

    def as_json(self) -> dict[str, Any]:
        """Return plain data; a value that is no finite number becomes None."""
        plain = asdict(self)
        if self.value - self.value != 0.0:  # NaN and infinities
            plain["value"] = None
        return plain | {"met": self.met}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Figure:
        """Return the figure that :meth:`as_json` was asked of."""
        plain = {name: value for name, value in data.items() if name != "met"}
        if plain["value"] is None:
            plain["value"] = float("nan")
        return cls(**plain)


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how often to measure.

    Parameters
    ----------
    starts
        Starts of the program.
    pacing_s
        Seconds for which frames are watched.
    rounds, round_s
        Rounds of a comparison, and seconds of each of its two sides in a round.
    repeats
        Key presses, or tens of seeks.
    warm_up_s, memory_s
        Seconds before the memory is looked at first, and from then to the end.
    steps
        Length of the long run whose checkpoints are weighed.
    """

    starts: int
    pacing_s: float
    rounds: int
    round_s: float
    repeats: int
    warm_up_s: float
    memory_s: float
    steps: int = 1_000_000


FULL = Effort(5, 30.0, 11, 2.0, 20, 60.0, 300.0)
QUICK = Effort(5, 5.0, 3, 2.0, 8, 10.0, 30.0)
