"""The pane on a real engine: edits and undo, presets and lesson, cards, models, data, exports."""

from __future__ import annotations

import csv
import io
import math
import re

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from playground.assets_path import asset
from playground.core.point_files import parse_text, read_table
from playground.engine.frames import Phase
from playground.experiments.perceptron_edits import AddPoints, SetWeights
from playground.panes.perceptron.column_dialog import ColumnDialog, needs_asking
from playground.panes.perceptron.learners_editor import LANE_ORDER
from playground.panes.perceptron.presets import default_spec, perceptron_presets

PRESETS = perceptron_presets()
THREE_KINDS = "a,b,c,kind\n1,2,3,red\n2,1,4,green\n0,1,5,blue\n3,3,6,red\n"


def add(bench, *places):
    bench.pane.send(AddPoints(xy=places, labels=(1,) * len(places)), 0)
    bench.pump()


def test_the_first_screen_is_alive(bench):
    assert len(bench.points) == 80
    tone, sentence = bench.pane.verdict(bench.channel.last_frame)
    assert tone in ("ok", "warn", "bad", "info")
    assert "wrong" in sentence
    assert bench.pane.plane.loud_view().errors > 0


def test_playing_moves_the_line_and_ends_all_correct(bench):
    before = bench.pane.plane.loud_line()
    bench.channel.set_speed(math.inf)
    bench.channel.play()
    bench.pump_until(lambda: bench.channel.phase is Phase.ENDED)
    assert bench.pane.plane.loud_line() != before
    assert (
        "all correct after 18 epochs, 38 changes" in bench.pane.verdict(bench.channel.last_frame)[1]
    )


def test_edits_are_undone_and_redone(bench):
    add(bench, (0.1, 0.2), (0.3, 0.4))
    assert len(bench.points) == 82
    bench.channel.undo_stack.undo()
    bench.pump()
    assert len(bench.points) == 80
    bench.channel.undo_stack.redo()
    bench.pump()
    assert bench.points.x[-1].tolist() == [0.3, 0.4]


def test_the_moves_of_one_gesture_are_undone_together(bench):
    before = bench.pane.plane.loud_line()
    for beta in (0.2, 0.3, 0.4):
        bench.pane.send(SetWeights(learner=0, w1=1.0, w2=0.0, beta=beta), 77)
    bench.pump()
    assert bench.pane.plane.loud_line() == (1.0, 0.0, 0.4)
    bench.channel.undo_stack.undo()
    bench.pump()
    assert bench.pane.plane.loud_line() == pytest.approx(before)


def test_clearing_is_one_change(bench):
    bench.pane._commands.clear()
    bench.pump()
    assert len(bench.points) == 0
    assert "No points" in bench.pane.verdict(bench.channel.last_frame)[1]
    bench.channel.undo_stack.undo()
    bench.pump()
    assert len(bench.points) == 80


def test_a_refused_edit_is_taken_back_from_the_screen(bench):
    plane = bench.pane.plane
    plane.pending.added.append((0.0, 0.0, 1))
    plane.cloud_changed()
    bench.pane.send(AddPoints(xy=((0.0, 0.0),) * 99_999, labels=(1,) * 99_999), 0)
    bench.pump()
    assert "100,000" in bench.reports[0]
    assert not plane.pending.any
    assert len(plane.cloud) == 80


def test_every_preset_runs_and_paints(bench):
    for name, preset in PRESETS.items():
        before = bench.channel.run_id
        assert bench.pane.apply_preset(name)
        bench.pump_until(lambda before=before: bench.channel.last_frame.run_id != before)
        bench.channel.step(1)
        bench.pump_until(lambda: not len(bench.points) or bench.snapshot.step >= 1)
        assert bench.snapshot.spec.model_dump_json() == preset.spec.model_dump_json(), name
        assert not bench.pane.grab().isNull()
    assert bench.reports == []


def test_the_lesson_speaks_of_presets_and_views_that_exist(bench):
    text = asset("lessons", "perceptron.md").read_text(encoding="utf-8")
    links = re.findall(r"\((play|view):([a-z0-9-]+)\)", text)
    assert len(re.findall(r"^## ", text, re.MULTILINE)) >= 8
    for kind, name in links:
        known = PRESETS if kind == "play" else bench.pane.cards.save_state()
        views = {view.key for card in bench.pane.cards.cards for view in card.views}
        assert name in (known if kind == "play" else views), name
    assert {name for kind, name in links if kind == "play"} >= set(PRESETS) - {
        "empty",
        "and",
        "or",
        "all-models",
        "validation",
        "iris",
        "many",
    }


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("start", "after 18 epochs, 38 changes"),
        ("order-2", "after 2 epochs, 4 changes"),
        ("order-5", "after 5 epochs, 15 changes"),
        ("order-9", "after 9 epochs, 22 changes"),
        ("order-10", "after 10 epochs, 28 changes"),
        ("batch-order-2", "after 6 epochs, 6 changes"),
        ("batch-order-10", "after 6 epochs, 6 changes"),
        ("parallel", "after 172 epochs, 172 changes"),
        ("xor", "39 of 80 wrong after 200 epochs, 8,513 changes"),
        ("pocket", "8 of 80 wrong after 100 epochs, 986 changes"),
        ("outliers", "7 of 80 wrong"),
        ("rate-too-large", "try below 0.31"),
        ("imbalanced", "8 of 180 wrong"),
    ],
)
def test_the_numbers_of_the_lesson_are_true(name, words):
    from playground.experiments.perceptron import PerceptronExperiment

    preset = PRESETS[name]
    experiment = PerceptronExperiment(preset.spec, preset.seed)
    experiment.advance(1_000_000)
    assert words in experiment.snapshot(frozenset()).learners[0].verdict.text


def test_only_what_is_in_front_is_asked_for(bench):
    bench.pane.resize(1100, 900)
    bench.pump()
    bench.pane.show_view("ledger")
    assert "ledger" in bench.pane.views()
    assert "metrics" not in bench.pane.views()
    bench.pane.show_view("metrics")
    assert "metrics" in bench.pane.views()
    assert "margin" not in bench.pane.views()
    bench.pane.bar.switches["reference"].click()
    assert "margin" in bench.pane.views()


@pytest.mark.parametrize(("height", "cards"), [(340, 1), (560, 2), (900, 3)])
def test_the_column_makes_as_many_cards_as_there_is_room(bench, height, cards):
    bench.pane.resize(1000, height)
    bench.pump()
    assert len(bench.pane.cards.cards) == cards
    views = [view.key for card in bench.pane.cards.cards for view in card.views]
    assert sorted(views) == ["curves", "ledger", "metrics", "studies", "weights"]


def test_curves_weights_metrics_and_ledger_show_the_run(bench):
    bench.pane.resize(1100, 900)
    for epoch in (1, 2):
        bench.channel.step_mark()
        bench.pump_until(lambda epoch=epoch: bench.snapshot.step == 80 * epoch)
    bench.pane.show_view("ledger")
    bench.channel.step(1)
    bench.pump()
    curve = bench.pane.cards.curves.plot.curves[0]
    assert curve.data[0].tolist() == [1.0, 2.0]
    assert bench.pane.cards.weights.image.bounds is not None
    first = bench.pane.cards.ledger.text.splitlines()[0]
    assert f"step {bench.snapshot.step}" in first
    bench.pane.show_view("metrics")
    bench.pump()
    view = bench.pane.plane.loud_view()
    assert f"TP {view.train.tp}" in bench.pane.cards.metrics.as_text()


def test_stepping_back_leaves_the_future_faint(bench):
    for epoch in (1, 2, 3):
        bench.channel.step_mark()
        bench.pump_until(lambda epoch=epoch: bench.snapshot.step == 80 * epoch)
    bench.channel.seek(80)
    bench.pump_until(lambda: bench.snapshot.step == 80)
    curve = bench.pane.cards.curves.plot.curves[0]
    assert len(curve.data[0]) == 3
    assert curve.past.xData is None or len(curve.past.xData) < 3


def test_models_are_added_selected_and_removed(bench):
    editor = bench.pane._inspector.editor
    editor._on_add()
    bench.pump()
    assert [learner.kind for learner in bench.snapshot.spec.learners] == ["perceptron", "pocket"]
    assert bench.pane.selected_learner() == 1
    assert bench.snapshot.spec.learners[1].colour != bench.snapshot.spec.learners[0].colour
    editor._on_copy()
    bench.pump()
    assert len(bench.snapshot.spec.learners) == 3
    for _ in range(2):
        editor._on_remove()
        bench.pump()
    assert len(bench.snapshot.spec.learners) == 1
    assert bench.pane.selected_learner() == 0


def test_a_colour_is_chosen_from_a_menu_that_is_filled_when_it_opens(bench):
    row = bench.pane._inspector.editor._rows[0]
    assert row._menu.isEmpty()
    for _ in range(2):
        row._menu.aboutToShow.emit()
        assert len(row._menu.actions()) == 8
    row._menu.actions()[2].trigger()
    bench.pump()
    assert bench.snapshot.spec.learners[0].colour == LANE_ORDER[2]


def test_the_last_model_cannot_be_switched_off(bench):
    editor = bench.pane._inspector.editor
    editor._on_row_toggled(0, False)
    bench.pump()
    assert bench.snapshot.spec.learners[0].enabled


def test_the_rate_is_live_and_the_schedule_starts_anew(bench):
    bench.channel.step(5)
    bench.pump()
    run = bench.channel.run_id
    bench.pane._inspector._on_form_edited(("learners", 0, "rate"), 0.5, True)
    bench.pump()
    assert bench.channel.run_id == run
    assert bench.pane.plane.loud_view().rate == 0.5
    bench.pane._inspector._on_form_edited(("learners", 0, "schedule"), "batch", True)
    bench.pump()
    assert bench.channel.run_id != run
    assert bench.pane.plane.loud_view().schedule == "batch"


def test_layout_is_kept_and_nonsense_survived(bench):
    bench.pane.show_view("ledger")
    bench.pane.plane.set_option("ghosts", False)
    bench.pane.cards.curves.quantity.set_value("cost")
    state = bench.pane.save_state()
    bench.pane.plane.set_option("ghosts", True)
    bench.pane.show_view("metrics")
    bench.pane.restore_state(state)
    assert bench.pane.plane.options.ghosts is False
    assert "ledger" in bench.pane.cards.shown()
    for nonsense in (None, [], {"splitter": "x", "cards": 3, "plane": [], "curves": {"log": 7}}):
        bench.pane.restore_state(nonsense)
    assert bench.pane.plane.options.ghosts is False


def test_pasted_points_open_a_run_of_their_own(bench):
    mime = QMimeData()
    mime.setText("x,y,label\n0,0,-1\n1,1,1\n2,0.5,1\n")
    assert bench.pane.accepts_drop(mime)
    assert bench.pane.on_drop(mime)
    bench.pump()
    assert bench.points.x.tolist() == [[0, 0], [1, 1], [2, 0.5]]
    assert bench.points.names == ("x", "y")
    assert bench.snapshot.spec.data.preset == "own"
    bench.channel.undo_stack.undo()
    bench.pump()
    assert len(bench.points) == 80


@pytest.mark.parametrize("text", ["", "hello", "a,b\n", "\x00\x01"])
def test_text_without_points_is_refused_with_a_sentence(bench, text):
    bench.pane.data_tools._take_text(text)
    bench.pump()
    assert len(bench.reports) == 1
    assert len(bench.points) == 80


def test_a_dropped_file_is_read_in_the_background(bench, tmp_path):
    file = tmp_path / "points.csv"
    file.write_text("x,y,label\n0,0,-1\n,1,1\n2,0.5,1\n", encoding="utf-8")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file))])
    assert bench.pane.on_drop(mime)
    bench.pump_until(lambda: len(bench.points) == 2)
    assert "1 row is left out" in bench.pane.readout.text


def test_a_file_that_is_not_there_is_reported(bench, tmp_path):
    bench.pane.data_tools.open_path(tmp_path / "nowhere.csv")
    bench.pump_until(lambda: bool(bench.reports))
    assert "nowhere.csv" in bench.reports[0]


def test_columns_are_asked_for_only_where_there_is_a_choice(qtbot, themed):
    assert not needs_asking(parse_text("x,y,label\n0,0,-1\n1,1,1\n"))
    table = parse_text(THREE_KINDS)
    assert needs_asking(table)
    dialog = ColumnDialog("flowers", table)
    qtbot.addWidget(dialog)
    dialog.x2.set_value("c")
    dialog.positive.set_value("red")
    with qtbot.waitSignal(dialog.chosen) as signal:
        dialog.accept()
    assert tuple(signal.args[0]) == ("a", "c", "kind", "red")


def test_the_same_column_twice_cannot_be_imported(qtbot, themed):
    dialog = ColumnDialog("flowers", parse_text(THREE_KINDS))
    qtbot.addWidget(dialog)
    dialog.x2.set_value(dialog.x1.value)
    dialog._look()
    assert "different columns" in dialog._notes.text()
    assert not dialog._buttons.button(dialog._buttons.StandardButton.Ok).isEnabled()


def test_everything_is_exported(bench, tmp_path):
    bench.channel.step_mark()
    bench.pump()
    exports = bench.pane.exports
    exports.save_plane(tmp_path / "plane.png")
    assert QImage(str(tmp_path / "plane.png")).width() == 2 * bench.pane.plane.width()
    exports.save_plane(tmp_path / "plane.svg")
    drawing = (tmp_path / "plane.svg").read_text(encoding="utf-8")
    assert sum(drawing.count(shape) for shape in ("<circle", "<ellipse", "<rect")) > 80
    exports.save_curves(tmp_path / "curves.png")
    exports.save_weights(tmp_path / "weights.png")
    exports.save_history(tmp_path / "history.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "history.csv").read_text(encoding="utf-8"))))
    assert rows[0][:4] == ["model", "step", "epoch", "errors"]
    assert rows[1][:4] == ["perceptron, online", "80", "1", "1"]
    exports.save_points(tmp_path / "points.npz")
    assert read_table(tmp_path / "points.npz").count == 80
    exports.save_script(tmp_path / "perceptron.py")
    compile((tmp_path / "perceptron.py").read_text(encoding="utf-8"), "perceptron.py", "exec")


def test_the_export_menu_names_everything(bench, qtbot):
    menu = QMenu()
    qtbot.addWidget(menu)
    bench.pane.export_menu(menu)
    words = " ".join(action.text() for action in menu.actions())
    for name in ("Plane", "Curves", "History", "Points", "PyTorch"):
        assert name in words


def test_actions_are_unique_and_have_tool_tips(bench):
    actions = bench.pane.pane_actions()
    assert len({action.id for action in actions}) == len(actions)
    shortcuts = [shortcut for action in actions for shortcut in action.shortcuts]
    assert len(set(shortcuts)) == len(shortcuts)
    assert all(action.tooltip and action.run for action in actions)


def test_toggling_by_shortcut_action_shows_on_the_bar(bench):
    action = next(a for a in bench.pane.pane_actions() if a.id == "perceptron.show_contours")
    action.run(True)
    assert bench.pane.plane.options.field == "contours"
    assert bench.pane.bar.switches["contours"].isChecked()
    assert not bench.pane.bar.switches["tint"].isChecked()


def test_the_order_study_grows_and_ends(bench):
    bench.pane.apply_preset("order-10")
    bench.pump()
    studies = bench.pane.cards.studies
    studies.shuffles.set_value(20)
    studies.run()
    assert studies.running
    bench.pump_until(lambda: not studies.running)
    assert studies.epochs_chart.counts.sum() == 20
    assert "20 orders" in studies.verdict.text
    assert len(studies.csv().splitlines()) == 21


def test_a_study_can_be_cancelled(bench):
    studies = bench.pane.cards.studies
    studies.run()
    bench.pump(3)
    studies.run_button.click()
    assert not studies.running
    assert studies.run_button.text() == "Run"
    bench.pump(20)
    assert studies.csv() == ""


def test_cross_validation_gives_mean_and_spread(bench):
    studies = bench.pane.cards.studies
    studies.show_kind("folds")
    studies.run()
    bench.pump_until(lambda: not studies.running)
    assert "±" in studies.verdict.text
    assert len(studies.csv().splitlines()) == 6


def test_a_study_without_points_says_why(bench):
    bench.pane._commands.clear()
    bench.pump()
    bench.pane.cards.studies.run()
    bench.pump_until(lambda: not bench.pane.cards.studies.running)
    assert "points" in bench.pane.cards.studies.verdict.text


def test_the_pane_follows_theme_and_lecture_scale(bench, themed):
    dark = bench.pane.grab().toImage()
    themed.set_mode("light")
    themed.set_scale(1.6)
    bench.pump()
    light = bench.pane.grab().toImage()
    spot = (dark.width() - 3, dark.height() - 3)
    assert dark.pixelColor(*spot) != light.pixelColor(*spot) or dark != light


def test_the_default_run_reads_back_from_json():
    spec = default_spec()
    assert type(spec).model_validate_json(spec.model_dump_json()) == spec


def test_numbers_are_those_of_the_selected_learner(bench):
    table = bench.pane._inspector.numbers.table
    w1, w2, beta = bench.pane.plane.loud_line()
    assert table.value_text("distance") == f"{abs(beta) / np.hypot(w1, w2):.4g}"
    assert table.value_text("points") == "80 / 0 / 0"


def test_keys_of_the_window_are_left_to_it(bench):
    from playground.ui.actions import ACTIONS

    taken = {shortcut for action in ACTIONS for shortcut in action.shortcuts}
    mine = {key for action in bench.pane.pane_actions() for key in action.shortcuts}
    assert not taken & mine
    QTest.keyClick(bench.pane.plane, "q")
    assert len(bench.points) == 80
