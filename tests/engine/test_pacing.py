import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.engine.pacing import MAX_LAG_S, CostEstimate, Pacer, RateMeter

RATES = st.floats(0.05, 5000.0)


def started(rate, now=0.0):
    pacer = Pacer(rate)
    pacer.start(now)
    return pacer


def do_due(pacer, now):
    steps = pacer.due(now)
    pacer.did(steps)
    return steps


def test_nothing_is_due_before_the_start_and_after_a_stop():
    pacer = Pacer(10.0)
    assert (pacer.due(5.0), pacer.wait(5.0)) == (0, None)
    pacer.start(5.0)
    pacer.stop()
    assert (pacer.due(6.0), pacer.wait(6.0)) == (0, None)


def test_the_first_step_is_due_at_once_and_the_others_in_time():
    pacer = started(2.0)

    assert [do_due(pacer, tenth / 10) for tenth in range(0, 16)] == [
        1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1,
    ]  # fmt: skip


def test_less_than_one_step_a_second():
    pacer = started(0.25)
    do_due(pacer, 0.0)

    assert pacer.wait(0.0) == pytest.approx(4.0)
    assert pacer.due(3.99) == 0
    assert pacer.due(4.0) == 1


def test_without_a_limit_there_is_always_one_more():
    pacer = started(math.inf)
    pacer.did(10**9)
    assert pacer.due(0.0) == math.inf
    assert pacer.wait(0.0) == 0.0


def test_what_was_missed_is_not_caught_up_in_a_burst():
    pacer = started(100.0)
    do_due(pacer, 0.0)

    assert do_due(pacer, 10.0) == 100 * MAX_LAG_S
    assert do_due(pacer, 10.0) == 0
    assert do_due(pacer, 10.01) == 1


@given(RATES, st.lists(st.floats(0.0001, MAX_LAG_S / 2), min_size=10, max_size=200))
def test_looked_at_often_enough_the_rate_is_kept(rate, gaps):
    pacer, now, done = started(rate), 0.0, 0
    for gap in gaps:
        done += do_due(pacer, now)
        now += gap
    done += do_due(pacer, now)

    assert done == pytest.approx(now * rate + 1, abs=1.01)


@given(RATES, st.lists(st.floats(0.0, 3.0), max_size=50))
def test_never_more_than_the_rate_and_never_due_before_the_wait_is_over(rate, gaps):
    pacer, now, done = started(rate), 0.0, 0
    for gap in gaps:
        done += do_due(pacer, now)
        wait = pacer.wait(now)
        if wait > 1e-6:
            assert pacer.due(now + 0.99 * wait) == 0
            assert pacer.due(now + 1.01 * wait) >= 1
        now += gap
    assert done <= now * rate + 1.01


def test_a_new_rate_keeps_the_share_already_waited():
    pacer = started(1.0)
    do_due(pacer, 0.0)
    pacer.set_rate(10.0, 0.5)

    assert pacer.wait(0.5) == pytest.approx(0.05)

    pacer.set_rate(math.inf, 0.5)
    assert pacer.wait(0.5) == 0.0
    pacer.set_rate(1.0, 0.5)
    assert do_due(pacer, 0.5) == 1
    assert pacer.wait(0.5) == pytest.approx(1.0)


def test_a_rate_set_while_stopped_starts_nothing():
    pacer = Pacer(1.0)
    pacer.set_rate(5.0, 3.0)
    assert (pacer.rate, pacer.due(100.0)) == (5.0, 0)


def test_the_steps_in_a_slice_grow_by_doubling_up_to_the_budget():
    cost, tried = CostEstimate(), []
    for _ in range(12):
        steps = cost.steps_within(0.008)
        tried.append(steps)
        cost.observe(steps * 0.0001, steps)

    assert tried[:7] == [1, 2, 4, 8, 16, 32, 64]
    assert all(79 <= steps <= 80 for steps in tried[7:])


def test_a_step_longer_than_the_slice_is_done_alone():
    cost = CostEstimate()
    cost.observe(0.5, 1)
    assert cost.steps_within(0.008) == 1
    assert cost.steps_within(-1.0) == 1


def test_a_clock_too_coarse_to_measure_does_not_run_away():
    cost = CostEstimate()
    for _ in range(100):
        cost.observe(0.0, cost.steps_within(0.008))
    assert cost.steps_within(0.008) <= 1 << 20


def test_observing_nothing_changes_nothing():
    cost = CostEstimate()
    cost.observe(1.0, 0)
    assert cost.seconds_per_step is None


def test_the_meter_shows_the_last_second():
    meter = RateMeter()
    for hundredth in range(500):
        meter.add(hundredth / 100, (hundredth + 1) / 100, 3)
    assert meter.rate(5.0) == pytest.approx(300, rel=0.03)
    for hundredth in range(500, 700):
        meter.add(hundredth / 100, (hundredth + 1) / 100, 1)
    assert meter.rate(7.0) == pytest.approx(100, rel=0.03)
    assert meter.rate(100.0) == 0.0


def test_the_meter_holds_few_samples_however_many_slices():
    meter = RateMeter()
    for slice_ in range(100_000):
        meter.add(slice_ / 1e5, (slice_ + 1) / 1e5, 1)
    assert len(meter._samples) <= 60
    meter.clear()
    assert meter.rate(1.0) == 0.0


def test_a_short_stretch_says_little_about_the_next_one():
    cost = CostEstimate()
    for _ in range(12):
        cost.observe(1000 * 1e-6, 1000)
    assert cost.steps_within(0.0015) == 1500
    # A short one costs more a step, for beginning and ending.
    cost.observe(20 * 5e-6, 20)
    assert cost.steps_within(0.00099) == pytest.approx(970, abs=30)
    assert cost.steps_within(1.0) == 1000
