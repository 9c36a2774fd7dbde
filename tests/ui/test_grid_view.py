"""Numbers on cells: looked at, and edited by wheel, keys and typing."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent

from playground.ui.grid_editor import GridEditor
from playground.ui.grid_view import GridView, short_number
from playground.ui.theme import theme

KERNEL = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])


@pytest.fixture
def grid(qtbot):
    made = GridEditor("Kernel")
    qtbot.addWidget(made)
    made.resize(150, 150)
    made.set_values(KERNEL)
    made.show()
    made.found = []
    made.cell_edited.connect(lambda *edit: made.found.append(edit))
    return made


def wheel(grid, cell, turn=120, modifiers=Qt.KeyboardModifier.NoModifier):
    place = grid.cell_rect(*cell).center()
    grid.wheelEvent(
        QWheelEvent(
            place,
            place,
            QPoint(),
            QPoint(0, turn),
            Qt.MouseButton.NoButton,
            modifiers,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
    )


def test_cells_are_found_where_they_are(grid):
    assert grid.cell_at(grid.cell_rect(2, 1).center()) == (2, 1)
    assert grid.cell_at(QPointF(-1.0, 5.0)) is None


def test_the_wheel_changes_the_cell_under_the_pointer_without_dust(grid):
    for _ in range(3):
        wheel(grid, (0, 1))
    assert [edit[2] for edit in grid.found] == [0.1, 0.2, 0.3]
    wheel(grid, (0, 1), -120, Qt.KeyboardModifier.ShiftModifier)
    assert grid.found[-1] == (0, 1, -0.7)
    assert KERNEL[0, 1] == 0.0


def test_typing_gives_a_number_and_arrows_move(qtbot, grid):
    grid.clicked.emit(0, 0)
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert grid.selected == (0, 1)
    qtbot.keyClicks(grid, "7")
    assert grid.editor.text() == "7"
    qtbot.keyClicks(grid.editor, ".5")
    qtbot.keyClick(grid.editor, Qt.Key.Key_Return)
    assert grid.found == [(0, 1, 7.5)]
    assert grid.editor is None
    qtbot.keyClick(grid, Qt.Key.Key_Delete)
    assert grid.found[-1] == (0, 1, 0.0)


@pytest.mark.parametrize("text", ["nan", "inf", "one", "1e9"])
def test_what_is_no_number_stays_in_its_field_with_a_sentence(qtbot, grid, text):
    problems = []
    grid.rejected.connect(problems.append)
    qtbot.keyClick(grid, Qt.Key.Key_F2)
    grid.editor.clear()
    qtbot.keyClicks(grid.editor, text)
    qtbot.keyClick(grid.editor, Qt.Key.Key_Return)
    assert problems[-1].endswith(".")
    assert grid.editor.text() == text
    assert grid.found == []
    np.testing.assert_array_equal(grid.values, KERNEL)
    qtbot.keyClick(grid.editor, Qt.Key.Key_Escape)
    assert problems[-1] == ""
    assert grid.editor is None


def test_keys_step_and_jump(qtbot, grid):
    qtbot.keyClick(grid, Qt.Key.Key_End)
    assert grid.selected == (2, 2)
    qtbot.keyClick(grid, Qt.Key.Key_PageUp)
    assert grid.found == [(2, 2, 1.1)]
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    assert grid.selected == (2, 2)


def test_a_cell_cannot_be_turned_beyond_the_limit(qtbot):
    grid = GridEditor("Kernel", limit=1.0)
    qtbot.addWidget(grid)
    grid.resize(100, 100)
    grid.set_values(np.ones((1, 1)))
    problems = []
    grid.rejected.connect(problems.append)
    wheel(grid, (0, 0))
    assert "from −1 to 1" in problems[-1]
    assert grid.values[0, 0] == 1.0


def test_another_shape_drops_the_editor_and_the_choice(qtbot, grid):
    qtbot.keyClick(grid, Qt.Key.Key_End)
    qtbot.keyClick(grid, Qt.Key.Key_F2)
    grid.set_values(np.zeros((1, 2)))
    assert grid.editor is None
    assert grid.selected is None


def test_showing_values_says_nothing(grid):
    grid.set_values(np.zeros((5, 5)))
    assert grid.found == []


def test_a_flip_turns_the_grid_unless_motion_is_reduced(grid):
    manager = theme()
    before = manager.reduced_motion
    try:
        manager.set_reduced_motion(True)
        grid.turn_around()
        assert grid.turn == 0.0
        manager.set_reduced_motion(False)
        grid.turn_around()
        grid._turning.setCurrentTime(1)
        assert grid.turn > 0.0
        grid._turning.setCurrentTime(10_000)
        assert grid.turn == 0.0
    finally:
        manager.set_reduced_motion(before)


def test_signs_have_their_own_colours(qtbot):
    view = GridView("values")
    qtbot.addWidget(view)
    view.set_values(np.array([[-3.0, 0.0, 3.0]]))
    low, zero, high = (view._colour(value) for value in (-3.0, 0.0, 3.0))
    assert low.red() > low.blue()
    assert high.blue() > high.red()
    assert max(zero.getRgb()[:3]) - min(zero.getRgb()[:3]) < 25


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-2.0, "−2"),
        (0.125, "0.125"),
        (1 / 9, "0.111"),
        (-0.5, "−0.5"),
        (12.345, "12.3"),
    ],
)
def test_numbers_of_narrow_cells_are_short(value, text):
    assert short_number(value) == text
