from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from playground.ui.number_field import NumberField


@pytest.fixture
def field(themed, qtbot):
    holder = QWidget()
    made = NumberField("rate", value=0.02, minimum=0.0, maximum=1.0)
    QVBoxLayout(holder).addWidget(made)
    qtbot.addWidget(holder)
    holder.show()
    made.holder = holder
    return made


def type_text(qtbot, field, text, key=Qt.Key.Key_Return):
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, key)


def wheel(widget, up=True):
    delta = QPoint(0, 120 if up else -120)
    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(widget.mapToGlobal(QPoint(5, 5))),
        QPoint(),
        delta,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)
    return event


def test_typed_value_is_emitted_once(field, qtbot):
    got = []
    field.edited.connect(got.append)
    type_text(qtbot, field, "0.5")
    field.clearFocus()
    assert got == [0.5]
    assert field.value == 0.5


def test_set_value_never_emits(field, qtbot):
    with qtbot.assertNotEmitted(field.edited):
        field.set_value(0.3)
    assert field.text() == "0.3"


def test_a_text_in_the_making_is_not_disturbed(field, qtbot):
    field.selectAll()
    qtbot.keyClicks(field, "0.7")
    field.set_value(0.1)
    assert field.text() == "0.7"
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value == 0.7


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("fast", "“fast” is not a number; write it like 0.02, 1e-3 or 1,284."),
        ("2", "rate must be a number from 0 to 1."),
        ("-0.1", "rate must be a number from 0 to 1."),
    ],
)
def test_refused_text_stays_with_a_sentence_and_changes_nothing(field, qtbot, typed, sentence):
    said = []
    field.rejected.connect(said.append)
    with qtbot.assertNotEmitted(field.edited):
        type_text(qtbot, field, typed)
    assert said == [sentence]
    assert field.text() == typed
    assert field.value == 0.02
    assert field.property("invalid") == "true"
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "0.02"
    assert said == [sentence, ""]
    assert field.property("invalid") == "false"


def test_typing_on_takes_the_mark_away(field, qtbot):
    type_text(qtbot, field, "2")
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    assert field.problem == ""


def test_whole_numbers_only(themed, qtbot):
    field = NumberField("epochs", value=3, minimum=1, integer=True)
    qtbot.addWidget(field)
    type_text(qtbot, field, "2.5")
    assert field.problem == "epochs must be a whole number, at least 1."
    type_text(qtbot, field, "1,284")
    assert field.value == 1284
    assert isinstance(field.value, int)


def test_unit_is_shown_and_may_be_typed_or_left_out(themed, qtbot):
    field = NumberField("speed", value=10, unit="steps/s")
    qtbot.addWidget(field)
    assert field.text() == "10 steps/s"
    type_text(qtbot, field, "20 steps/s")
    assert field.value == 20
    type_text(qtbot, field, "30")
    assert (field.value, field.text()) == (30, "30 steps/s")


def test_exact_value_survives_a_visit(field, qtbot):
    third = 1 / 3
    field.set_value(third)
    field.setFocus()
    with qtbot.assertNotEmitted(field.edited):
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value == third


def test_arrow_keys_step_within_the_bounds(themed, qtbot):
    field = NumberField("k", value=2, minimum=1, maximum=3, integer=True)
    qtbot.addWidget(field)
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert field.value == 3
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert field.value == 3


def test_wheel_passes_by_without_focus(field, qtbot):
    field.clearFocus()
    with qtbot.assertNotEmitted(field.edited):
        event = wheel(field)
    assert not event.isAccepted()


def test_refused_by_others_keeps_the_standing_value(field, qtbot):
    type_text(qtbot, field, "0.5")
    field.refuse("rate must differ from the momentum.", 0.02)
    assert field.value == 0.02
    assert field.text() == "0.5"
    field.restore()
    assert field.text() == "0.02"


def test_name_and_unit_are_told_to_screen_readers(themed, qtbot):
    field = NumberField("noise", unit="σ")
    qtbot.addWidget(field)
    assert field.accessibleName() == "noise, σ"
