from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.preprocessing import StandardScaler

from playground.core.points import Standardiser

numbers = st.floats(-1e6, 1e6, allow_subnormal=False)
planes = hnp.arrays(float, st.tuples(st.integers(1, 30), st.just(2)), elements=numbers)


@given(planes)
def test_equals_scikit_learn(x):
    # A spread below rounding counts as none with both; near that edge they may disagree.
    spread = x.std(axis=0)
    x = x[:, :] if (spread > 1e-9 * (1 + np.abs(x).max())).all() else np.repeat(x[:1], 5, axis=0)
    assert Standardiser.of(x).apply(x) == pytest.approx(StandardScaler().fit_transform(x), abs=1e-6)


def test_a_constant_coordinate_keeps_its_scale():
    standardiser = Standardiser.of([[0.1, 1.0], [0.1, 2.0], [0.1, 3.0]])
    assert standardiser.scale[0] == 1.0
    assert standardiser.apply([[0.1, 2.0]]) == pytest.approx(np.zeros((1, 2)), abs=1e-12)


def test_without_points_nothing_changes():
    assert Standardiser.of(np.empty((0, 2))) == Standardiser()
    assert Standardiser().apply([[3, 4]]).tolist() == [[3, 4]]


@given(
    st.tuples(numbers, numbers),
    st.tuples(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3)),
    hnp.arrays(float, (4, 3), elements=st.floats(-100, 100)),
    hnp.arrays(float, (5, 2), elements=st.floats(-100, 100)),
)
def test_a_line_gives_the_same_f_in_both_systems(mean, scale, lines, x):
    standardiser = Standardiser(mean, scale)
    original = x @ lines[:, :2].T + lines[:, 2]
    moved = standardiser.line_to_standardised(lines)
    standardised = standardiser.apply(x) @ moved[:, :2].T + moved[:, 2]
    size = 1 + np.abs(lines).max() * (1 + np.abs(mean).max()) * 10
    assert standardised == pytest.approx(original, abs=1e-10 * size)
    assert standardiser.line_to_original(moved) == pytest.approx(lines, abs=1e-10 * size)


def test_one_line_needs_no_list():
    w1, w2, beta = Standardiser((1.0, 2.0), (2.0, 4.0)).line_to_original((2.0, 4.0, 1.0))
    assert (w1, w2, beta) == (1.0, 1.0, -2.0)


@given(planes)
def test_undo_is_the_inverse_of_apply(x):
    standardiser = Standardiser.of(x)
    assert standardiser.undo(standardiser.apply(x)) == pytest.approx(x, abs=1e-8)
