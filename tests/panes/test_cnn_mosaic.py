"""Tiles of a mosaic: where they lie, what is under a point, and which colours they have."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from playground.panes.cnn.network_mosaic import Mosaic
from playground.panes.cnn.network_pictures import as_pixels, colour_table, levels_of, table_places
from playground.panes.cnn.network_tiles import Section, grids_for

RNG = np.random.default_rng(3)


def section(tiles=6, parts=4, side=3, **options):
    values = RNG.normal(size=(tiles, parts, side, side)).astype(np.float32)
    return Section(options.pop("key", 0), "a layer", values, **options)


@pytest.fixture
def mosaic(qtbot, themed):
    made = Mosaic()
    qtbot.addWidget(made)
    made.resize(420, 260)
    made.show()
    return made


def test_signed_values_are_centred_on_zero():
    low, high = levels_of(np.array([-0.5, 0.2]), "diverging")
    assert (low, high) == (-0.5, 0.5)
    assert table_places(np.array([-0.5, 0.0, 0.5]), (low, high)).tolist() == [0, 128, 255]


@pytest.mark.parametrize("values", [[], [np.nan, np.inf], [0.0, 0.0]])
def test_levels_are_never_empty(values):
    for scale in ("diverging", "scalar", "grey"):
        low, high = levels_of(np.array(values), scale)
        assert low < high


def test_numbers_that_are_none_have_a_colour():
    places = table_places(np.array([np.nan, np.inf, -np.inf]), (-1.0, 1.0))
    assert places.tolist() == [128, 255, 0]


def test_pixels_are_rounded_and_clipped():
    assert as_pixels(np.array([-1.0, 0.5, 2.0], dtype=np.float32)).tolist() == [0, 128, 255]


@pytest.mark.parametrize("width", [130, 240, 700])
def test_tiles_neither_overlap_nor_leave_the_room(width):
    sections = [section(aside=True, tiles=1), section(7, 1, 5), section(3, 8, 3)]
    grids, height = grids_for(sections, width, 40)
    rects = [
        grid.tile_rect(tile)
        for part, grid in zip(sections, grids, strict=True)
        for tile in range(part.tiles)
    ]
    for place, rect in enumerate(rects):
        assert rect.bottom() <= height
        assert not any(rect.intersects(other) for other in rects[place + 1 :])
    assert max(rect.right() for rect in rects) <= width


def test_every_cell_is_found_under_the_pointer(mosaic):
    mosaic.set_sections([section(5, 6, 3, key=7)])
    canvas = mosaic.canvas
    for tile in range(5):
        rect = canvas.grids[0].tile_rect(tile)
        for part in range(6):
            cells = canvas.grids[0].part_rect(rect, part)
            for row in range(3):
                x = cells.left() + (1 + 0.5) / 3 * cells.width()
                y = cells.top() + (row + 0.5) / 3 * cells.height()
                assert canvas.place_at(x, y) == (0, tile, part, row, 1)


def test_what_is_painted_is_what_is_under_the_pointer(mosaic, themed):
    shown = section(4, 2, 3, scale="diverging", levels=(-2.0, 2.0))
    mosaic.set_sections([shown])
    picture = mosaic.canvas.grab().toImage()
    table = colour_table("diverging", "dark")
    for tile in range(4):
        cells = mosaic.canvas.grids[0].part_rect(mosaic.canvas.grids[0].tile_rect(tile), 1)
        x = cells.left() + 0.5 * cells.width()
        y = cells.top() + 0.5 * cells.height()
        place = table_places(shown.values[tile, 1, 1, 1], (-2.0, 2.0))
        assert picture.pixelColor(int(x), int(y)) == QColor(int(table[place]) & 0xFFFFFF)


def test_colours_follow_the_theme(mosaic, themed):
    shown = section(1, 1, 1, levels=(-1.0, 1.0))
    shown.values[:] = 0.0
    mosaic.set_sections([shown])
    centre = mosaic.canvas.grids[0].tile_rect(0).center().toPoint()
    dark = mosaic.canvas.grab().toImage().pixelColor(centre)
    themed.set_mode("light")
    light = mosaic.canvas.grab().toImage().pixelColor(centre)
    assert dark.lightness() < 80 < 180 < light.lightness()


def test_pictures_have_the_colours_of_their_pixels(mosaic):
    pixels = np.array([[[[250]], [[20]], [[60]]]], dtype=np.uint8)
    mosaic.set_sections([Section(0, "", pixels, None)])
    centre = mosaic.canvas.grids[0].tile_rect(0).center().toPoint()
    assert mosaic.canvas.grab().toImage().pixelColor(centre).getRgb() == (250, 20, 60, 255)


def test_small_and_many_tiles_scroll_and_few_fill_the_room(mosaic):
    mosaic.set_sections([section(2, 1, 3)])
    assert mosaic.verticalScrollBar().maximum() == 0
    assert mosaic.canvas.grids[0].width > 100
    mosaic.set_sections([section(400, 16, 3)])
    assert mosaic.canvas.minimumHeight() > mosaic.height()


def test_rows_of_a_matrix_can_be_chosen(mosaic):
    clicked = []
    mosaic.tile_clicked.connect(lambda *place: clicked.append(place))
    values = RNG.normal(size=(1, 1, 10, 50)).astype(np.float32)
    mosaic.set_sections([Section(4, "output", values, is_matrix=True)])
    row = mosaic.canvas.grids[0].row_rect(mosaic.sections[0], 6)
    place = mosaic.canvas.place_at(row.center().x(), row.center().y())
    assert place.row == 6
    mosaic.set_selected((4, 6))
    mosaic.set_struck(frozenset({(4, 2)}))
    assert not mosaic.canvas.grab().isNull()


def test_arrows_walk_over_the_tiles_of_all_layers(mosaic):
    chosen = []

    def choose(*place):
        chosen.append(place)
        mosaic.set_selected(place)

    mosaic.set_walkable()
    mosaic.tile_clicked.connect(choose)
    mosaic.set_sections([section(2, 1, 3, key=0), section(1, 1, 3, key=4)])
    for key in (Qt.Key.Key_Right,) * 4 + (Qt.Key.Key_Left,):
        QTest.keyClick(mosaic.canvas, key)
    assert chosen == [(0, 0), (0, 1), (4, 0), (0, 0), (4, 0)]


def test_nothing_to_show_is_no_mistake(mosaic):
    mosaic.set_sections(())
    assert mosaic.canvas.place_at(10, 10) is None
    assert not mosaic.grab().isNull()
