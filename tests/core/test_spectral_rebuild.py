import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.core.fourier import inverse, opposite, power, radii, spectrum
from playground.core.spectral_rebuild import rebuild, ring_width, strong_counts

FEW = settings(max_examples=25, deadline=None)
sides = st.integers(1, 12)
orders = st.sampled_from(["low", "strong"])


def rebuilt(height, width, order, channels=1):
    image = np.random.default_rng(2).random((channels, height, width))
    found = spectrum(image)
    return image, found, rebuild(power(found), radii((height, width)), order, channels)


@FEW
@given(sides, sides, orders, st.integers(1, 3))
def test_share_and_error_are_those_of_the_picture_so_far(height, width, order, channels):
    image, found, plan = rebuilt(height, width, order, channels)
    varying = image - image.mean((1, 2), keepdims=True)
    for step in {0, 1, plan.steps // 2, plan.steps}:
        kept = plan.ranks <= step
        so_far = inverse(found * kept)
        assert plan.counts[step] == kept.sum()
        assert plan.errors[step] == pytest.approx(
            np.sqrt(np.square(so_far - image).mean()), abs=1e-9
        )
        mean = so_far.mean((1, 2), keepdims=True)
        if varying.size > channels:
            share = np.square(so_far - mean).sum() / np.square(varying).sum()
            assert plan.shares[step] == pytest.approx(share, abs=1e-9)


@FEW
@given(sides, sides, orders)
def test_every_wave_comes_together_with_its_opposite(height, width, order):
    _, _, plan = rebuilt(height, width, order)
    assert np.array_equal(plan.ranks, opposite(plan.ranks))
    assert plan.ranks.min() >= 1
    assert plan.counts[-1] == height * width
    assert plan.errors[-1] == 0.0
    assert plan.shares[-1] == pytest.approx(1.0)


def test_rings_grow_by_one_cycle_over_the_longer_side():
    _, _, plan = rebuilt(32, 16, "low")
    assert ring_width((32, 16)) == 1 / 32
    assert plan.counts[1] == 1
    places = radii((32, 16))
    for step in (2, 5, 12):
        outer = places[plan.ranks <= step].max()
        assert outer < (step - 0.5) / 32 + 1e-9


def test_the_strongest_come_first():
    _, found, plan = rebuilt(12, 12, "strong")
    powers = power(found)
    for step in range(1, plan.steps):
        weakest = powers[plan.ranks <= step].min()
        assert weakest >= powers[plan.ranks > step].max() - 1e-9
    assert np.all(np.diff(plan.shares) >= -1e-12)


@pytest.mark.parametrize("side", [8, 28, 256])
@pytest.mark.parametrize("order", ["low", "strong"])
def test_a_whole_picture_takes_at_most_500_steps(side, order):
    assert 1 < rebuilt(side, side, order)[2].steps <= 500


def test_rings_of_the_largest_picture_are_fewer_than_500():
    assert rebuild(np.ones((512, 512)), radii((512, 512)), "low").steps == 363


def test_strong_steps_begin_with_one_pair():
    counts = strong_counts(64 * 64 // 2 + 2)
    assert counts[:4].tolist() == [1, 2, 3, 4]
    assert counts[-1] == 64 * 64 // 2 + 2
    assert np.all(np.diff(counts) >= 1)


@pytest.mark.parametrize(("order", "steps"), [("low", 5), ("strong", 2)])
def test_it_ends_with_the_last_wave_there_is(order, steps):
    columns = np.arange(32)
    grating = 0.5 + 0.5 * np.cos(2 * np.pi * 4 * columns / 32) * np.ones((32, 1))
    plan = rebuild(power(spectrum(grating)), radii((32, 32)), order)
    assert plan.steps == steps
    assert plan.errors[-1] == 0.0
    assert plan.counts[-1] == 32 * 32


@pytest.mark.parametrize("order", ["low", "strong"])
def test_an_even_picture_is_there_with_its_mean(order):
    plan = rebuild(power(spectrum(np.full((4, 4), 0.5))), radii((4, 4)), order)
    assert plan.shares.tolist() == [1.0, 1.0]
    assert plan.errors.tolist() == [0.5, 0.0]


@pytest.mark.parametrize("order", ["low", "strong"])
def test_a_black_picture_is_one_step(order):
    plan = rebuild(np.zeros((4, 4)), radii((4, 4)), order)
    assert plan.steps == 1
    assert plan.errors.tolist() == [0.0, 0.0]
