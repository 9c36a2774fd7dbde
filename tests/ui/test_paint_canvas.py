"""Pixels on the screen: where they are, what covers them, and what a stroke leaves."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor

from playground.ui.paint_canvas import PaintCanvas, line_of_cells
from playground.ui.pixel_view import Core, Mark, PixelView


@pytest.fixture
def view(qtbot):
    made = PixelView("picture")
    qtbot.addWidget(made)
    made.resize(100, 80)
    made.show()
    return made


@pytest.fixture
def canvas(qtbot):
    made = PaintCanvas("picture")
    qtbot.addWidget(made)
    made.resize(100, 100)
    made.set_picture(np.zeros((10, 10), np.uint8), core=Core(1, 1, 8, 8))
    made.set_paintable(np.zeros((8, 8, 1), np.uint8))
    made.set_brush(True)
    made.show()
    return made


def colour(widget, row, column):
    centre = widget.rect_of(row, column).center().toPoint()
    return widget.grab().toImage().pixelColor(centre)


def drag(qtbot, canvas, cells, button=Qt.MouseButton.LeftButton):
    places = [canvas.rect_of(*cell).center().toPoint() for cell in cells]
    qtbot.mousePress(canvas, button, pos=places[0])
    for place in places[1:]:
        qtbot.mouseMove(canvas, place)
    qtbot.mouseRelease(canvas, button, pos=places[-1])


def test_pixels_are_squares_of_whole_screen_pixels_in_the_middle(view):
    view.set_picture(np.zeros((7, 9), np.uint8))
    first = view.rect_of(0, 0)
    assert first.width() == first.height() == 11
    assert view.rect_of(0, 0, 7, 9).center().x() == pytest.approx(50, abs=1)
    assert view.cell_at(view.rect_of(3, 4).center()) == (3, 4)
    assert view.cell_at(view.rect_of(0, 0).topLeft()) == (0, 0)


def test_pixels_are_not_smeared(view):
    pixels = np.zeros((4, 4, 3), np.uint8)
    pixels[1, 2] = (250, 10, 20)
    view.set_picture(pixels)
    assert colour(view, 1, 2) == QColor(250, 10, 20)
    assert colour(view, 1, 1) == QColor(0, 0, 0)


def test_a_fine_picture_is_averaged(view):
    stripes = np.zeros((200, 200), np.uint8)
    stripes[:, ::2] = 255
    view.set_picture(stripes)
    seen = view.grab().toImage().pixelColor(50, 40).lightness()
    assert 90 < seen < 165


def test_the_veil_covers_what_comes_later_in_reading_order(view):
    view.set_picture(np.full((4, 4), 255, np.uint8))
    view.set_veil(6)
    assert colour(view, 1, 1).lightness() == 255
    assert colour(view, 1, 2).lightness() < 255
    assert colour(view, 3, 0).lightness() < 255
    view.set_veil(None)
    assert colour(view, 3, 0).lightness() == 255


def test_a_sentence_stands_where_there_is_no_picture(view):
    view.set_sentence("Nothing is left.")
    assert view.sentence == "Nothing is left."
    assert view.rows == 0
    assert view.cell_at(view.rect().center().toPointF()) is None
    view.set_picture(np.zeros((2, 2), np.uint8))
    assert view.sentence == ""


def test_the_pointer_tells_its_pixel(qtbot, view):
    view.set_picture(np.zeros((4, 4), np.uint8))
    found = []
    view.hovered.connect(found.append)
    qtbot.mouseMove(view, view.rect_of(2, 3).center().toPoint())
    qtbot.mouseMove(view, QPoint(1, 1))
    assert found == [(2, 3), None]


def test_marks_are_drawn_even_on_the_finest_pixels(view):
    view.set_picture(np.zeros((300, 300), np.uint8))
    before = view.grab().toImage()
    view.set_marks([Mark(150, 150)])
    assert view.grab().toImage() != before


def test_a_stroke_has_no_gaps_and_leaves_the_border_alone(qtbot, canvas):
    strokes = []
    canvas.painted.connect(lambda pixels, finished: strokes.append((pixels, finished)))
    drag(qtbot, canvas, [(1, 1), (8, 4), (9, 9)])
    pixels, finished = strokes[-1]
    assert finished
    assert not any(done for _, done in strokes[:-1])
    assert pixels.shape == (8, 8, 1)
    rows = np.flatnonzero(pixels[:, :, 0].any(axis=1))
    assert rows.tolist() == list(range(8))


def test_the_other_button_paints_the_opposite(qtbot, canvas):
    canvas.set_paintable(np.full((8, 8, 1), 255, np.uint8))
    strokes = []
    canvas.painted.connect(lambda pixels, _: strokes.append(pixels))
    drag(qtbot, canvas, [(4, 4)], Qt.MouseButton.RightButton)
    assert strokes[-1][3, 3, 0] == 0
    assert (strokes[-1] == 0).sum() == 1


def test_a_wide_brush_is_cut_at_the_edge(qtbot, canvas):
    canvas.set_width(3)
    strokes = []
    canvas.painted.connect(lambda pixels, _: strokes.append(pixels))
    drag(qtbot, canvas, [(1, 1)])
    assert (strokes[-1][:2, :2] == 255).all()
    assert (strokes[-1] == 255).sum() == 4


def test_colours_go_into_their_channels(qtbot, canvas):
    canvas.set_picture(np.zeros((8, 8, 3), np.uint8))
    canvas.set_paintable(np.zeros((8, 8, 3), np.uint8))
    canvas.set_colour(250, 20, 300)
    strokes = []
    canvas.painted.connect(lambda pixels, _: strokes.append(pixels))
    drag(qtbot, canvas, [(2, 2)])
    assert strokes[-1][2, 2].tolist() == [250, 20, 255]


def test_what_is_painted_is_seen_at_once(qtbot, canvas):
    place = canvas.rect_of(5, 5).center().toPoint()
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=place)
    assert canvas.is_painting
    assert canvas._image.pixelColor(5, 5).lightness() == 255
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=place)
    assert not canvas.is_painting


def test_without_the_brush_a_press_is_a_click(qtbot, canvas):
    canvas.set_brush(False)
    found = []
    canvas.clicked.connect(lambda *cell: found.append(cell))
    canvas.painted.connect(lambda *_: found.append("painted"))
    drag(qtbot, canvas, [(2, 3), (4, 4)])
    assert found == [(2, 3)]


@pytest.mark.parametrize("end", [(5, 2), (-3, 7), (0, -6), (0, 0)])
def test_lines_of_cells_join_their_ends(end):
    cells = list(line_of_cells((0, 0), end))
    assert cells[0] == (0, 0)
    assert cells[-1] == end
    steps = np.abs(np.diff(np.array(cells), axis=0))
    assert steps.max(initial=0) <= 1
    assert len(cells) == 1 + max(abs(end[0]), abs(end[1]))
