from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor

from playground.ui.plots import Plot
from playground.ui.plots.curve_item import bars, bridges


def test_bars_cover_what_is_in_their_column_and_reach_their_neighbours():
    x = np.arange(8.0)
    y = np.array([0.0, 5.0, 1.0, 2.0, 9.0, 8.0, 7.0, 7.0])
    left, low, width, height = bars(x, y, 2.0, 0.0).T
    assert left.tolist() == [0.0, 2.0, 4.0, 6.0]
    # The second column begins where the first has ended: at 5.
    assert low.tolist() == [0.0, 1.0, 2.0, 7.0]
    assert (low + height).tolist() == [5.0, 5.0, 9.0, 8.0]
    assert (left + width >= np.append(left[1:], 8.0)).all()


def test_a_bar_is_at_least_as_high_as_the_line_is_thick():
    found = bars(np.arange(4.0), np.full(4, 3.0), 1.0, 0.5)
    assert found[:, 1].tolist() == [2.75] * 4
    assert found[:, 3].tolist() == [0.5] * 4


@pytest.fixture
def plot(qtbot, themed):
    made = Plot("step", "loss")
    qtbot.addWidget(made)
    made.resize(360, 240)
    made.show()
    return made


def coloured(plot):
    """Return the share of pixels in the curve's colour, per column of the plot."""
    image = plot.grab().toImage()
    wanted = QColor(plot.curves[0].color)
    box = plot.box.sceneBoundingRect().toRect().adjusted(4, 4, -4, -4)
    return np.array(
        [
            np.mean([image.pixelColor(x, y) == wanted for y in range(box.top(), box.bottom(), 3)])
            for x in range(box.left(), box.right(), 5)
        ]
    )


def test_a_tangle_is_a_band_without_holes(plot):
    rng = np.random.default_rng(3)
    plot.add_curve("noise", "#ff0000").set_data(np.arange(9000.0), rng.uniform(0.0, 1.0, 9000))
    plot.fit()
    share = coloured(plot)
    assert np.median(share) > 0.8
    assert (share[3:-3] > 0.5).all()


def test_a_smooth_curve_stays_a_line(plot):
    x = np.linspace(0.0, 6.0, 5000)
    plot.add_curve("sine", "#ff0000").set_data(x, np.sin(x))
    plot.fit()
    assert coloured(plot).max() < 0.3


def test_a_single_sample_is_a_dot(plot):
    curve = plot.add_curve("loss", "#ff0000")
    curve.set_data([1.0], [0.5])
    plot.fit()
    image, box = plot.grab().toImage(), plot.box.sceneBoundingRect()
    middle = box.center().toPoint()
    red = [
        (x, y)
        for x in range(middle.x() - 12, middle.x() + 12)
        for y in range(middle.y() - 12, middle.y() + 12)
        if image.pixelColor(x, y) == QColor("#ff0000")
    ]
    assert 9 <= len(red) <= 80


def test_a_gap_between_samples_is_a_line_and_no_block():
    x = np.concatenate([np.arange(0.0, 50.0), np.arange(400.0, 450.0)])
    y = np.where(np.arange(100) % 2 == 0, 0.0, 1.0)
    found = bars(x, y, 1.0, 0.0)
    assert found[:, 2].max() <= 5.0
    assert not np.any((found[:, 0] + found[:, 2] > 60.0) & (found[:, 0] < 390.0))
    (line,) = bridges(x, y, 1.0)
    assert (line.x1(), line.y1(), line.x2(), line.y2()) == (49.0, 1.0, 400.0, 0.0)
    assert bridges(np.arange(50.0), y[:50], 1.0) == []
