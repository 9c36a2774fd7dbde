import numpy as np
import pytest

from playground.core.perceptrons import Samples, correction, count_errors
from playground.core.pocket import Pocket, walk_pocket


def xor_like(seed, n=50):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    y = np.where(x[:, 0] + 0.3 * rng.normal(size=n) > 0, 1.0, -1.0)
    return Samples(x[:, 0].copy(), x[:, 1].copy(), y)


@pytest.mark.parametrize("seed", range(5))
def test_walk_equals_sample_by_sample(seed):
    samples = xor_like(seed)
    lists = samples.lists()

    def errors_of(line):
        return count_errors(samples, line)

    start = (0.1, -0.2, 0.05)
    line, pocket, changes = start, Pocket(start, errors_of(start)), 0
    for x1, x2, y in zip(*lists, strict=True):
        _, wrong, *change = correction("pocket", x1, x2, y, line, 0.1)
        line = tuple(w + d for w, d in zip(line, change, strict=True))
        changes += wrong
        pocket = pocket.after(wrong, line, errors_of)
    walked = walk_pocket(lists, 0, 50, start, 0.1, Pocket(start, errors_of(start)), errors_of)
    assert walked == (line, changes, pocket)


@pytest.mark.parametrize("seed", range(5))
def test_the_ratchet_never_turns_back_and_counts_truly(seed):
    samples = xor_like(seed)
    lists = samples.lists()

    def errors_of(line):
        return count_errors(samples, line)

    start = (-1.0, 0.0, 0.0)
    line, pocket = start, Pocket(start, errors_of(start))
    first = pocket.errors
    for _ in range(200):
        before = pocket.errors
        line, _, pocket = walk_pocket(lists, 0, 50, line, 0.1, pocket, errors_of)
        assert pocket.errors <= before
        assert pocket.errors == errors_of(pocket.line)
    assert pocket.errors < first


def test_a_batch_puts_the_better_line_into_the_pocket():
    errors = {(1.0, 0.0, 0.0): 3, (2.0, 0.0, 0.0): 5, (3.0, 0.0, 0.0): 2}
    pocket = Pocket((1.0, 0.0, 0.0), 3)
    assert pocket.after_batch((2.0, 0.0, 0.0), errors.__getitem__) is pocket
    assert pocket.after_batch((3.0, 0.0, 0.0), errors.__getitem__).errors == 2
