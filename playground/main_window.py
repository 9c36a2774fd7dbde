"""The window: rail, stage, lesson, inspector and transport, and what connects them.

Whatever trains lives in the runner's thread. The window shows what the frames say; it keeps no
truth of its own beyond what is on stage and how it is laid out.
"""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QHideEvent,
    QShowEvent,
    QUndoGroup,
)
from PySide6.QtWidgets import QMainWindow, QMenu
from typing_extensions import override

from playground.engine.frames import DocumentReady, Event, LibrariesLoaded, RunOpened
from playground.panes.host import OpenPane, PaneHost, pane_action
from playground.panes.registry import PANES
from playground.ui.about import show_about
from playground.ui.actions import ACTIONS, ActionSet, fill_menu_bar
from playground.ui.display import Display
from playground.ui.frame_clock import FrameClock
from playground.ui.help_sheet import HelpSheet, by_menu
from playground.ui.lesson_panel import LessonPanel
from playground.ui.rail import Rail
from playground.ui.recent_menu import RecentMenu
from playground.ui.run_commands import RunCommands
from playground.ui.run_files import RunFiles, run_file_in
from playground.ui.run_list import RunList
from playground.ui.session import load_run, save_runs
from playground.ui.stage import Stage
from playground.ui.theme import theme
from playground.ui.transport import Transport
from playground.ui.view_commands import ViewCommands, show_look
from playground.ui.window_memory import WindowMemory
from playground.ui.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playground.engine.runfile import RunDocument
    from playground.experiments.base import Experiment
    from playground.panes.base import PaneInfo
    from playground.ui.channel import ChannelClient
    from playground.ui.errors import ErrorBar
    from playground.ui.settings import Settings
    from playground.ui.theme import Mode
    from playground.ui.training_thread import TrainingThread

CLOSE_TIMEOUT_S = 0.7
"""The thread ends after its present step; only an import in progress takes longer."""
DEFAULT_SIZE = QSize(1440, 900)


class MainWindow(QMainWindow):
    """The one window of the program."""

    libraries_loaded = Signal()
    """Torch and the others have been imported, or could not be."""

    def __init__(
        self,
        runner: TrainingThread,
        settings: Settings,
        error_bar: ErrorBar,
        panes: tuple[PaneInfo, ...] = PANES,
        create: Callable[[str], type[Experiment]] | None = None,
        mode: Mode | None = None,
    ) -> None:
        """Build the window around a runner, which may be started later.

        ``create`` finds experiments where the registry does not, ``mode`` is a theme to start with.
        """
        super().__init__()
        # Else every change of words in the window would begin an animation of its central widget.
        self.setAnimated(False)
        self.runner = runner
        self.thread_ended = True
        self.error_bar = error_bar
        self.memory = WindowMemory(settings)
        # Before there are widgets: each of them would be styled again.
        self.memory.restore_look(mode)
        self.clock = FrameClock(runner, self)
        folder = self.memory.folder
        self.host = PaneHost(
            self,
            panes,
            self.clock,
            runner.send,
            lambda name: load_run(folder, name, create),
            self.memory.pane_speed,
        )
        self.files = RunFiles(self, create)
        self.run_list = RunList(self)
        self.run_commands = RunCommands(lambda: self.channel)
        self._help: HelpSheet | None = None
        self._closed = False
        self._undo_group = QUndoGroup(self)
        self.commands = ActionSet(
            self, (*ACTIONS, *(pane_action(info) for info in panes)), self._handlers()
        )
        self._build()
        self._connect()
        self._restore()

    @property
    def channel(self) -> ChannelClient | None:
        """The channel of the pane on stage."""
        return self.host.channel

    def report(self, sentence: str, details: str = "") -> None:
        """Show a problem in the error bar; an empty sentence is none."""
        if sentence:
            self.error_bar.show_problem(sentence, details)

    def stage_pane(self, pane_id: str, document: RunDocument | None = None) -> None:
        """Bring a pane on stage; raise ``UnknownPane`` if there is none of that name."""
        self.host.stage(pane_id, document)

    def stage_first_pane(self, wanted: str | None = None) -> None:
        """Bring the pane on stage that was asked for, else the one of the last session."""
        names = [info.id for info in self.host.panes]
        remembered = self.memory.pane
        self.stage_pane(wanted or (remembered if remembered in names else names[0]))

    def open_file(self, path: Path) -> bool:
        """Open a run file on the pane it belongs to; tell whether that was possible."""
        return self.files.open(path)

    @override
    def event(self, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.UpdateRequest:
            return super().event(event)
        # Qt paints everything that is dirty in the window while it handles this one event.
        started = time.perf_counter()
        handled = super().event(event)
        self.clock.note_paint(started, time.perf_counter())
        self.host.note_painted()
        return handled

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._update_showing()

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._update_showing()

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self._update_showing()
            show_look(self.commands, self)

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        self.shut_down()
        event.accept()

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        mime = event.mimeData()
        current = self.host.current
        if run_file_in(mime) or (current is not None and current.pane.accepts_drop(mime)):
            event.acceptProposedAction()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        mime = event.mimeData()
        path = run_file_in(mime)
        current = self.host.current
        if path is not None:
            self.open_file(path)
        elif current is None or not current.pane.on_drop(mime):
            self.report("This cannot be used here; a run file (*.playrun) can be dropped anywhere.")
            return
        event.acceptProposedAction()

    def shut_down(self) -> None:
        """Stop the clock, end the training thread in bounded time, and remember how things stand.

        Afterwards ``thread_ended`` tells whether the thread is gone.
        """
        if self._closed:
            return
        self._closed = True
        self.clock.stop()
        self._remember()
        started = [opened for opened in self.host.all_open() if opened.started]
        tokens = {opened.channel.request_document(): opened.info.id for opened in started}
        self.thread_ended = self.runner.close(CLOSE_TIMEOUT_S)
        answers = [event for event in self.runner.events() if isinstance(event, DocumentReady)]
        save_runs(
            self.memory.folder,
            {tokens[answer.token]: answer.document for answer in answers if answer.token in tokens},
        )
        self.memory.sync()

    def _handlers(self) -> dict[str, Callable[[bool], object]]:
        handlers = self.run_commands.handlers() | ViewCommands(self).handlers()
        for info in self.host.panes:
            handlers[f"pane.{info.id}"] = functools.partial(self._on_pane_asked, info.id)
        return handlers | {
            "file.new": lambda _on: self.host.start_over(),
            "file.open": lambda _on: self.files.ask_and_open(),
            "file.save": lambda _on: self._save(self.files.save),
            "file.save_as": lambda _on: self._save(self.files.ask_and_save),
            "file.quit": lambda _on: self.close(),
            "edit.undo": lambda _on: self._undo_group.undo(),
            "edit.redo": lambda _on: self._undo_group.redo(),
            "run.list": lambda _on: self.run_list.pop_up(self.transport.runs_button),
            "view.inspector": lambda on: self.workspace.show_inspector(on),
            "view.lesson": lambda on: self.workspace.show_lesson(on),
            "view.background": self._keep_in_background,
            "help.keys": lambda _on: self._show_help(),
            "help.about": lambda _on: show_about(self),
        }

    def _build(self) -> None:
        self.setWindowTitle("Playground")
        self.setAcceptDrops(True)
        self.rail = Rail()
        for info in self.host.panes:
            if not info.under:
                tip = f"{info.title} ({info.shortcut})"
                self.rail.add(info.id, info.rail_label, info.icon, tip)
        self.stage = Stage(self.error_bar)
        self.lesson = LessonPanel()
        self.transport = Transport(self.commands)
        self.workspace = Workspace(self.rail, self.stage, self.lesson, self.transport)
        self.setCentralWidget(self.workspace)
        self.display = Display(
            self,
            lambda: self.host.current,
            self.clock,
            self.files,
            self.stage,
            self.transport,
            self.run_list,
        )
        recent = RecentMenu(self.memory.recent_files, self)
        recent.chosen.connect(self._open_recent)
        export = QMenu("Export", self)
        for menu in (export, self.stage.export_menu):
            menu.setToolTipsVisible(True)
            menu.aboutToShow.connect(functools.partial(self._fill_export, menu))
        fill_menu_bar(self.menuBar(), self.commands, {"file.save": recent, "file.quit": export})

    def _connect(self) -> None:
        transport, host = self.transport, self.host
        self.run_commands.connect_to(transport, self.run_list)
        transport.seed_rejected.connect(self.report)
        self.rail.asked.connect(lambda name: self.stage_pane(host.last_tab(name)))
        self.stage.tabs.edited.connect(self.stage_pane)
        self.stage.lesson_button.clicked.connect(self.commands["view.lesson"].trigger)
        self.lesson.close_asked.connect(self.commands["view.lesson"].trigger)
        self.lesson.preset_asked.connect(self._on_preset_asked)
        self.lesson.view_asked.connect(self._on_view_asked)
        self.workspace.sides_changed.connect(self._show_sides)
        host.opened.connect(self._on_pane_opened)
        host.staged.connect(self._on_pane_staged)
        host.drawn.connect(self.display.show_frame)
        host.problem.connect(self.report)
        host.lesson_asked.connect(lambda: self.workspace.show_lesson(True))
        self.files.problem.connect(self.report)
        self.files.opened.connect(self._on_run_read)
        self.files.saved.connect(self._on_run_saved)
        self.clock.on_general_event(self._on_general_event)
        undo, redo = self.commands["edit.undo"], self.commands["edit.redo"]
        group = self._undo_group
        for action, can, text, word in (
            (undo, group.canUndoChanged, group.undoTextChanged, "Undo"),
            (redo, group.canRedoChanged, group.redoTextChanged, "Redo"),
        ):
            action.setEnabled(False)
            can.connect(action.setEnabled)
            text.connect(lambda what, action=action, word=word: action.setText(f"{word} {what}"))
        theme().changed.connect(self._on_theme_changed)

    def _restore(self) -> None:
        if not self.memory.restore_window(self):
            self.resize(DEFAULT_SIZE.boundedTo(self.screen().availableSize()))
        self.memory.restore_workspace(self.workspace)
        self.host.keep_in_background = self.memory.background
        self.commands["view.background"].setChecked(self.memory.background)
        self.transport.status.set_loading(not self.runner.libraries_loaded)
        show_look(self.commands, self)
        self._show_sides()

    def _remember(self) -> None:
        self.memory.remember_window(self, self.workspace)
        self.memory.background = self.host.keep_in_background
        if self.host.current is not None:
            name = self.host.current.info.id
            self.memory.pane = name
            self.memory.remember_lesson(self.host.current.pane.lesson, self.lesson.page)
        for opened in self.host.all_open():
            self.memory.remember_pane(
                opened.info.id, opened.channel.speed, opened.pane.save_state()
            )

    def _save(self, write: Callable[[ChannelClient], None]) -> None:
        if self.channel is not None:
            write(self.channel)

    def _on_pane_asked(self, pane_id: str, checked: bool = False) -> None:  # noqa: ARG002
        self.stage_pane(pane_id)

    def _on_pane_opened(self, opened: OpenPane) -> None:
        self.stage.content.addWidget(opened.pane)
        self._undo_group.addStack(opened.channel.undo_stack)
        opened.channel.happened.connect(self._on_channel_event)
        opened.pane.restore_state(self.memory.pane_state(opened.info.id))

    def _on_pane_staged(self, opened: OpenPane) -> None:
        self.rail.set_current(opened.info.entry)
        self.stage.set_title(opened.info.title)
        self.stage.set_tabs(
            [(info.id, info.tab, info.title) for info in self.host.tabs()], opened.info.id
        )
        self.stage.set_header_actions(opened.pane.header_actions())
        self.stage.content.setCurrentWidget(opened.pane)
        self.workspace.inspector.put(opened.inspector)
        opened.pane.setFocus()
        self._undo_group.setActiveStack(opened.channel.undo_stack)
        lesson = opened.pane.lesson
        self.lesson.open_lesson(lesson, self.memory.lesson_page(lesson))
        self.display.show_title()

    def _show_sides(self) -> None:
        for name, shown in (
            ("view.inspector", not self.workspace.inspector.isHidden()),
            ("view.lesson", not self.lesson.isHidden()),
        ):
            self.commands[name].setChecked(shown)
        self.stage.lesson_button.setChecked(not self.lesson.isHidden())

    def _on_theme_changed(self) -> None:
        show_look(self.commands, self)

    def _update_showing(self) -> None:
        self.host.set_showing(self.isVisible() and not self.isMinimized())

    def _keep_in_background(self, on: bool) -> None:
        self.host.keep_in_background = on

    def _fill_export(self, menu: QMenu) -> None:
        menu.clear()
        if self.host.current is not None:
            self.host.current.pane.export_menu(menu)
        if not menu.isEmpty():
            menu.addSeparator()
        menu.addAction(self.commands["file.save_as"])

    def _show_help(self) -> None:
        own = self.host.pane_actions
        specs = (*self.commands.specs, *(own.specs if own is not None else ()))
        if self._help is not None:
            self._help.deleteLater()
        self._help = HelpSheet(by_menu(specs), self)
        self._help.show()

    def _open_recent(self, path: Path) -> None:
        if not self.open_file(path) and not path.exists():
            self.memory.remove_recent(path)

    def _on_preset_asked(self, name: str) -> None:
        current, name = self._pane_in_link(name)
        if current is not None:
            current.pane.apply_preset(name)

    def _on_view_asked(self, name: str) -> None:
        current, name = self._pane_in_link(name)
        if current is not None and not current.pane.show_view(name):
            self.report(f"There is no view “{name}” on this pane.")

    def _pane_in_link(self, name: str) -> tuple[OpenPane | None, str]:
        """Return whom a lesson's link is for: “tab/name” brings that tab on stage first."""
        tab, _, rest = name.rpartition("/")
        if tab and any(info.id == tab for info in self.host.tabs()):
            return self.host.stage(tab), rest
        return self.host.current, name

    def _on_run_read(self, document: RunDocument, path: Path) -> None:
        info = self.host.of_kind(document.kind)
        if info is None:
            self.report(f"“{path.name}” is a run of “{document.kind}”, which no pane shows.")
            return
        opened = self.host.stage(info.id, document)
        self.files.belongs(opened.channel, path)
        self.memory.add_recent(path)
        self.display.show_title()

    def _on_run_saved(self, path: Path) -> None:
        self.memory.add_recent(path)
        self.display.show_title()

    def _on_channel_event(self, event: Event) -> None:
        if isinstance(event, RunOpened) and event.cause in ("open", "reset", "document"):
            self.error_bar.clear()

    def _on_general_event(self, event: Event) -> None:
        if isinstance(event, LibrariesLoaded):
            self.transport.status.set_loading(False)
            self.report(event.sentence)
            self.libraries_loaded.emit()
