from __future__ import annotations

import doctest
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from playground.core import metrics
from playground.core.metrics import (
    METRICS,
    Confusion,
    confusion,
    k_folds,
    mean_over_folds,
    metric_named,
)

COURSE = Confusion(tp=4, tn=2, fn=1, fp=2)
labels = st.lists(st.sampled_from([-1, 1]), min_size=1, max_size=60)
counts = st.integers(0, 50)


def test_the_example_of_the_course():
    assert COURSE.accuracy == 6 / 9
    assert COURSE.error_rate == 3 / 9
    assert COURSE.fpr == 2 / 4
    assert COURSE.fnr == 1 / 5
    assert COURSE.precision == 4 / 6
    assert COURSE.recall == 4 / 5
    assert COURSE.specificity == 2 / 4
    assert COURSE.f1 == pytest.approx(8 / 11)
    assert COURSE.npv == 2 / 3


def test_the_folds_of_the_course_have_four_per_cent():
    mean, spread, folds = mean_over_folds([0.03, 0.04, 0.05])
    assert mean == pytest.approx(0.04)
    assert spread == pytest.approx(np.std([0.03, 0.04, 0.05]))
    assert folds == 3


@given(st.data())
def test_equals_scikit_learn(data):
    y = data.draw(labels)
    predicted = data.draw(st.lists(st.sampled_from([-1, 1]), min_size=len(y), max_size=len(y)))
    found = confusion(y, predicted)
    tn, fp, fn, tp = sk.confusion_matrix(y, predicted, labels=[-1, 1]).ravel().tolist()
    assert found == Confusion(tp=tp, tn=tn, fp=fp, fn=fn)
    nan = {"zero_division": np.nan}
    expected = {
        "accuracy": sk.accuracy_score(y, predicted),
        "error_rate": sk.zero_one_loss(y, predicted),
        "fpr": 1 - sk.recall_score(y, predicted, pos_label=-1, **nan),
        "fnr": 1 - sk.recall_score(y, predicted, **nan),
        "precision": sk.precision_score(y, predicted, **nan),
        "recall": sk.recall_score(y, predicted, **nan),
        "specificity": sk.recall_score(y, predicted, pos_label=-1, **nan),
        "f1": sk.f1_score(y, predicted, **nan),
    }
    assert {info.name for info in METRICS} == expected.keys()
    for info in METRICS:
        assert info.value(found) == pytest.approx(expected[info.name], nan_ok=True)
    assert found.npv == pytest.approx(
        sk.precision_score(y, predicted, pos_label=-1, **nan), nan_ok=True
    )


@given(counts, counts, counts, counts)
def test_what_is_read_is_what_is_computed(tp, tn, fp, fn):
    found = Confusion(tp=tp, tn=tn, fp=fp, fn=fn)
    for info in METRICS:
        value, sentence = info.value(found), info.describe(found)
        if math.isnan(value):
            assert "is not defined" in sentence
            assert sentence.endswith(".")
        else:
            top, bottom = sentence.split(" = ")[2].split(" / ")
            assert int(top) / int(bottom) == pytest.approx(value)
            assert float(sentence.split(" = ")[3].removesuffix(" %")) == pytest.approx(
                100 * value, rel=1e-3
            )


def test_nothing_counted_is_nothing_defined():
    assert all(math.isnan(info.value(Confusion(0, 0, 0, 0))) for info in METRICS)
    assert METRICS[0].describe(Confusion(0, 0, 0, 0)) == (
        "Accuracy is not defined: there are no samples."
    )
    assert metric_named("precision").describe(Confusion(tp=0, tn=3, fp=0, fn=1)) == (
        "Precision is not defined: nothing was classified as positive."
    )


def test_scores_above_zero_are_positive_and_zero_is_not():
    assert confusion([1, 1, -1, -1], [0.3, 0.0, 0.0, 2.5]) == Confusion(tp=1, tn=1, fp=1, fn=1)
    assert confusion([], []) == Confusion(0, 0, 0, 0)


@given(st.lists(st.tuples(counts, counts, counts, counts), min_size=2, max_size=2))
def test_counts_of_two_parts_add_up(parts):
    first, second = (Confusion(*part) for part in parts)
    assert (first + second).total == first.total + second.total
    assert (first + second).tp == first.tp + second.tp


def test_reaching_a_target_knows_which_way_is_up():
    assert metric_named("accuracy").reached(0.99, 0.99)
    assert not metric_named("accuracy").reached(0.98, 0.99)
    assert metric_named("fpr").reached(0.02, 0.03)
    assert not metric_named("fpr").reached(0.04, 0.03)
    assert not metric_named("fpr").reached(math.nan, 0.03)
    assert not metric_named("f1").reached(math.nan, 0.0)


def test_folds_without_a_value_are_left_out_of_the_mean():
    assert mean_over_folds([0.5, math.nan, 1.0])[::2] == (0.75, 2)
    assert math.isnan(mean_over_folds([math.nan]).mean)
    assert mean_over_folds([]).folds == 0


@given(st.integers(2, 80), st.data())
def test_folds_test_every_row_once_and_are_of_one_size(n, data):
    k = data.draw(st.integers(2, n))
    y = data.draw(st.none() | st.lists(st.sampled_from([-1, 1]), min_size=n, max_size=n))
    folds = k_folds(n, k, np.random.default_rng(data.draw(st.integers(0, 99))), y)
    assert len(folds) == k
    assert sorted(np.concatenate([test for _, test in folds]).tolist()) == list(range(n))
    for train, test in folds:
        assert sorted([*train.tolist(), *test.tolist()]) == list(range(n))
        assert (np.diff(train) > 0).all()
        assert (np.diff(test) > 0).all()
    sizes = [len(test) for _, test in folds]
    assert max(sizes) - min(sizes) <= 1
    for label in set(y or []):
        shares = [Counter(np.array(y)[test].tolist())[label] for _, test in folds]
        assert max(shares) - min(shares) <= 1


def test_folds_depend_on_the_generator_alone():
    first, second = (k_folds(20, 4, np.random.default_rng(3)) for _ in range(2))
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(first, second, strict=True))
    other = k_folds(20, 4, np.random.default_rng(4))
    assert any(not np.array_equal(a[1], b[1]) for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize("k", [-1, 0, 1, 11])
def test_too_few_or_too_many_folds_are_refused(k):
    with pytest.raises(ValueError, match="from 2 to the number of points, 10; not"):
        k_folds(10, k, np.random.default_rng(0))


def test_bad_lengths_and_names_are_refused_with_a_sentence():
    with pytest.raises(ValueError, match="2 predictions for 1 labels"):
        confusion([1], [1, -1])
    with pytest.raises(ValueError, match="3 labels for 10 rows"):
        k_folds(10, 2, np.random.default_rng(0), [1, 1, -1])
    with pytest.raises(ValueError, match="there are accuracy, error_rate, fpr"):
        metric_named("kappa")


def test_the_examples_in_the_documentation_hold():
    assert doctest.testmod(metrics).failed == 0
    assert doctest.testmod(metrics).attempted == 1
