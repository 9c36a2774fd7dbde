from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QHelpEvent
from PySide6.QtWidgets import QApplication, QPushButton, QToolTip, QVBoxLayout, QWidget

from playground.ui.cards import Card, EmptyState, NumberTable, Verdict
from playground.ui.number_table import NumberRow


def test_card_hides_an_empty_head_until_there_is_a_tool(themed, qtbot):
    card = Card()
    qtbot.addWidget(card)
    assert card._head_row.isHidden()
    card.add_tool(QPushButton("more"))
    assert not card._head_row.isHidden()
    card.set_title("Metrics")
    assert (card.title, card.accessibleName()) == ("Metrics", "Metrics")


def test_card_gives_all_room_to_its_body(themed, qtbot):
    card = Card("Plot")
    inner = QWidget()
    card.add(inner, 1)
    card.resize(300, 400)
    qtbot.addWidget(card)
    card.show()
    assert inner.height() > 320
    assert card._head_row.height() < 40


@pytest.mark.parametrize("kind", ["ok", "warn", "bad", "info", "busy"])
def test_verdicts_never_speak_by_colour_alone(themed, qtbot, kind):
    verdict = Verdict(kind, "All correct after 3 epochs.")
    qtbot.addWidget(verdict)
    assert verdict.kind == kind
    assert verdict.accessibleName().endswith(": All correct after 3 epochs.")


def test_verdict_kinds_have_icons_and_words_of_their_own(themed, qtbot):
    from playground.ui.cards import _VERDICTS

    for column in (0, 2):
        assert len({entry[column] for entry in _VERDICTS.values()}) == len(_VERDICTS)


def test_long_verdicts_wrap_and_an_empty_one_shows_nothing(themed, qtbot):
    holder = QWidget()
    column = QVBoxLayout(holder)
    verdict = Verdict("bad", "diverged: " + "α is too large for data of this scale " * 6)
    column.addWidget(verdict)
    holder.resize(240, 50)
    qtbot.addWidget(holder)
    holder.show()
    assert verdict.heightForWidth(220) > 3 * verdict.fontMetrics().height()
    verdict.set_verdict("info", "")
    assert verdict._icon.isHidden()
    assert verdict.text == ""


def test_empty_state_offers_the_next_thing(themed, qtbot):
    state = EmptyState("No points yet: click into the plane.", "Make 80 points")
    qtbot.addWidget(state)
    with qtbot.waitSignal(state.action_triggered):
        state._button.click()
    state.set_state("Failed.", "")
    assert state._button.isHidden()
    assert state.accessibleName() == "Failed."


def make_table():
    rows = [("accuracy", "accuracy", "Share that is right."), ("loss", "loss"), NumberRow("n", "n")]
    return NumberTable(rows, columns=2)


@pytest.fixture
def table(themed, qtbot):
    made = make_table()
    made.resize(400, 60)
    qtbot.addWidget(made)
    made.show()
    return made


def test_numbers_are_written_for_people(table):
    table.set_values({"accuracy": 0.975, "loss": math.nan, "n": 1284})
    assert table.as_text() == "accuracy\t0.9750\nloss\tnot a number\nn\t1,284"
    table.set_values({"n": "1,284 of 2,410"})
    assert table.value_text("n") == "1,284 of 2,410"
    assert table.value_text("accuracy") == "0.9750"


def test_fresh_numbers_cost_no_layout(themed, qtbot):
    class Watch(QWidget):
        requests = 0

        def event(self, event):
            if event.type() == QEvent.Type.LayoutRequest:
                Watch.requests += 1
            return super().event(event)

    holder = Watch()
    table = make_table()
    QVBoxLayout(holder).addWidget(table)
    qtbot.addWidget(holder)
    holder.show()
    QApplication.sendPostedEvents()
    QApplication.processEvents()
    Watch.requests = 0
    for value in (1.0, 123456.789, 1e-12):
        table.set_values({"loss": value})
        QApplication.processEvents()
    assert Watch.requests == 0
    table.set_rows([("a", "a")])
    QApplication.processEvents()
    assert Watch.requests > 0


def test_unknown_key_is_a_mistake_of_the_program(table):
    with pytest.raises(KeyError):
        table.set_values({"nope": 1.0})


def test_rows_that_stay_keep_their_values(table):
    table.set_values({"accuracy": 0.5, "loss": 1.0})
    table.set_rows([("loss", "cost"), ("new", "new")])
    assert table.as_text() == "cost\t1.000\nnew\t"


def test_copying_and_tips_tell_all(table, qtbot):
    table.set_values({"accuracy": 0.975, "loss": 0.1, "n": 3})
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == table.as_text()
    place = QPoint(10, 5)
    tip = QHelpEvent(QEvent.Type.ToolTip, place, table.mapToGlobal(place))
    QApplication.sendEvent(table, tip)
    assert QToolTip.text() == "accuracy: 0.9750\nShare that is right."
    QToolTip.hideText()
