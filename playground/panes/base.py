"""What every pane is to the window: the content of the stage, and a few questions it answers.

State flows one way: widget → new spec or edit → :class:`~playground.ui.channel.ChannelClient` →
training thread → :class:`~playground.engine.frames.Frame` → :meth:`Pane.render`. Rendering is pure
output: it never emits and never reads a widget for truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtCore import QMimeData
    from PySide6.QtWidgets import QMenu

    from playground.engine.frames import Frame
    from playground.experiments.spec import Spec
    from playground.ui.actions import ActionSpec
    from playground.ui.channel import ChannelClient

Tone = Literal["ok", "warn", "bad", "info"]
"""How a verdict is meant; shown as icon and colour beside the words."""

DEFAULT_SEED = 7
"""Seed of the first run of a pane, so that everybody's first screen is the same."""


DEFAULT_SPEED = 30.0
"""Steps per second of a pane's first run: slow enough to see each one."""


@dataclass(frozen=True, slots=True)
class PaneInfo:
    """A line of the rail, known without importing the pane.

    Parameters
    ----------
    id
        Name on the command line, of the channel and of the lesson file.
    title
        Heading of the stage.
    rail_label
        Full words under the icon of the rail.
    icon
        Name of a file in ``assets/icons`` without the suffix.
    experiment_kind
        Kind of experiment that it shows, as in the registry of experiments.
    factory
        Where the class is: ``"package.module:Class"``; imported when the pane is first opened.
    shortcut
        Key sequence that brings it on stage.
    under
        Id of the pane whose entry of the rail and whose lesson it shares, as a tab beside it;
        empty for a pane with an entry of its own.
    tab
        Label of its tab; empty where there is none.
    """

    id: str
    title: str
    rail_label: str
    icon: str
    experiment_kind: str
    factory: str
    shortcut: str
    under: str = ""
    tab: str = ""

    @property
    def entry(self) -> str:
        """Id of the pane whose entry of the rail it stands under, its own or another's."""
        return self.under or self.id


@dataclass(frozen=True, slots=True)
class Preset:
    """A named set-up that lessons and menus refer to.

    Parameters
    ----------
    label, help
        Name in the menu, and one sentence about what there is to see.
    spec, seed
        The run that it opens.
    speed
        Steps per second to set; None leaves the speed as it is.
    view
        Name given to :meth:`Pane.show_view`; empty changes nothing.
    play
        True starts the run at once.
    after
        Called last, for what the pane wants beyond that.
    """

    label: str
    help: str
    spec: Spec
    seed: int = DEFAULT_SEED
    speed: float | None = None
    view: str = ""
    play: bool = False
    after: Callable[[], object] | None = None


@dataclass(frozen=True, slots=True)
class PaneContext:
    """What the window hands to a pane.

    ``report(sentence, details)`` shows a problem in the error bar; ``show_lesson()`` unfolds the
    lesson panel.
    """

    info: PaneInfo
    channel: ChannelClient
    report: Callable[[str, str], object]
    show_lesson: Callable[[], object]


class Pane(QWidget):
    """The content of the stage; subclasses show one kind of experiment.

    A subclass must answer :meth:`default_spec`, :meth:`inspector` and :meth:`render`; everything
    else has a quiet default.
    """

    views_changed = Signal()
    """Emitted when :meth:`views` has changed (a tab was opened, a card was hidden)."""

    def __init__(self, context: PaneContext) -> None:
        """Remember the context; subclasses build their widgets after it."""
        super().__init__()
        self.context = context
        self.info = context.info
        self.channel = context.channel
        self.setObjectName(f"pane-{self.info.id}")

    @property
    def lesson(self) -> str:
        """Name of the lesson file in ``assets/lessons``, without the suffix."""
        return self.info.entry

    def default_spec(self) -> Spec:
        """Return the spec of the first run: alive, and worth watching."""
        raise NotImplementedError

    def default_seed(self) -> int:
        """Return the seed of the first run."""
        return DEFAULT_SEED

    def default_speed(self) -> float:
        """Return the steps per second at which the first run can be watched."""
        return DEFAULT_SPEED

    def presets(self) -> Mapping[str, Preset]:
        """Return the named set-ups, in the order of the menu."""
        return {}

    def apply_preset(self, name: str) -> bool:
        """Set a named set-up up; tell whether there is one of that name (else: a sentence)."""
        preset = self.presets().get(name)
        if preset is None:
            known = ", ".join(self.presets()) or "none"
            self.context.report(f"There is no set-up “{name}” here; there are: {known}.", "")
            return False
        self.channel.open(preset.spec, preset.seed, label=preset.label)
        if preset.speed is not None:
            self.channel.set_speed(preset.speed)
        if preset.view:
            self.show_view(preset.view)
        if preset.play:
            self.channel.play()
        if preset.after is not None:
            preset.after()
        return True

    def show_view(self, name: str) -> bool:  # noqa: ARG002 - for subclasses
        """Bring one of the pane's views to the front; tell whether there is one of that name."""
        return False

    def complete(self) -> None:
        """Build what may come a moment later; called when the pane has been painted on stage."""

    def inspector(self) -> QWidget:
        """Return the panel at the right, always the same widget."""
        raise NotImplementedError

    def header_actions(self) -> tuple[ActionSpec, ...]:
        """Return the pane's own buttons beside the title; the window adds Lesson and Export."""
        return ()

    def export_menu(self, menu: QMenu) -> None:
        """Add what can be exported; asked every time the menu is about to open."""

    def pane_actions(self) -> tuple[ActionSpec, ...]:
        """Return the pane's own commands, each with ``run``; active while it is on stage."""
        return ()

    def render_frame(self, frame: Frame) -> None:
        """Draw a frame; called at display rate while the pane is on stage. Pure output."""
        raise NotImplementedError

    def render_beside(self, frame: Frame) -> None:
        """Draw the views beside the one that is watched.

        Called after :meth:`render_frame`; while frames pour in, when that one is on the screen.
        """

    def render_again(self) -> None:
        """Draw the last frame anew, with everything beside it, when a choice of views changed."""
        frame = self.channel.last_frame
        if frame is not None:
            self.render_frame(frame)
            self.render_beside(frame)
            self.render_slow(frame)

    def render_slow(self, frame: Frame) -> None:
        """Refresh texts; called four times a second while something changes. Pure output."""

    def views(self) -> frozenset[str]:
        """Return the names of the costly views that are on screen now."""
        return frozenset()

    def verdict(self, frame: Frame) -> tuple[Tone, str]:
        """Return the sentence under the title; by default the reason of the status."""
        status = frame.snapshot.status
        tones: dict[str, Tone] = {"running": "info", "finished": "ok", "diverged": "bad"}
        return tones[status.progress.value], status.reason or frame.snapshot.headline

    def save_state(self) -> dict[str, Any]:
        """Return the layout as plain JSON data."""
        return {}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Restore a layout; must survive anything, unknown keys and wrong types included."""

    def accepts_drop(self, mime: QMimeData) -> bool:  # noqa: ARG002 - for subclasses
        """Tell whether :meth:`on_drop` wants what is being dragged over the window."""
        return False

    def on_drop(self, mime: QMimeData) -> bool:  # noqa: ARG002 - for subclasses
        """Take what was dropped; tell whether it was of use."""
        return False
