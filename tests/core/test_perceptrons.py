import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.core import perceptrons
from playground.core.perceptrons import (
    Samples,
    batch_change,
    correction,
    cost,
    directions,
    gradient,
    largest_stable_rate,
    parallel_directions,
    score,
    scores,
    walk,
    wrong_side,
)

KINDS = ("perceptron", "pocket", "adaline", "logistic")
coordinates = st.floats(-1e6, 1e6, allow_nan=False)
samples_of = st.lists(
    st.tuples(coordinates, coordinates, st.sampled_from([-1.0, 1.0])), min_size=1, max_size=40
)
lines = st.tuples(*[st.floats(-10, 10)] * 3)


def made(rows):
    x1, x2, y = np.array(rows, dtype=float).T
    return Samples(np.ascontiguousarray(x1), np.ascontiguousarray(x2), np.ascontiguousarray(y))


def cloud(n=60, seed=0, shift=0.7):
    rng = np.random.default_rng(seed)
    y = rng.choice([-1.0, 1.0], n)
    x = rng.normal(size=(n, 2)) + shift * y[:, None]
    return Samples(x[:, 0].copy(), x[:, 1].copy(), y)


@pytest.mark.parametrize(
    ("point", "f"),
    [
        ((-3, 0), 0),
        ((1, 1), 0),
        ((-6, 3), -15),
        ((-11, 0), -8),
        ((7, 3), -2),
        ((-9, -3), 6),
        ((0, 0), 3),
    ],
)
def test_line_of_the_course(point, f):
    line = (1.0, -4.0, 3.0)
    assert score(*point, line) == f
    assert scores(made([(*point, 1.0)]), line)[0] == f


def test_a_point_on_the_line_is_a_mistake_for_both_classes():
    line = (1.0, -4.0, 3.0)
    assert wrong_side(made([(1, 1, 1.0), (1, 1, -1.0)]), line).all()
    assert correction("perceptron", 1.0, 1.0, -1.0, line, 0.5)[1:] == (True, -0.5, -0.5, -0.5)


@pytest.mark.parametrize("kind", KINDS)
@given(rows=samples_of, line=lines, rate=st.floats(1e-6, 1.0))
def test_walk_equals_sample_by_sample(kind, rows, line, rate):
    samples = made(rows).lists()
    at, changes, end = line, 0, len(rows)
    for i, (x1, x2, y) in enumerate(rows):
        f, _, *change = correction(kind, x1, x2, y, at, rate)
        if not perceptrons.may_apply(kind, y, f):
            end = i
            break
        at = tuple(w + d for w, d in zip(at, change, strict=True))
        changes += change[2] != 0.0
    assert walk(kind, samples, 0, len(rows), line, rate) == (at, changes, end)


@pytest.mark.parametrize("rate", [0.02, 1.0])
def test_online_perceptron_equals_scikit_learn_on_the_same_order(rate):
    from sklearn.linear_model import Perceptron

    samples = cloud(shift=0.4)
    x = np.column_stack([samples.x1, samples.x2])
    line = (0.0, 0.0, 0.0)
    # Classes −1, +1 and no shuffling; partial_fit does one pass.
    theirs = Perceptron(eta0=rate, shuffle=False, tol=None)
    for _ in range(7):
        theirs.partial_fit(x, samples.y, classes=[-1.0, 1.0])
        line = walk("perceptron", samples.lists(), 0, len(samples.y), line, rate).line
        # scikit-learn multiplies a common scale into its weights.
        assert line[:2] == pytest.approx(theirs.coef_[0], rel=1e-9)
        assert line[2] == pytest.approx(theirs.intercept_[0], rel=1e-9, abs=1e-12)


def test_the_batch_perceptron_of_the_course():
    samples = made([(1, 0, 1.0), (0, 1, 1.0), (2, 2, -1.0)])
    change = batch_change(
        "perceptron", [directions("perceptron", samples, (0.0, 0.0, 0.0))], 0.5, 3
    )
    # All three are on the line: Δ = α·Σ y·x, Β = α·Σ y.
    assert change == (3, 3, 0.5 * (1 - 2), 0.5 * (1 - 2), 0.5)


@pytest.mark.parametrize("kind", KINDS)
@given(rows=samples_of, line=lines, seed=st.integers(0, 99))
def test_a_batch_does_not_depend_on_the_order(kind, rows, line, seed):
    shuffled = np.random.default_rng(seed).permutation(np.array(rows))
    a, b = (
        batch_change(kind, [directions(kind, made(r), line)], 0.1, len(rows))
        for r in (rows, shuffled)
    )
    assert a == b


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [1, 2, 7, 60])
def test_parallel_batch_is_exactly_the_batch(kind, count):
    samples, line = cloud(), (0.3, -0.2, 0.1)
    with ThreadPoolExecutor(8) as pool:
        for parts in (1, 2, 3, 4, 7, 13, 59, 60, 64):
            piece = samples.part(0, count)
            whole = batch_change(kind, [directions(kind, piece, line)], 0.02, count)
            found = parallel_directions(kind, piece, line, parts, pool)
            assert len(found) == min(parts, count)
            assert batch_change(kind, found, 0.02, count) == whole
            sizes = [part.samples for part in found]
            assert sum(sizes) == count
            assert max(sizes) - min(sizes) <= 1
            shares = [batch_change(kind, [part], 0.02, count) for part in found]
            assert sum(s.dw1 for s in shares) == pytest.approx(whole.dw1, abs=1e-12)


@pytest.mark.parametrize("kind", ["adaline", "logistic"])
def test_gradient_equals_autograd(kind):
    import torch

    samples, line = cloud(), (0.3, -0.8, 0.25)
    x = torch.tensor(np.column_stack([samples.x1, samples.x2]))
    y = torch.tensor(samples.y)
    w = torch.tensor(line, dtype=torch.float64, requires_grad=True)
    f = x @ w[:2] + w[2]
    if kind == "adaline":
        loss = 0.5 * torch.nn.functional.mse_loss(f, y)
    else:
        loss = torch.nn.functional.binary_cross_entropy_with_logits(f, (y + 1) / 2)
    loss.backward()
    assert cost(kind, samples, line) == pytest.approx(loss.item(), rel=1e-12)
    assert gradient(kind, samples, line) == pytest.approx(w.grad.tolist(), rel=1e-12)


def test_perceptrons_have_no_gradient():
    with pytest.raises(ValueError, match="flat"):
        gradient("perceptron", cloud(), (1.0, 0.0, 0.0))


def test_adaline_batch_converges_to_least_squares():
    samples, line = cloud(), (0.1, 0.1, 0.05)
    design = np.column_stack([samples.x1, samples.x2, np.ones(60)])
    exact = np.linalg.lstsq(design, samples.y)[0]
    rate = 0.9 * largest_stable_rate(samples, batch=True)
    for _ in range(2000):
        change = batch_change("adaline", [directions("adaline", samples, line)], rate, 60)
        line = tuple(w + d for w, d in zip(line, change[2:], strict=True))
    assert line == pytest.approx(exact, rel=1e-6)


def test_logistic_batch_converges_to_scikit_learn():
    from sklearn.linear_model import LogisticRegression

    samples, line = cloud(200, shift=0.5), (0.0, 0.0, 0.0)
    x = np.column_stack([samples.x1, samples.x2])
    theirs = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10_000).fit(x, samples.y)
    for _ in range(5000):
        change = batch_change("logistic", [directions("logistic", samples, line)], 2.0, 200)
        line = tuple(w + d for w, d in zip(line, change[2:], strict=True))
    assert line == pytest.approx([*theirs.coef_[0], theirs.intercept_[0]], rel=1e-5)


def test_adaline_grows_above_the_largest_stable_rate_and_shrinks_below():
    samples = cloud()

    def error_after(rate):
        line = (3.0, -2.0, 1.0)
        for _ in range(400):
            change = batch_change("adaline", [directions("adaline", samples, line)], rate, 60)
            line = tuple(w + d for w, d in zip(line, change[2:], strict=True))
        return cost("adaline", samples, line)

    limit = largest_stable_rate(samples, batch=True)
    assert error_after(0.98 * limit) < cost("adaline", samples, (0.0, 0.0, 0.0))
    assert error_after(1.02 * limit) > 1e3


def test_adaline_online_stops_where_it_diverges():
    samples = made([(100, 0, 1.0), (100, 1, -1.0)] * 50).lists()
    found = walk("adaline", samples, 0, 100, (0.0, 0.0, 0.0), 1.0)
    assert found.end < 100
    assert max(map(abs, found.line)) < 1e40
    again = walk("adaline", samples, found.end, 100, found.line, 1.0)
    assert again == (found.line, 0, found.end)


@pytest.mark.parametrize("kind", KINDS)
def test_huge_values_never_raise(kind):
    samples = made([(1e300, -1e300, 1.0), (-1e300, 1e300, -1.0), (1e300, 1e300, -1.0)])
    line = (1e300, 1e300, 1e300)
    found = [directions(kind, samples, line)]
    change = batch_change(kind, found, 1e3, 3)
    moved = tuple(w + d for w, d in zip(line, change[2:], strict=True))
    assert not perceptrons.is_finite(moved)
    assert math.isnan(cost(kind, samples, line)) or cost(kind, samples, line) >= 0
    end = walk(kind, samples.lists(), 0, 3, line, 1e3)
    assert not perceptrons.is_finite(end.line)


def test_cost_without_samples_is_not_a_number():
    assert math.isnan(cost("adaline", made([(0, 0, 1.0)]).part(0, 0), (0.0, 0.0, 0.0)))


@settings(max_examples=50)
@given(z=st.floats(-1e308, 1e308))
def test_sigmoid_is_stable(z):
    from scipy.special import expit

    assert perceptrons.sigmoid(z) == pytest.approx(float(expit(z)), rel=1e-15, abs=1e-320)
