"""The library of recorded episodes, and the policies of the skill slider.

Both grow by new tuples: a state of the run refers to the present one, and going back in time is
taking up an older one. The library keeps to a budget of bytes. First, best, worst, median and
latest always stay; of the others the one is dropped first that leaves the smallest gap,

    worth = (next env step − one before) / (1 + own env step)

so what is left is spread evenly over the logarithm of the training time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from playground.experiments.agents_films import film_bytes
from playground.experiments.agents_snapshot import LibraryEntry

if TYPE_CHECKING:
    from playground.experiments.agents_snapshot import Mark, PolicyCheckpoint, ShownEpisode

BUDGET_BYTES: Final = 24 * 2**20
FIRST_SKILL: Final = 500
"""Steps of all worlds before the second notch of the skill slider."""
SKILLS_PER_DOUBLING: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class KeptFilm:
    """A recorded episode in the library, and about how many bytes it takes with its policy."""

    shown: ShownEpisode
    nbytes: int


@dataclass(frozen=True, slots=True)
class Library:
    """Recorded episodes in order of recording, within a budget of bytes.

    Parameters
    ----------
    films
        The episodes; as long as one stays it is the same object in all libraries.
    entries
        The same with what makes each worth keeping.
    budget_bytes
        Only the marked ones may take more.
    thinned
        Whether an episode has been dropped.
    """

    films: tuple[KeptFilm, ...] = ()
    entries: tuple[LibraryEntry, ...] = ()
    budget_bytes: int = BUDGET_BYTES
    thinned: bool = False

    @property
    def parts(self) -> tuple[KeptFilm, ...]:
        """What a state with this library keeps alive beyond the budget of the library.

        Nothing until the first episode is dropped: so long the newest library has all there are.
        """
        return self.films if self.thinned else ()

    def with_episode(self, shown: ShownEpisode) -> Library:
        """Return the library with one more episode, thinned and marked anew."""
        films = [*self.films, KeptFilm(shown, film_bytes(shown))]
        marks = _marks([film.shown for film in films])
        total = sum(film.nbytes for film in films)
        while total > self.budget_bytes:
            index = _least_worth([film.shown for film in films], marks)
            if index is None:
                break
            total -= films.pop(index).nbytes
        episodes = [film.shown for film in films]
        marks = _marks(episodes)
        entries = tuple(LibraryEntry(each, marks.get(each.id, ())) for each in episodes)
        thinned = self.thinned or len(films) <= len(self.films)
        return Library(tuple(films), entries, self.budget_bytes, thinned)


@dataclass(frozen=True, slots=True)
class Skills:
    """Policies at moments that are spread evenly over the logarithm of the training time."""

    notches: tuple[PolicyCheckpoint, ...] = ()

    @property
    def due(self) -> int:
        """Steps of all worlds at which the next policy is kept."""
        if not self.notches:
            return 0
        last = max(self.notches[-1].env_step, FIRST_SKILL / 2 ** (1 / SKILLS_PER_DOUBLING))
        # The next moment of the fixed row 500·2^(j/2): late ones do not shift those that follow.
        place = math.floor(math.log2(last / FIRST_SKILL) * SKILLS_PER_DOUBLING + 1e-9) + 1
        return math.ceil(FIRST_SKILL * 2 ** (place / SKILLS_PER_DOUBLING))

    def with_notch(self, notch: PolicyCheckpoint) -> Skills:
        """Return the slider with one more policy."""
        return Skills((*self.notches, notch))


def _marks(episodes: list[ShownEpisode]) -> dict[int, tuple[Mark, ...]]:
    """Return by id what makes an episode worth keeping; of equals the earlier one has it."""
    by_return = sorted(episodes, key=lambda each: (each.total, each.id))
    best = max(episodes, key=lambda each: (each.total, -each.id))
    chosen: tuple[tuple[Mark, ShownEpisode], ...] = (
        ("first", episodes[0]),
        ("best", best),
        ("worst", by_return[0]),
        ("median", by_return[(len(by_return) - 1) // 2]),
        ("latest", episodes[-1]),
    )
    marks: dict[int, tuple[Mark, ...]] = {}
    for mark, each in chosen:
        marks[each.id] = (*marks.get(each.id, ()), mark)
    return marks


def _least_worth(episodes: list[ShownEpisode], marks: dict[int, tuple[Mark, ...]]) -> int | None:
    """Return the place of the episode to be dropped; None where all are marked."""
    found = [
        ((after.env_step - before.env_step) / (1 + own.env_step), index)
        for index, (before, own, after) in enumerate(
            zip(episodes, episodes[1:], episodes[2:], strict=False), 1
        )
        if own.id not in marks
    ]
    return min(found)[1] if found else None
