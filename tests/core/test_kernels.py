from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage, signal

from playground.core import kernels
from playground.core.kernels import KernelError, KernelName

NAMES = get_args(KernelName)
ZERO_SUM = (
    "sobel x",
    "sobel y",
    "prewitt x",
    "prewitt y",
    "laplacian 4",
    "laplacian 8",
    "laplacian of gaussian",
    "line horizontal",
    "line vertical",
    "line rising",
    "line falling",
    "corner",
    "difference",
    "second difference",
)


@pytest.mark.parametrize("name", NAMES)
def test_every_kernel_exists_near_every_size(name):
    for rows, cols in ((1, 1), (2, 3), (3, 3), (4, 4), (5, 2), (8, 11), (11, 11)):
        kernel = kernels.preset(name, rows, cols)
        assert np.isfinite(kernel).all()
        assert all(1 <= side <= 11 for side in kernel.shape)
        match kernels.sizes_of(name):
            case "any":
                assert kernel.shape == (rows, cols)
            case "square":
                assert kernel.shape == (max(2, rows, cols),) * 2
            case "odd square":
                assert kernel.shape[0] == kernel.shape[1]
                assert kernel.shape[0] % 2 == 1
            case "one":
                assert kernel.shape in ((3, 3), (1, 3))


@pytest.mark.parametrize("name", ZERO_SUM)
@pytest.mark.parametrize("side", [3, 5, 8, 11])
def test_detectors_answer_0_on_flat_areas(name, side):
    assert kernels.preset(name, side, side).sum() == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("name", ["identity", "box", "gaussian", "sharpen", "unsharp", "emboss"])
@pytest.mark.parametrize("side", [3, 5, 8])
def test_the_others_keep_the_brightness(name, side):
    assert kernels.preset(name, side, side).sum() == pytest.approx(1.0)


def test_derivatives_equal_scipy():
    # scipy names axes and convolves with a kernel that is turned already.
    picture = np.random.default_rng(0).random((9, 9))
    for name, axis, oracle in (
        ("sobel x", 1, ndimage.sobel),
        ("sobel y", 0, ndimage.sobel),
        ("prewitt x", 1, ndimage.prewitt),
        ("prewitt y", 0, ndimage.prewitt),
    ):
        found = ndimage.correlate(picture, kernels.preset(name), mode="constant")
        assert found == pytest.approx(oracle(picture, axis=axis, mode="constant"))
    assert ndimage.correlate(picture, kernels.preset("laplacian 4")) == pytest.approx(
        ndimage.laplace(picture)
    )


def test_sobel_5_is_the_usual_one():
    kernel = kernels.preset("sobel x", 5, 5)
    assert kernel.tolist()[0] == [-1, -2, 0, 2, 1]
    assert kernel.tolist()[2] == [-6, -12, 0, 12, 6]


def test_gaussian_is_the_bell_of_its_deviation():
    kernel = kernels.preset("gaussian", 11, 11, sigma=1.2)
    bell = np.exp(-((np.arange(11) - 5.0) ** 2) / (2 * 1.2**2))
    assert kernel == pytest.approx(np.outer(bell, bell) / bell.sum() ** 2)
    assert kernels.preset("gaussian", 4, 5, sigma=0.01)[:, 2].tolist() == [0, 0.5, 0.5, 0]


def test_lines_and_corner_like_best_what_they_are_named_after():
    shapes = {
        "line horizontal": np.outer([0, 1, 0], np.ones(3)),
        "line vertical": np.outer(np.ones(3), [0, 1, 0]),
        "line rising": np.eye(3)[::-1],
        "line falling": np.eye(3),
    }
    for name in shapes:
        scores = {other: (kernels.preset(name) * shape).sum() for other, shape in shapes.items()}
        assert max(scores, key=scores.get) == name
    corner = kernels.preset("corner")
    bright = np.zeros((3, 3))
    bright[1:, 1:] = 1.0
    scores = [(corner * np.rot90(bright, turn)).sum() for turn in range(4)]
    assert scores.index(max(scores)) == 0
    assert corner[0, 0] == -4
    assert corner[2, 2] == 5


def test_random_kernel_depends_on_its_draw_alone():
    one, same, other = (kernels.preset("random", 4, 5, draw=draw) for draw in (3, 3, 4))
    assert (one == same).all()
    assert not (one == other).any()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("fog", 3, 3), "There is no kernel “fog”."),
        (("box", 12, 3), "A kernel has 1 to 11 rows and columns (got 12×3)."),
        (("gaussian", 3, 3, 0.0), "The standard deviation σ must be greater than 0 (got 0)."),
    ],
)
def test_bad_wishes_say_what_is_allowed(arguments, sentence):
    with pytest.raises(KernelError) as raised:
        kernels.preset(*arguments)
    assert str(raised.value) == sentence


def test_normalised_sums_to_1_or_has_magnitude_1():
    assert kernels.normalised(np.array([[1.0, 3.0]])).tolist() == [[0.25, 0.75]]
    assert kernels.normalised(np.array([[-1.0, 0.0, 1.0]])).tolist() == [[-0.5, 0.0, 0.5]]
    with pytest.raises(KernelError, match="A kernel of zeros cannot be normalised"):
        kernels.normalised(np.zeros((2, 2)))


def test_turns():
    kernel = np.arange(6.0).reshape(2, 3)
    assert kernels.flipped(kernel).tolist() == [[5, 4, 3], [2, 1, 0]]
    assert kernels.rotated(kernel).tolist() == [[2, 5], [1, 4], [0, 3]]
    assert kernels.transposed(kernel).tolist() == [[0, 3], [1, 4], [2, 5]]
    assert (kernels.rotated(kernels.rotated(kernel)) == kernels.flipped(kernel)).all()


def test_fitted_keeps_the_middle():
    kernel = np.arange(1.0, 10.0).reshape(3, 3)
    assert kernels.fitted(kernel, 5, 5)[2, 2] == 5
    assert kernels.fitted(kernel, 5, 5)[0].tolist() == [0] * 5
    assert (kernels.fitted(kernels.fitted(kernel, 8, 6), 3, 3) == kernel).all()
    assert kernels.fitted(kernel, 1, 2).tolist() == [[5, 6]]
    assert kernels.fitted(kernel, 3, 3).tolist() == kernel.tolist()


def test_integer_kernels_separate_into_integers():
    found = kernels.separated(kernels.preset("sobel x"))
    assert found.rank == 1
    assert found.column is not None
    assert found.column.ravel().tolist() == [1, 2, 1]
    assert found.row is not None
    assert found.row.ravel().tolist() == [-1, 0, 1]


def test_smoothing_kernels_separate_into_parts_of_sum_1():
    found = kernels.separated(kernels.preset("gaussian", 5, 7, sigma=1.3))
    assert found.column is not None
    assert found.row is not None
    assert found.column.sum() == pytest.approx(1.0)
    assert found.row.sum() == pytest.approx(1.0)


@given(
    column=st.lists(st.floats(-9, 9).map(lambda v: round(v, 3)), min_size=1, max_size=11),
    row=st.lists(st.floats(-9, 9).map(lambda v: round(v, 3)), min_size=1, max_size=11),
)
@settings(max_examples=60, deadline=None)
def test_rank_one_multiplies_back(column, row):
    kernel = np.outer(column, row)
    found = kernels.separated(kernel)
    assert found.rank == (1 if kernel.any() else 0)
    if found.column is None or found.row is None:
        assert not kernel.any()
    else:
        assert found.column @ found.row == pytest.approx(kernel, abs=1e-9)


def test_higher_ranks_have_no_parts():
    for name, rank in (("laplacian 4", 2), ("sharpen", 2), ("line falling", 2)):
        found = kernels.separated(kernels.preset(name))
        assert (found.rank, found.column, found.row) == (rank, None, None)
        assert len(found.singular_values) == 3
    assert kernels.separated(np.eye(3)).rank == 3
    assert kernels.separated(np.zeros((3, 2))).rank == 0


@given(
    first=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    second=st.tuples(st.integers(1, 6), st.integers(1, 6)),
)
@settings(max_examples=25, deadline=None)
def test_composition_is_the_full_convolution(first, second):
    generator = np.random.default_rng(1)
    g, h = generator.standard_normal(first), generator.standard_normal(second)
    assert kernels.composed(g, h) == pytest.approx(signal.convolve2d(g, h), abs=1e-12)
