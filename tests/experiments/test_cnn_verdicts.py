from __future__ import annotations

import pytest

from playground.experiments.cnn import CnnExperiment
from playground.experiments.cnn_spec import CnnSpec
from playground.experiments.cnn_verdicts import (
    Epoch,
    dead_text,
    over_fitting,
    overflow_reason,
    stuck_verdict,
)
from playground.experiments.spec import parse_assignments

NAN = float("nan")


def epochs(*rows: tuple[float, float, float, float]) -> list[Epoch]:
    first = Epoch(0, NAN, NAN, 2.3, 0.1)
    return [first, *(Epoch(place + 1, *row) for place, row in enumerate(rows))]


def test_first_weights_are_compared_with_guessing():
    verdict = CnnExperiment(CnnSpec(), 0).snapshot(frozenset()).verdict
    assert verdict.tone == "info"
    assert verdict.text.endswith("guessing among 10 classes gives 10.0 %.")


def test_plain_progress_tells_accuracy_and_gap():
    experiment = CnnExperiment(CnnSpec(), 0)
    experiment.advance(2 * experiment.steps_to_mark())
    verdict = experiment.snapshot(frozenset()).verdict
    assert verdict.tone in ("ok", "warn")
    assert verdict.text.startswith("Test accuracy 9")
    assert "after epoch 2" in verdict.text


def test_stuck_at_chance_names_the_likely_reason():
    flat = epochs((2.3, 0.1, 2.3, 0.1), (2.3, 0.11, 2.3, 0.1))
    cases = {
        "training.rate=0": "learning rate is 0",
        "training.rate=1e-7": "larger learning rate than 1e-07",
        "training.rate=5": "smaller learning rate than 5",
    }
    for change, reason in cases.items():
        verdict = stuck_verdict(parse_assignments(CnnSpec(), [change]), flat, 0.1)
        assert verdict.tone == "bad"
        assert reason in verdict.text
    assert stuck_verdict(CnnSpec(), flat[:2], 0.1) is None
    assert stuck_verdict(CnnSpec(), epochs((2, 0.3, 2, 0.3), (2, 0.4, 2, 0.4)), 0.1) is None
    dead = dead_text(CnnSpec(), {0: tuple(range(16))})
    assert "16 of 16 filters of block 1" in stuck_verdict(CnnSpec(), flat, 0.1, dead).text


def test_over_fitting_needs_a_rising_test_loss_or_a_wide_gap():
    rising = epochs(
        (0.5, 0.9, 0.30, 0.92),
        (0.1, 0.97, 0.25, 0.94),
        (0.05, 0.99, 0.29, 0.94),
        (0.02, 1.0, 0.33, 0.94),
        (0.01, 1.0, 0.36, 0.94),
    )
    verdict = over_fitting(rising)
    assert verdict.tone == "warn"
    assert "risen from 0.25 in epoch 2 to 0.36" in verdict.text
    assert over_fitting(rising[:3]) is None
    wide = epochs((1, 0.5, 1, 0.5), (0.5, 0.8, 0.7, 0.7), (0.2, 1.0, 0.6, 0.8))
    assert "100.0 % in training, 80.0 % on the test images" in over_fitting(wide).text
    assert over_fitting(epochs((0.2, 0.95, 0.2, 0.94))) is None


def test_dead_filters_are_counted_where_most_are():
    assert dead_text(CnnSpec(), {}) == ""
    assert dead_text(CnnSpec(), {0: (), 2: ()}) == ""
    text = dead_text(CnnSpec(), {0: (3,), 2: (1, 2)})
    assert text.startswith("2 of 32 filters of block 3, conv 3×3×32, are dead")
    assert "is dead" in dead_text(CnnSpec(), {0: (3,)})


@pytest.mark.parametrize(("loss", "words"), [(NAN, "no longer a number"), (1e999, "infinite")])
def test_overflow(loss, words):
    assert words in overflow_reason(7, CnnSpec(), loss)
