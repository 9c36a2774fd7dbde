from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from playground.assets_path import asset
from playground.panes.registry import PANES
from playground.ui.actions import (
    ACTIONS,
    MENUS,
    ActionSet,
    ActionSpec,
    add_to_menus,
    described,
    menu_at,
)


def test_ids_are_unique():
    assert [name for name, count in Counter(s.id for s in ACTIONS).items() if count > 1] == []


def test_shortcuts_are_unique_the_panes_included():
    keys = [QKeySequence(key).toString() for spec in ACTIONS for key in spec.shortcuts]
    keys += [QKeySequence(info.shortcut).toString() for info in PANES]
    assert [key for key, count in Counter(keys).items() if count > 1] == []
    assert "" not in keys


@pytest.mark.parametrize("spec", ACTIONS, ids=lambda spec: spec.id)
def test_every_action_says_what_it_does_and_has_a_key_and_a_place(spec):
    assert spec.text
    assert spec.tooltip.endswith(".")
    assert spec.shortcuts
    assert spec.menu
    assert spec.menu[0] in MENUS
    if spec.icon:
        assert asset("icons", f"{spec.icon}.svg").is_file()


def test_tooltip_names_the_first_key():
    spec = ActionSpec("a", "A", "Does it.", ("F5", "Ctrl+R"))
    assert described(spec) == "Does it. (F5)"
    assert described(ActionSpec("b", "B", "Does it.")) == "Does it."


@pytest.fixture
def window(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    return window


def test_actions_call_their_handlers_with_the_checked_state(window):
    calls = []
    specs = (
        ActionSpec("plain", "Plain", "P.", ("P",), ("Run",)),
        ActionSpec("switch", "Switch", "S.", ("S",), ("View", "More"), checkable=True),
        ActionSpec("own", "Own", "O.", run=lambda on: calls.append(("own", on))),
    )
    actions = ActionSet(
        window,
        specs,
        {
            "plain": lambda on: calls.append(("plain", on)),
            "switch": lambda on: calls.append(("switch", on)),
        },
    )
    for name in ("plain", "switch", "switch", "own"):
        actions[name].trigger()
    assert calls == [("plain", False), ("switch", True), ("switch", False), ("own", False)]


def test_an_action_nobody_carries_out_is_a_mistake_of_the_program(window):
    with pytest.raises(KeyError):
        ActionSet(window, (ActionSpec("lost", "Lost", "L."),))


def test_menus_follow_the_paths_and_disposed_actions_leave_them(window):
    specs = (
        ActionSpec("a", "A", "A.", menu=("Run",), run=print),
        ActionSpec("b", "B", "B.", menu=("View", "Theme"), run=print),
        ActionSpec("c", "C", "C.", run=print),
    )
    actions = ActionSet(window, specs)
    bar = window.menuBar()
    add_to_menus(bar, actions)
    assert [action.text() for action in menu_at(bar, ("Run",)).actions()] == ["A"]
    assert [action.text() for action in menu_at(bar, ("View", "Theme")).actions()] == ["B"]
    assert [action.text() for action in menu_at(bar, ("Pane",)).actions()] == ["C"]
    actions.dispose()
    assert "a" not in actions
    assert [action for action in window.actions() if action.objectName()] == []


def test_exclusive_actions_switch_each_other_off(window):
    specs = [
        ActionSpec(name, name, "One of two.", checkable=True, group="two", run=lambda on: None)
        for name in ("one", "other")
    ]
    actions = ActionSet(window, specs)
    actions["one"].trigger()
    actions["other"].trigger()
    assert not actions["one"].isChecked()
    assert actions["other"].isChecked()


def test_no_action_is_moved_by_a_mac_but_quit_and_about(window):
    actions = ActionSet(window, ACTIONS, {spec.id: lambda on: None for spec in ACTIONS})
    roles = {spec.id: actions[spec.id].menuRole() for spec in ACTIONS}
    assert roles["file.quit"] == QAction.MenuRole.QuitRole
    assert roles["help.about"] == QAction.MenuRole.AboutRole
    others = {role for name, role in roles.items() if name not in ("file.quit", "help.about")}
    assert others == {QAction.MenuRole.NoRole}


def test_menus_show_tooltips(window):
    menu = menu_at(window.menuBar(), ("Run",))
    assert isinstance(menu, QMenu)
    assert menu.toolTipsVisible()


def test_a_handler_lives_as_long_as_its_action(window):
    calls = []

    class Once:
        def run(self, on):
            calls.append(on)

    actions = ActionSet(window, (ActionSpec("a", "A", "A."),), {"a": Once().run})
    actions["a"].trigger()
    assert calls == [False]
