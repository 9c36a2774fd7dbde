"""The strip of histograms and its relatives on snapshots made by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF

from playground.experiments.init_snapshot import BINS, Histogram, InitVerdict, Repair
from playground.panes.init.clones import clone_words
from playground.panes.init.depth import DepthView, silent_words
from playground.panes.init.explorer import flat_words
from playground.panes.init.pair_strip import PairStrip
from playground.panes.init.pane import fitting, verdict_texts
from playground.panes.init.strip import StripView
from playground.panes.init.strip_panel import (
    bar_heights,
    percent,
    pooled,
    span_of,
    steps_polygon,
    zone,
)
from tests.panes.init_pictures import clones, explorer, histogram, layer, snapshot

AREA = QRectF(0.0, 0.0, 122.0, 50.0)


def bars(counts, **fields):
    values = {"low": -1.0, "high": 1.0, "counted": int(sum(counts)), "total": int(sum(counts))}
    values |= {"below": 0.0, "above": 0.0, "invalid": 0.0, **fields}
    return Histogram(counts=np.array(counts, dtype=np.int64), **values)


@pytest.fixture
def strip(qtbot, themed):
    view = StripView()
    qtbot.addWidget(view)
    view.resize(620, 620)
    view.show_snapshot(snapshot())
    view.show()
    return view


@pytest.mark.parametrize("log", [False, True])
def test_heights_are_within_the_panel_and_in_the_order_of_the_counts(log):
    counts = histogram(1.0).counts
    heights, curve, cut = bar_heights(histogram(1.0), log)
    assert 0.0 <= heights.min() <= heights.max() <= 1.0
    assert np.array_equal(np.argsort(heights, kind="stable"), np.argsort(counts, kind="stable"))
    assert curve is not None
    assert cut == 0.0


def test_the_zeros_of_relu_are_cut_and_their_share_is_told():
    counts = [10] * BINS
    counts[30] = 5000
    heights, _, cut = bar_heights(bars(counts), log=False)
    assert cut == pytest.approx(5000 / 5600)
    assert heights[30] == 1.0
    assert heights[0] == pytest.approx(1 / 1.3)
    assert bar_heights(bars(counts), log=True)[2] == 0.0


def test_a_single_full_bar_is_not_cut():
    counts = [0] * BINS
    counts[30] = 1000
    heights, _, cut = bar_heights(bars(counts), log=False)
    assert (heights[30], cut) == (1.0, 0.0)


@given(st.lists(st.integers(0, 10**9), min_size=BINS, max_size=BINS), st.booleans())
def test_any_counts_can_be_drawn(counts, log):
    heights, _, cut = bar_heights(bars(counts), log)
    assert np.isfinite(heights).all()
    assert 0.0 <= heights.min() <= heights.max() <= 1.0
    assert 0.0 <= cut <= 1.0


def test_bars_stand_on_the_floor_and_fill_the_width():
    polygon = steps_polygon(np.array([0.0, 0.5, 1.0]), AREA)
    points = [(point.x(), point.y()) for point in polygon]
    assert points[0] == (0.0, 50.0)
    assert points[-1] == (122.0, 50.0)
    assert min(y for _, y in points) == 0.0


def test_thin_panels_pool_bars_without_losing_the_highest():
    heights = np.zeros(BINS)
    heights[17] = 1.0
    few = pooled(heights, 20.0)
    assert len(few) < 20
    assert few.max() == 1.0
    assert pooled(heights, 500.0) is heights


def test_on_a_shared_axis_a_narrow_histogram_stays_visible():
    narrow = histogram(1e-6)
    start, end = span_of(narrow, (-1.0, 1.0), 100.0)
    assert (start + end) / 2 == pytest.approx(0.5, abs=1e-3)
    assert (end - start) * 100.0 >= 2.0
    assert span_of(narrow, None, 100.0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("std", "reference", "where"),
    [
        (1.0, 1.0, 0),
        (0.05, 1.0, -1),
        (14.28, 1.0, 1),
        (0.0, 1.0, -1),
        (math.nan, 1.0, 0),
        (5.0, math.nan, 0),
    ],
)
def test_zones(std, reference, where):
    assert zone(std, reference) == where


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.0004, "<0.1 %"),
        (0.9999, ">99 %"),
        (0.031, "3.1 %"),
        (0.5, "50 %"),
    ],
)
def test_shares_are_zero_or_all_only_where_they_are(share, text):
    assert percent(share) == text


def test_every_panel_tells_its_numbers(strip):
    wide = strip.canvas.column_width()
    seen = set()
    for row, quantity in enumerate(strip.rows):
        for place, shown in enumerate(strip.layers):
            cell = strip.canvas.cell(row, place)
            words = strip.words_at(cell.center().x(), cell.center().y())
            if shown.is_output and quantity in ("a", "da"):
                assert words == ""
                continue
            assert words.startswith("output layer" if shown.is_output else f"layer {shown.name}")
            assert "of 32,768" in words
            seen.add(words)
    assert len(seen) == 6 * 6 - 2
    assert strip.words_at(wide * 99, 100.0) == ""


def test_a_click_chooses_a_layer(strip, qtbot):
    from PySide6.QtCore import QPoint, Qt

    with qtbot.waitSignal(strip.layer_chosen) as signal:
        at = QPoint(round(strip.canvas.column_width() * 2.5), 100)
        qtbot.mouseClick(strip.canvas, Qt.MouseButton.LeftButton, pos=at)
    assert signal.args == [3]


@pytest.mark.parametrize("depth", [1, 5, 30])
def test_any_depth_is_painted_or_scrolled(strip, depth):
    strip.show_snapshot(snapshot(depth=depth))
    assert not strip.grab().isNull()
    assert strip.canvas.minimumWidth() >= 24 * (depth + 1)


def test_rows_are_chosen(strip):
    strip.choice.edited.emit("backward")
    strip.choice.set_value("backward")
    assert strip.rows == ("da", "dz", "dw")
    assert strip.words_at(20.0, 100.0).startswith("layer 1 · ∂C/∂a")


def test_a_strip_without_histograms_is_painted(strip):
    strip.show_snapshot(snapshot(histograms=False, input_histogram=None))
    assert not strip.grab().isNull()
    assert "std" in strip.words_at(20.0, 100.0)


def test_both_set_ups_share_their_axes(qtbot, themed):
    pair = PairStrip()
    qtbot.addWidget(pair)
    a, b = snapshot(decay=0.5), snapshot(decay=1.5)
    pair.show_pair(a, b)
    low, high = pair.axis("a")
    assert high == max(x.histograms["a"].high for s in (a, b) for x in s.layers[:-1])
    assert low == -high
    assert not pair.grab().isNull()


def test_gradients_are_held_against_the_last_hidden_layer():
    measured, predicted = DepthView.depth_curve(snapshot(growth=2.0), "dz")
    assert measured[:5] == pytest.approx([16.0, 8.0, 4.0, 2.0, 1.0])
    assert predicted[4] == 1.0


def test_what_a_logarithmic_axis_cannot_show_is_said():
    dead = snapshot(decay=0.0, growth=1.0)
    assert "a does not vary in layers 1 to 5" in silent_words(dead, ("a", "dz"))
    assert silent_words(snapshot(), ("a", "dz")) == ""
    layers = (*snapshot().layers[:2], layer(3, 5, math.nan), *snapshot().layers[3:])
    assert "no number any more in layer 3" in silent_words(snapshot(layers=layers), ("z",))


def test_clones_and_flat_ends_in_words():
    assert clone_words(clones(), 12)[0] == "bad"
    assert clone_words(clones(alike=False), 12)[0] == "ok"
    tone, words = flat_words(explorer(), "tanh")
    assert tone == "ok"
    assert "× 0.681" in words


def test_a_verdict_leaves_out_the_advice_first():
    long = "signals shrink by 0.5 a layer; gradients shrink by 0.4 a layer. He suits ReLU."
    found = verdict_texts(
        snapshot(verdict=InitVerdict("warn", long, Repair(("weights", "scheme"), "he normal", "")))
    )
    assert found == (
        "S" + long[1:],
        "Signals shrink by 0.5 a layer; gradients shrink by 0.4 a layer.",
        "Signals shrink by 0.5 a layer.",
    )
    assert fitting(found, len, 1000) == found[0]
    assert fitting(found, len, 70) == found[1]
    assert fitting(found, len, 3) == found[2]
