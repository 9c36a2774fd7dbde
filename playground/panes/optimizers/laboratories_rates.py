"""Fair rates: the curve of final loss against learning rate for every lane, and its best rate."""

from __future__ import annotations

import csv
import io
import math
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget
from typing_extensions import override

from playground.experiments.optimizer_studies import FairRates, FairRatesResult, LaneRates
from playground.experiments.optimizers_spec import OptimizerRaceSpec
from playground.experiments.spec import SpecError, replace_at
from playground.panes.optimizers.laboratories_base import KnobGrid, Laboratory
from playground.panes.optimizers.lane_colours import lane_colour
from playground.ui.controls import NumberSlider
from playground.ui.number_text import format_number
from playground.ui.plots import Plot
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from typing import Any

    from playground.experiments.jobs import Job
    from playground.ui.channel import ChannelClient
    from playground.ui.plots.curves import SeriesCurve

LEAST_GAP = 1e-12
"""Losses this near to the lowest one are drawn as this: a logarithm knows no zero."""
MOST_GAP = 1e6
LOUD, QUIET = 2.6, 1.6


class RatesLaboratory(Laboratory):
    """Settings, the curves, and the button that takes every lane's best rate."""

    question = (
        "Which learning rate suits each lane? Only at its best rate can an optimizer be compared."
    )

    def __init__(self, channel: ChannelClient, parent: QWidget | None = None) -> None:
        super().__init__(channel, parent)
        self._result: FairRatesResult | None = None
        self._curves: list[SeriesCurve] = []
        self.count = NumberSlider(
            "rates", 5, 80, value=40, integer=True, inline=True, help="Rates of every lane."
        )
        self.budget = NumberSlider(
            "rounds",
            20,
            5000,
            value=300,
            log=True,
            integer=True,
            inline=True,
            help="Rounds of every run: the same budget for all.",
        )
        self.low = NumberSlider(
            "from η",
            1e-6,
            1.0,
            value=1e-4,
            log=True,
            inline=True,
            allowed=(1e-8, 1e6),
            help="The smallest rate.",
        )
        self.high = NumberSlider(
            "to η",
            1e-2,
            1e3,
            value=10.0,
            log=True,
            inline=True,
            allowed=(1e-8, 1e6),
            help="The largest rate.",
        )
        self.plot = Plot("learning rate η", "final f − lowest", allow_log=True)
        self.plot.set_log(x=True, y=True)
        self.best = pg.ScatterPlotItem(pxMode=True)
        self.best.setZValue(25)
        self.plot.item.addItem(self.best, ignoreBounds=True)
        self.take_button = QPushButton("Take the best rates")
        self.take_button.setToolTip("Start the race anew, every lane at its best rate")
        self.take_button.setEnabled(False)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.knobs = KnobGrid((self.low, self.high, self.count, self.budget))
        self._column.addWidget(self.knobs)
        self._column.addWidget(self.with_empty_state(self._picture()), 1)
        self.take_button.clicked.connect(self.take_best)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def result(self) -> FairRatesResult | None:
        """The curves on screen."""
        return self._result

    @override
    def job(self, spec: OptimizerRaceSpec, seed: int) -> Job | str:
        if not self.low.value < self.high.value:
            return "The smallest rate must lie below the largest one."
        return FairRates(
            spec,
            seed=seed,
            low=self.low.value,
            high=self.high.value,
            count=int(self.count.value),
            budget=int(self.budget.value),
        )

    @override
    def show_result(self, result: Any) -> None:
        if isinstance(result, FairRatesResult):
            self._result = result
            self.show_picture(True)
            self._draw()
            if self.plot.is_following:
                self.plot.fit()

    @override
    def summary(self) -> str:
        result = self._result
        if result is None:
            return ""
        mine = next((one for one in result.lanes if one.lane == self._selected), None)
        return f"{result.summary} {_lane_words(mine)}".strip() if mine else result.summary

    @override
    def csv(self) -> str:
        if self._result is None:
            return ""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("lane", "method", "rate", "final_loss", "rounds_to_bottom"))
        for one in self._result.lanes:
            rows = zip(one.rates.tolist(), one.losses.tolist(), one.rounds.tolist(), strict=True)
            writer.writerows((one.lane + 1, one.title, *row) for row in rows)
        return text.getvalue()

    @override
    def set_selected(self, lane: int) -> None:
        if lane != self._selected:
            super().set_selected(lane)
            self._draw()

    @override
    def set_busy(self, busy: bool) -> None:
        for knob in (self.low, self.high, self.count, self.budget):
            knob.setEnabled(not busy)
        self.take_button.setEnabled(not busy and self._result is not None)

    def take_best(self) -> None:
        """Start the race anew with each lane's best rate; lanes changed since keep theirs."""
        spec, frame, result = self._channel.spec, self._channel.last_frame, self._result
        if not isinstance(spec, OptimizerRaceSpec) or frame is None or result is None:
            return
        changed = spec
        for one in result.lanes:
            known = one.lane < len(spec.lanes) and spec.lanes[one.lane].title == one.title
            if known and one.best_rate is not None:
                try:
                    rate = float(f"{one.best_rate:.3g}")
                    changed = replace_at(changed, ("lanes", one.lane, "rate"), rate)
                except SpecError as error:
                    self._channel.problem.emit(str(error), "")
                    return
        self._channel.open(changed, frame.seed, "best rates", keep_playing=True)

    def _picture(self) -> QWidget:
        picture = QWidget()
        body = QVBoxLayout(picture)
        body.setContentsMargins(0, 0, 0, 0)
        body.addWidget(self.plot, 1)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.take_button)
        body.addLayout(foot)
        return picture

    def _draw(self) -> None:
        result = self._result
        if result is None:
            return
        if [curve.name for curve in self._curves] != [one.title for one in result.lanes]:
            for curve in self._curves:
                self.plot.remove(curve)
            self._curves = [
                self.plot.add_curve(one.title, lane_colour(one.colour), width=QUIET)
                for one in result.lanes
            ]
        spots = []
        for curve, one in zip(self._curves, result.lanes, strict=True):
            gaps = _gaps(one, result.floor)
            curve.set_color(lane_colour(one.colour))
            loud = one.lane == self._selected
            for item in curve.items:
                item.setOpacity(1.0 if loud else 0.62)
                item.setZValue(12 if loud else 10)
            curve.set_data(one.rates, gaps)
            if one.best >= 0 and math.isfinite(gaps[one.best]):
                spots.append(
                    {
                        "pos": (math.log10(one.rates[one.best]), math.log10(gaps[one.best])),
                        "size": px(11 if loud else 8),
                        "brush": qcolor(lane_colour(one.colour)),
                        "pen": theme().pen("text" if loud else "raised", 1.5),
                    }
                )
        self.best.setData(spots)

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(6))
        self._draw()


def _gaps(one: LaneRates, floor: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return how far above the lowest loss every run ended; NaN where it diverged."""
    with np.errstate(invalid="ignore"):
        gaps = np.maximum(one.losses - floor, LEAST_GAP)
    # What has run away this far says no more than that it has.
    return np.where(np.isfinite(gaps) & (gaps <= MOST_GAP), gaps, np.nan)


def _lane_words(one: LaneRates) -> str:
    if one.best_rate is None:
        return f"{one.title} diverges at every rate."
    good = one.rates[one.rounds >= 0]
    text = f"{one.title}: best η = {format_number(one.best_rate, 3)}"
    if len(good) < 2:
        return f"{text}."
    low, high = format_number(float(good[0]), 2), format_number(float(good[-1]), 2)
    return f"{text}, good between {low} and {high}."
