"""Basin map: every start in the colour of the minimum it reaches, darker the longer it takes."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QVBoxLayout
from typing_extensions import override

from playground.experiments.optimizer_studies import PathOfStart, StartPath
from playground.experiments.optimizer_studies_basins import LOST, BasinMap, BasinResult
from playground.panes.optimizers.laboratories_base import KnobGrid, Laboratory
from playground.ui.controls import NumberSlider
from playground.ui.number_text import format_number
from playground.ui.plots import PathTrail, Plot
from playground.ui.plots.ranges import Bounds
from playground.ui.theme import lane, px, qcolor, theme

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray
    from PySide6.QtWidgets import QWidget

    from playground.experiments.jobs import Job
    from playground.experiments.optimizers_spec import OptimizerRaceSpec
    from playground.ui.channel import ChannelClient
    from playground.ui.job_handle import JobHandle

FEW = 7
"""So many minima have a colour each; more of them are coloured by their height."""
DARKEST = 0.66
"""Share of the background in the colour of a start that needs the whole budget."""
NO_LANE = "The selected lane is not part of the race; select another one."


class BasinLaboratory(Laboratory):
    """Settings, the map of the selected lane, and the path of the start under the pointer."""

    question = "Where does a run end that starts here? One map for each lane you run it for."

    def __init__(self, channel: ChannelClient, parent: QWidget | None = None) -> None:
        super().__init__(channel, parent)
        self._results: dict[int, tuple[BasinResult, OptimizerRaceSpec, int]] = {}
        self._asked: tuple[OptimizerRaceSpec, int] | None = None
        self._cell: tuple[int, int] | None = None
        self._path: JobHandle | None = None
        self.cells = NumberSlider(
            "grid",
            8,
            128,
            value=64,
            integer=True,
            inline=True,
            allowed=(2, 256),
            help="Starts along each side of the map.",
        )
        self.budget = NumberSlider(
            "rounds",
            20,
            5000,
            value=300,
            log=True,
            integer=True,
            inline=True,
            help="Rounds of every run.",
        )
        self.plot = Plot("x", "y", grid=False)
        self.image = BasinImage()
        self.minima = pg.ScatterPlotItem(pxMode=True, symbol="x")
        self.minima.setZValue(11)
        self.trail = PathTrail("text", width=2.0)
        self.plot.add(self.trail)
        # Not through the plot's own list: what pyqtgraph calls bounds is something else.
        for item in (self.image, self.minima):
            self.plot.item.addItem(item, ignoreBounds=True)
        self.plot.set_hold(False)
        self.plot.set_read_out(self._words_at)
        self.plot.view.pointer_left.connect(self._forget_path)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.knobs = KnobGrid((self.cells, self.budget))
        self._column.addWidget(self.knobs)
        self._column.addWidget(self.with_empty_state(self.plot), 1)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def result(self) -> BasinResult | None:
        """The map of the selected lane."""
        found = self._results.get(self._selected)
        return found[0] if found else None

    @override
    def job(self, spec: OptimizerRaceSpec, seed: int) -> Job | str:
        if not self._selected < len(spec.lanes) or not spec.lanes[self._selected].enabled:
            return NO_LANE
        if self._results and next(iter(self._results.values()))[1].surface != spec.surface:
            # Maps of another surface are of no use beside the new one.
            self._results = {}
        self._asked = (spec, seed)
        return BasinMap(
            spec,
            self._selected,
            seed=seed,
            cells=int(self.cells.value),
            budget=int(self.budget.value),
        )

    @override
    def show_result(self, result: Any) -> None:
        if isinstance(result, BasinResult) and self._asked is not None:
            self._results[result.lane] = (result, *self._asked)
            self._draw()

    @override
    def summary(self) -> str:
        return self.result.summary if self.result else ""

    @override
    def csv(self) -> str:
        result = self.result
        if result is None:
            return ""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("x", "y", "minimum", "rounds"))
        for row, y in enumerate(result.y.tolist()):
            for column, x in enumerate(result.x.tolist()):
                ends = int(result.minimum[row, column]), int(result.rounds[row, column])
                writer.writerow((x, y, *ends))
        return text.getvalue()

    @override
    def set_selected(self, lane: int) -> None:
        if lane != self._selected:
            super().set_selected(lane)
            self._forget_path()
            self._draw()

    @override
    def set_busy(self, busy: bool) -> None:
        for knob in (self.cells, self.budget):
            knob.setEnabled(not busy)

    def _draw(self) -> None:
        result = self.result
        self.show_picture(result is not None)
        if result is None:
            return
        domain = result.domain
        self.plot.set_labels(*result.axes)
        self.image.show(result)
        inside = [m for m in result.minima if domain.holds(m.x, m.y)]
        many = len(inside) > FEW
        self.minima.setData(
            x=[m.x for m in inside],
            y=[m.y for m in inside],
            size=px(4 if many else 9),
            pen=theme().pen("bg", 1.2),
            brush=qcolor("text"),
        )
        self.plot.set_range(Bounds(domain.x_min, domain.x_max, domain.y_min, domain.y_max))

    def _words_at(self, x: float, y: float) -> str:
        """Return what happens to the start under the pointer, and ask for its path."""
        result = self.result
        if result is None or not result.domain.holds(x, y):
            self._forget_path()
            return ""
        column = int(np.abs(result.x - x).argmin())
        row = int(np.abs(result.y - y).argmin())
        if (row, column) != self._cell:
            self._cell = (row, column)
            self._ask_path()
        start = f"({result.x[column]:.3g}, {result.y[row]:.3g})".replace("-", "−")
        rounds = int(result.rounds[row, column])
        reached = int(result.minimum[row, column])
        if reached == LOST:
            return f"{start}\ndiverged at round {rounds:,}"
        if reached < 0:
            return f"{start}\nstill under way after {rounds:,} rounds"
        known = result.minima[reached]
        where = f"({known.x:.3g}, {known.y:.3g})".replace("-", "−")
        return f"{start}\nreaches {where} in {rounds:,} rounds\nf = {format_number(known.value, 3)}"

    def _ask_path(self) -> None:
        """Let the training thread work out the path; the one asked for last is drawn."""
        if self._path is not None:
            self._path.cancel()
            self._path = None
        found = self._results.get(self._selected)
        if found is None or self._cell is None:
            return
        result, spec, seed = found
        row, column = self._cell
        start = (float(result.x[column]), float(result.y[row]))
        job = PathOfStart(spec, result.lane, start, seed=seed, budget=result.budget)
        self._path = self._channel.start_job(job, on_done=self._on_path, on_failed=self._on_no_path)

    def _on_path(self, path: object) -> None:
        self._path = None
        if isinstance(path, StartPath) and path.lane == self._selected and self._cell is not None:
            self.trail.set_path(path.places[:, 0], path.places[:, 1])

    def _on_no_path(self, sentence: str) -> None:  # noqa: ARG002 - the map has said it already
        self._path = None

    def _forget_path(self) -> None:
        self._cell = None
        if self._path is not None:
            self._path.cancel()
            self._path = None
        self.trail.clear()

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(6))
        self.trail.apply_theme()
        self._draw()


class BasinImage(pg.ImageItem):
    """The starts as colours."""

    def __init__(self) -> None:
        super().__init__(axisOrder="row-major")
        self.setZValue(-50)

    def show(self, result: BasinResult) -> None:
        """Show a result in the colours of the theme."""
        self.setImage(basin_colours(result), autoLevels=False)
        domain = result.domain
        self.setRect(
            QRectF(
                domain.x_min,
                domain.y_min,
                domain.x_max - domain.x_min,
                domain.y_max - domain.y_min,
            )
        )


def minimum_colours(result: BasinResult) -> NDArray[np.float64]:
    """Return the colour (m, 3) of every minimum, 0…255."""
    count = len(result.minima)
    if count <= FEW:
        names = [qcolor(lane(index)) for index in range(count)]
        return np.array([(c.red(), c.green(), c.blue()) for c in names], dtype=float).reshape(-1, 3)
    values = np.array([known.value for known in result.minima])
    span = float(np.ptp(values)) or 1.0
    # The lowest is the brightest: a hit stands out.
    steps = np.rint(255 * (1.0 - (values - values.min()) / span)).astype(int)
    return theme().tokens.scalar_map[steps, :3].astype(np.float64)


def basin_colours(result: BasinResult) -> NDArray[np.uint8]:
    """Return the picture (n, n, 4): minima in their colours, the slower the nearer to the ground.

    Starts that are still under way are of the colour of the ground, lost ones of that of lines.
    """
    ground, lost = (
        np.array([c.red(), c.green(), c.blue()], dtype=np.float64)
        for c in (qcolor("raised"), qcolor("control"))
    )
    picture = np.empty((*result.minimum.shape, 4), dtype=np.float64)
    picture[..., 3] = 255.0
    picture[..., :3] = ground
    picture[result.minimum == LOST, :3] = lost
    there = result.minimum >= 0
    if there.any():
        colours = minimum_colours(result)[result.minimum[there]]
        slow = np.log1p(result.rounds[there]) / np.log1p(max(1, result.budget))
        share = (DARKEST * np.clip(slow, 0.0, 1.0) ** 2)[:, None]
        picture[there, :3] = (1.0 - share) * colours + share * ground
    return np.rint(picture).astype(np.uint8)
