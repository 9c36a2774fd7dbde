"""What can be done in the pane besides the mouse, as data for menus, shortcuts and the F1 sheet."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from playground.experiments.optimizers_snapshot import OptimizerRaceSnapshot
from playground.experiments.optimizers_spec import OptimizerRaceSpec, with_start
from playground.experiments.optimizers_surface_spec import build_surface
from playground.panes.optimizers.map_bar import FADES, TIPS
from playground.panes.optimizers.map_marks import ARROWS
from playground.ui.actions import ActionSpec

if TYPE_CHECKING:
    from playground.panes.optimizers.pane import OptimizerRacePane

MENU = ("Pane",)
SHOW_MENU = ("Pane", "Show on the map")
PRESET_MENU = ("Pane", "Set-ups")
SHORTCUTS = {"gradient": "G", "velocity": "V", "look_ahead": "A", "step": "W"}
ZOOM = 1.25


class PaneCommands:
    """The pane's actions."""

    def __init__(self, pane: OptimizerRacePane) -> None:
        self._pane = pane

    def all(self) -> tuple[ActionSpec, ...]:
        """Return every command of the pane's menu."""
        return (*self._lanes(), *self._view(), *self._shown(), *self._presets())

    def _lanes(self) -> tuple[ActionSpec, ...]:
        editor = self._pane.race_inspector.editor
        return (
            ActionSpec(
                "optimizers.next_lane",
                "Next lane",
                "Select the lane one rank lower.",
                ("Ctrl+Down",),
                MENU,
                "chevron-down",
                run=lambda _: self._turn(1),
            ),
            ActionSpec(
                "optimizers.previous_lane",
                "Previous lane",
                "Select the lane one rank higher.",
                ("Ctrl+Up",),
                MENU,
                "chevron-up",
                run=lambda _: self._turn(-1),
            ),
            ActionSpec(
                "optimizers.duplicate_lane",
                "Duplicate lane",
                "Put a copy of the selected lane behind it, to race with other numbers.",
                ("Ctrl+D",),
                MENU,
                "copy",
                separator=True,
                run=lambda _: editor.duplicate(),
            ),
            ActionSpec(
                "optimizers.remove_lane",
                "Remove lane",
                "Take the selected lane out of the race; can be undone.",
                ("Ctrl+Delete", "Ctrl+Backspace"),
                MENU,
                "trash-2",
                run=lambda _: editor.remove(),
            ),
            ActionSpec(
                "optimizers.usual_start",
                "Start of the surface",
                "Let all lanes start where this surface usually does.",
                (),
                MENU,
                "flag",
                run=lambda _: self._usual_start(),
            ),
        )

    def _view(self) -> tuple[ActionSpec, ...]:
        view = self._pane.map
        return (
            ActionSpec(
                "optimizers.fit",
                "Fit map",
                "Show the whole map.",
                ("F",),
                MENU,
                "maximize",
                separator=True,
                run=lambda _: view.fit(),
            ),
            ActionSpec(
                "optimizers.solid",
                "Map or landscape",
                "Show the surface in three dimensions, or from above again.",
                ("D",),
                MENU,
                "box",
                run=lambda _: self._pane.show_solid(not self._pane.solid_shown),
            ),
            ActionSpec(
                "optimizers.zoom_in",
                "Magnify map",
                "Look closer, about the middle of the map.",
                ("+",),
                MENU,
                "zoom-in",
                run=lambda _: view.zoom(ZOOM),
            ),
            ActionSpec(
                "optimizers.zoom_out",
                "Shrink map",
                "Look from farther away.",
                ("-",),
                MENU,
                "zoom-out",
                run=lambda _: view.zoom(1.0 / ZOOM),
            ),
        )

    def _shown(self) -> tuple[ActionSpec, ...]:
        arrows = tuple(
            ActionSpec(
                f"optimizers.show_{name}",
                words[:1].upper() + words[1:],
                f"{TIPS[name]}; on or off.",
                (SHORTCUTS[name],),
                SHOW_MENU,
                icon,
                run=functools.partial(self._toggle, name),
            )
            for name, icon, words, _ in ARROWS
        )
        return (
            *arrows,
            ActionSpec(
                "optimizers.log_colours",
                "Logarithmic colours",
                "Spread the colours of the map over decades; on or off.",
                ("C",),
                SHOW_MENU,
                "contrast",
                run=lambda _: self._toggle_log(),
            ),
            ActionSpec(
                "optimizers.fade",
                "Fade of the trails",
                "Paler with age, with the loss, or not at all, in turn.",
                ("T",),
                SHOW_MENU,
                "palette",
                run=lambda _: self._next_fade(),
            ),
        )

    def _presets(self) -> tuple[ActionSpec, ...]:
        return tuple(
            ActionSpec(
                f"optimizers.preset_{name}",
                preset.label,
                preset.help,
                (),
                PRESET_MENU,
                run=functools.partial(self._apply, name),
            )
            for name, preset in self._pane.presets().items()
        )

    def _apply(self, name: str, _: bool = False) -> None:
        self._pane.apply_preset(name)

    def _toggle(self, name: str, _: bool = False) -> None:
        view = self._pane.map
        view.set_option(name, not getattr(view.options, name))
        self._pane.bar.refresh()

    def _toggle_log(self) -> None:
        self._pane.map.set_log(not self._pane.map.log)
        self._pane.bar.refresh()

    def _next_fade(self) -> None:
        view = self._pane.map
        names = [name for name, _, _ in FADES]
        view.set_option("fade", names[(names.index(view.options.fade) + 1) % len(names)])
        self._pane.bar.refresh()

    def _usual_start(self) -> None:
        spec = self._pane.channel.spec
        if isinstance(spec, OptimizerRaceSpec):
            x, y = build_surface(spec.surface).start
            self._pane.race_inspector.open_race(with_start(spec, x, y), "move the start")

    def _turn(self, by: int) -> None:
        frame = self._pane.channel.last_frame
        if frame is None or not isinstance(frame.snapshot, OptimizerRaceSnapshot):
            return
        order = frame.snapshot.leaderboard
        now = self._pane.selected_lane()
        place = order.index(now) + by if now in order else 0
        self._pane.select(order[place % len(order)])
