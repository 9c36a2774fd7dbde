"""What the agent thinks at the frame on screen: actions, value against the truth, surprise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from playground.panes.agents.action_bars import ActionBars, spread_of
from playground.panes.agents.activation_strip import ActivationStrip
from playground.panes.agents.key_dots import KeyDots
from playground.panes.agents.observation_rows import ObservationRows
from playground.panes.agents.scroll import scrolled
from playground.ui.cards import EmptyState, GroupHead
from playground.ui.choice_box import ChoiceBox
from playground.ui.elided_label import ElidedLabel
from playground.ui.number_text import format_number
from playground.ui.plots import NowLine, Plot
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from playground.experiments.agents_policy import Policy
    from playground.panes.agents.films import Film
    from playground.panes.agents.playback import Playback

VALUE, SURPRISE, REWARD = "value", "surprise", "reward"
QUANTITIES = (
    (VALUE, "value", "V(s) or max Q against the true discounted return to come"),
    (SURPRISE, "TD error", "r + γV(s′) − V(s): what was better or worse than thought"),
    (REWARD, "reward", "The reward of every step"),
)
NOBODY = "A person flew this: no policy was asked what its moments are worth. Rewards are there."
NO_CRITIC = "This agent has no critic: it expects no value, so there is no TD error."


class ThinkingView(QWidget):
    """Bars, a curve and numbers, all at the frame of the film."""

    def __init__(self, playback: Playback, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playback = playback
        self._film: Film | None = None
        self._shown_episode: object = None
        self._actions_head = GroupHead("Actions")
        self.bars = ActionBars()
        # One line: a text that wraps would move the curve under it.
        self.sentence = ElidedLabel()
        self.sentence.setProperty("role", "muted")
        self.choice = ChoiceBox("What is drawn", QUANTITIES, value=VALUE, segmented=True)
        self.plot = Plot("step", "value")
        self._thought = self.plot.add_curve("V(s)", "class_plus", width=2.0)
        self._truth = self.plot.add_curve("return to come", "class_minus", width=1.6)
        self._now = NowLine()
        self.plot.item.addItem(self._now, ignoreBounds=True)
        self.empty = EmptyState(NOBODY, icon_name="brain")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.plot)
        self._stack.addWidget(self.empty)
        self._stack.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self._stack.setMinimumHeight(120)
        self.key = KeyDots()
        self.observation = ObservationRows()
        self.activations = ActivationStrip()
        self._lay_out()
        self.choice.edited.connect(lambda _: self._draw_curves())
        playback.film_changed.connect(self._on_film_changed)
        playback.moved_beside.connect(self._on_moved)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def refresh(self) -> None:
        """Draw again: the view has come to the front."""
        self._on_film_changed()

    def show_quantity(self, key: str) -> bool:
        """Draw value, TD error or reward; tell whether there is such a curve."""
        if key not in (VALUE, SURPRISE, REWARD):
            return False
        self.choice.set_value(key)
        self._draw_curves()
        return True

    def save_state(self) -> dict[str, Any]:
        """Return which curve is drawn."""
        return {"curve": self.choice.value}

    def restore_state(self, state: object) -> None:
        """Take up what :meth:`save_state` gave; ignores anything else."""
        if isinstance(state, dict):
            self.show_quantity(str(state.get("curve")))

    def _lay_out(self) -> None:
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._actions_head)
        self._column.addWidget(self.bars)
        self._column.addWidget(self.sentence)
        row = QHBoxLayout()
        row.addWidget(self.choice)
        row.addStretch(1)
        self._column.addLayout(row)
        self._column.addWidget(self._stack, 1)
        self._column.addWidget(self.key)
        self._column.addWidget(GroupHead("Observation"))
        self._column.addWidget(self.observation)
        self._layers_head = GroupHead("Hidden layers")
        self._column.addWidget(self._layers_head)
        self._column.addWidget(self.activations)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolled(inner))

    def _on_film_changed(self) -> None:
        film = self._playback.film
        self._film = film
        if film is None or not self.isVisible():
            return
        if film.episode is not self._shown_episode:
            self._shown_episode = film.episode
            options = film.episode.options
            self.bars.set_names(options.action_names)
            self.observation.set_quantities(options.quantities)
            judged = film.judgement
            with_q = judged is not None and judged.action_values is not None
            head = "Action values" if with_q else "Action probabilities"
            self._actions_head.setText(head)
            self._draw_curves()
        self._on_moved()

    def _on_moved(self) -> None:
        film = self._film
        if film is None or not self.isVisible() or film.episode is not self._shown_episode:
            return
        frame = self._playback.frame
        self._now.set_now(float(frame))
        self.observation.set_values(film.episode.observations[frame])
        judged = film.judgement
        if judged is None or frame >= len(judged.probabilities):
            self.bars.set_values(None, None, share=True)
            self._say("You steer, and no policy was asked.")
            self._show_layers(None, frame)
            return
        q = judged.action_values
        chosen = film.action_at(frame)
        if q is None:
            self.bars.set_values(judged.probabilities[frame], chosen, share=True)
        else:
            self.bars.set_values(q[frame], chosen, share=False, span=spread_of(q))
        self._say(sentence(film, frame))
        self._show_layers(film.policy, frame)

    def _show_layers(self, policy: Policy | None, frame: int) -> None:
        """Show what the hidden neurons of a policy give out at a frame; None: there are none."""
        there = policy is not None and self._film is not None
        self._layers_head.setVisible(there)
        self.activations.setVisible(there)
        if policy is None or self._film is None:
            return
        found = policy.activations(self._film.episode.observations[frame : frame + 1])
        self.activations.set_layers(
            {name: [layer[0] for layer in layers[:-1]] for name, layers in found.items()},
            signed=policy.activation == "tanh",
        )

    def _say(self, text: str) -> None:
        self.sentence.setText(text)
        self.sentence.setToolTip(text)

    def _draw_curves(self) -> None:
        film, key = self._film, self.choice.value
        if film is None:
            return
        judged = film.judgement
        empty = np.empty(0)
        thought: NDArray[np.floating] = empty
        truth: NDArray[np.floating] = empty
        if key == REWARD:
            thought = film.episode.rewards
        elif judged is not None and key == SURPRISE and judged.td_errors is not None:
            thought = judged.td_errors
        elif judged is not None and key == VALUE:
            truth = judged.returns_to_come
            thought = judged.values if judged.values is not None else empty
        self.plot.set_labels("step", {SURPRISE: "TD error"}.get(key, key))
        with_q = judged is not None and judged.action_values is not None
        name = "max Q" if with_q else "V(s)"
        curves = ((thought, name, "class_plus"), (truth, "return to come", "class_minus"))
        keys = [(words, token) for values, words, token in curves if len(values)]
        self.key.set_keys(keys if key == VALUE else ())
        nothing = not len(thought) and not len(truth)
        self._stack.setCurrentIndex(1 if nothing else 0)
        if nothing:
            self.empty.set_state(NOBODY if judged is None else NO_CRITIC, icon_name="brain")
        self._thought.set_data(np.arange(len(thought), dtype=np.float64), thought)
        self._truth.set_data(np.arange(len(truth), dtype=np.float64), truth)
        self.plot.fit()

    def _on_theme_changed(self) -> None:
        self._now.apply_theme()
        self._column.setSpacing(px(6))


def sentence(film: Film, frame: int) -> str:
    """Return value, truth and surprise of a frame in words."""
    judged = film.judgement
    if judged is None:
        return ""
    parts = []
    if judged.values is not None:
        name = "V" if judged.action_values is None else "max Q"
        parts.append(f"{name} {format_number(float(judged.values[frame]), 3)}")
    if frame < len(judged.returns_to_come):
        truth = format_number(float(judged.returns_to_come[frame]), 3)
        parts.append(f"true {truth}")
        if judged.td_errors is not None:
            parts.append(f"TD error {format_number(float(judged.td_errors[frame]), 3)}")
    else:
        parts.append("the episode ends here")
    return " · ".join(parts)
