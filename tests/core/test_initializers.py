from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest
import torch
from scipy import stats

from playground.core.initializers import (
    SAME_FOR_ALL,
    Initializer,
    Scheme,
    draw_biases,
    orthonormal,
)

SCHEMES = get_args(Scheme)
DRAWN = [scheme for scheme in SCHEMES if scheme not in SAME_FOR_ALL]
FAN_IN, FAN_OUT = 30, 20


def generator(seed: int = 3) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def made(scheme: Scheme, gain: float = 1.0) -> Initializer:
    return Initializer(scheme, constant=0.3, sigma=0.7, limit=0.4, gain=gain)


CLOSED_FORMS = {
    "standard normal": 1.0,
    "normal": 0.7,
    "uniform": 0.4 / math.sqrt(3),
    "lecun normal": math.sqrt(1 / FAN_IN),
    "lecun uniform": math.sqrt(1 / FAN_IN),
    "xavier normal": math.sqrt(2 / (FAN_IN + FAN_OUT)),
    "xavier uniform": math.sqrt(2 / (FAN_IN + FAN_OUT)),
    "he normal": math.sqrt(2 / FAN_IN),
    "he uniform": math.sqrt(2 / FAN_IN),
    "orthogonal": math.sqrt(1 / FAN_IN),
}


@pytest.mark.parametrize("scheme", DRAWN)
def test_std_of_200_draws_is_the_closed_form(scheme):
    rng = generator()
    drawn = torch.stack([made(scheme).draw(FAN_IN, FAN_OUT, rng) for _ in range(200)]).double()
    expected = CLOSED_FORMS[scheme]
    assert made(scheme).std(FAN_IN, FAN_OUT) == pytest.approx(expected)
    # 120,000 numbers: the standard error of their deviation is 0.2 % for normal ones.
    assert float(drawn.std()) == pytest.approx(expected, rel=0.01)
    assert abs(float(drawn.mean())) < 0.02 * expected


@pytest.mark.parametrize("scheme", SCHEMES)
def test_gain_multiplies_the_very_same_draws(scheme):
    once = made(scheme).draw(FAN_IN, FAN_OUT, generator())
    twice = made(scheme, gain=2.0).draw(FAN_IN, FAN_OUT, generator())
    assert torch.equal(twice, 2.0 * once)


@pytest.mark.parametrize(
    ("scheme", "fill"),
    [
        ("xavier normal", torch.nn.init.xavier_normal_),
        ("xavier uniform", torch.nn.init.xavier_uniform_),
        ("he normal", torch.nn.init.kaiming_normal_),
        ("he uniform", torch.nn.init.kaiming_uniform_),
        ("orthogonal", torch.nn.init.orthogonal_),
    ],
)
@pytest.mark.parametrize(("fan_in", "fan_out"), [(30, 20), (20, 30)])
def test_torch_draws_the_same_weights_from_the_same_stream(scheme, fill, fan_in, fan_out):
    arguments = {"nonlinearity": "relu"} if scheme.startswith("he") else {}
    expected = fill(torch.empty(fan_out, fan_in), generator=generator(), **arguments)
    found = Initializer(scheme).draw(fan_in, fan_out, generator())
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)


def test_torch_draws_the_same_normal_and_even_weights():
    normal = torch.nn.init.normal_(torch.empty(20, 30), std=0.7, generator=generator())
    even = torch.nn.init.uniform_(torch.empty(20, 30), -0.4, 0.4, generator=generator())
    torch.testing.assert_close(made("normal").draw(30, 20, generator()), normal)
    found = made("uniform").draw(30, 20, generator())
    torch.testing.assert_close(found, even, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("scheme", [s for s in SCHEMES if made(s).even])
def test_even_draws_fill_their_range_evenly(scheme):
    drawn = made(scheme).draw(100, 50, generator()).flatten().numpy()
    reach = made(scheme).reach(100, 50)
    assert np.abs(drawn).max() <= reach * (1 + 1e-6)
    assert stats.kstest(drawn, stats.uniform(-reach, 2 * reach).cdf).pvalue > 1e-3


def test_normal_draws_are_normal():
    drawn = made("he normal").draw(100, 50, generator()).flatten().numpy()
    std = math.sqrt(2 / 100)
    assert stats.kstest(drawn, stats.norm(0, std).cdf).pvalue > 1e-3
    assert made("he normal").reach(100, 50) == math.inf


def test_all_normal_schemes_share_their_draws():
    base = Initializer("standard normal").draw(FAN_IN, FAN_OUT, generator())
    for scheme in ("normal", "lecun normal", "xavier normal", "he normal"):
        scaled = made(scheme).draw(FAN_IN, FAN_OUT, generator())
        torch.testing.assert_close(scaled, base * CLOSED_FORMS[scheme])


@pytest.mark.parametrize(("rows", "columns"), [(5, 9), (9, 5), (6, 6)])
def test_orthonormal_rows_or_columns(rows, columns):
    q = orthonormal(torch.randn(rows, columns, generator=generator()).double())
    product = q @ q.T if rows <= columns else q.T @ q
    torch.testing.assert_close(product, torch.eye(min(rows, columns)).double())


def test_schemes_without_chance_leave_the_stream_untouched():
    rng = generator()
    zeros = made("zeros").draw(4, 3, rng)
    constant = made("constant", gain=2.0).draw(4, 3, rng)
    assert not zeros.any()
    assert torch.equal(constant, torch.full((3, 4), 0.6))
    assert torch.equal(rng.get_state(), generator().get_state())
    assert made("zeros").std(4, 3) == made("constant").std(4, 3) == 0.0
    assert made("constant").reach(4, 3) == pytest.approx(0.3)


def test_no_scale_at_all_makes_zeros():
    assert not Initializer("normal", sigma=0.0).draw(4, 3, generator()).any()


def test_biases():
    assert not draw_biases("zero", 5, 1.0, 1.0, generator()).any()
    assert torch.equal(draw_biases("constant", 5, 0.25, 1.0, generator()), torch.full((5,), 0.25))
    drawn = draw_biases("random", 5000, 1.0, 0.5, generator())
    assert float(drawn.std()) == pytest.approx(0.5, rel=0.05)
