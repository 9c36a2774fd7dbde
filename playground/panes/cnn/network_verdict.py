"""The verdict on the network in as many of its sentences as there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def fitting(text: str, advance: Callable[[str], int], room: float) -> str:
    """Return as many whole sentences of a text as fit, at least the first.

    Parameters
    ----------
    text
        Sentences that end in a full stop and a blank.
    advance
        Returns how long words are, in pixels.
    room
        How long they may be.
    """
    sentences = text.split(". ")
    for count in range(len(sentences), 1, -1):
        shorter = ". ".join(sentences[:count])
        if not shorter.endswith("."):
            shorter += "."
        if advance(shorter) <= room:
            return shorter
    first = sentences[0]
    if len(sentences) > 1:
        first += "."
    clauses = first.split("; ")
    if len(clauses) > 1 and advance(first) > room:
        return f"{clauses[0]}."
    return first
