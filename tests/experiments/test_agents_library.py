from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.environments.discrete import look_up
from playground.experiments.agents_films import Film, FilmState, film_bytes
from playground.experiments.agents_library import Library, Skills
from playground.experiments.agents_snapshot import PolicyCheckpoint
from tests.experiments.agents_small import random_policy

POLICY = random_policy((4, 3, 2), critic=1)


@pytest.fixture(scope="module")
def options():
    return look_up("CartPole-v1")


def filmed(options, number, env_step, frames=3):
    film = Film(FilmState(number, env_step, "greedy", options, number, POLICY, b""))
    film.advance(frames)
    return film.shown()


def test_marks_name_first_best_worst_median_and_latest(options):
    library = Library()
    for number, frames in enumerate((4, 2, 9, 5, 3)):
        library = library.with_episode(filmed(options, number, 100 * number, frames))
    marks = {entry.shown.id: set(entry.marks) for entry in library.entries}
    assert [entry.shown.total for entry in library.entries] == [4, 2, 9, 5, 3]
    assert marks == {0: {"first", "median"}, 1: {"worst"}, 2: {"best"}, 3: set(), 4: {"latest"}}


@settings(max_examples=25, deadline=None)
@given(lengths=st.lists(st.integers(1, 8), min_size=6, max_size=14), room=st.integers(4, 6))
def test_budget_is_kept_and_what_matters_stays(lengths, room):
    options = look_up("CartPole-v1")
    whole = Library()
    largest = max(film_bytes(filmed(options, 0, 0, length)) for length in lengths)
    small = Library(budget_bytes=room * largest)
    for number, length in enumerate(lengths):
        shown = filmed(options, number, 50 * number, length)
        whole, small = whole.with_episode(shown), small.with_episode(shown)
    kept = [entry.shown for entry in small.entries]
    # The five marked ones are never dropped, not even for the budget.
    assert sum(map(film_bytes, kept)) <= small.budget_bytes or len(kept) <= 5
    assert kept[0].id == 0
    assert kept[-1].id == len(lengths) - 1
    assert max(shown.total for shown in kept) == max(entry.shown.total for entry in whole.entries)
    assert [shown.id for shown in kept] == sorted({shown.id for shown in kept})
    assert [film.nbytes for film in small.films] == list(map(film_bytes, kept))
    assert whole.parts == ()
    assert small.parts == (small.films if len(kept) < len(lengths) else ())
    # A film is weighed once: later libraries hold the very same object.
    assert set(small.films) & set(small.with_episode(filmed(options, 99, 999)).films)


def test_slider_moments_are_spread_over_the_logarithm():
    skills, moments = Skills(), []
    for env_step in range(0, 70_000, 13):
        if env_step >= skills.due:
            moments.append(env_step)
            skills = skills.with_notch(PolicyCheckpoint(env_step, 0, env_step, math.nan, POLICY))
    expected = [0, *(500 * 2 ** (place / 2) for place in range(15))]
    assert len(moments) == len(expected)
    assert all(0 <= found - due < 14 for found, due in zip(moments, expected, strict=True))
