"""Knock-out: what the network still knows without some of its filters.

Knocked-out filters belong to the run (they are live edits, undone like any other). While none is
knocked out, what is shown is a trial of the chosen one.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from playground.experiments.cnn_spec import CnnSpec, toggled
from playground.experiments.cnn_studies import KnockOutEffect, KnockOutJob
from playground.experiments.jobs import JobError
from playground.panes.cnn.digit_bars import ProbabilityBars, percent
from playground.panes.cnn.explain_jobs import LatestJob
from playground.panes.cnn.explain_page import ExplainPage, Subject
from playground.panes.cnn.explain_picker import FilterPicker
from playground.ui.cards import GroupHead
from playground.ui.icons import themed_icon
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.experiments.cnn_spec import Knocked
    from playground.ui.cards import VerdictKind
    from playground.ui.channel import ChannelClient

PATH: Final = ("knocked_out",)
QUESTION: Final = "What is lost when a filter puts out nothing but zeros?"
ELSEWHERE: Final = (
    "Filters are knocked out in the network in training: choose a test image, or let the network "
    "in training read the drawing."
)


class KnockoutPage(ExplainPage):
    """Chooses filters to be knocked out, and shows accuracy and prediction before and after."""

    def __init__(self, channel: ChannelClient, parent: QWidget | None = None) -> None:
        super().__init__(channel, parent)
        self._subject: Subject | None = None
        self._key: object = None
        self._problem = ""
        self._listed: tuple[Knocked, ...] | None = None
        self.effect: KnockOutEffect | None = None
        self.is_trial = False
        self.picker = FilterPicker(output=False)
        self.toggle = QPushButton("Knock out")
        self.restore_all = QPushButton("Restore all")
        self.chips = QWidget()
        self.by_class = ProbabilityBars(competing=False)
        self.by_class.setAccessibleName("Accuracy of each class")
        self.prediction = ProbabilityBars()
        self.heads = (GroupHead("Accuracy by class"), GroupHead("This image"))
        self._job = LatestJob(channel, self._on_done, self._on_failed)
        self._lay_out()
        self.picker.chosen.connect(lambda *_: self._on_filter_chosen())
        self.toggle.clicked.connect(self._on_toggled)
        self.restore_all.clicked.connect(lambda: self.knock_out(()))
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def knocked(self) -> tuple[Knocked, ...]:
        """What is knocked out, with the changes asked for that the thread has yet to answer."""
        spec = self.channel.spec
        return spec.knocked_out if isinstance(spec, CnnSpec) else ()

    def set_filter(self, block: int, index: int) -> None:
        """Take a filter that was chosen elsewhere."""
        if self.picker.value != (block, index) and self.picker.set_value(block, index):
            self._on_filter_chosen()

    def knock_out(self, filters: tuple[Knocked, ...]) -> None:
        """Knock these filters out and no others, as a change of the run that can be undone."""
        if filters != self.knocked:
            self.channel.edit_value(PATH, filters)
            self._show_knocked()

    @override
    def show_subject(self, subject: Subject | None) -> None:
        self._subject = subject
        usable = subject is not None and subject.is_trained_here and subject.images is not None
        for widget in (self.picker, self.toggle):
            widget.setEnabled(usable)
        if subject is None:
            return
        self.picker.set_network(subject.state)
        self._show_knocked()
        if not usable:
            self._problem = ELSEWHERE
            self._key = None
            return
        if self._problem == ELSEWHERE:
            self._problem = ""
        key = (subject.key, self._measured(subject))
        if key != self._key and (self._key is None or self.is_due(subject)):
            self._ask()

    @override
    def words(self) -> tuple[VerdictKind, str]:
        if self._problem:
            return "warn", self._problem
        if self.effect is None or self._subject is None:
            return "info", QUESTION
        return effect_words(self.effect, self._subject, trial=self.is_trial)

    @override
    def cancel(self) -> None:
        self._job.cancel()
        self._key = None

    def _lay_out(self) -> None:
        self._chips = QHBoxLayout(self.chips)
        self._chips.setContentsMargins(0, 0, 0, 0)
        scroll = QScrollArea()
        scroll.setWidget(self.chips)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        for part in (scroll.viewport(), self.chips):
            part.setAutoFillBackground(False)
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll = scroll
        self._list = QHBoxLayout()
        self._list.addWidget(self.toggle)
        self._list.addWidget(scroll, 1)
        self._list.addStretch(0)
        self._list.addWidget(self.restore_all)
        self._bars = QHBoxLayout()
        for head, bars in zip(self.heads, (self.by_class, self.prediction), strict=True):
            half = QVBoxLayout()
            half.addWidget(head)
            half.addWidget(bars, 1)
            self._bars.addLayout(half, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.picker)
        self._column.addLayout(self._list)
        self._column.addLayout(self._bars, 1)

    def _measured(self, subject: Subject) -> tuple[Knocked, ...]:
        """Return the filters without which the network is measured."""
        knocked = subject.state.knocked_out
        chosen = self.picker.value
        return knocked or ((chosen,) if chosen is not None else ())

    def _on_filter_chosen(self) -> None:
        self._show_knocked()
        subject = self._subject
        # What is knocked out is measured already; a trial is of the chosen filter.
        if subject is not None and not subject.state.knocked_out:
            self._ask()

    def _on_toggled(self) -> None:
        spec, chosen = self.channel.spec, self.picker.value
        if isinstance(spec, CnnSpec) and chosen is not None:
            self.knock_out(toggled(spec, *chosen))

    def _ask(self) -> None:
        subject = self._subject
        if subject is None or subject.images is None or not subject.is_trained_here:
            return
        filters = self._measured(subject)
        self._key = (subject.key, filters)
        self._problem = ""
        if not filters:
            self._problem = "This network has no filters that could be knocked out."
            self.said.emit()
            return
        whole = dataclasses.replace(subject.state, knocked_out=())
        try:
            job = KnockOutJob(whole, subject.images, filters, pixels=subject.pixels)
        except JobError as error:
            self._on_failed(str(error))
            return
        self._job.ask(job, not subject.state.knocked_out)

    def _on_done(self, effect: KnockOutEffect, trial: bool) -> None:
        self.effect, self.is_trial = effect, trial
        names = self._subject.state.class_names if self._subject is not None else ()
        for bars in (self.by_class, self.prediction):
            bars.set_names(names)
        self.by_class.set_values(effect.class_after, before=effect.class_before)
        after, before = effect.prediction_after, effect.prediction_before
        self.prediction.set_values(
            after.probabilities if after is not None else None,
            before=before.probabilities if before is not None else None,
        )
        self.said.emit()

    def _on_failed(self, sentence: str) -> None:
        self._problem = sentence
        self.said.emit()

    def _show_knocked(self) -> None:
        knocked, chosen = self.knocked, self.picker.value
        out = chosen in knocked
        self.toggle.setText("Restore" if out else "Knock out")
        self.toggle.setToolTip(
            "Let the chosen filter answer again" if out else "Make the chosen filter answer zero"
        )
        if knocked == self._listed:
            return
        self._listed = knocked
        while (item := self._chips.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for block, index in knocked:
            self._chips.addWidget(self._chip(block, index))
        self._chips.addStretch(1)
        shown = bool(knocked)
        self._scroll.setVisible(shown)
        self.restore_all.setVisible(len(knocked) > 1)

    def _chip(self, block: int, index: int) -> QToolButton:
        chip = QToolButton()
        chip.setText(f"{block + 1}·{index + 1}")
        chip.setToolTip(f"Block {block + 1}, filter {index + 1} is knocked out: click to restore")
        chip.setAccessibleName(f"Restore filter {index + 1} of block {block + 1}")
        chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        themed_icon(chip, "x", color="muted")
        chip.clicked.connect(
            lambda: self.knock_out(tuple(pair for pair in self.knocked if pair != (block, index)))
        )
        return chip

    def _on_theme_changed(self) -> None:
        self._scroll.setFixedHeight(px(34))
        for row in (self._list, self._chips):
            row.setSpacing(px(6))
        self._bars.setSpacing(px(14))
        self._column.setSpacing(px(8))


def effect_words(
    effect: KnockOutEffect, subject: Subject, *, trial: bool
) -> tuple[VerdictKind, str]:
    """Return what the network loses, with numbers."""
    which = _which(effect.filters)
    change = effect.accuracy_after - effect.accuracy_before
    before, after = percent(effect.accuracy_before), percent(effect.accuracy_after)
    verb = "would change" if trial else "changes"
    if abs(change) < 0.5 / max(1, effect.looked_at):
        text = f"Without {which} accuracy {'would stay' if trial else 'stays'} at {before}"
    else:
        text = f"Without {which} accuracy {verb} from {before} to {after}"
    drops = np.nan_to_num(effect.class_before - effect.class_after, nan=-1.0)
    worst = int(drops.argmax()) if drops.size else 0
    if drops.size and drops[worst] > max(0.02, -2 * change):
        text += f"; “{subject.class_name(worst)}” loses most, {percent(drops[worst])}"
    first, last = effect.prediction_before, effect.prediction_after
    tone: VerdictKind = "info"
    if first is not None and last is not None and first.predicted != last.predicted:
        tone = "warn"
        text += (
            f". This image {'would become' if trial else 'becomes'} "
            f"{subject.class_name(last.predicted)}, no longer {subject.class_name(first.predicted)}"
        )
    if not trial and change < -0.05:
        tone = "warn"
    return tone, f"{text}."


def _which(filters: tuple[Knocked, ...]) -> str:
    if len(filters) == 1:
        block, index = filters[0]
        return f"filter {index + 1} of block {block + 1}"
    return f"these {len(filters)} filters"
