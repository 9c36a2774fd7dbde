from __future__ import annotations

import gc
import sys
import weakref

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from playground.ui.plots import Bounds, NowLine, PathTrail, Plot, ScalarImage
from playground.ui.theme import DARK, LIGHT

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


def drawn(item):
    """Return what a graphics item draws, as lists."""
    x, y = item.getData()
    return ([], []) if x is None else (list(x), list(y))


def pixel_of(plot, x, y):
    return plot.view.mapFromScene(plot.box.mapViewToScene(QPointF(x, y)))


def colours_at(widget, points):
    image = widget.grab().toImage()
    return [image.pixelColor(x, y).name() for x, y in points]


# What a curve draws.


def test_now_parts_a_curve_into_solid_and_faint(plot):
    curve = plot.add_curve("loss", "lane:0")
    curve.set_data([0, 1, 2, 3, 4], [5, 4, 3, 2, 1], now=2)
    assert drawn(curve.past) == ([0, 1, 2], [5, 4, 3])
    assert drawn(curve.future) == ([2, 3, 4], [3, 2, 1])
    curve.set_now(None)
    assert drawn(curve.past) == ([0, 1, 2, 3, 4], [5, 4, 3, 2, 1])
    assert drawn(curve.future) == ([], [])


def test_values_that_are_not_finite_break_the_line(plot):
    curve = plot.add_curve("loss")
    curve.set_data(np.arange(5), [1.0, np.inf, 3.0, np.nan, 5.0])
    assert curve.past.opts["connect"] == "finite"
    assert curve.bounds == Bounds(0, 4, 1, 5)
    curve.set_data(np.arange(3), [1, 2, 3])
    assert curve.past.opts["connect"] == "all"
    assert curve.past.opts["skipFiniteCheck"] is True


@pytest.mark.parametrize("y", [[], [np.nan, np.nan], [np.inf]])
def test_series_without_a_line_draw_nothing_and_fail_nowhere(plot, y):
    curve = plot.add_curve("loss")
    curve.set_data(np.arange(3), [1, 2, 3])
    curve.set_data(np.arange(len(y)), y)
    assert drawn(curve.past) == ([], [])
    plot.grab()


def test_long_curves_are_thinned_to_the_pixels_and_keep_spikes(plot):
    y = np.zeros(200_000)
    y[123_456] = 7.0
    curve = plot.add_curve("loss")
    curve.set_data(np.arange(200_000), y)
    shown_x, shown_y = curve.past.getData()
    assert len(shown_x) <= 2 * plot.box.width() + 2
    assert shown_y.max() == 7.0
    assert len(curve.data[0]) == 200_000


def test_zooming_in_brings_the_details_back(plot):
    x = np.arange(200_000)
    curve = plot.add_curve("loss")
    curve.set_data(x, np.sin(x))
    plot.set_range(Bounds(1000, 1050, -1, 1))
    shown_x, _ = curve.past.getData()
    assert list(shown_x) == list(range(999, 1052))


def test_pens_are_not_made_while_playing(plot):
    curve = plot.add_curve("loss")
    curve.set_data(np.arange(50), np.arange(50))
    first = curve.past.opts["pen"]
    for _ in range(5):
        curve.set_data(np.arange(60), np.arange(60), now=30)
    assert curve.past.opts["pen"] is first


def test_hidden_curves_do_not_count_for_the_range(plot):
    low, high = plot.add_curve("a"), plot.add_curve("b")
    low.set_data([0, 1], [0, 1])
    high.set_data([0, 1], [0, 1000])
    high.set_visible(False)
    plot.fit()
    assert plot.range.y1 < 2


# Ranges.


def test_first_data_is_fitted_and_then_held(plot):
    curve = plot.add_curve("loss")
    curve.set_data([0, 1, 2, 3], [0, 5, 2, 10])
    first = plot.range
    assert first.x0 < 0
    assert first.y1 > 10
    curve.set_data([0, 1, 2, 3], [1, 5, 2, 9])
    assert plot.range == first
    curve.set_data([0, 1, 2, 3, 4], [1, 5, 2, 9, 9])
    grown = plot.range
    assert grown.x1 > 4.5
    assert grown.y1 == pytest.approx(first.y1)


def test_a_hand_on_the_view_ends_the_following_until_fit(plot):
    curve = plot.add_curve("loss")
    curve.set_data([0, 1], [0, 1])
    centre = plot.view.viewport().rect().center()
    before = plot.range
    QTest.wheelEvent(plot.view.windowHandle() or plot.windowHandle(), centre, QPoint(0, 120))
    assert plot.range != before
    assert not plot.is_following
    zoomed = plot.range
    curve.set_data([0, 1, 50], [0, 1, 50])
    assert plot.range == zoomed
    QTest.mouseDClick(plot.view.viewport(), LEFT, pos=centre)
    assert plot.is_following
    assert plot.range.x1 > 50


def test_hold_can_be_switched_off(plot):
    curve = plot.add_curve("loss")
    curve.set_data([0, 1], [0, 1])
    before = plot.range
    plot.set_hold(False)
    curve.set_data([0, 100], [0, 100])
    assert plot.range == before


def test_an_emptied_plot_fits_the_next_run(plot):
    curve = plot.add_curve("loss")
    curve.set_data([0, 1000], [0, 1000])
    curve.clear()
    assert plot.data_bounds() is None
    curve.set_data([0, 900], [0, 3])
    assert plot.range.y1 < 4


def test_huge_values_do_not_break_the_view(plot):
    curve = plot.add_curve("loss")
    curve.set_data([0, 1, 2], [1.0, 1e308, -1e308])
    plot.grab()
    assert np.isfinite([plot.range.y0, plot.range.y1]).all()


def test_square_plots_keep_equal_units(themed, qtbot):
    plot = Plot("x₁", "x₂", square=True)
    plot.resize(600, 300)
    qtbot.addWidget(plot)
    plot.show()
    curve = plot.add_curve("line")
    curve.set_data([-1, 1], [-1, 1])
    QApplication.processEvents()
    width, height = plot.pixel_size()
    assert width == pytest.approx(height, rel=1e-6)
    assert plot.range.y0 <= -1
    assert plot.range.y1 >= 1


# Logarithms.


def test_log_axis_shows_powers_and_gaps_for_what_is_not_positive(plot):
    curve = plot.add_curve("loss")
    curve.set_data([0, 1, 2, 3], [100.0, 0.0, -1.0, 0.01])
    plot.set_log(y=True)
    assert plot.log_action.isChecked()
    assert curve.bounds == Bounds(0, 3, -2, 2)
    axis = plot.item.getAxis("left")
    assert axis.tickStrings([-5, -2, 0, 3], 1, 1) == ["1×10⁻⁵", "0.01", "1", "1,000"]
    plot.log_action.trigger()
    assert curve.bounds == Bounds(0, 3, -1, 100)


def test_now_on_a_log_x_axis(plot):
    curve = plot.add_curve("loss")
    curve.set_data([1, 10, 100, 1000], [1, 2, 3, 4], now=10)
    plot.set_log(x=True)
    assert drawn(curve.past)[0] == [0, 1]


def test_ticks_are_written_for_people(plot):
    axis = plot.item.getAxis("left")
    assert axis.tickStrings([-0.5, 0.0, 0.5], 1, 0.5) == ["−0.5", "0.0", "0.5"]
    assert axis.tickStrings([0, 5000, 10_000], 1, 5000) == ["0", "5,000", "10,000"]
    assert axis.tickStrings([2e9], 1, 1e9) == ["2×10⁹"]


def test_axes_carry_name_and_unit(plot):
    assert "errors (%)" in plot.item.getAxis("left").labelString()
    assert "epoch" in plot.item.getAxis("bottom").labelString()
    plot.set_labels("step", "")
    assert not plot.item.getAxis("left").label.isVisible()


# Other things in a plot.


def test_images_map_levels_to_the_colours_of_the_theme(themed, qtbot):
    plot = Plot(surface="bg", grid=False)
    plot.resize(400, 300)
    qtbot.addWidget(plot)
    plot.show()
    image = ScalarImage("diverging", smooth=False)
    plot.add(image)
    image.set_data(np.array([[-1.0, 1.0]]), extent=Bounds(0, 2, 0, 1))
    plot.fit()
    QApplication.processEvents()
    left, right = pixel_of(plot, 0.5, 0.5), pixel_of(plot, 1.5, 0.5)
    points = [(left.x(), left.y()), (right.x(), right.y())]
    assert colours_at(plot, points) == [DARK.class_minus, DARK.class_plus]
    themed.set_mode("light")
    assert colours_at(plot, points) == [LIGHT.class_minus, LIGHT.class_plus]


def test_image_rows_go_upwards_and_tell_their_values(themed, qtbot):
    image = ScalarImage(smooth=False)
    assert image.value_at(0, 0) is None
    image.set_data(np.array([[1.0, 2.0], [3.0, np.nan]]), extent=Bounds(-1, 1, -1, 1))
    assert image.value_at(-0.5, -0.5) == 1.0
    assert image.value_at(0.5, -0.5) == 2.0
    assert image.value_at(-0.5, 0.5) == 3.0
    assert image.value_at(1.5, 0.0) is None
    assert image.bounds == Bounds(-1, 1, -1, 1)


def test_uint8_images_are_indices_already(themed, qtbot):
    image = ScalarImage("scalar")
    image.set_data(np.array([[0, 255]], dtype=np.uint8))
    assert tuple(image.levels) == (0.0, 255.0)


@pytest.mark.parametrize("values", [np.zeros((3, 3)), np.full((2, 2), np.nan)])
def test_flat_and_empty_images_have_levels(themed, qtbot, values):
    image = ScalarImage("diverging")
    image.set_data(values)
    low, high = image.levels
    assert low < high


def test_trail_ends_at_the_newest_place(plot):
    trail = PathTrail("lane:3")
    plot.add(trail)
    angle = np.linspace(0, 9, 5000)
    trail.set_path(angle * np.cos(angle), angle * np.sin(angle))
    head = trail.items[-1].pos()
    assert (head.x(), head.y()) == (angle[-1] * np.cos(angle[-1]), angle[-1] * np.sin(angle[-1]))
    assert len(trail.places[0]) == 5000
    assert plot.range.x1 >= trail.bounds.x1
    for path in ([1.0], [np.nan, np.nan], [1.0, np.nan, 2.0], []):
        trail.set_path(path, path)
        plot.grab()
    assert trail.bounds is None


def test_now_line_stands_where_you_stand(plot):
    line = NowLine()
    plot.add(line)
    line.set_now(40)
    assert line.value() == 40
    line.set_now(None)
    assert not line.isVisible()


def test_removed_things_are_gone(plot):
    curve, trail = plot.add_curve("a"), PathTrail()
    plot.add(trail)
    curve.set_data([0, 1], [0, 1])
    plot.remove(curve)
    plot.remove(trail)
    assert plot.curves == ()
    assert plot.data_bounds() is None
    assert curve.past.scene() is None


def test_legend_lists_the_curves_added_before_and_after(plot):
    plot.add_curve("perceptron")
    plot.show_legend()
    plot.add_curve("Adaline")
    assert [label.text for _, label in plot._legend.items] == ["perceptron", "Adaline"]


# Theme.


def test_theme_reaches_ground_curves_and_axes(plot, themed):
    curve = plot.add_curve("a", "lane:1")
    assert plot.view.backgroundBrush().color().name() == DARK.raised
    themed.set_mode("light")
    assert plot.view.backgroundBrush().color().name() == LIGHT.raised
    curve.set_data([0, 1], [0, 1])
    assert curve.past.opts["pen"].color().name() == LIGHT.lanes[1]
    assert plot.item.getAxis("left").textPen().color().name() == LIGHT.muted
    themed.set_scale(2.0)
    curve.set_data([0, 1], [0, 1])
    assert curve.past.opts["pen"].widthF() == 4.0


def test_pens_are_made_for_the_screen(plot, themed):
    curve = plot.add_curve("a")
    themed.set_device_ratio(2.0)
    curve.set_data([0, 1], [0, 1])
    assert curve.past.opts["pen"].widthF() == 4.0
    themed.set_device_ratio(1.0)


# Life.


def test_plots_die_with_their_last_reference(themed, qtbot):
    plot = Plot("a", "b")
    curve = plot.add_curve("c")
    curve.set_data([0, 1], [0, 1])
    plot.show_legend()
    plot.close()
    dead = weakref.ref(plot)
    plot.deleteLater()
    del plot, curve
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert dead() is None


def test_animation_does_not_lose_references_to_none(plot):
    # PySide6 6.12.0 lost about 150 a frame here, and the interpreter died after some seconds.
    curves = [plot.add_curve(str(i), f"lane:{i}") for i in range(9)]
    x = np.arange(300)
    for curve in curves:
        curve.set_data(x, x)
    plot.view.grab()
    before = sys.getrefcount(None)
    for frame in range(30):
        for curve in curves:
            curve.set_data(x, x + frame)
        plot.view.grab()
    assert sys.getrefcount(None) >= before - 20


def test_a_batch_adjusts_ranges_and_draws_each_curve_once(plot, monkeypatch):
    curves = [plot.add_curve(str(index)) for index in range(3)]
    for curve in curves:
        curve.set_data([0, 1, 2], [0, 1, 2])
    ranges = []
    plot.range_changed.connect(lambda: ranges.append(plot.range))
    drawn = []
    for curve in curves:
        fill = curve.past.setData
        monkeypatch.setattr(
            curve.past, "setData", lambda *a, fill=fill, **k: (drawn.append(a), fill(*a, **k))
        )
    with plot.batch():
        for index, curve in enumerate(curves):
            curve.set_data([0, 1, 2, 300], [0, 1, 2, 50 * index])
        assert drawn == []
        assert ranges == []
    assert len(drawn) == 3
    assert plot.range.x1 >= 300
    assert plot.range.y1 >= 100
    assert [curve.bounds.y1 for curve in curves] == [2, 50, 100]


def test_a_range_that_moves_costs_one_painting(plot, qtbot):
    curve = plot.add_curve("loss")
    curve.set_data(np.arange(10.0), np.arange(10.0))
    plot.show()
    qtbot.waitExposed(plot)
    for _ in range(20):
        QApplication.processEvents()
    painted = []
    plot.view.scene().changed.connect(painted.append)
    curve.set_data(np.arange(1000.0), np.arange(1000.0) % 10)
    qtbot.waitUntil(lambda: len(painted) >= 1)
    for _ in range(5):
        QApplication.processEvents()
    assert len(painted) == 1


def test_a_long_series_of_whole_numbers_is_drawn_and_told_as_numbers(plot):
    curve = plot.add_curve("errors")
    errors = np.arange(5000) % 7
    curve.set_data(np.arange(5000), errors)
    x, y = curve.past.getData()
    assert x.dtype == y.dtype == np.float64
    assert (y.min(), y.max()) == (0.0, 6.0)
    assert curve.bounds == Bounds(0, 4999, 0, 6)
    assert curve.data[1].dtype == np.float64
    plot.set_log(y=True)
    assert curve.bounds.y0 == 0.0
    assert curve.bounds.y1 == pytest.approx(np.log10(6.0))
