from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from playground.ui.actions import ACTIONS
from playground.ui.help_sheet import HelpSheet, by_menu, matches


@pytest.fixture
def sheet(qtbot):
    parent = QWidget()
    parent.resize(900, 700)
    qtbot.addWidget(parent)
    made = HelpSheet(by_menu(ACTIONS), parent)
    yield made
    parent.close()


def test_it_lists_every_action(sheet):
    assert sorted(sheet.shown()) == sorted(spec.id for spec in ACTIONS)


def test_words_narrow_the_list(sheet, qtbot):
    qtbot.keyClicks(sheet.search, "shift+2 words")
    assert sheet.shown() == ["view.theme_dark"]
    sheet.search.clear()
    assert len(sheet.shown()) == len(ACTIONS)


def test_keys_can_be_searched_too():
    play = next(spec for spec in ACTIONS if spec.id == "run.play")
    assert matches(play, "space")
    assert matches(play, "SPACE train")
    assert not matches(play, "F11")


def test_nothing_found_is_said(sheet, qtbot):
    qtbot.keyClicks(sheet.search, "zzz")
    assert sheet.shown() == []
    assert not sheet._nothing.isHidden()


def test_f1_closes_it_again(sheet, qtbot):
    sheet.show()
    qtbot.keyClick(sheet, Qt.Key.Key_F1)
    assert not sheet.isVisible()
