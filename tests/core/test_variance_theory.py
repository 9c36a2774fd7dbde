from __future__ import annotations

import itertools
import math
from typing import get_args

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from playground.core import activations
from playground.core.activations import ActivationName
from playground.core.initializers import Initializer
from playground.core.networks import Biases, DeepNetwork, forward_backward, initialise
from playground.core.random_streams import Streams
from playground.core.tensor_statistics import mean_and_std
from playground.core.variance_theory import (
    InputMoments,
    Setting,
    normal_moments,
    normal_quantiles,
    output_error_square,
    predict,
)

NAMES = get_args(ActivationName)
STANDARD = InputMoments(0.0, 1.0, 1.0)
WIDE = (200, 1000, 1000, 1000, 10)


def setting(**changes) -> Setting:
    given = {
        "sizes": WIDE,
        "activation": "tanh",
        "weights": Initializer("xavier normal"),
        "inputs": STANDARD,
        "loss": "cross-entropy",
        "batch": 250,
    }
    return Setting(**{**given, **changes})


def measured(of: Setting, seed: int = 0):
    network = DeepNetwork(of.sizes, of.activation, batch_norm=of.batch_norm, residual=of.residual)
    kind = "random" if of.bias_std else "constant"
    biases = Biases(kind, value=of.bias_mean, spread=of.bias_std)
    initialise(network, of.weights, Streams(seed), biases)
    rng = torch.Generator().manual_seed(seed + 1)
    x = torch.randn(of.batch, of.sizes[0], generator=rng)
    y = torch.randint(0, of.sizes[-1], (of.batch,), generator=rng)
    trace = forward_backward(network, x, y, of.loss).trace

    def stds(tensors):
        return np.array([mean_and_std(tensor)[1] for tensor in tensors])

    return (
        stds(trace.z),
        stds(trace.a),
        stds([a.grad for a in trace.a]),
        stds([z.grad for z in trace.z]),
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("std", "mean"), [(1.0, 0.0), (0.03, 0.0), (2.5, -1.0), (30.0, 5.0)])
def test_normal_moments_are_the_integrals(name, std, mean):
    def expect(function):
        # In z, split at the corner and where the density is.
        ends = sorted({mean - 9 * std, mean - std, 0.0, mean + std, mean + 9 * std, -3.0, 3.0})
        total = 0.0
        for low, high in itertools.pairwise(ends):
            total += integrate.quad(
                lambda z: float(function(np.array([z]))[0]) * stats.norm.pdf(z, mean, std),
                low,
                high,
                limit=200,
            )[0]
        return total

    found = normal_moments(name, std, mean)
    scale = max(1.0, std)
    assert found.mean == pytest.approx(
        expect(lambda z: activations.value(name, z)), rel=1e-5, abs=1e-7 * scale
    )
    assert found.square == pytest.approx(
        expect(lambda z: activations.value(name, z) ** 2), rel=1e-5
    )
    assert found.slope_square == pytest.approx(
        expect(lambda z: activations.slope(name, z) ** 2), rel=1e-5, abs=1e-9
    )


def test_normal_moments_in_closed_form():
    relu = normal_moments("relu", 2.0)
    assert relu.mean == pytest.approx(2.0 / math.sqrt(2 * math.pi))
    assert relu.square == pytest.approx(2.0)
    assert relu.slope_square == pytest.approx(0.5)
    # For a very wide z, tanh is a step: E[f′²] = ∫ sech⁴ · density at 0 = 4/3 · 1/(σ√2π).
    step = normal_moments("tanh", 1e5)
    assert step.square == pytest.approx(1.0, abs=1e-4)
    assert step.slope_square == pytest.approx(4 / 3 / (1e5 * math.sqrt(2 * math.pi)), rel=1e-5)
    # Klambauer et al. 2017: mean 0 and variance 1 are a fixed point of SELU.
    selu = normal_moments("selu", 1.0)
    assert (selu.mean, selu.square) == (pytest.approx(0.0, abs=1e-9), pytest.approx(1.0))
    assert normal_moments("tanh", 0.0, 0.5).mean == math.tanh(0.5)


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        ("tanh", "xavier normal"),
        ("tanh", "standard normal"),
        ("tanh", "normal"),
        ("logistic", "lecun uniform"),
        ("relu", "he normal"),
        ("leaky relu", "he uniform"),
        ("gelu", "he normal"),
        ("elu", "he normal"),
        ("selu", "lecun normal"),
        ("linear", "orthogonal"),
    ],
)
def test_measured_signals_follow_theory_at_width_1000(name, scheme):
    of = setting(activation=name, weights=Initializer(scheme, sigma=0.02))
    theory = predict(of)
    z, a, da, dz = measured(of)
    # A thousand neurons and 250 samples; ten outputs only, whose share in the gradient is common
    # to all layers and taken out.
    np.testing.assert_allclose(z[:-1], theory.z[:-1], rtol=0.08)
    np.testing.assert_allclose(a, theory.a[:-1], rtol=0.08)
    anchor = dz[-2] / theory.dz[-2]
    assert anchor == pytest.approx(1.0, rel=0.25)
    np.testing.assert_allclose(da / anchor, theory.da[:-1], rtol=0.08)
    np.testing.assert_allclose(dz[:-1] / anchor, theory.dz[:-1], rtol=0.08)


@pytest.mark.parametrize(
    "changes",
    [
        {"batch_norm": True},
        {"residual": True},
        {"batch_norm": True, "residual": True},
        {"bias_std": 0.5},
        {"bias_mean": -0.2},
        {"loss": "mse"},
    ],
)
@pytest.mark.parametrize("name", ["tanh", "relu"])
def test_theory_knows_normalisation_residuals_and_biases(name, changes):
    sizes = (100, 400, 400, 400, 10)
    of = setting(sizes=sizes, activation=name, weights=Initializer("he normal"), **changes)
    theory = predict(of)
    z, a, da, dz = measured(of)
    np.testing.assert_allclose(z[:-1], theory.z[:-1], rtol=0.12)
    np.testing.assert_allclose(a, theory.a[:-1], rtol=0.12)
    np.testing.assert_allclose(da / da[-1], theory.da[:-1] / theory.da[-2], rtol=0.12)
    np.testing.assert_allclose(dz[:-1] / dz[-2], theory.dz[:-1] / theory.dz[-2], rtol=0.12)
    assert dz[-1] == pytest.approx(theory.dz[-1], rel=0.25)


def test_gradients_grow_by_pi_over_pi_minus_one_under_batch_normalisation():
    of = setting(sizes=(100,) * 9 + (10,), activation="relu", batch_norm=True)
    dz = predict(of).dz[:-1]
    expected = math.sqrt(math.pi / (math.pi - 1))
    np.testing.assert_allclose(dz[:-1] / dz[1:], expected, rtol=1e-4)


def test_he_keeps_relu_and_a_linear_network_multiplies():
    relu = predict(setting(activation="relu", weights=Initializer("he normal")))
    np.testing.assert_allclose(relu.z, math.sqrt(2.0), rtol=1e-9)
    np.testing.assert_allclose(relu.dz[:-1], relu.dz[0], rtol=1e-9)
    linear = predict(setting(activation="linear", weights=Initializer("normal", sigma=0.1)))
    expected = [math.sqrt(0.01 * 200 * (0.01 * 1000) ** k) for k in range(4)]
    np.testing.assert_allclose(linear.z, expected, rtol=1e-6)


def test_first_layer_of_the_course_is_root_204():
    # 784 inputs of which 204 are 1: E[x²] = 204/784.
    bright = InputMoments(204 / 784, 204 / 784, 0.2)
    of = setting(sizes=(784, 30, 10), weights=Initializer("standard normal"), inputs=bright)
    assert predict(of).z[0] == pytest.approx(math.sqrt(204))
    assert math.sqrt(204) == pytest.approx(14.28, abs=0.005)


@pytest.mark.parametrize("name", ["tanh", "logistic", "relu"])
@pytest.mark.parametrize("residual", [False, True])
def test_constant_weights_follow_one_function_of_the_sum(name, residual):
    of = setting(
        sizes=(50, 30, 30, 10),
        activation=name,
        weights=Initializer("constant", constant=0.02),
        loss="mse",
        batch=4000,
        bias_mean=0.1,
        residual=residual,
    )
    theory = predict(of)
    z, a, da, dz = measured(of)
    np.testing.assert_allclose(z, theory.z, rtol=0.05)
    np.testing.assert_allclose(a, theory.a[:-1], rtol=0.05)
    np.testing.assert_allclose(dz, theory.dz, rtol=0.1)
    assert da[-1] > 0
    assert not theory.shape_known


def test_nothing_comes_back_through_constant_weights_under_soft_max():
    theory = predict(setting(weights=Initializer("constant", constant=0.1)))
    assert not theory.dz[:-1].any()
    assert theory.dz[-1] == pytest.approx(math.sqrt(0.09) / 250)
    zeros = predict(setting(weights=Initializer("zeros")))
    assert not zeros.z.any()
    assert not zeros.da[:-1].any()


def test_error_of_the_output():
    # No logits: p = 1/10 everywhere. Huge ones: p is one-hot, right one time in ten.
    assert output_error_square("cross-entropy", 0.0, 10) == pytest.approx(0.09)
    assert output_error_square("cross-entropy", 1e6, 10) == pytest.approx(2 * 0.09, rel=1e-3)
    assert output_error_square("mse", 2.0, 10) == pytest.approx(4.1)
    rng = np.random.default_rng(5)
    logits = torch.tensor(1.5 * rng.standard_normal((200_000, 10)))
    error = torch.softmax(logits, 1).numpy()
    error[:, 0] -= 1.0
    expected = np.square(error).mean()
    assert output_error_square("cross-entropy", 1.5, 10) == pytest.approx(expected, rel=0.02)


def test_overflow_is_infinite_and_not_an_error():
    of = setting(activation="relu", weights=Initializer("normal", sigma=1e100))
    found = predict(of)
    assert np.isinf(found.z[-1])
    assert found.z[0] == pytest.approx(1e100 * math.sqrt(200))


def test_quantiles_share_out_the_normal_distribution():
    points = normal_quantiles()
    np.testing.assert_allclose(stats.norm.cdf(points), (np.arange(2001) + 0.5) / 2001)
