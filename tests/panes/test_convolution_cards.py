"""The cards of the laboratory, the signal's bars, and the arithmetic in words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent

from playground.core.convolution import Fed
from playground.core.images import encode_pixels, to_pixels
from playground.core.kernels import KernelError
from playground.experiments.convolution import ConvolutionExperiment
from playground.experiments.convolution_spec import (
    MAX_STACK,
    ImageSpec,
    KernelSpec,
    PoolingSpec,
    StackLayerSpec,
)
from playground.experiments.image_spec import picture_of
from playground.experiments.spec import replace_at
from playground.panes.cnn.convolution_drawing import fed_marks
from playground.panes.cnn.convolution_kernel import kernel_text, parse_kernel
from playground.panes.cnn.convolution_pooling import pool_words
from playground.panes.cnn.convolution_script import as_torch_script
from playground.panes.cnn.convolution_words import (
    channel_sum,
    factor,
    fed_terms,
    product_sum,
    signed,
)
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


def test_pooling_shows_the_window_and_the_winner_of_a_number(qtbot, lab):
    load(lab, pooling=PoolingSpec(kind="max"))
    lab.pane.show_view("pooling")
    lab.pump()
    card = lab.pane.pooling
    hover(qtbot, card.after, 1, 2)
    window = lab.snapshot.result.activated.values[0, 2:4, 4:6]
    place = divmod(int(lab.snapshot.result.winners[0, 1, 2]), 8)
    assert [(mark.top, mark.left, mark.rows) for mark in card.before.marks] == [
        (2, 4, 2),
        (*place, 1),
    ]
    assert lab.snapshot.result.activated.values[0][place] == window.max()
    assert card.words.text().startswith("[1, 2] of the window at [2, 4]: max(")
    hover(qtbot, card.before, 7, 0)
    assert card.words.text().startswith("[3, 0]")


@pytest.mark.parametrize(
    ("kind", "number"),
    [("max", np.max), ("average", np.mean), ("l2", lambda x: np.sqrt(np.sum(x**2)))],
)
def test_pooling_words_end_in_the_number(lab, kind, number):
    load(lab, pooling=PoolingSpec(kind=kind, size=3, stride=2))
    found = number(lab.snapshot.result.activated.values[0, 2:5, 4:7])
    words = pool_words(lab.snapshot, 1, 2).rpartition(" = ")[2].replace("−", "-")
    assert float(words) == pytest.approx(found, rel=1e-3, abs=1e-4)
    assert pool_words(lab.snapshot, 3, 0) == ""


def test_pooling_is_chosen_on_the_card_and_a_window_too_large_says_so(lab):
    lab.pane.show_view("pooling")
    lab.pane.pooling.kind.edited.emit("average")
    lab.pump()
    lab.pane.pooling.shapes[1].click()
    lab.pump()
    pooling = lab.snapshot.spec.pooling
    assert (pooling.kind, pooling.size, pooling.stride) == ("average", 3, 2)
    lab.pane.edit(("pooling", "size"), 9)
    lab.pump()
    assert "9 pixels a side" in lab.pane.pooling.after.sentence
    assert lab.pane.verdict(lab.channel.last_frame)[0] == "warn"


def test_all_borders_are_compared_and_one_is_taken(lab):
    load(lab, kernel=KernelSpec.of("box", 5, 5))
    lab.pane.show_view("borders")
    lab.pump_until(lambda: lab.pane.borders.views["valid"].rows > 0)
    rows = {border: view.rows for border, view in lab.pane.borders.views.items()}
    assert rows == {"zeros": 8, "replicate": 8, "circular": 8, "reflect": 8, "valid": 4}
    lab.pane.borders.buttons["reflect"].click()
    lab.pump()
    assert lab.snapshot.spec.border == "reflect"
    load(lab, image=ImageSpec(kind="digit", size=8), kernel=KernelSpec.of("box", 11, 11))
    lab.pump_until(lambda: lab.pane.borders.views["valid"].sentence != "")
    assert "Nothing is left" in lab.pane.borders.views["valid"].sentence


def test_both_sides_of_associativity_are_computed_when_they_are_looked_at(lab):
    assert lab.snapshot.composition is None
    load(lab, second=KernelSpec.of("sobel x"), kernel=KernelSpec.of("gaussian"))
    lab.pane.show_view("compose")
    lab.pump()
    card = lab.pane.compose
    assert card.composed.values.shape == (5, 5)
    assert card.law.kind == "ok"
    assert card.breach.kind == "warn"
    card.second.cell_edited.emit(1, 1, 4.0)
    lab.pump()
    assert lab.snapshot.spec.second.values[1][1] == 4.0
    card.take.click()
    lab.pump()
    assert lab.snapshot.spec.kernel.rows == 5
    load(lab, kernel=KernelSpec.of("box", 11, 11))
    lab.pump()
    assert not card.take.isEnabled()


def test_a_kernel_of_rank_one_is_taken_apart(lab):
    lab.pane.show_view("separate")
    lab.pump()
    card = lab.pane.separate
    np.testing.assert_allclose(card.column.values @ card.row.values, card.kernel.values)
    assert "Rank 1" in card.words.text
    load(lab, kernel=KernelSpec.of("laplacian 4"))
    assert "Rank 2" in card.words.text
    assert not card.column.isVisibleTo(card)


def test_the_stack_is_edited_and_its_fields_are_drawn(lab):
    lab.pane.show_view("field")
    lab.pump()
    card = lab.pane.field
    assert "3 layers see 7 × 7 pixels: 1 + 2 + 2 + 2 = 7." in card.words.text()
    assert [mark.rows for mark in card.view.marks] == [7, 5, 3]
    card.add_pooling.click()
    lab.pump()
    assert lab.snapshot.spec.stack[3] == StackLayerSpec(kind="pooling", size=2, stride=2)
    assert lab.snapshot.receptive[-1].size == 8
    card._rows[0].fields["stride"].edited.emit(2)
    lab.pump()
    assert lab.snapshot.spec.stack[0].stride == 2
    card._rows[1].remove.click()
    lab.pump()
    assert len(lab.snapshot.spec.stack) == 3
    load(lab, stack=(StackLayerSpec(),) * MAX_STACK)
    assert not card.add_convolution.isEnabled()
    load(lab, stack=(StackLayerSpec(),))
    assert not card._rows[0].remove.isEnabled()
    assert card.words.text().startswith("1 layer sees 3 × 3 pixels")
    lab.channel.undo_stack.undo()


def test_of_a_signal_a_layer_sees_samples(own_lab):
    own_lab.pane.show_view("field")
    load(own_lab, mode="1-D", signal="0 0 3 0 0 6 1 2")
    card = own_lab.pane.field
    assert "3 layers see 7 samples: 1 + 2 + 2 + 2 = 7." in card.words.text()
    assert [row.sees.text() for row in card._rows] == ["→ 3", "→ 5", "→ 7"]
    assert card.add_convolution.text() == "+ conv 3"


def test_weights_are_counted_as_in_the_course(lab):
    load(
        lab,
        image=ImageSpec(kind="digit", size=28),
        kernel=KernelSpec.of("gaussian", 5, 5),
        border="valid",
    )
    lab.pane.show_view("sizes")
    words = lab.pane.sizes.words.text()
    assert "5 × 5 = 25" in words
    assert "28 × 28 × 24 × 24 = 451,584" in words
    assert "⌊(28 + 2·0 − 1·(5 − 1) − 1)/1⌋ + 1 = 24" in lab.pane.sizes.numbers.text()
    assert lab.pane.sizes.bars.accessibleName().endswith("451,584")


def test_a_signal_is_bars_with_the_kernel_under_the_window(qtbot, own_lab):
    load(own_lab, mode="1-D", signal="0 0 3 0 0 6", border="valid")
    bars = own_lab.pane.stage.bars
    assert bars.isVisibleTo(own_lab.pane)
    own_lab.pane.grab()
    assert not own_lab.pane.stage.picture.isVisibleTo(own_lab.pane)
    qtbot.mouseMove(bars, bars.bar_rect(2, 4).center().toPoint())
    assert bars.laid_on.col == 3
    assert "0.333·0 + 0.333·0 + 0.333·6 = 2" in own_lab.pane.card.text
    qtbot.mouseMove(bars, bars.bar_rect(0, 2).center().toPoint())
    assert "Input sample [2] = 3 feeds 3 outputs." in own_lab.pane.card.text


def test_the_wheel_changes_a_sample_and_what_is_typed_is_checked(own_lab):
    load(own_lab, mode="1-D", signal="1 2 3")
    bars = own_lab.pane.stage.bars
    place = bars.bar_rect(0, 2).center()
    event = QWheelEvent(
        place, place, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    bars.wheelEvent(event)
    own_lab.pump()
    changed = own_lab.snapshot.picture.values[0, 0].tolist()
    assert sorted(after - before for after, before in zip(changed, (1, 2, 3), strict=True)) == [
        0,
        0,
        1,
    ]
    before = own_lab.snapshot.spec
    own_lab.pane.edit(("signal",), "1 two 3")
    own_lab.pump()
    assert "“two” is not a number" in own_lab.reports[-1]
    assert own_lab.snapshot.spec == before


def test_bars_beyond_the_ends_are_none(own_lab):
    load(own_lab, mode="1-D", signal="1 2 3")
    assert own_lab.pane.stage.bars._bar_at(QPointF(-5.0, 5.0)) is None
    assert own_lab.pane.stage.bars._bar_at(QPointF(5.0, 9999.0)) is None


def test_the_inspector_shows_what_the_input_needs(own_lab):
    form = own_lab.pane.inspector().form
    assert not form.row(("kernel", "preset")).isHidden()
    assert form.row(("signal_kernel", "preset")).isHidden()
    form.edited.emit(("mode",), "1-D", True)
    own_lab.pump()
    assert form.row(("kernel", "preset")).isHidden()
    assert not form.row(("signal_kernel", "preset")).isHidden()
    assert form.row(("image", "kind")).isHidden()


def test_products_are_written_out_or_shortened(lab):
    window = lab.snapshot.window_at(4, 4)
    words = product_sum(window, 0)
    assert words.count("·") == 9
    assert words.startswith("(−1)·")
    load(lab, kernel=KernelSpec.of("box", 7, 7))
    words = product_sum(lab.snapshot.window_at(4, 4), 0)
    assert "… 41 more …" in words
    assert words.count("·") == 8


def test_channels_bias_and_relu_are_summed_in_words(lab):
    load(lab, image=ImageSpec(kind="flower", size=8, colour="rgb"))
    window = lab.snapshot.window_at(4, 4)
    words = channel_sum(window, -100.0, relu=True)
    for part in ("(R)", "(G)", "(B)", "− 100 (bias)", "ReLU: max(0, "):
        assert part in words
    assert words.endswith("= 0")
    assert "(R)" not in channel_sum(window, 0.0, relu=False, only=1)


@pytest.mark.parametrize(("value", "text"), [(2.0, "2"), (-0.5, "(−0.5)"), (0.0, "0")])
def test_negative_factors_stand_in_parentheses(value, text):
    assert factor(value) == text


def test_terms_carry_their_sign():
    assert signed(-2.0) == " − 2"
    assert signed(2.0) == " + 2"
    assert signed(-2.0, first=True) == "−2"


def test_many_fed_outputs_are_shortened():
    fed = [Fed(row, 0, -1.0) for row in range(40)]
    words = fed_terms(2.0, fed, signal=False)
    assert words.endswith("and 32 more")
    assert all(mark.width == 0.0 and mark.fill for mark in fed_marks(fed))
    assert {mark.token for mark in fed_marks(fed)} == {"class_minus"}


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 11).flatmap(
        lambda width: st.lists(
            st.lists(st.floats(-1000, 1000, allow_nan=False), min_size=width, max_size=width),
            min_size=1,
            max_size=11,
        )
    ),
    st.sampled_from(["\t", ";", ","]),
)
def test_kernels_read_back_from_text(cells, separator):
    array = np.array(cells)
    np.testing.assert_array_equal(parse_kernel(kernel_text(array, separator)), array)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no kernel"),
        ("1\n" * 12, "holds no kernel"),
        ("1 " * 12, "1 to 11 rows and columns"),
        ("1 2\n3 x", "Line 2 of the kernel: “x” is not a number"),
        ("1 nan", "“nan” is not a number"),
        ("1," * 50_000, "holds no kernel"),
    ],
)
def test_text_that_is_no_kernel_is_refused_in_a_sentence(text, words):
    with pytest.raises(KernelError, match=words):
        parse_kernel(text)


def test_words_and_spaces_are_a_kernel():
    assert parse_kernel("−1 0 1\n\n 2\t0\t−2".replace("\t", " ")).tolist() == [
        [-1.0, 0.0, 1.0],
        [2.0, 0.0, -2.0],
    ]


SCRIPTED = {
    "convolution": {"operation": "convolution", "border": "reflect"},
    "strides": {"stride": 2, "dilation": 2, "border": "circular"},
    "own kernels": {
        "image": ImageSpec(kind="flower", size=9, colour="rgb"),
        "channels": "own",
        "kernel_green": KernelSpec.of("box"),
        "bias": -0.25,
        "relu": True,
        "border": "replicate",
    },
    "each": {"image": ImageSpec(kind="flower", size=9, colour="rgb"), "channels": "each"},
    "max": {"pooling": PoolingSpec(kind="max", size=3, stride=2)},
    "average": {"pooling": PoolingSpec(kind="average")},
    "l2": {"pooling": PoolingSpec(kind="l2", size=3, stride=1), "border": "valid"},
    "signal": {"mode": "1-D", "signal": "1 -2 3.5 0 4", "border": "zeros", "bias": 1.0},
}


@pytest.mark.parametrize("name", SCRIPTED)
def test_the_script_computes_the_same_result(name, capsys):
    pytest.importorskip("torch")
    spec = TINY.model_copy(update=SCRIPTED[name])
    if not spec.is_signal:
        # Pixels of 8 bits travel without loss.
        pixels = to_pixels(picture_of(spec.image))
        own = replace_at(spec.image, ("own",), encode_pixels(pixels))
        spec = spec.model_copy(update={"image": own})
    snapshot = ConvolutionExperiment(spec, 0).snapshot(frozenset())
    found = {}
    exec(compile(as_torch_script(snapshot), "script", "exec"), found)
    expected = snapshot.result.pooled or snapshot.result.activated
    np.testing.assert_allclose(found["y"][0].numpy(), expected.values, atol=1e-12)
    assert capsys.readouterr().out.startswith("input (")


def test_without_a_result_there_is_no_script():
    spec = TINY.model_copy(update={"kernel": KernelSpec.of("box", 11, 11), "border": "valid"})
    with pytest.raises(ValueError, match="Nothing is left"):
        as_torch_script(ConvolutionExperiment(spec, 0).snapshot(frozenset()))
