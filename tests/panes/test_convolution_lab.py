"""The laboratory on a real engine: pointing, editing, painting, sweeping, opening, saving."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QGuiApplication, QImage, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QMenu, QTabBar

from playground.experiments.convolution_spec import (
    ConvolutionSpec,
    ImageSpec,
    KernelSpec,
    PoolingSpec,
)
from playground.panes.cnn.convolution_exports import numbers_csv, pixel_picture
from playground.panes.cnn.convolution_presets import convolution_presets
from tests.panes.convolution_bench import TINY, build_lab, dark_theme, end, hover, load, reset


@pytest.fixture(scope="module")
def only_lab(qapp):
    with dark_theme(qapp):
        made = build_lab()
        yield made
        end(made)


@pytest.fixture
def lab(only_lab):
    return reset(only_lab)


@pytest.fixture
def own_lab(qtbot, only_lab):
    """Return a laboratory that ends with the test: new combo boxes have windows of their own."""
    # Both would lie in the same place of the screen, and the upper one take the pointer.
    only_lab.pane.hide()
    made = build_lab()
    qtbot.addWidget(made.pane)
    qtbot.addWidget(made.pane.inspector())
    return made


def grid_wheel(grid, row, col, turn=120):
    place = grid.cell_rect(row, col).center()
    none = Qt.KeyboardModifier.NoModifier
    phase = Qt.ScrollPhase.NoScrollPhase
    turned = QPoint(0, turn)
    button = Qt.MouseButton.NoButton
    grid.wheelEvent(QWheelEvent(place, place, QPoint(), turned, button, none, phase, False))


def test_the_first_screen_shows_picture_kernel_result_and_an_example(lab):
    pane = lab.pane
    assert (pane.stage.picture.canvas.rows, pane.stage.result.view.rows) == (10, 8)
    assert "padded 10 × 10" in pane.stage.picture.head.text()
    assert "⌊(8 + 2·1 − 1·(3 − 1) − 1)/1⌋ + 1 = 8" in pane.stage.line.text()
    raw = np.abs(lab.snapshot.result.raw.values[0])
    row, col = np.unravel_index(raw.argmax(), raw.shape)
    assert f"Output [{row}, {col}]" in pane.card.text
    assert pane.verdict(lab.channel.last_frame)[1].startswith("Sobel")
    assert lab.reports == []


def test_pointing_at_an_output_shows_its_window_and_arithmetic(qtbot, lab):
    stage = lab.pane.stage
    hover(qtbot, stage.result.view, 3, 4)
    window = lab.snapshot.window_at(3, 4)
    np.testing.assert_array_equal(lab.pane.card.values.values, window.values[0])
    np.testing.assert_allclose(
        lab.pane.card.products.values, window.values[0] * lab.snapshot.kernels[0]
    )
    assert "Output [3, 4]" in lab.pane.card.text
    (mark,) = stage.picture.canvas.marks
    assert (mark.top, mark.left, mark.rows, mark.columns) == (3, 4, 3, 3)
    total = f"{window.total:.4g}".replace("-", "−")
    assert total in lab.pane.card.text


def test_pointing_at_an_input_lights_the_outputs_that_it_feeds(qtbot, lab):
    stage = lab.pane.stage
    hover(qtbot, stage.picture.canvas, 1, 1)
    assert "[0, 0]" in lab.pane.card.head.text()
    assert "feeds 4 outputs" in lab.pane.card.head.text()
    lit = {(mark.top, mark.left) for mark in stage.result.view.marks}
    assert lit == {(0, 0), (0, 1), (1, 0), (1, 1)}
    hover(qtbot, stage.picture.canvas, 0, 5)
    assert "a zero" in lab.pane.card.head.text()


def test_the_border_tells_which_pixel_it_repeats(qtbot, lab):
    load(lab, border="circular")
    hover(qtbot, lab.pane.stage.picture.canvas, 0, 3)
    assert "shows the picture's [7, 2]" in lab.pane.card.head.text()


def test_the_wheel_on_a_cell_changes_the_result_and_is_undone(lab):
    before = lab.snapshot
    grid_wheel(lab.pane.stage.kernel.grid, 0, 1)
    lab.pump()
    assert lab.snapshot.spec.kernel.values[0][1] == pytest.approx(0.1)
    assert lab.snapshot.spec.kernel.preset == "own"
    assert not np.array_equal(lab.snapshot.result.raw.values, before.result.raw.values)
    lab.channel.undo_stack.undo()
    lab.pump()
    assert lab.snapshot.spec == before.spec


def test_not_a_number_in_a_cell_is_refused_and_changes_nothing(qtbot, lab):
    grid = lab.pane.stage.kernel.grid
    qtbot.keyClick(grid, Qt.Key.Key_F2)
    grid.editor.clear()
    qtbot.keyClicks(grid.editor, "nan")
    qtbot.keyClick(grid.editor, Qt.Key.Key_Return)
    lab.pump()
    assert "not a number" in lab.pane.stage.kernel.problem.text()
    assert lab.snapshot.spec == TINY
    # A hostile value that does not come from the grid is refused by the spec.
    lab.pane.edit(("kernel", "values"), [[float("nan")]])
    lab.pump()
    assert lab.snapshot.spec == TINY
    assert "must be a number" in lab.reports[-1]


def test_convolution_shows_the_kernel_turned_and_edits_the_right_cell(lab):
    lab.pane.stage.kernel.convolve.click()
    lab.pump()
    grid = lab.pane.stage.kernel.grid
    np.testing.assert_array_equal(grid.values, lab.snapshot.laid[0])
    assert "turned by 180°" in lab.pane.stage.kernel.note.text()
    grid.cell_edited.emit(0, 0, 9.0)
    lab.pump()
    assert lab.snapshot.spec.kernel.values[2][2] == 9.0
    assert lab.snapshot.laid[0, 0, 0] == 9.0


@pytest.mark.parametrize(
    ("tool", "expected"),
    [
        ("flip", [[1, 0, -1], [2, 0, -2], [1, 0, -1]]),
        ("rotate", [[1, 2, 1], [0, 0, 0], [-1, -2, -1]]),
        ("transpose", [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
        ("normalise", [[-0.125, 0, 0.125], [-0.25, 0, 0.25], [-0.125, 0, 0.125]]),
    ],
)
def test_tools_change_the_kernel_in_one_step(lab, tool, expected):
    next(spec for spec in lab.pane.pane_actions() if spec.id == f"convolution.kernel_{tool}").run(
        True
    )
    lab.pump()
    np.testing.assert_allclose(lab.snapshot.spec.kernel.array, expected)
    lab.channel.undo_stack.undo()
    lab.pump()
    assert lab.snapshot.spec == TINY


def test_a_kernel_of_zeros_cannot_be_normalised(lab):
    load(lab, kernel=KernelSpec.own(np.zeros((2, 2))))
    lab.pane.stage.kernel.normalise()
    assert "zeros cannot be normalised" in lab.pane.stage.kernel.problem.text()


def test_random_cells_are_others_each_time(lab):
    lab.pane.stage.kernel.tools["random"].click()
    lab.pump()
    first = lab.snapshot.spec.kernel.values
    lab.pane.stage.kernel.tools["random"].click()
    lab.pump()
    assert lab.snapshot.spec.kernel.values != first


def test_the_kernel_travels_as_text(lab):
    lab.pane.stage.kernel.copy()
    load(lab, kernel=KernelSpec.of("box"))
    lab.pane.stage.kernel.paste()
    lab.pump()
    assert lab.snapshot.spec.kernel.array.tolist() == TINY.kernel.array.tolist()
    QGuiApplication.clipboard().setText("1 2\n3")
    lab.pane.stage.kernel.paste()
    assert "all rows of one length" in lab.pane.stage.kernel.problem.text()


def test_an_impossible_combination_says_why_and_loses_nothing(lab):
    load(lab, kernel=KernelSpec.of("box", 11, 11), border="valid")
    assert "Nothing is left" in lab.pane.stage.result.view.sentence
    assert lab.pane.verdict(lab.channel.last_frame)[0] == "warn"
    assert lab.pane.stage.picture.canvas.rows == 8
    lab.pane.edit(("border",), "zeros")
    lab.pump()
    assert lab.pane.stage.result.view.sentence == ""
    assert lab.snapshot.spec.kernel.rows == 11


def test_the_sweep_veils_what_is_still_to_come(lab):
    lab.channel.step(11)
    lab.pump()
    assert lab.pane.stage.result.view._veil_from == 11
    assert "Output [1, 2]" in lab.pane.card.text
    assert "Row 2 of 8" in lab.pane.verdict(lab.channel.last_frame)[1]
    lab.channel.step(200)
    lab.pump()
    assert lab.pane.stage.result.view._veil_from is None
    tone, words = lab.pane.verdict(lab.channel.last_frame)
    assert tone == "ok"
    assert words == "Every output pixel is computed: 8 × 8 = 64 windows."


def test_what_is_painted_becomes_the_picture(qtbot, lab):
    panel = lab.pane.stage.picture
    panel.set_painting(True)
    place = panel.canvas.rect_of(1, 1).center().toPoint()
    qtbot.mousePress(panel.canvas, Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseRelease(panel.canvas, Qt.MouseButton.LeftButton, pos=place)
    lab.pump()
    assert lab.snapshot.spec.image.kind == "own"
    assert lab.snapshot.picture.values[0, 0, 0] == 1.0
    assert lab.snapshot.picture.shape == (8, 8)
    assert not panel.busy
    lab.channel.undo_stack.undo()
    lab.pump()
    assert lab.snapshot.spec == TINY


def test_a_picture_is_opened_from_a_file_and_its_changes_are_said(lab, tmp_path):
    image = QImage(700, 350, QImage.Format.Format_ARGB32)
    image.fill(QColor(255, 0, 0, 128))
    path = tmp_path / "own.png"
    assert image.save(str(path))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    assert lab.pane.accepts_drop(mime)
    assert lab.pane.on_drop(mime)
    lab.pump_until(lambda: lab.snapshot.spec.image.kind == "own")
    assert lab.snapshot.picture.shape == (256, 512)
    words = lab.pane.stage.notice.text()
    for part in ("own.png: 512 × 256", "scaled from 700 × 350", "laid on white", "choose RGB"):
        assert part in words


def test_a_file_that_is_no_picture_is_a_sentence(lab, tmp_path):
    path = tmp_path / "words.png"
    path.write_text("once upon a time", encoding="utf-8")
    lab.pane.opener.open_path(path)
    lab.pump_until(lambda: lab.reports)
    assert "no picture that can be read here" in lab.reports[0]
    assert lab.snapshot.spec == TINY


def test_a_pasted_picture_is_taken_and_nothing_is_a_sentence(lab):
    QGuiApplication.clipboard().clear()
    lab.pane.opener.paste()
    assert "no picture" in lab.reports[-1]
    image = QImage(1, 1, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    QGuiApplication.clipboard().setImage(image)
    lab.pane.opener.paste()
    lab.pump()
    assert lab.snapshot.picture.shape == (1, 1)
    assert lab.pane.stage.result.view.rows == 1


def test_red_green_and_blue_have_kernels_of_their_own(qtbot, lab):
    load(
        lab,
        image=ImageSpec(kind="flower", size=8, colour="rgb"),
        channels="own",
        kernel_green=KernelSpec.of("box"),
        bias=0.5,
    )
    panel = lab.pane.stage.kernel
    assert panel.channel.isVisibleTo(lab.pane)
    panel.channel.edited.emit(1)
    np.testing.assert_allclose(panel.grid.values, 1 / 9)
    panel.grid.cell_edited.emit(0, 0, 5.0)
    lab.pump()
    assert lab.snapshot.spec.kernel_green.values[0][0] == 5.0
    assert lab.snapshot.spec.kernel == TINY.kernel
    hover(qtbot, lab.pane.stage.result.view, 2, 2)
    assert "(R)" in lab.pane.card.text
    assert "(bias)" not in lab.pane.card.text or lab.pane.stage.result.stage != "raw"


def test_stages_of_the_result_are_offered_where_they_differ(own_lab):
    choice = own_lab.pane.stage.result.choice
    assert choice.values == ("raw",)
    load(own_lab, relu=True, pooling=PoolingSpec(kind="max"))
    assert choice.values == ("raw", "activated", "pooled")
    assert own_lab.pane.stage.result.stage == "pooled"
    panel = own_lab.pane.stage.result
    panel.resize(choice.sizeHint().width() + 20, 200)
    assert panel.key.isHidden(), "the names of the stages come first"
    panel.resize(choice.sizeHint().width() + 200, 200)
    assert not panel.key.isHidden()
    assert own_lab.pane.stage.result.view.rows == 4
    assert own_lab.pane.show_view("raw")
    assert own_lab.pane.stage.result.view.rows == 8
    own_lab.pane.switch_relu()
    own_lab.pump()
    assert not own_lab.snapshot.spec.relu


def test_every_set_up_opens_without_a_complaint(own_lab):
    assert len(convolution_presets()) >= 8
    for name, preset in convolution_presets().items():
        assert own_lab.pane.apply_preset(name)
        own_lab.channel.pause()
        own_lab.pump(3)
        assert own_lab.snapshot.spec == preset.spec
        assert preset.view in own_lab.pane.deck.shown()
        tone, words = own_lab.pane.verdict(own_lab.channel.last_frame)
        assert words.endswith(".")
        assert (tone == "warn") == (name == "too-large")
    assert own_lab.reports == []


def test_a_preset_reads_back_from_json():
    for preset in convolution_presets().values():
        assert ConvolutionSpec.model_validate_json(preset.spec.model_dump_json()) == preset.spec


@pytest.mark.parametrize(
    "state", [{}, {"deck": 3, "stage": []}, {"deck": {"front": [1], "sizes": ["a", 2]}}, [], None]
)
def test_any_layout_is_survived(lab, state):
    lab.pane.restore_state(state)
    assert lab.pane.deck.shown()


def test_the_layout_is_remembered(lab):
    lab.pane.show_view("field")
    lab.pane.show_view("activated")
    state = lab.pane.save_state()
    lab.pane.show_view("sizes")
    lab.pane.show_view("pooled")
    lab.pane.restore_state(state)
    assert "field" in lab.pane.deck.shown()
    assert lab.pane.stage.result.wanted == "activated"


@pytest.mark.parametrize(("width", "cards"), [(1010, 2), (580, 1)])
def test_there_are_as_many_cards_as_there_is_room(lab, width, cards):
    lab.pane.resize(width, 480)
    lab.pump()
    assert len(lab.pane.deck.cards) == cards


def test_every_control_has_a_tooltip(lab):
    controls = [
        control
        for kind in (QAbstractButton, QComboBox, QLineEdit)
        for control in lab.pane.findChildren(kind)
        if control.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not isinstance(control.parent(), QTabBar)
    ]
    assert len(controls) > 40
    silent = [(type(c).__name__, c.accessibleName()) for c in controls if not c.toolTip()]
    assert silent == []


def test_commands_have_keys_of_their_own(lab):
    specs = lab.pane.pane_actions()
    keys = [key for spec in specs for key in spec.shortcuts]
    assert len(keys) == len(set(keys))
    assert len({spec.id for spec in specs}) == len(specs)
    next(spec for spec in specs if spec.id == "convolution.turn").run(False)
    lab.pump()
    assert lab.snapshot.spec.operation == "convolution"


def test_exports_are_written(lab, tmp_path):
    exports = lab.pane.exports
    for name, save in (
        ("stage.png", exports.save_stage),
        ("stage.svg", exports.save_stage),
        ("card.png", exports.save_card),
    ):
        save(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 1000
    exports.save_result(tmp_path / "result.png")
    assert QImage(str(tmp_path / "result.png")).size().toTuple() == (8, 8)
    exports.save_kernel(tmp_path / "kernel.csv")
    assert (tmp_path / "kernel.csv").read_text(encoding="utf-8").startswith("-1.0,0.0,1.0\n")
    rows = list(csv.DictReader(io.StringIO(numbers_csv(lab.snapshot.result.raw))))
    assert len(rows) == 64
    assert float(rows[9]["value"]) == lab.snapshot.result.raw.values[0, 1, 1]
    assert pixel_picture(lab.snapshot.picture).startswith(b"\x89PNG")
    menu = QMenu()
    lab.pane.export_menu(menu)
    assert all(action.isEnabled() for action in menu.actions())
    load(lab, kernel=KernelSpec.of("box", 11, 11), border="valid")
    menu = QMenu()
    lab.pane.export_menu(menu)
    assert not all(action.isEnabled() for action in menu.actions())
