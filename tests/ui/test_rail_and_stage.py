from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel, QPushButton

from playground.ui.actions import ActionSpec
from playground.ui.fonts import ui_font
from playground.ui.rail import LABEL_PX, Rail
from playground.ui.stage import Stage
from playground.ui.theme import px, theme


@pytest.fixture
def rail(qtbot):
    rail = Rail()
    qtbot.addWidget(rail)
    rail.add("perceptron", "Perceptron", "activity", "Perceptron (1)")
    rail.add("initializers", "Initialisation", "spline", "Initialisation (2)")
    rail.show()
    yield rail
    theme().set_scale(1.0)


def test_a_click_asks_for_the_pane(rail, qtbot):
    asked = []
    rail.asked.connect(asked.append)
    first, second = rail.buttons()
    qtbot.mouseClick(second, Qt.MouseButton.LeftButton)
    assert asked == ["initializers"]
    rail.set_current("perceptron")
    assert asked == ["initializers"]
    assert first.isChecked()
    assert not second.isChecked()


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_names_are_never_cut(rail, scale):
    theme().set_scale(scale)
    for button in rail.buttons():
        words = QFontMetrics(ui_font(px(LABEL_PX))).horizontalAdvance(button.text())
        assert button.sizeHint().width() >= words + px(8)
        assert not button.grab().isNull()


@pytest.fixture
def stage(qtbot):
    stage = Stage(QLabel())
    qtbot.addWidget(stage)
    stage.resize(1000, 600)
    stage.show()
    return stage


def names(stage):
    return [
        button.accessibleName()
        for button in stage.findChildren(QPushButton)
        if button.accessibleName() and not button.isHidden()
    ]


def test_the_panes_buttons_come_and_go(stage, qtbot):
    calls = []
    spec = ActionSpec("a", "Compare", "Compare two.", checkable=True, run=calls.append)
    stage.set_header_actions((spec,))
    (button,) = [b for b in stage.findChildren(QPushButton) if b.accessibleName() == "Compare"]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert calls == [True]
    stage.set_header_actions(())
    qtbot.waitUntil(lambda: "Compare" not in names(stage))


def test_a_longer_verdict_does_not_move_the_pane(stage):
    stage.set_verdict("ok", "All correct.")
    before = stage.content.geometry()
    stage.set_verdict("warn", "Not separable: the line repeats with period 12, and so on. " * 4)
    stage.layout().activate()
    assert stage.content.geometry() == before


def test_a_narrow_stage_shows_its_buttons_as_icons(stage):
    assert stage.lesson_button.text() == " Lesson"
    stage.resize(400, 600)
    assert stage.lesson_button.text() == ""
    assert stage.lesson_button.accessibleName() == "Lesson"
    stage.resize(1000, 600)
    assert stage.lesson_button.text() == " Lesson"
