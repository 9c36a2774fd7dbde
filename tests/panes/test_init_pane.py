"""The pane on a real engine: arrangement, repair, presets and lesson, jobs, comparison, exports."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMenu

from playground.assets_path import asset
from playground.engine.runner import Runner
from playground.experiments.init_spec import InitDataSpec, InitSpec, NetworkSpec, TrainingSpec
from playground.experiments.registry import experiment_type
from playground.experiments.spec import replace_at
from playground.panes.base import PaneContext
from playground.panes.init.comparison import differences, is_kept
from playground.panes.init.matrix import ACTIVATIONS, SCHEMES
from playground.panes.init.presets import default_spec, init_presets
from playground.panes.registry import pane_info, pane_type
from playground.ui.channel import ChannelClient
from tests.panes.conftest import Bench

PRESETS = init_presets()
TINY = InitSpec(
    network=NetworkSpec(depth=3, width=8),
    data=InitDataSpec(inputs=12, samples=60),
    training=TrainingSpec(batch_size=20, steps=40),
)


@pytest.fixture
def tiny(qtbot, themed):
    """Return the pane of 1100 × 760 pixels on a network of a few neurons, at step 0."""
    runner = Runner(experiment_type)
    channel = ChannelClient("init", "init", runner.send)
    made = Bench(None, channel, runner)
    channel.problem.connect(lambda sentence, _: made.reports.append(sentence))
    info = pane_info("init")
    context = PaneContext(
        info, channel, lambda sentence, _: made.reports.append(sentence), lambda: None
    )
    made.pane = pane_type(info)(context)
    qtbot.addWidget(made.pane)
    qtbot.addWidget(made.pane.inspector())
    channel.frame.connect(made.pane.render_frame)
    channel.beside.connect(made.pane.render_beside)
    made.pane.views_changed.connect(lambda: channel.watch(True, made.pane.views()))
    made.pane.resize(1100, 760)
    made.pane.show()
    channel.watch(True, made.pane.views())
    channel.open(TINY, 7)
    made.pump()
    return made


def load(bench, **changes):
    """Open the tiny network with other values, ``network__depth=2`` and the like."""
    spec = TINY
    for name, value in changes.items():
        spec = replace_at(spec, tuple(name.split("__")), value)
    before = bench.channel.run_id
    bench.channel.open(spec, 7)
    bench.pump_until(lambda: bench.channel.last_frame.run_id != before)


def step_to(bench, step):
    bench.channel.step(step - bench.snapshot.step)
    bench.pump_until(lambda: bench.snapshot.step == step)


def test_the_first_screen_shows_every_layer(tiny):
    layers = tiny.pane.strip.layers
    assert [layer.name for layer in layers] == ["1", "2", "3", "output"]
    assert all(layer.histograms for layer in layers)
    tone, words = tiny.pane.verdict(tiny.channel.last_frame)
    assert tone in ("ok", "warn", "bad", "info")
    assert words


def test_the_default_run_reads_back_from_json():
    spec = default_spec()
    assert InitSpec.model_validate_json(spec.model_dump_json()) == spec


@pytest.mark.parametrize(("size", "cards"), [((1100, 760), 3), ((1100, 500), 2), ((580, 480), 1)])
def test_there_are_as_many_cards_as_there_is_room(tiny, size, cards):
    tiny.pane.resize(*size)
    tiny.pump()
    assert len(tiny.pane.deck.cards) == cards
    keys = [view.key for card in tiny.pane.deck.cards for view in card.views]
    assert keys == list(tiny.pane.deck.keys)


def test_in_a_narrow_room_a_view_has_it_to_itself(tiny):
    tiny.pane.resize(580, 480)
    tiny.pump()
    assert tiny.pane.show_view("clones")
    assert tiny.pane.deck.shown() == ("clones",)
    assert tiny.pane.views() == frozenset({"clones:1"})
    assert not tiny.pane.strip.isVisible()


def test_only_what_is_in_front_is_asked_for(tiny):
    assert tiny.pane.views() == frozenset({"hist:shared", "explorer:1"})
    tiny.pane.strip.shared.click()
    tiny.pane.show_view("matrix")
    assert tiny.pane.views() == frozenset({"hist"})


def test_a_click_on_a_column_chooses_the_layer_of_the_other_views(tiny):
    tiny.pane.strip.layer_chosen.emit(3)
    tiny.pump()
    assert "explorer:3" in tiny.pane.views()
    assert tiny.snapshot.explorer.layer == 3
    assert tiny.pane.explorer.picker.choice.value == 3
    load(tiny, network__depth=2)
    assert tiny.pane.layer == 1


def test_the_output_cannot_be_explored(tiny):
    tiny.pane.select_layer(4)
    assert tiny.pane.layer == 3


def test_the_repair_is_one_click_and_can_be_undone(tiny):
    load(tiny, weights__scheme="zeros")
    assert tiny.pane.bar.repair.isVisibleTo(tiny.pane)
    tiny.pane.bar.repair.click()
    tiny.pump()
    assert tiny.snapshot.spec.weights.scheme == "xavier normal"
    tiny.channel.undo_stack.undo()
    tiny.pump()
    assert tiny.snapshot.spec.weights.scheme == "zeros"


def test_a_rate_that_was_too_large_is_mended_from_the_start(tiny):
    load(tiny, network__activation="relu", weights__scheme="he normal", training__rate=1e4)
    tiny.channel.play()
    tiny.pump_until(lambda: not tiny.snapshot.status.running)
    tiny.pane.repair()
    tiny.pump_until(lambda: tiny.snapshot.spec.training.rate < 1e4)
    assert tiny.snapshot.step == 0 or tiny.snapshot.status.running


def test_knobs_above_the_histograms_start_a_new_run(tiny):
    tiny.pane.bar.norm.click()
    tiny.pump()
    assert tiny.snapshot.spec.network.batch_norm
    tiny.pane.bar.activation.edited.emit("relu")
    tiny.pump()
    assert tiny.snapshot.spec.network.activation == "relu"
    assert tiny.pane.bar.activation.value == "relu"


def test_what_is_refused_is_one_sentence_and_changes_nothing(tiny):
    before = tiny.snapshot.spec
    tiny.pane.bar.edited.emit(("weights", "scheme"), "nonsense")
    tiny.pump()
    assert len(tiny.reports) == 1
    assert tiny.snapshot.spec == before


def test_stepping_back_leaves_the_future_faint(tiny):
    tiny.pane.show_view("loss")
    step_to(tiny, 12)
    tiny.channel.seek(4)
    tiny.pump_until(lambda: tiny.snapshot.step == 4)
    curve = tiny.pane.time.plot.curves[0]
    assert curve.data[0].tolist() == list(range(13))
    assert len(curve.past.xData) == 5


@pytest.mark.parametrize("quantity", ["loss", "accuracy", "saturated", "update"])
def test_quantities_over_time_have_a_curve_each(tiny, quantity):
    assert tiny.pane.show_view(quantity)
    step_to(tiny, 6)
    assert "time" in tiny.pane.deck.shown()
    assert any(curve.bounds is not None for curve in tiny.pane.time.plot.curves)
    assert not tiny.pane.time.note.text()
    view = tiny.pane.time
    of_layers = quantity not in ("loss", "accuracy")
    assert (view.lines.isHidden(), view.key.isHidden()) == (of_layers, not of_layers)


def test_an_activation_that_cannot_die_says_so(tiny):
    tiny.pane.show_view("dead")
    tiny.pump()
    assert "Only ReLU" in tiny.pane.time.note.text()
    load(tiny, network__activation="relu")
    tiny.pump()
    assert not tiny.pane.time.note.text()


def test_the_heat_maps_hold_every_step_of_every_layer(tiny):
    tiny.pane.show_view("heat")
    step_to(tiny, 9)
    for part in tiny.pane.heat.maps:
        assert part.image.bounds.x1 == 10.0
        assert part.image.bounds.y1 == 4.5
        expected = 10.0 ** tiny.channel.last_frame.history.series(part.series).columns["2"][5]
        words = part._read(5.4, 2.0)
        assert words.startswith("layer 2, step 5\n")
        assert f"{expected:.4g}"[:4] in words.replace("×10", "e") or "×10" in words


def test_depth_curves_are_those_of_the_snapshot(tiny):
    measured = tiny.pane.curves._curves["a"].data[1]
    assert measured.tolist()[:3] == tiny.snapshot.measured("a").tolist()[:3]
    gradient = tiny.pane.curves._curves["dz"].data[1]
    assert gradient[2] == pytest.approx(1.0)


def test_silent_layers_are_named(tiny):
    load(tiny, weights__scheme="zeros")
    tiny.pump()
    assert "layers 1 to 3" in tiny.pane.curves.note.text()
    assert tiny.pane.curves.plot.data_bounds().x1 == len(tiny.snapshot.layers)


def test_equal_weights_are_one_flat_square(tiny):
    tiny.pane.show_view("clones")
    load(tiny, weights__scheme="constant")
    tiny.pump()
    assert np.all(tiny.pane.clones.here.values == 1.0)
    assert "bit for bit" in tiny.pane.clones.verdict.text
    load(tiny, weights__scheme="xavier normal")
    tiny.pump()
    assert tiny.pane.clones.here.values.mean() < 0.9
    assert "differ" in tiny.pane.clones.verdict.text


def test_the_matrix_is_computed_when_it_is_looked_at_and_a_click_loads_a_cell(tiny):
    assert not tiny.pane.matrix.running
    tiny.pane.show_view("matrix")
    tiny.pump_until(lambda: tiny.pane.matrix.matrix is not None)
    assert len(tiny.pane.matrix.matrix.cells) == len(SCHEMES) * len(ACTIVATIONS)
    assert len(tiny.pane.matrix.csv().splitlines()) == 1 + 36 * 4
    tiny.pane.matrix.grid.cell_chosen.emit("he normal", "relu")
    tiny.pump()
    spec = tiny.snapshot.spec
    assert (spec.weights.scheme, spec.network.activation) == ("he normal", "relu")
    assert not tiny.pane.matrix.running


def test_every_scheme_learns_and_is_ranked(tiny):
    schemes = tiny.pane.schemes
    tiny.pane.show_view("schemes")
    assert schemes.plot.box.viewRange() == [[0.0, 10.0], [0.0, 100.0]]
    schemes.epochs.set_value(1)
    schemes.run()
    tiny.pump_until(lambda: not schemes.running)
    assert len(schemes.result.curves) == len(SCHEMES)
    assert schemes.table.value_text("zeros").endswith("%")
    assert len(schemes.csv().splitlines()) == 1 + len(SCHEMES)


def test_the_race_of_schemes_can_be_cancelled(tiny):
    schemes = tiny.pane.schemes
    schemes.run()
    tiny.pump(2)
    schemes.run_button.click()
    assert not schemes.running
    assert schemes.run_button.text() == "Run"
    tiny.pump(10)
    assert schemes.csv() == ""


def test_b_has_the_draws_and_batches_of_a(tiny):
    tiny.pane.show_view("ab")
    tiny.pump()
    ab = tiny.pane.ab
    ab.take_as_b(TINY)
    ab.steps.set_value(6)
    ab.run()
    tiny.pump_until(lambda: not ab.running)
    step_to(tiny, 6)
    loss = tiny.channel.last_frame.history.series("loss").columns["loss"]
    assert ab.recording.loss == tuple(loss.tolist())
    b = ab.recording.at(6)
    for mine, other in zip(tiny.snapshot.layers, b.layers, strict=True):
        assert mine.spreads == other.spreads


def test_b_follows_the_timeline_of_a(tiny):
    tiny.pane.show_view("ab")
    tiny.pump()
    ab = tiny.pane.ab
    ab.scheme.edited.emit("he normal")
    ab.steps.set_value(5)
    ab.run()
    tiny.pump_until(lambda: not ab.running)
    assert "B: scheme: He normal" in ab.names.text() or "scheme: He normal" in ab.names.text()
    step_to(tiny, 3)
    assert ab.strip._pair[1].step == 3
    assert ab.strip.axis("a")[1] >= max(
        layer.histograms["a"].high for layer in tiny.snapshot.layers if not layer.is_output
    )
    tiny.pump()
    assert "loss A" in ab.verdict.text
    tiny.channel.reset(8)
    tiny.pump()
    assert "another seed" in ab.verdict.text


def test_b_that_cannot_run_says_why(tiny):
    tiny.pane.show_view("ab")
    tiny.pump()
    ab = tiny.pane.ab
    ab.take_as_b(TINY.model_copy(update={"data": InitDataSpec(source="mnist", folder="/nowhere")}))
    ab.run()
    tiny.pump_until(lambda: not ab.running)
    assert "nowhere" in ab.verdict.text or "MNIST" in ab.verdict.text
    assert ab.recording is None


def test_differences_name_only_what_counts():
    b = replace_at(TINY, ("weights", "scheme"), "he normal")
    assert differences(TINY, b) == ("scheme: He normal",)
    assert differences(TINY, replace_at(TINY, ("weights", "sigma"), 0.5)) == ()
    assert differences(TINY, replace_at(TINY, ("network", "batch_norm"), True)) == (
        "batch normalisation: on",
    )


def test_pictures_are_kept_ever_more_sparsely():
    kept = [step for step in range(2000) if is_kept(step)]
    assert kept[:33] == list(range(33))
    assert len(kept) < 140
    gaps = np.diff(kept) / np.maximum(kept[:-1], 16)
    assert gaps.max() <= 1 / 16 + 1e-9


def test_every_preset_is_allowed_and_has_a_view(tiny):
    for name, preset in PRESETS.items():
        assert type(preset.spec).model_validate_json(preset.spec.model_dump_json()) == preset.spec
        assert not preset.view or tiny.pane.show_view(preset.view), name


@pytest.mark.parametrize("name", ["zeros", "dying-relu", "ab", "deep-plain"])
def test_presets_run_and_paint(tiny, name):
    before = tiny.channel.run_id
    assert tiny.pane.apply_preset(name)
    tiny.pump_until(lambda: tiny.channel.last_frame.run_id != before)
    tiny.channel.step(1)
    tiny.pump_until(lambda: tiny.snapshot.step >= 1)
    assert tiny.snapshot.spec == PRESETS[name].spec
    assert not tiny.pane.grab().isNull()
    tiny.pane.ab.cancel()
    assert tiny.reports == []


def test_the_lesson_speaks_of_presets_and_views_that_exist(tiny):
    text = asset("lessons", "init.md").read_text(encoding="utf-8")
    links = re.findall(r"\((play|view):([a-z0-9-]+)\)", text)
    assert len(re.findall(r"^## ", text, re.MULTILINE)) >= 7
    for kind, name in links:
        assert name in (PRESETS if kind == "play" else tiny.pane.deck.keys), name
    assert {name for kind, name in links if kind == "play"} == set(PRESETS) - {"start"}


def started(name, steps=0):
    from playground.experiments.init import InitExperiment

    preset = PRESETS[name]
    experiment = InitExperiment(preset.spec, preset.seed)
    experiment.advance(steps)
    return experiment.snapshot(frozenset({"clones:2"}))


def std(snapshot, quantity, layer):
    return snapshot.layers[layer - 1].spreads[quantity].std


def test_the_numbers_of_the_lesson_are_true_at_the_start():
    pixels = started("sqrt-204")
    assert std(pixels, "z", 1) == pytest.approx(14.28, rel=0.03)
    assert pixels.layers[0].flat == pytest.approx(0.83, abs=0.02)
    wild = started("normal-tanh")
    assert std(wild, "dz", 1) / std(wild, "dz", 5) == pytest.approx(53, rel=0.05)
    small = started("small")
    assert std(small, "z", 5) == pytest.approx(3.5e-6, rel=0.05)
    logistic = started("logistic")
    assert std(logistic, "dz", 1) / std(logistic, "dz", 5) == pytest.approx(0.003, rel=0.05)
    xavier, he = started("xavier-relu"), started("he-relu")
    assert (std(xavier, "z", 1), std(xavier, "z", 20)) == pytest.approx((0.42, 0.0005), rel=0.05)
    assert (std(he, "z", 1), std(he, "z", 20)) == pytest.approx((0.68, 0.59), rel=0.05)
    deep = started("deep-norm")
    assert std(deep, "dz", 1) / std(deep, "dz", 30) == pytest.approx(21, rel=0.05)


def test_the_numbers_of_the_lesson_are_true_after_training():
    assert started("zeros", 100).loss == pytest.approx(2.303, abs=0.01)
    alike = started("constant", 100)
    assert alike.clones.identical
    assert started("random", 108).test_accuracy == pytest.approx(0.97, abs=0.02)
    dying = started("dying-relu", 200)
    assert max(layer.dead for layer in dying.layers[:-1]) > 0.8


def test_layout_is_kept_and_nonsense_survived(tiny):
    tiny.pane.show_view("clones")
    tiny.pane.strip.log.click()
    tiny.pane.show_view("update")
    state = tiny.pane.save_state()
    tiny.pane.show_view("explorer")
    tiny.pane.strip.log.click()
    tiny.pane.restore_state(state)
    assert "clones" in tiny.pane.deck.shown()
    assert tiny.pane.strip.log_counts
    assert tiny.pane.time.quantity.key == "update"
    for nonsense in (None, [], {"deck": 3, "strip": {"log": 7}, "depth": [], "time": "x"}):
        tiny.pane.restore_state(nonsense)
    assert tiny.pane.strip.log_counts


def test_everything_is_exported(tiny, tmp_path):
    step_to(tiny, 4)
    exports = tiny.pane.exports
    exports.save_strip(tmp_path / "strip.png")
    assert QImage(str(tmp_path / "strip.png")).width() == 2 * tiny.pane.strip.width()
    exports.save_strip(tmp_path / "strip.svg")
    assert (tmp_path / "strip.svg").read_text(encoding="utf-8").count("<poly") > 20
    for save, name in (
        (exports.save_depth, "depth.svg"),
        (exports.save_time, "time.png"),
        (exports.save_heat, "heat.png"),
    ):
        save(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 500
    exports.save_layers(tmp_path / "layers.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "layers.csv").read_text("utf-8"))))
    assert len(rows) == 3 * 6 + 4
    z = next(row for row in rows if (row["layer"], row["quantity"]) == ("2", "z"))
    assert float(z["std"]) == tiny.snapshot.layers[1].spreads["z"].std
    exports.save_histograms(tmp_path / "bars.csv")
    bars = (tmp_path / "bars.csv").read_text("utf-8").splitlines()
    assert len(bars) == 1 + 61 * len(rows)
    exports.save_history(tmp_path / "history.csv")
    table = list(csv.reader(io.StringIO((tmp_path / "history.csv").read_text("utf-8"))))
    assert [row[0] for row in table[1:]] == ["0", "1", "2", "3", "4"]
    assert all(len(row) == len(table[0]) for row in table)
    exports.save_script(tmp_path / "run.py")
    compile((tmp_path / "run.py").read_text(encoding="utf-8"), "run.py", "exec")


def test_the_export_menu_names_everything(tiny, qtbot):
    menu = QMenu()
    qtbot.addWidget(menu)
    tiny.pane.export_menu(menu)
    words = " ".join(action.text() for action in menu.actions())
    for name in ("Histograms", "Depth", "Heat map", "Layers", "History", "PyTorch"):
        assert name in words


def test_actions_are_unique_and_leave_the_keys_of_the_window(tiny):
    from playground.ui.actions import ACTIONS

    actions = tiny.pane.pane_actions()
    assert len({action.id for action in actions}) == len(actions)
    mine = [key for action in actions for key in action.shortcuts]
    assert len(set(mine)) == len(mine)
    assert not set(mine) & {key for action in ACTIONS for key in action.shortcuts}
    assert all(action.tooltip and action.run for action in actions)


def test_the_pane_follows_theme_and_lecture_scale(tiny, themed):
    dark = tiny.pane.grab().toImage()
    themed.set_mode("light")
    themed.set_scale(1.6)
    tiny.pump()
    light = tiny.pane.grab().toImage()
    assert dark != light
    assert light.pixelColor(light.width() // 4, light.height() - 40).lightness() > 200


def test_the_verdict_gets_shorter_with_the_room(tiny):
    load(tiny, weights__scheme="normal", weights__sigma=0.001)
    tiny.pane.resize(1900, 700)
    _, long = tiny.pane.verdict(tiny.channel.last_frame)
    tiny.pane.resize(660, 700)
    _, short = tiny.pane.verdict(tiny.channel.last_frame)
    assert len(short) < len(long)
    assert long.startswith(short.rstrip("."))


def test_numbers_are_those_of_the_network(tiny):
    table = tiny.pane._inspector.numbers
    assert table.value_text("parameters") == f"{tiny.snapshot.parameters:,}"
    assert table.value_text("dead") == "–"
