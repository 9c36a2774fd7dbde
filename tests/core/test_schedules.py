"""Every schedule against torch.optim.lr_scheduler."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from playground.core.schedules import PlateauState, Schedule

RATE = 0.3
ROUNDS = 150


def by_torch(make, losses=None):
    weight = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=RATE)
    scheduler = make(optimizer)
    rates = []
    for k in range(ROUNDS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step() if losses is None else scheduler.step(losses[k])
    return np.array(rates)


S = torch.optim.lr_scheduler


@pytest.mark.parametrize(
    ("schedule", "make"),
    [
        (Schedule(), lambda o: S.ConstantLR(o, factor=1.0)),
        (Schedule("step", 40, 0.3), lambda o: S.StepLR(o, 40, 0.3)),
        (Schedule("exponential", factor=0.97), lambda o: S.ExponentialLR(o, 0.97)),
        (Schedule("cosine", 50), lambda o: S.CosineAnnealingLR(o, 50)),
        (Schedule("cosine", 35, floor=0.1), lambda o: S.CosineAnnealingLR(o, 35, 0.1 * RATE)),
        (Schedule("restarts", 20), lambda o: S.CosineAnnealingWarmRestarts(o, 20)),
        (
            Schedule("restarts", 10, growth=2, floor=0.2),
            lambda o: S.CosineAnnealingWarmRestarts(o, 10, 2, 0.2 * RATE),
        ),
        (Schedule("warm-up", 30, first=0.1), lambda o: S.LinearLR(o, 0.1, 1.0, 30)),
    ],
    ids=lambda value: value.kind if isinstance(value, Schedule) else "",
)
def test_closed_forms_equal_torch(schedule, make):
    ours = [RATE * schedule.factor_at(k) for k in range(ROUNDS)]
    np.testing.assert_allclose(ours, by_torch(make), rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(schedule.curve(RATE, ROUNDS), ours)


@given(
    st.lists(st.one_of(st.floats(0.0, 10.0), st.just(math.nan)), min_size=ROUNDS, max_size=ROUNDS),
    st.integers(1, 12),
)
def test_reduce_on_plateau_equals_torch(losses, patience):
    schedule = Schedule("plateau", patience, 0.5, floor=0.05)
    state, ours = PlateauState(), []
    for loss in losses:
        ours.append(RATE * state.scale)
        state = state.after(loss, schedule, RATE)
    reference = by_torch(
        lambda o: S.ReduceLROnPlateau(o, factor=0.5, patience=patience, min_lr=0.05 * RATE), losses
    )
    np.testing.assert_allclose(ours, reference, rtol=1e-12)


def test_the_picture_of_a_plateau_schedule_falls_to_its_floor():
    curve = Schedule("plateau", 10, 0.5, floor=0.25).curve(1.0, 200)
    assert curve[0] == 1.0
    assert curve[-1] == 0.25
    assert (np.diff(curve) <= 0).all()
