"""The adversarial shift: every pixel a little up or down against the class, and the answer flips.

The slider sets ε, the most that any pixel may move; the curve shows the way from nothing to well
beyond it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget
from typing_extensions import override

from playground.experiments.cnn_explain import AdversarialShift, ShiftJob
from playground.panes.cnn.digit_bars import ProbabilityBars, percent
from playground.panes.cnn.digit_pixels import PixelPicture, picture_of, value_words
from playground.panes.cnn.explain_jobs import LatestJob
from playground.panes.cnn.explain_page import ExplainPage, Subject, TurningBox, coloured
from playground.ui.controls import NumberSlider
from playground.ui.fonts import ui_font
from playground.ui.number_text import format_number
from playground.ui.plots import Bounds, NowLine, Plot
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from playground.ui.cards import VerdictKind
    from playground.ui.channel import ChannelClient

LARGEST: Final = 0.5
USUAL: Final = 0.1
QUESTION: Final = "How little must all pixels move together for the network to see another class?"


class ShiftPage(ExplainPage):
    """The image, the direction, the shifted image, and what the network makes of it."""

    def __init__(self, channel: ChannelClient, parent: QWidget | None = None) -> None:
        super().__init__(channel, parent)
        self._subject: Subject | None = None
        self._shown: Subject | None = None
        self._key: object = None
        self._problem = ""
        self.result: AdversarialShift | None = None
        self.epsilon = NumberSlider(
            "ε",
            0.0,
            LARGEST,
            value=USUAL,
            step=0.005,
            inline=True,
            help="The most that any pixel may move, where 0 is black and 1 is white.",
        )
        self.before = PixelPicture("the image", side=110)
        self.direction = PixelPicture("blue +, orange −", side=110)
        self.after = PixelPicture("the shifted image", side=110)
        self.bars = ProbabilityBars()
        self.plot = Plot("ε", "probability")
        self.plot.setMinimumHeight(px(90))
        self.plot.set_hold(False)
        self.true_curve = self.plot.add_curve("its class", "class_plus")
        self.other_curve = self.plot.add_curve("best other", "class_minus")
        self._now_line = NowLine()
        self.plot.item.addItem(self._now_line, ignoreBounds=True)
        self.plot.set_range(Bounds(0.0, LARGEST, 0.0, 1.04))
        self.legend = QLabel()
        self._job = LatestJob(channel, self._on_done, self._on_failed)
        self._lay_out()
        self.epsilon.edited.connect(lambda _: self._ask())
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @override
    def show_subject(self, subject: Subject | None) -> None:
        self._subject = subject
        if subject is None:
            self._job.cancel()
            self._key = self.result = self._shown = None
            for view in (self.before, self.direction, self.after):
                view.set_waiting("no image")
            self.bars.set_values(None)
            self.true_curve.clear()
            self.other_curve.clear()
            return
        if subject.key != self._key:
            self._ask()

    @override
    def words(self) -> tuple[VerdictKind, str]:
        if self._problem:
            return "warn", self._problem
        if self.result is None or self._shown is None:
            return "info", QUESTION
        return shift_words(self.result, self._shown)

    @override
    def cancel(self) -> None:
        self._job.cancel()
        self._key = None

    def _lay_out(self) -> None:
        pictures = QWidget()
        self._pictures = QHBoxLayout(pictures)
        self._pictures.setContentsMargins(0, 0, 0, 0)
        for view in (self.before, self.direction, self.after):
            self._pictures.addWidget(view, 1)
        answers = QWidget()
        self._answers = QHBoxLayout(answers)
        self._answers.setContentsMargins(0, 0, 0, 0)
        self._answers.addWidget(self.bars, 1)
        drawn = QVBoxLayout()
        drawn.setContentsMargins(0, 0, 0, 0)
        drawn.setSpacing(0)
        drawn.addWidget(self.legend)
        drawn.addWidget(self.plot, 1)
        self._answers.addLayout(drawn, 1)
        self.body = TurningBox(pictures, answers, stretches=((2, 3), (1, 1)), wide_from=1.8)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.epsilon)
        self._column.addWidget(self.body, 1)

    def _ask(self) -> None:
        subject = self._subject
        if subject is None:
            return
        self._key = subject.key
        self._problem = ""
        epsilon = min(max(float(self.epsilon.value), 0.0), 1.0)
        shown = self._shown
        if self.result is not None and shown is not None and shown.key == subject.key:
            # The direction is the same: the picture need not wait for the network.
            self._show_after(subject, self.result.direction, epsilon)
        self._job.ask(ShiftJob(subject.state, subject.pixels, epsilon, subject.label), subject)

    def _on_done(self, result: AdversarialShift, subject: Subject) -> None:
        self.result, self._shown = result, subject
        self._draw()
        self.said.emit()

    def _on_failed(self, sentence: str) -> None:
        self._problem = sentence
        self.said.emit()

    def _draw(self) -> None:
        subject, result = self._shown, self.result
        if subject is None or result is None:
            return
        self.before.set_picture(
            subject.picture, values=lambda row, column: value_words(subject.pixels, row, column)
        )
        # Of a coloured image the mean of the three directions.
        mean = result.direction.mean(0)
        self.direction.set_picture(
            coloured(mean, 1.0, diverging=True),
            values=lambda row, column: f"moves {_way(float(mean[row, column]))}",
        )
        self._show_after(subject, result.direction, result.epsilon)
        self.bars.set_names(subject.state.class_names)
        self.bars.set_values(result.after.probabilities, before=result.before.probabilities)
        own = result.probabilities[:, result.label]
        others = np.delete(result.probabilities, result.label, axis=1).max(1, initial=0.0)
        self.true_curve.set_data(result.epsilons, own)
        self.other_curve.set_data(result.epsilons, others)
        self._now_line.set_now(result.epsilon)

    def _show_after(self, subject: Subject, direction: np.ndarray, epsilon: float) -> None:
        moved = np.clip(subject.pixels + epsilon * direction, 0.0, 1.0)
        self.after.set_picture(
            picture_of(moved), values=lambda row, column: value_words(moved, row, column)
        )
        self.after.set_caption(f"ε = {format_number(epsilon, 2, trim=True)}")

    def _on_theme_changed(self) -> None:
        self._pictures.setSpacing(px(8))
        self._answers.setSpacing(px(10))
        self._column.setSpacing(px(8))
        self._now_line.apply_theme()
        marks = " &nbsp; ".join(
            f"<span style='color:{qcolor(curve.color).name()}'>━</span> {curve.name}"
            for curve in (self.true_curve, self.other_curve)
        )
        self.legend.setText(marks)
        self.legend.setFont(ui_font(px(11)))
        self._draw()


def shift_words(result: AdversarialShift, subject: Subject) -> tuple[VerdictKind, str]:
    """Return at which ε the answer flips, and what to."""
    name = subject.class_name(result.label)
    first = result.before.predicted
    if first != result.label:
        return "warn", (
            f"It is a “{name}”, but the network reads {subject.class_name(first)} with "
            f"{percent(result.before.probabilities[first])} before anything has moved."
        )
    sure = percent(result.before.probabilities[first])
    if result.flips_at is None:
        until = format_number(float(result.epsilons[-1]), 2, trim=True)
        return "ok", f"The network reads {name} with {sure}, and no other class up to ε = {until}."
    place = int(np.abs(result.epsilons - result.flips_at).argmin())
    other = int(result.probabilities[place].argmax())
    text = (
        f"It flips at ε = {format_number(result.flips_at, 2, trim=True)}: {name} with {sure} "
        f"becomes {subject.class_name(other)} with "
        f"{percent(result.probabilities[place, other])}."
    )
    if result.epsilon >= result.flips_at:
        return "warn", text
    now = result.after.predicted
    return "info", (
        f"{text} At ε = {format_number(result.epsilon, 2, trim=True)} it still reads "
        f"{subject.class_name(now)}."
    )


def _way(value: float) -> str:
    if value == 0.0:
        return "nowhere"
    return "up, brighter" if value > 0.0 else "down, darker"
