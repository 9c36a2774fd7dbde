"""What can be done in the pane besides the mouse, as data for menus, shortcuts and the F1 sheet."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from playground.experiments.perceptron_edits import RemovePoints
from playground.experiments.perceptron_snapshot import PerceptronSnapshot
from playground.panes.perceptron.plane_bar import FIELDS, SWITCHES
from playground.ui.actions import ActionSpec
from playground.ui.channel import ChannelClient

if TYPE_CHECKING:
    from playground.core.points import PointSet
    from playground.panes.perceptron.pane import PerceptronPane

MENU = ("Pane",)
SHOW_MENU = ("Pane", "Show on the plane")
PRESET_MENU = ("Pane", "Set-ups")
SHORTCUTS = {
    "tint": "T",
    "contours": "C",
    "rings": "E",
    "ghosts": "G",
    "normal": "W",
    "margins": "D",
    "reference": "S",
}
NAMES = {
    "tint": "Tint",
    "contours": "Score contours",
    "rings": "Misclassified points",
    "ghosts": "Earlier lines",
    "normal": "Normal vector",
    "margins": "Margins",
    "reference": "Maximum-margin line",
}


class PaneCommands:
    """The pane's actions."""

    def __init__(self, pane: PerceptronPane) -> None:
        self._pane = pane

    def header(self) -> tuple[ActionSpec, ...]:
        """Return the buttons beside the title."""
        return (
            ActionSpec(
                "perceptron.import",
                "Import",
                "Read points from a CSV, TSV, TXT, NPY or NPZ file; files can be dropped, too.",
                icon="upload",
                run=lambda _: self._pane.data_tools.ask_file(),
            ),
        )

    def all(self) -> tuple[ActionSpec, ...]:
        """Return every command of the pane's menu."""
        return (*self._data(), *self._models(), *self._shown(), *self._presets())

    def _data(self) -> tuple[ActionSpec, ...]:
        pane = self._pane
        return (
            ActionSpec(
                "perceptron.import_file",
                "Import points…",
                "Read points from a CSV, TSV, TXT, NPY or NPZ file.",
                ("Ctrl+I",),
                MENU,
                "upload",
                run=lambda _: pane.data_tools.ask_file(),
            ),
            ActionSpec(
                "perceptron.paste",
                "Paste points",
                "Take points from the clipboard: a table copied from a spreadsheet, for example.",
                ("Ctrl+V",),
                MENU,
                "clipboard-paste",
                run=lambda _: pane.data_tools.paste(),
            ),
            ActionSpec(
                "perceptron.copy",
                "Copy points",
                "Put the points on the clipboard as a table.",
                ("Ctrl+C",),
                MENU,
                "copy",
                run=lambda _: pane.data_tools.copy(),
            ),
            ActionSpec(
                "perceptron.clear",
                "Clear points",
                "Remove all points; can be undone.",
                ("Ctrl+Delete", "Ctrl+Backspace"),
                MENU,
                "trash-2",
                run=lambda _: self.clear(),
            ),
        )

    def _models(self) -> tuple[ActionSpec, ...]:
        pane = self._pane
        return (
            ActionSpec(
                "perceptron.fit",
                "Fit view",
                "Show all points.",
                ("F",),
                MENU,
                "maximize",
                separator=True,
                run=lambda _: pane.plane.fit(),
            ),
            ActionSpec(
                "perceptron.next_model",
                "Next model",
                "Make the next model's line the loud one.",
                ("Ctrl+Down",),
                MENU,
                "chevron-down",
                run=lambda _: self._turn(1),
            ),
            ActionSpec(
                "perceptron.previous_model",
                "Previous model",
                "Make the previous model's line the loud one.",
                ("Ctrl+Up",),
                MENU,
                "chevron-up",
                run=lambda _: self._turn(-1),
            ),
        )

    def _shown(self) -> tuple[ActionSpec, ...]:
        return tuple(
            ActionSpec(
                f"perceptron.show_{name}",
                NAMES[name],
                f"{tip}; on or off.",
                (SHORTCUTS[name],),
                SHOW_MENU,
                icon,
                run=functools.partial(self._toggle, name),
            )
            for name, icon, tip in (*FIELDS, *SWITCHES)
        )

    def _presets(self) -> tuple[ActionSpec, ...]:
        return tuple(
            ActionSpec(
                f"perceptron.preset_{name}",
                preset.label,
                preset.help,
                (),
                PRESET_MENU,
                run=functools.partial(self._apply, name),
            )
            for name, preset in self._pane.presets().items()
        )

    def clear(self) -> None:
        """Remove all points of the plane as one change."""
        frame = self._pane.channel.last_frame
        snapshot = frame.snapshot if frame is not None else None
        if not isinstance(snapshot, PerceptronSnapshot) or not len(snapshot.points):
            return
        points: PointSet = snapshot.points
        gesture = ChannelClient.new_gesture()
        self._pane.send(RemovePoints(ids=tuple(points.ids.tolist())), gesture)

    def _apply(self, name: str, _: bool = False) -> None:
        self._pane.apply_preset(name)

    def _toggle(self, name: str, _: bool = False) -> None:
        plane, bar = self._pane.plane, self._pane.bar
        if name in ("tint", "contours"):
            plane.set_option("field", "none" if plane.options.field == name else name)
        else:
            plane.set_option(name, not getattr(plane.options, name))
        bar.refresh()
        self._pane.views_changed.emit()

    def _turn(self, by: int) -> None:
        frame = self._pane.channel.last_frame
        if frame is None or not isinstance(frame.snapshot, PerceptronSnapshot):
            return
        there = [view.index for view in frame.snapshot.learners]
        if there:
            now = self._pane.selected_learner()
            place = there.index(now) if now in there else 0
            self._pane.select(there[(place + by) % len(there)])
