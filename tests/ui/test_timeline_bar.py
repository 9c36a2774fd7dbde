from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtWidgets import QApplication

from playground.engine.frames import Mark
from playground.ui.theme import qcolor
from playground.ui.timeline_bar import TimelineBar

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def bar(qtbot):
    bar = TimelineBar()
    qtbot.addWidget(bar)
    bar.resize(418, 32)
    bar.set_position(40, 400)
    bar.sought_steps = []
    bar.sought.connect(bar.sought_steps.append)
    bar.show()
    return bar


def point(bar, step):
    return QPoint(round(bar.x_of(step)), bar.height() // 2)


def drag(bar, step):
    where = QPointF(point(bar, step))
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        where,
        bar.mapToGlobal(where),
        Qt.MouseButton.NoButton,
        LEFT,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(bar, event)


def test_a_click_goes_there(bar, qtbot):
    qtbot.mouseClick(bar, LEFT, pos=point(bar, 100))
    assert bar.sought_steps == [100]


def test_the_bar_follows_the_hand_and_then_the_frames(bar, qtbot):
    qtbot.mousePress(bar, LEFT, pos=point(bar, 100))
    drag(bar, 200)
    bar.set_position(150, 400)
    assert bar.dragging
    assert bar.shown_step == 200
    qtbot.mouseRelease(bar, LEFT, pos=point(bar, 200))
    assert bar.shown_step == 200
    bar.set_position(201, 401)
    assert bar.shown_step == 201
    assert bar.sought_steps == [100, 200]


def test_a_drag_tells_each_step_once_and_stays_inside(bar, qtbot):
    qtbot.mousePress(bar, LEFT, pos=point(bar, 100))
    for step in (100, 300, 300):
        drag(bar, step)
    qtbot.mouseMove(bar, QPoint(-500, 5))
    qtbot.mouseRelease(bar, LEFT, pos=QPoint(-500, 5))
    assert bar.sought_steps[:2] == [100, 300]
    assert all(0 <= step <= 400 for step in bar.sought_steps)


def test_showing_a_position_emits_nothing(bar):
    bar.set_position(300, 500, (Mark(20, "edit", "moved"),))
    assert bar.sought_steps == []


def test_escape_lets_go(bar, qtbot):
    qtbot.mousePress(bar, LEFT, pos=point(bar, 100))
    qtbot.keyClick(bar, Qt.Key.Key_Escape)
    assert not bar.dragging
    assert bar.shown_step == 40


def test_a_click_near_a_mark_hits_the_mark(bar, qtbot):
    bar.set_position(0, 400, (Mark(101, "branch", "branch"),))
    qtbot.mouseClick(bar, LEFT, pos=point(bar, 100))
    assert bar.sought_steps == [101]


def test_a_run_without_a_step_cannot_be_dragged(qtbot):
    bar = TimelineBar()
    qtbot.addWidget(bar)
    bar.resize(300, 32)
    sought = []
    bar.sought.connect(sought.append)
    bar.set_position(0, 0)
    qtbot.mouseClick(bar, LEFT, pos=QPoint(100, 16))
    assert sought == []
    assert not bar.grab().isNull()


@pytest.mark.parametrize("frontier", [1, 7, 10**9])
def test_steps_and_places_agree(bar, frontier):
    bar.set_position(0, frontier)
    for step in (0, frontier // 2, frontier):
        assert bar.step_at(bar.x_of(step)) == pytest.approx(step, abs=frontier * 1e-9)


def test_the_past_is_solid_and_the_future_faint(bar):
    bar.set_position(200, 400)
    image = bar.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    middle = bar.height() // 2
    past = image.pixelColor(round(bar.x_of(100)), middle)
    future = image.pixelColor(round(bar.x_of(300)), middle)
    assert past == qcolor("accent")
    assert future != past


def test_ten_thousand_marks_are_painted(bar):
    marks = tuple(Mark(step, "edit", "moved a point") for step in range(10_000))
    bar.set_position(5_000, 10_000, marks)
    assert not bar.grab().isNull()


def test_the_words_name_step_and_marks(bar):
    bar.set_position(0, 400, (Mark(100, "edit", "move a point"),), "sample")
    assert bar._words_at(bar.x_of(100)) == "sample 100 of 400\nmove a point · 100"


def test_a_run_that_is_played_on_at_its_end_needs_no_new_picture(bar, qtbot):
    bar.set_position(50, 50)
    bar.show()
    qtbot.waitExposed(bar)
    painted = []
    bar.paintEvent = lambda event: painted.append(bar.shown_step)
    bar.set_position(60, 60)
    bar.set_position(30, 60)
    qtbot.waitUntil(lambda: painted == [30])
