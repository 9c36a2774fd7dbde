"""Networks in one row: against torch's own modules and autograd."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from torch import nn

from playground.agents.networks import Parameters

SHAPES = {"actor": (5, 7, 6, 3), "critic": (5, 4, 1)}


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def filled(activation="tanh", seed=0):
    parameters = Parameters(SHAPES, activation)
    for network in parameters.networks.values():
        network.init_torch(generator(seed))
    return parameters


def as_modules(network):
    """The same network made of torch's modules."""
    bend = nn.ReLU if network.activation == "relu" else nn.Tanh
    layers = []
    for below, above in itertools.pairwise(network.sizes):
        layers += [nn.Linear(below, above), bend()]
    model = nn.Sequential(*layers[:-1])
    with torch.no_grad():
        for layer, weight, bias in zip(model[::2], network.weights, network.biases, strict=True):
            layer.weight.copy_(weight)
            layer.bias.copy_(bias)
    return model


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("name", SHAPES)
def test_outputs_and_gradients_equal_torch(activation, name):
    parameters = filled(activation)
    network = parameters.networks[name]
    model = as_modules(network)
    x = torch.randn(11, 5, generator=generator(1))
    slope = torch.randn(11, network.sizes[-1], generator=generator(2))
    model(x).backward(slope)
    expected = torch.cat([p.grad.reshape(-1) for p in model.parameters()])

    torch.testing.assert_close(network(x), model(x))
    network(x).backward(slope)
    span = parameters.span(name)
    torch.testing.assert_close(parameters.gradient[span], expected)

    parameters.gradient.fill_(17.0)
    with torch.no_grad():
        layers = network.layers_of(x)
        torch.testing.assert_close(layers[-1], model(x), rtol=1e-5, atol=1e-6)
    network.back_propagate(x, layers, slope.clone())
    torch.testing.assert_close(parameters.gradient[span], expected, rtol=1e-4, atol=1e-5)
    others = torch.ones(len(parameters), dtype=torch.bool)
    others[span] = False
    assert (parameters.gradient[others] == 17.0).all()


def test_the_row_holds_everything_and_views_see_it():
    parameters = filled()
    assert len(parameters) == sum(
        (a + 1) * b for sizes in SHAPES.values() for a, b in itertools.pairwise(sizes)
    )
    row = parameters.row()
    parameters.load_row(np.arange(len(row), dtype=np.float32))
    assert parameters.networks["actor"].weights[0][0].tolist() == [0, 1, 2, 3, 4]
    assert parameters.arrays()["critic.1.bias"].tolist() == [len(row) - 1]
    assert (row != parameters.row()).any()


def test_a_target_copies_and_follows():
    online, target = filled(seed=0), filled(seed=1)
    start = target.row()
    target.blend(online, 0.25)
    np.testing.assert_allclose(target.row(), 0.75 * start + 0.25 * online.row(), atol=1e-6)
    target.copy_from(online)
    np.testing.assert_array_equal(target.row(), online.row())


@pytest.mark.parametrize("longest", [0.1, 1e9])
def test_clipping_equals_torch(longest):
    parameters = filled()
    x = torch.randn(4, 5, generator=generator(1))
    parameters.networks["actor"](x).square().sum().backward()
    tensors = [torch.zeros(len(parameters), requires_grad=True)]
    tensors[0].grad = parameters.gradient.clone()
    expected = torch.nn.utils.clip_grad_norm_(tensors, longest)
    assert parameters.clip_gradient(longest) == pytest.approx(float(expected))
    torch.testing.assert_close(parameters.gradient, tensors[0].grad)


def test_the_starts_are_what_they_are_called():
    parameters = Parameters({"net": (400, 300, 2)}, "tanh")
    network = parameters.networks["net"]
    network.init_torch(generator())
    for weight, inputs in zip(network.weights, (400, 300), strict=True):
        assert float(weight.detach().abs().max()) <= 1 / math.sqrt(inputs)
        assert float(weight.detach().std()) == pytest.approx(1 / math.sqrt(3 * inputs), rel=0.1)
    network.init_orthogonal(generator(), head_gain=0.01)
    first, head = (weight.detach() for weight in network.weights)
    torch.testing.assert_close(first @ first.T, 2.0 * torch.eye(300), atol=1e-4, rtol=0)
    torch.testing.assert_close(head @ head.T, 1e-4 * torch.eye(2), atol=1e-8, rtol=0)
    assert all(float(bias.detach().abs().max()) == 0.0 for bias in network.biases)
