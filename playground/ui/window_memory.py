"""What the window remembers from one start to the next, and where in the settings it stands."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from playground.ui.settings import (
    LECTURE_SCALE,
    REDUCED_MOTION,
    THEME,
    Setting,
    Settings,
    boolean,
    json_object,
    number,
    text,
)
from playground.ui.theme import MAX_SCALE, MIN_SCALE, theme
from playground.ui.view_commands import as_mode
from playground.ui.workspace import INSPECTOR_MAX, INSPECTOR_MIN, INSPECTOR_WIDTH, Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from PySide6.QtWidgets import QMainWindow

    from playground.ui.theme import Mode

PANE = Setting("session/pane", "", text)
BACKGROUND = Setting("session/train_in_background", False, boolean)
INSPECTOR_OPEN = Setting("window/inspector_open", True, boolean)
INSPECTOR = Setting("window/inspector_width", float(INSPECTOR_WIDTH), number(0, 10_000))
LESSON_OPEN = Setting("window/lesson_open", False, boolean)
LESSON_PAGES: Setting[Mapping[str, Any]] = Setting("session/lesson_pages", {}, json_object)
PANES: Setting[Mapping[str, Any]] = Setting("session/panes", {}, json_object)
SLOWEST, FASTEST = 0.01, 1e6


class WindowMemory:
    """Reads and writes the settings in the terms of the window."""

    def __init__(self, settings: Settings) -> None:
        """Stand before one settings file."""
        self._settings = settings

    @property
    def folder(self) -> Path:
        """Where what is kept beside the settings stands."""
        return self._settings.folder

    @property
    def pane(self) -> str:
        """Id of the pane that was on stage last; empty at the first start."""
        return self._settings.get(PANE)

    @pane.setter
    def pane(self, name: str) -> None:
        self._settings.set(PANE, name)

    @property
    def background(self) -> bool:
        """Whether runs go on while another pane is on stage."""
        return self._settings.get(BACKGROUND)

    @background.setter
    def background(self, on: bool) -> None:
        self._settings.set(BACKGROUND, on)

    def recent_files(self) -> tuple[Path, ...]:
        """Return the run files opened or saved last."""
        return self._settings.recent_files()

    def add_recent(self, path: Path) -> None:
        """Put a run file at the front of the recent ones."""
        self._settings.add_recent_file(path)

    def remove_recent(self, path: Path) -> None:
        """Take a run file that is gone off the recent ones."""
        self._settings.remove_recent_file(path)

    def restore_look(self, mode: Mode | None = None) -> None:
        """Set theme, scale and motion as they were; ``mode`` is the theme where it is given."""
        theme().set_mode(as_mode(self._settings.get(THEME)) if mode is None else mode)
        theme().set_scale(self._settings.get(LECTURE_SCALE))
        theme().set_reduced_motion(self._settings.get(REDUCED_MOTION))

    def restore_window(self, window: QMainWindow) -> bool:
        """Set size and place as they were; tell whether they were remembered."""
        return self._settings.restore_window(window)

    def restore_workspace(self, workspace: Workspace) -> None:
        """Set the side panels as they were."""
        wanted = self._settings.get(INSPECTOR)
        workspace.restore(
            min(INSPECTOR_MAX, max(INSPECTOR_MIN, round(wanted))),
            self._settings.get(INSPECTOR_OPEN),
            self._settings.get(LESSON_OPEN),
        )

    def remember_window(self, window: QMainWindow, workspace: Workspace) -> None:
        """Keep place, panels and look."""
        self._settings.save_window(window)
        self._settings.set(INSPECTOR, float(workspace.inspector_width))
        self._settings.set(INSPECTOR_OPEN, workspace.inspector_wanted)
        self._settings.set(LESSON_OPEN, workspace.lesson_wanted)
        self._settings.set(THEME, theme().mode)
        scale = min(MAX_SCALE, max(MIN_SCALE, theme().scale))
        self._settings.set(LECTURE_SCALE, scale)
        self._settings.set(REDUCED_MOTION, theme().reduced_motion)

    def lesson_page(self, lesson: str) -> int:
        """Return the page at which a lesson was left."""
        page = self._settings.get(LESSON_PAGES).get(lesson, 0)
        return page if isinstance(page, int) and page >= 0 else 0

    def remember_lesson(self, lesson: str, page: int) -> None:
        """Keep the page of a lesson."""
        pages = self._settings.get(LESSON_PAGES)
        self._settings.set(LESSON_PAGES, {**pages, lesson: page})

    def pane_state(self, pane: str) -> dict[str, Any]:
        """Return the layout that a pane asked to keep; empty where there is none."""
        state = self._entry(pane).get("layout")
        return dict(state) if isinstance(state, dict) else {}

    def pane_speed(self, pane: str) -> float | None:
        """Return the speed at which a pane was left; None where none was kept."""
        speed = self._entry(pane).get("speed")
        if speed == "max":
            return math.inf
        if isinstance(speed, (int, float)) and SLOWEST <= speed <= FASTEST:
            return float(speed)
        return None

    def remember_pane(self, pane: str, speed: float, layout: Mapping[str, Any]) -> None:
        """Keep speed and layout of a pane."""
        kept = "max" if math.isinf(speed) else speed
        entry = {"speed": kept, "layout": dict(layout)}
        panes = self._settings.get(PANES)
        self._settings.set(PANES, {**panes, pane: entry})

    def sync(self) -> None:
        """Write everything to disk."""
        self._settings.sync()

    def _entry(self, pane: str) -> Mapping[str, Any]:
        entry = self._settings.get(PANES).get(pane)
        return entry if isinstance(entry, dict) else {}
