"""On a network: the lanes of the race train one multi-layer perceptron on handwritten digits."""

from __future__ import annotations

import csv
import io
import time
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget
from typing_extensions import override

from playground.engine.frames import Mark
from playground.experiments.network_race_spec import NetworkRaceSpec, layer_sizes
from playground.experiments.network_race_study import (
    NetworkCurves,
    NetworkRaceResult,
    NetworkRaceStudy,
)
from playground.experiments.spec import SpecError, validate
from playground.panes.optimizers.laboratories_base import KnobGrid, Laboratory
from playground.panes.optimizers.lane_colours import lane_colour
from playground.ui.choice_box import ChoiceBox
from playground.ui.controls import NumberSlider
from playground.ui.plots import NowLine, Plot
from playground.ui.theme import px, theme
from playground.ui.timeline_bar import TimelineBar

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from playground.experiments.jobs import Job
    from playground.experiments.optimizers_spec import OptimizerRaceSpec
    from playground.ui.channel import ChannelClient
    from playground.ui.plots.curves import SeriesCurve

LOUD, QUIET = 2.6, 1.6
LAYERS_HELP = "Neurons of the hidden layers, such as 500-300; 64 inputs and 10 outputs are added."


class NetworkLaboratory(Laboratory):
    """Settings, loss and accuracy of every lane, and a timeline of the epochs."""

    network_changed = Signal(str, int)
    """The network has other layers: in words, and how many weights it has."""

    question = (
        "Who wins on a real network? All lanes start from the same weights and see the same "
        "batches."
    )

    def __init__(self, channel: ChannelClient, parent: QWidget | None = None) -> None:
        super().__init__(channel, parent)
        self._result: NetworkRaceResult | None = None
        self._curves: dict[int, tuple[SeriesCurve, SeriesCurve]] = {}
        self._epoch = 0
        self._follow = True
        self.layers = QLineEdit("500-300")
        self.layers.setAccessibleName("Hidden layers")
        self.layers.setToolTip(LAYERS_HELP)
        self._layers_label = QLabel("layers")
        self.activation = ChoiceBox(
            "Activation of the hidden layers",
            (("relu", "ReLU"), ("tanh", "tanh"), ("logistic", "logistic")),
            value="relu",
            segmented=False,
        )
        self.epochs = NumberSlider(
            "epochs", 1, 100, value=10, integer=True, log=True, inline=True, allowed=(1, 500)
        )
        self.batch = NumberSlider(
            "batch",
            4,
            1024,
            value=64,
            integer=True,
            log=True,
            inline=True,
            allowed=(1, 1437),
            help="Images of one step.",
        )
        self.rates = ChoiceBox(
            "Learning rates",
            (
                ("usual", "usual η", "Rates that suit such a network"),
                ("lanes", "lanes' η", "The very rates of the lanes on the surface"),
            ),
            value="usual",
            segmented=False,
        )
        self.axis, self.part = _axis_choice(), _part_choice()
        self.loss_plot = Plot("epoch", "loss", allow_log=True)
        self.accuracy_plot = Plot("epoch", "right", y_unit="%")
        self.now_lines = (NowLine(), NowLine())
        for plot, line in zip((self.loss_plot, self.accuracy_plot), self.now_lines, strict=True):
            plot.item.addItem(line, ignoreBounds=True)
            line.set_now(None)
        self.timeline = TimelineBar()
        self.timeline.setToolTip("Drag to see how the race stood after any epoch.")
        self._epoch_label = QLabel()
        self._lay_out()
        self.axis.edited.connect(self._draw_all)
        self.part.edited.connect(self._draw_all)
        self.timeline.sought.connect(self.show_epoch)
        self.layers.editingFinished.connect(self._on_layers_edited)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def result(self) -> NetworkRaceResult | None:
        """The race on screen."""
        return self._result

    @property
    def epoch(self) -> int:
        """The epoch that the words and the upright lines are about."""
        return self._epoch

    @override
    def job(self, spec: OptimizerRaceSpec, seed: int) -> Job | str:
        try:
            # The spec's own sentence about this field would name the model, not the field.
            layer_sizes(self.layers.text())
            wanted = validate(
                NetworkRaceSpec,
                {
                    "layers": self.layers.text(),
                    "activation": self.activation.value,
                    "batch_size": int(self.batch.value),
                    "epochs": int(self.epochs.value),
                    "rates": self.rates.value,
                    "lanes": spec.lanes,
                },
            )
        except (ValueError, SpecError) as error:
            return str(error)
        self._follow = True
        return NetworkRaceStudy(wanted, seed=seed, clock=time.perf_counter)

    @override
    def show_result(self, result: Any) -> None:
        if not isinstance(result, NetworkRaceResult):
            return
        self._result = result
        self.show_picture(True)
        if self._follow:
            self._epoch = result.epochs
        self._draw_all()

    @override
    def summary(self) -> str:
        return self._result.words(self._epoch) if self._result else ""

    @override
    def csv(self) -> str:
        if self._result is None:
            return ""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        columns = (
            "epochs", "seconds", "train_loss", "test_loss", "train_accuracy", "test_accuracy",
        )  # fmt: skip
        writer.writerow(("lane", "method", "rate", "epoch", *columns[1:]))
        for one in self._result.lanes:
            rows = np.column_stack([getattr(one, column) for column in columns]).tolist()
            writer.writerows(
                (one.lane + 1, one.title, one.rate, int(row[0]), *row[1:]) for row in rows
            )
        return text.getvalue()

    @override
    def set_selected(self, lane: int) -> None:
        if lane != self._selected:
            super().set_selected(lane)
            self._draw_all()

    @override
    def set_busy(self, busy: bool) -> None:
        for knob in (self.layers, self.activation, self.epochs, self.batch, self.rates):
            knob.setEnabled(not busy)

    def show_epoch(self, epoch: int) -> None:
        """Go to an epoch: the line, the words and the order of the lanes are those after it."""
        if self._result is None:
            return
        self._epoch = min(max(epoch, 0), self._result.epochs)
        self._follow = self._epoch == self._result.epochs
        self._draw_now()
        self.said.emit()

    def _lay_out(self) -> None:
        chosen = QHBoxLayout()
        for widget, stretch in (
            (self._layers_label, 0),
            (self.layers, 1),
            (self.activation, 1),
            (self.rates, 1),
        ):
            chosen.addWidget(widget, stretch)
        shown = QHBoxLayout()
        shown.addWidget(self.part)
        shown.addWidget(self.axis)
        shown.addStretch(1)
        plots = QHBoxLayout()
        plots.addWidget(self.loss_plot, 1)
        plots.addWidget(self.accuracy_plot, 1)
        scrubber = QHBoxLayout()
        scrubber.addWidget(self.timeline, 1)
        scrubber.addWidget(self._epoch_label)
        picture = QWidget()
        body = QVBoxLayout(picture)
        body.setContentsMargins(0, 0, 0, 0)
        body.addLayout(shown)
        body.addLayout(plots, 1)
        body.addLayout(scrubber)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.knobs = QWidget()
        settings = QVBoxLayout(self.knobs)
        settings.setContentsMargins(0, 0, 0, 0)
        settings.addLayout(chosen)
        settings.addWidget(KnobGrid((self.epochs, self.batch)))
        self._column.addWidget(self.knobs)
        self._column.addWidget(self.with_empty_state(picture), 1)

    def _draw_all(self, _: object = None) -> None:
        result = self._result
        if result is None:
            return
        seconds = self.axis.value == "seconds"
        name, unit = ("training time", "s") if seconds else ("epoch", "")
        self.loss_plot.set_labels(name, "loss", x_unit=unit)
        self.accuracy_plot.set_labels(name, "right", x_unit=unit, y_unit="%")
        self._match_curves(result)
        for one in result.lanes:
            x = one.seconds if seconds else one.epochs
            for curve, y in zip(self._curves[one.lane], self._shown_of(one), strict=True):
                loud = one.lane == self._selected
                curve.set_color(lane_colour(one.colour))
                for item in curve.items:
                    item.setOpacity(1.0 if loud else 0.66)
                    item.setZValue(12 if loud else 10)
                curve.set_data(x, y)
        for plot in (self.loss_plot, self.accuracy_plot):
            if plot.is_following:
                plot.fit()
        self._draw_now()

    def _shown_of(self, one: NetworkCurves) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        if self.part.value == "test":
            return one.test_loss, 100.0 * one.test_accuracy
        return one.train_loss, 100.0 * one.train_accuracy

    def _match_curves(self, result: NetworkRaceResult) -> None:
        wanted = {one.lane: one.title for one in result.lanes}
        if {index: pair[0].name for index, pair in self._curves.items()} == wanted:
            return
        for pair in self._curves.values():
            for plot, curve in zip((self.loss_plot, self.accuracy_plot), pair, strict=True):
                plot.remove(curve)
        self._curves = {
            one.lane: (
                self.loss_plot.add_curve(one.title, lane_colour(one.colour), width=QUIET),
                self.accuracy_plot.add_curve(one.title, lane_colour(one.colour), width=QUIET),
            )
            for one in result.lanes
        }

    def _draw_now(self) -> None:
        result = self._result
        if result is None:
            return
        total = max(result.epochs, 0)
        marks = tuple(
            Mark(-(-one.diverged_step // result.spec.batches), "edit", f"{one.title} diverged")
            for one in result.lanes
            if one.diverged_step is not None
        )
        self.timeline.set_position(self._epoch, total, marks=marks, noun="epoch")
        self._epoch_label.setText(f"epoch {self._epoch} of {result.spec.epochs}")
        for line in self.now_lines:
            # Every lane has seconds of its own, so there is no one line for an epoch.
            line.set_now(float(self._epoch) if self.axis.value == "epochs" else None)

    def _on_layers_edited(self) -> None:
        try:
            spec = NetworkRaceSpec(layers=self.layers.text())
        except ValueError:
            self.layers.setProperty("invalid", "true")
        else:
            self.layers.setProperty("invalid", "false")
            words = "-".join(str(size) for size in spec.sizes)
            self.network_changed.emit(words, spec.weights)
        self.layers.style().unpolish(self.layers)
        self.layers.style().polish(self.layers)

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(6))
        self._epoch_label.setMinimumWidth(px(96))
        self.layers.setMinimumWidth(px(92))
        for line in self.now_lines:
            line.apply_theme()
        self._draw_all()


def _axis_choice() -> ChoiceBox:
    """Return what the curves are drawn against."""
    return ChoiceBox(
        "Against",
        (("epochs", "epochs"), ("seconds", "seconds", "Seconds of each lane's own steps")),
        value="epochs",
    )


def _part_choice() -> ChoiceBox:
    """Return which images the curves are about."""
    return ChoiceBox(
        "Images",
        (
            ("test", "test", "360 images that no lane has seen"),
            ("train", "training", "The 1,437 images of the training"),
        ),
        value="test",
    )
