"""The optimizer race: one step is one round, in which every lane takes one step of its optimizer.

    g = ∇f(w), or that of a mini-batch, + noise;  w ← w + step of the method, η by its schedule

All lanes that move share one pass of autograd and one batch of arithmetic per method
(:mod:`playground.core.optimizers`); noise and mini-batches are the same for every lane of a round,
so no lane's path depends on who else runs.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from playground.core.formulas import FormulaError
from playground.core.random_streams import Streams
from playground.core.surfaces import calculus
from playground.core.surfaces.calculus import Stationary
from playground.core.surfaces.surface import SurfaceError
from playground.experiments.base import (
    RUNNING,
    Experiment,
    Progress,
    Record,
    Series,
    State,
    Status,
)
from playground.experiments.optimizers_field import UNKNOWN, Field, Lane, new_lane
from playground.experiments.optimizers_snapshot import (
    SERIES_COLUMNS,
    OptimizerRaceSnapshot,
    lane_series,
)
from playground.experiments.optimizers_spec import OptimizerRaceSpec
from playground.experiments.optimizers_surface_spec import build_surface
from playground.experiments.optimizers_views import KINDS, RaceFacts, lane_views, ranked
from playground.experiments.spec import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from playground.core.surfaces.surface import Function, Nearest, Surface
    from playground.experiments.spec import Path

LOST = 1e6
"""A lane this many times the size of the map away from it has diverged, also where f is finite."""

SMALL = 10.0
"""A gradient below this many tolerances is looked at: is it a minimum, a saddle or a plateau?"""

GAIN = 1e-3
"""A lane improves when its best loss falls by this share."""

LONGEST_GAP = 64.0
"""A lane that stays where its gradient is small is looked at again after at most so many rounds."""


class OptimizerRaceExperiment(Experiment):
    """Optimizers racing down one surface."""

    kind: ClassVar[str] = "optimizers"
    spec_type: ClassVar[type[OptimizerRaceSpec]] = OptimizerRaceSpec
    needs_torch: ClassVar[bool] = True
    step_noun: ClassVar[str] = "round"

    spec: OptimizerRaceSpec

    def __init__(self, spec: OptimizerRaceSpec, seed: int) -> None:
        super().__init__(spec, seed)
        try:
            self._surface = calculus.with_found_minima(build_surface(spec.surface))
        except (SurfaceError, FormulaError) as error:
            raise SpecError(str(error)) from None
        streams = Streams(seed).child("noise", spec.noise.seed)
        self._noise = streams.numpy("gradient")
        self._batches = streams.numpy("batch")
        taking_part = [index for index, lane in enumerate(spec.lanes) if lane.enabled]
        self.series = tuple(Series(lane_series(index), SERIES_COLUMNS) for index in taking_part)
        self._resting: dict[int, Lane] = {}
        self._field = Field(
            [
                new_lane(index, spec.lanes[index], spec.start_of(index, self._surface.start))
                for index in taking_part
            ],
            spec.lanes,
        )
        self._unpacked: tuple[int, Field | None, dict[int, Lane]] = -1, None, {}
        with np.errstate(all="ignore"):
            self._look()
        self._facts = self._start_facts()

    @property
    def surface(self) -> Surface:
        """Return the surface with its known minima."""
        return self._surface

    def step(self) -> None:
        """Do one round."""
        field = self._field
        with np.errstate(all="ignore"):
            function, gradients = self._this_round()
            tilt = np.zeros(2)
            if self.spec.noise.std > 0.0:
                tilt = self._noise.normal(0.0, self.spec.noise.std, 2)
            field.move(field.rates(self.step_index), gradients + tilt, tilt, function)
            self.step_index += 1
            self._look()

    def status(self) -> Status:
        """Tell whether a lane still moves and rounds are left."""
        if len(self._field) and self.step_index < self.spec.finish.rounds:
            return RUNNING
        lanes = [*self._resting.values(), *self._field.unpacked()]
        arrived = [lane for lane in lanes if lane.finished >= 0]
        if not arrived and not len(self._field):
            return Status(Progress.DIVERGED, "All lanes have diverged.")
        count = f"{len(arrived)} of {len(lanes)} lanes" if len(lanes) > 1 else "the lane"
        if len(self._field):
            none = "none has" if len(lanes) > 1 else "the lane has not"
            ending = f"{count} arrived" if arrived else f"{none} arrived"
            return Status(
                Progress.FINISHED, f"The race is over after {self.step_index:,} rounds: {ending}."
            )
        first = min(arrived, key=lambda lane: lane.finished)
        title = self.spec.lanes[first.index].title
        who = "All lanes have" if len(arrived) == len(lanes) else f"{count} have".capitalize()
        return Status(
            Progress.FINISHED, f"{who} arrived; {title} was first after {first.finished:,} rounds."
        )

    def headline(self) -> str:
        """Return who leads, and how low."""
        lanes = self._lanes()
        leader = lanes[ranked(lanes)[0]]
        title = self.spec.lanes[leader.index].title
        if leader.finished >= 0:
            return f"{title} first, {leader.finished:,} rounds"
        return f"{title} leads, f = {leader.number('loss'):.4g}"

    def snapshot(self, views: frozenset[str]) -> OptimizerRaceSnapshot:
        """Return all lanes; a view ``card:<lane>`` adds the last update as arithmetic."""
        lanes = self._lanes()
        order = ranked(lanes)
        with np.errstate(all="ignore"):
            shown = lane_views(self.spec, self._facts, lanes, order, self.step_index, views)
        return OptimizerRaceSnapshot(
            step=self.step_index,
            status=self.status(),
            spec=self.spec,
            position=f"round {self.step_index:,} · {len(self._field)} of {len(lanes)} lanes moving",
            headline=self.headline(),
            surface=self._surface,
            lanes=shown,
            leaderboard=tuple(order),
            start=self.spec.start or self._surface.start
            if self.spec.starts_count
            else self._surface.start,
        )

    def state(self) -> State:
        """Return all lanes and both random generators."""
        return State(
            self.step_index,
            {
                "moving": self._field.unpacked(),
                "resting": list(self._resting.values()),
                "noise": self._noise.bit_generator.state,
                "batches": self._batches.bit_generator.state,
            },
            {"spec": self.spec},
        )

    def load_state(self, state: State) -> None:
        """Go to the round of a state."""
        self.spec = state.shared["spec"]
        self.step_index = state.step
        self._noise.bit_generator.state = state.own["noise"]
        self._batches.bit_generator.state = state.own["batches"]
        self._resting = {lane.index: lane for lane in state.own["resting"]}
        self._field = Field(state.own["moving"], self.spec.lanes)
        self._records.clear()

    def _on_live_change(self, path: Path) -> None:  # noqa: ARG002 - every number is read anew
        """Take over the new numbers; lanes at the finish go on or rest as the spec now says."""
        self._repack(self._lanes().values())

    def _lanes(self) -> dict[int, Lane]:
        """Return all lanes that take part, by index, in the order of the spec."""
        step, field, lanes = self._unpacked
        if step != self.step_index or field is not self._field:
            found = {lane.index: lane for lane in self._field.unpacked()} | self._resting
            lanes = dict(sorted(found.items()))
            # A picture asks for them more than once.
            self._unpacked = self.step_index, self._field, lanes
        return lanes

    def _repack(self, lanes: Iterable[Lane]) -> None:
        """Pack the lanes that move; those at rest are kept apart."""
        every = list(lanes)
        rests = self.spec.finish.rest
        self._resting = {
            lane.index: lane
            for lane in every
            if lane.diverged >= 0 or (rests and lane.finished >= 0)
        }
        moving = [lane for lane in every if lane.index not in self._resting]
        self._field = Field(moving, self.spec.lanes)

    def _this_round(self) -> tuple[Function, NDArray[np.float64]]:
        """Return the function of this round and its gradients (n, 2) at the heads."""
        surface, size = self._surface, self.spec.noise.batch_size
        if surface.batch is None or not 0 < size < surface.samples:
            return surface.function, self._field.columns["gradient"]
        function = surface.batch(self._batches.choice(surface.samples, size, replace=False))
        return function, calculus.slopes(function, self._field.columns["position"]).gradients

    def _look(self) -> None:
        """Evaluate f at the heads, tell who arrived or diverged, and record the round."""
        field, columns = self._field, self._field.columns
        position = columns["position"]
        before = np.hypot(*columns["gradient"].T)
        found = calculus.slopes(self._surface.function, position)
        columns["loss"], columns["gradient"] = found.values[:, None].copy(), found.gradients
        norm = np.hypot(found.gradients[:, 0], found.gradients[:, 1])
        away = np.abs(position - np.array(self._surface.domain.centre)).max(axis=1)
        sound = np.isfinite(found.values) & np.isfinite(norm)
        sound &= away <= LOST * self._surface.domain.diagonal
        nearest = self._surface.nearest_minimum(position)
        self._note_gains()
        self._classify_small(norm, before, sound)
        tolerance = self.spec.finish.tolerance
        at_minimum = columns["kind"][:, 0] == KINDS.index(Stationary.MINIMUM)
        arrived = (nearest.distance <= tolerance) | ((norm <= tolerance) & at_minimum)
        arrived |= found.values - self._surface.infimum <= tolerance
        field.after_loss()
        self._record_round(norm, nearest, sound)
        self._retire(arrived & sound, ~sound)

    def _note_gains(self) -> None:
        columns = self._field.columns
        loss, best = columns["loss"], columns["best"]
        needed = np.where(np.isfinite(best), best - GAIN * np.abs(best), math.inf)
        better = loss < needed
        columns["best"] = np.where(better, loss, best)
        columns["improved"] = np.where(better, float(self.step_index), columns["improved"])

    def _classify_small(
        self,
        norm: NDArray[np.float64],
        before: NDArray[np.float64],
        sound: NDArray[np.bool_],
    ) -> None:
        """Find out at what kind of place the lanes with a small gradient are.

        A Hessian costs as much as a round, so a place is looked at when a lane comes there, when
        its gradient falls below the tolerance, and then after 1, 2, 4, … rounds.
        """
        columns, tolerance = self._field.columns, self.spec.finish.tolerance
        kind, check, gap = (columns[name][:, 0].copy() for name in ("kind", "check", "gap"))
        small = sound & (norm <= SMALL * tolerance)
        kind[~small], gap[~small] = UNKNOWN, 1.0
        crossed = (norm <= tolerance) & (before > tolerance)
        due = np.flatnonzero(small & ((kind == UNKNOWN) | crossed | (self.step_index >= check)))
        if len(due):
            kinds = calculus.classify(self._surface, columns["position"][due])
            for row, place in zip(due, kinds, strict=True):
                same = kind[row] == KINDS.index(place)
                gap[row] = min(2.0 * gap[row], LONGEST_GAP) if same else 1.0
                kind[row], check[row] = KINDS.index(place), self.step_index + gap[row]
        for name, values in (("kind", kind), ("check", check), ("gap", gap)):
            columns[name] = values[:, None]

    def _record_round(
        self, norm: NDArray[np.float64], nearest: Nearest, sound: NDArray[np.bool_]
    ) -> None:
        field, columns = self._field, self._field.columns
        table = np.column_stack(
            [
                columns["position"],
                columns["loss"],
                norm,
                np.hypot(columns["move"][:, 0], columns["move"][:, 1]),
                columns["rate"],
                columns["evaluations"],
                nearest.distance,
            ]
        ).tolist()
        self._records.extend(
            Record(lane_series(index), self.step_index, tuple(row))
            for index, row, keep in zip(field.lanes, table, sound.tolist(), strict=True)
            if keep
        )

    def _retire(self, arrived: NDArray[np.bool_], lost: NDArray[np.bool_]) -> None:
        """Note who arrived or diverged in this round, and let those rest who do."""
        field = self._field
        new = [
            row
            for row in range(len(field))
            if lost[row] or (arrived[row] and field.finished_at(row) < 0)
        ]
        if not new:
            return
        lanes = field.unpacked()
        for row in new:
            if lost[row]:
                lanes[row] = replace(lanes[row], diverged=self.step_index)
            else:
                lanes[row] = replace(lanes[row], finished=self.step_index)
        self._repack([*lanes, *self._resting.values()])

    def _start_facts(self) -> RaceFacts:
        """Return what sentences need to know about the start: the steepest curvature there."""
        start = np.array([self._surface.start])
        with np.errstate(all="ignore"):
            bent = calculus.hessians(self._surface.function, start)[0]
            steepest = float(np.linalg.eigvalsh(bent)[1]) if np.isfinite(bent).all() else math.nan
        return RaceFacts(self._surface, steepest)
