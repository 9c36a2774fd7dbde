"""The row of blocks by itself: what is asked for, what is refused, and what is written."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from playground.experiments.cnn_block_spec import (
    ARCHITECTURES,
    activation,
    connected,
    conv,
    course_cnn,
    pool,
)
from playground.experiments.cnn_data_spec import CnnDataSpec
from playground.experiments.cnn_spec import CnnSpec, with_blocks
from playground.panes.cnn.network_block_words import words_for
from playground.panes.cnn.network_blocks import ArchitectureRow

START = CnnSpec(blocks=(conv(4), activation(), pool()))


class Asked:
    """A row whose wishes are granted, as the pane does."""

    def __init__(self, row, spec):
        self.row, self.spec, self.words = row, spec, []
        row.blocks_edited.connect(self.grant)
        row.show_network(spec, spec.shapes())

    def grant(self, blocks, words, gesture):
        self.spec = with_blocks(self.spec, blocks)
        self.words.append((words, gesture))
        self.row.show_network(self.spec, self.spec.shapes())

    @property
    def kinds(self):
        return [block.kind for block in self.spec.blocks]


@pytest.fixture
def asked(qtbot, themed):
    row = ArchitectureRow()
    qtbot.addWidget(row)
    row.resize(900, 120)
    row.show()
    return Asked(row, START)


def test_words_of_blocks_are_those_of_their_shapes():
    spec = CnnSpec(data=CnnDataSpec(kind="mnist"), blocks=course_cnn())
    facts = [entry.facts for entry in words_for(spec, spec.shapes())]
    assert [fact[0] for fact in facts][::3] == ["1×28×28", "8×14×14", "16×7×7"]
    assert [fact[1] for fact in facts if fact[1] != "–"] == ["80", "1,168", "7,850"]
    assert facts[-2][2] == "10×10"


def test_every_block_has_a_tile(asked):
    titles = [tile.words.title for tile in asked.row.tiles]
    assert titles == ["digits", "conv 3×3", "ReLU", "max pool", "output"]
    assert asked.row.tiles[1].words.facts == ("4×8×8", "40", "3×3")
    assert "4 · (1 · 3² + 1) = 40 parameters" in asked.row.tiles[1].toolTip()


def test_a_block_that_does_not_fit_is_named_and_the_network_stays(asked):
    row = asked.row
    row.open_block(0)
    row.editor.form.edited.emit(("padding",), 0, True)
    assert asked.spec.blocks[0].padding == 0
    before = asked.spec
    row.editor.form.edited.emit(("kernel",), 11, True)
    sentence = "Block 1, conv 11×11×4: nothing is left of 8 × 8: the window takes 11 × 11."
    assert row.verdict.text == row.editor.verdict.text == sentence
    assert [tile.is_bad for tile in row.tiles] == [False, True, False, False, False]
    assert asked.spec == before
    assert row.editor.form.spec == before.blocks[0]
    row.remove(1)
    assert row.verdict.text == ""
    assert not any(tile.is_bad for tile in row.tiles)


def test_a_block_that_was_moved_too_far_is_marked(asked):
    asked.row.add("fully connected")
    asked.row.shift(3, 0)
    assert "put it before the fully connected layers" in asked.row.verdict.text
    assert asked.row.tiles[1].is_bad
    assert asked.kinds == ["conv", "activation", "pool", "fully connected"]


def test_no_more_blocks_than_a_network_may_have(asked):
    for _ in range(21):
        asked.row.add("activation")
    assert len(asked.kinds) == 24
    assert not asked.row.add_button.isEnabled()
    asked.row.duplicate(0)
    assert asked.row.verdict.text == "A network may have at most 24 blocks."
    assert len(asked.kinds) == 24


def test_convolutions_are_added_where_there_still_is_an_image(asked):
    asked.row.add("fully connected")
    asked.row._selected = None
    asked.row.add("conv")
    assert asked.kinds == ["conv", "activation", "pool", "conv", "fully connected"]


def test_a_new_block_stands_behind_the_chosen_one(asked):
    asked.row.open_block(0)
    asked.row.add("batch norm")
    assert asked.kinds[:2] == ["conv", "batch norm"]
    assert asked.row.selected == 1


def test_blocks_are_moved_copied_and_removed(asked):
    editor = asked.row.editor
    asked.row.open_block(0)
    editor.tools["right"].click()
    assert asked.kinds == ["activation", "conv", "pool"]
    editor.tools["duplicate"].click()
    assert asked.kinds == ["activation", "conv", "conv", "pool"]
    editor.tools["remove"].click()
    assert asked.kinds.count("conv") == 1
    assert editor.isHidden()


def test_keys_walk_move_and_remove(asked):
    tiles = asked.row.tiles
    tiles[1].setFocus()
    QTest.keyClick(tiles[1], Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert asked.kinds == ["activation", "conv", "pool"]
    QTest.keyClick(tiles[2], Qt.Key.Key_Delete)
    assert asked.kinds == ["activation", "pool"]
    QTest.keyClick(tiles[1], Qt.Key.Key_Return)
    assert not asked.row.editor.isHidden()
    asked.row.editor.hide()
    # Image and output can be looked at, but neither moved nor removed.
    QTest.keyClick(tiles[0], Qt.Key.Key_Delete)
    assert asked.kinds == ["activation", "pool"]


def test_a_dragged_block_goes_where_it_is_dropped(asked):
    row = asked.row
    end = row.tiles[-1].mapToGlobal(QPoint(2, 5))
    row.tiles[1].dragged.emit(end)
    assert not row._insertion.isHidden()
    row.tiles[1].dropped.emit(end)
    assert row._insertion.isHidden()
    assert asked.kinds == ["activation", "pool", "conv"]
    row.tiles[3].dropped.emit(row.tiles[0].mapToGlobal(QPoint(2, 5)))
    assert asked.kinds == ["conv", "activation", "pool"]


def test_a_drag_with_the_mouse_moves_and_a_click_opens(asked):
    tile = asked.row.tiles[1]
    start, far = QPoint(10, 10), tile.mapFromGlobal(asked.row.tiles[3].mapToGlobal(QPoint(2, 5)))
    QTest.mousePress(tile, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(tile, start + QPoint(40, 0))
    QTest.mouseMove(tile, far)
    QTest.mouseRelease(tile, Qt.MouseButton.LeftButton, pos=far)
    assert asked.kinds == ["activation", "conv", "pool"]
    assert asked.row.editor.isHidden()
    QTest.mouseClick(asked.row.tiles[1], Qt.MouseButton.LeftButton)
    assert not asked.row.editor.isHidden()
    asked.row.editor.hide()


def test_values_of_one_drag_have_one_gesture(asked):
    asked.row.open_block(0)
    for filters, finished in ((5, False), (6, True), (7, True)):
        asked.row.editor.form.edited.emit(("channels",), filters, finished)
    gestures = [gesture for _, gesture in asked.words]
    assert gestures[0] == gestures[1] != gestures[2]
    assert asked.spec.blocks[0].channels == 7
    asked.row.editor.hide()


@pytest.mark.parametrize("name", sorted(ARCHITECTURES))
def test_ready_networks_fit_the_digits(asked, name):
    asked.row.take_network(name)
    assert asked.spec.blocks == ARCHITECTURES[name]()
    assert len(asked.row.tiles) == len(asked.spec.blocks) + 2


def test_one_neuron_is_not_several():
    spec = CnnSpec(blocks=(connected(1), activation()))
    assert words_for(spec, spec.shapes())[1].detail == "1 neuron"
