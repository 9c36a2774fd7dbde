from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest
import torch

from playground.core import activations
from playground.core.activations import ActivationName

NAMES = get_args(ActivationName)


def points() -> np.ndarray:
    inner = np.linspace(-9.0, 9.0, 721)
    return np.concatenate(([-700.0, -40.0], inner, [40.0, 700.0]))


@pytest.mark.parametrize("name", NAMES)
def test_value_is_what_torch_computes(name):
    z = points()
    expected = activations.module(name)(torch.tensor(z)).numpy()
    np.testing.assert_allclose(activations.value(name, z), expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_slope_is_what_autograd_finds(name):
    z = points()
    tensor = torch.tensor(z, requires_grad=True)
    activations.module(name)(tensor).sum().backward()
    found = activations.slope(name, z)
    np.testing.assert_allclose(found, tensor.grad.numpy(), rtol=1e-9, atol=1e-15)


def test_slope_of_tanh_does_not_round_to_zero():
    assert activations.slope("tanh", np.array([20.0]))[0] == pytest.approx(4 * math.exp(-40))


@pytest.mark.parametrize("name", NAMES)
def test_flat_ranges_hold_exactly_the_flat_points(name):
    z = np.linspace(-20.0, 20.0, 4001)
    flat = np.abs(activations.slope(name, z)) < activations.FLAT_SLOPE
    inside = np.zeros_like(flat)
    for low, high in activations.flat_ranges(name):
        inside |= (z >= low) & (z <= high)
    np.testing.assert_array_equal(inside, flat)


def test_flat_ranges_in_closed_form():
    # 1 − tanh² = 0.01, e^z = 0.01, and the corner of ReLU.
    edge = math.atanh(math.sqrt(0.99))
    (low, high) = activations.flat_ranges("tanh")
    assert low == (-math.inf, pytest.approx(-edge, abs=1e-10))
    assert high == (pytest.approx(edge, abs=1e-10), math.inf)
    assert activations.flat_ranges("elu") == ((-math.inf, pytest.approx(math.log(0.01))),)
    assert activations.flat_ranges("relu") == ((-math.inf, 0.0),)
    assert activations.flat_ranges("linear") == ()


@pytest.mark.parametrize("name", NAMES)
def test_saturation_levels_lie_one_percent_inside_the_ends(name):
    levels = activations.saturation_levels(name)
    ends = activations.value(name, np.array([-700.0, 700.0]))
    if levels is None:
        assert name in ("relu", "leaky relu", "gelu", "linear")
        return
    low, high = levels
    if math.isinf(high):
        assert low == pytest.approx(0.99 * ends[0])
    else:
        margin = 0.01 * (ends[1] - ends[0])
        assert levels == (pytest.approx(ends[0] + margin), pytest.approx(ends[1] - margin))
