from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from playground.core.convolution import ConvolutionError
from playground.core.pooling import pool, pool_axes, winners


def by_torch(maps, kind, size, stride):
    x = torch.from_numpy(maps)[None]
    if kind == "max":
        return functional.max_pool2d(x, size, stride)[0].numpy()
    if kind == "average":
        return functional.avg_pool2d(x, size, stride)[0].numpy()
    # torch's own L2 pooling (lp_pool2d) takes the root of cells × mean, which may lose the sign.
    return (functional.avg_pool2d(x**2, size, stride, divisor_override=1)[0]).sqrt().numpy()


@given(
    kind=st.sampled_from(["max", "average", "l2"]),
    shape=st.tuples(st.integers(1, 3), st.integers(1, 12), st.integers(1, 12)),
    size=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=60, deadline=None)
def test_every_pooling_equals_torch_and_fails_where_torch_fails(kind, shape, size, stride, seed):
    maps = np.random.default_rng(seed).standard_normal(shape)
    try:
        expected = by_torch(maps, kind, size, stride)
    except RuntimeError:
        with pytest.raises(ConvolutionError, match="Nothing is left"):
            pool(maps, kind, size, stride)
        return
    assert pool(maps, kind, size, stride) == pytest.approx(expected, abs=1e-12)


def test_l2_equals_torchs_own():
    maps = np.random.default_rng(0).standard_normal((2, 7, 7))
    expected = functional.lp_pool2d(torch.from_numpy(maps)[None], 2.0, (3, 3), (2, 2))[0]
    assert pool(maps, "l2", (3, 3), (2, 2)) == pytest.approx(expected.numpy())


@given(
    shape=st.tuples(st.integers(1, 2), st.integers(3, 9), st.integers(3, 9)),
    size=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=50, deadline=None)
def test_winners_equal_torchs_indices(shape, size, stride, seed):
    # Few different values: ties are frequent.
    maps = np.random.default_rng(seed).integers(0, 3, shape).astype(np.float64)
    _, places = functional.max_pool2d(
        torch.from_numpy(maps)[None], size, stride, return_indices=True
    )
    assert (winners(maps, size, stride) == places[0].numpy()).all()


@pytest.mark.parametrize(("size", "stride", "left"), [(2, 2, 12), (3, 2, 11), (5, 3, 7)])
def test_usual_windows(size, stride, left):
    rows, cols = pool_axes((24, 24), (size, size), (stride, stride))
    assert (rows.output, cols.output) == (left, left)


def test_too_large_windows_say_so():
    with pytest.raises(ConvolutionError) as raised:
        pool_axes((8, 3), (4, 4), (2, 2))
    assert str(raised.value) == (
        "Nothing is left: the pooling window has 4 pixels a side, but the map has only 3."
    )
