"""The card of the scene: which episode, the picture, the projector, and the person's controls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from playground.panes.agents.player_bar import PlayerBar
from playground.panes.agents.scene_canvas import SceneCanvas
from playground.ui.choice_box import ChoiceBox
from playground.ui.controls import IconButton
from playground.ui.switch import Switch
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.panes.agents.films import Film
    from playground.panes.agents.playback import Playback

OTHER = "other"
CHOICES = (
    ("latest", "latest", "The latest recorded episode of this run"),
    ("best", "best", "The recorded episode with the largest return"),
    ("median", "median", "The recorded episode in the middle"),
    ("worst", "worst", "The recorded episode with the smallest return"),
    ("first", "first", "The first recorded episode, flown by the first weights"),
    ("master", "a master", "A trained agent that the program brings along"),
    ("beginner", "a beginner", "The same agent before it had learnt anything"),
    (OTHER, "chosen here", "A flight asked for, or an episode of the library"),
)
EMPTY = (
    "No episode yet. Press Space: the agent begins to learn, and every now and then one of its "
    "episodes is recorded and played here."
)


class SceneView(QWidget):
    """The scene with everything that belongs to watching it.

    Signals
    -------
    chosen(object)
        A person wants one of :data:`CHOICES`.
    follow_edited(bool)
        A person switched following on or off.
    fly_asked(), hand_asked(), duel_asked()
        A person wants an episode of the present policy; to steer; to steer against the agent.
    hand_over_asked()
        A person hands the controls to the agent, or takes them again.
    ghosts_edited(bool)
        A person wants earlier policies in the scene, or no more.
    """

    chosen = Signal(object)
    follow_edited = Signal(bool)
    fly_asked = Signal()
    hand_asked = Signal()
    duel_asked = Signal()
    hand_over_asked = Signal()
    ghosts_edited = Signal(bool)

    def __init__(self, playback: Playback, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.playback = playback
        self.choice = ChoiceBox("Which episode is played", CHOICES, segmented=False)
        self.follow = Switch(
            "Follow the latest episode",
            True,
            help="When a film is over, play the episode recorded last",
        )
        self._follow_label = QLabel("follow")
        self._follow_label.setProperty("role", "muted")
        self._follow_label.setToolTip(self.follow.toolTip())
        self.fly = IconButton("rocket", "Fly an episode with the present policy (F)", size=16)
        self.ghosts = IconButton(
            "layers", "Earlier policies from the same start, as ghosts (G)", checkable=True, size=16
        )
        self.hand = IconButton(
            "keyboard", "Take the controls at this frame (Y)", checkable=True, size=16
        )
        self.duel = IconButton(
            "columns-2", "You against the agent from the same start (D)", checkable=True, size=16
        )
        self.hand_over = IconButton("bot", "Hand the controls to the agent (H)", size=16)
        self.hand_over.hide()
        self.canvas = SceneCanvas(EMPTY)
        self.rival = SceneCanvas()
        self.rival.hide()
        self.rival.set_with_bars(False)
        self.bar = PlayerBar(playback)
        self._rival_film: Film | None = None
        self._head = QHBoxLayout()
        self._pictures = QHBoxLayout()
        self._column = QVBoxLayout(self)
        self._lay_out()
        self._connect()
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def show_choice(self, key: str | None) -> None:
        """Show which of the episodes is played; None where it is none of them."""
        self.choice.set_value(key or OTHER)

    def set_rival(self, film: Film | None) -> None:
        """Show the agent's flight from the same start beside the person's; None ends it."""
        self._rival_film = film
        self.rival.setVisible(film is not None)
        self.canvas.set_caption("")
        self.duel.setChecked(film is not None)
        if film is not None:
            self.rival.set_film(film)
            self.rival.set_frame(self.playback.frame)

    def set_hand(self, active: bool, by_person: bool, keys: str) -> None:
        """Show who steers: the person, the agent in the person's flight, or nobody."""
        self.hand.setChecked(active)
        self.hand_over.setVisible(active)
        self.hand_over.set_tooltip(
            "Hand the controls to the agent (H)" if by_person else "Take the controls again (H)"
        )
        self.hand_over.set_icon("bot" if by_person else "hand")
        self.bar.setEnabled(not active and self.playback.film is not None)
        self.canvas.set_flying(active)
        self.canvas.set_note(keys if active else "")

    def set_note(self, note: str) -> None:
        """Write a line into the picture."""
        self.canvas.set_note(note)

    def _lay_out(self) -> None:
        self.choice.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._head.setContentsMargins(0, 0, 0, 0)
        self._head.addWidget(self.choice)
        self._head.addWidget(self.follow)
        self._head.addWidget(self._follow_label)
        self._head.addStretch(1)
        for button in (self.hand_over, self.hand, self.duel, self.ghosts, self.fly):
            self._head.addWidget(button)
        self._pictures.setContentsMargins(0, 0, 0, 0)
        self._pictures.addWidget(self.canvas, 1)
        self._pictures.addWidget(self.rival, 1)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._head)
        self._column.addLayout(self._pictures, 1)
        self._column.addWidget(self.bar)

    def _connect(self) -> None:
        self.choice.edited.connect(self.chosen)
        self.follow.edited.connect(self.follow_edited)
        self.fly.clicked.connect(self.fly_asked)
        self.hand.clicked.connect(self.hand_asked)
        self.duel.clicked.connect(self.duel_asked)
        self.hand_over.clicked.connect(self.hand_over_asked)
        self.ghosts.clicked.connect(self.ghosts_edited)
        self.playback.film_changed.connect(self._on_film_changed)
        self.playback.moved.connect(self._on_moved)
        self.playback.state_changed.connect(self._on_state_changed)

    def _on_film_changed(self) -> None:
        self.canvas.set_film(self.playback.film, self.playback.frame)

    def _on_moved(self) -> None:
        self.canvas.set_frame(self.playback.frame)
        if self._rival_film is not None:
            self.rival.set_frame(min(self.playback.frame, self._rival_film.last))

    def _on_state_changed(self) -> None:
        self.follow.set_value(self.playback.follow)

    def _on_theme_changed(self) -> None:
        self.choice.setFixedWidth(px(128))
        self._head.setSpacing(px(6))
        self._pictures.setSpacing(px(8))
        self._column.setSpacing(px(6))
