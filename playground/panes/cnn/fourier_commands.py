"""What can be done in the laboratory besides the mouse, as data for menus, shortcuts and F1."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from playground.ui.actions import ActionSpec

if TYPE_CHECKING:
    from playground.panes.cnn.fourier_lab import FourierLab

MENU = ("Pane",)
VIEW_MENU = ("Pane", "Show")
PRESET_MENU = ("Pane", "Set-ups")
VIEWS = (
    ("filter", "Filter", "Picture, spectrum with its mask, and what passes.", "filter", "F"),
    ("transform", "Move", "Turn, scale, shift or blur the picture.", "move", "V"),
    ("theorem", "Theorem", "f∗g beside the inverse of F·G.", "x", "T"),
    ("sampling", "Sampling", "Every s-th pixel and its folded spectrum.", "grid-3x3", "S"),
    ("border", "Border", "The picture among its copies.", "layers", "B"),
)


class LabCommands:
    """The laboratory's actions."""

    def __init__(self, lab: FourierLab) -> None:
        self._lab = lab

    def all(self) -> tuple[ActionSpec, ...]:
        """Return every command of the pane's menu."""
        return (*self._tools(), *self._views(), *self._presets())

    def _tools(self) -> tuple[ActionSpec, ...]:
        lab = self._lab
        return (
            ActionSpec(
                "fourier.open",
                "Open picture…",
                "Take a picture of your own.",
                ("Ctrl+Shift+O",),
                MENU,
                "folder-open",
                run=lambda _: lab.opener.ask_file(),
            ),
            ActionSpec(
                "fourier.paste",
                "Paste picture",
                "Take the picture of the clipboard.",
                ("Ctrl+V",),
                MENU,
                "clipboard-paste",
                run=lambda _: lab.opener.paste(),
            ),
            ActionSpec(
                "fourier.phase",
                "Phases",
                "Show phases as hues in place of magnitudes; on or off.",
                ("P",),
                MENU,
                "palette",
                separator=True,
                run=lambda _: lab.bar.phase.click(),
            ),
            ActionSpec(
                "fourier.brush",
                "Brush",
                "Take the brush that paints on the spectrum, or put it away.",
                ("W",),
                MENU,
                "paintbrush",
                run=lambda _: self._brush(),
            ),
            ActionSpec(
                "fourier.clear",
                "Let everything pass",
                "Take the mask away.",
                ("C",),
                MENU,
                "rotate-ccw",
                run=lambda _: lab.channel.edit_value(("mask", "kind"), "none"),
            ),
            ActionSpec(
                "fourier.still",
                "Undo the moving",
                "Neither turned nor scaled, shifted or blurred.",
                ("U",),
                MENU,
                "undo-2",
                run=lambda _: lab.keep_still(),
            ),
        )

    def _views(self) -> tuple[ActionSpec, ...]:
        return tuple(
            ActionSpec(
                f"fourier.view_{key}",
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
                f"fourier.preset_{name}",
                preset.label,
                preset.help,
                (),
                PRESET_MENU,
                run=functools.partial(self._apply, name),
            )
            for name, preset in self._lab.presets().items()
        )

    def _brush(self) -> None:
        self._lab.show_view("filter")
        self._lab.filter.bar.toggle_brush()

    def _show(self, key: str, _: bool = False) -> None:
        self._lab.show_view(key)

    def _apply(self, name: str, _: bool = False) -> None:
        self._lab.apply_preset(name)
