"""What a network makes of a picture, as a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from playground.panes.cnn.digit_bars import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from playground.ui.cards import VerdictKind

SURE: Final = 0.9
DOUBTFUL: Final = 0.5


def name_of(names: Sequence[str], index: int) -> str:
    """Return what a class is called, or its number."""
    return names[index] if index < len(names) else str(index)


def reading_words(
    probabilities: NDArray[np.floating[Any]], names: Sequence[str], reader: str
) -> tuple[VerdictKind, str]:
    """Return how sure a network is, as a tone and a sentence with the runner-up where it matters.

    Parameters
    ----------
    probabilities
        One a class.
    names
        What the classes are called.
    reader
        Who read it, such as ``"the bundled CNN"``.
    """
    values = np.asarray(probabilities, dtype=np.float64)
    subject = reader[:1].upper() + reader[1:]
    if not np.isfinite(values).all():
        return "bad", f"{subject} has diverged: its answers are not numbers."
    order = np.argsort(-values, kind="stable")
    best = int(order[0])
    first = f"{name_of(names, best)} with {percent(values[best])}"
    if values[best] >= SURE or len(values) < 2:
        return "ok", f"{subject} reads {first}."
    second = int(order[1])
    after = f"{name_of(names, second)} with {percent(values[second])}"
    if values[best] >= DOUBTFUL:
        return "info", f"{subject} reads {first}, next {after}."
    return "warn", f"{subject} is unsure: {first}, {after}."
