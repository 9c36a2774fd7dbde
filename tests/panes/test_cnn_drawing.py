"""The paper, its tools, the pixel pictures and the bars, each by itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QImage,
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QPointingDevice,
    QTabletEvent,
)
from PySide6.QtTest import QTest

from playground.panes.cnn.digit_bars import ProbabilityBars, percent, rows_shown
from playground.panes.cnn.digit_canvas_view import ERASER_FACTOR, StrokeCanvas
from playground.panes.cnn.digit_pixels import PixelPicture, picture_of, value_words
from playground.panes.cnn.digit_strokes import SIDE, Stroke, stroke_paths
from playground.panes.cnn.digit_tools import DrawingTools
from playground.panes.cnn.explain_jobs import LatestJob


@pytest.fixture
def canvas(qtbot, themed):
    made = StrokeCanvas()
    qtbot.addWidget(made)
    made.resize(200, 260)
    made.show()
    return made


def line(canvas, *places, erases=False):
    canvas.begin(*places[0], erases=erases)
    for place in places[1:]:
        canvas.go_on(*place)
    canvas.lift()


def send(canvas, kind, x, y, button=Qt.MouseButton.LeftButton):
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
    at = QPointF(x, y)
    event = QMouseEvent(kind, at, canvas.mapToGlobal(at), button, held, Qt.NoModifier)
    {
        QEvent.Type.MouseButtonPress: canvas.mousePressEvent,
        QEvent.Type.MouseMove: canvas.mouseMoveEvent,
        QEvent.Type.MouseButtonRelease: canvas.mouseReleaseEvent,
    }[kind](event)


def test_a_stroke_is_as_wide_as_the_pen_and_smooth_at_its_edge(canvas):
    line(canvas, (0.1, 0.5), (0.5, 0.5), (0.9, 0.5))
    column = canvas.ink()[:, SIDE // 2].astype(float) / 255
    assert column.sum() == pytest.approx(canvas.pen_width * SIDE, abs=1.0)
    assert not canvas.is_empty
    diagonal = Stroke(False, [(0.2, 0.2, 0.05), (0.8, 0.7, 0.05)])
    assert len(stroke_paths(diagonal)) == 1
    line(canvas, (0.1, 0.1), (0.9, 0.8))
    assert ((canvas.ink() > 20) & (canvas.ink() < 235)).any()


def test_a_click_makes_a_dot(canvas):
    line(canvas, (0.25, 0.75))
    ink = canvas.ink().astype(float) / 255
    rows, columns = np.nonzero(ink > 0.5)
    assert (rows.mean() / SIDE, columns.mean() / SIDE) == pytest.approx((0.75, 0.25), abs=0.01)
    assert ink.sum() == pytest.approx(np.pi / 4 * (canvas.pen_width * SIDE) ** 2, rel=0.05)


def test_the_line_stays_within_the_polygon_of_the_hand():
    stroke = Stroke(False, [(0.1, 0.1, 0.05), (0.9, 0.1, 0.05), (0.9, 0.9, 0.05)])
    ((path, _),) = stroke_paths(stroke)
    box = path.boundingRect()
    assert box.left() >= 0.1 * SIDE - 1e-6
    assert box.right() <= 0.9 * SIDE + 1e-6
    assert path.currentPosition() == QPointF(0.9 * SIDE, 0.9 * SIDE)


def test_pressure_makes_the_line_narrower(canvas):
    canvas.begin(0.1, 0.3)
    canvas.go_on(0.9, 0.3)
    canvas.lift()
    firm = canvas.ink().astype(float).sum()
    canvas.clear()
    canvas.begin(0.1, 0.3, pressure=0.5)
    canvas.go_on(0.9, 0.3, 0.5)
    canvas.lift()
    assert canvas.ink().astype(float).sum() == pytest.approx(0.5 * firm, rel=0.1)


def test_the_eraser_takes_ink_away_and_undo_gives_it_back(canvas):
    line(canvas, (0.1, 0.5), (0.9, 0.5))
    before = canvas.ink()
    line(canvas, (0.5, 0.1), (0.5, 0.9), erases=True)
    gone = canvas.ink()
    width = ERASER_FACTOR * canvas.pen_width * SIDE
    assert (gone[SIDE // 2] == 0).sum() == pytest.approx(width + 0.2 * SIDE, abs=25)
    canvas.undo()
    assert np.array_equal(canvas.ink(), before)
    canvas.redo()
    assert np.array_equal(canvas.ink(), gone)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(["stroke", "erase", "clear", "photo"]), max_size=6))
def test_undoing_everything_leaves_blank_paper_and_redoing_restores_it(qapp, commands):
    canvas = StrokeCanvas()
    for place, command in enumerate(commands):
        if command == "clear":
            canvas.clear()
        elif command == "photo":
            canvas.set_photo(np.full((5, 9), 100 + place, np.uint8))
        else:
            x = 0.1 + 0.1 * place
            line(canvas, (x, 0.2), (x, 0.8), erases=command == "erase")
    full = canvas.ink()
    undone = 0
    while canvas.can_undo:
        canvas.undo()
        undone += 1
    assert canvas.is_empty
    for _ in range(undone):
        canvas.redo()
    assert np.array_equal(canvas.ink(), full)
    canvas.deleteLater()


def test_a_new_stroke_ends_what_could_be_redone(canvas):
    line(canvas, (0.1, 0.5), (0.9, 0.5))
    canvas.undo()
    line(canvas, (0.5, 0.1), (0.5, 0.9))
    assert not canvas.can_redo


def test_clearing_blank_paper_is_nothing_to_undo(canvas):
    canvas.clear()
    assert not canvas.can_undo


def test_a_photo_fills_the_square_as_far_as_its_proportions_allow(canvas):
    canvas.set_photo(np.full((50, 100), 200, np.uint8))
    ink = canvas.ink()
    assert canvas.holds_photo
    assert ink[SIDE // 2].min() == 200
    assert ink[: SIDE // 5].max() == 0
    canvas.clear()
    assert not canvas.holds_photo


def test_the_mouse_draws_and_the_right_button_erases(canvas, qtbot):
    inked, settled = [], []
    canvas.inked.connect(lambda: inked.append(1))
    canvas.settled.connect(lambda: settled.append(1))
    area = canvas.square()
    middle = area.center().y()
    send(canvas, QEvent.Type.MouseButtonPress, area.left() + 20, middle)
    for x in range(40, 180, 20):
        send(canvas, QEvent.Type.MouseMove, area.left() + x, middle)
    send(canvas, QEvent.Type.MouseButtonRelease, area.right() - 20, middle)
    assert len(inked) == 8
    assert len(settled) == 1
    assert canvas.ink()[SIDE // 2, SIDE // 2] == 255
    send(canvas, QEvent.Type.MouseButtonPress, 100, middle, Qt.MouseButton.RightButton)
    send(canvas, QEvent.Type.MouseButtonRelease, 100, middle, Qt.MouseButton.RightButton)
    assert canvas.ink()[SIDE // 2, SIDE // 2] == 0


def test_a_tablet_draws_with_pressure_and_its_other_end_erases(canvas):
    area = canvas.square()

    def device(end):
        kinds = QInputDevice
        return QPointingDevice(
            "pen", 1, kinds.DeviceType.Stylus, end, kinds.Capability.Pressure, 1, 1
        )

    def touch(kind, x, pen, pressure):
        at = QPointF(area.left() + x * area.width(), area.center().y())
        button = Qt.MouseButton.LeftButton
        event = QTabletEvent(
            kind, pen, at, canvas.mapToGlobal(at), pressure, 0, 0, 0, 0, 0, Qt.NoModifier,
            button, button,
        )  # fmt: skip
        canvas.tabletEvent(event)
        assert event.isAccepted()

    kinds, ends = QEvent.Type, QPointingDevice.PointerType
    pen, rubber = device(ends.Pen), device(ends.Eraser)
    touch(kinds.TabletPress, 0.1, pen, 0.5)
    touch(kinds.TabletMove, 0.9, pen, 0.5)
    touch(kinds.TabletRelease, 0.9, pen, 0.0)
    column = canvas.ink()[:, SIDE // 2].astype(float) / 255
    assert column.sum() == pytest.approx(0.5 * canvas.pen_width * SIDE, abs=1.0)
    touch(kinds.TabletPress, 0.5, rubber, 1.0)
    touch(kinds.TabletRelease, 0.5, rubber, 0.0)
    assert canvas.ink()[SIDE // 2, SIDE // 2] == 0


def test_what_is_dropped_on_the_paper_is_offered(canvas):
    offered = []
    canvas.offered.connect(offered.append)
    picture, words = QMimeData(), QMimeData()
    picture.setImageData(QImage(4, 4, QImage.Format.Format_RGB32))
    words.setText("no picture")
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.NoModifier
    for mime, taken in ((words, False), (picture, True)):
        entering = QDragEnterEvent(QPoint(50, 50), copy, mime, left, none)
        entering.ignore()
        canvas.dragEnterEvent(entering)
        assert entering.isAccepted() is taken
    canvas.dropEvent(QDropEvent(QPointF(50, 50), copy, picture, left, none))
    assert offered == [picture]


def test_a_drawing_survives_a_resize(canvas):
    line(canvas, (0.1, 0.5), (0.9, 0.5))
    before = canvas.ink()
    canvas.resize(400, 300)
    assert np.array_equal(canvas.ink(), before)


def test_keys_undo_redo_and_clear_on_the_paper(canvas):
    line(canvas, (0.1, 0.5), (0.9, 0.5))
    control = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(canvas, Qt.Key.Key_Z, control)
    assert canvas.is_empty
    QTest.keyClick(canvas, Qt.Key.Key_Z, control | Qt.KeyboardModifier.ShiftModifier)
    assert not canvas.is_empty
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert canvas.is_empty


def test_the_window_does_not_get_the_undo_keys_of_the_paper(canvas):
    control = Qt.KeyboardModifier.ControlModifier
    for key, taken in ((Qt.Key.Key_Z, True), (Qt.Key.Key_S, False)):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, control)
        event.ignore()
        canvas.event(event)
        assert event.isAccepted() is taken


def test_tools_follow_the_paper_and_act_on_it(canvas, qtbot):
    tools = DrawingTools(canvas)
    qtbot.addWidget(tools)
    assert not tools.undo.isEnabled()
    line(canvas, (0.1, 0.5), (0.9, 0.5))
    assert tools.undo.isEnabled()
    tools.undo.click()
    assert canvas.is_empty
    assert tools.redo.isEnabled()
    tools.eraser.click()
    assert canvas.erasing
    tools.pen.click()
    assert not canvas.erasing
    narrow = canvas.pen_width
    tools.width_slider.setValue(tools.width_slider.maximum())
    assert canvas.pen_width > narrow


@pytest.mark.parametrize(
    ("probability", "text"),
    [
        (0.972, "97.2 %"),
        (1.0, "100.0 %"),
        (0.99999, "> 99.9 %"),
        (0.0004, "0.04 %"),
        (0.00001, "< 0.01 %"),
        (0.0, "0.0 %"),
        (float("nan"), "–"),
    ],
)
def test_percent(probability, text):
    assert percent(probability).replace("\N{NO-BREAK SPACE}", " ") == text


def test_of_many_classes_the_likeliest_ten_have_bars_in_their_order():
    values = np.arange(40.0)[::-1] / 1000
    values[35] = 0.9
    assert rows_shown(values) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 35]
    assert rows_shown(values[:4]) == [0, 1, 2, 3]


def test_bars_say_what_wins_and_give_the_clicked_class(qtbot, themed):
    bars = ProbabilityBars()
    qtbot.addWidget(bars)
    bars.resize(240, 220)
    values = np.full(10, 0.01)
    values[7] = 0.91
    bars.set_values(values, before=np.full(10, 0.1))
    assert bars.winner == 7
    assert bars.accessibleDescription() == f"7: {percent(0.91)}"
    assert "before: 0.100000" in bars.words(7)
    chosen = []
    bars.class_chosen.connect(chosen.append)
    place = bars.row_rect(3).center().toPoint()
    QTest.mouseClick(bars, Qt.MouseButton.LeftButton, pos=place)
    assert chosen == []
    bars.set_chosen(None)
    QTest.mouseClick(bars, Qt.MouseButton.LeftButton, pos=place)
    assert chosen == [3]
    bars.set_values(None)
    assert bars.winner is None


def test_pixels_become_grey_or_coloured_pictures():
    grey = picture_of(np.array([[[0.0, 0.5], [1.0, 2.0]]]))
    assert grey.shape == (2, 2, 4)
    assert grey[:, :, 0].tolist() == [[0, 128], [255, 255]]
    assert np.array_equal(grey[:, :, 0], grey[:, :, 2])
    coloured = np.zeros((3, 1, 2))
    coloured[1, 0, 1] = 1.0
    assert picture_of(coloured)[0, 1].tolist() == [0, 255, 0, 255]
    assert value_words(coloured, 0, 1) == "0.00, 1.00, 0.00"


def test_the_pixel_under_the_pointer_is_told(qtbot, themed):
    view = PixelPicture("seen")
    qtbot.addWidget(view)
    view.resize(100, 116)
    view.show()
    assert view.is_empty
    view.set_picture(picture_of(np.zeros((1, 4, 4))), values=lambda row, column: f"{row}/{column}")
    area = view.area()
    at = area.topLeft() + QPointF(area.width() * 0.6, area.height() * 0.1)
    QTest.mouseMove(view, at.toPoint())
    view.mouseMoveEvent(
        QMouseEvent(
            QEvent.Type.MouseMove,
            at,
            view.mapToGlobal(at),
            Qt.MouseButton.NoButton,
            Qt.MouseButton.NoButton,
            Qt.NoModifier,
        )
    )
    assert view.cell == (0, 2)
    view.mouseMoveEvent(
        QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(QPoint(50, 112)),
            view.mapToGlobal(QPointF(50, 112)),
            Qt.MouseButton.NoButton,
            Qt.MouseButton.NoButton,
            Qt.NoModifier,
        )
    )
    assert view.cell is None


class Desk:
    """A channel that only remembers."""

    def __init__(self):
        self.started = []
        self.cancelled = []

    def start_job(self, job, on_progress=None, on_done=None, on_failed=None):
        desk = self

        class Handle:
            def cancel(self):
                desk.cancelled.append(job)

        self.started.append((job, on_done, on_failed))
        return Handle()


def test_of_the_jobs_asked_for_meanwhile_only_the_latest_follows():
    desk, results = Desk(), []
    latest = LatestJob(desk, lambda result, about: results.append((result, about)))
    for about, job in enumerate("abcd"):
        latest.ask(job, about)
    assert [entry[0] for entry in desk.started] == ["a"]
    desk.started[0][1]("A")
    assert [entry[0] for entry in desk.started] == ["a", "d"]
    desk.started[1][1]("D")
    assert results == [("A", 0), ("D", 3)]
    assert not latest.running


def test_after_a_failure_the_next_job_runs_and_cancel_forgets_all():
    desk, sentences = Desk(), []
    latest = LatestJob(desk, lambda *_: None, sentences.append)
    latest.ask("a")
    latest.ask("b")
    desk.started[0][2]("It cannot be done.")
    assert sentences == ["It cannot be done."]
    assert desk.started[-1][0] == "b"
    latest.ask("c")
    latest.cancel()
    assert desk.cancelled == ["b"]
    assert not latest.running
    latest.ask("e")
    latest.ask_instead("f")
    assert desk.cancelled == ["b", "e"]
    assert desk.started[-1][0] == "f"
