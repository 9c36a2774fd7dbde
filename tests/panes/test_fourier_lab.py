"""The Fourier tab on a real engine: mask, rings, waves, views, pictures of one's own, exports."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QGuiApplication, QImage, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QMenu

from playground.assets_path import asset
from playground.core.fourier import opposite
from playground.engine.runner import Runner
from playground.experiments.fourier import FourierExperiment
from playground.experiments.fourier_snapshot import VIEWS
from playground.experiments.fourier_spec import FourierSpec
from playground.experiments.spec import replace_at
from playground.panes.base import PaneContext, PaneInfo
from playground.panes.cnn.fourier_exports import energy_csv, spectrum_csv
from playground.panes.cnn.fourier_lab import FourierLab
from playground.panes.cnn.fourier_picture import wave_words
from playground.panes.cnn.fourier_presets import default_spec, fourier_presets
from playground.panes.cnn.fourier_views import ordinal
from playground.ui.actions import ACTIONS
from playground.ui.channel import ChannelClient
from playground.ui.theme import theme
from tests.panes.conftest import Bench

INFO = PaneInfo("cnn/fourier", "Fourier", "Fourier", "waves", "fourier", "unused:Unused", "")
SMALL = FourierSpec(image={"kind": "noise", "size": 32})
LEFT, RIGHT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.NoButton


@pytest.fixture(scope="module", autouse=True)
def dark(qapp):
    """Install the theme once: styling every living widget anew for each test takes long."""
    before = theme().mode
    theme().set_mode("dark")
    theme().install(qapp)
    yield theme()
    theme().set_mode(before)


@pytest.fixture(scope="module")
def tab(dark):
    """Return the tab on an engine of its own; making it takes longer than most of the tests."""
    runner = Runner(lambda kind: FourierExperiment)
    channel = ChannelClient("cnn/fourier", "fourier", runner.send)
    made = Bench(None, channel, runner)
    channel.problem.connect(lambda sentence, _: made.reports.append(sentence))
    context = PaneContext(
        INFO, channel, lambda sentence, _: made.reports.append(sentence), lambda: None
    )
    made.pane = FourierLab(context)
    channel.frame.connect(made.pane.render_frame)
    channel.beside.connect(made.pane.render_beside)
    made.pane.views_changed.connect(lambda: channel.watch(True, made.pane.views()))
    made.pane.show()
    made.pane.complete()
    channel.watch(True, made.pane.views())
    channel.set_speed(float("inf"))
    yield made
    for widget in (made.pane.inspector(), made.pane):
        widget.close()
        widget.deleteLater()


@pytest.fixture
def lab(tab):
    """Return the tab of 1000 × 700 pixels on a picture of 32 × 32 pixels, at step 0."""
    tab.pane.resize(1000, 700)
    tab.pane.restore_state({"view": "filter", "phase": False, "brush": 4})
    if tab.pane.filter.editor.tool != "close":
        tab.pane.filter.bar.close_brush.click()
    tab.channel.open(SMALL, 7)
    tab.pump(3)
    tab.channel.undo_stack.clear()
    tab.reports.clear()
    return tab


def send(widget, kind, place, button=NONE, held=NONE):
    event = QMouseEvent(
        kind, place, widget.mapToGlobal(place), button, held, Qt.KeyboardModifier.NoModifier
    )
    QGuiApplication.sendEvent(widget, event)


def stroke(lab, places, button=LEFT):
    """Draw through places given as (vertical, horizontal) frequencies."""
    editor = lab.pane.filter.editor
    points = [editor.place_of(*place) for place in places]
    send(editor, QEvent.Type.MouseButtonPress, points[0], button, button)
    for point in points[1:]:
        send(editor, QEvent.Type.MouseMove, point, NONE, button)
        lab.pump(2)
    send(editor, QEvent.Type.MouseButtonRelease, points[-1], button, NONE)
    lab.pump()


def hover(lab, view, cell):
    place = view.rect_of(*cell).center()
    send(view, QEvent.Type.MouseMove, place)


def show(lab, view):
    assert lab.pane.show_view(view)
    lab.pump()


def load(lab, **changes):
    """Open the small picture with other values, ``mask__kind="none"`` and the like."""
    spec = SMALL
    for name, value in changes.items():
        spec = replace_at(spec, tuple(name.split("__")), value)
    before = lab.channel.run_id
    lab.channel.open(spec, 7)
    lab.pump_until(lambda: lab.channel.last_frame.run_id != before)
    lab.pump()


def test_the_first_screen_shows_picture_spectrum_and_result(lab):
    view = lab.pane.filter
    assert view.image.picture is lab.snapshot.image
    assert view.editor.spectrum is lab.snapshot.spectrum
    assert view.result.picture is lab.snapshot.filtered.result
    assert "of the energy" in view.result.title
    tone, words = lab.pane.verdict(lab.channel.last_frame)
    assert tone == "info"
    assert words.startswith("Stripes finer than 10 px are gone")


def test_the_default_run_reads_back_from_json():
    assert FourierSpec.model_validate_json(default_spec().model_dump_json()) == default_spec()


@pytest.mark.parametrize("view", VIEWS)
def test_only_the_view_in_front_is_asked_for(lab, view):
    show(lab, view)
    assert lab.pane.views() == frozenset({view})
    assert lab.pane.front_view.isVisibleTo(lab.pane)
    assert lab.pane.bar.view.value == view
    assert lab.pane.verdict(lab.channel.last_frame)[1].endswith(".")
    lab.pane.grab()


def test_there_is_no_view_of_another_name(lab):
    assert not lab.pane.show_view("nonsense")


def test_a_ring_is_dragged_and_the_drag_is_undone_at_once(lab):
    stroke(lab, [(0.0, 0.1), (0.0, 0.15), (0.0, 0.25)])
    assert lab.snapshot.spec.mask.radius == pytest.approx(0.25, abs=0.01)
    assert lab.snapshot.spec.mask.kind == "low"
    assert lab.pane.filter.editor.rings == {"radius": lab.snapshot.spec.mask.radius}
    lab.channel.undo_stack.undo()
    lab.pump()
    assert lab.snapshot.spec.mask.radius == 0.1


def test_the_rings_of_a_band_are_dragged_one_by_one(lab):
    load(lab, mask__kind="band", mask__inner=0.1, mask__outer=0.3)
    stroke(lab, [(0.3, 0.0), (0.4, 0.0)])
    assert lab.snapshot.spec.mask.outer == pytest.approx(0.4, abs=0.01)
    assert lab.snapshot.spec.mask.inner == 0.1


def test_the_brush_closes_opposite_frequencies_and_undo_brings_the_ring_back(lab):
    load(lab, mask__kind="high", mask__radius=0.1)
    stroke(lab, [(0.3, 0.2), (0.35, 0.2)])
    mask = lab.snapshot.mask
    assert lab.snapshot.spec.mask.kind == "painted"
    assert np.array_equal(mask, opposite(mask))
    assert mask[16 + 10, 16 + 6] == 0.0
    # What the high pass had closed stays closed.
    assert mask[16, 16] == 0.0
    assert mask[0, 0] == 1.0
    lab.channel.undo_stack.undo()
    lab.pump()
    assert lab.snapshot.spec.mask.kind == "high"


def test_the_right_button_opens_again(lab):
    load(lab, mask__kind="none")
    stroke(lab, [(0.3, 0.2), (0.3, 0.2)])
    closed = (lab.snapshot.mask == 0.0).sum()
    assert closed > 0
    stroke(lab, [(0.3, 0.2), (0.3, 0.2)], RIGHT)
    assert (lab.snapshot.mask == 0.0).sum() == 0


def test_the_eraser_and_no_tool(lab):
    bar, editor = lab.pane.filter.bar, lab.pane.filter.editor
    load(lab, mask__kind="low", mask__radius=0.05)
    bar.open_brush.click()
    assert (editor.tool, bar.close_brush.isChecked()) == ("open", False)
    stroke(lab, [(0.3, 0.2), (0.3, 0.2)])
    assert lab.snapshot.mask[16 + 10, 16 + 6] == 1.0
    bar.open_brush.click()
    assert editor.tool == "look"
    before = lab.snapshot.spec
    stroke(lab, [(0.4, 0.4), (0.4, 0.3)])
    assert lab.snapshot.spec == before
    bar.toggle_brush()
    assert editor.tool == "close"


def test_a_fast_stroke_leaves_no_gaps(lab):
    load(lab, mask__kind="none")
    lab.pane.filter.editor.set_brush(1)
    stroke(lab, [(0.25, -0.4), (0.25, 0.4)])
    row = lab.snapshot.mask[16 + 8]
    assert not row[16 - 12 : 16 + 13].any()


def test_the_wheel_changes_the_brush(lab):
    editor = lab.pane.filter.editor
    place = QPointF(editor.rect().center())
    for turned in (120, 120, -120):
        event = QWheelEvent(
            place, editor.mapToGlobal(place), QPointF(0, turned).toPoint(),
            QPointF(0, turned).toPoint(), NONE, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QGuiApplication.sendEvent(editor, event)
    assert editor.brush == 5
    assert lab.pane.filter.bar.brush_size.value == 5


def test_let_everything_pass(lab):
    lab.pane.filter.bar.clear.click()
    lab.pump()
    assert lab.snapshot.spec.mask.kind == "none"
    assert lab.pane.filter.editor.rings == {}
    assert lab.pane.filter.bar.kind.value == "none"


def test_places_and_frequencies_are_inverse(lab):
    editor = lab.pane.filter.editor
    for place in ((0.0, 0.0), (0.25, -0.125), (-0.5, 0.4)):
        assert editor.frequency_at(editor.place_of(*place)) == pytest.approx(place, abs=1e-9)
    assert editor.cell_at(editor.place_of(0.25, -0.125)) == (16 + 8, 16 - 4)


def test_pointing_at_a_frequency_draws_its_wave(lab):
    editor, card = lab.pane.filter.editor, lab.pane.wave
    hover(lab, editor, (16, 16 + 4))
    assert card.wave.period == pytest.approx(8.0)
    assert card.numbers.value_text("period") == "8.000 px"
    assert card.numbers.value_text("frequency") == "4 →  0 ↓"
    assert not card.preview.sentence
    hover(lab, editor, (16, 16))
    assert card.numbers.value_text("period") == "∞ (the mean)"
    QGuiApplication.sendEvent(editor, QEvent(QEvent.Type.Leave))
    assert card.wave is None
    assert "Point at a frequency" in card.preview.sentence


def test_words_beside_the_pointer(lab):
    view = lab.pane.filter
    value = float(lab.snapshot.image.values[0, 3, 5])
    assert view.image.words_at((3, 5)) == f"row 3, column 5\n{value:.4g}"
    assert view.editor.words_at((16, 20)).endswith("passes 0 %")
    hover(lab, view.image, (3, 5))
    assert view.image._read_out.label.text().startswith("row 3, column 5")
    load(lab, image__colour="rgb")
    assert view.image.words_at((0, 0)).splitlines()[1].startswith("R ")
    wave = view.editor.wave_of((16, 16))
    assert wave_words(wave)[0] == "the mean"


def test_copies_repeat_the_numbers_of_the_picture(lab):
    show(lab, "border")
    tiles = lab.pane.border.tiles
    assert (tiles.rows, tiles.columns) == (96, 96)
    assert tiles.words_at((35, 64)) == tiles.words_at((3, 0))


def test_phases_are_shown_in_place_of_magnitudes(lab):
    assert not lab.pane.bar.key.isVisibleTo(lab.pane)
    lab.pane.bar.phase.click()
    lab.pump()
    assert lab.pane.views() == frozenset({"filter", "phase"})
    assert lab.snapshot.spectrum.phase is not None
    assert lab.pane.bar.key.isVisibleTo(lab.pane)
    show(lab, "theorem")
    assert lab.pane.theorem.spectra[0].wordings() == ("phase of F",)
    lab.pane.bar.phase.click()
    lab.pump()
    assert lab.pane.theorem.spectra[0].wordings() == ("|F|",)


def test_playing_adds_rings_and_moves_the_line(lab):
    load(lab, mask__kind="none")
    lab.channel.step(4)
    lab.pump_until(lambda: lab.snapshot.step == 4)
    assert lab.snapshot.filtered.weight.min() == 0
    assert "rings" in lab.pane.verdict(lab.channel.last_frame)[1]
    assert "error" in lab.pane.filter.result.title
    count = lab.snapshot.plan.counts[4]
    assert lab.pane.energy.now.value() == pytest.approx(np.log10(count))
    lab.channel.play()
    lab.pump_until(lambda: not lab.snapshot.status.running)
    tone, words = lab.pane.verdict(lab.channel.last_frame)
    assert tone == "ok"
    assert words.startswith("All that passes the mask is there again")
    low, strong = lab.pane.energy.plans
    assert low.counts[-1] == strong.counts[-1] == 1024


def test_a_finished_or_rewound_run_can_be_changed(lab):
    lab.channel.play()
    lab.pump_until(lambda: not lab.snapshot.status.running)
    end = lab.snapshot.step
    stroke(lab, [(0.0, 0.1), (0.0, 0.3)])
    assert lab.snapshot.spec.mask.radius == pytest.approx(0.3, abs=0.01)
    assert (lab.snapshot.step, lab.snapshot.status.running) == (end, True)
    lab.channel.seek(2)
    lab.pump_until(lambda: lab.snapshot.step == 2)
    assert lab.snapshot.spec.mask.radius == 0.1
    lab.channel.edit_value(("rebuild", "order"), "strong")
    lab.pump()
    assert lab.snapshot.spec.rebuild.order == "strong"
    assert "strongest" in lab.pane.verdict(lab.channel.last_frame)[1]
    assert lab.reports == []


def test_the_energy_curves_tell_their_numbers(lab):
    load(lab, mask__kind="none")
    text = lab.pane.energy._read(1024.0, 0.0)
    assert text == "1,024 coefficients\nlow first 100 %\nstrongest first 100 %"


def test_knobs_below_a_view_are_those_of_the_inspector(lab):
    show(lab, "transform")
    knobs = lab.pane.transform.knobs
    knobs.edited.emit(("transform", "rotation"), 40.0, True)
    lab.pump()
    assert lab.snapshot.spec.transform.rotation == 40.0
    assert knobs.row(("transform", "rotation")).current_value() == 40.0
    assert lab.pane.inspector().form.row(("transform", "rotation")).current_value() == 40.0
    lab.pane.keep_still()
    lab.pump()
    assert lab.snapshot.spec.transform.is_nothing
    lab.channel.undo_stack.undo()
    lab.pump()
    assert lab.snapshot.spec.transform.rotation == 40.0


def test_the_width_of_a_gaussian_is_asked_only_for_one(lab):
    knobs = lab.pane.theorem.knobs
    assert knobs.row(("theorem", "sigma")).isVisibleTo(knobs)
    load(lab, theorem__kernel="box")
    assert not knobs.row(("theorem", "sigma")).isVisibleTo(knobs)


def test_where_there_is_little_room_knobs_share_lines_and_cards_go(lab):
    show(lab, "transform")
    assert lab.pane._strip.isVisibleTo(lab.pane)
    lab.pane.resize(600, 500)
    QGuiApplication.processEvents()
    assert not lab.pane._strip.isVisibleTo(lab.pane)
    rows = [lab.pane.transform.knobs.row(("transform", name)) for name in ("rotation", "blur")]
    assert rows[0].y() < rows[1].y()
    assert lab.pane.minimumSizeHint().width() <= 600


def test_every_set_up_can_be_opened(lab):
    for name, preset in fourier_presets().items():
        assert lab.pane.apply_preset(name)
        lab.pump(3)
        lab.channel.pause()
        lab.pump(3)
        assert lab.channel.spec == preset.spec
        assert preset.view == lab.pane.front
    assert lab.reports == []


def test_the_painted_notch_takes_most_of_the_stripes_out():
    spec = fourier_presets()["notch"].spec
    clean = replace_at(replace_at(spec, ("image", "stripes"), 0.0), ("mask", "kind"), "none")
    left, wanted = (
        FourierExperiment(each, 1).snapshot(frozenset({"filter"})).filtered.result.values
        for each in (spec, clean)
    )
    striped = FourierExperiment(spec, 1).snapshot(frozenset()).image.values
    assert np.square(left - wanted).mean() < 0.25 * np.square(striped - wanted).mean()


def test_commands_have_own_names_free_shortcuts_and_icons(lab):
    actions = lab.pane.pane_actions()
    ids = [action.id for action in actions]
    keys = [key for action in actions for key in action.shortcuts]
    assert len(ids) == len(set(ids))
    assert len(keys) == len(set(keys))
    assert not set(keys) & {key for action in ACTIONS for key in action.shortcuts}
    for action in actions:
        assert action.tooltip.endswith((".", "…"))
        assert not action.icon or asset("icons", f"{action.icon}.svg").is_file()


def test_commands_do_what_they_say(lab):
    runs = {action.id: action.run for action in lab.pane.pane_actions()}
    for view in VIEWS:
        runs[f"fourier.view_{view}"](False)
        assert lab.pane.front == view
    runs["fourier.brush"](False)
    assert (lab.pane.front, lab.pane.filter.editor.tool) == ("filter", "look")
    runs["fourier.phase"](False)
    assert "phase" in lab.pane.views()
    runs["fourier.clear"](False)
    lab.pump()
    assert lab.snapshot.spec.mask.kind == "none"
    runs["fourier.preset_grating"](False)
    lab.pump()
    assert lab.snapshot.spec.image.kind == "gratings"


def picture_file(tmp_path, colour=True):
    image = QImage(20, 12, QImage.Format.Format_RGB888)
    image.fill(QColor("#ff0000" if colour else "#808080"))
    path = tmp_path / "own.png"
    assert image.save(str(path))
    return path, image


def test_a_dropped_picture_is_taken_and_undone_at_once(lab, tmp_path):
    path, _ = picture_file(tmp_path)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    assert lab.pane.accepts_drop(mime)
    assert lab.pane.on_drop(mime)
    lab.pump_until(lambda: lab.snapshot.shape == (12, 20))
    assert lab.snapshot.spec.image.kind == "own"
    assert lab.snapshot.image.values[:, 0, 0].tolist() == [1.0, 0.0, 0.0]
    lab.pane.grab()
    lab.channel.undo_stack.undo()
    lab.pump()
    assert lab.snapshot.spec == SMALL


def test_a_pasted_picture_is_taken_and_words_are_not(lab, tmp_path):
    _, image = picture_file(tmp_path, colour=False)
    mime = QMimeData()
    mime.setImageData(image)
    assert lab.pane.on_drop(mime)
    lab.pump()
    assert (lab.snapshot.spec.image.kind, lab.snapshot.spec.image.colour) == ("own", "grey")
    words = QMimeData()
    words.setText("no picture")
    assert not lab.pane.accepts_drop(words)
    assert not lab.pane.on_drop(words)


def test_a_file_that_is_no_picture_is_one_sentence(lab, tmp_path):
    path = tmp_path / "broken.png"
    path.write_bytes(b"not a picture")
    lab.pane.opener.open_path(path)
    lab.pump_until(lambda: bool(lab.reports))
    assert "broken.png" in lab.reports[0]
    assert lab.snapshot.spec == SMALL


def test_the_layout_is_remembered_and_survives_anything(lab):
    show(lab, "sampling")
    lab.pane.bar.phase.click()
    lab.pane.filter.editor.set_brush(9)
    state = lab.pane.save_state()
    show(lab, "filter")
    lab.pane.bar.phase.click()
    lab.pane.filter.editor.set_brush(2)
    lab.pane.restore_state(state)
    assert lab.pane.save_state() == state
    for junk in ({}, {"view": 3, "phase": "yes", "brush": "big"}, {"view": "nowhere"}, [], None):
        lab.pane.restore_state(junk)
    assert lab.pane.save_state() == state


def test_everything_can_be_saved(lab, tmp_path):
    menu = QMenu()
    lab.pane.export_menu(menu)
    assert len(menu.actions()) == 6
    assert all(action.isEnabled() for action in menu.actions())
    exports = lab.pane.exports
    for name in ("view.png", "view.svg"):
        exports.save_view(tmp_path / name)
    exports.save_energy(tmp_path / "energy.png")
    exports.save_result(tmp_path / "result.png")
    exports.save_spectrum(tmp_path / "spectrum.png")
    assert QImage(str(tmp_path / "result.png")).width() == 32
    assert QImage(str(tmp_path / "view.png")).width() > 1000
    assert (tmp_path / "view.svg").read_text(encoding="utf-8").startswith("<?xml")
    show(lab, "border")
    with pytest.raises(ValueError, match="Filter"):
        exports.save_result(tmp_path / "late.png")


def test_tables_hold_every_frequency_and_every_step(lab):
    rows = list(csv.DictReader(io.StringIO(spectrum_csv(lab.snapshot))))
    assert len(rows) == 32 * 32
    middle = rows[16 * 32 + 16]
    assert (middle["down"], middle["right"], middle["mask"]) == ("0", "0", "1.0")
    assert float(middle["magnitude"]) == pytest.approx(
        float(abs(lab.snapshot.spectrum.values[16, 16]))
    )
    steps = list(csv.DictReader(io.StringIO(energy_csv(lab.snapshot))))
    assert len(steps) == lab.snapshot.plan.steps + 1
    assert float(steps[-1]["rms_error"]) == 0.0


def test_signed_and_spectral_pictures_follow_the_theme(lab, dark):
    load(lab, mask__kind="high")

    def corner():
        image = lab.pane.filter.result.grab().toImage()
        return image.pixelColor(image.width() // 2, image.height() // 2).lightness()

    load(lab, mask__kind="high", mask__radius=0.71)
    before = corner()
    dark.set_mode("light")
    after = corner()
    dark.set_mode("dark")
    assert after > before + 100


def test_which_pixels_are_kept_in_words():
    found = [ordinal(stride) for stride in (1, 2, 3, 4, 8)]
    assert found == [
        "every pixel",
        "every 2nd pixel",
        "every 3rd pixel",
        "every 4th pixel",
        "every 8th pixel",
    ]


def test_numbers_of_the_inspector(lab):
    numbers = lab.pane.inspector().numbers
    assert numbers.value_text("size") == "32 × 32, grey"
    assert numbers.value_text("error") == "0.00"
    load(lab, mask__kind="none")
    assert numbers.value_text("waves") == "1,024"
    assert numbers.value_text("passes") == "100 %"
