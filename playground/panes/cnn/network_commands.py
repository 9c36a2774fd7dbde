"""What can be done in the network tab besides the mouse, as data for menus and the F1 sheet."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from playground.ui.actions import ActionSpec

if TYPE_CHECKING:
    from playground.panes.cnn.network import NetworkPart

MENU = ("Pane",)
VIEW_MENU = ("Pane", "Show")
PRESET_MENU = ("Pane", "Set-ups")
VIEWS = (
    ("weights", "Filters", "The weights of every layer as pictures.", "grid-3x3", "F"),
    ("gradients", "Gradients", "What is about to change the filters.", "activity", "G"),
    ("features", "Feature maps", "What every block makes of a test image.", "layers", "V"),
    ("curves", "Curves", "Loss and accuracy of training and test.", "chart-line", "C"),
    ("confusion", "Confusion matrix", "What is taken for what.", "table", "X"),
    ("mistakes", "Worst mistakes", "Test images that are surely mistaken.", "circle-x", "W"),
    ("pad", "Draw a digit", "Draw, and watch the answer move.", "pencil", "D"),
    ("explain", "Explain", "What a prediction hangs on.", "lightbulb", "E"),
)  # fmt: skip


class PaneCommands:
    """The tab's actions."""

    def __init__(self, pane: NetworkPart) -> None:
        self._pane = pane

    def all(self) -> tuple[ActionSpec, ...]:
        """Return every command of the pane's menu."""
        return (*self._network(), *self._views(), *self._presets())

    def _network(self) -> tuple[ActionSpec, ...]:
        pane = self._pane
        return (
            ActionSpec(
                "cnn.load_weights",
                "Load weights…",
                "Take over a state_dict or a checkpoint that fits this architecture.",
                ("Ctrl+I",),
                MENU,
                "upload",
                run=lambda _: pane.exports.ask_weights(),
            ),
            ActionSpec(
                "cnn.knock_out",
                "Knock out the chosen filter",
                "Let the chosen filter put out nothing but zeros, or restore it.",
                ("K",),
                MENU,
                "power",
                separator=True,
                run=lambda _: pane.filters.ask_knock_out(),
            ),
            ActionSpec(
                "cnn.restore",
                "Restore all filters",
                "Bring every knocked-out filter back.",
                ("Shift+K",),
                MENU,
                "undo-2",
                run=lambda _: pane.choices.restore_filters(),
            ),
            ActionSpec(
                "cnn.next_example",
                "Next test image",
                "Turn the feature maps to the next test image.",
                ("J",),
                MENU,
                "chevron-right",
                separator=True,
                run=lambda _: pane.features.turn(1),
            ),
            ActionSpec(
                "cnn.previous_example",
                "Previous test image",
                "Turn the feature maps to the test image before.",
                ("H",),
                MENU,
                "chevron-left",
                run=lambda _: pane.features.turn(-1),
            ),
            ActionSpec(
                "cnn.random_example",
                "Any test image",
                "Turn the feature maps to a test image at random.",
                ("Y",),
                MENU,
                "dices",
                run=lambda _: pane.features.choose_at_random(),
            ),
        )

    def _views(self) -> tuple[ActionSpec, ...]:
        return tuple(
            ActionSpec(
                f"cnn.view_{key}",
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
                f"cnn.preset_{name}",
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
