"""Panes that have been opened, and the one of them that is on stage.

A pane is made when it is first wanted and then kept, with its channel, its inspector and its
actions. Only the pane on stage is watched, and only its frames are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from playground.engine.frames import Phase
from playground.panes.base import PaneContext
from playground.panes.registry import pane_info, pane_type, tabs_of
from playground.ui.actions import ActionSet, ActionSpec, add_to_menus
from playground.ui.channel import ChannelClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QMainWindow, QWidget

    from playground.engine.commands import Command
    from playground.engine.frames import Frame
    from playground.engine.runfile import RunDocument
    from playground.panes.base import Pane, PaneInfo, Tone
    from playground.ui.frame_clock import FrameClock

LONGEST_WAIT_MS = 500
"""A run that cannot be drawn holds up the rest of its pane no longer than this."""


@dataclass(slots=True, eq=False)
class OpenPane:
    """A pane that exists, its channel and its inspector."""

    info: PaneInfo
    channel: ChannelClient
    pane: Pane
    inspector: QWidget
    started: bool = False
    painted: bool = False
    complete: bool = False
    painted_whole: bool = False

    @property
    def title(self) -> str:
        """Heading of the stage."""
        return self.info.title

    def verdict(self, frame: Frame) -> tuple[Tone, str]:
        """Return the sentence under the title."""
        return self.pane.verdict(frame)


class PaneHost(QObject):
    """Makes panes, keeps them, and brings one on stage."""

    opened = Signal(object)
    """An :class:`OpenPane` has just been made; nothing runs on it yet."""
    staged = Signal(object)
    """An :class:`OpenPane` came on stage."""
    drawn = Signal(object)
    """The pane on stage has drawn this :class:`~playground.engine.frames.Frame`."""
    painted_whole = Signal(object)
    """All of an :class:`OpenPane` has been painted for the first time."""
    problem = Signal(str, str)
    """A sentence and details for the error bar."""
    lesson_asked = Signal()

    def __init__(
        self,
        window: QMainWindow,
        panes: tuple[PaneInfo, ...],
        clock: FrameClock,
        send: Callable[[Command], object],
        last_run: Callable[[str], RunDocument | None],
        last_speed: Callable[[str], float | None],
    ) -> None:
        """Serve one window with the panes of a table.

        ``last_run`` and ``last_speed`` return what the last session kept of a pane, by its id.
        """
        super().__init__(window)
        self.panes = panes
        self.keep_in_background = False
        self._window = window
        self._clock = clock
        self._send = send
        self._last_run = last_run
        self._last_speed = last_speed
        self._open: dict[str, OpenPane] = {}
        self._current: OpenPane | None = None
        self._showing = False
        self._last_tabs: dict[str, str] = {}
        self._pane_actions: ActionSet | None = None
        clock.slow.connect(self._on_slow)

    @property
    def current(self) -> OpenPane | None:
        """The pane on stage."""
        return self._current

    @property
    def channel(self) -> ChannelClient | None:
        """The channel of the pane on stage."""
        return self._current.channel if self._current else None

    def all_open(self) -> tuple[OpenPane, ...]:
        """Return the panes that exist, in the order in which they were opened."""
        return tuple(self._open.values())

    def of_kind(self, kind: str) -> PaneInfo | None:
        """Return the pane that shows a kind of experiment, None if there is none."""
        return next((info for info in self.panes if info.experiment_kind == kind), None)

    def tabs(self) -> tuple[PaneInfo, ...]:
        """Return the panes that stand beside the one on stage as tabs, itself included."""
        return tabs_of(self._current.info, self.panes) if self._current is not None else ()

    def last_tab(self, pane_id: str) -> str:
        """Return the pane that was on stage last under an entry of the rail, at first its own."""
        return self._last_tabs.get(pane_id, pane_id)

    def stage(self, pane_id: str, document: RunDocument | None = None) -> OpenPane:
        """Bring a pane on stage; a new one starts with the document, the last run, or its own.

        Raises
        ------
        UnknownPane
            If there is no such pane.
        """
        info = pane_info(pane_id, self.panes)
        known = self._open.get(info.id) or self._make(info)
        if known is not self._current:
            if self._current is not None:
                self._leave(self._current)
            self._current = known
            self._last_tabs[info.entry] = info.id
            self._clock.stage(known.channel)
            self._watch()
            self._put_actions(known)
            self.staged.emit(known)
        if not known.started:
            self._start(known, document)
        elif document is not None:
            known.channel.open_document(document)
        return known

    def start_over(self) -> None:
        """Open the first run of the pane on stage again, as a new one."""
        if self._current is not None:
            pane = self._current.pane
            self._current.channel.open(pane.default_spec(), pane.default_seed(), "new run")

    def set_showing(self, showing: bool) -> None:
        """Say whether the window can be seen; what cannot costs nothing."""
        if showing != self._showing:
            self._showing = showing
            self._clock.set_showing(showing)
            self._watch()

    def note_painted(self) -> None:
        """Let the pane on stage build what may come later, once its run has been painted."""
        current = self._current
        if current is None or current.painted_whole:
            return
        if current.complete:
            current.painted_whole = True
            self.painted_whole.emit(current)
        elif not current.painted:
            current.painted = True
            self._complete_in(LONGEST_WAIT_MS, current)
        elif current.channel.last_frame is not None:
            # After a turn of the event loop: what the person has done meanwhile comes first.
            self._complete_in(0, current)

    def complete(self, opened: OpenPane) -> None:
        """Let a pane build now what may come after its first picture."""
        if not opened.complete:
            opened.complete = True
            opened.pane.complete()

    @property
    def pane_actions(self) -> ActionSet | None:
        """The actions of the pane on stage."""
        return self._pane_actions

    def _make(self, info: PaneInfo) -> OpenPane:
        channel = ChannelClient(info.id, info.experiment_kind, self._ask, self)
        channel.problem.connect(self.problem)
        self._clock.add(channel)
        context = PaneContext(info, channel, self.problem.emit, self.lesson_asked.emit)
        pane = pane_type(info)(context)
        made = OpenPane(info, channel, pane, pane.inspector())
        pane.views_changed.connect(self._watch)
        channel.frame.connect(self._on_frame)
        channel.beside.connect(self._on_beside)
        self._open[info.id] = made
        self.opened.emit(made)
        return made

    def _ask(self, command: Command) -> None:
        self._send(command)
        self._clock.expect_answer()

    def _complete_in(self, wait_ms: int, opened: OpenPane) -> None:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(partial(self.complete, opened))
        timer.timeout.connect(timer.deleteLater)
        timer.start(wait_ms)

    def _start(self, opened: OpenPane, document: RunDocument | None) -> None:
        opened.started = True
        channel, pane = opened.channel, opened.pane
        speed = self._last_speed(opened.info.id)
        channel.set_speed(pane.default_speed() if speed is None else speed)
        document = document or self._last_run(opened.info.id)
        if document is not None:
            channel.open_document(document)
        else:
            channel.open(pane.default_spec(), pane.default_seed())

    def _leave(self, opened: OpenPane) -> None:
        opened.channel.watch(False)
        if not self.keep_in_background and opened.channel.phase in (Phase.PLAYING, Phase.LOADING):
            opened.channel.pause()

    def _watch(self) -> None:
        if self._current is not None:
            views = self._current.pane.views() if self._showing else frozenset()
            self._current.channel.watch(self._showing, views)

    def _put_actions(self, opened: OpenPane) -> None:
        if self._pane_actions is not None:
            self._pane_actions.dispose()
        self._pane_actions = ActionSet(self._window, opened.pane.pane_actions())
        add_to_menus(self._window.menuBar(), self._pane_actions)

    def _on_frame(self, frame: Frame) -> None:
        current = self._current
        if current is not None and frame.channel == current.channel.name:
            current.pane.render_frame(frame)
            self.drawn.emit(frame)

    def _on_beside(self, frame: Frame) -> None:
        current = self._current
        if current is not None and frame.channel == current.channel.name:
            current.pane.render_beside(frame)

    def _on_slow(self) -> None:
        current = self._current
        if current is not None and current.channel.last_frame is not None and self._showing:
            current.pane.render_slow(current.channel.last_frame)


def pane_action(info: PaneInfo) -> ActionSpec:
    """Return the action that brings a pane on stage."""
    return ActionSpec(
        f"pane.{info.id}",
        info.tab or info.rail_label,
        f"Bring “{info.title}” on stage.",
        (info.shortcut,),
        ("View", "Panes"),
        info.icon,
    )
