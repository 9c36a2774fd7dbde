from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from playground.core.receptive_field import Layer, receptive_fields

LENGTH = 64


def seen_by(layers: list[Layer], index: int) -> tuple[int, int]:
    """First and last pixel that moves output ``index`` when it is perturbed, found by autograd."""
    signal = torch.zeros(1, 1, LENGTH, dtype=torch.float64, requires_grad=True)
    x = signal
    for layer in layers:
        kernel = torch.ones(1, 1, layer.cells, dtype=torch.float64)
        x = functional.conv1d(
            x, kernel, stride=layer.stride, dilation=layer.dilation, padding=layer.padding
        )
    x[0, 0, index].backward()
    touched = np.flatnonzero(signal.grad[0, 0].numpy())
    return int(touched.min()), int(touched.max())


def test_three_3x3_layers_see_7x7():
    assert [field.size for field in receptive_fields([Layer(3)] * 3)] == [3, 5, 7]


def test_strides_multiply_and_dilation_spreads():
    fields = receptive_fields([Layer(3, 2), Layer(3, 1, 2), Layer(2, 2)])
    assert [field.size for field in fields] == [3, 11, 13]
    assert [field.jump for field in fields] == [2, 2, 4]


def test_padding_moves_the_first_field_out_of_the_picture():
    (field,) = receptive_fields([Layer(5, padding=2)])
    assert field.start == 0.0
    assert field.span(0) == (-2, 2)


@given(
    layers=st.lists(
        st.builds(
            Layer,
            cells=st.integers(1, 4),
            stride=st.integers(1, 2),
            dilation=st.integers(1, 2),
            padding=st.just(0),
        ),
        min_size=1,
        max_size=4,
    ),
    data=st.data(),
)
@settings(max_examples=40, deadline=None)
def test_fields_are_what_a_perturbation_reaches(layers, data):
    field = receptive_fields(layers)[-1]
    outputs = (LENGTH - field.size) // field.jump
    if outputs < 1:
        return
    index = data.draw(st.integers(0, outputs - 1))
    assert field.span(index) == seen_by(layers, index)


def test_padded_fields_are_what_a_perturbation_reaches():
    layers = [Layer(3, 1, 1, 1), Layer(2, 2), Layer(3, 1, 1, 1)]
    field = receptive_fields(layers)[-1]
    for index in (3, 7, 10):
        assert field.span(index) == seen_by(layers, index)
