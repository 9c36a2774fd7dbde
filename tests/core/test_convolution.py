from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import signal
from torch.nn import functional

from playground.core import convolution
from playground.core.convolution import (
    ConvolutionError,
    convolve,
    correlate,
    fed_outputs,
    geometry_of,
    inside,
    laid,
    pad,
    parameter_counts,
    responses,
    window,
)

BORDERS = ("valid", "zeros", "replicate", "circular", "reflect")
TORCH_MODES = {
    "zeros": "constant",
    "replicate": "replicate",
    "circular": "circular",
    "reflect": "reflect",
}


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


def by_torch(picture, kernel, border, padding, stride, dilation):
    """Cross-correlation of channels (c, h, w) with (c, kh, kw), summed, by torch alone."""
    x = torch.from_numpy(picture)[None]
    k = torch.from_numpy(kernel.copy())[None]
    if border != "valid":
        reach = [dilation * (cells - 1) for cells in kernel.shape[1:]]
        rows, cols = (
            (r // 2, r - r // 2) if padding is None else (padding, padding) for r in reach
        )
        x = functional.pad(x, (*cols, *rows), mode=TORCH_MODES[border])
    return functional.conv2d(x, k, stride=stride, dilation=dilation)[0, 0].numpy()


@given(
    border=st.sampled_from(BORDERS),
    operation=st.sampled_from(["correlation", "convolution"]),
    stride=st.integers(1, 4),
    dilation=st.integers(1, 4),
    padding=st.none() | st.integers(0, 6),
    sides=st.tuples(st.integers(1, 14), st.integers(1, 14)),
    cells=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    channels=st.integers(1, 3),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=120, deadline=None)
def test_every_combination_equals_torch_and_fails_where_torch_fails(
    border, operation, stride, dilation, padding, sides, cells, channels, seed
):
    picture = numbers(channels, *sides, seed=seed)
    kernel = numbers(channels, *cells, seed=seed + 1)
    options = {"border": border, "padding": padding, "stride": stride, "dilation": dilation}
    as_laid = kernel if operation == "correlation" else np.flip(kernel, (1, 2))
    apply = correlate if operation == "correlation" else convolve
    try:
        expected = by_torch(picture, as_laid, border, padding, stride, dilation)
    except RuntimeError:
        with pytest.raises(ConvolutionError):
            apply(picture, kernel, **options)
        return
    assert apply(picture, kernel, **options) == pytest.approx(expected, abs=1e-11)


@given(
    column=st.integers(1, 11),
    row=st.integers(3, 11),
    border=st.sampled_from(BORDERS),
    stride=st.integers(1, 4),
    dilation=st.integers(1, 2),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=50, deadline=None)
def test_large_kernels_equal_torch_for_every_channel(column, row, border, stride, dilation, seed):
    picture = numbers(2, 24, 23, seed=seed)
    separable = np.outer(numbers(column, seed=seed + 1), numbers(row, seed=seed + 2))
    kernel = np.stack([separable, numbers(column, row, seed=seed + 3)])
    expected = by_torch(picture, kernel, border, None, stride, dilation)
    found = correlate(picture, kernel, border=border, stride=stride, dilation=dilation)
    assert found == pytest.approx(expected, abs=1e-11)


@given(
    sides=st.tuples(st.integers(1, 12), st.integers(1, 12)),
    cells=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=40, deadline=None)
def test_valid_pictures_equal_scipy(sides, cells, seed):
    assume(all(cell <= side for cell, side in zip(cells, sides, strict=True)))
    picture, kernel = numbers(*sides, seed=seed), numbers(*cells, seed=seed + 1)
    assert convolve(picture, kernel) == pytest.approx(
        signal.convolve2d(picture, kernel, mode="valid"), abs=1e-12
    )
    assert correlate(picture, kernel) == pytest.approx(
        signal.correlate2d(picture, kernel, mode="valid"), abs=1e-12
    )


@pytest.mark.parametrize(
    ("border", "of_scipy"), [("zeros", "fill"), ("circular", "wrap"), ("reflect", None)]
)
def test_borders_of_odd_kernels_equal_scipy(border, of_scipy):
    picture, kernel = numbers(9, 7), numbers(5, 3, seed=1)
    if of_scipy is None:
        padded = np.pad(picture, ((2, 2), (1, 1)), mode="reflect")
        expected = signal.convolve2d(padded, kernel, mode="valid")
    else:
        expected = signal.convolve2d(picture, kernel, mode="same", boundary=of_scipy)
    assert convolve(picture, kernel, border=border) == pytest.approx(expected, abs=1e-12)


@given(length=st.integers(1, 20), cells=st.integers(1, 7), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_signals_equal_numpy(length, cells, seed):
    assume(cells <= length)
    values, kernel = numbers(length, seed=seed), numbers(cells, seed=seed + 1)
    assert convolve(values, kernel) == pytest.approx(
        np.convolve(values, kernel, mode="valid"), abs=1e-12
    )
    assert correlate(values, kernel) == pytest.approx(
        np.correlate(values, kernel, mode="valid"), abs=1e-12
    )
    full = convolve(values, kernel, border="zeros", padding=cells - 1)
    assert full == pytest.approx(np.convolve(values, kernel), abs=1e-12)


def test_impulse_shows_the_kernel_under_convolution_and_turned_under_correlation():
    picture = np.zeros((5, 5))
    picture[2, 2] = 1.0
    kernel = np.arange(9.0).reshape(3, 3)
    assert (convolve(picture, kernel) == kernel).all()
    assert (correlate(picture, kernel) == kernel[::-1, ::-1]).all()
    assert (laid(kernel, "convolution") == kernel[::-1, ::-1]).all()


def test_blocks_leave_no_seam(monkeypatch):
    picture, kernel = numbers(2, 23, 17), numbers(2, 3, 4, seed=1)
    whole = correlate(picture, kernel, border="reflect", stride=2, dilation=2)
    monkeypatch.setattr(convolution, "_BLOCK", 20)
    found = correlate(picture, kernel, border="reflect", stride=2, dilation=2)
    assert found == pytest.approx(whole, abs=1e-13)


def test_course_needs_25_weights_where_a_full_layer_needs_451584():
    geometry = geometry_of((28, 28), (5, 5))
    assert geometry.output == (24, 24)
    assert geometry.sentence == "⌊(28 + 2·0 − 1·(5 − 1) − 1)/1⌋ + 1 = 24"
    counts = parameter_counts((1, 28, 28), (5, 5), geometry.output)
    assert counts == (25, 451_584, 25 * 24 * 24)


@pytest.mark.parametrize("border", BORDERS)
def test_windows_sum_to_the_result(border):
    picture, kernel = numbers(2, 7, 6), numbers(2, 3, 2, seed=1)
    geometry = geometry_of((7, 6), (3, 2), border=border, stride=2, dilation=2)
    padded = pad(picture, geometry)
    result = responses(padded, kernel, geometry)
    sources = np.concatenate([picture, np.zeros((2, 7, 1))], axis=2)
    for row, col in np.ndindex(*geometry.output):
        found = window(padded, kernel, geometry, row, col)
        assert found.sums == pytest.approx(result[:, row, col], abs=1e-12)
        assert found.total == pytest.approx(result[:, row, col].sum(), abs=1e-12)
        # What the window says about where its pixels come from is true: −1 stands for a zero.
        outside = (found.source_rows[:, None] < 0) | (found.source_cols < 0)
        from_picture = sources[:, found.source_rows[:, None], found.source_cols]
        assert (np.where(outside, 0.0, from_picture) == found.values).all()


def test_there_is_no_window_outside_the_result():
    geometry = geometry_of((5, 5), (3, 3))
    with pytest.raises(ConvolutionError, match=r"There is no row 3, column 0: .* 3 × 3 pixels"):
        window(np.zeros((1, 5, 5)), np.ones((1, 3, 3)), geometry, 3, 0)


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (1, 2), (3, 2)])
def test_fed_outputs_are_those_that_move_with_the_pixel(border, stride, dilation):
    kernel = numbers(3, 4)
    geometry = geometry_of((6, 7), (3, 4), border=border, stride=stride, dilation=dilation)
    for row, col in ((0, 0), (2, 3), (5, 6), (1, 6)):
        picture = np.zeros((1, 6, 7))
        picture[0, row, col] = 1.0
        moved = responses(pad(picture, geometry), kernel[None], geometry)[0]
        fed = np.zeros_like(moved)
        for pixel in fed_outputs(kernel, geometry, row, col):
            fed[pixel.row, pixel.col] = pixel.weight
        assert fed == pytest.approx(moved, abs=1e-12)


def test_mask_marks_the_picture_inside_its_border():
    geometry = geometry_of((3, 4), (3, 5), border="replicate")
    marked = pad(np.full((1, 3, 4), 7.0), geometry_of((3, 4), (3, 5), border="zeros"))[0]
    assert (inside(geometry) == (marked == 7.0)).all()
