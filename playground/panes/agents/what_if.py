"""What if: the sliders are the observation, and the agent answers at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from playground.panes.agents.action_bars import ActionBars, spread_of
from playground.panes.agents.scroll import scrolled
from playground.ui.cards import GroupHead
from playground.ui.number_slider import NumberSlider
from playground.ui.number_text import format_number
from playground.ui.switch import Switch
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from playground.environments.vector import Quantity
    from playground.experiments.agents_policy import Policy
    from playground.panes.agents.playback import Playback

EMPTY = "There is no policy to ask: play an episode that an agent has flown."


class WhatIfView(QWidget):
    """One slider for every number of the observation, and the bars of the actions."""

    def __init__(self, playback: Playback, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playback = playback
        self._policy: Policy | None = None
        self._quantities: tuple[Quantity, ...] = ()
        self._observation: NDArray[np.float32] = np.empty(0, dtype=np.float32)
        self.sliders: list[NumberSlider] = []
        self.follow = Switch(
            "Take the numbers of the film",
            True,
            help="The sliders follow the film until one of them is moved by hand",
        )
        self._follow_label = QLabel("as in the film")
        self._follow_label.setProperty("role", "muted")
        self._head = GroupHead("The agent's answer")
        self.bars = ActionBars()
        self.sentence = QLabel(EMPTY)
        self.sentence.setWordWrap(True)
        self.sentence.setProperty("role", "muted")
        self._holder = QWidget()
        self._sliders = QVBoxLayout(self._holder)
        self._sliders.setContentsMargins(0, 0, 0, 0)
        self._lay_out()
        self.follow.edited.connect(lambda _: self._take_film())
        playback.film_changed.connect(self._on_film_changed)
        playback.moved_beside.connect(self._take_film)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def observation(self) -> NDArray[np.float32]:
        """(d,) what the agent is asked about."""
        return self._observation

    def refresh(self) -> None:
        """Take the film up again: the view has come to the front."""
        self._on_film_changed()

    def set_value(self, place: int, value: float) -> None:
        """Ask about another value of one number, in its unit."""
        self.follow.set_value(False)
        self._observation = self._observation.copy()
        self._observation[place] = value / self._quantities[place].scale
        self._ask()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self._head, 1)
        row.addWidget(self._follow_label)
        row.addWidget(self.follow)
        area = scrolled(self._holder)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(row)
        self._column.addWidget(self.bars)
        self._column.addWidget(self.sentence)
        self._column.addWidget(area, 1)

    def _on_film_changed(self) -> None:
        film = self._playback.film
        if film is None or not self.isVisible():
            return
        self._policy = film.policy
        options = film.episode.options
        self.bars.set_names(options.action_names)
        self._make_sliders(options.quantities)
        if len(self._observation) != len(self._quantities):
            self.follow.set_value(True)
            self._observation = film.episode.observations[0]
        self._take_film()
        self._ask()

    def _make_sliders(self, quantities: Sequence[Quantity]) -> None:
        if tuple(quantities) == self._quantities:
            return
        self._quantities = tuple(quantities)
        for slider in self.sliders:
            self._sliders.removeWidget(slider)
            slider.deleteLater()
        while self._sliders.count():
            self._sliders.takeAt(0)
        self.sliders = [self._slider(place) for place in range(len(quantities))]
        for slider in self.sliders:
            self._sliders.addWidget(slider)
        self._sliders.addStretch(1)

    def _slider(self, place: int) -> NumberSlider:
        quantity = self._quantities[place]
        contact = quantity.name.endswith("on the ground")
        made = NumberSlider(
            quantity.name,
            quantity.low * quantity.scale,
            quantity.high * quantity.scale,
            value=0.0,
            allowed=(None, None),
            integer=contact,
            unit=quantity.unit,
        )
        made.edited.connect(lambda value, place=place: self.set_value(place, value))
        return made

    def _take_film(self) -> None:
        film = self._playback.film
        if film is None or not self.follow.value or not self.isVisible():
            return
        row = film.episode.observations[self._playback.frame]
        if len(row) != len(self.sliders):
            return
        self._observation = row
        for slider, quantity, value in zip(
            self.sliders, self._quantities, row.tolist(), strict=True
        ):
            slider.set_value(_rounded(value * quantity.scale))
        self._ask()

    def _ask(self) -> None:
        policy = self._policy
        if policy is None or policy.observation_size != len(self._observation):
            self.bars.set_values(None, None, share=True)
            self.sentence.setText(EMPTY)
            return
        row = self._observation[None]
        q, values = policy.action_values(row), policy.values(row)
        best = int(policy.act_greedy(row)[0])
        if q is None:
            self.bars.set_values(policy.probabilities(row)[0], best, share=True)
        else:
            low, high = spread_of(q[0])
            self.bars.set_values(q[0], best, share=False, span=(low, high))
        name = "V(s)" if q is None else "max Q"
        worth = "" if values is None else f" · {name} {format_number(float(values[0]), 3)}"
        names = self._playback.film.episode.options.action_names if self._playback.film else ()
        self.sentence.setText(f"It would choose “{names[best]}”{worth}")

    def _on_theme_changed(self) -> None:
        self._sliders.setSpacing(px(4))
        self._column.setSpacing(px(6))


def _rounded(value: float) -> float:
    """Return a value in three figures, so that its field has room for it and the unit."""
    return round(float(f"{value:.3g}"), 3)
