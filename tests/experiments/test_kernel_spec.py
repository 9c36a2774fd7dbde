from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from playground.core import kernels
from playground.core.kernels import KernelName
from playground.experiments.kernel_spec import KernelSpec, LineKernelSpec
from playground.experiments.spec import SpecError, describe, replace_at, validate


def test_default_cells_are_those_of_their_names():
    for spec in (KernelSpec(), LineKernelSpec()):
        assert (spec.array == kernels.preset(spec.preset, spec.rows, spec.cols)).all()


@pytest.mark.parametrize("name", get_args(KernelName))
def test_choosing_a_name_fills_in_the_cells(name):
    spec = replace_at(KernelSpec.of("box", 5, 5), ("preset",), name)
    assert (spec.array == kernels.preset(name, 5, 5)).all()
    assert spec.array.shape == (spec.rows, spec.cols)
    assert spec.preset == name


def test_of_makes_what_choosing_makes():
    chosen = replace_at(replace_at(KernelSpec(), ("preset",), "gaussian"), ("sigma",), 2.5)
    assert KernelSpec.of("gaussian", 3, 3, sigma=2.5) == chosen


def test_editing_a_cell_makes_it_ones_own():
    spec = replace_at(KernelSpec(), ("values",), [[1.0, 2.0, 3.0, 4.0]])
    assert (spec.preset, spec.rows, spec.cols) == ("own", 1, 4)
    assert spec.values == ((1.0, 2.0, 3.0, 4.0),)
    assert KernelSpec.own(np.array([[1.0, 2.0, 3.0, 4.0]])) == spec


@pytest.mark.parametrize(
    ("name", "knob", "value", "shape"),
    [
        ("box", "rows", 5, (5, 3)),
        ("box", "cols", 4, (3, 4)),
        ("sobel x", "rows", 4, (4, 4)),
        ("sobel x", "cols", 2, (2, 2)),
        ("laplacian 8", "rows", 4, (5, 5)),
        ("laplacian 8", "cols", 2, (3, 3)),
        ("corner", "rows", 10, (11, 11)),
    ],
)
def test_named_kernels_grow_as_they_can(name, knob, value, shape):
    spec = replace_at(KernelSpec.of(name), (knob,), value)
    assert spec.preset == name
    assert spec.array.shape == shape
    assert (spec.array == kernels.preset(name, *shape)).all()


def test_odd_squares_pass_over_even_sizes_in_the_direction_of_the_change():
    spec = KernelSpec.of("line rising", 5, 5)
    assert replace_at(spec, ("rows",), 4).rows == 3
    assert replace_at(spec, ("cols",), 6).cols == 7


def test_kernels_of_one_size_become_ones_own():
    spec = replace_at(KernelSpec.of("emboss"), ("cols",), 5)
    assert spec.preset == "own"
    assert (spec.array[:, 1:4] == kernels.preset("emboss")).all()
    assert (spec.array[:, (0, 4)] == 0.0).all()


def test_deviation_and_draw_change_the_cells_of_those_that_have_them():
    blurred = replace_at(KernelSpec.of("gaussian", 5, 5), ("sigma",), 3.0)
    assert (blurred.array == kernels.preset("gaussian", 5, 5, 3.0)).all()
    drawn = replace_at(KernelSpec.of("random", 4, 4), ("draw",), 9)
    assert (drawn.array == kernels.preset("random", 4, 4, draw=9)).all()
    own = KernelSpec.own(np.eye(2))
    assert replace_at(own, ("sigma",), 3.0).array.tolist() == np.eye(2).tolist()


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (
            "values",
            [[1.0, float("nan")]],
            "Row 1, column 2 of the kernel must be a number from −1000 to 1000 (got nan).",
        ),
        (
            "values",
            [[1.0], [float("inf")]],
            "Row 2, column 1 of the kernel must be a number from −1000 to 1000 (got inf).",
        ),
        (
            "values",
            [["a"]],
            "Row 1, column 1 of the kernel must be a number from −1000 to 1000 (got a).",
        ),
        (
            "values",
            [[1.0, 2.0], [1.0]],
            "A kernel must be a table of numbers with 1 to 11 rows and columns, all rows of one "
            "length.",
        ),
        ("values", [[0.0] * 12], "columns must be at most 11 (got 12)."),
        ("values", [], "A kernel must be a table of numbers with 1 to 11 rows and columns"),
        ("values", "fog", "A kernel must be a table of numbers with 1 to 11 rows and columns"),
        ("rows", 12, "rows must be at most 11 (got 12)."),
        ("cols", 2.5, "columns must be a whole number (got 2.5)."),
        ("sigma", "wide", "σ must be a number (got wide)."),
        ("sigma", -1.0, "σ must be at least 0.1 (got -1.0)."),
        ("preset", "fog", "kernel must be one of 'identity'"),
    ],
)
def test_bad_values_are_refused_in_a_sentence(path, value, sentence):
    with pytest.raises(SpecError) as raised:
        replace_at(KernelSpec.of("gaussian"), (path,), value)
    assert str(raised.value).startswith(sentence)


def test_cells_must_have_the_size_that_is_said():
    with pytest.raises(SpecError, match="The kernel says 2×2 but has 1×2 cells"):
        validate(KernelSpec, {"preset": "own", "rows": 2, "cols": 2, "values": [[1.0, 2.0]]})


def test_kernel_of_a_signal_has_one_row():
    spec = LineKernelSpec()
    with pytest.raises(SpecError):
        replace_at(spec, ("preset",), "sobel x")
    with pytest.raises(SpecError):
        replace_at(spec, ("values",), [[1.0], [2.0]])
    assert replace_at(spec, ("cols",), 5).values == ((0.2,) * 5,)
    assert ("rows",) not in [field.path for field in describe(LineKernelSpec)]


def test_spec_survives_its_file():
    spec = KernelSpec.of("random", 4, 7, draw=3)
    assert validate(KernelSpec, spec.model_dump(mode="json")) == spec
