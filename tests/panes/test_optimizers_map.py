"""The map: contours, colours, trails that only grow, marks, and what the mouse makes of it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPainter
from PySide6.QtWidgets import QApplication

from playground.core.surfaces.surface import Domain
from playground.experiments.optimizers_snapshot import Standing
from playground.experiments.optimizers_surface_spec import (
    SURFACE_LABELS,
    SurfaceSpec,
    build_surface,
)
from playground.panes.optimizers.contours import contour_levels, contour_segments
from playground.panes.optimizers.hover import HoverStrip, readable
from playground.panes.optimizers.map_marks import (
    SHORTEST_PX,
    SLOPE_PX,
    MapOptions,
    arrow_of,
    paint_head,
)
from playground.panes.optimizers.map_place import HeightScale, MapPlace, height_scale
from playground.panes.optimizers.map_view import MapView
from playground.panes.optimizers.trails import (
    MOST_PLACES,
    Shading,
    Trail,
    TrailPicture,
    horizon_of,
    keep_corners,
)
from tests.panes.optimizer_pictures import (
    lane_view,
    race_frame,
    race_history,
    race_snapshot,
    race_spec,
    spiral,
)

PLACE = MapPlace(-2.0, 2.0, -1.0, 1.0, 50.0, 10.0, 400.0, 200.0)
LEFT = Qt.MouseButton.LeftButton
PLAIN, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def race_map(qtbot, themed):
    view = MapView()
    qtbot.addWidget(view)
    view.resize(520, 460)
    view.show()
    view.starts, view.chosen = [], []
    view.start_placed.connect(lambda *told: view.starts.append(told))
    view.lane_chosen.connect(view.chosen.append)
    show(view, race_frame())
    return view


def show(view, frame, selected=0):
    view.render_race(frame, frame.snapshot, selected)
    view.grab()


def mouse(view, kind, x, y, button=LEFT, modifiers=PLAIN):
    target = view.plot.view.viewport()
    at = QPointF(*view.layer.place().pixel(x, y))
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
    event = QMouseEvent(kind, at, target.mapToGlobal(at), button, held, modifiers)
    QApplication.sendEvent(target, event)


def click(view, x, y, modifiers=PLAIN):
    mouse(view, QEvent.Type.MouseButtonPress, x, y, modifiers=modifiers)
    mouse(view, QEvent.Type.MouseButtonRelease, x, y, modifiers=modifiers)


def test_a_contour_of_a_circle_lies_on_the_circle():
    axis = np.linspace(-2.0, 2.0, 81)
    across, up = np.meshgrid(axis, axis)
    segments = contour_segments(axis, axis, np.hypot(across, up), 1.3)
    assert np.hypot(segments[..., 0], segments[..., 1]) == pytest.approx(1.3, abs=2e-3)
    length = np.hypot(*(segments[:, 1] - segments[:, 0]).T).sum()
    assert length == pytest.approx(2.0 * math.pi * 1.3, rel=2e-3)


def test_contours_of_a_saddle_do_not_cross_its_middle_and_spare_what_is_not_finite():
    axis = np.linspace(-1.0, 1.0, 41)
    across, up = np.meshgrid(axis, axis)
    values = across * up
    segments = contour_segments(axis, axis, values, 0.2)
    assert (segments[..., 0] * segments[..., 1]) == pytest.approx(0.2, abs=2e-3)
    values[values > 0.0] = np.nan
    assert not len(contour_segments(axis, axis, values, 0.2))


@given(low=st.floats(-1e6, 1e6), span=st.floats(1e-3, 1e6), zoom=st.floats(0.1, 0.9))
def test_levels_are_between_the_ends_and_zooming_in_removes_none(low, span, zoom):
    levels = contour_levels(low, low + span)
    assert 8 <= len(levels) <= 40
    assert all(low < level < low + span for level in levels)
    closer = contour_levels(low, low + zoom * span)
    for level in levels:
        if level < low + zoom * span * (1 - 1e-9):
            assert any(abs(level - other) <= 1e-6 * span for other in closer)


@pytest.mark.parametrize("ends", [(1.0, 1.0), (math.nan, 1.0), (0.0, math.inf), (2.0, 1.0)])
def test_flat_or_endless_heights_have_no_levels(ends):
    assert contour_levels(*ends) == ()


@given(
    low=st.floats(-1e3, 1e3), span=st.floats(1e-2, 1e6), share=st.floats(0, 1), log=st.booleans()
)
def test_heights_and_shares_are_inverse(low, span, share, log):
    scale = HeightScale(low, low + span, span * 1e-3 if log else 0.0)
    assert scale.share(scale.value(share)) == pytest.approx(share, abs=1e-6)
    ticks = scale.ticks()
    assert 1 <= len(ticks) <= 8
    assert all(low - 1e-6 * span <= tick <= low + span * (1 + 1e-6) for tick in ticks)


@pytest.mark.parametrize("kind", list(SURFACE_LABELS))
@pytest.mark.parametrize("log", [False, True])
def test_every_surface_has_colours_and_its_minimum_the_lowest(kind, log):
    surface = build_surface(SurfaceSpec.model_validate({"kind": kind, "count": 20}))
    scale = height_scale(surface, log)
    assert scale.low < scale.high
    for minimum in surface.minima[:1]:
        assert scale.share(minimum.value) == pytest.approx(0.0, abs=1e-9)


def test_a_flat_surface_and_one_with_a_pole_have_colours_too():
    flat = build_surface(SurfaceSpec(kind="formula", formula="3"))
    assert height_scale(flat, False).share(3.0) == pytest.approx(0.5)
    pole = build_surface(SurfaceSpec(kind="formula", formula="1/(x**2 + y**2)"))
    assert height_scale(pole, False).high < pole.values(np.array([1e-3]), np.array([0.0]))[0]


@given(
    n=st.integers(2, 6000),
    seed=st.integers(0, 5),
    swing=st.sampled_from([0.0, 0.2, 30.0]),
)
def test_thinning_keeps_ends_and_the_full_swing(n, seed, swing):
    rng = np.random.default_rng(seed)
    u = np.linspace(0.0, 300.0, n) + rng.normal(0.0, 0.1, n)
    v = 100.0 + swing * (-1.0) ** np.arange(n) + rng.normal(0.0, 0.1, n)
    kept = keep_corners(u, v)
    assert kept[0] == 0
    assert kept[-1] == n - 1
    assert np.all(np.diff(kept) > 0)
    assert len(kept) <= MOST_PLACES + 12
    for values in (u, v):
        assert values[kept].min() <= values.min() + 0.6
        assert values[kept].max() >= values.max() - 0.6


def test_horizons_move_seldom():
    horizons = {horizon_of(rounds) for rounds in range(20_000)}
    assert len(horizons) < 30
    assert all(horizon_of(rounds) >= rounds for rounds in range(0, 20_000, 37))


def test_a_trail_that_grows_is_not_painted_anew(race_map):
    snapshot = race_snapshot(step=40)
    history = race_history(snapshot, 400)
    race_map.set_option("fade", "none")
    show(race_map, race_frame(snapshot, 400, frontier=40, history=history))
    before = {name: picture.repaints for name, picture in race_map.layer.pictures.items()}
    for step in range(41, 60):
        later = replace(snapshot, step=step)
        show(race_map, race_frame(later, 400, frontier=step, history=history))
    after = {name: picture.repaints for name, picture in race_map.layer.pictures.items()}
    assert after["quiet"] == before["quiet"]
    assert after["loud"] == before["loud"]
    show(race_map, race_frame(replace(snapshot, step=20), 400, frontier=60, history=history))
    assert race_map.layer.pictures["quiet"].repaints == before["quiet"] + 1


def test_a_grown_trail_looks_like_one_painted_at_once(race_map):
    snapshot = race_snapshot(step=60)
    history = race_history(snapshot, 60)
    race_map.set_option("fade", "none")
    for step in range(0, 61, 3):
        show(race_map, race_frame(replace(snapshot, step=step), history=history, frontier=step))
    grown = race_map.layer.pictures["quiet"].pixmap.toImage()
    race_map.layer.pictures["quiet"] = TrailPicture()
    show(race_map, race_frame(snapshot, history=history, frontier=60))
    whole = race_map.layer.pictures["quiet"].pixmap.toImage()
    shape = (whole.height(), whole.bytesPerLine())
    one, other = (np.frombuffer(p.constBits(), np.uint8).reshape(shape) for p in (grown, whole))
    # Only the ends of the pieces may differ by a shade.
    assert np.mean(np.abs(one.astype(int) - other.astype(int)) > 64) < 0.01


def trail_of(x, y=0.0, index=0):
    x = np.asarray(x, dtype=float)
    return Trail(index, index, x, np.full(len(x), y), np.zeros(len(x)))


def test_new_shades_are_prepared_a_trail_a_frame_while_frames_pour_in(qapp):
    place = MapPlace(0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 200.0, 100.0)
    scale = HeightScale(0.0, 1.0, False)
    trails = [trail_of(np.linspace(0, 1, 90), 0.2 * k, k) for k in (1, 2, 3)]
    young, old = Shading("time", scale, 100), Shading("time", scale, 130)
    picture = TrailPicture()
    picture.update("race", trails, place, young, 1.0, pouring=True)
    before = picture.pixmap.toImage()
    for _ in range(2):
        picture.update("race", trails, place, old, 1.0, pouring=True)
        assert picture.pixmap.toImage() == before
    picture.update("race", trails, place, old, 1.0, pouring=True)
    assert picture.repaints == 2
    whole = TrailPicture()
    whole.update("race", trails, place, old, 1.0)
    assert picture.pixmap.toImage() == whole.pixmap.toImage() != before
    picture.update("race", trails, place, young, 1.0)
    assert picture.pixmap.toImage() == before


@pytest.mark.parametrize(("across", "again"), [(1.0, False), (9.0, True)])
def test_only_a_swing_as_narrow_as_its_trail_has_covered_its_ground(qapp, across, again):
    place = MapPlace(0.0, 200.0, 0.0, 100.0, 0.0, 0.0, 200.0, 100.0)
    plain = Shading("none", HeightScale(0.0, 1.0, False), 1)
    rng = np.random.default_rng(1)
    x = 100.0 + rng.uniform(0.0, across, 90)
    y = 50.0 + 9.0 * (np.arange(90) % 2)
    trail = Trail(0, 0, x, y, np.zeros(90))
    picture, seen = TrailPicture(), []
    for n in (30, 60, 90):
        part = replace(trail, x=x[:n], y=y[:n], loss=trail.loss[:n])
        picture.update("race", [part], place, plain, 1.0, pouring=True)
        seen.append(picture.pixmap.toImage())
    assert (seen[1] != seen[2]) == again
    far = replace(trail, x=np.append(x, 150.0), y=np.append(y, 20.0), loss=np.zeros(91))
    picture.update("race", [far], place, plain, 1.0, pouring=True)
    assert picture.pixmap.toImage().pixelColor(149, 80).alpha() > 0


def test_a_lane_that_creeps_leaves_a_trail_all_the_same(qapp):
    place = MapPlace(0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 200.0, 100.0)
    plain = Shading("none", HeightScale(0.0, 1.0, False), 1)
    way = np.linspace(0.1, 0.9, 800)
    picture = TrailPicture()
    for n in range(1, 801):
        picture.update("race", [trail_of(way[:n], 0.5)], place, plain, 1.0, pouring=True)
    whole = TrailPicture()
    whole.update("race", [trail_of(way, 0.5)], place, plain, 1.0)
    inked = [np.count_nonzero(_alpha(p.pixmap) > 64) for p in (picture, whole)]
    assert inked[0] == pytest.approx(inked[1], rel=0.05)
    assert inked[1] > 150


def _alpha(pixmap):
    image = pixmap.toImage()
    pixels = np.frombuffer(image.constBits(), np.uint8)
    return pixels.reshape(image.height(), image.bytesPerLine() // 4, 4)[..., 3]


@pytest.mark.parametrize("fade", ["time", "loss", "none"])
def test_trails_can_be_seen(race_map, fade):
    race_map.set_option("fade", fade)
    empty = race_map.plot.grab().toImage()
    snapshot = race_snapshot(step=200)
    show(race_map, race_frame(snapshot, history=race_history(snapshot, 200), run_id=2))
    assert race_map.plot.grab().toImage() != empty


def test_the_future_and_the_ghost_are_drawn_only_where_there_are(race_map):
    snapshot = race_snapshot(step=30)
    history = race_history(snapshot, 90)
    show(race_map, race_frame(snapshot, 90, history=history))
    assert {trail.index for trail in race_map.layer._future} == {0, 1, 2}
    other = race_history(race_snapshot(race_spec(methods=("sgd", "momentum"))), 10).view()
    show(race_map, race_frame(snapshot, 90, frontier=30, history=history, ghost=other))
    assert not race_map.layer._future
    assert {trail.index for trail in race_map.layer._ghosts} == {0, 1}


def test_a_long_race_of_nine_lanes_is_painted(race_map):
    spec = race_spec(methods=("sgd",) * 9)
    snapshot = race_snapshot(spec, step=20_000)
    history = race_history(snapshot, 20_000, lambda n: spiral(n, turns=4000.0))
    show(race_map, race_frame(snapshot, history=history))
    assert race_map.layer.pictures["quiet"].rows_of(8) == 20_001


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e300, -1e18])
def test_lanes_anywhere_are_survived(race_map, value):
    spec = race_spec()
    gone = lane_view(
        spec, 1, x=value, y=value, loss=value, standing=Standing.DIVERGED, diverged_round=3
    )
    for name in ("gradient", "velocity", "step", "look_ahead"):
        race_map.set_option(name, True)
    show(race_map, race_frame(race_snapshot(spec, (lane_view(spec), gone))), selected=1)
    assert race_map.head_at(0.5, 0.5).index == 0


def test_click_sets_the_common_start_and_shift_that_of_the_lane(race_map):
    click(race_map, -2.0, -1.0)
    (x, y, own, gesture), *_ = race_map.starts
    assert (x, y) == pytest.approx((-2.0, -1.0), abs=0.05)
    assert not own
    click(race_map, -2.0, 1.0, SHIFT)
    assert race_map.starts[-1][2]
    assert race_map.starts[-1][3] != gesture


def test_a_drag_is_one_gesture_and_ends_where_the_mouse_is_let_go(race_map):
    start = race_map.layer.start
    mouse(race_map, QEvent.Type.MouseButtonPress, *start)
    for x in np.linspace(start[0], -3.0, 12):
        mouse(race_map, QEvent.Type.MouseMove, x, 1.0)
    assert race_map.tool.busy
    mouse(race_map, QEvent.Type.MouseButtonRelease, -3.0, 1.0)
    assert not race_map.tool.busy
    assert len({told[3] for told in race_map.starts}) == 1
    assert race_map.starts[-1][:2] == pytest.approx((-3.0, 1.0), abs=0.05)


def test_a_drag_off_the_map_stays_on_the_surface(race_map):
    mouse(race_map, QEvent.Type.MouseButtonPress, 0.0, -3.0)
    mouse(race_map, QEvent.Type.MouseMove, 400.0, -900.0)
    mouse(race_map, QEvent.Type.MouseButtonRelease, 400.0, -900.0)
    x, y, *_ = race_map.starts[-1]
    assert race_map.surface.domain.holds(x, y)


def test_a_click_on_a_head_selects_its_lane(race_map):
    click(race_map, 2.5, 0.5)
    assert race_map.chosen == [2]
    assert not race_map.starts


def test_another_surface_is_framed_and_a_change_of_start_moves_nothing(race_map):
    race_map.zoom(3.0)
    shown = race_map.plot.range
    spec = race_spec(start=(1.0, 1.0), start_surface="beale")
    show(race_map, race_frame(race_snapshot(spec), run_id=2))
    assert race_map.plot.range == shown
    show(race_map, race_frame(race_snapshot(race_spec("camel")), run_id=3))
    domain = build_surface(SurfaceSpec(kind="camel")).domain
    now = race_map.plot.range
    assert now.x0 <= domain.x_min
    assert now.x1 >= domain.x_max
    assert now.y0 <= domain.y_min
    assert now.y1 >= domain.y_max


def test_each_surface_brings_its_own_colours(race_map):
    assert race_map.log
    race_map.set_log(False)
    assert race_map.layer.field.scale.unit == 0.0
    show(race_map, race_frame(race_snapshot(race_spec("saddle")), run_id=2))
    assert not race_map.log
    show(race_map, race_frame(race_snapshot(race_spec("rosenbrock")), run_id=3))
    assert race_map.log
    assert race_map.layer.field.scale.unit > 0.0


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_pictures_can_be_saved(race_map, themed, tmp_path, mode):
    themed.set_mode(mode)
    for name in ("map.png", "map.svg"):
        path = tmp_path / name
        (race_map.plot.export_svg if name.endswith("svg") else race_map.plot.export_png)(path)
        assert path.stat().st_size > 5_000
    assert "polyline" in (tmp_path / "map.svg").read_text(encoding="utf-8")


def test_arrows_point_downhill_and_can_always_be_seen():
    view = lane_view(race_spec(), 1)
    (u0, v0), (u1, v1) = arrow_of("gradient", view, PLACE)
    # Downhill is to the left and down: v grows downwards.
    assert u1 < u0
    assert v1 > v0
    assert math.hypot(u1 - u0, v1 - v0) == pytest.approx(SLOPE_PX)
    (u0, v0), (u1, v1) = arrow_of("step", replace(view, step=(1e-9, 0.0)), PLACE)
    assert math.hypot(u1 - u0, v1 - v0) == pytest.approx(SHORTEST_PX)
    (u0, v0), (u1, v1) = arrow_of("velocity", view, PLACE)
    assert (u1 - u0, v1 - v0) == pytest.approx((-30.0, 40.0))


def test_what_a_lane_has_not_is_not_drawn():
    view = lane_view(race_spec(), 0)
    for name in ("velocity", "look_ahead"):
        assert arrow_of(name, view, PLACE) is None
    assert arrow_of("step", replace(view, step=(0.0, 0.0)), PLACE) is None
    assert arrow_of("gradient", replace(view, gradient=(math.nan, 0.0)), PLACE) is None


@pytest.mark.parametrize("state", [None, 3, {"fade": "loud", "step": "yes"}, {"gradient": True}])
def test_options_take_only_what_they_know(state):
    options = MapOptions()
    options.take(state)
    assert options.fade == "time"
    assert not options.step
    assert options.gradient == (isinstance(state, dict) and state.get("gradient") is True)


def test_the_strip_tells_height_gradient_and_curvature(race_map, qtbot):
    strip = HoverStrip(race_map)
    qtbot.addWidget(strip)
    strip.ready = True
    show(race_map, race_frame(race_snapshot(race_spec("saddle")), run_id=2))
    mouse(race_map, QEvent.Type.MouseMove, 1.0, -0.5)
    assert "f = x² − y² + y⁴/8" in strip.text
    assert "a saddle's signs" in strip.text
    x, y = race_map.probe
    assert f"|∇f| = {math.hypot(2 * x, -2 * y + y**3 / 2):.2f}" in strip.text
    mouse(race_map, QEvent.Type.MouseMove, 0.5, 0.5)
    assert strip.text.startswith("SGD: Still running")
    race_map.tool.leave()
    assert strip.text.startswith("Click or drag")


def test_formulas_are_written_as_in_books():
    assert readable("x**2 - 3*y**12") == "x² − 3·y¹²"


def test_pixels_of_far_places_are_pulled_in():
    u, v = PLACE.to_px(np.array([1e300, -1e300, 0.0]), np.array([0.0, 1e300, 0.0]))
    assert np.all(np.abs(u) < 1e5)
    assert np.all(np.abs(v) < 1e5)
    assert (u[2], v[2]) == (250.0, 110.0)


def test_ground_fits_the_view_again_after_zooming(race_map):
    field, place = race_map.layer.field, race_map.layer.place()
    assert field.covers(place)
    middle = place._replace(x0=-0.1, x1=0.1, y0=-0.1, y1=0.1)
    assert not field.covers(middle)
    field.look(middle)
    assert field.covers(middle)
    assert not field.covers(place)


def test_a_surface_without_values_in_sight_is_empty_not_broken(race_map):
    spec = race_spec("formula")
    surface = replace(
        build_surface(SurfaceSpec(kind="formula", formula="log(x)")),
        domain=Domain(-5.0, -4.0, -5.0, -4.0),
    )
    show(race_map, race_frame(race_snapshot(spec, surface=surface), run_id=2))
    assert race_map.surface is surface


def test_a_stamped_head_looks_like_a_painted_one(themed):
    place = MapPlace(0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 60.0, 60.0)
    view = replace(race_snapshot().lanes[0], x=0.5, y=0.5)
    pictures = []
    for paint in (
        lambda painter: paint_head(painter, view, place, selected=False, ratio=1.0),
        lambda painter: paint_head(painter, view, place, selected=False),
    ):
        image = QImage(60, 60, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint(painter)
        painter.end()
        pictures.append(np.frombuffer(image.constBits(), np.uint8).reshape(60, 60, 4).astype(int))
    stamped, painted = pictures
    assert painted[30, 30, 3] == 255
    assert np.abs(stamped - painted).max() <= 80
    assert np.mean(np.abs(stamped - painted) > 16) < 0.02
