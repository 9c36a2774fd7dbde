"""Actions from data: menus, shortcuts and the F1 sheet come of one table.

An :class:`ActionSpec` names a command once; :class:`ActionSet` makes the ``QAction`` objects and
connects them. Panes describe their own commands in the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from playground.ui.action_table import ACTIONS, MENUS, ActionSpec
from playground.ui.icons import themed_icon

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


__all__ = [
    "ACTIONS",
    "MENUS",
    "ActionSet",
    "ActionSpec",
    "add_to_menus",
    "described",
    "fill_menu_bar",
    "key_text",
    "menu_at",
]


def described(spec: ActionSpec) -> str:
    """Return the tooltip of an action: what it does, and its first key."""
    if not spec.shortcuts:
        return spec.tooltip
    return f"{spec.tooltip} ({key_text(spec.shortcuts[0])})"


def key_text(shortcut: str) -> str:
    """Return a key sequence as this platform writes it."""
    return QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)


class ActionSet:
    """The ``QAction`` objects of a table of actions, alive in one window."""

    def __init__(
        self,
        window: QWidget,
        specs: Iterable[ActionSpec],
        handlers: Mapping[str, Callable[[bool], object]] | None = None,
    ) -> None:
        """Make the actions and bind them: by id in ``handlers``, or by their own ``run``.

        Raises
        ------
        KeyError
            If an action has neither a handler nor ``run``.
        """
        self._window = window
        self.specs = tuple(specs)
        self._actions: dict[str, QAction] = {}
        self._groups: dict[str, QActionGroup] = {}
        # A connection does not keep the object of a bound method alive; this does.
        self._runs = {spec.id: spec.run or (handlers or {})[spec.id] for spec in self.specs}
        for spec in self.specs:
            self._actions[spec.id] = self._make(spec, self._runs[spec.id])

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def __contains__(self, action_id: str) -> bool:
        return action_id in self._actions

    def dispose(self) -> None:
        """Take the actions out of the window and its menus."""
        for action in self._actions.values():
            self._window.removeAction(action)
            action.deleteLater()
        for group in self._groups.values():
            group.deleteLater()
        self._actions.clear()
        self._groups.clear()
        self._runs.clear()

    def _make(self, spec: ActionSpec, run: Callable[[bool], object]) -> QAction:
        action = QAction(spec.text, self._window)
        action.setObjectName(spec.id)
        action.setToolTip(described(spec))
        action.setStatusTip(spec.tooltip)
        action.setShortcuts([QKeySequence(keys) for keys in spec.shortcuts])
        action.setCheckable(spec.checkable)
        if spec.id == "file.quit":
            action.setMenuRole(QAction.MenuRole.QuitRole)
        elif spec.id == "help.about":
            action.setMenuRole(QAction.MenuRole.AboutRole)
        else:
            # Qt would guess from the words and move “Reset to …” or “Set-up” on a Mac.
            action.setMenuRole(QAction.MenuRole.NoRole)
        if spec.icon:
            themed_icon(action, spec.icon)
        if spec.group:
            group = self._groups.get(spec.group)
            if group is None:
                group = self._groups[spec.group] = QActionGroup(self._window)
            group.addAction(action)
        action.triggered.connect(run)
        self._window.addAction(action)
        return action


def menu_at(bar: QMenuBar, path: tuple[str, ...]) -> QMenu:
    """Return the menu of a path of titles, made where it is missing."""
    menu = _child_menu(bar, path[0])
    for title in path[1:]:
        menu = _child_menu(menu, title)
    return menu


def add_to_menus(bar: QMenuBar, actions: ActionSet) -> None:
    """Put every action of a set into the menu it names."""
    for spec in actions.specs:
        menu = menu_at(bar, spec.menu or ("Pane",))
        if spec.separator and not menu.isEmpty():
            menu.addSeparator()
        menu.addAction(actions[spec.id])


def fill_menu_bar(bar: QMenuBar, actions: ActionSet, submenus: Mapping[str, QMenu]) -> None:
    """Make all menus in their order; each of ``submenus`` stands above the action of its key."""
    for title in MENUS:
        menu_at(bar, (title,))
    add_to_menus(bar, actions)
    for spec in actions.specs:
        if spec.id in submenus:
            menu_at(bar, spec.menu).insertMenu(actions[spec.id], submenus[spec.id])


def _child_menu(parent: QMenuBar | QMenu, title: str) -> QMenu:
    for action in parent.actions():
        menu = action.menu()
        if isinstance(menu, QMenu) and menu.title() == title:
            return menu
    made = QMenu(title, parent)
    made.setToolTipsVisible(True)
    parent.addMenu(made)
    return made
