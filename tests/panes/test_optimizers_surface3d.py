"""The view in three dimensions: its geometry everywhere, its picture where there is OpenGL."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt

from playground.engine.frames import Frame, Phase, Transport
from playground.engine.history import History
from playground.experiments.optimizers import OptimizerRaceExperiment
from playground.experiments.optimizers_spec import OptimizerRaceSpec, new_lane
from playground.experiments.optimizers_surface_spec import SurfaceSpec, build_surface
from playground.panes.optimizers.surface3d_shape import (
    HALF,
    HEIGHT,
    LIFT,
    grid_lines,
    segments,
    shape_of,
)


def race_frame(steps=20, kind="himmelblau", run_id=1):
    lanes = (new_lane("sgd", 0), new_lane("adam", 1))
    experiment = OptimizerRaceExperiment(
        OptimizerRaceSpec(surface=SurfaceSpec(kind=kind), lanes=lanes), 7
    )
    experiment.advance(steps)
    history = History(experiment.series)
    history.append(experiment.drain_records())
    transport = Transport(Phase.PAUSED, steps, steps, 30.0)
    snapshot = experiment.snapshot(frozenset())
    return Frame("optimizers", run_id, "optimizers", 7, snapshot, history.view(), transport)


@pytest.mark.parametrize("log", [False, True])
def test_places_lie_just_above_the_landscape(log):
    surface = build_surface(SurfaceSpec(kind="himmelblau"))
    shape = shape_of(surface, log)
    assert shape.heights.min() >= 0.0
    assert shape.heights.max() == pytest.approx(HEIGHT)
    domain = surface.domain
    for i, j in ((0, 0), (20, 70), (140, 3)):
        x = domain.x_min + (shape.x[i] / HALF + 1) / 2 * (domain.x_max - domain.x_min)
        y = domain.y_min + (shape.y[j] / HALF + 1) / 2 * (domain.y_max - domain.y_min)
        place = shape.place([x], [y], [surface.value(x, y)])[0]
        expected = (shape.x[i], shape.y[j], shape.heights[i, j] + LIFT)
        assert place == pytest.approx(expected, abs=1e-9)


def test_a_surface_without_values_somewhere_is_still_a_landscape():
    surface = build_surface(SurfaceSpec(kind="formula", formula="log(x) + y**2"))
    shape = shape_of(surface, False)
    assert np.isnan(shape.shares).any()
    assert np.isfinite(shape.heights).all()


def test_surfaces_of_many_samples_get_a_coarser_grid():
    few = shape_of(build_surface(SurfaceSpec(kind="neuron", count=20)), False)
    many = shape_of(build_surface(SurfaceSpec(kind="neuron", count=2000)), False)
    assert len(few.x) > len(many.x) >= 36


def test_parts_outside_the_box_are_left_out():
    places = np.array([[0, 0, 1], [1, 0, 1], [30, 0, 1], [2, 0, 1], [3, 0, 1], [np.nan, 0, 1]])
    ends = segments(places)
    assert ends[:, 0].tolist() == [0.0, 1.0, 2.0, 3.0]


@given(st.integers(0, 6000), st.integers(60, 900))
def test_long_trails_keep_ends_and_swings_at_bounded_length(count, most):
    t = np.arange(count, dtype=np.float64)
    places = np.column_stack([9.0 * np.cos(t), np.sin(0.3 * t), np.ones(count)])
    ends = segments(places, most)
    assert len(ends) <= 2 * (most + 12)
    if count > 1:
        assert ends[0].tolist() == pytest.approx(places[0].tolist(), abs=1e-5)
        assert ends[-1].tolist() == pytest.approx(places[-1].tolist(), abs=1e-5)
        assert ends[:, 0].min() == pytest.approx(places[:, 0].min(), abs=1e-5)


def test_grid_lines_are_pairs_on_the_landscape():
    shape = shape_of(build_surface(SurfaceSpec(kind="bowl")), False)
    lines = grid_lines(shape, 20)
    assert len(lines) % 2 == 0
    step = np.abs(lines[0::2, :2] - lines[1::2, :2]).sum(axis=1)
    np.testing.assert_allclose(step, shape.x[1] - shape.x[0], rtol=1e-4)


@pytest.fixture
def view(qtbot, themed):
    from playground.panes.optimizers.surface3d import SurfaceView3D

    made = SurfaceView3D()
    qtbot.addWidget(made)
    made.resize(520, 420)
    return made


def test_without_opengl_a_sentence_says_so(view, tmp_path, monkeypatch):
    from playground.panes.optimizers import surface3d

    sentence = "There is no OpenGL here; the map shows the same race."
    monkeypatch.setattr(surface3d, "opengl_problem", lambda: sentence)
    view.show()
    view.render_frame(race_frame())
    assert not view.available
    assert view.empty.isVisible()
    assert view.empty._label.text() == sentence
    assert not view.log_switch.isEnabled()
    view.set_selected(1)
    view.set_log(True)
    with pytest.raises(ValueError, match="no OpenGL here"):
        view.export_png(tmp_path / "surface.png")
    assert view.image() is None


def test_a_driver_that_fails_leaves_a_sentence(view, monkeypatch):
    import sys

    from playground.panes.optimizers import surface3d

    monkeypatch.setattr(surface3d, "opengl_problem", lambda: "")
    # None in its place makes the import of a module fail.
    monkeypatch.setitem(sys.modules, "playground.panes.optimizers.surface3d_scene", None)
    view.show()
    view.render_frame(race_frame())
    assert not view.available
    assert "OpenGL could not be started" in view.problem


def test_the_offscreen_platform_is_known_to_have_none(qapp):
    from playground.panes.optimizers.surface3d_probe import WITHOUT_CONTEXTS, opengl_problem

    offscreen = qapp.platformName() in WITHOUT_CONTEXTS
    assert bool(opengl_problem()) >= offscreen


def test_a_layout_is_restored_and_nonsense_ignored(view):
    view.restore_state({"log": True})
    assert view.save_state() == {"log": True}
    for nonsense in (None, [], {"log": "yes"}, "log"):
        view.restore_state(nonsense)
    assert view.save_state() == {"log": True}


@pytest.mark.xvfb
def test_the_race_is_drawn_and_a_head_can_be_picked(view, qtbot, tmp_path, themed):
    view.show()
    qtbot.waitExposed(view)
    view.set_selected(1)
    view.render_frame(race_frame())
    if not view.available:
        pytest.skip(view.problem)
    scene = view.scene
    picked = []
    view.lane_picked.connect(picked.append)
    head = scene._on_screen(scene._heads[1]).toPoint()
    assert scene.rect().contains(head)
    assert scene.head_at(QPointF(head)) in (0, 1)
    qtbot.mouseClick(scene, Qt.MouseButton.LeftButton, pos=head)
    assert picked
    qtbot.mouseClick(scene, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert len(picked) == 1
    view.export_png(tmp_path / "surface.png")
    dark = view.image().convertToFormat(view.image().Format.Format_RGB32)
    assert len({dark.pixel(x, 200) for x in range(0, dark.width(), 7)}) > 20
    themed.set_mode("light")
    view.render_frame(race_frame(kind="beale", run_id=2))
    light = view.image()
    assert light.pixelColor(2, 2).lightness() > 200 > dark.pixelColor(2, 2).lightness()
    distance = scene.opts["distance"]
    scene.opts["distance"] = 5.0
    scene.look_from_home()
    assert scene.opts["distance"] == pytest.approx(distance)
