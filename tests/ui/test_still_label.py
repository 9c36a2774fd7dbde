from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from playground.ui.still_label import StillLabel


class Parent(QWidget):
    """Counts how often it was asked to place its children anew."""

    def __init__(self):
        super().__init__()
        self.asked = 0

    def event(self, event):
        self.asked += event.type() == QEvent.Type.LayoutRequest
        return super().event(event)


@pytest.fixture
def shown(qtbot):
    parent = Parent()
    parent.label = StillLabel("loss 0.25")
    column = QVBoxLayout(parent)
    column.addWidget(parent.label)
    column.addStretch(1)
    qtbot.addWidget(parent)
    parent.resize(220, 200)
    parent.show()
    QApplication.processEvents()
    parent.asked = 0
    yield parent
    parent.close()


def test_other_numbers_move_nothing(shown):
    for loss in (0.24, 0.125, 3.0):
        shown.label.setText(f"loss {loss}")
        QApplication.processEvents()
    assert shown.label.text() == "loss 3.0"
    assert shown.asked == 0


def test_words_that_need_another_line_get_it_and_give_it_back(shown):
    low = shown.label.height()
    shown.label.setText("This loss is far too large for data of this scale. " * 3)
    QApplication.processEvents()
    high = shown.label.height()
    assert shown.asked
    assert high >= 2 * low
    assert shown.label.label.size() == shown.label.size()
    shown.label.setText("loss 0.25")
    QApplication.processEvents()
    assert shown.label.height() == low


def test_a_larger_font_makes_room(shown, qtbot):
    low = shown.label.height()
    # A style sheet, for that of the program would outdo a font.
    shown.label.label.setStyleSheet("font-size: 40px")
    # The label tells its holder first, and the holder then the layout.
    qtbot.waitUntil(lambda: shown.label.height() > 2 * low)


def test_a_word_that_is_too_wide_asks_for_more_room(shown):
    shown.label.setText("overflow" * 9)
    QApplication.processEvents()
    assert shown.asked
