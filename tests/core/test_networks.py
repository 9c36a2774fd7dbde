from __future__ import annotations

import pytest
import torch
from torch import nn

from playground.core import activations
from playground.core.initializers import Initializer
from playground.core.networks import (
    Biases,
    DeepNetwork,
    clones,
    evaluate,
    forward_backward,
    initialise,
    loss_of,
)
from playground.core.random_streams import Streams

SIZES = (6, 8, 8, 5, 3)


def made(seed: int = 0, sizes=SIZES, scheme="xavier normal", biases=None, **arguments):
    network = DeepNetwork(sizes, arguments.pop("activation", "tanh"), **arguments)
    initialise(network, Initializer(scheme, constant=0.1), Streams(seed), biases)
    return network


def batch(samples: int = 12, inputs: int = 6):
    rng = torch.Generator().manual_seed(1)
    x = torch.randn(samples, inputs, generator=rng)
    return x, torch.randint(0, 3, (samples,), generator=rng)


class Written(nn.Module):
    """The same network, spelled out."""

    def __init__(self, network: DeepNetwork, activation: str, *, norm: bool, residual: bool):
        super().__init__()
        self.w = nn.ParameterList(layer.weight.detach().clone() for layer in network.layers)
        self.b = nn.ParameterList(layer.bias.detach().clone() for layer in network.layers)
        self.f = activations.module(activation)
        self.norm, self.residual = norm, residual
        self.z, self.a = [], []

    def forward(self, x):
        a = x
        for place in range(3):
            z = a @ self.w[place].T + self.b[place]
            if self.norm:
                z = (z - z.mean(0)) / torch.sqrt(z.var(0, correction=0) + 1e-5)
            f = self.f(z)
            a = f + a if self.residual and place == 1 else f
            self.z.append(z)
            self.a.append(a)
        self.z.append(a @ self.w[3].T + self.b[3])
        return self.z[-1]


@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu", "linear"])
@pytest.mark.parametrize("loss", ["cross-entropy", "mse"])
def test_gradients_are_those_of_a_module_written_out(norm, residual, activation, loss):
    network = made(
        activation=activation,
        batch_norm=norm,
        residual=residual,
        biases=Biases("random", spread=0.3),
    )
    written = Written(network, activation, norm=norm, residual=residual)
    x, y = batch()
    found = forward_backward(network, x, y, loss)
    outputs = written(x)
    if loss == "mse":
        cost = (outputs - torch.eye(3)[y]).square().sum() / (2 * len(y))
    else:
        cost = -torch.log_softmax(outputs, 1)[torch.arange(len(y)), y].mean()
    expected = torch.autograd.grad(cost, [*written.z, *written.a, *written.w, *written.b])
    assert found.loss == pytest.approx(cost.item(), rel=1e-5)
    assert found.accuracy == pytest.approx(float((outputs.argmax(1) == y).double().mean()))
    mine = [t.grad for t in (*found.trace.z, *found.trace.a)]
    mine += [layer.weight.grad for layer in network.layers]
    mine += [layer.bias.grad for layer in network.layers]
    for one, other in zip(mine, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-6)


def test_trace_holds_every_z_and_a():
    network = made()
    x, y = batch()
    trace = forward_backward(network, x, y, "mse").trace
    assert [tuple(z.shape) for z in trace.z] == [(12, 8), (12, 8), (12, 5), (12, 3)]
    for z, a in zip(trace.z, trace.a, strict=False):
        torch.testing.assert_close(torch.tanh(z), a)


def test_mean_squared_error_of_known_outputs():
    outputs = torch.tensor([[1.0, 0.0], [3.0, 4.0]])
    # ½(0 + (9 + 9)) over 2 samples: targets (1, 0) and (0, 1).
    assert loss_of("mse", outputs, torch.tensor([0, 1])).item() == pytest.approx(4.5)
    with pytest.raises(ValueError, match="must be one of"):
        loss_of("hinge", outputs, torch.tensor([0, 1]))


def test_first_weights_of_a_layer_depend_on_seed_and_layer_only():
    deep, shallow = made(seed=5), made(seed=5, sizes=(6, 8, 3))
    assert torch.equal(deep.weights[0], shallow.weights[0])
    assert not torch.equal(deep.weights[0], made(seed=6).weights[0])
    assert not torch.equal(deep.weights[1], made(seed=5, sizes=(8, 8, 3)).weights[0])


def test_biases_do_not_move_the_draws_of_the_weights():
    plain, biased = made(seed=5), made(seed=5, biases=Biases("random", spread=1.0))
    assert torch.equal(plain.weights[2], biased.weights[2])
    assert not torch.equal(plain.layers[2].bias, biased.layers[2].bias)


def test_building_and_passing_leave_torch_s_own_stream_alone():
    before = torch.get_rng_state()
    network = made(batch_norm=True)
    forward_backward(network, *batch(), "mse")
    assert torch.equal(torch.get_rng_state(), before)


def test_a_pass_leaves_no_trace_in_a_normalised_network():
    network = made(batch_norm=True)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    first = forward_backward(network, *batch(), "mse").loss
    assert forward_backward(network, *batch(), "mse").loss == first
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])


def test_evaluation_is_the_plain_mean():
    network = made()
    x, y = batch(50)
    loss, accuracy = evaluate(network, x, y, "cross-entropy")
    outputs = network(x)
    assert loss == pytest.approx(nn.functional.cross_entropy(outputs, y).item())
    assert accuracy == pytest.approx(float((outputs.argmax(1) == y).double().mean()))


@pytest.mark.parametrize("arguments", [{}, {"batch_norm": True}, {"residual": True}])
def test_constant_start_makes_clones_with_equal_gradients_in_exact_arithmetic(arguments):
    # Not the evened gradients: plain autograd in double precision.
    network = made(scheme="constant", **arguments).double()
    assert clones(network) == [True, True, True]
    x, y = batch()
    loss_of("mse", network(x.double()), y).backward()
    for layer in network.layers[:-1]:
        grad = layer.weight.grad
        torch.testing.assert_close(grad, grad[:1].expand_as(grad), rtol=1e-9, atol=1e-14)


def test_clones_are_found_layer_by_layer():
    network = made(scheme="constant")
    with torch.no_grad():
        network.weights[1][3] += 0.5
    # The second layer has an odd one out, and so treats… the first all alike still.
    assert clones(network) == [True, False, True]
    with torch.no_grad():
        network.weights[1][:, 2] += 0.25
    assert clones(network) == [False, False, True]
    tied = made(scheme="constant", residual=True)
    with torch.no_grad():
        tied.layers[2].bias[0] = 1.0
    assert clones(tied) == [False, False, False]
    assert clones(made()) == [False, False, False]


def test_neurons_that_differ_keep_their_own_gradients():
    network = made(scheme="constant", biases=Biases("random", spread=0.5))
    x, y = batch()
    forward_backward(network, x, y, "mse")
    grad = network.weights[0].grad
    assert float((grad - grad[:1]).abs().max()) > 1e-4
