"""The race pane on an engine driven by the test: edits, presets, lesson, exports, layout."""

from __future__ import annotations

import csv
import re
import subprocess
import sys

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QPushButton

from playground.assets_path import asset
from playground.experiments.base import Progress
from playground.experiments.optimizers import OptimizerRaceExperiment
from playground.experiments.optimizers_snapshot import Standing
from playground.panes.base import PaneContext, PaneInfo
from playground.panes.optimizers.exports import trails_csv
from playground.panes.optimizers.pane import OptimizerRacePane
from playground.panes.optimizers.presets import race_presets
from tests.panes.conftest import Bench

INFO = PaneInfo(
    id="optimizers",
    title="Optimizer race",
    rail_label="Optimizers",
    icon="pane-optimizers",
    experiment_kind="optimizers",
    factory="playground.panes.optimizers.pane:OptimizerRacePane",
    shortcut="2",
)
LESSON = asset("lessons", "optimizers.md").read_text(encoding="utf-8")


@pytest.fixture
def race(qtbot, themed):
    """Return a race pane of 1000 × 660 pixels on its first run, at round 0."""
    from playground.engine.runner import Runner
    from playground.ui.channel import ChannelClient

    runner = Runner(lambda kind: OptimizerRaceExperiment)
    channel = ChannelClient("optimizers", "optimizers", runner.send)
    made = Bench(None, channel, runner)
    channel.problem.connect(lambda sentence, _: made.reports.append(sentence))
    context = PaneContext(
        INFO, channel, lambda sentence, _: made.reports.append(sentence), lambda: None
    )
    made.pane = OptimizerRacePane(context)
    qtbot.addWidget(made.pane)
    qtbot.addWidget(made.pane.inspector())
    channel.frame.connect(made.pane.render_frame)
    channel.beside.connect(made.pane.render_beside)
    made.pane.views_changed.connect(lambda: channel.watch(True, made.pane.views()))
    made.pane.resize(1000, 660)
    made.pane.show()
    channel.watch(True, made.pane.views())
    channel.open(made.pane.default_spec(), made.pane.default_seed())
    made.pump()
    return made


def go(race, rounds):
    race.channel.step(rounds)
    race.pump_until(lambda: race.snapshot.step >= rounds or not race.snapshot.status.running)
    race.pump(2)


def lanes(race):
    return race.channel.spec.lanes


def outcome(name, rounds=100_000, keep=None):
    """Run a set-up; ``keep`` leaves out other lanes, which changes none of those that stay."""
    preset = race_presets()[name]
    spec = preset.spec
    if keep is not None:
        left = tuple(lane for lane in spec.lanes if lane.title in keep)
        spec = spec.model_copy(update={"lanes": left})
    experiment = OptimizerRaceExperiment(spec, preset.seed)
    experiment.advance(rounds)
    return experiment.snapshot(frozenset())


def finishes(snapshot):
    return {view.title: view.finished_round for view in snapshot.lanes}


def test_the_first_race_shows_its_nine_lanes_and_says_how_to_start(race):
    assert len(race.pane.leaderboard.table.rows) == 9
    tone, words = race.pane.verdict(race.channel.last_frame)
    assert tone == "info"
    assert "Space" in words


def test_the_surface_is_there_before_the_first_frame(qtbot, themed):
    from playground.ui.channel import ChannelClient

    channel = ChannelClient("optimizers", "optimizers", lambda command: None)
    pane = OptimizerRacePane(PaneContext(INFO, channel, lambda *_: None, lambda: None))
    qtbot.addWidget(pane)
    qtbot.addWidget(pane.inspector())
    pane.show()
    qtbot.waitUntil(lambda: pane.map.surface is not None)
    assert pane.map.surface.kind == "beale"


def test_the_standings_tell_who_leads_and_why_one_is_gone(race):
    race.pane.apply_preset("too-large")
    race.pump()
    go(race, 200)
    rows = race.pane.leaderboard.table.rows
    assert [view.rank for view in rows] == [1, 2, 3, 4]
    assert rows[0].finished_round == 84
    assert rows[-1].standing is Standing.DIVERGED
    text = race.pane.leaderboard.table.as_text()
    assert "84 rounds" in text
    assert "diverged at 164" in text
    assert "oscillating" in text


def test_a_click_in_the_standings_selects_everywhere(race):
    go(race, 5)
    table = race.pane.leaderboard.table
    row = next(place for place, view in enumerate(table.rows) if view.title == "Adam")
    spot = QPoint(60, table.height() - 1)
    spot.setY(next(y for y in range(table.height()) if table.lane_at(y) is table.rows[row]) + 3)
    QTest.mouseClick(table, Qt.MouseButton.LeftButton, pos=spot)
    adam = table.rows[row].index
    assert race.pane.selected_lane() == adam
    assert race.pane.race_inspector.editor.selected == adam
    assert race.pane.map.selected == adam


def test_a_click_on_the_map_starts_a_new_race_from_there(race):
    go(race, 5)
    race.pane.map.start_placed.emit(-2.0, 1.0, False, 77)
    race.pump()
    assert race.snapshot.step == 0
    assert race.snapshot.start == (-2.0, 1.0)
    race.pane.select(2)
    race.pane.map.start_placed.emit(1.0, -1.0, True, 78)
    race.pump()
    assert race.snapshot.lane(2).x == 1.0
    assert race.snapshot.lane(0).x == -2.0
    race.channel.undo_stack.undo()
    race.pump()
    assert race.snapshot.lane(2).x == -2.0


def test_a_start_off_the_map_is_refused_in_a_sentence(race):
    race.pane.map.start_placed.emit(400.0, 1.0, False, 1)
    race.pump()
    assert "outside the map" in race.reports[-1]
    assert race.snapshot.start == (0.7, 1.4)


def test_lanes_are_added_copied_moved_and_removed(race):
    editor = race.pane.race_inspector.editor
    editor.add("lbfgs")
    race.pump()
    assert [view.method for view in race.snapshot.lanes][-1] == "lbfgs"
    assert editor.selected == 9
    editor.duplicate()
    race.pump()
    assert len(lanes(race)) == 11
    assert lanes(race)[9].colour != lanes(race)[10].colour
    editor.shift(-1)
    editor.shift(-1)
    race.pump()
    assert lanes(race)[8].method == "lbfgs"
    for _ in range(10):
        editor.remove()
    race.pump()
    assert len(race.snapshot.lanes) == 1
    assert race.pane.selected_lane() == 0
    editor.remove()
    assert race.reports
    assert len(lanes(race)) == 1


def test_thirty_two_lanes_fit_and_no_more(race):
    editor = race.pane.race_inspector.editor
    for _ in range(23):
        editor.duplicate()
    race.pump()
    assert len(race.snapshot.lanes) == 32
    assert not editor._add.isEnabled()
    assert not race.pane.grab().isNull()
    editor.add("sgd")
    race.pump()
    assert len(lanes(race)) == 32
    assert "32" in race.reports[-1]


def test_name_colour_and_rate_change_while_it_runs_and_a_switch_starts_anew(race):
    go(race, 10)
    editor = race.pane.race_inspector.editor
    for path, value in ((("rate",), 0.02), (("name",), "mine"), (("colour",), 7)):
        editor.value_edited.emit(("lanes", 0, *path), value, True)
    race.pump()
    assert race.snapshot.step == 10
    assert (race.snapshot.lane(0).title, race.snapshot.lane(0).colour) == ("mine", 7)
    assert race.snapshot.spec.lanes[0].rate == 0.02
    editor.rows[1].toggled.emit(False)
    race.pump()
    assert race.snapshot.step == 0
    assert race.snapshot.lane(1) is None
    assert len(race.pane.leaderboard.table.rows) == 8


def test_the_last_lane_cannot_be_switched_off(race):
    editor = race.pane.race_inspector.editor
    for index in range(8):
        editor.rows[index].toggled.emit(False)
    race.pump()
    editor.rows[8].toggled.emit(False)
    race.pump()
    assert "At least one lane" in race.reports[-1]
    assert lanes(race)[8].enabled


def test_a_lane_with_a_start_of_its_own_can_join_the_others(race):
    race.pane.map.start_placed.emit(1.0, -1.0, True, 3)
    race.pump()
    editor = race.pane.race_inspector.editor
    button = next(b for b in editor.findChildren(QPushButton) if "others" in b.text())
    assert not button.isHidden()
    button.click()
    race.pump()
    assert race.snapshot.lane(0).x == race.snapshot.start[0]
    assert button.isHidden()


def test_a_schedule_is_drawn_with_its_rates(race):
    editor = race.pane.race_inspector.editor
    editor.value_edited.emit(("lanes", 0, "schedule"), "step", True)
    race.pump()
    assert not editor.curve.isHidden()
    assert editor.curve.rates[:100] == pytest.approx(0.01)
    assert editor.curve.rates[100] == pytest.approx(0.005)


def test_surfaces_are_picked_by_name(race):
    race.pane.bar.picker.picked.emit("camel")
    race.pump()
    assert race.snapshot.surface.kind == "camel"
    assert race.pane.bar.picker.text().strip() == "Six-hump camel"
    race.pane.bar.picker._fill()
    assert race.reports == []


def typed(race, text):
    field = race.pane.race_inspector.formula
    field.line.selectAll()
    QTest.keyClicks(field.line, text)
    QTest.keyClick(field.line, Qt.Key.Key_Return)
    race.pump()
    return field


def test_a_formula_is_raced_on(race):
    race.pane.apply_preset("formula")
    race.pump()
    field = typed(race, "abs(x) + y**2")
    assert field.problem == ""
    assert race.snapshot.surface.formula == "abs(x) + y**2"
    go(race, 20)
    assert race.snapshot.lane(0).evaluations == 20


def test_a_bad_formula_points_at_its_character_and_changes_nothing(race):
    race.pane.apply_preset("formula")
    race.pump()
    before = race.snapshot.surface.formula
    for text, place, wrong in (
        ("x + foo(y)", 4, "foo"),
        ("x ** ", 2, "**"),
        ("x + $y", 4, "$"),
        ("(x + y", 0, "("),
        ("__import__('os')", 11, "'"),
        ("log(0*x - 1)", -1, ""),
    ):
        field = typed(race, text)
        assert field.problem, text
        assert race.snapshot.surface.formula == before
        assert field.caret.isHidden() == (place < 0)
        if place >= 0:
            assert field.line.cursorPosition() == place, text
            assert field.caret.text[field.caret.place :].startswith(wrong)
        QTest.keyClick(field.line, Qt.Key.Key_Escape)
        assert field.problem == ""
        assert field.line.text() == race.snapshot.spec.surface.formula


def test_ten_thousand_characters_are_refused(race):
    race.pane.apply_preset("formula")
    race.pump()
    field = race.pane.race_inspector.formula
    field.line.setText("+".join("x" * 5000))
    field.line.setModified(True)
    QTest.keyClick(field.line, Qt.Key.Key_Return)
    assert "2,000" in field.problem
    assert not field.caret.grab().isNull()


def test_every_preset_opens_and_runs(race):
    for name, preset in race_presets().items():
        assert race.pane.apply_preset(name)
        race.pump()
        assert race.snapshot.spec == preset.spec
        go(race, 12)
        assert not race.pane.grab().isNull()
        assert race.reports == [], name


def test_an_unknown_preset_is_told(race):
    assert not race.pane.apply_preset("nothing")
    assert "no set-up" in race.reports[-1]


def test_the_lesson_links_only_what_there_is(race):
    links = re.findall(r"\((play|view):([\w-]+)\)", LESSON)
    assert {name for kind, name in links if kind == "play"} <= set(race_presets())
    for kind, name in links:
        if kind == "view":
            assert race.pane.show_view(name), name
    assert not race.pane.show_view("nothing")
    assert LESSON.count("\n## ") >= 8
    assert LESSON.count("<!-- reveal -->") == LESSON.count("\n## ")


@pytest.mark.parametrize(
    ("preset", "rounds"),
    [
        ("zigzag", {"SGD": 173, "Momentum": 98, "Nesterov": 105}),
        ("ravine-1", {"SGD": 38, "Momentum": 95, "Rprop": 46}),
        ("ravine-10", {"SGD": 42, "Momentum": 133, "Rprop": 46}),
        ("ravine-100", {"SGD": 330, "Momentum": 150, "Rprop": 46}),
        ("straight-bowl", {"RMSprop": 114, "Adam": 149, "AdaGrad": 151}),
        ("turned-bowl", {"Momentum": 95, "Rprop": 87, "RMSprop": 470, "Adam": 670}),
        ("saddle", {"RMSprop": 41, "AdaGrad": 45, "Rprop": 48, "SGD": 111, "Momentum": 112}),
        ("saddle-noise", {"SGD": 457}),
        ("plateau", {"Adam": 81, "SGD": None}),
        ("rprop-all", {"Rprop": 58, "RMSprop": 533, "Adam": 618, "SGD": 2122}),
        ("rprop-batch", {"Rprop": None}),
        ("bias", {"Adam": 153, "without correction": 109}),
        ("same-rate", {"Rprop": 76, "Adam": 2847, "AdaGrad": None}),
        ("own-rates", {"Adam": 134, "AdaGrad": 288}),
        ("banana", {"L-BFGS": 33, "Momentum": 1359, "Adam": 1684, "Rprop": 3482, "SGD": None}),
    ],
)
def test_the_rounds_of_the_lesson_are_true(preset, rounds):
    longest = max((count for count in rounds.values() if count is not None), default=600)
    found = finishes(outcome(preset, longest + 1, rounds))
    for lane, expected in rounds.items():
        assert found[lane] == expected, lane
        if expected is not None:
            assert f"{expected:,}" in LESSON


def test_the_other_numbers_of_the_lesson_are_true():
    first, third = outcome("bias", 1), outcome("bias", 3)
    plain, wrong = ([view.step_size for view in s.lanes] for s in (first, third))
    assert plain[1] / plain[0] == pytest.approx(3.16, abs=0.005)
    assert wrong[1] / wrong[0] == pytest.approx(4.8, abs=0.05)
    assert outcome("zigzag", 1).lanes[0].step_size == pytest.approx(4.75, abs=0.005)
    assert [v.standing for v in outcome("saddle-ridge").lanes] == [Standing.SADDLE] * 3
    assert outcome("plateau").lanes[0].standing is Standing.PLATEAU
    assert outcome("rprop-batch", 600, {"Rprop"}).lanes[0].x == pytest.approx(108, abs=0.5)
    assert outcome("slow-mse", 100).lanes[0].loss == pytest.approx(0.465, abs=5e-4)
    assert outcome("slow-entropy", 100).lanes[0].loss == pytest.approx(0.042, abs=5e-4)
    assert outcome("too-large").lanes[3].diverged_round == 164
    half, end = outcome("restarts", 200), outcome("restarts")
    assert half.lanes[2].x == pytest.approx(-1.0, abs=0.005)
    assert [round(view.x, 2) for view in end.lanes[:2]] == [1.09, 0.94]
    assert end.lanes[2].x < 0.0
    assert end.status.progress is Progress.FINISHED


def test_curves_show_what_is_asked_for(race):
    go(race, 30)
    curves = race.pane.curves
    for quantity in curves.quantity.values:
        for against in curves.against.values:
            curves.restore_state({"quantity": quantity, "against": against, "log": True})
            assert not curves.grab().isNull()
    curves.restore_state({"quantity": "distance", "against": "evaluations", "log": False})
    x, y = curves._curves[0].data
    assert x.tolist() == list(range(31))
    assert y[-1] == pytest.approx(race.snapshot.lane(0).distance)


def test_the_loss_on_a_logarithmic_axis_counts_from_the_lowest_minimum(race):
    race.pane.apply_preset("saddle")
    race.pump()
    go(race, 30)
    _, y = race.pane.curves._curves[0].data
    assert y[-1] == pytest.approx(race.snapshot.lane(0).loss + 2.0)


def test_the_time_of_a_step_is_measured_beside_the_race(race):
    race.pump_until(lambda: bool(race.pane._times))
    assert set(race.pane._times) == {view.method for view in race.snapshot.lanes}
    assert all(0.0 < seconds < 1.0 for seconds in race.pane._times.values())
    table = race.pane.leaderboard.table
    assert all(table.text_of(view, "time") != "–" for view in table.rows)


def test_rewinding_and_branching_keep_the_pane_whole(race):
    go(race, 40)
    race.channel.seek(10)
    race.pump_until(lambda: race.snapshot.step == 10)
    assert race.pane.map.layer._future
    race.channel.edit_value(("lanes", 0, "rate"), 0.05)
    race.pump()
    race.channel.step(5)
    race.pump_until(lambda: race.snapshot.step == 15)
    assert race.channel.last_frame.ghost is not None
    assert race.pane.map.layer._ghosts
    assert not race.pane.grab().isNull()


def test_trails_leave_as_one_table(race):
    go(race, 6)
    rows = list(csv.DictReader(trails_csv(race.channel.last_frame).splitlines()))
    assert len(rows) == 9 * 7
    assert rows[6]["lane"] == "SGD"
    assert float(rows[6]["loss"]) == race.snapshot.lane(0).loss


def test_everything_can_be_saved(race, tmp_path):
    go(race, 6)
    exports = race.pane.exports
    exports.save_map(tmp_path / "map.svg")
    exports.save_map(tmp_path / "map.png")
    exports.save_curves(tmp_path / "curves.png")
    exports.save_trails(tmp_path / "trails.csv")
    exports.save_script(tmp_path / "race.py")
    assert all(path.stat().st_size > 500 for path in tmp_path.iterdir())
    done = subprocess.run(
        [sys.executable, "-m", "py_compile", str(tmp_path / "race.py")], check=False
    )
    assert done.returncode == 0
    menu = QMenu()
    race.pane.export_menu(menu)
    assert len(menu.actions()) >= 4


def test_the_layout_is_remembered_and_nonsense_is_ignored(race):
    pane = race.pane
    pane.map.set_option("velocity", True)
    pane.map.set_option("fade", "loss")
    pane.show_view("memory")
    state = pane.save_state()
    pane.map.set_option("velocity", False)
    pane.show_view("curves")
    pane.restore_state(state)
    assert pane.map.options.velocity
    assert "memory" in pane.column.shown()
    for bad in ({}, {"splitter": "x", "cards": 3, "map": [], "curves": None}, []):
        pane.restore_state(bad)
    assert pane.map.options.fade == "loss"


def test_every_command_runs(race):
    go(race, 3)
    for spec in race.pane.pane_actions():
        if "preset" not in spec.id and spec.id != "optimizers.solid":
            spec.run(False)
            race.pump(2)
    assert race.reports == []
    assert len({spec.id for spec in race.pane.pane_actions()}) == len(race.pane.pane_actions())


def test_every_size_is_painted_in_both_themes(race, themed):
    go(race, 8)
    for scale in (1.0, 2.0):
        themed.set_scale(scale)
        for mode in ("light", "dark"):
            themed.set_mode(mode)
            for size in ((480, 420), (590, 470), (1000, 660), (2200, 1500)):
                race.pane.resize(*size)
                assert not race.pane.grab().isNull()
