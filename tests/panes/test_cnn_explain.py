"""The explanations on a real engine, and their words on results made by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from playground.experiments.cnn_block_spec import activation, connected
from playground.experiments.cnn_explain import (
    AdversarialShift,
    GradCam,
    GradCamJob,
    Occlusion,
    OcclusionJob,
    Saliency,
    SaliencyJob,
    ShiftJob,
)
from playground.experiments.cnn_snapshot import VIEW_WEIGHTS, NetworkState, Prediction
from playground.experiments.cnn_studies import (
    Ascent,
    ExcitingImage,
    ExcitingImages,
    ExcitingImagesJob,
    KnockOutEffect,
    KnockOutJob,
)
from playground.panes.cnn.digit_bars import percent
from playground.panes.cnn.digit_pad import DigitPadCard
from playground.panes.cnn.explain_card import NO_DRAWING_WORDS, ExplainCard
from playground.panes.cnn.explain_filters import found_words
from playground.panes.cnn.explain_knockout import ELSEWHERE, effect_words
from playground.panes.cnn.explain_maps import map_words, strongest_patch
from playground.panes.cnn.explain_page import (
    Subject,
    TurningBox,
    coloured,
    laid_over,
    place_words,
)
from playground.panes.cnn.explain_picker import FilterPicker, layers_of
from playground.panes.cnn.explain_shift import shift_words
from playground.ui.theme import theme
from tests.panes.cnn_bench import TINY, card_bench, draw

CLASSES = tuple("abc")


@pytest.fixture
def bench(qtbot, qapp, themed):
    made = card_bench(qapp)
    card = ExplainCard(made.channel, made.report)
    qtbot.addWidget(card)
    made.card = made.add(card)
    made.pump_until(lambda: made.channel.last_frame is not None)
    made.pump_until(lambda: made.snapshot.weights is not None)
    yield made
    made.channel._send = None
    made.runner = None


def run(job):
    steps = job.run()
    try:
        while True:
            next(steps)
    except StopIteration as stop:
        return stop.value


def page(bench, key):
    assert bench.card.show_page(key)
    return bench.card.pages[key]


def subject(height=8, width=8, label=None, pixels=None, blocks=TINY.blocks):
    image = np.zeros((1, height, width), np.float32) if pixels is None else pixels
    state = NetworkState(blocks, image.shape, CLASSES, {})
    return Subject(state, image, label, "1 of 9", "key", "network", True, True)


def prediction(*values):
    return Prediction(np.zeros((1, 8, 8), np.float32), np.array(values), int(np.argmax(values)))


def test_saliency_is_that_of_the_network_at_the_step_shown(bench):
    bench.go_to(20)
    shown = page(bench, "saliency")
    bench.pump_until(lambda: shown.result is not None and shown._key[1] == 20)
    bench.pump()
    state, images = bench.snapshot.weights, bench.snapshot.images
    found = run(SaliencyJob(state, images.test_x[0]))
    assert np.array_equal(shown.result.strength, found.strength)
    assert f"“{images.class_names[found.target]}”" in bench.card.verdict.text
    before = shown.result
    bench.go_to(4)
    bench.pump_until(lambda: shown.result is not before)
    assert not np.array_equal(shown.result.strength, before.strength)


def test_another_class_is_explained_on_request(bench):
    shown = page(bench, "saliency")
    bench.pump_until(lambda: shown.result is not None)
    shown.choose_class(5)
    bench.pump_until(lambda: shown.result.target == 5)
    bench.pump()
    assert "“5”" in bench.card.verdict.text
    assert shown.target.value == 5


def test_grad_cam_looks_behind_the_last_convolution_or_another_block(bench):
    bench.go_to(10)
    shown = page(bench, "cam")
    bench.pump_until(lambda: shown.result is not None)
    assert shown.block.values == (0, 1, 2, 3, 4)
    assert shown.result.block == 2
    shown.block.edited.emit(shown.block.set_value(0))
    bench.pump_until(lambda: shown.result.block == 0)
    found = run(GradCamJob(bench.snapshot.weights, bench.snapshot.images.test_x[0], 0))
    assert np.array_equal(shown.result.heat, found.heat)


def test_grad_cam_of_a_network_without_convolution_says_so(bench):
    spec = TINY.model_copy(update={"blocks": (connected(8), activation())})
    shown = page(bench, "cam")
    bench.channel.open(spec, 7)
    bench.pump_until(lambda: bench.snapshot.spec.blocks == spec.blocks)
    bench.pump_until(lambda: "needs a convolution" in bench.card.verdict.text)
    assert not shown.block.isVisible()
    assert not shown.both.is_empty
    assert shown.alone.is_empty


def test_the_occlusion_map_frames_the_patch_that_hurts_most(bench):
    bench.go_to(30)
    shown = page(bench, "occlusion")
    bench.pump_until(lambda: shown.result is not None)
    assert shown.patch.value == 2
    state, image = bench.snapshot.weights, bench.snapshot.images.test_x[0]
    found = run(OcclusionJob(state, image, patch=2))
    assert np.array_equal(shown.result.drop, found.drop)
    spot = strongest_patch(shown.result)
    covered = image.copy()
    top, left = int(spot.top()), int(spot.left())
    covered[:, top : top + 2, left : left + 2] = 0.0
    from playground.experiments.cnn_explain import PredictJob

    least = run(PredictJob(state, covered)).probabilities[found.target]
    assert least == pytest.approx(float(found.covered.min()), rel=1e-4)
    assert percent(least) in bench.card.verdict.text


def test_buttons_walk_through_the_test_images_and_tell_the_pane(bench, qtbot):
    wanted = []
    bench.card.example_wanted.connect(wanted.append)
    bench.card.forward.click()
    bench.card.back.click()
    bench.card.back.click()
    assert wanted == [1, 0, 59]
    bench.card.dice.click()
    assert 0 <= wanted[-1] < 60
    bench.card.set_example(3)
    assert len(wanted) == 4
    label = bench.snapshot.images.test_y[3]
    assert bench.card.about.text() == f"4 of 60: {label}"


def test_a_drawing_is_explained_with_whoever_reads_it(bench, qtbot):
    pad = DigitPadCard(bench.channel, bench.report)
    qtbot.addWidget(pad)
    pad.drawing_changed.connect(bench.card.set_drawing)
    bench.add(pad)
    assert bench.card.show_input("drawing")
    bench.pump()
    assert bench.card.verdict.text == NO_DRAWING_WORDS
    assert not bench.card.back.isVisible()
    draw(pad.canvas)
    shown = page(bench, "saliency")
    bench.pump_until(lambda: shown.result is not None and shown.result.target == 3)
    assert shown.result.strength.shape == (28, 28)
    assert bench.card.about.text() == "read by the bundled CNN"
    page(bench, "filters")
    bench.pump()
    assert bench.card.verdict.kind == "warn"
    page(bench, "knockout")
    bench.pump()
    assert bench.card.verdict.text == ELSEWHERE
    pad.show_source("training")
    bench.pump_until(lambda: bench.card.about.text().startswith("read by the network in training"))
    pad.canvas.clear()
    bench.pump_until(lambda: bench.card.verdict.text == NO_DRAWING_WORDS)


def test_exciting_images_come_best_first_and_can_be_clicked(bench):
    shown = page(bench, "filters")
    wanted = []
    bench.card.example_wanted.connect(wanted.append)
    bench.pump_until(lambda: shown.found is not None)
    bench.card.set_filter(2, 4)
    bench.pump_until(lambda: (shown.found.block, shown.found.index) == (2, 4))
    state, images = bench.snapshot.weights, bench.snapshot.images
    assert shown.found == run(ExcitingImagesJob(state, images, 2, 4, count=12))
    values = [image.value for image in shown.found.found]
    assert values == sorted(values, reverse=True)
    QTest.mouseClick(shown.gallery.pictures[1], Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert wanted == [shown.found.found[1].example]
    assert bench.card.example == wanted[0]


def test_the_gallery_follows_the_weights(bench):
    shown = page(bench, "filters")
    bench.pump_until(lambda: shown.found is not None)
    before = [image.value for image in shown.found.found]
    bench.go_to(20)
    bench.pump_until(lambda: [image.value for image in shown.found.found] != before)


def test_ascent_is_watched_as_it_climbs_and_can_be_stopped(bench):
    bench.go_to(10)
    shown = page(bench, "filters")
    bench.pump_until(lambda: shown.found is not None)
    lengths = set()

    def over():
        if shown.ascent is not None:
            lengths.add(len(shown.ascent.values))
        return not shown.climbing

    shown.climb_button.click()
    assert shown.climb_button.accessibleName() == "Stop climbing"
    bench.pump_until(over)
    assert len(lengths) > 2
    assert shown.ascent.values[-1] > shown.ascent.values[0]
    assert len(shown.curve.data[0]) == len(shown.ascent.values)
    shown.climb_button.click()
    shown.climb_button.click()
    assert not shown.climbing
    assert shown.climb_button.accessibleName() == "Climb"
    shown.picker.forward.click()
    assert shown.ascent is None
    assert shown.climber.is_empty


def test_the_shift_follows_its_slider(bench):
    bench.go_to(60)
    shown = page(bench, "shift")
    bench.pump_until(lambda: shown.result is not None and shown._key[1] == 60)
    bench.pump()
    image, label = bench.snapshot.images.test_x[0], int(bench.snapshot.images.test_y[0])
    found = run(ShiftJob(bench.snapshot.weights, image, 0.1, label))
    assert np.array_equal(shown.result.after.probabilities, found.after.probabilities)
    assert np.array_equal(shown.bars.values, found.after.probabilities)
    shown.epsilon.set_value(0.4)
    shown.epsilon.edited.emit(0.4)
    # At once, before the network has answered.
    assert shown.after.caption == "ε = 0.4"
    bench.pump_until(lambda: shown.result.epsilon == 0.4)
    bench.pump()
    moved = np.abs(shown.result.after.pixels - image)
    assert moved.max() == pytest.approx(0.4, abs=1e-6)
    assert bench.card.verdict.text == shift_words(shown.result, shown._shown)[1]


def test_a_trial_changes_nothing_and_a_knock_out_can_be_undone(bench):
    bench.go_to(60)
    shown = page(bench, "knockout")
    bench.pump_until(lambda: shown.effect is not None and shown._key[0][1] == 60)
    bench.pump()
    assert shown.is_trial
    assert bench.snapshot.spec.knocked_out == ()
    assert "would" in bench.card.verdict.text
    bench.card.set_filter(2, 3)
    assert not shown.restore_all.isVisible()
    shown.toggle.click()
    assert shown.toggle.text() == "Restore"
    bench.pump_until(lambda: bench.snapshot.spec.knocked_out == ((2, 3),))
    bench.pump_until(lambda: not shown.is_trial)
    images = bench.snapshot.images
    whole = dataclasses.replace(bench.snapshot.weights, knocked_out=())
    found = run(KnockOutJob(whole, images, ((2, 3),), pixels=images.test_x[0]))
    assert shown.effect.accuracy_after == found.accuracy_after
    assert np.array_equal(shown.by_class.values, found.class_after)
    shown.picker.back.click()
    shown.toggle.click()
    bench.pump_until(lambda: bench.snapshot.spec.knocked_out == ((2, 2), (2, 3)))
    bench.pump()
    assert shown.restore_all.isVisible()
    shown.restore_all.click()
    bench.pump_until(lambda: bench.snapshot.spec.knocked_out == ())
    bench.pump()
    bench.channel.undo_stack.undo()
    bench.pump_until(lambda: bench.snapshot.spec.knocked_out == ((2, 2), (2, 3)))


def test_nothing_is_computed_for_a_card_that_nobody_sees(bench):
    shown = page(bench, "saliency")
    bench.pump_until(lambda: shown.result is not None)
    bench.card.hide()
    before = shown.result
    bench.go_to(3)
    bench.pump(20)
    assert shown.result is before
    assert not shown.running
    bench.card.show()
    bench.pump_until(lambda: shown.result is not before)


def test_a_page_behind_stops_what_it_was_doing(bench):
    shown = page(bench, "filters")
    bench.pump()
    shown.climb_button.click()
    page(bench, "saliency")
    assert not shown.climbing


def test_while_it_trains_costly_pages_are_computed_now_and_then(bench):
    shown = page(bench, "occlusion")
    bench.pump_until(lambda: shown.result is not None)
    rushed = dataclasses.replace(bench.card._subject(), settled=False)
    answers = [shown.is_due(rushed) for _ in range(24)]
    assert answers.count(True) == 3
    assert all(shown.is_due(bench.card._subject()) for _ in range(3))


def test_the_choice_is_remembered_and_rubbish_is_not(bench):
    bench.card.show_page("shift")
    bench.card.set_example(9)
    state = bench.card.save_state()
    bench.card.show_page("cam")
    bench.card.set_example(1)
    bench.card.restore_state(state)
    assert (bench.card.page.value, bench.card.example) == ("shift", 9)
    for rubbish in (
        None,
        3,
        {"page": 7, "example": -1, "input": []},
        {"page": "x", "example": "y"},
    ):
        bench.card.restore_state(rubbish)
    assert (bench.card.page.value, bench.card.example) == ("shift", 9)
    assert not bench.card.show_page("nothing")
    assert not bench.card.show_input("nothing")
    assert bench.card.views() == frozenset({VIEW_WEIGHTS})


def test_after_another_run_with_fewer_images_the_last_one_is_explained(bench):
    bench.card.set_example(59)
    data = TINY.data.model_copy(update={"test": 20})
    bench.channel.open(TINY.model_copy(update={"data": data}), 7)
    bench.pump_until(lambda: bench.card.about.text().startswith("20 of 20"))


@pytest.mark.parametrize("size", [(330, 560), (580, 330)])
@pytest.mark.parametrize("mode", ["dark", "light"])
def test_every_page_can_be_painted_high_and_wide_in_both_themes(bench, themed, size, mode):
    themed.set_mode(mode)
    bench.card.resize(*size)
    for key in bench.card.pages:
        bench.card.show_page(key)
        bench.pump(3)
        assert not bench.card.grab().isNull()


def test_the_card_becomes_narrow_again(bench, qtbot):
    host = QWidget()
    qtbot.addWidget(host)
    QVBoxLayout(host).addWidget(bench.card)
    host.resize(700, 500)
    host.show()
    bench.pump(1)
    assert bench.card.page.y() == bench.card.input.y()
    host.resize(390, 600)
    bench.pump(1)
    assert host.width() == 390
    assert bench.card.input.y() > bench.card.page.geometry().bottom()
    bench.card.setParent(None)


def test_layers_with_filters_and_the_output_can_be_picked(qtbot, themed):
    state = subject().state
    assert layers_of(state, output=False) == [(0, "1 · conv 3×3×4", 4), (2, "3 · conv 3×3×6", 6)]
    assert layers_of(state, output=True)[-1] == (5, "output", 3)
    picker = FilterPicker(output=True)
    qtbot.addWidget(picker)
    assert picker.value is None
    picker.set_network(state)
    chosen = []
    picker.chosen.connect(lambda *value: chosen.append(value))
    picker.back.click()
    picker.forward.click()
    assert chosen == [(0, 3), (0, 0)]
    assert picker.set_value(5, 2)
    assert not picker.set_value(0, 4)
    assert picker.value == (5, 2)
    mlp = dataclasses.replace(state, blocks=(connected(8), activation()))
    picker.set_network(mlp)
    assert picker.value == (0, 0)
    assert picker.number.value == 0


def test_a_filter_chosen_before_the_network_is_known_is_kept_in_mind(qtbot, themed):
    picker = FilterPicker(output=False)
    qtbot.addWidget(picker)
    assert not picker.set_value(2, 4)
    picker.set_network(subject().state)
    assert picker.value == (2, 4)


def test_colours_end_at_the_limit_and_zero_is_neutral(themed):
    values = np.array([[-2.0, 0.0, 1.0, np.nan]])
    table = theme().tokens.diverging_map
    made = coloured(values, 1.0, diverging=True)
    assert made[0, 0].tolist() == table[0].tolist()
    assert made[0, 2].tolist() == table[255].tolist()
    assert made[0, 1].tolist() == made[0, 3].tolist() == table[128].tolist()
    assert coloured(values, 0.0, diverging=False).shape == (1, 4, 4)
    picture = np.full((1, 4, 4), 200, np.uint8)
    over = laid_over(picture, np.zeros((1, 4)), 1.0, diverging=False)
    assert over[0, 0].tolist() == [110, 110, 110, 255]


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ((0, 0), "upper left"),
        ((4, 4), "centre"),
        ((8, 4), "lower middle"),
        ((4, 8), "right middle"),
    ],
)
def test_places_in_words(place, words):
    assert place_words(*place, 9, 9) == words


def test_the_last_patch_of_a_row_ends_at_the_edge():
    covered = np.ones((3, 3), np.float32)
    covered[2, 1] = 0.0
    found = Occlusion(0, 0.9, covered, np.zeros((8, 8), np.float32), 3, 3)
    assert strongest_patch(found) == QRectF(3, 5, 3, 3)


def test_maps_that_show_nothing_say_so():
    zeros = np.zeros((8, 8), np.float32)
    dead = map_words(Saliency(1, zeros[None], zeros), subject())
    assert dead[0] == "warn"
    assert "“b”" in dead[1]
    cold = map_words(GradCam(2, 3, np.zeros(6), zeros, zeros), subject())
    assert cold[0] == "warn"
    assert "block 4 (ReLU)" in cold[1]
    flat = map_words(Occlusion(0, 0.5, np.full((2, 2), 0.6), zeros, 4, 4), subject())
    assert flat == ("info", f"No patch of 4 × 4 pixels takes anything from “a” ({percent(0.5)}).")


def test_grad_cam_tells_where_it_is_hottest_and_not_the_cold_place_between():
    heat = np.zeros((8, 8), np.float32)
    heat[0, 0], heat[7, 7] = 0.9, 1.0
    kind, words = map_words(GradCam(2, 3, np.zeros(6), heat, heat), subject())
    assert kind == "info"
    assert "“c” is strongest in the lower right" in words
    assert f"{percent(2 / 64)} of the image is hot." in words


def test_a_shift_says_where_it_flips():
    epsilons = np.linspace(0.0, 0.3, 4)
    ways = np.array([[0.9, 0.05, 0.05], [0.7, 0.25, 0.05], [0.2, 0.75, 0.05], [0.0, 0.9, 0.1]])
    flat = np.zeros((1, 8, 8), np.float32)
    common = {"direction": flat, "epsilons": epsilons, "probabilities": ways}
    first, second = prediction(*ways[0]), prediction(*ways[1])
    near = AdversarialShift(
        label=0, epsilon=0.1, before=first, after=second, flips_at=0.2, **common
    )
    tone, text = shift_words(near, subject())
    assert tone == "info"
    assert f"flips at ε = 0.2: a with {percent(0.9)} becomes b with {percent(0.75)}" in text
    assert text.endswith("At ε = 0.1 it still reads a.")
    far = dataclasses.replace(near, epsilon=0.3, after=prediction(*ways[3]))
    assert shift_words(far, subject())[0] == "warn"
    firm = dataclasses.replace(near, flips_at=None)
    assert shift_words(firm, subject()) == (
        "ok",
        f"The network reads a with {percent(0.9)}, and no other class up to ε = 0.3.",
    )
    wrong = dataclasses.replace(near, label=2)
    assert "the network reads a" in shift_words(wrong, subject())[1]


def test_what_excites_a_filter_in_words():
    found = ExcitingImages(
        0, 1, tuple(ExcitingImage(k, 2 if k else 0, 3.0 - k, (0, 0, 3, 3)) for k in range(3)), 60
    )
    tone, text = found_words(found, None, subject())
    assert tone == "info"
    assert "up to 3.00; 2 of 3 are “c”" in text
    ascent = Ascent(0, 1, np.zeros((1, 8, 8), np.float32), np.array([0.1, 1.25]))
    assert "rose to 1.25" in found_words(found, ascent, subject())[1]
    assert "rose" not in found_words(found, dataclasses.replace(ascent, index=0), subject())[1]
    dead = ExcitingImages(0, 1, (ExcitingImage(0, 0, -0.5, (0, 0, 3, 3)),), 60)
    assert found_words(dead, None, subject())[0] == "warn"


def effect(before, after, classes, label_after=0, filters=((0, 1),)):
    return KnockOutEffect(
        filters, before, after, np.array([1.0, 0.9, 0.95]), np.array(classes),
        prediction(0.8, 0.1, 0.1), prediction(*np.eye(3)[label_after]), 100,
    )  # fmt: skip


def test_what_a_knock_out_costs_in_words():
    same = effect(0.95, 0.95, [1.0, 0.9, 0.95])
    assert effect_words(same, subject(), trial=True) == (
        "info",
        f"Without filter 2 of block 1 accuracy would stay at {percent(0.95)}.",
    )
    worse = effect(0.95, 0.8, [1.0, 0.3, 0.95], label_after=1, filters=((0, 1), (2, 0)))
    tone, text = effect_words(worse, subject(), trial=False)
    assert tone == "warn"
    assert (
        f"Without these 2 filters accuracy changes from {percent(0.95)} to {percent(0.8)}" in text
    )
    assert f"“b” loses most, {percent(0.6)}" in text
    assert text.endswith("This image becomes b, no longer a.")


def test_a_turning_box_lies_down_where_it_is_wide(qtbot, themed):
    first, second = QWidget(), QWidget()
    box = TurningBox(first, second, wide_from=1.5)
    qtbot.addWidget(box)
    box.show()
    box.resize(300, 400)
    assert not box.is_wide
    box.resize(600, 200)
    assert box.is_wide
    assert first.minimumSizeHint().width() <= box.minimumSizeHint().width()
