from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.experiments.base import Progress, SetValue
from playground.experiments.convolution import ConvolutionExperiment
from playground.experiments.convolution_snapshot import VIEW_COMPOSITION
from playground.experiments.convolution_spec import ConvolutionSpec, ImageSpec, KernelSpec
from playground.experiments.init_spec import InitSpec

NOTHING: frozenset[str] = frozenset()
SPEC = ConvolutionSpec(image=ImageSpec(kind="noise", size=8), kernel=KernelSpec.of("sobel x"))


def experiment_with(**values) -> ConvolutionExperiment:
    return ConvolutionExperiment(SPEC.model_copy(update=values), 0)


def test_step_0_shows_the_whole_result():
    shown = experiment_with().snapshot(NOTHING)
    assert shown.whole
    assert shown.window is None
    assert (shown.swept, shown.total) == (0, 36)
    assert shown.position == "the whole result: 6 × 6 pixels"
    assert shown.headline == "6 × 6 outputs"
    assert shown.size_sentence == "⌊(8 + 2·0 − 1·(3 − 1) − 1)/1⌋ + 1 = 6"


def test_sweep_computes_pixel_after_pixel_in_reading_order():
    experiment = experiment_with()
    experiment.advance(8)
    shown = experiment.snapshot(NOTHING)
    assert not shown.whole
    assert shown.position == "row 2 of 6 · column 2 of 6"
    assert shown.window is not None
    assert (shown.window.row, shown.window.col) == (1, 1)
    assert shown.window.total == pytest.approx(shown.result.raw.values[0, 1, 1])
    assert experiment.steps_to_mark() == 4


def test_end_names_the_windows():
    experiment = experiment_with()
    assert experiment.advance(1000) == 36
    shown = experiment.snapshot(NOTHING)
    assert shown.whole
    assert shown.status.progress is Progress.FINISHED
    assert shown.status.reason == "every output pixel is computed: 6 × 6 = 36 windows"
    assert experiment.advance(1) == 0


@given(steps=st.lists(st.integers(0, 15), max_size=6))
@settings(max_examples=25, deadline=None)
def test_many_steps_at_once_are_as_many_steps(steps):
    at_once, one_by_one = experiment_with(), experiment_with()
    for count in steps:
        done = at_once.advance(count)
        for _ in range(done):
            one_by_one.step()
    assert at_once.step_index == one_by_one.step_index
    assert at_once.drain_records() == one_by_one.drain_records()


def test_rows_are_recorded_at_their_end():
    experiment = experiment_with()
    experiment.advance(13)
    values = experiment.snapshot(NOTHING).result.raw.values[0]
    records = experiment.drain_records()
    assert [record.step for record in records] == [6, 12]
    for row, record in enumerate(records):
        expected = (row, values[row].min(), values[row].mean(), values[row].max())
        assert record.values == pytest.approx(expected)


def test_state_brings_back_step_and_knobs():
    experiment = experiment_with()
    experiment.advance(7)
    state = experiment.state()
    before = experiment.snapshot(NOTHING)
    experiment.apply(SetValue(path=("stride",), value=2))
    experiment.advance(2)
    experiment.load_state(state)
    after = experiment.snapshot(NOTHING)
    assert (after.step, after.spec, after.swept) == (before.step, before.spec, before.swept)
    assert (after.result.raw.values == before.result.raw.values).all()
    assert not experiment.drain_records()


def test_smaller_result_ends_the_sweep_and_the_old_size_brings_its_place_back():
    experiment = experiment_with()
    experiment.advance(20)
    experiment.apply(SetValue(path=("stride",), value=2))
    shown = experiment.snapshot(NOTHING)
    assert (shown.step, shown.swept, shown.total) == (20, 9, 9)
    assert shown.status.progress is Progress.FINISHED
    assert experiment.advance(5) == 0
    experiment.apply(SetValue(path=("stride",), value=1))
    shown = experiment.snapshot(NOTHING)
    assert (shown.step, shown.swept, shown.total) == (20, 20, 36)
    assert shown.status.running
    assert experiment.advance(5) == 5


def test_kernel_that_does_not_fit_says_why_and_loses_nothing():
    experiment = experiment_with()
    experiment.advance(3)
    experiment.apply(SetValue(path=("dilation",), value=4))
    shown = experiment.snapshot(NOTHING)
    assert shown.result is None
    assert shown.problem == shown.size_sentence == shown.status.reason
    assert shown.problem.startswith("Nothing is left: the kernel reaches over 4·(3 − 1) + 1 = 9")
    assert (shown.total, shown.window, shown.position, shown.headline) == (
        0,
        None,
        "no result",
        "no result",
    )
    assert shown.window_at(0, 0) is None
    assert shown.fed_by(0, 0) == ()
    assert experiment.steps_to_mark() >= 1
    assert experiment.advance(4) == 0
    experiment.apply(SetValue(path=("dilation",), value=1))
    assert experiment.snapshot(NOTHING).swept == 3


def test_looking_costs_nothing_until_a_knob_changes():
    experiment = experiment_with()
    first = experiment.snapshot(NOTHING)
    experiment.step()
    assert experiment.snapshot(NOTHING).result is first.result
    experiment.apply(SetValue(path=("bias",), value=1.0))
    assert experiment.snapshot(NOTHING).result is not first.result


def test_composition_comes_when_it_is_asked_for():
    experiment = experiment_with(
        kernel=KernelSpec.of("random"), second=KernelSpec.of("sobel x", 5, 5)
    )
    assert experiment.snapshot(NOTHING).composition is None
    both = experiment.snapshot(frozenset({VIEW_COMPOSITION})).composition
    assert both is not None
    assert both.convolution.difference < 1e-9
    assert both.correlation.difference > 1e-3
    assert both.convolution.kernel.shape == (7, 7)
    again = experiment.snapshot(frozenset({VIEW_COMPOSITION})).composition
    assert again is both


def test_signals_are_swept_too():
    experiment = experiment_with(mode="1-D", signal="1 2 4 8")
    assert experiment.snapshot(NOTHING).result.raw.values == pytest.approx(
        np.array([[[7 / 3, 14 / 3]]])
    )
    experiment.apply(SetValue(path=("border",), value="zeros"))
    shown = experiment.snapshot(frozenset({VIEW_COMPOSITION}))
    assert shown.result.raw.values[0, 0] == pytest.approx(np.array([3, 7, 14, 12]) / 3)
    assert shown.result.padded.values.tolist() == [[[0, 1, 2, 4, 8, 0]]]
    assert shown.composition.convolution.difference < 1e-12
    assert experiment.advance(10) == 4
    assert experiment.headline() == "1 × 4 outputs"


def test_another_spec_is_a_mistake_of_the_caller():
    with pytest.raises(TypeError, match="expected a ConvolutionSpec, got InitSpec"):
        ConvolutionExperiment(InitSpec(), 0)
