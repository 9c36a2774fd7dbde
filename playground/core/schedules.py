"""Learning-rate schedules: by which factor the rate of round k differs from the set rate.

    rate of round k = rate · factor(k),  k = 0, 1, 2, …

step        γ^⌊k/T⌋
exponential γ^k
cosine      φ + (1 − φ)·½(1 + cos πk/T), up again after T as in torch
restarts    the same over T_i rounds, then from the top with T_{i+1} = m·T_i  (SGDR)
warm-up     from s to 1 along a line in T rounds, then 1
plateau     times γ whenever the loss has not improved for more than T rounds, not below φ

Reference: torch.optim.lr_scheduler (StepLR, ExponentialLR, CosineAnnealingLR,
CosineAnnealingWarmRestarts, LinearLR, ReduceLROnPlateau). Its absolute least rate is here a share φ
of the set rate, so that a rate that is changed while it is in force takes its schedule along.
Source of the restarts: I. Loshchilov and F. Hutter, "SGDR", ICLR 2017, equation 5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ScheduleKind = Literal[
    "constant", "step", "exponential", "cosine", "restarts", "warm-up", "plateau"
]

PLATEAU_THRESHOLD: Final = 1e-4
"""An improvement counts when the loss falls below (1 − this) times the best one."""

_PLATEAU_LEAST_CHANGE: Final = 1e-8


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule with its numbers; which of them count depends on the kind.

    Parameters
    ----------
    kind
        Which formula of this module.
    rounds
        T, at least 1: rounds to a drop, to the bottom of the cosine, of the warm-up, of patience.
    factor
        γ in 0…1.
    floor
        φ in 0…1: least share of the rate.
    growth
        m, at least 1: by how much each cycle is longer than the one before.
    first
        s in 0…1: share of the rate in the first round of the warm-up.
    """

    kind: ScheduleKind = "constant"
    rounds: int = 100
    factor: float = 0.5
    floor: float = 0.0
    growth: int = 1
    first: float = 0.01

    def factor_at(self, k: int) -> float:
        """Return the factor of round k, 0 for the first; 1 for a plateau schedule, see below."""
        match self.kind:
            case "step":
                return float(self.factor ** (k // self.rounds))
            case "exponential":
                return float(self.factor**k)
            case "cosine":
                return self._cosine(k / self.rounds)
            case "restarts":
                return self._cosine(self._share_of_cycle(k))
            case "warm-up":
                return self.first + (1.0 - self.first) * min(k, self.rounds) / self.rounds
            case _:
                return 1.0

    def curve(self, rate: float, rounds: int) -> NDArray[np.float64]:
        """Return the rates of the first rounds (rounds,), as a picture of the schedule.

        A plateau schedule is drawn as if the loss never improved.
        """
        if self.kind != "plateau":
            return rate * np.array([self.factor_at(k) for k in range(rounds)])
        state, rates = PlateauState(), []
        for _ in range(rounds):
            rates.append(rate * state.scale)
            state = state.after(0.0, self, rate)
        return np.array(rates)

    def _cosine(self, share: float) -> float:
        return self.floor + (1.0 - self.floor) * 0.5 * (1.0 + math.cos(math.pi * share))

    def _share_of_cycle(self, k: int) -> float:
        """Return how far round k is in its cycle, 0…1."""
        if self.growth == 1:
            return (k % self.rounds) / self.rounds
        length = self.rounds
        while k >= length:
            k -= length
            length *= self.growth
        return k / length


class PlateauState(NamedTuple):
    """What "reduce on plateau" remembers between rounds.

    Parameters
    ----------
    scale
        By what the rate is multiplied now.
    best
        The best loss so far.
    bad
        Rounds in a row without an improvement.
    """

    scale: float = 1.0
    best: float = math.inf
    bad: int = 0

    def after(self, loss: float, schedule: Schedule, rate: float) -> PlateauState:
        """Return the state after a round that ended with this loss.

        Parameters
        ----------
        loss
            The loss after the round; NaN counts as no improvement.
        schedule
            Its ``rounds`` are the patience.
        rate
            The set rate; a change smaller than 1e-8 is left out, as in torch.
        """
        if loss < self.best * (1.0 - PLATEAU_THRESHOLD):
            return PlateauState(self.scale, loss, 0)
        bad = self.bad + 1
        if bad <= schedule.rounds:
            return PlateauState(self.scale, self.best, bad)
        lower = max(self.scale * schedule.factor, schedule.floor)
        if rate * (self.scale - lower) <= _PLATEAU_LEAST_CHANGE:
            lower = self.scale
        return PlateauState(lower, self.best, 0)
