"""Whose turn it is: while frames pour in, a picture has room for one costly view.

The view that is watched is drawn in every picture; those beside it take turns, each of them in
every n-th picture. A picture with fresh words in it brings none of them: words cost as much.
"""

from __future__ import annotations

CALM_ROUND = 6
"""Pictures in a round, for views beside the one that is watched: five pictures a second."""


class Turns:
    """Deals pictures out to the views of a pane.

    Parameters
    ----------
    count
        How many pictures make a round; a place of it that nobody uses is a light picture.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._number = 0
        self._turn: int | None = None
        self._words = False
        self._all = True

    def note_words(self) -> None:
        """Say that words are refreshed, before the picture that shows them."""
        self._words = True

    def set_round(self, count: int) -> None:
        """Make the round longer or shorter: what costs more comes less often."""
        self._count = count

    def begin(self, *, pouring: bool) -> None:
        """Begin a picture; where frames do not pour in, everybody's turn has come."""
        self._all = not pouring
        self._turn = None if self._words else self._number % self._count
        self._number += not self._words
        self._words = False

    def allows(self, place: int) -> bool:
        """Tell whether the view at a place of the round, from 0, is drawn in this picture."""
        return self._all or self._turn == place
