"""What can be done in the pane besides the mouse, as data for menus, shortcuts and the F1 sheet."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from playground.ui.actions import ActionSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.panes.agents.pane import AgentsPane

MENU = ("Pane",)
VIEW_MENU = ("Pane", "Show")
PRESET_MENU = ("Pane", "Set-ups")
VIEWS = (
    ("scene", "Scene", "The episode that is played.", "play", "S"),
    ("library", "Episodes", "All recorded episodes.", "history", "E"),
    ("skill", "Skill", "The same start flown by every policy since the beginning.", "star", "W"),
    ("curves", "Curves", "Returns, lengths, losses and rates.", "chart-line", "C"),
    ("seeds", "Several seeds", "The same settings with other seeds: mean and spread.", "layers",
     "A"),
    ("thinking", "Thinking", "What the agent thinks at this frame.", "brain", "T"),
    ("whatif", "What if", "Other observations, and the agent's answer.", "sliders-horizontal", "Q"),
    ("map", "Map of values", "What the agent thinks of every place.", "grid-3x3", "V"),
    ("replay", "Memory", "What DQN remembers.", "database", "B"),
    ("draw", "Draw a map", "Obstacles, walls, station and start for the car.", "pencil", "P"),
)  # fmt: skip


class PaneCommands:
    """The pane's actions."""

    def __init__(self, pane: AgentsPane) -> None:
        self._pane = pane

    def all(self) -> tuple[ActionSpec, ...]:
        """Return every command of the pane's menu."""
        return (*self._film(), *self._controls(), *self._views(), *self._presets())

    def _film(self) -> tuple[ActionSpec, ...]:
        playback = self._pane.playback
        return (
            _spec("film", "Play or pause the film", "Turn the recorded episode's frames over, "
                  "or stop.", "K", "play", playback.toggle),
            _spec("film_back", "One frame back", "Go to the frame before.", ",", "step-back",
                  lambda: playback.turn(-1)),
            _spec("film_on", "One frame on", "Go to the next frame.", ".", "step-forward",
                  lambda: playback.turn(1)),
            _spec("film_slower", "Slower film", "Half the speed of the film.", "[", "",
                  lambda: playback.set_speed(playback.speed / 2.0)),
            _spec("film_faster", "Faster film", "Twice the speed of the film.", "]",
                  "fast-forward", lambda: playback.set_speed(playback.speed * 2.0)),
        )  # fmt: skip

    def _controls(self) -> tuple[ActionSpec, ...]:
        pane = self._pane
        return (
            _spec("fly", "Fly with the present policy", "Record an episode of the policy as it "
                  "is now.", "F", "rocket", pane.fly_now, separator=True),
            _spec("hand", "Take the controls", "Steer yourself from this frame on, or stop it.",
                  "Y", "keyboard", pane.take_controls),
            _spec("hand_over", "Hand the controls over", "Let the agent steer your episode, or "
                  "take it back.", "H", "bot", pane.hand.hand_over),
            _spec("duel", "You against the agent", "Fly the same start side by side.", "D",
                  "columns-2", pane.begin_duel),
            _spec("ghosts", "Ghosts of earlier policies", "Let earlier policies fly in the same "
                  "scene; on or off.", "G", "layers", lambda: pane.scene.ghosts.click()),
            _spec("master", "A master", "Play a trained agent.", "X", "star",
                  lambda: pane.choose("master")),
            _spec("beginner", "A beginner", "Play the same agent before it had learnt.", "Z", "",
                  lambda: pane.choose("beginner")),
            _spec("open", "Open an agent …", "Put the policies of a file on the skill slider.", "O",
                  "folder-open", pane.files.ask),
            _spec("repair", "Apply the repair", "Do what the verdict recommends, if it "
                  "recommends something.", "U", "zap", pane.repair),
        )  # fmt: skip

    def _views(self) -> tuple[ActionSpec, ...]:
        return tuple(
            ActionSpec(
                f"agents.view_{key}",
                words,
                tip,
                (shortcut,),
                VIEW_MENU,
                icon,
                run=functools.partial(self._show, key),
            )
            for key, words, tip, icon, shortcut in VIEWS
        )

    def _presets(self) -> tuple[ActionSpec, ...]:
        return tuple(
            ActionSpec(
                f"agents.preset_{name}",
                preset.label,
                preset.help,
                (),
                PRESET_MENU,
                run=functools.partial(self._apply, name),
            )
            for name, preset in self._pane.presets().items()
        )

    def _show(self, key: str, _: bool = False) -> None:
        self._pane.show_view(key)

    def _apply(self, name: str, _: bool = False) -> None:
        self._pane.apply_preset(name)


def _spec(
    name: str,
    words: str,
    tip: str,
    key: str,
    icon: str,
    run: Callable[[], object],
    *,
    separator: bool = False,
) -> ActionSpec:
    return ActionSpec(
        f"agents.{name}", words, tip, (key,), MENU, icon, separator=separator, run=lambda _: run()
    )
