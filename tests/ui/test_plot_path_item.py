from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage

from playground.ui.plots import Bounds, PathTrail, Plot
from playground.ui.plots.path_item import LEAST_ADDED, TAIL, _newest_of_each


@pytest.fixture
def plot(themed, qtbot):
    plot = Plot("x", "y", surface="bg")
    qtbot.addWidget(plot)
    plot.set_axes_visible(False)
    plot.resize(300, 200)
    plot.set_range(Bounds(0, 10, 0, 10))
    plot.set_hold(False)
    return plot


@pytest.fixture
def trail(plot):
    trail = PathTrail("#ff0000")
    plot.add(trail)
    return trail


def inked(picture: QImage) -> int:
    ground = QColor(picture.pixel(1, 1)).red()
    return sum(
        QColor(picture.pixel(u, v)).red() > ground + 20
        for u in range(picture.width())
        for v in range(picture.height())
    )


def test_equal_stretches_are_drawn_once_and_the_newest_stays():
    there, back = [1.0, 2.0, 5.0, 6.0], [5.0, 6.0, 1.0, 2.0]
    other, still = [5.0, 6.0, 7.0, 8.0], [3.0, 3.0, 3.0, 3.0]
    gap = [np.nan, 1.0, 2.0, 2.0]
    rows = _newest_of_each(np.array([there, other, still, gap, back]))
    assert rows.tolist() == [1, 4]


def test_a_path_that_stays_on_one_spot_keeps_one_stretch():
    assert _newest_of_each(np.full((4, 4), 2.0)).tolist() == [3]
    assert _newest_of_each(np.empty((0, 4))).tolist() == []
    assert _newest_of_each(np.full((2, 4), np.nan)).tolist() == []


def test_a_growing_path_looks_as_if_it_were_drawn_at_once(plot, trail):
    turn = np.linspace(0.0, 40.0, 400)
    x, y = 5 + turn / 10 * np.cos(turn), 5 + turn / 10 * np.sin(turn)
    for end in range(40, 400, 7):
        trail.set_path(x[:end], y[:end])
        plot.grab()
    trail.set_path(x, y)
    grown = plot.grab().toImage()
    trail.items[0]._forget()
    trail.set_path(x, y)
    whole = plot.grab().toImage()
    assert inked(grown) == pytest.approx(inked(whole), rel=0.15)


def test_old_rows_stay_in_the_picture_while_the_newest_place_moves(plot, trail):
    x, y = np.linspace(1, 5, 200), np.full(200, 5.0)
    trail.set_path(x, y)
    plot.grab()
    line = trail.items[0]
    picture = line._picture
    trail.set_path(np.append(x, 6.0), np.append(y, 6.0))
    plot.grab()
    trail.set_path(np.append(x, 9.0), np.append(y, 9.0))
    plot.grab()
    assert line._picture is picture
    assert line._in_picture == 199
    fresh = np.linspace(5, 9, TAIL + 2)
    trail.set_path(np.append(x, fresh), np.append(y, np.full(len(fresh), 5.0)))
    plot.grab()
    # Added to the picture that is there.
    assert line._in_picture == 199 + len(fresh)
    assert line._when_drawn == 199
    fresh = np.linspace(5, 9, LEAST_ADDED + 2)
    trail.set_path(np.append(x, fresh), np.append(y, np.full(len(fresh), 5.0)))
    plot.grab()
    assert line._when_drawn == 199 + len(fresh)


def test_what_is_added_to_the_picture_looks_as_if_drawn_at_once(plot, trail):
    x, y = np.linspace(1, 9, 400), np.linspace(1, 2, 400)
    fresh = np.linspace(9, 5, TAIL + 4), np.linspace(2, 9, TAIL + 4)
    trail.set_path(x, y)
    plot.grab()
    trail.set_path(np.append(x, fresh[0]), np.append(y, fresh[1]))
    added = plot.grab().toImage()
    assert trail.items[0]._when_drawn == 399
    spot = plot.box.mapViewToScene(QPointF(7.0, 5.5)).toPoint()
    near = [(spot.x() + dx, spot.y() + dy) for dx in range(-3, 4) for dy in range(-3, 4)]
    assert any(added.pixelColor(*place) == QColor("#ff0000") for place in near)


def test_another_path_and_another_view_make_another_picture(plot, trail):
    line = trail.items[0]
    trail.set_path([1, 9, 1, 9], [1, 1, 9, 9])
    before = plot.grab().toImage()
    trail.set_path([1, 1, 1, 9], [1, 9, 1, 1])
    after = plot.grab().toImage()
    assert after != before
    key = line._picture_key
    plot.set_range(Bounds(0, 20, 0, 20))
    plot.grab()
    assert line._picture_key != key


def test_a_hidden_head_comes_back(plot, trail):
    head = trail.items[1]
    trail.set_path([np.nan], [1.0])
    assert not head.isVisible()
    trail.set_path([3.0], [4.0])
    assert head.isVisible()
    assert (head.pos().x(), head.pos().y()) == (3.0, 4.0)
