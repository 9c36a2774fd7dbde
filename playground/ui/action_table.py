"""The table of everything a person can do in the window: words, keys, place, icon. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One command of the window.

    Parameters
    ----------
    id
        Unique name such as ``"run.play"``.
    text
        Words in the menu.
    tooltip
        One sentence that says what it does.
    shortcuts
        Key sequences in Qt's portable text form; the first one is shown.
    menu
        Path of menu titles, ``("Run",)`` or ``("File", "Export")``.
    icon
        Name of a file in ``assets/icons`` without the suffix; empty for none.
    checkable
        True for something that is on or off.
    group
        Checkable actions with the same non-empty group exclude each other.
    separator
        True draws a line above it in the menu.
    run
        What a pane's own action calls, with the checked state. The window's actions leave it out:
        the window binds them by id.
    """

    id: str
    text: str
    tooltip: str
    shortcuts: tuple[str, ...] = ()
    menu: tuple[str, ...] = ()
    icon: str = ""
    checkable: bool = False
    group: str = ""
    separator: bool = False
    run: Callable[[bool], object] | None = None


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "file.new",
        "New run",
        "Start over with the pane's own settings; the present run stays in the list of runs.",
        ("Ctrl+N",),
        ("File",),
        "plus",
    ),
    ActionSpec(
        "file.open",
        "Open run …",
        "Open a run file (*.playrun) at the step where it was saved.",
        ("Ctrl+O",),
        ("File",),
        "folder-open",
    ),
    ActionSpec(
        "file.save",
        "Save run",
        "Save settings, seed, edits and where you stand to a small file.",
        ("Ctrl+S",),
        ("File",),
        "save",
        separator=True,
    ),
    ActionSpec(
        "file.save_as",
        "Save run as …",
        "Save the run under another name.",
        ("Ctrl+Shift+S",),
        ("File",),
    ),
    ActionSpec(
        "file.quit",
        "Quit",
        "Close the window; where you stand is remembered.",
        ("Ctrl+Q",),
        ("File",),
        "log-out",
        separator=True,
    ),
    ActionSpec(
        "edit.undo",
        "Undo",
        "Take the last change back.",
        ("Ctrl+Z",),
        ("Edit",),
        "undo-2",
    ),
    ActionSpec(
        "edit.redo",
        "Redo",
        "Make the change again that was taken back.",
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        ("Edit",),
        "redo-2",
    ),
    ActionSpec(
        "run.play",
        "Play or pause",
        "Train on at the chosen speed, or pause; from an earlier step this starts a branch.",
        ("Space",),
        ("Run",),
        "play",
    ),
    ActionSpec(
        "run.step",
        "Step forward",
        "One step: one update opportunity. Inside the recorded part this only moves.",
        ("Right",),
        ("Run",),
        "step-forward",
        separator=True,
    ),
    ActionSpec(
        "run.step_back",
        "Step back",
        "Go back by one step.",
        ("Left",),
        ("Run",),
        "step-back",
    ),
    ActionSpec(
        "run.mark",
        "To the end of the epoch",
        "Go to the end of the present epoch or episode.",
        ("Shift+Right",),
        ("Run",),
        "fast-forward",
    ),
    ActionSpec(
        "run.mark_back",
        "Back to the epoch before",
        "Go back to the end of the epoch or episode before.",
        ("Shift+Left",),
        ("Run",),
    ),
    ActionSpec(
        "run.start",
        "Rewind to the start",
        "Go back to step 0; nothing is lost, the recorded steps stay.",
        ("Ctrl+Left",),
        ("Run",),
        "skip-back",
        separator=True,
    ),
    ActionSpec(
        "run.end",
        "To the furthest step",
        "Go to the furthest step this run has reached.",
        ("End",),
        ("Run",),
        "skip-forward",
    ),
    ActionSpec(
        "run.reset",
        "Reset",
        "Start afresh from step 0 with the same seed and all edits in place.",
        ("Home",),
        ("Run",),
        "rotate-ccw",
        separator=True,
    ),
    ActionSpec(
        "run.new_seed",
        "New seed",
        "Start afresh with other random numbers.",
        ("N",),
        ("Run",),
        "dices",
    ),
    ActionSpec(
        "run.slower",
        "Slower",
        "Take fewer steps per second.",
        ("[",),
        ("Run",),
        "chevron-left",
        separator=True,
    ),
    ActionSpec(
        "run.faster",
        "Faster",
        "Take more steps per second.",
        ("]",),
        ("Run",),
        "chevron-right",
    ),
    ActionSpec(
        "run.max_speed",
        "As fast as possible",
        "Take as many steps per second as the machine can.",
        ("M",),
        ("Run",),
        "rocket",
    ),
    ActionSpec(
        "run.list",
        "List of runs",
        "Show the runs of this pane: return to one, or forget it.",
        ("R",),
        ("Run",),
        "history",
        separator=True,
    ),
    ActionSpec(
        "view.theme_system",
        "Like the system",
        "Follow the desktop's choice of dark or light.",
        ("Ctrl+Shift+1",),
        ("View", "Theme"),
        "monitor",
        checkable=True,
        group="theme",
    ),
    ActionSpec(
        "view.theme_dark",
        "Dark",
        "Light words on a dark ground.",
        ("Ctrl+Shift+2",),
        ("View", "Theme"),
        "moon",
        checkable=True,
        group="theme",
    ),
    ActionSpec(
        "view.theme_light",
        "Light",
        "Dark words on a light ground.",
        ("Ctrl+Shift+3",),
        ("View", "Theme"),
        "sun",
        checkable=True,
        group="theme",
    ),
    ActionSpec(
        "view.larger",
        "Larger",
        "Enlarge type, lines and controls together, for a lecture hall.",
        ("Ctrl++", "Ctrl+="),
        ("View",),
        "zoom-in",
        separator=True,
    ),
    ActionSpec(
        "view.smaller",
        "Smaller",
        "Make type, lines and controls smaller together.",
        ("Ctrl+-",),
        ("View",),
        "zoom-out",
    ),
    ActionSpec(
        "view.normal_size",
        "Normal size",
        "Return to the normal size of type, lines and controls.",
        ("Ctrl+0",),
        ("View",),
    ),
    ActionSpec(
        "view.full_screen",
        "Full screen",
        "Use the whole screen, or return to a window.",
        ("F11",),
        ("View",),
        "maximize",
        checkable=True,
        separator=True,
    ),
    ActionSpec(
        "view.inspector",
        "Inspector",
        "Show or hide the settings and numbers at the right.",
        ("I",),
        ("View",),
        "panel-right",
        checkable=True,
    ),
    ActionSpec(
        "view.lesson",
        "Lesson",
        "Show or hide the guided experiments of this pane.",
        ("L",),
        ("View",),
        "graduation-cap",
        checkable=True,
    ),
    ActionSpec(
        "view.reduce_motion",
        "Reduce motion",
        "Leave animations out.",
        ("Ctrl+Shift+M",),
        ("View",),
        checkable=True,
        separator=True,
    ),
    ActionSpec(
        "view.background",
        "Keep training in the background",
        "Let a run go on while another pane is on stage.",
        ("Ctrl+Shift+B",),
        ("View",),
        checkable=True,
    ),
    ActionSpec(
        "help.keys",
        "Keys and commands",
        "List every command with its keys; type to search.",
        ("F1",),
        ("Help",),
        "keyboard",
    ),
    ActionSpec(
        "help.about",
        "About the playground",
        "Say which version this is and what it stands on.",
        ("Shift+F1",),
        ("Help",),
        "info",
    ),
)

MENUS = ("File", "Edit", "Run", "Pane", "View", "Help")
"""Titles of the menu bar, in order; an action without a menu is put under “Pane”."""
