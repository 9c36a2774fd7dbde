"""The verdict in as many words as there is room for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_HYPHEN = re.compile(r"(?<![\w.])-(?=\d)")


def verdict_texts(text: str) -> tuple[str, ...]:
    """Return a verdict from its longest to its shortest wording; each is true by itself.

    What comes after the first finding is left out first, from its end.
    """
    text = _HYPHEN.sub("−", text)
    found = [text]
    if ", the course's rule" in text:
        found.append(text[: text.index(", the course's rule")] + ".")
    if ". " in text:
        found.append(text[: text.index(". ") + 1])
    shortest = found[-1]
    if "; " in shortest:
        found.append(shortest[: shortest.rindex("; ")] + ".")
    return tuple(found)


def fitting(texts: tuple[str, ...], advance: Callable[[str], int], room: float) -> str:
    """Return the first text that is no longer than the room, or the last of all."""
    return next((text for text in texts if advance(text) <= room), texts[-1])
