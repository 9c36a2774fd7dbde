from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from playground.core import kernels
from playground.core.images import encode_pixels
from playground.experiments.convolution import ConvolutionExperiment
from playground.experiments.convolution_spec import (
    ConvolutionSpec,
    ImageSpec,
    KernelSpec,
    PoolingSpec,
    StackLayerSpec,
)
from playground.experiments.convolution_views import compute, draw
from playground.experiments.image_spec import picture_of

RGB = ImageSpec(kind="noise", size=10, colour="rgb")
GREY = ImageSpec(kind="noise", size=10)


def result_of(**values):
    found = compute(ConvolutionSpec(**values))
    assert found.result is not None, found.problem
    return found.result


def test_channels_are_summed_with_one_kernel_each_like_a_layer_of_torch():
    spec = ConvolutionSpec(
        image=RGB,
        kernel=KernelSpec.of("random", draw=1),
        kernel_green=KernelSpec.of("random", draw=2),
        kernel_blue=KernelSpec.of("random", draw=3),
        channels="own",
        border="zeros",
        stride=2,
        bias=0.3,
        relu=True,
        pooling=PoolingSpec(kind="max", size=3, stride=2),
    )
    found = compute(spec)
    weights = torch.from_numpy(found.kernels.copy())[None]
    x = torch.from_numpy(picture_of(RGB).copy())[None]
    bias = torch.tensor([0.3], dtype=torch.float64)
    raw = functional.conv2d(x, weights, stride=2, padding=1)
    activated = functional.relu(functional.conv2d(x, weights, bias, stride=2, padding=1))
    assert found.result.parts.sum(axis=0)[None] == pytest.approx(raw[0].numpy())
    assert found.result.raw.values == pytest.approx(raw[0].numpy())
    assert found.result.activated.values == pytest.approx(activated[0].numpy())
    pooled, places = functional.max_pool2d(activated, 3, 2, return_indices=True)
    assert found.result.pooled.values == pytest.approx(pooled[0].numpy())
    assert (found.result.winners == places[0].numpy()).all()
    assert found.result.pool_sentence == "⌊(5 + 2·0 − 1·(3 − 1) − 1)/2⌋ + 1 = 2"
    assert found.result.counts.shared == 27


def test_one_kernel_for_all_channels_is_the_kernel_over_their_sum():
    found = result_of(image=RGB, kernel=KernelSpec.of("gaussian"))
    grey = kernels.preset("gaussian")
    for channel, part in enumerate(found.parts):
        expected = functional.conv2d(
            torch.from_numpy(picture_of(RGB)[channel].copy())[None, None],
            torch.from_numpy(grey)[None, None],
        )
        assert part == pytest.approx(expected[0, 0].numpy())
    assert found.raw.values[0] == pytest.approx(found.parts.sum(axis=0))
    assert found.raw.palette == "grey"
    assert found.raw.high == pytest.approx(3.0)


def test_channels_by_themselves_stay_a_coloured_picture():
    found = result_of(image=RGB, kernel=KernelSpec.of("box"), channels="each")
    assert found.raw.values.shape == (3, 8, 8)
    assert found.raw.palette == "colour"
    assert found.raw.levels is None
    assert (found.raw.low, found.raw.high) == (0.0, 1.0)
    expected = np.rint(found.raw.values.transpose(1, 2, 0) * 255)
    assert (found.raw.rgba[..., :3] == expected).all()
    assert found.counts.shared == 9


def test_kernels_of_other_channels_are_fitted_to_the_first():
    found = compute(
        ConvolutionSpec(
            image=RGB,
            channels="own",
            kernel=KernelSpec.of("box", 5, 5),
            kernel_green=KernelSpec.of("sobel x"),
            kernel_blue=KernelSpec.own(np.full((7, 7), 2.0)),
        )
    )
    assert found.kernels.shape == (3, 5, 5)
    assert (found.kernels[1, 1:4, 1:4] == kernels.preset("sobel x")).all()
    assert (found.kernels[2] == 2.0).all()


def test_convolution_lays_the_turned_kernel_on():
    values = np.arange(9.0).reshape(3, 3)
    spec = ConvolutionSpec(image=ImageSpec(kind="impulse", size=9), kernel=KernelSpec.own(values))
    correlated = compute(spec)
    convolved = compute(spec.model_copy(update={"operation": "convolution"}))
    assert (correlated.laid == correlated.kernels).all()
    assert (convolved.laid[0] == values[::-1, ::-1]).all()
    assert (convolved.result.raw.values[0, 2:5, 2:5] == values).all()
    assert (correlated.result.raw.values[0, 2:5, 2:5] == values[::-1, ::-1]).all()


@pytest.mark.parametrize(
    ("kernel", "values", "palette"),
    [
        ("sobel x", {}, "signed"),
        ("random", {}, "signed"),
        ("box", {}, "grey"),
        ("sharpen", {}, "grey"),
        ("emboss", {}, "grey"),
        ("sobel x", {"display": "grey"}, "grey"),
        ("box", {"display": "signed"}, "signed"),
    ],
)
def test_colours_suit_the_kernel(kernel, values, palette):
    drawn = result_of(image=GREY, kernel=KernelSpec.of(kernel), **values).raw
    assert drawn.palette == palette
    assert drawn.low < drawn.high
    if palette == "signed":
        assert drawn.low == -drawn.high
        assert drawn.high == pytest.approx(np.abs(drawn.values).max())


def test_signed_zero_is_level_128_and_white():
    drawn = draw(np.array([[[-2.0, -1.0, 0.0, 1.0, 2.0]]]), "signed", -2.0, 2.0)
    assert drawn.levels.tolist() == [[1, 64, 128, 192, 255]]
    assert drawn.rgba[0, 2].tolist() == [247, 247, 247, 255]
    assert drawn.clipped == 0.0
    red, _, blue, _ = drawn.rgba[0].astype(int).T
    assert (red - blue).tolist() == sorted(red - blue, reverse=True)


def test_numbers_out_of_range_are_cut_and_counted():
    drawn = draw(np.array([[[-1.0, 0.0, 0.5, 3.0]]]), "grey", 0.0, 1.0)
    assert drawn.levels.tolist() == [[0, 0, 128, 255]]
    assert drawn.rgba[0, 3].tolist() == [255, 255, 255, 255]
    assert drawn.clipped == 0.5


def test_constant_results_can_be_drawn():
    for kernel in ("sobel x", "box"):
        drawn = result_of(
            image=ImageSpec(kind="noise", size=8, contrast=0.0), kernel=KernelSpec.of(kernel)
        ).raw
        assert drawn.low < drawn.high


def test_relu_turns_signed_into_grey():
    found = result_of(image=GREY, kernel=KernelSpec.of("sobel x"), relu=True)
    assert found.raw.palette == "signed"
    assert found.activated.palette == "grey"
    assert found.activated.values.min() == 0.0
    assert found.activated.values == pytest.approx(np.maximum(found.raw.values, 0.0))


def test_nothing_is_computed_twice_without_bias_and_relu():
    found = result_of(image=GREY)
    assert found.activated is found.raw
    assert found.pooled is None


@pytest.mark.parametrize("kind", ["max", "average", "l2"])
def test_pooling_keeps_the_colours_of_its_map(kind):
    found = result_of(image=GREY, kernel=KernelSpec.of("sobel x"), pooling=PoolingSpec(kind=kind))
    assert found.pooled.shape == (4, 4)
    assert found.pooled.palette == ("grey" if kind == "l2" else "signed")
    assert (found.winners is None) == (kind != "max")
    assert found.pooled.clipped == 0.0


def test_pooling_that_does_not_fit_leaves_the_map():
    found = result_of(image=GREY, pooling=PoolingSpec(kind="max", size=9))
    assert found.pooled is None
    assert found.raw.shape == (8, 8)
    assert found.pool_problem == (
        "Nothing is left: the pooling window has 9 pixels a side, but the map has only 8."
    )


def test_signals_with_negative_numbers_are_signed_and_pooled_along_their_row():
    found = compute(
        ConvolutionSpec(
            mode="1-D",
            signal="1 -2 3 -4 5 6",
            border="circular",
            pooling=PoolingSpec(kind="average"),
        )
    )
    assert found.picture.palette == "signed"
    assert found.picture.high == 6.0
    assert found.result.raw.values[0, 0] == pytest.approx(np.array([5, 2, -3, 4, 7, 12]) / 3)
    assert found.result.pooled.values[0, 0] == pytest.approx(np.array([3.5, 0.5, 9.5]) / 3)


def test_receptive_fields_of_the_stack():
    found = compute(ConvolutionSpec(image=GREY))
    assert [field.size for field in found.receptive] == [3, 5, 7]
    found = compute(
        ConvolutionSpec(image=GREY, stack=(StackLayerSpec(size=5), StackLayerSpec(stride=2)))
    )
    assert [field.size for field in found.receptive] == [5, 7]


@pytest.mark.parametrize("operation", ["correlation", "convolution"])
def test_hover_answers_from_the_snapshot(operation):
    spec = ConvolutionSpec(
        image=RGB,
        kernel=KernelSpec.of("random", 3, 2),
        operation=operation,
        border="replicate",
        stride=2,
    )
    shown = ConvolutionExperiment(spec, 0).snapshot(frozenset())
    for row, col in np.ndindex(*shown.result.raw.shape):
        found = shown.window_at(row, col)
        assert found.sums == pytest.approx(shown.result.parts[:, row, col])
        assert found.total == pytest.approx(shown.result.raw.values[0, row, col])
    assert shown.window_at(-1, 0) is None
    assert shown.window_at(0, 99) is None
    # A pixel feeds just those outputs whose windows show it.
    fed = {(pixel.row, pixel.col) for pixel in shown.fed_by(0, 3)}
    looking = {
        (row, col)
        for row, col in np.ndindex(*shown.result.raw.shape)
        if 0 in shown.window_at(row, col).source_rows and 3 in shown.window_at(row, col).source_cols
    }
    assert fed == looking
    assert shown.fed_by(10, 0) == ()


def test_snapshots_cannot_be_written_to():
    found = compute(ConvolutionSpec(image=RGB, relu=True, pooling=PoolingSpec(kind="max")))
    result = found.result
    arrays = [
        found.kernels,
        found.laid,
        found.picture.values,
        found.picture.rgba,
        result.padded.values,
        result.inside,
        result.parts,
        result.raw.values,
        result.raw.rgba,
        result.activated.levels,
        result.pooled.values,
        result.winners,
    ]
    assert not any(array.flags.writeable for array in arrays)


@pytest.mark.parametrize("border", ["zeros", "replicate", "circular"])
def test_picture_of_one_pixel(border):
    one = ImageSpec(kind="own", own=encode_pixels(np.array([[255]], np.uint8)))
    found = compute(ConvolutionSpec(image=one, kernel=KernelSpec.of("box"), border=border))
    assert found.result.raw.values.tolist() == [
        [[pytest.approx(1 / 9 if border == "zeros" else 1)]]
    ]
