"""What can be done in the pane besides the mouse, as data for menus, shortcuts and the F1 sheet."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from playground.ui.actions import ActionSpec

if TYPE_CHECKING:
    from playground.panes.init.pane import InitPane

MENU = ("Pane",)
VIEW_MENU = ("Pane", "Show")
PRESET_MENU = ("Pane", "Set-ups")
VIEWS = (
    ("strip", "Histograms", "The histograms of every layer.", "chart-column", "H"),
    ("depth", "Depth curves", "How large signals are in every layer.", "activity", "D"),
    ("time", "Over time", "Loss, accuracy and the health of every layer.", "chart-line", "T"),
    ("heat", "Heat map", "How large signals were, layer by step.", "grid-3x3", "E"),
    ("explorer", "Activation", "f and f′, and where the z of a layer lie.", "spline", "F"),
    ("clones", "Clones", "How alike the neurons of a layer are.", "copy", "C"),
    ("ab", "A/B", "Two set-ups from the same seed side by side.", "columns-2", "B"),
    ("matrix", "Matrix", "Every scheme under tanh, logistic and ReLU.", "table", "X"),
    ("schemes", "All schemes", "Accuracy on the digits from every scheme.", "trending-down", "A"),
)  # fmt: skip


class PaneCommands:
    """The pane's actions."""

    def __init__(self, pane: InitPane) -> None:
        self._pane = pane

    def all(self) -> tuple[ActionSpec, ...]:
        """Return every command of the pane's menu."""
        return (*self._network(), *self._views(), *self._presets())

    def _network(self) -> tuple[ActionSpec, ...]:
        pane = self._pane
        return (
            ActionSpec(
                "init.repair",
                "Apply the repair",
                "Do what the verdict recommends, if it recommends something.",
                ("U",),
                MENU,
                "zap",
                run=lambda _: pane.repair(),
            ),
            ActionSpec(
                "init.pin",
                "Take as B",
                "Make the set-up on stage the second one of a comparison.",
                ("P",),
                MENU,
                "bookmark",
                run=lambda _: self._pin(),
            ),
            ActionSpec(
                "init.shared",
                "Same range for all layers",
                "Histograms of a row share one range, or each has its own; on or off.",
                ("S",),
                MENU,
                "ruler",
                separator=True,
                run=lambda _: pane.strip.shared.click(),
            ),
            ActionSpec(
                "init.log",
                "Logarithmic counts",
                "Bars are as high as the logarithm of their counts; on or off.",
                ("G",),
                MENU,
                "chart-column",
                run=lambda _: pane.strip.log.click(),
            ),
            ActionSpec(
                "init.next_layer",
                "Next layer",
                "Look at the layer above.",
                ("Ctrl+Up",),
                MENU,
                "chevron-up",
                run=lambda _: self._turn(1),
            ),
            ActionSpec(
                "init.previous_layer",
                "Previous layer",
                "Look at the layer below.",
                ("Ctrl+Down",),
                MENU,
                "chevron-down",
                run=lambda _: self._turn(-1),
            ),
        )

    def _views(self) -> tuple[ActionSpec, ...]:
        return tuple(
            ActionSpec(
                f"init.view_{key}",
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
                f"init.preset_{name}",
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

    def _pin(self) -> None:
        self._pane.ab.take_as_b(None)
        self._pane.show_view("ab")

    def _turn(self, by: int) -> None:
        self._pane.select_layer(max(1, self._pane.layer + by))
