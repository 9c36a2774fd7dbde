from __future__ import annotations

import pytest

from playground.bench import agents
from playground.bench.figures import Effort
from playground.bench.window import NotAnswered
from playground.experiments.spec import replace_at
from tests.experiments.agents_small import small_spec

TINY = Effort(starts=1, pacing_s=0.1, rounds=1, round_s=0.1, repeats=1, warm_up_s=0.1, memory_s=0.1)


@pytest.fixture(autouse=True)
def _no_libraries(qapp, monkeypatch):
    monkeypatch.setattr("playground.bench.window.STAGES", ())


def test_steps_are_timed_with_and_without_the_window():
    headless, beside, ratio, cars = agents.measure(TINY, small_spec(), rollouts=100)
    assert headless.value > 0.0
    assert ratio.value == pytest.approx(headless.value / beside.value)
    assert ratio.met is (headless.value <= 1.4 * beside.value)
    assert cars.value > 0.0


def test_a_run_that_ends_too_early_is_no_measurement():
    short = replace_at(small_spec(), ("end", "env_steps"), 48)
    with pytest.raises(NotAnswered, match="stopped before"):
        agents.measure(TINY, short, rollouts=100)
