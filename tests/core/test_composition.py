from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from playground.core import kernels
from playground.core.composition import associativity, full

GENERATOR = np.random.default_rng(3)
PICTURE = GENERATOR.random((9, 12))
SHAPES = [((3, 3), (3, 3)), ((2, 4), (5, 1)), ((11, 11), (11, 11))]


def test_full_result_is_scipys():
    kernel = GENERATOR.standard_normal((4, 3))
    assert full(PICTURE, kernel, "convolution") == pytest.approx(
        signal.convolve2d(PICTURE, kernel), abs=1e-12
    )
    assert full(PICTURE, kernel, "correlation") == pytest.approx(
        signal.correlate2d(PICTURE, kernel), abs=1e-12
    )


@pytest.mark.parametrize(("first", "second"), SHAPES)
def test_convolution_is_associative(first, second):
    g, h = GENERATOR.standard_normal(first), GENERATOR.standard_normal(second)
    found = associativity(PICTURE, g, h, "convolution")
    assert found.difference < 1e-10
    assert found.kernel == pytest.approx(signal.convolve2d(g, h), abs=1e-12)
    assert found.once.shape == found.twice.shape


def test_correlation_is_not():
    sobel, blur = kernels.preset("sobel x"), kernels.preset("random", 3, 3)
    found = associativity(PICTURE, blur, sobel, "correlation")
    assert found.difference > 0.1
    assert found.kernel == pytest.approx(signal.correlate2d(blur, sobel), abs=1e-12)
    assert found.twice == pytest.approx(
        signal.correlate2d(signal.correlate2d(PICTURE, blur), sobel), abs=1e-12
    )


def test_correlation_is_where_the_second_kernel_is_symmetric():
    sobel, gaussian = kernels.preset("sobel x"), kernels.preset("gaussian", 5, 5)
    assert associativity(PICTURE, sobel, gaussian, "correlation").difference < 1e-12
