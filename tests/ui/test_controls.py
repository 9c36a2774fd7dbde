from __future__ import annotations

import pytest
from PySide6.QtCore import QAbstractAnimation, QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from playground.ui.controls import (
    ChoiceBox,
    ColourDot,
    IconButton,
    NumberSlider,
    SeedField,
    Switch,
)
from playground.ui.theme import DARK

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def shown(themed, qtbot):
    """Show a control of the width of an inspector and return it."""

    def show(control, width=268):
        holder = QWidget()
        QVBoxLayout(holder).addWidget(control)
        holder.resize(width, 100)
        qtbot.addWidget(holder)
        holder.show()
        control.holder = holder
        return control

    return show


def heard(control):
    """Return what the two signals of a slider have said."""
    said = []
    control.edited.connect(lambda value: said.append(("edited", value)))
    control.editing_finished.connect(lambda value: said.append(("finished", value)))
    return said


def test_dragging_edits_all_the_way_and_finishes_once(shown, qtbot):
    control = shown(NumberSlider("noise", 0, 1, value=0.5))
    said = heard(control)
    slider = control._slider
    y = slider.height() // 2
    QTest.mousePress(slider, LEFT, pos=QPoint(slider.width() // 2, y))
    for x in (slider.width() * 3 // 4, slider.width()):
        QTest.mouseMove(slider, QPoint(x, y))
    QTest.mouseRelease(slider, LEFT, pos=QPoint(slider.width(), y))
    assert said[-1] == ("finished", 1.0)
    assert [kind for kind, _ in said].count("finished") == 1
    assert ("edited", 1.0) in said
    assert control.value == 1.0


def test_pressing_the_handle_moves_nothing(shown, qtbot):
    control = shown(NumberSlider("noise", 0, 1, value=0.5))
    said = heard(control)
    slider = control._slider
    QTest.mouseClick(slider, LEFT, pos=QPoint(slider.width() // 2 + 4, slider.height() // 2))
    assert said == []


def test_set_value_never_emits_and_waits_for_the_hand(shown, qtbot):
    control = shown(NumberSlider("rate", 1e-4, 1, value=0.02, log=True))
    said = heard(control)
    control.set_value(0.1)
    assert (control.value, said) == (0.1, [])
    slider = control._slider
    QTest.mousePress(slider, LEFT, pos=QPoint(slider.width() - 1, 8))
    control.set_value(0.5)
    assert control.value == 1.0
    QTest.mouseRelease(slider, LEFT)
    control.set_value(0.5)
    assert control.value == 0.5


def test_double_click_brings_the_default_back(shown, qtbot):
    control = shown(NumberSlider("noise", 0, 1, value=0.2, default=0.55))
    said = heard(control)
    QTest.mouseDClick(control._slider, LEFT)
    assert control.value == 0.55
    assert said[-1] == ("finished", 0.55)


def test_keys_step_one_preferred_number(shown, qtbot):
    control = shown(NumberSlider("rate", 1e-4, 1, value=0.02, log=True))
    said = heard(control)
    QTest.keyClick(control._slider, Qt.Key.Key_Right)
    assert said == [("edited", 0.025), ("finished", 0.025)]
    QTest.keyClick(control._slider, Qt.Key.Key_Home)
    assert control.value == 1e-4
    QTest.keyClick(control._slider, Qt.Key.Key_End)
    assert control.value == 1.0


def test_typing_beyond_the_slider_but_within_what_is_allowed(shown, qtbot):
    control = shown(NumberSlider("α", 1e-4, 1, value=0.02, allowed=(0.0, None), log=True))
    control.field.selectAll()
    QTest.keyClicks(control.field, "50")
    QTest.keyClick(control.field, Qt.Key.Key_Return)
    assert control.value == 50
    assert control._slider.value() == control._slider.maximum()
    # A step up must not jump back to the end of the slider.
    QTest.keyClick(control._slider, Qt.Key.Key_Right)
    assert control.value == 50


def test_refused_text_is_told_and_keeps_the_value(shown, qtbot):
    control = shown(NumberSlider("points", 2, 200, value=80, integer=True))
    said = []
    control.rejected.connect(said.append)
    control.field.selectAll()
    QTest.keyClicks(control.field, "1000")
    QTest.keyClick(control.field, Qt.Key.Key_Return)
    assert said == ["points must be a whole number from 2 to 200."]
    assert control.value == 80
    # Taking the slider drops the refused text.
    QTest.keyClick(control._slider, Qt.Key.Key_Right)
    assert (control.value, control.field.text(), said[-1]) == (81, "81", "")


@pytest.mark.parametrize("make", [
    lambda: NumberSlider("noise", 0, 1, value=0.5),
    lambda: ChoiceBox("preset", [(i, f"preset number {i}") for i in range(9)], value=3),
])  # fmt: skip
def test_a_passing_wheel_scrolls_the_inspector_instead(themed, qtbot, make):
    area = QScrollArea()
    inner = QWidget()
    column = QVBoxLayout(inner)
    controls = [make() for _ in range(20)]
    for control in controls:
        column.addWidget(control)
    area.setWidget(inner)
    area.setWidgetResizable(True)
    area.resize(280, 200)
    qtbot.addWidget(area)
    area.show()
    before = [control.value for control in controls]
    target = controls[2].findChildren(QWidget)[-1]
    QTest.wheelEvent(area.windowHandle(), target.mapTo(area, QPoint(5, 5)), QPoint(0, -120))
    assert [control.value for control in controls] == before
    assert area.verticalScrollBar().value() > 0


def test_long_labels_do_not_widen_the_inspector(shown):
    control = shown(NumberSlider("an exceedingly long name of a parameter " * 3, 0, 1))
    assert control.minimumSizeHint().width() <= 228


def test_few_short_choices_stand_side_by_side(themed, qtbot):
    few = ChoiceBox("schedule", [("o", "online"), ("b", "batch")], value="b")
    many = ChoiceBox("model", [(n, n) for n in "abcdef"])
    wordy = ChoiceBox("stop", [(n, n * 20) for n in "ab"])
    for box in (few, many, wordy):
        qtbot.addWidget(box)
    assert (few.is_segmented(), many.is_segmented(), wordy.is_segmented()) == (True, False, False)
    assert (few.value, many.value) == ("b", None)


@pytest.mark.parametrize("segmented", [True, False])
def test_choosing_emits_the_value_once_and_showing_never(themed, qtbot, segmented):
    box = ChoiceBox("schedule", [(1, "online"), (2, "batch")], value=1, segmented=segmented)
    qtbot.addWidget(box)
    got = []
    box.edited.connect(got.append)
    box.set_value(2)
    box.set_value(1)
    assert got == []
    if segmented:
        for _ in range(2):
            box._group.button(1).click()
    else:
        for _ in range(2):
            box._combo.activated.emit(1)
    assert got == [2]
    assert box.value == 2


@pytest.mark.parametrize("segmented", [True, False])
def test_new_choices_keep_a_value_that_stays(themed, qtbot, segmented):
    box = ChoiceBox("x", [("a", "A"), ("b", "B")], value="b", segmented=segmented)
    qtbot.addWidget(box)
    box.set_choices([("b", "B"), ("c", "C"), ("d", "D")])
    assert box.value == "b"
    box.set_choices([("q", "Q"), ("r", "R")])
    assert box.value is None
    box.set_value("unknown")
    assert box.value is None


def test_switch_tells_people_not_programs(shown, qtbot):
    switch = shown(Switch("shuffle"))
    got = []
    switch.edited.connect(got.append)
    switch.set_value(True)
    assert (switch.value, got) == (True, [])
    QTest.mouseClick(switch, LEFT)
    QTest.keyClick(switch, Qt.Key.Key_Space)
    assert got == [False, True]


def test_switch_slides_unless_motion_is_reduced(shown, themed):
    switch = shown(Switch("shuffle"))
    switch.set_value(True)
    assert switch._slide.state() == QAbstractAnimation.State.Running
    switch._slide.stop()
    themed.set_reduced_motion(True)
    switch.set_value(False)
    assert switch._slide.state() == QAbstractAnimation.State.Stopped
    assert switch._place == 0.0


def test_seed_is_exact_up_to_63_bits(themed, qtbot):
    seed = SeedField(value=7)
    qtbot.addWidget(seed)
    got = []
    seed.edited.connect(got.append)
    seed.field.selectAll()
    QTest.keyClicks(seed.field, str(2**63 - 1))
    QTest.keyClick(seed.field, Qt.Key.Key_Return)
    assert got == [2**63 - 1]
    assert seed.value == 2**63 - 1
    seed.field.selectAll()
    QTest.keyClicks(seed.field, str(2**63))
    QTest.keyClick(seed.field, Qt.Key.Key_Return)
    assert seed.value == 2**63 - 1
    assert "from 0 to 9,223,372,036,854,775,807" in seed.field.problem


def test_die_draws_another_seed_within_the_maximum(themed, qtbot):
    drawn = iter([41, 41, 1005])
    seed = SeedField(value=7, maximum=999, draw=lambda: next(drawn))
    qtbot.addWidget(seed)
    got = []
    seed.edited.connect(got.append)
    for _ in range(3):
        seed._dice.click()
    assert got == [41, 5]
    assert seed.field.text() == "5"


def test_the_die_of_the_program_draws_short_seeds(themed, qtbot):
    seed = SeedField()
    qtbot.addWidget(seed)
    for _ in range(20):
        seed._dice.click()
        assert 0 <= seed.value <= 9999


def test_icon_buttons_say_what_they_do(themed, qtbot):
    button = IconButton("play", "Play (Space)\nRuns from here", primary=True)
    qtbot.addWidget(button)
    assert button.accessibleName() == "Play (Space)"
    assert button.toolTip().startswith("Play")
    before = button.iconSize().width()
    themed.set_scale(2.0)
    assert button.iconSize().width() == 2 * before


@pytest.mark.parametrize("shape", ["circle", "square", "line"])
def test_colour_dots_show_their_colour(themed, qtbot, shape):
    dot = ColourDot("lane:2", shape, size=12)
    qtbot.addWidget(dot)
    image = dot.grab().toImage()
    centre = image.pixelColor(image.width() // 2, image.height() // 2)
    assert centre == QColor(DARK.lanes[2])


def test_every_control_has_a_name_and_a_tip(themed, qtbot):
    controls = [
        NumberSlider("noise", 0, 1, help="Spread of the points."),
        SeedField("seed"),
        ChoiceBox("model", [("a", "A"), ("b", "B")]),
        Switch("shuffle"),
        IconButton("x", "Close"),
    ]
    for control in controls:
        qtbot.addWidget(control)
        for widget in (control, *control.findChildren(QWidget)):
            if widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
                assert widget.accessibleName(), widget
                assert widget.toolTip(), widget
