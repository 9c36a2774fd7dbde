"""The plane: geometry, drawing from snapshots made by hand, and what the mouse makes of it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QEnterEvent, QImage, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from playground.core.points import PointSet
from playground.experiments.perceptron_edits import (
    AddPoints,
    MovePoints,
    RelabelPoints,
    RemovePoints,
    SetWeights,
)
from playground.panes.perceptron.plane import PlaneView
from playground.panes.perceptron.plane_bar import Readout, score_arithmetic, score_meaning
from playground.panes.perceptron.plane_geometry import (
    PlaneMap,
    clipped,
    nice_step,
    tick_text,
    ticks,
)
from playground.panes.perceptron.plane_legend import fitting, legend_entries
from playground.panes.perceptron.plane_lines import line_handles
from playground.panes.perceptron.plane_painter import GHOST_FRAMES
from playground.panes.perceptron.plane_points import MANY, PointCloud, draw_points
from tests.panes.perceptron_pictures import blobs, ghosts, learner, snapshot, used

AREA = QRectF(50, 6, 500, 400)
LEFT, RIGHT, MIDDLE = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.RightButton,
    Qt.MouseButton.MiddleButton,
)
SHIFT, PLAIN = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier
number = st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-6)


def make_map(low=(-2.0, -1.0), high=(2.0, 1.0)):
    return PlaneMap.fitting(AREA, np.array(low), np.array(high))


@pytest.fixture
def plane(qtbot, themed):
    view = PlaneView()
    qtbot.addWidget(view)
    view.resize(560, 480)
    view.show()
    view.edits = []
    view.edit_made.connect(lambda edit, gesture: view.edits.append((edit, gesture)))
    view.render_snapshot(snapshot(), 0)
    return view


def mouse(view, kind, at, button=LEFT, modifiers=PLAIN):
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
    point = QPointF(at)
    event = QMouseEvent(kind, point, view.mapToGlobal(point), button, held, modifiers)
    QApplication.sendEvent(view, event)


def click(view, at, button=LEFT, modifiers=PLAIN):
    mouse(view, QEvent.Type.MouseButtonPress, at, button, modifiers)
    mouse(view, QEvent.Type.MouseButtonRelease, at, button, modifiers)


def drag(view, *places, button=LEFT, modifiers=PLAIN):
    mouse(view, QEvent.Type.MouseButtonPress, places[0], button, modifiers)
    for place in places[1:]:
        mouse(view, QEvent.Type.MouseMove, place, button, modifiers)
    mouse(view, QEvent.Type.MouseButtonRelease, places[-1], button, modifiers)


def empty_place(view):
    """A pixel with nothing near it: no point, no line."""
    rng = np.random.default_rng(0)
    area = view.place.area
    while True:
        at = QPointF(
            rng.uniform(area.left() + 10, area.right() - 10),
            rng.uniform(area.top() + 10, area.bottom() - 10),
        )
        view.tools.look(at)
        if view.hovered is None and not view.tools.grip and not view.ids_within(at, 40):
            return at


def spot_of(view, row):
    points = view.snapshot.points
    return view.place.to_px(*points.x[row].tolist())


@given(x=st.floats(-1e9, 1e9), y=st.floats(-1e9, 1e9))
def test_pixels_and_data_are_inverse(x, y):
    place = make_map((-1e9, -1e9), (1e9, 1e9))
    back = place.to_data(*place.to_px(x, y).toTuple())
    assert back == pytest.approx((x, y), abs=1e-3)


def test_axes_are_equal_unless_the_data_is_very_long():
    assert make_map().equal
    long = make_map((0.0, 0.0), (1000.0, 1.0))
    assert not long.equal
    assert long.to_px(1000.0, 1.0).x() < AREA.right()


@given(w1=number, w2=number, beta=number, x=st.floats(-2, 2), y=st.floats(-1, 1))
def test_the_pixel_line_has_the_sign_of_f_and_measures_distances(w1, w2, beta, x, y):
    place = make_map()
    drawn = place.line((w1, w2, beta))
    if w1 == w2 == 0:
        assert drawn is None
        return
    spot = place.to_px(x, y)
    distance = (w1 * x + w2 * y + beta) / math.hypot(w1, w2) / place.per_px_x
    assert drawn.distance(spot.x(), spot.y()) == pytest.approx(distance, rel=1e-6, abs=1e-5)


@pytest.mark.parametrize(
    "line", [(1e300, 1e300, 1.0), (1e-300, 1e-300, 0.0), (0.0, 0.0, 1.0), (math.nan, 1.0, 0.0)]
)
def test_absurd_lines_do_not_overflow(line):
    drawn = make_map().line(line)
    assert drawn is None or math.isfinite(drawn.a + drawn.b + drawn.c)


@given(w1=number, w2=number, beta=st.floats(-3, 3))
def test_the_visible_part_ends_on_the_border(w1, w2, beta):
    drawn = make_map().line((w1, w2, beta)) if (w1, w2) != (0, 0) else None
    ends = clipped(drawn, AREA) if drawn else None
    for end in ends or ():
        assert drawn.distance(end.x(), end.y()) == pytest.approx(0.0, abs=1e-6)
        assert AREA.adjusted(-1e-6, -1e-6, 1e-6, 1e-6).contains(end)
        on_edge = min(
            abs(end.x() - AREA.left()),
            abs(end.x() - AREA.right()),
            abs(end.y() - AREA.top()),
            abs(end.y() - AREA.bottom()),
        )
        assert on_edge < 1e-6


def test_zooming_keeps_what_is_under_the_pointer():
    place = make_map()
    at = (123.0, 234.0)
    assert place.zoomed(3.0, *at).to_data(*at) == pytest.approx(place.to_data(*at))
    assert place.zoomed(1e30, *at) is place


@pytest.mark.parametrize(("span", "step"), [(10.0, 2.0), (7.0, 2.0), (1.0, 0.2), (4e-4, 1e-4)])
def test_steps_are_round(span, step):
    assert nice_step(span, 5) == pytest.approx(step)


def test_ticks_have_just_the_decimals_they_need():
    values, step = ticks(-0.31, 0.3, 7)
    assert [tick_text(value, step) for value in values] == [
        "−0.3",
        "−0.2",
        "−0.1",
        "0.0",
        "0.1",
        "0.2",
        "0.3",
    ]


def test_handles_lie_on_the_line_and_towards_class_plus():
    line = (1.0, 0.9, -0.05)
    handles = line_handles(line, make_map())
    assert handles.line.distance(*handles.base.toTuple()) == pytest.approx(0.0, abs=1e-9)
    assert handles.line.distance(*handles.tip.toTuple()) > 0
    assert handles.foot_in_sight


def test_a_click_adds_class_plus_where_it_was(plane):
    at = empty_place(plane)
    click(plane, at)
    ((edit, _),) = plane.edits
    assert isinstance(edit, AddPoints)
    assert edit.labels == (1,)
    assert edit.xy[0] == pytest.approx(plane.place.to_data(at.x(), at.y()))
    assert len(plane.cloud) == 81, "shown before the run has answered"


@pytest.mark.parametrize(("button", "modifiers"), [(RIGHT, PLAIN), (LEFT, SHIFT)])
def test_right_click_and_shift_add_class_minus(plane, button, modifiers):
    click(plane, empty_place(plane), button, modifiers)
    assert plane.edits[0][0].labels == (-1,)


def test_the_added_point_is_drawn_once_when_the_run_has_answered(plane):
    at = empty_place(plane)
    click(plane, at)
    edit = plane.edits[0][0]
    points = plane.snapshot.points.added(edit.xy, edit.labels)
    plane.render_snapshot(snapshot(points, data_version=2), 0)
    assert len(plane.cloud) == 81
    assert not plane.pending.any


def test_an_edit_that_is_never_confirmed_is_forgotten(plane):
    click(plane, empty_place(plane))
    for version in range(2, 9):
        plane.render_snapshot(snapshot(data_version=version), 0)
    assert len(plane.cloud) == 80


def test_a_drag_moves_one_point_in_one_gesture(plane):
    start = spot_of(plane, 5)
    goal = start + QPointF(40, -25)
    drag(plane, start, start + QPointF(10, -5), start + QPointF(25, -15), goal)
    edits = [edit for edit, _ in plane.edits]
    assert all(isinstance(edit, MovePoints) and edit.ids == (5,) for edit in edits)
    assert len({gesture for _, gesture in plane.edits}) == 1
    assert edits[-1].xy[0] == pytest.approx(plane.place.to_data(goal.x(), goal.y()))


def test_a_dragged_point_stays_inside_the_plane(plane):
    drag(plane, spot_of(plane, 5), QPointF(300, 300), QPointF(5000, -5000))
    x, y = plane.edits[-1][0].xy[0]
    assert x == pytest.approx(plane.place.x1)
    assert y == pytest.approx(plane.place.y1)


@pytest.mark.parametrize("count", [80, MANY + 1])
def test_the_picture_of_the_other_points_is_kept_during_a_drag(plane, count):
    plane.render_snapshot(snapshot(blobs(count), data_version=2), 0)
    plane.fit()
    plane.grab()
    row = int(np.argmin(np.abs(plane.cloud.xy - plane.cloud.xy.mean(axis=0)).sum(axis=1)))
    start = spot_of(plane, row)
    mouse(plane, QEvent.Type.MouseButtonPress, start)
    mouse(plane, QEvent.Type.MouseMove, start + QPointF(20, 0))
    held = plane.hovered
    plane.grab()
    picture, number = plane._painter._points._key, plane.shown.layer_number
    for step in range(2, 6):
        mouse(plane, QEvent.Type.MouseMove, start + QPointF(20 * step, 0))
        moved = plane.snapshot.points.moved([held], [plane.place_of(held)])
        plane.render_snapshot(snapshot(moved, data_version=step + 1), 0)
        plane.grab()
        assert plane.cloud.xy[plane.shown.held_row] == pytest.approx(plane.place_of(held))
    assert plane._painter._points._key == picture
    assert plane.shown.layer_number == number
    mouse(plane, QEvent.Type.MouseButtonRelease, start + QPointF(100, 0))
    plane.grab()
    assert plane.shown.held_row is None
    assert plane.shown.layer_number == number + 1
    assert np.array_equal(plane.shown.layer.xy, plane.cloud.xy)


def test_ghosts_may_be_a_few_frames_old_while_frames_pour_in_and_never_else(plane):
    points = plane.snapshot.points

    def show(first, pouring):
        lines = tuple((w1 + first, w2, beta) for w1, w2, beta in ghosts())
        view = learner(points, ghosts=lines)
        plane.render_snapshot(snapshot(points, (view,)), 0, pouring=pouring)
        plane.grab()
        return plane._painter._ghosts == lines

    assert show(0.0, pouring=True)
    fresh = [show(0.1 * number, pouring=True) for number in range(1, 2 * GHOST_FRAMES + 1)]
    assert fresh.count(True) == 2
    assert show(5.0, pouring=False)


def test_escape_puts_a_dragged_point_back(plane):
    start = spot_of(plane, 5)
    before = plane.place_of(5)
    mouse(plane, QEvent.Type.MouseButtonPress, start)
    mouse(plane, QEvent.Type.MouseMove, start + QPointF(50, 50))
    QTest.keyClick(plane, Qt.Key.Key_Escape)
    assert plane.edits[-1][0].xy[0] == pytest.approx(before)


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Backspace])
def test_delete_removes_the_point_under_the_pointer(plane, key):
    mouse(plane, QEvent.Type.MouseMove, spot_of(plane, 7), Qt.MouseButton.NoButton)
    QTest.keyClick(plane, key)
    assert plane.edits[0][0] == RemovePoints(ids=(7,))
    assert len(plane.cloud) == 79


def test_delete_over_nothing_does_nothing(plane):
    plane.hover_at(empty_place(plane))
    QTest.keyClick(plane, Qt.Key.Key_Delete)
    assert plane.edits == []


def test_a_middle_click_removes(plane):
    click(plane, spot_of(plane, 9), MIDDLE)
    assert plane.edits[0][0] == RemovePoints(ids=(9,))


def test_a_right_click_on_a_point_turns_its_class(plane):
    click(plane, spot_of(plane, 4), RIGHT)
    label = int(plane.snapshot.points.y[4])
    assert plane.edits[0][0] == RelabelPoints(ids=(4,), labels=(-label,))


def test_holding_b_paints_in_one_gesture(plane):
    plane.setFocus()
    at = empty_place(plane)
    QTest.keyPress(plane, Qt.Key.Key_B)
    drag(plane, at, *(at + QPointF(20 * step, 0) for step in range(1, 5)))
    QTest.keyRelease(plane, Qt.Key.Key_B)
    assert len(plane.edits) > 1
    assert all(isinstance(edit, AddPoints) for edit, _ in plane.edits)
    assert len({gesture for _, gesture in plane.edits}) == 1
    assert {label for edit, _ in plane.edits for label in edit.labels} == {1}
    assert plane.tools.tool == "point"


def test_the_brush_with_shift_paints_class_minus(plane):
    plane.tools.set_tool("brush")
    drag(plane, empty_place(plane), QPointF(200, 200), modifiers=SHIFT)
    assert {label for edit, _ in plane.edits for label in edit.labels} == {-1}


def test_the_eraser_removes_every_point_once(plane):
    plane.tools.set_tool("erase")
    row = [QPointF(60 + 12 * step, 240) for step in range(40)]
    drag(plane, *row)
    removed = [identity for edit, _ in plane.edits for identity in edit.ids]
    assert removed
    assert len(removed) == len(set(removed))


def test_dragging_the_base_shifts_the_line_only(plane):
    w1, w2, beta = plane.loud_line()
    base = line_handles((w1, w2, beta), plane.place).base
    drag(plane, base, base + QPointF(8, -8), base + QPointF(20, -20))
    edit = plane.edits[-1][0]
    assert isinstance(edit, SetWeights)
    assert (edit.w1, edit.w2) == (w1, w2)
    assert edit.beta != beta
    x, y = plane.place.to_data(base.x() + 20, base.y() - 20)
    assert edit.w1 * x + edit.w2 * y + edit.beta == pytest.approx(0.0, abs=1e-9)


def test_dragging_the_tip_turns_w_about_the_base(plane):
    line = plane.loud_line()
    handles = line_handles(line, plane.place)
    goal = handles.base + QPointF(0, -90)
    drag(plane, handles.tip, handles.tip + QPointF(-6, -6), goal)
    edit = plane.edits[-1][0]
    pivot = plane.place.to_data(*handles.base.toTuple())
    assert math.hypot(edit.w1, edit.w2) == pytest.approx(math.hypot(*line[:2]))
    assert edit.w1 == pytest.approx(0.0, abs=1e-9)
    assert edit.w2 > 0
    assert edit.w1 * pivot[0] + edit.w2 * pivot[1] + edit.beta == pytest.approx(0.0, abs=1e-9)


def test_a_drag_from_an_empty_place_moves_the_paper(plane):
    at = empty_place(plane)
    before = plane.place.to_data(at.x(), at.y())
    drag(plane, at, at + QPointF(30, 0), at + QPointF(50, 20))
    assert plane.edits == []
    assert plane.place.to_data(at.x() + 50, at.y() + 20) == pytest.approx(before)


def test_the_wheel_zooms_and_fit_goes_back(plane):
    before = plane.place
    at = QPointF(200, 200)
    event = QWheelEvent(
        at,
        plane.mapToGlobal(at),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        PLAIN,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(plane, event)
    assert plane.place.per_px_x < before.per_px_x
    plane.fit()
    assert plane.place.per_px_x == pytest.approx(before.per_px_x)


def test_the_range_holds_still_while_points_move(plane):
    before = plane.place
    points = plane.snapshot.points.moved([3], [30.0, 30.0])
    plane.render_snapshot(snapshot(points, data_version=2), 0)
    assert plane.place is before
    plane.fit_if_left()
    assert plane.place is not before


@pytest.mark.parametrize("mode", ["dark", "light"])
@pytest.mark.parametrize("field", ["tint", "contours", "none"])
def test_everything_paints_in_both_themes(plane, themed, mode, field):
    themed.set_mode(mode)
    points = blobs()
    views = (
        learner(points, ghosts=ghosts(), last=used(points)),
        learner(points, (0.2, 1.0, 0.1), 1, kind="logistic", colour=2, current=(0.3, 1.0, 0.0)),
    )
    plane.options.take({"field": field, "margins": True, "reference": True})
    parts = np.array([0, 0, 0, 1, 2] * 16, dtype=np.int8)
    plane.render_snapshot(snapshot(points, views, parts), 1)
    image = plane.grab().toImage()
    colours = {image.pixelColor(u, v).name() for u in range(60, 540, 7) for v in range(10, 430, 7)}
    assert len(colours) > 20


@pytest.mark.parametrize(
    "points",
    [
        PointSet.empty(),
        PointSet.of([[0.5, 0.5]], [1]),
        PointSet.of([[0.0, 0.0], [0.0, 0.0]], [1, -1]),
        PointSet.of([[1e12, -1e12], [-1e12, 1e12]], [1, 1]),
        PointSet.of([[1e-12, 0.0], [0.0, 1e-12]], [1, -1]),
    ],
    ids=["none", "one", "same place", "huge", "tiny"],
)
@pytest.mark.parametrize("line", [(1.0, 0.9, 0.0), (0.0, 0.0, 0.0), (1e300, -1e300, 1e300)])
def test_odd_data_and_odd_lines_paint(plane, points, line):
    plane.data_replaced()
    plane.options.take({"margins": True, "field": "contours"})
    views = (learner(points, line),) if len(points) else (learner(points, line, cost=math.nan),)
    plane.render_snapshot(snapshot(points, views, data_version=5), 0)
    plane.fit()
    assert not plane.grab().isNull()


def test_a_hundred_thousand_points_are_stamped(themed):
    cloud_points = blobs(20_000)
    cloud = PointCloud(cloud_points.x, cloud_points.y, np.zeros(20_000, dtype=np.int8))
    assert len(cloud) > MANY
    image = QImage(500, 400, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    place = PlaneMap.fitting(QRectF(0, 0, 500, 400), cloud.xy.min(0), cloud.xy.max(0))
    draw_points(image, place, 1.0, cloud)
    for row in (0, 1, 77):
        spot = place.to_px(*cloud.xy[row].tolist())
        assert image.pixelColor(int(spot.x()), int(spot.y())).alpha() == 255


def test_stamped_points_outside_the_picture_are_left_out(themed):
    cloud = PointCloud(
        np.array([[0.0, 0.0]] * 2 + [[9e9, -9e9]] * (MANY + 1)),
        np.ones(MANY + 3, dtype=np.int8),
        np.zeros(MANY + 3, dtype=np.int8),
    )
    image = QImage(100, 100, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    draw_points(image, PlaneMap(QRectF(0, 0, 100, 100), -1, -1, 0.02, 0.02), 1.0, cloud)
    assert image.pixelColor(50, 50).alpha() == 255
    assert image.pixelColor(5, 5).alpha() == 0


def test_points_are_drawn_again_only_when_they_have_changed(plane, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        "playground.panes.perceptron.plane_painter.draw_points", lambda *a, **k: drawn.append(1)
    )
    points = plane.snapshot.points
    for beta in (0.1, 0.2, 0.3):
        plane.render_snapshot(snapshot(points, (learner(points, (1.0, 0.9, beta)),)), 0)
        plane.grab()
    before = len(drawn)
    assert before <= 1
    plane.render_snapshot(snapshot(points.moved([1], [0.0, 0.0]), data_version=2), 0)
    plane.grab()
    assert len(drawn) == before + 1


def test_the_read_out_shows_the_arithmetic(plane, qtbot):
    readout = Readout(plane)
    qtbot.addWidget(readout)
    assert "Click" in readout.text
    plane.hover_at(spot_of(plane, 2))
    x1, _ = plane.place_of(2)
    assert f"f({x1:.3g}" in readout.text.replace("−", "-")
    assert "point 2 is" in readout.text
    assert "from the line" in readout.text


def test_arithmetic_in_words():
    assert score_arithmetic((0.5, -0.25, 0.125), (2.0, -4.0)) == (
        "f(2.00, −4.00) = 0.500·2.00 − 0.250·(−4.00) + 0.125 = 2.12"
    )
    view = learner(blobs(), kind="logistic")
    assert "P(+1) = σ(f) = 0.500" in score_meaning(view, (1.0, 0.0, 0.0), (0.0, 3.0))
    assert "class −1" in score_meaning(view, (1.0, 0.0, 0.0), (-1.0, 3.0))
    assert "2.00 from the line" in score_meaning(view, (3.0, 0.0, 0.0), (2.0, 3.0))


def test_the_legend_never_takes_the_plane_over(themed):
    made = snapshot(blobs())
    entries = legend_entries(made, frozenset({0, 1, 2}), 0, rings=True, reference=True)
    assert fitting(entries, QRectF(0, 0, 700, 600)) == entries
    small = fitting(entries, QRectF(0, 0, 260, 220))
    assert len(small) < len(entries)
    assert fitting(entries, QRectF(0, 0, 60, 40)) == ()


def test_the_pointer_brings_the_keys_unless_somebody_is_typing(plane, qtbot, monkeypatch):
    field = QLineEdit()
    qtbot.addWidget(field)
    taken = []
    monkeypatch.setattr(plane, "setFocus", taken.append)
    enter = QEnterEvent(QPointF(100, 100), QPointF(100, 100), QPointF(100, 100))
    for focus, count in ((field, 0), (None, 1)):
        monkeypatch.setattr(QApplication, "focusWidget", staticmethod(lambda focus=focus: focus))
        plane.enterEvent(enter)
        assert len(taken) == count
