"""The network tab on a real engine: blocks, filters, maps, curves, matrix, mistakes, files."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMenu

from playground.engine.runner import Runner
from playground.experiments.cnn_block_spec import activation, conv, pool
from playground.experiments.cnn_data_spec import CnnDataSpec
from playground.experiments.cnn_snapshot import ImageSet
from playground.experiments.cnn_spec import CnnSpec, CnnTrainingSpec
from playground.experiments.registry import experiment_type
from playground.panes.base import PaneContext, PaneInfo
from playground.panes.cnn import network_data_tools
from playground.panes.cnn.network import NetworkPart
from playground.panes.cnn.network_counts import TEST, TRAINING, most_images
from playground.panes.cnn.network_presets import default_spec, network_presets
from playground.panes.cnn.network_verdict import fitting
from playground.ui.action_table import ACTIONS
from playground.ui.channel import ChannelClient
from playground.ui.form_rows import slider_ends
from tests.panes.conftest import Bench

INFO = PaneInfo(
    id="cnn",
    title="Network",
    rail_label="CNN",
    icon="layers",
    experiment_kind="cnn",
    factory="playground.panes.cnn.network:NetworkPart",
    shortcut="4",
)
TINY = CnnSpec(
    data=CnnDataSpec(training=64, test=40),
    blocks=(conv(4), activation(), pool()),
    training=CnnTrainingSpec(batch_size=16, epochs=20),
)


@pytest.fixture
def tiny(qtbot, themed):
    """Return the tab of 1000 × 660 pixels on a network of four filters, at step 0."""
    runner = Runner(experiment_type)
    channel = ChannelClient("cnn", "cnn", runner.send)
    made = Bench(None, channel, runner)
    channel.problem.connect(lambda sentence, _: made.reports.append(sentence))
    made.pane = NetworkPart(
        PaneContext(INFO, channel, lambda text, _: made.reports.append(text), lambda: None)
    )
    qtbot.addWidget(made.pane)
    qtbot.addWidget(made.pane.inspector())
    channel.frame.connect(made.pane.render_frame)
    channel.beside.connect(made.pane.render_beside)
    made.pane.views_changed.connect(lambda: channel.watch(True, made.pane.views()))
    made.pane.resize(1000, 660)
    made.pane.show()
    channel.watch(True, made.pane.views())
    channel.open(TINY, 7)
    made.pump_until(lambda: bool(made.pane.filters.mosaic.sections))
    made.pump(1)
    return made


def step_to(bench, step):
    bench.channel.step(step - bench.snapshot.step)
    bench.pump_until(lambda: bench.snapshot.step == step)
    bench.pump(1)


def titles(bench):
    return [tile.words.title for tile in bench.pane.row.tiles]


def until_opened(bench, act):
    before = bench.channel.run_id
    act()
    # A folder is read on a thread of its own, which this loop hardly lets come to its turn.
    bench.pump_until(lambda: bench.channel.last_frame.run_id != before, most=200_000)
    bench.pump(1)


def test_the_first_screen_shows_blocks_filters_and_curves(tiny):
    assert titles(tiny) == ["digits", "conv 3×3", "ReLU", "max pool", "output"]
    assert tiny.pane.row.tiles[1].words.facts == ("4×8×8", "40", "3×3")
    shown = tiny.pane.filters.mosaic.sections[0].values
    np.testing.assert_array_equal(shown, tiny.snapshot.filters[0].weights)
    tone, words = tiny.pane.verdict(tiny.channel.last_frame)
    assert tone in ("ok", "warn", "bad", "info")
    assert words
    canvas = tiny.pane.filters.mosaic.canvas
    centre = canvas.grids[0].tile_rect(1).center()
    place = canvas.place_at(centre.x(), centre.y())
    assert (place.tile, place.row, place.column) == (1, 1, 1)
    words = canvas.words(place)
    assert words.startswith("conv 3×3×4, filter 2\nrow 2, column 2: w = ")
    assert len(canvas.sections) == 2
    tiny.pane.filters.layer.set_value(3)
    tiny.pane.filters.layer.edited.emit(3)
    assert [section.key for section in canvas.sections] == [3]


def test_there_are_as_many_cards_as_there_is_room_and_commands_reach_all_views(tiny):
    tiny.pane.complete()
    assert {"filters", "curves", "pad"} == set(tiny.pane.deck.shown())
    for size, cards in (((1000, 660), 3), ((1000, 460), 2), ((570, 450), 1)):
        tiny.pane.resize(*size)
        tiny.pump(1)
        assert len(tiny.pane.deck.cards) == cards
        keys = [view.key for card in tiny.pane.deck.cards for view in card.views]
        assert keys == list(tiny.pane.deck.keys)
        assert not tiny.pane.grab().isNull()
    actions = tiny.pane.pane_actions()
    taken = {key for action in ACTIONS for key in action.shortcuts}
    keys = [key for action in actions for key in action.shortcuts]
    assert len(set(keys)) == len(keys)
    assert not taken & set(keys)
    assert len({action.id for action in actions}) == len(actions)
    for action in actions:
        if action.id.startswith("cnn.view_"):
            action.run(True)
            key = action.id.removeprefix("cnn.view_")
            expected = {"weights": "filters", "gradients": "filters"}.get(key, key)
            assert tiny.pane.deck.shown() == (expected,)
    assert not tiny.pane.show_view("nonsense")


def test_only_what_is_in_front_is_asked_for_and_gradients_are_those_of_the_step(tiny):
    assert tiny.pane.views() == frozenset({"filters"})
    tiny.pane.show_view("gradients")
    assert tiny.pane.views() == frozenset({"filters", "gradients"})
    step_to(tiny, 2)
    tiny.pump_until(lambda: bool(tiny.snapshot.gradients))
    shown = tiny.pane.filters.mosaic.sections[0]
    np.testing.assert_array_equal(shown.values, tiny.snapshot.gradients[0].weights)
    assert "∂C/∂w" in shown.title
    tiny.pane.show_view("features")
    tiny.pane.show_view("confusion")
    assert tiny.pane.views() == frozenset({"features:0", "confusion"})
    tiny.pane.show_view("mistakes")
    assert tiny.pane.views() == frozenset({"features:0", "mistakes"})


def test_a_block_that_fits_starts_a_new_run_and_can_be_undone(tiny):
    until_opened(tiny, lambda: tiny.pane.row.add("pool"))
    assert titles(tiny)[-2:] == ["max pool", "output"]
    assert len(tiny.snapshot.spec.blocks) == 4
    until_opened(tiny, tiny.channel.undo_stack.undo)
    assert tiny.snapshot.spec.blocks == TINY.blocks
    assert len(tiny.pane.row.tiles) == 5
    tiny.pane.row.open_block(0)
    for filters, finished in ((5, False), (6, False), (7, True)):
        tiny.pane.row.editor.form.edited.emit(("channels",), filters, finished)
        tiny.pump(2)
    tiny.pump_until(lambda: tiny.snapshot.spec.blocks[0].channels == 7)
    until_opened(tiny, tiny.channel.undo_stack.undo)
    assert tiny.snapshot.spec.blocks[0].channels == 4
    tiny.pane.row.editor.hide()


def test_filters_follow_the_step_that_is_shown(tiny):
    first = tiny.pane.filters.mosaic.sections[0].values.copy()
    step_to(tiny, 6)
    later = tiny.pane.filters.mosaic.sections[0].values.copy()
    assert np.abs(later - first).max() > 1e-4
    tiny.channel.seek(0)
    tiny.pump_until(lambda: tiny.snapshot.step == 0)
    tiny.pump(1)
    np.testing.assert_array_equal(tiny.pane.filters.mosaic.sections[0].values, first)


def test_titles_that_are_held_change_when_the_words_do_and_at_rest_at_once(tiny):
    mosaic = tiny.pane.filters.mosaic
    canvas = mosaic.canvas
    canvas.grab()

    def painted(title, *, hold):
        sections = [replace(part, title=title) for part in mosaic.sections]
        mosaic.set_sections(sections, hold_titles=hold)
        return canvas.grab().toImage()

    before = painted("|w| ≤ 0.1", hold=False)
    assert painted("|w| ≤ 0.9", hold=True) == before
    canvas.tell()
    told = canvas.grab().toImage()
    assert told != before
    assert painted("|w| ≤ 0.1", hold=False) == before


def test_a_clicked_filter_is_knocked_out_and_restored(tiny):
    tiny.pane.complete()
    tiny.pane.filters.mosaic.tile_clicked.emit(0, 2)
    assert tiny.pane.filters.selected == (0, 2)
    tiny.pane.filters.render_slow()
    tiny.pane.filters.knock_out.click()
    tiny.pump_until(lambda: tiny.snapshot.spec.knocked_out == ((0, 2),))
    tiny.pump(1)
    assert tiny.pane.filters.mosaic.canvas.struck == frozenset({(0, 2)})
    assert not tiny.pane.inspector().restore.isHidden()
    tiny.channel.undo_stack.undo()
    tiny.pump_until(lambda: tiny.snapshot.spec.knocked_out == ())
    tiny.pane.filters.mosaic.tile_double_clicked.emit(0, 1)
    tiny.pump_until(lambda: tiny.snapshot.spec.knocked_out == ((0, 1),))
    tiny.pane.inspector().restore.click()
    tiny.pump_until(lambda: tiny.snapshot.spec.knocked_out == ())
    tiny.pane.filters.mosaic.tile_double_clicked.emit(3, 0)
    tiny.pump(1)
    assert tiny.snapshot.spec.knocked_out == ()
    assert tiny.reports == ["The output layer has no filters that could be knocked out."]


def test_feature_maps_are_those_of_the_chosen_image(tiny):
    tiny.pane.show_view("features")
    tiny.pump_until(lambda: 0 in tiny.snapshot.features)
    tiny.pane.features.turn(-1)
    tiny.pump_until(lambda: 39 in tiny.snapshot.features)
    tiny.pump(1)
    features = tiny.snapshot.features[39]
    image, *maps = tiny.pane.features.mosaic.sections
    pixels = np.rint(255 * tiny.snapshot.images.test_x[39])
    np.testing.assert_array_equal(image.values[0], pixels)
    for section, layer in zip(maps, features.prediction.layers, strict=True):
        np.testing.assert_array_equal(section.values[:, 0], layer.maps)
    assert f"“{features.label}”" in tiny.pane.features.verdict.text
    tiny.pane.features.mosaic.tile_clicked.emit(1, 3)
    assert tiny.pane.filters.selected == (0, 3)
    number = tiny.pane.features.number
    number.setText("41")
    number.setModified(True)
    number.editingFinished.emit()
    assert number.problem == "There are test images 1 to 40 (got 41)."
    assert tiny.pane.features.example == 39


def test_curves_hold_every_batch_and_epoch(tiny):
    step_to(tiny, 9)
    curves = tiny.pane.curves.curves
    assert curves["batch"].data[0].tolist() == list(range(1, 10))
    assert curves["test"].data[0].tolist() == [0, 4, 8]
    tiny.pane.curves.against.set_value("epochs")
    tiny.pane.curves._on_choice()
    assert curves["test"].data[0].tolist() == [0, 1, 2]
    assert curves["batch"].data[0][-1] == pytest.approx(2.25)
    tiny.channel.seek(4)
    tiny.pump_until(lambda: tiny.snapshot.step == 4)
    assert len(curves["test"].past.xData) == 2
    assert tiny.pane.show_view("accuracy")
    recorded = tiny.channel.last_frame.history.series("epoch").columns["test_accuracy"]
    assert curves["test"].data[1].tolist() == pytest.approx(100 * recorded)


def test_the_matrix_counts_and_shows_the_images_of_a_cell(tiny):
    tiny.pane.show_view("confusion")
    tiny.pump_until(lambda: tiny.snapshot.confusion is not None)
    view, confusion = tiny.pane.confusion, tiny.snapshot.confusion
    np.testing.assert_array_equal(view.matrix.counts, confusion.counts)
    cell = max(confusion.examples, key=lambda key: len(confusion.examples[key]))
    area, side = view.matrix._area()
    x, y = (area.topLeft().x() + (cell[1] + 0.5) * side, area.top() + (cell[0] + 0.5) * side)
    assert view.matrix.cell_at(x, y) == cell
    view.matrix._choose(cell)
    assert view.images.sections[0].tiles == len(confusion.examples[cell])
    assert view.sentence.text().startswith(f"{confusion.counts[cell]} of ")
    view.images.tile_clicked.emit(0, 0)
    assert tiny.pane.features.example == confusion.examples[cell][0]
    assert "features" in tiny.pane.deck.shown()


def test_the_worst_mistakes_come_first(tiny):
    tiny.pane.show_view("mistakes")
    tiny.pump_until(lambda: bool(tiny.pane.mistakes.mistakes))
    losses = [mistake.loss for mistake in tiny.pane.mistakes.mistakes]
    assert losses == sorted(losses, reverse=True)
    worst = tiny.pane.mistakes.mistakes[0]
    captions = tiny.pane.mistakes.mosaic.sections[0].captions
    assert captions[0].startswith(f"{worst.label}→{worst.predicted} ")
    tiny.pane.mistakes.mosaic.tile_clicked.emit(0, 0)
    assert tiny.pane.features.example == worst.example


def test_numbers_stand_in_the_inspector(tiny):
    step_to(tiny, 4)
    numbers = tiny.pane.inspector().numbers
    assert numbers.value_text("parameters") == "690"
    assert numbers.value_text("images") == "64 · 40"
    assert numbers.value_text("test") == f"{100 * tiny.snapshot.test_accuracy:.4g} %"
    tiny.channel.play()
    tiny.pump_until(lambda: numbers.value_text("speed") != "–")
    tiny.channel.pause()


def test_the_sliders_of_the_images_end_where_the_data_do(tiny):
    step_to(tiny, 1)
    counts = tiny.pane.inspector().counts
    training, test = counts.row(TRAINING), counts.row(TEST)
    assert [slider_ends(row.field) for row in (training, test)] == [(10, 1437), (10, 360)]
    assert (training.current_value(), test.current_value()) == (64, 40)
    training.edited.emit(TRAINING, 100, True)
    tiny.pump_until(lambda: tiny.snapshot.images.training_count == 100)
    tiny.pump(4)
    assert counts.row(TRAINING) is training
    assert training.current_value() == 100


def test_more_images_than_there_are_count_as_all_and_files_may_hold_more():
    images = ImageSet(np.zeros((360, 1, 8, 8), np.float32), np.zeros(360, np.int64), ("0",), 1437)
    digits = CnnSpec()
    assert most_images(digits, images) == {TRAINING: 1437, TEST: 360}
    files = CnnDataSpec(kind="mnist", training=1437, test=500)
    spec = CnnSpec(data=files, blocks=(activation(),))
    assert most_images(spec, images) == {TRAINING: None, TEST: 360}


def test_data_without_files_ask_for_them_and_change_nothing(tiny, monkeypatch):
    monkeypatch.setattr(network_data_tools, "downloaded", lambda kind: None)
    tools = tiny.pane.inspector().data_tools
    tiny.pane.inspector().form.edited.emit(("data", "kind"), "mnist", True)
    tiny.pump(2)
    assert "MNIST needs its files" in tools.words.text()
    assert not tools._asking.isHidden()
    assert tiny.snapshot.spec.data.kind == "digits"
    assert tiny.pane.inspector().form.row(("data", "kind")).current_value() == "digits"


def test_a_folder_of_images_is_read_and_trained_on(tiny, tmp_path):
    for place, name in enumerate(("dark", "bright")):
        (tmp_path / name).mkdir()
        for number in range(8):
            image = QImage(12, 12, QImage.Format.Format_Grayscale8)
            image.fill(40 + 160 * place + number)
            assert image.save(str(tmp_path / name / f"{number}.png"))
    tools = tiny.pane.inspector().data_tools
    tools.open_data("folder", tmp_path / "dark")
    tiny.pump_until(lambda: not tools.running)
    assert "dark" in tools.words.text()
    assert tiny.snapshot.spec == TINY
    until_opened(tiny, lambda: tools.open_data("folder", tmp_path))
    assert tiny.snapshot.images.class_names == ("bright", "dark")
    assert titles(tiny)[0] == "images"
    assert not tools.running


def test_the_verdict_is_shortened_without_losing_its_findings():
    dead = "2 of 32 filters of block 3, conv 3×3×32, are dead"
    text = (
        f"Test accuracy 99.2 % after epoch 30; the gap to training is 0.8 points. {dead}: zero for "
        "every test image, so hardly a gradient reaches them. 1 filter is knocked out."
    )
    assert fitting(text, len, len(text)) == text
    assert fitting(text, len, len(text) - 1).endswith(
        f"0.8 points. {dead}. 1 filter is knocked out."
    )
    assert fitting(text, len, 110) == f"Test accuracy 99.2 % after epoch 30. {dead}."
    assert fitting(text, len, 72) == text[: text.index(". ") + 1]
    assert fitting(text, len, 5) == "Test accuracy 99.2 % after epoch 30."
    assert fitting("After epoch 2: 50 %.", len, 5) == "After epoch 2: 50 %."


def test_weights_come_back_from_a_file_at_any_step(tiny, tmp_path):
    step_to(tiny, 5)
    path = tmp_path / "weights.pt"
    tiny.pane.exports.save_weights(path)
    tiny.pump_until(path.exists)
    saved = tiny.snapshot.filters[0].weights.copy()
    step_to(tiny, 8)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    assert tiny.pane.accepts_drop(mime)
    assert tiny.pane.on_drop(mime)
    tiny.pump_until(lambda: np.array_equal(tiny.snapshot.filters[0].weights, saved))
    assert "weights.pt" in tiny.channel.undo_stack.undoText()
    assert tiny.reports == []


def test_a_checkpoint_has_the_form_of_the_course(tiny, tmp_path):
    import torch

    step_to(tiny, 5)
    path = tmp_path / "checkpoint.pt"
    tiny.pane.exports.save_checkpoint(path)
    tiny.pump_until(path.exists)
    saved = torch.load(path, weights_only=True)
    assert set(saved) == {"epoch", "model", "optimizer", "loss"}
    assert saved["epoch"] == 1
    np.testing.assert_array_equal(saved["model"]["0.weight"], tiny.snapshot.filters[0].weights)
    assert len(saved["optimizer"]["state"]) == 4


def test_weights_that_do_not_fit_name_layer_and_shapes(tiny, tmp_path):
    path = tmp_path / "weights.pt"
    tiny.pane.exports.save_weights(path)
    tiny.pump_until(path.exists)
    until_opened(tiny, lambda: tiny.pane.open_blocks((conv(5), activation(), pool()), "change"))
    before = tiny.snapshot.filters[0].weights.copy()
    tiny.pane.exports.load_weights(path)
    tiny.pump_until(lambda: bool(tiny.reports))
    assert "0.weight" in tiny.reports[0]
    assert "5×1×3×3" in tiny.reports[0]
    assert "4×1×3×3" in tiny.reports[0]
    np.testing.assert_array_equal(tiny.snapshot.filters[0].weights, before)


def test_everything_that_is_offered_can_be_saved(tiny, tmp_path):
    for view in ("features", "confusion", "mistakes"):
        tiny.pane.show_view(view)
        tiny.pump(3)
    step_to(tiny, 4)
    menu = QMenu(tiny.pane)
    tiny.pane.export_menu(menu)
    assert sum(not action.isSeparator() for action in menu.actions()) == 11
    exports = tiny.pane.exports
    for key in ("filters", "features", "confusion", "mistakes"):
        exports._saver(key)(tmp_path / f"{key}.png")
        assert not QImage(str(tmp_path / f"{key}.png")).isNull()
    exports.save_curves(tmp_path / "curves.svg")
    exports.save_batches(tmp_path / "batches.csv")
    exports.save_epochs(tmp_path / "epochs.csv")
    exports.save_confusion(tmp_path / "confusion.csv")
    exports.save_script(tmp_path / "network.py")
    compile((tmp_path / "network.py").read_text(encoding="utf-8"), "network.py", "exec")
    batches = list(csv.DictReader(io.StringIO((tmp_path / "batches.csv").read_text("utf-8"))))
    assert [row["step"] for row in batches] == ["1", "2", "3", "4"]
    assert float(batches[-1]["loss"]) == tiny.snapshot.loss


def test_every_preset_is_allowed_and_has_a_view(tiny):
    presets = network_presets()
    assert len(presets) >= 8
    for name, preset in presets.items():
        assert CnnSpec.model_validate_json(preset.spec.model_dump_json()) == preset.spec
        assert tiny.pane.show_view(preset.view), name
    assert presets["digits-cnn"].spec == default_spec() == tiny.pane.default_spec()


def test_a_preset_without_its_files_says_so_and_the_network_stays(tiny):
    tiny.pane._presets = network_presets()
    tiny.pane.apply_preset("course-cnn")
    tiny.pump(4)
    assert len(tiny.reports) == 1
    assert "MNIST needs its files" in tiny.reports[0]
    assert tiny.snapshot.spec == TINY
    assert len(tiny.pane.row.tiles) == 5


def test_presets_run_and_paint(tiny):
    for name in ("digits-mlp", "deep-stack", "augmentation"):
        until_opened(tiny, lambda name=name: tiny.pane.apply_preset(name))
        step_to(tiny, 1)
        assert tiny.snapshot.spec == network_presets()[name].spec
        assert not tiny.pane.grab().isNull()
    assert tiny.reports == []


def test_layout_is_kept_and_nonsense_survived(tiny):
    tiny.pane.complete()
    tiny.pane.show_view("gradients")
    tiny.pane.show_view("accuracy")
    tiny.pane.show_view("mistakes")
    tiny.pane.choices.choose_example(5)
    state = tiny.pane.save_state()
    for view in ("weights", "features", "loss", "confusion"):
        tiny.pane.show_view(view)
    tiny.pane.restore_state(state)
    assert tiny.pane.filters.shows_gradients
    assert tiny.pane.curves.quantity.value == "accuracy"
    assert {"filters", "mistakes"} <= set(tiny.pane.deck.shown())
    assert tiny.pane.features.example == 5
    for nonsense in (None, [], {"deck": 3, "filters": [], "curves": "x", "example": "5"}):
        tiny.pane.restore_state(nonsense)
    assert tiny.pane.features.example == 5
