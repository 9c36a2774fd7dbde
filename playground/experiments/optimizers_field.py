"""The lanes of a race while they move: arrays over all of them, and each lane's own data.

Lanes that move are packed row by row, those of one method beside each other, so that a round is one
gradient pass and one update per method. A lane that rests, a checkpoint and a snapshot want the
data of single lanes: :class:`Lane`. Packing and unpacking change no bit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from playground.core import lbfgs, optimizers
from playground.core.schedules import PlateauState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from playground.core.surfaces.surface import Function
    from playground.experiments.optimizers_lane_spec import LaneSpec

    Array = NDArray[np.float64]

UNKNOWN = -1.0
"""Kind of place of a lane whose gradient is not small."""

_PAIRS = ("position", "origin", "gradient", "used", "move")
_NUMBERS = ("loss", "rate", "flips", "best", "improved", "kind", "check", "gap", "evaluations")


@dataclass(frozen=True, eq=False)
class Lane:
    """Everything about one lane after a round; immutable.

    Parameters
    ----------
    index
        Its place in the spec.
    columns
        One row of every column of :class:`Field`.
    state, before
        What its optimizer remembers, now and before the last step; slots are (2,) or (1,).
    memory, memory_before
        The same for L-BFGS.
    plateau
        What its schedule remembers.
    finished, diverged
        The round in which it arrived or diverged; −1 while it has not.
    """

    index: int
    columns: Mapping[str, Array]
    state: Mapping[str, Array]
    before: Mapping[str, Array]
    memory: lbfgs.Memory = field(default_factory=lbfgs.Memory)
    memory_before: lbfgs.Memory = field(default_factory=lbfgs.Memory)
    plateau: PlateauState = field(default_factory=PlateauState)
    finished: int = -1
    diverged: int = -1

    def number(self, name: str) -> float:
        """Return one number of the lane, such as its ``loss``."""
        return float(self.columns[name][0])

    def pair(self, name: str) -> tuple[float, float]:
        """Return one pair of the lane, such as its ``position``."""
        x, y = self.columns[name].tolist()
        return x, y


@dataclass(eq=False)
class Group:
    """Lanes of one method that move: rows ``rows`` of the field."""

    method: str
    rows: slice
    hyper: Mapping[str, Array]
    state: optimizers.State
    before: optimizers.State


def new_lane(index: int, spec: LaneSpec, start: tuple[float, float]) -> Lane:
    """Return a lane at its start, its loss and gradient still to be filled in."""
    columns = {name: np.zeros(2) for name in _PAIRS}
    columns.update({name: np.zeros(1) for name in _NUMBERS})
    columns["position"] = np.array(start, dtype=np.float64)
    columns["origin"] = columns["position"]
    columns["best"] = np.full(1, math.inf)
    columns["kind"] = np.full(1, UNKNOWN)
    columns["gap"] = np.ones(1)
    state: Mapping[str, Array] = {}
    if spec.method != "lbfgs":
        packed = optimizers.first_state(spec.method, optimizers.columns([spec.hyper]), 1)
        state = {slot: values[0] for slot, values in packed.items()}
    return Lane(index, columns, state, state)


class Field:
    """The moving lanes of a race, packed.

    Attributes
    ----------
    lanes
        Index of the lane in each row.
    columns
        (n, 2) pairs and (n, 1) numbers by name.
    """

    def __init__(self, lanes: Iterable[Lane], specs: Sequence[LaneSpec]) -> None:
        # Lanes of a method side by side, and in the order of the spec within it.
        rows = sorted(lanes, key=lambda lane: (specs[lane.index].method, lane.index))
        self._rows = rows
        self._specs = specs
        self.lanes = [lane.index for lane in rows]
        self.columns: dict[str, Array] = {
            name: np.stack([lane.columns[name] for lane in rows])
            if rows
            else np.zeros((0, 2 if name in _PAIRS else 1))
            for name in (*_PAIRS, *_NUMBERS)
        }
        self.plateaus = [lane.plateau for lane in rows]
        self.memories = [lane.memory for lane in rows]
        self.memories_before = [lane.memory_before for lane in rows]
        self.groups = self._grouped()
        self._schedules = [specs[index].rate_schedule for index in self.lanes]
        self._rates = [specs[index].rate for index in self.lanes]

    def __len__(self) -> int:
        return len(self.lanes)

    def rates(self, k: int) -> Array:
        """Return the learning rates (n, 1) of round k, counted from 0."""
        return np.array(
            [
                [rate * schedule.factor_at(k) * plateau.scale]
                for rate, schedule, plateau in zip(
                    self._rates, self._schedules, self.plateaus, strict=True
                )
            ]
        ).reshape(-1, 1)

    def move(self, rates: Array, used: Array, tilt: Array, function: Function) -> None:
        """Do one step of every lane along its gradient.

        Parameters
        ----------
        rates
            (n, 1).
        used
            (n, 2) gradients, noise included.
        tilt
            (2,) the noise alone.
        function
            The function whose gradient is meant: L-BFGS may evaluate it elsewhere.
        """
        origin = self.columns["position"]
        position = origin.copy()
        self.columns["evaluations"] = self.columns["evaluations"] + 1.0
        for group in self.groups:
            rows = group.rows
            if group.method == "lbfgs":
                for row in range(rows.start, rows.stop):
                    self._lbfgs_step(row, float(rates[row, 0]), tilt, function, position)
                continue
            group.before = group.state
            position[rows], group.state = optimizers.moved(
                group.method, group.state, group.hyper, rates[rows], origin[rows], used[rows]
            )
        columns = self.columns
        moved = position - origin
        turned = (moved * columns["move"]).sum(axis=1, keepdims=True) < 0.0
        columns["flips"] = 0.9 * columns["flips"] + 0.1 * turned
        columns["origin"], columns["position"], columns["move"] = origin, position, moved
        columns["used"], columns["rate"] = used, rates

    def after_loss(self) -> None:
        """Tell the schedules that wait for a plateau how the round ended."""
        for row, schedule in enumerate(self._schedules):
            if schedule.kind == "plateau":
                self.plateaus[row] = self.plateaus[row].after(
                    float(self.columns["loss"][row, 0]), schedule, self._rates[row]
                )

    def unpacked(self) -> list[Lane]:
        """Return the lanes one by one, in the order of the rows."""
        found: list[Lane] = []
        for group in self.groups:
            for offset, row in enumerate(range(group.rows.start, group.rows.stop)):
                old = self._rows[row]
                found.append(
                    Lane(
                        old.index,
                        {name: column[row].copy() for name, column in self.columns.items()},
                        _row_of(group.state, offset),
                        _row_of(group.before, offset),
                        self.memories[row],
                        self.memories_before[row],
                        self.plateaus[row],
                        old.finished,
                        old.diverged,
                    )
                )
        return found

    def finished_at(self, row: int) -> int:
        """Return in which round the lane of a row arrived; −1 while it has not."""
        return self._rows[row].finished

    def _lbfgs_step(
        self, row: int, rate: float, tilt: Array, function: Function, position: Array
    ) -> None:
        spec = self._specs[self.lanes[row]]
        done = lbfgs.step(function, tilt, position[row], self.memories[row], rate, spec.hyper)
        position[row] = done.position
        self.memories_before[row], self.memories[row] = self.memories[row], done.memory
        # One was counted for every lane.
        self.columns["evaluations"][row, 0] += done.evaluations - 1.0

    def _grouped(self) -> list[Group]:
        groups: list[Group] = []
        start = 0
        while start < len(self._rows):
            method = self._specs[self.lanes[start]].method
            stop = start
            while stop < len(self._rows) and self._specs[self.lanes[stop]].method == method:
                stop += 1
            lanes = self._rows[start:stop]
            hyper: Mapping[str, Any] = {}
            if method != "lbfgs":
                hyper = optimizers.columns([self._specs[lane.index].hyper for lane in lanes])
            groups.append(
                Group(
                    method,
                    slice(start, stop),
                    hyper,
                    _stacked([lane.state for lane in lanes]),
                    _stacked([lane.before for lane in lanes]),
                )
            )
            start = stop
        return groups


def _stacked(states: Sequence[Mapping[str, Array]]) -> optimizers.State:
    return {slot: np.stack([state[slot] for state in states]) for slot in states[0]}


def _row_of(state: Mapping[str, Array], row: int) -> dict[str, Array]:
    return {slot: values[row].copy() for slot, values in state.items()}
