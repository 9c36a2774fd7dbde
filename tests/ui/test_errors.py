from __future__ import annotations

import logging
import sys
import threading

import pytest
from PySide6.QtCore import QTimer, qCritical, qWarning
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QWidget

from playground.ui.errors import ErrorBar, ErrorFunnel, exception_sentence

pytestmark = pytest.mark.qt_no_exception_capture


@pytest.fixture
def funnel(themed, qtbot):
    made = ErrorFunnel()
    made.install()
    made.said = []
    made.problem_arrived.connect(lambda *what: made.said.append(what))
    yield made
    made.uninstall()


@pytest.fixture
def bar(themed, qtbot):
    made = ErrorBar()
    qtbot.addWidget(made)
    return made


def test_exception_of_a_slot_arrives_with_its_traceback(funnel, qtbot, caplog):
    def slot():
        raise ValueError("the slot broke")

    button = QPushButton()
    qtbot.addWidget(button)
    button.clicked.connect(slot)
    with caplog.at_level(logging.ERROR):
        button.click()
    funnel.drain()
    sentence, details = funnel.said[0]
    assert sentence == "Something went wrong: the slot broke (ValueError)."
    assert "in slot" in details
    assert "the slot broke" in caplog.text


def test_exception_of_a_timer_arrives(funnel, qtbot):
    def tick():
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    QTimer.singleShot(0, tick)
    qtbot.waitUntil(lambda: bool(funnel.said))
    assert "cannot be multiplied (RuntimeError)" in funnel.said[0][0]


def test_exception_of_paint_event_arrives(funnel, qtbot):
    class Broken(QWidget):
        def paintEvent(self, event):
            raise RuntimeError("paint broke")

    widget = Broken()
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitUntil(lambda: bool(funnel.said))
    widget.hide()
    assert funnel.said[0][0] == "Something went wrong: paint broke (RuntimeError)."
    assert "paintEvent" in funnel.said[0][1]


def test_exception_of_a_thread_arrives_in_the_gui_thread(funnel, qtbot):
    arrived = []
    funnel.problem_arrived.connect(lambda *_: arrived.append(threading.current_thread()))

    def work():
        raise KeyError("weights")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert arrived == []
    qtbot.waitUntil(lambda: bool(arrived))
    assert arrived == [threading.main_thread()]
    assert funnel.said[0][0] == "Something went wrong: 'weights' (KeyError)."


def test_an_ending_thread_is_no_problem(funnel):
    thread = threading.Thread(target=sys.exit)
    thread.start()
    thread.join()
    funnel.drain()
    assert funnel.said == []


def test_reports_of_any_thread_keep_their_order(funnel):
    funnel.report("First.", "a")
    thread = threading.Thread(target=funnel.report, args=("Second.",))
    thread.start()
    thread.join()
    funnel.drain()
    assert funnel.said == [("First.", "a"), ("Second.", "")]


@pytest.mark.qt_log_ignore("something odd", "something bad")
def test_messages_of_qt_are_logged_and_bad_ones_shown(funnel, caplog):
    with caplog.at_level(logging.DEBUG, logger="qt"):
        qWarning("something odd")
        qCritical("something bad")
        qWarning("This plugin does not support propagateSizeHints()")
    funnel.drain()
    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("WARNING", "something odd"),
        ("ERROR", "something bad"),
        ("DEBUG", "This plugin does not support propagateSizeHints()"),
    ]
    assert funnel.said == [("Qt reports: something bad.", "")]


def test_ctrl_c_goes_where_it_went_before(themed, qtbot, monkeypatch):
    seen = []
    monkeypatch.setattr(sys, "excepthook", lambda *what: seen.append(what[0]))
    funnel = ErrorFunnel()
    funnel.install()
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    funnel.uninstall()
    assert seen == [KeyboardInterrupt]


def test_uninstalling_gives_the_hooks_back(themed, qtbot):
    before = (sys.excepthook, threading.excepthook)
    funnel = ErrorFunnel()
    funnel.install()
    funnel.install()
    assert sys.excepthook != before[0]
    funnel.report("Left over.")
    said = []
    funnel.problem_arrived.connect(lambda *what: said.append(what))
    funnel.uninstall()
    funnel.uninstall()
    assert (sys.excepthook, threading.excepthook) == before
    assert said == [("Left over.", "")]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ValueError("α is too large."), "Something went wrong: α is too large (ValueError)."),
        (ValueError("one\ntwo"), "Something went wrong: one (ValueError)."),
        (MemoryError(), "Something went wrong: MemoryError."),
    ],
)
def test_exceptions_become_one_sentence(error, sentence):
    assert exception_sentence(error) == sentence


def test_bar_hides_until_there_is_a_problem(bar):
    assert bar.isHidden()
    bar.show_problem("The file is empty.")
    assert not bar.isHidden()
    assert bar._details_button.isHidden()
    bar.dismiss()
    assert bar.isHidden()
    bar.dismiss()


def test_equal_problems_are_counted_not_stacked(bar):
    for _ in range(1284):
        bar.show_problem("paint broke.", "trace")
    assert len(bar.problems) == 1
    assert bar._sentence.text() == "paint broke.  ×1,284"


def test_older_problems_wait_behind_the_newest(bar, qtbot):
    bar.show_problem("First.", "a")
    bar.show_problem("Second.")
    assert bar._sentence.text() == "Second."
    assert bar._more.text() == "1 more"
    with qtbot.waitSignal(bar.dismissed) as gone:
        bar._close_button.click()
    assert gone.args == ["Second."]
    assert bar._sentence.text() == "First."
    assert bar._more.isHidden()


def test_details_unfold_and_everything_can_be_copied(bar):
    bar.show_problem("It broke.", "Traceback\n  line 3")
    assert bar._details.isHidden()
    bar._details_button.click()
    assert not bar._details.isHidden()
    bar._copy_button.click()
    assert QGuiApplication.clipboard().text() == "It broke.\n\nTraceback\n  line 3"
    bar.show_problem("No details.")
    assert bar._details.isHidden()


def test_a_flood_of_different_problems_is_bounded(bar):
    for number in range(500):
        bar.show_problem(f"Problem {number}.", "x" * 100_000)
    assert len(bar.problems) == 20
    assert all(len(problem.details) <= 20_000 for problem in bar.problems)


def test_markup_in_a_message_is_shown_as_it_is(bar):
    bar.show_problem("<b>bold</b> & <img src=x>")
    assert bar._sentence.text() == "<b>bold</b> & <img src=x>"
    bar.resize(400, 60)
    bar.grab()
