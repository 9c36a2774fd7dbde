"""Basin map: a grid of starts for one lane, each with the minimum it reaches and how soon.

A start has arrived when it comes within the tolerance of a known minimum, as in the race; it then
rests. It is lost when its numbers are no longer finite or it ran off the map by the race's measure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from playground.experiments.jobs import JobError, JobProgress, SlicedJob
from playground.experiments.optimizer_studies_batch import (
    BatchRun,
    SingleRun,
    check_budget,
    rows_at_once,
    surface_of,
)

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from playground.core.surfaces.surface import Domain, Minimum, Surface
    from playground.experiments.optimizers_spec import OptimizerRaceSpec

    Array = NDArray[np.float64]

UNDER_WAY: Final = -1
LOST: Final = -2
FAR: Final = 1e6
"""A start this many times the size of the map away from it is lost, as in the race."""
MAX_CELLS: Final = 256
LBFGS_CELLS: Final = 16
"""L-BFGS is no element-wise arithmetic: it goes start by start, so it gets a coarser grid."""
FEW_MINIMA: Final = 6
LOOK_UP_CELLS: Final = 96
SLICE_VALUES: Final = 40_000
SHRINK_BELOW: Final = 0.75


@dataclass(frozen=True, slots=True, eq=False)
class BasinResult:
    """Where the starts of a grid end.

    Parameters
    ----------
    lane, title
        Which lane of the spec it is.
    domain, minima
        The rectangle of the starts, and the minima that are told apart.
    axes
        What the two coordinates are called.
    x, y
        (n,) coordinates of the columns and of the rows.
    minimum
        (n, n) int16, row 0 at the smallest y: index of the minimum reached, −1 for a start that
        is still under way after the budget, −2 for one that is lost.
    rounds
        (n, n) int32: when it arrived or was lost; the budget where neither.
    budget
        Rounds of every run.
    """

    lane: int
    title: str
    domain: Domain
    minima: tuple[Minimum, ...]
    axes: tuple[str, str]
    x: Array
    y: Array
    minimum: NDArray[np.int16]
    rounds: NDArray[np.int32]
    budget: int
    summary: str

    def share(self, index: int) -> float:
        """Return which share of the starts ended with an index, 0…1."""
        return float(np.mean(self.minimum == index))


class BasinMap(SlicedJob):
    """Run one lane from every place of a grid.

    Parameters
    ----------
    spec, seed
        The race.
    lane
        Which of its lanes.
    cells
        Starts along each side.
    budget
        Rounds of every run.
    """

    title = "basin map"

    def __init__(
        self,
        spec: OptimizerRaceSpec,
        lane: int,
        *,
        seed: int,
        cells: int = 64,
        budget: int = 300,
    ) -> None:
        self._spec, self._lane = spec, lane
        self._seed, self._cells, self._budget = seed, cells, budget
        # Goes along with every report: only the latest one is sure to be seen.
        self._partial: BasinResult | None = None

    def run(self) -> Generator[JobProgress, None, BasinResult]:
        """Yield progress with the starts done so far; return all of them.

        Raises
        ------
        JobError
            Where the grid, the budget or the lane is not allowed.
        """
        if not 2 <= self._cells <= MAX_CELLS:
            raise JobError(f"The grid must have from 2 to {MAX_CELLS} starts along each side.")
        check_budget(self._budget)
        if not 0 <= self._lane < len(self._spec.lanes):
            raise JobError(f"There is no lane number {self._lane + 1}.")
        surface = surface_of(self._spec)
        alone = self._spec.lanes[self._lane].method == "lbfgs"
        cells = min(self._cells, LBFGS_CELLS) if alone else self._cells
        grid = _Grid(surface, cells, self._budget)
        arrivals = _Arrivals(surface, self._spec.finish.tolerance)
        one_by_one = self._one_by_one if alone else self._together
        yield from one_by_one(surface, grid, arrivals)
        return self._result(surface, grid)

    def _together(
        self, surface: Surface, grid: _Grid, arrivals: _Arrivals
    ) -> Generator[JobProgress, None, None]:
        count = len(grid.starts)
        part = min(count, rows_at_once(surface))
        slice_rounds = max(1, SLICE_VALUES // (part * max(1, surface.samples)))
        for first in range(0, count, part):
            rows = np.arange(first, min(first + part, count))
            run = BatchRun(
                self._spec,
                surface,
                self._spec.lanes[self._lane],
                grid.starts[rows],
                seed=self._seed,
            )
            for k in range(self._budget + 1):
                with np.errstate(all="ignore"):
                    if k:
                        run.advance()
                    going = grid.note(rows, run.position, k, arrivals)
                if not going.any():
                    break
                # Those that rest may be carried along for a while: packing costs time too.
                if np.count_nonzero(going) < SHRINK_BELOW * len(going):
                    run.keep(going)
                    rows = rows[going]
                if k % slice_rounds == 0:
                    share = (first + part * k / self._budget) / count
                    message = f"round {k:,} of {self._budget:,}"
                    yield JobProgress(min(share, 1.0), message, self._partial)
            done = min(first + part, count)
            self._partial = self._result(surface, grid)
            yield JobProgress(done / count, f"{done:,} of {count:,} starts", self._partial)

    def _one_by_one(
        self, surface: Surface, grid: _Grid, arrivals: _Arrivals
    ) -> Generator[JobProgress, None, None]:
        count = len(grid.starts)
        lane = self._spec.lanes[self._lane]
        for index in range(count):
            row = np.array([index])
            run = SingleRun(self._spec, surface, lane, grid.starts[index], seed=self._seed)
            for k in range(self._budget + 1):
                with np.errstate(all="ignore"):
                    if k:
                        run.advance()
                    going = grid.note(row, run.position[None, :], k, arrivals)
                if not going.any() or run.settled:
                    break
                message = f"{index:,} of {count:,} starts"
                yield JobProgress(index / count, message, self._partial)
            if (index + 1) % grid.cells == 0:
                self._partial = self._result(surface, grid)
                message = f"{index + 1:,} of {count:,} starts"
                yield JobProgress((index + 1) / count, message, self._partial)

    def _result(self, surface: Surface, grid: _Grid) -> BasinResult:
        lane = self._spec.lanes[self._lane]
        shape = (grid.cells, grid.cells)
        minimum, rounds = grid.minimum.reshape(shape).copy(), grid.rounds.reshape(shape).copy()
        return BasinResult(
            self._lane,
            lane.title,
            surface.domain,
            surface.minima,
            surface.axes,
            grid.x,
            grid.y,
            minimum,
            rounds,
            self._budget,
            _words(lane.title, surface, minimum, rounds, lane.method == "lbfgs"),
        )


class _Grid:
    """The starts, the centres of equal cells of the domain, and how each of them ended."""

    def __init__(self, surface: Surface, cells: int, budget: int) -> None:
        domain = surface.domain
        self.cells = cells
        middles = (np.arange(cells) + 0.5) / cells
        self.x = domain.x_min + (domain.x_max - domain.x_min) * middles
        self.y = domain.y_min + (domain.y_max - domain.y_min) * middles
        across, up = np.meshgrid(self.x, self.y)
        self.starts = np.column_stack([across.ravel(), up.ravel()])
        self.minimum = np.full(cells * cells, UNDER_WAY, dtype=np.int16)
        self.rounds = np.full(cells * cells, budget, dtype=np.int32)
        self._centre = np.array(domain.centre)
        self._far = FAR * domain.diagonal

    def note(
        self, rows: NDArray[np.intp], position: Array, k: int, arrivals: _Arrivals
    ) -> NDArray[np.bool_]:
        """Take note of the places of some starts after k rounds; return which still move."""
        going = self.minimum[rows] == UNDER_WAY
        reached = arrivals.reached(position)
        there = going & (reached >= 0)
        # Not-a-number fails the comparison, so it counts as lost.
        lost = going & ~(np.abs(position - self._centre).max(axis=1) <= self._far)
        self.minimum[rows[there]] = reached[there]
        self.minimum[rows[lost]] = LOST
        self.rounds[rows[there | lost]] = k
        kept: NDArray[np.bool_] = going & ~there & ~lost
        return kept


class _Arrivals:
    """Tells which minimum a place is at, within the tolerance.

    With many minima, as on Rastrigin's function, a table over the domain names the one that can be
    meant, so that only one distance is taken for each place.
    """

    def __init__(self, surface: Surface, tolerance: float) -> None:
        self._tolerance = tolerance
        self._places = np.array([(m.x, m.y) for m in surface.minima]).reshape(-1, 2)
        self._domain = surface.domain
        self._table: NDArray[np.intp] | None = None
        if len(self._places) > FEW_MINIMA:
            domain, n = surface.domain, LOOK_UP_CELLS
            middles = (np.arange(n) + 0.5) / n
            across, up = np.meshgrid(
                domain.x_min + (domain.x_max - domain.x_min) * middles,
                domain.y_min + (domain.y_max - domain.y_min) * middles,
            )
            grid = np.column_stack([across.ravel(), up.ravel()])
            self._table = surface.nearest_minimum(grid).which.reshape(n, n)

    def reached(self, position: Array) -> NDArray[np.int16]:
        """Return the index of the minimum that each place (n, 2) is at, else −1."""
        found = np.full(len(position), -1, dtype=np.int16)
        if not len(self._places):
            return found
        if self._table is None:
            for index in range(len(self._places) - 1, -1, -1):
                found[self._near(position, self._places[index])] = index
            return found
        candidate = self._candidates(position)
        near = self._near(position, self._places[candidate])
        found[near] = candidate[near]
        return found

    def _near(self, position: Array, place: Array) -> NDArray[np.bool_]:
        gap = position - place
        near: NDArray[np.bool_] = (gap * gap).sum(axis=1) <= self._tolerance**2
        return near

    def _candidates(self, position: Array) -> NDArray[np.intp]:
        domain, n = self._domain, LOOK_UP_CELLS
        assert self._table is not None
        finite = np.nan_to_num(position, nan=0.0, posinf=0.0, neginf=0.0)
        column = (finite[:, 0] - domain.x_min) / (domain.x_max - domain.x_min) * n
        row = (finite[:, 1] - domain.y_min) / (domain.y_max - domain.y_min) * n
        columns = np.clip(column, 0, n - 1).astype(np.intp)
        rows = np.clip(row, 0, n - 1).astype(np.intp)
        found: NDArray[np.intp] = self._table[rows, columns]
        return found


def _words(
    title: str,
    surface: Surface,
    minimum: NDArray[np.int16],
    rounds: NDArray[np.int32],
    alone: bool,
) -> str:
    lowest = [i for i, known in enumerate(surface.minima) if known.lowest]
    good = np.isin(minimum, lowest)
    arrived = minimum >= 0
    parts = []
    if not surface.minima:
        parts.append(f"{title}: no minimum is known here")
    elif len(lowest) < len(surface.minima):
        parts.append(
            f"{title}: {_percent(good)} of the starts reach a lowest minimum, "
            f"{_percent(arrived & ~good)} a higher one"
        )
    else:
        parts.append(f"{title}: {_percent(arrived)} of the starts reach a minimum")
    if arrived.any():
        parts.append(f"half of those within {int(np.median(rounds[arrived])):,} rounds")
    if (minimum == LOST).any():
        parts.append(f"{_percent(minimum == LOST)} diverge")
    text = ", ".join(parts) + "."
    if alone:
        text += f" L-BFGS goes start by start, so its grid is {len(minimum)} × {len(minimum)}."
    return text


def _percent(mask: NDArray[np.bool_]) -> str:
    return f"{100.0 * float(mask.mean()):.3g} %"
