import numpy as np
import pytest

from playground.core.cost_surfaces import MAX_SAMPLES, cost_surface, evenly_chosen
from playground.core.perceptrons import Samples, cost


def cloud(n):
    rng = np.random.default_rng(1)
    y = rng.choice([-1.0, 1.0], n)
    x = rng.normal(size=(n, 2)) + 0.6 * y[:, None]
    return Samples(x[:, 0].copy(), x[:, 1].copy(), y)


@pytest.mark.parametrize("kind", ["perceptron", "pocket", "adaline", "logistic"])
def test_every_cell_is_the_cost_of_its_line(kind):
    samples = cloud(40)
    w1, w2 = np.linspace(-2, 2, 5), np.linspace(-3, 3, 7)
    surface = cost_surface(kind, samples, w1, w2, 0.3)
    assert surface.shape == (5, 7)
    for i, a in enumerate(w1):
        for j, b in enumerate(w2):
            assert surface[i, j] == pytest.approx(cost(kind, samples, (a, b, 0.3)), rel=1e-5)


@pytest.mark.parametrize("kind", ["perceptron", "adaline", "logistic"])
def test_huge_weights_give_no_warning(kind):
    axis = np.linspace(-1e12, 1e12, 5)
    surface = cost_surface(kind, cloud(10), axis, axis, 1e30)
    assert not np.isnan(surface).any()


def test_no_samples_no_surface():
    with pytest.raises(ValueError, match="Without samples"):
        cost_surface("adaline", cloud(3).part(0, 0), np.zeros(2), np.zeros(2), 0.0)


@pytest.mark.parametrize("n", [1, MAX_SAMPLES, MAX_SAMPLES + 1, 12_345])
def test_samples_are_thinned_evenly(n):
    chosen = evenly_chosen(cloud(n))
    assert len(chosen.y) == min(n, MAX_SAMPLES)
    if n > MAX_SAMPLES:
        assert chosen.x1[0] == cloud(n).x1[0]
        assert len(np.unique(chosen.x1)) == MAX_SAMPLES
