from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.core.layer_shapes import ShapeError, layer_shapes, output_size, total_parameters
from playground.core.random_streams import Streams
from playground.experiments.cnn_block_spec import (
    BlockSpec,
    activation,
    batch_norm,
    connected,
    conv,
    course_cnn,
    course_mlp,
    dropout,
    pool,
)
from playground.experiments.cnn_network import ImageNetwork, initialise

convolutions = st.builds(
    BlockSpec,
    kind=st.just("conv"),
    channels=st.integers(1, 3),
    kernel=st.integers(1, 5),
    stride=st.integers(1, 3),
    padding=st.integers(0, 3),
    dilation=st.integers(1, 3),
)
poolings = st.builds(
    BlockSpec,
    kind=st.just("pool"),
    pooling=st.sampled_from(["max", "average"]),
    size=st.integers(1, 4),
    pool_stride=st.integers(1, 3),
)
others = st.sampled_from([activation(), dropout(0.5), batch_norm()])
stacks = st.lists(convolutions | poolings | others, max_size=5)


@settings(max_examples=60, deadline=None)
@given(stacks, st.integers(4, 14), st.integers(4, 14), st.booleans())
def test_shapes_and_parameters_are_those_of_torch(blocks, height, width, hidden):
    blocks = [*blocks, connected(3)] if hidden else blocks
    try:
        shapes = layer_shapes(blocks, (2, height, width), 4)
    except ShapeError as error:
        with pytest.raises(RuntimeError):
            torch.nn.Sequential(*_modules(blocks[: error.block + 1]))(
                torch.zeros(1, 2, height, width)
            )
        return
    network = ImageNetwork(blocks, (2, height, width), 4)
    initialise(network, Streams(0))
    network.eval()
    traced = network.traced(torch.zeros(1, 2, height, width))
    assert [shape.shape for shape in shapes[1:]] == [tuple(out.shape[1:]) for out in traced]
    assert total_parameters(shapes) == sum(part.numel() for part in network.parameters())


def _modules(blocks):
    channels = 2
    for block in blocks:
        if block.kind == "conv":
            yield torch.nn.Conv2d(
                channels, block.channels, block.kernel, block.stride, block.padding, block.dilation
            )
            channels = block.channels
        elif block.kind == "pool":
            yield torch.nn.MaxPool2d(block.size, block.pool_stride)


def test_numbers_of_the_course():
    cnn = layer_shapes(course_cnn(), (1, 28, 28), 10)
    assert [shape.parameters for shape in cnn if shape.parameters] == [80, 1168, 7850]
    assert [shape.shape_text for shape in cnn][-3:] == ["16 × 14 × 14", "16 × 7 × 7", "10"]
    mlp = layer_shapes(course_mlp(), (1, 28, 28), 10)
    assert total_parameters(mlp) == 784 * 50 + 50 + 50 * 10 + 10
    # 28×28 → 24×24: without the biases 25 shared weights, 451,584 when fully connected.
    shared = layer_shapes([conv(1, 5, 0)], (1, 28, 28), 10)[1]
    assert shared.shape == (1, 24, 24)
    assert shared.parameters - 1 == 25
    full = layer_shapes([connected(24 * 24)], (1, 28, 28), 10)[1]
    assert full.parameters - 24 * 24 == 451_584


def test_three_small_kernels_see_seven_pixels():
    shapes = layer_shapes([conv(1), conv(1), conv(1)], (1, 28, 28), 10)
    assert [shape.receptive_field for shape in shapes] == [
        (1, 1),
        (3, 3),
        (5, 5),
        (7, 7),
        (28, 28),
    ]


@settings(max_examples=25, deadline=None)
@given(st.lists(convolutions | poolings.filter(lambda b: b.pooling == "average"), max_size=3))
def test_receptive_field_by_perturbation(blocks):
    side = 40
    # Without padding nothing is cut off, and the middle sees no border.
    blocks = [block.model_copy(update={"padding": 0}) for block in blocks]
    try:
        shapes = layer_shapes(blocks, (1, side, side), 2)
    except ShapeError:
        return
    network = ImageNetwork(blocks, (1, side, side), 2)
    for weight in network.parameters():
        torch.nn.init.ones_(weight)
    x = torch.zeros(1, 1, side, side, requires_grad=True)
    out = network.upto(len(blocks) - 1, x) if blocks else x
    (gradient,) = torch.autograd.grad(out[0, 0, 0, 0], x)
    seen = torch.nonzero(gradient[0, 0])
    assert tuple((seen.amax(0) + 1).tolist()) == shapes[-2].receptive_field
    if out.shape[2] > 1:
        (further,) = (
            torch.autograd.grad(network.upto(len(blocks) - 1, x)[0, 0, 1, 0], x)
            if (blocks)
            else (None,)
        )
        if further is not None:
            assert int(torch.nonzero(further[0, 0])[:, 0].min()) == shapes[-2].jump


@pytest.mark.parametrize(
    ("blocks", "place", "sentence"),
    [
        (
            [conv(2), activation(), pool(), pool(), pool(size=3)],
            4,
            "Block 5, max pool 3: nothing is left of 2 × 2: the window takes 3 × 3.",
        ),
        (
            [conv(2, 11, padding=0)],
            0,
            "Block 1, conv 11×11×2: nothing is left of 8 × 8: the window takes 11 × 11.",
        ),
        (
            [conv(2, 11, padding=1)],
            0,
            "Block 1, conv 11×11×2: nothing is left of 8 × 8, with its padding 10 × 10: the window "
            "takes 11 × 11.",
        ),
        (
            [connected(7), conv(2)],
            1,
            "Block 2, conv 3×3×2: it needs an image, but FC 7 before it leaves 7 numbers in a row; "
            "put it before the fully connected layers.",
        ),
    ],
)
def test_the_block_that_does_not_fit_is_named(blocks, place, sentence):
    with pytest.raises(ShapeError) as caught:
        layer_shapes(blocks, (1, 8, 8), 10)
    assert str(caught.value) == sentence
    assert caught.value.block == place


def test_output_size_is_the_formula_of_the_course():
    assert output_size(28, 5, 1, 0, 1) == 24
    assert output_size(28, 3, 2, 1, 1) == 14
    assert output_size(2, 3, 1, 0, 1) == 0


def test_formula_holds_the_numbers():
    formula = layer_shapes([conv(8)], (1, 28, 28), 10)[1].formula
    assert formula == (
        "⌊(28 + 2·1 − 1·(3 − 1) − 1) / 1⌋ + 1 = 28; 8 · (1 · 3² + 1) = 80 parameters"
    )
