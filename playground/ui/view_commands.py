"""What the actions of the menu “View” do: theme, lecture scale, full screen, motion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.ui.theme import MODES, SCALE_STEP, Mode, theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from playground.ui.actions import ActionSet


class ViewCommands:
    """Carries the commands out for one window."""

    def __init__(self, window: QWidget) -> None:
        """Serve a window."""
        self._window = window

    def handlers(self) -> dict[str, Callable[[bool], object]]:
        """Return what to call for the action ids about the look."""
        return {
            "view.theme_system": lambda _on: theme().set_mode("system"),
            "view.theme_dark": lambda _on: theme().set_mode("dark"),
            "view.theme_light": lambda _on: theme().set_mode("light"),
            "view.larger": lambda _on: theme().set_scale(theme().scale + SCALE_STEP),
            "view.smaller": lambda _on: theme().set_scale(theme().scale - SCALE_STEP),
            "view.normal_size": lambda _on: theme().set_scale(1.0),
            "view.full_screen": self._set_full_screen,
            "view.reduce_motion": theme().set_reduced_motion,
        }

    def _set_full_screen(self, on: bool) -> None:
        if on:
            self._window.showFullScreen()
        else:
            self._window.showNormal()


def show_look(actions: ActionSet, window: QWidget) -> None:
    """Make the checkable actions of the look say what is in force."""
    for mode in MODES:
        actions[f"view.theme_{mode}"].setChecked(theme().mode == mode)
    actions["view.reduce_motion"].setChecked(theme().reduced_motion)
    actions["view.full_screen"].setChecked(window.isFullScreen())


def as_mode(name: object) -> Mode:
    """Return the theme of a name, ``"system"`` for anything that is none."""
    return next((mode for mode in MODES if mode == name), "system")
