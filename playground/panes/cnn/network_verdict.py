"""The verdict on the network in as many of its sentences as there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def fitting(text: str, advance: Callable[[str], int], room: float) -> str:
    """Return as much of a text as fits: findings before explanations, at least the first one.

    Parameters
    ----------
    text
        Sentences that end in a full stop and a blank. What stands behind a semicolon in the first
        and behind a colon in the others can be left out of them.
    advance
        Returns how long words are, in pixels.
    room
        How long they may be.
    """
    shortest = text
    for shorter in _wordings(text):
        shortest = shorter
        if advance(shorter) <= room:
            break
    return shortest


def _wordings(text: str) -> Iterator[str]:
    """Yield the text from its longest to its shortest wording; each is true by itself."""
    yield text
    sentences = [sentence.removesuffix(".") for sentence in text.split(". ")]
    findings = [sentences[0], *(sentence.split(": ")[0] for sentence in sentences[1:])]
    first = sentences[0].split("; ")[0]
    for count in range(len(sentences), 1, -1):
        yield f"{'. '.join(sentences[:count])}."
        yield f"{'. '.join(findings[:count])}."
        yield f"{'. '.join((first, *findings[1:count]))}."
    if len(sentences) > 1:
        yield f"{sentences[0]}."
    if first != sentences[0]:
        yield f"{first}."
